/*
 * control.c: the control machine, walked whole, and then walked in pairs.
 *
 * A node is a whole lw_state of the shipped fold, reached by real mornings and evenings; two that agree in their key are
 * one node. The key holds every field of control that a rule which lowers, or the guard, can read again: flare and its
 * age, de-load, unsettled mornings, the windows of those rules, the last session, days since shockwave, silence. Fields
 * that only rules for rising read (tests, calm weeks, programme days) are not in it: they stand at their best in the
 * base, so control is let rise more often than it could, never less; what gates ask is walked apart (gates.c). The stage
 * does not move here; each node is judged in all five.
 *
 * A day is two steps, the morning with its check-in and the evening with its session. The classes of a morning are found
 * by asking: values of the test and of its usual that no rule and no guard can tell apart are one class.
 *
 * Pairs: from each node, by an input and by one just worse; then the same inputs for both. The worse never may more, has
 * been lowered at least as often, and waits at least as long. Two histories that differ on several days are a chain of
 * pairs that differ on one, and the order is transitive, so this is all of them.
 */
#include "engine/apply.h"
#include "prove/walk.h"

enum {
    KEY = 64,
    WIDTH = 112,    /* inputs of one step, at most */
    CLASSES = 24,   /* of the morning test */
    EXTRA = 8,      /* facts beside the fixed ones that a lowering rule reads */
    NODES = 100000, /* at most */
    HASH = 1 << 17,
    POOL = 26 * 1024 * 1024, /* words of stored states */
    PAIRS = 3000000,
    PAIR_HASH = 1 << 23,
    VERDICTS = 4096,
    EVENINGS = LW__SESSIONS,
    ROOT = 1,    /* the first node; 0 is none */
    LOWERED = 1, /* effects of a morning */
    CUT = 2,
    RESTARTED = 4
};

typedef struct morning_input {
    lw__moment m;
    bool shockwave;
} morning_input;

/* What a morning allows, in each stage. */
typedef struct verdict {
    uint8_t class_max[LW_MAX_STAGES];
    bool raise, stage1_only, heavy, deep, plyometric, fast, run, flare, any_reason;
    uint8_t sw_age, silence, flare_kind;
} verdict;

typedef struct control {
    uint32_t count, expanded;
    uint8_t (*keys)[KEY];
    uint32_t *hash, *parent, *saved, *next; /* next: NODES × WIDTH, 0 none */
    uint8_t *via, *effect;                  /* effect: NODES × WIDTH */
    verdict *verdicts;                      /* the different ones */
    uint16_t *said;                         /* of a morning: NODES × WIDTH, index of its verdict */
    uint32_t verdict_count;
    bool silent;          /* the second scope: long silence, and no shockwave */
    int32_t silence_most; /* days without a word that are told apart */
    uint64_t *pool;
    uint32_t pool_used;
    morning_input mornings[WIDTH];
    uint32_t morning_count;
    uint8_t worse[WIDTH][WIDTH]; /* [i][j]: i is just worse than j */
    uint8_t extra[EXTRA];        /* facts */
    int32_t extra_most[EXTRA];
    uint32_t extra_count;
    uint8_t windows[LW_MAX_WINDOWS]; /* of rules that lower */
    uint32_t window_count;
    int32_t sw_most; /* days since shockwave that any rule or the guard tells apart, and one */
    uint8_t probe;   /* the exercise that sessions are of */
    uint8_t probe_rung;
    uint8_t best; /* the calmest morning */
    uint8_t stage, stages;
    // pairs
    uint32_t (*pairs)[2];
    uint8_t (*pair_info)[2]; /* lowered more often by; b restarted later: days that it still waits longer */
    uint32_t *pair_hash;
    uint32_t pair_count, pair_done, pair_from;
    uint8_t *colour;
    uint32_t swing;
} control;

static bool lowers(uint8_t action) {
    return action == LW_ACTION_FLARE || action == LW_ACTION_DELOAD || action == LW_ACTION_HOLD ||
           action == LW_ACTION_EXPECTED;
}

/* Facts that the walk's inputs and key carry, and those that stand still in it: they can only hold back (gates.c asks them). */
static bool carried(uint8_t fact) {
    switch (fact) {
    case LW_FACT_SESSION_PAIN:
    case LW_FACT_MORNING_TEST:
    case LW_FACT_MORNING_SINGLE:
    case LW_FACT_PAIN_MORNING:
    case LW_FACT_OVER_USUAL:
    case LW_FACT_SETTLED:
    case LW_FACT_UNSETTLED:
    case LW_FACT_NIGHT_PAIN:
    case LW_FACT_REST_PAIN:
    case LW_FACT_PAIN_RELIEF:
    case LW_FACT_CHECKIN:
    case LW_FACT_SW_AGE:
    case LW_FACT_FLARE:
    case LW_FACT_SILENCE:
    case LW_FACT_STAGE:
    case LW_FACT_PREGNANT:
    case LW_FACT_STEROID_AGE:
    case LW_FACT_RUN_RATIO:
    case LW_FACT_RUNS_7:
    case LW_FACT_STIFFNESS_RISING:
        return true;
    default:
        return fact >= LW_FACT_TEST;
    }
}

/* What the rules that lower read: windows, further facts, and how far back shockwave matters; whether the stage does. */
static bool read_rules(control *c, const lw_protocol *p) {
    c->sw_most = p->params[LW_PARAM_SW_QUIET] + 1;
    c->stages = 1;
    for (int32_t i = 0; i < p->rule_count; i++) {
        const lw_rule *rule = &p->rules[i];
        for (int32_t g = 0; lowers(rule->action) && g < rule->group_count; g++) {
            const lw_group *group = &p->groups[rule->group_first + g];
            for (int32_t k = 0; k < group->cond_count; k++) {
                const lw_cond *cond = &p->conds[group->cond_first + k];
                if (cond->window != 0 && carried(cond->fact)) {
                    c->windows[c->window_count++] = (uint8_t)(cond->window - 1);
                }
                if (cond->fact == LW_FACT_SW_AGE && cond->value + 1 > c->sw_most) {
                    c->sw_most = cond->value + 1;
                }
                c->stages = cond->fact == LW_FACT_STAGE ? p->stage_count : c->stages;
                if (carried(cond->fact)) {
                    continue;
                }
                uint32_t at = 0;
                while (at < c->extra_count && c->extra[at] != cond->fact) {
                    at++;
                }
                if (at == EXTRA) {
                    return false;
                }
                c->extra[at] = cond->fact;
                c->extra_most[at] = cond->value + 1 > c->extra_most[at] ? cond->value + 1 : c->extra_most[at];
                c->extra_count = at == c->extra_count ? at + 1 : c->extra_count;
            }
        }
    }
    return c->window_count <= 3 && c->sw_most < 60;
}

/* ---- classes of a morning ---- */

static void set_checkin(lw_state *s, const lw__moment *m) {
    lw_today *t = &s->today;
    lw__today_clear(t);
    if (m->usual != LW_UNKNOWN) {
        s->test[LW_TEST_BRIDGE_SINGLE] = s->before[LW_TEST_BRIDGE_SINGLE] = m->usual;
        s->test_day[LW_TEST_BRIDGE_SINGLE] = s->day - 1;
    }
    if (!m->checkin) {
        return;
    }
    t->checkin = true;
    t->morning = m->test == LW_UNKNOWN ? 100 : m->test;
    t->test[LW_TEST_BRIDGE_SINGLE] = m->test;
    t->night = m->night;
    t->rest = m->rest;
    t->relief = m->relief;
}

/* One bit for each comparison that a rule or the guard makes with the morning's facts. */
static uint64_t signature(lw_state *s, const lw__moment *m) {
    const lw_protocol *p = s->protocol;
    set_checkin(s, m);
    lw__checkin_facts(s);
    uint64_t bits = s->fact[LW_FACT_SETTLED] == 1 ? 1 : 0;
    bits |= m->test <= p->params[LW_PARAM_PAIN_GREEN_MAX] ? 2 : 0;
    uint32_t at = 2;
    for (int32_t i = 0; i < p->rule_count; i++) {
        const lw_rule *rule = &p->rules[i];
        for (int32_t g = 0; lowers(rule->action) && g < rule->group_count; g++) {
            const lw_group *group = &p->groups[rule->group_first + g];
            for (int32_t k = 0; k < group->cond_count && at < 64; k++) {
                lw_cond cond = p->conds[group->cond_first + k];
                cond.window = 0;
                if (cond.fact == LW_FACT_MORNING_TEST || cond.fact == LW_FACT_OVER_USUAL ||
                    cond.fact == LW_FACT_MORNING_SINGLE || cond.fact == LW_FACT_PAIN_MORNING) {
                    bits |= (uint64_t)lw__cond_true(s, &cond) << at++;
                }
            }
        }
    }
    return bits;
}

/* Just worse: worse in one thing, and nothing known lies between. */
static bool is_worse(const morning_input *a, const morning_input *b) {
    const lw__moment *x = &a->m;
    const lw__moment *y = &b->m;
    if (a->shockwave != b->shockwave || !x->checkin || !y->checkin || x->test == LW_UNKNOWN || y->test == LW_UNKNOWN) {
        return false;
    }
    return x->test >= y->test && x->test - x->usual >= y->test - y->usual && x->night >= y->night &&
           x->rest >= y->rest && x->relief >= y->relief;
}

static bool find_mornings(control *c, lw_state *s) {
    uint64_t seen[CLASSES];
    lw__moment classes[CLASSES];
    uint32_t count = 0;
    classes[count] = (lw__moment){.checkin = true, .test = LW_UNKNOWN, .usual = LW_UNKNOWN};
    seen[count++] = ~UINT64_C(0);
    for (int32_t usual = 0; usual <= 1000; usual += 50) {
        for (int32_t test = 0; test <= 1000; test += 50) {
            lw__moment m = {.checkin = true, .test = test, .usual = usual};
            uint64_t bits = signature(s, &m);
            bool known = false;
            for (uint32_t i = 0; i < count; i++) {
                known = known || seen[i] == bits;
            }
            if (!known && count == CLASSES) {
                return false;
            }
            if (!known) {
                seen[count] = bits;
                classes[count++] = m;
            }
        }
    }
    c->mornings[c->morning_count++] = (morning_input){.m = {.test = LW_UNKNOWN, .usual = LW_UNKNOWN}};
    for (uint32_t i = 0; i < count; i++) {
        for (int32_t signs = 0; signs < 6; signs++) {
            morning_input in = {.m = classes[i]};
            in.m.night = signs % 3 == 2;
            in.m.rest = signs % 3 == 1;
            in.m.relief = signs >= 3;
            // pain relief only matters where the morning is good enough to count
            if (in.m.relief && (seen[i] & 3) != 3) {
                continue;
            }
            if (c->morning_count + 2 > WIDTH) {
                return false;
            }
            c->mornings[c->morning_count++] = in;
            if (signs == 0 && !c->silent) {
                in.shockwave = true;
                c->mornings[c->morning_count++] = in;
            }
        }
    }
    for (uint32_t i = 0; i < c->morning_count; i++) {
        for (uint32_t k = 0; k < c->morning_count; k++) {
            c->worse[i][k] = i != k && is_worse(&c->mornings[i], &c->mornings[k]);
        }
        const morning_input *in = &c->mornings[i];
        if (in->m.checkin && !in->shockwave && !in->m.night && !in->m.rest && !in->m.relief && in->m.test == 0) {
            c->best = (uint8_t)i;
        }
    }
    // covers only
    for (uint32_t i = 0; i < c->morning_count; i++) {
        for (uint32_t k = 0; k < c->morning_count; k++) {
            for (uint32_t m = 0; m < c->morning_count && c->worse[i][k] == 1; m++) {
                bool between = c->worse[i][m] != 0 && c->worse[m][k] != 0 && c->worse[m][i] == 0 && c->worse[k][m] == 0;
                c->worse[i][k] = between ? 2 : 1;
            }
        }
    }
    return true;
}

/* ---- keys ---- */

static uint8_t age(int32_t day, int32_t since, int32_t most) {
    int32_t days = day - since;
    return (uint8_t)(days < 0 || days > most ? most : days);
}

static void key_of(const control *c, const lw_state *s, uint8_t phase, uint8_t key[KEY]) {
    const int32_t *p = s->protocol->params;
    memset(key, 0, KEY);
    uint32_t n = 0;
    key[n++] = phase;
    key[n++] = s->flare;
    int32_t flare_most =
        p[LW_PARAM_MAJOR_DAYS] > p[LW_PARAM_FLARE_DAYS] ? p[LW_PARAM_MAJOR_DAYS] : p[LW_PARAM_FLARE_DAYS];
    key[n++] = s->flare == LW_FLARE_NONE ? 0 : age(s->day, s->flare_day, flare_most);
    key[n++] =
        (uint8_t)(s->deload_until >= s->day && s->deload == LW_DELOAD_WARNING ? s->deload_until - s->day + 1 : 0);
    int32_t next_unsettled = s->unsettled == 0 ? 0 : s->unsettled + (s->day - s->unsettled_day);
    key[n++] = (uint8_t)(next_unsettled > 3 ? 3 : next_unsettled);
    key[n++] = (uint8_t)(s->session_pain == LW_UNKNOWN ? 255 : s->session_pain / 100);
    key[n++] = (uint8_t)(c->silent && s->session_effort == LW_UNKNOWN);
    key[n++] = age(s->day, s->session_day, 2);
    key[n++] = (uint8_t)(s->session_pending ? 1 + s->session_green : 0);
    key[n++] = age(s->day, s->sw_day, c->sw_most);
    key[n++] = age(s->day, s->contact_day, c->silence_most);
    key[n++] = s->returning;
    for (uint32_t i = 0; i < c->window_count; i++) {
        uint64_t bits = s->windows[c->windows[i]];
        uint32_t days = s->protocol->windows[c->windows[i]].days - 1u;
        bits &= (UINT64_C(1) << days) - 1;
        memcpy(&key[n], &bits, 8);
        n += 8;
    }
    for (uint32_t i = 0; i < c->extra_count; i++) {
        int32_t value = s->fact[c->extra[i]];
        int32_t most = c->extra_most[i] > 200 ? 200 : c->extra_most[i];
        key[n++] = (uint8_t)(value == LW_UNKNOWN || value < 0 ? 255 : value > most ? most : value);
        if (c->extra[i] == LW_FACT_GREEN_SESSIONS) {
            key[n - 1] = (uint8_t)(s->green > most ? most : s->green);
        } else if (c->extra[i] == LW_FACT_CALM_DAYS) {
            key[n - 1] = (uint8_t)(s->calm_days > most ? most : s->calm_days);
        } else if (c->extra[i] == LW_FACT_HOLD_DAYS) {
            key[n - 1] = (uint8_t)(s->hold_days > most ? most : s->hold_days);
        }
    }
}

static uint32_t mix(const uint8_t key[KEY]) {
    uint64_t h = 1469598103934665603u;
    for (int32_t i = 0; i < KEY; i += 8) {
        h = (h ^ lw__load64((const char *)key + i)) * 1099511628211u;
        h ^= h >> 29;
    }
    return (uint32_t)h;
}

/* ---- nodes ---- */

enum { WORDS = sizeof(lw_state) / 8 };

/* Keeps a state as its differences from the base. */
static bool store(control *c, const lw_prover *p, const lw_state *s, uint32_t node) {
    const char *a = (const char *)p->base;
    const char *b = (const char *)s;
    c->saved[node] = c->pool_used;
    uint32_t head = c->pool_used++;
    uint32_t count = 0;
    for (uint32_t i = 0; i < WORDS; i++) {
        uint64_t word = lw__load64(b + 8 * i);
        if (word == lw__load64(a + 8 * i)) {
            continue;
        }
        if (c->pool_used + 2 > POOL) {
            return false;
        }
        c->pool[c->pool_used++] = i;
        c->pool[c->pool_used++] = word;
        count++;
    }
    c->pool[head] = count;
    return true;
}

static void load(const control *c, const lw_prover *p, uint32_t node, lw_state *s) {
    memcpy(s, p->base, sizeof(*s));
    const uint64_t *at = &c->pool[c->saved[node]];
    uint64_t count = *at++;
    for (uint64_t i = 0; i < count; i++, at += 2) {
        memcpy((char *)s + 8 * at[0], &at[1], 8);
    }
}

/* The node of a state; *fresh when it is new. Negative: no room. */
static int64_t node_of(control *c, const lw_prover *p, const lw_state *s, uint8_t phase, bool *fresh) {
    uint8_t key[KEY];
    key_of(c, s, phase, key);
    *fresh = false;
    for (uint32_t at = mix(key) & (HASH - 1);; at = (at + 1) & (HASH - 1)) {
        if (c->hash[at] == 0) {
            if (c->count == NODES || c->pool_used + 2 > POOL) {
                return -1;
            }
            uint32_t node = c->count++;
            memcpy(c->keys[node], key, KEY);
            c->hash[at] = node + 1;
            *fresh = true;
            return store(c, p, s, node) ? (int64_t)node : -1;
        }
        if (lw__same(c->keys[c->hash[at] - 1], key, KEY)) {
            return c->hash[at] - 1;
        }
    }
}

static void judge(const control *c, lw_state *s, verdict *v) {
    uint8_t stage = s->stage;
    memset(v, 0, sizeof(*v));
    *v = (verdict){.sw_age = age(s->day, s->sw_day, c->sw_most),
                   .silence = age(s->day, s->contact_day, c->silence_most),
                   .flare_kind = s->flare,
                   .flare = s->flare != LW_FLARE_NONE};
    for (int32_t g = s->protocol->stage_count - 1; g >= 0; g--) {
        lw_allow a;
        s->stage = (uint8_t)g;
        a = lw__guard(s);
        v->class_max[g] = a.class_max;
        if (g == s->protocol->stage_count - 1) {
            v->raise = a.raise;
            v->stage1_only = a.stage1_only;
            v->heavy = a.heavy;
            v->deep = a.deep;
            v->plyometric = a.plyometric;
            v->fast = a.fast;
            v->run = a.run;
            v->any_reason = a.missing != 0;
        }
    }
    s->stage = stage;
    bool calm = s->fact[LW_FACT_MORNING_TEST] != LW_UNKNOWN &&
                s->fact[LW_FACT_MORNING_TEST] <= s->protocol->params[LW_PARAM_PAIN_GREEN_MAX] &&
                s->fact[LW_FACT_SETTLED] == 1 && s->fact[LW_FACT_PAIN_RELIEF] != 1;
    v->any_reason = v->any_reason || !calm || v->flare || s->deload_until >= s->day || s->hold_rule >= 0 ||
                    s->expected || s->returning || s->bad || v->sw_age <= s->protocol->params[LW_PARAM_SW_QUIET] ||
                    v->silence >= s->protocol->params[LW_PARAM_SILENCE_LOWER];
}

static void do_session(const control *c, lw_state *s, lw__session session) {
    if (session == LW__NO_SESSION) {
        return;
    }
    lw_done *d = &s->today.done[c->probe];
    s->today.touched |= UINT64_C(1) << c->probe;
    *d = (lw_done){
        .load = LW_UNKNOWN, .pain = LW_UNKNOWN, .effort = LW_UNKNOWN, .relief = LW_UNKNOWN, .depth_deg = LW_UNKNOWN};
    if (session == LW__SKIPPED_FOR_PAIN) {
        d->skipped = d->skipped_for_pain = true;
        return;
    }
    d->any = true;
    d->sets = 3;
    d->reps = 10;
    d->volume = 30;
    d->pain = lw__session_pain(s->protocol, session);
    d->effort = session == LW__EFFORT_UNKNOWN ? LW_UNKNOWN : 600;
    d->pain_relief = session == LW__UNDER_RELIEF;
}

static void do_morning(const control *c, lw_state *s, const morning_input *in) {
    lw_machine *m = &s->machine[c->probe];
    m->rung = c->probe_rung;
    m->part = LW_PART_FULL;
    m->wait_until = LW_NEVER_DAY;
    m->pending_green = m->pending_met = m->pending_rise = false;
    s->pending_mask = 0;
    lw__today_clear(&s->today);
    lw__begin_day(s, s->day + 1);
    set_checkin(s, &in->m);
    if (in->shockwave) {
        static const struct lw_ev_shockwave data = {.has = LW_HAS_SHOCKWAVE_DEVICE};
        lw_event e = {.kind = LW_KIND_SHOCKWAVE, .by = LW_BY_CLINICIAN, .day = s->day, .data = &data};
        lw__apply(s, &e);
    }
    lw__morning(s);
}

/* ---- stories ---- */

static uint32_t path_to(const control *c, uint32_t node, uint32_t *path, uint32_t most) {
    uint32_t count = 0;
    for (uint32_t at = node; at != ROOT && count < most; at = c->parent[at]) {
        path[count++] = at;
    }
    for (uint32_t i = 0; i < count / 2; i++) {
        uint32_t swap = path[i];
        path[i] = path[count - 1 - i];
        path[count - 1 - i] = swap;
    }
    return count;
}

static void tell_step(const control *c, const lw_prover *p, lw__tale *t, bool evening, uint32_t via) {
    if (evening) {
        lw__tale_session(t, p->base, c->probe, (lw__session)via);
        return;
    }
    const morning_input *in = &c->mornings[via];
    if (in->m.usual != LW_UNKNOWN) {
        lw__tale_open(t, "tested", false, 1200);
        lw__tale_member_raw(t, "tests", "");
        lw__put_c(&t->w, "{\"bridge_single\":");
        lw__put_x100(&t->w, in->m.usual);
        lw__put_char(&t->w, '}');
        lw__tale_close(t);
    }
    t->day++;
    if (in->shockwave) {
        lw__tale_shockwave(t, 1);
    }
    lw__tale_morning(t, &in->m);
}

/* The way to a node, and one input more. */
static void tell(const control *c, lw_prover *p, lw_prove_result *r, uint32_t node, bool evening, int32_t via) {
    enum { MOST = 256 };
    uint32_t path[MOST];
    lw__tale t;
    lw__person person = lw__someone();
    uint32_t count = path_to(c, node, path, MOST);
    lw__story_begin(r, &t);
    lw__tale_start(&t, p->protocol, &person);
    for (uint32_t i = 0; i < count; i++) {
        tell_step(c, p, &t, c->keys[path[i]][0] == 1, c->via[path[i]]);
    }
    if (via >= 0) {
        tell_step(c, p, &t, evening, (uint32_t)via);
    }
    lw__story_end(r, &t, t.day);
}

/* ---- what a morning owes ---- */

typedef struct owing {
    lw_property property;
    const char *what;
} owing;

/* The first thing wrong with a morning: its input, the state before and after. */
static owing wrong(const lw_prover *p, const morning_input *in, const lw_state *before, const lw_state *after,
                   const verdict *v, uint8_t effect) {
    const int32_t *q = p->protocol->params;
    const lw__moment *m = &in->m;
    bool known = m->checkin && m->test != LW_UNKNOWN;
    int32_t usual = after->test[LW_TEST_BRIDGE_SINGLE];
    int32_t over = known ? m->test - usual : 0;
    int32_t after_sw = v->sw_age;
    bool sore_time = after_sw <= lw__bound_of(LW__SORENESS_DAYS) && over <= lw__bound_of(LW__SORENESS_OVER_X100);
    bool excused = sore_time && !m->night;
    bool settled = known && over <= q[LW_PARAM_SETTLE_OVER_USUAL] && m->test <= q[LW_PARAM_PAIN_AMBER_MAX];
    bool fresh = before->session_day == before->day && before->session_pain != LW_UNKNOWN;
    bool red = fresh && before->session_pain > q[LW_PARAM_PAIN_AMBER_MAX];
    bool major = m->checkin && (m->night || (m->rest && !sore_time));
    bool minor = red || (known && !settled && !excused);
    bool silent = v->silence >= lw__bound_of(LW__SILENCE_LOWER_DAYS);

    if (major && v->flare_kind != LW_FLARE_MAJOR) {
        return (owing){LW_PROPERTY_FLARE, "major-missed"};
    }
    if (minor && v->flare_kind == LW_FLARE_NONE) {
        return (owing){LW_PROPERTY_HISTORY, "signal-missed"};
    }
    if ((major || minor) && (effect & (LOWERED | CUT | RESTARTED)) != (LOWERED | CUT | RESTARTED)) {
        return (owing){LW_PROPERTY_HISTORY, "signal-without-lowering"};
    }
    if (before->flare == LW_FLARE_MAJOR && v->flare_kind != LW_FLARE_MAJOR &&
        after->day - before->flare_day < lw__bound_of(LW__MAJOR_FLARE_DAYS)) {
        return (owing){LW_PROPERTY_FLARE, "flare-too-short"};
    }
    if (v->flare && (v->raise || v->plyometric || (v->flare_kind == LW_FLARE_MAJOR && (v->run || !v->stage1_only)))) {
        return (owing){LW_PROPERTY_FLARE, "flare-allows"};
    }
    for (int32_t g = 0; g < p->protocol->stage_count; g++) {
        int32_t class_ = v->class_max[g];
        if (class_ > lw__bound_of((lw__bound)(LW__CLASS_ISOMETRIC + g)) ||
            (v->flare_kind == LW_FLARE_MAJOR && class_ > 1)) {
            return (owing){v->flare ? LW_PROPERTY_FLARE : LW_PROPERTY_CAPS, "class-too-deep"};
        }
        if ((after_sw < lw__bound_of(LW__QUIET_DAYS) && class_ > 1) ||
            (after_sw <= lw__bound_of(LW__QUIET_DAYS) && class_ > 2)) {
            return (owing){LW_PROPERTY_QUIET, "class-too-deep"};
        }
        if (silent && class_ > 2) {
            return (owing){LW_PROPERTY_SILENCE, "class-too-deep"};
        }
    }
    if (after_sw < lw__bound_of(LW__QUIET_DAYS) && (!v->stage1_only || v->run)) {
        return (owing){LW_PROPERTY_QUIET, "quiet-allows"};
    }
    if (after_sw <= lw__bound_of(LW__QUIET_DAYS) && (v->raise || v->plyometric || v->fast)) {
        return (owing){LW_PROPERTY_QUIET, "quiet-allows"};
    }
    if (v->silence > 0 && v->raise) {
        return (owing){LW_PROPERTY_SILENCE, "raise-in-silence"};
    }
    if (silent && (v->plyometric || v->run || (effect & CUT) == 0)) {
        return (owing){LW_PROPERTY_SILENCE, "silence-allows"};
    }
    if (v->raise && (!known || !settled || m->relief || m->test > q[LW_PARAM_PAIN_GREEN_MAX])) {
        return (owing){known ? LW_PROPERTY_STEP : LW_PROPERTY_MISSING, "raise-on-such-a-morning"};
    }
    if (v->raise && after->session_pain != LW_UNKNOWN && after->session_pain > q[LW_PARAM_PAIN_GREEN_MAX]) {
        return (owing){LW_PROPERTY_STEP, "raise-after-amber"};
    }
    if (!v->raise && !v->any_reason) {
        return (owing){LW_PROPERTY_STUCK, "no-reason"};
    }
    return (owing){LW_PROPERTY_COUNT, NULL};
}

/* ---- building the graph ---- */

/* The number of a verdict, the same for equal ones. */
static int32_t verdict_of(control *c, const verdict *v) {
    for (uint32_t i = 0; i < c->verdict_count; i++) {
        if (lw__same(&c->verdicts[i], v, sizeof(*v))) {
            return (int32_t)i;
        }
    }
    if (c->verdict_count == VERDICTS) {
        return -1;
    }
    c->verdicts[c->verdict_count] = *v;
    return (int32_t)c->verdict_count++;
}

/* Evenings that this scope knows. */
static bool has_evening(const control *c, uint32_t session) {
    bool both = session == LW__NO_SESSION || session == LW__GREEN || session == LW__RED;
    return both || (c->silent ? session == LW__EFFORT_UNKNOWN : session != LW__EFFORT_UNKNOWN);
}

static int32_t expand(lw_prover *p, control *c, uint32_t node) {
    bool evening = c->keys[node][0] == 0;
    uint32_t inputs = evening ? EVENINGS : c->morning_count;
    lw_state *from = p->spare;
    lw_state *s = p->state;
    load(c, p, node, from);
    for (uint32_t i = 0; i < inputs; i++) {
        if (evening && !has_evening(c, i)) {
            continue;
        }
        if (!evening && !c->mornings[i].m.checkin && c->keys[node][10] + 1 >= c->silence_most) {
            continue; // longer silence is walked by roads.c
        }
        memcpy(s, from, sizeof(*s));
        uint8_t effect = 0;
        verdict v = {0};
        if (evening) {
            do_session(c, s, (lw__session)i);
            lw__evening(s);
        } else {
            do_morning(c, s, &c->mornings[i]);
            const lw_machine *m = &s->machine[c->probe];
            effect = (uint8_t)((m->rung < c->probe_rung ? LOWERED : 0) | (m->part >= LW_PART_RETURN ? CUT : 0) |
                               (m->wait_until > s->day ? RESTARTED : 0));
            judge(c, s, &v);
            owing o = wrong(p, &c->mornings[i], from, s, &v, effect);
            lw_prove_result *r = o.what == NULL ? NULL : lw__broken(p, o.property, o.what);
            if (r != NULL) {
                tell(c, p, r, node, false, (int32_t)i);
            }
        }
        p->walk_transitions++;
        bool fresh;
        int64_t to = node_of(c, p, s, evening ? 1 : 0, &fresh);
        if (to < 0) {
            return LW_ERR_NO_MEMORY;
        }
        if (fresh) {
            c->parent[to] = node;
            c->via[to] = (uint8_t)i;
        }
        if (!evening) {
            int32_t index = verdict_of(c, &v);
            if (index < 0) {
                return LW_ERR_NO_MEMORY;
            }
            c->said[(size_t)node * WIDTH + i] = (uint16_t)index;
        }
        c->next[(size_t)node * WIDTH + i] = (uint32_t)to;
        c->effect[(size_t)node * WIDTH + i] = effect;
    }
    return LW_OK;
}

/* The record of a story's first day, folded by hand: everything at its best, one exercise known. */
static bool begin(lw_prover *p, control *c) {
    static const lw_record nothing = {.count = 0};
    lw_state *s = p->base;
    lw__fold_init(s, p->protocol, &nothing);
    s->enrolled = s->screened = s->started = s->start_by_clinician = s->assessed = s->contra_asked = true;
    s->birth_year = 1986;
    s->start_day = LW__TODAY - 200; // long enough for whatever asks for days
    s->contact_day = LW__TODAY;
    s->authority = LW_AUTHORITY_SUGGEST;
    s->irritability = LW_IRRITABILITY_MODERATE;
    s->equipment = ~UINT32_C(0);
    s->stage = c->stage;
    s->day = LW__TODAY;
    s->screen_day = LW__TODAY + 100000; // fresh whenever asked
    s->run.fast = true;
    s->test[LW_TEST_BRIDGE_SINGLE] = s->before[LW_TEST_BRIDGE_SINGLE] = 200;
    s->test_day[LW_TEST_BRIDGE_SINGLE] = LW__TODAY;
    for (uint8_t e = 0; e < p->protocol->exercise_count; e++) {
        const lw_exercise *x = &p->protocol->exercises[e];
        if (x->rungs[0].load_pct == 0 && x->rung_count > p->protocol->exercises[c->probe].rung_count) {
            c->probe = e;
        }
    }
    c->probe_rung = (uint8_t)(p->protocol->exercises[c->probe].rung_count - 1);
    lw_machine *m = &s->machine[c->probe];
    m->used = true;
    s->used_mask = UINT64_C(1) << c->probe;
    m->last_day = LW__TODAY + 100000; // never begins again
    lw__today_clear(&s->today);
    memcpy(p->state, s, sizeof(*s));
    lw__morning(p->state);
    bool fresh;
    return node_of(c, p, p->state, 0, &fresh) == ROOT;
}

static bool make_room(lw_prover *p, control *c) {
    c->keys = lw__take(p->arena, (size_t)NODES * KEY, 8);
    c->hash = LW__NEW(p->arena, uint32_t, HASH);
    c->parent = LW__TAKE(p->arena, uint32_t, NODES);
    c->saved = LW__TAKE(p->arena, uint32_t, NODES);
    c->via = LW__TAKE(p->arena, uint8_t, NODES);
    c->colour = LW__TAKE(p->arena, uint8_t, NODES);
    c->verdicts = LW__TAKE(p->arena, verdict, VERDICTS);
    c->said = LW__TAKE(p->arena, uint16_t, (size_t)NODES * WIDTH);
    c->next = LW__NEW(p->arena, uint32_t, (size_t)NODES * WIDTH);
    c->effect = LW__NEW(p->arena, uint8_t, (size_t)NODES * WIDTH);
    c->pool = LW__TAKE(p->arena, uint64_t, POOL);
    c->pairs = lw__take(p->arena, (size_t)PAIRS * 8, 8);
    c->pair_info = lw__take(p->arena, (size_t)PAIRS * 2, 8);
    c->pair_hash = LW__NEW(p->arena, uint32_t, PAIR_HASH);
    return c->pair_hash != NULL && c->pair_info != NULL && c->pairs != NULL && c->pool != NULL && c->effect != NULL &&
           c->next != NULL && c->said != NULL && c->verdicts != NULL && c->colour != NULL && c->via != NULL &&
           c->saved != NULL && c->parent != NULL && c->hash != NULL && c->keys != NULL;
}

/* ---- pairs ---- */

/* Whether the worse one may more. */
static bool more(const lw_protocol *p, const verdict *worse, const verdict *better) {
    bool any = worse->raise > better->raise || worse->heavy > better->heavy || worse->deep > better->deep ||
               worse->plyometric > better->plyometric || worse->fast > better->fast || worse->run > better->run ||
               worse->stage1_only < better->stage1_only;
    for (int32_t g = 0; g < p->stage_count; g++) {
        any = any || worse->class_max[g] > better->class_max[g];
    }
    return any;
}

static bool add_pair(control *c, uint32_t worse, uint32_t better, uint8_t lead, uint8_t late) {
    if (worse == better) {
        return true;
    }
    uint64_t h =
        ((uint64_t)worse << 32 | better) * 0x9e3779b97f4a7c15u ^ ((uint64_t)lead << 8 | late) * 0xc2b2ae3d27d4eb4fu;
    for (uint32_t at = (uint32_t)(h >> 40) & (PAIR_HASH - 1);; at = (at + 1) & (PAIR_HASH - 1)) {
        uint32_t found = c->pair_hash[at];
        if (found == 0) {
            if (c->pair_count == PAIRS) {
                return false;
            }
            uint32_t n = c->pair_count++;
            c->pairs[n][0] = worse;
            c->pairs[n][1] = better;
            c->pair_info[n][0] = lead;
            c->pair_info[n][1] = late;
            c->pair_hash[at] = n + 1;
            return true;
        }
        found--;
        if (c->pairs[found][0] == worse && c->pairs[found][1] == better && c->pair_info[found][0] == lead &&
            c->pair_info[found][1] == late) {
            return true;
        }
    }
}

/* One step of a pair: what it did to both, and whether the order stands. first: the two have just parted. */
static bool step_pair(lw_prover *p, control *c, size_t edge_w, size_t edge_b, uint8_t lead, uint8_t late, bool first) {
    uint32_t worse = c->next[edge_w];
    uint32_t better = c->next[edge_b];
    uint8_t effect_w = c->effect[edge_w];
    uint8_t effect_b = c->effect[edge_b];
    if (worse == 0 || better == 0) {
        return true;
    }
    const verdict *said_w = &c->verdicts[c->said[edge_w]];
    const verdict *said_b = &c->verdicts[c->said[edge_b]];
    p->walk_transitions++;
    bool morning = c->keys[worse][0] == 0;
    if (morning) {
        int32_t now = lead + ((effect_w & LOWERED) != 0) - ((effect_b & LOWERED) != 0);
        uint8_t wait = (uint8_t)(late > 0 ? late - 1 : 0);
        if ((effect_w & RESTARTED) != 0) {
            wait = 0;
        } else if ((effect_b & RESTARTED) != 0) {
            wait = (uint8_t)p->protocol->params[LW_PARAM_RISE_DAYS];
        }
        const char *what = now < 0                             ? "worse-lowered-less"
                           : more(p->protocol, said_w, said_b) ? "worse-allows-more"
                           : wait > 0 && said_w->raise         ? "worse-waits-less"
                                                               : NULL;
        if (what != NULL) {
            lw_prove_result *r = lw__broken(p, first ? LW_PROPERTY_STEP : LW_PROPERTY_HISTORY, what);
            if (r != NULL) {
                tell(c, p, r, worse, false, -1); // the worse of the two
            }
            return true; // no further from here
        }
        lead = (uint8_t)(now > 2 ? 2 : now);
        late = wait;
    }
    return add_pair(c, worse, better, lead, late);
}

/* Pairs that part at this node. */
static bool part_at(lw_prover *p, control *c, uint32_t node) {
    static const uint8_t sessions[][2] = {{LW__AMBER, LW__GREEN}, {LW__RED, LW__AMBER}, {LW__UNDER_RELIEF, LW__GREEN}};
    size_t at = (size_t)node * WIDTH;
    if (c->keys[node][0] == 0) {
        for (uint32_t i = 0; i < sizeof(sessions) / sizeof(sessions[0]); i++) {
            if (!step_pair(p, c, at + sessions[i][0], at + sessions[i][1], 0, 0, true)) {
                return false;
            }
        }
        return true;
    }
    for (uint32_t i = 0; i < c->morning_count; i++) {
        for (uint32_t k = 0; k < c->morning_count; k++) {
            if (c->worse[i][k] == 1 && !step_pair(p, c, at + i, at + k, 0, 0, true)) {
                return false;
            }
        }
    }
    return true;
}

static bool walk_pair(lw_prover *p, control *c, uint32_t n) {
    uint32_t worse = c->pairs[n][0];
    uint32_t better = c->pairs[n][1];
    uint32_t inputs = c->keys[worse][0] == 0 ? (uint32_t)EVENINGS : c->morning_count;
    for (uint32_t i = 0; i < inputs; i++) {
        if (!step_pair(p, c, (size_t)worse * WIDTH + i, (size_t)better * WIDTH + i, c->pair_info[n][0],
                       c->pair_info[n][1], false)) {
            return false;
        }
    }
    return true;
}

/* ---- constant input ---- */

/*
 * The same evening and morning for ever, from every node: each course ends in a ring. A ring that both rises and is lowered
 * swings; on the best days a ring has to rise, and never to be lowered.
 */
static void walk_rings(lw_prover *p, control *c, uint32_t e, uint32_t m) {
    bool best = e == LW__GREEN && m == c->best;
    memset(c->colour, 0, c->count);
    for (uint32_t start = ROOT; start < c->count; start++) {
        if (c->keys[start][0] != 0 || c->colour[start] != 0) {
            continue;
        }
        uint32_t at = start;
        while (c->colour[at] == 0) {
            c->colour[at] = 1;
            uint32_t half = c->next[(size_t)at * WIDTH + e];
            uint32_t to = half == 0 ? 0 : c->next[(size_t)half * WIDTH + m];
            p->walk_transitions += 2;
            if (half == 0 || to == 0) {
                at = UINT32_MAX;
                break;
            }
            at = to;
        }
        if (at != UINT32_MAX && c->colour[at] == 1) {
            // twice around: the first time only to know how long to wait
            bool rises = false;
            bool falls = false;
            int32_t wait = 0;
            uint32_t node = at;
            for (int32_t round = 0; round < 2; round++) {
                do {
                    uint32_t half = c->next[(size_t)node * WIDTH + e];
                    uint8_t effect = c->effect[(size_t)half * WIDTH + m];
                    const verdict *v = &c->verdicts[c->said[(size_t)half * WIDTH + m]];
                    node = c->next[(size_t)half * WIDTH + m];
                    wait = (effect & RESTARTED) != 0 ? p->protocol->params[LW_PARAM_RISE_DAYS]
                           : wait > 0                ? wait - 1
                                                     : 0;
                    falls = falls || (effect & LOWERED) != 0;
                    rises = rises || (round == 1 && wait == 0 && v->raise);
                } while (node != at);
            }
            lw_prove_result *r =
                (rises && falls) || (best && falls) ? lw__broken(p, LW_PROPERTY_NO_SWING, "swings") : NULL;
            if (r != NULL) {
                tell(c, p, r, at, false, -1);
            }
            r = best && !rises ? lw__broken(p, LW_PROPERTY_WAY_OUT, "never-rises") : NULL;
            if (r != NULL) {
                lw__say(r, "stage", p->protocol->stages[c->stage].id);
                tell(c, p, r, at, false, -1);
            }
        }
        // what was walked now is done
        at = start;
        while (at != UINT32_MAX && c->colour[at] == 1) {
            c->colour[at] = 2;
            uint32_t half = c->next[(size_t)at * WIDTH + e];
            at = half == 0 ? UINT32_MAX : c->next[(size_t)half * WIDTH + m];
        }
    }
}

/* Stage after stage where a rule that lowers asks for the stage; else one stands for all. */
int32_t lw__walk_control(lw_prover *p, uint32_t budget) {
    enum { BEGIN, GRAPH, PAIRS_FROM, PAIRS_ON, RINGS };
    control *c = p->memory;
    uint64_t until = p->walk_transitions + budget;
    if (p->stage == BEGIN) {
        uint8_t stage = c == NULL ? 0 : c->stage;
        bool silent = c != NULL && c->silent;
        if (c == NULL) {
            c = p->memory = LW__NEW(p->arena, control, 1);
            if (c == NULL || !make_room(p, c)) {
                return LW_ERR_NO_MEMORY;
            }
        } else {
            memset(c->hash, 0, HASH * sizeof(*c->hash));
            memset(c->pair_hash, 0, PAIR_HASH * sizeof(*c->pair_hash));
            memset(c->next, 0, (size_t)c->count * WIDTH * sizeof(*c->next));
            c->pool_used = c->pair_count = c->pair_done = c->swing = 0;
            c->morning_count = c->window_count = c->extra_count = c->verdict_count = 0;
        }
        c->count = c->expanded = c->pair_from = ROOT;
        c->stage = stage;
        c->silent = silent;
        c->silence_most = silent ? p->protocol->params[LW_PARAM_SILENCE_LOWER] + 2 : 2;
        lw__fold_init(p->state, p->protocol, &(lw_record){.count = 0});
        p->state->day = LW__TODAY;
        if (!read_rules(c, p->protocol) || !find_mornings(c, p->state)) {
            return LW_ERR_LIMIT;
        }
        if (!begin(p, c)) {
            return LW_ERR_NO_MEMORY;
        }
        p->stage = GRAPH;
    }
    while (p->walk_transitions < until) {
        bool ok = true;
        if (p->stage == GRAPH && c->expanded < c->count) {
            p->walk_states++;
            int32_t err = expand(p, c, c->expanded++);
            if (err != LW_OK) {
                return err;
            }
        } else if (p->stage == GRAPH) {
            p->stage = PAIRS_FROM;
        } else if (p->stage == PAIRS_FROM && c->pair_from < c->count) {
            ok = part_at(p, c, c->pair_from++);
        } else if (p->stage == PAIRS_FROM) {
            p->stage = PAIRS_ON;
        } else if (p->stage == PAIRS_ON && c->pair_done < c->pair_count) {
            p->walk_states++;
            ok = walk_pair(p, c, c->pair_done++);
        } else if (p->stage == PAIRS_ON) {
            p->stage = RINGS;
        } else if (p->stage == RINGS && c->swing < (uint32_t)EVENINGS * c->morning_count) {
            walk_rings(p, c, c->swing / c->morning_count, c->swing % c->morning_count);
            c->swing++;
        } else if (++c->stage < c->stages) {
            p->stage = BEGIN;
            return 1;
        } else if (!c->silent) {
            c->silent = true;
            c->stage = 0;
            p->stage = BEGIN;
            return 1;
        } else {
            return 0;
        }
        if (!ok) {
            return LW_ERR_NO_MEMORY;
        }
    }
    return 1;
}
