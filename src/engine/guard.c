/*
 * guard.c: what is allowed at all. The wall between "allowed" and "chosen".
 *
 * A total function of the state: every state gives an answer, and the answer is only ever tightened here, field by field,
 * by conditions that hold whatever a protocol says (docs/format/plan.md, safety properties 2, 3, 5, 6, 8, 10, 11). What
 * chooses (decide.c) gets it as a constant; lw__enforce in decide.c checks the finished plan against it once more.
 */
#include "engine/state.h"

uint32_t lw__standing_flags(const lw_state *s, const lw_open_flag *f) {
    uint32_t stands = s->day > f->until ? 0 : f->flags;
    for (uint32_t k = 0; k < LW_FLAGS && f->cleared; k++) {
        bool lifted = !lw_flag_table[k].needs_assessed || f->assessed_after;
        stands &= lifted ? ~LW_BIT(k) : ~UINT32_C(0);
    }
    return stands;
}

uint32_t lw__open_flags(const lw_state *s) {
    uint32_t flags = s->open_overflow;
    for (uint32_t i = 0; i < s->open_count; i++) {
        flags |= lw__standing_flags(s, &s->open[i]);
    }
    // facts that nobody can clear
    if (s->enrolled && s->fact[LW_FACT_AGE] != LW_UNKNOWN && s->fact[LW_FACT_AGE] < 18) {
        flags |= LW_BIT(LW_FLAG_RF08);
    }
    return flags;
}

bool lw__flags_stop(const lw_state *s, uint32_t flags) {
    bool stop = s->open_overflow != 0;
    for (uint32_t left = flags; left != 0; left &= left - 1) {
        stop = stop || lw_flag_table[__builtin_ctz(left)].stops;
    }
    return stop;
}

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

/* What is missing or stale of the few things that block a rise. */
static uint32_t missing_of(const lw_state *s) {
    uint32_t missing = 0;
    if (s->fact[LW_FACT_CHECKIN] != 1) {
        missing |= 1u << LW_MISSING_CHECKIN;
    }
    if (s->fact[LW_FACT_MORNING_TEST] == LW_UNKNOWN) {
        missing |= 1u << LW_MISSING_TEST;
    }
    if (s->session_day >= s->start_day && s->session_pain == LW_UNKNOWN) {
        missing |= 1u << LW_MISSING_SESSION_PAIN;
    }
    if (s->session_day >= s->start_day && s->session_effort == LW_UNKNOWN) {
        missing |= 1u << LW_MISSING_SESSION_EFFORT;
    }
    if (s->day - s->screen_day > s->protocol->params[LW_PARAM_SCREEN_DAYS]) {
        missing |= 1u << LW_MISSING_SCREENED;
    }
    return missing;
}

static bool shockwave_forbids(const lw_state *s, uint32_t flags) {
    bool forbids = lw__flags_stop(s, flags) || s->tear;
    for (uint32_t left = s->contra; left != 0; left &= left - 1) {
        forbids = forbids || lw_contra_table[__builtin_ctz(left)].forbids;
    }
    forbids = forbids || (s->steroid_day != LW_UNKNOWN && s->day >= s->steroid_day &&
                          s->day - s->steroid_day < s->protocol->params[LW_PARAM_STEROID_BLOCK]);
    return forbids || s->fact[LW_FACT_AGE] < 18; // an age that nobody has said is below any
}

bool lw__chosen_since(const lw_state *s, int32_t since) {
    if (s->days_mask == 0) {
        return true;
    }
    for (int32_t back = 0; LW_ALWAYS(back < 7) && s->day - back > since; back++) {
        if ((s->days_mask >> lw_day_weekday(s->day - back) & 1) != 0) {
            return true;
        }
    }
    return false;
}

void lw__guard(const lw_state *s, lw_allow *out) {
    const int32_t *p = s->protocol->params;
    uint32_t flags = lw__open_flags(s);
    int32_t silence = s->day - s->contact_day;
    int32_t after = s->sw_day == LW_NEVER_DAY ? INT32_MAX : s->day - s->sw_day; // days since shockwave
    bool booked_today = s->sw_booked == s->day;
    bool eve = s->sw_booked == s->day + 1;
    bool quiet1 = after < p[LW_PARAM_SW_QUIET] || booked_today;  // the day and the next
    bool quiet2 = after <= p[LW_PARAM_SW_QUIET] || booked_today; // and the second day
    bool silent = silence >= p[LW_PARAM_SILENCE_LOWER];
    bool deloaded = s->deload_until >= s->day;
    const lw_stage *stage = &s->protocol->stages[s->stage];

    lw_allow a = {.status = status_of(s, flags), .missing = missing_of(s), .class_max = stage->class_max};
    a.prescribe = a.status == LW_STATUS_ACTIVE && !s->lock_screen && !s->lock_tests;

    // what may rise: only on a fresh, green, settled morning without anything against it
    bool green_morning = s->fact[LW_FACT_MORNING_TEST] != LW_UNKNOWN &&
                         s->fact[LW_FACT_MORNING_TEST] <= p[LW_PARAM_PAIN_GREEN_MAX] && s->fact[LW_FACT_SETTLED] == 1 &&
                         s->fact[LW_FACT_PAIN_RELIEF] != 1;
    a.raise = a.prescribe && a.missing == 0 && green_morning && flags == 0 && s->flare == LW_FLARE_NONE && !deloaded &&
              !s->expected && !s->returning && !eve && !quiet2 && !silent && !s->bad && s->hold_rule < 0 &&
              (s->override_action == 0 || s->override_action == 1 + LW_VERDICT_PROGRESS);
    uint8_t level = s->authority_lowered && s->authority > LW_AUTHORITY_SUGGEST ? LW_AUTHORITY_SUGGEST : s->authority;
    a.by_itself = level == LW_AUTHORITY_PROGRESS;
    a.propose = level >= LW_AUTHORITY_SUGGEST;

    // ceilings of the compression class, the lowest holds
    if (s->flare != LW_FLARE_NONE && a.class_max > 0) {
        a.class_max--;
        a.cap = LW_CAP_STAGE;
    }
    if ((s->flare == LW_FLARE_MAJOR || quiet1) && a.class_max > 1) {
        a.class_max = 1;
        a.cap = quiet1 ? LW_CAP_QUIET : LW_CAP_STAGE;
    }
    if ((quiet2 || silent) && a.class_max > 2) {
        a.class_max = 2;
        a.cap = quiet2 ? LW_CAP_QUIET : LW_CAP_SILENCE;
    }
    a.stage1_only = s->flare == LW_FLARE_MAJOR || quiet1;

    // rest between heavy, deep and fast days
    bool rested = s->day - s->deep_day >= 2 && s->day - s->plyo_day >= 2;
    a.heavy = !a.stage1_only && !eve && s->day - s->heavy_day >= 2 && lw__chosen_since(s, s->heavy_day);
    a.deep = rested && !eve && a.class_max >= 3;
    a.plyometric = rested && !eve && !quiet2 && !silent && !deloaded && s->flare == LW_FLARE_NONE &&
                   s->day - s->plyo_day >= p[LW_PARAM_PLYO_GAP];
    a.fast = a.plyometric && s->run.fast;
    a.run = a.prescribe && s->flare != LW_FLARE_MAJOR && !quiet1 && !silent &&
            s->day - s->run.last_day >= p[LW_PARAM_RUN_GAP];

    a.shockwave_forbidden = shockwave_forbids(s, flags);
    a.shockwave_due = !a.shockwave_forbidden && !silent && a.prescribe;
    *out = a;
}
