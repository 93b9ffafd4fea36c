/*
 * reading.h: a log that has been decoded once, and grows line by line without being decoded again.
 *
 * A reading never changes and is counted, so that threads may share it. What grows out of it shares its lines and their decoded
 * data and has a list of events of its own. A reading says exactly what lw_record_read and lw_record_hash say of the same lines
 * (tests/outer/store_reading_test.c holds them against each other); what cannot be added simply is not added: read it all then.
 */
#ifndef LW_STORE_READING_H
#define LW_STORE_READING_H

#include <stdatomic.h>

#include "store/store.h"

typedef struct lw_reading {
    lw_record record;   /* of all lines; bytes is empty */
    int32_t err;        /* what lw_record_read said; with anything but LW_OK and LW_ERR_NEWER the record is empty */
    lw_diag diag;       /* filled with err */
    uint8_t sha256[32]; /* lw_record_hash; with err LW_OK only */
    uint32_t lines;
    uint64_t bytes; /* of the lines, each with its newline */
    size_t held;    /* memory in all, in bytes */
    /* private */
    atomic_uint refs;
    uint32_t depth, sha_way;
    struct lw__block *block;
    lw_event *events;
    struct lw__mark *marks;
    /* Where a plan may go on from: what it grew out of left the first, its own first plan leaves the second, for good. */
    struct lw__kept *before;
    _Atomic(struct lw__kept *) kept;
} lw_reading;

/* Reads a log (from malloc, taken in any case; NULL with len 0). LW_ERR_NO_MEMORY only: what is wrong with the log is in err. */
LW_MUST_CHECK int32_t lw_reading_open(char *bytes, size_t len, lw_reading **out);

/*
 * The reading with count more lines, copied. NULL when it has to be read anew: lines that do not decode, voids, anything that
 * was there already, many at once, or every 64th time, so that memory comes together again.
 */
lw_reading *lw_reading_grow(const lw_reading *from, const lw_append_event *events, uint32_t count);

lw_reading *lw_reading_share(lw_reading *reading);
void lw_reading_back(lw_reading *reading); /* nullable */

/* The SHA-256 of text, the fast way where the reading has found that there is one. */
void lw_reading_sha256(const lw_reading *reading, lw_str text, uint8_t out[32]);

/* The event whose line stands last, NULL when there is none that is understood. */
const lw_event *lw_reading_last(const lw_reading *reading);

/* Appends the plan of day to out, record_sha256 filled: the bytes of lw_plan with LW_PLAN_HASH. diag nullable. */
LW_MUST_CHECK int32_t lw_reading_plan(const lw_protocol *protocol, const lw_reading *reading, int32_t day, lw_buf *out,
                                      lw_diag *diag);

/* lw_projection_make of what was read already. */
LW_MUST_CHECK int32_t lw_projection_of(const lw_protocol *protocol, const lw_reading *reading, int32_t day,
                                       int64_t now_s, lw_projection *out, lw_buf *plan_json);

#endif
