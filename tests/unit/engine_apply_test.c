/*
 * engine_apply_test.c: one event at a time into the state: facts at once, sessions gathered for the evening.
 */
#include "engine_support.h"

/* The state after the morning of the record's last day, with that day's doings still gathered in s->today. */
static lw_state *apply(rec *r, int32_t day) {
    lw_state *s = fold_on(r, day);
    rec_free(r);
    return s;
}

static rec *begun(void) {
    rec *r = rec_new();
    begin(r, STARTED("suggest"));
    return r;
}

/* ---- who ---- */

static void enrolment_and_settings(void **state) {
    (void)state;
    rec *r = rec_new();
    patient(r, 0, "enrolled",
            "{\"birth_year\":1990,\"sides\":[\"left\",\"right\"],\"goal\":\"run\",\"sex\":\"female\",\"sport\":"
            "\"running\"}");
    lw_state *s = apply(r, 0);
    assert_true(s->enrolled);
    assert_int_equal(s->sides, 3);
    assert_int_equal(s->fact[LW_FACT_AGE], 2026 - 1990 - 1);
    assert_int_equal(s->fact[LW_FACT_GOAL], LW_GOAL_RUN);
    assert_int_equal(s->fact[LW_FACT_SEX], LW_SEX_FEMALE);
    assert_int_equal(s->fact[LW_FACT_SPORT], LW_SPORT_RUNNING);

    r = begun();
    s = apply(r, 0);
    assert_int_equal(s->fact[LW_FACT_SEX], LW_UNKNOWN);
    assert_int_equal(s->max_items, 6);
    assert_int_equal(s->days_mask, 0);
    assert_null(s->loads_started);

    // settings change what they carry and nothing else
    r = begun();
    patient(r, 1, "settings", "{\"goal\":\"daily\"}");
    s = apply(r, 1);
    assert_int_equal(s->goal, LW_GOAL_DAILY);
    assert_int_equal(s->fact[LW_FACT_GOAL], LW_GOAL_DAILY);
    assert_true((s->equipment >> LW_EQUIPMENT_BARBELL & 1u) != 0);
    r = begun();
    clinician(r, 1, "settings",
              "{\"authority\":\"progress\",\"pain_ceiling\":5,\"days\":[\"mon\",\"thu\"],\"equipment\":[],"
              "\"loads\":{\"barbell\":[20,25]},\"max_items\":2,\"sport\":\"none\"}");
    s = apply(r, 1);
    assert_int_equal(s->authority, LW_AUTHORITY_PROGRESS);
    assert_int_equal(s->pain_ceiling, 5);
    assert_int_equal(s->days_mask, LW_BIT(LW_WEEKDAY_MON) | LW_BIT(LW_WEEKDAY_THU));
    assert_int_equal(s->equipment, 0);
    assert_non_null(s->loads_settings);
    assert_int_equal(s->max_items, 2);
    assert_int_equal(s->fact[LW_FACT_SPORT], LW_SPORT_NONE);
}

/* `progress` and a ceiling of 5 count only from a clinician. */
static void who_may_grant(void **state) {
    (void)state;
    rec *r = rec_new();
    patient(r, 0, "started",
            "{\"protocol\":\"mini@1.2.3\",\"authority\":\"progress\",\"pain_ceiling\":5,\"days\":[\"mon\"],"
            "\"loads\":{\"barbell\":[20]},\"max_items\":3}");
    lw_state *s = apply(r, 0);
    assert_int_equal(s->authority, LW_AUTHORITY_SUGGEST);
    assert_int_equal(s->pain_ceiling, 3);
    assert_false(s->start_by_clinician);
    assert_int_equal(s->max_items, 3);
    assert_int_equal(s->days_mask, 1);
    assert_non_null(s->loads_started);
    assert_int_equal(s->equipment, 0);
    r = rec_new();
    clinician(r, 0, "started", "{\"protocol\":\"mini@1.2.3\",\"authority\":\"progress\",\"pain_ceiling\":5}");
    s = apply(r, 0);
    assert_int_equal(s->authority, LW_AUTHORITY_PROGRESS);
    assert_int_equal(s->pain_ceiling, 5);
    r = rec_new();
    clinician(r, 0, "started", "{\"protocol\":\"mini@1.2.3\",\"authority\":\"hold\",\"pain_ceiling\":3}");
    s = apply(r, 0);
    assert_int_equal(s->authority, LW_AUTHORITY_HOLD);
    assert_int_equal(s->pain_ceiling, 3);
    // a patient may always ask for less
    r = rec_new();
    clinician(r, 0, "started", "{\"protocol\":\"mini@1.2.3\",\"authority\":\"progress\",\"pain_ceiling\":5}");
    patient(r, 1, "authority", "{\"level\":\"hold\"}");
    s = apply(r, 1);
    assert_int_equal(s->authority, LW_AUTHORITY_HOLD);
    r = rec_new();
    clinician(r, 0, "started", "{\"protocol\":\"mini@1.2.3\",\"authority\":\"suggest\"}");
    clinician(r, 1, "authority", "{\"level\":\"progress\"}");
    s = apply(r, 1);
    assert_int_equal(s->authority, LW_AUTHORITY_PROGRESS);
    assert_true(s->clinician_since_start);
}

/* Tied on the instant, the most careful holds, whatever the ids say. */
static void ties_are_careful(void **state) {
    (void)state;
    static const char *const at = "2026-01-06T09:00:00+00:00";
    for (int turn = 0; turn < 2; turn++) {
        rec *r = begun();
        rec_at(r, at, "authority", "clinician:a", turn == 0 ? "{\"level\":\"hold\"}" : "{\"level\":\"progress\"}");
        rec_at(r, at, "authority", "clinician:a", turn == 0 ? "{\"level\":\"progress\"}" : "{\"level\":\"hold\"}");
        assert_int_equal(apply(r, 1)->authority, LW_AUTHORITY_HOLD);
        r = begun();
        const char *two = "{\"exercise\":\"hold\",\"max\":2,\"reason\":\"x\"}";
        const char *three = "{\"exercise\":\"hold\",\"max\":3,\"until\":\"2026-01-09\",\"reason\":\"x\"}";
        rec_at(r, at, "limit", "clinician:a", turn == 0 ? two : three);
        rec_at(r, at, "limit", "clinician:a", turn == 0 ? three : two);
        lw_state *s = apply(r, 1);
        assert_int_equal(s->limit_count, 1);
        assert_int_equal(s->limits[0].max, 200);
        assert_int_equal(s->limits[0].until, INT32_MAX);
    }
}

/* ---- flags ---- */

static uint32_t flags_after(rec *r, int32_t day) {
    return lw__open_flags(apply(r, day));
}

static void flags_stand_until_cleared(void **state) {
    (void)state;
    rec *r = begun();
    uint32_t n = patient(r, 1, "symptom", "{\"flag\":\"RF02\"}");
    patient(r, 2, "screened", NO_FLAGS); // never lifts a flag
    assert_int_equal(flags_after(r, 3), LW_BIT(LW_FLAG_RF02));
    r = begun();
    n = patient(r, 1, "symptom", "{\"flag\":\"RF02\"}");
    patient(r, 1, "symptom", "{\"flag\":\"RF05\"}");
    clinician(r, 2, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    assert_int_equal(flags_after(r, 3), LW_BIT(LW_FLAG_RF05));
    r = begun();
    patient(r, 1, "screened", "{\"flags\":[\"RF01\",\"RF12\"]}");
    assert_int_equal(flags_after(r, 1), LW_BIT(LW_FLAG_RF01) | LW_BIT(LW_FLAG_RF12));
}

/* RF03, RF07 and RF14 need an assessment later than the flag as well as the clearing. */
static void some_flags_need_an_assessment(void **state) {
    (void)state;
    rec *r = begun();
    uint32_t n = patient(r, 1, "symptom", "{\"flag\":\"RF07\"}");
    clinician(r, 2, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    assert_int_equal(flags_after(r, 3), LW_BIT(LW_FLAG_RF07));
    r = begun();
    n = patient(r, 1, "symptom", "{\"flag\":\"RF07\"}");
    clinician(r, 2, "assessed", "{\"weeks\":20}");
    assert_int_equal(flags_after(r, 3), LW_BIT(LW_FLAG_RF07));
    r = begun();
    n = patient(r, 1, "symptom", "{\"flag\":\"RF07\"}");
    clinician(r, 2, "assessed", "{\"weeks\":20}");
    clinician(r, 2, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    clinician(r, 3, "assessed", "{\"weeks\":20}");
    assert_int_equal(flags_after(r, 3), 0);
    r = begun(); // of the same instant is not later
    n = rec_at(r, "2026-01-06T08:00:00+00:00", "symptom", "patient", "{\"flag\":\"RF07\"}");
    rec_at(r, "2026-01-06T08:00:00+00:00", "assessed", "clinician:a", "{\"weeks\":20}");
    clinician(r, 2, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(n)));
    assert_int_equal(flags_after(r, 3), LW_BIT(LW_FLAG_RF07));
}

/* Facts that raise flags by themselves. */
static void facts_raise_flags(void **state) {
    (void)state;
    static const struct {
        const char *kind, *data;
        uint32_t flags;
    } cases[] = {
        {"assessed", "{\"tear\":\"none\"}", 0},
        {"assessed", "{\"tear\":\"partial\"}", LW_BIT(LW_FLAG_RF14)},
        {"assessed", "{\"tear\":\"complete\"}", LW_BIT(LW_FLAG_RF14)},
        {"assessed", "{\"onset\":\"sudden\",\"event\":[\"pop\"]}", LW_BIT(LW_FLAG_RF03)},
        {"assessed", "{\"onset\":\"gradual\",\"event\":[\"pop\"]}", 0},
        {"assessed", "{\"onset\":\"sudden\",\"event\":[]}", 0},
        {"assessed", "{\"onset\":\"sudden\"}", 0},
        {"assessed", "{\"below_knee\":true}", LW_BIT(LW_FLAG_RF10)},
        {"assessed", "{\"below_knee\":false}", 0},
        {"assessed", "{\"contraindications\":[\"C01\"]}", LW_BIT(LW_FLAG_RF13)},
        {"assessed", "{\"contraindications\":[\"C02\"]}", 0},
        {"condition", "{\"code\":\"C01\",\"present\":true}", LW_BIT(LW_FLAG_RF13)},
        {"condition", "{\"code\":\"C05\",\"present\":true}", 0},
        {"medicine", "{\"class\":\"fluoroquinolone\",\"from\":\"2026-01-01\"}", LW_BIT(LW_FLAG_RF11)},
        {"medicine", "{\"class\":\"paracetamol\",\"from\":\"2026-01-01\"}", 0},
        {"enrolled", "{\"birth_year\":2008,\"sides\":[\"left\"],\"goal\":\"run\"}", LW_BIT(LW_FLAG_RF08)},
        {"enrolled", "{\"birth_year\":2007,\"sides\":[\"left\"],\"goal\":\"run\"}", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun();
        clinician(r, 1, cases[i].kind, cases[i].data);
        lw_state *s = fold_on(r, 1);
        assert_int_equal(s->fact[LW_FACT_PREGNANT], (cases[i].flags & LW_BIT(LW_FLAG_RF13)) != 0);
        assert_int_equal(flags_after(r, 1), cases[i].flags);
    }
}

/* A fluoroquinolone stands to the sixtieth day after its last; without one for good. */
static void a_fluoroquinolone_ends(void **state) {
    (void)state;
    for (int32_t day = 70; day <= 71; day++) {
        rec *r = begun(); // DAY0 is 5 January: 16 March is day 70, and 60 days after 15 January
        patient(r, 1, "medicine", "{\"class\":\"fluoroquinolone\",\"from\":\"2026-01-01\",\"to\":\"2026-01-15\"}");
        assert_int_equal(flags_after(r, day), day == 70 ? LW_BIT(LW_FLAG_RF11) : 0);
    }
    rec *r = begun();
    patient(r, 1, "medicine", "{\"class\":\"fluoroquinolone\",\"from\":\"2026-01-01\"}");
    assert_int_equal(flags_after(r, 1000), LW_BIT(LW_FLAG_RF11));
}

/* More events with flags than can be followed one by one: stopped, and the worst of them is still named. */
static void more_flags_than_fit(void **state) {
    (void)state;
    rec *r = begun();
    for (int i = 0; i < LW_MAX_OPEN; i++) {
        patient(r, 1, "symptom", "{\"flag\":\"RF12\"}");
    }
    lw_state *s = fold_on(r, 2);
    assert_int_equal(s->open_count, LW_MAX_OPEN);
    assert_false(lw__flags_stop(s, lw__open_flags(s)));
    patient(r, 1, "symptom", "{\"flag\":\"RF01\"}");
    s = fold_on(r, 2);
    assert_true(lw__flags_stop(s, lw__open_flags(s)));
    assert_int_equal(lw__open_flags(s), LW_BIT(LW_FLAG_RF12) | LW_BIT(LW_FLAG_RF01));
    assert_plan(plan_on(r, 2), "referral.urgency", "\"emergency\"");
    rec_free(r);

    // those that are lifted for good, or have ended, make room
    r = begun();
    uint32_t first = r->count + 1;
    for (int i = 0; i < LW_MAX_OPEN - 1; i++) {
        patient(r, 1, "symptom", i % 2 == 0 ? "{\"flag\":\"RF12\"}" : "{\"flag\":\"RF03\"}");
    }
    patient(r, 1, "medicine", "{\"class\":\"fluoroquinolone\",\"from\":\"2025-06-01\",\"to\":\"2025-06-02\"}");
    for (uint32_t i = 0; i < LW_MAX_OPEN - 1; i++) {
        clinician(r, 2, "cleared", say("{\"events\":[\"%s\"],\"note\":\"seen\"}", event_id(first + i)));
    }
    patient(r, 3, "symptom", "{\"flag\":\"RF12\"}");
    s = fold_on(r, 3);
    assert_int_equal(s->open_count, LW_MAX_OPEN / 2); // 31 of RF03 wait for an assessment, and the new one
    assert_int_equal(lw__open_flags(s), LW_BIT(LW_FLAG_RF03) | LW_BIT(LW_FLAG_RF12));
    clinician(r, 4, "assessed", "{\"weeks\":20}");
    assert_int_equal(lw__open_flags(fold_on(r, 4)), LW_BIT(LW_FLAG_RF12));
    rec_free(r);
}

/* ---- contraindications ---- */

static void cautions_need_a_decision(void **state) {
    (void)state;
    rec *r = begun();
    lw_state *s = apply(r, 0);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 0);
    r = begun();
    patient(r, 1, "condition", "{\"code\":\"C07\",\"present\":true}");
    s = apply(r, 1);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 1);
    assert_int_equal(s->fact[LW_FACT_CONTRA_FORBIDS], 0);
    r = begun();
    patient(r, 1, "condition", "{\"code\":\"C07\",\"present\":true}");
    clinician(r, 2, "cleared", "{\"events\":[],\"codes\":[\"C07\"],\"note\":\"fine\"}");
    s = apply(r, 2);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 0);
    r = begun(); // written again: decided on anew
    patient(r, 1, "condition", "{\"code\":\"C07\",\"present\":true}");
    clinician(r, 2, "cleared", "{\"events\":[],\"codes\":[\"C07\"],\"note\":\"fine\"}");
    patient(r, 3, "condition", "{\"code\":\"C07\",\"present\":true}");
    s = apply(r, 3);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 1);
    r = begun();
    patient(r, 1, "condition", "{\"code\":\"C02\",\"present\":true}");
    s = apply(r, 1);
    assert_int_equal(s->fact[LW_FACT_CONTRA_FORBIDS], 1);
    r = begun();
    patient(r, 1, "condition", "{\"code\":\"C02\",\"present\":true}");
    clinician(r, 2, "condition", "{\"code\":\"C02\",\"present\":false}");
    s = apply(r, 2);
    assert_int_equal(s->fact[LW_FACT_CONTRA_FORBIDS], 0);
    // a new list takes away what a list said, never what was added as a condition
    r = begun();
    patient(r, 1, "assessed", "{\"contraindications\":[\"C07\"]}");
    patient(r, 1, "condition", "{\"code\":\"C02\",\"present\":true}");
    patient(r, 2, "assessed", "{\"contraindications\":[]}");
    assert_int_equal(fold_on(r, 2)->contra, LW_BIT(LW_CONTRA_C02));
    clinician(r, 3, "condition", "{\"code\":\"C02\",\"present\":false}");
    assert_int_equal(fold_on(r, 3)->contra, 0);
    patient(r, 4, "assessed", "{\"contraindications\":[\"C02\"]}");
    clinician(r, 5, "condition", "{\"code\":\"C02\",\"present\":false}");
    assert_int_equal(apply(r, 5)->contra, 0);
    // a list never asked, and imaging that never was
    r = rec_new();
    clinician(r, 0, "enrolled", ENROLLED);
    clinician(r, 0, "assessed", "{\"weeks\":20,\"imaging\":\"mri\"}");
    s = apply(r, 0);
    assert_int_equal(s->fact[LW_FACT_CONTRA_UNASKED], 1);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 1);
    r = rec_new();
    clinician(r, 0, "enrolled", ENROLLED);
    clinician(r, 0, "assessed", "{\"weeks\":20,\"imaging\":\"mri\"}");
    clinician(r, 0, "cleared", "{\"events\":[],\"codes\":[],\"note\":\"asked by word\"}");
    s = apply(r, 0);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 0);
    r = rec_new(); // imaging that nobody spoke of
    clinician(r, 0, "enrolled", ENROLLED);
    clinician(r, 0, "assessed", "{\"weeks\":20,\"contraindications\":[]}");
    s = apply(r, 0);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 1);
    r = begun();
    clinician(r, 1, "assessed", "{\"imaging\":\"none\"}");
    s = apply(r, 1);
    assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], 1);
}

static void medicines_and_shockwave(void **state) {
    (void)state;
    // an anti-inflammatory drug: to the fourteenth day after its last
    for (int32_t day = 15; day <= 16; day++) {
        rec *r = begun();
        patient(r, 1, "medicine", "{\"class\":\"nsaid\",\"from\":\"2026-01-06\",\"to\":\"2026-01-06\"}");
        lw_state *s = apply(r, day);
        assert_int_equal(s->fact[LW_FACT_NSAID_AGE], day - 1);
        assert_int_equal(s->fact[LW_FACT_CONTRA_CAUTION], day == 15);
    }
    // decided on; taken again while it still works changes nothing, taken after it has worn off is decided anew
    for (int32_t day = 15; day <= 16; day++) {
        rec *r = begun();
        patient(r, 1, "medicine", "{\"class\":\"nsaid\",\"from\":\"2026-01-06\",\"to\":\"2026-01-06\"}");
        clinician(r, 2, "cleared", "{\"events\":[],\"codes\":[\"C12\"],\"note\":\"fine\"}");
        patient(r, day, "checkin", "{\"pain_morning\":1,\"pain_relief\":\"nsaid\"}");
        assert_int_equal(apply(r, day)->fact[LW_FACT_CONTRA_CAUTION], day == 16);
    }
    rec *r = begun(); // open-ended
    patient(r, 1, "medicine", "{\"class\":\"nsaid\",\"from\":\"2026-01-06\"}");
    assert_int_equal(apply(r, 300)->fact[LW_FACT_NSAID_AGE], 0);
    // told with a session it counts as when told in the morning; another relief does not
    for (int nsaid = 0; nsaid < 2; nsaid++) {
        r = begun();
        patient(r, 2, "exercise",
                say("{\"exercise\":\"hold\",\"side\":\"left\",\"sets\":[{\"hold_s\":20}],\"pain_during\":1,"
                    "\"pain_relief\":\"%s\"}",
                    nsaid ? "nsaid" : "paracetamol"));
        assert_int_equal(apply(r, 3)->fact[LW_FACT_CONTRA_CAUTION], nsaid);
    }
    r = begun(); // decided on, and never worn off: what is taken beside it changes nothing
    patient(r, 1, "medicine", "{\"class\":\"nsaid\",\"from\":\"2026-01-06\"}");
    clinician(r, 2, "cleared", "{\"events\":[],\"codes\":[\"C12\"],\"note\":\"fine\"}");
    patient(r, 3, "checkin", "{\"pain_morning\":1,\"pain_relief\":\"nsaid\"}");
    assert_int_equal(apply(r, 3)->fact[LW_FACT_CONTRA_CAUTION], 0);
    r = begun();
    patient(r, 1, "medicine", "{\"class\":\"anticoagulant\",\"from\":\"2026-01-06\",\"to\":\"2026-01-08\"}");
    assert_int_equal(fold_on(r, 3)->fact[LW_FACT_CONTRA_CAUTION], 1);
    assert_int_equal(apply(r, 4)->fact[LW_FACT_CONTRA_CAUTION], 0);
    // paracetamol in the morning is no anti-inflammatory
    r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_relief\":\"paracetamol\"}");
    lw_state *s = apply(r, 1);
    assert_int_equal(s->fact[LW_FACT_NSAID_AGE], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_PAIN_RELIEF], 1);
    r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_relief\":\"none\"}");
    assert_int_equal(apply(r, 1)->fact[LW_FACT_PAIN_RELIEF], 0);
}

static void injections_at_the_site(void **state) {
    (void)state;
    rec *r = begun(); // unknown counts as hamstring
    patient(r, 1, "medicine", "{\"class\":\"steroid_injection\",\"from\":\"2026-01-06\"}");
    assert_int_equal(fold_on(r, 1)->fact[LW_FACT_STEROID_AGE], 0);
    assert_int_equal(fold_on(r, 42)->fact[LW_FACT_CONTRA_FORBIDS], 1);
    assert_int_equal(fold_on(r, 43)->fact[LW_FACT_CONTRA_FORBIDS], 0);
    assert_int_equal(fold_on(r, 85)->fact[LW_FACT_CONTRA_CAUTION], 1);
    assert_int_equal(apply(r, 86)->fact[LW_FACT_CONTRA_CAUTION], 0);
    r = begun();
    patient(r, 1, "medicine", "{\"class\":\"steroid_injection\",\"from\":\"2026-01-06\",\"site\":\"other\"}");
    assert_int_equal(apply(r, 1)->fact[LW_FACT_STEROID_AGE], LW_UNKNOWN);
    r = begun(); // planned, and not yet given
    patient(r, 1, "medicine", "{\"class\":\"steroid_injection\",\"from\":\"2026-01-10\",\"site\":\"hamstring\"}");
    assert_int_equal(fold_on(r, 4)->fact[LW_FACT_STEROID_AGE], LW_UNKNOWN);
    assert_int_equal(apply(r, 5)->fact[LW_FACT_STEROID_AGE], 0);
    // more of them than are kept: the latest is never lost, in whatever order they are written
    r = begun();
    patient(r, 1, "medicine", "{\"class\":\"steroid_injection\",\"from\":\"2026-01-04\"}");
    for (int i = 0; i < 2 * LW_MAX_STEROIDS; i++) {
        patient(r, 1, "medicine", say("{\"class\":\"steroid_injection\",\"from\":\"2020-01-%02d\"}", i + 1));
    }
    assert_int_equal(apply(r, 1)->fact[LW_FACT_STEROID_AGE], 2);
}

/* ---- baseline ---- */

static void assessments_carry_what_they_carry(void **state) {
    (void)state;
    rec *r = rec_new();
    clinician(r, 0, "enrolled", ENROLLED);
    clinician(
        r, 0, "assessed",
        "{\"onset\":\"gradual\",\"weeks\":10,\"localised\":true,\"load_increase\":true,\"below_knee\":false,"
        "\"rest_pain\":false,\"night_pain\":true,\"adl_pain\":2.5,\"settle_h\":24.01,\"sitting_min\":15,"
        "\"tests\":{\"bridge_single\":4,\"puranen_orava\":\"positive\"},\"bridge_reps\":{\"left\":18,\"right\":24},"
        "\"curl_10rm_kg\":{\"left\":20,\"right\":25},\"contraindications\":[],\"loading_weeks\":6,"
        "\"loading_response\":\"some\",\"loading_blocked\":true,\"imaging\":\"mri\","
        "\"imaging_result\":\"tendinopathy\",\"tear\":\"none\"}");
    lw_state *s = apply(r, 14);
    assert_int_equal(s->fact[LW_FACT_WEEKS], 12); // two weeks later
    assert_int_equal(s->fact[LW_FACT_LOCALISED], 1);
    assert_int_equal(s->fact[LW_FACT_LOAD_INCREASE], 1);
    assert_int_equal(s->fact[LW_FACT_BELOW_KNEE], 0);
    assert_int_equal(s->fact[LW_FACT_BASE_REST_PAIN], 0);
    assert_int_equal(s->fact[LW_FACT_BASE_NIGHT_PAIN], 1);
    assert_int_equal(s->fact[LW_FACT_ADL_PAIN], 250);
    assert_int_equal(s->fact[LW_FACT_SETTLE_HOURS], 25); // a part of an hour counts as one more
    assert_int_equal(s->fact[LW_FACT_SITTING], 15);
    assert_int_equal(s->fact[LW_FACT_ENTRY_SITTING], 15);
    assert_int_equal(s->test[LW_TEST_BRIDGE_SINGLE], 400);
    assert_int_equal(s->test[LW_TEST_PURANEN_ORAVA], 1000);
    assert_int_equal(s->test[LW_TEST_HOP], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_BRIDGE_REPS], 18);
    assert_int_equal(s->fact[LW_FACT_BRIDGE_SYMMETRY], 75);
    assert_int_equal(s->fact[LW_FACT_CURL_SYMMETRY], 80);
    assert_int_equal(s->fact[LW_FACT_LOADING_WEEKS], 6);
    assert_int_equal(s->fact[LW_FACT_LOADING_RESPONSE], LW_RESPONSE_SOME);
    assert_int_equal(s->fact[LW_FACT_LOADING_BLOCKED], 1);
    assert_int_equal(s->fact[LW_FACT_IMAGING_RESULT], LW_IMAGING_RESULT_TENDINOPATHY);
    assert_false(s->tear);

    // one without anything asks for nothing and takes nothing away
    r = begun();
    clinician(r, 1, "assessed", "{\"palpation\":\"positive\"}");
    s = apply(r, 1);
    assert_int_equal(s->fact[LW_FACT_SITTING], 40);
    assert_int_equal(s->fact[LW_FACT_ONSET], LW_ONSET_GRADUAL);
    assert_true(s->contra_asked);
}

static void retests_move_the_baseline(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 3, "tested",
            "{\"tests\":{\"bridge_single\":0},\"bridge_reps\":{\"left\":20,\"right\":20},\"sitting_min\":50,"
            "\"rest_pain\":true}");
    lw_state *s = fold_on(r, 3);
    assert_int_equal(s->test[LW_TEST_BRIDGE_SINGLE], 0);
    assert_int_equal(s->before[LW_TEST_BRIDGE_SINGLE], 100); // this morning's check-in came before it
    assert_int_equal(s->fact[LW_FACT_SITTING], 50);
    assert_int_equal(s->fact[LW_FACT_ENTRY_SITTING], 40);
    assert_int_equal(s->irritability, LW_IRRITABILITY_HIGH);
    assert_int_equal(s->fact[LW_FACT_CURL_SYMMETRY], 100);        // no curl: the bridges stand in
    patient(r, 3, "tested", "{\"tests\":{\"bridge_single\":2}}"); // twice a day: still what was before the day
    s = fold_on(r, 3);
    assert_int_equal(s->before[LW_TEST_BRIDGE_SINGLE], 100);
    assert_int_equal(s->test[LW_TEST_BRIDGE_SINGLE], 200);
    rec_free(r);
    // half a pair says nothing about symmetry; none of it neither
    r = begun();
    patient(r, 1, "tested", "{\"bridge_reps\":{\"left\":9},\"curl_10rm_kg\":{\"right\":9}}");
    s = fold_on(r, 1);
    assert_int_equal(s->fact[LW_FACT_BRIDGE_REPS], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_CURL_SYMMETRY], LW_UNKNOWN);
    rec_free(r);
    r = begun();
    patient(r, 1, "tested", "{\"bridge_reps\":{\"left\":0,\"right\":0}}");
    s = fold_on(r, 1);
    assert_int_equal(s->fact[LW_FACT_BRIDGE_REPS], 0);
    assert_int_equal(s->fact[LW_FACT_BRIDGE_SYMMETRY], LW_UNKNOWN);
    patient(r, 2, "tested", "{\"curl_10rm_kg\":{\"left\":30,\"right\":20}}");
    assert_int_equal(fold_on(r, 2)->fact[LW_FACT_CURL_SYMMETRY], 66);
    assert_int_equal(fold_on(r, 30)->fact[LW_FACT_CURL_SYMMETRY], 66);
    s = fold_on(r, 31);
    assert_int_equal(s->fact[LW_FACT_CURL_SYMMETRY], LW_UNKNOWN); // older than four weeks
    assert_int_equal(s->fact[LW_FACT_BRIDGE_REPS], LW_UNKNOWN);
    rec_free(r);
}

/* ---- check-ins ---- */

/* Several check-ins of a day: the worst of each member. */
static void the_worst_of_each_member(void **state) {
    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        rec *r = begun();
        static const char *const one =
            "{\"pain_morning\":2,\"stiffness_min\":10,\"pain_worst_24h\":5,\"pain_test\":1,\"night_pain\":false,"
            "\"rest_pain\":true,\"muscle_soreness\":3,\"sitting_min\":60,\"sleep_h\":8.5,\"stress\":2}";
        static const char *const two =
            "{\"pain_morning\":1,\"stiffness_min\":20,\"pain_worst_24h\":4,\"pain_test\":2,\"night_pain\":true,"
            "\"rest_pain\":false,\"muscle_soreness\":2,\"sitting_min\":30,\"sleep_h\":6.9,\"stress\":2.01}";
        patient(r, 1, "checkin", turn == 0 ? one : two);
        patient(r, 1, "checkin", turn == 0 ? two : one);
        lw_state *s = apply(r, 1);
        assert_int_equal(s->fact[LW_FACT_PAIN_MORNING], 200);
        assert_int_equal(s->fact[LW_FACT_STIFFNESS], 20);
        assert_int_equal(s->today.worst, 500);
        assert_int_equal(s->fact[LW_FACT_MORNING_TEST], 200);
        assert_int_equal(s->fact[LW_FACT_NIGHT_PAIN], 1);
        assert_int_equal(s->fact[LW_FACT_REST_PAIN], 1);
        assert_int_equal(s->fact[LW_FACT_SORENESS], 300);
        assert_int_equal(s->fact[LW_FACT_SITTING], 30);
        assert_int_equal(s->fact[LW_FACT_SLEEP], 6);  // 6.9 hours are six whole ones
        assert_int_equal(s->fact[LW_FACT_STRESS], 3); // 2.01 counts as three
    }
}

/* The check-in of a day with a re-test came before it: it is judged against what was usual until then. */
static void a_retest_counts_from_tomorrow(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 3, "checkin", "{\"pain_morning\":1,\"pain_test\":2}");
    patient(r, 3, "tested", "{\"tests\":{\"bridge_single\":0}}");
    lw_state *s = fold_on(r, 3);
    assert_int_equal(s->fact[LW_FACT_OVER_USUAL], 100);
    assert_int_equal(s->fact[LW_FACT_SETTLED], 1);
    patient(r, 4, "checkin", "{\"pain_morning\":1,\"pain_test\":2}");
    s = fold_on(r, 4);
    assert_int_equal(s->fact[LW_FACT_OVER_USUAL], 200);
    assert_int_equal(s->fact[LW_FACT_SETTLED], 0);
    // the very first value counts at once
    patient(r, 4, "checkin", "{\"pain_morning\":1,\"pain_test\":2,\"test\":\"hop\"}");
    patient(r, 4, "tested", "{\"tests\":{\"hop\":2}}");
    s = fold_on(r, 4);
    assert_int_equal(s->test[LW_TEST_HOP], 200);
    assert_int_equal(s->fact[LW_FACT_OVER_USUAL], 200); // of both the worse stands
    rec_free(r);
}

/* The test named, or the single bridge; of several the worst against its own usual. */
static void tests_of_the_morning(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":3,\"test\":\"rdl\"}");
    lw_state *s = fold_on(r, 1);
    assert_int_equal(s->fact[LW_FACT_MORNING_TEST], 300);
    assert_int_equal(s->fact[LW_FACT_MORNING_SINGLE], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_OVER_USUAL], 100); // usual is 2
    assert_int_equal(s->fact[LW_FACT_SETTLED], 1);
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":3}"); // the single bridge: usual 1
    s = fold_on(r, 1);
    assert_int_equal(s->fact[LW_FACT_MORNING_SINGLE], 300);
    assert_int_equal(s->fact[LW_FACT_OVER_USUAL], 200);
    assert_int_equal(s->fact[LW_FACT_SETTLED], 0);
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":5,\"test\":\"rdl\"}");
    s = fold_on(r, 1);
    assert_int_equal(s->fact[LW_FACT_OVER_USUAL], 300);
    rec_free(r);
    // the test is not there: nobody knows whether it settled
    r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":9}");
    assert_int_equal(apply(r, 1)->fact[LW_FACT_SETTLED], LW_UNKNOWN);
    // without a usual value only green settles
    r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":3,\"test\":\"hop\"}");
    assert_int_equal(apply(r, 1)->fact[LW_FACT_SETTLED], 1);
    r = begun();
    patient(r, 1, "checkin", "{\"pain_morning\":1,\"pain_test\":3.01,\"test\":\"hop\"}");
    s = apply(r, 1);
    assert_int_equal(s->fact[LW_FACT_SETTLED], 0);
    assert_int_equal(s->fact[LW_FACT_OVER_USUAL], LW_UNKNOWN);
    // red is never settled, whatever is usual
    r = begun();
    clinician(r, 1, "tested", "{\"tests\":{\"bridge_single\":5}}");
    patient(r, 2, "checkin", "{\"pain_morning\":1,\"pain_test\":5}");
    assert_int_equal(fold_on(r, 2)->fact[LW_FACT_SETTLED], 1);
    patient(r, 2, "checkin", "{\"pain_morning\":1,\"pain_test\":5.01}");
    assert_int_equal(apply(r, 2)->fact[LW_FACT_SETTLED], 0);
}

/* ---- exercises ---- */

static lw_done *done_of(lw_state *s, const char *id) {
    uint8_t e = exercise_of(s->protocol, id);
    assert_true((s->today.touched >> e & 1u) != 0);
    return &s->today.done[e];
}

/* The same exercise twice a day: volumes add, pain is the worst, sets are the smallest. */
static void volumes_add_and_pain_is_the_worst(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "exercise",
            "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":8,\"load_kg\":20,\"pain\":1,\"effort\":5},"
            "{\"reps\":7,\"load_kg\":17.5,\"pain\":4,\"effort\":6}],\"pain_during\":2,\"effort\":4,"
            "\"test_before\":5,\"test_after\":2}");
    patient(r, 1, "exercise",
            "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":10}],\"pain_during\":3,\"effort\":7,"
            "\"depth_deg\":60,\"test_before\":3,\"test_after\":1,\"pain_relief\":\"nsaid\"}");
    lw_state *s = fold_on(r, 1);
    lw_done *d = done_of(s, "lift");
    assert_true(d->any);
    assert_int_equal(d->sets, 3);
    assert_int_equal(d->reps, 7);
    assert_int_equal(d->load, 1750);
    assert_int_equal(d->volume, 25);
    assert_int_equal(d->pain, 400);
    assert_int_equal(d->effort, 700);
    assert_int_equal(d->depth_deg, 60);
    assert_int_equal(d->relief, 200); // the lesser of both
    assert_true(d->pain_relief);
    patient(r, 1, "exercise",
            "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":9,\"load_kg\":20}],\"pain_during\":0,"
            "\"depth_deg\":30,\"test_before\":3,\"pain_relief\":\"none\"}");
    d = done_of(fold_on(r, 1), "lift");
    assert_int_equal(d->load, 1750);
    assert_int_equal(d->depth_deg, 60);
    assert_int_equal(d->relief, 200);
    assert_true(d->pain_relief);
    rec_free(r);
    r = begun(); // nothing said stays unknown
    patient(r, 1, "exercise",
            "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":9}],\"pain_during\":0,\"test_after\":1}");
    d = done_of(apply(r, 1), "lift");
    assert_int_equal(d->load, LW_UNKNOWN);
    assert_int_equal(d->effort, LW_UNKNOWN);
    assert_int_equal(d->depth_deg, LW_UNKNOWN);
    assert_int_equal(d->relief, LW_UNKNOWN);
    assert_false(d->pain_relief);
    r = begun();
    patient(
        r, 1, "exercise",
        "{\"exercise\":\"lift\",\"side\":\"both\",\"sets\":[{\"reps\":9}],\"pain_during\":0,\"pain_relief\":\"none\"}");
    assert_false(done_of(apply(r, 1), "lift")->pain_relief);
}

static void sets_of_every_kind(void **state) {
    (void)state;
    static const struct {
        const char *id, *set;
        int32_t volume;
    } cases[] = {{"hold", "{\"hold_s\":21}", 3},
                 {"hop", "{\"contacts\":12}", 12},
                 {"lift", "{\"reps\":8}", 8},
                 {"stride", "{\"distance_m\":41}", 5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun();
        patient(
            r, 1, "exercise",
            say("{\"exercise\":\"%s\",\"side\":\"both\",\"sets\":[%s],\"pain_during\":1}", cases[i].id, cases[i].set));
        lw_state *s = apply(r, 1);
        assert_int_equal(done_of(s, cases[i].id)->volume, cases[i].volume);
        assert_int_equal(done_of(s, cases[i].id)->sets, 1);
    }
}

/* A day of more sets than anybody does stays inside its numbers. */
static void endless_sets_stay_inside(void **state) {
    (void)state;
    enum { SETS = 2500, EVENTS = 1000 };
    rec *r = begun();
    lw_state *s = apply(r, 0);
    struct lw_set *sets = calloc(SETS, sizeof *sets);
    assert_non_null(sets);
    for (int i = 0; i < SETS; i++) {
        sets[i] = (struct lw_set){.has = LW_HAS_SET_CONTACTS, .contacts = 1000};
    }
    struct lw_ev_exercise done = {.sets = {sets, SETS}, .pain_during_x100 = 100, .exercise = LW_STR("hop")};
    lw_event e = {.day = s->day, .kind = LW_KIND_EXERCISE, .data = &done};
    for (int i = 0; i < EVENTS; i++) {
        lw__apply(s, &e);
    }
    assert_int_equal(done_of(s, "hop")->volume, 1000000000);
    assert_int_equal(done_of(s, "hop")->sets, 1000);
    free(sets);

    // three exercises of one day, each at its end
    r = begun();
    char data[2000];
    static const char *const ids[] = {"hop", "squat", "stride"};
    for (int k = 0; k < 30; k++) {
        size_t n =
            (size_t)sprintf(data, "{\"exercise\":\"%s\",\"side\":\"both\",\"pain_during\":1,\"sets\":[", ids[k % 3]);
        for (int i = 0; i < 64; i++) {
            n += (size_t)sprintf(data + n, "%s{\"contacts\":1000}", i > 0 ? "," : "");
        }
        sprintf(data + n, "]}");
        patient(r, 1, "exercise", data);
    }
    s = fold_on(r, 2);
    assert_int_equal(s->tension[(uint32_t)(DAY0 + 1) % LW_RING], 1000000000);
    assert_int_equal(s->compression[(uint32_t)(DAY0 + 1) % LW_RING], 1000000000);
    rec_free(r);
}

static void skips_of_both_kinds(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "exercise", "{\"exercise\":\"hold\",\"skip\":\"time\"}");
    lw_done *d = done_of(fold_on(r, 1), "hold");
    assert_true(d->skipped);
    assert_false(d->skipped_for_pain);
    assert_false(d->any);
    patient(r, 1, "exercise", "{\"exercise\":\"hold\",\"skip\":\"pain\"}");
    patient(r, 1, "exercise", "{\"exercise\":\"hold\",\"skip\":\"other\"}");
    d = done_of(fold_on(r, 1), "hold");
    assert_true(d->skipped_for_pain);
    rec_free(r);
}

/* An exercise that the protocol does not know: its pain counts, and no other exercise is taken for it. */
static void unknown_exercises_count_their_pain(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "exercise",
            "{\"exercise\":\"handstand\",\"side\":\"both\",\"sets\":[{\"reps\":5}],\"pain_during\":4,\"effort\":6}");
    lw_state *s = apply(r, 2);
    assert_int_equal(s->session_day, DAY0 + 1);
    assert_int_equal(s->session_pain, 400);
    assert_int_equal(s->used_mask, 0);

    // in a protocol that uses every place it is nobody's either
    lw_protocol *p = mini_with(NULL, 0);
    while (p->exercise_count < LW_MAX_EXERCISES) {
        p->exercises[p->exercise_count] = p->exercises[exercise_of(p, "squeeze")];
        p->exercises[p->exercise_count++].id = LW_STR("filler");
    }
    r = begun();
    patient(r, 1, "exercise",
            "{\"exercise\":\"handstand\",\"side\":\"both\",\"sets\":[{\"hold_s\":30}],\"pain_during\":4,\"effort\":6}");
    s = fold_with(p, r, 2);
    assert_int_equal(s->session_pain, 400);
    assert_int_equal(s->used_mask, 0);
    rec_free(r);
}

/* ---- activities ---- */

static void runs_are_gathered(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "activity", "{\"type\":\"run\",\"minutes\":30,\"km\":4.5,\"pain_during\":2}");
    lw_state *s = fold_on(r, 1);
    assert_true(s->today.run);
    assert_int_equal(s->today.run_km, 450);
    assert_int_equal(s->today.run_min, 30);
    assert_int_equal(s->today.run_pain, 200);
    assert_int_equal(s->today.run_continuous, 30);
    assert_false(s->today.run_unknown_pain);
    patient(r, 1, "activity", "{\"type\":\"run\",\"minutes\":25,\"run_minutes\":5,\"run_level\":1,\"pain_during\":1}");
    patient(r, 1, "activity", "{\"type\":\"run\",\"minutes\":20,\"run_minutes\":10}");
    s = fold_on(r, 1);
    assert_int_equal(s->today.run_min, 45);
    assert_int_equal(s->today.run_km, 450);
    assert_int_equal(s->today.run_pain, 200);
    assert_true(s->today.run_unknown_pain);
    assert_int_equal(s->today.run_continuous, 30);
    rec_free(r);
    // run and walked by turns is not in one go; a level nobody knows neither
    static const struct { int32_t level, continuous; } cases[] = {{0, 0}, {1, 0}, {2, 0}, {3, 40}, {4, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        r = begun();
        patient(r, 1, "activity", say("{\"type\":\"run\",\"minutes\":40,\"run_level\":%d}", cases[i].level));
        assert_int_equal(apply(r, 1)->today.run_continuous, cases[i].continuous);
    }
    r = begun();
    patient(r, 1, "activity", "{\"type\":\"run\",\"minutes\":40,\"run_level\":3,\"run_minutes\":28}");
    assert_int_equal(apply(r, 1)->today.run_continuous, 28);
}

/* Distances of a day stay inside their number. */
static void endless_runs_stay_inside(void **state) {
    (void)state;
    enum { RUNS = 22000 };
    lw_state *s = ready();
    struct lw_ev_activity run = {
        .has = LW_HAS_ACTIVITY_KM, .type = LW_ACTIVITY_RUN, .minutes = 1440, .km_x100 = 100000};
    lw_event e = {.day = s->day, .kind = LW_KIND_ACTIVITY, .data = &run};
    for (int i = 0; i < RUNS; i++) {
        lw__apply(s, &e);
    }
    assert_true(s->today.run_km >= 100000);
    assert_true(s->today.run_min >= 1440);
}

static void walks_open_or_shut(void **state) {
    (void)state;
    static const struct {
        const char *data;
        bool ok, bad;
    } cases[] = {{"{\"type\":\"walk\",\"minutes\":30,\"pain_during\":2}", true, false},
                 {"{\"type\":\"walk\",\"minutes\":29,\"pain_during\":2}", false, false},
                 {"{\"type\":\"walk\",\"minutes\":30,\"pain_during\":2.01}", false, true},
                 {"{\"type\":\"walk\",\"minutes\":30}", false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun();
        patient(r, 1, "activity", cases[i].data);
        lw_state *s = apply(r, 1);
        assert_int_equal(s->today.walk_ok, cases[i].ok);
        assert_int_equal(s->today.walk_bad, cases[i].bad);
        assert_int_equal(s->fact[LW_FACT_WALK_OK], cases[i].bad ? 0 : LW_UNKNOWN);
    }
    rec *r = begun();
    patient(r, 1, "activity", cases[0].data);
    patient(r, 1, "activity", cases[2].data);
    patient(r, 1, "activity", cases[0].data);
    lw_state *s = fold_on(r, 2);
    assert_int_equal(s->fact[LW_FACT_WALK_OK], 0); // the bad one counts
    rec_free(r);
    r = begun();
    patient(r, 1, "activity", cases[0].data);
    assert_int_equal(fold_on(r, 2)->fact[LW_FACT_WALK_OK], 1);
    assert_int_equal(fold_on(r, 29)->fact[LW_FACT_WALK_OK], 1);
    assert_int_equal(apply(r, 30)->fact[LW_FACT_WALK_OK], LW_UNKNOWN);
}

/* The pain of other sport may lower; sitting and driving have limits of their own. */
static void other_activities(void **state) {
    (void)state;
    static const struct {
        const char *type;
        int32_t other;
    } cases[] = {{"run", LW_UNKNOWN}, {"sit", LW_UNKNOWN}, {"drive", LW_UNKNOWN}, {"walk", 400},
                 {"cycle", 400},      {"swim", 400},       {"sport", 400}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun();
        patient(r, 1, "activity", say("{\"type\":\"%s\",\"minutes\":10,\"pain_during\":4}", cases[i].type));
        lw_state *s = apply(r, 1);
        assert_int_equal(s->today.other_pain, cases[i].other);
    }
    rec *r = begun();
    patient(r, 1, "activity", "{\"type\":\"cycle\",\"minutes\":10}");
    lw_state *s = fold_on(r, 4);
    assert_int_equal(s->fact[LW_FACT_CYCLE_AGE], 3);
    rec_free(r);
}

static void treatments(void **state) {
    (void)state;
    static const struct {
        const char *type;
        bool stretch, passive;
    } cases[] = {{"massage", false, true},
                 {"needling", false, true},
                 {"stretching", true, false},
                 {"ice", false, false},
                 {"other", false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun();
        patient(r, 1, "treatment", say("{\"type\":\"%s\"}", cases[i].type));
        lw_state *s = apply(r, 3);
        assert_int_equal(s->fact[LW_FACT_STRETCH_AGE], cases[i].stretch ? 2 : LW_UNKNOWN);
        assert_int_equal(s->fact[LW_FACT_PASSIVE_AGE], cases[i].passive ? 2 : LW_UNKNOWN);
    }
}

/* ---- shockwave ---- */

#define RADIAL                                                                                                        \
    "{\"side\":\"left\",\"wave\":\"radial\",\"device\":\"d\",\"pressure_bar\":2.5,\"impulses\":2000,\"anaesthetic\":" \
    "false,\"consent\":true}"

static void sessions_count_in_a_course(void **state) {
    (void)state;
    rec *r = begun();
    clinician(r, 1, "outcome", "{\"instrument\":\"visa_h\",\"score\":50}");
    clinician(r, 2, "shockwave", RADIAL);
    lw_state *s = fold_on(r, 3);
    assert_int_equal(s->sw_count, 1);
    assert_int_equal(s->sw_visa_start, 50);
    assert_int_equal(s->sw_nprs_start, 100);
    assert_false(s->sw_anaesthetic);
    assert_int_equal(s->fact[LW_FACT_SW_NO_DEVICE], 0);
    assert_int_equal(s->fact[LW_FACT_SW_AGE], 1);
    patient(r, 9, "shockwave", "{\"side\":\"left\",\"anaesthetic\":true}");
    clinician(r, 9, "outcome", "{\"instrument\":\"visa_h\",\"score\":61}");
    clinician(r, 9, "tested", "{\"tests\":{\"bridge_single\":0}}");
    s = fold_on(r, 10);
    assert_int_equal(s->sw_count, 2);
    assert_int_equal(s->sw_visa_start, 50);
    assert_int_equal(s->fact[LW_FACT_SW_VISA_GAIN], 11);
    assert_int_equal(s->fact[LW_FACT_SW_NPRS_GAIN], 100);
    assert_int_equal(s->fact[LW_FACT_SW_ANAESTHETIC], 1);
    assert_int_equal(s->fact[LW_FACT_SW_NO_DEVICE], 1);
    assert_int_equal(fold_on(r, 93)->fact[LW_FACT_SW_COUNT], 2);
    assert_int_equal(fold_on(r, 94)->fact[LW_FACT_SW_COUNT], 0);
    clinician(r, 93, "shockwave", RADIAL);
    assert_int_equal(fold_on(r, 93)->sw_count, 3);
    rec_free(r);
    r = begun(); // another course, twelve weeks and a day after the last session
    clinician(r, 1, "shockwave", RADIAL);
    clinician(r, 86, "outcome", "{\"instrument\":\"visa_h\",\"score\":70}");
    clinician(r, 86, "shockwave", RADIAL);
    s = apply(r, 86);
    assert_int_equal(s->sw_count, 1);
    assert_int_equal(s->sw_visa_start, 70);
    r = begun();
    for (int i = 0; i < 230; i++) {
        clinician(r, 1, "shockwave", RADIAL);
    }
    assert_int_equal(apply(r, 1)->sw_count, 200);
}

static void bookings_are_kept(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "booked", "{\"what\":\"review\",\"on\":\"2026-01-08\"}");
    assert_int_equal(fold_on(r, 1)->fact[LW_FACT_SW_BOOKED], LW_UNKNOWN);
    patient(r, 1, "booked", "{\"what\":\"shockwave\",\"on\":\"2026-01-20\"}"); // day 15
    patient(r, 1, "booked", "{\"what\":\"shockwave\",\"on\":\"2026-01-12\"}"); // day 7
    patient(r, 1, "booked", "{\"what\":\"shockwave\",\"on\":\"2026-01-15\"}"); // day 10
    assert_int_equal(fold_on(r, 1)->fact[LW_FACT_SW_BOOKED], 6);
    assert_int_equal(fold_on(r, 7)->fact[LW_FACT_SW_BOOKED], 0);
    assert_int_equal(fold_on(r, 8)->fact[LW_FACT_SW_BOOKED], 2);
    clinician(r, 7, "shockwave", RADIAL); // the booking has become a session
    assert_int_equal(fold_on(r, 7)->fact[LW_FACT_SW_BOOKED], 3);
    assert_int_equal(fold_on(r, 15)->fact[LW_FACT_SW_BOOKED], 0);
    assert_int_equal(fold_on(r, 16)->fact[LW_FACT_SW_BOOKED], LW_UNKNOWN);
    // a new one takes the place of one that has passed
    patient(r, 12, "booked", "{\"what\":\"shockwave\",\"on\":\"2026-01-18\"}"); // day 13
    lw_state *s = fold_on(r, 12);
    assert_int_equal(s->booked_count, 3);
    assert_int_equal(s->fact[LW_FACT_SW_BOOKED], 1);
    rec_free(r);
    // more than are kept: the nearest still holds
    r = begun();
    for (int i = 0; i < LW_MAX_BOOKED + 4; i++) {
        patient(r, 1, "booked", say("{\"what\":\"shockwave\",\"on\":\"2026-02-%02d\"}", i + 1));
    }
    s = apply(r, 1);
    assert_int_equal(s->booked_count, LW_MAX_BOOKED);
    assert_int_equal(s->fact[LW_FACT_SW_BOOKED], 26);
}

/* ---- outcomes, limits and the rest ---- */

static void outcomes_and_their_gains(void **state) {
    (void)state;
    rec *r = begun();
    static const struct {
        const char *instrument, *first, *second;
    } cases[] = {{"visa_h", "40", "65.5"}, {"nprs", "6", "3.5"}, {"groc", "-2", "5"},  {"tsk11", "30", "25"},
                 {"readiness", "4", "7"},  {"lefs", "40", "60"}, {"nirschl", "3", "2"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        patient(r, 1, "outcome", say("{\"instrument\":\"%s\",\"score\":%s}", cases[i].instrument, cases[i].first));
        patient(r, 5, "outcome", say("{\"instrument\":\"%s\",\"score\":%s}", cases[i].instrument, cases[i].second));
    }
    lw_state *s = fold_on(r, 1);
    assert_int_equal(s->fact[LW_FACT_VISA], 40);
    assert_int_equal(s->fact[LW_FACT_VISA_GAIN], 0);
    s = apply(r, 5);
    assert_int_equal(s->fact[LW_FACT_VISA], 65);
    assert_int_equal(s->fact[LW_FACT_VISA_GAIN], 25);
    assert_int_equal(s->fact[LW_FACT_NPRS_GAIN], 250);
    assert_int_equal(s->fact[LW_FACT_GROC], 5);
    assert_int_equal(s->fact[LW_FACT_TSK], 25);
    assert_int_equal(s->fact[LW_FACT_TSK_DROP], 5);
    assert_int_equal(s->fact[LW_FACT_READINESS], 7);
    assert_int_equal(s->outcome_day[LW_INSTRUMENT_LEFS], DAY0 + 5);
}

static void limits_are_the_latest_of_their_kind(void **state) {
    (void)state;
    rec *r = begun();
    clinician(r, 1, "limit", "{\"exercise\":\"hold\",\"max\":2,\"reason\":\"x\"}");
    clinician(r, 1, "limit", "{\"variable\":\"reps\",\"max\":6,\"until\":\"2026-01-20\",\"reason\":\"x\"}");
    clinician(r, 1, "limit", "{\"exercise\":\"nobody\",\"max\":0,\"reason\":\"x\"}"); // not prescribed anyway
    lw_state *s = fold_on(r, 1);
    assert_int_equal(s->limit_count, 2);
    assert_int_equal(s->limits[0].exercise, exercise_of(s->protocol, "hold"));
    assert_int_equal(s->limits[0].max, 200);
    assert_int_equal(s->limits[0].until, INT32_MAX);
    assert_int_equal(s->limits[1].exercise, 255);
    assert_int_equal(s->limits[1].variable, LW_VAR_REPS);
    assert_int_equal(s->limits[1].until, DAY0 + 15);
    clinician(r, 2, "limit", "{\"exercise\":\"hold\",\"max\":4,\"reason\":\"y\"}"); // the latest holds
    s = fold_on(r, 2);
    assert_int_equal(s->limit_count, 2);
    assert_int_equal(s->limits[0].max, 400);
    rec_free(r);
}

/* As many different limits as can be told apart find room. */
static void every_limit_finds_room(void **state) {
    (void)state;
    lw_protocol *p = mini_with(NULL, 0);
    static char names[LW_MAX_EXERCISES][16];
    while (p->exercise_count < LW_MAX_EXERCISES) {
        char *name = names[p->exercise_count];
        sprintf(name, "filler-%u", p->exercise_count);
        p->exercises[p->exercise_count] = p->exercises[exercise_of(p, "squeeze")];
        p->exercises[p->exercise_count++].id = lw__str(name);
    }
    rec *r = begun();
    for (uint8_t i = 0; i < p->exercise_count; i++) {
        lw_str id = p->exercises[i].id;
        clinician(r, 1, "limit", say("{\"exercise\":\"%.*s\",\"max\":1,\"reason\":\"x\"}", (int)id.len, id.ptr));
    }
    static const char *const variables[] = {"load",     "reps",     "sets",   "hold",    "depth", "speed",
                                            "contacts", "distance", "run_km", "run_min", "what"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        clinician(r, 1, "limit", say("{\"variable\":\"%s\",\"max\":1,\"reason\":\"x\"}", variables[i]));
    }
    lw_state *s = fold_with(p, r, 1);
    assert_int_equal(s->limit_count, LW_MAX_EXERCISES + sizeof variables / sizeof variables[0]);
    assert_int_equal(s->limits[s->limit_count - 1].variable, LW_LIMIT_ALL);
    rec_free(r);
}

/* Variables of limits by their names; one that nobody knows is not ignored. */
static void names_of_limits(void **state) {
    (void)state;
    static const struct {
        const char *name;
        uint8_t variable;
    } cases[] = {{"load", LW_VAR_LOAD},
                 {"load_kg", LW_VAR_LOAD},
                 {"reps", LW_VAR_REPS},
                 {"sets", LW_VAR_SETS},
                 {"hold", LW_VAR_HOLD},
                 {"hold_s", LW_VAR_HOLD},
                 {"depth", LW_VAR_DEPTH},
                 {"depth_deg", LW_VAR_DEPTH},
                 {"hip_flexion_deg", LW_VAR_DEPTH},
                 {"speed", LW_VAR_SPEED},
                 {"speed_pct", LW_VAR_SPEED},
                 {"contacts", LW_VAR_CONTACTS},
                 {"distance", LW_VAR_DISTANCE},
                 {"km", LW_LIMIT_RUN_KM},
                 {"run_km", LW_LIMIT_RUN_KM},
                 {"run_min", LW_LIMIT_RUN_MIN},
                 {"minutes", LW_LIMIT_RUN_MIN},
                 {"happiness", LW_LIMIT_ALL},
                 {"", LW_LIMIT_ALL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(lw__limit_variable(lw__str(cases[i].name)), cases[i].variable);
    }
}

static void pauses_and_ends(void **state) {
    (void)state;
    rec *r = begun();
    patient(r, 1, "paused", "{\"reason\":\"away\"}");
    assert_true(fold_on(r, 1)->paused);
    patient(r, 2, "resumed", "{}");
    assert_false(fold_on(r, 2)->paused);
    clinician(r, 3, "discharged", "{\"reason\":\"well\"}");
    assert_true(fold_on(r, 3)->discharged);
    patient(r, 3, "note", "{\"text\":\"thank you\"}");
    assert_true(fold_on(r, 4)->discharged);
    clinician(r, 5, "started", STARTED("suggest")); // begun again
    lw_state *s = fold_on(r, 5);
    assert_false(s->discharged);
    assert_int_equal(s->start_day, DAY0 + 5);
    rec_free(r);
}

/* More answers of one day than are kept are left, never written past the end. */
static void answers_of_one_day(void **state) {
    (void)state;
    rec *r = begun();
    for (int i = 0; i < LW_MAX_TODAY + 3; i++) {
        patient(r, 1, "accepted", "{\"exercise\":\"hold\",\"variable\":\"hold\",\"to\":30}");
        clinician(r, 1, "override", say("{\"decision\":\"%s\",\"action\":\"hold\",\"reason\":\"x\"}", event_id(9)));
    }
    lw_state *s = apply(r, 1);
    assert_int_equal(s->today.accepted_count, LW_MAX_TODAY);
    assert_int_equal(s->today.override_count, LW_MAX_TODAY);
    assert_int_equal(s->refused_count, LW_MAX_REFUSED);
}

static void a_cleared_day_is_empty(void **state) {
    (void)state;
    lw_today t;
    memset(&t, 0x5a, sizeof t);
    lw__today_clear(&t);
    assert_false(t.checkin || t.relief || t.night || t.rest || t.run || t.walk_ok || t.walk_bad || t.run_unknown_pain);
    assert_int_equal(t.morning, LW_UNKNOWN);
    assert_int_equal(t.test[LW_TESTS - 1], LW_UNKNOWN);
    assert_int_equal(t.touched, 0);
    assert_int_equal(t.run_km, 0);
    assert_int_equal(t.run_pain, LW_UNKNOWN);
    assert_int_equal(t.accepted_count, 0);
    assert_int_equal(t.override_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enrolment_and_settings),
        cmocka_unit_test(who_may_grant),
        cmocka_unit_test(ties_are_careful),
        cmocka_unit_test(flags_stand_until_cleared),
        cmocka_unit_test(some_flags_need_an_assessment),
        cmocka_unit_test(facts_raise_flags),
        cmocka_unit_test(a_fluoroquinolone_ends),
        cmocka_unit_test(more_flags_than_fit),
        cmocka_unit_test(cautions_need_a_decision),
        cmocka_unit_test(medicines_and_shockwave),
        cmocka_unit_test(injections_at_the_site),
        cmocka_unit_test(assessments_carry_what_they_carry),
        cmocka_unit_test(retests_move_the_baseline),
        cmocka_unit_test(the_worst_of_each_member),
        cmocka_unit_test(a_retest_counts_from_tomorrow),
        cmocka_unit_test(tests_of_the_morning),
        cmocka_unit_test(volumes_add_and_pain_is_the_worst),
        cmocka_unit_test(sets_of_every_kind),
        cmocka_unit_test(endless_sets_stay_inside),
        cmocka_unit_test(skips_of_both_kinds),
        cmocka_unit_test(unknown_exercises_count_their_pain),
        cmocka_unit_test(runs_are_gathered),
        cmocka_unit_test(endless_runs_stay_inside),
        cmocka_unit_test(walks_open_or_shut),
        cmocka_unit_test(other_activities),
        cmocka_unit_test(treatments),
        cmocka_unit_test(sessions_count_in_a_course),
        cmocka_unit_test(bookings_are_kept),
        cmocka_unit_test(outcomes_and_their_gains),
        cmocka_unit_test(limits_are_the_latest_of_their_kind),
        cmocka_unit_test(every_limit_finds_room),
        cmocka_unit_test(names_of_limits),
        cmocka_unit_test(pauses_and_ends),
        cmocka_unit_test(answers_of_one_day),
        cmocka_unit_test(a_cleared_day_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
