/*
 * locale.h: sentences by id, in the reader's language (locale.c says how it is chosen). locales/LANGUAGE.json is the
 * source; locale_LANGUAGE.c is generated from it.
 */
#ifndef LW_LOCALE_H
#define LW_LOCALE_H

#include "cli/cli.h"

struct cli_sentence {
    const char *id, *text;
};

extern const struct cli_sentence cli_sentences_en[], cli_sentences_es[]; /* sorted by id, bytewise; the same ids */
extern const unsigned cli_sentences_en_count, cli_sentences_es_count;

/* Arguments of a sentence: name, value, name, value … NULL. */
#define CLI_ARGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The reader's language, "en" or "es". Static. */
const char *cli_language(void);
/* The sentence, or NULL when there is none. */
const char *cli_text(const char *id);
/* The sentence FAMILY.ID, or id itself when there is none. */
const char *cli_word(const char *family, const char *id);
/* Adds the sentence with its arguments filled in; an id without a sentence is shown as itself. args may be NULL. */
void cli_say(cli_buf *out, const char *id, const char *const *args);

#endif
