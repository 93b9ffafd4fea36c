/*
 * session.c: sessions: the cookie, the cache, the beginning and the end.
 *
 * A browser session of staff ends after 30 minutes without use and after 12 hours in any case; a patient's device stays
 * bound for 400 days at most, 90 without use. The cache spares the database: an entry lives for at most a minute, and is
 * gone at once when its account signs out, is shut out or changes roles. Because such a change is seen by others only after
 * its commit, nothing new is cached for a while after a drop; in that while every request reads the database.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/identity_internal.h"

enum {
    BROWSER_IDLE_S = 30 * 60,
    BROWSER_S = 12 * 3600,
    DEVICE_IDLE_S = 90 * 86400,
    DEVICE_S = 400 * 86400,
    SEEN_EVERY_S = 60
};

/* ---- the cookie ---- */

/*
 * Over https the name says __Host-: browsers take such a cookie from this very host only, over TLS only, and for every path,
 * so that no neighbour under the same domain can plant one.
 */
static const char *cookie_name(const lw_identity *identity) {
    return identity->secure ? "__Host-lw_session=" : "lw_session=";
}

/* The value of the session cookie; false when there is none, or more than one. */
static bool cookie_of(const lw_identity *identity, lw_str header, lw_str *out) {
    lw_str name = lw__str(cookie_name(identity));
    uint32_t found = 0;
    for (uint32_t i = 0; i < header.len;) {
        uint32_t end = i;
        while (end < header.len && header.ptr[end] != ';') {
            end++;
        }
        uint32_t from = i;
        while (from < end && header.ptr[from] == ' ') {
            from++;
        }
        if (end - from > name.len && memcmp(header.ptr + from, name.ptr, name.len) == 0) {
            *out = (lw_str){header.ptr + from + name.len, end - from - name.len};
            found++;
        }
        i = end + 1;
    }
    return found == 1;
}

static void cookie_set(lw_request *rq, const char *token, int64_t seconds) {
    snprintf(rq->reply.cookie, sizeof rq->reply.cookie, "%s%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%lld%s",
             cookie_name(rq->identity), token, (long long)seconds, rq->identity->secure ? "; Secure" : "");
}

void lw__cookie_clear(lw_request *rq) {
    cookie_set(rq, "", 0);
}

/* ---- the cache ---- */

static lw__cached *cache_set(lw_identity *identity, const uint8_t key[32]) {
    uint32_t index = ((uint32_t)key[0] << 8 | key[1]) % LW__CACHE_SETS;
    return identity->cache[index];
}

typedef struct seen_job {
    uint8_t key[32];
    char account[37];
    int64_t now_s;
} seen_job;

static int32_t write_seen(lw_sql *sql, void *ctx) {
    const seen_job *job = ctx;
    return lw_session_seen(sql, job->key, job->account, job->now_s);
}

static void free_seen(void *ctx, int32_t err) {
    (void)err;
    free(ctx);
}

/* Notes in the database that a session is in use; losing such a note loses a minute. */
static void note_seen(lw_identity *identity, const uint8_t key[32], const char *account, int64_t now_s) {
    seen_job *job = malloc(sizeof *job);
    if (job == NULL) {
        return;
    }
    memcpy(job->key, key, 32);
    snprintf(job->account, sizeof job->account, "%s", account);
    job->now_s = now_s;
    if (lw_store_submit(identity->store, write_seen, free_seen, job) != LW_OK) {
        free(job);
    }
}

/* From the cache; false when it is not there. *note: the use is to be noted. */
static bool cache_get(lw_identity *identity, const uint8_t key[32], int64_t now_s, lw_principal *out, bool *note) {
    bool found = false;
    pthread_mutex_lock(&identity->lock);
    lw__cached *set = cache_set(identity, key);
    for (uint32_t i = 0; i < LW__CACHE_WAYS; i++) {
        lw__cached *c = &set[i];
        if (c->who.roles == 0 || sodium_memcmp(c->key, key, 32) != 0) {
            continue;
        }
        if (now_s - c->loaded_s >= LW__CACHE_LIFE_S || now_s < c->loaded_s || c->expires_s <= now_s ||
            c->seen_s + c->idle_s <= now_s) {
            c->who.roles = 0;
            continue;
        }
        *note = now_s - c->seen_s >= SEEN_EVERY_S;
        c->seen_s = *note ? now_s : c->seen_s;
        *out = c->who;
        found = true;
    }
    pthread_mutex_unlock(&identity->lock);
    return found;
}

static void cache_put(lw_identity *identity, const lw__cached *fresh) {
    pthread_mutex_lock(&identity->lock);
    if (fresh->loaded_s >= identity->fence_s) {
        lw__cached *set = cache_set(identity, fresh->key), *place = set;
        for (uint32_t i = 0; i < LW__CACHE_WAYS; i++) {
            if (set[i].who.roles == 0 || memcmp(set[i].key, fresh->key, 32) == 0) {
                place = &set[i];
                break;
            }
            place = set[i].loaded_s < place->loaded_s ? &set[i] : place;
        }
        *place = *fresh;
    }
    pthread_mutex_unlock(&identity->lock);
}

void lw_session_drop(lw_identity *identity, const char *account) {
    pthread_mutex_lock(&identity->lock);
    int64_t last = 0;
    for (uint32_t s = 0; s < LW__CACHE_SETS; s++) {
        for (uint32_t i = 0; i < LW__CACHE_WAYS; i++) {
            lw__cached *c = &identity->cache[s][i];
            last = c->loaded_s > last ? c->loaded_s : last;
            if (account == NULL || strcmp(c->who.account, account) == 0) {
                c->who.roles = 0;
            }
        }
    }
    /* The clock of requests, which tests may move, is that of the entries; the machine's own is the floor. */
    int64_t now = (int64_t)time(NULL);
    identity->fence_s = (last > now ? last : now) + LW__CACHE_FENCE_S;
    pthread_mutex_unlock(&identity->lock);
}

/* ---- finding ---- */

bool lw__limited(const char *clinic_settings, uint32_t roles, bool strong) {
    lw_str value;
    bool optional = lw__pick(lw__str(clinic_settings), "second_factor", &value) && lw__pick_is(value, "optional");
    return (roles & LW__STAFF) != 0 && !strong && !optional;
}

/* A text cut to what fits, at a letter's border. */
static void cut(char *out, size_t cap, const char *text) {
    lw__writer w = lw__writer_over(out, cap);
    lw__put_c(&w, text);
    lw__put_end(&w);
}

static void principal_of(const lw_account *account, const lw_session *session, const uint8_t key[32],
                         lw_principal *out) {
    *out = (lw_principal){.roles = account->roles, .strong = session->strong};
    snprintf(out->account, sizeof out->account, "%s", account->id);
    snprintf(out->clinic, sizeof out->clinic, "%s", account->clinic);
    snprintf(out->patient, sizeof out->patient, "%s",
             (account->roles & LW__PATIENT) != 0 && account->patient != NULL ? account->patient : "");
    cut(out->name, sizeof out->name, account->name);
    cut(out->language, sizeof out->language, account->language);
    out->limited = lw__limited(account->clinic_settings, account->roles, session->strong);
    memcpy(out->session, key, 32);
}

int32_t lw_session_find(lw_identity *identity, lw_str cookie_header, int64_t now_s, lw_principal *out) {
    lw_str token;
    uint8_t key[32];
    bool note = false;
    *out = (lw_principal){0};
    if (!cookie_of(identity, cookie_header, &token) || !lw__token_key(token, key)) {
        return LW_OK;
    }
    if (!cache_get(identity, key, now_s, out, &note)) {
        lw_pool pool = {0};
        lw_session session;
        lw_account account;
        lw_sql *sql = lw_store_reader(identity->store);
        if (sql == NULL) {
            return LW_ERR_BUSY;
        }
        int32_t err = lw_session_get(sql, &pool, key, now_s, &session, &account);
        lw_store_reader_back(identity->store, sql);
        if (err == LW_OK && !account.disabled) {
            note = now_s - session.seen_s >= SEEN_EVERY_S;
            lw__cached fresh = {.loaded_s = now_s,
                                .seen_s = note ? now_s : session.seen_s,
                                .idle_s = session.idle_s,
                                .expires_s = session.expires_s};
            memcpy(fresh.key, key, 32);
            principal_of(&account, &session, key, &fresh.who);
            *out = fresh.who;
            cache_put(identity, &fresh);
        }
        lw_pool_free(&pool);
        if (err != LW_OK && err != LW_ERR_NOT_FOUND) {
            return err;
        }
    }
    if (note && out->roles != 0) {
        note_seen(identity, key, out->account, now_s);
    }
    return LW_OK;
}

/* ---- beginning ---- */

/* "Firefox, Windows": enough to know one's own device again, no more. */
static const char *browser_name(const char *agent) {
    static const char *const browsers[][2] = {
        {"Edg", "Edge"},        {"OPR/", "Opera"},    {"SamsungBrowser", "Samsung"},
        {"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"},
        {"Chrome", "Chrome"},   {"Safari", "Safari"}, {"", "Browser"}};
    uint32_t i = 0;
    while (strstr(agent, browsers[i][0]) == NULL) {
        i++;
    }
    return browsers[i][1];
}

static const char *system_name(const char *agent) {
    static const char *const systems[][2] = {
        {"Android", ", Android"}, {"iPhone", ", iPhone"}, {"iPad", ", iPad"},   {"Windows", ", Windows"},
        {"Macintosh", ", Mac"},   {"CrOS", ", ChromeOS"}, {"Linux", ", Linux"}, {"", ""}};
    uint32_t i = 0;
    while (strstr(agent, systems[i][0]) == NULL) {
        i++;
    }
    return systems[i][1];
}

void lw__session_begin(lw_request *rq, const lw_account *account, bool strong, const char *label, lw__entry *out) {
    char own[64];
    snprintf(own, sizeof own, "%s%s", browser_name(rq->agent), system_name(rq->agent));
    *out = (lw__entry){.account = account->id,
                       .patient = (account->roles & LW__STAFF) == 0,
                       .strong = strong,
                       .label = label != NULL && label[0] != 0 ? label : lw_pool_text(&rq->pool, lw__str(own))};
    lw_token_make(out->token, out->key);
}

int32_t lw__session_commit(lw_request *rq, lw_sql *sql, const lw__entry *entry) {
    int64_t life = entry->patient ? DEVICE_S : BROWSER_S;
    const lw_session session = {.account = entry->account,
                                .kind = entry->patient ? "device" : "browser",
                                .label = entry->label != NULL ? entry->label : "",
                                .created_s = rq->now_s,
                                .idle_s = entry->patient ? DEVICE_IDLE_S : BROWSER_IDLE_S,
                                .expires_s = rq->now_s + life,
                                .strong = entry->strong};
    int32_t err = lw_session_add(sql, entry->key, &session);
    if (err == LW_OK && rq->who->roles != 0) {
        err = lw_session_remove(sql, rq->who->account, rq->who->session);
        err = err == LW_ERR_NOT_FOUND ? LW_OK : err;
        lw_session_drop(rq->identity, rq->who->account);
    }
    if (err == LW_OK) {
        err = lw__me_reply(rq, sql, entry->account, entry->strong);
    }
    if (err == LW_OK) {
        cookie_set(rq, entry->token, life);
    }
    return err;
}

int32_t lw__me_reply(lw_request *rq, lw_sql *sql, const char *id, bool strong) {
    lw_account account;
    lw_buf *out = &rq->reply.body;
    int32_t err = lw_account_find(sql, &rq->pool, lw__str(id), &account);
    if (err != LW_OK) {
        return err;
    }
    lw_buf_fmt(out, "{\"account\":\"%s\",\"name\":", account.id);
    lw_buf_json(out, lw__str(account.name));
    lw_buf_str(out, ",\"roles\":");
    lw_account_role_words(out, account.roles);
    lw_buf_fmt(out, ",\"language\":\"%s\",\"clinic\":", account.language);
    err = lw_clinic_json(sql, lw__str(account.clinic), out);
    lw_buf_str(out, ",\"patient\":");
    if (account.patient != NULL) {
        lw_buf_json(out, lw__str(account.patient));
    } else {
        lw_buf_str(out, "null");
    }
    lw_buf_fmt(out, ",\"totp\":%s,\"passkeys\":%u,\"strong\":%s,\"needs_second_factor\":%s}",
               account.totp_on ? "true" : "false", account.passkeys, strong ? "true" : "false",
               lw__limited(account.clinic_settings, account.roles, strong) ? "true" : "false");
    return err != LW_OK ? err : lw__replied(rq);
}

int32_t lw__may_strengthen(lw_request *rq, const lw_account *account) {
    bool has = account->totp_on || (account->passkeys > 0 && (account->roles & LW__STAFF) != 0);
    return !has || rq->who->strong ? LW_OK
                                   : lw_problem(rq, LW_ERR_SECOND_FACTOR, NULL,
                                                "Sign in with the second factor you have; then you can add one.");
}
