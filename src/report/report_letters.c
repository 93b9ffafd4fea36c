/*
 * report_letters.c: the two letters. To a provider of shockwave: what they need to decide, what the record says and does not
 * say, what to ask, and what the evidence is. At the end of the programme: how it began, what was done, how it stands.
 *
 * A letter says what the record holds. What was never asked is said to be unknown, never left to look like "no".
 */
#include <stdlib.h>
#include <string.h>

#include "report/pages.h"

/* The last event of a kind that counts on the day; NULL: none. */
static const lw_event *last_of(const lw_page *p, int kind) {
    const lw_event *found = NULL;
    const lw_record *record = p->request->record;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        found = event->kind == kind && !event->voided && event->day <= p->request->day ? event : found;
    }
    return found;
}

static void head(lw_page *p, const char *title_id) {
    const lw_report_request *r = p->request;
    lw_buf under = {0};
    lw_day_words(&under, r->language, r->day, true);
    lw_page_say(p, title_id, NULL);
    lw_page_head(p, lw_page_text(p), lw_page_kept(p, &under));
    lw_buf_free(&under);
    if (r->to != NULL) {
        lw_page_pair(p, "to", r->to);
    }
    lw_page_pair(p, "about", r->name != NULL ? r->name : p->id);
    if (r->from != NULL) {
        lw_page_pair(p, "from", r->from);
    }
    lw_sheet_space(&p->sheet, 4);
}

/* Adds "label: words" to a list of facts. */
static void fact(lw_page *p, lw_buf *text, const char *id, const char *const *args) {
    if (text->len > 0) {
        lw_buf_str(text, " ");
    }
    lw_say(text, p->words.language, id, args);
}

static void history(lw_page *p) {
    const lw_event *enrolled = last_of(p, LW_KIND_ENROLLED), *assessed = last_of(p, LW_KIND_ASSESSED);
    const lw_language *language = p->words.language;
    lw_page_heading(p, "report.history");
    lw_buf text = {0};
    const char *label = lw_node_str(lw_node_inside(p->plan, "diagnosis"), "label");
    if (label != NULL) {
        lw_page_pair(p, "working", lw_word(language, "label", label));
    }
    if (enrolled != NULL) {
        const struct lw_ev_enrolled *data = enrolled->data;
        int both = LW_BIT(LW_SIDE_LEFT) | LW_BIT(LW_SIDE_RIGHT);
        int side = (int)data->sides == both               ? LW_SIDE_BOTH
                   : (data->sides & LW_BIT(LW_SIDE_LEFT)) ? LW_SIDE_LEFT
                                                          : LW_SIDE_RIGHT;
        lw_page_pair(p, "side", lw_word(language, "side", lw_side_names[side]));
        char born[16];
        snprintf(born, sizeof born, "%d", (int)data->birth_year);
        lw_page_pair(p, "born", born);
        if ((data->has & LW_HAS_ENROLLED_SPORT) != 0) {
            lw_page_pair(p, "sport", lw_word(language, "sport", lw_sport_names[data->sport]));
        }
    }
    if (assessed == NULL) {
        lw_page_paragraph(p, "report.not_assessed", NULL);
        return;
    }
    const struct lw_ev_assessed *data = assessed->data;
    if ((data->has & LW_HAS_ASSESSED_WEEKS) != 0) {
        char weeks[16];
        snprintf(weeks, sizeof weeks, "%d", (int)(data->weeks + (p->request->day - assessed->day) / 7));
        fact(p, &text, "report.weeks", LW_ARGS("n", weeks));
    }
    if ((data->has & LW_HAS_ASSESSED_ONSET) != 0) {
        fact(p, &text, "report.onset", LW_ARGS("onset", lw_onset_names[data->onset]));
    }
    if ((data->has & LW_HAS_ASSESSED_LOCALISED) != 0) {
        fact(p, &text, data->localised ? "report.localised" : "report.not_localised", NULL);
    }
    if ((data->has & LW_HAS_ASSESSED_BELOW_KNEE) != 0) {
        fact(p, &text, data->below_knee ? "report.below_knee" : "report.not_below_knee", NULL);
    }
    if ((data->has & LW_HAS_ASSESSED_IMAGING) != 0) {
        fact(p, &text, "report.imaging",
             LW_ARGS("imaging", lw_imaging_names[data->imaging], "result",
                     (data->has & LW_HAS_ASSESSED_IMAGING_RESULT) != 0 ? lw_imaging_result_names[data->imaging_result]
                                                                       : lw_word(language, "ui", "unknown")));
    }
    lw_page_kept(p, &text);
    if (text.len > 0) {
        lw_page_pair(p, "began", text.ptr);
    }
    lw_buf_free(&text);
}

/* The last answer to each test, wherever it was given. */
static void tests(lw_page *p) {
    const lw_record *record = p->request->record;
    lw_page_heading(p, "report.tests");
    bool any = false;
    for (int test = 0; test < LW_TESTS; test++) {
        const lw_event *found = NULL;
        int32_t value = 0;
        for (uint32_t i = 0; i < record->count; i++) {
            const lw_event *event = &record->events[i];
            if (event->voided || event->day > p->request->day) {
                continue;
            }
            const lw_tests *given = event->kind == LW_KIND_ASSESSED
                                        ? &((const struct lw_ev_assessed *)event->data)->tests
                                    : event->kind == LW_KIND_TESTED ? &((const struct lw_ev_tested *)event->data)->tests
                                                                    : NULL;
            if (given != NULL && (given->has >> test & 1U) != 0) {
                found = event;
                value = given->value_x100[test];
            }
        }
        if (found != NULL) {
            any = true;
            bool finding = test >= LW_TEST_PURANEN_ORAVA;
            lw_page_item(p,
                         finding ? (value > 0 ? "report.test_positive" : "report.test_negative") : "report.test_pain",
                         LW_ARGS("test", lw_test_names[test], "pain", lw_page_number(p, value), "date",
                                 lw_page_day(p, found->day)));
        }
    }
    if (!any) {
        lw_page_paragraph(p, "report.no_tests", NULL);
    }
}

static void red_flags(lw_page *p) {
    lw_page_heading(p, "report.flags");
    const lw_event *screened = last_of(p, LW_KIND_SCREENED);
    const lw_node *list = lw_node_inside(lw_node_inside(p->plan, "referral"), "flags");
    for (const lw_node *flag = list != NULL ? list->first : NULL; flag != NULL; flag = flag->next) {
        lw_sheet_card(&p->sheet, LW_INK_ALARM, lw_word(p->words.language, "flag", flag->text));
    }
    if (screened == NULL) {
        lw_page_paragraph(p, "report.never_screened", NULL);
    } else if (list == NULL || list->first == NULL) {
        lw_page_paragraph(p, "report.no_flags", LW_ARGS("date", lw_page_day(p, screened->day)));
    }
}

static void contraindications(lw_page *p) {
    const lw_record *record = p->request->record;
    lw_page_heading(p, "report.contraindications");
    uint32_t present = 0;
    const lw_event *asked = NULL;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->voided || event->day > p->request->day) {
            continue;
        }
        if (event->kind == LW_KIND_ASSESSED) {
            const struct lw_ev_assessed *data = event->data;
            if ((data->has & LW_HAS_ASSESSED_CONTRAINDICATIONS) != 0) {
                present |= data->contraindications; /* only a clinician ends one, by `condition` */
                asked = event;
            }
        } else if (event->kind == LW_KIND_CONDITION) {
            const struct lw_ev_condition *data = event->data;
            present = data->present ? present | LW_BIT(data->code) : present & ~LW_BIT(data->code);
        }
    }
    for (int code = 0; code < LW_CONTRAS; code++) {
        if ((present >> code & 1U) != 0) {
            lw_sheet_item(&p->sheet, lw_word(p->words.language, "contra", lw_contra_names[code]));
        }
    }
    if (asked == NULL) {
        lw_page_paragraph(p, "report.never_asked", NULL);
    } else if (present == 0) {
        lw_page_paragraph(p, "report.no_contraindications", LW_ARGS("date", lw_page_day(p, asked->day)));
    }
    lw_buf_clear(&p->text);
    const lw_node *shockwave = lw_node_inside(p->plan, "shockwave");
    lw_shockwave_words(&p->text, &p->words, shockwave);
    lw_page_kept(p, &p->text);
    if (p->text.len > 0) {
        lw_page_pair(p, "plan_says", p->text.ptr);
    }
}

/* What loading was done, before and in the programme, and how the tendon answered. */
static void loading(lw_page *p) {
    lw_page_heading(p, "report.loading");
    const lw_event *assessed = last_of(p, LW_KIND_ASSESSED), *started = last_of(p, LW_KIND_STARTED);
    char number[16], did[16];
    if (assessed != NULL) {
        const struct lw_ev_assessed *data = assessed->data;
        if ((data->has & LW_HAS_ASSESSED_LOADING_WEEKS) != 0) {
            snprintf(number, sizeof number, "%d", (int)data->loading_weeks);
            lw_page_item(p, "report.loading_before",
                         LW_ARGS("n", number, "response",
                                 (data->has & LW_HAS_ASSESSED_LOADING_RESPONSE) != 0
                                     ? lw_response_names[data->loading_response]
                                     : lw_word(p->words.language, "ui", "unknown")));
        }
    }
    if (started == NULL) {
        lw_page_item(p, "report.not_started", NULL);
        return;
    }
    int sessions = 0;
    for (const lw_node *day = p->loads->first; day != NULL; day = day->next) {
        const char *text = lw_node_str(day, "day");
        int32_t when = 0;
        bool in = text != NULL && lw_day_parse((lw_str){text, (uint32_t)strlen(text)}, &when) && when >= started->day;
        sessions += in && lw_node_true(day, "done") ? 1 : 0;
    }
    snprintf(number, sizeof number, "%d", (int)((p->request->day - started->day) / 7));
    snprintf(did, sizeof did, "%d", sessions);
    lw_page_item(p, "report.loading_here", LW_ARGS("n", number, "did", did, "date", lw_page_day(p, started->day)));
    const char *stage = lw_node_str(lw_node_inside(p->plan, "stage"), "id"), *flare = lw_node_str(p->plan, "flare");
    if (stage != NULL) {
        lw_page_item(p, "report.loading_stage", LW_ARGS("stage", stage));
    }
    if (flare != NULL && strcmp(flare, "none") != 0) {
        lw_page_item(p, "flare_line", LW_ARGS("flare", flare));
    }
}

void lw_page_shockwave(lw_page *p) {
    static const char *const questions[] = {"report.ask_who",    "report.ask_wave",        "report.ask_dose",
                                            "report.ask_course", "report.ask_anaesthetic", "report.ask_after",
                                            "report.ask_cost"};
    head(p, "report.title.shockwave");
    lw_page_referral(p); /* who has a warning sign needs a doctor before anybody's shockwave */
    lw_page_paragraph(p, "report.shockwave_intro", NULL);
    history(p);
    red_flags(p);
    contraindications(p);
    tests(p);
    loading(p);
    lw_page_outcomes(p);
    lw_page_sessions(p);
    lw_page_timeline(p);
    lw_page_heading(p, "report.questions");
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        lw_page_item(p, questions[i], NULL);
    }
    lw_sheet_need(&p->sheet, 150); /* the end of the letter is not torn */
    lw_page_heading(p, "report.evidence");
    lw_page_item(p, "advice.H-1", NULL);
    lw_page_item(p, "advice.H-2", NULL);
    lw_page_item(p, "advice.H-3", NULL);
    lw_sheet_space(&p->sheet, 6);
    lw_page_say(p, "report.shockwave_end", NULL);
    lw_sheet_text(&p->sheet, LW_FACE_SMALL, LW_INK_QUIET, 0, lw_page_text(p));
}

void lw_page_discharge(lw_page *p) {
    const lw_event *ended = last_of(p, LW_KIND_DISCHARGED), *started = last_of(p, LW_KIND_STARTED);
    head(p, "report.title.discharge");
    if (ended != NULL) {
        const struct lw_ev_discharged *data = ended->data;
        char reason[1100];
        snprintf(reason, sizeof reason, "%.*s", (int)(data->reason.len < 1000 ? data->reason.len : 1000),
                 data->reason.ptr);
        lw_page_paragraph(
            p, "report.discharge_intro",
            LW_ARGS("date", lw_page_day(p, ended->day), "from",
                    started != NULL ? lw_page_day(p, started->day) : lw_word(p->words.language, "ui", "unknown")));
        lw_page_pair(p, "reason", reason);
    }
    history(p);
    loading(p);
    lw_page_sessions(p);
    lw_page_outcomes(p);
    tests(p);
    lw_page_timeline(p);
    red_flags(p);
    lw_page_heading(p, "report.after");
    lw_page_item(p, "report.after_keep", NULL);
    lw_page_item(p, "report.after_signs", NULL);
    lw_page_item(p, "report.after_flags", NULL);
}
