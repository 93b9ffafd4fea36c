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

#endif
