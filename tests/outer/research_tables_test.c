/* research_tables_test.c: small cells are taken out of every file, tables are tidy, each column has its meaning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/research.h"
#include "store_support.h"

static const char PROTOCOL[] = "exercise bridge-hold-single";

static void add(lw_research *cohort, int n, int born, const char *sport) {
    static char log[4000];
    char id[16];
    snprintf(id, sizeof id, "p-%d", n);
    int len = 0;
#define LINE(last, kind, data, ...)                                                                            \
    len += snprintf(log + len, sizeof log - (size_t)len,                                                       \
                    "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%09d%03d\",\"patient\":\"%s\",\"kind\":\"" kind \
                    "\",\"at\":\"2026-03-0%dT07:00:00+00:00\",\"by\":\"patient\",\"data\":" data "}\n",        \
                    n, last, id, last, __VA_ARGS__)
    LINE(1, "enrolled",
         "{\"birth_year\":%d,\"sex\":\"female\",\"sport\":\"%s\",\"sides\":[\"left\",\"right\"],\"goal\":\"run\"}",
         born, sport);
    LINE(2, "checkin", "{\"pain_morning\":%d,\"night_pain\":false,\"x_say\":\"SECRET\"}", 3);
    LINE(3, "exercise",
         "{\"exercise\":\"bridge-hold-single\",\"side\":\"left\",\"sets\":[{\"hold_s\":30,\"load_kg\":2.5},{\"hold_s\":"
         "%d}],"
         "\"pain_during\":2}",
         45);
    LINE(4, "checkin", "{\"pain_morning\":%d}", 9);
    len += snprintf(
        log + len, sizeof log - (size_t)len,
        "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%09d005\",\"patient\":\"%s\",\"kind\":\"void\",\"at\":\"2026-"
        "03-05T07:00:00+00:00\",\"by\":\"patient\",\"data\":{\"event\":\"0195a0c2-7b1e-7000-8000-%09d004\","
        "\"reason\":\"SECRET\"}}\n",
        n, id, n);
    LINE(6, "adverse", "{\"what\":[\"a, \\\"quote\\\"\"],\"serious\":%s}", "false");
    LINE(7, "shockwave", "{\"side\":\"left\",\"wave\":\"radial\",\"pressure_bar\":2.5,\"impulses\":%d}", 2000);
    assert_int_equal(lw_research_add(cohort, id, lw__str(PROTOCOL), (lw_str){log, (uint32_t)len}), LW_OK);
}

static const char *file_of(const lw_research *cohort, const char *name) {
    for (uint32_t i = 0; i < LW_RESEARCH_FILES; i++) {
        lw_research_file file = lw_research_get(cohort, i);
        if (strcmp(file.name, name) == 0) {
            assert_int_equal(file.bytes.ptr[file.bytes.len], 0);
            return file.bytes.ptr;
        }
    }
    fail_msg("no file %s", name);
    return NULL;
}

static int count(const char *text, const char *part) {
    int n = 0;
    for (const char *p = text; (p = strstr(p, part)) != NULL; p++) {
        n++;
    }
    return n;
}

static void what_few_share_is_in_no_file(void **state) {
    (void)state;
    lw_research *cohort = NULL;
    assert_int_equal(lw_research_open(20600, &cohort), LW_OK);
    for (int i = 0; i < 6; i++) {
        add(cohort, i, 1981, "running");
    }
    add(cohort, 6, 1981, "sprint");  /* the only one */
    add(cohort, 7, 1947, "running"); /* the oldest */
    assert_int_equal(lw_research_make(cohort), LW_OK);
    assert_int_equal(lw_research_suppressed(cohort), 2);
    for (uint32_t i = 0; i < LW_RESEARCH_FILES - 1; i++) {
        lw_research_file file = lw_research_get(cohort, i);
        assert_null(strstr(file.bytes.ptr, "sprint"));
        assert_null(strstr(file.bytes.ptr, ",1945,"));
        assert_null(strstr(file.bytes.ptr, ":1945,"));
        assert_null(strstr(file.bytes.ptr, "SECRET"));
        assert_null(strstr(file.bytes.ptr, "quote"));
        assert_null(strstr(file.bytes.ptr, "2026-03-0"));
    }
    assert_int_equal(count(file_of(cohort, "patients.csv"), "\nr-"), 8);
    assert_int_equal(count(file_of(cohort, "patients.csv"), ",1980,female,running,"), 6);
    assert_int_equal(count(file_of(cohort, "patients.csv"), ",1980,female,,"), 1);
    assert_int_equal(count(file_of(cohort, "patients.csv"), ",,female,running,"), 1);
    assert_int_equal(count(file_of(cohort, "patients.csv"), "left;right,run,"), 8);
    /* without a year of birth there is no valid enrolled; all else of that person is there */
    assert_int_equal(count(file_of(cohort, "events.jsonl"), "\"enrolled\""), 7);
    assert_int_equal(count(file_of(cohort, "events.jsonl"), "\"checkin\""), 16);
    lw_research_close(cohort);
}

/* Where single values are common and only their combination is rare, sport goes first, then the year, then sex. */
static void rare_combinations_are_thinned(void **state) {
    (void)state;
    lw_research *cohort = NULL;
    assert_int_equal(lw_research_open(20600, &cohort), LW_OK);
    for (int i = 0; i < 5; i++) {
        add(cohort, i, 1981, "running");
        add(cohort, 10 + i, 1991, "football");
    }
    add(cohort, 20, 1981, "football");
    assert_int_equal(lw_research_make(cohort), LW_OK);
    const char *patients = file_of(cohort, "patients.csv");
    assert_int_equal(count(patients, ",1980,female,running,"), 5);
    assert_int_equal(count(patients, ",1990,female,football,"), 5);
    assert_int_equal(count(patients, ",1980,female,football,"), 0);
    lw_research_close(cohort);
}

static void tables_are_tidy(void **state) {
    (void)state;
    lw_research *cohort = NULL;
    assert_int_equal(lw_research_open(20600, &cohort), LW_OK);
    for (int i = 0; i < 5; i++) {
        add(cohort, i, 1981, "running");
    }
    assert_int_equal(lw_research_make(cohort), LW_OK);
    assert_int_equal(count(file_of(cohort, "checkins.csv"), "\nr-"), 5); /* the voided one is in no table */
    assert_int_equal(count(file_of(cohort, "checkins.csv"), ",1,patient,3,"), 5);
    assert_int_equal(count(file_of(cohort, "exercises.csv"), "\nr-"), 10); /* a row a set */
    assert_int_equal(count(file_of(cohort, "exercises.csv"), "bridge-hold-single,left,,30,,,2.5,"), 5);
    assert_int_equal(count(file_of(cohort, "shockwave.csv"), "left,radial,2.5,,2000,"), 5);
    /* every row has as many cells as its header, and every column of every header is in the dictionary */
    const char *dictionary = file_of(cohort, "dictionary.csv");
    for (uint32_t i = 1; i < LW_RESEARCH_FILES - 1; i++) {
        lw_research_file file = lw_research_get(cohort, i);
        int commas = -1;
        uint32_t rows = 0;
        for (const char *p = file.bytes.ptr; *p != 0; p = strchr(p, '\n') + 1, rows++) {
            int here = 0;
            for (const char *c = p; *c != '\n'; c++) {
                here += *c == ',' ? 1 : 0;
            }
            assert_true(commas < 0 || here == commas);
            commas = here;
        }
        assert_int_equal(rows - 1, file.rows);
        char header[2000], *save = NULL;
        snprintf(header, sizeof header, "%.*s", (int)strcspn(file.bytes.ptr, "\n"), file.bytes.ptr);
        for (char *column = strtok_r(header, ",", &save); column != NULL; column = strtok_r(NULL, ",", &save)) {
            char row[200];
            snprintf(row, sizeof row, "\n%s,%s,", file.name, column);
            if (strstr(dictionary, row) == NULL) {
                fail_msg("%s of %s means nothing", column, file.name);
            }
        }
    }
    lw_research_close(cohort);
}

static void too_few_make_no_files(void **state) {
    (void)state;
    lw_research *cohort = NULL;
    assert_int_equal(lw_research_open(20600, &cohort), LW_OK);
    for (int i = 0; i < 4; i++) {
        add(cohort, i, 1981, "running");
    }
    assert_int_equal(lw_research_make(cohort), LW_ERR_FORBIDDEN);
    assert_int_equal(lw_research_get(cohort, 0).bytes.len, 0);
    assert_int_equal(lw_research_add(cohort, "p-x", lw__str(PROTOCOL), LW_STR("no record")), LW_ERR_CORRUPT);
    assert_int_equal(lw_research_count(cohort), 4);
    lw_research_close(cohort);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_few_share_is_in_no_file),
        cmocka_unit_test(rare_combinations_are_thinned),
        cmocka_unit_test(tables_are_tidy),
        cmocka_unit_test(too_few_make_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
