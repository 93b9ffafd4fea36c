/*
 * engine_plan_json_test.c: the bytes of docs/format/plan.md: every member, in the order of that page, null if none.
 */
#include "engine_support.h"

#define HOLD_20 HOLDS(THREE_20, "1", "5")

static void live(rec *r, int32_t from, int32_t to, const char *session) {
    for (int32_t day = from; day <= to; day++) {
        patient(r, day, "checkin", CALM);
        if (session != NULL) {
            patient(r, day, "exercise", session);
        }
    }
}

static rec *begun(const char *started) {
    rec *r = rec_new();
    begin(r, started);
    return r;
}

/* The names of an object's members, in their order, separated by spaces. */
static const char *members(const char *json, const char *path) {
    static char names[1000];
    size_t n = 0;
    const char *p = *path != '\0' ? value_at(json, path) : json;
    assert_non_null(p);
    assert_int_equal(*p, '{');
    p++;
    while (*p != '}') {
        const char *end = after_value(p);
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%.*s", n > 0 ? " " : "", (int)(end - p) - 2, p + 1);
        assert_int_equal(*end, ':');
        p = after_value(end + 1);
        p += *p == ',' ? 1 : 0;
    }
    return names;
}

/* The plan of a state, as explained; a C string. */
static const char *told(lw_state *s) {
    static char text[PLAN_TEXT];
    static lw_plan_data d;
    d = (lw_plan_data){.s = s};
    d.allow = lw__guard(s);
    lw__decide(s, &d.allow, &d.decision);
    lw__run_plan(s, &d.allow, &d.run);
    lw__shockwave_plan(s, &d.allow, &d.shockwave);
    d.verdict = lw__verdict(s, &d.allow, &d.decision, &d.run);
    lw__explain(&d);
    lw__writer w = lw__writer_over(text, sizeof text - 1);
    lw__plan_json(&d, &w);
    assert_false(w.full);
    text[w.len] = '\0';
    return text;
}

static void every_member_in_its_order(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 2, HOLD_20);
    const char *json = plan_on(r, 2);
    assert_string_equal(
        members(json, ""),
        "format engine protocol protocol_sha256 record_sha256 patient on status verdict stage flare deload "
        "irritability diagnosis morning_test session run shockwave sitting avoid ok referral review gates "
        "due missing advice why refused later valid_until");
    assert_string_equal(members(json, "stage"), "id day proposal");
    assert_string_equal(members(json, "diagnosis"), "label met");
    assert_string_equal(members(json, "morning_test"), "test reps side");
    assert_string_equal(members(json, "session"), "due items");
    assert_string_equal(members(json, "run"),
                        "allowed level walk_min run_min repeats max_min max_km hills speed_pct_max "
                        "next_on proposal why");
    assert_string_equal(members(json, "shockwave"), "status session next_on quiet_until why");
    assert_string_equal(members(json, "sitting"), "limit_min break_every_min why");
    assert_string_equal(members(json, "avoid.0"), "what why");
    assert_string_equal(members(json, "gates.0"), "id met needs");
    assert_string_equal(members(json, "due.0"), "what by");
    assert_string_equal(members(json, "advice.0"), "id why");
    assert_string_equal(members(json, "why.0"),
                        "rule variant action fired inputs tag grade cites binding would_change");
    assert_string_equal(members(json, "why.0.inputs.0"), "name value age_d");
    assert_string_equal(members(json, "why.0.would_change"), "id args");
    rec_free(r);
    // the same members where there is nothing to say
    static char all[1000];
    r = rec_new();
    strcpy(all, members(plan_on(r, 0), ""));
    assert_string_equal(all, members(plan_on(r, 0), ""));
    assert_plan(plan_on(r, 0), "patient", "\"\"");
    assert_plan(plan_on(r, 0), "status", "\"not_started\"");
    assert_plan(plan_on(r, 0), "record_sha256", "null");
    assert_plan(plan_on(r, 0), "stage.day", "null");
    assert_plan(plan_on(r, 0), "diagnosis.label", "\"unclear\"");
    assert_plan(plan_on(r, 0), "diagnosis.met", "[]");
    assert_plan(plan_on(r, 0), "sitting.limit_min", "null");
    assert_plan(plan_on(r, 0), "sitting.break_every_min", "25");
    assert_plan(plan_on(r, 0), "missing",
                "[\"checkin\",\"pain_test\",\"screened\",\"enrolled\",\"assessed\",\"started\"]");
    assert_plan(plan_on(r, 0), "session", "{\"due\":false,\"items\":[]}");
    assert_plan(plan_on(r, 0), "due", "[]");
    rec_free(r);
}

static void items_have_all_their_members(void **state) {
    (void)state;
    lw_state *s = ready();
    assert_string_equal(
        members(told(s), "session.items.0"),
        "exercise side level sets reps hold_s load_kg speed_pct contacts distance_m tempo rest_s times_a_day "
        "effort_max hip_flexion_max_deg compression_class choose_load change lowered proposal cap why");
    const char *json = told(s);
    assert_plan(json, "session.items.0.exercise", "\"hold\"");
    assert_plan(json, "session.items.0.side", "\"left\"");
    assert_plan(json, "session.items.0.level", "1");
    assert_plan(json, "session.items.0.sets", "3");
    assert_plan(json, "session.items.0.reps", "null");
    assert_plan(json, "session.items.0.hold_s", "20");
    assert_plan(json, "session.items.0.load_kg", "null");
    assert_plan(json, "session.items.0.tempo", "null");
    assert_plan(json, "session.items.0.times_a_day", "2");
    assert_plan(json, "session.items.0.effort_max", "5");
    assert_plan(json, "session.items.0.choose_load", "false");
    assert_plan(json, "session.items.0.change", "null");
    assert_plan(json, "session.items.0.lowered", "[]");
    assert_plan(json, "session.items.0.cap", "null");
    assert_plan(json, "session.items.1.times_a_day", "1");

    // a weight to choose, then one that rises with what falls beside it
    s->stage = LW_STAGE_STRENGTH;
    json = told(s);
    assert_plan(json, "session.items.0.exercise", "\"lift\"");
    assert_plan(json, "session.items.0.choose_load", "true");
    assert_plan(json, "session.items.0.tempo", "\"3-0-3\"");
    lw_machine *m = use(s, "lift", 2, 2);
    m->load_ref = 2500;
    m->offer = m->raised = true;
    m->rule = rule_of(mini(), "L06", 1);
    json = told(s);
    assert_plan(json, "session.items.0.choose_load", "false");
    assert_plan(json, "session.items.0.load_kg", "30");
    assert_plan(json, "session.items.0.change", "{\"variable\":\"load\",\"from\":27.5,\"to\":30}");
    assert_plan(json, "session.items.0.lowered", "[{\"variable\":\"reps\",\"from\":10,\"to\":8}]");
    assert_plan(json, "session.items.0.proposal", "null");
    assert_plan(json, "session.items.0.cap", "\"step\"");
    assert_plan(json, "session.items.0.why", "[\"L06\"]");
    assert_plan(json, "verdict", "\"progress\"");
    m->raised = false;
    json = told(s);
    assert_plan(json, "session.items.0.change", "null");
    assert_plan(json, "session.items.0.proposal", "{\"variable\":\"load\",\"from\":27.5,\"to\":30}");
    // another exercise
    m->offer = false;
    lw_machine *curl = use(s, "curl", 2, 2);
    curl->load_ref = 2000;
    curl->offer_next = true;
    json = told(s);
    assert_plan(json, "session.items.1.proposal", "{\"variable\":\"exercise\",\"from\":\"curl\",\"to\":\"nordic\"}");
    // contacts, metres, speed
    s->stage = LW_STAGE_PLYOMETRIC;
    s->run.fast = true;
    s->run.level = 1;
    json = told(s);
    assert_plan(json, "session.items.0.contacts", "10");
    assert_plan(json, "session.items.1.distance_m", "40");
    assert_plan(json, "session.items.1.speed_pct", "60");
    assert_plan(json, "run.hills", "true");
    assert_plan(json, "run.speed_pct_max", "60");
}

/* Two falls stand as two. */
static void several_things_may_fall(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {"  level 2   load 107 %\n  level 3   12 reps, load 115 %\n", "  level 2   2 sets, 10 reps, load 107 %\n"});
    lw_state *s = ready_with(p);
    s->stage = LW_STAGE_ECCENTRIC;
    lw_machine *m = use(s, "curl", 0, 2);
    m->load_ref = 4000;
    m->offer = m->raised = true;
    const char *json = told(s);
    assert_plan(json, "session.items.1.lowered",
                "[{\"variable\":\"sets\",\"from\":3,\"to\":2},{\"variable\":\"reps\",\"from\":15,\"to\":10}]");
}

static void words_of_the_state(void **state) {
    (void)state;
    lw_state *s = ready();
    const char *json = told(s);
    assert_plan(json, "format", "\"loadwave.plan/1\"");
    assert_plan(json, "engine", "\"" LW_VERSION "\"");
    assert_plan(json, "protocol", "\"mini@1.2.3\"");
    assert_plan(json, "on", "\"2026-01-15\"");
    assert_plan(json, "valid_until", "\"2026-01-15\"");
    assert_plan(json, "status", "\"active\"");
    assert_plan(json, "flare", "\"none\"");
    assert_plan(json, "deload", "null");
    assert_plan(json, "irritability", "\"moderate\"");
    assert_plan(json, "diagnosis", "{\"label\":\"likely\",\"met\":[\"onset\",\"duration\",\"localised\"]}");
    assert_plan(json, "stage", "{\"id\":\"isometric\",\"day\":10,\"proposal\":null}");
    assert_plan(json, "missing", "[]");
    assert_plan(json, "refused", "[]");
    assert_plan(json, "referral", "null");
    assert_plan(json, "review", "null");
    assert_plan(json, "ok", "[\"walk\",\"swim\"]");
    s->label_rule = rule_of(mini(), "T06", 1);
    s->irritability = LW_IRRITABILITY_LOW;
    s->flare = LW_FLARE_MAJOR;
    s->flare_rule = rule_of(mini(), "L09", 1);
    s->later = 3;
    json = told(s);
    assert_plan(json, "diagnosis.label", "\"possible\"");
    assert_plan(json, "irritability", "\"low\"");
    assert_plan(json, "flare", "\"major\"");
    assert_plan(json, "verdict", "\"regress\"");
    assert_plan(json, "later", "3");
    assert_plan(json, "refused", "[{\"what\":\"progress\",\"by\":\"L09\"}]");
    s->flare = LW_FLARE_MINOR;
    s->irritability = LW_IRRITABILITY_HIGH;
    assert_plan(told(s), "flare", "\"minor\"");
    assert_plan(told(s), "irritability", "\"high\"");
    s->flare = LW_FLARE_NONE;
    s->hold_rule = rule_of(mini(), "L07", 1);
    s->refused[s->refused_count++] = (lw_refused){"accepted", LW_STR("authority")};
    assert_plan(told(s), "refused",
                "[{\"what\":\"progress\",\"by\":\"L07\"},{\"what\":\"accepted\",\"by\":\"authority\"}]");
    s->paused = true;
    assert_plan(told(s), "status", "\"paused\"");
    assert_plan(told(s), "refused", "[{\"what\":\"accepted\",\"by\":\"authority\"}]");
    s->discharged = true;
    assert_plan(told(s), "status", "\"discharged\"");
}

static void deloads(void **state) {
    (void)state;
    lw_state *s = ready();
    s->returning = true;
    assert_plan(told(s), "deload", "{\"cause\":\"return\",\"until\":null}");
    s->deload = LW_DELOAD_WARNING;
    s->deload_until = s->day + 2;
    s->deload_rule = rule_of(mini(), "R10", 1);
    assert_plan(told(s), "deload", "{\"cause\":\"early_warning\",\"until\":\"2026-01-17\"}");
    s->contact_day = s->day - 7;
    assert_plan(told(s), "deload", "{\"cause\":\"silence\",\"until\":null}");
}

/* The bridge on one leg, or on both where one alone would hurt too much, while that is what is trained. */
static void the_morning_test(void **state) {
    (void)state;
    lw_state *s = ready();
    s->stage = LW_STAGE_ISOMETRIC;
    assert_plan(told(s), "morning_test", "{\"test\":\"bridge_single\",\"reps\":3,\"side\":\"left\"}");
    s->test[LW_TEST_BRIDGE_SINGLE] = 599;
    assert_plan(told(s), "morning_test.test", "\"bridge_single\"");
    s->test[LW_TEST_BRIDGE_SINGLE] = 600;
    assert_plan(told(s), "morning_test.test", "\"bridge_double\"");
    s->stage = LW_STAGE_ECCENTRIC;
    assert_plan(told(s), "morning_test.test", "\"bridge_single\"");
    s->stage = LW_STAGE_ISOMETRIC;
    s->test[LW_TEST_BRIDGE_SINGLE] = LW_UNKNOWN;
    assert_plan(told(s), "morning_test.test", "\"bridge_single\"");
    s->irritability = LW_IRRITABILITY_HIGH;
    assert_plan(told(s), "morning_test.test", "\"bridge_double\"");
    s->sides = 2;
    assert_plan(told(s), "morning_test.side", "\"right\"");
    s->sides = 3;
    assert_plan(told(s), "morning_test.side", "\"both\"");
}

static void stages_that_are_proposed(void **state) {
    (void)state;
    lw_state *s = ready();
    s->stage_offer = 1 + LW_STAGE_STRENGTH;
    assert_plan(told(s), "stage.proposal", "{\"variable\":\"stage\",\"from\":\"isometric\",\"to\":\"strength\"}");
    s->authority = LW_AUTHORITY_HOLD;
    assert_plan(told(s), "stage.proposal", "null");
    s->authority = LW_AUTHORITY_SUGGEST;
    s->fact[LW_FACT_CHECKIN] = 0;
    assert_plan(told(s), "stage.proposal", "null");
    s->start_day = s->day + 1; // a start that lies ahead has no days yet
    assert_plan(told(s), "stage.day", "null");
}

static void running(void **state) {
    (void)state;
    lw_state *s = ready();
    s->run.level = 1;
    const char *json = told(s);
    assert_plan(json, "run.allowed", "true");
    assert_plan(json, "run.walk_min", "4");
    assert_plan(json, "run.run_min", "1");
    assert_plan(json, "run.repeats", "5");
    assert_plan(json, "run.max_min", "5");
    assert_plan(json, "run.max_km", "null");
    assert_plan(json, "run.speed_pct_max", "null");
    assert_plan(json, "run.why", "[\"R03\"]");
    s->run.level = 3;
    s->run.km[(s->day - 1) & (LW_RUN_RING - 1)] = 505;
    json = told(s);
    assert_plan(json, "run.walk_min", "null"); // in one go
    assert_plan(json, "run.run_min", "30");
    assert_plan(json, "run.max_km", "5.55");
    s->run.offer = true;
    s->run.level = 2;
    assert_plan(told(s), "run.proposal", "{\"variable\":\"level\",\"from\":2,\"to\":3}");
    s->run.last_day = s->day - 1;
    json = told(s);
    assert_plan(json, "run.allowed", "false");
    assert_plan(json, "run.level", "2");
    assert_plan(json, "run.run_min", "null");
    assert_plan(json, "run.next_on", "\"2026-01-16\"");
}

static void shockwave_words(void **state) {
    (void)state;
    static const char *const words[] = {
        "\"forbidden\"", "\"needs_clinician\"", "\"course_done\"", "\"quiet\"", "\"not_yet\"",
        "\"due\"",       "\"option\"",          "\"none\""};
    for (int32_t status = 0; status < 8; status++) {
        lw_state *s = ready();
        lw__fact_set(s, LW_FACT_LOADING_BLOCKED, status == LW_SWS_OPTION, s->day);
        s->tear = status == LW_SWS_FORBIDDEN;
        lw__fact_set(s, LW_FACT_CONTRA_CAUTION, status == LW_SWS_NEEDS_CLINICIAN, s->day);
        if (status >= LW_SWS_COURSE_DONE && status <= LW_SWS_DUE) {
            static const uint8_t counts[] = {0, 0, 6, 1, 1, 1};
            static const int32_t ago[] = {0, 0, 9, 2, 4, 7};
            s->sw_count = counts[status];
            s->sw_day = s->day - ago[status];
            lw__fact_set(s, LW_FACT_SW_AGE, ago[status], s->day);
        }
        const char *json = told(s);
        assert_plan(json, "shockwave.status", words[status]);
        bool numbered = status == LW_SWS_QUIET || status == LW_SWS_NOT_YET || status == LW_SWS_DUE;
        assert_plan(json, "shockwave.session", numbered ? "2" : status == LW_SWS_OPTION ? "1" : "null");
        assert_plan(json, "shockwave.quiet_until", status == LW_SWS_QUIET ? "\"2026-01-15\"" : "null");
        assert_plan(json, "shockwave.next_on",
                    status == LW_SWS_QUIET     ? "\"2026-01-20\""
                    : status == LW_SWS_NOT_YET ? "\"2026-01-18\""
                                               : "null");
    }
}

/* Sit for less than the time to first pain; a break as often as the protocol says at most, and never every no minutes. */
static void sitting(void **state) {
    (void)state;
    lw_state *s = ready();
    static const struct {
        int32_t limit;
        const char *shown;
    } cases[] = {{40, "25"}, {25, "25"}, {24, "24"}, {1, "1"}, {0, "1"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw__fact_set(s, LW_FACT_SITTING, cases[i].limit, s->day);
        assert_plan(told(s), "sitting.break_every_min", cases[i].shown);
    }
    assert_plan(told(s), "sitting.limit_min", "0");
    assert_plan(told(s), "sitting.why", "[\"R01\"]");
}

static void what_to_leave_out(void **state) {
    (void)state;
    lw_state *s = ready();
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_ECCENTRIC, s->day);
    assert_plan(told(s), "avoid", "[{\"what\":\"hills\",\"why\":[\"R06\"]},{\"what\":\"speed\",\"why\":[\"R06\"]}]");
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_ISOMETRIC, s->day); // a word stands once, with the first that says it
    assert_plan(told(s), "avoid",
                "[{\"what\":\"deep-squat\",\"why\":[\"A01\"]},{\"what\":\"hinge\",\"why\":[\"A01\"]},"
                "{\"what\":\"hills\",\"why\":[\"A01\"]},{\"what\":\"speed\",\"why\":[\"R06\"]}]");
    s->run.fast = true;
    s->run.level = 1;
    s->stage = LW_STAGE_STRENGTH;
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_STRENGTH, s->day);
    assert_plan(told(s), "avoid", "[]");
    // more words than are kept: the list ends, and no word stands twice
    char text[8000] = "fine walk, swim";
    for (int i = 0; i < 90; i++) {
        (void)sprintf(text + strlen(text), ", word-%d", i);
        if (i % 20 == 19) {
            strcat(text, ",\n   last");
        }
    }
    lw_protocol *p = MINI_WITH({"fine walk, swim", text});
    const char *json = told(ready_with(p));
    assert_plan(json, "ok.63", "\"word-60\"");
    assert_plan(json, "ok.64", "(none)");
}

static void referrals(void **state) {
    (void)state;
    static const struct {
        const char *flags, *expected;
    } cases[] = {{"[\"RF12\"]", "{\"urgency\":\"routine\",\"flags\":[\"RF12\"]}"},
                 {"[\"RF03\",\"RF12\"]", "{\"urgency\":\"urgent\",\"flags\":[\"RF03\",\"RF12\"]}"},
                 {"[\"RF03\",\"RF04\"]", "{\"urgency\":\"same_day\",\"flags\":[\"RF03\",\"RF04\"]}"},
                 {"[\"RF09\",\"RF02\"]", "{\"urgency\":\"emergency\",\"flags\":[\"RF02\",\"RF09\"]}"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = begun(STARTED("suggest"));
        patient(r, 1, "screened", say("{\"flags\":%s}", cases[i].flags));
        const char *json = plan_on(r, 1);
        assert_plan(json, "referral", cases[i].expected);
        bool stops = i > 0;
        assert_plan(json, "status", stops ? "\"stopped\"" : "\"active\"");
        assert_plan(json, "shockwave.status", stops ? "\"forbidden\"" : "\"none\"");
        assert_plan(json, "run.allowed", "false");
        assert_plan(json, "session.due", stops ? "false" : "true");
        rec_free(r);
    }
    // shown in every status
    rec *r = begun(STARTED("suggest"));
    patient(r, 1, "paused", "{\"reason\":\"away\"}");
    patient(r, 1, "symptom", "{\"flag\":\"RF12\"}");
    assert_plan(plan_on(r, 1), "status", "\"paused\"");
    assert_plan(plan_on(r, 1), "referral.urgency", "\"routine\"");
    rec_free(r);
}

static void reviews(void **state) {
    (void)state;
    lw_state *s = ready();
    lw__fact_set(s, LW_FACT_LOWEST_RUNG, 1, s->day);
    lw__fact_set(s, LW_FACT_RED_SESSIONS, 2, s->day);
    assert_plan(told(s), "review", "{\"urgency\":\"routine\",\"why\":[\"L23\"]}"); // one id once
    lw__fact_set(s, LW_FACT_NIGHTS, 2, s->day);
    assert_plan(told(s), "review", "{\"urgency\":\"urgent\",\"why\":[\"L23\",\"L29\"]}");
}

static void gates(void **state) {
    (void)state;
    lw_state *s = ready();
    s->stage = LW_STAGE_ECCENTRIC;
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_ECCENTRIC, s->day);
    lw__fact_set(s, LW_FACT_CALM_DAYS, 2, s->day);
    const char *json = told(s);
    assert_plan(json, "gates.0.id", "\"stage\"");
    assert_plan(json, "gates.0.met", "true"); // rdl and lunge are calm
    assert_plan(json, "gates.0.needs", "[]");
    assert_plan(json, "gates.1",
                "{\"id\":\"run\",\"met\":false,\"needs\":[\"walked_30_min\",\"days_without_bad_signal\"]}");
    assert_plan(json, "gates.2", "(none)");
    s->test[LW_TEST_RDL] = LW_UNKNOWN;
    assert_plan(told(s), "gates.0.needs", "[\"rdl\"]");
    lw__fact_set(s, LW_FACT_WALK_OK, 1, s->day);
    assert_plan(told(s), "gates.1.needs", "[\"days_without_bad_signal\"]");
    s->run.level = 1;
    lw__fact_set(s, LW_FACT_RUN_LEVEL, 1, s->day);
    assert_plan(told(s), "gates.1", "{\"id\":\"speed\",\"met\":false,\"needs\":[\"days_of_30_min_runs\"]}");
    s->run.fast = true;
    assert_plan(told(s), "gates.1", "(none)");
    s->stage = LW_STAGE_STRENGTH;
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_STRENGTH, s->day);
    assert_plan(told(s), "gates.0.id", "\"stage\"");
    assert_plan(told(s), "gates.1", "{\"id\":\"sport\",\"met\":false,\"needs\":[\"stage\",\"readiness\"]}");
    s->stage = LW_STAGE_MAINTENANCE; // the last stage has no gate
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_MAINTENANCE, s->day);
    assert_plan(told(s), "gates.0.id", "\"sport\"");

    // of several rules the one meant for this person; a condition that is met by another of its group is not asked for;
    // one that stands twice is named once
    lw_protocol *p =
        MINI_WITH({"rule R02 \"Running opens\"\n  when walked 30 min and days without bad signal at least 3 days\n",
                   "rule R02 \"For some\"\n  when goal is daily and settled\n  open running\n  until fixed\n  D [D]\n"
                   "rule R02 \"Running opens\"\n  when goal is sport and at least 2 of (settled; night pain; rest "
                   "pain; night pain)\n"
                   "  and any of (settled; walked 30 min)\n"});
    s = ready_with(p);
    lw__fact_set(s, LW_FACT_NIGHT_PAIN, 0, s->day);
    json = told(s);
    assert_plan(json, "gates.1", "{\"id\":\"run\",\"met\":false,\"needs\":[\"night_pain\",\"rest_pain\"]}");
    lw__fact_set(s, LW_FACT_GOAL, LW_GOAL_CYCLE, s->day); // meant for nobody of these: the first
    assert_plan(told(s), "gates.1.needs", "[\"goal\"]");

    // a protocol without a rule for it has no gate
    lw_protocol *none =
        MINI_WITH({"  open running\n", "  advise run\n"}, {"  clear for sport\n", "  advise sport\n"},
                  {"  open hills and speed\n", "  advise speed\n"}, {"  advance strength\n", "  advise more\n"});
    s = ready_with(none);
    s->stage = LW_STAGE_ECCENTRIC;
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_ECCENTRIC, s->day);
    assert_plan(told(s), "gates", "[]");
    s->run.level = 1;
    s->stage = LW_STAGE_PLYOMETRIC;
    assert_plan(told(s), "gates", "[]");
    assert_plan(told(s), "avoid", "[]");
    // nor has a stage whose rule asks another stage first, or none at all
    lw_protocol *other = MINI_WITH({"when stage is eccentric and test rdl", "when settled and test rdl"});
    s = ready_with(other);
    s->stage = LW_STAGE_ECCENTRIC;
    lw__fact_set(s, LW_FACT_STAGE, LW_STAGE_ECCENTRIC, s->day);
    assert_plan(told(s), "gates.0.id", "\"run\"");
}

static void what_is_due(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    live(r, 0, 0, NULL);
    // four weeks ahead, the last day included
    assert_plan(plan_on(r, 0), "due",
                "[{\"what\":\"visa_h\",\"by\":\"2026-02-02\"},{\"what\":\"tests\",\"by\":\"2026-01-19\"}]");
    lw_protocol *later = MINI_WITH({"visa_h at weeks 4, 8", "visa_h at weeks 5, 8"});
    assert_plan(plan_with(later, r, 6), "due.0.what", "\"tests\"");
    assert_plan(plan_with(later, r, 7), "due.0", "{\"what\":\"visa_h\",\"by\":\"2026-02-09\"}");
    // answered within the week before its day counts for it, earlier does not
    clinician(r, 20, "outcome", "{\"instrument\":\"visa_h\",\"score\":60}");
    assert_plan(plan_on(r, 20), "due.0.by", "\"2026-02-02\"");
    clinician(r, 21, "outcome", "{\"instrument\":\"visa_h\",\"score\":60}");
    assert_plan(plan_on(r, 27), "due.0.what", "\"tests\"");
    assert_plan(plan_on(r, 28), "due.0", "{\"what\":\"visa_h\",\"by\":\"2026-03-02\"}");
    clinician(r, 50, "outcome", "{\"instrument\":\"visa_h\",\"score\":60}"); // the last of its weeks
    assert_plan(plan_on(r, 50), "due.0.what", "\"tests\"");
    rec_free(r);
    // the next screening, three days before it runs out; nothing before the first
    r = begun(STARTED("suggest"));
    assert_int_equal(strstr(plan_on(r, 10), "\"screening\"") != NULL, false);
    assert_int_equal(strstr(plan_on(r, 11), "\"screening\",\"by\":\"2026-01-19\"") != NULL, true);
    rec_free(r);
    // nothing is measured before it begins; screening is asked for
    r = rec_new();
    clinician(r, 0, "screened", NO_FLAGS);
    assert_plan(plan_on(r, 5), "due", "[]");
    assert_plan(plan_on(r, 14), "due", "[{\"what\":\"screening\",\"by\":\"2026-01-19\"}]");
    rec_free(r);
    lw_state *s = ready();
    s->start_day = s->day + 1;
    assert_plan(told(s), "due", "[]");
}

static void what_is_missing(void **state) {
    (void)state;
    lw_state *s = ready();
    s->fact[LW_FACT_CHECKIN] = 0;
    s->fact[LW_FACT_MORNING_TEST] = LW_UNKNOWN;
    s->session_day = s->day - 1;
    s->screen_day = s->day - 15;
    s->lock_tests = true;
    assert_plan(told(s), "missing",
                "[\"checkin\",\"pain_test\",\"session_pain\",\"session_effort\",\"screened\",\"tests\"]");
}

/* Inputs as they are written: words, yes and no, hundredths, whole numbers, and how old they are. */
static void inputs(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {NULL, "rule A50 \"All kinds\"\n"
               "  when any of (goal is sport; settled; night pain; session pain above 9 NPRS; age above 99 years;\n"
               "    test rdl above 9 NPRS; entry modified_bent_knee positive; age below 5 years; sleep below 1 hours)\n"
               "  advise all\n"
               "  until words one 1, two 2\n"
               "  D [D] S01, S02\n"
               "rule A51 \"No more\"\n  advise end\n  until never\n  D [D]\n"});
    lw_state *s = ready_with(p);
    lw__fact_set(s, LW_FACT_SESSION_PAIN, 250, s->day - 3);
    lw__fact_set(s, LW_FACT_NIGHT_PAIN, 0, s->day);
    s->test[LW_TEST_MODIFIED_BENT_KNEE] = 1000;
    s->test_day[LW_TEST_MODIFIED_BENT_KNEE] = LW_NEVER_DAY;
    const char *json = told(s);
    int32_t at = -1;
    for (int32_t i = 0; at < 0; i++) {
        at = strcmp(value_of_plan(json, say("why.%d.rule", i)), "\"A50\"") == 0 ? i : -1;
    }
    char path[40];
    (void)snprintf(path, sizeof path, "why.%d", at);
#define INPUT(N, NAME, VALUE, AGE)                                         \
    assert_plan(json, say("%s.inputs." #N ".name", path), "\"" NAME "\""); \
    assert_plan(json, say("%s.inputs." #N ".value", path), VALUE);         \
    assert_plan(json, say("%s.inputs." #N ".age_d", path), AGE)
    INPUT(0, "goal", "\"sport\"", "10");
    INPUT(1, "settled", "\"yes\"", "0");
    INPUT(2, "night_pain", "\"no\"", "0");
    INPUT(3, "session_pain", "\"2.5\"", "3");
    INPUT(4, "age", "\"40\"", "0");
    INPUT(5, "tests.rdl", "\"2\"", "10");
    INPUT(6, "tests.modified_bent_knee", "\"positive\"", "null");
    INPUT(7, "sleep", "null", "null"); // age stands once
    assert_plan(json, say("%s.inputs.8", path), "(none)");
#undef INPUT
    assert_plan(json, say("%s.tag", path), "\"D\"");
    assert_plan(json, say("%s.grade", path), "\"D\"");
    assert_plan(json, say("%s.cites", path), "[\"S01\",\"S02\"]");
    assert_plan(json, say("%s.would_change", path), "{\"id\":\"words\",\"args\":{\"one\":\"1\",\"two\":\"2\"}}");
    p->rules[rule_of(p, "A50", 1)].until = (lw_str){NULL, 0};
    assert_plan(told(s), say("%s.would_change", path), "null");
}

/* Rules that share an id are told apart by their number; what lets an exercise rise is judged on its own sessions. */
static void variants_and_own_sessions(void **state) {
    (void)state;
    lw_state *s = ready();
    lw__fact_set(s, LW_FACT_RED_SESSIONS, 2, s->day);
    const char *json = told(s);
    bool seen = false;
    for (int32_t i = 0; value_at(json, say("why.%d", i)) != NULL; i++) {
        if (strcmp(value_of_plan(json, say("why.%d.rule", i)), "\"L23\"") == 0) {
            assert_plan(json, say("why.%d.variant", i), "2");
            assert_plan(json, say("why.%d.fired", i), "true");
            seen = true;
        }
    }
    assert_true(seen);

    s = ready();
    s->stage = LW_STAGE_ISOMETRIC;
    lw__fact_set(s, LW_FACT_SESSION_EFFORT, 900, s->day);
    lw_machine *m = use(s, "squeeze", 0, 1);
    m->last.pain = 0;
    m->last.effort = 400;
    m->green = 3;
    m->rule = rule_of(s->protocol, "L06", 1);
    m->offer = true;
    s->raise_rule = m->rule;
    json = told(s);
    int32_t at = -1;
    for (int32_t i = 0; at < 0; i++) {
        at = strcmp(value_of_plan(json, say("why.%d.rule", i)), "\"L06\"") == 0 ? i : -1;
    }
    assert_plan(json, say("why.%d.inputs.0.value", at), "\"3\"");
    assert_plan(json, say("why.%d.inputs.1.value", at), "\"4\"");
    assert_int_equal(s->fact[LW_FACT_SESSION_EFFORT], 900); // and put back
    // speed work likewise
    s->stage = LW_STAGE_PLYOMETRIC;
    s->run.fast = true;
    s->run.level = 1;
    lw_machine *stride = use(s, "stride", 0, 3);
    stride->green = 2;
    stride->rule = rule_of(s->protocol, "R07", 1);
    json = told(s);
    for (int32_t i = 0; value_at(json, say("why.%d", i)) != NULL; i++) {
        if (strcmp(value_of_plan(json, say("why.%d.rule", i)), "\"R07\"") == 0) {
            assert_plan(json, say("why.%d.inputs.0.value", i), "\"2\"");
            at = -2;
        }
    }
    assert_int_equal(at, -2);
    // with nothing due there are no sessions to judge it on
    s->paused = true;
    s->hold_rule = -1;
    json = told(s);
    for (int32_t i = 0; value_at(json, say("why.%d", i)) != NULL; i++) {
        if (strcmp(value_of_plan(json, say("why.%d.rule", i)), "\"L06\"") == 0) {
            assert_plan(json, say("why.%d.inputs.1.value", i), "\"9\"");
        }
    }
}

/* Whatever a person wrote stays inside its quotes. */
static void text_is_escaped(void **state) {
    (void)state;
    rec *r = rec_new();
    rec_at(r, "2026-01-05T06:00:00+00:00", "note", "patient", "{\"text\":\"x\"}");
    char *at = strstr(r->text, "\"patient\":\"p\"");
    assert_non_null(at);
    char rest[600];
    strcpy(rest, at + strlen("\"patient\":\"p\""));
    sprintf(at, "\"patient\":\"p\\\"\\\\\\u0001\"%s", rest);
    r->len = strlen(r->text);
    assert_plan(plan_on(r, 0), "patient", "\"p\\\"\\\\\\u0001\"");
    rec_free(r);
}

/* A buffer that is too small is said to be, whatever its size; nothing is written past it. */
static void small_buffers(void **state) {
    (void)state;
    lw_state *s = ready();
    size_t whole = strlen(told(s));
    static lw_plan_data d;
    d = (lw_plan_data){.s = s};
    d.allow = lw__guard(s);
    lw__decide(s, &d.allow, &d.decision);
    lw__run_plan(s, &d.allow, &d.run);
    lw__shockwave_plan(s, &d.allow, &d.shockwave);
    d.verdict = lw__verdict(s, &d.allow, &d.decision, &d.run);
    lw__explain(&d);
    for (size_t cap = 0; cap <= whole; cap += 11) {
        char *buffer = malloc(cap + 1);
        assert_non_null(buffer);
        buffer[cap] = 0x7e;
        lw__writer w = lw__writer_over(buffer, cap);
        lw__plan_json(&d, &w);
        assert_true(w.full);
        assert_int_equal(buffer[cap], 0x7e);
        free(buffer);
        if (cap + 11 > whole) {
            break;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_in_its_order),
        cmocka_unit_test(items_have_all_their_members),
        cmocka_unit_test(several_things_may_fall),
        cmocka_unit_test(words_of_the_state),
        cmocka_unit_test(deloads),
        cmocka_unit_test(the_morning_test),
        cmocka_unit_test(stages_that_are_proposed),
        cmocka_unit_test(running),
        cmocka_unit_test(shockwave_words),
        cmocka_unit_test(sitting),
        cmocka_unit_test(what_to_leave_out),
        cmocka_unit_test(referrals),
        cmocka_unit_test(reviews),
        cmocka_unit_test(gates),
        cmocka_unit_test(what_is_due),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(inputs),
        cmocka_unit_test(variants_and_own_sessions),
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(small_buffers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
