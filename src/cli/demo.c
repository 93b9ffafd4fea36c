/*
 * demo.c: see demo.h.
 */
#include "cli/demo.h"

int cli_demo_make(lw_server *server, const char *store) {
    (void)server;
    (void)store;
    return CLI_OK;
}
