/*
 * report_course.c: the course so far: pain in the morning, load and running on one line of days, with shockwave marked; the
 * questionnaires against the change that matters; the sessions of shockwave.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/protocol_tables.h"
#include "report/change.h"
#include "report/pages.h"

int32_t lw_page_first_day(const lw_record *record, int32_t day) {
    int32_t first = day;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        first = !event->voided && event->day < first ? event->day : first;
    }
    return first;
}

static double number_of(const lw_node *day, const char *name) {
    const char *text = lw_node_str(day, name);
    return text != NULL ? strtod(text, NULL) : -1;
}

enum { PANEL_LEFT = 92 };

/* A panel of the timeline: its title, its highest value (nullable) and a line at the bottom. Returns where its days begin. */
static double panel(lw_page *p, const char *label_id, double y, double height, const char *top) {
    lw_sheet *s = &p->sheet;
    lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, s->left, y - 2, PANEL_LEFT - 26, PANGO_ALIGN_LEFT,
                lw_word(p->words.language, "report", label_id));
    if (top != NULL) { /* the numbers of an axis say nothing where they are read one after the other */
        s->mute = true;
        lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, s->left + PANEL_LEFT - 26, y - 5, 22, PANGO_ALIGN_RIGHT, top);
        lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, s->left + PANEL_LEFT - 26, y + height - 8, 22, PANGO_ALIGN_RIGHT,
                    "0");
        s->mute = false;
    }
    cairo_set_source_rgb(s->cr, 0.75, 0.78, 0.78);
    cairo_set_line_width(s->cr, 0.6);
    cairo_move_to(s->cr, s->left + PANEL_LEFT, y + height);
    cairo_line_to(s->cr, s->left + s->width, y + height);
    cairo_stroke(s->cr);
    return s->left + PANEL_LEFT;
}

static double greatest(const lw_node *loads, const char *name) {
    double most = 0;
    for (const lw_node *day = loads->first; day != NULL; day = day->next) {
        double value = number_of(day, name);
        most = value > most ? value : most;
    }
    return most;
}

static void bars(lw_page *p, const char *name, double most, double x, double y, double height, double step) {
    lw_sheet *s = &p->sheet;
    double width = step * 0.7 < 12 ? step * 0.7 : 12;
    lw_sheet_ink(s, LW_INK_ACCENT);
    for (const lw_node *day = p->loads->first; day != NULL; day = day->next, x += step) {
        double value = number_of(day, name);
        if (value > 0) {
            double bar = height * value / most;
            cairo_rectangle(s->cr, x + (step - width) / 2, y + height - bar, width, bar);
        }
    }
    cairo_fill(s->cr);
}

/* ---- flares: which of them was open on a day is the fold's word ---- */

typedef struct flare_span {
    int32_t from, to; /* days */
    bool major;       /* at its worst */
} flare_span;

/* 0 none, 1 minor, 2 major. */
static int flare_of(const lw_node *day) {
    const char *flare = lw_node_str(day, "flare");
    return flare == NULL || strcmp(flare, "none") == 0 ? 0 : strcmp(flare, "major") == 0 ? 2 : 1;
}

/* The next flare from *day on, which is moved behind it; false at the end. *when is the day that *day is. */
static bool next_flare(const lw_node **day, int32_t *when, flare_span *span) {
    while (*day != NULL && flare_of(*day) == 0) {
        *day = (*day)->next;
        ++*when;
    }
    *span = (flare_span){.from = *when, .to = *when};
    bool found = *day != NULL;
    for (; *day != NULL && flare_of(*day) > 0; *day = (*day)->next, ++*when) {
        span->to = *when;
        span->major = span->major || flare_of(*day) == 2;
    }
    return found;
}

/* A low bar for a minor flare, a high one for a major: told apart without colour, too. */
static void flares(lw_page *p, double x0, double y, double height, double step) {
    lw_sheet *s = &p->sheet;
    double x = x0;
    lw_sheet_ink(s, LW_INK_ALARM);
    for (const lw_node *day = p->loads->first; day != NULL; day = day->next, x += step) {
        int flare = flare_of(day);
        if (flare > 0) {
            cairo_rectangle(s->cr, x, y + height - height * flare / 2, step, height * flare / 2);
        }
    }
    cairo_fill(s->cr);
}

static int list_flares(lw_page *p, int32_t from, lw_buf *list) {
    enum { TOLD = 8 };
    const lw_language *language = p->words.language;
    flare_span span;
    int count = 0, at = 0;
    for (int pass = 0; pass < 2; pass++) { /* first how many, then the last of them in words */
        const lw_node *day = p->loads->first;
        int32_t when = p->first;
        at = 0;
        while (next_flare(&day, &when, &span)) {
            if (span.to < from) {
                continue;
            }
            at++;
            if (pass == 1 && at > count - TOLD) {
                lw_buf_str(list, list->len > 0 ? "; " : "");
                lw_say(list, language, span.from < span.to ? "report.flare_span" : "report.flare_one",
                       LW_ARGS("from", lw_page_day(p, span.from), "to", lw_page_day(p, span.to), "kind",
                               lw_sentence_of(language, span.major ? "report.flare_major" : "report.flare_minor")));
            }
        }
        count = at;
    }
    p->sheet.failed = p->sheet.failed || list->failed;
    return count > TOLD ? -count : count;
}

void lw_page_flares_say(lw_page *p, lw_buf *text, int32_t from) {
    lw_buf list = {0};
    char number[16];
    int count = list_flares(p, from, &list);
    if (p->clipped && from < p->first) {
        snprintf(number, sizeof number, "%d", (int)(p->request->day - p->first + 1));
        lw_say(text, p->words.language, "report.clipped", LW_ARGS("n", number));
        lw_buf_str(text, " ");
    }
    snprintf(number, sizeof number, "%d", count < 0 ? -count : count);
    lw_say(text, p->words.language,
           count == 0  ? "report.flares_none"
           : count < 0 ? "report.flares_last"
                       : "report.flares",
           LW_ARGS("n", number, "list", list.ptr != NULL ? list.ptr : ""));
    lw_buf_free(&list);
    lw_page_kept(p, text);
}

/* ---- the axis of days ---- */

/* A small mark and its words under the panels; where the last words end is kept in *used. */
static void tick(lw_page *p, double x, double y, const char *words, double *used) {
    enum { WIDE = 64 };
    lw_sheet *s = &p->sheet;
    double left = x - WIDE / 2.0, end = s->left + s->width;
    lw_sheet_ink(s, LW_INK_QUIET);
    cairo_rectangle(s->cr, x - 0.3, y - 3, 0.6, 3);
    cairo_fill(s->cr);
    if (left + WIDE / 4.0 < *used || x > end - 12) {
        return;
    }
    lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, left, y, WIDE, PANGO_ALIGN_CENTER, words);
    *used = left + WIDE * 3 / 4.0;
}

/* Weeks where the course is short, else months, so many of them together that their words stay apart; January says its year. */
static void axis(lw_page *p, double x0, double y, double step, int32_t days) {
    enum { SHORT = 70, APART = 34 };
    lw_sheet *s = &p->sheet;
    lw_buf words = {0};
    double used = 0;
    int months = 1;
    static const int together[] = {1, 2, 3, 6, 12};
    for (size_t i = 0; i < sizeof together / sizeof together[0]; i++) {
        months = together[i];
        if (step * 30 * months >= APART) {
            break;
        }
    }
    s->mute = true;
    for (int32_t n = 0; n < days; n++) {
        int32_t year = 0, month = 1, dom = 1;
        lw_day_to_civil(p->first + n, &year, &month, &dom);
        bool marked = days <= SHORT ? n % 7 == 0 : dom == 1 && (month - 1) % months == 0;
        if (!marked) {
            continue;
        }
        char number[16];
        lw_buf_clear(&words);
        if (days <= SHORT) {
            lw_tick_words(&words, p->words.language, p->first + n);
        } else {
            snprintf(number, sizeof number, "%d", month == 1 ? (int)year : (int)month);
            lw_buf_str(&words, month == 1 ? number : lw_word(p->words.language, "month_short", number));
        }
        tick(p, x0 + step * n + step / 2, y, lw_page_kept(p, &words), &used);
    }
    s->mute = false;
    lw_buf_free(&words);
}

/* The worst morning pain of seven days, as the page writes a number; NULL: nobody said. */
static const char *worst_of_week(lw_page *p, int32_t skip) {
    enum { WEEK = 7 };
    double worst = -1;
    int32_t n = 0;
    for (const lw_node *day = p->loads->first; day != NULL && n < skip + WEEK; day = day->next, n++) {
        double value = n >= skip ? number_of(day, "pain_morning") : -1;
        worst = value > worst ? value : worst;
    }
    return worst >= 0 ? lw_page_number(p, (int32_t)(worst * 100 + 0.5)) : NULL;
}

/* Days of the line on which a number was told. */
static int told_days(const lw_page *p, const char *name) {
    int told = 0;
    for (const lw_node *day = p->loads->first; day != NULL; day = day->next) {
        told += number_of(day, name) >= 0 ? 1 : 0;
    }
    return told;
}

/* What the picture shows, for who cannot see it; and how many mornings it rests on. */
static void in_words(lw_page *p, int32_t days) {
    const char *first = worst_of_week(p, 0), *last = worst_of_week(p, days > 7 ? days - 7 : 0);
    lw_buf text = {0};
    bool known = first != NULL && last != NULL, apart = days >= 14; /* two weeks that share no day */
    char told[16], all[16];
    snprintf(told, sizeof told, "%d", told_days(p, "pain_morning"));
    snprintf(all, sizeof all, "%d", (int)days);
    lw_say(&text, p->words.language,
           !known  ? "report.in_words_unknown"
           : apart ? "report.in_words"
                   : "report.in_words_short",
           LW_ARGS("from", lw_page_day(p, p->first), "to", lw_page_day(p, p->request->day), "first", known ? first : "",
                   "last", known ? last : ""));
    lw_buf_str(&text, " ");
    lw_say(&text, p->words.language, "report.mornings", LW_ARGS("n", told, "days", all));
    lw_buf_str(&text, " ");
    lw_page_flares_say(p, &text, p->first);
    lw_sheet_text(&p->sheet, LW_FACE_SMALL, LW_INK_TEXT, 0, lw_page_kept(p, &text));
    lw_buf_free(&text);
}

/* The line of the mornings and the dots of the days. */
static void pains(lw_page *p, double x0, double top, double height, double step) {
    static const char *const kinds[2] = {"pain_during", "pain_morning"};
    lw_sheet *s = &p->sheet;
    for (int k = 0; k < 2; k++) {
        double x = x0 + step / 2, before = -1;
        lw_sheet_ink(s, k == 0 ? LW_INK_WARN : LW_INK_TEXT);
        cairo_set_line_width(s->cr, 1);
        for (const lw_node *day = p->loads->first; day != NULL; day = day->next, x += step) {
            double value = number_of(day, kinds[k]), y = top + height - height * value / 10;
            if (value >= 0 && k == 0) { /* pain during the work: a dot of its own */
                cairo_arc(s->cr, x, y, 1.5, 0, 6.2831853);
                cairo_fill(s->cr);
            } else if (value >= 0 && before >= 0) {
                cairo_move_to(s->cr, x - step, before);
                cairo_line_to(s->cr, x, y);
                cairo_stroke(s->cr);
            } else if (value >= 0) { /* a morning alone, before or after days that nobody told of */
                cairo_rectangle(s->cr, x - 1.5, y - 0.5, 3, 1);
                cairo_fill(s->cr);
            }
            before = value >= 0 ? y : -1;
        }
    }
}

/* A dashed line for each day with shockwave; whether there was one. */
static bool shocks(lw_page *p, double x0, double top, double bottom, double step) {
    static const double dash[2] = {3, 2};
    const lw_record *record = p->request->record;
    lw_sheet *s = &p->sheet;
    bool any = false;
    lw_sheet_ink(s, LW_INK_TEXT);
    cairo_set_line_width(s->cr, 0.9);
    cairo_set_dash(s->cr, dash, 2, 0);
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->kind == LW_KIND_SHOCKWAVE && !event->voided && event->day >= p->first &&
            event->day <= p->request->day) {
            double x = x0 + step * (event->day - p->first) + step / 2;
            cairo_move_to(s->cr, x, top);
            cairo_line_to(s->cr, x, bottom);
            any = true;
        }
    }
    cairo_stroke(s->cr);
    cairo_set_dash(s->cr, NULL, 0, 0);
    return any;
}

void lw_page_timeline(lw_page *p) {
    enum { PAIN = 74, FLARE = 12, LOAD = 44, RUN = 34, GAP = 12, BELOW = 84 };
    lw_sheet *s = &p->sheet;
    const lw_language *language = p->words.language;
    int32_t days = p->request->day - p->first + 1;
    if (days >= 2) { /* heading, panels and what they mean are one block */
        lw_sheet_need(s, PAIN + FLARE + LOAD + RUN + 4 * GAP + BELOW);
    }
    lw_page_heading(p, "report.timeline");
    if (days < 2) {
        lw_page_paragraph(p, "report.too_early", NULL);
        return;
    }
    if (p->clipped) {
        char number[16];
        snprintf(number, sizeof number, "%d", (int)days);
        lw_page_paragraph(p, "report.clipped", LW_ARGS("n", number));
    }
    double run = greatest(p->loads, "run_km"), load = greatest(p->loads, "tension");
    if (run <= 0 && load <= 0 && told_days(p, "pain_morning") + told_days(p, "pain_during") == 0) {
        lw_page_paragraph(p, "report.nothing_told",
                          LW_ARGS("from", lw_page_day(p, p->first), "to", lw_page_day(p, p->request->day)));
        return;
    }
    double top = s->y + 6, x0 = panel(p, "pain", top, PAIN, "10"), step = (s->left + s->width - x0) / days;
    bool flared = false;
    for (const lw_node *day = p->loads->first; day != NULL; day = day->next) {
        flared = flared || flare_of(day) > 0;
    }

    /* green as far as the protocol says that pain may go on */
    double green = PAIN * p->words.protocol->params[LW_PARAM_PAIN_GREEN_MAX] / 1000.0;
    cairo_set_source_rgb(s->cr, 0.91, 0.96, 0.93);
    cairo_rectangle(s->cr, x0, top + PAIN - green, s->left + s->width - x0, green);
    cairo_fill(s->cr);
    pains(p, x0, top, PAIN, step);
    char most[24];
    double y = top + PAIN;
    if (flared) {
        y += GAP / 2.0;
        panel(p, "flare", y, FLARE, NULL);
        flares(p, x0, y, FLARE, step);
        y += FLARE;
    }
    y += GAP;
    snprintf(most, sizeof most, "%.0f", load / 1000);
    panel(p, "load", y, LOAD, most);
    bars(p, "tension", load > 0 ? load : 1, x0, y, LOAD, step);
    y += LOAD;
    if (run > 0) {
        y += GAP;
        snprintf(most, sizeof most, "%.0f", run);
        panel(p, "run_km", y, RUN, most);
        bars(p, "run_km", run, x0, y, RUN, step);
        y += RUN;
    }
    bool shocked = shocks(p, x0, top, y, step);
    y += 4;
    axis(p, x0, y, step, days);
    s->y = y + 16;
    lw_buf legend = {0};
    lw_say(&legend, language, "report.legend", NULL);
    if (flared) {
        lw_buf_str(&legend, " ");
        lw_say(&legend, language, "report.legend_flare", NULL);
    }
    if (shocked) {
        lw_buf_str(&legend, " ");
        lw_say(&legend, language, "report.legend_shockwave", NULL);
    }
    lw_sheet_text(s, LW_FACE_SMALL, LW_INK_QUIET, 0, lw_page_kept(p, &legend));
    lw_buf_free(&legend);
    lw_sheet_space(s, 4);
    in_words(p, days);
}

typedef struct course_scores {
    const lw_event *first, *last;
} course_scores;

static course_scores scores_of(const lw_page *p, const char *instrument) {
    course_scores found = {NULL, NULL};
    const lw_record *record = p->request->record;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->kind != LW_KIND_OUTCOME || event->voided || event->day > p->request->day) {
            continue;
        }
        const struct lw_ev_outcome *data = event->data;
        if (strcmp(lw_instrument_names[data->instrument], instrument) == 0) {
            found.first = found.first == NULL ? event : found.first;
            found.last = event;
        }
    }
    return found;
}

static int32_t score(const lw_event *event) {
    return ((const struct lw_ev_outcome *)event->data)->score_x100;
}

/* What the change from the first to the last score amounts to: a sentence id. */
static const char *judged(const lw_change *rule, int32_t first, int32_t last) {
    int32_t gain = rule->up ? last - first : first - last;
    if (rule->reach_x100 >= 0) {
        return last >= rule->reach_x100 ? "report.change_reached" : "report.change_not";
    }
    if (rule->change_x100 < 0) {
        return "report.change_unknown";
    }
    bool share = rule->percent >= 0 && first > 0 && (int64_t)gain * 100 >= (int64_t)first * rule->percent;
    if (gain >= rule->change_x100 || share) {
        return "report.change_better";
    }
    return -gain >= rule->change_x100 ? "report.change_worse" : "report.change_within";
}

void lw_page_outcomes(lw_page *p) {
    lw_page_heading(p, "report.outcomes");
    bool any = false;
    for (unsigned i = 0; i < lw_change_count; i++) {
        const lw_change *rule = &lw_changes[i];
        course_scores found = scores_of(p, rule->instrument);
        if (found.first == NULL) {
            continue;
        }
        any = true;
        lw_buf text = {0};
        lw_say(&text, p->words.language, "report.score",
               LW_ARGS("score", lw_page_number(p, score(found.last)), "max", lw_page_number(p, rule->max_x100), "date",
                       lw_page_day(p, found.last->day)));
        if (found.last != found.first) {
            lw_buf_str(&text, " ");
            lw_say(&text, p->words.language, "report.score_before",
                   LW_ARGS("score", lw_page_number(p, score(found.first)), "date", lw_page_day(p, found.first->day)));
            lw_buf_str(&text, " ");
            lw_buf source = {0};
            lw_buf_fmt(&source, "%s%s%s", rule->source != NULL ? rule->source : "", rule->source != NULL ? ", " : "",
                       rule->tag != NULL ? lw_word(p->words.language, "tag", rule->tag) : "");
            lw_say(&text, p->words.language, judged(rule, score(found.first), score(found.last)),
                   LW_ARGS("change", lw_page_number(p, rule->reach_x100 >= 0 ? rule->reach_x100 : rule->change_x100),
                           "source", lw_page_kept(p, &source)));
            lw_buf_free(&source);
        }
        p->sheet.failed = p->sheet.failed || text.failed;
        char key[48];
        snprintf(key, sizeof key, "instrument_%s", rule->instrument);
        lw_page_pair(p, key, text.ptr != NULL ? text.ptr : "");
        lw_buf_free(&text);
    }
    if (!any) {
        lw_page_paragraph(p, "report.no_outcomes", NULL);
    }
}

/* The worst pain told of a morning, as the page writes a number; NULL: nobody said. */
static const char *morning_of(lw_page *p, int32_t day) {
    const lw_record *record = p->request->record;
    int32_t worst = -1;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->kind == LW_KIND_CHECKIN && !event->voided && event->day == day && day <= p->request->day) {
            int32_t pain = ((const struct lw_ev_checkin *)event->data)->pain_morning_x100;
            worst = pain > worst ? pain : worst;
        }
    }
    return worst >= 0 ? lw_page_number(p, worst) : NULL;
}

/* How the tendon was the morning after, against the morning of the treatment. */
static void next_morning(lw_page *p, lw_buf *text, int32_t day) {
    const char *before = morning_of(p, day), *after = morning_of(p, day + 1);
    const char *unknown = lw_sentence_of(p->words.language, "report.not_recorded");
    if (day < p->request->day) {
        lw_buf_str(text, ". ");
        lw_say(text, p->words.language, "report.next_morning",
               LW_ARGS("before", before != NULL ? before : unknown, "after", after != NULL ? after : unknown));
    }
}

/* One treatment as it was given: what is not known is named, and bar and mJ/mm² are never turned into each other. */
static void treatment(lw_page *p, lw_buf *text, const struct lw_ev_shockwave *data) {
    const lw_language *language = p->words.language;
    lw_buf gaps = {0};
    lw_buf_str(text, lw_word(language, "side", lw_side_names[data->side]));
    if ((data->has & LW_HAS_SHOCKWAVE_WAVE) != 0) {
        char key[32];
        snprintf(key, sizeof key, "wave_%s", lw_wave_names[data->wave]);
        lw_buf_fmt(text, ", %s", lw_word(language, "report", key));
    } else {
        lw_say_next(&gaps, language, "report.gap_wave", NULL);
    }
    if ((data->has & (LW_HAS_SHOCKWAVE_EFD_MJ_MM2 | LW_HAS_SHOCKWAVE_PRESSURE_BAR)) == 0) {
        lw_say_next(&gaps, language, "report.gap_strength", NULL);
    }
    static const struct {
        uint64_t bit;
        const char *id, *gap; /* gap: NULL where it is told above, or not asked of everybody */
    } parts[] = {{LW_HAS_SHOCKWAVE_EFD_MJ_MM2, "report.efd", NULL},
                 {LW_HAS_SHOCKWAVE_PRESSURE_BAR, "report.pressure", NULL},
                 {LW_HAS_SHOCKWAVE_IMPULSES, "report.impulses", "report.gap_impulses"},
                 {LW_HAS_SHOCKWAVE_RATE_HZ, "report.rate", "report.gap_rate"},
                 {LW_HAS_SHOCKWAVE_APPLICATOR_MM, "report.applicator", "report.gap_applicator"},
                 {LW_HAS_SHOCKWAVE_PAIN_DURING, "report.pain_during", "report.gap_pain_during"}};
    const int32_t values[] = {data->efd_mj_mm2_x100, data->pressure_bar_x100,  data->impulses * 100,
                              data->rate_hz_x100,    data->applicator_mm_x100, data->pain_during_x100};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if ((data->has & parts[i].bit) != 0) {
            lw_buf_str(text, ", ");
            lw_say(text, language, parts[i].id, LW_ARGS("n", lw_page_number(p, values[i])));
        } else if (parts[i].gap != NULL) {
            lw_say_next(&gaps, language, parts[i].gap, NULL);
        }
    }
    if ((data->has & LW_HAS_SHOCKWAVE_ANAESTHETIC) != 0) {
        lw_say_next(text, language, data->anaesthetic ? "report.anaesthetic" : "report.no_anaesthetic", NULL);
    } else {
        lw_say_next(&gaps, language, "report.gap_anaesthetic", NULL);
    }
    if ((data->has & LW_HAS_SHOCKWAVE_DEVICE) != 0 && data->device.len > 0) {
        lw_say_next(text, language, "report.device", LW_ARGS("device", lw_page_foreign(p, data->device, LW_PAGE_NAME)));
    } else {
        lw_say_next(&gaps, language, "report.gap_device", NULL);
    }
    if ((data->has & LW_HAS_SHOCKWAVE_ADVERSE) != 0 && data->adverse.count > 0) {
        lw_buf list = {0};
        for (uint32_t i = 0; i < data->adverse.count; i++) {
            lw_buf_fmt(&list, "%s%s", i > 0 ? "; " : "", lw_page_foreign(p, data->adverse.items[i], LW_PAGE_NAME));
        }
        lw_say_next(text, language, "report.adverse", LW_ARGS("list", lw_page_kept(p, &list)));
        lw_buf_free(&list);
    }
    if (gaps.len > 0) {
        lw_buf_str(text, ". ");
        lw_say(text, language, "report.not_recorded_of", LW_ARGS("list", lw_page_kept(p, &gaps)));
    }
    lw_page_kept(p, &gaps);
    lw_buf_free(&gaps);
}

/* What appeared later; what is serious stands out. */
static void adverse(lw_page *p, const lw_event *event) {
    const struct lw_ev_adverse *data = event->data;
    lw_buf list = {0};
    for (uint32_t i = 0; i < data->what.count; i++) {
        lw_buf_fmt(&list, "%s%s", i > 0 ? "; " : "", lw_page_foreign(p, data->what.items[i], LW_PAGE_NAME));
    }
    lw_page_say(p, data->serious ? "report.effect_serious" : "report.effect",
                LW_ARGS("date", lw_page_day(p, event->day), "list", lw_page_kept(p, &list)));
    lw_sheet_text(&p->sheet, data->serious ? LW_FACE_BOLD : LW_FACE_BODY, data->serious ? LW_INK_ALARM : LW_INK_TEXT, 0,
                  lw_page_text(p));
    lw_sheet_space(&p->sheet, 3);
    lw_buf_free(&list);
}

void lw_page_sessions(lw_page *p) {
    const lw_record *record = p->request->record;
    lw_page_heading(p, "report.sessions");
    bool any = false;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->voided || event->day > p->request->day) {
            continue;
        }
        if (event->kind == LW_KIND_ADVERSE) {
            adverse(p, event);
        }
        if (event->kind != LW_KIND_SHOCKWAVE) {
            continue;
        }
        any = true;
        lw_buf text = {0};
        treatment(p, &text, event->data);
        next_morning(p, &text, event->day);
        p->sheet.failed = p->sheet.failed || text.failed;
        lw_sheet_pair(&p->sheet, lw_page_day(p, event->day), text.ptr != NULL ? text.ptr : "");
        lw_buf_free(&text);
    }
    if (!any) {
        lw_page_paragraph(p, "report.no_sessions", NULL);
    }
}

/* Sessions done, due and missed in the days of the timeline. */
static void done(lw_page *p) {
    int did = 0, missed = 0;
    for (const lw_node *day = p->loads->first; day != NULL; day = day->next) {
        did += lw_node_true(day, "done") ? 1 : 0;
        missed += lw_node_true(day, "missed") ? 1 : 0;
    }
    char did_text[16], missed_text[16], days[16];
    snprintf(did_text, sizeof did_text, "%d", did);
    snprintf(missed_text, sizeof missed_text, "%d", missed);
    snprintf(days, sizeof days, "%d", (int)(p->request->day - p->first + 1));
    lw_page_paragraph(p, "report.done", LW_ARGS("did", did_text, "missed", missed_text, "days", days));
}

void lw_page_progress(lw_page *p) {
    const lw_report_request *r = p->request;
    lw_buf under = {0};
    lw_buf_fmt(&under, "%s · ", p->name);
    lw_day_words(&under, r->language, r->day, true);
    lw_page_say(p, "report.title.progress", NULL);
    lw_page_head(p, lw_page_text(p), lw_page_kept(p, &under));
    lw_buf_free(&under);
    if (lw_page_referral(p)) {
        lw_sheet_space(&p->sheet, 4);
    }
    lw_page_review(p);
    char key[64];
    lw_headline_id(p->plan, key);
    const lw_node *place = lw_node_inside(p->plan, "stage");
    const char *stage = lw_node_str(place, "day") != NULL ? lw_node_str(place, "id") : NULL; /* of who has begun */
    if (stage != NULL) {
        lw_page_pair(p, "now", lw_word(r->language, "stage", stage));
    }
    lw_page_say(p, key, NULL);
    lw_page_pair(p, "today", lw_page_text(p));
    done(p);
    lw_page_timeline(p);
    lw_page_outcomes(p);
    lw_page_sessions(p);
    lw_page_heading(p, "report.honest");
    lw_page_item(p, "advice.H-3", NULL);
    lw_page_item(p, "advice.H-4", NULL);
}
