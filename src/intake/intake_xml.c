/*
 * intake_xml.c: GPX, TCX and Apple's health export, each as a stream through expat.
 *
 * The first element says which it is. In GPX and TCX a document type of any kind ends the reading: nothing that expands or
 * points elsewhere is followed. A health export carries a document type that is not well formed, so it is taken out before
 * the parser sees it, unread; so are control characters, which real exports hold and XML forbids, and the blanks that old
 * exports have in names of attributes. Memory does not grow with the file: one element's text, one track's summary.
 */
#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"
#include "intake/intake.h"

enum { CHUNK = 65536, TEXT = 128, DOCTYPE_MOST = 1024 * 1024, TRIM = 4096 };

enum dialect { NONE, GPX, TCX, HEALTH };

/* Elements that matter; all others are passed through. */
enum element {
    OTHER,
    TRK,
    TRKSEG,
    TRKPT,
    ELE,
    TIME,
    TYPE,
    ACTIVITY,
    LAP,
    TRACK,
    TRACKPOINT,
    LATITUDE,
    LONGITUDE,
    ALTITUDE,
    DISTANCE,
    TCX_TIME,
    SECONDS,
    WORKOUT,
    STATISTICS,
    METADATA
};

enum kept_text { LAT, LON, HEIGHT, WHEN, WAY, LAP_START, LAP_TIME, LAP_WAY, KEPT };

struct reading {
    lw_intake *in;
    const lw_intake_source *source;
    XML_Parser parser;
    enum dialect dialect;
    uint8_t stack[LW_INTAKE_DEPTH + 1];
    int depth;
    bool stopped; /* a finding was made that ends the reading */
    bool leaf;    /* text of the element is wanted */
    char text[TEXT];
    size_t text_len;

    /* the track or workout under way */
    bool open;
    uint32_t index;
    lw_track_reader track;
    char kept[KEPT][TEXT]; /* texts of the point and the lap under way */
    uint32_t kept_len[KEPT];

    /* the workout of a health export */
    lw_watch_activity workout;
    int64_t active_ms;
    char id[256];

    lw__sha256 sha;
    uint32_t first_item, first_finding;
};

static void stop(struct reading *r, lw_intake_what what, const char *detail) {
    if (!r->stopped) {
        r->stopped = true;
        lw__intake_find(r->in, what, r->source->from, (uint32_t)XML_GetCurrentLineNumber(r->parser), detail);
        XML_StopParser(r->parser, XML_FALSE);
    }
}

static const char *attribute(const char **list, const char *name) {
    for (; list[0] != NULL; list += 2) {
        if (strcmp(list[0], name) == 0) {
            return list[1];
        }
    }
    return NULL;
}

/* The hash is only known at the end of the file; items get their key then. */
static const uint8_t no_hash[32];

static void add(struct reading *r, const lw_watch_activity *activity, const char *kind, const uint8_t hash[32]) {
    lw_intake_item *item = NULL;
    if (!lw__intake_add(r->in, r->source->from, kind, hash, r->index++, activity, &item)) {
        stop(r, LW_FOUND_LIMIT, NULL);
    }
}

/* ---- GPX and TCX ---- */

static void begin_track(struct reading *r, lw_watch_sport sport) {
    lw_track_begin(&r->track, sport);
    r->open = true;
}

static void end_track(struct reading *r) {
    lw_watch_activity activity;
    if (r->open && lw_track_end(&r->track, &activity)) {
        add(r, &activity, r->dialect == GPX ? "gpx" : "tcx", no_hash);
    } else if (r->open) {
        lw__intake_find(r->in, r->track.route ? LW_FOUND_NO_TIME : LW_FOUND_NO_ACTIVITY, r->source->from,
                        (uint32_t)XML_GetCurrentLineNumber(r->parser), NULL);
    }
    r->open = false;
}

static lw_str kept(const struct reading *r, enum kept_text which) {
    return (lw_str){r->kept[which], r->kept_len[which]};
}

static void keep(struct reading *r, enum kept_text which, const char *text, size_t len) {
    len = len < TEXT ? len : 0; // longer than any number or time
    memcpy(r->kept[which], text, len);
    r->kept_len[which] = (uint32_t)len;
}

static void forget(struct reading *r) {
    memset(r->kept_len, 0, sizeof r->kept_len);
}

static void end_point(struct reading *r) {
    if (r->open) {
        lw_track_point(&r->track, kept(r, LAT), kept(r, LON), kept(r, HEIGHT), kept(r, WHEN), kept(r, WAY));
    }
}

/* The text of a leaf is complete. */
static void leaf(struct reading *r, enum element element) {
    enum element parent = r->depth >= 2 ? (enum element)r->stack[r->depth - 2] : OTHER;
    switch (element) {
    case ELE:
    case ALTITUDE:
        keep(r, HEIGHT, r->text, r->text_len);
        break;
    case TIME:
    case TCX_TIME:
        keep(r, WHEN, r->text, r->text_len);
        break;
    case TYPE:
        r->track.summary.so_far.sport = (uint8_t)lw_watch_sport_of((lw_str){r->text, (uint32_t)r->text_len});
        break;
    case LATITUDE:
        keep(r, LAT, r->text, r->text_len);
        break;
    case LONGITUDE:
        keep(r, LON, r->text, r->text_len);
        break;
    case DISTANCE:
        keep(r, parent == LAP ? LAP_WAY : WAY, r->text, r->text_len);
        break;
    case SECONDS:
        keep(r, LAP_TIME, r->text, r->text_len);
        break;
    default:
        break;
    }
}

/* ---- Apple Health ---- */

static bool health_time(const char *text, int64_t *at_s, int32_t *offset_min) {
    int64_t ms = 0;
    bool zoned = false;
    if (text == NULL || !lw_watch_time(lw__str(text), &ms, offset_min, &zoned)) {
        return false;
    }
    *at_s = ms / 1000;
    return true;
}

/* An amount in a unit as cm or m×100; -1 when the unit is another. */
static int64_t metres_x100(const char *amount, size_t len, const char *unit) {
    static const struct {
        const char *unit;
        int64_t x1000000; // of a metre
    } units[] = {{"km", 1000000000}, {"m", 1000000}, {"cm", 10000}, {"mi", 1609344000}, {"yd", 914400}, {"ft", 304800}};
    int64_t value = 0;
    if (!lw_watch_decimal((lw_str){amount, (uint32_t)len}, 3, &value) || value < 0 || value > INT64_C(1000000000)) {
        return -1;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(unit, units[i].unit) == 0) {
            return value * units[i].x1000000 / 10000000;
        }
    }
    return -1;
}

static void begin_workout(struct reading *r, const char **list) {
    static const char prefix[] = "HKWorkoutActivityType";
    const char *type = attribute(list, "workoutActivityType"), *start = attribute(list, "startDate");
    const char *end = attribute(list, "endDate"), *duration = attribute(list, "duration");
    const char *unit = attribute(list, "durationUnit"), *distance = attribute(list, "totalDistance");
    const char *source = attribute(list, "sourceName");
    lw_watch_activity *a = &r->workout;
    *a = (lw_watch_activity){.distance_cm = -1, .run_s = -1, .stretch_s = -1, .ascent_m = -1, .top_mms = -1};
    int32_t other = 0;
    r->active_ms = 0;
    r->open = health_time(start, &a->start_s, &a->offset_min) && health_time(end, &a->end_s, &other) &&
              a->end_s >= a->start_s && a->end_s - a->start_s <= 604800;
    if (!r->open) {
        lw__intake_find(r->in, LW_FOUND_VALUE, r->source->from, (uint32_t)XML_GetCurrentLineNumber(r->parser), start);
        return;
    }
    a->has_offset = true;
    a->notes = LW_NOTE_TOTALS;
    type = type == NULL ? "" : strncmp(type, prefix, sizeof prefix - 1) == 0 ? type + sizeof prefix - 1 : type;
    a->sport = (uint8_t)lw_watch_sport_of(lw__str(type)); // the export names every kind in English
    if (a->sport == LW_WATCH_UNKNOWN && type[0] != '\0' && strcmp(type, "Other") != 0) {
        a->sport = LW_WATCH_SPORT;
    }
    int64_t value = 0;
    a->moving_s = (int32_t)(a->end_s - a->start_s);
    if (duration != NULL && lw_watch_decimal(lw__str(duration), 3, &value) && value >= 0 && value < 604800000) {
        bool min = unit == NULL || strcmp(unit, "min") == 0, hour = unit != NULL && strcmp(unit, "hr") == 0;
        int64_t seconds = (value * (min ? 60 : hour ? 3600 : 1) + 500) / 1000;
        a->moving_s = seconds < a->moving_s ? (int32_t)seconds : a->moving_s;
    }
    if (distance != NULL) {
        const char *in = attribute(list, "totalDistanceUnit");
        value = metres_x100(distance, strlen(distance), in != NULL ? in : "km");
        a->distance_cm = value > 0 ? value : -1;
    }
    // exports grow, so the file's hash says nothing: a workout is known by what it is and who wrote it
    snprintf(r->id, sizeof r->id, "%s\n%s\n%s\n%s", type, start, end, source != NULL ? source : "");
}

static void end_workout(struct reading *r) {
    if (!r->open) {
        return;
    }
    r->open = false;
    uint8_t hash[32];
    lw__sha256_of(r->id, strlen(r->id), hash);
    uint32_t index = r->index;
    r->index = 0;
    add(r, &r->workout, "health", hash);
    r->index = index;
}

static void in_workout(struct reading *r, enum element element, const char **list) {
    const char *key = attribute(list, element == STATISTICS ? "type" : "key");
    const char *value = attribute(list, element == STATISTICS ? "sum" : "value"), *unit = attribute(list, "unit");
    if (!r->open || key == NULL || value == NULL) {
        return;
    }
    if (element == STATISTICS && strncmp(key, "HKQuantityTypeIdentifierDistance", 32) == 0 && unit != NULL) {
        int64_t cm = metres_x100(value, strlen(value), unit);
        r->workout.distance_cm = cm > 0 ? cm : r->workout.distance_cm;
    }
    if (element == METADATA && strcmp(key, "HKElevationAscended") == 0) {
        size_t len = strcspn(value, " ");
        int64_t cm = value[len] == ' ' ? metres_x100(value, len, value + len + 1) : -1;
        r->workout.ascent_m = cm >= 0 && cm < 2000000 ? (int32_t)(cm / 100) : r->workout.ascent_m;
    }
    if (element == METADATA && strcmp(key, "HKMaximumSpeed") == 0) {
        return; // a maximum of one sample, which no window stands behind
    }
}

/* ---- elements ---- */

static enum element element_of(const struct reading *r, const char *name) {
    static const struct {
        const char *name;
        uint8_t dialect, element;
    } names[] = {
        {"trk", GPX, TRK},
        {"trkseg", GPX, TRKSEG},
        {"trkpt", GPX, TRKPT},
        {"ele", GPX, ELE},
        {"time", GPX, TIME},
        {"type", GPX, TYPE},
        {"Activity", TCX, ACTIVITY},
        {"Lap", TCX, LAP},
        {"Track", TCX, TRACK},
        {"Trackpoint", TCX, TRACKPOINT},
        {"LatitudeDegrees", TCX, LATITUDE},
        {"LongitudeDegrees", TCX, LONGITUDE},
        {"AltitudeMeters", TCX, ALTITUDE},
        {"DistanceMeters", TCX, DISTANCE},
        {"Time", TCX, TCX_TIME},
        {"TotalTimeSeconds", TCX, SECONDS},
        {"Workout", HEALTH, WORKOUT},
        {"WorkoutStatistics", HEALTH, STATISTICS},
        {"MetadataEntry", HEALTH, METADATA},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].dialect == (uint8_t)r->dialect && strcmp(names[i].name, name) == 0) {
            return (enum element)names[i].element;
        }
    }
    return OTHER;
}

static const char *local_name(const char *name) {
    const char *colon = strrchr(name, ':');
    return colon != NULL ? colon + 1 : name;
}

static void on_start(void *data, const char *name, const char **list) {
    struct reading *r = data;
    if (r->stopped) {
        return;
    }
    name = local_name(name);
    if (r->depth == 0) {
        r->dialect = strcmp(name, "gpx") == 0                      ? GPX
                     : strcmp(name, "TrainingCenterDatabase") == 0 ? TCX
                     : strcmp(name, "HealthData") == 0             ? HEALTH
                                                                   : NONE;
        if (r->dialect == NONE) {
            stop(r, LW_FOUND_KIND, NULL);
            return;
        }
    }
    if (r->depth == LW_INTAKE_DEPTH) {
        stop(r, LW_FOUND_LIMIT, "depth 32");
        return;
    }
    enum element element = element_of(r, name), parent = r->depth > 0 ? (enum element)r->stack[r->depth - 1] : OTHER;
    r->stack[r->depth++] = (uint8_t)element;
    r->leaf = false;
    switch (element) {
    case TRK:
        begin_track(r, LW_WATCH_UNKNOWN);
        break;
    case TRKSEG:
        lw_track_segment(&r->track);
        break;
    case TRKPT:
    case TRACKPOINT: {
        memset(r->kept_len, 0, LAP_START * sizeof r->kept_len[0]); // the lap's own texts stand
        const char *lat = attribute(list, "lat"), *lon = attribute(list, "lon");
        if (element == TRKPT && lat != NULL && lon != NULL) {
            keep(r, LAT, lat, strlen(lat));
            keep(r, LON, lon, strlen(lon));
        }
        break;
    }
    case ACTIVITY: {
        const char *sport = attribute(list, "Sport");
        begin_track(r, lw_watch_sport_of(lw__str(sport != NULL ? sport : "")));
        break;
    }
    case LAP: {
        const char *start = attribute(list, "StartTime");
        forget(r);
        keep(r, LAP_START, start != NULL ? start : "", start != NULL ? strlen(start) : 0);
        break;
    }
    case ELE:
    case TIME:
        r->leaf = parent == TRKPT;
        break;
    case TYPE:
        r->leaf = parent == TRK && r->open;
        break;
    case ALTITUDE:
    case TCX_TIME:
        r->leaf = parent == TRACKPOINT;
        break;
    case LATITUDE:
    case LONGITUDE:
        r->leaf = r->open;
        break;
    case DISTANCE:
        r->leaf = parent == TRACKPOINT || parent == LAP;
        break;
    case SECONDS:
        r->leaf = parent == LAP;
        break;
    case WORKOUT:
        begin_workout(r, list);
        break;
    case STATISTICS:
    case METADATA:
        in_workout(r, element, list);
        break;
    default:
        break;
    }
    r->text_len = 0;
}

static void on_end(void *data, const char *name) {
    (void)name;
    struct reading *r = data;
    if (r->stopped || r->depth == 0) {
        return;
    }
    enum element element = (enum element)r->stack[r->depth - 1];
    if (r->leaf) {
        r->text[r->text_len] = '\0';
        leaf(r, element);
        r->leaf = false;
    } else if (element == TRKPT || element == TRACKPOINT) {
        end_point(r);
    } else if (element == LAP && r->open) {
        lw_track_lap(&r->track, kept(r, LAP_START), kept(r, LAP_TIME), kept(r, LAP_WAY));
    } else if (element == TRK || element == ACTIVITY) {
        end_track(r);
    } else if (element == WORKOUT) {
        end_workout(r);
    }
    r->depth--;
}

static void on_text(void *data, const char *text, int len) {
    struct reading *r = data;
    if (r->leaf && !r->stopped) {
        size_t room = TEXT - 1 - r->text_len, take = (size_t)len < room ? (size_t)len : room;
        memcpy(r->text + r->text_len, text, take);
        r->text_len += take;
    }
}

static void on_doctype(void *data, const char *name, const char *system, const char *public, int internal) {
    (void)name, (void)system, (void)public, (void)internal;
    stop(data, LW_FOUND_ENTITY, NULL);
}

static void on_entity(void *data, const char *name, int parameter, const char *value, int len, const char *base,
                      const char *system, const char *public, const char *notation) {
    (void)name, (void)parameter, (void)value, (void)len, (void)base, (void)system, (void)public, (void)notation;
    stop(data, LW_FOUND_ENTITY, NULL);
}

static int on_reference(XML_Parser parser, const char *context, const char *base, const char *system,
                        const char *public) {
    (void)parser, (void)context, (void)base, (void)system, (void)public;
    return XML_STATUS_ERROR;
}

/* ---- what is mended before the parser sees it ---- */

/*
 * Takes <!DOCTYPE HealthData … ]> out of the beginning, and control characters everywhere; of a health export it also joins
 * names of attributes that have blanks in them (a="1" b c="2" becomes a="1" b_c="2"), which old exports wrote. Lines are kept,
 * so that a place that is named is the file's own. It goes from byte to byte, so that it does not matter where a chunk ends.
 */
struct mender {
    enum { BEFORE, INSIDE, AFTER } doctype;
    enum { OUTSIDE, OPENED, ELEMENT, BETWEEN, NAME, VALUE, PASSED } tag;
    char quote;     /* that ends the value */
    bool health;    /* a health export */
    bool bracket;   /* ] was the last that counts */
    size_t skipped; /* of the document type */
};

/* One byte of a tag; a blank inside a name becomes an underscore. */
static char mend_tag(struct mender *m, char c) {
    bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    switch (m->tag) {
    case OUTSIDE:
        m->tag = c == '<' ? OPENED : OUTSIDE;
        return c;
    case OPENED:
        m->tag = c == '!' || c == '?' ? PASSED : ELEMENT;
        return c;
    case VALUE:
        m->tag = c == m->quote ? BETWEEN : VALUE;
        return c;
    default:
        break;
    }
    if (c == '>') {
        m->tag = OUTSIDE;
    } else if (m->tag == PASSED) {
        return c;
    } else if (c == '"' || c == '\'') {
        m->tag = VALUE;
        m->quote = c;
    } else if (c == '=' || c == '/') {
        m->tag = BETWEEN;
    } else if (m->tag == NAME && blank) {
        return '_';
    } else {
        m->tag = m->tag == ELEMENT ? (blank ? BETWEEN : ELEMENT) : blank ? BETWEEN : NAME;
    }
    return c;
}

static size_t mend(struct mender *m, char *bytes, size_t len) {
    static const char begin[] = "<!DOCTYPE HealthData";
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        char c = bytes[i];
        if (m->doctype == BEFORE && c == '<' && len - i >= sizeof begin - 1 &&
            memcmp(bytes + i, begin, sizeof begin - 1) == 0) {
            m->doctype = INSIDE;
            const char *close = memchr(bytes + i, '>', len - i), *open = memchr(bytes + i, '[', len - i);
            m->bracket = close != NULL && (open == NULL || close < open); // no subset: the first > ends it
        }
        if (m->doctype == INSIDE) {
            if (m->skipped++ > DOCTYPE_MOST) {
                m->doctype = AFTER; // the parser will say what is wrong with the rest
            }
            if (c == '>' && m->bracket) {
                m->doctype = AFTER;
                continue;
            }
            m->bracket =
                c == ']' || (m->bracket && strchr(" \t\r\n", c) != NULL) || (m->bracket && m->skipped < sizeof begin);
            if (c == '\n') {
                bytes[out++] = c;
            }
            continue;
        }
        c = (unsigned char)c < 0x20 && c != '\n' && c != '\r' && c != '\t' ? ' ' : c;
        bytes[out++] = m->health ? mend_tag(m, c) : c;
    }
    return out;
}

/* Whether the first chunk is that of a health export. */
static bool is_health(const char *bytes, size_t len) {
    static const char name[] = "HealthData";
    for (size_t i = 0; i + sizeof name - 1 <= len && i < DOCTYPE_MOST; i++) {
        if (bytes[i] == 'H' && memcmp(bytes + i, name, sizeof name - 1) == 0) {
            return true;
        }
    }
    return false;
}

void lw__intake_xml(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len) {
    struct reading *r = in->memory(NULL, sizeof *r);
    char *chunk = in->memory(NULL, CHUNK);
    static const XML_Memory_Handling_Suite *const heap = NULL;
    XML_Parser parser = r != NULL && chunk != NULL ? XML_ParserCreate_MM(NULL, heap, NULL) : NULL;
    if (parser == NULL) {
        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
        in->memory(r, 0);
        in->memory(chunk, 0);
        return;
    }
    memset(r, 0, sizeof *r);
    r->in = in;
    r->source = source;
    r->parser = parser;
    r->first_item = in->count;
    r->first_finding = in->finding_count;
    lw__sha256_init(&r->sha);
    XML_SetUserData(parser, r);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetCharacterDataHandler(parser, on_text);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    XML_SetEntityDeclHandler(parser, on_entity);
    XML_SetExternalEntityRefHandler(parser, on_reference);
    XML_SetParamEntityParsing(parser, XML_PARAM_ENTITY_PARSING_NEVER);

    struct mender mender = {.doctype = BEFORE};
    bool first = true;
    int64_t total = (int64_t)head_len;
    size_t len = head_len;
    memcpy(chunk, head, head_len);
    // the first chunk is filled up, so that a document type begins in it whole
    bool last = false;
    while (!r->stopped) {
        while (len < CHUNK && !last) {
            int64_t got = source->read(source->where, chunk + len, CHUNK - len);
            if (got < 0) {
                stop(r, LW_FOUND_UNREADABLE, NULL);
            }
            last = got <= 0;
            len += got > 0 ? (size_t)got : 0;
            total += got > 0 ? got : 0;
        }
        if (r->stopped) {
            break;
        }
        if (total > source->most || (r->dialect != HEALTH && total > LW_INTAKE_XML)) {
            stop(r, LW_FOUND_LIMIT, NULL);
            break;
        }
        if (r->dialect != HEALTH) {
            lw__sha256_update(&r->sha, chunk, len);
        }
        mender.health = first ? is_health(chunk, len) : mender.health && r->dialect == HEALTH;
        first = false;
        len = mend(&mender, chunk, len);
        mender.doctype = mender.doctype == BEFORE ? AFTER : mender.doctype;
        if (XML_Parse(parser, chunk, (int)len, last) != XML_STATUS_OK && !r->stopped) {
            r->stopped = true;
            enum XML_Error error = XML_GetErrorCode(parser);
            lw__intake_find(in, error == XML_ERROR_NO_MEMORY ? LW_FOUND_MEMORY : LW_FOUND_BROKEN, source->from,
                            (uint32_t)XML_GetCurrentLineNumber(parser), XML_ErrorString(error));
        }
        if (last) {
            break;
        }
        len = 0;
    }
    if (!r->stopped && in->count == r->first_item && in->finding_count == r->first_finding) {
        lw__intake_find(in, LW_FOUND_NO_ACTIVITY, source->from, 0, NULL);
    }
    if (r->dialect != HEALTH) { // the key is the hash of all bytes; a file that broke has the hash of what was read
        uint8_t hash[32];
        lw__sha256_final(&r->sha, hash);
        for (uint32_t i = r->first_item; i < in->count; i++) {
            for (int j = 0; j < 8; j++) {
                snprintf(in->items[i].key + 4 + 2 * j, 3, "%02x", hash[j]);
            }
            in->items[i].key[20] = ':';
        }
    }
    XML_ParserFree(parser);
    in->memory(chunk, 0);
    in->memory(r, 0);
}
