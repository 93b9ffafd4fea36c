/*
 * post_test.c: whom the worker reminds and when, over many random days: windows, time zones and their changes of clocks, journeys,
 * "later", things done between the queue and the letter. Each letter that arrives at a mail server here is held against what must
 * be true of it, with the time of day by the C library's own zones, not by libical as in the worker.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#include "send/post.h"
#include "store_support.h"

/* ---- a mail server of one thread: takes everything, counts ---- */

static atomic_int taken;
static atomic_bool refuses;
static int listening;

static void *serve_mail(void *arg) {
    (void)arg;
    for (int fd = accept(listening, NULL, NULL); fd >= 0; fd = accept(listening, NULL, NULL)) {
        FILE *in = fdopen(dup(fd), "r");
        char line[2000];
        bool data = false;
        dprintf(fd, "220 here\r\n");
        while (in != NULL && fgets(line, sizeof line, in) != NULL) {
            if (data) {
                data = strcmp(line, ".\r\n") != 0;
                if (!data) {
                    atomic_fetch_add(&taken, 1);
                    dprintf(fd, "250 taken\r\n");
                }
            } else if (strncmp(line, "DATA", 4) == 0) {
                data = true;
                dprintf(fd, "354 go on\r\n");
            } else if (strncmp(line, "RCPT", 4) == 0 && atomic_load(&refuses)) {
                dprintf(fd, "451 later\r\n");
            } else {
                dprintf(fd, strncmp(line, "QUIT", 4) == 0 ? "221 bye\r\n" : "250 fine\r\n");
            }
        }
        if (in != NULL) {
            fclose(in);
        }
        close(fd);
    }
    return NULL;
}

static uint16_t begin_mail(pthread_t *thread) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(listening, 16), 0);
    assert_int_equal(getsockname(listening, (struct sockaddr *)&at, &len), 0);
    assert_int_equal(pthread_create(thread, NULL, serve_mail, NULL), 0);
    return ntohs(at.sin_port);
}

/* ---- the patient and the clock ---- */

typedef struct world {
    lw_store *store;
    int64_t now_s;
    lw_standing open; /* what is left to do, whatever day it is asked of */
    lw_reminder settings;
    int done_between; /* 1: the next asking says what is open, the one after it that all is done */
} world;

static int64_t world_now(void *ctx) {
    return ((world *)ctx)->now_s;
}

static int32_t world_standing(void *ctx, const lw_reminder *who, int32_t day, lw_standing *out) {
    world *w = ctx;
    (void)who, (void)day;
    *out = w->open;
    if (w->done_between == 1) {
        w->open = (lw_standing){.checkin = false};
        w->done_between = 0;
    }
    return LW_OK;
}

static void world_log(void *ctx, const char *level, const char *text) {
    (void)ctx, (void)level, (void)text;
}

static int32_t settings_job(lw_sql *sql, void *ctx) {
    world *w = ctx;
    return lw_reminder_put(sql, &w->settings);
}

static int32_t later_job(lw_sql *sql, void *ctx) {
    world *w = ctx;
    return lw_reminder_later(sql, "p-1", w->now_s + 3600);
}

static int64_t waiting(const world *w) {
    int64_t count = 0;
    lw_sql *sql = lw_store_reader(w->store);
    assert_int_equal(lw_outbox_count(sql, str("p-1"), &count), LW_OK);
    lw_store_reader_back(w->store, sql);
    return count;
}

static void set(world *w, const char *zone) {
    snprintf(w->settings.zone, sizeof w->settings.zone, "%s", zone);
    w->settings.next_s = w->now_s;
    assert_int_equal(lw_store_write(w->store, settings_job, w), LW_OK);
}

/* Day and minute by the C library. */
static void local(const char *zone, int64_t at_s, int32_t *day, int32_t *minute) {
    struct tm tm;
    time_t at = (time_t)at_s;
    setenv("TZ", zone, 1);
    tzset();
    assert_non_null(localtime_r(&at, &tm));
    *day = lw_day_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    *minute = tm.tm_hour * 60 + tm.tm_min;
}

static uint64_t seed = 20261126;

static uint32_t some(uint32_t below) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

static const char *const zones[] = {"Europe/Madrid", "America/New_York", "Australia/Lord_Howe",
                                    "Asia/Kolkata",  "Pacific/Auckland", "America/Los_Angeles",
                                    "UTC",           "Africa/Casablanca"};
/* A day before each: clocks go forward or back in some of those zones. */
static const int32_t starts[][3] = {{2026, 3, 28},  {2026, 10, 24}, {2026, 3, 7},
                                    {2026, 10, 31}, {2026, 4, 4},   {2027, 1, 30}};

static void reminds_rightly_on_any_day(void **state) {
    (void)state;
    pthread_t thread;
    char url[60], why[200];
    world w = {.store = open_store(empty_place(), true)};
    add_clinic(w.store);
    add_patient(w.store, "p-1");
    snprintf(url, sizeof url, "smtp://127.0.0.1:%u", (unsigned)begin_mail(&thread));
    lw_post_options options = {.store = w.store,
                               .origin = "https://clinic.example",
                               .mail = {.url = url, .from = "reminders@clinic.example"},
                               .now = world_now,
                               .standing = world_standing,
                               .log = world_log,
                               .ctx = &w};
    lw_post *post = NULL;
    assert_int_equal(lw_post_open(&options, &post, why, sizeof why), LW_OK);
    int letters = 0, nights = 0, between = 0, laters = 0, put_off = 0;
    for (int run = 0; run < 60; run++) {
        const int32_t *from = starts[run % 6];
        const char *zone = zones[some(8)];
        w.now_s = (int64_t)lw_day_from_civil(from[0], from[1], from[2]) * 86400 + some(86400);
        int32_t a = (int32_t)some(1300), b = a + 10 + (int32_t)some((uint32_t)(1440 - a - 10) + 1);
        b = b > 1440 ? 1440 : b;
        int32_t span = b - a, exercise = a + (int32_t)some((uint32_t)span);
        bool over = run % 2 == 1; /* the same length of hours, but over midnight */
        if (over) {
            a = 1440 - 1 - (int32_t)some((uint32_t)span);
            b = a + span > 1440 ? a + span - 1440 : 1;
            exercise = some(2) == 0 ? a + (int32_t)some((uint32_t)(1440 - a)) : (int32_t)some((uint32_t)b);
        }
        w.settings = (lw_reminder){.patient = "p-1",
                                   .from_min = a,
                                   .until_min = b,
                                   .exercise_min = exercise,
                                   .email_on = true,
                                   .stop_token = "stop"};
        set(&w, zone);
        run_script(w.store, "UPDATE reminder SET email = 'a@b.example', email_state = 'confirmed', email_on = 1, "
                            "checkin_day = 0, session_day = 0; DELETE FROM outbox");
        int32_t told_day = 0, day = 0, minute = 0, travelled = 0;
        int told = 0, asked_later = 0;
        for (int step = 0; step < 3 * 96; step++) { /* three days in quarters of an hour */
            w.now_s += 900;
            local(zone, w.now_s, &day, &minute);
            uint32_t what = some(40);
            if (what == 0) {
                w.open = (lw_standing){.checkin = some(2) == 0, .session = some(2) == 0};
            } else if (what == 1) {
                zone = zones[some(8)];
                set(&w, zone);
                travelled = step + 96 * 2;
                local(zone, w.now_s, &day, &minute);
            } else if (what == 2) {
                assert_int_equal(lw_store_write(w.store, later_job, &w), LW_OK);
                asked_later++;
                laters++;
            } else if (what == 3) {
                w.done_between = 1;
            } else if (what == 4) {
                atomic_store(&refuses, !atomic_load(&refuses));
            }
            int before = atomic_load(&taken);
            bool changing = w.done_between == 1 && waiting(&w) == 0; /* else the one who asks first may be who sends */
            lw_standing was = w.open;
            lw__post_round(post);
            int came = atomic_load(&taken) - before;
            put_off += atomic_load(&refuses) ? 1 : 0;
            assert_true(came <= 1);
            if (changing && w.done_between == 0) {
                between++;
                assert_int_equal(came, 0); /* done between the queue and the letter */
            }
            w.done_between = 0;
            if (came == 0) {
                continue;
            }
            letters++;
            bool night = over && minute < b;
            bool inside = over ? minute >= a || night : minute >= a && minute < b;
            if (!inside || !(was.session || (was.checkin && !night))) {
                fail_msg("run %d %s: a letter at minute %d, window %d to %d, open %d %d", run, zone, (int)minute,
                         (int)a, (int)b, was.checkin, was.session);
            }
            day -= night ? 1 : 0;
            nights += night ? 1 : 0;
            told = day == told_day ? told + 1 : 1;
            told_day = day;
            /* One for the check-in and one for exercises a window; as many again after each "later". */
            if (told > 2 + 2 * asked_later && step > travelled) {
                fail_msg("run %d %s: %d letters on one day", run, zone, told);
            }
        }
        atomic_store(&refuses, false);
    }
    /* It is a test of something. */
    assert_true(letters > 60 && nights > 10 && between > 5 && laters > 60 && put_off > 1000);
    printf("%d letters, %d after midnight, %d done between, %d later, %d rounds put off\n", letters, nights, between,
           laters, put_off);
    lw_post_close(post);
    shutdown(listening, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listening);
    lw_store_close(w.store);
}

/* Nothing is sent that cannot be written down: a full disk must not send the same letter again and again. */
static void sends_nothing_that_it_cannot_write_down(void **state) {
    (void)state;
    pthread_t thread;
    char url[60], why[200];
    world w = {.store = open_store(empty_place(), true), .now_s = 1795660000, .open = {.checkin = true}};
    add_clinic(w.store);
    add_patient(w.store, "p-1");
    snprintf(url, sizeof url, "smtp://127.0.0.1:%u", (unsigned)begin_mail(&thread));
    lw_post_options options = {.store = w.store,
                               .origin = "https://clinic.example",
                               .mail = {.url = url, .from = "reminders@clinic.example"},
                               .now = world_now,
                               .standing = world_standing,
                               .log = world_log,
                               .ctx = &w};
    lw_post *post = NULL;
    assert_int_equal(lw_post_open(&options, &post, why, sizeof why), LW_OK);
    w.settings = (lw_reminder){
        .patient = "p-1", .from_min = 0, .until_min = 1440, .exercise_min = 1, .email_on = true, .stop_token = "stop"};
    set(&w, "UTC");
    run_script(w.store, "UPDATE reminder SET email = 'a@b.example', email_state = 'confirmed', email_on = 1");
    /* What SQLite does at each change of the queue but a new row: fail. */
    run_script(w.store, "CREATE TRIGGER full BEFORE UPDATE ON outbox BEGIN SELECT RAISE(ABORT, 'no room'); END");
    int before = atomic_load(&taken);
    for (int i = 0; i < 5; i++) {
        lw__post_round(post);
        w.now_s += 120;
    }
    assert_int_equal(atomic_load(&taken), before);
    run_script(
        w.store,
        "DROP TRIGGER full; CREATE TRIGGER full BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'no room'); END");
    lw__post_round(post); /* the try is written down, its end cannot be */
    assert_int_equal(atomic_load(&taken), before + 1);
    for (int i = 0; i < 10; i++) {
        w.now_s += 5;
        lw__post_round(post);
    }
    assert_int_equal(atomic_load(&taken), before + 1); /* the next try is a minute later, not with each beat */
    run_script(w.store, "DROP TRIGGER full");
    w.now_s += 60;
    lw__post_round(post);
    assert_int_equal(atomic_load(&taken), before + 2); /* once more, and over */
    w.now_s += 4000;
    lw__post_round(post);
    assert_int_equal(atomic_load(&taken), before + 2);
    lw_post_close(post);
    shutdown(listening, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listening);
    lw_store_close(w.store);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reminds_rightly_on_any_day),
                                       cmocka_unit_test(sends_nothing_that_it_cannot_write_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
