/*
 * render.c: a plan as a person reads it.
 *
 * The order is that of need: a red flag on top, then one sentence that says what today is, then what to do, then what to
 * leave out, then why. Every sentence comes from locales/ by id. Numbers in square brackets point to the reasons at the
 * end, which stand in the plan's order: strongest first.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/json_tree.h"
#include "cli/locale.h"
#include "protocol/protocol_tables.h"

typedef struct view {
    const cli_screen *screen;
    const cli_node *plan;
    const lw_protocol *protocol;
    bool full;
} view;

/* ---- small helpers ---- */

static void say(const view *v, cli_style style, const char *first, const char *rest, const char *id,
                const char *const *args) {
    cli_buf text = {0};
    cli_say(&text, id, args);
    cli_print(v->screen, style, first, rest, cli_buf_get(&text));
    cli_buf_free(&text);
}

static void heading(const view *v, const char *id) {
    fputc('\n', v->screen->file);
    say(v, CLI_BLUE, "", "", id, NULL);
}

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

/* Adds " [1] [4]" for the rules in a list. */
static void add_reasons(const view *v, cli_buf *text, const cli_node *holder) {
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

static const char *day_words(const char *iso, char out[16]) {
    int32_t day = 0;
    if (iso == NULL || !cli_day_read(iso, &day)) {
        return iso != NULL ? iso : cli_text("ui.unknown");
    }
    return cli_day_short(day, out);
}

static const lw_exercise *exercise_of(const lw_protocol *protocol, const char *id) {
    size_t len = strlen(id);
    for (int i = 0; protocol != NULL && i < protocol->exercise_count; i++) {
        const lw_exercise *one = &protocol->exercises[i];
        if (one->id.len == len && memcmp(one->id.ptr, id, len) == 0) {
            return one;
        }
    }
    return NULL;
}

/* The locale's name of an exercise, or the protocol's own title. */
void cli_exercise_words(cli_buf *text, const char *id, const lw_protocol *protocol) {
    char key[96];
    snprintf(key, sizeof key, "ex.%s", id);
    const lw_exercise *own = exercise_of(protocol, id);
    if (cli_text(key) != NULL || own == NULL) {
        cli_say(text, key, NULL);
    } else {
        cli_buf_add(text, own->title.ptr, own->title.len);
    }
}

/* Adds the sentence with a separator before it when something stands there already. */
static void part(cli_buf *text, const char *id, const char *const *args) {
    if (text->len > 0) {
        cli_buf_str(text, ", ");
    }
    cli_say(text, id, args);
}

/* ---- the dose in words ---- */

static void add_tempo(cli_buf *text, const cli_node *tempo) {
    char down[8] = "", pause[8] = "", up[8] = "";
    if (tempo->type == CLI_STRING && sscanf(tempo->text, "%7[0-9]-%7[0-9]-%7[0-9]", down, pause, up) == 3) {
        part(text, "dose.tempo", CLI_ARGS("down", down, "pause", pause, "up", up));
    } else if (tempo->type == CLI_LIST && cli_length(tempo) == 3) {
        part(text, "dose.tempo",
             CLI_ARGS("down", tempo->first->text, "pause", tempo->first->next->text, "up",
                      tempo->first->next->next->text));
    }
}

void cli_dose_words(cli_buf *text, const cli_node *item) {
    const char *sets = cli_str_at(item, "sets"), *reps = cli_str_at(item, "reps");
    const char *hold = cli_str_at(item, "hold_s"), *contacts = cli_str_at(item, "contacts");
    if (sets != NULL && hold != NULL) {
        cli_say(text, "dose.sets_hold", CLI_ARGS("sets", sets, "hold_s", hold));
    } else if (sets != NULL && contacts != NULL) {
        cli_say(text, "dose.sets_contacts", CLI_ARGS("sets", sets, "contacts", contacts));
    } else if (sets != NULL && reps != NULL) {
        cli_say(text, "dose.sets_reps", CLI_ARGS("sets", sets, "reps", reps));
    } else if (sets != NULL) {
        cli_say(text, "dose.sets", CLI_ARGS("sets", sets));
    }
    const char *load = cli_str_at(item, "load_kg");
    if (load != NULL && strcmp(load, "0") != 0) {
        part(text, "dose.load", CLI_ARGS("load_kg", load));
    } else if (cli_true_at(item, "choose_load")) {
        part(text, "dose.load_choose", NULL);
    }
    if (cli_str_at(item, "distance_m") != NULL) {
        part(text, "dose.distance", CLI_ARGS("distance_m", cli_str_at(item, "distance_m")));
    }
    if (cli_str_at(item, "speed_pct") != NULL) {
        part(text, "dose.speed", CLI_ARGS("speed_pct", cli_str_at(item, "speed_pct")));
    }
    const cli_node *tempo = cli_at(item, "tempo");
    if (tempo != NULL) {
        add_tempo(text, tempo);
    }
    long rest = cli_int_at(item, "rest_s", 0);
    if (rest > 0) {
        char number[24];
        snprintf(number, sizeof number, "%ld", rest % 60 == 0 ? rest / 60 : rest);
        part(text, rest % 60 == 0 ? "dose.rest_min" : "dose.rest_s",
             rest % 60 == 0 ? CLI_ARGS("rest", number) : CLI_ARGS("rest_s", number));
    }
    long times = cli_int_at(item, "times_a_day", 0);
    if (times > 1) {
        char number[24];
        snprintf(number, sizeof number, "%ld", times);
        part(text, times == 2 ? "dose.twice" : "dose.times", CLI_ARGS("n", number));
    }
    if (cli_str_at(item, "effort_max") != NULL) {
        part(text, "dose.effort", CLI_ARGS("effort", cli_str_at(item, "effort_max")));
    }
}

/* What a step goes from and to, as words: text, number, or what an object says of itself. */
static const char *step_words(const cli_node *change, const char *name) {
    const char *text = cli_str_at(change, name);
    return text != NULL ? text : cli_text("ui.unknown");
}

static void add_notes(cli_buf *text, const cli_node *item) {
    const cli_node *change = cli_inside(item, "change");
    const char *variable = change != NULL ? cli_str_at(change, "variable") : cli_str_at(item, "change");
    if (change != NULL && variable != NULL) {
        cli_say(text, "change_line",
                CLI_ARGS("variable", variable, "from", step_words(change, "from"), "to", step_words(change, "to")));
    } else if (variable != NULL) {
        cli_say(text, "change_line_short", CLI_ARGS("variable", variable));
    }
    const cli_node *lowered = cli_inside(item, "lowered");
    if (lowered != NULL && lowered->first != NULL) {
        cli_buf list = {0};
        for (const cli_node *one = lowered->first; one != NULL; one = one->next) {
            const char *name = one->type == CLI_OBJECT ? cli_str_at(one, "variable") : one->text;
            cli_buf_fmt(&list, "%s%s", list.len > 0 ? ", " : "", cli_word("lowered", name != NULL ? name : ""));
        }
        cli_buf_str(text, text->len > 0 ? " " : "");
        cli_say(text, "lowered_line", CLI_ARGS("list", list.ptr));
        cli_buf_free(&list);
    }
    const cli_node *proposal = cli_inside(item, "proposal");
    if (proposal != NULL && cli_str_at(proposal, "variable") != NULL) {
        cli_buf_str(text, text->len > 0 ? " " : "");
        cli_say(text, "proposal_line",
                CLI_ARGS("variable", cli_str_at(proposal, "variable"), "from", step_words(proposal, "from"), "to",
                         step_words(proposal, "to")));
    }
    if (cli_str_at(item, "cap") != NULL) {
        cli_buf_str(text, text->len > 0 ? " " : "");
        cli_say(text, "cap_line", CLI_ARGS("cap", cli_str_at(item, "cap")));
    }
}

/* ---- the parts of the page ---- */

static void cards(const view *v) {
    const cli_node *referral = cli_inside(v->plan, "referral");
    if (referral != NULL) {
        uint32_t flags = 0;
        const cli_node *list = cli_inside(referral, "flags");
        for (const cli_node *flag = list != NULL ? list->first : NULL; flag != NULL; flag = flag->next) {
            for (int i = 0; i < LW_FLAGS; i++) {
                flags |= strcmp(flag->text, lw_flag_names[i]) == 0 ? LW_BIT(i) : 0;
            }
        }
        cli_flag_card(v->screen, flags);
        fputc('\n', v->screen->file);
    }
    const cli_node *review = cli_inside(v->plan, "review");
    if (review != NULL) {
        const char *urgency = cli_str_at(review, "urgency");
        cli_buf text = {0};
        cli_say(&text, "ui.review_card", NULL);
        cli_buf_fmt(&text, " (%s)", cli_word("urgency_short", urgency != NULL ? urgency : "routine"));
        add_reasons(v, &text, review);
        cli_print(v->screen, CLI_YELLOW, "", "", text.ptr);
        fputc('\n', v->screen->file);
        cli_buf_free(&text);
    }
}

static void headline(const view *v) {
    const char *status = cli_str_at(v->plan, "status"), *verdict = cli_str_at(v->plan, "verdict");
    status = status != NULL ? status : "active";
    verdict = verdict != NULL ? verdict : "hold";
    const cli_node *session = cli_inside(v->plan, "session");
    bool items = cli_length(cli_inside(session, "items")) > 0;
    char key[64];
    cli_style style = CLI_BOLD;
    if (strcmp(status, "active") == 0) {
        bool rest = strcmp(verdict, "hold") == 0 && !items;
        snprintf(key, sizeof key, "headline.%s", rest ? "hold_rest" : verdict);
        style = strcmp(verdict, "progress") == 0  ? CLI_GREEN
                : strcmp(verdict, "regress") == 0 ? CLI_YELLOW
                : strcmp(verdict, "stop") == 0    ? CLI_RED
                                                  : CLI_BOLD;
    } else {
        snprintf(key, sizeof key, "headline.%s", strcmp(status, "stopped") == 0 ? "stop" : status);
        style = strcmp(status, "stopped") == 0 ? CLI_RED : CLI_BOLD;
    }
    say(v, style, "", "", key, NULL);

    const cli_node *stage = cli_inside(v->plan, "stage");
    if (stage != NULL && cli_str_at(stage, "id") != NULL && strcmp(status, "not_started") != 0) {
        cli_buf text = {0};
        cli_buf_str(&text, cli_word("stage", cli_str_at(stage, "id")));
        if (cli_str_at(stage, "day") != NULL) {
            cli_buf_str(&text, ", ");
            cli_say(&text, "stage_day", CLI_ARGS("day", cli_str_at(stage, "day")));
        }
        cli_print(v->screen, CLI_PLAIN, "", "  ", text.ptr);
        cli_buf_free(&text);
        const cli_node *proposal = cli_inside(stage, "proposal");
        const char *to = proposal != NULL ? cli_str_at(proposal, "to") : cli_str_at(stage, "proposal");
        if (to != NULL) {
            say(v, CLI_GREEN, "", "  ", "stage_proposal", CLI_ARGS("to", to));
        }
    }
    const char *flare = cli_str_at(v->plan, "flare");
    if (flare != NULL && strcmp(flare, "none") != 0) {
        say(v, CLI_YELLOW, "", "  ", "flare_line", CLI_ARGS("flare", flare));
    }
    const cli_node *deload = cli_inside(v->plan, "deload");
    if (deload != NULL) {
        char day[16];
        const char *cause = cli_str_at(deload, "cause");
        say(v, CLI_YELLOW, "", "  ", "deload_line",
            CLI_ARGS("until", day_words(cli_str_at(deload, "until"), day), "cause", cause != NULL ? cause : "flare"));
    }
    if (v->full && cli_inside(v->plan, "diagnosis") != NULL &&
        cli_str_at(cli_inside(v->plan, "diagnosis"), "label") != NULL) {
        say(v, CLI_PLAIN, "", "  ", "label_line",
            CLI_ARGS("label", cli_str_at(cli_inside(v->plan, "diagnosis"), "label")));
    }
    const cli_node *test = cli_inside(v->plan, "morning_test");
    if (test != NULL && cli_str_at(test, "test") != NULL && strcmp(status, "stopped") != 0) {
        const char *reps = cli_str_at(test, "reps"), *side = cli_str_at(test, "side");
        fputc('\n', v->screen->file);
        say(v, CLI_PLAIN, "", "  ", "morning_test",
            CLI_ARGS("test", cli_str_at(test, "test"), "reps", reps != NULL ? reps : "3", "side",
                     side != NULL ? side : "both"));
    }
}

static void exercises(const view *v) {
    const cli_node *session = cli_inside(v->plan, "session");
    const cli_node *items = cli_inside(session, "items");
    if (session == NULL) {
        return;
    }
    heading(v, "ui.session");
    if (items == NULL || items->first == NULL) {
        say(v, CLI_PLAIN, "  ", "  ", "ui.no_items", NULL);
        return;
    }
    /* Three columns where they fit, else each exercise over its dose. */
    int name_width = 0, side_width = 0;
    for (const cli_node *item = items->first; item != NULL; item = item->next) {
        cli_buf name = {0};
        cli_exercise_words(&name, cli_str_at(item, "exercise") != NULL ? cli_str_at(item, "exercise") : "",
                           v->protocol);
        int columns = cli_columns(cli_buf_get(&name));
        name_width = columns > name_width ? columns : name_width;
        const char *side = cli_str_at(item, "side");
        columns = side != NULL ? cli_columns(cli_word("side", side)) : 0;
        side_width = columns > side_width ? columns : side_width;
        cli_buf_free(&name);
    }
    bool table = v->screen->width - name_width - side_width - 6 >= 32;
    for (const cli_node *item = items->first; item != NULL; item = item->next) {
        cli_buf name = {0}, dose = {0}, notes = {0}, first = {0}, rest = {0};
        cli_exercise_words(&name, cli_str_at(item, "exercise") != NULL ? cli_str_at(item, "exercise") : "",
                           v->protocol);
        const char *side = cli_str_at(item, "side");
        side = side != NULL ? cli_word("side", side) : "";
        cli_dose_words(&dose, item);
        add_reasons(v, &dose, item);
        add_notes(&notes, item);
        if (table) {
            cli_buf_fmt(&first, "  %s%*s  %s%*s  ", name.ptr, name_width - cli_columns(name.ptr), "", side,
                        side_width - cli_columns(side), "");
            cli_buf_fmt(&rest, "%*s", name_width + side_width + 6, "");
        } else {
            cli_buf_fmt(&first, "%s, %s", name.ptr, side);
            cli_print(v->screen, CLI_BOLD, "  ", "  ", first.ptr);
            cli_buf_clear(&first);
            cli_buf_str(&first, "    ");
            cli_buf_str(&rest, "    ");
        }
        cli_print(v->screen, table ? CLI_BOLD : CLI_PLAIN, first.ptr, rest.ptr, cli_buf_get(&dose));
        if (notes.len > 0) {
            cli_print(v->screen, CLI_DIM, rest.ptr, rest.ptr, notes.ptr);
        }
        cli_buf_free(&name);
        cli_buf_free(&dose);
        cli_buf_free(&notes);
        cli_buf_free(&first);
        cli_buf_free(&rest);
    }
    if (v->protocol != NULL) {
        char ceiling[16];
        snprintf(ceiling, sizeof ceiling, "%d", (int)v->protocol->params[LW_PARAM_PAIN_AMBER_MAX] / 100);
        say(v, CLI_PLAIN, "  ", "  ", "ui.stop_if", CLI_ARGS("n", ceiling));
    }
}

static void labelled(const view *v, const char *label, cli_style style, const char *text) {
    char lead[24];
    int columns = cli_columns(cli_text(label));
    snprintf(lead, sizeof lead, "%s%*s", cli_text(label), columns < 11 ? 11 - columns : 1, "");
    cli_print(v->screen, style, lead, "           ", text);
}

static void running(const view *v) {
    const cli_node *run = cli_inside(v->plan, "run");
    if (run == NULL) {
        return;
    }
    cli_buf text = {0};
    char day[16];
    if (!cli_true_at(run, "allowed")) {
        cli_say(&text, "run.not_allowed", NULL);
    } else {
        const char *walk = cli_str_at(run, "walk_min"), *minutes = cli_str_at(run, "run_min");
        const char *repeats = cli_str_at(run, "repeats");
        if (walk != NULL && strcmp(walk, "0") != 0 && minutes != NULL && repeats != NULL) {
            cli_say(&text, "run.walk_run", CLI_ARGS("repeats", repeats, "walk_min", walk, "run_min", minutes));
        } else if (minutes != NULL) {
            cli_say(&text, "run.continuous", CLI_ARGS("run_min", minutes));
        }
        if (cli_str_at(run, "max_km") != NULL) {
            part(&text, "run.max_km", CLI_ARGS("max_km", cli_str_at(run, "max_km")));
        }
        if (cli_str_at(run, "max_min") != NULL) {
            part(&text, "run.max_min", CLI_ARGS("max_min", cli_str_at(run, "max_min")));
        }
        part(&text, cli_true_at(run, "hills") ? "run.hills" : "run.no_hills", NULL);
        if (cli_str_at(run, "speed_pct_max") != NULL) {
            part(&text, "run.speed", CLI_ARGS("speed_pct_max", cli_str_at(run, "speed_pct_max")));
        }
        if (cli_str_at(run, "next_on") != NULL) {
            part(&text, "run.next_on", CLI_ARGS("date", day_words(cli_str_at(run, "next_on"), day)));
        }
    }
    if (cli_at(run, "proposal") != NULL && cli_at(run, "proposal")->type != CLI_NULL) {
        cli_buf_str(&text, ". ");
        cli_say(&text, "run.proposal", NULL);
    }
    add_reasons(v, &text, run);
    labelled(v, "ui.run", CLI_PLAIN, cli_buf_get(&text));
    cli_buf_free(&text);
}

static void sitting(const view *v) {
    const cli_node *sit = cli_inside(v->plan, "sitting");
    if (sit == NULL || (cli_str_at(sit, "limit_min") == NULL && cli_str_at(sit, "break_every_min") == NULL)) {
        return;
    }
    cli_buf text = {0};
    if (cli_str_at(sit, "limit_min") != NULL) {
        cli_say(&text, "sitting.limit", CLI_ARGS("limit_min", cli_str_at(sit, "limit_min")));
    }
    if (cli_str_at(sit, "break_every_min") != NULL) {
        cli_buf_str(&text, text.len > 0 ? " " : "");
        cli_say(&text, "sitting.break", CLI_ARGS("break_every_min", cli_str_at(sit, "break_every_min")));
    }
    add_reasons(v, &text, sit);
    labelled(v, "ui.sitting", CLI_PLAIN, cli_buf_get(&text));
    cli_buf_free(&text);
}

static void shockwave(const view *v) {
    const cli_node *sw = cli_inside(v->plan, "shockwave");
    const char *status = cli_str_at(sw, "status");
    if (status == NULL || strcmp(status, "none") == 0) {
        return;
    }
    cli_buf text = {0};
    char key[64], day[16];
    const char *next = cli_str_at(sw, "next_on"), *quiet = cli_str_at(sw, "quiet_until");
    const char *session = cli_str_at(sw, "session");
    bool due = strcmp(status, "due") == 0;
    snprintf(key, sizeof key, "shockwave.%s%s", status, due && (session == NULL || next == NULL) ? "_nodate" : "");
    const char *date = strcmp(status, "quiet") == 0 ? quiet : next;
    cli_say(&text, key, CLI_ARGS("date", day_words(date, day), "n", session != NULL ? session : "1"));
    if (!due && next != NULL) {
        cli_buf_str(&text, " ");
        cli_say(&text, "shockwave_next", CLI_ARGS("date", day_words(next, day)));
    }
    add_reasons(v, &text, sw);
    labelled(v, "ui.shockwave", CLI_PLAIN, cli_buf_get(&text));
    cli_buf_free(&text);
}

/* A list of words of one family in one paragraph under a heading. */
static void words(const view *v, const char *title, const char *family, const char *list_name) {
    const cli_node *list = cli_inside(v->plan, list_name);
    if (list == NULL || list->first == NULL) {
        return;
    }
    heading(v, title);
    cli_buf text = {0};
    for (const cli_node *one = list->first; one != NULL; one = one->next) {
        const char *id = one->type == CLI_OBJECT ? cli_str_at(one, "what") : one->text;
        cli_buf_fmt(&text, "%s%s", text.len > 0 ? "; " : "", cli_word(family, id != NULL ? id : ""));
        if (one->type == CLI_OBJECT) {
            add_reasons(v, &text, one);
        }
    }
    cli_print(v->screen, CLI_PLAIN, "  ", "  ", cli_buf_get(&text));
    cli_buf_free(&text);
}

/* What to fill in, one line a date. */
static void due(const view *v) {
    const cli_node *list = cli_inside(v->plan, "due");
    if (list == NULL || list->first == NULL) {
        return;
    }
    heading(v, "ui.due");
    for (const cli_node *one = list->first; one != NULL; one = one->next) {
        const char *by = cli_str_at(one, "by");
        bool first = true;
        for (const cli_node *before = list->first; before != one; before = before->next) {
            const char *other = cli_str_at(before, "by");
            first = first && (by == NULL || other == NULL || strcmp(by, other) != 0);
        }
        cli_buf text = {0};
        for (const cli_node *same = first ? one : NULL; same != NULL; same = same->next) {
            const char *other = cli_str_at(same, "by"), *what = cli_str_at(same, "what");
            if (same == one || (by != NULL && other != NULL && strcmp(by, other) == 0)) {
                cli_buf_fmt(&text, "%s%s", text.len > 0 ? "; " : "", cli_word("due", what != NULL ? what : ""));
            }
        }
        if (text.len > 0) {
            char day[16];
            say(v, CLI_PLAIN, "  ", "    ", "due_by", CLI_ARGS("what", text.ptr, "date", day_words(by, day)));
        }
        cli_buf_free(&text);
    }
}

static void advice(const view *v) {
    const cli_node *list = cli_inside(v->plan, "advice");
    if (list == NULL || list->first == NULL) {
        return;
    }
    heading(v, "ui.advice");
    for (const cli_node *one = list->first; one != NULL; one = one->next) {
        const char *id = one->type == CLI_OBJECT ? cli_str_at(one, "id") : one->text;
        if (id == NULL) {
            continue;
        }
        cli_buf text = {0};
        const char *sentence = cli_word("advice", id);
        cli_buf_str(&text, sentence);
        for (int i = 0; sentence == id && v->protocol != NULL && i < v->protocol->text_count; i++) {
            const lw_text *own = &v->protocol->texts[i];
            if (own->id.len == strlen(id) && memcmp(own->id.ptr, id, own->id.len) == 0) {
                cli_buf_clear(&text);
                cli_buf_add(&text, own->text.ptr, own->text.len);
            }
        }
        add_reasons(v, &text, one);
        cli_print(v->screen, CLI_PLAIN, "  - ", "    ", text.ptr);
        cli_buf_free(&text);
    }
}

static void gates(const view *v) {
    const cli_node *list = cli_inside(v->plan, "gates");
    if (list == NULL || list->first == NULL) {
        return;
    }
    heading(v, "ui.gates");
    for (const cli_node *gate = list->first; gate != NULL; gate = gate->next) {
        cli_buf needs = {0};
        const cli_node *need = cli_inside(gate, "needs");
        for (need = need != NULL ? need->first : NULL; need != NULL; need = need->next) {
            const char *word = cli_word("need", need->text);
            if (strstr(cli_buf_get(&needs), word) == NULL) { /* alternatives of one rule may ask for the same */
                cli_buf_fmt(&needs, "%s%s", needs.len > 0 ? "; " : "", word);
            }
        }
        const char *id = cli_str_at(gate, "id");
        say(v, CLI_PLAIN, "  - ", "    ", cli_true_at(gate, "met") ? "gate_open" : "gate_needs",
            CLI_ARGS("gate", id != NULL ? id : "", "list", cli_buf_get(&needs)));
        cli_buf_free(&needs);
    }
}

static void refused(const view *v) {
    const cli_node *list = cli_inside(v->plan, "refused");
    if (list == NULL || list->first == NULL) {
        return;
    }
    heading(v, "ui.refused");
    for (const cli_node *one = list->first; one != NULL; one = one->next) {
        const char *what = cli_str_at(one, "what"), *by = cli_str_at(one, "by");
        say(v, CLI_PLAIN, "  - ", "    ", "refused_line",
            CLI_ARGS("what", what != NULL ? what : "", "by", by != NULL ? by : ""));
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

static const lw_rule *rule_of(const lw_protocol *protocol, const char *id) {
    size_t len = strlen(id);
    for (int i = 0; protocol != NULL && i < protocol->rule_count; i++) {
        if (protocol->rules[i].id.len == len && memcmp(protocol->rules[i].id.ptr, id, len) == 0) {
            return &protocol->rules[i];
        }
    }
    return NULL;
}

/* A rule may do several things under one id; rule.ID.ACTION says what this one does, rule.ID all of them. */
void cli_rule_words(cli_buf *text, const cli_node *why, const lw_protocol *protocol) {
    const char *id = cli_str_at(why, "rule"), *action = cli_str_at(why, "action");
    char key[96];
    id = id != NULL ? id : "?";
    snprintf(key, sizeof key, "rule.%s.%s", id, action != NULL ? action : "");
    if (cli_text(key) == NULL) {
        snprintf(key, sizeof key, "rule.%s", id);
    }
    const lw_rule *own = rule_of(protocol, id);
    if (cli_text(key) != NULL || own == NULL || own->title.len == 0) {
        cli_say(text, key, NULL);
    } else {
        cli_buf_add(text, own->title.ptr, own->title.len);
    }
}

static void add_source_texts(const view *v, const char *key) {
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

/* Whether a reason shaped what is done today, and not only what is said beside it. */
static bool shapes(const cli_node *why) {
    static const char *const beside[] = {"avoid", "label", "classify", "advise"};
    const char *action = cli_str_at(why, "action");
    for (size_t i = 0; action != NULL && i < sizeof beside / sizeof beside[0]; i++) {
        if (strcmp(action, beside[i]) == 0) {
            return false;
        }
    }
    return true;
}

static void say_inputs(const view *v, const cli_node *why) {
    cli_buf inputs = {0};
    cli_input_words(&inputs, why);
    if (inputs.len > 0) {
        say(v, CLI_DIM, "     ", "     ", "ui.looked_at", CLI_ARGS("list", inputs.ptr));
    }
    cli_buf_free(&inputs);
}

static void say_source(const view *v, const cli_node *why) {
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
        say(v, CLI_DIM, "     ", "     ", "ui.source", CLI_ARGS("text", text.ptr));
    }
    for (const cli_node *cite = v->full && cites != NULL ? cites->first : NULL; cite != NULL; cite = cite->next) {
        add_source_texts(v, cite->text);
    }
    cli_buf_free(&text);
}

static void say_would_change(const view *v, const cli_node *why) {
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
    say(v, CLI_DIM, "     ", "     ", "ui.would_change", CLI_ARGS("text", text.ptr));
    cli_buf_free(&text);
}

/* While everything is stopped, only what stops it and who should look matters. */
static bool wanted_while_stopped(const cli_node *why) {
    const char *action = cli_str_at(why, "action");
    return action == NULL || strcmp(action, "stop") == 0 || strcmp(action, "review") == 0 ||
           cli_true_at(why, "binding");
}

/* The reasons in the plan's order. In short, those beside the plan are one line each. */
static void reasons(const view *v, bool stopped) {
    const cli_node *list = cli_inside(v->plan, "why");
    if (list == NULL || list->first == NULL) {
        return;
    }
    heading(v, "ui.why");
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
        if (v->full || shapes(why)) {
            say_inputs(v, why);
            say_source(v, why);
            say_would_change(v, why);
        }
    }
}

void cli_render_plan(const cli_screen *screen, const cli_plan *plan, const lw_protocol *protocol, bool full) {
    view v = {screen, plan->root, protocol, full};
    cli_buf title = {0};
    int32_t day = 0;
    char words_of_day[40];
    const char *on = cli_str_at(v.plan, "on"), *patient = cli_str_at(v.plan, "patient");
    cli_say(&title, "ui.today",
            CLI_ARGS("date", on != NULL && cli_day_read(on, &day) ? cli_day_long(day, words_of_day) : "?"));
    if (patient != NULL) {
        cli_buf_fmt(&title, " · %s", patient);
    }
    cli_print(screen, CLI_DIM, "", "", title.ptr);
    cli_buf_free(&title);
    fputc('\n', screen->file);

    cards(&v);
    headline(&v);
    const char *status = cli_str_at(v.plan, "status");
    bool doing = status == NULL || strcmp(status, "active") == 0;
    if (doing) {
        exercises(&v);
        fputc('\n', screen->file);
        running(&v);
        sitting(&v);
        shockwave(&v);
        words(&v, "ui.avoid", "avoid", "avoid");
        words(&v, "ui.ok", "ok", "ok");
    }
    bool stopped = !full && status != NULL && strcmp(status, "stopped") == 0;
    if (!stopped) {
        words(&v, "ui.missing", "missing", "missing");
        due(&v);
    }
    if (full) {
        gates(&v);
        refused(&v);
    }
    if (!stopped) {
        advice(&v);
    }
    reasons(&v, stopped);
    long later = cli_int_at(v.plan, "later", 0);
    if (later > 0) {
        char number[24];
        snprintf(number, sizeof number, "%ld", later);
        fputc('\n', screen->file);
        say(&v, CLI_DIM, "", "", "ui.later", CLI_ARGS("n", number));
    }
}
