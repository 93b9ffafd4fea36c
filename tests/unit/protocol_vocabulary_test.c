/*
 * protocol_vocabulary_test.c: the tables of words are complete, and every lookup answers for every number.
 */
#include "protocol_sample.h"

#include "protocol/compiler.h"

static void assert_str(lw_str text, const char *expected) {
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

static void facts_have_names_ranges_and_directions(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LW_FACT_COUNT; i++) {
        uint8_t fact = (uint8_t)i;
        assert_true(lw__fact_name(fact).len > 0);
        assert_true(lw__fact_unit(fact) < LW_UNIT_COUNT_);
        assert_true(lw__fact_least(fact) <
                    lw__fact_most(fact)); /* a fact without a line in the table would fail here */
        assert_true(lw__fact_direction(fact) <= LW_DIRECTION_LOW_WORSE);
        if (lw__fact_unit(fact) == LW_UNIT_WORD) {
            assert_true(lw__fact_words(fact) >= 2 && lw__fact_words(fact) <= 16);
            for (uint32_t w = 0; w < lw__fact_words(fact); w++) {
                assert_true(lw__fact_word(fact, (int32_t)w).len > 0);
            }
        } else {
            assert_int_equal(lw__fact_words(fact), 0);
        }
    }
    for (uint32_t i = LW_FACT_COUNT; i < 256; i++) {
        assert_int_equal(lw__fact_name((uint8_t)i).len, 0);
    }
    assert_str(lw__fact_name(LW_FACT_SESSION_PAIN), "session_pain");
    assert_str(lw__fact_name(LW_FACT_ENTRY + LW_TEST_BRIDGE_SINGLE), "bridge_single");
    assert_int_equal(lw__fact_unit(LW_FACT_TEST + LW_TEST_SEATED_PIRIFORMIS), LW_UNIT_WORD);
    assert_int_equal(lw__fact_most(LW_FACT_SESSION_PAIN), 1000);
    assert_int_equal(lw__fact_least(LW_FACT_GROC), -7);
    assert_int_equal(lw__fact_most(LW_FACT_SETTLED), 1);
    assert_int_equal(lw__fact_most(LW_FACT_STAGE), 4);
    assert_int_equal(lw__fact_direction(LW_FACT_SESSION_PAIN), LW_DIRECTION_HIGH_WORSE);
    assert_int_equal(lw__fact_direction(LW_FACT_BRIDGE_REPS), LW_DIRECTION_LOW_WORSE);
    assert_int_equal(lw__fact_direction(LW_FACT_TEST), LW_DIRECTION_HIGH_WORSE);
    /* ranges of questionnaires are those of the record */
    static const struct {
        uint8_t fact, instrument;
    } scores[] = {{LW_FACT_VISA, LW_INSTRUMENT_VISA_H},
                  {LW_FACT_GROC, LW_INSTRUMENT_GROC},
                  {LW_FACT_TSK, LW_INSTRUMENT_TSK11},
                  {LW_FACT_READINESS, LW_INSTRUMENT_READINESS}};
    for (size_t i = 0; i < sizeof scores / sizeof *scores; i++) {
        assert_int_equal(lw__fact_least(scores[i].fact), lw_instrument_range[scores[i].instrument].min);
        assert_int_equal(lw__fact_most(scores[i].fact), lw_instrument_range[scores[i].instrument].max);
    }
}

static void words_of_facts(void **state) {
    (void)state;
    assert_str(lw__fact_word(LW_FACT_STAGE, 0), "isometric");
    assert_str(lw__fact_word(LW_FACT_STAGE, 4), "maintenance");
    assert_int_equal(lw__fact_word(LW_FACT_STAGE, 5).len, 0);
    assert_int_equal(lw__fact_word(LW_FACT_SESSION_PAIN, 1).len, 0);
    assert_str(lw__fact_word(LW_FACT_SETTLED, 0), "no");
    assert_str(lw__fact_word(LW_FACT_SETTLED, 1), "yes");
    assert_str(lw__fact_word(LW_FACT_TEST + LW_TEST_BENT_KNEE, 0), "negative");
    assert_str(lw__fact_word(LW_FACT_TEST + LW_TEST_BENT_KNEE, 1000), "positive");
    assert_int_equal(lw__fact_words(LW_FACT_TEST + LW_TEST_BENT_KNEE), 2);
    /* words that the record has too stand in the record's order */
    for (int32_t i = 0; i < LW_GOAL_WORDS; i++) {
        assert_str(lw__fact_word(LW_FACT_GOAL, i), lw_goal_names[i]);
    }
    for (int32_t i = 0; i < LW_SPORT_WORDS; i++) {
        assert_str(lw__fact_word(LW_FACT_SPORT, i), lw_sport_names[i]);
    }
    for (int32_t i = 0; i < LW_ONSET_WORDS; i++) {
        assert_str(lw__fact_word(LW_FACT_ONSET, i), lw_onset_names[i]);
    }
    for (int32_t i = 0; i < LW_IMAGING_WORDS; i++) {
        assert_str(lw__fact_word(LW_FACT_IMAGING, i), lw_imaging_names[i]);
    }
    for (int32_t i = 0; i < LW_IMAGING_RESULT_WORDS; i++) {
        assert_str(lw__fact_word(LW_FACT_IMAGING_RESULT, i), lw_imaging_result_names[i]);
    }
    for (int32_t i = 0; i < LW_RESPONSE_WORDS; i++) {
        assert_str(lw__fact_word(LW_FACT_LOADING_RESPONSE, i), lw_response_names[i]);
    }
    for (int32_t i = 0; i < LW_URGENCY_WORDS; i++) {
        assert_str(lw__fact_word(LW_FACT_FLAG, i + 1), lw_urgency_names[i]);
    }
}

static void parameters_have_names_units_and_ranges(void **state) {
    (void)state;
    for (uint8_t i = 0; i < LW_PARAM_COUNT; i++) {
        assert_true(lw__param_name(i).len > 0);
        assert_true(lw__param_unit(i) < LW_UNIT_BOOL);
        assert_true(lw__param_least(i) < lw__param_most(i));
    }
    assert_int_equal(lw__param_name(LW_PARAM_COUNT).len, 0);
    assert_int_equal(lw__param_unit(LW_PARAM_COUNT), LW_UNIT_NONE);
    assert_int_equal(lw__param_least(LW_PARAM_COUNT), 0);
    assert_int_equal(lw__param_most(LW_PARAM_COUNT), 0);
}

static void other_names(void **state) {
    (void)state;
    assert_str(lw__unit_name(LW_UNIT_EFD), "mJ/mm²");
    assert_int_equal(lw__unit_name(LW_UNIT_COUNT_).len, 0);
    static const uint8_t hundredths[] = {LW_UNIT_NPRS, LW_UNIT_RPE, LW_UNIT_KG, LW_UNIT_BAR, LW_UNIT_EFD};
    uint32_t count = 0;
    for (uint8_t i = 0; i < LW_UNIT_COUNT_; i++) {
        count += lw__unit_scale(i) == 100 ? 1 : 0;
    }
    assert_int_equal(count, sizeof hundredths);
    for (size_t i = 0; i < sizeof hundredths; i++) {
        assert_int_equal(lw__unit_scale(hundredths[i]), 100);
    }
    assert_str(lw__tag_name(LW_TAG_CALC), "calc");
    assert_str(lw__grade_name(LW_GRADE_S), "S");
    assert_str(lw__cap_name(LW_CAP_NONE), "");
    assert_str(lw__cap_name(LW_CAP_STEP), "step");
    assert_str(lw__variable_name(LW_VAR_NONE), "");
    assert_str(lw__variable_name(LW_VAR_BOUTS), "bouts");
    assert_str(lw__action_name(LW_ACTION_HOLD_STAGE), "hold stage");
    assert_str(lw__shockwave_name(LW_SW_OFFER), "offer");
    assert_str(lw__role_name(LW_ROLE_SPEED), "speed");
    lw_str (*const lookups[])(uint8_t) = {lw__tag_name,    lw__grade_name,     lw__cap_name, lw__variable_name,
                                          lw__action_name, lw__shockwave_name, lw__role_name};
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        assert_int_equal(lookups[i](255).len, 0);
    }
}

static void names_as_a_protocol_spells_them(void **state) {
    (void)state;
    static const char *const spelled[][2] = {{"session_pain", "session pain"},
                                             {"visa_h", "visa_h"},
                                             {"visa_h_gain", "visa_h gain"},
                                             {"a_bc", "a bc"},
                                             {"night_pain_days_in_7", "night pain days in 7"},
                                             {"tsk11", "tsk11"}};
    for (size_t i = 0; i < sizeof spelled / sizeof *spelled; i++) {
        char buffer[64];
        lw__writer w = lw__writer_over(buffer, sizeof buffer);
        lw__put_name(&w, lw__str(spelled[i][0]));
        assert_str((lw_str){buffer, (uint32_t)w.len}, spelled[i][1]);
    }
    static const struct {
        int32_t value, scale;
        const char *text;
    } numbers[] = {{7, 1, "7"},           {250, 100, "2.5"},    {1180, 1000, "1.18"},  {1205, 1000, "1.205"},
                   {1005, 1000, "1.005"}, {1250, 1000, "1.25"}, {1255, 1000, "1.255"}, {0, 1000, "0"},
                   {5, 1000, "0.005"},    {-100, 100, "-1"}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        char buffer[64];
        lw__writer w = lw__writer_over(buffer, sizeof buffer);
        lw__put_scaled(&w, numbers[i].value, numbers[i].scale);
        assert_str((lw_str){buffer, (uint32_t)w.len}, numbers[i].text);
    }
}

static void likely_intentions(void **state) {
    (void)state;
    static const struct {
        const char *word, *hint;
    } likely[] = {{"pregnent", "did you mean pregnant?"},
                  {"settld", "did you mean settled?"},
                  {"setlted", "did you mean settled?"},    /* two letters exchanged */
                  {"irrit", "did you mean irritability?"}, /* a beginning */
                  {"pain at night", "perhaps usual night pain, night pain, night pain days in 7?"},
                  {"gain at all", "perhaps visa_h gain over course, nprs gain over course, visa_h gain …?"}};
    for (size_t i = 0; i < sizeof likely / sizeof *likely; i++) {
        char buffer[140];
        const lw_diags listening = {NULL, 1, 0};
        lw_str hint = lw__likely(&listening, lw__str(likely[i].word), &lw__list_facts, buffer, sizeof buffer);
        assert_str(hint, likely[i].hint);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_have_names_ranges_and_directions), cmocka_unit_test(words_of_facts),
        cmocka_unit_test(parameters_have_names_units_and_ranges), cmocka_unit_test(other_names),
        cmocka_unit_test(names_as_a_protocol_spells_them),        cmocka_unit_test(likely_intentions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
