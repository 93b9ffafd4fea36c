/*
 * verb_diff.c: why is today different? Two plans side by side: what changed, which reasons came or went, and what was
 * logged in between.
 */
#include <string.h>

#include "cli/locale.h"
#include "words/tree.h"

typedef struct pair {
    const lw_node *old, *new;
    const lw_protocol *protocol;
    cli_screen screen;
    int changes;
} pair;

static void title(pair *both, const char *id) {
    fputc('\n', both->screen.file);
    cli_print(&both->screen, CLI_BLUE, "", "", cli_text(id));
}

/* A line "what: before → after" where the two differ; an empty or missing side is a dash. */
static void changed(pair *both, const char *what, const char *before, const char *after) {
    before = before != NULL && before[0] != '\0' ? before : "–";
    after = after != NULL && after[0] != '\0' ? after : "–";
    if (strcmp(before, after) == 0) {
        return;
    }
    cli_buf line = {0};
    cli_say(&line, "diff.change", CLI_ARGS("what", what, "before", before, "after", after));
    cli_print(&both->screen, CLI_PLAIN, "  ", "    ", line.ptr);
    cli_buf_free(&line);
    both->changes++;
}

static const char *word_at(const lw_node *plan, const char *name, const char *family) {
    const char *id = lw_node_str(plan, name);
    return id != NULL ? cli_word(family, id) : NULL;
}

static const lw_node *twin(const lw_node *items, const lw_node *item) {
    const char *exercise = lw_node_str(item, "exercise"), *side = lw_node_str(item, "side");
    for (const lw_node *one = items != NULL ? items->first : NULL; one != NULL && exercise != NULL; one = one->next) {
        const char *other = lw_node_str(one, "exercise"), *other_side = lw_node_str(one, "side");
        if (other != NULL && strcmp(other, exercise) == 0 && (side == NULL) == (other_side == NULL) &&
            (side == NULL || strcmp(side, other_side) == 0)) {
            return one;
        }
    }
    return NULL;
}

static void add_name(const pair *both, cli_buf *text, const lw_node *item) {
    const char *side = lw_node_str(item, "side"), *exercise = lw_node_str(item, "exercise");
    cli_exercise_words(text, exercise != NULL ? exercise : "", both->protocol);
    if (side != NULL) {
        cli_buf_fmt(text, ", %s", cli_word("side", side));
    }
}

static void items(pair *both) {
    const lw_node *before = lw_node_inside(lw_node_inside(both->old, "session"), "items");
    const lw_node *after = lw_node_inside(lw_node_inside(both->new, "session"), "items");
    for (const lw_node *item = before != NULL ? before->first : NULL; item != NULL; item = item->next) {
        const lw_node *other = twin(after, item);
        cli_buf name = {0}, old_dose = {0}, new_dose = {0};
        add_name(both, &name, item);
        cli_dose_words(&old_dose, item);
        if (other != NULL) {
            cli_dose_words(&new_dose, other);
        } else {
            cli_buf_str(&new_dose, cli_text("diff.not_today"));
        }
        changed(both, cli_buf_get(&name), cli_buf_get(&old_dose), cli_buf_get(&new_dose));
        cli_buf_free(&name);
        cli_buf_free(&old_dose);
        cli_buf_free(&new_dose);
    }
    for (const lw_node *item = after != NULL ? after->first : NULL; item != NULL; item = item->next) {
        if (twin(before, item) != NULL) {
            continue;
        }
        cli_buf name = {0}, dose = {0};
        add_name(both, &name, item);
        cli_dose_words(&dose, item);
        changed(both, cli_buf_get(&name), "", cli_buf_get(&dose));
        cli_buf_free(&name);
        cli_buf_free(&dose);
    }
}

static void level(cli_buf *text, const lw_node *run) {
    char number[24];
    snprintf(number, sizeof number, "%ld", lw_node_int(run, "level", 0));
    cli_say(text, lw_node_true(run, "allowed") ? "diff.level" : "diff.no_level", CLI_ARGS("n", number));
}

static void plans(pair *both) {
    static const struct {
        const char *what, *inside, *member, *family;
    } words[] = {
        {"diff.status", NULL, "status", "status"},
        {"diff.today", NULL, "verdict", "verdict"},
        {"diff.stage", "stage", "id", "stage"},
        {"diff.flare", NULL, "flare", "flare"},
        {"diff.lighter", "deload", "cause", "deload"},
        {"diff.irritability", NULL, "irritability", "irritability"},
        {"diff.red_flag", "referral", "urgency", "urgency_short"},
        {"diff.review", "review", "urgency", "urgency_short"},
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const char *inside = words[i].inside;
        const lw_node *before = inside != NULL ? lw_node_inside(both->old, inside) : both->old;
        const lw_node *after = inside != NULL ? lw_node_inside(both->new, inside) : both->new;
        changed(both, cli_text(words[i].what), word_at(before, words[i].member, words[i].family),
                word_at(after, words[i].member, words[i].family));
    }
    items(both);
    const lw_node *old_run = lw_node_inside(both->old, "run"), *new_run = lw_node_inside(both->new, "run");
    cli_buf old_text = {0}, new_text = {0};
    level(&old_text, old_run);
    level(&new_text, new_run);
    changed(both, cli_text("diff.run"), old_text.ptr, new_text.ptr);
    cli_buf_free(&old_text);
    cli_buf_free(&new_text);
    changed(both, cli_text("diff.longest"), lw_node_str(old_run, "max_km"), lw_node_str(new_run, "max_km"));
    changed(both, cli_text("diff.shockwave"),
            word_at(lw_node_inside(both->old, "shockwave"), "status", "shockwave_short"),
            word_at(lw_node_inside(both->new, "shockwave"), "status", "shockwave_short"));
    changed(both, cli_text("diff.sitting"), lw_node_str(lw_node_inside(both->old, "sitting"), "limit_min"),
            lw_node_str(lw_node_inside(both->new, "sitting"), "limit_min"));
}

static bool has_rule(const lw_node *plan, const char *rule) {
    const lw_node *list = lw_node_inside(plan, "why");
    for (const lw_node *why = list != NULL ? list->first : NULL; why != NULL; why = why->next) {
        const char *own = lw_node_str(why, "rule");
        if (own != NULL && strcmp(own, rule) == 0) {
            return true;
        }
    }
    return false;
}

/* Reasons of one plan that the other does not have. */
static void reasons(pair *both, const lw_node *here, const lw_node *there, const char *head) {
    bool any = false;
    const lw_node *list = lw_node_inside(here, "why");
    for (const lw_node *why = list != NULL ? list->first : NULL; why != NULL; why = why->next) {
        const char *rule = lw_node_str(why, "rule");
        if (rule == NULL || has_rule(there, rule)) {
            continue;
        }
        if (!any) {
            title(both, head);
            any = true;
        }
        cli_buf text = {0}, inputs = {0};
        cli_rule_words(&text, why, both->protocol);
        cli_buf_fmt(&text, " (%s)", rule);
        cli_print(&both->screen, CLI_PLAIN, "  - ", "    ", text.ptr);
        cli_input_words(&inputs, why);
        if (inputs.len > 0) {
            cli_buf_clear(&text);
            cli_say(&text, "ui.looked_at", CLI_ARGS("list", inputs.ptr));
            cli_print(&both->screen, CLI_DIM, "    ", "    ", text.ptr);
        }
        cli_buf_free(&text);
        cli_buf_free(&inputs);
        both->changes++;
    }
}

static void logged(pair *both, const lw_record *record, int32_t from, int32_t to) {
    bool any = false;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->voided || event->day < from || event->day > to) {
            continue;
        }
        if (!any) {
            title(both, "diff.logged");
            any = true;
        }
        lw_pool pool = {0};
        const lw_node *data = lw_node_inside(lw_node_read(event->raw, &pool), "data");
        cli_buf text = {0};
        char date[16];
        cli_buf_fmt(&text, "%s  %s", cli_day_short(event->day, date), cli_word("word", lw_kind_name(event->kind)));
        for (const lw_node *one = data != NULL ? data->first : NULL; one != NULL; one = one->next) {
            if (one->type == LW_NODE_STRING || one->type == LW_NODE_NUMBER) {
                cli_buf_fmt(&text, ", %s %s", one->name, one->text);
            } else if (one->type == LW_NODE_TRUE || one->type == LW_NODE_FALSE) {
                cli_buf_fmt(&text, ", %s %s", one->name, cli_word("yn", one->type == LW_NODE_TRUE ? "yes" : "no"));
            }
        }
        cli_print(&both->screen, CLI_PLAIN, "  ", "              ", text.ptr);
        cli_buf_free(&text);
        lw_pool_free(&pool);
    }
}

int cli_verb_diff(const cli_args *args) {
    int32_t one = 0, two = 0;
    if (!cli_day_read(args->positional[1], &one) || !cli_day_read(args->positional[2], &two)) {
        return cli_usage(args, "two dates as 2026-03-06");
    }
    cli_log log = {0};
    cli_rules rules = {0};
    cli_plan before = {0}, after = {0};
    int code = cli_log_load(args->positional[0], &log);
    if (code == CLI_OK && log.newer) {
        code = cli_newer_help(&log);
    }
    if (code == CLI_OK) {
        code = cli_rules_load(cli_option_value(args, "--protocol"), &rules);
    }
    if (code == CLI_OK) {
        code = cli_plan_make(&rules, &log, one, 0, false, &before);
    }
    if (code == CLI_OK) {
        code = cli_plan_make(&rules, &log, two, 0, false, &after);
    }
    if (code == CLI_OK) {
        char one_text[40], two_text[40];
        pair both = {before.root, after.root, rules.protocol, cli_screen_out(), 0};
        printf("%s → %s\n\n", cli_day_long(one, one_text), cli_day_long(two, two_text));
        plans(&both);
        reasons(&both, both.new, both.old, "diff.new_reasons");
        reasons(&both, both.old, both.new, "diff.old_reasons");
        if (both.changes == 0) {
            cli_print(&both.screen, CLI_PLAIN, "  ", "  ", cli_text("diff.same"));
        } else {
            logged(&both, &log.record, one < two ? one : two + 1, one < two ? two : one);
            code = CLI_FINDING;
        }
    }
    cli_plan_free(&before);
    cli_plan_free(&after);
    cli_rules_free(&rules);
    cli_log_free(&log);
    return code;
}
