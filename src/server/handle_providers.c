/*
 * handle_providers.c: the clinic's list of who gives shockwave. Everybody of the clinic may read it, its patients too: a
 * letter to a provider is theirs to send.
 */
#include "server/identity_internal.h"
#include "server/routes.h"
#include "store/providers.h"

int32_t lw__h_providers(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{\"providers\":");
    int32_t err = lw_provider_list(sql, lw__str(rq->who->clinic), &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

/* What was sent; a text that was not is NULL. */
static int32_t asked_for(lw_request *rq, lw_provider *out) {
    static const char *const names[] = {"name", "place", "contact"};
    for (int i = 0; i < 3; i++) {
        int32_t err = lw__name_check(rq, names[i], lw_body(rq, names[i]));
        if (err != LW_OK) {
            return err;
        }
    }
    *out = (lw_provider){.clinic = rq->who->clinic,
                         .name = lw__asked(rq, lw_body(rq, "name")),
                         .place = lw__asked(rq, lw_body(rq, "place")),
                         .wave = lw__asked(rq, lw_body(rq, "wave")),
                         .contact = lw__asked(rq, lw_body(rq, "contact")),
                         .note = lw__asked(rq, lw_body(rq, "note"))};
    return LW_OK;
}

int32_t lw__c_provider_add(lw_request *rq, lw_sql *sql) {
    lw_provider provider;
    char id[37];
    int32_t err = asked_for(rq, &provider);
    if (err != LW_OK) {
        return err;
    }
    lw_uuid_make(id);
    provider.id = id;
    provider.note = provider.note != NULL ? provider.note : "";
    err = lw_provider_add(sql, &provider, rq->now_s);
    if (err == LW_ERR_LIMIT) {
        return lw_problem(rq, err, NULL, "The list has its %d entries; remove one first.", (int)LW_PROVIDERS_MOST);
    }
    return err == LW_OK ? lw_provider_json(sql, lw__str(rq->who->clinic), lw__str(id), &rq->reply.body) : err;
}

int32_t lw__c_provider_change(lw_request *rq, lw_sql *sql) {
    lw_provider provider;
    int32_t err = asked_for(rq, &provider);
    provider.id = rq->path[0];
    err = err == LW_OK ? lw_provider_change(sql, &provider, rq->now_s) : err;
    return err == LW_OK ? lw_provider_json(sql, lw__str(rq->who->clinic), lw__str(rq->path[0]), &rq->reply.body) : err;
}

int32_t lw__c_provider_remove(lw_request *rq, lw_sql *sql) {
    int32_t err = lw_provider_remove(sql, lw__str(rq->who->clinic), lw__str(rq->path[0]));
    lw_buf_str(&rq->reply.body, "{}");
    return err;
}
