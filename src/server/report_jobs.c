/*
 * report_jobs.c: see report_jobs.h. A table of slots under one lock; the thread takes the oldest that waits and draws
 * outside of the lock. A slot that is being drawn belongs to the thread: nobody else changes or frees it.
 */
#include "server/report_jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/base_internal.h"
#include "server/fold_request.h"
#include "server/research_jobs.h"
#include "store/queue.h"

typedef enum place { EMPTY, WAITING, DRAWING, READY, FAILED } place;

typedef struct slot {
    lw_report_job job;
    place place;
    uint64_t number; /* order of arrival */
    int64_t done_s;  /* monotonic */
    int32_t err;
    lw_buf bytes;
} slot;

struct lw_reports {
    lw_server *server;
    lw_exports *exports;
    slot slots[LW_REPORT_JOBS];
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

/* ---- drawing ---- */

static int32_t draw(lw_server *server, const lw_report_job *job, lw_buf *out) {
    const lw_protocol *protocol = NULL, *builtin = NULL;
    lw__log *log = NULL;
    char sha256[65];
    lw_sql *sql = lw_store_reader(server->store);
    if (sql == NULL) {
        return LW_ERR_BUSY;
    }
    int32_t err = lw_patient_protocol_hash(sql, lw__str(job->patient), sha256);
    err = err == LW_OK ? lw_server_protocol(server, sql, sha256, &protocol) : err;
    err = err == LW_OK ? lw_server_protocol(server, sql, lw_builtin_sha256(), &builtin) : err;
    err = err == LW_OK ? lw__log_get(server->cache, sql, job->patient, &log) : err;
    lw_store_reader_back(server->store, sql);
    if (err == LW_OK) {
        int32_t offset_s = 0;
        lw_report_request request = {
            .kind = job->kind,
            .format = job->format,
            .language = job->language,
            .protocol = protocol,
            .builtin = strcmp(sha256, lw_builtin_sha256()) != 0 ? builtin : NULL,
            .record = &log->reading->record,
            .day = job->day != INT32_MIN ? job->day : lw__local_day(log->reading, lw_server_now(server), &offset_s),
            .name = job->name[0] != '\0' ? job->name : NULL,
            .to = job->to[0] != '\0' ? job->to : NULL,
            .from = job->from[0] != '\0' ? job->from : NULL};
        err = lw_report_draw(&request, out, NULL);
    }
    lw__log_back(log);
    lw_server_protocol_back(server, builtin);
    lw_server_protocol_back(server, protocol);
    return err == LW_OK && out->failed ? LW_ERR_NO_MEMORY : err;
}

static slot *oldest(lw_reports *r) {
    slot *found = NULL;
    for (int i = 0; i < LW_REPORT_JOBS; i++) {
        slot *s = &r->slots[i];
        found = s->place == WAITING && (found == NULL || s->number < found->number) ? s : found;
    }
    return found;
}

static void *drawing_main(void *ctx) {
    lw_reports *r = ctx;
    pthread_mutex_lock(&r->lock);
    while (!r->ending) {
        slot *s = oldest(r);
        if (s == NULL) {
            pthread_cond_wait(&r->wake, &r->lock);
            continue;
        }
        s->place = DRAWING;
        pthread_mutex_unlock(&r->lock);
        int32_t err = draw(r->server, &s->job, &s->bytes);
        if (err != LW_OK && err != LW_ERR_RANGE) {
            lw__log_event("warn", "report", "%s: %s", lw_report_kind_name(s->job.kind), lw_err_name(err));
        }
        pthread_mutex_lock(&r->lock);
        s->err = err;
        s->place = err == LW_OK ? READY : FAILED;
        s->done_s = monotonic_s();
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* ---- the queue ---- */

static void empty(slot *s) {
    lw_buf_free(&s->bytes);
    explicit_bzero(&s->job, sizeof s->job);
    s->place = EMPTY;
}

static bool done(const slot *s) {
    return s->place == READY || s->place == FAILED;
}

static void sweep(lw_reports *r) {
    int64_t now_s = monotonic_s();
    for (int i = 0; i < LW_REPORT_JOBS; i++) {
        if (done(&r->slots[i]) && now_s - r->slots[i].done_s >= LW_REPORT_KEPT_S) {
            empty(&r->slots[i]);
        }
    }
}

/* A slot for another job of the account: an empty one, or the account's own oldest that is done. NULL: none. */
static slot *room(lw_reports *r, const char *account) {
    slot *free_one = NULL, *own_done = NULL;
    int own = 0;
    for (int i = 0; i < LW_REPORT_JOBS; i++) {
        slot *s = &r->slots[i];
        bool mine = s->place != EMPTY && strcmp(s->job.account, account) == 0;
        own += mine ? 1 : 0;
        free_one = s->place == EMPTY ? s : free_one;
        own_done = mine && done(s) && (own_done == NULL || s->number < own_done->number) ? s : own_done;
    }
    if (own < LW_REPORT_OWN && free_one != NULL) {
        return free_one;
    }
    if (own_done != NULL) {
        empty(own_done);
    }
    return own_done;
}

int32_t lw_reports_add(lw_reports *r, const lw_report_job *job) {
    int32_t err = LW_OK;
    bool there = false;
    pthread_mutex_lock(&r->lock);
    sweep(r);
    for (int i = 0; i < LW_REPORT_JOBS; i++) {
        there = there || (r->slots[i].place != EMPTY && strcmp(r->slots[i].job.id, job->id) == 0);
    }
    slot *s = there ? NULL : room(r, job->account);
    if (s != NULL) {
        s->job = *job;
        s->err = LW_OK;
        s->number = ++r->numbers;
        s->place = WAITING;
        pthread_cond_signal(&r->wake);
    } else {
        err = there ? LW_OK : LW_ERR_BUSY;
    }
    pthread_mutex_unlock(&r->lock);
    return err;
}

int32_t lw_reports_look(lw_reports *r, const char *id, const char *account, const char *patient, lw_report_state *state,
                        int32_t *err, lw_report_job *job, lw_buf *out) {
    int32_t found = LW_ERR_NOT_FOUND;
    pthread_mutex_lock(&r->lock);
    sweep(r);
    for (int i = 0; i < LW_REPORT_JOBS; i++) {
        const slot *s = &r->slots[i];
        if (s->place == EMPTY || strcmp(s->job.id, id) != 0 || strcmp(s->job.account, account) != 0 ||
            strcmp(s->job.patient, patient) != 0) {
            continue;
        }
        found = LW_OK;
        *state = s->place == READY ? LW_REPORT_READY : s->place == FAILED ? LW_REPORT_FAILED : LW_REPORT_WAITING;
        *err = done(s) ? s->err : LW_OK;
        if (out != NULL && s->place == READY) {
            *job = s->job;
            lw_buf_slice(out, lw_buf_view(&s->bytes));
        }
    }
    pthread_mutex_unlock(&r->lock);
    return found;
}

lw_reports *lw_reports_open(lw_server *server) {
    lw_reports *r = calloc(1, sizeof *r);
    lw_exports *exports = lw_exports_open(server);
    if (r == NULL || exports == NULL) {
        free(r);
        lw_exports_close(exports);
        r = NULL;
    } else {
        r->server = server;
        r->exports = exports;
        pthread_mutex_init(&r->lock, NULL);
        pthread_cond_init(&r->wake, NULL);
    }
    return r;
}

bool lw_reports_start(lw_reports *r) {
    r->running = pthread_create(&r->thread, NULL, drawing_main, r) == 0;
    return r->running && lw_exports_start(r->exports);
}

lw_exports *lw_reports_exports(const lw_reports *r) {
    return r->exports;
}

void lw_reports_close(lw_reports *r) {
    if (r == NULL) {
        return;
    }
    pthread_mutex_lock(&r->lock);
    r->ending = true;
    pthread_cond_signal(&r->wake);
    pthread_mutex_unlock(&r->lock);
    if (r->running) {
        pthread_join(r->thread, NULL);
    }
    lw_exports_close(r->exports);
    for (int i = 0; i < LW_REPORT_JOBS; i++) {
        empty(&r->slots[i]);
    }
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
    free(r);
}
