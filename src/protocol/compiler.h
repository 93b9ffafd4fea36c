/*
 * compiler.h: what the parts of the compiler share: the current token, the draft, errors, names and quantities.
 *
 * The compiler reads the text twice: first the names of exercises and stages, so that a rung may name one that stands
 * further down, then everything. It writes a draft in scratch memory; only a draft without an error is arranged into
 * the result (arrange.c). After an error it goes on with the next line, so that one typing mistake gives one error.
 */
#ifndef LW_PROTOCOL_COMPILER_H
#define LW_PROTOCOL_COMPILER_H

#include "protocol/lexer.h"
#include "protocol/protocol_tables.h"
#include "protocol/vocabulary_names.h"

enum {
    LW__ID_MAX = 63,
    LW__AHEAD = 10,   /* tokens looked at together: more than the longest name has words */
    LW__SPELLINGS = 6 /* texts made for one error */
};

/* Units that only exercises have, numbered after lw_unit. */
enum { LW__UNIT_DEG = LW_UNIT_COUNT_, LW__UNIT_SECONDS, LW__UNIT_METRES, LW__UNIT_BW, LW__UNIT_COUNT };

typedef struct lw__compiler {
    lw__lexer lexer;      /* behind token */
    lw__token token;      /* the current one; LW__TOKEN_END at the end of its block */
    lw__token next_block; /* the token that begins the block after this one */
    const char *behind;   /* just behind the token before */
    lw_protocol *p;       /* the draft */
    lw_diags *diags;      /* nullable */
    int32_t err;          /* the first error */
    uint32_t errors;      /* how many */
    uint32_t full;        /* bits of lw__full_table: said that it is full */
    char spelling[LW__SPELLINGS][64];
    uint32_t spellings;

    /* what was seen so far */
    bool protocol_seen, version_seen, not_for_seen, set_failed;
    uint32_t exercises_done, stages_done;
    uint32_t param_line[LW_PARAM_COUNT]; /* where it was set; 0: not yet */
    lw_str outcome_at[LW_INSTRUMENT_WORDS + 1];
} lw__compiler;

/* Tables that many blocks write to; that one is full is said once. */
typedef enum lw__full_table { LW__FULL_WORDS, LW__FULL_CONDS, LW__FULL_WINDOWS, LW__FULL_RULES } lw__full_table;

/* A list of names to look a word up in. */
typedef struct lw__list {
    lw_str (*at)(const void *data, uint32_t index);
    const void *data;
    uint32_t count;
} lw__list;

/* ---- errors (diagnose.c) ---- */

/*
 * Reports an error at a slice of the source; an empty slice is the end of a line. $1 to $3 in message and hint stand
 * for the three texts.
 */
void lw__error(lw__compiler *c, lw_str at, int32_t err, const char *message, const char *hint, lw_str one, lw_str two,
               lw_str three);
/* The same into a list, for whoever has no compiler. */
void lw__report(lw_diags *diags, lw_str source, lw_str at, int32_t err, const char *message, const char *hint,
                lw_str one, lw_str two, lw_str three);
/* Reports that the current token is not what was expected. */
void lw__expected(lw__compiler *c, const char *what, const char *hint);
/*
 * Reports a word that is not in a list: the likely intention, or what is allowed. what: "an exercise of this
 * protocol".
 */
void lw__unknown(lw__compiler *c, lw_str at, const lw__list *list, const char *what);
/* Reports, once, that a table is full. */
void lw__full(lw__compiler *c, lw_str at, lw__full_table table, const char *message, const char *hint);
/* The hint of lw__unknown alone, into a buffer; empty when no list keeps another error, because it takes its time. */
lw_str lw__likely(const lw_diags *diags, lw_str word, const lw__list *list, char *buffer, uint32_t cap);
/* A name with blanks for underscores, in memory that lasts for this error. */
lw_str lw__spelled(lw__compiler *c, lw_str name);
/* A number held as value × scale, likewise. */
lw_str lw__number(lw__compiler *c, int32_t value, int32_t scale);
/* Writes a name as a protocol spells it: blanks for underscores, but visa_h. */
void lw__put_name(lw__writer *w, lw_str name);
/* Writes a fact as a condition asks for it: session pain, test rdl, entry bridge_single. */
void lw__put_fact(lw__writer *w, uint8_t fact);
/* Writes value ÷ scale without needless zeros; scale is 1, 100 or 1000. */
void lw__put_scaled(lw__writer *w, int32_t value, int32_t scale);

/* ---- tokens (tokens.c) ---- */

void lw__advance(lw__compiler *c);
/* The current token as a slice; the end of the line before where the token begins a new one. */
lw_str lw__here(const lw__compiler *c);
bool lw__at_end(const lw__compiler *c);
bool lw__is(const lw__compiler *c, const char *word);
bool lw__is_mark(const lw__compiler *c, char mark);
/* True, and past it, when the current token is the word or mark. */
bool lw__accept(lw__compiler *c, const char *word);
bool lw__accept_mark(lw__compiler *c, char mark);
/* The same, but reports what is missing. */
bool lw__expect(lw__compiler *c, const char *word, const char *hint);
/* Passes everything up to the next line. */
void lw__next_line(lw__compiler *c);
/* Gives a statement up after an error: to the next line, past the token it began with. */
void lw__give_up(lw__compiler *c, lw_str statement);
/* Reports that a statement was expected where the current token stands. */
void lw__stray(lw__compiler *c, const char *what, const char *hint);
/* The current token and those after it on its line; returns how many. */
uint32_t lw__look(const lw__compiler *c, lw__token ahead[LW__AHEAD]);
/* How many of the tokens spell the name (underscore, hyphen and blank are one), 0 when they do not. */
uint32_t lw__spells(const lw__token *ahead, uint32_t count, lw_str name);
/* The longest name of a list that the next words spell, or −1; moves past it. */
int32_t lw__take_name(lw__compiler *c, const lw__list *list);
int32_t lw__find(const lw__list *list, lw_str word);
/* Reads an identifier. what: "the exercise's id" */
bool lw__id(lw__compiler *c, lw_str *out, const char *what);
/* Passes the current token unless it is longer than an id may be. */
bool lw__short_word(lw__compiler *c);
/* Reads a title between quotes. */
bool lw__title(lw__compiler *c, lw_str *out);
/* Reads a plain whole number of a range. */
bool lw__whole(lw__compiler *c, int32_t least, int32_t most, const char *what, int32_t *out);
/*
 * Reads a number with its unit. subject: what is counted, for the message; least and most as held. Returns false after
 * an error. The value is held as lw__unit_scale says, BW in thousandths.
 */
bool lw__quantity(lw__compiler *c, uint8_t unit, lw_str subject, int32_t least, int32_t most, int32_t *out);
/* The unit that the current token names, LW__UNIT_COUNT for none. */
uint8_t lw__unit_here(const lw__compiler *c);
/* Adds a word to the draft's table. */
void lw__add_word(lw__compiler *c, lw_str word);
/* Reads `[TAG] KEY, KEY`, where the current token is the bracket. */
bool lw__standing(lw__compiler *c, lw_standing *out);
/* The same where it may be absent: a plain [D] then. */
bool lw__maybe_standing(lw__compiler *c, lw_standing *out);

/* The lists names are looked up in. */
extern const lw__list lw__list_facts, lw__list_params, lw__list_tests, lw__list_equipment, lw__list_actions,
    lw__list_caps, lw__list_roles, lw__list_shockwave, lw__list_instruments, lw__list_tags;
lw__list lw__list_of_words(const uint8_t *fact); /* the words of a fact */
lw__list lw__list_of_exercises(const lw_protocol *p);
lw__list lw__list_of_stages(const lw_protocol *p); /* those declared */
/* A list over an array of NUL-terminated texts. */
lw__list lw__list_of_texts(const char *const *texts, uint32_t count);

/* ---- blocks ---- */

void lw__exercise_block(lw__compiler *c); /* exercise.c */
void lw__stage_block(lw__compiler *c);    /* exercise.c */
void lw__rule_block(lw__compiler *c);     /* rule.c */
/* Reads conditions joined by `and` into groups; a permissive owner's windows are cleared by a bad signal. */
bool lw__conditions(lw__compiler *c); /* rule.c */
/* True for actions that let something rise. */
bool lw__permits(uint8_t action);
/* Compression class of a hip flexion: 0 up to 10°, 1 up to 30°, 2 up to 70°, 3 above (docs/format/plan.md). */
uint8_t lw__class_of(int32_t depth_deg);

/* ---- arrange.c ---- */

/* Copies a draft so that equal meanings have equal tables, whatever order the text had. out is zero-filled. */
void lw__arrange(const lw_protocol *draft, lw_protocol *out);

#endif
