/* assets_test.c: pages from a table: what is kept, for how long, in which form. */
#include "server/server_internal.h"
#include "test_support.h"

#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1
#define NONE        NULL, 0
const lw_asset lw_assets[] = {
    {"/assets/app-1a.js", "text/javascript", "\"a\"", BYTES("raw"), BYTES("gz"), BYTES("b")},
    {"/clinic/index.html", "text/html", "\"c\"", BYTES("clinic"), NONE, NONE},
    {"/index.html", "text/html", "\"i\"", BYTES("page"), BYTES("g"), NONE},
    {"/sw.js", "text/javascript", "\"s\"", BYTES("worker"), NONE, NONE},
};
const size_t lw_asset_count = 4;

static lw__page page;

static int find(const char *path, const char *encodings, const char *if_none_match) {
    lw__page_find((lw_str){path, (uint32_t)strlen(path)}, encodings, if_none_match, &page);
    return page.status;
}

static void test_paths(void **state) {
    (void)state;
    assert_int_equal(find("/", "", ""), 200);
    assert_memory_equal(page.bytes, "page", 4);
    assert_int_equal(find("/index.html", "", ""), 200);
    assert_int_equal(find("/clinic/", "", ""), 200);
    assert_memory_equal(page.bytes, "clinic", 6);
    assert_int_equal(find("/clinic", "", ""), 308);
    assert_string_equal(page.location, "/clinic/");
    static const char *const nothing[] = {"/assets/",         "/assets",      "/x",          "/assets/app-1a.jsx",
                                          "/assets/app-1a.j", "/index.html/", "/INDEX.html", "/%69ndex.html"};
    for (size_t i = 0; i < sizeof nothing / sizeof nothing[0]; i++) {
        assert_int_equal(find(nothing[i], "", ""), 404);
    }
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[0] = '/';
    longest[299] = '\0';
    assert_int_equal(find(longest, "", ""), 404);
}

static void test_keeping(void **state) {
    (void)state;
    find("/assets/app-1a.js", "", "");
    assert_non_null(strstr(page.cache, "immutable"));
    find("/", "", "");
    assert_string_equal(page.cache, "no-cache");
    find("/sw.js", "", "");
    assert_string_equal(page.cache, "no-cache");
    assert_int_equal(find("/", "", "\"i\""), 304);
    assert_int_equal(page.len, 0);
    assert_int_equal(find("/", "", "W/\"x\", \"i\""), 304);
    assert_int_equal(find("/", "", "*"), 304);
    assert_int_equal(find("/", "", "\"x\""), 200);
}

static void test_forms(void **state) {
    (void)state;
    find("/assets/app-1a.js", "gzip, deflate, br", "");
    assert_string_equal(page.encoding, "br");
    assert_int_equal(page.len, 1);
    find("/assets/app-1a.js", "gzip", "");
    assert_string_equal(page.encoding, "gzip");
    find("/assets/app-1a.js", "br;q=0, gzip;q=0.5", "");
    assert_string_equal(page.encoding, "gzip");
    find("/assets/app-1a.js", "br;q=0.000", "");
    assert_null(page.encoding);
    assert_int_equal(page.len, 3);
    find("/index.html", "br", "");
    assert_null(page.encoding);
    find("/sw.js", "br, gzip", "");
    assert_null(page.encoding);
}

static void test_header_words(void **state) {
    (void)state;
    assert_true(lw__header_has("gzip", "gzip"));
    assert_true(lw__header_has("  br ,GZIP;q=1.0", "gzip"));
    assert_false(lw__header_has("gzipx", "gzip"));
    assert_false(lw__header_has("xgzip", "gzip"));
    assert_false(lw__header_has("", "gzip"));
    assert_false(lw__header_has("gzip;q=0", "gzip"));
    assert_true(lw__header_has("gzip;q=0.001", "gzip"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths), cmocka_unit_test(test_keeping),
                                       cmocka_unit_test(test_forms), cmocka_unit_test(test_header_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
