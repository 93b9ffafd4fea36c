/* watch_fit_test.c: FIT files as devices write them and as accidents leave them. */
#include "fit_writer.h"

static lw_fit_work work;
static lw_watch_activity got[8];
static lw_watch_set sets[16];
static uint32_t count, set_count;
static uint16_t notes;

static int32_t read_all(lw_str bytes) {
    lw_str exact = heap_copy(bytes); // a sanitizer sees what is read past the end
    int32_t err = lw_fit_activities(exact, &work, got, 8, &count, sets, 16, &set_count, &notes);
    free((void *)exact.ptr);
    return err;
}

static void reads_a_run(void **state) {
    (void)state;
    for (int big = 0; big < 2; big++) {
        static struct fw w;
        w = (struct fw){.big = big != 0};
        fw_run(&w);
        assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
        assert_int_equal(count, 1);
        assert_int_equal(got[0].sport, LW_WATCH_RUN);
        assert_int_equal(got[0].start_s, (int64_t)FW_T0 + LW_FIT_EPOCH);
        assert_int_equal(got[0].end_s - got[0].start_s, 1500);
        assert_int_equal(got[0].moving_s, 1200); // the pause is taken out
        assert_int_equal(got[0].distance_cm, 360000);
        assert_true(got[0].has_offset);
        assert_int_equal(got[0].offset_min, 60);
        assert_in_range(got[0].stretch_s, 590, 600); // a pause ends a stretch
        assert_in_range(got[0].run_s, 1180, 1200);
        assert_in_range(got[0].top_mms, 2990, 3010);
        assert_int_equal(got[0].ascent_m, 0);
        assert_int_equal(got[0].notes, 0);
        assert_int_equal(got[0].samples, 1202);
        assert_int_equal(work.fit.records, 1202);
    }
}

static void takes_old_headers_and_chains(void **state) {
    (void)state;
    static struct fw w;
    w = (struct fw){0};
    fw_begin(&w, 12);
    fw_file_id(&w, 4);
    fw_north(&w, FW_T0, 60, 3000, 0);
    fw_session(&w, FW_T0, 60, 60, 18000, 1, 0);
    fw_end(&w);
    w.big = true; // the next part in the other byte order
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_north(&w, FW_T0 + 7200, 60, 8000, 0);
    fw_session(&w, FW_T0 + 7200, 60, 60, 48000, 2, 0);
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(count, 2);
    assert_int_equal(got[0].sport, LW_WATCH_RUN);
    assert_int_equal(got[0].distance_cm, 18000);
    assert_int_equal(got[1].sport, LW_WATCH_CYCLE);
    assert_int_equal(got[1].distance_cm, 48000);
    assert_int_equal(notes, 0);
    w.bytes[w.len++] = 'x';
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(notes, LW_NOTE_TRAILING);
    assert_int_equal(count, 2);
}

static void takes_compressed_times(void **state) {
    (void)state;
    static struct fw w;
    static const struct fw_field full[] = {{253, 4, FW_U32}, {5, 4, FW_U32}}, bare[] = {{5, 4, FW_U32}};
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_define(&w, 1, 20, full, 2, 0);
    FW_DATA(&w, 1, {FW_T0, 4}, {0, 4});
    fw_define(&w, 2, 20, bare, 1, 0);
    for (uint32_t i = 1; i <= 100; i++) { // rolls over every 32 seconds
        FW_DATA(&w, (uint8_t)(0x80 | 2 << 5 | ((FW_T0 + i) & 31)), {i * 300, 4});
    }
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(got[0].sport, LW_WATCH_UNKNOWN); // nothing says what it was
    assert_int_equal(got[0].end_s - got[0].start_s, 100);
    assert_int_equal(got[0].distance_cm, 30000);
    assert_int_equal(got[0].samples, 101);
}

/* Twelve bits of speed and of distance, which go round every 256 m. */
static void takes_packed_speed_and_distance(void **state) {
    (void)state;
    static struct fw w;
    static const struct fw_field fields[] = {{253, 4, FW_U32}, {8, 3, 0x0d}};
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_define(&w, 1, 20, fields, 2, 0);
    for (uint32_t i = 0; i <= 200; i++) { // 3 m/s
        uint32_t way = i * 48 & 4095, packed = 300 | way << 12;
        FW_DATA(&w, 1, {FW_T0 + i, 4}, {packed & 0xff, 1}, {packed >> 8 & 0xff, 1}, {packed >> 16, 1});
    }
    FW_DATA(&w, 1, {FW_T0 + 201, 4}, {0xff, 1}, {0xff, 1}, {0xff, 1}); // none
    fw_session(&w, FW_T0, 201, 201, 60000, 1, 0);
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(got[0].distance_cm, 60000);
    assert_int_equal(got[0].top_mms, 3000);
    assert_int_equal(got[0].notes, 0);
}

/* A developer's field in single precision that stands for the record's own distance. */
static void own_distance(struct fw *w, const char *unit, uint32_t base, uint32_t of) {
    static const struct fw_field described[] = {{0, 1, FW_U8},   {1, 1, FW_U8},   {2, 1, FW_U8},
                                                {8, 4, FW_TEXT}, {14, 2, FW_U16}, {15, 1, FW_U8}};
    static const struct fw_field fields[] = {{253, 4, FW_U32}, {5, 4, FW_U32}};
    *w = (struct fw){0};
    fw_begin(w, 14);
    fw_file_id(w, 4);
    fw_define(w, 2, 206, described, 6, 0);
    FW_DATA(w, 2, {0, 1}, {7, 1}, {base, 1}, {(uint8_t)unit[0], 1}, {(uint8_t)unit[1], 1},
            {unit[1] != 0 ? (uint8_t)unit[2] : 0, 1}, {0, 1}, {20, 2}, {of, 1});
    fw_define(w, 1, 20, fields, 2, 4);
    for (uint32_t i = 0; i <= 100; i++) { // 2 m/s by the device, 3 m/s by the pod
        float metres = 3.0F * (float)i;
        uint32_t raw = 0;
        memcpy(&raw, &metres, sizeof raw);
        FW_DATA(w, 1, {FW_T0 + i, 4}, {i * 200, 4}, {raw, 4});
    }
    fw_session(w, FW_T0, 100, 100, 0xffffffff, 1, 0);
    fw_end(w);
    assert_int_equal(read_all(fw_bytes(w)), LW_OK);
}

static void takes_developers_fields_that_are_sure(void **state) {
    (void)state;
    static struct fw w;
    own_distance(&w, "m", FW_F32, 5);
    assert_int_equal(got[0].distance_cm, 30000);
    own_distance(&w, "ft", FW_F32, 5); // another unit
    assert_int_equal(got[0].distance_cm, 20000);
    own_distance(&w, "m", FW_U32, 5); // another type
    assert_int_equal(got[0].distance_cm, 20000);
    own_distance(&w, "m", FW_F32, 200); // stands for nothing of ours
    assert_int_equal(got[0].distance_cm, 20000);
    own_distance(&w, "m/s", FW_F32, 5); // a speed is no distance
    assert_int_equal(got[0].distance_cm, 20000);
}

static void steps_over_what_it_does_not_know(void **state) {
    (void)state;
    static struct fw w;
    static const struct fw_field odd[] = {{253, 4, FW_U32}, {5, 4, FW_U32}, {3, 3, 0x1f},     {90, 2, 0x9e},
                                          {4, 4, FW_F32},   {0, 3, FW_S32}, {200, 5, FW_TEXT}};
    static const struct fw_field other[] = {{253, 4, FW_U32}, {1, 7, 0x0d}};
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_define(&w, 5, 0xff00, other, 2, 0); // a maker's own message
    fw_define(&w, 1, 20, odd, 7, 9);
    for (uint32_t i = 0; i <= 60; i++) {
        FW_DATA(&w, 1, {FW_T0 + i, 4}, {i * 300, 4}, {0x010203, 3}, {7, 2}, {0x40400000, 4}, {1, 3}, {0x41424300, 4},
                {0, 1}, {~0u, 4}, {0x40, 4}, {0x41, 1});
        FW_DATA(&w, 5, {FW_T0 + i, 4}, {~0u, 4}, {0x404040, 3});
    }
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(got[0].distance_cm, 18000);
    assert_int_equal(got[0].samples, 61);
    assert_int_equal(work.fit.messages, 1 + 122);
    assert_int_equal(notes, 0);
}

static void an_absent_value_is_absent(void **state) {
    (void)state;
    static struct fw w;
    static const struct fw_field fields[] = {{253, 4, FW_U32}, {0, 4, FW_S32}, {1, 4, FW_S32},
                                             {5, 4, FW_U32},   {2, 2, FW_U16}, {3, 1, FW_U8}};
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_define(&w, 1, 20, fields, 6, 0);
    FW_DATA(&w, 1, {FW_T0, 4}, {0x7fffffff, 4}, {0x7fffffff, 4}, {0xffffffff, 4}, {0xffff, 2}, {0xff, 1});
    FW_DATA(&w, 1, {0xffffffff, 4}, {1, 4}, {1, 4}, {1, 4}, {1, 2}, {1, 1});
    FW_DATA(&w, 1, {FW_T0 + 30, 4}, {0x7fffffff, 4}, {0x7fffffff, 4}, {0xffffffff, 4}, {0xffff, 2}, {0xff, 1});
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(got[0].distance_cm, -1);
    assert_int_equal(got[0].ascent_m, -1);
    assert_int_equal(got[0].top_mms, -1);
    assert_int_equal(got[0].stretch_s, -1);
    assert_int_equal(got[0].moving_s, 30);
    lw_fit fit;
    lw_fit_message message;
    assert_int_equal(lw_fit_begin(&fit, fw_bytes(&w)), LW_OK);
    assert_true(lw_fit_next(&fit, &message));
    assert_int_equal(message.has, UINT64_C(1) << LW_FIT_TIME);
    assert_true(lw_fit_next(&fit, &message));
    assert_false(lw_fit_has(&message, LW_FIT_TIME));
    assert_int_equal(message.value[LW_FIT_HEART], 1);
}

static void parts_a_triathlon(void **state) {
    (void)state;
    static struct fw w;
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_north(&w, FW_T0, 300, 1000, 0);
    fw_north(&w, FW_T0 + 400, 300, 8000, 0);
    fw_north(&w, FW_T0 + 800, 300, 3000, 0);
    fw_session(&w, FW_T0 + 800, 300, 300, 90000, 1, 0); // not in order, behind the samples
    fw_session(&w, FW_T0, 300, 300, 30000, 5, 0);
    fw_session(&w, FW_T0 + 300, 100, 100, 0, 3, 0); // a transition is no activity
    fw_session(&w, FW_T0 + 400, 300, 300, 240000, 2, 0);
    fw_activity(&w, FW_T0 + 1100, -5 * 3600);
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(count, 3);
    static const uint8_t sports[] = {LW_WATCH_SWIM, LW_WATCH_CYCLE, LW_WATCH_RUN};
    static const int32_t cm[] = {30000, 240000, 90000};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(got[i].sport, sports[i]);
        assert_int_equal(got[i].distance_cm, cm[i]);
        assert_int_equal(got[i].start_s, (int64_t)FW_T0 + LW_FIT_EPOCH + 400 * i);
        assert_int_equal(got[i].offset_min, -300);
        assert_int_equal(got[i].samples, 301);
    }
}

static void reads_strength_sets(void **state) {
    (void)state;
    static struct fw w;
    static const struct fw_field fields[] = {{254, 4, FW_U32}, {0, 4, FW_U32}, {3, 2, FW_U16}, {4, 2, FW_U16},
                                             {5, 1, FW_ENUM},  {6, 4, FW_U32}, {7, 4, FW_U16}};
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_define(&w, 6, 225, fields, 7, 0);
    FW_DATA(&w, 6, {FW_T0, 4}, {45000, 4}, {12, 2}, {16 * 20 + 8, 2}, {1, 1}, {FW_T0 + 10, 4}, {8, 2}, {0xffff, 2});
    FW_DATA(&w, 6, {FW_T0, 4}, {90000, 4}, {0xffff, 2}, {0xffff, 2}, {0, 1}, {FW_T0 + 55, 4}, {0xffff, 2}, {0xffff, 2});
    FW_DATA(&w, 6, {FW_T0, 4}, {30000, 4}, {0xffff, 2}, {0xffff, 2}, {1, 1}, {FW_T0 + 145, 4}, {0xffff, 2},
            {0xffff, 2});
    fw_session(&w, FW_T0, 600, 500, 0xffffffff, 10, 20);
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(count, 1);
    assert_int_equal(got[0].sport, LW_WATCH_SPORT);
    assert_int_equal(got[0].moving_s, 500);
    assert_int_equal(got[0].end_s - got[0].start_s, 600);
    assert_int_equal(got[0].distance_cm, -1);
    assert_true((got[0].notes & LW_NOTE_TOTALS) != 0);
    assert_int_equal(got[0].sets, 2); // a rest is none
    assert_int_equal(set_count, 2);
    assert_int_equal(sets[0].reps, 12);
    assert_int_equal(sets[0].weight_g, 20500);
    assert_int_equal(sets[0].category, 8);
    assert_int_equal(sets[0].start_s, (int64_t)FW_T0 + 10 + LW_FIT_EPOCH);
    assert_int_equal(sets[1].reps, -1);
    assert_int_equal(sets[1].weight_g, -1);
    assert_int_equal(sets[1].duration_ms, 30000);
}

static void salvages_what_is_there(void **state) {
    (void)state;
    static struct fw w, damaged;
    w = (struct fw){0};
    fw_run(&w);
    damaged = w;
    damaged.bytes[damaged.len - 1] ^= 1;
    assert_int_equal(read_all(fw_bytes(&damaged)), LW_OK);
    assert_int_equal(notes, LW_NOTE_BAD_CRC);
    assert_int_equal(got[0].distance_cm, 360000);
    damaged = w;
    damaged.bytes[4] = damaged.bytes[5] = damaged.bytes[6] = 0; // never closed: the device's battery was empty
    damaged.len -= 2;
    assert_int_equal(read_all(fw_bytes(&damaged)), LW_OK);
    assert_true((notes & LW_NOTE_TRUNCATED) != 0);
    assert_int_equal(got[0].distance_cm, 360000);
    damaged = w;
    damaged.bytes[14 + 12] = 0x0f; // data of a local number that nobody defined, right after the first definition
    (void)read_all(fw_bytes(&damaged));
    assert_true((notes & LW_NOTE_BROKEN) != 0);
    // cut off at every byte: never more than the whole file says, and a note that something is missing
    for (size_t len = 0; len < w.len; len++) {
        int32_t err = read_all((lw_str){(const char *)w.bytes, (uint32_t)len});
        if (len < 14) {
            assert_int_equal(err, LW_ERR_SYNTAX);
        } else if (err == LW_OK) {
            assert_true((notes & LW_NOTE_TRUNCATED) != 0);
            assert_true(got[0].distance_cm <= 360000 && got[0].moving_s <= 1200);
            assert_true(got[0].start_s == (int64_t)FW_T0 + LW_FIT_EPOCH);
        } else {
            assert_int_equal(err, LW_ERR_TYPE); // nothing recorded yet
        }
    }
}

static void survives_every_flipped_byte(void **state) {
    (void)state;
    static struct fw w, damaged;
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_north(&w, FW_T0, 5, 3000, 0);
    fw_session(&w, FW_T0, 5, 5, 1500, 1, 0);
    fw_end(&w);
    for (size_t i = 0; i < w.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            damaged = w;
            damaged.bytes[i] ^= (uint8_t)(1 << bit);
            int32_t err = read_all(fw_bytes(&damaged));
            if (err == LW_OK &&
                i != 0) { // every flip is noticed: by the checksum, or because the end does not come where it should
                assert_int_not_equal(notes, 0);
            }
        }
    }
}

static void refuses_what_is_no_activity(void **state) {
    (void)state;
    static struct fw w;
    assert_int_equal(read_all(str("")), LW_ERR_SYNTAX);
    assert_int_equal(read_all(str("<gpx></gpx> is another thing")), LW_ERR_SYNTAX);
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 6); // a course has places and is no activity
    fw_north(&w, FW_T0, 60, 3000, 0);
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_ERR_TYPE);
    assert_int_equal(count, 0);
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_ERR_TYPE);
}

static void a_watch_without_a_clock_dates_nothing(void **state) {
    (void)state;
    static struct fw w;
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    fw_north(&w, 100000, 60, 3000, 0);
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_true((got[0].notes & LW_NOTE_NO_CLOCK) != 0);
}

static void gives_back_no_more_than_asked(void **state) {
    (void)state;
    static struct fw w;
    w = (struct fw){0};
    fw_begin(&w, 14);
    fw_file_id(&w, 4);
    for (uint32_t i = 0; i < 12; i++) {
        fw_session(&w, FW_T0 + 1000 * i, 300, 300, 90000, 1, 0);
    }
    fw_end(&w);
    assert_int_equal(read_all(fw_bytes(&w)), LW_OK);
    assert_int_equal(count, 8);
    assert_true((notes & LW_NOTE_MORE) != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_run),
        cmocka_unit_test(takes_old_headers_and_chains),
        cmocka_unit_test(takes_compressed_times),
        cmocka_unit_test(takes_packed_speed_and_distance),
        cmocka_unit_test(takes_developers_fields_that_are_sure),
        cmocka_unit_test(steps_over_what_it_does_not_know),
        cmocka_unit_test(an_absent_value_is_absent),
        cmocka_unit_test(parts_a_triathlon),
        cmocka_unit_test(reads_strength_sets),
        cmocka_unit_test(salvages_what_is_there),
        cmocka_unit_test(survives_every_flipped_byte),
        cmocka_unit_test(refuses_what_is_no_activity),
        cmocka_unit_test(a_watch_without_a_clock_dates_nothing),
        cmocka_unit_test(gives_back_no_more_than_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
