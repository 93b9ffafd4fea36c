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

/* A panel of the timeline: its title, its highest value and a line at the bottom. */
static double panel(lw_page *p, const char *label_id, double y, double height, const char *top) {
    lw_sheet *s = &p->sheet;
    enum { LEFT = 92 };
    lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, s->left, y, LEFT - 26, PANGO_ALIGN_LEFT,
                lw_word(p->words.language, "report", label_id));
    lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, s->left + LEFT - 26, y - 5, 22, PANGO_ALIGN_RIGHT, top);
    lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, s->left + LEFT - 26, y + height - 8, 22, PANGO_ALIGN_RIGHT, "0");
    cairo_set_source_rgb(s->cr, 0.75, 0.78, 0.78);
    cairo_set_line_width(s->cr, 0.6);
    cairo_move_to(s->cr, s->left + LEFT, y + height);
    cairo_line_to(s->cr, s->left + s->width, y + height);
    cairo_stroke(s->cr);
    return s->left + LEFT;
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
    lw_sheet_ink(s, LW_INK_ACCENT);
    for (const lw_node *day = p->loads->first; day != NULL; day = day->next, x += step) {
        double value = number_of(day, name);
        if (value > 0) {
            double bar = height * value / most;
            cairo_rectangle(s->cr, x + step * 0.15, y + height - bar, step * 0.7, bar);
        }
    }
    cairo_fill(s->cr);
}

void lw_page_timeline(lw_page *p) {
    enum { PAIN = 74, LOAD = 44, RUN = 34, GAP = 12 };
    lw_sheet *s = &p->sheet;
    int32_t days = p->request->day - p->first + 1;
    if (days >= 2) { /* heading, panels and what they mean are one block */
        lw_sheet_need(s, PAIN + LOAD + RUN + 4 * GAP + 72);
    }
    lw_page_heading(p, "report.timeline");
    if (days < 2) {
        lw_page_paragraph(p, "report.too_early", NULL);
        return;
    }
    double run = greatest(p->loads, "run_km"), load = greatest(p->loads, "tension");
    double high = PAIN + GAP + LOAD + (run > 0 ? GAP + RUN : 0) + 26;
    lw_sheet_need(s, high);
    double top = s->y + 6;
    double x0 = panel(p, "pain", top, PAIN, "10"), step = (s->left + s->width - x0) / days;

    /* green as far as the protocol says that pain may go on */
    double green = PAIN * p->words.protocol->params[LW_PARAM_PAIN_GREEN_MAX] / 1000.0;
    cairo_set_source_rgb(s->cr, 0.91, 0.96, 0.93);
    cairo_rectangle(s->cr, x0, top + PAIN - green, s->left + s->width - x0, green);
    cairo_fill(s->cr);
    const char *const kinds[2] = {"pain_during", "pain_morning"};
    for (int k = 0; k < 2; k++) {
        double x = x0 + step / 2, before = -1;
        lw_sheet_ink(s, k == 0 ? LW_INK_WARN : LW_INK_TEXT);
        cairo_set_line_width(s->cr, 1);
        for (const lw_node *day = p->loads->first; day != NULL; day = day->next, x += step) {
            double value = number_of(day, kinds[k]), y = top + PAIN - PAIN * value / 10;
            if (value >= 0 && k == 0) { /* pain during the work: a dot of its own */
                cairo_arc(s->cr, x, y, 1.5, 0, 6.2831853);
                cairo_fill(s->cr);
            } else if (value >= 0) {
                cairo_move_to(s->cr, x, y);
                if (before >= 0) {
                    cairo_line_to(s->cr, x - step, before);
                } else {
                    cairo_line_to(s->cr, x + 0.5, y);
                }
                cairo_stroke(s->cr);
            }
            before = value >= 0 ? y : -1;
        }
    }
    char most[24];
    double y = top + PAIN + GAP;
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
    const lw_record *record = p->request->record;
    lw_sheet_ink(s, LW_INK_ALARM);
    cairo_set_line_width(s->cr, 0.9);
    static const double dash[2] = {3, 2};
    bool shocked = false;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->kind == LW_KIND_SHOCKWAVE && !event->voided && event->day >= p->first &&
            event->day <= p->request->day) {
            double x = x0 + step * (event->day - p->first) + step / 2;
            cairo_set_dash(s->cr, dash, 2, 0);
            cairo_move_to(s->cr, x, top);
            cairo_line_to(s->cr, x, y);
            shocked = true;
        }
    }
    cairo_stroke(s->cr);
    cairo_set_dash(s->cr, NULL, 0, 0);
    y += 3;
    lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, x0, y, 120, PANGO_ALIGN_LEFT, lw_page_day(p, p->first));
    lw_sheet_at(s, LW_FACE_SMALL, LW_INK_QUIET, s->left + s->width - 120, y, 120, PANGO_ALIGN_RIGHT,
                lw_page_day(p, p->request->day));
    s->y = y + 15;
    lw_page_say(p, shocked ? "report.legend_shockwave" : "report.legend", NULL);
    lw_sheet_text(s, LW_FACE_SMALL, LW_INK_QUIET, 0, lw_page_text(p));
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
            lw_say(&text, p->words.language, judged(rule, score(found.first), score(found.last)),
                   LW_ARGS("change", lw_page_number(p, rule->reach_x100 >= 0 ? rule->reach_x100 : rule->change_x100),
                           "source", rule->source != NULL ? rule->source : "–", "tag",
                           rule->tag != NULL ? lw_word(p->words.language, "tag", rule->tag) : ""));
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

/* One treatment as it was given: what is not known is not said, and bar and mJ/mm² are never turned into each other. */
static void treatment(lw_page *p, lw_buf *text, const struct lw_ev_shockwave *data) {
    const lw_language *language = p->words.language;
    lw_buf_str(text, lw_word(language, "side", lw_side_names[data->side]));
    if ((data->has & LW_HAS_SHOCKWAVE_WAVE) != 0) {
        char key[32];
        snprintf(key, sizeof key, "wave_%s", lw_wave_names[data->wave]);
        lw_buf_fmt(text, ", %s", lw_word(language, "report", key));
    }
    static const struct {
        uint64_t bit;
        const char *id;
    } parts[] = {{LW_HAS_SHOCKWAVE_EFD_MJ_MM2, "report.efd"},
                 {LW_HAS_SHOCKWAVE_PRESSURE_BAR, "report.pressure"},
                 {LW_HAS_SHOCKWAVE_IMPULSES, "report.impulses"},
                 {LW_HAS_SHOCKWAVE_RATE_HZ, "report.rate"},
                 {LW_HAS_SHOCKWAVE_PAIN_DURING, "report.pain_during"}};
    const int32_t values[] = {data->efd_mj_mm2_x100, data->pressure_bar_x100, data->impulses * 100, data->rate_hz_x100,
                              data->pain_during_x100};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if ((data->has & parts[i].bit) != 0) {
            lw_buf_str(text, ", ");
            lw_say(text, language, parts[i].id, LW_ARGS("n", lw_page_number(p, values[i])));
        }
    }
    if ((data->has & LW_HAS_SHOCKWAVE_DEVICE) != 0 && data->device.len > 0) {
        lw_buf_fmt(text, ", %.*s", (int)data->device.len, data->device.ptr);
    }
}

void lw_page_sessions(lw_page *p) {
    const lw_record *record = p->request->record;
    lw_page_heading(p, "report.sessions");
    bool any = false;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->kind != LW_KIND_SHOCKWAVE || event->voided || event->day > p->request->day) {
            continue;
        }
        any = true;
        lw_buf text = {0};
        treatment(p, &text, event->data);
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
    lw_buf_fmt(&under, "%s · ", r->name != NULL ? r->name : p->id);
    lw_day_words(&under, r->language, r->day, true);
    lw_page_say(p, "report.title.progress", NULL);
    lw_page_head(p, lw_page_text(p), lw_page_kept(p, &under));
    lw_buf_free(&under);
    char key[64];
    lw_headline_id(p->plan, key);
    const char *stage = lw_node_str(lw_node_inside(p->plan, "stage"), "id");
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
