/*
 * fhir_render_seen.c: what an event measured, as observations without a version: lw__fhir_observe makes the n-th of an event,
 * and both the search facts and the JSON are made from that one form.
 *
 * A value that was not given is no component: nothing is ever zero for want of an answer.
 */
#include <stdio.h>

#include "server/fhir/fhir_render_internal.h"

static const char SCORE[] = "{score}";

static lw_fhir_measure number(int code, int64_t x100, const char *unit) {
    return (lw_fhir_measure){.code = (int16_t)code, .value = LW_FHIR_V_QUANTITY, .x100 = x100, .unit = unit};
}

static lw_fhir_measure yes_no(int code, bool value) {
    return (lw_fhir_measure){.code = (int16_t)code, .value = LW_FHIR_V_BOOLEAN, .x100 = value};
}

static lw_fhir_measure word(int code, int value) {
    return (lw_fhir_measure){.code = (int16_t)code, .value = LW_FHIR_V_CODE, .x100 = value};
}

static lw_fhir_measure text(int code, lw_str value) {
    return (lw_fhir_measure){.code = (int16_t)code, .value = LW_FHIR_V_TEXT, .text = value};
}

static void add(lw_fhir_seen *seen, bool given, lw_fhir_measure measure, uint32_t set) {
    if (!given) {
        return;
    }
    if (seen->count == LW_FHIR_MEASURES) {
        seen->dropped++;
        return;
    }
    measure.set = (int16_t)set;
    seen->parts[seen->count++] = measure;
}

/* Which of the event's observations is wanted: take counts those that are there and fills in the one of that number. */
typedef struct lw_fhir_pick {
    lw_fhir_seen *seen;
    uint32_t wanted, at;
    bool found;
} lw_fhir_pick;

static bool take(lw_fhir_pick *pick, bool given, const char *suffix, int category, lw_fhir_measure main) {
    if (!given || pick->found || pick->at++ != pick->wanted) {
        return false;
    }
    pick->found = true;
    lw__fhir_event_id(pick->seen->event, suffix, pick->seen->id);
    pick->seen->category = (int16_t)category;
    pick->seen->main = main;
    return true;
}

const char *lw__fhir_side_code(int side, int *site) {
    static const int16_t sites[] = {LW_FHIR_C_SITE_LEFT, LW_FHIR_C_SITE_RIGHT, LW_FHIR_C_SITE_BOTH};
    *site = side >= 0 && side < LW_SIDE_WORDS ? sites[side] : LW_FHIR_C_SITE_BOTH;
    return lw_fhir_code_table[*site].code;
}

static int16_t site_of(int side) {
    int site = 0;
    (void)lw__fhir_side_code(side, &site);
    return (int16_t)site;
}

static void checkin(const lw_event *event, lw_fhir_pick *p) {
    const struct lw_ev_checkin *c = event->data;
    lw_fhir_seen *seen = p->seen;
    seen->derived_from = "QuestionnaireResponse";
    if (take(p, (c->has & LW_HAS_CHECKIN_PAIN_MORNING) != 0, "pain", LW_FHIR_C_CAT_SURVEY,
             number(LW_FHIR_C_PAIN, c->pain_morning_x100, SCORE))) {
        seen->method = LW_FHIR_C_M_MORNING;
    }
    if (take(p, (c->has & LW_HAS_CHECKIN_PAIN_WORST_24H) != 0, "worst", LW_FHIR_C_CAT_SURVEY,
             number(LW_FHIR_C_PAIN, c->pain_worst_24h_x100, SCORE))) {
        seen->method = LW_FHIR_C_M_WORST;
    }
    if (take(p, (c->has & LW_HAS_CHECKIN_PAIN_TEST) != 0, "test", LW_FHIR_C_CAT_SURVEY,
             number(LW_FHIR_C_PAIN, c->pain_test_x100, SCORE))) {
        bool named = (c->has & LW_HAS_CHECKIN_TEST) != 0;
        seen->method = LW_FHIR_C_M_TEST;
        seen->test = lw_test_names[named ? c->test : LW_TEST_BRIDGE_SINGLE];
    }
    take(p, (c->has & LW_HAS_CHECKIN_STIFFNESS_MIN) != 0, "stiffness", LW_FHIR_C_CAT_SURVEY,
         number(LW_FHIR_C_STIFFNESS, (int64_t)c->stiffness_min * 100, "min"));
    take(p, (c->has & LW_HAS_CHECKIN_NIGHT_PAIN) != 0, "night", LW_FHIR_C_CAT_SURVEY,
         yes_no(LW_FHIR_C_NIGHT_PAIN, c->night_pain != 0));
    take(p, (c->has & LW_HAS_CHECKIN_REST_PAIN) != 0, "rest", LW_FHIR_C_CAT_SURVEY,
         yes_no(LW_FHIR_C_REST_PAIN, c->rest_pain != 0));
    take(p, (c->has & LW_HAS_CHECKIN_MUSCLE_SORENESS) != 0, "soreness", LW_FHIR_C_CAT_SURVEY,
         number(LW_FHIR_C_SORENESS, c->muscle_soreness_x100, SCORE));
    take(p, (c->has & LW_HAS_CHECKIN_SITTING_MIN) != 0, "sitting", LW_FHIR_C_CAT_SURVEY,
         number(LW_FHIR_C_SITTING, (int64_t)c->sitting_min * 100, "min"));
    take(p, (c->has & LW_HAS_CHECKIN_SLEEP_H) != 0, "sleep", LW_FHIR_C_CAT_SURVEY,
         number(LW_FHIR_C_SLEEP, c->sleep_h_x100, "h"));
    take(p, (c->has & LW_HAS_CHECKIN_STRESS) != 0, "stress", LW_FHIR_C_CAT_SURVEY,
         number(LW_FHIR_C_STRESS, c->stress_x100, SCORE));
    if (take(p, (c->has & LW_HAS_CHECKIN_PAIN_RELIEF) != 0, "relief", LW_FHIR_C_CAT_SURVEY,
             text(LW_FHIR_C_C_RELIEF, (lw_str){"", 0}))) {
        const char *name = lw_pain_relief_names[c->pain_relief];
        seen->main.text = (lw_str){name, (uint32_t)strlen(name)};
    }
}

/* Left and right of something counted or weighed. */
static void pair(lw_fhir_pick *p, bool given, const lw_pair *two, const char *suffix, int code, int scale,
                 const char *unit) {
    for (int side = LW_SIDE_LEFT; given && side <= LW_SIDE_RIGHT; side++) {
        char name[24];
        snprintf(name, sizeof name, "%s-%s", suffix, lw_side_names[side]);
        int64_t value = side == LW_SIDE_LEFT ? two->left : two->right;
        if (take(p, (two->has & LW_BIT(side)) != 0, name, LW_FHIR_C_CAT_EXAM, number(code, value * scale, unit))) {
            p->seen->site = site_of(side);
        }
    }
}

static void tests(lw_fhir_pick *p, bool given, const lw_tests *t) {
    for (int test = 0; given && test < LW_TESTS; test++) {
        bool there = (t->has & LW_BIT(test)) != 0, pains = test < LW_PAIN_TESTS;
        lw_fhir_measure value =
            pains ? number(LW_FHIR_C_PAIN, t->value_x100[test], SCORE)
                  : word(LW_FHIR_C_M_TEST, t->value_x100[test] > 0 ? LW_FHIR_C_POSITIVE : LW_FHIR_C_NEGATIVE);
        if (take(p, there, lw_test_names[test], LW_FHIR_C_CAT_EXAM, value)) {
            p->seen->method = pains ? LW_FHIR_C_M_TEST : -1;
            p->seen->test = lw_test_names[test];
        }
    }
}

static void tested(const lw_event *event, lw_fhir_pick *p) {
    const struct lw_ev_tested *t = event->data;
    tests(p, (t->has & LW_HAS_TESTED_TESTS) != 0, &t->tests);
    pair(p, (t->has & LW_HAS_TESTED_BRIDGE_REPS) != 0, &t->bridge_reps, "bridges", LW_FHIR_C_BRIDGES, 100, "{reps}");
    pair(p, (t->has & LW_HAS_TESTED_CURL_10RM_KG) != 0, &t->curl_10rm_kg_x100, "curl", LW_FHIR_C_CURL, 1, "kg");
    take(p, (t->has & LW_HAS_TESTED_SITTING_MIN) != 0, "sitting", LW_FHIR_C_CAT_EXAM,
         number(LW_FHIR_C_SITTING, (int64_t)t->sitting_min * 100, "min"));
    take(p, (t->has & LW_HAS_TESTED_REST_PAIN) != 0, "rest", LW_FHIR_C_CAT_EXAM,
         yes_no(LW_FHIR_C_REST_PAIN, t->rest_pain != 0));
}

static void assessed(const lw_event *event, lw_fhir_pick *p) {
    const struct lw_ev_assessed *a = event->data;
    tests(p, (a->has & LW_HAS_ASSESSED_TESTS) != 0, &a->tests);
    pair(p, (a->has & LW_HAS_ASSESSED_BRIDGE_REPS) != 0, &a->bridge_reps, "bridges", LW_FHIR_C_BRIDGES, 100, "{reps}");
    pair(p, (a->has & LW_HAS_ASSESSED_CURL_10RM_KG) != 0, &a->curl_10rm_kg_x100, "curl", LW_FHIR_C_CURL, 1, "kg");
    take(p, (a->has & LW_HAS_ASSESSED_SITTING_MIN) != 0, "sitting", LW_FHIR_C_CAT_EXAM,
         number(LW_FHIR_C_SITTING, (int64_t)a->sitting_min * 100, "min"));
    take(p, (a->has & LW_HAS_ASSESSED_REST_PAIN) != 0, "rest", LW_FHIR_C_CAT_EXAM,
         yes_no(LW_FHIR_C_REST_PAIN, a->rest_pain != 0));
    take(p, (a->has & LW_HAS_ASSESSED_NIGHT_PAIN) != 0, "night", LW_FHIR_C_CAT_EXAM,
         yes_no(LW_FHIR_C_NIGHT_PAIN, a->night_pain != 0));
    if (take(p, (a->has & LW_HAS_ASSESSED_ADL_PAIN) != 0, "adl", LW_FHIR_C_CAT_EXAM,
             number(LW_FHIR_C_PAIN, a->adl_pain_x100, SCORE))) {
        p->seen->method = LW_FHIR_C_M_ADL;
    }
}

static void outcome(const lw_event *event, lw_fhir_pick *p) {
    static const int16_t codes[LW_INSTRUMENT_WORDS] = {
        LW_FHIR_C_SCORE_VISA_H, LW_FHIR_C_PAIN,        LW_FHIR_C_SCORE_LEFS,    LW_FHIR_C_SCORE_GROC,
        LW_FHIR_C_SCORE_PSFS,   LW_FHIR_C_SCORE_TSK11, LW_FHIR_C_SCORE_NIRSCHL, LW_FHIR_C_SCORE_READINESS};
    const struct lw_ev_outcome *o = event->data;
    if (take(p, true, "", LW_FHIR_C_CAT_SURVEY, number(codes[o->instrument], o->score_x100, SCORE)) &&
        lw__fhir_form_of_event(event) >= 0) {
        p->seen->derived_from = "QuestionnaireResponse";
    }
}

static bool same_sets(const lw_sets *sets) {
    for (uint32_t i = 1; i < sets->count; i++) {
        const struct lw_set *a = &sets->items[0], *b = &sets->items[i];
        if (a->has != b->has || a->reps != b->reps || a->hold_s != b->hold_s || a->distance_m != b->distance_m ||
            a->contacts != b->contacts || a->load_kg_x100 != b->load_kg_x100 || a->speed_pct != b->speed_pct ||
            a->effort_x100 != b->effort_x100 || a->pain_x100 != b->pain_x100 || a->tempo.len != b->tempo.len ||
            (a->tempo.len > 0 && memcmp(a->tempo.ptr, b->tempo.ptr, a->tempo.len) != 0)) {
            return false;
        }
    }
    return true;
}

static void one_set(lw_fhir_seen *seen, const struct lw_set *s, uint32_t n) {
    add(seen, (s->has & LW_HAS_SET_REPS) != 0, number(LW_FHIR_C_C_REPS, (int64_t)s->reps * 100, "{reps}"), n);
    add(seen, (s->has & LW_HAS_SET_HOLD_S) != 0, number(LW_FHIR_C_C_HOLD, (int64_t)s->hold_s * 100, "s"), n);
    add(seen, (s->has & LW_HAS_SET_DISTANCE_M) != 0, number(LW_FHIR_C_C_DISTANCE, (int64_t)s->distance_m * 100, "m"),
        n);
    add(seen, (s->has & LW_HAS_SET_CONTACTS) != 0,
        number(LW_FHIR_C_C_CONTACTS, (int64_t)s->contacts * 100, "{contacts}"), n);
    add(seen, (s->has & LW_HAS_SET_LOAD_KG) != 0, number(LW_FHIR_C_C_LOAD, s->load_kg_x100, "kg"), n);
    add(seen, (s->has & LW_HAS_SET_SPEED_PCT) != 0, number(LW_FHIR_C_C_SPEED, (int64_t)s->speed_pct * 100, "%"), n);
    add(seen, (s->has & LW_HAS_SET_TEMPO) != 0, text(LW_FHIR_C_C_TEMPO, s->tempo), n);
    add(seen, (s->has & LW_HAS_SET_EFFORT) != 0, number(LW_FHIR_C_C_EFFORT, s->effort_x100, SCORE), n);
    add(seen, (s->has & LW_HAS_SET_PAIN) != 0, number(LW_FHIR_C_PAIN, s->pain_x100, SCORE), n);
}

static void exercise(const lw_event *event, lw_fhir_pick *p) {
    const struct lw_ev_exercise *e = event->data;
    lw_fhir_seen *seen = p->seen;
    if (!take(p, true, "", LW_FHIR_C_CAT_ACTIVITY,
              (lw_fhir_measure){.code = LW_FHIR_C_EXERCISE, .value = LW_FHIR_V_NONE})) {
        return;
    }
    seen->exercise = e->exercise;
    seen->site = (e->has & LW_HAS_EXERCISE_SIDE) != 0 ? site_of(e->side) : (int16_t)-1;
    if ((e->has & LW_HAS_EXERCISE_SKIP) != 0) {
        seen->not_done = true;
        seen->why_not = lw_skip_names[e->skip];
        return;
    }
    /* what is of the whole session comes first: a list of sets that is too long loses sets, never the pain */
    add(seen, true, number(LW_FHIR_C_C_SETS, (int64_t)e->sets.count * 100, "{sets}"), 0);
    add(seen, (e->has & LW_HAS_EXERCISE_PAIN_DURING) != 0, number(LW_FHIR_C_PAIN, e->pain_during_x100, SCORE), 0);
    add(seen, (e->has & LW_HAS_EXERCISE_EFFORT) != 0, number(LW_FHIR_C_C_EFFORT, e->effort_x100, SCORE), 0);
    add(seen, (e->has & LW_HAS_EXERCISE_DEPTH_DEG) != 0, number(LW_FHIR_C_C_DEPTH, (int64_t)e->depth_deg * 100, "deg"),
        0);
    add(seen, (e->has & LW_HAS_EXERCISE_TEST_BEFORE) != 0, number(LW_FHIR_C_C_TEST_BEFORE, e->test_before_x100, SCORE),
        0);
    add(seen, (e->has & LW_HAS_EXERCISE_TEST_AFTER) != 0, number(LW_FHIR_C_C_TEST_AFTER, e->test_after_x100, SCORE), 0);
    if ((e->has & LW_HAS_EXERCISE_PAIN_RELIEF) != 0) {
        const char *name = lw_pain_relief_names[e->pain_relief];
        add(seen, true, text(LW_FHIR_C_C_RELIEF, (lw_str){name, (uint32_t)strlen(name)}), 0);
    }
    bool same = same_sets(&e->sets);
    for (uint32_t i = 0; i < (same && e->sets.count > 0 ? 1 : e->sets.count); i++) {
        one_set(seen, &e->sets.items[i], same ? 0 : i + 1);
    }
}

static void activity(const lw_event *event, lw_fhir_pick *p) {
    static const int16_t types[LW_ACTIVITY_WORDS] = {LW_FHIR_C_ACT_RUN,  LW_FHIR_C_ACT_WALK,  LW_FHIR_C_ACT_CYCLE,
                                                     LW_FHIR_C_ACT_SWIM, LW_FHIR_C_ACT_DRIVE, LW_FHIR_C_ACT_SIT,
                                                     LW_FHIR_C_ACT_SPORT};
    const struct lw_ev_activity *a = event->data;
    lw_fhir_seen *seen = p->seen;
    bool idle = a->type == LW_ACTIVITY_DRIVE || a->type == LW_ACTIVITY_SIT;
    if (!take(p, true, "", LW_FHIR_C_CAT_ACTIVITY,
              word(idle ? LW_FHIR_C_DAILY_ACTIVITY : LW_FHIR_C_EXERCISE_ACTIVITY, types[a->type]))) {
        return;
    }
    if (event->by == LW_BY_DEVICE) {
        seen->device = event->by_id;
    }
    add(seen, true, number(idle ? LW_FHIR_C_C_DURATION : LW_FHIR_C_DURATION, (int64_t)a->minutes * 100, "min"), 0);
    add(seen, (a->has & LW_HAS_ACTIVITY_KM) != 0, number(LW_FHIR_C_C_DISTANCE, a->km_x100, "km"), 0);
    add(seen, (a->has & LW_HAS_ACTIVITY_ASCENT_M) != 0, number(LW_FHIR_C_C_ASCENT, (int64_t)a->ascent_m * 100, "m"), 0);
    add(seen, (a->has & LW_HAS_ACTIVITY_TOP_KMH) != 0, number(LW_FHIR_C_C_TOP_SPEED, a->top_kmh_x100, "km/h"), 0);
    add(seen, (a->has & LW_HAS_ACTIVITY_RUN_LEVEL) != 0,
        number(LW_FHIR_C_C_RUN_LEVEL, (int64_t)a->run_level * 100, "{level}"), 0);
    add(seen, (a->has & LW_HAS_ACTIVITY_RUN_MINUTES) != 0,
        number(LW_FHIR_C_C_RUN_TIME, (int64_t)a->run_minutes * 100, "min"), 0);
    add(seen, (a->has & LW_HAS_ACTIVITY_PAIN_DURING) != 0, number(LW_FHIR_C_PAIN, a->pain_during_x100, SCORE), 0);
}

static void shockwave(const lw_event *event, lw_fhir_pick *p) {
    const struct lw_ev_shockwave *s = event->data;
    lw_fhir_seen *seen = p->seen;
    const uint64_t dose = LW_HAS_SHOCKWAVE_PRESSURE_BAR | LW_HAS_SHOCKWAVE_EFD_MJ_MM2 | LW_HAS_SHOCKWAVE_IMPULSES |
                          LW_HAS_SHOCKWAVE_APPLICATOR_MM | LW_HAS_SHOCKWAVE_RATE_HZ | LW_HAS_SHOCKWAVE_PAIN_DURING;
    if (!take(p, (s->has & dose) != 0, "dose", LW_FHIR_C_CAT_THERAPY,
              (lw_fhir_measure){.code = LW_FHIR_C_ESWT_DOSE, .value = LW_FHIR_V_NONE})) {
        return;
    }
    seen->part_of = "Procedure";
    seen->site = site_of(s->side);
    if ((s->has & LW_HAS_SHOCKWAVE_WAVE) != 0) {
        seen->method = s->wave == LW_WAVE_RADIAL ? LW_FHIR_C_ESWT_RADIAL : LW_FHIR_C_ESWT_FOCUSED;
    }
    add(seen, (s->has & LW_HAS_SHOCKWAVE_EFD_MJ_MM2) != 0, number(LW_FHIR_C_C_EFD, s->efd_mj_mm2_x100, "mJ/mm2"), 0);
    add(seen, (s->has & LW_HAS_SHOCKWAVE_PRESSURE_BAR) != 0, number(LW_FHIR_C_C_PRESSURE, s->pressure_bar_x100, "bar"),
        0);
    add(seen, (s->has & LW_HAS_SHOCKWAVE_IMPULSES) != 0,
        number(LW_FHIR_C_C_IMPULSES, (int64_t)s->impulses * 100, "{pulses}"), 0);
    add(seen, (s->has & LW_HAS_SHOCKWAVE_RATE_HZ) != 0, number(LW_FHIR_C_C_RATE, s->rate_hz_x100, "Hz"), 0);
    add(seen, (s->has & LW_HAS_SHOCKWAVE_APPLICATOR_MM) != 0,
        number(LW_FHIR_C_C_APPLICATOR, s->applicator_mm_x100, "mm"), 0);
    add(seen, (s->has & LW_HAS_SHOCKWAVE_PAIN_DURING) != 0, number(LW_FHIR_C_PAIN, s->pain_during_x100, SCORE), 0);
}

bool lw__fhir_observe(const lw_fhir_set *set, const lw_event *event, uint32_t part, lw_fhir_seen *out) {
    (void)set;
    memset(out, 0, offsetof(lw_fhir_seen, parts));
    out->count = out->dropped = 0;
    out->event = event;
    out->method = out->site = -1;
    lw_fhir_pick pick = {.seen = out, .wanted = part};
    switch (event->kind) {
    case LW_KIND_CHECKIN:
        checkin(event, &pick);
        break;
    case LW_KIND_TESTED:
        tested(event, &pick);
        break;
    case LW_KIND_ASSESSED:
        assessed(event, &pick);
        break;
    case LW_KIND_OUTCOME:
        outcome(event, &pick);
        break;
    case LW_KIND_EXERCISE:
        exercise(event, &pick);
        break;
    case LW_KIND_ACTIVITY:
        activity(event, &pick);
        break;
    case LW_KIND_SHOCKWAVE:
        shockwave(event, &pick);
        break;
    default:
        break;
    }
    return pick.found;
}
