/* json_test.c: the strict reader: what is JSON, what is not and why, names in order, escapes. */
#include "test_support.h"

#include "record/json.h"

static int32_t check(const char *text, size_t len) {
    lw_str copy = heap_copy((lw_str){text, (uint32_t)len});
    lw__json j = lw__json_over(copy);
    bool ok = lw__json_check(&j);
    if (!ok) {
        assert_true(j.at >= copy.ptr && j.at <= copy.ptr + copy.len);
        assert_non_null(j.message);
    }
    free((void *)copy.ptr);
    return ok ? 0 : j.err;
}

static void accepts(void **state) {
    (void)state;
    static const char *const good[] = {"{}",
                                       "[]",
                                       "null",
                                       "true",
                                       "false",
                                       "0",
                                       "-0",
                                       "-1.5e+10",
                                       "1E5",
                                       "1e-5",
                                       "12345678901234567890123.000",
                                       "\"\"",
                                       " \t\r\n{ \"a\" : [ 1 , 2 ] , \"b\" : { } } \n",
                                       "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uD83C\\udfc3\"",
                                       "\"plain text, long enough for words of eight\"",
                                       "\"zwölf 十二 🏃\"",
                                       "[[],{},[{}],{\"a\":[]}]",
                                       "{\"a\":1,\"b\":2,\"A\":3,\"\\u0062b\":4}",
                                       "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
                                       "{\"a\":{\"a\":{\"a\":1,\"b\":2}}}",
                                       "\"1234567\x7f\"",
                                       "{\n\"a\":1.5E+3,\n\"b\":true\n,\"c\"\n:\n-1e-5,\"d\":[1,{},\"]\"]}"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (check(good[i], strlen(good[i])) != 0) {
            fail_msg("%s", good[i]);
        }
    }
}

static void refuses(void **state) {
    (void)state;
    static const struct {
        int32_t err;
        const char *text;
    } bad[] = {
        {LW_ERR_SYNTAX, ""},
        {LW_ERR_SYNTAX, " "},
        {LW_ERR_SYNTAX, "{"},
        {LW_ERR_SYNTAX, "["},
        {LW_ERR_SYNTAX, "]"},
        {LW_ERR_SYNTAX, "[1"},
        {LW_ERR_SYNTAX, "[1,"},
        {LW_ERR_SYNTAX, "[1,]"},
        {LW_ERR_SYNTAX, "[,1]"},
        {LW_ERR_SYNTAX, "[1 2]"},
        {LW_ERR_SYNTAX, "[1}"},
        {LW_ERR_SYNTAX, "{\"a\":1]"},
        {LW_ERR_SYNTAX, "{\"a\" 1}"},
        {LW_ERR_SYNTAX, "{\"a\":}"},
        {LW_ERR_SYNTAX, "{\"a\":1,}"},
        {LW_ERR_SYNTAX, "{a:1}"},
        {LW_ERR_SYNTAX, "{1:1}"},
        {LW_ERR_SYNTAX, "{\"a"},
        {LW_ERR_SYNTAX, "{\"a\":1,\"b"},
        {LW_ERR_SYNTAX, "{,}"},
        {LW_ERR_SYNTAX, "nul"},
        {LW_ERR_SYNTAX, "nulL"},
        {LW_ERR_SYNTAX, "trux"},
        {LW_ERR_SYNTAX, "falsy"},
        {LW_ERR_SYNTAX, "NaN"},
        {LW_ERR_SYNTAX, "+1"},
        {LW_ERR_SYNTAX, ".5"},
        {LW_ERR_SYNTAX, "1 1"},
        {LW_ERR_SYNTAX, "{} {}"},
        {LW_ERR_SYNTAX, "'a'"},
        {LW_ERR_SYNTAX, "// c\n1"},
        {LW_ERR_SYNTAX, "\"a"},
        {LW_ERR_SYNTAX, "\"a\n\""},
        {LW_ERR_SYNTAX, "\"1234567890\t\""},
        {LW_ERR_SYNTAX, "\"\\x\""},
        {LW_ERR_SYNTAX, "\"\\"},
        {LW_ERR_SYNTAX, "\"\\u12"},
        {LW_ERR_SYNTAX, "\"\\u12g4\""},
        {LW_ERR_SYNTAX, "\"\\u12:4\""},
        {LW_ERR_SYNTAX, "\"\\u12\x1f\"4\""},
        {LW_ERR_NUMBER, "01"},
        {LW_ERR_NUMBER, "-"},
        {LW_ERR_NUMBER, "-a"},
        {LW_ERR_NUMBER, "1."},
        {LW_ERR_NUMBER, "1.e1"},
        {LW_ERR_NUMBER, "1e"},
        {LW_ERR_NUMBER, "1e+"},
        {LW_ERR_NUMBER, "1e-x"},
        {LW_ERR_NUMBER, "-01"},
        {LW_ERR_UTF8, "\"\\u0000\""},
        {LW_ERR_UTF8, "\"\\ud800\""},
        {LW_ERR_UTF8, "\"\\udc00\""},
        {LW_ERR_UTF8, "\"\\ud83c\\u0041\""},
        {LW_ERR_UTF8, "\"\\ud83c\\uffff\""},
        {LW_ERR_UTF8, "\"\\ud83c\\n1234\""},
        {LW_ERR_UTF8, "\"\\ud83cx1234\""},
        {LW_ERR_UTF8, "\"\\ud83c\\u00\""},
        {LW_ERR_UTF8, "\"\\ud83c\""},
        {LW_ERR_UTF8, "\"\xff\""},
        {LW_ERR_UTF8, "\"\xc3\""},
        {LW_ERR_UTF8, "\"\xed\xa0\x80\""},
        {LW_ERR_UTF8, "\"\xc0\x80\""},
        {LW_ERR_UTF8, "\"12345678\xf5\""},
        {LW_ERR_DUPLICATE_MEMBER, "{\"a\":1,\"a\":2}"},
        {LW_ERR_DUPLICATE_MEMBER, "{\"a\":1,\"b\":2,\"\\u0061\":3}"},
        {LW_ERR_DUPLICATE_MEMBER, "[{\"x\":{\"\\n\":1,\"b\":{},\"\\u000a\":3}}]"},
        {LW_ERR_DUPLICATE_MEMBER, "{\"\\ud83c\\udfc3\":1,\"b\":2,\"🏃\":3}"},
        {LW_ERR_DEPTH, "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"},
        {LW_ERR_DEPTH, "[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int32_t err = check(bad[i].text, strlen(bad[i].text));
        if (err != bad[i].err) {
            fail_msg("%s: %s", bad[i].text, lw_err_name(err));
        }
    }
    assert_int_equal(check("\"a\0b\"", 5), LW_ERR_SYNTAX);
    assert_int_equal(check("1\0", 2), LW_ERR_SYNTAX);
}

/* Cut anywhere, a text is never taken for whole, and nothing past its end is read (heap copies, sanitizers). */
static void refuses_every_prefix(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\\u00e9\\ud83c\\udfc3 zw\xc3\xb6lf\":[1.25e-3,true,false,null,{\"b\":\"\\n\",\"c\":-0}],\"d\":{}}";
    for (size_t len = 0; len < sizeof text - 1; len++) {
        assert_int_not_equal(check(text, len), 0);
    }
    assert_int_equal(check(text, sizeof text - 1), 0);
}

static void reads_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t x100;
        uint32_t decimals;
        bool exponent;
    } numbers[] = {{"0", 0, 0, false},      {"-0", 0, 0, false},       {"2.5", 250, 1, false},
                   {"2.50", 250, 2, false}, {"-7.05", -705, 2, false}, {"1.999", 199, 3, false},
                   {"3e2", 300, 0, true},   {"3.1E+2", 310, 1, true},  {"123456789", INT64_C(12345678900), 0, false}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        lw__json j = lw__json_over(str(numbers[i].text));
        lw__number number;
        assert_true(lw__json_number(&j, &number));
        assert_int_equal(number.x100, numbers[i].x100);
        assert_int_equal(number.decimals, numbers[i].decimals);
        assert_int_equal(number.exponent, numbers[i].exponent);
        assert_int_equal(number.text.len, strlen(numbers[i].text));
    }
    lw__json j = lw__json_over(str("99999999999999999999999999999999"));
    lw__number number;
    assert_true(lw__json_number(&j, &number));
    assert_true(number.x100 > INT64_C(99999999999999999));
}

/* Objects far larger than one chunk: uniqueness and order hold all the same. */
static void large_objects(void **state) {
    (void)state;
    enum { MEMBERS = 2500 };
    static char text[MEMBERS * 16];
    for (int twice = 0; twice < 3; twice++) {
        int len = snprintf(text, sizeof text, "{");
        for (int i = 0; i < MEMBERS; i++) {
            int n = twice == 1 && i == MEMBERS - 1 ? 1100 * 7 % MEMBERS : i * 7 % MEMBERS;
            n = twice == 2 && i == 1033 ? 31 * 7 : n;
            len += snprintf(text + len, sizeof text - (size_t)len, "%s\"m%04d\":%d", i > 0 ? "," : "", n, i);
        }
        len += snprintf(text + len, sizeof text - (size_t)len, "}");
        assert_int_equal(check(text, (size_t)len), twice ? LW_ERR_DUPLICATE_MEMBER : 0);
        if (twice) {
            continue;
        }
        const char *names[32], *last = NULL;
        lw__sorted members = {.names = names, .cap = 32};
        int seen = 0;
        do {
            lw__json_sorted(text, last, &members);
            for (uint32_t i = 0; i < members.count; i++, seen++) {
                char name[16];
                snprintf(name, sizeof name, "\"m%04d\"", seen);
                assert_memory_equal(names[i], name, 7);
            }
            last = members.count > 0 ? names[members.count - 1] : NULL;
            assert_ptr_equal(members.end, text + len);
        } while (members.count == 32);
        assert_int_equal(seen, MEMBERS);
    }
}

static int compare(const char *a, const char *b) {
    char x[32], y[32];
    snprintf(x, sizeof x, "\"%s\":", a);
    snprintf(y, sizeof y, "\"%s\":", b);
    int order = lw__json_compare(x, y);
    return (order > 0) - (order < 0);
}

static void compares_names(void **state) {
    (void)state;
    static const char *const order[] = {"",         "\\n", "\\\"",     "A",       "B", "a",       "ab",
                                        "\\u0061c", "b",   "z\\u00e9", "\\u00e9", "ö", "\\uffee", "\\uD83C\\uDFC3",
                                        "🏃a"};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
            assert_int_equal(compare(order[i], order[k]), (i > k) - (i < k));
        }
    }
    assert_int_equal(compare("\\u0061bc", "abc"), 0);
    assert_int_equal(compare("\\u0061b", "abc"), -1);
    assert_int_equal(compare("a\\/", "a/"), 0);
}

static void takes_escapes_away(void **state) {
    (void)state;
    static const char text[] = "a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83c\\udfc3ö";
    char out[sizeof text];
    uint32_t len = lw__json_unescape((lw__text){text, sizeof text - 1, true}, out);
    assert_int_equal(len, strlen("a\"\\/\b\f\n\r\té€🏃ö"));
    assert_memory_equal(out, "a\"\\/\b\f\n\r\té€🏃ö", len);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts),
        cmocka_unit_test(refuses),
        cmocka_unit_test(refuses_every_prefix),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(large_objects),
        cmocka_unit_test(compares_names),
        cmocka_unit_test(takes_escapes_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
