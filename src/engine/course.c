/*
 * course.c: running, shockwave and the verdict.
 *
 * Running follows a ladder of levels and one ceiling: a single run is never longer than the protocol's share of the
 * longest *tolerated* run of its window; without one, level 1 in minutes. Shockwave is a status by fixed precedence; its
 * gates are inside, so that a forbidding reason also stops a course that has begun.
 */
#include "engine/course.h"
#include "engine/apply.h"
#include "engine/fold.h"

/* The speed of the established rungs, or the first rung where none is in use yet. */
static uint8_t speed_of(const lw_state *s) {
    uint8_t fastest = 0;
    uint8_t begin = 0;
    for (int32_t e = 0; e < s->protocol->exercise_count; e++) {
        const lw_exercise *x = &s->protocol->exercises[e];
        uint8_t pct = x->rungs[s->machine[e].rung].speed_pct;
        begin = x->speed_ladder && begin == 0 ? x->rungs[0].speed_pct : begin;
        fastest = x->speed_ladder && s->machine[e].used && pct > fastest ? pct : fastest;
    }
    return fastest > 0 ? fastest : begin;
}

void lw__run_plan(const lw_state *s, const lw_allow *allow, lw_run_plan *out) {
    const lw_protocol *p = s->protocol;
    int32_t longest = lw__longest_run(s);
    int32_t km_limit = lw__limit_of(s, LW_LIMIT_RUN_KM);
    int32_t min_limit = lw__limit_of(s, LW_LIMIT_RUN_MIN);
    lw_run_plan r = {.max_min = LW_UNKNOWN, .max_km = LW_UNKNOWN, .next_on = LW_UNKNOWN, .rule = -1};

    // without a tolerated run to measure by, the ladder's first level
    r.level = longest == 0 && s->run.level > 1 ? 1 : s->run.level;
    r.allowed = allow->run && r.level > 0 && km_limit > 0 && min_limit > 0 && !s->today.run;
    bool opens = s->run.level == 0 || (s->run.level == 1 && s->run.raised);
    lw_action action = opens ? LW_ACTION_RUN_OPEN : LW_ACTION_RUN_NEXT;
    int32_t fired = lw__first_rule(s, action);
    r.rule_fires = fired >= 0;
    r.rule = (int16_t)(fired >= 0                                              ? fired
                       : s->action_first[action] < s->action_first[action + 1] ? s->by_action[s->action_first[action]]
                                                                               : -1);
    r.proposal = s->run.offer && !s->run.raised && allow->propose && allow->raise;
    int32_t last = s->today.run ? s->day : s->run.last_day;
    if (s->run.level > 0 && allow->prescribe && last != LW_NEVER_DAY) {
        int32_t next = last + p->params[LW_PARAM_RUN_GAP];
        r.next_on = next > s->day ? next : LW_UNKNOWN;
    }
    if (r.allowed) {
        const lw_run_level *level = &p->run_levels[r.level - 1];
        r.max_min = level->total_run_min;
        r.max_min = min_limit / 100 < r.max_min ? min_limit / 100 : r.max_min;
        if (longest > 0) {
            // longer only on a morning that lets something rise; in a flare well below what was tolerated
            int32_t share = s->flare != LW_FLARE_NONE ? p->params[LW_PARAM_RETURN_DOSE]
                            : allow->raise            ? p->params[LW_PARAM_RUN_SPIKE]
                                                      : 100;
            int64_t km = (int64_t)longest * share / 100;
            km = km < km_limit ? km : km_limit;
            r.max_km = (int32_t)km;
        }
        r.hills = allow->fast;
        int32_t speed_limit = lw__limit_of(s, LW_VAR_SPEED) / 100;
        r.speed_pct = speed_of(s);
        r.speed_pct = (uint8_t)(speed_limit < r.speed_pct ? speed_limit : r.speed_pct);
    }
    *out = r;
}

/* The first shockwave rule with this word that fires, −1 none. */
static int32_t shockwave_rule(const lw_state *s, lw_shockwave_word word) {
    for (int32_t i = s->action_first[LW_ACTION_SHOCKWAVE]; i < s->action_first[LW_ACTION_SHOCKWAVE + 1]; i++) {
        const lw_rule *rule = &s->protocol->rules[s->by_action[i]];
        if (rule->arg == (int32_t)word && lw__rule_fires(s, rule)) {
            return s->by_action[i];
        }
    }
    return -1;
}

void lw__shockwave_plan(const lw_state *s, const lw_allow *allow, lw_shockwave_plan *out) {
    const int32_t *p = s->protocol->params;
    int32_t after = s->sw_day == LW_NEVER_DAY ? INT32_MAX : s->day - s->sw_day;
    int32_t forbid = shockwave_rule(s, LW_SW_FORBID);
    int32_t clinician = shockwave_rule(s, LW_SW_CLINICIAN);
    int32_t close = shockwave_rule(s, LW_SW_CLOSE);
    int32_t postpone = shockwave_rule(s, LW_SW_POSTPONE);
    int32_t wait = shockwave_rule(s, LW_SW_WAIT);
    int32_t offer = shockwave_rule(s, LW_SW_OFFER);
    int32_t named_cap = lw__rule_of(s, LW_ACTION_CAP, LW_CAP_QUIET);
    int32_t named_dose = lw__rule_of(s, LW_ACTION_CAP, LW_CAP_DOSE);
    bool course = s->sw_count > 0 && after <= p[LW_PARAM_STEROID_WARN];
    uint8_t next = (uint8_t)(course ? s->sw_count + 1 : 1);
    int32_t spaced = course ? s->sw_day + p[LW_PARAM_SW_SPACING] : s->day;

    lw_shockwave_plan w = {.status = LW_SWS_NONE, .next_on = LW_UNKNOWN, .quiet_until = LW_UNKNOWN, .rule = -1};
    if (after <= p[LW_PARAM_SW_QUIET]) {
        w.quiet_until = s->sw_day + p[LW_PARAM_SW_QUIET];
    }
    if (allow->shockwave_forbidden || forbid >= 0) {
        w.status = LW_SWS_FORBIDDEN;
        w.rule = (int16_t)(forbid >= 0 ? forbid : lw__first_rule(s, LW_ACTION_STOP));
    } else if (clinician >= 0) {
        w.status = LW_SWS_NEEDS_CLINICIAN;
        w.rule = (int16_t)clinician;
    } else if ((course && s->sw_count >= p[LW_PARAM_SW_MAX]) || close >= 0) {
        w.status = LW_SWS_COURSE_DONE;
        w.rule = (int16_t)(close >= 0 ? close : named_dose);
    } else if (w.quiet_until != LW_UNKNOWN) {
        w.status = LW_SWS_QUIET;
        w.rule = (int16_t)named_cap;
        w.next_on = spaced;
        w.session = next;
    } else if (postpone >= 0 || wait >= 0 || s->day < spaced) {
        w.status = LW_SWS_NOT_YET;
        w.rule = (int16_t)(postpone >= 0 ? postpone : wait >= 0 ? wait : named_dose);
        w.next_on = postpone < 0 && wait < 0 ? spaced : LW_UNKNOWN;
        w.session = course ? next : 0;
    } else if (course && s->sw_count < p[LW_PARAM_SW_FIRST] && allow->shockwave_due) {
        w.status = LW_SWS_DUE;
        w.rule = (int16_t)named_dose;
        w.session = next;
    } else if (offer >= 0 && allow->shockwave_due && allow->propose) {
        w.status = LW_SWS_OPTION;
        w.rule = (int16_t)offer;
        w.session = next;
    }
    *out = w;
}

uint8_t lw__deload(const lw_state *s, int32_t *until) {
    const int32_t *p = s->protocol->params;
    *until = LW_UNKNOWN;
    if (s->day - s->contact_day >= p[LW_PARAM_SILENCE_LOWER]) {
        return LW_DELOAD_SILENCE;
    }
    if (s->deload == LW_DELOAD_WARNING && s->deload_until >= s->day) {
        *until = s->deload_until;
        return LW_DELOAD_WARNING;
    }
    if (s->expected) {
        *until = s->sw_day + p[LW_PARAM_SW_SORE];
        return LW_DELOAD_SHOCKWAVE;
    }
    return s->returning ? LW_DELOAD_RETURN : LW_DELOAD_NONE;
}

uint8_t lw__verdict(const lw_state *s, const lw_allow *allow, const lw_decision *decision, const lw_run_plan *run) {
    int32_t until;
    if (allow->status == LW_STATUS_STOPPED) {
        return LW_VERDICT_STOP;
    }
    if (s->flare != LW_FLARE_NONE || lw__deload(s, &until) != LW_DELOAD_NONE) {
        return LW_VERDICT_REGRESS;
    }
    bool rises = run->allowed && s->run.raised;
    for (uint32_t i = 0; i < decision->count; i++) {
        if (decision->items[i].against_last == -1) {
            return LW_VERDICT_REGRESS;
        }
        rises = rises || decision->items[i].change.variable != LW_VAR_NONE;
    }
    return rises && allow->raise ? LW_VERDICT_PROGRESS : LW_VERDICT_HOLD;
}
