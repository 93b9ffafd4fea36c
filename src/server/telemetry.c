/*
 * telemetry.c: numbers and log lines. Nothing about a person is in either: routes by their id, statuses, times, sizes.
 *
 * Counters are atomic and never lock; a reader may see a request in one and not yet in another.
 */
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/server_internal.h"

/* Statuses the server gives; whatever else counts as the last. */
static const int statuses[] = {200, 204, 304, 308, 400, 401, 403, 404, 405, 409,
                               410, 413, 415, 422, 429, 500, 503, 507, 0};
enum { STATUSES = sizeof statuses / sizeof statuses[0], BOUNDS = 14 };
static const int64_t bounds_us[BOUNDS] = {250,   500,    1000,   2500,   5000,    10000,   25000,
                                          50000, 100000, 250000, 500000, 1000000, 2500000, 10000000};

struct lw__telemetry {
    time_t began;
    atomic_uint_fast64_t bucket[BOUNDS + 1], sum_us, audit_lost;
    atomic_uint_fast64_t counts[]; /* (routes + 1) × STATUSES; the last row is pages */
};

lw__telemetry *lw__telemetry_open(void) {
    size_t cells = (size_t)(lw_route_count + 1) * STATUSES;
    lw__telemetry *t = calloc(1, sizeof *t + cells * sizeof t->counts[0]);
    if (t != NULL) {
        t->began = time(NULL);
    }
    return t;
}

void lw__telemetry_close(lw__telemetry *telemetry) {
    free(telemetry);
}

void lw__telemetry_count(lw__telemetry *t, int route_index, int status, int64_t microseconds) {
    uint32_t row = route_index >= 0 ? (uint32_t)route_index : lw_route_count;
    uint32_t column = 0;
    while (column < STATUSES - 1 && statuses[column] != status) {
        column++;
    }
    atomic_fetch_add_explicit(&t->counts[row * STATUSES + column], 1, memory_order_relaxed);
    int slot = 0;
    while (slot < BOUNDS && microseconds > bounds_us[slot]) {
        slot++;
    }
    atomic_fetch_add_explicit(&t->bucket[slot], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&t->sum_us, (uint64_t)microseconds, memory_order_relaxed);
}

void lw__telemetry_audit_lost(lw__telemetry *t) {
    atomic_fetch_add(&t->audit_lost, 1);
}

static void one(lw_buf *out, const char *name, const char *type, const char *help, uint64_t value) {
    lw_buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n%s %llu\n", name, help, name, type, name, (unsigned long long)value);
}

static uint64_t heap_bytes(void) {
    struct mallinfo2 heap = mallinfo2();
    return (uint64_t)heap.uordblks + (uint64_t)heap.hblkhd;
}

static uint64_t resident_bytes(void) {
    unsigned long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL) {
        if (fscanf(file, "%lu %lu", &pages, &resident) != 2) {
            resident = 0;
        }
        fclose(file);
    }
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

void lw__telemetry_write(const lw__telemetry *t, const lw__gauges *g, lw_buf *out) {
    lw_buf_str(out,
               "# HELP loadwave_requests_total Answers by route and status.\n# TYPE loadwave_requests_total counter\n");
    for (uint32_t row = 0; row <= lw_route_count; row++) {
        for (uint32_t column = 0; column < STATUSES; column++) {
            uint64_t n = atomic_load_explicit(&t->counts[row * STATUSES + column], memory_order_relaxed);
            if (n > 0) {
                lw_buf_fmt(out, "loadwave_requests_total{route=\"%s\",status=\"%d\"} %llu\n",
                           row < lw_route_count ? lw_routes[row].id : "page", statuses[column], (unsigned long long)n);
            }
        }
    }
    lw_buf_str(out, "# HELP loadwave_request_seconds Time from the headers to the answer.\n"
                    "# TYPE loadwave_request_seconds histogram\n");
    uint64_t total = 0;
    for (int i = 0; i < BOUNDS; i++) {
        total += atomic_load_explicit(&t->bucket[i], memory_order_relaxed);
        lw_buf_fmt(out, "loadwave_request_seconds_bucket{le=\"%lld.%06lld\"} %llu\n",
                   (long long)(bounds_us[i] / 1000000), (long long)(bounds_us[i] % 1000000), (unsigned long long)total);
    }
    total += atomic_load_explicit(&t->bucket[BOUNDS], memory_order_relaxed);
    uint64_t sum = atomic_load_explicit(&t->sum_us, memory_order_relaxed);
    lw_buf_fmt(out,
               "loadwave_request_seconds_bucket{le=\"+Inf\"} %llu\nloadwave_request_seconds_sum %llu.%06llu\n"
               "loadwave_request_seconds_count %llu\n",
               (unsigned long long)total, (unsigned long long)(sum / 1000000), (unsigned long long)(sum % 1000000),
               (unsigned long long)total);
    one(out, "loadwave_store_jobs_total", "counter", "Writes given to the store.", g->store.jobs);
    one(out, "loadwave_store_commits_total", "counter", "Transactions they were committed in.", g->store.groups);
    one(out, "loadwave_store_failed_total", "counter", "Writes that were refused or failed.", g->store.failed);
    one(out, "loadwave_store_waiting", "gauge", "Writes that wait.", g->store.waiting);
    one(out, "loadwave_store_commit_microseconds_total", "counter", "Time spent in commits.", g->store.commit_us);
    one(out, "loadwave_audit_lost_total", "counter", "Rows of the audit trail that could not be written.",
        atomic_load(&t->audit_lost));
    one(out, "loadwave_audit_waiting", "gauge", "Rows of the audit trail that wait until the store can be written to.",
        g->rows_waiting);
    one(out, "loadwave_listeners", "gauge", "Open streams of changes.", g->listeners);
    one(out, "loadwave_log_cache_bytes", "gauge", "Logs kept in memory.", g->cache_bytes);
    one(out, "loadwave_log_cache_hits_total", "counter", "Logs found in memory.", g->cache_hits);
    one(out, "loadwave_log_cache_misses_total", "counter", "Logs read from the database.", g->cache_misses);
    one(out, "loadwave_resident_bytes", "gauge", "Memory in use.", resident_bytes());
    one(out, "loadwave_heap_bytes", "gauge", "Memory asked for and not given back: what a leak makes grow.",
        heap_bytes());
    one(out, "loadwave_start_seconds", "gauge", "When the program started, seconds since 1970.", (uint64_t)t->began);
}

/* One write a line, so that lines of several threads do not mix. */
static void put_line(const char *line, size_t len) {
    ssize_t written = write(STDERR_FILENO, line, len);
    (void)written; /* nobody to tell */
}

static void stamp(int64_t now_s, char out[24]) {
    time_t when = (time_t)now_s;
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void lw__log_request(int64_t now_s, const char *id, const char *route, const char *method, int status, int64_t us,
                     size_t bytes) {
    char line[400], time_text[24];
    stamp(now_s, time_text);
    /* The method is the client's word: only those with a route are repeated. */
    const char *known =
        strlen(method) <= 7 && strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(method) ? method : "?";
    int len = snprintf(
        line, sizeof line,
        "{\"time\":\"%s\",\"level\":\"info\",\"request\":\"%s\",\"method\":\"%s\",\"route\":\"%s\",\"status\":%d,"
        "\"ms\":%lld.%03lld,\"bytes\":%zu}\n",
        time_text, id, known, route, status, (long long)(us / 1000), (long long)(us % 1000), bytes);
    if (len > 0 && (size_t)len < sizeof line) {
        put_line(line, (size_t)len);
    }
}

void lw__log_event(const char *level, const char *what, const char *format, ...) {
    char detail[300], time_text[24];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    stamp((int64_t)time(NULL), time_text);
    lw_buf line = {0};
    lw_buf_fmt(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"what\":\"%s\",\"detail\":", time_text, level, what);
    lw_buf_json(&line, (lw_str){detail, (uint32_t)strlen(detail)});
    lw_buf_str(&line, "}\n");
    if (!line.failed) {
        put_line(line.ptr, line.len);
    }
    lw_buf_free(&line);
}
