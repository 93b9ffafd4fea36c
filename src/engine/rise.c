/*
 * rise.c: what may rise this morning, and whether it does.
 *
 * An offer is worked out anew each morning from the protocol's rules and the guard; nothing of it is remembered. It is
 * taken by authority, or by a proposal that was accepted; it becomes the established dose only when it has been done and
 * has settled (fold.c). Accepted proposals and overrides are read here, and what has no effect is said to be refused.
 */
#include "engine/decide.h"
#include "engine/fold.h"

/* The first rule of an action that fires for this exercise's own sessions. */
static int32_t raise_rule_for(lw_state *s, uint8_t exercise) {
    lw_overlay saved = lw__overlay_put(s, exercise);
    int32_t rule =
        lw__first_rule(s, s->protocol->exercises[exercise].speed_ladder ? LW_ACTION_SPEED_NEXT : LW_ACTION_RAISE);
    lw__overlay_take(s, saved);
    return rule;
}

void lw__offer_exercise(lw_state *s, const lw_allow *allow, uint8_t exercise) {
    lw_machine *m = &s->machine[exercise];
    bool forced = s->override_action == 1 + LW_VERDICT_PROGRESS;
    int32_t rule = raise_rule_for(s, exercise);
    if (s->day < m->wait_until || (rule < 0 && !forced)) {
        return;
    }
    uint8_t rung = m->rung;
    uint8_t part = m->part;
    bool granted = allow->by_itself || forced || (allow->propose && m->accept_until >= s->day);
    if (lw__step_up(s, exercise, &rung, &part)) {
        const lw_exercise *e = &s->protocol->exercises[exercise];
        bool deeper = e->rungs[rung].class_ > e->rungs[m->rung].class_;
        bool within = e->rungs[rung].class_ <= allow->class_max;
        m->offer = within && !(deeper && s->stage_held);
        m->raised = m->offer && granted;
    } else if (!lw__waits_for_load(s, exercise)) {
        // topped: the harder neighbour may take its place
        int8_t harder = s->protocol->exercises[exercise].harder;
        if (harder >= 0 && !s->machine[harder].unlocked) {
            m->offer_next = true;
            s->machine[harder].unlocked = granted;
            s->machine[harder].low_due = s->machine[harder].low_due && !granted;
            m->raised = granted;
        }
    }
    m->rule = (int16_t)rule;
    s->raise_rule = (int16_t)(m->offer || m->offer_next ? rule : s->raise_rule);
}

static void offer_stage(lw_state *s, const lw_allow *allow) {
    int32_t found = -1;
    if (s->stage_held) {
        return;
    }
    for (int32_t i = s->action_first[LW_ACTION_ADVANCE]; i < s->action_first[LW_ACTION_ADVANCE + 1]; i++) {
        const lw_rule *rule = &s->protocol->rules[s->by_action[i]];
        if (rule->arg > s->stage && lw__rule_fires(s, rule)) {
            s->stage_offer = (uint8_t)(1 + rule->arg);
            found = s->by_action[i];
            break;
        }
    }
    if (s->stage_offer != 0 && (allow->by_itself || (allow->propose && s->stage_accept_until >= s->day))) {
        s->stage = (uint8_t)(s->stage_offer - 1);
        s->stage_offer = 0;
        s->stage_rule = (int16_t)found;
        s->stage_accept_until = LW_NEVER_DAY;
        s->hold_days = 0;
        lw__windows_forget(s);
        lw__fact_set(s, LW_FACT_STAGE, s->stage, s->day);
    }
}

static void offer_run(lw_state *s, const lw_allow *allow) {
    lw_run_machine *r = &s->run;
    lw_action action = r->level == 0 ? LW_ACTION_RUN_OPEN : LW_ACTION_RUN_NEXT;
    bool granted = allow->by_itself || (allow->propose && r->accept_until >= s->day);
    if (r->level < s->protocol->run_level_count && s->day >= r->wait_until && lw__first_rule(s, action) >= 0) {
        r->offer = true;
        if (granted) {
            r->raised = true;
            r->level++;
            r->green = 0;
            r->wait_until = s->day + s->protocol->params[LW_PARAM_RISE_DAYS];
            r->accept_until = LW_NEVER_DAY;
            s->hold_days = 0;
        }
    }
    if (!r->fast && lw__first_rule(s, LW_ACTION_FAST_OPEN) >= 0) {
        r->fast = granted;
    }
}

void lw__clear_offers(lw_state *s) {
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        lw_machine *m = &s->machine[__builtin_ctzll(left)];
        m->offer = m->offer_next = m->raised = false;
        m->rule = -1;
    }
    s->run.offer = s->run.raised = false;
    s->stage_offer = 0;
    s->raise_rule = -1;
}

void lw__offer_rises(lw_state *s) {
    lw_allow allow;
    lw__clear_offers(s);
    allow = lw__guard(s);
    if (!allow.raise) {
        return;
    }
    offer_stage(s, &allow);
    allow = lw__guard(s); // the stage may have opened a class
    offer_run(s, &allow);
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        lw__offer_exercise(s, &allow, (uint8_t)__builtin_ctzll(left));
    }
}

/* ---- accepted and overridden ---- */

static void refuse(lw_state *s, const char *what, lw_str by) {
    if (s->refused_count < LW_MAX_REFUSED) {
        s->refused[s->refused_count++] = (lw_refused){what, by};
    }
}

/* An override counts for its own day, names a decision that exists, and never reaches past the guard. */
void lw__take_overrides(lw_state *s) {
    s->override_action = 0;
    for (uint32_t i = 0; i < s->today.override_count; i++) {
        const struct lw_ev_override *o = s->today.overrides[i]->data;
        bool found = false;
        for (uint32_t k = 0; k < s->record->count && !found; k++) {
            const lw_event *e = &s->record->events[k];
            found = e->kind == LW_KIND_DECIDED && memcmp(e->id, o->decision, 16) == 0;
        }
        s->unfounded = s->unfounded || !found;
        lw_allow allow = lw__guard(s);
        if (!found || !allow.prescribe) {
            refuse(s, "override", found ? LW_STR("guard") : LW_STR("no-decision"));
        } else if (s->override_action == 0 || 1 + o->action < s->override_action) {
            s->override_action = (uint8_t)(1 + o->action);
        }
    }
}

/* A progress override that the guard did not let through is not dropped silently. */
void lw__refuse_override(lw_state *s) {
    lw_allow allow;
    if (s->override_action != 1 + LW_VERDICT_PROGRESS) {
        return;
    }
    allow = lw__guard(s);
    if (!allow.raise) {
        s->override_action = 0;
        refuse(s, "override", s->hold_rule >= 0 ? s->protocol->rules[s->hold_rule].id : LW_STR("guard"));
    }
}

void lw__take_accepted(lw_state *s) {
    if (s->today.accepted_count == 0) {
        return;
    }
    lw_allow allow = lw__guard(s);
    int32_t until = s->day + s->protocol->params[LW_PARAM_ACCEPT_DAYS];
    bool supervised = s->start_by_clinician || s->clinician_since_start;
    lw_decision decision;
    lw__decide(s, &allow, &decision);
    bool taken = false;
    for (uint32_t i = 0; i < s->today.accepted_count; i++) {
        const lw_event *e = s->today.accepted[i];
        const struct lw_ev_accepted *a = e->data;
        lw_proposal_kind kind;
        uint8_t exercise = 0;
        bool may = allow.propose && (e->by == LW_BY_CLINICIAN || !supervised);
        if (!may || !lw__proposal_matches(s, &decision, a, &kind, &exercise)) {
            refuse(s, "accepted", may ? LW_STR("no-such-proposal") : LW_STR("authority"));
            continue;
        }
        taken = true;
        if (kind == LW_PROPOSAL_STAGE) {
            s->stage_accept_until = until;
        } else if (kind == LW_PROPOSAL_RUN) {
            s->run.accept_until = until;
        } else {
            s->machine[exercise].accept_until = until;
        }
    }
    if (taken) {
        lw__offer_rises(s);
    }
}
