/* prove_api_test.c: the checker's interface: beginning, steps, progress, results and the stories in them. */
#include "loadwave/plan.h"
#include "prove/prove.h"
#include "test_support.h"

enum { MEMORY = LW_PROVE_MEMORY };

typedef struct compiled {
    char *text;
    void *memory;
    const lw_protocol *protocol;
} compiled;

/* The project's protocol; without the rule that begins so, when there is one. */
static compiled compile(const char *without) {
    compiled out = {.text = calloc(1, LW_MAX_PROTOCOL + 1), .memory = malloc(LW_PROTOCOL_RESULT + LW_PROTOCOL_SCRATCH)};
    FILE *file = fopen(LW_SOURCE_DIR "/protocols/pht/pht.protocol", "rb");
    assert_non_null(file);
    assert_non_null(out.text);
    assert_non_null(out.memory);
    assert_true(fread(out.text, 1, LW_MAX_PROTOCOL, file) > 0);
    fclose(file);
    if (without != NULL) {
        char *rule = strstr(out.text, without);
        assert_non_null(rule);
        char *next = strstr(rule, "\nrule ");
        assert_non_null(next);
        memmove(rule, next + 1, strlen(next + 1) + 1);
    }
    lw_arena result = lw_arena_over(out.memory, LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over((uint8_t *)out.memory + LW_PROTOCOL_RESULT, LW_PROTOCOL_SCRATCH);
    assert_int_equal(lw_protocol_compile(str(out.text), &result, &scratch, &out.protocol, NULL), 0);
    return out;
}

static void drop(compiled *one) {
    free(one->text);
    free(one->memory);
}

#define NIGHT "rule L09 \"Night pain: back"

static void properties_are_named(void **state) {
    (void)state;
    assert_string_equal(lw_property_id(LW_PROPERTY_STEP), "P1a");
    assert_string_equal(lw_property_name(LW_PROPERTY_STEP), "step-monotone");
    for (int i = 0; i < LW_PROPERTY_COUNT; i++) {
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(lw_property_id((lw_property)i), lw_property_id((lw_property)k));
            assert_string_not_equal(lw_property_name((lw_property)i), lw_property_name((lw_property)k));
        }
    }
}

static void too_small_an_arena_does_not_begin(void **state) {
    (void)state;
    compiled one = compile(NULL);
    uint8_t few[64];
    lw_arena arena = lw_arena_over(few, sizeof few);
    lw_prover *prover = NULL;
    assert_int_equal(lw_prove_begin(one.protocol, &arena, &prover), LW_ERR_NO_MEMORY);
    assert_null(prover);
    drop(&one);
}

/* Walks until the property is broken; returns how many calls that took. */
static int until_broken(lw_prover *prover, lw_property property, uint32_t steps) {
    int calls = 0;
    while (lw_prove_result_of(prover, property)->verdict == LW_PROVE_OPEN) {
        assert_int_equal(lw_prove_step(prover, steps), 1);
        calls++;
    }
    return calls;
}

static void a_beginning_knows_nothing(void **state) {
    (void)state;
    compiled one = compile(NULL);
    void *memory = malloc(MEMORY);
    lw_arena arena = lw_arena_over(memory, MEMORY);
    lw_prover *prover = NULL;
    assert_int_equal(lw_prove_begin(one.protocol, &arena, &prover), 0);
    for (int i = 0; i < LW_PROPERTY_COUNT; i++) {
        const lw_prove_result *result = lw_prove_result_of(prover, (lw_property)i);
        assert_int_equal(result->verdict, LW_PROVE_OPEN);
        assert_null(result->what);
        assert_int_equal(result->story.len, 0);
    }
    lw_prove_progress before = lw_prove_progress_of(prover);
    assert_true(before.walks > 0 && before.walk_index == 0 && before.transitions == 0);
    assert_int_equal(lw_prove_step(prover, 1000), 1);
    lw_prove_progress after = lw_prove_progress_of(prover);
    assert_true(after.transitions > 0 && after.transitions < 1000000);
    assert_true(after.memory >= before.memory && after.memory <= MEMORY);
    free(memory);
    drop(&one);
}

/* Small steps and large ones find the same, also when two walk in turn; and the story is a record that shows it. */
static void a_story_replays(void **state) {
    (void)state;
    compiled broken = compile(NIGHT), whole = compile(NULL);
    void *memory = malloc(2 * (size_t)MEMORY);
    assert_non_null(memory);
    lw_arena one = lw_arena_over(memory, MEMORY), other = lw_arena_over((uint8_t *)memory + MEMORY, MEMORY);
    lw_prover *small = NULL, *large = NULL;
    assert_int_equal(lw_prove_begin(broken.protocol, &one, &small), 0);
    assert_int_equal(lw_prove_begin(broken.protocol, &other, &large), 0);
    int few = until_broken(large, LW_PROPERTY_FLARE, 1 << 16);
    int many = until_broken(small, LW_PROPERTY_FLARE, 100);
    assert_true(many >= few);
    const lw_prove_result *a = lw_prove_result_of(small, LW_PROPERTY_FLARE);
    const lw_prove_result *b = lw_prove_result_of(large, LW_PROPERTY_FLARE);
    assert_int_equal(a->verdict, LW_PROVE_BROKEN);
    assert_string_equal(a->what, b->what);
    assert_true(a->from <= a->day && a->day == b->day && a->from == b->from);
    assert_true(a->story.len > 0 && a->story.len <= LW_PROVE_STORY && a->story.len == b->story.len);
    assert_memory_equal(a->story.ptr, b->story.ptr, a->story.len);

    size_t result_size = 0, scratch_size = 0;
    lw_record_size_hint(a->story.len, &result_size, &scratch_size);
    uint8_t *bytes = malloc(result_size + scratch_size);
    assert_non_null(bytes);
    lw_arena result = lw_arena_over(bytes, result_size), scratch = lw_arena_over(bytes + result_size, scratch_size);
    lw_record record;
    assert_int_equal(lw_record_read(a->story, &result, &scratch, &record, NULL), 0);
    assert_int_equal(record.newer, 0);
    assert_int_equal(record.repeats, 0);
    uint8_t *plan = malloc(LW_PLAN_RESULT), *room_of_plan = malloc(LW_PLAN_SCRATCH);
    for (int sound = 0; sound < 2; sound++) {
        lw_work work = {.result = lw_arena_over(plan, LW_PLAN_RESULT),
                        .scratch = lw_arena_over(room_of_plan, LW_PLAN_SCRATCH)};
        const lw_protocol *protocol = sound ? whole.protocol : broken.protocol;
        assert_int_equal(lw_plan(protocol, &record, a->day, 0, &work, NULL), 0);
        char *json = calloc(1, (size_t)work.json.len + 1);
        memcpy(json, work.json.ptr, work.json.len);
        assert_non_null(strstr(json, sound ? "\"flare\":\"major\"" : "\"flare\":\"none\""));
        free(json);
    }
    free(plan);
    free(room_of_plan);
    free(bytes);
    free(memory);
    drop(&broken);
    drop(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties_are_named),
        cmocka_unit_test(too_small_an_arena_does_not_begin),
        cmocka_unit_test(a_beginning_knows_nothing),
        cmocka_unit_test(a_story_replays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
