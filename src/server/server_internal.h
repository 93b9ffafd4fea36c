/*
 * server_internal.h: what the parts of the server share among themselves.
 *
 * The way of a request (dispatch.c): http_mhd.c reads headers into lw__wire, calls lw__dispatch_open, reads the body, calls
 * lw__dispatch_run; a write is then committed by the store's thread while the connection sleeps, and lw__dispatch_done says
 * whether it must be made again. Nothing but http_mhd.c knows libmicrohttpd, nothing but dispatch.c knows the order of checks.
 */
#ifndef LW_SERVER_INTERNAL_H
#define LW_SERVER_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "send/post.h"
#include "server/identity.h"
#include "server/server.h"
#include "store/reading.h"

/* ---- limits; every one is a hard edge ---- */
enum {
    LW__TARGET_MAX = 2048,         /* bytes of path and query */
    LW__HEADER_MEMORY = 32 * 1024, /* bytes of all headers of one request */
    LW__CONNECTIONS = 12288,       /* fewer where the machine allows fewer descriptors */
    LW__CONNECTIONS_PER_ADDRESS = 512,
    LW__IDLE_S = 30,                      /* a connection on which nothing moves */
    LW__HEADER_S = 30,                    /* headers must have arrived after, with up to LW__HEARTBEAT_S more */
    LW__BODY_S = 60,                      /* a body must have arrived after */
    LW__BODIES_MAX = 256 * 1024 * 1024,   /* bytes of all bodies being read */
    LW__TRIES = 5,                        /* prepare and commit of one write */
    LW__STOP_S = 10,                      /* how long a stop waits */
    LW__ADDRESS_PER_MINUTE = 6000,        /* requests of one address, whatever they ask for */
    LW__LOG_CACHE_MAX = 24 * 1024 * 1024, /* bytes of logs kept: 33 MiB stand beside them, 64 are the aim */
    LW__PROTOCOLS_MAX = 64,               /* compiled protocols kept */
    LW__LISTENERS_MAX = 1024,             /* streams of changes at a time */
    LW__LISTENERS_OF_ONE = 8,             /* of one account */
    LW__LIVE_SECONDS = 600,               /* a stream's life; the browser comes back with its cookie */
    LW__HEARTBEAT_S = 15,
    LW__SWEEP_S = 600,
    LW__WRITES_WAITING = 9000 /* more than these in the store's queue: it does not keep up */
};

/* ---- what came over the wire; texts are NUL-terminated, "" when absent, and live as long as the request ---- */
typedef struct lw__wire {
    const char *method, *target; /* target: as it came, path and query, not decoded */
    const char *host, *origin, *fetch_site, *marker, *media, *cookie, *agent, *forwarded, *encodings, *if_none_match;
    const char *accept, *prefer, *if_none_exist;
    const char *length; /* Content-Length */
    const char *peer;   /* address, numeric */
} lw__wire;

/* ---- router.c ---- */
/* LW_OK, LW_ERR_LIMIT (too long) or LW_ERR_VALUE (tricks). On LW_OK path and query are cut out, query without '?'. */
LW_MUST_CHECK int32_t lw__target_split(const char *target, lw_str *path, lw_str *query);
/* The route of method and path with its parameters decoded. LW_ERR_NOT_FOUND, LW_ERR_METHOD with allow filled, LW_ERR_VALUE. */
LW_MUST_CHECK int32_t lw__route_find(const char *method, lw_str path, const lw_route **route,
                                     char params[LW_MAX_PATH][72], char allow[64]);
/* The index into params of {patient}, or -1. */
int lw__route_patient(const lw_route *route);
/* Decodes %XX of one segment; false: not valid, or control characters, or too long. */
bool lw__percent_decode(lw_str in, bool plus, char *out, size_t cap);

/* ---- fields.c ---- */
LW_MUST_CHECK int32_t lw__fields_query(lw_request *rq, lw_str query);
LW_MUST_CHECK int32_t lw__fields_body(lw_request *rq, const char *media);

/* ---- problem.c ---- */
/* Replaces the reply by the problem of err and what lw_problem noted. */
void lw__problem_reply(lw_request *rq, int32_t err);
/* fhir/fhir_request.c: the same as an OperationOutcome. */
void lw__fhir_problem(lw_request *rq, int32_t err);

/* ---- limit.c: token buckets, a bounded table ---- */
typedef struct lw__limits lw__limits;
lw__limits *lw__limits_open(void);
void lw__limits_close(lw__limits *limits);
/* Takes one token of the bucket (who, what), which fills at per_minute. 0, or the seconds to wait. */
uint32_t lw__limit_take(lw__limits *limits, const char *who, const char *what, uint32_t per_minute, int64_t now_ms);

/* ---- telemetry.c ---- */
typedef struct lw__telemetry lw__telemetry;
lw__telemetry *lw__telemetry_open(void);
void lw__telemetry_close(lw__telemetry *telemetry);
/* route_index: into lw_routes, or -1 for pages and what no route took. */
void lw__telemetry_count(lw__telemetry *telemetry, int route_index, int status, int64_t microseconds);
void lw__telemetry_audit_lost(lw__telemetry *telemetry);
typedef struct lw__gauges {
    lw_store_stats store;
    uint32_t listeners, rows_waiting;
    uint64_t cache_bytes, cache_hits, cache_misses;
} lw__gauges;
void lw__telemetry_write(const lw__telemetry *telemetry, const lw__gauges *gauges, lw_buf *out);
/* One JSON line on stderr. route: an id, "page", "healthz" …; never a value of the path. */
void lw__log_request(int64_t now_s, const char *id, const char *route, const char *method, int status, int64_t us,
                     size_t bytes);
void lw__log_event(const char *level, const char *what, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- trail.c: rows behind answers, and whether the store can be written to ---- */
typedef struct lw__trail lw__trail;
enum { LW__ROWS_WAITING = 5000 };
typedef struct lw__trail_row {
    lw_audit row; /* its texts are those below, and the route's */
    char clinic[37], account[37], patient[65], detail[120];
    lw__trail *trail;
    struct lw__trail_row *next;
} lw__trail_row;
lw__trail *lw__trail_open(lw_store *store, lw__telemetry *telemetry); /* both borrowed; NULL: no memory */
/* Takes over a row from malloc and queues it. Not LW_OK: it is gone, and what it was to tell of must not be shown. */
LW_MUST_CHECK int32_t lw__trail_add(lw__trail *trail, lw__trail_row *row);
/* What keeps the store from being written to, LW_OK for nothing; then it is tried again behind this call. */
int32_t lw__trail_trouble(lw__trail *trail);
void lw__trail_beat(lw__trail *trail);        /* at each heartbeat */
uint32_t lw__trail_waiting(lw__trail *trail); /* rows that could not be written yet */
void lw__trail_settle(lw__trail *trail);      /* before the store closes: what waits is tried once more; nullable */
void lw__trail_close(lw__trail *trail);       /* after it; nullable */

/* ---- assets.c: the web pages in the program ---- */
typedef struct lw_asset {
    const char *path; /* "/assets/app-1a2b.js" */
    const char *type;
    const char *etag;         /* quoted */
    const unsigned char *raw; /* the file, then its packed forms; NULL where packing does not pay */
    size_t raw_len;
    const unsigned char *gz;
    size_t gz_len;
    const unsigned char *br;
    size_t br_len;
} lw_asset;
/* Sorted by path. Made by tools/embed_web.mjs; empty in a program that was built without the pages. */
extern const lw_asset lw_assets[];
extern const size_t lw_asset_count;

typedef struct lw__page {
    int status;                                            /* 200, 304, 404, 308 */
    const char *type, *etag, *encoding, *cache, *location; /* NULL: not sent */
    const unsigned char *bytes;                            /* static */
    size_t len;
} lw__page;
void lw__page_find(lw_str path, const char *encodings, const char *if_none_match, lw__page *out);
/* Whether a comma-separated header names the word (and not with q=0). */
bool lw__header_has(const char *header, const char *word);

/* ---- live.c ---- */
typedef struct lw__live lw__live;
typedef struct lw__listener lw__listener;
lw__live *lw__live_open(void);
void lw__live_close(lw__live *live); /* all listeners must have left */
/*
 * A listener for what the principal may see. sleep and wake are called with ctx, under the lock: sleep when there is nothing
 * to take, wake when there is again (once for each sleep). LW_ERR_BUSY: too many.
 */
LW_MUST_CHECK int32_t lw__live_join(lw__live *live, const lw_principal *who, void (*sleep)(void *),
                                    void (*wake)(void *), void *ctx, int64_t now_s, lw__listener **out);
/* Bytes to send into out (cap at least 256); 0: nothing, sleep was called; -1: the stream ends. */
int64_t lw__live_take(lw__listener *listener, char *out, size_t cap);
void lw__live_leave(lw__listener *listener);
void lw__live_push(lw__live *live, const char *clinic, const char *patient, int64_t seq);
void lw__live_beat(lw__live *live, int64_t now_s); /* heartbeats; ends those that are too old */
void lw__live_end(lw__live *live);                 /* ends all, for a stop */
uint32_t lw__live_count(lw__live *live);

/* ---- cache.c: logs by patient, compiled protocols by hash ---- */
typedef struct lw__cache lw__cache;
typedef struct lw__log {
    lw_head head;
    lw_reading *reading; /* immutable */
    /* private */
    atomic_uint refs;
    char patient[65];
    struct lw__log *older, *newer, *chain;
} lw__log;
lw__cache *lw__cache_open(void);
void lw__cache_close(lw__cache *cache);
/* The patient's log as of this connection's view, from the cache when its head is still the log's. Give it back. */
LW_MUST_CHECK int32_t lw__log_get(lw__cache *cache, lw_sql *sql, const char *patient, lw__log **out);
void lw__log_back(lw__log *log);
/* Puts a reading (borrowed) as the log of patient with that head. */
void lw__log_put(lw__cache *cache, const char *patient, const lw_head *head, lw_reading *reading);
void lw__log_forget(lw__cache *cache, const char *patient);
void lw__cache_gauges(lw__cache *cache, lw__gauges *out);

/* ---- one request on its way ---- */
typedef enum lw__turn {
    LW__SEND,   /* the reply is ready */
    LW__COMMIT, /* sleep, then lw__dispatch_submit */
    LW__STREAM, /* a stream of changes begins */
    LW__PAGE    /* page holds what to send */
} lw__turn;

typedef struct lw__exchange {
    lw_request rq;
    lw_principal who;
    lw__wire wire;
    char id[17]; /* of the request, hex */
    int64_t began_us;
    const char *label; /* of the log line */
    int refused;       /* lw_err found before the body was read; 0: none */
    uint32_t tries;
    size_t reply_mark; /* bytes of the reply when prepare was done */
    uint32_t header_mark;
    int32_t job_err;
    lw_str query;
    lw__page page;
    char allow[64];
    /* of http_mhd.c */
    void *connection;
    lw_buf body;
    size_t body_counted;
    void (*wake)(struct lw__exchange *x);
    size_t body_held; /* counted in server->bodies */
    bool begun, prepared, too_large;
} lw__exchange;

struct lw_server {
    lw_store *store;
    lw_identity *identity;
    lw__limits *limits; /* NULL: none, for tests and measuring */
    lw__telemetry *telemetry;
    lw__trail *trail;
    lw__live *live;
    lw__cache *cache;
    lw_post *post;                     /* NULL until the server is open */
    struct lw_jobs *reports, *exports; /* report_jobs.h, research_jobs.h */
    char origin[256], backups[4096], listen[256], now_file[4096], hosts[4][280];
    bool proxy, unlimited;
    uint32_t threads;
    uint16_t port;
    int64_t started_s;
    atomic_bool stopping;
    atomic_uint running; /* exchanges that have a request in work */
    atomic_uint asleep;  /* those of them that wait for the store */
    atomic_size_t bodies;
    atomic_uint_fast64_t serial;
    uint64_t salt;
    const lw_protocol *swept[LW__PROTOCOLS_MAX]; /* held by the sweep that is running */
    int listen_fd;
    void *daemon;
    pthread_t ticker;
    bool ticking;
    pthread_mutex_t tick_lock;
    pthread_cond_t tick_cond;
};

/* Checks everything that can be checked without the body. LW_OK, or the error that x->refused then holds too. */
LW_MUST_CHECK int32_t lw__dispatch_open(lw_server *server, lw__exchange *x);
/* After the body: answers, or prepares a write. */
lw__turn lw__dispatch_run(lw__exchange *x);
/* Queues the commit; x->wake is called when it is decided, at once when it cannot be queued. */
void lw__dispatch_submit(lw__exchange *x);
/* After wake. LW__COMMIT: the log had moved on, it was prepared again. */
lw__turn lw__dispatch_done(lw__exchange *x);
/* The last step before the answer goes out: metrics and log line. status and bytes as sent. */
void lw__dispatch_sent(lw__exchange *x, int status, size_t bytes);
void lw__exchange_free(lw__exchange *x);

/* ---- vault.c, standing.c: for what leaves the house ---- */
/* The key that signs notifications. key nullable: it is kept plain. over: a new one was made, and all subscriptions ended. */
LW_MUST_CHECK int32_t lw__vault_vapid(lw_store *store, const lw_secrets_key *key, lw_vapid *out, bool *over);
/* For lw_post_options.standing; ctx is the server. */
int32_t lw__stand_today(void *ctx, const lw_reminder *who, int32_t day, lw_standing *out);

/* ---- http_mhd.c ---- */
LW_MUST_CHECK int32_t lw__http_start(lw_server *server, char *why, size_t cap);
/* Stops listening; existing connections go on. */
void lw__http_quiesce(lw_server *server);
void lw__http_stop(lw_server *server);
/* Ends the connections that owe their headers for too long; called at each heartbeat. */
void lw__http_sweep(void);

int64_t lw__clock_us(void); /* monotonic */

#endif
