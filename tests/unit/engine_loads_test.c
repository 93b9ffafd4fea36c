/*
 * engine_loads_test.c: what each day came to: the fold's own sums, missed sessions, gaps, arenas, errors.
 */
#include "engine_support.h"

enum { TEXT = LW_LOADS_RESULT + 1 };
#define LIFTS(SETS) "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[" SETS "],\"pain_during\":2,\"effort\":5}"

static uint8_t memory[LW_LOADS_RESULT];
static _Alignas(16) uint8_t scratch_memory[LW_LOADS_SCRATCH];

static lw_work room(size_t result, size_t scratch) {
    return (lw_work){.result = lw_arena_over(memory, result), .scratch = lw_arena_over(scratch_memory, scratch)};
}

/* The answer for DAY0 + from .. DAY0 + to; good until the next one. */
static const char *loads(rec *r, int32_t from, int32_t to) {
    static char text[TEXT];
    lw_work work = room(LW_LOADS_RESULT, LW_LOADS_SCRATCH);
    lw_diag diag = {.err = 0};
    int32_t err = lw_day_loads(mini(), rec_read(r), DAY0 + from, DAY0 + to, &work, &diag);
    if (err != LW_OK) {
        fail_msg("%s: %s", lw_err_name(err), diag.message);
    }
    memcpy(text, work.json.ptr, work.json.len);
    text[work.json.len] = '\0';
    return text;
}

/* The n-th day of an answer. */
static const char *day_of(const char *json, int32_t n) {
    const char *at = json + 1;
    for (; n > 0; n--) {
        at = strchr(at, '}') + 2;
    }
    return at;
}

static void assert_member(const char *json, int32_t n, const char *member) {
    const char *day = day_of(json, n);
    const char *found = strstr(day, member);
    if (found == NULL || found > strchr(day, '}')) {
        fail_msg("day %d has no %s: %.240s", n, member, day);
    }
}

static rec *begun(void) {
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    return r;
}

static void a_day_says_what_it_came_to(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":1.5,\"pain_test\":2,\"sitting_min\":30}");
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":3,\"test\":\"bridge_double\",\"sitting_min\":20}");
    patient(r, 1, "exercise", HOLDS(THREE_20, "2", "5"));
    patient(r, 1, "activity", "{\"type\":\"run\",\"minutes\":25,\"run_minutes\":12,\"km\":2.35,\"pain_during\":3}");
    patient(r, 1, "activity", "{\"type\":\"sit\",\"minutes\":90}");
    patient(r, 1, "activity", "{\"type\":\"drive\",\"minutes\":45}");
    patient(r, 1, "activity", "{\"type\":\"walk\",\"minutes\":60,\"pain_during\":2.5}");
    const char *json = loads(r, 1, 1);
    assert_string_equal(json, "[{\"day\":\"2026-01-06\",\"done\":true,\"due\":true,\"missed\":false,\"tension\":6000,"
                              "\"compression\":0,\"sit_min\":135,\"run_min\":12,\"run_km\":2.35,\"pain_during\":3,"
                              "\"pain_morning\":1.5,\"pain_test\":3,\"sitting_min\":20,\"flare\":\"none\"}]");
    rec_free(r);
}

static void the_worst_pain_of_the_day_counts(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "exercise", HOLDS(THREE_20, "5", "5"));
    patient(r, 1, "activity", "{\"type\":\"run\",\"minutes\":5,\"pain_during\":3}");
    patient(r, 2, "activity", "{\"type\":\"run\",\"minutes\":5,\"pain_during\":1}");
    patient(r, 2, "activity", "{\"type\":\"cycle\",\"minutes\":5,\"pain_during\":4}");
    patient(r, 3, "exercise", "{\"exercise\":\"hold\",\"side\":\"left\",\"skip\":\"pain\"}");
    const char *json = loads(r, 1, 3);
    assert_member(json, 0, "\"pain_during\":5,");
    assert_member(json, 1, "\"pain_during\":4,");
    assert_member(json, 2, "\"pain_during\":null,");
    assert_member(json, 2, "\"done\":false,");
    rec_free(r);
}

static void nothing_said_is_not_zero(void **state) {
    (void)state;
    rec *r = begun();
    const char *json = loads(r, -2, 400);
    assert_member(
        json, 0,
        "\"pain_during\":null,\"pain_morning\":null,\"pain_test\":null,\"sitting_min\":null,\"flare\":\"none\"}");
    assert_member(
        json, 402,
        "\"pain_during\":null,\"pain_morning\":null,\"pain_test\":null,\"sitting_min\":null,\"flare\":\"none\"}");
    assert_member(json, 402, "\"day\":\"2027-02-09\",\"done\":false,\"due\":false,\"missed\":false,");
    rec_free(r);
}

static void a_silence_that_is_passed_over_leaves_its_days_empty(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "exercise", HOLDS(THREE_20, "2", "5"));
    patient(r, 900, "checkin", CALM);
    const char *json = loads(r, 1, 900);
    assert_member(json, 0, "\"tension\":6000,");
    assert_member(json, 500, "\"tension\":0,");
    assert_member(json, 500, "\"pain_morning\":null,");
    assert_member(json, 899, "\"pain_morning\":1,");
    rec_free(r);
}

/* The numbers are those of the weekly cap: each day's are in the ring of the next morning. */
static void they_are_the_sums_of_the_fold(void **state) {
    (void)state;
    rec *r = begun();
    for (int32_t day = 1; day <= 12; day++) {
        patient(r, day, "checkin", CALM);
        patient(r, day, "exercise", day % 2 == 0 ? HOLDS(THREE_30, "1", "5") : HOLDS(THREE_20, "1", "5"));
        if (day % 3 == 0) {
            patient(r, day, "exercise", LIFTS("{\"reps\":8,\"load_kg\":40},{\"reps\":8,\"load_kg\":40}"));
        }
        if (day % 4 == 0) {
            patient(
                r, day, "exercise",
                "{\"exercise\":\"squat\",\"side\":\"both\",\"sets\":[{\"reps\":6}],\"pain_during\":1,\"effort\":4}");
        }
    }
    char json[TEXT];
    strcpy(json, loads(r, 1, 12));
    for (int32_t day = 1; day <= 12; day++) {
        lw_state *s = fold_on(r, day + 1);
        uint32_t slot = (uint32_t)(DAY0 + day) % LW_RING;
        assert_true(s->tension[slot] > 0);
        assert_member(json, day - 1, say("\"tension\":%d,", s->tension[slot]));
        assert_member(json, day - 1, say("\"compression\":%d,", s->compression[slot]));
    }
    assert_member(json, 3, "\"compression\":6000,");
    rec_free(r);
}

/* Due by the rhythm of Monday, Wednesday and Friday; day 0 is a Monday. */
static void missed_is_due_and_not_made_up_before_the_next(void **state) {
    (void)state;
    rec *r = begun();
    clinician(r, 0, "settings", "{\"days\":[\"mon\",\"wed\",\"fri\"]}");
    for (int32_t day = 1; day <= 11; day++) {
        patient(r, day, "checkin", CALM);
    }
    patient(r, 2, "exercise", HOLDS(THREE_20, "1", "5"));  // Wednesday, on its day
    patient(r, 5, "exercise", HOLDS(THREE_20, "1", "5"));  // Friday's, on Saturday
    patient(r, 10, "exercise", HOLDS(THREE_20, "1", "5")); // Thursday, for Wednesday; Monday's is missed
    const char *json = loads(r, 1, 11);
    static const char *const expected[] = {
        "\"done\":false,\"due\":false,\"missed\":false,", "\"done\":true,\"due\":true,\"missed\":false,",
        "\"done\":false,\"due\":false,\"missed\":false,", "\"done\":false,\"due\":true,\"missed\":false,",
        "\"done\":true,\"due\":false,\"missed\":false,",  "\"done\":false,\"due\":false,\"missed\":false,",
        "\"done\":false,\"due\":true,\"missed\":true,",   "\"done\":false,\"due\":false,\"missed\":false,",
        "\"done\":false,\"due\":true,\"missed\":false,",  "\"done\":true,\"due\":false,\"missed\":false,",
        "\"done\":false,\"due\":true,\"missed\":false,", // still open
    };
    for (int32_t i = 0; i < 11; i++) {
        assert_member(json, i, expected[i]);
    }
    rec_free(r);
}

static void what_was_voided_did_not_happen(void **state) {
    (void)state;
    rec *r = begun();
    uint32_t sat = patient(r, 1, "activity", "{\"type\":\"sit\",\"minutes\":90}");
    uint32_t held = patient(r, 1, "exercise", HOLDS(THREE_20, "2", "5"));
    patient(r, 5, "void", say("{\"event\":\"%s\",\"reason\":\"mistake\"}", event_id(sat)));
    patient(r, 5, "void", say("{\"event\":\"%s\",\"reason\":\"mistake\"}", event_id(held)));
    const char *json = loads(r, 1, 5);
    assert_member(json, 0, "\"sit_min\":0,");
    assert_member(json, 0, "\"tension\":0,");
    // the day before, nobody knew
    json = loads(r, 1, 4);
    assert_member(json, 0, "\"sit_min\":90,");
    assert_member(json, 0, "\"tension\":6000,");
    rec_free(r);
}

static void days_outside_are_left_out(void **state) {
    (void)state;
    rec *r = begun();
    for (int32_t day = 1; day <= 3; day++) {
        patient(r, day, "activity", "{\"type\":\"sit\",\"minutes\":1000}");
        patient(r, day, "activity", "{\"type\":\"sit\",\"minutes\":1000}");
    }
    const char *json = loads(r, 2, 2);
    assert_member(json, 0, "\"sit_min\":1440,"); // a day has no more minutes
    assert_ptr_equal(strstr(day_of(json, 0), "},"), NULL);
    rec_free(r);
}

static int32_t refused(rec *r, int32_t from, int32_t to, size_t result, size_t scratch) {
    lw_work work = room(result, scratch);
    lw_diag diag = {.err = 0};
    int32_t err = lw_day_loads(mini(), rec_read(r), DAY0 + from, DAY0 + to, &work, &diag);
    if (err != LW_OK) {
        assert_int_equal(diag.err, err);
        assert_true(diag.message[0] != '\0');
        assert_null(work.json.ptr);
        assert_int_equal(work.result.used, 0);
        assert_int_equal(lw_day_loads(mini(), &r->record, DAY0 + from, DAY0 + to, &work, NULL), err);
    }
    return err;
}

static void days_have_an_order_and_a_limit(void **state) {
    (void)state;
    rec *r = begun();
    assert_int_equal(refused(r, 2, 1, LW_LOADS_RESULT, LW_LOADS_SCRATCH), LW_ERR_RANGE);
    assert_int_equal(refused(r, 0, LW_LOADS_DAYS, LW_LOADS_RESULT, LW_LOADS_SCRATCH), LW_ERR_LIMIT);
    assert_int_equal(refused(r, 0, LW_LOADS_DAYS - 1, LW_LOADS_RESULT, LW_LOADS_SCRATCH), LW_OK);
    assert_int_equal(refused(r, INT32_MIN / 2 - DAY0, INT32_MAX / 2, LW_LOADS_RESULT, LW_LOADS_SCRATCH), LW_ERR_LIMIT);
    rec_free(r);
}

static void arenas_of_every_size(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "exercise", HOLDS(THREE_20, "2", "5"));
    lw_work whole = room(LW_LOADS_RESULT, LW_LOADS_SCRATCH);
    assert_int_equal(lw_day_loads(mini(), rec_read(r), DAY0, DAY0 + 9, &whole, NULL), LW_OK);
    size_t result = whole.result.used;
    size_t scratch = whole.scratch.peak;
    assert_true(result > 0 && scratch > 0);
    for (size_t less = 0; less < scratch; less += less + 64 < scratch ? 7 : 1) {
        assert_int_equal(refused(r, 0, 9, result, less), LW_ERR_NO_MEMORY);
    }
    for (size_t less = 0; less < result; less += 3) {
        assert_int_equal(refused(r, 0, 9, less, scratch), LW_ERR_NO_MEMORY);
    }
    assert_int_equal(refused(r, 0, 9, result, scratch), LW_OK);
    // an answer is published beside the one before it
    lw_str before = whole.json;
    whole.result.peak = LW_LOADS_RESULT;
    assert_int_equal(lw_day_loads(mini(), &r->record, DAY0, DAY0 + 9, &whole, NULL), LW_OK);
    assert_ptr_equal(whole.json.ptr, before.ptr + before.len);
    assert_int_equal(whole.result.peak, LW_LOADS_RESULT);
    whole.result = (lw_arena){0};
    assert_int_equal(lw_day_loads(mini(), &r->record, DAY0, DAY0, &whole, NULL), LW_ERR_NO_MEMORY);
    rec_free(r);
}

/* The flare of a day is the one that the plan of that day speaks of. */
static void a_flare_is_the_one_of_the_plan(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":1}");
    patient(r, 2, "checkin", "{\"pain_morning\":1,\"pain_test\":1,\"night_pain\":true}");
    for (int32_t day = 3; day < 9; day++) {
        patient(r, day, "checkin",
                day < 6 ? "{\"pain_morning\":5,\"pain_test\":5}" : "{\"pain_morning\":1,\"pain_test\":1}");
    }
    static const char *const members[] = {"\"flare\":\"none\"}", "\"flare\":\"minor\"}", "\"flare\":\"major\"}"};
    const char *json = loads(r, 0, 10);
    bool open = false;
    for (int32_t day = 0; day <= 10; day++) {
        lw_state *s = fold_on(r, day);
        open = open || s->flare != LW_FLARE_NONE;
        assert_member(json, day, members[s->flare]);
    }
    assert_true(open);
    assert_member(json, 1, members[LW_FLARE_NONE]);
    assert_member(json, 2, members[LW_FLARE_MAJOR]);
    rec_free(r);
}

/* The widest numbers a day can have, on as many days as are answered. */
static void the_widest_answer_fits(void **state) {
    (void)state;
    static const char widest[] =
        "{\"day\":\"2026-01-06\",\"done\":false,\"due\":false,\"missed\":false,\"tension\":1000000000,"
        "\"compression\":1000000000,\"sit_min\":1440,\"run_min\":-2147483647,\"run_km\":-21474836.47,"
        "\"pain_during\":10.25,\"pain_morning\":10.25,\"pain_test\":10.25,\"sitting_min\":-2147483647,\"flare\":"
        "\"minor\"},";
    assert_true((sizeof widest - 1) * LW_LOADS_DAYS + 2 <= LW_LOADS_RESULT);
    size_t day = sizeof(lw_day_load) + sizeof(int32_t) + sizeof(bool);
    assert_true(sizeof(lw_state) + day * LW_LOADS_DAYS + 64 <= LW_LOADS_SCRATCH);
}

static void other_protocols_and_newer_records_are_refused(void **state) {
    (void)state;
    rec *r = rec_new();
    begin(r, "{\"protocol\":\"mini@9.9.9\",\"authority\":\"suggest\"," EQUIPMENT "}");
    assert_int_equal(refused(r, 0, 1, LW_LOADS_RESULT, LW_LOADS_SCRATCH), LW_ERR_PROTOCOL);
    rec_free(r);
    r = begun();
    patient(r, 1, "of_tomorrow", "{}");
    assert_int_equal(refused(r, 0, 1, LW_LOADS_RESULT, LW_LOADS_SCRATCH), LW_ERR_NEWER);
    rec_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_says_what_it_came_to),
        cmocka_unit_test(the_worst_pain_of_the_day_counts),
        cmocka_unit_test(nothing_said_is_not_zero),
        cmocka_unit_test(a_silence_that_is_passed_over_leaves_its_days_empty),
        cmocka_unit_test(they_are_the_sums_of_the_fold),
        cmocka_unit_test(missed_is_due_and_not_made_up_before_the_next),
        cmocka_unit_test(what_was_voided_did_not_happen),
        cmocka_unit_test(days_outside_are_left_out),
        cmocka_unit_test(days_have_an_order_and_a_limit),
        cmocka_unit_test(arenas_of_every_size),
        cmocka_unit_test(a_flare_is_the_one_of_the_plan),
        cmocka_unit_test(the_widest_answer_fits),
        cmocka_unit_test(other_protocols_and_newer_records_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
