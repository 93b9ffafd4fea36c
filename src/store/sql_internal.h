/* sql_internal.h: what sql.c, the two drivers and store.c share. */
#ifndef LW_SQL_INTERNAL_H
#define LW_SQL_INTERNAL_H

#include "store/sql.h"

enum { LW__SQL_MAX_PARAMS = 31, LW__SQL_MAX_COLUMNS = 64, LW__SQL_SLOTS = 1024 /* statements of one connection */ };

/* What a driver does; each as its lw_sql_… in sql.h. */
typedef struct lw__sql_driver {
    bool postgres;
    void (*close)(lw_sql *sql);
    int32_t (*run)(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count, lw_sql_row row,
                   void *ctx);
    int32_t (*queue)(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count);
    int32_t (*flush)(lw_sql *sql);
    int32_t (*script)(lw_sql *sql, const char *text);
    int32_t (*begin)(lw_sql *sql, bool write);
    int32_t (*commit)(lw_sql *sql);
    void (*rollback)(lw_sql *sql);
    int32_t (*savepoint)(lw_sql *sql);
    int32_t (*release)(lw_sql *sql);
    int32_t (*rollback_to)(lw_sql *sql);
    bool (*usable)(const lw_sql *sql);
} lw__sql_driver;

/* First member of each driver's connection. */
struct lw_sql {
    const lw__sql_driver *driver;
    int64_t changed;
    char why[300];
};

int32_t lw__sqlite_open(const char *where, uint32_t flags, lw_sql **out, char *why, size_t cap);
int32_t lw__postgres_open(const char *where, uint32_t flags, lw_sql **out, char *why, size_t cap);

/* False once the connection is lost and must be opened anew. */
bool lw__sql_usable(const lw_sql *sql);

/* The sqlite3 handle, for the online backup and for PRAGMAs of tests and doctor; NULL for PostgreSQL. */
struct sqlite3 *lw__sqlite_handle(lw_sql *sql);

/* Where the statement text is, or may be put, in a table of LW__SQL_SLOTS addresses; LW__SQL_SLOTS when it is full. */
uint32_t lw__sql_slot(const char *const *texts, const char *text);

/* Copies a sentence, cut at cap, into out (nullable). */
void lw__sql_say(char *out, size_t cap, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* True for "postgres://…" and "postgresql://…". */
bool lw__sql_is_url(const char *where);

#endif
