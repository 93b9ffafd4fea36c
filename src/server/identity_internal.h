/*
 * identity_internal.h: what the parts of identity share: the object itself, sessions being made, slow passwords, codes.
 */
#ifndef LW_SERVER_IDENTITY_INTERNAL_H
#define LW_SERVER_IDENTITY_INTERNAL_H

#include <pthread.h>

#include "server/identity.h"
#include "store/clinic.h"
#include "words/json_pick.h"

enum {
    LW__CACHE_SETS = 1024,
    LW__CACHE_WAYS = 4,
    LW__CACHE_LIFE_S = 60,
    LW__CACHE_FENCE_S = 30, /* after a drop nothing is cached for so long */
    LW__TRIES_SETS = 512,
    LW__TRIES_WAYS = 4,
    LW__CHALLENGES = 4096,
    LW__CHALLENGE_S = 300,
    LW__PENDING = 256, /* authenticator secrets not confirmed yet */
    LW__PENDING_S = 900,
    LW__HASHES = 2,        /* passwords computed at once */
    LW__HASHES_WAITING = 8 /* and so many more may wait */
};

/* A session as the cache knows it. */
typedef struct lw__cached {
    uint8_t key[32];
    lw_principal who; /* roles 0: free */
    int64_t loaded_s, seen_s, idle_s, expires_s;
} lw__cached;

/* Tries of one sign-in name, known or not. */
typedef struct lw__tries {
    uint64_t key; /* 0: free */
    uint32_t failed;
    int64_t until_s, last_s;
} lw__tries;

typedef struct lw__challenge {
    uint8_t bytes[32];
    char account[37]; /* of purpose add; "" for signing in */
    int64_t until_s;  /* 0: free */
} lw__challenge;

typedef struct lw__pending {
    char account[37];
    uint8_t session[32];
    uint8_t secret[20];
    int64_t until_s; /* 0: free */
} lw__pending;

struct lw_identity {
    lw_store *store;
    char origin[256], rp_id[256], folder[4096];
    bool secure;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t turn;
    uint32_t hashing, waiting;
    int64_t fence_s;
    uint8_t tries_key[16];
    lw__cached cache[LW__CACHE_SETS][LW__CACHE_WAYS];
    lw__tries tries[LW__TRIES_SETS][LW__TRIES_WAYS];
    lw__challenge challenges[LW__CHALLENGES];
    lw__pending pending[LW__PENDING];
    int64_t audit_seq; /* up to here the chain of the audit trail was found intact */
    uint8_t audit_hash[32];
    lw_backup_key backup_key;
    bool backup_sealed; /* with backup_key */
    lw_secrets_key secrets_key;
    bool secrets_sealed; /* with secrets_key */
    bool backup_running;
    pthread_t backup;
    bool backup_started; /* backup is to be joined */
};

/* ---- session.c ---- */

/* A session on its way: made in prepare, stored in commit. */
typedef struct lw__entry {
    char token[44];
    uint8_t key[32];
    const char *account;
    bool patient, strong;
    const char *label;
} lw__entry;

/* label (nullable): what the person calls the device; the browser's name otherwise. */
void lw__session_begin(lw_request *rq, const lw_account *account, bool strong, const char *label, lw__entry *out);
/* In a commit: stores it, ends the session this browser had, sets the cookie and replies with `me`. */
LW_MUST_CHECK int32_t lw__session_commit(lw_request *rq, lw_sql *sql, const lw__entry *entry);
/* Answers with `me` of an account, seen from a session of that strength. */
LW_MUST_CHECK int32_t lw__me_reply(lw_request *rq, lw_sql *sql, const char *account, bool strong);
void lw__cookie_clear(lw_request *rq);
/* The clinic demands a second factor of this sign-in, and it is missing. */
bool lw__limited(const char *clinic_settings, uint32_t roles, bool strong);
/*
 * Adding a second factor to an account that has one already takes a strong session. LW_OK or LW_ERR_SECOND_FACTOR.
 */
LW_MUST_CHECK int32_t lw__may_strengthen(lw_request *rq, const lw_account *account);
/* SHA-256 of a token's 43 letters; false when it is not one. */
bool lw__token_key(lw_str token, uint8_t key[32]);
/* base64url without padding, strictly: 0 or more bytes; -1 when it is not that, or more than cap. */
int64_t lw__base64url(lw_str text, uint8_t *out, size_t cap);
void lw__put_base64url(lw_buf *out, const uint8_t *bytes, size_t len);

/* ---- password.c ---- */

/* One try for a sign-in name. LW_ERR_RATE with rq->retry_s; otherwise it is counted as failed until lw__try_good. */
LW_MUST_CHECK int32_t lw__try_begin(lw_request *rq, const char *login);
/* The account said it failed so often, and until when it waits (before a restart, say). */
LW_MUST_CHECK int32_t lw__try_known(lw_request *rq, const char *login, int32_t failed, int64_t until_s);
void lw__try_good(lw_identity *identity, const char *login); /* signed in: begins anew */
void lw__try_undo(lw_identity *identity, const char *login); /* was no failure */
/* Writes the failure down, not waiting for it. */
void lw__try_failed(lw_identity *identity, const char *login);
/* Argon2id under the gate: LW_OK, LW_ERR_SIGN_IN (wrong), LW_ERR_RATE (too many at once). stored NULL takes as long. */
LW_MUST_CHECK int32_t lw__password_verify(lw_identity *identity, const char *stored, lw_str password);
/* Whether the stand-in for names that do not exist costs as much as a real password does with this libsodium. */
bool lw__password_ready(void);
LW_MUST_CHECK int32_t lw__password_make(lw_identity *identity, lw_str password, char out[LW_PASSWORD_TEXT]);
/* lw_password_check with the problem's words. */
LW_MUST_CHECK int32_t lw__password_ask(lw_request *rq, const char *member, lw_str password, const char *login);
/* Lower-cased login of letters, digits and . _ - @ +; false when it holds anything else. */
bool lw__login(lw_str text, char out[121]);

/* ---- totp.c ---- */

/* The time step the code belongs to, after `after`; 0 when it is wrong or used. */
int64_t lw__totp_step(const uint8_t *secret, size_t len, lw_str code, int64_t now_s, int64_t after);

/* ---- helpers of handlers ---- */

/* The audit row of a call without a sign-in names this account. */
void lw__acted(lw_request *rq, const lw_account *account);

/* In a commit: makes an invite for an account and answers {first…"url","token","expires_s"}. */
LW_MUST_CHECK int32_t lw__invite_reply(lw_request *rq, lw_sql *sql, const char *account, bool staff, const char *first);
/* "pht@1.0.0", and the hash of the source in hex. */
void lw__protocol_name(const lw_protocol *protocol, char name[129], char sha256[65]);

/* A text field's content in the pool; NULL when not given. */
const char *lw__asked(lw_request *rq, const lw_value *value);
/* Names people write: not only spaces, no control characters. LW_ERR_VALUE with the problem. value may be absent. */
LW_MUST_CHECK int32_t lw__name_check(lw_request *rq, const char *member, const lw_value *value);
/* Two capital letters. Absent is fine. */
LW_MUST_CHECK int32_t lw__country_check(lw_request *rq, const lw_value *value);
/* Ends a JSON reply: LW_ERR_NO_MEMORY when it could not be built. */
LW_MUST_CHECK int32_t lw__replied(lw_request *rq);

#endif
