/* fhir_render_trail.c: Provenance (who said what, with what) and AuditEvent (who looked), the latter as IHE BALP shapes it. */
#include <stdio.h>

#include "server/fhir/fhir_render_internal.h"

/* ---- Provenance ---- */

static void target(lw_buf *out, const char *name, bool *open, int type, const char *id) {
    if (out != NULL) {
        if (!*open) {
            lw__fj_open(out, name, '[');
        }
        lw__fj_reference(out, NULL, lw_fhir_type_name(type), id);
    }
    *open = true;
}

bool lw__fj_targets(const lw_fhir_set *set, const lw_event *event, const char *name, lw_buf *out) {
    const struct lw_fhir_known *k = set->known;
    bool open = false;
    char id[65];
    lw_fhir_seen seen;
    if (event->kind == LW_KIND_VOID) {
        const lw_event *of = lw__fhir_event(set, ((const struct lw_ev_void *)event->data)->event);
        event = event->ineffective || of == NULL || !of->voided || of->kind == LW_KIND_VOID ? NULL : of;
    }
    if (event == NULL) {
        return false;
    }
    for (uint32_t part = 0; part < LW_FHIR_PER_EVENT && lw__fhir_observe(set, event, part, &seen); part++) {
        target(out, name, &open, LW_FHIR_OBSERVATION, seen.id);
    }
    lw__fhir_event_id(event, "", id);
    if (lw__fhir_form_of_event(event) >= 0) {
        target(out, name, &open, LW_FHIR_QUESTIONNAIRE_RESPONSE, id);
    }
    if (event->kind == LW_KIND_SHOCKWAVE) {
        target(out, name, &open, LW_FHIR_PROCEDURE, id);
    }
    if (event == k->started || (event->kind == LW_KIND_DECIDED && k->started != NULL)) {
        target(out, name, &open, LW_FHIR_CARE_PLAN, k->plan_id);
    }
    lw_texts what = {0};
    if (!event->voided && event->kind == LW_KIND_ADVERSE) {
        what = ((const struct lw_ev_adverse *)event->data)->what;
    } else if (!event->voided && event->kind == LW_KIND_SHOCKWAVE) {
        what = ((const struct lw_ev_shockwave *)event->data)->adverse;
    }
    for (uint32_t i = 0; i < what.count; i++) {
        char suffix[16];
        snprintf(suffix, sizeof suffix, "ae%u", i + 1);
        lw__fhir_event_id(event, suffix, id);
        target(out, name, &open, LW_FHIR_ADVERSE_EVENT, id);
    }
    for (int side = LW_SIDE_LEFT; event == k->first_enrolled && side <= LW_SIDE_RIGHT; side++) {
        if ((k->sides & LW_BIT(side)) != 0) {
            lw__fhir_event_id(event, lw_side_names[side], id);
            target(out, name, &open, LW_FHIR_CONDITION, id);
        }
    }
    if (open && out != NULL) {
        lw__fj_close(out, ']');
    }
    return open;
}

void lw__fhir_list_trail(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts) {
    const lw_fhir_set *set = maker->set;
    if (!lw__fhir_wanted(set, LW_FHIR_PROVENANCE) || !lw__fj_targets(set, event, NULL, NULL)) {
        return;
    }
    lw__fact_reference(facts, LW_FHIR_P_PATIENT, "Patient", set->known->patient);
    const char *type = NULL;
    char id[65];
    lw__fact_date(facts, LW_FHIR_P_RECORDED, event->at_s, event->at_s + 1);
    lw__fhir_author(set, event, &type, id);
    lw__fact_reference(facts, LW_FHIR_P_AGENT, type, id);
    const lw_event *of =
        event->kind == LW_KIND_VOID ? lw__fhir_event(set, ((const struct lw_ev_void *)event->data)->event) : event;
    lw_fhir_seen seen;
    for (uint32_t part = 0; part < LW_FHIR_PER_EVENT && lw__fhir_observe(set, of, part, &seen); part++) {
        lw__fact_reference(facts, LW_FHIR_P_TARGET, "Observation", seen.id);
    }
    lw__fhir_event_id(of, "", id);
    if (lw__fhir_form_of_event(of) >= 0) {
        lw__fact_reference(facts, LW_FHIR_P_TARGET, "QuestionnaireResponse", id);
    }
    if (of->kind == LW_KIND_SHOCKWAVE) {
        lw__fact_reference(facts, LW_FHIR_P_TARGET, "Procedure", id);
    }
    if (of == set->known->started || (of->kind == LW_KIND_DECIDED && set->known->started != NULL)) {
        lw__fact_reference(facts, LW_FHIR_P_TARGET, "CarePlan", set->known->plan_id);
    }
    lw__fhir_event_id(event, "", id);
    lw__fhir_add(maker, LW_FHIR_PROVENANCE, id, event->at_s, event, 0, facts);
}

static void entity(lw_buf *out, const char *system, lw_str value) {
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "role", "source");
    lw__fj_open(out, "what", '{');
    lw__fj_open(out, "identifier", '{');
    lw__fj_text(out, "system", system);
    lw__fj_slice(out, "value", value);
    lw__fj_close(out, '}');
    lw__fj_close(out, '}');
    lw__fj_close(out, '}');
}

static void entities(const lw_event *event, lw_buf *out) {
    if (event->kind == LW_KIND_DECIDED) {
        const struct lw_ev_decided *d = event->data;
        char hash[2][65];
        for (int i = 0; i < 32; i++) {
            snprintf(hash[0] + 2 * i, 3, "%02x", d->protocol_sha256[i]);
            snprintf(hash[1] + 2 * i, 3, "%02x", d->inputs[i]);
        }
        lw__fj_open(out, "entity", '[');
        entity(out, LW_FHIR_URN "protocol-sha256", (lw_str){hash[0], 64});
        entity(out, LW_FHIR_URN "record-sha256", (lw_str){hash[1], 64});
        lw__fj_close(out, ']');
    } else if (event->kind == LW_KIND_ACTIVITY) {
        const struct lw_ev_activity *a = event->data;
        if ((a->has & LW_HAS_ACTIVITY_SOURCE) != 0 && lw__fhir_is_code(a->source)) {
            lw__fj_open(out, "entity", '[');
            entity(out, LW_FHIR_URN "import", a->source);
            lw__fj_close(out, ']');
        }
    }
}

void lw__fhir_write_provenance(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    (void)v;
    (void)lw__fj_targets(set, r->event, "target", out);
    lw__fj_when(out, "occurredDateTime", r->event);
    lw__fj_instant(out, "recorded", r->event->at_s);
    lw__fj_concept(out, "activity", r->event->kind == LW_KIND_VOID ? LW_FHIR_C_NULLIFY : LW_FHIR_C_CREATE, -1, -1);
    lw__fj_open(out, "agent", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_concept(out, "type", LW_FHIR_C_AUTHOR, -1, -1);
    lw__fj_author(out, "who", set, r->event);
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
    entities(r->event, out);
}

/* ---- AuditEvent ---- */

static int subtype(char action) {
    return action == 'C'   ? LW_FHIR_C_REST_CREATE
           : action == 'U' ? LW_FHIR_C_REST_UPDATE
           : action == 'D' ? LW_FHIR_C_REST_DELETE
           : action == 'E' ? LW_FHIR_C_REST_SEARCH
                           : LW_FHIR_C_REST_READ;
}

static const char *action_of(const lw_fhir_access *access) {
    static const char *const actions[] = {"C", "U", "D", "E"};
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (actions[i][0] == access->action) {
            return actions[i];
        }
    }
    return "R";
}

/*
 * Who asked, as a resource: the patient, or one of the clinic's practitioners, who are those with a name here. NULL: the
 * trail knows an account and no more.
 */
static const char *who_of(const lw_fhir_access *a, char id[65]) {
    if (a->who == NULL || (a->by_patient && a->patient == NULL) || (!a->by_patient && a->who_name == NULL)) {
        return NULL;
    }
    lw_str known = {a->by_patient ? a->patient : a->who, 0};
    known.len = (uint32_t)strlen(known.ptr);
    lw_fhir_id(known, id);
    return a->by_patient ? "Patient" : "Practitioner";
}

void lw__fhir_list_accesses(lw_fhir_maker *maker, lw_fhir_facts *facts) {
    const lw_fhir_set *set = maker->set;
    for (uint32_t i = 0; i < set->source.access_count && lw__fhir_wanted(set, LW_FHIR_AUDIT_EVENT); i++) {
        const lw_fhir_access *a = &set->source.accesses[i];
        char id[65];
        lw__fact_date(facts, LW_FHIR_P_DATE, a->at_s, a->at_s + 1);
        if (a->patient != NULL) {
            lw__fact_reference(facts, LW_FHIR_P_PATIENT, "Patient", a->patient);
        }
        lw__fact_token(facts, LW_FHIR_P_ACTION, "http://hl7.org/fhir/audit-event-action", action_of(a));
        lw__fact_token(facts, LW_FHIR_P_OUTCOME, "http://hl7.org/fhir/audit-event-outcome", a->refused ? "4" : "0");
        if (who_of(a, id) != NULL) {
            lw__fact_reference(facts, LW_FHIR_P_AGENT, who_of(a, id), id);
        }
        lw__fhir_add(maker, LW_FHIR_AUDIT_EVENT, a->id, a->at_s, NULL, i, facts);
    }
}

/* "2": an address of a network, "1": a machine's name. */
static void agent(lw_buf *out, lw_fhir_version v, int role, const char *display, const char *address) {
    lw__fj_open(out, NULL, '{');
    lw__fj_concept(out, "type", role, -1, -1);
    lw__fj_open(out, "who", '{');
    lw__fj_text(out, "display", display);
    lw__fj_close(out, '}');
    lw__fj_bool(out, "requestor", false);
    if (v == LW_FHIR_R4) {
        bool name = strspn(address, "0123456789abcdefABCDEF.:") != strlen(address);
        lw__fj_open(out, "network", '{');
        lw__fj_text(out, "address", address);
        lw__fj_text(out, "type", name ? "1" : "2");
        lw__fj_close(out, '}');
    } else {
        lw__fj_text(out, "networkString", address);
    }
    lw__fj_close(out, '}');
}

static void base64(lw_buf *out, const char *name, const char *text) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    lw_buf coded = {.max = 65536};
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i += 3) {
        uint32_t rest = (uint32_t)(len - i), bits = (uint32_t)(uint8_t)text[i] << 16;
        bits |= rest > 1 ? (uint32_t)(uint8_t)text[i + 1] << 8 : 0;
        bits |= rest > 2 ? (uint32_t)(uint8_t)text[i + 2] : 0;
        char four[4] = {letters[bits >> 18], letters[bits >> 12 & 63], rest > 1 ? letters[bits >> 6 & 63] : '=',
                        rest > 2 ? letters[bits & 63] : '='};
        lw_buf_add(&coded, four, 4);
    }
    out->failed = out->failed || coded.failed;
    if (!out->failed && coded.len > 0) {
        lw__fj_slice(out, name, lw_buf_view(&coded));
    }
    lw_buf_free(&coded);
}

/* The patient, and what was read or written, or the query; out of a trail that knows neither, the server itself. */
static void about(const lw_fhir_access *a, lw_fhir_version v, lw_buf *out) {
    bool query = a->action == 'E', known = a->about != NULL && a->about[0] != '\0';
    lw__fj_open(out, "entity", '[');
    if (a->patient != NULL) {
        lw__fj_open(out, NULL, '{');
        lw__fj_reference(out, "what", "Patient", a->patient);
        if (v == LW_FHIR_R4) {
            lw__fj_coding(out, "type", LW_FHIR_C_ENTITY_PERSON);
            lw__fj_coding(out, "role", LW_FHIR_C_ROLE_PATIENT);
        } else {
            lw__fj_concept(out, "role", LW_FHIR_C_ROLE_PATIENT, -1, -1);
        }
        lw__fj_close(out, '}');
    }
    lw__fj_open(out, NULL, '{');
    if (!query) {
        lw__fj_open(out, "what", '{');
        lw__fj_text(out, known ? "reference" : "display", known ? a->about : "Loadwave");
        lw__fj_close(out, '}');
    }
    int role = query ? LW_FHIR_C_ROLE_QUERY : LW_FHIR_C_ROLE_DOMAIN;
    if (v == LW_FHIR_R4) {
        lw__fj_coding(out, "type", LW_FHIR_C_ENTITY_SYSTEM);
        lw__fj_coding(out, "role", role);
    } else {
        lw__fj_concept(out, "role", role, -1, -1);
    }
    if (query) {
        base64(out, "query", known ? a->about : "?");
    }
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
}

void lw__fhir_write_audit(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    const lw_fhir_access *a = &set->source.accesses[r->part];
    const char *action = action_of(a);
    bool reads = action[0] == 'R';
    char id[65];
    if (v == LW_FHIR_R4) {
        lw__fj_coding(out, "type", LW_FHIR_C_AUDIT_REST);
        lw__fj_open(out, "subtype", '[');
        lw__fj_coding(out, NULL, subtype(action[0]));
        lw__fj_close(out, ']');
    } else {
        lw__fj_open(out, "category", '[');
        lw__fj_concept(out, NULL, LW_FHIR_C_AUDIT_REST, -1, -1);
        lw__fj_close(out, ']');
        lw__fj_concept(out, "code", subtype(action[0]), -1, -1);
    }
    lw__fj_text(out, "action", action);
    lw__fj_instant(out, "recorded", a->at_s);
    if (v == LW_FHIR_R4) {
        lw__fj_text(out, "outcome", a->refused ? "4" : "0");
    } else {
        lw__fj_open(out, "outcome", '{');
        lw__fj_coding_of(out, "code", "http://hl7.org/fhir/issue-severity",
                         a->refused ? LW_STR("error") : LW_STR("information"), NULL);
        lw__fj_close(out, '}');
        if (a->patient != NULL) {
            lw__fj_reference(out, "patient", "Patient", a->patient);
        }
    }
    lw__fj_open(out, "agent", '[');
    /* for a read the data come from the server; for the rest they come from the client */
    agent(out, v, reads ? LW_FHIR_C_DCM_DESTINATION : LW_FHIR_C_DCM_SOURCE, "client",
          a->address != NULL && a->address[0] != '\0' ? a->address : "unknown");
    agent(out, v, reads ? LW_FHIR_C_DCM_SOURCE : LW_FHIR_C_DCM_DESTINATION, "Loadwave", "loadwave");
    if (a->who != NULL) { /* who reads receives, who writes is the author */
        lw__fj_open(out, NULL, '{');
        lw__fj_concept(out, "type", reads || action[0] == 'E' ? LW_FHIR_C_IRCP : LW_FHIR_C_AUTHOR_ROLE, -1, -1);
        lw__fj_open(out, "who", '{');
        if (who_of(a, id) != NULL) {
            lw_buf_fmt(out, "\"reference\":\"%s/%s\"", who_of(a, id), id);
        } else {
            lw__fj_open(out, "identifier", '{');
            lw__fj_text(out, "system", LW_FHIR_URN "account");
            lw__fj_text(out, "value", a->who);
            lw__fj_close(out, '}');
        }
        lw__fj_text(out, "display", a->who_name);
        lw__fj_close(out, '}');
        lw__fj_bool(out, "requestor", true);
        lw__fj_close(out, '}');
    }
    lw__fj_close(out, ']');
    lw__fj_open(out, "source", '{');
    lw__fj_reference(out, "observer", "Device", "loadwave");
    lw__fj_close(out, '}');
    about(a, v, out);
}
