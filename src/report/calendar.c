/*
 * calendar.c: from a record to the entries of a calendar, and from one edition to the next. See calendar.h.
 *
 * The engine plans one day. What the days after would be depends on what happens until then, and on rest days it matters that
 * something was done the day before; so days are asked one after the other on a copy of the record in which each day went as
 * planned: the last check-in again, the plan's items done, with the last pain that was told. Nothing of that is kept or shown
 * but which days have a session; no rule is here. What turns out otherwise is changed or cancelled by the next edition.
 */
#include "report/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/json.h"
#include "words/words.h"

/* ---- lists ---- */

static void copy_text(char *out, size_t cap, const char *text) {
    size_t len = strlen(text);
    len = len < cap ? len : cap - 1;
    while (len > 0 && text[len] != '\0' && ((unsigned char)text[len] & 0xc0) == 0x80) {
        len--;
    }
    memcpy(out, text, len);
    out[len] = '\0';
}

bool lw_calendar_add(lw_calendar *calendar, const lw_calendar_item *item) {
    if (calendar->count == LW_CALENDAR_ITEMS) {
        return false;
    }
    const char *detail = item->detail != NULL ? item->detail : "";
    char *kept = lw_pool_text(&calendar->pool, (lw_str){detail, (uint32_t)strlen(detail)});
    if (kept == NULL) {
        return false;
    }
    calendar->items[calendar->count] = *item;
    calendar->items[calendar->count++].detail = kept;
    return true;
}

void lw_calendar_free(lw_calendar *calendar) {
    lw_pool_free(&calendar->pool);
    calendar->count = 0;
}

static const lw_calendar_item *find(const lw_calendar *calendar, const char *uid) {
    for (uint32_t i = 0; i < calendar->count; i++) {
        if (strcmp(calendar->items[i].uid, uid) == 0) {
            return &calendar->items[i];
        }
    }
    return NULL;
}

/* ---- what is expected ---- */

/* The value of a member of a checked object; empty when there is none. */
static lw_str member(lw_str object, const char *name) {
    const char *p = object.len > 0 && object.ptr[0] == '{' ? object.ptr : NULL;
    for (bool more = p != NULL && lw__json_first(&p); more; more = lw__json_next(&p)) {
        size_t len = strlen(name);
        if (memcmp(p + 1, name, len) == 0 && p[1 + len] == '"') {
            const char *value = lw__json_value(p);
            return (lw_str){value, (uint32_t)(lw__json_after(value) - value)};
        }
    }
    return (lw_str){"", 0};
}

static bool is_null(lw_str value) {
    return value.len == 0 || value.ptr[0] == 'n';
}

/* The next value of a checked list; *rest is the list at first. */
static bool next_item(lw_str *rest, lw_str *item) {
    const char *p = rest->ptr, *end = rest->ptr + rest->len;
    while (p < end && (*p == '[' || *p == ',' || *p == ' ')) {
        p++;
        if (p[-1] == '[' || p[-1] == ',') {
            break;
        }
    }
    while (p < end && *p == ' ') {
        p++;
    }
    if (p >= end || *p == ']') {
        return false;
    }
    const char *after = lw__json_after(p);
    *item = (lw_str){p, (uint32_t)(after - p)};
    *rest = (lw_str){after, (uint32_t)(end - after)};
    return true;
}

/* A number without fraction, within 0..most; most otherwise. */
static int32_t whole(lw_str value, int32_t most) {
    int32_t n = 0;
    for (uint32_t i = 0; i < value.len && value.ptr[i] >= '0' && value.ptr[i] <= '9' && n <= most; i++) {
        n = n * 10 + (value.ptr[i] - '0');
    }
    return n < most ? n : most;
}

typedef struct expecting {
    const lw_calendar_ask *ask;
    lw_calendar *out;
    lw_buf log;         /* the record, and what is supposed after it */
    lw_buf checkin;     /* data of the last check-in */
    int32_t pain_x100;  /* the last that was told during an exercise */
    int32_t offset_min; /* of the record's last local time */
    uint32_t supposed;  /* events added */
    bool done;          /* something of today's session */
    bool empty;         /* no event at all */
    char patient[200];  /* as it stands in the record, with quotes */
    char seed[33];      /* what makes UIDs this record's own */
} expecting;

static void make_uid(const expecting *e, const char *what, int32_t day, char out[LW_CALENDAR_UID]) {
    char text[160], date[11] = "";
    uint8_t hash[32];
    int len = snprintf(text, sizeof text, "loadwave calendar %s %s %d", e->seed, what, (int)day);
    lw__sha256_of(text, (size_t)len, hash);
    lw_day_write(day, date);
    lw__writer w = lw__writer_over(out, LW_CALENDAR_UID);
    lw__put_hex(&w, hash, 16);
    lw__put_char(&w, '-');
    for (int i = 0; i < 10; i++) {
        if (date[i] != '-') {
            lw__put_char(&w, date[i]);
        }
    }
    lw__put_c(&w, "@loadwave");
    lw__put_end(&w);
}

static void add(expecting *e, const char *what, const char *title, const char *detail, int32_t day, int32_t minute) {
    lw_calendar_item item = {.day = day, .minute = minute, .detail = detail};
    make_uid(e, what, day, item.uid);
    copy_text(item.title, sizeof item.title, lw_sentence_of(lw_language_for(e->ask->language), title));
    if (find(e->out, item.uid) == NULL) {
        (void)lw_calendar_add(e->out, &item); /* beyond the most: what comes later is left out */
    }
}

/* What the record's events say by themselves: appointments, and what the suppositions repeat. */
static void look(expecting *e, const lw_record *record) {
    const lw_event *last = NULL;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->voided) {
            continue;
        }
        last = event;
        bool today = event->day == e->ask->day;
        if (event->kind == LW_KIND_CHECKIN) {
            lw_buf_clear(&e->checkin);
            lw_buf_slice(&e->checkin, member(event->raw, "data"));
        } else if (event->kind == LW_KIND_EXERCISE) {
            const struct lw_ev_exercise *exercise = event->data;
            if ((exercise->has & LW_HAS_EXERCISE_PAIN_DURING) != 0) {
                e->pain_x100 = exercise->pain_during_x100;
            }
            e->done = e->done || (today && (exercise->has & LW_HAS_EXERCISE_SKIP) == 0);
        } else if (event->kind == LW_KIND_BOOKED) {
            const struct lw_ev_booked *booked = event->data;
            char what[48] = "booked ";
            lw__writer w = lw__writer_over(what + 7, sizeof what - 7);
            lw__put_uuid(&w, event->id);
            lw__put_end(&w);
            if (booked->on >= e->ask->day - LW_CALENDAR_KEPT) {
                add(e, what,
                    !e->ask->plain                        ? "calendar.visit"
                    : booked->what == LW_BOOKED_SHOCKWAVE ? "calendar.shockwave.plain"
                                                          : "calendar.review.plain",
                    "", booked->on, -1);
            }
        }
    }
    if (last != NULL) {
        int64_t local = (int64_t)last->day * 1440 + last->minute;
        int64_t offset = local - (last->at_s - ((last->at_s % 60) + 60) % 60) / 60;
        e->offset_min = offset >= -1439 && offset <= 1439 ? (int32_t)offset : 0;
        lw_str patient = member(last->raw, "patient");
        snprintf(e->patient, sizeof e->patient, "%.*s", patient.len < sizeof e->patient ? (int)patient.len : 0,
                 patient.ptr);
    }
}

/* The id of the first `enrolled`, of the first event where there is none: it was made at random and never changes. */
static void make_seed(expecting *e, const lw_record *record) {
    const lw_event *first = record->count > 0 ? &record->events[0] : NULL;
    for (uint32_t i = 0; i < record->count; i++) {
        if (record->events[i].kind == LW_KIND_ENROLLED) {
            first = &record->events[i];
            break;
        }
    }
    lw__writer w = lw__writer_over(e->seed, sizeof e->seed);
    if (first != NULL) {
        lw__put_hex(&w, first->id, 16);
    }
    lw__put_end(&w);
    e->empty = first == NULL;
}

/* One supposed event's line up to its data. */
static void suppose(expecting *e, const char *kind, int32_t day, const char *time) {
    char date[11] = "";
    lw_day_write(day, date);
    int32_t offset = e->offset_min < 0 ? -e->offset_min : e->offset_min;
    lw_buf_fmt(&e->log,
               "{\"v\":1,\"id\":\"ffffffff-0000-4000-8000-%012x\",\"patient\":%s,\"kind\":\"%s\",\"at\":\"%.10sT%s%c"
               "%02d:%02d\",\"by\":\"patient\",\"data\":",
               e->supposed++, e->patient, kind, date, time, e->offset_min < 0 ? '-' : '+', (int)(offset / 60),
               (int)(offset % 60));
}

static void suppose_item(expecting *e, lw_str item, int32_t day) {
    static const char *const parts[] = {"reps", "hold_s", "load_kg", "speed_pct", "contacts", "distance_m"};
    lw_str exercise = member(item, "exercise"), side = member(item, "side");
    int32_t sets = whole(member(item, "sets"), 20);
    suppose(e, "exercise", day, "18:00:00");
    lw_buf_fmt(&e->log, "{\"exercise\":%.*s,\"sets\":[", (int)exercise.len, exercise.ptr);
    for (int32_t i = 0; i < (sets > 0 ? sets : 1); i++) {
        bool any = false;
        lw_buf_str(&e->log, i > 0 ? ",{" : "{");
        for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
            lw_str value = member(item, parts[k]);
            if (!is_null(value)) {
                lw_buf_fmt(&e->log, "%s\"%s\":%.*s", any ? "," : "", parts[k], (int)value.len, value.ptr);
                any = true;
            }
        }
        lw_buf_str(&e->log, any ? "}" : "\"reps\":1}");
    }
    lw_buf_fmt(&e->log, "],\"pain_during\":%d.%02d", (int)(e->pain_x100 / 100), (int)(e->pain_x100 % 100));
    if (!is_null(side)) {
        lw_buf_fmt(&e->log, ",\"side\":%.*s", (int)side.len, side.ptr);
    }
    lw_buf_str(&e->log, "}}\n");
}

/* A session of the day; then the day is supposed to go as planned. */
static void take_session(expecting *e, lw_str items, int32_t day) {
    lw_buf detail = {0};
    lw_str rest = items, item = {0};
    bool any = false;
    while (next_item(&rest, &item)) {
        char key[80];
        lw_str id = member(item, "exercise");
        if (id.len < 2 || id.len > 70) {
            continue;
        }
        any = true;
        snprintf(key, sizeof key, "ex.%.*s", (int)id.len - 2, id.ptr + 1);
        const char *name = lw_sentence_of(lw_language_for(e->ask->language), key);
        lw_buf_str(&detail, detail.len > 0 ? "\n" : "");
        lw_buf_str(&detail, name != NULL ? name : key + 3);
        suppose_item(e, item, day);
    }
    if (any) {
        add(e, "session", e->ask->plain ? "calendar.session.plain" : "calendar.session",
            e->ask->plain && !detail.failed ? detail.ptr : "", day, e->ask->minute);
    }
    lw_buf_free(&detail);
}

/* The plan's questions that have a day to come. */
static void take_forms(expecting *e, lw_str due) {
    lw_str rest = due, one = {0};
    while (next_item(&rest, &one)) {
        lw_str by = member(one, "by");
        int32_t day = 0;
        if (by.len == 12 && lw_day_parse((lw_str){by.ptr + 1, 10}, &day) && day >= e->ask->day) {
            add(e, "form", e->ask->plain ? "calendar.form.plain" : "calendar.form", "", day, -1);
        }
    }
}

/* One day: reads the log as it is supposed to stand by then, plans, takes what the plan says. */
static int32_t expect_day(expecting *e, int32_t day) {
    bool today = day == e->ask->day;
    if (!today && e->checkin.len > 0) {
        suppose(e, "checkin", day, "07:00:00");
        lw_buf_slice(&e->log, lw_buf_view(&e->checkin));
        lw_buf_str(&e->log, "}\n");
    }
    size_t result = 0, scratch = 0;
    lw_record_size_hint(e->log.len, &result, &scratch);
    scratch = scratch > LW_PLAN_SCRATCH ? scratch : LW_PLAN_SCRATCH;
    char *memory = e->log.failed ? NULL : malloc(result + scratch + LW_PLAN_RESULT);
    if (memory == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw_arena events = lw_arena_over(memory, result), spare = lw_arena_over(memory + result, scratch);
    lw_record record = {0};
    int32_t err = lw_record_read(lw_buf_view(&e->log), &events, &spare, &record, NULL);
    if (today && (err == LW_OK || err == LW_ERR_NEWER)) {
        make_seed(e, &record);
        look(e, &record);
    }
    lw_work work = {.result = lw_arena_over(memory + result + scratch, LW_PLAN_RESULT),
                    .scratch = lw_arena_over(memory + result, scratch)};
    err = err == LW_OK ? lw_plan(e->ask->protocol, &record, day, 0, &work, NULL) : err;
    if (err == LW_OK) {
        lw_str status = member(work.json, "status"), session = member(work.json, "session");
        bool trains = lw__str_eq(status, LW_STR("\"active\""));
        if (today) {
            take_forms(e, trains ? member(work.json, "due") : (lw_str){"", 0});
        }
        if (today && e->done) {
            make_uid(e, "session", day, e->out->done_uid);
        } else if (trains) {
            take_session(e, member(session, "items"), day);
        }
    }
    free(memory);
    return err;
}

int32_t lw_calendar_expect(const lw_calendar_ask *ask, lw_str log, lw_calendar *out) {
    memset(out, 0, sizeof *out);
    expecting e = {.ask = ask, .out = out};
    lw_buf_slice(&e.log, log);
    if (log.len > 0 && log.ptr[log.len - 1] != '\n') {
        lw_buf_str(&e.log, "\n");
    }
    int32_t err = LW_OK;
    for (int32_t day = ask->day; day < ask->day + LW_CALENDAR_DAYS && err == LW_OK && !e.empty; day++) {
        err = expect_day(&e, day);
    }
    lw_buf_free(&e.log);
    lw_buf_free(&e.checkin);
    if (err == LW_ERR_NO_MEMORY || (err != LW_OK && e.seed[0] == '\0')) {
        lw_calendar_free(out);
        return err; /* no record at all */
    }
    return LW_OK; /* what cannot be planned stands without sessions */
}

/* ---- from edition to edition ---- */

static bool same(const lw_calendar_item *a, const lw_calendar_item *b) {
    return a->day == b->day && a->minute == b->minute && strcmp(a->title, b->title) == 0 &&
           strcmp(a->detail, b->detail) == 0;
}

static int by_time(const void *left, const void *right) {
    const lw_calendar_item *a = left, *b = right;
    if (a->day != b->day) {
        return a->day < b->day ? -1 : 1;
    }
    return a->minute != b->minute ? (a->minute < b->minute ? -1 : 1) : strcmp(a->uid, b->uid);
}

void lw_calendar_sort(lw_calendar *calendar) {
    qsort(calendar->items, calendar->count, sizeof calendar->items[0], by_time);
}

bool lw_calendar_merge(const lw_calendar *old, const lw_calendar *fresh, int32_t day, int64_t now_s, lw_calendar *out) {
    memset(out, 0, sizeof *out);
    bool changed = false;
    for (uint32_t i = 0; i < old->count; i++) {
        const lw_calendar_item *was = &old->items[i], *is = find(fresh, was->uid);
        lw_calendar_item now = *was;
        if (was->day < day - LW_CALENDAR_KEPT) {
            changed = true;
            continue;
        }
        bool over = is == NULL && (was->day < day || strcmp(was->uid, fresh->done_uid) == 0);
        if (is != NULL && (was->cancelled || !same(was, is))) {
            now = *is;
        } else if (is == NULL && !over && !was->cancelled) {
            now.cancelled = true;
        }
        if (now.cancelled != was->cancelled || !same(was, &now)) {
            now.sequence = was->sequence + 1;
            now.changed_s = now_s;
            changed = true;
        }
        (void)lw_calendar_add(out, &now);
    }
    for (uint32_t i = 0; i < fresh->count; i++) {
        if (find(old, fresh->items[i].uid) == NULL) {
            lw_calendar_item now = fresh->items[i];
            now.sequence = 0;
            now.changed_s = now_s;
            changed = lw_calendar_add(out, &now) || changed;
        }
    }
    lw_calendar_sort(out);
    return changed;
}
