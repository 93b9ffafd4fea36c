#!/bin/sh
# make_certificates.sh FOLDER NAME: an authority of its own (ca.pem) and certificates of a mail server, each a .pem with its key in
# a .key: good (for NAME), other (for another name), old (its time is over), self (signed by nobody else).
set -eu
cd "$1"
name=$2
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem -days 2 -subj "/CN=An authority for tests" \
    -addext "keyUsage=critical,keyCertSign" 2>/dev/null
printf '[ca]\ndefault_ca=a\n[a]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\ncopy_extensions=copy\nunique_subject=no\n[p]\ncommonName=supplied\n' >ca.conf
: >index
echo 01 >serial
of() { # of FILE NAME FROM UNTIL
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" -addext "subjectAltName=DNS:$2" 2>/dev/null
    openssl ca -batch -notext -config ca.conf -cert ca.pem -keyfile ca.key -in "$1.csr" -out "$1.pem" -startdate "$3" -enddate "$4" 2>/dev/null
}
soon=$(date -u -d '+1 day' +%Y%m%d%H%M%SZ)
long_ago=$(date -u -d '-3 days' +%Y%m%d%H%M%SZ)
of good "$name" "$long_ago" "$soon"
of other "elsewhere.$name" "$long_ago" "$soon"
of old "$name" "$long_ago" "$(date -u -d '-1 day' +%Y%m%d%H%M%SZ)"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout self.key -out self.pem -days 2 -subj "/CN=$name" -addext "subjectAltName=DNS:$name" 2>/dev/null
