/*
 * sign_in.c: signing in with a password, signing out, changing the password.
 *
 * A wrong name, a wrong password and a shut account answer with the same words after the same time. That a second factor is
 * missing is said only to who knows the password.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "server/identity_internal.h"
#include "server/routes.h"

typedef struct signing_in {
    lw_account account;
    lw__entry entry;
    char login[121];
    int64_t step; /* of the authenticator; 0: none was needed */
} signing_in;

static int32_t wrong(lw_request *rq) {
    return lw_problem(rq, LW_ERR_SIGN_IN, NULL, "The sign-in name or the password is not right.");
}

/* What a right password still lacks. */
static int32_t second_factor(lw_request *rq, signing_in *s) {
    const lw_value *code = lw_body(rq, "code");
    if (s->account.totp_on) {
        if (!code->given || code->text.len == 0) {
            lw__try_undo(rq->identity, s->login);
            return lw_problem(rq, LW_ERR_SECOND_FACTOR, "code", "Please add the six digits of your authenticator.");
        }
        uint8_t secret[LW_SECRET_PLAIN];
        const lw_secrets_key *key = rq->identity->secrets_sealed ? &rq->identity->secrets_key : NULL;
        if (lw_secret_open(key, s->account.id, s->account.totp, s->account.totp_len, secret)) {
            s->step = lw__totp_step(secret, sizeof secret, code->text, rq->now_s, s->account.totp_step);
        }
        sodium_memzero(secret, sizeof secret);
        if (s->step == 0) {
            lw__try_failed(rq->identity, s->login);
            return lw_problem(rq, LW_ERR_SECOND_FACTOR, "code",
                              "Those six digits are not the ones shown now, or were used before. Wait for the next.");
        }
        return LW_OK;
    }
    if (s->account.passkeys > 0 && lw__limited(s->account.clinic_settings, s->account.roles, false)) {
        lw__try_undo(rq->identity, s->login);
        return lw_problem(rq, LW_ERR_SECOND_FACTOR, NULL, "Please sign in with your passkey.");
    }
    return LW_OK;
}

int32_t lw__h_sign_in(lw_request *rq, lw_sql *sql) {
    signing_in *s = lw_pool_take(&rq->pool, sizeof *s);
    if (s == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    rq->state = s;
    lw_str password = lw_body(rq, "password")->text;
    bool well_formed = lw__login(lw_body(rq, "login")->text, s->login);
    int32_t err = lw__try_begin(rq, s->login);
    if (err != LW_OK) {
        return err;
    }
    int32_t found =
        well_formed ? lw_account_by_login(sql, &rq->pool, lw__str(s->login), &s->account) : LW_ERR_NOT_FOUND;
    if (found != LW_OK && found != LW_ERR_NOT_FOUND) {
        return found;
    }
    if (found == LW_OK) {
        lw__acted(rq, &s->account);
        err = lw__try_known(rq, s->login, s->account.failed, s->account.locked_until_s);
        if (err != LW_OK) {
            return err;
        }
    }
    err = lw__password_verify(rq->identity, found == LW_OK ? s->account.password : NULL, password);
    if (err == LW_ERR_RATE || err == LW_ERR_BUSY) {
        lw__try_undo(rq->identity, s->login);
        return err;
    }
    if (err != LW_OK || s->account.disabled) {
        lw__try_failed(rq->identity, s->login);
        return wrong(rq);
    }
    err = second_factor(rq, s);
    if (err == LW_OK) {
        lw__session_begin(rq, &s->account, s->step > 0, NULL, &s->entry);
    }
    return err;
}

int32_t lw__c_sign_in(lw_request *rq, lw_sql *sql) {
    const signing_in *s = rq->state;
    int32_t err = lw_account_entered(sql, s->account.id, s->step, rq->now_s);
    if (err == LW_ERR_SECOND_FACTOR) {
        return lw_problem(rq, err, "code", "Those six digits were used before. Wait for the next.");
    }
    if (err == LW_ERR_SIGN_IN) {
        return wrong(rq);
    }
    if (err == LW_OK) {
        err = lw__session_commit(rq, sql, &s->entry);
    }
    if (err == LW_OK) {
        lw__try_good(rq->identity, s->login);
        snprintf(rq->audit, sizeof rq->audit, "factors=%s", s->step > 0 ? "password,authenticator" : "password");
    }
    return err;
}

int32_t lw__c_sign_out(lw_request *rq, lw_sql *sql) {
    int32_t err = lw_session_remove(sql, rq->who->account, rq->who->session);
    if (err == LW_OK || err == LW_ERR_NOT_FOUND) {
        lw_session_drop(rq->identity, rq->who->account);
        lw__cookie_clear(rq);
        lw_buf_str(&rq->reply.body, "{}");
        return LW_OK;
    }
    return err;
}

/* ---- the password changes ---- */

typedef struct changing {
    lw_account account;
    char fresh[LW_PASSWORD_TEXT];
} changing;

int32_t lw__h_password_change(lw_request *rq, lw_sql *sql) {
    changing *c = lw_pool_take(&rq->pool, sizeof *c);
    if (c == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    rq->state = c;
    int32_t err = lw_account_find(sql, &rq->pool, lw__str(rq->who->account), &c->account);
    if (err != LW_OK) {
        return err;
    }
    const char *login = c->account.login != NULL ? c->account.login : c->account.id;
    err = lw__password_ask(rq, "new", lw_body(rq, "new")->text, login);
    if (err == LW_OK) {
        err = lw__try_begin(rq, login);
    }
    if (err == LW_OK) {
        err = lw__try_known(rq, login, c->account.failed, c->account.locked_until_s);
    }
    if (err != LW_OK) {
        return err;
    }
    err = lw__password_verify(rq->identity, c->account.password, lw_body(rq, "old")->text);
    if (err == LW_ERR_SIGN_IN) {
        lw__try_failed(rq->identity, login);
        return lw_problem(rq, LW_ERR_VALUE, "old", "That is not the password so far.");
    }
    lw__try_undo(rq->identity, login);
    return err == LW_OK ? lw__password_make(rq->identity, lw_body(rq, "new")->text, c->fresh) : err;
}

int32_t lw__c_password_change(lw_request *rq, lw_sql *sql) {
    const changing *c = rq->state;
    int32_t err = lw_account_password(sql, c->account.id, c->account.password, c->fresh);
    if (err == LW_OK) {
        err = lw_session_remove_all(sql, c->account.id, rq->who->session);
    }
    if (err == LW_OK) {
        lw_session_drop(rq->identity, c->account.id);
        lw_buf_str(&rq->reply.body, "{}");
    }
    return err;
}
