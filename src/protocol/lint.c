/*
 * lint.c: what can be seen of a protocol without running it.
 *
 * Each finding names the block and what to do. The checks are of four kinds: rules that can never fire or are never
 * asked; stages and exercises nobody can come to; numbers and neighbours that do not fit together; and polarity, the
 * one check the monotone safety property leans on: a rule that lets something rise asks only for the better side of a
 * fact.
 */
#include "protocol/compiler.h"

enum { LW__WORDS_MAX = 16 /* words of one fact */ };

typedef struct linter {
    const lw_protocol *p;
    lw_diags *diags;
    uint32_t found;
    bool dead[LW_MAX_RULES]; /* rules that can never fire */
} linter;

static void warn(linter *l, lw_str at, const char *message, const char *hint, lw_str one, lw_str two, lw_str three) {
    l->found++;
    lw__report(l->diags, l->p->source, at, LW_ERR_VALUE, message, hint, one, two, three);
}

static lw_str small_number(char buffer[12], int32_t value) {
    lw__writer w = lw__writer_over(buffer, 12);
    lw__put_int(&w, value);
    return (lw_str){buffer, (uint32_t)w.len};
}

static lw_str param_spelled(char buffer[64], uint8_t param) {
    lw__writer w = lw__writer_over(buffer, 64);
    lw__put_name(&w, lw__param_name(param));
    return (lw_str){buffer, (uint32_t)w.len};
}

static lw_str fact_spelled(char buffer[64], uint8_t fact) {
    lw__writer w = lw__writer_over(buffer, 64);
    lw__put_fact(&w, fact);
    return (lw_str){buffer, (uint32_t)w.len};
}

/* ---- rules that can never fire ----------------------------------------------------------------------------------- */

/* What the conditions so far leave open of one fact. */
typedef struct span {
    int32_t least, most; /* of numbers */
    uint32_t words;      /* bits of words, of yes and no */
    bool known, unknown;
} span;

static span whole(uint8_t fact) {
    return (span){lw__fact_least(fact), lw__fact_most(fact), UINT32_MAX >> (32 - LW__WORDS_MAX), false, false};
}

/* The bit of a word; a clinician's test holds 1000 for positive. */
static uint32_t word_bit(const lw_cond *cond) {
    return 1u << (cond->fact >= LW_FACT_TEST ? cond->value / 1000 : cond->value);
}

static void narrow(span *s, const lw_cond *cond) {
    int32_t value = cond->value;
    int32_t least = s->least;
    int32_t most = s->most;
    uint8_t unit = lw__fact_unit(cond->fact);
    bool compares = cond->op != LW_OP_KNOWN && cond->op != LW_OP_UNKNOWN;
    s->known = s->known || cond->op != LW_OP_UNKNOWN;
    if ((unit == LW_UNIT_WORD || unit == LW_UNIT_BOOL) && compares) {
        uint32_t count = unit == LW_UNIT_BOOL ? 2 : lw__fact_words(cond->fact);
        uint32_t all = (1u << count) - 1;
        s->words &= all & (cond->op == LW_OP_IS ? word_bit(cond) : ~word_bit(cond));
        return;
    }
    switch (cond->op) {
    case LW_OP_AT_MOST:
        most = value;
        break;
    case LW_OP_AT_LEAST:
        least = value;
        break;
    case LW_OP_BELOW:
        most = value - 1;
        break;
    case LW_OP_ABOVE:
        least = value + 1;
        break;
    case LW_OP_IS:
        least = most = value;
        break;
    case LW_OP_IS_NOT:
        least += least == value ? 1 : 0;
        most -= most == value ? 1 : 0;
        break;
    case LW_OP_UNKNOWN:
        s->unknown = true;
        break;
    default:
        break;
    }
    s->least = least > s->least ? least : s->least;
    s->most = most < s->most ? most : s->most;
}

static bool empty(const span *s) {
    return s->least > s->most || s->words == 0 || (s->known && s->unknown);
}

/* Looks at each condition by itself. */
static void check_condition(linter *l, lw_str owner, const lw_cond *cond) {
    char name[64];
    span alone = whole(cond->fact);
    narrow(&alone, cond);
    lw_str fact = fact_spelled(name, cond->fact);
    if (empty(&alone)) {
        warn(l, owner, "$1 asks for a value that $2 never has", "look at above, below and the number", owner, fact,
             fact);
        return;
    }
    span all = whole(cond->fact);
    bool bounds =
        cond->op == LW_OP_AT_MOST || cond->op == LW_OP_AT_LEAST || cond->op == LW_OP_BELOW || cond->op == LW_OP_ABOVE;
    if (bounds && alone.least == all.least && alone.most == all.most) {
        warn(l, owner, "$1 asks for a value that $2 always has", "write $2 known, if that is meant", owner, fact, fact);
    }
}

/* True when the groups can all be true together. */
static bool check_groups(linter *l, lw_str owner, uint32_t first, uint32_t count) {
    const lw_protocol *p = l->p;
    span spans[LW_FACT_COUNT];
    char name[64];
    for (uint32_t i = 0; i < LW_FACT_COUNT; i++) {
        spans[i] = whole((uint8_t)i);
    }
    for (uint32_t i = first; i < first + count; i++) {
        const lw_group *group = &p->groups[i];
        for (uint32_t j = 0; j < group->cond_count; j++) {
            const lw_cond *cond = &p->conds[group->cond_first + j];
            check_condition(l, owner, cond);
            /* days of a window may differ from today, so they do not contradict */
            if (group->need < group->cond_count || cond->window != 0) {
                continue;
            }
            span alone = whole(cond->fact);
            narrow(&spans[cond->fact], cond);
            narrow(&alone, cond);
            if (empty(&spans[cond->fact])) {
                lw_str fact = fact_spelled(name, cond->fact);
                if (!empty(&alone)) {
                    warn(l, owner, "$1 can never be true: what it asks of $2 contradicts itself",
                         "look at all conditions on $2", owner, fact, fact);
                }
                return false;
            }
        }
    }
    for (uint32_t i = first; i < first + count; i++) {
        const lw_group *group = &p->groups[i];
        uint32_t possible = 0;
        for (uint32_t j = 0; j < group->cond_count; j++) {
            const lw_cond *cond = &p->conds[group->cond_first + j];
            span with = spans[cond->fact];
            if (cond->window != 0) {
                with = whole(cond->fact);
            }
            narrow(&with, cond);
            possible += empty(&with) ? 0 : 1;
            if (empty(&with) && group->need < group->cond_count) {
                lw_str fact = fact_spelled(name, cond->fact);
                warn(l, owner, "in $1 the part about $2 in a group can never be true",
                     "another condition of the same block rules it out", owner, fact, fact);
            }
        }
        if (possible < group->need) {
            return false;
        }
    }
    return true;
}

static bool same_words(const lw_protocol *p, uint32_t a, uint32_t b, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (!lw__str_eq(p->words[a + i], p->words[b + i])) {
            return false;
        }
    }
    return true;
}

static bool same_condition(const lw_protocol *p, const lw_cond *a, const lw_cond *b) {
    if (a->fact != b->fact || a->op != b->op || a->value != b->value || a->on_days != b->on_days) {
        return false;
    }
    return a->window == 0 || p->windows[a->window - 1].days == p->windows[b->window - 1].days;
}

/* Same conditions in the same order. */
static bool same_conditions(const lw_protocol *p, const lw_rule *a, const lw_rule *b) {
    if (a->group_count != b->group_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->group_count; i++) {
        const lw_group *ga = &p->groups[a->group_first + i];
        const lw_group *gb = &p->groups[b->group_first + i];
        if (ga->cond_count != gb->cond_count || ga->need != gb->need) {
            return false;
        }
        for (uint32_t j = 0; j < ga->cond_count; j++) {
            if (!same_condition(p, &p->conds[ga->cond_first + j], &p->conds[gb->cond_first + j])) {
                return false;
            }
        }
    }
    return true;
}

/* Actions of which only the first rule that fires counts. */
static bool first_decides(uint8_t action) {
    return action == LW_ACTION_IRRITABLE || action == LW_ACTION_ENTER || action == LW_ACTION_LABEL;
}

static void check_against_earlier(linter *l, uint32_t index) {
    const lw_protocol *p = l->p;
    const lw_rule *rule = &p->rules[index];
    char line[12];
    for (uint32_t i = 0; i < index; i++) {
        const lw_rule *before = &p->rules[i];
        if (before->action != rule->action) {
            continue;
        }
        if (first_decides(rule->action) && before->group_count == 0) {
            warn(l, rule->id, "rule $1 is never asked: $2 on line $3 always fires first",
                 "put the rule without conditions last", rule->id, before->id,
                 small_number(line, (int32_t)before->line));
            l->dead[index] = true;
            return;
        }
        bool same_arg = before->arg == rule->arg && before->arg_count == rule->arg_count &&
                        same_words(p, before->arg_first, rule->arg_first, rule->arg_count);
        if (same_arg && same_conditions(p, before, rule)) {
            warn(l, rule->id, "rule $1 says the same as $2 on line $3", "leave one out", rule->id, before->id,
                 small_number(line, (int32_t)before->line));
            return;
        }
    }
}

/* ---- polarity ---------------------------------------------------------------------------------------------------- */

/* True when a worse value of the fact never makes the condition true. */
static bool asks_better_side(const lw_cond *cond) {
    lw_direction direction = lw__fact_direction(cond->fact);
    if (direction == LW_DIRECTION_NONE || cond->op == LW_OP_KNOWN) {
        return true;
    }
    bool high_worse = direction == LW_DIRECTION_HIGH_WORSE;
    int32_t best = high_worse ? lw__fact_least(cond->fact) : lw__fact_most(cond->fact);
    int32_t worst = high_worse ? lw__fact_most(cond->fact) : lw__fact_least(cond->fact);
    switch (cond->op) {
    case LW_OP_AT_MOST:
    case LW_OP_BELOW:
        return high_worse;
    case LW_OP_AT_LEAST:
    case LW_OP_ABOVE:
        return !high_worse;
    case LW_OP_IS:
        return cond->value == best;
    case LW_OP_IS_NOT:
        return cond->value == worst;
    default:
        return false; /* unknown: what is missing must not permit */
    }
}

static void check_polarity(linter *l, lw_str owner, uint32_t first, uint32_t count) {
    char name[64];
    for (uint32_t i = first; i < first + count; i++) {
        const lw_group *group = &l->p->groups[i];
        for (uint32_t j = 0; j < group->cond_count; j++) {
            const lw_cond *cond = &l->p->conds[group->cond_first + j];
            if (!asks_better_side(cond)) {
                warn(l, owner, "$1 lets something rise and asks for the worse side of $2",
                     "a worse day must never allow more: ask for the better side", owner,
                     fact_spelled(name, cond->fact), owner);
            }
        }
    }
}

static void check_rules(linter *l) {
    const lw_protocol *p = l->p;
    for (uint32_t i = 0; i < p->rule_count; i++) {
        const lw_rule *rule = &p->rules[i];
        l->dead[i] = !check_groups(l, rule->id, rule->group_first, rule->group_count);
        check_against_earlier(l, i);
        /* beginning in the first stage is the most careful beginning */
        if (!l->dead[i] && lw__permits(rule->action) && (rule->action != LW_ACTION_ENTER || rule->arg > 0)) {
            check_polarity(l, rule->id, rule->group_first, rule->group_count);
        }
        if (rule->until.len == 0) {
            warn(l, rule->id, "rule $1 does not say what would change its answer", "write: until settle-and-green",
                 rule->id, rule->id, rule->id);
        }
    }
}

/* ---- stages and exercises ---------------------------------------------------------------------------------------- */

static void check_stages(linter *l) {
    const lw_protocol *p = l->p;
    for (uint32_t i = 0; i < p->stage_count; i++) {
        const lw_stage *stage = &p->stages[i];
        bool reached = false;
        for (uint32_t r = 0; r < p->rule_count; r++) {
            const lw_rule *rule = &p->rules[r];
            bool leads = rule->action == LW_ACTION_ADVANCE || rule->action == LW_ACTION_ENTER;
            reached = reached || (leads && rule->arg == (int32_t)i && !l->dead[r]);
        }
        if (!reached) {
            warn(l, stage->id, "nothing leads to the stage $1", "add a rule that does: advance $1", stage->id,
                 stage->id, stage->id);
        }
        if (i > 0 && stage->hip_max_deg < stage[-1].hip_max_deg) {
            warn(l, stage->id, "the stage $1 bends the hip less than the stage $2 before it",
                 "hip limits do not fall from stage to stage", stage->id, stage[-1].id, stage->id);
        }
    }
}

/* Bits of the stages that pick the exercise. */
static uint32_t picked_in(const lw_protocol *p, uint32_t exercise) {
    uint32_t bits = 0;
    for (uint32_t i = 0; i < p->stage_count; i++) {
        for (uint32_t j = 0; j < p->stages[i].slot_count; j++) {
            const lw_slot *slot = &p->stages[i].slots[j];
            for (uint32_t k = 0; k < slot->candidate_count; k++) {
                bits |= slot->candidates[k] == exercise ? 1u << i : 0;
            }
        }
    }
    return bits;
}

static void check_exercise_stages(linter *l, uint32_t index) {
    const lw_protocol *p = l->p;
    const lw_exercise *e = &p->exercises[index];
    uint32_t stages = picked_in(p, index);
    if (stages == 0) {
        warn(l, e->id, "no stage picks the exercise $1", "name it in a pick of a stage", e->id, e->id, e->id);
    }
    for (uint32_t i = 0; i < p->stage_count; i++) {
        if ((stages >> i & 1u) != 0 && e->rungs[0].class_ > p->stages[i].class_max) {
            warn(l, e->id, "the stage $2 picks $1, whose first level bends the hip deeper than the stage allows",
                 "begin with less depth, or pick it in a later stage", e->id, p->stages[i].id, e->id);
        }
    }
}

/*
 * An exercise is open from the start, by its own condition, or once the easier one is topped. What no chain of these
 * reaches is never done.
 */
static void check_chains(linter *l) {
    const lw_protocol *p = l->p;
    bool open[LW_MAX_EXERCISES];
    for (uint32_t i = 0; i < p->exercise_count; i++) {
        open[i] = p->exercises[i].open_count > 0 || p->exercises[i].easier < 0;
    }
    for (uint32_t round = 0; round < p->exercise_count; round++) {
        for (uint32_t i = 0; i < p->exercise_count; i++) {
            int32_t easier = p->exercises[i].easier;
            open[i] = open[i] || (open[easier] && picked_in(p, (uint32_t)easier) != 0);
        }
    }
    for (uint32_t i = 0; i < p->exercise_count; i++) {
        if (!open[i]) {
            lw_str id = p->exercises[i].id;
            warn(l, id, "nothing opens the exercise $1", "add open when …, or an easier exercise that a stage picks",
                 id, id, id);
        }
    }
}

static void check_neighbours(linter *l, uint32_t index) {
    const lw_protocol *p = l->p;
    const lw_exercise *e = &p->exercises[index];
    if (e->harder >= 0 && p->exercises[e->harder].easier != (int32_t)index) {
        lw_str other = p->exercises[e->harder].id;
        warn(l, e->id, "$1 says harder $2, but $2 does not say easier $1", "neighbours name each other", e->id, other,
             other);
    }
    if (e->easier >= 0 && p->exercises[e->easier].harder != (int32_t)index) {
        lw_str other = p->exercises[e->easier].id;
        warn(l, e->id, "$1 says easier $2, but $2 does not say harder $1", "neighbours name each other", e->id, other,
             other);
    }
}

static void check_doses(linter *l, uint32_t index) {
    const lw_protocol *p = l->p;
    const lw_exercise *e = &p->exercises[index];
    char level[12];
    char bound[12];
    for (uint32_t i = 0; i < e->rung_count; i++) {
        const lw_rung *rung = &e->rungs[i];
        lw_str number = small_number(level, (int32_t)i + 1);
        int32_t most = p->params[LW_PARAM_RISE_LOAD];
        if (i > 0 && rung->load_pct * 100 > rung[-1].load_pct * (100 + most)) {
            warn(l, e->id, "level $2 of $1 raises the load by more than $3 %", "put a level in between", e->id, number,
                 small_number(bound, most));
        }
        if (rung->effort_max > p->params[LW_PARAM_EFFORT_MAX]) {
            warn(l, e->id, "level $2 of $1 allows more effort than the protocol", "lower it to $3 RPE", e->id, number,
                 small_number(bound, p->params[LW_PARAM_EFFORT_MAX] / 100));
        }
    }
    int32_t contacts = e->rungs[0].sets * e->rungs[0].contacts;
    if (e->plyometric && contacts > p->params[LW_PARAM_PLYO_CONTACTS]) {
        warn(l, e->id, "$1 begins with $2 contacts, more than the protocol allows at the start",
             "begin with at most $3", e->id, small_number(level, contacts),
             small_number(bound, p->params[LW_PARAM_PLYO_CONTACTS]));
    }
}

static void check_exercises(linter *l) {
    const lw_protocol *p = l->p;
    for (uint32_t i = 0; i < p->exercise_count; i++) {
        const lw_exercise *e = &p->exercises[i];
        check_exercise_stages(l, i);
        check_neighbours(l, i);
        check_doses(l, i);
        if (check_groups(l, e->id, e->open_first, e->open_count)) {
            check_polarity(l, e->id, e->open_first, e->open_count);
        }
    }
    check_chains(l);
}

/* ---- numbers that belong together -------------------------------------------------------------------------------- */

static void check_params(linter *l) {
    static const struct {
        uint8_t low, high;
    } pairs[] = {{LW_PARAM_PAIN_GREEN_MAX, LW_PARAM_PAIN_AMBER_MAX},
                 {LW_PARAM_EASY_PAIN, LW_PARAM_PAIN_GREEN_MAX},
                 {LW_PARAM_EASY_EFFORT, LW_PARAM_EFFORT_MAX},
                 {LW_PARAM_WALK_PAIN, LW_PARAM_PAIN_GREEN_MAX},
                 {LW_PARAM_SETTLE_OVER_USUAL, LW_PARAM_SHOCKWAVE_OVER_USUAL},
                 {LW_PARAM_FLARE_DAYS, LW_PARAM_MAJOR_DAYS},
                 {LW_PARAM_SILENCE_REMIND, LW_PARAM_SILENCE_LOWER},
                 {LW_PARAM_SILENCE_LOWER, LW_PARAM_SILENCE_STOP},
                 {LW_PARAM_SILENCE_STOP, LW_PARAM_SILENCE_RESTART},
                 {LW_PARAM_SW_FIRST, LW_PARAM_SW_MAX},
                 {LW_PARAM_SW_GAP, LW_PARAM_SW_SPACING},
                 {LW_PARAM_SW_IMPULSES_MIN, LW_PARAM_SW_IMPULSES_MAX},
                 {LW_PARAM_SW_BAR_MIN, LW_PARAM_SW_BAR_MAX},
                 {LW_PARAM_SW_EFD_MIN, LW_PARAM_SW_EFD_MAX},
                 {LW_PARAM_SW_HZ_MIN, LW_PARAM_SW_HZ_MAX},
                 {LW_PARAM_STEROID_BLOCK, LW_PARAM_STEROID_WARN}};
    char low[64];
    char high[64];
    for (uint32_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (l->p->params[pairs[i].low] > l->p->params[pairs[i].high]) {
            lw_str one = param_spelled(low, pairs[i].low);
            lw_str two = param_spelled(high, pairs[i].high);
            warn(l, (lw_str){NULL, 0}, "$1 is more than $2", "exchange the numbers, or mend one", one, two, two);
        }
    }
}

/* ---- sources ----------------------------------------------------------------------------------------------------- */

static lw_str source_at(const void *data, uint32_t index) {
    return ((const lw_protocol *)data)->sources[index].key;
}

typedef struct citations {
    linter *l;
    lw__list sources;
    bool used[LW_MAX_SOURCES];
} citations;

static void check_standing(citations *s, lw_str owner, const lw_standing *standing) {
    const lw_protocol *p = s->l->p;
    bool read = standing->tag == LW_TAG_V || standing->tag == LW_TAG_V2 || standing->tag == LW_TAG_CALC;
    if (read && standing->cite_count == 0) {
        warn(s->l, owner, "[$1] says it was read or worked out, but no source is named",
             "add the source's key, or write [M] or [D]", lw__tag_name(standing->tag), owner, owner);
    }
    for (uint32_t i = 0; i < standing->cite_count; i++) {
        lw_str key = p->words[standing->cite_first + i];
        int32_t source = lw__find(&s->sources, key);
        if (source >= 0) {
            s->used[source] = true;
            continue;
        }
        char buffer[120];
        lw_str likely = lw__likely(s->l->diags, key, &s->sources, buffer, sizeof buffer);
        warn(s->l, key, "no source has the key $1", "$2", key, likely, key);
    }
}

static void check_sources(linter *l) {
    const lw_protocol *p = l->p;
    citations s = {.l = l, .sources = {source_at, p, p->source_count}};
    const lw_str none = {NULL, 0};
    for (uint32_t i = 0; i < LW_PARAM_COUNT; i++) {
        check_standing(&s, none, &p->param_standing[i]);
    }
    for (uint32_t i = 0; i < p->exercise_count; i++) {
        const lw_exercise *e = &p->exercises[i];
        check_standing(&s, e->id, &e->standing);
        check_standing(&s, e->id, &e->load_standing);
        for (uint32_t j = 0; j < e->rung_count; j++) {
            check_standing(&s, e->id, &e->rungs[j].standing);
        }
    }
    for (uint32_t i = 0; i < p->stage_count; i++) {
        check_standing(&s, p->stages[i].id, &p->stages[i].standing);
    }
    for (uint32_t i = 0; i < p->run_level_count; i++) {
        check_standing(&s, none, &p->run_levels[i].standing);
    }
    for (uint32_t i = 0; i < p->outcome_count; i++) {
        check_standing(&s, none, &p->outcomes[i].standing);
    }
    for (uint32_t i = 0; i < p->rule_count; i++) {
        check_standing(&s, p->rules[i].id, &p->rules[i].standing);
    }
    for (uint32_t i = 0; i < p->text_count; i++) {
        check_standing(&s, p->texts[i].id, &p->texts[i].standing);
    }
    for (uint32_t i = 0; i < p->source_count; i++) {
        lw_str key = p->sources[i].key;
        if (!s.used[i]) {
            warn(l, key, "nothing cites the source $1", "cite it where it speaks, or leave it out", key, key, key);
        }
    }
}

uint32_t lw_protocol_lint(const lw_protocol *protocol, lw_diags *diags) {
    linter l = {.p = protocol, .diags = diags};
    check_params(&l);
    check_exercises(&l);
    check_rules(&l);
    check_stages(&l);
    check_sources(&l);
    return l.found;
}
