/* dose_words.c: exercises and doses in words: sets and repetitions, load, tempo, rest; and what changes in them. */
#include <stdio.h>
#include <string.h>

#include "protocol/protocol_tables.h"
#include "words/words.h"

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

void lw_exercise_words(lw_buf *text, const lw_words *w, const char *id) {
    char key[96];
    snprintf(key, sizeof key, "ex.%s", id);
    const lw_exercise *own = exercise_of(w->protocol, id);
    if (lw_sentence_of(w->language, key) != NULL || own == NULL) {
        lw_say(text, w->language, key, NULL);
    } else {
        lw_buf_add(text, own->title.ptr, own->title.len);
    }
}

static void add_tempo(lw_buf *text, const lw_words *w, const lw_node *tempo) {
    char down[8] = "", pause[8] = "", up[8] = "";
    if (tempo->type == LW_NODE_STRING && sscanf(tempo->text, "%7[0-9]-%7[0-9]-%7[0-9]", down, pause, up) == 3) {
        lw_say_next(text, w->language, "dose.tempo", LW_ARGS("down", down, "pause", pause, "up", up));
    } else if (tempo->type == LW_NODE_LIST && lw_node_length(tempo) == 3) {
        lw_say_next(text, w->language, "dose.tempo",
                    LW_ARGS("down", tempo->first->text, "pause", tempo->first->next->text, "up",
                            tempo->first->next->next->text));
    }
}

void lw_dose_words(lw_buf *text, const lw_words *w, const lw_node *item) {
    const char *sets = lw_node_str(item, "sets"), *reps = lw_node_str(item, "reps");
    const char *hold = lw_node_str(item, "hold_s"), *contacts = lw_node_str(item, "contacts");
    if (sets != NULL && hold != NULL) {
        lw_say(text, w->language, "dose.sets_hold", LW_ARGS("sets", sets, "hold_s", hold));
    } else if (sets != NULL && contacts != NULL) {
        lw_say(text, w->language, "dose.sets_contacts", LW_ARGS("sets", sets, "contacts", contacts));
    } else if (sets != NULL && reps != NULL) {
        lw_say(text, w->language, "dose.sets_reps", LW_ARGS("sets", sets, "reps", reps));
    } else if (sets != NULL) {
        lw_say(text, w->language, "dose.sets", LW_ARGS("sets", sets));
    }
    const char *load = lw_node_str(item, "load_kg");
    if (load != NULL && strcmp(load, "0") != 0) {
        lw_say_next(text, w->language, "dose.load", LW_ARGS("load_kg", load));
    } else if (lw_node_true(item, "choose_load")) {
        lw_say_next(text, w->language, "dose.load_choose", NULL);
    }
    if (lw_node_str(item, "distance_m") != NULL) {
        lw_say_next(text, w->language, "dose.distance", LW_ARGS("distance_m", lw_node_str(item, "distance_m")));
    }
    if (lw_node_str(item, "speed_pct") != NULL) {
        lw_say_next(text, w->language, "dose.speed", LW_ARGS("speed_pct", lw_node_str(item, "speed_pct")));
    }
    const lw_node *tempo = lw_node_at(item, "tempo");
    if (tempo != NULL) {
        add_tempo(text, w, tempo);
    }
    long rest = lw_node_int(item, "rest_s", 0);
    if (rest > 0 && (sets == NULL || strcmp(sets, "1") != 0)) {
        char number[24];
        snprintf(number, sizeof number, "%ld", rest % 60 == 0 ? rest / 60 : rest);
        lw_say_next(text, w->language, rest % 60 == 0 ? "dose.rest_min" : "dose.rest_s",
                    rest % 60 == 0 ? LW_ARGS("rest", number) : LW_ARGS("rest_s", number));
    }
    long times = lw_node_int(item, "times_a_day", 0);
    if (times > 1) {
        char number[24];
        snprintf(number, sizeof number, "%ld", times);
        lw_say_next(text, w->language, times == 2 ? "dose.twice" : "dose.times", LW_ARGS("n", number));
    }
    if (lw_node_str(item, "effort_max") != NULL) {
        lw_say_next(text, w->language, "dose.effort", LW_ARGS("effort", lw_node_str(item, "effort_max")));
    }
}

/* Adds one end of a step: a number with its unit, or the name of an exercise. */
static void add_step(lw_buf *text, const lw_words *w, const char *variable, const char *value) {
    static const struct {
        const char *variable, *unit;
    } units[] = {{"load", " kg"}, {"hold", " s"}, {"depth", "°"}, {"speed", " %"}, {"distance", " m"}};
    if (value == NULL) {
        lw_buf_str(text, lw_sentence_of(w->language, "ui.unknown"));
        return;
    }
    if (strcmp(variable, "exercise") == 0) {
        lw_exercise_words(text, w, value);
        return;
    }
    lw_buf_str(text, value);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        lw_buf_str(text, strcmp(variable, units[i].variable) == 0 ? units[i].unit : "");
    }
}

void lw_change_words(lw_buf *text, const lw_words *w, const char *id, const lw_node *change) {
    const char *variable = lw_node_str(change, "variable");
    if (variable == NULL) {
        return;
    }
    lw_buf from = {0}, to = {0};
    add_step(&from, w, variable, lw_node_str(change, "from"));
    add_step(&to, w, variable, lw_node_str(change, "to"));
    lw_buf_str(text, text->len > 0 ? " " : "");
    lw_say(text, w->language, id,
           LW_ARGS("variable", variable, "from", from.ptr != NULL ? from.ptr : "", "to", to.ptr != NULL ? to.ptr : ""));
    text->failed = text->failed || from.failed || to.failed;
    lw_buf_free(&from);
    lw_buf_free(&to);
}

void lw_dose_notes(lw_buf *text, const lw_words *w, const lw_node *item) {
    lw_change_words(text, w, "change_line", lw_node_inside(item, "change"));
    const lw_node *lowered = lw_node_inside(item, "lowered");
    if (lowered != NULL && lowered->first != NULL) {
        lw_buf list = {0};
        for (const lw_node *one = lowered->first; one != NULL; one = one->next) {
            const char *name = lw_node_str(one, "variable");
            lw_buf_fmt(&list, "%s%s", list.len > 0 ? ", " : "",
                       lw_word(w->language, "lowered", name != NULL ? name : ""));
        }
        lw_buf_str(text, text->len > 0 ? " " : "");
        lw_say(text, w->language, "lowered_line", LW_ARGS("list", list.ptr != NULL ? list.ptr : ""));
        text->failed = text->failed || list.failed;
        lw_buf_free(&list);
    }
    lw_change_words(text, w, "proposal_line", lw_node_inside(item, "proposal"));
    if (lw_node_str(item, "cap") != NULL) {
        lw_buf_str(text, text->len > 0 ? " " : "");
        lw_say(text, w->language, "cap_line", LW_ARGS("cap", lw_node_str(item, "cap")));
    }
}
