/*
 * name_fold.c: names as they are searched for and sorted: lower case, Latin letters without their marks.
 *
 * Folding is done here once, on writing and on asking, so that both databases find the same people. The table covers Latin-1
 * and Latin Extended-A with Romanian and Vietnamese neighbours; combining marks are dropped, Greek and Cyrillic become lower
 * case, everything else stays.
 */
#include "base/base_internal.h"
#include "store/people.h"

/* U+00C0 to U+017F, two letters each where needed; "." stands for a sign that is left out. */
static const char *const latin[] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",  /* 00C0 */
    "d", "n", "o",  "o",  "o", "o", "o",  ".", "o", "u", "u", "u", "u", "y", "th", "ss", /* 00D0 */
    "a", "a", "a",  "a",  "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i",  "i",  /* 00E0 */
    "d", "n", "o",  "o",  "o", "o", "o",  ".", "o", "u", "u", "u", "u", "y", "th", "y",  /* 00F0 */
    "a", "a", "a",  "a",  "a", "a", "c",  "c", "c", "c", "c", "c", "c", "c", "d",  "d",  /* 0100 */
    "d", "d", "e",  "e",  "e", "e", "e",  "e", "e", "e", "e", "e", "g", "g", "g",  "g",  /* 0110 */
    "g", "g", "g",  "g",  "h", "h", "h",  "h", "i", "i", "i", "i", "i", "i", "i",  "i",  /* 0120 */
    "i", "i", "ij", "ij", "j", "j", "k",  "k", "k", "l", "l", "l", "l", "l", "l",  "l",  /* 0130 */
    "l", "l", "l",  "n",  "n", "n", "n",  "n", "n", "n", "n", "n", "o", "o", "o",  "o",  /* 0140 */
    "o", "o", "oe", "oe", "r", "r", "r",  "r", "r", "r", "s", "s", "s", "s", "s",  "s",  /* 0150 */
    "s", "s", "t",  "t",  "t", "t", "t",  "t", "u", "u", "u", "u", "u", "u", "u",  "u",  /* 0160 */
    "u", "u", "u",  "u",  "w", "w", "y",  "y", "y", "z", "z", "z", "z", "z", "z",  "s",  /* 0170 */
};

/* U+1EA0 to U+1EF9, Vietnamese: the letter by ranges, each up to and with `last`. */
static const struct {
    uint32_t last;
    const char *letter;
} vietnamese[] = {{0x1EB7, "a"}, {0x1EC7, "e"}, {0x1ECB, "i"}, {0x1EE3, "o"}, {0x1EF1, "u"}, {0x1EF9, "y"}};

static uint32_t code_at(const char *p, uint32_t length) {
    static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t code = (uint8_t)p[0] & mask[length];
    for (uint32_t i = 1; i < length; i++) {
        code = code << 6 | ((uint8_t)p[i] & 0x3f);
    }
    return code;
}

static void put_code(lw_buf *out, uint32_t code) {
    char bytes[4];
    lw_buf_add(out, bytes, lw__utf8_put(code, bytes));
}

static bool is_space(uint32_t code) {
    return code <= ' ' || code == 0x7f || code == 0xa0 || (code >= 0x2000 && code <= 0x200b) || code == 0x202f ||
           code == 0x3000;
}

/* One code point that is not a space. */
static void fold_one(lw_buf *out, uint32_t code) {
    if (code < 0x80) {
        char c = (char)code;
        c = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
        lw_buf_add(out, &c, 1);
    } else if (code >= 0xC0 && code <= 0x17F) {
        const char *letters = latin[code - 0xC0];
        if (letters[0] != '.') {
            lw_buf_str(out, letters);
        }
    } else if (code >= 0x218 && code <= 0x21B) {
        lw_buf_str(out, code < 0x21A ? "s" : "t");
    } else if (code >= 0x1CD && code <= 0x1DC) {
        static const char *const caron[] = {"a", "i", "o", "u"};
        lw_buf_str(out, caron[code < 0x1CF ? 0 : code < 0x1D1 ? 1 : code < 0x1D3 ? 2 : 3]);
    } else if (code == 0x1A0 || code == 0x1A1 || code == 0x1AF || code == 0x1B0) {
        lw_buf_str(out, code < 0x1A8 ? "o" : "u");
    } else if (code >= 0x1EA0 && code <= 0x1EF9) {
        uint32_t i = 0;
        while (code > vietnamese[i].last) {
            i++;
        }
        lw_buf_str(out, vietnamese[i].letter);
    } else if (code >= 0x300 && code <= 0x36F) {
        return; /* a combining mark */
    } else if ((code >= 0x391 && code <= 0x3A9) || (code >= 0x410 && code <= 0x42F)) {
        put_code(out, code + 0x20);
    } else if (code >= 0x400 && code <= 0x40F) {
        put_code(out, code + 0x50);
    } else {
        put_code(out, code);
    }
}

void lw_name_fold(lw_str name, lw_buf *out) {
    bool any = false, space = false;
    for (uint32_t i = 0; i < name.len;) {
        uint32_t length = lw__utf8_length(name.ptr + i, name.len - i);
        if (length == 0) {
            i++;
            continue;
        }
        uint32_t code = code_at(name.ptr + i, length);
        i += length;
        if (is_space(code)) {
            space = any;
            continue;
        }
        if (space) {
            lw_buf_add(out, " ", 1);
        }
        space = false;
        any = true;
        fold_one(out, code);
    }
}
