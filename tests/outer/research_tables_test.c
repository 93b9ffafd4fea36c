/* research_tables_test.c: small cells are taken out of every file, tables are tidy, each column has its meaning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/research.h"
#include "store_support.h"

static const char PROTOCOL[] = "exercise bridge-hold-single";

static void add_person(lw_research *cohort, int n, int born, const char *sport, const char *sex, const char *goal) {
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
         "{\"birth_year\":%d,\"sex\":\"%s\",\"sport\":\"%s\",\"sides\":[\"left\",\"right\"],\"goal\":\"%s\"}", born,
         sex, sport, goal);
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
    LINE(8, "settings", "{\"sport\":\"sprint\",\"goal\":\"sprint\",\"mass_kg\":%d}", 97);
    LINE(7, "shockwave", "{\"side\":\"left\",\"wave\":\"radial\",\"pressure_bar\":2.5,\"impulses\":%d}", 2000);
    len +=
        snprintf(log + len, sizeof log - (size_t)len, /* no whole weeks after the day that is looked for below */
                 "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%09d009\",\"patient\":\"%s\",\"kind\":\"assessed\",\"at\":"
                 "\"2026-03-03T06:00:00+00:00\",\"by\":\"patient\",\"data\":{\"contraindications\":[]}}\n",
                 n, id);
    assert_int_equal(lw_research_add(cohort, id, lw__str(PROTOCOL), (lw_str){log, (uint32_t)len}), LW_OK);
}

static void add(lw_research *cohort, int n, int born, const char *sport) {
    add_person(cohort, n, born, sport, "female", "run");
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
    for (int i = 0; i < 40; i++) {
        add(cohort, i, 1981, "running");
    }
    add(cohort, 46, 1981, "sprint");  /* the only one */
    add(cohort, 47, 1947, "running"); /* the oldest */
    assert_int_equal(lw_research_make(cohort), LW_OK);
    for (uint32_t i = 0; i < LW_RESEARCH_FILES - 1; i++) {
        lw_research_file file = lw_research_get(cohort, i);
        assert_null(strstr(file.bytes.ptr, "sprint"));
        assert_null(strstr(file.bytes.ptr, ",1945,"));
        assert_null(strstr(file.bytes.ptr, ":1945,"));
        assert_null(strstr(file.bytes.ptr, "SECRET"));
        assert_null(strstr(file.bytes.ptr, "quote"));
        assert_null(strstr(file.bytes.ptr, "2026-03-02")); /* moved by a week at least */
        assert_null(strstr(file.bytes.ptr, "2026-03-08"));
    }
    const char *patients = file_of(cohort, "patients.csv");
    assert_int_equal(count(patients, "\nr-"), 42);
    assert_true(count(patients, ",1980,female,running,") >= 25); /* most of what many share is there */
    assert_true(count(patients, ",female,,") >= 5);              /* and nobody stands alone with a gap */
    assert_true(count(patients, ",,female,") >= 5);
    assert_int_equal(count(patients, "left;right,run,"), 42);
    /* without a year of birth there is no valid enrolled; all else of that person is there */
    assert_int_equal(count(file_of(cohort, "events.jsonl"), "\"enrolled\""), 42 - count(patients, ",,female,"));
    assert_int_equal(count(file_of(cohort, "events.jsonl"), "\"checkin\""), 84);
    lw_research_close(cohort);
}

/* ---- what an attacker with the table can work out ---- */

enum { PEOPLE = 120, SHOWN = 4 };

typedef struct shown_row {
    char cell[SHOWN][24]; /* year, sex, sport, goal; "" taken out: everybody has said all four */
} shown_row;

static int rows_of(const char *patients, shown_row *rows) {
    static const int columns[SHOWN] = {1, 2, 3, 8};
    int n = 0;
    for (const char *p = strchr(patients, '\n') + 1; *p != '\0'; p = strchr(p, '\n') + 1, n++) {
        const char *at = p;
        for (int column = 0, want = 0; want < SHOWN; column++) {
            size_t len = strcspn(at, ",\n");
            if (column == columns[want]) {
                snprintf(rows[n].cell[want++], sizeof rows[0].cell[0], "%.*s", (int)len, at);
            }
            at += len + 1;
        }
    }
    return n;
}

/* How many rows show the cells of mask as this one does; with gone in it, how many of those show none there. */
static int alike(const shown_row *rows, int n, int one, unsigned mask, int gone) {
    int found = 0;
    for (int i = 0; i < n; i++) {
        bool same = true;
        for (int c = 0; c < SHOWN; c++) {
            same = same && ((mask >> c & 1) == 0 || strcmp(rows[i].cell[c], rows[one].cell[c]) == 0);
        }
        found += same && (gone < 0 || rows[i].cell[gone][0] == '\0') ? 1 : 0;
    }
    return found;
}

static void cannot_be_worked_out(const shown_row *rows, int n, unsigned group, int cell) {
    for (int i = 0; i < n; i++) {
        int out = alike(rows, n, i, group, cell), all = alike(rows, n, i, group, -1);
        if (out > 0 && out < LW_RESEARCH_FEWEST && out < all) {
            fail_msg("cell %d: %d of a group of %d show none: it is what the others are not", cell, out, all);
        }
    }
}

static void what_is_taken_out_cannot_be_worked_out(void **state) {
    (void)state;
    static const char *const sports[] = {"running", "running", "running", "football", "football", "sprint", "other"};
    static const char *const goals[] = {"run", "run", "run", "sport", "sprint"};
    static shown_row rows[PEOPLE];
    unsigned seed = 11;
    int kept = 0;
    for (int trial = 0; trial < 60; trial++) {
        lw_research *cohort = NULL;
        int people = 5 + trial * 2 % (PEOPLE - 5);
        assert_int_equal(lw_research_open(20600, &cohort), LW_OK);
        for (int i = 0; i < people; i++) {
            unsigned dice[4];
            for (int d = 0; d < 4; d++) {
                seed = seed * 1103515245U + 12345U;
                dice[d] = seed >> 16;
            }
            add_person(cohort, i, 1971 + 5 * (int)(dice[0] % 16 == 0 ? 4 : dice[0] % 3), sports[dice[1] % 7],
                       dice[2] % 9 == 0 ? "male" : "female", goals[dice[3] % 5]);
        }
        assert_int_equal(lw_research_make(cohort), LW_OK);
        int n = rows_of(file_of(cohort, "patients.csv"), rows);
        assert_int_equal(n, people);
        for (int i = 0; i < n; i++) {
            for (int c = 0; c < SHOWN; c++) { /* no value that few show */
                assert_true(rows[i].cell[c][0] == '\0' || alike(rows, n, i, 1U << c, -1) >= LW_RESEARCH_FEWEST);
                kept += rows[i].cell[c][0] != '\0' ? 1 : 0;
            }
            bool whole = rows[i].cell[0][0] != '\0' && rows[i].cell[1][0] != '\0' && rows[i].cell[2][0] != '\0';
            assert_true(!whole || alike(rows, n, i, 7, -1) >= LW_RESEARCH_FEWEST); /* nor three of them together */
        }
        for (int c = 0; c < SHOWN; c++) {
            cannot_be_worked_out(rows, n, 0, c);
        }
        cannot_be_worked_out(rows, n, 3, 2); /* the sport, among those of one year and sex */
        cannot_be_worked_out(rows, n, 6, 0); /* the year, among those of one sex and sport */
        lw_research_close(cohort);
    }
    assert_true(kept > 3000); /* it is still of use */
}

/* A change of clocks would tell how far the dates of a record were moved. */
static void no_change_of_clocks_comes_out(void **state) {
    (void)state;
    lw_research *cohort = NULL;
    assert_int_equal(lw_research_open(20600, &cohort), LW_OK);
    for (int i = 0; i < 5; i++) {
        char log[700], id[16];
        snprintf(id, sizeof id, "p-%d", i);
        int len = snprintf(
            log, sizeof log,
            "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%09d001\",\"patient\":\"%s\",\"kind\":\"checkin\",\"at\":\"2026-"
            "03-28T07:00:00+01:00\",\"by\":\"patient\",\"data\":{\"pain_morning\":1}}\n"
            "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%09d002\",\"patient\":\"%s\",\"kind\":\"checkin\",\"at\":\"2026-"
            "03-29T07:00:00+02:00\",\"by\":\"patient\",\"data\":{\"pain_morning\":1}}\n",
            i, id, i, id);
        assert_int_equal(lw_research_add(cohort, id, lw__str(PROTOCOL), (lw_str){log, (uint32_t)len}), LW_OK);
    }
    assert_int_equal(lw_research_make(cohort), LW_OK);
    const char *events = file_of(cohort, "events.jsonl");
    assert_int_equal(count(events, "T07:00:00+00:00\""), 10); /* the hour of the day is kept */
    assert_null(strstr(events, "+01:00"));
    assert_null(strstr(events, "+02:00"));
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
    assert_int_equal(count(file_of(cohort, "assessments.csv"), ",none,"), 5); /* asked, and none: not as never asked */
    /* every row has as many cells as its header, and every column of every header is in the dictionary */
    const char *dictionary = file_of(cohort, "dictionary.csv");
    assert_non_null(
        strstr(dictionary, "checkins.csv,pain_morning,number,,,Pain at the sit bone this morning. From 0 to 10."));
    assert_non_null(strstr(dictionary, "shockwave.csv,wave,word,,radial;focused,"));
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
        cmocka_unit_test(what_few_share_is_in_no_file),  cmocka_unit_test(what_is_taken_out_cannot_be_worked_out),
        cmocka_unit_test(no_change_of_clocks_comes_out), cmocka_unit_test(tables_are_tidy),
        cmocka_unit_test(too_few_make_no_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
