/* verb_calendar.c: a record's plan as a calendar file; what the file said before is what was published. */
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"
#include "report/calendar.h"
#include "server/server.h"

enum { FILE_MOST = 4 * 1024 * 1024, MORNING = 7 * 60 + 30 };

/* "17:30" as minutes of the day. */
static bool read_time(const char *text, int32_t *minute) {
    int hour = 0, min = 0, used = 0;
    if (sscanf(text, "%2d:%2d%n", &hour, &min, &used) != 2 || text[used] != '\0' || strlen(text) != 5 || hour < 0 ||
        hour > 23 || min < 0 || min > 59) {
        return false;
    }
    *minute = hour * 60 + min;
    return true;
}

/* What stands in the file that is to be written; nothing when there is none yet. */
static int published(const cli_args *args, const char *path, lw_calendar *out) {
    FILE *there = strcmp(path, "-") != 0 ? fopen(path, "re") : NULL;
    if (there == NULL) {
        return CLI_OK;
    }
    fclose(there);
    cli_file file = {0};
    int code = cli_file_read(path, FILE_MOST, &file);
    if (code == CLI_OK && lw_calendar_read((lw_str){file.bytes, (uint32_t)file.len}, out) != LW_OK) {
        code = cli_usage(args, "%s is no calendar; it was left as it is", path);
    }
    free(file.bytes);
    return code;
}

static int write_out(const lw_calendar *calendar, const char *path) {
    lw_buf text = {0};
    int32_t err = lw_calendar_write(calendar, cli_language(), &text);
    int code = CLI_IO;
    if (err != LW_OK) {
        fprintf(stderr, "loadwave calendar: %s\n", lw_err_sentence(err));
    } else if (strcmp(path, "-") == 0) {
        code = fwrite(text.ptr, 1, text.len, stdout) == text.len && fflush(stdout) == 0 ? CLI_OK : CLI_IO;
    } else {
        code = cli_file_write(path, text.ptr, text.len, true);
    }
    lw_buf_free(&text);
    return code;
}

int cli_verb_calendar(const cli_args *args) {
    const char *path = cli_option_value(args, "--output"), *at = cli_option_value(args, "--time");
    path = path != NULL ? path : "-";
    lw_calendar_ask ask = {.language = cli_language(),
                           .day = cli_local_day(),
                           .minute = MORNING,
                           .plain = cli_option_value(args, "--plain") != NULL};
    if (at != NULL && !read_time(at, &ask.minute)) {
        return cli_usage(args, "--time must be a time of day, as 17:30, not \"%s\"", at);
    }
    int code = cli_option_day(args, "--on", &ask.day);
    cli_log log = {0};
    cli_rules rules = {0};
    lw_calendar *sets = cli_need(3 * sizeof *sets), *old = sets, *fresh = sets + 1, *now = sets + 2;
    code = code == CLI_OK ? cli_log_load(args->positional[0], &log) : code;
    if (code == CLI_OK && log.newer) {
        code = cli_newer_help(&log);
    }
    code = code == CLI_OK ? cli_rules_load(cli_option_value(args, "--protocol"), &rules) : code;
    code = code == CLI_OK ? published(args, path, old) : code;
    if (code == CLI_OK) {
        ask.protocol = rules.protocol;
        int32_t err = lw_calendar_expect(&ask, log.record.bytes, fresh);
        code = err == LW_OK ? CLI_OK : CLI_IO;
        if (err != LW_OK) {
            fprintf(stderr, "loadwave calendar: %s\n", lw_err_sentence(err));
        }
    }
    if (code == CLI_OK) {
        (void)lw_calendar_merge(old, fresh, ask.day, lw_clock_now(), now);
        code = write_out(now, path);
    }
    for (int i = 0; i < 3; i++) {
        lw_calendar_free(&sets[i]);
    }
    free(sets);
    cli_rules_free(&rules);
    cli_log_free(&log);
    return code;
}
