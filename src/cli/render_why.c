/*
 * render_why.c: the reasons of a plan: what each rule says, what it looked at, what it rests on, what would change it.
 */
#include <string.h>

#include "cli/render.h"
#include "protocol/protocol_tables.h"

/* The number a rule has among the reasons, from 1; 0 when it is not there. */
static int reason_number(const lw_node *plan, const char *rule) {
    int number = 0;
    for (const lw_node *why = plan != NULL ? lw_node_inside(plan, "why")->first : NULL; why != NULL; why = why->next) {
        number++;
        const char *id = lw_node_str(why, "rule");
        if (id != NULL && strcmp(id, rule) == 0) {
            return number;
        }
    }
    return 0;
}

void cli_reason_sentences(const cli_view *v, const char *indent, const lw_node *holder) {
    const lw_node *list = lw_node_inside(holder, "why"), *reasons = lw_node_inside(v->plan, "why");
    for (const lw_node *rule = list != NULL ? list->first : NULL; rule != NULL; rule = rule->next) {
        for (const lw_node *why = reasons != NULL ? reasons->first : NULL; why != NULL; why = why->next) {
            const char *id = lw_node_str(why, "rule");
            if (id != NULL && strcmp(id, rule->text) == 0) {
                cli_buf text = {0};
                cli_rule_words(&text, why, v->protocol);
                cli_buf_fmt(&text, " (%s)", id);
                cli_print(v->screen, CLI_PLAIN, indent, indent, text.ptr);
                cli_buf_free(&text);
                break;
            }
        }
    }
}

void cli_reason_numbers(const cli_view *v, cli_buf *text, const lw_node *holder) {
    const lw_node *list = lw_node_inside(holder, "why");
    if (lw_node_inside(v->plan, "why") == NULL) {
        return;
    }
    for (const lw_node *rule = list != NULL ? list->first : NULL; rule != NULL; rule = rule->next) {
        int number = reason_number(v->plan, rule->text);
        if (number > 0) {
            cli_buf_fmt(text, " [%d]", number);
        }
    }
}

static void add_source_texts(const cli_view *v, const char *key) {
    for (int i = 0; v->protocol != NULL && i < v->protocol->source_count; i++) {
        const lw_source_ref *ref = &v->protocol->sources[i];
        if (ref->key.len == strlen(key) && memcmp(ref->key.ptr, key, ref->key.len) == 0) {
            cli_buf text = {0};
            cli_buf_fmt(&text, "%s: %.*s", key, (int)ref->text.len, ref->text.ptr);
            cli_print(v->screen, CLI_DIM, "      ", "        ", text.ptr);
            cli_buf_free(&text);
        }
    }
}

static void say_inputs(const cli_view *v, const lw_node *why) {
    cli_buf inputs = {0};
    cli_input_words(&inputs, why);
    if (inputs.len > 0) {
        cli_line(v, CLI_DIM, "     ", "     ", "ui.looked_at", CLI_ARGS("list", inputs.ptr));
    }
    cli_buf_free(&inputs);
}

static void say_source(const cli_view *v, const lw_node *why) {
    const char *tag = lw_node_str(why, "tag"), *grade = lw_node_str(why, "grade");
    cli_buf text = {0};
    if (grade != NULL && (tag == NULL || strcmp(tag, "D") != 0 || strcmp(grade, "D") != 0)) {
        cli_buf_fmt(&text, "%s (%s)", cli_word("grade", grade), grade);
    }
    if (tag != NULL) {
        cli_buf_fmt(&text, "%s%s", text.len > 0 ? "; " : "", cli_word("tag", tag));
    }
    const lw_node *cites = lw_node_inside(why, "cites");
    for (const lw_node *cite = cites != NULL ? cites->first : NULL; cite != NULL; cite = cite->next) {
        cli_buf_fmt(&text, "%s%s", cite == cites->first ? "; " : ", ", cite->text);
    }
    if (text.len > 0) {
        cli_line(v, CLI_DIM, "     ", "     ", "ui.source", CLI_ARGS("text", text.ptr));
    }
    for (const lw_node *cite = v->full && cites != NULL ? cites->first : NULL; cite != NULL; cite = cite->next) {
        add_source_texts(v, cite->text);
    }
    cli_buf_free(&text);
}

static void say_would_change(const cli_view *v, const lw_node *why) {
    const lw_node *would = lw_node_inside(why, "would_change");
    const char *id = lw_node_str(would, "id");
    if (id == NULL || id[0] == '\0') {
        return;
    }
    enum { MOST = 16 };
    const char *args[MOST + 1] = {0};
    int count = 0;
    const lw_node *given = lw_node_inside(would, "args");
    for (const lw_node *one = given != NULL ? given->first : NULL; one != NULL && count < MOST; one = one->next) {
        args[count++] = one->name;
        args[count++] = one->text;
    }
    cli_buf text = {0};
    char key[96];
    snprintf(key, sizeof key, "would.%s", id);
    cli_say(&text, key, args);
    cli_line(v, CLI_DIM, "     ", "     ", "ui.would_change", CLI_ARGS("text", text.ptr));
    cli_buf_free(&text);
}

/* While everything is stopped, only what stops it and who should look matters. */
static bool wanted_while_stopped(const lw_node *why) {
    const char *action = lw_node_str(why, "action");
    return action == NULL || strcmp(action, "stop") == 0 || strcmp(action, "review") == 0 ||
           lw_node_true(why, "binding");
}

/* In short only the reason that decided is told in full, the others in their sentence. */
void cli_reasons(const cli_view *v, bool stopped) {
    const lw_node *list = lw_node_inside(v->plan, "why");
    if (list == NULL || list->first == NULL) {
        return;
    }
    cli_heading(v, "ui.why");
    int number = 0;
    for (const lw_node *why = list->first; why != NULL; why = why->next) {
        const char *rule = lw_node_str(why, "rule");
        bool binding = lw_node_true(why, "binding");
        cli_buf text = {0};
        char lead[16];
        snprintf(lead, sizeof lead, "%3d. ", ++number);
        if (stopped && !wanted_while_stopped(why)) {
            continue;
        }
        cli_rule_words(&text, why, v->protocol);
        cli_buf_fmt(&text, " (%s", rule != NULL ? rule : "?");
        if (binding) {
            cli_buf_fmt(&text, "; %s", cli_text("ui.binding"));
        }
        cli_buf_str(&text, ")");
        cli_print(v->screen, binding ? CLI_BOLD : CLI_PLAIN, lead, "     ", text.ptr);
        cli_buf_free(&text);
        if (v->full || binding) {
            say_inputs(v, why);
            say_source(v, why);
            say_would_change(v, why);
        }
    }
}
