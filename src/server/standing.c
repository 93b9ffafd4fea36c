/*
 * standing.c: how a patient stands today, for reminders: the plan of the day against what is in the record. The same answer as
 * the app gives itself (web/src/lib/reminders.svelte.ts): nothing is asked of somebody whose programme is stopped.
 */
#include <string.h>

#include "server/fold_request.h"
#include "words/json_pick.h"

/* When an exercise of that day was answered last; 0: none was. */
static int64_t last_done(const lw_record *record, int32_t day) {
    int64_t last = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        bool counts = event->kind == LW_KIND_EXERCISE && !event->voided && event->day == day;
        last = counts && event->at_s > last ? event->at_s : last;
    }
    return last;
}

/* Whether the record has the item's exercise, done or skipped, on that day. */
static bool answered(const lw_record *record, int32_t day, lw_str exercise, lw_str side) {
    for (uint32_t i = record->count; i-- > 0;) {
        const lw_event *event = &record->events[i];
        if (event->kind != LW_KIND_EXERCISE || event->voided || event->day != day) {
            continue;
        }
        const struct lw_ev_exercise *done = event->data;
        const char *name = (done->has & LW_HAS_EXERCISE_SIDE) != 0 ? lw_side_names[done->side] : "both";
        bool same_side = side.len == strlen(name) + 2 && memcmp(side.ptr + 1, name, strlen(name)) == 0;
        if (same_side && exercise.len == done->exercise.len + 2 &&
            memcmp(exercise.ptr + 1, done->exercise.ptr, done->exercise.len) == 0) {
            return true;
        }
    }
    return false;
}

static void stand(const lw_record *record, lw_str plan, int32_t day, lw_standing *out) {
    lw_str status = {0}, session = {0}, items = {0}, item = {0}, exercise = {0}, side = {0};
    if (!lw__pick(plan, "status", &status)) {
        return;
    }
    bool active = lw__pick_is(status, "active");
    out->done_s = last_done(record, day);
    out->checkin = active || lw__pick_is(status, "paused");
    for (uint32_t i = record->count; i-- > 0 && out->checkin;) {
        const lw_event *event = &record->events[i];
        out->checkin = event->kind != LW_KIND_CHECKIN || event->voided || event->day != day;
    }
    if (!active || !lw__pick(plan, "session", &session) || !lw__pick(session, "items", &items)) {
        return;
    }
    while (!out->session && lw__pick_item(&items, &item)) {
        out->session = lw__pick(item, "exercise", &exercise) && lw__pick(item, "side", &side) &&
                       !answered(record, day, exercise, side);
    }
}

int32_t lw__stand_today(void *ctx, const lw_reminder *who, int32_t day, lw_standing *out) {
    lw_server *server = ctx;
    *out = (lw_standing){.checkin = false};
    lw_sql *sql = lw_store_reader(server->store);
    if (sql == NULL) {
        return LW_ERR_BUSY;
    }
    const lw_protocol *protocol = NULL;
    lw__log *log = NULL;
    lw_buf plan = {0};
    int32_t err = lw_server_protocol(server, sql, who->protocol_sha256, &protocol);
    err = err == LW_OK ? lw__log_get(server->cache, sql, who->patient, &log) : err;
    lw_store_reader_back(server->store, sql);
    err = err == LW_OK ? lw_reading_plan(protocol, log->reading, day, &plan, NULL) : err;
    if (err == LW_OK) {
        stand(&log->reading->record, lw_buf_view(&plan), day, out);
    }
    lw_buf_free(&plan);
    lw__log_back(log);
    lw_server_protocol_back(server, protocol);
    return err;
}
