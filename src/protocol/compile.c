/*
 * compile.c: from the text of a protocol to its tables.
 *
 * In order: the bytes are checked (size, line lengths, UTF-8, no control characters); the names of exercises and stages
 * are collected; the blocks are read into a draft; what the whole must have is checked; the draft is arranged into the
 * result. Nothing of a text with an error is used.
 */
#include "protocol/compiler.h"

enum {
    BLOCK_PROTOCOL,
    BLOCK_VERSION,
    BLOCK_NOT,
    BLOCK_SET,
    BLOCK_EXERCISE,
    BLOCK_STAGE,
    BLOCK_RUN,
    BLOCK_OUTCOME,
    BLOCK_RULE,
    BLOCK_TEXT,
    BLOCK_SOURCE,
    BLOCKS
};
static const char *const block_words[BLOCKS] = {"protocol", "version", "not",  "set",  "exercise", "stage",
                                                "run",      "outcome", "rule", "text", "source"};

/* ---- the bytes ------------------------------------------------------------------------------------------------- */

static void check_line(lw__compiler *c, lw_str line) {
    const lw_str none = {NULL, 0};
    if (line.len > LW__LINE_MAX) {
        lw__error(c, (lw_str){line.ptr, 1}, LW_ERR_LIMIT, "this line is longer than 4096 bytes",
                  "break it where a new statement begins", none, none, none);
        return;
    }
    uint32_t i = 0;
    while (i < line.len) {
        uint32_t length = lw__utf8_length(line.ptr + i, line.len - i);
        lw_str at = {line.ptr + i, 1};
        uint8_t byte = (uint8_t)line.ptr[i];
        if (length == 0) {
            lw__error(c, at, LW_ERR_UTF8, "this is not UTF-8 text", "save the file as UTF-8", none, none, none);
            return;
        }
        bool allowed = byte >= 0x20 || byte == '\t' || (byte == '\r' && i + 1 == line.len);
        if (!allowed || byte == 0x7f) {
            lw__error(c, at, LW_ERR_SYNTAX, "a control character", "delete it and write it anew", none, none, none);
            return;
        }
        i += length;
    }
}

static void check_bytes(lw__compiler *c) {
    lw_str source = c->lexer.source;
    const lw_str none = {NULL, 0};
    if (source.len > LW_MAX_PROTOCOL) {
        lw__error(c, none, LW_ERR_LIMIT, "the protocol is longer than 1 MiB", "a protocol is a short text", none, none,
                  none);
        return;
    }
    uint32_t start = 0;
    for (uint32_t i = 0; i <= source.len; i++) {
        if (i == source.len || source.ptr[i] == '\n') {
            check_line(c, (lw_str){source.ptr + start, i - start});
            start = i + 1;
        }
    }
}

/* ---- the names --------------------------------------------------------------------------------------------------- */

static void declare(lw__compiler *c) {
    lw__lexer lexer = c->lexer;
    lw__token token = lw__lex(&lexer);
    while (token.kind != LW__TOKEN_END) {
        bool exercise = token.block && lw__str_eq(token.text, LW_STR("exercise"));
        bool stage = token.block && lw__str_eq(token.text, LW_STR("stage"));
        token = lw__lex(&lexer);
        /* a block without an id keeps its place, so that the others are not taken for one another */
        bool named = token.kind == LW__TOKEN_WORD && !token.first;
        lw_str id = {token.text.ptr, named ? token.text.len : 0};
        if (exercise && c->p->exercise_count < LW_MAX_EXERCISES) {
            c->p->exercises[c->p->exercise_count++].id = id;
        } else if (stage && c->p->stage_count < LW_MAX_STAGES) {
            c->p->stages[c->p->stage_count++].id = id;
        }
    }
}

/* ---- short blocks ------------------------------------------------------------------------------------------------ */

/* Reports a second block of a kind that stands once. */
static void once(lw__compiler *c, lw_str at, bool *seen) {
    if (*seen) {
        lw__error(c, at, LW_ERR_DUPLICATE_MEMBER, "a second $1 block", "a protocol has one", at, at, at);
    }
    *seen = true;
}

static bool protocol_block(lw__compiler *c) {
    return lw__id(c, &c->p->id, "the protocol's id") && lw__title(c, &c->p->title);
}

/* 1.0.0 */
static bool version_block(lw__compiler *c) {
    bool ok = c->token.kind == LW__TOKEN_NUMBER;
    lw_str text = c->token.text;
    uint32_t dots = 0;
    if (ok) {
        text = lw__lex_raw(&c->lexer, &c->token);
        c->token.text = text;
        ok = text.len <= 20 && text.ptr[text.len - 1] != '.';
    }
    for (uint32_t i = 0; ok && i < text.len; i++) {
        bool dot = text.ptr[i] == '.';
        dots += dot ? 1 : 0;
        ok = dot ? text.ptr[i - 1] != '.' : text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    if (!ok || dots != 2) {
        lw__expected(c, "a version of three numbers", "for example: version 1.0.0");
        return false;
    }
    c->p->version = text;
    lw__advance(c);
    return true;
}

static bool not_for_block(lw__compiler *c) {
    if (!lw__expect(c, "for", "write: not for suspected-tear, under-18")) {
        return false;
    }
    c->p->not_for_first = c->p->word_count;
    do {
        lw_str id;
        c->token.first = c->token.first && c->p->word_count == c->p->not_for_first;
        if (!lw__id(c, &id, "what the protocol is not for")) {
            return false;
        }
        lw__add_word(c, id);
    } while (lw__accept_mark(c, ','));
    c->p->not_for_count = (uint16_t)(c->p->word_count - c->p->not_for_first);
    return true;
}

/* Reports words that name no parameter: all up to the number. */
static void unknown_param(lw__compiler *c) {
    lw__token ahead[LW__AHEAD];
    uint32_t count = lw__look(c, ahead);
    uint32_t length = 0;
    while (length < count && ahead[length].kind == LW__TOKEN_WORD) {
        length++;
    }
    if (length == 0 || c->token.first) {
        lw__expected(c, "the name of a number", "for example: set pain green at most 3 NPRS   [V2] S08");
        return;
    }
    lw_str last = ahead[length - 1].text;
    lw_str at = {ahead[0].text.ptr, (uint32_t)(last.ptr + last.len - ahead[0].text.ptr)};
    lw__unknown(c, at, &lw__list_params, "a number that a protocol sets");
}

static bool set_block(lw__compiler *c) {
    lw_str name = c->token.text;
    int32_t found = c->token.first ? -1 : lw__take_name(c, &lw__list_params);
    if (found < 0) {
        unknown_param(c);
        return false;
    }
    name.len = (uint32_t)(c->behind - name.ptr);
    uint8_t which = (uint8_t)found;
    uint32_t before = c->param_line[which];
    c->param_line[which] = c->token.line;
    if (before != 0) {
        lw__error(c, name, LW_ERR_DUPLICATE_MEMBER, "$1 is set twice", "it was set on line $2; leave one out", name,
                  lw__number(c, (int32_t)before, 1), name);
        return false;
    }
    uint8_t unit = lw__param_unit(which);
    int32_t scale = lw__unit_scale(unit);
    if (!lw__quantity(c, unit, name, lw__param_least(which) * scale, lw__param_most(which) * scale,
                      &c->p->params[which])) {
        return false;
    }
    if (!lw__is_mark(c, '[')) {
        lw__expected(c, "a confidence tag", "say where it comes from: [V2] S08, or [D] for a default");
        return false;
    }
    return lw__standing(c, &c->p->param_standing[which]);
}

/* run level 1   walk 4 min, run 1 min, 5 times */
static bool run_block(lw__compiler *c) {
    const char *hint = "write: run level 1   walk 4 min, run 1 min, 5 times";
    lw_str at;
    int32_t n = 0;
    int32_t walk = 0;
    int32_t run = 0;
    int32_t times = 1;
    if (!lw__expect(c, "level", hint)) {
        return false;
    }
    at = lw__here(c);
    if (!lw__whole(c, 1, 99, "the level's number", &n)) {
        return false;
    }
    if (lw__accept(c, "walk") && !lw__quantity(c, LW_UNIT_MIN, LW_STR("walking"), 1, 60, &walk)) {
        return false;
    }
    lw__accept_mark(c, ',');
    if (!lw__expect(c, "run", hint) || !lw__quantity(c, LW_UNIT_MIN, LW_STR("running"), 1, 120, &run)) {
        return false;
    }
    if (lw__accept_mark(c, ',') && (!lw__whole(c, 1, 30, "how many times", &times) || !lw__expect(c, "times", hint))) {
        return false;
    }
    if (c->p->run_level_count == LW_MAX_RUN_LEVELS) {
        lw__error(c, at, LW_ERR_LIMIT, "more than 16 run levels", "a protocol has at most 16", at, at, at);
        return false;
    }
    if (n != c->p->run_level_count + 1) {
        lw__error(c, at, LW_ERR_VALUE, "expected run level $1", "levels are counted from 1 without gaps",
                  lw__number(c, c->p->run_level_count + 1, 1), at, at);
    }
    lw_run_level *level = &c->p->run_levels[c->p->run_level_count++];
    *level = (lw_run_level){.walk_min = (uint8_t)walk,
                            .run_min = (uint8_t)run,
                            .repeats = (uint8_t)times,
                            .total_run_min = (uint16_t)(run * times)};
    return lw__maybe_standing(c, &level->standing);
}

/* outcome visa_h at weeks 4, 8, 12 */
static bool outcome_block(lw__compiler *c) {
    const char *hint = "write: outcome visa_h at weeks 4, 8, 12, 26, 52";
    lw_str at = lw__here(c);
    int32_t which = c->token.first ? -1 : lw__take_name(c, &lw__list_instruments);
    if (which < 0) {
        if (c->token.kind == LW__TOKEN_WORD && at.len > 0) {
            lw__unknown(c, at, &lw__list_instruments, "an instrument");
        } else {
            lw__expected(c, "an instrument", hint);
        }
        return false;
    }
    if (c->outcome_at[which].ptr != NULL) {
        lw__error(c, at, LW_ERR_DUPLICATE_MEMBER, "$1 is measured by two blocks", "put all weeks into one", at, at, at);
        return false;
    }
    c->outcome_at[which] = at;
    if (!lw__expect(c, "at", hint) || !lw__expect(c, "weeks", hint)) {
        return false;
    }
    lw_outcome_due *due = &c->p->outcomes[c->p->outcome_count++];
    due->instrument = (uint8_t)which;
    int32_t before = 0;
    do {
        int32_t week = 0;
        lw_str number = lw__here(c);
        if (!lw__whole(c, 1, 255, "a week", &week)) {
            return false;
        }
        if (week <= before || due->week_count == sizeof due->weeks) {
            lw__error(c, number, week <= before ? LW_ERR_VALUE : LW_ERR_LIMIT,
                      week <= before ? "the weeks do not rise" : "more than 12 weeks",
                      "write them in their order: 4, 8, 12", number, number, number);
            return false;
        }
        due->weeks[due->week_count++] = (uint8_t)week;
        before = week;
    } while (lw__accept_mark(c, ','));
    return lw__maybe_standing(c, &due->standing);
}

static bool text_block(lw__compiler *c) {
    lw_text text = {{NULL, 0}, {NULL, 0}, {0}};
    if (!lw__id(c, &text.id, "the text's id") || !lw__title(c, &text.text)) {
        return false;
    }
    for (uint32_t i = 0; i < c->p->text_count; i++) {
        if (lw__str_eq(c->p->texts[i].id, text.id)) {
            lw__error(c, text.id, LW_ERR_DUPLICATE_MEMBER, "$1 stands here twice", "give the second one another id",
                      text.id, text.id, text.id);
            return false;
        }
    }
    if (c->p->text_count == LW_MAX_TEXTS) {
        lw__error(c, text.id, LW_ERR_LIMIT, "more than 16 texts", "a protocol has at most 16", text.id, text.id,
                  text.id);
        return false;
    }
    if (!lw__is_mark(c, '[')) {
        lw__expected(c, "a confidence tag", "say where it comes from: [V] S01, S03");
        return false;
    }
    bool ok = lw__standing(c, &text.standing);
    c->p->texts[c->p->text_count++] = text;
    return ok;
}

static bool source_block(lw__compiler *c) {
    lw_source_ref source;
    if (!lw__id(c, &source.key, "the source's key") || !lw__title(c, &source.text)) {
        return false;
    }
    for (uint32_t i = 0; i < c->p->source_count; i++) {
        if (lw__str_eq(c->p->sources[i].key, source.key)) {
            lw__error(c, source.key, LW_ERR_DUPLICATE_MEMBER, "source $1 stands here twice",
                      "give the second one another key", source.key, source.key, source.key);
            return false;
        }
    }
    if (c->p->source_count == LW_MAX_SOURCES) {
        lw__error(c, source.key, LW_ERR_LIMIT, "more than 128 sources", "a protocol has at most 128", source.key,
                  source.key, source.key);
        return false;
    }
    c->p->sources[c->p->source_count++] = source;
    return true;
}

/* ---- all blocks -------------------------------------------------------------------------------------------------- */

/* Reads the block whose first token is the current one. */
static void block(lw__compiler *c) {
    lw_str at = c->token.text;
    lw__list words = lw__list_of_texts(block_words, BLOCKS);
    int32_t which = c->token.kind == LW__TOKEN_WORD ? lw__find(&words, at) : -1;
    bool ok = true;
    switch (which) {
    case BLOCK_EXERCISE:
        lw__exercise_block(c);
        return;
    case BLOCK_STAGE:
        lw__stage_block(c);
        return;
    case BLOCK_RULE:
        lw__rule_block(c);
        return;
    case BLOCK_PROTOCOL:
        once(c, at, &c->protocol_seen);
        lw__advance(c);
        ok = protocol_block(c);
        break;
    case BLOCK_VERSION:
        once(c, at, &c->version_seen);
        lw__advance(c);
        ok = version_block(c);
        break;
    case BLOCK_NOT:
        once(c, at, &c->not_for_seen);
        lw__advance(c);
        ok = not_for_block(c);
        break;
    case BLOCK_SET:
        lw__advance(c);
        ok = set_block(c);
        break;
    case BLOCK_RUN:
        lw__advance(c);
        ok = run_block(c);
        break;
    case BLOCK_OUTCOME:
        lw__advance(c);
        ok = outcome_block(c);
        break;
    case BLOCK_TEXT:
        lw__advance(c);
        ok = text_block(c);
        break;
    case BLOCK_SOURCE:
        lw__advance(c);
        ok = source_block(c);
        break;
    default:
        ok = false;
        if (c->token.kind == LW__TOKEN_WORD) {
            lw__unknown(c, at, &words, "the beginning of a block");
        } else {
            lw__stray(c, "the beginning of a block", "for example: rule L03 \"…\"");
        }
        lw__advance(c);
        break;
    }
    if (ok && !lw__at_end(c)) {
        if (c->token.first) {
            lw__stray(c, "nothing more in this block", "a block begins in the first column");
        } else {
            lw__expected(c, "the end of the line", "one thing too many, or a comma is missing");
        }
        ok = false;
    }
    c->set_failed = c->set_failed || (which == BLOCK_SET && !ok);
    while (!lw__at_end(c)) {
        lw__advance(c);
    }
}

static void read_blocks(lw__compiler *c) {
    c->next_block = lw__lex(&c->lexer);
    while (c->next_block.kind != LW__TOKEN_END) {
        c->token = c->next_block;
        c->behind = c->token.text.ptr;
        if (!c->token.block) {
            lw__stray(c, "the beginning of a block in the first column", "take away the blanks before it");
        }
        c->token.first = false;
        block(c);
    }
}

/* ---- the whole --------------------------------------------------------------------------------------------------- */

static void lacking(lw__compiler *c, bool lacks, const char *message, const char *hint, lw_str one) {
    if (lacks) {
        lw__error(c, (lw_str){NULL, 0}, LW_ERR_MISSING, message, hint, one, one, one);
    }
}

static void check_whole(lw__compiler *c) {
    const lw_protocol *p = c->p;
    const lw_str none = {NULL, 0};
    lacking(c, !c->protocol_seen, "the protocol has no name", "begin with: protocol pht \"What it is for\"", none);
    lacking(c, !c->version_seen, "the protocol has no version", "write: version 1.0.0", none);
    for (uint32_t i = 0; i < LW_PARAM_COUNT && !c->set_failed; i++) {
        lw_str name = lw__spelled(c, lw__param_name((uint8_t)i));
        lw_str unit = lw__unit_name(lw__param_unit((uint8_t)i));
        if (c->param_line[i] == 0) {
            lw__error(c, none, LW_ERR_MISSING, "$1 is not set", "write: set $1 … $2   [D]", name, unit, unit);
        }
    }
    lacking(c, p->exercise_count == 0, "the protocol has no exercise", "write: exercise bridge-hold-double \"…\"",
            none);
    for (uint32_t i = p->stage_count; i < LW_MAX_STAGES; i++) {
        lacking(c, true, "the stage $1 is missing", "write: stage $1 \"…\"", lw__fact_word(LW_FACT_STAGE, (int32_t)i));
    }
    lacking(c, p->rule_count == 0, "the protocol has no rule", "write: rule L03 \"…\"", none);
}

int32_t lw_protocol_compile(lw_str source, lw_arena *result, lw_arena *scratch, const lw_protocol **out,
                            lw_diags *diags) {
    size_t result_before = result->used;
    size_t scratch_before = scratch->used;
    lw_protocol *p = LW__NEW(result, lw_protocol, 1);
    lw_protocol *draft = LW__NEW(scratch, lw_protocol, 1);
    lw__compiler *c = LW__NEW(scratch, lw__compiler, 1);
    int32_t err = LW_ERR_NO_MEMORY;
    if (p != NULL && draft != NULL && c != NULL) {
        source = source.len > 0 ? source : LW_STR("");
        draft->source = source;
        c->lexer = lw__lexer_over(source);
        c->p = draft;
        c->diags = diags;
        check_bytes(c);
        if (c->errors == 0) {
            declare(c);
            read_blocks(c);
            check_whole(c);
        }
        err = c->err;
    }
    if (err == 0) {
        lw__sha256_of(source.ptr, source.len, draft->hash);
        lw__arrange(draft, p);
        *out = p;
    } else {
        result->used = result_before;
    }
    scratch->used = scratch_before;
    return err;
}

lw_str lw_protocol_id(const lw_protocol *protocol) {
    return protocol->id;
}

lw_str lw_protocol_version(const lw_protocol *protocol) {
    return protocol->version;
}

lw_str lw_protocol_title(const lw_protocol *protocol) {
    return protocol->title;
}

const uint8_t *lw_protocol_hash(const lw_protocol *protocol) {
    return protocol->hash;
}
