/*
 * lexer.c: from the text of a protocol to words, numbers, strings and punctuation.
 *
 * The text was checked before (UTF-8, line lengths, no control characters), so the lexer meets only what can be shown
 * to a reader. It never fails: what has no meaning becomes a token of its own kind, and the parser says what is wrong.
 */
#include "protocol/lexer.h"

enum { DIGITS_MAX = 7 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The byte at an index, or a blank behind the end. */
static char byte_at(const lw__lexer *lexer, uint32_t index) {
    return index < lexer->source.len ? lexer->source.ptr[index] : ' ';
}

lw__lexer lw__lexer_over(lw_str source) {
    lw__lexer lexer = {source, 0, 1, true};
    if (source.len >= 3 && memcmp(source.ptr, "\xef\xbb\xbf", 3) == 0) {
        lexer.at = 3;
    }
    return lexer;
}

/* Passes blanks, line ends and comments. */
static void skip(lw__lexer *lexer) {
    while (lexer->at < lexer->source.len) {
        char c = lexer->source.ptr[lexer->at];
        if (c == '#') {
            while (lexer->at < lexer->source.len && lexer->source.ptr[lexer->at] != '\n') {
                lexer->at++;
            }
        } else if (is_blank(c)) {
            if (c == '\n') {
                lexer->line++;
                lexer->fresh = true;
            }
            lexer->at++;
        } else {
            return;
        }
    }
}

/* Length of the word at an index, which holds a letter. */
static uint32_t word_length(const lw__lexer *lexer, uint32_t start) {
    uint32_t end = start;
    for (;;) {
        char c = byte_at(lexer, end);
        if (is_letter(c) || is_digit(c) || c == '_' || (c == '-' && !is_blank(byte_at(lexer, end + 1)))) {
            end++;
        } else if (c == '/' && is_letter(byte_at(lexer, end + 1))) {
            end++;
        } else if (c == '\xc2' && byte_at(lexer, end + 1) == '\xb2') { /* ² */
            end += 2;
        } else {
            return end - start;
        }
    }
}

static void read_number(lw__lexer *lexer, lw__token *token) {
    uint32_t start = lexer->at;
    uint32_t end = byte_at(lexer, start) == '-' ? start + 1 : start;
    int32_t value = 0;
    uint32_t digits = 0;
    for (; is_digit(byte_at(lexer, end)); end++) {
        if (++digits <= DIGITS_MAX - 1) {
            value = value * 10 + (byte_at(lexer, end) - '0');
        }
    }
    /* 1..5 is a range, 1.5 a decimal number */
    uint32_t decimals = 0;
    if (byte_at(lexer, end) == '.' && is_digit(byte_at(lexer, end + 1))) {
        for (end++; is_digit(byte_at(lexer, end)); end++) {
            if (++decimals <= LW__DECIMALS_MAX && digits < DIGITS_MAX) {
                value = value * 10 + (byte_at(lexer, end) - '0');
            }
        }
    }
    bool readable = digits < DIGITS_MAX && decimals <= LW__DECIMALS_MAX;
    for (uint32_t i = decimals; readable && i < LW__DECIMALS_MAX; i++) {
        value *= 10;
    }
    token->kind = LW__TOKEN_NUMBER;
    token->decimals = (uint8_t)(readable ? decimals : LW__DECIMALS_MAX + 1);
    token->milli = !readable ? 0 : byte_at(lexer, start) == '-' ? -value : value;
    lexer->at = end;
}

lw__token lw__lex(lw__lexer *lexer) {
    skip(lexer);
    uint32_t start = lexer->at;
    const char *text = lexer->source.ptr + start;
    lw__token token = {.kind = LW__TOKEN_END, .line = lexer->line, .text = {text, 0}};
    if (start >= lexer->source.len) {
        return token;
    }
    token.first = lexer->fresh;
    lexer->fresh = false;
    token.block = token.first && (start == 0 || text[-1] == '\n' || text[-1] == '\xbf');
    char c = *text;
    if (is_letter(c)) {
        token.kind = LW__TOKEN_WORD;
        lexer->at += word_length(lexer, start);
    } else if (is_digit(c) || (c == '-' && is_digit(byte_at(lexer, start + 1)))) {
        read_number(lexer, &token);
    } else if (c == '"') {
        uint32_t end = start + 1;
        while (end < lexer->source.len && lexer->source.ptr[end] != '"' && lexer->source.ptr[end] != '\n') {
            end++;
        }
        if (byte_at(lexer, end) == '"') {
            token.kind = LW__TOKEN_STRING;
            token.text = (lw_str){text + 1, end - start - 1};
            lexer->at = end + 1;
            return token;
        }
        token.kind = LW__TOKEN_OPEN;
        lexer->at = end;
    } else if (c == '.' && byte_at(lexer, start + 1) == '.') {
        token.kind = LW__TOKEN_DOTS;
        lexer->at += 2;
    } else {
        token.kind = LW__TOKEN_OTHER;
        static const char marks[] = ",;()[]%";
        for (uint32_t i = 0; i + 1 < sizeof marks; i++) {
            if (marks[i] == c) {
                token.kind = LW__TOKEN_PUNCT;
                token.mark = c;
            }
        }
        lexer->at += lw__utf8_length(text, lexer->source.len - start);
    }
    token.text.len = lexer->at - start;
    return token;
}

lw_str lw__lex_raw(lw__lexer *lexer, const lw__token *token) {
    uint32_t start = (uint32_t)(token->text.ptr - lexer->source.ptr);
    uint32_t end = start;
    while (!is_blank(byte_at(lexer, end)) && byte_at(lexer, end) != ',') {
        end++;
    }
    lexer->at = end;
    return (lw_str){token->text.ptr, end - start};
}

void lw__place(lw_str source, const char *at, uint32_t *line, uint32_t *column) {
    const char *start = source.ptr;
    *line = 1;
    for (const char *p = source.ptr; p < at; p++) {
        if (*p == '\n') {
            (*line)++;
            start = p + 1;
        }
    }
    *column = (uint32_t)(at - start) + 1;
}
