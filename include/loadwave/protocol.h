/*
 * loadwave/protocol.h: a treatment protocol, compiled from text a physiotherapist can read aloud.
 *
 * A compiled protocol is immutable, borrows its source text, may be shared by threads, and knows its own hash.
 * The language is described in docs/protocol-language.md.
 */
#ifndef LOADWAVE_PROTOCOL_H
#define LOADWAVE_PROTOCOL_H

#include "loadwave/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lw_protocol lw_protocol; /* opaque here; src/protocol/protocol_tables.h for the engine */

/* Arena bytes that always suffice to compile a protocol, for result and for scratch. */
enum { LW_PROTOCOL_RESULT = 512 * 1024, LW_PROTOCOL_SCRATCH = 256 * 1024, LW_MAX_PROTOCOL = 1024 * 1024 };

/* A list of diagnostics in the caller's memory; count may exceed cap (the rest was not kept). */
typedef struct lw_diags {
    lw_diag *items;
    uint32_t cap;
    uint32_t count;
} lw_diags;

/*
 * Compiles source (UTF-8 text, borrowed for the protocol's life). All errors found are listed in diags (nullable),
 * not only the first. Returns 0 with *out in the result arena, or a negative lw_err with *out untouched.
 */
LW_MUST_CHECK int32_t lw_protocol_compile(lw_str source, lw_arena *result, lw_arena *scratch, const lw_protocol **out,
                                          lw_diags *diags);

/* What can be seen without running: dead rules, unreachable stages, missing neighbours … Returns the number found. */
uint32_t lw_protocol_lint(const lw_protocol *protocol, lw_diags *diags);

/* The canonical text. Writes at most cap bytes; returns the length or LW_ERR_NO_MEMORY. print → compile → print is the identity. */
LW_MUST_CHECK int64_t lw_protocol_print(const lw_protocol *protocol, char *out, size_t cap);

lw_str lw_protocol_id(const lw_protocol *protocol);      /* "pht" */
lw_str lw_protocol_version(const lw_protocol *protocol); /* "1.0.0" */
lw_str lw_protocol_title(const lw_protocol *protocol);
/* SHA-256 of the source bytes. */
const uint8_t *lw_protocol_hash(const lw_protocol *protocol);

#ifdef __cplusplus
}
#endif
#endif
