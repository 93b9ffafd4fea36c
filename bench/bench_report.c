/*
 * bench_report.c: how long a page of a report takes, beside the plan it is drawn from, in one run.
 *
 *     build/release/bench_report [RECORD DAY]
 *
 * Prints per kind: pages, milliseconds of processor time a page (median of 15, after one that warms the fonts up), and the ratio to making the
 * same day's plan and to an empty page of the same library.
 */
#include <cairo-pdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report/report.h"

enum { RUNS = 15, MEMORY = 16 << 20 };

extern const unsigned char lw_builtin_protocol[];
extern const size_t lw_builtin_protocol_len;

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static lw_arena arena(size_t size) {
    return lw_arena_over(malloc(size), size);
}

static int pages_of(const lw_buf *pdf) {
    int count = 0;
    for (size_t i = 0; i + 12 < pdf->len; i++) {
        count += memcmp(pdf->ptr + i, "/Type /Page ", 12) == 0 ? 1 : 0;
    }
    return count > 0 ? count : 1;
}

static cairo_status_t take(void *closure, const unsigned char *bytes, unsigned int len) {
    lw_buf_add(closure, bytes, len);
    return CAIRO_STATUS_SUCCESS;
}

/* A page of cairo's with nothing on it. */
static void empty_page(lw_buf *out) {
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(take, out, 595, 842);
    cairo_t *cr = cairo_create(surface);
    cairo_show_page(cr);
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

int main(int argc, char **argv) {
    const char *path = argc > 2 ? argv[1] : "examples/runner-combined.jsonl", *on = argc > 2 ? argv[2] : "2026-03-10";
    FILE *file = fopen(path, "rb");
    static char log[4 << 20];
    size_t len = file != NULL ? fread(log, 1, sizeof log, file) : 0, result_size, scratch_size;
    lw_record record;
    const lw_protocol *protocol = NULL;
    lw_arena result = arena(MEMORY), scratch = arena(MEMORY);
    int32_t day = 0;
    bool good = lw_day_parse((lw_str){on, (uint32_t)strlen(on)}, &day) &&
                lw_protocol_compile((lw_str){(const char *)lw_builtin_protocol, (uint32_t)lw_builtin_protocol_len},
                                    &result, &scratch, &protocol, NULL) == LW_OK;
    lw_record_size_hint(len, &result_size, &scratch_size);
    lw_arena record_result = arena(result_size), record_scratch = arena(scratch_size);
    if (!good || len == 0 ||
        lw_record_read((lw_str){log, (uint32_t)len}, &record_result, &record_scratch, &record, NULL) != LW_OK) {
        fprintf(stderr, "bench_report: %s could not be read\n", path);
        return 1;
    }
    /* the letter at the end needs an end: the same record, discharged on the day */
    static char ended[(4 << 20) + 400];
    memcpy(ended, log, len);
    int more = snprintf(ended + len, sizeof ended - len,
                        "{\"v\":1,\"id\":\"0195ffff-7b1e-7000-8000-00000000000e\",\"patient\":\"%.*s\",\"kind\":"
                        "\"discharged\",\"at\":\"%.10sT12:00:00+00:00\",\"by\":\"clinician:kim\",\"data\":{\"reason\":"
                        "\"runs an hour without pain\"}}\n",
                        (int)record.patient.len, record.patient.ptr, on);
    lw_record with_end;
    lw_record_size_hint(len + (size_t)more, &result_size, &scratch_size);
    lw_arena end_result = arena(result_size), end_scratch = arena(scratch_size);
    if (lw_record_read((lw_str){ended, (uint32_t)(len + (size_t)more)}, &end_result, &end_scratch, &with_end, NULL) !=
        LW_OK) {
        fprintf(stderr, "bench_report: the record could not be ended\n");
        return 1;
    }
    double ms[RUNS], plan_ms;
    for (int i = 0; i < RUNS; i++) {
        lw_work work = {.result = arena(LW_PLAN_RESULT), .scratch = arena(MEMORY)};
        double from = now_ms();
        if (lw_plan(protocol, &record, day, 0, &work, NULL) != LW_OK) {
            return 1;
        }
        ms[i] = now_ms() - from;
        free(work.result.base);
        free(work.scratch.base);
    }
    qsort(ms, RUNS, sizeof ms[0], by_size);
    plan_ms = ms[RUNS / 2];
    printf("plan         %7.2f ms\n", plan_ms);
    for (int i = 0; i < RUNS; i++) {
        lw_buf out = {0};
        double from = now_ms();
        empty_page(&out);
        ms[i] = now_ms() - from;
        lw_buf_free(&out);
    }
    qsort(ms, RUNS, sizeof ms[0], by_size);
    double empty_ms = ms[RUNS / 2];
    printf("empty page   %7.2f ms\n", empty_ms);
    for (int kind = 0; kind < LW_REPORT_KINDS; kind++) {
        lw_report_request r = {.kind = (lw_report_kind)kind,
                               .language = lw_language_of("es"),
                               .protocol = protocol,
                               .record = kind == LW_REPORT_DISCHARGE ? &with_end : &record,
                               .day = day};
        int pages = 1;
        bool drawn = true;
        for (int i = -1; i < RUNS && drawn; i++) {
            lw_buf out = {0};
            double from = now_ms();
            drawn = lw_report_draw(&r, &out, NULL) == LW_OK;
            ms[i < 0 ? 0 : i] = now_ms() - from;
            pages = drawn ? pages_of(&out) : 1;
            lw_buf_free(&out);
        }
        qsort(ms, RUNS, sizeof ms[0], by_size);
        if (drawn) {
            printf("%-12s %7.2f ms a page, %d page%s, %.1f times the plan, %.0f times an empty page\n",
                   lw_report_kind_name((lw_report_kind)kind), ms[RUNS / 2] / pages, pages, pages == 1 ? "" : "s",
                   ms[RUNS / 2] / plan_ms, ms[RUNS / 2] / pages / empty_ms);
        }
    }
    return 0;
}
