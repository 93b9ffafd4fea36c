/* verb_init.c: begins a record: one entry, enrolled; what was not given as an option is asked. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/locale.h"

/* Copies the option or asks; false when neither gave an answer. */
static bool word_or_ask(const cli_args *args, cli_ask *ask, const char *option, const char *question,
                        const char *const *words, int count, const char **out) {
    *out = cli_option_value(args, option);
    int chosen = 0;
    if (*out == NULL && cli_ask_word(ask, cli_text(question), words, count, &chosen)) {
        *out = words[chosen];
    }
    return *out != NULL;
}

int cli_verb_init(const cli_args *args) {
    const char *path = args->positional[0];
    if (access(path, F_OK) == 0) {
        return cli_usage(args, "%s is there already; a record is never replaced", path);
    }
    cli_ask ask = {.screen = cli_screen_out(), .required = true};
    char name[80] = "";
    const char *patient = cli_option_value(args, "--patient");
    if (patient == NULL && cli_ask_text(&ask, cli_text("ask.patient"), name, sizeof name)) {
        patient = name;
    }
    long year = 0;
    int code = cli_option_number(args, "--birth-year", 1900, 2100, &year);
    if (code != CLI_OK) {
        return code;
    }
    if (year == 0) {
        cli_ask_number(&ask, cli_text("ask.birth_year"), 1900, 2100, &year);
    }
    const char *side = NULL, *goal = NULL, *sport = NULL;
    word_or_ask(args, &ask, "--side", "ask.side", lw_side_names, LW_SIDE_WORDS, &side);
    word_or_ask(args, &ask, "--goal", "ask.goal", lw_goal_names, LW_GOAL_WORDS, &goal);
    ask.required = false;
    word_or_ask(args, &ask, "--sport", "ask.sport", lw_sport_names, LW_SPORT_WORDS, &sport);
    if (patient == NULL || year == 0 || side == NULL || goal == NULL) {
        return cli_usage(args, "name, year of birth, side and goal are needed; nothing was written");
    }
    const char *by = cli_option_value(args, "--by");
    bool both = strcmp(side, "both") == 0;
    cli_buf data = {0}, line = {0};
    cli_buf_fmt(&data, "{\"birth_year\":%ld,\"sides\":[", year);
    cli_buf_json(&data, both ? "left" : side);
    cli_buf_str(&data, both ? ",\"right\"],\"goal\":" : "],\"goal\":");
    cli_buf_json(&data, goal);
    if (sport != NULL) {
        cli_buf_str(&data, ",\"sport\":");
        cli_buf_json(&data, sport);
    }
    cli_buf_str(&data, "}");
    cli_event_line(&line, patient, "enrolled", cli_option_value(args, "--at"), by != NULL ? by : "patient", NULL,
                   data.ptr);
    cli_buf_str(&line, "\n");

    /* Read it as any record before it is written. */
    cli_log log = {0};
    code = cli_log_decode("new entry", line.ptr, line.len, false, &log);
    cli_log_free(&log);
    if (code != CLI_OK) {
        fputs("nothing was written\n", stderr);
    } else {
        code = cli_file_write(path, line.ptr, line.len, false);
    }
    if (code == CLI_OK) {
        printf("%s begins with one entry. Next: loadwave assess %s\n", path, path);
    }
    cli_buf_free(&data);
    cli_buf_free(&line);
    return code;
}
