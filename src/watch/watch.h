/*
 * watch.h: what a watch or a phone recorded, as activities.
 *
 * One pure summariser turns samples (time, place, height, distance) into an activity, whatever file they came from: FIT,
 * GPX and TCX go through the same code, natively and in WebAssembly. It runs over the samples once, in constant memory,
 * with whole numbers only, and keeps no place: what leaves it is when, how long, how far, how high and how fast.
 *
 * Nothing here is clinical. The figures of this room (when somebody stands still, what a satellite's error looks like, from
 * which speed on a gait is no longer walking) describe recordings; what a run means for a tendon is the protocol's matter.
 * Where a recording leaves a choice, the answer is the one that claims less: a stretch of running ends at a walk or a stop,
 * and what is not known is not guessed.
 */
#ifndef LW_WATCH_WATCH_H
#define LW_WATCH_WATCH_H

#include "loadwave/base.h"

/* What was done. The first seven are the words of an activity event, in its order (lw_activity_names). */
typedef enum lw_watch_sport {
    LW_WATCH_RUN,
    LW_WATCH_WALK,
    LW_WATCH_CYCLE,
    LW_WATCH_SWIM,
    LW_WATCH_DRIVE,
    LW_WATCH_SIT,
    LW_WATCH_SPORT,
    LW_WATCH_UNKNOWN /* the file does not say; the person has to */
} lw_watch_sport;

/* Bits of lw_sample.has. */
enum { LW_SAMPLE_PLACE = 1, LW_SAMPLE_HEIGHT = 2, LW_SAMPLE_DISTANCE = 4, LW_SAMPLE_SPEED = 8 };

/* One sample of a recording. */
typedef struct lw_sample {
    int64_t at_ms;       /* instant, milliseconds since 1970-01-01T00:00:00Z */
    int64_t distance_cm; /* so far, as the device counted it; >= 0 */
    int32_t lat_e7;      /* degrees × 10⁷, -900000000..900000000 */
    int32_t lon_e7;      /* degrees × 10⁷, -1800000000..1800000000 */
    int32_t height_cm;
    int32_t speed_mms; /* mm/s, >= 0 */
    uint8_t has;       /* which of them are known */
} lw_sample;

/* Bits of lw_watch_activity.notes: what a person should know before it is kept. */
enum {
    LW_NOTE_BAD_CRC = 1,    /* the file's checksum is wrong: it was salvaged */
    LW_NOTE_TRUNCATED = 2,  /* the file ends early, or was never closed: what is there was salvaged */
    LW_NOTE_BROKEN = 4,     /* reading had to stop before the end */
    LW_NOTE_NO_CLOCK = 8,   /* the device did not know the time: nothing can be dated */
    LW_NOTE_DISORDER = 16,  /* samples that went back in time were left out */
    LW_NOTE_JUMPS = 32,     /* places that nobody can reach in that time were left out */
    LW_NOTE_TOTALS = 64,    /* no samples: the device's own totals */
    LW_NOTE_TRAILING = 128, /* bytes after the end of the file were ignored */
    LW_NOTE_MORE = 256,     /* the file holds more activities or sets than are read */
    LW_NOTE_FAST = 512,     /* a distance that nobody can do in that time was left out */
    LW_NOTE_GAPS = 1024     /* parts of it that nothing tells the distance of were left out: it may have been longer */
};

/* An activity. Numbers that are not known are -1. */
typedef struct lw_watch_activity {
    int64_t start_s;     /* instant, seconds since 1970 */
    int64_t end_s;       /* >= start_s; pauses included */
    int64_t distance_cm; /* or -1 */
    int32_t offset_min;  /* local time minus UTC, when has_offset */
    int32_t moving_s;    /* without pauses */
    int32_t run_s;       /* of it faster than a walk, or -1 */
    int32_t stretch_s;   /* the longest of it without a walk or a stop, or -1 */
    int32_t ascent_m;    /* or -1 */
    int32_t top_mms;     /* mm/s over five seconds at least, or -1 */
    uint32_t samples;
    uint32_t sets; /* strength sets recorded in it */
    uint16_t notes;
    uint8_t sport; /* lw_watch_sport */
    bool has_offset;
} lw_watch_activity;

/* A summary in the making; plain memory of the caller, nothing to free. Its members are summary.c's own. */
typedef struct lw_summary {
    lw_watch_activity so_far;
    int64_t last_ms, first_ms;    /* of the last and first sample taken; first_ms < 0 before */
    int64_t moving_ms, run_ms;    /* so far */
    int64_t stretch_ms, slow_ms;  /* the running stretch under way, and the walk or stop after it */
    int64_t longest_ms, total_mm; /* longest stretch; distance */
    int64_t device_cm;            /* the device's distance at the last sample that had it, or -1 */
    int64_t resume_ms;            /* when the clock went on, or -1: time counts from there, not from the last sample */
    int64_t ring_ms[32], ring_mm[32];     /* the last samples' times and distances, for speeds */
    int64_t ascent_cm, height_mm;         /* climbs that are over; the smoothed height */
    int64_t speed_mms;                    /* at the last sample, or -1 */
    int64_t told_ms, untold_ms;           /* when a sample last told a way; time since then, without pauses */
    int32_t lat_e7, lon_e7;               /* anchor of places */
    int32_t low_cm, top_cm;               /* foot and top of the climb under way */
    uint8_t ring_count, ring_next;        /* of the ring */
    bool paused, timed;                   /* stopped by the device; it has a clock of its own */
    bool placed, height, moved, climbing; /* what is known, and whether it goes up */
    bool gap;                             /* for longer than a minute nothing told how far it was */
} lw_summary;

/* Begins a summary of a sport. */
void lw_summary_begin(lw_summary *summary, lw_watch_sport sport);
/* Takes the next sample. One that is not later than the one before is left out, and noted. */
void lw_summary_take(lw_summary *summary, const lw_sample *sample);
/* The device's clock was stopped, or went on, at an instant (milliseconds since 1970). */
void lw_summary_pause(lw_summary *summary, int64_t at_ms);
void lw_summary_resume(lw_summary *summary, int64_t at_ms);
/* What it came to. The summary may go on afterwards. */
void lw_summary_end(const lw_summary *summary, lw_watch_activity *out);
/* The device's own total (cm; -1 or 0: none) beside what the samples tell: the smaller stays, and one that is much larger is noted. */
void lw_summary_total(lw_watch_activity *activity, int64_t device_cm);
/* Totals as a file tells them: a distance or top speed beyond what its sport can be becomes -1 and is noted. */
void lw_totals_possible(lw_watch_activity *activity);

/* Distance in millimetres between two places; INT64_MAX when they are more than two degrees apart. */
int64_t lw__geo_mm(int32_t lat_a, int32_t lon_a, int32_t lat_b, int32_t lon_b);

/* ---- tracks of GPX and TCX ---- */

/* A track in the making: texts of points as they stand in a file. Its members are track_points.c's own. */
typedef struct lw_track_reader {
    lw_summary summary;
    int64_t lap_ms, lap_cm, lap_first_s;
    int32_t offset_min;
    bool zoned;   /* some time named its offset */
    bool broke;   /* a segment ended since the last point */
    bool pointed; /* points were seen, dated or not */
    bool route;   /* after the end: it had points and no times, so nobody went along it */
} lw_track_reader;

void lw_track_begin(lw_track_reader *track, lw_watch_sport sport);
/* A new segment: between two the recording was stopped. */
void lw_track_segment(lw_track_reader *track);
/* Totals of a lap: when it began, seconds, metres. They count where there are no dated points. */
void lw_track_lap(lw_track_reader *track, lw_str start, lw_str seconds, lw_str metres);
/* A point; empty texts are not known, and so is what is no number, no place on Earth, no time. */
void lw_track_point(lw_track_reader *track, lw_str lat, lw_str lon, lw_str height, lw_str time, lw_str metres);
/* True with *out filled when somebody did something in it. */
bool lw_track_end(lw_track_reader *track, lw_watch_activity *out);

/* ---- text of other formats ---- */

/*
 * Reads a decimal number, "-12.345678" or "1.5e-3", times 10^places (0..9), rounded half away from zero. False, *out untouched,
 * when it is not one or its value is past ±2⁵³.
 */
bool lw_watch_decimal(lw_str text, int places, int64_t *out);
/*
 * Reads "2026-03-06T07:05:00Z", with a fraction, with "+01:00" or "+0100", with a blank for the T and one before the offset.
 * *has_offset is false for a Z, and for no offset at all, which counts as UTC. False when it is no such time.
 */
bool lw_watch_time(lw_str text, int64_t *at_ms, int32_t *offset_min, bool *has_offset);
/* The sport that a word of a GPX, TCX or CSV file names, in any letter case; LW_WATCH_UNKNOWN when it names none that is known. */
lw_watch_sport lw_watch_sport_of(lw_str word);

#endif
