/*
 * report_letters.c: the two letters. To a provider of shockwave: what they need to decide, what the record says and does not
 * say, what to ask, and what the evidence is. At the end of the programme: how it began, what was done, how it stands.
 *
 * A letter says what the record holds. What was never asked is said to be unknown, never left to look like "no".
 */
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
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
    if (p->to != NULL) {
        lw_page_pair(p, "to", p->to);
    }
    lw_page_pair(p, "about", p->name);
    if (p->from != NULL) {
        lw_page_pair(p, "from", p->from);
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
        fact(p, &text, "report.born", LW_ARGS("year", born));
        if ((data->has & LW_HAS_ENROLLED_SPORT) != 0) {
            fact(p, &text, "report.sport", LW_ARGS("sport", lw_sport_names[data->sport]));
        }
        if ((data->has & LW_HAS_ENROLLED_GOAL) != 0) {
            fact(p, &text, "report.goal", LW_ARGS("goal", lw_goal_names[data->goal]));
        }
        lw_page_pair(p, "person", lw_page_kept(p, &text));
        lw_buf_free(&text);
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

/* The last answer to each test, wherever it was given; what was answered on one day stands together, the latest first. */
static void tests(lw_page *p) {
    const lw_record *record = p->request->record;
    const lw_event *found[LW_TESTS] = {NULL};
    int32_t value[LW_TESTS] = {0};
    lw_page_heading(p, "report.tests");
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        const lw_tests *given = event->voided || event->day > p->request->day ? NULL
                                : event->kind == LW_KIND_ASSESSED ? &((const struct lw_ev_assessed *)event->data)->tests
                                : event->kind == LW_KIND_TESTED   ? &((const struct lw_ev_tested *)event->data)->tests
                                                                  : NULL;
        for (int test = 0; given != NULL && test < LW_TESTS; test++) {
            if ((given->has >> test & 1U) != 0) {
                found[test] = event;
                value[test] = given->value_x100[test];
            }
        }
    }
    bool any = false;
    for (int32_t until = INT32_MAX;;) {
        int32_t day = INT32_MIN;
        for (int test = 0; test < LW_TESTS; test++) {
            day = found[test] != NULL && found[test]->day < until && found[test]->day > day ? found[test]->day : day;
        }
        if (day == INT32_MIN) {
            break;
        }
        lw_buf pains = {0}, text = {0};
        for (int test = 0; test < LW_TEST_PURANEN_ORAVA; test++) {
            if (found[test] != NULL && found[test]->day == day) {
                lw_buf_str(&pains, pains.len > 0 ? "; " : "");
                lw_say(&pains, p->words.language, "report.test_one",
                       LW_ARGS("test", lw_test_names[test], "pain", lw_page_number(p, value[test])));
            }
        }
        if (pains.len > 0) {
            fact(p, &text, "report.tests_pain", LW_ARGS("list", lw_page_kept(p, &pains)));
        }
        for (int test = LW_TEST_PURANEN_ORAVA; test < LW_TESTS; test++) {
            if (found[test] != NULL && found[test]->day == day) {
                lw_buf_str(&text, text.len > 0 ? "\n" : "");
                lw_say(&text, p->words.language, value[test] > 0 ? "report.test_positive" : "report.test_negative",
                       LW_ARGS("test", lw_test_names[test]));
            }
        }
        lw_page_kept(p, &pains);
        lw_sheet_pair(&p->sheet, lw_page_day(p, day), lw_page_kept(p, &text));
        lw_buf_free(&pains);
        lw_buf_free(&text);
        until = day;
        any = true;
    }
    if (!any) {
        lw_page_paragraph(p, "report.no_tests", NULL);
    }
}

/* Adds "one; another" of a mask of flags. */
static void flag_words(lw_page *p, lw_buf *text, uint32_t flags) {
    for (int flag = 0; flag < LW_FLAGS; flag++) {
        if ((flags >> flag & 1U) != 0) {
            lw_buf_fmt(text, "%s%s", text->len > 0 ? "; " : "",
                       lw_word(p->words.language, "flag", lw_flag_names[flag]));
        }
    }
    lw_page_kept(p, text);
}

static void red_flags(lw_page *p) {
    const lw_record *record = p->request->record;
    lw_page_heading(p, "report.flags");
    const lw_event *screened = last_of(p, LW_KIND_SCREENED);
    const lw_node *list = lw_node_inside(lw_node_inside(p->plan, "referral"), "flags");
    uint32_t open = 0, ever = 0;
    for (const lw_node *flag = list != NULL ? list->first : NULL; flag != NULL; flag = flag->next) {
        for (int code = 0; code < LW_FLAGS; code++) {
            open |= strcmp(flag->text, lw_flag_names[code]) == 0 ? LW_BIT(code) : 0;
        }
        lw_sheet_text(&p->sheet, LW_FACE_BOLD, LW_INK_ALARM, 0, lw_word(p->words.language, "flag", flag->text));
        lw_sheet_space(&p->sheet, 3);
    }
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (!event->voided && event->day <= p->request->day) {
            ever |= event->kind == LW_KIND_SCREENED  ? ((const struct lw_ev_screened *)event->data)->flags
                    : event->kind == LW_KIND_SYMPTOM ? LW_BIT(((const struct lw_ev_symptom *)event->data)->flag)
                                                     : 0;
        }
    }
    if (screened == NULL) {
        lw_page_paragraph(p, "report.never_screened", NULL);
    } else if (list == NULL || list->first == NULL) {
        lw_page_paragraph(p, "report.no_flags", LW_ARGS("date", lw_page_day(p, screened->day)));
    }
    if ((ever & ~open) != 0) {
        lw_buf before = {0};
        flag_words(p, &before, ever & ~open);
        lw_page_paragraph(p, "report.flags_before", LW_ARGS("list", lw_page_kept(p, &before)));
        lw_buf_free(&before);
    }
}

/* What was taken, as far as anybody said; the last ones. */
static void medicines(lw_page *p) {
    enum { TOLD = 6 };
    const lw_record *record = p->request->record;
    const lw_language *language = p->words.language;
    lw_buf text = {0};
    int told = 0;
    for (uint32_t i = record->count; i > 0 && told < TOLD; i--) {
        const lw_event *event = &record->events[i - 1];
        if (event->kind != LW_KIND_MEDICINE || event->voided || event->day > p->request->day) {
            continue;
        }
        const struct lw_ev_medicine *data = event->data;
        bool ended = (data->has & LW_HAS_MEDICINE_TO) != 0;
        lw_buf_str(&text, told++ > 0 ? "; " : "");
        lw_say(&text, language, ended ? "report.medicine_span" : "report.medicine_open",
               LW_ARGS("medicine", lw_medicine_names[data->class_], "from", lw_page_day(p, data->from), "to",
                       ended ? lw_page_day(p, data->to) : ""));
    }
    if (told == 0) {
        lw_say(&text, language, "report.no_medicines", NULL);
    }
    lw_page_pair(p, "medicines", lw_page_kept(p, &text));
    lw_buf_free(&text);
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
    medicines(p);
}

/* "3 × 15, 12.5 kg", as the sets were done; a set that was otherwise than the first begins anew: "2 × 15; 1 × 12". */
static void sets_words(lw_page *p, lw_buf *text, const lw_sets *sets) {
    const lw_language *language = p->words.language;
    for (uint32_t i = 0, next; i < sets->count; i = next) {
        const struct lw_set *set = &sets->items[i];
        for (next = i + 1; next < sets->count; next++) {
            const struct lw_set *other = &sets->items[next];
            if (other->reps != set->reps || other->hold_s != set->hold_s || other->contacts != set->contacts ||
                other->distance_m != set->distance_m || other->load_kg_x100 != set->load_kg_x100) {
                break;
            }
        }
        char count[16], each[16];
        snprintf(count, sizeof count, "%u", next - i);
        lw_buf_str(text, i > 0 ? " + " : "");
        snprintf(each, sizeof each, "%d",
                 (int)((set->has & LW_HAS_SET_HOLD_S) != 0     ? set->hold_s
                       : (set->has & LW_HAS_SET_CONTACTS) != 0 ? set->contacts
                       : (set->has & LW_HAS_SET_REPS) != 0     ? set->reps
                                                               : set->distance_m));
        lw_say(text, language,
               (set->has & LW_HAS_SET_HOLD_S) != 0     ? "dose.sets_hold"
               : (set->has & LW_HAS_SET_CONTACTS) != 0 ? "dose.sets_contacts"
               : (set->has & LW_HAS_SET_REPS) != 0     ? "dose.sets_reps"
                                                       : "dose.sets",
               LW_ARGS("sets", count, "hold_s", each, "contacts", each, "reps", each));
        if ((set->has & LW_HAS_SET_DISTANCE_M) != 0) {
            char metres[16];
            snprintf(metres, sizeof metres, "%d", (int)set->distance_m);
            lw_say_next(text, language, "dose.distance", LW_ARGS("distance_m", metres));
        }
        if ((set->has & LW_HAS_SET_LOAD_KG) != 0 && set->load_kg_x100 > 0) {
            lw_say_next(text, language, "dose.load", LW_ARGS("load_kg", lw_page_number(p, set->load_kg_x100)));
        }
    }
}

/* What each exercise came to when it was last done; of the last weeks only, so that nothing old looks like now. */
static void last_done(lw_page *p) {
    enum { LATELY = 28, TOLD = 10 };
    const lw_record *record = p->request->record;
    lw_str told[TOLD];
    int count = 0;
    lw_buf text = {0};
    for (uint32_t i = record->count; i > 0 && count < TOLD; i--) {
        const lw_event *event = &record->events[i - 1];
        const struct lw_ev_exercise *data = event->data;
        if (event->kind != LW_KIND_EXERCISE || event->voided || event->day > p->request->day ||
            event->day <= p->request->day - LATELY || data->sets.count == 0) {
            continue;
        }
        bool known = false;
        for (int n = 0; n < count; n++) {
            known = known || lw__str_eq(told[n], data->exercise);
        }
        if (known) {
            continue;
        }
        const char *id = lw_pool_text(&p->pool, data->exercise);
        told[count++] = data->exercise;
        lw_buf_str(&text, text.len > 0 ? "; " : "");
        lw_exercise_words(&text, &p->words, id != NULL ? id : "");
        lw_buf_str(&text, " ");
        sets_words(p, &text, &data->sets);
    }
    lw_page_kept(p, &text);
    lw_page_item(p, text.len > 0 ? "report.loading_last" : "report.loading_none_lately",
                 LW_ARGS("list", text.len > 0 ? text.ptr : ""));
    lw_buf_free(&text);
}

/* What loading was done, before and in the programme, and how the tendon answered. */
static void loading(lw_page *p) {
    lw_page_heading(p, "report.loading");
    const lw_event *assessed = last_of(p, LW_KIND_ASSESSED), *started = last_of(p, LW_KIND_STARTED);
    char number[16], did[16];
    if (assessed != NULL) {
        const struct lw_ev_assessed *data = assessed->data;
        if ((data->has & LW_HAS_ASSESSED_LOADING_WEEKS) != 0 && data->loading_weeks == 0) {
            lw_page_item(p, "report.loading_none", NULL);
        } else if ((data->has & LW_HAS_ASSESSED_LOADING_WEEKS) != 0) {
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
    last_done(p);
    lw_buf flares = {0};
    lw_page_flares_say(p, &flares, started->day);
    lw_sheet_item(&p->sheet, lw_page_kept(p, &flares));
    lw_buf_free(&flares);
    const char *stage = lw_node_str(lw_node_inside(p->plan, "stage"), "id"), *flare = lw_node_str(p->plan, "flare");
    if (stage != NULL) {
        lw_page_item(p, "report.loading_stage", LW_ARGS("stage", stage));
    }
    if (flare != NULL && strcmp(flare, "none") != 0) {
        lw_page_item(p, "flare_line", LW_ARGS("flare", flare));
    }
}

/* To be filled in by hand: who signs, and how to reach them. A letter that nobody signed refers nobody. */
static void signature(lw_page *p) {
    static const char *const labels[] = {"report.sign_name", "report.sign_reach", "report.sign_here"};
    lw_sheet_need(&p->sheet, 84);
    lw_sheet_space(&p->sheet, 6);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        lw_page_say(p, labels[i], NULL);
        lw_sheet_line(&p->sheet, lw_page_text(p));
    }
}

void lw_page_shockwave(lw_page *p) {
    static const char *const questions[] = {"report.ask_who",    "report.ask_wave",        "report.ask_dose",
                                            "report.ask_course", "report.ask_anaesthetic", "report.ask_after",
                                            "report.ask_cost"};
    head(p, "report.title.shockwave");
    if (lw_page_referral(p)) { /* who has a warning sign needs a doctor before anybody's shockwave */
        lw_page_say(p, "report.wait", NULL);
        lw_sheet_text(&p->sheet, LW_FACE_BOLD, LW_INK_ALARM, 0, lw_page_text(p));
        lw_sheet_space(&p->sheet, 6);
    }
    lw_page_paragraph(p, p->from != NULL ? "report.shockwave_intro_by" : "report.shockwave_intro",
                      LW_ARGS("name", p->name));
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
    lw_sheet_need(&p->sheet, 330); /* the end of the letter is not torn: nobody signs an empty page */
    lw_page_heading(p, "report.evidence");
    lw_page_item(p, "advice.H-1", NULL);
    lw_page_item(p, "report.evidence_trials", NULL);
    lw_page_item(p, "report.evidence_other", NULL);
    lw_page_item(p, "advice.H-2", NULL);
    lw_page_item(p, "advice.H-3", NULL);
    lw_sheet_space(&p->sheet, 6);
    lw_page_say(p, "report.shockwave_end", NULL);
    lw_sheet_text(&p->sheet, LW_FACE_SMALL, LW_INK_QUIET, 0, lw_page_text(p));
    signature(p);
}

void lw_page_discharge(lw_page *p) {
    const lw_event *ended = last_of(p, LW_KIND_DISCHARGED), *started = last_of(p, LW_KIND_STARTED);
    head(p, "report.title.discharge");
    if (lw_page_referral(p)) {
        lw_sheet_space(&p->sheet, 4);
    }
    if (ended != NULL) {
        const struct lw_ev_discharged *data = ended->data;
        lw_page_paragraph(
            p, "report.discharge_intro",
            LW_ARGS("date", lw_page_day(p, ended->day), "from",
                    started != NULL ? lw_page_day(p, started->day) : lw_word(p->words.language, "ui", "unknown")));
        lw_page_pair(p, "reason", lw_page_foreign(p, data->reason, LW_PAGE_TEXT));
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
    signature(p);
}
