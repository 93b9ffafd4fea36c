/*
 * cookie_test.c: over https the session's cookie has the prefix that binds it to this very host, and one without it, which a
 * neighbour under the same domain could plant, opens nothing.
 */
#include "identity_support.h"

static bool opens(world *w, const char *cookie) {
    lw_principal who;
    assert_int_equal(lw_session_find(w->identity, lw__str(cookie), w->now_s, &who), LW_OK);
    return who.roles != 0;
}

static void bound_to_the_host_over_https(void **state) {
    (void)state;
    world w;
    char cookie[64], bare[64];
    world_begin(&w, false);
    lw_identity_close(w.identity);
    const lw_identity_options options = {.store = w.store, .origin = "https://clinic.example"};
    assert_int_equal(lw_identity_open(&options, &w.identity), LW_OK);
    const answer *a = post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD);
    assert_err(a, LW_OK);
    assert_int_equal(strncmp(a->set_cookie, "__Host-lw_session=", 18), 0);
    assert_non_null(strstr(a->set_cookie, "; Path=/; HttpOnly; SameSite=Strict; "));
    assert_non_null(strstr(a->set_cookie, "; Secure"));
    assert_null(strstr(a->set_cookie, "Domain"));
    memcpy(cookie, a->cookie, sizeof cookie);
    snprintf(bare, sizeof bare, "%s", cookie + strlen("__Host-"));
    assert_true(opens(&w, cookie));
    assert_false(opens(&w, bare));
    world_end(&w);
}

static void the_trail_says_with_what(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    assert_string_equal(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD)->audit,
                        "factors=password");
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_to_the_host_over_https),
        cmocka_unit_test(the_trail_says_with_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
