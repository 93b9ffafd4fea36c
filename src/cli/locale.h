/*
 * locale.h: sentences by id (words/words.h), in the language of this terminal (locale.c says how it is chosen).
 */
#ifndef LW_LOCALE_H
#define LW_LOCALE_H

#include "cli/cli.h"
#include "words/words.h"

#define CLI_ARGS LW_ARGS

/* The reader's language. Static. */
const lw_language *cli_reader(void);

/* The reader's language, "en" or "es". Static. */
const char *cli_language(void);
/* The sentence, or NULL when there is none. */
const char *cli_text(const char *id);
/* The sentence FAMILY.ID, or id itself when there is none. */
const char *cli_word(const char *family, const char *id);
/* Adds the sentence with its arguments filled in; an id without a sentence is shown as itself. args may be NULL. */
void cli_say(cli_buf *out, const char *id, const char *const *args);

/* Moves what was said to the end of out; said is freed. The end of the program when the heap refused it. */
void cli_take(cli_buf *out, lw_buf *said);

#endif
