/*
 * protocol_lint_test.c: what the linter finds in a protocol that compiles.
 *
 * Each row changes the clean sample and names the findings that must come back, in their order.
 */
#include "protocol_sample.h"

#define RULE                     "rule X \"X\"\n"
#define GRADE                    "  until calmer\n  D [D]\n"
#define WHEN(conditions, action) RULE "  when " conditions "\n  " action "\n" GRADE

static const struct {
    const char *find; /* what is replaced; NULL: something is added at the end */
    const char *with;
    int32_t line; /* of the first finding, from the beginning of the change; 0: no place */
    const char *member, *message, *second;
} findings[] = {
    /* numbers */
    {"set pain_green_at_most 0 ", "set pain green at most 3 ", 0, "",
     "pain green at most is more than pain amber at most", NULL},
    {"set silence_stops_after 7 days", "set silence stops after 14 days", 0, NULL, NULL, NULL},
    {"set silence_reminder_after 1 days", "set silence reminder after 7 days", 0, "",
     "silence reminder after is more than silence lowers after", NULL},
    /* rules that can never fire */
    {NULL, WHEN("session pain above 10 NPRS", "hold"), 1, "X", "X asks for a value that session pain never has", NULL},
    {NULL, WHEN("unsettled mornings below 0 days", "hold"), 1, "X",
     "X asks for a value that unsettled mornings never has", NULL},
    {NULL, WHEN("session pain at most 10 NPRS", "hold"), 1, "X", "X asks for a value that session pain always has",
     NULL},
    {NULL, WHEN("session pain at least 5 NPRS and session pain at most 3 NPRS", "hold"), 1, "X",
     "X can never be true: what it asks of session pain contradicts itself", NULL},
    {NULL, WHEN("stage is strength and stage is eccentric", "hold"), 1, "X",
     "X can never be true: what it asks of stage contradicts itself", NULL},
    {NULL, WHEN("settled and not settled", "hold"), 1, "X",
     "X can never be true: what it asks of settled contradicts itself", NULL},
    {NULL, WHEN("irritability is not low and irritability is not high and irritability is not moderate", "hold"), 1,
     "X", "X can never be true: what it asks of irritability contradicts itself", NULL},
    {NULL, WHEN("groc unknown and groc below 5 points", "hold"), 1, "X",
     "X can never be true: what it asks of groc contradicts itself", NULL},
    {NULL, WHEN("groc known and groc unknown", "hold"), 1, "X",
     "X can never be true: what it asks of groc contradicts itself", NULL},
    {NULL, WHEN("stage is strength and any of (stage is eccentric; settled)", "hold"), 1, "X",
     "in X the part about stage in a group can never be true", NULL},
    {NULL, WHEN("stage is strength and any of (stage is eccentric; stage is isometric)", "hold"), 1, "X",
     "in X the part about stage in a group can never be true",
     "in X the part about stage in a group can never be true"},
    {NULL, WHEN("at least 2 of (session pain above 10 NPRS; settled)", "hold"), 1, "X",
     "X asks for a value that session pain never has", NULL},
    {NULL, WHEN("run level is not 3", "hold"), 0, NULL, NULL, NULL},
    {NULL, WHEN("run level is not 0 and run level at most 0", "hold"), 1, "X",
     "X can never be true: what it asks of run level contradicts itself", NULL},
    {NULL, WHEN("run level at least 16 and run level is not 16", "hold"), 1, "X",
     "X can never be true: what it asks of run level contradicts itself", NULL},
    {NULL, WHEN("session pain above 10 NPRS on 2 of 3 days", "hold"), 1, "X",
     "X asks for a value that session pain never has", NULL},
    /* days of a window do not contradict today */
    {NULL, WHEN("settled on 3 of 7 days and not settled", "hold"), 0, NULL, NULL, NULL},
    {NULL, WHEN("not settled and any of (settled on 3 of 7 days; pregnant)", "hold"), 0, NULL, NULL, NULL},
    /* earlier rules */
    {NULL, WHEN("settled", "enter eccentric"), 1, "X", "rule X is never asked: L01 on line *", NULL},
    {NULL, WHEN("groc below 5 points", "de-load 7 days"), 1, "X", "rule X says the same as A43 on line *", NULL},
    {NULL, WHEN("groc below 5 points", "de-load 8 days"), 0, NULL, NULL, NULL},
    {NULL, WHEN("flare is not major", "advise one, two, three"), 1, "X", "rule X says the same as A44 on line *", NULL},
    {NULL, WHEN("flare is not major", "advise one, two, four"), 0, NULL, NULL, NULL},
    {NULL, WHEN("flare is not major", "advise one, two"), 0, NULL, NULL, NULL},
    {NULL, WHEN("flare is not minor", "advise one, two, three"), 0, NULL, NULL, NULL},
    {NULL, WHEN("flare is major", "advise one, two, three"), 0, NULL, NULL, NULL},
    {NULL, WHEN("pregnant", "advise one, two, three"), 0, NULL, NULL, NULL},
    {NULL, WHEN("any of (flare is not major; settled)", "advise one, two, three"), 0, NULL, NULL, NULL},
    {NULL, WHEN("flare is not major on 2 of 3 days", "advise one, two, three"), 0, NULL, NULL, NULL},
    {NULL, WHEN("any of (usual rest pain; entry sitting below 10 min)", "irritability low"), 0, NULL, NULL, NULL},
    {NULL, WHEN("settled on 2 of 3 days", "hold") "rule Y \"Y\"\n  when settled on 2 of 3 days\n  hold\n" GRADE, 6, "Y",
     "rule Y says the same as X on line *", NULL},
    {NULL, WHEN("settled on 2 of 3 days", "hold") "rule Y \"Y\"\n  when settled on 2 of 4 days\n  hold\n" GRADE, 0,
     NULL, NULL, NULL},
    {NULL,
     WHEN("at least 2 of (settled; pregnant; night pain)",
          "hold") "rule Y \"Y\"\n"
                  "  when any of (settled; pregnant; night pain)\n  hold\n" GRADE,
     0, NULL, NULL, NULL},
    /* polarity */
    {NULL, WHEN("session pain at least 3 NPRS", "raise"), 1, "X",
     "X lets something rise and asks for the worse side of session pain", NULL},
    {NULL, WHEN("session pain above 3 NPRS and session pain below 5 NPRS", "open running"), 1, "X",
     "X lets something rise and asks for the worse side of session pain", NULL},
    {NULL, WHEN("bridge reps at most 20 reps", "next run level"), 1, "X",
     "X lets something rise and asks for the worse side of bridge reps", NULL},
    {NULL, WHEN("bridge reps below 20 reps", "next speed"), 1, "X",
     "X lets something rise and asks for the worse side of bridge reps", NULL},
    {NULL, WHEN("not settled", "open hills and speed"), 1, "X",
     "X lets something rise and asks for the worse side of settled", NULL},
    {NULL, WHEN("session pain unknown", "clear for sport"), 1, "X",
     "X lets something rise and asks for the worse side of session pain", NULL},
    {NULL, WHEN("any of (settled; flare is minor)", "advance strength"), 1, "X",
     "X lets something rise and asks for the worse side of flare", NULL},
    {NULL, WHEN("flare is not none", "raise"), 1, "X", "X lets something rise and asks for the worse side of flare",
     NULL},
    {NULL, WHEN("flare is none and session pain known and goal unknown and bridge reps above 3 reps", "raise"), 0, NULL,
     NULL, NULL},
    {NULL, WHEN("test hop at most 3 NPRS and entry bent_knee negative and stage is strength", "raise"), 0, NULL, NULL,
     NULL},
    {"irritability high\n  until calmer\n  C [D] S01\nrule L01 \"Begin\"\n",
     "irritability high\n  until calmer\n  C [D] S01\nrule X \"X\"\n  when night pain\n  enter eccentric\n  until x\n  "
     "D [D]\n"
     "rule L01 \"Begin\"\n",
     4, "X", "X lets something rise and asks for the worse side of night pain", NULL},
    {"irritability high\n  until calmer\n  C [D] S01\nrule L01 \"Begin\"\n",
     "irritability high\n  until calmer\n  C [D] S01\nrule X \"X\"\n  when night pain\n  enter isometric\n  until x\n  "
     "D [D]\n"
     "rule L01 \"Begin\"\n",
     0, NULL, NULL, NULL},
    {"  open when entry bridge_single at most 3 NPRS and", "  open when entry bridge_single at least 3 NPRS and", -8,
     "curl", "curl lets something rise and asks for the worse side of entry bridge_single", NULL},
    {"  open when entry bridge_single at most 3 NPRS and", "  open when settled and not settled and", -8, "curl",
     "curl can never be true: what it asks of settled contradicts itself", NULL},
    {NULL, RULE "  hold\n  D [D]\n", 1, "X", "rule X does not say what would change its answer", NULL},
    /* stages */
    {"  advance plyometric\n", "  advance eccentric\n", -30, "plyometric", "nothing leads to the stage plyometric",
     NULL},
    {"  when settled\n  advance plyometric\n", "  when settled and not settled\n  advance plyometric\n", 0, "L05",
     "L05 can never be true: what it asks of settled contradicts itself", "nothing leads to the stage plyometric"},
    {"  hip flexion at most 90 deg   every", "  hip flexion at most 29 deg   every", 0, "strength",
     "the stage strength bends the hip less than the stage eccentric before it", NULL},
    /* exercises */
    {"  hip flexion at most 120 deg   every 2 days   pick 1 of hop",
     "  hip flexion at most 120 deg   every 2 days   pick 1 of curl", -23, "hop", "no stage picks the exercise hop",
     NULL},
    {"pick 1 of bridge\n", "pick 1 of bridge, hop\n", -18, "hop",
     "the stage eccentric picks hop, whose first level bends the hip deeper than the stage allows", NULL},
    {"  easier end   harder curl\n", "  easier end   harder hop\n", -7, "bridge",
     "bridge says harder hop, but hop does not say easier bridge",
     "curl says easier bridge, but bridge does not say harder curl"},
    {"  easier curl   harder end\n", "  easier hop   harder hop\n", -20, "curl",
     "curl says harder hop, but hop does not say easier curl", "nothing opens the exercise hop"},
    {"  level 2   12 reps, load 107 %", "  level 2   12 reps, load 111 %", -5, "curl",
     "level 2 of curl raises the load by more than 10 %", NULL},
    {"  level 3   depth 45 deg", "  level 3   effort at most 9.5 RPE, depth 45 deg", -6, "curl",
     "level 3 of curl allows more effort than the protocol", NULL},
    {"10 contacts, distance 20 m, speed 60 %, once a day\n  level 2   2 sets\n  level 3   12 contacts\n",
     "61 contacts, distance 20 m, speed 60 %\n  level 2   2 sets\n  level 3   62 contacts\n", -3, "hop",
     "hop begins with 61 contacts, more than the protocol allows at the start", NULL},
    /* sources */
    {NULL, "rule X \"X\"\n  hold\n  until calmer\n  D [D] S03\n", 4, "S03", "no source has the key S03", NULL},
    {NULL, "rule X \"X\"\n  hold\n  until calmer\n  D [V]\n", 1, "X",
     "[V] says it was read or worked out, but no source is named", NULL},
    {NULL, "rule X \"X\"\n  hold\n  until calmer\n  D [V2]\n", 1, "X",
     "[V2] says it was read or worked out, but no source is named", NULL},
    {NULL, "text H-2 \"x\" [calc]\n", 1, "H-2", "[calc] says it was read or worked out, but no source is named", NULL},
    {NULL, "text H-2 \"x\" [M]\n", 0, NULL, NULL, NULL},
    {NULL, "source S03 \"Third et al.\"\n", 1, "S03", "nothing cites the source S03", NULL},
};

static void each_finding(void **state) {
    (void)state;
    static lw_diag items[32];
    const char *text = sample_text();
    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
        uint32_t line;
        char *changed = sample_with(text, findings[i].find, findings[i].with, &line);
        sample_result r = sample_compile(lw__str(changed));
        lw_diags diags = {items, 32, 0};
        memset(items, 0, sizeof items);
        if (r.err != 0) {
            fail_msg("row %zu: %s", i, r.diags.items[0].message);
        }
        uint32_t found = lw_protocol_lint(r.protocol, &diags);
        assert_int_equal(found, diags.count);
        uint32_t expected = findings[i].message == NULL ? 0 : findings[i].second == NULL ? 1 : 2;
        if (found != expected ||
            (expected > 0 && items[0].line != 0 && items[0].line != line + (uint32_t)findings[i].line - 1)) {
            print_error("row %zu: %u findings, first on line %d: %s\n", i, found, (int)items[0].line - (int)line + 1,
                        items[0].message);
        }
        assert_int_equal(found, expected);
        if (expected > 0) {
            size_t length = strlen(findings[i].message);
            bool open = findings[i].message[length - 1] == '*';
            assert_memory_equal(items[0].message, findings[i].message, open ? length - 1 : length + 1);
            assert_string_equal(items[0].member, findings[i].member);
            assert_int_equal(items[0].err, LW_ERR_VALUE);
            assert_true(items[0].hint[0] != '\0');
            bool placed = findings[i].member[0] != '\0';
            assert_int_equal(items[0].line, placed ? (int32_t)line + findings[i].line - 1 : 0);
        }
        if (expected > 1) {
            assert_string_equal(items[1].message, findings[i].second);
        }
        free(changed);
    }
}

/* What nobody picks opens nothing. */
static void a_chain_through_an_exercise_that_is_never_done(void **state) {
    (void)state;
    static const char body[] =
        "  role hip   both sides\n  hip flexion 0..10 deg\n  tissue load tension 1 BW, compression 0 BW\n"
        "  level 1   3 sets, 5 reps\n";
    char added[1000];
    snprintf(added, sizeof added,
             "exercise y \"Y\"\n%s  easier end   harder z\nexercise z \"Z\"\n%s  easier y   harder end\n", body, body);
    uint32_t line;
    char *changed = sample_with(sample_text(), NULL, added, &line);
    sample_result r = sample_compile(lw__str(changed));
    assert_int_equal(r.err, 0);
    r.diags.count = 0;
    assert_int_equal(lw_protocol_lint(r.protocol, &r.diags), 3);
    assert_string_equal(r.diags.items[0].message, "no stage picks the exercise y");
    assert_string_equal(r.diags.items[1].message, "no stage picks the exercise z");
    assert_string_equal(r.diags.items[2].message, "nothing opens the exercise z");
    assert_int_equal(lw_protocol_lint(r.protocol, NULL), 3);
    free(changed);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_finding),
                                       cmocka_unit_test(a_chain_through_an_exercise_that_is_never_done)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
