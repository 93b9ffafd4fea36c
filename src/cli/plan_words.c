/* plan_words.c: what a plan holds, in the words of this terminal's language (words/words.h). */
#include "cli/locale.h"

static lw_words words(const lw_protocol *protocol) {
    return (lw_words){cli_reader(), protocol, cli_rules_other()};
}

void cli_exercise_words(cli_buf *text, const char *id, const lw_protocol *protocol) {
    lw_words w = words(protocol);
    lw_buf said = {0};
    lw_exercise_words(&said, &w, id);
    cli_take(text, &said);
}

void cli_dose_words(cli_buf *text, const lw_node *item) {
    lw_words w = words(NULL);
    lw_buf said = {0};
    lw_dose_words(&said, &w, item);
    cli_take(text, &said);
}

/* Parts the words of one thing from what stands before them. */
static void take_apart(cli_buf *text, lw_buf *said) {
    if (text->len > 0 && said->len > 0) {
        cli_buf_str(text, " ");
    }
    cli_take(text, said);
}

void cli_change_words(cli_buf *text, const char *id, const lw_node *change, const lw_protocol *protocol) {
    lw_words w = words(protocol);
    lw_buf said = {0};
    lw_change_words(&said, &w, id, change);
    take_apart(text, &said);
}

void cli_dose_notes(cli_buf *text, const lw_node *item, const lw_protocol *protocol) {
    lw_words w = words(protocol);
    lw_buf said = {0};
    lw_dose_notes(&said, &w, item);
    take_apart(text, &said);
}

void cli_rule_words(cli_buf *text, const lw_node *why, const lw_protocol *protocol) {
    lw_words w = words(protocol);
    lw_buf said = {0};
    lw_rule_words(&said, &w, why);
    cli_take(text, &said);
}

void cli_input_words(cli_buf *text, const lw_node *why) {
    lw_words w = words(NULL);
    lw_buf said = {0};
    lw_input_words(&said, &w, why);
    cli_take(text, &said);
}
