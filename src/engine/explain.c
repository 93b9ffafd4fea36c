/*
 * explain.c: why.
 *
 * Every rule that shaped the answer is collected once, by the part of the answer it shaped; then sorted, strongest
 * first: what stops, what eases, what holds, what limits, what rises, then the rest. The first one binds: it is the rule
 * behind the verdict. Sentences are ids; locales turn them into words.
 */
#include "engine/explain.h"
#include "engine/apply.h"

enum {
    RANK_STOP,
    RANK_EASE,
    RANK_HOLD,
    RANK_LIMIT,
    RANK_RISE,
    RANK_REVIEW,
    RANK_RUN,
    RANK_SHOCKWAVE,
    RANK_AVOID,
    RANK_LABEL,
    RANK_ADVISE
};

static bool same_id(const lw_plan_data *d, int32_t a, int32_t b) {
    const lw_rule *rules = d->s->protocol->rules;
    return lw__str_eq(rules[a].id, rules[b].id);
}

/* Adds a rule once by id; the stronger rank stays. */
static void add(lw_plan_data *d, int32_t rule, uint8_t rank, const char *action) {
    if (rule < 0) {
        return;
    }
    for (uint32_t i = 0; i < d->why_count; i++) {
        // rules that share an id and say different things stand side by side
        bool other = d->why[i].rule != rule && (d->why[i].rank == RANK_REVIEW) != (rank == RANK_REVIEW);
        if (same_id(d, d->why[i].rule, rule) && !other) {
            if (rank < d->why[i].rank) {
                d->why[i] = (lw_why){(int16_t)rule, rank, action};
            }
            return;
        }
    }
    if (LW_ALWAYS(d->why_count < LW_MAX_WHY)) {
        d->why[d->why_count++] = (lw_why){(int16_t)rule, rank, action};
    }
}

static void add_fired(lw_plan_data *d, lw_action action, uint8_t rank, const char *word) {
    const lw_state *s = d->s;
    for (int32_t i = s->action_first[action]; i < s->action_first[action + 1]; i++) {
        int32_t rule = s->by_action[i];
        if (lw__rule_fires(s, &s->protocol->rules[rule])) {
            add(d, rule, rank, word);
        }
    }
}

static void add_first(lw_plan_data *d, lw_action action, uint8_t rank, const char *word) {
    add(d, lw__first_rule(d->s, action), rank, word);
}

static void add_cap(lw_plan_data *d, uint8_t cap) {
    const lw_state *s = d->s;
    for (int32_t i = s->action_first[LW_ACTION_CAP]; i < s->action_first[LW_ACTION_CAP + 1]; i++) {
        const lw_rule *rule = &s->protocol->rules[s->by_action[i]];
        if (rule->arg == cap && lw__rule_fires(s, rule)) {
            add(d, s->by_action[i], RANK_LIMIT, "limit");
        }
    }
}

/* The last rule that lets exercises rise, the most general, firing or not: what the answer waits for. */
static int32_t raise_rule(const lw_state *s) {
    int32_t end = s->action_first[LW_ACTION_RAISE + 1];
    return s->action_first[LW_ACTION_RAISE] < end ? s->by_action[end - 1] : -1;
}

/* The ceilings that bound something today. */
static void explain_caps(lw_plan_data *d) {
    const lw_state *s = d->s;
    add_cap(d, d->decision.cap);
    for (uint32_t i = 0; i < d->decision.count; i++) {
        const lw_item *item = &d->decision.items[i];
        const lw_exercise *e = &s->protocol->exercises[item->exercise];
        add_cap(d, item->cap);
        if (item->dose.part == LW_PART_HALF && s->irritability == LW_IRRITABILITY_HIGH) {
            add(d, lw__first_rule(s, LW_ACTION_IRRITABLE), RANK_LIMIT, "limit");
        } else if (item->dose.part != LW_PART_FULL) {
            add_cap(d, s->returning ? LW_CAP_RETURN : LW_CAP_BASELINE);
        }
        if (item->change.variable == LW_VAR_LOAD || item->change.variable == LW_VAR_DEPTH) {
            add_cap(d, LW_CAP_ONE_THING);
        }
        add_cap(d, e->plyometric ? LW_CAP_CONTACTS : LW_CAP_NONE);
        add_cap(d, e->nordic ? LW_CAP_NORDIC : LW_CAP_NONE);
    }
    if (lw__limited_altogether(s)) {
        add_cap(d, LW_CAP_CLINICIAN);
    }
    if (s->sides == 3 && d->decision.count > 0) {
        add_cap(d, LW_CAP_BOTH_SIDES);
    }
    if (s->sw_booked == s->day || s->sw_booked == s->day + 1) {
        add_cap(d, LW_CAP_EVE);
    }
    if (d->shockwave.quiet_until != LW_UNKNOWN) {
        add_cap(d, LW_CAP_QUIET);
    }
    if (s->day - s->contact_day >= s->protocol->params[LW_PARAM_SILENCE_LOWER] || s->lock_screen || s->lock_tests) {
        add_cap(d, LW_CAP_SILENCE);
    }
    if (d->allow.prescribe && d->allow.missing != 0) {
        add_cap(d, LW_CAP_MISSING);
    }
    if (d->run.max_km != LW_UNKNOWN) {
        add_cap(d, LW_CAP_RUN_LONGEST);
    }
    if (s->run.level > 0) {
        add_cap(d, LW_CAP_NO_WEEKLY_RUN);
    }
    if (s->fact[LW_FACT_SITTING] != LW_UNKNOWN) {
        add_cap(d, LW_CAP_SITTING);
    }
    if (s->returning) {
        add_cap(d, LW_CAP_RETURN);
    }
    if (d->shockwave.status == LW_SWS_DUE || d->shockwave.status == LW_SWS_OPTION) {
        add_cap(d, LW_CAP_DOSE);
        add_cap(d, LW_CAP_NO_CONVERSION);
    }
}

/* The ceiling behind the first dose that is below the last session's. */
static uint8_t lower_cap(const lw_plan_data *d) {
    for (uint32_t i = 0; i < d->decision.count; i++) {
        const lw_item *item = &d->decision.items[i];
        if (item->against_last == -1 && item->dose.part == LW_PART_FULL && item->cap != LW_CAP_NONE) {
            return item->cap;
        }
    }
    return LW_CAP_BASELINE;
}

/* The first item's own sessions fulfil a rule that lets it rise, and yet it does not. */
static bool waits_only(const lw_plan_data *d) {
    if (d->decision.count == 0) {
        return false;
    }
    lw_overlay saved = lw__overlay_put(d->s, d->decision.items[0].exercise);
    bool fires = lw__first_rule(d->s, LW_ACTION_RAISE) >= 0;
    lw__overlay_take(d->s, saved);
    return fires;
}

/* The rule behind the verdict. */
static int32_t binding_rule(const lw_plan_data *d) {
    const lw_state *s = d->s;
    int32_t missing = lw__rule_of(s, LW_ACTION_CAP, LW_CAP_MISSING);
    int32_t until;
    switch (d->verdict) {
    case LW_VERDICT_STOP:
        return lw__first_rule(s, LW_ACTION_STOP);
    case LW_VERDICT_REGRESS:
        if (s->flare != LW_FLARE_NONE) {
            return s->flare_rule;
        }
        switch (lw__deload(s, &until)) {
        case LW_DELOAD_SILENCE:
            return lw__rule_of(s, LW_ACTION_CAP, LW_CAP_SILENCE);
        case LW_DELOAD_WARNING:
            return s->deload_rule;
        case LW_DELOAD_SHOCKWAVE:
            return lw__first_rule(s, LW_ACTION_EXPECTED);
        case LW_DELOAD_RETURN:
            return lw__rule_of(s, LW_ACTION_CAP, LW_CAP_RETURN);
        default:
            return lw__rule_of(s, LW_ACTION_CAP, lower_cap(d));
        }
    case LW_VERDICT_PROGRESS:
        if (s->run.raised) {
            return d->run.rule;
        }
        return s->raise_rule >= 0 ? s->raise_rule : lw__rule_of(s, LW_ACTION_CAP, LW_CAP_STEP);
    default:
        break;
    }
    if (s->hold_rule >= 0) {
        return s->hold_rule;
    }
    if (lw__limited_altogether(s)) {
        return lw__rule_of(s, LW_ACTION_CAP, LW_CAP_CLINICIAN);
    }
    if (!d->allow.prescribe && (s->lock_screen || s->lock_tests)) {
        return lw__rule_of(s, LW_ACTION_CAP, LW_CAP_SILENCE);
    }
    if (d->allow.missing != 0 && missing >= 0) {
        return missing;
    }
    int32_t frequency = lw__rule_of(s, LW_ACTION_CAP, LW_CAP_FREQUENCY);
    if (d->decision.cap == LW_CAP_FREQUENCY && frequency >= 0 && lw__rule_fires(s, &s->protocol->rules[frequency])) {
        return frequency;
    }
    // what would let it rise is given: then it is the wait that holds it
    return waits_only(d) ? lw__rule_of(s, LW_ACTION_CAP, LW_CAP_STEP) : raise_rule(s);
}

static const char *action_word(const lw_plan_data *d) {
    static const char *const words[] = {"stop", "regress", "hold", "progress"};
    return words[d->verdict];
}

/* Where a rule that was added stands: itself, or the one of its id that was kept. */
static uint32_t place_of(const lw_plan_data *d, int32_t rule) {
    uint32_t named = 0;
    for (uint32_t i = d->why_count; i > 0; i--) {
        if (d->why[i - 1].rule == rule) {
            return i - 1;
        }
        named = same_id(d, d->why[i - 1].rule, rule) ? i - 1 : named;
    }
    return named;
}

void lw__explain(lw_plan_data *d) {
    const lw_state *s = d->s;
    d->why_count = 0;
    add_fired(d, LW_ACTION_STOP, RANK_STOP, "stop");
    if (s->flare != LW_FLARE_NONE) {
        add(d, s->flare_rule, RANK_EASE, "regress");
    }
    if (s->deload == LW_DELOAD_WARNING) {
        add(d, s->deload_rule, RANK_EASE, "regress");
    }
    add_first(d, LW_ACTION_EXPECTED, RANK_HOLD, "hold");
    add_fired(d, LW_ACTION_HOLD, RANK_HOLD, "hold");
    add_fired(d, LW_ACTION_HOLD_STAGE, RANK_HOLD, "hold");
    explain_caps(d);
    bool rises = d->verdict == LW_VERDICT_PROGRESS;
    for (uint32_t i = 0; i < d->decision.count; i++) {
        int16_t rule = s->machine[d->decision.items[i].exercise].rule;
        bool up = d->decision.items[i].change.variable != LW_VAR_NONE;
        add(d, rule, RANK_RISE, up ? "progress" : "hold");
    }
    if (d->decision.count > 0) {
        add(d, s->raise_rule >= 0 ? s->raise_rule : raise_rule(s), RANK_RISE, rises ? "progress" : "hold");
    }
    add(d, s->stage_rule, RANK_RISE, s->day == s->start_day ? "enter" : "progress");
    if (s->stage_offer != 0) {
        add_first(d, LW_ACTION_ADVANCE, RANK_RISE, "propose");
    }
    add_fired(d, LW_ACTION_REVIEW, RANK_REVIEW, "review");
    add(d, d->run.rule, RANK_RUN, d->run.rule_fires ? "progress" : "hold");
    add(d, d->shockwave.rule, RANK_SHOCKWAVE,
        d->shockwave.status == LW_SWS_FORBIDDEN                                     ? "stop"
        : d->shockwave.status == LW_SWS_DUE || d->shockwave.status == LW_SWS_OPTION ? "offer"
                                                                                    : "hold");
    static const uint8_t spoken[] = {LW_SW_FORBID, LW_SW_CLINICIAN, LW_SW_CLOSE, LW_SW_CLOSE,
                                     LW_SW_WAIT,   LW_SW_OFFER,     LW_SW_OFFER, LW_SW_OFFER};
    for (int32_t i = s->action_first[LW_ACTION_SHOCKWAVE]; i < s->action_first[LW_ACTION_SHOCKWAVE + 1]; i++) {
        const lw_rule *rule = &s->protocol->rules[s->by_action[i]];
        bool speaks = d->shockwave.status != LW_SWS_QUIET && d->shockwave.status != LW_SWS_NONE;
        bool of_status = speaks && rule->arg == spoken[d->shockwave.status];
        if (of_status && lw__rule_fires(s, rule)) {
            add(d, s->by_action[i], RANK_SHOCKWAVE,
                rule->arg == LW_SW_FORBID  ? "stop"
                : rule->arg == LW_SW_OFFER ? "offer"
                                           : "hold");
        }
    }
    add_first(d, LW_ACTION_CLEAR_SPORT, RANK_RUN, "clear");
    if (s->run.level > 0) {
        add(d, lw__gate_rule(s, LW_ACTION_FAST_OPEN), d->run.hills ? RANK_RUN : RANK_AVOID,
            d->run.hills ? "progress" : "avoid");
    }
    add_fired(d, LW_ACTION_SWAP, RANK_AVOID, "avoid");
    add_fired(d, LW_ACTION_AVOID, RANK_AVOID, "avoid");
    add(d, s->label_rule, RANK_LABEL, "label");
    add_first(d, LW_ACTION_IRRITABLE, RANK_LABEL, "classify");
    add_fired(d, LW_ACTION_ADVISE, RANK_ADVISE, "advise");

    int32_t binding = binding_rule(d);
    if (binding < 0 && d->why_count == 0) {
        binding = 0; // a protocol without the rule: its first rule stands for the answer
    }
    add(d, binding, RANK_HOLD, action_word(d));

    // insertion sort: few, and equal ranks keep their order
    for (uint32_t i = 1; i < d->why_count; i++) {
        lw_why moving = d->why[i];
        uint32_t k = i;
        for (; k > 0 && d->why[k - 1].rank > moving.rank; k--) {
            d->why[k] = d->why[k - 1];
        }
        d->why[k] = moving;
    }
    // the binding rule comes first
    if (binding >= 0) {
        uint32_t at = place_of(d, binding);
        lw_why first = d->why[at];
        memmove(&d->why[1], &d->why[0], at * sizeof(d->why[0]));
        first.action = action_word(d);
        d->why[0] = first;
    }
}
