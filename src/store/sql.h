/*
 * sql.h: the database seam. Two drivers stand behind it, SQLite (sql_sqlite.c) and PostgreSQL (sql_postgres.c); everything
 * above speaks one SQL that both understand, with ?1 ?2 … as parameters.
 *
 * Portable statements: INTEGER columns are 64 bits, times are seconds since 1970, truth is 0 or 1, ids are lower-case
 * text, hashes and secrets are BLOB. ON CONFLICT … DO NOTHING/UPDATE and RETURNING are in both. No AUTOINCREMENT, no
 * database time, no LIKE on what people typed (use the _fold columns), lists end with ORDER BY and LIMIT.
 *
 * In PostgreSQL a statement that fails spoils its transaction until the savepoint is rolled back: a job ends on an error, and
 * uses ON CONFLICT where it wants to go on. A parameter that may be NULL where no column gives its type needs CAST(?1 AS …).
 * SUM gives a whole number in both; a floating-point column comes as TEXT ("2.5", "4.0").
 *
 * A connection belongs to one thread at a time. Statements are prepared once per connection and found again by the
 * address of their text, so the text must be static (a literal).
 */
#ifndef LW_STORE_SQL_H
#define LW_STORE_SQL_H

#include "loadwave/base.h"

typedef struct lw_sql lw_sql;

typedef enum lw_sql_type { LW_SQL_NULL, LW_SQL_INT, LW_SQL_TEXT, LW_SQL_BLOB } lw_sql_type;

/* A parameter or a column. Column slices are good until the row function returns. */
typedef struct lw_sql_value {
    lw_sql_type type;
    int64_t number;
    lw_str bytes; /* TEXT and BLOB */
} lw_sql_value;

static inline lw_sql_value lw_sql_null(void) {
    return (lw_sql_value){.type = LW_SQL_NULL};
}
static inline lw_sql_value lw_sql_int(int64_t number) {
    return (lw_sql_value){.type = LW_SQL_INT, .number = number};
}
static inline lw_sql_value lw_sql_text(lw_str text) {
    return (lw_sql_value){.type = LW_SQL_TEXT, .bytes = text};
}
static inline lw_sql_value lw_sql_blob(const void *bytes, size_t len) {
    return (lw_sql_value){.type = LW_SQL_BLOB, .bytes = {(const char *)bytes, (uint32_t)len}};
}

/* One row; columns in the order of the statement. Anything but LW_OK ends the reading and is returned. */
typedef int32_t (*lw_sql_row)(void *ctx, const lw_sql_value *columns, uint32_t count);

enum {
    LW_SQL_READ_ONLY = 1,
    LW_SQL_SCRATCH = 2 /* where is a scratch's (scratch.h): private, not durable by itself */
};

/*
 * Opens `where`: "postgres://…" or "postgresql://…", anything else is the path of a SQLite file (made when missing, mode
 * 0600, unless READ_ONLY: LW_ERR_NOT_FOUND when it is missing). why (nullable, cap bytes) receives a sentence when it fails.
 */
LW_MUST_CHECK int32_t lw_sql_open(const char *where, uint32_t flags, lw_sql **out, char *why, size_t cap);
void lw_sql_close(lw_sql *sql);

/*
 * Runs one statement to its end. row may be NULL. Errors: LW_ERR_EXISTS (a unique key or check refused it), LW_ERR_FULL,
 * LW_ERR_BUSY (worth another try), LW_ERR_CORRUPT, LW_ERR_IO; lw_sql_why then has the database's own words (never shown to
 * a user, never logged with parameters).
 */
LW_MUST_CHECK int32_t lw_sql_run(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count,
                                 lw_sql_row row, void *ctx);
/* Rows that the last lw_sql_run of an INSERT, UPDATE or DELETE changed. */
int64_t lw_sql_changed(const lw_sql *sql);
/*
 * Like lw_sql_run for a write whose result is not needed now: SQLite runs it at once, PostgreSQL sends it down the pipeline
 * without waiting. An error shows at the latest in lw_sql_flush, and lw_sql_commit flushes by itself.
 */
LW_MUST_CHECK int32_t lw_sql_queue(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count);
LW_MUST_CHECK int32_t lw_sql_flush(lw_sql *sql);
/* Many statements without parameters (schema). */
LW_MUST_CHECK int32_t lw_sql_script(lw_sql *sql, const char *text);

LW_MUST_CHECK int32_t lw_sql_begin(lw_sql *sql, bool write); /* write: BEGIN IMMEDIATE; else one snapshot for reading */
LW_MUST_CHECK int32_t lw_sql_commit(lw_sql *sql);            /* LW_OK means it is on the disk */
void lw_sql_rollback(lw_sql *sql);
/* One job's part of a group: after rollback_to the part is undone and the group goes on. */
LW_MUST_CHECK int32_t lw_sql_savepoint(lw_sql *sql);
LW_MUST_CHECK int32_t lw_sql_release(lw_sql *sql);
LW_MUST_CHECK int32_t lw_sql_rollback_to(lw_sql *sql);

bool lw_sql_is_postgres(const lw_sql *sql);
const char *lw_sql_why(const lw_sql *sql);

/* Convenience over lw_sql_run: the first column of the first row. LW_ERR_NOT_FOUND when there is no row. */
LW_MUST_CHECK int32_t lw_sql_one_int(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count,
                                     int64_t *out);

#endif
