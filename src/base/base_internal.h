/*
 * base_internal.h: what the pure libraries share among themselves: guards, slices, arena allocation, a bounded text
 * writer, UTF-8 and SHA-256.
 *
 * Nothing here links more than memcpy, memmove, memset and memcmp, so that the engine builds to WebAssembly with no
 * import. Not installed: programs outside the pure libraries use include/loadwave only.
 */
#ifndef LW_BASE_INTERNAL_H
#define LW_BASE_INTERNAL_H

#include "loadwave/base.h"

#include <string.h>

/*
 * Guards for what cannot happen (SQLite's manner). A debug build traps, a release build keeps the guard and takes the
 * careful branch, a coverage build folds them to constants so that the branches that cannot be taken do not count.
 */
#if defined(LW_COVERAGE)
#define LW_ALWAYS(x) ((void)sizeof(x), 1)
#define LW_NEVER(x)  ((void)sizeof(x), 0)
#elif !defined(NDEBUG)
#define LW_ALWAYS(x) ((x) ? 1 : (__builtin_trap(), 0))
#define LW_NEVER(x)  ((x) ? (__builtin_trap(), 1) : 0)
#else
#define LW_ALWAYS(x) (x)
#define LW_NEVER(x)  (x)
#endif

#define LW_LIKELY(x)   __builtin_expect(!!(x), 1)
#define LW_UNLIKELY(x) __builtin_expect(!!(x), 0)

/* For the proofs (docs/proofs.md): the weekday of a day from -7000003 on, 0 Monday. */
//@ logic integer weekday(integer day) = (day + 7000003) % 7;

/* A NUL-terminated text as a slice. */
lw_str lw__str(const char *text);

/* Eight bytes at p as a little-endian number, on any machine. */
static inline uint64_t lw__load64(const void *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* True when count bytes are the same. (clang would make bcmp of memcmp() == 0, one symbol more to link.) */
static inline bool lw__same(const void *a, const void *b, size_t count) {
    const char *x = a, *y = b;
    for (; count >= 8; count -= 8, x += 8, y += 8) {
        if (lw__load64(x) != lw__load64(y)) {
            return false;
        }
    }
    for (; count > 0; count--, x++, y++) {
        if (*x != *y) {
            return false;
        }
    }
    return true;
}

/* True when both slices hold the same bytes. */
static inline bool lw__str_eq(lw_str a, lw_str b) {
    return a.len == b.len && lw__same(a.ptr, b.ptr, a.len);
}

/*
 * size > 0 zero-filled bytes from the arena, at an address that is a multiple of align (a power of two). NULL when the
 * arena is exhausted, which leaves it as it was. To give memory back, save `used` before and restore it.
 */
void *lw__alloc(lw_arena *arena, size_t size, size_t align);
/* The same, not filled. */
void *lw__take(lw_arena *arena, size_t size, size_t align);

/* An array of count > 0 items of a type from the arena, zero-filled or (TAKE) not; NULL when exhausted. */
#define LW__NEW(arena, type, count)  ((type *)lw__alloc((arena), sizeof(type) * (size_t)(count), _Alignof(type)))
#define LW__TAKE(arena, type, count) ((type *)lw__take((arena), sizeof(type) * (size_t)(count), _Alignof(type)))

/*
 * A text writer over the caller's buffer. Text that does not fit is cut, full is set and stays set; len <= cap always.
 * Nothing is NUL-terminated.
 */
typedef struct lw__writer {
    char *buf;
    size_t cap;
    size_t len;
    bool full;
} lw__writer;

/* A writer over cap bytes at buf. */
static inline lw__writer lw__writer_over(char *buf, size_t cap) {
    return (lw__writer){buf, cap, 0, false};
}
void lw__put(lw__writer *w, lw_str text);
void lw__put_c(lw__writer *w, const char *text); /* a NUL-terminated text */
void lw__put_char(lw__writer *w, char c);
void lw__put_int(lw__writer *w, int64_t value);
void lw__put_x100(lw__writer *w, int32_t value);  /* 250 as 2.5, -5 as -0.05, 300 as 3 */
void lw__put_escaped(lw__writer *w, lw_str text); /* inside of a JSON text: only the mandatory escapes */
void lw__put_json(lw__writer *w, lw_str text);    /* the same in quotes */
void lw__put_day(lw__writer *w, int32_t day);     /* "2026-03-02", quoted; a year of 1 to 9999 */
void lw__put_hex(lw__writer *w, const uint8_t *bytes, size_t count); /* lower case, not quoted */
void lw__put_uuid(lw__writer *w, const uint8_t bytes[16]);           /* 8-4-4-4-12, not quoted */

/* Ends the text with a NUL inside the buffer (cap >= 1), at a character's border when it had to be cut. */
void lw__put_end(lw__writer *w);

/* Length 1 to 4 of the UTF-8 sequence at p, which has left >= 1 bytes; 0 when it is not valid (RFC 3629). */
uint32_t lw__utf8_length(const char *p, size_t left);
/* True when the whole slice is valid UTF-8. */
bool lw__utf8_valid(lw_str text);
/* Code points in a slice of valid UTF-8. */
uint32_t lw__utf8_count(lw_str text);
/* Writes the code point (no surrogate, at most 0x10ffff) to out, returns the length 1 to 4. */
uint32_t lw__utf8_put(uint32_t code, char out[4]);

/* SHA-256 (FIPS 180-4), any number of updates. */
typedef struct lw__sha256 {
    uint64_t bytes;
    uint32_t state[8];
    uint32_t fast; /* 0: not asked yet, 1: the portable way, 2: the processor's instructions */
    uint8_t block[64];
} lw__sha256;
void lw__sha256_init(lw__sha256 *hash);
void lw__sha256_update(lw__sha256 *hash, const void *bytes, size_t count);
void lw__sha256_final(lw__sha256 *hash, uint8_t out[32]);
/* The hash of one run of bytes. */
void lw__sha256_of(const void *bytes, size_t count, uint8_t out[32]);

/*
 * Index of the name nearest to text by edit distance, or -1 when none is near enough to be the likely intention
 * (one third of the text's length, at least one edit, at most three). name(i) gives the i-th of count names.
 */
int32_t lw__nearest(lw_str text, const char *(*name)(const void *names, uint32_t i), const void *names, uint32_t count);

#endif
