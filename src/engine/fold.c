/*
 * fold.c: from events to the state of one morning.
 *
 * Events are taken one at a time; when a local day is complete it is closed by a tick: first its morning (the check-in
 * answers yesterday's sessions, rules are judged, machines move), then its evening (what was done becomes fact and waits
 * for the next morning). The day asked for gets its morning; its own sessions may only lower.
 *
 * Date text decides the day: events whose instants run against their dates (flying west) are found by looking around.
 * Days without events are ticked too, up to where nothing can change any more.
 *
 * What a fold was on the evening before its day can be kept, and the next fold go on from there: the same state, without
 * the months before. Nothing is kept that a later event could still change.
 */
#include "engine/fold.h"
#include "engine/apply.h"
#include "engine/decide.h"

enum {
    DAY_S = 86400,
    OFFSET_S = 18 * 3600,   /* the widest offset a time may carry */
    LOAD_MOST = 1000000000, /* tissue load of one day */
    WINDOW_DAYS = 64,       /* as far as a window looks back: ticked before whatever comes next */
    STILL_DAYS = 300        /* after so many days without an event every field has reached its end */
};

static uint8_t one_more(uint8_t counter) {
    return (uint8_t)(counter < 255 ? counter + 1 : 255);
}

static uint64_t bit_of(int32_t exercise) {
    return UINT64_C(1) << exercise;
}

/* The highest pain that counts as green in a session: the protocol's, or amber where a clinician allowed it. */
static int32_t session_green(const lw_state *s) {
    return s->protocol->params[s->pain_ceiling == 5 ? LW_PARAM_PAIN_AMBER_MAX : LW_PARAM_PAIN_GREEN_MAX];
}

/* ---- lowering ---- */

/* What a bad signal takes back of the calm time, whether or not it also lowers. */
static void forget_calm(lw_state *s) {
    s->calm_days = 0;
    s->run.fast = false;
    s->run.continuous_day = LW_NEVER_DAY;
}

/* A bad signal: every machine goes one step down where it can, and every wait begins again whether or not it could. */
void lw__lower_all(lw_state *s) {
    int32_t again = s->day + s->protocol->params[LW_PARAM_RISE_DAYS];
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        lw_machine *m = &s->machine[__builtin_ctzll(left)];
        if (!lw__step_down(m)) {
            m->low_due = true;
            m->unlocked = false;
            s->low_day = s->day;
        }
        m->green = m->easy = 0;
        m->wait_until = again;
        m->accept_until = LW_NEVER_DAY;
    }
    s->run.level = (uint8_t)(s->run.level > 1 ? s->run.level - 1 : s->run.level);
    s->run.green = 0;
    s->run.wait_until = again;
    s->run.accept_until = LW_NEVER_DAY;
    s->stage_accept_until = LW_NEVER_DAY;
    s->green = 0;
    forget_calm(s);
    lw__windows_forget(s);
}

/* Waits begin again, nothing is lowered. */
void lw__restart_waits(lw_state *s) {
    int32_t again = s->day + s->protocol->params[LW_PARAM_RISE_DAYS];
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        lw_machine *m = &s->machine[__builtin_ctzll(left)];
        m->green = m->easy = 0;
        m->wait_until = again;
        m->accept_until = LW_NEVER_DAY;
    }
    s->run.green = 0;
    s->run.wait_until = again;
    s->run.accept_until = LW_NEVER_DAY;
    s->stage_accept_until = LW_NEVER_DAY;
    s->green = 0;
    lw__windows_forget(s);
}

/* Every dose at most the part given for return. */
void lw__cut_all(lw_state *s) {
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        lw_machine *m = &s->machine[__builtin_ctzll(left)];
        m->part = m->part < LW_PART_RETURN ? LW_PART_RETURN : m->part;
    }
}

/* ---- the morning ---- */

/* This morning answers yesterday's sessions. */
void lw__resolve_yesterday(lw_state *s) {
    int32_t settled = s->fact[LW_FACT_SETTLED];
    bool answered = settled != LW_UNKNOWN;
    bool good_morning = settled == 1 && !s->today.relief;
    for (uint64_t left = s->pending_mask; left != 0; left &= left - 1) {
        uint8_t e = (uint8_t)__builtin_ctzll(left);
        lw_machine *m = &s->machine[e];
        if (!m->pending_green || (answered && settled == 0)) {
            m->green = m->easy = 0;
        } else if (answered && good_morning && m->pending_rise && lw__step_up(s, e, &m->rung, &m->part)) {
            m->green = m->easy = 0;
            m->wait_until = s->day - 1 + s->protocol->params[LW_PARAM_RISE_DAYS];
            m->accept_until = LW_NEVER_DAY;
            m->low_due = false;
            s->hold_days = 0;
        } else if (answered && good_morning && m->pending_met) {
            const int32_t *p = s->protocol->params;
            bool easy = m->last.pain <= p[LW_PARAM_EASY_PAIN] && m->last.effort != LW_UNKNOWN &&
                        m->last.effort <= p[LW_PARAM_EASY_EFFORT];
            m->green = (uint8_t)(m->green + (m->green < 7 ? 1 : 0));
            m->easy = (uint8_t)(easy ? m->easy + (m->easy < 7 ? 1 : 0) : 0);
            m->low_due = false;
        }
        m->pending_green = m->pending_met = m->pending_rise = false;
    }
    s->pending_mask = 0;
    if (s->session_pending) {
        if (!s->session_green || (answered && settled == 0)) {
            s->green = 0;
        } else if (answered && good_morning) {
            s->green = (uint8_t)(s->green + (s->green < 7 ? 1 : 0));
            s->returning = false;
        }
        s->session_pending = false;
    }
    if (s->run.pending) {
        lw_run_machine *r = &s->run;
        if (!r->pending_green || (answered && settled == 0)) {
            r->green = 0;
            r->continuous_day = LW_NEVER_DAY;
        } else if (answered && good_morning) {
            int32_t slot = (s->day - 1) & (LW_RUN_RING - 1);
            r->km[slot] = r->pending_km > r->km[slot] ? r->pending_km : r->km[slot];
            r->green = (uint8_t)(r->pending_level && r->green < 7 ? r->green + 1 : r->green);
            if (r->pending_continuous && r->continuous_day == LW_NEVER_DAY) {
                r->continuous_day = s->day - 1;
            }
        }
        r->pending = false;
    }
}

/* How long the mornings have been unsettled, expected soreness after shockwave left out. */
static void judge_morning(lw_state *s) {
    bool unsettled = s->fact[LW_FACT_SETTLED] == 0;
    s->expected = lw__first_rule(s, LW_ACTION_EXPECTED) >= 0;
    if (s->sw_day != LW_NEVER_DAY && s->fact[LW_FACT_OVER_USUAL] != LW_UNKNOWN) {
        // what the tendon says until the next session could be due; soreness counts until the first morning without
        int32_t over = s->fact[LW_FACT_OVER_USUAL];
        bool near = s->day - s->sw_day <= s->protocol->params[LW_PARAM_SW_SPACING];
        s->sw_rise = near && over > s->sw_rise ? over : s->sw_rise;
        s->sw_sore_over = s->sw_sore_over || (over <= 0 && s->day > s->sw_day);
        if (!s->sw_sore_over) {
            s->sw_sore_days = (uint8_t)(s->day - s->sw_day < 200 ? s->day - s->sw_day : 200);
        }
    }
    // soreness counts until it is gone, a high rise until a session has been left out for it
    bool recent = s->sw_day != LW_NEVER_DAY && s->day - s->sw_day <= 2 * s->protocol->params[LW_PARAM_SW_SPACING];
    lw__fact_set(s, LW_FACT_SW_SORE_DAYS, s->sw_day != LW_NEVER_DAY && !s->sw_sore_over ? s->sw_sore_days : 0, s->day);
    lw__fact_set(s, LW_FACT_SW_RISE, recent ? s->sw_rise : LW_UNKNOWN, s->day);
    if (s->fact[LW_FACT_SETTLED] == LW_UNKNOWN) {
        lw__fact_set(s, LW_FACT_UNSETTLED, 0, s->day);
        return;
    }
    if (!unsettled || s->expected) {
        s->unsettled = 0;
    } else {
        // a gap between two unsettled mornings does not count as settled
        int32_t days = s->unsettled == 0 ? 1 : s->unsettled + (s->day - s->unsettled_day);
        s->unsettled = (uint8_t)(days > 200 ? 200 : days);
        s->unsettled_day = s->day;
    }
    lw__fact_set(s, LW_FACT_UNSETTLED, s->unsettled, s->day);
}

/* The worst flare any rule sees. Pain in a session counts on the first morning after it, or on its own day. */
static int32_t flare_rule(lw_state *s) {
    int32_t pain = s->fact[LW_FACT_SESSION_PAIN];
    if (s->day - s->session_day > 1) {
        s->fact[LW_FACT_SESSION_PAIN] = LW_UNKNOWN;
    }
    int32_t found = -1;
    for (int32_t i = s->action_first[LW_ACTION_FLARE]; i < s->action_first[LW_ACTION_FLARE + 1]; i++) {
        const lw_rule *rule = &s->protocol->rules[s->by_action[i]];
        if ((found < 0 || rule->arg > s->protocol->rules[found].arg) && lw__rule_fires(s, rule)) {
            found = s->by_action[i];
        }
    }
    s->fact[LW_FACT_SESSION_PAIN] = pain;
    return found;
}

/* Flare, de-load, hold: what today's signals do to the machines. */
static void judge_signals(lw_state *s) {
    const lw_protocol *p = s->protocol;
    int32_t flare = flare_rule(s);
    int32_t deload = lw__first_rule(s, LW_ACTION_DELOAD);
    if (flare >= 0) {
        uint8_t kind = (uint8_t)p->rules[flare].arg;
        if (kind == LW_FLARE_MAJOR && s->flare != LW_FLARE_MAJOR) {
            s->major_days |= 1u;
        }
        s->flare = kind > s->flare ? kind : s->flare;
        s->flare_rule = (int16_t)flare;
        s->flare_day = s->day;
    }
    bool opens = deload >= 0 && s->deload_until < s->day;
    if ((flare >= 0 || opens) && s->bad_day != s->day) {
        lw__lower_all(s);
        s->bad_day = s->day;
    } else if (deload >= 0) {
        lw__restart_waits(s);
        forget_calm(s);
    }
    if (flare >= 0) {
        lw__cut_all(s);
        s->bad = true;
    }
    if (deload >= 0) {
        s->deload = LW_DELOAD_WARNING;
        s->deload_until = s->day + p->rules[deload].arg - 1;
        s->deload_rule = (int16_t)deload;
        s->bad = true;
    }
    s->hold_rule = (int16_t)lw__first_rule(s, LW_ACTION_HOLD);
    s->stage_held = lw__first_rule(s, LW_ACTION_HOLD_STAGE) >= 0;
}

/* A flare ends after its least days without a bad signal, on a settled morning. */
static void close_flare(lw_state *s) {
    int32_t least = s->protocol->params[s->flare == LW_FLARE_MAJOR ? LW_PARAM_MAJOR_DAYS : LW_PARAM_FLARE_DAYS];
    if (s->flare != LW_FLARE_NONE && !s->bad && s->day - s->flare_day >= least && s->fact[LW_FACT_SETTLED] == 1 &&
        !s->today.relief) {
        s->flare = LW_FLARE_NONE;
        lw__restart_waits(s);
    }
}

/* Days without a word: what each limit does, from facts only. */
static void judge_silence(lw_state *s) {
    const int32_t *p = s->protocol->params;
    if (s->today.checkin) {
        s->lock_checkin_seen = true;
        s->contact_day = s->day;
        s->restarted = false;
    }
    int32_t silence = s->day - s->contact_day;
    if (silence >= p[LW_PARAM_SILENCE_LOWER]) {
        lw__cut_all(s);
        lw__restart_waits(s);
        s->deload = LW_DELOAD_SILENCE;
        s->deload_until = s->day;
    }
    if (silence == p[LW_PARAM_SILENCE_STOP]) {
        s->lock_screen = true;
        s->lock_screen_seen = s->screen_day >= s->day;
        s->lock_checkin_seen = false;
    }
    if (silence >= p[LW_PARAM_SILENCE_RESTART] && !s->restarted) {
        s->restarted = true;
        s->lock_tests = true;
        s->stage = (uint8_t)(s->stage > 0 ? s->stage - 1 : 0);
    }
    s->lock_screen = s->lock_screen && !(s->lock_screen_seen && s->lock_checkin_seen);
}

/* A stop that ends brings everyone back carefully. */
static void judge_stop(lw_state *s) {
    bool stopped = lw__flags_stop(s, lw__open_flags(s));
    // someone who was stopped, if only for a part of a day, comes back carefully
    bool ended = (s->was_stopped || s->stop_seen) && !stopped;
    s->authority_lowered = s->authority_lowered || stopped;
    s->stop_seen = false;
    if (ended) {
        lw__cut_all(s);
        s->returning = true;
        s->deload = LW_DELOAD_RETURN;
        s->deload_until = s->day;
    }
    if (stopped || ended) {
        lw__restart_waits(s);
    }
    s->was_stopped = stopped;
}

static void judge_irritability(lw_state *s) {
    s->baseline_changed = false;
    s->irritability = LW_IRRITABILITY_MODERATE;
    int32_t rule = lw__first_rule(s, LW_ACTION_IRRITABLE);
    if (rule >= 0) {
        s->irritability = (uint8_t)s->protocol->rules[rule].arg;
    } else if (!s->assessed) {
        s->irritability = LW_IRRITABILITY_HIGH;
    }
    lw__fact_set(s, LW_FACT_IRRITABILITY, s->irritability, s->day);
}

/* The working label is given at an assessment and stands until the next: a tendon that calms is not another diagnosis. */
static void judge_label(lw_state *s) {
    const lw_protocol *p = s->protocol;
    s->label_rule = (int16_t)lw__first_rule(s, LW_ACTION_LABEL);
    s->label_met_count = 0;
    int32_t from = s->label_rule >= 0 ? s->label_rule : lw__rule_of(s, LW_ACTION_LABEL, 0);
    for (int32_t g = 0; from >= 0 && g < p->rules[from].group_count; g++) {
        const lw_group *group = &p->groups[p->rules[from].group_first + g];
        for (int32_t c = 0; c < group->cond_count; c++) {
            const lw_cond *cond = &p->conds[group->cond_first + c];
            if (s->label_met_count < LW_MAX_MET && lw__cond_true(s, cond)) {
                s->label_met[s->label_met_count++] = cond->fact;
            }
        }
    }
}

/* ---- the tick ---- */

void lw__begin_day(lw_state *s, int32_t day) {
    s->day = day;
    s->session_days = s->session_days << 1 & 0xfffffffu;
    s->due_days = s->due_days << 1 & 0xfffffffu;
    s->red_sessions <<= 1;
    s->relief_days <<= 1;
    s->night_days <<= 1;
    s->major_days <<= 1;
    s->eccentric_days <<= 1;
    s->run_days <<= 1;
    s->tension[(uint32_t)day % LW_RING] = 0;
    s->compression[(uint32_t)day % LW_RING] = 0;
    s->run.km[day & (LW_RUN_RING - 1)] = 0;
    s->run.done_km[day & (LW_RUN_RING - 1)] = 0;
    s->calm_days = one_more(s->calm_days);
    s->bad = false;
    s->stage_rule = -1;
    s->refused_count = 0;
    if (s->deload_until < day) {
        s->deload = LW_DELOAD_NONE;
    }
}

static void start_programme(lw_state *s) {
    for (int32_t i = 0; i < LW_MAX_EXERCISES; i++) {
        lw_machine *m = &s->machine[i];
        *m = (lw_machine){.rule = -1,
                          .wait_until = LW_NEVER_DAY,
                          .accept_until = LW_NEVER_DAY,
                          .last_day = m->last_day,
                          .load_ref = LW_UNKNOWN,
                          .last = m->last};
    }
    s->used_mask = s->pending_mask = 0;
    s->started = true;
    s->stage = LW_STAGE_ISOMETRIC;
    s->flare = LW_FLARE_NONE;
    s->deload = LW_DELOAD_NONE;
    s->deload_until = s->bad_day = s->flare_day = LW_NEVER_DAY;
    s->green = s->unsettled = 0;
    s->calm_days = s->hold_days = 0;
    s->due_days = s->session_days = 0;
    s->lock_screen = s->lock_tests = s->restarted = s->returning = false;
    s->contact_day = s->day;
    s->run.level = s->run.green = 0;
    s->run.fast = false;
    s->run.wait_until = s->run.accept_until = s->stage_accept_until = LW_NEVER_DAY;
    for (int32_t i = 0; i < LW_MAX_WINDOWS; i++) {
        s->windows[i] = 0;
    }
}

/* What has not been done for four weeks begins again. */
static void begin_again(lw_state *s) {
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        int32_t e = __builtin_ctzll(left);
        lw_machine *m = &s->machine[e];
        if (s->day - m->last_day > s->protocol->params[LW_PARAM_TEST_DAYS]) {
            *m = (lw_machine){.rule = -1,
                              .wait_until = m->wait_until,
                              .accept_until = LW_NEVER_DAY,
                              .last_day = m->last_day,
                              .load_ref = LW_UNKNOWN,
                              .last = m->last};
            s->used_mask &= ~bit_of(e);
        }
    }
}

void lw__morning(lw_state *s) {
    bool starts = s->day == s->start_day;
    if (starts) {
        start_programme(s);
    }
    begin_again(s);
    // pauses and stops are not days without a rise
    bool runs = !starts && !s->was_stopped && !s->paused && !s->lock_screen && !s->lock_tests;
    s->hold_days = runs ? one_more(s->hold_days) : s->hold_days;
    judge_silence(s);
    lw__baseline_facts(s);
    lw__treatment_facts(s);
    lw__checkin_facts(s);
    if (s->today.walk_bad) {
        lw__fact_set(s, LW_FACT_WALK_OK, 0, s->day); // of the day itself only what lowers
    } else if (s->day - s->fact_day[LW_FACT_WALK_OK] > s->protocol->params[LW_PARAM_TEST_DAYS]) {
        s->fact[LW_FACT_WALK_OK] = LW_UNKNOWN;
    }
    lw__resolve_yesterday(s);
    lw__course_facts(s);
    if (s->baseline_changed || starts) {
        judge_irritability(s);
    }
    if (s->assessed_day == s->day) {
        judge_label(s);
    }
    if (starts) {
        int32_t enter = lw__first_rule(s, LW_ACTION_ENTER);
        s->stage_rule = (int16_t)enter;
        s->stage = (uint8_t)(enter < 0 ? LW_STAGE_ISOMETRIC : s->protocol->rules[enter].arg);
        s->stage = s->stage > LW_STAGE_ECCENTRIC ? LW_STAGE_ECCENTRIC : s->stage;
    }
    judge_stop(s);
    lw__machine_facts(s);
    judge_morning(s);
    lw__windows_step(s);
    uint8_t flare = s->flare;
    judge_signals(s);
    close_flare(s);
    if (s->bad || s->flare != flare) {
        lw__machine_facts(s);
    }
    lw__take_overrides(s);
    lw__offer_rises(s);
    lw__take_accepted(s);
    lw__refuse_override(s);
    // a day is due when the rhythm says so: the chosen days, or the stage's own spacing; what stays due counts once
    int32_t last = s->session_day > s->due_day ? s->session_day : s->due_day;
    bool chosen = s->days_mask != 0 ? (s->days_mask >> lw_day_weekday(s->day) & 1) != 0
                                    : s->day - last >= s->protocol->stages[s->stage].every_days;
    if (s->started && s->day > s->start_day && chosen) {
        lw_allow allow = lw__guard(s);
        s->due_days |= allow.prescribe ? 1u : 0u;
        s->due_day = s->day;
    }
}

/* Under the load the plan gave: the ladder goes down to what was done, the same for every state. */
static void clamp_to_done(lw_state *s, uint8_t exercise) {
    lw_machine *m = &s->machine[exercise];
    if (m->last.load == LW_UNKNOWN || m->load_ref == LW_UNKNOWN ||
        s->protocol->exercises[exercise].rungs[0].load_pct == 0) {
        return;
    }
    lw_dose dose;
    lw__dose_at(s, exercise, m->rung, LW_PART_FULL, &dose);
    while (dose.load != LW_UNKNOWN && dose.load > m->last.load && m->rung > 0) {
        m->rung--;
        lw__dose_at(s, exercise, m->rung, LW_PART_FULL, &dose);
    }
    if (dose.load != LW_UNKNOWN && dose.load > m->last.load) {
        m->load_ref = m->last.load;
    }
}

/*
 * A deeper step has to be seen to be deeper: by the depth that was written, or by the fewer repetitions that go with it.
 * The old dose done again is no rise.
 */
static bool is_rise(const lw_done *done, const lw_dose *now, const lw_dose *up) {
    if (up->depth_deg <= now->depth_deg) {
        return true;
    }
    if (done->depth_deg != LW_UNKNOWN) {
        return done->depth_deg >= up->depth_deg;
    }
    return up->reps < now->reps && done->reps < now->reps;
}

void lw__evening_exercise(lw_state *s, uint8_t exercise, const lw_done *done) {
    const lw_exercise *e = &s->protocol->exercises[exercise];
    lw_machine *m = &s->machine[exercise];
    if (!m->used && (done->any || done->skipped_for_pain)) {
        m->used = true;
        m->part = lw__first_part(s);
        s->used_mask |= bit_of(exercise);
    }
    if (!done->any) {
        // a skip for pain counts as not tolerated
        m->green = (uint8_t)(done->skipped_for_pain ? 0 : m->green);
        m->easy = (uint8_t)(done->skipped_for_pain ? 0 : m->easy);
        m->last_day = done->skipped_for_pain ? s->day : m->last_day;
        return;
    }
    if (done->load != LW_UNKNOWN && m->last.any && m->last.load != LW_UNKNOWN && done->load < m->last.load) {
        // less than the last time: the waits begin again, in every state alike
        m->green = m->easy = 0;
        m->wait_until = s->day + s->protocol->params[LW_PARAM_RISE_DAYS];
        m->accept_until = LW_NEVER_DAY;
    }
    m->last = *done;
    m->last_day = s->day;
    if (m->load_ref == LW_UNKNOWN && done->load != LW_UNKNOWN && done->load > 0) {
        m->load_ref = done->load;
    }
    lw_dose dose;
    lw__dose_at(s, exercise, m->rung, m->part, &dose);
    m->pending_green = done->pain <= session_green(s) && !done->pain_relief && !done->skipped_for_pain;
    m->pending_met = lw__done_meets(done, &dose);
    m->pending_rise = false;
    bool deep = dose.class_ >= 3 || done->depth_deg > 70;
    uint8_t rung = m->rung;
    uint8_t part = m->part;
    if (m->raised && m->offer) {
        lw_dose up;
        (void)lw__step_up(s, exercise, &rung, &part); // there is one: it was offered this morning
        lw__dose_at(s, exercise, rung, part, &up);
        m->pending_rise = lw__done_meets(done, &up) && is_rise(done, &dose, &up);
        deep = deep || up.class_ >= 3;
    }
    s->pending_mask |= bit_of(exercise);
    s->deep_day = deep ? s->day : s->deep_day;
    clamp_to_done(s, exercise);
    s->heavy_day = e->heavy ? s->day : s->heavy_day;
    s->plyo_day = e->plyometric || e->speed_ladder ? s->day : s->plyo_day;
    s->nordic_day = e->nordic ? s->day : s->nordic_day;
    s->eccentric_days |= e->eccentric || e->nordic ? 1u : 0u;
    int32_t tension;
    int32_t compression;
    lw__done_load(s, exercise, done, &tension, &compression);
    int32_t *tension_today = &s->tension[(uint32_t)s->day % LW_RING];
    int32_t *compression_today = &s->compression[(uint32_t)s->day % LW_RING];
    *tension_today = lw__added(*tension_today, tension, LOAD_MOST);
    *compression_today = lw__added(*compression_today, compression, LOAD_MOST);
}

/* The longest run of the protocol's window before today, of those in the ring. */
static int32_t longest_in(const lw_state *s, const int32_t *ring) {
    int32_t longest = 0;
    int32_t window = s->protocol->params[LW_PARAM_RUN_WINDOW];
    for (int32_t back = 1; back <= window && back < LW_RUN_RING; back++) {
        int32_t km = ring[(s->day - back) & (LW_RUN_RING - 1)];
        longest = km > longest ? km : longest;
    }
    return longest;
}

/* What was done today becomes fact, and waits for tomorrow's morning. */
void lw__evening(lw_state *s) {
    const lw_today *t = &s->today;
    int32_t pain = LW_UNKNOWN;
    int32_t effort = LW_UNKNOWN;
    int32_t relief = LW_UNKNOWN;
    bool any = false;
    bool under_relief = false;
    bool not_tolerated = false;
    bool effort_known = true;
    for (uint64_t left = t->touched; left != 0; left &= left - 1) {
        uint8_t e = (uint8_t)__builtin_ctzll(left);
        const lw_done *d = &t->done[e];
        not_tolerated = not_tolerated || d->skipped_for_pain;
        if (e < s->protocol->exercise_count) {
            lw__evening_exercise(s, e, d);
        }
        if (d->any) {
            any = true;
            pain = d->pain > pain ? d->pain : pain;
            effort = d->effort > effort ? d->effort : effort;
            effort_known = effort_known && d->effort != LW_UNKNOWN;
            relief = d->relief > relief ? d->relief : relief;
            under_relief = under_relief || d->pain_relief;
        }
    }
    if (any || not_tolerated) {
        s->session_pending = true;
        s->session_green = any && pain <= session_green(s) && !under_relief && !not_tolerated;
    }
    if (any) {
        s->contact_day = s->day;
        s->session_day = s->day;
        s->session_pain = pain;
        s->session_effort = effort_known ? effort : LW_UNKNOWN;
        s->session_relief = relief;
        s->session_by_relief = under_relief;
        s->session_days |= 1u;
        s->red_sessions |= pain > s->protocol->params[LW_PARAM_PAIN_AMBER_MAX] ? 1u : 0u;
        s->relief_days |= under_relief ? 1u : 0u;
    }
    if (t->walk_ok && !t->walk_bad) {
        lw__fact_set(s, LW_FACT_WALK_OK, 1, s->day);
    }
    if (t->run) {
        lw_run_machine *r = &s->run;
        if (s->day - r->last_day > s->protocol->params[LW_PARAM_RISE_DAYS]) {
            r->continuous_day = LW_NEVER_DAY; // a week without a run breaks the series
        }
        int32_t longest = longest_in(s, r->done_km);
        r->ratio =
            longest > 0 && t->run_km > 0 ? (int32_t)(((int64_t)t->run_km * 100 + longest - 1) / longest) : LW_UNKNOWN;
        const lw_run_level *level = r->level > 0 ? &s->protocol->run_levels[r->level - 1] : NULL;
        r->last_day = s->day;
        r->done_km[s->day & (LW_RUN_RING - 1)] = t->run_km;
        r->pending = true;
        r->pending_green = !t->run_unknown_pain && t->run_pain <= s->protocol->params[LW_PARAM_PAIN_GREEN_MAX];
        r->pending_km = t->run_km;
        r->pending_level = level != NULL && t->run_min >= level->total_run_min;
        r->pending_continuous = t->run_continuous >= s->protocol->params[LW_PARAM_CONTINUOUS_MIN];
        s->run_days |= 1u;
    }
    // pain in a run or another sport is a session's pain: it may lower, never raise
    int32_t other = t->run_pain > t->other_pain ? t->run_pain : t->other_pain;
    if (other != LW_UNKNOWN && other > s->protocol->params[LW_PARAM_PAIN_GREEN_MAX]) {
        s->session_pain = s->session_day == s->day && s->session_pain > other ? s->session_pain : other;
        s->session_effort = s->session_day == s->day ? s->session_effort : LW_UNKNOWN;
        s->session_day = s->day;
        s->session_pending = true;
        s->session_green = false;
    }
}

/* The sessions already logged on the day of the plan: they may lower or stop, never raise. */
static void same_day(lw_state *s) {
    const lw_today *t = &s->today;
    int32_t pain = t->run_pain > t->other_pain ? t->run_pain : t->other_pain;
    bool refused = false;
    for (uint64_t left = t->touched; left != 0; left &= left - 1) {
        const lw_done *d = &t->done[__builtin_ctzll(left)];
        pain = d->any && d->pain > pain ? d->pain : pain;
        refused = refused || d->skipped_for_pain;
    }
    if (pain > s->protocol->params[LW_PARAM_PAIN_GREEN_MAX] || refused) {
        int32_t day = s->session_day;
        s->session_day = s->day;
        int32_t before = s->fact[LW_FACT_SESSION_PAIN];
        int32_t seen = lw__rule_pain(s, pain);
        lw__fact_set(s, LW_FACT_SESSION_PAIN, before > seen ? before : seen, s->day);
        judge_signals(s);
        s->bad = s->bad || refused; // not tolerated: nothing rises beside it either
        lw__machine_facts(s);
        if (s->bad || s->hold_rule >= 0) {
            lw__clear_offers(s);
        }
        s->session_day = day;
    }
}

int32_t lw__longest_run(const lw_state *s) {
    return longest_in(s, s->run.km);
}

void lw__fold_init(lw_state *s, const lw_protocol *protocol, const lw_record *record) {
    memset(s, 0, sizeof(*s));
    s->protocol = protocol;
    s->record = record;
    s->pain_ceiling = 3;
    s->max_items = LW_MAX_ITEMS_PLAN;
    s->authority = LW_AUTHORITY_SUGGEST;
    s->irritability = LW_IRRITABILITY_HIGH;
    s->sides = 1;
    lw__facts_clear(s);
    for (int32_t i = 0; i < LW_TESTS; i++) {
        s->test[i] = s->before[i] = LW_UNKNOWN;
        s->test_day[i] = LW_NEVER_DAY;
    }
    for (int32_t i = 0; i < 9; i++) {
        s->outcome_day[i] = LW_NEVER_DAY;
    }
    for (int32_t i = 0; i < LW_MAX_EXERCISES; i++) {
        s->machine[i].load_ref = LW_UNKNOWN;
        s->machine[i].rule = -1;
        s->machine[i].last_day = s->machine[i].wait_until = s->machine[i].accept_until = LW_NEVER_DAY;
    }
    s->loading_base = LW_UNKNOWN;
    s->weeks = s->bridge_left = s->bridge_right = s->curl_left = s->curl_right = LW_UNKNOWN;
    s->weeks_day = s->bridge_day = s->curl_day = s->assessed_day = s->screen_day = LW_NEVER_DAY;
    s->steroid_day = s->nsaid_until = s->anticoagulant_until = LW_UNKNOWN;
    s->start_day = INT32_MAX;
    s->authority_at_s = INT64_MIN;
    s->stage_accept_until = s->bad_day = s->flare_day = s->deload_until = s->contact_day = s->low_day =
        s->unsettled_day = LW_NEVER_DAY;
    s->session_day = s->heavy_day = s->deep_day = s->plyo_day = s->nordic_day = LW_NEVER_DAY;
    s->session_pain = s->session_effort = s->session_relief = s->last_stiffness = LW_UNKNOWN;
    s->flare_rule = s->deload_rule = s->hold_rule = s->raise_rule = s->stage_rule = s->label_rule = -1;
    s->sw_day = s->sw_booked = s->due_day = LW_NEVER_DAY;
    s->sw_visa_start = s->sw_nprs_start = s->sw_rise = LW_UNKNOWN;
    s->visa_first = s->nprs_first = s->tsk_first = LW_UNKNOWN;
    s->run.wait_until = s->run.accept_until = s->run.last_day = s->run.continuous_day = LW_NEVER_DAY;
    s->run.ratio = LW_UNKNOWN;
    lw__today_clear(&s->today);
    lw__rules_index(s);
}

/* Where the events of each day are found, though instants may run against dates. */
typedef struct lw_cursor {
    const lw_event *events;
    uint32_t count, low;
    bool in_order;
    int32_t until; /* the day of the plan */
} lw_cursor;

/* A void of a later day has not been written yet on the day of the plan. */
static bool gone(const lw_event *e, int32_t until) {
    return e->voided && e->void_day <= until;
}

/* Applies the events of one local day; false when none are left for later days up to `until`. */
static void apply_day(lw_state *s, lw_cursor *c, int32_t day) {
    if (c->in_order) {
        for (; c->low < c->count && c->events[c->low].day == day; c->low++) {
            if (!gone(&c->events[c->low], c->until)) {
                lw__apply(s, &c->events[c->low]);
            }
        }
        return;
    }
    int64_t from = (int64_t)day * DAY_S - OFFSET_S;
    int64_t to = (int64_t)(day + 1) * DAY_S + OFFSET_S;
    while (LW_ALWAYS(c->low < c->count) && c->events[c->low].at_s < from) {
        c->low++;
    }
    for (uint32_t i = c->low; i < c->count && c->events[i].at_s < to; i++) {
        if (c->events[i].day == day && !gone(&c->events[i], c->until)) {
            lw__apply(s, &c->events[i]);
        }
    }
}

/* The next day with an event after `day`, or INT32_MAX. */
static int32_t next_event_day(const lw_cursor *c, int32_t day) {
    if (c->in_order) {
        return c->low < c->count ? c->events[c->low].day : INT32_MAX;
    }
    int32_t next = INT32_MAX;
    for (uint32_t i = c->low; i < c->count; i++) {
        if (c->events[i].day > day && c->events[i].day < next) {
            next = c->events[i].day;
        }
        if (next != INT32_MAX && c->events[i].at_s > (int64_t)(next + 2) * DAY_S + OFFSET_S) {
            break;
        }
    }
    return next;
}

/* Writes down what the day that is ending came to, where somebody keeps a ledger of it. */
static void write_down(const lw_state *s, lw_ledger *ledger) {
    if (ledger == NULL || s->day < ledger->from) {
        return;
    }
    const lw_today *t = &s->today;
    lw_day_load *d = &ledger->days[s->day - ledger->from];
    d->tension = s->tension[(uint32_t)s->day % LW_RING];
    d->compression = s->compression[(uint32_t)s->day % LW_RING];
    d->run_km = t->run_km;
    d->run_min = t->run_min;
    d->done = (s->session_days & 1u) != 0;
    d->due = (s->due_days & 1u) != 0;
    d->flare = s->flare;
    d->morning = t->morning;
    d->sitting = t->sitting;
    d->test = d->during = LW_UNKNOWN;
    for (int32_t k = 0; k < LW_TESTS; k++) {
        d->test = t->test[k] > d->test ? t->test[k] : d->test;
    }
    d->during = t->run_pain > t->other_pain ? t->run_pain : t->other_pain;
    for (uint64_t left = t->touched; left != 0; left &= left - 1) {
        const lw_done *done = &t->done[__builtin_ctzll(left)];
        d->during = done->any && done->pain > d->during ? done->pain : d->during;
    }
}

/* What one look over the record tells before the first day. */
typedef struct lw_overview {
    int32_t first, start_day;
    uint32_t later;
    bool in_order;
    bool taken_back; /* an event among those that the evening holds has been voided since */
} lw_overview;

static lw_overview look_over(const lw_record *record, int32_t day, const lw_evening *evening) {
    lw_overview v = {.first = day, .start_day = INT32_MAX, .in_order = true};
    int32_t last_seen = INT32_MIN;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *e = &record->events[i];
        v.in_order = v.in_order && e->day >= last_seen;
        last_seen = e->day;
        v.first = e->day < v.first ? e->day : v.first;
        if (evening != NULL && i < evening->count) {
            v.taken_back = v.taken_back || (gone(e, day) && !gone(e, evening->until));
        }
        if (e->day > day) {
            v.later++;
        } else if (e->kind == LW_KIND_STARTED && !gone(e, day)) {
            v.start_day = e->day;
        }
    }
    return v;
}

/*
 * Whether a fold to `day` comes past this evening. The caller says that the record begins with the events it holds; what has
 * come since must lie after it, and must not change what those mean: no later start, no void, no decision that an override of
 * then named and did not find.
 */
static bool goes_on(const lw_evening *evening, const lw_protocol *protocol, const lw_record *record, int32_t day,
                    const lw_overview *v) {
    return evening != NULL && evening->until != LW_NEVER_DAY && evening->s.day < day &&
           evening->count <= record->count && v->in_order && !v->taken_back && v->start_day == evening->s.start_day &&
           !evening->s.unfounded &&
           (evening->count == record->count || record->events[evening->count].day > evening->s.day) &&
           memcmp(evening->protocol, protocol->hash, sizeof evening->protocol) == 0;
}

/*
 * The fold of lw__fold; with a ledger the last day is taken to its evening, too. With an evening (nullable) it goes on from there
 * where it can, and leaves the evening before `day` in its place.
 */
static void fold(const lw_protocol *protocol, const lw_record *record, int32_t day, lw_state *s, lw_ledger *ledger,
                 lw_evening *evening) {
    lw_overview v = look_over(record, day, evening);
    lw_cursor cursor = {.events = record->events, .count = record->count, .in_order = v.in_order, .until = day};
    int32_t from = v.first;
    int32_t still = 0;
    int32_t next = v.first;
    if (goes_on(evening, protocol, record, day, &v)) {
        *s = evening->s;
        s->protocol = protocol;
        s->record = record;
        cursor.low = evening->count;
        next = next_event_day(&cursor, s->day);
        from = s->day + 1;
    } else {
        lw__fold_init(s, protocol, record);
        s->start_day = v.start_day;
        s->contact_day = v.first;
    }
    s->later = v.later;
    for (int32_t d = from;; d++) {
        lw__begin_day(s, d);
        bool eventful = d >= next;
        if (eventful) {
            apply_day(s, &cursor, d);
            next = next_event_day(&cursor, d);
            still = 0;
        }
        lw__morning(s);
        if (d == day && ledger == NULL) {
            break;
        }
        if (eventful) {
            lw__evening(s);
        }
        write_down(s, ledger);
        if (d == day) {
            break;
        }
        if (eventful) {
            lw__today_clear(&s->today);
        }
        if (evening != NULL && d == day - 1) {
            evening->s = *s;
            evening->until = day;
            evening->count = cursor.low;
            memcpy(evening->protocol, protocol->hash, sizeof evening->protocol);
        }
        // nothing moves any more until the next event
        still++;
        int32_t target = (next < day ? next : day) - WINDOW_DAYS;
        if (still > STILL_DAYS && target > d) {
            d = target;
        }
    }
}

int32_t lw__fold_on(const lw_protocol *protocol, const lw_record *record, int32_t day, lw_state *s,
                    lw_evening *evening) {
    fold(protocol, record, day, s, NULL, evening);
    same_day(s);
    return LW_OK;
}

int32_t lw__fold(const lw_protocol *protocol, const lw_record *record, int32_t day, lw_state *s) {
    return lw__fold_on(protocol, record, day, s, NULL);
}

void lw__fold_days(const lw_protocol *protocol, const lw_record *record, int32_t day, lw_state *s, lw_ledger *ledger) {
    fold(protocol, record, day, s, ledger, NULL);
}

int32_t lw_fold_only(const lw_protocol *protocol, const lw_record *record, int32_t day) {
    lw_state s;
    return lw__fold(protocol, record, day, &s);
}
