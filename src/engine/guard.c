/*
 * guard.c: what is allowed at all. The wall between "allowed" and "chosen".
 *
 * A total function of the state: every state gives an answer, and the answer is only ever tightened here, field by field,
 * by conditions that hold whatever a protocol says (docs/format/plan.md, safety properties 2, 3, 5, 6, 8, 10, 11). What
 * chooses (decide.c) gets it as a constant; lw__enforce in decide.c checks the finished plan against it once more.
 */
#include "engine/state.h"

/*
 * The safety properties in the words of docs/format/plan.md, said anew and not copied from the code below, which is
 * proven to keep them (docs/proofs.md). For a compiler the rest of this block is a comment.
 */
/*@ // property 2: a red flag not cleared
    logic integer standing(lw_state *s, lw_open_flag *f) =
        s->day > f->until ? 0 : !f->cleared ? f->flags : f->assessed_after ? 0 : (f->flags & LW_FLAGS_ASSESSED);
    // of the first n events that raised flags, and of those that did not fit the list
    axiomatic open {
        logic integer open_of{L}(lw_state *s, integer n) reads s->open_overflow, s->day, s->open[0 .. n - 1];
        axiom open_none{L}: \forall lw_state *s; open_of{L}(s, 0) == s->open_overflow;
        axiom open_next{L}: \forall lw_state *s, integer n; 0 <= n < LW_MAX_OPEN ==>
            open_of{L}(s, n + 1) == (open_of{L}(s, n) | standing{L}(s, &s->open[n]));
    }
    logic integer flags_open(lw_state *s) =
        s->enrolled && s->fact[LW_FACT_AGE] != LW_UNKNOWN && s->fact[LW_FACT_AGE] < 18
            ? (open_of(s, s->open_count) | (1 << LW_FLAG_RF08))
            : open_of(s, s->open_count);
    predicate stops(lw_state *s, integer flags) = s->open_overflow != 0 || (flags & LW_FLAGS_STOP) != 0;
    predicate red_flag(lw_state *s) = stops(s, flags_open(s));

    // property 3: a contraindication that forbids
    predicate contraindicated(lw_state *s) =
        (s->contra & LW_CONTRAS_FORBID) != 0 || s->tear ||
        s->fact[LW_FACT_AGE] < 18 ||
        (s->steroid_day != LW_UNKNOWN && 0 <= s->day - s->steroid_day < s->protocol->params[LW_PARAM_STEROID_BLOCK]);

    // property 1b: missing or stale
    predicate something_missing(lw_state *s) =
        s->fact[LW_FACT_CHECKIN] != 1 || s->fact[LW_FACT_MORNING_TEST] == LW_UNKNOWN ||
        (s->session_day >= s->start_day && (s->session_pain == LW_UNKNOWN || s->session_effort == LW_UNKNOWN)) ||
        s->day - s->screen_day > s->protocol->params[LW_PARAM_SCREEN_DAYS];
    predicate green_morning(lw_state *s) =
        s->fact[LW_FACT_MORNING_TEST] <= s->protocol->params[LW_PARAM_PAIN_GREEN_MAX] &&
        s->fact[LW_FACT_SETTLED] == 1 && s->fact[LW_FACT_PAIN_RELIEF] != 1;

    // property 8: quiet after shockwave, on the day itself and the next; and the second day
    predicate shocked_within(lw_state *s, integer days) =
        s->sw_booked == s->day || (s->sw_day != LW_NEVER_DAY && s->day - s->sw_day <= days);
    predicate quiet(lw_state *s) = shocked_within(s, s->protocol->params[LW_PARAM_SW_QUIET] - 1);
    predicate quiet_or_second(lw_state *s) = shocked_within(s, s->protocol->params[LW_PARAM_SW_QUIET]);
    predicate eve(lw_state *s) = s->sw_booked == s->day + 1;

    // property 10: silence
    predicate silent(lw_state *s) = s->day - s->contact_day >= s->protocol->params[LW_PARAM_SILENCE_LOWER];

    // property 11: rest
    predicate rested(lw_state *s) = s->day - s->deep_day >= 2 && s->day - s->plyo_day >= 2;

    // a chosen weekday among today and the days before it
    predicate chosen(integer mask, integer day) = ((mask >> weekday(day)) & 1) != 0;
    predicate none_chosen(integer mask, integer from, integer to) = \forall integer d; from < d <= to ==> !chosen(mask, d);
    predicate chosen_since(lw_state *s, integer since) =
        s->days_mask == 0 || !none_chosen(s->days_mask, since > s->day - 7 ? since : s->day - 7, s->day);
    // a week has every weekday; run.sh tries all 7 × 128 cases
    predicate free_week(integer mask, integer to) = none_chosen(mask, to - 7, to);
    axiomatic week {
        axiom whole_week: \forall integer mask, to;
            0 <= mask < 128 && -1000000 <= to && free_week(mask, to) ==> mask == 0;
    }
*/

/*@ requires \valid_read(s) && \valid_read(f);
    assigns \nothing;
    ensures exact: \result == standing(s, f); */
uint32_t lw__standing_flags(const lw_state *s, const lw_open_flag *f) {
    if (s->day > f->until) {
        return 0;
    }
    if (!f->cleared) {
        return f->flags;
    }
    return f->assessed_after ? 0 : f->flags & LW_FLAGS_ASSESSED;
}

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    assigns \nothing;
    ensures exact: \result == flags_open(s); */
uint32_t lw__open_flags(const lw_state *s) {
    uint32_t flags = s->open_overflow;
    /*@ loop invariant 0 <= i <= s->open_count;
        loop invariant flags == open_of(s, i);
        loop assigns i, flags;
        loop variant s->open_count - i; */
    for (uint32_t i = 0; i < s->open_count; i++) {
        flags |= lw__standing_flags(s, &s->open[i]);
    }
    // facts that nobody can clear
    if (s->enrolled && s->fact[LW_FACT_AGE] != LW_UNKNOWN && s->fact[LW_FACT_AGE] < 18) {
        flags |= LW_BIT(LW_FLAG_RF08);
    }
    return flags;
}

/*@ requires \valid_read(s);
    assigns \nothing;
    ensures exact: \result <==> stops(s, flags); */
bool lw__flags_stop(const lw_state *s, uint32_t flags) {
    return s->open_overflow != 0 || (flags & LW_FLAGS_STOP) != 0;
}

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    assigns \nothing;
    ensures stopped: \result == LW_STATUS_STOPPED <==> stops(s, flags);
    ensures active: \result == LW_STATUS_ACTIVE ==>
        !s->discharged && !s->paused && s->started && s->enrolled && s->screened;
    ensures discharged: !stops(s, flags) && s->discharged ==> \result == LW_STATUS_DISCHARGED;
    ensures paused: !stops(s, flags) && !s->discharged && s->paused ==> \result == LW_STATUS_PAUSED;
    ensures one: \result <= LW_STATUS_ACTIVE; */
static uint8_t status_of(const lw_state *s, uint32_t flags) {
    if (lw__flags_stop(s, flags)) {
        return LW_STATUS_STOPPED;
    }
    if (s->discharged) {
        return LW_STATUS_DISCHARGED;
    }
    if (s->paused) {
        return LW_STATUS_PAUSED;
    }
    return s->started && s->enrolled && s->screened ? LW_STATUS_ACTIVE : LW_STATUS_NOT_STARTED;
}

/*@ requires \valid_read(s);
    assigns \nothing;
    ensures exact: \result <==> status == LW_STATUS_ACTIVE && !s->lock_screen && !s->lock_tests; */
static bool prescribes(const lw_state *s, uint8_t status) {
    return status == LW_STATUS_ACTIVE && !s->lock_screen && !s->lock_tests;
}

/* The authority that holds today. */
/*@ requires \valid_read(s);
    assigns \nothing;
    ensures by_itself: \result == LW_AUTHORITY_PROGRESS <==> s->authority == LW_AUTHORITY_PROGRESS && !s->authority_lowered;
    ensures propose: \result >= LW_AUTHORITY_SUGGEST <==> s->authority >= LW_AUTHORITY_SUGGEST; */
static uint8_t authority_of(const lw_state *s) {
    return s->authority_lowered && s->authority > LW_AUTHORITY_SUGGEST ? LW_AUTHORITY_SUGGEST : s->authority;
}

/* What is missing or stale of the few things that block a rise. */
/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    assigns \nothing;
    ensures exact: \result == 0 <==> !something_missing(s); */
static uint32_t missing_of(const lw_state *s) {
    uint32_t missing = 0;
    if (s->fact[LW_FACT_CHECKIN] != 1) {
        missing += LW_BIT(LW_MISSING_CHECKIN);
    }
    if (s->fact[LW_FACT_MORNING_TEST] == LW_UNKNOWN) {
        missing += LW_BIT(LW_MISSING_TEST);
    }
    if (s->session_day >= s->start_day && s->session_pain == LW_UNKNOWN) {
        missing += LW_BIT(LW_MISSING_SESSION_PAIN);
    }
    if (s->session_day >= s->start_day && s->session_effort == LW_UNKNOWN) {
        missing += LW_BIT(LW_MISSING_SESSION_EFFORT);
    }
    if (s->day - s->screen_day > s->protocol->params[LW_PARAM_SCREEN_DAYS]) {
        missing += LW_BIT(LW_MISSING_SCREENED);
    }
    return missing;
}

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    assigns \nothing;
    ensures exact: \result <==> stops(s, flags) || contraindicated(s); */
static bool shockwave_forbids(const lw_state *s, uint32_t flags) {
    bool forbids = lw__flags_stop(s, flags) || s->tear || (s->contra & LW_CONTRAS_FORBID) != 0;
    forbids = forbids || (s->steroid_day != LW_UNKNOWN && s->day >= s->steroid_day &&
                          s->day - s->steroid_day < s->protocol->params[LW_PARAM_STEROID_BLOCK]);
    return forbids || s->fact[LW_FACT_AGE] < 18; // an age that nobody has said is below any
}

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s) && is_day(since);
    assigns \nothing;
    ensures exact: \result <==> chosen_since(s, since); */
bool lw__chosen_since(const lw_state *s, int32_t since) {
    if (s->days_mask == 0) {
        return true;
    }
    /*@ loop invariant 0 <= back <= 7;
        loop invariant none_chosen(s->days_mask, s->day - back, s->day);
        loop invariant back == 7 ==> free_week(s->days_mask, s->day);
        loop assigns back;
        loop variant 7 - back; */
    for (int32_t back = 0; LW_ALWAYS(back < 7) && s->day - back > since; back++) {
        if ((s->days_mask >> lw_day_weekday(s->day - back) & 1) != 0) {
            //@ assert chosen(s->days_mask, s->day - back);
            return true;
        }
    }
    return false;
}

/* The day's signs that more than one answer turns on. */
typedef struct lw_signs {
    bool quiet1; /* shockwave: the day and the next */
    bool quiet2; /* and the second day */
    bool eve;    /* of a booked session */
    bool silent, deloaded;
} lw_signs;

/*@ predicate true_signs(lw_state *s, lw_signs g) =
        (g.quiet1 <==> quiet(s)) && (g.quiet2 <==> quiet_or_second(s)) && (g.eve <==> eve(s)) &&
        (g.silent <==> silent(s)) && (g.deloaded <==> s->deload_until >= s->day); */

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    assigns \nothing;
    ensures exact: true_signs(s, \result); */
static lw_signs signs_of(const lw_state *s) {
    const int32_t *p = s->protocol->params;
    int32_t after = s->sw_day == LW_NEVER_DAY ? INT32_MAX : s->day - s->sw_day; // days since shockwave
    bool booked_today = s->sw_booked == s->day;
    return (lw_signs){.quiet1 = after < p[LW_PARAM_SW_QUIET] || booked_today,
                      .quiet2 = after <= p[LW_PARAM_SW_QUIET] || booked_today,
                      .eve = s->sw_booked == s->day + 1,
                      .silent = s->day - s->contact_day >= p[LW_PARAM_SILENCE_LOWER],
                      .deloaded = s->deload_until >= s->day};
}

/* A fresh, green, settled morning with nothing missing and nothing against it. */
/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    requires true_signs(s, g);
    assigns \nothing;
    ensures known: \result ==> prescribe && missing == 0 && flags == 0;
    ensures green: \result ==> s->fact[LW_FACT_MORNING_TEST] != LW_UNKNOWN && green_morning(s) && !s->bad && !s->expected;
    ensures settled: \result ==>
        s->flare == LW_FLARE_NONE && s->deload_until < s->day && !s->returning && s->hold_rule < 0;
    ensures signs: \result ==> !quiet_or_second(s) && !eve(s) && !silent(s);
    ensures override: \result ==> s->override_action == 0 || s->override_action == 1 + LW_VERDICT_PROGRESS; */
static bool may_rise(const lw_state *s, lw_signs g, bool prescribe, uint32_t missing, uint32_t flags) {
    bool green_morning = s->fact[LW_FACT_MORNING_TEST] != LW_UNKNOWN &&
                         s->fact[LW_FACT_MORNING_TEST] <= s->protocol->params[LW_PARAM_PAIN_GREEN_MAX] &&
                         s->fact[LW_FACT_SETTLED] == 1 && s->fact[LW_FACT_PAIN_RELIEF] != 1;
    return green_morning && s->flare == LW_FLARE_NONE && !g.deloaded && !s->expected && !s->returning && !g.eve &&
           !g.quiet2 && !g.silent && !s->bad && s->hold_rule < 0 &&
           (s->override_action == 0 || s->override_action == 1 + LW_VERDICT_PROGRESS) && prescribe && missing == 0 &&
           flags == 0;
}

typedef struct lw_ceiling {
    uint8_t class_max, cap; /* cap: lw_cap that bound it */
    bool stage1_only;       /* nothing that came after the first stage */
} lw_ceiling;

/* The ceiling of the compression class: the lowest holds. */
/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    requires true_signs(s, g);
    assigns \nothing;
    ensures stage: \result.class_max <= stage_class;
    ensures flare: s->flare != LW_FLARE_NONE && stage_class > 0 ==> \result.class_max < stage_class;
    ensures one: s->flare == LW_FLARE_MAJOR || quiet(s) ==> \result.class_max <= 1;
    ensures first: \result.stage1_only <==> s->flare == LW_FLARE_MAJOR || quiet(s);
    ensures two: quiet_or_second(s) || silent(s) ==> \result.class_max <= 2;
    ensures named: \result.class_max < stage_class ==> \result.cap != LW_CAP_NONE; */
static lw_ceiling ceiling_of(const lw_state *s, lw_signs g, uint8_t stage_class) {
    lw_ceiling c = {.class_max = stage_class, .cap = LW_CAP_NONE};
    if (s->flare != LW_FLARE_NONE && c.class_max > 0) {
        c.class_max--;
        c.cap = LW_CAP_STAGE;
    }
    c.stage1_only = s->flare == LW_FLARE_MAJOR || g.quiet1;
    if (c.stage1_only && c.class_max > 1) {
        c.class_max = 1;
        c.cap = g.quiet1 ? LW_CAP_QUIET : LW_CAP_STAGE;
    }
    if ((g.quiet2 || g.silent) && c.class_max > 2) {
        c.class_max = 2;
        c.cap = g.quiet2 ? LW_CAP_QUIET : LW_CAP_SILENCE;
    }
    return c;
}

/* Rest between heavy days. */
/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    requires true_signs(s, g);
    assigns \nothing;
    ensures \result ==> s->flare != LW_FLARE_MAJOR && !quiet(s) && !eve(s) && s->day - s->heavy_day >= 2 &&
        chosen_since(s, s->heavy_day); */
static bool heavy_day(const lw_state *s, lw_signs g) {
    return s->flare != LW_FLARE_MAJOR && !g.quiet1 && !g.eve && s->day - s->heavy_day >= 2 &&
           lw__chosen_since(s, s->heavy_day);
}

/* Rest between deep and fast days. */
/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    requires true_signs(s, g);
    assigns \nothing;
    ensures \result ==> rested(s) && !eve(s); */
static bool rested_day(const lw_state *s, lw_signs g) {
    return s->day - s->deep_day >= 2 && s->day - s->plyo_day >= 2 && !g.eve;
}

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    requires true_signs(s, g);
    assigns \nothing;
    ensures \result ==> rested(s) && !eve(s) && !quiet_or_second(s) && !silent(s) && s->flare == LW_FLARE_NONE &&
        s->deload_until < s->day && s->day - s->plyo_day >= s->protocol->params[LW_PARAM_PLYO_GAP]; */
static bool plyometric_day(const lw_state *s, lw_signs g) {
    return rested_day(s, g) && !g.quiet2 && !g.silent && !g.deloaded && s->flare == LW_FLARE_NONE &&
           s->day - s->plyo_day >= s->protocol->params[LW_PARAM_PLYO_GAP];
}

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    requires true_signs(s, g);
    assigns \nothing;
    ensures \result ==> prescribe && s->flare != LW_FLARE_MAJOR && !quiet(s) && !silent(s) &&
        s->day - s->run.last_day >= s->protocol->params[LW_PARAM_RUN_GAP]; */
static bool run_day(const lw_state *s, lw_signs g, bool prescribe) {
    return prescribe && s->flare != LW_FLARE_MAJOR && !g.quiet1 && !g.silent &&
           s->day - s->run.last_day >= s->protocol->params[LW_PARAM_RUN_GAP];
}

/*@ requires \valid_read(s) && \valid_read(s->protocol) && valid_state(s);
    assigns \nothing;

    // who gets anything at all
    ensures red_flag_stops: \result.status == LW_STATUS_STOPPED <==> red_flag(s);
    ensures prescribe: \result.prescribe ==>
        \result.status == LW_STATUS_ACTIVE && !s->lock_screen && !s->lock_tests && !red_flag(s) && !s->discharged &&
        !s->paused && s->started && s->enrolled && s->screened;

    // what may rise
    ensures raise_known: \result.raise ==> \result.prescribe && \result.missing == 0 && !something_missing(s);
    ensures raise_green: \result.raise ==> green_morning(s) && !s->bad && !s->expected;
    ensures raise_settled: \result.raise ==>
        s->flare == LW_FLARE_NONE && s->deload_until < s->day && !s->returning && s->hold_rule < 0;
    ensures raise_flags: \result.raise ==> flags_open(s) == 0;
    ensures raise_quiet: \result.raise ==> !quiet(s) && !quiet_or_second(s) && !eve(s);
    ensures raise_silence: \result.raise ==> !silent(s);
    ensures raise_override: \result.raise ==>
        s->override_action == 0 || s->override_action == 1 + LW_VERDICT_PROGRESS;
    ensures missing: something_missing(s) ==> \result.missing != 0;

    // authority
    ensures by_itself: \result.by_itself <==> s->authority == LW_AUTHORITY_PROGRESS && !s->authority_lowered;
    ensures propose: \result.propose <==> s->authority >= LW_AUTHORITY_SUGGEST;

    // ceilings of the compression class
    ensures class_stage: \result.class_max <= s->protocol->stages[s->stage].class_max;
    ensures class_flare: s->flare != LW_FLARE_NONE && s->protocol->stages[s->stage].class_max > 0 ==>
        \result.class_max < s->protocol->stages[s->stage].class_max;
    ensures class_major: s->flare == LW_FLARE_MAJOR ==> \result.class_max <= 1 && \result.stage1_only;
    ensures class_quiet: quiet(s) ==> \result.class_max <= 1 && \result.stage1_only;
    ensures class_second: quiet_or_second(s) || silent(s) ==> \result.class_max <= 2;
    ensures cap_named: \result.class_max < s->protocol->stages[s->stage].class_max ==> \result.cap != LW_CAP_NONE;

    // rest, and what is left out
    ensures heavy: \result.heavy ==> !\result.stage1_only && !quiet(s) && !eve(s) && s->flare != LW_FLARE_MAJOR &&
        s->day - s->heavy_day >= 2 && chosen_since(s, s->heavy_day);
    ensures deep: \result.deep ==> rested(s) && !eve(s) && \result.class_max == 3 && !silent(s) && !quiet_or_second(s) &&
        s->flare == LW_FLARE_NONE;
    ensures plyometric: \result.plyometric ==> rested(s) && !eve(s) && !quiet_or_second(s) && !silent(s) &&
        s->flare == LW_FLARE_NONE && s->deload_until < s->day &&
        s->day - s->plyo_day >= s->protocol->params[LW_PARAM_PLYO_GAP];
    ensures fast: \result.fast ==> \result.plyometric && s->run.fast;
    ensures run: \result.run ==> \result.prescribe && s->flare != LW_FLARE_MAJOR && !quiet(s) && !silent(s) &&
        s->day - s->run.last_day >= s->protocol->params[LW_PARAM_RUN_GAP];

    // shockwave
    ensures forbidden: \result.shockwave_forbidden <==> red_flag(s) || contraindicated(s);
    ensures due: \result.shockwave_due ==> !\result.shockwave_forbidden && \result.prescribe && !silent(s); */
lw_allow lw__guard(const lw_state *s) {
    uint32_t flags = lw__open_flags(s);
    lw_signs g = signs_of(s);
    lw_ceiling ceiling = ceiling_of(s, g, s->protocol->stages[s->stage].class_max);
    lw_allow a = {.status = status_of(s, flags),
                  .missing = missing_of(s),
                  .class_max = ceiling.class_max,
                  .cap = ceiling.cap,
                  .stage1_only = ceiling.stage1_only};
    a.prescribe = prescribes(s, a.status);
    a.raise = may_rise(s, g, a.prescribe, a.missing, flags);
    uint8_t level = authority_of(s);
    a.by_itself = level == LW_AUTHORITY_PROGRESS;
    a.propose = level >= LW_AUTHORITY_SUGGEST;
    a.heavy = heavy_day(s, g);
    a.deep = a.class_max >= 3 && rested_day(s, g);
    a.plyometric = plyometric_day(s, g);
    a.fast = a.plyometric && s->run.fast;
    a.run = run_day(s, g, a.prescribe);
    a.shockwave_forbidden = shockwave_forbids(s, flags);
    a.shockwave_due = !a.shockwave_forbidden && !g.silent && a.prescribe;
    return a;
}
