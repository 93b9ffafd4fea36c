/*
 * report_pages_test.c: the pages themselves. Text can be selected and searched, the PDF is tagged and dated by the plan's day
 * and nothing else, the same inputs give the same bytes, and each page looks as its golden image in tests/report/golden.
 *
 * Tolerance of an image: drawn at 40 dots an inch in grey, at most one dot in a hundred may differ by more than a quarter of
 * the way from black to white; another version of the font or of the rasteriser moves edges, and that is all it may move.
 * LW_GOLDEN=write makes them anew; then look at each.
 */
#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity_support.h"
#include "report/report.h"

enum { DOTS = 40, APART = 64, PER_HUNDRED = 1 };

typedef struct fixture {
    lw_protocol *protocol;
    lw_record record, flagged; /* flagged: with a warning sign that is open */
} fixture;

static fixture fx;

/* What the record and the protocol live in, until the end. */
static void *memory[12];
static unsigned memories;

static void *kept(size_t size) {
    memory[memories] = malloc(size);
    return memory[memories++];
}

static int32_t read_record(lw_str bytes, lw_record *record) {
    size_t result_size, scratch_size;
    lw_record_size_hint(bytes.len, &result_size, &scratch_size);
    lw_arena result = lw_arena_over(kept(result_size), result_size),
             scratch = lw_arena_over(kept(scratch_size), scratch_size);
    lw_diag diag = {0};
    int32_t err = lw_record_read(bytes, &result, &scratch, record, &diag);
    if (err != LW_OK) {
        print_error("%u %s %s\n", diag.line, diag.member, diag.message);
    }
    return err;
}

static int begin(void **state) {
    (void)state;
    static char *text;
    char *log = read_whole(LW_SOURCE_DIR "/examples/runner-combined.jsonl");
    static const char ended[] = "{\"v\":1,\"id\":\"0195ffff-7b1e-7000-8000-00000000000e\",\"patient\":\"runner-"
                                "combined\",\"kind\":\"discharged\","
                                "\"at\":\"2026-04-26T10:00:00+01:00\",\"by\":\"clinician:kim\",\"data\":{\"reason\":"
                                "\"runs an hour without pain\"}}\n";
    size_t len = strlen(log);
    text = kept(len + sizeof ended);
    memcpy(text, log, len);
    memcpy(text + len, ended, sizeof ended);
    free(log);
    char *flag = memory[memories++] = read_whole(LW_SOURCE_DIR "/examples/red-flag.jsonl");
    if (read_record((lw_str){text, (uint32_t)(len + sizeof ended - 1)}, &fx.record) != LW_OK ||
        read_record(lw__str(flag), &fx.flagged) != LW_OK) {
        return -1;
    }
    size_t size = 16U << 20;
    lw_arena result = lw_arena_over(kept(size), size), scratch = lw_arena_over(kept(size), size);
    const lw_protocol *protocol = NULL;
    int32_t err = lw_protocol_compile(lw__str(pht()), &result, &scratch, &protocol, NULL);
    fx.protocol = (lw_protocol *)protocol;
    return err == LW_OK ? 0 : -1;
}

static int end(void **state) {
    (void)state;
    while (memories > 0) {
        free(memory[--memories]);
    }
    return 0;
}

static lw_report_request ask(lw_report_kind kind, const char *language, const char *day) {
    lw_report_request r = {
        .kind = kind, .language = lw_language_of(language), .protocol = fx.protocol, .record = &fx.record};
    assert_true(lw_day_parse(lw__str(day), &r.day));
    r.name = "Ana Łódź";
    r.to = "Dr. Öz, Łódź";
    return r;
}

static void write_whole(const char *path, const lw_buf *bytes) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes->ptr, 1, bytes->len, file), bytes->len);
    fclose(file);
}

static const struct page {
    lw_report_kind kind;
    const char *language, *day;
    int pages;
    const char *says[4];
    bool flagged; /* of the record with a warning sign */
} pages[] = {
    {LW_REPORT_TODAY,
     "en",
     "2026-01-10",
     1,
     {"Plan for Saturday 10 January 2026", "Bridge hold", "2026", "Ana Łódź"},
     false},
    {LW_REPORT_TODAY,
     "es",
     "2026-01-10",
     1,
     {"Plan para el sábado, 10 de enero de 2026", "isométrico", "Correr", "hueso de sentarse"},
     false},
    {LW_REPORT_PROGRESS,
     "en",
     "2026-03-10",
     1,
     {"VISA-H", "22", "2 flares: 7 February 2026 to 11 February 2026 (major)", "24 February 2026"},
     false},
    {LW_REPORT_PROGRESS,
     "es",
     "2026-03-10",
     2,
     {"del 7 de febrero de 2026 al 11 de febrero de 2026 (grande)", "Brote", "5,5 de 10", "ondas de choque"},
     false},
    {LW_REPORT_SHOCKWAVE,
     "en",
     "2026-03-10",
     3,
     {"Dr. Öz, Łódź", "no meaningful difference", "no local anaesthetic",
      "Letter about shockwave therapy · Ana Łódź · 10 March 2026"},
     false},
    {LW_REPORT_SHOCKWAVE,
     "es",
     "2026-03-10",
     3,
     {"Dr. Öz, Łódź", "ninguna diferencia relevante", "Señales de alarma", "mJ/mm"},
     false},
    {LW_REPORT_DISCHARGE, "en", "2026-04-26", 2, {"runs an hour without pain", "VISA-H", "Ana Łódź", "2026"}, false},
    {LW_REPORT_DISCHARGE, "es", "2026-04-26", 2, {"runs an hour without pain", "VISA-H", "Ana Łódź", "2026"}, false},
    {LW_REPORT_TODAY, "en", "2026-03-12", 1, {"RED FLAG", "STOP", "Why", "12 March 2026"}, true},
};

/* The whole output of a command. */
static void output_of(const char *command, char *out, size_t cap) {
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(out, 1, cap - 1, pipe);
    out[len] = '\0';
    assert_int_equal(pclose(pipe), 0);
}

/* As pdftotext says it, with one blank where there were more or a line ended. */
static void one_line(char *text) {
    char *to = text;
    for (const char *c = text; *c != '\0'; c++) {
        char now = *c == '\n' || *c == '\f' ? ' ' : *c;
        if (now != ' ' || (to > text && to[-1] != ' ')) {
            *to++ = now;
        }
    }
    *to = '\0';
}

static double differing(const char *one, const char *other) {
    cairo_surface_t *a = cairo_image_surface_create_from_png(one), *b = cairo_image_surface_create_from_png(other);
    if (cairo_surface_status(a) != CAIRO_STATUS_SUCCESS || cairo_surface_status(b) != CAIRO_STATUS_SUCCESS) {
        fail_msg("%s or %s is no image", one, other);
    }
    int width = cairo_image_surface_get_width(a), height = cairo_image_surface_get_height(a);
    assert_int_equal(width, cairo_image_surface_get_width(b));
    assert_int_equal(height, cairo_image_surface_get_height(b));
    long apart = 0;
    for (int y = 0; y < height; y++) {
        const unsigned char *p = cairo_image_surface_get_data(a) + y * cairo_image_surface_get_stride(a);
        const unsigned char *q = cairo_image_surface_get_data(b) + y * cairo_image_surface_get_stride(b);
        for (int x = 0; x < width; x++) {
            apart += abs(p[4 * x] - q[4 * x]) > APART ? 1 : 0;
        }
    }
    cairo_surface_destroy(a);
    cairo_surface_destroy(b);
    return 100.0 * (double)apart / ((double)width * height);
}

static void pages_say_and_look_as_they_should(void **state) {
    (void)state;
    static char text[200000], command[3000];
    const char *scratch = getenv("LW_SCRATCH"), *golden = getenv("LW_GOLDEN");
    assert_non_null(scratch);
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        const struct page *page = &pages[i];
        char base[600];
        lw_report_request r = ask(page->kind, page->language, page->day);
        lw_buf first = {0}, again = {0};
        const char *mark = page->flagged ? "-flag" : "";
        r.record = page->flagged ? &fx.flagged : r.record;
        assert_int_equal(lw_report_draw(&r, &first, NULL), LW_OK);
        assert_int_equal(lw_report_draw(&r, &again, NULL), LW_OK);
        assert_int_equal(first.len, again.len);
        assert_memory_equal(first.ptr, again.ptr, first.len);
        snprintf(base, sizeof base, "%s/%s%s-%s", scratch, lw_report_kind_name(page->kind), mark, page->language);
        char path[700];
        snprintf(path, sizeof path, "%s.pdf", base);
        write_whole(path, &first);
        snprintf(command, sizeof command, "pdftotext -enc UTF-8 -layout %s.pdf -", base);
        output_of(command, text, sizeof text);
        one_line(text);
        for (int s = 0; s < 4; s++) {
            if (strstr(text, page->says[s]) == NULL) {
                fail_msg("%s does not say \"%s\": %s", path, page->says[s], text);
            }
        }
        assert_null(strstr(text, "report."));
        assert_null(strstr(text, "{"));
        /* the file names its language, in an addition that readers take without complaint */
        char wanted[40];
        snprintf(wanted, sizeof wanted, "/Lang (%s)", page->language);
        assert_non_null(strstr(first.ptr + first.len - 800, wanted));
        snprintf(command, sizeof command, "pdfinfo -struct %s.pdf 2>&1 >/dev/null", base);
        output_of(command, text, sizeof text);
        assert_string_equal(text, "");
        snprintf(command, sizeof command, "pdfinfo %s.pdf", base);
        output_of(command, text, sizeof text);
        assert_non_null(strstr(text, "Tagged:          yes"));
        snprintf(wanted, sizeof wanted, "Pages:           %d\n", page->pages);
        if (strstr(text, wanted) == NULL) {
            fail_msg("%s: not %d pages: %s", path, page->pages, text);
        }
        assert_non_null(strstr(text, "Ana Łódź"));
        snprintf(command, sizeof command, "pdftoppm -r %d -gray -png %s.pdf %s", DOTS, base, base);
        output_of(command, text, sizeof text);
        for (int n = 1; n <= page->pages; n++) {
            char drawn[700], wished[700];
            snprintf(drawn, sizeof drawn, "%s-%d.png", base, n);
            snprintf(wished, sizeof wished, LW_SOURCE_DIR "/tests/report/golden/%s%s-%s-%d.png",
                     lw_report_kind_name(page->kind), mark, page->language, n);
            if (golden != NULL && strcmp(golden, "write") == 0) {
                snprintf(command, sizeof command, "cp %s %s", drawn, wished);
                output_of(command, text, sizeof text);
            }
            double apart = differing(drawn, wished);
            if (apart > PER_HUNDRED) {
                fail_msg("%s: %.2f of a hundred dots are not as in %s", drawn, apart, wished);
            }
        }
        lw_buf_free(&first);
        lw_buf_free(&again);
    }
}

static void svg_is_the_same_drawing(void **state) {
    (void)state;
    lw_report_request r = ask(LW_REPORT_SHOCKWAVE, "en", "2026-03-10");
    lw_buf out = {0}, again = {0};
    r.format = LW_REPORT_SVG;
    assert_int_equal(lw_report_draw(&r, &out, NULL), LW_OK);
    assert_int_equal(lw_report_draw(&r, &again, NULL), LW_OK);
    assert_int_equal(out.len, again.len);
    assert_memory_equal(out.ptr, again.ptr, out.len);
    assert_non_null(strstr(out.ptr, "<svg"));
    assert_non_null(strstr(out.ptr, "height=\"2526")); /* three pages, one below the other */
    /* its letters are outlines: title and description say it all again, first of all and once */
    const char *title = strstr(out.ptr, "<title id=\"title\">Letter about shockwave therapy · Ana Łódź"),
               *text = strstr(out.ptr, "<desc id=\"text\">"), *end = strstr(out.ptr, "</desc>");
    assert_non_null(
        strstr(out.ptr, "role=\"img\" xml:lang=\"en\" aria-labelledby=\"title\" aria-describedby=\"text\""));
    assert_true(title != NULL && text > title && end > text && end < strstr(out.ptr, "<path"));
    static const char *const said[] = {"Red flags", "VISA-H", "2 flares: 7 February 2026", "no meaningful difference",
                                       "Date and signature"};
    for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
        const char *at = strstr(text, said[i]);
        assert_true(at != NULL && at < end);
        at = strstr(at + 1, said[i]);
        assert_true(i == 2 || at == NULL || at > end || i == 1);
    }
    lw_buf_free(&out);
    lw_buf_free(&again);
}

static void a_letter_of_the_end_needs_an_end(void **state) {
    (void)state;
    lw_report_request r = ask(LW_REPORT_DISCHARGE, "en", "2026-03-10");
    lw_buf out = {0};
    assert_int_equal(lw_report_draw(&r, &out, NULL), LW_ERR_RANGE);
    assert_int_equal(out.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_say_and_look_as_they_should),
        cmocka_unit_test(svg_is_the_same_drawing),
        cmocka_unit_test(a_letter_of_the_end_needs_an_end),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
