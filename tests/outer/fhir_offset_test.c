/*
 * fhir_offset_test.c: which offset a record is written in at an instant, and which offset that is sent may be believed there:
 * lw__fhir_offset, on records of one hour west and one hour east of Greenwich, with and without summer time.
 */
#include "server/fhir/fhir_http.h"
#include "store_support.h"

enum { HOUR = 3600, ROOM = 1 << 16 };

static char text[ROOM], memory[2][1 << 21];
static size_t len;
static int entries;
static lw_record record;

/* One more entry: a note, or what a device writes. */
static void entry(const char *by, const char *at) {
    bool device = strncmp(by, "device", 6) == 0;
    int n =
        snprintf(text + len, ROOM - len,
                 "{\"v\":1,\"id\":\"01a00000-0000-7000-8000-%012x\",\"patient\":\"p\",\"kind\":\"%s\",\"at\":\"%s\","
                 "\"by\":\"%s\",\"data\":%s}\n",
                 (unsigned)++entries, device ? "activity" : "note", at, by,
                 device ? "{\"type\":\"walk\",\"minutes\":10}" : "{\"text\":\"x\"}");
    len += (size_t)n;
    lw_arena result = lw_arena_over(memory[0], sizeof memory[0]), scratch = lw_arena_over(memory[1], sizeof memory[1]);
    lw_diag diag = {0};
    if (lw_record_read((lw_str){text, (uint32_t)len}, &result, &scratch, &record, &diag) != LW_OK) {
        fail_msg("%u: %s", diag.line, diag.message);
    }
}

static int begin(void **state) {
    (void)state;
    len = 0;
    entries = 0;
    record = (lw_record){0};
    return 0;
}

/* Sent at an instant (UTC): whether it is believed, and what the record is written in. */
static void check(const char *at, int32_t sent_s, bool known, int32_t own_s) {
    int64_t from = 0, to = 0;
    bool told = !known;
    assert_true(lw_fhir_interval(lw__str(at), &from, &to));
    int32_t own = lw__fhir_offset(&record, from, sent_s, &told);
    if (own != own_s || told != known) {
        fail_msg("%s sent with %d: record %d, %s", at, (int)sent_s, (int)own, told ? "believed" : "not believed");
    }
}

static void nobodys_record_believes(void **state) {
    (void)state;
    check("2026-01-10T08:00:00Z", 2 * HOUR, true, 0);
}

static void the_nearest_earlier_entry(void **state) {
    (void)state;
    entry("clinician:c", "2026-01-10T08:00:00-01:00");
    entry("patient", "2026-07-10T08:00:00+00:00");
    check("2026-01-11T00:30:00Z", -HOUR, true, -HOUR);
    check("2026-01-11T00:30:00Z", 0, false, -HOUR); /* summer is known of July, and not in January */
    check("2026-07-11T00:30:00Z", 0, true, 0);
    check("2026-07-11T00:30:00Z", -HOUR, false, 0);
    check("2026-01-01T00:30:00Z", -HOUR, true, -HOUR); /* before all of it: the first */
    check("2026-01-01T00:30:00Z", 0, false, -HOUR);
    check("2026-07-10T08:00:00Z", 0, true, 0); /* to the second */
    check("2026-07-10T07:59:59Z", 0, false, -HOUR);
}

static void the_patient_knows_it_better_than_the_clinic(void **state) {
    (void)state;
    entry("patient", "2026-01-10T08:00:00-01:00");
    entry("clinician:c", "2026-01-20T08:00:00+01:00");
    check("2026-01-21T00:30:00Z", -HOUR, true, -HOUR);
    check("2026-01-21T00:30:00Z", HOUR, false, -HOUR);
    check("2026-02-09T09:00:00Z", -HOUR, true, -HOUR); /* for thirty days */
    check("2026-02-09T09:00:01Z", HOUR, true, HOUR);
}

static void a_device_does_not_know_it(void **state) {
    (void)state;
    entry("patient", "2026-01-10T08:00:00-01:00");
    entry("device:w", "2026-01-11T08:00:00+00:00");
    check("2026-01-12T00:30:00Z", 0, false, -HOUR);
}

static void the_other_half_of_the_year_is_known_from_the_year_before(void **state) {
    (void)state;
    entry("patient", "2025-04-08T08:00:00+02:00");
    entry("patient", "2026-03-20T08:00:00+01:00");
    check("2026-04-08T22:30:00Z", 2 * HOUR, true, HOUR);
    check("2026-04-08T22:30:00Z", 0, false, HOUR);
    check("2026-03-31T05:59:59Z", 2 * HOUR, false, HOUR); /* 357 days, and a second less */
    check("2026-03-31T06:00:00Z", 2 * HOUR, true, HOUR);
    check("2026-04-21T06:00:00Z", 2 * HOUR, true, HOUR); /* 378 days, and a second more */
    check("2026-04-21T06:00:01Z", 2 * HOUR, false, HOUR);
    entry("patient", "2025-04-05T08:00:00+01:00"); /* travelling, or around the change: nothing is known then */
    check("2026-04-08T22:30:00Z", 2 * HOUR, false, HOUR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nobodys_record_believes, begin),
        cmocka_unit_test_setup(the_nearest_earlier_entry, begin),
        cmocka_unit_test_setup(the_patient_knows_it_better_than_the_clinic, begin),
        cmocka_unit_test_setup(a_device_does_not_know_it, begin),
        cmocka_unit_test_setup(the_other_half_of_the_year_is_known_from_the_year_before, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
