/*
 * loadwave/record.h: one patient's log, read strictly, ordered totally, hashed canonically.
 *
 * The normative page is docs/format/record.md. A record is decoded whole or not at all: on the first error nothing of
 * it is usable and a diagnostic names line, column, member and the allowed values. Line order carries no meaning:
 * events come out ordered by (instant, id), repeats dropped, voids applied as marks.
 */
#ifndef LOADWAVE_RECORD_H
#define LOADWAVE_RECORD_H

#include "loadwave/base.h"
#include "loadwave/events.h" /* generated from schema/events.json: kinds, data structs, LW_HAS_… bits */

#ifdef __cplusplus
extern "C" {
#endif

enum {
    LW_MAX_LINE = 64 * 1024,          /* bytes of one line */
    LW_MAX_DEPTH = 16,                /* JSON nesting */
    LW_MAX_EVENTS = 200000,           /* events of one record */
    LW_MAX_RECORD = 128 * 1024 * 1024 /* bytes of one record */
};

/* Who wrote an event. The id of a clinician or device stands in by_id. */
typedef enum lw_by { LW_BY_PATIENT, LW_BY_CLINICIAN, LW_BY_DEVICE, LW_BY_ENGINE } lw_by;

/* One decoded event. Slices borrow from the record's bytes; data points into the result arena. */
typedef struct lw_event {
    int64_t at_s;     /* instant, seconds since 1970-01-01T00:00:00Z */
    int32_t day;      /* local day: the date text of `at`, as days since 1970-01-01 */
    int32_t minute;   /* local minute of that day, 0..1439 */
    uint8_t kind;     /* lw_kind */
    uint8_t by;       /* lw_by */
    bool voided;      /* an effective void names this event: as if it never happened */
    bool ineffective; /* a void that has no effect: of a void, or by a patient of what only a clinician may void */
    int32_t void_day; /* with voided: the earliest local day of such a void */
    uint8_t id[16];   /* UUID bytes */
    uint32_t line;    /* line in the input, from 1 */
    lw_str by_id;     /* "a" of "clinician:a"; empty for patient and engine */
    lw_str raw;       /* the line as given, without its newline */
    const void *data; /* struct lw_ev_<kind>, by kind; never NULL */
} lw_event;

/* A decoded record. Events are sorted by (at_s, id), without repeats, voided ones included and marked. */
typedef struct lw_record {
    const lw_event *events; /* in the result arena; NULL when count is 0 */
    uint32_t count;
    uint32_t repeats; /* lines that repeated an event and were dropped */
    uint32_t newer;   /* lines of a newer format or unknown kind, kept but not understood */
    lw_str patient;   /* empty for an empty record */
    lw_str bytes;     /* the input, borrowed */
} lw_record;

/*
 * Decodes a whole record.
 *   bytes    the file; borrowed for as long as the record is used.
 *   result   receives events and data; usually less than len bytes, never more than lw_record_size_hint says.
 *   scratch  used during the call only.
 *   diag     nullable; filled when the result is not 0.
 * Returns 0; LW_ERR_NEWER when everything is well formed but some line is of a newer format (the record is usable for
 * keeping, syncing and red-flag help, not for prescribing); or another negative lw_err, *out then untouched.
 * An empty file is an empty record.
 */
LW_MUST_CHECK int32_t lw_record_read(lw_str bytes, lw_arena *result, lw_arena *scratch, lw_record *out, lw_diag *diag);

/* Arena bytes that always suffice for a record of len bytes: for result and for scratch. */
void lw_record_size_hint(size_t len, size_t *result, size_t *scratch);

/* Decodes one line (without newline) as lw_record_read would, as line number `line`; for appending programs. */
LW_MUST_CHECK int32_t lw_event_read(lw_str text, uint32_t line, lw_arena *result, lw_event *out, lw_diag *diag);

/*
 * Canonical bytes of one event (docs/format/record.md: compact, code-point order, `received` left out), no newline.
 * Writes at most cap bytes to out; returns the length, or a negative lw_err (LW_ERR_NO_MEMORY when cap is too small). It is never longer than text.
 */
LW_MUST_CHECK int64_t lw_event_canonical(lw_str text, char *out, size_t cap);

/*
 * SHA-256 over the canonical form of the whole record (`decided` events left out). scratch is used during the call and
 * needs room for the longest line. LW_ERR_NEWER when the record has lines that were not understood.
 */
LW_MUST_CHECK int32_t lw_record_hash(const lw_record *record, lw_arena *scratch, uint8_t out[32]);

/* "p-001"-like names: kind as in the file ("checkin"), static; NULL when out of range. */
const char *lw_kind_name(int32_t kind);

#ifdef __cplusplus
}
#endif
#endif
