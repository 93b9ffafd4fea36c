/* fhir_render_definitions.c: the protocol as PlanDefinition and ActivityDefinitions; the questionnaires. */
#include <stdio.h>

#include "protocol/protocol_tables.h"
#include "server/fhir/fhir_render_internal.h"

static void url_of(char *out, size_t cap, const lw_protocol *p, const char *type, lw_str what) {
    lw_str id = lw_protocol_id(p);
    snprintf(out, cap, LW_FHIR_URN "%s:%.*s%s%.*s", type, (int)id.len, id.ptr, what.len > 0 ? ":" : "", (int)what.len,
             what.len > 0 ? what.ptr : "");
}

static void definition_facts(lw_fhir_facts *facts, const char *url, lw_str version, lw_str title) {
    lw__fact_text(facts, LW_FHIR_P_URL, (lw_str){url, (uint32_t)strlen(url)});
    char *own = lw_pool_text(facts->pool, version);
    facts->failed = facts->failed || own == NULL;
    lw__fact_token(facts, LW_FHIR_P_VERSION, "", own);
    lw__fact_text(facts, LW_FHIR_P_TITLE, title);
    lw__fact_token(facts, LW_FHIR_P_STATUS, "http://hl7.org/fhir/publication-status", "active");
}

void lw__fhir_list_definitions(lw_fhir_maker *maker, lw_fhir_facts *facts) {
    const lw_fhir_set *set = maker->set;
    const lw_protocol *p = set->source.protocol;
    char id[65], url[320];
    if (p != NULL && lw__fhir_wanted(set, LW_FHIR_PLAN_DEFINITION)) {
        lw__fhir_protocol_id(p, id);
        url_of(url, sizeof url, p, "PlanDefinition", (lw_str){"", 0});
        definition_facts(facts, url, p->version, p->title);
        lw__fhir_add(maker, LW_FHIR_PLAN_DEFINITION, id, 0, NULL, 0, facts);
    }
    for (uint32_t i = 0; p != NULL && lw__fhir_wanted(set, LW_FHIR_ACTIVITY_DEFINITION) && i < p->exercise_count; i++) {
        lw__fhir_exercise_id(p, p->exercises[i].id, id);
        url_of(url, sizeof url, p, "ActivityDefinition", p->exercises[i].id);
        definition_facts(facts, url, p->version, p->exercises[i].title);
        lw__fhir_add(maker, LW_FHIR_ACTIVITY_DEFINITION, id, 0, NULL, i, facts);
    }
    for (uint32_t i = 0; i < LW_FHIR_FORMS && lw__fhir_wanted(set, LW_FHIR_QUESTIONNAIRE); i++) {
        const lw_fhir_form *f = &lw_fhir_forms[i];
        definition_facts(facts, f->url, (lw_str){f->version, (uint32_t)strlen(f->version)},
                         (lw_str){f->title, (uint32_t)strlen(f->title)});
        lw__fhir_add(maker, LW_FHIR_QUESTIONNAIRE, f->id, 0, NULL, i, facts);
    }
}

/* A name that programs may use: letters and digits, each word with a capital. */
static void computable(char *out, size_t cap, lw_str id) {
    size_t at = 0;
    bool up = true;
    for (uint32_t i = 0; i < id.len && at + 2 < cap; i++) {
        char c = id.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
        if (at == 0 && !letter) {
            out[at++] = 'X';
        }
        if (letter || digit) {
            out[at++] = (char)(up && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
        }
        up = !letter && !digit;
    }
    out[at] = '\0';
}

static void head(lw_buf *out, const char *url, lw_str version, lw_str id, lw_str title) {
    char name[100];
    computable(name, sizeof name, id);
    lw__fj_text(out, "url", url);
    lw__fj_slice(out, "version", version);
    lw__fj_text(out, "name", name);
    lw__fj_slice(out, "title", title);
}

static void rung_words(lw_buf *text, int level, const lw_rung *r) {
    lw_buf_fmt(text, "%sLevel %d: %d sets", level > 1 ? "\n" : "", level, r->sets);
    if (r->reps > 0) {
        lw_buf_fmt(text, ", %d repetitions", r->reps);
    }
    if (r->hold_s > 0) {
        lw_buf_fmt(text, ", hold %d s", r->hold_s);
    }
    if (r->distance_m > 0) {
        lw_buf_fmt(text, ", %d m", r->distance_m);
    }
    if (r->contacts > 0) {
        lw_buf_fmt(text, ", %d contacts", r->contacts);
    }
    if (r->load_pct > 0) {
        lw_buf_fmt(text, ", load %d %% of the first chosen", r->load_pct);
    }
    if (r->speed_pct > 0) {
        lw_buf_fmt(text, ", %d %% of the best speed", r->speed_pct);
    }
    if (r->rest_s > 0) {
        lw_buf_fmt(text, ", rest %d s", r->rest_s);
    }
    lw_buf_fmt(text, ", hip flexion at most %d degrees.", r->depth_deg);
}

void lw__fhir_write_activity_definition(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v,
                                        lw_buf *out) {
    (void)v;
    const lw_protocol *p = set->source.protocol;
    const lw_exercise *e = &p->exercises[r->part];
    char url[320];
    url_of(url, sizeof url, p, "ActivityDefinition", e->id);
    head(out, url, p->version, e->id, e->title);
    lw__fj_text(out, "status", "active");
    lw_buf ladder = {.max = 16384};
    for (int i = 0; i < e->rung_count; i++) {
        rung_words(&ladder, i + 1, &e->rungs[i]);
    }
    out->failed = out->failed || ladder.failed;
    if (!out->failed) {
        lw__fj_slice(out, "description", lw_buf_view(&ladder));
    }
    lw_buf_free(&ladder);
    lw__fj_text(out, "kind", "ServiceRequest");
    lw__fj_exercise(out, "code", set, e->id);
    lw__fj_text(out, "intent", "plan");
}

void lw__fhir_write_plan_definition(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    (void)r;
    (void)v;
    const lw_protocol *p = set->source.protocol;
    char url[320], hash[65];
    for (int i = 0; i < 32; i++) {
        snprintf(hash + 2 * i, 3, "%02x", p->hash[i]);
    }
    url_of(url, sizeof url, p, "PlanDefinition", (lw_str){"", 0});
    lw__fj_text(out, "url", url);
    lw__fj_open(out, "identifier", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "system", LW_FHIR_URN "protocol-sha256");
    lw__fj_text(out, "value", hash);
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
    char name[100];
    computable(name, sizeof name, p->id);
    lw__fj_slice(out, "version", p->version);
    lw__fj_text(out, "name", name);
    lw__fj_slice(out, "title", p->title);
    lw__fj_concept(out, "type", LW_FHIR_C_PROTOCOL, -1, -1);
    lw__fj_text(out, "status", "active");
    lw__fj_text(
        out, "description",
        "What may be asked, as a list of stages and their exercises. The rules that choose among them stand in the "
        "protocol's own text, which its SHA-256 names.");
    if (p->stage_count == 0) {
        return;
    }
    lw__fj_open(out, "action", '[');
    for (int s = 0; s < p->stage_count; s++) {
        lw__fj_open(out, NULL, '{');
        lw__fj_slice(out, "title", p->stages[s].title);
        uint64_t listed = 0;
        for (int slot = 0; slot < p->stages[s].slot_count; slot++) {
            for (int c = 0; c < p->stages[s].slots[slot].candidate_count; c++) {
                listed |= UINT64_C(1) << p->stages[s].slots[slot].candidates[c];
            }
        }
        if (listed != 0) {
            lw__fj_open(out, "action", '[');
        }
        for (int i = 0; i < p->exercise_count; i++) {
            if ((listed & UINT64_C(1) << i) == 0) {
                continue;
            }
            char canonical[400];
            url_of(url, sizeof url, p, "ActivityDefinition", p->exercises[i].id);
            snprintf(canonical, sizeof canonical, "%s|%.*s", url, (int)p->version.len, p->version.ptr);
            lw__fj_open(out, NULL, '{');
            lw__fj_slice(out, "title", p->exercises[i].title);
            lw__fj_text(out, "definitionCanonical", canonical);
            lw__fj_close(out, '}');
        }
        if (listed != 0) {
            lw__fj_close(out, ']');
        }
        lw__fj_close(out, '}');
    }
    lw__fj_close(out, ']');
}

/* ---- questionnaires ---- */

const lw_fhir_form *lw_fhir_form_of(lw_str canonical) {
    for (int i = 0; i < LW_FHIR_FORMS; i++) {
        const lw_fhir_form *f = &lw_fhir_forms[i];
        size_t url = strlen(f->url), version = strlen(f->version);
        if (canonical.len < url || memcmp(canonical.ptr, f->url, url) != 0) {
            continue;
        }
        if (canonical.len == url || (canonical.len == url + 1 + version && canonical.ptr[url] == '|' &&
                                     memcmp(canonical.ptr + url + 1, f->version, version) == 0)) {
            return f;
        }
    }
    return NULL;
}

#define HL7 "http://hl7.org/fhir/StructureDefinition/"

static void limit(lw_buf *out, const lw_fhir_item *item, const char *url, int32_t value) {
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "url", url);
    lw__fj_int(out, item->type == LW_FHIR_INTEGER ? "valueInteger" : "valueDecimal", value);
    lw__fj_close(out, '}');
}

/* SDC: a total that a form's filler works out by itself. */
static void formula(lw_buf *out, const lw_fhir_item *item) {
    if (item->sum == NULL) {
        return;
    }
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "url", "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression");
    lw__fj_open(out, "valueExpression", '{');
    lw__fj_text(out, "description", "The sum of the points; none before all that is asked has its answer");
    lw__fj_text(out, "language", "text/fhirpath");
    lw__fj_text(out, "expression", item->sum);
    lw__fj_close(out, '}');
    lw__fj_close(out, '}');
}

/* "_text": the same in Spanish, as HL7's own extension has it. */
static void spanish(lw_buf *out, const char *name, const char *text) {
    if (text == NULL) {
        return;
    }
    lw__fj_open(out, name, '{');
    lw__fj_open(out, "extension", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "url", HL7 "translation");
    lw__fj_open(out, "extension", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "url", "lang");
    lw__fj_text(out, "valueCode", "es");
    lw__fj_close(out, '}');
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "url", "content");
    lw__fj_text(out, "valueString", text);
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
    lw__fj_close(out, '}');
}

/* R5 moved the points of an option from an ordinal to a weight. */
static void option(lw_buf *out, const lw_fhir_item *item, int i, lw_fhir_version v) {
    lw__fj_open(out, NULL, '{');
    lw__fj_open(out, "valueCoding", '{');
    if (item->points) {
        lw__fj_open(out, "extension", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "url", v == LW_FHIR_R4 ? HL7 "ordinalValue" : HL7 "itemWeight");
        lw__fj_raw(out, "valueDecimal", item->codes[i]);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
    lw__fj_text(out, "system", item->system);
    lw__fj_text(out, "code", item->codes[i]);
    lw__fj_text(out, "display", item->displays[i]);
    spanish(out, "_display", item->es != NULL ? item->es[i] : NULL);
    lw__fj_close(out, '}');
    lw__fj_close(out, '}');
}

static void question(lw_buf *out, const lw_fhir_form *form, const lw_fhir_item *item, lw_fhir_version v) {
    static const char *const types[] = {"decimal", "integer", "boolean", "choice"};
    lw__fj_open(out, NULL, '{');
    if (item->type == LW_FHIR_DECIMAL || item->type == LW_FHIR_INTEGER) {
        lw__fj_open(out, "extension", '[');
        limit(out, item, HL7 "minValue", item->min);
        limit(out, item, HL7 "maxValue", item->max);
        if (item->type == LW_FHIR_DECIMAL) {
            lw__fj_open(out, NULL, '{');
            lw__fj_text(out, "url", HL7 "maxDecimalPlaces");
            lw__fj_int(out, "valueInteger", 2);
            lw__fj_close(out, '}');
        }
        formula(out, item);
        lw__fj_close(out, ']');
    }
    lw__fj_text(out, "linkId", item->link_id);
    lw__fj_text(out, "text", item->text);
    spanish(out, "_text", item->text_es);
    lw__fj_text(out, "type", item->type == LW_FHIR_CHOICE && v == LW_FHIR_R5 ? "coding" : types[item->type]);
    if (item->enable_when != NULL) {
        lw__fj_open(out, "enableWhen", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "question", item->enable_when);
        lw__fj_text(out, "operator", item->enable_code != NULL ? "=" : "exists");
        if (item->enable_code == NULL) {
            lw__fj_bool(out, "answerBoolean", true);
        }
        for (uint32_t i = 0; item->enable_code != NULL && i < form->count; i++) {
            if (strcmp(form->items[i].link_id, item->enable_when) == 0) {
                lw__fj_coding_of(out, "answerCoding", form->items[i].system,
                                 (lw_str){item->enable_code, (uint32_t)strlen(item->enable_code)}, NULL);
            }
        }
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
    if (item->required) {
        lw__fj_bool(out, "required", true);
    }
    if (item->sum != NULL) {
        lw__fj_bool(out, "readOnly", true);
    }
    if (item->type == LW_FHIR_CHOICE) {
        if (v == LW_FHIR_R5) {
            lw__fj_text(out, "answerConstraint", "optionsOnly");
        }
        lw__fj_open(out, "answerOption", '[');
        for (int i = 0; item->codes[i] != NULL; i++) {
            option(out, item, i, v);
        }
        lw__fj_close(out, ']');
    }
    lw__fj_close(out, '}');
}

/* How versions of a form compare: whole numbers. An element of R5, which R4 says by its extension; SDC wants it. */
static void version_algorithm(lw_buf *out, lw_fhir_version v) {
    if (v == LW_FHIR_R4) {
        lw__fj_open(out, "extension", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "url",
                    "http://hl7.org/fhir/5.0/StructureDefinition/extension-Questionnaire.versionAlgorithm[x]");
    }
    lw__fj_open(out, v == LW_FHIR_R4 ? "valueCoding" : "versionAlgorithmCoding", '{');
    lw__fj_text(out, "system", "http://hl7.org/fhir/version-algorithm");
    lw__fj_text(out, "code", "integer");
    lw__fj_close(out, '}');
    if (v == LW_FHIR_R4) {
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
}

void lw__fhir_write_questionnaire(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    (void)set;
    const lw_fhir_form *f = &lw_fhir_forms[r->part];
    version_algorithm(out, v);
    head(out, f->url, (lw_str){f->version, (uint32_t)strlen(f->version)}, (lw_str){f->id, (uint32_t)strlen(f->id)},
         (lw_str){f->title, (uint32_t)strlen(f->title)});
    lw__fj_text(out, "status", "active");
    lw__fj_open(out, "subjectType", '[');
    lw__fj_text(out, NULL, "Patient");
    lw__fj_close(out, ']');
    lw__fj_text(out, "description", f->description);
    lw__fj_open(out, "item", '[');
    for (uint32_t i = 0; i < f->count; i++) {
        question(out, f, &f->items[i], v);
    }
    lw__fj_close(out, ']');
}
