/*
 * jobs.c: see jobs.h. A table of jobs under one lock; the thread takes the oldest that waits and works outside of the lock. A job
 * in work belongs to the thread: nobody else frees it or looks into it beyond its head, which changes under the lock alone.
 */
#include "server/jobs.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct lw_jobs {
    const lw_job_kind *kind;
    lw_server *server;
    lw_job_head *slots[LW_JOBS_MOST]; /* NULL: empty */
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

static bool decided(const lw_job_head *job) {
    return job->state == LW_JOB_READY || job->state == LW_JOB_FAILED;
}

static bool belongs(const lw_job_head *job, const char *id, const char *account) {
    return strcmp(job->id, id) == 0 && strcmp(job->account, account) == 0;
}

static void empty(lw_jobs *jobs, lw_job_head **slot) {
    if (*slot != NULL) {
        jobs->kind->end(*slot);
        explicit_bzero(*slot, jobs->kind->size);
        free(*slot);
        *slot = NULL;
    }
}

static void sweep(lw_jobs *jobs) {
    int64_t now_s = monotonic_s();
    for (uint32_t i = 0; i < jobs->kind->most; i++) {
        lw_job_head *job = jobs->slots[i];
        if (job != NULL && decided(job) && now_s - job->done_s >= jobs->kind->kept_s) {
            empty(jobs, &jobs->slots[i]);
        }
    }
}

/* An empty slot for another job of the account; it may take the place of the account's own oldest that is decided. NULL: none. */
static lw_job_head **room(lw_jobs *jobs, const char *account) {
    lw_job_head **free_one = NULL, **own_done = NULL;
    uint32_t own = 0;
    for (uint32_t i = 0; i < jobs->kind->most; i++) {
        lw_job_head **slot = &jobs->slots[i], *job = *slot;
        bool mine = job != NULL && strcmp(job->account, account) == 0;
        own += mine ? 1 : 0;
        free_one = job == NULL ? slot : free_one;
        own_done = mine && decided(job) && (own_done == NULL || job->number < (*own_done)->number) ? slot : own_done;
    }
    if (own < jobs->kind->own && free_one != NULL) {
        return free_one;
    }
    if (own_done != NULL) {
        empty(jobs, own_done);
    }
    return own_done;
}

int32_t lw_jobs_add(lw_jobs *jobs, const lw_job_head *job) {
    bool there = false;
    lw_job_head *copy = malloc(jobs->kind->size);
    if (copy == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    memcpy(copy, job, jobs->kind->size);
    pthread_mutex_lock(&jobs->lock);
    sweep(jobs);
    for (uint32_t i = 0; i < jobs->kind->most; i++) {
        there = there || (jobs->slots[i] != NULL && belongs(jobs->slots[i], job->id, job->account));
    }
    lw_job_head **slot = there ? NULL : room(jobs, job->account);
    if (slot != NULL) {
        copy->state = LW_JOB_WAITING;
        copy->number = ++jobs->numbers;
        *slot = copy;
        copy = NULL;
        pthread_cond_signal(&jobs->wake);
    }
    pthread_mutex_unlock(&jobs->lock);
    free(copy);
    return there || slot != NULL ? LW_OK : LW_ERR_BUSY;
}

bool lw_jobs_tell(lw_jobs *jobs, lw_job_head *job, uint32_t done, uint32_t of) {
    pthread_mutex_lock(&jobs->lock);
    job->done = done;
    job->of = of;
    bool on = !jobs->ending;
    pthread_mutex_unlock(&jobs->lock);
    return on;
}

int32_t lw_jobs_look(lw_jobs *jobs, const char *id, const char *account, const char *about, lw_job_head *out,
                     void (*see)(const lw_job_head *job, void *ctx), void *ctx) {
    int32_t err = LW_ERR_NOT_FOUND;
    pthread_mutex_lock(&jobs->lock);
    sweep(jobs);
    for (uint32_t i = 0; i < jobs->kind->most; i++) {
        const lw_job_head *job = jobs->slots[i];
        if (job != NULL && belongs(job, id, account) && strcmp(job->about, about) == 0) {
            *out = *job;
            err = LW_OK;
            if (see != NULL && job->state == LW_JOB_READY) {
                see(job, ctx);
            }
        }
    }
    pthread_mutex_unlock(&jobs->lock);
    return err;
}

static void *jobs_main(void *ctx) {
    lw_jobs *jobs = ctx;
    pthread_mutex_lock(&jobs->lock);
    while (!jobs->ending) {
        lw_job_head *next = NULL;
        for (uint32_t i = 0; i < jobs->kind->most; i++) {
            lw_job_head *job = jobs->slots[i];
            bool waits = job != NULL && job->state == LW_JOB_WAITING;
            next = waits && (next == NULL || job->number < next->number) ? job : next;
        }
        if (next == NULL) {
            pthread_cond_wait(&jobs->wake, &jobs->lock);
            continue;
        }
        next->state = LW_JOB_WORKING;
        pthread_mutex_unlock(&jobs->lock);
        int32_t err = jobs->kind->work(jobs, jobs->server, next);
        pthread_mutex_lock(&jobs->lock);
        next->err = err;
        next->state = err == LW_OK ? LW_JOB_READY : LW_JOB_FAILED;
        next->done_s = monotonic_s();
        if (err != LW_OK) {
            next->done = next->of = 0;
        }
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

lw_jobs *lw_jobs_open(const lw_job_kind *kind, lw_server *server) {
    lw_jobs *jobs = calloc(1, sizeof *jobs);
    if (jobs != NULL) {
        jobs->kind = kind;
        jobs->server = server;
        pthread_mutex_init(&jobs->lock, NULL);
        pthread_cond_init(&jobs->wake, NULL);
    }
    return jobs;
}

bool lw_jobs_start(lw_jobs *jobs) {
    jobs->running = pthread_create(&jobs->thread, NULL, jobs_main, jobs) == 0;
    return jobs->running;
}

void lw_jobs_close(lw_jobs *jobs) {
    if (jobs == NULL) {
        return;
    }
    pthread_mutex_lock(&jobs->lock);
    jobs->ending = true;
    pthread_cond_signal(&jobs->wake);
    pthread_mutex_unlock(&jobs->lock);
    if (jobs->running) {
        pthread_join(jobs->thread, NULL);
    }
    for (uint32_t i = 0; i < jobs->kind->most; i++) {
        empty(jobs, &jobs->slots[i]);
    }
    pthread_cond_destroy(&jobs->wake);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}

void lw_job_begin(lw_job_head *job, const char *account, const char *about) {
    uint8_t bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(job->id, sizeof job->id, bytes, sizeof bytes);
    snprintf(job->account, sizeof job->account, "%s", account);
    snprintf(job->about, sizeof job->about, "%s", about);
}

const char *lw_job_state_name(lw_job_state state) {
    return state == LW_JOB_READY ? "ready" : state == LW_JOB_FAILED ? "failed" : "waiting";
}
