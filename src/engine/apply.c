/*
 * apply.c: one event at a time into the state.
 *
 * Events of a day set facts at once (who, baseline, flags, medicines) or wait in `today` until the day is closed
 * (check-ins, sessions, runs), because the morning is judged before the evening whatever the order of writing. Nothing
 * here decides.
 */
#include "engine/apply.h"

enum {
    VOLUME_MOST = 1000000000, /* of one exercise on one day */
    RUN_KM_MOST = 10000000    /* of all runs of a day, hundredths */
};

static bool has(uint64_t bits, uint64_t bit) {
    return (bits & bit) != 0;
}

static int32_t worst(int32_t a, int32_t b) {
    return a == LW_UNKNOWN || b > a ? b : a;
}

static int32_t least(int32_t a, int32_t b) {
    return a == LW_UNKNOWN || b < a ? b : a;
}

/* ---- flags ---- */

/* Makes room: entries whose flags are lifted for good are not needed any more. */
static void forget_lifted(lw_state *s) {
    uint8_t kept = 0;
    for (uint32_t i = 0; i < s->open_count; i++) {
        if (lw__standing_flags(s, &s->open[i]) != 0) {
            s->open[kept++] = s->open[i];
        }
    }
    s->open_count = kept;
}

static void raise_flags(lw_state *s, const lw_event *e, uint32_t flags, int32_t until) {
    if (flags == 0) {
        return;
    }
    if (s->open_count == LW_MAX_OPEN) {
        forget_lifted(s);
    }
    if (s->open_count == LW_MAX_OPEN) {
        // too many to follow one by one: stays stopped
        s->open_overflow |= flags;
        return;
    }
    if (lw__flags_stop(s, flags)) {
        s->stop_seen = true;
        s->authority_lowered = true;
    }
    s->open[s->open_count++] =
        (lw_open_flag){.flags = flags, .id = e->id, .at_s = e->at_s, .day = e->day, .until = until};
}

static void clear_flags(lw_state *s, const struct lw_ev_cleared *data) {
    for (uint32_t i = 0; i < data->events.count; i++) {
        for (uint32_t k = 0; k < s->open_count; k++) {
            if (memcmp(s->open[k].id, data->events.items[i], 16) == 0) {
                s->open[k].cleared = true;
            }
        }
    }
    s->contra_decided |= data->codes;
    if (has(data->has, LW_HAS_CLEARED_CODES)) {
        s->soft_decided = true;
    }
}

/* ---- baseline ---- */

static void apply_tests(lw_state *s, const lw_tests *tests, int32_t day) {
    for (int32_t t = 0; t < LW_TESTS; t++) {
        if ((tests->has >> t & 1u) != 0) {
            s->before[t] = s->test_day[t] < day ? s->test[t] : s->before[t];
            s->test[t] = tests->value_x100[t];
            s->test_day[t] = day;
        }
    }
}

static void apply_pairs(lw_state *s, bool bridges, const lw_pair *bridge, bool curls, const lw_pair *curl,
                        int32_t day) {
    if (bridges && bridge->has == 3) {
        s->bridge_left = bridge->left;
        s->bridge_right = bridge->right;
        s->bridge_day = day;
    }
    if (curls && curl->has == 3) {
        s->curl_left = curl->left;
        s->curl_right = curl->right;
        s->curl_day = day;
    }
}

/* After a long silence the load ladder is climbed again; a clinician's signs are no part of it. */
static void climb_ladder(lw_state *s, const lw_tests *tests) {
    bool climbed = (tests->has & (LW_BIT(LW_PAIN_TESTS) - 1)) != 0;
    s->lock_tests = s->lock_tests && !climbed;
}

static void apply_assessed(lw_state *s, const lw_event *e) {
    const struct lw_ev_assessed *a = e->data;
    uint64_t h = a->has;
    int32_t day = e->day;
    s->assessed = true;
    s->assessed_day = day;
    s->baseline_changed = true;
    for (uint32_t k = 0; k < s->open_count; k++) {
        s->open[k].assessed_after = s->open[k].assessed_after || e->at_s > s->open[k].at_s;
    }
    apply_tests(s, &a->tests, day);
    apply_pairs(s, has(h, LW_HAS_ASSESSED_BRIDGE_REPS), &a->bridge_reps, has(h, LW_HAS_ASSESSED_CURL_10RM_KG),
                &a->curl_10rm_kg_x100, day);
    if (has(h, LW_HAS_ASSESSED_ONSET)) {
        lw__fact_set(s, LW_FACT_ONSET, a->onset, day);
        bool sudden = a->onset == LW_ONSET_SUDDEN && a->event != 0;
        lw__fact_set(s, LW_FACT_SUDDEN_EVENT, sudden, day);
        raise_flags(s, e, sudden ? LW_BIT(LW_FLAG_RF03) : 0, INT32_MAX);
    }
    if (has(h, LW_HAS_ASSESSED_WEEKS)) {
        s->weeks = a->weeks;
        s->weeks_day = day;
    }
    if (has(h, LW_HAS_ASSESSED_LOCALISED)) {
        lw__fact_set(s, LW_FACT_LOCALISED, a->localised, day);
    }
    if (has(h, LW_HAS_ASSESSED_LOAD_INCREASE)) {
        lw__fact_set(s, LW_FACT_LOAD_INCREASE, a->load_increase, day);
    }
    if (has(h, LW_HAS_ASSESSED_BELOW_KNEE)) {
        lw__fact_set(s, LW_FACT_BELOW_KNEE, a->below_knee, day);
        raise_flags(s, e, a->below_knee ? LW_BIT(LW_FLAG_RF10) : 0, INT32_MAX);
    }
    if (has(h, LW_HAS_ASSESSED_REST_PAIN)) {
        lw__fact_set(s, LW_FACT_BASE_REST_PAIN, a->rest_pain, day);
    }
    if (has(h, LW_HAS_ASSESSED_NIGHT_PAIN)) {
        lw__fact_set(s, LW_FACT_BASE_NIGHT_PAIN, a->night_pain, day);
    }
    if (has(h, LW_HAS_ASSESSED_ADL_PAIN)) {
        lw__fact_set(s, LW_FACT_ADL_PAIN, a->adl_pain_x100, day);
    }
    if (has(h, LW_HAS_ASSESSED_SETTLE_H)) {
        // hours are asked whole; a part of an hour counts as one more
        lw__fact_set(s, LW_FACT_SETTLE_HOURS, (a->settle_h_x100 + 99) / 100, day);
    }
    if (has(h, LW_HAS_ASSESSED_SITTING_MIN)) {
        lw__fact_set(s, LW_FACT_SITTING, a->sitting_min, day);
        lw__fact_set(s, LW_FACT_ENTRY_SITTING, a->sitting_min, day);
    }
    if (has(h, LW_HAS_ASSESSED_CONTRAINDICATIONS)) {
        // a new list does not end what was added as a condition
        s->contra_listed = a->contraindications;
        s->contra = s->contra_listed | s->contra_added;
        s->contra_decided = 0;
        s->soft_decided = false;
        s->contra_asked = true;
        raise_flags(s, e, (a->contraindications & LW_BIT(LW_CONTRA_C01)) != 0 ? LW_BIT(LW_FLAG_RF13) : 0, INT32_MAX);
    }
    if (has(h, LW_HAS_ASSESSED_LOADING_WEEKS)) {
        s->loading_base = a->loading_weeks;
    }
    if (has(h, LW_HAS_ASSESSED_LOADING_RESPONSE)) {
        lw__fact_set(s, LW_FACT_LOADING_RESPONSE, a->loading_response, day);
    }
    if (has(h, LW_HAS_ASSESSED_LOADING_BLOCKED)) {
        lw__fact_set(s, LW_FACT_LOADING_BLOCKED, a->loading_blocked, day);
    }
    if (has(h, LW_HAS_ASSESSED_IMAGING)) {
        lw__fact_set(s, LW_FACT_IMAGING, a->imaging, day);
        s->imaging_none = a->imaging == LW_IMAGING_NONE;
    }
    if (has(h, LW_HAS_ASSESSED_IMAGING_RESULT)) {
        lw__fact_set(s, LW_FACT_IMAGING_RESULT, a->imaging_result, day);
    }
    if (has(h, LW_HAS_ASSESSED_TEAR)) {
        s->tear = a->tear != LW_TEAR_NONE;
        raise_flags(s, e, s->tear ? LW_BIT(LW_FLAG_RF14) : 0, INT32_MAX);
    }
    climb_ladder(s, &a->tests);
}

static void apply_tested(lw_state *s, const lw_event *e) {
    const struct lw_ev_tested *t = e->data;
    s->baseline_changed = true;
    apply_tests(s, &t->tests, e->day);
    apply_pairs(s, has(t->has, LW_HAS_TESTED_BRIDGE_REPS), &t->bridge_reps, has(t->has, LW_HAS_TESTED_CURL_10RM_KG),
                &t->curl_10rm_kg_x100, e->day);
    if (has(t->has, LW_HAS_TESTED_SITTING_MIN)) {
        lw__fact_set(s, LW_FACT_SITTING, t->sitting_min, e->day);
    }
    if (has(t->has, LW_HAS_TESTED_REST_PAIN)) {
        lw__fact_set(s, LW_FACT_BASE_REST_PAIN, t->rest_pain, e->day);
    }
    climb_ladder(s, &t->tests);
}

static void apply_condition(lw_state *s, const lw_event *e) {
    const struct lw_ev_condition *c = e->data;
    if (c->present) {
        s->contra_added |= LW_BIT(c->code);
        s->contra |= LW_BIT(c->code);
        s->contra_decided &= ~LW_BIT(c->code);
        raise_flags(s, e, c->code == LW_CONTRA_C01 ? LW_BIT(LW_FLAG_RF13) : 0, INT32_MAX);
    } else {
        s->contra_added &= ~LW_BIT(c->code);
        s->contra_listed &= ~LW_BIT(c->code);
        s->contra &= ~LW_BIT(c->code);
    }
}

/* A course that begins after the last one has worn off is decided on anew. */
static void take_nsaid(lw_state *s, int32_t from, int32_t to) {
    if (s->nsaid_until == LW_UNKNOWN || from - s->protocol->params[LW_PARAM_NSAID_DAYS] > s->nsaid_until) {
        s->contra_decided &= ~LW_BIT(LW_CONTRA_C12);
    }
    s->nsaid_until = worst(s->nsaid_until, to);
}

/* Remembers an injection; in a full list in the place of the earliest, if that is earlier still. */
static void add_steroid(lw_state *s, int32_t from) {
    if (s->steroid_count < LW_MAX_STEROIDS) {
        s->steroid_from[s->steroid_count++] = from;
        return;
    }
    uint32_t earliest = 0;
    for (uint32_t i = 1; i < LW_MAX_STEROIDS; i++) {
        earliest = s->steroid_from[i] < s->steroid_from[earliest] ? i : earliest;
    }
    s->steroid_from[earliest] = from > s->steroid_from[earliest] ? from : s->steroid_from[earliest];
}

static void apply_medicine(lw_state *s, const lw_event *e) {
    const struct lw_ev_medicine *m = e->data;
    int32_t to = has(m->has, LW_HAS_MEDICINE_TO) ? m->to : INT32_MAX;
    int32_t tail = s->protocol->params[LW_PARAM_FLUOROQUINOLONE_DAYS];
    switch (m->class_) {
    case LW_MEDICINE_STEROID_INJECTION:
        if (!has(m->has, LW_HAS_MEDICINE_SITE) || m->site == LW_SITE_HAMSTRING) {
            // a new injection is decided on anew
            s->soft_decided = false;
            add_steroid(s, m->from);
        }
        break;
    case LW_MEDICINE_NSAID:
        take_nsaid(s, m->from, to);
        break;
    case LW_MEDICINE_ANTICOAGULANT:
        s->anticoagulant_until = worst(s->anticoagulant_until, to);
        s->contra_decided &= ~LW_BIT(LW_CONTRA_C06);
        break;
    case LW_MEDICINE_FLUOROQUINOLONE:
        raise_flags(s, e, LW_BIT(LW_FLAG_RF11), to == INT32_MAX ? to : to + tail);
        break;
    default:
        break;
    }
}

/* ---- settings ---- */

/* Authority and ceiling count as far as the writer may grant them. */
static void apply_grants(lw_state *s, const lw_event *e, bool level_given, uint8_t level, bool ceiling_given,
                         int32_t ceiling) {
    bool clinician = e->by == LW_BY_CLINICIAN;
    if (level_given) {
        uint8_t granted = level == LW_AUTHORITY_PROGRESS && !clinician ? (uint8_t)LW_AUTHORITY_SUGGEST : level;
        bool tied = e->at_s == s->authority_at_s && s->authority < granted;
        s->authority = tied ? s->authority : granted;
        s->authority_at_s = e->at_s;
        // after a stop only what a clinician sets once it is over counts
        bool over = clinician && !lw__flags_stop(s, lw__open_flags(s));
        s->authority_lowered = s->authority_lowered && !over;
    }
    if (ceiling_given) {
        s->pain_ceiling = ceiling == 5 && clinician ? 5 : 3;
    }
}

static void apply_settings(lw_state *s, const lw_event *e) {
    const struct lw_ev_settings *d = e->data;
    apply_grants(s, e, has(d->has, LW_HAS_SETTINGS_AUTHORITY), d->authority, has(d->has, LW_HAS_SETTINGS_PAIN_CEILING),
                 d->pain_ceiling);
    if (has(d->has, LW_HAS_SETTINGS_DAYS)) {
        s->days_mask = (uint8_t)d->days;
    }
    if (has(d->has, LW_HAS_SETTINGS_EQUIPMENT)) {
        s->equipment = d->equipment;
    }
    if (has(d->has, LW_HAS_SETTINGS_LOADS)) {
        s->loads_settings = d;
    }
    if (has(d->has, LW_HAS_SETTINGS_MAX_ITEMS)) {
        s->max_items = (uint8_t)d->max_items;
    }
    if (has(d->has, LW_HAS_SETTINGS_GOAL)) {
        s->goal = d->goal;
        lw__fact_set(s, LW_FACT_GOAL, d->goal, e->day);
    }
    if (has(d->has, LW_HAS_SETTINGS_SPORT)) {
        lw__fact_set(s, LW_FACT_SPORT, d->sport, e->day);
    }
}

static void apply_started(lw_state *s, const lw_event *e) {
    const struct lw_ev_started *d = e->data;
    s->started_protocol = d->protocol;
    s->started_hash =
        (lw_str){has(d->has, LW_HAS_STARTED_PROTOCOL_SHA256) ? (const char *)d->protocol_sha256 : NULL, 32};
    s->start_by_clinician = e->by == LW_BY_CLINICIAN;
    s->clinician_since_start = false;
    s->pain_ceiling = 3;
    apply_grants(s, e, true, d->authority, has(d->has, LW_HAS_STARTED_PAIN_CEILING), d->pain_ceiling);
    s->days_mask = has(d->has, LW_HAS_STARTED_DAYS) ? (uint8_t)d->days : 0;
    s->equipment = has(d->has, LW_HAS_STARTED_EQUIPMENT) ? d->equipment : 0;
    s->loads_started = has(d->has, LW_HAS_STARTED_LOADS) ? d : NULL;
    s->loads_settings = NULL;
    s->max_items = has(d->has, LW_HAS_STARTED_MAX_ITEMS) ? (uint8_t)d->max_items : LW_MAX_ITEMS_PLAN;
    s->paused = false;
    s->discharged = false;
}

/* ---- the day's doing ---- */

static int32_t find_exercise(const lw_protocol *p, lw_str id) {
    for (int32_t i = 0; i < p->exercise_count; i++) {
        if (lw__str_eq(p->exercises[i].id, id)) {
            return i;
        }
    }
    return -1;
}

static uint16_t smaller(uint16_t so_far, bool first, int32_t value) {
    return first || value < so_far ? (uint16_t)value : so_far;
}

static void add_set(lw_done *d, const struct lw_set *set) {
    bool first = d->sets == 0;
    int32_t reps = (set->has & LW_HAS_SET_REPS) != 0 ? set->reps : 0;
    int32_t hold = (set->has & LW_HAS_SET_HOLD_S) != 0 ? set->hold_s : 0;
    int32_t distance = (set->has & LW_HAS_SET_DISTANCE_M) != 0 ? set->distance_m : 0;
    int32_t contacts = (set->has & LW_HAS_SET_CONTACTS) != 0 ? set->contacts : 0;
    d->reps = smaller(d->reps, first, reps);
    d->hold_s = smaller(d->hold_s, first, hold);
    d->distance_m = smaller(d->distance_m, first, distance);
    d->contacts = smaller(d->contacts, first, contacts);
    d->speed_pct = smaller(d->speed_pct, first, (set->has & LW_HAS_SET_SPEED_PCT) != 0 ? set->speed_pct : 0);
    if ((set->has & LW_HAS_SET_LOAD_KG) != 0) {
        d->load = least(d->load, set->load_kg_x100);
    }
    if ((set->has & LW_HAS_SET_PAIN) != 0) {
        d->pain = worst(d->pain, set->pain_x100);
    }
    if ((set->has & LW_HAS_SET_EFFORT) != 0) {
        d->effort = worst(d->effort, set->effort_x100);
    }
    int32_t volume = hold > 0 ? (hold + 9) / 10 : contacts > 0 ? contacts : reps > 0 ? reps : (distance + 9) / 10;
    d->volume = lw__added(d->volume, volume, VOLUME_MOST);
    d->sets = (uint16_t)(d->sets + (d->sets < 1000 ? 1 : 0));
}

static void apply_exercise(lw_state *s, const lw_event *e) {
    const struct lw_ev_exercise *x = e->data;
    int32_t index = find_exercise(s->protocol, x->exercise);
    if (index < 0) {
        // an exercise this protocol does not know: its pain still counts
        index = LW_MAX_EXERCISES;
    }
    lw_done *d = &s->today.done[index];
    if ((s->today.touched >> index & 1u) == 0) {
        s->today.touched |= UINT64_C(1) << index;
        *d = (lw_done){.load = LW_UNKNOWN,
                       .pain = LW_UNKNOWN,
                       .effort = LW_UNKNOWN,
                       .relief = LW_UNKNOWN,
                       .depth_deg = LW_UNKNOWN};
    }
    if (has(x->has, LW_HAS_EXERCISE_SKIP)) {
        d->skipped = true;
        d->skipped_for_pain = d->skipped_for_pain || x->skip == LW_SKIP_PAIN;
        return;
    }
    d->any = true;
    d->pain = worst(d->pain, x->pain_during_x100);
    if (has(x->has, LW_HAS_EXERCISE_EFFORT)) {
        d->effort = worst(d->effort, x->effort_x100);
    }
    if (has(x->has, LW_HAS_EXERCISE_DEPTH_DEG)) {
        d->depth_deg = worst(d->depth_deg, x->depth_deg);
    }
    if (has(x->has, LW_HAS_EXERCISE_TEST_BEFORE) && has(x->has, LW_HAS_EXERCISE_TEST_AFTER)) {
        d->relief = least(d->relief, x->test_before_x100 - x->test_after_x100);
    }
    if (has(x->has, LW_HAS_EXERCISE_PAIN_RELIEF) && x->pain_relief != LW_PAIN_RELIEF_NONE) {
        d->pain_relief = true;
        if (x->pain_relief == LW_PAIN_RELIEF_NSAID) {
            take_nsaid(s, e->day, e->day);
        }
    }
    for (uint32_t i = 0; i < x->sets.count; i++) {
        add_set(d, &x->sets.items[i]);
    }
}

static void apply_checkin(lw_state *s, const lw_event *e) {
    const struct lw_ev_checkin *c = e->data;
    lw_today *t = &s->today;
    t->checkin = true;
    t->morning = worst(t->morning, c->pain_morning_x100);
    if (has(c->has, LW_HAS_CHECKIN_STIFFNESS_MIN)) {
        t->stiffness = worst(t->stiffness, c->stiffness_min);
    }
    if (has(c->has, LW_HAS_CHECKIN_PAIN_WORST_24H)) {
        t->worst = worst(t->worst, c->pain_worst_24h_x100);
    }
    if (has(c->has, LW_HAS_CHECKIN_PAIN_TEST)) {
        int32_t test = has(c->has, LW_HAS_CHECKIN_TEST) ? c->test : LW_TEST_BRIDGE_SINGLE;
        t->test[test] = worst(t->test[test], c->pain_test_x100);
    }
    t->night = t->night || (has(c->has, LW_HAS_CHECKIN_NIGHT_PAIN) && c->night_pain);
    t->rest = t->rest || (has(c->has, LW_HAS_CHECKIN_REST_PAIN) && c->rest_pain);
    if (has(c->has, LW_HAS_CHECKIN_MUSCLE_SORENESS)) {
        t->soreness = worst(t->soreness, c->muscle_soreness_x100);
    }
    if (has(c->has, LW_HAS_CHECKIN_SITTING_MIN)) {
        t->sitting = least(t->sitting, c->sitting_min);
    }
    if (has(c->has, LW_HAS_CHECKIN_SLEEP_H)) {
        t->sleep = least(t->sleep, c->sleep_h_x100 / 100);
    }
    if (has(c->has, LW_HAS_CHECKIN_STRESS)) {
        t->stress = worst(t->stress, (c->stress_x100 + 99) / 100);
    }
    if (has(c->has, LW_HAS_CHECKIN_PAIN_RELIEF) && c->pain_relief != LW_PAIN_RELIEF_NONE) {
        t->relief = true;
        if (c->pain_relief == LW_PAIN_RELIEF_NSAID) {
            take_nsaid(s, e->day, e->day);
        }
    }
}

/* Minutes run in one go: none where the level is one of walking and running by turns. */
static int32_t continuous_minutes(const lw_state *s, const struct lw_ev_activity *a) {
    const lw_protocol *p = s->protocol;
    if (has(a->has, LW_HAS_ACTIVITY_RUN_LEVEL)) {
        bool known = a->run_level >= 1 && a->run_level <= p->run_level_count;
        if (!known || p->run_levels[a->run_level - 1].walk_min > 0) {
            return 0;
        }
    }
    return has(a->has, LW_HAS_ACTIVITY_RUN_MINUTES) ? a->run_minutes : a->minutes;
}

static void apply_activity(lw_state *s, const lw_event *e) {
    const struct lw_ev_activity *a = e->data;
    lw_today *t = &s->today;
    int32_t pain = has(a->has, LW_HAS_ACTIVITY_PAIN_DURING) ? a->pain_during_x100 : LW_UNKNOWN;
    switch (a->type) {
    case LW_ACTIVITY_RUN:
        t->run = true;
        t->run_km = lw__added(t->run_km, has(a->has, LW_HAS_ACTIVITY_KM) ? a->km_x100 : 0, RUN_KM_MOST);
        t->run_min += has(a->has, LW_HAS_ACTIVITY_RUN_MINUTES) ? a->run_minutes : a->minutes;
        t->run_pain = pain == LW_UNKNOWN ? t->run_pain : worst(t->run_pain, pain);
        t->run_unknown_pain = t->run_unknown_pain || pain == LW_UNKNOWN;
        t->run_continuous = worst(t->run_continuous, continuous_minutes(s, a));
        break;
    case LW_ACTIVITY_WALK:
        if (a->minutes >= s->protocol->params[LW_PARAM_WALK_MINUTES] && pain != LW_UNKNOWN) {
            t->walk_ok = t->walk_ok || pain <= s->protocol->params[LW_PARAM_WALK_PAIN];
            t->walk_bad = t->walk_bad || pain > s->protocol->params[LW_PARAM_WALK_PAIN];
        }
        break;
    case LW_ACTIVITY_CYCLE:
        lw__fact_set(s, LW_FACT_CYCLE_AGE, 0, e->day);
        break;
    default:
        break;
    }
    // other sport and long sitting hurt the same tendon: their pain may lower, never raise
    if (a->type != LW_ACTIVITY_RUN && a->type != LW_ACTIVITY_SIT && a->type != LW_ACTIVITY_DRIVE &&
        pain != LW_UNKNOWN) {
        t->other_pain = worst(t->other_pain, pain);
    }
}

static void apply_shockwave(lw_state *s, const lw_event *e) {
    const struct lw_ev_shockwave *w = e->data;
    if (s->sw_day != LW_NEVER_DAY && e->day - s->sw_day > s->protocol->params[LW_PARAM_STEROID_WARN]) {
        s->sw_count = 0; // so long after the last session another course begins
    }
    if (s->sw_count == 0) {
        s->sw_visa_start = s->fact[LW_FACT_VISA];
        s->sw_nprs_start = s->test[LW_TEST_BRIDGE_SINGLE];
    }
    s->sw_count = (uint8_t)(s->sw_count + (s->sw_count < 200 ? 1 : 0));
    s->sw_day = e->day;
    s->sw_sore_days = 0;
    s->sw_sore_over = false;
    s->sw_rise = LW_UNKNOWN;
    for (uint32_t i = 0; i < s->booked_count; i++) {
        s->booked[i] = s->booked[i] <= e->day ? LW_NEVER_DAY : s->booked[i];
    }
    s->sw_anaesthetic = has(w->has, LW_HAS_SHOCKWAVE_ANAESTHETIC) && w->anaesthetic;
    s->sw_no_device = !has(w->has, LW_HAS_SHOCKWAVE_DEVICE);
}

/* Remembers a booked session in the place of one that has passed; in a full list, of the last. */
static void add_booking(lw_state *s, int32_t on, int32_t today) {
    uint32_t place = 0;
    while (place < s->booked_count && s->booked[place] >= today) {
        place++;
    }
    place = place < LW_MAX_BOOKED ? place : LW_MAX_BOOKED - 1;
    s->booked[place] = on;
    s->booked_count = (uint8_t)(place < s->booked_count ? s->booked_count : place + 1);
}

static void apply_outcome(lw_state *s, const lw_event *e) {
    const struct lw_ev_outcome *o = e->data;
    s->outcome_day[o->instrument] = e->day;
    int32_t score = o->score_x100;
    switch (o->instrument) {
    case LW_INSTRUMENT_VISA_H:
        s->visa_first = s->visa_first == LW_UNKNOWN ? score / 100 : s->visa_first;
        lw__fact_set(s, LW_FACT_VISA, score / 100, e->day);
        lw__fact_set(s, LW_FACT_VISA_GAIN, score / 100 - s->visa_first, e->day);
        break;
    case LW_INSTRUMENT_NPRS:
        s->nprs_first = s->nprs_first == LW_UNKNOWN ? score : s->nprs_first;
        lw__fact_set(s, LW_FACT_NPRS_GAIN, s->nprs_first - score, e->day);
        break;
    case LW_INSTRUMENT_GROC:
        lw__fact_set(s, LW_FACT_GROC, score / 100, e->day);
        break;
    case LW_INSTRUMENT_TSK11:
        s->tsk_first = s->tsk_first == LW_UNKNOWN ? score / 100 : s->tsk_first;
        lw__fact_set(s, LW_FACT_TSK, score / 100, e->day);
        lw__fact_set(s, LW_FACT_TSK_DROP, s->tsk_first - score / 100, e->day);
        break;
    case LW_INSTRUMENT_READINESS:
        lw__fact_set(s, LW_FACT_READINESS, score / 100, e->day);
        break;
    default:
        break;
    }
}

static void apply_limit(lw_state *s, const lw_event *e) {
    const struct lw_ev_limit *l = e->data;
    lw_limit limit = {
        .exercise = 255, .variable = LW_VAR_NONE, .max = l->max_x100, .until = INT32_MAX, .at_s = e->at_s};
    if (has(l->has, LW_HAS_LIMIT_EXERCISE)) {
        int32_t index = find_exercise(s->protocol, l->exercise);
        if (index < 0) {
            return;
        }
        limit.exercise = (uint8_t)index;
    } else {
        limit.variable = lw__limit_variable(l->variable);
    }
    if (has(l->has, LW_HAS_LIMIT_UNTIL)) {
        limit.until = l->until;
    }
    for (uint32_t i = 0; i < s->limit_count; i++) {
        lw_limit *old = &s->limits[i];
        if (old->exercise == limit.exercise && old->variable == limit.variable) {
            // the latest holds; of two of one instant the lower, and as long as the longer
            bool tied = old->at_s == limit.at_s;
            limit.max = tied && old->max < limit.max ? old->max : limit.max;
            limit.until = tied && old->until > limit.until ? old->until : limit.until;
            *old = limit;
            return;
        }
    }
    if (LW_ALWAYS(s->limit_count < LW_MAX_LIMITS)) {
        s->limits[s->limit_count++] = limit;
    }
}

uint8_t lw__limit_variable(lw_str name) {
    static const struct {
        const char *name;
        uint8_t variable;
    } names[] = {{"load", LW_VAR_LOAD},         {"load_kg", LW_VAR_LOAD},     {"reps", LW_VAR_REPS},
                 {"sets", LW_VAR_SETS},         {"hold", LW_VAR_HOLD},        {"hold_s", LW_VAR_HOLD},
                 {"depth", LW_VAR_DEPTH},       {"depth_deg", LW_VAR_DEPTH},  {"hip_flexion_deg", LW_VAR_DEPTH},
                 {"speed", LW_VAR_SPEED},       {"speed_pct", LW_VAR_SPEED},  {"contacts", LW_VAR_CONTACTS},
                 {"distance", LW_VAR_DISTANCE}, {"km", LW_LIMIT_RUN_KM},      {"run_km", LW_LIMIT_RUN_KM},
                 {"run_min", LW_LIMIT_RUN_MIN}, {"minutes", LW_LIMIT_RUN_MIN}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (lw__str_eq(lw__str(names[i].name), name)) {
            return names[i].variable;
        }
    }
    return LW_LIMIT_ALL;
}

void lw__today_clear(lw_today *t) {
    t->checkin = t->relief = t->night = t->rest = false;
    t->morning = t->worst = t->soreness = t->stress = t->stiffness = t->sitting = t->sleep = LW_UNKNOWN;
    for (int32_t i = 0; i < LW_TESTS; i++) {
        t->test[i] = LW_UNKNOWN;
    }
    t->touched = 0;
    t->run = t->walk_ok = t->walk_bad = t->run_unknown_pain = false;
    t->run_km = t->run_min = 0;
    t->run_pain = t->run_continuous = t->other_pain = LW_UNKNOWN;
    t->accepted_count = t->override_count = 0;
}

void lw__apply(lw_state *s, const lw_event *e) {
    if (e->by == LW_BY_CLINICIAN && e->kind != LW_KIND_STARTED) {
        s->clinician_since_start = true;
    }
    switch (e->kind) {
    case LW_KIND_ENROLLED: {
        const struct lw_ev_enrolled *d = e->data;
        s->enrolled = true;
        s->birth_year = d->birth_year;
        s->sides = (uint8_t)(d->sides & 3u);
        s->goal = d->goal;
        lw__fact_set(s, LW_FACT_GOAL, d->goal, e->day);
        if (has(d->has, LW_HAS_ENROLLED_SEX)) {
            lw__fact_set(s, LW_FACT_SEX, d->sex, e->day);
        }
        if (has(d->has, LW_HAS_ENROLLED_SPORT)) {
            lw__fact_set(s, LW_FACT_SPORT, d->sport, e->day);
        }
        break;
    }
    case LW_KIND_SCREENED:
        s->screened = true;
        s->screen_day = e->day;
        s->lock_screen_seen = true;
        raise_flags(s, e, ((const struct lw_ev_screened *)e->data)->flags, INT32_MAX);
        break;
    case LW_KIND_SYMPTOM:
        raise_flags(s, e, LW_BIT(((const struct lw_ev_symptom *)e->data)->flag), INT32_MAX);
        break;
    case LW_KIND_CLEARED:
        clear_flags(s, e->data);
        break;
    case LW_KIND_CONDITION:
        apply_condition(s, e);
        break;
    case LW_KIND_ASSESSED:
        apply_assessed(s, e);
        break;
    case LW_KIND_TESTED:
        apply_tested(s, e);
        break;
    case LW_KIND_OUTCOME:
        apply_outcome(s, e);
        break;
    case LW_KIND_STARTED:
        apply_started(s, e);
        break;
    case LW_KIND_SETTINGS:
        apply_settings(s, e);
        break;
    case LW_KIND_CHECKIN:
        apply_checkin(s, e);
        break;
    case LW_KIND_EXERCISE:
        apply_exercise(s, e);
        break;
    case LW_KIND_ACTIVITY:
        apply_activity(s, e);
        break;
    case LW_KIND_SHOCKWAVE:
        apply_shockwave(s, e);
        break;
    case LW_KIND_BOOKED: {
        const struct lw_ev_booked *b = e->data;
        if (b->what == LW_BOOKED_SHOCKWAVE) {
            add_booking(s, b->on, e->day);
        }
        break;
    }
    case LW_KIND_TREATMENT: {
        const struct lw_ev_treatment *t = e->data;
        if (t->type == LW_TREATMENT_STRETCHING) {
            lw__fact_set(s, LW_FACT_STRETCH_AGE, 0, e->day);
        } else if (t->type != LW_TREATMENT_ICE) {
            lw__fact_set(s, LW_FACT_PASSIVE_AGE, 0, e->day);
        }
        break;
    }
    case LW_KIND_MEDICINE:
        apply_medicine(s, e);
        break;
    case LW_KIND_LIMIT:
        apply_limit(s, e);
        break;
    case LW_KIND_OVERRIDE:
        if (s->today.override_count < LW_MAX_TODAY) {
            s->today.overrides[s->today.override_count++] = e;
        }
        break;
    case LW_KIND_ACCEPTED:
        if (s->today.accepted_count < LW_MAX_TODAY) {
            s->today.accepted[s->today.accepted_count++] = e;
        }
        break;
    case LW_KIND_AUTHORITY: {
        const struct lw_ev_authority *a = e->data;
        apply_grants(s, e, true, a->level, false, 0);
        break;
    }
    case LW_KIND_PAUSED:
        s->paused = true;
        break;
    case LW_KIND_RESUMED:
        s->paused = false;
        break;
    case LW_KIND_DISCHARGED:
        s->discharged = true;
        break;
    default:
        break;
    }
}
