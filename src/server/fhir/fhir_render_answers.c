/*
 * fhir_render_answers.c: QuestionnaireResponse: a check-in, and a VISA-H whose single answers are in the record.
 *
 * A VISA-H's items are nine numbers: the points of questions 1 to 7, the branch of question 8 (1 to 3), its points; its score
 * is the sum of the points. Anything else stays a total, which is all that a total can be.
 */
#include <stdio.h>

#include "server/fhir/fhir_render_internal.h"
#include "words/json_pick.h"

enum { VISA_ITEMS = 9, BRANCH = 7, POINTS = 8 };

/* Whether nine numbers are answers that the form allows, and the score is their sum. */
static bool visa_fits(const struct lw_ev_outcome *o) {
    static const int32_t most[] = {3000, 2000, 1000};
    if (o->instrument != LW_INSTRUMENT_VISA_H || (o->has & LW_HAS_OUTCOME_ITEMS) == 0 ||
        o->items_x100.count != VISA_ITEMS) {
        return false;
    }
    const int32_t *n = o->items_x100.items;
    int64_t sum = (int64_t)n[6] + n[POINTS];
    for (int i = 0; i < 6; i++) {
        if (n[i] < 0 || n[i] > 1000) {
            return false;
        }
        sum += n[i];
    }
    bool seventh = n[6] == 0 || n[6] == 400 || n[6] == 700 || n[6] == 1000;
    bool branch = n[BRANCH] == 100 || n[BRANCH] == 200 || n[BRANCH] == 300;
    return sum == o->score_x100 && seventh && branch && n[POINTS] >= 0 && n[POINTS] <= most[n[BRANCH] / 100 - 1];
}

int lw__fhir_form_of_event(const lw_event *event) {
    if (event->kind == LW_KIND_CHECKIN) {
        return LW_FHIR_FORM_CHECKIN;
    }
    return event->kind == LW_KIND_OUTCOME && visa_fits(event->data) ? LW_FHIR_FORM_VISA_H : -1;
}

bool lw__fhir_given_identifier(lw_pool *pool, const lw_event *event, const char **system, const char **value) {
    lw_str given = {0}, part = {0};
    if (!lw__pick(event->raw, "x_fhir_identifier", &given)) {
        return false;
    }
    *system = lw__pick(given, "system", &part) ? lw__pick_text(pool, part) : NULL;
    *value = lw__pick(given, "value", &part) ? lw__pick_text(pool, part) : NULL;
    return *system != NULL && *value != NULL;
}

void lw__fact_identifier(lw_fhir_facts *facts, const lw_event *event) {
    const char *system = NULL, *value = NULL;
    if (lw__fhir_given_identifier(facts->pool, event, &system, &value)) {
        lw__fact_token(facts, LW_FHIR_P_IDENTIFIER, system, value);
    }
}

void lw__fj_identifier(lw_buf *out, bool list, const lw_event *event) {
    lw_pool pool = {0};
    const char *system = NULL, *value = NULL;
    if (lw__fhir_given_identifier(&pool, event, &system, &value)) {
        if (list) {
            lw__fj_open(out, "identifier", '[');
        }
        lw__fj_open(out, list ? NULL : "identifier", '{');
        lw__fj_text(out, "system", system);
        lw__fj_text(out, "value", value);
        lw__fj_close(out, '}');
        if (list) {
            lw__fj_close(out, ']');
        }
    }
    out->failed = out->failed || pool.failed; /* an identifier that could not be read is not one that is not there */
    lw_pool_free(&pool);
}

void lw__fhir_list_answers(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts) {
    const lw_fhir_set *set = maker->set;
    int form = lw__fhir_form_of_event(event);
    if (form < 0 || !lw__fhir_wanted(set, LW_FHIR_QUESTIONNAIRE_RESPONSE)) {
        return;
    }
    const char *type = NULL;
    char id[65], canonical[120];
    lw__fact_reference(facts, LW_FHIR_P_PATIENT, "Patient", set->known->patient);
    lw__fact_reference(facts, LW_FHIR_P_SUBJECT, "Patient", set->known->patient);
    snprintf(canonical, sizeof canonical, "%s|%s", lw_fhir_forms[form].url, lw_fhir_forms[form].version);
    lw__fact_reference(facts, LW_FHIR_P_QUESTIONNAIRE, "", canonical);
    lw__fact_date(facts, LW_FHIR_P_AUTHORED, event->at_s, event->at_s + 1);
    lw__fact_token(facts, LW_FHIR_P_STATUS, "http://hl7.org/fhir/questionnaire-answers-status",
                   event->voided ? "entered-in-error" : "completed");
    lw__fhir_author(set, event, &type, id);
    lw__fact_reference(facts, LW_FHIR_P_AUTHOR, type, id);
    lw__fact_reference(facts, LW_FHIR_P_SOURCE, "Patient", set->known->patient);
    lw__fact_identifier(facts, event);
    lw__fhir_event_id(event, "", id);
    lw__fhir_add(maker, LW_FHIR_QUESTIONNAIRE_RESPONSE, id, lw__fhir_changed(set->known, event), event, (uint32_t)form,
                 facts);
}

static void open_answer(lw_buf *out, const lw_fhir_item *item) {
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "linkId", item->link_id);
    lw__fj_text(out, "text", item->text);
    lw__fj_open(out, "answer", '[');
    lw__fj_open(out, NULL, '{');
}

static void close_answer(lw_buf *out) {
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
    lw__fj_close(out, '}');
}

static void number(lw_buf *out, const lw_fhir_item *item, int64_t x100) {
    open_answer(out, item);
    lw__fj_x100(out, item->type == LW_FHIR_INTEGER ? "valueInteger" : "valueDecimal", x100);
    close_answer(out);
}

static void choice(lw_buf *out, const lw_fhir_item *item, const char *code) {
    for (int i = 0; item->codes[i] != NULL; i++) {
        if (strcmp(item->codes[i], code) == 0) {
            open_answer(out, item);
            lw__fj_coding_of(out, "valueCoding", item->system, (lw_str){code, (uint32_t)strlen(code)},
                             item->displays[i]);
            close_answer(out);
        }
    }
}

static void checkin(lw_buf *out, const lw_fhir_form *form, const struct lw_ev_checkin *c) {
    const struct {
        const char *name;
        uint64_t bit;
        int64_t x100;
        const char *word;
    } given[] = {
        {"pain_morning", LW_HAS_CHECKIN_PAIN_MORNING, c->pain_morning_x100, NULL},
        {"stiffness_min", LW_HAS_CHECKIN_STIFFNESS_MIN, (int64_t)c->stiffness_min * 100, NULL},
        {"pain_worst_24h", LW_HAS_CHECKIN_PAIN_WORST_24H, c->pain_worst_24h_x100, NULL},
        {"pain_test", LW_HAS_CHECKIN_PAIN_TEST, c->pain_test_x100, NULL},
        /* a test without a pain is asked of nobody */
        {"test", (c->has & LW_HAS_CHECKIN_PAIN_TEST) != 0 ? LW_HAS_CHECKIN_TEST : 0, 0, lw_test_names[c->test]},
        {"night_pain", LW_HAS_CHECKIN_NIGHT_PAIN, c->night_pain, NULL},
        {"rest_pain", LW_HAS_CHECKIN_REST_PAIN, c->rest_pain, NULL},
        {"muscle_soreness", LW_HAS_CHECKIN_MUSCLE_SORENESS, c->muscle_soreness_x100, NULL},
        {"sitting_min", LW_HAS_CHECKIN_SITTING_MIN, (int64_t)c->sitting_min * 100, NULL},
        {"sleep_h", LW_HAS_CHECKIN_SLEEP_H, c->sleep_h_x100, NULL},
        {"stress", LW_HAS_CHECKIN_STRESS, c->stress_x100, NULL},
        {"pain_relief", LW_HAS_CHECKIN_PAIN_RELIEF, 0, lw_pain_relief_names[c->pain_relief]},
    };
    for (uint32_t i = 0; i < form->count; i++) {
        for (size_t g = 0; g < sizeof given / sizeof given[0]; g++) {
            const lw_fhir_item *item = &form->items[i];
            if (strcmp(given[g].name, item->link_id) != 0 || (c->has & given[g].bit) == 0) {
                continue;
            }
            if (item->type == LW_FHIR_CHOICE) {
                choice(out, item, given[g].word);
            } else if (item->type == LW_FHIR_BOOLEAN) {
                open_answer(out, item);
                lw__fj_bool(out, "valueBoolean", given[g].x100 != 0);
                close_answer(out);
            } else {
                number(out, item, given[g].x100);
            }
        }
    }
}

static void visa(lw_buf *out, const lw_fhir_form *form, const struct lw_ev_outcome *o) {
    const int32_t *n = o->items_x100.items;
    char code[16];
    for (int i = 0; i < 6; i++) {
        number(out, &form->items[i], n[i]);
    }
    snprintf(code, sizeof code, "%d", (int)(n[6] / 100));
    choice(out, &form->items[6], code);
    snprintf(code, sizeof code, "%d", (int)(n[BRANCH] / 100));
    choice(out, &form->items[7], code);
    number(out, &form->items[7 + n[BRANCH] / 100], n[POINTS]);
    number(out, &form->items[form->count - 1], o->score_x100);
}

void lw__fhir_write_response(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    const lw_fhir_form *form = &lw_fhir_forms[r->part];
    char canonical[120];
    snprintf(canonical, sizeof canonical, "%s|%s", form->url, form->version);
    lw__fj_identifier(out, v == LW_FHIR_R5, r->event); /* R5 has a list */
    lw__fj_text(out, "questionnaire", canonical);
    lw__fj_text(out, "status", r->event->voided ? "entered-in-error" : "completed");
    lw__fj_reference(out, "subject", "Patient", set->known->patient);
    lw__fj_when(out, "authored", r->event);
    lw__fj_author(out, "author", set, r->event);
    lw__fj_reference(out, "source", "Patient", set->known->patient);
    lw__fj_open(out, "item", '[');
    if (r->event->kind == LW_KIND_CHECKIN) {
        checkin(out, form, r->event->data);
    } else {
        visa(out, form, r->event->data);
    }
    lw__fj_close(out, ']');
}
