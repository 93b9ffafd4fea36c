/*
 * handle_queue.c: the clinician's queue over HTTP: cards, what is done about them, how many there are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/routes.h"
#include "store/queue.h"

enum { SNOOZE_DAYS = 28 };

/* "PRIORITY.SINCE.PATIENT" of the page before. */
static int32_t read_after(lw_request *rq, lw_queue_ask *ask) {
    const lw_value *after = lw_query(rq, "after");
    if (!after->given || after->text.len == 0) {
        return LW_OK;
    }
    const char *text = lw_pool_text(&rq->pool, after->text);
    if (text == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    char *end = NULL;
    ask->after_priority = strtoll(text, &end, 10);
    bool good = end != text && *end == '.';
    if (good) {
        const char *from = end + 1;
        ask->after_since_s = strtoll(from, &end, 10);
        good = end != from && *end == '.' && end[1] != '\0';
    }
    if (!good) {
        return lw_problem(rq, LW_ERR_VALUE, "after", "must be `next` of the page before");
    }
    ask->after = true;
    ask->after_patient = lw__str(end + 1);
    return LW_OK;
}

int32_t lw__h_queue(lw_request *rq, lw_sql *sql) {
    const lw_value *whose = lw_query(rq, "responsible"), *limit = lw_query(rq, "limit");
    lw_queue_ask ask = {.clinic = lw__str(rq->who->clinic),
                        .responsible = whose->given && whose->text.len > 0 ? whose->text : lw__str(rq->who->account),
                        .now_s = rq->now_s,
                        .limit = limit->given ? (uint32_t)limit->number : 50};
    if (lw__str_eq(ask.responsible, LW_STR("all"))) {
        ask.responsible = (lw_str){"", 0};
    }
    int32_t err = read_after(rq, &ask);
    err = err == LW_OK ? lw_sql_begin(sql, false) : err;
    if (err != LW_OK) {
        return err;
    }
    lw_buf *out = &rq->reply.body;
    lw_queue_page page;
    lw_buf_str(out, "{\"cards\":");
    err = lw_queue_read(sql, &ask, out, &page);
    lw_sql_rollback(sql);
    if (err == LW_OK) {
        lw_buf_str(out, ",\"next\":");
        if (page.more) {
            char next[128];
            snprintf(next, sizeof next, "%" PRId64 ".%" PRId64 ".%s", page.last_priority, page.last_since_s,
                     page.last_patient);
            lw_buf_json(out, lw__str(next));
        } else {
            lw_buf_str(out, "null");
        }
        lw_buf_fmt(out, ",\"total\":%" PRId64 "}", page.total);
    }
    return err;
}

static int32_t no_card(lw_request *rq, int32_t err) {
    return err == LW_ERR_NOT_FOUND ? lw_problem(rq, err, "kind", "this patient has no open card of that kind") : err;
}

int32_t lw__c_card_ack(lw_request *rq, lw_sql *sql) {
    lw_str kind = lw_body(rq, "kind")->text;
    int32_t err = lw_card_acknowledge(sql, lw__str(rq->target.patient), kind, lw__str(rq->who->account),
                                      lw_body(rq, "reason")->text, rq->now_s);
    lw_buf_str(&rq->reply.body, "{}");
    return no_card(rq, err);
}

int32_t lw__c_card_snooze(lw_request *rq, lw_sql *sql) {
    lw_str kind = lw_body(rq, "kind")->text;
    int64_t until = lw_body(rq, "until")->number, today = rq->now_s / 86400;
    if (lw__str_eq(kind, LW_STR("red_flag"))) {
        return lw_problem(rq, LW_ERR_FORBIDDEN, "kind", "a red flag cannot be put away");
    }
    if (until <= today || until > today + SNOOZE_DAYS) {
        return lw_problem(rq, LW_ERR_RANGE, "until", "must be tomorrow or later, %d days ahead at most", SNOOZE_DAYS);
    }
    int32_t err =
        lw_card_snooze(sql, lw__str(rq->target.patient), kind, lw_body(rq, "reason")->text, until * 86400, rq->now_s);
    lw_buf_str(&rq->reply.body, "{}");
    return no_card(rq, err);
}

int32_t lw__h_burden(lw_request *rq, lw_sql *sql) {
    return lw_queue_burden(sql, lw__str(rq->who->clinic), rq->now_s, &rq->reply.body);
}

int32_t lw__h_usage(lw_request *rq, lw_sql *sql) {
    return lw_usage_read(sql, lw__str(rq->who->clinic), rq->now_s, &rq->reply.body);
}
