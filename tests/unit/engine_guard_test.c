/*
 * engine_guard_test.c: every field of the allowance, each condition just true and just false.
 */
#include "engine_support.h"

static lw_allow guard(const lw_state *s) {
    lw_allow a = lw__guard(s);
    return a;
}

/* A calm state in the plyometric stage, long after anything that asks for rest. */
static lw_state *free_state(void) {
    lw_state *s = ready();
    s->stage = LW_STAGE_PLYOMETRIC;
    s->run.fast = true;
    s->run.level = 1;
    return s;
}

static void the_calm_state_may(void **state) {
    (void)state;
    lw_allow a = guard(free_state());
    assert_int_equal(a.status, LW_STATUS_ACTIVE);
    assert_int_equal(a.missing, 0);
    assert_true(a.prescribe);
    assert_true(a.raise);
    assert_true(a.by_itself);
    assert_true(a.propose);
    assert_false(a.stage1_only);
    assert_true(a.heavy);
    assert_true(a.deep);
    assert_true(a.plyometric);
    assert_true(a.fast);
    assert_true(a.run);
    assert_false(a.shockwave_forbidden);
    assert_true(a.shockwave_due);
    assert_int_equal(a.class_max, 3);
    assert_int_equal(a.cap, LW_CAP_NONE);
}

/* ---- status ---- */

static void open_flag(lw_state *s, uint32_t flags, int32_t until) {
    static const uint8_t id[16] = {1};
    s->open[s->open_count++] = (lw_open_flag){.flags = flags, .id = id, .day = s->day, .until = until};
}

static void status_by_precedence(void **state) {
    (void)state;
    lw_state *s = ready();
    s->started = false;
    assert_int_equal(guard(s).status, LW_STATUS_NOT_STARTED);
    assert_false(guard(s).prescribe);
    s->started = true;
    s->enrolled = false;
    assert_int_equal(guard(s).status, LW_STATUS_NOT_STARTED);
    s->enrolled = true;
    s->screened = false;
    assert_int_equal(guard(s).status, LW_STATUS_NOT_STARTED);
    s->paused = true;
    assert_int_equal(guard(s).status, LW_STATUS_PAUSED);
    assert_false(guard(s).prescribe);
    s->discharged = true;
    assert_int_equal(guard(s).status, LW_STATUS_DISCHARGED);
    open_flag(s, LW_BIT(LW_FLAG_RF03), INT32_MAX);
    assert_int_equal(guard(s).status, LW_STATUS_STOPPED);
    assert_false(guard(s).prescribe);
    assert_false(guard(s).run);
    assert_true(guard(s).shockwave_forbidden);
}

/* The masks of events.h say bit for bit what its tables say. */
static void masks_and_tables_agree(void **state) {
    (void)state;
    uint32_t stop = 0, assessed = 0, forbid = 0;
    for (uint32_t k = 0; k < LW_FLAGS; k++) {
        stop |= (uint32_t)lw_flag_table[k].stops << k;
        assessed |= (uint32_t)lw_flag_table[k].needs_assessed << k;
    }
    for (uint32_t k = 0; k < LW_CONTRAS; k++) {
        forbid |= (uint32_t)lw_contra_table[k].forbids << k;
    }
    assert_int_equal(stop, LW_FLAGS_STOP);
    assert_int_equal(assessed, LW_FLAGS_ASSESSED);
    assert_int_equal(forbid, LW_CONTRAS_FORBID);
}

/* All flags stop but RF12 and RF15; those two refer and bar raising. */
static void which_flags_stop(void **state) {
    (void)state;
    for (uint32_t k = 0; k < LW_FLAGS; k++) {
        lw_state *s = ready();
        open_flag(s, LW_BIT(k), INT32_MAX);
        lw_allow a = guard(s);
        bool stops = k != LW_FLAG_RF12 && k != LW_FLAG_RF15;
        assert_int_equal(a.status, stops ? LW_STATUS_STOPPED : LW_STATUS_ACTIVE);
        assert_false(a.raise);
        assert_int_equal(a.prescribe, !stops);
        assert_int_equal(a.shockwave_forbidden, stops);
        assert_int_equal(lw__open_flags(s), LW_BIT(k));
    }
}

/* Cleared lifts; RF03, RF07 and RF14 need an assessment later than the flag as well. */
static void what_lifts_a_flag(void **state) {
    (void)state;
    for (uint32_t k = 0; k < LW_FLAGS; k++) {
        lw_state *s = ready();
        open_flag(s, LW_BIT(k), INT32_MAX);
        s->open[0].assessed_after = true;
        assert_int_equal(lw__open_flags(s), LW_BIT(k));
        s->open[0].cleared = true;
        assert_int_equal(lw__open_flags(s), 0);
        s->open[0].assessed_after = false;
        bool needs = k == LW_FLAG_RF03 || k == LW_FLAG_RF07 || k == LW_FLAG_RF14;
        assert_int_equal(lw__open_flags(s), needs ? LW_BIT(k) : 0);
    }
}

/* A flag with an end stands to its last day. */
static void flags_that_end(void **state) {
    (void)state;
    lw_state *s = ready();
    open_flag(s, LW_BIT(LW_FLAG_RF11), s->day);
    assert_int_equal(lw__open_flags(s), LW_BIT(LW_FLAG_RF11));
    s->open[0].until = s->day - 1;
    assert_int_equal(lw__open_flags(s), 0);
    assert_int_equal(guard(s).status, LW_STATUS_ACTIVE);
}

/* Under 18 is a flag that nobody clears; who is not enrolled has no age. */
static void children_are_stopped(void **state) {
    (void)state;
    lw_state *s = ready();
    s->fact[LW_FACT_AGE] = 18;
    assert_int_equal(lw__open_flags(s), 0);
    s->fact[LW_FACT_AGE] = 17;
    assert_int_equal(lw__open_flags(s), LW_BIT(LW_FLAG_RF08));
    assert_int_equal(guard(s).status, LW_STATUS_STOPPED);
    s->enrolled = false;
    assert_int_equal(lw__open_flags(s), 0);
    s->enrolled = true;
    s->fact[LW_FACT_AGE] = LW_UNKNOWN;
    assert_int_equal(lw__open_flags(s), 0);
}

static void locks_prescribe_nothing(void **state) {
    (void)state;
    lw_state *s = ready();
    s->lock_screen = true;
    assert_false(guard(s).prescribe);
    assert_false(guard(s).raise);
    assert_false(guard(s).run);
    assert_false(guard(s).shockwave_due);
    s->lock_screen = false;
    s->lock_tests = true;
    assert_false(guard(s).prescribe);
    assert_int_equal(guard(s).status, LW_STATUS_ACTIVE);
}

/* ---- what is missing ---- */

static void what_is_missing(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_int_equal(guard(s).missing, 1u << LW_MISSING_CHECKIN);
    assert_false(guard(s).raise);
    s = free_state();
    s->fact[LW_FACT_MORNING_TEST] = LW_UNKNOWN;
    assert_int_equal(guard(s).missing, 1u << LW_MISSING_TEST);
    assert_false(guard(s).raise);
    s = free_state();
    s->session_day = s->start_day;
    s->session_pain = LW_UNKNOWN;
    s->session_effort = 500;
    assert_int_equal(guard(s).missing, 1u << LW_MISSING_SESSION_PAIN);
    assert_false(guard(s).raise);
    s->session_pain = 100;
    assert_true(guard(s).raise);
    s->session_effort = LW_UNKNOWN;
    assert_int_equal(guard(s).missing, 1u << LW_MISSING_SESSION_EFFORT);
    assert_false(guard(s).raise);
    // a session of before the programme misses nothing
    s->session_day = s->start_day - 1;
    s->session_pain = LW_UNKNOWN;
    assert_int_equal(guard(s).missing, 0);
    s = free_state();
    s->screen_day = s->day - 14;
    assert_int_equal(guard(s).missing, 0);
    s->screen_day = s->day - 15;
    assert_int_equal(guard(s).missing, 1u << LW_MISSING_SCREENED);
    assert_false(guard(s).raise);
}

/* ---- what may rise ---- */

static void only_a_green_settled_morning_rises(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->fact[LW_FACT_MORNING_TEST] = 300;
    assert_true(guard(s).raise);
    s->fact[LW_FACT_MORNING_TEST] = 301;
    assert_false(guard(s).raise);
    s = free_state();
    s->fact[LW_FACT_SETTLED] = 0;
    assert_false(guard(s).raise);
    s->fact[LW_FACT_SETTLED] = LW_UNKNOWN;
    assert_false(guard(s).raise);
    s = free_state();
    s->fact[LW_FACT_PAIN_RELIEF] = 1;
    assert_false(guard(s).raise);
}

static void each_of_these_keeps_everything_down(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->flare = LW_FLARE_MINOR;
    assert_false(guard(s).raise);
    s = free_state();
    s->deload_until = s->day;
    assert_false(guard(s).raise);
    s->deload_until = s->day - 1;
    assert_true(guard(s).raise);
    s->expected = true;
    assert_false(guard(s).raise);
    s = free_state();
    s->returning = true;
    assert_false(guard(s).raise);
    s = free_state();
    s->bad = true;
    assert_false(guard(s).raise);
    s = free_state();
    s->hold_rule = 0;
    assert_false(guard(s).raise);
}

/* An override to hold or to ease keeps down; one to progress takes nothing away that stands against it. */
static void overrides_stay_inside(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->override_action = 1 + LW_VERDICT_HOLD;
    assert_false(guard(s).raise);
    s->override_action = 1 + LW_VERDICT_REGRESS;
    assert_false(guard(s).raise);
    s->override_action = 1 + LW_VERDICT_PROGRESS;
    assert_true(guard(s).raise);
    s->flare = LW_FLARE_MINOR;
    assert_false(guard(s).raise);
}

static void authority_in_levels(void **state) {
    (void)state;
    static const struct {
        uint8_t level;
        bool lowered, by_itself, propose;
    } cases[] = {{LW_AUTHORITY_HOLD, false, false, false},   {LW_AUTHORITY_SUGGEST, false, false, true},
                 {LW_AUTHORITY_PROGRESS, false, true, true}, {LW_AUTHORITY_HOLD, true, false, false},
                 {LW_AUTHORITY_SUGGEST, true, false, true},  {LW_AUTHORITY_PROGRESS, true, false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_state *s = free_state();
        s->authority = cases[i].level;
        s->authority_lowered = cases[i].lowered;
        assert_int_equal(guard(s).by_itself, cases[i].by_itself);
        assert_int_equal(guard(s).propose, cases[i].propose);
    }
}

/* ---- silence ---- */

static void silence_of_days(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->contact_day = s->day - 6;
    lw_allow a = guard(s);
    assert_true(a.raise && a.deep && a.plyometric && a.run && a.shockwave_due);
    assert_int_equal(a.class_max, 3);
    s->contact_day = s->day - 7;
    a = guard(s);
    assert_false(a.raise);
    assert_false(a.deep);
    assert_false(a.plyometric);
    assert_false(a.fast);
    assert_false(a.run);
    assert_false(a.shockwave_due);
    assert_false(a.shockwave_forbidden);
    assert_true(a.prescribe);
    assert_true(a.heavy);
    assert_int_equal(a.class_max, 2);
    assert_int_equal(a.cap, LW_CAP_SILENCE);
    // a stage that does not go deep is not capped by it
    s->stage = LW_STAGE_ISOMETRIC;
    a = guard(s);
    assert_int_equal(a.class_max, 1);
    assert_int_equal(a.cap, LW_CAP_NONE);
}

/* ---- shockwave ---- */

static void the_quiet_window(void **state) {
    (void)state;
    for (int32_t after = 0; after <= 3; after++) {
        lw_state *s = free_state();
        s->sw_day = s->day - after;
        lw_allow a = guard(s);
        assert_int_equal(a.stage1_only, after <= 1);
        assert_int_equal(a.heavy, after >= 2);
        assert_int_equal(a.class_max, after <= 1 ? 1 : after == 2 ? 2 : 3);
        assert_int_equal(a.cap, after <= 2 ? LW_CAP_QUIET : LW_CAP_NONE);
        assert_int_equal(a.deep, after >= 3);
        assert_int_equal(a.plyometric, after >= 3);
        assert_int_equal(a.fast, after >= 3);
        assert_int_equal(a.run, after >= 2);
        assert_int_equal(a.raise, after >= 3);
    }
}

/* A session booked for today is taken as given; the day before one nothing heavy, deep or springy. */
static void booked_days(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->sw_booked = s->day;
    lw_allow a = guard(s);
    assert_true(a.stage1_only);
    assert_int_equal(a.class_max, 1);
    assert_int_equal(a.cap, LW_CAP_QUIET);
    assert_false(a.raise || a.heavy || a.deep || a.plyometric || a.run);
    s->sw_booked = s->day + 1;
    a = guard(s);
    assert_false(a.stage1_only);
    assert_int_equal(a.class_max, 3);
    assert_false(a.raise || a.heavy || a.deep || a.plyometric || a.fast);
    assert_true(a.run);
    s->sw_booked = s->day + 2;
    a = guard(s);
    assert_true(a.raise && a.heavy && a.deep && a.plyometric);
}

/* Contraindications that forbid, and those that a clinician decides on. */
static void what_forbids_shockwave(void **state) {
    (void)state;
    for (uint32_t k = 0; k < LW_CONTRAS; k++) {
        lw_state *s = free_state();
        s->contra = LW_BIT(k);
        bool forbids = k <= LW_CONTRA_C04 || k == LW_CONTRA_C11 || k == LW_CONTRA_C13;
        assert_int_equal(guard(s).shockwave_forbidden, forbids);
        assert_int_equal(guard(s).shockwave_due, !forbids);
    }
    lw_state *s = free_state();
    s->contra = LW_BIT(LW_CONTRA_C05) | LW_BIT(LW_CONTRA_C02) | LW_BIT(LW_CONTRA_C07);
    assert_true(guard(s).shockwave_forbidden);
    s = free_state();
    s->tear = true;
    assert_true(guard(s).shockwave_forbidden);
    s = free_state();
    s->fact[LW_FACT_AGE] = LW_UNKNOWN;
    assert_true(guard(s).shockwave_forbidden);
    s->fact[LW_FACT_AGE] = 17;
    assert_true(guard(s).shockwave_forbidden);
    s->fact[LW_FACT_AGE] = 18;
    assert_false(guard(s).shockwave_forbidden);
}

static void six_weeks_after_a_steroid(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->steroid_day = s->day + 1; // not yet given
    assert_false(guard(s).shockwave_forbidden);
    s->steroid_day = s->day;
    assert_true(guard(s).shockwave_forbidden);
    s->steroid_day = s->day - 41;
    assert_true(guard(s).shockwave_forbidden);
    s->steroid_day = s->day - 42;
    assert_false(guard(s).shockwave_forbidden);
}

/* ---- flares and rest ---- */

static void flares_lower_the_class(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->flare = LW_FLARE_MINOR;
    lw_allow a = guard(s);
    assert_int_equal(a.class_max, 2);
    assert_int_equal(a.cap, LW_CAP_STAGE);
    assert_false(a.stage1_only);
    assert_true(a.heavy);
    assert_false(a.plyometric);
    assert_true(a.run);
    s->stage = LW_STAGE_ISOMETRIC;
    assert_int_equal(guard(s).class_max, 0);
    s->stage = LW_STAGE_PLYOMETRIC;
    s->flare = LW_FLARE_MAJOR;
    a = guard(s);
    assert_int_equal(a.class_max, 1);
    assert_int_equal(a.cap, LW_CAP_STAGE);
    assert_true(a.stage1_only);
    assert_false(a.heavy || a.deep || a.plyometric || a.run);
    // nothing left to lower, and quiet days within a flare
    lw_protocol *p =
        MINI_WITH({"hip flexion at most 30 deg   every 1 day", "hip flexion at most 10 deg   every 1 day"});
    s = ready_with(p);
    s->flare = LW_FLARE_MINOR;
    a = guard(s);
    assert_int_equal(a.class_max, 0);
    assert_int_equal(a.cap, LW_CAP_NONE);
}

static void deloads_stop_the_springing(void **state) {
    (void)state;
    lw_state *s = free_state();
    s->deload_until = s->day;
    assert_false(guard(s).plyometric);
    assert_false(guard(s).fast);
    s->deload_until = s->day - 1;
    assert_true(guard(s).plyometric);
    s->run.fast = false;
    assert_false(guard(s).fast);
}

/* Class 3 and plyometric work never on consecutive days; plyometric work by the protocol's gap; heavy work with a day between. */
static void rest_days(void **state) {
    (void)state;
    for (int32_t ago = 1; ago <= 3; ago++) {
        lw_state *s = free_state();
        s->deep_day = s->day - ago;
        assert_int_equal(guard(s).deep, ago >= 2);
        assert_int_equal(guard(s).plyometric, ago >= 2);
        s = free_state();
        s->plyo_day = s->day - ago;
        assert_int_equal(guard(s).deep, ago >= 2);
        assert_int_equal(guard(s).plyometric, ago >= 3);
        s = free_state();
        s->heavy_day = s->day - ago;
        assert_int_equal(guard(s).heavy, ago >= 2);
        s = free_state();
        s->run.last_day = s->day - ago;
        assert_int_equal(guard(s).run, ago >= 2);
    }
    lw_state *s = free_state();
    s->stage = LW_STAGE_ECCENTRIC; // no class 3 in this stage
    assert_false(guard(s).deep);
}

/* Heavy work on a chosen day, or later where it was missed, once. */
static void chosen_days(void **state) {
    (void)state;
    lw_state *s = free_state(); // a Thursday
    assert_int_equal(lw_day_weekday(s->day), LW_WEEKDAY_THU);
    assert_true(lw__chosen_since(s, s->day));
    s->days_mask = LW_BIT(LW_WEEKDAY_THU);
    assert_true(lw__chosen_since(s, s->day - 1));
    assert_false(lw__chosen_since(s, s->day));
    s->days_mask = LW_BIT(LW_WEEKDAY_TUE);
    s->heavy_day = s->day - 3; // on Monday: Tuesday's is still to be done
    assert_true(guard(s).heavy);
    s->heavy_day = s->day - 2; // on Tuesday
    assert_false(guard(s).heavy);
    s->days_mask = LW_BIT(LW_WEEKDAY_FRI);
    s->heavy_day = s->day - 6; // on Friday: the next has not come
    assert_false(guard(s).heavy);
    s->heavy_day = LW_NEVER_DAY;
    assert_true(guard(s).heavy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_calm_state_may),
        cmocka_unit_test(status_by_precedence),
        cmocka_unit_test(masks_and_tables_agree),
        cmocka_unit_test(which_flags_stop),
        cmocka_unit_test(what_lifts_a_flag),
        cmocka_unit_test(flags_that_end),
        cmocka_unit_test(children_are_stopped),
        cmocka_unit_test(locks_prescribe_nothing),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(only_a_green_settled_morning_rises),
        cmocka_unit_test(each_of_these_keeps_everything_down),
        cmocka_unit_test(overrides_stay_inside),
        cmocka_unit_test(authority_in_levels),
        cmocka_unit_test(silence_of_days),
        cmocka_unit_test(the_quiet_window),
        cmocka_unit_test(booked_days),
        cmocka_unit_test(what_forbids_shockwave),
        cmocka_unit_test(six_weeks_after_a_steroid),
        cmocka_unit_test(flares_lower_the_class),
        cmocka_unit_test(deloads_stop_the_springing),
        cmocka_unit_test(rest_days),
        cmocka_unit_test(chosen_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
