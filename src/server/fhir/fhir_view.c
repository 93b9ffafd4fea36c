/*
 * fhir_view.c: one patient's record, a clinic's own things or its trail as a list of resources.
 *
 * The list is made of the record at this moment (fhir_render.h) and of nothing else; the log and the protocol are the cache's,
 * kept by the view until it is freed. Names of staff come from the clinic, for those only who wrote in the record.
 */
#define _GNU_SOURCE /* memmem */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_http.h"
#include "server/fold_request.h"
#include "server/routes.h"
#include "store/clinic.h"
#include "store/queue.h"
#include "words/json_pick.h"

/* What needs the plan of the day. */
#define PLANNED (LW__FHIR_BIT(LW_FHIR_CARE_PLAN) | LW__FHIR_BIT(LW_FHIR_SERVICE_REQUEST) | LW__FHIR_BIT(LW_FHIR_GOAL))

void lw__fhir_view_free(lw__fhir_view *view) {
    if (view->listed) {
        lw_fhir_free(&view->set);
    }
    lw_buf_free(&view->plan);
    lw_buf_free(&view->people);
    lw_buf_free(&view->name);
    lw__log_back(view->log);
    if (view->protocol != NULL) {
        lw_server_protocol_back(view->server, view->protocol);
    }
    *view = (lw__fhir_view){0};
}

/* The clinic's staff, for the names of those who stand in records. */
static int32_t load_people(lw_request *rq, lw_sql *sql, const char *clinic, lw__fhir_view *view, uint32_t *count) {
    int32_t err = lw_account_list(sql, lw__str(clinic), rq->now_s, &view->people);
    lw_str rest = lw_buf_view(&view->people), one = {0}, value = {0};
    uint32_t total = 0;
    while (err == LW_OK && lw__pick_item(&rest, &one)) {
        total++;
    }
    view->persons = lw_pool_take(&rq->pool, (total + 1u) * sizeof *view->persons);
    if (err != LW_OK || view->persons == NULL) {
        return err != LW_OK ? err : LW_ERR_NO_MEMORY;
    }
    rest = lw_buf_view(&view->people);
    *count = 0;
    while (lw__pick_item(&rest, &one)) {
        lw_fhir_person *person = &view->persons[*count];
        person->id = lw__pick(one, "account", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        person->name = lw__pick(one, "name", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        /* Who only runs the clinic's computers is no practitioner. */
        bool treats = lw__pick(one, "roles", &value) && memmem(value.ptr, value.len, "\"clinician\"", 11) != NULL;
        *count += person->id != NULL && treats ? 1 : 0;
    }
    return LW_OK;
}

/* Of the clinic's people those who wrote in the record: who else works there is nothing of the record's. */
static uint32_t only_writers(const lw_record *record, lw_fhir_person *persons, uint32_t count) {
    lw_str last = {0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->by != LW_BY_CLINICIAN || lw__str_eq(event->by_id, last)) {
            continue;
        }
        last = event->by_id;
        for (uint32_t p = kept; p < count; p++) {
            if (lw__str_eq(lw__str(persons[p].id), last)) {
                lw_fhir_person swap = persons[kept];
                persons[kept++] = persons[p];
                persons[p] = swap;
                break;
            }
        }
    }
    return kept;
}

int32_t lw__fhir_view_record(lw_request *rq, lw_sql *sql, const lw__fhir_wish *wish, lw__fhir_view *out) {
    char sha256[65];
    lw_str patient = lw__str(rq->target.patient), value = {0};
    int32_t offset_s = 0;
    uint32_t people = 0;
    const char *name = NULL, *language = NULL;
    out->server = rq->server;
    uint32_t types = wish->types != 0 ? wish->types : LW__FHIR_ALL;
    int32_t err = wish->more != NULL ? LW_OK : lw__log_get(rq->server->cache, sql, rq->target.patient, &out->log);
    const lw_reading *reading = wish->more != NULL ? wish->more : out->log != NULL ? out->log->reading : NULL;
    if (err == LW_OK && reading->err != LW_OK && reading->err != LW_ERR_NEWER) {
        err = lw__diag_problem(rq, reading->err, &reading->diag, 0);
    }
    err = err == LW_OK ? lw_patient_protocol_hash(sql, patient, sha256) : err;
    err = err == LW_OK ? lw_server_protocol(rq->server, sql, sha256, &out->protocol) : err;
    if (err == LW_OK && (types & LW__FHIR_BIT(LW_FHIR_PATIENT)) != 0) {
        err = lw_patient_json(sql, patient, false, rq->now_s, &out->name);
        lw_str json = lw_buf_view(&out->name);
        name = lw__pick(json, "name", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        language = lw__pick(json, "language", &value) ? lw__pick_text(&rq->pool, value) : NULL;
    }
    if (err == LW_OK && (types & LW__FHIR_BIT(LW_FHIR_PRACTITIONER)) != 0) {
        err = load_people(rq, sql, rq->target.clinic, out, &people);
        people = err == LW_OK ? only_writers(&reading->record, out->persons, people) : 0;
    }
    if (err != LW_OK) {
        return err;
    }
    int32_t day = lw__local_day(reading, rq->now_s, &offset_s);
    if ((types & PLANNED) != 0 && reading->err == LW_OK && reading->record.count > 0) {
        lw_diag diag = {0};
        err = lw_reading_plan(out->protocol, reading, day, &out->plan, &diag);
        if (err != LW_OK) {
            lw_buf_clear(&out->plan); /* there is no plan to be shown: the record is, all the same */
        }
        err = err == LW_ERR_NO_MEMORY ? err : LW_OK;
    }
    out->record = reading->record;
    if (wish->only != NULL) {
        out->record.events = wish->only;
        out->record.count = 1;
    }
    lw_fhir_id(patient, out->id);
    const lw_fhir_source source = {.record = &out->record,
                                   .protocol = out->protocol,
                                   .plan = lw_buf_view(&out->plan),
                                   .day = day,
                                   .patient = out->id,
                                   .name = name,
                                   .language = language,
                                   .people = out->persons,
                                   .people_count = people,
                                   .types = types,
                                   .narrow = wish->narrow};
    if (err == LW_OK) {
        out->listed = true;
        err = lw_fhir_list(&source, &out->set);
    }
    return err;
}

int32_t lw__fhir_view_clinic(lw_request *rq, lw_sql *sql, uint32_t types, lw__fhir_view *out) {
    static const lw_record none;
    uint32_t people = 0;
    char sha256[65];
    out->server = rq->server;
    snprintf(sha256, sizeof sha256, "%s", lw_builtin_sha256());
    int32_t err = load_people(rq, sql, rq->who->clinic, out, &people);
    if (err == LW_OK && (rq->who->roles & LW_ROLE_CLINICIAN) == 0) {
        /* A patient sees who wrote in the own record, not who else works there. */
        err = lw__log_get(rq->server->cache, sql, rq->who->patient, &out->log);
        people = err == LW_OK ? only_writers(&out->log->reading->record, out->persons, people) : 0;
    }
    if (err == LW_OK && rq->who->patient[0] != '\0') {
        err = lw_patient_protocol_hash(sql, lw__str(rq->who->patient), sha256);
    } else if (err == LW_OK) {
        lw_str rest, one = {0}, value = {0};
        err = lw_protocol_list(sql, lw__str(rq->who->clinic), false, &out->name);
        rest = lw_buf_view(&out->name);
        while (err == LW_OK && lw__pick_item(&rest, &one)) {
            bool current = lw__pick(one, "current", &value) && value.ptr[0] == 't';
            if (current && lw__pick(one, "sha256", &value) && value.len == 66) {
                memcpy(sha256, value.ptr + 1, 64);
            }
        }
    }
    err = err == LW_OK ? lw_server_protocol(rq->server, sql, sha256, &out->protocol) : err;
    if (err == LW_OK) {
        const lw_fhir_source source = {.record = &none,
                                       .protocol = out->protocol,
                                       .patient = "none",
                                       .people = out->persons,
                                       .people_count = people,
                                       .types = types};
        out->listed = true;
        err = lw_fhir_list(&source, &out->set);
    }
    return err;
}

int64_t lw__fhir_row_of(const char *id) {
    char *end = NULL;
    bool row = strncmp(id, "audit-", 6) == 0 && id[6] >= '1' && id[6] <= '9' && strlen(id) < 25;
    int64_t seq = row ? strtoll(id + 6, &end, 10) : 0;
    return row && *end == '\0' && seq < INT64_MAX ? seq : 0;
}

int32_t lw__fhir_view_trail(lw_request *rq, lw_sql *sql, int64_t before, lw__fhir_view *out, int64_t *next) {
    static const lw_record none;
    lw_buf rows = {0};
    uint32_t count = 0, people = 0;
    lw_fhir_access *list = lw_pool_take(&rq->pool, LW__FHIR_ROWS * sizeof *list);
    out->server = rq->server;
    int32_t err = list != NULL ? load_people(rq, sql, rq->who->clinic, out, &people) : LW_ERR_NO_MEMORY;
    err = err == LW_OK
              ? lw_audit_list(sql, lw__str(rq->who->clinic), before, LW__FHIR_ROWS, LW_STR(""), LW_STR(""), &rows, next)
              : err;
    lw_str rest = lw_buf_view(&rows), one = {0}, value = {0};
    while (err == LW_OK && count < LW__FHIR_ROWS && lw__pick_item(&rest, &one)) {
        lw_fhir_access *a = &list[count++];
        char *id = lw_pool_take(&rq->pool, 32), *about = lw_pool_take(&rq->pool, 160);
        int64_t seq = 0, at = 0, status = 0;
        (void)(lw__pick(one, "seq", &value) && lw__pick_x100(value, &seq));
        (void)(lw__pick(one, "at_s", &value) && lw__pick_x100(value, &at));
        (void)(lw__pick(one, "status", &value) && lw__pick_x100(value, &status));
        const char *whose = lw__pick(one, "patient", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        const char *route = lw__pick(one, "route", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        const char *detail = lw__pick(one, "detail", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        a->who = lw__pick(one, "account", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        if (id == NULL || about == NULL) {
            err = LW_ERR_NO_MEMORY;
            break;
        }
        snprintf(id, 32, "audit-%lld", (long long)(seq / 100));
        a->id = id;
        a->at_s = at / 100;
        a->refused = status / 100 >= 400;
        for (uint32_t i = 0; i < people && a->who != NULL; i++) {
            a->who_name = strcmp(out->persons[i].id, a->who) == 0 ? out->persons[i].name : a->who_name;
        }
        /* Details of rows about FHIR name the resource; the others are about the patient's record. */
        const char *method = "GET";
        for (uint32_t i = 0; i < lw_route_count && route != NULL; i++) {
            method = strcmp(lw_routes[i].id, route) == 0 ? lw_routes[i].method : method;
        }
        bool fhir = route != NULL && strncmp(route, "fhir_", 5) == 0;
        char own[65] = "";
        if (whose != NULL && whose[0] != '\0') {
            lw_fhir_id(lw__str(whose), own);
        }
        a->patient = own[0] != '\0' ? lw_pool_text(&rq->pool, lw__str(own)) : NULL;
        if (route != NULL && strncmp(route, "fhir_search", 11) == 0) { /* its parameters are not stored */
            snprintf(about, 160, "%s%s%s", detail != NULL ? detail : "", own[0] != '\0' ? "?patient=" : "", own);
        } else if (fhir && detail != NULL && strchr(detail, '/') != NULL && strchr(detail, '$') == NULL) {
            snprintf(about, 160, "%s", detail);
        } else if (own[0] != '\0') {
            snprintf(about, 160, "Patient/%s", own);
        }
        a->about = about[0] != '\0' ? about : NULL;
        a->action = route != NULL && (strcmp(route, "fhir_search") == 0 || strcmp(route, "fhir_search_post") == 0) ? 'E'
                    : method[0] == 'G'                                                                             ? 'R'
                    : method[0] == 'D'                                                                             ? 'D'
                    : method[1] == 'A'                                                                             ? 'U'
                                       : 'C';
    }
    lw_buf_free(&rows);
    if (err == LW_OK) {
        const lw_fhir_source source = {.record = &none,
                                       .patient = "none",
                                       .people = out->persons,
                                       .people_count = people,
                                       .accesses = list,
                                       .access_count = count,
                                       .types = LW__FHIR_BIT(LW_FHIR_AUDIT_EVENT)};
        out->listed = true;
        err = lw_fhir_list(&source, &out->set);
    }
    return err;
}
