/* place.c: see place.h. Each finding says what is wrong and what to do. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fontconfig/fontconfig.h>
#include <langinfo.h>
#include <libgen.h>
#include <locale.h>
#include <netdb.h>
#include <pango/pangocairo.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/place.h"
#include "server/server.h"

enum { PATH_CAP = 4600, FILES_MOST = 10000, FAMILIES_MOST = 100000, WAIT_S = 3 };
/* The program is younger than the first, and its dates end before the second. */
static const int64_t clock_least = 1767225600, clock_most = 4102444800; /* 2026-01-01, 2100-01-01 */

void cli_place_say(lw_check *check, bool wrong, const char *format, ...) {
    char text[1200];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    check->wrong += wrong ? 1 : 0;
    if (check->say != NULL) {
        check->say(check->ctx, wrong, text);
    }
}

static const char *user_name(uid_t id, char out[64]) {
    struct passwd *entry = getpwuid(id);
    if (entry != NULL) {
        snprintf(out, 64, "%s", entry->pw_name);
    } else {
        snprintf(out, 64, "number %u", (unsigned)id);
    }
    return out;
}

/* ---- settings ---- */

static void take_option(cli_place *place, const char *name, char *value) {
    const struct {
        const char *name, **value;
    } known[] = {{"--store", &place->store},
                 {"--listen", &place->listen},
                 {"--origin", &place->origin},
                 {"--backups", &place->backups},
                 {"--backup-key", &place->backup_key},
                 {"--secrets-key", &place->secrets_key},
                 {"--smtp", &place->smtp},
                 {"--mail-from", &place->mail_from},
                 {"--mail-user", &place->mail_user},
                 {"--mail-password-file", &place->mail_password},
                 {"--mail-ca", &place->mail_ca}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(name, known[i].name) == 0) {
            *known[i].value = value;
        }
    }
}

/* A word that serve does not know keeps the server from starting; the first one is named. */
static void know_option(cli_place *place, const char *name) {
    for (int v = 0; v < cli_verb_count; v++) {
        const cli_verb *verb = &cli_verbs[v];
        for (int i = 0; strcmp(verb->name, "serve") == 0 && i < CLI_MAX_OPTIONS && verb->options[i].name != NULL; i++) {
            if (strcmp(verb->options[i].name, name) == 0) {
                return;
            }
        }
    }
    place->unknown_option = place->unknown_option != NULL ? place->unknown_option : name;
}

static void take_options(cli_place *place, char *line) {
    char *rest = NULL, *name = NULL;
    for (char *word = strtok_r(line, " \t", &rest); word != NULL; word = strtok_r(NULL, " \t", &rest)) {
        char *equals = strchr(word, '=');
        if (strncmp(word, "--", 2) == 0) {
            place->proxy = place->proxy || strcmp(word, "--proxy") == 0;
            name = word;
            if (equals != NULL) {
                *equals = '\0';
                take_option(place, name, equals + 1);
            }
            know_option(place, word);
            name = equals != NULL ? NULL : name;
        } else if (name != NULL) {
            take_option(place, name, word);
            name = NULL;
        }
    }
}

void cli_place_installed(cli_place *place) {
    place->service = true;
    place->store = "/var/lib/loadwave/loadwave.db";
    place->secrets_key = "/var/lib/loadwave/secrets.key";
    place->backups = "/var/lib/loadwave/backups";
}

bool cli_place_read(cli_place *place, const char *path, const char *verb) {
    FILE *file = fopen(path, "r");
    size_t len = file != NULL ? fread(place->text, 1, sizeof place->text - 1, file) : 0;
    bool whole = file != NULL && ferror(file) == 0 && fgetc(file) == EOF;
    if (file != NULL) {
        fclose(file);
    }
    if (!whole) {
        int why = errno;
        char as_root[40];
        snprintf(as_root, sizeof as_root, "Run %.20s as root.", verb);
        fprintf(stderr, "loadwave %s: the settings %s cannot be read: %s. %s\n", verb, path,
                file == NULL ? strerror(why) : "no settings' file",
                file == NULL && why == EACCES
                    ? as_root
                    : "The package brings /etc/default/loadwave; a store without settings is looked "
                      "at with loadwave doctor STORE.");
        return false;
    }
    place->text[len] = '\0';
    char *rest = NULL;
    const char *folder = NULL, *key = NULL;
    for (char *line = strtok_r(place->text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *equals = strchr(line, '=');
        if (line[0] == '#' || equals == NULL) {
            continue;
        }
        *equals = '\0';
        char *value = equals + 1;
        size_t size = strlen(value);
        if (size >= 2 && (value[0] == '"' || value[0] == '\'') && value[size - 1] == value[0]) {
            value[size - 1] = '\0';
            value++;
        }
        if (strcmp(line, "LOADWAVE_ORIGIN") == 0) {
            place->origin = value;
        } else if (strcmp(line, "LOADWAVE_LISTEN") == 0) {
            place->listen = value;
        } else if (strcmp(line, "LOADWAVE_OPTIONS") == 0) {
            take_options(place, value);
        } else if (strcmp(line, "LOADWAVE_BACKUP_FOLDER") == 0) {
            folder = value;
        } else if (strcmp(line, "LOADWAVE_BACKUP_KEEP") == 0) {
            place->keep = value[0] != '\0' ? value : place->keep;
        } else if (strcmp(line, "LOADWAVE_BACKUP_KEY") == 0) {
            key = value;
        } else if (place->unknown_setting == NULL) {
            place->unknown_setting = line;
        }
    }
    place->backups = folder != NULL && folder[0] != '\0' ? folder : place->backups;
    place->backup_key = key != NULL && key[0] != '\0' ? key : place->backup_key;
    return true;
}

/* ---- files ---- */

/* A file with a secret: there, its owner's alone, and the owner is who has the store. */
static void check_secret(lw_check *check, const char *what, const char *path, const struct stat *store, bool needed) {
    struct stat info;
    char name[64], wanted[64];
    if (stat(path, &info) != 0) {
        if (needed) {
            cli_place_say(check, true, "%s %s cannot be seen: %s. The server does not start without it.", what, path,
                          strerror(errno));
        }
        return;
    }
    uint64_t before = check->wrong;
    if ((info.st_mode & 077) != 0) {
        cli_place_say(
            check, true,
            "%s %s can be read by others on this machine (mode %03o): chmod 600 \"%s\". Who may have read it has it; "
            "if that matters, make a new one.",
            what, path, (unsigned)(info.st_mode & 0777), path);
    }
    if (store != NULL && info.st_uid != store->st_uid) {
        cli_place_say(check, true, "%s %s belongs to %s, the store to %s: chown %s \"%s\".", what, path,
                      user_name(info.st_uid, name), user_name(store->st_uid, wanted), wanted, path);
    }
    if (check->wrong == before) {
        cli_place_say(check, false, "%s %s is its owner's alone.", what, path);
    }
}

static bool ends(const char *text, const char *end) {
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static void check_folder(const cli_place *place, const struct stat *store, lw_check *check) {
    char copy[PATH_CAP], path[PATH_CAP * 2], name[64], wanted[64];
    struct stat info;
    snprintf(copy, sizeof copy, "%s", place->store);
    const char *folder = dirname(copy);
    struct statvfs disk;
    if (stat(folder, &info) == 0) {
        if ((info.st_mode & 002) != 0 && (info.st_mode & S_ISVTX) == 0) {
            cli_place_say(check, true,
                          "Everybody on this machine can put files into the store's folder: chmod 700 \"%s\".", folder);
        }
        if ((info.st_mode & S_ISVTX) == 0 && info.st_uid != store->st_uid) {
            cli_place_say(
                check, true,
                "The store belongs to %s, its folder to %s, who cannot open it so, as after a command that was run as "
                "the "
                "wrong user: chown %s \"%s\".",
                user_name(store->st_uid, name), user_name(info.st_uid, wanted), wanted, place->store);
        }
        if ((info.st_mode & 0200) == 0) {
            cli_place_say(check, true,
                          "Nothing can be written into the store's folder, not even by its owner: chmod u+w \"%s\".",
                          folder);
        }
    }
    if (statvfs(folder, &disk) == 0 && (disk.f_flag & ST_RDONLY) != 0) {
        cli_place_say(
            check, true,
            "The disk of the store is read-only; Linux makes it so when the disk fails. journalctl -k says why; then, "
            "with the disk sound: mount -o remount,rw.");
    }
    static const char *const beside[] = {"-wal", "-shm"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s%s", place->store, beside[i]);
        if (stat(path, &info) == 0 && info.st_uid != store->st_uid) {
            cli_place_say(check, true, "%s belongs to %s, the store to %s, who cannot go on so: chown %s \"%s\".", path,
                          user_name(info.st_uid, name), user_name(store->st_uid, wanted), wanted, path);
        }
    }
    /* Keys that no option names, too: who finds one in the folder reads what it seals. */
    DIR *dir = opendir(folder);
    int looked = 0;
    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL && looked < FILES_MOST;
         entry = readdir(dir), looked++) {
        if (ends(entry->d_name, ".key")) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if ((place->backup_key == NULL || strcmp(path, place->backup_key) != 0) &&
                (place->secrets_key == NULL || strcmp(path, place->secrets_key) != 0)) {
                check_secret(check, "The key", path, store, false);
            }
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

static int check_files(const cli_place *place, lw_check *check) {
    struct stat store, *known = NULL;
    char name[64], me[64];
    int code = 0;
    if (strstr(place->store, "://") == NULL) {
        if (stat(place->store, &store) != 0) {
            int why = errno;
            code = why == ENOENT || why == ENOTDIR ? CLI_BAD : CLI_IO;
            cli_place_say(check, true,
                          why == EACCES
                              ? "The store %s cannot be seen by %s: %s. Run doctor as root or as the service's user."
                              : "The store %s cannot be seen by %s: %s. A server that was never started has none: "
                                "systemctl start loadwave, or loadwave clinic add.",
                          place->store, user_name(geteuid(), me), strerror(why));
        } else {
            known = &store;
            if (access(place->store, R_OK) != 0) {
                code = CLI_IO;
                cli_place_say(
                    check, true,
                    "The store belongs to %s and %s may not read it. As root: runuser -u %s -- loadwave doctor \"%s\"; "
                    "if "
                    "%s is the user of the server, chown %s \"%s\" first.",
                    user_name(store.st_uid, name), user_name(geteuid(), me), name, place->store, me, me, place->store);
            }
            check_folder(place, &store, check);
        }
    }
    if (place->backup_key != NULL) {
        check_secret(check, "The backups' key", place->backup_key, known, true);
    }
    if (place->secrets_key != NULL) {
        check_secret(check, "The authenticators' key", place->secrets_key, known, false);
    }
    if (place->mail_password != NULL) {
        check_secret(check, "The mail password", place->mail_password, known, true);
    }
    return code;
}

/* ---- settings ---- */

static void check_settings(const cli_place *place, lw_check *check) {
    if (place->unknown_setting != NULL) {
        cli_place_say(
            check, true,
            "The settings name %s, which Loadwave does not know, so it has no effect; it knows LOADWAVE_ORIGIN, "
            "LOADWAVE_LISTEN, LOADWAVE_OPTIONS, LOADWAVE_BACKUP_FOLDER, LOADWAVE_BACKUP_KEEP and LOADWAVE_BACKUP_KEY.",
            place->unknown_setting);
    }
    if (place->unknown_option != NULL) {
        cli_place_say(check, true,
                      "LOADWAVE_OPTIONS has %s, which loadwave serve does not know: the server does not start. man "
                      "loadwave-serve",
                      place->unknown_option);
    }
    if (place->listen != NULL && !lw_server_pages()) {
        cli_place_say(
            check, true,
            "This program was built without its web pages: app and console answer with an error. Install the package, "
            "or "
            "build it again with Node.js and npm on the machine (make build).");
    }
}

/* ---- mail ---- */

static void check_mail(const cli_place *place, lw_check *check) {
    uint64_t before = check->wrong;
    if (place->smtp == NULL && (place->mail_from != NULL || place->mail_user != NULL || place->mail_password != NULL)) {
        cli_place_say(check, true, "E-mail is half set: there is no --smtp, so no reminder is sent by e-mail.");
    }
    if (place->smtp != NULL && place->mail_from == NULL) {
        cli_place_say(check, true, "E-mail is half set: --smtp needs --mail-from; the server does not start.");
    }
    if ((place->mail_user == NULL) != (place->mail_password == NULL)) {
        cli_place_say(check, true, "E-mail is half set: %s is given without %s.",
                      place->mail_user != NULL ? "--mail-user" : "--mail-password-file",
                      place->mail_user != NULL ? "--mail-password-file" : "--mail-user");
    }
    if (place->smtp != NULL && check->wrong == before) {
        cli_place_say(check, false, "E-mail goes to %s from %s.", place->smtp, place->mail_from);
    }
    if (place->origin != NULL && strncmp(place->origin, "http://localhost", 16) != 0 &&
        strncmp(place->origin, "https://", 8) != 0) {
        cli_place_say(check, true, "The origin %s is not https: sign-in, passkeys and notifications need it.",
                      place->origin);
    }
    if (place->origin != NULL && strncmp(place->origin, "https://", 8) == 0 && !place->proxy) {
        cli_place_say(check, true,
                      "The origin is %s, but --proxy is not given: every client then counts as one. Add --proxy to "
                      "LOADWAVE_OPTIONS.",
                      place->origin);
    }
}

/* ---- port ---- */

/* What answers at an address: 1 a Loadwave that is well, 2 one that is not and says why, 3 somebody else. */
static int ask_health(int fd, const cli_place *place, char reason[200]) {
    char text[4096], ask[600];
    const char *host = place->origin != NULL ? strstr(place->origin, "://") : NULL;
    int size = snprintf(ask, sizeof ask, "GET /healthz HTTP/1.1\r\nHost: %.255s\r\nConnection: close\r\n\r\n",
                        host != NULL ? host + 3 : place->listen);
    size_t len = 0;
    if (send(fd, ask, (size_t)size, MSG_NOSIGNAL) == size) {
        while (len < sizeof text - 1) {
            ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);
            if (got <= 0) {
                break;
            }
            len += (size_t)got;
        }
    }
    text[len] = '\0';
    return strstr(text, "{\"status\":\"ok\"}") != NULL ? 1 : cli_place_reason(text, reason) ? 2 : 3;
}

bool cli_place_reason(const char *answer, char reason[200]) {
    static const char unwell[] = "{\"status\":\"unwell\",\"reason\":\"";
    const char *from = strstr(answer, unwell);
    size_t len = 0;
    if (from != NULL) {
        from += sizeof unwell - 1;
        /* Somebody else's words, perhaps: only what a sentence is made of. */
        while (len < 199 && from[len] >= ' ' && from[len] < 127 && from[len] != '"') {
            len++;
        }
        snprintf(reason, 200, "%.*s", (int)len, from);
    } else if (strstr(answer, "urn:loadwave:") != NULL) {
        snprintf(reason, 200, "it refuses to say how it is.");
        return true;
    }
    return from != NULL;
}

static void check_port(const cli_place *place, lw_check *check) {
    char host[256], reason[200];
    const char *colon = strrchr(place->listen, ':');
    if (colon == NULL || (size_t)(colon - place->listen) >= sizeof host || strcmp(colon, ":0") == 0) {
        return;
    }
    const char *from = place->listen;
    size_t len = (size_t)(colon - from);
    if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
        from++;
        len -= 2;
    }
    snprintf(host, sizeof host, "%.*s", (int)len, from);
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        cli_place_say(check, true, "%s is no address and port to listen on.", place->listen);
        return;
    }
    struct timeval wait = {.tv_sec = WAIT_S};
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), who = 0;
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
        who = connect(fd, found->ai_addr, found->ai_addrlen) == 0 ? ask_health(fd, place, reason) : 0;
        close(fd);
    }
    if (who == 1) {
        cli_place_say(check, false, "The server answers at %s and is well.", place->listen);
    } else if (who == 2) {
        cli_place_say(check, true, "The server answers at %s and is not well: %s (journalctl -u loadwave)",
                      place->listen, reason);
    } else if (who == 3) {
        cli_place_say(
            check, true,
            "Another program has the port of %s: stop it (ss -ltnp says which one), or set another LOADWAVE_LISTEN.",
            place->listen);
    } else {
        int on = 1;
        fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        }
        if (fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) != 0) {
            cli_place_say(check, true, "Nothing answers at %s, and it cannot be listened on: %s.", place->listen,
                          strerror(errno));
        } else {
            cli_place_say(check, false,
                          "Nothing answers at %s; the port is free. systemctl start loadwave starts the server.",
                          place->listen);
        }
        if (fd >= 0) {
            close(fd);
        }
    }
    freeaddrinfo(found);
}

/* ---- clock, fonts, language ---- */

static void check_fonts(lw_check *check) {
    PangoFontFamily **families = NULL;
    int count = 0;
    bool lato = false, dejavu = false;
    /* A map of its own, so that all of it can be given back afterwards. */
    PangoFontMap *map = pango_cairo_font_map_new();
    pango_font_map_list_families(map, &families, &count);
    for (int i = 0; i < count && i < FAMILIES_MOST; i++) {
        const char *name = pango_font_family_get_name(families[i]);
        lato = lato || strcmp(name, "Lato") == 0;
        dejavu = dejavu || strcmp(name, "DejaVu Sans") == 0;
    }
    g_free(families);
    g_object_unref(map);
    FcFini();
    if (!lato && !dejavu) {
        cli_place_say(
            check, true,
            "The fonts of reports and letters are missing (Lato, or DejaVu Sans): what is printed may be illegible. "
            "apt install fonts-lato");
    } else {
        cli_place_say(check, false, "Reports are set in %s.", lato ? "Lato" : "DejaVu Sans, because Lato is missing");
    }
}

static void check_language(lw_check *check) {
    const char *language = getenv("LOADWAVE_LANG");
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0) {
        cli_place_say(check, false,
                      "The locale that this terminal asks for is not on this machine: accents may look wrong. export "
                      "LC_ALL=C.UTF-8");
    } else if (strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") != 0) {
        cli_place_say(check, false,
                      "The locale of this terminal is not UTF-8: accents may look wrong. export LC_ALL=C.UTF-8");
    }
    if (locale != (locale_t)0) {
        freelocale(locale);
    }
    if (language != NULL && strcmp(language, "en") != 0 && strcmp(language, "es") != 0) {
        cli_place_say(check, true, "There are no sentences in the language LOADWAVE_LANG=%s; there are en and es.",
                      language);
    }
}

/* Where an empty TZ or none leads, or the zone that it names. What is not found counts as UTC, without a word. */
static void check_zone(lw_check *check) {
    char path[PATH_CAP];
    struct stat info;
    const char *zone = getenv("TZ");
    if (zone == NULL) {
        if (lstat("/etc/localtime", &info) == 0 && stat("/etc/localtime", &info) != 0) {
            cli_place_say(
                check, true,
                "The time zone of this machine (/etc/localtime) leads nowhere, so days are those of UTC: apt install "
                "tzdata, "
                "timedatectl set-timezone Europe/Madrid");
        }
        return;
    }
    zone += zone[0] == ':' ? 1 : 0;
    snprintf(path, sizeof path, "%s%s", zone[0] == '/' ? "" : "/usr/share/zoneinfo/", zone);
    /* A zone that is spelt out, as CET-1CEST, has a number in it and no file. */
    if (zone[0] != '\0' && stat(path, &info) != 0 &&
        (strchr(zone, '/') != NULL || strpbrk(zone, "0123456789") == NULL)) {
        cli_place_say(
            check, true,
            "The time zone TZ=%s is not known on this machine, so days are those of UTC: unset TZ, or a name of "
            "timedatectl "
            "list-timezones (apt install tzdata)",
            zone);
    }
}

int cli_place_check(const cli_place *place, int64_t now_s, lw_check *check) {
    int code = check_files(place, check);
    check_settings(place, check);
    if (now_s < clock_least || now_s > clock_most) {
        cli_place_say(
            check, true,
            "The clock of this machine cannot be right (%lld seconds since 1970): every plan is made for a day. "
            "timedatectl set-ntp true",
            (long long)now_s);
    }
    check_zone(check);
    check_mail(place, check);
    cli_place_post(place, check);
    if (place->listen != NULL) {
        check_port(place, check);
    }
    if (place->origin != NULL && strncmp(place->origin, "https://", 8) == 0) {
        cli_place_web(place->origin, now_s, check);
    }
    check_fonts(check);
    check_language(check);
    return code;
}

const char *cli_place_advice(int32_t err, const char *where) {
    if (err == LW_ERR_NEWER) {
        return "Or restore a backup that was made by this version (loadwave restore).";
    }
    if (err == LW_ERR_BUSY) {
        return "Another program has the store to itself. Try again in a minute; if it stays so: fuser and the file's "
               "name say "
               "which program it is";
    }
    if (strstr(where, "://") != NULL) {
        return "Does the database run (systemctl status postgresql), and are host, port, user, password and the "
               "database's name "
               "in the store's address right? psql with the same address tells the same.";
    }
    if (err == LW_ERR_FULL || err == LW_ERR_IO) {
        return "Is the disk full (df -h), read-only or failing (journalctl -k)? With the disk right again the store is "
               "read as it "
               "was: what was acknowledged is in it.";
    }
    return "A store is what loadwave serve or loadwave clinic add made; loadwave restore makes one from a backup.";
}
