/*
 * people.h: the SQL of everybody who signs in: accounts, sessions, invites, passkeys, and the patients' table.
 *
 * Readers take any connection. What says "in a job" runs on the writer's connection inside the group's transaction and only
 * runs statements. Texts that are given back live in the caller's pool. Secrets come in as hashes. What is shown as a list is
 * appended as JSON, in the shapes of schema/routes.json.
 */
#ifndef LW_STORE_PEOPLE_H
#define LW_STORE_PEOPLE_H

#include <string.h>

#include "store/store.h"

/* Bits of account.roles; the same as LW_ROLE_… in server/http.h. */
enum { LW__PATIENT = 1, LW__CLINICIAN = 2, LW__ADMIN = 4, LW__RESEARCHER = 8, LW__STAFF = 14 };

/* A NUL-terminated text as a parameter; NULL gives NULL. */
static inline lw_sql_value lw_sql_c(const char *text) {
    return text == NULL ? lw_sql_null() : lw_sql_text((lw_str){text, (uint32_t)strlen(text)});
}

/* ---- accounts ---- */

typedef struct lw_account {
    const char *id, *clinic, *name, *language;
    const char *patient, *login, *password; /* nullable */
    uint32_t roles;
    uint8_t totp[96];  /* the 20 bytes, or sealed (server/secrets.h) */
    uint32_t totp_len; /* 0: none */
    int64_t totp_step;
    bool totp_on, disabled;
    int32_t failed;
    int64_t locked_until_s;
    uint32_t passkeys;
    const char *clinic_settings; /* JSON */
} lw_account;

/* LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_account_find(lw_sql *sql, lw_pool *pool, lw_str id, lw_account *out);
/* By the lower-cased login. */
LW_MUST_CHECK int32_t lw_account_by_login(lw_sql *sql, lw_pool *pool, lw_str login, lw_account *out);

/* In a job. Uses id, clinic, name, language, patient, login, password, roles, totp and totp_on. LW_ERR_EXISTS: login taken. */
LW_MUST_CHECK int32_t lw_account_add(lw_sql *sql, const lw_account *account, int64_t now_s);
/* In a job. NULL leaves a text as it is; a patient's name and language change in the patients' table too. */
LW_MUST_CHECK int32_t lw_account_rename(lw_sql *sql, const char *id, const char *name, const char *language);
/* In a job: a wrong password or code. locked_until_s 0: not locked. */
LW_MUST_CHECK int32_t lw_account_failed(lw_sql *sql, const char *login, int64_t locked_until_s);
/* In a job: a sign-in went well. step 0: no code was used; otherwise LW_ERR_SECOND_FACTOR when that step was used before. */
LW_MUST_CHECK int32_t lw_account_entered(lw_sql *sql, const char *id, int64_t step, int64_t now_s);
/* In a job. old (nullable): LW_ERR_HEAD unless it is still the stored one. */
LW_MUST_CHECK int32_t lw_account_password(lw_sql *sql, const char *id, const char *old, const char *fresh);
/* In a job: puts an authenticator in force. */
LW_MUST_CHECK int32_t lw_account_totp(lw_sql *sql, const char *id, const uint8_t *secret, uint32_t len, int64_t step);

/* Secrets of authenticators as they are stored, a page at a time. */
enum { LW_TOTP_PAGE = 100 };
typedef struct lw_totp_row {
    char account[37];
    uint8_t totp[96];
    uint32_t len;
} lw_totp_row;
/* Those of the accounts after `after` ("" at first), in order of their ids; fewer than a page: the last. */
LW_MUST_CHECK int32_t lw_account_totp_page(lw_sql *sql, const char *after, lw_totp_row rows[LW_TOTP_PAGE],
                                           uint32_t *count);
/* In a job: the same secret in another form; len 0 takes the authenticator away. */
LW_MUST_CHECK int32_t lw_account_totp_put(lw_sql *sql, const char *id, const uint8_t *secret, uint32_t len);
/* In a job: takes password, authenticator, passkeys and sessions away. */
LW_MUST_CHECK int32_t lw_account_reset(lw_sql *sql, const char *id);
/* In a job. */
LW_MUST_CHECK int32_t lw_account_roles(lw_sql *sql, const char *id, uint32_t roles, bool disabled);
/* In a job. account NULL ends the cover. */
LW_MUST_CHECK int32_t lw_account_cover(lw_sql *sql, const char *id, const char *account, int64_t until_s);
/* Admins of a clinic who can sign in. */
LW_MUST_CHECK int32_t lw_account_admins(lw_sql *sql, lw_str clinic, int64_t *out);
/* [{"account":…},…] of the staff, by name; at most 500. */
LW_MUST_CHECK int32_t lw_account_list(lw_sql *sql, lw_str clinic, int64_t now_s, lw_buf *out);
/* ["clinician","admin"] */
void lw_account_role_words(lw_buf *out, uint32_t roles);

/* ---- sessions ---- */

typedef struct lw_session {
    const char *account;
    const char *kind;  /* "browser", "device" */
    const char *label; /* what the person, or the browser, calls it */
    int64_t created_s, seen_s, idle_s, expires_s;
    bool strong;
} lw_session;

/* The session whose key is the SHA-256 of a cookie, if it has not expired, with its account. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_session_get(lw_sql *sql, lw_pool *pool, const uint8_t key[32], int64_t now_s, lw_session *out,
                                     lw_account *account);
/* In a job. Removes the account's expired sessions, and its oldest beyond 40. */
LW_MUST_CHECK int32_t lw_session_add(lw_sql *sql, const uint8_t key[32], const lw_session *session);
/* In a job. */
LW_MUST_CHECK int32_t lw_session_seen(lw_sql *sql, const uint8_t key[32], const char *account, int64_t now_s);
/* In a job. */
LW_MUST_CHECK int32_t lw_session_strengthen(lw_sql *sql, const uint8_t key[32]);
/* In a job. LW_ERR_NOT_FOUND when the account has none of that key. */
LW_MUST_CHECK int32_t lw_session_remove(lw_sql *sql, const char *account, const uint8_t key[32]);
/* In a job: all of an account, but for keep (nullable). */
LW_MUST_CHECK int32_t lw_session_remove_all(lw_sql *sql, const char *account, const uint8_t *keep);
/* [{"id":…},…], the latest first. */
LW_MUST_CHECK int32_t lw_session_list(lw_sql *sql, const char *account, const uint8_t own[32], int64_t now_s,
                                      lw_buf *out);

/* ---- invites ---- */

/* In a job. Older unused ones of the account end. */
LW_MUST_CHECK int32_t lw_invite_add(lw_sql *sql, const uint8_t key[32], const char *account, const char *by,
                                    int64_t now_s, int64_t expires_s);
/* In a job: unused ones end. */
LW_MUST_CHECK int32_t lw_invite_end(lw_sql *sql, const char *account);
/* The account of an invite that can still be used. LW_ERR_NOT_FOUND otherwise. */
LW_MUST_CHECK int32_t lw_invite_find(lw_sql *sql, lw_pool *pool, const uint8_t key[32], int64_t now_s, lw_account *out);
/* In a job. LW_ERR_NOT_FOUND when it was used or is too old. */
LW_MUST_CHECK int32_t lw_invite_use(lw_sql *sql, const uint8_t key[32], int64_t now_s);

/* ---- passkeys ---- */

enum { LW_MAX_PASSKEYS = 20, LW_MAX_CREDENTIAL = 1023 };

typedef struct lw_passkey {
    uint8_t id[LW_MAX_CREDENTIAL];
    uint32_t id_len;
    uint8_t key[300]; /* as libfido2 gives it */
    uint32_t key_len;
    int32_t cose_alg;
    int64_t sign_count;
    char account[37];
} lw_passkey;

/* LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_passkey_find(lw_sql *sql, const uint8_t *id, uint32_t len, lw_passkey *out);
/* In a job. LW_ERR_EXISTS; LW_ERR_LIMIT beyond LW_MAX_PASSKEYS. */
LW_MUST_CHECK int32_t lw_passkey_add(lw_sql *sql, const lw_passkey *passkey, const char *name, int64_t now_s);
/* In a job: the counter moves up. LW_ERR_SIGN_IN when it does not (both 0 is a passkey that does not count). */
LW_MUST_CHECK int32_t lw_passkey_used(lw_sql *sql, const lw_passkey *passkey, int64_t sign_count, int64_t now_s);
/* In a job. handle: as lw_passkey_list shows it. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_passkey_remove(lw_sql *sql, const char *account, const char *handle);
/* [{"id":…,"name":…},…]; id is a short handle, the first 16 bytes of the SHA-256 of the credential's id, in hex. */
LW_MUST_CHECK int32_t lw_passkey_list(lw_sql *sql, const char *account, lw_buf *out);
/* Calls row with each credential id (column 0) of an account. */
LW_MUST_CHECK int32_t lw_passkey_ids(lw_sql *sql, const char *account, lw_sql_row row, void *ctx);
void lw_passkey_handle(const uint8_t *id, uint32_t len, char out[33]);

/* ---- patients ---- */

/*
 * Where a patient belongs: clinic and responsible account (each at most 36 letters and a NUL; "" when nobody), and whether
 * the record was erased (clinic is then that of the tombstone). No such patient: all empty, LW_OK. For lw_target.
 */
LW_MUST_CHECK int32_t lw_patient_place(lw_sql *sql, lw_str patient, char clinic[37], char responsible[37],
                                       bool *erased);

/* The account that belongs to a patient, "" when there is none. */
LW_MUST_CHECK int32_t lw_patient_account(lw_sql *sql, lw_str patient, char account[37]);

typedef struct lw_patient {
    const char *id, *clinic, *name, *language, *country;
    const char *responsible; /* nullable */
    const char *account;     /* id for the patient's account */
} lw_patient;
/* In a job: patient, on the clinic's current protocol, and account. LW_ERR_EXISTS: the id is in use, or was. */
LW_MUST_CHECK int32_t lw_patient_add(lw_sql *sql, const lw_patient *patient, int64_t now_s);

/* In a job. NULL leaves a text as it is; responsible "" takes it away. Name and language change in the account too. */
LW_MUST_CHECK int32_t lw_patient_change(lw_sql *sql, const lw_patient *patient);

/* {"patient":…} of one patient; summary: with what the projection says, else {}. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_patient_json(lw_sql *sql, lw_str patient, bool summary, int64_t now_s, lw_buf *out);
/*
 * The same for up to limit patients of a clinic in the order of name and id, comma-separated, after the patient `after`
 * (empty: from the start), whose name or id has `part` in it (empty: all), of one responsible account (empty: all).
 * next (65) receives the last id when there are more, or "".
 */
LW_MUST_CHECK int32_t lw_patient_list(lw_sql *sql, lw_str clinic, lw_str part, lw_str after, lw_str responsible,
                                      uint32_t limit, bool summary, int64_t now_s, lw_buf *out, char next[65]);
/* How many events the erased record had. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_patient_tombstone(lw_sql *sql, lw_str patient, int64_t *events);

/*
 * For searching: lower case, accents and other marks of Latin letters taken off (Łódź: lodz, Ærø: aero, ß: ss), white
 * space run together; other letters stay as they are. Bytes that are not UTF-8 are left out.
 */
void lw_name_fold(lw_str name, lw_buf *out);

#endif
