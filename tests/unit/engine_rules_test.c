/*
 * engine_rules_test.c: facts, conditions, windows, the order of rules.
 */
#include "engine_support.h"

static lw_cond cond_of(uint8_t fact, uint8_t op, int32_t value) {
    return (lw_cond){.fact = fact, .op = op, .value = value};
}

/* Every comparison on both sides of its bound. */
static void comparisons_are_exact(void **state) {
    (void)state;
    static const struct {
        uint8_t op;
        bool below, equal, above;
    } cases[] = {{LW_OP_AT_MOST, true, true, false}, {LW_OP_AT_LEAST, false, true, true},
                 {LW_OP_BELOW, true, false, false},  {LW_OP_ABOVE, false, false, true},
                 {LW_OP_IS, false, true, false},     {LW_OP_IS_NOT, true, false, true},
                 {LW_OP_KNOWN, true, true, true},    {LW_OP_UNKNOWN, false, false, false}};
    lw_state *s = ready();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_cond cond = cond_of(LW_FACT_SESSION_PAIN, cases[i].op, 300);
        lw__fact_set(s, LW_FACT_SESSION_PAIN, 299, s->day);
        assert_int_equal(lw__cond_true(s, &cond), cases[i].below);
        lw__fact_set(s, LW_FACT_SESSION_PAIN, 300, s->day);
        assert_int_equal(lw__cond_true(s, &cond), cases[i].equal);
        lw__fact_set(s, LW_FACT_SESSION_PAIN, 301, s->day);
        assert_int_equal(lw__cond_true(s, &cond), cases[i].above);
        // what nobody said makes a condition false, but for "unknown"
        lw__fact_set(s, LW_FACT_SESSION_PAIN, LW_UNKNOWN, s->day);
        assert_int_equal(lw__cond_true(s, &cond), cases[i].op == LW_OP_UNKNOWN);
    }
}

static void facts_begin_unknown(void **state) {
    (void)state;
    lw_state *s = ready();
    lw__facts_clear(s);
    for (int i = 0; i < LW_FACT_TOTAL; i++) {
        int32_t day = 0;
        assert_int_equal(lw__fact_value(s, (uint8_t)i, &day), LW_UNKNOWN);
        assert_int_equal(day, LW_NEVER_DAY);
    }
}

/* A gate's test counts for 28 days; the intake's value is used however old it is. */
static void tests_grow_stale_entries_do_not(void **state) {
    (void)state;
    lw_state *s = ready();
    int32_t day;
    uint8_t test = LW_FACT_TEST + LW_TEST_HOP;
    uint8_t entry = LW_FACT_TEST + LW_TESTS + LW_TEST_HOP;
    assert_int_equal(lw__fact_value(s, test, &day), LW_UNKNOWN);
    s->test[LW_TEST_HOP] = 200;
    s->test_day[LW_TEST_HOP] = s->day - 28;
    assert_int_equal(lw__fact_value(s, test, &day), 200);
    assert_int_equal(day, s->day - 28);
    s->test_day[LW_TEST_HOP] = s->day - 29;
    assert_int_equal(lw__fact_value(s, test, &day), LW_UNKNOWN);
    assert_int_equal(lw__fact_value(s, entry, &day), 200);
    assert_int_equal(day, s->day - 29);
}

/* "on 3 of 7 days": exactly three, within exactly seven. */
static void windows_count_days(void **state) {
    (void)state;
    const lw_protocol *p = mini();
    lw_state *s = ready();
    const lw_rule *rule = &p->rules[rule_of(p, "L03", 1)];
    const lw_cond *cond = NULL;
    for (int32_t g = 0; g < rule->group_count; g++) {
        const lw_cond *first = &p->conds[p->groups[rule->group_first + g].cond_first];
        cond = first->window != 0 ? first : cond;
    }
    assert_non_null(cond);
    uint32_t w = cond->window - 1u;
    s->windows[w] = 0x51; // days 0, 4 and 6 ago
    assert_true(lw__cond_true(s, cond));
    s->windows[w] = 0x50;
    assert_false(lw__cond_true(s, cond));
    s->windows[w] = 0xd0; // the third stands on day 7 ago: outside
    assert_false(lw__cond_true(s, cond));

    // a step moves each day on and adds today's truth, whatever the window says
    s->windows[w] = 0;
    lw__fact_set(s, LW_FACT_MORNING_SINGLE, 300, s->day);
    lw__windows_step(s);
    assert_int_equal(s->windows[w], 1);
    lw__fact_set(s, LW_FACT_MORNING_SINGLE, 301, s->day);
    lw__windows_step(s);
    assert_int_equal(s->windows[w], 2);
}

/* A bad signal clears the windows of rules that permit; those that warn go on counting. */
static void bad_signals_forget_what_permits(void **state) {
    (void)state;
    const lw_protocol *p = mini();
    lw_state *s = ready();
    uint32_t permitting = 0;
    for (int32_t i = 0; i < p->window_count; i++) {
        s->windows[i] = 7;
        permitting += p->windows[i].permits ? 1 : 0;
    }
    assert_true(permitting > 0 && permitting < p->window_count);
    lw__windows_forget(s);
    for (int32_t i = 0; i < p->window_count; i++) {
        assert_int_equal(s->windows[i], p->windows[i].permits ? 0 : 7);
    }
}

static void groups_need_their_count(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH({"when night pain days in 7 at least 2 days",
                                "when at least 2 of (settled; night pain; rest pain) and check in today"});
    lw_state *s = ready_with(p);
    const lw_rule *rule = &p->rules[rule_of(p, "L29", 1)];
    lw__fact_set(s, LW_FACT_SETTLED, 1, s->day);
    lw__fact_set(s, LW_FACT_NIGHT_PAIN, 0, s->day);
    lw__fact_set(s, LW_FACT_REST_PAIN, 0, s->day);
    assert_false(lw__rule_fires(s, rule));
    lw__fact_set(s, LW_FACT_REST_PAIN, 1, s->day);
    assert_true(lw__rule_fires(s, rule));
    lw__fact_set(s, LW_FACT_CHECKIN, 0, s->day);
    assert_false(lw__rule_fires(s, rule));
    // no group at all: always
    assert_true(lw__groups_true(s, 0, 0));
}

/* Rules are asked in the order of the protocol. */
static void index_keeps_the_order(void **state) {
    (void)state;
    const lw_protocol *p = mini();
    lw_state *s = ready();
    int32_t total = 0;
    for (int32_t a = 0; a < LW_ACTION_COUNT; a++) {
        for (int32_t i = s->action_first[a]; i < s->action_first[a + 1]; i++, total++) {
            assert_int_equal(p->rules[s->by_action[i]].action, a);
            assert_true(i == s->action_first[a] || s->by_action[i] > s->by_action[i - 1]);
        }
    }
    assert_int_equal(total, p->rule_count);
    lw__fact_set(s, LW_FACT_ADL_PAIN, 200, s->day);
    assert_int_equal(lw__first_rule(s, LW_ACTION_IRRITABLE), rule_of(p, "I02", 1));
    lw__fact_set(s, LW_FACT_BASE_REST_PAIN, 1, s->day);
    assert_int_equal(lw__first_rule(s, LW_ACTION_IRRITABLE), rule_of(p, "I01", 1));
    lw__fact_set(s, LW_FACT_BASE_REST_PAIN, 0, s->day);
    lw__fact_set(s, LW_FACT_ADL_PAIN, 201, s->day);
    assert_int_equal(lw__first_rule(s, LW_ACTION_IRRITABLE), -1);
}

/* The rule behind a ceiling: one whose conditions hold, else the one without any, else the first, else none. */
static void rule_of_a_ceiling(void **state) {
    (void)state;
    lw_protocol *p = MINI_WITH(
        {NULL, "rule A47 \"Also always\"\n  cap missing\n  until fixed\n  D [D]\n"
               "rule A48 \"Silent\"\n  when silence at least 20 days\n  cap nordic\n  until fixed\n  D [D]\n"
               "rule A49 \"Silent too\"\n  when silence at least 30 days\n  cap nordic\n  until fixed\n  D [D]\n"});
    lw_state *s = ready_with(p);
    assert_int_equal(lw__rule_of(s, LW_ACTION_CAP, LW_CAP_MISSING), rule_of(p, "A45", 1));
    lw__fact_set(s, LW_FACT_CHECKIN, 0, s->day);
    assert_int_equal(lw__rule_of(s, LW_ACTION_CAP, LW_CAP_MISSING), rule_of(p, "A46", 1));
    assert_int_equal(lw__rule_of(s, LW_ACTION_CAP, LW_CAP_NORDIC), rule_of(p, "A48", 1));
    lw__fact_set(s, LW_FACT_SILENCE, 30, s->day);
    assert_int_equal(lw__rule_of(s, LW_ACTION_CAP, LW_CAP_NORDIC), rule_of(p, "A48", 1));
    assert_int_equal(lw__rule_of(s, LW_ACTION_CAP, LW_CAP_CONTACTS), -1);
}

/* Of several gates the one meant for this person: by its first condition; else the first; one without any is nobody's own. */
static void gates_of_a_person(void **state) {
    (void)state;
    lw_protocol *p =
        MINI_WITH({"rule R02 \"Running opens\"\n", "rule R20 \"Always\"\n  open running\n  until fixed\n  D [D]\n"
                                                   "rule R02 \"Running opens\"\n"});
    lw_state *s = ready_with(p);
    assert_int_equal(lw__gate_rule(s, LW_ACTION_RUN_OPEN), rule_of(p, "R20", 1));
    lw__fact_set(s, LW_FACT_WALK_OK, 1, s->day);
    assert_int_equal(lw__gate_rule(s, LW_ACTION_RUN_OPEN), rule_of(p, "R02", 1));
    p->rule_count = 1;
    assert_int_equal(lw__gate_rule(ready_with(p), LW_ACTION_RUN_OPEN), -1);
}

/* A clinician's ceiling of 5 makes amber read as the highest green; red stays red. */
static void pain_reads_by_the_ceiling(void **state) {
    (void)state;
    lw_state *s = ready();
    s->pain_ceiling = 3;
    assert_int_equal(lw__rule_pain(s, 301), 301);
    s->pain_ceiling = 5;
    assert_int_equal(lw__rule_pain(s, 299), 299);
    assert_int_equal(lw__rule_pain(s, 301), 300);
    assert_int_equal(lw__rule_pain(s, 500), 300);
    assert_int_equal(lw__rule_pain(s, 501), 501);
    assert_int_equal(lw__rule_pain(s, LW_UNKNOWN), LW_UNKNOWN);
}

/* For the rules that raise, an exercise's own sessions stand in the place of the whole session's; and go again. */
static void overlay_is_put_and_taken(void **state) {
    (void)state;
    lw_state *s = ready();
    lw__fact_set(s, LW_FACT_SESSION_PAIN, 400, s->day);
    lw__fact_set(s, LW_FACT_SESSION_EFFORT, 900, s->day);
    lw__fact_set(s, LW_FACT_GREEN_SESSIONS, 5, s->day);
    lw__fact_set(s, LW_FACT_SPEED_GREEN, 6, s->day);
    lw_machine *m = use(s, "hold", 0, 2);
    m->last.pain = 100;
    m->last.effort = 600;
    m->green = 2;
    m->easy = 1;
    lw_overlay saved = lw__overlay_put(s, exercise_of(s->protocol, "hold"));
    assert_int_equal(s->fact[LW_FACT_SESSION_PAIN], 100);
    assert_int_equal(s->fact[LW_FACT_SESSION_EFFORT], 600);
    assert_int_equal(s->fact[LW_FACT_GREEN_SESSIONS], 2);
    assert_int_equal(s->fact[LW_FACT_EASY_SESSIONS], 1);
    assert_int_equal(s->fact[LW_FACT_SPEED_GREEN], 2);
    lw__overlay_take(s, saved);
    assert_int_equal(s->fact[LW_FACT_SESSION_PAIN], 400);
    assert_int_equal(s->fact[LW_FACT_SESSION_EFFORT], 900);
    assert_int_equal(s->fact[LW_FACT_GREEN_SESSIONS], 5);
    assert_int_equal(s->fact[LW_FACT_EASY_SESSIONS], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_SPEED_GREEN], 6);
    // an exercise never done says nothing about its sessions
    saved = lw__overlay_put(s, exercise_of(s->protocol, "squat"));
    assert_int_equal(s->fact[LW_FACT_SESSION_PAIN], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_SESSION_EFFORT], LW_UNKNOWN);
    assert_int_equal(s->fact[LW_FACT_GREEN_SESSIONS], 0);
    lw__overlay_take(s, saved);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_are_exact),
        cmocka_unit_test(facts_begin_unknown),
        cmocka_unit_test(tests_grow_stale_entries_do_not),
        cmocka_unit_test(windows_count_days),
        cmocka_unit_test(bad_signals_forget_what_permits),
        cmocka_unit_test(groups_need_their_count),
        cmocka_unit_test(index_keeps_the_order),
        cmocka_unit_test(rule_of_a_ceiling),
        cmocka_unit_test(gates_of_a_person),
        cmocka_unit_test(pain_reads_by_the_ceiling),
        cmocka_unit_test(overlay_is_put_and_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
