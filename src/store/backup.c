/*
 * backup.c: a whole store to one SQLite file, and back to either database. See store.h.
 *
 * A backup is one moment: of SQLite by the online backup within one read transaction, of PostgreSQL by a read-only
 * snapshot copied table by table. It is written to a file without a name, sealed with the key when there is one, and gets its name
 * when it is complete and on the disk; so does a restored store. Nothing that is plain ever has a name before that.
 */
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/scratch.h"
#include "store/seal.h"
#include "store/sql_internal.h"
#include "store/store_internal.h"

enum { STEP_PAGES = 2048, FETCH_ROWS = 2000, TABLES_MOST = 40 };

static void tell(lw_check *watch, const char *what, uint64_t done, uint64_t all) {
    if (watch != NULL && watch->progress != NULL) {
        watch->progress(watch->ctx, what, done, all);
    }
}

/* ---- table by table ---- */

/* The statements of one table. Texts live in a pool, as a connection knows a statement by its address. */
typedef struct table {
    const char *name, *select, *cursor, *fetch, *close, *insert;
    uint32_t columns;
} table;

typedef struct plan {
    lw_pool pool;
    table tables[TABLES_MOST];
    uint32_t count;
    lw_buf columns; /* while a table is being described */
    uint32_t column_count;
    bool failed;
} plan;

static int32_t name_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    plan *p = ctx;
    if (p->count == TABLES_MOST) {
        return LW_ERR_LIMIT;
    }
    p->tables[p->count].name = lw_pool_text(&p->pool, columns[0].bytes);
    return p->tables[p->count++].name != NULL ? LW_OK : LW_ERR_NO_MEMORY;
}

static int32_t column_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    plan *p = ctx;
    lw_buf_str(&p->columns, p->column_count++ > 0 ? ", " : "");
    lw_buf_slice(&p->columns, columns[0].bytes);
    return p->columns.failed ? LW_ERR_NO_MEMORY : LW_OK;
}

static const char *text_in(plan *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static const char *text_in(plan *p, const char *format, ...) {
    char text[2000];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const char *kept =
        len > 0 && (size_t)len < sizeof text ? lw_pool_text(&p->pool, (lw_str){text, (uint32_t)len}) : NULL;
    p->failed = p->failed || kept == NULL;
    return kept;
}

/* Describes the tables of a SQLite file in the order they were made, which is that of their references. */
static int32_t describe(lw_sql *sqlite, plan *p) {
    int32_t err = lw_sql_run(sqlite,
                             "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' "
                             "ORDER BY rowid",
                             NULL, 0, name_row, p);
    for (uint32_t i = 0; i < p->count && err == LW_OK; i++) {
        table *t = &p->tables[i];
        lw_sql_value name[] = {lw_sql_text(lw__str(t->name))};
        lw_buf_clear(&p->columns);
        p->column_count = 0;
        err = lw_sql_run(sqlite, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", name, 1, column_row, p);
        lw_buf values = {0};
        for (uint32_t k = 0; k < p->column_count; k++) {
            lw_buf_fmt(&values, "%s?%u", k > 0 ? ", " : "", k + 1);
        }
        t->columns = p->column_count;
        if (err == LW_OK && t->columns > 0 && !values.failed) {
            t->select = text_in(p, "SELECT %s FROM %s", p->columns.ptr, t->name);
            t->cursor = text_in(p, "DECLARE c NO SCROLL CURSOR FOR SELECT %s FROM %s", p->columns.ptr, t->name);
            t->fetch = text_in(p, "FETCH %d FROM c", FETCH_ROWS);
            t->close = text_in(p, "CLOSE c");
            t->insert = text_in(p, "INSERT INTO %s (%s) VALUES (%s)", t->name, p->columns.ptr, values.ptr);
        } else {
            p->failed = true;
        }
        lw_buf_free(&values);
    }
    lw_buf_free(&p->columns);
    return err == LW_OK && p->failed ? LW_ERR_NO_MEMORY : err;
}

typedef struct copying {
    lw_sql *to;
    const table *table;
    lw_check *watch;
    uint64_t rows;
    uint32_t fetched;
} copying;

static int32_t copy_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    copying *c = ctx;
    c->fetched++;
    if (++c->rows % 1000 == 0) {
        tell(c->watch, c->table->name, c->rows, 0);
    }
    return lw_sql_queue(c->to, c->table->insert, columns, count);
}

/* Whether a table is there: a PostgreSQL store that no newer program has opened for writing lacks what came later. */
static int32_t has_table(lw_sql *postgres, const char *name, int64_t *there) {
    lw_sql_value by[] = {lw_sql_text(lw__str(name))};
    return lw_sql_one_int(postgres, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = ?1", by,
                          1, there);
}

/* All rows of all tables, within transactions of both that the caller has begun. */
static int32_t copy_tables(lw_sql *from, lw_sql *to, plan *p, lw_check *watch) {
    int32_t err = lw_sql_run(to, "DELETE FROM meta", NULL, 0, NULL, NULL);
    for (uint32_t i = 0; i < p->count && err == LW_OK; i++) {
        copying c = {.to = to, .table = &p->tables[i], .watch = watch};
        int64_t there = 1;
        err = lw_sql_is_postgres(from) ? has_table(from, c.table->name, &there) : LW_OK;
        if (err != LW_OK || there == 0) {
            continue;
        }
        if (!lw_sql_is_postgres(from)) {
            err = lw_sql_run(from, c.table->select, NULL, 0, copy_row, &c);
        } else {
            err = lw_sql_run(from, c.table->cursor, NULL, 0, NULL, NULL);
            do {
                c.fetched = 0;
                err = err == LW_OK ? lw_sql_run(from, c.table->fetch, NULL, 0, copy_row, &c) : err;
            } while (err == LW_OK && c.fetched == FETCH_ROWS);
            err = err == LW_OK ? lw_sql_run(from, c.table->close, NULL, 0, NULL, NULL) : err;
        }
    }
    return err == LW_OK ? lw_sql_flush(to) : err;
}

/* ---- comparing ---- */

/* The rows of one table in any order: the exclusive or of their hashes (no row is there twice: each has a key). */
typedef struct digest {
    uint8_t sum[32];
    uint32_t fetched;
} digest;

static int32_t digest_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    digest *d = ctx;
    d->fetched++;
    uint8_t hash[32];
    lw__sha256 sha;
    lw__sha256_init(&sha);
    for (uint32_t i = 0; i < count; i++) {
        char head[40];
        int len = snprintf(head, sizeof head, "%d:%lld:%u:", (int)columns[i].type,
                           columns[i].type == LW_SQL_INT ? (long long)columns[i].number : 0, columns[i].bytes.len);
        lw__sha256_update(&sha, head, (size_t)len);
        lw__sha256_update(&sha, columns[i].bytes.len > 0 ? columns[i].bytes.ptr : "", columns[i].bytes.len);
    }
    lw__sha256_final(&sha, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        d->sum[i] ^= hash[i];
    }
    return LW_OK;
}

static int32_t digest_table(lw_sql *sql, const table *t, digest *d) {
    *d = (digest){.fetched = 0};
    if (!lw_sql_is_postgres(sql)) {
        return lw_sql_run(sql, t->select, NULL, 0, digest_row, d);
    }
    int32_t err = lw_sql_run(sql, t->cursor, NULL, 0, NULL, NULL);
    do {
        d->fetched = 0;
        err = err == LW_OK ? lw_sql_run(sql, t->fetch, NULL, 0, digest_row, d) : err;
    } while (err == LW_OK && d->fetched == FETCH_ROWS);
    return err == LW_OK ? lw_sql_run(sql, t->close, NULL, 0, NULL, NULL) : err;
}

/* Whether both hold the same, byte for byte; both in a transaction. */
static int32_t compare(lw_sql *from, lw_sql *to, const plan *p, char *why, size_t cap) {
    int32_t err = LW_OK;
    for (uint32_t i = 0; i < p->count && err == LW_OK; i++) {
        digest a, b;
        err = digest_table(from, &p->tables[i], &a);
        err = err == LW_OK ? digest_table(to, &p->tables[i], &b) : err;
        if (err == LW_OK && memcmp(a.sum, b.sum, sizeof a.sum) != 0) {
            lw__sql_say(why, cap, "The table %s came out different from the backup. Nothing was restored.",
                        p->tables[i].name);
            return LW_ERR_CORRUPT;
        }
        if (err != LW_OK) {
            lw__sql_say(why, cap, "The copy could not be compared: %s", lw_err_sentence(err));
        }
    }
    return err;
}

/* ---- pages ---- */

/* Copies page by page on a connection of its own: the first page changes on its way (scratch.c). */
static int32_t copy_pages(lw_sql *from, const lw__scratch *to, lw_check *watch, char *why, size_t cap) {
    lw_sql *sql = NULL;
    int32_t err = lw_sql_open(to->where, LW_SQL_SCRATCH, &sql, why, cap);
    if (err != LW_OK) {
        return err;
    }
    sqlite3 *source = lw__sqlite_handle(from), *target = lw__sqlite_handle(sql);
    sqlite3_backup *backup = sqlite3_backup_init(target, "main", source, "main");
    int code = backup != NULL ? SQLITE_OK : sqlite3_errcode(target);
    while (code == SQLITE_OK) {
        code = sqlite3_backup_step(backup, STEP_PAGES);
        int all = sqlite3_backup_pagecount(backup);
        tell(watch, "pages copied", (uint64_t)(all - sqlite3_backup_remaining(backup)), (uint64_t)all);
    }
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) {
        lw__sql_say(why, cap, "The copy could not be written: %s", sqlite3_errmsg(target));
    }
    lw_sql_close(sql);
    return code == SQLITE_DONE                               ? LW_OK
           : code == SQLITE_FULL                             ? LW_ERR_FULL
           : code == SQLITE_BUSY || code == SQLITE_LOCKED    ? LW_ERR_BUSY
           : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? LW_ERR_CORRUPT
                                                             : LW_ERR_IO;
}

/* ---- making ---- */

static int32_t copy_rows(lw_sql *from, const lw__scratch *file, plan *p, lw_check *watch, lw_sql **to, char *why,
                         size_t cap) {
    int32_t err = lw_sql_open(file->where, LW_SQL_SCRATCH, to, why, cap);
    if (err != LW_OK) {
        return err;
    }
    err = lw_sql_begin(*to, true);
    err = err == LW_OK ? lw__schema_write(*to) : err;
    err = err == LW_OK ? describe(*to, p) : err;
    err = err == LW_OK ? copy_tables(from, *to, p, watch) : err;
    err = err == LW_OK ? lw_sql_commit(*to) : err;
    if (err != LW_OK) {
        lw__sql_say(why, cap, "The copy could not be written: %s",
                    (*to)->why[0] != '\0' ? (*to)->why : lw_sql_why(from));
    }
    return err;
}

/* A plan's texts are the names of prepared statements, so it goes after the connections. */
static void end(plan *p, lw_sql *from, lw_sql *to) {
    lw_sql_close(to);
    lw_sql_close(from);
    if (p != NULL) {
        lw_pool_free(&p->pool);
        free(p);
    }
}

/* What is at path when it is done: the copy, or the copy sealed. */
static int32_t place(lw__scratch *copy, const char *path, const lw_backup_key *key, char *why, size_t cap) {
    if (key == NULL) {
        return lw__scratch_settle(copy, path, why, cap);
    }
    lw__scratch sealed;
    int32_t err = lw__scratch_open(path, true, &sealed, why, cap);
    if (err == LW_OK) {
        err = lw__seal(copy->fd, sealed.fd, key);
        if (err != LW_OK) {
            lw__sql_say(why, cap, "%s: %s", path, lw_err_sentence(err));
        } else {
            err = lw__scratch_settle(&sealed, path, why, cap);
        }
        lw__scratch_close(&sealed);
    }
    return err;
}

int32_t lw_backup_make(const char *where, const char *path, const lw_backup_key *key, lw_check *watch, char *why,
                       size_t cap) {
    lw__sql_say(why, cap, "There is not enough memory.");
    struct stat there;
    if (path[0] != '\0' && lstat(path, &there) == 0) {
        lw__sql_say(why, cap, "%s: there is something already; a backup replaces nothing.", path);
        return LW_ERR_EXISTS;
    }
    lw_sql *from = NULL, *to = NULL;
    lw__scratch copy = {.fd = -1};
    plan *p = calloc(1, sizeof *p);
    int32_t err = p != NULL ? lw_sql_open(where, LW_SQL_READ_ONLY, &from, why, cap) : LW_ERR_NO_MEMORY;
    err = err == LW_OK ? lw__store_readable(from, where, why, cap) : err;
    err = err == LW_OK ? lw__scratch_open(path, key == NULL, &copy, why, cap) : err;
    if (err == LW_OK) {
        err = lw_sql_begin(from, false);
        if (err != LW_OK) {
            lw__sql_say(why, cap, "%s: %s", lw__store_name(where), lw_sql_why(from));
        } else if (lw_sql_is_postgres(from)) {
            err = copy_rows(from, &copy, p, watch, &to, why, cap);
        } else {
            err = copy_pages(from, &copy, watch, why, cap);
        }
        lw_sql_rollback(from);
    }
    end(p, from, to);
    err = err == LW_OK ? place(&copy, path, key, why, cap) : err;
    lw__scratch_close(&copy);
    return err;
}

int32_t lw_store_backup(lw_store *store, const char *path, const lw_backup_key *key, char *why, size_t cap) {
    return lw_backup_make(lw__store_where(store), path, key, NULL, why, cap);
}

/* ---- restoring ---- */

typedef struct wrongs {
    lw_check check;
    lw_check *watch;
    char first[400];
} wrongs;

static void first_wrong(void *ctx, bool wrong, const char *sentence) {
    wrongs *w = ctx;
    if (wrong && w->first[0] == '\0') {
        snprintf(w->first, sizeof w->first, "%s", sentence);
    }
}

static void pass_on(void *ctx, const char *what, uint64_t done, uint64_t all) {
    tell(((wrongs *)ctx)->watch, what, done, all);
}

/* Everything that was written is read again; what is wrong already in the backup is wrong here too. */
static int32_t verify(lw_sql *to, lw_check *watch, char *why, size_t cap) {
    wrongs w = {.watch = watch};
    w.check = (lw_check){.say = first_wrong, .progress = pass_on, .ctx = &w};
    int32_t err = lw_store_check(to, &w.check);
    if (err == LW_OK && w.check.wrong > 0) {
        lw__sql_say(why, cap, "%s Nothing was restored.", w.first);
        err = LW_ERR_CORRUPT;
    } else if (err != LW_OK) {
        lw__sql_say(why, cap, "What was restored could not be read again: %s", lw_err_sentence(err));
    }
    if (watch != NULL) {
        watch->patients = w.check.patients;
        watch->events = w.check.events;
        watch->wrong = w.check.wrong;
    }
    return err;
}

static int32_t text_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    lw_buf_slice(ctx, columns[0].bytes);
    return LW_OK;
}

/* The backup's own pages are sound. */
static int32_t sound(lw_sql *from, const char *path, char *why, size_t cap) {
    lw_buf words = {0};
    int32_t err = lw_sql_run(from, "PRAGMA integrity_check(1)", NULL, 0, text_row, &words);
    if (err != LW_OK || !lw__str_eq(lw_buf_view(&words), LW_STR("ok"))) {
        lw__sql_say(why, cap, "%s is damaged: %s", path, err == LW_OK ? words.ptr : lw_sql_why(from));
        err = LW_ERR_CORRUPT;
    }
    lw_buf_free(&words);
    return err;
}

/* Whether nothing is at the place; a file of a SQLite store is made under another name first. */
static int32_t empty(lw_sql *to, const char *where, char *why, size_t cap) {
    struct stat there;
    int64_t version = 0;
    bool taken = false;
    int32_t err = LW_OK;
    if (lw__sql_is_url(where)) {
        err = lw__schema_version(to, &version);
        taken = version != 0;
    } else {
        taken = lstat(where, &there) == 0;
    }
    if (err != LW_OK) {
        lw__sql_say(why, cap, "%s: %s", lw__store_name(where), lw_sql_why(to));
    } else if (taken) {
        lw__sql_say(why, cap, "%s: that place is not empty; a backup is restored to an empty place only.",
                    lw__store_name(where));
        err = LW_ERR_EXISTS;
    }
    return err;
}

/* The rows of a backup in a PostgreSQL database, or its pages in a file; compared and read again. */
static int32_t fill(lw_sql *from, const lw__scratch *file, lw_sql **to, plan *p, lw_check *watch, char *why,
                    size_t cap) {
    bool postgres = *to != NULL;
    int32_t err = postgres ? LW_OK : copy_pages(from, file, watch, why, cap);
    err = err == LW_OK && !postgres ? lw_sql_open(file->where, LW_SQL_SCRATCH, to, why, cap) : err;
    if (err != LW_OK) {
        return err;
    }
    err = lw_sql_begin(from, false);
    err = err == LW_OK ? lw_sql_begin(*to, true) : err;
    if (err == LW_OK && postgres) {
        err = lw__schema_write(*to);
        err = err == LW_OK ? copy_tables(from, *to, p, watch) : err;
    }
    if (err != LW_OK) {
        lw__sql_say(why, cap, "The copy could not be written: %s (%s)", lw_err_sentence(err), lw_sql_why(*to));
        return err;
    }
    err = compare(from, *to, p, why, cap);
    err = err == LW_OK ? verify(*to, watch, why, cap) : err;
    if (err == LW_OK) {
        err = lw_sql_commit(*to);
        if (err != LW_OK) {
            lw__sql_say(why, cap, "The copy could not be written: %s", lw_sql_why(*to));
        }
    }
    return err;
}

/* A folder for what has no name, when the restored store is no file here. */
static const char *scratch_beside(const char *where, char *out, size_t cap) {
    if (where != NULL && !lw__sql_is_url(where)) {
        return where;
    }
    const char *folder = getenv("TMPDIR");
    snprintf(out, cap, "%s/loadwave-restore", folder != NULL && folder[0] != '\0' ? folder : "/var/tmp");
    return out;
}

/* Opens the SQLite file that a backup is, or that is sealed in it. */
static int32_t open_backup(const char *path, const lw_backup_key *key, const char *beside, lw__scratch *plain,
                           lw_sql **from, char *why, size_t cap) {
    char id[17] = "";
    lw_backup_kind kind = lw_backup_kind_of(path, id);
    if (kind == LW_BACKUP_SEALED_NEWER) {
        lw__sql_say(why, cap, "%s was encrypted by a newer Loadwave. Please update the program.", path);
        return LW_ERR_NEWER;
    }
    if (kind != LW_BACKUP_SEALED) {
        if (kind == LW_BACKUP_PLAIN && key != NULL) {
            lw__sql_say(
                why, cap,
                "%s is not encrypted, so the key cannot show who made it. To restore it all the same, leave the "
                "key out.",
                path);
            return LW_ERR_VALUE;
        }
        return lw_sql_open(path, LW_SQL_READ_ONLY, from, why, cap);
    }
    if (key == NULL) {
        lw__sql_say(why, cap, "%s is encrypted: it needs the key %s (--key KEYFILE).", path, id);
        return LW_ERR_VALUE;
    }
    int sealed = open(path, O_RDONLY | O_CLOEXEC);
    int32_t err = sealed >= 0 ? lw__scratch_open(beside, false, plain, why, cap) : LW_ERR_IO;
    if (sealed < 0) {
        lw__sql_say(why, cap, "%s: %s", path, strerror(errno));
    }
    if (err == LW_OK) {
        err = lw__unseal(sealed, plain->fd, key);
        if (err == LW_ERR_FORBIDDEN) {
            lw__sql_say(why, cap, "%s was encrypted with the key %s; the one given is %s.", path, id, key->id);
        } else if (err == LW_ERR_CORRUPT) {
            lw__sql_say(why, cap, "%s is not as it was made: damaged, changed or cut off. Nothing was restored.", path);
        } else if (err != LW_OK) {
            lw__sql_say(why, cap, "%s could not be decrypted: %s", path, lw_err_sentence(err));
        }
    }
    if (sealed >= 0) {
        close(sealed);
    }
    return err == LW_OK ? lw_sql_open(plain->where, LW_SQL_SCRATCH, from, why, cap) : err;
}

int32_t lw_backup_restore(const char *path, const lw_backup_key *key, const char *where, lw_check *watch, char *why,
                          size_t cap) {
    lw__sql_say(why, cap, "There is not enough memory.");
    bool postgres = where != NULL && lw__sql_is_url(where);
    char folder[4100];
    const char *beside = scratch_beside(where, folder, sizeof folder);
    lw_sql *from = NULL, *to = NULL;
    lw__scratch plain = {.fd = -1}, made = {.fd = -1};
    plan *p = calloc(1, sizeof *p);
    int32_t err = p != NULL ? LW_OK : LW_ERR_NO_MEMORY;
    err = err == LW_OK && where != NULL && !postgres ? empty(NULL, where, why, cap) : err;
    err = err == LW_OK ? open_backup(path, key, beside, &plain, &from, why, cap) : err;
    err = err == LW_OK ? sound(from, path, why, cap) : err;
    err = err == LW_OK ? lw__store_readable(from, path, why, cap) : err;
    err = err == LW_OK ? describe(from, p) : err;
    if (err == LW_OK && postgres) {
        err = lw_sql_open(where, 0, &to, why, cap);
        err = err == LW_OK ? empty(to, where, why, cap) : err;
    } else if (err == LW_OK) {
        err = lw__scratch_open(beside, where != NULL, &made, why, cap);
    }
    if (err == LW_OK) {
        err = fill(from, &made, &to, p, watch, why, cap);
        if (err != LW_OK && to != NULL) {
            lw_sql_rollback(to);
        }
        lw_sql_rollback(from);
    }
    end(p, from, to);
    err = err == LW_OK && where != NULL && !postgres ? lw__scratch_settle(&made, where, why, cap) : err;
    lw__scratch_close(&made);
    lw__scratch_close(&plain);
    return err;
}
