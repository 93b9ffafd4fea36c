/*
 * rows.h: from columns to C and to JSON; shared by the files of this room.
 */
#ifndef LW_STORE_ROWS_H
#define LW_STORE_ROWS_H

#include <string.h>

#include "base/base_internal.h"
#include "store/buffer.h"
#include "store/sql.h"

/* Text as a C string; what does not fit is cut. */
static inline void lw__cut(lw_str text, char *out, size_t cap) {
    size_t len = text.len < cap ? text.len : cap - 1;
    if (len > 0) {
        memcpy(out, text.ptr, len);
    }
    out[len] = '\0';
}

static inline void lw__col_text(const lw_sql_value *column, char *out, size_t cap) {
    size_t len = column->type == LW_SQL_TEXT && column->bytes.len < cap ? column->bytes.len : 0;
    if (len > 0) {
        memcpy(out, column->bytes.ptr, len);
    }
    out[len] = 0;
}

static inline uint32_t lw__col_bytes(const lw_sql_value *column, uint8_t *out, size_t cap) {
    uint32_t len = column->type == LW_SQL_BLOB && column->bytes.len <= cap ? column->bytes.len : 0;
    if (len > 0) {
        memcpy(out, column->bytes.ptr, len);
    }
    return len;
}

static inline void lw__hex(char *out, const uint8_t *bytes, uint32_t count) {
    lw__writer w = lw__writer_over(out, (size_t)count * 2 + 1);
    lw__put_hex(&w, bytes, count);
    lw__put_end(&w);
}

static inline void lw__json_col_text(lw_buf *out, const lw_sql_value *column) {
    if (column->type == LW_SQL_NULL) {
        lw_buf_str(out, "null");
    } else {
        lw_buf_json(out, column->bytes);
    }
}

static inline void lw__json_col_int(lw_buf *out, const lw_sql_value *column) {
    if (column->type == LW_SQL_NULL) {
        lw_buf_str(out, "null");
    } else {
        lw_buf_int(out, column->number);
    }
}

/* A comma before all but the first row of a list that begins with '['. */
static inline void lw__comma(lw_buf *out) {
    if (out->len > 0 && out->ptr[out->len - 1] != '[') {
        lw_buf_str(out, ",");
    }
}

static inline int32_t lw__list_end(lw_buf *out, int32_t err) {
    lw_buf_str(out, "]");
    return err != LW_OK ? err : out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

#endif
