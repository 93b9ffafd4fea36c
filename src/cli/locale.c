/*
 * locale.c: the words (src/words) in the language of this terminal.
 *
 * The language is chosen once, when the first sentence is asked for: by LOADWAVE_LANG, else as other programs do by the
 * first of LC_ALL, LC_MESSAGES and LANG that is set. What is neither of ours is English.
 */
#include <stdlib.h>

#include "cli/locale.h"

static const lw_language *chosen;

const lw_language *cli_reader(void) {
    static const char *const settings[] = {"LOADWAVE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
    const char *tag = NULL;
    for (size_t i = 0; chosen == NULL && i < sizeof settings / sizeof settings[0] && (tag == NULL || *tag == '\0');
         i++) {
        tag = getenv(settings[i]);
    }
    chosen = chosen != NULL ? chosen : lw_language_for(tag);
    return chosen;
}

const char *cli_language(void) {
    return cli_reader()->code;
}

const char *cli_text(const char *id) {
    return lw_sentence_of(cli_reader(), id);
}

const char *cli_word(const char *family, const char *id) {
    return lw_word(cli_reader(), family, id);
}

void cli_take(cli_buf *out, lw_buf *said) {
    if (said->failed) {
        lw_buf_free(said);
        cli_no_memory();
    }
    cli_buf_add(out, said->ptr != NULL ? said->ptr : "", said->len);
    lw_buf_free(said);
}

void cli_say(cli_buf *out, const char *id, const char *const *args) {
    lw_buf said = {0};
    lw_say(&said, cli_reader(), id, args);
    cli_take(out, &said);
}
