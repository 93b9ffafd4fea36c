/*
 * place.h: the machine around a store, for `loadwave doctor`: who owns the files, key files, the settings, the port, what browsers see,
 * the mail settings, the clock, the fonts. What is inside the store is lw_store_doctor's.
 */
#ifndef LW_CLI_PLACE_H
#define LW_CLI_PLACE_H

#include "store/store.h"

/* What a server is told, as far as it is known; every text nullable. Values point into text or are borrowed. */
typedef struct cli_place {
    const char *store, *listen, *origin, *backups, *backup_key, *secrets_key, *keep;
    const char *smtp, *mail_from, *mail_user, *mail_password, *mail_ca;
    bool proxy, service; /* service: what the package installed, so its timers are looked at, too */
    const char *unknown_setting, *unknown_option; /* the first that the service would not know */
    char text[8192];                              /* of the settings' file, cut into values */
} cli_place;

/*
 * Reads a settings' file as the services do: LOADWAVE_ORIGIN, LOADWAVE_LISTEN, LOADWAVE_OPTIONS, and of the backups that nobody asks for
 * LOADWAVE_BACKUP_FOLDER, LOADWAVE_BACKUP_KEEP, LOADWAVE_BACKUP_KEY, which come before what the options say. What it sets replaces what was
 * there. False with a sentence on stderr: it could not be read, or is larger than 8 KiB.
 */
bool cli_place_read(cli_place *place, const char *path, const char *verb);
/* The store, the keys and the folder of backups that the package's units name. */
void cli_place_installed(cli_place *place);
/*
 * Says what it finds, in plain sentences. Changes nothing; asks the port and, over https, the origin, which is a few seconds at most.
 * 0, or why the store cannot be looked into at all, which has been said: CLI_BAD (there is none), CLI_IO (it cannot be seen).
 */
int cli_place_check(const cli_place *place, int64_t now_s, lw_check *check);
/* place_web.c: what browsers see at an https origin: who answers, and whether the certificate is good and for how long. */
void cli_place_web(const char *origin, int64_t now_s, lw_check *check);
/* place_post.c: whether the mail server takes mail from here, without sending any, and the key of notifications. */
void cli_place_post(const cli_place *place, lw_check *check);
/* place_backups.c: whether the newest backup can be restored, where it stands, and whether the installed service makes more. */
void cli_place_backups(const cli_place *place, int64_t now_s, lw_check *check);
/* Whether an answer is that of a Loadwave that is not well, and what it says about that: a sentence. */
bool cli_place_reason(const char *answer, char reason[200]);
/* One finding. */
void cli_place_say(lw_check *check, bool wrong, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What to do when a store cannot be read to its end: a sentence. where: its path or address. */
const char *cli_place_advice(int32_t err, const char *where);

#endif
