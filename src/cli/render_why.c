/*
 * render_why.c: the reasons of a plan: what each rule says, what it looked at, what it rests on, what would change it.
 */
#include <string.h>

#include "cli/render.h"
#include "protocol/protocol_tables.h"

/* The number a rule has among the reasons, from 1; 0 when it is not there. */
static int reason_number(const cli_node *plan, const char *rule) {
    int number = 0;
    for (const cli_node *why = plan != NULL ? cli_inside(plan, "why")->first : NULL; why != NULL; why = why->next) {
        number++;
        const char *id = cli_str_at(why, "rule");
        if (id != NULL && strcmp(id, rule) == 0) {
            return number;
        }
    }
    return 0;
}

void cli_reason_sentences(const cli_view *v, const char *indent, const cli_node *holder) {
    const cli_node *list = cli_inside(holder, "why"), *reasons = cli_inside(v->plan, "why");
    for (const cli_node *rule = list != NULL ? list->first : NULL; rule != NULL; rule = rule->next) {
        for (const cli_node *why = reasons != NULL ? reasons->first : NULL; why != NULL; why = why->next) {
            const char *id = cli_str_at(why, "rule");
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

void cli_reason_numbers(const cli_view *v, cli_buf *text, const cli_node *holder) {
    const cli_node *list = cli_inside(holder, "why");
    if (cli_inside(v->plan, "why") == NULL) {
        return;
    }
    for (const cli_node *rule = list != NULL ? list->first : NULL; rule != NULL; rule = rule->next) {
        int number = reason_number(v->plan, rule->text);
        if (number > 0) {
            cli_buf_fmt(text, " [%d]", number);
        }
    }
}

void cli_input_words(cli_buf *text, const cli_node *why) {
    const cli_node *inputs = cli_inside(why, "inputs");
    for (const cli_node *one = inputs != NULL ? inputs->first : NULL; one != NULL; one = one->next) {
        const char *name = cli_str_at(one, "name"), *value = cli_str_at(one, "value");
        if (name == NULL) {
            continue;
        }
        cli_buf_str(text, text->len > 0 ? "; " : "");
        const cli_node *raw = cli_at(one, "value");
        value = raw != NULL && raw->type == CLI_TRUE ? "yes" : raw != NULL && raw->type == CLI_FALSE ? "no" : value;
        char key[96];
        snprintf(key, sizeof key, "input.%s", name);
        const char *sentence = cli_text(key);
        if (strncmp(name, "tests.", 6) == 0) {
            cli_say(text, "input.tests",
                    CLI_ARGS("name", name + 6, "value", value != NULL ? value : cli_text("ui.unknown")));
        } else if (sentence == NULL) {
            cli_buf_fmt(text, "%s: %s", name, value != NULL ? value : cli_text("ui.unknown"));
        } else if (value != NULL) {
            cli_say(text, key, CLI_ARGS("value", value));
        } else { /* what stands before the value, without its unit */
            const char *at = strstr(sentence, "{value");
            cli_buf_add(text, sentence, at != NULL ? (size_t)(at - sentence) : strlen(sentence));
            cli_buf_fmt(text, "%s%s", at == sentence ? name : "", at == sentence ? ": " : "");
            cli_buf_str(text, cli_text("ui.unknown"));
        }
        const char *age = cli_str_at(one, "age_d");
        if (age != NULL && strcmp(age, "0") != 0) { /* what is of today needs no age */
            cli_buf_str(text, " (");
            cli_say(text, strcmp(age, "1") == 0 ? "ui.age_yesterday" : "ui.age_days", CLI_ARGS("n", age));
            cli_buf_str(text, ")");
        }
    }
}

/* The variant-th rule with this id, from 1; NULL when the protocol has none. */
static const lw_rule *rule_of(const lw_protocol *protocol, const char *id, long variant) {
    size_t len = strlen(id);
    for (int i = 0; protocol != NULL && i < protocol->rule_count; i++) {
        const lw_rule *rule = &protocol->rules[i];
        if (rule->id.len == len && memcmp(rule->id.ptr, id, len) == 0 && --variant <= 0) {
            return rule;
        }
    }
    return NULL;
}

/* The first of rule.ID.VARIANT, rule.ID.ACTION and rule.ID that is a sentence, each with ending; false when none is. */
static bool rule_key(char key[96], const char *id, long variant, const char *action, const char *ending) {
    snprintf(key, 96, "rule.%s.%ld%s", id, variant, ending);
    if (cli_text(key) != NULL) {
        return true;
    }
    snprintf(key, 96, "rule.%s.%s%s", id, action, ending);
    if (cli_text(key) != NULL) {
        return true;
    }
    snprintf(key, 96, "rule.%s%s", id, ending);
    return cli_text(key) != NULL;
}

/* Whether the sentence was written for this rule: always in the built-in protocol; in another, where the title is the same. */
static bool written_for(const lw_rule *own, const char *id, long variant) {
    const lw_protocol *builtin = cli_rules_other();
    if (builtin == NULL || own == NULL) {
        return true;
    }
    const lw_rule *known = rule_of(builtin, id, variant);
    return known != NULL && known->title.len == own->title.len &&
           memcmp(known->title.ptr, own->title.ptr, own->title.len) == 0;
}

/*
 * The sentence of the rule that spoke. A rule shown for what it waits for has a sentence of its own (….wait), so that
 * nothing is claimed to have happened. Where a protocol's rule is not the one the sentence was written for, its own title
 * is said instead.
 */
void cli_rule_words(cli_buf *text, const cli_node *why, const lw_protocol *protocol) {
    const char *id = cli_str_at(why, "rule"), *action = cli_str_at(why, "action");
    id = id != NULL ? id : "?";
    action = action != NULL ? action : "";
    long variant = cli_int_at(why, "variant", 1);
    const cli_node *fired = cli_at(why, "fired");
    bool waits = fired != NULL && fired->type == CLI_FALSE;
    const lw_rule *own = rule_of(protocol, id, variant);
    lw_str title = own != NULL ? own->title : (lw_str){NULL, 0};
    char key[96];
    if (rule_key(key, id, variant, action, waits ? ".wait" : "") && written_for(own, id, variant)) {
        cli_say(text, key, NULL);
        return;
    }
    cli_buf plain = {0};
    if (title.len > 0) {
        cli_buf_add(&plain, title.ptr, title.len);
    } else {
        cli_buf_str(&plain, id);
    }
    cli_say(text, waits ? "ui.not_today" : "ui.rule_title", CLI_ARGS("text", plain.ptr));
    cli_buf_free(&plain);
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

static void say_inputs(const cli_view *v, const cli_node *why) {
    cli_buf inputs = {0};
    cli_input_words(&inputs, why);
    if (inputs.len > 0) {
        cli_line(v, CLI_DIM, "     ", "     ", "ui.looked_at", CLI_ARGS("list", inputs.ptr));
    }
    cli_buf_free(&inputs);
}

static void say_source(const cli_view *v, const cli_node *why) {
    const char *tag = cli_str_at(why, "tag"), *grade = cli_str_at(why, "grade");
    cli_buf text = {0};
    if (grade != NULL && (tag == NULL || strcmp(tag, "D") != 0 || strcmp(grade, "D") != 0)) {
        cli_buf_fmt(&text, "%s (%s)", cli_word("grade", grade), grade);
    }
    if (tag != NULL) {
        cli_buf_fmt(&text, "%s%s", text.len > 0 ? "; " : "", cli_word("tag", tag));
    }
    const cli_node *cites = cli_inside(why, "cites");
    for (const cli_node *cite = cites != NULL ? cites->first : NULL; cite != NULL; cite = cite->next) {
        cli_buf_fmt(&text, "%s%s", cite == cites->first ? "; " : ", ", cite->text);
    }
    if (text.len > 0) {
        cli_line(v, CLI_DIM, "     ", "     ", "ui.source", CLI_ARGS("text", text.ptr));
    }
    for (const cli_node *cite = v->full && cites != NULL ? cites->first : NULL; cite != NULL; cite = cite->next) {
        add_source_texts(v, cite->text);
    }
    cli_buf_free(&text);
}

static void say_would_change(const cli_view *v, const cli_node *why) {
    const cli_node *would = cli_inside(why, "would_change");
    const char *id = cli_str_at(would, "id");
    if (id == NULL || id[0] == '\0') {
        return;
    }
    enum { MOST = 16 };
    const char *args[MOST + 1] = {0};
    int count = 0;
    const cli_node *given = cli_inside(would, "args");
    for (const cli_node *one = given != NULL ? given->first : NULL; one != NULL && count < MOST; one = one->next) {
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
static bool wanted_while_stopped(const cli_node *why) {
    const char *action = cli_str_at(why, "action");
    return action == NULL || strcmp(action, "stop") == 0 || strcmp(action, "review") == 0 ||
           cli_true_at(why, "binding");
}

/* In short only the reason that decided is told in full, the others in their sentence. */
void cli_reasons(const cli_view *v, bool stopped) {
    const cli_node *list = cli_inside(v->plan, "why");
    if (list == NULL || list->first == NULL) {
        return;
    }
    cli_heading(v, "ui.why");
    int number = 0;
    for (const cli_node *why = list->first; why != NULL; why = why->next) {
        const char *rule = cli_str_at(why, "rule");
        bool binding = cli_true_at(why, "binding");
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
