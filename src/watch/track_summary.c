/*
 * track_summary.c: samples to an activity, in one pass and constant memory.
 *
 * Distance is the device's own count where it has one, else the sum of steps between places of at least STEP_MM, so that a
 * receiver lying still does not walk, else speed times time. None is invented: the way to a place that nobody can reach in the
 * time is left out, and so is one over a gap longer than GAP_MS that the device did not count through; a speed speaks for
 * BREAK_MS; no second is counted by two of them. Such gaps are noted. Time counts while the device's clock runs and, where
 * places or distances tell, while somebody moves; as running only where samples tell of it at least every STALE_MS.
 * Speeds are taken over WINDOW_MS at least, never over one step. Heights are smoothed, and a climb is one once it has risen by
 * RISE_CM. What is left out of a sum claims less, never more.
 */
#include "base/base_internal.h"
#include "watch/watch.h"

enum {
    WINDOW_MS = 5000,   /* speeds are means over so long at least */
    EVERY_MS = 200,     /* samples are remembered no closer than this */
    STALE_MS = 20000,   /* and over so long at most: across a gap there is no top speed and no running */
    GAP_MS = 60000,     /* without distance and without a clock of the device a longer gap is a pause */
    STEP_MM = 1000,     /* steps between places below this are noise */
    STILL_MMS = 400,    /* slower is standing */
    GAIT_MMS = 2000,    /* faster on foot is no walk */
    BREAK_MS = 10000,   /* a walk or stop so long ends a stretch of running; a speed speaks for so long */
    RISE_CM = 500,      /* heights swing by less on their own */
    SMOOTH_MS = 10000,  /* and are smoothed over so long */
    MOST_MS = 604800000 /* a week: longer than any activity, shorter than the arithmetic's limits */
};

static const int32_t fastest_mms[LW_WATCH_UNKNOWN + 1] = {
    [LW_WATCH_RUN] = 12500,   [LW_WATCH_WALK] = 12500, [LW_WATCH_CYCLE] = 40000, [LW_WATCH_SWIM] = 5000,
    [LW_WATCH_DRIVE] = 80000, [LW_WATCH_SIT] = 80000,  [LW_WATCH_SPORT] = 60000, [LW_WATCH_UNKNOWN] = 60000,
};

/* ---- places ---- */

/* Cosine of degrees × 10⁷ within ±90°, times 2²⁶: the series to the tenth power, right to 10⁻⁶. */
static int64_t cosine(int32_t e7) {
    int64_t x = (int64_t)e7 * 18740330 / 10000000; // radians × 2³⁰: π/180 × 2³⁰ = 18740330
    int64_t square = x * x >> 30, sum = 0;
    static const int32_t by[] = {90, 56, 30, 12, 2}; // 9·10, 7·8, …
    for (int i = 0; i < 5; i++) {
        sum = (((INT64_C(1) << 30) - sum) * square >> 30) / by[i];
    }
    return ((INT64_C(1) << 30) - sum) >> 4;
}

static int64_t root(int64_t square) {
    int64_t r = 0;
    for (int64_t bit = INT64_C(1) << 31; bit != 0; bit >>= 1) {
        int64_t more = r | bit;
        r = more <= square / more ? more : r;
    }
    return r;
}

int64_t lw__geo_mm(int32_t lat_a, int32_t lon_a, int32_t lat_b, int32_t lon_b) {
    enum { FAR = 16 * 20000000 };
    int64_t north = (int64_t)lat_b - lat_a, east = (int64_t)lon_b - lon_a;
    east = east > 1800000000 ? east - 3600000000 : east < -1800000000 ? east + 3600000000 : east;
    // in sixteenths, which keep the fractions
    east = east * 16 * cosine((int32_t)(((int64_t)lat_a + lat_b) / 2)) / (INT64_C(1) << 26);
    north *= 16;
    if (north > FAR || north < -FAR || east > FAR || east < -FAR) {
        return INT64_MAX;
    }
    return root(north * north + east * east) * 11119508 / 16000000; // a degree is 111,195.08 m on the mean sphere
}

/* ---- the summary ---- */

void lw_summary_begin(lw_summary *s, lw_watch_sport sport) {
    memset(s, 0, sizeof *s);
    s->so_far.sport = (uint8_t)sport;
    s->first_ms = -1;
    s->resume_ms = -1;
    s->device_cm = -1;
    s->so_far.top_mms = -1;
    s->speed_mms = -1;
}

static void close_stretch(lw_summary *s) {
    s->longest_ms = s->stretch_ms > s->longest_ms ? s->stretch_ms : s->longest_ms;
    s->stretch_ms = 0;
    s->slow_ms = 0;
}

void lw_summary_pause(lw_summary *s, int64_t at_ms) {
    s->timed = true;
    if (!s->paused && s->first_ms >= 0 && at_ms > s->last_ms && at_ms - s->last_ms < GAP_MS) {
        s->moving_ms += at_ms - s->last_ms; // until the button was pressed
    }
    s->paused = true;
}

void lw_summary_resume(lw_summary *s, int64_t at_ms) {
    s->timed = true;
    if (s->paused && s->first_ms >= 0) {
        if (at_ms - s->last_ms > BREAK_MS) {
            close_stretch(s);
        }
        s->resume_ms = at_ms;
        s->placed = false; // the way during a pause is not part of it
        s->ring_count = 0;
    }
    s->paused = false;
}

/* A climb is counted whole once it has risen by RISE_CM from its foot, and ends when it has fallen by as much from its top. */
static void note_height(lw_summary *s, int32_t cm, int64_t dt) {
    int64_t mm = (int64_t)cm * 10;
    s->height_mm = s->height ? s->height_mm + (mm - s->height_mm) * dt / (dt + SMOOTH_MS) : mm;
    int32_t now = (int32_t)(s->height_mm / 10);
    if (!s->height) {
        s->low_cm = s->top_cm = now;
    } else if (s->climbing && now > s->top_cm) {
        s->top_cm = now;
    } else if (s->climbing && s->top_cm - now >= RISE_CM) {
        s->ascent_cm += s->top_cm - s->low_cm;
        s->low_cm = now;
        s->climbing = false;
    } else if (!s->climbing && now < s->low_cm) {
        s->low_cm = now;
    } else if (!s->climbing && now - s->low_cm >= RISE_CM) {
        s->climbing = true;
        s->top_cm = now;
    }
    s->height = true;
}

enum { UNTOLD = -1, LEAP = -2 };

/*
 * The way since the last sample that told of one, in mm; UNTOLD; or LEAP, when it cannot be. dt: the time since the last sample
 * of any kind, pauses left out.
 */
static int64_t way(lw_summary *s, const lw_sample *sample, int64_t dt) {
    int64_t span = s->first_ms < 0 ? 0 : sample->at_ms - s->told_ms;
    int64_t most = span * fastest_mms[s->so_far.sport] / 1000 + 1000;
    if ((sample->has & LW_SAMPLE_DISTANCE) != 0) {
        int64_t before = s->device_cm;
        s->device_cm = sample->distance_cm;
        if (before < 0) {
            return s->first_ms < 0 ? 0 : UNTOLD;
        }
        int64_t mm = (sample->distance_cm - before) * 10;
        if (mm < 0 || mm > most) {
            s->so_far.notes |= mm < 0 ? 0 : LW_NOTE_JUMPS; // a count that began again tells nothing
            return LEAP;
        }
        return mm;
    }
    if (s->device_cm >= 0) {
        return UNTOLD; // this sample lacks it; the next one's count holds the way
    }
    if ((sample->has & LW_SAMPLE_PLACE) != 0) {
        if (!s->placed) {
            s->lat_e7 = sample->lat_e7;
            s->lon_e7 = sample->lon_e7;
            s->placed = true;
            return 0;
        }
        int64_t mm = lw__geo_mm(s->lat_e7, s->lon_e7, sample->lat_e7, sample->lon_e7);
        if (mm < STEP_MM) {
            return 0;
        }
        s->lat_e7 = sample->lat_e7;
        s->lon_e7 = sample->lon_e7;
        if (mm >
            most) { // from here it goes on; the way here and, after a single stray place, the way back are not counted
            s->so_far.notes |= LW_NOTE_JUMPS;
            return LEAP;
        }
        if (span > GAP_MS) {
            s->gap = true;
            return LEAP;
        }
        return mm;
    }
    if ((sample->has & LW_SAMPLE_SPEED) != 0) {
        s->placed = false; // or the next place would count the same way again
        s->gap = s->gap || dt > GAP_MS;
        return sample->speed_mms <= fastest_mms[s->so_far.sport]
                   ? sample->speed_mms * (dt < BREAK_MS ? dt : BREAK_MS) / 1000
                   : LEAP;
    }
    return UNTOLD;
}

/* The mean speed since the youngest sample that is WINDOW_MS old, or -1; *span is the time it was taken over. */
static int64_t speed(const lw_summary *s, int64_t now_ms, int64_t now_mm, int64_t *span) {
    const int size = (int)(sizeof s->ring_ms / sizeof s->ring_ms[0]);
    for (int i = 1; i <= s->ring_count; i++) {
        int at = (s->ring_next + size - i) % size;
        *span = now_ms - s->ring_ms[at];
        if (*span >= WINDOW_MS || i == s->ring_count) {
            return (now_mm - s->ring_mm[at]) * 1000 / *span;
        }
    }
    return -1;
}

static void remember(lw_summary *s, int64_t ms, int64_t mm) {
    const int size = (int)(sizeof s->ring_ms / sizeof s->ring_ms[0]);
    if (s->ring_count > 0 && ms - s->ring_ms[(s->ring_next + size - 1) % size] < EVERY_MS) {
        return; // so that the ring reaches back over a window, however fast the samples come
    }
    s->ring_ms[s->ring_next] = ms;
    s->ring_mm[s->ring_next] = mm;
    s->ring_next = (uint8_t)((s->ring_next + 1) % size);
    s->ring_count = (uint8_t)(s->ring_count < size ? s->ring_count + 1 : size);
}

/* Counts dt as moving or not, as running or not. v: the mean speed, or -1. */
static void count_time(lw_summary *s, int64_t dt, int64_t v) {
    uint8_t sport = s->so_far.sport;
    bool tells =
        v >= 0 && sport != LW_WATCH_SWIM && sport != LW_WATCH_SPORT; // lengths and games stand still in between
    if (tells ? v < STILL_MMS : !s->timed && dt > GAP_MS) {
        s->slow_ms += dt;
    } else {
        s->moving_ms += dt;
        if (v >= GAIT_MMS && dt <= STALE_MS) {
            s->run_ms += dt;
            s->stretch_ms += dt;
            s->slow_ms = 0;
            return;
        }
        s->slow_ms += dt;
    }
    if (s->slow_ms > BREAK_MS) {
        close_stretch(s);
    }
}

void lw_summary_take(lw_summary *s, const lw_sample *sample) {
    if (s->first_ms >= 0 && sample->at_ms <= s->last_ms) {
        s->so_far.notes |= sample->at_ms < s->last_ms ? LW_NOTE_DISORDER : 0;
        return;
    }
    if (sample->at_ms < 0 || (s->first_ms >= 0 && sample->at_ms - s->first_ms > MOST_MS)) {
        s->so_far.notes |= LW_NOTE_DISORDER;
        return;
    }
    s->so_far.samples++;
    bool first = s->first_ms < 0;
    if ((sample->has & LW_SAMPLE_HEIGHT) != 0 && !s->paused) {
        note_height(s, sample->height_cm, first ? 0 : sample->at_ms - s->last_ms);
    }
    int64_t from = s->resume_ms > s->last_ms && s->resume_ms <= sample->at_ms ? s->resume_ms : s->last_ms;
    int64_t dt = first ? 0 : sample->at_ms - from;
    if (s->paused) {
        s->device_cm = (sample->has & LW_SAMPLE_DISTANCE) != 0 ? sample->distance_cm : s->device_cm;
        s->told_ms = sample->at_ms;
    } else {
        bool placed = s->placed;
        int64_t mm = way(s, sample, dt), span = 0;
        bool told = mm != UNTOLD && (placed || !s->placed); // a first place tells where, not how far since
        s->untold_ms = told || first ? 0 : s->untold_ms + dt;
        s->gap = s->gap || s->untold_ms > GAP_MS;
        // between two samples that tell, the last speed stands for a while
        int64_t v = mm == UNTOLD && s->untold_ms <= BREAK_MS ? s->speed_mms : -1;
        s->told_ms = mm != UNTOLD || first ? sample->at_ms : s->told_ms;
        if (mm != UNTOLD) {
            s->untold_ms = 0;
        }
        if (mm >= 0) {
            s->moved = s->moved || s->device_cm >= 0 || s->placed || (sample->has & LW_SAMPLE_SPEED) != 0;
            s->total_mm += mm;
            v = speed(s, sample->at_ms, s->total_mm, &span);
            remember(s, sample->at_ms, s->total_mm);
        } else if (mm == LEAP) {
            s->ring_count = 0; // speeds are not taken across it, but from here on
            remember(s, sample->at_ms, s->total_mm);
        }
        s->speed_mms = v;
        if (!first) {
            count_time(s, dt, v);
        }
        if (span >= WINDOW_MS && span <= STALE_MS && v > s->so_far.top_mms && v <= fastest_mms[s->so_far.sport]) {
            s->so_far.top_mms = (int32_t)v;
        }
    }
    s->first_ms = first ? sample->at_ms : s->first_ms;
    s->last_ms = sample->at_ms;
    s->resume_ms = -1;
}

void lw_totals_possible(lw_watch_activity *a) {
    int64_t most_cm = (int64_t)a->moving_s * fastest_mms[a->sport] / 10;
    if (a->distance_cm > most_cm) {
        a->distance_cm = -1;
        a->notes |= LW_NOTE_FAST;
    }
    if (a->top_mms > fastest_mms[a->sport]) {
        a->top_mms = -1;
        a->notes |= LW_NOTE_FAST;
    }
}

void lw_summary_total(lw_watch_activity *a, int64_t device_cm) {
    enum { LITTLE_CM = 10000 };
    if (a->distance_cm < 0 || device_cm <= 0) {
        return;
    }
    a->notes |= device_cm > a->distance_cm + a->distance_cm / 20 + LITTLE_CM ? LW_NOTE_GAPS : 0;
    a->distance_cm = device_cm < a->distance_cm ? device_cm : a->distance_cm;
}

void lw_summary_end(const lw_summary *s, lw_watch_activity *out) {
    *out = s->so_far;
    bool any = s->first_ms >= 0;
    bool foot = out->sport == LW_WATCH_RUN || out->sport == LW_WATCH_UNKNOWN;
    int64_t longest = s->stretch_ms > s->longest_ms ? s->stretch_ms : s->longest_ms;
    out->start_s = any ? s->first_ms / 1000 : 0;
    out->end_s = any ? s->last_ms / 1000 : 0;
    out->moving_s = (int32_t)((s->moving_ms + 500) / 1000);
    out->distance_cm = s->moved ? s->total_mm / 10 : -1;
    out->notes |= s->moved && s->gap ? LW_NOTE_GAPS : 0;
    int64_t climb = s->climbing ? s->top_cm - s->low_cm : 0;
    out->ascent_m = s->height ? (int32_t)((s->ascent_cm + climb) / 100) : -1;
    out->run_s = s->moved && foot ? (int32_t)(s->run_ms / 1000) : -1;
    out->stretch_s = s->moved && foot ? (int32_t)(longest / 1000) : -1;
}
