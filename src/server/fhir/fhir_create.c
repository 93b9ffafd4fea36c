/*
 * fhir_create.c: what may be written over FHIR: a QuestionnaireResponse, and an Observation of pain or of an outcome.
 *
 * A resource is read against what this server can keep, and becomes one event of the record: the same event that the app would
 * have sent, decoded, checked, folded and appended by the same code (handle_events.c). Whatever it says that an event cannot
 * hold is refused by name, in the parts of it, too, so that nothing is silently dropped. The answer is that event as FHIR, from
 * the record as it will be.
 *
 * A record's day is the date that its times are written with, and the rules hang on it: in UTC an evening would be the next
 * morning. So an offset that is sent is believed only where the record itself knows it for that time (lw__fhir_offset); any other
 * is an instant, as Z is, and is put into the record's own offset, where it cannot teach the record a false one. If that would
 * move it to another day, or if it calls itself local in +00:00 far from there, it is refused.
 *
 * A response is checked against the pinned questionnaire: its version, unknown and repeated linkIds, types, required answers,
 * options, smallest and largest number, and questions that were answered though they were not asked (enableWhen).
 *
 * If-None-Exist, once only and without races: the event's id is made of patient, type and identifier. Whoever comes second finds
 * it in the log, or one of that identifier that was written without the condition; two at the same time are told apart by the
 * writer, which appends at exactly the head that was read, and the unique key (patient, id) is the floor under both. Nothing is
 * kept beside the record.
 */
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_codes.h"
#include "server/fhir/fhir_http.h"
#include "server/fhir/fhir_render_internal.h"
#include "server/fold_request.h"
#include "server/routes.h"
#include "words/json_pick.h"

enum {
    ANSWERS = 64,
    AT = 40,
    FAR_S = 2 * 3600, /* from Greenwich: there +00:00 is nobody's slip of summer time */
    RECENT_S = 30 * 86400,
    YEAR_FROM_S = 357 * 86400, /* 51 to 54 weeks ago: the same season, whatever Sunday the clocks change on */
    YEAR_TO_S = 378 * 86400
};

/* ---- refusing ---- */

/* In the resource, at `where`; the request is understood and wrong: 422. */
#define WRONG(rq, code, where, ...) \
    lw__fhir_wrong(rq, LW_ERR_VALUE, 422, code, "The resource cannot be taken", where, __VA_ARGS__)

/* An object of members that are taken or may be passed over; every other one is refused, extensions among them. */
static int32_t only_these(lw_request *rq, const char *type, lw_str object, const char *const *known) {
    lw_str rest = object, name = {0}, value = {0};
    char where[120];
    if (lw__pick_kind(object) != '{') {
        return WRONG(rq, "structure", type, "must be an object");
    }
    while (lw__pick_member(&rest, &name, &value)) {
        bool found = false;
        for (uint32_t i = 0; known[i] != NULL && !found; i++) {
            found = lw__str_eq(lw__str(known[i]), name);
        }
        if (!found) {
            snprintf(where, sizeof where, "%s.%.*s", type, (int)(name.len < 60 ? name.len : 60), name.ptr);
            return WRONG(rq, "not-supported", where, "this member is not kept here, so it is not taken");
        }
    }
    return LW_OK;
}

static const char *text_of(lw_request *rq, lw_str object, const char *name) {
    lw_str value = {0};
    return lw__pick(object, name, &value) ? lw__pick_text(&rq->pool, value) : NULL;
}

/* A coding: what says the same in words is passed over. */
static int32_t only_coding(lw_request *rq, const char *where, lw_str coding) {
    static const char *const known[] = {"system", "version", "code", "display", "userSelected", NULL};
    return only_these(rq, where, coding, known);
}

/* Whether a reference names nothing else than its target does. */
static int32_t only_reference(lw_request *rq, const char *where, lw_str reference) {
    static const char *const known[] = {"reference", "type", "display", NULL};
    return only_these(rq, where, reference, known);
}

/* ---- what both types say ---- */

typedef struct writing {
    int type;
    const char *name;           /* of the type */
    lw_str json;                /* the resource */
    const char *system, *value; /* identifier; NULL: none */
    char at[AT];                /* as an event has it */
    char id[37];                /* of the event */
    const char *kind;           /* of the event */
    lw_buf data;                /* its data */
} writing;

/* {"reference":"Patient/…"} */
static int32_t read_subject(lw_request *rq, lw_sql *sql, writing *w) {
    char where[64], base[LW__FHIR_BASE];
    lw_str subject = {0}, type = {0};
    const char *reference = lw__pick(w->json, "subject", &subject) ? text_of(rq, subject, "reference") : NULL;
    snprintf(where, sizeof where, "%s.subject", w->name);
    if (reference != NULL && lw__pick(subject, "type", &type) && !lw__pick_is(type, "Patient")) {
        return WRONG(rq, "value", where, "must be a Patient");
    }
    lw__fhir_base(rq, base);
    size_t len = strlen(base);
    if (reference != NULL && strncmp(reference, base, len) == 0 && reference[len] == '/') {
        reference += len + 1;
    }
    if (reference == NULL || strncmp(reference, "Patient/", 8) != 0) {
        return WRONG(rq, "required", where, "must be a reference, as Patient/ID");
    }
    int32_t err = lw__fhir_patient(rq, sql, reference + 8);
    if (err == LW_ERR_NOT_FOUND) {
        return lw__fhir_wrong(rq, err, 404, "not-found", "There is nobody of that name here", where,
                              "that patient is not here, or not yours to write about");
    }
    return err == LW_OK ? only_reference(rq, where, subject) : err;
}

/* Tags and security labels change what a resource is for, and an event has none. */
static int32_t read_meta(lw_request *rq, const writing *w) {
    static const char *const known[] = {"versionId", "lastUpdated", "source", "profile", NULL};
    char where[64];
    lw_str meta = {0};
    snprintf(where, sizeof where, "%s.meta", w->name);
    return lw__pick(w->json, "meta", &meta) ? only_these(rq, where, meta, known) : LW_OK;
}

static int32_t offset_of(const lw_event *event) {
    int64_t second = ((event->at_s % 60) + 60) % 60;
    return (int32_t)((int64_t)event->day * 86400 + event->minute * 60 + second - event->at_s);
}

/* What a person wrote: the engine's decisions repeat an offset, and a watch may not know its own. */
static bool witness(const lw_event *event) {
    return (event->by == LW_BY_PATIENT || event->by == LW_BY_CLINICIAN) && !event->voided;
}

int32_t lw__fhir_offset(const lw_record *record, int64_t at_s, int32_t sent_s, bool *known) {
    const lw_event *patient = NULL, *any = NULL, *first = NULL;
    uint32_t same = 0, other = 0; /* a year ago */
    for (uint32_t i = record->count; i > 0; i--) {
        const lw_event *event = &record->events[i - 1];
        int64_t ago = at_s - event->at_s;
        if (!witness(event)) {
            continue;
        }
        first = event;
        any = any == NULL && ago >= 0 ? event : any;
        patient = patient == NULL && ago >= 0 && ago <= RECENT_S && event->by == LW_BY_PATIENT ? event : patient;
        if (ago >= YEAR_FROM_S && ago <= YEAR_TO_S) {
            same += offset_of(event) == sent_s ? 1 : 0;
            other += offset_of(event) == sent_s ? 0 : 1;
        }
    }
    const lw_event *near = patient != NULL ? patient : any != NULL ? any : first;
    int32_t own_s = near != NULL ? offset_of(near) : 0;
    *known = near == NULL || own_s == sent_s || (same > 0 && other == 0);
    return own_s;
}

/* The local day of an instant. */
static int32_t day_in(int64_t at_s, int32_t offset_s) {
    int64_t local = at_s + offset_s;
    return (int32_t)(local >= 0 ? local / 86400 : (local - 86399) / 86400);
}

/* An instant in an offset of whole minutes. */
static void put_at(int64_t at_s, int32_t offset_s, char out[AT]) {
    int64_t local = at_s + offset_s;
    int32_t day = day_in(at_s, offset_s);
    int32_t minute = (int32_t)(local - (int64_t)day * 86400) / 60, away = (offset_s < 0 ? -offset_s : offset_s) / 60;
    char date[11] = {0};
    lw_day_write(day, date);
    snprintf(out, AT, "%sT%02u:%02u:%02u%c%02u:%02u", date, (uint8_t)(minute / 60), (uint8_t)(minute % 60),
             (uint8_t)((local - (int64_t)day * 86400) % 60), offset_s < 0 ? '-' : '+', (uint8_t)(away / 60),
             (uint8_t)(away % 60));
}

/* The local time of an instant that was sent with an offset; NULL: with none (Z), so that it is no local time. */
static int32_t settle_time(lw_request *rq, lw_sql *sql, writing *w, const char *where, int64_t at_s, const char *zone) {
    lw__log *log = NULL;
    bool known = false;
    int32_t sent_s = 0, own_s = 0;
    if (zone != NULL) {
        sent_s = ((zone[1] - '0') * 10 + zone[2] - '0') * 3600 + ((zone[4] - '0') * 10 + zone[5] - '0') * 60;
        sent_s = *zone == '-' ? -sent_s : sent_s;
    }
    int32_t err = lw__log_get(rq->server->cache, sql, rq->target.patient, &log);
    if (err == LW_OK) {
        own_s = lw__fhir_offset(&log->reading->record, at_s, sent_s, &known);
    }
    lw__log_back(log);
    if (err != LW_OK) {
        return err;
    }
    if (zone != NULL && !known && sent_s == 0 && (own_s >= FAR_S || own_s <= -FAR_S)) {
        return WRONG(
            rq, "business-rule", where,
            "+00:00 is far from the patient's own time, and the day is the patient's: send Z for an instant, or "
            "the patient's own local time");
    }
    if (zone != NULL && !known && day_in(at_s, sent_s) != day_in(at_s, own_s)) {
        return WRONG(
            rq, "business-rule", where,
            "in the patient's own time that is another day, and %.6s is not known of this record: send Z for an "
            "instant, or the patient's own local time",
            zone);
    }
    put_at(at_s, zone != NULL && known ? sent_s : own_s, w->at);
    return LW_OK;
}

/* A dateTime to the second with its offset, as an event has it: fraction cut, and what is no local time made one. */
static int32_t read_time(lw_request *rq, lw_sql *sql, writing *w, const char *member) {
    char where[64];
    int64_t from = 0, to = 0;
    const char *text = text_of(rq, w->json, member);
    snprintf(where, sizeof where, "%s.%s", w->name, member);
    size_t len = text != NULL ? strlen(text) : 0;
    bool good = len >= 20 && lw_fhir_interval(lw__str(text), &from, &to) && text[10] == 'T' && text[16] == ':';
    const char *zone = good ? text + 19 : "";
    if (good && *zone == '.') {
        zone += 1 + strspn(zone + 1, "0123456789");
    }
    good = good && (strcmp(zone, "Z") == 0 || ((*zone == '+' || *zone == '-') && strlen(zone) == 6));
    if (!good) {
        return WRONG(rq, text != NULL ? "value" : "required", where,
                     "must be a time to the second with its offset, as 2026-03-02T07:05:00+01:00");
    }
    bool instant = *zone == 'Z' || strcmp(zone, "-00:00") == 0;
    return settle_time(rq, sql, w, where, from, instant ? NULL : zone);
}

/* At most one identifier, with both its parts. */
static int32_t read_identifier(lw_request *rq, writing *w) {
    static const char *const known[] = {"use", "type", "system", "value", NULL};
    char where[64];
    lw_str list = {0}, one = {0}, other = {0};
    snprintf(where, sizeof where, "%s.identifier", w->name);
    if (!lw__pick(w->json, "identifier", &list)) {
        return LW_OK;
    }
    lw_str rest = list;
    bool is_list = w->type == LW_FHIR_OBSERVATION; /* a response has one, not a list */
    if (is_list && (lw__pick_kind(list) != '[' || !lw__pick_item(&rest, &one) || lw__pick_item(&rest, &other))) {
        return WRONG(rq, "not-supported", where, "one identifier, not several, can be kept");
    }
    one = is_list ? one : list;
    w->system = text_of(rq, one, "system");
    w->value = text_of(rq, one, "value");
    if (w->system == NULL || w->value == NULL || w->system[0] == '\0' || w->value[0] == '\0' ||
        strlen(w->system) > 200 || strlen(w->value) > 200) {
        return WRONG(rq, "value", where, "needs system and value, 200 bytes each at most");
    }
    return only_these(rq, where, one, known);
}

/* Whoever is named as author or source must be whoever is signed in, or the patient spoken of. */
static int32_t read_author(lw_request *rq, writing *w, const char *member, bool list) {
    char where[64], patient[65], account[65] = "";
    lw_str value = {0}, rest, one = {0};
    snprintf(where, sizeof where, "%s.%s", w->name, member);
    if (!lw__pick(w->json, member, &value)) {
        return LW_OK;
    }
    if (list && lw__pick_kind(value) != '[') {
        return WRONG(rq, "structure", where, "must be a list");
    }
    rest = value;
    one = value;
    lw_fhir_id(lw__str(rq->target.patient), patient);
    lw_fhir_id(lw__str(rq->who->account), account);
    while (list ? lw__pick_item(&rest, &one) : true) {
        const char *who = text_of(rq, one, "reference");
        bool self = who != NULL && ((strncmp(who, "Patient/", 8) == 0 && strcmp(who + 8, patient) == 0) ||
                                    (strncmp(who, "Practitioner/", 13) == 0 && strcmp(who + 13, account) == 0));
        if (!self) {
            return WRONG(rq, "business-rule", where, "must be the patient, or whoever is signed in here");
        }
        int32_t err = only_reference(rq, where, one);
        if (err != LW_OK || !list) {
            return err;
        }
    }
    return LW_OK;
}

static int32_t read_status(lw_request *rq, writing *w, const char *wanted) {
    char where[64];
    const char *status = text_of(rq, w->json, "status");
    snprintf(where, sizeof where, "%s.status", w->name);
    return status != NULL && strcmp(status, wanted) == 0
               ? LW_OK
               : WRONG(rq, status == NULL ? "required" : "not-supported", where, "only what is %s is taken", wanted);
}

/* ---- a response to a questionnaire ---- */

typedef struct answer {
    lw_str value; /* a number's, a boolean's text, or a choice's coding; empty: not answered */
    const char *code;
    int64_t x100;
} answer;

static const char *const answer_member[] = {"valueDecimal", "valueInteger", "valueBoolean", "valueCoding"};

static int32_t read_answer(lw_request *rq, const lw_fhir_item *item, lw_str answers, const char *where, answer *out) {
    lw_str rest = answers, one = {0}, other = {0}, name = {0}, value = {0};
    if (lw__pick_kind(answers) != '[' || !lw__pick_item(&rest, &one)) {
        return WRONG(rq, "structure", where, "has no answer; leave the question out instead");
    }
    if (lw__pick_item(&rest, &other)) {
        return WRONG(rq, "invariant", where, "takes one answer, not several");
    }
    rest = one;
    bool any = lw__pick_member(&rest, &name, &value);
    if (!any || !lw__str_eq(lw__str(answer_member[item->type]), name) || lw__pick_member(&rest, &name, &other)) {
        return WRONG(rq, "structure", where, "takes %s and nothing beside it", answer_member[item->type]);
    }
    out->value = value;
    if (item->type == LW_FHIR_BOOLEAN) {
        bool good = lw__pick_kind(value) == 't' || lw__pick_kind(value) == 'f';
        return good ? LW_OK : WRONG(rq, "value", where, "must be true or false");
    }
    if (item->type == LW_FHIR_CHOICE) {
        const char *system = text_of(rq, value, "system"), *code = text_of(rq, value, "code");
        for (uint32_t i = 0; code != NULL && item->codes[i] != NULL; i++) {
            if (strcmp(item->codes[i], code) == 0 && system != NULL && strcmp(system, item->system) == 0) {
                out->code = item->codes[i];
            }
        }
        return out->code != NULL ? only_coding(rq, where, value)
                                 : WRONG(rq, "code-invalid", where, "is none of the options of this question");
    }
    if (!lw__pick_x100(value, &out->x100) || (item->type == LW_FHIR_INTEGER && memchr(value.ptr, '.', value.len))) {
        return WRONG(rq, "value", where,
                     item->type == LW_FHIR_INTEGER ? "must be a whole number"
                                                   : "must be a number of two decimals at most");
    }
    if (out->x100 < (int64_t)item->min * 100 || out->x100 > (int64_t)item->max * 100) {
        return WRONG(rq, "value", where, "must be %d to %d", (int)item->min, (int)item->max);
    }
    return LW_OK;
}

static const lw_fhir_item *item_of(const lw_fhir_form *form, const char *link_id) {
    for (uint32_t i = 0; i < form->count; i++) {
        if (strcmp(form->items[i].link_id, link_id) == 0) {
            return &form->items[i];
        }
    }
    return NULL;
}

static bool enabled_code(const lw_fhir_item *item, const answer *given) {
    return item->enable_code == NULL || (given->code != NULL && strcmp(given->code, item->enable_code) == 0);
}

static bool enabled(const lw_fhir_form *form, const lw_fhir_item *item, const answer *answers) {
    const lw_fhir_item *gate = item->enable_when != NULL ? item_of(form, item->enable_when) : NULL;
    if (gate == NULL) {
        return true;
    }
    const answer *given = &answers[gate - form->items];
    return given->value.len > 0 && enabled_code(item, given);
}

/* The answers of the form's questions, in its order; each checked against its question, and all against each other. */
static int32_t read_answers(lw_request *rq, const writing *w, const lw_fhir_form *form, answer answers[ANSWERS]) {
    static const char *const known[] = {"linkId", "text", "answer", NULL};
    lw_str items = {0}, one = {0}, value = {0};
    char where[120];
    uint32_t n = 0;
    (void)lw__pick(w->json, "item", &items);
    for (lw_str rest = items; lw__pick_kind(items) == '[' && lw__pick_item(&rest, &one); n++) {
        const char *link_id = text_of(rq, one, "linkId");
        snprintf(where, sizeof where, "QuestionnaireResponse.item[%u]", n);
        int32_t err = only_these(rq, where, one, known);
        const lw_fhir_item *item = link_id != NULL ? item_of(form, link_id) : NULL;
        if (err == LW_OK && item == NULL) {
            snprintf(where, sizeof where, "QuestionnaireResponse.item[%u].linkId", n);
            err =
                WRONG(rq, "not-found", where, "“%.60s” is no question of %s", link_id != NULL ? link_id : "", form->id);
        }
        if (err == LW_OK && answers[item - form->items].value.len > 0) {
            err = WRONG(rq, "duplicate", where, "%s is answered twice", item->link_id);
        }
        if (err == LW_OK) {
            snprintf(where, sizeof where, "QuestionnaireResponse.item[%u].answer", n);
            err = read_answer(rq, item, lw__pick(one, "answer", &value) ? value : (lw_str){0}, where,
                              &answers[item - form->items]);
        }
        if (err != LW_OK) {
            return err;
        }
    }
    for (uint32_t i = 0; i < form->count; i++) {
        const lw_fhir_item *item = &form->items[i];
        bool asked = enabled(form, item, answers), given = answers[i].value.len > 0;
        if (given && !asked) {
            return WRONG(rq, "business-rule", "QuestionnaireResponse.item",
                         "%s is answered, and with the answer to %s it is not asked (enableWhen)", item->link_id,
                         item->enable_when);
        }
        if (!given && asked && item->required) {
            return WRONG(rq, "required", "QuestionnaireResponse.item", "%s has to be answered", item->link_id);
        }
    }
    return LW_OK;
}

/* A check-in's questions are the members of its event. */
static void put_checkin(const lw_fhir_form *form, const answer *answers, lw_buf *out) {
    bool first = true;
    lw_buf_str(out, "{");
    for (uint32_t i = 0; i < form->count; i++) {
        if (answers[i].value.len == 0) {
            continue;
        }
        lw_buf_fmt(out, "%s\"%s\":", first ? "" : ",", form->items[i].link_id);
        first = false;
        if (answers[i].code != NULL) {
            lw_buf_fmt(out, "\"%s\"", answers[i].code);
        } else {
            lw_buf_slice(out, answers[i].value);
        }
    }
    lw_buf_str(out, "}");
}

static void put_x100(lw_buf *out, int64_t x100) {
    lw_buf_fmt(out, "%lld", (long long)(x100 / 100));
    if (x100 % 100 != 0) {
        lw_buf_fmt(out, ".%02d", (int)(x100 % 100));
    }
}

/* The points of one answer: a choice's code is its points; one that decides what else is asked, and the sum, are none. */
static int64_t points_of(const lw_fhir_form *form, const answer *answers, uint32_t i, bool *counts) {
    int64_t points = answers[i].x100;
    *counts = answers[i].value.len > 0 && form->items[i].sum == NULL;
    for (const char *p = answers[i].code; p != NULL && *p >= '0' && *p <= '9'; p++) {
        points = points * 10 + (*p - '0') * 100;
    }
    for (uint32_t k = 0; k < form->count; k++) {
        const char *gate = form->items[k].enable_when;
        *counts = *counts && (gate == NULL || strcmp(gate, form->items[i].link_id) != 0);
    }
    return points;
}

static int64_t sum_of(const lw_fhir_form *form, const answer *answers) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < form->count; i++) {
        bool counts = false;
        int64_t points = points_of(form, answers, i, &counts);
        sum += counts ? points : 0;
    }
    return sum;
}

/* A total that was sent along is read by nobody else: it has to be the sum of the points. */
static int32_t check_sum(lw_request *rq, const lw_fhir_form *form, const answer *answers) {
    for (uint32_t i = 0; i < form->count; i++) {
        if (form->items[i].sum != NULL && answers[i].value.len > 0 && answers[i].x100 != sum_of(form, answers)) {
            return WRONG(rq, "invariant", "QuestionnaireResponse.item", "%s is not the sum of the points",
                         form->items[i].link_id);
        }
    }
    return LW_OK;
}

/* A score is the sum of its points. */
static void put_score(const lw_fhir_form *form, const answer *answers, const char *instrument, lw_buf *out) {
    bool counts = false, first = true;
    lw_buf_fmt(out, "{\"instrument\":\"%s\",\"score\":", instrument);
    put_x100(out, sum_of(form, answers));
    lw_buf_str(out, ",\"items\":[");
    for (uint32_t i = 0; i < form->count; i++) {
        if (answers[i].value.len > 0 && form->items[i].sum == NULL) {
            lw_buf_str(out, first ? "" : ",");
            put_x100(out, points_of(form, answers, i, &counts));
            first = false;
        }
    }
    lw_buf_str(out, "]}");
}

static int32_t read_response(lw_request *rq, lw_sql *sql, writing *w) {
    static const char *const known[] = {"resourceType",  "id",     "meta",     "language", "text",   "identifier",
                                        "questionnaire", "status", "authored", "author",   "source", "item",
                                        "subject",       NULL};
    answer answers[ANSWERS] = {{{0}, NULL, 0}};
    int32_t err = only_these(rq, w->name, w->json, known);
    err = err == LW_OK ? read_status(rq, w, "completed") : err;
    err = err == LW_OK ? read_time(rq, sql, w, "authored") : err;
    err = err == LW_OK ? read_author(rq, w, "author", false) : err;
    err = err == LW_OK ? read_author(rq, w, "source", false) : err;
    const char *canonical = text_of(rq, w->json, "questionnaire");
    const lw_fhir_form *form = canonical != NULL ? lw_fhir_form_of(lw__str(canonical)) : NULL;
    if (err == LW_OK && (form == NULL || form->count > ANSWERS)) {
        err = WRONG(rq, canonical == NULL ? "required" : "not-found", "QuestionnaireResponse.questionnaire",
                    "must be a questionnaire of this server with its version; /fhir/Questionnaire lists them");
    }
    if (err == LW_OK && strchr(canonical, '|') == NULL) {
        err = WRONG(rq, "required", "QuestionnaireResponse.questionnaire", "must name its version, as %.100s|%s",
                    form->url, form->version);
    }
    err = err == LW_OK ? read_answers(rq, w, form, answers) : err;
    err = err == LW_OK ? check_sum(rq, form, answers) : err;
    if (err == LW_OK && form == &lw_fhir_forms[LW_FHIR_FORM_CHECKIN]) {
        w->kind = "checkin";
        put_checkin(form, answers, &w->data);
    } else if (err == LW_OK) {
        w->kind = "outcome";
        put_score(form, answers, "visa_h", &w->data);
    }
    return err;
}

/* ---- an observation ---- */

/* Codes of the map that are an outcome's score, with its name in the record. */
static const struct {
    int code;
    const char *instrument;
} scores[] = {{LW_FHIR_C_PAIN, "nprs"},
              {LW_FHIR_C_SCORE_VISA_H, "visa_h"},
              {LW_FHIR_C_SCORE_LEFS, "lefs"},
              {LW_FHIR_C_SCORE_GROC, "groc"},
              {LW_FHIR_C_SCORE_PSFS, "psfs"},
              {LW_FHIR_C_SCORE_TSK11, "tsk11"},
              {LW_FHIR_C_SCORE_NIRSCHL, "nirschl"},
              {LW_FHIR_C_SCORE_READINESS, "readiness"}};

/* The one instrument that the codings name; further codings of other systems say the same in other words. */
static int32_t read_instrument(lw_request *rq, lw_str concept, const char **out) {
    static const char *const known[] = {"coding", "text", NULL};
    lw_str rest = {0}, one = {0};
    int32_t err = only_these(rq, "Observation.code", concept, known);
    (void)lw__pick(concept, "coding", &rest);
    while (err == LW_OK && lw__pick_item(&rest, &one)) {
        const char *system = text_of(rq, one, "system"), *code = text_of(rq, one, "code");
        err = only_coding(rq, "Observation.code.coding", one);
        for (size_t i = 0; i < sizeof scores / sizeof scores[0] && system != NULL && code != NULL; i++) {
            const lw_fhir_code_info *info = &lw_fhir_code_table[scores[i].code];
            if (strcmp(info->system, system) != 0 || strcmp(info->code, code) != 0) {
                continue;
            }
            if (err == LW_OK && *out != NULL && *out != scores[i].instrument) {
                err = WRONG(rq, "invariant", "Observation.code", "means one thing, not several");
            }
            *out = scores[i].instrument;
        }
    }
    return err;
}

/* A number of {score} or 1; without a code the unit's words have to be one of them, because nothing else tells. */
static int32_t read_quantity(lw_request *rq, lw_str quantity, lw_str *value) {
    static const char *const known[] = {"value", "unit", "system", "code", NULL};
    lw_str part = {0};
    int32_t err = only_these(rq, "Observation.valueQuantity", quantity, known);
    bool coded = lw__pick(quantity, "code", &part);
    bool said = coded || lw__pick(quantity, "unit", &part);
    bool good = !said || lw__pick_is(part, "{score}") || lw__pick_is(part, "1");
    good = good && (!lw__pick(quantity, "system", &part) || lw__pick_is(part, "http://unitsofmeasure.org"));
    good = good && lw__pick(quantity, "value", value);
    return err != LW_OK || good ? err
                                : WRONG(rq, "value", "Observation.value",
                                        "must be a number, of UCUM {score} or 1, without a comparator");
}

static int32_t read_observation(lw_request *rq, lw_sql *sql, writing *w) {
    static const char *const known[] = {"resourceType",
                                        "id",
                                        "meta",
                                        "language",
                                        "text",
                                        "identifier",
                                        "status",
                                        "category",
                                        "code",
                                        "subject",
                                        "performer",
                                        "valueQuantity",
                                        "valueInteger",
                                        "effectiveDateTime",
                                        NULL};
    lw_str concept = {0}, quantity = {0}, value = {0};
    int64_t x100 = 0;
    int32_t err = only_these(rq, w->name, w->json, known);
    err = err == LW_OK ? read_status(rq, w, "final") : err;
    err = err == LW_OK ? read_time(rq, sql, w, "effectiveDateTime") : err;
    err = err == LW_OK ? read_author(rq, w, "performer", true) : err;
    const char *instrument = NULL;
    if (err == LW_OK && lw__pick(w->json, "code", &concept)) {
        err = read_instrument(rq, concept, &instrument);
    }
    if (err == LW_OK && instrument == NULL) {
        err = WRONG(
            rq, "not-supported", "Observation.code",
            "only pain (LOINC 72514-3) and this server's codes of outcomes can be written; docs/fhir.md lists them");
    }
    bool is_quantity = lw__pick(w->json, "valueQuantity", &quantity);
    bool is_integer = lw__pick(w->json, "valueInteger", &value);
    if (err == LW_OK && is_quantity == is_integer) {
        err = WRONG(rq, "required", "Observation.value", "exactly one of valueQuantity and valueInteger");
    }
    if (err == LW_OK && is_quantity) {
        err = read_quantity(rq, quantity, &value);
    }
    if (err == LW_OK && is_integer && memchr(value.ptr, '.', value.len) != NULL) {
        err = WRONG(rq, "value", "Observation.value", "must be a whole number");
    }
    if (err == LW_OK && !lw__pick_x100(value, &x100)) {
        err = WRONG(rq, "value", "Observation.value", "must be a number of two decimals at most");
    }
    if (err == LW_OK) {
        w->kind = "outcome";
        lw_buf_fmt(&w->data, "{\"instrument\":\"%s\",\"score\":", instrument);
        lw_buf_slice(&w->data, value);
        lw_buf_str(&w->data, "}");
    }
    return err;
}

/* ---- once only ---- */

/* The event's id that patient, type and identifier make: a UUID of version 8. */
static void settled_id(const lw_request *rq, writing *w) {
    uint8_t hash[32];
    lw__sha256 sha;
    lw__sha256_init(&sha);
    const char *const parts[] = {"loadwave fhir create", w->name, rq->target.patient, w->system, w->value};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        lw__sha256_update(&sha, parts[i], strlen(parts[i]) + 1); /* the NUL keeps them apart */
    }
    lw__sha256_final(&sha, hash);
    hash[6] = (uint8_t)(0x80 | (hash[6] & 0x0f));
    hash[8] = (uint8_t)(0x80 | (hash[8] & 0x3f));
    lw__writer out = lw__writer_over(w->id, sizeof w->id);
    lw__put_uuid(&out, hash);
    lw__put_end(&out);
}

/* If-None-Exist is one identifier, and the resource's own: with anything else “once only” could not be kept. */
static int32_t read_condition(lw_request *rq, writing *w) {
    char wanted[420], *given = lw_pool_take(&rq->pool, strlen(rq->if_none_exist) + 1);
    if (rq->if_none_exist[0] == '\0') {
        lw__fresh_uuid(rq->now_s, w->id);
        return LW_OK;
    }
    const char *text = rq->if_none_exist + (rq->if_none_exist[0] == '?' ? 1 : 0);
    snprintf(wanted, sizeof wanted, "identifier=%s|%s", w->system != NULL ? w->system : "",
             w->value != NULL ? w->value : "");
    bool good = given != NULL && lw__percent_decode(lw__str(text), true, given, strlen(text) + 1);
    if (!good || w->system == NULL || strcmp(given, wanted) != 0) {
        return lw__fhir_wrong(rq, LW_ERR_VALUE, 412, "not-supported", "That condition is not supported",
                              "http.If-None-Exist",
                              "must be identifier=SYSTEM|VALUE, and the resource must carry that identifier");
    }
    settled_id(rq, w);
    return LW_OK;
}

/* ---- the answer ---- */

/* The event of that id. */
static const lw_event *event_of(const lw_reading *log, const char *wanted) {
    uint8_t id[16] = {0};
    bool known = lw__fhir_event_of(wanted, id);
    for (uint32_t i = log->record.count; i > 0 && known; i--) { /* the latest first: it is one of them, mostly */
        if (memcmp(log->record.events[i - 1].id, id, 16) == 0) {
            return &log->record.events[i - 1];
        }
    }
    return NULL;
}

/* The resource of the event in that reading. 201 with where it is, or 200 when it was there before. */
static int32_t answer_with(lw_request *rq, lw_sql *sql, const writing *w, lw_fhir_version version, lw_reading *log,
                           int status) {
    lw__fhir_view view = {0};
    char base[LW__FHIR_BASE], etag[24], location[480];
    lw_buf json = {0};
    const lw_event *event = event_of(log, w->id);
    const lw__fhir_wish wish = {.types = LW__FHIR_BIT(w->type), .more = log, .only = event};
    int32_t err = event != NULL ? lw__fhir_view_record(rq, sql, &wish, &view) : LW_ERR_NOT_FOUND;
    const lw_fhir_resource *found = NULL;
    for (uint32_t i = 0; err == LW_OK && i < view.set.count; i++) {
        found = strncmp(view.set.items[i].id, w->id, 36) == 0 && found == NULL ? &view.set.items[i] : found;
    }
    err = err == LW_OK && found == NULL ? LW_ERR_NOT_FOUND : err;
    err = err == LW_OK ? lw__fhir_put(&view.set, found, version, LW_FHIR_WHOLE, &json) : err;
    if (err == LW_OK) {
        lw__fhir_base(rq, base);
        snprintf(location, sizeof location, "%s/%s/%s", base, w->name, found->id);
        lw__fhir_etag(lw_buf_view(&json), etag);
        lw_reply_header(rq, "Location", location);
        lw_reply_header(rq, "ETag", etag);
        snprintf(rq->audit, sizeof rq->audit, "%s/%.70s", w->name, found->id);
        rq->reply.status = status;
        if (strstr(rq->prefer, "return=OperationOutcome") != NULL) {
            lw_fhir_issues done = {0};
            lw_fhir_issue_add(&done, "information", "informational", status == 201 ? "Stored" : "It was stored before",
                              "", "%s/%s", w->name, found->id);
            lw_fhir_outcome(&done, &rq->reply.body);
        } else if (strstr(rq->prefer, "return=minimal") == NULL) {
            lw_buf_slice(&rq->reply.body, lw_buf_view(&json));
        }
    }
    lw_buf_free(&json);
    lw__fhir_view_free(&view);
    return err;
}

/* The event that somebody gave that identifier without asking for once only: a resource of the same type. */
static const lw_event *same_identifier(lw_request *rq, const lw_reading *log, const writing *w) {
    for (uint32_t i = log->record.count; i > 0; i--) {
        const lw_event *event = &log->record.events[i - 1];
        const char *system = NULL, *value = NULL;
        bool response = lw__fhir_form_of_event(event) >= 0;
        if (response == (w->type == LW_FHIR_QUESTIONNAIRE_RESPONSE) &&
            lw__fhir_given_identifier(&rq->pool, event, &system, &value) && strcmp(system, w->system) == 0 &&
            strcmp(value, w->value) == 0) {
            return event;
        }
    }
    return NULL;
}

/* Whether the event is in the stored log, or one of its identifier; *log then holds it and is to be given back. */
static int32_t stored(lw_request *rq, lw_sql *sql, writing *w, lw__log **log, bool *found) {
    int32_t err = lw__log_get(rq->server->cache, sql, rq->target.patient, log);
    *found = err == LW_OK && event_of((*log)->reading, w->id) != NULL;
    const lw_event *other = err == LW_OK && !*found ? same_identifier(rq, (*log)->reading, w) : NULL;
    if (other != NULL) {
        lw__writer out = lw__writer_over(w->id, sizeof w->id);
        lw__put_uuid(&out, other->id);
        lw__put_end(&out);
        *found = true;
    }
    return err;
}

static void put_event(lw_request *rq, const writing *w, lw_buf *out) {
    bool own = (rq->who->roles & LW_ROLE_PATIENT) != 0 && strcmp(rq->who->patient, rq->target.patient) == 0;
    lw_buf_fmt(out, "[{\"v\":1,\"id\":\"%s\",\"patient\":", w->id);
    lw_buf_json(out, lw__str(rq->target.patient));
    lw_buf_fmt(out, ",\"kind\":\"%s\",\"at\":\"%s\",\"by\":\"%s%s\",\"data\":", w->kind, w->at,
               own ? "patient" : "clinician:", own ? "" : rq->who->account);
    lw_buf_slice(out, lw_buf_view(&w->data));
    if (w->system != NULL) {
        lw_buf_str(out, ",\"x_fhir_identifier\":{\"system\":");
        lw_buf_json(out, lw__str(w->system));
        lw_buf_str(out, ",\"value\":");
        lw_buf_json(out, lw__str(w->value));
        lw_buf_str(out, "}");
    }
    lw_buf_str(out, "}]");
}

/* ---- the route ---- */

static int32_t take(lw_request *rq, lw_sql *sql, writing *w, lw_fhir_version version) {
    int32_t err = read_subject(rq, sql, w);
    err = err == LW_OK ? read_meta(rq, w) : err;
    err = err == LW_OK ? read_identifier(rq, w) : err;
    if (err == LW_OK) {
        err = w->type == LW_FHIR_OBSERVATION ? read_observation(rq, sql, w) : read_response(rq, sql, w);
    }
    err = err == LW_OK ? read_condition(rq, w) : err;
    lw__log *log = NULL;
    bool found = false;
    if (err == LW_OK && rq->if_none_exist[0] != '\0') {
        err = stored(rq, sql, w, &log, &found);
        if (err == LW_OK && found) {
            err = answer_with(rq, sql, w, version, log->reading, 200);
        }
        lw__log_back(log);
    }
    if (err != LW_OK || found) {
        return err;
    }
    lw_buf list = {0};
    lw__events_told told = {0};
    static const lw_value no_day;
    put_event(rq, w, &list);
    char *text = list.failed || w->data.failed ? NULL : lw_pool_text(&rq->pool, lw_buf_view(&list));
    uint32_t len = (uint32_t)list.len;
    lw_buf_free(&list);
    err = text != NULL ? lw__events_prepare(rq, sql, (lw_str){text, len}, &no_day, &told) : LW_ERR_NO_MEMORY;
    lw_buf_free(&told.plan);
    if (err != LW_OK && strncmp(rq->member, "events[0]", 9) == 0) {
        /* What the record's own reader found: told where it stands in the resource. */
        snprintf(rq->member, sizeof rq->member, "%s",
                 strstr(rq->member, "score") != NULL ? "Observation.value"
                 : strstr(rq->member, ".at") != NULL
                     ? (w->type == LW_FHIR_OBSERVATION ? "Observation.effective" : "QuestionnaireResponse.authored")
                     : w->name);
    }
    return err == LW_OK ? answer_with(rq, sql, w, version, told.log, 201) : err;
}

int32_t lw__h_fhir_create(lw_request *rq, lw_sql *sql) {
    lw_fhir_version version;
    writing w = {.json = rq->raw};
    lw_str value = {0};
    rq->state = NULL;
    rq->target = (lw_target){0};
    int32_t err = lw__fhir_begin(rq, &version);
    w.type = lw_fhir_type_of(lw__str(rq->path[0]));
    w.name = lw_fhir_type_name(w.type);
    if (err == LW_OK && w.type != LW_FHIR_OBSERVATION && w.type != LW_FHIR_QUESTIONNAIRE_RESPONSE) {
        err = lw__fhir_wrong(
            rq, LW_ERR_METHOD, 0, "not-supported", "That cannot be created here", "",
            "only QuestionnaireResponse and Observation (pain, outcomes) can; the rest comes of the record");
    }
    if (err == LW_OK && rq->raw.len == 0) {
        err = lw__fhir_wrong(rq, LW_ERR_MISSING, 400, "required", "There is no body", "", "send the resource as JSON");
    }
    if (err == LW_OK && !(lw__pick(rq->raw, "resourceType", &value) && lw__pick_is(value, w.name))) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "invalid", "The body is another type than the address",
                             "resourceType", "must be %s", w.name);
    }
    err = err == LW_OK ? take(rq, sql, &w, version) : err;
    lw_buf_free(&w.data);
    return err;
}

int32_t lw__c_fhir_create(lw_request *rq, lw_sql *sql) {
    return rq->state != NULL ? lw__events_commit(rq, sql) : LW_OK; /* it was there already */
}
