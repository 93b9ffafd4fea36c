/*
 * store.c: opening, the readers and the writer. See store.h.
 *
 * The writer takes what has gathered while it was busy, at most group_max jobs, and makes one transaction of it. It never
 * dies of a full disk or a lost database: the jobs of that group hear what went wrong, and the next group is tried afresh.
 * A job hears LW_OK only after the commit; when the connection breaks during a commit nobody knows whether it counted, and
 * the job hears LW_ERR_IO: deliveries may be repeated without harm, so the sender finds out by sending again.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/base_internal.h"
#include "store/sql_internal.h"
#include "store/store.h"
#include "store/store_internal.h"
#include "store/wal_tail.h"

enum {
    WAITING_MOST = 10000,
    GROUP_DEFAULT = 128,
    GROUP_LARGEST = 1024,
    READERS_MOST = 256,
    BORROW_S = 2,
    ROOM_LEAST = 1 << 20
};

typedef struct waiting_job {
    struct waiting_job *next;
    lw_job job;
    lw_job_done done;
    void *ctx;
    int32_t err;
} waiting_job;

struct lw_store {
    char *where; /* owned */
    int sole_fd; /* holds the lock of the one server on a SQLite file; −1: none */
    bool read_only;
    uint32_t group_max;

    pthread_mutex_t readers_lock;
    pthread_cond_t reader_free;
    lw_sql **readers; /* owned; NULL: to be opened again */
    bool *lent;
    uint32_t reader_count;

    pthread_t thread;
    bool running;
    lw_sql *writer; /* the writer's thread's own */

    pthread_mutex_t lock; /* of everything below */
    pthread_cond_t work;
    waiting_job *first, **last;
    bool ending;
    lw_store_stats stats;
};

/* ---- schema ---- */

extern const unsigned char lw_store_schema[], lw_store_schema_added[], lw_store_views_sqlite[],
    lw_store_views_postgres[];

/* The text with {words} replaced for the database; owned by out. */
static bool expand(const char *text, bool postgres, lw_buf *out) {
    static const struct {
        const char *word, *sqlite, *postgres;
    } words[] = {{"{blob}", "BLOB", "BYTEA"}, {"{strict}", "STRICT", ""}, {"{clustered}", "WITHOUT ROWID, STRICT", ""}};
    while (*text != '\0') {
        size_t used = 0;
        for (size_t i = 0; *text == '{' && i < sizeof words / sizeof words[0] && used == 0; i++) {
            size_t len = strlen(words[i].word);
            if (strncmp(text, words[i].word, len) == 0) {
                lw_buf_str(out, postgres ? words[i].postgres : words[i].sqlite);
                used = len;
            }
        }
        if (used == 0) {
            lw_buf_add(out, text, 1);
            used = 1;
        }
        text += used;
    }
    return !out->failed;
}

static int32_t table_count(lw_sql *sql, const char *sqlite, const char *postgres, int64_t *count) {
    return lw_sql_one_int(sql, lw_sql_is_postgres(sql) ? postgres : sqlite, NULL, 0, count);
}

int32_t lw__schema_write(lw_sql *sql) {
    lw_buf text = {0};
    bool whole = expand((const char *)lw_store_schema, lw_sql_is_postgres(sql), &text) &&
                 expand((const char *)lw_store_schema_added, lw_sql_is_postgres(sql), &text);
    int32_t err = whole ? LW_OK : LW_ERR_NO_MEMORY;
    lw_buf_str(&text, (const char *)(lw_sql_is_postgres(sql) ? lw_store_views_postgres : lw_store_views_sqlite));
    err = err == LW_OK && text.failed ? LW_ERR_NO_MEMORY : err;
    err = err == LW_OK ? lw_sql_script(sql, text.ptr) : err;
    lw_buf_free(&text);
    if (err == LW_OK) {
        lw_sql_value version[] = {lw_sql_text(LW_STR(LW__SCHEMA_VERSION_TEXT))};
        err = lw_sql_run(sql, "INSERT INTO meta (name, value) VALUES ('schema_version', ?1)", version, 1, NULL, NULL);
    }
    return err;
}

int32_t lw__schema_version(lw_sql *sql, int64_t *version) {
    *version = 0;
    int64_t tables = 0, meta = 0;
    int32_t err = table_count(sql, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'",
                              "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", &tables);
    if (err == LW_OK && tables > 0) {
        err = table_count(sql, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'",
                          "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename = 'meta'", &meta);
    }
    if (err != LW_OK || tables == 0) {
        return err;
    }
    *version = -1;
    if (meta > 0) {
        int64_t read = 0;
        err = lw_sql_one_int(sql, "SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema_version'", NULL, 0,
                             &read);
        *version = err == LW_OK ? read : -1;
        err = err == LW_ERR_NOT_FOUND ? LW_OK : err;
    }
    return err;
}

static int32_t create_schema(lw_sql *sql) {
    int64_t version = 0;
    int32_t err = lw_sql_begin(sql, true);
    if (err == LW_OK) {
        /* Another program may have made it since it was looked for. */
        err = lw__schema_version(sql, &version);
        err = err == LW_OK && version == 0 ? lw__schema_write(sql) : err;
        err = err == LW_OK ? lw_sql_commit(sql) : err;
        if (err != LW_OK) {
            lw_sql_rollback(sql);
        }
    }
    return err;
}

int32_t lw__store_readable(lw_sql *sql, const char *where, char *why, size_t cap) {
    int64_t version = 0;
    int32_t err = lw__schema_version(sql, &version);
    if (err != LW_OK) {
        lw__sql_say(why, cap, "%s: %s", lw__store_name(where), lw_sql_why(sql));
    } else if (version == 0) {
        lw__sql_say(why, cap, "%s: there is no Loadwave store in it.", lw__store_name(where));
        err = LW_ERR_NOT_FOUND;
    } else if (version < 0) {
        lw__sql_say(why, cap, "%s: this database belongs to another program; nothing was changed.",
                    lw__store_name(where));
        err = LW_ERR_VALUE;
    } else if (version > LW__SCHEMA_VERSION) {
        lw__sql_say(why, cap,
                    "%s: this store was written by a newer Loadwave (tables of version %lld, this program knows %d). "
                    "Please update the program; nothing was changed.",
                    lw__store_name(where), (long long)version, LW__SCHEMA_VERSION);
        err = LW_ERR_NEWER;
    }
    return err;
}

/* Tables that an older program did not make. Nothing is written when all are there. */
static int32_t add_tables(lw_sql *sql) {
    lw_buf text = {0};
    int32_t err =
        expand((const char *)lw_store_schema_added, lw_sql_is_postgres(sql), &text) ? LW_OK : LW_ERR_NO_MEMORY;
    err = err == LW_OK ? lw_sql_begin(sql, true) : err;
    if (err == LW_OK) {
        err = lw_sql_script(sql, text.ptr);
        err = err == LW_OK ? lw_sql_commit(sql) : err;
        if (err != LW_OK) {
            lw_sql_rollback(sql);
        }
    }
    lw_buf_free(&text);
    return err;
}

/* Checks the schema, makes it when there is none and that is wanted, and adds to it what came later. */
static int32_t check_schema(lw_sql *sql, const char *where, bool create, char *why, size_t cap) {
    int32_t err = lw__store_readable(sql, where, why, cap);
    if (err == LW_ERR_NOT_FOUND && create) {
        err = create_schema(sql);
        if (err != LW_OK) {
            lw__sql_say(why, cap, "%s: %s", lw__store_name(where), lw_sql_why(sql));
        }
    }
    return err;
}

const char *lw__store_name(const char *where) {
    return lw__sql_is_url(where) ? "The PostgreSQL store" : where; /* an address may carry a password */
}

/* The writing connection: of PostgreSQL only one program may have it. */
static int32_t open_writer(const char *where, lw_sql **out, char *why, size_t cap) {
    int32_t err = lw_sql_open(where, 0, out, why, cap);
    if (err != LW_OK || !lw_sql_is_postgres(*out)) {
        return err;
    }
    int64_t got = 0;
    err = lw_sql_one_int(*out, "SELECT CASE WHEN pg_try_advisory_lock(5508208757395354725) THEN 1 ELSE 0 END", NULL, 0,
                         &got);
    if (err == LW_OK && got == 0) {
        lw__sql_say(why, cap, "Another program holds this PostgreSQL store for writing; a store has one writer.");
        err = LW_ERR_BUSY;
    } else if (err != LW_OK) {
        lw__sql_say(why, cap, "PostgreSQL: %s", lw_sql_why(*out));
    }
    if (err != LW_OK) {
        lw_sql_close(*out);
        *out = NULL;
    }
    return err;
}

/* What another engine has folded is folded again by the next sweep. */
static int32_t mark_stale(lw_sql *sql) {
    lw_sql_value engine[] = {lw_sql_text(lw__str(lw_version()))};
    return lw_sql_run(sql, "UPDATE projection SET recheck_day = 0 WHERE engine <> ?1 AND recheck_day > 0", engine, 1,
                      NULL, NULL);
}

/* ---- writing ---- */

static int64_t micros(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Takes the whole group's first jobs off the queue; NULL at the end. Called with the lock. */
static waiting_job *take_group(lw_store *store, uint32_t *count) {
    waiting_job *group = store->first, **end = &store->first;
    *count = 0;
    while (*end != NULL && *count < store->group_max) {
        end = &(*end)->next;
        ++*count;
    }
    store->first = *end;
    if (store->first == NULL) {
        store->last = &store->first;
    }
    if (group != NULL) {
        *end = NULL;
    }
    store->stats.waiting -= *count;
    return group;
}

/* Runs one job in its savepoint. Not LW_OK only when the whole transaction is lost. */
static int32_t run_job(lw_sql *sql, waiting_job *job) {
    int32_t err = lw_sql_savepoint(sql);
    if (err != LW_OK) {
        return err;
    }
    job->err = job->job(sql, job->ctx);
    if (job->err == LW_OK) {
        job->err = lw_sql_release(sql);
    }
    if (job->err != LW_OK && lw_sql_rollback_to(sql) != LW_OK) {
        /* The database has undone everything itself, as it does when the disk is full, or is gone. */
        return job->err == LW_ERR_FULL || job->err == LW_ERR_BUSY ? job->err : LW_ERR_IO;
    }
    return LW_OK;
}

/* A disk on which the smallest row still fits is not free again. What is no file here tells nothing. */
static bool roomy(const lw_store *store) {
    struct statvfs disk;
    return lw__sql_is_url(store->where) || statvfs(store->where, &disk) != 0 ||
           (uint64_t)disk.f_bavail * disk.f_frsize >= ROOM_LEAST;
}

static void run_group(lw_store *store, waiting_job *group, uint32_t count) {
    int32_t err = LW_OK;
    if (store->writer != NULL && !lw__sql_usable(store->writer)) {
        lw_sql_close(store->writer);
        store->writer = NULL;
    }
    if (store->writer == NULL) {
        err = open_writer(store->where, &store->writer, NULL, 0);
        err = err == LW_OK ? LW_OK : LW_ERR_BUSY;
    }
    lw_sql *sql = store->writer;
    int64_t began = 0;
    bool open = false;
    if (err == LW_OK) {
        err = lw_sql_begin(sql, true);
        open = err == LW_OK;
    }
    bool any = false;
    for (waiting_job *job = group; job != NULL && err == LW_OK; job = job->next) {
        err = run_job(sql, job);
        any = any || job->err == LW_OK;
    }
    if (err == LW_OK && any) {
        began = micros();
        err = lw_sql_commit(sql);
        began = micros() - began;
        open = err != LW_OK;
    }
    if (open) {
        lw_sql_rollback(sql);
    }
    uint64_t failed = 0;
    bool full = false;
    for (waiting_job *job = group; job != NULL; job = job->next) {
        job->err = err != LW_OK && job->err == LW_OK ? err : job->err;
        failed += job->err != LW_OK;
        full = full || job->err == LW_ERR_FULL;
    }
    /* Only this thread writes it. */
    bool still_full = store->stats.trouble == LW_ERR_FULL && !roomy(store);
    pthread_mutex_lock(&store->lock);
    store->stats.jobs += count;
    store->stats.groups++;
    store->stats.failed += failed;
    if (err != LW_OK || full) {
        store->stats.trouble = err != LW_OK ? err : LW_ERR_FULL;
    } else if (any && !still_full) {
        store->stats.trouble = LW_OK;
    }
    store->stats.commit_us += (uint64_t)began;
    pthread_mutex_unlock(&store->lock);
    while (group != NULL) {
        waiting_job *next = group->next;
        group->done(group->ctx, group->err);
        free(group);
        group = next;
    }
}

static void *writer_main(void *arg) {
    lw_store *store = arg;
    for (;;) {
        pthread_mutex_lock(&store->lock);
        while (store->first == NULL && !store->ending) {
            pthread_cond_wait(&store->work, &store->lock);
        }
        uint32_t count = 0;
        waiting_job *group = take_group(store, &count);
        pthread_mutex_unlock(&store->lock);
        if (group == NULL) {
            return NULL;
        }
        run_group(store, group, count);
    }
}

int32_t lw_store_submit(lw_store *store, lw_job job, lw_job_done done, void *ctx) {
    if (store->read_only) {
        return LW_ERR_IO;
    }
    waiting_job *fresh = malloc(sizeof *fresh);
    if (fresh == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    *fresh = (waiting_job){.job = job, .done = done, .ctx = ctx};
    pthread_mutex_lock(&store->lock);
    bool room = store->stats.waiting < WAITING_MOST && !store->ending;
    if (room) {
        *store->last = fresh;
        store->last = &fresh->next;
        store->stats.waiting++;
        pthread_cond_signal(&store->work);
    }
    pthread_mutex_unlock(&store->lock);
    if (!room) {
        free(fresh);
        return LW_ERR_BUSY;
    }
    return LW_OK;
}

typedef struct waited {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    lw_job job;
    void *ctx;
    bool done;
    int32_t err;
} waited;

static int32_t waited_job(lw_sql *sql, void *ctx) {
    waited *w = ctx;
    return w->job(sql, w->ctx);
}

static void waited_done(void *ctx, int32_t err) {
    waited *w = ctx;
    pthread_mutex_lock(&w->lock);
    w->done = true;
    w->err = err;
    pthread_cond_signal(&w->ready);
    pthread_mutex_unlock(&w->lock);
}

int32_t lw_store_write(lw_store *store, lw_job job, void *ctx) {
    waited w = {.job = job, .ctx = ctx};
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.ready, NULL);
    int32_t err = lw_store_submit(store, waited_job, waited_done, &w);
    if (err == LW_OK) {
        pthread_mutex_lock(&w.lock);
        while (!w.done) {
            pthread_cond_wait(&w.ready, &w.lock);
        }
        pthread_mutex_unlock(&w.lock);
        err = w.err;
    }
    pthread_cond_destroy(&w.ready);
    pthread_mutex_destroy(&w.lock);
    return err;
}

void lw_store_stats_get(const lw_store *store, lw_store_stats *out) {
    lw_store *mine = (lw_store *)(uintptr_t)store;
    pthread_mutex_lock(&mine->lock);
    *out = store->stats;
    pthread_mutex_unlock(&mine->lock);
}

/* ---- reading ---- */

lw_sql *lw_store_reader(lw_store *store) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += BORROW_S;
    lw_sql *lent = NULL;
    pthread_mutex_lock(&store->readers_lock);
    uint32_t at = store->reader_count;
    for (int wait = 0; wait == 0;) {
        for (at = 0; at < store->reader_count && store->lent[at]; at++) {
        }
        if (at < store->reader_count) {
            break;
        }
        wait = pthread_cond_timedwait(&store->reader_free, &store->readers_lock, &until);
    }
    if (at < store->reader_count) {
        store->lent[at] = true;
        lent = store->readers[at];
    }
    pthread_mutex_unlock(&store->readers_lock);
    if (at < store->reader_count && lent == NULL) {
        /* It was lost when it was used last. */
        if (lw_sql_open(store->where, LW_SQL_READ_ONLY, &lent, NULL, 0) != LW_OK) {
            lent = NULL;
        }
        pthread_mutex_lock(&store->readers_lock);
        store->readers[at] = lent;
        store->lent[at] = lent != NULL;
        pthread_cond_signal(&store->reader_free);
        pthread_mutex_unlock(&store->readers_lock);
    }
    return lent;
}

void lw_store_reader_back(lw_store *store, lw_sql *sql) {
    if (sql == NULL) {
        return;
    }
    pthread_mutex_lock(&store->readers_lock);
    for (uint32_t i = 0; i < store->reader_count; i++) {
        if (store->readers[i] == sql) {
            if (!lw__sql_usable(sql)) {
                lw_sql_close(sql);
                store->readers[i] = NULL;
            }
            store->lent[i] = false;
            break;
        }
    }
    pthread_cond_signal(&store->reader_free);
    pthread_mutex_unlock(&store->readers_lock);
}

/* ---- opening and closing ---- */

static int32_t open_readers(lw_store *store, uint32_t count, char *why, size_t cap) {
    store->readers = calloc(count, sizeof *store->readers);
    store->lent = calloc(count, sizeof *store->lent);
    if (store->readers == NULL || store->lent == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    store->reader_count = count;
    for (uint32_t i = 0; i < count; i++) {
        int32_t err = lw_sql_open(store->where, LW_SQL_READ_ONLY, &store->readers[i], why, cap);
        if (err != LW_OK) {
            return err;
        }
    }
    return LW_OK;
}

/*
 * One server on a SQLite file (PostgreSQL has its own lock, open_writer). The lock is the kernel's and goes with the process,
 * however it ends. Of the kind that SQLite does not use: closing the file would drop SQLite's own, so it is closed last.
 */
static int32_t be_sole(lw_store *store, char *why, size_t cap) {
    store->sole_fd = open(store->where, O_RDONLY | O_CLOEXEC);
    if (store->sole_fd >= 0 && flock(store->sole_fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        lw__sql_say(why, cap, "%s: another server is running on this store; a store has one server.", store->where);
        return LW_ERR_BUSY;
    }
    /* A file system without such locks has no second server's protection. */
    return LW_OK;
}

/*
 * A server does not go on over what was acknowledged and cannot be read any more: its first write would remove the trace. The
 * log begins anew, so that what a crash left in it is never mistaken for damage later.
 */
static int32_t log_is_sound(lw_store *store, char *why, size_t cap) {
    uint64_t commits = 0;
    if (lw__wal_look(store->where, &commits) == LW__WAL_DAMAGED) {
        lw__sql_say(
            why, cap,
            "%s-wal is damaged: of what was stored last, %llu times at least cannot be read. loadwave doctor says "
            "more; loadwave backup and restore bring all that can be read to a new file.",
            store->where, (unsigned long long)commits);
        return LW_ERR_CORRUPT;
    }
    return LW_OK;
}

static int32_t open_all(lw_store *store, const lw_store_options *options, char *why, size_t cap) {
    if (!lw__sql_is_url(store->where) && !options->create && access(store->where, F_OK) != 0) {
        lw__sql_say(why, cap, "%s: %s", store->where, strerror(errno));
        return LW_ERR_NOT_FOUND;
    }
    int32_t err = LW_OK;
    bool sole = options->sole && !lw__sql_is_url(store->where);
    if (!store->read_only) {
        err = sole ? log_is_sound(store, why, cap) : LW_OK;
        err = err == LW_OK ? open_writer(store->where, &store->writer, why, cap) : err;
        if (err == LW_OK && sole) {
            err = be_sole(store, why, cap);
            err = err == LW_OK ? lw_sql_run(store->writer, "PRAGMA wal_checkpoint(PASSIVE)", NULL, 0, NULL, NULL) : err;
        }
        if (err == LW_OK) {
            err = check_schema(store->writer, store->where, options->create, why, cap);
        }
        if (err == LW_OK) {
            err = add_tables(store->writer);
            err = err == LW_OK ? mark_stale(store->writer) : err;
            if (err != LW_OK) {
                lw__sql_say(why, cap, "%s: %s", lw__store_name(store->where), lw_sql_why(store->writer));
            }
        }
    }
    uint32_t readers = options->readers < 1 ? 1 : options->readers > READERS_MOST ? READERS_MOST : options->readers;
    if (err == LW_OK) {
        err = open_readers(store, readers, why, cap);
    }
    if (err == LW_OK && store->read_only) {
        err = check_schema(store->readers[0], store->where, false, why, cap);
    }
    if (err == LW_OK && !store->read_only) {
        store->running = pthread_create(&store->thread, NULL, writer_main, store) == 0;
        if (!store->running) {
            lw__sql_say(why, cap, "No thread could be started.");
            err = LW_ERR_NO_MEMORY;
        }
    }
    return err;
}

int32_t lw_store_open(const lw_store_options *options, lw_store **out, char *why, size_t cap) {
    lw__sql_say(why, cap, "There is not enough memory.");
    lw_store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    uint32_t group = options->group_max == 0 ? GROUP_DEFAULT : options->group_max;
    store->group_max = group > GROUP_LARGEST ? GROUP_LARGEST : group;
    store->read_only = options->read_only;
    store->sole_fd = -1;
    store->last = &store->first;
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&store->reader_free, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&store->readers_lock, NULL);
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->work, NULL);
    store->where = strdup(options->where);
    int32_t err = store->where != NULL ? open_all(store, options, why, cap) : LW_ERR_NO_MEMORY;
    if (err != LW_OK) {
        lw_store_close(store);
        return err;
    }
    lw__sql_say(why, cap, "%s", "");
    *out = store;
    return LW_OK;
}

void lw_store_close(lw_store *store) {
    if (store == NULL) {
        return;
    }
    if (store->running) {
        pthread_mutex_lock(&store->lock);
        store->ending = true;
        pthread_cond_signal(&store->work);
        pthread_mutex_unlock(&store->lock);
        pthread_join(store->thread, NULL);
    }
    for (uint32_t i = 0; i < store->reader_count; i++) {
        lw_sql_close(store->readers[i]);
    }
    lw_sql_close(store->writer);
    if (store->sole_fd >= 0) {
        close(store->sole_fd);
    }
    free(store->readers);
    free(store->lent);
    free(store->where);
    pthread_cond_destroy(&store->reader_free);
    pthread_mutex_destroy(&store->readers_lock);
    pthread_cond_destroy(&store->work);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

const char *lw__store_where(const lw_store *store) {
    return store->where;
}
