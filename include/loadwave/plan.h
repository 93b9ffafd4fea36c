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

/*
 * Folds `record` alone up to `day` and throws the state away: the measure of the fold's speed. Returns 0 or an lw_err.
 */
LW_MUST_CHECK int32_t lw_fold_only(const lw_protocol *protocol, const lw_record *record, int32_t day);

#ifdef __cplusplus
}
#endif
#endif
