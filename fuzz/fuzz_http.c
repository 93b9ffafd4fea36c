/*
 * fuzz_http.c: any request at the server, all the way, but for the socket.
 *
 * The input is text: the first line is method, a blank and the target; further lines up to an empty one are headers
 * ("Cookie: @" stands for a patient's session, "Cookie: #" for a clinician's); the rest is the body. It takes the way of
 * http_mhd.c through dispatch.c: address, limits, sites, sign-in, fields, handler, commit, over an SQLite store in a folder of its
 * own. What must hold: no crash, no sanitizer report, an answer with a status that there is; a refusal is one JSON object; nothing
 * is answered by 500; whoever is not signed in reads nothing that is not open.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/identity_internal.h"
#include "server/server_internal.h"
#include "store/people.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static lw_server *server;
static char folder[64] = "/tmp/fuzz-http-XXXXXX";
static char cookies[2][64], accounts[2][37]; /* of the patient, of the clinician */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t awake = PTHREAD_COND_INITIALIZER;
static bool woken;

static void clear(void) {
    char path[128];
    static const char *const names[] = {"s.db", "s.db-wal", "s.db-shm", "backups"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    (void)rmdir(folder);
}

typedef struct entry {
    const char *account;
    uint8_t key[32];
} entry;

static int32_t add_session(lw_sql *sql, void *ctx) {
    const entry *e = ctx;
    const lw_session session = {.account = e->account,
                                .kind = "device",
                                .label = "fuzz",
                                .created_s = lw_clock_now(),
                                .idle_s = 86400,
                                .expires_s = lw_clock_now() + 7 * 86400,
                                .strong = true};
    return lw_session_add(sql, e->key, &session);
}

static void wake_up(void) {
    pthread_mutex_lock(&lock);
    woken = true;
    pthread_cond_signal(&awake);
    pthread_mutex_unlock(&lock);
}

static void wait_for(void) {
    pthread_mutex_lock(&lock);
    while (!woken) {
        pthread_cond_wait(&awake, &lock);
    }
    woken = false;
    pthread_mutex_unlock(&lock);
}

static void job_done(void *ctx, int32_t err) {
    (void)ctx;
    CHECK(err == LW_OK);
    wake_up();
}

static void wake(lw__exchange *x) {
    (void)x;
    wake_up();
}

static void sign_in(const char *account, char cookie[64]) {
    char token[44];
    entry e = {.account = account};
    lw_token_make(token, e.key);
    snprintf(cookie, 64, "lw_session=%s", token);
    CHECK(lw_store_submit(lw_server_store(server), add_session, job_done, &e) == LW_OK);
    wait_for();
}

static void begin(void) {
    char store[80], why[400], clinic[37], token[44];
    CHECK(mkdtemp(folder) != NULL);
    CHECK(setenv("LW_TEST_RATES", "off", 1) == 0);
    snprintf(store, sizeof store, "%s/s.db", folder);
    const lw_server_options options = {
        .store = store, .listen = "127.0.0.1:0", .threads = 1, .origin = "http://localhost:1"};
    CHECK(lw_server_open(&options, &server, why, sizeof why) == LW_OK);
    atexit(clear);
    const lw_seed_clinic here = {.name = "Here", .language = "en", .country = "GB", .protocol = lw_builtin_text()};
    CHECK(lw_seed_clinic_add(lw_server_store(server), &here, lw_clock_now(), clinic) == LW_OK);
    const lw_seed_staff kim = {
        .clinic = clinic, .login = "kim", .name = "Kim", .language = "en", .roles = LW_ROLE_CLINICIAN | LW_ROLE_ADMIN};
    CHECK(lw_seed_staff_add(lw_server_store(server), &kim, lw_clock_now(), accounts[1], token) == LW_OK);
    const lw_seed_patient ana = {.clinic = clinic,
                                 .patient = "ana",
                                 .name = "Ana",
                                 .language = "en",
                                 .country = "GB",
                                 .responsible = accounts[1]};
    CHECK(lw_seed_patient_add(lw_server_store(server), &ana, lw_clock_now(), token) == LW_OK);
    lw_sql *sql = lw_store_reader(lw_server_store(server));
    CHECK(sql != NULL && lw_patient_account(sql, LW_STR("ana"), accounts[0]) == LW_OK);
    lw_store_reader_back(lw_server_store(server), sql);
}

/* An input may have signed its own people out: they come back. */
static void enter(void) {
    for (int i = 0; i < 2; i++) {
        lw_principal who;
        CHECK(lw_session_find(server->identity, lw__str(cookies[i]), lw_clock_now(), &who) == LW_OK);
        if (who.roles == 0) {
            sign_in(accounts[i], cookies[i]);
        }
    }
}

/* The next line of the input, NUL-terminated in place; NULL at the end. */
static char *line_of(char **at, char *end) {
    char *from = *at, *stop = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;
    if (stop == NULL) {
        return NULL;
    }
    *stop = '\0';
    *at = stop + 1;
    return from;
}

static void take_header(lw__wire *w, char *line) {
    char *colon = strstr(line, ": ");
    if (colon == NULL) {
        return;
    }
    *colon = '\0';
    const char *value = colon + 2;
    const struct {
        const char *name, **place;
    } known[] = {{"Host", &w->host},
                 {"Origin", &w->origin},
                 {"Sec-Fetch-Site", &w->fetch_site},
                 {"X-Loadwave", &w->marker},
                 {"Content-Type", &w->media},
                 {"Cookie", &w->cookie},
                 {"User-Agent", &w->agent},
                 {"X-Forwarded-For", &w->forwarded},
                 {"Accept-Encoding", &w->encodings},
                 {"If-None-Match", &w->if_none_match},
                 {"Content-Length", &w->length},
                 {"Peer", &w->peer}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(line, known[i].name) == 0) {
            *known[i].place = value;
        }
    }
    if (strcmp(w->cookie, "@") == 0 || strcmp(w->cookie, "#") == 0) {
        w->cookie = cookies[w->cookie[0] == '#'];
    }
}

static void check_answer(const lw__exchange *x, bool nobody) {
    const lw_reply *reply = &x->rq.reply;
    int status = reply->status != 0 ? reply->status : 200;
    CHECK(status >= 200 && status < 600 && status != 500);
    lw_str body = lw_buf_view(&reply->body);
    if (status >= 400 && strcmp(x->label, "healthz") != 0) {
        CHECK(reply->type != NULL && strcmp(reply->type, "application/problem+json") == 0);
        while (body.len > 0 && body.ptr[body.len - 1] == '\n') {
            body.len--;
        }
        CHECK(lw__pick_valid(body) && lw__pick_kind(body) == '{');
    }
    if (x->rq.route != NULL && nobody && !x->rq.route->open) {
        CHECK(status >= 400 || status == 204);
    }
    for (uint32_t i = 0; i < reply->header_count; i++) {
        CHECK(strpbrk(reply->headers[i][1], "\r\n") == NULL);
    }
    CHECK(strpbrk(reply->cookie, "\r\n") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (server == NULL) {
        begin();
    }
    if (size > 64 * 1024) {
        return 0;
    }
    enter();
    char *text = malloc(size + 1), *at = text, *end = text + size;
    lw__exchange *x = calloc(1, sizeof *x);
    CHECK(text != NULL && x != NULL);
    memcpy(text, bytes, size);
    text[size] = '\0';
    x->wire = (lw__wire){.method = "GET",
                         .target = "",
                         .host = "localhost:1",
                         .origin = "",
                         .fetch_site = "",
                         .marker = "1",
                         .media = "application/json",
                         .cookie = "",
                         .agent = "",
                         .forwarded = "",
                         .encodings = "",
                         .if_none_match = "",
                         .length = "",
                         .peer = "127.0.0.1"};
    char *line = line_of(&at, end), *blank = line != NULL ? strchr(line, ' ') : NULL;
    if (blank != NULL) {
        *blank = '\0';
        x->wire.method = line;
        x->wire.target = blank + 1;
    }
    while ((line = line_of(&at, end)) != NULL && *line != '\0') {
        take_header(&x->wire, line);
    }
    x->wake = wake;
    bool refused = lw__dispatch_open(server, x) != LW_OK;
    bool nobody = x->who.roles == 0;
    uint32_t most = x->rq.route != NULL ? x->rq.route->body_max : 0;
    size_t len = at < end ? (size_t)(end - at) : 0;
    x->too_large = len > most;
    if (!refused && !x->too_large) {
        lw_buf_add(&x->body, at, len);
    }
    lw__turn turn = lw__dispatch_run(x);
    while (turn == LW__COMMIT) {
        lw__dispatch_submit(x);
        wait_for();
        turn = lw__dispatch_done(x);
    }
    if (turn == LW__SEND) {
        check_answer(x, nobody);
    }
    lw__dispatch_sent(x, x->rq.reply.status, x->rq.reply.body.len);
    lw__exchange_free(x);
    free(text);
    return 0;
}
