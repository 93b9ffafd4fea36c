/*
 * identity_support.h: what the tests of identity and clinic share: a world of two clinics in an empty store, and a way to
 * call a route as the router does, without sockets: session, authorisation, fields, prepare, commit, after.
 */
#ifndef IDENTITY_SUPPORT_H
#define IDENTITY_SUPPORT_H

#include "server/identity_internal.h"
#include "server/server_internal.h"
#include "store_support.h"

static const char ORIGIN[] = "http://localhost:18300";
static const char GOOD[] = "wet paper boats in June";

typedef struct world {
    lw_store *store;
    lw_identity *identity;
    int64_t now_s;
    char here[37], there[37];                         /* clinics */
    char admin[37], doctor[37], scholar[37], far[37]; /* accounts; far: clinician of the other clinic */
    char ana_token[44], bo_token[44];                 /* invites: p-ana here, p-bo there */
} world;

/* What a call came to. */
typedef struct answer {
    int32_t err;
    int status;
    char cookie[64]; /* the session that was set, as a Cookie header; "" */
    char set_cookie[256];
    char detail[240], member[64], audit[120];
    uint32_t retry_s;
    char body[200000];
    size_t body_len;
} answer;

static inline char *read_whole(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = calloc(1, (size_t)size + 1);
    assert_int_equal(fread(text, 1, (size_t)size, file), size);
    fclose(file);
    return text;
}

static inline const char *pht(void) {
    static char *text;
    if (text == NULL) {
        text = read_whole(LW_SOURCE_DIR "/protocols/pht/pht.protocol");
    }
    return text;
}

static inline void identity_begin(world *w) {
    const lw_identity_options options = {.store = w->store, .origin = ORIGIN, .backup_folder = getenv("LW_SCRATCH")};
    assert_int_equal(lw_identity_open(&options, &w->identity), LW_OK);
}

/* Without a password until world_begin gives all the same: computing it takes its time on purpose. */
static inline void staff(world *w, const char *clinic, const char *login, uint32_t roles, char id[37]) {
    char token[44];
    const lw_seed_staff person = {.clinic = clinic, .login = login, .name = login, .language = "en", .roles = roles};
    assert_int_equal(lw_seed_staff_add(w->store, &person, w->now_s, id, token), LW_OK);
}

static inline void patient(world *w, const char *clinic, const char *id, const char *name, char token[44]) {
    const lw_seed_patient person = {
        .clinic = clinic, .patient = id, .name = name, .language = "en", .country = "GB", .responsible = NULL};
    assert_int_equal(lw_seed_patient_add(w->store, &person, w->now_s, token), LW_OK);
}

/* Two clinics. Here a second factor is a matter of choice unless strict. */
static inline void world_begin(world *w, bool strict) {
    memset(w, 0, sizeof *w);
    w->now_s = T_NOW;
    w->store = open_store(empty_place(), true);
    lw_seed_clinic clinic = {
        .name = "Here", .language = "en", .country = "GB", .second_factor = strict, .protocol = lw__str(pht())};
    assert_int_equal(lw_seed_clinic_add(w->store, &clinic, w->now_s, w->here), LW_OK);
    clinic.name = "There";
    assert_int_equal(lw_seed_clinic_add(w->store, &clinic, w->now_s, w->there), LW_OK);
    staff(w, w->here, "admin", LW_ROLE_ADMIN, w->admin);
    staff(w, w->here, "doctor", LW_ROLE_CLINICIAN, w->doctor);
    staff(w, w->here, "scholar", LW_ROLE_RESEARCHER, w->scholar);
    staff(w, w->there, "far", LW_ROLE_CLINICIAN | LW_ROLE_ADMIN, w->far);
    patient(w, w->here, "p-ana", "Ana Łódź", w->ana_token);
    patient(w, w->there, "p-bo", "Bo", w->bo_token);
    char hash[LW_PASSWORD_TEXT], script[300];
    assert_int_equal(lw_password_hash(lw__str(GOOD), hash), LW_OK);
    snprintf(script, sizeof script, "UPDATE account SET password = '%s' WHERE login IS NOT NULL", hash);
    run_script(w->store, script);
    identity_begin(w);
}

static inline void world_end(world *w) {
    lw_identity_close(w->identity);
    lw_store_close(w->store);
}

static inline const lw_route *route_of(const char *id) {
    for (uint32_t i = 0; i < lw_route_count; i++) {
        if (strcmp(lw_routes[i].id, id) == 0) {
            return &lw_routes[i];
        }
    }
    fail_msg("no route %s", id);
    return NULL;
}

static inline int32_t commit_job(lw_sql *sql, void *ctx) {
    lw_request *rq = ctx;
    lw_buf_clear(&rq->reply.body);
    return rq->route->commit(rq, sql);
}

static inline void call_into(world *w, const char *id, const char *cookie, const char *path, const char *query,
                             const char *body, answer *a) {
    lw_request *rq = calloc(1, sizeof *rq);
    lw_principal who;
    memset(a, 0, offsetof(answer, body) + 1);
    rq->identity = w->identity;
    rq->route = route_of(id);
    rq->who = &who;
    rq->now_s = w->now_s;
    snprintf(rq->agent, sizeof rq->agent, "Mozilla/5.0 (X11; Linux x86_64) Firefox/120");
    snprintf(rq->path[0], sizeof rq->path[0], "%s", path != NULL ? path : "");
    int32_t err = lw_session_find(w->identity, lw__str(cookie != NULL ? cookie : ""), w->now_s, &who);
    if (err == LW_OK && strstr(rq->route->path, "{patient}") != NULL) {
        snprintf(rq->target.patient, sizeof rq->target.patient, "%s", path);
        lw_sql *sql = lw_store_reader(w->store);
        err = lw_patient_place(sql, lw__str(path), rq->target.clinic, rq->target.responsible, &rq->target.erased);
        lw_store_reader_back(w->store, sql);
    }
    rq->raw = lw__str(body != NULL ? body : "");
    err = err == LW_OK ? lw_authorize(rq->route, &who, &rq->target) : err;
    err = err == LW_OK ? lw__fields_query(rq, lw__str(query != NULL ? query : "")) : err;
    err = err == LW_OK ? lw__fields_body(rq, rq->raw.len > 0 ? "application/json" : "") : err;
    if (err == LW_OK && rq->route->handler != NULL) {
        lw_sql *sql = lw_store_reader(w->store);
        assert_non_null(sql);
        err = rq->route->handler(rq, sql);
        lw_store_reader_back(w->store, sql);
    }
    if (err == LW_OK && rq->route->commit != NULL) {
        err = lw_store_write(w->store, commit_job, rq);
        if (err == LW_OK && rq->after != NULL) {
            rq->after(rq);
        }
    }
    a->err = err;
    a->status = err == LW_OK ? (rq->reply.status != 0 ? rq->reply.status : 200) : lw_err_find(err)->http;
    a->retry_s = rq->retry_s;
    memcpy(a->detail, rq->detail, sizeof a->detail);
    memcpy(a->member, rq->member, sizeof a->member);
    memcpy(a->audit, rq->audit, sizeof a->audit);
    if (err == LW_OK) {
        assert_true(rq->reply.body.len < sizeof a->body);
        memcpy(a->body, rq->reply.body.ptr != NULL ? rq->reply.body.ptr : "", rq->reply.body.len + 1);
        a->body_len = rq->reply.body.len;
        memcpy(a->set_cookie, rq->reply.cookie, sizeof a->set_cookie);
        size_t len = strcspn(rq->reply.cookie, ";");
        if (len < sizeof a->cookie) {
            memcpy(a->cookie, rq->reply.cookie, len);
        }
        if (rq->reply.type == NULL || strcmp(rq->reply.type, "application/json") == 0) {
            if (!lw__pick_valid(lw__str(a->body))) {
                fail_msg("%s answers what is no JSON: %s", id, a->body);
            }
        }
    }
    lw_buf_free(&rq->reply.body);
    lw_pool_free(&rq->pool);
    free(rq);
}

/* The same into one static answer, good until the next call. */
static inline const answer *call(world *w, const char *id, const char *cookie, const char *path, const char *query,
                                 const char *body) {
    static answer a;
    call_into(w, id, cookie, path, query, body, &a);
    return &a;
}

static inline const answer *post(world *w, const char *id, const char *cookie, const char *format, ...) {
    static char body[100000];
    va_list args;
    va_start(args, format);
    vsnprintf(body, sizeof body, format, args);
    va_end(args);
    return call(w, id, cookie, NULL, NULL, body);
}

#define assert_err(answer_, expected_)                                                                   \
    do {                                                                                                 \
        const answer *answer__ = (answer_);                                                              \
        if (answer__->err != (expected_)) {                                                              \
            fail_msg("%s:%d: %s (%s; %s) instead of %s", __FILE__, __LINE__, lw_err_name(answer__->err), \
                     answer__->member, answer__->detail, lw_err_name(expected_));                        \
        }                                                                                                \
    } while (0)

/* Signs a member of staff in; the Cookie header is the caller's. */
static inline void enter(world *w, const char *login, char cookie[64]) {
    const answer *a = post(w, "sign_in", NULL, "{\"login\":\"%s\",\"password\":\"%s\"}", login, GOOD);
    assert_err(a, LW_OK);
    memcpy(cookie, a->cookie, 64);
}

static inline void enter_patient(world *w, const char *token, char cookie[64]) {
    const answer *a = call(w, "invite_accept", NULL, token, NULL, "{}");
    assert_err(a, LW_OK);
    memcpy(cookie, a->cookie, 64);
}

/* A text or number member of an answer, without quotes; "" when it is not there. */
static inline const char *member(const answer *a, const char *name) {
    static char values[8][2000];
    static int turn;
    lw_str value = {"", 0};
    char *out = values[turn = (turn + 1) % 8];
    bool found = lw__pick((lw_str){a->body, (uint32_t)a->body_len}, name, &value);
    bool quoted = found && value.len >= 2 && value.ptr[0] == '"';
    snprintf(out, sizeof values[0], "%.*s", (int)(found ? value.len - (quoted ? 2 : 0) : 0),
             value.ptr + (quoted ? 1 : 0));
    return out;
}

#endif
