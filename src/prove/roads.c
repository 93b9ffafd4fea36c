/*
 * roads.c: invented people on the whole engine.
 *
 * Each lives day by day: a check-in, the plan of that morning by the shipped fold, guard and decide, then what the plan
 * said, done or not. Their records are written as JSON Lines and read by the shipped decoder, so a story is what it says.
 *
 *   ways      for each goal, and out of silence, a red flag, flares and a pause: to maintenance; from pain without end: to
 *             a clinician
 *   weeks     a person who does or skips each session in every pattern: the sums of seven days against the four weeks before
 *   reached   every stage, exercise and rule is met on some morning of some life; for a rule that no life came to, a
 *             combination of facts that makes it true (gates.c) is told and folded
 *   equal     at the end of each life the record is folded whole, and stands where the days had led
 */
#include "engine/apply.h"
#include "prove/walk.h"

enum {
    LIFE_DAYS = 420,
    TALE = 3 * 1024 * 1024,
    EVENTS = 24 * 1024 * 1024,
    PATTERNS = 512,
    PATTERN_DAYS = 60,
    PATTERN_BITS = 9,
    GOALS = 6,
    VARIANTS = 5,
    ODD = 8,
    LONG_DAYS = 700
};

typedef enum trouble { NO_TROUBLE, LONG_SILENCE, RED_FLAG, FLARES, PAUSE, TROUBLES } trouble;
typedef enum endless { AMBER_FOR_EVER, RED_FOR_EVER, NIGHTS_FOR_EVER, ENDLESS } endless;

typedef struct life {
    lw__tale tale;
    lw_arena events;
    size_t lived; /* bytes of the tale */
    lw__person person;
    trouble trouble;
    uint32_t flag; /* number of the event that raised it */
    int32_t pain, test, effort, day;
    bool night, relief, no_outcomes, odd;
    int32_t lever, lunge, arabesque, rdl, hop; /* pain of the re-tests */
    uint32_t pattern, sessions;                /* sessions left out, a bit each */
    bool reviewed;
    uint64_t used; /* exercises in use this morning */
    lw_decision decision;
} life;

typedef struct roads {
    uint32_t part, next;
    life life;
} roads;

/* ---- a life, day by day ---- */

/* Applies what was told since. False: no room, or the decoder refused it. */
static bool live(lw_prover *p, life *l) {
    while (l->lived < l->tale.w.len) {
        const char *at = l->tale.w.buf + l->lived;
        size_t length = 0;
        while (at[length] != '\n') {
            length++;
        }
        lw_event *e = LW__NEW(&l->events, lw_event, 1);
        if (e == NULL || lw_event_read((lw_str){at, (uint32_t)length}, 1, &l->events, e, NULL) != LW_OK) {
            return false;
        }
        if (e->kind == LW_KIND_STARTED) {
            p->state->start_day = e->day;
        }
        lw__apply(p->state, e);
        l->lived += length + 1;
    }
    return !l->tale.w.full;
}

static void tell_tests(life *l) {
    lw__tale *t = &l->tale;
    lw__tale_open(t, "tested", true, 500);
    lw__tale_member_raw(t, "tests", "{\"bridge_single\":");
    lw__put_x100(&t->w, l->test);
    lw__tale_member_x100(t, "bridge_long_lever", l->lever);
    lw__tale_member_x100(t, "arabesque", l->arabesque);
    lw__tale_member_x100(t, "rdl", l->rdl);
    lw__tale_member_x100(t, "lunge", l->lunge);
    lw__tale_member_x100(t, "drop_lunge", 0);
    lw__tale_member_x100(t, "hop", l->hop);
    if (l->odd) {
        lw__tale_member_c(t, "long_stride", "positive");
    }
    lw__put_char(&t->w, '}');
    lw__tale_member_raw(t, "bridge_reps", "{\"left\":30,\"right\":30}");
    lw__tale_member_raw(t, "curl_10rm_kg", "{\"left\":40,\"right\":40}");
    if (!l->odd) {
        lw__tale_member(t, "sitting_min", 90);
        lw__tale_member_raw(t, "rest_pain", "false");
    }
    lw__tale_close(t);
}

static void tell_outcome(lw__tale *t, const char *instrument, int32_t score) {
    lw__tale_open(t, "outcome", false, 505);
    lw__tale_member_c(t, "instrument", instrument);
    lw__tale_member(t, "score", score);
    lw__tale_close(t);
}

static void tell_activity(lw__tale *t, const char *type, int32_t minutes, int32_t km, int32_t pain) {
    lw__tale_open(t, "activity", false, 1000);
    lw__tale_member_c(t, "type", type);
    lw__tale_member(t, "minutes", minutes);
    if (km > 0) {
        lw__tale_member_x100(t, "km", km);
    }
    lw__tale_member_x100(t, "pain_during", pain);
    lw__tale_close(t);
}

/* True on a day without a word. */
static bool tell_trouble(life *l) {
    lw__tale *t = &l->tale;
    int32_t day = l->day;
    if (l->trouble == LONG_SILENCE && day == 70) {
        lw__tale_open(t, "screened", true, 300);
        lw__tale_member_raw(t, "flags", "[]");
        lw__tale_close(t);
    }
    if (l->trouble == RED_FLAG && day == 40) {
        lw__tale_open(t, "symptom", false, 301);
        lw__tale_member_c(t, "flag", "RF02");
        lw__tale_close(t);
        l->flag = t->count;
    }
    if (l->trouble == RED_FLAG && day == 47) {
        lw__tale_open(t, "cleared", true, 302);
        lw__tale_member_raw(t, "events", "[\"");
        lw__tale_id(t, l->flag);
        lw__put_c(&t->w, "\"]");
        lw__tale_member_c(t, "note", "examined");
        lw__tale_close(t);
    }
    if (l->trouble == RED_FLAG && day == 48) {
        lw__tale_open(t, "authority", true, 303);
        lw__tale_member_c(t, "level", "progress");
        lw__tale_close(t);
    }
    if (l->trouble == PAUSE && (day == 40 || day == 75)) {
        lw__tale_open(t, day == 40 ? "paused" : "resumed", false, 304);
        if (day == 40) {
            lw__tale_member_c(t, "reason", "holiday");
        }
        lw__tale_close(t);
    }
    return l->trouble == LONG_SILENCE && day >= 40 && day < 70;
}

static bool is_quiet(const life *l) {
    return l->trouble == PAUSE && l->day >= 40 && l->day < 75;
}

static void tell_word(lw__tale *t, const char *kind, const char *name, const char *word) {
    lw__tale_open(t, kind, false, 506);
    lw__tale_member_c(t, name, word);
    lw__tale_close(t);
}

/* A course in which much happens and little gets better: what rules of advice and review ask for. */
static void tell_oddities(life *l) {
    lw__tale *t = &l->tale;
    int32_t day = l->day;
    if (day % 28 == 0) {
        tell_outcome(t, "visa_h", 40);
        tell_outcome(t, "nprs", 6);
        tell_outcome(t, "groc", 0);
        tell_outcome(t, "tsk11", 35);
    }
    if (day % 10 == 2) {
        tell_word(t, "treatment", "type", "massage");
        tell_word(t, "treatment", "type", "stretching");
    }
    if (day % 7 == 0 && day >= 14 && day < 56) {
        lw__tale_open(t, "shockwave", false, 600);
        lw__tale_member_c(t, "side", "left");
        lw__tale_member_raw(t, "anaesthetic", "true");
        lw__tale_close(t);
    }
    lw__tale_open(t, "checkin", false, 420);
    lw__tale_member_x100(t, "pain_morning", 100);
    lw__tale_member_x100(t, "pain_test", day >= 49 && day < 60 ? 500 : 200);
    lw__tale_member(t, "stiffness_min", 31 + day % 5 * 5);
    lw__tale_member_x100(t, "muscle_soreness", 200);
    lw__tale_member_x100(t, "sleep_h", day % 20 < 10 ? 500 : 800);
    lw__tale_member(t, "stress", day % 20 < 10 ? 8 : 2);
    lw__tale_member(t, "sitting_min", 15);
    lw__tale_member_c(t, "pain_relief", day % 9 == 0 ? "nsaid" : "none");
    lw__tale_close(t);
}

/* What this person says in the morning: screening and tests every second week, outcomes every fourth. */
static void tell_morning(life *l) {
    lw__tale *t = &l->tale;
    bool flare = l->trouble == FLARES && (l->day == 40 || l->day == 52 || l->day == 90);
    if (l->day % 14 == 0 && l->day > 0) {
        lw__tale_open(t, "screened", true, 499);
        lw__tale_member_raw(t, "flags", "[]");
        lw__tale_close(t);
        tell_tests(l);
    }
    if (l->day % 28 == 0 && !l->no_outcomes && !l->odd) {
        tell_outcome(t, "visa_h", l->day == 0 ? 40 : 90);
        tell_outcome(t, "readiness", 9);
        tell_outcome(t, "groc", 5);
        tell_outcome(t, "nprs", l->day == 0 ? 6 : 1);
    }
    if (l->odd) {
        tell_oddities(l);
        return;
    }
    lw__moment m = {.checkin = true, .test = flare ? 700 : l->test, .night = l->night || flare, .relief = l->relief};
    lw__tale_morning(t, &m);
}

/* Notes what this morning has come to. */
static void note(lw_prover *p, const life *l) {
    const lw_state *s = p->state;
    for (int32_t i = 0; i < p->protocol->rule_count; i++) {
        p->reached_rule[i] = p->reached_rule[i] || lw__rule_fires(s, &p->protocol->rules[i]);
    }
    for (uint32_t i = 0; i < l->decision.count; i++) {
        p->reached_exercise[l->decision.items[i].exercise] = true;
    }
    if (s->started) {
        p->reached_stage[s->stage] = true;
    }
    // rules that were asked before something moved, and those asked for one exercise
    const int16_t taken[] = {s->stage_rule, s->raise_rule, s->flare_rule, s->deload_rule, s->hold_rule};
    for (uint32_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        if (taken[i] >= 0) {
            p->reached_rule[taken[i]] = true;
        }
    }
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        const lw_machine *m = &s->machine[__builtin_ctzll(left)];
        if (m->rule >= 0) {
            p->reached_rule[m->rule] = true;
        }
    }
}

/* A held exercise with the test before and after, and something eccentric every day for a while. */
static void tell_extra(lw_prover *p, life *l) {
    lw__tale *t = &l->tale;
    for (uint8_t e = 0; e < p->protocol->exercise_count; e++) {
        const lw_exercise *x = &p->protocol->exercises[e];
        if ((!x->eccentric && x->rungs[0].hold_s == 0) || (x->eccentric && (l->day < 100 || l->day > 115))) {
            continue;
        }
        lw__tale_open(t, "exercise", false, 1200 + e);
        lw__tale_member_raw(t, "exercise", "\"");
        lw__put_escaped(&t->w, x->id);
        lw__put_char(&t->w, '"');
        lw__tale_member_c(t, "side", "left");
        lw__tale_member_raw(t, "sets", x->rungs[0].hold_s > 0 ? "[{\"hold_s\":20}]" : "[{\"reps\":5}]");
        lw__tale_member_x100(t, "pain_during", 200);
        lw__tale_member_x100(t, "effort", 500);
        lw__tale_member_x100(t, "test_before", 400);
        lw__tale_member_x100(t, "test_after", l->day % 20 < 10 ? 100 : 400);
        lw__tale_close(t);
    }
}

/* Does the session, unless the pattern leaves it out; runs and walks where they are due. */
static void tell_evening(lw_prover *p, life *l, const lw_allow *a) {
    const lw_state *s = p->state;
    lw__tale *t = &l->tale;
    lw_decision *d = &l->decision;
    bool skips = d->count > 0 && (l->pattern >> (l->sessions++ % PATTERN_BITS) & 1) != 0;
    for (uint32_t i = 0; i < d->count && !skips; i++) {
        lw__tale_dose(t, p->protocol, d->items[i].exercise, &d->items[i].dose, l->pain, l->effort, l->relief);
    }
    if (l->odd) {
        tell_extra(p, l);
    }
    if (l->day % 7 == 3 && l->pain <= 200) {
        tell_activity(t, "walk", 45, 0, 0);
    }
    if (a->run && s->run.level > 0 && !skips) {
        const lw_run_level *level = &p->protocol->run_levels[s->run.level - 1];
        int32_t longest = lw__longest_run(s);
        int32_t km = level->total_run_min * 17;
        int32_t most = longest == 0 ? km : longest * p->protocol->params[LW_PARAM_RUN_SPIKE] / 100;
        tell_activity(t, "run", level->total_run_min, km < most ? km : most, l->pain);
    }
}

/* Good days: no pain, all tests calm, every session done. */
static void good_days(life *l) {
    l->trouble = NO_TROUBLE;
    l->pain = l->test = l->lever = l->lunge = l->arabesque = l->rdl = l->hop = 0;
    l->effort = 600;
    l->night = l->relief = l->no_outcomes = l->odd = false;
    l->pattern = 0;
}

static void begin_life(lw_prover *p, life *l, const lw__person *person) {
    char *text = l->tale.w.buf;
    lw__tale_begin(&l->tale, text, TALE, LW__TODAY);
    l->events.used = 0;
    l->lived = 0;
    l->person = *person;
    l->day = 0;
    l->sessions = 0;
    l->reviewed = false;
    lw__fold_init(p->state, p->protocol, &(lw_record){.count = 0});
    p->state->contact_day = LW__TODAY;
    p->walk_states++;
}

/* One day. False: no room. */
static bool live_day(lw_prover *p, life *l) {
    lw_state *s = p->state;
    l->tale.day = l->tale.from + l->day;
    lw__begin_day(s, l->tale.day);
    bool silent = tell_trouble(l);
    if (l->day == 0) {
        lw__tale_start(&l->tale, p->protocol, &l->person);
    }
    if (!silent && !is_quiet(l)) {
        tell_morning(l);
    }
    if (!live(p, l)) {
        return false;
    }
    lw__morning(s);
    lw_allow a = lw__guard(s);
    lw__decide(s, &a, &l->decision);
    l->used = s->used_mask;
    note(p, l);
    l->reviewed = l->reviewed || lw__first_rule(s, LW_ACTION_REVIEW) >= 0 || s->fact[LW_FACT_FLAG] > 0;
    p->walk_transitions++;
    if (!silent && l->day > 0) {
        tell_evening(p, l, &a);
    }
    if (!live(p, l)) {
        return false;
    }
    lw__evening(s);
    lw__today_clear(&s->today);
    l->day++;
    return true;
}

/* Keeps the story of a life for a result, if it fits; the longer part of one that does not is left out with a word. */
static void keep(lw_prove_result *r, const life *l) {
    if (l->tale.w.len <= LW_PROVE_STORY) {
        memcpy((char *)(uintptr_t)r->story.ptr, l->tale.w.buf, l->tale.w.len);
        r->story.len = (uint32_t)l->tale.w.len;
    }
    r->from = l->tale.from;
    r->day = l->tale.day;
}

/* The whole record, folded, stands where the days have led. */
static bool check_equal(lw_prover *p, life *l) {
    size_t mark = p->arena->used;
    size_t result_size;
    size_t scratch_size;
    lw_record_size_hint(l->tale.w.len, &result_size, &scratch_size);
    void *result_bytes = lw__take(p->arena, result_size, 16);
    void *scratch_bytes = lw__take(p->arena, scratch_size, 16);
    lw_record record;
    bool fits = result_bytes != NULL && scratch_bytes != NULL;
    if (fits) {
        lw_arena result = lw_arena_over(result_bytes, result_size);
        lw_arena scratch = lw_arena_over(scratch_bytes, scratch_size);
        fits =
            lw_record_read((lw_str){l->tale.w.buf, (uint32_t)l->tale.w.len}, &result, &scratch, &record, NULL) == LW_OK;
    }
    if (fits) {
        // the same day again: its evening is not in a plan
        (void)lw__fold(p->protocol, &record, l->tale.day + 1, p->spare);
        lw__begin_day(p->state, l->tale.day + 1);
        lw__morning(p->state);
        lw_allow a;
        lw_allow b;
        a = lw__guard(p->state);
        b = lw__guard(p->spare);
        bool same = lw__same(&a, &b, sizeof(a)) && p->state->stage == p->spare->stage &&
                    lw__same(p->state->fact, p->spare->fact, sizeof(p->state->fact));
        for (int32_t i = 0; i < p->protocol->exercise_count; i++) {
            same = same && p->state->machine[i].rung == p->spare->machine[i].rung &&
                   p->state->machine[i].part == p->spare->machine[i].part &&
                   p->state->machine[i].wait_until == p->spare->machine[i].wait_until;
        }
        lw_prove_result *r = same ? NULL : lw__broken(p, LW_PROPERTY_EQUAL, "unequal");
        if (r != NULL) {
            keep(r, l);
        }
    }
    p->arena->used = mark;
    return fits;
}

/* ---- ways ---- */

/* Each goal and each trouble: with good days to maintenance. */
static bool walk_way(lw_prover *p, life *l, uint32_t n) {
    static const char *const goals[] = {"daily", "sit", "cycle", "run", "sprint", "sport"};
    static const char *const troubles[] = {"none", "silence", "red-flag", "flares", "pause"};
    lw__person person = lw__someone();
    person.goal = (uint8_t)(n % GOALS);
    person.irritability = n / GOALS / TROUBLES == 0 ? LW_IRRITABILITY_MODERATE : LW_IRRITABILITY_LOW;
    good_days(l);
    l->trouble = (trouble)(n / GOALS % TROUBLES);
    l->effort = n % 2 == 0 ? 600 : 400;
    begin_life(p, l, &person);
    while (l->day < LIFE_DAYS && p->state->stage != LW_STAGE_MAINTENANCE) {
        if (!live_day(p, l)) {
            return false;
        }
    }
    for (int32_t more = 0; more < 12 && p->state->stage == LW_STAGE_MAINTENANCE; more++) {
        if (!live_day(p, l)) {
            return false;
        }
    }
    if (p->state->stage != LW_STAGE_MAINTENANCE) {
        lw_prove_result *r = lw__broken(p, LW_PROPERTY_WAY_OUT, "no-way-to-maintenance");
        if (r != NULL) {
            lw__say(r, "goal", lw__str(goals[person.goal]));
            lw__say(r, "after", lw__str(troubles[l->trouble]));
            lw__say(r, "stage", p->protocol->stages[p->state->stage].id);
            keep(r, l);
        }
    }
    return check_equal(p, l);
}

/* Pain without end: somebody looks. */
static bool walk_endless(lw_prover *p, life *l, uint32_t n) {
    static const char *const names[] = {"amber", "red", "nights"};
    lw__person person = lw__someone();
    good_days(l);
    l->pain = n == RED_FOR_EVER     ? p->protocol->params[LW_PARAM_PAIN_AMBER_MAX] + 100
              : n == AMBER_FOR_EVER ? p->protocol->params[LW_PARAM_PAIN_AMBER_MAX]
                                    : 100;
    l->test = 200;
    l->night = n == NIGHTS_FOR_EVER;
    begin_life(p, l, &person);
    while (l->day < 80 && !l->reviewed) {
        if (!live_day(p, l)) {
            return false;
        }
    }
    if (!l->reviewed) {
        lw_prove_result *r = lw__broken(p, LW_PROPERTY_WAY_OUT, "no-clinician");
        if (r != NULL) {
            lw__say(r, "pain", lw__str(names[n]));
            keep(r, l);
        }
    }
    return check_equal(p, l);
}

/*
 * For each exercise that nobody has come to: people with its equipment alone, with tests that open less, and one who stays
 * in the springing stage.
 */
static bool walk_other(lw_prover *p, life *l, uint32_t n) {
    uint32_t exercise = n / VARIANTS;
    uint32_t variant = n % VARIANTS;
    if (p->reached_exercise[exercise]) {
        return true;
    }
    lw__person person = lw__someone();
    const lw_exercise *e = &p->protocol->exercises[exercise];
    person.equipment = e->needs | (e->needs_any & (~e->needs_any + 1));
    person.own_equipment = variant < VARIANTS - 1;
    good_days(l);
    if (variant > 0 && variant < VARIANTS - 1) {
        person.lever = (int16_t)(l->lever = 500);
        l->lunge = variant == 1 ? 300 : variant == 2 ? 200 : 300;
        l->arabesque = 300;
        l->hop = variant == 1 ? 300 : 200;
        l->rdl = 100;
        person.lunge = (int16_t)l->lunge;
    }
    l->no_outcomes = true;
    begin_life(p, l, &person);
    while (l->day < (variant == VARIANTS - 1 ? LONG_DAYS : LIFE_DAYS / 2) && !p->reached_exercise[exercise]) {
        if (!live_day(p, l)) {
            return false;
        }
    }
    return true;
}

/* People whom rules of exclusion, review and advice speak to. */
static bool walk_odd(lw_prover *p, life *l, uint32_t n) {
    lw__person person = lw__someone();
    good_days(l);
    l->odd = n < 2;
    l->test = n < 2 ? 200 : 0;
    l->pain = n < 2 ? 200 : 0;
    switch (n) {
    case 1:
        person.irritability = LW_IRRITABILITY_HIGH;
        person.both_sides = true;
        person.weeks = 6;
        person.loading_weeks = -1;
        person.sitting = 8;
        break;
    case 2:
        person.below_knee = true;
        break;
    case 3:
        person.sudden = true;
        break;
    case 4:
        person.loading_blocked = 1;
        break;
    case 5:
        person.unasked = true;
        break;
    default:
        break;
    }
    begin_life(p, l, &person);
    while (l->day < (n == 0 ? 200 : 110)) {
        l->tale.day = l->tale.from + l->day;
        if (n == 7 && l->day == 3) {
            lw__tale_open(&l->tale, "assessed", true, 300);
            lw__tale_member(&l->tale, "adl_pain", 1);
            lw__tale_member(&l->tale, "sitting_min", 60);
            lw__tale_close(&l->tale);
        }
        if (n == 6 && l->day == 10) {
            lw__tale_open(&l->tale, "symptom", false, 301);
            lw__tale_member_c(&l->tale, "flag", "RF01");
            lw__tale_close(&l->tale);
        }
        if (!live_day(p, l)) {
            return false;
        }
    }
    return check_equal(p, l);
}

/* ---- weeks ---- */

static int64_t sum_of(const int32_t *ring, int32_t day, int32_t back, int32_t days) {
    int64_t sum = 0;
    for (int32_t k = back; k < back + days; k++) {
        sum += ring[(uint32_t)(day - k) % LW_RING];
    }
    return sum;
}

/* The seven days that end today, done, against every seven of the four weeks before. */
static bool week_fits(const int32_t *ring, int32_t day, int64_t begun) {
    int64_t week = sum_of(ring, day, 0, 7);
    int64_t largest = 0;
    for (int32_t back = 1; back <= 22; back++) {
        int64_t sum = sum_of(ring, day, back, 7);
        largest = sum > largest ? sum : largest;
    }
    bool first = sum_of(ring, day, 1, 28) == 0;
    int64_t share = largest * lw__bound_of(LW__WEEK_SUM_PCT) / 100;
    int64_t one_more = largest + begun;
    return first || week <= (share > one_more ? share : one_more);
}

static bool walk_weeks(lw_prover *p, life *l, uint32_t n) {
    lw__person person = lw__someone();
    person.irritability = LW_IRRITABILITY_LOW;
    good_days(l);
    l->pattern = n;
    begin_life(p, l, &person);
    lw_state *s = p->state;
    while (l->day < PATTERN_DAYS) {
        if (!live_day(p, l)) {
            return false;
        }
        int64_t tension = 0;
        int64_t compression = 0;
        for (uint32_t i = 0; i < l->decision.count; i++) {
            const lw_item *item = &l->decision.items[i];
            bool begins = (l->used >> item->exercise & 1) == 0;
            bool channel = sum_of(s->compression, s->day, 1, 28) == 0;
            tension = begins && item->dose.tension > tension ? item->dose.tension : tension;
            compression =
                (begins || channel) && item->dose.compression > compression ? item->dose.compression : compression;
        }
        bool open = s->day - s->start_day < 7;
        if (!open && (!week_fits(s->tension, s->day, tension) || !week_fits(s->compression, s->day, compression))) {
            lw_prove_result *r = lw__broken(p, LW_PROPERTY_WEEKLY, "week-too-much");
            if (r != NULL) {
                keep(r, l);
            }
            break;
        }
    }
    return true;
}

/* ---- reached ---- */

/* The story of what makes a rule true, folded: every rule that fires then is reached. */
static bool walk_rule(lw_prover *p, life *l, uint32_t n) {
    if (p->reached_rule[n]) {
        return true;
    }
    lw__tale_begin(&l->tale, l->tale.w.buf, TALE, LW__TODAY);
    if (!lw__tell_rule(p, &p->protocol->rules[n], &l->tale)) {
        return true;
    }
    size_t mark = p->arena->used;
    size_t result_size;
    size_t scratch_size;
    lw_record_size_hint(l->tale.w.len, &result_size, &scratch_size);
    void *result_bytes = lw__take(p->arena, result_size, 16);
    void *scratch_bytes = lw__take(p->arena, scratch_size, 16);
    lw_record record;
    if (result_bytes == NULL || scratch_bytes == NULL) {
        return false;
    }
    lw_arena result = lw_arena_over(result_bytes, result_size);
    lw_arena scratch = lw_arena_over(scratch_bytes, scratch_size);
    if (lw_record_read((lw_str){l->tale.w.buf, (uint32_t)l->tale.w.len}, &result, &scratch, &record, NULL) == LW_OK) {
        (void)lw__fold(p->protocol, &record, l->tale.day, p->state);
        p->walk_states++;
        p->walk_transitions += record.count;
        for (int32_t i = 0; i < p->protocol->rule_count; i++) {
            p->reached_rule[i] = p->reached_rule[i] || lw__rule_fires(p->state, &p->protocol->rules[i]);
        }
    }
    p->arena->used = mark;
    return true;
}

static void judge_reached(lw_prover *p) {
    const lw_protocol *q = p->protocol;
    for (int32_t i = 0; i < q->rule_count; i++) {
        lw_prove_result *r = p->reached_rule[i] ? NULL : lw__broken(p, LW_PROPERTY_REACHED, "rule-not-reached");
        if (r != NULL) {
            lw__say(r, "rule", q->rules[i].id);
            lw__say_number(p, r, "line", (int32_t)q->rules[i].line);
        }
    }
    for (int32_t i = 0; i < q->exercise_count; i++) {
        lw_prove_result *r = p->reached_exercise[i] ? NULL : lw__broken(p, LW_PROPERTY_REACHED, "exercise-not-reached");
        if (r != NULL) {
            lw__say(r, "exercise", q->exercises[i].id);
        }
    }
    for (int32_t i = 0; i < q->stage_count; i++) {
        lw_prove_result *r = p->reached_stage[i] ? NULL : lw__broken(p, LW_PROPERTY_REACHED, "stage-not-reached");
        if (r != NULL) {
            lw__say(r, "stage", q->stages[i].id);
        }
    }
}

int32_t lw__walk_roads(lw_prover *p, uint32_t budget) {
    static bool (*const parts[])(lw_prover *, life *, uint32_t) = {walk_way, walk_endless, walk_other,
                                                                   walk_odd, walk_weeks,   walk_rule};
    const uint32_t counts[] = {
        GOALS * TROUBLES * 2,   ENDLESS, (uint32_t)p->protocol->exercise_count * VARIANTS, ODD, PATTERNS,
        p->protocol->rule_count};
    roads *w = p->memory;
    uint64_t until = p->walk_transitions + budget;
    if (w == NULL) {
        w = p->memory = LW__NEW(p->arena, roads, 1);
        char *text = w == NULL ? NULL : LW__TAKE(p->arena, char, TALE);
        void *events = text == NULL ? NULL : lw__take(p->arena, EVENTS, 16);
        if (events == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        w->life.tale.w.buf = text;
        w->life.events = lw_arena_over(events, EVENTS);
    }
    while (w->part < sizeof(parts) / sizeof(parts[0])) {
        if (p->walk_transitions >= until) {
            return 1;
        }
        if (w->next == counts[w->part]) {
            w->part++;
            w->next = 0;
        } else if (!parts[w->part](p, &w->life, w->next++)) {
            return LW_ERR_NO_MEMORY;
        }
    }
    judge_reached(p);
    return 0;
}
