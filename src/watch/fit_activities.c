/*
 * fit_activities.c: a FIT file to activities, in two readings.
 *
 * A session message, which says what was done, mostly stands behind its samples; so the first reading collects the sessions
 * and the second gives each its samples. A file that was cut off has no session message: then its samples are one activity.
 */
#include "base/base_internal.h"
#include "watch/fit.h"

enum { ACTIVITY_FILE = 4, STRENGTH = 20, TRANSITION = 3, MAX_OFFSET_MIN = 14 * 60 };

/* The protocol's number of a sport as a word of ours. */
static lw_watch_sport sport_of(int64_t number) {
    switch (number) {
    case 0:
        return LW_WATCH_UNKNOWN;
    case 1:
        return LW_WATCH_RUN;
    case 2:
    case 21: // with a motor
        return LW_WATCH_CYCLE;
    case 5:
        return LW_WATCH_SWIM;
    case 11:
    case 17: // hiking
        return LW_WATCH_WALK;
    case 24:
        return LW_WATCH_DRIVE;
    default:
        return LW_WATCH_SPORT;
    }
}

/* A value that cannot be negative, whatever type a file gives it; -1: not known. */
static int64_t value(const lw_fit_message *message, lw_fit_slot slot) {
    return lw_fit_has(message, slot) && message->value[slot] >= 0 ? message->value[slot] : -1;
}

static void add_session(lw_fit_work *work, uint32_t *sessions, const lw_fit_message *message) {
    if (*sessions == LW_FIT_SESSIONS || value(message, LW_FIT_SPORT) == TRANSITION) {
        work->fit.notes |= *sessions == LW_FIT_SESSIONS ? LW_NOTE_MORE : 0;
        return;
    }
    struct lw__fit_session session = {
        .start = value(message, LW_FIT_START),
        .elapsed_ms = value(message, LW_FIT_ELAPSED),
        .timer_ms = value(message, LW_FIT_TIMER),
        .distance = value(message, LW_FIT_DISTANCE),
        .ascent = value(message, LW_FIT_ASCENT),
        .top = lw_fit_has(message, LW_FIT_TOP_WIDE) ? value(message, LW_FIT_TOP_WIDE) : value(message, LW_FIT_TOP),
        .part = message->part,
        .sport = (uint8_t)sport_of(value(message, LW_FIT_SPORT) < 0 ? 0 : value(message, LW_FIT_SPORT)),
        .given = true,
    };
    if (session.sport == LW_WATCH_UNKNOWN && value(message, LW_FIT_SUB_SPORT) == STRENGTH) {
        session.sport = LW_WATCH_SPORT;
    }
    if (session.start < 0 && lw_fit_has(message, LW_FIT_TIME)) {
        session.start = message->value[LW_FIT_TIME] - (session.elapsed_ms > 0 ? session.elapsed_ms / 1000 : 0);
    }
    uint32_t at = *sessions;
    while (at > 0 && work->session[at - 1].part == session.part && work->session[at - 1].start > session.start) {
        work->session[at] = work->session[at - 1];
        at--;
    }
    work->session[at] = session;
    (*sessions)++;
}

/* The first reading. Returns how many sessions there are; a part with samples and none has one made for it. */
static uint32_t find_sessions(lw_fit_work *work) {
    uint32_t sessions = 0, last_samples = UINT32_MAX;
    bool samples[LW_FIT_SESSIONS] = {false}, given[LW_FIT_SESSIONS] = {false};
    lw_fit_message *message = &work->message;
    while (lw_fit_next(&work->fit, message)) {
        uint32_t part = message->part;
        if (part >= LW_FIT_SESSIONS) {
            work->fit.notes |= LW_NOTE_MORE;
            break;
        }
        switch (message->kind) {
        case LW_FIT_FILE_ID:
            work->part[part].activity = value(message, LW_FIT_FILE_TYPE) == ACTIVITY_FILE;
            work->part[part].other = lw_fit_has(message, LW_FIT_FILE_TYPE) && !work->part[part].activity;
            break;
        case LW_FIT_SPORT_OF:
            work->part[part].sport =
                (uint8_t)sport_of(value(message, LW_FIT_SPORT) < 0 ? 0 : value(message, LW_FIT_SPORT));
            break;
        case LW_FIT_SESSION:
            given[part] = true;
            add_session(work, &sessions, message);
            break;
        case LW_FIT_RECORD:
            samples[part] = true;
            last_samples = part;
            break;
        case LW_FIT_ACTIVITY:
            if (lw_fit_has(message, LW_FIT_LOCAL_TIME) && lw_fit_has(message, LW_FIT_TIME)) {
                int64_t apart = message->value[LW_FIT_LOCAL_TIME] - message->value[LW_FIT_TIME];
                int64_t quarters = (apart >= 0 ? apart + 450 : apart - 450) / 900; // devices are a second off at times
                if (quarters * 15 <= MAX_OFFSET_MIN && quarters * 15 >= -MAX_OFFSET_MIN) {
                    work->part[part].offset_min = (int32_t)(quarters * 15);
                    work->part[part].has_offset = true;
                }
            }
            break;
        default:
            break;
        }
    }
    for (uint32_t part = 0; part < LW_FIT_SESSIONS && last_samples != UINT32_MAX && part <= last_samples; part++) {
        if (samples[part] && !given[part] && sessions < LW_FIT_SESSIONS) {
            work->session[sessions++] = (struct lw__fit_session){.start = -1,
                                                                 .elapsed_ms = -1,
                                                                 .timer_ms = -1,
                                                                 .distance = -1,
                                                                 .ascent = -1,
                                                                 .top = -1,
                                                                 .part = part,
                                                                 .sport = work->part[part].sport};
        }
    }
    return sessions;
}

/* The session that a time of a part belongs to: the last that has begun, else the part's first. UINT32_MAX: none. */
static uint32_t session_at(const lw_fit_work *work, uint32_t sessions, uint32_t part, int64_t time) {
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; i < sessions; i++) {
        if (work->session[i].part == part && (found == UINT32_MAX || work->session[i].start <= time)) {
            found = i;
        }
    }
    return found;
}

static void take_record(lw_summary *summary, const lw_fit_message *message) {
    lw_sample sample = {.at_ms = (message->value[LW_FIT_TIME] + LW_FIT_EPOCH) * 1000};
    if (lw_fit_has(message, LW_FIT_LAT) && lw_fit_has(message, LW_FIT_LON)) {
        int64_t lat = message->value[LW_FIT_LAT] * 1800000000 / (INT64_C(1) << 31);
        if (lat <= 900000000 && lat >= -900000000) {
            sample.lat_e7 = (int32_t)lat;
            sample.lon_e7 = (int32_t)(message->value[LW_FIT_LON] * 1800000000 / (INT64_C(1) << 31));
            sample.has |= LW_SAMPLE_PLACE;
        }
    }
    lw_fit_slot height = lw_fit_has(message, LW_FIT_HEIGHT_WIDE) ? LW_FIT_HEIGHT_WIDE : LW_FIT_HEIGHT;
    if (value(message, height) >= 0 && message->value[height] < 100000) { // below 19,500 m
        sample.height_cm = (int32_t)(message->value[height] * 20 - 50000);
        sample.has |= LW_SAMPLE_HEIGHT;
    }
    if (value(message, LW_FIT_DISTANCE) >= 0) {
        sample.distance_cm = message->value[LW_FIT_DISTANCE];
        sample.has |= LW_SAMPLE_DISTANCE;
    }
    lw_fit_slot speed = lw_fit_has(message, LW_FIT_SPEED_WIDE) ? LW_FIT_SPEED_WIDE : LW_FIT_SPEED;
    if (value(message, speed) >= 0 && message->value[speed] < 1000000) {
        sample.speed_mms = (int32_t)message->value[speed];
        sample.has |= LW_SAMPLE_SPEED;
    }
    lw_summary_take(summary, &sample);
}

/* The activity of a session whose samples are in the summary; what they do not tell, the device's totals do. */
static void finish(const lw_fit_work *work, const struct lw__fit_session *session, lw_watch_activity *out) {
    lw_summary_end(&work->summary, out);
    bool dated = session->start >= LW_FIT_NO_DATE;
    int64_t timer_s = session->timer_ms >= 0 ? (session->timer_ms + 500) / 1000 : (session->elapsed_ms + 500) / 1000;
    if (dated && (out->samples == 0 || session->start + LW_FIT_EPOCH < out->start_s)) {
        out->start_s = session->start + LW_FIT_EPOCH;
    }
    if (out->samples == 0) {
        out->notes |= LW_NOTE_TOTALS;
        out->end_s = out->start_s + (session->elapsed_ms > 0 ? session->elapsed_ms
                                     : session->timer_ms > 0 ? session->timer_ms
                                                             : 0) /
                                        1000;
    }
    if (timer_s > 0 && timer_s < INT32_MAX && (out->samples < 2 || timer_s < out->moving_s)) {
        out->moving_s = (int32_t)timer_s;
    }
    lw_summary_total(out, session->distance);
    out->distance_cm = out->distance_cm < 0 ? session->distance : out->distance_cm;
    if (out->ascent_m < 0 && session->ascent < 20000) {
        out->ascent_m = (int32_t)session->ascent;
    }
    if (out->top_mms < 0 && session->top >= 0 && session->top < 100000) {
        out->top_mms = (int32_t)session->top;
    }
    lw_totals_possible(out);
    if (out->start_s < LW_FIT_EPOCH + LW_FIT_NO_DATE) {
        out->notes |= LW_NOTE_NO_CLOCK;
    }
    out->offset_min = work->part[session->part].offset_min;
    out->has_offset = work->part[session->part].has_offset;
}

static void add_set(const lw_fit_message *message, uint32_t session, lw_watch_set *out) {
    int64_t start = lw_fit_has(message, LW_FIT_START) ? message->value[LW_FIT_START] : value(message, LW_FIT_TIME);
    int64_t weight = value(message, LW_FIT_WEIGHT), lasted = value(message, LW_FIT_DURATION);
    *out = (lw_watch_set){
        .start_s = start < 0 ? 0 : start + LW_FIT_EPOCH,
        .duration_ms = lasted < INT32_MAX ? (int32_t)lasted : -1,
        .reps = (int32_t)value(message, LW_FIT_REPS),
        .weight_g = weight < 0 ? -1 : (int32_t)(weight * 1000 / 16),
        .category = (int32_t)value(message, LW_FIT_CATEGORY),
        .name = (int32_t)value(message, LW_FIT_NAME),
        .activity = (uint16_t)session,
    };
}

int32_t lw_fit_activities(lw_str bytes, lw_fit_work *work, lw_watch_activity *out, uint32_t cap, uint32_t *count,
                          lw_watch_set *sets, uint32_t set_cap, uint32_t *set_count, uint16_t *notes) {
    memset(work, 0, sizeof *work);
    *count = *set_count = 0;
    *notes = 0;
    for (int i = 0; i < LW_FIT_SESSIONS; i++) {
        work->part[i].sport = LW_WATCH_UNKNOWN;
    }
    int32_t err = lw_fit_begin(&work->fit, bytes);
    if (err != LW_OK) {
        return err;
    }
    uint32_t sessions = find_sessions(work), now = UINT32_MAX;
    uint16_t found = work->fit.notes;
    if (sessions > cap) {
        found |= LW_NOTE_MORE;
        sessions = cap;
    }
    bool other = true;
    for (uint32_t i = 0; i < sessions; i++) {
        other = other && work->part[work->session[i].part].other;
    }
    *notes = found;
    if (sessions == 0 || other) {
        return LW_ERR_TYPE;
    }
    for (uint32_t i = 0; i < sessions; i++) { // those whose samples never come keep the totals
        lw_summary_begin(&work->summary, (lw_watch_sport)work->session[i].sport);
        finish(work, &work->session[i], &out[i]);
    }
    lw_fit_message *message = &work->message;
    lw_fit_again(&work->fit, bytes);
    while (lw_fit_next(&work->fit, message) && message->part < LW_FIT_SESSIONS) {
        bool timed = lw_fit_has(message, LW_FIT_TIME);
        if (message->kind == LW_FIT_SET && value(message, LW_FIT_SET_TYPE) != 0) {
            uint32_t at = session_at(work, sessions, message->part, timed ? message->value[LW_FIT_TIME] : 0);
            if (at != UINT32_MAX) {
                out[at].sets++;
                if (*set_count < set_cap) {
                    add_set(message, at, &sets[(*set_count)++]);
                } else {
                    found |= LW_NOTE_MORE;
                }
            }
            continue;
        }
        bool timer = message->kind == LW_FIT_EVENT && value(message, LW_FIT_WHAT) == 0;
        if (!timed || (message->kind != LW_FIT_RECORD && !timer)) {
            continue;
        }
        uint32_t at = session_at(work, sessions, message->part, message->value[LW_FIT_TIME]);
        if (at == UINT32_MAX) {
            continue;
        }
        if (at != now) {
            if (work->session[at].done) {
                continue; // a sample of a session that others have followed
            }
            if (now != UINT32_MAX) {
                uint32_t kept = out[now].sets;
                finish(work, &work->session[now], &out[now]);
                out[now].sets = kept;
            }
            now = at;
            work->session[at].done = true;
            lw_summary_begin(&work->summary, (lw_watch_sport)work->session[at].sport);
        }
        int64_t ms = (message->value[LW_FIT_TIME] + LW_FIT_EPOCH) * 1000;
        if (message->kind == LW_FIT_RECORD) {
            take_record(&work->summary, message);
        } else if (value(message, LW_FIT_HOW) == 0) {
            lw_summary_resume(&work->summary, ms);
        } else if (value(message, LW_FIT_HOW) == 1 || value(message, LW_FIT_HOW) == 4 ||
                   value(message, LW_FIT_HOW) >= 8) {
            lw_summary_pause(&work->summary, ms);
        }
    }
    if (now != UINT32_MAX) {
        uint32_t kept = out[now].sets;
        finish(work, &work->session[now], &out[now]);
        out[now].sets = kept;
    }
    for (uint32_t i = 0; i < sessions; i++) {
        out[i].notes |= found;
    }
    *count = sessions;
    *notes = found;
    return LW_OK;
}
