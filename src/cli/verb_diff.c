/*
 * verb_diff.c: why is today different? Two plans side by side: what changed, which reasons came or went, and what was
 * logged in between.
 */
#include <string.h>

#include "cli/json_tree.h"
#include "cli/locale.h"

typedef struct pair {
    const cli_node *old, *new;
    const lw_protocol *protocol;
    cli_screen screen;
    int changes;
} pair;

static void title(pair *both, const char *text) {
    fputc('\n', both->screen.file);
    cli_print(&both->screen, CLI_BLUE, "", "", text);
}

static void changed(pair *both, const char *what, const char *before, const char *after) {
    before = before != NULL && before[0] != '\0' ? before : "–";
    after = after != NULL && after[0] != '\0' ? after : "–";
    if (strcmp(before, after) == 0) {
        return;
    }
    cli_buf line = {0};
    cli_buf_fmt(&line, "%s: %s → %s", what, before, after);
    cli_print(&both->screen, CLI_PLAIN, "  ", "    ", line.ptr);
    cli_buf_free(&line);
    both->changes++;
}

static const char *word_at(const cli_node *plan, const char *name, const char *family) {
    const char *id = cli_str_at(plan, name);
    return id != NULL ? cli_word(family, id) : NULL;
}

static const cli_node *twin(const cli_node *items, const cli_node *item) {
    const char *exercise = cli_str_at(item, "exercise"), *side = cli_str_at(item, "side");
    for (const cli_node *one = items != NULL ? items->first : NULL; one != NULL && exercise != NULL; one = one->next) {
        const char *other = cli_str_at(one, "exercise"), *other_side = cli_str_at(one, "side");
        if (other != NULL && strcmp(other, exercise) == 0 && (side == NULL) == (other_side == NULL) &&
            (side == NULL || strcmp(side, other_side) == 0)) {
            return one;
        }
    }
    return NULL;
}

static void add_name(const pair *both, cli_buf *text, const cli_node *item) {
    const char *side = cli_str_at(item, "side"), *exercise = cli_str_at(item, "exercise");
    cli_exercise_words(text, exercise != NULL ? exercise : "", both->protocol);
    if (side != NULL) {
        cli_buf_fmt(text, ", %s", cli_word("side", side));
    }
}

static void items(pair *both) {
    const cli_node *before = cli_inside(cli_inside(both->old, "session"), "items");
    const cli_node *after = cli_inside(cli_inside(both->new, "session"), "items");
    for (const cli_node *item = before != NULL ? before->first : NULL; item != NULL; item = item->next) {
        const cli_node *other = twin(after, item);
        cli_buf name = {0}, old_dose = {0}, new_dose = {0};
        add_name(both, &name, item);
        cli_dose_words(&old_dose, item);
        if (other != NULL) {
            cli_dose_words(&new_dose, other);
        } else {
            cli_buf_str(&new_dose, "not today");
        }
        changed(both, cli_buf_get(&name), cli_buf_get(&old_dose), cli_buf_get(&new_dose));
        cli_buf_free(&name);
        cli_buf_free(&old_dose);
        cli_buf_free(&new_dose);
    }
    for (const cli_node *item = after != NULL ? after->first : NULL; item != NULL; item = item->next) {
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

static void plans(pair *both) {
    char old_text[64], new_text[64];
    changed(both, "Status", word_at(both->old, "status", "status"), word_at(both->new, "status", "status"));
    changed(both, "Today", word_at(both->old, "verdict", "verdict"), word_at(both->new, "verdict", "verdict"));
    changed(both, "Stage", word_at(cli_inside(both->old, "stage"), "id", "stage"),
            word_at(cli_inside(both->new, "stage"), "id", "stage"));
    changed(both, "Flare", word_at(both->old, "flare", "flare"), word_at(both->new, "flare", "flare"));
    changed(both, "Lighter spell", word_at(cli_inside(both->old, "deload"), "cause", "deload"),
            word_at(cli_inside(both->new, "deload"), "cause", "deload"));
    changed(both, "Irritability", word_at(both->old, "irritability", "irritability"),
            word_at(both->new, "irritability", "irritability"));
    changed(both, "Red flag", word_at(cli_inside(both->old, "referral"), "urgency", "urgency_short"),
            word_at(cli_inside(both->new, "referral"), "urgency", "urgency_short"));
    changed(both, "Review", word_at(cli_inside(both->old, "review"), "urgency", "urgency_short"),
            word_at(cli_inside(both->new, "review"), "urgency", "urgency_short"));
    items(both);
    const cli_node *old_run = cli_inside(both->old, "run"), *new_run = cli_inside(both->new, "run");
    snprintf(old_text, sizeof old_text, "%s %ld", cli_true_at(old_run, "allowed") ? "level" : "not yet, level",
             cli_int_at(old_run, "level", 0));
    snprintf(new_text, sizeof new_text, "%s %ld", cli_true_at(new_run, "allowed") ? "level" : "not yet, level",
             cli_int_at(new_run, "level", 0));
    changed(both, "Running", old_text, new_text);
    changed(both, "Longest run, km", cli_str_at(old_run, "max_km"), cli_str_at(new_run, "max_km"));
    changed(both, "Shockwave", word_at(cli_inside(both->old, "shockwave"), "status", "shockwave_short"),
            word_at(cli_inside(both->new, "shockwave"), "status", "shockwave_short"));
    changed(both, "Sitting, min at a time", cli_str_at(cli_inside(both->old, "sitting"), "limit_min"),
            cli_str_at(cli_inside(both->new, "sitting"), "limit_min"));
}

static bool has_rule(const cli_node *plan, const char *rule) {
    const cli_node *list = cli_inside(plan, "why");
    for (const cli_node *why = list != NULL ? list->first : NULL; why != NULL; why = why->next) {
        const char *own = cli_str_at(why, "rule");
        if (own != NULL && strcmp(own, rule) == 0) {
            return true;
        }
    }
    return false;
}

/* Reasons of one plan that the other does not have. */
static void reasons(pair *both, const cli_node *here, const cli_node *there, const char *head) {
    bool any = false;
    const cli_node *list = cli_inside(here, "why");
    for (const cli_node *why = list != NULL ? list->first : NULL; why != NULL; why = why->next) {
        const char *rule = cli_str_at(why, "rule");
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
            title(both, "Logged in between");
            any = true;
        }
        struct cli_pool *pool = NULL;
        const cli_node *data = cli_inside(cli_json_read(event->raw, &pool), "data");
        cli_buf text = {0};
        char date[16];
        cli_buf_fmt(&text, "%s  %s", cli_day_short(event->day, date), lw_kind_name(event->kind));
        for (const cli_node *one = data != NULL ? data->first : NULL; one != NULL; one = one->next) {
            if (one->type == CLI_STRING || one->type == CLI_NUMBER) {
                cli_buf_fmt(&text, ", %s %s", one->name, one->text);
            } else if (one->type == CLI_TRUE || one->type == CLI_FALSE) {
                cli_buf_fmt(&text, ", %s %s", one->name, one->type == CLI_TRUE ? "yes" : "no");
            }
        }
        cli_print(&both->screen, CLI_PLAIN, "  ", "              ", text.ptr);
        cli_buf_free(&text);
        cli_pool_free(pool);
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
        reasons(&both, both.new, both.old, "New reasons");
        reasons(&both, both.old, both.new, "No longer");
        if (both.changes == 0) {
            puts("  Both plans say the same.");
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
