/*
 * verb_log.c: log check, show, add and void, and undo. The log only ever grows; what is taken back is voided by another
 * entry and stays readable.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/import_sets.h"
#include "cli/locale.h"

static void id_text(const uint8_t id[16], char out[37]) {
    char *at = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        snprintf(at, 3, "%02x", id[i]);
        at += 2;
    }
    *at = '\0';
}

static const lw_event *find_event(const lw_record *record, const uint8_t id[16]) {
    for (uint32_t i = 0; i < record->count; i++) {
        if (memcmp(record->events[i].id, id, 16) == 0) {
            return &record->events[i];
        }
    }
    return NULL;
}

int cli_verb_log_check(const cli_args *args) {
    cli_log log = {0};
    int code = cli_log_load(args->positional[0], &log);
    if (code != CLI_OK) {
        return code;
    }
    const lw_record *record = &log.record;
    char first_text[12], last_text[12];
    int32_t first = 0, last = 0;
    uint32_t voided = 0, lost = 0, counts[LW_KINDS] = {0};
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        voided += event->voided;
        counts[event->kind]++;
        if (event->kind == LW_KIND_VOID) {
            lost += find_event(record, ((const struct lw_ev_void *)event->data)->event) == NULL;
        }
    }
    if (record->count == 0) {
        printf("%s: valid, empty\n", args->positional[0]);
    } else {
        cli_log_span(record, &first, &last);
        printf("%s: valid; patient %.*s, %u entries, %s to %s\n", args->positional[0], (int)record->patient.len,
               record->patient.ptr, record->count, cli_day_iso(first, first_text), cli_day_iso(last, last_text));
    }
    const char *lead = "  ";
    for (int kind = 0; kind < LW_KINDS; kind++) {
        if (counts[kind] > 0) {
            printf("%s%u %s", lead, counts[kind], lw_kind_name(kind));
            lead = ", ";
        }
    }
    if (record->count > 0) {
        putchar('\n');
    }
    size_t result_cap = 0, scratch_cap = 0;
    lw_record_size_hint(record->bytes.len, &result_cap, &scratch_cap);
    void *memory = cli_need(scratch_cap);
    lw_arena scratch = lw_arena_over(memory, scratch_cap);
    uint8_t hash[32];
    if (!log.newer && lw_record_hash(record, &scratch, hash) == 0) {
        fputs("  sha256 ", stdout);
        for (int i = 0; i < 32; i++) {
            printf("%02x", hash[i]);
        }
        putchar('\n');
    }
    free(memory);
    if (record->repeats > 0) {
        printf("  finding: %u lines repeat an entry and were dropped\n", record->repeats);
        code = CLI_FINDING;
    }
    if (lost > 0) {
        printf("  finding: %u voids name an entry that is not here (it may still arrive)\n", lost);
        code = CLI_FINDING;
    }
    if (voided > 0) {
        printf("  %u entries are voided\n", voided);
    }
    if (log.newer) {
        printf("  %u lines are of a newer format: kept, not understood\n", record->newer);
        cli_diag_print(args->positional[0], record->bytes, &log.diag);
        code = CLI_NEWER;
    }
    cli_log_free(&log);
    return code;
}

/* The data object of an event's line, as it was written. */
static lw_str data_of(const lw_event *event) {
    const char *at = event->raw.ptr, *end = at + event->raw.len;
    bool inside = false;
    int depth = 0;
    const char *from = NULL;
    for (const char *c = at; c < end; c++) {
        if (inside) {
            inside = *c != '"';
            c += *c == '\\' ? 1 : 0;
        } else if (*c == '"') {
            if (depth == 1 && from == NULL && end - c > 6 && memcmp(c, "\"data\"", 6) == 0) {
                const char *value = c + 6;
                value += strspn(value, " \t:");
                from = *value == '{' ? value : NULL;
                if (from != NULL) {
                    c = from;
                    depth++;
                    continue;
                }
            }
            inside = true;
        } else if (*c == '{' || *c == '[') {
            depth++;
        } else if (*c == '}' || *c == ']') {
            depth--;
            if (from != NULL && depth == 1) {
                return (lw_str){from, (uint32_t)(c + 1 - from)};
            }
        }
    }
    return (lw_str){"", 0};
}

static void show_event(const cli_screen *screen, const lw_event *event) {
    char id[37], date[12];
    id_text(event->id, id);
    lw_str data = data_of(event);
    cli_buf text = {0};
    static const char *const authors[] = {"patient", "clinician", "device", "engine"};
    cli_buf_fmt(&text, "%s %s %02d:%02d %s by %s%s%.*s", event->voided ? "×" : " ", cli_day_iso(event->day, date),
                (int)(event->minute / 60), (int)(event->minute % 60), lw_kind_name(event->kind), authors[event->by],
                event->by_id.len > 0 ? ":" : "", (int)event->by_id.len,
                event->by_id.ptr != NULL ? event->by_id.ptr : "");
    cli_print(screen, event->voided ? CLI_DIM : CLI_BOLD, "", "  ", text.ptr);
    cli_buf_clear(&text);
    bool inside = false;
    for (uint32_t i = 0; i < data.len; i++) { /* a blank after each comma, so that the line can be wrapped */
        char c = data.ptr[i];
        bool escaped = inside && c == '\\';
        inside = c == '"' ? !inside : inside;
        cli_buf_add(&text, &data.ptr[i], escaped && i + 1 < data.len ? 2 : 1);
        i += escaped ? 1 : 0;
        cli_buf_str(&text, c == ',' && !inside ? " " : "");
    }
    cli_print(screen, event->voided ? CLI_DIM : CLI_PLAIN, "    ", "    ", text.ptr);
    cli_print(screen, CLI_DIM, "    ", "    ", id);
    cli_buf_free(&text);
}

static int known_kind(const cli_args *args, const char *kind) {
    const char *kinds[LW_KINDS];
    for (int i = 0; i < LW_KINDS; i++) {
        kinds[i] = lw_kind_name(i);
        if (strcmp(kind, kinds[i]) == 0) {
            return CLI_OK;
        }
    }
    const char *near = cli_nearest(kind, kinds, LW_KINDS);
    return near != NULL ? cli_usage(args, "there is no kind \"%s\"; did you mean %s?", kind, near)
                        : cli_usage(args, "there is no kind \"%s\"", kind);
}

int cli_verb_log_show(const cli_args *args) {
    int32_t day = INT32_MIN;
    int code = cli_option_day(args, "--on", &day);
    const char *kind = cli_option_value(args, "--kind");
    code = code == CLI_OK && kind != NULL ? known_kind(args, kind) : code;
    cli_log log = {0};
    if (code == CLI_OK) {
        code = cli_log_load(args->positional[0], &log);
    }
    if (code != CLI_OK) {
        return code;
    }
    int32_t first = 0, last = 0;
    if (cli_option_value(args, "--last-day") != NULL) {
        char date[12];
        if (cli_log_span(&log.record, &first, &last)) {
            puts(cli_day_iso(last, date));
        }
        cli_log_free(&log);
        return CLI_OK;
    }
    cli_screen screen = cli_screen_out();
    for (uint32_t i = 0; i < log.record.count; i++) {
        const lw_event *event = &log.record.events[i];
        if ((day == INT32_MIN || event->day == day) && (kind == NULL || strcmp(kind, lw_kind_name(event->kind)) == 0)) {
            show_event(&screen, event);
        }
    }
    if (log.newer) {
        cli_diag_print(args->positional[0], log.record.bytes, &log.diag);
        code = CLI_NEWER;
    }
    cli_log_free(&log);
    return code;
}

/* The patient of a record on disk, for a new entry; owned. NULL with *code set when there is none. */
static char *patient_of(const cli_args *args, int *code) {
    cli_log log = {0};
    *code = cli_log_load(args->positional[0], &log);
    char *patient = NULL;
    if (*code == CLI_OK && log.record.patient.len == 0) {
        *code = cli_usage(args, "%s is empty; loadwave init begins a record", args->positional[0]);
    } else if (*code == CLI_OK) {
        patient = cli_need((size_t)log.record.patient.len + 1);
        memcpy(patient, log.record.patient.ptr, log.record.patient.len);
    }
    cli_log_free(&log);
    return patient;
}

int cli_verb_log_add(const cli_args *args) {
    const char *kind = cli_option_value(args, "--kind"), *data = cli_option_value(args, "--data");
    const char *by = cli_option_value(args, "--by");
    if ((kind == NULL) != (data == NULL)) {
        return cli_usage(args, "--kind and --data go together");
    }
    cli_buf line = {0};
    int code = kind != NULL ? known_kind(args, kind) : CLI_OK;
    if (code != CLI_OK) {
        return code;
    }
    if (kind != NULL) {
        char *patient = patient_of(args, &code);
        if (patient == NULL) {
            return code;
        }
        cli_event_line(&line, patient, kind, cli_option_value(args, "--at"), by != NULL ? by : "patient", NULL, data);
        free(patient);
    } else {
        cli_file input = {0};
        code = cli_file_read("-", LW_MAX_LINE, &input);
        if (code != CLI_OK) {
            return code;
        }
        size_t len = input.len;
        while (len > 0 && strchr(" \t\r\n", input.bytes[len - 1]) != NULL) {
            len--;
        }
        for (size_t i = 0; i < len; i++) { /* one event, one line; a newline inside a text is an error anyway */
            cli_buf_add(&line, input.bytes[i] == '\n' || input.bytes[i] == '\r' ? " " : &input.bytes[i], 1);
        }
        free(input.bytes);
        if (line.len == 0) {
            cli_buf_free(&line);
            return cli_usage(args, "an entry on standard input, or --kind and --data");
        }
    }
    cli_buf_str(&line, "\n");
    code = cli_append(args->positional[0], line.ptr, line.len);
    if (code == CLI_OK) {
        printf("added: %s", line.ptr);
    }
    cli_buf_free(&line);
    return code;
}

/* Whether author by may void the event, in words when not. */
static const char *may_not_void(const lw_event *event, const char *by) {
    if (event->kind == LW_KIND_VOID) {
        return "a void cannot be voided; add the entry again instead";
    }
    if (event->voided) {
        return "that entry is voided already";
    }
    if (strcmp(by, "patient") != 0) {
        return NULL;
    }
    if (event->by != LW_BY_PATIENT) {
        return "a patient voids only the patient's own entries";
    }
    bool warning = event->kind == LW_KIND_SCREENED && ((const struct lw_ev_screened *)event->data)->flags != 0;
    if (warning || event->kind == LW_KIND_SYMPTOM || event->kind == LW_KIND_CONDITION ||
        event->kind == LW_KIND_MEDICINE) {
        return "a warning sign, a condition or a medicine is lifted by a clinician only";
    }
    return NULL;
}

/* The import that an entry came with, the last eight characters of its source; empty for all others (verb_import.c). */
static lw_str import_of(const lw_event *event) {
    lw_str source = cli_source_of(event);
    int colons = 0;
    for (uint32_t i = 0; i < source.len; i++) {
        colons += source.ptr[i] == ':';
    }
    bool imported = colons == 3 && source.len > 9 && source.ptr[source.len - 9] == ':';
    return imported ? (lw_str){source.ptr + source.len - 8, 8} : (lw_str){"", 0};
}

/* Whether an entry is the one that is voided, or came with the same import: that is one step. */
static bool goes_along(const lw_event *event, const lw_event *with, const char *by) {
    lw_str mine = import_of(event), its = import_of(with);
    return event == with || (its.len > 0 && mine.len == its.len && memcmp(mine.ptr, its.ptr, its.len) == 0 &&
                             may_not_void(event, by) == NULL);
}

/* Voids an entry; whole: with all of its import. */
static int write_void(const cli_args *args, const lw_record *record, const lw_event *event, const char *reason,
                      bool whole) {
    const char *by = cli_option_value(args, "--by");
    by = by != NULL ? by : "patient";
    cli_buf lines = {0}, patient = {0};
    cli_buf_add(&patient, record->patient.ptr, record->patient.len);
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *other = &record->events[i];
        if (other != event && !(whole && goes_along(other, event, by))) {
            continue;
        }
        char id[37];
        id_text(other->id, id);
        cli_buf data = {0};
        cli_buf_fmt(&data, "{\"event\":\"%s\",\"reason\":", id);
        cli_buf_json(&data, reason);
        cli_buf_str(&data, "}");
        cli_event_line(&lines, patient.ptr, "void", cli_option_value(args, "--at"), by, NULL, data.ptr);
        cli_buf_str(&lines, "\n");
        cli_buf_free(&data);
    }
    int code = cli_append(args->positional[0], lines.ptr, lines.len);
    if (code == CLI_OK) {
        cli_screen screen = cli_screen_out();
        puts("voided:");
        for (uint32_t i = 0; i < record->count; i++) {
            if (&record->events[i] == event || (whole && goes_along(&record->events[i], event, by))) {
                show_event(&screen, &record->events[i]);
            }
        }
    }
    cli_buf_free(&lines);
    cli_buf_free(&patient);
    return code;
}

/* Reads the record for a void; refuses a newer one. */
static int load_for_void(const cli_args *args, cli_log *log) {
    int code = cli_log_load(args->positional[0], log);
    if (code == CLI_OK && log->newer) {
        fprintf(stderr, "%s: holds entries of a newer version; please update before adding to it\n",
                args->positional[0]);
        code = CLI_NEWER;
    }
    return code;
}

static bool read_id(const char *text, uint8_t id[16]) {
    static const char hex[] = "0123456789abcdef";
    int digits = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '-') {
            continue;
        }
        const char *found = strchr(hex, *c >= 'A' && *c <= 'F' ? *c - 'A' + 'a' : *c);
        if (found == NULL || digits == 32) {
            return false;
        }
        int value = (int)(found - hex);
        id[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : id[digits / 2] | value);
        digits++;
    }
    return digits == 32;
}

int cli_verb_log_void(const cli_args *args) {
    const char *reason = cli_option_value(args, "--reason"), *by = cli_option_value(args, "--by");
    uint8_t id[16] = {0};
    if (reason == NULL || reason[0] == '\0') {
        return cli_usage(args, "--reason TEXT is required: why did it not happen?");
    }
    if (!read_id(args->positional[1], id)) {
        return cli_usage(args, "\"%s\" is not the id of an entry; loadwave log show names them", args->positional[1]);
    }
    cli_log log = {0};
    int code = load_for_void(args, &log);
    if (code == CLI_OK) {
        const lw_event *event = find_event(&log.record, id);
        const char *no = event == NULL ? "there is no such entry" : may_not_void(event, by != NULL ? by : "patient");
        code = no != NULL ? cli_usage(args, "%s", no) : write_void(args, &log.record, event, reason, false);
    }
    cli_log_free(&log);
    return code;
}

int cli_verb_undo(const cli_args *args) {
    const char *reason = cli_option_value(args, "--reason"), *by = cli_option_value(args, "--by");
    by = by != NULL ? by : "patient";
    cli_log log = {0};
    int code = load_for_void(args, &log);
    const lw_event *last = NULL;
    for (uint32_t i = 0; code == CLI_OK && i < log.record.count; i++) {
        const lw_event *event = &log.record.events[i];
        bool own = event->by == LW_BY_PATIENT ? strcmp(by, "patient") == 0
                                              : event->by == LW_BY_CLINICIAN && strncmp(by, "clinician:", 10) == 0 &&
                                                    strlen(by + 10) == event->by_id.len &&
                                                    memcmp(by + 10, event->by_id.ptr, event->by_id.len) == 0;
        /* the lowest line of the file: an import of last week's runs was written after this morning's check-in */
        if (own && may_not_void(event, by) == NULL && (last == NULL || event->line > last->line)) {
            last = event;
        }
    }
    if (code == CLI_OK && last == NULL) {
        code = cli_usage(args, "there is no entry by %s that may be voided", by);
    } else if (code == CLI_OK) {
        code = write_void(args, &log.record, last, reason != NULL ? reason : "undo", true);
    }
    cli_log_free(&log);
    return code;
}
