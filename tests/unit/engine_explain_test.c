/*
 * engine_explain_test.c: why: every rule that shaped the answer, strongest first, exactly one that binds.
 */
#include "engine_support.h"

#define HOLD_20 HOLDS(THREE_20, "1", "5")

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

/* What holds in every plan: one rule binds, the first; ranks never fall; no rule stands twice. */
static void check_order(const char *json) {
    uint32_t binding = 0;
    const char *first = value_of_plan(json, "why.0.rule");
    assert_plan(json, "why.0.binding", "true");
    assert_string_not_equal(first, "(none)");
    for (int32_t i = 0;; i++) {
        const char *entry = value_at(json, say("why.%d", i));
        if (entry == NULL) {
            break;
        }
        binding += strcmp(value_of_plan(json, say("why.%d.binding", i)), "true") == 0 ? 1 : 0;
        for (int32_t k = 0; k < i; k++) {
            bool same =
                strcmp(value_of_plan(json, say("why.%d.rule", i)), value_of_plan(json, say("why.%d.rule", k))) == 0 &&
                strcmp(value_of_plan(json, say("why.%d.variant", i)), value_of_plan(json, say("why.%d.variant", k))) ==
                    0;
            assert_false(same);
        }
    }
    assert_int_equal(binding, 1);
}

/* Where the protocol has a rule for it, the action of the one that binds is the verdict. */
static void check_verdict(const char *json) {
    char verdict[32];
    (void)snprintf(verdict, sizeof verdict, "%s", value_of_plan(json, "verdict"));
    assert_plan(json, "why.0.action", verdict);
}

/* A protocol that stays in its first stage for the days of these tests. */
static const lw_protocol *staying(void) {
    static const lw_protocol *protocol;
    if (protocol == NULL) {
        protocol = MINI_WITH({"on 3 of 7 days", "on 20 of 30 days"});
    }
    return protocol;
}

/* The position of a rule in why, −1 where it is not. */
static int32_t place_of(const char *json, const char *rule) {
    for (int32_t i = 0;; i++) {
        const char *at = value_of_plan(json, say("why.%d.rule", i));
        if (strcmp(at, "(none)") == 0) {
            return -1;
        }
        if (strncmp(at + 1, rule, strlen(rule)) == 0 && at[1 + strlen(rule)] == '"') {
            return i;
        }
    }
}

static const char *binds(const lw_protocol *p, rec *r, int32_t day) {
    const char *json = plan_with(p, r, day);
    check_order(json);
    check_verdict(json);
    return value_of_plan(json, "why.0.rule");
}

/* ---- the rule behind each verdict ---- */

static void a_flag_binds(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    patient(r, 1, "symptom", "{\"flag\":\"RF02\"}");
    patient(r, 1, "checkin", "{\"pain_morning\":9,\"pain_test\":9,\"night_pain\":true}");
    assert_string_equal(binds(mini(), r, 1), "\"T01\"");
    assert_plan(plan_on(r, 1), "verdict", "\"stop\"");
    // a protocol without a rule that stops: something still stands for the answer, and it stops all the same
    lw_protocol *none =
        MINI_WITH({"rule T01 \"Stop\"\n  when open flag stops\n  stop\n  until red-flag-cleared\n  S [V] S01\n", ""});
    assert_plan(plan_with(none, r, 1), "verdict", "\"stop\"");
    check_order(plan_with(none, r, 1));
    rec_free(r);
}

static void what_eases_binds(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    patient(r, 1, "checkin", "{\"pain_morning\":2,\"pain_test\":2.01}");
    assert_string_equal(binds(mini(), r, 1), "\"L08\"");
    patient(r, 1, "checkin", "{\"pain_morning\":2,\"night_pain\":true}");
    assert_string_equal(binds(mini(), r, 1), "\"L09\"");
    assert_string_equal(binds(mini(), r, 2), "\"L09\""); // also on the days of the flare without a signal
    rec_free(r);

    r = begun(STARTED("suggest")); // silence
    live(r, 0, 0, HOLD_20);
    assert_string_not_equal(binds(mini(), r, 6), "\"L26\"");
    assert_string_equal(binds(mini(), r, 7), "\"L26\"");
    assert_plan(plan_on(r, 7), "verdict", "\"regress\"");
    rec_free(r);

    r = begun(STARTED("suggest")); // back after a stop
    live(r, 0, 0, HOLD_20);
    uint32_t n = patient(r, 1, "symptom", "{\"flag\":\"RF02\"}");
    clinician(r, 2, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    live(r, 2, 3, NULL);
    assert_string_equal(binds(mini(), r, 3), "\"L27\"");
    assert_plan(plan_on(r, 3), "deload.cause", "\"return\"");
    rec_free(r);

    r = begun(STARTED("suggest")); // expected soreness
    live(r, 0, 0, HOLD_20);
    patient(r, 1, "shockwave", "{\"side\":\"left\"}");
    patient(r, 2, "checkin", "{\"pain_morning\":2,\"pain_test\":3}");
    assert_string_equal(binds(mini(), r, 2), "\"E-16\"");
    assert_plan(plan_on(r, 2), "deload.cause", "\"shockwave\"");
    assert_plan(plan_on(r, 2), "deload.until", "\"2026-01-09\"");
    rec_free(r);

    lw_protocol *p =
        MINI_WITH({"unsettled mornings at least 1 day", "unsettled mornings at least 5 days"},
                  {"night pain; unsettled mornings at least 3 days", "night pain; unsettled mornings at least 6 days"});
    r = begun(STARTED("suggest")); // early warning
    live(r, 0, 0, HOLD_20);
    patient(r, 1, "checkin", "{\"pain_morning\":2,\"pain_test\":3}");
    patient(r, 2, "checkin", "{\"pain_morning\":2,\"pain_test\":3}");
    assert_string_equal(binds(p, r, 2), "\"R10\"");
    assert_plan(plan_with(p, r, 2), "deload.cause", "\"early_warning\"");
    rec_free(r);

    r = begun(STARTED("suggest")); // a clinician's limit below the last session
    live(r, 0, 0, HOLD_20);
    live(r, 1, 1, NULL);
    clinician(r, 1, "limit", "{\"exercise\":\"hold\",\"max\":1,\"reason\":\"x\"}");
    assert_string_equal(binds(mini(), r, 1), "\"A43\"");
    assert_plan(plan_on(r, 1), "verdict", "\"regress\"");
    rec_free(r);

    r = begun(STARTED("suggest")); // more was done than is asked: the baseline
    live(r, 0, 0, HOLDS("{\"hold_s\":60},{\"hold_s\":60},{\"hold_s\":60}", "1", "5"));
    live(r, 1, 1, NULL);
    assert_string_equal(binds(mini(), r, 1), "\"A42\"");
    rec_free(r);
}

static void what_holds_binds(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLDS(THREE_20, "4", "5"));
    live(r, 1, 1, NULL);
    assert_string_equal(binds(mini(), r, 1), "\"L07\"");
    assert_plan(plan_on(r, 1), "verdict", "\"hold\"");
    assert_string_equal(binds(mini(), r, 2), "\"L07\""); // before what is missing
    rec_free(r);

    r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    assert_string_equal(binds(mini(), r, 1), "\"A46\""); // no check-in
    patient(r, 1, "checkin", "{\"pain_morning\":1}");
    assert_string_equal(binds(mini(), r, 1), "\"A45\""); // no test in it
    live(r, 1, 1, NULL);
    assert_string_equal(binds(mini(), r, 1), "\"L06\""); // one green session more
    clinician(r, 1, "limit", "{\"variable\":\"happiness\",\"max\":1,\"reason\":\"x\"}");
    assert_string_equal(binds(mini(), r, 1), "\"A43\"");
    rec_free(r);

    r = begun(STARTED("suggest")); // the locks
    live(r, 0, 0, NULL);
    live(r, 20, 20, NULL);
    assert_string_equal(binds(mini(), r, 20), "\"L26\"");
    rec_free(r);

    // a protocol that names none of it: what it waits for
    lw_protocol *p = MINI_WITH({"  cap missing\n", "  cap nordic\n"}, {"  cap missing\n", "  cap nordic\n"});
    r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    assert_string_equal(binds(p, r, 1), "\"L06\"");
    rec_free(r);
    // and one that lets nothing rise at all
    lw_protocol *nothing = MINI_WITH({"  cap missing\n", "  cap nordic\n"}, {"  cap missing\n", "  cap nordic\n"},
                                     {"  raise\n", "  advise more\n"});
    r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLD_20);
    check_order(plan_with(nothing, r, 1));
    rec_free(r);
}

/* The wait of a week binds where everything else would let it rise. */
static void the_wait_binds(void **state) {
    (void)state;
    rec *r = begun("{\"protocol\":\"mini@1.2.3\",\"authority\":\"hold\"}");
    live(r, 0, 2, HOLD_20);
    live(r, 3, 3, NULL);
    clinician(r, 3, "authority", "{\"level\":\"suggest\"}");
    patient(r, 2, "exercise", HOLDS(THREE_20, "1", "5"));
    assert_plan(plan_with(staying(), r, 3), "session.items.0.proposal.variable", "\"hold\"");
    check_order(plan_with(staying(), r, 3));
    rec_free(r);
    r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    live(r, 2, 5, HOLDS(THREE_30, "1", "5"));
    live(r, 6, 6, NULL);
    assert_plan(plan_with(staying(), r, 6), "verdict", "\"hold\"");
    assert_string_equal(binds(staying(), r, 6), "\"A40\"");
    rec_free(r);
}

static void what_rises_binds(void **state) {
    (void)state;
    rec *r = begun(STARTED("progress"));
    live(r, 0, 1, HOLD_20);
    live(r, 2, 2, NULL);
    assert_plan(plan_with(staying(), r, 2), "verdict", "\"progress\"");
    assert_string_equal(binds(staying(), r, 2), "\"L06\"");
    assert_plan(plan_with(staying(), r, 2), "session.items.0.why.0", "\"L06\"");
    rec_free(r);
    r = begun(STARTED("progress")); // running opens
    patient(r, 0, "activity", "{\"type\":\"walk\",\"minutes\":30,\"pain_during\":0}");
    live(r, 1, 3, NULL);
    assert_plan(plan_on(r, 3), "verdict", "\"progress\"");
    assert_string_equal(binds(mini(), r, 3), "\"R02\"");
    rec_free(r);
    r = begun(STARTED("suggest")); // an override has no rule of its own: the step is named
    live(r, 0, 0, HOLD_20);
    live(r, 1, 1, NULL);
    uint32_t n =
        rec_add(r, 1, "decided", "engine",
                say("{\"on\":\"2026-01-06\",\"protocol_sha256\":\"%064d\",\"engine\":\"0\",\"inputs\":\"%064d\","
                    "\"plan_sha256\":\"%064d\",\"verdict\":\"hold\",\"rules\":[],\"items\":[]}",
                    0, 0, 0));
    clinician(r, 1, "override", say("{\"decision\":\"%s\",\"action\":\"progress\",\"reason\":\"x\"}", event_id(n)));
    assert_plan(plan_on(r, 1), "verdict", "\"progress\"");
    check_order(plan_on(r, 1));
    rec_free(r);
}

/* ---- what else stands there ---- */

static void the_strongest_come_first(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, HOLDS(THREE_20, "6", "5"));
    patient(r, 1, "checkin", "{\"pain_morning\":3,\"pain_test\":3,\"sleep_h\":4,\"night_pain\":true}");
    patient(r, 2, "checkin", "{\"pain_morning\":3,\"pain_test\":3,\"sleep_h\":4,\"night_pain\":true}");
    const char *json = plan_on(r, 2);
    check_order(json);
    static const char *const order[] = {"L09", "R10", "L07", "R12", "R01", "R02", "A01", "T05", "A06"};
    int32_t last = -1;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        int32_t place = place_of(json, order[i]);
        if (strcmp(order[i], "R10") == 0 && place < 0) {
            continue;
        }
        assert_true(place > last);
        last = place;
    }
    assert_true(place_of(json, "L29") > place_of(json, "R01")); // a review stands after the ceilings
    assert_true(place_of(json, "L29") < place_of(json, "R02"));
    rec_free(r);
}

/* A new exercise has no rule of its own yet: none is invented for it. */
static void nothing_is_invented(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, NULL);
    const char *json = plan_on(r, 0);
    assert_int_equal(place_of(json, "T01"), -1);
    assert_int_equal(place_of(json, "L08"), -1);
    assert_true(place_of(json, "L01") > 0); // where it begins
    assert_plan(json, say("why.%d.action", place_of(json, "L01")), "\"enter\"");
    rec_free(r);
}

/* Rules by their id in what was explained. */
static bool explained(const lw_plan_data *d, const char *id) {
    for (uint32_t i = 0; i < d->why_count; i++) {
        if (lw__str_eq(d->s->protocol->rules[d->why[i].rule].id, lw__str(id))) {
            return true;
        }
    }
    return false;
}

static lw_plan_data *data_of(lw_state *s) {
    static lw_plan_data d;
    d = (lw_plan_data){.s = s, .verdict = LW_VERDICT_HOLD};
    d.allow = lw__guard(s);
    lw__decide(s, &d.allow, &d.decision);
    lw__run_plan(s, &d.allow, &d.run);
    lw__shockwave_plan(s, &d.allow, &d.shockwave);
    d.verdict = lw__verdict(s, &d.allow, &d.decision, &d.run);
    return &d;
}

static lw_protocol *all_ceilings(void) {
    return MINI_WITH(
        {NULL,
         "rule A50 \"Contacts\"\n  cap contacts\n  until fixed\n  D [D]\n"
         "rule A51 \"Nordic\"\n  cap nordic\n  until fixed\n  D [D]\n"
         "rule A52 \"One thing\"\n  cap one-thing\n  until fixed\n  D [D]\n"
         "rule A53 \"Both\"\n  cap both-sides\n  until fixed\n  D [D]\n"
         "rule A54 \"Never converted\"\n  cap no-conversion\n  until fixed\n  D [D]\n"
         "rule A55 \"No week of runs\"\n  cap no-weekly-run-rule\n  until fixed\n  D [D]\n"
         "rule A56 \"Frequency\"\n  cap frequency\n  until fixed\n  D [D]\n"
         "rule A57 \"Silent frequency\"\n  when silence at least 90 days\n  cap weekly\n  until fixed\n  D [D]\n"});
}

static void each_ceiling_when_it_binds(void **state) {
    (void)state;
    lw_protocol *p = all_ceilings();
    lw_state *s = ready_with(p);
    lw_plan_data *d = data_of(s);
    lw__explain(d);
    static const char *const never[] = {"A50", "A51", "A52", "A53", "A54", "A55",  "A56",  "A57",  "A41", "A42",
                                        "A43", "A44", "A45", "L26", "L27", "E-17", "E-09", "E-06", "R04"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_false(explained(d, never[i]));
    }
    assert_true(explained(d, "R01")); // how long one may sit is known

    s->stage = LW_STAGE_PLYOMETRIC;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A50"));
    s->stage = LW_STAGE_ECCENTRIC;
    use(s, "nordic", 0, 4);
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A51"));

    // one variable rises: load, or depth
    lw_machine *m = use(s, "lift", 1, 2);
    m->load_ref = 4000;
    m->offer = m->raised = true;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A52"));
    m->rung = 3;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A52"));
    m->rung = 0;
    d = data_of(s);
    lw__explain(d);
    assert_false(explained(d, "A52"));

    s->sides = 3;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A53"));
    s->paused = true; // nothing due, nothing less
    d = data_of(s);
    lw__explain(d);
    assert_false(explained(d, "A53"));

    // parts: of a return, of a flare, of a tendon that is irritable
    s = ready_with(p);
    use(s, "hold", 0, 1)->part = LW_PART_RETURN;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A42"));
    s->returning = true;
    lw__fact_set(s, LW_FACT_RETURNING, 1, s->day);
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "L27"));
    s = ready_with(p);
    s->irritability = LW_IRRITABILITY_HIGH;
    lw__fact_set(s, LW_FACT_BASE_REST_PAIN, 1, s->day);
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "I01"));
    assert_false(explained(d, "A42"));
    s->irritability = LW_IRRITABILITY_MODERATE; // half, and not from irritability any more
    use(s, "hold", 0, 1)->part = LW_PART_HALF;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A42"));

    // shockwave tomorrow, today, lately, as an option
    for (int32_t ahead = 0; ahead <= 2; ahead++) {
        s = ready_with(p);
        s->sw_booked = s->day + ahead;
        lw__fact_set(s, LW_FACT_SW_BOOKED, ahead, s->day);
        d = data_of(s);
        lw__explain(d);
        assert_int_equal(explained(d, "E-17"), ahead < 2);
    }
    s = ready_with(p);
    s->sw_day = s->day - 2;
    lw__fact_set(s, LW_FACT_SW_AGE, 2, s->day);
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "E-09"));
    s = ready_with(p);
    lw__fact_set(s, LW_FACT_LOADING_BLOCKED, 1, s->day);
    d = data_of(s);
    assert_int_equal(d->shockwave.status, LW_SWS_OPTION);
    lw__explain(d);
    assert_true(explained(d, "E-05") && explained(d, "E-06") && explained(d, "A54"));
    s->sw_count = 1;
    s->sw_day = s->day - 7;
    d = data_of(s);
    assert_int_equal(d->shockwave.status, LW_SWS_DUE);
    lw__explain(d);
    assert_true(explained(d, "E-06") && explained(d, "A54"));

    // running
    s = ready_with(p);
    s->run.level = 1;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A55"));
    assert_false(explained(d, "R04"));
    s->run.km[(s->day - 1) & (LW_RUN_RING - 1)] = 100;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "R04"));

    // the week, the rhythm, locks and silence, what is missing
    s = ready_with(p);
    use(s, "hold", 0, 1);
    s->tension[(uint32_t)(s->day - 8) % LW_RING] = 1;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "A41"));
    assert_false(explained(d, "A57"));
    s = ready_with(p);
    s->stage = LW_STAGE_ECCENTRIC;
    s->session_day = s->day - 1;
    s->session_pain = 100;
    s->session_effort = 500;
    d = data_of(s);
    lw__explain(d);
    assert_int_equal(d->why[0].rule, rule_of(p, "A56", 1));
    s = ready_with(p);
    lw__fact_set(s, LW_FACT_SILENCE, 7, s->day);
    d = data_of(s);
    lw__explain(d);
    assert_false(explained(d, "L26"));
    s->lock_screen = true;
    d = data_of(s);
    lw__explain(d);
    assert_int_equal(d->why[0].rule, rule_of(p, "L26", 1));
    s->lock_screen = false;
    s->lock_tests = true;
    d = data_of(s);
    lw__explain(d);
    assert_int_equal(d->why[0].rule, rule_of(p, "L26", 1));
    s = ready_with(p);
    s->fact[LW_FACT_CHECKIN] = 0;
    s->paused = true; // nothing is prescribed: nothing is missing for it
    d = data_of(s);
    lw__explain(d);
    assert_true(d->allow.missing != 0);
    s->fact[LW_FACT_SITTING] = LW_UNKNOWN;
    d = data_of(s);
    lw__explain(d);
    assert_false(explained(d, "R01"));
}

/* Rules of shockwave speak by the status they led to. */
static void shockwave_speaks_by_its_status(void **state) {
    (void)state;
    const lw_protocol *p = mini();
    lw_state *s = ready();
    lw__fact_set(s, LW_FACT_CONTRA_FORBIDS, 1, s->day);
    lw__fact_set(s, LW_FACT_CONTRA_CAUTION, 1, s->day);
    lw_plan_data *d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "E-01"));
    assert_false(explained(d, "E-02"));
    for (uint32_t i = 0; i < d->why_count; i++) {
        if (d->why[i].rule == rule_of(p, "E-01", 1)) {
            assert_string_equal(d->why[i].action, "stop");
        }
    }
    lw__fact_set(s, LW_FACT_CONTRA_FORBIDS, 0, s->day);
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "E-02"));
    lw__fact_set(s, LW_FACT_CONTRA_CAUTION, 0, s->day);
    lw__fact_set(s, LW_FACT_LOADING_BLOCKED, 1, s->day);
    s->authority = LW_AUTHORITY_HOLD; // no offer: nothing to say about it
    d = data_of(s);
    assert_int_equal(d->shockwave.status, LW_SWS_NONE);
    lw__explain(d);
    assert_false(explained(d, "E-05"));
    // two rules of one word both speak
    lw_protocol *two = MINI_WITH(
        {NULL,
         "rule E-18 \"Also\"\n  when days since steroid at most 10 days\n  shockwave wait\n  until fixed\n  D [D]\n"});
    s = ready_with(two);
    lw__fact_set(s, LW_FACT_WEEKS, 3, s->day);
    lw__fact_set(s, LW_FACT_STEROID_AGE, 3, s->day);
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "E-04") && explained(d, "E-18"));
}

static void sport_and_speed(void **state) {
    (void)state;
    lw_state *s = ready();
    s->stage = LW_STAGE_PLYOMETRIC;
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_PLYOMETRIC, s->day);
    lw__fact_set(s, LW_FACT_READINESS, 7, s->day);
    lw_plan_data *d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "R08"));
    assert_false(explained(d, "R06"));
    s->run.level = 1;
    d = data_of(s);
    lw__explain(d);
    assert_true(explained(d, "R06")); // what the gate keeps shut
    s->run.fast = true;
    d = data_of(s);
    lw__explain(d);
    for (uint32_t i = 0; i < d->why_count; i++) {
        if (d->why[i].rule == rule_of(mini(), "R06", 1)) {
            assert_string_equal(d->why[i].action, "progress");
        }
    }
}

/* A stage that is proposed, entered, held. */
static void stages_are_explained(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 2, NULL);
    const char *json = plan_on(r, 2);
    assert_plan(json, "stage.proposal.to", "\"eccentric\"");
    assert_plan(json, say("why.%d.action", place_of(json, "L03")), "\"propose\"");
    rec_free(r);
    r = begun(STARTED("progress"));
    live(r, 0, 2, NULL);
    json = plan_on(r, 2);
    assert_plan(json, "stage.id", "\"eccentric\"");
    assert_plan(json, say("why.%d.action", place_of(json, "L03")), "\"progress\"");
    rec_free(r);
}

/* Rules that share an id and say different things stand side by side; a review is none of the others. */
static void one_id_may_say_two_things(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {NULL, "rule L23 \"Advice\"\n  when lowering due at lowest rung\n  advise lower\n  until fixed\n  D [D]\n"
               "rule L23 \"Hold\"\n  when lowering due at lowest rung\n  hold\n  until fixed\n  D [D]\n"});
    lw_state *s = ready_with(p);
    lw__fact_set(s, LW_FACT_LOWEST_RUNG, 1, s->day);
    s->hold_rule = rule_of(p, "L23", 4);
    lw_plan_data *d = data_of(s);
    lw__explain(d);
    uint32_t reviews = 0;
    uint32_t others = 0;
    for (uint32_t i = 0; i < d->why_count; i++) {
        bool same = lw__str_eq(p->rules[d->why[i].rule].id, LW_STR("L23"));
        reviews += same && strcmp(d->why[i].action, "review") == 0 ? 1 : 0;
        others += same && strcmp(d->why[i].action, "review") != 0 ? 1 : 0;
    }
    assert_int_equal(reviews, 1);
    assert_int_equal(others, 1);
    assert_int_equal(d->why[0].rule, rule_of(p, "L23", 4));
}

/* A rule that binds under an id that another, stronger one already stands for: that one comes first. */
static void the_stronger_of_one_id_binds(void **state) {
    (void)state;
    lw_protocol *p =
        MINI_WITH({NULL, "rule L08 \"Hold\"\n  when sitting tolerance known\n  hold\n  until fixed\n  D [D]\n"});
    lw_state *s = ready_with(p);
    s->deload = LW_DELOAD_WARNING; // stands, though nothing is eased any more
    s->deload_until = s->day - 1;
    s->deload_rule = rule_of(p, "L08", 1);
    s->hold_rule = rule_of(p, "L08", 2);
    lw_plan_data *d = data_of(s);
    lw__explain(d);
    assert_int_equal(d->why[0].rule, rule_of(p, "L08", 1));
    assert_string_equal(d->why[0].action, "hold");
}

/* Nothing fires and nothing is named: the first rule of the protocol stands for the answer. */
static void something_always_stands(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    p->rule_count = 1;
    lw_state *s = ready_with(p);
    lw_plan_data *d = data_of(s);
    lw__explain(d);
    assert_int_equal(d->why_count, 1);
    assert_int_equal(d->why[0].rule, 0);
    assert_string_equal(d->why[0].action, "hold");
}

/* The rhythm binds where the protocol has a rule for it that speaks today. */
static void rhythm_without_a_rule(void **state) {
    (void)state;
    lw_protocol *silent = MINI_WITH(
        {NULL, "rule A56 \"Frequency\"\n  when silence at least 90 days\n  cap frequency\n  until fixed\n  D [D]\n"});
    for (int turn = 0; turn < 2; turn++) {
        const lw_protocol *p = turn == 0 ? mini() : silent;
        lw_state *s = ready_with(p);
        s->stage = LW_STAGE_ECCENTRIC;
        s->session_day = s->day - 1;
        s->session_pain = 100;
        s->session_effort = 500;
        lw_plan_data *d = data_of(s);
        assert_int_equal(d->decision.cap, LW_CAP_FREQUENCY);
        lw__explain(d);
        assert_int_equal(d->why[0].rule, rule_of(p, "L06", 1));
    }
}

/* A dose that is lower by its part has the baseline behind it, not the ceiling beside it. */
static void a_part_is_the_baseline(void **state) {
    (void)state;
    lw_state *s = ready();
    lw_machine *m = use(s, "hold", 0, 1);
    m->part = LW_PART_RETURN;
    m->last.volume = 100;
    s->limits[s->limit_count++] = (lw_limit){.exercise = 255, .variable = LW_VAR_HOLD, .max = 1500, .until = INT32_MAX};
    lw_plan_data *d = data_of(s);
    assert_int_equal(d->verdict, LW_VERDICT_REGRESS);
    lw__explain(d);
    assert_int_equal(d->why[0].rule, rule_of(mini(), "A42", 1));
}

/* More rules than any protocol of today fires at once: all of them stand, and the one that binds is first. */
static void no_rule_is_lost(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    // every place of the protocol is filled with rules that always speak
    int16_t advice = rule_of(p, "A06", 1);
    static char ids[LW_MAX_RULES][8];
    while (p->rule_count < LW_MAX_RULES) {
        p->rules[p->rule_count] = p->rules[advice];
        sprintf(ids[p->rule_count], "Z%u", p->rule_count);
        p->rules[p->rule_count].id = lw__str(ids[p->rule_count]);
        p->rule_count++;
    }
    lw_state *s = ready_with(p);
    s->hold_rule = rule_of(p, "L07", 1);
    lw_plan_data *d = data_of(s);
    lw__explain(d);
    assert_true(d->why_count > 128);
    assert_int_equal(d->why[0].rule, s->hold_rule);
    for (uint32_t i = 0; i + 1 < d->why_count; i++) {
        assert_true(i == 0 || d->why[i].rank <= d->why[i + 1].rank);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flag_binds),
        cmocka_unit_test(what_eases_binds),
        cmocka_unit_test(what_holds_binds),
        cmocka_unit_test(the_wait_binds),
        cmocka_unit_test(what_rises_binds),
        cmocka_unit_test(the_strongest_come_first),
        cmocka_unit_test(nothing_is_invented),
        cmocka_unit_test(each_ceiling_when_it_binds),
        cmocka_unit_test(shockwave_speaks_by_its_status),
        cmocka_unit_test(sport_and_speed),
        cmocka_unit_test(stages_are_explained),
        cmocka_unit_test(one_id_may_say_two_things),
        cmocka_unit_test(the_stronger_of_one_id_binds),
        cmocka_unit_test(something_always_stands),
        cmocka_unit_test(rhythm_without_a_rule),
        cmocka_unit_test(a_part_is_the_baseline),
        cmocka_unit_test(no_rule_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
