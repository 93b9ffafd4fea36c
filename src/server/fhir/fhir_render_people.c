/* fhir_render_people.c: Patient, Practitioner, Device: who speaks in a record, and with what. */
#include <stdio.h>

#include "protocol/protocol_tables.h"
#include "server/fhir/fhir_render_internal.h"

/* Parts of Device: the program itself, then the shockwave devices, then what records activities. */
enum { SOFTWARE = 0, FIRST = 1 };

static const char *const gender[LW_SEX_WORDS] = {"female", "male", "other"};

static const char *name_of(const lw_fhir_set *set, lw_str id) {
    for (uint32_t i = 0; i < set->source.people_count; i++) {
        const lw_fhir_person *p = &set->source.people[i];
        if (strlen(p->id) == id.len && memcmp(p->id, id.ptr, id.len) == 0) {
            return p->name;
        }
    }
    return NULL;
}

/* When the record last said something; 0 for an empty one. */
static int64_t last_said(const lw_fhir_set *set) {
    const lw_record *record = set->source.record;
    return record->count > 0 ? record->events[record->count - 1].at_s : 0;
}

void lw__fhir_list_people(lw_fhir_maker *maker, lw_fhir_facts *facts) {
    const lw_fhir_set *set = maker->set;
    const struct lw_fhir_known *k = set->known;
    char id[65];
    if (lw__fhir_wanted(set, LW_FHIR_PATIENT)) {
        lw__fact_text(facts, LW_FHIR_P_NAME,
                      set->source.name != NULL ? (lw_str){set->source.name, (uint32_t)strlen(set->source.name)}
                                               : (lw_str){"", 0});
        lw__fact_token(facts, LW_FHIR_P_ACTIVE, "", "true");
        char *own = lw_pool_text(facts->pool, set->source.record->patient);
        facts->failed = facts->failed || own == NULL;
        lw__fact_token(facts, LW_FHIR_P_IDENTIFIER, LW_FHIR_PATIENT_SYSTEM, own);
        if (k->enrolled != NULL) {
            const struct lw_ev_enrolled *e = k->enrolled->data;
            int32_t from = lw_day_from_civil(e->birth_year, 1, 1), to = lw_day_from_civil(e->birth_year, 12, 31) + 1;
            lw__fact_date(facts, LW_FHIR_P_BIRTHDATE, (int64_t)from * 86400, (int64_t)to * 86400);
            lw__fact_token(facts, LW_FHIR_P_GENDER, "http://hl7.org/fhir/administrative-gender",
                           (e->has & LW_HAS_ENROLLED_SEX) != 0 ? gender[e->sex] : "unknown");
        }
        lw__fhir_add(maker, LW_FHIR_PATIENT, k->patient, k->enrolled != NULL ? k->enrolled->at_s : last_said(set), NULL,
                     0, facts);
    }
    for (uint32_t i = 0; i < k->clinicians.count && lw__fhir_wanted(set, LW_FHIR_PRACTITIONER); i++) {
        lw_fhir_id(k->clinicians.items[i], id);
        const char *name = name_of(set, k->clinicians.items[i]);
        lw__fact_text(facts, LW_FHIR_P_NAME,
                      name != NULL ? (lw_str){name, (uint32_t)strlen(name)} : k->clinicians.items[i]);
        char *own = lw_pool_text(facts->pool, k->clinicians.items[i]);
        facts->failed = facts->failed || own == NULL;
        lw__fact_token(facts, LW_FHIR_P_IDENTIFIER, LW_FHIR_URN "clinician", own);
        lw__fhir_add(maker, LW_FHIR_PRACTITIONER, id, 0, NULL, i, facts);
    }
    uint32_t parts = FIRST + k->devices.count + k->sources.count;
    for (uint32_t i = 0; i < parts && lw__fhir_wanted(set, LW_FHIR_DEVICE); i++) {
        bool wave = i >= FIRST && i < FIRST + k->devices.count;
        lw__fact_reference(facts, LW_FHIR_P_PATIENT, "Patient", k->patient); /* in whose record it is */
        if (i == SOFTWARE) {
            lw__fact_text(facts, LW_FHIR_P_DEVICE_NAME, LW_STR("Loadwave"));
            lw__fact_code(facts, LW_FHIR_P_TYPE, LW_FHIR_C_SOFTWARE);
            snprintf(id, sizeof id, "loadwave");
        } else {
            lw_str name = wave ? k->devices.items[i - FIRST] : k->sources.items[i - FIRST - k->devices.count];
            lw__fhir_device_id(name, wave ? "sw" : "by", id);
            lw__fact_text(facts, LW_FHIR_P_DEVICE_NAME, name);
            lw__fact_code(facts, LW_FHIR_P_TYPE, wave ? LW_FHIR_C_ESWT_DEVICE : LW_FHIR_C_SOURCE_DEVICE);
        }
        lw__fhir_add(maker, LW_FHIR_DEVICE, id, 0, NULL, i, facts);
    }
}

static void identifier(lw_buf *out, const char *system, lw_str value) {
    lw__fj_open(out, "identifier", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "system", system);
    lw__fj_slice(out, "value", value);
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
}

static void names(lw_buf *out, const char *text) {
    if (text == NULL || text[0] == '\0') {
        return;
    }
    lw__fj_open(out, "name", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "text", text);
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
}

void lw__fhir_write_patient(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    (void)r;
    (void)v;
    const struct lw_fhir_known *k = set->known;
    if (set->source.record->patient.len > 0) {
        identifier(out, LW_FHIR_PATIENT_SYSTEM, set->source.record->patient);
    }
    lw__fj_bool(out, "active", true);
    names(out, set->source.name);
    if (k->enrolled != NULL) {
        const struct lw_ev_enrolled *e = k->enrolled->data;
        char year[12];
        snprintf(year, sizeof year, "%04d", (int)e->birth_year);
        lw__fj_text(out, "gender", (e->has & LW_HAS_ENROLLED_SEX) != 0 ? gender[e->sex] : "unknown");
        lw__fj_text(out, "birthDate", year);
    }
    if (set->source.language != NULL) {
        lw__fj_open(out, "communication", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_open(out, "language", '{');
        lw__fj_open(out, "coding", '[');
        lw__fj_coding_of(out, NULL, "urn:ietf:bcp:47",
                         (lw_str){set->source.language, (uint32_t)strlen(set->source.language)}, NULL);
        lw__fj_close(out, ']');
        lw__fj_text(out, "text", set->source.language);
        lw__fj_close(out, '}');
        lw__fj_bool(out, "preferred", true);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
}

void lw__fhir_write_practitioner(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    (void)v;
    lw_str id = set->known->clinicians.items[r->part];
    identifier(out, LW_FHIR_URN "clinician", id);
    const char *name = name_of(set, id);
    if (name != NULL) {
        names(out, name);
        return;
    }
    lw__fj_open(out, "name", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_slice(out, "text", id);
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
}

/* R5 has several names of a device, each a name by itself, and several types. */
static void device(lw_buf *out, lw_fhir_version v, lw_str name, const char *kind, int type) {
    lw__fj_open(out, v == LW_FHIR_R4 ? "deviceName" : "name", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_slice(out, v == LW_FHIR_R4 ? "name" : "value", name);
    lw__fj_text(out, "type", kind);
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
    if (v == LW_FHIR_R5) {
        lw__fj_open(out, "type", '[');
        lw__fj_concept(out, NULL, type, -1, -1);
        lw__fj_close(out, ']');
    } else {
        lw__fj_concept(out, "type", type, -1, -1);
    }
}

void lw__fhir_write_device(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    const struct lw_fhir_known *k = set->known;
    if (r->part == SOFTWARE) {
        device(out, v, LW_STR("Loadwave"), v == LW_FHIR_R4 ? "manufacturer-name" : "registered-name",
               LW_FHIR_C_SOFTWARE);
        lw__fj_open(out, "version", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "value", lw_version());
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
        return;
    }
    bool wave = r->part < FIRST + k->devices.count;
    lw_str name = wave ? k->devices.items[r->part - FIRST] : k->sources.items[r->part - FIRST - k->devices.count];
    device(out, v, name, "user-friendly-name", wave ? LW_FHIR_C_ESWT_DEVICE : LW_FHIR_C_SOURCE_DEVICE);
}

void lw__fhir_author(const lw_fhir_set *set, const lw_event *event, const char **type, char id[65]) {
    switch (event->by) {
    case LW_BY_CLINICIAN:
        *type = "Practitioner";
        lw_fhir_id(event->by_id, id);
        break;
    case LW_BY_DEVICE:
        *type = "Device";
        lw__fhir_device_id(event->by_id, "by", id);
        break;
    case LW_BY_ENGINE:
        *type = "Device";
        memcpy(id, "loadwave", sizeof "loadwave");
        break;
    default:
        *type = "Patient";
        memcpy(id, set->known->patient, sizeof set->known->patient);
        break;
    }
}

void lw__fj_author(lw_buf *out, const char *name, const lw_fhir_set *set, const lw_event *event) {
    const char *type = NULL;
    char id[65];
    lw__fhir_author(set, event, &type, id);
    lw__fj_reference(out, name, type, id);
}

void lw__fj_exercise(lw_buf *out, const char *name, const lw_fhir_set *set, lw_str exercise) {
    lw_str title = exercise;
    for (int i = 0; set->source.protocol != NULL && i < set->source.protocol->exercise_count; i++) {
        const lw_exercise *e = &set->source.protocol->exercises[i];
        if (e->id.len == exercise.len && memcmp(e->id.ptr, exercise.ptr, exercise.len) == 0) {
            title = e->title;
        }
    }
    lw__fj_open(out, name, '{');
    lw__fj_open(out, "coding", '[');
    if (lw__fhir_is_code(exercise)) {
        lw__fj_coding_of(out, NULL, LW_FHIR_EXERCISE_SYSTEM, exercise, NULL);
    }
    lw__fj_coding(out, NULL, LW_FHIR_C_EXERCISE);
    lw__fj_close(out, ']');
    lw__fj_slice(out, "text", title);
    lw__fj_close(out, '}');
}
