/*
 * xml_dialect.c: what the elements of GPX, TCX and Apple's health export mean.
 *
 * The first element says which it is. A health export's own unit and type words are English in every language; what is not
 * understood is left out, never guessed. Whoever parses hands over elements, attributes and texts as they stand.
 */
#include "watch/xml.h"

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
    METADATA,
    ROUTE_FILE
};

enum kept_text { LAT, LON, HEIGHT, WHEN, WAY, LAP_START, LAP_TIME, LAP_WAY };

static lw_str str(const char *text) {
    return lw__str(text != NULL ? text : "");
}

static bool is(const char *text, const char *word) {
    return text != NULL && lw__str_eq(lw__str(text), lw__str(word));
}

void lw_xml_stop(lw_xml *r, lw_found what, const char *detail) {
    if (!r->stopped) {
        r->stopped = true;
        r->given++;
        r->out->find(r->out->to, what, 0, detail);
    }
}

static const char *attribute(const char *const *list, const char *name) {
    lw_str wanted = lw__str(name);
    for (; list[0] != NULL; list += 2) {
        if (lw__str_eq(lw__str(list[0]), wanted)) {
            return list[1];
        }
    }
    return NULL;
}

static void add(lw_xml *r, const lw_found_activity *found) {
    r->given++;
    if (!r->out->add(r->out->to, found)) {
        r->stopped = true;
    }
}

/* ---- GPX and TCX ---- */

static void begin_track(lw_xml *r, lw_watch_sport sport) {
    lw_track_begin(&r->track, sport);
    r->open = true;
}

static void end_track(lw_xml *r) {
    lw_watch_activity activity;
    if (r->open && lw_track_end(&r->track, &activity)) {
        add(r, &(lw_found_activity){.kind = r->dialect == LW_XML_GPX ? "gpx" : "tcx",
                                    .index = r->index++,
                                    .activity = activity,
                                    .pain_x100 = -1});
    } else if (r->open) {
        r->given++;
        r->out->find(r->out->to, r->track.route ? LW_FOUND_NO_TIME : LW_FOUND_NO_ACTIVITY, 0, NULL);
    }
    r->open = false;
}

static lw_str kept(const lw_xml *r, enum kept_text which) {
    return (lw_str){r->kept[which], r->kept_len[which]};
}

static void keep(lw_xml *r, enum kept_text which, const char *text, size_t len) {
    len = len < LW_XML_TEXT ? len : 0; // longer than any number or time
    memcpy(r->kept[which], text, len);
    r->kept_len[which] = (uint32_t)len;
}

static void forget(lw_xml *r) {
    memset(r->kept_len, 0, sizeof r->kept_len);
}

static void end_point(lw_xml *r) {
    if (r->open) {
        lw_track_point(&r->track, kept(r, LAT), kept(r, LON), kept(r, HEIGHT), kept(r, WHEN), kept(r, WAY));
    }
}

/* The text of a leaf is complete. */
static void leaf(lw_xml *r, enum element element) {
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
static int64_t metres_x100(lw_str amount, lw_str unit) {
    static const struct {
        const char *unit;
        int64_t x1000000; // of a metre
    } units[] = {{"km", 1000000000}, {"m", 1000000}, {"cm", 10000}, {"mi", 1609344000}, {"yd", 914400}, {"ft", 304800}};
    int64_t value = 0;
    if (!lw_watch_decimal(amount, 3, &value) || value < 0 || value > INT64_C(1000000000)) {
        return -1;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (lw__str_eq(unit, lw__str(units[i].unit))) {
            return value * units[i].x1000000 / 10000000;
        }
    }
    return -1;
}

static void put_id(lw_xml *r, lw_str text) {
    uint32_t room = (uint32_t)sizeof r->id - 1 - r->id_len, take = text.len < room ? text.len : room;
    memcpy(r->id + r->id_len, text.ptr, take);
    r->id_len += take;
}

static void begin_workout(lw_xml *r, const char *const *list) {
    const char *start = attribute(list, "startDate"), *end = attribute(list, "endDate");
    const char *duration = attribute(list, "duration"), *unit = attribute(list, "durationUnit");
    const char *distance = attribute(list, "totalDistance");
    lw_str type = str(attribute(list, "workoutActivityType")), prefix = LW_STR("HKWorkoutActivityType");
    lw_watch_activity *a = &r->workout;
    *a = (lw_watch_activity){.distance_cm = -1, .run_s = -1, .stretch_s = -1, .ascent_m = -1, .top_mms = -1};
    int32_t other = 0;
    r->route_len = 0;
    r->open = health_time(start, &a->start_s, &a->offset_min) && health_time(end, &a->end_s, &other) &&
              a->end_s >= a->start_s && a->end_s - a->start_s <= 604800;
    if (!r->open) {
        r->given++;
        r->out->find(r->out->to, LW_FOUND_VALUE, 0, start);
        return;
    }
    a->has_offset = true;
    a->notes = LW_NOTE_TOTALS;
    if (type.len >= prefix.len && lw__same(type.ptr, prefix.ptr, prefix.len)) {
        type = (lw_str){type.ptr + prefix.len, type.len - prefix.len};
    }
    a->sport = (uint8_t)lw_watch_sport_of(type); // the export names every kind in English
    if (a->sport == LW_WATCH_UNKNOWN && type.len > 0 && !lw__str_eq(type, LW_STR("Other"))) {
        a->sport = LW_WATCH_SPORT;
    }
    int64_t value = 0;
    a->moving_s = (int32_t)(a->end_s - a->start_s);
    if (duration != NULL && lw_watch_decimal(lw__str(duration), 3, &value) && value >= 0 && value < 604800000) {
        bool min = unit == NULL || is(unit, "min"), hour = is(unit, "hr");
        int64_t seconds = (value * (min ? 60 : hour ? 3600 : 1) + 500) / 1000;
        a->moving_s = seconds < a->moving_s ? (int32_t)seconds : a->moving_s;
    }
    if (distance != NULL) {
        const char *in = attribute(list, "totalDistanceUnit");
        value = metres_x100(lw__str(distance), lw__str(in != NULL ? in : "km"));
        a->distance_cm = value > 0 ? value : -1;
    }
    // exports grow, so the file's hash says nothing: a workout is known by what it is and who wrote it
    r->id_len = 0;
    put_id(r, type);
    put_id(r, LW_STR("\n"));
    put_id(r, str(start));
    put_id(r, LW_STR("\n"));
    put_id(r, str(end));
    put_id(r, LW_STR("\n"));
    put_id(r, str(attribute(list, "sourceName")));
}

static void end_workout(lw_xml *r) {
    if (!r->open) {
        return;
    }
    r->open = false;
    lw_totals_possible(&r->workout);
    uint8_t hash[32];
    lw__sha256_of(r->id, r->id_len, hash);
    add(r, &(lw_found_activity){.kind = "health",
                                .hash = hash,
                                .activity = r->workout,
                                .pain_x100 = -1,
                                .route = {r->route, r->route_len}});
}

static void in_workout(lw_xml *r, enum element element, const char *const *list) {
    lw_str key = str(attribute(list, element == STATISTICS ? "type" : element == ROUTE_FILE ? "path" : "key"));
    lw_str value = str(attribute(list, element == STATISTICS ? "sum" : "value")),
           way = LW_STR("HKQuantityTypeIdentifierDistance");
    if (!r->open) {
        return;
    }
    if (element == ROUTE_FILE) {
        r->route_len = key.len < LW_XML_ROUTE ? key.len : 0;
        memcpy(r->route, key.ptr, r->route_len);
    } else if (element == STATISTICS) {
        bool is_way = key.len >= way.len && lw__same(key.ptr, way.ptr, way.len);
        int64_t cm = is_way ? metres_x100(value, str(attribute(list, "unit"))) : -1;
        r->workout.distance_cm = cm > 0 ? cm : r->workout.distance_cm;
    } else if (lw__str_eq(key, LW_STR("HKElevationAscended"))) {
        uint32_t len = 0;
        while (len < value.len && value.ptr[len] != ' ') {
            len++;
        }
        lw_str unit = {value.ptr + len + 1, len < value.len ? value.len - len - 1 : 0};
        int64_t cm = len < value.len ? metres_x100((lw_str){value.ptr, len}, unit) : -1;
        r->workout.ascent_m = cm >= 0 && cm < 2000000 ? (int32_t)(cm / 100) : r->workout.ascent_m;
    } // HKMaximumSpeed is a maximum of one sample, which no window stands behind
}

void lw_xml_join(lw_watch_activity *workout, const lw_watch_activity *way) {
    if (way->samples < 2 || way->end_s <= workout->start_s || way->start_s >= workout->end_s) {
        return; // not the way of this workout
    }
    workout->distance_cm = workout->distance_cm < 0 ? way->distance_cm : workout->distance_cm;
    workout->ascent_m = workout->ascent_m < 0 ? way->ascent_m : workout->ascent_m;
    workout->top_mms = way->top_mms;
    if (workout->sport == LW_WATCH_RUN) {
        int32_t most = workout->moving_s;
        workout->run_s = way->run_s < most ? way->run_s : most;
        workout->stretch_s = way->stretch_s < most ? way->stretch_s : most;
    }
    workout->samples = way->samples;
    workout->notes = (uint16_t)((workout->notes & ~LW_NOTE_TOTALS) | (way->notes & (LW_NOTE_DISORDER | LW_NOTE_JUMPS)));
}

/* ---- elements ---- */

static enum element element_of(const lw_xml *r, lw_str name) {
    static const struct {
        const char *name;
        uint8_t dialect, element;
    } names[] = {
        {"trk", LW_XML_GPX, TRK},
        {"trkseg", LW_XML_GPX, TRKSEG},
        {"trkpt", LW_XML_GPX, TRKPT},
        {"ele", LW_XML_GPX, ELE},
        {"time", LW_XML_GPX, TIME},
        {"type", LW_XML_GPX, TYPE},
        {"Activity", LW_XML_TCX, ACTIVITY},
        {"Lap", LW_XML_TCX, LAP},
        {"Track", LW_XML_TCX, TRACK},
        {"Trackpoint", LW_XML_TCX, TRACKPOINT},
        {"LatitudeDegrees", LW_XML_TCX, LATITUDE},
        {"LongitudeDegrees", LW_XML_TCX, LONGITUDE},
        {"AltitudeMeters", LW_XML_TCX, ALTITUDE},
        {"DistanceMeters", LW_XML_TCX, DISTANCE},
        {"Time", LW_XML_TCX, TCX_TIME},
        {"TotalTimeSeconds", LW_XML_TCX, SECONDS},
        {"Workout", LW_XML_HEALTH, WORKOUT},
        {"WorkoutStatistics", LW_XML_HEALTH, STATISTICS},
        {"MetadataEntry", LW_XML_HEALTH, METADATA},
        {"FileReference", LW_XML_HEALTH, ROUTE_FILE},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].dialect == (uint8_t)r->dialect && lw__str_eq(lw__str(names[i].name), name)) {
            return (enum element)names[i].element;
        }
    }
    return OTHER;
}

static lw_str local_name(const char *name) {
    lw_str whole = lw__str(name);
    for (uint32_t i = whole.len; i > 0; i--) {
        if (whole.ptr[i - 1] == ':') {
            return (lw_str){whole.ptr + i, whole.len - i};
        }
    }
    return whole;
}

void lw_xml_start(lw_xml *r, const char *full_name, const char *const *list) {
    if (r->stopped) {
        return;
    }
    lw_str name = local_name(full_name);
    if (r->depth == 0) {
        r->dialect = lw__str_eq(name, LW_STR("gpx"))                      ? LW_XML_GPX
                     : lw__str_eq(name, LW_STR("TrainingCenterDatabase")) ? LW_XML_TCX
                     : lw__str_eq(name, LW_STR("HealthData"))             ? LW_XML_HEALTH
                                                                          : LW_XML_NONE;
        if (r->dialect == LW_XML_NONE) {
            lw_xml_stop(r, LW_FOUND_KIND, NULL);
            return;
        }
    }
    if (r->depth == LW_XML_DEPTH) {
        lw_xml_stop(r, LW_FOUND_LIMIT, "depth 32");
        return;
    }
    enum element element = element_of(r, name), parent = r->depth > 0 ? (enum element)r->stack[r->depth - 1] : OTHER;
    r->stack[r->depth++] = (uint8_t)element;
    r->leaf = false;
    switch (element) {
    case TRK:
        begin_track(r, (lw_watch_sport)r->hint);
        break;
    case TRKSEG:
        lw_track_segment(&r->track);
        break;
    case TRKPT:
    case TRACKPOINT: {
        memset(r->kept_len, 0, LAP_START * sizeof r->kept_len[0]); // the lap's own texts stand
        const char *lat = attribute(list, "lat"), *lon = attribute(list, "lon");
        if (element == TRKPT && lat != NULL && lon != NULL) {
            keep(r, LAT, lat, lw__str(lat).len);
            keep(r, LON, lon, lw__str(lon).len);
        }
        break;
    }
    case ACTIVITY: {
        const char *sport = attribute(list, "Sport");
        begin_track(r, lw_watch_sport_of(str(sport)));
        break;
    }
    case LAP: {
        const char *start = attribute(list, "StartTime");
        forget(r);
        keep(r, LAP_START, str(start).ptr, str(start).len);
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
    case ROUTE_FILE:
        in_workout(r, element, list);
        break;
    default:
        break;
    }
    r->text_len = 0;
}

void lw_xml_end(lw_xml *r) {
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

void lw_xml_text(lw_xml *r, const char *text, size_t len) {
    if (r->leaf && !r->stopped) {
        size_t room = LW_XML_TEXT - 1 - r->text_len, take = len < room ? len : room;
        memcpy(r->text + r->text_len, text, take);
        r->text_len += take;
    }
}

void lw_xml_begin(lw_xml *r, const lw_found_out *out, lw_watch_sport hint) {
    memset(r, 0, sizeof *r);
    r->out = out;
    r->hint = (uint8_t)hint;
}

void lw_xml_over(lw_xml *r) {
    if (!r->stopped && r->given == 0) {
        lw_xml_stop(r, LW_FOUND_NO_ACTIVITY, NULL);
    }
}
