/*
 * fuzz_sync.c: the events of two devices, delivered in any order, in pieces, again and again.
 *
 * The input is a script: which event a device makes (check-ins, sessions, symptoms, red flags, voids of any event there is), and in
 * which order the events reach the server. One server grows its reading delivery by delivery, as handle_events.c does, dropping
 * what is stored already; another gets the same set in the order the events were made; a third reads it all backwards, twice over.
 * What must hold: all three say the same of the record, hash it to the same value and plan the same day in the same bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/server.h"
#include "store/reading.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EVENTS = 48, LINE = 512 };

typedef struct script {
    const uint8_t *at;
    size_t left;
} script;

static unsigned take(script *s) {
    if (s->left == 0) {
        return 0;
    }
    s->left--;
    return *s->at++;
}

static char lines[EVENTS + 3][LINE];
static lw_append_event events[EVENTS + 3];

static void make(script *s, unsigned n, unsigned *day) {
    static const char *const kinds[] = {"checkin", "checkin", "exercise", "symptom",
                                        "note",    "void",    "paused",   "resumed"};
    unsigned kind = take(s) % 8, a = take(s), b = take(s);
    *day += take(s) % 3;
    char data[300], by[32] = "patient";
    if (kind <= 1) {
        snprintf(data, sizeof data, "{\"pain_morning\":%u,\"pain_test\":%u}", a % 11, b % 11);
    } else if (kind == 2) {
        snprintf(data, sizeof data,
                 "{\"exercise\":\"bridge-hold-double\",\"side\":\"left\",\"sets\":[{\"reps\":%u,\"hold_s\":30}],\"pain_"
                 "during\":"
                 "%u,\"effort\":%u}",
                 1 + a % 20, b % 11, a % 11);
    } else if (kind == 3) {
        snprintf(data, sizeof data, "{\"flag\":\"RF%02u\"}", 1 + a % 15);
    } else if (kind == 4) {
        snprintf(data, sizeof data, "{\"text\":\"%u\"}", a);
    } else if (kind == 5) {
        snprintf(data, sizeof data, "{\"event\":\"00000000-0000-4000-8000-%012x\",\"reason\":\"mistake\"}",
                 a % (n + 1));
    } else {
        snprintf(data, sizeof data, kind == 6 ? "{\"reason\":\"holiday\"}" : "{}");
    }
    if (a & 1) {
        snprintf(by, sizeof by, "device:phone");
    }
    int32_t year, month, dom;
    lw_day_to_civil(20500 + (int32_t)*day, &year, &month, &dom);
    snprintf(lines[n], LINE,
             "{\"v\":1,\"id\":\"00000000-0000-4000-8000-%012x\",\"patient\":\"f\",\"kind\":\"%s\",\"at\":\"%04d-%02d-%"
             "02dT%02u:%02u:"
             "00+00:00\",\"by\":\"%s\",\"data\":%s}",
             n, kinds[kind], (int)year, (int)month, (int)dom, b % 24, a % 60, by, data);
}

static lw_reading *open_of(const unsigned *order, unsigned count, unsigned times) {
    lw_buf all = {0};
    for (unsigned i = 0; i < count * times; i++) {
        lw_buf_str(&all, lines[order[i % count]]);
        lw_buf_str(&all, "\n");
    }
    lw_reading *out = NULL;
    CHECK(!all.failed && lw_reading_open(all.ptr, all.len, &out) == LW_OK);
    return out;
}

static void check_same(const lw_protocol *protocol, const lw_reading *x, const lw_reading *y, int32_t day) {
    CHECK(x->err == y->err);
    if (x->err != LW_OK) {
        return;
    }
    CHECK(memcmp(x->sha256, y->sha256, 32) == 0 && x->record.count == y->record.count);
    lw_buf one = {0}, two = {0};
    int32_t err = lw_reading_plan(protocol, x, day, &one, NULL);
    CHECK(err == lw_reading_plan(protocol, y, day, &two, NULL));
    CHECK(one.len == two.len && (one.len == 0 || memcmp(one.ptr, two.ptr, one.len) == 0));
    lw_buf_free(&one);
    lw_buf_free(&two);
}

static const lw_protocol *protocol(void) {
    static const lw_protocol *compiled;
    static uint8_t result[LW_PROTOCOL_RESULT], scratch[LW_PROTOCOL_SCRATCH];
    if (compiled == NULL) {
        lw_arena r = lw_arena_over(result, sizeof result), s = lw_arena_over(scratch, sizeof scratch);
        CHECK(lw_protocol_compile(lw_builtin_text(), &r, &s, &compiled, NULL) == LW_OK);
    }
    return compiled;
}

/* What grow needs to know of a line, read by the codec itself: a reading of that line alone. */
static bool learn(unsigned n) {
    unsigned order[1] = {n};
    lw_reading *alone = open_of(order, 1, 1);
    bool good = alone->err == LW_OK && alone->record.count == 1;
    if (good) {
        static char who[EVENTS + 3][32];
        const lw_event *event = &alone->record.events[0];
        snprintf(who[n], sizeof who[n], "%s", strstr(lines[n], "device:") != NULL ? "device:phone" : "patient");
        events[n] = (lw_append_event){.line = {lines[n], (uint32_t)strlen(lines[n])},
                                      .by = {who[n], (uint32_t)strlen(who[n])},
                                      .kind = lw_kind_name(event->kind),
                                      .at_s = event->at_s};
        memcpy(events[n].id, event->id, 16);
    }
    lw_reading_back(alone);
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const start[] = {
        "{\"v\":1,\"id\":\"10000000-0000-4000-8000-000000000001\",\"patient\":\"f\",\"kind\":\"enrolled\",\"at\":"
        "\"2026-02-14T08:00:00+"
        "00:00\",\"by\":\"patient\",\"data\":{\"birth_year\":1986,\"sides\":[\"left\"],\"goal\":\"sport\"}}",
        "{\"v\":1,\"id\":\"10000000-0000-4000-8000-000000000002\",\"patient\":\"f\",\"kind\":\"screened\",\"at\":"
        "\"2026-02-14T08:01:00+"
        "00:00\",\"by\":\"patient\",\"data\":{\"flags\":[]}}",
        "{\"v\":1,\"id\":\"10000000-0000-4000-8000-000000000003\",\"patient\":\"f\",\"kind\":\"started\",\"at\":\"2026-"
        "02-14T08:02:00+"
        "00:00\",\"by\":\"clinician:a\",\"data\":{\"protocol\":\"pht@1.0.0\",\"authority\":\"progress\",\"equipment\":["
        "\"mat\"]}}"};
    script s = {data, size};
    unsigned made[EVENTS + 3], count = 3, day = 0, total = 3 + take(&s) % EVENTS;
    for (unsigned i = 0; i < 3; i++) {
        snprintf(lines[i], LINE, "%s", start[i]);
        made[i] = i;
    }
    for (unsigned n = 3; n < total && s.left > 0; n++) {
        make(&s, n, &day);
        if (learn(n)) {
            made[count++] = n;
        }
    }
    /* Deliveries: any event at any time, some again; what never came comes at the end. */
    unsigned came[EVENTS + 3] = {0, 1, 2}, there = 3;
    bool has[EVENTS + 3] = {true, true, true};
    lw_reading *grown = open_of(came, 3, 1);
    for (unsigned turn = 0; turn < 2 * count + 1; turn++) {
        lw_append_event batch[EVENTS + 3];
        unsigned fresh = 0, many = turn < 2 * count ? 1 + take(&s) % 4 : count;
        for (unsigned i = 0; i < many; i++) {
            unsigned n = turn < 2 * count ? made[take(&s) % count] : made[i];
            if (!has[n]) {
                has[n] = true;
                came[there++] = n;
                batch[fresh++] = events[n];
            }
        }
        if (fresh > 0) {
            lw_reading *more = lw_reading_grow(grown, batch, fresh);
            lw_reading_back(grown);
            grown = more != NULL ? more : open_of(came, there, 1);
        }
    }
    CHECK(there == count);
    unsigned back[EVENTS + 3];
    for (unsigned i = 0; i < count; i++) {
        back[i] = made[count - 1 - i];
    }
    lw_reading *in_order = open_of(made, count, 1), *backwards = open_of(back, count, 2);
    check_same(protocol(), grown, in_order, 20500 + (int32_t)day);
    check_same(protocol(), grown, backwards, 20500 + (int32_t)day);
    lw_reading_back(grown);
    lw_reading_back(in_order);
    lw_reading_back(backwards);
    return 0;
}
