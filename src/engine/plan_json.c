/*
 * plan_json.c: the answer as bytes.
 *
 * Every member of docs/format/plan.md is present, in the order of that page, null where there is nothing. The bytes are
 * the contract: the same on the server, in the browser and on the command line.
 */
#include "engine/explain.h"
#include "engine/fold.h"
#include "protocol/vocabulary_names.h"

static void key(lw__writer *w, const char *name) {
    char last = w->len > 0 ? w->buf[w->len - 1] : '{';
    if (last != '{' && last != '[') {
        lw__put_char(w, ',');
    }
    lw__put_char(w, '"');
    lw__put_c(w, name);
    lw__put_c(w, "\":");
}

/* A comma before an element of a list, unless it is the first. */
static void element(lw__writer *w) {
    if (w->len > 0 && w->buf[w->len - 1] != '[') {
        lw__put_char(w, ',');
    }
}

static void text(lw__writer *w, const char *name, const char *value) {
    key(w, name);
    lw__put_char(w, '"');
    lw__put_c(w, value);
    lw__put_char(w, '"');
}

static void slice(lw__writer *w, const char *name, lw_str value) {
    key(w, name);
    lw__put_json(w, value);
}

static void number(lw__writer *w, const char *name, int32_t value) {
    key(w, name);
    if (value == LW_UNKNOWN) {
        lw__put_c(w, "null");
    } else {
        lw__put_int(w, value);
    }
}

static void positive(lw__writer *w, const char *name, int32_t value) {
    number(w, name, value > 0 ? value : LW_UNKNOWN);
}

static void fixed(lw__writer *w, const char *name, int32_t x100) {
    key(w, name);
    if (x100 == LW_UNKNOWN) {
        lw__put_c(w, "null");
    } else {
        lw__put_x100(w, x100);
    }
}

static void date(lw__writer *w, const char *name, int32_t day) {
    key(w, name);
    if (day == LW_UNKNOWN) {
        lw__put_c(w, "null");
    } else {
        lw__put_day(w, day);
    }
}

static void boolean(lw__writer *w, const char *name, bool value) {
    key(w, name);
    lw__put_c(w, value ? "true" : "false");
}

/* A list of one rule id, or of none. */
static void why_list(lw__writer *w, const lw_protocol *p, int32_t rule) {
    key(w, "why");
    lw__put_char(w, '[');
    if (rule >= 0) {
        lw__put_json(w, p->rules[rule].id);
    }
    lw__put_char(w, ']');
}

/* ---- items ---- */

static void change_value(lw__writer *w, const char *name, const lw_protocol *p, uint8_t variable, int32_t value) {
    if (variable == LW_CHANGE_EXERCISE) {
        slice(w, name, p->exercises[value].id);
    } else if (variable == LW_VAR_LOAD) {
        fixed(w, name, value);
    } else {
        number(w, name, value);
    }
}

static void change_body(lw__writer *w, const lw_protocol *p, const lw_change *c) {
    lw__put_char(w, '{');
    slice(w, "variable", lw__change_name(c->variable));
    change_value(w, "from", p, c->variable, c->from);
    change_value(w, "to", p, c->variable, c->to);
    lw__put_char(w, '}');
}

static void change(lw__writer *w, const char *name, const lw_protocol *p, const lw_change *c) {
    key(w, name);
    if (c->variable == LW_VAR_NONE) {
        lw__put_c(w, "null");
    } else {
        change_body(w, p, c);
    }
}

static void write_item(lw__writer *w, const lw_plan_data *d, const lw_item *item) {
    const lw_protocol *p = d->s->protocol;
    const lw_dose *dose = &item->dose;
    element(w);
    lw__put_char(w, '{');
    slice(w, "exercise", p->exercises[item->exercise].id);
    text(w, "side", lw_side_names[item->side]);
    number(w, "level", dose->rung + 1);
    number(w, "sets", dose->sets);
    positive(w, "reps", dose->reps);
    positive(w, "hold_s", dose->hold_s);
    fixed(w, "load_kg", dose->load);
    positive(w, "speed_pct", dose->speed_pct);
    positive(w, "contacts", dose->contacts);
    positive(w, "distance_m", dose->distance_m);
    key(w, "tempo");
    if (dose->tempo[0] + dose->tempo[1] + dose->tempo[2] == 0) {
        lw__put_c(w, "null");
    } else {
        lw__put_char(w, '"');
        for (int32_t i = 0; i < 3; i++) {
            if (i > 0) {
                lw__put_char(w, '-');
            }
            lw__put_int(w, dose->tempo[i]);
        }
        lw__put_char(w, '"');
    }
    positive(w, "rest_s", dose->rest_s);
    number(w, "times_a_day", dose->bouts);
    fixed(w, "effort_max", dose->effort_max);
    number(w, "hip_flexion_max_deg", dose->depth_deg);
    number(w, "compression_class", dose->class_);
    boolean(w, "choose_load", dose->load_meant && dose->load == LW_UNKNOWN);
    change(w, "change", p, &item->change);
    key(w, "lowered");
    lw__put_char(w, '[');
    for (uint32_t i = 0; i < item->lowered_count; i++) {
        element(w);
        change_body(w, p, &item->lowered[i]);
    }
    lw__put_char(w, ']');
    change(w, "proposal", p, &item->proposal);
    lw_str cap = lw__cap_name(item->cap);
    key(w, "cap");
    if (item->cap == LW_CAP_NONE) {
        lw__put_c(w, "null");
    } else {
        lw__put_json(w, cap);
    }
    bool rises = item->change.variable != LW_VAR_NONE || item->proposal.variable != LW_VAR_NONE;
    int16_t own = d->s->machine[item->exercise].rule;
    why_list(w, p, rises && own >= 0 ? own : d->why[0].rule);
    lw__put_char(w, '}');
}

static void write_session(lw__writer *w, const lw_plan_data *d) {
    key(w, "session");
    lw__put_char(w, '{');
    boolean(w, "due", d->decision.due);
    key(w, "items");
    lw__put_char(w, '[');
    for (uint32_t i = 0; i < d->decision.count; i++) {
        write_item(w, d, &d->decision.items[i]);
    }
    lw__put_c(w, "]}");
}

/* ---- the rest of the plan ---- */

static void write_stage(lw__writer *w, const lw_plan_data *d) {
    const lw_state *s = d->s;
    const lw_protocol *p = s->protocol;
    key(w, "stage");
    lw__put_char(w, '{');
    slice(w, "id", p->stages[s->stage].id);
    number(w, "day", s->started && s->start_day <= s->day ? s->day - s->start_day : LW_UNKNOWN);
    key(w, "proposal");
    if (s->stage_offer == 0 || !d->allow.propose || !d->allow.raise) {
        lw__put_c(w, "null");
    } else {
        lw__put_char(w, '{');
        text(w, "variable", "stage");
        slice(w, "from", p->stages[s->stage].id);
        slice(w, "to", p->stages[s->stage_offer - 1].id);
        lw__put_char(w, '}');
    }
    lw__put_char(w, '}');
}

static void write_deload(lw__writer *w, const lw_state *s) {
    static const char *const causes[] = {NULL, "early_warning", "silence", "return", "shockwave"};
    int32_t until;
    uint8_t cause = lw__deload(s, &until);
    key(w, "deload");
    if (cause == LW_DELOAD_NONE) {
        lw__put_c(w, "null");
        return;
    }
    lw__put_char(w, '{');
    text(w, "cause", causes[cause]);
    date(w, "until", until);
    lw__put_char(w, '}');
}

static void write_diagnosis(lw__writer *w, const lw_state *s) {
    static const char *const labels[] = {"likely", "possible"};
    key(w, "diagnosis");
    lw__put_char(w, '{');
    text(w, "label", s->label_rule >= 0 ? labels[s->protocol->rules[s->label_rule].arg & 1] : "unclear");
    key(w, "met");
    lw__put_char(w, '[');
    for (uint32_t i = 0; i < s->label_met_count; i++) {
        element(w);
        lw__put_json(w, lw__fact_name(s->label_met[i]));
    }
    lw__put_c(w, "]}");
}

static void write_morning_test(lw__writer *w, const lw_state *s) {
    int32_t single = s->test[LW_TEST_BRIDGE_SINGLE];
    bool two = s->irritability == LW_IRRITABILITY_HIGH ||
               (single != LW_UNKNOWN && single >= s->protocol->params[LW_PARAM_MORNING_DOUBLE_FROM]);
    key(w, "morning_test");
    lw__put_char(w, '{');
    text(w, "test",
         lw_test_names[two && s->stage == LW_STAGE_ISOMETRIC ? LW_TEST_BRIDGE_DOUBLE : LW_TEST_BRIDGE_SINGLE]);
    number(w, "reps", s->protocol->params[LW_PARAM_MORNING_REPS]);
    text(w, "side", s->sides == 3 ? "both" : s->sides == 2 ? "right" : "left");
    lw__put_char(w, '}');
}

static void write_run(lw__writer *w, const lw_plan_data *d) {
    const lw_state *s = d->s;
    const lw_protocol *p = s->protocol;
    const lw_run_plan *r = &d->run;
    const lw_run_level *level = r->allowed ? &p->run_levels[r->level - 1] : NULL;
    key(w, "run");
    lw__put_char(w, '{');
    boolean(w, "allowed", r->allowed);
    number(w, "level", r->level);
    number(w, "walk_min", level != NULL && level->walk_min > 0 ? level->walk_min : LW_UNKNOWN);
    number(w, "run_min", level != NULL ? level->run_min : LW_UNKNOWN);
    number(w, "repeats", level != NULL ? level->repeats : LW_UNKNOWN);
    number(w, "max_min", r->max_min);
    fixed(w, "max_km", r->max_km);
    boolean(w, "hills", r->hills);
    number(w, "speed_pct_max", r->hills ? r->speed_pct : LW_UNKNOWN);
    date(w, "next_on", r->next_on);
    key(w, "proposal");
    if (!r->proposal) {
        lw__put_c(w, "null");
    } else {
        lw__put_char(w, '{');
        text(w, "variable", "level");
        number(w, "from", s->run.level);
        number(w, "to", s->run.level + 1);
        lw__put_char(w, '}');
    }
    why_list(w, p, r->rule);
    lw__put_char(w, '}');
}

static void write_shockwave(lw__writer *w, const lw_plan_data *d) {
    static const char *const words[] = {"forbidden", "needs_clinician", "course_done", "quiet", "not_yet",
                                        "due",       "option",          "none"};
    const lw_shockwave_plan *sw = &d->shockwave;
    key(w, "shockwave");
    lw__put_char(w, '{');
    text(w, "status", words[sw->status]);
    positive(w, "session", sw->session);
    date(w, "next_on", sw->next_on);
    date(w, "quiet_until", sw->quiet_until);
    why_list(w, d->s->protocol, sw->rule);
    lw__put_char(w, '}');
}

static void write_sitting(lw__writer *w, const lw_state *s) {
    int32_t limit = s->fact[LW_FACT_SITTING];
    int32_t pause = s->protocol->params[LW_PARAM_SITTING_BREAK];
    key(w, "sitting");
    lw__put_char(w, '{');
    number(w, "limit_min", limit);
    number(w, "break_every_min", limit != LW_UNKNOWN && limit < pause ? (limit > 0 ? limit : 1) : pause);
    why_list(w, s->protocol, lw__rule_of(s, LW_ACTION_CAP, LW_CAP_SITTING));
    lw__put_char(w, '}');
}

enum { LW_MAX_SEEN = 64 };

/* Words written so far in one list, so that each stands once. */
typedef struct word_list {
    lw_str seen[LW_MAX_SEEN];
    uint32_t count;
} word_list;

static bool is_new(word_list *list, lw_str word) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (lw__str_eq(list->seen[i], word)) {
            return false;
        }
    }
    if (list->count == LW_MAX_SEEN) {
        return false;
    }
    list->seen[list->count++] = word;
    return true;
}

static void write_word(lw__writer *w, const lw_protocol *p, word_list *list, lw_str word, const char *member,
                       int32_t rule) {
    if (!is_new(list, word)) {
        return;
    }
    element(w);
    if (member == NULL) {
        lw__put_json(w, word);
        return;
    }
    lw__put_char(w, '{');
    slice(w, member, word);
    why_list(w, p, rule);
    lw__put_char(w, '}');
}

/* Words of one action: with its rule (avoid, advice) or alone (ok). */
static void write_words(lw__writer *w, const char *name, const lw_plan_data *d, lw_action action, const char *member) {
    const lw_state *s = d->s;
    const lw_protocol *p = s->protocol;
    word_list list = {.count = 0};
    key(w, name);
    lw__put_char(w, '[');
    for (int32_t i = s->action_first[action]; i < s->action_first[action + 1]; i++) {
        const lw_rule *rule = &p->rules[s->by_action[i]];
        for (int32_t k = 0; k < rule->arg_count && lw__rule_fires(s, rule); k++) {
            write_word(w, p, &list, p->words[rule->arg_first + k], member, s->by_action[i]);
        }
    }
    int32_t gate = lw__gate_rule(s, LW_ACTION_FAST_OPEN);
    if (action == LW_ACTION_AVOID && !d->run.hills && gate >= 0) {
        // what the gate keeps shut is left out, whichever of its conditions is missing
        write_word(w, p, &list, LW_STR("hills"), member, gate);
        write_word(w, p, &list, LW_STR("speed"), member, gate);
    }
    lw__put_char(w, ']');
}

static void write_referral(lw__writer *w, const lw_state *s) {
    uint32_t flags = lw__open_flags(s);
    key(w, "referral");
    if (flags == 0) {
        lw__put_c(w, "null");
        return;
    }
    int32_t urgency = s->open_overflow != 0 ? LW_URGENCY_URGENT : LW_URGENCY_ROUTINE;
    for (uint32_t k = 0; k < LW_FLAGS; k++) {
        if ((flags >> k & 1u) != 0 && lw_flag_table[k].urgency > urgency) {
            urgency = lw_flag_table[k].urgency;
        }
    }
    lw__put_char(w, '{');
    text(w, "urgency", lw_urgency_names[urgency]);
    key(w, "flags");
    lw__put_char(w, '[');
    for (uint32_t k = 0; k < LW_FLAGS; k++) {
        if ((flags >> k & 1u) != 0) {
            element(w);
            lw__put_json(w, lw__str(lw_flag_names[k]));
        }
    }
    lw__put_c(w, "]}");
}

static void write_review(lw__writer *w, const lw_state *s) {
    const lw_protocol *p = s->protocol;
    int32_t first = lw__first_rule(s, LW_ACTION_REVIEW);
    key(w, "review");
    if (first < 0) {
        lw__put_c(w, "null");
        return;
    }
    int32_t urgency = 0;
    for (int32_t i = s->action_first[LW_ACTION_REVIEW]; i < s->action_first[LW_ACTION_REVIEW + 1]; i++) {
        const lw_rule *rule = &p->rules[s->by_action[i]];
        urgency = lw__rule_fires(s, rule) && rule->arg > urgency ? rule->arg : urgency;
    }
    lw__put_char(w, '{');
    text(w, "urgency", urgency > 0 ? "urgent" : "routine");
    key(w, "why");
    lw__put_char(w, '[');
    lw_str last = {NULL, 0};
    for (int32_t i = s->action_first[LW_ACTION_REVIEW]; i < s->action_first[LW_ACTION_REVIEW + 1]; i++) {
        const lw_rule *rule = &p->rules[s->by_action[i]];
        if (lw__rule_fires(s, rule) && !lw__str_eq(rule->id, last)) {
            element(w);
            lw__put_json(w, rule->id);
            last = rule->id;
        }
    }
    lw__put_c(w, "]}");
}

/* What a gate still needs: the unmet conditions of its rule by name, each once. */
static void write_gate(lw__writer *w, const lw_state *s, const char *id, int32_t rule) {
    const lw_protocol *p = s->protocol;
    if (rule < 0) {
        return;
    }
    const lw_rule *r = &p->rules[rule];
    bool named[LW_FACT_COUNT] = {false};
    element(w);
    lw__put_char(w, '{');
    text(w, "id", id);
    boolean(w, "met", lw__rule_fires(s, r));
    key(w, "needs");
    lw__put_char(w, '[');
    for (int32_t g = 0; g < r->group_count; g++) {
        const lw_group *group = &p->groups[r->group_first + g];
        int32_t met = 0;
        for (int32_t c = 0; c < group->cond_count; c++) {
            met += lw__cond_true(s, &p->conds[group->cond_first + c]) ? 1 : 0;
        }
        for (int32_t c = 0; c < group->cond_count && met < group->need; c++) {
            const lw_cond *cond = &p->conds[group->cond_first + c];
            if (!lw__cond_true(s, cond) && !named[cond->fact]) {
                named[cond->fact] = true;
                element(w);
                lw__put_json(w, lw__fact_name(cond->fact));
            }
        }
    }
    lw__put_c(w, "]}");
}

/* The first advance rule that starts from the present stage. */
static int32_t next_stage_rule(const lw_state *s) {
    const lw_protocol *p = s->protocol;
    for (int32_t i = s->action_first[LW_ACTION_ADVANCE]; i < s->action_first[LW_ACTION_ADVANCE + 1]; i++) {
        const lw_rule *r = &p->rules[s->by_action[i]];
        for (int32_t g = 0; g < r->group_count && r->arg == s->stage + 1; g++) {
            const lw_cond *cond = &p->conds[p->groups[r->group_first + g].cond_first];
            if (cond->fact == LW_FACT_STAGE && lw__cond_true(s, cond)) {
                return s->by_action[i];
            }
        }
    }
    return -1;
}

static void write_gates(lw__writer *w, const lw_state *s) {
    key(w, "gates");
    lw__put_char(w, '[');
    write_gate(w, s, "stage", next_stage_rule(s));
    write_gate(w, s, "run", s->run.level == 0 ? lw__gate_rule(s, LW_ACTION_RUN_OPEN) : -1);
    write_gate(w, s, "speed", s->run.level > 0 && !s->run.fast ? lw__gate_rule(s, LW_ACTION_FAST_OPEN) : -1);
    write_gate(w, s, "sport", s->stage >= LW_STAGE_STRENGTH ? lw__gate_rule(s, LW_ACTION_CLEAR_SPORT) : -1);
    lw__put_char(w, ']');
}

static void write_due(lw__writer *w, const lw_state *s) {
    enum { AHEAD_DAYS = 28 };
    const lw_protocol *p = s->protocol;
    key(w, "due");
    lw__put_char(w, '[');
    for (uint32_t i = 0; i < p->outcome_count && s->started && s->start_day <= s->day; i++) {
        const lw_outcome_due *o = &p->outcomes[i];
        bool tests = o->instrument == LW_INSTRUMENT_WORDS;
        int32_t last = tests ? s->test_day[LW_TEST_BRIDGE_SINGLE] : s->outcome_day[o->instrument];
        for (uint32_t k = 0; k < o->week_count; k++) {
            int32_t by = s->start_day + o->weeks[k] * 7;
            // answered within a week before its day counts for it
            if (last >= by - 7) {
                continue;
            }
            if (by <= s->day + AHEAD_DAYS) {
                element(w);
                lw__put_char(w, '{');
                text(w, "what", tests ? "tests" : lw_instrument_names[o->instrument]);
                date(w, "by", by);
                lw__put_char(w, '}');
            }
            break;
        }
    }
    int32_t screen_by = s->screen_day + p->params[LW_PARAM_SCREEN_DAYS];
    if (s->screened && screen_by <= s->day + 3) {
        element(w);
        lw__put_char(w, '{');
        text(w, "what", "screening");
        date(w, "by", screen_by);
        lw__put_char(w, '}');
    }
    lw__put_char(w, ']');
}

static void write_missing(lw__writer *w, const lw_plan_data *d) {
    static const char *const names[] = {"checkin", "pain_test", "session_pain", "session_effort", "screened"};
    const lw_state *s = d->s;
    key(w, "missing");
    lw__put_char(w, '[');
    for (uint32_t k = 0; k < LW_MISSING_COUNT; k++) {
        if ((d->allow.missing >> k & 1u) != 0) {
            element(w);
            lw__put_json(w, lw__str(names[k]));
        }
    }
    if (!s->enrolled) {
        element(w);
        lw__put_c(w, "\"enrolled\"");
    }
    if (!s->assessed) {
        element(w);
        lw__put_c(w, "\"assessed\"");
    }
    if (!s->started) {
        element(w);
        lw__put_c(w, "\"started\"");
    }
    if (s->lock_tests) {
        element(w);
        lw__put_c(w, "\"tests\"");
    }
    lw__put_char(w, ']');
}

/* ---- why ---- */

static void write_value(lw__writer *w, uint8_t fact, int32_t value) {
    if (value == LW_UNKNOWN) {
        lw__put_c(w, "null");
        return;
    }
    lw__put_char(w, '"');
    switch (lw__fact_unit(fact)) {
    case LW_UNIT_WORD: {
        lw_str word = lw__fact_word(fact, value);
        lw__put(w, word);
        break;
    }
    case LW_UNIT_BOOL:
        lw__put_c(w, value != 0 ? "yes" : "no");
        break;
    default:
        if (lw__unit_scale(lw__fact_unit(fact)) == 100) {
            lw__put_x100(w, value);
        } else {
            lw__put_int(w, value);
        }
        break;
    }
    lw__put_char(w, '"');
}

static void write_inputs(lw__writer *w, const lw_state *s, const lw_rule *rule) {
    const lw_protocol *p = s->protocol;
    bool seen[LW_FACT_COUNT] = {false};
    key(w, "inputs");
    lw__put_char(w, '[');
    for (int32_t g = 0; g < rule->group_count; g++) {
        const lw_group *group = &p->groups[rule->group_first + g];
        for (int32_t c = 0; c < group->cond_count; c++) {
            uint8_t fact = p->conds[group->cond_first + c].fact;
            if (seen[fact]) {
                continue;
            }
            seen[fact] = true;
            int32_t day;
            int32_t value = lw__fact_value(s, fact, &day);
            element(w);
            lw__put_char(w, '{');
            key(w, "name");
            lw__put_char(w, '"');
            lw__put_c(w, fact >= LW_FACT_TEST ? "tests." : "");
            lw__put(w, lw__fact_name(fact));
            lw__put_char(w, '"');
            key(w, "value");
            write_value(w, fact, value);
            number(w, "age_d", value == LW_UNKNOWN || day == LW_NEVER_DAY ? LW_UNKNOWN : s->day - day);
            lw__put_char(w, '}');
        }
    }
    lw__put_char(w, ']');
}

/* Which of the rules with one id this is, from 1 in the order of the protocol. */
static int32_t variant_of(const lw_protocol *p, int32_t rule) {
    int32_t n = 1;
    for (int32_t i = 0; i < rule; i++) {
        n += lw__str_eq(p->rules[i].id, p->rules[rule].id) ? 1 : 0;
    }
    return n;
}

static void write_why(lw__writer *w, const lw_plan_data *d) {
    lw_state *s = d->s;
    const lw_protocol *p = s->protocol;
    key(w, "why");
    lw__put_char(w, '[');
    for (uint32_t i = 0; i < d->why_count; i++) {
        const lw_rule *rule = &p->rules[d->why[i].rule];
        // what lets an exercise rise is judged on that exercise's own sessions
        bool own = (rule->action == LW_ACTION_RAISE || rule->action == LW_ACTION_SPEED_NEXT) && d->decision.count > 0;
        lw_overlay saved = {0, 0, 0, 0};
        if (own) {
            uint8_t whose = d->decision.items[0].exercise;
            for (uint32_t k = 0; k < d->decision.count; k++) {
                bool its = s->machine[d->decision.items[k].exercise].rule == d->why[i].rule;
                whose = its ? d->decision.items[k].exercise : whose;
            }
            saved = lw__overlay_put(s, whose);
        }
        element(w);
        lw__put_char(w, '{');
        slice(w, "rule", rule->id);
        number(w, "variant", variant_of(p, d->why[i].rule));
        text(w, "action", d->why[i].action);
        boolean(w, "fired", lw__rule_fires(s, rule));
        write_inputs(w, s, rule);
        slice(w, "tag", lw__tag_name(rule->standing.tag));
        slice(w, "grade", lw__grade_name(rule->standing.grade));
        key(w, "cites");
        lw__put_char(w, '[');
        for (int32_t k = 0; k < rule->standing.cite_count; k++) {
            element(w);
            lw__put_json(w, p->words[rule->standing.cite_first + k]);
        }
        lw__put_char(w, ']');
        boolean(w, "binding", i == 0);
        key(w, "would_change");
        if (rule->until.len == 0) {
            lw__put_c(w, "null");
        } else {
            lw__put_char(w, '{');
            slice(w, "id", rule->until);
            key(w, "args");
            lw__put_char(w, '{');
            for (int32_t k = 0; k + 1 < rule->until_count; k += 2) {
                if (k > 0) {
                    lw__put_char(w, ',');
                }
                lw__put_json(w, p->words[rule->until_first + k]);
                lw__put_char(w, ':');
                lw__put_json(w, p->words[rule->until_first + k + 1]);
            }
            lw__put_c(w, "}}");
        }
        lw__put_char(w, '}');
        if (own) {
            lw__overlay_take(s, saved);
        }
    }
    lw__put_char(w, ']');
}

static void write_refused(lw__writer *w, const lw_plan_data *d) {
    const lw_state *s = d->s;
    const lw_protocol *p = s->protocol;
    key(w, "refused");
    lw__put_char(w, '[');
    int32_t by = s->flare != LW_FLARE_NONE ? s->flare_rule : s->hold_rule;
    if (by >= 0 && d->allow.prescribe) {
        element(w);
        lw__put_char(w, '{');
        text(w, "what", "progress");
        slice(w, "by", p->rules[by].id);
        lw__put_char(w, '}');
    }
    for (uint32_t i = 0; i < s->refused_count; i++) {
        element(w);
        lw__put_char(w, '{');
        text(w, "what", s->refused[i].what);
        slice(w, "by", s->refused[i].by);
        lw__put_char(w, '}');
    }
    lw__put_char(w, ']');
}

static void hex(lw__writer *w, const char *name, const uint8_t *bytes) {
    key(w, name);
    if (bytes == NULL) {
        lw__put_c(w, "null");
        return;
    }
    lw__put_char(w, '"');
    lw__put_hex(w, bytes, 32);
    lw__put_char(w, '"');
}

void lw__plan_json(lw_plan_data *d, lw__writer *w) {
    static const char *const statuses[] = {"stopped", "discharged", "paused", "not_started", "active"};
    static const char *const flares[] = {"none", "minor", "major"};
    static const char *const irritabilities[] = {"low", "moderate", "high"};
    const lw_state *s = d->s;
    const lw_protocol *p = s->protocol;

    lw__put_char(w, '{');
    text(w, "format", "loadwave.plan/1");
    text(w, "engine", LW_VERSION);
    key(w, "protocol");
    lw__put_char(w, '"');
    lw__put(w, p->id);
    lw__put_char(w, '@');
    lw__put(w, p->version);
    lw__put_char(w, '"');
    hex(w, "protocol_sha256", p->hash);
    hex(w, "record_sha256", d->record_hash);
    slice(w, "patient", s->record->patient);
    date(w, "on", s->day);
    text(w, "status", statuses[d->allow.status]);
    text(w, "verdict", lw_verdict_names[d->verdict]);
    write_stage(w, d);
    text(w, "flare", flares[s->flare]);
    write_deload(w, s);
    text(w, "irritability", irritabilities[s->irritability]);
    write_diagnosis(w, s);
    write_morning_test(w, s);
    write_session(w, d);
    write_run(w, d);
    write_shockwave(w, d);
    write_sitting(w, s);
    write_words(w, "avoid", d, LW_ACTION_AVOID, "what");
    write_words(w, "ok", d, LW_ACTION_OK, NULL);
    write_referral(w, s);
    write_review(w, s);
    write_gates(w, s);
    write_due(w, s);
    write_missing(w, d);
    write_words(w, "advice", d, LW_ACTION_ADVISE, "id");
    write_why(w, d);
    write_refused(w, d);
    number(w, "later", (int32_t)s->later);
    date(w, "valid_until", s->day);
    lw__put_char(w, '}');
}
