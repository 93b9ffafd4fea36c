/* arena_test.c: bump allocation: alignment, zero filling, exhaustion, peak. */
#include "test_support.h"

static void takes_until_exhausted(void **state) {
    (void)state;
    uint64_t memory[8];
    memset(memory, 0xff, sizeof memory);
    lw_arena arena = lw_arena_over(memory, sizeof memory);
    uint8_t *one = lw__alloc(&arena, 1, 1);
    assert_ptr_equal(one, memory);
    assert_int_equal(*one, 0);
    uint64_t *two = lw__alloc(&arena, 8, 8);
    assert_ptr_equal(two, memory + 1);
    assert_int_equal(*two, 0);
    assert_int_equal(arena.used, 16);
    assert_null(lw__alloc(&arena, 49, 1));
    assert_int_equal(arena.used, 16);
    uint8_t *raw = lw__take(&arena, 48, 1);
    assert_int_equal(*raw, 0xff);
    assert_null(lw__alloc(&arena, 1, 1));
    assert_int_equal(arena.peak, 64);
    arena.used = 16;
    assert_non_null(LW__NEW(&arena, uint32_t, 3));
    assert_int_equal(arena.used, 28);
    assert_int_equal(arena.peak, 64);
}

static void padding_alone_may_exhaust(void **state) {
    (void)state;
    uint64_t memory[2];
    lw_arena arena = lw_arena_over(memory, 9);
    assert_non_null(lw__alloc(&arena, 9, 1));
    arena.used = 9;
    assert_null(lw__alloc(&arena, 1, 8));
    arena = lw_arena_over(NULL, 0);
    assert_null(lw__alloc(&arena, 1, 1));
}

static void names_errors(void **state) {
    (void)state;
    assert_string_equal(lw_err_name(LW_OK), "LW_OK");
    assert_string_equal(lw_err_name(LW_ERR_RANGE), "LW_ERR_RANGE");
    assert_string_equal(lw_err_name(-12345), "LW_ERR_UNKNOWN");
    assert_string_equal(lw_err_sentence(LW_ERR_MISSING), "A required member is missing.");
    assert_int_equal(lw_err_find(LW_ERR_CONFLICT)->http, 409);
    assert_string_equal(lw_version(), LW_VERSION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_until_exhausted),
        cmocka_unit_test(padding_alone_may_exhaust),
        cmocka_unit_test(names_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
