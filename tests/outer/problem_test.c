/* problem_test.c: every error becomes a sound problem, with nothing in it that belongs to another error. */
#include "record/json.h"
#include "server/server_internal.h"
#include "test_support.h"

static const char *text_of(lw_request *rq) {
    return rq->reply.body.ptr;
}

static void test_every_error(void **state) {
    (void)state;
    for (int i = 1; i < LW_ERRORS; i++) {
        lw_request rq = {0};
        lw__problem_reply(&rq, lw_err_table[i].value);
        assert_int_equal(rq.reply.status, lw_err_table[i].http);
        assert_string_equal(rq.reply.type, "application/problem+json");
        assert_non_null(strstr(text_of(&rq), lw_err_table[i].symbol));
        lw__json j = lw__json_over(lw_buf_view(&rq.reply.body));
        assert_true(lw__json_check(&j));
        lw_buf_free(&rq.reply.body);
    }
}

static void test_where_and_what(void **state) {
    (void)state;
    lw_request rq = {.line = 7, .retry_s = 12};
    strcpy(rq.hint, "say it \"so\"");
    lw_buf_str(&rq.reply.body, "{\"half\":");
    strcpy(rq.reply.cookie, "secret");
    lw_reply_header(&rq, "X-Old", "1");
    assert_int_equal(lw_problem(&rq, LW_ERR_RANGE, "data.pain", "must be %d to %d", 0, 10), LW_ERR_RANGE);
    lw__problem_reply(&rq, LW_ERR_RANGE);
    assert_string_equal(
        text_of(&rq),
        "{\"type\":\"urn:loadwave:problem:LW_ERR_RANGE\",\"title\":\"A number or a length is outside its range.\","
        "\"status\":422,\"code\":\"LW_ERR_RANGE\",\"detail\":\"must be 0 to 10\",\"member\":\"data.pain\","
        "\"hint\":\"say it \\\"so\\\"\",\"line\":7,\"retryable\":false}\n");
    assert_string_equal(rq.reply.cookie, "");
    assert_int_equal(rq.reply.header_count, 1);
    assert_string_equal(rq.reply.headers[0][0], "Retry-After");
    assert_string_equal(rq.reply.headers[0][1], "12");
    /* The note belongs to the range, not to what came after it. */
    lw__problem_reply(&rq, LW_ERR_IO);
    assert_null(strstr(text_of(&rq), "pain"));
    lw_buf_free(&rq.reply.body);
}

static void test_long_detail_is_cut_between_letters(void **state) {
    (void)state;
    lw_request rq = {0};
    char text[400] = "x";
    for (int i = 0; i < 150; i++) {
        strcat(text, "\xc3\xa4");
    }
    lw_problem(&rq, LW_ERR_VALUE, NULL, "%s", text);
    assert_true(strlen(rq.detail) < sizeof rq.detail);
    lw__problem_reply(&rq, LW_ERR_VALUE);
    lw__json j = lw__json_over(lw_buf_view(&rq.reply.body));
    assert_true(lw__json_check(&j));
    assert_null(strstr(text_of(&rq), "\xef\xbf\xbd"));
    lw_buf_free(&rq.reply.body);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_error), cmocka_unit_test(test_where_and_what),
                                       cmocka_unit_test(test_long_detail_is_cut_between_letters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
