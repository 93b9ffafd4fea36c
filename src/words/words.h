/*
 * words.h: every sentence a person reads, in the reader's language; and what a plan holds, in such sentences.
 *
 * locales/LANGUAGE.json is the source, words_LANGUAGE.c is generated from it. A sentence may hold {name}: the argument;
 * {name:family}: the sentence family.VALUE; {name|one|many}: the number and the word that fits it; {name#|one|many}: that
 * word alone. Unknown ids and arguments are shown as themselves, so that an engine newer than the words still says
 * something. A language also says how it writes decimals: a record and a plan always hold a point.
 *
 * Texts are added to a lw_buf, which keeps in mind when the heap refused.
 */
#ifndef LW_WORDS_H
#define LW_WORDS_H

#include "loadwave/protocol.h"
#include "words/tree.h"

typedef struct lw_sentence {
    const char *id, *text;
} lw_sentence;

extern const lw_sentence lw_sentences_en[], lw_sentences_es[]; /* sorted by id, bytewise; the same ids */
extern const unsigned lw_sentences_en_count, lw_sentences_es_count;

typedef struct lw_language {
    const char *code; /* "en", "es" */
    const lw_sentence *sentences;
    const unsigned *count;
    char decimal;
} lw_language;

/* Of "es", "es_ES.UTF-8" or "es-MX" the language is es; of "est" it is not. Static; NULL: none of ours, or NULL given. */
const lw_language *lw_language_of(const char *tag);
/* The same, and English where it is none of ours. */
const lw_language *lw_language_for(const char *tag);

/* Arguments of a sentence: name, value, name, value … NULL. */
#define LW_ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The sentence, static, or NULL when there is none. */
const char *lw_sentence_of(const lw_language *language, const char *id);
/* The sentence FAMILY.ID, or id itself when there is none. */
const char *lw_word(const lw_language *language, const char *family, const char *id);
/* Adds the sentence with its arguments filled in; an id without a sentence is shown as itself. args may be NULL. */
void lw_say(lw_buf *out, const lw_language *language, const char *id, const char *const *args);
/* The same after ", ", when something stands in out already. */
void lw_say_next(lw_buf *out, const lw_language *language, const char *id, const char *const *args);

/* What a plan's words need beside it. All borrowed. */
typedef struct lw_words {
    const lw_language *language;
    const lw_protocol *protocol; /* nullable: titles are then missing */
    const lw_protocol *builtin;  /* the one the sentences of rules were written for; NULL where it is the same */
} lw_words;

/* The locale's name of an exercise, or the protocol's own title. */
void lw_exercise_words(lw_buf *text, const lw_words *w, const char *id);
/* The dose of a plan's item: sets, repetitions, load, tempo, rest, times a day, effort. */
void lw_dose_words(lw_buf *text, const lw_words *w, const lw_node *item);
/* What a change or a proposal says, in the sentence with this id; nothing when there is none. */
void lw_change_words(lw_buf *text, const lw_words *w, const char *id, const lw_node *change);
/* What changes in an item, what waits to be accepted, what held it; nothing when there is nothing to say. */
void lw_dose_notes(lw_buf *text, const lw_words *w, const lw_node *item);
/*
 * The sentence of the rule that spoke, of an entry of `why`. A rule shown for what it waits for has a sentence of its own,
 * so that nothing is claimed to have happened. Where a protocol's rule is not the one the sentence was written for, its
 * own title is said instead.
 */
void lw_rule_words(lw_buf *text, const lw_words *w, const lw_node *why);
/* What that rule looked at, with its age. */
void lw_input_words(lw_buf *text, const lw_words *w, const lw_node *why);

/* A day as the language writes it: "Saturday 10 January 2026", or short. */
void lw_day_words(lw_buf *text, const lw_language *language, int32_t day, bool with_weekday);
/* The same without the weekday, with the year: "10 January 2026". */
void lw_date_words(lw_buf *text, const lw_language *language, int32_t day);
/* For the axis of a picture: "10 Jan". */
void lw_tick_words(lw_buf *text, const lw_language *language, int32_t day);
/* The id of the sentence that says what today is, written to key. Returns key. */
const char *lw_headline_id(const lw_node *plan, char key[64]);
/* What the plan says of running, sitting and shockwave (its members of these names); sitting and shockwave may add nothing. */
void lw_run_words(lw_buf *text, const lw_words *w, const lw_node *run);
void lw_sitting_words(lw_buf *text, const lw_words *w, const lw_node *sit);
void lw_shockwave_words(lw_buf *text, const lw_words *w, const lw_node *sw);

#endif
