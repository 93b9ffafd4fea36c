/*
 * record_internal.h: what decode.c, log.c and canonical.c share.
 */
#ifndef LW_RECORD_INTERNAL_H
#define LW_RECORD_INTERNAL_H

#include "base/base_internal.h"
#include "loadwave/record.h"

/*
 * Decodes one line into *out and its patient into *patient (result arena: data, and texts that held escapes).
 * diag is required and filled when the result is not 0. LW_ERR_NEWER: the line is sound, but of a newer format.
 * Leaves *out in an undefined state on failure; the caller restores the arena.
 */
LW_MUST_CHECK int32_t lw__line_decode(lw_str text, uint32_t line, lw_arena *result, lw_event *out, lw_str *patient,
                                      lw_diag *diag);

/* The canonical form of a checked line, into w. Never longer than the line. */
void lw__canonical(lw_str text, lw__writer *w);
/* The same by the way that any line can go. */
void lw__canonical_any(lw_str text, lw__writer *w);

/* Fills diag (required) and returns err: message and hint are NUL-terminated texts, hint nullable, member left empty. */
int32_t lw__diag(lw_diag *diag, int32_t err, uint32_t line, const char *message, const char *hint);

#endif
