/*
 * fhir_render_care.c: Condition, Goal, CarePlan, ServiceRequest: what is treated, what for, and what was asked.
 *
 * The CarePlan is the course that began with the latest `started`; its state and its requests are those of the plan that
 * was given. Nothing is asked where the plan asks nothing.
 *
 * What was asked on earlier days the record tells where a plan was written down as it was shown (`decided`). Of those items
 * the ones that somebody then did, or skipped, are requests, too, so that what was done can say what it was done for. An
 * exercise answers the last plan before it, if that was of its own day and had the exercise; one that no plan had answers
 * none. A plan of the same second is not before it: it is the one that followed from it.
 *
 * A goal's targets are the numbers of the protocol's own rule for keeping that goal up: it is no other rule's, and nothing
 * is added to it.
 */
#include <stdio.h>

#include "protocol/protocol_tables.h"
#include "server/fhir/fhir_render_internal.h"
#include "words/json_pick.h"

/* ---- items of the plan ---- */

typedef struct lw_fhir_item_view {
    lw_str item;
    char exercise[65];
    int side; /* enum lw_side */
} lw_fhir_item_view;

static bool text_member(lw_str object, const char *name, char *out, size_t cap) {
    lw_str value;
    if (!lw__pick(object, name, &value) || lw__pick_kind(value) != '"' || value.len - 2 >= cap) {
        return false;
    }
    memcpy(out, value.ptr + 1, value.len - 2);
    out[value.len - 2] = '\0';
    return true;
}

/* The n-th item of a session's list. */
static bool item_in(lw_str items, uint32_t n, lw_fhir_item_view *out) {
    lw_str rest = items;
    if (rest.len == 0) {
        return false;
    }
    for (uint32_t i = 0; lw__pick_item(&rest, &out->item); i++) {
        if (i < n) {
            continue;
        }
        char side[8];
        out->side = LW_SIDE_BOTH;
        if (text_member(out->item, "side", side, sizeof side)) {
            out->side = strcmp(side, "left") == 0    ? LW_SIDE_LEFT
                        : strcmp(side, "right") == 0 ? LW_SIDE_RIGHT
                                                     : LW_SIDE_BOTH;
        }
        return text_member(out->item, "exercise", out->exercise, sizeof out->exercise);
    }
    return false;
}

/* The n-th item of today's session. */
static bool item_at(const lw_fhir_set *set, uint32_t n, lw_fhir_item_view *out) {
    return item_in(set->known->plan_items, n, out);
}

static bool item_number(lw_str item, const char *name, int64_t *x100) {
    lw_str value;
    return lw__pick(item, name, &value) && lw__pick_kind(value) == '0' && lw__pick_x100(value, x100);
}

/* The UUID of the course or of the decision, a dash, the exercise and the side; where those do not fit, their hash. */
static void item_id(const char *uuid, const lw_fhir_item_view *view, char out[65]) {
    char own[80], hashed[65];
    int len = snprintf(own, sizeof own, "%s.%c", view->exercise, lw_side_names[view->side][0]);
    bool fits = len < 28 && lw__fhir_is_code((lw_str){own, (uint32_t)len}) && strchr(own, '_') == NULL;
    lw__fhir_device_id((lw_str){own, (uint32_t)len}, "x", hashed);
    snprintf(out, 65, "%.36s-%.27s", uuid, fits ? own : hashed);
}

static void request_id(const lw_fhir_set *set, const lw_fhir_item_view *view, char out[65]) {
    item_id(set->known->plan_id, view, out);
}

/* ---- what a plan of an earlier hour asked ---- */

enum { LOOK = 256 }; /* events between a plan and what was done for it: more than a day of a person holds */

/* The items that a decision wrote down; empty where it is none of this course, or wrote none. */
static lw_str decided_items(const lw_fhir_set *set, const lw_event *event) {
    const struct lw_ev_decided *d = event->data;
    bool counts = event->kind == LW_KIND_DECIDED && !event->voided && set->known->started != NULL &&
                  event->at_s >= set->known->started->at_s && (d->has & LW_HAS_DECIDED_ITEMS) != 0 &&
                  (d->has & LW_HAS_DECIDED_ON) != 0;
    return counts && lw__pick_kind(d->items) == '[' ? d->items : (lw_str){"", 0};
}

static bool did(const lw_fhir_item_view *view, const lw_event *event) {
    const struct lw_ev_exercise *e = event->data;
    bool sided = (e->has & LW_HAS_EXERCISE_SIDE) != 0;
    return strlen(view->exercise) == e->exercise.len && memcmp(view->exercise, e->exercise.ptr, e->exercise.len) == 0 &&
           (!sided || e->side == view->side || e->side == LW_SIDE_BOTH || view->side == LW_SIDE_BOTH);
}

bool lw__fhir_request_of(const lw_fhir_set *set, const lw_event *event, uint32_t n, char id[65]) {
    const lw_event *first = set->source.record->events, *decided = event;
    lw_fhir_item_view view;
    char uuid[37];
    if (event->kind != LW_KIND_EXERCISE) {
        return false;
    }
    do {
        if (decided == first || event - decided == LOOK) {
            return false;
        }
        decided--;
    } while (decided->kind != LW_KIND_DECIDED || decided->at_s >= event->at_s);
    lw_str items = decided_items(set, decided);
    if (items.len == 0 || ((const struct lw_ev_decided *)decided->data)->on != event->day) {
        return false;
    }
    for (uint32_t i = 0, found = 0; item_in(items, i, &view); i++) {
        if (did(&view, event) && found++ == n) {
            lw__fhir_uuid(decided->id, uuid);
            item_id(uuid, &view, id);
            return true;
        }
    }
    return false;
}

/* Whether anybody answered that item of a decision, whether by doing it, and when last; what was voided is no answer. */
static bool answered(const lw_fhir_set *set, const lw_event *decided, const lw_fhir_item_view *view, bool *done,
                     int64_t *last_s) {
    const lw_event *end = set->source.record->events + set->source.record->count, *next = NULL;
    bool any = *done = false;
    for (const lw_event *e = decided + 1; e < end && e - decided <= LOOK; e++) {
        if (e->kind == LW_KIND_DECIDED) {
            next = next == NULL ? e : next;
        }
        if (next != NULL && (next->at_s == decided->at_s || e->at_s > next->at_s)) {
            break; /* from here on another plan was the last */
        }
        if (e->kind == LW_KIND_EXERCISE && e->at_s > decided->at_s &&
            e->day == ((const struct lw_ev_decided *)decided->data)->on && did(view, e)) {
            int64_t changed = lw__fhir_changed(set->known, e);
            *last_s = !any || changed > *last_s ? changed : *last_s;
            any = true;
            *done =
                *done || (!e->voided && (((const struct lw_ev_exercise *)e->data)->has & LW_HAS_EXERCISE_SKIP) == 0);
        }
    }
    return any;
}

/* The item that a request is of: today's, or a decision's. */
static bool item_of(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_item_view *view) {
    return item_in(r->event->kind == LW_KIND_DECIDED ? decided_items(set, r->event) : set->known->plan_items, r->part,
                   view);
}

/* FHIR: revoked is "terminated before the full completion, nothing more should be done". */
static const char *request_status(const lw_fhir_set *set, const lw_event *event, const lw_fhir_item_view *view) {
    bool done = false;
    int64_t last_s = 0;
    if (event->kind != LW_KIND_DECIDED) {
        return "active";
    }
    (void)answered(set, event, view, &done, &last_s);
    return done ? "completed" : "revoked";
}

static int32_t request_day(const lw_fhir_set *set, const lw_event *event) {
    return event->kind == LW_KIND_DECIDED ? ((const struct lw_ev_decided *)event->data)->on : set->source.day;
}

/* ---- where a goal stands ---- */

static bool goal_rule(const lw_protocol *p, const lw_rule *rule, int goal) {
    bool named = false;
    for (uint16_t g = 0; g < rule->group_count; g++) {
        const lw_group *group = &p->groups[rule->group_first + g];
        for (uint8_t c = 0; c < group->cond_count; c++) {
            const lw_cond *cond = &p->conds[group->cond_first + c];
            named = named || (cond->fact == LW_FACT_GOAL && cond->op == LW_OP_IS && cond->value == goal);
        }
    }
    return named && rule->action == LW_ACTION_ADVANCE && rule->arg == p->stage_count - 1;
}

/* The rule by which that goal is kept up, in the protocol's last stage; NULL: the protocol has none. */
static const lw_rule *rule_of_goal(const lw_fhir_set *set, int goal) {
    const lw_protocol *p = set->source.protocol;
    for (uint16_t i = 0; p != NULL && i < p->rule_count; i++) {
        if (goal_rule(p, &p->rules[i], goal)) {
            return &p->rules[i];
        }
    }
    return NULL;
}

/* Reached: the plan is in that last stage and nothing flares. In progress: it is under way. -1: neither can be said. */
static int achievement(const lw_fhir_set *set, int goal) {
    const lw_protocol *p = set->source.protocol;
    const char *status = set->known->status;
    lw_str stage = {0}, id = {0}, flare = {0};
    char name[65] = "";
    if (status == NULL ||
        (strcmp(status, "active") != 0 && strcmp(status, "paused") != 0 && strcmp(status, "discharged") != 0)) {
        return -1;
    }
    bool last = rule_of_goal(set, goal) != NULL && lw__pick(set->source.plan, "stage", &stage) &&
                text_member(stage, "id", name, sizeof name) && lw__pick(set->source.plan, "flare", &flare) &&
                lw__pick_is(flare, "none");
    id = last ? p->stages[p->stage_count - 1].id : id;
    if (last && strlen(name) == id.len && memcmp(name, id.ptr, id.len) == 0) {
        return LW_FHIR_C_ACHIEVED;
    }
    return strcmp(status, "discharged") != 0 ? LW_FHIR_C_IN_PROGRESS : -1;
}

static const char *plan_status(const lw_fhir_set *set) {
    static const char *const words[][2] = {{"active", "active"},
                                           {"paused", "on-hold"},
                                           {"stopped", "on-hold"},
                                           {"discharged", "completed"},
                                           {"not_started", "draft"}};
    const char *status = set->known->status;
    for (size_t i = 0; status != NULL && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(status, words[i][0]) == 0) {
            return words[i][1];
        }
    }
    return set->known->discharged != NULL ? "completed" : "unknown";
}

/* ---- listing ---- */

static void about_patient(const lw_fhir_set *set, lw_fhir_facts *facts) {
    lw__fact_reference(facts, LW_FHIR_P_PATIENT, "Patient", set->known->patient);
    lw__fact_reference(facts, LW_FHIR_P_SUBJECT, "Patient", set->known->patient);
}

static void condition_id(const lw_fhir_set *set, int side, char out[65]) {
    lw__fhir_event_id(set->known->first_enrolled, lw_side_names[side], out);
}

static const lw_event *later(const lw_event *a, const lw_event *b) {
    return a == NULL || (b != NULL && b->at_s > a->at_s) ? b : a;
}

static void list_condition(lw_fhir_maker *maker, lw_fhir_facts *facts, int side) {
    const struct lw_fhir_known *k = maker->set->known;
    char id[65];
    condition_id(maker->set, side, id);
    about_patient(maker->set, facts);
    lw__fact_code(facts, LW_FHIR_P_CODE, LW_FHIR_C_PHT);
    lw__fact_code(facts, LW_FHIR_P_CODE, LW_FHIR_C_PHT_ICD10);
    lw__fact_code(facts, LW_FHIR_P_CODE, side == LW_SIDE_LEFT ? LW_FHIR_C_PHT_CM_LEFT : LW_FHIR_C_PHT_CM_RIGHT);
    lw__fact_code(facts, LW_FHIR_P_CATEGORY, LW_FHIR_C_PROBLEM);
    lw__fact_code(facts, LW_FHIR_P_CLINICAL_STATUS, LW_FHIR_C_ACTIVE);
    lw__fact_date(facts, LW_FHIR_P_RECORDED_DATE, k->first_enrolled->at_s, k->first_enrolled->at_s + 1);
    lw__fhir_add(maker, LW_FHIR_CONDITION, id, later(k->enrolled, k->assessed)->at_s, k->first_enrolled, (uint32_t)side,
                 facts);
}

static void list_goal(lw_fhir_maker *maker, lw_fhir_facts *facts) {
    const struct lw_fhir_known *k = maker->set->known;
    char id[65];
    lw__fhir_event_id(k->first_enrolled, "goal", id);
    about_patient(maker->set, facts);
    lw__fact_token(facts, LW_FHIR_P_LIFECYCLE_STATUS, "http://hl7.org/fhir/goal-status",
                   k->discharged != NULL ? "completed" : "active");
    int stands = achievement(maker->set, ((const struct lw_ev_enrolled *)k->enrolled->data)->goal);
    if (stands >= 0) {
        lw__fact_code(facts, LW_FHIR_P_ACHIEVEMENT_STATUS, stands);
    }
    lw__fact_date(facts, LW_FHIR_P_START_DATE, (int64_t)k->first_enrolled->day * 86400,
                  ((int64_t)k->first_enrolled->day + 1) * 86400);
    const lw_record *record = maker->set->source.record; /* how it stands depends on all of it */
    lw__fhir_add(maker, LW_FHIR_GOAL, id, record->events[record->count - 1].at_s, k->enrolled, 0, facts);
}

/* event: the start of the course for what is asked today, else the decision. */
static void list_request(lw_fhir_maker *maker, lw_fhir_facts *facts, const lw_event *event, uint32_t part,
                         const lw_fhir_item_view *view, int64_t updated_s) {
    const lw_fhir_set *set = maker->set;
    const char *type = NULL;
    char id[65], uuid[37];
    about_patient(set, facts);
    lw__fact_token(facts, LW_FHIR_P_STATUS, "http://hl7.org/fhir/request-status", request_status(set, event, view));
    lw__fact_token(facts, LW_FHIR_P_INTENT, "http://hl7.org/fhir/request-intent", "plan");
    lw__fact_code(facts, LW_FHIR_P_CATEGORY, LW_FHIR_C_EXERCISE_THERAPY);
    char *code = lw_pool_text(facts->pool, (lw_str){view->exercise, (uint32_t)strlen(view->exercise)});
    facts->failed = facts->failed || code == NULL;
    lw__fact_token(facts, LW_FHIR_P_CODE, LW_FHIR_EXERCISE_SYSTEM, code);
    int64_t day = request_day(set, event);
    lw__fact_date(facts, LW_FHIR_P_AUTHORED, day * 86400, (day + 1) * 86400);
    lw__fhir_author(set, set->known->started, &type, id);
    lw__fact_reference(facts, LW_FHIR_P_REQUESTER, type, id);
    lw__fhir_uuid(event->id, uuid);
    item_id(uuid, view, id);
    lw__fhir_add(maker, LW_FHIR_SERVICE_REQUEST, id, updated_s, event, part, facts);
}

static void list_plan(lw_fhir_maker *maker, lw_fhir_facts *facts) {
    const lw_fhir_set *set = maker->set;
    const struct lw_fhir_known *k = set->known;
    const lw_record *record = set->source.record;
    int64_t last = record->events[record->count - 1].at_s;
    char id[65];
    lw_fhir_item_view view;
    if (lw__fhir_wanted(set, LW_FHIR_CARE_PLAN)) {
        about_patient(set, facts);
        lw__fact_token(facts, LW_FHIR_P_STATUS, "http://hl7.org/fhir/request-status", plan_status(set));
        lw__fact_token(facts, LW_FHIR_P_INTENT, "http://hl7.org/fhir/care-plan-intent", "plan");
        lw__fact_date(facts, LW_FHIR_P_DATE, (int64_t)k->started->day * 86400,
                      k->discharged != NULL ? ((int64_t)k->discharged->day + 1) * 86400 : INT64_MAX);
        for (int side = LW_SIDE_LEFT; k->first_enrolled != NULL && side <= LW_SIDE_RIGHT; side++) {
            if ((k->sides & LW_BIT(side)) != 0) {
                condition_id(set, side, id);
                lw__fact_reference(facts, LW_FHIR_P_CONDITION, "Condition", id);
            }
        }
        if (k->first_enrolled != NULL &&
            (((const struct lw_ev_enrolled *)k->enrolled->data)->has & LW_HAS_ENROLLED_GOAL) != 0) {
            lw__fhir_event_id(k->first_enrolled, "goal", id);
            lw__fact_reference(facts, LW_FHIR_P_GOAL, "Goal", id);
        }
        for (uint32_t i = 0; item_at(set, i, &view); i++) {
            request_id(set, &view, id);
            lw__fact_reference(facts, LW_FHIR_P_ACTIVITY_REFERENCE, "ServiceRequest", id);
        }
        lw__fhir_add(maker, LW_FHIR_CARE_PLAN, k->plan_id, last, k->started, 0, facts);
    }
    for (uint32_t i = 0; lw__fhir_wanted(set, LW_FHIR_SERVICE_REQUEST) && item_at(set, i, &view); i++) {
        list_request(maker, facts, k->started, i, &view, last);
    }
    for (uint32_t e = 0; lw__fhir_wanted(set, LW_FHIR_SERVICE_REQUEST) && e < record->count; e++) {
        lw_str items = decided_items(set, &record->events[e]);
        bool done = false;
        for (uint32_t i = 0; item_in(items, i, &view); i++) {
            if (answered(set, &record->events[e], &view, &done, &last)) {
                list_request(maker, facts, &record->events[e], i, &view, last);
            }
        }
    }
}

void lw__fhir_list_care(lw_fhir_maker *maker, lw_fhir_facts *facts) {
    const struct lw_fhir_known *k = maker->set->known;
    for (int side = LW_SIDE_LEFT; k->first_enrolled != NULL && side <= LW_SIDE_RIGHT; side++) {
        if (lw__fhir_wanted(maker->set, LW_FHIR_CONDITION) && (k->sides & LW_BIT(side)) != 0) {
            list_condition(maker, facts, side);
        }
    }
    if (lw__fhir_wanted(maker->set, LW_FHIR_GOAL) && k->enrolled != NULL &&
        (((const struct lw_ev_enrolled *)k->enrolled->data)->has & LW_HAS_ENROLLED_GOAL) != 0) {
        list_goal(maker, facts);
    }
    if (k->started != NULL) {
        list_plan(maker, facts);
    }
}

/* ---- writing ---- */

static void conditions(const lw_fhir_set *set, lw_buf *out, const char *name, bool wrapped) {
    const struct lw_fhir_known *k = set->known;
    if (k->first_enrolled == NULL || (k->sides & (LW_BIT(LW_SIDE_LEFT) | LW_BIT(LW_SIDE_RIGHT))) == 0) {
        return;
    }
    lw__fj_open(out, name, '[');
    for (int side = LW_SIDE_LEFT; side <= LW_SIDE_RIGHT; side++) {
        if ((k->sides & LW_BIT(side)) == 0) {
            continue;
        }
        char id[65];
        condition_id(set, side, id);
        if (wrapped) { /* R5: a CodeableReference */
            lw__fj_open(out, NULL, '{');
            lw__fj_reference(out, "reference", "Condition", id);
            lw__fj_close(out, '}');
        } else {
            lw__fj_reference(out, NULL, "Condition", id);
        }
    }
    lw__fj_close(out, ']');
}

static void canonical(lw_buf *out, const char *name, const lw_protocol *protocol, const char *type, const char *what) {
    if (protocol == NULL) {
        return;
    }
    lw_str id = lw_protocol_id(protocol), version = lw_protocol_version(protocol);
    char url[320];
    snprintf(url, sizeof url, LW_FHIR_URN "%s:%.*s%s%s|%.*s", type, (int)id.len, id.ptr, what[0] != '\0' ? ":" : "",
             what, (int)version.len, version.ptr);
    lw__fj_open(out, name, '[');
    lw__fj_text(out, NULL, url);
    lw__fj_close(out, ']');
}

void lw__fhir_write_condition(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    const struct lw_fhir_known *k = set->known;
    bool seen = k->assessed != NULL && k->assessed->by == LW_BY_CLINICIAN;
    int site = 0;
    lw__fj_concept(out, "clinicalStatus", LW_FHIR_C_ACTIVE, -1, -1);
    lw__fj_concept(out, "verificationStatus", seen ? LW_FHIR_C_PROVISIONAL : LW_FHIR_C_UNCONFIRMED, -1, -1);
    lw__fj_open(out, "category", '[');
    lw__fj_concept(out, NULL, LW_FHIR_C_PROBLEM, -1, -1);
    lw__fj_close(out, ']');
    lw__fj_concept(out, "code", LW_FHIR_C_PHT, LW_FHIR_C_PHT_ICD10,
                   r->part == LW_SIDE_LEFT ? LW_FHIR_C_PHT_CM_LEFT : LW_FHIR_C_PHT_CM_RIGHT);
    (void)lw__fhir_side_code((int)r->part, &site);
    lw__fj_open(out, "bodySite", '[');
    lw__fj_concept(out, NULL, site, -1, -1);
    lw__fj_close(out, ']');
    lw__fj_reference(out, "subject", "Patient", k->patient);
    if (k->assessed != NULL) {
        const struct lw_ev_assessed *a = k->assessed->data;
        if ((a->has & LW_HAS_ASSESSED_WEEKS) != 0) { /* a date would claim more than was told */
            char onset[64], day[11] = {0};
            lw_day_write(k->assessed->day, day);
            snprintf(onset, sizeof onset, "%d weeks before %s", (int)a->weeks, day);
            lw__fj_text(out, "onsetString", onset);
        }
    }
    lw__fj_when(out, "recordedDate", k->first_enrolled);
    if (v == LW_FHIR_R4) {
        lw__fj_author(out, "recorder", set, k->first_enrolled);
    } else {
        lw__fj_open(out, "participant", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_author(out, "actor", set, k->first_enrolled);
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
}

/* One condition of the rule as a target; false: it is none that an observation could meet. */
static bool target(const lw_cond *cond, bool first, lw_buf *out) {
    static const struct {
        uint8_t fact;
        int16_t code;
        const char *unit;
    } measures[] = {
        {LW_FACT_VISA, LW_FHIR_C_SCORE_VISA_H, "{score}"},
        {LW_FACT_READINESS, LW_FHIR_C_SCORE_READINESS, "{score}"},
        {LW_FACT_SITTING, LW_FHIR_C_SITTING, "min"},
        {LW_FACT_BRIDGE_REPS, LW_FHIR_C_BRIDGES, "{reps}"},
        {LW_FACT_RUN_LEVEL, LW_FHIR_C_C_RUN_LEVEL, "{level}"},
        {LW_FACT_SPEED_REACHED, LW_FHIR_C_C_SPEED, "%"},
    };
    int code = -1;
    const char *unit = "{score}", *test = NULL;
    for (size_t i = 0; i < sizeof measures / sizeof measures[0]; i++) {
        if (measures[i].fact == cond->fact) {
            code = measures[i].code;
            unit = measures[i].unit;
        }
    }
    if (cond->fact >= LW_FACT_TEST && cond->fact < LW_FACT_TEST + LW_PAIN_TESTS) {
        test = lw_test_names[cond->fact - LW_FACT_TEST];
    }
    if (cond->window != 0 || (cond->op != LW_OP_AT_MOST && cond->op != LW_OP_AT_LEAST) || (code < 0 && test == NULL)) {
        return false;
    }
    if (first) {
        lw__fj_open(out, "target", '[');
    }
    lw__fj_open(out, NULL, '{');
    if (test == NULL) {
        lw__fj_concept(out, "measure", code, -1, -1);
    } else {
        char text[80];
        snprintf(text, sizeof text, "Pain in the test %s", test);
        lw__fj_open(out, "measure", '{');
        lw__fj_open(out, "coding", '[');
        lw__fj_coding_of(out, NULL, LW_FHIR_TEST_SYSTEM, (lw_str){test, (uint32_t)strlen(test)}, NULL);
        lw__fj_close(out, ']');
        lw__fj_text(out, "text", text);
        lw__fj_close(out, '}');
    }
    lw__fj_open(out, "detailQuantity", '{');
    lw__fj_x100(out, "value", test != NULL ? cond->value : (int64_t)cond->value * 100);
    lw__fj_text(out, "comparator", cond->op == LW_OP_AT_MOST ? "<=" : ">=");
    lw__fj_text(out, "unit", unit);
    lw__fj_text(out, "system", "http://unitsofmeasure.org");
    lw__fj_text(out, "code", unit);
    lw__fj_close(out, '}');
    lw__fj_close(out, '}');
    return true;
}

/* What the protocol asks before it calls the goal kept up, as far as it is a number that somebody measures. */
static void targets(const lw_fhir_set *set, int goal, lw_buf *out) {
    const lw_protocol *p = set->source.protocol;
    const lw_rule *rule = rule_of_goal(set, goal);
    bool any = false;
    for (uint16_t g = 0; rule != NULL && g < rule->group_count; g++) {
        const lw_group *group = &p->groups[rule->group_first + g];
        for (uint8_t c = 0; group->need == group->cond_count && c < group->cond_count; c++) {
            any = target(&p->conds[group->cond_first + c], !any, out) || any;
        }
    }
    if (any) {
        lw__fj_close(out, ']');
    }
}

void lw__fhir_write_goal(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    static const int16_t goals[LW_GOAL_WORDS] = {LW_FHIR_C_GOAL_DAILY, LW_FHIR_C_GOAL_SIT,    LW_FHIR_C_GOAL_CYCLE,
                                                 LW_FHIR_C_GOAL_RUN,   LW_FHIR_C_GOAL_SPRINT, LW_FHIR_C_GOAL_SPORT};
    const struct lw_fhir_known *k = set->known;
    const struct lw_ev_enrolled *e = r->event->data;
    lw__fj_text(out, "lifecycleStatus", k->discharged != NULL ? "completed" : "active");
    if (achievement(set, e->goal) >= 0) {
        lw__fj_concept(out, "achievementStatus", achievement(set, e->goal), -1, -1);
    }
    lw__fj_concept(out, "description", goals[e->goal], -1, -1);
    lw__fj_reference(out, "subject", "Patient", k->patient);
    lw__fj_day(out, "startDate", k->first_enrolled->day);
    targets(set, e->goal, out);
    lw__fj_reference(out, v == LW_FHIR_R4 ? "expressedBy" : "source", "Patient", k->patient);
    conditions(set, out, "addresses", false);
}

void lw__fhir_write_care_plan(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    const struct lw_fhir_known *k = set->known;
    char id[65];
    lw_fhir_item_view view;
    canonical(out, "instantiatesCanonical", set->source.protocol, "PlanDefinition", "");
    lw__fj_text(out, "status", plan_status(set));
    lw__fj_text(out, "intent", "plan");
    if (set->source.protocol != NULL) {
        lw__fj_slice(out, "title", lw_protocol_title(set->source.protocol));
    }
    lw__fj_reference(out, "subject", "Patient", k->patient);
    lw__fj_open(out, "period", '{');
    lw__fj_day(out, "start", r->event->day);
    if (k->discharged != NULL && k->discharged->day >= r->event->day) {
        lw__fj_day(out, "end", k->discharged->day);
    }
    lw__fj_close(out, '}');
    lw__fj_when(out, "created", r->event);
    lw__fj_author(out, v == LW_FHIR_R4 ? "author" : "custodian", set, r->event);
    conditions(set, out, "addresses", v == LW_FHIR_R5);
    if (k->enrolled != NULL && (((const struct lw_ev_enrolled *)k->enrolled->data)->has & LW_HAS_ENROLLED_GOAL) != 0) {
        lw__fhir_event_id(k->first_enrolled, "goal", id);
        lw__fj_open(out, "goal", '[');
        lw__fj_reference(out, NULL, "Goal", id);
        lw__fj_close(out, ']');
    }
    for (uint32_t i = 0; item_at(set, i, &view); i++) {
        if (i == 0) {
            lw__fj_open(out, "activity", '[');
        }
        request_id(set, &view, id);
        lw__fj_open(out, NULL, '{');
        lw__fj_reference(out, v == LW_FHIR_R4 ? "reference" : "plannedActivityReference", "ServiceRequest", id);
        lw__fj_close(out, '}');
    }
    if (item_at(set, 0, &view)) {
        lw__fj_close(out, ']');
    }
    if (k->status != NULL && strcmp(k->status, "stopped") == 0) {
        lw__fj_open(out, "note", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "text", "Stopped: a red flag stands. Nothing is prescribed until a clinician has cleared it.");
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
}

/* The dose, a variable each: a concept in words in R4, a parameter with its unit in R5. */
static void dose(lw_buf *out, lw_str item, lw_fhir_version v, bool words) {
    static const struct {
        const char *member;
        int code;
        const char *unit, *format;
    } parts[] = {
        {"sets", LW_FHIR_C_C_SETS, "{sets}", "%s sets"},
        {"reps", LW_FHIR_C_C_REPS, "{reps}", "%s repetitions"},
        {"hold_s", LW_FHIR_C_C_HOLD, "s", "hold %s s"},
        {"distance_m", LW_FHIR_C_C_DISTANCE, "m", "%s m each"},
        {"contacts", LW_FHIR_C_C_CONTACTS, "{contacts}", "%s ground contacts"},
        {"load_kg", LW_FHIR_C_C_LOAD, "kg", "%s kg in all"},
        {"speed_pct", LW_FHIR_C_C_SPEED, "%", "at most %s %% of the best speed"},
        {"rest_s", LW_FHIR_C_C_REST, "s", "rest %s s between sets"},
        {"times_a_day", LW_FHIR_C_C_BOUTS, "/d", "%s times a day"},
        {"effort_max", LW_FHIR_C_C_EFFORT, "{score}", "effort at most %s of 10"},
        {"hip_flexion_max_deg", LW_FHIR_C_C_DEPTH, "deg", "hip flexion at most %s degrees"},
    };
    bool first = true;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int64_t x100 = 0;
        if (!item_number(item, parts[i].member, &x100)) {
            continue;
        }
        lw_buf number = {.max = 40}, text = {.max = 120};
        lw__fj_x100(&number, NULL, x100);
        bool once = parts[i].code == LW_FHIR_C_C_BOUTS && x100 == 100;
        for (const char *f = once ? "once a day" : parts[i].format; *f != '\0'; f++) {
            if (*f == '%' && f[1] == 's') {
                lw_buf_slice(&text, lw_buf_view(&number));
                f++;
            } else if (*f != '%' || f[1] == '%') {
                lw_buf_add(&text, *f == '%' ? f++ : f, 1);
            }
        }
        out->failed = out->failed || number.failed || text.failed;
        if (out->failed) {
            /* nothing more is written */
        } else if (words) {
            lw_buf_str(out, first ? "" : "; ");
            lw_buf_slice(out, lw_buf_view(&text));
        } else if (v == LW_FHIR_R4) {
            lw__fj_open(out, NULL, '{');
            lw__fj_open(out, "coding", '[');
            lw__fj_coding(out, NULL, parts[i].code);
            lw__fj_close(out, ']');
            lw__fj_text(out, "text", text.ptr);
            lw__fj_close(out, '}');
        } else {
            lw__fj_open(out, NULL, '{');
            lw__fj_concept(out, "code", parts[i].code, -1, -1);
            lw__fj_quantity(out, "valueQuantity", x100, parts[i].unit);
            lw__fj_close(out, '}');
        }
        first = false;
        lw_buf_free(&number);
        lw_buf_free(&text);
    }
}

void lw__fhir_write_service_request(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out) {
    const struct lw_fhir_known *k = set->known;
    lw_fhir_item_view view;
    if (!item_of(set, r, &view)) {
        return;
    }
    lw_str exercise = {view.exercise, (uint32_t)strlen(view.exercise)};
    int32_t day = request_day(set, r->event);
    const struct lw_ev_decided *d = r->event->kind == LW_KIND_DECIDED ? r->event->data : NULL;
    /* an earlier plan may have been made by another version of the protocol */
    if (d == NULL ||
        (set->source.protocol != NULL && memcmp(d->protocol_sha256, set->source.protocol->hash, 32) == 0)) {
        canonical(out, "instantiatesCanonical", set->source.protocol, "ActivityDefinition", view.exercise);
    }
    lw__fj_open(out, "basedOn", '[');
    lw__fj_reference(out, NULL, "CarePlan", k->plan_id);
    lw__fj_close(out, ']');
    lw__fj_text(out, "status", request_status(set, r->event, &view));
    lw__fj_text(out, "intent", "plan");
    lw__fj_open(out, "category", '[');
    lw__fj_concept(out, NULL, LW_FHIR_C_EXERCISE_THERAPY, -1, -1);
    lw__fj_close(out, ']');
    if (v == LW_FHIR_R5) {
        lw__fj_open(out, "code", '{');
        lw__fj_exercise(out, "concept", set, exercise);
        lw__fj_close(out, '}');
        lw__fj_open(out, "orderDetail", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_open(out, "parameter", '[');
        dose(out, view.item, v, false);
        lw__fj_close(out, ']');
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    } else {
        lw__fj_exercise(out, "code", set, exercise);
        lw__fj_open(out, "orderDetail", '[');
        dose(out, view.item, v, false);
        lw__fj_close(out, ']');
    }
    lw__fj_reference(out, "subject", "Patient", k->patient);
    int64_t times = 100;
    (void)item_number(view.item, "times_a_day", &times);
    lw__fj_open(out, "occurrenceTiming", '{');
    lw__fj_open(out, "repeat", '{');
    lw__fj_open(out, "boundsPeriod", '{');
    lw__fj_day(out, "start", day);
    lw__fj_day(out, "end", day);
    lw__fj_close(out, '}');
    lw__fj_int(out, "frequency", times >= 100 ? times / 100 : 1);
    lw__fj_int(out, "period", 1);
    lw__fj_text(out, "periodUnit", "d");
    lw__fj_close(out, '}');
    lw__fj_close(out, '}');
    lw__fj_day(out, "authoredOn", day);
    lw__fj_author(out, "requester", set, k->started);
    conditions(set, out, v == LW_FHIR_R4 ? "reasonReference" : "reason", v == LW_FHIR_R5);
    int site = 0;
    (void)lw__fhir_side_code(view.side, &site);
    lw__fj_open(out, "bodySite", '[');
    lw__fj_concept(out, NULL, site, -1, -1);
    lw__fj_close(out, ']');
    lw_buf words = {.max = 2000};
    dose(&words, view.item, v, true);
    out->failed = out->failed || words.failed;
    if (!out->failed && words.len > 0 && v == LW_FHIR_R4) {
        lw__fj_slice(out, "patientInstruction", lw_buf_view(&words));
    } else if (!out->failed && words.len > 0) {
        lw__fj_open(out, "patientInstruction", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_slice(out, "instructionMarkdown", lw_buf_view(&words));
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
    lw_buf_free(&words);
}
