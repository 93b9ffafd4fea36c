/*
 * track_points.c: points as GPX and TCX write them, in text, to a summary. The program's XML reader and the browser's page hand
 * over the same texts, so both come to the same numbers.
 */
#include "base/base_internal.h"
#include "watch/watch.h"

enum { MOST_LAP_MS = 604800000, LOW_CM = -1000000, HIGH_CM = 2000000 };
static const int64_t most_cm = INT64_C(100000000000);

void lw_track_begin(lw_track_reader *track, lw_watch_sport sport) {
    memset(track, 0, sizeof *track);
    lw_summary_begin(&track->summary, sport);
    track->lap_first_s = -1;
}

void lw_track_segment(lw_track_reader *track) {
    track->broke = true;
}

void lw_track_lap(lw_track_reader *track, lw_str start, lw_str seconds, lw_str metres) {
    int64_t at = 0, value = 0;
    int32_t offset = 0;
    bool zoned = false;
    if (track->lap_first_s < 0 && lw_watch_time(start, &at, &offset, &zoned) && at >= 0) {
        track->lap_first_s = at / 1000;
    }
    if (lw_watch_decimal(seconds, 3, &value) && value >= 0 && value + track->lap_ms < MOST_LAP_MS) {
        track->lap_ms += value;
    }
    if (lw_watch_decimal(metres, 2, &value) && value >= 0 && value + track->lap_cm < most_cm) {
        track->lap_cm += value;
    }
}

static bool degrees(lw_str text, int64_t most, int32_t *out) {
    int64_t e7 = 0;
    if (!lw_watch_decimal(text, 7, &e7) || e7 > most || e7 < -most) {
        return false;
    }
    *out = (int32_t)e7;
    return true;
}

void lw_track_point(lw_track_reader *track, lw_str lat, lw_str lon, lw_str height, lw_str time, lw_str metres) {
    lw_sample sample = {.has = 0};
    int64_t value = 0;
    int32_t offset = 0;
    bool zoned = false;
    track->pointed = true;
    if (!lw_watch_time(time, &sample.at_ms, &offset, &zoned)) {
        return;
    }
    if (zoned && !track->zoned) {
        track->zoned = true;
        track->offset_min = offset;
    }
    if (degrees(lat, 900000000, &sample.lat_e7) && degrees(lon, 1800000000, &sample.lon_e7)) {
        sample.has |= LW_SAMPLE_PLACE;
    }
    if (lw_watch_decimal(height, 2, &value) && value > LOW_CM && value < HIGH_CM) {
        sample.height_cm = (int32_t)value;
        sample.has |= LW_SAMPLE_HEIGHT;
    }
    if (lw_watch_decimal(metres, 2, &value) && value >= 0 && value < most_cm) {
        sample.distance_cm = value;
        sample.has |= LW_SAMPLE_DISTANCE;
    }
    if (track->broke && track->summary.first_ms >= 0) {
        lw_summary_pause(&track->summary, track->summary.last_ms);
        lw_summary_resume(&track->summary, sample.at_ms);
    }
    track->broke = false;
    lw_summary_take(&track->summary, &sample);
}

bool lw_track_end(lw_track_reader *track, lw_watch_activity *out) {
    lw_summary_end(&track->summary, out);
    if (out->samples == 0) {
        track->route = track->pointed;
        if (track->lap_first_s < 0 || track->lap_ms == 0) {
            return false;
        }
        track->route = false;
        out->start_s = track->lap_first_s;
        out->end_s = track->lap_first_s + track->lap_ms / 1000;
        out->moving_s = (int32_t)(track->lap_ms / 1000);
        out->distance_cm = track->lap_cm > 0 ? track->lap_cm : -1;
        out->notes |= LW_NOTE_TOTALS;
        lw_totals_possible(out);
    } else {
        lw_summary_total(out, track->lap_cm);
        if (out->distance_cm < 0 && track->lap_cm > 0) { // points that do not say how far
            out->distance_cm = track->lap_cm;
            lw_totals_possible(out);
        }
    }
    out->has_offset = track->zoned;
    out->offset_min = track->offset_min;
    return true;
}
