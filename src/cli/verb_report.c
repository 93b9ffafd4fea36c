/* verb_report.c: a report on paper (src/report). */
#include <string.h>

#include "cli/locale.h"
#include "report/report.h"

static lw_report_kind kind_of(const char *word) {
    for (int i = 0; i < LW_REPORT_KINDS; i++) {
        if (strcmp(word, lw_report_kind_name((lw_report_kind)i)) == 0) {
            return (lw_report_kind)i;
        }
    }
    return LW_REPORT_KINDS;
}

int cli_verb_report(const cli_args *args) {
    lw_report_kind kind = kind_of(args->positional[0]);
    if (kind == LW_REPORT_KINDS) {
        return cli_usage(args, "'%s' is no report; today, progress, discharge and shockwave are", args->positional[0]);
    }
    const char *language = cli_option_value(args, "--lang"), *path = cli_option_value(args, "--output");
    const lw_language *reader = language != NULL ? lw_language_of(language) : cli_reader();
    if (reader == NULL) {
        return cli_usage(args, "--lang must be en or es, not '%s'", language);
    }
    char own[64];
    snprintf(own, sizeof own, "%s.pdf", lw_report_kind_name(kind));
    path = path != NULL ? path : own;
    size_t len = strlen(path);
    bool svg = len > 4 && strcmp(path + len - 4, ".svg") == 0;
    if (!svg && (len <= 4 || strcmp(path + len - 4, ".pdf") != 0)) {
        return cli_usage(args, "--output must end in .pdf or .svg, not be '%s'", path);
    }
    int32_t day = cli_local_day();
    int err = cli_option_day(args, "--on", &day);
    cli_rules rules = {0};
    cli_log log = {0};
    err = err == 0 ? cli_rules_load(cli_option_value(args, "--protocol"), &rules) : err;
    err = err == 0 ? cli_log_load(args->positional[1], &log) : err;
    lw_buf out = {0};
    if (err == 0) {
        lw_report_request request = {.kind = kind,
                                     .format = svg ? LW_REPORT_SVG : LW_REPORT_PDF,
                                     .language = reader,
                                     .protocol = rules.protocol,
                                     .builtin = cli_rules_other(),
                                     .record = &log.record,
                                     .day = day,
                                     .name = cli_option_value(args, "--name"),
                                     .to = cli_option_value(args, "--to"),
                                     .from = cli_option_value(args, "--from")};
        lw_diag diag = {0};
        int32_t drawn = lw_report_draw(&request, &out, &diag);
        if (drawn == LW_ERR_RANGE && kind == LW_REPORT_DISCHARGE) {
            fprintf(stderr,
                    "loadwave report: the programme has not ended; a discharge letter needs a discharged event\n");
            err = CLI_BAD;
        } else if (drawn == LW_ERR_NO_MEMORY) {
            cli_no_memory();
        } else if (drawn != 0) {
            diag.err = diag.err != 0 ? diag.err : drawn;
            cli_diag_print(log.path, log.record.bytes, &diag);
            err = drawn == LW_ERR_NEWER ? CLI_NEWER : CLI_BAD;
        }
    }
    if (err == 0) {
        err = cli_file_write(path, out.ptr, out.len, true);
    }
    if (err == 0) {
        printf("%s\n", path);
    }
    lw_buf_free(&out);
    cli_log_free(&log);
    cli_rules_free(&rules);
    return err;
}
