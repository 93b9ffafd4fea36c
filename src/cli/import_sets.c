/*
 * import_sets.c: what import_sets.h promises.
 *
 * An entry made here says where it came from in x_source, which the record keeps and every reader ignores: no program of an
 * earlier version stumbles over it.
 */
#include "cli/import_sets.h"

#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"
#include "cli/render.h"
#include "protocol/protocol_tables.h"
#include "words/tree.h"

enum { MOST_REPS = 200, MOST_HOLD_S = 600, MOST_G = 500000 };

bool cli_sets_next(const lw_intake *intake, const lw_intake_item *item, uint32_t *at, cli_set_group *out) {
    if (item->first_set < 0 || *at >= item->set_count) {
        return false;
    }
    const lw_watch_set *first = &intake->sets[(uint32_t)item->first_set + *at];
    uint32_t count = 1;
    while (*at + count < item->set_count && count < CLI_SETS_EACH && first[count].category == first->category &&
           first[count].name == first->name && (first->category >= 0 || first[count].weight_g == first->weight_g)) {
        count++;
    }
    *out = (cli_set_group){first, count};
    *at += count;
    return true;
}

static void kilograms(char out[16], int32_t weight_g) {
    int x100 = (weight_g + 5) / 10;
    snprintf(out, 16, x100 % 10 != 0 ? "%d.%02d" : "%d.%d", x100 / 100, x100 % 10 != 0 ? x100 % 100 : x100 % 100 / 10);
}

void cli_set_words(cli_buf *text, const lw_watch_set *set) {
    char number[16];
    if (set->reps >= 0) {
        snprintf(number, sizeof number, "%d", set->reps);
        cli_part(text, "import.reps", CLI_ARGS("n", number));
    }
    if (set->weight_g >= 0) {
        kilograms(number, set->weight_g);
        cli_part(text, "import.kg", CLI_ARGS("kg", number));
    }
    if (set->duration_ms >= 0) {
        snprintf(number, sizeof number, "%d", set->duration_ms / 1000);
        cli_part(text, "import.seconds", CLI_ARGS("n", number));
    }
}

/* Whether an exercise is counted in what a watch counts. */
static bool countable(const lw_exercise *exercise) {
    return exercise->rungs[0].reps > 0 || exercise->rungs[0].hold_s > 0;
}

/* One set as the record has it; false when the watch did not count what the exercise is counted in. */
static bool put_set(cli_buf *data, const lw_exercise *exercise, const lw_watch_set *set) {
    bool holds = exercise->rungs[0].hold_s > 0;
    int32_t value = holds ? (set->duration_ms < 0 ? -1 : set->duration_ms / 1000) : set->reps;
    if (value < 1 || value > (holds ? MOST_HOLD_S : MOST_REPS) || set->weight_g > MOST_G) {
        return false;
    }
    cli_buf_fmt(data, "{\"%s\":%d", holds ? "hold_s" : "reps", value);
    if (set->weight_g >= 0) {
        char number[16];
        kilograms(number, set->weight_g);
        cli_buf_fmt(data, ",\"load_kg\":%s", number);
    }
    cli_buf_str(data, "}");
    return true;
}

int32_t cli_local_text(int64_t second, int offset_min, char out[32]) {
    int64_t local = second + (int64_t)offset_min * 60, of_day = ((local % 86400) + 86400) % 86400;
    int32_t day = (int32_t)((local - of_day) / 86400);
    int clock = (int)of_day;
    char iso[12];
    snprintf(out, 32, "%sT%02d:%02d:%02d%c%02d:%02d", cli_day_iso(day, iso), clock / 3600, clock / 60 % 60, clock % 60,
             offset_min < 0 ? '-' : '+', abs(offset_min) / 60, abs(offset_min) % 60);
    return day;
}

static void say(const cli_sets_of *of, const char *id, const char *const *args) {
    cli_buf text = {0};
    cli_say(&text, id, args);
    cli_print(&of->ask->screen, CLI_PLAIN, "      ", "      ", cli_buf_get(&text));
    cli_buf_free(&text);
}

static const lw_exercise *named(const lw_protocol *protocol, const char *id) {
    for (int i = 0; i < protocol->exercise_count; i++) {
        lw_str own = protocol->exercises[i].id;
        if (own.len == strlen(id) && memcmp(own.ptr, id, own.len) == 0) {
            return &protocol->exercises[i];
        }
    }
    return NULL;
}

static void name_of(cli_buf *text, const cli_sets_of *of, const lw_exercise *exercise) {
    char id[65] = "";
    memcpy(id, exercise->id.ptr, exercise->id.len < 64 ? exercise->id.len : 64);
    cli_exercise_words(text, id, of->rules->protocol);
}

/* What the table offers for the group, confirmed; else one that is picked from all; NULL when nothing was said. */
static const lw_exercise *which(const cli_sets_of *of, const cli_set_group *group) {
    const lw_protocol *protocol = of->rules->protocol;
    for (int i = 0; i < cli_watch_sets_count; i++) {
        const lw_exercise *offer =
            cli_watch_sets[i].category == group->sets->category && cli_watch_sets[i].name == group->sets->name
                ? named(protocol, cli_watch_sets[i].exercise)
                : NULL;
        if (offer == NULL) {
            continue;
        }
        cli_buf name = {0}, question = {0};
        bool yes = false;
        name_of(&name, of, offer);
        cli_say(&question, "import.set_is", CLI_ARGS("exercise", cli_buf_get(&name)));
        bool answered = cli_ask_yes(of->ask, question.ptr, &yes);
        cli_buf_free(&name);
        cli_buf_free(&question);
        if (!answered || yes) {
            return yes ? offer : NULL;
        }
    }
    const lw_exercise *list[LW_MAX_EXERCISES];
    int count = 0;
    for (int i = 0; i < protocol->exercise_count; i++) {
        if (!countable(&protocol->exercises[i])) {
            continue;
        }
        list[count++] = &protocol->exercises[i];
        if (*of->listed) {
            continue;
        }
        cli_buf name = {0};
        char lead[16];
        name_of(&name, of, &protocol->exercises[i]);
        snprintf(lead, sizeof lead, "%6d  ", count);
        cli_print(&of->ask->screen, CLI_PLAIN, lead, "        ", cli_buf_get(&name));
        cli_buf_free(&name);
    }
    *of->listed = true;
    long number = 0;
    return cli_ask_number(of->ask, cli_text("import.set_which"), 1, count, &number) ? list[number - 1] : NULL;
}

/* Whether the day has an entry of the exercise: the session was logged by hand too, and would count twice. */
static bool is_known(const cli_sets_of *of, const lw_exercise *exercise, int32_t day) {
    for (uint32_t i = 0; i < of->log->record.count; i++) {
        const lw_event *event = &of->log->record.events[i];
        const struct lw_ev_exercise *x = event->data;
        if (!event->voided && event->kind == LW_KIND_EXERCISE && event->day == day &&
            (x->has & LW_HAS_EXERCISE_SKIP) == 0 && x->exercise.len == exercise->id.len &&
            memcmp(x->exercise.ptr, exercise->id.ptr, exercise->id.len) == 0) {
            return true;
        }
    }
    return false;
}

bool cli_sets_ask(const cli_sets_of *of, const cli_set_group *group, cli_buf *lines) {
    char count[16], patient[65] = "", at[32];
    int64_t when = group->sets->start_s; // one outside its activity is no time of it
    int32_t day = cli_local_text(when >= of->start_s && when <= of->end_s ? when : of->start_s, of->offset_min, at);
    cli_buf title = {0}, first = {0}, name = {0}, data = {0};
    cli_set_words(&first, group->sets);
    snprintf(count, sizeof count, "%u", group->count);
    cli_say(&title, "import.set_group", CLI_ARGS("n", count, "what", cli_buf_get(&first)));
    cli_print(&of->ask->screen, CLI_BOLD, "    ", "      ", cli_buf_get(&title));
    const lw_exercise *exercise = which(of, group);
    bool good = exercise != NULL;
    if (!good) {
        say(of, "import.set_unnamed", NULL);
    } else if (is_known(of, exercise, day)) {
        name_of(&name, of, exercise);
        say(of, "import.set_known", CLI_ARGS("exercise", cli_buf_get(&name)));
        good = false;
    }
    if (good) {
        cli_buf_fmt(&data, "{\"exercise\":\"%.*s\"", (int)exercise->id.len, exercise->id.ptr);
        cli_buf sets = {0};
        for (uint32_t i = 0; i < group->count && good; i++) {
            cli_buf_str(&sets, i > 0 ? "," : "");
            good = put_set(&sets, exercise, &group->sets[i]);
        }
        if (!good) {
            say(of, "import.set_unfit", NULL);
        }
        int side = LW_SIDE_BOTH;
        long pain = 0, effort = 0;
        if (good && !((exercise->sides != LW_SIDES_EACH ||
                       cli_ask_word(of->ask, cli_text("import.set_side"), lw_side_names, LW_SIDE_WORDS, &side)) &&
                      cli_ask_number(of->ask, cli_text("ask.pain_during"), 0, 10, &pain) &&
                      cli_ask_number(of->ask, cli_text("ask.effort"), 0, 10, &effort))) {
            say(of, "import.set_unanswered", NULL);
            good = false;
        }
        cli_buf_fmt(&data, ",\"side\":\"%s\",\"sets\":[%s],\"pain_during\":%ld,\"effort\":%ld,\"x_source\":\"%s\"}",
                    lw_side_names[side], cli_buf_get(&sets), pain, effort, of->source);
        cli_buf_free(&sets);
    }
    if (good) {
        lw_str own = of->log->record.patient;
        memcpy(patient, own.ptr, own.len < 64 ? own.len : 64);
        cli_event_line(lines, patient, "exercise", at, "patient", NULL, data.ptr);
        cli_buf_str(lines, "\n");
    }
    cli_buf_free(&title);
    cli_buf_free(&first);
    cli_buf_free(&name);
    cli_buf_free(&data);
    return good;
}

lw_str cli_source_of(const lw_event *event) {
    static const char member[] = "\"x_source\":\"";
    if (event->kind == LW_KIND_ACTIVITY) {
        const struct lw_ev_activity *a = event->data;
        return (a->has & LW_HAS_ACTIVITY_SOURCE) != 0 ? a->source : (lw_str){"", 0};
    }
    const char *p = event->kind == LW_KIND_EXERCISE ? event->raw.ptr : NULL, *end = p == NULL ? p : p + event->raw.len;
    for (; p != NULL && (size_t)(end - p) > sizeof member; p++) {
        if (memcmp(p, member, sizeof member - 1) == 0) { // quotes of a text inside are escaped, so this is a name
            const char *from = p + sizeof member - 1, *to = memchr(from, '"', (size_t)(end - from));
            return to != NULL ? (lw_str){from, (uint32_t)(to - from)} : (lw_str){"", 0};
        }
    }
    return (lw_str){"", 0};
}
