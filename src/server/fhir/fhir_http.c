/*
 * fhir_http.c: reading over FHIR: metadata, read, search, $everything. What is written is in fhir_create.c.
 *
 * An answer is made of the record at this moment (fhir_render.h) and of nothing else. A search lists one patient's record and
 * asks the query of each resource; so it has to name the patient, unless it is the patient who asks. Searches for patients and
 * for people go over the clinic's list.
 */
#define _GNU_SOURCE /* memmem */
#include "server/fhir/fhir_http.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fold_request.h"
#include "server/routes.h"
#include "store/clinic.h"
#include "store/find.h"
#include "store/queue.h"
#include "words/json_pick.h"

enum {
    SCAN = 100,       /* patients read from the clinic's list at a time */
    SCAN_MOST = 2000, /* looked at for one page of a search for patients */
    ROWS_MOST = 500   /* of the trail, in one answer */
};

#define BIT(type) (UINT32_C(1) << (type))
#define ALL_TYPES (BIT(LW_FHIR_TYPES) - 1)
/* What there is without a patient's record. */
#define DEFINITIONS (BIT(LW_FHIR_ACTIVITY_DEFINITION) | BIT(LW_FHIR_PLAN_DEFINITION) | BIT(LW_FHIR_QUESTIONNAIRE))
/* What needs the plan of the day. */
#define PLANNED (BIT(LW_FHIR_CARE_PLAN) | BIT(LW_FHIR_SERVICE_REQUEST) | BIT(LW_FHIR_GOAL))

static const char *const media[] = {"application/fhir+json; charset=utf-8; fhirVersion=4.0",
                                    "application/fhir+json; charset=utf-8; fhirVersion=5.0"};

/* ---- what goes wrong ---- */

int32_t lw__fhir_wrong(lw_request *rq, int32_t err, int status, const char *code, const char *text,
                       const char *expression, const char *format, ...) {
    char sentence[240];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (rq->issues == NULL) {
        rq->issues = lw_pool_take(&rq->pool, sizeof *rq->issues);
    }
    if (rq->issues != NULL) {
        lw_fhir_issue_add(rq->issues, "error", code, text, expression, "%s", sentence);
    }
    rq->status = status;
    return err;
}

void lw__fhir_problem(lw_request *rq, int32_t err) {
    const lw_err_info *info = lw_err_find(err);
    lw_reply *reply = &rq->reply;
    lw_fhir_issues made = {0};
    const lw_fhir_issues *issues = NULL;
    for (uint32_t i = 0; rq->issues != NULL && i < rq->issues->count; i++) {
        issues = strcmp(rq->issues->list[i].severity, "error") == 0 ? rq->issues : issues;
    }
    lw_buf_clear(&reply->body);
    reply->header_count = 0;
    reply->cookie[0] = '\0';
    reply->status = rq->status != 0 ? rq->status : info->http;
    reply->type = "application/fhir+json; charset=utf-8";
    if (issues == NULL) {
        if (rq->route == NULL && (err == LW_ERR_NOT_FOUND || err == LW_ERR_METHOD)) {
            lw_fhir_issue_add(
                &made, "error", "not-supported", "This server does not do that", "",
                "update, patch, delete, history, batch, transaction and operations but $everything are not "
                "offered; /fhir/metadata says what is");
            issues = &made;
        }
    }
    if (issues == NULL) {
        bool noted = rq->err == err;
        lw_fhir_issue_add(&made, "error", info->fhir, info->sentence, noted ? rq->member : "", "%s%s%s",
                          noted ? rq->detail : "", noted && rq->hint[0] != '\0' ? "; " : "", noted ? rq->hint : "");
        issues = &made;
    }
    if (rq->retry_s > 0) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%u", rq->retry_s);
        lw_reply_header(rq, "Retry-After", seconds);
    }
    lw_fhir_outcome(issues, &reply->body);
}

/* ---- what the client takes ---- */

static const char *skip(const char *p, const char *signs) {
    return p + strspn(p, signs);
}

/* One media range of Accept, or a _format: 1 it is JSON, 0 it is something else, with the version it names, if any. */
static bool is_json(const char *range, size_t len, lw_fhir_version *version, bool *other_version) {
    static const char *const names[] = {
        "application/fhir+json", "application/json", "*/*", "application/*", "json", "text/json"};
    char text[160];
    snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), range);
    size_t end = strcspn(text, "; ");
    bool json = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json = json || (strlen(names[i]) == end && strncasecmp(text, names[i], end) == 0);
    }
    const char *asked = strstr(text, "fhirVersion=");
    if (json && asked != NULL) {
        asked = skip(asked + 12, "\"");
        *other_version = strncmp(asked, "4.0", 3) != 0 && strncmp(asked, "5.0", 3) != 0;
        *version = asked[0] == '5' ? LW_FHIR_R5 : LW_FHIR_R4;
        return !*other_version;
    }
    return json;
}

/* The raw value of a parameter of the query, decoded; NULL: not there. */
static const char *query_text(lw_request *rq, const char *name) {
    const char *p = rq->query_text.ptr, *end = p + rq->query_text.len;
    size_t len = strlen(name);
    while (p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p)), *to = amp != NULL ? amp : end;
        if ((size_t)(to - p) > len && strncmp(p, name, len) == 0 && p[len] == '=') {
            lw_str raw = {p + len + 1, (uint32_t)((size_t)(to - p) - len - 1)};
            char *text = lw_pool_take(&rq->pool, raw.len + 1u);
            return text != NULL && lw__percent_decode(raw, false, text, raw.len + 1u) ? text : "";
        }
        p = amp != NULL ? amp + 1 : end;
    }
    return NULL;
}

int32_t lw__fhir_begin(lw_request *rq, lw_fhir_version *version) {
    const char *format = query_text(rq, "_format"), *accept = format != NULL ? format : rq->accept;
    bool taken = accept[0] == '\0', other = false;
    *version = LW_FHIR_R4;
    for (const char *p = accept; *p != '\0' && !taken;) {
        size_t len = strcspn(p, ",");
        taken = is_json(p, len, version, &other);
        p = skip(p + len, ", ");
    }
    rq->reply.type = media[*version];
    return taken ? LW_OK
                 : lw__fhir_wrong(rq, LW_ERR_MEDIA, 406, "not-supported", "That form is not given here",
                                  format != NULL ? "http._format" : "http.Accept",
                                  other ? "this server speaks FHIR 4.0 and, where that differs, 5.0"
                                        : "this server speaks application/fhir+json only; XML and others are not made");
}

static bool lenient(const lw_request *rq) {
    return strstr(rq->prefer, "handling=lenient") != NULL;
}

void lw__fhir_base(const lw_request *rq, char out[300]) {
    snprintf(out, 300, "%s/fhir", lw_server_origin(rq->server));
}

void lw__fhir_etag(lw_str resource, char out[24]) {
    uint8_t hash[32];
    lw__sha256_of(resource.ptr, resource.len, hash);
    lw__writer w = lw__writer_over(out, 24);
    lw__put_c(&w, "W/\"");
    lw__put_hex(&w, hash, 8);
    lw__put_c(&w, "\"");
    lw__put_end(&w);
}

/* ---- whose ---- */

static const lw_route *patients_route(void) {
    uint32_t i = 0;
    while (strcmp(lw_routes[i].id, "fhir_everything") != 0) {
        i++;
    }
    return &lw_routes[i];
}

static int32_t take_patient(lw_request *rq, lw_sql *sql, const char *patient) {
    lw_target target = {0};
    snprintf(target.patient, sizeof target.patient, "%s", patient);
    int32_t err = lw_patient_place(sql, lw__str(target.patient), target.clinic, target.responsible, &target.erased);
    rq->target = err == LW_OK ? target : rq->target;
    return err == LW_OK ? lw_authorize(patients_route(), rq->who, &target) : err;
}

/* A patient whose id is no FHIR id has one made of its hash: looked for among the clinic's. */
static int32_t find_hashed(lw_request *rq, lw_sql *sql, const char *id, char patient[65]) {
    char next[65] = "", after[65] = "";
    int32_t err = LW_OK;
    patient[0] = '\0';
    do {
        lw_buf list = {0};
        lw_buf_str(&list, "[");
        memcpy(after, next, sizeof after);
        err = lw_patient_list(sql, lw__str(rq->who->clinic), LW_STR(""), lw__str(after), LW_STR(""), 500, false,
                              rq->now_s, &list, next);
        lw_buf_str(&list, "]");
        lw_str rest = lw_buf_view(&list), one = {0}, name = {0};
        while (err == LW_OK && !list.failed && patient[0] == '\0' && lw__pick_item(&rest, &one)) {
            char own[65];
            const char *text = lw__pick(one, "patient", &name) ? lw__pick_text(&rq->pool, name) : NULL;
            if (text != NULL) {
                lw_fhir_id(lw__str(text), own);
                if (strcmp(own, id) == 0) {
                    snprintf(patient, 65, "%s", text);
                }
            }
        }
        lw_buf_free(&list);
    } while (err == LW_OK && next[0] != '\0' && patient[0] == '\0');
    return err;
}

int32_t lw__fhir_patient(lw_request *rq, lw_sql *sql, const char *id) {
    char own[65] = "", patient[65] = "";
    if (strlen(id) >= sizeof patient) {
        return LW_ERR_NOT_FOUND;
    }
    if (rq->who->patient[0] != '\0') {
        lw_fhir_id(lw__str(rq->who->patient), own);
    }
    if (strcmp(own, id) == 0) {
        return take_patient(rq, sql, rq->who->patient);
    }
    int32_t err = take_patient(rq, sql, id);
    bool clinician = (rq->who->roles & LW_ROLE_CLINICIAN) != 0;
    if (err == LW_ERR_NOT_FOUND && clinician && strncmp(id, "x-", 2) == 0) {
        err = find_hashed(rq, sql, id, patient);
        err = err != LW_OK ? err : patient[0] != '\0' ? take_patient(rq, sql, patient) : LW_ERR_NOT_FOUND;
    }
    if (err == LW_ERR_NOT_FOUND) {
        rq->target = (lw_target){0};
    }
    return err;
}

/* ---- one record as resources ---- */

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

int32_t lw__fhir_list(lw_request *rq, lw_sql *sql, uint32_t types, lw_reading *more, const lw_event *only,
                      lw__fhir_view *out) {
    char sha256[65];
    lw_str patient = lw__str(rq->target.patient), value = {0};
    int32_t offset_s = 0;
    uint32_t people = 0;
    const char *name = NULL, *language = NULL;
    out->server = rq->server;
    types = types != 0 ? types : ALL_TYPES & ~BIT(LW_FHIR_AUDIT_EVENT);
    int32_t err = more != NULL ? LW_OK : lw__log_get(rq->server->cache, sql, rq->target.patient, &out->log);
    const lw_reading *reading = more != NULL ? more : out->log != NULL ? out->log->reading : NULL;
    if (err == LW_OK && reading->err != LW_OK && reading->err != LW_ERR_NEWER) {
        err = lw__diag_problem(rq, reading->err, &reading->diag, 0);
    }
    err = err == LW_OK ? lw_patient_protocol_hash(sql, patient, sha256) : err;
    err = err == LW_OK ? lw_server_protocol(rq->server, sql, sha256, &out->protocol) : err;
    if (err == LW_OK && (types & BIT(LW_FHIR_PATIENT)) != 0) {
        err = lw_patient_json(sql, patient, false, rq->now_s, &out->name);
        lw_str json = lw_buf_view(&out->name);
        name = lw__pick(json, "name", &value) ? lw__pick_text(&rq->pool, value) : NULL;
        language = lw__pick(json, "language", &value) ? lw__pick_text(&rq->pool, value) : NULL;
    }
    if (err == LW_OK && (types & BIT(LW_FHIR_PRACTITIONER)) != 0) {
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
    if (only != NULL) {
        out->record.events = only;
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
                                   .types = types};
    if (err == LW_OK) {
        out->listed = true;
        err = lw_fhir_list(&source, &out->set);
    }
    return err;
}

/* What stands in no record: definitions and the clinic's people. */
static int32_t list_clinic(lw_request *rq, lw_sql *sql, uint32_t types, lw__fhir_view *out) {
    static const lw_record none;
    uint32_t people = 0;
    char sha256[65];
    out->server = rq->server;
    snprintf(sha256, sizeof sha256, "%s", lw_builtin_sha256());
    int32_t err = load_people(rq, sql, rq->who->clinic, out, &people);
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

/* The clinic's trail, of one patient or of all; the newest rows. Only for those whom the trail is for. */
static int32_t list_trail(lw_request *rq, lw_sql *sql, const char *patient, lw__fhir_view *out) {
    static const lw_record none;
    lw_buf rows = {0};
    int64_t next = 0;
    uint32_t count = 0, people = 0;
    lw_fhir_access *list = lw_pool_take(&rq->pool, ROWS_MOST * sizeof *list);
    out->server = rq->server;
    int32_t err = list != NULL ? load_people(rq, sql, rq->who->clinic, out, &people) : LW_ERR_NO_MEMORY;
    err = err == LW_OK
              ? lw_audit_list(sql, lw__str(rq->who->clinic), 0, ROWS_MOST, lw__str(patient), LW_STR(""), &rows, &next)
              : err;
    lw_str rest = lw_buf_view(&rows), one = {0}, value = {0};
    while (err == LW_OK && count < ROWS_MOST && lw__pick_item(&rest, &one)) {
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
                                       .types = BIT(LW_FHIR_AUDIT_EVENT)};
        out->listed = true;
        err = lw_fhir_list(&source, &out->set);
    }
    return err;
}

/* ---- parts of a resource ---- */

/*
 * What R4 marks as summary, by type, after id, meta and implicitRules; "!" stands before what must be there at all, "~" before
 * what must be there and is no summary. A star stands for a choice of types.
 */
static const char *const summary_of[LW_FHIR_TYPES] = {
    [LW_FHIR_PATIENT] = "identifier active name telecom gender birthDate deceased* address managingOrganization link",
    [LW_FHIR_PRACTITIONER] = "identifier active name telecom address gender birthDate",
    [LW_FHIR_CONDITION] = "identifier clinicalStatus verificationStatus code bodySite !subject encounter onset* "
                          "recordedDate recorder asserter",
    [LW_FHIR_GOAL] = "!lifecycleStatus achievementStatus category priority !description !subject start* statusDate "
                     "expressedBy",
    [LW_FHIR_CARE_PLAN] = "identifier instantiatesCanonical instantiatesUri basedOn replaces partOf !status !intent "
                          "category title description !subject encounter period created author addresses",
    [LW_FHIR_SERVICE_REQUEST] = "identifier instantiatesCanonical instantiatesUri basedOn replaces requisition !status "
                                "!intent category priority doNotPerform code orderDetail quantity* !subject encounter "
                                "occurrence* asNeeded* authoredOn requester performerType performer locationCode "
                                "locationReference reasonCode reasonReference specimen bodySite patientInstruction",
    [LW_FHIR_ACTIVITY_DEFINITION] = "url identifier version name title !status experimental date publisher contact "
                                    "description useContext jurisdiction effectivePeriod kind code doNotPerform",
    [LW_FHIR_PLAN_DEFINITION] = "url identifier version name title type !status experimental date publisher contact "
                                "description useContext jurisdiction effectivePeriod",
    [LW_FHIR_OBSERVATION] = "identifier basedOn partOf !status !code subject focus encounter effective* issued "
                            "performer value* hasMember derivedFrom component",
    [LW_FHIR_QUESTIONNAIRE] = "url identifier version name title !status experimental subjectType date publisher "
                              "contact useContext jurisdiction effectivePeriod code",
    [LW_FHIR_QUESTIONNAIRE_RESPONSE] = "identifier basedOn partOf questionnaire !status subject encounter authored "
                                       "author source",
    [LW_FHIR_PROCEDURE] = "identifier instantiatesCanonical instantiatesUri basedOn partOf !status statusReason "
                          "category code !subject encounter performed* recorder asserter performer location reasonCode "
                          "reasonReference bodySite outcome",
    [LW_FHIR_DEVICE] = "udiCarrier status safety",
    [LW_FHIR_ADVERSE_EVENT] = "identifier !actuality category event !subject encounter date detected recordedDate "
                              "resultingCondition location seriousness severity outcome recorder contributor "
                              "suspectEntity subjectMedicalHistory referenceDocument study",
    [LW_FHIR_PROVENANCE] = "!target !recorded ~agent",
    [LW_FHIR_AUDIT_EVENT] = "!type subtype action !recorded outcome outcomeDesc purposeOfEvent ~agent ~source",
};

static bool keeps(int type, lw_fhir_summary summary, lw_str name) {
    static const char *const always[] = {"resourceType", "id", "meta", "implicitRules"};
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        if (lw__str_eq(lw__str(always[i]), name)) {
            return true;
        }
    }
    bool text = lw__str_eq(LW_STR("text"), name);
    if (summary == LW_FHIR_SUMMARY_DATA || text) {
        return summary == LW_FHIR_SUMMARY_DATA ? !text : summary == LW_FHIR_SUMMARY_TEXT;
    }
    for (const char *p = summary_of[type]; *p != '\0'; p = skip(p + strcspn(p, " "), " ")) {
        bool must = *p == '!' || *p == '~';
        p += must ? 1 : 0;
        size_t len = strcspn(p, " *");
        bool same = name.len >= len && memcmp(p, name.ptr, len) == 0 && (p[len] == '*' || name.len == len);
        if (same && (must || summary == LW_FHIR_SUMMARY_TRUE)) {
            return true;
        }
    }
    return false;
}

/* The tag that says that parts are missing, beside those that are there already. */
static void put_meta(lw_str meta, lw_buf *out) {
    lw_str rest = meta, name = {0}, value = {0}, tags = {0};
    lw_buf_str(out, "{");
    while (lw__pick_member(&rest, &name, &value)) {
        if (lw__str_eq(LW_STR("tag"), name)) {
            tags = (lw_str){value.ptr + 1, value.len - 2};
            continue;
        }
        lw_buf_str(out, "\"");
        lw_buf_slice(out, name);
        lw_buf_str(out, "\":");
        lw_buf_slice(out, value);
        lw_buf_str(out, ",");
    }
    lw_buf_str(out, "\"tag\":[");
    lw_buf_slice(out, tags);
    lw_buf_str(out, tags.len > 0 ? "," : "");
    lw_buf_str(out,
               "{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}]}");
}

int32_t lw__fhir_put(const lw_fhir_set *set, const lw_fhir_resource *resource, lw_fhir_version version,
                     lw_fhir_summary summary, lw_buf *out) {
    if (summary == LW_FHIR_WHOLE) {
        return lw_fhir_write(set, resource, version, out);
    }
    lw_buf whole = {.max = LW_FHIR_RESOURCE_MOST};
    int32_t err = lw_fhir_write(set, resource, version, &whole);
    lw_str rest = lw_buf_view(&whole), name = {0}, value = {0};
    lw_buf_str(out, "{");
    for (bool first = true; err == LW_OK && lw__pick_member(&rest, &name, &value);) {
        if (!keeps(resource->type, summary, name)) {
            continue;
        }
        lw_buf_str(out, first ? "\"" : ",\"");
        lw_buf_slice(out, name);
        lw_buf_str(out, "\":");
        first = false;
        if (lw__str_eq(LW_STR("meta"), name)) {
            put_meta(value, out);
        } else {
            lw_buf_slice(out, value);
        }
    }
    lw_buf_str(out, "}");
    lw_buf_free(&whole);
    return err != LW_OK ? err : out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

/* ---- which type ---- */

/* Whether the role that is signed in reads this type at all. */
static int32_t may_type(lw_request *rq, int type) {
    uint32_t care = LW_ROLE_PATIENT | LW_ROLE_CLINICIAN;
    bool may = (rq->who->roles & (type == LW_FHIR_AUDIT_EVENT ? (uint32_t)LW_ROLE_ADMIN : care)) != 0;
    return may ? LW_OK
               : lw__fhir_wrong(rq, LW_ERR_FORBIDDEN, 0, "forbidden", "This sign-in may not do that", "",
                                type == LW_FHIR_AUDIT_EVENT ? "the trail of accesses is for the clinic's admins"
                                                            : "records are for patients and clinicians");
}

static int32_t take_type(lw_request *rq, int *type) {
    *type = lw_fhir_type_of(lw__str(rq->path[0]));
    if (*type < 0) {
        return lw__fhir_wrong(rq, LW_ERR_NOT_FOUND, 404, "not-supported", "That type of resource is not kept here", "",
                              "this server has no %.40s; /fhir/metadata says what it has", rq->path[0]);
    }
    return may_type(rq, *type);
}

static int32_t none_here(lw_request *rq, int type) {
    return lw__fhir_wrong(rq, LW_ERR_NOT_FOUND, 0, "not-found", "There is no such resource, or it is not yours to see",
                          "", "no %s of that id", lw_fhir_type_name(type));
}

/* ---- routes ---- */

int32_t lw__h_fhir_metadata(lw_request *rq, lw_sql *sql) {
    (void)sql;
    char base[300];
    lw_fhir_version version;
    int32_t err = lw__fhir_begin(rq, &version);
    lw__fhir_base(rq, base);
    const lw_fhir_server server = {.base = base,
                                   .started_s = rq->server->started_s,
                                   .creates = BIT(LW_FHIR_OBSERVATION) | BIT(LW_FHIR_QUESTIONNAIRE_RESPONSE)};
    return err == LW_OK ? lw_fhir_capability(&server, version, &rq->reply.body) : err;
}

/* The event that an id begins with: 8-4-4-4-12 hex digits. */
static bool event_of(const char *id, uint8_t uuid[16]) {
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

/* Whose record holds a resource of that id; fills rq->target. Ids of what an event said begin with the event's. */
static int32_t find_holder(lw_request *rq, lw_sql *sql, int type, const char *id) {
    if (type == LW_FHIR_PATIENT) {
        return lw__fhir_patient(rq, sql, id);
    }
    if (rq->who->patient[0] != '\0') {
        return take_patient(rq, sql, rq->who->patient);
    }
    char patient[65] = "";
    uint8_t uuid[16] = {0};
    int32_t err = event_of(id, uuid) ? lw_event_holder(sql, lw__str(rq->who->clinic), uuid, patient) : LW_ERR_NOT_FOUND;
    return err == LW_OK ? take_patient(rq, sql, patient) : err;
}

/*
 * A device is named by what it is called, not by an event: the first patients of the clinic's list are looked through for one
 * whose record knows it.
 */
static int32_t find_device(lw_request *rq, lw_sql *sql, const char *id, lw__fhir_view *view) {
    char next[65] = "", after[65] = "";
    int32_t err = LW_OK;
    uint32_t seen = 0;
    bool found = false;
    do {
        lw_buf list = {0};
        lw_str rest, one = {0}, value = {0};
        lw_buf_str(&list, "[");
        memcpy(after, next, sizeof after);
        err = lw_patient_list(sql, lw__str(rq->who->clinic), LW_STR(""), lw__str(after), LW_STR(""), SCAN, false,
                              rq->now_s, &list, next);
        lw_buf_str(&list, "]");
        rest = lw_buf_view(&list);
        while (err == LW_OK && !found && lw__pick_item(&rest, &one)) {
            const char *patient = lw__pick(one, "patient", &value) ? lw__pick_text(&rq->pool, value) : NULL;
            lw__fhir_view_free(view);
            err = patient != NULL ? take_patient(rq, sql, patient) : LW_ERR_NO_MEMORY;
            err = err == LW_OK ? lw__fhir_list(rq, sql, BIT(LW_FHIR_DEVICE), NULL, NULL, view) : err;
            found = err == LW_OK && lw_fhir_find(&view->set, LW_FHIR_DEVICE, lw__str(id)) != NULL;
            seen++;
        }
        lw_buf_free(&list);
    } while (err == LW_OK && !found && next[0] != '\0' && seen < SCAN_MOST);
    rq->target = (lw_target){0}; /* a device is nobody's */
    return err;
}

int32_t lw__h_fhir_read(lw_request *rq, lw_sql *sql) {
    lw_fhir_version version;
    int type = -1;
    const char *id = rq->path[1];
    lw__fhir_view view = {0};
    int32_t err = lw__fhir_begin(rq, &version);
    err = err == LW_OK ? take_type(rq, &type) : err;
    if (err != LW_OK) {
        return err;
    }
    snprintf(rq->audit, sizeof rq->audit, "%s/%.70s", lw_fhir_type_name(type), id);
    lw_fhir_search search = {0};
    lw_fhir_issues *issues = lw_pool_take(&rq->pool, sizeof *issues);
    if (issues == NULL || (err = lw_sql_begin(sql, false)) != LW_OK) {
        return issues == NULL ? LW_ERR_NO_MEMORY : err;
    }
    rq->issues = issues;
    /* Only what shapes the answer is known here: a search's parameters are none of a read. */
    err = lw_fhir_search_read(&rq->pool, type, rq->query_text, lenient(rq), "", rq->now_s, &search, issues);
    if (err == LW_OK && search.term_count + search.include_count > 0) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "not-supported", "A read takes no search parameters", "http",
                             "ask for /fhir/%s?… instead", lw_fhir_type_name(type));
    } else if (err == LW_ERR_VALUE) {
        rq->status = 400;
    }
    if (err == LW_OK && type == LW_FHIR_AUDIT_EVENT) {
        err = list_trail(rq, sql, "", &view);
    } else if (err == LW_OK && ((BIT(type) & DEFINITIONS) != 0 || type == LW_FHIR_PRACTITIONER)) {
        err = list_clinic(rq, sql, BIT(type), &view);
    } else if (err == LW_OK && type == LW_FHIR_DEVICE && rq->who->patient[0] == '\0') {
        err = find_device(rq, sql, id, &view);
    } else if (err == LW_OK) {
        err = find_holder(rq, sql, type, id);
        err = err == LW_OK ? lw__fhir_list(rq, sql, BIT(type), NULL, NULL, &view) : err;
    }
    const lw_fhir_resource *found = err == LW_OK ? lw_fhir_find(&view.set, type, lw__str(id)) : NULL;
    if ((err == LW_OK && found == NULL) || (err == LW_ERR_NOT_FOUND && issues->count == 0)) {
        err = none_here(rq, type);
    }
    err = err == LW_OK ? lw__fhir_put(&view.set, found, version, search.summary, &rq->reply.body) : err;
    lw_sql_rollback(sql);
    lw__fhir_view_free(&view);
    if (err == LW_OK) {
        char etag[24];
        lw__fhir_etag(lw_buf_view(&rq->reply.body), etag);
        lw_reply_header(rq, "ETag", etag);
        if (strcmp(rq->if_none_match, "*") == 0 || strstr(rq->if_none_match, etag + 2) != NULL) {
            rq->reply.status = 304;
            lw_buf_clear(&rq->reply.body);
        }
    }
    return err;
}

/* ---- a page of answers ---- */

typedef struct hit {
    int64_t key;
    const lw_fhir_resource *resource;
    const lw_fhir_search *search;
} hit;

static int by_order(const void *a, const void *b) {
    const hit *x = a, *y = b;
    return lw_fhir_sort_order(x->search, x->key, x->resource->id, y->key, y->resource->id);
}

typedef struct page {
    lw_request *rq;
    const lw_fhir_search *search;
    lw_fhir_version version;
    char base[300];
    const char *path; /* under the base: "Observation" */
    uint32_t entries;
} page;

static void put_link(page *p, const char *relation, lw_str cursor) {
    lw_buf url = {0};
    lw_buf_fmt(&url, "%s/%s%s%s", p->base, p->path, p->search->self[0] != '\0' || cursor.len > 0 ? "?" : "",
               p->search->self);
    if (cursor.len > 0) {
        lw_buf_str(&url, p->search->self[0] != '\0' ? "&_cursor=" : "_cursor=");
        lw_buf_slice(&url, cursor);
    }
    lw_buf *out = &p->rq->reply.body;
    lw_buf_fmt(out, "{\"relation\":\"%s\",\"url\":", relation);
    lw_buf_json(out, lw_buf_view(&url));
    lw_buf_str(out, "}");
    out->failed = out->failed || url.failed;
    lw_buf_free(&url);
}

/* Everything before the entries; total below 0: not told. */
static void put_head(page *p, int64_t total, const char *next_id, int64_t next_key) {
    lw_buf *out = &p->rq->reply.body;
    lw_buf_str(out, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"");
    if (total >= 0) {
        lw_buf_fmt(out, ",\"total\":%lld", (long long)total);
    }
    lw_buf_str(out, ",\"link\":[");
    put_link(p, "self", (lw_str){0});
    if (next_id != NULL) {
        lw_buf cursor = {0};
        lw_fhir_cursor(p->search, next_key, next_id, &cursor);
        lw_buf_str(out, ",");
        put_link(p, "next", lw_buf_view(&cursor));
        lw_buf_free(&cursor);
    }
    lw_buf_str(out, "]");
}

static int32_t put_entry(page *p, const lw_fhir_set *set, const lw_fhir_resource *resource, const char *mode) {
    lw_buf *out = &p->rq->reply.body;
    lw_buf_str(out, p->entries++ > 0 ? "," : ",\"entry\":[");
    lw_buf_str(out, "{\"fullUrl\":");
    char url[400];
    snprintf(url, sizeof url, "%s/%s/%s", p->base, lw_fhir_type_name(resource->type), resource->id);
    lw_buf_json(out, lw__str(url));
    lw_buf_str(out, ",\"resource\":");
    int32_t err = lw__fhir_put(set, resource, p->version, p->search->summary, out);
    lw_buf_fmt(out, ",\"search\":{\"mode\":\"%s\"}}", mode);
    return err;
}

/* Warnings, when there are any, and the end. */
static int32_t put_tail(page *p) {
    lw_buf *out = &p->rq->reply.body;
    if (p->rq->issues->count > 0) {
        lw_buf_str(out, p->entries++ > 0 ? "," : ",\"entry\":[");
        lw_buf_fmt(out, "{\"fullUrl\":\"urn:uuid:00000000-0000-4000-8000-%012x\",\"resource\":", 1u);
        lw_fhir_outcome(p->rq->issues, out);
        lw_buf_str(out, ",\"search\":{\"mode\":\"outcome\"}}");
    }
    lw_buf_str(out, p->entries > 0 ? "]}" : "}");
    return out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

/* The resources that the hits refer to, or that refer to them, each once. */
static int32_t put_includes(page *p, const lw_fhir_set *set, const hit *hits, uint32_t count, bool *shown) {
    const lw_fhir_search *s = p->search;
    int32_t err = LW_OK;
    for (uint32_t i = 0; i < s->include_count; i++) {
        const lw_fhir_include *include = &s->includes[i];
        for (uint32_t h = 0; h < count && !include->reverse && err == LW_OK; h++) {
            const lw_fhir_resource *from = hits[h].resource;
            for (uint32_t f = 0; f < from->fact_count && err == LW_OK; f++) {
                const lw_fhir_fact *fact = &from->facts[f];
                int type = fact->param == include->param ? lw_fhir_type_of(lw__str(fact->system)) : -1;
                bool wanted = type >= 0 && (include->target < 0 || include->target == type);
                const lw_fhir_resource *to = wanted ? lw_fhir_find(set, type, lw__str(fact->text)) : NULL;
                if (to != NULL && !shown[to - set->items]) {
                    shown[to - set->items] = true;
                    err = put_entry(p, set, to, "include");
                }
            }
        }
        for (uint32_t r = 0; r < set->count && include->reverse && err == LW_OK; r++) {
            const lw_fhir_resource *from = &set->items[r];
            bool refers = false;
            for (uint32_t f = 0; f < from->fact_count && from->type == include->type && !shown[r] && !refers; f++) {
                const lw_fhir_fact *fact = &from->facts[f];
                bool param = fact->param == include->param && lw_fhir_type_of(lw__str(fact->system)) == s->type;
                const lw_fhir_resource *to = param ? lw_fhir_find(set, s->type, lw__str(fact->text)) : NULL;
                for (uint32_t h = 0; h < count && to != NULL && !refers; h++) {
                    refers = hits[h].resource == to;
                }
            }
            if (refers) {
                shown[r] = true;
                err = put_entry(p, set, from, "include");
            }
        }
    }
    return err;
}

/* One page of what in the list meets the search; type -1: all of it. */
static int32_t put_matches(page *p, const lw_fhir_set *set, bool everything) {
    const lw_fhir_search *s = p->search;
    hit *hits = lw_pool_take(&p->rq->pool, (set->count + 1u) * sizeof *hits);
    bool *shown = lw_pool_take(&p->rq->pool, set->count + 1u);
    if (hits == NULL || shown == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    uint32_t total = 0, from = 0, to = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (everything || lw_fhir_search_meets(s, &set->items[i])) {
            hits[total++] = (hit){lw_fhir_sort_key(s, &set->items[i]), &set->items[i], s};
        }
    }
    if (!everything && total > 1) {
        qsort(hits, total, sizeof *hits, by_order);
    }
    while (from < total && s->after_id != NULL && !everything &&
           lw_fhir_sort_order(s, hits[from].key, hits[from].resource->id, s->after_key, s->after_id) <= 0) {
        from++;
    }
    bool counted = s->summary == LW_FHIR_SUMMARY_COUNT || s->count == 0;
    uint32_t most = everything ? total : counted ? 0 : s->count;
    to = total - from > most ? from + most : total;
    bool more = to < total && !counted;
    put_head(p, s->total || counted || everything ? (int64_t)total : -1, more ? hits[to - 1].resource->id : NULL,
             more ? hits[to - 1].key : 0);
    int32_t err = LW_OK;
    for (uint32_t i = from; i < to && err == LW_OK; i++) {
        shown[hits[i].resource - set->items] = true;
        err = put_entry(p, set, hits[i].resource, "match");
    }
    return err == LW_OK ? put_includes(p, set, hits + from, to - from, shown) : err;
}

/* ---- searching the clinic's list of patients ---- */

/* Lists the one patient of the id, as the clinic's list gives it, and keeps it when the search is met. */
static int32_t look_at(page *p, lw_sql *sql, const char *patient, lw_buf *entries, bool *met) {
    lw__fhir_view view = {0};
    lw_target target = {0};
    lw_request *rq = p->rq;
    snprintf(target.patient, sizeof target.patient, "%s", patient);
    snprintf(target.clinic, sizeof target.clinic, "%s", rq->who->clinic);
    rq->target = target;
    int32_t err = lw__fhir_list(rq, sql, BIT(LW_FHIR_PATIENT), NULL, NULL, &view);
    *met = err == LW_OK && view.set.count > 0 && lw_fhir_search_meets(p->search, &view.set.items[0]);
    if (*met && p->search->summary != LW_FHIR_SUMMARY_COUNT && p->search->count > 0) {
        /* Entries are kept aside: the head, which comes first, says what is next. */
        lw_buf aside = rq->reply.body;
        rq->reply.body = *entries;
        err = put_entry(p, &view.set, &view.set.items[0], "match");
        *entries = rq->reply.body;
        rq->reply.body = aside;
    }
    lw__fhir_view_free(&view);
    rq->target = (lw_target){0};
    return err;
}

static int32_t search_patients(page *p, lw_sql *sql) {
    lw_request *rq = p->rq;
    const lw_fhir_search *s = p->search;
    lw_buf entries = {0};
    char next[65] = "", after[65] = "", last[65] = "";
    const char *part = lw_fhir_search_only(s, LW_FHIR_P_NAME), *one_id = lw_fhir_search_only(s, LW_FHIR_P_ID);
    const char *identifier = lw_fhir_search_only(s, LW_FHIR_P_IDENTIFIER);
    bool counted = s->summary == LW_FHIR_SUMMARY_COUNT || s->count == 0, met = false, over = false;
    uint32_t seen = 0, found = 0;
    int32_t err = LW_OK;
    if (s->sort != LW_FHIR_P_LAST_UPDATED || s->descending || s->include_count > 0) {
        return lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "not-supported", "Not with a search for patients", "http",
                              "patients come in the order of their names, and alone");
    }
    if (one_id != NULL || identifier != NULL || rq->who->patient[0] != '\0') {
        const char *id = rq->who->patient[0] != '\0' ? rq->who->patient : one_id != NULL ? one_id : identifier;
        err = one_id != NULL && rq->who->patient[0] == '\0' ? lw__fhir_patient(rq, sql, id) : take_patient(rq, sql, id);
        char patient[65];
        memcpy(patient, rq->target.patient, sizeof patient);
        bool mine = err == LW_OK;
        err = err == LW_ERR_NOT_FOUND || err == LW_ERR_GONE ? LW_OK : err;
        err = mine ? look_at(p, sql, patient, &entries, &met) : err;
        found = met ? 1 : 0;
        memcpy(rq->target.patient, mine ? patient : "", mine ? sizeof patient : 1);
        memcpy(rq->target.clinic, rq->who->clinic, sizeof rq->target.clinic);
        over = true;
    } else if (s->after_id != NULL) {
        err = lw__fhir_patient(rq, sql, s->after_id);
        memcpy(next, rq->target.patient, sizeof next);
        rq->target = (lw_target){0};
    }
    while (err == LW_OK && !over && seen < SCAN_MOST && (counted || found < s->count)) {
        lw_buf list = {0};
        lw_buf_str(&list, "[");
        memcpy(after, next, sizeof after);
        err = lw_patient_list(sql, lw__str(rq->who->clinic), lw__str(part != NULL ? part : ""), lw__str(after),
                              LW_STR(""), SCAN, false, rq->now_s, &list, next);
        lw_buf_str(&list, "]");
        over = next[0] == '\0';
        lw_str rest = lw_buf_view(&list), one = {0}, value = {0};
        while (err == LW_OK && lw__pick_item(&rest, &one)) {
            if (!counted && found == s->count) {
                over = false; /* somebody is left for the next page */
                break;
            }
            const char *patient = lw__pick(one, "patient", &value) ? lw__pick_text(&rq->pool, value) : NULL;
            err = patient != NULL ? look_at(p, sql, patient, &entries, &met) : LW_ERR_NO_MEMORY;
            snprintf(last, sizeof last, "%s", patient != NULL ? patient : "");
            found += met ? 1 : 0;
            seen++;
        }
        lw_buf_free(&list);
    }
    if (err == LW_OK && !over && (counted || s->total)) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "too-costly", "So many are not counted", "http._total",
                             "narrow the search down by name, or ask without a total");
    }
    if (err == LW_OK) {
        char fhir_id[65];
        lw_fhir_id(lw__str(last), fhir_id);
        put_head(p, counted || s->total ? (int64_t)found : -1, over || last[0] == '\0' ? NULL : fhir_id, 0);
        lw_buf_slice(&rq->reply.body, lw_buf_view(&entries));
        rq->reply.body.failed = rq->reply.body.failed || entries.failed;
    }
    lw_buf_free(&entries);
    return err;
}

/* ---- a search ---- */

/* Types that have to be listed for a search and what it includes. */
static uint32_t needed(const lw_fhir_search *s) {
    uint32_t types = BIT(s->type);
    for (uint32_t i = 0; i < s->include_count; i++) {
        const lw_fhir_include *include = &s->includes[i];
        types |= include->reverse       ? BIT(include->type)
                 : include->target >= 0 ? BIT(include->target)
                                        : ALL_TYPES & ~BIT(LW_FHIR_AUDIT_EVENT);
    }
    return types & ~(s->type == LW_FHIR_AUDIT_EVENT ? 0 : BIT(LW_FHIR_AUDIT_EVENT));
}

/* Finds whose record a search is about. *none: somebody who is not there, or not theirs to see: nothing is found. */
static int32_t find_subject(lw_request *rq, lw_sql *sql, const lw_fhir_search *s, bool *none) {
    const char *id = lw_fhir_search_only(s, LW_FHIR_P_PATIENT), *one = lw_fhir_search_only(s, LW_FHIR_P_ID);
    id = id != NULL ? id : lw_fhir_search_only(s, LW_FHIR_P_SUBJECT);
    int32_t err;
    if (rq->who->patient[0] != '\0' && (rq->who->roles & LW_ROLE_CLINICIAN) == 0) {
        err = take_patient(rq, sql, rq->who->patient); /* another's id then meets nothing */
    } else if (id != NULL) {
        err = lw__fhir_patient(rq, sql, id);
    } else if (one != NULL) {
        err = find_holder(rq, sql, s->type, one);
    } else {
        return lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "too-costly", "A search goes over one patient's record",
                              "http.patient", "add patient=…; this server does not search all records at once");
    }
    *none = err == LW_ERR_NOT_FOUND;
    return *none ? LW_OK : err;
}

static int32_t search(lw_request *rq, lw_sql *sql, lw_str query) {
    page p = {.rq = rq, .path = rq->path[0]};
    lw__fhir_view view = {0};
    int type = -1;
    bool none = false;
    int32_t err = lw__fhir_begin(rq, &p.version);
    err = err == LW_OK ? take_type(rq, &type) : err;
    lw_fhir_search *s = err == LW_OK ? lw_pool_take(&rq->pool, sizeof *s) : NULL;
    lw_fhir_issues *issues = err == LW_OK ? lw_pool_take(&rq->pool, sizeof *issues) : NULL;
    if (err != LW_OK || s == NULL || issues == NULL) {
        return err != LW_OK ? err : LW_ERR_NO_MEMORY;
    }
    rq->issues = issues;
    p.search = s;
    lw__fhir_base(rq, p.base);
    snprintf(rq->audit, sizeof rq->audit, "%s", lw_fhir_type_name(type));
    err = lw_fhir_search_read(&rq->pool, type, query, lenient(rq), p.base, rq->now_s, s, issues);
    if (err != LW_OK) {
        rq->status = err == LW_ERR_VALUE ? 400 : 0;
        return err;
    }
    err = lw_sql_begin(sql, false);
    if (err != LW_OK) {
        return err;
    }
    if (type == LW_FHIR_PATIENT) {
        err = search_patients(&p, sql);
    } else {
        if (type == LW_FHIR_AUDIT_EVENT) {
            err = list_trail(rq, sql, "", &view);
        } else if ((BIT(type) & DEFINITIONS) != 0 || type == LW_FHIR_PRACTITIONER) {
            err = list_clinic(rq, sql, needed(s), &view);
        } else {
            err = find_subject(rq, sql, s, &none);
            err = err == LW_OK && !none ? lw__fhir_list(rq, sql, needed(s), NULL, NULL, &view) : err;
        }
        err = err == LW_OK ? put_matches(&p, &view.set, false) : err;
        lw__fhir_view_free(&view);
    }
    lw_sql_rollback(sql);
    return err == LW_OK ? put_tail(&p) : err;
}

int32_t lw__h_fhir_search(lw_request *rq, lw_sql *sql) {
    return search(rq, sql, rq->query_text);
}

/* The same with its parameters in the body, so that they stand in no log of anybody's. */
int32_t lw__h_fhir_search_post(lw_request *rq, lw_sql *sql) {
    return search(rq, sql, rq->raw.len > 0 ? rq->raw : rq->query_text);
}

int32_t lw__h_fhir_everything(lw_request *rq, lw_sql *sql) {
    page p = {.rq = rq};
    lw__fhir_view view = {0};
    char path[120];
    int32_t err = lw__fhir_begin(rq, &p.version);
    lw_fhir_search *s = lw_pool_take(&rq->pool, sizeof *s);
    lw_fhir_issues *issues = lw_pool_take(&rq->pool, sizeof *issues);
    if (err != LW_OK || s == NULL || issues == NULL) {
        return err != LW_OK ? err : LW_ERR_NO_MEMORY;
    }
    rq->issues = issues;
    p.search = s;
    lw__fhir_base(rq, p.base);
    snprintf(rq->audit, sizeof rq->audit, "Patient/$everything");
    err = lw_fhir_search_read(&rq->pool, LW_FHIR_PATIENT, rq->query_text, lenient(rq), p.base, rq->now_s, s, issues);
    if (err == LW_OK && (s->term_count + s->include_count > 0 || s->after_id != NULL)) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "not-supported", "That is not narrowed down", "http",
                             "$everything takes _format and _summary; it is given whole, in one answer");
    }
    if (err != LW_OK || (err = lw_sql_begin(sql, false)) != LW_OK) {
        rq->status = err == LW_ERR_VALUE ? 400 : 0;
        return err;
    }
    err = lw__fhir_list(rq, sql, 0, NULL, NULL, &view);
    lw_sql_rollback(sql);
    snprintf(path, sizeof path, "Patient/%s/$everything", view.id);
    p.path = path;
    err = err == LW_OK ? put_matches(&p, &view.set, true) : err;
    err = err == LW_OK ? put_tail(&p) : err;
    lw__fhir_view_free(&view);
    return err;
}
