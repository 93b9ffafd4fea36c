/*
 * engine_fold_test.c: from events to the state of one morning: rises, flares, silence, stops, time that runs backwards.
 */
#include "engine_support.h"

#define UNSETTLED "{\"pain_morning\":2,\"pain_test\":2.01}" /* usual is 1 */
#define HOLD_20   HOLDS(THREE_20, "1", "5")
#define HOLD_30   HOLDS(THREE_30, "1", "5")

static lw_machine *machine_of(lw_state *s, const char *id) {
    return &s->machine[exercise_of(s->protocol, id)];
}

/* Days from..to with a calm check-in and a session each. */
static void live(rec *r, int32_t from, int32_t to, const char *session) {
    for (int32_t day = from; day <= to; day++) {
        patient(r, day, "checkin", CALM);
        if (session != NULL) {
            patient(r, day, "exercise", session);
        }
    }
}

static rec *begun(const char *started) {
    rec *r = rec_new();
    begin(r, started);
    return r;
}

/* Begun by the patient alone: nobody supervises. */
static rec *alone(void) {
    rec *r = rec_new();
    patient(r, 0, "enrolled", ENROLLED);
    patient(r, 0, "screened", NO_FLAGS);
    patient(r, 0, "assessed", ASSESSED);
    patient(r, 0, "started", STARTED("suggest"));
    return r;
}

/* ---- beginning ---- */

static void an_empty_record(void **state) {
    (void)state;
    rec *r = rec_new();
    lw_state *s = fold_on(r, 0);
    assert_false(s->started || s->enrolled || s->screened);
    assert_int_equal(s->fact[LW_FACT_AGE], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_SIDES], 1);
    assert_int_equal(s->fact[LW_FACT_PROGRAMME_DAYS], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_SESSION_PAIN], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_ADHERENCE], LW_UNKNOWN);
    assert_int_equal(s->irritability, LW_IRRITABILITY_HIGH);
    assert_int_equal(lw_fold_only(mini(), &r->record, DAY0), LW_OK);
    rec_free(r);
}

/* Irritability is judged at an assessment; the stage to begin in follows from it and is never beyond the second. */
static void where_to_begin(void **state) {
    (void)state;
    static const struct {
        const char *assessed;
        uint8_t irritability, stage;
    } cases[] = {{"{\"rest_pain\":true,\"adl_pain\":1}", LW_IRRITABILITY_HIGH, LW_STAGE_ISOMETRIC},
                 {"{\"rest_pain\":false,\"adl_pain\":3}", LW_IRRITABILITY_MODERATE, LW_STAGE_ISOMETRIC},
                 {"{\"rest_pain\":false,\"adl_pain\":2}", LW_IRRITABILITY_LOW, LW_STAGE_ECCENTRIC}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = rec_new();
        clinician(r, 0, "enrolled", ENROLLED);
        clinician(r, 0, "assessed", cases[i].assessed);
        clinician(r, 0, "started", STARTED("suggest"));
        lw_state *s = fold_on(r, 0);
        assert_int_equal(s->irritability, cases[i].irritability);
        assert_int_equal(s->stage, cases[i].stage);
        rec_free(r);
    }
    rec *r = rec_new(); // never assessed: as careful as can be
    clinician(r, 0, "started", STARTED("suggest"));
    assert_int_equal(fold_on(r, 0)->irritability, LW_IRRITABILITY_HIGH);
    rec_free(r);
    r = begun(STARTED("suggest"));
    lw_protocol *far = MINI_WITH({"  enter isometric\n", "  enter plyometric\n"});
    assert_int_equal(fold_with(far, r, 0)->stage, LW_STAGE_ECCENTRIC);
    lw_protocol *none =
        MINI_WITH({"rule L02 \"Skip\"\n  when irritability is low\n  enter eccentric\n  until calmer\n  C [D]\n"
                   "rule L01 \"Begin\"\n  enter isometric\n  until calmer\n  C [M]\n",
                   ""});
    assert_int_equal(fold_with(none, r, 0)->stage, LW_STAGE_ISOMETRIC);
    rec_free(r);
}

/* The fold begins at the latest `started`: facts of before count, decisions do not. */
static void a_restart_begins_anew(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 0, 3, HOLD_20);
    live(r, 4, 6, HOLD_30);
    patient(r, 6, "activity", "{\"type\":\"run\",\"minutes\":30,\"km\":5,\"pain_during\":1}");
    live(r, 7, 7, NULL);
    lw_state *s = fold_on(r, 7);
    assert_int_equal(machine_of(s, "hold")->rung, 1);
    assert_int_equal(s->stage, LW_STAGE_STRENGTH);
    clinician(r, 8, "started", STARTED("suggest"));
    s = fold_on(r, 7); // not yet
    assert_int_equal(s->start_day, DAY0);
    s = fold_on(r, 8);
    assert_int_equal(s->start_day, DAY0 + 8);
    assert_int_equal(s->stage, LW_STAGE_ISOMETRIC);
    assert_int_equal(s->used_mask, 0);
    assert_int_equal(machine_of(s, "hold")->rung, 0);
    assert_int_equal(s->fact[LW_FACT_PROGRAMME_DAYS], 0);
    assert_int_equal(s->authority, LW_AUTHORITY_SUGGEST);
    assert_int_equal(lw__longest_run(s), 500); // tolerated is tolerated
    assert_true(s->tension[(uint32_t)(DAY0 + 6) % LW_RING] > 0);
    assert_int_equal(s->session_day, DAY0 + 6);
    rec_free(r);
}

/* ---- rising ---- */

/* Two green sessions, settled: one step; established when done and settled, and the next a week after it was done. */
static void a_step_a_week(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 0, 0, HOLD_20);
    live(r, 1, 1, HOLD_20);
    lw_state *s = fold_on(r, 1);
    assert_int_equal(machine_of(s, "hold")->green, 1);
    assert_false(machine_of(s, "hold")->offer);
    live(r, 2, 2, HOLD_30);
    s = fold_on(r, 2);
    assert_int_equal(machine_of(s, "hold")->green, 2);
    assert_true(machine_of(s, "hold")->raised);
    assert_int_equal(machine_of(s, "hold")->rung, 0); // offered, and not yet done
    assert_int_equal(machine_of(s, "hold")->rule, rule_of(s->protocol, "L06", 1));
    live(r, 3, 3, HOLD_30);
    s = fold_on(r, 3);
    assert_int_equal(machine_of(s, "hold")->rung, 1);
    assert_int_equal(machine_of(s, "hold")->green, 0);
    assert_int_equal(machine_of(s, "hold")->wait_until, DAY0 + 2 + 7);
    assert_int_equal(s->hold_days, 0);
    live(r, 4, 9, HOLD_30);
    assert_false(machine_of(fold_on(r, 8), "hold")->offer);
    assert_int_equal(machine_of(fold_on(r, 8), "hold")->green, 5);
    assert_true(machine_of(fold_on(r, 9), "hold")->offer);
    // what is not done at the new dose establishes nothing
    s = fold_on(r, 9);
    live(r, 10, 10, NULL);
    s = fold_on(r, 10);
    assert_int_equal(machine_of(s, "hold")->rung, 1);
    assert_true(machine_of(s, "hold")->offer);
    rec_free(r);
}

/* A session whose morning after is missing neither counts nor takes away; one unsettled or under pain relief does not count. */
static void the_morning_after_decides(void **state) {
    (void)state;
    static const struct {
        const char *morning;
        uint8_t green, all;
    } cases[] = {{NULL, 1, 1},
                 {"{\"pain_morning\":1}", 1, 1},
                 {CALM, 2, 2},
                 {"{\"pain_morning\":1,\"pain_test\":1,\"pain_relief\":\"opioid\"}", 1, 1},
                 {UNSETTLED, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun(STARTED("suggest"));
        live(r, 0, 1, HOLD_20);
        if (cases[i].morning != NULL) {
            patient(r, 2, "checkin", cases[i].morning);
        }
        lw_state *s = fold_on(r, 2);
        assert_int_equal(machine_of(s, "hold")->green, cases[i].green);
        assert_int_equal(s->green, cases[i].all);
        rec_free(r);
    }
}

static void what_counts_as_green(void **state) {
    (void)state;
    static const struct {
        const char *session;
        uint8_t green, all, easy;
    } cases[] = {{HOLDS(THREE_20, "0", "5"), 1, 1, 1},
                 {HOLDS(THREE_20, "0", "5.01"), 1, 1, 0},
                 {HOLDS(THREE_20, "0.01", "5"), 1, 1, 0},
                 {"{\"exercise\":\"hold\",\"side\":\"left\",\"sets\":[" THREE_20 "],\"pain_during\":0}", 1, 1, 0},
                 {HOLDS(THREE_20, "3", "9"), 1, 1, 0},
                 {HOLDS(THREE_20, "3.01", "5"), 0, 0, 0},
                 {HOLDS("{\"hold_s\":20},{\"hold_s\":20}", "1", "5"), 0, 1, 0}, // not the whole dose
                 {HOLDS("{\"hold_s\":20},{\"hold_s\":20},{\"hold_s\":19}", "1", "5"), 0, 1, 0},
                 {"{\"exercise\":\"hold\",\"side\":\"left\",\"sets\":[" THREE_20
                  "],\"pain_during\":0,\"pain_relief\":\"paracetamol\"}",
                  0, 0, 0},
                 {"{\"exercise\":\"hold\",\"skip\":\"pain\"}", 0, 0, 0},
                 {"{\"exercise\":\"hold\",\"skip\":\"time\"}", 0, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun(STARTED("suggest"));
        live(r, 0, 0, cases[i].session);
        patient(r, 1, "checkin", CALM);
        lw_state *s = fold_on(r, 1);
        assert_int_equal(machine_of(s, "hold")->green, cases[i].green);
        assert_int_equal(s->green, cases[i].all);
        assert_int_equal(machine_of(s, "hold")->easy, cases[i].easy);
        rec_free(r);
    }
    // a skip for pain ends a streak, one for time does not
    for (int turn = 0; turn < 2; turn++) {
        rec *r = begun(STARTED("suggest"));
        live(r, 0, 1, HOLD_20);
        patient(r, 2, "checkin", CALM);
        patient(r, 2, "exercise",
                turn == 0 ? "{\"exercise\":\"hold\",\"skip\":\"pain\"}" : "{\"exercise\":\"hold\",\"skip\":\"time\"}");
        patient(r, 3, "checkin", CALM);
        lw_state *s = fold_on(r, 3);
        assert_int_equal(machine_of(s, "hold")->green, turn == 0 ? 0 : 2);
        assert_int_equal(s->green, turn == 0 ? 0 : 2);
        rec_free(r);
    }
    // done in part and left out for pain, and another beside two that were left out: not tolerated
    static const char *const beside[][3] = {
        {HOLD_20, "{\"exercise\":\"hold\",\"skip\":\"pain\"}", "{\"exercise\":\"hop\",\"skip\":\"time\"}"},
        {HOLD_20, "{\"exercise\":\"squeeze\",\"skip\":\"pain\"}", "{\"exercise\":\"hop\",\"skip\":\"pain\"}"}};
    for (int turn = 0; turn < 2; turn++) {
        rec *r = begun(STARTED("suggest"));
        for (int k = 0; k < 3; k++) {
            patient(r, 0, "exercise", beside[turn][k]);
        }
        patient(r, 1, "checkin", CALM);
        lw_state *s = fold_on(r, 1);
        assert_int_equal(machine_of(s, "hold")->green, turn == 0 ? 0 : 1);
        assert_int_equal(s->green, 0);
        rec_free(r);
    }
    // a clinician's ceiling of 5 makes amber green
    rec *r = begun("{\"protocol\":\"mini@1.2.3\",\"authority\":\"suggest\",\"pain_ceiling\":5}");
    live(r, 0, 0, HOLDS(THREE_20, "5", "5"));
    patient(r, 1, "checkin", CALM);
    lw_state *s = fold_on(r, 1);
    assert_int_equal(machine_of(s, "hold")->green, 1);
    assert_int_equal(s->hold_rule, -1);
    rec_free(r);
}

static void streaks_have_an_end(void **state) {
    (void)state;
    rec *r = begun("{\"protocol\":\"mini@1.2.3\",\"authority\":\"hold\"}");
    live(r, 0, 12, HOLDS(THREE_20, "0", "4"));
    lw_state *s = fold_on(r, 12);
    assert_int_equal(machine_of(s, "hold")->green, 7);
    assert_int_equal(machine_of(s, "hold")->easy, 7);
    assert_int_equal(s->green, 7);
    rec_free(r);
}

/* Without a weight that was logged an exercise of weights does not rise, and is not left for a harder one either. */
static void no_weight_no_rise(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    clinician(r, 0, "assessed", "{\"adl_pain\":1}");
    static const char *const sets = "{\"reps\":15},{\"reps\":15},{\"reps\":15}";
    for (int32_t day = 0; day <= 12; day++) {
        patient(r, day, "checkin", CALM);
        if (day % 2 == 0) {
            patient(
                r, day, "exercise",
                say("{\"exercise\":\"curl\",\"side\":\"both\",\"sets\":[%s],\"pain_during\":0,\"effort\":4}", sets));
        }
    }
    lw_state *s = fold_on(r, 12);
    assert_true(machine_of(s, "curl")->green >= 2);
    assert_false(machine_of(s, "curl")->offer);
    assert_false(machine_of(s, "curl")->offer_next);
    assert_false(machine_of(s, "nordic")->unlocked);
    rec_free(r);
}

/* The ladder's end: the harder neighbour, by authority or as a proposal. */
static void the_end_of_a_ladder(void **state) {
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        lw_protocol *p = MINI_WITH({"  level 2   hold 30 s\n  level 3   4 sets\n  level 4   3 times a day\n", ""});
        rec *r = begun(turn == 0 ? STARTED("progress") : STARTED("suggest"));
        live(r, 0, 2, HOLD_20);
        lw_state *s = fold_with(p, r, 2);
        assert_true(machine_of(s, "hold")->offer_next);
        assert_int_equal(machine_of(s, "hold")->raised, turn == 0);
        assert_int_equal(machine_of(s, "lift")->unlocked, turn == 0);
        live(r, 3, 3, NULL);
        s = fold_with(p, r, 3);
        assert_int_equal(machine_of(s, "hold")->offer_next, turn == 1); // granted once is granted
        rec_free(r);
    }
    // an end without a neighbour has nothing to offer
    rec *r = begun(STARTED("progress"));
    static const char *const squeeze =
        "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"hold_s\":15}],\"pain_during\":0,\"effort\":4}";
    live(r, 0, 12, squeeze);
    lw_state *s = fold_on(r, 12);
    assert_int_equal(machine_of(s, "squeeze")->rung, 1);
    assert_true(machine_of(s, "squeeze")->green >= 2);
    assert_false(machine_of(s, "squeeze")->offer || machine_of(s, "squeeze")->offer_next);
    rec_free(r);
}

/* A neighbour with nothing left to lower: taken again it may be chosen again; only proposed, it stays as it was. */
static void a_neighbour_that_had_to_ease(void **state) {
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        lw_protocol *p = MINI_WITH({"  level 2   hold 30 s\n  level 3   4 sets\n  level 4   3 times a day\n", ""});
        rec *r = begun(turn == 0 ? STARTED("progress") : STARTED("suggest"));
        patient(r, 0, "exercise",
                "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":8}],\"pain_during\":0,\"effort\":5}");
        patient(r, 1, "checkin", UNSETTLED);
        patient(r, 2, "checkin", UNSETTLED);
        patient(r, 3, "checkin", UNSETTLED);
        assert_true(machine_of(fold_with(p, r, 3), "lift")->low_due);
        live(r, 4, 18, HOLD_20);
        patient(r, 10, "screened", NO_FLAGS);
        lw_state *s = fold_with(p, r, 18);
        assert_true(machine_of(s, "lift")->unlocked == (turn == 0));
        assert_true(machine_of(s, "lift")->low_due == (turn == 1));
        rec_free(r);
    }
}

/* A step deeper than the class of the stage is not offered; held stages hold the class too. */
static void steps_into_a_deeper_class(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"  level 2   hold 30 s\n", "  level 2   depth 40 deg\n"},
                               {"hip flexion 0..10 deg", "hip flexion 0..40 deg"},
                               {"3 sets, hold 20 s,", "3 sets, hold 20 s, depth 10 deg,"});
    rec *r = begun("{\"protocol\":\"mini@1.2.3\",\"authority\":\"suggest\"}");
    live(r, 0, 2, HOLD_20);
    lw_state *s = fold_with(p, r, 2);
    assert_false(machine_of(s, "hold")->offer); // class 2 in a stage of class 1
    clinician(r, 0, "assessed", "{\"adl_pain\":1}");
    s = fold_with(p, r, 2);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    assert_true(machine_of(s, "hold")->offer);
    patient(r, 2, "checkin", "{\"pain_morning\":1,\"sleep_h\":4}");
    s = fold_with(p, r, 2);
    assert_true(s->stage_held);
    assert_false(machine_of(s, "hold")->offer);
    rec_free(r);
}

/* Speed work has its own rule. */
static void speed_rises_by_its_own_rule(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    static const char *const stride =
        "{\"exercise\":\"stride\",\"side\":\"both\",\"sets\":[{\"distance_m\":40,\"speed_pct\":60},"
        "{\"distance_m\":40,\"speed_pct\":60}],\"pain_during\":0,\"effort\":9}";
    live(r, 0, 0, stride);
    live(r, 1, 2, NULL);
    live(r, 3, 3, stride);
    live(r, 4, 4, NULL);
    lw_state *s = fold_on(r, 4);
    assert_true(machine_of(s, "stride")->raised);
    assert_int_equal(machine_of(s, "stride")->rule, rule_of(s->protocol, "R07", 1));
    assert_int_equal(s->fact[LW_FACT_SPEED_GREEN], 2);
    // of two the one that is further on
    patient(r, 4, "exercise", "{\"exercise\":\"hop\",\"side\":\"both\",\"sets\":[{\"contacts\":5}],\"pain_during\":0}");
    lw_protocol *two = mini_with(NULL, 0);
    two->exercises[exercise_of(two, "hop")].speed_ladder = true;
    assert_int_equal(fold_with(two, r, 5)->fact[LW_FACT_SPEED_GREEN], 2);
    patient(r, 4, "exercise", "{\"exercise\":\"squat\",\"side\":\"both\",\"sets\":[{\"reps\":5}],\"pain_during\":0}");
    two->exercises[exercise_of(two, "squat")].speed_ladder = true;
    assert_int_equal(fold_with(two, r, 5)->fact[LW_FACT_SPEED_GREEN], 2);
    rec_free(r);
}

/* A step that is deeper has to be seen to be deeper: by the depth written, or by the fewer repetitions that go with it. */
static void a_deeper_step_has_to_be_seen(void **state) {
    (void)state;
    static const struct {
        const char *level2, *done;
        uint8_t rung;
    } cases[] = {
        {"depth 20 deg", "{\"reps\":10}|", 0},
        {"depth 20 deg", "{\"reps\":10}|,\"depth_deg\":19", 0},
        {"depth 20 deg", "{\"reps\":10}|,\"depth_deg\":20", 1},
        {"8 reps, depth 20 deg", "{\"reps\":10}|", 0},
        {"8 reps, depth 20 deg", "{\"reps\":9}|", 1},
        {"8 reps, depth 20 deg", "{\"reps\":9}|,\"depth_deg\":10", 0},
        {"8 reps, depth 20 deg", "{\"reps\":7}|,\"depth_deg\":20", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_protocol *p =
            MINI_WITH({"hip flexion 0..10 deg\n  tissue load tension 0.1 BW",
                       "hip flexion 0..30 deg\n  tissue load tension 0.1 BW"},
                      {"1 set, hold 10 s,", "1 set, 10 reps, depth 10 deg,"}, {"hold 15 s", cases[i].level2});
        rec *r = begun(STARTED("progress"));
        live(r, 0, 1,
             "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"reps\":10}],\"pain_during\":1,\"effort\":5}");
        live(r, 2, 2, NULL);
        assert_true(machine_of(fold_with(p, r, 2), "squeeze")->raised);
        const char *bar = strchr(cases[i].done, '|');
        patient(r, 2, "exercise",
                say("{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[%.*s],\"pain_during\":1,\"effort\":5%s}",
                    (int)(bar - cases[i].done), cases[i].done, bar + 1));
        live(r, 3, 3, NULL);
        lw_state *s = fold_with(p, r, 3);
        assert_int_equal(machine_of(s, "squeeze")->rung, cases[i].rung);
        rec_free(r);
    }
}

/* A first session in class 3 asks for rest, whether or not its depth was written. */
static void a_step_into_class_three_is_deep(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {"hip flexion 0..10 deg\n  tissue load tension 0.1 BW", "hip flexion 0..80 deg\n  tissue load tension 0.1 BW"},
        {"1 set, hold 10 s,", "1 set, 10 reps, depth 10 deg,"}, {"hold 15 s", "8 reps, depth 80 deg"},
        {"hip flexion at most 45 deg", "hip flexion at most 90 deg"});
    rec *r = begun(STARTED("progress"));
    live(r, 0, 1,
         "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"reps\":10}],\"pain_during\":1,\"effort\":5}");
    live(r, 2, 2, NULL);
    assert_true(machine_of(fold_with(p, r, 2), "squeeze")->raised);
    patient(r, 2, "exercise",
            "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"reps\":8}],\"pain_during\":1,\"effort\":5}");
    assert_int_equal(fold_with(p, r, 3)->deep_day, DAY0 + 2);
    rec_free(r);
    // from class 3 to class 3
    p = MINI_WITH(
        {"hip flexion 0..10 deg\n  tissue load tension 0.1 BW", "hip flexion 0..80 deg\n  tissue load tension 0.1 BW"},
        {"1 set, hold 10 s,", "1 set, 10 reps, depth 80 deg,"}, {"hold 15 s", "12 reps"},
        {"hip flexion at most 45 deg", "hip flexion at most 90 deg"});
    r = begun(STARTED("progress"));
    live(r, 0, 1,
         "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"reps\":10}],\"pain_during\":1,\"effort\":5}");
    live(r, 2, 2, NULL);
    assert_true(machine_of(fold_with(p, r, 2), "squeeze")->raised);
    patient(r, 2, "exercise",
            "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"reps\":12}],\"pain_during\":1,\"effort\":5}");
    live(r, 3, 3, NULL);
    lw_state *s = fold_with(p, r, 3);
    assert_int_equal(s->deep_day, DAY0 + 2);
    assert_int_equal(machine_of(s, "squeeze")->rung, 1);
    rec_free(r);
}

/* Three sets of a curl. */
static const char *curl(int32_t reps, int32_t kg) {
    return say(
        "{\"exercise\":\"curl\",\"side\":\"both\",\"sets\":[{\"reps\":%d,\"load_kg\":%d},{\"reps\":%d,\"load_kg\":%d},"
        "{\"reps\":%d,\"load_kg\":%d}],\"pain_during\":1,\"effort\":5}",
        reps, kg, reps, kg, reps, kg);
}

/* The weights change between the session and its morning: where no step is left the session counts as the dose it was. */
static void a_step_that_is_gone(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {"  level 2   load 107 %\n  level 3   12 reps, load 115 %\n", "  level 2   20 reps\n  level 3   load 110 %\n"});
    rec *r = begun(
        "{\"protocol\":\"mini@1.2.3\",\"authority\":\"progress\",\"equipment\":[\"machine\"],\"loads\":{\"machine\":"
        "{\"min\":10,\"step\":1}}}");
    clinician(r, 0, "assessed", "{\"adl_pain\":1}");
    for (int32_t day = 0; day <= 11; day++) {
        patient(r, day, "checkin", CALM);
        if (day % 2 == 0 && day <= 8) {
            patient(r, day, "exercise", curl(day < 4 ? 15 : 20, 20));
        }
    }
    assert_int_equal(machine_of(fold_with(p, r, 5), "curl")->rung, 1);
    assert_true(machine_of(fold_with(p, r, 11), "curl")->raised);
    patient(r, 11, "exercise", curl(20, 22));
    patient(r, 12, "checkin", CALM);
    assert_int_equal(machine_of(fold_with(p, r, 12), "curl")->rung, 2);
    patient(r, 12, "settings", "{\"loads\":{\"machine\":{\"min\":20,\"step\":10}}}");
    lw_state *s = fold_with(p, r, 12);
    assert_int_equal(machine_of(s, "curl")->rung, 1);
    assert_int_equal(machine_of(s, "curl")->green, 3);
    rec_free(r);
}

/* Less than the plan's weight: the ladder goes down to what was done, and the waits begin again. */
static void less_weight_is_followed_down(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    static const char *const lift = "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":10,\"load_kg\":%s}],"
                                    "\"pain_during\":1,\"effort\":5}";
    patient(r, 0, "exercise", say(lift, "30"));
    lw_state *s = fold_on(r, 1);
    assert_int_equal(machine_of(s, "lift")->load_ref, 3000);
    patient(r, 2, "exercise", say(lift, "20"));
    s = fold_on(r, 3);
    assert_int_equal(machine_of(s, "lift")->load_ref, 2000);
    assert_int_equal(machine_of(s, "lift")->wait_until, DAY0 + 2 + 7);
    patient(r, 4, "exercise", say(lift, "40")); // more is not followed
    s = fold_on(r, 5);
    assert_int_equal(machine_of(s, "lift")->load_ref, 2000);
    assert_int_equal(machine_of(s, "lift")->wait_until, DAY0 + 2 + 7);
    // without any weight said, and with none at all, nothing is known
    patient(r, 6, "exercise", "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":10}],\"pain_during\":1}");
    assert_int_equal(machine_of(fold_on(r, 7), "lift")->load_ref, 2000);
    patient(r, 8, "exercise", say(lift, "20"));
    assert_int_equal(machine_of(fold_on(r, 9), "lift")->wait_until, DAY0 + 2 + 7);
    rec_free(r);
    // a weight on an exercise without weights, and one without an implement, move nothing
    r = begun("{\"protocol\":\"mini@1.2.3\",\"authority\":\"suggest\"}");
    patient(r, 0, "exercise",
            "{\"exercise\":\"hold\",\"side\":\"left\",\"sets\":[{\"hold_s\":20,\"load_kg\":5}],\"pain_during\":1}");
    patient(r, 0, "exercise", say(lift, "20"));
    patient(r, 2, "exercise",
            "{\"exercise\":\"hold\",\"side\":\"left\",\"sets\":[{\"hold_s\":20,\"load_kg\":4}],\"pain_during\":1}");
    patient(r, 2, "exercise", say(lift, "10"));
    s = fold_on(r, 3);
    assert_int_equal(machine_of(s, "hold")->load_ref, 500);
    assert_int_equal(machine_of(s, "lift")->load_ref, 2000);
    rec_free(r);
    r = begun(STARTED("suggest"));
    patient(r, 0, "exercise", say(lift, "0"));
    assert_int_equal(machine_of(fold_on(r, 1), "lift")->load_ref, LW_UNKNOWN);
    rec_free(r);

    // from a rung above, down to the rung whose weight it was
    r = begun(STARTED("progress"));
    clinician(r, 0, "assessed", "{\"adl_pain\":1}");
    static const char *const curl =
        "{\"exercise\":\"curl\",\"side\":\"both\",\"sets\":[{\"reps\":15,\"load_kg\":%s},{\"reps\":15,\"load_kg\":%s},"
        "{\"reps\":15,\"load_kg\":%s}],\"pain_during\":1,\"effort\":5}";
    for (int32_t day = 0; day <= 5; day++) {
        patient(r, day, "checkin", CALM);
        if (day % 2 == 0) {
            const char *kg = day < 4 ? "40" : "42.5";
            patient(r, day, "exercise", say(curl, kg, kg, kg));
        }
    }
    assert_int_equal(machine_of(fold_on(r, 5), "curl")->rung, 1);
    patient(r, 6, "exercise", say(curl, "40", "40", "40"));
    s = fold_on(r, 7);
    assert_int_equal(machine_of(s, "curl")->rung, 0);
    assert_int_equal(machine_of(s, "curl")->load_ref, 4000);
    rec_free(r);
}

/* What has not been done for four weeks begins again. */
static void four_weeks_away(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, HOLD_30);
    live(r, 3, 31, NULL);
    assert_int_equal(machine_of(fold_on(r, 30), "hold")->rung, 1);
    assert_true(machine_of(fold_on(r, 30), "hold")->used);
    lw_state *s = fold_on(r, 31);
    assert_int_equal(machine_of(s, "hold")->rung, 0);
    assert_false(machine_of(s, "hold")->used);
    assert_int_equal(s->used_mask, 0);
    rec_free(r);
}

/* ---- the stage ---- */

static void stages_are_entered_or_proposed(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 2, NULL);
    assert_int_equal(fold_on(r, 1)->stage_offer, 0);
    lw_state *s = fold_on(r, 2); // calm on three days
    assert_int_equal(s->stage_offer, 1 + LW_STAGE_ECCENTRIC);
    assert_int_equal(s->stage, LW_STAGE_ISOMETRIC);
    patient(r, 2, "checkin", "{\"pain_morning\":1,\"sleep_h\":4.9}");
    assert_int_equal(fold_on(r, 2)->stage_offer, 0); // held
    rec_free(r);
    r = begun(STARTED("progress"));
    live(r, 0, 2, NULL);
    s = fold_on(r, 2);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    assert_int_equal(s->stage_offer, 0);
    assert_int_equal(s->stage_rule, rule_of(s->protocol, "L03", 1));
    // one stage a morning, whatever else is answered on that day
    clinician(r, 2, "accepted", "{\"what\":\"run\",\"variable\":\"level\",\"to\":1}");
    s = fold_on(r, 2);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    assert_int_equal(s->refused_count, 1);
    live(r, 3, 3, NULL);
    assert_int_equal(fold_on(r, 3)->stage, LW_STAGE_STRENGTH);
    rec_free(r);
}

/* ---- flares ---- */

static void an_unsettled_morning_lowers_everything(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, HOLD_30);
    live(r, 3, 4, NULL);
    lw_state *s = fold_on(r, 4);
    assert_int_equal(machine_of(s, "hold")->rung, 1);
    assert_int_equal(s->fact[LW_FACT_CALM_DAYS], 4);
    patient(r, 5, "checkin", UNSETTLED);
    s = fold_on(r, 5);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    assert_int_equal(s->flare_rule, rule_of(s->protocol, "L08", 1));
    assert_int_equal(machine_of(s, "hold")->rung, 0);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN);
    assert_int_equal(machine_of(s, "hold")->green, 0);
    assert_int_equal(machine_of(s, "hold")->wait_until, DAY0 + 5 + 7);
    assert_int_equal(s->run.wait_until, DAY0 + 5 + 7);
    assert_int_equal(s->green, 0);
    assert_int_equal(s->fact[LW_FACT_CALM_DAYS], 0);
    assert_true(s->bad);
    rec_free(r);
}

/* Minor: two days after the last bad signal, on a settled morning without pain relief; the waits begin again. */
static void flares_close(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    patient(r, 1, "checkin", UNSETTLED);
    patient(r, 2, "checkin", CALM);
    assert_int_equal(fold_on(r, 2)->flare, LW_FLARE_MINOR);
    assert_int_equal(fold_on(r, 3)->flare, LW_FLARE_MINOR); // nobody has said that it settled
    patient(r, 3, "checkin", CALM);
    lw_state *s = fold_on(r, 3);
    assert_int_equal(s->flare, LW_FLARE_NONE);
    assert_int_equal(machine_of(s, "hold")->wait_until, DAY0 + 3 + 7);
    patient(r, 3, "checkin", "{\"pain_morning\":1,\"pain_relief\":\"nsaid\"}");
    assert_int_equal(fold_on(r, 3)->flare, LW_FLARE_MINOR);
    rec_free(r);
    r = begun(STARTED("suggest")); // major: three days
    live(r, 0, 0, HOLD_20);
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":1,\"night_pain\":true}");
    live(r, 2, 4, NULL);
    assert_int_equal(fold_on(r, 1)->flare, LW_FLARE_MAJOR);
    assert_int_equal(fold_on(r, 3)->flare, LW_FLARE_MAJOR);
    assert_int_equal(fold_on(r, 4)->flare, LW_FLARE_NONE);
    assert_int_equal(fold_on(r, 4)->fact[LW_FACT_MAJORS], 1);
    assert_int_equal(fold_on(r, 28)->fact[LW_FACT_MAJORS], 1);
    assert_int_equal(fold_on(r, 29)->fact[LW_FACT_MAJORS], 0);
    // the second night inside one flare is no second flare
    patient(r, 2, "checkin", "{\"pain_morning\":1,\"pain_test\":1,\"night_pain\":true}");
    assert_int_equal(fold_on(r, 3)->fact[LW_FACT_MAJORS], 1);
    assert_int_equal(fold_on(r, 4)->flare, LW_FLARE_MAJOR);
    assert_int_equal(fold_on(r, 3)->fact[LW_FACT_NIGHTS], 2);
    rec_free(r);
}

/* Three unsettled mornings make a minor flare a major one; a gap between two of them does not count as settled. */
static void unsettled_mornings_add_up(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    patient(r, 1, "checkin", UNSETTLED);
    patient(r, 2, "checkin", UNSETTLED);
    lw_state *s = fold_on(r, 2);
    assert_int_equal(s->fact[LW_FACT_UNSETTLED], 2);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    s = fold_on(r, 3);
    assert_int_equal(s->fact[LW_FACT_UNSETTLED], 0); // today nobody knows
    patient(r, 4, "checkin", UNSETTLED);
    s = fold_on(r, 4);
    assert_int_equal(s->fact[LW_FACT_UNSETTLED], 4);
    assert_int_equal(s->flare, LW_FLARE_MAJOR);
    patient(r, 5, "checkin", CALM);
    assert_int_equal(fold_on(r, 5)->unsettled, 0);
    patient(r, 6, "checkin", UNSETTLED);
    assert_int_equal(fold_on(r, 6)->fact[LW_FACT_UNSETTLED], 1);
    assert_int_equal(fold_on(r, 6)->flare, LW_FLARE_MAJOR); // a flare never falls back to a smaller one
    patient(r, 400, "checkin", UNSETTLED);
    assert_int_equal(fold_on(r, 400)->fact[LW_FACT_UNSETTLED], 200);
    rec_free(r);
}

/* Amber holds, red is a flare on the first morning after; never later again. */
static void pain_in_a_session(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLDS(THREE_20, "5", "5"));
    patient(r, 1, "checkin", CALM);
    lw_state *s = fold_on(r, 1);
    assert_int_equal(s->flare, LW_FLARE_NONE);
    assert_int_equal(s->hold_rule, rule_of(s->protocol, "L07", 1));
    assert_int_equal(s->fact[LW_FACT_RED_SESSIONS], 0);
    rec_free(r);
    r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLDS(THREE_20, "5.01", "5"));
    s = fold_on(r, 1);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    assert_int_equal(s->fact[LW_FACT_RED_SESSIONS], 1);
    live(r, 1, 3, NULL);
    s = fold_on(r, 3);
    assert_int_equal(s->flare, LW_FLARE_NONE); // closed, and not opened anew by the same session
    assert_int_equal(s->hold_rule, rule_of(s->protocol, "L07", 1));
    assert_int_equal(s->fact[LW_FACT_RED_SESSIONS], 1);
    assert_int_equal(fold_on(r, 14)->fact[LW_FACT_RED_SESSIONS], 0);
    rec_free(r);
}

/* Of flare rules that fire the worst counts, and of equals the first. */
static void the_worst_flare_counts(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {NULL, "rule L30 \"Also\"\n  when unsettled mornings at least 1 day\n  flare minor\n  until fixed\n  D [D]\n"});
    rec *r = begun(STARTED("suggest"));
    patient(r, 1, "checkin", UNSETTLED);
    lw_state *s = fold_with(p, r, 1);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    assert_int_equal(s->flare_rule, rule_of(p, "L08", 1));
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"night_pain\":true}");
    s = fold_with(p, r, 1);
    assert_int_equal(s->flare, LW_FLARE_MAJOR);
    assert_int_equal(s->flare_rule, rule_of(p, "L09", 1));
    rec_free(r);
}

/* Nothing left to lower is said, for two weeks. */
static void the_lowest_rung(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    patient(r, 1, "checkin", UNSETTLED);
    lw_state *s = fold_on(r, 1);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN);
    assert_int_equal(s->fact[LW_FACT_LOWEST_RUNG], 0);
    patient(r, 2, "checkin", UNSETTLED);
    assert_int_equal(machine_of(fold_on(r, 2), "hold")->part, LW_PART_HALF);
    patient(r, 3, "checkin", UNSETTLED);
    s = fold_on(r, 3);
    assert_true(machine_of(s, "hold")->low_due);
    assert_int_equal(s->fact[LW_FACT_LOWEST_RUNG], 1);
    live(r, 4, 20, NULL);
    assert_int_equal(fold_on(r, 16)->fact[LW_FACT_LOWEST_RUNG], 1);
    assert_int_equal(fold_on(r, 17)->fact[LW_FACT_LOWEST_RUNG], 0);
    // tolerated again: it may be chosen again
    patient(r, 18, "exercise", HOLDS(THREE_20, "1", "5"));
    assert_false(machine_of(fold_on(r, 19), "hold")->low_due);
    rec_free(r);
}

/* Early warning: de-load for its days; the waits begin again on every day that it holds. */
static void early_warning(void **state) {
    (void)state;
    lw_protocol *p =
        MINI_WITH({"unsettled mornings at least 1 day", "unsettled mornings at least 5 days"},
                  {"night pain; unsettled mornings at least 3 days", "night pain; unsettled mornings at least 6 days"});
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    live(r, 1, 1, NULL);
    patient(r, 2, "checkin", "{\"pain_morning\":2,\"pain_test\":3}");
    lw_state *s = fold_with(p, r, 2);
    assert_int_equal(s->deload, LW_DELOAD_NONE);
    patient(r, 3, "checkin", "{\"pain_morning\":2,\"pain_test\":3}");
    s = fold_with(p, r, 3);
    assert_int_equal(s->deload, LW_DELOAD_WARNING);
    assert_int_equal(s->deload_until, DAY0 + 9);
    assert_int_equal(s->deload_rule, rule_of(p, "R10", 1));
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN); // one step
    assert_int_equal(s->flare, LW_FLARE_NONE);
    patient(r, 4, "checkin", CALM); // two of three days still: not lowered again
    s = fold_with(p, r, 4);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN);
    assert_int_equal(machine_of(s, "hold")->wait_until, DAY0 + 11);
    assert_int_equal(s->deload_until, DAY0 + 10);
    live(r, 5, 11, NULL);
    assert_int_equal(fold_with(p, r, 10)->deload, LW_DELOAD_WARNING);
    assert_int_equal(fold_with(p, r, 11)->deload, LW_DELOAD_NONE);
    rec_free(r);
}

/* ---- silence ---- */

/* Six days nothing, seven less, fourteen nothing due until check-in and screening, twenty-eight the ladder again. */
static void silence(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    clinician(r, 0, "assessed", "{\"adl_pain\":1}"); // eccentric
    live(r, 0, 0, HOLD_20);
    lw_state *s = fold_on(r, 6);
    assert_int_equal(s->fact[LW_FACT_SILENCE], 6);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_FULL);
    assert_int_equal(s->deload, LW_DELOAD_NONE);
    s = fold_on(r, 7);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN);
    assert_int_equal(machine_of(s, "hold")->wait_until, DAY0 + 14);
    assert_int_equal(s->deload, LW_DELOAD_SILENCE);
    assert_false(fold_on(r, 13)->lock_screen);
    s = fold_on(r, 14);
    assert_true(s->lock_screen);
    assert_false(s->lock_tests);
    s = fold_on(r, 27);
    assert_false(s->lock_tests);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    s = fold_on(r, 28);
    assert_true(s->lock_tests);
    assert_int_equal(s->stage, LW_STAGE_ISOMETRIC);
    assert_int_equal(fold_on(r, 90)->stage, LW_STAGE_ISOMETRIC); // once, and never below the first
    rec_free(r);
    // a session is a sign of life too
    r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    patient(r, 6, "exercise", HOLD_20);
    assert_int_equal(fold_on(r, 7)->fact[LW_FACT_SILENCE], 1);
    rec_free(r);
}

/* Both a check-in and a screening, from the day of the lock on. */
static void the_lock_of_fourteen_days(void **state) {
    (void)state;
    for (int turn = 0; turn < 5; turn++) {
        rec *r = begun(STARTED("suggest"));
        live(r, 0, 0, NULL);
        if (turn == 0) {
            patient(r, 13, "screened", NO_FLAGS); // before it was asked for
            patient(r, 15, "checkin", CALM);
        } else if (turn == 1) {
            patient(r, 15, "checkin", CALM);
        } else if (turn == 2) {
            patient(r, 15, "screened", NO_FLAGS);
        } else {
            patient(r, turn == 3 ? 14 : 15, "screened", NO_FLAGS);
            patient(r, 15, "checkin", CALM);
        }
        assert_int_equal(fold_on(r, 15)->lock_screen, turn < 3);
        rec_free(r);
    }
}

/* The load ladder: pain tests, from the lock on; an assessment without any does not open it, nor do a clinician's signs. */
static void the_lock_of_four_weeks(void **state) {
    (void)state;
    static const struct {
        int32_t day;
        const char *kind, *data;
        bool locked;
    } cases[] = {{13, "tested", "{\"tests\":{\"bridge_double\":1}}", true},
                 {30, "tested", "{\"tests\":{\"bridge_double\":1}}", false},
                 {30, "tested", "{\"tests\":{\"puranen_orava\":\"negative\"}}", true},
                 {30, "tested", "{\"sitting_min\":30}", true},
                 {30, "assessed", "{\"weeks\":30}", true},
                 {30, "assessed", "{\"tests\":{\"hop\":1}}", false},
                 {30, "screened", "{\"flags\":[]}", true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun(STARTED("suggest"));
        live(r, 0, 0, NULL);
        clinician(r, cases[i].day, cases[i].kind, cases[i].data);
        assert_int_equal(fold_on(r, 30)->lock_tests, cases[i].locked);
        // a lock is no day without a rise, of whatever kind it is
        int32_t held = fold_on(r, 30)->hold_days;
        patient(r, 31, "checkin", CALM);
        patient(r, 31, "screened", NO_FLAGS);
        patient(r, 31, "note", "{\"text\":\"x\"}");
        assert_int_equal(fold_on(r, 32)->hold_days, cases[i].locked ? held : held + 1);
        rec_free(r);
    }
}

/* ---- stops ---- */

/* After any stop: the part of a return, suggestions only until a clinician sets it, back when a session was green. */
static void back_after_a_stop(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    uint32_t n = patient(r, 2, "symptom", "{\"flag\":\"RF02\"}");
    live(r, 2, 3, NULL);
    lw_state *s = fold_on(r, 3);
    assert_true(s->was_stopped);
    assert_int_equal(s->fact[LW_FACT_FLAG_STOPS], 1);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_FULL);
    assert_int_equal(machine_of(s, "hold")->wait_until, DAY0 + 10);
    clinician(r, 4, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    live(r, 4, 4, HOLDS("{\"hold_s\":20},{\"hold_s\":20}", "1", "5"));
    s = fold_on(r, 4);
    assert_false(s->was_stopped);
    assert_true(s->returning);
    assert_true(s->authority_lowered);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN);
    assert_int_equal(s->fact[LW_FACT_RETURNING], 1);
    live(r, 5, 5, NULL);
    s = fold_on(r, 5);
    assert_false(s->returning);
    assert_true(s->authority_lowered);
    patient(r, 5, "authority", "{\"level\":\"suggest\"}"); // not the patient's to end
    assert_true(fold_on(r, 5)->authority_lowered);
    clinician(r, 6, "authority", "{\"level\":\"progress\"}");
    assert_false(fold_on(r, 6)->authority_lowered);
    rec_free(r);
    // what a clinician sets while the stop stands does not count for afterwards
    r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    n = patient(r, 2, "symptom", "{\"flag\":\"RF02\"}");
    clinician(r, 3, "authority", "{\"level\":\"progress\"}");
    assert_true(fold_on(r, 3)->authority_lowered);
    clinician(r, 4, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    assert_true(fold_on(r, 4)->authority_lowered);
    clinician(r, 4, "authority", "{\"level\":\"progress\"}");
    assert_false(fold_on(r, 4)->authority_lowered);
    rec_free(r);
    // raised and cleared within one day: a stop all the same
    r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    n = patient(r, 2, "symptom", "{\"flag\":\"RF02\"}");
    clinician(r, 2, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    s = fold_on(r, 2);
    assert_true(s->returning);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN);
    rec_free(r);
}

/* The worst of several flags is the fact. */
static void the_worst_flag_is_the_fact(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    assert_int_equal(fold_on(r, 0)->fact[LW_FACT_FLAG], 0);
    patient(r, 1, "screened", "{\"flags\":[\"RF01\",\"RF03\",\"RF12\"]}");
    assert_int_equal(fold_on(r, 1)->fact[LW_FACT_FLAG], 1 + LW_URGENCY_EMERGENCY);
    rec_free(r);
}

/* ---- accepted and overridden ---- */

#define TAKE_30 "{\"exercise\":\"hold\",\"variable\":\"hold\",\"to\":30}"

/* Accepted in the morning, done in the evening, settled the next: the step is established. */
static void a_proposal_is_taken(void **state) {
    (void)state;
    rec *r = alone();
    live(r, 0, 1, HOLD_20);
    patient(r, 2, "checkin", CALM);
    lw_state *s = fold_on(r, 2);
    assert_true(machine_of(s, "hold")->offer);
    assert_false(machine_of(s, "hold")->raised);
    patient(r, 2, "accepted", TAKE_30);
    s = fold_on(r, 2);
    assert_true(machine_of(s, "hold")->raised);
    assert_int_equal(s->refused_count, 0);
    patient(r, 2, "exercise", HOLD_30);
    patient(r, 3, "checkin", CALM);
    assert_int_equal(machine_of(fold_on(r, 3), "hold")->rung, 1);
    rec_free(r);
    // not done at once: it stands for seven days, the last included
    r = alone();
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, NULL);
    patient(r, 2, "accepted", TAKE_30);
    live(r, 3, 10, NULL);
    assert_true(machine_of(fold_on(r, 9), "hold")->raised);
    assert_false(machine_of(fold_on(r, 10), "hold")->raised);
    assert_true(machine_of(fold_on(r, 10), "hold")->offer);
    // a bad signal ends it
    patient(r, 4, "checkin", UNSETTLED);
    s = fold_on(r, 8);
    assert_int_equal(machine_of(s, "hold")->accept_until, LW_NEVER_DAY);
    rec_free(r);
}

/* Exactly what was proposed, by whom it may be taken. */
static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *by, *data, *reason;
        bool supervised;
    } cases[] = {
        {"patient", TAKE_30, NULL, false},
        {"patient", "{\"exercise\":\"hold\",\"variable\":\"hold\",\"to\":40}", "no-such-proposal", false},
        {"patient", "{\"what\":\"stage\",\"variable\":\"stage\",\"to\":\"strength\"}", "no-such-proposal", false},
        {"patient", TAKE_30, "authority", true},
        {"clinician:a", TAKE_30, NULL, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = cases[i].supervised ? begun(STARTED("suggest")) : alone();
        live(r, 0, 1, HOLD_20);
        live(r, 2, 2, NULL);
        rec_add(r, 2, "accepted", cases[i].by, cases[i].data);
        lw_state *s = fold_on(r, 2);
        assert_int_equal(s->refused_count, cases[i].reason != NULL ? 1 : 0);
        assert_int_equal(machine_of(s, "hold")->raised, cases[i].reason == NULL);
        if (cases[i].reason != NULL) {
            assert_string_equal(s->refused[0].what, "accepted");
            assert_true(lw__str_eq(s->refused[0].by, lw__str(cases[i].reason)));
        }
        assert_int_equal(fold_on(r, 3)->refused_count, 0); // a refusal is of its day
        rec_free(r);
    }
    // a clinician who has written since the patient's start supervises
    rec *r = alone();
    live(r, 0, 1, HOLD_20);
    clinician(r, 1, "note", "{\"text\":\"seen\"}");
    live(r, 2, 2, NULL);
    patient(r, 2, "accepted", TAKE_30);
    assert_int_equal(fold_on(r, 2)->refused_count, 1);
    rec_free(r);
    // authority hold proposes nothing that could be taken, not even by a clinician
    r = begun("{\"protocol\":\"mini@1.2.3\",\"authority\":\"hold\"}");
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, NULL);
    clinician(r, 2, "accepted", TAKE_30);
    lw_state *s = fold_on(r, 2);
    assert_true(lw__str_eq(s->refused[0].by, LW_STR("authority")));
    assert_false(machine_of(s, "hold")->raised);
    rec_free(r);
}

static void stages_and_levels_are_taken(void **state) {
    (void)state;
    rec *r = alone();
    live(r, 0, 2, NULL);
    patient(r, 2, "accepted", "{\"what\":\"stage\",\"variable\":\"stage\",\"to\":\"eccentric\"}");
    lw_state *s = fold_on(r, 2);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    rec_free(r);
    r = alone();
    patient(r, 1, "activity", "{\"type\":\"walk\",\"minutes\":30,\"pain_during\":0}");
    live(r, 1, 3, NULL);
    s = fold_on(r, 3);
    assert_true(s->run.offer);
    assert_int_equal(s->run.level, 0);
    patient(r, 3, "accepted", "{\"what\":\"run\",\"variable\":\"level\",\"to\":1}");
    s = fold_on(r, 3);
    assert_true(s->run.raised);
    assert_int_equal(s->run.level, 1);
    assert_int_equal(s->run.wait_until, DAY0 + 10);
    rec_free(r);
}

static uint32_t decided(rec *r, int32_t day) {
    char date[11] = {0};
    lw_day_write(DAY0 + day, date);
    return rec_add(r, day, "decided", "engine",
                   say("{\"on\":\"%s\",\"protocol_sha256\":\"%064d\",\"engine\":\"0\",\"inputs\":\"%064d\",\"plan_"
                       "sha256\":\"%064d\","
                       "\"verdict\":\"hold\",\"rules\":[],\"items\":[]}",
                       date, 0, 0, 0));
}

static void overrides_count_for_their_day(void **state) {
    (void)state;
    static const struct {
        const char *action;
        uint8_t taken;
        bool raised;
    } cases[] = {{"hold", 1 + LW_VERDICT_HOLD, false},
                 {"regress", 1 + LW_VERDICT_REGRESS, false},
                 {"progress", 1 + LW_VERDICT_PROGRESS, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun(STARTED("suggest"));
        live(r, 0, 0, HOLD_20);
        live(r, 1, 1, NULL); // one green session: no rule lets it rise
        uint32_t n = decided(r, 1);
        clinician(r, 1, "override",
                  say("{\"decision\":\"%s\",\"action\":\"%s\",\"reason\":\"x\"}", event_id(n), cases[i].action));
        lw_state *s = fold_on(r, 1);
        assert_int_equal(s->override_action, cases[i].taken);
        assert_int_equal(machine_of(s, "hold")->raised, cases[i].raised);
        assert_int_equal(s->refused_count, 0);
        live(r, 2, 2, NULL);
        s = fold_on(r, 2);
        assert_int_equal(s->override_action, 0);
        assert_int_equal(machine_of(s, "hold")->rung, 0);
        assert_int_equal(machine_of(s, "hold")->part, LW_PART_FULL);
        rec_free(r);
    }
    // of several the most careful
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 1, NULL);
    uint32_t n = decided(r, 1);
    static const char *const actions[] = {"progress", "regress", "hold"};
    for (int i = 0; i < 3; i++) {
        clinician(r, 1, "override",
                  say("{\"decision\":\"%s\",\"action\":\"%s\",\"reason\":\"x\"}", event_id(n), actions[i]));
    }
    assert_int_equal(fold_on(r, 1)->override_action, 1 + LW_VERDICT_REGRESS);
    rec_free(r);
}

/* One that names no decision, or reaches past the guard, has no effect and is said to be refused. */
static void overrides_that_are_refused(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 1, HOLD_20);
    uint32_t n = decided(r, 1);
    clinician(r, 1, "override", say("{\"decision\":\"%s\",\"action\":\"progress\",\"reason\":\"x\"}", event_id(1)));
    lw_state *s = fold_on(r, 1);
    assert_int_equal(s->override_action, 0);
    assert_int_equal(s->refused_count, 1);
    assert_true(lw__str_eq(s->refused[0].by, LW_STR("no-decision")));
    // a flare holds against it, and so does a rule
    patient(r, 2, "checkin", UNSETTLED);
    clinician(r, 2, "override", say("{\"decision\":\"%s\",\"action\":\"progress\",\"reason\":\"x\"}", event_id(n)));
    s = fold_on(r, 2);
    assert_int_equal(s->override_action, 0);
    assert_true(lw__str_eq(s->refused[0].by, LW_STR("guard")));
    assert_false(machine_of(s, "hold")->raised);
    rec_free(r);
    r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLDS(THREE_20, "4", "5"));
    live(r, 1, 1, NULL);
    n = decided(r, 1);
    clinician(r, 1, "override", say("{\"decision\":\"%s\",\"action\":\"progress\",\"reason\":\"x\"}", event_id(n)));
    s = fold_on(r, 1);
    assert_true(lw__str_eq(s->refused[0].by, LW_STR("L07")));
    // nothing is prescribed: not even less
    patient(r, 2, "symptom", "{\"flag\":\"RF02\"}");
    clinician(r, 2, "override", say("{\"decision\":\"%s\",\"action\":\"regress\",\"reason\":\"x\"}", event_id(n)));
    s = fold_on(r, 2);
    assert_int_equal(s->override_action, 0);
    assert_true(lw__str_eq(s->refused[0].by, LW_STR("guard")));
    rec_free(r);
}

/* ---- running ---- */

#define RUN(MIN, KM, PAIN) "{\"type\":\"run\",\"minutes\":" MIN ",\"km\":" KM ",\"pain_during\":" PAIN "}"

static rec *running(void) {
    rec *r = begun(STARTED("progress"));
    patient(r, 0, "activity", "{\"type\":\"walk\",\"minutes\":30,\"pain_during\":0}");
    live(r, 1, 3, NULL);
    return r;
}

/* A run counts as tolerated when it was green and the morning after settled. */
static void tolerated_runs(void **state) {
    (void)state;
    static const struct {
        const char *run, *morning;
        int32_t longest;
        uint8_t green;
    } cases[] = {{RUN("5", "1", "3"), CALM, 100, 1},
                 {RUN("4", "1", "3"), CALM, 100, 0}, // less than the level asks
                 {RUN("5", "1", "3.01"), CALM, 0, 0},
                 {RUN("5", "1", "1"), UNSETTLED, 0, 0},
                 {RUN("5", "1", "1"), NULL, 0, 0},
                 {RUN("5", "1", "1"), "{\"pain_morning\":1,\"pain_test\":1,\"pain_relief\":\"nsaid\"}", 0, 0},
                 {"{\"type\":\"run\",\"minutes\":5,\"km\":1}", CALM, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = running();
        patient(r, 3, "activity", cases[i].run);
        if (cases[i].morning != NULL) {
            patient(r, 4, "checkin", cases[i].morning);
        }
        lw_state *s = fold_on(r, 4);
        assert_int_equal(s->run.level, 1);
        assert_int_equal(lw__longest_run(s), cases[i].longest);
        assert_int_equal(s->run.green, cases[i].green);
        rec_free(r);
    }
}

/* A tolerated run is measured by for thirty days after its own day. */
static void runs_are_forgotten(void **state) {
    (void)state;
    rec *r = running();
    patient(r, 3, "activity", RUN("5", "2", "0"));
    live(r, 4, 4, NULL);
    assert_int_equal(lw__longest_run(fold_on(r, 4)), 200);
    assert_int_equal(lw__longest_run(fold_on(r, 33)), 200);
    for (int32_t day = 34; day <= 70; day++) { // nor does it come back when its place is used again
        assert_int_equal(lw__longest_run(fold_on(r, day)), 0);
    }
    assert_false(fold_on(r, 34)->run.offer || fold_on(r, 34)->run.raised);
    rec_free(r);
}

static void levels_of_running(void **state) {
    (void)state;
    rec *r = running();
    lw_state *s = fold_on(r, 3);
    assert_int_equal(s->run.level, 1);
    assert_true(s->run.raised);
    assert_int_equal(s->hold_days, 0);
    for (int32_t day = 3; day <= 11; day++) {
        if (day > 3) {
            patient(r, day, "checkin", CALM);
        }
        if (day % 2 == 1) {
            patient(r, day, "activity", RUN("5", "1", "0"));
        }
    }
    s = fold_on(r, 9);
    assert_int_equal(s->run.level, 1); // green enough, but within the week
    assert_int_equal(s->run.green, 3);
    s = fold_on(r, 10);
    assert_int_equal(s->run.level, 2);
    assert_int_equal(s->run.green, 0);
    assert_false(fold_on(r, 11)->run.raised);
    // a bad signal lowers a level and shuts the hills, never below the first
    patient(r, 12, "checkin", UNSETTLED);
    s = fold_on(r, 12);
    assert_int_equal(s->run.level, 1);
    patient(r, 13, "checkin", UNSETTLED);
    assert_int_equal(fold_on(r, 13)->run.level, 1);
    rec_free(r);
    // the ladder has an end
    r = running();
    for (int32_t day = 4; day <= 80; day++) {
        patient(r, day, "checkin", CALM);
        if (day % 14 == 0) {
            patient(r, day, "screened", NO_FLAGS);
        }
        if (day % 2 == 1) {
            patient(r, day, "activity", RUN("40", "5", "0"));
        }
    }
    s = fold_on(r, 80);
    assert_int_equal(s->run.level, 3);
    assert_int_equal(s->run.green, 7);
    assert_true(s->run.fast);
    assert_false(s->run.offer);
    assert_int_equal(s->fact[LW_FACT_CONTINUOUS_DAYS], 80 - 5);
    rec_free(r);
}

static void the_ratio_of_the_last_run(void **state) {
    (void)state;
    rec *r = running();
    patient(r, 3, "activity", RUN("5", "3", "0"));
    live(r, 4, 4, NULL);
    patient(r, 5, "activity", RUN("5", "3.31", "0"));
    live(r, 5, 6, NULL);
    lw_state *s = fold_on(r, 6);
    assert_int_equal(s->fact[LW_FACT_RUN_RATIO], 111); // 110.3 is more than a tenth
    assert_int_equal(s->fact[LW_FACT_RUNS_7], 2);
    assert_int_equal(fold_on(r, 4)->fact[LW_FACT_RUN_RATIO], LW_UNKNOWN);
    patient(r, 7, "activity", "{\"type\":\"run\",\"minutes\":5,\"pain_during\":0}");
    assert_int_equal(fold_on(r, 8)->fact[LW_FACT_RUN_RATIO], LW_UNKNOWN);
    rec_free(r);
}

/* A series of runs in one go: broken by a week without one, and by a run that was not green. */
static void runs_in_one_go(void **state) {
    (void)state;
    rec *r = running();
    patient(r, 3, "activity", RUN("30", "4", "0"));
    live(r, 4, 4, NULL);
    assert_int_equal(fold_on(r, 4)->run.continuous_day, DAY0 + 3);
    patient(r, 10, "activity", RUN("30", "4", "0"));
    live(r, 5, 11, NULL);
    assert_int_equal(fold_on(r, 11)->run.continuous_day, DAY0 + 3);
    patient(r, 18, "activity", RUN("30", "4", "0"));
    live(r, 12, 19, NULL);
    assert_int_equal(fold_on(r, 19)->run.continuous_day, DAY0 + 18);
    patient(r, 20, "activity", RUN("30", "4", "3.5"));
    live(r, 20, 21, NULL);
    assert_int_equal(fold_on(r, 21)->run.continuous_day, LW_NEVER_DAY);
    rec_free(r);
    r = running();
    patient(r, 3, "activity", RUN("29", "4", "0"));
    live(r, 4, 4, NULL);
    assert_int_equal(fold_on(r, 4)->run.continuous_day, LW_NEVER_DAY);
    rec_free(r);
}

/* Pain in a run or another sport lowers like a session's; it raises nothing. */
static void pain_beside_the_session(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 1, HOLD_20);
    patient(r, 1, "activity", "{\"type\":\"swim\",\"minutes\":20,\"pain_during\":4}");
    live(r, 2, 2, NULL);
    lw_state *s = fold_on(r, 2);
    assert_int_equal(s->session_pain, 400);
    assert_int_equal(s->session_effort, 500);
    assert_int_equal(s->green, 0);
    assert_int_equal(s->hold_rule, rule_of(s->protocol, "L07", 1));
    patient(r, 3, "activity", RUN("20", "3", "6"));
    live(r, 3, 4, NULL);
    s = fold_on(r, 4);
    assert_int_equal(s->session_day, DAY0 + 3);
    assert_int_equal(s->session_effort, LW_UNKNOWN);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    rec_free(r);
    r = begun(STARTED("suggest")); // the worse of both
    live(r, 0, 0, HOLDS(THREE_20, "5", "5"));
    patient(r, 0, "activity", "{\"type\":\"swim\",\"minutes\":20,\"pain_during\":4}");
    assert_int_equal(fold_on(r, 1)->session_pain, 500);
    rec_free(r);
    r = begun(STARTED("suggest")); // green says nothing
    patient(r, 0, "activity", "{\"type\":\"swim\",\"minutes\":20,\"pain_during\":3}");
    assert_int_equal(fold_on(r, 1)->session_day, LW_NEVER_DAY);
    rec_free(r);
}

/* ---- the day itself ---- */

/* Sessions of the day of the plan may only lower. */
static void the_day_itself_only_lowers(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, NULL);
    assert_true(machine_of(fold_on(r, 2), "hold")->raised);
    patient(r, 2, "exercise", HOLD_30);
    lw_state *s = fold_on(r, 2);
    assert_int_equal(machine_of(s, "hold")->rung, 0);
    assert_true(machine_of(s, "hold")->raised);
    assert_int_equal(s->session_day, DAY0 + 1);
    patient(r, 2, "exercise", HOLDS(THREE_20, "4", "5")); // amber: nothing rises any more
    s = fold_on(r, 2);
    assert_false(machine_of(s, "hold")->raised);
    assert_true(s->hold_rule >= 0);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_FULL);
    patient(r, 2, "exercise", HOLDS(THREE_20, "6", "5")); // red: a flare at once
    s = fold_on(r, 2);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    assert_int_equal(machine_of(s, "hold")->part, LW_PART_RETURN);
    rec_free(r);
    // an amber session holds by the protocol's rule; without one it lowers nothing either
    lw_protocol *p =
        MINI_WITH({"  when session pain above 3 NPRS\n  hold\n", "  when session pain above 3 NPRS\n  advise amber\n"});
    r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, HOLDS(THREE_20, "4", "5"));
    assert_true(machine_of(fold_with(p, r, 2), "hold")->raised);
    assert_false(machine_of(fold_on(r, 2), "hold")->raised);
    rec_free(r);
    // red on a morning that was a flare already: one step, not two
    r = begun(STARTED("progress"));
    live(r, 0, 0, HOLD_20);
    patient(r, 1, "checkin", UNSETTLED);
    patient(r, 1, "exercise", HOLDS(THREE_20, "7", "5"));
    assert_int_equal(machine_of(fold_on(r, 1), "hold")->part, LW_PART_RETURN);
    rec_free(r);
    // left out for pain: not tolerated, nothing rises beside it
    r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, NULL);
    patient(r, 2, "exercise", "{\"exercise\":\"squeeze\",\"skip\":\"pain\"}");
    patient(r, 2, "exercise", "{\"exercise\":\"hop\",\"skip\":\"pain\"}");
    s = fold_on(r, 2);
    lw_allow allow = lw__guard(s);
    assert_false(allow.raise);
    assert_false(machine_of(s, "hold")->raised);
    assert_int_equal(s->flare, LW_FLARE_NONE);
    rec_free(r);
    // the worst of several, whichever was written last
    r = begun(STARTED("progress"));
    live(r, 0, 2, NULL);
    patient(r, 2, "exercise", HOLDS(THREE_20, "6", "5"));
    patient(r, 2, "exercise",
            "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"hold_s\":10}],\"pain_during\":1}");
    assert_int_equal(fold_on(r, 2)->flare, LW_FLARE_MINOR);
    rec_free(r);
    // a run too
    r = begun(STARTED("progress"));
    live(r, 0, 2, NULL);
    patient(r, 2, "activity", RUN("10", "1", "6"));
    assert_int_equal(fold_on(r, 2)->flare, LW_FLARE_MINOR);
    rec_free(r);
}

/* ---- shockwave ---- */

#define SHOCK "{\"side\":\"left\"}"

/* Sore days count to the first morning without; the rise is kept for a session that must be left out. */
static void soreness_after_shockwave(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    patient(r, 1, "shockwave", SHOCK);
    patient(r, 2, "checkin", "{\"pain_morning\":2,\"pain_test\":3}"); // usual + 2: expected
    lw_state *s = fold_on(r, 2);
    assert_true(s->expected);
    assert_int_equal(s->flare, LW_FLARE_NONE);
    assert_int_equal(s->fact[LW_FACT_UNSETTLED], 0);
    assert_int_equal(s->fact[LW_FACT_SW_SORE_DAYS], 1);
    assert_int_equal(s->fact[LW_FACT_SW_RISE], 200);
    patient(r, 5, "checkin", "{\"pain_morning\":2,\"pain_test\":3}"); // longer than expected
    s = fold_on(r, 5);
    assert_false(s->expected);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    assert_int_equal(s->fact[LW_FACT_SW_SORE_DAYS], 4);
    patient(r, 6, "checkin", CALM);
    s = fold_on(r, 6);
    assert_int_equal(s->fact[LW_FACT_SW_SORE_DAYS], 0);
    assert_int_equal(s->fact[LW_FACT_SW_RISE], 200);
    patient(r, 9, "checkin", "{\"pain_morning\":2,\"pain_test\":5}"); // after the spacing: not this session's
    s = fold_on(r, 9);
    assert_int_equal(s->fact[LW_FACT_SW_SORE_DAYS], 0);
    assert_int_equal(s->fact[LW_FACT_SW_RISE], 200);
    assert_int_equal(fold_on(r, 15)->fact[LW_FACT_SW_RISE], 200);
    assert_int_equal(fold_on(r, 16)->fact[LW_FACT_SW_RISE], LW_UNKNOWN);
    rec_free(r);
    r = begun(STARTED("suggest")); // the morning of the session itself does not end it; soreness has no end of itself
    patient(r, 1, "checkin", CALM);
    patient(r, 1, "shockwave", SHOCK);
    patient(r, 250, "checkin", "{\"pain_morning\":2,\"pain_test\":3}");
    assert_int_equal(fold_on(r, 250)->fact[LW_FACT_SW_SORE_DAYS], 200);
    rec_free(r);
}

/* ---- sums ---- */

static void facts_of_a_course(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    clinician(r, 0, "assessed", "{\"loading_weeks\":3}");
    patient(r, 1, "exercise",
            "{\"exercise\":\"nordic\",\"side\":\"both\",\"sets\":[{\"reps\":5}],\"pain_during\":0,\"test_before\":4,"
            "\"test_after\":1}");
    patient(r, 2, "exercise",
            "{\"exercise\":\"hop\",\"side\":\"both\",\"sets\":[{\"contacts\":5}],\"pain_during\":0,\"effort\":5}");
    patient(r, 2, "exercise",
            "{\"exercise\":\"squat\",\"side\":\"both\",\"sets\":[{\"reps\":5}],\"pain_during\":2,\"pain_relief\":"
            "\"nsaid\"}");
    lw_state *s = fold_on(r, 2);
    assert_int_equal(s->fact[LW_FACT_NORDIC_DAYS], 1);
    assert_int_equal(s->fact[LW_FACT_ECCENTRIC_DAYS], 1);
    assert_int_equal(s->fact[LW_FACT_ISOMETRIC_RELIEF], 300);
    assert_int_equal(s->heavy_day, DAY0 + 1);
    lw_protocol *plain = MINI_WITH({"heavy   eccentric   nordic", "heavy   nordic"});
    assert_int_equal(fold_with(plain, r, 2)->fact[LW_FACT_ECCENTRIC_DAYS], 1);
    s = fold_on(r, 3);
    assert_int_equal(s->plyo_day, DAY0 + 2);
    assert_int_equal(s->deep_day, DAY0 + 2);
    assert_int_equal(s->session_pain, 200);
    assert_int_equal(s->session_effort, LW_UNKNOWN); // of one of them nobody said
    assert_true(s->session_by_relief);
    assert_int_equal(s->fact[LW_FACT_RELIEF_DAYS], 1);
    assert_int_equal(s->fact[LW_FACT_LOADING_WEEKS], 3);
    assert_int_equal(fold_on(r, 14)->fact[LW_FACT_LOADING_WEEKS], 5);
    rec_free(r);
    r = begun(STARTED("suggest")); // deep by its own word, on a rung that is not
    patient(r, 1, "exercise",
            "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":5}],\"pain_during\":0,\"depth_deg\":71}");
    assert_int_equal(fold_on(r, 2)->deep_day, DAY0 + 1);
    rec_free(r);
    r = begun(STARTED("suggest"));
    patient(r, 1, "exercise",
            "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":5}],\"pain_during\":0,\"depth_deg\":70}");
    assert_int_equal(fold_on(r, 2)->deep_day, LW_NEVER_DAY);
    rec_free(r);
    // stiffness rising from one answer to the next
    r = begun(STARTED("suggest"));
    static const int32_t minutes[] = {10, 12, 15, 15, 20};
    static const int32_t rising[] = {0, 1, 2, 0, 1};
    for (int32_t i = 0; i < 5; i++) {
        patient(r, 1 + i, "checkin", say("{\"pain_morning\":1,\"stiffness_min\":%d}", minutes[i]));
        assert_int_equal(fold_on(r, 1 + i)->fact[LW_FACT_STIFFNESS_RISING], rising[i]);
    }
    rec_free(r);
}

/* Done of due in 28 active days; what stays due counts once. */
static void adherence(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 10, NULL);
    lw_state *s = fold_on(r, 3);
    assert_int_equal(s->fact[LW_FACT_ADHERENCE], 0);
    patient(r, 1, "exercise", HOLD_20);
    patient(r, 2, "exercise", HOLD_20);
    assert_int_equal(fold_on(r, 5)->fact[LW_FACT_ADHERENCE], 50); // due on days 1 to 4
    assert_int_equal(fold_on(r, 2)->fact[LW_FACT_ADHERENCE], 100);
    rec_free(r);
    // on chosen days
    r = begun("{\"protocol\":\"mini@1.2.3\",\"authority\":\"suggest\",\"days\":[\"mon\",\"thu\"]}");
    live(r, 0, 10, NULL);
    s = fold_on(r, 11); // Thursday, Monday and Thursday of the first ten days
    assert_int_equal(lw__bits(s->due_days), 3);
    rec_free(r);
}

/* The working label stays as it was given at the assessment. */
static void the_label_is_of_the_assessment(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    lw_state *s = fold_on(r, 0);
    assert_int_equal(s->label_rule, rule_of(s->protocol, "T05", 1));
    assert_int_equal(s->label_met_count, 3);
    clinician(r, 3, "assessed", "{\"weeks\":5}");
    s = fold_on(r, 60);
    assert_int_equal(s->label_rule, rule_of(s->protocol, "T06", 1));
    clinician(r, 61, "assessed", "{\"localised\":false}");
    s = fold_on(r, 61);
    assert_int_equal(s->label_rule, -1);
    assert_int_equal(s->label_met_count, 2); // of the likely one: gradual, and long enough
    // a protocol without labels, and one whose label asks more than is remembered
    lw_protocol *none = MINI_WITH({"  label likely\n", "  advise one\n"}, {"  label possible\n", "  advise two\n"});
    s = fold_with(none, r, 61);
    assert_int_equal(s->label_rule, -1);
    assert_int_equal(s->label_met_count, 0);
    rec_free(r);
    char many[2000] = "when onset is gradual";
    for (int i = 0; i < 25; i++) {
        strcat(many, i % 5 == 4 ? "\n  and localised" : " and localised");
    }
    lw_protocol *long_one = MINI_WITH({"when onset is gradual and duration at least 12 weeks and localised", many});
    r = begun(STARTED("suggest"));
    assert_int_equal(fold_with(long_one, r, 0)->label_met_count, LW_MAX_MET);
    rec_free(r);
}

/* ---- time ---- */

/* Days that run backwards in instant order: date text decides, and line order carries no meaning. */
static void days_that_run_backwards(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    // Tuesday evening in Kiribati, then over the date line: Monday night in Samoa is later
    rec_at(r, "2026-01-06T23:30:00+14:00", "checkin", "patient", "{\"pain_morning\":3,\"pain_test\":1}");
    rec_at(r, "2026-01-05T23:50:00-11:00", "checkin", "patient", "{\"pain_morning\":2,\"pain_test\":2}");
    rec_at(r, "2026-01-08T08:00:00+00:00", "checkin", "patient", "{\"pain_morning\":1}");
    lw_state *s = fold_on(r, 0);
    assert_int_equal(s->fact[LW_FACT_PAIN_MORNING], 200);
    assert_int_equal(s->later, 2);
    s = fold_on(r, 1);
    assert_int_equal(s->fact[LW_FACT_PAIN_MORNING], 300);
    assert_int_equal(s->fact[LW_FACT_MORNING_TEST], 100);
    assert_int_equal(s->later, 1);
    s = fold_on(r, 2);
    assert_int_equal(s->fact[LW_FACT_CHECKIN], 0);
    assert_int_equal(fold_on(r, 3)->fact[LW_FACT_PAIN_MORNING], 100);
    // an event of long after does not hide the days between
    rec_at(r, "2026-03-01T08:00:00+00:00", "checkin", "patient", "{\"pain_morning\":4}");
    rec_at(r, "2026-02-01T08:00:00+00:00", "checkin", "patient", "{\"pain_morning\":5}");
    assert_int_equal(fold_on(r, 27)->fact[LW_FACT_PAIN_MORNING], 500);
    assert_int_equal(fold_on(r, 55)->fact[LW_FACT_PAIN_MORNING], 400);
    rec_free(r);
}

/* What was before the first event, and records that begin later than the plan. */
static void plans_before_anything(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    lw_state *s = fold_on(r, -3);
    assert_false(s->enrolled || s->started);
    assert_int_equal(s->later, 4);
    assert_int_equal(s->start_day, INT32_MAX);
    rec_free(r);
}

/* A void takes an event away, but not on days before it was written. */
static void voids_of_later_days(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    uint32_t n = patient(r, 1, "checkin", UNSETTLED);
    patient(r, 3, "void", say("{\"event\":\"%s\",\"reason\":\"typo\"}", event_id(n)));
    assert_int_equal(fold_on(r, 2)->flare, LW_FLARE_MINOR);
    assert_int_equal(fold_on(r, 3)->flare, LW_FLARE_NONE);
    assert_int_equal(fold_on(r, 3)->fact[LW_FACT_SILENCE], 3);
    // a start that never happened
    uint32_t start = clinician(r, 4, "started", STARTED("hold"));
    clinician(r, 5, "void", say("{\"event\":\"%s\",\"reason\":\"typo\"}", event_id(start)));
    assert_int_equal(fold_on(r, 4)->start_day, DAY0 + 4);
    lw_state *s = fold_on(r, 5);
    assert_int_equal(s->start_day, DAY0);
    assert_int_equal(s->authority, LW_AUTHORITY_SUGGEST);
    // the same where days run backwards
    rec_at(r, "2026-01-12T23:30:00+14:00", "note", "patient", "{\"text\":\"east\"}");
    rec_at(r, "2026-01-11T23:50:00-11:00", "note", "patient", "{\"text\":\"west\"}");
    assert_int_equal(fold_on(r, 5)->start_day, DAY0);
    assert_int_equal(fold_on(r, 3)->flare, LW_FLARE_NONE);
    rec_free(r);
}

/* Years without an event: as if every day had been ticked, with what windows and ages would have seen. */
static void a_gap_of_years(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {"when night pain days in 7 at least 2 days", "when programme days at least 700 days on 5 of 30 days"});
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    assert_int_equal(lw__first_rule(fold_with(p, r, 703), LW_ACTION_REVIEW), -1);
    assert_int_equal(lw__first_rule(fold_with(p, r, 704), LW_ACTION_REVIEW), rule_of(p, "L29", 1));
    lw_state *s = fold_with(p, r, 3000);
    assert_int_equal(s->calm_days, 255);
    assert_int_equal(s->fact[LW_FACT_SILENCE], 3000);
    assert_int_equal(s->fact[LW_FACT_PROGRAMME_DAYS], 3000);
    assert_int_equal(s->fact[LW_FACT_WEEKS], 20 + 3000 / 7);
    for (uint32_t i = 0; i < LW_RING; i++) {
        assert_int_equal(s->tension[i], 0);
    }
    patient(r, 2999, "checkin", "{\"pain_morning\":1}");
    patient(r, 3000, "checkin", "{\"pain_morning\":2}");
    s = fold_with(p, r, 3000);
    assert_int_equal(s->fact[LW_FACT_SILENCE], 0);
    assert_true(s->lock_screen && s->lock_tests);
    assert_int_equal(fold_with(p, r, 2998)->fact[LW_FACT_SILENCE], 2998);
    rec_free(r);
}

/* ---- going on from an evening ---- */

/* Folds to DAY0 + day from the evening, and from the first day: the same either way. True when it really went on. */
static bool goes_on(const lw_protocol *p, const lw_record *record, int32_t day, lw_evening *evening) {
    static lw_state whole, on;
    assert_int_equal(lw__fold(p, record, DAY0 + day, &whole), LW_OK);
    evening->s.tsk_first = 77; // nobody said so: whoever goes on from it shows it
    assert_int_equal(lw__fold_on(p, record, DAY0 + day, &on, evening), LW_OK);
    assert_int_equal(on.stage, whole.stage);
    assert_int_equal(on.later, whole.later);
    assert_ptr_equal(on.record, record);
    assert_memory_equal(on.machine, whole.machine, sizeof on.machine);
    assert_memory_equal(on.fact, whole.fact, sizeof on.fact);
    return on.tsk_first == 77;
}

/* Leaves the evening before DAY0 + 10 of the record's first `count` events. */
static lw_evening *left_by(const lw_record *record, uint32_t count) {
    static lw_evening evening;
    static lw_state s;
    lw_record cut = *record;
    cut.count = count;
    lw__evening_none(&evening);
    assert_int_equal(lw__fold_on(mini(), &cut, DAY0 + 10, &s, &evening), LW_OK);
    return &evening;
}

static void a_fold_goes_on(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 1, 10, HOLD_20);
    const lw_record *record = rec_read(r);
    uint32_t yesterday = record->count - 2; // the events up to day 9

    lw_evening *evening = left_by(record, record->count);
    assert_int_equal(evening->until, DAY0 + 10);
    assert_int_equal(evening->s.day, DAY0 + 9);
    assert_int_equal(evening->count, yesterday);
    assert_true(goes_on(mini(), record, 10, left_by(record, yesterday)));
    assert_true(goes_on(mini(), record, 12, left_by(record, record->count)));
    assert_true(goes_on(mini(), record, 700, left_by(record, record->count)));
    // the first day has no evening before it; an earlier day than the evening's is folded anew
    lw__evening_none(evening);
    static lw_state s;
    assert_int_equal(lw__fold_on(mini(), record, DAY0, &s, evening), LW_OK);
    assert_int_equal(evening->until, LW_NEVER_DAY);
    assert_false(goes_on(mini(), record, 10, evening));
    assert_false(goes_on(mini(), record, 9, left_by(record, record->count)));
    // nothing has come since; a shorter record; another protocol
    lw_record cut = *record;
    cut.count = yesterday;
    assert_true(goes_on(mini(), &cut, 11, left_by(record, yesterday)));
    cut.count = 5;
    assert_false(goes_on(mini(), &cut, 10, left_by(record, record->count)));
    const lw_protocol *other = mini_with((const edit[]){{"version 1.2.3", "version 1.2.4"}}, 1);
    assert_false(goes_on(other, record, 10, left_by(record, record->count)));
    rec_free(r);
}

static void what_an_evening_cannot_outlast(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 1, 8, HOLD_20);
    patient(r, 9, "note", "{\"text\":\"nothing\"}");
    uint32_t told = r->count;
    patient(r, 9, "checkin", CALM); // it comes late: of the evening's own day
    patient(r, 10, "checkin", CALM);
    lw_record late = *rec_read(r);
    assert_false(goes_on(mini(), &late, 10, left_by(&late, told)));
    rec_free(r);

    r = begun(STARTED("progress"));
    live(r, 1, 9, HOLD_20);
    told = r->count;
    patient(r, 10, "checkin", CALM);
    clinician(r, 10, "started", STARTED("suggest"));
    const lw_record *again = rec_read(r);
    assert_true(goes_on(mini(), &(lw_record){.patient = again->patient, .events = again->events, .count = told + 1}, 10,
                        left_by(again, told)));
    assert_false(goes_on(mini(), again, 10, left_by(again, told)));
    rec_free(r);

    // flown west: the day after is told before the day of the evening, which its instant hides
    r = begun(STARTED("progress"));
    live(r, 1, 9, HOLD_20);
    told = r->count;
    (void)rec_at(r, "2026-01-15T00:10:00+14:00", "checkin", "patient", CALM);
    (void)rec_at(r, "2026-01-14T23:40:00+00:00", "note", "patient", "{\"text\":\"west\"}");
    patient(r, 10, "note", "{\"text\":\"home\"}");
    const lw_record *west = rec_read(r);
    assert_false(goes_on(mini(), west, 10, left_by(west, told)));
    rec_free(r);
}

/* An event is taken back on the tenth day: gone from the course then, and not before. */
static void a_void_ends_an_evening(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 1, 9, HOLD_20);
    uint32_t told = r->count;
    patient(r, 10, "void", say("{\"event\":\"%s\",\"reason\":\"not mine\"}", event_id(told - 1)));
    const lw_record *record = rec_read(r);
    assert_true(goes_on(mini(), record, 10, left_by(record, record->count))); // known when the evening was left
    static lw_state s;
    static lw_evening before;
    lw__evening_none(&before);
    assert_int_equal(lw__fold_on(mini(), record, DAY0 + 9, &s, &before), LW_OK);
    before.count = told; // as if day 9 had been told before its evening: the last of it goes on day 10
    assert_false(goes_on(mini(), record, 10, &before));
    rec_free(r);
}

/* What an override named may be written down later. */
static void an_override_ends_an_evening(void **state) {
    (void)state;
    for (int found = 0; found < 2; found++) {
        rec *r = begun(STARTED("progress"));
        live(r, 1, 8, HOLD_20);
        const char *decision = event_id(r->count + (found ? 1 : 50));
        (void)rec_at(r, "2026-01-13T05:00:00+00:00", "decided", "engine", "{}");
        clinician(r, 9, "override", say("{\"decision\":\"%s\",\"action\":\"hold\",\"reason\":\"tired\"}", decision));
        patient(r, 10, "checkin", CALM);
        const lw_record *record = rec_read(r);
        assert_int_equal(goes_on(mini(), record, 10, left_by(record, record->count)), found);
        rec_free(r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fold_goes_on),
        cmocka_unit_test(what_an_evening_cannot_outlast),
        cmocka_unit_test(a_void_ends_an_evening),
        cmocka_unit_test(an_override_ends_an_evening),
        cmocka_unit_test(an_empty_record),
        cmocka_unit_test(where_to_begin),
        cmocka_unit_test(a_restart_begins_anew),
        cmocka_unit_test(a_step_a_week),
        cmocka_unit_test(the_morning_after_decides),
        cmocka_unit_test(what_counts_as_green),
        cmocka_unit_test(streaks_have_an_end),
        cmocka_unit_test(no_weight_no_rise),
        cmocka_unit_test(the_end_of_a_ladder),
        cmocka_unit_test(a_neighbour_that_had_to_ease),
        cmocka_unit_test(steps_into_a_deeper_class),
        cmocka_unit_test(speed_rises_by_its_own_rule),
        cmocka_unit_test(a_deeper_step_has_to_be_seen),
        cmocka_unit_test(a_step_into_class_three_is_deep),
        cmocka_unit_test(a_step_that_is_gone),
        cmocka_unit_test(less_weight_is_followed_down),
        cmocka_unit_test(four_weeks_away),
        cmocka_unit_test(stages_are_entered_or_proposed),
        cmocka_unit_test(an_unsettled_morning_lowers_everything),
        cmocka_unit_test(flares_close),
        cmocka_unit_test(unsettled_mornings_add_up),
        cmocka_unit_test(pain_in_a_session),
        cmocka_unit_test(the_worst_flare_counts),
        cmocka_unit_test(the_lowest_rung),
        cmocka_unit_test(early_warning),
        cmocka_unit_test(silence),
        cmocka_unit_test(the_lock_of_fourteen_days),
        cmocka_unit_test(the_lock_of_four_weeks),
        cmocka_unit_test(back_after_a_stop),
        cmocka_unit_test(the_worst_flag_is_the_fact),
        cmocka_unit_test(a_proposal_is_taken),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(stages_and_levels_are_taken),
        cmocka_unit_test(overrides_count_for_their_day),
        cmocka_unit_test(overrides_that_are_refused),
        cmocka_unit_test(tolerated_runs),
        cmocka_unit_test(runs_are_forgotten),
        cmocka_unit_test(levels_of_running),
        cmocka_unit_test(the_ratio_of_the_last_run),
        cmocka_unit_test(runs_in_one_go),
        cmocka_unit_test(pain_beside_the_session),
        cmocka_unit_test(the_day_itself_only_lowers),
        cmocka_unit_test(soreness_after_shockwave),
        cmocka_unit_test(facts_of_a_course),
        cmocka_unit_test(adherence),
        cmocka_unit_test(the_label_is_of_the_assessment),
        cmocka_unit_test(days_that_run_backwards),
        cmocka_unit_test(plans_before_anything),
        cmocka_unit_test(voids_of_later_days),
        cmocka_unit_test(a_gap_of_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
