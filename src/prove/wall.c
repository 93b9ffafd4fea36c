/*
 * wall.c: guard, decide, running and shockwave over every class of what they read.
 *
 * No days pass here: each combination of the ages, windows, flags and ceilings that these functions compare is put into a
 * state and asked once. That is more than can be reached, so what holds here holds there. What decide may choose is asked
 * with the exercises new and in use, at their first rung and at their last, and again inside a narrower guard.
 */
#include "engine/apply.h"
#include "engine/course.h"
#include "prove/walk.h"

typedef struct walls {
    uint32_t part; /* of the walk */
    uint64_t next; /* combination */
} walls;

/* A state with everything at its best in the stage. */
static void best_state(lw_prover *p, uint8_t stage, bool used, bool top) {
    lw_state *s = p->state;
    lw__fold_init(s, p->protocol, &(lw_record){.count = 0});
    lw__today_clear(&s->today);
    s->day = LW__TODAY;
    s->enrolled = s->screened = s->started = s->start_by_clinician = s->assessed = s->contra_asked = true;
    s->soft_decided = true;
    s->birth_year = 1986;
    s->start_day = s->day - 200;
    s->contact_day = s->screen_day = s->day;
    s->authority = LW_AUTHORITY_PROGRESS;
    s->irritability = LW_IRRITABILITY_LOW;
    s->equipment = ~UINT32_C(0);
    s->stage = stage;
    s->run.level = 1;
    s->run.fast = true;
    lw__fact_set(s, LW_FACT_AGE, 39, s->day);
    lw__fact_set(s, LW_FACT_CHECKIN, 1, s->day);
    lw__fact_set(s, LW_FACT_MORNING_TEST, 0, s->day);
    lw__fact_set(s, LW_FACT_SETTLED, 1, s->day);
    lw__fact_set(s, LW_FACT_PAIN_RELIEF, 0, s->day);
    lw__fact_set(s, LW_FACT_SITTING, 90, s->day);
    for (int32_t i = 0; i < LW_TESTS; i++) {
        s->test[i] = 0;
        s->test_day[i] = s->day;
    }
    for (uint8_t e = 0; used && e < p->protocol->exercise_count; e++) {
        const lw_exercise *x = &p->protocol->exercises[e];
        lw_machine *m = &s->machine[e];
        m->used = m->unlocked = true;
        m->rung = top ? (uint8_t)(x->rung_count - 1) : 0;
        m->load_ref = x->rungs[0].load_pct != 0 ? 2000 : LW_UNKNOWN;
        m->offer = m->raised = true;
        s->used_mask |= UINT64_C(1) << e;
    }
}

/* The next digit of a mixed number. */
static uint32_t digit(uint64_t *n, uint32_t base) {
    uint32_t d = (uint32_t)(*n % base);
    *n /= base;
    return d;
}

static void found(lw_prover *p, lw_property property, const char *what, const lw_item *item) {
    lw_prove_result *r = lw__broken(p, property, what);
    if (r != NULL && item != NULL) {
        lw__say(r, "exercise", p->protocol->exercises[item->exercise].id);
    }
    if (r != NULL) {
        lw__say(r, "stage", p->protocol->stages[p->state->stage].id);
    }
}

static bool picked_first(const lw_protocol *p, uint8_t exercise) {
    const lw_stage *stage = &p->stages[LW_STAGE_ISOMETRIC];
    for (int32_t k = 0; k < stage->slot_count; k++) {
        for (int32_t c = 0; c < stage->slots[k].candidate_count; c++) {
            if (stage->slots[k].candidates[c] == exercise) {
                return true;
            }
        }
    }
    return false;
}

typedef struct ages {
    int32_t sw, deep, plyo;
    bool eve, booked, silent;
    uint8_t flare;
} ages;

static void check_item(lw_prover *p, const lw_allow *a, const ages *g, const lw_item *item) {
    const lw_protocol *q = p->protocol;
    const lw_exercise *e = &q->exercises[item->exercise];
    int32_t class_ = item->dose.class_;
    bool quiet = g->sw < lw__bound_of(LW__QUIET_DAYS) || g->booked;
    bool after = g->sw <= lw__bound_of(LW__QUIET_DAYS) || g->booked;
    bool fast = e->plyometric || e->speed_ladder;
    if (class_ > a->class_max || class_ > lw__bound_of((lw__bound)(LW__CLASS_ISOMETRIC + p->state->stage))) {
        found(p, LW_PROPERTY_CAPS, "item-too-deep", item);
    }
    if (g->flare == LW_FLARE_MAJOR && (class_ > 1 || !picked_first(q, item->exercise))) {
        found(p, LW_PROPERTY_FLARE, "item-in-a-major-flare", item);
    }
    if ((g->flare != LW_FLARE_NONE || g->silent) && fast) {
        found(p, g->silent ? LW_PROPERTY_SILENCE : LW_PROPERTY_FLARE, "springing-not-now", item);
    }
    if ((quiet && (class_ > 1 || !picked_first(q, item->exercise))) || (after && (class_ > 2 || fast)) ||
        (g->eve && e->heavy)) {
        found(p, LW_PROPERTY_QUIET, "item-in-the-quiet", item);
    }
    if (g->silent && class_ > 2) {
        found(p, LW_PROPERTY_SILENCE, "item-too-deep", item);
    }
    bool rested = g->deep >= lw__bound_of(LW__DEEP_APART_DAYS) && g->plyo >= lw__bound_of(LW__PLYOMETRIC_APART_DAYS);
    if ((class_ > 2 || fast) && !rested) {
        found(p, LW_PROPERTY_REST, "item-without-rest", item);
    }
    if (!a->raise && (item->change.variable != LW_VAR_NONE || item->proposal.variable != LW_VAR_NONE)) {
        found(p, LW_PROPERTY_CHOOSER, "rise-outside", item);
    }
}

static const lw_item *same_exercise(const lw_decision *d, uint8_t exercise) {
    for (uint32_t i = 0; i < d->count; i++) {
        if (d->items[i].exercise == exercise) {
            return &d->items[i];
        }
    }
    return NULL;
}

/* The same inside a narrower guard: no exercise gets more than in the wide one. */
static void check_narrower(lw_prover *p, const lw_decision *was, lw_allow narrow) {
    lw_decision d;
    lw__decide(p->state, &narrow, &d);
    p->walk_transitions++;
    for (uint32_t i = 0; i < d.count; i++) {
        const lw_item *before = same_exercise(was, d.items[i].exercise);
        const lw_dose *dose = &d.items[i].dose;
        bool within = dose->class_ <= narrow.class_max &&
                      (!narrow.stage1_only || picked_first(p->protocol, d.items[i].exercise)) &&
                      (narrow.raise || d.items[i].change.variable == LW_VAR_NONE);
        bool higher = before != NULL && dose->tension > before->dose.tension;
        if (!within || higher) {
            found(p, LW_PROPERTY_CHOOSER, "narrower-gives-more", &d.items[i]);
        }
    }
}

static void check_limits(lw_prover *p, const lw_allow *a) {
    static const struct {
        uint8_t variable;
        int32_t max;
    } limits[] = {{LW_VAR_SETS, 200},  {LW_VAR_REPS, 500},      {LW_VAR_HOLD, 1000},  {LW_VAR_DEPTH, 3000},
                  {LW_VAR_LOAD, 1000}, {LW_VAR_CONTACTS, 1000}, {LW_VAR_SPEED, 6000}, {LW_VAR_DISTANCE, 3000}};
    lw_state *s = p->state;
    for (uint32_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        s->limit_count = 1;
        s->limits[0] =
            (lw_limit){.exercise = 255, .variable = limits[i].variable, .max = limits[i].max, .until = INT32_MAX};
        lw_decision d;
        lw__decide(s, a, &d);
        p->walk_transitions++;
        for (uint32_t k = 0; k < d.count; k++) {
            const lw_dose *o = &d.items[k].dose;
            int32_t most = limits[i].max;
            bool over = (limits[i].variable == LW_VAR_SETS && o->sets * 100 > most) ||
                        (limits[i].variable == LW_VAR_REPS && o->reps * 100 > most) ||
                        (limits[i].variable == LW_VAR_HOLD && o->hold_s * 100 > most) ||
                        (limits[i].variable == LW_VAR_DEPTH && o->depth_deg * 100 > most) ||
                        (limits[i].variable == LW_VAR_CONTACTS && o->contacts * 100 > most) ||
                        (limits[i].variable == LW_VAR_SPEED && o->speed_pct * 100 > most) ||
                        (limits[i].variable == LW_VAR_DISTANCE && o->distance_m * 100 > most) ||
                        (limits[i].variable == LW_VAR_LOAD && o->load != LW_UNKNOWN && o->load > most);
            if (over) {
                found(p, LW_PROPERTY_CAPS, "limit-passed", &d.items[k]);
            }
        }
    }
    s->limit_count = 0;
}

/* Days since shockwave, days since deep and springing work, bookings, silence, flare, de-load: what to choose. */
static bool walk_choice(lw_prover *p, uint64_t n) {
    static const int32_t since[] = {0, 1, 2, 3, 200};
    ages g;
    uint8_t stage = (uint8_t)digit(&n, p->protocol->stage_count);
    uint32_t use = digit(&n, 3);
    g.flare = (uint8_t)digit(&n, 3);
    g.sw = since[digit(&n, 5)];
    g.deep = since[1 + digit(&n, 4)];
    g.plyo = since[1 + digit(&n, 4)];
    uint32_t booked = digit(&n, 3);
    g.silent = digit(&n, 2) == 1;
    bool deload = digit(&n, 2) == 1;
    if (n > 0) {
        return false;
    }
    best_state(p, stage, use > 0, use == 2);
    lw_state *s = p->state;
    g.booked = booked == 1;
    g.eve = booked == 2;
    s->flare = g.flare;
    s->flare_day = s->day - 1;
    s->sw_day = g.sw == 200 ? LW_NEVER_DAY : s->day - g.sw;
    s->sw_booked = booked == 0 ? LW_NEVER_DAY : s->day + (g.eve ? 1 : 0);
    s->deep_day = s->day - g.deep;
    s->plyo_day = s->day - g.plyo;
    s->heavy_day = s->day - g.deep;
    s->session_day = s->day - 3;
    s->session_pain = 100;
    s->session_effort = 600;
    s->contact_day = s->day - (g.silent ? lw__bound_of(LW__SILENCE_LOWER_DAYS) : 0);
    s->deload_until = deload ? s->day : LW_NEVER_DAY;
    lw_allow a;
    lw_decision d;
    a = lw__guard(s);
    lw__decide(s, &a, &d);
    p->walk_states++;
    p->walk_transitions++;
    for (uint32_t i = 0; i < d.count; i++) {
        check_item(p, &a, &g, &d.items[i]);
    }
    if (d.count > (uint32_t)p->protocol->params[LW_PARAM_MAX_ITEMS]) {
        found(p, LW_PROPERTY_CAPS, "too-many-items", NULL);
    }
    if (a.by_itself && s->authority != LW_AUTHORITY_PROGRESS) {
        found(p, LW_PROPERTY_AUTHORITY, "raised-without-authority", NULL);
    }
    if (d.count > 0 && !deload && booked == 0) {
        check_limits(p, &a);
        lw_allow narrow = a;
        narrow.raise = false;
        check_narrower(p, &d, narrow);
        narrow = a;
        narrow.class_max = (uint8_t)(a.class_max > 0 ? a.class_max - 1 : 0);
        check_narrower(p, &d, narrow);
        narrow = a;
        narrow.deep = narrow.heavy = false;
        check_narrower(p, &d, narrow);
        narrow = a;
        narrow.plyometric = narrow.fast = false;
        check_narrower(p, &d, narrow);
    }
    return true;
}

/* Every red flag, alone and with each other, whatever else: nothing is prescribed. Also authority, pause, locks. */
static bool walk_flags(lw_prover *p, uint64_t n) {
    uint32_t one = digit(&n, LW_FLAGS);
    uint32_t other = digit(&n, LW_FLAGS);
    uint8_t stage = (uint8_t)digit(&n, p->protocol->stage_count);
    uint32_t authority = digit(&n, 3);
    uint32_t how = digit(&n, 6);
    if (n > 0) {
        return false;
    }
    best_state(p, stage, true, true);
    lw_state *s = p->state;
    s->authority = (uint8_t)authority;
    s->authority_lowered = how == 5;
    s->paused = how == 1;
    s->discharged = how == 2;
    s->lock_screen = how == 3;
    s->lock_tests = how == 4;
    bool flags = how != 5;
    if (flags) {
        s->open[0] = (lw_open_flag){.flags = LW_BIT(one) | LW_BIT(other), .until = INT32_MAX};
        s->open_count = 1;
    }
    bool stops = flags && (lw_flag_table[one].stops || lw_flag_table[other].stops);
    lw_allow a;
    lw_decision d;
    lw_run_plan r;
    lw_shockwave_plan w;
    lw__machine_facts(s);
    a = lw__guard(s);
    lw__decide(s, &a, &d);
    lw__run_plan(s, &a, &r);
    lw__shockwave_plan(s, &a, &w);
    p->walk_states++;
    p->walk_transitions++;
    if (stops && (a.status != LW_STATUS_STOPPED || d.count > 0 || r.allowed || w.status != LW_SWS_FORBIDDEN)) {
        found(p, LW_PROPERTY_RED_FLAG, "flag-does-not-stop", NULL);
    }
    if (stops && s->fact[LW_FACT_FLAG] == 0) {
        found(p, LW_PROPERTY_RED_FLAG, "flag-without-referral", NULL);
    }
    if (flags && a.raise) {
        found(p, LW_PROPERTY_RED_FLAG, "flag-raises", NULL);
    }
    if (how >= 1 && how <= 4 && (d.count > 0 || r.allowed || a.raise)) {
        found(p, LW_PROPERTY_RED_FLAG, "prescribed-when-closed", NULL);
    }
    bool own = authority == LW_AUTHORITY_PROGRESS && how != 5;
    if (a.by_itself != own || (authority == LW_AUTHORITY_HOLD && a.propose)) {
        found(p, LW_PROPERTY_AUTHORITY, "raised-without-authority", NULL);
    }
    for (uint32_t i = 0; i < d.count; i++) {
        bool proposes = d.items[i].proposal.variable != LW_VAR_NONE;
        if (authority == LW_AUTHORITY_HOLD && proposes) {
            found(p, LW_PROPERTY_AUTHORITY, "proposed-without-authority", &d.items[i]);
        }
    }
    return true;
}

/* Every contraindication, medicine, age and count: shockwave. */
static bool walk_shockwave(lw_prover *p, uint64_t n) {
    static const int32_t since[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 41, 42, 84, 85, 300};
    static const int32_t steroid[] = {0, 1, 41, 42, 43, 84, 85, LW_UNKNOWN};
    lw_state *s = p->state;
    uint32_t contra = digit(&n, LW_CONTRAS + 1);
    int32_t sw = since[digit(&n, 14)];
    uint32_t count = digit(&n, 8);
    int32_t injected = steroid[digit(&n, 8)];
    uint32_t who = digit(&n, 4); /* grown up, 17, age unknown, a tear */
    uint32_t weeks = digit(&n, 3);
    bool decided = digit(&n, 2) == 1;
    bool silent = digit(&n, 2) == 1;
    if (n > 0) {
        return false;
    }
    best_state(p, LW_STAGE_STRENGTH, false, false);
    s->contra = contra < LW_CONTRAS ? LW_BIT(contra) : 0;
    s->contra_decided = decided ? ~UINT32_C(0) : 0;
    s->sw_count = (uint8_t)count;
    s->sw_day = count == 0 ? LW_NEVER_DAY : s->day - sw;
    s->steroid_count = injected != LW_UNKNOWN;
    s->steroid_from[0] = injected != LW_UNKNOWN ? s->day - injected : 0;
    s->birth_year = who == 1 ? 2009 : 1986;
    s->enrolled = who != 2;
    s->tear = who == 3;
    s->weeks = weeks == 0 ? LW_UNKNOWN : lw__bound_of(LW__SYMPTOM_WEEKS) - (weeks == 1 ? 1 : 0);
    s->weeks_day = s->day;
    s->loading_base = 12;
    s->contact_day = s->day - (silent ? lw__bound_of(LW__SILENCE_LOWER_DAYS) : 0);
    lw__baseline_facts(s);
    lw__treatment_facts(s);
    lw__fact_set(s, LW_FACT_SILENCE, s->day - s->contact_day, s->day);
    lw__fact_set(s, LW_FACT_VISA, 40, s->day);
    lw__fact_set(s, LW_FACT_VISA_GAIN, 0, s->day);
    lw__fact_set(s, LW_FACT_LOADING_RESPONSE, LW_RESPONSE_NONE, s->day);
    lw_allow a;
    lw_shockwave_plan w;
    a = lw__guard(s);
    lw__shockwave_plan(s, &a, &w);
    p->walk_states++;
    p->walk_transitions++;
    bool forbids = who != 0 || (contra < LW_CONTRAS && lw_contra_table[contra].forbids) ||
                   (injected != LW_UNKNOWN && injected < lw__bound_of(LW__STEROID_DAYS));
    bool caution = contra < LW_CONTRAS && !lw_contra_table[contra].forbids && !decided;
    bool given = w.status == LW_SWS_DUE || w.status == LW_SWS_OPTION;
    if (forbids && w.status != LW_SWS_FORBIDDEN) {
        found(p, LW_PROPERTY_CONTRA, "not-forbidden", NULL);
    }
    if (given && caution) {
        found(p, LW_PROPERTY_CONTRA, "caution-passed", NULL);
    }
    if (given && count > 0 && sw < lw__bound_of(LW__SHOCKWAVE_APART_DAYS)) {
        found(p, LW_PROPERTY_QUIET, "sessions-too-near", NULL);
    }
    if (given && (int32_t)count >= lw__bound_of(LW__COURSE_SESSIONS) &&
        sw <= p->protocol->params[LW_PARAM_STEROID_WARN]) {
        found(p, LW_PROPERTY_CONTRA, "seventh-session", NULL);
    }
    if (w.status == LW_SWS_OPTION && weeks < 2 && who == 0) {
        found(p, LW_PROPERTY_CONTRA, "offered-too-early", NULL);
    }
    if (given && silent) {
        found(p, LW_PROPERTY_SILENCE, "shockwave-in-silence", NULL);
    }
    if (w.status == LW_SWS_FORBIDDEN && w.rule < 0) {
        found(p, LW_PROPERTY_STUCK, "forbidden-without-a-word", NULL);
    }
    return true;
}

/* Running: level, longest run, flare, quiet, rest and limits. */
static bool walk_running(lw_prover *p, uint64_t n) {
    static const int32_t longest[] = {0, 300, 1007, 4200};
    lw_state *s = p->state;
    uint8_t level = (uint8_t)digit(&n, p->protocol->run_level_count + 1u);
    int32_t km = longest[digit(&n, 4)];
    uint8_t flare = (uint8_t)digit(&n, 3);
    uint32_t sw = digit(&n, 4);
    uint32_t last = digit(&n, 3);
    bool green = digit(&n, 2) == 1;
    bool silent = digit(&n, 2) == 1;
    bool fast = digit(&n, 2) == 1;
    if (n > 0) {
        return false;
    }
    best_state(p, LW_STAGE_PLYOMETRIC, false, false);
    p->walk_states++;
    p->walk_transitions++;
    s->run.level = level;
    s->run.fast = fast;
    s->run.km[(s->day - 5) & (LW_RUN_RING - 1)] = km;
    s->run.last_day = s->day - 1 - (int32_t)last;
    s->flare = flare;
    s->sw_day = sw == 3 ? LW_NEVER_DAY : s->day - (int32_t)sw;
    s->contact_day = s->day - (silent ? lw__bound_of(LW__SILENCE_LOWER_DAYS) : 0);
    lw__fact_set(s, LW_FACT_MORNING_TEST, green ? 100 : 500, s->day);
    lw_allow a;
    lw_run_plan r;
    a = lw__guard(s);
    lw__run_plan(s, &a, &r);
    if (!r.allowed) {
        return true;
    }
    if (r.max_km != LW_UNKNOWN && (int64_t)r.max_km * 100 > (int64_t)km * lw__bound_of(LW__RUN_PCT)) {
        found(p, LW_PROPERTY_CAPS, "run-too-long", NULL);
    }
    if (km == 0 && r.level > 1) {
        found(p, LW_PROPERTY_CAPS, "run-level-without-a-run", NULL);
    }
    if (flare == LW_FLARE_MAJOR) {
        found(p, LW_PROPERTY_FLARE, "run-not-now", NULL);
    }
    if ((int32_t)sw < lw__bound_of(LW__QUIET_DAYS)) {
        found(p, LW_PROPERTY_QUIET, "run-not-now", NULL);
    }
    if (silent) {
        found(p, LW_PROPERTY_SILENCE, "run-not-now", NULL);
    }
    if (r.hills && (!fast || flare != LW_FLARE_NONE)) {
        found(p, LW_PROPERTY_CAPS, "hills-not-open", NULL);
    }
    if (level == 0) {
        found(p, LW_PROPERTY_CAPS, "run-not-open", NULL);
    }
    return true;
}

int32_t lw__walk_walls(lw_prover *p, uint32_t budget) {
    static bool (*const parts[])(lw_prover *, uint64_t) = {walk_choice, walk_flags, walk_shockwave, walk_running};
    walls *w = p->memory;
    uint64_t until = p->walk_transitions + budget;
    if (w == NULL) {
        w = p->memory = LW__NEW(p->arena, walls, 1);
        if (w == NULL) {
            return LW_ERR_NO_MEMORY;
        }
    }
    while (w->part < sizeof(parts) / sizeof(parts[0])) {
        if (p->walk_transitions >= until) {
            return 1;
        }
        if (!parts[w->part](p, w->next++)) {
            w->part++;
            w->next = 0;
        }
    }
    return 0;
}
