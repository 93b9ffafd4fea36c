/*
 * engine_slips_test.c: slips that the mutation run made and no other test saw (docs/mutation.md): one place past a list,
 * the smallest amounts, steps that only fall, the ends of a day around the world, and what stands beside what was asked.
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

static const lw_item *item_of(const lw_state *s, const lw_decision *d, const char *id) {
    for (uint32_t i = 0; i < d->count; i++) {
        if (d->items[i].exercise == exercise_of(s->protocol, id)) {
            return &d->items[i];
        }
    }
    return NULL;
}

static lw_run_plan run_of(const lw_state *s) {
    lw_allow a = guard(s);
    lw_run_plan r;
    lw__run_plan(s, &a, &r);
    return r;
}

static lw_dose dose(const lw_state *s, const char *id, uint8_t rung, uint8_t part) {
    lw_dose d;
    lw__dose_at(s, exercise_of(s->protocol, id), rung, part, &d);
    return d;
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

/* The small protocol with rules before all others. */
static lw_protocol *with_first(const char *rules) {
    char text[600];
    (void)snprintf(text, sizeof text, "%srule T01 \"Stop\"\n", rules);
    return MINI_WITH({"rule T01 \"Stop\"\n", text});
}

#define FIRST(ACTION) "rule X01 \"First\"\n  " ACTION "\n  until fixed\n  D [D]\n"

/* The limits of a weekly share are those of this week; the week before bore so much. */
static void give_week(lw_state *s, int32_t tension, int32_t compression) {
    s->tension[(uint32_t)(s->day - 8) % LW_RING] = tension;
    s->compression[(uint32_t)(s->day - 8) % LW_RING] = compression;
}

/* ---- one place past a list ---- */

static void past_the_open_flags(void **state) {
    (void)state;
    lw_state *s = ready();
    static const uint8_t id[16];
    s->open[0] = (lw_open_flag){.flags = LW_BIT(LW_FLAG_RF02), .id = id, .day = s->day, .until = INT32_MAX};
    s->open_count = 0;
    assert_true(lw__open_flags(s) == 0);
    s->open_count = 1;
    assert_true(lw__open_flags(s) == LW_BIT(LW_FLAG_RF02));
}

/* More flags than can be followed one by one stop for good, one that would not stop by itself as well. */
static void more_flags_than_there_is_room_for(void **state) {
    (void)state;
    lw_state *s = ready();
    assert_false(lw__flags_stop(s, LW_BIT(LW_FLAG_RF12)));
    s->open_overflow = LW_BIT(LW_FLAG_RF12);
    assert_true(lw__flags_stop(s, lw__open_flags(s)));
    assert_int_equal(guard(s).status, LW_STATUS_STOPPED);
}

static void past_the_weights(void **state) {
    (void)state;
    lw_state *s = ready();
    static const int32_t light[] = {1000};
    static const int32_t heavy[] = {3000};
    static const lw_load loads[] = {{.items_x100 = light, .count = 1, .implement = LW_EQUIPMENT_MACHINE},
                                    {.items_x100 = heavy, .count = 1, .implement = LW_EQUIPMENT_BARBELL}};
    static struct lw_ev_started started;
    started.loads = (lw_loads){loads, 1};
    s->loads_started = &started;
    // no list for the barbell: what the protocol's grain leaves
    assert_int_equal(lw__load_at_most(s, exercise_of(s->protocol, "lift"), 3600), 3500);
    started.loads.count = 2;
    assert_int_equal(lw__load_at_most(s, exercise_of(s->protocol, "lift"), 3600), 3000);
}

static void past_the_items_of_a_decision(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    use(s, "hold", 0, 1)->offer = true;
    lw_decision d = decide(s);
    lw_proposal_kind kind;
    uint8_t exercise;
    struct lw_ev_accepted a = {.exercise = LW_STR("hold"), .to = {.x100 = 3000}};
    assert_int_equal(d.items[0].exercise, exercise_of(s->protocol, "hold"));
    assert_true(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    d.count = 0;
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
}

static void past_the_picks(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_stage *stage = &p->stages[LW_STAGE_ISOMETRIC];
    stage->slots[stage->slot_count] = stage->slots[0];
    stage->slots[stage->slot_count].candidates[0] = exercise_of(p, "nordic");
    p->exercises[exercise_of(p, "nordic")].heavy = false;
    lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
    lw_decision d = decide(s);
    assert_int_equal(d.count, 2);
    stage->slot_count++;
    d = decide(s);
    assert_int_equal(d.count, 3);
}

static void past_the_exercises(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    s->run.level = 1;
    uint8_t stride = exercise_of(p, "stride");
    p->exercises[p->exercise_count] = p->exercises[stride];
    p->exercises[p->exercise_count].rungs[0].speed_pct = 90;
    s->machine[p->exercise_count].used = true;
    assert_int_equal(run_of(s).speed_pct, 60);
}

/* Events beyond the record's count are none of its, in whichever order the days run. */
static void past_the_events(void **state) {
    (void)state;
    for (int32_t turn = 0; turn < 4; turn++) {
        bool backwards = (turn & 1) != 0;
        bool another = (turn & 2) != 0; // on the same day, and the record's
        rec *r = rec_new();
        begin(r, STARTED("suggest"));
        if (backwards) {
            (void)rec_at(r, "2026-01-07T23:30:00+14:00", "note", "patient", "{\"text\":\"east\"}");
            (void)rec_at(r, "2026-01-06T23:50:00-11:00", "note", "patient", "{\"text\":\"west\"}");
        }
        if (another) {
            patient(r, 5, "note", "{\"text\":\"the same day\"}");
        }
        patient(r, 5, "checkin", CALM);
        static lw_record cut;
        cut = *rec_read(r);
        static lw_state s;
        assert_int_equal(lw__fold(mini(), &cut, DAY0 + 5, &s), LW_OK);
        assert_true(s.today.checkin);
        cut.count--;
        assert_int_equal(lw__fold(mini(), &cut, DAY0 + 5, &s), LW_OK);
        assert_false(s.today.checkin);
        rec_free(r);
    }
}

/* An override looks for its decision in the whole record, the first event as well, and not beyond it. */
static void past_the_decisions(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    const lw_event events[] = {{.kind = LW_KIND_DECIDED, .id = {2}}, {.kind = LW_KIND_NOTE, .id = {1}}};
    const lw_event turned[] = {{.kind = LW_KIND_NOTE, .id = {1}}, {.kind = LW_KIND_DECIDED, .id = {2}}};
    struct lw_ev_override o = {.decision = {2}, .action = LW_VERDICT_HOLD};
    const lw_event said = {.kind = LW_KIND_OVERRIDE, .data = &o};
    s->today.overrides[0] = &said;
    s->today.override_count = 1;
    for (int32_t i = 0; i < 3; i++) {
        lw_record record = {.events = i == 0 ? events : turned, .count = i == 2 ? 1 : 2};
        s->record = &record;
        s->refused_count = 0;
        lw__take_overrides(s);
        assert_int_equal(s->override_action, i == 2 ? 0 : 1 + LW_VERDICT_HOLD);
        assert_int_equal(s->refused_count, i == 2 ? 1 : 0);
    }
}

/* A rule of another action lets no stage rise, whatever number it carries. */
static void past_the_rules_of_an_action(void **state) {
    (void)state;
    lw_state *s = in_stage(with_first(FIRST("flare minor")), LW_STAGE_ISOMETRIC);
    s->flare = LW_FLARE_NONE;
    s->bad = false;
    assert_true(guard(s).raise);
    lw__offer_rises(s);
    assert_int_equal(s->stage, LW_STAGE_ISOMETRIC);
    assert_int_equal(s->stage_offer, 0);
}

/* A start clears every exercise and nothing beside them. */
static void past_the_machines(void **state) {
    (void)state;
    lw_state *s = ready();
    s->day += 1;
    s->start_day = s->day;
    s->run.offer = true;
    s->run.last_day = s->day - 3;
    s->run.ratio = 105;
    s->run.km[0] = 7;
    lw__morning(s);
    assert_int_equal(s->run.ratio, 105);
    assert_int_equal(s->run.last_day, s->day - 3);
    assert_int_equal(s->run.km[0], 7);
}

/* A ledger holds the days from its first on; what lies before it in memory is not its own. */
static void past_the_ledger(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    patient(r, 2, "exercise", "{\"exercise\":\"hold\",\"skip\":\"time\"}");
    static lw_day_load days[10];
    memset(days, 0x7f, sizeof days);
    lw_ledger ledger = {.from = DAY0 + 2, .days = days + 5};
    static lw_state s;
    lw__fold_days(mini(), rec_read(r), DAY0 + 4, &s, &ledger);
    for (int32_t i = 0; i < 10; i++) {
        bool inside = i >= 5 && i <= 7;
        assert_int_equal(days[i].run_km, inside ? 0 : 0x7f7f7f7f);
        assert_int_equal(days[i].test, inside ? LW_UNKNOWN : 0x7f7f7f7f);
        assert_int_equal(days[i].during, inside ? LW_UNKNOWN : 0x7f7f7f7f);
    }
    rec_free(r);
}

/* ---- the smallest amounts ---- */

/* A weight of ten grams is a weight; so is a step of ten grams. */
static void ten_grams(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    p->params[LW_PARAM_LOAD_GRAIN] = 1;
    lw_state *s = in_stage(p, LW_STAGE_ECCENTRIC);
    uint8_t lift = exercise_of(p, "lift");
    lw_machine *m = use(s, "lift", 0, 2);
    m->load_ref = 1;
    lw_dose d = dose(s, "lift", 0, LW_PART_FULL);
    assert_int_equal(d.load, 1);
    // twice the first load is twice the tissue load, the least first load as well
    lw_done done = {.load = 2, .volume = 1, .depth_deg = LW_UNKNOWN, .any = true};
    int32_t tension;
    int32_t compression;
    lw__done_load(s, lift, &done, &tension, &compression);
    assert_int_equal(tension, 2000);
    m->load_ref = 100;
    done.load = 1;
    lw__done_load(s, lift, &done, &tension, &compression);
    assert_int_equal(tension, 10);
    done.load = 0; // without weight it is the person's own
    lw__done_load(s, lift, &done, &tension, &compression);
    assert_int_equal(tension, 1000);
    m->load_ref = 0;
    done.load = 5;
    lw__done_load(s, lift, &done, &tension, &compression);
    assert_int_equal(tension, 1000);

    // a clinician's limit of ten grams leaves ten grams
    m->load_ref = 100;
    s->limits[s->limit_count++] = (lw_limit){.exercise = 255, .variable = LW_VAR_LOAD, .max = 1, .until = s->day + 1};
    lw_decision decision = decide(s);
    assert_non_null(item_of(s, &decision, "lift"));
    assert_int_equal(item_of(s, &decision, "lift")->dose.load, 1);
    s->limit_count = 0;

    // a weight in steps of ten grams; and a list is a list, whatever else is said
    static const int32_t listed[] = {1000};
    static lw_load weights;
    static struct lw_ev_started started;
    weights = (lw_load){.min_x100 = 500, .step_x100 = 1, .implement = LW_EQUIPMENT_BARBELL};
    started.loads = (lw_loads){&weights, 1};
    s->loads_started = &started;
    assert_int_equal(lw__load_at_most(s, lift, 777), 777);
    weights =
        (lw_load){.items_x100 = listed, .count = 1, .min_x100 = 500, .step_x100 = 1, .implement = LW_EQUIPMENT_BARBELL};
    assert_int_equal(lw__load_at_most(s, lift, 1777), 1000);

    // the first weight that is logged, however small, is the ladder's 100 %
    m->load_ref = LW_UNKNOWN;
    done = (lw_done){.sets = 3,
                     .reps = 8,
                     .volume = 24,
                     .load = 1,
                     .pain = 100,
                     .effort = 500,
                     .relief = LW_UNKNOWN,
                     .depth_deg = LW_UNKNOWN,
                     .any = true};
    lw__evening_exercise(s, lift, &done);
    assert_int_equal(m->load_ref, 1);
}

/* Ten metres are a run, one in a hundred speed, a limit of ten metres a limit that leaves some. */
static void ten_metres(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    uint8_t stride = exercise_of(p, "stride");
    s->run.level = 2;
    s->run.last_day = s->day - 2;
    s->run.km[(s->day - 5) & (LW_RUN_RING - 1)] = 1;
    assert_int_equal(run_of(s).max_km, 1);
    assert_int_equal(run_of(s).level, 2);
    for (uint8_t unit = 0; unit < 2; unit++) {
        s->limits[0] = (lw_limit){
            .exercise = 255, .variable = unit == 0 ? LW_LIMIT_RUN_KM : LW_LIMIT_RUN_MIN, .max = 1, .until = s->day + 1};
        s->limit_count = 1;
        assert_true(run_of(s).allowed);
        s->limits[0].max = 0;
        assert_false(run_of(s).allowed);
    }
    // parts of a percent round down
    s->limits[0] = (lw_limit){.exercise = 255, .variable = LW_VAR_SPEED, .max = 5950, .until = s->day + 1};
    assert_int_equal(run_of(s).speed_pct, 59);
    s->limit_count = 0;
    use(s, "stride", 1, 2);
    p->exercises[stride].rungs[1].speed_pct = 1;
    assert_int_equal(run_of(s).speed_pct, 1);

    // the ratio of a run rounds up
    static const struct {
        int32_t longest, km, ratio;
    } cases[] = {{1, 1, 100}, {3, 1, 34}, {1, 2, 200}, {100, 1, 1}, {1, 0, LW_UNKNOWN}, {0, 1, LW_UNKNOWN}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(s->run.done_km, 0, sizeof s->run.done_km);
        s->run.done_km[(s->day - 1) & (LW_RUN_RING - 1)] = cases[i].longest;
        lw__today_clear(&s->today);
        s->today.run = true;
        s->today.run_km = cases[i].km;
        lw__evening(s);
        assert_int_equal(s->run.ratio, cases[i].ratio);
    }
}

/* A hold of one second is a hold, and each begun ten seconds of holding count whole. */
static void a_second_of_holding(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_rung *first = &p->exercises[exercise_of(p, "squeeze")].rungs[0];
    lw_state *s = ready_with(p);
    first->reps = 20;
    first->hold_s = 1;
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_FULL).tension, 200);
    first->reps = 1;
    first->hold_s = 11;
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_FULL).tension, 200);
    // seventy per cent of 200 seconds are 140
    first->hold_s = 200;
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_RETURN).hold_s, 140);
}

/* The share of a week is exact to the thousandth of a body weight, of tension and of compression. */
static void a_thousandth_of_a_body_weight(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_rung *squeeze = p->exercises[exercise_of(p, "squeeze")].rungs;
    lw_rung *hold = p->exercises[exercise_of(p, "hold")].rungs;
    for (int32_t compression = 0; compression < 2; compression++) {
        for (int32_t two = 2; two <= 3; two++) {
            lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
            s->start_day = s->day - 30;
            use(s, "squeeze", 0, 2);
            s->machine[exercise_of(p, "hold")].unlocked = false;
            memset(s->tension, 0, sizeof s->tension);
            memset(s->compression, 0, sizeof s->compression);
            give_week(s, compression != 0 ? 1000000 : 2, compression != 0 ? 2 : 1000000);
            squeeze[0].tension = compression != 0 ? 1 : two;
            squeeze[0].compression = compression != 0 ? two : 1;
            hold[0].tension = hold[0].compression = 1000;
            use(s, "hold", 0, 0); // done today: not due
            lw_decision d = decide(s);
            assert_int_equal(item_of(s, &d, "squeeze") != NULL, two == 2);
            // what rises has to fit alone just as well
            squeeze[0].tension = squeeze[0].compression = 1;
            squeeze[1].tension = compression != 0 ? 1 : two - 1;
            squeeze[1].compression = compression != 0 ? two - 1 : 1;
            squeeze[1].hold_s = 20; // two tens of seconds
            s->machine[exercise_of(p, "squeeze")].offer = true;
            s->machine[exercise_of(p, "squeeze")].raised = true;
            d = decide(s);
            assert_int_equal(item_of(s, &d, "squeeze")->change.variable, two == 2 ? LW_VAR_HOLD : LW_VAR_NONE);
            squeeze[1].hold_s = 15;
        }
    }
    // a channel without any load begins with one dose, the largest of the new ones, and not a thousandth more
    for (int32_t first = 0; first < 2; first++) {
        lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
        s->start_day = s->day - 30;
        memset(s->tension, 0, sizeof s->tension);
        memset(s->compression, 0, sizeof s->compression);
        give_week(s, 1000000, 0);
        use(s, "squeeze", 0, 2);
        use(s, "hold", 0, 2);
        hold[0].compression = first;
        hold[0].hold_s = 10;
        hold[0].sets = 1;
        squeeze[0].compression = 3;
        lw_decision d = decide(s);
        assert_non_null(item_of(s, &d, "hold"));
        assert_int_equal(item_of(s, &d, "squeeze") != NULL, first == 0);
    }
}

/* ---- the ends of tissue load ---- */

static void the_ends_of_tissue_load(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    uint8_t lift = exercise_of(p, "lift");
    uint8_t lunge = exercise_of(p, "lunge");
    int32_t tension;
    int32_t compression;
    // a weight of more than ten times the first load counts ten times, to the per cent
    lw_machine *m = use(s, "lift", 0, 2);
    m->load_ref = 100;
    static const int32_t loads[][2] = {{999, 9990}, {1000, 10000}, {1001, 10000}, {1002, 10000}};
    for (size_t i = 0; i < 4; i++) {
        lw_done done = {.load = loads[i][0], .volume = 1, .depth_deg = LW_UNKNOWN, .any = true};
        lw__done_load(s, lift, &done, &tension, &compression);
        assert_int_equal(tension, loads[i][1]);
    }
    // one exercise bears a billion at most
    p->exercises[lunge].rungs[0].tension = p->exercises[lunge].rungs[0].compression = 1;
    static const int32_t volumes[][2] = {{999999999, 999999999}, {1000000000, 1000000000}, {1000000001, 1000000000}};
    for (size_t i = 0; i < 3; i++) {
        lw_done done = {.load = LW_UNKNOWN, .volume = volumes[i][0], .depth_deg = LW_UNKNOWN, .any = true};
        lw__done_load(s, lunge, &done, &tension, &compression);
        assert_int_equal(tension, volumes[i][1]);
        assert_int_equal(compression, volumes[i][1]);
    }
    // less deep than any rung: the first one, not the one established
    use(s, "lunge", 1, 2);
    p->exercises[lunge].rungs[1].tension = 7;
    lw_done done = {.load = LW_UNKNOWN, .volume = 1, .depth_deg = 20, .any = true};
    lw__done_load(s, lunge, &done, &tension, &compression);
    assert_int_equal(tension, 1);
}

/* ---- weights ---- */

/* A mat carries no load, neither as what an exercise names nor as what else is at hand. */
static void a_mat_is_no_weight(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    uint8_t curl = exercise_of(p, "curl");
    p->exercises[curl].needs_any |= 1u << LW_EQUIPMENT_MAT;
    s->equipment = 1u << LW_EQUIPMENT_MAT;
    assert_false(dose(s, "curl", 0, LW_PART_FULL).load_meant);
    assert_int_equal(lw__load_at_most(s, curl, 1000), 0);
    p->exercises[curl].loaded = 1 + LW_EQUIPMENT_MAT;
    assert_false(dose(s, "curl", 0, LW_PART_FULL).load_meant);
}

/* Before a first weight is logged no rung names one, however high. */
static void no_weight_before_the_first(void **state) {
    (void)state;
    lw_state *s = ready();
    uint8_t rungs = s->protocol->exercises[exercise_of(s->protocol, "lift")].rung_count;
    for (uint8_t rung = 0; rung < rungs; rung++) {
        assert_int_equal(dose(s, "lift", rung, LW_PART_FULL).load, LW_UNKNOWN);
    }
}

/* What has no share of a load at its first rung waits for none, whatever implement it names. */
static void nothing_to_wait_for(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    uint8_t lift = exercise_of(p, "lift");
    assert_true(lw__waits_for_load(s, lift));
    p->exercises[lift].rungs[0].load_pct = 0;
    assert_false(lw__waits_for_load(s, lift));
}

/* A rung that asks for as many repetitions as already stand for a weight asks for one more; it is still no weight. */
static void as_many_repetitions_as_stood_for_a_weight(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"  level 3   12 reps, load 115 %\n", "  level 3   16 reps\n  level 4   18 reps\n"});
    lw_state *s = ready_with(p);
    use(s, "curl", 0, 2)->load_ref = 1000;
    static lw_load weights;
    static struct lw_ev_started started;
    weights = (lw_load){.min_x100 = 1000, .step_x100 = 500, .implement = LW_EQUIPMENT_MACHINE};
    started.loads = (lw_loads){&weights, 1};
    s->loads_started = &started;
    assert_int_equal(dose(s, "curl", 1, LW_PART_FULL).reps, 16);
    assert_int_equal(dose(s, "curl", 2, LW_PART_FULL).reps, 17);
    assert_true(dose(s, "curl", 2, LW_PART_FULL).equipment);
    assert_int_equal(dose(s, "curl", 3, LW_PART_FULL).reps, 18);
    assert_false(dose(s, "curl", 3, LW_PART_FULL).equipment);
}

/* ---- steps that only fall ---- */

/* Two doses that differ in one thing differ, whichever of them asks for more. */
static void any_difference_is_one(void **state) {
    (void)state;
    static const uint8_t variables[] = {LW_VAR_SETS,  LW_VAR_REPS,     LW_VAR_HOLD,     LW_VAR_LOAD, LW_VAR_DEPTH,
                                        LW_VAR_SPEED, LW_VAR_CONTACTS, LW_VAR_DISTANCE, LW_VAR_BOUTS};
    for (size_t i = 0; i < sizeof variables; i++) {
        for (int32_t lower = 0; lower < 2; lower++) {
            lw_protocol *p = mini_with(NULL, 0);
            lw_exercise *e = &p->exercises[exercise_of(p, "lift")];
            lw_state *s = ready_with(p);
            use(s, "lift", 0, 2)->load_ref = 2000;
            lw_rung *r = e->rungs;
            r[0].sets = r[0].reps = r[0].bouts = r[0].speed_pct = r[0].depth_deg = 10;
            r[0].hold_s = r[0].contacts = r[0].distance_m = 10;
            r[1] = r[0];
            r[1].raises = variables[i];
            e->rung_count = 2;
            uint8_t rung = 0;
            uint8_t part = LW_PART_FULL;
            int32_t to = lower != 0 ? 9 : 11;
            switch (variables[i]) {
            case LW_VAR_SETS:
                r[1].sets = (uint8_t)to;
                break;
            case LW_VAR_REPS:
                r[1].reps = (uint8_t)to;
                break;
            case LW_VAR_HOLD:
                r[1].hold_s = (uint16_t)to;
                break;
            case LW_VAR_LOAD:
                // a weight has no lower one on a ladder
                r[1].load_pct = 110;
                p->params[LW_PARAM_LOAD_GRAIN] = 100;
                break;
            case LW_VAR_DEPTH:
                r[1].depth_deg = (uint8_t)to;
                break;
            case LW_VAR_SPEED:
                r[1].speed_pct = (uint8_t)to;
                break;
            case LW_VAR_CONTACTS:
                r[1].contacts = (uint16_t)to;
                break;
            case LW_VAR_DISTANCE:
                r[1].distance_m = (uint16_t)to;
                break;
            default:
                r[1].bouts = (uint8_t)to;
            }
            assert_true(lw__step_up(s, exercise_of(p, "lift"), &rung, &part));
            assert_int_equal(rung, 1);
            // and without any difference there is no step
            r[1] = r[0];
            r[1].raises = LW_VAR_SETS;
            rung = 0;
            assert_false(lw__step_up(s, exercise_of(p, "lift"), &rung, &part));
        }
    }
}

/* A step in which nothing rises is not taken, and nothing is said of it. */
static void a_step_that_raises_nothing(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    p->exercises[exercise_of(p, "hold")].rungs[1] = p->exercises[exercise_of(p, "hold")].rungs[0];
    p->exercises[exercise_of(p, "hold")].rungs[1].hold_s = 15;
    lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 0, 2);
    m->offer = m->raised = true;
    lw_decision d = decide(s);
    const lw_item *hold = item_of(s, &d, "hold");
    assert_non_null(hold);
    assert_int_equal(hold->dose.rung, 0);
    assert_int_equal(hold->dose.hold_s, 20);
    assert_int_equal(hold->cap, LW_CAP_NONE);
}

/* Above a rung that is too deep for today nothing is taken, even where the next one would be less deep. */
static void no_step_over_a_rung_too_deep(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    p->exercises[exercise_of(p, "hold")].rungs[1].class_ = 4;
    lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 1, 2);
    m->offer = m->raised = true;
    lw_decision d = decide(s);
    const lw_item *hold = item_of(s, &d, "hold");
    assert_non_null(hold);
    assert_int_equal(hold->dose.rung, 0);
    assert_int_equal(hold->change.variable, LW_VAR_NONE);
}

/* Beside one deep exercise of the first weeks a less deep one has its place. */
static void beside_a_deep_exercise(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    uint8_t lunge = exercise_of(p, "lunge");
    uint8_t squat = exercise_of(p, "squat");
    for (uint8_t c = 2; c <= 3; c++) {
        for (uint8_t r = 0; r < 2; r++) {
            p->exercises[squat].rungs[r].class_ = 3;
            p->exercises[lunge].rungs[r].class_ = c;
        }
        lw_state *s = in_stage(p, LW_STAGE_STRENGTH);
        use(s, "lunge", 0, 3);
        use(s, "squat", 0, 3);
        lw_decision d = decide(s);
        assert_non_null(item_of(s, &d, "squat"));
        assert_int_equal(item_of(s, &d, "lunge") != NULL, c == 2);
    }
}

/* A step into the second class is not a deep day. */
static void the_second_class_is_not_deep(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    uint8_t hold = exercise_of(p, "hold");
    for (uint8_t c = 2; c <= 3; c++) {
        p->exercises[hold].rungs[1].class_ = c;
        lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
        lw_machine *m = use(s, "hold", 0, 2);
        m->offer = m->raised = true;
        int32_t before = s->deep_day;
        assert_true(before != s->day);
        lw_done done = {.sets = 3,
                        .hold_s = 20,
                        .volume = 6,
                        .load = LW_UNKNOWN,
                        .pain = 100,
                        .effort = 500,
                        .relief = LW_UNKNOWN,
                        .depth_deg = LW_UNKNOWN,
                        .any = true};
        lw__evening_exercise(s, hold, &done);
        assert_int_equal(s->deep_day, c == 2 ? before : s->day);
    }
}

/* ---- what is accepted ---- */

static void what_was_not_proposed_is_not_accepted(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    lw_decision d = decide(s);
    assert_non_null(item_of(s, &d, "hold"));
    lw_proposal_kind kind;
    uint8_t exercise;
    struct lw_ev_accepted a = {.exercise = LW_STR("hold"), .to = {.x100 = 0}};
    assert_false(lw__proposal_matches(s, &d, &a, &kind, &exercise));
    // the next level of running is that one and no other
    s->run.level = 2;
    s->run.offer = true;
    a = (struct lw_ev_accepted){.has = LW_HAS_ACCEPTED_WHAT, .what = LW_ACCEPTED_RUN};
    for (int32_t level = 1; level <= 4; level++) {
        a.to.x100 = level * 100;
        assert_int_equal(lw__proposal_matches(s, &d, &a, &kind, &exercise), level == 3);
    }
}

/* What was accepted counts only while proposals may be taken. */
static void an_accepted_step_needs_authority(void **state) {
    (void)state;
    lw_protocol *p = with_first(FIRST("raise"));
    for (int32_t propose = 0; propose < 2; propose++) {
        lw_state *s = in_stage(p, LW_STAGE_ISOMETRIC);
        lw_machine *m = use(s, "hold", 0, 2);
        m->accept_until = s->day;
        m->wait_until = LW_NEVER_DAY;
        lw_allow a = guard(s);
        a.by_itself = false;
        a.propose = propose != 0;
        lw__offer_exercise(s, &a, exercise_of(p, "hold"));
        assert_true(m->offer);
        assert_int_equal(m->raised, propose != 0);
    }
}

/* The rule that lets rise is named where something is offered: a step, or the neighbour at the ladder's end; else not. */
static void the_rule_of_an_offer(void **state) {
    (void)state;
    lw_protocol *p = with_first(FIRST("raise"));
    lw_state *s = in_stage(p, LW_STAGE_ECCENTRIC);
    lw_machine *hold = use(s, "hold", 3, 2);
    lw_machine *lift = use(s, "lift", 3, 2);
    lift->load_ref = 2000;
    s->stage_held = true; // its next step is deeper
    lw_allow a = guard(s);
    s->raise_rule = -1;
    lw__offer_exercise(s, &a, exercise_of(p, "lift"));
    assert_false(lift->offer || lift->offer_next);
    assert_int_equal(s->raise_rule, -1);
    lw__offer_exercise(s, &a, exercise_of(p, "hold"));
    assert_true(hold->offer_next);
    assert_int_equal(s->raise_rule, 0);
}

/* Of two overrides the more careful one counts, in either order. */
static void the_more_careful_override(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    const lw_event decided = {.kind = LW_KIND_DECIDED, .id = {2}};
    const lw_record record = {.events = &decided, .count = 1};
    s->record = &record;
    for (uint8_t more = LW_VERDICT_REGRESS + 1; more <= LW_VERDICT_PROGRESS; more++) {
        for (int32_t turn = 0; turn < 2; turn++) {
            struct lw_ev_override o[2] = {{.decision = {2}, .action = more}, {.decision = {2}, .action = more - 1}};
            const lw_event said[2] = {{.kind = LW_KIND_OVERRIDE, .data = &o[turn]},
                                      {.kind = LW_KIND_OVERRIDE, .data = &o[1 - turn]}};
            s->today.overrides[0] = &said[0];
            s->today.overrides[1] = &said[1];
            s->today.override_count = 2;
            lw__take_overrides(s);
            assert_int_equal(s->override_action, more);
        }
    }
}

/* A new stage or a new run level begins its waits: windows and days without a rise start at nothing. */
static void a_rise_begins_anew(void **state) {
    (void)state;
    lw_state *s = in_stage(with_first(FIRST("advance eccentric")), LW_STAGE_ISOMETRIC);
    bool any = false;
    for (int32_t i = 0; i < s->protocol->window_count; i++) {
        s->windows[i] = 7;
        any = any || s->protocol->windows[i].permits;
    }
    assert_true(any);
    lw__offer_rises(s);
    assert_int_equal(s->stage, LW_STAGE_ECCENTRIC);
    for (int32_t i = 0; i < s->protocol->window_count; i++) {
        assert_true(s->windows[i] == (s->protocol->windows[i].permits ? 0u : 7u));
    }
    s = in_stage(with_first(FIRST("next run level")), LW_STAGE_ISOMETRIC);
    s->run.level = 1;
    s->run.wait_until = LW_NEVER_DAY;
    s->hold_days = 9;
    lw__offer_rises(s);
    assert_int_equal(s->run.level, 2);
    assert_int_equal(s->hold_days, 0);
}

/* Hills and speed that were opened stay open when the rule speaks again and nobody grants it. */
static void hills_stay_open(void **state) {
    (void)state;
    lw_state *s = in_stage(with_first(FIRST("open hills and speed")), LW_STAGE_ISOMETRIC);
    s->authority = LW_AUTHORITY_SUGGEST;
    s->run.accept_until = LW_NEVER_DAY;
    for (int32_t open = 0; open < 2; open++) {
        s->run.fast = open != 0;
        lw__offer_rises(s);
        assert_int_equal(s->run.fast, open != 0);
    }
}

/* ---- speed ---- */

/* The speed is of the speed ladders in use, the fastest of them; of nothing else, and of the first exercise as well. */
static void the_speed_of_ladders(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    s->run.level = 1;
    lw_rung *hold = p->exercises[0].rungs;
    hold[0].speed_pct = 50;
    assert_int_equal(run_of(s).speed_pct, 60); // no speed ladder
    use(s, "hold", 0, 2);
    hold[0].speed_pct = 95;
    assert_int_equal(run_of(s).speed_pct, 60);
    use(s, "stride", 2, 2);
    assert_int_equal(run_of(s).speed_pct, 70);
    p->exercises[0].speed_ladder = true; // another one, faster
    assert_int_equal(run_of(s).speed_pct, 95);
    s->machine[0].used = s->machine[exercise_of(p, "stride")].used = false;
    assert_int_equal(run_of(s).speed_pct, 95);
}

/* ---- days ---- */

/* What has been red or done under pain relief moves one day a day, from the day itself. */
static void a_day_is_a_bit(void **state) {
    (void)state;
    lw_state *s = ready();
    s->red_sessions = s->relief_days = 0;
    lw__today_clear(&s->today);
    s->today.touched = 1;
    s->today.done[0] = (lw_done){.sets = 3,
                                 .hold_s = 20,
                                 .volume = 6,
                                 .load = LW_UNKNOWN,
                                 .pain = 600,
                                 .effort = 500,
                                 .relief = LW_UNKNOWN,
                                 .depth_deg = LW_UNKNOWN,
                                 .pain_relief = true,
                                 .any = true};
    lw__evening(s);
    assert_true(s->red_sessions == 1 && s->relief_days == 1);
    lw__begin_day(s, s->day + 1);
    assert_true(s->red_sessions == 2 && s->relief_days == 2);
}

/* Days of a pause are not days without a rise. */
static void a_pause_does_not_count(void **state) {
    (void)state;
    for (int32_t paused = 0; paused < 2; paused++) {
        lw_state *s = ready();
        s->authority = LW_AUTHORITY_SUGGEST; // a rise would begin the count anew
        s->hold_days = 5;
        s->paused = paused != 0;
        lw__begin_day(s, s->day + 1);
        lw__morning(s);
        assert_int_equal(s->hold_days, paused != 0 ? 5 : 6);
    }
}

/* A warning that speaks again while its de-load runs lowers nothing and begins every wait anew, the first rule as well. */
static void a_warning_inside_a_warning(void **state) {
    (void)state;
    lw_state *s = in_stage(with_first(FIRST("de-load 7 days")), LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 2, 2);
    m->green = 2;
    m->wait_until = LW_NEVER_DAY;
    s->calm_days = 40;
    lw__begin_day(s, s->day + 1);
    s->deload = LW_DELOAD_WARNING;
    s->deload_until = s->day + 3;
    lw__morning(s);
    assert_int_equal(m->rung, 2);
    assert_int_equal(m->green, 0);
    assert_int_equal(m->wait_until, s->day + 7);
    assert_int_equal(s->calm_days, 0);
    assert_int_equal(s->deload_until, s->day + 6);
}

/* … and one that opens lowers everything by one step. */
static void a_warning_opens(void **state) {
    (void)state;
    lw_state *s = in_stage(with_first(FIRST("de-load 7 days")), LW_STAGE_ISOMETRIC);
    lw_machine *m = use(s, "hold", 2, 2);
    lw__begin_day(s, s->day + 1);
    s->deload_until = s->day - 1;
    lw__morning(s);
    assert_int_equal(m->rung, 1);
    assert_int_equal(s->bad_day, s->day);
}

/* A hundredth of a point over the usual is soreness still. */
static void a_hundredth_of_soreness(void **state) {
    (void)state;
    for (int32_t over = 0; over < 2; over++) {
        rec *r = rec_new();
        begin(r, STARTED("suggest"));
        patient(r, 1, "checkin", CALM);
        patient(r, 1, "shockwave", "{\"side\":\"left\"}");
        patient(r, 2, "checkin", say("{\"pain_morning\":1,\"pain_test\":1.0%d}", over));
        const lw_state *s = fold_on(r, 2);
        assert_int_equal(s->sw_sore_over, over == 0);
        assert_int_equal(s->fact[LW_FACT_SW_SORE_DAYS], over);
        rec_free(r);
    }
}

/* The end of a stop is a return, whatever was open before it: its doses are lower until one of them has settled. */
static void the_end_of_a_stop(void **state) {
    (void)state;
    lw_state *s = in_stage(mini(), LW_STAGE_ISOMETRIC);
    lw__begin_day(s, s->day + 1);
    s->deload = LW_DELOAD_WARNING;
    s->deload_until = s->day + 5;
    s->was_stopped = true;
    lw__morning(s);
    assert_true(s->returning);
    assert_int_equal(s->deload, LW_DELOAD_RETURN);
    assert_int_equal(s->deload_until, s->day);
    int32_t until;
    assert_int_equal(lw__deload(s, &until), LW_DELOAD_RETURN);
}

/* A hundredth of a point above green is above green: in a run, in another sport, on the day itself. */
static void a_hundredth_above_green(void **state) {
    (void)state;
    for (int32_t pain = 299; pain <= 301; pain++) {
        lw_state *s = ready();
        s->session_green = true;
        lw__today_clear(&s->today);
        s->today.other_pain = pain;
        int32_t before = s->session_day;
        lw__evening(s);
        assert_int_equal(s->session_day, pain > 300 ? s->day : before);
        assert_int_equal(s->session_green, pain <= 300);
    }
}

static void a_hundredth_above_green_today(void **state) {
    (void)state;
    for (int32_t pain = 299; pain <= 301; pain++) {
        rec *r = rec_new();
        begin(r, STARTED("progress"));
        patient(r, 1, "checkin", CALM);
        patient(r, 1, "exercise",
                say("{\"exercise\":\"hold\",\"side\":\"left\",\"sets\":[" THREE_20 "],"
                    "\"pain_during\":%d.%02d,\"effort\":5}",
                    pain / 100, pain % 100));
        const lw_state *s = fold_on(r, 1);
        assert_int_equal(s->fact[LW_FACT_SESSION_PAIN], pain > 300 ? 301 : LW_UNKNOWN);
        assert_int_equal(s->hold_rule >= 0, pain > 300);
        rec_free(r);
    }
}

/* Left out for pain stays so, whatever is done well after it; and a morning that was bad stays bad. */
static void refused_and_then_done_well(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("progress"));
    patient(r, 1, "checkin", CALM);
    patient(r, 1, "exercise", "{\"exercise\":\"hold\",\"skip\":\"pain\"}");
    patient(r, 1, "exercise",
            "{\"exercise\":\"squeeze\",\"side\":\"both\",\"sets\":[{\"hold_s\":10}],\"pain_during\":1}");
    assert_true(fold_on(r, 1)->bad);
    rec_free(r);
    r = rec_new();
    begin(r, STARTED("progress"));
    patient(r, 1, "checkin", CALM);
    patient(r, 1, "exercise", HOLDS(THREE_20, "6", "5"));
    assert_true(fold_on(r, 1)->bad);
    rec_free(r);
}

/* A rule that holds because of today's session takes back what was offered, the protocol's first rule as well. */
static void the_first_rule_holds_today(void **state) {
    (void)state;
    lw_protocol *p =
        with_first("rule X01 \"First\"\n  when session pain above 3 NPRS\n  hold\n  until fixed\n  D [D]\n");
    for (int32_t amber = 0; amber < 2; amber++) {
        rec *r = rec_new();
        begin(r, STARTED("progress"));
        for (int32_t day = 0; day < 3; day++) {
            patient(r, day, "checkin", CALM);
            if (day < 2) {
                patient(r, day, "exercise", HOLDS(THREE_20, "1", "5"));
            }
        }
        if (amber != 0) {
            patient(r, 2, "exercise", HOLDS(THREE_20, "4", "5"));
        }
        const lw_state *s = fold_with(p, r, 2);
        assert_int_equal(s->machine[exercise_of(p, "hold")].offer, amber == 0);
        assert_int_equal(s->hold_rule, amber != 0 ? 0 : -1);
        rec_free(r);
    }
}

/* A date reaches eighteen hours to both sides of its day in Greenwich, the first second and the last included. */
static void the_ends_of_a_date(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    (void)rec_at(r, "2026-01-12T08:00:00+00:00", "note", "patient", "{\"text\":\"before\"}");
    (void)rec_at(r, "2026-01-11T23:59:59-18:00", "checkin", "patient", "{\"pain_morning\":3}");
    (void)rec_at(r, "2026-01-20T00:00:00+18:00", "checkin", "patient", "{\"pain_morning\":4}");
    assert_int_equal(fold_on(r, 6)->fact[LW_FACT_PAIN_MORNING], 300);
    assert_int_equal(fold_on(r, 15)->fact[LW_FACT_PAIN_MORNING], 400);
    rec_free(r);
}

/* ---- the plan ---- */

/* A name that is the protocol's but shorter is another protocol's. */
static void a_shorter_name(void **state) {
    (void)state;
    lw_state *s = ready();
    s->started_hash = (lw_str){NULL, 0};
    s->started_protocol = LW_STR("mini@1.2.3");
    assert_true(lw__right_protocol(s));
    s->started_protocol.len--;
    assert_false(lw__right_protocol(s));
}

/* A plan takes its state, what it says and a hash of 32 bytes out of scratch, and no byte more. */
static void scratch_is_as_it_is_said(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    lw_diag diag;
    assert_int_equal(lw_plan(mini(), rec_read(r), DAY0, 0, &work, &diag), LW_OK);
    size_t align = _Alignof(lw_plan_data);
    assert_int_equal(work.scratch.peak, (sizeof(lw_state) + align - 1) / align * align + sizeof(lw_plan_data) + 32);
    rec_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past_the_open_flags),
        cmocka_unit_test(more_flags_than_there_is_room_for),
        cmocka_unit_test(past_the_weights),
        cmocka_unit_test(past_the_items_of_a_decision),
        cmocka_unit_test(past_the_picks),
        cmocka_unit_test(past_the_exercises),
        cmocka_unit_test(past_the_events),
        cmocka_unit_test(past_the_decisions),
        cmocka_unit_test(past_the_rules_of_an_action),
        cmocka_unit_test(past_the_machines),
        cmocka_unit_test(past_the_ledger),
        cmocka_unit_test(ten_grams),
        cmocka_unit_test(ten_metres),
        cmocka_unit_test(a_second_of_holding),
        cmocka_unit_test(a_thousandth_of_a_body_weight),
        cmocka_unit_test(the_ends_of_tissue_load),
        cmocka_unit_test(a_mat_is_no_weight),
        cmocka_unit_test(no_weight_before_the_first),
        cmocka_unit_test(nothing_to_wait_for),
        cmocka_unit_test(as_many_repetitions_as_stood_for_a_weight),
        cmocka_unit_test(any_difference_is_one),
        cmocka_unit_test(a_step_that_raises_nothing),
        cmocka_unit_test(no_step_over_a_rung_too_deep),
        cmocka_unit_test(beside_a_deep_exercise),
        cmocka_unit_test(the_second_class_is_not_deep),
        cmocka_unit_test(what_was_not_proposed_is_not_accepted),
        cmocka_unit_test(an_accepted_step_needs_authority),
        cmocka_unit_test(the_rule_of_an_offer),
        cmocka_unit_test(the_more_careful_override),
        cmocka_unit_test(a_rise_begins_anew),
        cmocka_unit_test(hills_stay_open),
        cmocka_unit_test(the_speed_of_ladders),
        cmocka_unit_test(a_day_is_a_bit),
        cmocka_unit_test(a_pause_does_not_count),
        cmocka_unit_test(a_warning_inside_a_warning),
        cmocka_unit_test(a_warning_opens),
        cmocka_unit_test(a_hundredth_of_soreness),
        cmocka_unit_test(the_end_of_a_stop),
        cmocka_unit_test(a_hundredth_above_green),
        cmocka_unit_test(a_hundredth_above_green_today),
        cmocka_unit_test(refused_and_then_done_well),
        cmocka_unit_test(the_first_rule_holds_today),
        cmocka_unit_test(the_ends_of_a_date),
        cmocka_unit_test(a_shorter_name),
        cmocka_unit_test(scratch_is_as_it_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
