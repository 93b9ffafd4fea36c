/*
 * invite.c: one-time links. A patient's binds the device it is opened on; one for staff sets the password.
 *
 * The token is 256 random bits and stands in the part of the address that browsers do not send (#/i/TOKEN); the page hands
 * it over in a call. The database has its SHA-256. It is used up inside the write that makes the session, so of two who
 * accept at once one wins.
 */
#include <string.h>

#include "server/identity_internal.h"
#include "server/routes.h"

static int32_t over(lw_request *rq) {
    return lw_problem(rq, LW_ERR_NOT_FOUND, NULL,
                      "This invite was used already, or its time is over. Ask your clinic for a new one.");
}

int32_t lw__h_invite_look(lw_request *rq, lw_sql *sql) {
    uint8_t key[32];
    lw_account account;
    lw_buf *out = &rq->reply.body;
    int32_t err = lw__token_key(lw__str(rq->path[0]), key) ? lw_invite_find(sql, &rq->pool, key, rq->now_s, &account)
                                                           : LW_ERR_NOT_FOUND;
    if (err != LW_OK) {
        return err == LW_ERR_NOT_FOUND ? over(rq) : err;
    }
    lw_buf clinic = {0};
    lw_str name;
    err = lw_clinic_json(sql, lw__str(account.clinic), &clinic);
    lw_buf_str(out, "{\"clinic\":");
    if (err == LW_OK && lw__pick(lw_buf_view(&clinic), "name", &name)) {
        lw_buf_slice(out, name);
    }
    lw_buf_str(out, ",\"name\":");
    lw_buf_json(out, lw__str(account.name));
    lw_buf_str(out, ",\"roles\":");
    lw_account_role_words(out, account.roles);
    lw_buf_str(out, ",\"patient\":");
    if (account.patient != NULL) {
        lw_buf_json(out, lw__str(account.patient));
    } else {
        lw_buf_str(out, "null");
    }
    lw_buf_str(out, "}");
    lw_buf_free(&clinic);
    return err != LW_OK ? err : lw__replied(rq);
}

typedef struct accepting {
    uint8_t key[32];
    lw_account account;
    lw__entry entry;
    char password[LW_PASSWORD_TEXT]; /* "": a patient */
} accepting;

int32_t lw__h_invite_accept(lw_request *rq, lw_sql *sql) {
    accepting *a = lw_pool_take(&rq->pool, sizeof *a);
    if (a == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    rq->state = a;
    int32_t err = lw__token_key(lw__str(rq->path[0]), a->key)
                      ? lw_invite_find(sql, &rq->pool, a->key, rq->now_s, &a->account)
                      : LW_ERR_NOT_FOUND;
    if (err != LW_OK) {
        return err == LW_ERR_NOT_FOUND ? over(rq) : err;
    }
    lw__acted(rq, &a->account);
    const lw_value *password = lw_body(rq, "password");
    bool given = password->given && password->text.len > 0;
    bool staff = (a->account.roles & LW__STAFF) != 0;
    if (staff && !given) {
        return lw_problem(rq, LW_ERR_MISSING, "password", "Please choose a password of 12 characters or more.");
    }
    if (!staff && given) {
        return lw_problem(rq, LW_ERR_VALUE, "password", "A patient's device is bound without a password.");
    }
    if (staff) {
        err = lw__password_ask(rq, "password", password->text, a->account.login != NULL ? a->account.login : "");
        err = err == LW_OK ? lw__password_make(rq->identity, password->text, a->password) : err;
    }
    if (err == LW_OK) {
        lw__session_begin(rq, &a->account, !staff, lw__asked(rq, lw_body(rq, "label")), &a->entry);
    }
    return err;
}

int32_t lw__c_invite_accept(lw_request *rq, lw_sql *sql) {
    const accepting *a = rq->state;
    int32_t err = lw_invite_use(sql, a->key, rq->now_s);
    if (err == LW_ERR_NOT_FOUND) {
        return over(rq);
    }
    if (err == LW_OK && a->password[0] != 0) {
        err = lw_account_reset(sql, a->account.id);
        err = err == LW_OK ? lw_account_password(sql, a->account.id, NULL, a->password) : err;
    }
    if (err == LW_OK) {
        err = lw_account_entered(sql, a->account.id, 0, rq->now_s);
    }
    if (err == LW_OK) {
        lw_session_drop(rq->identity, a->account.id);
        err = lw__session_commit(rq, sql, &a->entry);
    }
    return err;
}
