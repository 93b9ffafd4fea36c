/*
 * handle_me.c: the own account: who is signed in, its name and language, its sessions.
 */
#include <string.h>

#include "server/identity_internal.h"
#include "server/routes.h"

int32_t lw__h_me(lw_request *rq, lw_sql *sql) {
    return lw__me_reply(rq, sql, rq->who->account, rq->who->strong);
}

int32_t lw__c_me_change(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name");
    int32_t err = lw__name_check(rq, "name", name);
    if (err == LW_OK) {
        err = lw_account_rename(sql, rq->who->account, lw__asked(rq, name), lw__asked(rq, lw_body(rq, "language")));
    }
    if (err == LW_OK) {
        lw_session_drop(rq->identity, rq->who->account);
        err = lw__me_reply(rq, sql, rq->who->account, rq->who->strong);
    }
    return err;
}

int32_t lw__h_sessions(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{\"sessions\":");
    int32_t err = lw_session_list(sql, rq->who->account, rq->who->session, rq->now_s, &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

static bool read_key(const char *text, uint8_t key[32]) {
    if (strlen(text) != 64) {
        return false;
    }
    for (uint32_t i = 0; i < 64; i++) {
        char c = text[i];
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        key[i / 2] = (uint8_t)(i % 2 == 0 ? digit << 4 : key[i / 2] | digit);
    }
    return true;
}

int32_t lw__c_session_end(lw_request *rq, lw_sql *sql) {
    uint8_t key[32];
    int32_t err = read_key(rq->path[0], key) ? lw_session_remove(sql, rq->who->account, key) : LW_ERR_NOT_FOUND;
    if (err == LW_OK) {
        lw_session_drop(rq->identity, rq->who->account);
        if (memcmp(key, rq->who->session, 32) == 0) {
            lw__cookie_clear(rq);
        }
        lw_buf_str(&rq->reply.body, "{}");
    }
    return err;
}
