/*
 * engine_dose_test.c: from a rung to sets, repetitions and kilograms; every rounding goes down.
 */
#include "engine_support.h"

/* Weights at hand, in 10 g. */
static const int32_t fine[] = {2000, 2100, 2200, 2400, 2600};
static const int32_t coarse[] = {2000, 2500, 3000};
static const int32_t pair[] = {2000, 2200};

static struct lw_ev_started started_loads;
static struct lw_ev_settings settings_loads;
static lw_load weights;

static void give_list(lw_state *s, const int32_t *items, uint32_t count) {
    weights = (lw_load){.items_x100 = items, .count = count, .implement = LW_EQUIPMENT_BARBELL};
    started_loads.loads = (lw_loads){&weights, 1};
    s->loads_started = &started_loads;
}

static void give_steps(lw_state *s, int32_t min, int32_t step) {
    weights = (lw_load){.min_x100 = min, .step_x100 = step, .implement = LW_EQUIPMENT_BARBELL};
    started_loads.loads = (lw_loads){&weights, 1};
    s->loads_started = &started_loads;
}

static lw_dose dose(const lw_state *s, const char *id, uint8_t rung, uint8_t part) {
    lw_dose d;
    lw__dose_at(s, exercise_of(s->protocol, id), rung, part, &d);
    return d;
}

/* The state of somebody who lifts 20 kg. */
static lw_state *lifter(void) {
    lw_state *s = ready();
    use(s, "lift", 0, 2)->load_ref = 2000;
    return s;
}

static void rungs_are_the_protocols(void **state) {
    (void)state;
    lw_state *s = ready();
    lw_dose d = dose(s, "hold", 0, LW_PART_FULL);
    assert_int_equal(d.sets, 3);
    assert_int_equal(d.hold_s, 20);
    assert_int_equal(d.bouts, 2);
    assert_int_equal(d.rest_s, 120);
    assert_int_equal(d.effort_max, 500);
    assert_int_equal(d.load, LW_UNKNOWN);
    assert_false(d.load_meant);
    assert_int_equal(d.raises, LW_VAR_NONE);
    assert_int_equal(d.tension, 3 * 2 * 1000); // three holds of two ten-second units
    assert_int_equal(d.compression, 0);
    d = dose(s, "hold", 2, LW_PART_FULL);
    assert_int_equal(d.sets, 4);
    assert_int_equal(d.hold_s, 30);
    assert_int_equal(d.raises, LW_VAR_SETS);
    // without an effort of its own the protocol's
    assert_int_equal(dose(s, "squat", 0, LW_PART_FULL).effort_max, 700);
    d = dose(s, "stride", 0, LW_PART_FULL);
    assert_int_equal(d.tension, 2 * 4 * 3000); // per ten metres
    assert_int_equal(d.speed_pct, 60);
    d = dose(s, "hop", 0, LW_PART_FULL);
    assert_int_equal(d.tension, 2 * 10 * 2000); // per contact
    d = dose(s, "squat", 0, LW_PART_FULL);
    assert_int_equal(d.tension, 2 * 6 * 1000); // per repetition
    assert_int_equal(d.compression, 2 * 6 * 1000);
    assert_int_equal(d.class_, 3);
}

/* A hold of repetitions counts each of them; part of ten seconds counts whole. */
static void held_repetitions_count(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"1 set, hold 10 s", "2 sets, 3 reps, hold 11 s"});
    lw_state *s = ready_with(p);
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_FULL).tension, 2 * 4 * 100);
}

static void loads_round_down_and_rise_a_tenth(void **state) {
    (void)state;
    lw_state *s = lifter();
    give_list(s, fine, 5);
    assert_int_equal(dose(s, "lift", 0, LW_PART_FULL).load, 2000);
    lw_dose d = dose(s, "lift", 2, LW_PART_FULL); // 108 % of 20 kg are 21.6: 21
    assert_int_equal(d.load, 2100);
    assert_int_equal(d.reps, 10);
    assert_int_equal(d.raises, LW_VAR_LOAD);
    assert_false(d.equipment);
    d = dose(s, "lift", 3, LW_PART_FULL); // 116 % are 23.2, but 21 and a tenth are 23.1: 22
    assert_int_equal(d.load, 2200);
    assert_int_equal(d.reps, 8);
    // the share of a heavier weight weighs more
    assert_int_equal(d.tension, 3 * 8 * 1100);
    s->machine[exercise_of(s->protocol, "lift")].load_ref = 2099; // the first load itself rounds down too
    assert_int_equal(dose(s, "lift", 0, LW_PART_FULL).load, 2000);
}

/* Where the share asks for less than a weight that a tenth allows, that weight is taken: never more than a tenth. */
static void the_next_weight_within_a_tenth(void **state) {
    (void)state;
    lw_state *s = lifter();
    give_list(s, pair, 2);
    assert_int_equal(dose(s, "lift", 2, LW_PART_FULL).load, 2200);
    // nothing above: the rung after asks one repetition more
    lw_dose d = dose(s, "lift", 3, LW_PART_FULL);
    assert_int_equal(d.load, 2200);
    assert_int_equal(d.reps, 11);
    assert_int_equal(d.raises, LW_VAR_REPS);
}

/* No step of any chain of any weights rises more than a tenth in load, or rises in load and depth at once. */
static void no_step_is_too_large(void **state) {
    (void)state;
    lw_state *s = lifter();
    lw_machine *m = &s->machine[exercise_of(s->protocol, "lift")];
    for (int32_t step = 25; step <= 1000; step += 25) {
        for (int32_t ref = 500; ref <= 6000; ref += 325) {
            give_steps(s, 500, step);
            m->load_ref = ref;
            lw_dose before = dose(s, "lift", 0, LW_PART_FULL);
            assert_true(before.load == LW_UNKNOWN || before.load <= ref);
            for (uint8_t r = 1; r < 8; r++) {
                lw_dose d = dose(s, "lift", r, LW_PART_FULL);
                if (d.load == LW_UNKNOWN) {
                    continue;
                }
                assert_true(d.load >= before.load);
                assert_true((int64_t)d.load * 100 <= (int64_t)before.load * 110);
                assert_true(d.load == before.load || d.depth_deg == before.depth_deg);
                assert_true((d.load - 500) % step == 0);
                before = d;
            }
        }
    }
}

/* A load that no weight answers is answered by one repetition, five at most. */
static void blocked_loads_become_repetitions(void **state) {
    (void)state;
    lw_state *s = lifter();
    give_list(s, coarse, 3);
    lw_dose d = dose(s, "lift", 1, LW_PART_FULL);
    assert_int_equal(d.reps, 10);
    assert_false(d.equipment);
    d = dose(s, "lift", 2, LW_PART_FULL);
    assert_int_equal(d.load, 2000);
    assert_int_equal(d.reps, 11);
    assert_int_equal(d.raises, LW_VAR_REPS);
    assert_true(d.equipment);
    assert_int_equal(dose(s, "lift", 3, LW_PART_FULL).reps, 12);
    assert_int_equal(dose(s, "lift", 5, LW_PART_FULL).reps, 13); // "10 reps" is passed already: one more
    assert_int_equal(dose(s, "lift", 7, LW_PART_FULL).reps, 13); // eight and five are the end
}

/* A rung that asks for more repetitions than those that stood for a weight is the protocol's own again. */
static void own_repetitions_come_back(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"  level 3   12 reps, load 115 %\n", "  level 3   18 reps\n  level 4   20 reps\n"});
    lw_state *s = ready_with(p);
    use(s, "curl", 0, 2)->load_ref = 1000;
    weights = (lw_load){.min_x100 = 1000, .step_x100 = 500, .implement = LW_EQUIPMENT_MACHINE};
    started_loads.loads = (lw_loads){&weights, 1};
    s->loads_started = &started_loads;
    assert_int_equal(dose(s, "curl", 1, LW_PART_FULL).reps, 16);
    assert_true(dose(s, "curl", 1, LW_PART_FULL).equipment);
    assert_int_equal(dose(s, "curl", 2, LW_PART_FULL).reps, 18);
    assert_false(dose(s, "curl", 2, LW_PART_FULL).equipment);
    assert_int_equal(dose(s, "curl", 3, LW_PART_FULL).reps, 20);
}

static void rungs_without_a_difference_are_passed_over(void **state) {
    (void)state;
    lw_state *s = lifter();
    give_list(s, coarse, 3);
    uint8_t lift = exercise_of(s->protocol, "lift");
    uint8_t rung = 6;
    uint8_t part = LW_PART_FULL;
    // 13 repetitions at 80 degrees: the last rung asks for nothing else
    assert_false(lw__step_up(s, lift, &rung, &part));
    assert_int_equal(rung, 6);
    rung = 4;
    assert_true(lw__step_up(s, lift, &rung, &part));
    assert_int_equal(rung, 5);

    // five repetitions at most: of two rungs that end alike the second is passed over
    lw_protocol *p = MINI_WITH({"3 sets, 8 reps, load 100 %", "3 sets, 5 reps, load 100 %"});
    s = ready_with(p);
    use(s, "lift", 0, 2)->load_ref = 2000;
    give_list(s, coarse, 3);
    rung = 1; // 10 reps: already the most
    assert_true(lw__step_up(s, lift, &rung, &part));
    assert_int_equal(rung, 4); // both loads above are blocked and nothing can be added: the depth
}

static void parts_come_back_before_rungs(void **state) {
    (void)state;
    lw_state *s = ready();
    uint8_t hold = exercise_of(s->protocol, "hold");
    uint8_t rung = 2;
    uint8_t part = LW_PART_HALF;
    assert_true(lw__step_up(s, hold, &rung, &part));
    assert_int_equal(part, LW_PART_RETURN);
    assert_true(lw__step_up(s, hold, &rung, &part));
    assert_int_equal(part, LW_PART_FULL);
    assert_int_equal(rung, 2);
    assert_true(lw__step_up(s, hold, &rung, &part));
    assert_int_equal(rung, 3);
    assert_false(lw__step_up(s, hold, &rung, &part));
}

/* A weight is meant and none was logged: nothing rises. Without any implement repetitions may. */
static void nothing_rises_before_a_weight_is_logged(void **state) {
    (void)state;
    lw_state *s = ready();
    uint8_t lift = exercise_of(s->protocol, "lift");
    uint8_t rung = 0;
    uint8_t part = LW_PART_FULL;
    assert_true(dose(s, "lift", 0, LW_PART_FULL).load_meant);
    assert_int_equal(dose(s, "lift", 0, LW_PART_FULL).load, LW_UNKNOWN);
    assert_false(lw__step_up(s, lift, &rung, &part));
    s->equipment = 1u << LW_EQUIPMENT_BENCH;
    assert_false(dose(s, "lift", 0, LW_PART_FULL).load_meant);
    assert_true(lw__step_up(s, lift, &rung, &part));
    assert_int_equal(rung, 1);
    s->machine[lift].load_ref = 2000; // lifted once, and the bar is gone: repetitions stand for every load
    assert_int_equal(dose(s, "lift", 2, LW_PART_FULL).reps, 11);
    assert_int_equal(dose(s, "lift", 2, LW_PART_FULL).load, LW_UNKNOWN);
    // an exercise without weight needs none
    assert_true(lw__step_up(s, exercise_of(s->protocol, "hold"), &rung, &part));
}

/* An implement that no rung counts on carries no load of the plan's. */
static void implements_without_a_load(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    uint8_t lift = exercise_of(p, "lift");
    p->exercises[lift].rungs[0].load_pct = 0;
    use(s, "lift", 0, 2)->load_ref = 2000;
    lw_dose d = dose(s, "lift", 0, LW_PART_FULL);
    assert_int_equal(d.load, LW_UNKNOWN);
    assert_false(d.load_meant);
    assert_int_equal(dose(s, "lift", 2, LW_PART_FULL).reps, 11);
}

/* A rung that is only faster is not equal to the one below. */
static void speed_alone_is_a_difference(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"  level 3   2 sets, speed 70 %\n", "  level 3   speed 70 %\n"});
    lw_state *s = ready_with(p);
    uint8_t rung = 1;
    uint8_t part = LW_PART_FULL;
    assert_true(lw__step_up(s, exercise_of(p, "stride"), &rung, &part));
    assert_int_equal(rung, 2);
}

static void lowering_ends_at_half_of_the_first_rung(void **state) {
    (void)state;
    lw_machine m = {.rung = 1, .part = LW_PART_FULL};
    assert_true(lw__step_down(&m));
    assert_int_equal(m.rung, 0);
    assert_int_equal(m.part, LW_PART_FULL);
    assert_true(lw__step_down(&m));
    assert_true(lw__step_down(&m));
    assert_int_equal(m.part, LW_PART_HALF);
    assert_false(lw__step_down(&m));
    assert_int_equal(m.part, LW_PART_HALF);
}

static void parts_cut_sets_or_what_is_in_one(void **state) {
    (void)state;
    lw_state *s = ready();
    assert_int_equal(dose(s, "hold", 0, LW_PART_RETURN).sets, 2);
    assert_int_equal(dose(s, "hold", 0, LW_PART_HALF).sets, 1);
    assert_int_equal(dose(s, "hold", 0, LW_PART_HALF).hold_s, 20);
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_RETURN).sets, 1);
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_RETURN).hold_s, 7);
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_HALF).hold_s, 5);
    // what is shown weighs what it is
    assert_int_equal(dose(s, "hold", 0, LW_PART_RETURN).tension, 2 * 2 * 1000);
    // both sides sore: once more
    s->sides = 3;
    assert_int_equal(dose(s, "hold", 0, LW_PART_FULL).sets, 2);
    assert_int_equal(dose(s, "hold", 2, LW_PART_RETURN).sets, 1);
    assert_int_equal(dose(s, "hop", 0, LW_PART_HALF).sets, 1);
    assert_int_equal(dose(s, "hop", 0, LW_PART_HALF).contacts, 7);
    assert_int_equal(dose(s, "stride", 0, LW_PART_HALF).distance_m, 28);
    assert_int_equal(dose(s, "squat", 0, LW_PART_HALF).reps, 4);
    // never to nothing
    lw_protocol *p = MINI_WITH({"1 set, hold 10 s", "1 set, 1 reps, hold 1 s"});
    s = ready_with(p);
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_HALF).hold_s, 1);
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_HALF).reps, 1);
    assert_int_equal(dose(s, "squeeze", 0, LW_PART_HALF).contacts, 0);
}

static void irritable_tendons_begin_with_half(void **state) {
    (void)state;
    lw_state *s = ready();
    s->irritability = LW_IRRITABILITY_HIGH;
    assert_int_equal(lw__first_part(s), LW_PART_HALF);
    s->irritability = LW_IRRITABILITY_MODERATE;
    assert_int_equal(lw__first_part(s), LW_PART_FULL);
    s->irritability = LW_IRRITABILITY_LOW;
    assert_int_equal(lw__first_part(s), LW_PART_FULL);
}

static void equipment_is_all_of_and_one_of(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"needs anchor", "needs anchor and mat"});
    lw_state *s = ready_with(p);
    uint8_t nordic = exercise_of(p, "nordic");
    uint8_t curl = exercise_of(p, "curl");
    s->equipment = 1u << LW_EQUIPMENT_ANCHOR;
    assert_false(lw__equipped(s, nordic));
    s->equipment |= 1u << LW_EQUIPMENT_MAT;
    assert_true(lw__equipped(s, nordic));
    assert_false(lw__equipped(s, curl));
    s->equipment = 1u << LW_EQUIPMENT_BAND;
    assert_true(lw__equipped(s, curl));
    s->equipment = 1u << LW_EQUIPMENT_MACHINE;
    assert_true(lw__equipped(s, curl));
    s->equipment = 0;
    assert_true(lw__equipped(s, exercise_of(p, "hold")));
}

/* The implement that carries the load: the exercise's own, else another that it needs and that is a weight. */
static void implements_that_carry_a_load(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"needs bench   load barbell", "needs dumbbell or barbell or band   load barbell"});
    lw_state *s = ready_with(p);
    s->equipment = 1u << LW_EQUIPMENT_DUMBBELL;
    assert_true(dose(s, "lift", 0, LW_PART_FULL).load_meant);
    s->equipment = 1u << LW_EQUIPMENT_BAND; // a band has no kilograms
    assert_false(dose(s, "lift", 0, LW_PART_FULL).load_meant);
    s->equipment = 1u << LW_EQUIPMENT_KETTLEBELL; // not for this exercise
    assert_false(dose(s, "lift", 0, LW_PART_FULL).load_meant);
    p->exercises[exercise_of(p, "lift")].loaded = 1 + LW_EQUIPMENT_BAND;
    s->equipment = 1u << LW_EQUIPMENT_BAND;
    assert_false(dose(s, "lift", 0, LW_PART_FULL).load_meant);
    assert_int_equal(lw__load_at_most(s, exercise_of(p, "lift"), 5000), 0);
    assert_int_equal(lw__load_at_most(s, exercise_of(p, "hold"), 5000), 0);
}

static void weights_at_hand(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    lw_state *s = ready_with(p);
    uint8_t lift = exercise_of(p, "lift");
    // nothing said: the protocol's grain
    assert_int_equal(lw__load_at_most(s, lift, 2349), 2250);
    p->params[LW_PARAM_LOAD_GRAIN] = 0;
    assert_int_equal(lw__load_at_most(s, lift, 2349), 2349);
    // a list in any order; lighter than the lightest is none
    static const int32_t jumbled[] = {3000, 2500, 2000};
    give_list(s, jumbled, 3);
    assert_int_equal(lw__load_at_most(s, lift, 2999), 2500);
    assert_int_equal(lw__load_at_most(s, lift, 1999), 0);
    // from a least in steps
    give_steps(s, 1000, 400);
    assert_int_equal(lw__load_at_most(s, lift, 999), 0);
    assert_int_equal(lw__load_at_most(s, lift, 1000), 1000);
    assert_int_equal(lw__load_at_most(s, lift, 1799), 1400);
    // an empty list: nothing at hand
    give_list(s, NULL, 0);
    assert_int_equal(lw__load_at_most(s, lift, 5000), 0);
    // weights of another implement say nothing about this one
    weights.implement = LW_EQUIPMENT_MACHINE;
    p->params[LW_PARAM_LOAD_GRAIN] = 250;
    assert_int_equal(lw__load_at_most(s, lift, 2349), 2250);
    // the settings' list stands before the start's
    static const lw_load ones = {.min_x100 = 100, .step_x100 = 100, .implement = LW_EQUIPMENT_BARBELL};
    settings_loads.loads = (lw_loads){&ones, 1};
    s->loads_settings = &settings_loads;
    assert_int_equal(lw__load_at_most(s, lift, 2349), 2300);
}

/* Somebody whose lightest weight is heavier than what was logged first: without weight, and no load to rise from. */
static void too_heavy_a_rack(void **state) {
    (void)state;
    lw_state *s = lifter();
    static const int32_t heavy[] = {4000};
    give_list(s, heavy, 1);
    lw_dose d = dose(s, "lift", 2, LW_PART_FULL);
    assert_int_equal(d.load, LW_UNKNOWN);
    assert_int_equal(d.reps, 11);
    assert_true(d.equipment);
    assert_int_equal(d.tension, 3 * 11 * 1000);
}

static void meeting_a_dose_needs_all_of_it(void **state) {
    (void)state;
    const lw_dose asked = {.sets = 3,
                           .reps = 8,
                           .hold_s = 20,
                           .contacts = 10,
                           .distance_m = 40,
                           .speed_pct = 60,
                           .depth_deg = 30,
                           .load = 2000};
    const lw_done whole = {.sets = 3,
                           .reps = 8,
                           .hold_s = 20,
                           .contacts = 10,
                           .distance_m = 40,
                           .speed_pct = 60,
                           .depth_deg = 30,
                           .load = 2000,
                           .any = true};
    assert_true(lw__done_meets(&whole, &asked));
    lw_done d = whole;
    d.any = false;
    assert_false(lw__done_meets(&d, &asked));
    d = whole;
    d.sets = 2;
    assert_false(lw__done_meets(&d, &asked));
    d = whole;
    d.reps = 7;
    assert_false(lw__done_meets(&d, &asked));
    d = whole;
    d.hold_s = 19;
    assert_false(lw__done_meets(&d, &asked));
    d = whole;
    d.contacts = 9;
    assert_false(lw__done_meets(&d, &asked));
    d = whole;
    d.distance_m = 39;
    assert_false(lw__done_meets(&d, &asked));
    d = whole;
    d.speed_pct = 59;
    assert_false(lw__done_meets(&d, &asked));
    d = whole;
    d.depth_deg = 29;
    assert_false(lw__done_meets(&d, &asked));
    d.depth_deg = LW_UNKNOWN; // nobody wrote it: as asked
    assert_true(lw__done_meets(&d, &asked));
    d = whole;
    d.load = 1999;
    assert_false(lw__done_meets(&d, &asked));
    d.load = LW_UNKNOWN;
    assert_false(lw__done_meets(&d, &asked));
    lw_dose without = asked;
    without.load = LW_UNKNOWN;
    assert_true(lw__done_meets(&d, &without));
}

/* What was done weighs what its depth and its weight weigh. */
static void done_loads_follow_depth_and_weight(void **state) {
    (void)state;
    lw_state *s = lifter();
    uint8_t lift = exercise_of(s->protocol, "lift");
    s->machine[lift].rung = 4; // 60 degrees
    lw_done d = {.volume = 10, .load = 2000, .depth_deg = LW_UNKNOWN, .any = true};
    int32_t tension;
    int32_t compression;
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 1500);
    assert_int_equal(compression, 10 * 500);
    d.depth_deg = 30;
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 1000);
    assert_int_equal(compression, 0);
    d.depth_deg = 0; // less than the first rung: the first rung
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 1000);
    d.depth_deg = 120;
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 2000);
    d.load = 3000;
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 3000);
    assert_int_equal(compression, 10 * 1500);
    d.load = 50000; // more than tenfold counts as tenfold
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 20000);
    // a weight without a first one to compare with, and none at all: as the protocol says
    s->machine[lift].load_ref = LW_UNKNOWN;
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 2000);
    d.load = LW_UNKNOWN;
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 2000);
    // a weight on an exercise without weights changes nothing
    uint8_t hold = exercise_of(s->protocol, "hold");
    d.load = 3000;
    lw__done_load(s, hold, &d, &tension, &compression);
    assert_int_equal(tension, 10 * 1000);
    // sums stay inside their numbers
    d.volume = INT32_MAX;
    lw__done_load(s, lift, &d, &tension, &compression);
    assert_int_equal(tension, 1000000000);
    assert_int_equal(compression, 1000000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rungs_are_the_protocols),
        cmocka_unit_test(held_repetitions_count),
        cmocka_unit_test(loads_round_down_and_rise_a_tenth),
        cmocka_unit_test(the_next_weight_within_a_tenth),
        cmocka_unit_test(no_step_is_too_large),
        cmocka_unit_test(blocked_loads_become_repetitions),
        cmocka_unit_test(own_repetitions_come_back),
        cmocka_unit_test(rungs_without_a_difference_are_passed_over),
        cmocka_unit_test(parts_come_back_before_rungs),
        cmocka_unit_test(nothing_rises_before_a_weight_is_logged),
        cmocka_unit_test(implements_without_a_load),
        cmocka_unit_test(speed_alone_is_a_difference),
        cmocka_unit_test(lowering_ends_at_half_of_the_first_rung),
        cmocka_unit_test(parts_cut_sets_or_what_is_in_one),
        cmocka_unit_test(irritable_tendons_begin_with_half),
        cmocka_unit_test(equipment_is_all_of_and_one_of),
        cmocka_unit_test(implements_that_carry_a_load),
        cmocka_unit_test(weights_at_hand),
        cmocka_unit_test(too_heavy_a_rack),
        cmocka_unit_test(meeting_a_dose_needs_all_of_it),
        cmocka_unit_test(done_loads_follow_depth_and_weight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
