/* utf8_test.c: every code point, and every way of getting UTF-8 wrong. */
#include "test_support.h"

static void every_code_point(void **state) {
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        uint32_t len = lw__utf8_put(code, bytes);
        bool surrogate = code >= 0xd800 && code <= 0xdfff;
        if (lw__utf8_length(bytes, len) != (surrogate ? 0 : len)) {
            fail_msg("U+%04X", code);
        }
        if (len > 1 && lw__utf8_length(bytes, len - 1) != 0) {
            fail_msg("cut U+%04X", code);
        }
    }
}

/* Against the plain definition: decode, then demand the shortest form and no surrogate. */
static uint32_t plain_length(const uint8_t *b) {
    uint32_t len = b[0] < 0x80             ? 1
                   : (b[0] & 0xe0) == 0xc0 ? 2
                   : (b[0] & 0xf0) == 0xe0 ? 3
                   : (b[0] & 0xf8) == 0xf0 ? 4
                                           : 0;
    uint32_t code = len == 1 ? b[0] : b[0] & (0x7fu >> len);
    for (uint32_t i = 1; i < len; i++) {
        if ((b[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (b[i] & 0x3f);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return len == 0 || code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : len;
}

static void every_three_bytes(void **state) {
    (void)state;
    static const uint8_t lasts[] = {0x00, 0x7f, 0x80, 0xbf, 0xc0};
    for (uint32_t i = 0; i < 1 << 24; i += i % 0x10000 == 0 && (i >> 16) < 0x80 ? 0x10000 : 1) {
        for (uint32_t k = 0; k < ((i >> 16) >= 0xf0 ? sizeof lasts : 1); k++) {
            uint8_t b[4] = {(uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i, lasts[k]};
            if (lw__utf8_length((const char *)b, 4) != plain_length(b)) {
                fail_msg("%02x %02x %02x %02x", b[0], b[1], b[2], b[3]);
            }
        }
    }
}

static void whole_texts(void **state) {
    (void)state;
    assert_true(lw__utf8_valid(str("")));
    assert_true(lw__utf8_valid(str("plain text that is longer than eight bytes")));
    assert_true(lw__utf8_valid(str("zwölf Boxkämpfer, 十二, 🏃 and more")));
    assert_false(lw__utf8_valid(str("12345678\xff")));
    assert_false(lw__utf8_valid(str("1234\xc3")));
    assert_int_equal(lw__utf8_count(str("aö十🏃")), 4);
}

static void writes_numbers_and_text(void **state) {
    (void)state;
    char text[400];
    lw__writer w = lw__writer_over(text, sizeof text);
    static const int32_t x100[] = {0, 1, 10, 100, 250, -5, -50, -300, 1234567, INT32_MIN};
    for (size_t i = 0; i < sizeof x100 / sizeof *x100; i++) {
        lw__put_x100(&w, x100[i]);
        lw__put_char(&w, ' ');
    }
    lw__put_int(&w, INT64_MIN);
    lw__put_char(&w, ' ');
    lw__put_int(&w, INT64_MAX);
    lw__put_char(&w, ' ');
    lw__put_day(&w, 0);
    lw__put_json(&w, str("\"\\/\b\f\n\r\t\x01\x1f\x7fö"));
    lw__put_uuid(&w, (const uint8_t *)"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef");
    lw__put_end(&w);
    assert_false(w.full);
    assert_string_equal(text, "0 0.01 0.1 1 2.5 -0.05 -0.5 -3 12345.67 -21474836.48 -9223372036854775808 "
                              "9223372036854775807 \"1970-01-01\"\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7fö\""
                              "01234567-89ab-cdef-0123-456789abcdef");
}

static void cuts_at_characters(void **state) {
    (void)state;
    for (size_t cap = 1; cap <= 12; cap++) {
        char text[12];
        lw__writer w = lw__writer_over(text, cap);
        lw__put(&w, str("aö十🏃"));
        lw__put_char(&w, 'z');
        lw__put_end(&w);
        assert_int_equal(w.full, cap < 12);
        assert_true(lw__utf8_valid(str(text)));
        assert_memory_equal(text, "aö十🏃z", strlen(text));
        assert_true(cap == 1 || strlen(text) + 4 >= cap);
    }
    char two[2];
    lw__writer w = lw__writer_over(two, 2);
    lw__put_char(&w, (char)0x80); /* no lead byte at all */
    lw__put_char(&w, (char)0x80);
    lw__put_end(&w);
    assert_int_equal(w.len, 1);
}

static const char *name_at(const void *names, uint32_t i) {
    return ((const char *const *)names)[i];
}

static void guesses_names(void **state) {
    (void)state;
    static const char *const names[] = {"pain_morning", "pain_test", "km", "sets"};
    assert_int_equal(lw__nearest(str("pain_mornin"), name_at, names, 4), 0);
    assert_int_equal(lw__nearest(str("pian_test"), name_at, names, 4), 1);
    assert_int_equal(lw__nearest(str("kn"), name_at, names, 4), 2);
    assert_int_equal(lw__nearest(str("set"), name_at, names, 4), 3);
    assert_int_equal(lw__nearest(str("weather"), name_at, names, 4), -1);
    assert_int_equal(
        lw__nearest(str("a name that is far too long to be the name of anything in a record"), name_at, names, 4), -1);
    assert_int_equal(lw__nearest(str(""), name_at, names, 0), -1);
}

static void compares_bytes(void **state) {
    (void)state;
    char a[20] = "0123456789abcdefghi", b[20] = "0123456789abcdefghi";
    for (uint32_t len = 0; len < 20; len++) {
        assert_true(lw__str_eq((lw_str){a, len}, (lw_str){b, len}));
        for (uint32_t i = 0; i < len; i++) {
            b[i] ^= 1;
            assert_false(lw__str_eq((lw_str){a, len}, (lw_str){b, len}));
            b[i] ^= 1;
        }
    }
    assert_false(lw__str_eq((lw_str){a, 1}, (lw_str){a, 2}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point),   cmocka_unit_test(every_three_bytes),
        cmocka_unit_test(whole_texts),        cmocka_unit_test(writes_numbers_and_text),
        cmocka_unit_test(cuts_at_characters), cmocka_unit_test(guesses_names),
        cmocka_unit_test(compares_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
