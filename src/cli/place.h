/*
 * place.h: the machine around a store, for `loadwave doctor`: who owns the files, key files, the port, the mail settings, the clock, the
 * fonts. What is inside the store is lw_store_doctor's.
 */
#ifndef LW_CLI_PLACE_H
#define LW_CLI_PLACE_H

#include "store/store.h"

/* What a server is told, as far as it is known; every text nullable. Values point into text or are borrowed. */
typedef struct cli_place {
    const char *store, *listen, *origin, *backups, *backup_key, *secrets_key;
    const char *smtp, *mail_from, *mail_user, *mail_password;
    bool proxy;
    char text[8192]; /* of the settings' file, cut into values */
} cli_place;

/*
 * Reads a settings' file as the service does: LOADWAVE_ORIGIN, LOADWAVE_LISTEN, LOADWAVE_OPTIONS; what it sets replaces what was
 * there. False with a sentence on stderr: it could not be read, or is larger than 8 KiB.
 */
bool cli_place_read(cli_place *place, const char *path);
/* Says what it finds, in plain sentences. Changes nothing. */
void cli_place_check(const cli_place *place, int64_t now_s, lw_check *check);

#endif
