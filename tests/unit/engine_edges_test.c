/*
 * engine_edges_test.c: the edges that a slip of the pen would move: full lists, the first of everything, the day itself,
 * what a state begins as, and which of two things that suit alike is taken.
 */
#include "engine/course.h"
#include "engine_support.h"

static lw_allow guard(const lw_state *s) {
    lw_allow a = lw__guard(s);
    return a;
}

static lw_decision decide(const lw_state *s) {
    lw_allow a = guard(s);
    lw_decision d;
    lw__decide(s, &a, &d);
    return d;
}

/* The item of an exercise of today's decision, in static memory; NULL where it is not due. */
static const lw_item *item_of(const lw_state *s, const char *id) {
    static lw_decision d;
    d = decide(s);
    for (uint32_t i = 0; i < d.count; i++) {
        if (d.items[i].exercise == exercise_of(s->protocol, id)) {
            return &d.items[i];
        }
    }
    return NULL;
}

static bool due(const lw_state *s, const char *id) {
    return item_of(s, id) != NULL;
}

/* A calm morning in a stage, the last session two days ago. */
static lw_state *in_stage(const lw_protocol *p, uint8_t stage) {
    lw_state *s = ready_with(p);
    s->stage = stage;
    s->session_day = s->day - 2;
    s->session_pain = 100;
    s->session_effort = 500;
    return s;
}

/* The small protocol with a rule X01 before all others, which always speaks. */
static lw_protocol *with_first(const char *action) {
    char text[200];
    (void)snprintf(text, sizeof text, "rule X01 \"First\"\n  %s\n  until fixed\n  D [D]\nrule T01 \"Stop\"\n", action);
    lw_protocol *p = MINI_WITH({"rule T01 \"Stop\"\n", text});
    assert_int_equal(rule_of(p, "X01", 1), 0);
    return p;
}

/* ---- guard ---- */

/* A list of flags that is full is read to its end and not past it: each of its places may be the one that stops. */
static void a_full_list_of_flags(void **state) {
    (void)state;
    for (uint32_t at = 0; at < LW_MAX_OPEN; at++) {
        lw_state *s = ready();
        s->open_count = LW_MAX_OPEN;
        for (uint32_t i = 0; i < LW_MAX_OPEN; i++) {
            s->open[i] = (lw_open_flag){.flags = LW_BIT(LW_FLAG_RF03), .until = i == at ? INT32_MAX : s->day - 1};
        }
        assert_int_equal(lw__open_flags(s), LW_BIT(LW_FLAG_RF03));
        assert_int_equal(guard(s).status, LW_STATUS_STOPPED);
    }
}

/* Seventeen forbids shockwave by itself, not only by the flag that an enrolled person of that age raises. */
static void seventeen_forbids_shockwave(void **state) {
    (void)state;
    lw_state *s = ready();
    s->enrolled = false;
    s->fact[LW_FACT_AGE] = 17;
    assert_int_equal(lw__open_flags(s), 0);
    assert_true(guard(s).shockwave_forbidden);
    s->fact[LW_FACT_AGE] = 18;
    assert_false(guard(s).shockwave_forbidden);
}

/* A ceiling is named only where it lowers something: a stage that goes no deeper than class 2 is not capped at 2. */
static void a_ceiling_that_lowers_nothing(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    assert_int_equal(guard(s).class_max, 2);
    s->contact_day = s->day - 7;
    assert_int_equal(guard(s).class_max, 2);
    assert_int_equal(guard(s).cap, LW_CAP_NONE);
    s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    s->sw_day = s->day - 2;
    assert_int_equal(guard(s).class_max, 2);
    assert_int_equal(guard(s).cap, LW_CAP_NONE);
}

/* ---- decide ---- */

/* A list of limits that is full is read to its end and not past it; without any there is no ceiling. */
static void a_full_list_of_limits(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    assert_int_equal(lw__limit_of(s, LW_VAR_LOAD), INT32_MAX);
    s->limit_count = LW_MAX_LIMITS;
    for (uint32_t i = 0; i < LW_MAX_LIMITS; i++) {
        s->limits[i] = (lw_limit){.exercise = 255, .variable = LW_VAR_SPEED, .max = 5000, .until = INT32_MAX};
    }
    assert_int_equal(lw__limit_of(s, LW_VAR_LOAD), INT32_MAX);
    assert_true(due(s, "hold"));
    s->limits[LW_MAX_LIMITS - 1] = (lw_limit){.exercise = 255, .variable = LW_VAR_LOAD, .max = 900, .until = s->day};
    assert_int_equal(lw__limit_of(s, LW_VAR_LOAD), 900);
    s->limits[LW_MAX_LIMITS - 1] = (lw_limit){.exercise = exercise_of(s->protocol, "hold"), .until = s->day};
    assert_false(due(s, "hold"));
    assert_true(due(s, "squeeze"));
}

/* A limit for one exercise is none for the others, whatever else stands in it. */
static void a_limit_of_another_exercise(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    s->limits[0] = (lw_limit){
        .exercise = exercise_of(s->protocol, "squeeze"), .variable = LW_VAR_SETS, .max = 0, .until = INT32_MAX};
    s->limit_count = 1;
    assert_false(due(s, "squeeze"));
    assert_true(due(s, "hold"));
}

/* Each rule leaves out what it names itself, not what the next rule names. */
static void a_rule_leaves_out_its_own(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"rule L23 \"Nothing lower\"", "rule L17 \"Another\"\n"
                                                              "  when days since nordic at least 100 days\n"
                                                              "  leave out curl\n"
                                                              "  until fixed\n"
                                                              "  D [D]\n"
                                                              "rule L23 \"Nothing lower\""});
    lw_state *s = in_stage(p, LW_STAGE_ECCENTRIC);
    lw__fact_set(s, LW_FACT_NORDIC_DAYS, 2, s->day);
    assert_true(due(s, "curl"));
    lw__fact_set(s, LW_FACT_NORDIC_DAYS, 100, s->day);
    assert_false(due(s, "curl"));
}

/* What has been done today is not asked for again today, also where the exercise has no spacing of its own. */
static void once_a_day(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    use(s, "hold", 0, 1);
    assert_true(due(s, "hold"));
    use(s, "hold", 0, 0);
    assert_false(due(s, "hold"));
    assert_true(due(s, "squeeze"));
}

/* The harder neighbour that was granted takes the place of the one in use, and not one that suits less well. */
static void the_granted_takes_over(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH(
        {"  pick 1 of hold, lift\n  pick 1 of curl, nordic\n", "  pick 1 of lift\n  pick 1 of curl, nordic\n"});
    lw_state *s = in_stage(p, LW_STAGE_ECCENTRIC);
    use(s, "curl", 2, 4);
    assert_true(due(s, "curl"));
    s->machine[exercise_of(p, "nordic")].unlocked = true;
    assert_true(due(s, "nordic"));
    assert_false(due(s, "curl"));
    // on a morning that lets nothing rise what is in use goes on
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_true(due(s, "curl"));
    assert_false(due(s, "nordic"));
}

/* A change to a neighbour that was accepted counts, also where the easier one is the protocol's first exercise. */
static void accepted_at_the_first_exercise(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    assert_int_equal(exercise_of(s->protocol, "hold"), 0);
    s->test[LW_TEST_RDL] = 300; // its own test does not open it
    s->authority = LW_AUTHORITY_SUGGEST;
    s->machine[exercise_of(s->protocol, "lift")].unlocked = true;
    assert_false(due(s, "lift"));
    s->machine[0].accept_until = s->day;
    assert_true(due(s, "lift"));
    assert_int_equal(item_of(s, "lift")->change.variable, LW_CHANGE_EXERCISE);
    assert_int_equal(item_of(s, "lift")->change.from, 0);
    assert_int_equal(item_of(s, "lift")->change.to, exercise_of(s->protocol, "lift"));
    s->machine[0].accept_until = s->day - 1;
    assert_false(due(s, "lift"));
}

/* The stage that an exercise belongs to is the first that picks it, for the protocol's first exercise, too. */
static void where_the_first_exercise_belongs(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH({"  pick 1 of hold\n  pick 1 of squeeze\n", "  pick 1 of squeeze\n"});
    lw_state *s = in_stage(p, LW_STAGE_ECCENTRIC);
    use(s, "hold", 1, 2);
    assert_true(due(s, "hold")); // of this stage and in use: it goes on, though lift is open by its test
    assert_false(due(s, "lift"));
}

/* A pick gives only what it names, although the protocol's first exercise is in use as well. */
static void a_pick_gives_what_it_names(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH({"  pick 1 of hold\n  pick 1 of squeeze\n", "  pick 1 of squeeze\n"});
    lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
    use(s, "hold", 1, 2);
    assert_int_equal(decide(s).count, 1);
    assert_true(decide(s).due);
    assert_true(due(s, "squeeze"));
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_true(due(s, "squeeze"));
    assert_false(due(s, "hold"));
}

/* In the first weeks one exercise of class 3 a session: a second is left out, what is less deep stays, before and after it. */
static void one_deep_exercise(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH(
        {"  pick 1 of curl, nordic\n  pick 2 of lunge, squat\n", "  pick 2 of lunge, squat\n  pick 1 of squeeze\n"});
    lw_state *s = in_stage(p, LW_STAGE_STRENGTH);
    s->start_day = s->day - 3;
    use(s, "lift", 4, 4)->load_ref = 2000;
    use(s, "lunge", 0, 4);
    use(s, "squat", 0, 4);
    use(s, "squeeze", 0, 4);
    assert_int_equal(item_of(s, "lift")->dose.class_, 2);
    assert_int_equal(decide(s).count, 3);
    assert_true(due(s, "lift") && due(s, "squeeze"));
    assert_true(due(s, "lunge") != due(s, "squat"));
}

/* Of two that suit alike the harder is taken: what is granted does not push out something harder that is in use. */
static void the_harder_of_equals(void **state) {
    (void)state;
    const lw_protocol *p =
        MINI_WITH({"  pick 1 of hold, lift\n  pick 1 of curl, nordic\n", "  pick 1 of nordic, lift\n"});
    lw_state *s = in_stage(p, LW_STAGE_ECCENTRIC);
    use(s, "lift", 0, 4);
    s->machine[exercise_of(p, "nordic")].unlocked = true;
    assert_true(due(s, "lift"));
    assert_false(due(s, "nordic"));
}

/* Where nothing may rise and nothing is in use yet, what belongs to the stage comes before what a stage before brought. */
static void a_quiet_beginning_in_a_stage(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH(
        {"  pick 1 of hold, lift\n  pick 1 of curl, nordic\n", "  pick 1 of lift, hold\n"},
        {"  easier end   harder lift\n", "  easier end   harder lift\n  open when entry rdl at most 2 NPRS\n"});
    lw_state *s = in_stage(p, LW_STAGE_ECCENTRIC);
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_true(due(s, "lift"));
    assert_false(due(s, "hold"));
}

/* A limit between two whole numbers goes down; one that is exactly the dose does not bind. */
static void limits_and_whole_numbers(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    use(s, "lift", 1, 4)->load_ref = 2000;
    const lw_item *item = item_of(s, "lift");
    assert_int_equal(item->dose.reps, 10);
    assert_int_equal(item->dose.load, 2000);
    assert_int_equal(item->cap, LW_CAP_NONE);
    s->limits[0] = (lw_limit){.exercise = 255, .variable = LW_VAR_REPS, .max = 995, .until = INT32_MAX};
    s->limit_count = 1;
    item = item_of(s, "lift");
    assert_int_equal(item->dose.reps, 9);
    assert_int_equal(item->cap, LW_CAP_CLINICIAN);
    s->limits[0] = (lw_limit){.exercise = 255, .variable = LW_VAR_LOAD, .max = 2000, .until = INT32_MAX};
    item = item_of(s, "lift");
    assert_int_equal(item->dose.load, 2000);
    assert_int_equal(item->cap, LW_CAP_NONE);
    s->limits[0].max = 1999;
    item = item_of(s, "lift");
    assert_int_equal(item->dose.load, 1750);
    assert_int_equal(item->cap, LW_CAP_CLINICIAN);
}

/* A step is not taken past the depth that a clinician allows. */
static void a_step_past_the_allowed_depth(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_STRENGTH);
    lw_machine *m = use(s, "lift", 3, 4);
    m->load_ref = 2000;
    m->offer = m->raised = true;
    s->start_day = s->day - 3; // no share of a week yet
    assert_int_equal(item_of(s, "lift")->change.variable, LW_VAR_DEPTH);
    s->limits[0] = (lw_limit){.exercise = 255, .variable = LW_VAR_DEPTH, .max = 6000, .until = INT32_MAX};
    s->limit_count = 1;
    assert_int_equal(item_of(s, "lift")->change.variable, LW_VAR_DEPTH);
    s->limits[0].max = 5999;
    assert_int_equal(item_of(s, "lift")->change.variable, LW_VAR_NONE);
    assert_int_equal(item_of(s, "lift")->dose.depth_deg, 30);
}

/* On a morning that a clinician eased nothing is proposed either. */
static void an_eased_session_proposes_nothing(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    use(s, "hold", 1, 2)->offer = true;
    s->authority = LW_AUTHORITY_SUGGEST;
    assert_int_equal(item_of(s, "hold")->proposal.variable, LW_VAR_SETS);
    s->override_action = 1 + LW_VERDICT_REGRESS;
    const lw_item *item = item_of(s, "hold");
    assert_int_equal(item->dose.rung, 0);
    assert_int_equal(item->proposal.variable, LW_VAR_NONE);
    assert_int_equal(item->change.variable, LW_VAR_NONE);
}

/* What has been granted is not proposed once more while the harder one cannot be done today. */
static void what_is_granted_is_not_proposed(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 3, 2);
    m->offer_next = true;
    s->authority = LW_AUTHORITY_SUGGEST;
    assert_int_equal(item_of(s, "hold")->proposal.variable, LW_CHANGE_EXERCISE);
    m->raised = true;
    assert_int_equal(item_of(s, "hold")->proposal.variable, LW_VAR_NONE);
}

/* The weekly share looks at 28 days before today: yesterday is the first of them, the day 28 days ago the last. */
static void four_weeks_and_not_a_day_more(void **state) {
    (void)state;
    static const int32_t ago[] = {1, 2, 27, 28, 29, 30};
    for (size_t i = 0; i < sizeof ago / sizeof ago[0]; i++) {
        bool counts = ago[i] <= 28;
        // hardly any tension in those days: a whole dose is more than the share; none at all: the week is open
        lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
        s->start_day = s->day - 100;
        use(s, "hold", 0, 2);
        s->tension[(uint32_t)(s->day - ago[i]) % LW_RING] = 1;
        assert_int_equal(due(s, "hold"), !counts);
        assert_int_equal(decide(s).cap, counts ? LW_CAP_WEEKLY : LW_CAP_NONE);
        // the same of compression, beside plenty of tension: a first dose of compression has its place
        s = in_stage(mini(), LW_STAGE_STRENGTH);
        s->start_day = s->day - 100;
        s->max_items = 1;
        s->equipment = 0;
        use(s, "hold", 0, 0);
        use(s, "squat", 0, 2);
        for (int32_t back = 7; back <= 14; back++) {
            s->tension[(uint32_t)(s->day - back) % LW_RING] = 1000000;
        }
        s->compression[(uint32_t)(s->day - ago[i]) % LW_RING] = 1;
        assert_int_equal(due(s, "squat"), !counts);
    }
}

/* The largest week may be the one that ended yesterday. */
static void the_week_that_ended_yesterday(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    s->start_day = s->day - 100;
    use(s, "hold", 0, 2);
    int32_t dose = item_of(s, "hold")->dose.tension;
    s->tension[(uint32_t)(s->day - 1) % LW_RING] = dose;
    s->tension[(uint32_t)(s->day - 7) % LW_RING] = dose;
    assert_true(due(s, "hold")); // 240 % of a dose, and one of the last six days
}

/* The protocol's most items bind to the item, whether the person's own number is below, at or above it. */
static void how_many_items(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH({"  pick 2 of lunge, squat\n", "  pick 2 of lunge, squat\n  pick 1 of squeeze\n"});
    for (uint8_t most = 0; most <= LW_MAX_ITEMS_PLAN; most++) {
        lw_state *s = in_stage(p, LW_STAGE_STRENGTH);
        s->start_day = s->day - 3;
        for (uint8_t e = 0; e < p->exercise_count; e++) {
            s->machine[e].last_day = s->day - 9;
        }
        use(s, "lunge", 0, 2);
        use(s, "squat", 0, 2);
        use(s, "squeeze", 0, 2);
        s->max_items = most;
        ((lw_protocol *)(uintptr_t)p)->params[LW_PARAM_TWO_DEEP_FROM] = 0;
        assert_int_equal(decide(s).count, most < 4 ? most : 4);
    }
}

/* Where nothing is prescribed, no ceiling of the day's rhythm is named. */
static void no_rhythm_where_nothing_is_prescribed(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    s->session_day = s->day;
    assert_int_equal(decide(s).cap, LW_CAP_FREQUENCY);
    s->paused = true;
    assert_int_equal(decide(s).cap, LW_CAP_NONE);
}

/* ---- what a state begins as ---- */

static void what_is_not_known_at_first(void **state) {
    (void)state;
    static lw_state s;
    static const lw_record none;
    lw__fold_init(&s, mini(), &none);
    assert_ptr_equal(s.protocol, mini());
    assert_ptr_equal(s.record, &none);
    assert_int_equal(s.pain_ceiling, 3);
    assert_int_equal(s.max_items, LW_MAX_ITEMS_PLAN);
    assert_int_equal(s.authority, LW_AUTHORITY_SUGGEST);
    assert_int_equal(s.irritability, LW_IRRITABILITY_HIGH);
    assert_int_equal(s.sides, 1);
    const int32_t unknown[] = {s.loading_base,       s.weeks,          s.bridge_left,    s.bridge_right,
                               s.curl_left,          s.curl_right,     s.steroid_day,    s.nsaid_until,
                               s.session_pain,       s.session_effort, s.session_relief, s.last_stiffness,
                               s.sw_visa_start,      s.sw_nprs_start,  s.sw_rise,        s.visa_first,
                               s.nprs_first,         s.tsk_first,      s.run.ratio,      s.today.morning,
                               s.anticoagulant_until};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        assert_int_equal(unknown[i], LW_UNKNOWN);
    }
    const int32_t never[] = {
        s.weeks_day,     s.bridge_day,       s.curl_day,           s.assessed_day,      s.screen_day,
        s.bad_day,       s.flare_day,        s.deload_until,       s.contact_day,       s.low_day,
        s.unsettled_day, s.session_day,      s.heavy_day,          s.deep_day,          s.plyo_day,
        s.nordic_day,    s.sw_day,           s.sw_booked,          s.due_day,           s.run.wait_until,
        s.run.last_day,  s.run.accept_until, s.run.continuous_day, s.stage_accept_until};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        assert_int_equal(never[i], LW_NEVER_DAY);
    }
    const int16_t no_rule[] = {s.flare_rule, s.deload_rule, s.hold_rule, s.raise_rule, s.stage_rule, s.label_rule};
    for (size_t i = 0; i < sizeof no_rule / sizeof no_rule[0]; i++) {
        assert_int_equal(no_rule[i], -1);
    }
    for (int32_t i = 0; i < LW_TESTS; i++) {
        assert_int_equal(s.test[i], LW_UNKNOWN);
        assert_int_equal(s.before[i], LW_UNKNOWN);
        assert_int_equal(s.test_day[i], LW_NEVER_DAY);
    }
    for (size_t i = 0; i < sizeof s.outcome_day / sizeof s.outcome_day[0]; i++) {
        assert_int_equal(s.outcome_day[i], LW_NEVER_DAY);
    }
    for (int32_t i = 0; i < LW_MAX_EXERCISES; i++) {
        assert_int_equal(s.machine[i].load_ref, LW_UNKNOWN);
        assert_int_equal(s.machine[i].rule, -1);
        assert_int_equal(s.machine[i].last_day, LW_NEVER_DAY);
        assert_int_equal(s.machine[i].wait_until, LW_NEVER_DAY);
        assert_int_equal(s.machine[i].accept_until, LW_NEVER_DAY);
    }
    for (int32_t i = 0; i < LW_FACT_TOTAL; i++) {
        assert_int_equal(s.fact[i], LW_UNKNOWN);
    }
    assert_int_equal(s.start_day, INT32_MAX);
    assert_true(s.authority_at_s == INT64_MIN);
    assert_int_equal(s.calm_days, 0);
}

/* Everything that can wait, count or be accepted, set as on the best of days. */
static lw_state *at_its_best(void) {
    lw_state *s = in_stage(mini(), LW_STAGE_STRENGTH);
    lw_machine *lift = use(s, "lift", 3, 2);
    lw_machine *curl = use(s, "curl", 0, 2);
    (void)use(s, "hold", 1, 2);
    curl->part = LW_PART_HALF;
    lift->unlocked = curl->unlocked = true;
    lift->green = curl->green = lift->easy = curl->easy = 2;
    lift->accept_until = curl->accept_until = s->day + 5;
    lift->wait_until = curl->wait_until = s->day - 5;
    s->run.level = 2;
    s->run.green = 2;
    s->run.fast = true;
    s->run.wait_until = s->day - 5;
    s->run.accept_until = s->stage_accept_until = s->day + 5;
    s->run.continuous_day = s->day - 20;
    s->green = 3;
    s->calm_days = 40;
    s->low_day = LW_NEVER_DAY;
    for (int32_t i = 0; i < LW_MAX_WINDOWS; i++) {
        s->windows[i] = 7;
    }
    return s;
}

/* What both a bad signal and a renewed wait take back, of every machine alike: counts, waits, accepted proposals. */
static void assert_waits_again(const lw_state *s) {
    static const char *const ids[] = {"lift", "curl"};
    for (size_t i = 0; i < 2; i++) {
        const lw_machine *m = &s->machine[exercise_of(s->protocol, ids[i])];
        assert_int_equal(m->green, 0);
        assert_int_equal(m->easy, 0);
        assert_int_equal(m->wait_until, s->day + 7);
        assert_int_equal(m->accept_until, LW_NEVER_DAY);
    }
    assert_int_equal(s->run.green, 0);
    assert_int_equal(s->run.wait_until, s->day + 7);
    assert_int_equal(s->run.accept_until, LW_NEVER_DAY);
    assert_int_equal(s->stage_accept_until, LW_NEVER_DAY);
    assert_int_equal(s->green, 0);
}

/* A bad signal lowers every machine where it can, and takes all waits and promises back whether or not it could. */
static void a_bad_signal_reaches_everything(void **state) {
    (void)state;
    lw_state *s = at_its_best();
    lw__lower_all(s);
    assert_waits_again(s);
    const lw_machine *lift = &s->machine[exercise_of(s->protocol, "lift")];
    const lw_machine *curl = &s->machine[exercise_of(s->protocol, "curl")];
    assert_int_equal(lift->rung, 2);
    assert_true(lift->unlocked);
    assert_false(lift->low_due);
    // nothing was left to lower: that is said, and the door it came through closes
    assert_int_equal(curl->rung, 0);
    assert_int_equal(curl->part, LW_PART_HALF);
    assert_true(curl->low_due);
    assert_false(curl->unlocked);
    assert_int_equal(s->low_day, s->day);
    assert_int_equal(s->run.level, 1);
    assert_false(s->run.fast);
    assert_int_equal(s->run.continuous_day, LW_NEVER_DAY);
    assert_int_equal(s->calm_days, 0);
    lw__lower_all(s);
    assert_int_equal(s->run.level, 1); // the first level is not lost to a bad day
    assert_int_equal(lift->rung, 1);
}

static void waits_begin_again(void **state) {
    (void)state;
    lw_state *s = at_its_best();
    lw__restart_waits(s);
    assert_waits_again(s);
    assert_int_equal(s->machine[exercise_of(s->protocol, "lift")].rung, 3);
    assert_int_equal(s->run.level, 2);
    assert_int_equal(s->calm_days, 40);
    assert_true(s->run.fast);
}

/* Counters stop at their last number and do not begin again. */
static void counters_stop_at_the_end(void **state) {
    (void)state;
    lw_state *s = ready();
    s->calm_days = 254;
    lw__begin_day(s, s->day + 1);
    assert_int_equal(s->calm_days, 255);
    lw__begin_day(s, s->day + 1);
    assert_int_equal(s->calm_days, 255);
}

/* A programme that starts takes nothing over but what was done before: every field is as on the first day. */
static void a_start_takes_nothing_over(void **state) {
    (void)state;
    lw_state *s = at_its_best();
    s->flare = LW_FLARE_MAJOR;
    s->deload = LW_DELOAD_WARNING;
    s->deload_until = s->bad_day = s->flare_day = s->day - 1;
    s->unsettled = 2;
    s->hold_days = 50;
    s->due_days = s->session_days = 0xffu;
    s->lock_screen = s->lock_tests = s->restarted = s->returning = true;
    s->pending_mask = s->used_mask;
    for (int32_t i = 0; i < LW_MAX_WINDOWS; i++) {
        s->windows[i] = 0;
    }
    s->windows[LW_MAX_WINDOWS - 1] = 7; // of no rule: nothing writes it anew
    s->day += 1;
    s->start_day = s->day;
    s->started = false;
    s->today.checkin = false;
    s->irritability = LW_IRRITABILITY_LOW;
    s->baseline_changed = false;
    lw__morning(s);
    assert_true(s->started);
    assert_int_equal(s->irritability, LW_IRRITABILITY_MODERATE); // judged anew
    assert_true(s->used_mask == 0 && s->pending_mask == 0);
    for (uint8_t e = 0; e < s->protocol->exercise_count; e++) {
        const lw_machine *m = &s->machine[e];
        assert_false(m->used || m->unlocked || m->low_due || m->offer || m->raised);
        assert_int_equal(m->rung + m->part + m->green + m->easy, 0);
        assert_int_equal(m->wait_until, LW_NEVER_DAY);
        assert_int_equal(m->accept_until, LW_NEVER_DAY);
        assert_int_equal(m->load_ref, LW_UNKNOWN);
        assert_int_equal(m->rule, -1);
    }
    assert_int_equal(s->machine[exercise_of(s->protocol, "lift")].last_day, s->day - 3);
    assert_true(s->machine[exercise_of(s->protocol, "lift")].last.any);
    assert_int_equal(s->flare, LW_FLARE_NONE);
    assert_int_equal(s->deload, LW_DELOAD_NONE);
    assert_int_equal(s->deload_until, LW_NEVER_DAY);
    assert_int_equal(s->bad_day, LW_NEVER_DAY);
    assert_int_equal(s->flare_day, LW_NEVER_DAY);
    assert_int_equal(s->green + s->unsettled + s->hold_days + s->calm_days, 0);
    assert_true(s->due_days == 0 && s->session_days == 0);
    assert_false(s->lock_screen || s->lock_tests || s->restarted || s->returning);
    assert_int_equal(s->contact_day, s->day);
    assert_int_equal(s->run.level + s->run.green, 0);
    assert_false(s->run.fast);
    assert_int_equal(s->run.wait_until, LW_NEVER_DAY);
    assert_int_equal(s->run.accept_until, LW_NEVER_DAY);
    assert_int_equal(s->stage_accept_until, LW_NEVER_DAY);
    assert_true(s->windows[LW_MAX_WINDOWS - 1] == 0);
}

/* An exercise left out for want of time has not begun. */
static void a_skip_begins_nothing(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    uint8_t squeeze = exercise_of(s->protocol, "squeeze");
    lw_done done = {
        .load = LW_UNKNOWN, .pain = LW_UNKNOWN, .effort = LW_UNKNOWN, .depth_deg = LW_UNKNOWN, .skipped = true};
    uint64_t used = s->used_mask;
    s->machine[squeeze].green = s->machine[squeeze].easy = 2;
    lw__evening_exercise(s, squeeze, &done);
    assert_int_equal(s->machine[squeeze].green + s->machine[squeeze].easy, 4);
    assert_false(s->machine[squeeze].used);
    assert_true(s->used_mask == used);
    assert_int_equal(s->machine[squeeze].last_day, LW_NEVER_DAY);
    done.skipped_for_pain = true;
    lw__evening_exercise(s, squeeze, &done);
    assert_true(s->machine[squeeze].used);
    assert_int_equal(s->machine[squeeze].last_day, s->day);
    assert_int_equal(s->machine[squeeze].green + s->machine[squeeze].easy, 0);
}

/* ---- the morning after ---- */

/* Yesterday's session of "hold" on level 2 and a run, both as good as they can be, waiting for this morning. */
static lw_state *awaiting(void) {
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 1, 1);
    m->pending_green = m->pending_met = m->pending_rise = true;
    m->low_due = true;
    m->green = m->easy = 1;
    m->accept_until = s->day + 3;
    s->pending_mask = s->used_mask;
    s->session_pending = s->session_green = s->returning = true;
    s->green = 1;
    s->hold_days = 9;
    s->run.level = 1;
    s->run.green = 1;
    s->run.pending = s->run.pending_green = s->run.pending_level = s->run.pending_continuous = true;
    s->run.pending_km = 400;
    s->run.continuous_day = LW_NEVER_DAY;
    s->fact[LW_FACT_SETTLED] = 1;
    s->today.relief = false;
    return s;
}

/* Settled: the step is taken, everything that waited is done with, the next step begins at nothing. */
static void a_settled_morning_confirms(void **state) {
    (void)state;
    lw_state *s = awaiting();
    lw__resolve_yesterday(s);
    const lw_machine *m = &s->machine[exercise_of(s->protocol, "hold")];
    assert_int_equal(m->rung, 2);
    assert_int_equal(m->green + m->easy, 0);
    assert_int_equal(m->wait_until, s->day + 6);
    assert_int_equal(m->accept_until, LW_NEVER_DAY);
    assert_false(m->low_due);
    assert_int_equal(s->hold_days, 0);
    assert_false(m->pending_green || m->pending_met || m->pending_rise);
    assert_true(s->pending_mask == 0);
    assert_int_equal(s->green, 2);
    assert_false(s->returning || s->session_pending || s->run.pending);
    assert_int_equal(s->run.green, 2);
    assert_int_equal(s->run.continuous_day, s->day - 1);
    assert_int_equal(s->run.km[(s->day - 1) & (LW_RUN_RING - 1)], 400);
}

/* Without an answer, or with one given under pain relief, nothing is confirmed and nothing is taken away. */
static void no_answer_confirms_nothing(void **state) {
    (void)state;
    for (int32_t relief = 0; relief < 2; relief++) {
        lw_state *s = awaiting();
        s->fact[LW_FACT_SETTLED] = relief != 0 ? 1 : LW_UNKNOWN;
        s->today.relief = relief != 0;
        lw__resolve_yesterday(s);
        const lw_machine *m = &s->machine[exercise_of(s->protocol, "hold")];
        assert_int_equal(m->rung, 1);
        assert_int_equal(m->green, 1);
        assert_int_equal(m->easy, 1);
        assert_true(m->low_due);
        assert_int_equal(s->hold_days, 9);
        assert_false(m->pending_green || m->pending_met || m->pending_rise);
        assert_int_equal(s->green, 1);
        assert_true(s->returning);
        assert_int_equal(s->run.green, 1);
        assert_int_equal(s->run.continuous_day, LW_NEVER_DAY);
        assert_int_equal(s->run.km[(s->day - 1) & (LW_RUN_RING - 1)], 0);
    }
}

/* Unsettled: every streak ends, of the exercise, of the sessions and of the runs, however green the day before was. */
static void an_unsettled_morning_ends_streaks(void **state) {
    (void)state;
    lw_state *s = awaiting();
    s->run.continuous_day = s->day - 20;
    s->fact[LW_FACT_SETTLED] = 0;
    lw__resolve_yesterday(s);
    const lw_machine *m = &s->machine[exercise_of(s->protocol, "hold")];
    assert_int_equal(m->rung, 1);
    assert_int_equal(m->green + m->easy, 0);
    assert_int_equal(s->green, 0);
    assert_true(s->returning);
    assert_int_equal(s->run.green, 0);
    assert_int_equal(s->run.continuous_day, LW_NEVER_DAY);
    assert_int_equal(s->run.km[(s->day - 1) & (LW_RUN_RING - 1)], 0);
}

/* What came of a shockwave session counts to the day when the next could be due, and without one nothing is counted. */
static void the_rise_after_shockwave(void **state) {
    (void)state;
    for (int32_t after = 6; after <= 8; after++) {
        rec *r = rec_new();
        begin(r, STARTED("suggest"));
        patient(r, 1, "checkin", CALM);
        patient(r, 1, "shockwave", "{\"side\":\"left\"}");
        patient(r, 1 + after, "checkin", "{\"pain_morning\":2,\"pain_test\":4}");
        assert_int_equal(fold_on(r, 1 + after)->sw_rise, after <= 7 ? 300 : 0);
        rec_free(r);
    }
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    patient(r, 1, "checkin", "{\"pain_morning\":2,\"pain_test\":4}");
    const lw_state *s = fold_on(r, 1);
    assert_int_equal(s->sw_rise, LW_UNKNOWN);
    assert_int_equal(s->sw_sore_days, 0);
    rec_free(r);
}

/* Long counts: soreness to the day, unsettled mornings to 200 and no further. */
static void long_counts(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    patient(r, 1, "checkin", CALM);
    patient(r, 1, "shockwave", "{\"side\":\"left\"}");
    patient(r, 200, "checkin", "{\"pain_morning\":2,\"pain_test\":3}");
    assert_int_equal(fold_on(r, 200)->fact[LW_FACT_SW_SORE_DAYS], 199);
    rec_free(r);
    for (int32_t last = 199; last <= 203; last++) {
        r = rec_new();
        begin(r, STARTED("suggest"));
        patient(r, 1, "checkin", "{\"pain_morning\":4,\"pain_test\":4}");
        patient(r, last, "checkin", "{\"pain_morning\":4,\"pain_test\":4}");
        assert_int_equal(fold_on(r, last)->unsettled, last < 200 ? last : 200);
        rec_free(r);
    }
}

/* A flare does not close on a morning that brings another bad signal, however settled it is. */
static void a_flare_beside_a_warning(void **state) {
    (void)state;
    for (int32_t warned = 0; warned < 2; warned++) {
        lw_protocol *p = MINI_WITH(
            {"rule R10 \"Early warning\"\n  when morning test over usual at least 2 NPRS on 2 of 3 days\n",
             warned != 0 ? "rule R10 \"Early warning\"\n" : "rule R10 \"Early warning\"\n  when night pain\n"});
        rec *r = rec_new();
        begin(r, STARTED("suggest"));
        patient(r, 1, "checkin", "{\"pain_morning\":4,\"pain_test\":4}");
        for (int32_t day = 2; day <= 5; day++) {
            patient(r, day, "checkin", CALM);
        }
        assert_int_equal(fold_with(p, r, 5)->flare, warned != 0 ? LW_FLARE_MINOR : LW_FLARE_NONE);
        rec_free(r);
    }
}

/* Silence: the first stage has none below it, a word ends it, the lock opens when both have been given, in either order. */
static void what_silence_leaves(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    patient(r, 1, "checkin", CALM);
    lw_state *s = fold_on(r, 8);
    assert_int_equal(s->deload, LW_DELOAD_SILENCE);
    assert_int_equal(s->deload_until, s->day);
    s = fold_on(r, 29);
    assert_int_equal(s->stage, LW_STAGE_ISOMETRIC);
    assert_true(s->restarted && s->lock_tests && s->lock_screen);
    patient(r, 30, "checkin", CALM);
    s = fold_on(r, 30);
    assert_false(s->restarted); // the next four weeks of silence begin a restart of their own
    rec_free(r);
    r = rec_new();
    begin(r, STARTED("suggest"));
    clinician(r, 17, "screened", NO_FLAGS);
    assert_true(fold_on(r, 18)->lock_screen);
    patient(r, 19, "checkin", CALM);
    assert_false(fold_on(r, 19)->lock_screen);
    rec_free(r);
}

/* A stop that no event raised, by age, takes the authority to rise by itself back as well. */
static void a_stop_by_age_lowers_authority(void **state) {
    (void)state;
    lw_state *s = ready();
    assert_int_equal(s->authority, LW_AUTHORITY_PROGRESS);
    assert_false(s->authority_lowered);
    s->birth_year = 2012;
    lw__begin_day(s, s->day + 1);
    lw__morning(s);
    assert_int_equal(guard(s).status, LW_STATUS_STOPPED);
    assert_true(s->authority_lowered);
    assert_true(s->was_stopped);
}

/* Irritability is judged where the baseline is given, and stands until it is given anew. */
static void irritability_is_of_the_baseline(void **state) {
    (void)state;
    lw_state *s = ready();
    assert_int_equal(s->irritability, LW_IRRITABILITY_MODERATE);
    assert_false(s->baseline_changed);
    s->irritability = LW_IRRITABILITY_LOW;
    lw__begin_day(s, s->day + 1);
    lw__morning(s);
    assert_int_equal(s->irritability, LW_IRRITABILITY_LOW);
    s->baseline_changed = true;
    lw__begin_day(s, s->day + 1);
    lw__morning(s);
    assert_int_equal(s->irritability, LW_IRRITABILITY_MODERATE);
}

/* Less weight than the last time begins every count again; depth that was written counts as deep work, whatever was asked. */
static void what_an_evening_takes(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    uint8_t lift = exercise_of(s->protocol, "lift");
    lw_machine *m = use(s, "lift", 0, 2);
    m->load_ref = m->last.load = 2000;
    m->green = m->easy = 2;
    m->accept_until = s->day + 3;
    lw_done done = {.sets = 3,
                    .reps = 8,
                    .load = 1750,
                    .volume = 24,
                    .pain = 100,
                    .effort = 500,
                    .relief = LW_UNKNOWN,
                    .depth_deg = LW_UNKNOWN,
                    .any = true};
    lw__evening_exercise(s, lift, &done);
    assert_int_equal(m->green + m->easy, 0);
    assert_int_equal(m->wait_until, s->day + 7);
    assert_int_equal(m->accept_until, LW_NEVER_DAY);
    assert_int_equal(s->deep_day, LW_NEVER_DAY);

    s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    m = use(s, "lift", 0, 2);
    m->load_ref = m->last.load = 2000;
    m->offer = m->raised = true;
    done.load = 2000;
    done.depth_deg = 80;
    lw__evening_exercise(s, lift, &done);
    assert_int_equal(s->deep_day, s->day);
}

/* A run stands under its own day, odd or even. */
static void a_run_stands_under_its_day(void **state) {
    (void)state;
    for (int32_t k = 0; k < 4; k++) {
        lw_state *s = ready();
        lw__begin_day(s, s->day + 1 + k);
        lw__today_clear(&s->today);
        s->today.run = true;
        s->today.run_km = 500;
        s->today.run_min = 30;
        s->today.run_pain = 0;
        lw__evening(s);
        for (int32_t i = 0; i < LW_RUN_RING; i++) {
            assert_int_equal(s->run.done_km[i], i == (s->day & (LW_RUN_RING - 1)) ? 500 : 0);
        }
    }
}

/* Flying west: of two events the later instant has the earlier date. Both are taken on their dates. */
static void a_flight_west(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    (void)rec_at(r, "2026-01-15T00:30:00+14:00", "checkin", "patient", "{\"pain_morning\":3,\"pain_test\":3}");
    (void)rec_at(r, "2026-01-14T23:30:00-18:00", "checkin", "patient", CALM);
    const lw_state *s = fold_on(r, 9);
    assert_int_equal(s->fact[LW_FACT_CHECKIN], 1);
    assert_int_equal(s->contact_day, DAY0 + 9);
    assert_int_equal(s->fact[LW_FACT_MORNING_TEST], 100);
    assert_int_equal(fold_on(r, 10)->fact[LW_FACT_MORNING_TEST], 300);
    rec_free(r);
}

/* What keeps stage and class down lets a dose rise inside its class, and a step that is not offered is not taken. */
static void a_held_stage(void **state) {
    (void)state;
    lw_protocol *p = with_first("raise");
    lw_state *s = in_stage(p, LW_STAGE_STRENGTH);
    lw_machine *hold = use(s, "hold", 0, 2);
    lw_machine *lift = use(s, "lift", 3, 2);
    lift->load_ref = 2000;
    s->stage_held = true;
    lw_allow a = guard(s);
    lw__offer_exercise(s, &a, exercise_of(p, "hold"));
    assert_true(hold->offer && hold->raised);
    lw__offer_exercise(s, &a, exercise_of(p, "lift"));
    assert_false(lift->offer || lift->raised);
    s->stage_held = false;
    lw__offer_exercise(s, &a, exercise_of(p, "lift"));
    assert_true(lift->offer && lift->raised);
}

/* An override that the guard does not let through names the rule that held it, the first of the protocol as well. */
static void a_refused_override_names_its_rule(void **state) {
    (void)state;
    lw_state *s = in_stage(with_first("hold"), LW_STAGE_ISOMETRIC);
    s->hold_rule = 0;
    s->refused_count = 0;
    s->override_action = 1 + LW_VERDICT_PROGRESS;
    lw__refuse_override(s);
    assert_int_equal(s->override_action, 0);
    assert_int_equal(s->refused_count, 1);
    assert_true(lw__str_eq(s->refused[0].by, LW_STR("X01")));
}

/* Tissue load counts contacts from the first, and metres by tens, rounded up. */
static void units_of_a_dose(void **state) {
    (void)state;
    lw_state *s = ready();
    uint8_t hop = exercise_of(s->protocol, "hop");
    uint8_t stride = exercise_of(s->protocol, "stride");
    lw_dose d = {.sets = 1, .contacts = 1, .load = LW_UNKNOWN};
    lw__dose_weigh(s, hop, &d);
    assert_int_equal(d.tension, 2000);
    static const struct {
        uint16_t metres;
        int32_t units;
    } cases[] = {{1, 1}, {10, 1}, {11, 2}, {20, 2}, {40, 4}, {60, 6}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        d = (lw_dose){.sets = 1, .distance_m = cases[i].metres, .load = LW_UNKNOWN};
        lw__dose_weigh(s, stride, &d);
        assert_int_equal(d.tension, 3000 * cases[i].units);
    }
    d = (lw_dose){.sets = 1, .reps = 1, .load = LW_UNKNOWN};
    lw__dose_weigh(s, exercise_of(s->protocol, "squat"), &d);
    assert_int_equal(d.tension, 1000);
    d = (lw_dose){.sets = 1, .reps = 2, .hold_s = 11, .load = LW_UNKNOWN};
    lw__dose_weigh(s, exercise_of(s->protocol, "hold"), &d);
    assert_int_equal(d.tension, 3000); // 22 seconds: three tens begun
    // more than any protocol asks: the sum ends at its bound and does not turn negative
    d = (lw_dose){.sets = 12, .reps = 255, .hold_s = 65535, .load = LW_UNKNOWN};
    lw__dose_weigh(s, exercise_of(s->protocol, "hold"), &d);
    assert_int_equal(d.tension, 1000000000);
}

/* ---- a rule that stands first ---- */

/* The morning of day 2, checked in. */
static lw_state *second_morning(const lw_protocol *p, const char *checkin) {
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    patient(r, 1, "checkin", CALM);
    patient(r, 2, "checkin", checkin);
    lw_state *s = fold_with(p, r, 2);
    rec_free(r);
    return s;
}

/* The first rule of a protocol counts as any other: control. */
static void the_first_rule_in_control(void **state) {
    (void)state;
    assert_true(second_morning(with_first("expected soreness"), CALM)->expected);
    assert_true(second_morning(with_first("hold stage"), CALM)->stage_held);
    assert_int_equal(second_morning(with_first("irritability low"), CALM)->irritability, LW_IRRITABILITY_LOW);
    assert_int_equal(second_morning(with_first("enter eccentric"), CALM)->stage, LW_STAGE_ECCENTRIC);

    lw_state *s = second_morning(with_first("hold"), CALM);
    assert_int_equal(s->hold_rule, 0);
    assert_false(guard(s).raise);

    s = second_morning(with_first("flare minor"), CALM);
    assert_int_equal(s->flare, LW_FLARE_MINOR);
    assert_int_equal(s->flare_rule, 0);
    assert_int_equal(s->flare_day, s->day);
    assert_int_equal(s->bad_day, s->day);
    assert_true(s->bad);

    s = second_morning(with_first("flare major"),
                       "{\"pain_morning\":4,\"pain_test\":4}"); // a minor rule speaks as well
    assert_int_equal(s->flare, LW_FLARE_MAJOR);
    assert_int_equal(s->flare_rule, 0);

    s = second_morning(with_first("de-load 7 days"), CALM);
    assert_int_equal(s->deload, LW_DELOAD_WARNING);
    assert_int_equal(s->deload_rule, 0);
    assert_int_equal(s->deload_until, s->day + 6);
    assert_int_equal(s->calm_days, 0);
    assert_true(s->bad);
}

/* The label's rule stands first: it is the label, and its conditions are what was met. */
static void the_first_rule_is_the_label(void **state) {
    (void)state;
    lw_protocol *p =
        MINI_WITH({"rule T01 \"Stop\"\n", "rule X01 \"First\"\n  when localised\n  label possible\n  until fixed\n"
                                          "  D [D]\nrule T01 \"Stop\"\n"});
    lw_state *s = second_morning(p, CALM);
    assert_int_equal(s->label_rule, 0);
    assert_int_equal(s->label_met_count, 1); // and not the three of the likely one
}

/* … and what rises. */
static void the_first_rule_lets_rise(void **state) {
    (void)state;
    lw_protocol *p = with_first("raise");
    lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 0, 2);
    lw__offer_rises(s);
    assert_true(m->offer && m->raised);
    assert_int_equal(m->rule, 0);

    s = in_stage(with_first("open running"), LW_STAGE_ISOMETRIC);
    s->run.wait_until = LW_NEVER_DAY;
    s->run.level = 0;
    lw__offer_rises(s);
    assert_true(s->run.offer);
    assert_int_equal(s->run.level, 1);
    lw_allow a = guard(s);
    lw_run_plan plan;
    lw__run_plan(s, &a, &plan);
    assert_true(plan.rule_fires);
    assert_int_equal(plan.rule, 0);

    s = in_stage(with_first("open hills and speed"), LW_STAGE_ISOMETRIC);
    s->run.fast = false;
    lw__offer_rises(s);
    assert_true(s->run.fast);
}

/* … and shockwave. */
static void the_first_rule_of_shockwave(void **state) {
    (void)state;
    static const struct {
        const char *word;
        uint8_t status;
    } cases[] = {{"forbid", LW_SWS_FORBIDDEN}, {"clinician", LW_SWS_NEEDS_CLINICIAN}, {"wait", LW_SWS_NOT_YET},
                 {"offer", LW_SWS_OPTION},     {"postpone", LW_SWS_NOT_YET},          {"close", LW_SWS_COURSE_DONE}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char action[40];
        (void)snprintf(action, sizeof action, "shockwave %s", cases[i].word);
        lw_state *s = ready_with(with_first(action));
        s->imaging_none = false;
        s->fact[LW_FACT_CONTRA_CAUTION] = 0;
        lw_allow a = guard(s);
        lw_shockwave_plan w;
        lw__shockwave_plan(s, &a, &w);
        assert_int_equal(w.status, cases[i].status);
        assert_int_equal(w.rule, 0);
        assert_int_equal(w.next_on, LW_UNKNOWN);
    }
}

/* ---- what is granted ---- */

/* A step that was offered and not taken is not taken by being done: it waits for the one who may take it. */
static void an_offer_is_no_grant(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    uint8_t hold = exercise_of(s->protocol, "hold");
    lw_machine *m = use(s, "hold", 0, 2);
    lw_done done = {.sets = 3,
                    .hold_s = 30,
                    .load = LW_UNKNOWN,
                    .volume = 9,
                    .pain = 100,
                    .effort = 500,
                    .relief = LW_UNKNOWN,
                    .depth_deg = LW_UNKNOWN,
                    .any = true};
    m->offer = true;
    lw__evening_exercise(s, hold, &done);
    assert_true(m->pending_met);
    assert_false(m->pending_rise);
    m->raised = true;
    lw__evening_exercise(s, hold, &done);
    assert_true(m->pending_rise);
    m->offer = false;
    lw__evening_exercise(s, hold, &done);
    assert_false(m->pending_rise);
}

/* A ladder that ends opens its harder neighbour, the protocol's first exercise as well, and only where it is granted. */
static void the_end_opens_the_neighbour(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {"  easier end   harder lift\n", "  easier squeeze   harder lift\n"},
        {"  level 2   hold 15 s\n  easier end   harder end\n", "  level 2   hold 15 s\n  easier end   harder hold\n"},
        {"rule T01 \"Stop\"\n", "rule X01 \"First\"\n  raise\n  until fixed\n  D [D]\nrule T01 \"Stop\"\n"});
    for (int32_t low = 0; low < 2; low++) {
        for (uint8_t authority = LW_AUTHORITY_SUGGEST; authority <= LW_AUTHORITY_PROGRESS; authority++) {
            bool granted = authority == LW_AUTHORITY_PROGRESS;
            lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
            s->authority = authority;
            s->machine[0] = (lw_machine){.low_due = low != 0};
            s->used_mask &= ~UINT64_C(1);
            lw_machine *m = use(s, "squeeze", 1, 2);
            lw__offer_rises(s);
            assert_true(m->offer_next);
            assert_int_equal(m->raised, granted);
            assert_int_equal(s->machine[0].unlocked, granted);
            assert_int_equal(s->machine[0].low_due, low != 0 && !granted);
        }
    }
}

/* What was accepted moves the stage only while proposals may be taken at all. */
static void an_accepted_stage_needs_authority(void **state) {
    (void)state;
    lw_protocol *p = with_first("advance eccentric");
    for (uint8_t authority = LW_AUTHORITY_HOLD; authority <= LW_AUTHORITY_SUGGEST; authority++) {
        lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
        s->authority = authority;
        s->stage_accept_until = s->day;
        lw__offer_rises(s);
        assert_int_equal(s->stage, authority == LW_AUTHORITY_HOLD ? LW_STAGE_ISOMETRIC : LW_STAGE_ECCENTRIC);
    }
}

/* ---- doses ---- */

/* The parts of a dose to the unit. */
static void parts_of_a_dose(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH({"1 set, hold 10 s", "1 set, hold 100 s"}, {"hold 15 s", "hold 120 s"});
    lw_state *s = ready_with(p);
    uint8_t squeeze = exercise_of(p, "squeeze");
    lw_dose d;
    lw__dose_at(s, squeeze, 0, LW_PART_FULL, &d);
    assert_int_equal(d.hold_s, 100);
    lw__dose_at(s, squeeze, 0, LW_PART_RETURN, &d);
    assert_int_equal(d.hold_s, 70);
    lw__dose_at(s, squeeze, 0, LW_PART_HALF, &d);
    assert_int_equal(d.hold_s, 50);
    s->sides = 3;
    lw__dose_at(s, squeeze, 0, LW_PART_FULL, &d);
    assert_int_equal(d.hold_s, 70);
}

/* Each implement has its own list of weights, whichever was named first. */
static void weights_of_each_implement(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, "{\"protocol\":\"mini@1.2.3\",\"authority\":\"suggest\",\"equipment\":[\"dumbbell\",\"barbell\",\"bench\","
             "\"machine\"],"
             "\"loads\":{\"dumbbell\":[5],\"barbell\":[20,25],\"machine\":[15]}}");
    const lw_state *s = fold_on(r, 0);
    assert_int_equal(lw__load_at_most(s, exercise_of(s->protocol, "lift"), 2600), 2500);
    assert_int_equal(lw__load_at_most(s, exercise_of(s->protocol, "curl"), 2600), 1500);
    rec_free(r);
}

/* Weight that was logged with an exercise whose ladder has no loads does not change its tissue load. */
static void weight_without_a_ladder(void **state) {
    (void)state;
    lw_state *s = ready();
    uint8_t squat = exercise_of(s->protocol, "squat");
    s->machine[squat].load_ref = 1000;
    lw_done done = {.reps = 8, .volume = 8, .load = 2000, .depth_deg = LW_UNKNOWN, .any = true};
    int32_t tension;
    int32_t compression;
    lw__done_load(s, squat, &done, &tension, &compression);
    assert_int_equal(tension, 8000);
    assert_int_equal(compression, 8000);
}

/* Speed work that nobody has done yet begins at the first rung's speed. */
static void the_first_speed(void **state) {
    (void)state;
    const lw_protocol *p = MINI_WITH({"  level 2   3 sets\n  level 3   2 sets, speed 70 %\n  level 4   distance 60 m\n",
                                      "  level 2   speed 70 %\n"});
    lw_state *s = ready_with(p);
    s->run.level = 1;
    lw_allow a = guard(s);
    lw_run_plan plan;
    lw__run_plan(s, &a, &plan);
    assert_true(plan.allowed);
    assert_int_equal(plan.speed_pct, 60);
}

/* ---- the plan's protocol ---- */

/* The hash that `started` names is compared to its last byte. */
static void the_whole_hash(void **state) {
    (void)state;
    lw_state *s = ready();
    static uint8_t hash[32];
    memcpy(hash, s->protocol->hash, 32);
    s->started_protocol = LW_STR("mini@1.2.3");
    s->started_hash = (lw_str){(const char *)hash, 32};
    assert_true(lw__right_protocol(s));
    for (size_t i = 0; i < 32; i++) {
        hash[i] ^= 1u;
        assert_false(lw__right_protocol(s));
        hash[i] ^= 1u;
    }
}

/* ---- rings, clamps, space ---- */

/* A day begins with an empty place in every ring, whatever stood there a turn ago. */
static void a_day_begins_empty(void **state) {
    (void)state;
    lw_state *s = ready();
    for (int32_t i = 0; i < LW_RING; i++) {
        s->tension[i] = s->compression[i] = 9;
    }
    for (int32_t i = 0; i < LW_RUN_RING; i++) {
        s->run.km[i] = s->run.done_km[i] = 9;
    }
    int32_t day = s->day + 1;
    lw__begin_day(s, day);
    assert_int_equal(s->tension[(uint32_t)day % LW_RING] + s->compression[(uint32_t)day % LW_RING], 0);
    assert_int_equal(s->run.km[day & (LW_RUN_RING - 1)] + s->run.done_km[day & (LW_RUN_RING - 1)], 0);
    assert_int_equal(s->tension[(uint32_t)(day - 1) % LW_RING], 9);
    assert_int_equal(s->run.done_km[(day - 1) & (LW_RUN_RING - 1)], 9);
}

/* Less weight than the plan gave brings the ladder down to the rung that asks for no more, and no further. */
static void down_to_what_was_done(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ECCENTRIC);
    uint8_t lift = exercise_of(s->protocol, "lift");
    lw_machine *m = use(s, "lift", 3, 2);
    m->load_ref = m->last.load = 10000;
    lw_done done = {.sets = 3,
                    .reps = 8,
                    .load = 10800,
                    .volume = 24,
                    .pain = 100,
                    .effort = 500,
                    .relief = LW_UNKNOWN,
                    .depth_deg = LW_UNKNOWN,
                    .any = true};
    lw__evening_exercise(s, lift, &done);
    assert_int_equal(m->rung, 2);
    assert_int_equal(m->load_ref, 10000);
}

/* A rule that leads to the stage one is in leads nowhere; and a run level that was accepted needs authority, too. */
static void what_leads_nowhere(void **state) {
    (void)state;
    lw_state *s = in_stage(with_first("advance eccentric"), LW_STAGE_ECCENTRIC);
    s->stage_rule = -1;
    lw__offer_rises(s);
    assert_int_equal(s->stage_rule, -1);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    lw_protocol *p = with_first("open running");
    for (uint8_t authority = LW_AUTHORITY_HOLD; authority <= LW_AUTHORITY_SUGGEST; authority++) {
        s = in_stage(p, LW_STAGE_ISOMETRIC);
        s->authority = authority;
        s->run.level = 0;
        s->run.wait_until = LW_NEVER_DAY;
        s->run.accept_until = s->day;
        lw__offer_rises(s);
        assert_int_equal(s->run.level, authority == LW_AUTHORITY_SUGGEST ? 1 : 0);
    }
}

/* Without running opened no next day for it is named. */
static void no_next_run_before_the_first(void **state) {
    (void)state;
    lw_state *s = ready();
    s->run.last_day = s->day - 1;
    for (uint8_t level = 0; level < 2; level++) {
        s->run.level = level;
        lw_allow a = guard(s);
        lw_run_plan plan;
        lw__run_plan(s, &a, &plan);
        assert_int_equal(plan.next_on, level == 0 ? LW_UNKNOWN : s->day + 1);
    }
}

/* What is used of the result arena already is no room for a plan; the scratch that a hash took is in the peak. */
static void the_room_for_a_plan(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    const lw_record *record = rec_read(r);
    lw_diag diag;
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    assert_int_equal(lw_plan(mini(), record, DAY0, 0, &work, &diag), LW_OK);
    size_t len = work.json.len;
    size_t without_hash = work.scratch.peak;
    for (size_t short_of = 0; short_of < 2; short_of++) {
        work = work_of(len + 100 - short_of, LW_PLAN_SCRATCH);
        work.result.used = 100;
        assert_int_equal(lw_plan(mini(), record, DAY0, 0, &work, &diag), short_of == 0 ? LW_OK : LW_ERR_NO_MEMORY);
    }
    work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH + (1 << 16));
    assert_int_equal(lw_plan(mini(), record, DAY0, LW_PLAN_HASH, &work, &diag), LW_OK);
    assert_true(work.scratch.peak > without_hash);
    rec_free(r);
}

/* Pain in a run stands for itself: an older session's pain is not carried into the day. */
static void pain_of_a_run_and_of_a_session(void **state) {
    (void)state;
    for (int32_t ago = 0; ago < 3; ago++) {
        lw_state *s = ready();
        s->session_day = s->day - ago;
        s->session_pain = 600;
        s->session_effort = 500;
        lw__today_clear(&s->today);
        s->today.run = true;
        s->today.run_pain = 400;
        lw__evening(s);
        assert_int_equal(s->session_day, s->day);
        assert_int_equal(s->session_pain, ago == 0 ? 600 : 400);
        assert_int_equal(s->session_effort, ago == 0 ? 500 : LW_UNKNOWN);
    }
}

/* The first stage that a rule leads to is the one that is offered, not the last. */
static void the_first_of_several_stages(void **state) {
    (void)state;
    lw_protocol *p =
        MINI_WITH({"rule T01 \"Stop\"\n", "rule X01 \"First\"\n  advance eccentric\n  until fixed\n  D [D]\n"
                                          "rule X02 \"Second\"\n  advance strength\n  until fixed\n  D [D]\n"
                                          "rule T01 \"Stop\"\n"});
    lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
    lw__offer_rises(s);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    assert_int_equal(s->stage_rule, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_list_of_flags),
        cmocka_unit_test(seventeen_forbids_shockwave),
        cmocka_unit_test(a_ceiling_that_lowers_nothing),
        cmocka_unit_test(a_full_list_of_limits),
        cmocka_unit_test(a_limit_of_another_exercise),
        cmocka_unit_test(a_rule_leaves_out_its_own),
        cmocka_unit_test(once_a_day),
        cmocka_unit_test(the_granted_takes_over),
        cmocka_unit_test(accepted_at_the_first_exercise),
        cmocka_unit_test(where_the_first_exercise_belongs),
        cmocka_unit_test(a_pick_gives_what_it_names),
        cmocka_unit_test(one_deep_exercise),
        cmocka_unit_test(the_harder_of_equals),
        cmocka_unit_test(a_quiet_beginning_in_a_stage),
        cmocka_unit_test(limits_and_whole_numbers),
        cmocka_unit_test(a_step_past_the_allowed_depth),
        cmocka_unit_test(an_eased_session_proposes_nothing),
        cmocka_unit_test(what_is_granted_is_not_proposed),
        cmocka_unit_test(four_weeks_and_not_a_day_more),
        cmocka_unit_test(the_week_that_ended_yesterday),
        cmocka_unit_test(how_many_items),
        cmocka_unit_test(no_rhythm_where_nothing_is_prescribed),
        cmocka_unit_test(what_is_not_known_at_first),
        cmocka_unit_test(a_bad_signal_reaches_everything),
        cmocka_unit_test(waits_begin_again),
        cmocka_unit_test(counters_stop_at_the_end),
        cmocka_unit_test(a_start_takes_nothing_over),
        cmocka_unit_test(a_skip_begins_nothing),
        cmocka_unit_test(a_settled_morning_confirms),
        cmocka_unit_test(no_answer_confirms_nothing),
        cmocka_unit_test(an_unsettled_morning_ends_streaks),
        cmocka_unit_test(the_rise_after_shockwave),
        cmocka_unit_test(long_counts),
        cmocka_unit_test(a_flare_beside_a_warning),
        cmocka_unit_test(what_silence_leaves),
        cmocka_unit_test(a_stop_by_age_lowers_authority),
        cmocka_unit_test(irritability_is_of_the_baseline),
        cmocka_unit_test(what_an_evening_takes),
        cmocka_unit_test(a_run_stands_under_its_day),
        cmocka_unit_test(a_flight_west),
        cmocka_unit_test(a_held_stage),
        cmocka_unit_test(a_refused_override_names_its_rule),
        cmocka_unit_test(units_of_a_dose),
        cmocka_unit_test(the_first_rule_in_control),
        cmocka_unit_test(the_first_rule_is_the_label),
        cmocka_unit_test(the_first_rule_lets_rise),
        cmocka_unit_test(the_first_rule_of_shockwave),
        cmocka_unit_test(an_offer_is_no_grant),
        cmocka_unit_test(the_end_opens_the_neighbour),
        cmocka_unit_test(an_accepted_stage_needs_authority),
        cmocka_unit_test(parts_of_a_dose),
        cmocka_unit_test(weights_of_each_implement),
        cmocka_unit_test(weight_without_a_ladder),
        cmocka_unit_test(the_first_speed),
        cmocka_unit_test(the_whole_hash),
        cmocka_unit_test(a_day_begins_empty),
        cmocka_unit_test(down_to_what_was_done),
        cmocka_unit_test(what_leads_nowhere),
        cmocka_unit_test(no_next_run_before_the_first),
        cmocka_unit_test(the_room_for_a_plan),
        cmocka_unit_test(pain_of_a_run_and_of_a_session),
        cmocka_unit_test(the_first_of_several_stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
