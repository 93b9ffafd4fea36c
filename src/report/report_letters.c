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

/*
 * The last assessment up to the day that carries one of these members: what a later one does not carry stays as it was. NULL:
 * nobody said.
 */
static const lw_event *assessed_with(const lw_page *p, uint64_t member) {
    const lw_event *found = NULL;
    const lw_record *record = p->request->record;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        bool in = event->kind == LW_KIND_ASSESSED && !event->voided && event->day <= p->request->day;
        found = in && (((const struct lw_ev_assessed *)event->data)->has & member) != 0 ? event : found;
    }
    return found;
}

static const struct lw_ev_assessed *told(const lw_page *p, uint64_t member) {
    const lw_event *event = assessed_with(p, member);
    return event != NULL ? event->data : NULL;
}

/* Adds a sentence that nobody could say to the list of what is not on record. */
static void gap(lw_page *p, lw_buf *gaps, const char *id) {
    lw_buf_str(gaps, gaps->len > 0 ? "; " : "");
    lw_say(gaps, p->words.language, id, NULL);
}

/* One of two sentences, or its gap: a member that is yes or no. */
static void yes_no(lw_page *p, lw_buf *text, lw_buf *gaps, int is, const char *const ids[3]) {
    if (is < 0) {
        gap(p, gaps, ids[2]);
    } else {
        fact(p, text, ids[is > 0 ? 0 : 1], NULL);
    }
}

static void person(lw_page *p, lw_buf *gaps) {
    const lw_language *language = p->words.language;
    const lw_event *enrolled = last_of(p, LW_KIND_ENROLLED);
    lw_buf text = {0};
    if (enrolled == NULL) {
        gap(p, gaps, "report.gap_side");
        gap(p, gaps, "report.gap_person");
        return;
    }
    const struct lw_ev_enrolled *data = enrolled->data;
    int both = LW_BIT(LW_SIDE_LEFT) | LW_BIT(LW_SIDE_RIGHT);
    int side = (int)data->sides == both               ? LW_SIDE_BOTH
               : (data->sides & LW_BIT(LW_SIDE_LEFT)) ? LW_SIDE_LEFT
                                                      : LW_SIDE_RIGHT;
    lw_page_pair(p, "side", lw_word(language, "side", lw_side_names[side]));
    char born[16];
    snprintf(born, sizeof born, "%d", (int)data->birth_year);
    fact(p, &text, "report.born", LW_ARGS("year", born));
    if ((data->has & LW_HAS_ENROLLED_SEX) != 0) {
        fact(p, &text, "report.sex", LW_ARGS("sex", lw_sex_names[data->sex]));
    } else {
        gap(p, gaps, "report.gap_sex");
    }
    int sport = (data->has & LW_HAS_ENROLLED_SPORT) != 0 ? (int)data->sport : -1;
    int goal = (data->has & LW_HAS_ENROLLED_GOAL) != 0 ? (int)data->goal : -1;
    const lw_record *record = p->request->record;
    for (uint32_t i = 0; i < record->count; i++) { /* both may have been set anew */
        const lw_event *event = &record->events[i];
        const struct lw_ev_settings *set = event->data;
        if (event->kind == LW_KIND_SETTINGS && !event->voided && event->day <= p->request->day) {
            sport = (set->has & LW_HAS_SETTINGS_SPORT) != 0 ? (int)set->sport : sport;
            goal = (set->has & LW_HAS_SETTINGS_GOAL) != 0 ? (int)set->goal : goal;
        }
    }
    if (sport >= 0) {
        fact(p, &text, "report.sport", LW_ARGS("sport", lw_sport_names[sport]));
    }
    if (goal >= 0) {
        fact(p, &text, "report.goal", LW_ARGS("goal", lw_goal_names[goal]));
    }
    lw_page_pair(p, "person", lw_page_kept(p, &text));
    lw_buf_free(&text);
}

static void onset(lw_page *p, lw_buf *text, lw_buf *gaps) {
    const lw_event *weeks = assessed_with(p, LW_HAS_ASSESSED_WEEKS);
    const struct lw_ev_assessed *data;
    if (weeks != NULL) {
        char number[16];
        data = weeks->data;
        bool then = p->request->kind == LW_REPORT_DISCHARGE; /* it looks back; the other letter asks about now */
        int32_t since = then ? 0 : (p->request->day - weeks->day) / 7;
        snprintf(number, sizeof number, "%d", (int)(data->weeks + since));
        fact(p, text, then ? "report.weeks_then" : "report.weeks",
             LW_ARGS("n", number, "date", lw_page_day(p, weeks->day)));
    } else {
        gap(p, gaps, "report.gap_weeks");
    }
    data = told(p, LW_HAS_ASSESSED_ONSET);
    if (data != NULL) {
        fact(p, text, "report.onset", LW_ARGS("onset", lw_onset_names[data->onset]));
    } else {
        gap(p, gaps, "report.gap_onset");
    }
    data = told(p, LW_HAS_ASSESSED_EVENT);
    if (data != NULL && data->event != 0) {
        lw_buf list = {0};
        for (int i = 0; i < LW_ONSET_EVENT_WORDS; i++) {
            if ((data->event >> i & 1U) != 0) {
                lw_buf_fmt(&list, "%s%s", list.len > 0 ? ", " : "",
                           lw_word(p->words.language, "ask.event", lw_onset_event_names[i]));
            }
        }
        fact(p, text, "report.onset_event", LW_ARGS("list", lw_page_kept(p, &list)));
        lw_buf_free(&list);
    }
}

static void scans(lw_page *p, lw_buf *text, lw_buf *gaps) {
    const lw_language *language = p->words.language;
    const struct lw_ev_assessed *imaging = told(p, LW_HAS_ASSESSED_IMAGING), *tear = told(p, LW_HAS_ASSESSED_TEAR);
    const struct lw_ev_assessed *result = told(p, LW_HAS_ASSESSED_IMAGING_RESULT);
    if (imaging == NULL) {
        gap(p, gaps, "report.gap_imaging");
    } else if (imaging->imaging == LW_IMAGING_NONE) {
        fact(p, text, "report.no_imaging", NULL);
    } else {
        fact(p, text, "report.imaging",
             LW_ARGS("imaging", lw_imaging_names[imaging->imaging], "result",
                     result != NULL ? lw_imaging_result_names[result->imaging_result]
                                    : lw_sentence_of(language, "report.not_recorded")));
    }
    if (tear == NULL) {
        gap(p, gaps, "report.gap_tear");
    } else {
        char key[32];
        snprintf(key, sizeof key, "tear_%s", lw_tear_names[tear->tear]);
        fact(p, text, "report.tear", LW_ARGS("tear", lw_word(language, "report", key)));
    }
}

static void history(lw_page *p) {
    static const char *const localised[3] = {"report.localised", "report.not_localised", "report.gap_localised"};
    static const char *const below[3] = {"report.below_knee", "report.not_below_knee", "report.gap_below_knee"};
    static const char *const night[3] = {"report.night_pain", "report.no_night_pain", "report.gap_night_pain"};
    static const char *const rest[3] = {"report.rest_pain", "report.no_rest_pain", "report.gap_rest_pain"};
    const struct lw_ev_assessed *data;
    lw_buf text = {0}, gaps = {0};
    lw_page_heading(p, "report.history");
    const char *label = lw_node_str(lw_node_inside(p->plan, "diagnosis"), "label");
    if (label != NULL) {
        lw_page_pair(p, "working", lw_word(p->words.language, "label", label));
    }
    person(p, &gaps);
    if (last_of(p, LW_KIND_ASSESSED) == NULL) {
        lw_page_paragraph(p, "report.not_assessed", NULL);
    }
    onset(p, &text, &gaps);
    data = told(p, LW_HAS_ASSESSED_LOCALISED);
    yes_no(p, &text, &gaps, data != NULL ? data->localised : -1, localised);
    data = told(p, LW_HAS_ASSESSED_BELOW_KNEE);
    yes_no(p, &text, &gaps, data != NULL ? data->below_knee : -1, below);
    data = told(p, LW_HAS_ASSESSED_NIGHT_PAIN);
    yes_no(p, &text, &gaps, data != NULL ? data->night_pain : -1, night);
    data = told(p, LW_HAS_ASSESSED_REST_PAIN);
    yes_no(p, &text, &gaps, data != NULL ? data->rest_pain : -1, rest);
    scans(p, &text, &gaps);
    lw_page_kept(p, &text);
    lw_page_kept(p, &gaps);
    if (text.len > 0) {
        lw_page_pair(p, "began", text.ptr);
    }
    if (gaps.len > 0) {
        lw_page_pair(p, "gaps", gaps.ptr);
    }
    lw_buf_free(&text);
    lw_buf_free(&gaps);
}

/* What a leg and a seat bear: single-leg bridges of both sides, and minutes of sitting; the last of each, with its day. */
static void strength(lw_page *p) {
    const lw_record *record = p->request->record;
    const lw_event *bridged = NULL, *sat = NULL;
    lw_pair reps = {0};
    int32_t minutes = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->voided || event->day > p->request->day) {
            continue;
        }
        if (event->kind == LW_KIND_ASSESSED) {
            const struct lw_ev_assessed *data = event->data;
            bool both = (data->has & LW_HAS_ASSESSED_BRIDGE_REPS) != 0;
            bool sitting = (data->has & LW_HAS_ASSESSED_SITTING_MIN) != 0;
            bridged = both ? event : bridged;
            reps = both ? data->bridge_reps : reps;
            sat = sitting ? event : sat;
            minutes = sitting ? data->sitting_min : minutes;
        } else if (event->kind == LW_KIND_TESTED) {
            const struct lw_ev_tested *data = event->data;
            bool both = (data->has & LW_HAS_TESTED_BRIDGE_REPS) != 0;
            bool sitting = (data->has & LW_HAS_TESTED_SITTING_MIN) != 0;
            bridged = both ? event : bridged;
            reps = both ? data->bridge_reps : reps;
            sat = sitting ? event : sat;
            minutes = sitting ? data->sitting_min : minutes;
        }
    }
    const char *unknown = lw_sentence_of(p->words.language, "report.not_recorded");
    lw_buf text = {0};
    if (bridged != NULL) {
        char left[16], right[16];
        snprintf(left, sizeof left, "%d", (int)reps.left);
        snprintf(right, sizeof right, "%d", (int)reps.right);
        fact(p, &text, "report.bridges",
             LW_ARGS("left", (reps.has & LW_BIT(LW_SIDE_LEFT)) != 0 ? left : unknown, "right",
                     (reps.has & LW_BIT(LW_SIDE_RIGHT)) != 0 ? right : unknown, "date", lw_page_day(p, bridged->day)));
    } else {
        fact(p, &text, "report.no_bridges", NULL);
    }
    if (sat != NULL) {
        char number[16];
        snprintf(number, sizeof number, "%d", (int)minutes);
        fact(p, &text, "report.sits", LW_ARGS("n", number, "date", lw_page_day(p, sat->day)));
    } else {
        fact(p, &text, "report.no_sits", NULL);
    }
    lw_page_pair(p, "bears", lw_page_kept(p, &text));
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
    strength(p);
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
static void last_done(lw_page *p, int32_t until) {
    enum { LATELY = 28, TOLD = 10 };
    const lw_record *record = p->request->record;
    lw_str told[TOLD];
    int count = 0;
    lw_buf text = {0};
    for (uint32_t i = record->count; i > 0 && count < TOLD; i--) {
        const lw_event *event = &record->events[i - 1];
        const struct lw_ev_exercise *data = event->data;
        if (event->kind != LW_KIND_EXERCISE || event->voided || event->day > until || event->day <= until - LATELY ||
            data->sets.count == 0) {
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
                 LW_ARGS("list", text.len > 0 ? text.ptr : "", "date", lw_page_day(p, until)));
    lw_buf_free(&text);
}

/* Loading before the programme, as the assessments tell of it. */
static void loading_before(lw_page *p) {
    const struct lw_ev_assessed *weeks = told(p, LW_HAS_ASSESSED_LOADING_WEEKS),
                                *response = told(p, LW_HAS_ASSESSED_LOADING_RESPONSE),
                                *blocked = told(p, LW_HAS_ASSESSED_LOADING_BLOCKED);
    char number[16];
    if (weeks == NULL) {
        lw_page_item(p, "report.loading_unknown", NULL);
    } else if (weeks->loading_weeks == 0) {
        lw_page_item(p, "report.loading_none", NULL);
    } else {
        snprintf(number, sizeof number, "%d", (int)weeks->loading_weeks);
        lw_page_item(p, "report.loading_before",
                     LW_ARGS("n", number, "response",
                             response != NULL ? lw_response_names[response->loading_response]
                                              : lw_sentence_of(p->words.language, "report.not_recorded")));
    }
    if (blocked != NULL && blocked->loading_blocked) {
        lw_page_item(p, "report.loading_blocked", NULL);
    }
}

/* Days with exercises done, from one day to another; from the record, which may be longer than the line of days. */
static int days_done(const lw_page *p, int32_t from, int32_t to) {
    const lw_record *record = p->request->record;
    int32_t last = INT32_MIN;
    int days = 0;
    for (int32_t i = 0; i < (int32_t)record->count; i++) {
        const lw_event *event = &record->events[i];
        const struct lw_ev_exercise *data = event->data;
        if (event->kind == LW_KIND_EXERCISE && !event->voided && event->day >= from && event->day <= to &&
            data->sets.count > 0 && event->day != last) {
            days++;
            last = event->day;
        }
    }
    return days;
}

/* What loading was done, before and in the programme, and how the tendon answered. */
static void loading(lw_page *p) {
    const lw_event *started = last_of(p, LW_KIND_STARTED), *ended = last_of(p, LW_KIND_DISCHARGED);
    const char *status = lw_node_str(p->plan, "status");
    char number[16], did[16];
    lw_page_heading(p, "report.loading");
    loading_before(p);
    if (started == NULL) {
        lw_page_item(p, "report.not_started", NULL);
        return;
    }
    bool over = ended != NULL && ended->at_s >= started->at_s;
    int32_t until = over ? ended->day : p->request->day;
    snprintf(number, sizeof number, "%d", (int)((until - started->day) / 7));
    snprintf(did, sizeof did, "%d", days_done(p, started->day, until));
    lw_page_item(p, over ? "report.loading_whole" : "report.loading_here",
                 LW_ARGS("n", number, "did", did, "date", lw_page_day(p, started->day), "to", lw_page_day(p, until)));
    last_done(p, until);
    lw_buf flares = {0};
    lw_page_flares_say(p, &flares, started->day);
    lw_sheet_item(&p->sheet, lw_page_kept(p, &flares));
    lw_buf_free(&flares);
    const char *stage = lw_node_str(lw_node_inside(p->plan, "stage"), "id"), *flare = lw_node_str(p->plan, "flare");
    if (stage != NULL && (!over || ended->day == p->request->day)) { /* later it is what a return would begin with */
        lw_page_item(p, "report.loading_stage", LW_ARGS("stage", stage));
    }
    if (flare != NULL && strcmp(flare, "none") != 0) {
        lw_page_item(p, "flare_line", LW_ARGS("flare", flare));
    }
    if (status != NULL && strcmp(status, "active") != 0) {
        lw_sheet_item(&p->sheet, lw_word(p->words.language, "status", status));
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
    static const char *const questions[] = {NULL,
                                            "report.ask_wave",
                                            "report.ask_dose",
                                            "report.ask_course",
                                            "report.ask_anaesthetic",
                                            "report.ask_after",
                                            "report.ask_cost"};
    head(p, "report.title.shockwave");
    if (lw_page_referral(p)) { /* who has a warning sign needs a doctor before anybody's shockwave */
        lw_page_say(p, "report.wait", NULL);
        lw_sheet_text(&p->sheet, LW_FACE_BOLD, LW_INK_ALARM, 0, lw_page_text(p));
        lw_sheet_space(&p->sheet, 6);
    }
    lw_page_ruled_out(p);
    lw_page_paragraph(p, p->from != NULL ? "report.shockwave_intro_by" : "report.shockwave_intro",
                      LW_ARGS("name", p->name));
    history(p);
    lw_page_red_flags(p);
    lw_page_contraindications(p);
    lw_page_medicines(p);
    tests(p);
    loading(p);
    lw_page_outcomes(p);
    lw_page_sessions(p);
    lw_page_timeline(p);
    lw_page_heading(p, "report.questions");
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        lw_page_item(p,
                     questions[i] != NULL ? questions[i]
                     : p->from != NULL    ? "report.ask_who_by"
                                          : "report.ask_who",
                     NULL);
    }
    lw_sheet_need(&p->sheet, 330); /* the end of the letter is not torn: nobody signs an empty page */
    lw_page_heading(p, "report.evidence");
    lw_page_item(p, "advice.H-1", NULL);
    lw_page_item(p, "report.evidence_trials", NULL);
    lw_page_item(p, "report.evidence_other", NULL);
    lw_page_item(p, "advice.H-2", NULL);
    lw_page_item(p, "advice.H-3", NULL);
    lw_page_item(p, "report.evidence_half", NULL);
    lw_sheet_space(&p->sheet, 6);
    lw_page_say(p, "report.shockwave_end", NULL);
    lw_sheet_text(&p->sheet, LW_FACE_SMALL, LW_INK_QUIET, 0, lw_page_text(p));
    signature(p);
}

void lw_page_discharge(lw_page *p) {
    const lw_event *ended = last_of(p, LW_KIND_DISCHARGED), *started = last_of(p, LW_KIND_STARTED);
    head(p, "report.title.discharge");
    bool flagged = lw_page_referral(p);
    if (flagged) {
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
    lw_page_red_flags(p);
    lw_page_medicines(p);
    lw_sheet_need(&p->sheet, 190); /* what is signed stands on the page that is signed */
    lw_page_heading(p, "report.after");
    if (flagged) { /* nobody loads on before a doctor has looked */
        lw_page_item(p, "report.after_doctor", NULL);
    } else {
        lw_page_item(p, "report.after_keep", NULL);
        lw_page_item(p, "report.after_signs", NULL);
    }
    lw_page_item(p, "report.after_flags", NULL);
    signature(p);
}
