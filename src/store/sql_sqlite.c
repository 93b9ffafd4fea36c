/*
 * sql_sqlite.c: the SQLite driver of sql.h.
 *
 * Durable by WAL with synchronous=FULL: a commit returns after the log is on the disk. Checkpoints are SQLite's passive ones, never
 * TRUNCATE while others work, so that the grown WAL is written over and its size never changes in steady state.
 * Connections are made without a mutex: sql.h gives each to one thread at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/scratch.h"
#include "store/sql_internal.h"

enum { BUSY_MS = 10000, PATH_MOST = 4096 };

typedef struct sqlite_conn {
    lw_sql base;
    sqlite3 *db;
    const char *texts[LW__SQL_SLOTS];
    sqlite3_stmt *statements[LW__SQL_SLOTS];
} sqlite_conn;

static int32_t failed(sqlite_conn *c, int code) {
    int os = errno; /* SQLite keeps the cause of a failed opening, and forgets that of a failed write */
    lw__sql_say(c->base.why, sizeof c->base.why, "%s", sqlite3_errmsg(c->db));
    os = os != 0 ? os : sqlite3_system_errno(c->db);
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        return LW_ERR_EXISTS;
    case SQLITE_FULL:
        return LW_ERR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return LW_ERR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return LW_ERR_CORRUPT;
    case SQLITE_NOMEM:
        return LW_ERR_NO_MEMORY;
    case SQLITE_TOOBIG:
        return LW_ERR_LIMIT;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        /* A quota or a file size limit is a full disk to whoever waits for the answer. */
        return os == ENOSPC || os == EDQUOT || os == EFBIG ? LW_ERR_FULL : LW_ERR_IO;
    default:
        return LW_ERR_IO;
    }
}

static int32_t prepare(sqlite_conn *c, const char *text, bool keep, sqlite3_stmt **out) {
    errno = 0;
    unsigned flags = keep ? SQLITE_PREPARE_PERSISTENT : 0;
    int code = sqlite3_prepare_v3(c->db, text, -1, flags, out, NULL);
    return code == SQLITE_OK ? LW_OK : failed(c, code);
}

/* The statement of a text, ready to be bound; *own: not from the cache, finalize it. */
static int32_t statement(sqlite_conn *c, const char *text, sqlite3_stmt **out, bool *own) {
    uint32_t at = lw__sql_slot(c->texts, text);
    *own = at == LW__SQL_SLOTS || (c->texts[at] == text && sqlite3_stmt_busy(c->statements[at]));
    if (*own) {
        return prepare(c, text, false, out);
    }
    if (c->texts[at] == NULL) {
        int32_t err = prepare(c, text, true, &c->statements[at]);
        if (err != LW_OK) {
            return err;
        }
        c->texts[at] = text;
    }
    *out = c->statements[at];
    return LW_OK;
}

static int bind(sqlite3_stmt *st, const lw_sql_value *params, uint32_t count) {
    int code = SQLITE_OK;
    for (uint32_t i = 0; i < count && code == SQLITE_OK; i++) {
        const lw_sql_value *p = &params[i];
        const char *bytes = p->bytes.ptr != NULL ? p->bytes.ptr : "";
        int at = (int)i + 1;
        switch (p->type) {
        case LW_SQL_NULL:
            code = sqlite3_bind_null(st, at);
            break;
        case LW_SQL_INT:
            code = sqlite3_bind_int64(st, at, p->number);
            break;
        case LW_SQL_TEXT:
            code = sqlite3_bind_text64(st, at, bytes, p->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case LW_SQL_BLOB:
            code = sqlite3_bind_blob64(st, at, bytes, p->bytes.len, SQLITE_STATIC);
            break;
        }
    }
    return code;
}

static void read_row(sqlite3_stmt *st, lw_sql_value *columns, int count) {
    for (int i = 0; i < count; i++) {
        lw_sql_value *v = &columns[i];
        *v = (lw_sql_value){.type = LW_SQL_NULL};
        switch (sqlite3_column_type(st, i)) {
        case SQLITE_INTEGER:
            *v = lw_sql_int(sqlite3_column_int64(st, i));
            break;
        case SQLITE_BLOB:
            v->type = LW_SQL_BLOB;
            v->bytes.ptr = sqlite3_column_blob(st, i);
            v->bytes.len = (uint32_t)sqlite3_column_bytes(st, i);
            break;
        case SQLITE_NULL:
            break;
        default:
            v->type = LW_SQL_TEXT;
            v->bytes.ptr = (const char *)sqlite3_column_text(st, i);
            v->bytes.len = (uint32_t)sqlite3_column_bytes(st, i);
            break;
        }
    }
}

static int32_t sqlite_run(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count, lw_sql_row row,
                          void *ctx) {
    sqlite_conn *c = (sqlite_conn *)sql;
    sqlite3_stmt *st = NULL;
    bool own = false;
    int32_t err = statement(c, text, &st, &own);
    if (err != LW_OK) {
        return err;
    }
    int code = bind(st, params, count);
    if (code != SQLITE_OK) {
        err = failed(c, code);
    }
    lw_sql_value columns[LW__SQL_MAX_COLUMNS];
    int width = sqlite3_column_count(st);
    width = width > LW__SQL_MAX_COLUMNS ? LW__SQL_MAX_COLUMNS : width;
    errno = 0;
    while (err == LW_OK && (code = sqlite3_step(st)) == SQLITE_ROW) {
        if (row != NULL) {
            read_row(st, columns, width);
            err = row(ctx, columns, (uint32_t)width);
        }
    }
    if (err == LW_OK && code != SQLITE_DONE) {
        err = failed(c, code);
    }
    if (err == LW_OK) {
        sql->changed = sqlite3_changes64(c->db);
    }
    if (own) {
        sqlite3_finalize(st);
    } else {
        sqlite3_reset(st);
        sqlite3_clear_bindings(st);
    }
    return err;
}

static int32_t sqlite_queue(lw_sql *sql, const char *text, const lw_sql_value *params, uint32_t count) {
    return sqlite_run(sql, text, params, count, NULL, NULL);
}

static int32_t sqlite_flush(lw_sql *sql) {
    (void)sql;
    return LW_OK;
}

static int32_t sqlite_script(lw_sql *sql, const char *text) {
    sqlite_conn *c = (sqlite_conn *)sql;
    errno = 0;
    int code = sqlite3_exec(c->db, text, NULL, NULL, NULL);
    return code == SQLITE_OK ? LW_OK : failed(c, code);
}

static int32_t simple(lw_sql *sql, const char *text) {
    return sqlite_run(sql, text, NULL, 0, NULL, NULL);
}

static int32_t sqlite_begin(lw_sql *sql, bool write) {
    if (write) {
        return simple(sql, "BEGIN IMMEDIATE");
    }
    int32_t err = simple(sql, "BEGIN");
    if (err == LW_OK) {
        /* A deferred transaction takes its snapshot with its first read. */
        err = simple(sql, "SELECT 1 FROM sqlite_schema LIMIT 1");
        if (err != LW_OK) {
            (void)simple(sql, "ROLLBACK");
        }
    }
    return err;
}

static int32_t sqlite_commit(lw_sql *sql) {
    return simple(sql, "COMMIT");
}

static void sqlite_rollback(lw_sql *sql) {
    sqlite_conn *c = (sqlite_conn *)sql;
    /* A full disk may have rolled back already. */
    if (!sqlite3_get_autocommit(c->db)) {
        (void)simple(sql, "ROLLBACK");
    }
}

static int32_t sqlite_savepoint(lw_sql *sql) {
    return simple(sql, "SAVEPOINT job");
}

static int32_t sqlite_release(lw_sql *sql) {
    return simple(sql, "RELEASE job");
}

static int32_t sqlite_rollback_to(lw_sql *sql) {
    int32_t err = simple(sql, "ROLLBACK TO job");
    return err != LW_OK ? err : simple(sql, "RELEASE job");
}

static bool sqlite_usable(const lw_sql *sql) {
    (void)sql;
    return true;
}

static void sqlite_close_conn(lw_sql *sql) {
    sqlite_conn *c = (sqlite_conn *)sql;
    for (uint32_t i = 0; i < LW__SQL_SLOTS; i++) {
        sqlite3_finalize(c->statements[i]);
    }
    sqlite3_close(c->db);
    free(c);
}

static const lw__sql_driver driver = {
    .close = sqlite_close_conn,
    .run = sqlite_run,
    .queue = sqlite_queue,
    .flush = sqlite_flush,
    .script = sqlite_script,
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .savepoint = sqlite_savepoint,
    .release = sqlite_release,
    .rollback_to = sqlite_rollback_to,
    .usable = sqlite_usable,
};

struct sqlite3 *lw__sqlite_handle(lw_sql *sql) {
    return sql->driver == &driver ? ((sqlite_conn *)sql)->db : NULL;
}

/* Makes the file for its owner alone; its name is on the disk before anything is promised to be in it. */
static int32_t make_file(const char *path, char *why, size_t cap) {
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        if (errno == EEXIST) {
            return LW_OK;
        }
        lw__sql_say(why, cap, "%s: %s", path, strerror(errno));
        return LW_ERR_IO;
    }
    close(file);
    char copy[PATH_MOST];
    snprintf(copy, sizeof copy, "%s", path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        (void)fsync(folder);
        close(folder);
    }
    return LW_OK;
}

/* SQLite opens what it may not write to for reading, without a word; so this is looked at first. */
static int32_t may_write(const char *path, char *why, size_t cap) {
    char copy[PATH_MOST];
    snprintf(copy, sizeof copy, "%s", path);
    const char *folder = dirname(copy);
    if (access(path, W_OK) != 0) {
        lw__sql_say(why, cap, "%s: the file cannot be written to: %s.", path, strerror(errno));
        return LW_ERR_IO;
    }
    if (access(folder, W_OK | X_OK) != 0) {
        lw__sql_say(why, cap, "%s: the store's folder cannot be written to, and its log is kept there: %s.", folder,
                    strerror(errno));
        return LW_ERR_IO;
    }
    return LW_OK;
}

/* Why a file could not be opened. Even a reader makes the log's memory beside it. */
static void say_why(const sqlite_conn *c, const char *path, bool read_only, char *why, size_t cap) {
    char copy[PATH_MOST];
    snprintf(copy, sizeof copy, "%s", path);
    int code = sqlite3_errcode(c->db) & 0xff;
    if (read_only && (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) && access(dirname(copy), W_OK | X_OK) != 0) {
        lw__sql_say(
            why, cap,
            "%s: its folder cannot be written to, and a store needs that even to be read. Copy the file, and the "
            "one with -wal at its end, to another folder.",
            path);
    } else {
        lw__sql_say(why, cap, "%s: %s", path, c->base.why);
    }
}

static int32_t settings(sqlite_conn *c, bool read_only, bool scratch) {
    sqlite3_busy_timeout(c->db, BUSY_MS);
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    int32_t err = sqlite_script(&c->base, "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8192;"
                                          "PRAGMA cell_size_check=ON");
    if (err == LW_OK && scratch) {
        err = sqlite_script(&c->base, "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF");
    } else if (err == LW_OK && !read_only) {
        err = sqlite_script(&c->base, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
    }
    return err;
}

int32_t lw__sqlite_open(const char *where, uint32_t flags, lw_sql **out, char *why, size_t cap) {
    bool read_only = (flags & LW_SQL_READ_ONLY) != 0, scratch = (flags & LW_SQL_SCRATCH) != 0;
    if (where[0] == '\0' || strlen(where) >= PATH_MOST) {
        lw__sql_say(why, cap, "not a path: \"%.60s\"", where);
        return LW_ERR_VALUE;
    }
    if (read_only && access(where, F_OK) != 0) {
        lw__sql_say(why, cap, "%s: %s", where, strerror(errno));
        return LW_ERR_NOT_FOUND;
    }
    int32_t err = read_only || scratch ? LW_OK : make_file(where, why, cap);
    err = err == LW_OK && !scratch && !read_only ? may_write(where, why, cap) : err;
    if (err != LW_OK) {
        return err;
    }
    const char *vfs = scratch ? lw__scratch_vfs() : NULL;
    sqlite_conn *c = !scratch || vfs != NULL ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    c->base.driver = &driver;
    int mode = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int code = sqlite3_open_v2(where, &c->db, mode | SQLITE_OPEN_NOMUTEX, vfs);
    err = code != SQLITE_OK ? failed(c, code) : settings(c, read_only, scratch);
    if (err != LW_OK) {
        say_why(c, where, read_only, why, cap);
        sqlite_close_conn(&c->base);
        return err;
    }
    *out = &c->base;
    return LW_OK;
}
