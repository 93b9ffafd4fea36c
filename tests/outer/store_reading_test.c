/*
 * store_reading_test.c: a reading that grew says what reading all of its lines says, whatever the order, and refuses to grow
 * where it could not.
 */
#include "store/reading.h"
#include "store_support.h"

#include "record/record_internal.h"

enum { MOST = 400 };

static lw_str lines[MOST];
static uint32_t line_count;
static char *file_text;
static const lw_protocol *protocol;

static int setup(void **state) {
    (void)state;
    FILE *file = fopen(LW_SOURCE_DIR "/examples/runner-combined.jsonl", "rb");
    assert_non_null(file);
    file_text = calloc(1, 1 << 20);
    size_t len = fread(file_text, 1, (1 << 20) - 1, file);
    fclose(file);
    for (char *p = file_text; p < file_text + len && line_count < MOST; line_count++) {
        char *end = strchr(p, '\n');
        lines[line_count] = (lw_str){p, (uint32_t)(end - p)};
        p = end + 1;
    }
    assert_true(line_count > 100);
    protocol = builtin();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    free(file_text);
    return 0;
}

static lw_reading *open_lines(const lw_str *list, uint32_t count) {
    lw_buf text = {0};
    for (uint32_t i = 0; i < count; i++) {
        lw_buf_slice(&text, list[i]);
        lw_buf_str(&text, "\n");
    }
    lw_reading *reading = NULL;
    assert_int_equal(lw_reading_open(text.ptr, text.len, &reading), LW_OK);
    return reading;
}

static lw_reading *grow(const lw_reading *from, const lw_str *list, uint32_t count) {
    lw_append_event events[20] = {0};
    for (uint32_t i = 0; i < count; i++) {
        events[i].line = list[i];
    }
    return lw_reading_grow(from, events, count);
}

/* All that a reading says, against lw_record_read, lw_record_hash and lw_plan over the same lines. */
static void assert_same(const lw_reading *reading, const lw_str *list, uint32_t count) {
    lw_reading *all = open_lines(list, count);
    assert_int_equal(all->err, LW_OK);
    assert_int_equal(reading->err, LW_OK);
    assert_int_equal(reading->lines, count);
    assert_int_equal(reading->bytes, all->bytes);
    assert_int_equal(reading->record.count, all->record.count);
    assert_int_equal(reading->record.repeats, all->record.repeats);
    for (uint32_t i = 0; i < all->record.count; i++) {
        const lw_event *a = &reading->record.events[i], *b = &all->record.events[i];
        assert_memory_equal(a->id, b->id, 16);
        assert_int_equal(a->at_s, b->at_s);
        assert_int_equal(a->line, b->line);
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->voided, b->voided);
        assert_true(lw__str_eq(a->raw, b->raw));
    }
    assert_int_equal(lw_reading_last(reading)->line, lw_reading_last(all)->line);
    lw_buf text = {0}, plan = {0};
    for (uint32_t i = 0; i < count; i++) {
        lw_buf_slice(&text, list[i]);
        lw_buf_str(&text, "\n");
    }
    size_t result_cap = 0, scratch_cap = 0;
    lw_record_size_hint(text.len, &result_cap, &scratch_cap);
    scratch_cap += LW_PLAN_SCRATCH;
    void *memory[3] = {malloc(result_cap), malloc(scratch_cap), malloc(LW_PLAN_RESULT)};
    lw_arena result = lw_arena_over(memory[0], result_cap), scratch = lw_arena_over(memory[1], scratch_cap);
    lw_record record = {0};
    uint8_t hash[32];
    assert_int_equal(lw_record_read(lw_buf_view(&text), &result, &scratch, &record, NULL), LW_OK);
    assert_int_equal(lw_record_hash(&record, &scratch, hash), LW_OK);
    assert_memory_equal(reading->sha256, hash, 32);
    lw_work work = {.result = lw_arena_over(memory[2], LW_PLAN_RESULT), .scratch = scratch};
    int32_t day = record.events[record.count - 1].day;
    assert_int_equal(lw_plan(protocol, &record, day, LW_PLAN_HASH, &work, NULL), LW_OK);
    assert_int_equal(lw_reading_plan(protocol, reading, day, &plan, NULL), LW_OK);
    assert_true(lw__str_eq(lw_buf_view(&plan), work.json));
    for (int i = 0; i < 3; i++) {
        free(memory[i]);
    }
    lw_buf_free(&text);
    lw_buf_free(&plan);
    lw_reading_back(all);
}

/* Line by line, and again from the start whenever it will not grow. */
static void grow_through(const lw_str *list, uint32_t from, uint32_t step, uint32_t *grown) {
    lw_reading *reading = open_lines(list, from);
    *grown = 0;
    for (uint32_t at = from; at + step <= line_count; at += step) {
        lw_reading *more = grow(reading, list + at, step);
        *grown += more != NULL ? 1 : 0;
        more = more != NULL ? more : open_lines(list, at + step);
        lw_reading_back(reading); /* what grew lives on */
        reading = more;
        lw_buf plan = {0}; /* each leaves the evening before to the next */
        if (at % 2 == 0) {
            assert_int_equal(lw_reading_plan(protocol, reading, lw_reading_last(reading)->day, &plan, NULL), LW_OK);
        }
        lw_buf_free(&plan);
        if (at % 9 < step) {
            assert_same(reading, list, at + step);
        }
    }
    lw_reading_back(reading);
}

static void test_in_order(void **state) {
    (void)state;
    uint32_t grown = 0;
    grow_through(lines, 5, 1, &grown);
    assert_true(grown > (line_count - 5) * 8 / 10);
    grow_through(lines, 40, 3, &grown);
    assert_true(grown > 50);
}

static void test_late_ones(void **state) {
    (void)state;
    lw_str mixed[MOST];
    memcpy(mixed, lines, sizeof mixed);
    uint32_t seed = 7, grown = 0;
    for (uint32_t i = line_count - 1; i > 60; i--) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t j = 60 + (seed >> 8) % (i - 59);
        lw_str swap = mixed[i];
        mixed[i] = mixed[j];
        mixed[j] = swap;
    }
    grow_through(mixed, 60, 1, &grown);
    assert_true(grown > 100);
    grow_through(mixed, 60, 2, &grown);
    assert_true(grown > 50);
}

static void test_refuses(void **state) {
    (void)state;
    char text[600];
    lw_reading *reading = open_lines(lines, 50);
    lw_str line = {text, 0};
    /* there already */
    assert_null(grow(reading, lines + 10, 1));
    /* twice among the new */
    lw_str twice[] = {lines[50], lines[50]};
    assert_null(grow(reading, twice, 2));
    assert_null(grow(reading, lines + 50, 0));
    assert_null(grow(reading, lines + 50, 17));
    /* not understood, of another, a void */
    static const char *const kinds[] = {
        "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-0000000000ff\",\"patient\":\"%.*s\",\"kind\":\"telepathy\",\"at\":"
        "\"2026-03-08T08:00:00+00:00\",\"by\":\"patient\",\"data\":{}}",
        "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-0000000000ff\",\"patient\":\"x%.*s\",\"kind\":\"note\",\"at\":"
        "\"2026-03-08T08:00:00+00:00\",\"by\":\"patient\",\"data\":{\"text\":\"a\"}}",
        "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-0000000000ff\",\"patient\":\"%.*s\",\"kind\":\"void\",\"at\":"
        "\"2026-03-08T08:00:00+00:00\",\"by\":\"patient\",\"data\":{\"event\":\"0195a0c2-7b1e-7000-8000-0000000000fe\","
        "\"reason\":\"wrong\"}}",
        "{\"v\":1,\"patient\":\"%.*s\"",
        "%.*s\n",
    };
    lw_str patient = reading->record.patient;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        line.len = (uint32_t)snprintf(text, sizeof text, kinds[i], (int)patient.len, patient.ptr);
        assert_null(grow(reading, &line, 1));
    }
    /* a void waits for it */
    lw_str waits[51];
    memcpy(waits, lines, 50 * sizeof *waits);
    char note[600];
    waits[50] = (lw_str){note, (uint32_t)snprintf(note, sizeof note, kinds[2], (int)patient.len, patient.ptr)};
    lw_reading *waiting = open_lines(waits, 51);
    assert_int_equal(waiting->err, LW_OK);
    static const char named[] =
        "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-0000000000f%c\",\"patient\":\"%.*s\",\"kind\":\"note\",\"at\":"
        "\"2026-03-08T07:00:00+00:00\",\"by\":\"patient\",\"data\":{\"text\":\"a\"}}";
    line.len = (uint32_t)snprintf(text, sizeof text, named, 'e', (int)patient.len, patient.ptr);
    assert_null(grow(waiting, &line, 1));
    line.len = (uint32_t)snprintf(text, sizeof text, named, 'd', (int)patient.len, patient.ptr);
    lw_reading *more = grow(waiting, &line, 1);
    assert_non_null(more);
    assert_true(more->held > waiting->held);
    lw_reading_back(more);
    lw_reading_back(waiting);
    lw_reading_back(reading);
}

/* Nothing, and what cannot be read, give a reading that says so and does not grow. */
static void test_empty_and_broken(void **state) {
    (void)state;
    lw_reading *reading = open_lines(lines, 0);
    assert_int_equal(reading->err, LW_OK);
    assert_int_equal(reading->record.count, 0);
    assert_null(lw_reading_last(reading));
    assert_null(grow(reading, lines, 1));
    lw_reading_back(reading);
    lw_str broken[] = {lines[0], LW_STR("{}")};
    reading = open_lines(broken, 2);
    lw_buf plan = {0};
    lw_diag diag = {0};
    assert_true(reading->err < 0 && reading->err != LW_ERR_NEWER);
    assert_int_equal(reading->diag.line, 2);
    assert_int_equal(lw_reading_plan(protocol, reading, 0, &plan, &diag), reading->err);
    assert_int_equal(diag.line, 2);
    assert_int_equal(plan.len, 0);
    assert_null(grow(reading, lines + 1, 1));
    lw_reading_back(reading);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_late_ones),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_empty_and_broken),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
