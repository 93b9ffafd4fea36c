/*
 * cli.h: what the verbs of the program share.
 *
 * The program is the outermost layer: it may read files, the clock and the terminal; it never decides anything
 * clinical. Each verb reads a record, asks the library, and renders the answer through locales/. All sentences about the
 * patient come from there by id; texts about the program itself (help, usage errors) stand in the code.
 *
 * Names begin with cli_, not lw_: nothing here is part of the library.
 */
#ifndef LW_CLI_H
#define LW_CLI_H

#include <stdarg.h>
#include <stdio.h>

#include "loadwave/loadwave.h"
#include "words/tree.h"

/* Exit codes; documented in every help page. */
enum { CLI_OK = 0, CLI_FINDING = 1, CLI_BAD = 2, CLI_NEWER = 3, CLI_IO = 4 };

/* ---- text: a growing buffer; the program ends with CLI_IO when memory does ---- */
typedef struct cli_buf {
    char *ptr; /* owned, NUL-terminated once something was added; NULL before */
    size_t len, cap;
} cli_buf;

_Noreturn void cli_no_memory(void);
void *cli_need(size_t size); /* zeroed heap memory or the end of the program */
void cli_buf_add(cli_buf *buf, const char *bytes, size_t len);
void cli_buf_str(cli_buf *buf, const char *text);
void cli_buf_fmt(cli_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *cli_buf_get(const cli_buf *buf); /* "" when empty */
void cli_buf_clear(cli_buf *buf);            /* empties, keeps the memory */
void cli_buf_free(cli_buf *buf);
/* Adds text as a JSON string with quotes. */
void cli_buf_json(cli_buf *buf, const char *text);

/* ---- screen: width, colour, wrapping ---- */
typedef enum cli_style { CLI_PLAIN, CLI_BOLD, CLI_DIM, CLI_RED, CLI_GREEN, CLI_YELLOW, CLI_BLUE, CLI_ALARM } cli_style;

typedef struct cli_screen {
    FILE *file;
    int width;   /* columns */
    bool colour; /* only on a terminal, and never under NO_COLOR or TERM=dumb */
} cli_screen;

cli_screen cli_screen_out(void);
/* Columns that UTF-8 text takes, terminal escapes not counted. */
int cli_columns(const char *text);
/* Prints text wrapped at the width: first before the first line, rest before the others. */
void cli_print(const cli_screen *screen, cli_style style, const char *first, const char *rest, const char *text);
/* Prints text as it is, in a style, without a newline. */
void cli_ink(const cli_screen *screen, cli_style style, const char *text);

/* ---- command line ---- */
enum { CLI_MAX_OPTIONS = 20, CLI_MAX_POSITIONAL = 33 };

typedef struct cli_option {
    const char *name; /* "--on" */
    const char *arg;  /* "DATE", or NULL for a flag */
    const char *help;
} cli_option;

struct cli_args;

/* One verb: everything its help, its man page, its completion and its dispatch need. */
typedef struct cli_verb {
    const char *name;                    /* "today", "log check" */
    const char *synopsis;                /* "RECORD [--on DATE] [--json]" */
    const char *summary;                 /* one line */
    const char *text;                    /* paragraphs, "\n\n" between */
    cli_option options[CLI_MAX_OPTIONS]; /* ended by a NULL name */
    const char *examples[6];             /* "command\twhat it does", ended by NULL */
    const char *exits[6];                /* "0\twhen", ended by NULL */
    int least, most;                     /* positional arguments */
    int (*run)(const struct cli_args *args);
} cli_verb;

typedef struct cli_args {
    const cli_verb *verb;
    const char *positional[CLI_MAX_POSITIONAL];
    int count;
    const char *values[CLI_MAX_OPTIONS]; /* by option; NULL when not given, "" for a flag */
} cli_args;

/* The value of an option, NULL when it was not given. The option must be one of the verb's. */
const char *cli_option_value(const cli_args *args, const char *name);
/* Reads --NAME as a whole number in least..most into *out (kept when not given). 0 or CLI_BAD with a message. */
int cli_option_number(const cli_args *args, const char *name, long least, long most, long *out);
/* Reads --NAME as a date into *day (kept when not given). 0 or CLI_BAD with a message. */
int cli_option_day(const cli_args *args, const char *name, int32_t *day);
/* "loadwave VERB: message" on stderr; returns CLI_BAD. */
int cli_usage(const cli_args *args, const char *format, ...) __attribute__((format(printf, 2, 3)));

extern const cli_verb cli_verbs[];
extern const int cli_verb_count;
/* The word closest to text among count words, or NULL when none is near. */
const char *cli_nearest(const char *text, const char *const *words, int count);

/* ---- time: only here does the program read a clock ---- */
int32_t cli_local_day(void);
/* RFC 3339 with the machine's offset, whole seconds. out holds at least 26 bytes. */
void cli_local_now(char out[32]);
/* Minutes by which this machine's local time is ahead of UTC at an instant (seconds since 1970). */
int cli_zone_offset(int64_t at_s);
/* A fresh UUID version 7, text. */
void cli_fresh_id(char out[37]);
/* "Friday 6 March 2026", "Fri 06 Mar" and "2026-03-06". Each returns out. */
const char *cli_day_long(int32_t day, char out[40]);
const char *cli_day_short(int32_t day, char out[16]);
const char *cli_day_iso(int32_t day, char out[12]);
bool cli_day_read(const char *text, int32_t *day);

/* ---- files, records, protocols, plans ---- */
typedef struct cli_file {
    char *bytes; /* owned, NUL-terminated */
    size_t len;
} cli_file;

/* Reads a whole file of at most limit bytes; "-" is standard input. 0, CLI_IO or CLI_BAD with a message. */
int cli_file_read(const char *path, size_t limit, cli_file *out);
/* Writes a new file; refuses to replace one unless replace. Through a temporary file: whole or not at all. */
int cli_file_write(const char *path, const char *bytes, size_t len, bool replace);

typedef struct cli_log {
    const char *path;
    cli_file file;
    lw_record record;
    bool newer;      /* some lines are of a newer format */
    lw_diag diag;    /* of the newer line */
    void *memory[2]; /* owned: result, scratch */
} cli_log;

/* Reads a record. 0 (also when log->newer), CLI_BAD with a diagnostic on stderr, or CLI_IO. */
int cli_log_load(const char *path, cli_log *log);
void cli_log_free(cli_log *log);
/*
 * Decodes bytes (borrowed for the log's life) as if they were the file at path; quiet leaves stderr alone. The log must be
 * freed also after an error.
 */
int cli_log_decode(const char *path, char *bytes, size_t len, bool quiet, cli_log *log);

typedef struct cli_rules {
    const lw_protocol *protocol;
    cli_file file;   /* empty for the built-in one */
    void *memory[2]; /* owned */
} cli_rules;

/* Compiles the protocol at path, or the built-in one when path is NULL. 0, CLI_BAD with diagnostics, or CLI_IO. */
int cli_rules_load(const char *path, cli_rules *rules);
void cli_rules_free(cli_rules *rules);
/* The built-in protocol beside one that was given as a file; NULL while only the built-in one is in use. */
const lw_protocol *cli_rules_other(void);

/* Prints "file:line:col: member: message", the line with a caret, and the hint, on stderr. source may be empty. */
void cli_diag_print(const char *path, lw_str source, const lw_diag *diag);

typedef struct cli_plan {
    lw_str json;
    const lw_node *root;
    lw_pool pool;
    void *memory[2];
} cli_plan;

/* Makes and reads one plan. Exit code; messages on stderr unless quiet. */
int cli_plan_make(const cli_rules *rules, const cli_log *log, int32_t day, uint32_t flags, bool quiet, cli_plan *plan);
void cli_plan_free(cli_plan *plan);

/* The first and last local day of the events that count. False for an empty record. */
bool cli_log_span(const lw_record *record, int32_t *first, int32_t *last);
/* Shows which signs need help while the record cannot be understood; returns CLI_NEWER. */
int cli_newer_help(const cli_log *log);

/* ---- writing events ---- */
/* Adds {"v":1,…} with data (a JSON object text) as one line without a newline. at and id may be NULL: now, fresh. */
void cli_event_line(cli_buf *line, const char *patient, const char *kind, const char *at, const char *by,
                    const char *id, const char *data);
/*
 * Appends lines (each "…\n") to the record at path. The whole record is read with them in memory first; when it is not
 * valid, nothing is written. One write, synced; a short write is taken back. 0 or an exit code with a message.
 */
int cli_append(const char *path, const char *lines, size_t len);

/* ---- questions on the terminal ---- */
typedef struct cli_ask {
    cli_screen screen;
    bool ended;    /* standard input ended: every further answer is "skip" */
    bool required; /* an empty line asks again: this answer is needed */
} cli_ask;

/* Each asks until the answer fits; an empty line skips (returns false), unless the answer is required. */
bool cli_ask_number(cli_ask *ask, const char *question, long least, long most, long *out);
/* A number from 0 with at most two places after the point, as text. */
bool cli_ask_decimal(cli_ask *ask, const char *question, long most, char *out, size_t cap);
bool cli_ask_yes(cli_ask *ask, const char *question, bool *out);
/* One of count words, by word or number. */
bool cli_ask_word(cli_ask *ask, const char *question, const char *const *words, int count, int *out);
/* Any of count lines, by number; bits in *out; "none" and 0 are an empty choice. False when skipped. */
bool cli_ask_many(cli_ask *ask, const char *question, const char *const *lines, int count, uint32_t *out);
bool cli_ask_text(cli_ask *ask, const char *question, char *out, size_t cap);

/* Red flags first. Returns 0 when none is present, 1 when some are, 2 when it was not answered. */
int cli_ask_flags(cli_ask *ask, uint32_t *flags);
/* The card for flags (bit n is RFnn+1): what they are, how urgent, whom to see. */
void cli_flag_card(const cli_screen *screen, uint32_t flags);
const char *cli_flag_urgency(uint32_t flags);

/* ---- verbs ---- */
int cli_verb_today(const cli_args *args);
int cli_verb_report(const cli_args *args);
int cli_verb_explain(const cli_args *args);
int cli_verb_replay(const cli_args *args);
int cli_verb_init(const cli_args *args);
int cli_verb_log_check(const cli_args *args);
int cli_verb_log_show(const cli_args *args);
int cli_verb_log_add(const cli_args *args);
int cli_verb_log_void(const cli_args *args);
int cli_verb_undo(const cli_args *args);
int cli_verb_import(const cli_args *args);
int cli_verb_diff(const cli_args *args);
int cli_verb_simulate(const cli_args *args);
int cli_verb_calendar(const cli_args *args);
int cli_verb_fhir(const cli_args *args);
int cli_verb_assess(const cli_args *args);
int cli_verb_checkin(const cli_args *args);
int cli_verb_session(const cli_args *args);
int cli_verb_retest(const cli_args *args);
int cli_verb_protocol_check(const cli_args *args);
int cli_verb_protocol_print(const cli_args *args);
int cli_verb_protocol_diff(const cli_args *args);
int cli_verb_protocol_prove(const cli_args *args);
int cli_verb_serve(const cli_args *args);
int cli_verb_clinic_add(const cli_args *args);
int cli_verb_backup(const cli_args *args);
int cli_verb_restore(const cli_args *args);
int cli_verb_doctor(const cli_args *args);
int cli_verb_hazards(const cli_args *args);
int cli_verb_help(const cli_args *args);

/* Help of one verb, or of all when verb is NULL, on file. */
void cli_help_print(FILE *file, const cli_verb *verb);
/* Prints a plan as one person reads it. full: with sources, gates and what was refused. */
void cli_render_plan(const cli_screen *screen, const cli_plan *plan, const lw_protocol *protocol, bool full);
/* Parts of it in words, added to text: the dose of an item, an exercise's name, a rule's sentence, a reason's inputs. */
void cli_dose_words(cli_buf *text, const lw_node *item);
void cli_exercise_words(cli_buf *text, const char *id, const lw_protocol *protocol);
void cli_rule_words(cli_buf *text, const lw_node *why, const lw_protocol *protocol);
void cli_input_words(cli_buf *text, const lw_node *why);
/* A change or a proposal in the sentence with this id, and all that is to be said of a dose, after a blank. */
void cli_change_words(cli_buf *text, const char *id, const lw_node *change, const lw_protocol *protocol);
void cli_dose_notes(cli_buf *text, const lw_node *item, const lw_protocol *protocol);

#endif
