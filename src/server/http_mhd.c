/*
 * http_mhd.c: libmicrohttpd, and nothing else knows it.
 *
 * One epoll thread a core. A read is answered on the connection's thread. A write suspends its connection before its job
 * is queued; the writer's thread only resumes it, and everything after that runs on the connection's thread again. Bodies
 * go into a bounded buffer of the exchange; the library's form parser is never used. Texts that libmicrohttpd answers by
 * itself (malformed requests, headers that are too large) carry no information and close the connection.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "server/server_internal.h"

#include "base/base_internal.h"

/* So much of a body that is not wanted is read away, because whoever is cut off while sending hears no answer. */
enum { READ_AWAY = 16 * 1024 * 1024, GZIP_FROM = 1024 };

static const char *const security[][2] = {
    {"Content-Security-Policy", "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src "
                                "'self' data:; connect-src 'self'; "
                                "font-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; "
                                "frame-ancestors 'none'; base-uri "
                                "'none'; form-action 'self'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), screen-wake-lock=(self), "
                           "publickey-credentials-get=(self), publickey-credentials-create=(self)"},
};

static void add(struct MHD_Response *response, const char *name, const char *value) {
    if (value != NULL && value[0] != '\0') {
        (void)MHD_add_response_header(response, name, value);
    }
}

static void add_security(const lw_server *server, struct MHD_Response *response) {
    for (size_t i = 0; i < sizeof security / sizeof security[0]; i++) {
        add(response, security[i][0], security[i][1]);
    }
    if (lw_server_secure(server)) {
        add(response, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
    }
}

/* ---- sending ---- */

/* Packs in place when it pays. */
static bool pack(lw_buf *body) {
    static _Thread_local z_stream stream;
    static _Thread_local bool ready;
    if (!ready) {
        memset(&stream, 0, sizeof stream);
        if (deflateInit2(&stream, 4, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
            return false;
        }
        ready = true; /* kept for the life of the thread; the few threads end with the program */
    }
    if (deflateReset(&stream) != Z_OK) {
        return false;
    }
    size_t cap = body->len;
    char *out = malloc(cap);
    if (out == NULL) {
        return false;
    }
    stream.next_in = (Bytef *)body->ptr;
    stream.avail_in = (uInt)body->len;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)cap;
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) {
        free(out);
        return false;
    }
    size_t len = cap - stream.avail_out;
    lw_buf_free(body);
    *body = (lw_buf){.ptr = out, .len = len, .cap = cap};
    return true;
}

static enum MHD_Result queue(lw__exchange *x, int status, struct MHD_Response *response, size_t bytes) {
    if (response == NULL) {
        return MHD_NO;
    }
    add_security(x->rq.server, response);
    add(response, "X-Request-Id", x->id); /* as in the log line */
    enum MHD_Result result = MHD_queue_response(x->connection, (unsigned int)status, response);
    MHD_destroy_response(response);
    lw__dispatch_sent(x, status, bytes);
    return result;
}

static enum MHD_Result send_reply(lw__exchange *x) {
    lw_reply *reply = &x->rq.reply;
    int status = reply->status != 0 ? reply->status : 200;
    bool packed = reply->body.len > GZIP_FROM && lw__header_has(x->wire.encodings, "gzip") && pack(&reply->body);
    size_t len = reply->body.len;
    struct MHD_Response *response;
    if (len > 0) {
        response = MHD_create_response_from_buffer(len, reply->body.ptr, MHD_RESPMEM_MUST_FREE);
        if (response != NULL) {
            reply->body = (lw_buf){0};
        }
    } else {
        response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    }
    if (response == NULL) {
        return MHD_NO;
    }
    if (len > 0) {
        add(response, "Content-Type", reply->type != NULL ? reply->type : "application/json");
    }
    bool kept = false; /* a calendar, by who reads it */
    for (uint32_t i = 0; i < reply->header_count; i++) {
        kept = kept || strcmp(reply->headers[i][0], "Cache-Control") == 0;
    }
    add(response, "Cache-Control", kept ? NULL : "no-store");
    if (packed) {
        add(response, "Content-Encoding", "gzip");
    }
    if (len > 0) {
        add(response, "Vary", "Accept-Encoding");
    }
    add(response, "Set-Cookie", reply->cookie);
    for (uint32_t i = 0; i < reply->header_count; i++) {
        add(response, reply->headers[i][0], reply->headers[i][1]);
    }
    return queue(x, status, response, len);
}

static enum MHD_Result send_page(lw__exchange *x) {
    const lw__page *page = &x->page;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        page->len, (void *)(uintptr_t)(page->len > 0 ? page->bytes : (const unsigned char *)""),
        MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    if (page->status != 304) {
        add(response, "Content-Type", page->type);
    }
    add(response, "ETag", page->etag);
    add(response, "Content-Encoding", page->encoding);
    add(response, "Cache-Control", page->cache);
    add(response, "Location", page->location);
    add(response, "Vary", "Accept-Encoding");
    return queue(x, page->status, response, page->len);
}

/* ---- a stream of changes ---- */

static void stream_sleep(void *ctx) {
    MHD_suspend_connection(ctx);
}

static void stream_wake(void *ctx) {
    MHD_resume_connection(ctx);
}

static ssize_t stream_read(void *ctx, uint64_t position, char *out, size_t cap) {
    (void)position;
    int64_t len = lw__live_take(ctx, out, cap);
    return len < 0 ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)len;
}

static void stream_free(void *ctx) {
    lw__live_leave(ctx);
}

static enum MHD_Result send_stream(lw__exchange *x) {
    lw__listener *listener = NULL;
    int32_t err =
        lw__live_join(x->rq.server->live, &x->who, stream_sleep, stream_wake, x->connection, x->rq.now_s, &listener);
    if (err != LW_OK) {
        lw__problem_reply(&x->rq, err);
        return send_reply(x);
    }
    struct MHD_Response *response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, stream_read, listener, stream_free);
    if (response == NULL) {
        lw__live_leave(listener);
        return MHD_NO;
    }
    add(response, "Content-Type", "text/event-stream");
    add(response, "Cache-Control", "no-store");
    add(response, "X-Accel-Buffering", "no");
    return queue(x, 200, response, 0);
}

/* ---- connections that take too long over their headers ---- */

/*
 * libmicrohttpd closes a connection on which nothing moves; one letter every second is a move. So each connection is known
 * from its first moment to its last, with the time since when it owes the headers of a request.
 */
typedef struct link_row {
    struct link_row *next, **place;
    MHD_socket fd;
    int64_t owes_us; /* 0: a request is being answered */
} link_row;

static struct {
    pthread_mutex_t lock;
    link_row *first;
} links = {PTHREAD_MUTEX_INITIALIZER, NULL};

static link_row *link_of(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

static void link_owes(struct MHD_Connection *connection, bool owes) {
    link_row *row = link_of(connection);
    if (row != NULL) {
        pthread_mutex_lock(&links.lock);
        row->owes_us = owes ? lw__clock_us() : 0;
        pthread_mutex_unlock(&links.lock);
    }
}

/* Told of the end before the descriptor is closed: while a row is in the list, its descriptor is its connection's. */
static void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code) {
    (void)cls;
    link_row *row = *context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        row = info != NULL ? calloc(1, sizeof *row) : NULL; /* without one it has only the library's own timeout */
        if (row != NULL) {
            row->fd = info->connect_fd;
            row->owes_us = lw__clock_us();
            pthread_mutex_lock(&links.lock);
            row->next = links.first;
            row->place = &links.first;
            if (row->next != NULL) {
                row->next->place = &row->next;
            }
            links.first = row;
            pthread_mutex_unlock(&links.lock);
        }
        *context = row;
    } else if (row != NULL) {
        pthread_mutex_lock(&links.lock);
        *row->place = row->next;
        if (row->next != NULL) {
            row->next->place = row->place;
        }
        pthread_mutex_unlock(&links.lock);
        free(row);
        *context = NULL;
    }
}

void lw__http_sweep(void) {
    int64_t latest = lw__clock_us() - (int64_t)LW__HEADER_S * 1000000;
    pthread_mutex_lock(&links.lock);
    for (const link_row *row = links.first; row != NULL; row = row->next) {
        if (row->owes_us != 0 && row->owes_us < latest) {
            (void)shutdown(row->fd, SHUT_RDWR); /* its thread sees the end and clears up */
        }
    }
    pthread_mutex_unlock(&links.lock);
}

/* ---- one request ---- */

static const char *header(struct MHD_Connection *connection, const char *name) {
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value != NULL ? value : "";
}

static void read_wire(lw__exchange *x, struct MHD_Connection *connection, const char *method) {
    lw__wire *w = &x->wire;
    w->method = method;
    w->host = header(connection, "Host");
    w->origin = header(connection, "Origin");
    w->fetch_site = header(connection, "Sec-Fetch-Site");
    w->marker = header(connection, "X-Loadwave");
    w->media = header(connection, "Content-Type");
    w->cookie = header(connection, "Cookie");
    w->agent = header(connection, "User-Agent");
    w->forwarded = header(connection, "X-Forwarded-For");
    w->encodings = header(connection, "Accept-Encoding");
    w->if_none_match = header(connection, "If-None-Match");
    w->accept = header(connection, "Accept");
    w->prefer = header(connection, "Prefer");
    w->if_none_exist = header(connection, "If-None-Exist");
    w->length = header(connection, "Content-Length");
    char peer[INET6_ADDRSTRLEN] = "";
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info != NULL && info->client_addr->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((struct sockaddr_in *)info->client_addr)->sin_addr, peer, sizeof peer);
    } else if (info != NULL && info->client_addr->sa_family == AF_INET6) {
        struct in6_addr address = ((struct sockaddr_in6 *)info->client_addr)->sin6_addr;
        if (!IN6_IS_ADDR_LOOPBACK(&address) && !IN6_IS_ADDR_V4MAPPED(&address)) {
            memset(address.s6_addr + 8, 0, 8); /* who has one address of a network has all of it */
        }
        inet_ntop(AF_INET6, &address, peer, sizeof peer);
    }
    const char *kept = lw_pool_text(&x->rq.pool, lw__str(peer));
    w->peer = kept != NULL ? kept : "";
}

/* Called before anything is decoded; the target is kept as it came. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *connection) {
    (void)cls;
    (void)connection;
    lw__exchange *x = calloc(1, sizeof *x);
    if (x != NULL) {
        size_t len = strnlen(uri, LW__TARGET_MAX + 1);
        x->wire.target = lw_pool_text(&x->rq.pool, (lw_str){uri, (uint32_t)len});
        if (x->wire.target == NULL) {
            x->wire.target = "";
        }
    }
    return x;
}

/* libmicrohttpd decodes nothing: router.c and fields.c do. */
static size_t keep_encoded(void *cls, struct MHD_Connection *connection, char *text) {
    (void)cls;
    (void)connection;
    return strlen(text);
}

static void wake(lw__exchange *x) {
    MHD_resume_connection(x->connection);
}

static enum MHD_Result take_turn(lw__exchange *x, lw__turn turn) {
    switch (turn) {
    case LW__COMMIT:
        MHD_suspend_connection(x->connection);
        lw__dispatch_submit(x); /* from here on the exchange may already be awake again */
        return MHD_YES;
    case LW__STREAM:
        return send_stream(x);
    case LW__PAGE:
        return send_page(x);
    default:
        return send_reply(x);
    }
}

/* The body's bytes as they come. Too much is read away as long as that is little, so that the answer is heard. */
static enum MHD_Result take_body(lw__exchange *x, const char *bytes, size_t len) {
    lw_server *server = x->rq.server;
    uint32_t most = x->rq.route != NULL ? x->rq.route->body_max : 0;
    if (lw__clock_us() - x->began_us > (int64_t)LW__BODY_S * 1000000) {
        return MHD_NO;
    }
    x->body_counted += len;
    if (x->refused != LW_OK || x->body_counted > most) {
        x->too_large = true;
        return x->body_counted > (size_t)most + READ_AWAY ? MHD_NO : MHD_YES;
    }
    if (atomic_fetch_add(&server->bodies, len) + len > LW__BODIES_MAX) {
        x->refused = LW_ERR_BUSY;
    }
    x->body_held += len;
    if (x->refused == LW_OK) {
        x->body.max = (size_t)most + 1;
        lw_buf_add(&x->body, bytes, len);
        x->refused = x->body.failed ? LW_ERR_NO_MEMORY : LW_OK;
    }
    return MHD_YES;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *upload, size_t *upload_len, void **con_cls) {
    (void)url;
    (void)version;
    lw_server *server = cls;
    lw__exchange *x = *con_cls;
    if (x == NULL) {
        return MHD_NO;
    }
    if (!x->begun) {
        x->begun = true;
        link_owes(connection, false);
        x->connection = connection;
        x->wake = wake;
        atomic_fetch_add(&server->running, 1);
        read_wire(x, connection, method);
        if (lw__dispatch_open(server, x) != LW_OK) {
            char *end = NULL;
            unsigned long long length = strtoull(x->wire.length, &end, 10);
            return length > READ_AWAY ? take_turn(x, lw__dispatch_run(x)) : MHD_YES;
        }
        return MHD_YES;
    }
    if (*upload_len > 0) {
        size_t len = *upload_len;
        *upload_len = 0;
        return take_body(x, upload, len);
    }
    if (!x->prepared) {
        x->prepared = true;
        return take_turn(x, lw__dispatch_run(x));
    }
    return take_turn(x, lw__dispatch_done(x));
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **con_cls,
                         enum MHD_RequestTerminationCode code) {
    (void)code;
    lw_server *server = cls;
    lw__exchange *x = *con_cls;
    link_owes(connection, true);
    if (x == NULL) {
        return;
    }
    if (x->body_held > 0) {
        atomic_fetch_sub(&server->bodies, x->body_held);
    }
    if (x->begun) {
        atomic_fetch_sub(&server->running, 1);
    }
    lw__exchange_free(x);
    *con_cls = NULL;
}

/* What libmicrohttpd has to say is about broken connections; its texts may hold pieces of requests and are not repeated. */
static void on_log(void *cls, const char *format, va_list args) {
    (void)cls;
    (void)format;
    (void)args;
}

/* As many connections as the machine allows descriptors for, with some kept for the store. */
static unsigned int connections_allowed(void) {
    enum { KEPT = 512 };
    struct rlimit files = {0};
    rlim_t want = LW__CONNECTIONS + KEPT;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) {
        return KEPT;
    }
    if (files.rlim_cur < want) {
        files.rlim_cur = files.rlim_max < want ? files.rlim_max : want;
        if (setrlimit(RLIMIT_NOFILE, &files) != 0 && getrlimit(RLIMIT_NOFILE, &files) != 0) {
            return KEPT;
        }
    }
    return files.rlim_cur >= want      ? LW__CONNECTIONS
           : files.rlim_cur > KEPT * 2 ? (unsigned int)files.rlim_cur - KEPT
                                       : (unsigned int)files.rlim_cur / 2;
}

int32_t lw__http_start(lw_server *server, char *why, size_t cap) {
    unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)on_log, NULL},
        {MHD_OPTION_LISTEN_SOCKET, server->listen_fd, NULL},
        {MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)server->threads, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)connections_allowed(), NULL},
        {MHD_OPTION_PER_IP_CONNECTION_LIMIT, server->proxy ? 0 : LW__CONNECTIONS_PER_ADDRESS, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, LW__IDLE_S, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, LW__HEADER_MEMORY, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_uri, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_encoded, NULL},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    /* A pool of one is no pool for libmicrohttpd. */
    if (server->threads < 2) {
        options[2] = (struct MHD_OptionItem){MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024, NULL};
    }
    if (listen(server->listen_fd, 1024) != 0) {
        snprintf(why, cap, "cannot listen on port %u", (unsigned)server->port);
        return LW_ERR_IO;
    }
    server->daemon =
        MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (server->daemon == NULL) {
        snprintf(why, cap, "the HTTP server could not be started");
        return LW_ERR_IO;
    }
    return LW_OK;
}

void lw__http_quiesce(lw_server *server) {
    if (server->daemon != NULL) {
        MHD_socket fd = MHD_quiesce_daemon(server->daemon);
        if (fd != MHD_INVALID_SOCKET) {
            close(fd);
            server->listen_fd = -1;
        }
    }
}

void lw__http_stop(lw_server *server) {
    if (server->daemon != NULL) {
        MHD_stop_daemon(server->daemon);
        server->daemon = NULL;
    }
}
