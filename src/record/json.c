/*
 * json.c: the strict JSON reader.
 *
 * Strings are passed eight bytes at a time while they are plain ASCII (the word trick in json.h); only escapes and
 * multi-byte characters are looked at one by one. Skipping a value walks with an explicit stack of at most LW_MAX_DEPTH
 * levels, no recursion. That names in an object are unique is checked when the object closes, by taking them in order,
 * so many at a time, so that no object is too large for the memory at hand.
 */
#include "record/json.h"

enum { MANY = 1024 }; /* names that are sorted at a time, to see whether one stands twice */

bool lw__json_fail(lw__json *j, int32_t err, const char *at, uint32_t length, const char *message) {
    j->err = err;
    j->at = at;
    j->length = length;
    j->message = message;
    return false;
}

/* The value of four hex digits at p, or -1. */
static int32_t hex4(const char *p, const char *end) {
    int32_t value = 0;
    if (end - p < 4) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int32_t digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        digit = c >= 'A' && c <= 'F' ? c - 'A' + 10 : digit;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

/* Checks the escape at p (its backslash); returns its length, or 0 with the error set. */
static uint32_t escape(lw__json *j, const char *p) {
    char c = j->end - p >= 2 ? p[1] : 0;
    if (c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't') {
        return 2;
    }
    int32_t unit = c == 'u' ? hex4(p + 2, j->end) : -1;
    if (unit < 0) {
        lw__json_fail(j, LW_ERR_SYNTAX, p, 1,
                      "a backslash must be followed by one of \" \\ / b f n r t or u and four hex digits");
        return 0;
    }
    if (unit == 0) {
        lw__json_fail(j, LW_ERR_UTF8, p, 6, "U+0000 is not allowed in a text");
        return 0;
    }
    if (unit < 0xd800 || unit > 0xdfff) {
        return 6;
    }
    /* a high surrogate must be followed by a low one */
    if (unit < 0xdc00 && j->end - p >= 8 && p[6] == '\\' && p[7] == 'u') {
        int32_t low = hex4(p + 8, j->end);
        if (low >= 0xdc00 && low <= 0xdfff) {
            return 12;
        }
    }
    lw__json_fail(j, LW_ERR_UTF8, p, 6, "half a surrogate pair is not a character");
    return 0;
}

bool lw__json_string_slow(lw__json *j, const char *p, lw__text *out) {
    while (p < j->end) {
        uint8_t c = (uint8_t)*p;
        if (c == '"') {
            out->len = (uint32_t)(p - out->ptr);
            j->p = p + 1;
            return true;
        }
        if (c == '\\') {
            uint32_t length = escape(j, p);
            if (length == 0) {
                return false;
            }
            out->escaped = true;
            p += length;
        } else if (c < 0x20) {
            return lw__json_fail(j, LW_ERR_SYNTAX, p, 1, "a control character must be written as an escape");
        } else {
            uint32_t length = lw__utf8_length(p, (size_t)(j->end - p));
            if (length == 0) {
                return lw__json_fail(j, LW_ERR_UTF8, p, 1, "this is not valid UTF-8");
            }
            p += length;
        }
    }
    return lw__json_fail(j, LW_ERR_SYNTAX, out->ptr - 1, 1, "this text is not closed by a quote");
}

static bool is_digit(const char *p, const char *end) {
    return p < end && (uint8_t)(*p - '0') <= 9;
}

bool lw__json_number(lw__json *j, lw__number *out) {
    const char *p = j->p;
    bool minus = *p == '-';
    p += minus;
    if (!is_digit(p, j->end)) {
        return lw__json_fail(j, LW_ERR_NUMBER, j->p, 1, "a minus sign must be followed by a digit");
    }
    /* the whole part: no leading zero; 16 digits are enough to be out of every range */
    int64_t value = 0;
    const char *first = p;
    for (; is_digit(p, j->end); p++) {
        value = value < INT64_C(1000000000000000) ? value * 10 + (*p - '0') : value;
    }
    if (*first == '0' && p - first > 1) {
        return lw__json_fail(j, LW_ERR_NUMBER, j->p, (uint32_t)(p - j->p), "a number must not begin with a zero");
    }
    value *= 100;
    /* the fraction: two decimals count */
    uint32_t decimals = 0;
    if (p < j->end && *p == '.') {
        p++;
        for (int32_t weight = 10; is_digit(p, j->end); p++, weight /= 10) {
            value += weight * (*p - '0');
            decimals++;
        }
        if (decimals == 0) {
            return lw__json_fail(j, LW_ERR_NUMBER, j->p, (uint32_t)(p - j->p),
                                 "a decimal point must be followed by a digit");
        }
    }
    bool exponent = p < j->end && (*p == 'e' || *p == 'E');
    if (exponent) {
        p++;
        if (p < j->end && (*p == '+' || *p == '-')) {
            p++;
        }
        if (!is_digit(p, j->end)) {
            return lw__json_fail(j, LW_ERR_NUMBER, j->p, (uint32_t)(p - j->p), "an exponent must have a digit");
        }
        while (is_digit(p, j->end)) {
            p++;
        }
    }
    out->text = (lw_str){j->p, (uint32_t)(p - j->p)};
    out->x100 = minus ? -value : value;
    out->decimals = decimals;
    out->exponent = exponent;
    j->p = p;
    return true;
}

bool lw__json_literal(lw__json *j, const char *word, uint32_t len) {
    if ((size_t)(j->end - j->p) < len || !lw__same(j->p, word, len)) {
        return lw__json_fail(
            j, LW_ERR_SYNTAX, j->p, 1,
            "expected a value: an object, a list, a text in double quotes, a number, true, false or null");
    }
    j->p += len;
    return true;
}

/* A value that is neither object nor list. */
static bool scalar(lw__json *j, char c) {
    lw__text text;
    lw__number number;
    switch (c) {
    case '"':
        return lw__json_string(j, &text);
    case 't':
        return lw__json_literal(j, "true", 4);
    case 'f':
        return lw__json_literal(j, "false", 5);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return lw__json_number(j, &number);
    default:
        return lw__json_literal(j, "null", 4);
    }
}

/* Passes a member's name and its colon. */
static bool name(lw__json *j) {
    lw__text text;
    if (lw__json_peek(j) != '"') {
        return lw__json_fail(j, LW_ERR_SYNTAX, j->p, 1, "expected a member's name in double quotes");
    }
    if (!lw__json_string(j, &text)) {
        return false;
    }
    if (lw__json_peek(j) != ':') {
        return lw__json_fail(j, LW_ERR_SYNTAX, j->p, 1, "expected a colon after the member's name");
    }
    j->p++;
    return true;
}

/* Refuses a name that stands twice in the object that begins at p. */
static bool unique(lw__json *j, const char *p) {
    const char *names[MANY];
    lw__sorted members = {.names = names, .cap = MANY};
    const char *last = NULL;
    for (;;) {
        lw__json_sorted(p, last, &members);
        if (members.twice != NULL) {
            return lw__json_fail(j, LW_ERR_DUPLICATE_MEMBER, members.twice, 1,
                                 "this member stands twice in one object");
        }
        if (members.count < MANY) {
            return true;
        }
        last = names[MANY - 1];
    }
}

bool lw__json_skip(lw__json *j, uint32_t open) {
    const char *starts[LW_MAX_DEPTH];
    bool many[LW_MAX_DEPTH]; /* the object has more than one member */
    uint32_t level = 0;
    for (;;) {
        /* a value: go into what is not empty, pass everything else */
        char c = lw__json_peek(j);
        if (c == '{' || c == '[') {
            if (open + level == LW_MAX_DEPTH) {
                return lw__json_fail(j, LW_ERR_DEPTH, j->p, 1, "nesting is limited to 16 levels");
            }
            starts[level] = j->p++;
            many[level] = false;
            level++;
            char close = c == '{' ? '}' : ']';
            if (lw__json_peek(j) != close) {
                if (c == '{' && !name(j)) {
                    return false;
                }
                continue;
            }
        } else if (!scalar(j, c)) {
            return false;
        } else if (level == 0) {
            return true;
        } else {
            c = lw__json_peek(j);
        }
        /* what follows a value inside: the next one, or ends */
        for (;;) {
            bool object = *starts[level - 1] == '{';
            c = lw__json_peek(j);
            if (c == ',') {
                j->p++;
                many[level - 1] = true;
                if (object && !name(j)) {
                    return false;
                }
                break;
            }
            if (c != (object ? '}' : ']')) {
                return lw__json_fail(j, LW_ERR_SYNTAX, j->p, 1,
                                     object ? "expected a comma or a closing brace"
                                            : "expected a comma or a closing bracket");
            }
            j->p++;
            level--;
            if (object && many[level] && !unique(j, starts[level])) {
                return false;
            }
            if (level == 0) {
                return true;
            }
        }
    }
}

bool lw__json_check(lw__json *j) {
    if (!lw__json_skip(j, 0)) {
        return false;
    }
    if (lw__json_peek(j) != 0 || j->p < j->end) {
        return lw__json_fail(j, LW_ERR_SYNTAX, j->p, 1, "nothing may follow the value");
    }
    return true;
}

const char *lw__json_solid(const char *p) {
    while (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n') {
        p++;
    }
    return p;
}

/* After the closing quote of the string whose opening quote is at p. */
static const char *after_string(const char *p) {
    for (p++; *p != '"'; p++) {
        p += *p == '\\';
    }
    return p + 1;
}

const char *lw__json_after(const char *p) {
    if (*p == '"') {
        return after_string(p);
    }
    if (*p == '{' || *p == '[') {
        uint32_t level = 0;
        do {
            if (*p == '"') {
                p = after_string(p);
                continue;
            }
            /* braces and brackets differ from each other only in bit 5, opening from closing in bit 1 */
            level += (*p | 0x20) == '{';
            level -= (*p | 0x20) == '}';
            p++;
        } while (level > 0);
        return p;
    }
    while ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || *p == '-' || *p == '+' || *p == '.' || *p == 'E') {
        p++;
    }
    return p;
}

uint32_t lw__json_code(const char *p, uint32_t *length) {
    static const char names[] = "b\bf\fn\nr\rt\t";
    *length = 2;
    if (p[1] != 'u') {
        for (uint32_t i = 0; i < sizeof names - 1; i += 2) {
            if (names[i] == p[1]) {
                return (uint32_t)names[i + 1];
            }
        }
        return (uint32_t)p[1];
    }
    uint32_t unit = (uint32_t)hex4(p + 2, p + 6);
    *length = 6;
    if (unit >= 0xd800 && unit <= 0xdfff) {
        *length = 12;
        return 0x10000 + ((unit & 0x3ff) << 10) + ((uint32_t)hex4(p + 8, p + 12) & 0x3ff);
    }
    return unit;
}

uint32_t lw__json_unescape(lw__text text, char *out) {
    uint32_t used = 0;
    for (uint32_t at = 0; at < text.len;) {
        if (text.ptr[at] != '\\') {
            out[used++] = text.ptr[at++];
            continue;
        }
        uint32_t length;
        uint32_t code = lw__json_code(text.ptr + at, &length);
        used += lw__utf8_put(code, out + used);
        at += length;
    }
    return used;
}

/* The character at *p, an escape or not, as UTF-8 bytes in one number that orders as code points do; goes on. */
static uint32_t next_code(const char **p) {
    char bytes[4] = {0};
    uint32_t length;
    if (**p == '\\') {
        lw__utf8_put(lw__json_code(*p, &length), bytes);
    } else {
        length = lw__utf8_length(*p, 4);
        memcpy(bytes, *p, length);
    }
    *p += length;
    return (uint32_t)(uint8_t)bytes[0] << 24 | (uint32_t)(uint8_t)bytes[1] << 16 | (uint32_t)(uint8_t)bytes[2] << 8 |
           (uint32_t)(uint8_t)bytes[3];
}

int lw__json_compare(const char *a, const char *b) {
    /* plain characters, as long as they are the same */
    for (a++, b++; *a == *b && *a != '"' && *a != '\\';) {
        a++, b++;
    }
    if (*a != '\\' && *b != '\\' && *a != '"' && *b != '"') {
        return (uint8_t)*a < (uint8_t)*b ? -1 : 1;
    }
    /* from an escape on, character by character */
    while (*a != '"' && *b != '"') {
        uint32_t x = next_code(&a);
        uint32_t y = next_code(&b);
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return (*b == '"') - (*a == '"');
}

bool lw__json_first(const char **p) {
    *p = lw__json_solid(*p + 1);
    return **p != '}';
}

const char *lw__json_value(const char *p) {
    return lw__json_solid(lw__json_solid(after_string(p)) + 1);
}

bool lw__json_next(const char **p) {
    *p = lw__json_solid(lw__json_after(lw__json_value(*p)));
    if (**p == '}') {
        return false;
    }
    *p = lw__json_solid(*p + 1);
    return true;
}

/* Where a name belongs among sorted ones: after all that stand before it. */
static uint32_t place(const char *const *names, uint32_t count, const char *p) {
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (lw__json_compare(names[middle], p) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void lw__json_sorted(const char *p, const char *after, lw__sorted *out) {
    out->count = 0;
    out->twice = NULL;
    for (bool more = lw__json_first(&p); more; more = lw__json_next(&p)) {
        if (after != NULL && lw__json_compare(p, after) <= 0) {
            continue;
        }
        /* insert it among those found, the largest falls out when there are too many */
        uint32_t at = place(out->names, out->count, p);
        if (at > 0 && lw__json_compare(out->names[at - 1], p) == 0) {
            out->twice = p;
        }
        if (at == out->cap) {
            continue;
        }
        out->count += out->count < out->cap;
        memmove(out->names + at + 1, out->names + at, sizeof *out->names * (out->count - 1 - at));
        out->names[at] = p;
    }
    out->end = p + 1;
}
