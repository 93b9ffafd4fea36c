/*
 * engine_decide_test.c: choosing inside the wall: which exercise, one step or none, ceilings as a final minimum.
 */
#include "engine_support.h"

static lw_decision decide(const lw_state *s) {
    lw_allow a;
    lw_decision d;
    a = lw__guard(s);
    lw__decide(s, &a, &d);
    return d;
}

/* The item of an exercise, NULL where it is not due. */
static const lw_item *item_of(const lw_state *s, const lw_decision *d, const char *id) {
    for (uint32_t i = 0; i < d->count; i++) {
        if (d->items[i].exercise == exercise_of(s->protocol, id)) {
            return &d->items[i];
        }
    }
    return NULL;
}

static bool due(const lw_state *s, const char *id) {
    lw_decision d = decide(s);
    return item_of(s, &d, id) != NULL;
}

static lw_state *in_stage(uint8_t stage) {
    lw_state *s = ready();
    s->stage = stage;
    s->start_day = s->day - 10;
    s->session_day = s->day - 2;
    s->session_pain = 100;
    s->session_effort = 500;
    return s;
}

static void add_limit(lw_state *s, uint8_t exercise, uint8_t variable, int32_t max, int32_t until) {
    s->limits[s->limit_count++] = (lw_limit){.exercise = exercise, .variable = variable, .max = max, .until = until};
}

/* What the week before this one bore. */
static void give_week(lw_state *s, int32_t tension, int32_t compression) {
    s->tension[(uint32_t)(s->day - 8) % LW_RING] = tension;
    s->compression[(uint32_t)(s->day - 8) % LW_RING] = compression;
}

/* ---- which exercises ---- */

static void each_pick_gives_one(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_decision d = decide(s);
    assert_true(d.due);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.items[0].exercise, exercise_of(s->protocol, "hold"));
    assert_int_equal(d.items[1].exercise, exercise_of(s->protocol, "squeeze"));
    assert_int_equal(d.items[0].side, LW_SIDE_LEFT);
    assert_int_equal(d.items[1].side, LW_SIDE_BOTH);
    s->sides = 2;
    assert_int_equal(decide(s).items[0].side, LW_SIDE_RIGHT);
    s->sides = 3;
    assert_int_equal(decide(s).items[0].side, LW_SIDE_BOTH);
}

static void nothing_where_nothing_is_prescribed(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    s->paused = true;
    lw_decision d = decide(s);
    assert_false(d.due);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.cap, LW_CAP_NONE);
}

/* Isometrics daily, loaded work by the stage's rhythm and the days that were chosen. */
static void sessions_have_a_rhythm(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    s->session_day = s->day - 1;
    s->days_mask = LW_BIT(LW_WEEKDAY_SUN);
    assert_true(decide(s).due);
    s->session_day = s->day;
    assert_false(decide(s).due);
    s = in_stage(LW_STAGE_ECCENTRIC);
    s->session_day = s->day - 1;
    assert_false(decide(s).due);
    assert_int_equal(decide(s).cap, LW_CAP_FREQUENCY);
    s->session_day = s->day - 2;
    assert_true(decide(s).due);
    s->days_mask = LW_BIT(LW_WEEKDAY_SUN); // today is Thursday; the session was on Tuesday
    assert_false(decide(s).due);
    s->session_day = s->day - 5; // on Saturday: Sunday's session stays due
    assert_true(decide(s).due);
}

static void most_items_of_a_session(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    s->start_day = s->day - 60;
    use(s, "lunge", 0, 2);
    use(s, "squat", 0, 2);
    assert_int_equal(decide(s).count, 4);
    s->max_items = 2;
    assert_int_equal(decide(s).count, 2);
    s->max_items = 0;
    assert_int_equal(decide(s).count, 0);
}

/* Of a pick the hardest that is open, at hand and allowed; what the person does goes on. */
static void the_hardest_that_is_open(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    assert_true(due(s, "lift")); // opened by its own test
    s->test[LW_TEST_RDL] = 300;
    assert_false(due(s, "lift"));
    assert_true(due(s, "hold"));
    assert_false(due(s, "nordic")); // neither first of its pick nor open by a test
    s->machine[exercise_of(s->protocol, "nordic")].unlocked = true;
    assert_true(due(s, "nordic"));
    s->fact[LW_FACT_CHECKIN] = 0; // a new exercise begins only on a morning that lets something rise
    use(s, "curl", 0, 2);
    assert_true(due(s, "curl"));
    // the first that is at hand needs no opening
    s = in_stage(LW_STAGE_ECCENTRIC);
    s->equipment = 1u << LW_EQUIPMENT_ANCHOR;
    assert_true(due(s, "nordic"));
}

static void what_is_done_goes_on(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    use(s, "curl", 0, 2);
    assert_true(due(s, "curl"));
    // an exercise of an earlier stage gives way to one of this stage on a morning that lets something rise, else it stays
    s = in_stage(LW_STAGE_ECCENTRIC);
    use(s, "hold", 1, 2);
    assert_true(due(s, "lift"));
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_true(due(s, "hold"));
    // nothing left to lower: something easier
    s = in_stage(LW_STAGE_ECCENTRIC);
    use(s, "lift", 0, 2)->low_due = true;
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_true(due(s, "lift") || due(s, "hold"));
    s->fact[LW_FACT_CHECKIN] = 1;
    assert_true(due(s, "hold"));
}

static void rules_may_leave_out(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    use(s, "nordic", 0, 4);
    assert_true(due(s, "nordic"));
    lw__fact_set(s, LW_FACT_NORDIC_DAYS, 2, s->day);
    assert_false(due(s, "nordic"));
    assert_true(due(s, "curl"));
    // of several the rule names each
    lw_protocol *p = MINI_WITH({"leave out nordic", "leave out squat, curl, nordic"});
    s->protocol = p;
    assert_false(due(s, "nordic") || due(s, "curl"));
    assert_true(due(s, "lift"));
}

static void exercises_have_their_own_spacing(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    use(s, "nordic", 0, 3);
    assert_true(due(s, "nordic"));
    use(s, "nordic", 0, 2);
    assert_false(due(s, "nordic"));
}

/* What the guard forbids today is not chosen. */
static void the_wall_holds(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_PLYOMETRIC);
    s->run.fast = true;
    assert_true(due(s, "hop") && due(s, "stride") && due(s, "lift"));
    s->plyo_day = s->day - 2;
    assert_false(due(s, "hop"));
    assert_false(due(s, "stride"));
    s->plyo_day = LW_NEVER_DAY;
    s->run.fast = false;
    assert_true(due(s, "hop"));
    assert_false(due(s, "stride"));
    s->heavy_day = s->day - 1;
    assert_false(due(s, "lift"));
    s->flare = LW_FLARE_MAJOR; // back to the exercises of the first stage
    lw_decision d = decide(s);
    assert_int_equal(d.count, 2);
    assert_non_null(item_of(s, &d, "hold"));
    assert_non_null(item_of(s, &d, "squeeze"));
}

static void two_deep_exercises_only_late(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    s->start_day = s->day - 55;
    give_week(s, 1000000, 1000000);
    use(s, "lunge", 0, 2);
    use(s, "squat", 0, 2);
    assert_int_equal(due(s, "lunge") + due(s, "squat"), 1);
    s->start_day = s->day - 56;
    assert_int_equal(due(s, "lunge") + due(s, "squat"), 2);
    s->deep_day = s->day - 1;
    assert_int_equal(due(s, "lunge") + due(s, "squat"), 0);
}

/* What was done today is done; one left out for pain is not asked again; one left out for time stays due. */
static void what_is_done_today_is_done(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    uint8_t hold = exercise_of(s->protocol, "hold");
    uint8_t squeeze = exercise_of(s->protocol, "squeeze");
    static const struct {
        lw_done done;
        bool still_due;
    } cases[] = {
        {{.any = true}, false}, {{.skipped = true}, true}, {{.skipped = true, .skipped_for_pain = true}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        s->today.touched = UINT64_C(1) << hold;
        s->today.done[hold] = cases[i].done;
        lw_decision d = decide(s);
        assert_int_equal(d.count, 2); // a proposal of this morning can still be taken
        lw__drop_done(s, &d);
        assert_int_equal(item_of(s, &d, "hold") != NULL, cases[i].still_due);
        assert_non_null(item_of(s, &d, "squeeze"));
        assert_true(d.due);
    }
    s->today.touched |= UINT64_C(1) << squeeze;
    s->today.done[squeeze] = (lw_done){.any = true};
    lw_decision d = decide(s);
    lw__drop_done(s, &d);
    assert_int_equal(d.count, 0);
    assert_false(d.due);
}

/* ---- how much ---- */

/* The class of the day lowers a rung that is deeper; the ceiling is named. */
static void deep_rungs_come_up(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    use(s, "lift", 7, 2)->load_ref = 2000;
    lw_decision d = decide(s);
    const lw_item *item = item_of(s, &d, "lift");
    assert_int_equal(item->dose.rung, 5);
    assert_int_equal(item->dose.depth_deg, 60);
    assert_int_equal(item->cap, LW_CAP_STAGE);
    s->sw_day = s->day - 2;
    s->stage = LW_STAGE_STRENGTH;
    d = decide(s);
    item = item_of(s, &d, "lift");
    assert_int_equal(item->dose.rung, 5);
    assert_int_equal(item->cap, LW_CAP_QUIET);
    // no rung fits: something else
    assert_false(due(s, "squat"));
}

static void rises_are_taken_or_proposed(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 0, 1);
    lw_decision d = decide(s);
    assert_int_equal(d.items[0].change.variable, LW_VAR_NONE);
    assert_int_equal(d.items[0].cap, LW_CAP_NONE);
    m->offer = true;
    d = decide(s);
    assert_int_equal(d.items[0].dose.hold_s, 20);
    assert_int_equal(d.items[0].change.variable, LW_VAR_NONE);
    assert_int_equal(d.items[0].proposal.variable, LW_VAR_HOLD);
    assert_int_equal(d.items[0].proposal.from, 20);
    assert_int_equal(d.items[0].proposal.to, 30);
    assert_int_equal(d.items[0].cap, LW_CAP_STEP);
    m->raised = true;
    d = decide(s);
    assert_int_equal(d.items[0].dose.hold_s, 30);
    assert_int_equal(d.items[0].change.variable, LW_VAR_HOLD);
    assert_int_equal(d.items[0].proposal.variable, LW_VAR_NONE);
    assert_int_equal(d.items[0].against_last, 1);
    // authority hold neither raises nor proposes
    m->raised = false;
    s->authority = LW_AUTHORITY_HOLD;
    d = decide(s);
    assert_int_equal(d.items[0].proposal.variable, LW_VAR_NONE);
    // and on a morning that lets nothing rise there is no offer, whatever the machine says
    s->authority = LW_AUTHORITY_PROGRESS;
    m->raised = true;
    s->fact[LW_FACT_CHECKIN] = 0;
    d = decide(s);
    assert_int_equal(d.items[0].dose.hold_s, 20);
    assert_int_equal(d.items[0].change.variable, LW_VAR_NONE);
}

/* What falls as something rises stands under lowered: repetitions fall as the load rises. */
static void what_falls_beside_a_rise(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    lw_machine *m = use(s, "lift", 2, 2);
    m->load_ref = 2500;
    m->offer = m->raised = true;
    m->last.volume = 1000; // much more than the new dose: it is no lowering all the same
    lw_decision d = decide(s);
    const lw_item *item = item_of(s, &d, "lift");
    assert_int_equal(item->change.variable, LW_VAR_LOAD);
    assert_int_equal(item->change.from, 2750);
    assert_int_equal(item->change.to, 3000);
    assert_int_equal(item->lowered_count, 1);
    assert_int_equal(item->lowered[0].variable, LW_VAR_REPS);
    assert_int_equal(item->lowered[0].from, 10);
    assert_int_equal(item->lowered[0].to, 8);
    assert_int_equal(item->against_last, 1);
}

/* A step that does not even fit the week alone is not taken. */
static void a_step_too_heavy_for_the_week(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 0, 1);
    m->offer = m->raised = true;
    give_week(s, 7500, 0); // 9000: three holds of 30 s
    lw_decision d = decide(s);
    assert_int_equal(d.items[0].dose.hold_s, 30);
    give_week(s, 7499, 0);
    d = decide(s);
    assert_int_equal(d.items[0].dose.hold_s, 20);
    assert_int_equal(d.items[0].change.variable, LW_VAR_NONE);
    assert_int_equal(d.items[0].cap, LW_CAP_WEEKLY);
    // likewise in compression, of which a first dose is free
    s = in_stage(LW_STAGE_STRENGTH);
    m = use(s, "lift", 5, 2);
    m->load_ref = 4000;
    m->offer = m->raised = true;
    give_week(s, 1000000, 1);
    d = decide(s);
    assert_null(item_of(s, &d, "lift"));
    give_week(s, 1000000, 0);
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.rung, 6);
    give_week(s, 1000000, 14000); // 16800: the established dose alone
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.rung, 5);
    assert_int_equal(item_of(s, &d, "lift")->cap, LW_CAP_WEEKLY);
}

/* What begins while something is eased begins with less. */
static void beginning_in_an_eased_time(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    assert_int_equal(decide(s).items[0].dose.sets, 3);
    s->returning = true;
    assert_int_equal(decide(s).items[0].dose.sets, 2);
    s = in_stage(LW_STAGE_ISOMETRIC);
    s->deload_until = s->day;
    assert_int_equal(decide(s).items[0].dose.sets, 2);
    s = in_stage(LW_STAGE_ISOMETRIC);
    s->contact_day = s->day - 7;
    assert_int_equal(decide(s).items[0].dose.sets, 2);
    s->contact_day = s->day - 6;
    assert_int_equal(decide(s).items[0].dose.sets, 3);
    s->flare = LW_FLARE_MINOR;
    assert_int_equal(decide(s).items[0].dose.sets, 2);
    s->irritability = LW_IRRITABILITY_HIGH; // half is less already
    assert_int_equal(decide(s).items[0].dose.sets, 1);
    // an exercise in use has its own part
    s->irritability = LW_IRRITABILITY_MODERATE;
    use(s, "hold", 0, 1);
    assert_int_equal(decide(s).items[0].dose.sets, 3);
}

/* A clinician's override to ease: one step less in this session, and nothing remembered. */
static void eased_for_one_session(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 1, 1);
    s->override_action = 1 + LW_VERDICT_REGRESS;
    assert_int_equal(decide(s).items[0].dose.hold_s, 20);
    assert_int_equal(decide(s).items[0].dose.sets, 3);
    m->rung = 0;
    assert_int_equal(decide(s).items[0].dose.sets, 2);
    m->part = LW_PART_HALF;
    assert_int_equal(decide(s).items[0].dose.sets, 1);
    assert_int_equal(m->part, LW_PART_HALF);
    assert_int_equal(m->rung, 0);
}

/* A step into a class that the day does not allow is not taken. */
static void a_step_too_deep_waits(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    lw_machine *m = use(s, "lift", 5, 2);
    m->load_ref = 2000;
    m->offer = m->raised = true;
    lw_decision d = decide(s);
    const lw_item *item = item_of(s, &d, "lift");
    assert_int_equal(item->dose.rung, 5);
    assert_int_equal(item->change.variable, LW_VAR_NONE);
    // nor one into class 3 the day after class 3 or springing
    s->stage = LW_STAGE_STRENGTH;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.rung, 6);
    s->plyo_day = s->day - 1;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.rung, 5);
    assert_int_equal(item_of(s, &d, "lift")->change.variable, LW_VAR_NONE);
}

static void harder_neighbours(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    uint8_t nordic = exercise_of(s->protocol, "nordic");
    lw_machine *m = use(s, "curl", 2, 2);
    m->load_ref = 2000;
    m->offer_next = true;
    lw_decision d = decide(s);
    const lw_item *item = item_of(s, &d, "curl");
    assert_int_equal(item->proposal.variable, LW_CHANGE_EXERCISE);
    assert_int_equal(item->proposal.from, exercise_of(s->protocol, "curl"));
    assert_int_equal(item->proposal.to, nordic);
    s->authority = LW_AUTHORITY_HOLD;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "curl")->proposal.variable, LW_VAR_NONE);
    s->authority = LW_AUTHORITY_PROGRESS;
    s->fact[LW_FACT_CHECKIN] = 0;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "curl")->proposal.variable, LW_VAR_NONE);
    s->fact[LW_FACT_CHECKIN] = 1;
    // taken: the harder one stands in its place
    s->machine[nordic].unlocked = true;
    m->raised = true;
    s->fact[LW_FACT_CHECKIN] = 0;
    d = decide(s);
    assert_null(item_of(s, &d, "nordic"));
    assert_int_equal(item_of(s, &d, "curl")->proposal.variable, LW_VAR_NONE);
    s->fact[LW_FACT_CHECKIN] = 1;
    m->low_due = true;
    d = decide(s);
    item = item_of(s, &d, "nordic");
    assert_int_equal(item->change.variable, LW_CHANGE_EXERCISE);
    assert_int_equal(item->change.from, exercise_of(s->protocol, "curl"));
    assert_int_equal(item->change.to, nordic);
    assert_int_equal(item->against_last, 2);
}

/* A harder neighbour that was granted stays open only while the grant stands: by authority, by what was accepted, in use. */
static void grants_that_stand(void **state) {
    (void)state;
    static const struct {
        uint8_t authority;
        int32_t accepted; /* days from today; none: −1 */
        bool used, open;
    } cases[] = {{LW_AUTHORITY_PROGRESS, -1, false, true}, {LW_AUTHORITY_SUGGEST, -1, false, false},
                 {LW_AUTHORITY_SUGGEST, 0, false, true},   {LW_AUTHORITY_HOLD, 0, false, false},
                 {LW_AUTHORITY_SUGGEST, -1, true, true},   {LW_AUTHORITY_HOLD, -1, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
        s->authority = cases[i].authority;
        lw_machine *curl = use(s, "curl", 2, 2);
        curl->low_due = true; // so that the neighbour is taken wherever it is open
        curl->accept_until = s->day + cases[i].accepted;
        s->machine[exercise_of(s->protocol, "nordic")].unlocked = true;
        if (cases[i].used) {
            use(s, "nordic", 0, 4);
        }
        assert_int_equal(due(s, "nordic"), cases[i].open);
    }
    // one that nothing leads to has nobody's acceptance
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    s->authority = LW_AUTHORITY_SUGGEST;
    s->machine[exercise_of(s->protocol, "squat")].unlocked = true;
    use(s, "lunge", 0, 2)->low_due = true;
    assert_false(due(s, "squat"));
}

/* One that begins without its neighbour, and one that nothing leads to, are no change of exercise. */
static void beginnings_without_a_neighbour(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    s->equipment = 1u << LW_EQUIPMENT_ANCHOR;
    s->machine[exercise_of(s->protocol, "nordic")].unlocked = true;
    s->fact[LW_FACT_CHECKIN] = 0;
    lw_decision d = decide(s);
    assert_int_equal(item_of(s, &d, "nordic")->change.variable, LW_VAR_NONE);
    s = in_stage(LW_STAGE_STRENGTH);
    s->machine[exercise_of(s->protocol, "lunge")].unlocked = true;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lunge")->change.variable, LW_VAR_NONE);
}

/* At the end of a ladder an offer has nowhere to go. */
static void an_offer_at_the_end(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "squeeze", 1, 1);
    m->offer = m->raised = true;
    lw_decision d = decide(s);
    assert_int_equal(item_of(s, &d, "squeeze")->change.variable, LW_VAR_NONE);
    assert_int_equal(item_of(s, &d, "squeeze")->dose.hold_s, 15);
}

/* What was cut comes back whole: the first of its parts names the change. */
static void a_part_comes_back_whole(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"1 set, hold 10 s", "1 set, 10 reps, hold 10 s"});
    lw_state *s = ready_with(p);
    s->stage = LW_STAGE_ISOMETRIC;
    lw_machine *m = use(s, "squeeze", 0, 1);
    m->part = LW_PART_RETURN;
    m->offer = m->raised = true;
    lw_decision d = decide(s);
    const lw_item *item = item_of(s, &d, "squeeze");
    assert_int_equal(item->change.variable, LW_VAR_REPS);
    assert_int_equal(item->change.from, 7);
    assert_int_equal(item->change.to, 10);
    assert_int_equal(item->dose.hold_s, 10);
}

static void equipment_is_named(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    use(s, "lift", 2, 2)->load_ref = 1000; // 10.8 and 11 kg round down to 10
    lw_decision d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->cap, LW_CAP_EQUIPMENT);
    use(s, "lift", 1, 2);
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->cap, LW_CAP_NONE);
}

/* ---- a clinician's limits ---- */

static void limits_of_an_exercise_are_in_sets(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    uint8_t hold = exercise_of(s->protocol, "hold");
    add_limit(s, hold, LW_VAR_NONE, 200, s->day);
    lw_decision d = decide(s);
    assert_int_equal(d.items[0].dose.sets, 2);
    assert_int_equal(d.items[0].cap, LW_CAP_CLINICIAN);
    s->limits[0].until = s->day - 1;
    assert_int_equal(decide(s).items[0].dose.sets, 3);
    s->limits[0] = (lw_limit){.exercise = hold, .max = 0, .until = INT32_MAX};
    assert_false(due(s, "hold"));
    assert_true(due(s, "squeeze"));
    // for every exercise, the least of all holds
    s->limits[0].max = 300;
    add_limit(s, 255, LW_VAR_SETS, 200, INT32_MAX);
    add_limit(s, 255, LW_VAR_SETS, 100, INT32_MAX);
    d = decide(s);
    assert_int_equal(item_of(s, &d, "hold")->dose.sets, 1);
    add_limit(s, 255, LW_VAR_SETS, 300, INT32_MAX);
    assert_int_equal(decide(s).items[0].dose.sets, 1);
}

static void limits_of_every_variable(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_PLYOMETRIC);
    s->run.fast = true;
    use(s, "lift", 3, 2)->load_ref = 4000;
    add_limit(s, 255, LW_VAR_REPS, 600, INT32_MAX);
    add_limit(s, 255, LW_VAR_CONTACTS, 800, INT32_MAX);
    add_limit(s, 255, LW_VAR_DISTANCE, 3000, INT32_MAX);
    add_limit(s, 255, LW_VAR_SPEED, 5000, INT32_MAX);
    add_limit(s, 255, LW_VAR_LOAD, 3000, s->day);
    lw_decision d = decide(s);
    const lw_item *lift = item_of(s, &d, "lift");
    assert_int_equal(lift->dose.reps, 6);
    assert_int_equal(lift->dose.load, 3000);
    assert_int_equal(lift->cap, LW_CAP_CLINICIAN);
    assert_int_equal(item_of(s, &d, "hop")->dose.contacts, 8);
    assert_int_equal(item_of(s, &d, "stride")->dose.distance_m, 30);
    assert_int_equal(item_of(s, &d, "stride")->dose.speed_pct, 50);
    // lighter than the lightest weight: without
    s->limits[4].max = 200;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.load, LW_UNKNOWN);
    s->limits[4].until = s->day - 1;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.load, 4500);
    s = in_stage(LW_STAGE_ISOMETRIC);
    add_limit(s, 255, LW_VAR_HOLD, 1500, INT32_MAX);
    assert_int_equal(decide(s).items[0].dose.hold_s, 15);
}

static void limits_of_depth_choose_a_rung(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    use(s, "lift", 7, 2)->load_ref = 2000;
    add_limit(s, 255, LW_VAR_DEPTH, 5999, INT32_MAX);
    lw_decision d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.depth_deg, 30);
    s->limits[0].max = 6000;
    d = decide(s);
    assert_int_equal(item_of(s, &d, "lift")->dose.depth_deg, 60);
    s->limits[0].max = 2000;
    assert_false(due(s, "lift"));
}

/* A rise into a limit is none; a limit that nobody understands stops rising altogether. */
static void limits_stop_rises(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 0, 1);
    m->offer = m->raised = true;
    assert_int_equal(decide(s).items[0].change.variable, LW_VAR_HOLD);
    add_limit(s, 255, LW_VAR_HOLD, 2900, INT32_MAX);
    lw_decision d = decide(s);
    assert_int_equal(d.items[0].change.variable, LW_VAR_NONE);
    assert_int_equal(d.items[0].dose.hold_s, 20);
    s->limits[0].max = 2000; // to the second what is done now: no difference is left
    d = decide(s);
    assert_int_equal(d.items[0].change.variable, LW_VAR_NONE);
    assert_int_equal(d.items[0].cap, LW_CAP_NONE);
    s->limits[0] = (lw_limit){.exercise = 255, .variable = LW_LIMIT_ALL, .max = 100000, .until = INT32_MAX};
    assert_int_equal(decide(s).items[0].change.variable, LW_VAR_NONE);
}

/* Lowered by a clinician is lowered: the verdict's comparison sees the dose that is shown. */
static void limits_count_in_the_comparison(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 0, 1);
    m->last.volume = 6;
    assert_int_equal(decide(s).items[0].against_last, 0);
    m->last.volume = 7;
    assert_int_equal(decide(s).items[0].against_last, -1);
    m->last.volume = 5;
    assert_int_equal(decide(s).items[0].against_last, 1);
    m->last.volume = 6;
    add_limit(s, exercise_of(s->protocol, "hold"), LW_VAR_NONE, 100, INT32_MAX);
    lw_decision d = decide(s);
    assert_int_equal(d.items[0].dose.sets, 1);
    assert_int_equal(d.items[0].dose.tension, 2000);
    assert_int_equal(d.items[0].against_last, -1);
    m->last.any = false;
    assert_int_equal(decide(s).items[0].against_last, 2);
}

/* ---- the week ---- */

/* 120 % of the largest week of four, to the point; items are taken in their order and left out, never lowered. */
static void the_weeks_tension(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    use(s, "hold", 0, 1);    // 6000
    use(s, "squeeze", 0, 1); // 100
    give_week(s, 5084, 0);
    lw_decision d = decide(s); // 6100.8
    assert_int_equal(d.count, 2);
    give_week(s, 5083, 0); // 6099.6
    d = decide(s);
    assert_int_equal(d.count, 1);
    assert_non_null(item_of(s, &d, "hold"));
    assert_int_equal(d.cap, LW_CAP_WEEKLY);
    give_week(s, 4999, 0); // 5998.8: the first is left out, the second still fits
    d = decide(s);
    assert_null(item_of(s, &d, "hold"));
    assert_non_null(item_of(s, &d, "squeeze"));
    // what was done in the six days before counts
    give_week(s, 0, 0);
    s->tension[(uint32_t)(s->day - 20) % LW_RING] = 5084;
    s->tension[(uint32_t)(s->day - 6) % LW_RING] = 1;
    assert_int_equal(decide(s).count, 1);
    // the largest of four weeks, and nothing older
    s = in_stage(LW_STAGE_ISOMETRIC);
    s->start_day = s->day - 60;
    use(s, "hold", 0, 1);
    use(s, "squeeze", 0, 1);
    s->tension[(uint32_t)(s->day - 28) % LW_RING] = 10000;
    assert_int_equal(decide(s).count, 2);
    s->tension[(uint32_t)(s->day - 28) % LW_RING] = 0;
    s->tension[(uint32_t)(s->day - 29) % LW_RING] = 10000;
    s->tension[(uint32_t)(s->day - 20) % LW_RING] = 1;
    assert_int_equal(decide(s).count, 0);
    assert_false(decide(s).due);
}

static void the_weeks_compression(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    s->start_day = s->day - 60;
    use(s, "lunge", 0, 2); // 12000 of each
    use(s, "squat", 0, 2);
    use(s, "hold", 0, 2);
    use(s, "curl", 0, 2);
    give_week(s, 1000000, 20000);
    assert_int_equal(due(s, "lunge") + due(s, "squat"), 2);
    give_week(s, 1000000, 19999);
    assert_int_equal(due(s, "lunge") + due(s, "squat"), 1);
}

/* One starting dose of one new exercise more, where that is larger. */
static void one_new_exercise_more(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    use(s, "squeeze", 0, 1);
    give_week(s, 100, 0);
    lw_decision d = decide(s); // 100 + 6000 for the hold that begins, and squeeze's 100 within the first hundred
    assert_int_equal(d.count, 2);
    give_week(s, 99, 0);
    d = decide(s);
    assert_int_equal(d.count, 1);
    assert_non_null(item_of(s, &d, "hold"));
}

/* The first week and a return after four empty ones have nothing to take a share of. */
static void no_week_to_take_a_share_of(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    use(s, "hold", 0, 1);
    give_week(s, 1, 0);
    assert_false(due(s, "hold"));
    s->start_day = s->day - 6;
    assert_true(due(s, "hold"));
    s->start_day = s->day - 7;
    assert_false(due(s, "hold"));
    give_week(s, 0, 0);
    assert_true(due(s, "hold"));
}

/* Sums at the end of what a number holds do not turn round. */
static void huge_weeks_stay_inside(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    use(s, "hold", 0, 1);
    for (int32_t back = 8; back < 15; back++) {
        s->tension[(uint32_t)(s->day - back) % LW_RING] = 1000000000;
    }
    assert_true(due(s, "hold"));
    for (int32_t back = 1; back < 7; back++) {
        s->tension[(uint32_t)(s->day - back) % LW_RING] = 1000000000;
    }
    assert_false(due(s, "squeeze") && s->tension[0] < 0);
}

/* ---- accepted ---- */

static void a_proposal_is_matched_to_the_letter(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    use(s, "hold", 0, 1)->offer = true;
    lw_decision d = decide(s);
    lw_proposal_kind kind;
    uint8_t exercise = 99;
    struct lw_ev_accepted a = {
        .has = LW_HAS_ACCEPTED_VARIABLE, .exercise = LW_STR("hold"), .variable = LW_STR("hold"), .to = {.x100 = 3000}};
    assert_true(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    assert_int_equal(kind, LW_PROPOSAL_EXERCISE);
    assert_int_equal(exercise, exercise_of(s->protocol, "hold"));
    a.to.x100 = 3100;
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to = (lw_scalar){.x100 = 3000, .is_text = true};
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to.is_text = false;
    a.variable = LW_STR("sets");
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.has = 0; // no variable named: what it rises to decides
    assert_true(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.has = LW_HAS_ACCEPTED_VARIABLE;
    a.variable = LW_STR("hold");
    a.exercise = LW_STR("squeeze"); // due, but nothing is proposed of it
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.exercise = LW_STR("nothing");
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
}

static void a_load_is_matched_in_kilograms(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_STRENGTH);
    lw_machine *m = use(s, "lift", 1, 2);
    m->load_ref = 3500;
    m->offer = true;
    lw_decision d = decide(s);
    lw_proposal_kind kind;
    uint8_t exercise;
    struct lw_ev_accepted a = {
        .has = LW_HAS_ACCEPTED_VARIABLE, .exercise = LW_STR("lift"), .variable = LW_STR("load"), .to = {.x100 = 3750}};
    assert_true(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to.x100 = 3500;
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
}

static void an_exercise_is_matched_by_its_id(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ECCENTRIC);
    lw_machine *m = use(s, "curl", 2, 2);
    m->load_ref = 2000;
    m->offer_next = true;
    lw_decision d = decide(s);
    lw_proposal_kind kind;
    uint8_t exercise;
    struct lw_ev_accepted a = {
        .exercise = LW_STR("curl"), .variable = LW_STR("exercise"), .to = {.text = LW_STR("nordic"), .is_text = true}};
    assert_true(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to.text = LW_STR("curl");
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to = (lw_scalar){.text = LW_STR("nordic"), .is_text = false};
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
}

static void stages_and_run_levels_are_matched(void **state) {
    (void)state;
    lw_state *s = in_stage(LW_STAGE_ISOMETRIC);
    lw_decision d = decide(s);
    lw_proposal_kind kind;
    uint8_t exercise;
    struct lw_ev_accepted a = {.has = LW_HAS_ACCEPTED_WHAT | LW_HAS_ACCEPTED_VARIABLE,
                               .what = LW_ACCEPTED_STAGE,
                               .variable = LW_STR("stage"),
                               .to = {.text = LW_STR("eccentric"), .is_text = true}};
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise)); // nothing is proposed
    s->stage_offer = 1 + LW_STAGE_ECCENTRIC;
    assert_true(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    assert_int_equal(kind, LW_PROPOSAL_STAGE);
    a.variable = LW_STR("level");
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.variable = LW_STR("stage");
    a.to.text = LW_STR("strength");
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to = (lw_scalar){.text = LW_STR("eccentric"), .is_text = false};
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));

    a = (struct lw_ev_accepted){.has = LW_HAS_ACCEPTED_WHAT | LW_HAS_ACCEPTED_VARIABLE,
                                .what = LW_ACCEPTED_RUN,
                                .variable = LW_STR("level"),
                                .to = {.x100 = 200}};
    s->run.level = 1;
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    s->run.offer = true;
    assert_true(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    assert_int_equal(kind, LW_PROPOSAL_RUN);
    a.to.x100 = 300;
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to = (lw_scalar){.x100 = 200, .is_text = true};
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.to.is_text = false;
    a.variable = LW_STR("stage");
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    a.variable = LW_STR("level");
    s->run.raised = true; // taken already
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
}

static void variables_have_their_names(void **state) {
    (void)state;
    assert_true(lw__str_eq(lw__change_name(LW_CHANGE_EXERCISE), LW_STR("exercise")));
    assert_true(lw__str_eq(lw__change_name(LW_VAR_LOAD), LW_STR("load")));
    assert_true(lw__str_eq(lw__change_name(LW_VAR_BOUTS), LW_STR("bouts")));
}

/* The variable that rises is found whichever it is. */
static void every_variable_can_rise(void **state) {
    (void)state;
    static const struct {
        const char *id;
        uint8_t stage, rung, variable;
        int32_t from, to;
    } cases[] = {{"hold", LW_STAGE_ISOMETRIC, 1, LW_VAR_SETS, 3, 4},
                 {"hold", LW_STAGE_ISOMETRIC, 2, LW_VAR_BOUTS, 2, 3},
                 {"lift", LW_STAGE_STRENGTH, 0, LW_VAR_REPS, 8, 10},
                 {"lift", LW_STAGE_STRENGTH, 3, LW_VAR_DEPTH, 30, 60},
                 {"hop", LW_STAGE_PLYOMETRIC, 0, LW_VAR_CONTACTS, 10, 12},
                 {"stride", LW_STAGE_PLYOMETRIC, 1, LW_VAR_SPEED, 60, 70},
                 {"stride", LW_STAGE_PLYOMETRIC, 2, LW_VAR_DISTANCE, 40, 60}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_state *s = in_stage(cases[i].stage);
        s->run.fast = true;
        lw_machine *m = use(s, cases[i].id, cases[i].rung, 3);
        m->load_ref = 4000;
        m->offer = m->raised = true;
        lw_decision d = decide(s);
        const lw_item *item = item_of(s, &d, cases[i].id);
        assert_non_null(item);
        assert_int_equal(item->change.variable, cases[i].variable);
        assert_int_equal(item->change.from, cases[i].from);
        assert_int_equal(item->change.to, cases[i].to);
        bool falls = cases[i].variable == LW_VAR_SPEED;
        assert_int_equal(item->lowered_count, falls ? 1 : 0);
        if (falls) {
            assert_int_equal(item->lowered[0].variable, LW_VAR_SETS);
            assert_int_equal(item->lowered[0].from, 3);
            assert_int_equal(item->lowered[0].to, 2);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pick_gives_one),
        cmocka_unit_test(nothing_where_nothing_is_prescribed),
        cmocka_unit_test(sessions_have_a_rhythm),
        cmocka_unit_test(most_items_of_a_session),
        cmocka_unit_test(the_hardest_that_is_open),
        cmocka_unit_test(what_is_done_goes_on),
        cmocka_unit_test(rules_may_leave_out),
        cmocka_unit_test(exercises_have_their_own_spacing),
        cmocka_unit_test(the_wall_holds),
        cmocka_unit_test(two_deep_exercises_only_late),
        cmocka_unit_test(what_is_done_today_is_done),
        cmocka_unit_test(deep_rungs_come_up),
        cmocka_unit_test(rises_are_taken_or_proposed),
        cmocka_unit_test(what_falls_beside_a_rise),
        cmocka_unit_test(a_step_too_heavy_for_the_week),
        cmocka_unit_test(beginning_in_an_eased_time),
        cmocka_unit_test(eased_for_one_session),
        cmocka_unit_test(a_step_too_deep_waits),
        cmocka_unit_test(harder_neighbours),
        cmocka_unit_test(grants_that_stand),
        cmocka_unit_test(beginnings_without_a_neighbour),
        cmocka_unit_test(an_offer_at_the_end),
        cmocka_unit_test(a_part_comes_back_whole),
        cmocka_unit_test(equipment_is_named),
        cmocka_unit_test(limits_of_an_exercise_are_in_sets),
        cmocka_unit_test(limits_of_every_variable),
        cmocka_unit_test(limits_of_depth_choose_a_rung),
        cmocka_unit_test(limits_stop_rises),
        cmocka_unit_test(limits_count_in_the_comparison),
        cmocka_unit_test(the_weeks_tension),
        cmocka_unit_test(the_weeks_compression),
        cmocka_unit_test(one_new_exercise_more),
        cmocka_unit_test(no_week_to_take_a_share_of),
        cmocka_unit_test(huge_weeks_stay_inside),
        cmocka_unit_test(a_proposal_is_matched_to_the_letter),
        cmocka_unit_test(a_load_is_matched_in_kilograms),
        cmocka_unit_test(an_exercise_is_matched_by_its_id),
        cmocka_unit_test(stages_and_run_levels_are_matched),
        cmocka_unit_test(variables_have_their_names),
        cmocka_unit_test(every_variable_can_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
