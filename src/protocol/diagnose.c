/*
 * diagnose.c: errors that a physiotherapist can mend.
 *
 * An error names the place, what was expected there, and, where there is one, the likely intention. The sentence is put
 * together from a pattern and up to three texts; nothing else formats text in the compiler.
 */
#include "protocol/compiler.h"

static void put_pattern(lw__writer *w, const char *pattern, const lw_str texts[3]) {
    for (const char *p = pattern; *p != '\0'; p++) {
        if (*p == '$') {
            p++;
            lw__put(w, texts[*p - '1']);
        } else {
            lw__put_char(w, *p);
        }
    }
    lw__put_end(w);
}

void lw__report(lw_diags *diags, lw_str source, lw_str at, int32_t err, const char *message, const char *hint,
                lw_str one, lw_str two, lw_str three) {
    if (diags == NULL || diags->count++ >= diags->cap) {
        return;
    }
    lw_diag *d = &diags->items[diags->count - 1];
    *d = (lw_diag){.err = err};
    if (at.ptr != NULL) {
        lw__place(source, at.ptr, &d->line, &d->column);
        d->length = at.len > 0 ? at.len : 1;
    }
    const lw_str texts[3] = {one, two, three};
    lw__writer member = lw__writer_over(d->member, sizeof d->member);
    lw__put(&member, at.len > 0 ? at : at.ptr != NULL ? LW_STR("end of line") : LW_STR(""));
    lw__put_end(&member);
    lw__writer sentence = lw__writer_over(d->message, sizeof d->message);
    put_pattern(&sentence, message, texts);
    lw__writer advice = lw__writer_over(d->hint, sizeof d->hint);
    put_pattern(&advice, hint, texts);
}

void lw__error(lw__compiler *c, lw_str at, int32_t err, const char *message, const char *hint, lw_str one, lw_str two,
               lw_str three) {
    if (c->errors++ == 0) {
        c->err = err;
    }
    lw__report(c->diags, c->lexer.source, at, err, message, hint, one, two, three);
}

void lw__expected(lw__compiler *c, const char *what, const char *hint) {
    lw_str at = lw__here(c);
    static const struct {
        const char *text;
        const char *hint;
    } lookalikes[] = {{"“", "write straight quotes: \""},
                      {"”", "write straight quotes: \""},
                      {"„", "write straight quotes: \""},
                      {"–", "write a range with two dots: 0..10"},
                      {"−", "write the minus sign of the keyboard: -"},
                      {"≤", "write: at most"},
                      {"≥", "write: at least"},
                      {"<", "write: below"},
                      {">", "write: above"},
                      {"=", "write: is"},
                      {"°", "write: deg"},
                      {"\xc2\xa0", "this is a non-breaking blank: write a plain one"}};
    if (c->token.kind == LW__TOKEN_OPEN) {
        at = c->token.text;
        lw__error(c, at, LW_ERR_SYNTAX, "this text is not closed on its line", "end it with a quote: \"", at, at, at);
        return;
    }
    for (uint32_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++) {
        if (lw__str_eq(at, lw__str(lookalikes[i].text))) {
            hint = lookalikes[i].hint;
        }
    }
    lw_str found = at.len > 0 ? at : LW_STR("the end of the line");
    lw__error(c, at, LW_ERR_SYNTAX, "expected $1, found $2", hint, lw__str(what), found, found);
}

/* A name of a list as NUL-terminated text, for lw__nearest. */
typedef struct nearest_names {
    const lw__list *list;
    char *buffer;
} nearest_names;

static const char *nearest_name(const void *names, uint32_t index) {
    const nearest_names *n = names;
    lw__writer w = lw__writer_over(n->buffer, 64);
    lw__put(&w, n->list->at(n->list->data, index));
    lw__put_end(&w);
    return n->buffer;
}

static bool parts_words(char c) {
    return c == ' ' || c == '_' || c == '-';
}

/* True when the word is the name's beginning, or the name with two neighbouring letters exchanged. */
static bool nearly(lw_str word, lw_str name) {
    if (word.len >= 2 && word.len < name.len) {
        return memcmp(word.ptr, name.ptr, word.len) == 0 && !parts_words(name.ptr[word.len]);
    }
    uint32_t i = 0;
    while (i < word.len && i < name.len && word.ptr[i] == name.ptr[i]) {
        i++;
    }
    return word.len == name.len && i + 1 < word.len && word.ptr[i] == name.ptr[i + 1] &&
           word.ptr[i + 1] == name.ptr[i] && memcmp(word.ptr + i + 2, name.ptr + i + 2, word.len - i - 2) == 0;
}

/* How many of the words of text (parted by blank, _ or -) are words of name. */
static uint32_t shared_words(lw_str text, lw_str name) {
    uint32_t shared = 0;
    uint32_t from = 0;
    for (uint32_t i = 0; i <= text.len; i++) {
        if (i < text.len && !parts_words(text.ptr[i])) {
            continue;
        }
        uint32_t length = i - from;
        for (uint32_t j = 0; length > 2 && j + length <= name.len; j++) {
            bool starts = j == 0 || parts_words(name.ptr[j - 1]);
            bool ends = j + length == name.len || parts_words(name.ptr[j + length]);
            if (starts && ends && memcmp(text.ptr + from, name.ptr + j, length) == 0) {
                shared++;
                break;
            }
        }
        from = i + 1;
    }
    return shared;
}

/* Writes up to `most` names of the list that share `shared` words with the text. */
static void put_names(lw__writer *w, lw_str text, const lw__list *list, uint32_t shared, uint32_t most) {
    uint32_t written = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        lw_str name = list->at(list->data, i);
        if (shared > 0 && shared_words(text, name) != shared) {
            continue;
        }
        if (written == most || w->len + name.len + 8 > w->cap) {
            lw__put(w, LW_STR(" …"));
            return;
        }
        lw__put(w, written++ == 0 ? LW_STR("") : LW_STR(", "));
        lw__put_name(w, name);
    }
}

lw_str lw__likely(const lw_diags *diags, lw_str word, const lw__list *list, char *buffer, uint32_t cap) {
    if (diags == NULL || diags->count >= diags->cap) {
        return (lw_str){buffer, 0};
    }
    lw__writer w = lw__writer_over(buffer, cap);
    char spelling[64];
    lw__writer text = lw__writer_over(spelling, sizeof spelling);
    for (uint32_t i = 0; i < word.len; i++) {
        lw__put_char(&text, word.ptr[i] == ' ' ? '_' : word.ptr[i]);
    }
    char name[64];
    nearest_names names = {list, name};
    const lw_str folded = {spelling, (uint32_t)text.len};
    int32_t nearest = -1;
    for (uint32_t i = 0; i < list->count && nearest < 0; i++) {
        nearest = nearly(folded, list->at(list->data, i)) ? (int32_t)i : -1;
    }
    if (nearest < 0) {
        nearest = lw__nearest(folded, nearest_name, &names, list->count);
    }
    uint32_t best = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        uint32_t shared = shared_words(word, list->at(list->data, i));
        best = shared > best ? shared : best;
    }
    if (nearest >= 0) {
        lw__put(&w, LW_STR("did you mean "));
        lw__put_name(&w, list->at(list->data, (uint32_t)nearest));
        lw__put_char(&w, '?');
    } else if (best > 0) {
        lw__put(&w, LW_STR("perhaps "));
        put_names(&w, word, list, best, 3);
        lw__put_char(&w, '?');
    } else {
        lw__put(&w, LW_STR("one of: "));
        put_names(&w, word, list, 0, list->count);
    }
    return (lw_str){buffer, (uint32_t)w.len};
}

void lw__unknown(lw__compiler *c, lw_str at, const lw__list *list, const char *what) {
    char buffer[140];
    lw_str likely = lw__likely(c->diags, at, list, buffer, sizeof buffer);
    lw__error(c, at, LW_ERR_VALUE, "$1 is not $2", "$3", at, lw__str(what), likely);
}

void lw__full(lw__compiler *c, lw_str at, lw__full_table table, const char *message, const char *hint) {
    if ((c->full >> table & 1u) == 0) {
        c->full |= 1u << table;
        lw__error(c, at, LW_ERR_LIMIT, message, hint, at, at, at);
    }
}

static lw__writer spelling_writer(lw__compiler *c) {
    char *buffer = c->spelling[c->spellings++ % LW__SPELLINGS];
    return lw__writer_over(buffer, sizeof c->spelling[0]);
}

lw_str lw__spelled(lw__compiler *c, lw_str name) {
    lw__writer w = spelling_writer(c);
    lw__put_name(&w, name);
    return (lw_str){w.buf, (uint32_t)w.len};
}

lw_str lw__number(lw__compiler *c, int32_t value, int32_t scale) {
    lw__writer w = spelling_writer(c);
    lw__put_scaled(&w, value, scale);
    return (lw_str){w.buf, (uint32_t)w.len};
}

void lw__put_name(lw__writer *w, lw_str name) {
    for (uint32_t i = 0; i < name.len; i++) {
        /* a single letter stays with the word before it: visa_h */
        bool single = name.len == i + 2 || (name.len > i + 2 && name.ptr[i + 2] == '_');
        bool letter = single && name.ptr[i + 1] >= 'a';
        lw__put_char(w, name.ptr[i] == '_' && !letter ? ' ' : name.ptr[i]);
    }
}

void lw__put_fact(lw__writer *w, uint8_t fact) {
    lw_str name = lw__fact_name(fact);
    if (fact < LW_FACT_TEST) {
        lw__put_name(w, name);
    } else {
        lw__put_c(w, fact < LW_FACT_ENTRY ? "test " : "entry ");
        lw__put(w, name);
    }
}

void lw__put_scaled(lw__writer *w, int32_t value, int32_t scale) {
    if (scale == 1) {
        lw__put_int(w, value);
        return;
    }
    if (scale == 100) {
        lw__put_x100(w, value);
        return;
    }
    lw__put_x100(w, value / 10);
    if (value % 10 != 0) {
        /* the third decimal stands behind two others */
        if (value / 10 % 100 == 0) {
            lw__put(w, LW_STR(".00"));
        } else if (value / 10 % 10 == 0) {
            lw__put_char(w, '0');
        }
        lw__put_char(w, (char)('0' + value % 10));
    }
}
