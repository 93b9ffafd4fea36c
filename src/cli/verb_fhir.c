/* verb_fhir.c: a record as one collection Bundle of FHIR resources, for a program or a person that wants it whole. */
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"
#include "server/fhir/fhir_render.h"
#include "server/server.h"

/* The time of the Bundle: now, or the end of the day that was asked for, so that the same question has the same answer. */
static int64_t when(const cli_args *args, int32_t day) {
    return cli_option_value(args, "--on") != NULL ? (int64_t)day * 86400 + 86399 : lw_clock_now();
}

static int write_out(const char *path, const lw_buf *text) {
    if (path != NULL && strcmp(path, "-") != 0) {
        return cli_file_write(path, text->ptr, text->len, true);
    }
    return fwrite(text->ptr, 1, text->len, stdout) == text->len && fflush(stdout) == 0 ? CLI_OK : CLI_IO;
}

int cli_verb_fhir(const cli_args *args) {
    int32_t day = cli_local_day();
    int code = cli_option_day(args, "--on", &day);
    cli_log log = {0};
    cli_rules rules = {0};
    cli_plan plan = {0};
    code = code == CLI_OK ? cli_log_load(args->positional[0], &log) : code;
    if (code == CLI_OK && log.newer) {
        code = cli_newer_help(&log);
    }
    code = code == CLI_OK ? cli_rules_load(cli_option_value(args, "--protocol"), &rules) : code;
    code = code == CLI_OK ? cli_plan_make(&rules, &log, day, 0, false, &plan) : code;
    if (code == CLI_OK) {
        lw_fhir_version version = cli_option_value(args, "--r5") != NULL ? LW_FHIR_R5 : LW_FHIR_R4;
        char patient[65];
        lw_fhir_id(log.record.patient, patient);
        lw_fhir_source source = {.record = &log.record,
                                 .protocol = rules.protocol,
                                 .plan = plan.json,
                                 .day = day,
                                 .patient = patient,
                                 .name = cli_option_value(args, "--name")};
        lw_fhir_set set = {0};
        lw_buf text = {0};
        int32_t err = lw_fhir_list(&source, &set);
        err = err == LW_OK ? lw_fhir_bundle(&set, version, when(args, day), &text) : err;
        lw_buf_str(&text, "\n");
        if (err != LW_OK || text.failed) {
            fprintf(stderr, "loadwave fhir: %s\n", lw_err_sentence(err != LW_OK ? err : LW_ERR_NO_MEMORY));
            code = CLI_IO;
        } else {
            code = write_out(cli_option_value(args, "--output"), &text);
        }
        lw_buf_free(&text);
        lw_fhir_free(&set);
    }
    cli_plan_free(&plan);
    cli_rules_free(&rules);
    cli_log_free(&log);
    return code;
}
