/*
 * loadwave/base.h: the small vocabulary every other header speaks: slices, arenas, days, errors.
 *
 * Everything here is plain data. Nothing allocates from the heap, reads a clock or keeps a global:
 * memory comes from the caller as an arena, time comes in as a day number.
 */
#ifndef LOADWAVE_BASE_H
#define LOADWAVE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loadwave/errors.h" /* generated from schema/errors.json: enum lw_err with pinned values */

#ifdef __cplusplus
extern "C" {
#endif

/* Every function that can fail says so in a value nobody may drop. */
#define LW_MUST_CHECK __attribute__((warn_unused_result))

/* A slice of bytes that somebody else owns; not NUL-terminated. ptr may be NULL when len is 0. */
typedef struct lw_str {
    const char *ptr;
    uint32_t len;
} lw_str;

/* A string literal as a slice. */
#define LW_STR(literal) ((lw_str){(literal), (uint32_t)(sizeof(literal) - 1)})

/*
 * A bump arena over the caller's memory. base stays the caller's; nothing inside is ever freed one by one.
 * used <= cap always; peak is the largest used ever seen, for sizing.
 */
typedef struct lw_arena {
    uint8_t *base;
    size_t cap;
    size_t used;
    size_t peak;
} lw_arena;

/* An arena over cap bytes at base (borrowed for the arena's life; base may be NULL when cap is 0). */
lw_arena lw_arena_over(void *base, size_t cap);

/*
 * Where something is wrong and what would be right. Filled by the function that returns the error.
 * file and the slices borrow from the input or from static text; message and hint are copied here.
 */
typedef struct lw_diag {
    int32_t err;       /* an lw_err, 0 when nothing is wrong */
    uint32_t line;     /* from 1; 0 when it concerns the whole input */
    uint32_t column;   /* from 1, in bytes; 0 when unknown */
    uint32_t length;   /* bytes to underline; 0 when unknown */
    char member[64];   /* path of the member or token, NUL-terminated, e.g. "data.sets[2].pain" */
    char message[200]; /* what is wrong and what was expected, one sentence, NUL-terminated */
    char hint[160];    /* what to do, or the likely intention; may be empty */
} lw_diag;

/* Short name of an error ("LW_ERR_RANGE"), static; "LW_ERR_UNKNOWN" for a value not in the table. */
const char *lw_err_name(int32_t err);
/* One plain sentence for an error, static. */
const char *lw_err_sentence(int32_t err);

/* A civil date as days since 1970-01-01 (may be negative). Valid years 1 to 9999. */
int32_t lw_day_from_civil(int32_t year, int32_t month, int32_t dom);
void lw_day_to_civil(int32_t day, int32_t *year, int32_t *month, int32_t *dom);
/* 0 Monday … 6 Sunday. */
int32_t lw_day_weekday(int32_t day);
/* Reads "YYYY-MM-DD" exactly (10 bytes, a real date). False, and *day untouched, when it is not one. */
bool lw_day_parse(lw_str text, int32_t *day);
/* Writes "YYYY-MM-DD" (10 bytes, no NUL) to out. */
void lw_day_write(int32_t day, char out[10]);

/* LW_VERSION of the library that is linked, e.g. "0.1.0". Static. */
const char *lw_version(void);
#define LW_VERSION "0.1.0"

#ifdef __cplusplus
}
#endif
#endif
