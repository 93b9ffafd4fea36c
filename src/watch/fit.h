/*
 * fit.h: a reader of FIT files, the format of most watches.
 *
 * Written from public descriptions of the protocol and from the behaviour of free decoders; no table and no code of the
 * vendor's kit is in it. It reads over one slice of bytes with memory of fixed size, whole numbers only, and stops at
 * nothing that can be salvaged: a wrong checksum, a file cut off in the middle and junk at its end become notes.
 *
 * Read are file_id, sport, session, lap, record, event, activity, hr and set, in both byte orders, with compressed
 * timestamps, through chained files; of old devices also speed and distance packed into three bytes, and developers' fields
 * that stand for a record's own distance, speed or height, where they are single-precision metres or metres a second (a pod on
 * the shoe). Everything else is stepped over by its size. Values keep
 * the file's own unit, named at each slot; a value that the protocol calls invalid is absent.
 */
#ifndef LW_WATCH_FIT_H
#define LW_WATCH_FIT_H

#include "watch/watch.h"

typedef enum lw_fit_kind {
    LW_FIT_FILE_ID,
    LW_FIT_SPORT_OF, /* the message named sport */
    LW_FIT_SESSION,
    LW_FIT_LAP,
    LW_FIT_RECORD,
    LW_FIT_EVENT,
    LW_FIT_ACTIVITY,
    LW_FIT_HR,
    LW_FIT_SET,
    LW_FIT_OWN_FIELD, /* describes a field of a developer; read, never handed out */
    LW_FIT_KINDS
} lw_fit_kind;

/* What a message can say. Times are seconds since 1989-12-31T00:00:00Z (LW_FIT_EPOCH). */
typedef enum lw_fit_slot {
    LW_FIT_TIME,
    LW_FIT_FILE_TYPE,   /* 4: an activity */
    LW_FIT_CREATED,     /* time */
    LW_FIT_SPORT,       /* of a session, lap or sport */
    LW_FIT_SUB_SPORT,   /* 20: strength */
    LW_FIT_START,       /* time */
    LW_FIT_ELAPSED,     /* ms */
    LW_FIT_TIMER,       /* ms, without pauses */
    LW_FIT_DISTANCE,    /* cm */
    LW_FIT_ASCENT,      /* m */
    LW_FIT_TOP,         /* mm/s */
    LW_FIT_TOP_WIDE,    /* the same, of newer devices */
    LW_FIT_LAT,         /* 180° / 2³¹ */
    LW_FIT_LON,         /* 180° / 2³¹ */
    LW_FIT_HEIGHT,      /* 0.2 m above -500 m */
    LW_FIT_HEIGHT_WIDE, /* the same, of newer devices */
    LW_FIT_SPEED,       /* mm/s */
    LW_FIT_SPEED_WIDE,  /* the same, of newer devices */
    LW_FIT_HEART,       /* beats a minute */
    LW_FIT_CADENCE,     /* a minute, one leg */
    LW_FIT_WHAT,        /* of an event; 0: the timer */
    LW_FIT_HOW,         /* of an event; 0: start, 1 4 8 9: stop */
    LW_FIT_LOCAL_TIME,  /* local clock at LW_FIT_TIME, as if it were UTC */
    LW_FIT_DURATION,    /* ms, of a set */
    LW_FIT_REPS,        /* of a set */
    LW_FIT_WEIGHT,      /* 1/16 kg, of a set */
    LW_FIT_SET_TYPE,    /* 1: done, 0: rest */
    LW_FIT_CATEGORY,    /* what was lifted, as the device names it by number */
    LW_FIT_NAME,        /* and its name within that category, by number */
    LW_FIT_DEVELOPER,   /* of a developer's field: whose it is */
    LW_FIT_NUMBER,      /* its number */
    LW_FIT_BASE,        /* its base type */
    LW_FIT_UNIT,        /* 1: m, 2: m/s, 0: another */
    LW_FIT_OF_MESSAGE,  /* the message whose own field it stands for */
    LW_FIT_OF_FIELD,    /* and that field's number */
    LW_FIT_SLOTS
} lw_fit_slot;

enum {
    LW_FIT_EPOCH = 631065600,   /* seconds from 1970 to the format's own beginning */
    LW_FIT_NO_DATE = 0x10000000 /* smaller times count from when the device was switched on */
};

typedef struct lw_fit_message {
    uint64_t has; /* bit n: slot n is known */
    int64_t value[LW_FIT_SLOTS];
    uint32_t part;   /* which of the chained files, from 0 */
    uint16_t global; /* the protocol's number of the message */
    uint8_t kind;    /* lw_fit_kind */
} lw_fit_message;

static inline bool lw_fit_has(const lw_fit_message *message, lw_fit_slot slot) {
    return (message->has >> slot & 1) != 0;
}

enum { LW__FIT_TAKES = 24, LW__FIT_OWN = 16 };

/* How the data messages of one local number look. */
struct lw__fit_shape {
    uint32_t size; /* bytes after the header */
    uint16_t global;
    uint8_t kind; /* lw_fit_kind, LW_FIT_KINDS: stepped over */
    uint8_t takes;
    bool known, big;
    struct {
        uint16_t at;
        uint8_t slot, base;
    } take[LW__FIT_TAKES];
};

/* A reader; plain memory of the caller, nothing to free. */
typedef struct lw_fit {
    const uint8_t *next, *end, *part_end; /* end: of the slice */
    uint64_t messages;                    /* data messages so far, those stepped over included */
    uint32_t records;                     /* of them record messages */
    uint32_t time;                        /* the last full timestamp of this part */
    uint32_t part;
    int32_t packed_last;  /* packed distance at the last record that had it, or -1 */
    int64_t packed_total; /* so far, sixteenths of a metre */
    struct {
        uint8_t developer, number, slot;
    } own[LW__FIT_OWN]; /* developers' fields that stand for a record's own */
    uint32_t owns;
    uint16_t notes; /* LW_NOTE_… */
    bool timed, over;
    bool trusted; /* checksums were looked at in an earlier reading */
    struct lw__fit_shape shape[16];
    uint16_t crc[256];
} lw_fit;

/* Whether bytes look like a FIT file. */
bool lw_fit_is(lw_str bytes);
/* Begins to read bytes (borrowed). LW_ERR_SYNTAX when they are no FIT file. */
LW_MUST_CHECK int32_t lw_fit_begin(lw_fit *fit, lw_str bytes);
/* Begins anew over the same bytes, without looking at checksums again; notes about them are not made. */
void lw_fit_again(lw_fit *fit, lw_str bytes);
/* The next message of a kind that is read; false at the end. notes are complete then. */
bool lw_fit_next(lw_fit *fit, lw_fit_message *out);

/* One strength set. Numbers that are not known are -1. */
typedef struct lw_watch_set {
    int64_t start_s; /* instant */
    int32_t duration_ms, reps, weight_g;
    int32_t category;  /* of the device, or -1 */
    int32_t name;      /* within the category, or -1 */
    uint16_t activity; /* index of the activity it belongs to */
} lw_watch_set;

enum { LW_FIT_SESSIONS = 64 };

/* What lw_fit_activities needs to work in, and its answer. Big (some 30 KB): give it static or heap memory. */
typedef struct lw_fit_work {
    lw_fit fit;
    lw_fit_message message;
    lw_summary summary;
    struct lw__fit_session {
        int64_t start, elapsed_ms, timer_ms, distance, ascent, top; /* -1: not known */
        uint32_t part;
        uint8_t sport;
        bool given, done; /* the file has a session message; its samples were read */
    } session[LW_FIT_SESSIONS];
    struct {
        int32_t offset_min;
        uint8_t sport;
        bool has_offset, activity, other;
    } part[LW_FIT_SESSIONS];
} lw_fit_work;

/*
 * Reads a whole file: at most cap activities to out, in the file's order, and at most set_cap sets.
 * *count and *set_count say how many; notes of the file stand in every activity, and in *notes.
 * LW_ERR_SYNTAX: no FIT file. LW_ERR_TYPE: a FIT file that holds no activity (a course, a workout, settings).
 */
LW_MUST_CHECK int32_t lw_fit_activities(lw_str bytes, lw_fit_work *work, lw_watch_activity *out, uint32_t cap,
                                        uint32_t *count, lw_watch_set *sets, uint32_t set_cap, uint32_t *set_count,
                                        uint16_t *notes);

#endif
