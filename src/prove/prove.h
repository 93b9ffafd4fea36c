/*
 * prove.h: the exhaustive checker of a protocol, in steps.
 *
 * It runs the shipped fold, guard and decide over every class of input (thresholds cut inputs into classes; missing and
 * stale are classes) and answers for each property of properties.h: it holds, or a patient's story breaks it. No clock,
 * no I/O, no heap: the caller gives one arena and calls lw_prove_step until it answers 0. The method and its limits are
 * in docs/proving.md.
 */
#ifndef LW_PROVE_PROVE_H
#define LW_PROVE_PROVE_H

#include "loadwave/plan.h"
#include "prove/properties.h"

enum {
    LW_PROVE_MEMORY = 448 * 1024 * 1024, /* arena bytes that suffice for the protocols we know; more is never harmful */
    LW_PROVE_STORY = 64 * 1024           /* most bytes of one story */
};

typedef enum lw_prove_verdict {
    LW_PROVE_OPEN,   /* not decided yet */
    LW_PROVE_HOLDS,  /* over all that was walked, which is everything unless lw_prove_step answered an error */
    LW_PROVE_BROKEN, /* see what, story and day */
} lw_prove_verdict;

typedef struct lw_prove_arg {
    const char *name; /* of an argument of the sentence, e.g. "rule" */
    lw_str value;     /* words of the protocol, or digits */
} lw_prove_arg;

typedef struct lw_prove_result {
    uint8_t verdict;      /* lw_prove_verdict */
    const char *what;     /* broken: sentence "prove.WHAT" of locales/, NULL otherwise */
    lw_prove_arg args[3]; /* its arguments; name NULL where there is none */
    lw_str story;         /* broken: JSON Lines of a record that shows it; empty where the text alone shows it */
    int32_t from, day;    /* first day of the story, and the day whose plan is wrong; days since 1970-01-01 */
    uint64_t states, transitions; /* walked for it; shared walks are counted at each property they decide */
} lw_prove_result;

typedef struct lw_prove_progress {
    const char *walk;             /* sentence "prove.walk.WALK": what is being walked now */
    uint32_t walk_index, walks;   /* of how many */
    uint64_t states, transitions; /* altogether so far */
    size_t memory;                /* arena bytes in use at most so far */
} lw_prove_progress;

typedef struct lw_prover lw_prover;

/*
 * Begins. protocol: borrowed until the end. arena: borrowed, everything lives in it, results included.
 * LW_ERR_NO_MEMORY: the arena is too small to begin.
 */
LW_MUST_CHECK int32_t lw_prove_begin(const lw_protocol *protocol, lw_arena *arena, lw_prover **out);

/*
 * Walks on for about `transitions` steps. Returns 1: there is more; 0: all is decided; a negative lw_err:
 * LW_ERR_NO_MEMORY, the walk did not fit and what is open stays open.
 */
LW_MUST_CHECK int32_t lw_prove_step(lw_prover *prover, uint32_t transitions);

lw_prove_progress lw_prove_progress_of(const lw_prover *prover);

/* The result so far for one property. Borrowed from the prover. */
const lw_prove_result *lw_prove_result_of(const lw_prover *prover, lw_property property);

/* "P8" and "quiet". */
const char *lw_property_id(lw_property property);
const char *lw_property_name(lw_property property);

#endif
