/*
 * rule.c: conditions and the block `rule`.
 *
 * `when` joins conditions by `and`. Each becomes a group of its own; `any of (…)` and `at least N of (…)` are one group
 * of several. Groups do not nest, so that a reader never has to count parentheses. A window, `on N of M days`, belongs
 * to one condition.
 */
#include "protocol/compiler.h"

enum { WINDOW_DAYS_MAX = 63, GROUP_CONDS_MAX = 24 };

bool lw__permits(uint8_t action) {
    return action == LW_ACTION_ADVANCE || action == LW_ACTION_RAISE || action == LW_ACTION_RUN_OPEN ||
           action == LW_ACTION_RUN_NEXT || action == LW_ACTION_FAST_OPEN || action == LW_ACTION_SPEED_NEXT ||
           action == LW_ACTION_CLEAR_SPORT || action == LW_ACTION_ENTER;
}

/* ---- conditions -------------------------------------------------------------------------------------------------- */

/* True for what begins the next statement of a rule or exercise at the beginning of a line. */
static bool begins_statement(const lw__token *ahead, uint32_t count) {
    static const char *const words[] = {"until", "easier", "harder", "every", "level", "A", "B", "C", "S", "D"};
    bool found = false;
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        found = found || lw__str_eq(ahead[0].text, lw__str(words[i]));
    }
    for (uint8_t i = 0; i < LW_ACTION_COUNT; i++) {
        found = found || lw__spells(ahead, count, lw__action_name(i)) > 0;
    }
    return found && ahead[0].first;
}

/* Reports words that are no fact: all of them up to the comparison. */
static void unknown_fact(lw__compiler *c) {
    static const char *const ends[] = {"at",  "above",   "below", "is",       "known",
                                       "and", "unknown", "on",    "positive", "negative"};
    lw__token ahead[LW__AHEAD];
    uint32_t count = lw__look(c, ahead);
    uint32_t length = 0;
    bool over = false;
    while (!over && length < count) {
        over = ahead[length].kind != LW__TOKEN_WORD && ahead[length].kind != LW__TOKEN_NUMBER;
        for (uint32_t i = 0; i < sizeof ends / sizeof *ends; i++) {
            over = over || lw__str_eq(ahead[length].text, lw__str(ends[i]));
        }
        length += over ? 0 : 1;
    }
    const char *hint = "for example: session pain at most 3 NPRS, or: settled";
    if (lw__is(c, "any") || lw__is(c, "all") || (length == 0 && lw__is(c, "at"))) {
        lw__expected(c, "a condition", "groups do not nest; one reads: any of (night pain; rest pain)");
        return;
    }
    if (length == 0 || c->token.kind != LW__TOKEN_WORD || begins_statement(ahead, count)) {
        lw__expected(c, "a condition", hint);
        return;
    }
    const lw__token *last = &ahead[length - 1];
    lw_str at = {ahead[0].text.ptr, (uint32_t)(last->text.ptr + last->text.len - ahead[0].text.ptr)};
    lw__unknown(c, at, &lw__list_facts, "a fact that a condition may ask");
}

/* Reads a fact: a name of the table, or `test NAME`, `entry NAME`. */
static bool fact(lw__compiler *c, uint8_t *out) {
    int32_t found = lw__take_name(c, &lw__list_facts);
    if (found >= 0) {
        *out = (uint8_t)found;
        return true;
    }
    bool entry = lw__is(c, "entry");
    if (!entry && !lw__is(c, "test")) {
        unknown_fact(c);
        return false;
    }
    lw__advance(c);
    lw_str at = lw__here(c);
    int32_t test = c->token.first ? -1 : lw__take_name(c, &lw__list_tests);
    if (test < 0) {
        if (c->token.kind == LW__TOKEN_WORD && at.len > 0) {
            lw__unknown(c, at, &lw__list_tests, "a test of the record");
        } else {
            lw__expected(c, "a test", "for example: test rdl at most 3 NPRS");
        }
        return false;
    }
    *out = (uint8_t)((entry ? (int)LW_FACT_ENTRY : (int)LW_FACT_TEST) + test);
    return true;
}

/* The value after `is`: a word of the fact, yes or no, or a number. */
static bool value_of(lw__compiler *c, lw_cond *cond, lw_str subject) {
    const uint8_t which = cond->fact;
    int32_t *out = &cond->value;
    uint8_t unit = lw__fact_unit(which);
    if (unit == LW_UNIT_BOOL) {
        if (!lw__is(c, "yes") && !lw__is(c, "no")) {
            lw__expected(c, "yes or no", "or leave it out: settled, not settled");
            return false;
        }
        /* is not yes is the same as no: one meaning, one table */
        *out = lw__is(c, "yes") == (cond->op == LW_OP_IS) ? 1 : 0;
        cond->op = LW_OP_IS;
        lw__advance(c);
        return true;
    }
    if (unit != LW_UNIT_WORD) {
        return lw__quantity(c, unit, subject, lw__fact_least(which), lw__fact_most(which), out);
    }
    lw__list words = lw__list_of_words(&which);
    lw_str at = lw__here(c);
    int32_t found = c->token.first ? -1 : lw__take_name(c, &words);
    if (found < 0) {
        if (c->token.kind != LW__TOKEN_WORD || at.len == 0) {
            lw__expected(c, "a word", "a fact of words is compared by: is WORD, is not WORD");
            return false;
        }
        char buffer[120];
        lw_str likely = lw__likely(c->diags, at, &words, buffer, sizeof buffer);
        lw__error(c, at, LW_ERR_VALUE, "$1 is not a word of $2", "$3", at, subject, likely);
        return false;
    }
    *out = which >= LW_FACT_TEST ? found * 1000 : found;
    return true;
}

/* on N of M days */
static bool window(lw__compiler *c, lw_cond *cond) {
    const char *hint = "write: on 3 of 7 days";
    int32_t on = 0;
    int32_t of = 0;
    lw_str at = lw__here(c);
    if (!lw__whole(c, 1, WINDOW_DAYS_MAX, "the number of days", &on) || !lw__expect(c, "of", hint)) {
        return false;
    }
    if (!lw__quantity(c, LW_UNIT_DAYS, LW_STR("the window"), 1, WINDOW_DAYS_MAX, &of)) {
        return false;
    }
    if (on > of) {
        lw__error(c, at, LW_ERR_RANGE, "more days than the window has",
                  "write the smaller number first: on 3 of 7 days", at, at, at);
        return false;
    }
    if (c->p->window_count == LW_MAX_WINDOWS) {
        lw__full(c, at, LW__FULL_WINDOWS, "more than 24 windows of days", "a protocol has at most 24");
        return false;
    }
    c->p->windows[c->p->window_count] = (lw_window){.cond = c->p->cond_count, .days = (uint8_t)of};
    cond->window = (uint8_t)++c->p->window_count;
    cond->on_days = (uint8_t)on;
    return true;
}

/* The comparison after a fact. */
static bool comparison(lw__compiler *c, lw_cond *cond, lw_str subject) {
    uint8_t unit = lw__fact_unit(cond->fact);
    bool positive = lw__is(c, "positive");
    if (lw__accept(c, "known")) {
        cond->op = LW_OP_KNOWN;
        return true;
    }
    if (lw__accept(c, "unknown")) {
        cond->op = LW_OP_UNKNOWN;
        return true;
    }
    if (positive || lw__is(c, "negative")) {
        if (cond->fact < LW_FACT_TEST || unit != LW_UNIT_WORD) {
            lw__error(c, c->token.text, LW_ERR_TYPE, "$1 is not a test that is positive or negative",
                      unit == LW_UNIT_NPRS ? "it is a pain: write at least 2 NPRS" : "compare it as what it is",
                      subject, subject, subject);
            return false;
        }
        lw__advance(c);
        cond->op = LW_OP_IS;
        cond->value = positive ? 1000 : 0;
        return true;
    }
    if (lw__accept(c, "is")) {
        cond->op = lw__accept(c, "not") ? LW_OP_IS_NOT : LW_OP_IS;
        return value_of(c, cond, subject);
    }
    const char *hint = unit == LW_UNIT_WORD ? "compare words by: is WORD, is not WORD, known, unknown"
                                            : "compare by: at most 3 NPRS, at least, above, below, is, known, unknown";
    lw_str at = lw__here(c);
    if (lw__accept(c, "above")) {
        cond->op = LW_OP_ABOVE;
    } else if (lw__accept(c, "below")) {
        cond->op = LW_OP_BELOW;
    } else if (lw__accept(c, "at")) {
        cond->op = lw__is(c, "most") ? LW_OP_AT_MOST : LW_OP_AT_LEAST;
        if (!lw__accept(c, "most") && !lw__expect(c, "least", "write: at most, or: at least")) {
            return false;
        }
    } else {
        lw__expected(c, "a comparison", hint);
        return false;
    }
    if (unit == LW_UNIT_WORD) {
        lw__error(c, at, LW_ERR_TYPE, "$1 has words, not numbers", hint, subject, at, at);
        return false;
    }
    return lw__quantity(c, unit, subject, lw__fact_least(cond->fact), lw__fact_most(cond->fact), &cond->value);
}

/* One condition, into the draft's table. */
static bool condition(lw__compiler *c) {
    lw_cond cond = {0};
    bool negated = lw__accept(c, "not");
    lw_str subject = c->token.text;
    if (!fact(c, &cond.fact)) {
        return false;
    }
    subject.len = (uint32_t)(c->behind - subject.ptr);
    bool compared = lw__is(c, "known") || lw__is(c, "unknown") || lw__is(c, "is");
    if (lw__fact_unit(cond.fact) == LW_UNIT_BOOL && !compared) {
        if (lw__is(c, "at") || lw__is(c, "above") || lw__is(c, "below")) {
            lw__error(c, lw__here(c), LW_ERR_TYPE, "$1 is yes or no, not a number", "write: $1, or: not $1", subject,
                      subject, subject);
            return false;
        }
        cond.op = LW_OP_IS;
        cond.value = negated ? 0 : 1;
    } else if (negated) {
        lw__error(c, subject, LW_ERR_TYPE, "not goes only with a fact that is yes or no",
                  "turn the comparison round: is not WORD, below instead of at least", subject, subject, subject);
        return false;
    } else if (!comparison(c, &cond, subject)) {
        return false;
    }
    if (lw__accept(c, "on") && !window(c, &cond)) {
        return false;
    }
    if (c->p->cond_count == LW_MAX_CONDS) {
        lw__full(c, subject, LW__FULL_CONDS, "more than 640 conditions", "a protocol has at most 640");
        return false;
    }
    c->p->conds[c->p->cond_count++] = cond;
    return true;
}

/* A group of the conditions from cond_first on: at least one, so that there is room for it where they had room. */
static void add_group(lw__compiler *c, uint32_t cond_first, int32_t need) {
    _Static_assert((int)LW_MAX_GROUPS >= (int)LW_MAX_CONDS, "a group for each condition");
    c->p->groups[c->p->group_count++] = (lw_group){.cond_first = (uint16_t)cond_first,
                                                   .cond_count = (uint8_t)(c->p->cond_count - cond_first),
                                                   .need = (uint8_t)need};
}

/* Passes the rest of a condition: up to ; or ) inside a group, up to `and` or the next line outside. */
static void skip_condition(lw__compiler *c, bool grouped) {
    while (!lw__at_end(c) && !lw__is_mark(c, ')') &&
           (grouped ? !lw__is_mark(c, ';') : !c->token.first && !lw__is(c, "and"))) {
        lw__advance(c);
    }
}

/* (c; c; c). need 0: all of them, each a group of its own. */
static bool grouped(lw__compiler *c, int32_t need) {
    bool ok = true;
    lw_str at = lw__here(c);
    if (!lw__accept_mark(c, '(')) {
        lw__expected(c, "(", "write: any of (night pain; rest pain)");
        return false;
    }
    uint32_t first = c->p->cond_count;
    do {
        uint32_t begin = c->p->cond_count;
        bool good = condition(c);
        if (good && !lw__is_mark(c, ';') && !lw__is_mark(c, ')')) {
            lw__expected(c, "; or )", "conditions in a group are parted by ; and groups do not nest");
            good = false;
        }
        if (good && need == 0) {
            add_group(c, begin, 1);
        }
        if (!good) {
            skip_condition(c, true);
            ok = false;
        }
    } while (lw__accept_mark(c, ';'));
    if (!lw__accept_mark(c, ')')) {
        return false; /* said above */
    }
    int32_t count = (int32_t)(c->p->cond_count - first);
    if (!ok || need == 0) {
        return ok;
    }
    if (need > count || count > GROUP_CONDS_MAX) {
        lw__error(c, at, LW_ERR_RANGE,
                  need > count ? "asks for more conditions than the group has" : "more than 24 conditions in a group",
                  "count the conditions between the parentheses", at, at, at);
        return false;
    }
    add_group(c, first, need);
    return true;
}

/* One term of `when`: a condition or a group. */
static bool term(lw__compiler *c) {
    lw__token ahead[LW__AHEAD];
    uint32_t count = lw__look(c, ahead);
    bool of = count > 1 && lw__str_eq(ahead[1].text, LW_STR("of"));
    if (of && lw__accept(c, "any")) {
        lw__advance(c);
        return grouped(c, 1);
    }
    if (of && lw__accept(c, "all")) {
        lw__advance(c);
        return grouped(c, 0);
    }
    if (lw__is(c, "at") && count > 1 && lw__str_eq(ahead[1].text, LW_STR("least"))) {
        int32_t need = 0;
        lw__advance(c);
        lw__advance(c);
        return lw__whole(c, 1, GROUP_CONDS_MAX, "the number of conditions", &need) &&
               lw__expect(c, "of", "write: at least 2 of (c; c; c)") && grouped(c, need);
    }
    uint32_t first = c->p->cond_count;
    if (!condition(c)) {
        return false;
    }
    add_group(c, first, 1);
    return true;
}

bool lw__conditions(lw__compiler *c) {
    bool ok = true;
    do {
        if (!term(c)) {
            ok = false;
            skip_condition(c, false);
            lw__accept_mark(c, ')');
        }
    } while (lw__accept(c, "and"));
    return ok;
}

/* ---- rules ------------------------------------------------------------------------------------------------------- */

typedef enum arg_kind {
    ARG_NONE,
    ARG_STAGE,
    ARG_URGENCY,
    ARG_FLARE,
    ARG_LEVEL,
    ARG_DAYS,
    ARG_ID,
    ARG_LABEL,
    ARG_CAP,
    ARG_SHOCKWAVE
} arg_kind;

static const uint8_t arg_kinds[LW_ACTION_COUNT] = {
#define X(symbol, words, arg) ARG_##arg,
    LW_ACTIONS(X)
#undef X
};

/* One word of a list. what: "a stage". */
static bool arg_word(lw__compiler *c, const lw__list *list, const char *what, int32_t *out) {
    lw_str at = lw__here(c);
    int32_t found = c->token.first ? -1 : lw__take_name(c, list);
    if (found >= 0) {
        *out = found;
        return true;
    }
    if (c->token.kind == LW__TOKEN_WORD && at.len > 0) {
        lw__unknown(c, at, list, what);
    } else {
        char buffer[120];
        buffer[lw__likely(c->diags, LW_STR(""), list, buffer, sizeof buffer - 1).len] = '\0';
        lw__expected(c, what, buffer);
    }
    return false;
}

/* Identifiers parted by commas; exercises for `leave out`. */
static bool arg_ids(lw__compiler *c, lw_rule *rule) {
    lw__list exercises = lw__list_of_exercises(c->p);
    rule->arg_first = c->p->word_count;
    bool more = true;
    while (more) {
        lw_str at = c->token.text;
        if (c->token.kind == LW__TOKEN_WORD && c->p->word_count > rule->arg_first) {
            c->token.first = false; /* a list may go on behind a comma */
        }
        lw_str id;
        if (!lw__id(c, &id, "an id")) {
            return false;
        }
        if (rule->action == LW_ACTION_SWAP && lw__find(&exercises, id) < 0) {
            lw__unknown(c, at, &exercises, "an exercise of this protocol");
            return false;
        }
        lw__add_word(c, id);
        more = lw__accept_mark(c, ',');
    }
    rule->arg_count = (uint16_t)(c->p->word_count - rule->arg_first);
    return true;
}

static bool argument(lw__compiler *c, lw_rule *rule) {
    static const char *const urgencies[] = {"routine", "urgent"};
    static const char *const flares[] = {"minor", "major"};
    static const char *const labels[] = {"likely", "possible"};
    static const uint8_t irritability = LW_FACT_IRRITABILITY;
    static const uint8_t stage = LW_FACT_STAGE;
    lw__list list;
    switch (arg_kinds[rule->action]) {
    case ARG_STAGE:
        list = lw__list_of_words(&stage);
        return arg_word(c, &list, "a stage", &rule->arg);
    case ARG_URGENCY:
        list = lw__list_of_texts(urgencies, 2);
        return arg_word(c, &list, "an urgency", &rule->arg);
    case ARG_FLARE:
        list = lw__list_of_texts(flares, 2);
        if (!arg_word(c, &list, "a kind of flare", &rule->arg)) {
            return false;
        }
        rule->arg++;
        return true;
    case ARG_LEVEL:
        list = lw__list_of_words(&irritability);
        return arg_word(c, &list, "an irritability", &rule->arg);
    case ARG_DAYS:
        return lw__quantity(c, LW_UNIT_DAYS, LW_STR("the de-load"), 1, 28, &rule->arg);
    case ARG_ID:
        return arg_ids(c, rule);
    case ARG_LABEL:
        list = lw__list_of_texts(labels, 2);
        return arg_word(c, &list, "a label", &rule->arg);
    case ARG_CAP:
        if (!arg_word(c, &lw__list_caps, "a ceiling", &rule->arg)) {
            return false;
        }
        rule->arg++;
        return true;
    case ARG_SHOCKWAVE:
        return arg_word(c, &lw__list_shockwave, "a word of shockwave", &rule->arg);
    default:
        return true;
    }
}

/* until ID name value, name value */
static bool until(lw__compiler *c, lw_rule *rule) {
    if (!lw__id(c, &rule->until, "the id of a sentence")) {
        return false;
    }
    rule->until_first = c->p->word_count;
    lw__token ahead[LW__AHEAD];
    bool more = !c->token.first && lw__look(c, ahead) > 1 && ahead[0].kind == LW__TOKEN_WORD && ahead[1].mark != '[';
    while (more) {
        lw_str name;
        c->token.first = false;
        if (!lw__id(c, &name, "the name of an argument")) {
            return false;
        }
        bool value = c->token.kind == LW__TOKEN_WORD || c->token.kind == LW__TOKEN_NUMBER;
        if (!value || c->token.first) {
            lw__expected(c, "a value", "names and values take turns: until calm-test days 3, pain 3");
            return false;
        }
        lw__add_word(c, name);
        lw__add_word(c, c->token.text);
        if (!lw__short_word(c)) {
            return false;
        }
        more = lw__accept_mark(c, ',');
    }
    rule->until_count = (uint16_t)(c->p->word_count - rule->until_first);
    return true;
}

typedef struct rule_reader {
    lw__compiler *c;
    lw_rule *rule;
    uint32_t errors_before;
    bool when, action, until, standing;
} rule_reader;

static int32_t grade_here(const lw__compiler *c) {
    for (uint8_t grade = LW_GRADE_A; grade <= LW_GRADE_D; grade++) {
        if (c->token.kind == LW__TOKEN_WORD && lw__str_eq(c->token.text, lw__grade_name(grade))) {
            return grade;
        }
    }
    return -1;
}

/* Reports a statement that a rule already has. */
static void twice(lw__compiler *c, lw_str at, bool seen, const char *hint) {
    if (seen) {
        lw__error(c, at, LW_ERR_DUPLICATE_MEMBER, "this rule says $1 twice", hint, at, at, at);
    }
}

static bool rule_statement(rule_reader *r, lw_str at) {
    lw__compiler *c = r->c;
    lw_rule *rule = r->rule;
    if (lw__is(c, "when") || lw__is(c, "and")) {
        /* a line that begins with `and` is met here only when the line before it could not be read */
        if (lw__is(c, "and") && c->errors == r->errors_before) {
            lw__stray(c, "when, an action, until or a grade", "conditions begin with when; and joins two of them");
            return false;
        }
        bool when = lw__is(c, "when");
        lw__advance(c);
        twice(c, at, when && r->when, "join conditions by and");
        rule->group_first = when ? c->p->group_count : rule->group_first;
        r->when = true;
        bool ok = lw__conditions(c);
        rule->group_count = (uint16_t)(c->p->group_count - rule->group_first);
        return ok;
    }
    if (lw__accept(c, "until")) {
        twice(c, at, r->until, "leave one out");
        r->until = true;
        return until(c, rule);
    }
    int32_t grade = grade_here(c);
    if (grade >= 0) {
        twice(c, at, r->standing, "a rule has one grade");
        r->standing = true;
        lw__advance(c);
        if (!lw__is_mark(c, '[')) {
            lw__expected(c, "a confidence tag", "after the grade stand tag and sources: C [V2] S08, S53");
            return false;
        }
        rule->standing.grade = (uint8_t)grade;
        return lw__standing(c, &rule->standing);
    }
    if (lw__is_mark(c, '[')) {
        lw__stray(c, "a grade before the tag", "A, B, C, S (safety) or D (default): C [V2] S08, S53");
        return false;
    }
    int32_t action = lw__take_name(c, &lw__list_actions);
    if (action >= 0) {
        twice(c, (lw_str){at.ptr, (uint32_t)(c->behind - at.ptr)}, r->action,
              "a rule does one thing; write a second rule with the same id");
        r->action = true;
        rule->action = (uint8_t)action;
        return argument(c, rule);
    }
    if (c->token.kind != LW__TOKEN_WORD) {
        lw__stray(c, "when, an action, until or a grade", "for example: hold");
        return false;
    }
    if (r->when && !c->token.first && !r->action) {
        lw__error(c, at, LW_ERR_SYNTAX, "expected and, or the action on its own line, found $1",
                  "conditions are joined by and; alternatives stand in any of (c; c)", at, at, at);
        return false;
    }
    lw__unknown(c, at, &lw__list_actions, "an action");
    return false;
}

void lw__rule_block(lw__compiler *c) {
    uint32_t errors_before = c->errors;
    uint32_t first_window = c->p->window_count;
    lw_rule nowhere;
    bool full = c->p->rule_count == LW_MAX_RULES;
    lw_rule *rule = full ? &nowhere : &c->p->rules[c->p->rule_count];
    *rule = (lw_rule){.line = c->token.line};
    rule->standing = (lw_standing){.tag = LW_TAG_D, .grade = LW_GRADE_D};
    rule_reader r = {.c = c, .rule = rule, .errors_before = errors_before};
    lw_str at = c->token.text;
    lw__advance(c);
    if (full) {
        lw__full(c, at, LW__FULL_RULES, "more than 192 rules", "a protocol has at most 192");
    }
    if (!lw__id(c, &rule->id, "the rule's id") || !lw__title(c, &rule->title)) {
        lw__next_line(c);
    }
    while (!lw__at_end(c)) {
        lw_str statement = c->token.text;
        if (!rule_statement(&r, statement)) {
            lw__give_up(c, statement);
        }
    }
    for (uint32_t i = first_window; i < c->p->window_count; i++) {
        c->p->windows[i].permits = lw__permits(rule->action);
    }
    if (c->errors == errors_before && !r.action) {
        lw__error(c, rule->id, LW_ERR_MISSING, "rule $1 does nothing", "add an action, for example: hold", rule->id,
                  rule->id, rule->id);
    }
    if (c->errors == errors_before && !r.standing) {
        lw__error(c, rule->id, LW_ERR_MISSING, "rule $1 has no grade and tag", "for example: C [V2] S08, or: D [D]",
                  rule->id, rule->id, rule->id);
    }
    c->p->rule_count = (uint16_t)(c->p->rule_count + (full ? 0 : 1));
}
