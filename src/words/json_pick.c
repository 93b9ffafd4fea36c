/*
 * json_pick.c: small walks over checked JSON. Nothing is built; everything is a view of the text.
 */
#include "words/json_pick.h"

#include <string.h>

static lw_str value_at(const char *p) {
    return (lw_str){p, (uint32_t)(lw__json_after(p) - p)};
}

bool lw__pick_valid(lw_str text) {
    lw__json j = lw__json_over(text);
    return lw__json_check(&j);
}

bool lw__pick_is(lw_str value, const char *text) {
    size_t len = strlen(text);
    return value.len == len + 2 && value.ptr[0] == '"' && memcmp(value.ptr + 1, text, len) == 0;
}

/* Past white space within [p, end). */
static const char *solid(const char *p, const char *end) {
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n')) {
        p++;
    }
    return p;
}

/* To the next thing in a list or object: past its opening sign or the comma before it. end when there is none. */
static const char *next_thing(lw_str rest, char open) {
    const char *end = rest.ptr + rest.len;
    const char *p = solid(rest.ptr, end);
    if (p >= end || (*p != open && *p != ',')) {
        return end;
    }
    p = solid(p + 1, end);
    return p < end && *p != ']' && *p != '}' ? p : end;
}

bool lw__pick_item(lw_str *rest, lw_str *item) {
    const char *end = rest->ptr + rest->len;
    const char *p = next_thing(*rest, '[');
    if (p == end) {
        return false;
    }
    *item = value_at(p);
    p = item->ptr + item->len;
    *rest = (lw_str){p, (uint32_t)(end - p)};
    return true;
}

bool lw__pick_member(lw_str *rest, lw_str *name, lw_str *value) {
    const char *end = rest->ptr + rest->len;
    const char *p = next_thing(*rest, '{');
    if (p == end || *p != '"') {
        return false;
    }
    lw_str quoted = value_at(p);
    *name = (lw_str){quoted.ptr + 1, quoted.len - 2};
    *value = value_at(lw__json_value(p));
    p = value->ptr + value->len;
    *rest = (lw_str){p, (uint32_t)(end - p)};
    return true;
}

bool lw__pick(lw_str object, const char *name, lw_str *value) {
    char quoted[64];
    size_t len = strlen(name);
    if (object.len == 0 || lw__pick_kind(object) != '{' || len + 3 > sizeof quoted) {
        return false;
    }
    quoted[0] = '"';
    memcpy(quoted + 1, name, len);
    quoted[len + 1] = '"';
    quoted[len + 2] = 0;
    const char *p = object.ptr;
    for (bool more = lw__json_first(&p); more; more = lw__json_next(&p)) {
        if (lw__json_compare(p, quoted) == 0) {
            *value = value_at(lw__json_value(p));
            return true;
        }
    }
    return false;
}

const char *lw__pick_text(lw_pool *pool, lw_str value) {
    if (value.len < 2 || value.ptr[0] != '"') {
        return NULL;
    }
    lw__text text = {.ptr = value.ptr + 1, .len = value.len - 2, .escaped = true};
    char *out = lw_pool_take(pool, (size_t)text.len + 1);
    if (out != NULL) {
        out[lw__json_unescape(text, out)] = 0;
    }
    return out;
}

bool lw__pick_x100(lw_str value, int64_t *x100) {
    if (lw__pick_kind(value) != '0') {
        return false;
    }
    lw__json j = lw__json_over(value);
    lw__number number;
    if (!lw__json_number(&j, &number) || number.exponent || number.decimals > 2) {
        return false;
    }
    *x100 = number.x100;
    return true;
}
