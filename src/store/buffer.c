/* buffer.c: see buffer.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "store/buffer.h"

enum { BLOCK = 16 * 1024 };
static const size_t LARGEST = (size_t)256 * 1024 * 1024;

/* Room for len more bytes and a NUL; false (and failed) when there is none. */
static bool room(lw_buf *buf, size_t len) {
    size_t max = buf->max > 0 ? buf->max : LARGEST;
    if (buf->failed || len > max || buf->len > max - len) {
        buf->failed = true;
        return false;
    }
    if (buf->len + len + 1 <= buf->cap) {
        return true;
    }
    size_t cap = buf->cap < 256 ? 256 : buf->cap;
    while (cap < buf->len + len + 1) {
        cap *= 2;
    }
    char *grown = realloc(buf->ptr, cap);
    if (grown == NULL) {
        buf->failed = true;
        return false;
    }
    buf->ptr = grown;
    buf->cap = cap;
    return true;
}

void lw_buf_add(lw_buf *buf, const void *bytes, size_t len) {
    if (!room(buf, len)) {
        return;
    }
    if (len > 0) {
        memcpy(buf->ptr + buf->len, bytes, len);
    }
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void lw_buf_str(lw_buf *buf, const char *text) {
    lw_buf_add(buf, text, strlen(text));
}

void lw_buf_slice(lw_buf *buf, lw_str text) {
    lw_buf_add(buf, text.ptr, text.len);
}

void lw_buf_int(lw_buf *buf, int64_t value) {
    char digits[24];
    lw__writer w = lw__writer_over(digits, sizeof digits);
    lw__put_int(&w, value);
    lw_buf_add(buf, digits, w.len);
}

void lw_buf_fmt(lw_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    /* Once into what is free already; a second time only when that was too little. */
    size_t free_room = buf->failed ? 0 : buf->cap - buf->len;
    int len = vsnprintf(free_room > 0 ? buf->ptr + buf->len : NULL, free_room, format, args);
    va_end(args);
    bool fits = len >= 0 && (size_t)len < free_room;
    if (len >= 0 && room(buf, (size_t)len)) {
        if (!fits) {
            vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        }
        buf->len += (size_t)len;
    } else {
        buf->failed = true;
        if (free_room > 0) {
            buf->ptr[buf->len] = '\0';
        }
    }
    va_end(again);
}

/* Bytes of a JSON string that stand for themselves and are ASCII. */
static bool plain(uint8_t c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

void lw_buf_json(lw_buf *buf, lw_str text) {
    static const char hex[] = "0123456789abcdef";
    lw_buf_add(buf, "\"", 1);
    for (uint32_t i = 0; i < text.len;) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (plain(c)) {
            uint32_t from = i;
            while (i < text.len && plain((uint8_t)text.ptr[i])) {
                i++;
            }
            lw_buf_add(buf, text.ptr + from, i - from);
        } else if (c == '"' || c == '\\') {
            char pair[2] = {'\\', (char)c};
            lw_buf_add(buf, pair, 2);
            i++;
        } else if (c < 0x20) {
            char code[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
            lw_buf_add(buf, code, 6);
            i++;
        } else {
            uint32_t len = lw__utf8_length(text.ptr + i, text.len - i);
            lw_buf_add(buf, len > 0 ? text.ptr + i : "\xef\xbf\xbd", len > 0 ? len : 3);
            i += len > 0 ? len : 1;
        }
    }
    lw_buf_add(buf, "\"", 1);
}

lw_str lw_buf_view(const lw_buf *buf) {
    return (lw_str){buf->ptr, (uint32_t)buf->len};
}

void lw_buf_clear(lw_buf *buf) {
    buf->len = 0;
    buf->failed = false;
}

void lw_buf_free(lw_buf *buf) {
    free(buf->ptr);
    *buf = (lw_buf){.max = buf->max};
}

struct lw_pool_block {
    struct lw_pool_block *before;
    size_t used, cap;
    max_align_t bytes[];
};

void *lw_pool_take(lw_pool *pool, size_t size) {
    size_t grain = sizeof(max_align_t);
    if (size > LARGEST) {
        pool->failed = true;
        return NULL;
    }
    size = (size + grain) / grain * grain;
    if (pool->blocks == NULL || pool->blocks->cap - pool->blocks->used < size) {
        size_t cap = size > BLOCK ? size : BLOCK;
        struct lw_pool_block *fresh = calloc(1, sizeof *fresh + cap);
        if (fresh == NULL) {
            pool->failed = true;
            return NULL;
        }
        fresh->before = pool->blocks;
        fresh->cap = cap;
        pool->blocks = fresh;
    }
    void *memory = (char *)pool->blocks->bytes + pool->blocks->used;
    pool->blocks->used += size;
    return memory;
}

char *lw_pool_text(lw_pool *pool, lw_str text) {
    char *copy = lw_pool_take(pool, (size_t)text.len + 1);
    if (copy != NULL && text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    return copy;
}

void lw_pool_free(lw_pool *pool) {
    while (pool->blocks != NULL) {
        struct lw_pool_block *before = pool->blocks->before;
        free(pool->blocks);
        pool->blocks = before;
    }
    pool->failed = false;
}
