/*
 * first.h: a clinic and its first clinician, made on the machine itself: by `loadwave clinic add`, and by a server's first start.
 */
#ifndef LW_CLI_FIRST_H
#define LW_CLI_FIRST_H

#include "cli/cli.h"
#include "store/store.h"

typedef struct cli_first {
    const char *clinic;   /* its name */
    const char *login;    /* sign-in name of its first admin and clinician */
    const char *person;   /* NULL: the sign-in name */
    const char *language; /* "en" or "es"; NULL: en */
    const char *country;  /* two letters; NULL: GB */
    const char *origin;   /* https://NAME that the link begins with */
} cli_first;

/*
 * Makes both and prints the one-time link on standard output; no password is ever set for anybody. 0 or an exit code with a
 * message.
 */
int cli_first_clinic(const cli_args *args, lw_store *store, const cli_first *first, int64_t now_s);

#endif
