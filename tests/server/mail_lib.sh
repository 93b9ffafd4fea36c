# mail_lib.sh: lib.sh, and mail servers (aiosmtpd) beside the one that is tested, its clock in a file. Sourced.
#
#   beside FOLDER PROGRAM …   another server; FOLDER/port says where it listens. It ends with this script, or with `exec 3>&-`
#   mail_server FOLDER …      a mail server (mail_server.py) beside, with what it takes after the folder
#   mails, mail_is N          how many letters are in $mail
. tests/server/lib.sh
need sqlite3 python:aiosmtpd

mail=$work/mail
mkfifo "$work/alive" # those beside read it, and end when nobody holds it open any more
beside() {
    mkdir -p "$1"
    rm -f "$1/port"
    beside_folder=$1
    shift
    "$@" <"$work/alive" 3>&- &
    beside_pid=$!
    exec 3>"$work/alive"
    until_there "the server of $beside_folder" test -s "$beside_folder/port"
}
mail_server() { beside "$1" "$python" -W ignore tests/server/mail_server.py "$@" 2>/dev/null; }
mails() { find "$mail" -name '*.eml' | wc -l; }
mail_is() { [ "$(mails)" -ge "$1" ]; }
