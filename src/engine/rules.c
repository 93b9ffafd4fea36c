/*
 * rules.c: facts and the evaluation of conditions.
 *
 * A condition that asks for something missing or stale is false: permissive rules then do not permit, restrictive rules
 * do not fire, and the guard separately refuses to let anything rise on missing data. Evaluation is total and has no
 * memory but the "on N of M days" windows, one bit a day.
 */
#include "engine/state.h"

void lw__facts_clear(lw_state *s) {
    for (int i = 0; i < LW_FACT_TOTAL; i++) {
        s->fact[i] = LW_UNKNOWN;
        s->fact_day[i] = LW_NEVER_DAY;
    }
}

int32_t lw__fact_value(const lw_state *s, uint8_t fact, int32_t *day) {
    if (fact < LW_FACT_TEST) {
        *day = s->fact_day[fact];
        return s->fact[fact];
    }
    int32_t test = fact - LW_FACT_TEST;
    bool entry = test >= LW_TESTS;
    if (entry) {
        test -= LW_TESTS;
    }
    *day = s->test_day[test];
    // a gate's test must be fresh; the intake's value is used however old it is
    if (!entry && s->test[test] != LW_UNKNOWN && s->day - *day > s->protocol->params[LW_PARAM_TEST_DAYS]) {
        return LW_UNKNOWN;
    }
    return s->test[test];
}

/* The condition as of this morning, without its window. */
static inline bool holds_today(const lw_state *s, const lw_cond *cond) {
    // by operator: true where the value is below (1), at (2), above (4) the bound
    static const uint8_t truths[] = {[LW_OP_AT_MOST] = 3, [LW_OP_AT_LEAST] = 6, [LW_OP_BELOW] = 1, [LW_OP_ABOVE] = 4,
                                     [LW_OP_IS] = 2,      [LW_OP_IS_NOT] = 5,   [LW_OP_KNOWN] = 7, [LW_OP_UNKNOWN] = 0};
    int32_t day;
    int32_t value = cond->fact < LW_FACT_TEST ? s->fact[cond->fact] : lw__fact_value(s, cond->fact, &day);
    if (value == LW_UNKNOWN) {
        return cond->op == LW_OP_UNKNOWN;
    }
    uint32_t side = 1u + (value >= cond->value) + 2u * (value > cond->value); // 1, 2 or 4
    return (truths[cond->op] & side) != 0;
}

bool lw__cond_true(const lw_state *s, const lw_cond *cond) {
    if (cond->window == 0) {
        return holds_today(s, cond);
    }
    const lw_window *window = &s->protocol->windows[cond->window - 1];
    uint64_t mask = ((uint64_t)1 << window->days) - 1;
    return lw__bits(s->windows[cond->window - 1] & mask) >= cond->on_days;
}

static inline bool group_true(const lw_state *s, const lw_group *group) {
    int32_t met = 0;
    for (int32_t i = 0; i < group->cond_count; i++) {
        met += lw__cond_true(s, &s->protocol->conds[group->cond_first + i]) ? 1 : 0;
        if (met >= group->need) {
            return true;
        }
    }
    return false;
}

bool lw__groups_true(const lw_state *s, uint16_t first, uint16_t count) {
    for (int32_t i = 0; i < count; i++) {
        if (!group_true(s, &s->protocol->groups[first + i])) {
            return false;
        }
    }
    return true;
}

void lw__rules_index(lw_state *s) {
    const lw_protocol *p = s->protocol;
    uint8_t at[LW_ACTION_COUNT];
    uint8_t count[LW_ACTION_COUNT] = {0};
    for (int32_t i = 0; i < p->rule_count; i++) {
        count[p->rules[i].action]++;
    }
    uint8_t first = 0;
    for (int32_t action = 0; action < LW_ACTION_COUNT; action++) {
        at[action] = s->action_first[action] = first;
        first = (uint8_t)(first + count[action]);
    }
    s->action_first[LW_ACTION_COUNT] = first;
    for (int32_t i = 0; i < p->rule_count; i++) {
        s->by_action[at[p->rules[i].action]++] = (uint8_t)i;
    }
}

int32_t lw__first_rule(const lw_state *s, lw_action action) {
    for (int32_t i = s->action_first[action]; i < s->action_first[action + 1]; i++) {
        if (lw__rule_fires(s, &s->protocol->rules[s->by_action[i]])) {
            return s->by_action[i];
        }
    }
    return -1;
}

int32_t lw__rule_of(const lw_state *s, lw_action action, int32_t arg) {
    int32_t silent = -1;
    int32_t always = -1;
    for (int32_t i = s->action_first[action]; i < s->action_first[action + 1]; i++) {
        int32_t rule = s->by_action[i];
        if (s->protocol->rules[rule].arg != arg) {
            continue;
        }
        if (s->protocol->rules[rule].group_count == 0) {
            always = always < 0 ? rule : always;
        } else if (lw__rule_fires(s, &s->protocol->rules[rule])) {
            return rule;
        }
        silent = silent < 0 ? rule : silent;
    }
    return always >= 0 ? always : silent;
}

int32_t lw__gate_rule(const lw_state *s, lw_action action) {
    const lw_protocol *p = s->protocol;
    int32_t first = s->action_first[action];
    for (int32_t i = first; i < s->action_first[action + 1]; i++) {
        const lw_rule *r = &p->rules[s->by_action[i]];
        if (r->group_count > 0 && lw__groups_true(s, r->group_first, 1)) {
            return s->by_action[i];
        }
    }
    return first < s->action_first[action + 1] ? s->by_action[first] : -1;
}

int32_t lw__rule_pain(const lw_state *s, int32_t pain) {
    const int32_t *p = s->protocol->params;
    bool allowed = s->pain_ceiling == 5 && pain <= p[LW_PARAM_PAIN_AMBER_MAX];
    return pain > p[LW_PARAM_PAIN_GREEN_MAX] && allowed ? p[LW_PARAM_PAIN_GREEN_MAX] : pain;
}

lw_overlay lw__overlay_put(lw_state *s, uint8_t exercise) {
    const lw_machine *m = &s->machine[exercise];
    lw_overlay saved = {s->fact[LW_FACT_SESSION_PAIN], s->fact[LW_FACT_SESSION_EFFORT], s->fact[LW_FACT_GREEN_SESSIONS],
                        s->fact[LW_FACT_SPEED_GREEN]};
    s->fact[LW_FACT_SESSION_PAIN] = m->used ? lw__rule_pain(s, m->last.pain) : LW_UNKNOWN;
    s->fact[LW_FACT_SESSION_EFFORT] = m->used ? m->last.effort : LW_UNKNOWN;
    s->fact[LW_FACT_GREEN_SESSIONS] = m->green;
    s->fact[LW_FACT_EASY_SESSIONS] = m->easy;
    s->fact[LW_FACT_SPEED_GREEN] = m->green;
    return saved;
}

void lw__overlay_take(lw_state *s, lw_overlay saved) {
    s->fact[LW_FACT_SESSION_PAIN] = saved.pain;
    s->fact[LW_FACT_SESSION_EFFORT] = saved.effort;
    s->fact[LW_FACT_GREEN_SESSIONS] = saved.green;
    s->fact[LW_FACT_EASY_SESSIONS] = LW_UNKNOWN;
    s->fact[LW_FACT_SPEED_GREEN] = saved.speed;
}

void lw__windows_step(lw_state *s) {
    const lw_protocol *p = s->protocol;
    for (int32_t i = 0; i < p->window_count; i++) {
        // under pain relief a morning may hold or lower, never count for a rise
        bool counts = !p->windows[i].permits || !s->today.relief;
        uint64_t bit = counts && holds_today(s, &p->conds[p->windows[i].cond]) ? 1 : 0;
        s->windows[i] = (s->windows[i] << 1) | bit;
    }
}

void lw__windows_forget(lw_state *s) {
    const lw_protocol *p = s->protocol;
    for (int32_t i = 0; i < p->window_count; i++) {
        if (p->windows[i].permits) {
            s->windows[i] = 0;
        }
    }
}
