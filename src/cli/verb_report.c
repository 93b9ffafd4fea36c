/* verb_report.c: a report on paper, and records without the people in them (src/report). */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/locale.h"
#include "report/report.h"
#include "report/research.h"

extern const unsigned char lw_builtin_protocol[]; /* generated from protocols/pht/pht.protocol */
extern const size_t lw_builtin_protocol_len;

/* ---- research ---- */

static void say(const char *id, const char *const *args) {
    cli_screen screen = cli_screen_out();
    cli_buf text = {0};
    cli_say(&text, id, args);
    cli_print(&screen, CLI_PLAIN, "", "", cli_buf_get(&text));
    cli_buf_free(&text);
}

/* What the files hold and what not, then a line a file, or each of their bytes. */
static void show_files(const lw_research *cohort, bool bytes) {
    static const char *const texts[] = {"research.will", "research.will_not", "research.still"};
    char people[16], cells[16], rows[16], size[24];
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        say(texts[i], NULL);
        putchar('\n');
    }
    snprintf(people, sizeof people, "%u", lw_research_count(cohort));
    snprintf(cells, sizeof cells, "%u", lw_research_suppressed(cohort));
    say("research.made", CLI_ARGS("n", people, "cells", cells));
    for (uint32_t i = 0; i < LW_RESEARCH_FILES; i++) {
        lw_research_file file = lw_research_get(cohort, i);
        snprintf(rows, sizeof rows, "%u", file.rows);
        snprintf(size, sizeof size, "%u", file.bytes.len);
        putchar('\n');
        say("research.file", CLI_ARGS("name", file.name, "rows", rows, "bytes", size));
        if (bytes) {
            fwrite(file.bytes.ptr, 1, file.bytes.len, stdout);
        }
    }
}

static int write_files(const cli_args *args, const lw_research *cohort, const char *folder) {
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "loadwave report: %s: %s\n", folder, strerror(errno));
        return CLI_IO;
    }
    int err = CLI_OK;
    for (uint32_t i = 0; err == CLI_OK && i < LW_RESEARCH_FILES; i++) {
        char path[4096];
        lw_research_file file = lw_research_get(cohort, i);
        int len = snprintf(path, sizeof path, "%s/%s", folder, file.name);
        err = len > 0 && (size_t)len < sizeof path ? cli_file_write(path, file.bytes.ptr, file.bytes.len, true)
                                                   : cli_usage(args, "the name of the folder is too long");
    }
    return err;
}

/* Who is in the cohort already: nobody counts twice, or five copies of one record would pass for five people. */
typedef struct people {
    char id[CLI_MAX_POSITIONAL][80];
    uint8_t first_event[CLI_MAX_POSITIONAL][16];
    int count;
} people;

/* The file that holds the same patient, or the same first event under another name; -1: none. */
static int same_person(const people *p, const char *id, const uint8_t first[16]) {
    for (int i = 0; i < p->count; i++) {
        if (strcmp(p->id[i], id) == 0 || memcmp(p->first_event[i], first, 16) == 0) {
            return i;
        }
    }
    return -1;
}

static int add_record(const cli_args *args, lw_research *cohort, const char *path, lw_str protocol, people *known) {
    cli_log log = {0};
    int err = cli_log_load(path, &log);
    if (err == CLI_OK && log.record.count == 0) {
        err = cli_usage(args, "%s: an empty record; a patient begins with an enrolled event", path);
    }
    if (err == CLI_OK) {
        char *id = known->id[known->count];
        snprintf(id, sizeof known->id[0], "%.*s", (int)(log.record.patient.len < 79 ? log.record.patient.len : 79),
                 log.record.patient.ptr);
        const uint8_t *first = log.record.events[0].id;
        int before = same_person(known, id, first);
        if (before >= 0) {
            err = cli_usage(args, "%s and %s are records of the same patient; each patient counts once",
                            args->positional[before + 1], path);
        }
        memcpy(known->first_event[known->count++], first, 16);
    }
    if (err == CLI_OK) {
        const char *id = known->id[known->count - 1];
        int32_t added = lw_research_add(cohort, id, protocol, log.record.bytes);
        if (added == LW_ERR_NO_MEMORY) {
            cli_no_memory();
        }
        err = added == LW_OK ? CLI_OK : cli_usage(args, "%s: %s", path, lw_err_sentence(added));
    }
    cli_log_free(&log);
    return err;
}

static int research(const cli_args *args) {
    const char *folder = cli_option_value(args, "--output");
    lw_str protocol = {(const char *)lw_builtin_protocol, (uint32_t)lw_builtin_protocol_len};
    int32_t day = cli_local_day();
    cli_rules rules = {0};
    int err = cli_option_day(args, "--on", &day);
    err = err == CLI_OK ? cli_rules_load(cli_option_value(args, "--protocol"), &rules) : err;
    lw_research *cohort = NULL;
    if (err == CLI_OK && lw_research_open(day, &cohort) != LW_OK) {
        cli_no_memory();
    }
    protocol = rules.file.bytes != NULL ? (lw_str){rules.file.bytes, (uint32_t)rules.file.len} : protocol;
    people known = {.count = 0};
    for (int i = 1; err == CLI_OK && i < args->count; i++) {
        err = add_record(args, cohort, args->positional[i], protocol, &known);
    }
    int32_t made = err == CLI_OK ? lw_research_make(cohort) : LW_OK;
    if (made == LW_ERR_FORBIDDEN) {
        char fewest[16];
        snprintf(fewest, sizeof fewest, "%d", (int)LW_RESEARCH_FEWEST);
        cli_buf text = {0};
        cli_say(&text, "research.few", CLI_ARGS("n", fewest));
        err = cli_usage(args, "%s", text.ptr);
        cli_buf_free(&text);
    } else if (made != LW_OK) {
        cli_no_memory();
    }
    if (err == CLI_OK) {
        show_files(cohort, folder == NULL);
        err = folder != NULL ? write_files(args, cohort, folder) : CLI_OK;
    }
    if (err == CLI_OK) {
        putchar('\n');
        say(folder != NULL ? "research.written" : "research.not_written",
            folder != NULL ? CLI_ARGS("folder", folder) : NULL);
    }
    lw_research_close(cohort);
    cli_rules_free(&rules);
    return err;
}

/* ---- paper ---- */

static lw_report_kind kind_of(const char *word) {
    for (int i = 0; i < LW_REPORT_KINDS; i++) {
        if (strcmp(word, lw_report_kind_name((lw_report_kind)i)) == 0) {
            return (lw_report_kind)i;
        }
    }
    return LW_REPORT_KINDS;
}

/* Whether anything happened by the day: a page about nobody would look like one about somebody who said nothing. */
static bool has_events(const lw_record *record, int32_t day) {
    bool any = false;
    for (uint32_t i = 0; i < record->count; i++) {
        any = any || record->events[i].day <= day;
    }
    return any;
}

int cli_verb_report(const cli_args *args) {
    if (strcmp(args->positional[0], "research") == 0) {
        return research(args);
    }
    if (args->count > 2) {
        return cli_usage(args, "too many arguments, from \"%s\" on", args->positional[2]);
    }
    lw_report_kind kind = kind_of(args->positional[0]);
    if (kind == LW_REPORT_KINDS) {
        return cli_usage(args, "'%s' is no report; today, progress, discharge, shockwave and research are",
                         args->positional[0]);
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
    if (err == 0 && !has_events(&log.record, day)) {
        char iso[16];
        lw_day_write(day, iso);
        fprintf(stderr, "loadwave report: %s: nothing stands in it up to %.10s, so there is nothing to print\n",
                log.path, iso);
        err = CLI_BAD;
    }
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
                    "loadwave report: the programme has not ended; a discharge letter needs a discharged event:\n"
                    "  loadwave log add FILE --kind discharged --data '{\"reason\":\"…\"}' --by clinician:ID\n");
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
