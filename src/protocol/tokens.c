/*
 * tokens.c: the small steps every block is read with: the next token, a name of several words, a number with its unit,
 * an identifier, a standing.
 *
 * A block ends where the next line begins in the first column; its parser sees LW__TOKEN_END there and can not run into
 * the next block. Names of the vocabulary may have several words; the longest that fits is meant ("night pain days in
 * 7" before "night pain").
 */
#include "protocol/compiler.h"

void lw__advance(lw__compiler *c) {
    if (LW_NEVER(c->token.kind == LW__TOKEN_END)) {
        return;
    }
    c->behind = c->token.text.ptr + c->token.text.len + (c->token.kind == LW__TOKEN_STRING ? 1 : 0);
    lw__token next = lw__lex(&c->lexer);
    if (next.kind == LW__TOKEN_END || next.block) {
        c->next_block = next;
        next = (lw__token){.kind = LW__TOKEN_END, .first = true, .line = next.line, .text = {c->behind, 0}};
    }
    c->token = next;
}

lw_str lw__here(const lw__compiler *c) {
    if (c->token.first) {
        return (lw_str){c->behind, 0};
    }
    if (c->token.kind == LW__TOKEN_STRING) {
        return (lw_str){c->token.text.ptr - 1, c->token.text.len + 2};
    }
    return c->token.text;
}

bool lw__at_end(const lw__compiler *c) {
    return c->token.kind == LW__TOKEN_END;
}

bool lw__is(const lw__compiler *c, const char *word) {
    return c->token.kind == LW__TOKEN_WORD && lw__str_eq(c->token.text, lw__str(word));
}

bool lw__is_mark(const lw__compiler *c, char mark) {
    return c->token.mark == mark;
}

bool lw__accept(lw__compiler *c, const char *word) {
    bool is = lw__is(c, word);
    if (is) {
        lw__advance(c);
    }
    return is;
}

bool lw__accept_mark(lw__compiler *c, char mark) {
    bool is = lw__is_mark(c, mark);
    if (is) {
        lw__advance(c);
    }
    return is;
}

bool lw__expect(lw__compiler *c, const char *word, const char *hint) {
    if (lw__accept(c, word)) {
        return true;
    }
    char quoted[32];
    lw__writer w = lw__writer_over(quoted, sizeof quoted);
    lw__put_char(&w, '\'');
    lw__put_c(&w, word);
    lw__put_char(&w, '\'');
    lw__put_end(&w);
    lw__expected(c, quoted, hint);
    return false;
}

void lw__next_line(lw__compiler *c) {
    while (!c->token.first && !lw__at_end(c)) {
        lw__advance(c);
    }
}

void lw__give_up(lw__compiler *c, lw_str statement) {
    if (c->token.text.ptr == statement.ptr) {
        lw__advance(c);
    }
    lw__next_line(c);
}

void lw__stray(lw__compiler *c, const char *what, const char *hint) {
    c->token.first = false;
    lw__expected(c, what, hint);
}

uint32_t lw__look(const lw__compiler *c, lw__token ahead[LW__AHEAD]) {
    lw__lexer lexer = c->lexer;
    lw__token token = c->token;
    uint32_t count = 0;
    while (count < LW__AHEAD && token.kind != LW__TOKEN_END && (count == 0 || !token.first)) {
        ahead[count++] = token;
        token = lw__lex(&lexer);
    }
    return count;
}

static char folded(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == ' ' || c == '-' ? '_' : c;
}

uint32_t lw__spells(const lw__token *ahead, uint32_t count, lw_str name) {
    uint32_t at = 0;
    for (uint32_t i = 0; i < count && (ahead[i].kind == LW__TOKEN_WORD || ahead[i].kind == LW__TOKEN_NUMBER); i++) {
        lw_str text = ahead[i].text;
        if (i > 0 && folded(name.ptr[at++]) != '_') {
            return 0;
        }
        if (text.len > name.len - at) {
            return 0;
        }
        for (uint32_t j = 0; j < text.len; j++, at++) {
            if (folded(text.ptr[j]) != folded(name.ptr[at])) {
                return 0;
            }
        }
        if (at == name.len) {
            return i + 1;
        }
    }
    return 0;
}

int32_t lw__take_name(lw__compiler *c, const lw__list *list) {
    lw__token ahead[LW__AHEAD];
    uint32_t count = lw__look(c, ahead);
    uint32_t longest = 0;
    int32_t found = -1;
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t length = lw__spells(ahead, count, list->at(list->data, i));
        if (length > longest) {
            longest = length;
            found = (int32_t)i;
        }
    }
    for (uint32_t i = 0; i < longest; i++) {
        lw__advance(c);
    }
    return found;
}

int32_t lw__find(const lw__list *list, lw_str word) {
    for (uint32_t i = 0; i < list->count; i++) {
        if (lw__str_eq(list->at(list->data, i), word)) {
            return (int32_t)i;
        }
    }
    return -1;
}

bool lw__id(lw__compiler *c, lw_str *out, const char *what) {
    if (c->token.kind != LW__TOKEN_WORD || c->token.first) {
        lw__expected(c, what, "an id has letters, digits and hyphens and begins with a letter: bridge-hold-single");
        return false;
    }
    *out = c->token.text;
    return lw__short_word(c);
}

bool lw__short_word(lw__compiler *c) {
    lw_str text = c->token.text;
    if (text.len > LW__ID_MAX) {
        lw__error(c, text, LW_ERR_LIMIT, "an id has at most 63 characters", "choose a shorter one", text, text, text);
        return false;
    }
    lw__advance(c);
    return true;
}

bool lw__title(lw__compiler *c, lw_str *out) {
    if (c->token.kind != LW__TOKEN_STRING) {
        lw__expected(c, "a text in quotes", "for example: \"Single-leg bridge hold\"");
        return false;
    }
    if (c->token.text.len == 0) {
        lw__error(c, lw__here(c), LW_ERR_MISSING, "this text is empty", "write what it is, in a few words",
                  c->token.text, c->token.text, c->token.text);
        return false;
    }
    *out = c->token.text;
    lw__advance(c);
    return true;
}

bool lw__whole(lw__compiler *c, int32_t least, int32_t most, const char *what, int32_t *out) {
    if (c->token.kind != LW__TOKEN_NUMBER) {
        lw__expected(c, what, "a whole number is meant");
        return false;
    }
    lw_str at = c->token.text;
    int32_t value = c->token.milli / 1000;
    if (c->token.decimals != 0) {
        lw__error(c, at, LW_ERR_NUMBER, "$1 is a whole number, not $2", "leave out the decimals", lw__str(what), at,
                  at);
        return false;
    }
    if (value < least || value > most) {
        lw__error(c, at, LW_ERR_RANGE, "$1 is from $2 to $3", "choose a number in that range", lw__str(what),
                  lw__number(c, least, 1), lw__number(c, most, 1));
        return false;
    }
    *out = value;
    lw__advance(c);
    return true;
}

/* ---- numbers with units ---------------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    uint8_t unit;
} unit_words[] = {{"NPRS", LW_UNIT_NPRS},
                  {"nprs", LW_UNIT_NPRS},
                  {"RPE", LW_UNIT_RPE},
                  {"rpe", LW_UNIT_RPE},
                  {"percent", LW_UNIT_PCT},
                  {"days", LW_UNIT_DAYS},
                  {"day", LW_UNIT_DAYS},
                  {"weeks", LW_UNIT_WEEKS},
                  {"week", LW_UNIT_WEEKS},
                  {"hours", LW_UNIT_HOURS},
                  {"hour", LW_UNIT_HOURS},
                  {"h", LW_UNIT_HOURS},
                  {"min", LW_UNIT_MIN},
                  {"minutes", LW_UNIT_MIN},
                  {"minute", LW_UNIT_MIN},
                  {"years", LW_UNIT_YEARS},
                  {"year", LW_UNIT_YEARS},
                  {"reps", LW_UNIT_REPS},
                  {"rep", LW_UNIT_REPS},
                  {"repetitions", LW_UNIT_REPS},
                  {"repetition", LW_UNIT_REPS},
                  {"points", LW_UNIT_POINTS},
                  {"point", LW_UNIT_POINTS},
                  {"sessions", LW_UNIT_SESSIONS},
                  {"session", LW_UNIT_SESSIONS},
                  {"contacts", LW_UNIT_CONTACTS},
                  {"contact", LW_UNIT_CONTACTS},
                  {"kg", LW_UNIT_KG},
                  {"bar", LW_UNIT_BAR},
                  {"mJ/mm2", LW_UNIT_EFD},
                  {"mJ/mm²", LW_UNIT_EFD},
                  {"Hz", LW_UNIT_HZ},
                  {"hz", LW_UNIT_HZ},
                  {"impulses", LW_UNIT_IMPULSES},
                  {"impulse", LW_UNIT_IMPULSES},
                  {"deg", LW__UNIT_DEG},
                  {"degrees", LW__UNIT_DEG},
                  {"s", LW__UNIT_SECONDS},
                  {"sec", LW__UNIT_SECONDS},
                  {"seconds", LW__UNIT_SECONDS},
                  {"m", LW__UNIT_METRES},
                  {"metres", LW__UNIT_METRES},
                  {"BW", LW__UNIT_BW}};

uint8_t lw__unit_here(const lw__compiler *c) {
    if (lw__is_mark(c, '%')) {
        return LW_UNIT_PCT;
    }
    for (uint32_t i = 0; i < sizeof unit_words / sizeof *unit_words; i++) {
        if (lw__is(c, unit_words[i].word)) {
            return unit_words[i].unit;
        }
    }
    return LW__UNIT_COUNT;
}

static lw_str name_of_unit(uint8_t unit) {
    static const char *const own[] = {"deg", "s", "m", "BW"};
    return unit < LW_UNIT_COUNT_ ? lw__unit_name(unit) : lw__str(own[unit - LW__UNIT_DEG]);
}

static int32_t scale_of_unit(uint8_t unit) {
    return unit == LW__UNIT_BW ? 1000 : lw__unit_scale(unit);
}

/* Reports that the unit is not there, or another than the subject's. */
static void wrong_unit(lw__compiler *c, uint8_t unit, lw_str subject, const lw__token *number) {
    lw_str wanted = name_of_unit(unit);
    lw__lexer lexer = c->lexer;
    lw__token after = lw__lex(&lexer);
    bool glued = c->token.text.ptr == number->text.ptr + number->text.len;
    if (lw__is_mark(c, ',') && glued && after.text.ptr == c->token.text.ptr + 1 && after.kind == LW__TOKEN_NUMBER) {
        lw__error(c, c->token.text, LW_ERR_NUMBER, "a number has a decimal point, not a comma", "write $1.$2 $3",
                  number->text, after.text, wanted);
        return;
    }
    if (lw__unit_here(c) != LW__UNIT_COUNT) {
        lw__error(c, c->token.text, LW_ERR_TYPE, "$1 is counted in $2, not in $3", "put the number in $2 here", subject,
                  wanted, c->token.text);
        return;
    }
    lw__error(c, number->text, LW_ERR_TYPE, "$1 is counted in $2; the number stands without a unit", "write: $3 $2",
              subject, wanted, number->text);
}

bool lw__quantity(lw__compiler *c, uint8_t unit, lw_str subject, int32_t least, int32_t most, int32_t *out) {
    lw__token number = c->token;
    if (number.kind != LW__TOKEN_NUMBER) {
        lw_str unit_name = name_of_unit(unit);
        lw_str at = lw__here(c);
        if (number.kind == LW__TOKEN_OTHER || at.len == 0 || unit_name.len == 0) {
            lw__expected(c, unit_name.len == 0 ? "a number" : "a number with its unit", "write it after these words");
            return false;
        }
        lw__error(c, at, LW_ERR_SYNTAX, "expected a number and $2, found $1", "$3 is counted in $2", at, unit_name,
                  subject);
        return false;
    }
    int32_t scale = scale_of_unit(unit);
    int32_t step = 1000 / scale;
    if (number.decimals > LW__DECIMALS_MAX) {
        lw__error(c, number.text, LW_ERR_NUMBER, "$1 has too many digits",
                  "a number has at most six digits and two decimals", number.text, number.text, number.text);
        return false;
    }
    if (number.milli % step != 0) {
        lw__error(c, number.text, LW_ERR_NUMBER,
                  scale == 1 ? "$1 is a whole number, not $2" : "$1 has at most two decimals, not $2",
                  "round it to the careful side", subject, number.text, number.text);
        return false;
    }
    int32_t value = number.milli / step;
    lw__advance(c);
    bool right = lw__unit_here(c) == unit || (unit == LW__UNIT_SECONDS && lw__unit_here(c) == LW_UNIT_MIN);
    if (unit == LW_UNIT_NONE) {
        if (lw__unit_here(c) != LW__UNIT_COUNT) {
            lw__error(c, c->token.text, LW_ERR_TYPE, "$1 is a plain number, without $2", "leave out $2", subject,
                      c->token.text, c->token.text);
            return false;
        }
    } else if (!right) {
        wrong_unit(c, unit, subject, &number);
        return false;
    } else {
        if (lw__unit_here(c) != unit) {
            value *= 60; /* minutes where seconds are meant */
        }
        lw__advance(c);
    }
    if (value < least || value > most) {
        lw_str low = lw__number(c, least, scale);
        lw_str high = lw__number(c, most, scale);
        lw__error(c, number.text, LW_ERR_RANGE, "$1 is from $2 to $3", "check the number and its unit", subject, low,
                  high);
        return false;
    }
    *out = value;
    return true;
}

/* ---- standings ------------------------------------------------------------------------------------------------- */

void lw__add_word(lw__compiler *c, lw_str word) {
    if (c->p->word_count < LW_MAX_WORDS) {
        c->p->words[c->p->word_count++] = word;
        return;
    }
    lw__full(c, word, LW__FULL_WORDS, "more than 1024 citations, ids and arguments", "shorten lists of sources");
}

/* Words that begin a statement and so can not be the key of a source on the same line. */
static bool begins_statement(const lw__compiler *c) {
    static const char *const words[] = {"role",   "each",   "both", "heavy", "plyometric", "eccentric", "nordic",
                                        "speed",  "needs",  "load", "hip",   "knee",       "tissue",    "level",
                                        "easier", "harder", "open", "every", "pick"};
    for (uint32_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (lw__is(c, words[i])) {
            return true;
        }
    }
    return false;
}

bool lw__standing(lw__compiler *c, lw_standing *out) {
    lw__advance(c);
    int32_t tag = c->token.kind == LW__TOKEN_WORD ? lw__find(&lw__list_tags, c->token.text) : -1;
    if (tag < 0) {
        lw__expected(c, "a confidence tag",
                     "V read, V2 read at second hand, calc worked out, M from memory, D a default: [V2] S08");
        return false;
    }
    lw__advance(c);
    if (!lw__accept_mark(c, ']')) {
        lw__expected(c, "]", "for example: [V2] S08, S53");
        return false;
    }
    out->tag = (uint8_t)tag;
    out->cite_first = c->p->word_count;
    bool more = c->token.kind == LW__TOKEN_WORD && !c->token.first && !begins_statement(c);
    while (more) {
        lw__add_word(c, c->token.text);
        if (!lw__short_word(c)) {
            return false;
        }
        more = lw__accept_mark(c, ',');
        if (more && c->token.kind != LW__TOKEN_WORD) {
            lw__expected(c, "the key of a source", "a list of sources ends without a comma");
            return false;
        }
    }
    out->cite_count = (uint16_t)(c->p->word_count - out->cite_first);
    return true;
}

bool lw__maybe_standing(lw__compiler *c, lw_standing *out) {
    *out = (lw_standing){.tag = LW_TAG_D, .grade = LW_GRADE_D};
    return !lw__is_mark(c, '[') || lw__standing(c, out);
}

/* ---- lists of names -------------------------------------------------------------------------------------------- */

static lw_str fact_at(const void *data, uint32_t index) {
    (void)data;
    return lw__fact_name((uint8_t)index);
}

static lw_str param_at(const void *data, uint32_t index) {
    (void)data;
    return lw__param_name((uint8_t)index);
}

static lw_str action_at(const void *data, uint32_t index) {
    (void)data;
    return lw__action_name((uint8_t)index);
}

static lw_str cap_at(const void *data, uint32_t index) {
    (void)data;
    return lw__cap_name((uint8_t)(index + 1));
}

static lw_str role_at(const void *data, uint32_t index) {
    (void)data;
    return lw__role_name((uint8_t)index);
}

static lw_str shockwave_at(const void *data, uint32_t index) {
    (void)data;
    return lw__shockwave_name((uint8_t)index);
}

static lw_str tag_at(const void *data, uint32_t index) {
    (void)data;
    return lw__tag_name((uint8_t)index);
}

static lw_str text_at(const void *data, uint32_t index) {
    return lw__str(((const char *const *)data)[index]);
}

static lw_str instrument_at(const void *data, uint32_t index) {
    (void)data;
    return index < LW_INSTRUMENT_WORDS ? lw__str(lw_instrument_names[index]) : LW_STR("tests");
}

static lw_str word_at(const void *data, uint32_t index) {
    return lw__fact_word(*(const uint8_t *)data, (int32_t)index);
}

static lw_str exercise_at(const void *data, uint32_t index) {
    return ((const lw_protocol *)data)->exercises[index].id;
}

static lw_str stage_at(const void *data, uint32_t index) {
    return ((const lw_protocol *)data)->stages[index].id;
}

const lw__list lw__list_facts = {fact_at, NULL, LW_FACT_TEST};
const lw__list lw__list_params = {param_at, NULL, LW_PARAM_COUNT};
const lw__list lw__list_tests = {text_at, lw_test_names, LW_TESTS};
const lw__list lw__list_equipment = {text_at, lw_equipment_names, LW_EQUIPMENTS};
const lw__list lw__list_actions = {action_at, NULL, LW_ACTION_COUNT};
const lw__list lw__list_caps = {cap_at, NULL, LW_CAP_COUNT - 1};
const lw__list lw__list_roles = {role_at, NULL, LW_ROLE_SPEED + 1};
const lw__list lw__list_shockwave = {shockwave_at, NULL, LW_SW_OFFER + 1};
const lw__list lw__list_instruments = {instrument_at, NULL, LW_INSTRUMENT_WORDS + 1};
const lw__list lw__list_tags = {tag_at, NULL, LW_TAG_D + 1};

lw__list lw__list_of_words(const uint8_t *fact) {
    return (lw__list){word_at, fact, lw__fact_words(*fact)};
}

lw__list lw__list_of_exercises(const lw_protocol *p) {
    return (lw__list){exercise_at, p, p->exercise_count};
}

lw__list lw__list_of_stages(const lw_protocol *p) {
    return (lw__list){stage_at, p, p->stage_count};
}

lw__list lw__list_of_texts(const char *const *texts, uint32_t count) {
    return (lw__list){text_at, texts, count};
}
