/*
 * totp_test.c: six digits against the vectors of RFC 6238 (appendix B, SHA-1, the last six of its eight digits), the slack of
 * one step, and that a step is good once.
 */
#include "identity_support.h"

static const uint8_t SECRET[20] = "12345678901234567890";

static void vectors(void **state) {
    (void)state;
    static const struct {
        int64_t at;
        const char *digits;
    } rows[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char digits[7];
        assert_int_equal(lw_totp_code(SECRET, 20, rows[i].at, digits), LW_OK);
        assert_string_equal(digits, rows[i].digits);
        if (rows[i].at > 60) {
            assert_int_equal(lw__totp_step(SECRET, 20, lw__str(rows[i].digits), rows[i].at, 0), rows[i].at / 30);
        }
    }
}

static void one_step_of_slack(void **state) {
    (void)state;
    const int64_t now = 1234567890, step = now / 30;
    for (int64_t shift = -3; shift <= 3; shift++) {
        char digits[7];
        assert_int_equal(lw_totp_code(SECRET, 20, now + shift * 30, digits), LW_OK);
        int64_t found = lw__totp_step(SECRET, 20, lw__str(digits), now, 0);
        assert_int_equal(found, shift >= -1 && shift <= 1 ? step + shift : 0);
    }
}

static void a_step_is_good_once(void **state) {
    (void)state;
    const int64_t now = 1234567890, step = now / 30;
    char digits[7];
    assert_int_equal(lw_totp_code(SECRET, 20, now, digits), LW_OK);
    assert_int_equal(lw__totp_step(SECRET, 20, lw__str(digits), now, step - 1), step);
    assert_int_equal(lw__totp_step(SECRET, 20, lw__str(digits), now, step), 0);
    assert_int_equal(lw__totp_step(SECRET, 20, lw__str(digits), now, step + 1), 0);
    /* An older one neither, once a newer was used. */
    assert_int_equal(lw_totp_code(SECRET, 20, now - 30, digits), LW_OK);
    assert_int_equal(lw__totp_step(SECRET, 20, lw__str(digits), now, step), 0);
}

static void what_is_no_code(void **state) {
    (void)state;
    static const char *const bad[] = {"", "5924", "05924", "0059240", "00592a", " 05924"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(lw__totp_step(SECRET, 20, lw__str(bad[i]), 1234567890, 0), 0);
    }
    assert_int_equal(lw__totp_step(SECRET, 0, LW_STR("005924"), 1234567890, 0), 0); /* no secret */
    assert_int_equal(lw__totp_step(SECRET, 20, LW_STR("005924"), 0, 0), 0);
}

static void secrets_are_fresh(void **state) {
    (void)state;
    uint8_t one[20], two[20];
    char text[33], other[33];
    lw_totp_make(one, text);
    lw_totp_make(two, other);
    assert_int_equal(strlen(text), 32);
    assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"), 32);
    assert_string_not_equal(text, other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),         cmocka_unit_test(one_step_of_slack), cmocka_unit_test(a_step_is_good_once),
        cmocka_unit_test(what_is_no_code), cmocka_unit_test(secrets_are_fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
