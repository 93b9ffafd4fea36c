/*
 * fhir_whose.c: whose record an address under /fhir is about. It cannot stand in most of them; so it is found here and asked of
 * lw_authorize, with the route that does name the patient (fhir_everything), before anything of it is read. What may not be seen
 * is told as if there were no such thing.
 */
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_http.h"
#include "server/routes.h"
#include "store/clinic.h"
#include "store/find.h"
#include "store/queue.h"
#include "words/json_pick.h"

enum { SCAN = 100 }; /* patients read from the clinic's list at a time */

static const lw_route *patients_route(void) {
    uint32_t i = 0;
    while (strcmp(lw_routes[i].id, "fhir_everything") != 0) {
        i++;
    }
    return &lw_routes[i];
}

int32_t lw__fhir_take(lw_request *rq, lw_sql *sql, const char *patient) {
    lw_target target = {0};
    snprintf(target.patient, sizeof target.patient, "%s", patient);
    int32_t err = lw_patient_place(sql, lw__str(target.patient), target.clinic, target.responsible, &target.erased);
    rq->target = err == LW_OK ? target : rq->target;
    return err == LW_OK ? lw_authorize(patients_route(), rq->who, &target) : err;
}

int32_t lw__fhir_each(lw_request *rq, lw_sql *sql, const char *name, const char *after, uint32_t most,
                      lw__fhir_visit *visit, void *ctx, bool *over) {
    char next[65], from[65];
    int32_t err = LW_OK;
    uint32_t seen = 0;
    bool on = true;
    snprintf(next, sizeof next, "%s", after);
    do {
        lw_buf list = {0};
        lw_str one = {0}, value = {0};
        lw_buf_str(&list, "[");
        memcpy(from, next, sizeof from);
        err = lw_patient_list(sql, lw__str(rq->who->clinic), lw__str(name), lw__str(from), LW_STR(""), SCAN, false,
                              rq->now_s, &list, next);
        lw_buf_str(&list, "]");
        err = err == LW_OK && list.failed ? LW_ERR_NO_MEMORY : err;
        for (lw_str rest = lw_buf_view(&list); err == LW_OK && on && lw__pick_item(&rest, &one); seen++) {
            const char *patient = lw__pick(one, "patient", &value) ? lw__pick_text(&rq->pool, value) : NULL;
            err = patient != NULL ? visit(rq, sql, patient, ctx, &on) : LW_ERR_NO_MEMORY;
        }
        lw_buf_free(&list);
    } while (err == LW_OK && on && next[0] != '\0' && seen < most);
    *over = on && next[0] == '\0';
    return err;
}

/* A patient whose id is no FHIR id has one made of its hash: looked for among the clinic's. */
typedef struct hashed {
    const char *id;
    char patient[65]; /* "": not found yet */
} hashed;

static int32_t compare_hash(lw_request *rq, lw_sql *sql, const char *patient, void *ctx, bool *on) {
    hashed *h = ctx;
    char own[65];
    (void)rq;
    (void)sql;
    lw_fhir_id(lw__str(patient), own);
    if (strcmp(own, h->id) == 0) {
        snprintf(h->patient, sizeof h->patient, "%s", patient);
        *on = false;
    }
    return LW_OK;
}

int32_t lw__fhir_patient(lw_request *rq, lw_sql *sql, const char *id) {
    char own[65] = "";
    if (strlen(id) >= sizeof own) {
        return LW_ERR_NOT_FOUND;
    }
    if (rq->who->patient[0] != '\0') {
        lw_fhir_id(lw__str(rq->who->patient), own);
    }
    if (strcmp(own, id) == 0) {
        return lw__fhir_take(rq, sql, rq->who->patient);
    }
    int32_t err = lw__fhir_take(rq, sql, id);
    bool clinician = (rq->who->roles & LW_ROLE_CLINICIAN) != 0;
    if (err == LW_ERR_NOT_FOUND && clinician && strncmp(id, "x-", 2) == 0) {
        hashed h = {.id = id};
        bool over = false;
        err = lw__fhir_each(rq, sql, "", "", UINT32_MAX, compare_hash, &h, &over);
        err = err != LW_OK ? err : h.patient[0] != '\0' ? lw__fhir_take(rq, sql, h.patient) : LW_ERR_NOT_FOUND;
    }
    if (err == LW_ERR_NOT_FOUND) {
        rq->target = (lw_target){0};
    }
    return err;
}

bool lw__fhir_event_of(const char *id, uint8_t uuid[16]) {
    uint32_t digits = 0;
    for (uint32_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        char c = id[i];
        int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (dash ? c != '-' : value < 0) {
            return false; /* at the end of the text, too */
        }
        if (!dash) {
            uuid[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : uuid[digits / 2] | value);
            digits++;
        }
    }
    return true;
}

int32_t lw__fhir_holder(lw_request *rq, lw_sql *sql, int type, const char *id) {
    if (type == LW_FHIR_PATIENT) {
        return lw__fhir_patient(rq, sql, id);
    }
    if (rq->who->patient[0] != '\0') {
        return lw__fhir_take(rq, sql, rq->who->patient);
    }
    char patient[65] = "";
    uint8_t uuid[16] = {0};
    int32_t err =
        lw__fhir_event_of(id, uuid) ? lw_event_holder(sql, lw__str(rq->who->clinic), uuid, patient) : LW_ERR_NOT_FOUND;
    return err == LW_OK ? lw__fhir_take(rq, sql, patient) : err;
}
