/*
 * router.c: which route an address means.
 *
 * The target is taken as it came over the wire: nothing is decoded before it is cut into segments, so that an encoded slash
 * or dot can never change which route is meant. What could be read in two ways is refused: empty segments, "." and "..",
 * backslashes, control characters, bytes above ASCII, a percent sign outside a parameter.
 */
#include <stdio.h>
#include <string.h>

#include "server/server_internal.h"

#include "base/base_internal.h"

int32_t lw__target_split(const char *target, lw_str *path, lw_str *query) {
    size_t len = strnlen(target, LW__TARGET_MAX + 1);
    if (len > LW__TARGET_MAX) {
        return LW_ERR_LIMIT;
    }
    if (len == 0 || target[0] != '/') {
        return LW_ERR_VALUE;
    }
    size_t cut = len;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)target[i];
        if (c <= ' ' || c >= 127 || c == '\\' || c == '#') {
            return LW_ERR_VALUE;
        }
        if (c == '?' && cut == len) {
            cut = i;
        }
    }
    *path = (lw_str){target, (uint32_t)cut};
    *query = cut < len ? (lw_str){target + cut + 1, (uint32_t)(len - cut - 1)} : (lw_str){"", 0};
    for (size_t i = 0; i < cut; i++) {
        if (target[i] != '/') {
            continue;
        }
        size_t rest = cut - i - 1;
        const char *next = target + i + 1;
        bool last = i + 1 == cut;
        if (rest > 0 && *next == '/') {
            return LW_ERR_VALUE;
        }
        bool dot = rest >= 1 && next[0] == '.' && (rest == 1 || next[1] == '/');
        bool dots = rest >= 2 && next[0] == '.' && next[1] == '.' && (rest == 2 || next[2] == '/');
        if (!last && (dot || dots)) {
            return LW_ERR_VALUE;
        }
    }
    return LW_OK;
}

static int hex(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool lw__percent_decode(lw_str in, bool plus, char *out, size_t cap) {
    size_t at = 0;
    for (uint32_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (c == '%') {
            int high = i + 2 < in.len ? hex(in.ptr[i + 1]) : -1, low = i + 2 < in.len ? hex(in.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if ((unsigned char)c < ' ' || c == 127 || at + 1 >= cap) {
            return false;
        }
        out[at++] = c;
    }
    out[at] = '\0';
    return lw__utf8_valid((lw_str){out, (uint32_t)at});
}

/* Takes the next segment off *rest; false when there is none. */
static bool segment(const char **rest, const char *end, lw_str *out) {
    if (*rest >= end || **rest != '/') {
        return false;
    }
    const char *from = *rest + 1, *to = from;
    while (to < end && *to != '/') {
        to++;
    }
    *out = (lw_str){from, (uint32_t)(to - from)};
    *rest = to;
    return true;
}

/* 1: the pattern matches. 0: not. -1: it does, but a parameter is not decodable. */
static int matches(const char *pattern, lw_str path, char params[LW_MAX_PATH][72]) {
    const char *p = pattern, *p_end = pattern + strlen(pattern), *t = path.ptr, *t_end = path.ptr + path.len;
    lw_str want, got;
    int index = 0, result = 1;
    for (;;) {
        bool more = segment(&p, p_end, &want), also = segment(&t, t_end, &got);
        if (!more || !also) {
            return !more && !also ? result : 0;
        }
        if (want.len > 1 && want.ptr[0] == '{') {
            if (got.len == 0 || index >= LW_MAX_PATH) {
                return 0;
            }
            /* An encoded slash is not a name here, and could be one elsewhere. */
            result = lw__percent_decode(got, false, params[index], 72) && strpbrk(params[index], "/\\") == NULL ? result
                                                                                                                : -1;
            index++;
        } else if (!lw__str_eq(want, got)) {
            return 0;
        }
    }
}

int32_t lw__route_find(const char *method, lw_str path, const lw_route **route, char params[LW_MAX_PATH][72],
                       char allow[64]) {
    bool head = strcmp(method, "HEAD") == 0;
    allow[0] = '\0';
    for (uint32_t i = 0; i < lw_route_count; i++) {
        char tried[LW_MAX_PATH][72] = {{0}};
        int match = matches(lw_routes[i].path, path, tried);
        if (match == 0) {
            continue;
        }
        if (match < 0) {
            return LW_ERR_VALUE;
        }
        if (strcmp(lw_routes[i].method, method) == 0 || (head && lw_routes[i].shape == LW_READ)) {
            memcpy(params, tried, sizeof tried);
            *route = &lw_routes[i];
            return LW_OK;
        }
        size_t used = strlen(allow);
        snprintf(allow + used, 64 - used, "%s%s%s", used > 0 ? ", " : "", lw_routes[i].method,
                 lw_routes[i].shape == LW_READ ? ", HEAD" : "");
    }
    return allow[0] != '\0' ? LW_ERR_METHOD : LW_ERR_NOT_FOUND;
}

int lw__route_patient(const lw_route *route) {
    int index = 0;
    for (const char *p = strchr(route->path, '{'); p != NULL; p = strchr(p + 1, '{'), index++) {
        if (strncmp(p, "{patient}", 9) == 0) {
            return index;
        }
    }
    return -1;
}
