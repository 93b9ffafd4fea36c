/*
 * course_loads.c: what each day came to, for timelines.
 *
 * One fold, taken to the evening of the last day, fills a ledger with the very sums that the weekly cap, the running
 * ceiling and the adherence count are made of, so that a chart can never disagree with the plan. Only minutes sat are
 * added up here: no rule asks for them. Channels have different units and are never added to each other.
 *
 * A day that was due is missed when no session came before the next one was due. What is still due at the end is open,
 * not missed.
 */
#include "engine/fold.h"

enum { SAT_MOST = 1440 }; /* minutes of a day */

/* Minutes sat and driven each day, into sat[to - from + 1]. */
static void add_sitting(const lw_record *record, int32_t from, int32_t to, int32_t *sat) {
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *e = &record->events[i];
        bool voided = e->voided && e->void_day <= to;
        if (e->kind != LW_KIND_ACTIVITY || voided || e->day < from || e->day > to) {
            continue;
        }
        const struct lw_ev_activity *a = e->data;
        if (a->type == LW_ACTIVITY_SIT || a->type == LW_ACTIVITY_DRIVE) {
            int32_t *sum = &sat[e->day - from];
            *sum = lw__added(*sum, a->minutes, SAT_MOST);
        }
    }
}

/* Marks which due days were missed, from the last day back: next says whether a later day is due, done whether a session came. */
static void mark_missed(const lw_day_load *days, int32_t count, bool *missed) {
    bool next = false;
    bool done = false;
    for (int32_t i = count - 1; i >= 0; i--) {
        done = done || days[i].done;
        if (days[i].due) {
            missed[i] = next && !done;
            next = true;
            done = false;
        }
    }
}

static void put_name(lw__writer *w, const char *name) {
    lw__put_c(w, ",\"");
    lw__put_c(w, name);
    lw__put_c(w, "\":");
}

static void put_bool(lw__writer *w, const char *name, bool value) {
    put_name(w, name);
    lw__put_c(w, value ? "true" : "false");
}

static void put_count(lw__writer *w, const char *name, int32_t value) {
    put_name(w, name);
    if (value == LW_UNKNOWN) {
        lw__put_c(w, "null");
    } else {
        lw__put_int(w, value);
    }
}

static void put_x100(lw__writer *w, const char *name, int32_t value) {
    put_name(w, name);
    if (value == LW_UNKNOWN) {
        lw__put_c(w, "null");
    } else {
        lw__put_x100(w, value);
    }
}

static void put_day(lw__writer *w, int32_t day, const lw_day_load *d, bool missed, int32_t sat) {
    static const char *const flares[] = {"none", "minor", "major"};
    lw__put_c(w, "{\"day\":");
    lw__put_day(w, day);
    put_bool(w, "done", d->done);
    put_bool(w, "due", d->due);
    put_bool(w, "missed", missed);
    put_count(w, "tension", d->tension);
    put_count(w, "compression", d->compression);
    put_count(w, "sit_min", sat);
    put_count(w, "run_min", d->run_min);
    put_x100(w, "run_km", d->run_km);
    put_x100(w, "pain_during", d->during);
    put_x100(w, "pain_morning", d->morning);
    put_x100(w, "pain_test", d->test);
    put_count(w, "sitting_min", d->sitting);
    put_name(w, "flare");
    lw__put_char(w, '"');
    lw__put_c(w, flares[d->flare]);
    lw__put_char(w, '"');
    lw__put_char(w, '}');
}

int32_t lw_day_loads(const lw_protocol *protocol, const lw_record *record, int32_t from, int32_t to, lw_work *work,
                     lw_diag *diag) {
    if (record->newer > 0) {
        return lw__refuse(diag, LW_ERR_NEWER, "the record has events of a newer format than this version understands",
                          "update loadwave");
    }
    if (from > to) {
        return lw__refuse(diag, LW_ERR_RANGE, "the first day comes after the last", "give the earlier day first");
    }
    if ((int64_t)to - from >= LW_LOADS_DAYS) {
        return lw__refuse(diag, LW_ERR_LIMIT, "that is more days than are answered at once", "ask for fewer days");
    }
    int32_t count = to - from + 1;
    lw_arena scratch = work->scratch;
    lw_arena result = work->result;
    lw_state *s = LW__NEW(&scratch, lw_state, 1);
    lw_day_load *days = LW__NEW(&scratch, lw_day_load, count);
    int32_t *sat = LW__NEW(&scratch, int32_t, count);
    bool *missed = LW__NEW(&scratch, bool, count);
    work->scratch.peak = scratch.peak;
    if (s == NULL || days == NULL || sat == NULL || missed == NULL) {
        return lw__refuse(diag, LW_ERR_NO_MEMORY, "the scratch arena is too small for these days",
                          "give LW_LOADS_SCRATCH bytes");
    }
    for (int32_t i = 0; i < count; i++) {
        days[i].during = days[i].morning = days[i].test = days[i].sitting = LW_UNKNOWN;
    }
    lw_ledger ledger = {from, days};
    lw__fold_days(protocol, record, to, s, &ledger);
    if (!lw__right_protocol(s)) {
        return lw__refuse(diag, LW_ERR_PROTOCOL, "the record was started on another protocol",
                          "give the protocol and version that `started` names");
    }
    add_sitting(record, from, to, sat);
    mark_missed(days, count, missed);

    // the text goes straight to the free end of the result arena
    char *out = result.base == NULL ? NULL : (char *)result.base + result.used;
    lw__writer w = lw__writer_over(out, result.cap - result.used);
    for (int32_t i = 0; i < count; i++) {
        lw__put_char(&w, i == 0 ? '[' : ',');
        put_day(&w, from + i, &days[i], missed[i], sat[i]);
    }
    lw__put_char(&w, ']');
    if (w.full) {
        return lw__refuse(diag, LW_ERR_NO_MEMORY, "the result arena is too small for these days",
                          "give LW_LOADS_RESULT bytes");
    }
    work->result.used += w.len;
    work->result.peak = work->result.used > work->result.peak ? work->result.used : work->result.peak;
    work->json = (lw_str){out, (uint32_t)w.len};
    return LW_OK;
}
