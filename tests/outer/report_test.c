/*
 * report_test.c: every report of every example, in both languages and formats; records of one event; a heap that refuses at
 * every call of ours (cairo's and pango's own end the process by their nature and are left alone); and the sheet itself:
 * whatever is put on it, nothing stands below the page's end, and a heading never stands alone at the foot.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity_support.h"
#include "record_support.h"
#include "refusing_heap.h"
#include "report/sheet.h"

typedef struct example {
    const char *name, *day;
    opened of;
} example;

static example examples[] = {{.name = "runner-combined", .day = "2026-04-20"},
                             {.name = "desk-flare", .day = "2026-02-07"},
                             {.name = "red-flag", .day = "2026-03-12"},
                             {.name = "messy", .day = "2026-03-22"},
                             {.name = "simulated-runner", .day = "2027-12-31"}};
enum { EXAMPLES = sizeof examples / sizeof examples[0] };

static void *memory;
static const lw_protocol *protocol;

/* Reads the first `lines` events of the text, 0 for all. */
static void open_example(example *one, int lines) {
    char path[300];
    snprintf(path, sizeof path, LW_SOURCE_DIR "/examples/%s.jsonl", one->name);
    text_open(&one->of, path, 0);
    const char *at = one->of.text;
    for (int i = 0; i < lines; i++) {
        at = strchr(at, '\n') + 1;
        one->of.len = (size_t)(at - one->of.text);
    }
    record_open(&one->of);
}

static int begin(void **state) {
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        open_example(&examples[i], 0);
    }
    protocol = protocol_open(&memory);
    return 0;
}

static int end(void **state) {
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        record_close(&examples[i].of);
    }
    free(memory);
    return 0;
}

static lw_report_request ask(const example *one, lw_report_kind kind, const char *language, lw_report_format format) {
    lw_report_request r = {.kind = kind,
                           .format = format,
                           .language = lw_language_of(language),
                           .protocol = protocol,
                           .record = &one->of.record};
    assert_true(lw_day_parse(lw__str(one->day), &r.day));
    return r;
}

static void draws(const example *one, lw_report_kind kind, const char *language, lw_report_format format) {
    lw_report_request r = ask(one, kind, language, format);
    lw_buf out = {0};
    int32_t err = lw_report_draw(&r, &out, NULL);
    if (kind == LW_REPORT_DISCHARGE) { /* no example has ended; report_pages_test.c draws one that has */
        assert_int_equal(err, LW_ERR_RANGE);
        assert_int_equal(out.len, 0);
    } else {
        if (err != LW_OK) {
            fail_msg("%s %s %s: %d", one->name, lw_report_kind_name(kind), language, err);
        }
        assert_memory_equal(out.ptr, format == LW_REPORT_PDF ? "%PDF-" : "<?xml", 5);
        assert_non_null(strstr(out.ptr + out.len - 16, format == LW_REPORT_PDF ? "%%EOF" : "</svg>"));
    }
    lw_buf_free(&out);
}

static void every_report_of_every_example(void **state) {
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        for (int kind = 0; kind < LW_REPORT_KINDS; kind++) {
            draws(&examples[i], (lw_report_kind)kind, "en", LW_REPORT_PDF);
            draws(&examples[i], (lw_report_kind)kind, "es", LW_REPORT_PDF);
            draws(&examples[i], (lw_report_kind)kind, i % 2 == 0 ? "en" : "es", LW_REPORT_SVG);
        }
    }
}

/* Nothing but who it is; who it is and no warning sign; and so on: each a page that says what is not known. */
static void a_record_that_has_just_begun(void **state) {
    (void)state;
    for (int lines = 1; lines <= 4; lines++) {
        example one = {.name = "runner-combined", .day = "2026-01-05"};
        open_example(&one, lines);
        for (int kind = 0; kind < LW_REPORT_KINDS; kind++) {
            draws(&one, (lw_report_kind)kind, "es", LW_REPORT_PDF);
        }
        record_close(&one.of);
    }
}

static void who_and_whom_may_be_long(void **state) {
    (void)state;
    static char name[4000];
    for (size_t i = 0; i + 1 < sizeof name; i++) {
        name[i] = i % 9 == 8 ? ' ' : 'M';
    }
    lw_report_request r = ask(&examples[0], LW_REPORT_SHOCKWAVE, "en", LW_REPORT_PDF);
    r.to = r.from = r.name = name;
    lw_buf out = {0};
    assert_int_equal(lw_report_draw(&r, &out, NULL), LW_OK);
    lw_buf_free(&out);
}

/* Whatever somebody writes into a name, it stays a name: in the picture's own text, in its title, and on its line. */
static void hostile_names_stay_names(void **state) {
    (void)state;
    static const char *const names[] = {"<script>alert(1)</script> & \"Co\" ]]>",
                                        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d 12",
                                        "\xe2\x80\xae\x65vil\xe2\x80\xac\nTo: somebody else",
                                        "\xf0\x9f\xa6\xb5\xf0\x9f\x8f\xbd",
                                        "\xff\xfe half \xc3",
                                        "",
                                        "\x1b[31m\x07\x7f"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int format = 0; format < 2; format++) {
            lw_report_request r = ask(&examples[0], LW_REPORT_SHOCKWAVE, "en", (lw_report_format)format);
            lw_buf out = {0};
            r.to = r.from = r.name = names[i];
            assert_int_equal(lw_report_draw(&r, &out, NULL), LW_OK);
            if (format == LW_REPORT_SVG) {
                assert_null(strstr(out.ptr, "<script"));
                assert_null(strstr(out.ptr, "\xe2\x80\xae"));
                assert_null(strpbrk(out.ptr, "\x1b\x07\x7f"));
                assert_true(g_utf8_validate(out.ptr, (gssize)out.len, NULL));
                const char *title = strstr(out.ptr, "<title");
                assert_non_null(title);
                assert_true(strchr(title, '\n') > strstr(title, "</title>")); /* in one line */
            }
            lw_buf_free(&out);
        }
    }
}

/* The page says when the record is longer than what is shown; three years are. */
static void a_course_of_years(void **state) {
    (void)state;
    lw_report_request r = ask(&examples[0], LW_REPORT_PROGRESS, "en", LW_REPORT_SVG);
    lw_buf out = {0};
    r.day += 3 * 366 + 10;
    assert_int_equal(lw_report_draw(&r, &out, NULL), LW_OK);
    assert_non_null(strstr(out.ptr, "The record is longer; this is its last 1100 days."));
    lw_buf_free(&out);
    r.day -= 3 * 366 + 10;
    assert_int_equal(lw_report_draw(&r, &out, NULL), LW_OK);
    assert_null(strstr(out.ptr, "The record is longer"));
    lw_buf_free(&out);
}

/* ---- the sheet ---- */

static const lw_sheet_words around = {
    .title = "t", .author = "a", .language = "en", .running = "whose page", .foot = "foot"};

/* What is kept together with its heading begins on the heading's page. */
static void a_heading_is_never_alone(void **state) {
    (void)state;
    static char text[300];
    for (int before = 0; before < 60; before++) {
        for (int len = 20; len < 200; len += 60) {
            lw_sheet sheet;
            lw_buf out = {0};
            memset(text, 'n', sizeof text);
            text[len] = '\0';
            lw_sheet_begin(&sheet, LW_REPORT_PDF, 2, &out, &around, 20000);
            for (int i = 0; i < before; i++) {
                lw_sheet_text(&sheet, LW_FACE_BODY, LW_INK_TEXT, 0, "a line");
            }
            lw_sheet_heading(&sheet, "Heading");
            int pages = sheet.pages;
            lw_sheet_pair(&sheet, "label", text);
            assert_int_equal(sheet.pages, pages);
            assert_int_equal(lw_sheet_end(&sheet), LW_OK);
            lw_buf_free(&out);
        }
    }
}

static void within(const lw_sheet *sheet, const char *what, int len) {
    if (sheet->y > sheet->bottom + 14) { /* the room below something may reach over the end; text may not */
        fail_msg("after %s of %d letters: %f is below %f", what, len, sheet->y, sheet->bottom);
    }
}

static void nothing_stands_below_the_end_of_a_page(void **state) {
    (void)state;
    static char text[6000];
    for (int format = 0; format < 2; format++) {
        lw_sheet sheet;
        lw_buf out = {0};
        lw_sheet_begin(&sheet, (lw_report_format)format, 40, &out, &around, 20000);
        unsigned seed = 7;
        for (int i = 0; i < 400; i++) {
            seed = seed * 1103515245U + 12345U;
            int len = (int)(seed >> 16) % (i % 40 == 0 ? 5900 : 700) + 1;
            for (int c = 0; c < len; c++) {
                text[c] = c % 60 == 59 || (c % 7 == 6 && i % 3 != 0) ? ' ' : 'n';
            }
            text[len] = '\0';
            int pages = sheet.pages;
            switch (i % 4) {
            case 0:
                lw_sheet_text(&sheet, LW_FACE_BODY, LW_INK_TEXT, 0, text);
                within(&sheet, "a text", len);
                break;
            case 1:
                lw_sheet_item(&sheet, text);
                within(&sheet, "an item", len);
                break;
            case 2:
                lw_sheet_pair(&sheet, "label of two lines, long", text);
                within(&sheet, "a pair", len);
                break;
            default:
                lw_sheet_heading(&sheet, "Heading");
                within(&sheet, "a heading", len);
                assert_true(sheet.bottom - sheet.y >= 20); /* there is room for what follows */
                text[len < 300 ? len : 300] = '\0';
                lw_sheet_card(&sheet, LW_INK_WARN, text);
                within(&sheet, "a card", len);
            }
            assert_true(sheet.pages >= pages);
        }
        assert_false(sheet.failed);
        assert_true(sheet.pages > 10);
        assert_int_equal(lw_sheet_end(&sheet), LW_OK);
        lw_buf_free(&out);
    }
}

/* Refused at each call in turn: the error, and nothing leaks (the same test runs where leaks are looked for). */
static void a_heap_that_refuses(void **state) {
    (void)state;
    static const struct {
        lw_report_kind kind;
        lw_report_format format;
    } cases[] = {
        {LW_REPORT_TODAY, LW_REPORT_PDF}, {LW_REPORT_SHOCKWAVE, LW_REPORT_SVG}, {LW_REPORT_PROGRESS, LW_REPORT_PDF}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_report_request r = ask(&examples[2], cases[i].kind, "es", cases[i].format);
        int refused = 0;
        for (long n = 0; n < 4000; n++) {
            lw_buf out = {0};
            heap_refuse(n);
            int32_t err = lw_report_draw(&r, &out, NULL);
            bool enough = !heap_refused();
            lw_buf_free(&out);
            if (enough) { /* nothing was refused any more */
                assert_int_equal(err, LW_OK);
                break;
            }
            assert_int_equal(err, LW_ERR_NO_MEMORY);
            refused++;
        }
        assert_true(refused > 5 && refused < 3999);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_report_of_every_example),
        cmocka_unit_test(a_record_that_has_just_begun),
        cmocka_unit_test(who_and_whom_may_be_long),
        cmocka_unit_test(hostile_names_stay_names),
        cmocka_unit_test(a_course_of_years),
        cmocka_unit_test(a_heading_is_never_alone),
        cmocka_unit_test(nothing_stands_below_the_end_of_a_page),
        cmocka_unit_test(a_heap_that_refuses),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
