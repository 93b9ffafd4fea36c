/* telemetry_test.c: numbers add up; limits fill and empty. */
#include "server/server_internal.h"
#include "test_support.h"

static void test_numbers(void **state) {
    (void)state;
    lw__telemetry *t = lw__telemetry_open();
    lw__telemetry_count(t, 0, 200, 100);
    lw__telemetry_count(t, 0, 200, 3000);
    lw__telemetry_count(t, 1, 418, 20000000);
    lw__telemetry_count(t, -1, 304, 250);
    lw_buf out = {0};
    lw__gauges gauges = {.listeners = 5, .cache_hits = 9, .store = {.jobs = 3}};
    lw__telemetry_write(t, &gauges, &out);
    char want[120];
    snprintf(want, sizeof want, "loadwave_requests_total{route=\"%s\",status=\"200\"} 2\n", lw_routes[0].id);
    assert_non_null(strstr(out.ptr, want));
    snprintf(want, sizeof want, "loadwave_requests_total{route=\"%s\",status=\"0\"} 1\n", lw_routes[1].id);
    assert_non_null(strstr(out.ptr, want)); /* a status nobody knows */
    assert_non_null(strstr(out.ptr, "loadwave_requests_total{route=\"page\",status=\"304\"} 1\n"));
    assert_non_null(strstr(out.ptr, "_bucket{le=\"0.000250\"} 2\n"));
    assert_non_null(strstr(out.ptr, "_bucket{le=\"0.005000\"} 3\n"));
    assert_non_null(strstr(out.ptr, "_bucket{le=\"+Inf\"} 4\n"));
    assert_non_null(strstr(out.ptr, "loadwave_request_seconds_sum 20.003350\n"));
    assert_non_null(strstr(out.ptr, "loadwave_listeners 5\n"));
    assert_non_null(strstr(out.ptr, "loadwave_store_jobs_total 3\n"));
    lw_buf_free(&out);
    lw__telemetry_close(t);
}

static void test_limits(void **state) {
    (void)state;
    lw__limits *limits = lw__limits_open();
    for (int i = 0; i < 10; i++) {
        assert_int_equal(lw__limit_take(limits, "a", "sign_in", 10, 1000), 0);
    }
    assert_int_equal(lw__limit_take(limits, "a", "sign_in", 10, 1000), 7); /* six seconds and the rest of one */
    assert_int_equal(lw__limit_take(limits, "b", "sign_in", 10, 1000), 0); /* others are not concerned */
    assert_int_equal(lw__limit_take(limits, "a", "plan", 10, 1000), 0);
    assert_int_equal(lw__limit_take(limits, "a", "sign_in", 10, 7000), 0); /* one comes back every six seconds */
    assert_true(lw__limit_take(limits, "a", "sign_in", 10, 7000) > 0);
    assert_true(lw__limit_take(limits, "a", "sign_in", 10, 500) > 0); /* a clock that runs back gives nothing away */
    for (int i = 0; i < 10; i++) {
        assert_int_equal(lw__limit_take(limits, "a", "sign_in", 10, 10000000), 0);
    }
    assert_true(lw__limit_take(limits, "a", "sign_in", 10, 10000000) > 0); /* and never more than a minute's worth */
    assert_int_equal(lw__limit_take(NULL, "a", "sign_in", 10, 0), 0);
    /* A flood of names stays within the table; somebody new still gets in. */
    for (int i = 0; i < 100000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(lw__limit_take(limits, name, "x", 1, 20000000), 0);
    }
    lw__limits_close(limits);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
