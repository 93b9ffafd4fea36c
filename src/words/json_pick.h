/*
 * json_pick.h: members out of small JSON texts (settings, role lists, client data), on the strict reader of the record.
 *
 * All functions want text that lw__json_check, or the reading of the request's body, has accepted.
 */
#ifndef LW_WORDS_JSON_PICK_H
#define LW_WORDS_JSON_PICK_H

#include "record/json.h"
#include "store/buffer.h"

/* Whether the whole text is one strict JSON value. */
bool lw__pick_valid(lw_str text);
/* The value of an object's member, as it stands; false when absent, or when text is no object. */
bool lw__pick(lw_str object, const char *name, lw_str *value);
/* A string's content, NUL-terminated, in the pool; NULL when it is no string or the heap refuses. */
const char *lw__pick_text(lw_pool *pool, lw_str value);
/* True when the value is this string, without escapes. */
bool lw__pick_is(lw_str value, const char *text);
/* A number of at most two decimals, times 100; false when it is none. */
bool lw__pick_x100(lw_str value, int64_t *x100);
/* Walks a list: *rest is the list's text at first; gives the next item; false at its end. */
bool lw__pick_item(lw_str *rest, lw_str *item);
/* Walks an object: *rest is the object's text at first; gives name (still escaped, without quotes) and value. */
bool lw__pick_member(lw_str *rest, lw_str *name, lw_str *value);
static inline char lw__pick_kind(lw_str value) { /* '{', '[', '"', 't', 'f', 'n', or '0' for a number */
    char c = value.len > 0 ? value.ptr[0] : 0;
    return c == '-' || (c >= '0' && c <= '9') ? '0' : c;
}

#endif
