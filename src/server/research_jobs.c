/*
 * research_jobs.c: see research_jobs.h. A few slots under one lock; the thread makes the oldest that waits, outside of the
 * lock. A slot that is being made belongs to the thread: nobody else changes or frees it. A connection of the store is
 * borrowed for one patient at a time, so that an export of a large clinic keeps nobody waiting.
 */
#include "server/research_jobs.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base_internal.h"
#include "server/server_internal.h"
#include "store/clinic.h"

typedef enum place { EMPTY, WAITING, MAKING, READY, FAILED } place;

typedef struct slot {
    char id[LW_EXPORT_ID], account[37], clinic[37];
    place place;
    uint64_t number; /* order of arrival */
    int64_t done_s;  /* monotonic */
    lw_research *cohort;
    lw_export_look look;
} slot;

struct lw_exports {
    lw_server *server;
    slot slots[LW_EXPORT_JOBS];
    uint64_t numbers;
    pthread_t thread;
    bool running, ending;
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

static int64_t monotonic_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* ---- making ---- */

typedef struct making {
    lw_exports *exports;
    slot *slot;
    lw_pool pool; /* of the ids */
    const char **ids;
    uint32_t count, cap;
    lw_buf protocol, log;
    char protocol_sha256[65];
} making;

static int32_t patient_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    making *m = ctx;
    if (m->count == m->cap) {
        uint32_t cap = m->cap > 0 ? m->cap * 2 : 256;
        const char **more = cap <= LW_RESEARCH_MOST ? realloc(m->ids, cap * sizeof *more) : NULL;
        if (more == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        m->ids = more;
        m->cap = cap;
    }
    m->ids[m->count] = lw_pool_text(&m->pool, col[0].bytes);
    return m->ids[m->count++] != NULL ? LW_OK : LW_ERR_NO_MEMORY;
}

/* The protocol the patient is on, unless it is at hand. */
static int32_t load_protocol(making *m, lw_sql *sql, lw_str patient) {
    char sha256[65];
    int32_t err = lw_research_protocol(sql, patient, sha256);
    if (err != LW_OK || strcmp(sha256, m->protocol_sha256) == 0) {
        return err;
    }
    lw_buf_clear(&m->protocol);
    memcpy(m->protocol_sha256, sha256, sizeof sha256);
    err = lw_clinic_protocol(sql, lw__str(m->slot->clinic), lw__str(sha256), &m->protocol);
    return err == LW_ERR_NOT_FOUND ? LW_OK : err;
}

static int32_t add_patient(making *m, const char *patient) {
    lw_sql *sql = lw_store_reader(m->exports->server->store);
    if (sql == NULL) {
        return LW_ERR_BUSY;
    }
    lw_buf_clear(&m->log);
    int32_t err = load_protocol(m, sql, lw__str(patient));
    err = err == LW_OK ? lw_store_log(sql, lw__str(patient), &m->log, NULL) : err;
    lw_store_reader_back(m->exports->server->store, sql);
    if (err == LW_OK) {
        err = lw_research_add(m->slot->cohort, patient, lw_buf_view(&m->protocol), lw_buf_view(&m->log));
    }
    return err == LW_ERR_GONE || err == LW_ERR_NOT_FOUND ? LW_OK : err; /* erased since they were counted */
}

/* Tells how far it is; false when the server ends. */
static bool tell(making *m, uint32_t done) {
    pthread_mutex_lock(&m->exports->lock);
    m->slot->look.done = done;
    m->slot->look.of = m->count;
    bool on = !m->exports->ending;
    pthread_mutex_unlock(&m->exports->lock);
    return on;
}

static int32_t make(lw_exports *exports, slot *s, lw_export_look *told) {
    making m = {.exports = exports, .slot = s};
    lw_sql *sql = lw_store_reader(exports->server->store);
    int32_t err =
        sql != NULL ? lw_research_open((int32_t)(lw_server_now(exports->server) / 86400), &s->cohort) : LW_ERR_BUSY;
    err = err == LW_OK ? lw_research_patients(sql, lw__str(s->clinic), patient_row, &m) : err;
    if (sql != NULL) {
        lw_store_reader_back(exports->server->store, sql);
    }
    for (uint32_t i = 0; err == LW_OK && m.count >= LW_RESEARCH_FEWEST && i < m.count; i++) {
        err = tell(&m, i) ? add_patient(&m, m.ids[i]) : LW_ERR_BUSY;
    }
    err = err == LW_OK ? lw_research_make(s->cohort) : err;
    if (err == LW_OK) {
        *told = (lw_export_look){.done = m.count,
                                 .of = m.count,
                                 .patients = lw_research_count(s->cohort),
                                 .suppressed = lw_research_suppressed(s->cohort)};
        for (uint32_t i = 0; i < LW_RESEARCH_FILES; i++) {
            lw_research_file file = lw_research_get(s->cohort, i);
            unsigned char hash[crypto_hash_sha256_BYTES];
            crypto_hash_sha256(hash, (const unsigned char *)file.bytes.ptr, file.bytes.len);
            told->files[i].name = file.name;
            told->files[i].rows = file.rows;
            told->files[i].bytes = file.bytes.len;
            sodium_bin2hex(told->files[i].sha256, sizeof told->files[i].sha256, hash, sizeof hash);
        }
    }
    lw_buf_free(&m.protocol);
    lw_buf_free(&m.log);
    lw_pool_free(&m.pool);
    free(m.ids);
    return err;
}

static void *making_main(void *ctx) {
    lw_exports *e = ctx;
    pthread_mutex_lock(&e->lock);
    while (!e->ending) {
        slot *s = NULL;
        for (int i = 0; i < LW_EXPORT_JOBS; i++) {
            slot *one = &e->slots[i];
            s = one->place == WAITING && (s == NULL || one->number < s->number) ? one : s;
        }
        if (s == NULL) {
            pthread_cond_wait(&e->wake, &e->lock);
            continue;
        }
        s->place = MAKING;
        pthread_mutex_unlock(&e->lock);
        lw_export_look told = {.of = 0};
        int32_t err = make(e, s, &told);
        if (err != LW_OK && err != LW_ERR_FORBIDDEN) {
            lw__log_event("warn", "research", "%s", lw_err_name(err));
        }
        pthread_mutex_lock(&e->lock);
        if (err != LW_OK) {
            lw_research_close(s->cohort);
            s->cohort = NULL;
        }
        s->look = told;
        s->look.err = err;
        s->place = err == LW_OK ? READY : FAILED;
        s->done_s = monotonic_s();
    }
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

/* ---- the queue ---- */

static void empty(slot *s) {
    lw_research_close(s->cohort);
    explicit_bzero(s, sizeof *s);
}

static bool done(const slot *s) {
    return s->place == READY || s->place == FAILED;
}

static void sweep(lw_exports *e) {
    int64_t now_s = monotonic_s();
    for (int i = 0; i < LW_EXPORT_JOBS; i++) {
        if (done(&e->slots[i]) && now_s - e->slots[i].done_s >= LW_EXPORT_KEPT_S) {
            empty(&e->slots[i]);
        }
    }
}

int32_t lw_exports_add(lw_exports *e, const char *id, const char *account, const char *clinic) {
    int32_t err = LW_OK;
    slot *s = NULL;
    pthread_mutex_lock(&e->lock);
    sweep(e);
    for (int i = 0; i < LW_EXPORT_JOBS; i++) {
        slot *one = &e->slots[i];
        bool own = one->place != EMPTY && strcmp(one->account, account) == 0;
        if (own && strcmp(one->id, id) == 0) {
            pthread_mutex_unlock(&e->lock);
            return LW_OK;
        }
        if (own && done(one)) {
            empty(one);
        } else if (own) {
            err = LW_ERR_BUSY;
        }
        s = one->place == EMPTY ? one : s;
    }
    err = s == NULL ? LW_ERR_BUSY : err;
    if (err == LW_OK) {
        snprintf(s->id, sizeof s->id, "%s", id);
        snprintf(s->account, sizeof s->account, "%s", account);
        snprintf(s->clinic, sizeof s->clinic, "%s", clinic);
        s->number = ++e->numbers;
        s->place = WAITING;
        pthread_cond_signal(&e->wake);
    }
    pthread_mutex_unlock(&e->lock);
    return err;
}

static slot *find(lw_exports *e, const char *id, const char *account, const char *clinic) {
    sweep(e);
    for (int i = 0; i < LW_EXPORT_JOBS; i++) {
        slot *s = &e->slots[i];
        if (s->place != EMPTY && strcmp(s->id, id) == 0 && strcmp(s->account, account) == 0 &&
            strcmp(s->clinic, clinic) == 0) {
            return s;
        }
    }
    return NULL;
}

int32_t lw_exports_look(lw_exports *e, const char *id, const char *account, const char *clinic, lw_export_look *out) {
    pthread_mutex_lock(&e->lock);
    const slot *s = find(e, id, account, clinic);
    if (s != NULL) {
        *out = s->look;
        out->state = s->place == READY ? LW_EXPORT_READY : s->place == FAILED ? LW_EXPORT_FAILED : LW_EXPORT_WAITING;
    }
    pthread_mutex_unlock(&e->lock);
    return s != NULL ? LW_OK : LW_ERR_NOT_FOUND;
}

int32_t lw_exports_part(lw_exports *e, const char *id, const char *account, const char *clinic, const char *name,
                        int64_t from, lw_buf *out) {
    int32_t err = LW_ERR_NOT_FOUND;
    pthread_mutex_lock(&e->lock);
    const slot *s = find(e, id, account, clinic);
    for (uint32_t i = 0; s != NULL && s->place == READY && i < LW_RESEARCH_FILES; i++) {
        lw_research_file file = lw_research_get(s->cohort, i);
        if (strcmp(file.name, name) != 0) {
            continue;
        }
        err = LW_ERR_RANGE;
        if (from >= 0 && from <= (int64_t)file.bytes.len && (from == 0 || file.bytes.ptr[from - 1] == '\n')) {
            uint32_t left = file.bytes.len - (uint32_t)from, len = left < LW_EXPORT_PART ? left : LW_EXPORT_PART;
            while (len > 0 && len < left && file.bytes.ptr[from + len - 1] != '\n') {
                len--;
            }
            lw_buf_add(out, file.bytes.ptr + from, len);
            err = out->failed ? LW_ERR_NO_MEMORY : LW_OK;
        }
    }
    pthread_mutex_unlock(&e->lock);
    return err;
}

lw_exports *lw_exports_open(lw_server *server) {
    lw_exports *e = calloc(1, sizeof *e);
    if (e != NULL) {
        e->server = server;
        pthread_mutex_init(&e->lock, NULL);
        pthread_cond_init(&e->wake, NULL);
    }
    return e;
}

bool lw_exports_start(lw_exports *e) {
    e->running = pthread_create(&e->thread, NULL, making_main, e) == 0;
    return e->running;
}

void lw_exports_close(lw_exports *e) {
    if (e == NULL) {
        return;
    }
    pthread_mutex_lock(&e->lock);
    e->ending = true;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
    if (e->running) {
        pthread_join(e->thread, NULL);
    }
    for (int i = 0; i < LW_EXPORT_JOBS; i++) {
        empty(&e->slots[i]);
    }
    pthread_cond_destroy(&e->wake);
    pthread_mutex_destroy(&e->lock);
    free(e);
}
