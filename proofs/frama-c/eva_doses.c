/*
 * eva_doses.c: doses, their caps and the week's sums over whole ranges of states and protocols, for Frama-C's Eva
 * (eva.sh). No compiler ever sees it.
 *
 * What the compiler lets a protocol say and the record a person is the range of each number; what the fold keeps (the
 * sums of load, the days) is the range that valid_state states. The exercise is the last of the table.
 */
#include "__fc_builtin.h"

#include "engine/decide.c"
#include "engine/dose.c"

enum { LAST = LW_MAX_EXERCISES - 1, EQUIPMENT = LW_EQUIPMENT_HILL + 1 };

static lw_protocol protocol;
static lw_state state;
static struct lw_ev_started started;
static lw_load weights;
static int32_t kilograms[3];

#define ANY(low, high) Frama_C_interval(low, high)

/* Ranges of exercise.c (rung_items, counted). */
static void any_rung(lw_rung *r) {
    r->sets = (uint8_t)ANY(0, 12);
    r->reps = (uint8_t)ANY(0, 60);
    r->bouts = (uint8_t)ANY(1, 6);
    r->raises = (uint8_t)ANY(LW_VAR_NONE, LW_VAR_BOUTS);
    r->hold_s = (uint16_t)ANY(0, 120);
    r->rest_s = (uint16_t)ANY(0, 600);
    r->distance_m = (uint16_t)ANY(0, 400);
    r->contacts = (uint16_t)ANY(0, 200);
    r->speed_pct = (uint8_t)ANY(0, 100);
    r->depth_deg = (uint8_t)ANY(0, 140);
    r->class_ = (uint8_t)ANY(0, 3);
    r->load_pct = (uint16_t)ANY(0, 400);
    r->effort_max = (uint16_t)ANY(0, 1000);
    r->tension = ANY(0, 30000);
    r->compression = ANY(0, 30000);
}

/* Ranges of vocabulary.h. */
static void any_protocol(void) {
    lw_exercise *e = &protocol.exercises[LAST];
    e->loaded = (uint8_t)ANY(0, EQUIPMENT);
    e->needs = (uint32_t)ANY(0, (1 << EQUIPMENT) - 1);
    e->needs_any = (uint32_t)ANY(0, (1 << EQUIPMENT) - 1);
    e->rung_count = (uint8_t)ANY(1, LW_MAX_RUNGS);
    for (uint32_t i = 0; i < LW_MAX_RUNGS; i++) {
        any_rung(&e->rungs[i]);
    }
    protocol.params[LW_PARAM_RISE_LOAD] = ANY(1, 10);
    protocol.params[LW_PARAM_WEEK_SUM] = ANY(100, 120);
    protocol.params[LW_PARAM_LOAD_GRAIN] = ANY(0, 500);
    protocol.params[LW_PARAM_RETURN_DOSE] = ANY(30, 70);
    protocol.params[LW_PARAM_HIGH_CUT] = ANY(30, 100);
    protocol.params[LW_PARAM_BOTH_SIDES_CUT] = ANY(50, 100);
    protocol.params[LW_PARAM_EFFORT_MAX] = ANY(0, 1000);
}

static void any_state(void) {
    any_protocol();
    state.protocol = &protocol;
    state.day = ANY(0, 2932896);
    state.start_day = ANY(-719162, 2932896);
    state.equipment = (uint32_t)ANY(0, (1 << EQUIPMENT) - 1);
    state.sides = (uint8_t)ANY(0, 3);
    state.machine[LAST].load_ref = ANY(0, 1) ? LW_UNKNOWN : ANY(0, 50000);
    state.machine[LAST].rung = (uint8_t)ANY(0, LW_MAX_RUNGS - 1);
    state.machine[LAST].used = ANY(0, 1);
    state.limit_count = (uint8_t)ANY(0, LW_MAX_LIMITS);
    for (uint32_t i = 0; i < LW_MAX_LIMITS; i++) {
        state.limits[i].exercise = (uint8_t)ANY(0, 255);
        state.limits[i].variable = (uint8_t)ANY(0, 255);
        state.limits[i].max = ANY(0, INT32_MAX);
        state.limits[i].until = ANY(INT32_MIN, INT32_MAX);
    }
    for (uint32_t i = 0; i < LW_RING; i++) {
        state.tension[i] = ANY(0, 1000000000);
        state.compression[i] = ANY(0, 1000000000);
    }
    for (uint32_t i = 0; i < 3; i++) {
        kilograms[i] = ANY(0, 50000);
    }
    weights.implement = (uint8_t)ANY(0, EQUIPMENT - 1);
    weights.count = (uint32_t)ANY(0, 3);
    weights.items_x100 = kilograms;
    weights.min_x100 = ANY(0, 50000);
    weights.step_x100 = ANY(0, 50000);
    started.loads.items = &weights;
    started.loads.count = (uint32_t)ANY(0, 1);
    state.loads_started = ANY(0, 1) ? &started : NULL;
}

static lw_dose any_dose(void) {
    return (lw_dose){.rung = (uint8_t)ANY(0, LW_MAX_RUNGS - 1),
                     .part = (uint8_t)ANY(0, 2),
                     .sets = (uint8_t)ANY(0, 12),
                     .reps = (uint8_t)ANY(0, 65),
                     .bouts = (uint8_t)ANY(0, 6),
                     .speed_pct = (uint8_t)ANY(0, 100),
                     .depth_deg = (uint8_t)ANY(0, 140),
                     .class_ = (uint8_t)ANY(0, 3),
                     .hold_s = (uint16_t)ANY(0, 120),
                     .distance_m = (uint16_t)ANY(0, 400),
                     .contacts = (uint16_t)ANY(0, 200),
                     .load = ANY(0, 1) ? LW_UNKNOWN : ANY(0, 1000000),
                     .tension = ANY(0, INT32_MAX),
                     .compression = ANY(0, INT32_MAX)};
}

/* The dose of any rung and part, for any first load and any weights at hand. */
void eva_dose(void) {
    lw_dose dose;
    any_state();
    uint8_t rung = (uint8_t)ANY(0, LW_MAX_RUNGS - 1);
    uint8_t part = (uint8_t)ANY(0, 2);
    if (ANY(0, 1)) {
        protocol.exercises[LAST].rungs[0].load_pct = 0;
        lw__dose_at(&state, LAST, rung, part, &dose);
    } else {
        protocol.exercises[LAST].rungs[0].load_pct = (uint16_t)ANY(1, 400);
        lw__dose_at(&state, LAST, rung, part, &dose);
    }
    (void)lw__load_at_most(&state, LAST, ANY(0, INT32_MAX));
}

/* Any dose under any limits and any four weeks before. */
void eva_caps(void) {
    static lw_allow allow;
    static lw_decision decision;
    any_state();
    lw_dose dose = any_dose();
    uint8_t cap = LW_CAP_NONE;
    allow.class_max = (uint8_t)ANY(0, 3);
    (void)fitting_rung(&state, &allow, LAST, ANY(0, LW_MAX_RUNGS - 1));
    (void)week_allows(&state, &dose);
    decision.count = (uint8_t)ANY(0, LW_MAX_ITEMS_PLAN);
    for (uint32_t i = 0; i < LW_MAX_ITEMS_PLAN; i++) {
        decision.items[i].exercise = LAST;
        decision.items[i].dose = any_dose();
    }
    weekly_cap(&state, &decision);
    apply_limits(&state, LAST, &dose, &cap);
}
