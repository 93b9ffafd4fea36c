/*
 * verb_session.c: the evening's questions: what was done of today's plan, and how it felt. Each exercise becomes an entry
 * of its own at once, so that nothing is lost when the person stops half way. Steps that wait to be accepted are asked
 * first, and the plan is made anew with what was accepted.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/interview.h"
#include "cli/locale.h"
#include "cli/render.h"
#include "protocol/protocol_tables.h"
#include "words/tree.h"

typedef struct evening {
    cli_interview talk;
    cli_log log;
    cli_rules rules;
    cli_plan plan;
    long worst; /* pain of what was done */
} evening;

static void forget_plan(evening *e) {
    cli_plan_free(&e->plan);
    cli_log_free(&e->log);
}

static int make_plan(evening *e) {
    forget_plan(e);
    int code = cli_log_load(e->talk.path, &e->log);
    return code != CLI_OK ? code : cli_plan_make(&e->rules, &e->log, cli_interview_day(&e->talk), 0, false, &e->plan);
}

/* ---- steps that wait to be accepted ---- */

/* Asks about one proposal; *taken when it was accepted and written. */
static int offer(evening *e, const lw_node *proposal, const char *exercise, const char *what, bool *taken) {
    const lw_node *to = lw_node_at(proposal, "to");
    const char *variable = lw_node_str(proposal, "variable");
    if (to == NULL || variable == NULL || (to->type != LW_NODE_STRING && to->type != LW_NODE_NUMBER)) {
        return CLI_OK;
    }
    cli_buf question = {0}, name = {0};
    bool yes = false;
    if (exercise != NULL) {
        cli_exercise_words(&name, exercise, e->rules.protocol);
        cli_buf_str(&question, name.ptr);
        cli_buf_str(&question, ": ");
        cli_change_words(&question, "ask.accept", proposal, e->rules.protocol);
    } else {
        cli_say(&question, strcmp(what, "stage") == 0 ? "ask.accept_stage" : "ask.accept_run",
                CLI_ARGS("to", to->text));
    }
    int code = CLI_OK;
    if (cli_ask_yes(&e->talk.ask, question.ptr, &yes) && yes) {
        cli_buf data = {0};
        cli_buf_fmt(&data, "{\"%s\":", exercise != NULL ? "exercise" : "what");
        cli_buf_json(&data, exercise != NULL ? exercise : what);
        cli_buf_str(&data, ",\"variable\":");
        cli_buf_json(&data, variable);
        cli_buf_str(&data, ",\"to\":");
        if (to->type == LW_NODE_STRING) {
            cli_buf_json(&data, to->text);
        } else {
            cli_buf_str(&data, to->text);
        }
        cli_buf_str(&data, "}");
        code = cli_interview_write(&e->talk, "accepted", data.ptr);
        *taken = code == CLI_OK;
        cli_buf_free(&data);
    }
    cli_buf_free(&question);
    cli_buf_free(&name);
    return code;
}

static int offers(evening *e) {
    bool taken = false;
    int code = offer(e, lw_node_inside(lw_node_inside(e->plan.root, "stage"), "proposal"), NULL, "stage", &taken);
    if (code == CLI_OK) {
        code = offer(e, lw_node_inside(lw_node_inside(e->plan.root, "run"), "proposal"), NULL, "run", &taken);
    }
    const lw_node *items = lw_node_inside(lw_node_inside(e->plan.root, "session"), "items");
    for (const lw_node *item = items != NULL ? items->first : NULL; item != NULL && code == CLI_OK; item = item->next) {
        code = offer(e, lw_node_inside(item, "proposal"), lw_node_str(item, "exercise"), NULL, &taken);
    }
    return code == CLI_OK && taken ? make_plan(e) : code;
}

/* ---- what was done ---- */

/* What one set is counted in. */
static const char *measure_of(const lw_node *item) {
    return lw_node_str(item, "hold_s") != NULL       ? "hold_s"
           : lw_node_str(item, "contacts") != NULL   ? "contacts"
           : lw_node_str(item, "distance_m") != NULL ? "distance_m"
                                                     : "reps";
}

/* Adds sets as planned, or as asked when they were others. False when there is nothing to write. */
static bool add_sets(evening *e, cli_buf *data, const lw_node *item, bool as_planned) {
    cli_ask *ask = &e->talk.ask;
    const char *measure = measure_of(item), *weight = lw_node_str(item, "load_kg");
    long sets = lw_node_int(item, "sets", 1), each = lw_node_int(item, measure, 1);
    char kg[16] = "", key[40];
    snprintf(key, sizeof key, "ask.%s", measure);
    if (!as_planned && (!cli_ask_number(ask, cli_text("ask.sets"), 1, 20, &sets) ||
                        !cli_ask_number(ask, cli_text(key), 1, 1000, &each))) {
        return false;
    }
    if (weight != NULL) {
        snprintf(kg, sizeof kg, "%s", weight);
    }
    if ((lw_node_true(item, "choose_load") || (!as_planned && weight != NULL)) &&
        !cli_ask_decimal(ask, cli_text("ask.load_kg"), 500, kg, sizeof kg)) {
        kg[0] = '\0';
    }
    cli_buf_str(data, ",\"sets\":[");
    for (long i = 0; i < sets; i++) {
        cli_buf_fmt(data, "%s{\"%s\":%ld", i > 0 ? "," : "", measure, each);
        if (kg[0] != '\0') {
            cli_buf_fmt(data, ",\"load_kg\":%s", kg);
        }
        if (lw_node_str(item, "speed_pct") != NULL) {
            cli_buf_fmt(data, ",\"speed_pct\":%s", lw_node_str(item, "speed_pct"));
        }
        cli_buf_str(data, "}");
    }
    cli_buf_str(data, "]");
    return true;
}

static int exercise(evening *e, const lw_node *item) {
    static const char *const done[] = {"as-planned", "otherwise", "not-done"};
    const char *id = lw_node_str(item, "exercise"), *side = lw_node_str(item, "side");
    cli_buf line = {0}, data = {0};
    putchar('\n');
    cli_exercise_words(&line, id != NULL ? id : "", e->rules.protocol);
    cli_buf_fmt(&line, ", %s: ", cli_word("side", side != NULL ? side : "both"));
    cli_dose_words(&line, item);
    int how = 0, why = 0;
    long pain = 0, effort = 0;
    bool write = cli_ask_word(&e->talk.ask, line.ptr, done, 3, &how);
    cli_buf_fmt(&data, "{\"exercise\":\"%s\",\"side\":\"%s\"", id != NULL ? id : "", side != NULL ? side : "both");
    if (write && how == 2) {
        write = cli_ask_word(&e->talk.ask, cli_text("ask.skip"), lw_skip_names, LW_SKIP_WORDS, &why);
        cli_buf_fmt(&data, ",\"skip\":\"%s\"}", lw_skip_names[why]);
    } else if (write) {
        write = add_sets(e, &data, item, how == 0) &&
                cli_ask_number(&e->talk.ask, cli_text("ask.pain_during"), 0, 10, &pain);
        cli_buf_fmt(&data, ",\"pain_during\":%ld", pain);
        if (how == 0) {
            cli_buf_fmt(&data, ",\"depth_deg\":%ld", lw_node_int(item, "hip_flexion_max_deg", 0));
        }
        e->worst = pain > e->worst ? pain : e->worst;
        if (write && cli_ask_number(&e->talk.ask, cli_text("ask.effort"), 0, 10, &effort)) {
            cli_buf_fmt(&data, ",\"effort\":%ld", effort);
        }
        cli_buf_str(&data, "}");
    }
    int code = write ? cli_interview_write(&e->talk, "exercise", data.ptr) : CLI_OK;
    cli_buf_free(&line);
    cli_buf_free(&data);
    return code;
}

static int run(evening *e) {
    const lw_node *plan = lw_node_inside(e->plan.root, "run");
    char day[12];
    const char *next = lw_node_str(plan, "next_on");
    bool due = lw_node_true(plan, "allowed") &&
               (next == NULL || strcmp(next, cli_day_iso(cli_interview_day(&e->talk), day)) <= 0);
    bool ran = false;
    if (!due || !cli_ask_yes(&e->talk.ask, cli_text("ask.ran"), &ran) || !ran) {
        return CLI_OK;
    }
    long minutes = 0, run_minutes = 0, pain = 0, level = lw_node_int(plan, "level", 0);
    char km[16] = "";
    cli_buf data = {0};
    int code = CLI_OK;
    if (cli_ask_number(&e->talk.ask, cli_text("ask.run_whole"), 1, 600, &minutes)) {
        cli_buf_fmt(&data, "{\"type\":\"run\",\"minutes\":%ld,\"run_level\":%ld", minutes, level);
        if (cli_ask_number(&e->talk.ask, cli_text("ask.run_minutes"), 0, minutes, &run_minutes)) {
            cli_buf_fmt(&data, ",\"run_minutes\":%ld", run_minutes);
        }
        if (cli_ask_decimal(&e->talk.ask, cli_text("ask.run_km"), 200, km, sizeof km)) {
            cli_buf_fmt(&data, ",\"km\":%s", km);
        }
        if (cli_ask_number(&e->talk.ask, cli_text("ask.pain_during"), 0, 10, &pain)) {
            cli_buf_fmt(&data, ",\"pain_during\":%ld", pain);
        }
        cli_buf_str(&data, "}");
        code = cli_interview_write(&e->talk, "activity", data.ptr);
    }
    cli_buf_free(&data);
    return code;
}

int cli_verb_session(const cli_args *args) {
    evening e = {0};
    int code = cli_interview_begin(args, &e.talk, "patient");
    if (code == CLI_OK) {
        code = cli_rules_load(cli_option_value(args, "--protocol"), &e.rules);
    }
    if (code == CLI_OK) {
        code = make_plan(&e);
    }
    const char *status = code == CLI_OK ? lw_node_str(e.plan.root, "status") : NULL;
    if (code == CLI_OK && status != NULL && strcmp(status, "active") != 0) {
        code = cli_interview_show_plan(&e.talk); /* nothing is prescribed: why, and whom to see */
    } else if (code == CLI_OK) {
        code = offers(&e);
        const lw_node *items = code == CLI_OK ? lw_node_inside(lw_node_inside(e.plan.root, "session"), "items") : NULL;
        if (code == CLI_OK && lw_node_length(items) == 0) {
            cli_print(&e.talk.ask.screen, CLI_PLAIN, "", "", cli_text("ui.no_items"));
        }
        for (const lw_node *item = items != NULL ? items->first : NULL; item != NULL && code == CLI_OK;
             item = item->next) {
            code = exercise(&e, item);
        }
        code = code == CLI_OK ? run(&e) : code;
        cli_interview_finish(&e.talk);
        long amber = code == CLI_OK ? e.rules.protocol->params[LW_PARAM_PAIN_AMBER_MAX] / 100 : 10;
        if (e.worst > amber) {
            cli_buf text = {0};
            char number[24];
            snprintf(number, sizeof number, "%ld", amber);
            cli_say(&text, "ask.high_pain", CLI_ARGS("n", number));
            cli_print(&e.talk.ask.screen, CLI_YELLOW, "", "", text.ptr);
            cli_buf_free(&text);
        }
    }
    forget_plan(&e);
    cli_rules_free(&e.rules);
    cli_interview_end(&e.talk);
    return code;
}
