/*
 * password.c: passwords, slowly: Argon2id, at most two at once, and longer and longer waits for who guesses.
 *
 * Tries are counted by sign-in name before the password is computed, whether the name exists or not, so that neither the
 * time taken nor the waiting tells which names exist, and so that many tries at once count as many. The count is kept in
 * memory for speed and written to the account, so that a restart does not forgive. From the fifth failure on the wait is 30
 * seconds, doubling to an hour. A passkey is not affected, so nobody can be shut out of an account that has one.
 *
 * What is refused: fewer than 12 characters, very common passwords, the sign-in name itself, and texts of few different
 * letters. Nothing else is asked of a password (NIST SP 800-63B, 5.1.1). Bytes are kept as typed.
 */
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server/identity_internal.h"

enum { FREE_TRIES = 5, FIRST_WAIT_S = 30, LONGEST_WAIT_S = 3600, FORGET_S = 86400, DIFFERENT_LETTERS = 5, WAIT_S = 5 };

/* Of 12 letters and more, lower-cased; shorter ones are refused by their length. */
/* clang-format off */
static const char *const common[] = {
    "123456789012", "1234567890123", "12345678901234", "123456789012345", "1234567890123456", "0123456789012",
    "123123123123", "123456123456", "123456654321", "112233445566", "987654321098", "098765432109", "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u", "1q2w3e4r5t6y7u8i", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "zaq12wsxcde3", "qwertyuiop12",
    "qwertyuiop123", "qwertyuiop1234", "qwertyuiop[]", "qwertyqwerty", "qwerty123456", "qwerty1234567",
    "qwerty12345678", "qwertyasdfgh", "qwertyuiopasdf", "asdfghjkl123", "asdfghjklzxc", "asdfghjklqwerty",
    "zxcvbnm12345", "zxcvbnmasdfg", "password1234", "password12345", "password123456", "password1234567",
    "passwordpassword", "password2024", "password2025", "password2026", "password2027", "passw0rd1234",
    "p@ssw0rd1234", "p@ssword1234", "mypassword12", "mypassword123", "newpassword1", "newpassword12",
    "newpassword123", "changeme1234", "changeme12345", "changemenow1", "letmein12345", "letmein123456",
    "letmeinletmein", "welcome12345", "welcome123456", "welcome12345678", "iloveyou1234", "iloveyou12345",
    "iloveyouforever", "iloveyousomuch", "administrator", "administrator1", "administrator123", "admin1234567",
    "admin12345678", "adminadminadmin", "adminadmin12", "rootrootroot", "abcdefghijkl", "abcdefghijklm",
    "abcdefghijklmnop", "abcd12345678", "abc123456789", "abcabcabcabc", "aaaaaaaaaaaa", "a1b2c3d4e5f6",
    "football1234", "baseball1234", "liverpool123", "liverpoolfc1", "manchester1", "manchesterunited", "chelsea12345",
    "barcelona123", "realmadrid12", "superman1234", "batman123456", "starwars1234", "pokemon12345", "dragon123456",
    "monkey123456", "sunshine1234", "princess1234", "computer1234", "internet1234", "samsung12345", "michael12345",
    "jennifer1234", "charlie12345", "trustno1trustno1", "correcthorsebatterystaple", "correct horse battery staple",
    "contraseña12", "contraseña123", "contraseña1234", "contrasena123", "contrasena1234", "holaholahola",
    "teamotequiero", "loadwave1234", "loadwaveloadwave", "physiotherapy", "physiotherapist", "hamstring1234",
    "shockwave1234", "fisioterapia",
};
/* clang-format on */

static void lower(const char *text, size_t len, char *out, size_t cap) {
    size_t n = len < cap - 1 ? len : cap - 1;
    for (size_t i = 0; i < n; i++) {
        out[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
    }
    out[n] = 0;
}

bool lw__login(lw_str text, char out[121]) {
    bool good = text.len > 0 && text.len <= 120;
    for (uint32_t i = 0; good && i < text.len; i++) {
        char c = text.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != 0 && strchr("._-@+", c) != NULL);
    }
    lower(text.ptr, good ? text.len : 0, out, 121);
    return good;
}

int32_t lw_password_check(lw_str password, lw_str login) {
    char low[LW_PASSWORD_MAX * 4 + 1], name[121];
    if (!lw__utf8_valid(password)) {
        return LW_ERR_UTF8;
    }
    uint32_t letters = lw__utf8_count(password);
    if (letters < LW_PASSWORD_MIN || letters > LW_PASSWORD_MAX) {
        return LW_ERR_RANGE;
    }
    lower(password.ptr, password.len, low, sizeof low);
    lower(login.ptr, login.len, name, sizeof name);
    bool seen[256] = {false};
    uint32_t different = 0;
    for (uint32_t i = 0; i < password.len; i++) {
        different += seen[(uint8_t)low[i]] ? 0 : 1;
        seen[(uint8_t)low[i]] = true;
    }
    bool bad = different < DIFFERENT_LETTERS || (name[0] != 0 && strcmp(low, name) == 0);
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        bad = bad || strcmp(low, common[i]) == 0;
    }
    return bad ? LW_ERR_VALUE : LW_OK;
}

int32_t lw__password_ask(lw_request *rq, const char *member, lw_str password, const char *login) {
    int32_t err = lw_password_check(password, lw__str(login));
    if (err == LW_ERR_RANGE) {
        return lw_problem(rq, err, member,
                          "A password has 12 to 200 characters. A few words in a row are easy to remember.");
    }
    return err == LW_ERR_VALUE
               ? lw_problem(rq, err, member,
                            "That password is one of the first that others would try. Please take another.")
               : err;
}

int32_t lw_password_hash(lw_str password, char out[LW_PASSWORD_TEXT]) {
    _Static_assert(LW_PASSWORD_TEXT >= crypto_pwhash_STRBYTES, "room for the text");
    if (sodium_init() < 0 || crypto_pwhash_str(out, password.ptr, password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                               crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return LW_ERR_BUSY;
    }
    return LW_OK;
}

/* ---- at most two at once ---- */

static bool gate_enter(lw_identity *identity) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&identity->lock);
    bool in = identity->hashing < LW__HASHES;
    if (!in && identity->waiting < LW__HASHES_WAITING) {
        identity->waiting++;
        int late = 0;
        while (identity->hashing >= LW__HASHES && late == 0) {
            late = pthread_cond_timedwait(&identity->turn, &identity->lock, &until);
        }
        identity->waiting--;
        in = identity->hashing < LW__HASHES;
    }
    identity->hashing += in ? 1 : 0;
    pthread_mutex_unlock(&identity->lock);
    return in;
}

static void gate_leave(lw_identity *identity) {
    pthread_mutex_lock(&identity->lock);
    identity->hashing--;
    pthread_cond_signal(&identity->turn);
    pthread_mutex_unlock(&identity->lock);
}

/* Argon2id of nothing anybody can type, at the same cost. */
static const char nobody[crypto_pwhash_STRBYTES] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

bool lw__password_ready(void) {
    return crypto_pwhash_str_needs_rehash(nobody, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                          crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}

int32_t lw__password_verify(lw_identity *identity, const char *stored, lw_str password) {
    if (!gate_enter(identity)) {
        return LW_ERR_RATE;
    }
    errno = 0;
    bool good = crypto_pwhash_str_verify(stored != NULL ? stored : nobody, password.ptr, password.len) == 0;
    bool memory = !good && errno == ENOMEM;
    gate_leave(identity);
    return memory ? LW_ERR_BUSY : good && stored != NULL ? LW_OK : LW_ERR_SIGN_IN;
}

int32_t lw__password_make(lw_identity *identity, lw_str password, char out[LW_PASSWORD_TEXT]) {
    if (!gate_enter(identity)) {
        return LW_ERR_RATE;
    }
    int32_t err = lw_password_hash(password, out);
    gate_leave(identity);
    return err;
}

/* ---- counting tries ---- */

static int64_t wait_after(uint32_t failed) {
    if (failed < FREE_TRIES) {
        return 0;
    }
    uint32_t doubled = failed - FREE_TRIES < 16 ? failed - FREE_TRIES : 16;
    int64_t wait = (int64_t)FIRST_WAIT_S << doubled;
    return wait < LONGEST_WAIT_S ? wait : LONGEST_WAIT_S;
}

/* The name's place; that of the one not tried for longest when it has none. Under the lock. */
static lw__tries *tries_of(lw_identity *identity, const char *login) {
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t key;
    crypto_shorthash(hash, (const uint8_t *)login, strlen(login), identity->tries_key);
    memcpy(&key, hash, sizeof key);
    key += key == 0;
    lw__tries *set = identity->tries[key % LW__TRIES_SETS], *place = set;
    for (uint32_t i = 0; i < LW__TRIES_WAYS; i++) {
        if (set[i].key == key) {
            return &set[i];
        }
        place = set[i].last_s < place->last_s ? &set[i] : place;
    }
    *place = (lw__tries){.key = key};
    return place;
}

static int32_t wait_answer(lw_request *rq, int64_t until_s) {
    rq->retry_s = (uint32_t)(until_s - rq->now_s);
    return lw_problem(rq, LW_ERR_RATE, NULL, "Too many wrong tries. Please wait %lld seconds and try again.",
                      (long long)(until_s - rq->now_s));
}

int32_t lw__try_begin(lw_request *rq, const char *login) {
    lw_identity *identity = rq->identity;
    pthread_mutex_lock(&identity->lock);
    lw__tries *t = tries_of(identity, login);
    if (rq->now_s - t->last_s > FORGET_S) {
        t->failed = 0;
        t->until_s = 0;
    }
    int64_t until = t->until_s;
    if (until <= rq->now_s) {
        t->failed++;
        t->until_s = rq->now_s + wait_after(t->failed);
        t->last_s = rq->now_s;
    }
    pthread_mutex_unlock(&identity->lock);
    return until <= rq->now_s ? LW_OK : wait_answer(rq, until);
}

int32_t lw__try_known(lw_request *rq, const char *login, int32_t failed, int64_t until_s) {
    lw_identity *identity = rq->identity;
    pthread_mutex_lock(&identity->lock);
    lw__tries *t = tries_of(identity, login);
    if (failed > 0 && t->failed <= (uint32_t)failed) {
        t->failed = (uint32_t)failed + 1;
        t->until_s = rq->now_s + wait_after(t->failed);
        t->last_s = rq->now_s;
    }
    pthread_mutex_unlock(&identity->lock);
    return until_s <= rq->now_s ? LW_OK : wait_answer(rq, until_s);
}

void lw__try_good(lw_identity *identity, const char *login) {
    pthread_mutex_lock(&identity->lock);
    lw__tries *t = tries_of(identity, login);
    *t = (lw__tries){0};
    pthread_mutex_unlock(&identity->lock);
}

void lw__try_undo(lw_identity *identity, const char *login) {
    pthread_mutex_lock(&identity->lock);
    lw__tries *t = tries_of(identity, login);
    t->failed -= t->failed > 0 ? 1 : 0;
    t->until_s = 0;
    pthread_mutex_unlock(&identity->lock);
}

typedef struct failed_job {
    char login[121];
    int64_t until_s;
} failed_job;

static int32_t write_failed(lw_sql *sql, void *ctx) {
    const failed_job *job = ctx;
    return lw_account_failed(sql, job->login, job->until_s);
}

static void free_failed(void *ctx, int32_t err) {
    (void)err;
    free(ctx);
}

void lw__try_failed(lw_identity *identity, const char *login) {
    failed_job *job = malloc(sizeof *job);
    if (job == NULL) {
        return;
    }
    snprintf(job->login, sizeof job->login, "%s", login);
    pthread_mutex_lock(&identity->lock);
    job->until_s = tries_of(identity, login)->until_s;
    pthread_mutex_unlock(&identity->lock);
    if (lw_store_submit(identity->store, write_failed, free_failed, job) != LW_OK) {
        free(job);
    }
}
