/* sql.c: which driver, and what holds for both. See sql.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/sql_internal.h"

void lw__sql_say(char *out, size_t cap, const char *format, ...) {
    if (out == NULL || cap == 0) {
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(out, cap, format, args);
    va_end(args);
}

bool lw__sql_is_url(const char *where) {
    return strncmp(where, "postgres://", 11) == 0 || strncmp(where, "postgresql://", 13) == 0;
}

uint32_t lw__sql_slot(const char *const *texts, const char *text) {
    uint32_t at = (uint32_t)(((uintptr_t)text * UINT64_C(0x9e3779b97f4a7c15)) >> 54) % LW__SQL_SLOTS;
    for (uint32_t i = 0; i < LW__SQL_SLOTS; i++, at = (at + 1) % LW__SQL_SLOTS) {
        if (texts[at] == NULL || texts[at] == text) {
            return at;
        }
    }
    return LW__SQL_SLOTS;
}

int32_t lw_sql_open(const char *where, uint32_t flags, lw_sql **out, char *why, size_t cap) {
    return lw__sql_is_url(where) ? lw__postgres_open(where, flags, out, why, cap)
                                 : lw__sqlite_open(where, flags, out, why, cap);
}

void lw_sql_close(lw_sql *sql) {
    if (sql != NULL) {
        sql->driver->close(sql);
    }
}

/* Text with a NUL would be cut by one database and refused by the other. */
static bool sound(lw_sql *sql, const lw_sql_value *params, uint32_t count) {
    if (count > LW__SQL_MAX_PARAMS) {
        lw__sql_say(sql->why, sizeof sql->why, "more than %d parameters", LW__SQL_MAX_PARAMS);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        const lw_sql_value *p = &params[i];
        if (p->type == LW_SQL_TEXT && p->bytes.len > 0 && memchr(p->bytes.ptr, 0, p->bytes.len) != NULL) {
            lw__sql_say(sql->why, sizeof sql->why, "parameter %u: text with a NUL", i + 1);
            return false;
        }
    }
    return true;
}

int32_t lw_sql_run(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count, lw_sql_row row,
                   void *ctx) {
    return sound(sql, params, count) ? sql->driver->run(sql, text, params, count, row, ctx) : LW_ERR_VALUE;
}

int64_t lw_sql_changed(const lw_sql *sql) {
    return sql->changed;
}

int32_t lw_sql_queue(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count) {
    return sound(sql, params, count) ? sql->driver->queue(sql, text, params, count) : LW_ERR_VALUE;
}

int32_t lw_sql_flush(lw_sql *sql) {
    return sql->driver->flush(sql);
}

int32_t lw_sql_script(lw_sql *sql, const char *text) {
    return sql->driver->script(sql, text);
}

int32_t lw_sql_begin(lw_sql *sql, bool write) {
    return sql->driver->begin(sql, write);
}

int32_t lw_sql_commit(lw_sql *sql) {
    return sql->driver->commit(sql);
}

void lw_sql_rollback(lw_sql *sql) {
    sql->driver->rollback(sql);
}

int32_t lw_sql_savepoint(lw_sql *sql) {
    return sql->driver->savepoint(sql);
}

int32_t lw_sql_release(lw_sql *sql) {
    return sql->driver->release(sql);
}

int32_t lw_sql_rollback_to(lw_sql *sql) {
    return sql->driver->rollback_to(sql);
}

bool lw_sql_is_postgres(const lw_sql *sql) {
    return sql->driver->postgres;
}

const char *lw_sql_why(const lw_sql *sql) {
    return sql->why;
}

bool lw__sql_usable(const lw_sql *sql) {
    return sql->driver->usable(sql);
}

typedef struct one_int {
    int64_t value;
    bool found;
} one_int;

static int32_t take_int(void *ctx, const lw_sql_value *columns, uint32_t count) {
    one_int *one = ctx;
    if (!one->found && count > 0) {
        one->value = columns[0].number;
        one->found = true;
    }
    return LW_OK;
}

int32_t lw_sql_one_int(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count, int64_t *out) {
    one_int one = {0};
    int32_t err = lw_sql_run(sql, text, params, count, take_int, &one);
    if (err != LW_OK) {
        return err;
    }
    if (!one.found) {
        return LW_ERR_NOT_FOUND;
    }
    *out = one.value;
    return LW_OK;
}
