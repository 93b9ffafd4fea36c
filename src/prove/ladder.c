/*
 * ladder.c: each exercise's machine, under everything that control can say.
 *
 * A machine reads nothing but its own sessions and control's outputs. So here those outputs are free: any signal (a flare
 * lowers and cuts, an early warning lowers, a stop or silence cuts), any settling, any authority, any ceiling of the class.
 * That is more than control can do, so a bound that holds here holds there. Facts that rules for rising ask for beside the
 * exercise's own sessions stand at their best.
 *
 * A node is a number: rung, part, counters, the wait, the days since the last step, the last session's class, today's
 * offer. A day is three steps: the session and its next morning, the signal, the offer. After the reachable nodes, the
 * order: of two machines that differ by one in one field, the same input keeps the lower one lower, and a worse input
 * never leads higher.
 */
#include "engine/apply.h"
#include "protocol/vocabulary_names.h"
#include "prove/walk.h"

enum {
    NODES = 600000,
    BITS = 1 << 26,
    AGE_MOST = 7,
    COUNT_MOST = 2, /* green and easy sessions that are told apart, at least; more where a rule asks for more */
    LOAD = 2000     /* the first load of a loaded exercise: 20 kg */
};

typedef enum phase { SESSION, SIGNAL, OFFER } phase;
typedef enum last { EASY, GREEN, HARD, AMBER } last;

typedef enum act {
    NOTHING,
    MET_EASY,
    MET,
    MET_HARD,
    MET_AMBER,
    MET_RED,
    MET_UNDER_RELIEF,
    LESS,
    LESS_LOAD,
    UP,
    UP_EASY,
    UP_AMBER,
    UP_DEPTH_UNSAID,
    SKIPPED,
    ACTS
} act;
typedef enum settling { UNKNOWN_MORNING, UNSETTLED, SETTLED, SETTLED_BY_RELIEF, SETTLINGS } settling;
typedef enum signal_kind { CALM, RESTART, CUT_AND_RESTART, LOWER, LOWER_AND_CUT, SIGNALS } signal_kind;
/* Hold, suggest, suggest and accepted, progress; and each with a clinician's override. */
enum { AUTHORITIES = 8, OFFERS = AUTHORITIES * 4 + 1, INPUTS = ACTS * SETTLINGS };

typedef struct node {
    uint8_t phase, rung, part, green, easy, wait, age, last;
    bool low, offer, raised;
} node;

typedef struct ladders {
    uint32_t *packed, *parent;
    uint8_t *via;
    uint64_t *seen;
    uint32_t count, done, ordered;
    uint8_t exercise;
    int32_t most; /* of green and easy */
} ladders;

static uint32_t pack(const node *n) {
    return (uint32_t)n->phase | (uint32_t)n->rung << 2 | (uint32_t)n->part << 7 | (uint32_t)n->green << 9 |
           (uint32_t)n->easy << 11 | (uint32_t)n->wait << 13 | (uint32_t)n->age << 18 | (uint32_t)n->last << 21 |
           (uint32_t)n->low << 23 | (uint32_t)n->offer << 24 | (uint32_t)n->raised << 25;
}

static node unpack(uint32_t v) {
    return (node){.phase = v & 3,
                  .rung = v >> 2 & 31,
                  .part = v >> 7 & 3,
                  .green = v >> 9 & 3,
                  .easy = v >> 11 & 3,
                  .wait = v >> 13 & 31,
                  .age = v >> 18 & 7,
                  .last = v >> 21 & 3,
                  .low = (v >> 23 & 1) != 0,
                  .offer = (v >> 24 & 1) != 0,
                  .raised = (v >> 25 & 1) != 0};
}

static void put(lw_state *s, uint8_t exercise, const node *n) {
    lw_machine *m = &s->machine[exercise];
    bool loaded = s->protocol->exercises[exercise].rungs[0].load_pct != 0;
    *m = (lw_machine){.rung = n->rung,
                      .part = n->part,
                      .green = n->green,
                      .easy = n->easy,
                      .used = true,
                      .low_due = n->low,
                      .offer = n->offer,
                      .raised = n->raised,
                      .rule = -1,
                      .wait_until = s->day + n->wait,
                      .accept_until = LW_NEVER_DAY,
                      .last_day = s->day - 1,
                      .load_ref = loaded ? LOAD : LW_UNKNOWN};
    lw_dose dose;
    lw__dose_at(s, exercise, n->rung, n->part, &dose);
    m->last = (lw_done){.any = true,
                        .load = dose.load,
                        .pain = n->last == EASY    ? 0
                                : n->last == AMBER ? 500
                                                   : 200,
                        .effort = n->last == EASY   ? 500
                                  : n->last == HARD ? 900
                                                    : 600,
                        .relief = LW_UNKNOWN,
                        .depth_deg = LW_UNKNOWN};
}

static node taken(const ladders *l, const lw_state *s, const node *before, uint8_t next) {
    const lw_machine *m = &s->machine[l->exercise];
    node n = *before;
    n.phase = next;
    n.rung = m->rung;
    n.part = m->part;
    n.green = (uint8_t)(m->green < l->most ? m->green : l->most);
    n.easy = (uint8_t)(m->easy < l->most ? m->easy : l->most);
    n.wait = (uint8_t)(m->wait_until > s->day ? m->wait_until - s->day : 0);
    n.low = m->low_due;
    n.offer = m->offer;
    n.raised = m->raised;
    return n;
}

/* ---- the three steps ---- */

static lw_done doing(const lw_dose *dose, int32_t pain, int32_t effort) {
    return (lw_done){.any = true,
                     .sets = dose->sets,
                     .reps = dose->reps,
                     .hold_s = dose->hold_s,
                     .distance_m = dose->distance_m,
                     .contacts = dose->contacts,
                     .speed_pct = dose->speed_pct,
                     .load = dose->load,
                     .volume = dose->sets,
                     .pain = pain,
                     .effort = effort,
                     .relief = LW_UNKNOWN,
                     .depth_deg = dose->depth_deg};
}

/* The session of an act; false where the act has no meaning here. */
static bool act_of(const lw_state *s, const ladders *l, const node *n, act a, lw_done *d, uint8_t *last_class) {
    const int32_t *p = s->protocol->params;
    lw_dose now;
    lw_dose up;
    uint8_t rung = n->rung;
    uint8_t part = n->part;
    lw__dose_at(s, l->exercise, rung, part, &now);
    bool higher = n->raised && n->offer && lw__step_up(s, l->exercise, &rung, &part);
    if (higher) {
        lw__dose_at(s, l->exercise, rung, part, &up);
    }
    int32_t green = p[LW_PARAM_PAIN_GREEN_MAX] < 200 ? p[LW_PARAM_PAIN_GREEN_MAX] : 200;
    int32_t amber = p[LW_PARAM_PAIN_AMBER_MAX];
    *last_class = GREEN;
    switch (a) {
    case MET_EASY:
        *d = doing(&now, 0, 500);
        *last_class = EASY;
        return true;
    case MET:
        *d = doing(&now, green, 600);
        return true;
    case MET_HARD:
        *d = doing(&now, green, 900);
        *last_class = HARD;
        return true;
    case MET_AMBER:
        *d = doing(&now, amber, 600);
        *last_class = AMBER;
        return true;
    case MET_RED:
        *d = doing(&now, amber + 100, 600);
        *last_class = AMBER;
        return true;
    case MET_UNDER_RELIEF:
        *d = doing(&now, green, 600);
        d->pain_relief = true;
        return true;
    case LESS:
        *d = doing(&now, green, 600);
        d->sets--;
        return true;
    case LESS_LOAD:
        *d = doing(&now, green, 600);
        d->load = now.load == LW_UNKNOWN ? LW_UNKNOWN : now.load - 250;
        return now.load != LW_UNKNOWN && now.load > 250;
    case UP:
    case UP_EASY:
    case UP_AMBER:
    case UP_DEPTH_UNSAID:
        if (!higher) {
            return false;
        }
        *d = doing(&up, a == UP_EASY ? 0 : a == UP_AMBER ? amber : green, a == UP_EASY ? 500 : 600);
        d->depth_deg = a == UP_DEPTH_UNSAID ? LW_UNKNOWN : d->depth_deg;
        *last_class = a == UP_EASY ? EASY : a == UP_AMBER ? AMBER : GREEN;
        return true;
    default:
        *d = (lw_done){.load = LW_UNKNOWN,
                       .pain = LW_UNKNOWN,
                       .effort = LW_UNKNOWN,
                       .relief = LW_UNKNOWN,
                       .depth_deg = LW_UNKNOWN,
                       .skipped = true,
                       .skipped_for_pain = true};
        *last_class = AMBER;
        return true;
    }
}

/* The session of a day, as it would be for `doer`, and the next morning. False: no such input. */
static bool step_session(lw_state *s, const ladders *l, const node *n, const node *doer, uint32_t input, node *out) {
    act a = (act)(input / SETTLINGS);
    settling how = (settling)(input % SETTLINGS);
    s->day = LW__TODAY;
    put(s, l->exercise, n);
    s->pending_mask = 0;
    uint8_t last_class = n->last;
    if (a != NOTHING) {
        lw_done d;
        if (!act_of(s, l, doer, a, &d, &last_class)) {
            return false;
        }
        lw__evening_exercise(s, l->exercise, &d);
    }
    s->day++;
    lw__fact_set(s, LW_FACT_SETTLED, how == UNKNOWN_MORNING ? LW_UNKNOWN : how != UNSETTLED, s->day);
    s->today.relief = how == SETTLED_BY_RELIEF;
    lw__resolve_yesterday(s);
    s->today.relief = false;
    s->machine[l->exercise].offer = s->machine[l->exercise].raised = false;
    *out = taken(l, s, n, SIGNAL);
    out->last = last_class;
    bool rose = out->rung > n->rung || (out->rung == n->rung && out->part < n->part);
    out->age = (uint8_t)(rose ? 1 : n->age < AGE_MOST ? n->age + 1 : AGE_MOST);
    return true;
}

static void step_signal(lw_state *s, const ladders *l, const node *n, uint32_t input, node *out) {
    s->day = LW__TODAY;
    put(s, l->exercise, n);
    if (input == LOWER || input == LOWER_AND_CUT) {
        lw__lower_all(s);
    }
    if (input == RESTART || input == CUT_AND_RESTART) {
        lw__restart_waits(s);
    }
    if (input == CUT_AND_RESTART || input == LOWER_AND_CUT) {
        lw__cut_all(s);
    }
    *out = taken(l, s, n, OFFER);
}

/* The last input: nothing may rise. */
static void step_offer(lw_state *s, const ladders *l, const node *n, uint32_t input, lw_allow *allow, node *out) {
    s->day = LW__TODAY;
    put(s, l->exercise, n);
    *allow = (lw_allow){.status = LW_STATUS_ACTIVE, .prescribe = true, .raise = input + 1 < OFFERS, .class_max = 3};
    s->override_action = 0;
    if (allow->raise) {
        uint32_t authority = input / 4 % 4;
        uint8_t here = s->protocol->exercises[l->exercise].rungs[n->rung].class_;
        allow->by_itself = authority == 3;
        allow->propose = authority >= 1;
        allow->class_max = input % 2 == 0 ? 3 : here;
        s->stage_held = input / 2 % 2 == 1;
        s->override_action = input / 16 == 1 ? 1 + LW_VERDICT_PROGRESS : 0;
        s->machine[l->exercise].accept_until = authority == 2 ? s->day : LW_NEVER_DAY;
        lw__fact_set(s, LW_FACT_SETTLED, 1, s->day);
        lw__offer_exercise(s, allow, l->exercise);
    }
    *out = taken(l, s, n, SESSION);
    s->stage_held = false;
}

/* ---- what a step owes ---- */

/* How many variables rise between two doses. */
static int32_t rises(const lw_dose *a, const lw_dose *b) {
    int32_t count = b->sets > a->sets;
    count += b->reps > a->reps;
    count += b->hold_s > a->hold_s;
    count += b->contacts > a->contacts;
    count += b->distance_m > a->distance_m;
    count += b->speed_pct > a->speed_pct;
    count += b->depth_deg > a->depth_deg;
    count += b->bouts > a->bouts;
    count += a->load != LW_UNKNOWN && b->load != LW_UNKNOWN && b->load > a->load;
    return count;
}

typedef struct owing {
    lw_property property;
    const char *what;
} owing;

static owing fine(void) {
    return (owing){LW_PROPERTY_COUNT, NULL};
}

static owing wrong_session(lw_state *s, const ladders *l, const node *n, uint32_t input, const node *out) {
    bool rose = out->rung > n->rung || (out->rung == n->rung && out->part < n->part);
    if (!rose) {
        return fine();
    }
    act a = (act)(input / SETTLINGS);
    lw_dose from;
    lw_dose to;
    put(s, l->exercise, n);
    lw__dose_at(s, l->exercise, n->rung, n->part, &from);
    lw__dose_at(s, l->exercise, out->rung, out->part, &to);
    if (rises(&from, &to) == 0) {
        return fine(); // another part that rounding makes the same dose
    }
    if (n->age < lw__bound_of(LW__DAYS_BETWEEN_STEPS) || out->part + 1 < n->part) {
        return (owing){LW_PROPERTY_ONE_THING, "two-steps-in-a-week"};
    }
    if (input % SETTLINGS != SETTLED) {
        return (owing){LW_PROPERTY_MISSING, "step-unsettled"};
    }
    if (a != UP && a != UP_EASY && a != UP_DEPTH_UNSAID) {
        return (owing){LW_PROPERTY_STEP, "step-not-done"};
    }
    if (!n->raised) {
        return (owing){LW_PROPERTY_AUTHORITY, "step-not-granted"};
    }
    if (rises(&from, &to) > 1) {
        return (owing){LW_PROPERTY_ONE_THING, "two-things-rise"};
    }
    if (from.load != LW_UNKNOWN && to.load != LW_UNKNOWN &&
        (int64_t)to.load * 100 > (int64_t)from.load * (100 + lw__bound_of(LW__LOAD_STEP_PCT))) {
        return (owing){LW_PROPERTY_CAPS, "load-step"};
    }
    return fine();
}

static owing wrong_signal(lw_state *s, const ladders *l, const node *n, uint32_t input, const node *out) {
    bool lower = input == LOWER || input == LOWER_AND_CUT;
    bool cut = input == CUT_AND_RESTART || input == LOWER_AND_CUT;
    if (out->rung > n->rung || out->part < n->part) {
        return (owing){LW_PROPERTY_HISTORY, "signal-raises"};
    }
    if (input != CALM && (out->green != 0 || out->wait < s->protocol->params[LW_PARAM_RISE_DAYS])) {
        return (owing){LW_PROPERTY_HISTORY, "signal-without-waiting"};
    }
    if (lower && out->rung == n->rung && out->part == n->part && !out->low) {
        return (owing){LW_PROPERTY_HISTORY, "signal-without-lowering"};
    }
    if (cut) {
        lw_dose whole;
        lw_dose left;
        put(s, l->exercise, out);
        lw__dose_at(s, l->exercise, out->rung, LW_PART_FULL, &whole);
        lw__dose_at(s, l->exercise, out->rung, out->part, &left);
        // sets and what is in a set are whole: one is the least
        bool least =
            left.sets == 1 && (whole.sets > 1 || whole.reps + whole.hold_s + whole.contacts + whole.distance_m <= 1);
        if (!least && (int64_t)left.tension * 100 > (int64_t)whole.tension * lw__bound_of(LW__RETURN_PCT)) {
            return (owing){LW_PROPERTY_FLARE, "cut-too-small"};
        }
    }
    return fine();
}

static owing wrong_offer(lw_state *s, const ladders *l, const node *n, uint32_t input, const lw_allow *allow,
                         const node *out) {
    const lw_machine *m = &s->machine[l->exercise];
    bool any = m->offer || m->offer_next;
    bool forced = s->override_action != 0;
    bool accepted = allow->propose && input / 4 % 4 == 2;
    if (!allow->raise && (any || m->raised)) {
        return (owing){LW_PROPERTY_CHOOSER, "offer-outside"};
    }
    if (m->raised && !allow->by_itself && !accepted && !forced) {
        return (owing){LW_PROPERTY_AUTHORITY, "raised-without-authority"};
    }
    if (any && n->wait > 0) {
        return (owing){LW_PROPERTY_ONE_THING, "offer-in-the-wait"};
    }
    int32_t least = lw__bound_of(LW__GOOD_SESSIONS);
    if (any && !forced && n->green < least && n->easy < least) {
        return (owing){LW_PROPERTY_STEP, "offer-too-early"};
    }
    // how hard a speed session was is not asked (R07)
    bool hard = n->last == HARD && n->easy < least && !s->protocol->exercises[l->exercise].speed_ladder;
    if (any && !forced && (n->last == AMBER || hard)) {
        return (owing){LW_PROPERTY_STEP, "offer-after-such-a-session"};
    }
    if (m->offer) {
        uint8_t rung = n->rung;
        uint8_t part = n->part;
        if (!lw__step_up(s, l->exercise, &rung, &part) ||
            s->protocol->exercises[l->exercise].rungs[rung].class_ > allow->class_max) {
            return (owing){LW_PROPERTY_CHOOSER, "offer-outside"};
        }
    }
    (void)out;
    return fine();
}

/* ---- stories ---- */

static void tell_day(lw_prover *p, const ladders *l, lw__tale *t, const node *n, uint32_t input) {
    lw_done d;
    uint8_t last_class;
    act a = (act)(input / SETTLINGS);
    put(p->state, l->exercise, n);
    if (a == SKIPPED) {
        lw__tale_session(t, p->state, l->exercise, LW__SKIPPED_FOR_PAIN);
    } else if (a != NOTHING && act_of(p->state, l, n, a, &d, &last_class)) {
        lw_dose dose;
        lw__dose_at(p->state, l->exercise, n->rung, n->part, &dose);
        dose.sets = (uint8_t)d.sets;
        dose.reps = (uint8_t)d.reps;
        dose.hold_s = d.hold_s;
        dose.contacts = d.contacts;
        dose.distance_m = d.distance_m;
        dose.load = d.load;
        dose.depth_deg = d.depth_deg == LW_UNKNOWN ? 0 : (uint8_t)d.depth_deg;
        lw__tale_dose(t, p->protocol, l->exercise, &dose, d.pain, d.effort, d.pain_relief);
    }
}

static void tell_morning(lw__tale *t, uint32_t how, uint32_t signal) {
    t->day++;
    lw__moment m = {.checkin = how != UNKNOWN_MORNING,
                    .test = how == UNSETTLED ? 500 : 200,
                    .usual = LW_UNKNOWN,
                    .night = signal == LOWER_AND_CUT,
                    .relief = how == SETTLED_BY_RELIEF};
    lw__tale_morning(t, &m);
}

static void tell(lw_prover *p, const ladders *l, lw_prove_result *r, uint32_t at, uint32_t input) {
    enum { MOST = 240 };
    uint32_t path[MOST];
    uint32_t count = 0;
    for (uint32_t i = at; count < MOST; i = l->parent[i]) {
        path[count++] = i;
        if (l->parent[i] == i) {
            break;
        }
    }
    lw__tale t;
    lw__person person = lw__someone();
    lw__story_begin(r, &t);
    lw__tale_start(&t, p->protocol, &person);
    uint32_t how = SETTLED;
    for (uint32_t k = count; k-- > 0;) {
        node n = unpack(l->packed[path[k]]);
        uint32_t via = k > 0 ? l->via[path[k - 1]] : input;
        if (n.phase == SESSION) {
            tell_day(p, l, &t, &n, via);
            how = via % SETTLINGS;
        } else if (n.phase == SIGNAL) {
            tell_morning(&t, how, via);
        }
    }
    lw__say(r, "exercise", p->protocol->exercises[l->exercise].id);
    lw__story_end(r, &t, t.day);
}

/* ---- the walk ---- */

static bool add(ladders *l, const node *n, uint32_t parent, uint8_t via) {
    uint32_t v = pack(n);
    if ((l->seen[v / 64] >> v % 64 & 1) != 0) {
        return true;
    }
    if (l->count == NODES) {
        return false;
    }
    l->seen[v / 64] |= UINT64_C(1) << v % 64;
    l->packed[l->count] = v;
    l->parent[l->count] = parent == UINT32_MAX ? l->count : parent;
    l->via[l->count++] = via;
    return true;
}

static bool expand(lw_prover *p, ladders *l, uint32_t at) {
    lw_state *s = p->state;
    node n = unpack(l->packed[at]);
    uint32_t inputs = n.phase == SESSION ? (uint32_t)INPUTS : n.phase == SIGNAL ? (uint32_t)SIGNALS : (uint32_t)OFFERS;
    for (uint32_t i = 0; i < inputs; i++) {
        node out;
        owing o;
        if (n.phase == SESSION) {
            if (!step_session(s, l, &n, &n, i, &out)) {
                continue;
            }
            o = wrong_session(s, l, &n, i, &out);
        } else if (n.phase == SIGNAL) {
            step_signal(s, l, &n, i, &out);
            o = wrong_signal(s, l, &n, i, &out);
        } else {
            lw_allow allow;
            step_offer(s, l, &n, i, &allow, &out);
            o = wrong_offer(s, l, &n, i, &allow, &out);
        }
        p->walk_transitions++;
        lw_prove_result *r = o.what == NULL ? NULL : lw__broken(p, o.property, o.what);
        if (r != NULL) {
            tell(p, l, r, at, i);
        }
        if (!add(l, &out, at, (uint8_t)i)) {
            return false;
        }
    }
    return true;
}

/* The worse one is asked for no more: neither tension nor compression, and nothing of it deeper. */
static bool not_higher(const lw_state *s, const ladders *l, const node *a, const node *b) {
    lw_dose x;
    lw_dose y;
    lw__dose_at(s, l->exercise, a->rung, a->part, &x);
    lw__dose_at(s, l->exercise, b->rung, b->part, &y);
    bool index = a->rung <= b->rung && (a->rung < b->rung || a->part >= b->part);
    bool dose = x.tension <= y.tension && x.compression <= y.compression && x.class_ <= y.class_;
    return index && (dose || a->part >= b->part) && a->raised <= b->raised;
}

/*
 * The order, for one rung: each field one lower or one later, under each input; and each input against a worse one.
 */
static void check_order(lw_prover *p, ladders *l, uint8_t rung) {
    lw_state *s = p->state;
    uint8_t wait = (uint8_t)s->protocol->params[LW_PARAM_RISE_DAYS];
    for (uint32_t bits = 0; bits < 3 * 3 * 2 * 2 * 2; bits++) {
        node b = {.phase = SESSION,
                  .rung = rung,
                  .part = (uint8_t)(bits % 3),
                  .green = (uint8_t)(bits / 3 % 3),
                  .wait = bits / 9 % 2 == 0 ? 0 : wait,
                  .age = AGE_MOST,
                  .last = GREEN,
                  .offer = bits / 18 % 2 == 1,
                  .raised = bits / 18 % 2 == 1 && bits / 36 == 1};
        if (b.raised && b.wait > 0) {
            continue;
        }
        for (uint32_t field = 0; field < 5; field++) {
            node a = b;
            a.rung = (uint8_t)(field == 0 && a.rung > 0 ? a.rung - 1 : a.rung);
            a.part = (uint8_t)(field == 1 && a.part < LW_PART_HALF ? a.part + 1 : a.part);
            a.green = (uint8_t)(field == 2 && a.green > 0 ? a.green - 1 : a.green);
            a.wait = field == 3 ? wait : a.wait;
            if (field == 3) {
                a.raised = a.offer = false;
            }
            a.raised = field == 4 ? false : a.raised;
            for (uint32_t act_ = 0; act_ < ACTS; act_++) {
                for (uint32_t how = 0; how < SETTLINGS; how++) {
                    node x;
                    node y;
                    // what was done is a fact, the same for both: what the better was asked, more, less or nothing
                    uint32_t i = act_ * SETTLINGS + how;

                    bool both = step_session(s, l, &a, &b, i, &x) && step_session(s, l, &b, &b, i, &y);
                    p->walk_transitions += 2;
                    if (both && !not_higher(s, l, &x, &y)) {
                        lw_prove_result *r = lw__broken(p, LW_PROPERTY_HISTORY, "ladder-order");
                        if (r != NULL) {
                            lw__say(r, "exercise", p->protocol->exercises[l->exercise].id);
                            lw__say_number(p, r, "level", rung + 1);
                        }
                    }
                }
            }
            for (uint32_t i = 0; i < SIGNALS; i++) {
                for (uint32_t k = i; k < SIGNALS; k++) {
                    node x;
                    node y;
                    step_signal(s, l, &a, k, &x);
                    step_signal(s, l, &b, i, &y);
                    p->walk_transitions += 2;
                    bool incomparable = (i == CUT_AND_RESTART && k == LOWER) || (a.part != b.part && k == LOWER);
                    if (!incomparable && !not_higher(s, l, &x, &y)) {
                        lw_prove_result *r = lw__broken(p, LW_PROPERTY_HISTORY, "ladder-order");
                        if (r != NULL) {
                            lw__say(r, "exercise", p->protocol->exercises[l->exercise].id);
                            lw__say_number(p, r, "level", rung + 1);
                        }
                    }
                }
            }
        }
    }
}

/* Facts at their best, so that nothing but the exercise's own sessions keeps a step back. */
static void best_facts(lw_state *s) {
    for (int32_t f = 0; f < LW_FACT_TOTAL; f++) {
        lw_direction direction = lw__fact_direction((uint8_t)f);
        if (direction != LW_DIRECTION_NONE) {
            int32_t best =
                direction == LW_DIRECTION_HIGH_WORSE ? lw__fact_least((uint8_t)f) : lw__fact_most((uint8_t)f);
            lw__fact_set(s, (lw_fact)f, best, LW__TODAY);
        }
    }
}

static int32_t most_asked(const lw_protocol *p) {
    int32_t most = COUNT_MOST;
    for (int32_t i = 0; i < p->rule_count; i++) {
        const lw_rule *rule = &p->rules[i];
        bool raise = rule->action == LW_ACTION_RAISE || rule->action == LW_ACTION_SPEED_NEXT;
        for (int32_t g = 0; raise && g < rule->group_count; g++) {
            const lw_group *group = &p->groups[rule->group_first + g];
            for (int32_t k = 0; k < group->cond_count; k++) {
                const lw_cond *c = &p->conds[group->cond_first + k];
                bool counts = c->fact == LW_FACT_GREEN_SESSIONS || c->fact == LW_FACT_EASY_SESSIONS ||
                              c->fact == LW_FACT_SPEED_GREEN;
                most = counts && c->value > most ? c->value : most;
            }
        }
    }
    return most;
}

static bool begin_exercise(lw_prover *p, ladders *l) {
    memset(l->seen, 0, BITS / 8);
    l->count = l->done = l->ordered = 0;
    p->state->used_mask = UINT64_C(1) << l->exercise;
    bool fits = true;
    for (uint8_t part = LW_PART_FULL; part <= LW_PART_HALF; part++) {
        node n = {.phase = SESSION, .part = part, .age = AGE_MOST, .last = GREEN};
        fits = fits && add(l, &n, UINT32_MAX, 0);
    }
    return fits;
}

int32_t lw__walk_ladders(lw_prover *p, uint32_t budget) {
    ladders *l = p->memory;
    uint64_t until = p->walk_transitions + budget;
    if (p->stage == 0) {
        l = p->memory = LW__NEW(p->arena, ladders, 1);
        if (l == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        l->packed = LW__TAKE(p->arena, uint32_t, NODES);
        l->parent = LW__TAKE(p->arena, uint32_t, NODES);
        l->via = LW__TAKE(p->arena, uint8_t, NODES);
        l->seen = LW__NEW(p->arena, uint64_t, BITS / 64);
        if (l->packed == NULL || l->parent == NULL || l->via == NULL || l->seen == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        lw__fold_init(p->state, p->protocol, &(lw_record){.count = 0});
        lw__today_clear(&p->state->today);
        p->state->equipment = ~UINT32_C(0);
        p->state->irritability = LW_IRRITABILITY_MODERATE;
        best_facts(p->state);
        l->most = most_asked(p->protocol);
        if (l->most > 3 || !begin_exercise(p, l)) {
            return LW_ERR_LIMIT;
        }
        p->stage = 1;
    }
    while (p->walk_transitions < until) {
        const lw_exercise *e = &p->protocol->exercises[l->exercise];
        if (l->done < l->count) {
            p->walk_states++;
            if (!expand(p, l, l->done++)) {
                return LW_ERR_NO_MEMORY;
            }
        } else if (l->ordered < e->rung_count) {
            check_order(p, l, (uint8_t)l->ordered++);
        } else if (++l->exercise < p->protocol->exercise_count) {
            if (!begin_exercise(p, l)) {
                return LW_ERR_LIMIT;
            }
        } else {
            return 0;
        }
    }
    return 1;
}
