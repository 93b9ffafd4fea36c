/*
 * json.h: strict JSON (RFC 8259) over views of the input.
 *
 * Nothing is built and nothing is copied: the reader walks the text once and hands out views. Stricter than the RFC
 * where that prevents two readers from seeing different things: member names are unique after unescaping, UTF-8 is
 * checked, lone surrogates and U+0000 are refused, nesting ends at LW_MAX_DEPTH. Numbers keep their text.
 */
#ifndef LW_RECORD_JSON_H
#define LW_RECORD_JSON_H

#include "base/base_internal.h"
#include "loadwave/record.h"

/*
 * A reader over [p, end). Functions return false on the first error and then fill err, at, length and message
 * (static); the reader must not be used further.
 */
typedef struct lw__json {
    const char *p;
    const char *end;
    int32_t err;
    uint32_t length;     /* bytes concerned */
    const char *at;      /* where */
    const char *message; /* what is wrong */
    const char *hint;    /* nullable */
} lw__json;

/* A string's inside, without its quotes, as it stands in the text; escaped tells that it holds escapes. */
typedef struct lw__text {
    const char *ptr;
    uint32_t len;
    bool escaped;
} lw__text;

/* A number: its text, its value times 100 (saturated at ±INT64_MAX / 2), and how it is written. */
typedef struct lw__number {
    lw_str text;
    int64_t x100;      /* cut after two decimals */
    uint32_t decimals; /* digits after the point */
    bool exponent;
} lw__number;

static inline lw__json lw__json_over(lw_str text) {
    return (lw__json){.p = text.ptr, .end = text.ptr + text.len};
}

/* Sets the error; returns false. */
bool lw__json_fail(lw__json *j, int32_t err, const char *at, uint32_t length, const char *message);

/* Passes white space and returns the byte that follows, not consumed; 0 at the end. */
static inline char lw__json_peek(lw__json *j) {
    while (j->p < j->end) {
        char c = *j->p;
        if (LW_LIKELY((uint8_t)c > ' ') || (c != ' ' && c != '\t' && c != '\r' && c != '\n')) {
            return c;
        }
        j->p++;
    }
    return 0;
}

/* A high bit at the lowest byte of the word that is a quote, a backslash, a control character or not ASCII. */
static inline uint64_t lw__json_special(uint64_t word) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ ones * '"';
    uint64_t slash = word ^ ones * '\\';
    uint64_t hit = ((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | word;
    return hit & ones * 0x80;
}

/* The rest of a string from p, its first byte that is not plain ASCII or its last few bytes. */
bool lw__json_string_slow(lw__json *j, const char *p, lw__text *out);

/* Reads a string; the next byte must be its opening quote. */
static inline bool lw__json_string(lw__json *j, lw__text *out) {
    const char *p = j->p + 1;
    out->ptr = p;
    out->escaped = false;
    while (LW_LIKELY(j->end - p >= 8)) {
        uint64_t hit = lw__json_special(lw__load64(p));
        if (hit != 0) {
            p += (unsigned)__builtin_ctzll(hit) / 8;
            if (LW_LIKELY(*p == '"')) {
                out->len = (uint32_t)(p - out->ptr);
                j->p = p + 1;
                return true;
            }
            break;
        }
        p += 8;
    }
    return lw__json_string_slow(j, p, out);
}

/* Reads a number; the next byte must be a minus sign or a digit. */
bool lw__json_number(lw__json *j, lw__number *out);

/* Reads true, false or null whole; anything else is a syntax error. */
bool lw__json_literal(lw__json *j, const char *word, uint32_t len);

/* Reads any value, checks it wholly and drops it. open: how many objects and lists are open around it. */
bool lw__json_skip(lw__json *j, uint32_t open);

/* Checks one whole text: one value and white space. */
bool lw__json_check(lw__json *j);

/* Where the value that begins at p ends. Only for text that was checked. */
const char *lw__json_after(const char *p);

/* The first byte at or after p that is not white space. Only for text that was checked and goes on. */
const char *lw__json_solid(const char *p);

/* Writes the string's bytes without escapes to out, which has room for text.len; returns their number. */
uint32_t lw__json_unescape(lw__text text, char *out);

/* The code point of the checked escape at p, and its length in the text. */
uint32_t lw__json_code(const char *p, uint32_t *length);

/* Compares two checked names, each given by its opening quote, by code points after unescaping. */
int lw__json_compare(const char *a, const char *b);

/*
 * Walking a checked object whose '{' is at *p: first goes to its first member's name, next from one name to the
 * following one; both are false when there is none. value gives where the value of the member named at p begins.
 */
bool lw__json_first(const char **p);
bool lw__json_next(const char **p);
const char *lw__json_value(const char *p);

/*
 * The members of the checked object that begins at p ('{'), in the order of their names: of those after the name
 * `after` (all when NULL) the first cap. An object of any size is so walked in chunks, in the caller's memory.
 */
typedef struct lw__sorted {
    const char **names; /* cap pointers of the caller: receive the names' opening quotes */
    uint32_t cap;
    uint32_t count;
    const char *twice; /* a name that stands there a second time, or NULL */
    const char *end;   /* where the object ends */
} lw__sorted;
void lw__json_sorted(const char *p, const char *after, lw__sorted *out);

#endif
