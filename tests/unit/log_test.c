/* log_test.c: lines to records: any order, repeats, conflicts, voids, limits, newer lines, exhaustion. */
#include "test_support.h"

static uint64_t result_memory[1 << 16], scratch_memory[1 << 16];
static lw_arena result, scratch;
static lw_diag diag;

static int32_t read_record(const char *text, size_t len, lw_record *record) {
    result = lw_arena_over(result_memory, sizeof result_memory);
    scratch = lw_arena_over(scratch_memory, sizeof scratch_memory);
    memset(record, 0x55, sizeof *record);
    memset(&diag, 0, sizeof diag);
    lw_record before = *record;
    int32_t err = lw_record_read((lw_str){text, (uint32_t)len}, &result, &scratch, record, &diag);
    assert_int_equal(scratch.used, 0);
    assert_int_equal(diag.err, err);
    if (err != 0 && err != LW_ERR_NEWER) {
        assert_memory_equal(record, &before, sizeof before);
        assert_int_equal(result.used, 0);
    }
    return err;
}

/* Lines to be joined in any order. */
enum { LINES = 12, LONGEST = 400 };
static char lines[LINES][LONGEST];

static void make_lines(void) {
    for (int i = 0; i < LINES; i++) {
        /* the last ones share an instant, so that ids decide */
        event_line(lines[i], LONGEST, i, i % 3 == 0 ? "checkin" : "exercise", "patient",
                   i % 3 == 0 ? "{\"pain_morning\":1,\"stiffness_min\":5}"
                              : "{\"exercise\":\"rdl\",\"sets\":[{\"reps\":8}],\"pain_during\":2}");
        if (i >= 8) {
            memcpy(strstr(lines[i], "T00:"), "T12:30", 6);
        }
    }
}

static size_t join(char *file, const int *order, int count, const char *newline) {
    size_t len = 0;
    for (int i = 0; i < count; i++) {
        len += (size_t)sprintf(file + len, "%s%s", lines[order[i]], newline);
    }
    return len;
}

static void any_order_same_record(void **state) {
    (void)state;
    static char file[4 * LINES * LONGEST];
    int order[3 * LINES];
    uint8_t expected[32], hash[32];
    lw_record record;
    make_lines();
    for (int i = 0; i < LINES; i++) {
        order[i] = i;
    }
    assert_int_equal(read_record(file, join(file, order, LINES, "\n"), &record), 0);
    assert_int_equal(record.count, LINES);
    assert_int_equal(record.repeats, 0);
    assert_true(lw__str_eq(record.patient, str("p-001")));
    assert_int_equal(lw_record_hash(&record, &scratch, expected), 0);
    uint32_t seed = 7;
    for (int round = 0; round < 300; round++) {
        /* every line at least once, some again, in any order, with any line end */
        int count = LINES + round % (2 * LINES);
        for (int i = 0; i < count; i++) {
            seed = seed * 1664525u + 1013904223u;
            order[i] = i < LINES ? i : (int)(seed >> 8) % LINES;
            int k = (int)(seed >> 12) % (i + 1);
            int swap = order[i];
            order[i] = order[k];
            order[k] = swap;
        }
        size_t len = join(file, order, count, round % 2 ? "\n" : "\r\n");
        len -= round % 5 == 0; /* the last line may miss its end */
        assert_int_equal(read_record(file, len, &record), 0);
        assert_int_equal(record.count, LINES);
        assert_int_equal(record.repeats, count - LINES);
        for (uint32_t i = 1; i < record.count; i++) {
            const lw_event *a = &record.events[i - 1], *b = &record.events[i];
            assert_true(a->at_s < b->at_s || (a->at_s == b->at_s && memcmp(a->id, b->id, 16) < 0));
        }
        assert_int_equal(lw_record_hash(&record, &scratch, hash), 0);
        assert_memory_equal(hash, expected, 32);
    }
}

static void empty_record(void **state) {
    (void)state;
    lw_record record;
    assert_int_equal(read_record("", 0, &record), 0);
    assert_true(record.count == 0 && record.events == NULL && record.patient.len == 0);
    assert_int_equal(lw_record_read((lw_str){NULL, 0}, &result, &scratch, &record, NULL), 0);
}

#define HEAD "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-000000000001\",\"patient\":\"p-001\","
static const char one[] = HEAD
    "\"kind\":\"note\",\"at\":\"2026-03-01T00:01:00+01:00\",\"by\":\"patient\",\"data\":{\"text\":\"caf\xc3\xa9\"}}";

static int32_t two_lines(const char *a, const char *b, lw_record *record) {
    static char file[2048];
    int len = snprintf(file, sizeof file, "%s\n%s\n", a, b);
    return read_record(file, (size_t)len, record);
}

static void repeats_and_conflicts(void **state) {
    (void)state;
    lw_record record;
    static const char *const same[] = {
        HEAD " \"kind\" : "
             "\"note\",\"at\":\"2026-03-01T00:01:00+01:00\",\"by\":\"patient\",\"data\":{\"text\":\"caf\xc3\xa9\"}} ",
        HEAD "\"data\":{\"text\":\"c\\u0061f\\u00e9\"},\"kind\":\"note\",\"by\":\"patient\",\"at\":\"2026-03-01T00:01:"
             "00+01:00\"}",
        HEAD "\"received\":\"2026-03-01T00:02:00+01:00\",\"kind\":\"note\",\"at\":\"2026-03-01T00:01:00+01:00\",\"by\":"
             "\"patient\",\"data\":{\"text\":\"caf\xc3\xa9\"}}",
    };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(two_lines(one, same[i], &record), 0);
        assert_true(record.count == 1 && record.repeats == 1 && record.events[0].line == 1);
    }
    static const char *const differs[] = {
        HEAD "\"kind\":\"note\",\"at\":\"2026-03-01T00:01:00+01:00\",\"by\":\"patient\",\"data\":{\"text\":\"cafe\"}}",
        HEAD "\"kind\":\"note\",\"at\":\"2026-03-01T00:01:00+01:00\",\"by\":\"patient\",\"data\":{\"text\":"
             "\"caf\xc3\xaa\"}}",
        HEAD "\"kind\":\"note\",\"at\":\"2026-03-02T00:01:00+01:00\",\"by\":\"patient\",\"data\":{\"text\":"
             "\"caf\xc3\xa9\"}}",
        HEAD "\"kind\":\"note\",\"at\":\"2026-03-01T01:01:00+02:00\",\"by\":\"patient\",\"data\":{\"text\":"
             "\"caf\xc3\xa9\"}}",
        HEAD "\"kind\":\"note\",\"at\":\"2026-03-01T00:01:00+01:00\",\"by\":\"patient\",\"data\":{\"text\":"
             "\"caf\xc3\xa9\",\"x_a\":1}}",
    };
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(two_lines(one, differs[i], &record), LW_ERR_CONFLICT);
        assert_string_equal(
            diag.message, "lines 1 and 2 carry the same id 0195a0c2-7b1e-7000-8000-000000000001 and differ in content");
        assert_int_equal(diag.line, 2);
        assert_string_equal(diag.member, "id");
    }
}

static void one_patient(void **state) {
    (void)state;
    lw_record record;
    char other[LONGEST];
    event_line(other, sizeof other, 5, "resumed", "patient", "{}");
    memcpy(strstr(other, "p-001"), "p-002", 5);
    assert_int_equal(two_lines(one, other, &record), LW_ERR_PATIENT);
    assert_int_equal(diag.line, 2);
    assert_string_equal(diag.member, "patient");
}

/* Reads target and void (each also the other way round) and says: 'v' voided, 'i' ineffective, '-' neither. */
static char void_effect(const char *target_kind, const char *target_by, const char *target_data, const char *void_by) {
    char target[LONGEST], voiding[LONGEST];
    char effect = 0;
    event_line(target, sizeof target, 1, target_kind, target_by, target_data);
    event_line(voiding, sizeof voiding, 1500, "void", void_by,
               "{\"event\":\"0195a0c2-7b1e-7000-8000-000000000001\",\"reason\":\"r\"}");
    for (int order = 0; order < 2; order++) {
        lw_record record;
        assert_int_equal(order ? two_lines(voiding, target, &record) : two_lines(target, voiding, &record), 0);
        const lw_event *a = &record.events[0], *b = &record.events[1];
        assert_false(a->ineffective || b->voided || (a->voided && b->ineffective));
        char found = a->voided ? 'v' : b->ineffective ? 'i' : '-';
        assert_true(effect == 0 || effect == found);
        assert_true(!a->voided || a->void_day == b->day);
        effect = found;
    }
    return effect;
}

static void voids(void **state) {
    (void)state;
    static const char event[] = "{\"event\":\"0195a0c2-7b1e-7000-8000-000000000009\",\"reason\":\"r\"}";
    assert_int_equal(void_effect("note", "patient", "{\"text\":\"t\"}", "patient"), 'v');
    assert_int_equal(void_effect("note", "patient", "{\"text\":\"t\"}", "clinician:a"), 'v');
    assert_int_equal(void_effect("note", "clinician:a", "{\"text\":\"t\"}", "patient"), 'i');
    assert_int_equal(void_effect("note", "clinician:a", "{\"text\":\"t\"}", "clinician:b"), 'v');
    assert_int_equal(void_effect("activity", "device:w", "{\"type\":\"run\",\"minutes\":3}", "patient"), 'i');
    assert_int_equal(void_effect("screened", "patient", "{\"flags\":[]}", "patient"), 'v');
    assert_int_equal(void_effect("screened", "patient", "{\"flags\":[\"RF02\"]}", "patient"), 'i');
    assert_int_equal(void_effect("screened", "patient", "{\"flags\":[\"RF02\"]}", "clinician:a"), 'v');
    assert_int_equal(void_effect("symptom", "patient", "{\"flag\":\"RF02\"}", "patient"), 'i');
    assert_int_equal(void_effect("symptom", "patient", "{\"flag\":\"RF02\"}", "clinician:a"), 'v');
    assert_int_equal(void_effect("condition", "patient", "{\"code\":\"C01\",\"present\":true}", "patient"), 'i');
    assert_int_equal(void_effect("medicine", "patient", "{\"class\":\"nsaid\",\"from\":\"2026-03-01\"}", "patient"),
                     'i');
    assert_int_equal(void_effect("void", "patient", event, "clinician:a"), 'i');

    /* of several the earliest day counts; of an absent id it waits; repeats change nothing; a dropped void acts once */
    static char file[8 * LONGEST];
    char line[LONGEST];
    static const int days[] = {4400, 3000, 6000, 3000};
    lw_record record;
    event_line(file, LONGEST, 1, "note", "patient", "{\"text\":\"t\"}");
    for (int i = 0; i < 4; i++) {
        event_line(line, sizeof line, days[i], "void", "patient",
                   "{\"event\":\"0195a0c2-7b1e-7000-8000-000000000001\",\"reason\":\"r\"}");
        strcat(strcat(file, "\n"), line);
    }
    event_line(line, sizeof line, 5000, "void", "patient", event);
    strcat(strcat(file, "\n"), line);
    event_line(line, sizeof line, 5001, "void", "patient",
               "{\"event\":\"f195a0c2-7b1e-7000-8000-000000000001\",\"reason\":\"r\"}");
    strcat(strcat(file, "\n"), line);
    assert_int_equal(read_record(file, strlen(file), &record), 0);
    assert_int_equal(record.count, 6);
    assert_int_equal(record.repeats, 1);
    assert_true(record.events[0].voided && record.events[0].void_day == lw_day_from_civil(2026, 3, 3));
    for (uint32_t i = 1; i < record.count; i++) {
        assert_false(record.events[i].voided || record.events[i].ineffective);
    }
}

static void newer_lines(void **state) {
    (void)state;
    lw_record record;
    assert_int_equal(two_lines(one, "{\"v\":2,\"what\":{\"ever\":[1e9]}}", &record), LW_ERR_NEWER);
    assert_true(record.count == 1 && record.newer == 1 && diag.line == 2);
    char line[LONGEST];
    event_line(line, sizeof line, 2, "weather", "patient", "{\"rain\":true}");
    assert_int_equal(two_lines(line, "{\"v\":3}", &record), LW_ERR_NEWER);
    assert_true(record.count == 0 && record.newer == 2 && record.events == NULL && diag.line == 1);
    assert_string_equal(diag.member, "kind");
    /* a later error is still an error */
    assert_int_equal(two_lines(line, "{\"v\":1}", &record), LW_ERR_MISSING);
    assert_int_equal(two_lines("{\"v\":1}", line, &record), LW_ERR_MISSING);
    assert_int_equal(diag.line, 1);
    result = lw_arena_over(result_memory, sizeof result_memory);
    assert_int_equal(lw_record_read(str("{\"v\":2}"), &result, &scratch, &record, NULL), LW_ERR_NEWER);
}

static void files_that_are_refused(void **state) {
    (void)state;
    lw_record record;
    static char file[2 * LW_MAX_LINE];
    int len = snprintf(file, sizeof file, "\xef\xbb\xbf%s\n", one);
    assert_int_equal(read_record(file, (size_t)len, &record), LW_ERR_SYNTAX);
    assert_string_equal(diag.hint, "save it as UTF-8 without a byte order mark");
    assert_int_equal(read_record("\n", 1, &record), LW_ERR_SYNTAX);
    assert_int_equal(two_lines(one, "", &record), LW_ERR_SYNTAX);
    assert_int_equal(diag.line, 2);
    /* a line of exactly 64 KiB is read, one byte more is not */
    len = snprintf(file, sizeof file, "%s", one);
    memset(file + len, ' ', sizeof file - (size_t)len);
    file[LW_MAX_LINE] = '\n';
    assert_int_equal(read_record(file, LW_MAX_LINE + 1, &record), 0);
    file[LW_MAX_LINE] = ' ';
    file[LW_MAX_LINE + 1] = '\n';
    assert_int_equal(read_record(file, LW_MAX_LINE + 2, &record), LW_ERR_LIMIT);
    assert_int_equal(diag.line, 1);
    assert_int_equal(lw_record_read((lw_str){file, LW_MAX_RECORD + 1}, &result, &scratch, &record, NULL), LW_ERR_LIMIT);
}

static void too_many_events(void **state) {
    (void)state;
    size_t cap = (size_t)(LW_MAX_EVENTS + 1) * 160, len = 0, result_cap, scratch_cap;
    char *file = malloc(cap);
    for (int i = 0; i <= LW_MAX_EVENTS; i++) {
        event_line(file + len, cap - len, i, "resumed", "patient", "{}");
        len += strlen(file + len);
        file[len++] = '\n';
    }
    lw_record_size_hint(len, &result_cap, &scratch_cap);
    lw_arena large = lw_arena_over(malloc(result_cap), result_cap),
             work = lw_arena_over(malloc(scratch_cap), scratch_cap);
    lw_record record;
    size_t line = len / (LW_MAX_EVENTS + 1);
    assert_int_equal(lw_record_read((lw_str){file, (uint32_t)(len - line)}, &large, &work, &record, &diag), 0);
    assert_int_equal(record.count, LW_MAX_EVENTS);
    large.used = 0;
    assert_int_equal(lw_record_read((lw_str){file, (uint32_t)len}, &large, &work, &record, &diag), LW_ERR_LIMIT);
    assert_string_equal(diag.message, "a record is limited to 200,000 events");
    free(large.base);
    free(work.base);
    free(file);
}

/* Every size of either arena from nothing to enough: always the same answer, and nothing touched. */
static void exhaustion(void **state) {
    (void)state;
    static char file[2 * LINES * LONGEST];
    int order[LINES + 3];
    make_lines();
    for (int i = 0; i < LINES + 3; i++) {
        order[i] = (i * 5) % LINES;
    }
    size_t len = join(file, order, LINES + 3, " \n");
    event_line(file + len, LONGEST, 900, "void", "patient",
               "{\"event\":\"0195a0c2-7b1e-7000-8000-000000000001\",\"reason\":\"r\"}");
    len += strlen(file + len);
    len += (size_t)sprintf(file + len, "\n%s\n", lines[0]); /* the same, not byte for byte */
    lw_record record;
    assert_int_equal(read_record(file, len, &record), 0);
    size_t peaks[2] = {result.peak, scratch.peak};
    for (int which = 0; which < 2; which++) {
        for (size_t cap = 0; cap <= peaks[which]; cap++) {
            lw_record untouched;
            memset(&untouched, 0x55, sizeof untouched);
            record = untouched;
            result = lw_arena_over(result_memory, which == 0 ? cap : peaks[0]);
            scratch = lw_arena_over(scratch_memory, which == 1 ? cap : peaks[1]);
            int32_t err =
                lw_record_read((lw_str){file, (uint32_t)len}, &result, &scratch, &record, cap % 2 ? &diag : NULL);
            assert_int_equal(scratch.used, 0);
            if (cap == peaks[which]) {
                assert_int_equal(err, 0);
                assert_int_equal(record.count, LINES + 1);
                assert_int_equal(record.repeats, 4);
            } else {
                assert_int_equal(err, LW_ERR_NO_MEMORY);
                assert_int_equal(result.used, 0);
                assert_memory_equal(&record, &untouched, sizeof record);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_order_same_record),
        cmocka_unit_test(empty_record),
        cmocka_unit_test(repeats_and_conflicts),
        cmocka_unit_test(one_patient),
        cmocka_unit_test(voids),
        cmocka_unit_test(newer_lines),
        cmocka_unit_test(files_that_are_refused),
        cmocka_unit_test(too_many_events),
        cmocka_unit_test(exhaustion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
