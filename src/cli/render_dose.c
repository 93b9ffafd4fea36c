/* render_dose.c: exercises and doses in words: sets and repetitions, load, tempo, rest; and what changes in them. */
#include <string.h>

#include "cli/render.h"
#include "protocol/protocol_tables.h"

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

static void add_tempo(cli_buf *text, const cli_node *tempo) {
    char down[8] = "", pause[8] = "", up[8] = "";
    if (tempo->type == CLI_STRING && sscanf(tempo->text, "%7[0-9]-%7[0-9]-%7[0-9]", down, pause, up) == 3) {
        cli_part(text, "dose.tempo", CLI_ARGS("down", down, "pause", pause, "up", up));
    } else if (tempo->type == CLI_LIST && cli_length(tempo) == 3) {
        cli_part(text, "dose.tempo",
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
        cli_part(text, "dose.load", CLI_ARGS("load_kg", load));
    } else if (cli_true_at(item, "choose_load")) {
        cli_part(text, "dose.load_choose", NULL);
    }
    if (cli_str_at(item, "distance_m") != NULL) {
        cli_part(text, "dose.distance", CLI_ARGS("distance_m", cli_str_at(item, "distance_m")));
    }
    if (cli_str_at(item, "speed_pct") != NULL) {
        cli_part(text, "dose.speed", CLI_ARGS("speed_pct", cli_str_at(item, "speed_pct")));
    }
    const cli_node *tempo = cli_at(item, "tempo");
    if (tempo != NULL) {
        add_tempo(text, tempo);
    }
    long rest = cli_int_at(item, "rest_s", 0);
    if (rest > 0 && (sets == NULL || strcmp(sets, "1") != 0)) {
        char number[24];
        snprintf(number, sizeof number, "%ld", rest % 60 == 0 ? rest / 60 : rest);
        cli_part(text, rest % 60 == 0 ? "dose.rest_min" : "dose.rest_s",
                 rest % 60 == 0 ? CLI_ARGS("rest", number) : CLI_ARGS("rest_s", number));
    }
    long times = cli_int_at(item, "times_a_day", 0);
    if (times > 1) {
        char number[24];
        snprintf(number, sizeof number, "%ld", times);
        cli_part(text, times == 2 ? "dose.twice" : "dose.times", CLI_ARGS("n", number));
    }
    if (cli_str_at(item, "effort_max") != NULL) {
        cli_part(text, "dose.effort", CLI_ARGS("effort", cli_str_at(item, "effort_max")));
    }
}

/* Adds one end of a step: a number with its unit, or the name of an exercise. */
static void add_step(cli_buf *text, const char *variable, const char *value, const lw_protocol *protocol) {
    static const struct {
        const char *variable, *unit;
    } units[] = {{"load", " kg"}, {"hold", " s"}, {"depth", "°"}, {"speed", " %"}, {"distance", " m"}};
    if (value == NULL) {
        cli_buf_str(text, cli_text("ui.unknown"));
        return;
    }
    if (strcmp(variable, "exercise") == 0) {
        cli_exercise_words(text, value, protocol);
        return;
    }
    cli_buf_str(text, value);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        cli_buf_str(text, strcmp(variable, units[i].variable) == 0 ? units[i].unit : "");
    }
}

void cli_change_words(cli_buf *text, const char *id, const cli_node *change, const lw_protocol *protocol) {
    const char *variable = cli_str_at(change, "variable");
    if (variable == NULL) {
        return;
    }
    cli_buf from = {0}, to = {0};
    add_step(&from, variable, cli_str_at(change, "from"), protocol);
    add_step(&to, variable, cli_str_at(change, "to"), protocol);
    cli_buf_str(text, text->len > 0 ? " " : "");
    cli_say(text, id, CLI_ARGS("variable", variable, "from", from.ptr, "to", to.ptr));
    cli_buf_free(&from);
    cli_buf_free(&to);
}

void cli_dose_notes(cli_buf *text, const cli_node *item, const lw_protocol *protocol) {
    cli_change_words(text, "change_line", cli_inside(item, "change"), protocol);
    const cli_node *lowered = cli_inside(item, "lowered");
    if (lowered != NULL && lowered->first != NULL) {
        cli_buf list = {0};
        for (const cli_node *one = lowered->first; one != NULL; one = one->next) {
            const char *name = cli_str_at(one, "variable");
            cli_buf_fmt(&list, "%s%s", list.len > 0 ? ", " : "", cli_word("lowered", name != NULL ? name : ""));
        }
        cli_buf_str(text, text->len > 0 ? " " : "");
        cli_say(text, "lowered_line", CLI_ARGS("list", list.ptr));
        cli_buf_free(&list);
    }
    cli_change_words(text, "proposal_line", cli_inside(item, "proposal"), protocol);
    if (cli_str_at(item, "cap") != NULL) {
        cli_buf_str(text, text->len > 0 ? " " : "");
        cli_say(text, "cap_line", CLI_ARGS("cap", cli_str_at(item, "cap")));
    }
}
