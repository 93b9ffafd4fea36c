/* fields_test.c: query and body against a table of fields. */
#include "server/server_internal.h"
#include "test_support.h"

static const char *const words[] = {"en", "es", NULL};
static const lw_field fields[] = {
    {"text", LW_FIELD_TEXT, false, 1, 5, NULL}, {"word", LW_FIELD_TEXT, false, 0, 8, words},
    {"n", LW_FIELD_INT, false, -2, 10, NULL},   {"yes", LW_FIELD_BOOL, false, 0, 0, NULL},
    {"day", LW_FIELD_DATE, false, 0, 0, NULL},  {"any", LW_FIELD_JSON, false, 0, 0, NULL},
    {NULL, LW_FIELD_TEXT, false, 0, 0, NULL}};
static const lw_field needed[] = {{"must", LW_FIELD_TEXT, true, 1, 5, NULL}, {NULL, LW_FIELD_TEXT, false, 0, 0, NULL}};
static const lw_route free_route = {.id = "free", .path = "/", .body = fields, .query = fields};
static const lw_route strict_route = {.id = "strict", .path = "/", .body = needed, .query = needed};
static const lw_route empty_route = {.id = "empty", .path = "/"};
static lw_request rq;

static int32_t body_of(const lw_route *route, const char *text) {
    lw_pool_free(&rq.pool);
    memset(&rq, 0, sizeof rq);
    rq.route = route;
    rq.raw = str(text);
    return lw__fields_body(&rq, "application/json; charset=utf-8");
}

static int32_t body(const char *text) {
    return body_of(&free_route, text);
}

static int32_t query(const char *text) {
    lw_pool_free(&rq.pool);
    memset(&rq, 0, sizeof rq);
    rq.route = &free_route;
    return lw__fields_query(&rq, str(text));
}

static void same(lw_str got, const char *want) {
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr, want, got.len);
}

static void test_values(void **state) {
    (void)state;
    assert_int_equal(body(" {\"text\":\"a\\u00e4\\n\", "
                          "\"word\":\"es\",\"n\":-2,\"yes\":true,\"day\":\"1970-01-03\",\"any\":[1, {}]} "),
                     0);
    same(lw_body(&rq, "text")->text, "a\xc3\xa4\n");
    same(lw_body(&rq, "word")->text, "es");
    assert_int_equal(lw_body(&rq, "n")->number, -2);
    assert_int_equal(lw_body(&rq, "yes")->number, 1);
    assert_int_equal(lw_body(&rq, "day")->number, 2);
    same(lw_body(&rq, "any")->text, "[1, {}]");
    assert_int_equal(body("{}"), 0);
    assert_false(lw_body(&rq, "text")->given);
    assert_int_equal(body("{\"text\":null}"), 0); /* unknown, as if it were not there */
    assert_false(lw_body(&rq, "text")->given);
    assert_int_equal(body("{\"word\":\"\"}"), 0);
    assert_int_equal(body("{\"t\\u0065xt\":\"x\"}"), 0); /* names are names after unescaping */
    assert_true(lw_body(&rq, "text")->given);
    assert_int_equal(body("{\"text\":\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"}"), 0); /* five letters */
}

static void test_refusals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int32_t err;
        const char *member;
    } cases[] = {{"{\"text\":\"\"}", LW_ERR_RANGE, "text"},
                 {"{\"text\":\"123456\"}", LW_ERR_RANGE, "text"},
                 {"{\"text\":1}", LW_ERR_TYPE, "text"},
                 {"{\"word\":\"fr\"}", LW_ERR_VALUE, "word"},
                 {"{\"n\":11}", LW_ERR_RANGE, "n"},
                 {"{\"n\":1.0}", LW_ERR_TYPE, "n"},
                 {"{\"n\":1e0}", LW_ERR_TYPE, "n"},
                 {"{\"n\":\"1\"}", LW_ERR_TYPE, "n"},
                 {"{\"n\":99999999999999999999999999}", LW_ERR_RANGE, "n"},
                 {"{\"yes\":1}", LW_ERR_TYPE, "yes"},
                 {"{\"day\":\"2026-02-29\"}", LW_ERR_DATE, "day"},
                 {"{\"day\":20260228}", LW_ERR_TYPE, "day"},
                 {"{\"other\":1}", LW_ERR_UNKNOWN_MEMBER, "other"},
                 {"{\"n\":1,\"n\":1}", LW_ERR_DUPLICATE_MEMBER, ""},
                 {"{\"n\":1,\"\\u006e\":1}", LW_ERR_DUPLICATE_MEMBER, ""},
                 {"[]", LW_ERR_TYPE, ""},
                 {"{} {}", LW_ERR_SYNTAX, ""},
                 {"{\"n\":1,}", LW_ERR_SYNTAX, ""},
                 {"{\"n\":01}", LW_ERR_NUMBER, ""},
                 {"\xef\xbb\xbf{}", LW_ERR_SYNTAX, ""},
                 {"{\"text\":\"\xff\"}", LW_ERR_UTF8, ""},
                 {"{\"text\":\"\\u0000\"}", LW_ERR_UTF8, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int32_t err = body(cases[i].text);
        if (err != cases[i].err) {
            print_message("%s\n", cases[i].text);
            assert_int_equal(err, cases[i].err);
        }
        assert_string_equal(rq.member, cases[i].member);
        assert_int_equal(rq.err, err);
    }
    assert_int_equal(body("{\n\n \"n\":?}"), LW_ERR_SYNTAX);
    assert_int_equal(rq.line, 3);
}

static void test_required_and_empty(void **state) {
    (void)state;
    assert_int_equal(body_of(&strict_route, ""), LW_ERR_MISSING);
    assert_int_equal(body_of(&strict_route, "{}"), LW_ERR_MISSING);
    assert_int_equal(body_of(&strict_route, "{\"must\":null}"), LW_ERR_MISSING);
    assert_int_equal(body_of(&strict_route, "{\"must\":\"x\"}"), LW_OK);
    assert_int_equal(body_of(&empty_route, ""), LW_OK);
    assert_int_equal(body_of(&empty_route, "{}"), LW_OK);
    assert_int_equal(body_of(&empty_route, "{\"a\":1}"), LW_ERR_UNKNOWN_MEMBER);
    rq.raw = str("{}");
    static const char *const media[] = {"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx",
                                        "multipart/form-data"};
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
        assert_int_equal(lw__fields_body(&rq, media[i]), LW_ERR_MEDIA);
    }
}

static void test_query(void **state) {
    (void)state;
    assert_int_equal(query(""), LW_OK);
    assert_int_equal(query("text=a+%C3%A4&n=-2&yes=false&day=1970-01-02"), LW_OK);
    same(lw_query(&rq, "text")->text, "a \xc3\xa4");
    assert_int_equal(lw_query(&rq, "n")->number, -2);
    assert_true(lw_query(&rq, "yes")->given);
    assert_int_equal(lw_query(&rq, "yes")->number, 0);
    assert_int_equal(lw_query(&rq, "day")->number, 1);
    assert_int_equal(query("n=1&n=1"), LW_ERR_DUPLICATE_MEMBER);
    assert_int_equal(query("other=1"), LW_ERR_UNKNOWN_MEMBER);
    assert_int_equal(query("n"), LW_ERR_TYPE);
    assert_int_equal(query("n=1x"), LW_ERR_TYPE);
    assert_int_equal(query("n=+1"), LW_ERR_TYPE);
    assert_int_equal(query("n=11"), LW_ERR_RANGE);
    assert_int_equal(query("text=%ff"), LW_ERR_UTF8);
    assert_int_equal(query("text=%0"), LW_ERR_UTF8);
    assert_int_equal(query("text=%00"), LW_ERR_UTF8);
    assert_int_equal(query("&"), LW_ERR_UNKNOWN_MEMBER);
    lw_pool_free(&rq.pool);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_required_and_empty), cmocka_unit_test(test_query)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
