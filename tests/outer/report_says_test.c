/*
 * report_says_test.c: what a page must say, and must not, of records that are not usual: nothing known, much ruled out, an
 * assessment in two parts, a programme that ended long ago. A silence must never read as "no".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity_support.h"
#include "report/report.h"
#include "report/sheet.h"

enum { PROTOCOL_ROOM = 16 << 20 };

static void *memory[2];
static const lw_protocol *protocol;

static int begin(void **state) {
    (void)state;
    memory[0] = malloc(PROTOCOL_ROOM);
    memory[1] = malloc(PROTOCOL_ROOM);
    lw_arena result = lw_arena_over(memory[0], PROTOCOL_ROOM), scratch = lw_arena_over(memory[1], PROTOCOL_ROOM);
    return lw_protocol_compile(lw__str(pht()), &result, &scratch, &protocol, NULL);
}

static int end(void **state) {
    (void)state;
    free(memory[0]);
    free(memory[1]);
    return 0;
}

/* Draws a record given as the members after "patient" of each event, and looks for sentences; NULL ends a list. */
static void page_of(const char *const *events, lw_report_kind kind, const char *day, const char *const *says,
                    const char *const *never) {
    static char text[20000];
    size_t len = 0;
    for (int i = 0; events[i] != NULL; i++) {
        int n = snprintf(text + len, sizeof text - len,
                         "{\"v\":1,\"id\":\"0195ffff-7b1e-7000-8000-%012d\",\"patient\":\"p\",%s}\n", i + 1, events[i]);
        assert_in_range(n, 1, (int)(sizeof text - len - 1));
        len += (size_t)n;
    }
    size_t result_size, scratch_size;
    lw_record record;
    lw_record_size_hint((uint32_t)len, &result_size, &scratch_size);
    void *room[2] = {malloc(result_size), malloc(scratch_size)};
    lw_arena result = lw_arena_over(room[0], result_size), scratch = lw_arena_over(room[1], scratch_size);
    lw_diag diag = {0};
    if (lw_record_read((lw_str){text, (uint32_t)len}, &result, &scratch, &record, &diag) != LW_OK) {
        fail_msg("line %u %s: %s", diag.line, diag.member, diag.message);
    }
    lw_report_request r = {.kind = kind,
                           .format = LW_REPORT_SVG,
                           .language = lw_language_of("en"),
                           .protocol = protocol,
                           .record = &record};
    assert_true(lw_day_parse(lw__str(day), &r.day));
    lw_buf out = {0};
    assert_int_equal(lw_report_draw(&r, &out, NULL), LW_OK);
    for (int i = 0; says[i] != NULL; i++) {
        if (strstr(out.ptr, says[i]) == NULL) {
            fail_msg("%s of %s does not say \"%s\"", lw_report_kind_name(kind), day, says[i]);
        }
    }
    for (int i = 0; never != NULL && never[i] != NULL; i++) {
        if (strstr(out.ptr, never[i]) != NULL) {
            fail_msg("%s of %s says \"%s\"", lw_report_kind_name(kind), day, never[i]);
        }
    }
    lw_buf_free(&out);
    free(room[0]);
    free(room[1]);
}

#define LIST(...) ((const char *const[]){__VA_ARGS__, NULL})
#define WHO                                                                                                        \
    "\"kind\":\"enrolled\",\"at\":\"2026-01-05T08:00:00+01:00\",\"by\":\"patient\",\"data\":{\"birth_year\":1986," \
    "\"sides\":[\"left\"],\"goal\":\"run\"}"
#define EVENT(kind, at, by, data) "\"kind\":\"" kind "\",\"at\":\"" at "+01:00\",\"by\":\"" by "\",\"data\":{" data "}"

static void what_nobody_said_is_named(void **state) {
    (void)state;
    page_of(LIST(WHO), LW_REPORT_SHOCKWAVE, "2026-02-03",
            LIST("The red flags have never been asked", "so not known: pregnancy; an active infection; cancer",
                 "a blood thinner (anticoagulant); a pacemaker", "sex; how long it has lasted; how it began",
                 "night pain", "Loading before the programme: not recorded.", "to first pain: not recorded",
                 "there is nothing to draw"),
            LIST("No flare."));
    page_of(LIST(EVENT("note", "2026-01-05T08:00:00", "patient", "\"text\":\"a\"")), LW_REPORT_SHOCKWAVE, "2026-02-03",
            LIST("side; year of birth, sex; how long", "counts as under 18"), NULL);
    page_of(LIST(WHO, EVENT("shockwave", "2026-01-10T15:00:00", "patient", "\"side\":\"right\"")), LW_REPORT_PROGRESS,
            "2026-02-03",
            LIST("Not recorded: radial or focused, strength (EFD or bar), impulses, rate, applicator, pain during",
                 "that day not recorded, the next day not recorded"),
            NULL);
}

static void what_rules_shockwave_out_stands_first(void **state) {
    (void)state;
    static const char asked[] = EVENT("assessed", "2026-01-05T08:10:00", "clinician:a",
                                      "\"weeks\":20,\"contraindications\":[\"C06\",\"C02\"],\"below_knee\":false");
    page_of(LIST(WHO, asked), LW_REPORT_SHOCKWAVE, "2026-02-03",
            LIST("NO SHOCKWAVE for now. The record holds: an active infection.",
                 "an active infection: rules shockwave out",
                 "a blood thinner (anticoagulant): a caution, a clinician decides",
                 "Asked on 5 January 2026 (by a clinician) and not present: pregnancy; cancer"),
            NULL);
    /* decided on, and ended: told as such, and no longer a wall */
    page_of(
        LIST(WHO, asked,
             EVENT("cleared", "2026-01-08T09:00:00", "clinician:a", "\"events\":[],\"codes\":[\"C06\"],\"note\":\"n\""),
             EVENT("condition", "2026-01-09T09:00:00", "clinician:a", "\"code\":\"C02\",\"present\":false")),
        LW_REPORT_SHOCKWAVE, "2026-02-03",
        LIST("decided on by a clinician on 8 January 2026", "ended since by a clinician's word: an active infection"),
        LIST("NO SHOCKWAVE", "rules shockwave out"));
    /* what follows from medicines, however many others were written down later */
    page_of(
        LIST(WHO,
             EVENT("medicine", "2026-01-06T09:00:00", "patient", "\"class\":\"anticoagulant\",\"from\":\"2020-01-01\""),
             EVENT("medicine", "2026-01-06T09:01:00", "patient",
                   "\"class\":\"steroid_injection\",\"from\":\"2026-01-02\",\"to\":\"2026-01-02\""),
             EVENT("medicine", "2026-01-07T09:00:00", "patient", "\"class\":\"nsaid\",\"from\":\"2026-01-07\""),
             EVENT("medicine", "2026-01-08T09:00:00", "patient", "\"class\":\"nsaid\",\"from\":\"2026-01-08\""),
             EVENT("medicine", "2026-01-09T09:00:00", "patient", "\"class\":\"nsaid\",\"from\":\"2026-01-09\""),
             EVENT("medicine", "2026-01-10T09:00:00", "patient", "\"class\":\"nsaid\",\"from\":\"2026-01-10\"")),
        LW_REPORT_SHOCKWAVE, "2026-02-03",
        LIST("NO SHOCKWAVE for now. The record holds: a steroid injection", "blood thinner (anticoagulant): a caution",
             "blood thinner (anticoagulant), since 1 January 2020, no end recorded", "and 1 earlier",
             "on 2 January 2026, where: not recorded", "anti-inflammatory tablets in the last 14 days: a caution"),
        NULL);
    page_of(LIST(WHO, EVENT("adverse", "2026-01-11T08:00:00", "patient", "\"what\":[\"fainted\"],\"serious\":true")),
            LW_REPORT_SHOCKWAVE, "2026-02-03", LIST("11 January 2026: SERIOUS unwanted effect: fainted."), NULL);
}

/* A later assessment that carries little takes nothing away. */
static void an_earlier_answer_stays(void **state) {
    (void)state;
    page_of(LIST(WHO,
                 EVENT("assessed", "2026-01-05T08:10:00", "clinician:a",
                       "\"onset\":\"sudden\",\"event\":[\"pop\"],\"weeks\":20,\"night_pain\":true,\"imaging\":\"mri\""),
                 EVENT("assessed", "2026-01-20T08:10:00", "clinician:a",
                       "\"localised\":true,\"sitting_min\":25,\"bridge_reps\":{\"left\":14}")),
            LW_REPORT_SHOCKWAVE, "2026-02-03",
            LIST("For about 24 weeks.", "It began suddenly. At the onset: a pop.", "There was pain at night.",
                 "Imaging: MRI; finding: not recorded.", "The pain is at the sit bone.",
                 "left 14, right not recorded (20 January 2026). Sitting to first pain: 25 min"),
            NULL);
}

/* A letter drawn long after the end is about the programme, not about the silence since; an open sign ends all advice to load. */
static void a_letter_long_after_the_end(void **state) {
    (void)state;
    const char *const course[] = {
        WHO,
        EVENT("started", "2026-01-05T09:00:00", "clinician:a", "\"protocol\":\"pht@1.0.0\",\"authority\":\"hold\""),
        EVENT("exercise", "2026-01-06T18:00:00", "patient",
              "\"exercise\":\"bridge-hold-double\",\"sets\":[{\"hold_s\":30}],\"pain_during\":1"),
        EVENT("checkin", "2026-01-07T07:00:00", "patient", "\"pain_morning\":2"),
        EVENT("shockwave", "2026-01-07T15:00:00", "patient", "\"side\":\"left\""),
        EVENT("checkin", "2026-01-08T07:00:00", "patient", "\"pain_morning\":4"),
        EVENT("discharged", "2026-02-01T10:00:00", "clinician:a", "\"reason\":\"done\""),
        EVENT("symptom", "2030-12-01T10:00:00", "patient", "\"flag\":\"RF02\""),
        NULL};
    page_of(course, LW_REPORT_DISCHARGE, "2030-01-05",
            LIST("from 5 January 2026 to 1 February 2026: 3 weeks, 1 day with exercises done",
                 "in the 28 days up to 1 February 2026", "that day 2, the next day 4", "Keep the strength work",
                 "its last 1100 days. No flare is on record."),
            LIST("Now: Stage"));
    page_of(course, LW_REPORT_DISCHARGE, "2030-12-02", LIST("RED FLAG", "see the doctor first"),
            LIST("Keep the strength work"));
}

/* Where nothing is due, nothing is asked of the leg and no reason is given for it; what has to be known is. */
static void a_plan_that_is_none(void **state) {
    (void)state;
    page_of(LIST(WHO), LW_REPORT_TODAY, "2026-01-20",
            LIST("the first assessment", "the start of the programme", "Please have a clinician look"),
            LIST("Each morning", "Stage 1", "Rests on"));
}

/* A paragraph that begins with a name written from right to left is still read from left to right. */
static void a_name_turns_no_paragraph_round(void **state) {
    (void)state;
    static const lw_sheet_words around = {.title = "t", .author = "a", .language = "en", .running = "r", .foot = "f"};
    lw_sheet sheet;
    lw_buf out = {0};
    lw_sheet_begin(&sheet, LW_REPORT_PDF, 1, &out, &around, 20000);
    PangoLayout *layout = pango_layout_new(sheet.context);
    pango_layout_set_auto_dir(layout, false);
    pango_layout_set_text(layout, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d looks for it", -1);
    PangoRectangle first, last;
    pango_layout_index_to_pos(layout, 0, &first);
    pango_layout_index_to_pos(layout, 15, &last);
    assert_true(first.x < last.x);
    g_object_unref(layout);
    assert_int_equal(lw_sheet_end(&sheet), LW_OK);
    lw_buf_free(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_said_is_named), cmocka_unit_test(what_rules_shockwave_out_stands_first),
        cmocka_unit_test(an_earlier_answer_stays),   cmocka_unit_test(a_letter_long_after_the_end),
        cmocka_unit_test(a_plan_that_is_none),       cmocka_unit_test(a_name_turns_no_paragraph_round),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
