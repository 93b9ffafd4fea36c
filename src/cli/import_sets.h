/*
 * import_sets.h: strength sets of a watch to entries of exercises, one question at a time.
 *
 * A watch names an exercise by two numbers at best, and never the side, the pain or the effort. So nothing of it is stored
 * unless the person says which exercise it was, on which side, how much it hurt and how hard it was.
 */
#ifndef CLI_IMPORT_SETS_H
#define CLI_IMPORT_SETS_H

#include "cli/cli.h"
#include "intake/intake.h"

enum { CLI_SETS_EACH = 64 }; /* sets of one entry at most, as the record has it */

/* Sets that follow each other and are of the same exercise, as far as the watch tells. */
typedef struct cli_set_group {
    const lw_watch_set *sets; /* borrowed from the list */
    uint32_t count;
} cli_set_group;

/* Walks over an item's groups: *at is 0 at first. False at the end. */
bool cli_sets_next(const lw_intake *intake, const lw_intake_item *item, uint32_t *at, cli_set_group *out);
/* "8 repetitions, 40.0 kg, 45 s" of one set. */
void cli_set_words(cli_buf *text, const lw_watch_set *set);

/* What an entry of sets needs to know of the import it belongs to. */
typedef struct cli_sets_of {
    cli_ask *ask;
    const cli_rules *rules;
    const cli_log *log;
    int64_t start_s, end_s; /* of the activity */
    int offset_min;         /* of its local time */
    bool *listed;           /* the exercises were shown as a list; set here */
    const char *source;     /* KIND:HASH:INDEX:IMPORT */
} cli_sets_of;

/*
 * Asks about one group and adds its entry, "…\n", to lines. True when it was added; otherwise it has said why not.
 */
bool cli_sets_ask(const cli_sets_of *of, const cli_set_group *group, cli_buf *lines);

/* RFC 3339 of an instant at an offset; the local day is answered. */
int32_t cli_local_text(int64_t second, int offset_min, char out[32]);

/* The source that an import wrote into an entry, borrowed; empty for all others. */
lw_str cli_source_of(const lw_event *event);

/* One line of schema/watch_sets.json. */
typedef struct cli_watch_set {
    int32_t category, name;
    const char *exercise;
} cli_watch_set;
extern const cli_watch_set cli_watch_sets[];
extern const int cli_watch_sets_count;

#endif
