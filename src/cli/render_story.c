/*
 * render_story.c: a record told day by day: what was logged, and the plan of that morning in a line; the last day, the one
 * the story is told for, with every exercise.
 *
 * Plans are made as replay makes them, without that day's exercise and activity; on the last day with everything, as today
 * does. Days that repeat the one before, in what was logged and in the plan, are counted and not shown.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/render_story.h"

enum { INDENT = 12 };
static const char *const rest = "            ";

/* ---- what was logged ---- */

static void add_scalar(cli_buf *text, const lw_node *value) {
    bool truth = value->type == LW_NODE_TRUE || value->type == LW_NODE_FALSE;
    cli_buf_str(text, truth ? cli_word("yn", value->type == LW_NODE_TRUE ? "yes" : "no") : value->text);
}

static void add_name(cli_buf *text, const char *name) {
    for (; *name != '\0'; name++) {
        cli_buf_add(text, *name == '_' ? " " : name, 1);
    }
    cli_buf_str(text, " ");
}

/* A list or object of scalars: "mon, wed", "hold s 30, effort 5". What stands deeper is left out. */
static void add_flat(cli_buf *text, const lw_node *value) {
    if (value->type != LW_NODE_LIST && value->type != LW_NODE_OBJECT) {
        add_scalar(text, value);
        return;
    }
    if (value->first == NULL) {
        cli_buf_str(text, cli_word("word", "none"));
    }
    for (const lw_node *one = value->first; one != NULL; one = one->next) {
        if (one != value->first) {
            cli_buf_str(text, ", ");
        }
        if (one->name != NULL) {
            add_name(text, one->name);
        }
        add_scalar(text, one);
    }
}

/* The same a level deeper: a list of sets, weights by equipment. Equal neighbours of a list are counted. */
static void add_value(cli_buf *text, const lw_node *value) {
    bool deep = (value->type == LW_NODE_LIST || value->type == LW_NODE_OBJECT) && value->first != NULL &&
                (value->first->type == LW_NODE_LIST || value->first->type == LW_NODE_OBJECT);
    if (!deep) {
        add_flat(text, value);
        return;
    }
    cli_buf before = {0};
    int same = 0;
    for (const lw_node *one = value->first; one != NULL; one = one->next) {
        cli_buf own = {0};
        if (one->name != NULL) {
            add_name(&own, one->name);
        }
        add_flat(&own, one);
        if (before.len > 0 && strcmp(before.ptr, own.ptr) == 0) {
            same++;
        } else {
            if (before.len > 0) {
                cli_buf_fmt(text, same > 1 ? "%d × (%s); " : "%.0d%s; ", same, before.ptr);
            }
            cli_buf_clear(&before);
            cli_buf_str(&before, own.ptr);
            same = 1;
        }
        cli_buf_free(&own);
    }
    cli_buf_fmt(text, same > 1 ? "%d × (%s)" : "%.0d%s", same > 1 ? same : 0, cli_buf_get(&before));
    cli_buf_free(&before);
}

static void event_words(cli_buf *text, const lw_event *event) {
    lw_pool pool = {0};
    const lw_node *data = lw_node_inside(lw_node_read(event->raw, &pool), "data");
    cli_buf_str(text, cli_word("word", lw_kind_name(event->kind)));
    for (const lw_node *one = data != NULL ? data->first : NULL; one != NULL; one = one->next) {
        cli_buf_str(text, one == data->first ? ": " : "; ");
        add_name(text, one->name);
        add_value(text, one);
    }
    lw_pool_free(&pool);
}

/* ---- what the plan says ---- */

static void add_item(cli_buf *text, const lw_node *item, const lw_protocol *protocol) {
    const char *exercise = lw_node_str(item, "exercise"), *side = lw_node_str(item, "side");
    cli_exercise_words(text, exercise != NULL ? exercise : "", protocol);
    cli_buf_fmt(text, ", %s: ", cli_word("side", side != NULL ? side : "both"));
    cli_dose_words(text, item);
}

static const char *verdict_of(const lw_node *plan) {
    const char *verdict = lw_node_str(plan, "verdict"), *status = lw_node_str(plan, "status");
    bool active = status == NULL || strcmp(status, "active") == 0;
    return active || strcmp(status, "stopped") == 0 ? (verdict != NULL ? verdict : "hold") : NULL;
}

/* "→ step up · slow strength · a big flare · shockwave: due", with the first exercise where `first` says so. */
static void plan_words(cli_buf *text, const lw_node *plan, const lw_protocol *protocol, bool first) {
    const char *verdict = verdict_of(plan), *stage = lw_node_str(lw_node_inside(plan, "stage"), "id");
    const char *flare = lw_node_str(plan, "flare"), *sw = lw_node_str(lw_node_inside(plan, "shockwave"), "status");
    cli_buf_str(text, "→ ");
    cli_buf_str(text, verdict != NULL ? cli_word("verdict", verdict) : cli_word("status", lw_node_str(plan, "status")));
    if (stage != NULL) {
        cli_buf_fmt(text, " · %s", cli_word("stage_short", stage));
    }
    if (flare != NULL && strcmp(flare, "none") != 0) {
        cli_buf_fmt(text, " · %s", cli_word("flare", flare));
    }
    if (sw != NULL && strcmp(sw, "none") != 0) {
        cli_buf_fmt(text, " · %s: %s", cli_text("diff.shockwave"), cli_word("shockwave_short", sw));
    }
    const lw_node *items = lw_node_inside(lw_node_inside(plan, "session"), "items");
    if (first && lw_node_length(items) > 0) {
        cli_buf_str(text, " · ");
        add_item(text, items->first, protocol);
        if (lw_node_length(items) > 1) {
            cli_buf_fmt(text, " (+%d)", lw_node_length(items) - 1);
        }
    }
}

static void last_plan(const cli_screen *screen, const lw_node *plan, const lw_protocol *protocol) {
    cli_buf text = {0};
    const lw_node *items = lw_node_inside(lw_node_inside(plan, "session"), "items");
    for (const lw_node *item = items != NULL ? items->first : NULL; item != NULL; item = item->next) {
        cli_buf_clear(&text);
        add_item(&text, item, protocol);
        cli_print(screen, CLI_PLAIN, "              - ", "                ", text.ptr);
    }
    const lw_node *run = lw_node_inside(plan, "run");
    char number[24];
    snprintf(number, sizeof number, "%ld", lw_node_int(run, "level", 0));
    cli_buf_clear(&text);
    cli_buf_fmt(&text, "%s: ", cli_text("diff.run"));
    cli_say(&text, lw_node_true(run, "allowed") ? "diff.level" : "diff.no_level", CLI_ARGS("n", number));
    cli_print(screen, CLI_PLAIN, rest, rest, text.ptr);
    const lw_node *whys = lw_node_inside(plan, "why");
    for (const lw_node *why = whys != NULL ? whys->first : NULL; why != NULL; why = why->next) {
        const char *rule = lw_node_str(why, "rule");
        if (lw_node_true(why, "binding") && rule != NULL) {
            cli_buf_clear(&text);
            cli_rule_words(&text, why, protocol);
            cli_buf_fmt(&text, " (%s)", rule);
            cli_print(screen, CLI_PLAIN, rest, rest, text.ptr);
        }
    }
    cli_buf_free(&text);
}

/* ---- the story ---- */

static bool of_morning(const lw_event *event) {
    return event->kind != LW_KIND_EXERCISE && event->kind != LW_KIND_ACTIVITY;
}

/* How many days like the one before were left out. */
static void repeated(const cli_screen *screen, int *days) {
    if (*days > 0) {
        char number[16];
        snprintf(number, sizeof number, "%d", *days);
        cli_buf text = {0};
        cli_say(&text, "prove.repeated", CLI_ARGS("n", number));
        cli_print(screen, CLI_DIM, rest, rest, text.ptr);
        cli_buf_free(&text);
    }
    *days = 0;
}

/* Adds the entries of a day that are of the morning, or those that are not, a line each. */
static void add_entries(cli_buf *text, const lw_record *record, int32_t day, bool morning) {
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->day == day && !event->voided && of_morning(event) == morning) {
            event_words(text, event);
            cli_buf_str(text, "\n");
        }
    }
}

/* Prints the lines of text; the first of a day stands beside its date. */
static void print_lines(const cli_screen *screen, cli_style style, const char *text, const char **lead) {
    cli_buf line = {0};
    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1) {
        cli_buf_clear(&line);
        cli_buf_add(&line, text, (size_t)(end - text));
        cli_print(screen, style, *lead, "              ", line.ptr);
        *lead = rest;
    }
    cli_buf_free(&line);
}

/* The plan of a day, its own exercise and activity left out unless it is the last. */
static int plan_of(const cli_rules *rules, const cli_log *log, lw_event *events, int32_t day, bool last,
                   cli_plan *plan) {
    const lw_record *record = &log->record;
    for (uint32_t i = 0; i < record->count; i++) {
        events[i].voided = record->events[i].voided || (!last && events[i].day == day && !of_morning(&events[i]));
    }
    cli_log morning = *log;
    morning.record.events = events;
    return cli_plan_make(rules, &morning, day, 0, false, plan);
}

int cli_story_print(const cli_screen *screen, const cli_rules *rules, const cli_log *log, int32_t from, int32_t to) {
    const lw_record *record = &log->record;
    lw_event *events = cli_need((size_t)record->count * sizeof *events);
    memcpy(events, record->events, (size_t)record->count * sizeof *events);
    cli_buf before = {0};
    int code = CLI_OK, same = 0;
    for (int32_t day = from; day <= to && code == CLI_OK; day++) {
        bool last = day == to;
        cli_plan plan = {0};
        code = plan_of(rules, log, events, day, last, &plan);
        if (code != CLI_OK) {
            break;
        }
        cli_buf morning = {0}, words = {0}, later = {0}, whole = {0};
        add_entries(&morning, record, day, true);
        plan_words(&words, plan.root, rules->protocol, !last);
        cli_buf_str(&words, "\n");
        add_entries(&later, record, day, false);
        cli_buf_fmt(&whole, "%s%s%s", cli_buf_get(&morning), words.ptr, cli_buf_get(&later));
        if (!last && strcmp(cli_buf_get(&before), whole.ptr) == 0) {
            same++;
        } else {
            char date[16], first[32];
            repeated(screen, &same);
            cli_day_short(day, date);
            snprintf(first, sizeof first, "%s%*s", date, INDENT - cli_columns(date), "");
            const char *lead = first;
            print_lines(screen, CLI_PLAIN, cli_buf_get(&morning), &lead);
            if (last) {
                print_lines(screen, CLI_PLAIN, cli_buf_get(&later), &lead);
                cli_print(screen, CLI_RED, lead, rest, cli_text("prove.this_day"));
                lead = rest;
            }
            print_lines(screen, last ? CLI_BOLD : CLI_DIM, words.ptr, &lead);
            if (last) {
                last_plan(screen, plan.root, rules->protocol);
            } else {
                print_lines(screen, CLI_PLAIN, cli_buf_get(&later), &lead);
            }
        }
        cli_buf_free(&before);
        before = whole;
        cli_buf_free(&morning);
        cli_buf_free(&words);
        cli_buf_free(&later);
        cli_plan_free(&plan);
    }
    cli_buf_free(&before);
    free(events);
    return code;
}
