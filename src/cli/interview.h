/*
 * interview.h: what the verbs that ask share: a record, the terminal, and the entry that the answers become.
 */
#ifndef LW_INTERVIEW_H
#define LW_INTERVIEW_H

#include "cli/cli.h"

typedef struct cli_interview {
    const cli_args *args;
    cli_ask ask;
    const char *path, *by, *at;
    char patient[65];
    bool started;    /* a started entry is there */
    uint8_t test;    /* enum lw_test of the morning test */
    cli_buf data;    /* members of the entry so far, "{…" */
    cli_buf written; /* kinds written, each once in a row */
    char last[16];   /* the last of them */
} cli_interview;

/* Reads the record that the answers are for. 0 or an exit code with a message; end it in either case. */
int cli_interview_begin(const cli_args *args, cli_interview *talk, const char *by);
/* Adds a member's name to the entry being made; its value follows. */
void cli_interview_member(cli_interview *talk, const char *name);
/* Asks for a whole number from 0 and adds it as a member; false when it was skipped. */
bool cli_interview_number(cli_interview *talk, const char *name, const char *question, long most);
/* Writes one entry at once. */
int cli_interview_write(cli_interview *talk, const char *kind, const char *data);
/* The day that the answers belong to. */
int32_t cli_interview_day(const cli_interview *talk);
/* Shows the plan of that day. */
int cli_interview_show_plan(cli_interview *talk);
/* Says what was written. */
void cli_interview_finish(cli_interview *talk);
void cli_interview_end(cli_interview *talk);

#endif
