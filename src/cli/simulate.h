/*
 * simulate.h: the invented person of verb_simulate.c, for others that need a lifelike record.
 */
#ifndef LW_CLI_SIMULATE_H
#define LW_CLI_SIMULATE_H

#include "cli/cli.h"

typedef struct cli_simulation {
    long seed;
    int days;              /* after the first */
    int32_t from;          /* first day */
    const char *traits;    /* comma-separated, as --trait takes them; NULL: none */
    const char *patient;   /* id, at most 64 bytes */
    const char *clinician; /* "clinician:ID" */
} cli_simulation;

/* Appends the record to lines (owned by the caller, also after an error). args: for messages. Exit code. */
int cli_simulate(const cli_args *args, const cli_rules *rules, const cli_simulation *how, cli_buf *lines);

#endif
