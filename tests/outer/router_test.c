/* router_test.c: an address has one reading or none. */
#include "server/server_internal.h"
#include "test_support.h"

static lw_str path, query;
static const lw_route *route;
static char params[LW_MAX_PATH][72], allow[64];

static int32_t find(const char *method, const char *target) {
    route = NULL;
    memset(params, 0, sizeof params);
    int32_t err = lw__target_split(target, &path, &query);
    return err != LW_OK ? err : lw__route_find(method, path, &route, params, allow);
}

static void test_split(void **state) {
    (void)state;
    assert_int_equal(lw__target_split("/a/b?x=1&y=2", &path, &query), LW_OK);
    assert_int_equal(path.len, 4);
    assert_int_equal(query.len, 7);
    assert_int_equal(lw__target_split("/", &path, &query), LW_OK);
    assert_int_equal(lw__target_split("/clinic/", &path, &query), LW_OK);
    assert_int_equal(lw__target_split("/a?b?c", &path, &query), LW_OK);
    assert_int_equal(query.len, 3);
    static const char *const bad[] = {"",      "a",    "*",     "http://x/", "//",        "//a",   "/a//b",
                                      "/.",    "/..",  "/a/.",  "/a/..",     "/./a",      "/../a", "/a/../b",
                                      "/a\\b", "/a b", "/a\tb", "/a\x7f",    "/\xc3\xa4", "/a#b",  "/a\r\nX: y"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(lw__target_split(bad[i], &path, &query), LW_ERR_VALUE);
    }
    /* Dots inside a name are only dots. */
    assert_int_equal(lw__target_split("/..a/b..", &path, &query), LW_OK);
    char longest[LW__TARGET_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[LW__TARGET_MAX + 1] = '\0';
    assert_int_equal(lw__target_split(longest, &path, &query), LW_ERR_LIMIT);
    longest[LW__TARGET_MAX] = '\0';
    assert_int_equal(lw__target_split(longest, &path, &query), LW_OK);
}

static void test_every_route_finds_itself(void **state) {
    (void)state;
    assert_true(lw_route_count > 40);
    for (uint32_t i = 0; i < lw_route_count; i++) {
        char address[160];
        size_t at = 0;
        for (const char *p = lw_routes[i].path; *p != '\0'; p++) {
            if (*p == '{') {
                p = strchr(p, '}');
                address[at++] = 'x';
            } else {
                address[at++] = *p;
            }
        }
        address[at] = '\0';
        assert_int_equal(find(lw_routes[i].method, address), LW_OK);
        assert_ptr_equal(route, &lw_routes[i]);
        assert_int_equal(find("BREW", address), LW_ERR_METHOD);
        assert_non_null(strstr(allow, lw_routes[i].method));
        if (lw_routes[i].shape == LW_READ) {
            assert_int_equal(find("HEAD", address), LW_OK);
        }
        strcpy(address + at, "/");
        assert_int_equal(find(lw_routes[i].method, address), LW_ERR_NOT_FOUND);
    }
}

static void test_parameters(void **state) {
    (void)state;
    assert_int_equal(find("GET", "/api/v1/patients/p%2D001/plan"), LW_OK);
    assert_string_equal(params[0], "p-001");
    assert_int_equal(lw__route_patient(route), 0);
    assert_int_equal(find("GET", "/api/v1/patients/%C3%A4"), LW_OK);
    assert_string_equal(params[0], "ä");
    static const char *const bad[] = {"a%2Fb", "a%5Cb", "%00", "%0a", "%", "%4", "%zz", "%ff", "%c0%af", "%7f"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char address[64];
        snprintf(address, sizeof address, "/api/v1/patients/%s", bad[i]);
        assert_int_equal(find("GET", address), LW_ERR_VALUE);
    }
    char address[128];
    snprintf(address, sizeof address, "/api/v1/patients/%072d", 0);
    assert_int_equal(find("GET", address), LW_ERR_VALUE);
    /* A parameter's name is not one of its values. */
    assert_int_equal(find("GET", "/api/v1/patients/{patient}"), LW_OK);
    assert_string_equal(params[0], "{patient}");
    assert_int_equal(find("GET", "/api/v1/me"), LW_OK);
    assert_int_equal(lw__route_patient(route), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_split), cmocka_unit_test(test_every_route_finds_itself),
                                       cmocka_unit_test(test_parameters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
