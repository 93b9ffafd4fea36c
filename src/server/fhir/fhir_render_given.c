/* fhir_render_given.c: Procedure and AdverseEvent: shockwave as it was given, and what followed. */
#include <stdio.h>

#include "server/fhir/fhir_render_internal.h"

static void about_patient(const lw_fhir_set *set, lw_fhir_facts *facts) {
    lw__fact_reference(facts, LW_FHIR_P_PATIENT, "Patient", set->known->patient);
    lw__fact_reference(facts, LW_FHIR_P_SUBJECT, "Patient", set->known->patient);
}

static int code_of(const struct lw_ev_shockwave *s) {
    return (s->has & LW_HAS_SHOCKWAVE_WAVE) == 0 ? LW_FHIR_C_ESWT
           : s->wave == LW_WAVE_RADIAL           ? LW_FHIR_C_ESWT_RADIAL
                                                 : LW_FHIR_C_ESWT_FOCUSED;
}

/* The effects of an event, and whether it says that they are serious. */
static lw_texts effects(const lw_event *event, bool *said, bool *serious) {
    *said = event->kind == LW_KIND_ADVERSE;
    *serious = *said && ((const struct lw_ev_adverse *)event->data)->serious != 0;
    if (*said) {
        return ((const struct lw_ev_adverse *)event->data)->what;
    }
    return event->kind == LW_KIND_SHOCKWAVE ? ((const struct lw_ev_shockwave *)event->data)->adverse : (lw_texts){0};
}

/* The shockwave it followed; NULL: none, or not known. */
static const lw_event *cause(const lw_fhir_set *set, const lw_event *event) {
    if (event->kind == LW_KIND_SHOCKWAVE) {
        return event;
    }
    const struct lw_ev_adverse *a = event->data;
    const lw_event *of = (a->has & LW_HAS_ADVERSE_OF) != 0 ? lw__fhir_event(set, a->of) : NULL;
    return of != NULL && of->kind == LW_KIND_SHOCKWAVE ? of : NULL;
}

static void effect_id(const lw_event *event, uint32_t n, char out[65]) {
    char suffix[16];
    snprintf(suffix, sizeof suffix, "ae%u", n + 1);
    lw__fhir_event_id(event, suffix, out);
}

void lw__fhir_list_given(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts) {
    const lw_fhir_set *set = maker->set;
    int64_t changed = lw__fhir_changed(set->known, event);
    char id[65];
    if (event->kind == LW_KIND_SHOCKWAVE && lw__fhir_wanted(set, LW_FHIR_PROCEDURE)) {
        const char *type = NULL;
        about_patient(set, facts);
        lw__fact_code(facts, LW_FHIR_P_CODE, code_of(event->data));
        lw__fact_code(facts, LW_FHIR_P_CODE, LW_FHIR_C_ESWT_PCS);
        lw__fact_token(facts, LW_FHIR_P_STATUS, "http://hl7.org/fhir/event-status",
                       event->voided ? "entered-in-error" : "completed");
        lw__fact_date(facts, LW_FHIR_P_DATE, event->at_s, event->at_s + 1);
        if (event->by == LW_BY_CLINICIAN) {
            lw__fhir_author(set, event, &type, id);
            lw__fact_reference(facts, LW_FHIR_P_PERFORMER, type, id);
        }
        lw__fhir_event_id(event, "", id);
        lw__fhir_add(maker, LW_FHIR_PROCEDURE, id, changed, event, 0, facts);
    }
    bool said = false, serious = false;
    lw_texts what = effects(event, &said, &serious);
    if (event->voided || !lw__fhir_wanted(set, LW_FHIR_ADVERSE_EVENT)) { /* R4's AdverseEvent knows no error */
        return;
    }
    for (uint32_t i = 0; i < what.count; i++) {
        about_patient(set, facts);
        lw__fact_token(facts, LW_FHIR_P_ACTUALITY, "http://hl7.org/fhir/adverse-event-actuality", "actual");
        lw__fact_date(facts, LW_FHIR_P_DATE, event->at_s, event->at_s + 1);
        if (said) {
            lw__fact_code(facts, LW_FHIR_P_SERIOUSNESS, serious ? LW_FHIR_C_SERIOUS : LW_FHIR_C_NON_SERIOUS);
        }
        if (cause(set, event) != NULL) {
            lw__fhir_event_id(cause(set, event), "", id);
            lw__fact_reference(facts, LW_FHIR_P_SUBSTANCE, "Procedure", id);
        }
        effect_id(event, i, id);
        lw__fhir_add(maker, LW_FHIR_ADVERSE_EVENT, id, changed, event, i, facts);
    }
}

void lw__fhir_write_procedure(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    const struct lw_ev_shockwave *s = r->event->data;
    const struct lw_fhir_known *k = set->known;
    char id[65];
    int site = 0;
    lw__fj_text(out, "status", r->event->voided ? "entered-in-error" : "completed");
    lw__fj_concept(out, "code", code_of(s), LW_FHIR_C_ESWT_PCS, -1);
    lw__fj_reference(out, "subject", "Patient", k->patient);
    lw__fj_when(out, v == LW_FHIR_R4 ? "performedDateTime" : "occurrenceDateTime", r->event);
    if (r->event->by == LW_BY_CLINICIAN) {
        lw__fj_author(out, "recorder", set, r->event);
        lw__fj_open(out, "performer", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_author(out, "actor", set, r->event);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    } else { /* given elsewhere, told by the patient */
        lw__fj_reference(out, v == LW_FHIR_R4 ? "asserter" : "reportedReference", "Patient", k->patient);
    }
    if (k->first_enrolled != NULL) {
        bool open = false;
        for (int side = LW_SIDE_LEFT; side <= LW_SIDE_RIGHT; side++) {
            bool treated = s->side == LW_SIDE_BOTH || s->side == side;
            if (!treated || (k->sides & LW_BIT(side)) == 0) {
                continue;
            }
            if (!open) {
                lw__fj_open(out, v == LW_FHIR_R4 ? "reasonReference" : "reason", '[');
                open = true;
            }
            lw__fhir_event_id(k->first_enrolled, lw_side_names[side], id);
            if (v == LW_FHIR_R5) {
                lw__fj_open(out, NULL, '{');
            }
            lw__fj_reference(out, v == LW_FHIR_R5 ? "reference" : NULL, "Condition", id);
            if (v == LW_FHIR_R5) {
                lw__fj_close(out, '}');
            }
        }
        if (open) {
            lw__fj_close(out, ']');
        }
    }
    (void)lw__fhir_side_code(s->side, &site);
    lw__fj_open(out, "bodySite", '[');
    lw__fj_concept(out, NULL, site, -1, -1);
    lw__fj_close(out, ']');
    if (s->adverse.count > 0) {
        lw__fj_open(out, "complication", '[');
        for (uint32_t i = 0; i < s->adverse.count; i++) {
            lw__fj_open(out, NULL, '{');
            if (v == LW_FHIR_R5) {
                lw__fj_open(out, "concept", '{');
            }
            lw__fj_slice(out, "text", s->adverse.items[i]);
            lw__fj_filled(out);
            if (v == LW_FHIR_R5) {
                lw__fj_close(out, '}');
            }
            lw__fj_close(out, '}');
        }
        lw__fj_close(out, ']');
    }
    if ((s->has & (LW_HAS_SHOCKWAVE_ANAESTHETIC | LW_HAS_SHOCKWAVE_CONSENT)) != 0) {
        char note[120] = "";
        snprintf(note, sizeof note, "%s%s",
                 (s->has & LW_HAS_SHOCKWAVE_ANAESTHETIC) == 0 ? ""
                 : s->anaesthetic                             ? "With a local anaesthetic. "
                                                              : "Without a local anaesthetic. ",
                 (s->has & LW_HAS_SHOCKWAVE_CONSENT) == 0 ? ""
                 : s->consent                             ? "Consent was given."
                                                          : "Consent is not recorded as given.");
        lw__fj_open(out, "note", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "text", note);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
    if ((s->has & LW_HAS_SHOCKWAVE_DEVICE) != 0) {
        lw__fhir_device_id(s->device, "sw", id);
        lw__fj_open(out, v == LW_FHIR_R4 ? "usedReference" : "used", '[');
        if (v == LW_FHIR_R5) {
            lw__fj_open(out, NULL, '{');
        }
        lw__fj_reference(out, v == LW_FHIR_R5 ? "reference" : NULL, "Device", id);
        if (v == LW_FHIR_R5) {
            lw__fj_close(out, '}');
        }
        lw__fj_close(out, ']');
    }
}

void lw__fhir_write_adverse(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    bool said = false, serious = false;
    lw_texts what = effects(r->event, &said, &serious);
    const lw_event *of = cause(set, r->event);
    char id[65];
    if (v == LW_FHIR_R5) {
        lw__fj_text(out, "status", "completed");
    }
    lw__fj_text(out, "actuality", "actual");
    lw__fj_open(out, v == LW_FHIR_R4 ? "event" : "code", '{');
    lw__fj_slice(out, "text", what.items[r->part]);
    lw__fj_filled(out);
    lw__fj_close(out, '}');
    lw__fj_reference(out, "subject", "Patient", set->known->patient);
    lw__fj_when(out, v == LW_FHIR_R4 ? "date" : "occurrenceDateTime", r->event);
    if (said) {
        lw__fj_concept(out, "seriousness", serious ? LW_FHIR_C_SERIOUS : LW_FHIR_C_NON_SERIOUS, -1, -1);
    }
    lw__fj_author(out, "recorder", set, r->event);
    if (of != NULL) {
        lw__fhir_event_id(of, "", id);
        lw__fj_open(out, "suspectEntity", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_reference(out, v == LW_FHIR_R4 ? "instance" : "instanceReference", "Procedure", id);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
}
