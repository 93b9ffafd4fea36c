/* intake_test.c: files that are whole, cut off at every byte, hostile; and memory that runs out at every call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_internal.h"
#include "intake/intake.h"

static char folder[512];

static const char *path_of(const char *name) {
    static char path[700];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const void *bytes, size_t len) {
    FILE *file = fopen(path_of(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static char *read_back(const char *name, size_t *len) {
    FILE *file = fopen(path_of(name), "rb");
    assert_non_null(file);
    char *bytes = malloc(4 << 20);
    assert_non_null(bytes);
    *len = fread(bytes, 1, 4 << 20, file);
    fclose(file);
    return bytes;
}

static int make_files(void **state) {
    (void)state;
    const char *scratch = getenv("LW_SCRATCH");
    snprintf(folder, sizeof folder, "%s/files", scratch != NULL ? scratch : ".");
    char command[700];
    snprintf(command, sizeof command, "python3 tests/watch/make_files.py '%s'", folder);
    return system(command);
}

static bool found(const lw_intake *in, lw_found what) {
    for (uint32_t i = 0; i < in->finding_count && i < LW_INTAKE_FINDINGS; i++) {
        if (in->findings[i].what == what) {
            return true;
        }
    }
    return false;
}

static void reads_every_kind(void **state) {
    (void)state;
    static const struct {
        const char *name, *key;
        uint32_t items;
    } files[] = {{"run.fit", "fit:", 1},      {"run.fit.gz", "fit:", 1}, {"run.gpx", "gpx:", 1},
                 {"run.tcx", "tcx:", 1},      {"strava.zip", "fit:", 3}, {"export.xml", "health:", 4},
                 {"export.zip", "health:", 4}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        lw_intake in;
        lw_intake_begin(&in, NULL);
        lw_intake_file(&in, path_of(files[i].name));
        if (in.count != files[i].items || strncmp(in.items[0].key, files[i].key, strlen(files[i].key)) != 0) {
            fail_msg("%s: %u items, %s", files[i].name, in.count, in.count > 0 ? in.items[0].key : "");
        }
        const lw_watch_activity *a = &in.items[0].activity;
        assert_int_equal(a->sport, LW_WATCH_RUN);
        assert_int_equal(a->start_s, 1772777100);
        assert_in_range(a->moving_s, 1195, 1200);
        assert_in_range(a->distance_cm, 359000, 361000);
        lw_intake_end(&in);
    }
}

static void packed_and_unpacked_are_the_same(void **state) {
    (void)state;
    lw_intake in;
    lw_intake_begin(&in, NULL);
    lw_intake_file(&in, path_of("run.fit"));
    lw_intake_file(&in, path_of("run.fit.gz"));
    lw_intake_file(&in, path_of("export.xml"));
    lw_intake_file(&in, path_of("export.zip"));
    assert_int_equal(in.count, 10);
    assert_string_equal(in.items[0].key, in.items[1].key);
    for (int i = 0; i < 4; i++) {
        assert_string_equal(in.items[2 + i].key, in.items[6 + i].key);
    }
    assert_string_not_equal(in.items[2].key, in.items[3].key);
    lw_intake_end(&in);
}

static void health_says_what_it_knows(void **state) {
    (void)state;
    lw_intake in;
    lw_intake_begin(&in, NULL);
    lw_intake_file(&in, path_of("export.xml"));
    assert_int_equal(in.finding_count, 0); // neither the broken document type nor the control characters are one
    const lw_watch_activity *run = &in.items[0].activity;
    assert_int_equal(run->end_s - run->start_s, 1500);
    assert_int_equal(run->moving_s, 1200); // the pause is out
    assert_int_equal(run->ascent_m, 25);
    assert_int_equal(run->offset_min, 60);
    assert_true(run->has_offset);
    assert_int_equal(run->stretch_s, -1); // nothing tells how long it went without a walk
    assert_int_equal(in.items[1].activity.distance_cm, -1);
    assert_int_equal(in.items[3].activity.sport, LW_WATCH_SPORT);
    lw_intake_end(&in);
}

/* Cut off at every byte: nothing is made up, and no more than the whole file holds. */
static void cut_off_anywhere(void **state) {
    (void)state;
    static const char *const names[] = {"run.fit.gz", "export.xml", "run.fit", "runs.csv", "strava.zip"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        size_t len = 0;
        char *whole = read_back(names[n], &len);
        lw_intake all;
        lw_intake_begin(&all, NULL);
        assert_null(lw_table_map_read(&all.map, "start=Date:dmy,minutes=Moving Time,km=Distance"));
        lw_intake_file(&all, path_of(names[n]));
        size_t step = len / 300 + 1;
        for (size_t cut = 0; cut < len; cut += cut < 64 || cut + 64 > len ? 1 : step) {
            write_file("cut", whole, cut);
            lw_intake in;
            lw_intake_begin(&in, NULL);
            in.map = all.map;
            lw_intake_file(&in, path_of("cut"));
            assert_true(in.count <= all.count);
            bool table = n == 3;
            if (in.count < all.count && !table) {
                assert_true(in.finding_count > 0);
            }
            for (uint32_t i = 0; i < in.count && !table; i++) {
                assert_int_equal(in.items[i].activity.start_s, all.items[i].activity.start_s);
                assert_true(in.items[i].activity.distance_cm <= all.items[i].activity.distance_cm);
            }
            lw_intake_end(&in);
        }
        lw_intake_end(&all);
        free(whole);
    }
}

static void hostile_files_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        lw_found what;
    } files[] = {
        {"laughs.gpx", LW_FOUND_ENTITY},       {"outside.gpx", LW_FOUND_ENTITY}, {"deep.gpx", LW_FOUND_LIMIT},
        {"bomb.gpx.gz", LW_FOUND_PACKED},      {"bomb.zip", LW_FOUND_PACKED},    {"nothing.txt", LW_FOUND_KIND},
        {"empty.fit", LW_FOUND_KIND},          {"route.gpx", LW_FOUND_NO_TIME},  {"course.fit", LW_FOUND_NO_ACTIVITY},
        {"no such file", LW_FOUND_UNREADABLE}, {"runs.csv", LW_FOUND_MAP}};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        lw_intake in;
        lw_intake_begin(&in, NULL);
        lw_intake_file(&in, path_of(files[i].name));
        if (in.count != 0 || !found(&in, files[i].what)) {
            fail_msg("%s: %u items, %u findings, the first %d", files[i].name, in.count, in.finding_count,
                     in.finding_count > 0 ? in.findings[0].what : -1);
        }
        lw_intake_end(&in);
    }
    // old exports: blanks in names of attributes, across the end of a chunk as well
    static char old[140000];
    size_t at = (size_t)snprintf(old, sizeof old, "<HealthData>\n");
    while (at < 130000) {
        at += (size_t)snprintf(old + at, sizeof old - at, "<Record source name=\"a b\" HKMeta Data Key=\"1 2\" />\n");
    }
    snprintf(old + at, sizeof old - at,
             "<Workout workoutActivityType=\"HKWorkoutActivityTypeRunning\" device name=\"x\" duration=\"20\" "
             "startDate=\"2026-03-06 "
             "07:05:00 +0100\" endDate=\"2026-03-06 07:30:00 +0100\"></Workout></HealthData>");
    write_file("old", old, strlen(old));
    lw_intake old_export;
    lw_intake_begin(&old_export, NULL);
    lw_intake_file(&old_export, path_of("old"));
    assert_int_equal(old_export.finding_count, 0);
    assert_int_equal(old_export.count, 1);
    assert_int_equal(old_export.items[0].activity.moving_s, 1200);
    lw_intake_end(&old_export);
    // a health export whose document type never ends, one with an entity behind it, gzip in gzip
    static const char *const odd[] = {
        "<?xml version=\"1.0\"?>\n<!DOCTYPE HealthData [ <HealthData></HealthData>",
        "<!DOCTYPE HealthData []><!DOCTYPE HealthData [<!ENTITY a \"b\">]><HealthData>&a;</HealthData>",
        "<HealthData><Workout startDate=\"yesterday\"/></HealthData>"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        write_file("odd", odd[i], strlen(odd[i]));
        lw_intake in;
        lw_intake_begin(&in, NULL);
        lw_intake_file(&in, path_of("odd"));
        assert_int_equal(in.count, 0);
        assert_true(in.finding_count > 0);
        lw_intake_end(&in);
    }
}

static void maps_are_read(void **state) {
    (void)state;
    lw_table_map map;
    assert_null(lw_table_map_read(&map, "start=Date:unix,minutes=\"Time, moving\":s,km=#4:mi,pain=Pain"));
    assert_string_equal(map.column[2].name, "Time, moving");
    assert_string_equal(map.column[2].unit, "s");
    assert_string_equal(map.column[3].name, "#4");
    assert_null(lw_table_map_read(&map, "start=When: exactly,minutes=m"));
    assert_string_equal(map.column[0].name, "When: exactly"); // what is no unit belongs to the name
    static const char *const bad[] = {
        "", "start=", "start=Date", "minutes=m", "begin=Date,minutes=m", "start", "start=Date,minutes=m,km"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_non_null(lw_table_map_read(&map, bad[i]));
    }
}

static void tables_are_read_by_their_map(void **state) {
    (void)state;
    static const struct {
        const char *map, *table;
        int64_t start_s;
        int moving_s;
        int64_t cm;
        bool floating;
    } tables[] = {
        {"start=d,minutes=m,km=k", "d,m,k\n2026-03-06T07:05:00+01:00,20,3.6\n", 1772777100, 1200, 360000, false},
        {"start=d:mdy,minutes=m,km=k:m", "d,m,k\n\"3/6/2026, 6:05:00 AM\",20:00,3600\n", 1772777100, 1200, 360000,
         true},
        {"start=d:dmy,minutes=m:s,km=k", "d;m;k\r\n06.03.2026 06:05;1200;3,6\r\n", 1772777100, 1200, 360000, true},
        {"start=d:unix,minutes=m:ms,km=k:mi", "d\tm\tk\n1772777100000\t1200000\t2\n", 1772777100, 1200, 321868, false},
        {"start=#1,minutes=#3:h", "a,b,a\n2026-03-06 06:05,x,0.5\n", 1772777100, 1800, -1, true},
    };
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        write_file("table", tables[i].table, strlen(tables[i].table));
        lw_intake in;
        lw_intake_begin(&in, NULL);
        assert_null(lw_table_map_read(&in.map, tables[i].map));
        lw_intake_file(&in, path_of("table"));
        if (in.count != 1) {
            fail_msg("table %zu: %u rows, %u findings", i, in.count, in.finding_count);
        }
        assert_int_equal(in.items[0].activity.start_s, tables[i].start_s);
        assert_int_equal(in.items[0].activity.moving_s, tables[i].moving_s);
        assert_int_equal(in.items[0].activity.distance_cm, tables[i].cm);
        assert_int_equal(in.items[0].floating, tables[i].floating);
        lw_intake_end(&in);
    }
    static const char *const rows[] = {"06.13.2026,20,1",
                                       "2026-03-06,,1",
                                       "2026-03-06,20,1.000,5",
                                       "2026-03-06,-3,1",
                                       "2026-03-06,1:2:3:4,1",
                                       "2026-03-06,20,99999999999",
                                       ",20,1"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char table[128];
        int len = snprintf(table, sizeof table, "d,m,k\n2026-03-06,20,3\n%s\n",
                           i == 2 ? "2026-03-06,20,\"1.000,5\"" : rows[i]);
        write_file("table", table, (size_t)len);
        lw_intake in;
        lw_intake_begin(&in, NULL);
        assert_null(lw_table_map_read(&in.map, "start=d,minutes=m,km=k"));
        lw_intake_file(&in, path_of("table"));
        assert_int_equal(in.count, 1);
        assert_int_equal(in.finding_count, 1);
        assert_int_equal(in.findings[0].what, LW_FOUND_VALUE);
        assert_int_equal(in.findings[0].line, 3);
        lw_intake_end(&in);
    }
}

/* ---- memory that runs out ---- */

static long calls, allowed;

static void *scarce(void *old, size_t size) {
    if (size == 0) {
        free(old);
        return NULL;
    }
    return calls++ < allowed ? realloc(old, size) : NULL;
}

static void every_failing_call_is_survived(void **state) {
    (void)state;
    static const char *const names[] = {"run.fit",    "strength.fit", "run.fit.gz", "run.gpx",
                                        "strava.zip", "export.zip",   "runs.csv"};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        long needed = 0;
        for (allowed = 0; allowed < 1000; allowed++) {
            lw_intake in;
            calls = 0;
            lw_intake_begin(&in, scarce);
            assert_null(lw_table_map_read(&in.map, "start=Date:dmy,minutes=Moving Time"));
            lw_intake_file(&in, path_of(names[n]));
            bool short_of = calls > allowed;
            if (short_of) {
                assert_true(in.finding_count > 0); // counted even where there is no memory to keep it
            }
            needed = calls;
            lw_intake_end(&in);
            if (!short_of) {
                break;
            }
        }
        assert_true(allowed < 1000 && needed > 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(packed_and_unpacked_are_the_same),
        cmocka_unit_test(health_says_what_it_knows),
        cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(hostile_files_are_refused),
        cmocka_unit_test(maps_are_read),
        cmocka_unit_test(tables_are_read_by_their_map),
        cmocka_unit_test(every_failing_call_is_survived),
    };
    return cmocka_run_group_tests(tests, make_files, NULL);
}
