/*
 * fit.c: bytes of a FIT file to messages.
 *
 * A definition message says how the data messages of a local number look; it is turned at once into a short list of what to
 * take from where, so that reading a data message is a few loads. The fields of all other messages and of developers only
 * count by their size. Every step checks first that the bytes are there; what would reach past the end of a part ends the
 * reading with a note, and what was read before stands.
 */
#include "watch/fit.h"
#include "base/base_internal.h"

enum { DEFINITION = 0x40, DEVELOPER = 0x20, COMPRESSED = 0x80, LEAST_HEADER = 12, TIMESTAMP = 253 };

/* Field numbers of the messages that are read, and where their values go. */
struct field {
    uint8_t number, slot;
};

static const struct field of_file_id[] = {{0, LW_FIT_FILE_TYPE}, {4, LW_FIT_CREATED}};
static const struct field of_sport[] = {{0, LW_FIT_SPORT}, {1, LW_FIT_SUB_SPORT}};
static const struct field of_session[] = {{2, LW_FIT_START},   {5, LW_FIT_SPORT}, {6, LW_FIT_SUB_SPORT},
                                          {7, LW_FIT_ELAPSED}, {8, LW_FIT_TIMER}, {9, LW_FIT_DISTANCE},
                                          {22, LW_FIT_ASCENT}, {15, LW_FIT_TOP},  {125, LW_FIT_TOP_WIDE}};
static const struct field of_lap[] = {{2, LW_FIT_START},    {7, LW_FIT_ELAPSED}, {8, LW_FIT_TIMER},
                                      {9, LW_FIT_DISTANCE}, {21, LW_FIT_ASCENT}, {25, LW_FIT_SPORT}};
static const struct field of_record[] = {{0, LW_FIT_LAT},   {1, LW_FIT_LON},         {2, LW_FIT_HEIGHT},
                                         {3, LW_FIT_HEART}, {4, LW_FIT_CADENCE},     {5, LW_FIT_DISTANCE},
                                         {6, LW_FIT_SPEED}, {73, LW_FIT_SPEED_WIDE}, {78, LW_FIT_HEIGHT_WIDE}};
static const struct field of_event[] = {{0, LW_FIT_WHAT}, {1, LW_FIT_HOW}};
static const struct field of_activity[] = {{0, LW_FIT_TIMER}, {5, LW_FIT_LOCAL_TIME}};
static const struct field of_hr[] = {{6, LW_FIT_HEART}};
static const struct field of_set[] = {{0, LW_FIT_DURATION}, {3, LW_FIT_REPS},  {4, LW_FIT_WEIGHT},
                                      {5, LW_FIT_SET_TYPE}, {6, LW_FIT_START}, {7, LW_FIT_CATEGORY},
                                      {8, LW_FIT_NAME}};

static const struct field of_own_field[] = {{0, LW_FIT_DEVELOPER}, {1, LW_FIT_NUMBER},      {2, LW_FIT_BASE},
                                            {8, LW_FIT_UNIT},      {14, LW_FIT_OF_MESSAGE}, {15, LW_FIT_OF_FIELD}};

#define FIELDS(list) (list), (uint8_t)(sizeof(list) / sizeof((list)[0]))
static const struct {
    uint16_t global;
    const struct field *fields;
    uint8_t count;
} kinds[LW_FIT_KINDS] = {
    [LW_FIT_FILE_ID] = {0, FIELDS(of_file_id)},    [LW_FIT_SPORT_OF] = {12, FIELDS(of_sport)},
    [LW_FIT_SESSION] = {18, FIELDS(of_session)},   [LW_FIT_LAP] = {19, FIELDS(of_lap)},
    [LW_FIT_RECORD] = {20, FIELDS(of_record)},     [LW_FIT_EVENT] = {21, FIELDS(of_event)},
    [LW_FIT_ACTIVITY] = {34, FIELDS(of_activity)}, [LW_FIT_HR] = {132, FIELDS(of_hr)},
    [LW_FIT_SET] = {225, FIELDS(of_set)},          [LW_FIT_OWN_FIELD] = {206, FIELDS(of_own_field)},
};

/* Bytes of one value of a base type by its low five bits; 0 for text, fractions, lists of bytes and what is not known. */
static const uint8_t width_of[32] = {
    [0] = 1, [1] = 1, [2] = 1, [3] = 2, [4] = 2, [5] = 4, [6] = 4, [10] = 1, [11] = 2, [12] = 4};

static uint32_t load16(const uint8_t *p, bool big) {
    return big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t load32(const uint8_t *p, bool big) {
    return big ? load16(p, true) << 16 | load16(p + 2, true) : load16(p + 2, false) << 16 | load16(p, false);
}

/* How a value is read that is no plain number; behind the base types. */
enum { UNIT_TEXT = 32, PACKED = 33, METRES = 34, METRES_HIGH = 35, METRES_A_SECOND = 36 };

/* A single-precision number that is not negative, times factor, rounded; -1 when it is none or too large. */
static int64_t single(uint32_t raw, int64_t factor) {
    int exponent = (int)(raw >> 23 & 255) - 150;
    int64_t value = (int64_t)((raw & 0x7fffff) | (exponent > -150 ? 0x800000u : 0)) * factor;
    if (raw >> 31 != 0 || exponent > 8) {
        return -1;
    }
    if (exponent >= 0) {
        return value << exponent;
    }
    return exponent < -60 ? 0 : (value + (INT64_C(1) << (-exponent - 1))) >> -exponent;
}

/* Reads one value; false when it is the one that stands for none. */
static bool load(const uint8_t *p, uint8_t base, bool big, int64_t *out) {
    uint32_t raw;
    switch (base) {
    case 0: // a word
    case 2:
        *out = p[0];
        return p[0] != 0xff;
    case 1:
        *out = (int8_t)p[0];
        return p[0] != 0x7f;
    case 10: // the z types: nought is none
        *out = p[0];
        return p[0] != 0;
    case 3:
        raw = load16(p, big);
        *out = (int16_t)raw;
        return raw != 0x7fff;
    case 4:
        raw = load16(p, big);
        *out = raw;
        return raw != 0xffff;
    case 11:
        raw = load16(p, big);
        *out = raw;
        return raw != 0;
    case 5:
        raw = load32(p, big);
        *out = (int32_t)raw;
        return raw != 0x7fffffff;
    case 6:
        raw = load32(p, big);
        *out = raw;
        return raw != 0xffffffff;
    case UNIT_TEXT:
        *out = lw__same(p, "m/s", 4) ? 2 : (p[0] == 'm' || p[0] == 'M') && p[1] == '\0' ? 1 : 0;
        return true;
    case METRES:
        *out = single(load32(p, big), 100);
        return *out >= 0;
    case METRES_HIGH:
        *out = single(load32(p, big), 5);
        *out += *out >= 0 ? 2500 : 0;
        return *out >= 0;
    case METRES_A_SECOND:
        *out = single(load32(p, big), 1000);
        return *out >= 0;
    default: // 12; others have no width and are not taken
        raw = load32(p, big);
        *out = raw;
        return raw != 0;
    }
}

/* CRC-16 with the polynomial x¹⁶ + x¹⁵ + x² + 1, low bit first. */
static void make_crc(uint16_t table[256]) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t rest = i;
        for (int bit = 0; bit < 8; bit++) {
            rest = rest >> 1 ^ ((rest & 1) != 0 ? 0xa001u : 0);
        }
        table[i] = (uint16_t)rest;
    }
}

static uint32_t crc_of(const uint16_t table[256], const uint8_t *p, size_t count) {
    uint32_t crc = 0;
    for (size_t i = 0; i < count; i++) {
        crc = crc >> 8 ^ table[(crc ^ p[i]) & 0xff];
    }
    return crc;
}

/* Whether a part begins at p. */
static bool is_header(const uint8_t *p, size_t left) {
    return left >= LEAST_HEADER && p[0] >= LEAST_HEADER && p[0] <= left && lw__same(p + 8, ".FIT", 4);
}

/* Begins the part at next; its checksum is looked at here, before anything is believed. */
static void begin_part(lw_fit *fit) {
    const uint8_t *p = fit->next;
    size_t left = (size_t)(fit->end - p), header = p[0], data = load32(p + 4, false);
    if (header >= 14) {
        uint32_t given = load16(p + 12, false);
        if (given != 0 && !fit->trusted && given != crc_of(fit->crc, p, 12)) {
            fit->notes |= LW_NOTE_BAD_CRC;
        }
    }
    if (data == 0 || data > left - header || left - header - data < 2) {
        fit->notes |= LW_NOTE_TRUNCATED; // never closed, or cut off
        size_t rest = left - header;
        fit->part_end = p + header + (data != 0 && data < rest ? data : rest);
    } else {
        fit->part_end = p + header + data;
        if (!fit->trusted && crc_of(fit->crc, p, header + data) != load16(fit->part_end, false)) {
            fit->notes |= LW_NOTE_BAD_CRC;
        }
    }
    fit->next = p + header;
    fit->timed = false;
    fit->packed_last = -1;
    fit->packed_total = 0;
    fit->owns = 0;
    for (int i = 0; i < 16; i++) {
        fit->shape[i].known = false;
    }
}

bool lw_fit_is(lw_str bytes) {
    return is_header((const uint8_t *)bytes.ptr, bytes.len);
}

int32_t lw_fit_begin(lw_fit *fit, lw_str bytes) {
    memset(fit, 0, sizeof *fit);
    if (!lw_fit_is(bytes)) {
        fit->over = true;
        return LW_ERR_SYNTAX;
    }
    make_crc(fit->crc);
    fit->next = (const uint8_t *)bytes.ptr;
    fit->end = fit->next + bytes.len;
    begin_part(fit);
    return LW_OK;
}

void lw_fit_again(lw_fit *fit, lw_str bytes) {
    *fit = (lw_fit){.trusted = true, .over = !lw_fit_is(bytes)};
    if (!fit->over) {
        fit->next = (const uint8_t *)bytes.ptr;
        fit->end = fit->next + bytes.len;
        begin_part(fit);
    }
}

/* The reading of this part ends here. */
static bool stop(lw_fit *fit, uint16_t note) {
    fit->notes |= note;
    fit->next = fit->part_end;
    return false;
}

static void put_take(struct lw__fit_shape *shape, uint8_t slot, uint32_t at, uint8_t how) {
    if (shape->takes < LW__FIT_TAKES) {
        shape->take[shape->takes].at = (uint16_t)at;
        shape->take[shape->takes].slot = slot;
        shape->take[shape->takes].base = how;
        shape->takes++;
    }
}

/* Adds a field to what is taken of a shape, when it is one of its kind's and a plain number. */
static void add_take(struct lw__fit_shape *shape, uint8_t number, uint32_t at, uint32_t size, uint8_t base) {
    uint32_t width = width_of[base];
    if (shape->kind == LW_FIT_OWN_FIELD && number == 8 && base == 7 && size >= 4) {
        base = UNIT_TEXT;
        width = size;
    } else if (shape->kind == LW_FIT_RECORD && number == 8 && base == 13 && size == 3) {
        put_take(shape, LW_FIT_DISTANCE, at, PACKED);
        return;
    }
    if (width == 0 || size < width || size % width != 0) {
        return;
    }
    uint8_t slot = number == TIMESTAMP ? LW_FIT_TIME : LW_FIT_SLOTS;
    uint32_t count = shape->kind == LW_FIT_KINDS ? 0 : kinds[shape->kind].count;
    for (uint32_t i = 0; i < count; i++) {
        if (kinds[shape->kind].fields[i].number == number) {
            slot = kinds[shape->kind].fields[i].slot;
        }
    }
    if (slot != LW_FIT_SLOTS) {
        put_take(shape, slot, at, base);
    }
}

/* A developer's field; one that stands for a record's own takes its place, so that two counters never mix. */
static void add_own(const lw_fit *fit, struct lw__fit_shape *shape, const uint8_t *field, uint32_t at) {
    uint32_t own = 0;
    while (own < fit->owns && (fit->own[own].developer != field[2] || fit->own[own].number != field[0])) {
        own++;
    }
    if (shape->kind != LW_FIT_RECORD || own == fit->owns || field[1] != 4) {
        return;
    }
    uint8_t slot = fit->own[own].slot;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < shape->takes; i++) {
        uint8_t other = shape->take[i].slot;
        bool same = other == slot || (slot == LW_FIT_SPEED_WIDE && other == LW_FIT_SPEED) ||
                    (slot == LW_FIT_HEIGHT_WIDE && other == LW_FIT_HEIGHT);
        shape->take[kept] = shape->take[i];
        kept += !same;
    }
    shape->takes = (uint8_t)kept;
    put_take(shape, slot, at,
             slot == LW_FIT_DISTANCE     ? METRES
             : slot == LW_FIT_SPEED_WIDE ? METRES_A_SECOND
                                         : METRES_HIGH);
}

/* A description of a developer's field: kept when it stands for a record's distance, speed or height, in units that are sure. */
static void note_own(lw_fit *fit, const lw_fit_message *message) {
    enum { RECORD_MESSAGE = 20, SINGLE = 8, METRE = 1, METRE_A_SECOND = 2 };
    const int64_t *v = message->value;
    if (!lw_fit_has(message, LW_FIT_DEVELOPER) || !lw_fit_has(message, LW_FIT_NUMBER) ||
        !lw_fit_has(message, LW_FIT_BASE) || !lw_fit_has(message, LW_FIT_UNIT) ||
        !lw_fit_has(message, LW_FIT_OF_MESSAGE) || !lw_fit_has(message, LW_FIT_OF_FIELD) ||
        v[LW_FIT_OF_MESSAGE] != RECORD_MESSAGE || (v[LW_FIT_BASE] & 31) != SINGLE || fit->owns == LW__FIT_OWN) {
        return;
    }
    int64_t of = v[LW_FIT_OF_FIELD], unit = v[LW_FIT_UNIT];
    lw_fit_slot slot = of == 5 && unit == METRE                          ? LW_FIT_DISTANCE
                       : (of == 2 || of == 78) && unit == METRE          ? LW_FIT_HEIGHT_WIDE
                       : (of == 6 || of == 73) && unit == METRE_A_SECOND ? LW_FIT_SPEED_WIDE
                                                                         : LW_FIT_SLOTS;
    if (slot != LW_FIT_SLOTS) {
        fit->own[fit->owns].developer = (uint8_t)v[LW_FIT_DEVELOPER];
        fit->own[fit->owns].number = (uint8_t)v[LW_FIT_NUMBER];
        fit->own[fit->owns++].slot = (uint8_t)slot;
    }
}

/* Speed and distance of old devices: twelve bits each, hundredths of m/s and sixteenths of a metre, which go round. */
static void unpack(lw_fit *fit, const uint8_t *p, lw_fit_message *out) {
    if (p[0] == 0xff && p[1] == 0xff && p[2] == 0xff) {
        return;
    }
    int32_t way = p[1] >> 4 | p[2] << 4;
    fit->packed_total += fit->packed_last < 0 ? way : (way - fit->packed_last) & 4095;
    fit->packed_last = way;
    if (!lw_fit_has(out, LW_FIT_DISTANCE)) {
        out->value[LW_FIT_DISTANCE] = fit->packed_total * 100 / 16;
        out->has |= UINT64_C(1) << LW_FIT_DISTANCE;
    }
    if (!lw_fit_has(out, LW_FIT_SPEED)) {
        out->value[LW_FIT_SPEED] = (p[0] | (p[1] & 15) << 8) * 10;
        out->has |= UINT64_C(1) << LW_FIT_SPEED;
    }
}

/* Reads a definition whose header byte was taken; false when the part ends in it. */
static bool define(lw_fit *fit, uint8_t header) {
    const uint8_t *p = fit->next;
    size_t left = (size_t)(fit->part_end - p);
    if (left < 5) {
        return stop(fit, LW_NOTE_TRUNCATED);
    }
    struct lw__fit_shape *shape = &fit->shape[header & 15];
    *shape = (struct lw__fit_shape){.big = p[1] != 0, .kind = LW_FIT_KINDS};
    shape->global = (uint16_t)load16(p + 2, shape->big);
    for (uint8_t kind = 0; kind < LW_FIT_KINDS; kind++) {
        if (kinds[kind].global == shape->global) {
            shape->kind = kind;
        }
    }
    size_t fields = p[4], size = 5 + 3 * fields;
    if (left < size) {
        return stop(fit, LW_NOTE_TRUNCATED);
    }
    for (size_t i = 0; i < fields; i++) {
        const uint8_t *field = p + 5 + 3 * i;
        add_take(shape, field[0], shape->size, field[1], field[2] & 31);
        shape->size += field[1];
    }
    if ((header & DEVELOPER) != 0) {
        if (left < size + 1 || left < size + 1 + 3 * (size_t)p[size]) {
            return stop(fit, LW_NOTE_TRUNCATED);
        }
        for (size_t i = 0; i < p[size]; i++) {
            add_own(fit, shape, p + size + 1 + 3 * i, shape->size);
            shape->size += p[size + 2 + 3 * i];
        }
        size += 1 + 3 * (size_t)p[size];
    }
    shape->known = true;
    fit->next = p + size;
    return true;
}

/* Reads a data message whose header byte was taken; true when it is one that is read, with *out filled. */
static bool data(lw_fit *fit, uint8_t header, lw_fit_message *out) {
    bool compressed = (header & COMPRESSED) != 0;
    const struct lw__fit_shape *shape = &fit->shape[compressed ? header >> 5 & 3 : header & 15];
    if (!shape->known) {
        return stop(fit, LW_NOTE_BROKEN);
    }
    const uint8_t *p = fit->next;
    if ((size_t)(fit->part_end - p) < shape->size) {
        return stop(fit, LW_NOTE_TRUNCATED);
    }
    fit->next = p + shape->size;
    fit->messages++;
    if (compressed && fit->timed) { // five bits go on from the last full time
        fit->time += (header - fit->time) & 31;
    }
    out->has = 0; // of a message that is stepped over only the time is taken: compressed ones go on from it
    for (uint32_t i = 0; i < shape->takes; i++) {
        uint8_t slot = shape->take[i].slot;
        if (shape->take[i].base == PACKED) {
            unpack(fit, p + shape->take[i].at, out);
        } else if (load(p + shape->take[i].at, shape->take[i].base, shape->big, &out->value[slot])) {
            out->has |= UINT64_C(1) << slot;
        }
    }
    if (lw_fit_has(out, LW_FIT_TIME)) {
        fit->time = (uint32_t)out->value[LW_FIT_TIME];
        fit->timed = true;
    } else if (compressed && fit->timed) {
        out->value[LW_FIT_TIME] = fit->time;
        out->has |= UINT64_C(1) << LW_FIT_TIME;
    }
    if (shape->kind == LW_FIT_OWN_FIELD) {
        note_own(fit, out);
    }
    if (shape->kind >= LW_FIT_OWN_FIELD) {
        return false;
    }
    out->global = shape->global;
    out->kind = shape->kind;
    out->part = fit->part;
    fit->records += shape->kind == LW_FIT_RECORD;
    return true;
}

/* Steps over the checksum of a part to the next one, if there is one. */
static bool next_part(lw_fit *fit) {
    size_t left = (size_t)(fit->end - fit->part_end);
    left = left < 2 ? 0 : left - 2;
    fit->next = fit->end - left;
    if (!is_header(fit->next, left)) {
        fit->notes |= left > 0 ? LW_NOTE_TRAILING : 0;
        fit->over = true;
        return false;
    }
    fit->part++;
    begin_part(fit);
    return true;
}

bool lw_fit_next(lw_fit *fit, lw_fit_message *out) {
    while (!fit->over) {
        if (fit->next == fit->part_end) {
            (void)next_part(fit);
            continue;
        }
        uint8_t header = *fit->next++;
        if ((header & (COMPRESSED | DEFINITION)) == DEFINITION) {
            (void)define(fit, header);
        } else if (data(fit, header, out)) {
            return true;
        }
    }
    return false;
}
