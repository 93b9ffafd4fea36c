/* decode_test.c: one line to one event: every kind, every member type, and every way of being refused. */
#include "test_support.h"

static uint64_t memory[4096];

/* Decodes a line from an exact heap copy; the copy lives until the next call. */
static int32_t decode(const char *line, lw_event *event, lw_diag *diag) {
    static char *copy;
    static lw_arena arena;
    free(copy);
    lw_str text = heap_copy(str(line));
    copy = (char *)(uintptr_t)text.ptr;
    arena = lw_arena_over(memory, sizeof memory);
    memset(diag, 0xee, sizeof *diag);
    int32_t err = lw_event_read(text, 7, &arena, event, diag);
    if (err != 0) {
        assert_int_equal(arena.used, 0);
        assert_int_equal(diag->err, err);
        assert_int_equal(diag->line, 7);
        assert_true(strlen(diag->message) > 0);
    }
    return err;
}

#define ID   "0195a0c2-7b1e-7c11-9a55-2f6f0c1d2e3f"
#define HASH "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static const void *good(const char *kind, const char *by, const char *data) {
    static lw_event event;
    char line[8192];
    lw_diag diag;
    event_line(line, sizeof line, 1, kind, by, data);
    int32_t err = decode(line, &event, &diag);
    if (err != 0) {
        fail_msg("%s %s: %s at %u [%s] %s", kind, data, lw_err_name(err), diag.column, diag.member, diag.message);
    }
    assert_string_equal(lw_kind_name(event.kind), kind);
    return event.data;
}

static void envelope(void **state) {
    (void)state;
    lw_event event;
    lw_diag diag;
    static const char line[] = " { \"x_app\" : [1e5, {\"a\":null}], \"v\" : 1 , \"id\":\"" ID
                               "\", \"patient\":\"p-001\", \"by\":\"clinician:dr.a:2\",\r\n"
                               "\t\"kind\":\"checkin\", \"received\":\"2026-03-02T06:05:01+00:00\", "
                               "\"at\":\"2026-03-02T07:05:09-01:30\",\"data\":{\"pain_morning\":2.5}} ";
    char flat[sizeof line];
    strcpy(flat, line);
    *strchr(flat, '\n') = ' ';
    assert_int_equal(decode(flat, &event, &diag), 0);
    assert_int_equal(event.kind, LW_KIND_CHECKIN);
    assert_int_equal(event.by, LW_BY_CLINICIAN);
    assert_true(lw__str_eq(event.by_id, str("dr.a:2")));
    assert_int_equal(event.day, lw_day_from_civil(2026, 3, 2));
    assert_int_equal(event.minute, 7 * 60 + 5);
    assert_true(event.at_s == (int64_t)event.day * 86400 + 8 * 3600 + 35 * 60 + 9);
    assert_memory_equal(event.id, "\x01\x95\xa0\xc2\x7b\x1e\x7c\x11\x9a\x55\x2f\x6f\x0c\x1d\x2e\x3f", 16);
    assert_int_equal(event.line, 7);
    assert_true(lw__str_eq(event.raw, str(flat)));
    assert_false(event.voided || event.ineffective);
    assert_int_equal(((const struct lw_ev_checkin *)event.data)->pain_morning_x100, 250);
    assert_int_equal(decode(line, &event, &diag), LW_ERR_SYNTAX); /* a line break inside */
    assert_null(lw_kind_name(-1));
    assert_null(lw_kind_name(LW_KINDS));
    /* everything may be written with escapes, and data may come first */
    assert_int_equal(decode("{\"d\\u0061ta\":{\"p\\u0061in_morning\":3,\"pain_relief\":\"n\\u006fne\"},\"v\":1,\"id\":"
                            "\"\\u0030195a0c2-7b1e-7c11-9a55-2f6f0c1d2e3f\","
                            "\"patient\":\"p\\u002d001\",\"kind\":\"check\\u0069n\",\"at\":\"2026-03-02T07:05:"
                            "09\\u002b18:00\",\"by\":\"devic\\u0065:w\"}",
                            &event, &diag),
                     LW_ERR_AUTHOR);
    assert_int_equal(decode("{\"d\\u0061ta\":{\"p\\u0061in_morning\":3,\"pain_relief\":\"n\\u006fne\"},\"v\":1,\"id\":"
                            "\"\\u0030195a0c2-7b1e-7c11-9a55-2f6f0c1d2e3f\","
                            "\"patient\":\"p\\u002d001\",\"kind\":\"check\\u0069n\",\"at\":\"2026-03-02T07:05:"
                            "09\\u002b18:00\",\"by\":\"patien\\u0074\"}",
                            &event, &diag),
                     0);
    assert_int_equal(((const struct lw_ev_checkin *)event.data)->pain_morning_x100, 300);
    assert_int_equal(event.id[0], 1);
}

static void every_kind(void **state) {
    (void)state;
    const struct lw_ev_enrolled *enrolled =
        good("enrolled", "patient",
             "{\"birth_year\":1986,\"sex\":\"female\",\"height_cm\":170.5,\"mass_kg\":64,\"sport\":\"running\","
             "\"level\":\"recreational\",\"sides\":[\"left\",\"right\"],\"goal\":\"sport\",\"sit_h_day\":7.25,\"zone\":"
             "\"Europe/Berlin\",\"x_a\":1,\"x_b\":2}");
    assert_true(enrolled->has == (1u << 10) - 1);
    assert_int_equal(enrolled->birth_year, 1986);
    assert_int_equal(enrolled->height_cm_x100, 17050);
    assert_int_equal(enrolled->level, LW_LEVEL_RECREATIONAL);
    assert_int_equal(enrolled->sides, LW_BIT(LW_SIDE_LEFT) | LW_BIT(LW_SIDE_RIGHT));
    assert_int_equal(enrolled->sit_h_day_x100, 725);
    assert_true(lw__str_eq(enrolled->zone, str("Europe/Berlin")));

    const struct lw_ev_screened *screened = good("screened", "clinician:a", "{\"flags\":[\"RF01\",\"RF15\"]}");
    assert_int_equal(screened->flags, LW_BIT(LW_FLAG_RF01) | LW_BIT(LW_FLAG_RF15));
    screened = good("screened", "patient", "{\"flags\":[ ]}");
    assert_true(screened->has == LW_HAS_SCREENED_FLAGS && screened->flags == 0);
    assert_int_equal(((const struct lw_ev_symptom *)good("symptom", "patient", "{\"flag\":\"RF02\"}"))->flag,
                     LW_FLAG_RF02);

    const struct lw_ev_cleared *cleared = good(
        "cleared", "clinician:a", "{\"events\":[\"" ID "\",\"" ID "\"],\"codes\":[\"C06\",\"C12\"],\"note\":\"seen\"}");
    assert_int_equal(cleared->events.count, 2);
    assert_int_equal(cleared->events.items[1][15], 0x3f);
    assert_int_equal(cleared->codes, LW_BIT(LW_CONTRA_C06) | LW_BIT(LW_CONTRA_C12));
    cleared = good("cleared", "clinician:a", "{\"events\":[],\"note\":\"seen\"}");
    assert_true(cleared->events.count == 0 && cleared->events.items == NULL);

    const struct lw_ev_condition *condition =
        good("condition", "patient", "{\"code\":\"C01\",\"present\":true,\"from\":\"2026-03-01\"}");
    assert_true(condition->present && condition->from == lw_day_from_civil(2026, 3, 1));
    condition = good("condition", "clinician:a", "{\"code\":\"C01\",\"present\":false}");
    assert_true(!condition->present && (condition->has & LW_HAS_CONDITION_FROM) == 0);

    const struct lw_ev_assessed *assessed =
        good("assessed", "clinician:a",
             "{\"onset\":\"sudden\",\"event\":[\"pop\",\"weakness\"],\"weeks\":34,\"localised\":true,\"load_increase\":"
             "false,"
             "\"below_knee\":false,\"rest_pain\":true,\"night_pain\":false,\"adl_pain\":3.75,\"settle_h\":24,\"sitting_"
             "min\":25,\"palpation\":\"positive\","
             "\"tests\":{\"bridge_single\":3.5,\"hop\":10,\"modified_bent_knee\":\"positive\",\"seated_piriformis\":"
             "\"negative\",\"x_t\":[]},"
             "\"bridge_reps\":{\"left\":14,\"right\":22},\"curl_10rm_kg\":{\"right\":27.5},\"contraindications\":[],"
             "\"loading_weeks\":8,\"loading_response\":\"none\","
             "\"loading_blocked\":false,\"longest_run_km\":12.5,\"weekly_km\":40,\"imaging\":\"mri\",\"imaging_"
             "result\":\"partial\",\"tear\":\"none\"}");
    assert_true(assessed->has == (1u << 24) - 1);
    assert_int_equal(assessed->event, LW_BIT(LW_ONSET_EVENT_POP) | LW_BIT(LW_ONSET_EVENT_WEAKNESS));
    assert_int_equal(assessed->tests.has, LW_BIT(LW_TEST_BRIDGE_SINGLE) | LW_BIT(LW_TEST_HOP) |
                                              LW_BIT(LW_TEST_MODIFIED_BENT_KNEE) | LW_BIT(LW_TEST_SEATED_PIRIFORMIS));
    assert_int_equal(assessed->tests.value_x100[LW_TEST_BRIDGE_SINGLE], 350);
    assert_int_equal(assessed->tests.value_x100[LW_TEST_MODIFIED_BENT_KNEE], 1000);
    assert_int_equal(assessed->tests.value_x100[LW_TEST_SEATED_PIRIFORMIS], 0);
    assert_int_equal(assessed->bridge_reps.right, 22);
    assert_true(assessed->curl_10rm_kg_x100.has == LW_BIT(LW_SIDE_RIGHT) && assessed->curl_10rm_kg_x100.right == 2750);
    assert_int_equal(assessed->imaging_result, LW_IMAGING_RESULT_PARTIAL);

    const struct lw_ev_tested *tested =
        good("tested", "patient",
             "{\"tests\":{},\"bridge_reps\":{},\"curl_10rm_kg\":{\"left\":0},\"sitting_min\":0,\"rest_pain\":false}");
    assert_true(tested->tests.has == 0 && tested->bridge_reps.has == 0 && tested->has == 31);

    const struct lw_ev_outcome *outcome =
        good("outcome", "patient", "{\"instrument\":\"groc\",\"score\":-7,\"items\":[1,-2.5,0]}");
    assert_int_equal(outcome->score_x100, -700);
    assert_int_equal(outcome->items_x100.count, 3);
    assert_int_equal(outcome->items_x100.items[1], -250);
    good("outcome", "patient", "{\"instrument\":\"tsk11\",\"score\":44}");

    const struct lw_ev_started *started =
        good("started", "clinician:a",
             "{\"protocol\":\"pht@1.0.0\",\"protocol_sha256\":\"" HASH
             "\",\"authority\":\"progress\",\"days\":[\"mon\",\"sun\"],"
             "\"equipment\":[\"mat\",\"hill\"],\"loads\":{\"dumbbell\":[2,4.5,10],\"barbell\":{\"min\":20,\"step\":2.5}"
             ",\"band\":[],\"x_l\":0},\"pain_ceiling\":5,\"max_items\":6}");
    assert_int_equal(started->authority, LW_AUTHORITY_PROGRESS);
    assert_int_equal(started->protocol_sha256[31], 0x1f);
    assert_int_equal(started->days, LW_BIT(LW_WEEKDAY_MON) | LW_BIT(LW_WEEKDAY_SUN));
    assert_int_equal(started->loads.count, 3);
    assert_int_equal(started->loads.items[0].implement, LW_EQUIPMENT_DUMBBELL);
    assert_int_equal(started->loads.items[0].count, 3);
    assert_int_equal(started->loads.items[0].items_x100[1], 450);
    assert_int_equal(started->loads.items[1].min_x100, 2000);
    assert_int_equal(started->loads.items[1].step_x100, 250);
    assert_int_equal(started->loads.items[2].count, 0);
    /* by a patient it is no error: it does not count */
    good("started", "patient", "{\"protocol\":\"pht@1.0.0\",\"authority\":\"progress\",\"pain_ceiling\":5}");
    const struct lw_ev_settings *settings =
        good("settings", "patient",
             "{\"pain_ceiling\":3,\"mass_kg\":63.2,\"goal\":\"run\",\"sport\":\"none\",\"loads\":{}}");
    assert_int_equal(settings->mass_kg_x100, 6320);
    assert_true(settings->loads.count == 0 && settings->loads.items == NULL);

    const struct lw_ev_checkin *checkin = good("checkin", "patient",
                                               "{\"pain_morning\":0,\"stiffness_min\":1440,\"pain_worst_24h\":10,"
                                               "\"pain_test\":9.99,\"test\":\"lunge\",\"night_pain\":true,"
                                               "\"rest_pain\":false,\"muscle_soreness\":0.01,\"sitting_min\":5,\"sleep_"
                                               "h\":7.5,\"stress\":10.0,\"pain_relief\":\"opioid\"}");
    assert_true(checkin->has == (1u << 12) - 1);
    assert_int_equal(checkin->pain_test_x100, 999);
    assert_int_equal(checkin->test, LW_TEST_LUNGE);
    assert_int_equal(checkin->muscle_soreness_x100, 1);
    assert_int_equal(checkin->pain_relief, LW_PAIN_RELIEF_OPIOID);

    const struct lw_ev_exercise *exercise =
        good("exercise", "patient",
             "{\"exercise\":\"rdl\",\"side\":\"both\",\"sets\":[{\"reps\":8,\"load_kg\":42.25,\"tempo\":\"3\\u002f1\","
             "\"effort\":6,\"pain\":1.5},"
             "{\"hold_s\":30},{\"distance_m\":60,\"speed_pct\":90},{\"contacts\":40,\"x_s\":{}}],\"pain_during\":2,"
             "\"effort\":6,\"depth_deg\":45,\"test_before\":2,\"test_after\":3,\"pain_relief\":\"none\"}");
    assert_int_equal(exercise->sets.count, 4);
    assert_int_equal(exercise->sets.items[0].load_kg_x100, 4225);
    assert_true(lw__str_eq(exercise->sets.items[0].tempo, str("3/1")));
    assert_int_equal(exercise->sets.items[1].has, LW_HAS_SET_HOLD_S);
    assert_int_equal(exercise->sets.items[2].speed_pct, 90);
    assert_int_equal(exercise->sets.items[3].contacts, 40);
    exercise = good("exercise", "patient", "{\"exercise\":\"rdl\",\"skip\":\"pain\"}");
    assert_true(exercise->has == (LW_HAS_EXERCISE_EXERCISE | LW_HAS_EXERCISE_SKIP) && exercise->skip == LW_SKIP_PAIN);

    const struct lw_ev_activity *activity =
        good("activity", "device:watch-1",
             "{\"type\":\"run\",\"minutes\":30,\"km\":5.01,\"ascent_m\":120,\"top_kmh\":14.5,\"run_level\":3,\"run_"
             "minutes\":20,\"pain_during\":1,\"source\":\"fit\"}");
    assert_int_equal(activity->km_x100, 501);
    const struct lw_ev_shockwave *shockwave =
        good("shockwave", "clinician:a",
             "{\"wave\":\"radial\",\"device\":\"DolorClast\",\"applicator_mm\":15,\"pressure_bar\":3,\"impulses\":2500,"
             "\"rate_hz\":10,\"side\":\"left\",\"pain_during\":5.5,"
             "\"anaesthetic\":false,\"consent\":true,\"adverse\":[\"redness\",\"bru\\u0069se\"]}");
    assert_int_equal(shockwave->pressure_bar_x100, 300);
    assert_int_equal(shockwave->adverse.count, 2);
    assert_true(lw__str_eq(shockwave->adverse.items[1], str("bruise")));
    good("shockwave", "clinician:a",
         "{\"wave\":\"focused\",\"device\":\"D\",\"efd_mj_mm2\":0.18,\"impulses\":2500,\"side\":\"left\","
         "\"anaesthetic\":false,\"consent\":true}");
    good("shockwave", "patient", "{\"side\":\"right\"}");
    const struct lw_ev_adverse *adverse =
        good("adverse", "patient", "{\"what\":[\"haematoma\"],\"serious\":false,\"of\":\"" ID "\"}");
    assert_int_equal(adverse->of[0], 1);
    const struct lw_ev_booked *booked =
        good("booked", "clinician:a", "{\"what\":\"shockwave\",\"on\":\"2026-03-09\",\"side\":\"left\"}");
    assert_int_equal(booked->on, lw_day_from_civil(2026, 3, 9));
    good("treatment", "patient", "{\"type\":\"ice\"}");
    const struct lw_ev_medicine *medicine =
        good("medicine", "patient",
             "{\"class\":\"nsaid\",\"from\":\"2026-02-07\",\"to\":\"2026-02-07\",\"site\":\"other\"}");
    assert_int_equal(medicine->class_, LW_MEDICINE_NSAID);
    good("medicine", "patient", "{\"class\":\"other\",\"from\":\"2026-02-07\"}");
    const struct lw_ev_limit *limit =
        good("limit", "clinician:a",
             "{\"exercise\":\"nordic\",\"max\":0,\"until\":\"2026-04-01\",\"reason\":\"too early\"}");
    assert_true(limit->max_x100 == 0 && (limit->has & LW_HAS_LIMIT_VARIABLE) == 0);
    good("limit", "clinician:a", "{\"variable\":\"load\",\"max\":42.5,\"reason\":\"r\"}");
    const struct lw_ev_override *override_ =
        good("override", "clinician:a", "{\"decision\":\"" ID "\",\"action\":\"regress\",\"reason\":\"r\"}");
    assert_int_equal(override_->action, LW_VERDICT_REGRESS);
    const struct lw_ev_accepted *accepted =
        good("accepted", "patient", "{\"exercise\":\"rdl\",\"variable\":\"load\",\"to\":42.50}");
    assert_true(!accepted->to.is_text && accepted->to.x100 == 4250 && lw__str_eq(accepted->to.text, str("42.50")));
    accepted = good("accepted", "patient", "{\"what\":\"stage\",\"to\":\"strength\"}");
    assert_true(accepted->to.is_text && lw__str_eq(accepted->to.text, str("strength")));
    good("authority", "patient", "{\"level\":\"hold\",\"reason\":\"r\"}");
    assert_int_equal(
        ((const struct lw_ev_authority *)good("authority", "clinician:a", "{\"level\":\"progress\"}"))->level,
        LW_AUTHORITY_PROGRESS);
    good("paused", "patient", "{\"reason\":\"holiday\"}");
    good("resumed", "patient", "{}");
    good("resumed", "patient", "{\"x_only\":\"extension\"}");
    good("discharged", "clinician:a", "{\"reason\":\"well\"}");
    good("note", "clinician:a", "{\"text\":\"zw\xc3\xb6lf\"}");
    good("void", "patient", "{\"event\":\"" ID "\",\"reason\":\"wrong\"}");
    const struct lw_ev_decided *decided =
        good("decided", "engine",
             "{\"on\":\"2026-03-02\",\"protocol_sha256\":\"" HASH "\",\"engine\":\"0.1.0\",\"inputs\":\"" HASH
             "\",\"plan_sha256\":\"" HASH "\","
             "\"verdict\":\"hold\",\"rules\":[\"L07\"],\"items\":[{\"exercise\":\"rdl\"},[1]]}");
    assert_true(lw__str_eq(decided->items, str("[{\"exercise\":\"rdl\"},[1]]")));
    assert_int_equal(decided->verdict, LW_VERDICT_HOLD);
    good("decided", "engine", "{}");
}

/* kind, author, data, error, path, and the text at whose last occurrence the error is reported (NULL: not looked at). */
static const struct {
    const char *kind, *by, *data;
    int32_t err;
    const char *member, *at;
} refused[] = {
    {"checkin", "patient", "{}", LW_ERR_MISSING, "data.pain_morning", "{}"},
    {"checkin", "patient", "[]", LW_ERR_TYPE, "data", "[]"},
    {"checkin", "patient", "{\"pain_morning\":11}", LW_ERR_RANGE, "data.pain_morning", "11"},
    {"checkin", "patient", "{\"pain_morning\":-1}", LW_ERR_RANGE, "data.pain_morning", "-1"},
    {"checkin", "patient", "{\"pain_morning\":10.01}", LW_ERR_RANGE, "data.pain_morning", "10.01"},
    {"checkin", "patient", "{\"pain_morning\":99999999999999999999}", LW_ERR_RANGE, "data.pain_morning",
     "99999999999999999999"},
    {"checkin", "patient", "{\"pain_morning\":2.505}", LW_ERR_NUMBER, "data.pain_morning", "2.505"},
    {"checkin", "patient", "{\"pain_morning\":2e0}", LW_ERR_NUMBER, "data.pain_morning", "2e0"},
    {"checkin", "patient", "{\"pain_morning\":02}", LW_ERR_NUMBER, "data.pain_morning", "02"},
    {"checkin", "patient", "{\"pain_morning\":\"2\"}", LW_ERR_TYPE, "data.pain_morning", "\"2\""},
    {"checkin", "patient", "{\"pain_morning\":null}", LW_ERR_TYPE, "data.pain_morning", "null"},
    {"checkin", "patient", "{\"pain_morning\":\xff}", LW_ERR_TYPE, "data.pain_morning", NULL},
    {"checkin", "patient", "{\"pain_morning\":}", LW_ERR_TYPE, "data.pain_morning", NULL},
    {"checkin", "patient", "{\"pain_morning\":2,\"stiffness_min\":5.0}", LW_ERR_NUMBER, "data.stiffness_min", "5.0"},
    {"checkin", "patient", "{\"pain_morning\":2,\"stiffness_min\":1441}", LW_ERR_RANGE, "data.stiffness_min", "1441"},
    {"checkin", "patient", "{\"pain_morning\":2,\"stiffness_min\":[5]}", LW_ERR_TYPE, "data.stiffness_min", "[5]"},
    {"checkin", "patient", "{\"pain_morning\":2,\"night_pain\":1}", LW_ERR_TYPE, "data.night_pain", "1"},
    {"checkin", "patient", "{\"pain_morning\":2,\"night_pain\":trve}", LW_ERR_SYNTAX, "data.night_pain", "trve"},
    {"checkin", "patient", "{\"pain_morning\":2,\"night_pain\":folse}", LW_ERR_SYNTAX, "data.night_pain", "folse"},
    {"checkin", "patient", "{\"pain_morning\":2,\"pain_morning\":3}", LW_ERR_DUPLICATE_MEMBER, "data.pain_morning",
     "\"pain_morning\":3"},
    {"checkin", "patient", "{\"pain_morning\":2,\"x_a\":1,\"x_b\":1,\"x_a\":2}", LW_ERR_DUPLICATE_MEMBER, "data",
     "\"x_a\":2"},
    {"checkin", "patient", "{\"pain_mornin\":2}", LW_ERR_UNKNOWN_MEMBER, "data.pain_mornin", "pain_mornin"},
    {"checkin", "patient", "{\"weather\":2}", LW_ERR_UNKNOWN_MEMBER, "data.weather", "weather"},
    {"checkin", "patient", "{\"x\":2}", LW_ERR_UNKNOWN_MEMBER, "data.x", "x\":2"},
    {"checkin", "patient", "{\"\":2}", LW_ERR_UNKNOWN_MEMBER, "data", NULL},
    {"checkin", "patient", "{\"y_\":2}", LW_ERR_UNKNOWN_MEMBER, "data.y_", NULL},
    {"checkin", "patient", "{\"x-a\":2}", LW_ERR_UNKNOWN_MEMBER, "data.x-a", NULL},
    {"checkin", "patient", "{\"pain_morning\":2,\"test\":\"puranen_orava\"}", LW_ERR_VALUE, "data.test",
     "\"puranen_orava\""},
    {"checkin", "patient", "{\"pain_morning\":2,\"pain_relief\":\"nsaids\"}", LW_ERR_VALUE, "data.pain_relief",
     "\"nsaids\""},
    {"checkin", "patient", "{\"pain_morning\":2,\"pain_relief\":3}", LW_ERR_TYPE, "data.pain_relief", "3}"},
    {"checkin", "patient", "{\"pain_morning\":2,\"pain_relief\":\"a\tb\"}", LW_ERR_SYNTAX, "data.pain_relief", "\tb"},
    {"checkin", "patient", "{\"pain_morning\":2,\"pain_relief\":\"\xff\"}", LW_ERR_UTF8, "data.pain_relief", "\xff"},
    {"checkin", "patient", "{\"pain_morning\":2,\"pain_relief\":\"\\ud800\"}", LW_ERR_UTF8, "data.pain_relief",
     "\\ud800"},
    {"checkin", "patient", "{\"pain_morning\":2,\"x_deep\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}", LW_ERR_DEPTH,
     "data.x_deep", NULL},
    {"checkin", "patient", "{\"pain_morning\":2,\"x_a\" 1}", LW_ERR_SYNTAX, "data.x_a", NULL},
    {"checkin", "patient", "{\"pain_morning\" 2}", LW_ERR_SYNTAX, "data.pain_morning", NULL},
    {"checkin", "patient", "{pain_morning:2}", LW_ERR_SYNTAX, "data", NULL},
    {"checkin", "patient", "{\"pain_morning\":2 \"test\":1}", LW_ERR_SYNTAX, "data.pain_morning", NULL},
    {"checkin", "patient", "{\"pain_morning\":2,\"te\nst\":1}", LW_ERR_SYNTAX, NULL, NULL},
    {"checkin", "patient", "{\"pain_morning\":2,\"te\tst\":1}", LW_ERR_SYNTAX, "data.pain_morning", NULL},
    {"checkin", "device:w", "{\"pain_morning\":2}", LW_ERR_AUTHOR, "by", "\"device:w\""},
    {"checkin", "engine", "{\"pain_morning\":2}", LW_ERR_AUTHOR, "by", "\"engine\""},
    {"checkin", "nurse", "{\"pain_morning\":2}", LW_ERR_VALUE, "by", "\"nurse\""},
    {"checkin", "clinician", "{\"pain_morning\":2}", LW_ERR_VALUE, "by", "\"clinician\""},
    {"checkin", "clinician:", "{\"pain_morning\":2}", LW_ERR_VALUE, "by", "\"clinician:\""},
    {"checkin", "patient:p", "{\"pain_morning\":2}", LW_ERR_VALUE, "by", "\"patient:p\""},
    {"checkin", "", "{\"pain_morning\":2}", LW_ERR_RANGE, "by", "\"\""},
    {"cleared", "patient", "{\"events\":[],\"note\":\"n\"}", LW_ERR_AUTHOR, "by", "\"patient\""},
    {"cleared", "clinician:a", "{\"events\":[\"" ID "\",1],\"note\":\"n\"}", LW_ERR_TYPE, "data.events[1]", "1]"},
    {"cleared", "clinician:a", "{\"events\":{},\"note\":\"n\"}", LW_ERR_TYPE, "data.events", "{},"},
    {"cleared", "clinician:a", "{\"events\":[\"0195A0C2-7b1e-7c11-9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2\"],\"note\":\"n\"}", LW_ERR_VALUE, "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2_7b1e-7c11-9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1e_7c11-9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1e-7c11_9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1e-7c11-9a55_2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"g195a0c2-7b1e-7c11-9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1-e7c11-9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1g-7c11-9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1e-7c1g-9a55-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1e-7c11-9a5g-2f6f0c1d2e3f\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[\"0195a0c2-7b1e-7c11-9a55-2f6f0c1d2e3g\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.events[0]", NULL},
    {"cleared", "clinician:a", "{\"events\":[],\"codes\":[\"C01\"],\"note\":\"n\"}", LW_ERR_VALUE, "data.codes[0]",
     "\"C01\""},
    {"cleared", "clinician:a", "{\"events\":[],\"codes\":[\"C05\",\"C05\"],\"note\":\"n\"}", LW_ERR_VALUE,
     "data.codes[1]", "\"C05\"]"},
    {"cleared", "clinician:a", "{\"events\":[],\"note\":\"\"}", LW_ERR_RANGE, "data.note", "\"\"}"},
    {"cleared", "clinician:a", "{\"events\":[],\"note\":7}", LW_ERR_TYPE, "data.note", "7}"},
    {"screened", "patient", "{\"flags\":\"RF01\"}", LW_ERR_TYPE, "data.flags", NULL},
    {"screened", "patient", "{\"flags\":[\"RF01\" \"RF02\"]}", LW_ERR_SYNTAX, "data.flags[0]", NULL},
    {"screened", "patient", "{\"flags\":[\"RF01\",]}", LW_ERR_TYPE, "data.flags[1]", NULL},
    {"screened", "patient", "{\"flags\":[\"RF16\"]}", LW_ERR_VALUE, "data.flags[0]", NULL},
    {"screened", "patient", "{\"flags\":[\"R\\u004616\"]}", LW_ERR_VALUE, "data.flags[0]", NULL},
    {"enrolled", "patient", "{\"birth_year\":1980,\"sides\":[],\"goal\":\"run\"}", LW_ERR_RANGE, "data.sides", "],"},
    {"enrolled", "patient", "{\"birth_year\":1980,\"sides\":[\"both\"],\"goal\":\"run\"}", LW_ERR_VALUE,
     "data.sides[0]", NULL},
    {"enrolled", "patient", "{\"birth_year\":1899,\"sides\":[\"left\"],\"goal\":\"run\"}", LW_ERR_RANGE,
     "data.birth_year", NULL},
    {"enrolled", "patient",
     "{\"birth_year\":1980,\"sides\":[\"left\"],\"goal\":\"run\",\"zone\":"
     "\"0123456789012345678901234567890123456789012345678901234567890123z\"}",
     LW_ERR_RANGE, "data.zone", NULL},
    {"condition", "patient", "{\"code\":\"C01\",\"present\":false}", LW_ERR_AUTHOR, "data.present", "false"},
    {"condition", "patient", "{\"code\":\"C01\",\"present\":true,\"from\":\"2026-02-30\"}", LW_ERR_DATE, "data.from",
     "\"2026-02-30\""},
    {"condition", "patient", "{\"code\":\"C01\",\"present\":true,\"from\":20260230}", LW_ERR_TYPE, "data.from", NULL},
    {"authority", "patient", "{\"level\":\"progress\"}", LW_ERR_AUTHOR, "data.level", "\"progress\""},
    {"assessed", "patient", "{\"tests\":[]}", LW_ERR_TYPE, "data.tests", NULL},
    {"assessed", "patient", "{\"tests\":{\"lunge\":\"positive\"}}", LW_ERR_TYPE, "data.tests.lunge", NULL},
    {"assessed", "patient", "{\"tests\":{\"bent_knee\":3}}", LW_ERR_TYPE, "data.tests.bent_knee", NULL},
    {"assessed", "patient", "{\"tests\":{\"bent_knee\":\"maybe\"}}", LW_ERR_VALUE, "data.tests.bent_knee", NULL},
    {"assessed", "patient", "{\"tests\":{\"squat\":3}}", LW_ERR_UNKNOWN_MEMBER, "data.tests.squat", NULL},
    {"assessed", "patient", "{\"tests\":{\"lunge\":3,\"lunge\":3}}", LW_ERR_DUPLICATE_MEMBER, "data.tests.lunge", NULL},
    {"assessed", "patient", "{\"bridge_reps\":3}", LW_ERR_TYPE, "data.bridge_reps", NULL},
    {"assessed", "patient", "{\"curl_10rm_kg\":3}", LW_ERR_TYPE, "data.curl_10rm_kg", NULL},
    {"assessed", "patient", "{\"bridge_reps\":{\"left\":3.5}}", LW_ERR_NUMBER, "data.bridge_reps.left", NULL},
    {"assessed", "patient", "{\"bridge_reps\":{\"both\":3}}", LW_ERR_UNKNOWN_MEMBER, "data.bridge_reps.both", NULL},
    {"outcome", "patient", "{\"instrument\":\"nprs\",\"score\":11}", LW_ERR_RANGE, "data.score", NULL},
    {"outcome", "patient", "{\"instrument\":\"tsk11\",\"score\":10}", LW_ERR_RANGE, "data.score", NULL},
    {"outcome", "patient", "{\"instrument\":\"nprs\",\"score\":1,\"items\":[1,\"2\"]}", LW_ERR_TYPE, "data.items[1]",
     NULL},
    {"outcome", "patient", "{\"instrument\":\"nprs\",\"score\":1,\"items\":{}}", LW_ERR_TYPE, "data.items", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"pain_ceiling\":4}", LW_ERR_VALUE,
     "data.pain_ceiling", "4"},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"pain_ceiling\":2}", LW_ERR_RANGE,
     "data.pain_ceiling", "2}"},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"protocol_sha256\":\"abc\"}", LW_ERR_VALUE,
     "data.protocol_sha256", NULL},
    {"started", "patient",
     "{\"protocol\":\"p\",\"authority\":\"hold\",\"protocol_sha256\":"
     "\"X00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"}",
     LW_ERR_VALUE, "data.protocol_sha256", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"protocol_sha256\":1}", LW_ERR_TYPE,
     "data.protocol_sha256", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":[]}", LW_ERR_TYPE, "data.loads", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":{\"dumbell\":[]}}",
     LW_ERR_UNKNOWN_MEMBER, "data.loads.dumbell", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":{\"dumbbell\":5}}", LW_ERR_TYPE,
     "data.loads.dumbbell", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":{\"dumbbell\":[5,600]}}", LW_ERR_RANGE,
     "data.loads.dumbbell[1]", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":{\"barbell\":{\"min\":5}}}",
     LW_ERR_MISSING, "data.loads.barbell.step", NULL},
    {"started", "patient", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":{\"barbell\":{\"min\":5,\"step\":0}}}",
     LW_ERR_RANGE, "data.loads.barbell.step", NULL},
    {"settings", "patient", "{\"protocol\":\"pht@1.0.0\"}", LW_ERR_UNKNOWN_MEMBER, "data.protocol", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\"}", LW_ERR_MISSING, "data.sets", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"pain_during\":1}", LW_ERR_MISSING, "data.sets", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":1}]}", LW_ERR_MISSING, "data.pain_during", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"skip\":\"pain\",\"pain_during\":1}", LW_ERR_VALUE,
     "data.pain_during", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"skip\":\"pain\",\"sets\":[{\"reps\":1}],\"pain_during\":1}",
     LW_ERR_VALUE, "data", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[],\"pain_during\":1}", LW_ERR_RANGE, "data.sets", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[3],\"pain_during\":1}", LW_ERR_TYPE, "data.sets[0]", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[{}],\"pain_during\":1}", LW_ERR_MISSING, "data.sets[0]",
     "{}"},
    {"exercise", "patient",
     "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":1},{\"reps\":1,\"hold_s\":2}],\"pain_during\":1}", LW_ERR_VALUE,
     "data.sets[1]", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":1},{\"reps\":0}],\"pain_during\":1}",
     LW_ERR_RANGE, "data.sets[1].reps", "0}"},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":1},{\"rep\":1}],\"pain_during\":1}",
     LW_ERR_UNKNOWN_MEMBER, "data.sets[1].rep", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":1,\"pain\":10.5}],\"pain_during\":1}",
     LW_ERR_RANGE, "data.sets[0].pain", NULL},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":1}],\"pain_during\":11}", LW_ERR_RANGE,
     "data.pain_during", "11"},
    {"exercise", "patient", "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":1}", LW_ERR_SYNTAX, "data.sets[0]", NULL},
    {"shockwave", "patient", "{\"side\":\"left\",\"pressure_bar\":3,\"efd_mj_mm2\":0.1}", LW_ERR_VALUE, "data", NULL},
    {"shockwave", "clinician:a", "{\"side\":\"left\"}", LW_ERR_MISSING, "data.wave", NULL},
    {"shockwave", "clinician:a",
     "{\"wave\":\"radial\",\"device\":\"d\",\"impulses\":1,\"anaesthetic\":false,\"side\":\"left\",\"pressure_bar\":3}",
     LW_ERR_MISSING, "data.consent", NULL},
    {"shockwave", "clinician:a",
     "{\"wave\":\"radial\",\"device\":\"d\",\"impulses\":1,\"anaesthetic\":false,\"consent\":true,\"side\":\"left\"}",
     LW_ERR_MISSING, "data", NULL},
    {"shockwave", "patient", "{\"side\":\"left\",\"adverse\":[\"a\",\"\"]}", LW_ERR_RANGE, "data.adverse[1]", NULL},
    {"shockwave", "patient", "{\"side\":\"left\",\"adverse\":\"a\"}", LW_ERR_TYPE, "data.adverse", NULL},
    {"adverse", "patient", "{\"what\":[],\"serious\":true}", LW_ERR_RANGE, "data.what", NULL},
    {"adverse", "patient", "{\"what\":[\"a\"],\"serious\":true,\"of\":null}", LW_ERR_TYPE, "data.of", NULL},
    {"medicine", "patient", "{\"class\":\"nsaid\",\"from\":\"2026-02-07\",\"to\":\"2026-02-06\"}", LW_ERR_RANGE,
     "data.to", NULL},
    {"limit", "clinician:a", "{\"max\":3,\"reason\":\"r\"}", LW_ERR_MISSING, "data", NULL},
    {"limit", "clinician:a", "{\"exercise\":\"a\",\"variable\":\"b\",\"max\":3,\"reason\":\"r\"}", LW_ERR_VALUE, "data",
     NULL},
    {"limit", "patient", "{\"exercise\":\"a\",\"max\":3,\"reason\":\"r\"}", LW_ERR_AUTHOR, "by", NULL},
    {"override", "clinician:a", "{\"decision\":\"" ID "\",\"action\":\"stop\",\"reason\":\"r\"}", LW_ERR_VALUE,
     "data.action", NULL},
    {"accepted", "patient", "{\"to\":3}", LW_ERR_MISSING, "data", NULL},
    {"accepted", "patient", "{\"what\":\"run\",\"to\":true}", LW_ERR_TYPE, "data.to", NULL},
    {"accepted", "patient", "{\"what\":\"run\",\"to\":\"\"}", LW_ERR_RANGE, "data.to", NULL},
    {"accepted", "patient", "{\"what\":\"run\",\"to\":-1}", LW_ERR_RANGE, "data.to", NULL},
    {"accepted", "patient", "{\"what\":\"run\",\"to\":/}", LW_ERR_TYPE, "data.to", NULL},
    {"decided", "patient", "{}", LW_ERR_AUTHOR, "by", NULL},
    {"decided", "clinician:a", "{}", LW_ERR_AUTHOR, "by", NULL},
    {"decided", "engine", "{\"items\":{}}", LW_ERR_TYPE, "data.items", NULL},
    {"decided", "engine", "{\"items\":[1,}", LW_ERR_SYNTAX, "data.items", NULL},
    {"resumed", "patient", "{\"reason\":\"r\"}", LW_ERR_UNKNOWN_MEMBER, "data.reason", NULL},
    {"activity", "engine", "{\"type\":\"run\",\"minutes\":3}", LW_ERR_AUTHOR, "by", NULL},
};

static void every_refusal(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char line[4096];
        lw_event event;
        lw_diag diag;
        event_line(line, sizeof line, 1, refused[i].kind, refused[i].by, refused[i].data);
        int32_t err = decode(line, &event, &diag);
        if (err != refused[i].err || (refused[i].member != NULL && strcmp(diag.member, refused[i].member) != 0)) {
            fail_msg("%s %s: %s [%s] %s", refused[i].kind, refused[i].data, lw_err_name(err), diag.member,
                     diag.message);
        }
        if (refused[i].at != NULL) {
            const char *at = NULL;
            for (const char *p = line; (p = strstr(p, refused[i].at)) != NULL; p++) {
                at = p;
            }
            assert_non_null(at);
            if (diag.column != (uint32_t)(at - line) + 1) {
                fail_msg("%s: column %u, not %u", refused[i].data, diag.column, (unsigned)(at - line) + 1);
            }
        }
    }
}

static void says_what_is_right(void **state) {
    (void)state;
    static const struct {
        const char *kind, *data, *message, *hint;
    } said[] = {
        {"checkin", "{\"pain_morning\":11}",
         "must be a number, 0 to 10, with at most two decimals and no exponent; it is 11", ""},
        {"checkin", "{\"pain_mornin\":1}", NULL, "did you mean pain_morning?"},
        {"checkin", "{\"weather\":1}", NULL, "members of your own begin with x_"},
        {"checkin", "{\"pain_morning\":1,\"stiffness_min\":2.5}",
         "must be a whole number, 0 to 1440 min, without fraction or exponent; it is 2.5", ""},
        {"checkin", "{\"pain_morning\":1,\"pain_relief\":\"nsaids\"}",
         "must be none, paracetamol, nsaid, opioid or other; it is \"nsaids\"", "did you mean nsaid?"},
        {"checkin", "{\"pain_morning\":1,\"night_pain\":0}", "must be true or false; it is 0", ""},
        {"void", "{\"event\":\"0195A0C2-7B1E-7C11-9A55-2F6F0C1D2E3F\",\"reason\":\"r\"}", NULL,
         "write it in lower case"},
        {"started", "{\"protocol\":\"p\",\"authority\":\"hold\",\"pain_ceiling\":4}", "must be 3 or 5; it is 4", ""},
        {"accepted", "{\"what\":\"run\",\"to\":true}", "must be a number, 0 to 10000, or a text; it is true", ""},
        {"exercise", "{\"exercise\":\"a\",\"sets\":[{}],\"pain_during\":1}",
         "exactly one of reps, hold_s, distance_m or contacts is required; none is given", ""},
        {"shockwave", "{\"side\":\"left\",\"pressure_bar\":3,\"efd_mj_mm2\":0.1}",
         "at most one of pressure_bar or efd_mj_mm2 may be given; they are never converted into each other", ""},
        {"note", "{\"text\":\"\"}", "must be a text of 1 to 4000 characters; it is \"\"", ""},
        {"decided", "{}", "decided may not be written by patient, only by engine", ""},
        {"outcome", "{\"instrument\":\"nprs\",\"score\":11}", "must be 0 to 10 for nprs", ""},
        {"chekin", "{}", "this kind of event is not known to this version", "did you mean checkin?"},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        char line[1024];
        lw_event event;
        lw_diag diag;
        event_line(line, sizeof line, 1, said[i].kind, "patient", said[i].data);
        assert_int_not_equal(decode(line, &event, &diag), 0);
        if (said[i].message != NULL) {
            assert_string_equal(diag.message, said[i].message);
        }
        assert_string_equal(diag.hint, said[i].hint);
    }
}

/* The envelope with one member's value replaced; NULL takes the member out. */
static int32_t with(const char *name, const char *value, lw_diag *diag) {
    static const char *const members[][2] = {{"v", "1"},
                                             {"id", "\"" ID "\""},
                                             {"patient", "\"p\""},
                                             {"kind", "\"checkin\""},
                                             {"at", "\"2026-03-02T07:05:00+01:00\""},
                                             {"by", "\"patient\""},
                                             {"data", "{\"pain_morning\":2}"},
                                             {"received", "\"2026-03-02T07:05:00+01:00\""}};
    char line[2048] = "{";
    lw_event event;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const char *text = strcmp(members[i][0], name) == 0 ? value : members[i][1];
        if (text != NULL) {
            snprintf(line + strlen(line), sizeof line - strlen(line), "%s\"%s\":%s", strlen(line) > 1 ? "," : "",
                     members[i][0], text);
        }
    }
    strcat(line, "}");
    return decode(line, &event, diag);
}

static void envelope_refusals(void **state) {
    (void)state;
    lw_diag diag;
    static const char *const required[] = {"v", "id", "patient", "kind", "at", "by", "data"};
    assert_int_equal(with("received", NULL, &diag), 0);
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        assert_int_equal(with(required[i], NULL, &diag), LW_ERR_MISSING);
        assert_string_equal(diag.member, required[i]);
        assert_int_not_equal(with(required[i], "null", &diag), 0);
        assert_string_equal(diag.member, required[i]);
    }
    static const struct {
        const char *name, *value;
        int32_t err;
    } bad[] = {
        {"v", "0", LW_ERR_VALUE},
        {"v", "-1", LW_ERR_VALUE},
        {"v", "1.0", LW_ERR_NUMBER},
        {"v", "\"1\"", LW_ERR_TYPE},
        {"v", "2.0", LW_ERR_NUMBER},
        {"v", "2e0", LW_ERR_NUMBER},
        {"v", "-2", LW_ERR_VALUE},
        {"v", "2", LW_ERR_NEWER},
        {"v", "99999999999999999999", LW_ERR_NEWER},
        {"v", "true", LW_ERR_TYPE},
        {"id", "\"\"", LW_ERR_VALUE},
        {"patient", "\"\"", LW_ERR_RANGE},
        {"patient", "7", LW_ERR_TYPE},
        {"patient", "\"0123456789012345678901234567890123456789012345678901234567890123\"", 0},
        {"patient", "\"012345678901234567890123456789012345678901234567890123456789012\xc3\xb6\"", 0},
        {"patient", "\"01234567890123456789012345678901234567890123456789012345678901234\"", LW_ERR_RANGE},
        {"kind", "\"weather\"", LW_ERR_NEWER},
        {"kind", "\"\"", LW_ERR_RANGE},
        {"kind", "\"Checkin\"", LW_ERR_NEWER},
        {"data", "[]", LW_ERR_TYPE},
        {"received", "1", LW_ERR_TYPE},
        {"received", "\"now\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00Z\"", LW_ERR_DATE},
        {"at", "\"\"", LW_ERR_DATE},
        {"at", "\"2026-03-02 07:05:00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00.5+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00+0100 \"", LW_ERR_DATE},
        {"at", "\"2026-02-29T07:05:00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T24:05:00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:60:00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:60+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00+18:01\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00+01:60\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T0a:05:00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:a5:00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:0a+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00+a1:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00+01:a0\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07-05:00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05-00+01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00 01:00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00+01-00\"", LW_ERR_DATE},
        {"at", "\"2026-03-02T07:05:00-18:00\"", 0},
        {"at", "\"2026-03-02T00:00:00-00:00\"", 0},
        {"by", "\"0123456789012345678901234567890123456789012345678901234567890123456789012345678901\"", LW_ERR_RANGE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t err = with(bad[i].name, bad[i].value, &diag);
        if (err != bad[i].err) {
            fail_msg("%s %s: %s", bad[i].name, bad[i].value, lw_err_name(err));
        }
    }
    assert_int_equal(with("at", "\"2026-03-02T07:05:00z\"", &diag), LW_ERR_DATE);
    assert_true(strstr(diag.hint, "offset") != NULL);
    assert_int_equal(with("data", "{\"pain_morning\":2},\"datum\":1", &diag), LW_ERR_UNKNOWN_MEMBER);
    assert_string_equal(diag.member, "datum");
    assert_int_equal(with("data", "{\"pain_morning\":2},\"v\":1", &diag), LW_ERR_DUPLICATE_MEMBER);
    assert_int_equal(with("data", "{\"pain_morning\":2},\"x_1\":1,\"x_1\":1", &diag), LW_ERR_DUPLICATE_MEMBER);
}

static void whole_lines(void **state) {
    (void)state;
    static const struct {
        const char *line;
        int32_t err;
    } lines[] = {
        {"", LW_ERR_SYNTAX},
        {"  ", LW_ERR_SYNTAX},
        {"[]", LW_ERR_SYNTAX},
        {"[{\"v\":2}]", LW_ERR_SYNTAX},
        {"null", LW_ERR_SYNTAX},
        {"{}", LW_ERR_MISSING},
        {"{", LW_ERR_SYNTAX},
        {"{\"v\":2}", LW_ERR_NEWER},
        {"{\"w\":1,\"v\":2}", LW_ERR_NEWER},
        {"{\"a\":1,\"b\":2}", LW_ERR_UNKNOWN_MEMBER},
        {"{\"\\u0076\":3,\"id\":7}", LW_ERR_NEWER},
        {"{\"v\":2,\"v\":2}", LW_ERR_VALUE},
        {"{\"v\":2} x", LW_ERR_VALUE},
        {"{\"v\":\"2\"}", LW_ERR_TYPE},
        {"{\"v\":1,\"kind\":\"weather\",\"data\":3}", LW_ERR_TYPE},
        {"{\"v\":1,\"kind\":\"weather\",\"data\":{\"a\":[}}", LW_ERR_SYNTAX},
        {"{\"v\":1,\"data\":{\"pain_morning\":2},\"id\":\"" ID
         "\",\"patient\":\"p\",\"kind\":\"checkin\",\"at\":\"2026-03-02T07:05:00+01:00\",\"by\":\"patient\"}",
         0},
        {"{\"v\":1,\"data\":{\"pain_morning\":12},\"id\":\"" ID
         "\",\"patient\":\"p\",\"kind\":\"checkin\",\"at\":\"2026-03-02T07:05:00+01:00\",\"by\":\"patient\"}",
         LW_ERR_RANGE},
        {"{\"v\":1,\"data\":{\"pain_morning\":2},\"id\":\"" ID
         "\",\"patient\":\"p\",\"kind\":\"checkin\",\"at\":\"2026-03-02T07:05:00+01:00\",\"by\":\"patient\"} 1",
         LW_ERR_SYNTAX},
        {"{\"v\":1,\"data\":{\"pain_morning\":2},\"id\":\"" ID
         "\",\"patient\":\"p\",\"kind\":\"checkin\",\"at\":\"2026-03-02T07:05:00+01:00\",\"by\":\"patient\"",
         LW_ERR_SYNTAX},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        lw_event event;
        lw_diag diag;
        int32_t err = decode(lines[i].line, &event, &diag);
        if (err != lines[i].err) {
            fail_msg("%s: %s %s", lines[i].line, lw_err_name(err), diag.message);
        }
    }
    /* a NUL is not the end */
    lw_arena arena = lw_arena_over(memory, sizeof memory);
    lw_event event;
    char line[512];
    lw_str text = event_line(line, sizeof line, 1, "resumed", "patient", "{}");
    line[text.len] = 0;
    text.len++;
    assert_int_equal(lw_event_read(text, 1, &arena, &event, NULL), LW_ERR_SYNTAX);
    /* nothing past the end is read, wherever it is cut */
    static const char *const cut[][2] = {
        {"exercise", "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":8,\"pain\":1.25}],\"pain_during\":10,\"side\":\"left\","
                     "\"x_\\u00e9\":true}"},
        {"assessed", "{\"tests\":{\"lunge\":3,\"bent_knee\":\"positive\"},\"bridge_reps\":{\"left\":3},\"rest_pain\":"
                     "false,\"event\":[\"pop\"]}"},
        {"started", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":{\"dumbbell\":[2,4.5],\"barbell\":{\"min\":"
                    "20,\"step\":2.5}},\"protocol_sha256\":\"" HASH "\"}"},
        {"adverse", "{\"what\":[\"a\"],\"serious\":true,\"of\":\"" ID "\"}"},
        {"accepted", "{\"what\":\"run\",\"to\":2.5}"},
        {"medicine", "{\"class\":\"nsaid\",\"from\":\"2026-03-01\"}"},
        {"decided", "{\"items\":[1,[2]],\"rules\":[\"a\"]}"},
        {"weather", "{\"rain\":[true]}"},
    };
    for (size_t i = 0; i < sizeof cut / sizeof *cut; i++) {
        text = event_line(line, sizeof line, 1, cut[i][0], strcmp(cut[i][0], "decided") == 0 ? "engine" : "patient",
                          cut[i][1]);
        int32_t whole = lw_event_read(text, 1, &arena, &event, NULL);
        assert_true(whole == 0 || whole == LW_ERR_NEWER);
        for (uint32_t len = 0; len < text.len; len++) {
            lw_str copy = heap_copy((lw_str){text.ptr, len});
            int32_t err = lw_event_read(copy, 1, &arena, &event, NULL);
            assert_true(err != 0 && err != LW_ERR_NEWER);
            free((void *)(uintptr_t)copy.ptr);
        }
    }
    static char large[LW_MAX_LINE + 2];
    memset(large, ' ', sizeof large);
    assert_int_equal(lw_event_read((lw_str){large, LW_MAX_LINE + 1}, 1, &arena, &event, NULL), LW_ERR_LIMIT);
    assert_int_equal(lw_event_read((lw_str){large, LW_MAX_LINE}, 1, &arena, &event, NULL), LW_ERR_SYNTAX);
}

/* Names that share their ends with a known one, or are very long, are still not it. */
static void names_that_are_almost_known(void **state) {
    (void)state;
    static const char *const names[] = {"contraindications", "loading_response", "loading_blocked",
                                        "imaging_result",    "longest_run_km",   "curl_10rm_kg"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (int more = -1; more < 120; more++) {
            char data[256], line[1024];
            lw_event event;
            lw_diag diag;
            /* one byte changed in the middle, or bytes put there; then the same with an escape */
            int len = snprintf(data, sizeof data, "{\"%.8s%.*s", names[i], more < 0 ? (int)strlen(names[i]) - 16 : more,
                               "_______________________________________________________________________________________"
                               "_________________________________");
            if (len > 0 && more == -1 && strlen(names[i]) <= 16) {
                continue;
            }
            snprintf(data + len, sizeof data - (size_t)len, "%s\":true}",
                     names[i] + (more < 0 ? strlen(names[i]) - 8 : 8));
            if (strncmp(data + 2, names[i], strlen(names[i])) == 0) {
                continue;
            }
            event_line(line, sizeof line, 1, "assessed", "patient", data);
            assert_int_equal(decode(line, &event, &diag), LW_ERR_UNKNOWN_MEMBER);
        }
    }
    char data[512], line[1024];
    lw_event event;
    lw_diag diag;
    snprintf(data, sizeof data, "{\"%0250d\\u0061\":1}", 7);
    event_line(line, sizeof line, 1, "assessed", "patient", data);
    assert_int_equal(decode(line, &event, &diag), LW_ERR_UNKNOWN_MEMBER);
}

static void lists_have_limits(void **state) {
    (void)state;
    char data[4096] = "{\"instrument\":\"nprs\",\"score\":1,\"items\":[";
    char line[9000];
    lw_event event;
    lw_diag diag;
    for (int i = 0; i < 129; i++) {
        strcat(data, i > 0 ? ",1" : "1");
        if (i == 127) {
            char whole[8192];
            snprintf(whole, sizeof whole, "%s]}", data);
            good("outcome", "patient", whole);
        }
    }
    strcat(data, "]}");
    event_line(line, sizeof line, 1, "outcome", "patient", data);
    assert_int_equal(decode(line, &event, &diag), LW_ERR_LIMIT);
    assert_string_equal(diag.member, "data.items[128]");
    assert_string_equal(diag.message, "this list is limited to 128 items");
}

/* With too little memory the answer is that, at every size, until it is enough. */
static void exhaustion(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"exercise",
         "{\"exercise\":\"r\\u0064l\",\"sets\":[{\"reps\":8,\"tempo\":\"3\\u002f1\"},{\"reps\":8}],\"pain_during\":2}"},
        {"cleared", "{\"events\":[\"" ID "\"],\"note\":\"n\"}"},
        {"outcome", "{\"instrument\":\"nprs\",\"score\":1,\"items\":[1,2]}"},
        {"started", "{\"protocol\":\"p\",\"authority\":\"hold\",\"loads\":{\"dumbbell\":[2,4.5,10],\"barbell\":{"
                    "\"min\":20,\"step\":2.5}}}"},
        {"adverse", "{\"what\":[\"\\u0061\",\"b\"],\"serious\":true}"},
        {"accepted", "{\"what\":\"run\",\"to\":\"\\u0061\"}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[1024];
        lw_str text = event_line(line, sizeof line, 1, cases[i][0], "clinician:a", cases[i][1]);
        int32_t err = LW_ERR_NO_MEMORY;
        size_t cap = 0;
        for (; err != 0; cap++) {
            lw_arena arena = lw_arena_over(memory, cap);
            lw_event event, before;
            lw_diag diag;
            memset(&event, 0x55, sizeof event);
            before = event;
            err = lw_event_read(text, 1, &arena, &event, &diag);
            if (err != 0) {
                assert_int_equal(err, LW_ERR_NO_MEMORY);
                assert_int_equal(diag.err, err);
                assert_memory_equal(&event, &before, sizeof event);
                assert_int_equal(arena.used, 0);
            }
        }
        assert_true(cap > 16);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelope),          cmocka_unit_test(every_kind),
        cmocka_unit_test(every_refusal),     cmocka_unit_test(says_what_is_right),
        cmocka_unit_test(envelope_refusals), cmocka_unit_test(whole_lines),
        cmocka_unit_test(lists_have_limits), cmocka_unit_test(names_that_are_almost_known),
        cmocka_unit_test(exhaustion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
