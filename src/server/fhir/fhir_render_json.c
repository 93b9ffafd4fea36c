/*
 * fhir_render_json.c: members, dates, codings. FHIR knows no empty string and no empty list: what would be empty is not
 * written.
 */
#include <stdio.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_render_internal.h"

enum { SHORT = 400 }; /* bytes of a member that is put together before it is added: nearly all are shorter */

/* A comma unless the value is the first of its list or object; then the name. Returns the bytes written to `to`. */
static size_t head(const lw_buf *out, const char *name, size_t len, char *to) {
    char last = out->len > 0 ? out->ptr[out->len - 1] : '{', *at = to;
    if (last != '{' && last != '[' && last != ':' && last != '\n') {
        *at++ = ',';
    }
    if (name != NULL) {
        *at++ = '"';
        memcpy(at, name, len);
        at += len;
        *at++ = '"';
        *at++ = ':';
    }
    return (size_t)(at - to);
}

/* Names are the renderer's own, and shorter than this. */
static void begin(lw_buf *out, const char *name) {
    char text[SHORT];
    size_t len = name != NULL ? strlen(name) : 0;
    lw_buf_add(out, text, head(out, name, len < SHORT - 8 ? len : SHORT - 8, text));
}

/* Whether nothing of the text has to be escaped. */
static bool is_plain(lw_str text) {
    bool plain = true;
    for (uint32_t i = 0; i < text.len; i++) { /* without a way out: so it is done many bytes at a time */
        uint8_t c = (uint8_t)text.ptr[i];
        plain &= (c >= 0x20) & (c < 0x80) & (c != '"') & (c != '\\');
    }
    return plain;
}

static void two(char *at, int value) {
    at[0] = (char)('0' + value / 10 % 10);
    at[1] = (char)('0' + value % 10);
}

void lw__fj_open(lw_buf *out, const char *name, char sign) {
    char text[SHORT];
    size_t len = name != NULL ? strlen(name) : 0, at = head(out, name, len < SHORT - 8 ? len : SHORT - 8, text);
    text[at++] = sign;
    lw_buf_add(out, text, at);
}

void lw__fj_close(lw_buf *out, char sign) {
    lw_buf_add(out, &sign, 1);
}

void lw__fj_raw(lw_buf *out, const char *name, const char *text) {
    begin(out, name);
    lw_buf_str(out, text);
}

void lw__fj_slice(lw_buf *out, const char *name, lw_str text) {
    while (text.len > 0 && (uint8_t)text.ptr[0] <= ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && (uint8_t)text.ptr[text.len - 1] <= ' ') {
        text.len--;
    }
    if (text.len == 0) {
        return;
    }
    size_t len = name != NULL ? strlen(name) : 0;
    if (len + text.len + 8 <= SHORT && is_plain(text)) {
        char whole[SHORT];
        size_t at = head(out, name, len, whole);
        whole[at++] = '"';
        memcpy(whole + at, text.ptr, text.len);
        at += text.len;
        whole[at++] = '"';
        lw_buf_add(out, whole, at);
        return;
    }
    begin(out, name);
    size_t from = out->len;
    lw_buf_json(out, text);
    /* of the control characters FHIR allows tabs and the ends of lines; the others, \u00XY, become blanks */
    char *at = out->failed ? NULL : memchr(out->ptr + from, '\\', out->len - from);
    while (at != NULL) { /* each begins an escape of two bytes or, with a u, of six */
        size_t size = at[1] == 'u' ? 6 : 2;
        bool line = size == 6 && at[4] == '0' && (at[5] == 'a' || at[5] == 'd' || at[5] == '9');
        if (size == 6 && !line) {
            memset(at, ' ', 6);
        }
        at = memchr(at + size, '\\', (size_t)(out->ptr + out->len - at) - size);
    }
}

void lw__fj_text(lw_buf *out, const char *name, const char *text) {
    if (text != NULL) {
        lw__fj_slice(out, name, (lw_str){text, (uint32_t)strlen(text)});
    }
}

void lw__fj_filled(lw_buf *out) {
    if (out->len > 0 && out->ptr[out->len - 1] == '{') {
        lw__fj_text(out, "text", "(nothing written)");
    }
}

void lw__fj_int(lw_buf *out, const char *name, int64_t value) {
    begin(out, name);
    lw_buf_int(out, value);
}

void lw__fj_bool(lw_buf *out, const char *name, bool value) {
    lw__fj_raw(out, name, value ? "true" : "false");
}

void lw__fj_x100(lw_buf *out, const char *name, int64_t x100) {
    begin(out, name);
    int64_t size = x100 < 0 ? -x100 : x100;
    lw_buf_add(out, "-", x100 < 0 ? 1 : 0);
    lw_buf_int(out, size / 100);
    if (size % 100 != 0) {
        char part[3] = ".";
        two(part + 1, (int)(size % 100));
        lw_buf_add(out, part, size % 10 != 0 ? 3 : 2);
    }
}

bool lw__fhir_is_code(lw_str text) {
    bool blank = true;
    for (uint32_t i = 0; i < text.len; i++) {
        bool now = text.ptr[i] == ' ';
        if ((uint8_t)text.ptr[i] < ' ' || (now && blank)) {
            return false;
        }
        blank = now;
    }
    return text.len > 0 && !blank;
}

/* "2026-03-06T07:05:00 with the quote before it and none behind */
static void put_time(lw_buf *out, int32_t day, int second) {
    char text[9], date[11] = {0};
    lw_day_write(day, date);
    lw_buf_add(out, "\"", 1);
    lw_buf_str(out, date);
    memcpy(text, "T00:00:00", 9);
    two(text + 1, second / 3600);
    two(text + 4, second / 60 % 60);
    two(text + 7, second % 60);
    lw_buf_add(out, text, 9);
}

void lw__fj_when(lw_buf *out, const char *name, const lw_event *event) {
    int64_t second = ((event->at_s % 60) + 60) % 60;
    int64_t ahead = (int64_t)event->day * 1440 + event->minute - (event->at_s - second) / 60;
    int minutes = (int)(ahead < 0 ? -ahead : ahead);
    begin(out, name);
    put_time(out, event->day, event->minute * 60 + (int)second);
    char zone[7] = {ahead < 0 ? '-' : '+', 0, 0, ':', 0, 0, '"'};
    two(zone + 1, minutes / 60 % 24);
    two(zone + 4, minutes % 60);
    lw_buf_add(out, zone, sizeof zone);
}

void lw__fj_instant(lw_buf *out, const char *name, int64_t at_s) {
    int64_t day = at_s >= 0 ? at_s / 86400 : -((-at_s + 86399) / 86400);
    begin(out, name);
    put_time(out, (int32_t)day, (int)(at_s - day * 86400));
    lw_buf_add(out, "Z\"", 2);
}

void lw__fj_day(lw_buf *out, const char *name, int32_t day) {
    char date[11] = {0};
    lw_day_write(day, date);
    lw__fj_text(out, name, date);
}

void lw__fj_reference(lw_buf *out, const char *name, const char *type, const char *id) {
    begin(out, name);
    lw_buf_str(out, "{\"reference\":\"");
    lw_buf_str(out, type);
    lw_buf_add(out, "/", 1);
    lw_buf_str(out, id);
    lw_buf_add(out, "\"}", 2);
}

void lw__fj_coding_of(lw_buf *out, const char *name, const char *system, lw_str code, const char *display) {
    lw__fj_open(out, name, '{');
    lw__fj_text(out, "system", system);
    lw__fj_slice(out, "code", code);
    lw__fj_text(out, "display", display);
    lw__fj_close(out, '}');
}

void lw__fj_coding(lw_buf *out, const char *name, int code) {
    lw__fj_raw(out, name, lw_fhir_code_table[code].coding);
}

void lw__fj_concept(lw_buf *out, const char *name, int code, int also, int third) {
    if (also < 0 && third < 0) {
        lw__fj_raw(out, name, lw_fhir_code_table[code].concept);
        return;
    }
    lw__fj_open(out, name, '{');
    lw__fj_open(out, "coding", '[');
    lw__fj_coding(out, NULL, code);
    if (also >= 0) {
        lw__fj_coding(out, NULL, also);
    }
    if (third >= 0) {
        lw__fj_coding(out, NULL, third);
    }
    lw__fj_close(out, ']');
    lw__fj_text(out, "text", lw_fhir_code_table[code].text);
    lw__fj_close(out, '}');
}

void lw__fj_quantity(lw_buf *out, const char *name, int64_t x100, const char *unit) {
    lw__fj_open(out, name, '{');
    lw__fj_x100(out, "value", x100);
    lw__fj_text(out, "unit", unit);
    lw__fj_raw(out, "system", "\"http://unitsofmeasure.org\"");
    lw__fj_text(out, "code", unit);
    lw__fj_close(out, '}');
}

void lw__fhir_uuid(const uint8_t id[16], char out[37]) {
    static const char hex[] = "0123456789abcdef";
    char *at = out;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        *at++ = hex[id[i] >> 4];
        *at++ = hex[id[i] & 15];
    }
    *at = '\0';
}

void lw__fhir_event_id(const lw_event *event, const char *suffix, char out[65]) {
    lw__fhir_uuid(event->id, out);
    char *at = out + 36;
    if (suffix[0] != '\0') {
        *at++ = '-';
        for (; *suffix != '\0' && at < out + 64; suffix++) {
            *at++ = *suffix == '_' ? '-' : *suffix;
        }
        *at = '\0';
    }
}

static void hashed(lw_str text, const char *prefix, char out[65]) {
    uint8_t hash[32];
    lw__sha256_of(text.ptr, text.len, hash);
    lw__writer w = lw__writer_over(out, 65);
    lw__put_c(&w, prefix);
    lw__put_c(&w, "-");
    lw__put_hex(&w, hash, 16);
    lw__put_end(&w);
}

static bool id_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

void lw_fhir_id(lw_str text, char out[65]) {
    bool good = text.len >= 1 && text.len <= 64;
    for (uint32_t i = 0; good && i < text.len; i++) {
        good = id_letter(text.ptr[i]);
    }
    if (!good) {
        hashed(text, "x", out);
        return;
    }
    memcpy(out, text.ptr, text.len);
    out[text.len] = '\0';
}

void lw__fhir_device_id(lw_str name, const char *prefix, char out[65]) {
    hashed(name, prefix, out);
}

void lw__fhir_protocol_id(const lw_protocol *protocol, char out[65]) {
    lw_str id = lw_protocol_id(protocol), version = lw_protocol_version(protocol);
    char text[200];
    int len = snprintf(text, sizeof text, "%.*s.%.*s", (int)id.len, id.ptr, (int)version.len, version.ptr);
    lw_fhir_id((lw_str){text, (uint32_t)(len < 199 ? len : 199)}, out);
}

void lw__fhir_exercise_id(const lw_protocol *protocol, lw_str exercise, char out[65]) {
    char own[65], text[260];
    lw__fhir_protocol_id(protocol, own);
    int len = snprintf(text, sizeof text, "%s.%.*s", own, (int)exercise.len, exercise.ptr);
    lw_fhir_id((lw_str){text, (uint32_t)(len < 259 ? len : 259)}, out);
}

/* Digits at *p, exactly count of them. */
static bool digits(const char **p, const char *end, int count, int32_t *out) {
    *out = 0;
    for (int i = 0; i < count; i++, (*p)++) {
        if (*p >= end || **p < '0' || **p > '9') {
            return false;
        }
        *out = *out * 10 + (**p - '0');
    }
    return true;
}

bool lw_fhir_interval(lw_str text, int64_t *from_s, int64_t *to_s) {
    const char *p = text.ptr, *end = text.ptr + text.len;
    int32_t year = 0, month = 1, dom = 1, hour = 0, minute = 0, second = 0, ahead = 0;
    if (text.len == 0 || !digits(&p, end, 4, &year) || year < 1) {
        return false;
    }
    int64_t span = 0;
    int depth = 1; /* 1 year, 2 month, 3 day, 4 minute, 5 second */
    if (p < end && *p == '-') {
        p++;
        if (!digits(&p, end, 2, &month) || month < 1 || month > 12) {
            return false;
        }
        depth = 2;
        if (p < end && *p == '-') {
            p++;
            char whole[16];
            int32_t day = 0;
            if (!digits(&p, end, 2, &dom)) {
                return false;
            }
            snprintf(whole, sizeof whole, "%04d-%02d-%02d", (int)year % 10000, (int)month % 100, (int)dom % 100);
            if (!lw_day_parse((lw_str){whole, 10}, &day)) {
                return false;
            }
            depth = 3;
        }
    }
    if (p < end && *p == 'T' && depth == 3) {
        p++;
        if (!digits(&p, end, 2, &hour) || p >= end || *p++ != ':' || !digits(&p, end, 2, &minute) || hour > 23 ||
            minute > 59) {
            return false;
        }
        depth = 4;
        if (p < end && *p == ':') {
            p++;
            if (!digits(&p, end, 2, &second) || second > 59) {
                return false;
            }
            depth = 5;
            if (p < end && *p == '.') {
                p++;
                if (p >= end || *p < '0' || *p > '9') {
                    return false;
                }
                while (p < end && *p >= '0' && *p <= '9') {
                    p++;
                }
            }
        }
        if (p < end && *p == 'Z') {
            p++;
        } else if (p < end &&
                   (*p == '+' || *p == '-' || *p == ' ')) { /* a plus that was not escaped in an address is a blank */
            int sign = *p++ == '-' ? -1 : 1;
            int32_t h = 0, m = 0;
            if (!digits(&p, end, 2, &h) || p >= end || *p++ != ':' || !digits(&p, end, 2, &m) || h > 14 || m > 59) {
                return false;
            }
            ahead = sign * (h * 60 + m);
        }
    }
    if (p != end) {
        return false;
    }
    int64_t from =
        (int64_t)lw_day_from_civil(year, month, dom) * 86400 + hour * 3600 + minute * 60 + second - ahead * 60;
    if (depth == 1) {
        span = (int64_t)(lw_day_from_civil(year, 12, 31) + 1 - lw_day_from_civil(year, 1, 1)) * 86400;
    } else if (depth == 2) {
        int32_t next = month == 12 ? lw_day_from_civil(year, 12, 31) + 1 : lw_day_from_civil(year, month + 1, 1);
        span = (int64_t)(next - lw_day_from_civil(year, month, 1)) * 86400;
    } else {
        span = depth == 3 ? 86400 : depth == 4 ? 60 : 1;
    }
    *from_s = from;
    *to_s = from + span;
    return true;
}
