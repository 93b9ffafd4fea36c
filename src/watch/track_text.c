/*
 * track_text.c: numbers, times and sports as GPX, TCX, Apple Health and tables write them.
 */
#include "base/base_internal.h"
#include "watch/watch.h"

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool lw_watch_decimal(lw_str text, int places, int64_t *out) {
    const char *p = text.ptr, *end = p + text.len;
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')) {
        p++;
    }
    while (p < end && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\n' || end[-1] == '\r')) {
        end--;
    }
    bool minus = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+') ? 1 : 0;
    int64_t value = 0;
    int exponent = 0, digits = 0; // value × 10^exponent
    bool fraction = false;
    for (; p < end && (is_digit(*p) || (*p == '.' && !fraction)); p++) {
        if (*p == '.') {
            fraction = true;
            continue;
        }
        digits++;
        if (value < INT64_C(900000000000000)) {
            value = value * 10 + (*p - '0');
            exponent -= fraction;
        } else {
            exponent += !fraction; // further digits are below what is kept
        }
    }
    if (p < end && digits > 0 && (*p == 'e' || *p == 'E')) {
        p++;
        bool down = p < end && *p == '-';
        p += p < end && (*p == '-' || *p == '+') ? 1 : 0;
        int power = 0;
        const char *from = p;
        for (; p < end && is_digit(*p); p++) {
            power = power < 1000 ? power * 10 + (*p - '0') : power;
        }
        digits = p > from ? digits : 0;
        exponent += down ? -power : power;
    }
    if (p != end || digits == 0) {
        return false;
    }
    exponent += places;
    for (; exponent > 0 && value != 0; exponent--) {
        if (value > INT64_C(900719925474099)) {
            return false;
        }
        value *= 10;
    }
    for (; exponent < -1 && value != 0; exponent++) {
        value /= 10;
    }
    if (exponent < 0) {
        value = (value + 5) / 10;
    }
    if (value > INT64_C(9007199254740992)) {
        return false;
    }
    *out = minus ? -value : value;
    return true;
}

/* count digits at p as a number, or -1. */
static int32_t number(const char *p, int count) {
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(p[i])) {
            return -1;
        }
        value = value * 10 + (p[i] - '0');
    }
    return value;
}

bool lw_watch_time(lw_str text, int64_t *at_ms, int32_t *offset_min, bool *has_offset) {
    const char *p = text.ptr, *end = p + text.len;
    while (p < end && (*p == ' ' || *p == '\n' || *p == '\t' || *p == '\r')) {
        p++;
    }
    while (p < end && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\t' || end[-1] == '\r')) {
        end--;
    }
    int32_t day = 0;
    if (end - p < 19 || !lw_day_parse((lw_str){p, 10}, &day) || (p[10] != 'T' && p[10] != ' ') || p[13] != ':' ||
        p[16] != ':') {
        return false;
    }
    int32_t hour = number(p + 11, 2), minute = number(p + 14, 2), second = number(p + 17, 2), ms = 0, offset = 0;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) {
        return false;
    }
    p += 19;
    if (p < end && (*p == '.' || *p == ',')) {
        int32_t scale = 100;
        for (p++; p < end && is_digit(*p); p++) {
            ms += (*p - '0') * scale;
            scale /= 10;
        }
    }
    p += p < end && *p == ' ' ? 1 : 0;
    bool given = false;
    if (p < end && (*p == '+' || *p == '-')) {
        bool west = *p++ == '-';
        int32_t h = end - p >= 2 ? number(p, 2) : -1;
        p += h >= 0 ? 2 : 0;
        p += p < end && *p == ':' ? 1 : 0;
        int32_t m = end - p >= 2 ? number(p, 2) : p == end ? 0 : -1;
        p += end - p >= 2 ? 2 : 0;
        if (h < 0 || h > 14 || m < 0 || m > 59) {
            return false;
        }
        offset = west ? -(h * 60 + m) : h * 60 + m;
        given = true;
    } else if (p < end && *p == 'Z') {
        p++;
    }
    if (p != end) {
        return false;
    }
    *at_ms = ((int64_t)day * 86400 + hour * 3600 + minute * 60 + second - (int64_t)offset * 60) * 1000 + ms;
    *offset_min = offset;
    *has_offset = given;
    return true;
}

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Whether a word begins at this place: at the front, behind what is no letter, at a capital as in TrailRun and EBikeRide. */
static bool begins(lw_str word, uint32_t at) {
    if (at == 0) {
        return true;
    }
    char before = word.ptr[at - 1], c = word.ptr[at];
    bool letter = (lower(before) >= 'a' && lower(before) <= 'z') || (before & 0x80) != 0;
    bool capital = c >= 'A' && c <= 'Z', small_before = before >= 'a' && before <= 'z';
    bool small_after = at + 1 < word.len && word.ptr[at + 1] >= 'a' && word.ptr[at + 1] <= 'z';
    return !letter || (capital && (small_before || small_after));
}

/* Whether a word in it begins with part, in any case of letters; part is lower case. */
static bool holds(lw_str word, const char *part) {
    for (uint32_t at = 0; at < word.len; at++) {
        uint32_t i = 0;
        while (part[i] != '\0' && at + i < word.len && lower(word.ptr[at + i]) == part[i]) {
            i++;
        }
        if (part[i] == '\0' && begins(word, at)) {
            return true;
        }
    }
    return false;
}

lw_watch_sport lw_watch_sport_of(lw_str word) {
    // the first that fits; words of the formats, and of exports in some languages. A run that is not known as one would not
    // be held against anything, so a word that is not here says nothing, and the person is asked.
    static const struct {
        const char *part;
        uint8_t sport;
    } words[] = {
        {"wheelchair", LW_WATCH_SPORT},  {"orienteer", LW_WATCH_SPORT}, {"swimrun", LW_WATCH_SPORT},
        {"hand", LW_WATCH_SPORT},        {"multi", LW_WATCH_SPORT},     {"rowing", LW_WATCH_SPORT},
        {"run", LW_WATCH_RUN},           {"jog", LW_WATCH_RUN},         {"treadmill", LW_WATCH_RUN},
        {"trailrun", LW_WATCH_RUN},      {"lauf", LW_WATCH_RUN},        {"carrera", LW_WATCH_RUN},
        {"correr", LW_WATCH_RUN},        {"course", LW_WATCH_RUN},      {"corsa", LW_WATCH_RUN},
        {"corrida", LW_WATCH_RUN},       {"hardlopen", LW_WATCH_RUN},   {"walk", LW_WATCH_WALK},
        {"hik", LW_WATCH_WALK},          {"spazier", LW_WATCH_WALK},    {"wander", LW_WATCH_WALK},
        {"camina", LW_WATCH_WALK},       {"senderismo", LW_WATCH_WALK}, {"marche", LW_WATCH_WALK},
        {"randonn", LW_WATCH_WALK},      {"wandel", LW_WATCH_WALK},     {"cycl", LW_WATCH_CYCLE},
        {"cicl", LW_WATCH_CYCLE},        {"bik", LW_WATCH_CYCLE},       {"ebik", LW_WATCH_CYCLE},
        {"mountainbik", LW_WATCH_CYCLE}, {"ride", LW_WATCH_CYCLE},      {"rad", LW_WATCH_CYCLE},
        {"bici", LW_WATCH_CYCLE},        {"velo", LW_WATCH_CYCLE},      {"v\303\251lo", LW_WATCH_CYCLE},
        {"fiets", LW_WATCH_CYCLE},       {"swim", LW_WATCH_SWIM},       {"schwimm", LW_WATCH_SWIM},
        {"nata", LW_WATCH_SWIM},         {"nuoto", LW_WATCH_SWIM},      {"zwem", LW_WATCH_SWIM},
        {"driv", LW_WATCH_DRIVE},        {"workout", LW_WATCH_SPORT},   {"strength", LW_WATCH_SPORT},
        {"weight", LW_WATCH_SPORT},      {"training", LW_WATCH_SPORT},  {"yoga", LW_WATCH_SPORT},
        {"pilates", LW_WATCH_SPORT},     {"row", LW_WATCH_SPORT},       {"ski", LW_WATCH_SPORT},
        {"soccer", LW_WATCH_SPORT},      {"football", LW_WATCH_SPORT},  {"tennis", LW_WATCH_SPORT},
        {"elliptical", LW_WATCH_SPORT},  {"climb", LW_WATCH_SPORT},     {"sport", LW_WATCH_SPORT},
    };
    if (word.len <= 2 && word.len > 0 && is_digit(word.ptr[0])) { // numbers that one site writes for the words
        return lw__str_eq(word, LW_STR("9"))                                     ? LW_WATCH_RUN
               : lw__str_eq(word, LW_STR("1"))                                   ? LW_WATCH_CYCLE
               : lw__str_eq(word, LW_STR("10")) || lw__str_eq(word, LW_STR("4")) ? LW_WATCH_WALK
               : lw__str_eq(word, LW_STR("16"))                                  ? LW_WATCH_SWIM
                                                                                 : LW_WATCH_UNKNOWN;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (holds(word, words[i].part)) {
            return (lw_watch_sport)words[i].sport;
        }
    }
    return LW_WATCH_UNKNOWN;
}
