/* watch_track_test.c: samples to activities: distance, pauses, climb, speed; and the texts they come from. */
#include "test_support.h"
#include "watch/watch.h"

static lw_summary summary;
static lw_watch_activity got;
static const int64_t t0 = INT64_C(1772777100000); // 2026-03-06T06:05:00Z

static void place(lw_sample *sample, int32_t metres_north) {
    sample->lat_e7 = 485000000 + (int32_t)((int64_t)metres_north * 10000000 / 111195);
    sample->lon_e7 = 85000000;
    sample->has |= LW_SAMPLE_PLACE;
}

/* Goes north from a second to another at so many m a second, from a place; a sample a second. */
static void go(int from, int to, int speed, int metres) {
    for (int i = from; i <= to; i++) {
        lw_sample sample = {.at_ms = t0 + i * 1000};
        place(&sample, metres + (i - from) * speed);
        lw_summary_take(&summary, &sample);
    }
}

static void measures_places(void **state) {
    (void)state;
    assert_int_equal(lw__geo_mm(0, 0, 0, 0), 0);
    assert_in_range(lw__geo_mm(0, 0, 10000000, 0), 111194000, 111196000);               // a degree along a meridian
    assert_in_range(lw__geo_mm(600000000, 0, 600000000, 10000000), 55590000, 55605000); // half of it at 60°
    assert_in_range(lw__geo_mm(900000000, 0, 900000000, 10000000), 0, 1000);            // none at the pole
    assert_in_range(lw__geo_mm(0, 1799999999, 0, -1799999999), 20, 25); // across the date line: two steps
    assert_in_range(lw__geo_mm(-450000000, 0, -450000000, 100), 780, 800);
    assert_int_equal(lw__geo_mm(0, 0, 30000000, 0), INT64_MAX);
    assert_int_equal(lw__geo_mm(0, 0, 0, -30000000), INT64_MAX);
    assert_int_equal(lw__geo_mm(-900000000, -1800000000, 900000000, 1800000000), INT64_MAX);
}

static void a_run_between_places(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 600, 3, 0);
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 179500, 180500);
    assert_int_equal(got.moving_s, 600);
    assert_in_range(got.stretch_s, 590, 600);
    assert_in_range(got.top_mms, 2950, 3050);
    assert_int_equal(got.ascent_m, -1); // no heights, no climb
    assert_int_equal(got.start_s, t0 / 1000);
    assert_int_equal(got.end_s, t0 / 1000 + 600);
    assert_int_equal(got.notes, 0);
}

static void standing_still_is_a_pause(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 300, 3, 0);
    for (int i = 301; i <= 600; i++) { // at a crossing: a receiver that lies still wanders by less than a metre
        lw_sample sample = {.at_ms = t0 + i * 1000};
        place(&sample, 900);
        sample.lat_e7 += i % 2 * 40;
        lw_summary_take(&summary, &sample);
    }
    go(601, 900, 3, 903);
    lw_summary_end(&summary, &got);
    assert_in_range(got.moving_s, 600, 612);
    assert_in_range(got.distance_cm, 179000, 181000);
    assert_in_range(got.stretch_s, 290, 310); // not both halves
    assert_int_equal(got.end_s - got.start_s, 900);
}

static void a_walk_ends_a_stretch(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 180, 3, 0);
    go(181, 300, 1, 541);
    go(301, 420, 3, 661);
    lw_summary_end(&summary, &got);
    assert_in_range(got.stretch_s, 175, 190);
    assert_in_range(got.run_s, 290, 315); // both, without the walk
    assert_int_equal(got.moving_s, 420);  // walking is no pause
    lw_summary_begin(&summary, LW_WATCH_CYCLE);
    go(0, 60, 9, 0);
    lw_summary_end(&summary, &got);
    assert_int_equal(got.stretch_s, -1); // of a ride nobody asks
}

static void jumps_are_left_out(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 100, 3, 0);
    lw_sample far = {.at_ms = t0 + 101000};
    place(&far, 5000); // five kilometres in a second
    lw_summary_take(&summary, &far);
    go(102, 200, 3, 306);
    lw_summary_end(&summary, &got);
    assert_true((got.notes & LW_NOTE_JUMPS) != 0);
    assert_in_range(got.distance_cm, 59300, 59500); // the two seconds around the stray place are not counted
    assert_in_range(got.top_mms, 2900, 3100);
}

/* A sample at a second after t0, with what `has` says: places go north at 3 m a second, the count and the speed say the same. */
static void at(int second, uint8_t has) {
    lw_sample sample = {.at_ms = t0 + second * 1000, .distance_cm = second * 300, .speed_mms = 3000};
    place(&sample, second * 3);
    sample.has = has;
    lw_summary_take(&summary, &sample);
}

static void steps(int from, int to, uint8_t has) {
    for (int i = from; i <= to; i++) {
        at(i, has);
    }
}

static void dropouts_claim_no_running(void **state) {
    (void)state;
    // the count is missing for five minutes, samples go on: the device counted meanwhile, but nobody knows that it was run in one go
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 300, LW_SAMPLE_DISTANCE);
    steps(301, 600, 0);
    steps(601, 900, LW_SAMPLE_DISTANCE);
    lw_summary_end(&summary, &got);
    assert_int_equal(got.distance_cm, 270000);
    assert_in_range(got.stretch_s, 285, 315);
    assert_in_range(got.run_s, 585, 625);
    assert_int_equal(got.notes, LW_NOTE_GAPS);
    // a short one is bridged
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 300, LW_SAMPLE_DISTANCE);
    steps(301, 308, 0);
    steps(309, 600, LW_SAMPLE_DISTANCE);
    lw_summary_end(&summary, &got);
    assert_int_equal(got.distance_cm, 180000);
    assert_in_range(got.stretch_s, 590, 600);
    assert_int_equal(got.notes, 0);
    // the count stands still and catches up at once: what nobody can do in a second is left out
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 300, LW_SAMPLE_DISTANCE);
    for (int i = 301; i <= 400; i++) {
        lw_sample stuck = {.at_ms = t0 + i * 1000, .distance_cm = 90000, .has = LW_SAMPLE_DISTANCE};
        lw_summary_take(&summary, &stuck);
    }
    steps(401, 600, LW_SAMPLE_DISTANCE);
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 149000, 151000);
    assert_in_range(got.stretch_s, 290, 310);
    assert_in_range(got.moving_s, 490, 510);
    assert_true((got.notes & LW_NOTE_JUMPS) != 0);
    // and one that never comes back
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 300, LW_SAMPLE_DISTANCE | LW_SAMPLE_PLACE);
    steps(301, 600, LW_SAMPLE_PLACE);
    lw_summary_end(&summary, &got);
    assert_int_equal(got.distance_cm, 90000);
    assert_int_equal(got.notes, LW_NOTE_GAPS);
}

static void a_speed_speaks_for_a_while(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 100, LW_SAMPLE_SPEED);
    steps(400, 500, LW_SAMPLE_SPEED); // five minutes without a sample: ten seconds of them are told
    lw_summary_end(&summary, &got);
    assert_int_equal(got.distance_cm, 63000);
    assert_true(got.stretch_s <= 110);
    assert_int_equal(got.notes, LW_NOTE_GAPS);
    // a pause of the button is no way
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 100, LW_SAMPLE_SPEED);
    lw_summary_pause(&summary, t0 + 100000);
    lw_summary_resume(&summary, t0 + 400000);
    steps(401, 500, LW_SAMPLE_SPEED);
    lw_summary_end(&summary, &got);
    assert_int_equal(got.distance_cm, 60000);
    assert_int_equal(got.notes, 0);
    // places and speeds by turns: no second is counted by both
    lw_summary_begin(&summary, LW_WATCH_RUN);
    for (int i = 0; i <= 600; i++) {
        at(i, i % 2 == 0 ? LW_SAMPLE_PLACE : LW_SAMPLE_SPEED);
    }
    lw_summary_end(&summary, &got);
    assert_true(got.distance_cm <= 180000);
    // a tunnel that the pod ran through: counted once
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 200, LW_SAMPLE_PLACE | LW_SAMPLE_SPEED);
    steps(201, 400, LW_SAMPLE_SPEED);
    steps(401, 600, LW_SAMPLE_PLACE | LW_SAMPLE_SPEED);
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 179000, 180000);
    // a pod that shakes
    lw_summary_begin(&summary, LW_WATCH_RUN);
    lw_sample shake = {.at_ms = t0, .speed_mms = 60000, .has = LW_SAMPLE_SPEED};
    lw_summary_take(&summary, &shake);
    shake.at_ms += 1000;
    lw_summary_take(&summary, &shake);
    lw_summary_end(&summary, &got);
    assert_true(got.distance_cm <= 0);
}

static void tunnels_and_gaps_between_places(void **state) {
    (void)state;
    // half a minute without a place: the straight way was gone at least, as running it is not claimed in one go
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 300, LW_SAMPLE_PLACE);
    steps(301, 330, 0);
    steps(331, 600, LW_SAMPLE_PLACE);
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 179500, 180500);
    assert_in_range(got.stretch_s, 290, 312);
    assert_int_equal(got.notes, 0);
    // five minutes: nobody knows who or what went there; after it, all counts again
    lw_summary_begin(&summary, LW_WATCH_RUN);
    steps(0, 300, LW_SAMPLE_PLACE);
    steps(301, 600, 0);
    steps(601, 900, LW_SAMPLE_PLACE);
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 179000, 180500);
    assert_in_range(got.stretch_s, 285, 312);
    assert_int_equal(got.notes, LW_NOTE_GAPS);
    // half an hour without a sample, by bus: neither way nor time nor running
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 300, 3, 0);
    go(2100, 2400, 3, 8900);
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 179000, 181000);
    assert_in_range(got.moving_s, 590, 610);
    assert_in_range(got.stretch_s, 285, 310);
    assert_int_equal(got.notes, LW_NOTE_GAPS);
    // out of the tunnel the receiver is lost for half a minute, 400 m away, and comes back: neither leap is a way, and it goes on
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 300, 3, 0);
    go(301, 330, 3, 1300);
    go(331, 600, 3, 993);
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 178000, 180500);
    assert_true((got.notes & LW_NOTE_JUMPS) != 0);
}

static void smart_recording_is_a_run(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    for (int i = 0; i <= 1200; i += 4 + i % 5) { // four to eight seconds apart
        at(i, LW_SAMPLE_PLACE);
    }
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 357000, 360500);
    assert_in_range(got.stretch_s, 1170, 1200);
    assert_int_equal(got.notes, 0);
    // a count every half minute tells how far, and not that no walk was in between
    lw_summary_begin(&summary, LW_WATCH_RUN);
    for (int i = 0; i <= 1200; i += 30) {
        at(i, LW_SAMPLE_DISTANCE);
    }
    lw_summary_end(&summary, &got);
    assert_int_equal(got.distance_cm, 360000);
    assert_int_equal(got.moving_s, 1200);
    assert_int_equal(got.stretch_s, 0);
}

static void clocks_that_step(void **state) {
    (void)state;
    // back by ten minutes in the middle: those ten minutes are left out, and said
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 900, 3, 0);
    go(300, 1200, 3, 2703);
    lw_summary_end(&summary, &got);
    assert_true((got.notes & LW_NOTE_DISORDER) != 0);
    assert_true(got.distance_cm <= 360500);
    assert_true(got.stretch_s <= 1200);
    // forward by an hour: no way, no time
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 300, 3, 0);
    go(3901, 4200, 3, 903);
    lw_summary_end(&summary, &got);
    assert_in_range(got.moving_s, 590, 610);
    assert_in_range(got.stretch_s, 285, 310);
    assert_in_range(got.distance_cm, 179000, 180500);
}

static void of_two_totals_the_smaller_stays(void **state) {
    (void)state;
    lw_watch_activity run = {.distance_cm = 500000};
    lw_summary_total(&run, 480000);
    assert_int_equal(run.distance_cm, 480000);
    assert_int_equal(run.notes, 0);
    lw_summary_total(&run, 0);
    lw_summary_total(&run, -1);
    lw_summary_total(&run, 510000);
    assert_int_equal(run.distance_cm, 480000);
    assert_int_equal(run.notes, 0);
    lw_summary_total(&run, 600000);
    assert_int_equal(run.distance_cm, 480000);
    assert_int_equal(run.notes, LW_NOTE_GAPS);
    run.distance_cm = -1;
    lw_summary_total(&run, 600000);
    assert_int_equal(run.distance_cm, -1);
}

static void time_goes_forward(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    go(0, 100, 3, 0);
    go(50, 60, 3, 0);
    lw_summary_end(&summary, &got);
    assert_true((got.notes & LW_NOTE_DISORDER) != 0);
    assert_in_range(got.distance_cm, 29500, 30500);
    assert_int_equal(got.samples, 101);
    lw_sample late = {.at_ms = t0 + INT64_C(700000000)};
    lw_summary_take(&summary, &late); // eight days on
    lw_summary_end(&summary, &got);
    assert_int_equal(got.end_s, t0 / 1000 + 100);
    lw_summary_begin(&summary, LW_WATCH_RUN);
    late.at_ms = -1;
    lw_summary_take(&summary, &late);
    lw_summary_end(&summary, &got);
    assert_int_equal(got.samples, 0);
}

static void the_devices_own_count_is_believed(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_RUN);
    for (int i = 0; i <= 600; i++) { // a treadmill: distance and no place
        lw_sample sample = {.at_ms = t0 + i * 1000, .distance_cm = i * 250, .has = LW_SAMPLE_DISTANCE};
        lw_summary_take(&summary, &sample);
    }
    lw_sample again = {.at_ms = t0 + 601000, .distance_cm = 5, .has = LW_SAMPLE_DISTANCE};
    lw_summary_take(&summary, &again); // the count began anew: nothing is taken off, nothing added
    lw_summary_end(&summary, &got);
    assert_int_equal(got.distance_cm, 150000);
    assert_in_range(got.top_mms, 2490, 2510);
    lw_summary_begin(&summary, LW_WATCH_RUN);
    for (int i = 0; i <= 100; i++) { // speed alone
        lw_sample sample = {.at_ms = t0 + i * 1000, .speed_mms = 3000, .has = LW_SAMPLE_SPEED};
        lw_summary_take(&summary, &sample);
    }
    lw_summary_end(&summary, &got);
    assert_in_range(got.distance_cm, 29700, 30300);
}

static void climbs_count_when_they_are_climbs(void **state) {
    (void)state;
    lw_summary_begin(&summary, LW_WATCH_WALK);
    for (int i = 0; i <= 600; i++) { // up by 60 m with a barometer's noise of 2 m, then down
        int cm = (i <= 300 ? 20 * i : 20 * (600 - i)) + (i * 7919 % 400 - 200);
        lw_sample sample = {.at_ms = t0 + i * 1000, .height_cm = cm, .has = LW_SAMPLE_HEIGHT};
        lw_summary_take(&summary, &sample);
    }
    lw_summary_end(&summary, &got);
    assert_in_range(got.ascent_m, 55, 66);
    lw_summary_begin(&summary, LW_WATCH_WALK);
    for (int i = 0; i <= 600; i++) { // on the flat, wandering by four metres
        lw_sample sample = {.at_ms = t0 + i * 1000, .height_cm = i * 7919 % 400, .has = LW_SAMPLE_HEIGHT};
        lw_summary_take(&summary, &sample);
    }
    lw_summary_end(&summary, &got);
    assert_int_equal(got.ascent_m, 0);
}

static void games_and_lengths_keep_their_time(void **state) {
    (void)state;
    static const lw_watch_sport sports[] = {LW_WATCH_SWIM, LW_WATCH_SPORT};
    for (int i = 0; i < 2; i++) { // a length of 25 m every 30 s: standing in between is not a pause
        lw_summary_begin(&summary, sports[i]);
        lw_summary_resume(&summary, t0);
        for (int j = 0; j <= 300; j++) {
            lw_sample sample = {.at_ms = t0 + j * 1000, .distance_cm = j / 30 * 2500, .has = LW_SAMPLE_DISTANCE};
            lw_summary_take(&summary, &sample);
        }
        lw_summary_end(&summary, &got);
        assert_int_equal(got.moving_s, 300);
    }
    lw_summary_begin(&summary, LW_WATCH_RUN); // nothing but times: a gap of an hour is no hour of running
    lw_sample sample = {.at_ms = t0};
    lw_summary_take(&summary, &sample);
    sample.at_ms += 30000;
    lw_summary_take(&summary, &sample);
    sample.at_ms += 3600000;
    lw_summary_take(&summary, &sample);
    lw_summary_end(&summary, &got);
    assert_int_equal(got.moving_s, 30);
    assert_int_equal(got.distance_cm, -1);
}

static void reads_numbers(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int places;
        int64_t value;
    } good[] = {{"0", 0, 0},
                {"12.345678", 7, 123456780},
                {"-12.34567849", 7, -123456785},
                {" 8.5\n", 1, 85},
                {"+.5", 1, 5},
                {"1.5e-3", 7, 15000},
                {"1E3", 0, 1000},
                {"0.00000000049", 9, 0},
                {"0.0000000005", 9, 1},
                {"48.123456789012345678", 7, 481234568},
                {"2.", 2, 200},
                {"0e999", 3, 0},
                {"1e-999", 2, 0}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t value = -77;
        if (!lw_watch_decimal(str(good[i].text), good[i].places, &value) || value != good[i].value) {
            fail_msg("%s: %lld", good[i].text, (long long)value);
        }
    }
    static const char *const bad[] = {
        "",     " ",  ".", "-", "1,5", "1.2.3", "nan", "inf", "0x10", "1e", "1e+", "12 3", "99999999999999999999",
        "1e30", "--1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t value = 77;
        if (lw_watch_decimal(str(bad[i]), 3, &value) || value != 77) {
            fail_msg("\"%s\" was read as %lld", bad[i], (long long)value);
        }
    }
}

static void reads_times(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
        int offset;
        bool zoned;
    } good[] = {{"2026-03-06T06:05:00Z", 0, 0, false},       {"2026-03-06T07:05:00+01:00", 0, 60, true},
                {"2026-03-06 07:05:00 +0100", 0, 60, true},  {"2026-03-05T22:35:00-07:30", 0, -450, true},
                {"2026-03-06T06:05:00.250Z", 250, 0, false}, {" 2026-03-06T06:05:00.1239999999 ", 123, 0, false},
                {"2026-03-06T06:05:00", 0, 0, false},        {"2026-03-06T08:05:00+02", 0, 120, true}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t ms = 0;
        int32_t offset = -1;
        bool zoned = false;
        if (!lw_watch_time(str(good[i].text), &ms, &offset, &zoned) || ms != t0 + good[i].ms ||
            offset != good[i].offset || zoned != good[i].zoned) {
            fail_msg("%s: %lld %d", good[i].text, (long long)ms, (int)offset);
        }
    }
    static const char *const bad[] = {"",
                                      "2026-03-06",
                                      "2026-02-30T06:05:00Z",
                                      "2026-03-06T24:00:00Z",
                                      "2026-03-06T06:60:00Z",
                                      "2026-03-06T06:05:61Z",
                                      "2026-03-06X06:05:00Z",
                                      "2026-03-06T06.05:00Z",
                                      "2026-03-06T06:05:00+15:00",
                                      "2026-03-06T06:05:00+1",
                                      "2026-03-06T06:05:00+01:0",
                                      "2026-03-06T06:05:00Zx",
                                      "2026-03-06T0a:05:00Z"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t ms;
        int32_t offset;
        bool zoned;
        if (lw_watch_time(str(bad[i]), &ms, &offset, &zoned)) {
            fail_msg("\"%s\" is a time", bad[i]);
        }
    }
}

static void knows_words_for_sports(void **state) {
    (void)state;
    static const struct {
        const char *word;
        lw_watch_sport sport;
    } words[] = {{"running", LW_WATCH_RUN},
                 {"Running", LW_WATCH_RUN},
                 {"trail_running", LW_WATCH_RUN},
                 {"TrailRun", LW_WATCH_RUN},
                 {"Lauf", LW_WATCH_RUN},
                 {"Carrera", LW_WATCH_RUN},
                 {"9", LW_WATCH_RUN},
                 {"Walking", LW_WATCH_WALK},
                 {"Hiking", LW_WATCH_WALK},
                 {"Caminata", LW_WATCH_WALK},
                 {"cycling", LW_WATCH_CYCLE},
                 {"Biking", LW_WATCH_CYCLE},
                 {"EBikeRide", LW_WATCH_CYCLE},
                 {"VirtualRide", LW_WATCH_CYCLE},
                 {"Radfahrt", LW_WATCH_CYCLE},
                 {"1", LW_WATCH_CYCLE},
                 {"OpenWaterSwimming", LW_WATCH_SWIM},
                 {"TraditionalStrengthTraining", LW_WATCH_SPORT},
                 {"HandCycling", LW_WATCH_SPORT},
                 {"WheelchairRunPace", LW_WATCH_SPORT},
                 {"Rowing", LW_WATCH_SPORT},
                 {"Yoga", LW_WATCH_SPORT},
                 {"", LW_WATCH_UNKNOWN},
                 {"Other", LW_WATCH_UNKNOWN},
                 {"generic", LW_WATCH_UNKNOWN},
                 {"77", LW_WATCH_UNKNOWN},
                 {"brunch", LW_WATCH_UNKNOWN}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (lw_watch_sport_of(str(words[i].word)) != words[i].sport) {
            fail_msg("%s is %d", words[i].word, (int)lw_watch_sport_of(str(words[i].word)));
        }
    }
}

static void reads_tracks(void **state) {
    (void)state;
    static lw_track_reader track;
    lw_track_begin(&track, LW_WATCH_RUN);
    for (int i = 0; i <= 1200; i++) {
        char lat[32], time[40];
        int at = i <= 600 ? i : i + 600; // a segment of ten minutes, a pause, another
        snprintf(lat, sizeof lat, "48.%07d", 5000000 + i * 270);
        snprintf(time, sizeof time, "2026-03-06T06:%02d:%02dZ", at / 60, at % 60);
        if (i == 0 || i == 601) {
            lw_track_segment(&track);
        }
        if (at < 3600) {
            lw_track_point(&track, str(lat), str("8.5"), str("100"), str(time), str(""));
        }
    }
    assert_true(lw_track_end(&track, &got));
    assert_int_equal(got.moving_s, 1199); // the first second after a pause has nothing before it to be measured from
    assert_in_range(got.distance_cm, 359000, 361000);
    assert_int_equal(got.end_s - got.start_s, 1800);
    assert_false(got.has_offset);
    lw_track_begin(&track, LW_WATCH_WALK); // a route that somebody planned
    lw_track_point(&track, str("48.5"), str("8.5"), str(""), str(""), str(""));
    assert_false(lw_track_end(&track, &got));
    assert_true(track.route);
    lw_track_begin(&track, LW_WATCH_WALK); // places that are none on Earth
    lw_track_point(&track, str("91"), str("8.5"), str("1e9"), str("2026-03-06T07:05:00+01:00"), str("-4"));
    lw_track_point(&track, str("48"), str("181"), str("x"), str("2026-03-06T07:05:30+01:00"), str("x"));
    assert_true(lw_track_end(&track, &got));
    assert_int_equal(got.distance_cm, -1);
    assert_int_equal(got.ascent_m, -1);
    assert_int_equal(got.offset_min, 60);
    lw_track_begin(&track, LW_WATCH_RUN); // laps without points
    lw_track_lap(&track, str("2026-03-06T06:05:00Z"), str("600.5"), str("1800"));
    lw_track_lap(&track, str("2026-03-06T06:15:00Z"), str("600"), str("1800.25"));
    lw_track_lap(&track, str("x"), str("-1"), str("-1"));
    assert_true(lw_track_end(&track, &got));
    assert_int_equal(got.start_s, t0 / 1000);
    assert_int_equal(got.moving_s, 1200);
    assert_int_equal(got.distance_cm, 360025);
    assert_true((got.notes & LW_NOTE_TOTALS) != 0);
    lw_track_begin(&track, LW_WATCH_RUN);
    assert_false(lw_track_end(&track, &got));
    assert_false(track.route);
}

/* A total that nobody can do in that time claims nothing: it would become the longest run that others are held against. */
static void totals_beyond_belief(void **state) {
    (void)state;
    static lw_track_reader track;
    lw_track_begin(&track, LW_WATCH_RUN); // a lap of 300 km/h is told, and no longest run
    lw_track_lap(&track, str("2026-03-06T06:05:00Z"), str("1200"), str("99999"));
    assert_true(lw_track_end(&track, &got));
    assert_int_equal(got.moving_s, 1200);
    assert_int_equal(got.distance_cm, -1);
    assert_true((got.notes & LW_NOTE_FAST) != 0);
    lw_track_begin(&track, LW_WATCH_RUN); // 12.5 m/s is the most that is believed
    lw_track_lap(&track, str("2026-03-06T06:05:00Z"), str("1200"), str("15000"));
    assert_true(lw_track_end(&track, &got));
    assert_int_equal(got.distance_cm, 1500000);
    got = (lw_watch_activity){.sport = LW_WATCH_WALK, .moving_s = 60, .distance_cm = 6000, .top_mms = 12501};
    lw_totals_possible(&got);
    assert_int_equal(got.distance_cm, 6000);
    assert_int_equal(got.top_mms, -1);
    assert_int_equal(got.notes, LW_NOTE_FAST);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures_places),
        cmocka_unit_test(a_run_between_places),
        cmocka_unit_test(standing_still_is_a_pause),
        cmocka_unit_test(a_walk_ends_a_stretch),
        cmocka_unit_test(jumps_are_left_out),
        cmocka_unit_test(dropouts_claim_no_running),
        cmocka_unit_test(a_speed_speaks_for_a_while),
        cmocka_unit_test(tunnels_and_gaps_between_places),
        cmocka_unit_test(smart_recording_is_a_run),
        cmocka_unit_test(clocks_that_step),
        cmocka_unit_test(of_two_totals_the_smaller_stays),
        cmocka_unit_test(time_goes_forward),
        cmocka_unit_test(the_devices_own_count_is_believed),
        cmocka_unit_test(climbs_count_when_they_are_climbs),
        cmocka_unit_test(games_and_lengths_keep_their_time),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(reads_times),
        cmocka_unit_test(knows_words_for_sports),
        cmocka_unit_test(reads_tracks),
        cmocka_unit_test(totals_beyond_belief),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
