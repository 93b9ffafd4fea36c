/* canonical_test.c: one text for one content, by both ways, and the hash over it. */
#include "test_support.h"

#include "record/record_internal.h"

static char out[LW_MAX_LINE + 8], other[LW_MAX_LINE + 8];

/* The canonical form of a line by both ways, compared; NUL-terminated in out. */
static const char *canonical(const char *text, size_t len) {
    lw_str copy = heap_copy((lw_str){text, (uint32_t)len});
    int64_t n = lw_event_canonical(copy, out, sizeof out - 1);
    if (n >= 0) {
        lw__writer w = lw__writer_over(other, sizeof other);
        lw__canonical_any(copy, &w);
        assert_int_equal(w.len, n);
        assert_memory_equal(out, other, w.len);
        assert_true((size_t)n <= len);
        out[n] = 0;
        /* exactly as much room as is needed is enough, one byte less is not */
        assert_int_equal(lw_event_canonical(copy, other, (size_t)n), n);
        assert_int_equal(lw_event_canonical(copy, other, (size_t)n - 1), LW_ERR_NO_MEMORY);
    }
    free((void *)(uintptr_t)copy.ptr);
    return n < 0 ? lw_err_name((int32_t)n) : out;
}

static void known_texts(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"{}", "{}"},
        {" {\t\"b\" : 1 , \"a\" : [ 1.50 , -0 , 1E5 ] }\r\n", "{\"a\":[1.50,-0,1E5],\"b\":1}"},
        {"{\"b\":{\"d\":1,\"c\":[{\"z\":1,\"y\":2},[],{},[{\"x\":1,\"w\":[]}],\"s\"]},\"a\":null,\"aa\":true}",
         "{\"a\":null,\"aa\":true,\"b\":{\"c\":[{\"y\":2,\"z\":1},[],{},[{\"w\":[],\"x\":1}],\"s\"],\"d\":1}}"},
        {"{\"received\":1,\"data\":{\"received\":2}}", "{\"data\":{\"received\":2}}"},
        {"{\"received\":1}", "{}"},
        {"{\"received\": 1}", "{}"},
        {"{\"rec\\u0065ived\":1,\"z\":0}", "{\"z\":0}"},
        {"{\"receivee\":1,\"receive\":2,\"received_\":3}", "{\"receive\":2,\"received_\":3,\"receivee\":1}"},
        {"{\"a\":\"\\u0041\\/\\u00e9\\ud83c\\udfc3\\u001F\\u0008\\u000a\\\"\\\\\\u007f end\"}",
         "{\"a\":\"A/é🏃\\u001f\\b\\n\\\"\\\\\x7f end\"}"},
        {"{\"\\u0062\":1,\"a\":2}", "{\"a\":2,\"b\":1}"},
        {"{\"🏃\":1,\"\\uffee\":2,\"ö\":3,\"z\":4,\"\":5}", "{\"\":5,\"z\":4,\"ö\":3,\"\xef\xbf\xae\":2,\"🏃\":1}"},
        {"{\"abcdefghij\":1,\"abcdefgh\":2,\"abcdefghi\":3,\"abcdefgha\":4,\"abcdefg\":5}",
         "{\"abcdefg\":5,\"abcdefgh\":2,\"abcdefgha\":4,\"abcdefghi\":3,\"abcdefghij\":1}"},
        {"{\"a\":\"a text of more than eight bytes with a \\n in it\"}",
         "{\"a\":\"a text of more than eight bytes with a \\n in it\"}"},
        {"{\"a\":\"x\\\\\"}", "{\"a\":\"x\\\\\"}"},
        {"{\"a\" :1}", "{\"a\":1}"},
        {"{\"a\":1 }", "{\"a\":1}"},
        {"{\"a\":1} ", "{\"a\":1}"},
        {"{ \"a\":1}", "{\"a\":1}"},
        {"{\"a\":\"b\" }", "{\"a\":\"b\"}"},
        {"{\"a\":[ ]}", "{\"a\":[]}"},
        {"{\"a\":[1 ]}", "{\"a\":[1]}"},
        {"{\"a\":1, \"b\":2}", "{\"a\":1,\"b\":2}"},
        {"{\"a\"\t:\r\n1\t,\r\"A\":2}", "{\"A\":2,\"a\":1}"},
        {"{\"a\": 1}", "{\"a\":1}"},
        {"{\"a\":[[1,2],3]}", "{\"a\":[[1,2],3]}"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        assert_string_equal(canonical(pairs[i][0], strlen(pairs[i][0])), pairs[i][1]);
        if (strcmp(pairs[i][1], "{}") != 0) {
            assert_string_equal(canonical(pairs[i][1], strlen(pairs[i][1])), pairs[i][1]);
        }
    }
}

static void refuses(void **state) {
    (void)state;
    assert_string_equal(canonical("[]", 2), "LW_ERR_TYPE");
    assert_string_equal(canonical("{\"a\":1,\"a\":2}", 13), "LW_ERR_DUPLICATE_MEMBER");
    assert_string_equal(canonical("{\"a\":\"\\ud800\"}", 14), "LW_ERR_UTF8");
    assert_string_equal(canonical("{", 1), "LW_ERR_SYNTAX");
    assert_int_equal(lw_event_canonical((lw_str){out, LW_MAX_LINE + 1}, other, sizeof other), LW_ERR_LIMIT);
}

/* A small generator, so that both ways see shapes nobody thought of. */
static uint32_t seed = 1;
static uint32_t roll(uint32_t n) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 10) % n;
}

static void put_random(lw__writer *w, int depth, bool plain) {
    static const char *const names[] = {"a", "b",      "received",   "pain_morning", "pain_test", "pain_worst_24h",
                                        "z", "hold_s", "x_abcdefgh", "x_abcdefghi"};
    uint32_t what = depth == 0 ? 0 : depth > 5 ? 1 : roll(5);
    if (what == 0 || what == 3) {
        uint32_t used = 0;
        bool first = true;
        lw__put_char(w, '{');
        for (uint32_t i = roll(6); i > 0; i--) {
            uint32_t name = roll(10);
            if ((used >> name & 1) != 0) {
                continue;
            }
            used |= 1u << name;
            lw__put_c(w, first ? "" : plain ? "," : " , ");
            first = false;
            lw__put_json(w, str(names[name]));
            lw__put_c(w, plain ? ":" : ": ");
            put_random(w, depth + 1, plain);
        }
        lw__put_char(w, '}');
    } else if (what == 4) {
        lw__put_char(w, '[');
        for (uint32_t i = roll(5); i > 0; i--) {
            put_random(w, depth + 1, plain);
            lw__put_c(w, i > 1 ? "," : "");
        }
        lw__put_char(w, ']');
    } else {
        static const char *const values[] = {
            "1", "-2.50", "true", "null", "\"text\"", "\"a longer text, ünlike\"", "\"{[,:\""};
        lw__put_c(w, !plain && roll(4) == 0 ? "\"\\n\\u0041\"" : values[roll(7)]);
    }
}

static void random_shapes(void **state) {
    (void)state;
    static char line[LW_MAX_LINE];
    for (int i = 0; i < 20000; i++) {
        lw__writer w = lw__writer_over(line, sizeof line);
        put_random(&w, 0, i % 4 != 0);
        const char *first = canonical(line, w.len);
        assert_true(first[0] == '{');
        char again[sizeof line];
        size_t len = strlen(first);
        if (len < 4000 && len > 2) {
            memcpy(again, first, len + 1);
            assert_string_equal(canonical(again, len), again);
        }
    }
}

/* Lines with more members than are held at once. */
static void large_lines(void **state) {
    (void)state;
    static char line[LW_MAX_LINE], expected[LW_MAX_LINE];
    for (int members = 100; members <= 1300; members += 156) {
        lw__writer w = lw__writer_over(line, sizeof line), e = lw__writer_over(expected, sizeof expected);
        for (int i = 0; i < members; i++) {
            char text[32];
            snprintf(text, sizeof text, "%s\"m%04d\":%d", i > 0 ? "," : "{", members - 1 - i, i);
            lw__put_c(&w, text);
            snprintf(text, sizeof text, "%s\"m%04d\":%d", i > 0 ? "," : "{", i, members - 1 - i);
            lw__put_c(&e, text);
        }
        lw__put_char(&w, '}');
        lw__put_c(&e, "}");
        lw__put_end(&e);
        assert_string_equal(canonical(line, w.len), expected);
    }
}

/* The longest line there can be. */
static void longest_line(void **state) {
    (void)state;
    static char line[LW_MAX_LINE];
    memset(line, ' ', sizeof line);
    memcpy(line, "{\"b\":1,\"a\":2}", 13);
    assert_string_equal(canonical(line, sizeof line), "{\"a\":2,\"b\":1}");
}

static void hashes_records(void **state) {
    (void)state;
    static uint64_t a[4096], b[4096];
    lw_arena result = lw_arena_over(a, sizeof a), scratch = lw_arena_over(b, sizeof b);
    lw_record record;
    uint8_t hash[32], expected[32];
    assert_int_equal(lw_record_read(str(""), &result, &scratch, &record, NULL), 0);
    assert_int_equal(lw_record_hash(&record, &scratch, hash), 0);
    lw__sha256_of("", 0, expected);
    assert_memory_equal(hash, expected, 32);

    char line[512], file[2048];
    lw_str text = event_line(line, sizeof line, 1, "checkin", "patient", "{\"pain_test\":1,\"pain_morning\":2}");
    snprintf(file, sizeof file, "%s\n", line);
    event_line(line, sizeof line, 2, "decided", "engine", "{}");
    strcat(file, line);
    assert_int_equal(lw_record_read(str(file), &result, &scratch, &record, NULL), 0);
    assert_int_equal(record.count, 2);
    assert_int_equal(lw_record_hash(&record, &scratch, hash), 0);
    static const char one[] =
        "{\"at\":\"2026-03-01T00:01:00+01:00\",\"by\":\"patient\",\"data\":{\"pain_morning\":2,\"pain_test\":1},"
        "\"id\":\"0195a0c2-7b1e-7000-8000-000000000001\",\"kind\":\"checkin\",\"patient\":\"p-001\",\"v\":1}\n";
    assert_int_equal(text.len, sizeof one - 2);
    lw__sha256_of(one, sizeof one - 1, expected);
    assert_memory_equal(hash, expected, 32);
    size_t used = scratch.used;
    scratch.cap = used + text.len;
    assert_int_equal(lw_record_hash(&record, &scratch, hash), LW_ERR_NO_MEMORY);
    assert_int_equal(scratch.used, used);
    record.newer = 1;
    assert_int_equal(lw_record_hash(&record, &scratch, hash), LW_ERR_NEWER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts), cmocka_unit_test(refuses),      cmocka_unit_test(random_shapes),
        cmocka_unit_test(large_lines), cmocka_unit_test(longest_line), cmocka_unit_test(hashes_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
