/*
 * server.c: setting up and taking down. The parts are opened in the order they need each other and closed in reverse.
 *
 * The socket is bound before anything else, so that the port is known when the origin is made of it, and so that two servers
 * on one port find out at once. One thread beats for listeners and folds again what a new day has changed.
 */
#include <errno.h>
#include <malloc.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "server/report_jobs.h"
#include "server/research_jobs.h"
#include "server/server_internal.h"

#include "base/base_internal.h"

static int32_t say(char *why, size_t cap, int32_t err, const char *format, const char *what) {
    if (cap > 0) {
        snprintf(why, cap, format, what);
    }
    return err;
}

/* ---- the socket ---- */

/* "HOST:PORT" or "[HOST]:PORT" into its parts; false when it is neither. */
static bool split_listen(const char *listen, char host[128], char port[8]) {
    const char *colon = strrchr(listen, ':');
    if (colon == NULL || strlen(colon + 1) == 0 || strlen(colon + 1) > 5 ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1)) {
        return false;
    }
    if (atoi(colon + 1) > 65535) {
        return false;
    }
    const char *from = listen, *to = colon;
    if (*from == '[' && to > from && to[-1] == ']') {
        from++;
        to--;
    }
    if (to <= from || (size_t)(to - from) >= 128) {
        return false;
    }
    memcpy(host, from, (size_t)(to - from));
    host[to - from] = '\0';
    snprintf(port, 8, "%s", colon + 1);
    return true;
}

static int32_t bind_socket(lw_server *server, const char *host, const char *port, char *why, size_t cap) {
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    const char *numeric = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    if (getaddrinfo(numeric, port, &hints, &found) != 0) {
        return say(why, cap, LW_ERR_VALUE, "%s is not an address of this machine, as 127.0.0.1", host);
    }
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool bound = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
                 bind(fd, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    if (!bound || getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        int reason = errno;
        if (fd >= 0) {
            close(fd);
        }
        if (cap > 0) {
            snprintf(why, cap, "cannot listen on %s port %s: %s", host, port, strerror(reason));
        }
        return LW_ERR_IO;
    }
    server->listen_fd = fd;
    server->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                       : ((struct sockaddr_in *)&address)->sin_port);
    return LW_OK;
}

static bool is_loopback(const char *host) {
    return strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}

/* Origin and the host names that are answered to. */
static int32_t name_server(lw_server *server, const lw_server_options *options, const char *host, char *why,
                           size_t cap) {
    bool loopback = is_loopback(host);
    if (options->origin == NULL && !loopback) {
        return say(why, cap, LW_ERR_MISSING,
                   "listening on %s, the server is reached from elsewhere: --origin must say under which address",
                   host);
    }
    if (options->origin != NULL) {
        const char *rest = strncmp(options->origin, "https://", 8) == 0  ? options->origin + 8
                           : strncmp(options->origin, "http://", 7) == 0 ? options->origin + 7
                                                                         : NULL;
        if (rest == NULL || *rest == '\0' || strlen(rest) > 200 || strpbrk(rest, "/?#@ ") != NULL) {
            return say(why, cap, LW_ERR_VALUE,
                       "\"%s\" is not an origin, as https://loadwave.example (no path, no slash)", options->origin);
        }
        snprintf(server->origin, sizeof server->origin, "%s", options->origin);
        snprintf(server->hosts[0], sizeof server->hosts[0], "%s", rest);
    } else {
        snprintf(server->origin, sizeof server->origin, "http://localhost:%u", (unsigned)server->port);
    }
    if (loopback) {
        snprintf(server->hosts[1], sizeof server->hosts[1], "localhost:%u", (unsigned)server->port);
        snprintf(server->hosts[2], sizeof server->hosts[2], "127.0.0.1:%u", (unsigned)server->port);
        snprintf(server->hosts[3], sizeof server->hosts[3], "[::1]:%u", (unsigned)server->port);
    }
    return LW_OK;
}

/* ---- the ticker ---- */

static const lw_protocol *sweep_find(void *ctx, lw_str clinic, lw_str sha256) {
    (void)clinic;
    lw_server *server = ctx;
    char hex[65];
    const lw_protocol *protocol = NULL;
    lw_sql *sql = sha256.len == 64 ? lw_store_reader(server->store) : NULL;
    if (sql != NULL) {
        memcpy(hex, sha256.ptr, 64);
        hex[64] = '\0';
        if (lw_server_protocol(server, sql, hex, &protocol) != LW_OK) {
            protocol = NULL;
        }
        lw_store_reader_back(server->store, sql);
    }
    if (protocol != NULL) {
        /* Held until the sweep is over: it says only at its end that it needs none any more. */
        for (uint32_t i = 0; i < LW__PROTOCOLS_MAX; i++) {
            if (server->swept[i] == NULL) {
                server->swept[i] = protocol;
                return protocol;
            }
            if (server->swept[i] == protocol) {
                break;
            }
        }
        lw_server_protocol_back(server, protocol);
    }
    return protocol;
}

/* Folds again whose day has come, in small batches so that nobody waits long behind them. */
static void sweep(lw_server *server) {
    enum { BATCH = 64 };
    uint32_t done = BATCH, total = 0;
    int64_t now_s = lw_server_now(server);
    while (done == BATCH && !atomic_load(&server->stopping)) {
        int32_t err =
            lw_projection_sweep(server->store, sweep_find, server, (int32_t)(now_s / 86400), now_s, BATCH, &done);
        if (err != LW_OK) {
            lw__log_event("error", "sweep", "the queue could not be brought up to date: %s", lw_err_name(err));
            break;
        }
        total += done;
    }
    for (uint32_t i = 0; i < LW__PROTOCOLS_MAX && server->swept[i] != NULL; i++) {
        lw_server_protocol_back(server, server->swept[i]);
        server->swept[i] = NULL;
    }
    if (total > 0) {
        lw__log_event("info", "sweep", "%u patients folded for the new day", total);
    }
}

static void *ticker_main(void *arg) {
    lw_server *server = arg;
    sweep(server);
    int32_t day = (int32_t)(lw_server_now(server) / 86400);
    uint32_t beats = 0;
    pthread_mutex_lock(&server->tick_lock);
    while (!atomic_load(&server->stopping)) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until); /* the other clock may be set back, by a year too */
        until.tv_sec += LW__HEARTBEAT_S;
        pthread_cond_timedwait(&server->tick_cond, &server->tick_lock, &until);
        if (atomic_load(&server->stopping)) {
            break;
        }
        pthread_mutex_unlock(&server->tick_lock);
        int64_t now_s = lw_server_now(server);
        lw__live_beat(server->live, now_s);
        lw__http_sweep();
        lw__trail_beat(server->trail);
        beats++;
        if ((int32_t)(now_s / 86400) != day || beats % (LW__SWEEP_S / LW__HEARTBEAT_S) == 0) {
            day = (int32_t)(now_s / 86400);
            sweep(server);
        }
        pthread_mutex_lock(&server->tick_lock);
    }
    pthread_mutex_unlock(&server->tick_lock);
    return NULL;
}

/* ---- open, start, close ---- */

static void free_parts(lw_server *server) {
    lw_post_close(server->post);
    lw_jobs_close(server->reports);
    lw_jobs_close(server->exports);
    if (server->identity != NULL) {
        lw_identity_close(server->identity);
    }
    lw__trail_settle(server->trail);
    if (server->store != NULL) {
        lw_store_close(server->store);
    }
    lw__trail_close(server->trail);
    lw__cache_close(server->cache);
    lw__live_close(server->live);
    lw__telemetry_close(server->telemetry);
    lw__limits_close(server->limits);
    if (server->listen_fd >= 0) {
        close(server->listen_fd);
    }
    pthread_mutex_destroy(&server->tick_lock);
    pthread_cond_destroy(&server->tick_cond);
    free(server);
}

static void find_backups(lw_server *server, const lw_server_options *options) {
    const char *slash = strrchr(options->store, '/');
    bool file = strstr(options->store, "://") == NULL;
    if (options->backups != NULL) {
        snprintf(server->backups, sizeof server->backups, "%s", options->backups);
    } else if (file && slash != NULL) {
        snprintf(server->backups, sizeof server->backups, "%.*s/backups", (int)(slash - options->store),
                 options->store);
    } else {
        snprintf(server->backups, sizeof server->backups, "backups");
    }
}

static int64_t post_now(void *ctx) {
    return lw_server_now(ctx);
}

static void post_log(void *ctx, const char *level, const char *text) {
    (void)ctx;
    lw__log_event(level, "reminders", "%s", text);
}

/* The first line of a file; LW_ERR_IO, LW_ERR_VALUE (empty, or longer than cap). */
static int32_t first_line(const char *path, char *out, size_t cap, char *why, size_t why_cap) {
    FILE *file = fopen(path, "re");
    bool read = file != NULL && fgets(out, (int)cap, file) != NULL;
    if (file != NULL) {
        fclose(file);
    }
    size_t len = read ? strcspn(out, "\r\n") : 0;
    if (file == NULL) {
        snprintf(why, why_cap, "%s: %s", path, strerror(errno));
        return LW_ERR_IO;
    }
    if (len == 0 || (out[len] == '\0' && len + 1 >= cap)) {
        return say(why, why_cap, LW_ERR_VALUE, "%s: its first line is no password", path);
    }
    out[len] = '\0';
    return LW_OK;
}

/* What reminds: keys, mail server, worker. */
static int32_t open_post(lw_server *server, const lw_server_options *options, const lw_secrets_key *secrets, char *why,
                         size_t cap) {
    lw_vapid vapid;
    bool over = false;
    char contact[300], password[200] = "";
    int32_t err = LW_OK;
    if (options->smtp == NULL &&
        (options->mail_from != NULL || options->mail_user != NULL || options->mail_ca != NULL)) {
        return say(why, cap, LW_ERR_MISSING, "%s", "--mail-from, --mail-user and --mail-ca go with --smtp");
    }
    if (options->mail_ca != NULL && access(options->mail_ca, R_OK) != 0) {
        return say(why, cap, LW_ERR_MISSING, "--mail-ca: %s cannot be read", options->mail_ca);
    }
    if ((options->mail_user == NULL) != (options->mail_password == NULL)) {
        return say(why, cap, LW_ERR_MISSING, "%s", "--mail-user and --mail-password-file go together");
    }
    if (options->mail_password != NULL) {
        err = first_line(options->mail_password, password, sizeof password, why, cap);
    }
    if (err == LW_OK) {
        err = lw__vault_vapid(server->store, secrets, &vapid, &over);
        err = err == LW_OK ? LW_OK : say(why, cap, err, "the key for notifications: %s", lw_err_sentence(err));
    }
    if (over) {
        lw__log_event("warn", "reminders", "%s",
                      "the key for notifications could not be opened: a new one was made, and everybody who wants "
                      "notifications turns them on again");
    }
    snprintf(contact, sizeof contact, "%s%s", options->mail_from != NULL ? "mailto:" : "",
             options->mail_from != NULL ? options->mail_from : server->origin);
    lw_post_options post = {.store = server->store,
                            .origin = server->origin,
                            .mail = {.url = options->smtp,
                                     .from = options->mail_from,
                                     .user = options->mail_user,
                                     .password = options->mail_user != NULL ? password : NULL,
                                     .ca = options->mail_ca},
                            .vapid = &vapid,
                            .push_service = options->push_service,
                            .contact = contact,
                            .now = post_now,
                            .standing = lw__stand_today,
                            .log = post_log,
                            .ctx = server};
    err = err == LW_OK ? lw_post_open(&post, &server->post, why, cap) : err;
    explicit_bzero(&vapid, sizeof vapid);
    explicit_bzero(password, sizeof password);
    return err;
}

static int32_t open_parts(lw_server *server, const lw_server_options *options, char *why, size_t cap) {
    char host[128], port[8];
    const char *listen = options->listen != NULL ? options->listen : "127.0.0.1:8080";
    if (!split_listen(listen, host, port)) {
        return say(why, cap, LW_ERR_VALUE, "\"%s\" is not an address with a port, as 127.0.0.1:8080", listen);
    }
    int32_t err = bind_socket(server, host, port, why, cap);
    err = err == LW_OK ? name_server(server, options, host, why, cap) : err;
    if (err != LW_OK) {
        return err;
    }
    find_backups(server, options);
    const char *now_file = getenv("LW_TEST_NOW_FILE"), *rates = getenv("LW_TEST_RATES");
    snprintf(server->now_file, sizeof server->now_file, "%s", now_file != NULL ? now_file : "");
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    server->threads = options->threads != 0 ? options->threads : cores < 1 ? 1 : cores > 64 ? 64 : (uint32_t)cores;
    lw_store_options store = {.where = options->store, .readers = server->threads + 2, .create = true, .sole = true};
    err = lw_store_open(&store, &server->store, why, cap);
    if (err != LW_OK) {
        return err;
    }
    lw_backup_key key;
    lw_identity_options identity = {.store = server->store, .origin = server->origin, .backup_folder = server->backups};
    if (options->backup_key != NULL) {
        err = lw_backup_key_read(options->backup_key, &key, why, cap);
        if (err != LW_OK) {
            return err;
        }
        identity.backup_key = &key;
    }
    lw_secrets_key secrets = {{0}};
    uint32_t forgotten = 0;
    err = lw_secrets_open(server->store, options->secrets_key, options->forget_authenticators, &secrets, &forgotten,
                          why, cap);
    if (err != LW_OK) {
        lw_backup_key_forget(&key);
        return err;
    }
    if (forgotten > 0) {
        lw__log_event("warn", "authenticators", "%u could not be opened and were taken away", forgotten);
    }
    identity.secrets = options->secrets_key != NULL ? &secrets : NULL;
    err = lw_identity_open(&identity, &server->identity);
    lw_backup_key_forget(&key);
    int32_t post_err = err == LW_OK ? open_post(server, options, identity.secrets, why, cap) : LW_OK;
    explicit_bzero(&secrets, sizeof secrets);
    if (post_err != LW_OK) {
        return post_err;
    }
    if (err != LW_OK) {
        return say(why, cap, err, "the sign-in part could not start: %s", lw_err_sentence(err));
    }
    /* Tests and measurements ask faster than people do. */
    bool limited = rates == NULL || strcmp(rates, "off") != 0;
    server->limits = limited ? lw__limits_open() : NULL;
    server->telemetry = lw__telemetry_open();
    server->trail = lw__trail_open(server->store, server->telemetry);
    server->live = lw__live_open();
    server->cache = lw__cache_open();
    server->reports = lw_jobs_open(&lw_report_jobs, server);
    server->exports = lw_jobs_open(&lw_export_jobs, server);
    bool all = (server->limits != NULL || !limited) && server->telemetry != NULL && server->trail != NULL &&
               server->live != NULL && server->cache != NULL && server->reports != NULL && server->exports != NULL;
    return all ? LW_OK : say(why, cap, LW_ERR_NO_MEMORY, "%s", "there is not enough memory to start");
}

int32_t lw_server_open(const lw_server_options *options, lw_server **out, char *why, size_t cap) {
    lw_server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        return say(why, cap, LW_ERR_NO_MEMORY, "%s", "there is not enough memory to start");
    }
    if (cap > 0) {
        why[0] = '\0';
    }
    server->listen_fd = -1;
    server->proxy = options->proxy;
    server->unlimited = options->unlimited;
    pthread_mutex_init(&server->tick_lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&server->tick_cond, &clock);
    pthread_condattr_destroy(&clock);
    server->started_s = lw_server_now(server);
    if (getrandom(&server->salt, sizeof server->salt, 0) != (ssize_t)sizeof server->salt) {
        server->salt = (uint64_t)time(NULL);
    }
    int32_t err = open_parts(server, options, why, cap);
    if (err != LW_OK) {
        free_parts(server);
        return err;
    }
    *out = server;
    return LW_OK;
}

int32_t lw_server_start(lw_server *server, char *why, size_t cap) {
    /* Each fold takes about a megabyte for a moment; fresh pages from the kernel each time cost more than the fold. */
    (void)mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 64 * 1024 * 1024);
    int32_t err = lw__http_start(server, why, cap);
    if (err == LW_OK) {
        server->ticking = pthread_create(&server->ticker, NULL, ticker_main, server) == 0;
        if (!server->ticking || !lw_post_start(server->post) || !lw_jobs_start(server->reports) ||
            !lw_jobs_start(server->exports)) {
            err = say(why, cap, LW_ERR_NO_MEMORY, "%s", "a thread could not be started");
        }
    }
    return err;
}

bool lw_server_close(lw_server *server) {
    pthread_mutex_lock(&server->tick_lock);
    atomic_store(&server->stopping, true);
    pthread_cond_signal(&server->tick_cond);
    pthread_mutex_unlock(&server->tick_lock);
    lw__http_quiesce(server);
    lw__live_end(server->live);
    if (server->ticking) {
        pthread_join(server->ticker, NULL);
    }
    for (int i = 0; i < LW__STOP_S * 100 && atomic_load(&server->running) > 0; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    if (atomic_load(&server->asleep) > 0) {
        /* Somebody still waits for the store; taking the connection away under it would be worse than leaving. */
        lw__log_event("error", "stop", "%u writes were not finished", atomic_load(&server->asleep));
        return false;
    }
    lw__http_stop(server);
    free_parts(server);
    return true;
}

lw_store *lw_server_store(const lw_server *server) {
    return server->store;
}

const char *lw_server_origin(const lw_server *server) {
    return server->origin;
}

bool lw_server_secure(const lw_server *server) {
    return strncmp(server->origin, "https://", 8) == 0;
}

const char *lw_server_backups(const lw_server *server) {
    return server->backups;
}

uint16_t lw_server_port(const lw_server *server) {
    return server->port;
}

/* The number in the file, when there is one; otherwise the machine's time. */
static int64_t now_of(const char *now_file) {
    if (now_file[0] != '\0') {
        long long told = 0;
        FILE *file = fopen(now_file, "r");
        bool read = file != NULL && fscanf(file, "%lld", &told) == 1;
        if (file != NULL) {
            fclose(file);
        }
        if (read) {
            return told;
        }
    }
    return (int64_t)time(NULL);
}

int64_t lw_server_now(const lw_server *server) {
    return now_of(server->now_file);
}

int64_t lw_clock_now(void) {
    const char *now_file = getenv("LW_TEST_NOW_FILE");
    return now_of(now_file != NULL ? now_file : "");
}

void lw_live_publish(lw_server *server, const char *clinic, const char *patient, int64_t seq) {
    lw__live_push(server->live, clinic, patient, seq);
}
