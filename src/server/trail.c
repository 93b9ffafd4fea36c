/*
 * trail.c: rows of the audit trail behind answers, and whether the store can be written to at all.
 *
 * The row of a read is queued and not waited for (docs/decisions/0011). When the store cannot take it, because its disk is full or its
 * database is away, the row waits here and goes in when it can: later in the chain, with the time of the read. At most LW__ROWS_WAITING do;
 * with that many nothing more is shown. What still waits when the process ends is lost, is counted, and is said.
 *
 * Whether the store takes writes is known from the last one. When that failed, or nobody wrote for a minute, a row that changes nothing is
 * written to find out, so that a server that nobody uses notices a full disk, and is well again by itself.
 */
#include <stdlib.h>

#include "server/server_internal.h"
#include "store/queue.h"

enum { IDLE_BEATS = 4, PROBE_US = 1000000 };

struct lw__trail {
    lw_store *store;
    lw__telemetry *telemetry;
    pthread_mutex_t lock; /* of everything below */
    lw__trail_row *first, **last;
    uint32_t waiting, beats;
    uint64_t jobs; /* of the store at the beat before */
    int64_t probed_us;
    bool ending, probing;
};

static void lose(lw__trail *trail, lw__trail_row *row) {
    lw__telemetry_audit_lost(trail->telemetry);
    free(row);
}

static int32_t row_job(lw_sql *sql, void *ctx) {
    return lw_audit_add(sql, &((lw__trail_row *)ctx)->row);
}

static bool passes(int32_t err) {
    return err == LW_ERR_FULL || err == LW_ERR_IO || err == LW_ERR_BUSY || err == LW_ERR_NO_MEMORY;
}

static void row_done(void *ctx, int32_t err) {
    lw__trail_row *row = ctx;
    lw__trail *trail = row->trail;
    if (err == LW_OK) {
        free(row);
        return;
    }
    pthread_mutex_lock(&trail->lock);
    bool waits = passes(err) && !trail->ending && trail->waiting < LW__ROWS_WAITING;
    bool first = waits && trail->waiting++ == 0;
    if (waits) {
        row->next = NULL;
        *trail->last = row;
        trail->last = &row->next;
    }
    pthread_mutex_unlock(&trail->lock);
    if (!waits) {
        lw__log_event("error", "audit", "a row could not be written: %s", lw_err_name(err));
        lose(trail, row);
    } else if (first) {
        lw__log_event("error", "audit", "rows cannot be written and wait: %s", lw_err_name(err));
    }
}

static int32_t submit(lw__trail_row *row) {
    return lw_store_submit(row->trail->store, row_job, row_done, row);
}

int32_t lw__trail_add(lw__trail *trail, lw__trail_row *row) {
    pthread_mutex_lock(&trail->lock);
    bool full = trail->waiting >= LW__ROWS_WAITING;
    pthread_mutex_unlock(&trail->lock);
    row->trail = trail;
    int32_t err = full ? LW_ERR_BUSY : submit(row);
    if (err != LW_OK) {
        free(row);
    }
    return err;
}

/* Gives the store what waits, in the order in which it came. */
static void again(lw__trail *trail, bool ending) {
    pthread_mutex_lock(&trail->lock);
    lw__trail_row *row = trail->first;
    uint32_t count = trail->waiting;
    trail->first = NULL;
    trail->last = &trail->first;
    trail->waiting = 0;
    trail->ending = trail->ending || ending;
    pthread_mutex_unlock(&trail->lock);
    while (row != NULL) {
        lw__trail_row *next = row->next;
        if (submit(row) != LW_OK) {
            row_done(row, LW_ERR_BUSY);
        }
        row = next;
    }
    if (count > 0) {
        lw__log_event("info", "audit", "%u rows that waited are tried again", count);
    }
}

static int32_t probe_job(lw_sql *sql, void *ctx) {
    (void)ctx;
    return lw_store_touch(sql);
}

static void probe_done(void *ctx, int32_t err) {
    lw__trail *trail = ctx;
    pthread_mutex_lock(&trail->lock);
    trail->probing = false;
    pthread_mutex_unlock(&trail->lock);
    if (err == LW_OK) {
        again(trail, false);
    }
}

/* Writes what changes nothing, at most once a second, and does not wait for it. */
static void probe(lw__trail *trail) {
    int64_t now_us = lw__clock_us();
    pthread_mutex_lock(&trail->lock);
    bool due = !trail->probing && !trail->ending && now_us - trail->probed_us >= PROBE_US;
    if (due) {
        trail->probing = true;
        trail->probed_us = now_us;
    }
    pthread_mutex_unlock(&trail->lock);
    if (due && lw_store_submit(trail->store, probe_job, probe_done, trail) != LW_OK) {
        probe_done(trail, LW_ERR_BUSY);
    }
}

int32_t lw__trail_trouble(lw__trail *trail) {
    lw_store_stats stats;
    lw_store_stats_get(trail->store, &stats);
    if (stats.trouble != LW_OK) {
        probe(trail);
    }
    return stats.trouble;
}

void lw__trail_beat(lw__trail *trail) {
    lw_store_stats stats;
    lw_store_stats_get(trail->store, &stats);
    pthread_mutex_lock(&trail->lock);
    trail->beats = stats.jobs == trail->jobs ? trail->beats + 1 : 0;
    trail->jobs = stats.jobs;
    bool look = stats.trouble != LW_OK || trail->waiting > 0 || trail->beats >= IDLE_BEATS;
    pthread_mutex_unlock(&trail->lock);
    if (look) {
        probe(trail);
    }
}

uint32_t lw__trail_waiting(lw__trail *trail) {
    pthread_mutex_lock(&trail->lock);
    uint32_t waiting = trail->waiting;
    pthread_mutex_unlock(&trail->lock);
    return waiting;
}

lw__trail *lw__trail_open(lw_store *store, lw__telemetry *telemetry) {
    lw__trail *trail = calloc(1, sizeof *trail);
    if (trail != NULL) {
        trail->store = store;
        trail->telemetry = telemetry;
        trail->last = &trail->first;
        pthread_mutex_init(&trail->lock, NULL);
    }
    return trail;
}

void lw__trail_settle(lw__trail *trail) {
    if (trail != NULL) {
        again(trail, true);
    }
}

void lw__trail_close(lw__trail *trail) {
    if (trail != NULL) {
        pthread_mutex_destroy(&trail->lock);
        free(trail);
    }
}
