/*
 * window_test.c: the hours in which a person may be reminded, case by case: over midnight, when clocks change within them, and what is
 * asked for in them. Instants stand here in UTC, worked out by hand.
 */
#include "loadwave/base.h"
#include "send/window.h"
#include "test_support.h"

enum { H = 60, NONE = -1 };

/* "2026-03-28 22:30" in UTC. */
static int64_t at(const char *text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0;
    assert_int_equal(sscanf(text, "%d-%d-%d %d:%d", &year, &month, &day, &hour, &minute), 5);
    return (int64_t)lw_day_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60;
}

static lw_reminder who(const char *zone, int from, int until, int exercises) {
    lw_reminder r = {.from_min = from, .until_min = until, .exercise_min = exercises};
    snprintf(r.zone, sizeof r.zone, "%s", zone);
    return r;
}

static void hours_fit_or_do_not(void **state) {
    (void)state;
    static const struct {
        int from, until, exercises;
        bool fits;
    } cases[] = {
        {450, 1260, 1050, true},      {450, 1260, 450, true},        {450, 1260, 1259, true},
        {450, 1260, 1260, false},     {450, 1260, 449, false},       {0, 1440, 0, true},
        {0, 1440, 1439, true},        {22 * H, 2 * H, 22 * H, true}, {22 * H, 2 * H, 1439, true},
        {22 * H, 2 * H, 0, true},     {22 * H, 2 * H, 119, true},    {22 * H, 2 * H, 120, false},
        {22 * H, 2 * H, 1319, false}, {600, 600, 600, false},        {601, 600, 599, true},
        {1439, 1, 0, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (lw_window_fits(cases[i].from, cases[i].until, cases[i].exercises) != cases[i].fits) {
            fail_msg("case %zu", i);
        }
    }
}

static void opens_and_ends(void **state) {
    (void)state;
    /* now; open; days since yesterday's opening; early; past midnight; when to look again; when it ends */
    static const struct {
        const char *zone;
        int from, until, exercises;
        const char *now;
        bool open, early, past;
        const char *opened_on, *next, *until_at; /* until_at NULL: closed, not looked at */
    } cases[] = {
        /* an ordinary day */
        {"UTC", 450, 1260, 1050, "2026-05-04 07:29", false, true, false, "2026-05-04 00:00", "2026-05-04 07:30", NULL},
        {"UTC", 450, 1260, 1050, "2026-05-04 07:30", true, true, false, "2026-05-04 00:00", "2026-05-04 17:30",
         "2026-05-04 21:00"},
        {"UTC", 450, 1260, 1050, "2026-05-04 17:30", true, false, false, "2026-05-04 00:00", "2026-05-05 07:30",
         "2026-05-04 21:00"},
        {"UTC", 450, 1260, 1050, "2026-05-04 21:00", false, false, false, "2026-05-04 00:00", "2026-05-05 07:30", NULL},
        {"UTC", 0, 1440, 600, "2026-05-04 23:59", true, false, false, "2026-05-04 00:00", "2026-05-05 00:00",
         "2026-05-05 00:00"},
        /* 22:00 to 02:00, exercises in the evening: one window with one day, the one on which it opens */
        {"UTC", 22 * H, 2 * H, 23 * H, "2026-05-04 21:59", false, true, false, "2026-05-04 00:00", "2026-05-04 22:00",
         NULL},
        {"UTC", 22 * H, 2 * H, 23 * H, "2026-05-04 22:00", true, true, false, "2026-05-04 00:00", "2026-05-04 23:00",
         "2026-05-05 02:00"},
        {"UTC", 22 * H, 2 * H, 23 * H, "2026-05-04 23:00", true, false, false, "2026-05-04 00:00", "2026-05-05 22:00",
         "2026-05-05 02:00"},
        {"UTC", 22 * H, 2 * H, 23 * H, "2026-05-05 00:00", true, false, true, "2026-05-04 00:00", "2026-05-05 22:00",
         "2026-05-05 02:00"},
        {"UTC", 22 * H, 2 * H, 23 * H, "2026-05-05 01:59", true, false, true, "2026-05-04 00:00", "2026-05-05 22:00",
         "2026-05-05 02:00"},
        {"UTC", 22 * H, 2 * H, 23 * H, "2026-05-05 02:00", false, true, false, "2026-05-05 00:00", "2026-05-05 22:00",
         NULL},
        /* exercises after midnight: early until then */
        {"UTC", 22 * H, 2 * H, 30, "2026-05-04 23:59", true, true, false, "2026-05-04 00:00", "2026-05-05 00:30",
         "2026-05-05 02:00"},
        {"UTC", 22 * H, 2 * H, 30, "2026-05-05 00:29", true, true, true, "2026-05-04 00:00", "2026-05-05 00:30",
         "2026-05-05 02:00"},
        {"UTC", 22 * H, 2 * H, 30, "2026-05-05 00:30", true, false, true, "2026-05-04 00:00", "2026-05-05 22:00",
         "2026-05-05 02:00"},
        /* the end of a year, on another clock: 00:30 on 1 January in Auckland is 11:30 the day before in UTC */
        {"Pacific/Auckland", 22 * H, 2 * H, 23 * H, "2026-12-31 11:30", true, false, true, "2026-12-31 00:00",
         "2027-01-01 09:00", "2026-12-31 13:00"},
        /* Madrid, clocks go forward at 02:00 on 29 March (01:00 UTC): an end at 02:30 is the moment of the jump, or just after */
        {"Europe/Madrid", 22 * H, 150, 23 * H, "2026-03-29 00:59", true, false, true, "2026-03-28 00:00",
         "2026-03-29 20:00", "2026-03-29 01:00"},
        {"Europe/Madrid", 22 * H, 150, 23 * H, "2026-03-29 01:00", false, true, false, "2026-03-29 00:00",
         "2026-03-29 20:00", NULL},
        /* exercises at 02:15, an hour that this night has not: at the jump */
        {"Europe/Madrid", 22 * H, 4 * H, 135, "2026-03-29 00:59", true, true, true, "2026-03-28 00:00",
         "2026-03-29 01:00", "2026-03-29 02:00"},
        {"Europe/Madrid", 22 * H, 4 * H, 135, "2026-03-29 01:00", true, false, true, "2026-03-28 00:00",
         "2026-03-29 20:00", "2026-03-29 02:00"},
        /* clocks go back at 03:00 on 25 October (01:00 UTC): an end at 02:30 is the first 02:30; the second one is quiet */
        {"Europe/Madrid", 22 * H, 150, 23 * H, "2026-10-25 00:29", true, false, true, "2026-10-24 00:00",
         "2026-10-25 21:00", "2026-10-25 00:30"},
        {"Europe/Madrid", 22 * H, 150, 23 * H, "2026-10-25 00:30", false, true, false, "2026-10-25 00:00",
         "2026-10-25 21:00", NULL},
        {"Europe/Madrid", 22 * H, 150, 23 * H, "2026-10-25 01:10", false, false, true, "2026-10-24 00:00",
         "2026-10-25 21:00", NULL},
        /* a window that begins in the hour that comes twice is quiet where the clock shows less than its beginning again */
        {"Europe/Madrid", 150, 1260, 1050, "2026-10-25 00:30", true, true, false, "2026-10-25 00:00",
         "2026-10-25 16:30", "2026-10-25 20:00"},
        {"Europe/Madrid", 150, 1260, 1050, "2026-10-25 01:10", false, true, false, "2026-10-25 00:00",
         "2026-10-25 01:11", NULL},
        {"Europe/Madrid", 150, 1260, 1050, "2026-10-25 01:30", true, true, false, "2026-10-25 00:00",
         "2026-10-25 16:30", "2026-10-25 20:00"},
        /* Cairo, clocks go forward at midnight to 24 April (22:00 UTC): the day begins at 01:00, and 00:30 is then */
        {"Africa/Cairo", 22 * H, 30, 23 * H, "2026-04-23 21:59", true, false, false, "2026-04-23 00:00",
         "2026-04-24 19:00", "2026-04-23 22:00"},
        {"Africa/Cairo", 22 * H, 30, 23 * H, "2026-04-23 22:00", false, true, false, "2026-04-24 00:00",
         "2026-04-24 19:00", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_reminder r = who(cases[i].zone, cases[i].from, cases[i].until, cases[i].exercises);
        int64_t now_s = at(cases[i].now);
        lw_window w = lw_window_at(&r, now_s);
        bool right = w.open == cases[i].open && w.early == cases[i].early && w.past_midnight == cases[i].past &&
                     w.day == at(cases[i].opened_on) / 86400 && w.next_s == at(cases[i].next) &&
                     (cases[i].until_at == NULL || w.until_s == at(cases[i].until_at));
        if (!right) {
            fail_msg("%s %s: open %d early %d past %d day %+d next %+d min until %+d min", cases[i].zone, cases[i].now,
                     w.open, w.early, w.past_midnight, (int)(w.day - at(cases[i].opened_on) / 86400),
                     (int)((w.next_s - at(cases[i].next)) / 60),
                     cases[i].until_at != NULL ? (int)((w.until_s - at(cases[i].until_at)) / 60) : 0);
        }
        assert_true(w.next_s > now_s);
        assert_int_equal(w.today - w.day, w.past_midnight ? 1 : 0);
        assert_true(!w.open || (now_s >= w.opened_s && now_s < w.until_s));
    }
}

static void asks_for_what_the_record_would_take(void **state) {
    (void)state;
    /* today's check-in and session open; the evening's session open; minutes from the opening to what was done last on its day */
    static const struct {
        const char *what;
        int exercises;
        const char *now;
        bool checkin, session, before;
        int done;
        bool asks_checkin, asks_session;
    } cases[] = {
        {"the evening: both", 22 * H, "2026-05-04 22:30", true, true, true, NONE, true, true},
        {"a check-in given", 22 * H, "2026-05-04 22:30", false, true, true, NONE, false, true},
        {"a session done", 22 * H, "2026-05-04 22:30", true, false, false, 5, true, false},
        {"before their hour", 23 * H, "2026-05-04 22:30", true, true, true, NONE, true, false},
        {"after midnight no check-in: its morning is still to come", 22 * H, "2026-05-05 00:30", true, false, false,
         NONE, false, false},
        {"after midnight, the evening's not done", 22 * H, "2026-05-05 00:30", true, true, true, NONE, false, true},
        {"after midnight, the evening's partly done", 22 * H, "2026-05-05 00:30", true, true, true, 60, false, true},
        {"after midnight, the evening's done", 22 * H, "2026-05-05 00:30", true, true, false, 60, false, false},
        {"after midnight, the evening before was a day of rest", 22 * H, "2026-05-05 00:30", true, true, false, NONE,
         false, false},
        {"after midnight, the new day is one of rest", 22 * H, "2026-05-05 00:30", true, false, true, NONE, false,
         false},
        {"their hour after midnight", 30, "2026-05-05 00:30", true, true, false, NONE, false, true},
        {"and a night ago they were done after midnight", 30, "2026-05-05 00:30", true, true, false, -1300, false,
         true},
        {"but not when some were done this evening", 30, "2026-05-05 00:30", true, true, true, 10, false, false},
        {"nor just at the opening", 30, "2026-05-05 00:30", true, true, false, 0, false, false},
        {"nor before their hour", 60, "2026-05-05 00:30", true, true, true, NONE, false, false},
        {"nor when they are done", 30, "2026-05-05 01:30", true, false, false, NONE, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        lw_reminder r = who("UTC", 22 * H, 2 * H, cases[i].exercises);
        lw_window w = lw_window_at(&r, at(cases[i].now));
        assert_true(w.open);
        lw_standing today = {.checkin = cases[i].checkin, .session = cases[i].session};
        lw_standing opened = {.checkin = true,
                              .session = cases[i].before,
                              .done_s = cases[i].done == NONE ? 0 : w.opened_s + cases[i].done * 60};
        lw_standing due = lw_window_due(&w, &today, &opened);
        if (due.checkin != cases[i].asks_checkin || due.session != cases[i].asks_session) {
            fail_msg("%s: asks %d %d", cases[i].what, due.checkin, due.session);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(hours_fit_or_do_not), cmocka_unit_test(opens_and_ends),
                                       cmocka_unit_test(asks_for_what_the_record_would_take)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
