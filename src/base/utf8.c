/*
 * utf8.c: strict UTF-8 (RFC 3629).
 *
 * Overlong forms, surrogates and anything above U+10FFFF are refused. Runs of ASCII are passed eight bytes at a time.
 */
#include "base/base_internal.h"

uint32_t lw__utf8_length(const char *p, size_t left) {
    const uint8_t *b = (const uint8_t *)p;
    if (b[0] < 0x80) {
        return 1;
    }
    /* the second byte's range excludes overlong forms, surrogates and what lies above U+10FFFF */
    uint32_t length = b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    uint8_t low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;
    if (b[0] < 0xc2 || b[0] > 0xf4 || left < length || b[1] < low || b[1] > high) {
        return 0;
    }
    for (uint32_t i = 2; i < length; i++) {
        if ((b[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

bool lw__utf8_valid(lw_str text) {
    uint32_t at = 0;
    while (at < text.len) {
        if (text.len - at >= 8 && (lw__load64(text.ptr + at) & UINT64_C(0x8080808080808080)) == 0) {
            at += 8;
            continue;
        }
        uint32_t length = lw__utf8_length(text.ptr + at, text.len - at);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

uint32_t lw__utf8_count(lw_str text) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        count += ((uint8_t)text.ptr[i] & 0xc0) != 0x80;
    }
    return count;
}

uint32_t lw__utf8_put(uint32_t code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    uint32_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (uint32_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(lead[length] | code);
    return length;
}
