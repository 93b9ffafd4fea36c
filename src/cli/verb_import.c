/*
 * verb_import.c: files of a watch, a phone or another program into a record: first a list of what is in them, then the
 * questions only the person can answer, then consent, then one write. Nothing is stored before.
 *
 * Each activity becomes one entry by the patient. Its source, KIND:HASH:INDEX:IMPORT, says what it was read from, so that the
 * same file is known again, and which import it came with, so that loadwave undo takes the import back as one step.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/import_sets.h"
#include "cli/locale.h"
#include "cli/render.h"
#include "intake/intake.h"
#include "words/tree.h"

enum { ASKED = 12, ROWS_SHOWN = 40, FUTURE_S = 600 };

/* One activity of the list. */
struct row {
    const lw_intake_item *item;
    const char *out; /* the sentence why it is not for the record; NULL: it is */
    bool known;      /* left out because it is there already, which loses nothing */
    char other[64];  /* the file or entry it repeats */
    char at[32];     /* RFC 3339 */
    int32_t day;
    int offset_min;
    int64_t start_s, end_s;
    uint8_t sport;
    char pain[16];    /* "" when not given */
    int level;        /* of the planned run it was; 0: none */
    long run_minutes; /* -1: not said */
};

typedef struct importing {
    const cli_args *args;
    cli_ask ask;
    lw_intake intake;
    cli_log log;
    cli_rules rules;
    struct row *rows;
    uint32_t count, wanted, set_entries;
    cli_buf set_lines; /* entries of strength sets, each "…\n" */
    char batch[9];     /* names this import in the source of its entries */
    bool listed;       /* the exercises were shown as a list */
    bool yes, lost;    /* something was not read, or cannot be stored */
} importing;

/* ---- what the list says ---- */

static void local_time(struct row *row, const lw_intake_item *item) {
    const lw_watch_activity *a = &item->activity;
    int64_t start = a->start_s;
    int offset = a->has_offset ? a->offset_min : cli_zone_offset(start);
    if (item->floating) { // a local clock: the offset that makes it so
        offset = cli_zone_offset(start - (int64_t)cli_zone_offset(start) * 60);
        start -= (int64_t)offset * 60;
    }
    row->start_s = start;
    row->end_s = start + (a->end_s - a->start_s);
    row->offset_min = offset;
    row->day = cli_local_text(start, offset, row->at);
}

static long minutes_of(const lw_watch_activity *a) {
    return (a->moving_s + 30) / 60;
}

/* The part of a source that names what it was read from: everything before the import. */
static bool same_key(lw_str source, const char *key) {
    size_t len = strlen(key);
    return source.len > len && memcmp(source.ptr, key, len) == 0 && source.ptr[len] == ':';
}

/* Seconds that two spans share, and whether that is half of the shorter or more. */
static bool overlap(int64_t a, int64_t a_end, int64_t b, int64_t b_end) {
    int64_t from = a > b ? a : b, to = a_end < b_end ? a_end : b_end;
    int64_t shorter = a_end - a < b_end - b ? a_end - a : b_end - b;
    return to > from && 2 * (to - from) >= shorter;
}

/* Looks for the row among the entries. */
static void compare_with_record(importing *im, struct row *row) {
    for (uint32_t i = 0; i < im->log.record.count && row->out == NULL; i++) {
        const lw_event *event = &im->log.record.events[i];
        if (event->voided || event->kind != LW_KIND_ACTIVITY) {
            continue;
        }
        const struct lw_ev_activity *a = event->data;
        bool imported = (a->has & LW_HAS_ACTIVITY_SOURCE) != 0;
        if (imported && same_key(a->source, row->item->key)) {
            row->out = "import.out.same";
        } else if (imported && overlap(row->start_s, row->end_s, event->at_s, event->at_s + (int64_t)a->minutes * 60)) {
            row->out = "import.out.overlap";
            snprintf(row->other, sizeof row->other, "%.*s", (int)a->source.len, a->source.ptr);
        } else if (!imported && event->day == row->day && a->type == row->sport &&
                   cli_option_value(im->args, "--all") == NULL) {
            row->out = "import.out.by_hand"; // when it was written says little about when it was done
            snprintf(row->other, sizeof row->other, "%d", (int)a->minutes);
        }
        row->known = row->out != NULL;
    }
}

/* Of two recordings of one interval the one with samples, else with a distance, else the first is kept. */
static int worth(const lw_watch_activity *a) {
    return ((a->notes & LW_NOTE_TOTALS) == 0 ? 2 : 0) + (a->distance_cm >= 0 ? 1 : 0);
}

static void compare_with_others(importing *im, uint32_t at) {
    struct row *row = &im->rows[at];
    for (uint32_t i = 0; i < at && row->out == NULL; i++) {
        struct row *before = &im->rows[i];
        bool same = strcmp(before->item->key, row->item->key) == 0;
        if (before->out != NULL || !(same || overlap(row->start_s, row->end_s, before->start_s, before->end_s))) {
            continue;
        }
        struct row *loser = !same && worth(&row->item->activity) > worth(&before->item->activity) ? before : row;
        const struct row *winner = loser == row ? before : row;
        loser->out = same ? "import.out.same" : "import.out.overlap";
        loser->known = true;
        snprintf(loser->other, sizeof loser->other, "%s", winner->item->from);
    }
}

static int by_start(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    int order = (x->start_s > y->start_s) - (x->start_s < y->start_s);
    return order != 0 ? order : (x->item > y->item) - (x->item < y->item);
}

static void make_rows(importing *im) {
    int32_t since = INT32_MIN;
    (void)cli_option_day(im->args, "--since", &since);
    const char *type = cli_option_value(im->args, "--type");
    im->rows = cli_need((im->intake.count + 1) * sizeof *im->rows);
    for (uint32_t i = 0; i < im->intake.count; i++) {
        struct row *row = &im->rows[im->count];
        row->item = &im->intake.items[i];
        row->sport = row->item->activity.sport;
        row->run_minutes = -1;
        local_time(row, row->item);
        if (row->day < since && (row->item->activity.notes & LW_NOTE_NO_CLOCK) == 0) {
            continue; // not asked for
        }
        for (int word = 0; row->sport == LW_WATCH_UNKNOWN && type != NULL && word < LW_ACTIVITY_WORDS; word++) {
            row->sport = strcmp(type, lw_activity_names[word]) == 0 ? (uint8_t)word : row->sport;
        }
        if (row->item->pain_x100 >= 0) {
            snprintf(row->pain, sizeof row->pain, "%d.%02d", row->item->pain_x100 / 100, row->item->pain_x100 % 100);
        }
        im->count++;
    }
    qsort(im->rows, im->count, sizeof *im->rows, by_start);
    int64_t now = (int64_t)time(NULL);
    for (uint32_t i = 0; i < im->count; i++) {
        struct row *row = &im->rows[i];
        const lw_watch_activity *a = &row->item->activity;
        if ((a->notes & LW_NOTE_NO_CLOCK) != 0) {
            row->out = "import.out.no_clock";
        } else if (row->start_s > now + FUTURE_S) {
            row->out = "import.out.future";
        } else if (minutes_of(a) == 0) {
            row->out = "import.out.short";
            row->known = true;
        } else if (minutes_of(a) > 1440) {
            row->out = "import.out.long";
        } else {
            compare_with_record(im, row);
            if (row->out == NULL) {
                compare_with_others(im, i);
            }
        }
    }
    for (uint32_t i = 0; i < im->count; i++) {
        im->wanted += im->rows[i].out == NULL;
        bool part = (im->rows[i].item->activity.notes &
                     (LW_NOTE_BAD_CRC | LW_NOTE_TRUNCATED | LW_NOTE_BROKEN | LW_NOTE_MORE)) != 0;
        im->lost = im->lost || (im->rows[i].out == NULL ? part : !im->rows[i].known);
    }
    im->lost = im->lost || im->intake.finding_count > 0;
}

/* ---- the preview ---- */

static void say(const importing *im, cli_style style, const char *first, const char *rest, const char *id,
                const char *const *args) {
    cli_buf text = {0};
    cli_say(&text, id, args);
    cli_print(&im->ask.screen, style, first, rest, cli_buf_get(&text));
    cli_buf_free(&text);
}

static void decimal(char out[24], int64_t x100) {
    snprintf(out, 24, x100 % 10 != 0 ? "%lld.%02lld" : "%lld.%lld", (long long)(x100 / 100),
             (long long)(x100 % 10 != 0 ? x100 % 100 : x100 % 100 / 10));
}

static void amounts(cli_buf *text, const lw_watch_activity *a) {
    char number[24];
    snprintf(number, sizeof number, "%ld", minutes_of(a));
    cli_say(text, "import.minutes", CLI_ARGS("n", number));
    if (a->distance_cm >= 0) {
        decimal(number, a->distance_cm / 1000);
        cli_part(text, "import.km", CLI_ARGS("km", number));
    }
    if (a->ascent_m > 0) {
        snprintf(number, sizeof number, "%d", a->ascent_m);
        cli_part(text, "import.climb", CLI_ARGS("m", number));
    }
    if (a->top_mms > 0) {
        decimal(number, (int64_t)a->top_mms * 36 / 100);
        cli_part(text, "import.top", CLI_ARGS("kmh", number));
    }
}

static void show_sets(const importing *im, const lw_intake_item *item) {
    cli_set_group group;
    for (uint32_t at = 0; cli_sets_next(&im->intake, item, &at, &group);) {
        for (uint32_t i = 0; i < group.count; i++) {
            cli_buf text = {0};
            cli_set_words(&text, &group.sets[i]);
            cli_print(&im->ask.screen, CLI_PLAIN, i == 0 ? "      - " : "        ", "        ", cli_buf_get(&text));
            cli_buf_free(&text);
        }
    }
    if (item->activity.sets > 0) {
        say(im, CLI_DIM, "      ", "      ", im->yes ? "import.sets_not_stored" : "import.sets_asked", NULL);
    }
}

static void show_row(const importing *im, const struct row *row) {
    static const struct {
        uint16_t note;
        const char *id;
    } notes[] = {{LW_NOTE_BAD_CRC, "import.note.crc"},   {LW_NOTE_TRUNCATED, "import.note.truncated"},
                 {LW_NOTE_BROKEN, "import.note.broken"}, {LW_NOTE_DISORDER, "import.note.disorder"},
                 {LW_NOTE_JUMPS, "import.note.jumps"},   {LW_NOTE_FAST, "import.note.fast"},
                 {LW_NOTE_GAPS, "import.note.gaps"},     {LW_NOTE_TOTALS, "import.note.totals"},
                 {LW_NOTE_MORE, "import.note.more"},     {LW_NOTE_TRAILING, "import.note.trailing"}};
    char day[40], clock[8];
    cli_buf text = {0};
    snprintf(clock, sizeof clock, "%.5s", row->at + 11);
    bool dated = (row->item->activity.notes & LW_NOTE_NO_CLOCK) == 0;
    cli_say(&text, dated ? "import.row" : "import.row_undated",
            CLI_ARGS("date", cli_day_long(row->day, day), "time", clock, "type",
                     row->sport == LW_WATCH_UNKNOWN ? cli_text("import.unknown")
                                                    : cli_word("import_type", lw_activity_names[row->sport])));
    cli_buf_str(&text, ": ");
    amounts(&text, &row->item->activity);
    cli_print(&im->ask.screen, row->out == NULL ? CLI_BOLD : CLI_DIM, row->out == NULL ? "  + " : "  - ", "    ",
              text.ptr);
    cli_print(&im->ask.screen, CLI_DIM, "      ", "      ", row->item->from);
    for (size_t i = 0; i < sizeof notes / sizeof notes[0]; i++) {
        if ((row->item->activity.notes & notes[i].note) != 0) {
            say(im, CLI_YELLOW, "      ", "      ", notes[i].id, NULL);
        }
    }
    if (row->out != NULL) {
        say(im, CLI_YELLOW, "      ", "      ", row->out, CLI_ARGS("other", row->other));
    }
    show_sets(im, row->item);
    cli_buf_free(&text);
}

static void show_findings(const importing *im) {
    static const char *const ids[LW_FOUNDS] = {
        [LW_FOUND_UNREADABLE] = "import.found.unreadable",
        [LW_FOUND_KIND] = "import.found.kind",
        [LW_FOUND_BROKEN] = "import.found.broken",
        [LW_FOUND_NO_ACTIVITY] = "import.found.no_activity",
        [LW_FOUND_NO_TIME] = "import.found.no_time",
        [LW_FOUND_ENTITY] = "import.found.entity",
        [LW_FOUND_LIMIT] = "import.found.limit",
        [LW_FOUND_PACKED] = "import.found.packed",
        [LW_FOUND_VALUE] = "import.found.value",
        [LW_FOUND_NO_FILE] = "import.found.no_file",
        [LW_FOUND_MAP] = "import.found.map",
        [LW_FOUND_MEMORY] = "import.found.memory",
    };
    const lw_intake *in = &im->intake;
    uint32_t kept = in->finding_count < LW_INTAKE_FINDINGS ? in->finding_count : LW_INTAKE_FINDINGS;
    kept = in->findings == NULL ? 0 : kept;
    for (uint32_t i = 0; i < kept; i++) {
        const lw_intake_finding *found = &in->findings[i];
        cli_buf text = {0};
        cli_buf_str(&text, found->from);
        if (found->line > 0) {
            cli_buf_fmt(&text, ":%u", found->line);
        }
        cli_buf_str(&text, ": ");
        cli_say(&text, ids[found->what], CLI_ARGS("detail", found->detail));
        if (found->detail[0] != '\0' && found->what != LW_FOUND_NO_FILE) {
            cli_buf_fmt(&text, " (%s)", found->detail);
        }
        cli_print(&im->ask.screen, CLI_YELLOW, "  ! ", "    ", text.ptr);
        cli_buf_free(&text);
    }
    if (in->finding_count > kept) {
        char more[24];
        snprintf(more, sizeof more, "%u", in->finding_count - kept);
        say(im, CLI_YELLOW, "  ! ", "    ", "import.found_more", CLI_ARGS("n", more));
    }
}

static void preview(const importing *im) {
    char found[24], wanted[24];
    snprintf(found, sizeof found, "%u", im->count);
    snprintf(wanted, sizeof wanted, "%u", im->wanted);
    say(im, CLI_BOLD, "", "", "import.title", CLI_ARGS("n", found, "wanted", wanted));
    uint32_t first =
        im->count > ROWS_SHOWN && cli_option_value(im->args, "--full") == NULL ? im->count - ROWS_SHOWN : 0;
    if (first > 0) {
        char more[24];
        snprintf(more, sizeof more, "%u", first);
        say(im, CLI_DIM, "  ", "  ", "import.earlier", CLI_ARGS("n", more));
    }
    for (uint32_t i = first; i < im->count; i++) {
        show_row(im, &im->rows[i]);
    }
    show_findings(im);
}

/* ---- the questions ---- */

/* What the plan of the run's day had allowed, said beside what was run; fills in the planned level when it was that run. */
static void hold_against(importing *im, struct row *row) {
    cli_plan plan = {0};
    if (cli_plan_make(&im->rules, &im->log, row->day, 0, true, &plan) != CLI_OK) {
        return;
    }
    const lw_node *run = lw_node_inside(plan.root, "run");
    bool allowed = lw_node_true(run, "allowed");
    char day[40], km[24] = "?", minutes[24];
    const char *most_km = lw_node_str(run, "max_km"), *most_min = lw_node_str(run, "max_min");
    cli_day_long(row->day, day);
    if (row->item->activity.distance_cm >= 0) {
        decimal(km, row->item->activity.distance_cm / 1000);
    }
    snprintf(minutes, sizeof minutes, "%ld", minutes_of(&row->item->activity));
    if (!allowed) {
        say(im, CLI_PLAIN, "      ", "      ", "import.held_none", CLI_ARGS("date", day));
    } else if (most_km != NULL) {
        say(im, CLI_PLAIN, "      ", "      ", "import.held_km", CLI_ARGS("date", day, "max_km", most_km, "km", km));
    } else if (most_min != NULL) {
        say(im, CLI_PLAIN, "      ", "      ", "import.held_min",
            CLI_ARGS("date", day, "max_min", most_min, "n", minutes));
    }
    long level = lw_node_int(run, "level", 0);
    bool planned = false;
    if (allowed && level > 0 && !im->yes) {
        char number[24];
        snprintf(number, sizeof number, "%ld", level);
        cli_buf question = {0};
        cli_say(&question, "import.planned", CLI_ARGS("level", number));
        if (cli_ask_yes(&im->ask, question.ptr, &planned) && planned) {
            row->level = (int)level;
        }
        cli_buf_free(&question);
    }
    cli_plan_free(&plan);
}

/* What the strength sets of a row were, where the person says it. */
static void sets(importing *im, const struct row *row) {
    if (row->item->set_count > 0) {
        putchar('\n');
    }
    char source[64];
    snprintf(source, sizeof source, "%s:%s", row->item->key, im->batch);
    const cli_sets_of of = {.ask = &im->ask,
                            .rules = &im->rules,
                            .log = &im->log,
                            .start_s = row->start_s,
                            .end_s = row->end_s,
                            .offset_min = row->offset_min,
                            .listed = &im->listed,
                            .source = source};
    cli_set_group group;
    for (uint32_t at = 0; cli_sets_next(&im->intake, row->item, &at, &group);) {
        im->set_entries += cli_sets_ask(&of, &group, &im->set_lines);
    }
}

static int questions(importing *im) {
    uint32_t asked = 0;
    const char *pain = cli_option_value(im->args, "--pain");
    for (uint32_t i = im->count; i-- > 0;) { // the newest first: they are remembered best
        struct row *row = &im->rows[i];
        if (row->out != NULL) {
            continue;
        }
        if (pain != NULL && row->pain[0] == '\0') {
            snprintf(row->pain, sizeof row->pain, "%.8s", pain);
        }
        bool ask = !im->yes && asked < ASKED;
        if (ask || (row->sport == LW_WATCH_UNKNOWN && !im->yes)) {
            putchar('\n');
            if (im->count > 1) {
                show_row(im, row);
            }
        }
        if (row->sport == LW_WATCH_UNKNOWN) {
            int word = 0;
            if (im->yes ||
                !cli_ask_word(&im->ask, cli_text("import.ask_type"), lw_activity_names, LW_ACTIVITY_WORDS, &word)) {
                if (im->yes) {
                    return cli_usage(im->args,
                                     "%s does not say what it was; --type run, walk, cycle, swim or sport says it",
                                     row->item->from);
                }
                row->out = "import.out.no_type";
                im->wanted--;
                im->lost = true;
                continue;
            }
            row->sport = (uint8_t)word;
            compare_with_record(im, row); // now that the kind is known, it may be one that was entered by hand
            if (row->out != NULL) {
                say(im, CLI_YELLOW, "      ", "      ", row->out, CLI_ARGS("other", row->other));
                im->wanted--;
                continue;
            }
        }
        if (row->sport == LW_WATCH_RUN && (ask || (im->yes && asked < ASKED))) {
            hold_against(im, row);
        }
        if (ask && row->sport == LW_WATCH_RUN && row->item->activity.stretch_s < 0) {
            long most = minutes_of(&row->item->activity);
            (void)cli_ask_number(&im->ask, cli_text(row->level > 0 ? "ask.run_minutes" : "import.ask_stretch"), 0, most,
                                 &row->run_minutes);
        }
        if (ask && row->pain[0] == '\0') {
            long value = 0;
            if (cli_ask_number(&im->ask, cli_text("ask.pain_during"), 0, 10, &value)) {
                snprintf(row->pain, sizeof row->pain, "%ld", value);
            }
        }
        if (ask) {
            sets(im, row);
        }
        asked++;
    }
    return CLI_OK;
}

/* ---- storing ---- */

/*
 * Minutes of running that the entry claims. In the planned run they are all that was faster than a walk; otherwise the longest
 * stretch without a walk or a stop, because that is what counts as running in one go. What nobody knows is none.
 */
static long running(const struct row *row) {
    const lw_watch_activity *a = &row->item->activity;
    long known = row->level > 0 && a->run_s >= 0 ? a->run_s / 60 : a->stretch_s >= 0 ? a->stretch_s / 60 : 0;
    long most = minutes_of(a), minutes = row->run_minutes >= 0 ? row->run_minutes : known;
    return minutes < most ? minutes : most;
}

static void add_line(const importing *im, const struct row *row, const char *batch, cli_buf *lines) {
    const lw_watch_activity *a = &row->item->activity;
    char number[24], patient[65] = "";
    cli_buf data = {0};
    cli_buf_fmt(&data, "{\"type\":\"%s\",\"minutes\":%ld", lw_activity_names[row->sport], minutes_of(a));
    if (a->distance_cm >= 0 && a->distance_cm <= INT64_C(100000000)) {
        decimal(number, a->distance_cm / 1000);
        cli_buf_fmt(&data, ",\"km\":%s", number);
    }
    if (a->ascent_m >= 0 && a->ascent_m <= 10000) {
        cli_buf_fmt(&data, ",\"ascent_m\":%d", a->ascent_m);
    }
    if (a->top_mms >= 0 && a->top_mms <= 55555) {
        decimal(number, (int64_t)a->top_mms * 36 / 100);
        cli_buf_fmt(&data, ",\"top_kmh\":%s", number);
    }
    if (row->sport == LW_WATCH_RUN) {
        cli_buf_fmt(&data, ",\"run_minutes\":%ld", running(row));
        if (row->level > 0) {
            cli_buf_fmt(&data, ",\"run_level\":%d", row->level);
        }
    }
    if (row->pain[0] != '\0') {
        cli_buf_fmt(&data, ",\"pain_during\":%s", row->pain);
    }
    cli_buf_fmt(&data, ",\"source\":\"%s:%s\"}", row->item->key, batch);
    memcpy(patient, im->log.record.patient.ptr, im->log.record.patient.len < 64 ? im->log.record.patient.len : 64);
    cli_event_line(lines, patient, "activity", row->at, "patient", NULL, data.ptr);
    cli_buf_str(lines, "\n");
    cli_buf_free(&data);
}

/* The running of today's plan as it is and as it will be; only where the two differ, or a reason was added. */
static void show_effect(importing *im, const cli_buf *lines) {
    cli_buf whole = {0};
    cli_log after = {0};
    cli_plan plan = {0};
    cli_buf_add(&whole, im->log.record.bytes.ptr, im->log.record.bytes.len);
    if (whole.len > 0 && whole.ptr[whole.len - 1] != '\n') {
        cli_buf_str(&whole, "\n");
    }
    cli_buf_add(&whole, lines->ptr, lines->len);
    if (cli_log_decode(im->args->positional[0], whole.ptr, whole.len, true, &after) == CLI_OK &&
        cli_plan_make(&im->rules, &after, cli_local_day(), 0, true, &plan) == CLI_OK) {
        const cli_view view = {.screen = &im->ask.screen, .plan = plan.root, .protocol = im->rules.protocol};
        const lw_node *run = lw_node_inside(plan.root, "run");
        putchar('\n');
        say(im, CLI_BOLD, "", "", "import.effect", NULL);
        cli_render_run(&view);
        cli_reason_sentences(&view, "    ", run);
    }
    cli_plan_free(&plan);
    cli_log_free(&after);
    cli_buf_free(&whole);
}

static int store(importing *im) {
    cli_buf lines = {0};
    for (uint32_t i = 0; i < im->count; i++) {
        if (im->rows[i].out == NULL) {
            add_line(im, &im->rows[i], im->batch, &lines);
        }
    }
    cli_buf_add(&lines, cli_buf_get(&im->set_lines), im->set_lines.len);
    show_effect(im, &lines);
    char wanted[24];
    snprintf(wanted, sizeof wanted, "%u", im->wanted + im->set_entries);
    bool yes = im->yes;
    if (!yes) {
        cli_buf question = {0};
        cli_say(&question, im->lost ? "import.consent_part" : "import.consent", CLI_ARGS("n", wanted));
        putchar('\n');
        (void)(cli_ask_yes(&im->ask, question.ptr, &yes) || (yes = false));
        cli_buf_free(&question);
    }
    int code = CLI_OK;
    if (!yes) {
        say(im, CLI_PLAIN, "", "", "import.nothing_stored", NULL);
    } else {
        code = cli_append(im->args->positional[0], lines.ptr, lines.len);
        if (code == CLI_OK) {
            say(im, CLI_GREEN, "", "", "import.stored", CLI_ARGS("n", wanted, "record", im->args->positional[0]));
            code = im->lost ? CLI_FINDING : CLI_OK;
        }
    }
    cli_buf_free(&lines);
    return code;
}

static bool options_fit(const cli_args *args, int *code) {
    const char *pain = cli_option_value(args, "--pain"), *type = cli_option_value(args, "--type");
    int32_t day = 0;
    long number = 0;
    *code = cli_option_day(args, "--since", &day);
    *code = *code == CLI_OK ? cli_option_number(args, "--pain", 0, 10, &number) : *code;
    bool known = type == NULL;
    for (int i = 0; type != NULL && i < LW_ACTIVITY_WORDS; i++) {
        known = known || strcmp(type, lw_activity_names[i]) == 0;
    }
    if (*code == CLI_OK && !known) {
        *code = cli_usage(args, "--type: run, walk, cycle, swim, drive, sit or sport, not \"%s\"", type);
    }
    (void)pain;
    return *code == CLI_OK;
}

int cli_verb_import(const cli_args *args) {
    importing im = {.args = args, .ask = {.screen = cli_screen_out()}, .yes = cli_option_value(args, "--yes") != NULL};
    int code = CLI_OK;
    if (!options_fit(args, &code)) {
        return code;
    }
    char fresh[37];
    cli_fresh_id(fresh);
    memcpy(im.batch, fresh + 28, sizeof im.batch);
    lw_intake_begin(&im.intake, NULL);
    const char *map = cli_option_value(args, "--map");
    const char *wrong = map != NULL ? lw_table_map_read(&im.intake.map, map) : NULL;
    if (wrong != NULL) {
        return cli_usage(args, "--map: not understood from \"%s\" on; start and minutes are needed", wrong);
    }
    code = cli_log_load(args->positional[0], &im.log);
    if (code == CLI_OK && im.log.newer) {
        code = cli_newer_help(&im.log);
    } else if (code == CLI_OK && im.log.record.patient.len == 0) {
        code = cli_usage(args, "%s is empty; loadwave init begins a record", args->positional[0]);
    }
    code = code == CLI_OK ? cli_rules_load(cli_option_value(args, "--protocol"), &im.rules) : code;
    if (code == CLI_OK) {
        for (int i = 1; i < args->count; i++) {
            lw_intake_file(&im.intake, args->positional[i]);
        }
        make_rows(&im);
        preview(&im);
        if (im.wanted == 0) {
            say(&im, CLI_PLAIN, "", "", "import.nothing_new", NULL);
            code = im.lost ? CLI_FINDING : CLI_OK;
        } else if (cli_option_value(args, "--preview") != NULL) {
            say(&im, CLI_PLAIN, "", "", "import.nothing_stored", NULL);
            code = im.lost ? CLI_FINDING : CLI_OK;
        } else if (im.yes && im.lost && cli_option_value(args, "--partial") == NULL) {
            fflush(stdout);
            code = cli_usage(args, "not all of it can be imported; --partial says that the part above is wanted");
        } else {
            code = questions(&im);
            code = code == CLI_OK && im.wanted > 0 ? store(&im) : code;
        }
    }
    cli_buf_free(&im.set_lines);
    free(im.rows);
    cli_rules_free(&im.rules);
    cli_log_free(&im.log);
    lw_intake_end(&im.intake);
    return code;
}
