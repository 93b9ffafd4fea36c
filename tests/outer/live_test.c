/* live_test.c: who hears of which change, and that nobody can hold the others up. */
#include "server/server_internal.h"
#include "test_support.h"

typedef struct ear {
    int slept, woken;
} ear;

static void on_sleep(void *ctx) {
    ((ear *)ctx)->slept++;
}
static void on_wake(void *ctx) {
    ((ear *)ctx)->woken++;
}

static lw_principal staff(const char *account, const char *clinic) {
    lw_principal who = {.roles = LW_ROLE_CLINICIAN};
    strcpy(who.account, account);
    strcpy(who.clinic, clinic);
    return who;
}

static lw__listener *join(lw__live *live, const lw_principal *who, ear *e) {
    lw__listener *out = NULL;
    assert_int_equal(lw__live_join(live, who, on_sleep, on_wake, e, 1000, &out), LW_OK);
    char text[4096];
    assert_true(lw__live_take(out, text, sizeof text) > 0); /* the greeting */
    assert_int_equal(lw__live_take(out, text, sizeof text), 0);
    assert_int_equal(e->slept, 1);
    return out;
}

static const char *take(lw__listener *listener) {
    static char text[4096];
    int64_t len = lw__live_take(listener, text, sizeof text - 1);
    text[len > 0 ? len : 0] = '\0';
    return len < 0 ? "end" : text;
}

static void test_who_hears(void **state) {
    (void)state;
    lw__live *live = lw__live_open();
    lw_principal a = staff("a", "one"), b = staff("b", "two"), p = {.roles = LW_ROLE_PATIENT},
                 nobody = {.roles = LW_ROLE_RESEARCHER};
    strcpy(p.account, "p");
    strcpy(p.clinic, "one");
    strcpy(p.patient, "p-1");
    strcpy(nobody.clinic, "one");
    ear ears[4] = {{0}};
    lw__listener *la = join(live, &a, &ears[0]), *lb = join(live, &b, &ears[1]), *lp = join(live, &p, &ears[2]),
                 *ln = join(live, &nobody, &ears[3]);
    lw__live_push(live, "one", "p-1", 7);
    lw__live_push(live, "one", "p-2", 3);
    assert_string_equal(take(la), "event: change\ndata: {\"patient\":\"p-1\",\"head\":7}\n\nevent: change\ndata: "
                                  "{\"patient\":\"p-2\",\"head\":3}\n\n");
    assert_string_equal(take(lp), "event: change\ndata: {\"patient\":\"p-1\",\"head\":7}\n\n");
    assert_int_equal(ears[0].woken, 1); /* once for each sleep */
    assert_int_equal(ears[1].woken, 0);
    assert_int_equal(ears[3].woken, 0);
    /* Several changes of one patient are one, the last; an unknown end is null. */
    lw__live_push(live, "one", "p-1", 8);
    lw__live_push(live, "one", "p-1", 0);
    lw__live_push(live, "one", "p-\"x", 0);
    assert_string_equal(take(la), "event: change\ndata: {\"patient\":\"p-1\",\"head\":8}\n\nevent: change\ndata: "
                                  "{\"patient\":\"p-\\\"x\",\"head\":null}\n\n");
    assert_int_equal(lw__live_count(live), 4);
    lw__live_leave(la);
    lw__live_leave(lb);
    lw__live_leave(lp);
    lw__live_leave(ln);
    assert_int_equal(lw__live_count(live), 0);
    lw__live_close(live);
}

static void test_slow_and_old(void **state) {
    (void)state;
    lw__live *live = lw__live_open();
    lw_principal a = staff("a", "one");
    ear slow = {0}, old = {0};
    lw__listener *ls = join(live, &a, &slow), *lo = join(live, &a, &old);
    for (int i = 0; i < 100; i++) {
        char patient[16];
        snprintf(patient, sizeof patient, "p-%d", i);
        lw__live_push(live, "one", patient, 1);
        if (i % 10 == 0) {
            assert_string_not_equal(take(lo), "end"); /* this one keeps up */
        }
    }
    assert_string_equal(take(ls), "end");
    assert_string_not_equal(take(lo), "end");
    assert_int_equal(lw__live_take(lo, (char[4096]){0}, 4096), 0);
    lw__live_beat(live, 1001);
    assert_string_equal(take(lo), ": here\n\n");
    lw__live_beat(live, 1000 + LW__LIVE_SECONDS);
    assert_string_equal(take(lo), "end");
    lw__live_leave(ls);
    lw__live_leave(lo);
    lw__live_close(live);
}

static void test_places(void **state) {
    (void)state;
    lw__live *live = lw__live_open();
    lw_principal a = staff("a", "one"), b = staff("b", "one");
    lw__listener *held[LW__LISTENERS_OF_ONE], *more = NULL;
    ear e = {0};
    for (int i = 0; i < LW__LISTENERS_OF_ONE; i++) {
        assert_int_equal(lw__live_join(live, &a, on_sleep, on_wake, &e, 0, &held[i]), LW_OK);
    }
    assert_int_equal(lw__live_join(live, &a, on_sleep, on_wake, &e, 0, &more), LW_ERR_BUSY);
    assert_int_equal(lw__live_join(live, &b, on_sleep, on_wake, &e, 0, &more), LW_OK);
    lw__live_end(live);
    assert_string_equal(take(more), "retry: 3000\n\n");
    assert_string_equal(take(more), "end");
    lw__listener *late = NULL;
    assert_int_equal(lw__live_join(live, &b, on_sleep, on_wake, &e, 0, &late), LW_ERR_BUSY);
    for (int i = 0; i < LW__LISTENERS_OF_ONE; i++) {
        lw__live_leave(held[i]);
    }
    lw__live_leave(more);
    lw__live_close(live);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_hears), cmocka_unit_test(test_slow_and_old),
                                       cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
