/*
 * identity.h: who is asking. Sessions, passwords, authenticator codes, passkeys and invites; the seam between the router
 * and all handlers of accounts and clinic.
 *
 * One lw_identity belongs to one running server. It holds what must not be in the database: the cache of sessions (so that
 * a request does not need the database), the challenges of passkeys, the counters that slow guessing down, and the two
 * places where passwords may be computed. All of it is bounded, and all calls may come from any thread.
 *
 * The cookie: `lw_session=` and 43 letters of base64url (256 random bits); HttpOnly, SameSite=Strict, Path=/, Secure when
 * the origin is https. The database knows its SHA-256 only.
 *
 * The router sets rq->identity. It calls lw_session_find before it borrows a reading connection, then lw_patient_place
 * (store/people.h) for rq->target, then lw_authorize.
 */
#ifndef LW_SERVER_IDENTITY_H
#define LW_SERVER_IDENTITY_H

#include "server/http.h"
#include "server/secrets.h"

typedef struct lw_identity lw_identity;

typedef struct lw_identity_options {
    lw_store *store;           /* borrowed for the identity's life */
    const char *origin;        /* "https://clinic.example" or "http://127.0.0.1:18300"; copied; at most 200 bytes */
    const char *backup_folder; /* where backups go; copied; NULL: none can be made */
    const lw_backup_key *backup_key; /* what they are sealed with; copied; NULL: they are plain */
    const lw_secrets_key *secrets;   /* what secrets of authenticators are sealed with; copied; NULL: they are plain */
} lw_identity_options;

/* Starts libsodium. LW_ERR_VALUE: the origin is not scheme://host[:port]. */
LW_MUST_CHECK int32_t lw_identity_open(const lw_identity_options *options, lw_identity **out);
/* Waits for a backup that is being made. */
void lw_identity_close(lw_identity *identity);

lw_store *lw_identity_store(const lw_identity *identity);
const char *lw_identity_origin(const lw_identity *identity); /* without a slash at the end */

/*
 * Fills *out from the Cookie header (empty when there is none). No valid session is LW_OK with roles 0. Borrows a reading
 * connection only when the session is not in the cache; LW_ERR_BUSY when there is none. Notes at most once a minute, through
 * a queued job, that the session was used.
 */
LW_MUST_CHECK int32_t lw_session_find(lw_identity *identity, lw_str cookie_header, int64_t now_s, lw_principal *out);

/* Forgets what is cached of one account (NULL: of all), and caches nothing new until its change is surely committed. */
void lw_session_drop(lw_identity *identity, const char *account);

/* ---- making accounts: for the command line, the demo and tests; no lw_identity needed ---- */

/* A random id, version 4, as text with a NUL. */
void lw_uuid_make(char out[37]);

/* A fresh secret token: 43 letters of base64url with a NUL, and its SHA-256, which is what the database keeps. */
void lw_token_make(char token[44], uint8_t sha256[32]);

enum { LW_PASSWORD_TEXT = 128, LW_PASSWORD_MIN = 12, LW_PASSWORD_MAX = 200 }; /* characters */

/* LW_OK, or LW_ERR_UTF8, LW_ERR_RANGE (length), LW_ERR_VALUE (one of the very common ones, or the login itself). */
LW_MUST_CHECK int32_t lw_password_check(lw_str password, lw_str login);
/* Argon2id; takes about 0.1 s and 64 MiB. Never on the writer's thread. */
LW_MUST_CHECK int32_t lw_password_hash(lw_str password, char out[LW_PASSWORD_TEXT]);

/* A new authenticator secret of 20 bytes and its base32 text. */
void lw_totp_make(uint8_t secret[20], char base32[33]);
/* The six digits of a secret at a time; for the demo and tests. */
LW_MUST_CHECK int32_t lw_totp_code(const uint8_t *secret, size_t len, int64_t now_s, char out[7]);

/* ORIGIN/#/i/TOKEN, or ORIGIN/clinic/#/i/TOKEN for staff. */
void lw_invite_url(const char *origin, bool staff, const char *token, char *out, size_t cap);

enum { LW_INVITE_PATIENT_S = 7 * 86400, LW_INVITE_STAFF_S = 3 * 86400 };

/*
 * The whole of a first start, each in one write of its own. All texts are UTF-8; language "en", country "GB".
 * Passwords are hashed before the write.
 */
typedef struct lw_seed_clinic {
    const char *name, *language, *country;
    bool second_factor; /* required of staff */
    lw_str protocol;    /* text of the built-in protocol; becomes the clinic's current one */
} lw_seed_clinic;
/* Makes a clinic; id receives its id. LW_ERR_PROTOCOL: the protocol does not compile. */
LW_MUST_CHECK int32_t lw_seed_clinic_add(lw_store *store, const lw_seed_clinic *clinic, int64_t now_s, char id[37]);

/* At each start: publishes this program's built-in protocol in clinics that do not have it yet; moves nobody to it. */
LW_MUST_CHECK int32_t lw_seed_protocol_add(lw_store *store, lw_str protocol, int64_t now_s);

typedef struct lw_seed_staff {
    const char *clinic, *login, *name, *language;
    uint32_t roles;
    const char *password; /* NULL: none; then an invite is needed */
    const uint8_t *totp;  /* 20 bytes, in force at once; NULL: none */
    bool invite;          /* make an invite, put its token into token */
} lw_seed_staff;
/* LW_ERR_EXISTS: the login is taken. */
LW_MUST_CHECK int32_t lw_seed_staff_add(lw_store *store, const lw_seed_staff *staff, int64_t now_s, char id[37],
                                        char token[44]);

typedef struct lw_seed_patient {
    const char *clinic, *patient; /* patient: id to use */
    const char *name, *language, *country;
    const char *responsible; /* account; NULL: nobody yet */
} lw_seed_patient;
/* Patient with an empty log, its account, and a one-time invite whose token goes to token. */
LW_MUST_CHECK int32_t lw_seed_patient_add(lw_store *store, const lw_seed_patient *patient, int64_t now_s,
                                          char token[44]);

#endif
