/*
 * fit_writer.h: writes FIT files for tests, byte by byte as the tests need them: either byte order, compressed timestamps,
 * developer fields, chained, broken. Not a writer for anybody else: it trusts its caller.
 */
#ifndef FIT_WRITER_H
#define FIT_WRITER_H

#include "test_support.h"
#include "watch/fit.h"

enum { FW_ENUM = 0x00, FW_U8 = 0x02, FW_U16 = 0x84, FW_S32 = 0x85, FW_U32 = 0x86, FW_TEXT = 0x07, FW_F32 = 0x88 };
/* 2026-03-06T06:05:00Z in the format's own seconds */
enum { FW_T0 = 1141711500 };

struct fw {
    uint8_t bytes[65536];
    size_t len, part; /* where the part under way begins */
    bool big;
};

static inline void fw_int(struct fw *w, uint32_t value, int width) {
    for (int i = 0; i < width; i++) {
        w->bytes[w->len++] = (uint8_t)(value >> 8 * (w->big ? width - 1 - i : i));
    }
}

static inline void fw_begin(struct fw *w, int header) {
    w->part = w->len;
    memset(w->bytes + w->len, 0, (size_t)header);
    w->bytes[w->len] = (uint8_t)header;
    w->bytes[w->len + 1] = 0x20;
    memcpy(w->bytes + w->len + 8, ".FIT", 4);
    w->len += (size_t)header;
}

static inline uint16_t fw_crc(const uint8_t *p, size_t count) {
    uint32_t crc = 0;
    for (size_t i = 0; i < count; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xa001u : 0);
        }
    }
    return (uint16_t)crc;
}

/* Closes the part: size, header's checksum when it has room, checksum. */
static inline void fw_end(struct fw *w) {
    uint8_t *p = w->bytes + w->part;
    bool big = w->big;
    w->big = false; // header and checksum are little-endian always
    size_t len = w->len, data = len - w->part - p[0];
    w->len = w->part + 4;
    fw_int(w, (uint32_t)data, 4);
    if (p[0] >= 14) {
        w->len = w->part + 12;
        fw_int(w, fw_crc(p, 12), 2);
    }
    w->len = len;
    fw_int(w, fw_crc(p, len - w->part), 2);
    w->big = big;
}

struct fw_field {
    uint8_t number, size, base;
};

static inline void fw_define(struct fw *w, int local, uint16_t global, const struct fw_field *fields, int count,
                             int developer) {
    w->bytes[w->len++] = (uint8_t)(0x40 | local | (developer > 0 ? 0x20 : 0));
    w->bytes[w->len++] = 0;
    w->bytes[w->len++] = w->big;
    fw_int(w, global, 2);
    w->bytes[w->len++] = (uint8_t)count;
    for (int i = 0; i < count; i++) {
        w->bytes[w->len++] = fields[i].number;
        w->bytes[w->len++] = fields[i].size;
        w->bytes[w->len++] = fields[i].base;
    }
    if (developer > 0) { // one developer field of so many bytes
        w->bytes[w->len++] = 1;
        w->bytes[w->len++] = 7;
        w->bytes[w->len++] = (uint8_t)developer;
        w->bytes[w->len++] = 0;
    }
}

/* A data message of a local number: values with their widths, ended by width 0. */
struct fw_value {
    uint32_t value;
    int width;
};
#define FW_DATA(w, header, ...) fw_data((w), (header), (const struct fw_value[]){__VA_ARGS__, {0, 0}})
static inline void fw_data(struct fw *w, uint8_t header, const struct fw_value *values) {
    w->bytes[w->len++] = header;
    for (; values->width > 0; values++) {
        fw_int(w, values->value, values->width);
    }
}

static inline void fw_file_id(struct fw *w, uint8_t type) {
    static const struct fw_field fields[] = {{0, 1, FW_ENUM}, {4, 4, FW_U32}};
    fw_define(w, 0, 0, fields, 2, 0);
    FW_DATA(w, 0, {type, 1}, {FW_T0, 4});
}

/* Records of a person going straight north at mm/s, a sample a second, from a time and a distance in cm; local number 1. */
static inline void fw_north(struct fw *w, uint32_t from, int seconds, int mms, uint32_t cm) {
    static const struct fw_field fields[] = {
        {253, 4, FW_U32}, {0, 4, FW_S32}, {1, 4, FW_S32}, {5, 4, FW_U32}, {2, 2, FW_U16}};
    fw_define(w, 1, 20, fields, 5, 0);
    for (int i = 0; i <= seconds; i++) {
        int64_t mm = (int64_t)mms * i + (int64_t)cm * 10;
        int64_t lat = 579340000 + mm * (INT64_C(1) << 31) / 20015114442; // 48.56° and on
        FW_DATA(w, 1, {from + (uint32_t)i, 4}, {(uint32_t)lat, 4}, {101000000, 4}, {(uint32_t)(mm / 10), 4},
                {5 * (500 + 100), 2});
    }
}

static inline void fw_timer(struct fw *w, uint32_t at, uint8_t how) {
    static const struct fw_field fields[] = {{253, 4, FW_U32}, {0, 1, FW_ENUM}, {1, 1, FW_ENUM}};
    fw_define(w, 2, 21, fields, 3, 0);
    FW_DATA(w, 2, {at, 4}, {0, 1}, {how, 1});
}

static inline void fw_session(struct fw *w, uint32_t start, uint32_t seconds, uint32_t timer, uint32_t cm,
                              uint8_t sport, uint8_t sub) {
    static const struct fw_field fields[] = {{253, 4, FW_U32}, {2, 4, FW_U32},  {7, 4, FW_U32}, {8, 4, FW_U32},
                                             {9, 4, FW_U32},   {5, 1, FW_ENUM}, {6, 1, FW_ENUM}};
    fw_define(w, 3, 18, fields, 7, 0);
    FW_DATA(w, 3, {start + seconds, 4}, {start, 4}, {seconds * 1000, 4}, {timer * 1000, 4}, {cm, 4}, {sport, 1},
            {sub, 1});
}

static inline void fw_activity(struct fw *w, uint32_t at, int offset_s) {
    static const struct fw_field fields[] = {{253, 4, FW_U32}, {5, 4, FW_U32}};
    fw_define(w, 4, 34, fields, 2, 0);
    FW_DATA(w, 4, {at, 4}, {at + (uint32_t)offset_s, 4});
}

static inline lw_str fw_bytes(const struct fw *w) {
    return (lw_str){(const char *)w->bytes, (uint32_t)w->len};
}

/* A run of 20 minutes at 3 m/s with a pause of 5 minutes after 10, in a zone one hour ahead. */
static inline void fw_run(struct fw *w) {
    fw_begin(w, 14);
    fw_file_id(w, 4);
    fw_timer(w, FW_T0, 0);
    fw_north(w, FW_T0, 600, 3000, 0);
    fw_timer(w, FW_T0 + 600, 4);
    fw_timer(w, FW_T0 + 900, 0);
    fw_north(w, FW_T0 + 900, 600, 3000, 180000);
    fw_timer(w, FW_T0 + 1500, 4);
    fw_session(w, FW_T0, 1500, 1200, 360000, 1, 0);
    fw_activity(w, FW_T0 + 1500, 3600);
    fw_end(w);
}

#endif
