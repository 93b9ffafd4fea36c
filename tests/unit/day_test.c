/* day_test.c: every day of the years 1 to 9999, and what is not a date. */
#include "test_support.h"

static void walks_every_day(void **state) {
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t day = lw_day_from_civil(1, 1, 1);
    int32_t weekday = 0; /* 0001-01-01 was a Monday */
    for (int32_t y = 1; y <= 9999; y++) {
        bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
        for (int32_t m = 1; m <= 12; m++) {
            for (int32_t d = 1; d <= lengths[m - 1] + (leap && m == 2); d++, day++) {
                int32_t year, month, dom, parsed;
                char text[10];
                lw_day_to_civil(day, &year, &month, &dom);
                lw_day_write(day, text);
                if (lw_day_from_civil(y, m, d) != day || year != y || month != m || dom != d ||
                    lw_day_weekday(day) != weekday || !lw_day_parse((lw_str){text, 10}, &parsed) || parsed != day) {
                    fail_msg("%d-%d-%d", y, m, d);
                }
                weekday = (weekday + 1) % 7;
            }
        }
    }
    assert_int_equal(lw_day_from_civil(1970, 1, 1), 0);
    assert_int_equal(lw_day_weekday(0), 3);
    assert_int_equal(day, lw_day_from_civil(10000, 1, 1));
}

static void reaches_before_year_one(void **state) {
    (void)state;
    int32_t year, month, dom;
    lw_day_to_civil(lw_day_from_civil(-1, 12, 31), &year, &month, &dom);
    assert_int_equal(year, -1);
    assert_int_equal(month, 12);
    assert_int_equal(dom, 31);
}

static void refuses_what_is_no_date(void **state) {
    (void)state;
    static const char *const bad[] = {"",           "2026-02-29",  "1900-02-29", "2026-04-31", "2026-13-01",
                                      "2026-00-01", "2026-01-00",  "2026-01-32", "0000-01-01", "2026-1-011",
                                      "20260-1-01", "2026/01/01",  "2026-01/01", "2026-01-0a", "2026-a1-01",
                                      "a026-01-01", "2026-01-011", " 026-01-01"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t day = 77;
        assert_false(lw_day_parse(str(bad[i]), &day));
        assert_int_equal(day, 77);
    }
    int32_t day;
    assert_true(lw_day_parse(str("2024-02-29"), &day));
    assert_true(lw_day_parse(str("2000-02-29"), &day));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_every_day),
        cmocka_unit_test(reaches_before_year_one),
        cmocka_unit_test(refuses_what_is_no_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
