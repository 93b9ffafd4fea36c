/*
 * dispatch.c: the way of a request through its checks, always in this order:
 *
 *     address → limits → other sites → sign-in → whose it is → lw_authorize → fields → handler → audit → numbers → log line
 *
 * Whatever fails ends the way there. What can be checked from the headers is checked before the body is read. A write is
 * prepared here, committed by the store's thread together with its row of the audit trail, and answered after the commit;
 * when the log had moved on in between it is prepared again, on a server's thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/server_internal.h"

#include "base/base_internal.h"
#include "store/people.h"
#include "store/queue.h"

int64_t lw__clock_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- the audit trail ---- */

/* Rows name who asked; a sign-in, where nobody is signed in yet, names the account it was about. */
static bool audit_fill(const lw__exchange *x, int status, lw__trail_row *out) {
    const lw_request *rq = &x->rq;
    snprintf(out->clinic, sizeof out->clinic, "%s", rq->acted_clinic[0] != '\0' ? rq->acted_clinic : x->who.clinic);
    snprintf(out->account, sizeof out->account, "%s",
             rq->acted_account[0] != '\0' ? rq->acted_account : x->who.account);
    /* Only of the own clinic: a name of nobody could be anything that somebody typed, and one of another clinic is not told. */
    bool own = rq->target.clinic[0] != '\0' && strcmp(rq->target.clinic, out->clinic) == 0;
    snprintf(out->patient, sizeof out->patient, "%s", own ? rq->target.patient : "");
    snprintf(out->detail, sizeof out->detail, "%s", rq->audit);
    out->row = (lw_audit){.at_s = rq->now_s,
                          .clinic = lw__str(out->clinic),
                          .account = lw__str(out->account),
                          .route = lw__str(rq->route->id),
                          .patient = lw__str(out->patient),
                          .detail = lw__str(out->detail),
                          .status = status};
    return rq->route->audited && out->account[0] != '\0';
}

/* Queues the row of an answer that does not wait for it. */
static int32_t audit_later(const lw__exchange *x, int status) {
    lw__trail_row *row = malloc(sizeof *row);
    if (row == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    if (!audit_fill(x, status, row)) {
        free(row);
        return LW_OK;
    }
    return lw__trail_add(x->rq.server->trail, row);
}

/* ---- checks before the body ---- */

static bool host_known(const lw_server *server, const char *host) {
    for (size_t i = 0; i < sizeof server->hosts / sizeof server->hosts[0]; i++) {
        if (server->hosts[i][0] != '\0' && strcasecmp(server->hosts[i], host) == 0) {
            return true;
        }
    }
    return false;
}

/* An Origin header names this server: its scheme and one of its hosts. */
static bool origin_known(const lw_server *server, const char *origin) {
    const char *rest = strstr(origin, "://");
    size_t scheme = rest != NULL ? (size_t)(rest - origin) : 0;
    return rest != NULL && strncmp(server->origin, origin, scheme + 3) == 0 && host_known(server, rest + 3);
}

static int32_t check_site(lw_server *server, lw__exchange *x, bool writes, bool from_anywhere) {
    const lw__wire *w = &x->wire;
    if (!host_known(server, w->host)) {
        return lw_problem(&x->rq, LW_ERR_ORIGIN, NULL, "this server does not answer to that host name");
    }
    if (from_anywhere) {
        return LW_OK;
    }
    bool foreign = w->fetch_site[0] != '\0' && strcmp(w->fetch_site, "same-origin") != 0 &&
                   (writes || strcmp(w->fetch_site, "none") != 0);
    if (foreign || (w->origin[0] != '\0' && !origin_known(server, w->origin))) {
        return lw_problem(&x->rq, LW_ERR_ORIGIN, NULL, "a page of another site sent this");
    }
    if (writes && strcmp(w->marker, "1") != 0) {
        return lw_problem(&x->rq, LW_ERR_ORIGIN, NULL, "the header X-Loadwave: 1 is missing");
    }
    return LW_OK;
}

static int32_t check_rate(lw_server *server, lw__exchange *x, const char *who, const char *what, uint32_t per_minute) {
    uint32_t wait =
        server->unlimited ? 0 : lw__limit_take(server->limits, who, what, per_minute, lw__clock_us() / 1000);
    if (wait > 0) {
        x->rq.retry_s = wait;
        return lw_problem(&x->rq, LW_ERR_RATE, NULL, "please try again in %u s", wait);
    }
    return LW_OK;
}

/* Behind a proxy the client is the last address that the proxy added. */
static void find_address(const lw_server *server, lw__exchange *x) {
    const char *address = x->wire.peer;
    bool local =
        strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0 || strncmp(address, "::ffff:127.", 11) == 0;
    if (server->proxy && local && x->wire.forwarded[0] != '\0') {
        const char *comma = strrchr(x->wire.forwarded, ',');
        address = comma != NULL ? comma + 1 : x->wire.forwarded;
        address += strspn(address, " ");
    }
    snprintf(x->rq.address, sizeof x->rq.address, "%s", address);
}

static int32_t find_target(lw_server *server, lw__exchange *x) {
    lw_request *rq = &x->rq;
    int index = lw__route_patient(rq->route);
    if (index < 0) {
        return LW_OK;
    }
    lw_target *target = &rq->target;
    if (strlen(rq->path[index]) >= sizeof target->patient) {
        return LW_ERR_NOT_FOUND;
    }
    memcpy(target->patient, rq->path[index], sizeof target->patient);
    lw_sql *sql = lw_store_reader(server->store);
    if (sql == NULL) {
        return LW_ERR_BUSY;
    }
    int32_t err = lw_patient_place(sql, lw__str(target->patient), target->clinic, target->responsible, &target->erased);
    lw_store_reader_back(server->store, sql);
    return err;
}

static int32_t own_length(const lw__wire *w, uint32_t body_max) {
    char *end = NULL;
    unsigned long long length = w->length[0] != '\0' ? strtoull(w->length, &end, 10) : 0;
    return length > body_max ? LW_ERR_LIMIT : LW_OK;
}

static int32_t check_api(lw_server *server, lw__exchange *x, lw_str path) {
    lw_request *rq = &x->rq;
    int32_t err = lw__route_find(x->wire.method, path, &rq->route, rq->path, x->allow);
    if (err == LW_ERR_METHOD) {
        return err;
    }
    if (err != LW_OK) {
        return lw_problem(rq, err, NULL, "%s",
                          err == LW_ERR_VALUE ? "the address is not validly encoded" : "there is no such address");
    }
    x->label = rq->route->id;
    if (own_length(&x->wire, rq->route->body_max) != LW_OK) {
        return lw_problem(rq, LW_ERR_LIMIT, NULL, "the body may have %u bytes at most", rq->route->body_max);
    }
    err = check_site(server, x, rq->route->shape == LW_WRITE, rq->route->foreign);
    if (err == LW_OK) {
        err = lw_session_find(server->identity, lw__str(x->wire.cookie), rq->now_s, &x->who);
    }
    if (err == LW_OK) {
        const char *who = x->who.account[0] != '\0' ? x->who.account : rq->address;
        err = check_rate(server, x, who, rq->route->id, rq->route->per_minute);
    }
    if (err == LW_OK) {
        err = find_target(server, x);
    }
    return err != LW_OK ? err : lw_authorize(rq->route, rq->who, &rq->target);
}

/* Why the server is not well, in words that name no place and no person; NULL: it is. */
static const char *unwell(lw_server *server) {
    if (atomic_load(&server->stopping)) {
        return "The server is stopping.";
    }
    lw_sql *sql = lw_store_reader(server->store);
    int32_t err = sql != NULL ? lw_store_alive(sql) : LW_ERR_BUSY;
    lw_store_reader_back(server->store, sql);
    if (err != LW_OK) {
        return "The store cannot be read.";
    }
    lw_store_stats stats;
    lw_store_stats_get(server->store, &stats);
    if (stats.waiting >= LW__WRITES_WAITING) {
        return "More is to be stored than the store keeps up with.";
    }
    err = lw__trail_trouble(server->trail);
    return err == LW_OK         ? NULL
           : err == LW_ERR_FULL ? "The disk of the store is full: nothing can be stored, and the audit trail waits."
           : err == LW_ERR_BUSY
               ? "The store cannot be written to now, and the audit trail waits: its database does not "
                 "answer, or another program holds it."
               : "The store cannot be written to, and the audit trail waits: its disk is read-only or "
                 "failing.";
}

static void answer_health(lw_server *server, lw__exchange *x) {
    const char *why = unwell(server);
    x->rq.reply.status = why == NULL ? 200 : 503;
    if (why == NULL) {
        lw_buf_str(&x->rq.reply.body, "{\"status\":\"ok\"}\n");
    } else {
        lw_buf_fmt(&x->rq.reply.body, "{\"status\":\"unwell\",\"reason\":\"%s\"}\n", why);
    }
}

static void answer_metrics(lw_server *server, lw__exchange *x) {
    lw__gauges gauges = {.listeners = lw__live_count(server->live), .rows_waiting = lw__trail_waiting(server->trail)};
    lw_store_stats_get(server->store, &gauges.store);
    lw__cache_gauges(server->cache, &gauges);
    x->rq.reply.type = "text/plain; version=0.0.4; charset=utf-8";
    lw__telemetry_write(server->telemetry, &gauges, &x->rq.reply.body);
}

/* What is not under /api/: health, metrics, pages. */
static int32_t check_other(lw_server *server, lw__exchange *x, lw_str path) {
    bool reads = strcmp(x->wire.method, "GET") == 0 || strcmp(x->wire.method, "HEAD") == 0;
    if (!reads) {
        snprintf(x->allow, sizeof x->allow, "GET, HEAD");
        return LW_ERR_METHOD;
    }
    if (lw__str_eq(path, LW_STR("/healthz"))) {
        x->label = "healthz";
        return LW_OK;
    }
    if (lw__str_eq(path, LW_STR("/metrics"))) {
        /* For this machine only, and not through a proxy. */
        bool local = strncmp(x->wire.peer, "127.", 4) == 0 || strcmp(x->wire.peer, "::1") == 0;
        x->label = "metrics";
        return local && x->wire.forwarded[0] == '\0' ? LW_OK : LW_ERR_NOT_FOUND;
    }
    x->label = "page";
    if (!host_known(server, x->wire.host)) {
        return lw_problem(&x->rq, LW_ERR_ORIGIN, NULL, "this server does not answer to that host name");
    }
    lw__page_find(path, x->wire.encodings, x->wire.if_none_match, &x->page);
    return LW_OK;
}

int32_t lw__dispatch_open(lw_server *server, lw__exchange *x) {
    lw_request *rq = &x->rq;
    rq->server = server;
    rq->identity = server->identity;
    rq->who = &x->who;
    rq->now_s = lw_server_now(server);
    x->began_us = lw__clock_us();
    x->label = "none";
    uint64_t serial = atomic_fetch_add(&server->serial, 1);
    snprintf(x->id, sizeof x->id, "%016llx",
             (unsigned long long)((serial * UINT64_C(0x9e3779b97f4a7c15)) ^ server->salt));
    snprintf(rq->agent, sizeof rq->agent, "%s", x->wire.agent);
    rq->accept = x->wire.accept != NULL ? x->wire.accept : "";
    rq->prefer = x->wire.prefer != NULL ? x->wire.prefer : "";
    rq->if_none_match = x->wire.if_none_match != NULL ? x->wire.if_none_match : "";
    rq->if_none_exist = x->wire.if_none_exist != NULL ? x->wire.if_none_exist : "";
    rq->fhir = strncmp(x->wire.target, "/fhir/", 6) == 0 || strcmp(x->wire.target, "/fhir") == 0;
    find_address(server, x);

    lw_str path = {"", 0};
    int32_t err = lw__target_split(x->wire.target, &path, &x->query);
    if (err != LW_OK) {
        lw_problem(rq, err, NULL, "%s",
                   err == LW_ERR_LIMIT ? "the address is too long" : "the address is not well formed");
    } else {
        err = check_rate(server, x, rq->address, "", LW__ADDRESS_PER_MINUTE);
    }
    if (err == LW_OK) {
        /* Under /api/ and /fhir there are routes only; a route may stand elsewhere, too, as those of bench/ do. */
        bool api = rq->fhir || (path.len >= 5 && memcmp(path.ptr, "/api/", 5) == 0) ||
                   lw__route_find(x->wire.method, path, &rq->route, rq->path, x->allow) != LW_ERR_NOT_FOUND;
        err = api ? check_api(server, x, path) : check_other(server, x, path);
    }
    x->refused = err;
    return err;
}

/* ---- the answer ---- */

static lw__turn refuse(lw__exchange *x, int32_t err) {
    lw_request *rq = &x->rq;
    if (rq->retry_s == 0 && lw_err_find(err)->retryable) {
        rq->retry_s = err == LW_ERR_HEAD || err == LW_ERR_BUSY ? 1 : 10;
    }
    if (err == LW_ERR_METHOD && strcmp(x->wire.method, "OPTIONS") == 0) {
        rq->reply.status = 204;
    } else {
        lw__problem_reply(rq, err);
    }
    if (x->allow[0] != '\0') {
        char allow[96];
        snprintf(allow, sizeof allow, "%s, OPTIONS", x->allow);
        lw_reply_header(rq, "Allow", allow);
    }
    /* Too many tries would fill the trail: numbers and log lines have those. */
    if (rq->route != NULL && err != LW_ERR_RATE && audit_later(x, rq->reply.status) != LW_OK) {
        lw__telemetry_audit_lost(rq->server->telemetry);
    }
    return LW__SEND;
}

/* Lets go of what prepare holds. */
static void drop_state(lw_request *rq) {
    if (rq->drop != NULL) {
        rq->drop(rq);
        rq->drop = NULL;
    }
}

static void reset_reply(lw_request *rq) {
    drop_state(rq);
    lw_buf_clear(&rq->reply.body);
    rq->reply.status = 0;
    rq->reply.type = NULL;
    rq->reply.header_count = 0;
    rq->reply.cookie[0] = '\0';
    rq->pool.failed = false;
    rq->err = LW_OK;
    rq->line = 0;
    rq->hint[0] = '\0';
    rq->audit[0] = '\0';
    rq->issues = NULL;
    rq->status = 0;
    rq->after = NULL;
}

static int32_t run_handler(lw__exchange *x) {
    lw_request *rq = &x->rq;
    if (rq->route->handler == NULL) {
        return LW_OK;
    }
    lw_sql *sql = lw_store_reader(rq->server->store);
    if (sql == NULL) {
        return LW_ERR_BUSY;
    }
    int32_t err = rq->route->handler(rq, sql);
    lw_store_reader_back(rq->server->store, sql);
    /* What could not be kept looks like something that was not sent: it must not be judged as that. */
    return rq->pool.failed || (err == LW_OK && rq->reply.body.failed) ? LW_ERR_NO_MEMORY : err;
}

static lw__turn prepare(lw__exchange *x) {
    reset_reply(&x->rq);
    x->tries++;
    int32_t err = run_handler(x);
    if (err != LW_OK) {
        return refuse(x, err);
    }
    x->reply_mark = x->rq.reply.body.len;
    x->header_mark = x->rq.reply.header_count;
    return LW__COMMIT;
}

lw__turn lw__dispatch_run(lw__exchange *x) {
    lw_request *rq = &x->rq;
    lw_server *server = rq->server;
    if (x->refused != LW_OK) {
        return refuse(x, x->refused);
    }
    if (rq->route == NULL) {
        if (strcmp(x->label, "page") == 0) {
            return LW__PAGE;
        }
        if (strcmp(x->label, "metrics") == 0) {
            answer_metrics(server, x);
        } else {
            answer_health(server, x);
        }
        return LW__SEND;
    }
    rq->raw = lw_buf_view(&x->body);
    int32_t err = x->too_large
                      ? lw_problem(rq, LW_ERR_LIMIT, NULL, "the body may have %u bytes at most", rq->route->body_max)
                      : lw__fields_query(rq, x->query);
    err = err == LW_OK ? lw__fields_body(rq, x->wire.media) : err;
    if (err != LW_OK) {
        return refuse(x, err);
    }
    if (rq->route->shape == LW_STREAM) {
        return LW__STREAM;
    }
    if (rq->route->shape == LW_WRITE) {
        return prepare(x);
    }
    err = run_handler(x);
    if (err == LW_OK) {
        rq->reply.status = rq->reply.status != 0 ? rq->reply.status : 200;
        err = audit_later(x, rq->reply.status); /* nothing is shown of which no row is written or waits */
        if (err == LW_OK) {
            return LW__SEND;
        }
    }
    return refuse(x, err);
}

/* ---- the writer's thread ---- */

static int32_t commit_job(lw_sql *sql, void *ctx) {
    lw__exchange *x = ctx;
    lw_request *rq = &x->rq;
    /* A group that was undone may run its jobs again. */
    rq->reply.body.len = x->reply_mark;
    rq->reply.header_count = x->header_mark;
    int32_t err = rq->route->commit(rq, sql);
    if (err != LW_OK) {
        return err;
    }
    rq->reply.status = rq->reply.status != 0 ? rq->reply.status : 200;
    lw__trail_row row;
    return audit_fill(x, rq->reply.status, &row) ? lw_audit_add(sql, &row.row) : LW_OK;
}

static void commit_done(void *ctx, int32_t err) {
    lw__exchange *x = ctx;
    x->job_err = err;
    x->wake(x);
}

void lw__dispatch_submit(lw__exchange *x) {
    atomic_fetch_add(&x->rq.server->asleep, 1);
    int32_t err = lw_store_submit(x->rq.server->store, commit_job, commit_done, x);
    if (err != LW_OK) {
        commit_done(x, err);
    }
}

lw__turn lw__dispatch_done(lw__exchange *x) {
    lw_request *rq = &x->rq;
    int32_t err = x->job_err;
    atomic_fetch_sub(&rq->server->asleep, 1);
    if (err == LW_ERR_HEAD && x->tries < LW__TRIES) {
        return prepare(x);
    }
    if (err == LW_OK && rq->reply.body.failed) {
        err = LW_ERR_NO_MEMORY; /* it is stored all the same; a repeat is harmless */
    }
    if (err != LW_OK) {
        return refuse(x, err);
    }
    if (rq->after != NULL) {
        rq->after(rq);
    }
    if (rq->target.patient[0] != '\0') {
        if (strcmp(rq->route->method, "DELETE") == 0) {
            lw__log_forget(rq->server->cache, rq->target.patient);
        }
        lw_live_publish(rq->server, rq->target.clinic, rq->target.patient, rq->changed_seq);
    }
    return LW__SEND;
}

void lw__dispatch_sent(lw__exchange *x, int status, size_t bytes) {
    int64_t us = lw__clock_us() - x->began_us;
    int index = x->rq.route != NULL ? (int)(x->rq.route - lw_routes) : -1;
    lw__telemetry_count(x->rq.server->telemetry, index, status, us);
    lw__log_request(x->rq.now_s, x->id, x->label, x->wire.method, status, us, bytes);
}

void lw__exchange_free(lw__exchange *x) {
    drop_state(&x->rq);
    lw_buf_free(&x->body);
    lw_buf_free(&x->rq.reply.body);
    lw_pool_free(&x->rq.pool);
    free(x);
}
