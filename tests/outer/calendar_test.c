/*
 * calendar_test.c: from a record to a calendar file, and from one edition to the next: what is the same keeps its sequence,
 * what changed or fell away gets the next; nothing in a file names anybody.
 */
#include "report/calendar.h"
#include "send/local_time.h"
#include "store_support.h"

enum { DAY = 20570 /* 2026-04-27, the last day of the example */, ROOM = 4 * 1024 * 1024 };

static char *record; /* the example's lines */
static void *memory[2];
static const lw_protocol *protocol;

static int begin(void **state) {
    (void)state;
    record = calloc(1, ROOM);
    FILE *file = fopen(LW_SOURCE_DIR "/examples/runner-combined.jsonl", "rb");
    assert_non_null(file);
    assert_true(fread(record, 1, ROOM - 1, file) > 0);
    fclose(file);
    static char text[LW_MAX_PROTOCOL];
    file = fopen(LW_SOURCE_DIR "/protocols/pht/pht.protocol", "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    memory[0] = calloc(1, LW_PROTOCOL_RESULT);
    memory[1] = calloc(1, LW_PROTOCOL_SCRATCH);
    lw_arena result = lw_arena_over(memory[0], LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over(memory[1], LW_PROTOCOL_SCRATCH);
    return lw_protocol_compile((lw_str){text, (uint32_t)len}, &result, &scratch, &protocol, NULL);
}

static int end(void **state) {
    (void)state;
    free(record);
    free(memory[0]);
    free(memory[1]);
    return 0;
}

/* The example and what is given, each an event's data with kind, day and number. */
static char *with(const char *lines) {
    char *all = calloc(1, ROOM);
    snprintf(all, ROOM, "%s%s", record, lines);
    return all;
}

static void line(char *out, size_t cap, int n, const char *kind, const char *day, const char *by, const char *data) {
    size_t len = strlen(out);
    snprintf(out + len, cap - len,
             "{\"v\":1,\"id\":\"0195a0c2-0000-7000-8000-%012x\",\"patient\":\"runner-combined\",\"kind\":\"%s\",\"at\":"
             "\"%sT19:00:00+01:00\",\"by\":\"%s\",\"data\":%s}\n",
             (unsigned)n, kind, day, by, data);
}

static lw_calendar *expect(const char *log, int32_t day, bool plain, const char *language) {
    lw_calendar *out = calloc(1, sizeof *out);
    lw_calendar_ask ask = {.protocol = protocol, .language = language, .day = day, .minute = 1050, .plain = plain};
    assert_int_equal(lw_calendar_expect(&ask, str(log), out), LW_OK);
    return out;
}

static lw_calendar *merge(const lw_calendar *old, const lw_calendar *fresh, int32_t day, int64_t now_s, bool *changed) {
    lw_calendar *out = calloc(1, sizeof *out);
    *changed = lw_calendar_merge(old, fresh, day, now_s, out);
    return out;
}

static void drop(lw_calendar *calendar) {
    lw_calendar_free(calendar);
    free(calendar);
}

static uint32_t count(const lw_calendar *calendar, const char *title, bool cancelled) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < calendar->count; i++) {
        n += strcmp(calendar->items[i].title, title) == 0 && calendar->items[i].cancelled == cancelled;
    }
    return n;
}

static const lw_calendar empty;

/* ---- what is expected ---- */

static void sessions_of_two_weeks(void **state) {
    (void)state;
    lw_calendar *is = expect(record, DAY, false, "en");
    uint32_t sessions = count(is, "Exercises", false);
    assert_true(sessions >= 3 && sessions <= LW_CALENDAR_DAYS);
    int32_t before = 0;
    for (uint32_t i = 0; i < is->count; i++) {
        const lw_calendar_item *item = &is->items[i];
        char date[11] = "";
        lw_day_write(item->day, date);
        assert_string_equal(item->detail, "");
        assert_int_equal(strlen(item->uid), 32 + 1 + 8 + 9);
        assert_memory_equal(item->uid + 33, date, 4);
        if (item->minute >= 0) {
            /* done today already, and rest after a heavy day */
            assert_true(item->day > DAY && item->day < DAY + LW_CALENDAR_DAYS && item->minute == 1050);
            assert_true(before == 0 || item->day > before + 1);
            before = item->day;
        }
    }
    assert_true(is->done_uid[0] != 0);
    lw_calendar *again = expect(record, DAY, false, "en");
    assert_int_equal(again->count, is->count);
    assert_memory_equal(again->items[0].uid, is->items[0].uid, LW_CALENDAR_UID);
    drop(again);
    drop(is);
}

static void plain_titles_only_when_asked(void **state) {
    (void)state;
    char lines[2000] = "";
    line(lines, sizeof lines, 1, "booked", "2026-04-27", "patient", "{\"what\":\"shockwave\",\"on\":\"2026-05-20\"}");
    line(lines, sizeof lines, 2, "booked", "2026-04-27", "patient", "{\"what\":\"review\",\"on\":\"2026-05-21\"}");
    char *log = with(lines);
    lw_calendar *neutral = expect(log, DAY, false, "en"), *plain = expect(log, DAY, true, "en");
    lw_calendar *spanish = expect(log, DAY, true, "es");
    assert_int_equal(count(neutral, "Appointment", false), 2);
    assert_int_equal(count(neutral, "Shockwave session", false), 0);
    assert_int_equal(count(plain, "Shockwave session", false), 1);
    assert_int_equal(count(plain, "Check-up", false), 1);
    assert_int_equal(count(spanish, "Sesión de ondas de choque", false), 1);
    bool named = false;
    for (uint32_t i = 0; i < plain->count; i++) {
        named = named || plain->items[i].detail[0] != 0;
    }
    assert_true(named);
    drop(neutral);
    drop(plain);
    drop(spanish);
    free(log);
}

/* A warning sign ends the sessions at once; the appointment stays, it is more needed than before. */
static void stopped_has_no_sessions(void **state) {
    (void)state;
    char lines[2000] = "";
    bool changed = false;
    line(lines, sizeof lines, 1, "booked", "2026-04-27", "patient", "{\"what\":\"review\",\"on\":\"2026-05-04\"}");
    char *before = with(lines);
    line(lines, sizeof lines, 2, "symptom", "2026-04-27", "patient", "{\"flag\":\"RF02\"}");
    char *after = with(lines);
    lw_calendar *fresh = expect(before, DAY, false, "en"), *old = merge(&empty, fresh, DAY, 100, &changed);
    lw_calendar *stopped = expect(after, DAY, false, "en"), *now = merge(old, stopped, DAY, 200, &changed);
    assert_true(count(old, "Exercises", false) > 0);
    assert_int_equal(count(now, "Exercises", false), 0);
    assert_int_equal(count(now, "Exercises", true), count(old, "Exercises", false));
    assert_int_equal(count(now, "Appointment", false), 1);
    for (uint32_t i = 0; i < now->count; i++) {
        assert_int_equal(now->items[i].sequence, now->items[i].cancelled ? 1 : 0);
        assert_int_equal(now->items[i].changed_s, now->items[i].cancelled ? 200 : 100);
    }
    drop(fresh);
    drop(old);
    drop(stopped);
    drop(now);
    free(before);
    free(after);
}

static void a_voided_appointment_is_cancelled(void **state) {
    (void)state;
    char lines[2000] = "";
    bool changed = false;
    line(lines, sizeof lines, 1, "booked", "2026-04-27", "patient", "{\"what\":\"review\",\"on\":\"2026-05-04\"}");
    char *before = with(lines);
    line(lines, sizeof lines, 2, "void", "2026-04-27", "patient",
         "{\"event\":\"0195a0c2-0000-7000-8000-000000000001\",\"reason\":\"moved\"}");
    char *after = with(lines);
    lw_calendar *a = expect(before, DAY, false, "en"), *old = merge(&empty, a, DAY, 1, &changed);
    lw_calendar *b = expect(after, DAY, false, "en"), *now = merge(old, b, DAY, 2, &changed);
    assert_int_equal(count(now, "Appointment", true), 1);
    assert_int_equal(count(now, "Appointment", false), 0);
    assert_int_equal(count(now, "Exercises", false), count(old, "Exercises", false));
    drop(a);
    drop(b);
    drop(old);
    drop(now);
    free(before);
    free(after);
}

/* Today's session, once done, is not due any more; that is no reason to say it was cancelled. */
static void done_is_not_cancelled(void **state) {
    (void)state;
    bool changed = false;
    int32_t day = 0;
    lw_calendar *ahead = expect(record, DAY, false, "en");
    for (uint32_t i = 0; i < ahead->count && day == 0; i++) {
        day = ahead->items[i].minute >= 0 ? ahead->items[i].day : 0;
    }
    char lines[2000] = "", date[11] = "";
    lw_day_write(day, date);
    date[10] = 0;
    line(lines, sizeof lines, 1, "exercise", date, "patient",
         "{\"exercise\":\"rdl\",\"side\":\"both\",\"sets\":[{\"reps\":6,\"load_kg\":40}],\"pain_during\":1}");
    char *log = with(lines);
    lw_calendar *old = merge(&empty, ahead, DAY, 1, &changed), *fresh = expect(log, day, false, "en");
    lw_calendar *now = merge(old, fresh, day, 2, &changed);
    for (uint32_t i = 0; i < now->count; i++) {
        if (now->items[i].day == day && now->items[i].minute >= 0) {
            assert_false(now->items[i].cancelled);
            assert_int_equal(now->items[i].sequence, 0);
        }
    }
    drop(ahead);
    drop(old);
    drop(fresh);
    drop(now);
    free(log);
}

static void empty_and_unreadable_records(void **state) {
    (void)state;
    lw_calendar *none = expect("", DAY, false, "en");
    assert_int_equal(none->count, 0);
    drop(none);
    lw_calendar_ask ask = {.protocol = protocol, .language = "en", .day = DAY, .minute = 1050};
    lw_calendar out;
    assert_true(lw_calendar_expect(&ask, str("{\"v\":1"), &out) != LW_OK);
    /* An entry of a newer Loadwave: nothing is prescribed, the appointments stand. */
    char lines[3000] = "";
    line(lines, sizeof lines, 1, "booked", "2026-04-27", "patient", "{\"what\":\"review\",\"on\":\"2026-05-04\"}");
    line(lines, sizeof lines, 2, "teleported", "2026-04-27", "patient", "{}");
    char *log = with(lines);
    lw_calendar *newer = expect(log, DAY, false, "en");
    assert_int_equal(count(newer, "Exercises", false), 0);
    assert_int_equal(count(newer, "Appointment", false), 1);
    drop(newer);
    free(log);
}

/* ---- editions ---- */

static lw_calendar_item item(const char *uid, int32_t day, const char *title) {
    lw_calendar_item one = {.day = day, .minute = 600, .detail = ""};
    snprintf(one.uid, sizeof one.uid, "%s", uid);
    snprintf(one.title, sizeof one.title, "%s", title);
    return one;
}

static void sequences_rise_with_changes_only(void **state) {
    (void)state;
    lw_calendar fresh = {.count = 0};
    bool changed = false;
    lw_calendar_item a = item("a", 10, "A"), b = item("b", 9, "B"), gone = item("gone", 12, "G");
    assert_true(lw_calendar_add(&fresh, &a) && lw_calendar_add(&fresh, &b) && lw_calendar_add(&fresh, &gone));
    lw_calendar *one = merge(&empty, &fresh, 8, 100, &changed);
    assert_true(changed);
    assert_string_equal(one->items[0].uid, "b"); /* by day */
    lw_calendar *two = merge(one, &fresh, 8, 200, &changed);
    assert_false(changed);
    assert_int_equal(two->items[0].changed_s, 100);

    lw_calendar other = {.count = 0};
    a.minute = 660;
    assert_true(lw_calendar_add(&other, &a) && lw_calendar_add(&other, &b));
    lw_calendar *three = merge(two, &other, 8, 300, &changed);
    assert_true(changed);
    assert_int_equal(three->items[0].sequence, 0);
    assert_int_equal(three->items[1].sequence, 1);
    assert_int_equal(three->items[1].changed_s, 300);
    assert_true(three->items[2].cancelled && three->items[2].sequence == 1);
    lw_calendar *same = merge(three, &other, 8, 350, &changed);
    assert_false(changed); /* cancelled once, not again and again */
    lw_calendar *back = merge(same, &fresh, 8, 400, &changed);
    assert_true(changed && !back->items[2].cancelled && back->items[2].sequence == 2);

    lw_calendar none = {.count = 0};
    lw_calendar *past = merge(back, &none, 13, 500, &changed);
    assert_false(changed); /* what is over stays as it was */
    assert_int_equal(past->count, 3);
    lw_calendar *late = merge(past, &none, 10 + LW_CALENDAR_KEPT, 600, &changed);
    assert_true(changed);
    assert_int_equal(late->count, 2);
    lw_calendar_free(&fresh);
    lw_calendar_free(&other);
    drop(one), drop(two), drop(three), drop(same), drop(back), drop(past), drop(late);
}

static void a_full_calendar_keeps_its_bounds(void **state) {
    (void)state;
    lw_calendar full = {.count = 0};
    char uid[20];
    for (int i = 0; i < LW_CALENDAR_ITEMS; i++) {
        snprintf(uid, sizeof uid, "u%d", i);
        lw_calendar_item one = item(uid, 100 + i, "T");
        assert_true(lw_calendar_add(&full, &one));
    }
    lw_calendar_item more = item("more", 500, "T");
    assert_false(lw_calendar_add(&full, &more));
    lw_calendar fresh = {.count = 0};
    assert_true(lw_calendar_add(&fresh, &more));
    bool changed = false;
    lw_calendar *now = merge(&full, &fresh, 90, 1, &changed);
    assert_int_equal(now->count, LW_CALENDAR_ITEMS);
    drop(now);
    lw_calendar_free(&fresh);
    lw_calendar_free(&full);
}

/* ---- the file ---- */

static void file_is_rfc_5545(void **state) {
    (void)state;
    bool changed = false;
    char lines[2000] = "";
    line(lines, sizeof lines, 1, "booked", "2026-04-27", "patient", "{\"what\":\"shockwave\",\"on\":\"2026-05-20\"}");
    char *log = with(lines);
    lw_calendar *fresh = expect(log, DAY, true, "es"), *is = merge(&empty, fresh, DAY, 1795661749, &changed);
    lw_buf out = {0};
    assert_int_equal(lw_calendar_write(is, "es", &out), LW_OK);
    for (const char *at = out.ptr; *at != 0;) {
        const char *stop = strstr(at, "\r\n");
        assert_non_null(stop);
        assert_true(stop - at <= 75);
        assert_true(lw__utf8_valid((lw_str){at, (uint32_t)(stop - at)})); /* folded between characters */
        for (const char *p = at; p < stop; p++) {
            assert_true((unsigned char)*p >= ' ');
        }
        at = stop + 2;
    }
    assert_memory_equal(out.ptr, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", 30);
    assert_null(strstr(out.ptr, "runner-combined"));
    assert_null(strstr(out.ptr, "TZID"));
    assert_null(strstr(out.ptr, "VALARM"));
    assert_non_null(strstr(out.ptr, "DTSTART;VALUE=DATE:20260520\r\n"));
    assert_non_null(strstr(out.ptr, "T173000\r\n")); /* floating */
    assert_null(strstr(out.ptr, "T173000Z"));
    lw_buf twice = {0};
    assert_int_equal(lw_calendar_write(is, "es", &twice), LW_OK);
    assert_string_equal(out.ptr, twice.ptr);

    lw_calendar *read = calloc(1, sizeof *read);
    assert_int_equal(lw_calendar_read(lw_buf_view(&out), read), LW_OK);
    assert_int_equal(read->count, is->count);
    for (uint32_t i = 0; i < is->count; i++) {
        assert_string_equal(read->items[i].uid, is->items[i].uid);
        assert_string_equal(read->items[i].title, is->items[i].title);
        assert_string_equal(read->items[i].detail, is->items[i].detail);
        assert_int_equal(read->items[i].day, is->items[i].day);
        assert_int_equal(read->items[i].minute, is->items[i].minute);
        assert_int_equal(read->items[i].changed_s, is->items[i].changed_s);
    }
    lw_buf_free(&out);
    lw_buf_free(&twice);
    drop(read);
    drop(fresh);
    drop(is);
    free(log);
}

static void reads_nothing_but_calendars(void **state) {
    (void)state;
    lw_calendar out;
    assert_int_equal(lw_calendar_read(str("hello"), &out), LW_ERR_SYNTAX);
    assert_int_equal(lw_calendar_read(str(""), &out), LW_ERR_SYNTAX);
    static const char others[] =
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:7@elsewhere\r\nDTSTAMP:"
        "20260101T000000Z\r\nDTSTART:20260101T100000\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:"
        "VCALENDAR\r\n";
    assert_int_equal(lw_calendar_read(str(others), &out), LW_OK);
    assert_int_equal(out.count, 0);
    lw_calendar_free(&out);
}

/* ---- a person's clock ---- */

static void clocks_of_zones(void **state) {
    (void)state;
    int32_t day = 0, minute = 0;
    assert_true(lw_zone_known("Europe/Madrid") && lw_zone_known("UTC") && lw_zone_known("America/Argentina/Ushuaia"));
    assert_false(lw_zone_known("Mars/Olympus") || lw_zone_known("") || lw_zone_known("../../etc/passwd"));
    assert_false(lw_zone_known("Europe/../Europe/Madrid") || lw_zone_known("posixrules") || lw_zone_known("right/UTC"));
    assert_true(lw_zone_local("Asia/Kolkata", 1795661749, &day, &minute)); /* 02:55:49 UTC */
    assert_int_equal(minute, 8 * 60 + 25);
    assert_int_equal(day, 1795661749 / 86400);
    assert_true(lw_zone_local("America/New_York", 1795661749, &day, &minute));
    assert_int_equal(day, 1795661749 / 86400 - 1);
    assert_false(lw_zone_local("Mars/Olympus", 1795661749, &day, &minute));
    assert_int_equal(minute, 2 * 60 + 55);
    /* 2026-03-29: in Madrid the clocks jump from 02:00 to 03:00; 2026-10-25: 02:30 is shown twice. */
    int32_t spring = lw_day_from_civil(2026, 3, 29), autumn = lw_day_from_civil(2026, 10, 25);
    assert_int_equal(lw_zone_instant("Europe/Madrid", spring, 60), (int64_t)spring * 86400);
    assert_int_equal(lw_zone_instant("Europe/Madrid", spring, 150), (int64_t)spring * 86400 + 3600);
    assert_int_equal(lw_zone_instant("Europe/Madrid", spring, 450), (int64_t)spring * 86400 + 5 * 3600 + 1800);
    assert_int_equal(lw_zone_instant("Europe/Madrid", autumn, 150), (int64_t)autumn * 86400 + 1800);
    assert_int_equal(lw_zone_instant("Europe/Madrid", autumn, 450), (int64_t)autumn * 86400 + 6 * 3600 + 1800);
    assert_int_equal(lw_zone_instant("Pacific/Kiritimati", 20000, 450), (int64_t)20000 * 86400 + (450 - 840) * 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_of_two_weeks),
        cmocka_unit_test(plain_titles_only_when_asked),
        cmocka_unit_test(stopped_has_no_sessions),
        cmocka_unit_test(a_voided_appointment_is_cancelled),
        cmocka_unit_test(done_is_not_cancelled),
        cmocka_unit_test(empty_and_unreadable_records),
        cmocka_unit_test(sequences_rise_with_changes_only),
        cmocka_unit_test(a_full_calendar_keeps_its_bounds),
        cmocka_unit_test(file_is_rfc_5545),
        cmocka_unit_test(reads_nothing_but_calendars),
        cmocka_unit_test(clocks_of_zones),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
