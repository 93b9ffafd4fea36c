/*
 * verb_replay.c: the whole course on one timeline.
 *
 * For every day the plan is made as it stood that morning: without that day's exercise and activity, which end what is due
 * (docs/format/record.md, "What a plan for day D sees"). Two pictures: the course at a glance, one column for
 * one or more days; and one row a day with the stage as a band. Dose is minutes of planned work (sets × hold, or sets ×
 * repetitions at their tempo, × times a day): a measure that all exercises share, blind to weight. Steps up are marked.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"
#include "protocol/protocol_tables.h"
#include "words/tree.h"

enum { UNKNOWN = -1 };

/* One day of the course; words are static texts or owned copies. */
typedef struct course_day {
    int32_t day;
    char status[16], verdict[16], stage[16], flare[8], binding[16], sw_status[20];
    char cause[24];     /* of a de-load */
    char main_item[40]; /* id of the first exercise */
    int items;
    int work_s;               /* seconds of planned work */
    int during, next_morning; /* pain × 100, UNKNOWN when not logged */
    int run_km, run_min;      /* × 100, and minutes; 0 none */
    int run_level;            /* allowed level, 0 none */
    bool shockwave, done;
} course_day;

static void copy(char *out, size_t cap, const char *text) {
    snprintf(out, cap, "%s", text != NULL ? text : "");
}

static int seconds_a_rep(const lw_node *item) {
    enum { PLAIN_REP_S = 4 };
    int total = 0;
    const lw_node *tempo = lw_node_at(item, "tempo");
    if (tempo != NULL && tempo->type == LW_NODE_STRING) {
        for (const char *c = tempo->text; *c != '\0'; c++) {
            total += *c >= '0' && *c <= '9' ? *c - '0' : 0;
        }
    } else if (tempo != NULL && tempo->type == LW_NODE_LIST) {
        for (const lw_node *one = tempo->first; one != NULL; one = one->next) {
            total += atoi(one->text);
        }
    }
    return total > 0 ? total : PLAIN_REP_S;
}

static int work_of(const lw_node *item) {
    long each = lw_node_int(item, "hold_s", 0);
    if (each == 0) {
        each = lw_node_int(item, "reps", 0) * seconds_a_rep(item);
    }
    if (each == 0) {
        each = lw_node_int(item, "contacts", 0);
    }
    long times = lw_node_int(item, "times_a_day", 1);
    return (int)(lw_node_int(item, "sets", 1) * each * (times > 0 ? times : 1));
}

static void read_plan(const lw_node *plan, course_day *out) {
    copy(out->status, sizeof out->status, lw_node_str(plan, "status"));
    copy(out->verdict, sizeof out->verdict, lw_node_str(plan, "verdict"));
    copy(out->stage, sizeof out->stage, lw_node_str(lw_node_inside(plan, "stage"), "id"));
    copy(out->flare, sizeof out->flare, lw_node_str(plan, "flare"));
    copy(out->sw_status, sizeof out->sw_status, lw_node_str(lw_node_inside(plan, "shockwave"), "status"));
    copy(out->cause, sizeof out->cause, lw_node_str(lw_node_inside(plan, "deload"), "cause"));
    const lw_node *items = lw_node_inside(lw_node_inside(plan, "session"), "items");
    for (const lw_node *item = items != NULL ? items->first : NULL; item != NULL; item = item->next) {
        if (out->items++ == 0) {
            copy(out->main_item, sizeof out->main_item, lw_node_str(item, "exercise"));
        }
        out->work_s += work_of(item);
    }
    const lw_node *run = lw_node_inside(plan, "run");
    out->run_level = lw_node_true(run, "allowed") ? (int)lw_node_int(run, "level", 0) : 0;
    const lw_node *whys = lw_node_inside(plan, "why");
    for (const lw_node *why = whys != NULL ? whys->first : NULL; why != NULL; why = why->next) {
        if (lw_node_true(why, "binding")) {
            copy(out->binding, sizeof out->binding, lw_node_str(why, "rule"));
        }
    }
}

static void worst(int *value, int32_t x100) {
    *value = x100 > *value ? x100 : *value;
}

static void read_log(const lw_record *record, course_day *days, int count, int32_t first) {
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->voided) {
            continue;
        }
        int at = event->day - first;
        if (event->kind == LW_KIND_CHECKIN && at >= 1 && at <= count) {
            const struct lw_ev_checkin *data = event->data;
            if ((data->has & LW_HAS_CHECKIN_PAIN_TEST) != 0) {
                worst(&days[at - 1].next_morning, data->pain_test_x100);
            }
        }
        if (at < 0 || at >= count) {
            continue;
        }
        if (event->kind == LW_KIND_EXERCISE) {
            const struct lw_ev_exercise *data = event->data;
            if ((data->has & LW_HAS_EXERCISE_PAIN_DURING) != 0) {
                worst(&days[at].during, data->pain_during_x100);
                days[at].done = true;
            }
        } else if (event->kind == LW_KIND_SHOCKWAVE) {
            days[at].shockwave = true;
        } else if (event->kind == LW_KIND_ACTIVITY) {
            const struct lw_ev_activity *data = event->data;
            if (data->type == LW_ACTIVITY_RUN) {
                days[at].run_km += data->km_x100;
                days[at].run_min += data->minutes;
            }
        }
    }
}

/* ---- ink ---- */

static const char *spark(int value, int most) {
    static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (value == UNKNOWN) {
        return "·";
    }
    int level = most > 0 ? value * 7 / most : 0;
    return bars[level < 0 ? 0 : level > 7 ? 7 : level];
}

static cli_style pain_style(const lw_protocol *protocol, int pain) {
    return pain == UNKNOWN                                     ? CLI_DIM
           : pain <= protocol->params[LW_PARAM_PAIN_GREEN_MAX] ? CLI_GREEN
           : pain <= protocol->params[LW_PARAM_PAIN_AMBER_MAX] ? CLI_YELLOW
                                                               : CLI_RED;
}

typedef enum mark { MARK_NONE, MARK_SAME, MARK_UP, MARK_EASE, MARK_STOP } mark;

static mark mark_of(const course_day *day) {
    if (strcmp(day->status, "stopped") == 0) {
        return MARK_STOP;
    }
    if (strcmp(day->status, "active") != 0) {
        return MARK_NONE;
    }
    return strcmp(day->verdict, "progress") == 0  ? MARK_UP
           : strcmp(day->verdict, "regress") == 0 ? MARK_EASE
           : strcmp(day->verdict, "stop") == 0    ? MARK_STOP
                                                  : MARK_SAME;
}

static const char *const mark_glyphs[] = {" ", "=", "▲", "▽", "■"};
static const cli_style mark_styles[] = {CLI_DIM, CLI_PLAIN, CLI_GREEN, CLI_YELLOW, CLI_RED};

static int stage_number(const lw_protocol *protocol, const char *id) {
    for (int i = 0; i < protocol->stage_count; i++) {
        const lw_str *own = &protocol->stages[i].id;
        if (own->len == strlen(id) && memcmp(own->ptr, id, own->len) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static bool begun(const course_day *day) {
    return strcmp(day->status, "not_started") != 0 && day->stage[0] != '\0';
}

/* ---- the course at a glance ---- */

typedef enum row { ROW_STAGE, ROW_TODAY, ROW_DURING, ROW_NEXT, ROW_DOSE, ROW_SHOCKWAVE, ROW_COUNT } row;

static void glance_cell(const cli_screen *screen, const lw_protocol *protocol, row which, const course_day *days,
                        int count, int most_work) {
    int during = UNKNOWN, next = UNKNOWN, work = 0;
    bool shockwave = false;
    mark strongest = MARK_NONE;
    for (int i = 0; i < count; i++) {
        worst(&during, days[i].during);
        worst(&next, days[i].next_morning);
        worst(&work, days[i].work_s);
        shockwave = shockwave || days[i].shockwave;
        strongest = mark_of(&days[i]) > strongest ? mark_of(&days[i]) : strongest;
    }
    const course_day *last = &days[count - 1];
    char number[8] = " ";
    switch (which) {
    case ROW_STAGE:
        if (begun(last)) {
            snprintf(number, sizeof number, "%d", stage_number(protocol, last->stage) % 10);
        }
        cli_ink(screen, CLI_BLUE, number);
        break;
    case ROW_TODAY:
        cli_ink(screen, mark_styles[strongest], mark_glyphs[strongest]);
        break;
    case ROW_DURING:
        cli_ink(screen, pain_style(protocol, during), spark(during, 1000));
        break;
    case ROW_NEXT:
        cli_ink(screen, pain_style(protocol, next), spark(next, 1000));
        break;
    case ROW_DOSE:
        cli_ink(screen, CLI_PLAIN, work > 0 ? spark(work, most_work) : " ");
        break;
    case ROW_SHOCKWAVE:
        cli_ink(screen, CLI_BLUE, shockwave ? "◆" : " ");
        break;
    case ROW_COUNT:
        break;
    }
}

static void glance(const cli_screen *screen, const lw_protocol *protocol, const course_day *days, int count,
                   int most_work) {
    static const char *const labels[] = {"stage", "today", "during", "next", "dose", "shockwave"};
    enum { LABEL = 14 };
    int room = screen->width - LABEL;
    int each = (count + room - 1) / room;
    for (row which = ROW_STAGE; which < ROW_COUNT; which++) {
        const char *label = cli_word("course", labels[which]);
        fprintf(screen->file, "%s%*s", label, LABEL - cli_columns(label), "");
        for (int at = 0; at < count; at += each) {
            int some = count - at < each ? count - at : each;
            glance_cell(screen, protocol, which, days + at, some, most_work);
        }
        fputc('\n', screen->file);
    }
    cli_buf key = {0};
    char number[16];
    snprintf(number, sizeof number, "%d", each);
    cli_say(&key, "course.key", CLI_ARGS("n", number));
    fputc('\n', screen->file);
    cli_print(screen, CLI_DIM, "", "", key.ptr);
    cli_buf_free(&key);
}

/* ---- one row a day ---- */

static void band(const cli_screen *screen, const char *text) {
    cli_buf line = {0};
    cli_buf_fmt(&line, "── %s ", text);
    while (cli_columns(line.ptr) < (screen->width < 60 ? screen->width : 60)) {
        cli_buf_str(&line, "─");
    }
    fputc('\n', screen->file);
    cli_ink(screen, CLI_BLUE, line.ptr);
    fputc('\n', screen->file);
    cli_buf_free(&line);
}

static void pain_cell(const cli_screen *screen, const lw_protocol *protocol, int pain) {
    char text[24];
    if (pain == UNKNOWN) {
        snprintf(text, sizeof text, "  ·");
    } else {
        snprintf(text, sizeof text, "%s%2d", spark(pain, 1000), (pain + 50) / 100);
    }
    cli_ink(screen, pain_style(protocol, pain), text);
}

/* What else the day held, as far as there is room: shockwave, a run, a flare; else the first exercise. */
static void add_notes(cli_buf *text, const lw_protocol *protocol, const course_day *day, int room) {
    cli_buf notes[4] = {{0}, {0}, {0}, {0}};
    int count = 0;
    if (day->shockwave || strcmp(day->sw_status, "quiet") == 0) {
        cli_buf_str(&notes[count++], cli_text(day->shockwave ? "course.given" : "course.quiet"));
    }
    char number[24];
    if (day->run_km > 0) {
        snprintf(number, sizeof number, "%d.%d", day->run_km / 100, day->run_km / 10 % 10);
        cli_say(&notes[count++], "course.run_km", CLI_ARGS("km", number));
    } else if (day->run_min > 0) {
        snprintf(number, sizeof number, "%d", day->run_min);
        cli_say(&notes[count++], "course.run_min", CLI_ARGS("min", number));
    }
    if (strcmp(day->flare, "minor") == 0 || strcmp(day->flare, "major") == 0) {
        cli_buf_str(&notes[count++], cli_word("flare", day->flare));
    } else if (day->cause[0] != '\0') {
        cli_buf_str(&notes[count++], cli_text("course.lighter"));
    }
    if (count == 0 && day->items > 0) {
        cli_exercise_words(&notes[count], day->main_item, protocol);
        if (day->items > 1) {
            cli_buf_fmt(&notes[count], " +%d", day->items - 1);
        }
        count++;
    }
    for (int i = 0; i < count; i++) {
        int columns = cli_columns(notes[i].ptr) + 2;
        if (columns <= room) {
            cli_buf_fmt(text, "  %s", notes[i].ptr);
            room -= columns;
        }
        cli_buf_free(&notes[i]);
    }
}

static const char *mark_word(mark own) {
    static const char *const marks[] = {"", "same", "up", "ease", "stop"};
    return own == MARK_NONE ? "" : cli_word("course", marks[own]);
}

/* Columns of the longest word beside a mark. */
static int mark_width(void) {
    int width = 0;
    for (mark own = MARK_SAME; own <= MARK_STOP; own++) {
        worst(&width, cli_columns(mark_word(own)));
    }
    return width;
}

static void day_row(const cli_screen *screen, const lw_protocol *protocol, const course_day *day, int most_work) {
    char date[16], text[96];
    mark own = mark_of(day);
    cli_ink(screen, CLI_DIM, cli_day_short(day->day, date));
    snprintf(text, sizeof text, "  %s %s%*s", mark_glyphs[own], mark_word(own),
             mark_width() - cli_columns(mark_word(own)), "");
    cli_ink(screen, mark_styles[own], text);
    fputc(' ', screen->file);
    pain_cell(screen, protocol, day->during);
    fputs("  ", screen->file);
    pain_cell(screen, protocol, day->next_morning);

    enum { BAR = 8, USED = 10 + 4 + 1 + 3 + 2 + 3 + 2 + BAR + 7 }; /* beside the word of the mark */
    cli_buf bar = {0}, rest = {0};
    if (day->work_s > 0) {
        int filled = (day->work_s * BAR + most_work - 1) / most_work;
        cli_buf_str(&bar, "  ");
        for (int i = 0; i < BAR; i++) {
            cli_buf_str(&bar, i < filled ? "█" : " ");
        }
        cli_buf_fmt(&bar, "%3d min", (day->work_s + 59) / 60);
    }
    add_notes(&rest, protocol, day, screen->width - USED - mark_width());
    if (rest.len > 0 && day->work_s == 0) {
        cli_buf_fmt(&bar, "%*s", BAR + 9, "");
    }
    cli_ink(screen, day->done ? CLI_PLAIN : CLI_DIM, cli_buf_get(&bar));
    fprintf(screen->file, "%s\n", cli_buf_get(&rest));
    cli_buf_free(&bar);
    cli_buf_free(&rest);
}

static void picture(const cli_screen *screen, const lw_protocol *protocol, const lw_record *record,
                    const course_day *days, int count) {
    int most_work = 0;
    for (int i = 0; i < count; i++) {
        worst(&most_work, days[i].work_s);
    }
    char first[12], last[12];
    char number[16];
    snprintf(number, sizeof number, "%d", count);
    cli_buf title = {0};
    cli_buf_fmt(&title, "%.*s · ", (int)record->patient.len, record->patient.ptr);
    cli_say(
        &title, "course.title",
        CLI_ARGS("from", cli_day_iso(days[0].day, first), "to", cli_day_iso(days[count - 1].day, last), "n", number));
    fprintf(screen->file, "%s\n\n", title.ptr);
    cli_buf_free(&title);
    glance(screen, protocol, days, count, most_work);

    const char *stage = NULL, *status = NULL;
    for (int i = 0; i < count; i++) {
        if (status == NULL || strcmp(status, days[i].status) != 0 || stage == NULL ||
            strcmp(stage, days[i].stage) != 0) {
            bool active = strcmp(days[i].status, "active") == 0;
            char key[48];
            snprintf(key, sizeof key, "status.%s", days[i].status);
            const char *said = cli_text(key);
            band(screen, active ? cli_word("stage", days[i].stage) : said != NULL ? said : days[i].status);
            if (i == 0) {
                fputs("            ", screen->file);
                cli_ink(screen, CLI_DIM, cli_text("course.header"));
                fputc('\n', screen->file);
            }
        }
        stage = days[i].stage;
        status = days[i].status;
        day_row(screen, protocol, &days[i], most_work);
    }
}

/* ---- comma-separated values ---- */

static void csv_pain(int pain) {
    if (pain != UNKNOWN) {
        printf("%d", pain / 100);
        if (pain % 100 != 0) {
            printf(".%02d", pain % 100);
        }
    }
    putchar(',');
}

static void csv(const course_day *days, int count) {
    puts("date,status,verdict,stage,flare,deload,pain_during,pain_next_morning,items,first_item,work_s,run_level_"
         "allowed,"
         "run_km,run_min,shockwave_status,shockwave_given,binding_rule");
    for (int i = 0; i < count; i++) {
        char date[12];
        const course_day *day = &days[i];
        printf("%s,%s,%s,%s,%s,%s,", cli_day_iso(day->day, date), day->status, day->verdict, day->stage, day->flare,
               day->cause);
        csv_pain(day->during);
        csv_pain(day->next_morning);
        printf("%d,%s,%d,%d,%d.%02d,%d,%s,%d,%s\n", day->items, day->main_item, day->work_s, day->run_level,
               day->run_km / 100, day->run_km % 100, day->run_min, day->sw_status, day->shockwave ? 1 : 0,
               day->binding);
    }
}

/* Hides what was done on the day, or shows again what was hidden. */
static void hide_doings(const lw_record *record, lw_event *events, int32_t day, bool hide) {
    for (uint32_t i = 0; i < record->count; i++) {
        bool doing = events[i].kind == LW_KIND_EXERCISE || events[i].kind == LW_KIND_ACTIVITY;
        if (events[i].day == day && doing) {
            events[i].voided = hide || record->events[i].voided;
        }
    }
}

static int replay(const cli_args *args, const cli_log *log, const cli_rules *rules, int32_t first, int32_t last) {
    int count = last - first + 1;
    course_day *days = cli_need((size_t)count * sizeof *days);
    lw_event *events = cli_need((size_t)log->record.count * sizeof *events);
    memcpy(events, log->record.events, (size_t)log->record.count * sizeof *events);
    cli_log morning = *log;
    morning.record.events = events;
    int code = CLI_OK;
    for (int i = 0; i < count && code == CLI_OK; i++) {
        days[i] = (course_day){.day = first + i, .during = UNKNOWN, .next_morning = UNKNOWN};
        cli_plan plan = {0};
        hide_doings(&log->record, events, first + i, true);
        code = cli_plan_make(rules, &morning, first + i, 0, false, &plan);
        hide_doings(&log->record, events, first + i, false);
        if (code == CLI_OK) {
            read_plan(plan.root, &days[i]);
        }
        cli_plan_free(&plan);
    }
    free(events);
    if (code == CLI_OK) {
        read_log(&log->record, days, count, first);
        cli_screen screen = cli_screen_out();
        if (cli_option_value(args, "--csv") != NULL) {
            csv(days, count);
        } else {
            picture(&screen, rules->protocol, &log->record, days, count);
        }
    }
    free(days);
    return code;
}

int cli_verb_replay(const cli_args *args) {
    enum { MOST_DAYS = 40000 };
    cli_log log = {0};
    cli_rules rules = {0};
    int32_t first = 0, last = 0;
    int code = cli_log_load(args->positional[0], &log);
    if (code == CLI_OK && log.newer) {
        code = cli_newer_help(&log);
    }
    if (code == CLI_OK && !cli_log_span(&log.record, &first, &last)) {
        printf("%s is empty: there is no course to show\n", args->positional[0]);
        cli_log_free(&log);
        return CLI_OK;
    }
    if (code == CLI_OK) {
        code = cli_option_day(args, "--from", &first);
    }
    if (code == CLI_OK) {
        code = cli_option_day(args, "--to", &last);
    }
    if (code == CLI_OK && (last < first || last - first >= MOST_DAYS)) {
        code = cli_usage(args, "the last day lies before the first, or more than a century after it");
    }
    if (code == CLI_OK) {
        code = cli_rules_load(cli_option_value(args, "--protocol"), &rules);
    }
    if (code == CLI_OK) {
        code = replay(args, &log, &rules, first, last);
    }
    cli_rules_free(&rules);
    cli_log_free(&log);
    return code;
}
