/* fhir_render_observation.c: the neutral form of an observation as search facts, and as JSON (R4 and R5 say it alike). */
#include <stdio.h>

#include "server/fhir/fhir_render_internal.h"

static lw_str slice(const char *text) {
    return (lw_str){text, (uint32_t)strlen(text)};
}

/* A device records, a person performs. */
static bool recorded_by_machine(const lw_event *event) {
    return event->by == LW_BY_DEVICE || event->by == LW_BY_ENGINE;
}

void lw__fhir_observation_facts(const lw_fhir_set *set, const lw_fhir_seen *seen, lw_fhir_facts *facts) {
    const char *type = NULL;
    char id[65];
    lw__fact_token(facts, LW_FHIR_P_PATIENT, "Patient", set->known->patient); /* in the pool already */
    lw__fact_token(facts, LW_FHIR_P_SUBJECT, "Patient", set->known->patient);
    lw__fact_date(facts, LW_FHIR_P_DATE, seen->event->at_s, seen->event->at_s + 1);
    lw__fact_token(facts, LW_FHIR_P_STATUS, "http://hl7.org/fhir/observation-status",
                   seen->event->voided ? "entered-in-error" : "final");
    lw__fact_code(facts, LW_FHIR_P_CATEGORY, seen->category);
    lw__fact_code(facts, LW_FHIR_P_CODE, seen->main.code);
    if (seen->exercise.len > 0 && lw__fhir_is_code(seen->exercise)) {
        char *code = lw_pool_text(facts->pool, seen->exercise);
        facts->failed = facts->failed || code == NULL;
        lw__fact_token(facts, LW_FHIR_P_CODE, LW_FHIR_EXERCISE_SYSTEM, code);
    }
    if (seen->test != NULL && seen->main.code == LW_FHIR_C_M_TEST) {
        lw__fact_token(facts, LW_FHIR_P_CODE, LW_FHIR_TEST_SYSTEM, seen->test);
    }
    if (recorded_by_machine(seen->event) || seen->event->by == LW_BY_PATIENT) {
        lw__fact_token(facts, LW_FHIR_P_PERFORMER, "Patient", set->known->patient);
    } else {
        lw__fhir_author(set, seen->event, &type, id);
        lw__fact_reference(facts, LW_FHIR_P_PERFORMER, type, id);
    }
    if (seen->event->kind == LW_KIND_OUTCOME) {
        lw__fact_identifier(facts, seen->event);
    }
    if (seen->main.value == LW_FHIR_V_QUANTITY) {
        lw__fact_quantity(facts, LW_FHIR_P_VALUE_QUANTITY, seen->main.x100, seen->main.unit);
    }
    for (uint32_t n = 0; lw__fhir_request_of(set, seen->event, n, id); n++) {
        lw__fact_reference(facts, LW_FHIR_P_BASED_ON, "ServiceRequest", id);
    }
    lw__fhir_event_id(seen->event, "", id);
    if (seen->part_of != NULL) {
        lw__fact_reference(facts, LW_FHIR_P_PART_OF, seen->part_of, id);
    }
    if (seen->derived_from != NULL) {
        lw__fact_reference(facts, LW_FHIR_P_DERIVED_FROM, seen->derived_from, id);
    }
    for (uint32_t i = 0; i < seen->count; i++) {
        const lw_fhir_measure *m = &seen->parts[i];
        lw__fact_code(facts, LW_FHIR_P_COMPONENT_CODE, m->code);
        if (m->value == LW_FHIR_V_QUANTITY) {
            lw__fact_quantity(facts, LW_FHIR_P_COMPONENT_VALUE_QUANTITY, m->x100, m->unit);
        }
    }
}

static void write_value(lw_buf *out, const lw_fhir_measure *m) {
    switch (m->value) {
    case LW_FHIR_V_QUANTITY:
        lw__fj_quantity(out, "valueQuantity", m->x100, m->unit);
        break;
    case LW_FHIR_V_BOOLEAN:
        lw__fj_bool(out, "valueBoolean", m->x100 != 0);
        break;
    case LW_FHIR_V_CODE:
        lw__fj_concept(out, "valueCodeableConcept", (int)m->x100, -1, -1);
        break;
    case LW_FHIR_V_TEXT:
        lw__fj_slice(out, "valueString", m->text);
        break;
    default:
        break;
    }
}

static void write_component(lw_buf *out, const lw_fhir_measure *m) {
    lw__fj_open(out, NULL, '{');
    if (m->set > 0) {
        lw__fj_open(out, "extension", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "url", LW_FHIR_URN "set");
        lw__fj_int(out, "valuePositiveInt", m->set);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
    lw__fj_concept(out, "code", m->code, -1, -1);
    write_value(out, m);
    lw__fj_close(out, '}');
}

static void write_code(const lw_fhir_set *set, const lw_fhir_seen *seen, lw_buf *out) {
    if (seen->exercise.len > 0) {
        lw__fj_exercise(out, "code", set, seen->exercise);
    } else if (seen->test != NULL && seen->main.code == LW_FHIR_C_M_TEST) {
        lw__fj_open(out, "code", '{');
        lw__fj_open(out, "coding", '[');
        lw__fj_coding_of(out, NULL, LW_FHIR_TEST_SYSTEM, slice(seen->test), NULL);
        lw__fj_close(out, ']');
        lw__fj_text(out, "text", seen->test);
        lw__fj_close(out, '}');
    } else {
        lw__fj_concept(out, "code", seen->main.code, -1, -1);
    }
}

static void write_method(const lw_fhir_seen *seen, lw_buf *out) {
    if (seen->method < 0) {
        return;
    }
    lw__fj_open(out, "method", '{');
    lw__fj_open(out, "coding", '[');
    lw__fj_coding(out, NULL, seen->method);
    if (seen->test != NULL) {
        lw__fj_coding_of(out, NULL, LW_FHIR_TEST_SYSTEM, slice(seen->test), NULL);
    }
    lw__fj_close(out, ']');
    lw__fj_text(out, "text", seen->test != NULL ? seen->test : lw_fhir_code_table[seen->method].text);
    lw__fj_close(out, '}');
}

void lw__fhir_write_observation(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    (void)v;
    lw_fhir_seen seen;
    if (!lw__fhir_observe(set, r->event, r->part, &seen)) {
        return;
    }
    char id[65];
    if (r->event->kind == LW_KIND_OUTCOME) {
        lw__fj_identifier(out, true, r->event);
    }
    for (uint32_t n = 0; lw__fhir_request_of(set, r->event, n, id); n++) {
        if (n == 0) {
            lw__fj_open(out, "basedOn", '[');
        }
        lw__fj_reference(out, NULL, "ServiceRequest", id);
    }
    if (lw__fhir_request_of(set, r->event, 0, id)) {
        lw__fj_close(out, ']');
    }
    lw__fhir_event_id(r->event, "", id);
    if (seen.part_of != NULL) {
        lw__fj_open(out, "partOf", '[');
        lw__fj_reference(out, NULL, seen.part_of, id);
        lw__fj_close(out, ']');
    }
    lw__fj_text(out, "status", r->event->voided ? "entered-in-error" : "final");
    lw__fj_open(out, "category", '[');
    lw__fj_concept(out, NULL, seen.category, -1, -1);
    lw__fj_close(out, ']');
    write_code(set, &seen, out);
    lw__fj_reference(out, "subject", "Patient", set->known->patient);
    lw__fj_when(out, "effectiveDateTime", r->event);
    lw__fj_open(out, "performer", '[');
    if (recorded_by_machine(r->event)) {
        lw__fj_reference(out, NULL, "Patient", set->known->patient);
    } else {
        lw__fj_author(out, NULL, set, r->event);
    }
    lw__fj_close(out, ']');
    write_value(out, &seen.main);
    if (seen.not_done) {
        lw__fj_open(out, "dataAbsentReason", '{');
        lw__fj_open(out, "coding", '[');
        lw__fj_coding(out, NULL, LW_FHIR_C_NOT_DONE);
        lw__fj_close(out, ']');
        char why[80];
        snprintf(why, sizeof why, "Not done: %s", seen.why_not);
        lw__fj_text(out, "text", why);
        lw__fj_close(out, '}');
    }
    if (seen.dropped > 0) {
        char note[80];
        snprintf(note, sizeof note, "%u more values are in the record.", seen.dropped);
        lw__fj_open(out, "note", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "text", note);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
    if (seen.site >= 0) {
        lw__fj_concept(out, "bodySite", seen.site, -1, -1);
    }
    write_method(&seen, out);
    if (seen.device.len > 0) {
        char device[65];
        lw__fhir_device_id(seen.device, "by", device);
        lw__fj_reference(out, "device", "Device", device);
    }
    if (seen.derived_from != NULL) {
        lw__fj_open(out, "derivedFrom", '[');
        lw__fj_reference(out, NULL, seen.derived_from, id);
        lw__fj_close(out, ']');
    }
    if (seen.count > 0) {
        lw__fj_open(out, "component", '[');
        for (uint32_t i = 0; i < seen.count; i++) {
            write_component(out, &seen.parts[i]);
        }
        lw__fj_close(out, ']');
    }
}
