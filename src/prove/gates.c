/*
 * gates.c: every rule over every class of the facts it reads.
 *
 * A fact is cut into classes by the numbers that any of the rules and requirements at hand compare it with: each number,
 * one below and one above it, and "not known". A condition cannot tell two values of one class apart, so walking one value
 * of each class in every combination walks everything; nothing is sampled. "On N of M days" is walked as a value and how
 * many of the latest days had it. The evaluation is the shipped one (rules.c).
 *
 * Facts are taken as independent of each other. Some combinations cannot happen (settled, with three unsettled mornings):
 * what fails only there would be reported all the same, which errs to the careful side.
 */
#include "protocol/vocabulary_names.h"
#include "prove/walk.h"

enum {
    VARS = 16,
    VALUES = 40,
    PARTS = 32,            /* groups of one rule */
    COMBINATIONS = 4000000 /* of one requirement; more is answered as not decided */
};

typedef struct asked { /* a condition of requirements.h */
    bool given;
    uint8_t fact, op, on, of; /* on 0: today */
    int32_t value;
    bool is_param;
} asked;

typedef struct owed {
    uint8_t property, action;
    int8_t least; /* −1 any */
    bool duty;
    const char *source;
    asked condition, also, also_or; /* a gate's `unless` (either lifts it), a duty's `and` */
} owed;

/* clang-format off */
#define STAGE_ECCENTRIC LW_STAGE_ECCENTRIC
#define STAGE_STRENGTH LW_STAGE_STRENGTH
#define STAGE_PLYOMETRIC LW_STAGE_PLYOMETRIC
#define STAGE_MAINTENANCE LW_STAGE_MAINTENANCE
#define FLARE_MINOR 1
#define FLARE_MAJOR 2
#define REVIEW_URGENT 1
#define SW_FORBID LW_SW_FORBID
#define SW_CLINICIAN LW_SW_CLINICIAN
#define SW_CLOSE LW_SW_CLOSE
#define SW_POSTPONE LW_SW_POSTPONE
#define SW_WAIT LW_SW_WAIT
#define SW_OFFER LW_SW_OFFER
#define CAP_QUIET LW_CAP_QUIET
#define CAP_EVE LW_CAP_EVE
#define CAP_SILENCE LW_CAP_SILENCE
#define CAP_MISSING LW_CAP_MISSING
#define CAP_RETURN LW_CAP_RETURN
#define ANY (-1)
#define LW_FACT_TEST_RDL (LW_FACT_TEST + LW_TEST_RDL)
#define LW_FACT_TEST_LUNGE (LW_FACT_TEST + LW_TEST_LUNGE)
#define LW_FACT_TEST_ARABESQUE (LW_FACT_TEST + LW_TEST_ARABESQUE)
#define LW_FACT_TEST_BRIDGE_SINGLE (LW_FACT_TEST + LW_TEST_BRIDGE_SINGLE)
#define LW_FACT_TEST_DROP_LUNGE (LW_FACT_TEST + LW_TEST_DROP_LUNGE)
#define LW_FACT_TEST_HOP (LW_FACT_TEST + LW_TEST_HOP)
#define TODAY 0, 0
#define ON(n, m) n, m
#define NEVER {.given = false}
#define ALWAYS_SO {.given = false}
#define PARAM(name) -LW_PARAM_##name - 1000
#define C(fact, op, value, ...) C_(fact, op, value, __VA_ARGS__)
#define C_(fact, op, value, on, of) {true, LW_FACT_##fact, LW_OP_##op, on, of, value, (value) <= -1000}
#define OR2(a, b) a, .also_or = b
#define GATE(property_, source_, action_, least_, condition_, ...) \
    {.property = LW_PROPERTY_##property_, .action = LW_ACTION_##action_, .least = least_, .duty = false, .source = source_, \
     .condition = condition_, .also = __VA_ARGS__},
#define DUTY(property_, source_, action_, least_, condition_, ...) \
    {.property = LW_PROPERTY_##property_, .action = LW_ACTION_##action_, .least = least_, .duty = true, .source = source_, \
     .condition = condition_, .also = __VA_ARGS__},
/* clang-format on */

static const owed all_owed[] = {LW_GATES(GATE) LW_DUTIES(DUTY)};

enum { OWED = sizeof(all_owed) / sizeof(all_owed[0]) };

static const int32_t bounds[LW__BOUND_COUNT] = {
#define X(name, value) [LW__##name] = (value),
    LW_LEAST_AND_MOST(X)
#undef X
};

int32_t lw__bound_of(lw__bound bound) {
    return bounds[bound];
}

typedef struct var {
    uint8_t fact;
    bool windowed;
    uint8_t count; /* of values */
    uint8_t days;  /* most days of a window on it */
    int32_t values[VALUES];
    uint8_t on_count;
    uint8_t on[12]; /* how many of the latest days had the value */
    uint8_t at, at_on;
} var;

typedef struct gates {
    uint32_t next; /* requirement, then rule */
    var vars[VARS];
    uint32_t var_count;
    const lw_state *rest; /* the facts that are not walked now */
    uint8_t part[PARTS];  /* of the rule's groups: groups that share a fact are of one part */
    uint8_t parts;
} gates;

static int32_t number_of(const lw_prover *p, const asked *a) {
    return a->is_param ? p->protocol->params[-a->value - 1000] : a->value;
}

static var *var_of(gates *g, uint8_t fact) {
    for (uint32_t i = 0; i < g->var_count; i++) {
        if (g->vars[i].fact == fact) {
            return &g->vars[i];
        }
    }
    if (g->var_count == VARS) {
        return NULL;
    }
    var *v = &g->vars[g->var_count++];
    *v = (var){.fact = fact, .count = 1, .values = {LW_UNKNOWN}, .on_count = 1, .on = {0}};
    uint8_t unit = lw__fact_unit(fact);
    if (unit == LW_UNIT_BOOL || unit == LW_UNIT_WORD) {
        uint32_t words = unit == LW_UNIT_BOOL ? 2 : lw__fact_words(fact);
        for (uint32_t k = 0; k < words && v->count < VALUES; k++) {
            v->values[v->count++] = (int32_t)k * (fact >= LW_FACT_TEST ? 1000 : 1);
        }
    }
    return v;
}

static void add_value(var *v, int32_t value) {
    if (value < lw__fact_least(v->fact) || value > lw__fact_most(v->fact)) {
        return;
    }
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->values[i] == value) {
            return;
        }
    }
    if (v->count < VALUES) {
        v->values[v->count++] = value;
    }
}

static void add_on(var *v, uint8_t on) {
    uint32_t i = 0;
    while (i < v->on_count && v->on[i] != on) {
        i++;
    }
    if (i == v->on_count && i < sizeof(v->on)) {
        v->on[i] = on;
        v->on_count++;
    }
}

/* Cuts a fact at one comparison. False: more facts than can be walked together. */
static bool cut(gates *g, uint8_t fact, uint8_t op, int32_t value, uint8_t on, uint8_t of) {
    var *v = var_of(g, fact);
    if (v == NULL) {
        return false;
    }
    uint8_t unit = lw__fact_unit(fact);
    if (unit != LW_UNIT_BOOL && unit != LW_UNIT_WORD) {
        bool compares = op != LW_OP_KNOWN && op != LW_OP_UNKNOWN;
        add_value(v, compares ? value : lw__fact_least(fact));
        if (compares) {
            add_value(v, value - 1);
            add_value(v, value + 1);
        }
    }
    if (on > 0) {
        v->windowed = true;
        v->days = of > v->days ? of : v->days;
        add_on(v, on);
        add_on(v, (uint8_t)(on - 1));
        add_on(v, of);
    } else {
        add_on(v, 1);
    }
    return true;
}

static bool cut_by_rule(gates *g, const lw_protocol *p, const lw_rule *rule) {
    for (int32_t i = 0; i < rule->group_count; i++) {
        const lw_group *group = &p->groups[rule->group_first + i];
        for (int32_t k = 0; k < group->cond_count; k++) {
            const lw_cond *c = &p->conds[group->cond_first + k];
            uint8_t of = c->window == 0 ? 0 : p->windows[c->window - 1].days;
            if (!cut(g, c->fact, c->op, c->value, c->window == 0 ? 0 : c->on_days, of)) {
                return false;
            }
        }
    }
    return true;
}

static bool cut_by(gates *g, const lw_prover *p, const asked *a) {
    return !a->given || cut(g, a->fact, a->op, number_of(p, a), a->on, a->of);
}

static bool reads(const lw_protocol *p, const lw_rule *rule, uint8_t fact) {
    for (int32_t i = 0; i < rule->group_count; i++) {
        const lw_group *group = &p->groups[rule->group_first + i];
        for (int32_t k = 0; k < group->cond_count; k++) {
            if (p->conds[group->cond_first + k].fact == fact) {
                return true;
            }
        }
    }
    return false;
}

static bool compares(uint8_t op, int32_t value, int32_t with) {
    switch (op) {
    case LW_OP_AT_MOST:
        return value <= with;
    case LW_OP_AT_LEAST:
        return value >= with;
    case LW_OP_BELOW:
        return value < with;
    case LW_OP_ABOVE:
        return value > with;
    case LW_OP_IS:
        return value == with;
    default:
        return value != with;
    }
}

/* Puts the combination into the state: facts, tests, and the days that had a windowed fact's value. */
static void put(lw_prover *p, const gates *g) {
    lw_state *s = p->state;
    const lw_protocol *protocol = p->protocol;
    for (int32_t pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < g->var_count; i++) {
            const var *v = &g->vars[i];
            int32_t value = v->values[v->at];
            bool entry = v->fact >= LW_FACT_TEST + LW_TESTS;
            if (entry != (pass == 0)) {
                continue;
            }
            bool today = !v->windowed || v->on[v->at_on] > 0;
            if (v->fact < LW_FACT_TEST) {
                lw__fact_set(s, (lw_fact)v->fact, today ? value : LW_UNKNOWN, s->day);
            } else {
                int32_t test = v->fact - LW_FACT_TEST - (entry ? LW_TESTS : 0);
                s->test_day[test] = value == LW_UNKNOWN && !entry ? LW_NEVER_DAY : s->day;
                s->test[test] = value == LW_UNKNOWN && !entry ? s->test[test] : value;
            }
        }
    }
    for (int32_t w = 0; w < protocol->window_count; w++) {
        const lw_cond *c = &protocol->conds[protocol->windows[w].cond];
        for (uint32_t i = 0; i < g->var_count; i++) {
            const var *v = &g->vars[i];
            int32_t value = v->values[v->at];
            if (v->fact == c->fact && v->windowed) {
                bool met = value != LW_UNKNOWN && compares(c->op, value, c->value);
                s->windows[w] = met ? (UINT64_C(1) << v->on[v->at_on]) - 1 : 0;
            }
        }
    }
}

/* Whether a condition of requirements.h holds in the combination. */
static bool holds(const lw_prover *p, const gates *g, const asked *a) {
    for (uint32_t i = 0; a->given && i < g->var_count; i++) {
        const var *v = &g->vars[i];
        if (v->fact != a->fact) {
            continue;
        }
        int32_t value = v->values[v->at];
        if (a->op == LW_OP_UNKNOWN || value == LW_UNKNOWN) {
            return a->op == LW_OP_UNKNOWN && value == LW_UNKNOWN;
        }
        bool enough = a->on == 0 ? !v->windowed || v->on[v->at_on] > 0 : v->on[v->at_on] >= a->on;
        return enough && compares(a->op, value, number_of(p, a));
    }
    return false;
}

/* The next combination; false after the last. */
static bool advance(gates *g) {
    for (uint32_t i = 0; i < g->var_count; i++) {
        var *v = &g->vars[i];
        if (v->windowed && ++v->at_on < v->on_count) {
            return true;
        }
        v->at_on = 0;
        if (++v->at < v->count) {
            return true;
        }
        v->at = 0;
    }
    return false;
}

static uint64_t combinations(const gates *g) {
    uint64_t all = 1;
    for (uint32_t i = 0; i < g->var_count && all <= COMBINATIONS; i++) {
        all *= (uint64_t)g->vars[i].count * (g->vars[i].windowed ? g->vars[i].on_count : 1);
    }
    return all;
}

static void rewind_all(gates *g) {
    for (uint32_t i = 0; i < g->var_count; i++) {
        g->vars[i].at = g->vars[i].at_on = 0;
    }
}

/* ---- the story of a combination ---- */

/* The value of a fact in the combination, or where another part of the rule put it. */
static int32_t told(const gates *g, lw_fact fact, int32_t otherwise) {
    for (uint32_t i = 0; i < g->var_count; i++) {
        const var *v = &g->vars[i];
        if (v->fact == fact && (!v->windowed || v->on[v->at_on] > 0)) {
            return v->values[v->at];
        }
    }
    return g->rest->fact[fact] != LW_UNKNOWN ? g->rest->fact[fact] : otherwise;
}

static int32_t told_on(const gates *g, lw_fact fact) {
    for (uint32_t i = 0; i < g->var_count; i++) {
        if (g->vars[i].fact == fact && g->vars[i].windowed) {
            return g->vars[i].on[g->vars[i].at_on];
        }
    }
    return 1;
}

static bool yes(const gates *g, lw_fact fact) {
    return told(g, fact, 0) == 1;
}

static void tell_day(lw__tale *t, const char *name, int32_t day) {
    char text[16];
    lw__writer w = lw__writer_over(text, sizeof(text) - 1);
    lw__put_day(&w, day);
    lw__put_end(&w);
    lw__tale_member_raw(t, name, text);
}

/* What happened `back` days before the day in question. */
static void tell_one_day(lw__tale *t, lw_prover *p, const gates *g, int32_t back) {
    lw_state *s = p->spare;
    int32_t sw_age = told(g, LW_FACT_SW_AGE, LW_UNKNOWN);
    int32_t sw_count = told(g, LW_FACT_SW_COUNT, 1);
    int32_t steroid = told(g, LW_FACT_STEROID_AGE, LW_UNKNOWN);
    if (sw_age == LW_UNKNOWN && sw_count > 1) {
        sw_age = 7;
    }
    if (sw_age != LW_UNKNOWN && back >= sw_age && (back - sw_age) % 7 == 0 && (back - sw_age) / 7 < sw_count) {
        lw__tale_shockwave(t, 1);
    }
    if (steroid != LW_UNKNOWN && back == (steroid < 18 ? steroid : 18)) {
        lw__tale_open(t, "medicine", true, 610);
        lw__tale_member_c(t, "class", "steroid_injection");
        tell_day(t, "from", t->day + back - steroid);
        lw__tale_member_c(t, "site", "hamstring");
        lw__tale_close(t);
    }
    if (back == 0 && (yes(g, LW_FACT_PREGNANT) || yes(g, LW_FACT_CONTRA_FORBIDS) || yes(g, LW_FACT_CONTRA_CAUTION))) {
        lw__tale_open(t, "condition", true, 611);
        lw__tale_member_c(t, "code", yes(g, LW_FACT_PREGNANT) ? "C01" : yes(g, LW_FACT_CONTRA_FORBIDS) ? "C02" : "C07");
        lw__tale_member_raw(t, "present", "true");
        lw__tale_close(t);
    }
    if (back == 0 && (yes(g, LW_FACT_FLAG_STOPS) || told(g, LW_FACT_FLAG, 0) > 0)) {
        lw__tale_open(t, "symptom", false, 400);
        lw__tale_member_c(t, "flag", "RF02");
        lw__tale_close(t);
    }
    int32_t booked = told(g, LW_FACT_SW_BOOKED, LW_UNKNOWN);
    if (back == 0 && booked != LW_UNKNOWN) {
        lw__tale_open(t, "booked", true, 401);
        lw__tale_member_c(t, "what", "shockwave");
        tell_day(t, "on", t->day + booked);
        lw__tale_close(t);
    }
    int32_t silence = told(g, LW_FACT_SILENCE, 0);
    if (back < silence) {
        return;
    }
    int32_t over = told(g, LW_FACT_OVER_USUAL, LW_UNKNOWN);
    int32_t test = told(g, LW_FACT_MORNING_TEST, told(g, LW_FACT_MORNING_SINGLE, LW_UNKNOWN));
    bool high = over != LW_UNKNOWN && back < told_on(g, LW_FACT_OVER_USUAL);
    bool unsettled = back < told(g, LW_FACT_UNSETTLED, 0);
    lw__moment m = {.checkin = back > 0 || told(g, LW_FACT_CHECKIN, 1) == 1,
                    .test = back == 0 && test != LW_UNKNOWN ? test
                            : high                          ? 200 + over
                            : unsettled                     ? 400
                                                            : 200,
                    .usual = LW_UNKNOWN,
                    .night = (back == 0 && yes(g, LW_FACT_NIGHT_PAIN)) || back < told(g, LW_FACT_NIGHTS, 0),
                    .rest = back == 0 && yes(g, LW_FACT_REST_PAIN),
                    .relief = (back == 0 && yes(g, LW_FACT_PAIN_RELIEF)) || back < told(g, LW_FACT_RELIEF_DAYS, 0)};
    m.test = m.test > 1000 ? 1000 : m.test < 0 ? 0 : m.test;
    lw__tale_morning(t, &m);
    int32_t pain = told(g, LW_FACT_SESSION_PAIN, LW_UNKNOWN);
    bool red = back > 0 && back % 2 == 1 && back / 2 < told(g, LW_FACT_RED_SESSIONS, 0);
    if (back == 1 || red) {
        lw_dose dose;
        lw__dose_at(s, 0, 0, LW_PART_FULL, &dose);
        int32_t effort = told(g, LW_FACT_SESSION_EFFORT, 600);
        lw__tale_dose(t, p->protocol, 0, &dose, red ? 700 : pain != LW_UNKNOWN ? pain : 200, effort, false);
    }
    int32_t ratio = told(g, LW_FACT_RUN_RATIO, LW_UNKNOWN);
    if (ratio != LW_UNKNOWN && (back == 1 || back == 4)) {
        lw__tale_open(t, "activity", false, 1000);
        lw__tale_member_c(t, "type", "run");
        lw__tale_member(t, "minutes", 20);
        lw__tale_member_x100(t, "km", back == 4 ? 300 : 3 * ratio);
        lw__tale_member_x100(t, "pain_during", 100);
        lw__tale_close(t);
    }
}

static void tell_course(lw_prover *p, const gates *g, lw__tale *t) {
    lw__person person = lw__someone();
    int32_t weeks = told(g, LW_FACT_WEEKS, LW_UNKNOWN);
    int32_t goal = told(g, LW_FACT_GOAL, LW_UNKNOWN);
    person.weeks = weeks != LW_UNKNOWN ? (uint16_t)weeks : person.weeks;
    person.goal = goal != LW_UNKNOWN ? (uint8_t)goal : person.goal;
    person.young = told(g, LW_FACT_AGE, 39) < 18;
    person.loading_weeks = (int16_t)told(g, LW_FACT_LOADING_WEEKS, 8);
    int32_t days = told(g, LW_FACT_PROGRAMME_DAYS, 20);
    days = days < 20 || days > 120 ? 20 : days;
    lw__tale_start(t, p->protocol, &person);
    lw__fold_init(p->spare, p->protocol, &(lw_record){.count = 0});
    for (int32_t back = days; back >= 0; back--) {
        t->day = t->from + days - back;
        tell_one_day(t, p, g, back);
    }
}

static void tell(lw_prover *p, lw_prove_result *r, const gates *g) {
    lw__tale t;
    lw__story_begin(r, &t);
    tell_course(p, g, &t);
    lw__story_end(r, &t, t.day);
}

/* ---- requirements ---- */

/* What lowers also holds, and of two flares the major counts for the minor. */
static bool stands_for(uint8_t action, uint8_t wanted) {
    return action == wanted || (wanted == LW_ACTION_HOLD && (action == LW_ACTION_FLARE || action == LW_ACTION_DELOAD));
}

static bool enough(const lw_rule *rule, const owed *o) {
    if (o->least < 0) {
        return true;
    }
    bool exact = o->action == LW_ACTION_SHOCKWAVE || o->action == LW_ACTION_CAP || o->action == LW_ACTION_ADVANCE ||
                 o->action == LW_ACTION_ENTER;
    return exact ? rule->arg == o->least : rule->arg >= o->least;
}

/* A duty of shockwave is met by any word that is at least as strict. */
static bool meets(const lw_rule *rule, const owed *o) {
    if (!stands_for(rule->action, o->action)) {
        return false;
    }
    if (rule->action != o->action) {
        return true;
    }
    return o->action == LW_ACTION_SHOCKWAVE ? rule->arg <= o->least : enough(rule, o);
}

static bool touches(const lw_protocol *p, const lw_rule *rule, const owed *o) {
    return reads(p, rule, o->condition.fact) || (o->also.given && reads(p, rule, o->also.fact));
}

static void say_source(lw_prove_result *r, const owed *o, lw_str rule) {
    lw__say(r, "source", lw__str(o->source));
    if (rule.len > 0) {
        lw__say(r, "rule", rule);
    }
}

/*
 * A rule's groups fall into parts that share no fact, and the rule fires when every part does. So a part is walked while
 * the others stand at a combination that makes them true.
 */
static bool part_true(const lw_prover *p, const gates *g, const lw_rule *rule, uint8_t part) {
    bool all = true;
    for (uint16_t i = 0; i < rule->group_count; i++) {
        all = all && (g->part[i] != part || lw__groups_true(p->state, (uint16_t)(rule->group_first + i), 1));
    }
    return all;
}

static bool share(const lw_protocol *p, const lw_group *a, const lw_group *b) {
    for (int32_t i = 0; i < a->cond_count; i++) {
        for (int32_t k = 0; k < b->cond_count; k++) {
            uint8_t one = p->conds[a->cond_first + i].fact;
            uint8_t other = p->conds[b->cond_first + k].fact;
            if (one == other || (one >= LW_FACT_TEST && one + LW_TESTS == other) ||
                (other >= LW_FACT_TEST && other + LW_TESTS == one)) {
                return true;
            }
        }
    }
    return false;
}

static bool find_parts(const lw_prover *p, gates *g, const lw_rule *rule) {
    if (rule->group_count > PARTS) {
        return false;
    }
    const lw_group *groups = &p->protocol->groups[rule->group_first];
    g->parts = 0;
    for (uint16_t i = 0; i < rule->group_count; i++) {
        g->part[i] = g->parts++;
        for (uint16_t k = 0; k < i; k++) {
            if (g->part[k] != g->part[i] && share(p->protocol, &groups[i], &groups[k])) {
                uint8_t from = g->part[k];
                for (uint16_t m = 0; m <= i; m++) {
                    g->part[m] = g->part[m] == from ? g->part[i] : g->part[m];
                }
            }
        }
    }
    return true;
}

/* Adds the facts of one part. */
static bool cut_by_part(gates *g, const lw_protocol *p, const lw_rule *rule, uint8_t part) {
    bool fits = true;
    for (uint16_t i = 0; i < rule->group_count; i++) {
        if (g->part[i] == part) {
            lw_rule one = {.group_first = (uint16_t)(rule->group_first + i), .group_count = 1};
            fits = fits && cut_by_rule(g, p, &one);
        }
    }
    return fits;
}

/* Puts the state where every part is true; *never when some part cannot be. False: too large to walk. */
static bool settle(lw_prover *p, gates *g, const lw_rule *rule, bool *never) {
    lw__facts_clear(p->state);
    memset(p->state->windows, 0, sizeof(p->state->windows));
    for (int32_t i = 0; i < LW_TESTS; i++) {
        p->state->test[i] = LW_UNKNOWN;
    }
    *never = false;
    if (!find_parts(p, g, rule)) {
        return false;
    }
    for (uint8_t part = 0; part < g->parts && !*never; part++) {
        g->var_count = 0;
        if (!cut_by_part(g, p->protocol, rule, part) || combinations(g) > COMBINATIONS) {
            return false;
        }
        rewind_all(g);
        bool found = false;
        do {
            put(p, g);
            found = part_true(p, g, rule, part);
        } while (!found && advance(g));
        *never = !found;
    }
    return true;
}

static bool part_reads(const lw_prover *p, const gates *g, const lw_rule *rule, uint8_t part, const asked *a) {
    for (uint16_t i = 0; a->given && i < rule->group_count; i++) {
        lw_rule one = {.group_first = (uint16_t)(rule->group_first + i), .group_count = 1};
        if (g->part[i] == part && reads(p->protocol, &one, a->fact)) {
            return true;
        }
    }
    return false;
}

/* One gate for one rule: whenever it fires, the condition holds. */
static bool check_gate(lw_prover *p, gates *g, const owed *o, const lw_rule *rule) {
    bool never;
    if (!settle(p, g, rule, &never)) {
        return false;
    }
    g->var_count = 0;
    bool fits = cut_by(g, p, &o->condition) && cut_by(g, p, &o->also) && cut_by(g, p, &o->also_or);
    for (uint8_t part = 0; part < g->parts; part++) {
        if (part_reads(p, g, rule, part, &o->condition) || part_reads(p, g, rule, part, &o->also) ||
            part_reads(p, g, rule, part, &o->also_or)) {
            fits = fits && cut_by_part(g, p->protocol, rule, part);
        }
    }
    if (!fits || combinations(g) > COMBINATIONS) {
        return false;
    }
    rewind_all(g);
    do {
        p->walk_transitions++;
        put(p, g);
        if (!never && lw__rule_fires(p->state, rule) && !holds(p, g, &o->condition) && !holds(p, g, &o->also) &&
            !holds(p, g, &o->also_or)) {
            lw_prove_result *r = lw__broken(p, o->property, "gate");
            if (r != NULL) {
                say_source(r, o, rule->id);
                tell(p, r, g);
            }
            break;
        }
    } while (advance(g));
    return true;
}

/* One duty: whenever the condition holds, some rule that meets it fires. */
static bool check_duty(lw_prover *p, gates *g, const owed *o) {
    const lw_protocol *protocol = p->protocol;
    bool relevant[LW_MAX_RULES] = {false};
    g->var_count = 0;
    bool fits = cut_by(g, p, &o->condition) && cut_by(g, p, &o->also);
    for (int32_t i = 0; i < protocol->rule_count; i++) {
        const lw_rule *rule = &protocol->rules[i];
        if (meets(rule, o) && rule->group_count == 0) {
            return true; // always fires
        }
        relevant[i] = meets(rule, o) && touches(protocol, rule, o);
        fits = fits && (!relevant[i] || cut_by_rule(g, protocol, rule));
    }
    if (!fits || combinations(g) > COMBINATIONS) {
        return false;
    }
    rewind_all(g);
    do {
        p->walk_transitions++;
        if (!holds(p, g, &o->condition) || (o->also.given && !holds(p, g, &o->also))) {
            continue;
        }
        put(p, g);
        bool met = false;
        for (int32_t i = 0; i < protocol->rule_count && !met; i++) {
            met = relevant[i] && lw__rule_fires(p->state, &protocol->rules[i]);
        }
        if (!met) {
            lw_prove_result *r = lw__broken(p, o->property, "duty");
            if (r != NULL) {
                say_source(r, o, (lw_str){NULL, 0});
                lw__say(r, "answer", lw__action_name(o->action));
                tell(p, r, g);
            }
            break;
        }
    } while (advance(g));
    return true;
}

static bool check_owed(lw_prover *p, gates *g, const owed *o) {
    if (o->duty) {
        return check_duty(p, g, o);
    }
    bool decided = true;
    for (int32_t i = 0; i < p->protocol->rule_count; i++) {
        const lw_rule *rule = &p->protocol->rules[i];
        if (rule->action == o->action && enough(rule, o)) {
            decided = check_gate(p, g, o, rule) && decided;
        }
    }
    return decided;
}

/* ---- each rule by itself ---- */

static bool raises(uint8_t action, int32_t arg) {
    return action == LW_ACTION_ADVANCE || action == LW_ACTION_RAISE || action == LW_ACTION_RUN_OPEN ||
           action == LW_ACTION_RUN_NEXT || action == LW_ACTION_FAST_OPEN || action == LW_ACTION_SPEED_NEXT ||
           (action == LW_ACTION_ENTER && arg > 0);
}

static bool lowers(uint8_t action) {
    return action == LW_ACTION_FLARE || action == LW_ACTION_DELOAD || action == LW_ACTION_HOLD ||
           action == LW_ACTION_HOLD_STAGE || action == LW_ACTION_STOP || action == LW_ACTION_REVIEW;
}

/* Signals of a day: of these a worse value must not silence a rule that lowers. */
static bool is_signal(uint8_t fact) {
    switch (fact) {
    case LW_FACT_SESSION_PAIN:
    case LW_FACT_MORNING_TEST:
    case LW_FACT_OVER_USUAL:
    case LW_FACT_NIGHT_PAIN:
    case LW_FACT_REST_PAIN:
    case LW_FACT_UNSETTLED:
    case LW_FACT_STIFFNESS_RISING:
    case LW_FACT_PAIN_RELIEF:
    case LW_FACT_RUN_RATIO:
    case LW_FACT_STRESS:
    case LW_FACT_SLEEP:
    case LW_FACT_FLAG_STOPS:
        return true;
    default:
        return false;
    }
}

static bool worse(uint8_t fact, int32_t a, int32_t b) {
    return lw__fact_direction(fact) == LW_DIRECTION_HIGH_WORSE ? a > b : a < b;
}

/*
 * P1a and P1b for one rule: what raises and fires on a worse value fires on the better one; what lowers and fires on the
 * better fires on the worse; what raises and fires without a fact fires with it, whatever it is. P12: it fires at all.
 * P15: asked twice, the same.
 */
static void check_part(lw_prover *p, gates *g, const lw_rule *rule, bool up) {
    rewind_all(g);
    do {
        put(p, g);
        p->walk_transitions++;
        bool fires = lw__rule_fires(p->state, rule);
        if (fires != lw__rule_fires(p->state, rule)) {
            (void)lw__broken(p, LW_PROPERTY_EQUAL, "unequal");
        }
        for (uint32_t i = 0; fires && i < g->var_count; i++) {
            var *v = &g->vars[i];
            uint8_t at = v->at;
            int32_t value = v->values[at];
            bool ordered = lw__fact_direction(v->fact) != LW_DIRECTION_NONE && (up || is_signal(v->fact));
            for (uint8_t other = 0; other < v->count; other++) {
                int32_t with = v->values[other];
                bool missing = up && value == LW_UNKNOWN && with != LW_UNKNOWN;
                bool step = ordered && value != LW_UNKNOWN && with != LW_UNKNOWN &&
                            (up ? worse(v->fact, value, with) : worse(v->fact, with, value));
                if (!missing && !step) {
                    continue;
                }
                v->at = other;
                put(p, g);
                p->walk_transitions++;
                bool still = lw__rule_fires(p->state, rule);
                v->at = at;
                put(p, g);
                lw_prove_result *r = still ? NULL
                                           : lw__broken(p, missing ? LW_PROPERTY_MISSING : LW_PROPERTY_STEP,
                                                        missing ? "raises-unknown"
                                                        : up    ? "raises-worse"
                                                                : "lowers-better");
                if (r != NULL) {
                    lw__say(r, "rule", rule->id);
                    tell(p, r, g);
                }
            }
        }
    } while (advance(g));
}

static bool check_rule(lw_prover *p, gates *g, const lw_rule *rule) {
    bool up = raises(rule->action, rule->arg);
    bool never;
    if (!settle(p, g, rule, &never)) {
        return false;
    }
    if (never) {
        lw_prove_result *r = lw__broken(p, LW_PROPERTY_REACHED, "rule-never-fires");
        if (r != NULL) {
            lw__say(r, "rule", rule->id);
        }
        return true;
    }
    for (uint8_t part = 0; part < g->parts && (up || lowers(rule->action)); part++) {
        bool again;
        g->var_count = 0;
        if (!settle(p, g, rule, &again)) {
            return false;
        }
        g->var_count = 0;
        (void)cut_by_part(g, p->protocol, rule, part);
        check_part(p, g, rule, up);
    }
    return true;
}

bool lw__tell_rule(lw_prover *p, const lw_rule *rule, lw__tale *t) {
    size_t mark = p->arena->used;
    gates *g = LW__NEW(p->arena, gates, 1);
    bool never = g == NULL;
    if (g != NULL) {
        lw__fold_init(p->state, p->protocol, &(lw_record){.count = 0});
        p->state->day = LW__TODAY;
        g->rest = p->state;
        never = !settle(p, g, rule, &never) || never;
    }
    if (!never) {
        g->var_count = 0;
        tell_course(p, g, t);
    }
    p->arena->used = mark;
    return !never;
}

/* Ceilings the engine applies have a rule that names them. */
static void check_named(lw_prover *p) {
    static const uint8_t caps[] = {
#define X(name) LW_CAP_##name,
        LW_NAMED_CAPS(X)
#undef X
    };
    static const char *const names[] = {
#define X(name) #name,
        LW_NAMED_CAPS(X)
#undef X
    };
    for (uint32_t i = 0; i < sizeof(caps); i++) {
        bool named = false;
        for (int32_t k = 0; k < p->protocol->rule_count && !named; k++) {
            named = p->protocol->rules[k].action == LW_ACTION_CAP && p->protocol->rules[k].arg == caps[i];
        }
        if (!named) {
            lw_prove_result *r = lw__broken(p, LW_PROPERTY_STUCK, "cap-unnamed");
            if (r != NULL) {
                lw__say(r, "cap", lw__str(names[i]));
            }
        }
    }
}

/* The protocol's own numbers against docs/format/plan.md. */
static void check_numbers(lw_prover *p) {
    const lw_protocol *q = p->protocol;
    static const struct {
        uint8_t param, bound, property;
        bool least; /* the parameter may not be below */
    } numbers[] = {
        {LW_PARAM_RISE_DAYS, LW__DAYS_BETWEEN_STEPS, LW_PROPERTY_ONE_THING, true},
        {LW_PARAM_RISE_LOAD, LW__LOAD_STEP_PCT, LW_PROPERTY_CAPS, false},
        {LW_PARAM_WEEK_SUM, LW__WEEK_SUM_PCT, LW_PROPERTY_WEEKLY, false},
        {LW_PARAM_RETURN_DOSE, LW__RETURN_PCT, LW_PROPERTY_FLARE, false},
        {LW_PARAM_RUN_SPIKE, LW__RUN_PCT, LW_PROPERTY_CAPS, false},
        {LW_PARAM_SILENCE_LOWER, LW__SILENCE_LOWER_DAYS, LW_PROPERTY_SILENCE, false},
        {LW_PARAM_SILENCE_STOP, LW__SILENCE_STOP_DAYS, LW_PROPERTY_SILENCE, false},
        {LW_PARAM_SILENCE_RESTART, LW__SILENCE_RESTART_DAYS, LW_PROPERTY_SILENCE, false},
        {LW_PARAM_SW_QUIET, LW__QUIET_DAYS, LW_PROPERTY_QUIET, true},
        {LW_PARAM_SW_GAP, LW__SHOCKWAVE_APART_DAYS, LW_PROPERTY_CONTRA, true},
        {LW_PARAM_MAJOR_DAYS, LW__MAJOR_FLARE_DAYS, LW_PROPERTY_FLARE, true},
        {LW_PARAM_PLYO_GAP, LW__PLYOMETRIC_APART_DAYS, LW_PROPERTY_REST, true},
    };
    for (uint32_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        int32_t value = q->params[numbers[i].param];
        int32_t bound = bounds[numbers[i].bound];
        if (numbers[i].least ? value < bound : value > bound) {
            lw_prove_result *r = lw__broken(p, (lw_property)numbers[i].property, "number");
            if (r != NULL) {
                lw__say(r, "number", lw__param_name(numbers[i].param));
                lw__say_number(p, r, "value", value);
                lw__say_number(p, r, "bound", bound);
            }
        }
    }
    for (int32_t g = 0; g < q->stage_count; g++) {
        if (q->stages[g].class_max > bounds[LW__CLASS_ISOMETRIC + g]) {
            lw_prove_result *r = lw__broken(p, LW_PROPERTY_CAPS, "stage-class");
            if (r != NULL) {
                lw__say(r, "stage", q->stages[g].id);
                lw__say_number(p, r, "value", q->stages[g].hip_max_deg);
            }
        }
    }
}

int32_t lw__walk_gates(lw_prover *p, uint32_t budget) {
    gates *g = p->memory;
    if (p->stage == 0) {
        g = p->memory = LW__NEW(p->arena, gates, 1);
        if (g == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        lw__fold_init(p->state, p->protocol, &(lw_record){.count = 0});
        p->state->day = LW__TODAY;
        g->rest = p->state;
        check_named(p);
        check_numbers(p);
        p->stage = 1;
    }
    uint64_t until = p->walk_transitions + budget;
    while (g->next < (uint32_t)OWED + p->protocol->rule_count) {
        if (p->walk_transitions >= until) {
            return 1;
        }
        p->walk_states++;
        lw__facts_clear(p->state);
        memset(p->state->windows, 0, sizeof(p->state->windows));
        bool decided = g->next < OWED ? check_owed(p, g, &all_owed[g->next])
                                      : check_rule(p, g, &p->protocol->rules[g->next - OWED]);
        if (!decided) {
            return LW_ERR_LIMIT;
        }
        g->next++;
    }
    return 0;
}
