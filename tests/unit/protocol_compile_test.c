/*
 * protocol_compile_test.c: what a protocol that is right compiles to, and that no text and no lack of memory does harm.
 */
#include "protocol_sample.h"

#include "loadwave/events.h"

static const lw_protocol *sample(void) {
    sample_result r = sample_compile(lw__str(sample_text()));
    assert_int_equal(r.err, 0);
    return r.protocol;
}

static void assert_str(lw_str text, const char *expected) {
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr, expected, text.len);
}

static void the_head(void **state) {
    (void)state;
    const lw_protocol *p = sample();
    assert_str(lw_protocol_id(p), "demo");
    assert_str(lw_protocol_version(p), "1.2.3");
    assert_str(lw_protocol_title(p), "A small protocol");
    uint8_t hash[32];
    lw__sha256_of(p->source.ptr, p->source.len, hash);
    assert_memory_equal(lw_protocol_hash(p), hash, sizeof hash);
    assert_int_equal(p->not_for_count, 2);
    assert_str(p->words[p->not_for_first + 1], "under-18");
    assert_int_equal(p->params[LW_PARAM_RISE_LOAD], 10);
    assert_int_equal(p->params[LW_PARAM_EFFORT_MAX], 900);
    assert_int_equal(p->param_standing[LW_PARAM_RISE_LOAD].tag, LW_TAG_D);
    assert_int_equal(p->source_count, 2);
    assert_str(p->sources[1].text, "Second et al.");
    assert_int_equal(p->text_count, 1);
    assert_str(p->texts[0].id, "H-1");
}

static void rungs_inherit_from_the_rung_below(void **state) {
    (void)state;
    const lw_protocol *p = sample();
    const lw_exercise *bridge = &p->exercises[0];
    assert_int_equal(bridge->role, LW_ROLE_HIP);
    assert_int_equal(bridge->sides, LW_SIDES_EACH);
    assert_int_equal(bridge->needs, LW_BIT(LW_EQUIPMENT_MAT) | LW_BIT(LW_EQUIPMENT_CHAIR));
    assert_int_equal(bridge->needs_any, 0);
    assert_int_equal(bridge->loaded, 0);
    assert_int_equal(bridge->every_days, 2);
    assert_int_equal(bridge->easier, -1);
    assert_int_equal(bridge->harder, 1);
    assert_int_equal(bridge->standing.tag, LW_TAG_M);
    assert_int_equal(bridge->load_standing.tag, LW_TAG_CALC);
    assert_int_equal(bridge->rung_count, 3);
    const lw_rung *top = &bridge->rungs[2];
    assert_int_equal(top->sets, 4);
    assert_int_equal(top->hold_s, 30);
    assert_int_equal(top->rest_s, 120);
    assert_int_equal(top->bouts, 2);
    assert_int_equal(top->depth_deg, 10); /* the top of the range where no depth is said */
    assert_int_equal(top->class_, 0);
    assert_int_equal(top->tension, 1180);
    assert_int_equal(top->standing.tag, LW_TAG_V2);
    assert_int_equal(bridge->rungs[0].standing.tag, LW_TAG_D);
    const lw_exercise *curl = &p->exercises[1];
    assert_true(curl->heavy && curl->eccentric && curl->nordic && !curl->plyometric && !curl->speed_ladder);
    assert_int_equal(curl->loaded, 1 + LW_EQUIPMENT_MACHINE);
    assert_int_equal(curl->needs_any, LW_BIT(LW_EQUIPMENT_MACHINE) | LW_BIT(LW_EQUIPMENT_BAND));
    assert_int_equal(curl->rungs[0].tension, 1295);
    assert_int_equal(curl->rungs[0].compression, 5);
    assert_int_equal(curl->rungs[0].effort_max, 600);
    assert_memory_equal(curl->rungs[1].tempo, ((uint8_t[]){3, 0, 3}), 3);
    assert_int_equal(curl->rungs[1].load_pct, 107);
    assert_int_equal(curl->rungs[1].tension, 1295);
    assert_int_equal(curl->rungs[2].tension, 1400);
    assert_int_equal(curl->rungs[0].class_, 1);
    assert_int_equal(curl->rungs[2].class_, 2);
    const lw_exercise *hop = &p->exercises[2];
    assert_true(hop->plyometric && hop->speed_ladder);
    assert_int_equal(hop->knee_deg, 0);
    assert_int_equal(hop->rungs[0].class_, 3);
    assert_int_equal(hop->rungs[5].bouts, 3);
}

static void what_rises_is_worked_out(void **state) {
    (void)state;
    const lw_protocol *p = sample();
    static const struct {
        uint8_t exercise, rung, raises;
    } rises[] = {{0, 0, LW_VAR_NONE},  {0, 1, LW_VAR_HOLD}, {0, 2, LW_VAR_SETS},     {1, 1, LW_VAR_LOAD},
                 {1, 2, LW_VAR_DEPTH}, {2, 1, LW_VAR_SETS}, {2, 2, LW_VAR_CONTACTS}, {2, 3, LW_VAR_DISTANCE},
                 {2, 4, LW_VAR_SPEED}, {2, 5, LW_VAR_BOUTS}};
    for (size_t i = 0; i < sizeof rises / sizeof *rises; i++) {
        assert_int_equal(p->exercises[rises[i].exercise].rungs[rises[i].rung].raises, rises[i].raises);
    }
}

static void stages_levels_and_outcomes(void **state) {
    (void)state;
    const lw_protocol *p = sample();
    static const uint8_t hip[5] = {30, 30, 90, 120, 120};
    static const uint8_t class_max[5] = {1, 1, 3, 3, 3};
    static const uint8_t every[5] = {1, 2, 2, 2, 3};
    assert_int_equal(p->stage_count, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(p->stages[i].hip_max_deg, hip[i]);
        assert_int_equal(p->stages[i].class_max, class_max[i]);
        assert_int_equal(p->stages[i].every_days, every[i]);
    }
    assert_int_equal(p->stages[1].slot_count, 2);
    assert_int_equal(p->stages[4].slots[0].count, 2);
    assert_int_equal(p->stages[4].slots[0].candidates[1], 1);
    assert_int_equal(p->run_level_count, 2);
    assert_int_equal(p->run_levels[0].total_run_min, 5);
    assert_int_equal(p->run_levels[1].walk_min, 0);
    assert_int_equal(p->run_levels[1].repeats, 1);
    assert_int_equal(p->outcome_count, 2);
    assert_int_equal(p->outcomes[0].weeks[1], 12);
    assert_int_equal(p->outcomes[1].instrument, 8);
}

static const lw_rule *rule_of(const lw_protocol *p, const char *id) {
    for (uint32_t i = 0; i < p->rule_count; i++) {
        if (lw__str_eq(p->rules[i].id, lw__str(id))) {
            return &p->rules[i];
        }
    }
    fail_msg("no rule %s", id);
    return NULL;
}

static void assert_cond(const lw_cond *cond, int fact, int op, int value) {
    assert_int_equal(cond->fact, fact);
    assert_int_equal(cond->op, op);
    assert_int_equal(cond->value, value);
}

static void conditions_and_groups(void **state) {
    (void)state;
    const lw_protocol *p = sample();
    const lw_rule *rule = rule_of(p, "I01");
    assert_int_equal(rule->group_count, 1);
    const lw_group *group = &p->groups[rule->group_first];
    assert_int_equal(group->cond_count, 2);
    assert_int_equal(group->need, 1);
    assert_cond(&p->conds[group->cond_first], LW_FACT_BASE_REST_PAIN, LW_OP_IS, 1);
    assert_cond(&p->conds[group->cond_first + 1], LW_FACT_ENTRY_SITTING, LW_OP_BELOW, 10);

    rule = rule_of(p, "L03");
    assert_int_equal(rule->group_count, 3);
    const lw_cond *cond = &p->conds[p->groups[rule->group_first + 2].cond_first];
    assert_cond(cond, LW_FACT_MORNING_SINGLE, LW_OP_AT_MOST, 250);
    assert_int_equal(cond->on_days, 3);
    assert_int_equal(p->windows[cond->window - 1].days, 7);
    assert_true(p->windows[cond->window - 1].permits);
    assert_ptr_equal(&p->conds[p->windows[cond->window - 1].cond], cond);

    rule = rule_of(p, "L04"); /* at least 2 of (three) and all of (two): three groups */
    assert_int_equal(rule->group_count, 3);
    assert_int_equal(p->groups[rule->group_first].need, 2);
    assert_cond(&p->conds[p->groups[rule->group_first].cond_first], LW_FACT_TEST + LW_TEST_RDL, LW_OP_AT_MOST, 300);
    assert_cond(&p->conds[p->groups[rule->group_first + 1].cond_first], LW_FACT_STAGE, LW_OP_IS_NOT, 0);
    assert_cond(&p->conds[p->groups[rule->group_first + 2].cond_first], LW_FACT_TEST + LW_TEST_LONG_STRIDE, LW_OP_IS,
                0);

    rule = rule_of(p, "L08");
    assert_cond(&p->conds[p->groups[rule->group_first].cond_first], LW_FACT_LOADING_BLOCKED, LW_OP_UNKNOWN, 0);
    assert_cond(&p->conds[p->groups[rule->group_first + 1].cond_first], LW_FACT_ENTRY + LW_TEST_MODIFIED_BENT_KNEE,
                LW_OP_IS, 1000);
    rule = rule_of(p, "A41");
    assert_cond(&p->conds[p->groups[rule->group_first].cond_first], LW_FACT_OVER_USUAL, LW_OP_AT_LEAST, -100);
    rule = rule_of(p, "A46");
    assert_cond(&p->conds[p->groups[rule->group_first].cond_first], LW_FACT_SIDES, LW_OP_IS, 2);

    const lw_exercise *curl = &p->exercises[1];
    assert_int_equal(curl->open_count, 2);
    cond = &p->conds[p->groups[curl->open_first + 1].cond_first];
    assert_cond(cond, LW_FACT_NIGHT_PAIN, LW_OP_IS, 0);
    assert_true(p->windows[cond->window - 1].permits);
}

static void actions_and_arguments(void **state) {
    (void)state;
    const lw_protocol *p = sample();
    static const struct {
        const char *id;
        int action, arg;
    } rules[] = {{"I01", LW_ACTION_IRRITABLE, 2}, {"L01", LW_ACTION_ENTER, 0},
                 {"L04", LW_ACTION_ADVANCE, 2},   {"L08", LW_ACTION_FLARE, 1},
                 {"A41", LW_ACTION_REVIEW, 1},    {"A42", LW_ACTION_LABEL, 1},
                 {"A43", LW_ACTION_DELOAD, 7},    {"A40", LW_ACTION_CAP, LW_CAP_STEP},
                 {"A44", LW_ACTION_ADVISE, 0},    {"A45", LW_ACTION_SHOCKWAVE, LW_SW_FORBID},
                 {"A46", LW_ACTION_SWAP, 0}};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const lw_rule *rule = rule_of(p, rules[i].id);
        assert_int_equal(rule->action, rules[i].action);
        assert_int_equal(rule->arg, rules[i].arg);
    }
    const lw_rule *advise = rule_of(p, "A44");
    assert_int_equal(advise->arg_count, 3);
    assert_str(p->words[advise->arg_first + 2], "three");
    const lw_rule *rule = rule_of(p, "L03");
    assert_str(rule->until, "calm-test");
    assert_int_equal(rule->until_count, 4);
    assert_str(p->words[rule->until_first + 3], "2.5");
    assert_int_equal(rule->standing.grade, LW_GRADE_C);
    assert_int_equal(rule->standing.tag, LW_TAG_V2);
    assert_int_equal(rule->standing.cite_count, 2);
    assert_str(p->words[rule->standing.cite_first + 1], "S02");
    assert_int_equal(strncmp(p->source.ptr, "protocol", 8), 0);
    uint32_t line;
    free(sample_with(p->source.ptr, "rule L03", "", &line));
    assert_int_equal(rule->line, line);
}

/* Adds a rule with these conditions and gives its first one. */
static lw_cond only_condition(const char *text) {
    char added[400];
    snprintf(added, sizeof added, "rule X \"X\"\n  when %s\n  stop\n  until x\n  D [D]\n", text);
    uint32_t line;
    char *changed = sample_with(sample_text(), NULL, added, &line);
    sample_result r = sample_compile(lw__str(changed));
    if (r.err != 0) {
        print_error("%s: %s\n", text, r.diags.items[0].message);
    }
    assert_int_equal(r.err, 0);
    const lw_rule *rule = &r.protocol->rules[r.protocol->rule_count - 1];
    lw_cond cond = r.protocol->conds[r.protocol->groups[rule->group_first].cond_first];
    if (cond.window != 0) {
        assert_false(r.protocol->windows[cond.window - 1].permits);
    }
    free(changed);
    return cond;
}

static void conditions_as_people_write_them(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int fact, op, value;
    } conditions[] = {
        {"Session pain at most 3 nprs", LW_FACT_SESSION_PAIN, LW_OP_AT_MOST, 300},
        {"session-pain above 2.25 NPRS", LW_FACT_SESSION_PAIN, LW_OP_ABOVE, 225},
        {"session_pain is 3 NPRS", LW_FACT_SESSION_PAIN, LW_OP_IS, 300},
        {"session effort at least 7 RPE", LW_FACT_SESSION_EFFORT, LW_OP_AT_LEAST, 700},
        {"unsettled mornings at least 1 day", LW_FACT_UNSETTLED, LW_OP_AT_LEAST, 1},
        {"duration at least 1 week", LW_FACT_WEEKS, LW_OP_AT_LEAST, 1},
        {"settling time above 24 h", LW_FACT_SETTLE_HOURS, LW_OP_ABOVE, 24},
        {"settling time above 1 hour", LW_FACT_SETTLE_HOURS, LW_OP_ABOVE, 1},
        {"age below 18 years", LW_FACT_AGE, LW_OP_BELOW, 18},
        {"adherence below 50 percent", LW_FACT_ADHERENCE, LW_OP_BELOW, 50},
        {"adherence below 50%", LW_FACT_ADHERENCE, LW_OP_BELOW, 50},
        {"sitting tolerance below 30 minutes", LW_FACT_SITTING, LW_OP_BELOW, 30},
        {"bridge reps at least 20 repetitions", LW_FACT_BRIDGE_REPS, LW_OP_AT_LEAST, 20},
        {"green sessions at least 1 session", LW_FACT_GREEN_SESSIONS, LW_OP_AT_LEAST, 1},
        {"visa_h at least 80 points", LW_FACT_VISA, LW_OP_AT_LEAST, 80},
        {"visa_h gain below 1 point", LW_FACT_VISA_GAIN, LW_OP_BELOW, 1},
        {"visa-h gain over course below 5 points", LW_FACT_SW_VISA_GAIN, LW_OP_BELOW, 5},
        {"groc at least -2 points", LW_FACT_GROC, LW_OP_AT_LEAST, -2},
        {"night pain", LW_FACT_NIGHT_PAIN, LW_OP_IS, 1},
        {"night pain days in 7 at least 5 days", LW_FACT_NIGHTS, LW_OP_AT_LEAST, 5},
        {"not night pain", LW_FACT_NIGHT_PAIN, LW_OP_IS, 0},
        {"night pain is yes", LW_FACT_NIGHT_PAIN, LW_OP_IS, 1},
        {"night pain is no", LW_FACT_NIGHT_PAIN, LW_OP_IS, 0},
        {"night pain is not yes", LW_FACT_NIGHT_PAIN, LW_OP_IS, 0},
        {"night pain is not no", LW_FACT_NIGHT_PAIN, LW_OP_IS, 1},
        {"night pain known", LW_FACT_NIGHT_PAIN, LW_OP_KNOWN, 0},
        {"check-in today", LW_FACT_CHECKIN, LW_OP_IS, 1},
        {"walked 30 min", LW_FACT_WALK_OK, LW_OP_IS, 1},
        {"open flag is same_day", LW_FACT_FLAG, LW_OP_IS, 3},
        {"open flag is not same day", LW_FACT_FLAG, LW_OP_IS_NOT, 3},
        {"run level is not 3", LW_FACT_RUN_LEVEL, LW_OP_IS_NOT, 3},
        {"test rdl known", LW_FACT_TEST + LW_TEST_RDL, LW_OP_KNOWN, 0},
        {"entry bridge single at most 3 NPRS", LW_FACT_ENTRY + LW_TEST_BRIDGE_SINGLE, LW_OP_AT_MOST, 300},
        {"entry sitting below 30 min", LW_FACT_ENTRY_SITTING, LW_OP_BELOW, 30},
        {"test bent_knee is positive", LW_FACT_TEST + LW_TEST_BENT_KNEE, LW_OP_IS, 1000},
        {"test bent_knee is not positive", LW_FACT_TEST + LW_TEST_BENT_KNEE, LW_OP_IS_NOT, 1000},
        {"test bent_knee negative", LW_FACT_TEST + LW_TEST_BENT_KNEE, LW_OP_IS, 0},
        {"settled on 2 of 3 days", LW_FACT_SETTLED, LW_OP_IS, 1},
        {"any of (settled)", LW_FACT_SETTLED, LW_OP_IS, 1},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        lw_cond cond = only_condition(conditions[i].text);
        assert_cond(&cond, conditions[i].fact, conditions[i].op, conditions[i].value);
    }
}

static void layout_does_not_matter(void **state) {
    (void)state;
    /* a byte order mark, Windows line ends, tabs, statements on one line, the sources first */
    const char *text = sample_text();
    char *wide = malloc(2 * strlen(text) + 100);
    assert_non_null(wide);
    size_t at =
        (size_t)sprintf(wide, "\xef\xbb\xbfsource S02 \"Second et al.\"\r\nsource S01 \"First et al.\" # c\r\n");
    const char *end = strstr(text, "source S01");
    bool in_text = false;
    for (const char *p = text; p < end; p++) {
        if (*p == '\n') {
            wide[at++] = '\r';
        }
        in_text = *p == '"' ? !in_text : in_text;
        wide[at++] = *p == ' ' && !in_text && p[-1] != '\n' ? '\t' : *p;
    }
    sample_result a = sample_compile_slot(lw__str(text), 0);
    sample_result b = sample_compile_slot((lw_str){wide, (uint32_t)at}, 1);
    assert_int_equal(b.err, 0);
    assert_int_equal(a.protocol->word_count, b.protocol->word_count);
    assert_memory_equal(a.protocol->conds, b.protocol->conds, sizeof a.protocol->conds);
    assert_memory_equal(a.protocol->groups, b.protocol->groups, sizeof a.protocol->groups);
    assert_memory_equal(a.protocol->params, b.protocol->params, sizeof a.protocol->params);
    for (uint32_t i = 0; i < a.protocol->word_count; i++) {
        assert_true(lw__str_eq(a.protocol->words[i], b.protocol->words[i]));
    }
    free(wide);
}

static void every_truncation_and_every_missing_byte(void **state) {
    (void)state;
    const char *text = sample_text();
    uint32_t length = (uint32_t)strlen(text);
    for (uint32_t i = 0; i < length; i++) {
        (void)sample_compile((lw_str){text, i});
    }
    char *less = malloc(length);
    assert_non_null(less);
    for (uint32_t i = 0; i < length; i++) {
        memcpy(less, text, i);
        memcpy(less + i, text + i + 1, length - i - 1);
        (void)sample_compile((lw_str){less, length - 1});
    }
    free(less);
}

static void any_lack_of_memory_is_told(void **state) {
    (void)state;
    const lw_str text = lw__str(sample_text());
    static uint8_t result_bytes[LW_PROTOCOL_RESULT];
    static uint8_t scratch_bytes[LW_PROTOCOL_SCRATCH];
    const lw_protocol *marker = (const lw_protocol *)(const void *)result_bytes;
    const lw_protocol *out = marker;
    lw_arena full = lw_arena_over(result_bytes, sizeof result_bytes);
    lw_arena scratch = lw_arena_over(scratch_bytes, sizeof scratch_bytes);
    assert_int_equal(lw_protocol_compile(text, &full, &scratch, &out, NULL), 0);
    size_t result_peak = full.peak;
    size_t scratch_peak = scratch.peak;
    for (size_t step = 0; step <= 64; step++) {
        lw_arena small = lw_arena_over(result_bytes, step < 64 ? result_peak * step / 64 : result_peak - 1);
        scratch = lw_arena_over(scratch_bytes, sizeof scratch_bytes);
        out = marker;
        assert_int_equal(lw_protocol_compile(text, &small, &scratch, &out, NULL), LW_ERR_NO_MEMORY);
        assert_ptr_equal(out, marker);
        assert_int_equal(small.used, 0);
        lw_arena result = lw_arena_over(result_bytes, sizeof result_bytes);
        lw_arena tight = lw_arena_over(scratch_bytes, step < 64 ? scratch_peak * step / 64 : scratch_peak - 1);
        assert_int_equal(lw_protocol_compile(text, &result, &tight, &out, NULL), LW_ERR_NO_MEMORY);
        assert_ptr_equal(out, marker);
        assert_int_equal(result.used, 0);
        assert_int_equal(tight.used, 0);
    }
}

static void the_programme_itself(void **state) {
    (void)state;
    FILE *file = fopen(LW_SOURCE_DIR "/protocols/pht/pht.protocol", "rb");
    assert_non_null(file);
    static char text[LW_MAX_PROTOCOL];
    size_t length = fread(text, 1, sizeof text, file);
    fclose(file);
    sample_result r = sample_compile((lw_str){text, (uint32_t)length});
    for (uint32_t i = 0; i < r.diags.count && i < 10; i++) {
        print_error("pht.protocol:%u:%u: %s (%s)\n", r.diags.items[i].line, r.diags.items[i].column,
                    r.diags.items[i].message, r.diags.items[i].hint);
    }
    assert_int_equal(r.err, 0);
    assert_str(lw_protocol_id(r.protocol), "pht");
    r.diags.count = 0;
    uint32_t found = lw_protocol_lint(r.protocol, &r.diags);
    for (uint32_t i = 0; i < found && i < 10; i++) {
        print_error("pht.protocol:%u: %s (%s)\n", r.diags.items[i].line, r.diags.items[i].message,
                    r.diags.items[i].hint);
    }
    assert_int_equal(found, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_head),
        cmocka_unit_test(rungs_inherit_from_the_rung_below),
        cmocka_unit_test(what_rises_is_worked_out),
        cmocka_unit_test(stages_levels_and_outcomes),
        cmocka_unit_test(conditions_and_groups),
        cmocka_unit_test(actions_and_arguments),
        cmocka_unit_test(conditions_as_people_write_them),
        cmocka_unit_test(layout_does_not_matter),
        cmocka_unit_test(every_truncation_and_every_missing_byte),
        cmocka_unit_test(any_lack_of_memory_is_told),
        cmocka_unit_test(the_programme_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
