/*
 * totp.c: the six digits of an authenticator (RFC 6238, SHA-1, 30 seconds) through liboath, one step of slack either way,
 * each step good once.
 *
 * A new secret waits in memory until a code made from it comes back; only then it is in force. It belongs to the session
 * that asked for it and is forgotten after a quarter of an hour, or with the program.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <liboath/oath.h>

#include "server/identity_internal.h"
#include "server/routes.h"

enum { STEP_S = 30, DIGITS = 6 };

static int32_t digits_of(const uint8_t *secret, size_t len, uint64_t step, char out[DIGITS + 1]) {
    int bad = oath_hotp_generate((const char *)secret, len, step, DIGITS, false, OATH_HOTP_DYNAMIC_TRUNCATION, out);
    return bad == OATH_OK ? LW_OK : LW_ERR_NO_MEMORY;
}

int64_t lw__totp_step(const uint8_t *secret, size_t len, lw_str code, int64_t now_s, int64_t after) {
    int64_t found = 0;
    if (code.len != DIGITS || len == 0 || now_s < 2 * STEP_S) {
        return 0;
    }
    /* All three are computed whatever the first says. */
    for (int64_t step = now_s / STEP_S - 1; step <= now_s / STEP_S + 1; step++) {
        char digits[DIGITS + 1];
        if (digits_of(secret, len, (uint64_t)step, digits) == LW_OK && sodium_memcmp(digits, code.ptr, DIGITS) == 0 &&
            step > after && found == 0) {
            found = step;
        }
    }
    return found;
}

int32_t lw_totp_code(const uint8_t *secret, size_t len, int64_t now_s, char out[7]) {
    return digits_of(secret, len, (uint64_t)(now_s / STEP_S), out);
}

static bool base32(const uint8_t secret[20], char out[33]) {
    char *text = NULL;
    size_t len = 0;
    bool good = oath_base32_encode((const char *)secret, 20, &text, &len) == OATH_OK && len == 32;
    if (good) {
        memcpy(out, text, 33);
    }
    free(text);
    return good;
}

void lw_totp_make(uint8_t secret[20], char text[33]) {
    randombytes_buf(secret, 20);
    text[0] = 0;
    (void)base32(secret, text);
}

/* ---- handlers ---- */

static void put_percent(lw_buf *out, const char *text) {
    for (; *text != 0; text++) {
        char c = *text;
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL) {
            lw_buf_add(out, &c, 1);
        } else {
            lw_buf_fmt(out, "%%%02X", (unsigned)(uint8_t)c);
        }
    }
}

int32_t lw__c_totp_begin(lw_request *rq, lw_sql *sql) {
    lw_account account;
    char text[33];
    int32_t err = lw_account_find(sql, &rq->pool, lw__str(rq->who->account), &account);
    if (err == LW_OK) {
        err = lw__may_strengthen(rq, &account);
    }
    if (err != LW_OK) {
        return err;
    }
    lw_identity *identity = rq->identity;
    lw__pending fresh = {.until_s = rq->now_s + LW__PENDING_S};
    snprintf(fresh.account, sizeof fresh.account, "%s", account.id);
    memcpy(fresh.session, rq->who->session, 32);
    lw_totp_make(fresh.secret, text);
    pthread_mutex_lock(&identity->lock);
    lw__pending *place = &identity->pending[0];
    for (uint32_t i = 0; i < LW__PENDING; i++) {
        lw__pending *p = &identity->pending[i];
        if (strcmp(p->account, account.id) == 0) {
            place = p;
            break;
        }
        place = p->until_s < place->until_s ? p : place;
    }
    *place = fresh;
    pthread_mutex_unlock(&identity->lock);
    lw_buf *out = &rq->reply.body;
    lw_buf_fmt(out, "{\"secret\":\"%s\",\"uri\":\"otpauth://totp/Loadwave:", text);
    put_percent(out, account.login != NULL ? account.login : account.name);
    lw_buf_fmt(out, "?secret=%s&issuer=Loadwave&algorithm=SHA1&digits=6&period=30\"}", text);
    sodium_memzero(&fresh, sizeof fresh);
    return lw__replied(rq);
}

/* Only once the secret is surely in force: a group that is undone runs its jobs again. */
static void forget_pending(lw_request *rq) {
    lw_identity *identity = rq->identity;
    pthread_mutex_lock(&identity->lock);
    for (uint32_t i = 0; i < LW__PENDING; i++) {
        if (strcmp(identity->pending[i].account, rq->who->account) == 0) {
            sodium_memzero(&identity->pending[i], sizeof identity->pending[i]);
        }
    }
    pthread_mutex_unlock(&identity->lock);
}

int32_t lw__c_totp_confirm(lw_request *rq, lw_sql *sql) {
    lw_identity *identity = rq->identity;
    lw__pending pending = {0};
    pthread_mutex_lock(&identity->lock);
    for (uint32_t i = 0; i < LW__PENDING; i++) {
        lw__pending *p = &identity->pending[i];
        if (p->until_s > rq->now_s && strcmp(p->account, rq->who->account) == 0 &&
            memcmp(p->session, rq->who->session, 32) == 0) {
            pending = *p;
        }
    }
    pthread_mutex_unlock(&identity->lock);
    if (pending.until_s == 0) {
        return lw_problem(rq, LW_ERR_NOT_FOUND, NULL, "There is no new authenticator to confirm. Please begin again.");
    }
    int64_t step = lw__totp_step(pending.secret, sizeof pending.secret, lw_body(rq, "code")->text, rq->now_s, 0);
    if (step == 0) {
        return lw_problem(rq, LW_ERR_VALUE, "code",
                          "Those six digits are not the ones shown now. Check the phone's clock.");
    }
    uint8_t sealed[LW_SECRET_SEALED];
    if (identity->secrets_sealed) {
        lw_secret_seal(&identity->secrets_key, rq->who->account, pending.secret, sealed);
    }
    int32_t err = identity->secrets_sealed
                      ? lw_account_totp(sql, rq->who->account, sealed, sizeof sealed, step)
                      : lw_account_totp(sql, rq->who->account, pending.secret, (uint32_t)sizeof pending.secret, step);
    sodium_memzero(&pending, sizeof pending);
    if (err == LW_OK) {
        err = lw_session_strengthen(sql, rq->who->session);
    }
    if (err == LW_OK) {
        lw_session_drop(identity, rq->who->account);
        rq->after = forget_pending;
        lw_buf_str(&rq->reply.body, "{}");
    }
    return err;
}
