/*
 * buffer.h: growing memory for the outer layers (store, server). The engine has none of this.
 *
 * lw_buf is one growing run of bytes with a hard maximum: what would pass it, or what the heap refuses, sets `failed`, and
 * every later add does nothing, so that callers check once at the end. lw_pool is many small blocks freed together.
 */
#ifndef LW_STORE_BUFFER_H
#define LW_STORE_BUFFER_H

#include <stdarg.h>

#include "loadwave/base.h"

typedef struct lw_buf {
    char *ptr; /* owned; NULL while empty; a NUL follows the last byte */
    size_t len, cap;
    size_t max; /* 0: 256 MiB */
    bool failed;
} lw_buf;

void lw_buf_add(lw_buf *buf, const void *bytes, size_t len);
void lw_buf_str(lw_buf *buf, const char *text);
void lw_buf_slice(lw_buf *buf, lw_str text);
void lw_buf_int(lw_buf *buf, int64_t value);
void lw_buf_fmt(lw_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void lw_buf_json(lw_buf *buf, lw_str text);
/* The bytes as a slice; empty when nothing was added. Good until the next add. */
lw_str lw_buf_view(const lw_buf *buf);
void lw_buf_clear(lw_buf *buf); /* empties, keeps the memory, forgets failed */
void lw_buf_free(lw_buf *buf);

typedef struct lw_pool {
    struct lw_pool_block *blocks; /* owned; NULL while empty */
    bool failed;                  /* something was refused: whoever took a NULL for "not there" was wrong */
} lw_pool;

/* size zeroed bytes, aligned for anything; NULL (and failed) when the heap refuses. Good until lw_pool_free. */
void *lw_pool_take(lw_pool *pool, size_t size);
/* A NUL-terminated copy; NULL when the heap refuses. */
char *lw_pool_text(lw_pool *pool, lw_str text);
void lw_pool_free(lw_pool *pool);

#endif
