/*
 * fold_request.h: folding a record for an answer: what the handlers of plans and events share.
 */
#ifndef LW_SERVER_FOLD_REQUEST_H
#define LW_SERVER_FOLD_REQUEST_H

#include "server/server_internal.h"

/* The patient's own local day at now_s: by the offset of the log's last line; UTC where there is none. */
int32_t lw__local_day(const lw_reading *log, int64_t now_s, int32_t *offset_s);

/*
 * The plan of day as docs/format/plan.md has it, with the record's hash, appended to out. What is wrong with the record goes
 * into the problem.
 */
LW_MUST_CHECK int32_t lw__plan_bytes(lw_request *rq, const lw_protocol *protocol, const lw_reading *log, int32_t day,
                                     lw_buf *out);

/* The problem of a diagnostic; lines are those of the record, first is the first line that came with this request (0: none). */
int32_t lw__diag_problem(lw_request *rq, int32_t err, const lw_diag *diag, uint32_t first);

/*
 * The `decided` event for a plan (as lw__plan_bytes writes it), unless the log's last decision of that day was the same plan.
 * id receives the event's id, or that of the decision that still stands. line: appended, without newline; empty when it stands.
 */
LW_MUST_CHECK int32_t lw__decision(lw_request *rq, const lw_reading *log, lw_str plan, int32_t day, int32_t offset_s,
                                   lw_buf *line, char id[37]);

/* ---- handle_events.c: adding events, for whoever takes them in another form ---- */
typedef struct lw__events_told {
    uint32_t added, repeated;
    lw_buf plan; /* of the day that was asked for, or of today after what changes it; empty: none. To be freed */
    const char *decided; /* id of the decision about it; NULL: none */
    lw_reading *log;     /* borrowed: the log as it will be */
} lw__events_told;
/*
 * The prepare of a write that adds the events of a JSON list to the record of rq->target: decoded, their author and clock checked,
 * repeats sifted out, folded. on: as the field plan_on; told is zeroed on an error. lw__events_commit is its commit.
 */
LW_MUST_CHECK int32_t lw__events_prepare(lw_request *rq, lw_sql *sql, lw_str list, const lw_value *on,
                                         lw__events_told *told);
LW_MUST_CHECK int32_t lw__events_commit(lw_request *rq, lw_sql *sql);

/* A UUID of version 7. */
void lw__fresh_uuid(int64_t now_s, char out[37]);

#endif
