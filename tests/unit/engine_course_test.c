/*
 * engine_course_test.c: running, shockwave and the verdict.
 */
#include "engine_support.h"

/* ---- running ---- */

static lw_run_plan run_of(const lw_state *s) {
    lw_allow a;
    lw_run_plan r;
    a = lw__guard(s);
    lw__run_plan(s, &a, &r);
    return r;
}

/* Somebody on level 2, whose longest tolerated run of the window was 4 km. */
static lw_state *runner(void) {
    lw_state *s = ready();
    s->run.level = 2;
    s->run.last_day = s->day - 2;
    s->run.km[(s->day - 5) & (LW_RUN_RING - 1)] = 400;
    return s;
}

static void limit_run(lw_state *s, uint8_t variable, int32_t max, int32_t until) {
    s->limits[s->limit_count++] = (lw_limit){.exercise = 255, .variable = variable, .max = max, .until = until};
}

static void running_is_shut_until_it_opens(void **state) {
    (void)state;
    lw_state *s = ready();
    lw_run_plan r = run_of(s);
    assert_false(r.allowed);
    assert_int_equal(r.level, 0);
    assert_int_equal(r.max_km, LW_UNKNOWN);
    assert_int_equal(r.max_min, LW_UNKNOWN);
    assert_int_equal(r.next_on, LW_UNKNOWN);
    assert_int_equal(r.rule, rule_of(s->protocol, "R02", 1));
    assert_false(r.rule_fires);
    lw__fact_set(s, LW_FACT_WALK_OK, 1, s->day);
    assert_true(run_of(s).rule_fires);
    // a protocol without running has no rule to name
    s = ready_with(MINI_WITH({"rule R02 \"Running opens\"\n"
                              "  when walked 30 min and days without bad signal at least 3 days\n"
                              "  open running\n"
                              "  until run-gate minutes 30\n"
                              "  C [V2] S01\n",
                              ""}));
    assert_int_equal(run_of(s).rule, -1);
}

static void a_run_is_a_tenth_longer_at_most(void **state) {
    (void)state;
    lw_state *s = runner();
    lw_run_plan r = run_of(s);
    assert_true(r.allowed);
    assert_int_equal(r.level, 2);
    assert_int_equal(r.max_km, 440);
    assert_int_equal(r.max_min, 20);
    assert_int_equal(r.rule, rule_of(s->protocol, "R03", 1));
    s->fact[LW_FACT_CHECKIN] = 0; // nothing rises: as long as the longest
    assert_int_equal(run_of(s).max_km, 400);
    s->flare = LW_FLARE_MINOR;
    assert_int_equal(run_of(s).max_km, 280);
    s->flare = LW_FLARE_MAJOR;
    assert_false(run_of(s).allowed);
    assert_int_equal(run_of(s).max_km, LW_UNKNOWN);
}

/* Thirty days back, and no more. */
static void the_longest_of_thirty_days(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    s->run.km[(s->day - 30) & (LW_RUN_RING - 1)] = 900;
    s->run.km[(s->day - 1) & (LW_RUN_RING - 1)] = 100;
    assert_int_equal(lw__longest_run(s), 900);
    s->run.km[(s->day - 30) & (LW_RUN_RING - 1)] = 0;
    s->run.km[(s->day - 31) & (LW_RUN_RING - 1)] = 900;
    assert_int_equal(lw__longest_run(s), 100);
    s->run.km[s->day & (LW_RUN_RING - 1)] = 800; // today's own does not count
    assert_int_equal(lw__longest_run(s), 100);
    p->params[LW_PARAM_RUN_WINDOW] = 100; // never round the ring
    assert_int_equal(lw__longest_run(s), 900);
}

/* Without a tolerated run to measure by: the first level, in minutes. */
static void nothing_to_measure_by(void **state) {
    (void)state;
    lw_state *s = runner();
    s->run.km[(s->day - 5) & (LW_RUN_RING - 1)] = 0;
    lw_run_plan r = run_of(s);
    assert_true(r.allowed);
    assert_int_equal(r.level, 1);
    assert_int_equal(r.max_min, 5);
    assert_int_equal(r.max_km, LW_UNKNOWN);
    s->run.level = 1;
    assert_int_equal(run_of(s).level, 1);
}

static void days_between_runs(void **state) {
    (void)state;
    lw_state *s = runner();
    assert_int_equal(run_of(s).next_on, LW_UNKNOWN);
    s->run.last_day = s->day - 1;
    assert_false(run_of(s).allowed);
    assert_int_equal(run_of(s).next_on, s->day + 1);
    s->run.last_day = s->day - 5;
    s->today.run = true; // done for today
    assert_false(run_of(s).allowed);
    assert_int_equal(run_of(s).next_on, s->day + 2);
    s->today.run = false;
    s->run.last_day = LW_NEVER_DAY;
    assert_int_equal(run_of(s).next_on, LW_UNKNOWN);
    s->run.last_day = s->day - 1;
    s->paused = true;
    assert_int_equal(run_of(s).next_on, LW_UNKNOWN);
}

static void limits_of_runs(void **state) {
    (void)state;
    lw_state *s = runner();
    limit_run(s, LW_LIMIT_RUN_KM, 300, s->day);
    limit_run(s, LW_LIMIT_RUN_MIN, 1200, INT32_MAX);
    limit_run(s, LW_LIMIT_RUN_KM, 350, INT32_MAX);
    s->limits[s->limit_count++] =
        (lw_limit){.exercise = 0, .variable = LW_LIMIT_RUN_KM, .max = 100, .until = INT32_MAX};
    assert_int_equal(run_of(s).max_km, 300);
    assert_int_equal(run_of(s).max_min, 12);
    s->limits[0].until = s->day - 1;
    assert_int_equal(run_of(s).max_km, 350);
    s->limits[1].max = 5000;
    assert_int_equal(run_of(s).max_min, 20);
    s->limits[1].max = 0;
    assert_false(run_of(s).allowed);
    s->limits[1].max = 5000;
    s->limits[2].max = 0;
    assert_false(run_of(s).allowed);
}

static void the_next_level_is_proposed_or_taken(void **state) {
    (void)state;
    lw_state *s = runner();
    s->run.offer = true;
    assert_true(run_of(s).proposal);
    s->authority = LW_AUTHORITY_HOLD;
    assert_false(run_of(s).proposal);
    s->authority = LW_AUTHORITY_PROGRESS;
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_false(run_of(s).proposal);
    s->fact[LW_FACT_CHECKIN] = 1;
    s->run.raised = true;
    assert_false(run_of(s).proposal);
    // the first level was opened by the rule that opens
    s->run.level = 1;
    assert_int_equal(run_of(s).rule, rule_of(s->protocol, "R02", 1));
    s->run.raised = false;
    assert_int_equal(run_of(s).rule, rule_of(s->protocol, "R03", 1));
}

/* Hills and speed: where they are open, at the speed of the fastest exercise in use, inside a clinician's limit. */
static void hills_and_speed(void **state) {
    (void)state;
    lw_state *s = runner();
    assert_false(run_of(s).hills);
    s->run.fast = true;
    lw_run_plan r = run_of(s);
    assert_true(r.hills);
    assert_int_equal(r.speed_pct, 60);
    use(s, "stride", 2, 4);
    assert_int_equal(run_of(s).speed_pct, 70);
    lw_protocol *two = mini_with(NULL, 0); // of two the faster
    two->exercises[exercise_of(two, "hop")].speed_ladder = true;
    two->exercises[exercise_of(two, "squat")].speed_ladder = true;
    two->exercises[exercise_of(two, "squat")].rungs[0].speed_pct = 50;
    s->protocol = two;
    use(s, "hop", 0, 4);
    assert_int_equal(run_of(s).speed_pct, 70);
    limit_run(s, LW_VAR_SPEED, 6500, INT32_MAX);
    assert_int_equal(run_of(s).speed_pct, 65);
    s->plyo_day = s->day - 1;
    assert_false(run_of(s).hills);
}

/* ---- shockwave ---- */

static lw_shockwave_plan shockwave(const lw_state *s) {
    lw_allow a;
    lw_shockwave_plan w;
    a = lw__guard(s);
    lw__shockwave_plan(s, &a, &w);
    return w;
}

/* Months of symptoms, pain forbids loading, nothing against it, nobody undecided. */
static lw_state *candidate(void) {
    lw_state *s = ready();
    lw__fact_set(s, LW_FACT_LOADING_BLOCKED, 1, s->day);
    return s;
}

static void had(lw_state *s, uint8_t count, int32_t days_ago) {
    s->sw_count = count;
    s->sw_day = s->day - days_ago;
    lw__fact_set(s, LW_FACT_SW_AGE, days_ago, s->day);
}

static void an_option_obeys_authority(void **state) {
    (void)state;
    lw_state *s = candidate();
    lw_shockwave_plan w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_OPTION);
    assert_int_equal(w.session, 1);
    assert_int_equal(w.rule, rule_of(s->protocol, "E-05", 1));
    s->authority = LW_AUTHORITY_HOLD;
    w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_NONE);
    assert_int_equal(w.rule, -1);
    s->authority = LW_AUTHORITY_SUGGEST;
    s->fact[LW_FACT_LOADING_BLOCKED] = 0;
    assert_int_equal(shockwave(s).status, LW_SWS_NONE);
    s->fact[LW_FACT_LOADING_BLOCKED] = 1;
    s->paused = true;
    assert_int_equal(shockwave(s).status, LW_SWS_NONE);
}

/* The statuses in their order: each one covers all that come after it. */
static void statuses_by_precedence(void **state) {
    (void)state;
    lw_state *s = candidate();
    const lw_protocol *p = s->protocol;
    had(s, 1, 7);
    assert_int_equal(shockwave(s).status, LW_SWS_DUE);
    assert_int_equal(shockwave(s).session, 2);
    assert_int_equal(shockwave(s).rule, rule_of(p, "E-06", 1));

    lw__fact_set(s, LW_FACT_WEEKS, 11, s->day); // wait
    lw_shockwave_plan w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_NOT_YET);
    assert_int_equal(w.rule, rule_of(p, "E-04", 1));
    assert_int_equal(w.next_on, LW_UNKNOWN);
    assert_int_equal(w.session, 2);
    lw__fact_set(s, LW_FACT_SW_SORE_DAYS, 8, s->day); // postpone stands before wait
    assert_int_equal(shockwave(s).rule, rule_of(p, "E-11", 1));

    had(s, 1, 2);
    w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_QUIET);
    assert_int_equal(w.quiet_until, s->day);
    assert_int_equal(w.next_on, s->day + 5);
    assert_int_equal(w.session, 2);
    assert_int_equal(w.rule, rule_of(p, "E-09", 1));

    lw__fact_set(s, LW_FACT_GROC, 7, s->day); // close
    w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_COURSE_DONE);
    assert_int_equal(w.rule, rule_of(p, "E-12", 1));
    assert_int_equal(w.quiet_until, s->day); // the days stay quiet

    lw__fact_set(s, LW_FACT_CONTRA_CAUTION, 1, s->day);
    assert_int_equal(shockwave(s).status, LW_SWS_NEEDS_CLINICIAN);
    assert_int_equal(shockwave(s).rule, rule_of(p, "E-02", 1));

    lw__fact_set(s, LW_FACT_CONTRA_FORBIDS, 1, s->day);
    assert_int_equal(shockwave(s).status, LW_SWS_FORBIDDEN);
    assert_int_equal(shockwave(s).rule, rule_of(p, "E-01", 1));

    // the guard forbids without any rule of the protocol
    lw__fact_set(s, LW_FACT_CONTRA_FORBIDS, 0, s->day);
    s->tear = true;
    w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_FORBIDDEN);
    assert_int_equal(w.rule, -1);
    assert_int_equal(w.session, 0);
    lw__fact_set(s, LW_FACT_FLAG_STOPS, 1, s->day);
    assert_int_equal(shockwave(s).rule, rule_of(p, "T01", 1));
}

static void a_course_has_its_spacing_and_its_end(void **state) {
    (void)state;
    lw_state *s = candidate();
    had(s, 1, 3);
    lw_shockwave_plan w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_NOT_YET);
    assert_int_equal(w.next_on, s->day + 4);
    assert_int_equal(w.quiet_until, LW_UNKNOWN);
    assert_int_equal(w.rule, rule_of(s->protocol, "E-06", 1));
    had(s, 2, 7);
    assert_int_equal(shockwave(s).status, LW_SWS_DUE);
    had(s, 3, 7); // the recheck: no more by itself
    assert_int_equal(shockwave(s).status, LW_SWS_OPTION);
    assert_int_equal(shockwave(s).session, 4);
    had(s, 5, 7);
    assert_int_equal(shockwave(s).status, LW_SWS_OPTION);
    had(s, 6, 7);
    assert_int_equal(shockwave(s).status, LW_SWS_COURSE_DONE);
    assert_int_equal(shockwave(s).rule, rule_of(s->protocol, "E-06", 1));
    had(s, 6, 84);
    assert_int_equal(shockwave(s).status, LW_SWS_COURSE_DONE);
    had(s, 6, 85); // so long after it another course may begin
    w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_OPTION);
    assert_int_equal(w.session, 1);
    // never due in silence
    had(s, 1, 7);
    s->contact_day = s->day - 7;
    assert_int_equal(shockwave(s).status, LW_SWS_NONE);
    s->contact_day = s->day - 6;
    assert_int_equal(shockwave(s).status, LW_SWS_DUE);
}

/* Before a first session: nothing to number. */
static void waiting_for_the_first(void **state) {
    (void)state;
    lw_state *s = candidate();
    lw__fact_set(s, LW_FACT_WEEKS, LW_UNKNOWN, s->day);
    lw_shockwave_plan w = shockwave(s);
    assert_int_equal(w.status, LW_SWS_NOT_YET);
    assert_int_equal(w.session, 0);
}

/* ---- de-load and verdict ---- */

static void deloads_by_precedence(void **state) {
    (void)state;
    lw_state *s = ready();
    int32_t until = 1;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_NONE);
    assert_int_equal(until, LW_UNKNOWN);
    s->returning = true;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_RETURN);
    assert_int_equal(until, LW_UNKNOWN);
    s->expected = true;
    s->sw_day = s->day - 1;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_SHOCKWAVE);
    assert_int_equal(until, s->day + 2);
    s->deload = LW_DELOAD_WARNING;
    s->deload_until = s->day;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_WARNING);
    assert_int_equal(until, s->day);
    s->deload_until = s->day - 1;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_SHOCKWAVE);
    s->contact_day = s->day - 6;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_SHOCKWAVE);
    s->contact_day = s->day - 7;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_SILENCE);
    assert_int_equal(until, LW_UNKNOWN);
}

static void the_lowest_verdict_counts(void **state) {
    (void)state;
    lw_state *s = ready();
    lw_allow a = lw__guard(s);
    lw_run_plan run = {.allowed = false};
    lw_decision none = {.count = 0};
    assert_int_equal(lw__verdict(s, &a, &none, &run), LW_VERDICT_HOLD);
    lw_decision d = {.count = 2,
                     .items = {{.change = {.variable = LW_VAR_REPS}, .against_last = 1}, {.against_last = 0}}};
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_PROGRESS);
    d.items[1].against_last = -1;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_REGRESS);
    d.items[1].against_last = 2;
    d.items[0].change.variable = LW_VAR_NONE;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_HOLD);
    s->run.raised = true;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_HOLD); // not today
    run.allowed = true;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_PROGRESS);
    a.raise = false;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_HOLD);
    a.raise = true;
    s->flare = LW_FLARE_MINOR;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_REGRESS);
    s->flare = LW_FLARE_NONE;
    s->returning = true;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_REGRESS);
    a.status = LW_STATUS_STOPPED;
    assert_int_equal(lw__verdict(s, &a, &d, &run), LW_VERDICT_STOP);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(running_is_shut_until_it_opens),
        cmocka_unit_test(a_run_is_a_tenth_longer_at_most),
        cmocka_unit_test(the_longest_of_thirty_days),
        cmocka_unit_test(nothing_to_measure_by),
        cmocka_unit_test(days_between_runs),
        cmocka_unit_test(limits_of_runs),
        cmocka_unit_test(the_next_level_is_proposed_or_taken),
        cmocka_unit_test(hills_and_speed),
        cmocka_unit_test(an_option_obeys_authority),
        cmocka_unit_test(statuses_by_precedence),
        cmocka_unit_test(a_course_has_its_spacing_and_its_end),
        cmocka_unit_test(waiting_for_the_first),
        cmocka_unit_test(deloads_by_precedence),
        cmocka_unit_test(the_lowest_verdict_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
