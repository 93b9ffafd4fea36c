/*
 * text.c: writing text into a bounded buffer, and guessing what a misspelt name was meant to be.
 *
 * The only formatter of the pure libraries: printf would be the WebAssembly module's only import. A writer never writes
 * past its buffer; what does not fit is cut and `full` tells it.
 */
#include "base/base_internal.h"

lw_str lw__str(const char *text) {
    uint32_t len = 0;
    while (text[len] != '\0') {
        len++;
    }
    return (lw_str){text, len};
}

const char *lw_version(void) {
    return LW_VERSION;
}

void lw__put(lw__writer *w, lw_str text) {
    size_t left = w->cap - w->len;
    size_t count = text.len;
    if (count > left) {
        count = left;
        w->full = true;
    }
    if (count > 0) {
        memcpy(w->buf + w->len, text.ptr, count);
        w->len += count;
    }
}

void lw__put_c(lw__writer *w, const char *text) {
    lw__put(w, lw__str(text));
}

void lw__put_char(lw__writer *w, char c) {
    if (w->len == w->cap) {
        w->full = true;
        return;
    }
    w->buf[w->len++] = c;
}

void lw__put_int(lw__writer *w, int64_t value) {
    char text[20];
    uint32_t at = sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        text[--at] = '-';
    }
    lw__put(w, (lw_str){text + at, (uint32_t)sizeof text - at});
}

void lw__put_x100(lw__writer *w, int32_t value) {
    int64_t rest = value;
    if (rest < 0) {
        lw__put_char(w, '-');
        rest = -rest;
    }
    lw__put_int(w, rest / 100);
    int64_t cents = rest % 100;
    if (cents != 0) {
        char text[3] = {'.', (char)('0' + cents / 10), (char)('0' + cents % 10)};
        lw__put(w, (lw_str){text, cents % 10 == 0 ? 2 : 3});
    }
}

void lw__put_escaped(lw__writer *w, lw_str text) {
    uint32_t from = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        uint8_t c = (uint8_t)text.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\') {
            continue;
        }
        /* everything up to here at once, then the escape */
        lw__put(w, (lw_str){text.ptr + from, i - from});
        from = i + 1;
        static const char names[] = "\"\"\\\\\bb\tt\nn\ff\rr";
        char shorthand = 0;
        for (uint32_t n = 0; n + 1 < sizeof names; n += 2) {
            if ((uint8_t)names[n] == c) {
                shorthand = names[n + 1];
            }
        }
        if (shorthand != 0) {
            lw__put(w, (lw_str){(char[2]){'\\', shorthand}, 2});
        } else {
            lw__put(w, LW_STR("\\u00"));
            lw__put_hex(w, &c, 1);
        }
    }
    if (from < text.len) { // an empty text may have no address
        lw__put(w, (lw_str){text.ptr + from, text.len - from});
    }
}

void lw__put_json(lw__writer *w, lw_str text) {
    lw__put_char(w, '"');
    lw__put_escaped(w, text);
    lw__put_char(w, '"');
}

void lw__put_day(lw__writer *w, int32_t day) {
    char text[12];
    text[0] = text[11] = '"';
    lw_day_write(day, text + 1);
    lw__put(w, (lw_str){text, sizeof text});
}

void lw__put_hex(lw__writer *w, const uint8_t *bytes, size_t count) {
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        lw__put(w, (lw_str){(char[2]){hex[bytes[i] >> 4], hex[bytes[i] & 15]}, 2});
    }
}

void lw__put_uuid(lw__writer *w, const uint8_t bytes[16]) {
    for (uint32_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            lw__put_char(w, '-');
        }
        lw__put_hex(w, bytes + i, 1);
    }
}

void lw__put_end(lw__writer *w) {
    if (w->len == w->cap) {
        w->len--;
        w->full = true;
    }
    /* a cut must not leave half a character behind */
    if (w->full) {
        size_t start = w->len;
        while (start > 0 && ((uint8_t)w->buf[start - 1] & 0xc0) == 0x80) {
            start--;
        }
        if (start > 0 && (uint8_t)w->buf[start - 1] >= 0x80 &&
            lw__utf8_length(w->buf + start - 1, w->len - (start - 1)) == 0) {
            w->len = start - 1;
        }
    }
    w->buf[w->len] = '\0';
}

/* Levenshtein distance of two texts of at most 63 bytes, by two rows. */
static uint32_t edit_distance(lw_str a, lw_str b) {
    uint8_t row[64];
    for (uint32_t j = 0; j <= b.len; j++) {
        row[j] = (uint8_t)j;
    }
    for (uint32_t i = 1; i <= a.len; i++) {
        uint8_t diagonal = row[0];
        row[0] = (uint8_t)i;
        for (uint32_t j = 1; j <= b.len; j++) {
            uint8_t best = (uint8_t)(diagonal + (a.ptr[i - 1] != b.ptr[j - 1]));
            uint8_t side = (uint8_t)((row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1);
            diagonal = row[j];
            row[j] = best < side ? best : side;
        }
    }
    return row[b.len];
}

int32_t lw__nearest(lw_str text, const char *(*name)(const void *names, uint32_t i), const void *names,
                    uint32_t count) {
    int32_t found = -1;
    uint32_t best = text.len / 3 > 3 ? 3 : text.len < 3 ? 1 : text.len / 3;
    if (text.len >= 64) {
        return -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        lw_str other = lw__str(name(names, i));
        if (LW_NEVER(other.len >= 64)) {
            continue;
        }
        uint32_t distance = edit_distance(text, other);
        if (distance < best + (found < 0 ? 1 : 0)) {
            best = distance;
            found = (int32_t)i;
        }
    }
    return found;
}
