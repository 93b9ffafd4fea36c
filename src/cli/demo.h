/*
 * demo.h: a clinic of invented people, to look at and to try things in.
 */
#ifndef LW_CLI_DEMO_H
#define LW_CLI_DEMO_H

#include "cli/cli.h"
#include "server/server.h"

/*
 * Fills an empty store with a demo clinic whose courses end today, and prints how to sign in, also on later starts (kept in a
 * file of mode 0600 beside the store). Exit code; messages on stderr.
 */
int cli_demo_make(lw_server *server, const cli_args *args, const char *store);

#endif
