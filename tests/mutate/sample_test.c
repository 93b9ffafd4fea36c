/* sample_test.c: notices every mutant of sample.c that can be noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sample.h"

static void clamps(void **state) {
    (void)state;
    assert_int_equal(sample_clamp(-1, 5), 0);
    assert_int_equal(sample_clamp(-7, 5), 0);
    assert_int_equal(sample_clamp(1, 5), 1);
    assert_int_equal(sample_clamp(5, 5), 5);
    assert_int_equal(sample_clamp(9, 5), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(clamps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
