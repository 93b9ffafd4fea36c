/*
 * workspace.c: loads a record and a protocol, makes a plan; owns the memory that the library borrows.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"
#include "words/tree.h"

extern const unsigned char lw_builtin_protocol[]; /* generated from protocols/pht/pht.protocol */
extern const size_t lw_builtin_protocol_len;

/* A last line that is half, as a power loss leaves it, was never confirmed to anybody: says how to go on without it. */
static void say_torn(const char *path, lw_str text, uint32_t line) {
    uint32_t lines = 1;
    for (uint32_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n' ? 1 : 0;
    }
    if (text.len > 0 && text.ptr[text.len - 1] != '\n' && line == lines) {
        fprintf(stderr,
                "  The last line is not whole, as after a power loss: it was not stored, and nothing else is lost.\n"
                "  Leave it out with: head -n -1 %s >whole.jsonl\n",
                path);
    }
}

int cli_log_decode(const char *path, char *bytes, size_t len, bool quiet, cli_log *log) {
    size_t result_cap = 0, scratch_cap = 0;
    lw_record_size_hint(len, &result_cap, &scratch_cap);
    *log = (cli_log){.path = path};
    log->memory[0] = cli_need(result_cap);
    log->memory[1] = cli_need(scratch_cap);
    lw_arena result = lw_arena_over(log->memory[0], result_cap);
    lw_arena scratch = lw_arena_over(log->memory[1], scratch_cap);
    lw_str text = {bytes, (uint32_t)len};
    int32_t err = lw_record_read(text, &result, &scratch, &log->record, &log->diag);
    if (err == LW_ERR_NEWER) {
        log->newer = true;
        return CLI_OK;
    }
    if (err != 0) {
        if (log->diag.err == 0) {
            log->diag.err = err;
        }
        if (!quiet) {
            cli_diag_print(path, text, &log->diag);
            say_torn(path, text, log->diag.line);
        }
        return CLI_BAD;
    }
    return CLI_OK;
}

int cli_log_load(const char *path, cli_log *log) {
    cli_file file = {0};
    *log = (cli_log){0};
    int code = cli_file_read(path, LW_MAX_RECORD, &file);
    if (code != CLI_OK) {
        return code;
    }
    code = cli_log_decode(path, file.bytes, file.len, false, log);
    log->file = file;
    if (code != CLI_OK) {
        cli_log_free(log);
    }
    return code;
}

void cli_log_free(cli_log *log) {
    free(log->memory[0]);
    free(log->memory[1]);
    free(log->file.bytes);
    *log = (cli_log){0};
}

static bool file_given; /* a protocol was loaded from a file */

int cli_rules_load(const char *path, cli_rules *rules) {
    *rules = (cli_rules){0};
    file_given = file_given || path != NULL;
    lw_str source = {(const char *)lw_builtin_protocol, (uint32_t)lw_builtin_protocol_len};
    const char *name = "built-in protocol";
    if (path != NULL) {
        int code = cli_file_read(path, LW_MAX_PROTOCOL, &rules->file);
        if (code != CLI_OK) {
            return code;
        }
        source = (lw_str){rules->file.bytes, (uint32_t)rules->file.len};
        name = path;
    }
    rules->memory[0] = cli_need(LW_PROTOCOL_RESULT);
    rules->memory[1] = cli_need(LW_PROTOCOL_SCRATCH);
    lw_arena result = lw_arena_over(rules->memory[0], LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over(rules->memory[1], LW_PROTOCOL_SCRATCH);
    lw_diag items[32];
    memset(items, 0, sizeof items);
    lw_diags diags = {items, 32, 0};
    int32_t err = lw_protocol_compile(source, &result, &scratch, &rules->protocol, &diags);
    if (err == 0) {
        return CLI_OK;
    }
    uint32_t shown = diags.count < diags.cap ? diags.count : diags.cap;
    for (uint32_t i = 0; i < shown; i++) {
        cli_diag_print(name, source, &items[i]);
    }
    if (shown == 0) {
        fprintf(stderr, "%s: %s\n", name, lw_err_sentence(err));
    } else if (diags.count > shown) {
        fprintf(stderr, "%s: and %u more\n", name, diags.count - shown);
    }
    cli_rules_free(rules);
    return CLI_BAD;
}

const lw_protocol *cli_rules_other(void) {
    static cli_rules builtin; /* compiled once, kept to the end */
    if (file_given && builtin.protocol == NULL) {
        cli_rules_load(NULL, &builtin);
    }
    return builtin.protocol;
}

void cli_rules_free(cli_rules *rules) {
    free(rules->memory[0]);
    free(rules->memory[1]);
    free(rules->file.bytes);
    *rules = (cli_rules){0};
}

int cli_plan_make(const cli_rules *rules, const cli_log *log, int32_t day, uint32_t flags, bool quiet, cli_plan *plan) {
    size_t result_need = 0, scratch_need = 0;
    lw_record_size_hint(log->record.bytes.len, &result_need, &scratch_need);
    size_t scratch_cap = LW_PLAN_SCRATCH + ((flags & LW_PLAN_HASH) != 0 ? scratch_need : 0);
    *plan = (cli_plan){0};
    plan->memory[0] = cli_need(LW_PLAN_RESULT);
    plan->memory[1] = cli_need(scratch_cap);
    lw_work work = {.result = lw_arena_over(plan->memory[0], LW_PLAN_RESULT),
                    .scratch = lw_arena_over(plan->memory[1], scratch_cap)};
    lw_diag diag = {0};
    int32_t err = lw_plan(rules->protocol, &log->record, day, flags, &work, &diag);
    if (err == 0) {
        plan->json = work.json;
        plan->root = lw_node_read(work.json, &plan->pool);
        if (plan->root != NULL) {
            return CLI_OK;
        }
        err = LW_ERR_SYNTAX;
    }
    if (!quiet) {
        if (diag.err == 0) {
            diag.err = err;
        }
        cli_diag_print(log->path, log->record.bytes, &diag);
    }
    cli_plan_free(plan);
    return err == LW_ERR_NEWER ? CLI_NEWER : CLI_BAD;
}

void cli_plan_free(cli_plan *plan) {
    free(plan->memory[0]);
    free(plan->memory[1]);
    lw_pool_free(&plan->pool);
    *plan = (cli_plan){0};
}

bool cli_log_span(const lw_record *record, int32_t *first, int32_t *last) {
    bool any = false;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->voided) {
            continue;
        }
        *first = !any || event->day < *first ? event->day : *first;
        *last = !any || event->day > *last ? event->day : *last;
        any = true;
    }
    return any;
}

int cli_newer_help(const cli_log *log) {
    cli_screen screen = cli_screen_out();
    if (log->diag.err != 0) {
        cli_diag_print(log->path, log->record.bytes, &log->diag);
    }
    cli_print(&screen, CLI_ALARM, "", "", cli_text("newer.title"));
    cli_print(&screen, CLI_PLAIN, "", "", cli_text("newer.body"));
    putchar('\n');
    cli_print(&screen, CLI_BOLD, "", "", cli_text("newer.flags"));
    for (int i = 1; i <= 15; i++) {
        char id[16];
        snprintf(id, sizeof id, "RF%02d", i);
        cli_print(&screen, CLI_PLAIN, "  - ", "    ", cli_word("flag", id));
        cli_print(&screen, CLI_DIM, "    ", "    ", cli_word("urgency", cli_flag_urgency(1u << (i - 1))));
    }
    return CLI_NEWER;
}

void cli_event_line(cli_buf *line, const char *patient, const char *kind, const char *at, const char *by,
                    const char *id, const char *data) {
    char now[32], fresh[37];
    if (at == NULL) {
        cli_local_now(now);
        at = now;
    }
    if (id == NULL) {
        cli_fresh_id(fresh);
        id = fresh;
    }
    cli_buf_str(line, "{\"v\":1,\"id\":");
    cli_buf_json(line, id);
    cli_buf_str(line, ",\"patient\":");
    cli_buf_json(line, patient);
    cli_buf_str(line, ",\"kind\":");
    cli_buf_json(line, kind);
    cli_buf_str(line, ",\"at\":");
    cli_buf_json(line, at);
    cli_buf_str(line, ",\"by\":");
    cli_buf_json(line, by);
    cli_buf_str(line, ",\"data\":");
    for (const char *c = data; *c != '\0'; c++) { /* one event, one line */
        cli_buf_add(line, *c == '\n' || *c == '\r' ? " " : c, 1);
    }
    cli_buf_str(line, "}");
}
