/*
 * lexer.h: the tokens of a protocol's text.
 *
 * The lexer keeps no table: it gives one token after the other, and a copy of it is a place to come back to. Every
 * token is a slice of the source, so that an error can always show where it came from.
 */
#ifndef LW_PROTOCOL_LEXER_H
#define LW_PROTOCOL_LEXER_H

#include "base/base_internal.h"

typedef enum lw__token_kind {
    LW__TOKEN_END,    /* the end of the text */
    LW__TOKEN_WORD,   /* letters, digits, _ and -, from a letter on; mJ/mm² is a word too */
    LW__TOKEN_NUMBER, /* digits with decimals; a minus sign directly before them belongs to it */
    LW__TOKEN_STRING, /* "…", on one line */
    LW__TOKEN_DOTS,   /* .. */
    LW__TOKEN_PUNCT,  /* one of , ; ( ) [ ] % */
    LW__TOKEN_OPEN,   /* a string that its line does not close */
    LW__TOKEN_OTHER   /* a character that has no meaning here */
} lw__token_kind;

enum {
    LW__DECIMALS_MAX = 3,
    LW__LINE_MAX = 4096 /* bytes in a line */
};

typedef struct lw__token {
    uint8_t kind;     /* lw__token_kind */
    uint8_t decimals; /* of a number: how many were written; above LW__DECIMALS_MAX: too many digits to be read */
    bool first;       /* the first of its line */
    bool block;       /* the first of its line and in the first column */
    char mark;        /* the character of LW__TOKEN_PUNCT, else 0 */
    int32_t milli;    /* of a number: its value × 1000 */
    uint32_t line;    /* from 1 */
    lw_str text;      /* in the source; of a string without its quotes */
} lw__token;

typedef struct lw__lexer {
    lw_str source;
    uint32_t at;
    uint32_t line;
    bool fresh; /* nothing of this line was given yet */
} lw__lexer;

/* A lexer at the start of source, past a byte order mark. */
lw__lexer lw__lexer_over(lw_str source);
/* The next token; LW__TOKEN_END again and again once the text is over. */
lw__token lw__lex(lw__lexer *lexer);
/* Everything from the start of token to the next blank, comma or line end; the lexer goes on behind it. */
lw_str lw__lex_raw(lw__lexer *lexer, const lw__token *token);
/* The line and column, both from 1 and in bytes, of a place in the source. */
void lw__place(lw_str source, const char *at, uint32_t *line, uint32_t *column);

#endif
