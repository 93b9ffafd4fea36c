/* verb_today.c: today and explain: one day's plan, short or with everything behind it. */
#include <stdio.h>

#include "cli/locale.h"
#include "words/tree.h"

/* When the record ends long before the day, says so: the plan is then made of silence. */
static void say_stale(const cli_screen *screen, const cli_log *log, int32_t day) {
    int32_t first = 0, last = 0;
    if (!cli_log_span(&log->record, &first, &last) || day - last <= 14) {
        return;
    }
    char date[12], days[16];
    snprintf(days, sizeof days, "%d", (int)(day - last));
    cli_buf text = {0};
    cli_say(&text, "stale", CLI_ARGS("date", cli_day_iso(last, date), "n", days));
    cli_print(screen, CLI_YELLOW, "", "", text.ptr);
    fputc('\n', screen->file);
    cli_buf_free(&text);
}

static int show(const cli_args *args, bool json, bool full) {
    int32_t day = cli_local_day();
    int code = cli_option_day(args, "--on", &day);
    cli_log log = {0};
    cli_rules rules = {0};
    if (code == CLI_OK) {
        code = cli_log_load(args->positional[0], &log);
    }
    if (code == CLI_OK && log.newer) {
        code = cli_newer_help(&log);
    }
    if (code == CLI_OK) {
        code = cli_rules_load(cli_option_value(args, "--protocol"), &rules);
    }
    cli_plan plan = {0};
    if (code == CLI_OK) {
        code = cli_plan_make(&rules, &log, day, json ? LW_PLAN_HASH : 0, false, &plan);
    }
    if (code == CLI_OK && json) {
        fwrite(plan.json.ptr, 1, plan.json.len, stdout);
        putchar('\n');
    } else if (code == CLI_OK) {
        cli_screen screen = cli_screen_out();
        if (cli_option_value(args, "--on") == NULL) {
            say_stale(&screen, &log, day);
        }
        cli_render_plan(&screen, &plan, rules.protocol, full);
    }
    cli_plan_free(&plan);
    cli_rules_free(&rules);
    cli_log_free(&log);
    return code;
}

int cli_verb_today(const cli_args *args) {
    return show(args, cli_option_value(args, "--json") != NULL, cli_option_value(args, "--full") != NULL);
}

int cli_verb_explain(const cli_args *args) {
    return show(args, false, true);
}
