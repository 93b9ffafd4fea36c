/*
 * sweep.c: projections made anew, because a day has passed, the engine has changed or somebody asks. See store.h.
 *
 * Folding is done here, on the caller's thread; the writer only stores. What is stored is the projection of exactly the log
 * that was read: if that has moved on meanwhile, whoever moved it has written a newer projection, and this one is dropped.
 */
#include <pthread.h>
#include <stdlib.h>

#include "store/store_internal.h"

enum { BATCH = 200 };

typedef struct batch {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    uint32_t waiting;
    int32_t err; /* first that is worth telling */
} batch;

typedef struct item {
    lw_str patient, clinic, protocol;
    lw_append append;
    lw_projection projection;
    batch *batch;
} item;

typedef struct list {
    lw_pool *pool;
    item *items;
    uint32_t count, cap;
} list;

static int32_t list_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    list *l = ctx;
    if (l->count == l->cap) {
        return LW_OK;
    }
    item *it = &l->items[l->count++];
    lw_str *texts[] = {&it->patient, &it->clinic, &it->protocol};
    for (size_t i = 0; i < 3; i++) {
        char *copy = lw_pool_text(l->pool, columns[i].bytes);
        if (copy == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        *texts[i] = (lw_str){copy, columns[i].bytes.len};
    }
    return LW_OK;
}

/* A record that cannot be folded must not vanish from the lists: somebody has to look. */
static void unfoldable(lw_projection *p, int32_t day, int64_t now_s) {
    *p = (lw_projection){.on_day = day, .recheck_day = day + 1, .card_count = 1};
    p->cards[0] = (lw_card){.kind = "unfoldable", .priority = 70, .since_s = now_s};
    lw_buf_str(&p->summary, "{\"status\":\"unfoldable\"}");
}

static int32_t fold(lw_sql *sql, item *it, lw_protocol_find find, void *ctx, int32_t day, int64_t now_s) {
    lw_buf log = {0};
    int32_t err = lw_store_log(sql, it->patient, &log, &it->append.expect);
    if (err == LW_OK) {
        const lw_protocol *protocol = find(ctx, it->clinic, it->protocol);
        if (protocol == NULL ||
            lw_projection_make(protocol, lw_buf_view(&log), day, now_s, &it->projection, NULL) != LW_OK) {
            unfoldable(&it->projection, day, now_s);
        }
        it->append.patient = it->patient;
        it->append.received_s = now_s;
        it->append.projection = &it->projection;
    }
    lw_buf_free(&log);
    return err;
}

static int32_t store_one(lw_sql *sql, void *ctx) {
    return lw_store_append(sql, &((item *)ctx)->append);
}

static void stored(void *ctx, int32_t err) {
    item *it = ctx;
    batch *b = it->batch;
    bool fine = err == LW_OK || err == LW_ERR_HEAD || err == LW_ERR_GONE || err == LW_ERR_NOT_FOUND;
    pthread_mutex_lock(&b->lock);
    b->err = b->err == LW_OK && !fine ? err : b->err;
    b->waiting--;
    pthread_cond_signal(&b->ready);
    pthread_mutex_unlock(&b->lock);
}

/* Folds and stores the patients that a statement lists: id, clinic, protocol. */
static int32_t run_batch(lw_store *store, const char *text, const lw_sql_value *params, uint32_t count, uint32_t most,
                         lw_protocol_find find, void *ctx, int32_t day, int64_t now_s, uint32_t *done, lw_buf *last) {
    lw_pool pool = {0};
    list l = {.pool = &pool, .items = calloc(most, sizeof(item)), .cap = most};
    batch b = {.waiting = 0};
    lw_sql *sql = lw_store_reader(store);
    int32_t err = l.items == NULL ? LW_ERR_NO_MEMORY : sql == NULL ? LW_ERR_BUSY : LW_OK;
    if (err == LW_OK) {
        err = lw_sql_run(sql, text, params, count, list_row, &l);
    }
    pthread_mutex_init(&b.lock, NULL);
    pthread_cond_init(&b.ready, NULL);
    for (uint32_t i = 0; i < l.count && err == LW_OK; i++) {
        item *it = &l.items[i];
        it->batch = &b;
        int32_t folded = fold(sql, it, find, ctx, day, now_s);
        if (folded == LW_ERR_GONE || folded == LW_ERR_NOT_FOUND) {
            continue; /* erased since it was listed */
        }
        err = folded;
        if (err == LW_OK) {
            pthread_mutex_lock(&b.lock);
            b.waiting++;
            pthread_mutex_unlock(&b.lock);
            err = lw_store_submit(store, store_one, stored, it);
            if (err != LW_OK) {
                stored(it, LW_ERR_HEAD); /* not on its way: nobody else will count it down */
            }
        }
    }
    lw_store_reader_back(store, sql);
    pthread_mutex_lock(&b.lock);
    while (b.waiting > 0) {
        pthread_cond_wait(&b.ready, &b.lock);
    }
    err = err == LW_OK ? b.err : err;
    pthread_mutex_unlock(&b.lock);
    pthread_cond_destroy(&b.ready);
    pthread_mutex_destroy(&b.lock);
    *done = l.count;
    if (last != NULL && l.count > 0) {
        lw_buf_clear(last);
        lw_buf_slice(last, l.items[l.count - 1].patient);
    }
    for (uint32_t i = 0; i < l.count; i++) {
        lw_projection_free(&l.items[i].projection);
    }
    free(l.items);
    lw_pool_free(&pool);
    return err;
}

/* ---- cards that were put away ---- */

typedef struct awake {
    lw_pool pool;
    lw_str patients[BATCH];
    uint32_t count;
    int64_t now_s;
} awake;

static int32_t awake_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    awake *a = ctx;
    char *copy = lw_pool_text(&a->pool, columns[0].bytes);
    if (copy == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    a->patients[a->count++] = (lw_str){copy, columns[0].bytes.len};
    return LW_OK;
}

static int32_t awake_job(lw_sql *sql, void *ctx) {
    awake *a = ctx;
    int32_t err = LW_OK;
    for (uint32_t i = 0; i < a->count && err == LW_OK; i++) {
        lw_sql_value params[] = {lw_sql_text(a->patients[i]), lw_sql_int(a->now_s)};
        err = lw_sql_queue(sql,
                           "UPDATE card SET snoozed_until_s = NULL WHERE patient = ?1 AND ended_s IS NULL "
                           "AND snoozed_until_s <= ?2",
                           params, 2);
        err = err == LW_OK ? lw_cards_settle(sql, a->patients[i], a->now_s) : err;
    }
    return err;
}

static int32_t wake(lw_store *store, int64_t now_s) {
    awake *a = calloc(1, sizeof *a);
    if (a == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    int32_t err = LW_OK;
    do {
        lw_pool_free(&a->pool);
        *a = (awake){.now_s = now_s};
        lw_sql_value params[] = {lw_sql_int(now_s), lw_sql_int(BATCH)};
        lw_sql *sql = lw_store_reader(store);
        err = sql == NULL ? LW_ERR_BUSY
                          : lw_sql_run(sql,
                                       "SELECT DISTINCT patient FROM card WHERE snoozed_until_s <= ?1 AND ended_s IS "
                                       "NULL ORDER BY patient LIMIT ?2",
                                       params, 2, awake_row, a);
        lw_store_reader_back(store, sql);
        if (err == LW_OK && a->count > 0) {
            err = lw_store_write(store, awake_job, a);
        }
    } while (err == LW_OK && a->count == BATCH);
    lw_pool_free(&a->pool);
    free(a);
    return err;
}

/* ---- all of it ---- */

int32_t lw_projection_sweep(lw_store *store, lw_protocol_find find, void *ctx, int32_t day, int64_t now_s,
                            uint32_t most, uint32_t *done) {
    *done = 0;
    most = most == 0 || most > BATCH ? BATCH : most;
    lw_sql_value params[] = {lw_sql_int(day), lw_sql_int(most)};
    int32_t err = wake(store, now_s);
    err = err != LW_OK ? err
                       : run_batch(store,
                                   "SELECT r.patient, p.clinic, p.protocol_sha256 FROM projection r "
                                   "JOIN patient p ON p.id = r.patient WHERE r.recheck_day <= ?1 "
                                   "ORDER BY r.recheck_day, r.patient LIMIT ?2",
                                   params, 2, most, find, ctx, day, now_s, done, NULL);
    if (err == LW_OK && *done < most) {
        /* Folded while the clock was ahead; it has been put right. A patient's own day may be one further than this one. */
        uint32_t more = 0;
        lw_sql_value ahead[] = {lw_sql_int(day + 1), lw_sql_int(most - *done)};
        err = run_batch(store,
                        "SELECT r.patient, p.clinic, p.protocol_sha256 FROM projection r "
                        "JOIN patient p ON p.id = r.patient WHERE r.on_day > ?1 ORDER BY r.patient LIMIT ?2",
                        ahead, 2, most - *done, find, ctx, day, now_s, &more, NULL);
        *done += more;
    }
    return err;
}

int32_t lw_projection_rebuild(lw_store *store, lw_protocol_find find, void *ctx, int32_t day, int64_t now_s,
                              void (*progress)(void *ctx, uint64_t done)) {
    lw_buf last = {0};
    lw_buf_str(&last, "");
    uint64_t all = 0;
    uint32_t done = 0;
    int32_t err = LW_OK;
    do {
        lw_sql_value params[] = {lw_sql_text(lw_buf_view(&last)), lw_sql_int(BATCH)};
        err = run_batch(store, "SELECT id, clinic, protocol_sha256 FROM patient WHERE id > ?1 ORDER BY id LIMIT ?2",
                        params, 2, BATCH, find, ctx, day, now_s, &done, &last);
        all += done;
        if (err == LW_OK && progress != NULL && done > 0) {
            progress(ctx, all);
        }
    } while (err == LW_OK && done == BATCH);
    lw_buf_free(&last);
    return err;
}
