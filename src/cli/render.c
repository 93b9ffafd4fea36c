/*
 * render.c: a plan as a person reads it.
 *
 * The order is that of need: a red flag on top, then one sentence that says what today is, then what to do, then what to
 * leave out, then why. Every sentence comes from locales/ by id. Numbers in square brackets point to the reasons at the
 * end, which stand in the plan's order: strongest first.
 */
#include <string.h>

#include "cli/render.h"
#include "protocol/protocol_tables.h"

/* ---- small helpers ---- */

void cli_line(const cli_view *v, cli_style style, const char *first, const char *rest, const char *id,
              const char *const *args) {
    cli_buf text = {0};
    cli_say(&text, id, args);
    cli_print(v->screen, style, first, rest, cli_buf_get(&text));
    cli_buf_free(&text);
}

void cli_heading(const cli_view *v, const char *id) {
    fputc('\n', v->screen->file);
    cli_line(v, CLI_BLUE, "", "", id, NULL);
}

void cli_part(cli_buf *text, const char *id, const char *const *args) {
    if (text->len > 0) {
        cli_buf_str(text, ", ");
    }
    cli_say(text, id, args);
}

static const char *day_words(const char *iso, char out[16]) {
    int32_t day = 0;
    if (iso == NULL || !cli_day_read(iso, &day)) {
        return iso != NULL ? iso : cli_text("ui.unknown");
    }
    return cli_day_short(day, out);
}

/* ---- the parts of the page ---- */

static void cards(const cli_view *v) {
    const lw_node *referral = lw_node_inside(v->plan, "referral");
    if (referral != NULL) {
        uint32_t flags = 0;
        const lw_node *list = lw_node_inside(referral, "flags");
        for (const lw_node *flag = list != NULL ? list->first : NULL; flag != NULL; flag = flag->next) {
            for (int i = 0; i < LW_FLAGS; i++) {
                flags |= strcmp(flag->text, lw_flag_names[i]) == 0 ? LW_BIT(i) : 0;
            }
        }
        cli_flag_card(v->screen, flags);
        fputc('\n', v->screen->file);
    }
    const lw_node *review = lw_node_inside(v->plan, "review");
    if (review != NULL) {
        const char *urgency = lw_node_str(review, "urgency");
        cli_buf text = {0};
        cli_say(&text, "ui.review_card", NULL);
        cli_buf_fmt(&text, " (%s)", cli_word("urgency_short", urgency != NULL ? urgency : "routine"));
        cli_print(v->screen, CLI_YELLOW, "", "", text.ptr);
        cli_reason_sentences(v, "  ", review);
        fputc('\n', v->screen->file);
        cli_buf_free(&text);
    }
}

/* The working label, and what of its definition is met. */
static void diagnosis(const cli_view *v) {
    const lw_node *found = lw_node_inside(v->plan, "diagnosis");
    const char *label = lw_node_str(found, "label");
    if (label == NULL) {
        return;
    }
    cli_line(v, CLI_PLAIN, "", "  ", "label_line", CLI_ARGS("label", label));
    cli_buf list = {0};
    const lw_node *met = lw_node_inside(found, "met");
    for (met = met != NULL ? met->first : NULL; met != NULL; met = met->next) {
        cli_buf_fmt(&list, "%s%s", list.len > 0 ? ", " : "", cli_word("met", met->text));
    }
    if (list.len > 0) {
        cli_line(v, CLI_DIM, "", "  ", "ui.met", CLI_ARGS("list", list.ptr));
    }
    cli_buf_free(&list);
}

static void headline(const cli_view *v) {
    const char *status = lw_node_str(v->plan, "status");
    status = status != NULL ? status : "active";
    char key[64];
    lw_headline_id(v->plan, key);
    cli_style style = strcmp(key, "headline.progress") == 0       ? CLI_GREEN
                      : strncmp(key, "headline.regress", 16) == 0 ? CLI_YELLOW
                      : strcmp(key, "headline.stop") == 0         ? CLI_ALARM
                                                                  : CLI_BOLD;
    cli_line(v, style, "", "", key, NULL);

    const lw_node *stage = lw_node_inside(v->plan, "stage");
    if (stage != NULL && lw_node_str(stage, "id") != NULL && strcmp(status, "not_started") != 0 &&
        strcmp(status, "stopped") != 0) {
        cli_buf text = {0};
        cli_buf_str(&text, cli_word("stage", lw_node_str(stage, "id")));
        if (lw_node_str(stage, "day") != NULL) {
            cli_buf_str(&text, ", ");
            cli_say(&text, "stage_day", CLI_ARGS("day", lw_node_str(stage, "day")));
        }
        cli_print(v->screen, CLI_PLAIN, "", "  ", text.ptr);
        cli_buf_free(&text);
        const lw_node *proposal = lw_node_inside(stage, "proposal");
        const char *to = proposal != NULL ? lw_node_str(proposal, "to") : lw_node_str(stage, "proposal");
        if (to != NULL) {
            cli_line(v, CLI_GREEN, "", "  ", "stage_proposal", CLI_ARGS("to", to));
        }
    }
    const char *flare = lw_node_str(v->plan, "flare");
    if (flare != NULL && strcmp(flare, "none") != 0) {
        cli_line(v, CLI_YELLOW, "", "  ", "flare_line", CLI_ARGS("flare", flare));
    }
    const lw_node *deload = lw_node_inside(v->plan, "deload");
    if (deload != NULL) {
        char day[16];
        const char *cause = lw_node_str(deload, "cause");
        cli_line(
            v, CLI_YELLOW, "", "  ", "deload_line",
            CLI_ARGS("until", day_words(lw_node_str(deload, "until"), day), "cause", cause != NULL ? cause : "flare"));
    }
    if (v->full) {
        diagnosis(v);
    }
    const lw_node *test = lw_node_inside(v->plan, "morning_test");
    if (test != NULL && lw_node_str(test, "test") != NULL && strcmp(status, "active") == 0) {
        const char *reps = lw_node_str(test, "reps"), *side = lw_node_str(test, "side");
        fputc('\n', v->screen->file);
        cli_line(v, CLI_PLAIN, "", "  ", "morning_test",
                 CLI_ARGS("test", lw_node_str(test, "test"), "reps", reps != NULL ? reps : "3", "side",
                          side != NULL ? side : "both"));
    }
}

static void exercises(const cli_view *v) {
    const lw_node *session = lw_node_inside(v->plan, "session");
    const lw_node *items = lw_node_inside(session, "items");
    if (session == NULL) {
        return;
    }
    cli_heading(v, "ui.session");
    if (items == NULL || items->first == NULL) {
        cli_line(v, CLI_PLAIN, "  ", "  ", "ui.no_items", NULL);
        return;
    }
    /* Three columns where they fit, else each exercise over its dose. */
    int name_width = 0, side_width = 0;
    for (const lw_node *item = items->first; item != NULL; item = item->next) {
        cli_buf name = {0};
        cli_exercise_words(&name, lw_node_str(item, "exercise") != NULL ? lw_node_str(item, "exercise") : "",
                           v->protocol);
        int columns = cli_columns(cli_buf_get(&name));
        name_width = columns > name_width ? columns : name_width;
        const char *side = lw_node_str(item, "side");
        columns = side != NULL ? cli_columns(cli_word("side", side)) : 0;
        side_width = columns > side_width ? columns : side_width;
        cli_buf_free(&name);
    }
    bool table = v->screen->width - name_width - side_width - 6 >= 32;
    for (const lw_node *item = items->first; item != NULL; item = item->next) {
        cli_buf name = {0}, dose = {0}, notes = {0}, first = {0}, rest = {0};
        cli_exercise_words(&name, lw_node_str(item, "exercise") != NULL ? lw_node_str(item, "exercise") : "",
                           v->protocol);
        const char *side = lw_node_str(item, "side");
        side = side != NULL ? cli_word("side", side) : "";
        cli_dose_words(&dose, item);
        cli_reason_numbers(v, &dose, item);
        cli_dose_notes(&notes, item, v->protocol);
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
        cli_line(v, CLI_PLAIN, "  ", "  ", "ui.stop_if", CLI_ARGS("n", ceiling));
    }
}

static void labelled(const cli_view *v, const char *label, cli_style style, const char *text) {
    char lead[24];
    int columns = cli_columns(cli_text(label));
    snprintf(lead, sizeof lead, "%s%*s", cli_text(label), columns < 11 ? 11 - columns : 1, "");
    cli_print(v->screen, style, lead, "           ", text);
}

/* One line of the course: its label, what words says of the plan's member, the reasons. */
static void course_line(const cli_view *v, const char *label, const char *member,
                        void (*words)(lw_buf *, const lw_words *, const lw_node *)) {
    const lw_node *node = lw_node_inside(v->plan, member);
    if (node == NULL) {
        return;
    }
    lw_words w = {cli_reader(), v->protocol, NULL};
    lw_buf said = {0};
    cli_buf text = {0};
    words(&said, &w, node);
    cli_take(&text, &said);
    if (text.len > 0) {
        cli_reason_numbers(v, &text, node);
        labelled(v, label, CLI_PLAIN, cli_buf_get(&text));
    }
    cli_buf_free(&text);
}

void cli_render_run(const cli_view *v) {
    course_line(v, "ui.run", "run", lw_run_words);
}

static bool same_reasons(const lw_node *one, const lw_node *other) {
    const lw_node *a = lw_node_inside(one, "why"), *b = lw_node_inside(other, "why");
    a = a != NULL ? a->first : NULL;
    b = b != NULL ? b->first : NULL;
    while (a != NULL && b != NULL && strcmp(a->text, b->text) == 0) {
        a = a->next;
        b = b->next;
    }
    return a == NULL && b == NULL;
}

/* A list of words of one family in one paragraph under a heading; a reason's number stands after the last it is for. */
static void words(const cli_view *v, const char *title, const char *family, const char *list_name) {
    const lw_node *list = lw_node_inside(v->plan, list_name);
    if (list == NULL || list->first == NULL) {
        return;
    }
    cli_heading(v, title);
    cli_buf text = {0};
    for (const lw_node *one = list->first; one != NULL; one = one->next) {
        const char *id = one->type == LW_NODE_OBJECT ? lw_node_str(one, "what") : one->text;
        cli_buf_fmt(&text, "%s%s", text.len > 0 ? "; " : "", cli_word(family, id != NULL ? id : ""));
        if (one->type == LW_NODE_OBJECT && (one->next == NULL || !same_reasons(one, one->next))) {
            cli_reason_numbers(v, &text, one);
        }
    }
    cli_print(v->screen, CLI_PLAIN, "  ", "  ", cli_buf_get(&text));
    cli_buf_free(&text);
}

/* What to fill in, one line a date, the earliest first. */
static void due(const cli_view *v) {
    const lw_node *list = lw_node_inside(v->plan, "due");
    if (list == NULL || list->first == NULL) {
        return;
    }
    cli_heading(v, "ui.due");
    const char *after = ""; /* dates as text sort as days do */
    for (;;) {
        const char *next = NULL;
        for (const lw_node *one = list->first; one != NULL; one = one->next) {
            const char *by = lw_node_str(one, "by");
            next = by != NULL && strcmp(by, after) > 0 && (next == NULL || strcmp(by, next) < 0) ? by : next;
        }
        if (next == NULL) {
            return;
        }
        cli_buf text = {0};
        for (const lw_node *one = list->first; one != NULL; one = one->next) {
            const char *by = lw_node_str(one, "by"), *what = lw_node_str(one, "what");
            if (by != NULL && what != NULL && strcmp(by, next) == 0) {
                cli_buf_fmt(&text, "%s%s", text.len > 0 ? "; " : "", cli_word("due", what));
            }
        }
        char day[16];
        const char *on = lw_node_str(v->plan, "on");
        bool late = on != NULL && strcmp(next, on) < 0;
        cli_line(v, late ? CLI_YELLOW : CLI_PLAIN, "  ", "    ", late ? "due_late" : "due_by",
                 CLI_ARGS("what", cli_buf_get(&text), "date", day_words(next, day)));
        cli_buf_free(&text);
        after = next;
    }
}

static void advice(const cli_view *v) {
    const lw_node *list = lw_node_inside(v->plan, "advice");
    if (list == NULL || list->first == NULL) {
        return;
    }
    cli_heading(v, "ui.advice");
    for (const lw_node *one = list->first; one != NULL; one = one->next) {
        const char *id = one->type == LW_NODE_OBJECT ? lw_node_str(one, "id") : one->text;
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
        cli_reason_numbers(v, &text, one);
        cli_print(v->screen, CLI_PLAIN, "  - ", "    ", text.ptr);
        cli_buf_free(&text);
    }
}

static void gates(const cli_view *v) {
    const lw_node *list = lw_node_inside(v->plan, "gates");
    if (list == NULL || list->first == NULL) {
        return;
    }
    cli_heading(v, "ui.gates");
    for (const lw_node *gate = list->first; gate != NULL; gate = gate->next) {
        cli_buf needs = {0};
        const lw_node *need = lw_node_inside(gate, "needs");
        for (need = need != NULL ? need->first : NULL; need != NULL; need = need->next) {
            const char *word = cli_word("need", need->text);
            if (strstr(cli_buf_get(&needs), word) == NULL) { /* alternatives of one rule may ask for the same */
                cli_buf_fmt(&needs, "%s%s", needs.len > 0 ? "; " : "", word);
            }
        }
        const char *id = lw_node_str(gate, "id");
        cli_line(v, CLI_PLAIN, "  - ", "    ", lw_node_true(gate, "met") ? "gate_open" : "gate_needs",
                 CLI_ARGS("gate", id != NULL ? id : "", "list", cli_buf_get(&needs)));
        cli_buf_free(&needs);
    }
}

static void refused(const cli_view *v) {
    const lw_node *list = lw_node_inside(v->plan, "refused");
    if (list == NULL || list->first == NULL) {
        return;
    }
    cli_heading(v, "ui.refused");
    for (const lw_node *one = list->first; one != NULL; one = one->next) {
        const char *what = lw_node_str(one, "what"), *by = lw_node_str(one, "by");
        cli_line(v, CLI_PLAIN, "  - ", "    ", "refused_line",
                 CLI_ARGS("what", what != NULL ? what : "", "by", by != NULL ? by : ""));
    }
}

void cli_render_plan(const cli_screen *screen, const cli_plan *plan, const lw_protocol *protocol, bool full) {
    cli_view v = {screen, plan->root, protocol, full};
    cli_buf title = {0};
    int32_t day = 0;
    char words_of_day[40];
    const char *on = lw_node_str(v.plan, "on"), *patient = lw_node_str(v.plan, "patient");
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
    const char *status = lw_node_str(v.plan, "status");
    bool doing = status == NULL || strcmp(status, "active") == 0;
    if (doing) {
        exercises(&v);
        fputc('\n', screen->file);
        cli_render_run(&v);
        course_line(&v, "ui.sitting", "sitting", lw_sitting_words);
        course_line(&v, "ui.shockwave", "shockwave", lw_shockwave_words);
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
    cli_reasons(&v, stopped);
    if (!full) {
        fputc('\n', screen->file);
        cli_line(&v, CLI_DIM, "", "", "ui.explain", NULL);
    }
    long later = lw_node_int(v.plan, "later", 0);
    if (later > 0) {
        char number[24];
        snprintf(number, sizeof number, "%ld", later);
        fputc('\n', screen->file);
        cli_line(&v, CLI_DIM, "", "", "ui.later", CLI_ARGS("n", number));
    }
}
