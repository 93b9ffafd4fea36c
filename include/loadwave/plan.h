/*
 * loadwave/plan.h: the engine. plan = f(protocol, record, day).
 *
 * No clock, no I/O, no heap, no floating point: the same three inputs give the same bytes natively and in
 * WebAssembly. The normative page is docs/format/plan.md.
 */
#ifndef LOADWAVE_PLAN_H
#define LOADWAVE_PLAN_H

#include "loadwave/protocol.h"
#include "loadwave/record.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Arena bytes that always suffice for lw_plan, beyond what the record itself needed. */
enum { LW_PLAN_RESULT = 192 * 1024, LW_PLAN_SCRATCH = 64 * 1024 };

/*
 * A caller-owned block for one patient at a time. Set the two arenas, call lw_plan, read json.
 * Nothing in it points anywhere but into its arenas, the protocol and the record.
 */
typedef struct lw_work {
    lw_arena result;  /* the published plan lives here */
    lw_arena scratch; /* free again after each call */
    lw_str json;      /* the plan of the last successful lw_plan, in result */
} lw_work;

enum {
    LW_PLAN_HASH = 1 /* fill record_sha256 (costs a pass over the record); otherwise it is null */
};

/*
 * Makes the plan of `day`.
 *   protocol, record  borrowed for the call.
 *   day               the patient's local day, days since 1970-01-01.
 *   flags             0 or LW_PLAN_HASH.
 *   diag              nullable.
 * Returns 0 and publishes work->json (compact JSON, one line, no newline); or a negative lw_err and leaves *work as it
 * was (result.peak and scratch.peak apart). LW_ERR_NEWER: the record has lines this version does not understand.
 * LW_ERR_PROTOCOL: the record was started on another protocol than the one given.
 */
LW_MUST_CHECK int32_t lw_plan(const lw_protocol *protocol, const lw_record *record, int32_t day, uint32_t flags,
                              lw_work *work, lw_diag *diag);

/* The most days lw_day_loads answers at once, and arena bytes that always suffice for it. */
enum { LW_LOADS_DAYS = 1100, LW_LOADS_RESULT = 352 * 1024, LW_LOADS_SCRATCH = 128 * 1024 };

/*
 * What each local day from..to came to: load by channel, pain, sessions. The numbers are those that the fold's own weekly
 * sums and rules are made of; the record is taken as it stands at the end of `to`. The page is docs/format/loads.md.
 *   protocol, record  borrowed for the call.
 *   from, to          days since 1970-01-01, from <= to, at most LW_LOADS_DAYS of them.
 *   diag              nullable.
 * Returns 0 and publishes work->json (a JSON list, one line, no newline); or a negative lw_err and leaves *work as it was
 * (the peaks apart): LW_ERR_RANGE and LW_ERR_LIMIT for the days, the others as lw_plan.
 */
LW_MUST_CHECK int32_t lw_day_loads(const lw_protocol *protocol, const lw_record *record, int32_t from, int32_t to,
                                   lw_work *work, lw_diag *diag);

/*
 * Folds `record` alone up to `day` and throws the state away: the measure of the fold's speed. Returns 0 or an lw_err.
 */
LW_MUST_CHECK int32_t lw_fold_only(const lw_protocol *protocol, const lw_record *record, int32_t day);

#ifdef __cplusplus
}
#endif
#endif
