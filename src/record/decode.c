/*
 * decode.c: one line of a record to one event, in one pass.
 *
 * The line is walked once. A member's name is found by one multiplication in a generated table (tables.h), which says
 * what the value must be, what is allowed and where in the C struct it goes. Rules between members are masks over the
 * members that were given. Only when something is wrong is a path and a sentence put together, so the good case
 * costs nothing for it.
 *
 * `data` can only be read once `kind` is known. Where it comes earlier it is checked and passed, and decoded when the
 * rest of the line has been read. What depends on the author is checked last.
 *
 * A line that is refused may be of a newer format: when it is sound JSON and its `v` is a larger whole number, that is
 * the answer, whatever else was wrong with it.
 */
#include "record/json.h"
#include "record/record_internal.h"
#include "record/tables.h"

enum { LEVELS = 4, MAX_LIST = 128 };

typedef struct decoder {
    lw__json j;
    lw_str text;
    uint32_t line;
    uint32_t open;  /* objects and lists open around the value that is read */
    uint32_t level; /* of the path */
    lw_str names[LEVELS];
    int32_t indices[LEVELS]; /* of a list, or -1 */
    lw_arena *result;
    lw_diag *diag;
    const char *clinician_at; /* a value that only a clinician may write, or NULL */
    lw_str clinician_name;
} decoder;

/* ------------------------------------------------------------------------------------------------- diagnostics */

/* The path of the member that is read: "data.sets[2].pain". */
static void put_path(decoder *d) {
    lw__writer w = lw__writer_over(d->diag->member, sizeof d->diag->member);
    for (uint32_t i = 0; i <= d->level; i++) {
        if (d->names[i].len > 0) {
            if (i > 0) {
                lw__put_char(&w, '.');
            }
            lw__put(&w, d->names[i]);
        }
        if (d->indices[i] >= 0) {
            lw__put_char(&w, '[');
            lw__put_int(&w, d->indices[i]);
            lw__put_char(&w, ']');
        }
    }
    lw__put_end(&w);
}

/* Fills all of the diagnostic but the message, and returns a writer for that; end it with lw__put_end. */
static lw__writer begin(decoder *d, int32_t err, const char *at, size_t length) {
    memset(d->diag, 0, sizeof *d->diag);
    d->diag->err = err;
    d->diag->line = d->line;
    d->diag->column = (uint32_t)(at - d->text.ptr) + 1;
    d->diag->length = (uint32_t)length;
    put_path(d);
    return lw__writer_over(d->diag->message, sizeof d->diag->message);
}

static int32_t fail(decoder *d, int32_t err, const char *at, size_t length, const char *message) {
    lw__writer w = begin(d, err, at, length);
    lw__put_c(&w, message);
    lw__put_end(&w);
    return err;
}

static void put_hint(decoder *d, const char *before, const char *text, const char *after) {
    lw__writer w = lw__writer_over(d->diag->hint, sizeof d->diag->hint);
    lw__put_c(&w, before);
    lw__put_c(&w, text);
    lw__put_c(&w, after);
    lw__put_end(&w);
}

/* Hands on what the JSON reader found. */
static int32_t json_error(decoder *d) {
    return fail(d, d->j.err, d->j.at, d->j.length, d->j.message);
}

static const char *name_of(const void *names, uint32_t i) {
    return ((const lw__names *)names)->names[i].text;
}

/* "did you mean pain_morning?", when a name is near enough. */
static void hint_nearest(decoder *d, lw_str text, const lw__names *names) {
    int32_t i = lw__nearest(text, name_of, names, names->count);
    if (i >= 0) {
        put_hint(d, "did you mean ", names->names[i].text, "?");
    }
}

/* The allowed words: "running, sprint or none". */
static void put_words(lw__writer *w, const lw__names *names, uint32_t only) {
    uint32_t left = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        left += only == 0 || (only >> i & 1) != 0;
    }
    for (uint32_t i = 0; i < names->count; i++) {
        if (only == 0 || (only >> i & 1) != 0) {
            lw__put_c(w, names->names[i].text);
            left--;
            lw__put_c(w, left > 1 ? ", " : left == 1 ? " or " : "");
        }
    }
}

/* "0 to 10", in whole units or hundredths. */
static void put_range(lw__writer *w, const lw__member *m, bool hundredths) {
    int32_t scale = hundredths ? 1 : 100;
    lw__put_x100(w, m->min * scale);
    lw__put_c(w, " to ");
    lw__put_x100(w, m->max * scale);
    lw__put_c(w, m->unit[0] != '\0' ? " " : "");
    lw__put_c(w, m->unit);
}

/* What a member's value, or an item of its list, must be. */
static void put_expected(lw__writer *w, const lw__member *m, uint32_t type) {
    switch (type) {
    case LW__TYPE_INT:
        if (m->only != 0) {
            const char *between = "";
            for (int32_t i = m->min; i <= m->max; i++) {
                if ((m->only >> i & 1) != 0) {
                    lw__put_c(w, between);
                    lw__put_int(w, i);
                    between = " or ";
                }
            }
            return;
        }
        lw__put_c(w, "a whole number, ");
        put_range(w, m, false);
        lw__put_c(w, ", without fraction or exponent");
        return;
    case LW__TYPE_DECIMAL:
        lw__put_c(w, "a number, ");
        put_range(w, m, true);
        lw__put_c(w, ", with at most two decimals and no exponent");
        return;
    case LW__TYPE_BOOL:
        lw__put_c(w, "true or false");
        return;
    case LW__TYPE_WORD:
        put_words(w, m->words, m->only);
        return;
    case LW__TYPE_TEXT:
        lw__put_c(w, "a text of 1 to ");
        lw__put_int(w, m->max_length);
        lw__put_c(w, " characters");
        return;
    case LW__TYPE_DATE:
        lw__put_c(w, "a real date, YYYY-MM-DD");
        return;
    case LW__TYPE_UUID:
        lw__put_c(w, "a UUID in lower case, 8-4-4-4-12 hex digits");
        return;
    case LW__TYPE_SHA256:
        lw__put_c(w, "64 lower-case hex digits");
        return;
    case LW__TYPE_SCALAR:
        lw__put_c(w, "a number, ");
        put_range(w, m, true);
        lw__put_c(w, ", or a text");
        return;
    case LW__TYPE_INT_PAIR:
    case LW__TYPE_DECIMAL_PAIR:
        lw__put_c(w, "an object with left and right");
        return;
    case LW__TYPE_TESTS:
        lw__put_c(w, "an object of tests and results");
        return;
    case LW__TYPE_SETS:
        lw__put_c(w, "an object that describes a set");
        return;
    default:
        lw__put_c(w, "an object of implements and weights");
        return;
    }
}

/* Refuses a value: says what it must be and shows what it is. */
static int32_t refuse(decoder *d, int32_t err, const char *at, const lw__member *m, uint32_t type) {
    enum { SHOWN = 40 };
    /* as much of the value as can be shown: one line of text may be anything up to here */
    const char *end = at;
    bool quoted = end < d->j.end && *end == '"';
    while (end < d->j.end &&
           (end == at || (quoted ? end[-1] != '"' || end == at + 1 : *end != ',' && *end != '}' && *end != ']'))) {
        end++;
    }
    lw__writer w = begin(d, err, at, (size_t)(end - at));
    lw__put_c(&w, "must be ");
    put_expected(&w, m, type);
    if (end - at <= SHOWN && lw__utf8_valid((lw_str){at, (uint32_t)(end - at)})) {
        lw__put_c(&w, "; it is ");
        lw__put(&w, (lw_str){at, (uint32_t)(end - at)});
    }
    lw__put_end(&w);
    return err;
}

int32_t lw__diag(lw_diag *diag, int32_t err, uint32_t line, const char *message, const char *hint) {
    decoder d = {.diag = diag, .line = line, .indices = {-1}};
    fail(&d, err, NULL, 0, message);
    diag->column = line == 0 ? 0 : 1;
    if (hint != NULL) {
        put_hint(&d, hint, "", "");
    }
    return err;
}

/* --------------------------------------------------------------------------------------------------------- names */

/* Index of a name in a table, or -1. readable: bytes that may be read from ptr on. */
static inline int32_t find(const lw__names *names, const char *ptr, uint32_t len, size_t readable) {
    uint64_t head = 0, tail = 0;
    if (len >= 8) {
        head = lw__load64(ptr);
        tail = lw__load64(ptr + len - 8);
    } else if (LW_LIKELY(readable >= 8)) {
        head = lw__load64(ptr) & ((UINT64_C(1) << (8 * len)) - 1);
    } else {
        for (uint32_t i = 0; i < len; i++) {
            head |= (uint64_t)(uint8_t)ptr[i] << (8 * i);
        }
    }
    uint8_t slot = names->slots[(head + 31 * tail + len) * names->mul >> names->shift];
    if (slot == 255) {
        return -1;
    }
    const lw__name *name = &names->names[slot];
    if (name->head != head || name->tail != tail || name->len != len) {
        return -1;
    }
    return len <= 16 || lw__same(name->text + 8, ptr + 8, len - 16) ? slot : -1;
}

/* A string without escapes, in the line or in the buffer. What is too long to be any name keeps its escapes. */
enum { PLAIN = 192 };
static lw_str plain(lw__text text, char buffer[PLAIN]) {
    if (!text.escaped || text.len > PLAIN) {
        return (lw_str){text.ptr, text.len};
    }
    return (lw_str){buffer, lw__json_unescape(text, buffer)};
}

static int32_t find_text(const lw__names *names, lw__text text, const char *end) {
    if (LW_LIKELY(!text.escaped)) {
        return find(names, text.ptr, text.len, (size_t)(end - text.ptr));
    }
    char buffer[PLAIN];
    lw_str name = plain(text, buffer);
    return find(names, name.ptr, name.len, name.len);
}

/* -------------------------------------------------------------------------------------------------------- scalars */

/* A string without escapes, in the line or in the arena. */
static int32_t unescape(decoder *d, lw__text text, lw_str *out) {
    *out = (lw_str){text.ptr, text.len};
    if (LW_UNLIKELY(text.escaped)) {
        char *copy = lw__alloc(d->result, text.len, 1);
        if (copy == NULL) {
            return fail(d, LW_ERR_NO_MEMORY, text.ptr, text.len, "the result arena is too small for this text");
        }
        *out = (lw_str){copy, lw__json_unescape(text, copy)};
    }
    return 0;
}

/* Reads the string that must stand here. */
static inline int32_t read_string(decoder *d, const lw__member *m, uint32_t type, lw__text *text) {
    if (LW_UNLIKELY(lw__json_peek(&d->j) != '"')) {
        return refuse(d, LW_ERR_TYPE, d->j.p, m, type);
    }
    return LW_LIKELY(lw__json_string(&d->j, text)) ? 0 : json_error(d);
}

static int32_t read_text(decoder *d, const lw__member *m, lw_str *out) {
    lw__text text;
    const char *at = d->j.p;
    int32_t err = read_string(d, m, LW__TYPE_TEXT, &text);
    err = err != 0 ? err : unescape(d, text, out);
    if (err == 0 && (out->len == 0 || (out->len > m->max_length && lw__utf8_count(*out) > m->max_length))) {
        err = refuse(d, LW_ERR_RANGE, at, m, LW__TYPE_TEXT);
    }
    return err;
}

/* Reads a word; *out is its index. */
static inline int32_t read_word(decoder *d, const lw__member *m, uint32_t *out) {
    lw__text text;
    const char *at = d->j.p;
    int32_t err = read_string(d, m, LW__TYPE_WORD, &text);
    if (LW_UNLIKELY(err != 0)) {
        return err;
    }
    int32_t i = find_text(m->words, text, d->j.end);
    if (LW_UNLIKELY(i < 0 || (m->only != 0 && (m->only >> i & 1) == 0))) {
        char buffer[PLAIN];
        refuse(d, LW_ERR_VALUE, at, m, LW__TYPE_WORD);
        if (i < 0) {
            hint_nearest(d, plain(text, buffer), m->words);
        }
        return LW_ERR_VALUE;
    }
    *out = (uint32_t)i;
    return 0;
}

/* Reads a number, type LW__TYPE_INT or LW__TYPE_DECIMAL; *out is in the member's scale. */
static inline int32_t read_number(decoder *d, const lw__member *m, uint32_t type, int32_t *out) {
    lw__number number;
    char c = lw__json_peek(&d->j);
    const char *at = d->j.p;
    /* most numbers are one or two digits */
    uint32_t tens = (uint32_t)(uint8_t)c - '0';
    if (LW_LIKELY(d->j.end - at > 2 && tens <= 9)) {
        uint32_t ones = (uint32_t)(uint8_t)at[1] - '0';
        uint32_t digits = ones <= 9 && tens > 0 ? 2 : 1;
        char next = at[digits];
        if (LW_LIKELY(next == ',' || next == '}' || next == ']')) {
            int32_t value = (int32_t)(digits == 2 ? tens * 10 + ones : tens) * (type == LW__TYPE_DECIMAL ? 100 : 1);
            if (LW_LIKELY(value >= m->min && value <= m->max && m->only == 0)) {
                d->j.p += digits;
                *out = value;
                return 0;
            }
        }
    }
    if (tens > 9 && c != '-') {
        return refuse(d, LW_ERR_TYPE, at, m, type);
    }
    if (!lw__json_number(&d->j, &number)) {
        return json_error(d);
    }
    if (number.exponent || number.decimals > (type == LW__TYPE_INT ? 0 : 2)) {
        return refuse(d, LW_ERR_NUMBER, at, m, type);
    }
    int64_t value = type == LW__TYPE_INT ? number.x100 / 100 : number.x100;
    if (value < m->min || value > m->max) {
        return refuse(d, LW_ERR_RANGE, at, m, type);
    }
    if (m->only != 0 && (m->only >> value & 1) == 0) {
        return refuse(d, LW_ERR_VALUE, at, m, type);
    }
    *out = (int32_t)value;
    return 0;
}

static int32_t read_bool(decoder *d, const lw__member *m, uint8_t *out) {
    char c = lw__json_peek(&d->j);
    if (c != 't' && c != 'f') {
        return refuse(d, LW_ERR_TYPE, d->j.p, m, LW__TYPE_BOOL);
    }
    *out = c == 't';
    return lw__json_literal(&d->j, c == 't' ? "true" : "false", c == 't' ? 4 : 5) ? 0 : json_error(d);
}

static int32_t read_date(decoder *d, const lw__member *m, int32_t *out) {
    lw__text text;
    char buffer[PLAIN];
    const char *at = d->j.p;
    int32_t err = read_string(d, m, LW__TYPE_DATE, &text);
    if (err == 0 && !lw_day_parse(plain(text, buffer), out)) {
        err = refuse(d, LW_ERR_DATE, at, m, LW__TYPE_DATE);
    }
    return err;
}

/* One more than the value of a lower-case hex digit; 0 for any other byte. */
static const uint8_t hex_value[256] = {
    ['0'] = 1, ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16};

/* count bytes from 2 × count hex digits; false when one is not a lower-case hex digit. */
static inline bool hex_bytes(const char *p, uint32_t count, uint8_t *out) {
    uint32_t bad = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t high = hex_value[(uint8_t)p[2 * i]] - 1u;
        uint32_t low = hex_value[(uint8_t)p[2 * i + 1]] - 1u;
        bad |= high | low;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return bad < 16;
}

static int32_t read_uuid(decoder *d, const lw__member *m, uint8_t out[16]) {
    lw__text text;
    char buffer[PLAIN];
    lw__json_peek(&d->j);
    const char *at = d->j.p;
    int32_t err = read_string(d, m, LW__TYPE_UUID, &text);
    if (LW_UNLIKELY(err != 0)) {
        return err;
    }
    lw_str uuid = plain(text, buffer);
    const char *p = uuid.ptr;
    if (LW_LIKELY(uuid.len == 36 && p[8] == '-' && p[13] == '-' && p[18] == '-' && p[23] == '-' &&
                  hex_bytes(p, 4, out) && hex_bytes(p + 9, 2, out + 4) && hex_bytes(p + 14, 2, out + 6) &&
                  hex_bytes(p + 19, 2, out + 8) && hex_bytes(p + 24, 6, out + 10))) {
        return 0;
    }
    refuse(d, LW_ERR_VALUE, at, m, LW__TYPE_UUID);
    for (uint32_t i = 0; i < uuid.len; i++) {
        if (p[i] >= 'A' && p[i] <= 'F') {
            put_hint(d, "write it in lower case", "", "");
        }
    }
    return LW_ERR_VALUE;
}

static int32_t read_sha256(decoder *d, const lw__member *m, uint8_t out[32]) {
    lw__text text;
    char buffer[PLAIN];
    const char *at = d->j.p;
    int32_t err = read_string(d, m, LW__TYPE_SHA256, &text);
    if (err != 0) {
        return err;
    }
    lw_str hash = plain(text, buffer);
    return hash.len == 64 && hex_bytes(hash.ptr, 32, out) ? 0 : refuse(d, LW_ERR_VALUE, at, m, LW__TYPE_SHA256);
}

static int32_t read_scalar(decoder *d, const lw__member *m, lw_scalar *out) {
    char c = lw__json_peek(&d->j);
    out->is_text = c == '"';
    if (out->is_text) {
        return read_text(d, m, &out->text);
    }
    if (c != '-' && (c < '0' || c > '9')) {
        return refuse(d, LW_ERR_TYPE, d->j.p, m, LW__TYPE_SCALAR);
    }
    const char *at = d->j.p;
    int32_t err = read_number(d, m, LW__TYPE_DECIMAL, &out->x100);
    out->text = (lw_str){at, (uint32_t)(d->j.p - at)};
    return err;
}

/* ---------------------------------------------------------------------------------------------------------- lists */

/* Goes into a list. */
static int32_t list_begin(decoder *d) {
    if (lw__json_peek(&d->j) != '[') {
        return fail(d, LW_ERR_TYPE, d->j.p, 1, "must be a list in square brackets");
    }
    d->j.p++;
    d->open++;
    return 0;
}

/*
 * Steps to item i of a list of at most max items (0 for any number): 1 when it follows, 0 when the list has ended, or
 * an error.
 */
static int32_t list_next(decoder *d, const lw__member *m, uint32_t i, uint32_t max) {
    char c = lw__json_peek(&d->j);
    if (c == ']') {
        d->j.p++;
        d->open--;
        d->indices[d->level] = -1;
        if (i < m->min_items) {
            return fail(d, LW_ERR_RANGE, d->j.p - 1, 1, "this list must not be empty");
        }
        return 0;
    }
    if (i > 0) {
        if (c != ',') {
            return fail(d, LW_ERR_SYNTAX, d->j.p, 1, "expected a comma or a closing bracket");
        }
        d->j.p++;
        c = lw__json_peek(&d->j);
    }
    d->indices[d->level] = (int32_t)i;
    if (i == max) {
        lw__writer w = begin(d, LW_ERR_LIMIT, d->j.p, 1);
        lw__put_c(&w, "this list is limited to ");
        lw__put_int(&w, max);
        lw__put_c(&w, " items");
        lw__put_end(&w);
        return LW_ERR_LIMIT;
    }
    return 1;
}

/* Copies a list's items to the arena. */
static int32_t list_keep(decoder *d, const void *items, size_t size, size_t align, uint32_t count, const void **out) {
    *out = NULL;
    if (count == 0) {
        return 0;
    }
    void *copy = lw__alloc(d->result, size * count, align);
    if (copy == NULL) {
        return fail(d, LW_ERR_NO_MEMORY, d->j.p, 1, "the result arena is too small for this list");
    }
    memcpy(copy, items, size * count);
    *out = copy;
    return 0;
}

static int32_t read_words(decoder *d, const lw__member *m, uint32_t *out) {
    int32_t err = list_begin(d);
    for (uint32_t i = 0; err == 0 && (err = list_next(d, m, i, UINT32_MAX)) == 1; i++) {
        uint32_t word = 0;
        const char *at = d->j.p;
        err = read_word(d, m, &word);
        if (err == 0 && (*out >> word & 1) != 0) {
            err = fail(d, LW_ERR_VALUE, at, (size_t)(d->j.p - at), "this word stands twice in the list");
        }
        *out |= LW_BIT(word);
    }
    return err;
}

static int32_t read_texts(decoder *d, const lw__member *m, lw_texts *out) {
    lw_str items[MAX_LIST];
    const void *kept = NULL;
    uint32_t i = 0;
    int32_t err = list_begin(d);
    for (; err == 0 && (err = list_next(d, m, i, m->max_items)) == 1; i++) {
        lw__json_peek(&d->j);
        err = read_text(d, m, &items[i]);
    }
    err = err != 0 ? err : list_keep(d, items, sizeof *items, _Alignof(lw_str), i, &kept);
    *out = (lw_texts){kept, i};
    return err;
}

static int32_t read_uuids(decoder *d, const lw__member *m, lw_uuids *out) {
    uint8_t items[MAX_LIST][16];
    const void *kept = NULL;
    uint32_t i = 0;
    int32_t err = list_begin(d);
    for (; err == 0 && (err = list_next(d, m, i, m->max_items)) == 1; i++) {
        err = read_uuid(d, m, items[i]);
    }
    err = err != 0 ? err : list_keep(d, items, sizeof *items, 1, i, &kept);
    *out = (lw_uuids){(const uint8_t(*)[16])kept, i};
    return err;
}

static int32_t read_numbers(decoder *d, const lw__member *m, lw_numbers *out) {
    int32_t items[MAX_LIST];
    const void *kept = NULL;
    uint32_t i = 0;
    int32_t err = list_begin(d);
    for (; err == 0 && (err = list_next(d, m, i, m->max_items)) == 1; i++) {
        err = read_number(d, m, LW__TYPE_DECIMAL, &items[i]);
    }
    err = err != 0 ? err : list_keep(d, items, sizeof *items, _Alignof(int32_t), i, &kept);
    *out = (lw_numbers){kept, i};
    return err;
}

/* --------------------------------------------------------------------------------------------------------- objects */

static int32_t read_value(decoder *d, const lw__member *m, uint8_t *at);

/* The members of an object that is being read. */
typedef struct members {
    const char *start;
    uint32_t count;
    uint32_t extensions; /* members that begin with x_ */
    uint32_t has;        /* mask of the known ones */
} members;

/* Goes into an object. */
static int32_t object_begin(decoder *d, members *o) {
    *o = (members){.start = d->j.p};
    if (LW_NEVER(d->level + 1 >= LEVELS)) {
        return fail(d, LW_ERR_DEPTH, d->j.p, 1, "nested too deep");
    }
    d->j.p++;
    d->open++;
    d->level++;
    return 0;
}

/* Refuses an unknown member, with the nearest known name. */
static int32_t unknown_member(decoder *d, const lw__names *names, lw_str name) {
    lw__writer w = begin(d, LW_ERR_UNKNOWN_MEMBER, d->names[d->level].ptr, d->names[d->level].len);
    lw__put_c(&w, "is not a member of ");
    lw__put_c(&w, names->what);
    lw__put_c(&w, "; known are ");
    put_words(&w, names, 0);
    lw__put_end(&w);
    hint_nearest(d, name, names);
    if (d->diag->hint[0] == '\0') {
        put_hint(d, "members of your own begin with x_", "", "");
    }
    return LW_ERR_UNKNOWN_MEMBER;
}

/* What is neither a known member nor the end: an extension, which is passed, or an error. */
static int32_t other_member(decoder *d, members *o, const lw__names *names, lw__text text) {
    char buffer[PLAIN];
    lw_str name = plain(text, buffer);
    if (name.len < 2 || name.ptr[0] != 'x' || name.ptr[1] != '_') {
        return unknown_member(d, names, name);
    }
    o->extensions++;
    if (lw__json_peek(&d->j) != ':') {
        return fail(d, LW_ERR_SYNTAX, d->j.p, 1, "expected a colon after the member's name");
    }
    d->j.p++;
    return lw__json_skip(&d->j, d->open) ? 0 : json_error(d);
}

/* Names of extensions are unique too. */
static int32_t object_end(decoder *d, members *o) {
    d->j.p++;
    d->open--;
    d->names[d->level].len = 0;
    if (LW_UNLIKELY(o->extensions > 1)) {
        lw__json again = lw__json_over((lw_str){o->start, (uint32_t)(d->j.p - o->start)});
        if (!lw__json_check(&again)) {
            return fail(d, again.err, again.at, again.length, again.message);
        }
    }
    d->level--;
    return 0;
}

/*
 * Steps to the next known member of an object, passing extensions: its index, -1 when the object has ended, or an
 * error (below -1, as no error of ours is -1 but LW_ERR_NO_MEMORY, which cannot happen here).
 */
static inline int32_t object_next(decoder *d, members *o, const lw__names *names) {
    for (;;) {
        char c = lw__json_peek(&d->j);
        if (c == '}') {
            int32_t err = object_end(d, o);
            return err != 0 ? err : -1;
        }
        if (o->count > 0) {
            if (LW_UNLIKELY(c != ',')) {
                return fail(d, LW_ERR_SYNTAX, d->j.p, 1, "expected a comma or a closing brace");
            }
            d->j.p++;
            c = lw__json_peek(&d->j);
        }
        o->count++;
        lw__text text;
        if (LW_UNLIKELY(c != '"')) {
            return fail(d, LW_ERR_SYNTAX, d->j.p, 1, "expected a member's name in double quotes");
        }
        if (LW_UNLIKELY(!lw__json_string(&d->j, &text))) {
            return json_error(d);
        }
        d->names[d->level] = (lw_str){text.ptr, text.len};
        int32_t i = find_text(names, text, d->j.end);
        if (LW_UNLIKELY(i < 0)) {
            int32_t err = other_member(d, o, names, text);
            if (err != 0) {
                return err;
            }
            continue;
        }
        if (LW_UNLIKELY((o->has >> i & 1) != 0)) {
            return fail(d, LW_ERR_DUPLICATE_MEMBER, text.ptr - 1, text.len + 2,
                        "this member stands twice in one object");
        }
        o->has |= LW_BIT(i);
        if (LW_UNLIKELY(lw__json_peek(&d->j) != ':')) {
            return fail(d, LW_ERR_SYNTAX, d->j.p, 1, "expected a colon after the member's name");
        }
        d->j.p++;
        lw__json_peek(&d->j);
        return i;
    }
}

/* Names the members of a mask in a message. */
static int32_t refuse_members(decoder *d, int32_t err, const members *o, const lw__names *names, uint32_t mask,
                              const char *before, const char *after) {
    /* the path ends in the member when there is but one */
    uint32_t first = (uint32_t)__builtin_ctz(mask);
    bool single = (mask & (mask - 1)) == 0;
    uint32_t level = d->level;
    if (single) {
        d->level = level + 1;
        d->names[d->level] = lw__str(names->names[first].text);
        d->indices[d->level] = -1;
    }
    lw__writer w = begin(d, err, o->start, 1);
    lw__put_c(&w, before);
    put_words(&w, names, mask);
    lw__put_c(&w, after);
    lw__put_end(&w);
    d->level = level;
    return err;
}

/* Checks the rules between the members of an object that do not depend on its author. */
static int32_t check_members(decoder *d, const lw__object *object, const members *o) {
    uint32_t missing = object->required & ~o->has;
    uint32_t one = object->exactly_one & o->has;
    uint32_t most = object->at_most_one & o->has;
    if (LW_UNLIKELY(missing != 0)) {
        return refuse_members(d, LW_ERR_MISSING, o, object->names, missing & (0 - missing), "the required member ",
                              " is missing");
    }
    if (LW_LIKELY((object->exactly_one | object->at_most_one | object->unless) == 0)) {
        return 0;
    }
    if (object->exactly_one != 0 && one == 0) {
        return refuse_members(d, LW_ERR_MISSING, o, object->names, object->exactly_one, "exactly one of ",
                              " is required; none is given");
    }
    if ((one & (one - 1)) != 0) {
        return refuse_members(d, LW_ERR_VALUE, o, object->names, object->exactly_one, "exactly one of ",
                              " is required; more than one is given");
    }
    if ((most & (most - 1)) != 0) {
        return refuse_members(d, LW_ERR_VALUE, o, object->names, object->at_most_one, "at most one of ",
                              " may be given; they are never converted into each other");
    }
    if ((object->unless & o->has) != 0 && (object->unless_needs & o->has) != 0) {
        return refuse_members(d, LW_ERR_VALUE, o, object->names, object->unless_needs & o->has,
                              "with skip there is no ", "");
    }
    missing = object->unless_needs & ~o->has;
    if ((object->unless & o->has) == 0 && missing != 0) {
        return refuse_members(d, LW_ERR_MISSING, o, object->names, missing & (0 - missing), "the member ",
                              " is missing; it is required unless skip says why it was not done");
    }
    return 0;
}

/* Reads an object by its table into base; *has receives the mask. */
static int32_t read_object(decoder *d, const lw__object *object, uint8_t *base, members *o) {
    int32_t err = object_begin(d, o);
    int32_t i = 0;
    while (err == 0 && (i = object_next(d, o, object->names)) >= 0) {
        err = read_value(d, &object->members[i], base + object->members[i].offset);
    }
    if (err != 0 || i < -1) {
        return err != 0 ? err : i;
    }
    return check_members(d, object, o);
}

static int32_t read_pair(decoder *d, const lw__member *m, uint32_t type, lw_pair *out) {
    members o;
    int32_t i = 0;
    if (lw__json_peek(&d->j) != '{') {
        return refuse(d, LW_ERR_TYPE, d->j.p, m, type);
    }
    int32_t err = object_begin(d, &o);
    while (err == 0 && (i = object_next(d, &o, lw__object_pair.names)) >= 0) {
        err = read_number(d, m, type == LW__TYPE_INT_PAIR ? LW__TYPE_INT : LW__TYPE_DECIMAL,
                          i == LW_SIDE_LEFT ? &out->left : &out->right);
    }
    out->has = o.has;
    return err != 0 ? err : i < -1 ? i : 0;
}

static const lw__member pain_result = {.type = LW__TYPE_DECIMAL, .max = 1000, .unit = ""};

static int32_t read_tests(decoder *d, const lw__member *m, lw_tests *out) {
    members o;
    int32_t i = 0;
    if (lw__json_peek(&d->j) != '{') {
        return refuse(d, LW_ERR_TYPE, d->j.p, m, LW__TYPE_TESTS);
    }
    int32_t err = object_begin(d, &o);
    while (err == 0 && (i = object_next(d, &o, lw__test_words)) >= 0) {
        if (i < LW_PAIN_TESTS) {
            int32_t value = 0;
            err = read_number(d, &pain_result, LW__TYPE_DECIMAL, &value);
            out->value_x100[i] = (int16_t)value;
        } else {
            lw__member finding = {.type = LW__TYPE_WORD, .words = lw__finding_words, .unit = ""};
            uint32_t value = 0;
            err = read_word(d, &finding, &value);
            out->value_x100[i] = value == LW_FINDING_POSITIVE ? 1000 : 0;
        }
    }
    out->has = o.has;
    return err != 0 ? err : i < -1 ? i : 0;
}

static int32_t read_sets(decoder *d, const lw__member *m, lw_sets *out) {
    struct lw_set items[MAX_LIST / 2];
    const void *kept = NULL;
    uint32_t i = 0;
    int32_t err = list_begin(d);
    for (; err == 0 && (err = list_next(d, m, i, m->max_items)) == 1; i++) {
        members o;
        if (lw__json_peek(&d->j) != '{') {
            return refuse(d, LW_ERR_TYPE, d->j.p, m, LW__TYPE_SETS);
        }
        memset(&items[i], 0, sizeof items[i]);
        err = read_object(d, &lw__object_set, (uint8_t *)&items[i], &o);
        items[i].has = o.has;
    }
    err = err != 0 ? err : list_keep(d, items, sizeof *items, _Alignof(struct lw_set), i, &kept);
    *out = (lw_sets){kept, i};
    return err;
}

static int32_t read_loads(decoder *d, const lw__member *m, lw_loads *out) {
    lw_load items[LW_EQUIPMENTS];
    members o;
    const void *kept = NULL;
    uint32_t count = 0;
    int32_t i = 0;
    if (lw__json_peek(&d->j) != '{') {
        return refuse(d, LW_ERR_TYPE, d->j.p, m, LW__TYPE_LOADS);
    }
    int32_t err = object_begin(d, &o);
    while (err == 0 && (i = object_next(d, &o, lw__equipment_words)) >= 0) {
        lw_load *load = &items[count++];
        *load = (lw_load){.implement = (uint8_t)i};
        if (lw__json_peek(&d->j) == '{') {
            members steps;
            err = read_object(d, &lw__object_load_steps, (uint8_t *)load, &steps);
        } else {
            lw_numbers list = {NULL, 0};
            err = read_numbers(d, m, &list);
            load->items_x100 = list.items;
            load->count = list.count;
        }
    }
    err = err != 0 ? err : i < -1 ? i : 0;
    err = err != 0 ? err : list_keep(d, items, sizeof *items, _Alignof(lw_load), count, &kept);
    *out = (lw_loads){kept, count};
    return err;
}

/* Remembers a value that only a clinician may write. */
static void note_clinician_only(decoder *d, const lw__member *m, uint32_t value, const char *at) {
    if (LW_UNLIKELY((m->clinician_only >> value & 1) != 0)) {
        d->clinician_at = at;
        d->clinician_name = d->names[d->level];
    }
}

/* Reads one member's value by its type to where it belongs. */
static int32_t read_value(decoder *d, const lw__member *m, uint8_t *at) {
    const char *start = d->j.p;
    int32_t number = 0;
    uint32_t word = 0;
    int32_t err;
    switch (m->type) {
    case LW__TYPE_INT:
    case LW__TYPE_DECIMAL:
        err = read_number(d, m, m->type, &number);
        memcpy(at, &number, sizeof number);
        return err;
    case LW__TYPE_BOOL:
        err = read_bool(d, m, at);
        note_clinician_only(d, m, *at, start);
        return err;
    case LW__TYPE_WORD:
        err = read_word(d, m, &word);
        *at = (uint8_t)word;
        note_clinician_only(d, m, word & 7, start);
        return err;
    case LW__TYPE_WORDS:
        return read_words(d, m, (uint32_t *)(void *)at);
    case LW__TYPE_TEXT:
        return read_text(d, m, (lw_str *)(void *)at);
    case LW__TYPE_TEXTS:
        return read_texts(d, m, (lw_texts *)(void *)at);
    case LW__TYPE_DATE:
        return read_date(d, m, (int32_t *)(void *)at);
    case LW__TYPE_UUID:
        return read_uuid(d, m, at);
    case LW__TYPE_UUIDS:
        return read_uuids(d, m, (lw_uuids *)(void *)at);
    case LW__TYPE_SHA256:
        return read_sha256(d, m, at);
    case LW__TYPE_DECIMALS:
        return read_numbers(d, m, (lw_numbers *)(void *)at);
    case LW__TYPE_INT_PAIR:
    case LW__TYPE_DECIMAL_PAIR:
        return read_pair(d, m, m->type, (lw_pair *)(void *)at);
    case LW__TYPE_TESTS:
        return read_tests(d, m, (lw_tests *)(void *)at);
    case LW__TYPE_SETS:
        return read_sets(d, m, (lw_sets *)(void *)at);
    case LW__TYPE_LOADS:
        return read_loads(d, m, (lw_loads *)(void *)at);
    case LW__TYPE_SCALAR:
        return read_scalar(d, m, (lw_scalar *)(void *)at);
    default:
        break;
    }
    /* a list of anything, kept as it is */
    if (lw__json_peek(&d->j) != '[') {
        return fail(d, LW_ERR_TYPE, start, 1, "must be a list in square brackets");
    }
    if (!lw__json_skip(&d->j, d->open)) {
        return json_error(d);
    }
    lw_str json = {start, (uint32_t)(d->j.p - start)};
    memcpy(at, &json, sizeof json);
    return 0;
}

/* -------------------------------------------------------------------------------------------------------- envelope */

/* Reads exactly count digits as a number, or -1. */
static int32_t digits2(const char *p) {
    uint32_t tens = (uint32_t)(uint8_t)p[0] - '0';
    uint32_t ones = (uint32_t)(uint8_t)p[1] - '0';
    return tens <= 9 && ones <= 9 ? (int32_t)(tens * 10 + ones) : -1;
}

/* "2026-03-02T07:05:00+01:00": a real instant in whole seconds, offset at most 18 hours. */
static bool parse_instant(lw_str text, int64_t *at_s, int32_t *day, int32_t *minute) {
    const char *p = text.ptr;
    if (text.len != 25 || p[10] != 'T' || p[13] != ':' || p[16] != ':' || (p[19] != '+' && p[19] != '-') ||
        p[22] != ':' || !lw_day_parse((lw_str){p, 10}, day)) {
        return false;
    }
    int32_t h = digits2(p + 11), m = digits2(p + 14), s = digits2(p + 17);
    int32_t offset_h = digits2(p + 20), offset_m = digits2(p + 23);
    int32_t offset = offset_h * 60 + offset_m;
    if (h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59 || offset_h < 0 || offset_m < 0 || offset_m > 59 ||
        offset > 18 * 60) {
        return false;
    }
    offset = p[19] == '-' ? -offset : offset;
    *minute = h * 60 + m;
    *at_s = (int64_t)*day * 86400 + (int64_t)(*minute - offset) * 60 + s;
    return true;
}

static const lw__member member_uuid = {.type = LW__TYPE_UUID, .unit = ""};
static const lw__member member_patient = {.type = LW__TYPE_TEXT, .max_length = 64, .unit = ""};
static const lw__member member_by = {.type = LW__TYPE_TEXT, .max_length = 80, .unit = ""};
static const lw__member member_kind = {.type = LW__TYPE_TEXT, .max_length = 64, .unit = ""};
static const lw__member member_at = {.type = LW__TYPE_TEXT, .max_length = 25, .unit = ""};

static int32_t read_instant(decoder *d, int64_t *at_s, int32_t *day, int32_t *minute) {
    lw__text text;
    char buffer[PLAIN];
    const char *at = d->j.p;
    int32_t err = read_string(d, &member_at, LW__TYPE_TEXT, &text);
    if (LW_UNLIKELY(err != 0)) {
        return err;
    }
    lw_str instant = plain(text, buffer);
    if (LW_LIKELY(parse_instant(instant, at_s, day, minute))) {
        return 0;
    }
    fail(d, LW_ERR_DATE, at, (size_t)(d->j.p - at),
         "must be a real date and time with a numeric offset in whole seconds, as 2026-03-02T07:05:00+01:00");
    if (instant.len > 0 && (instant.ptr[instant.len - 1] | 0x20) == 'z') {
        put_hint(d, "write the local time with its offset instead of Z: its date is the patient's day", "", "");
    }
    return LW_ERR_DATE;
}

static const char *const by_names[] = {"patient", "clinician", "device", "engine"};

static int32_t read_by(decoder *d, lw_event *out) {
    lw_str by = {NULL, 0};
    const char *at = d->j.p;
    int32_t err = read_text(d, &member_by, &by);
    if (LW_UNLIKELY(err != 0)) {
        return err;
    }
    uint32_t name = 0;
    while (name < by.len && by.ptr[name] != ':') {
        name++;
    }
    for (uint8_t i = 0; i < 4; i++) {
        bool has_id = i == LW_BY_CLINICIAN || i == LW_BY_DEVICE;
        if (lw__str_eq((lw_str){by.ptr, name}, lw__str(by_names[i])) && (has_id ? by.len > name + 1 : by.len == name)) {
            out->by = i;
            out->by_id = has_id ? (lw_str){by.ptr + name + 1, by.len - name - 1} : (lw_str){NULL, 0};
            return 0;
        }
    }
    fail(d, LW_ERR_VALUE, at, (size_t)(d->j.p - at), "must be patient, clinician:ID, device:ID or engine");
    if (by.len == name || by.len == name + 1) {
        put_hint(d, "a clinician or device is named by an id, as clinician:a", "", "");
    }
    return LW_ERR_VALUE;
}

/* Reads `v`, which must be 1. */
static int32_t read_version(decoder *d) {
    const char *at = d->j.p;
    static const lw__member one = {.type = LW__TYPE_INT, .min = 1, .max = 1, .unit = ""};
    int32_t v = 0;
    int32_t err = read_number(d, &one, LW__TYPE_INT, &v);
    if (err == LW_ERR_RANGE) {
        return fail(d, LW_ERR_VALUE, at, (size_t)(d->j.p - at), "must be 1, the format this version understands");
    }
    return err;
}

/* What the author may not write. */
static int32_t check_author(decoder *d, const lw__object *object, const members *o, const lw_event *out,
                            const char *by_at) {
    d->level = 0;
    if (LW_UNLIKELY((object->by >> out->by & 1) == 0)) {
        d->names[0] = LW_STR("by");
        lw__writer w = begin(d, LW_ERR_AUTHOR, by_at, 1);
        lw__put_c(&w, object->names->what);
        lw__put_c(&w, " may not be written by ");
        lw__put_c(&w, by_names[out->by]);
        lw__put_c(&w, ", only by ");
        const char *between = "";
        for (uint32_t i = 0; i < 4; i++) {
            if ((object->by >> i & 1) != 0) {
                lw__put_c(&w, between);
                lw__put_c(&w, by_names[i]);
                between = " or ";
            }
        }
        lw__put_end(&w);
        return LW_ERR_AUTHOR;
    }
    if (out->by != LW_BY_CLINICIAN) {
        if (LW_UNLIKELY(d->clinician_at != NULL)) {
            d->level = 1;
            d->names[0] = LW_STR("data");
            d->names[1] = d->clinician_name;
            return fail(d, LW_ERR_AUTHOR, d->clinician_at, 1, "this may be written only by a clinician");
        }
        return 0;
    }
    d->names[0] = LW_STR("data");
    uint32_t missing = object->clinician_needs & ~o->has;
    if (LW_UNLIKELY(missing != 0)) {
        return refuse_members(d, LW_ERR_MISSING, o, object->names, missing & (0 - missing), "the member ",
                              " is missing; it is required of a clinician");
    }
    if (LW_UNLIKELY(object->clinician_exactly_one != 0 && (object->clinician_exactly_one & o->has) == 0)) {
        return refuse_members(d, LW_ERR_MISSING, o, object->names, object->clinician_exactly_one, "exactly one of ",
                              " is required of a clinician; none is given");
    }
    return 0;
}

/* Rules that need more than masks. */
static int32_t check_kind(decoder *d, const lw_event *out, const char *at) {
    d->level = 1;
    d->names[0] = LW_STR("data");
    if (out->kind == LW_KIND_MEDICINE) {
        const struct lw_ev_medicine *medicine = out->data;
        if ((medicine->has & LW_HAS_MEDICINE_TO) != 0 && medicine->to < medicine->from) {
            d->names[1] = LW_STR("to");
            return fail(d, LW_ERR_RANGE, at, 1, "must not be before from");
        }
    }
    if (out->kind == LW_KIND_OUTCOME) {
        const struct lw_ev_outcome *outcome = out->data;
        const struct lw_range *range = &lw_instrument_range[outcome->instrument];
        if (outcome->score_x100 < range->min * 100 || outcome->score_x100 > range->max * 100) {
            d->names[1] = LW_STR("score");
            lw__writer w = begin(d, LW_ERR_RANGE, at, 1);
            lw__put_c(&w, "must be ");
            lw__put_int(&w, range->min);
            lw__put_c(&w, " to ");
            lw__put_int(&w, range->max);
            lw__put_c(&w, " for ");
            lw__put_c(&w, lw_instrument_names[outcome->instrument]);
            lw__put_end(&w);
            return LW_ERR_RANGE;
        }
    }
    return 0;
}

/* Reads `data` of a known kind into the arena. */
static int32_t read_data(decoder *d, int32_t kind, lw_event *out, members *o) {
    const lw__object *object = &lw__kind_object[kind];
    d->indices[0] = -1;
    if (LW_UNLIKELY(lw__json_peek(&d->j) != '{')) {
        return fail(d, LW_ERR_TYPE, d->j.p, 1, "must be an object");
    }
    uint8_t *data = lw__alloc(d->result, object->size, 8);
    if (LW_UNLIKELY(data == NULL)) {
        return fail(d, LW_ERR_NO_MEMORY, d->j.p, 1, "the result arena is too small for this event");
    }
    out->data = data;
    int32_t err = read_object(d, object, data, o);
    uint64_t has = o->has;
    memcpy(data, &has, sizeof has);
    return err;
}

/* One line, taken to be of format 1. *newer is set when its kind is not known. */
static int32_t read_line(decoder *d, lw_event *out, lw_str *patient, bool *newer) {
    enum { KIND_UNSEEN = -2, KIND_UNKNOWN = -1 };
    int32_t kind = KIND_UNSEEN;
    members envelope, data = {0};
    const char *data_at = NULL, *by_at = d->text.ptr, *data_start = NULL;
    lw_str kind_text = {NULL, 0};
    const char *kind_at = d->text.ptr;
    int64_t received_s;
    int32_t received_day, received_minute;
    int32_t i = 0;

    if (lw__json_peek(&d->j) != '{') {
        return fail(d, LW_ERR_SYNTAX, d->j.p, 1, "an event is one JSON object on a line of its own");
    }
    int32_t err = object_begin(d, &envelope);
    d->level = 0;
    const char *start = d->j.p - 1;
    while (err == 0 && (i = object_next(d, &envelope, lw__envelope)) >= 0) {
        switch (i) {
        case LW__ENV_V:
            err = read_version(d);
            break;
        case LW__ENV_ID:
            err = read_uuid(d, &member_uuid, out->id);
            break;
        case LW__ENV_PATIENT:
            err = read_text(d, &member_patient, patient);
            break;
        case LW__ENV_KIND:
            kind_at = d->j.p;
            err = read_text(d, &member_kind, &kind_text);
            kind = err == 0 ? find(lw__kinds, kind_text.ptr, kind_text.len, kind_text.len) : kind;
            break;
        case LW__ENV_AT:
            err = read_instant(d, &out->at_s, &out->day, &out->minute);
            break;
        case LW__ENV_BY:
            by_at = d->j.p;
            err = read_by(d, out);
            break;
        case LW__ENV_RECEIVED:
            err = read_instant(d, &received_s, &received_day, &received_minute);
            break;
        default:
            data_start = d->j.p;
            if (LW_LIKELY(kind >= 0)) {
                err = read_data(d, kind, out, &data);
                break;
            }
            /* of a kind not seen yet, or not known: checked and passed */
            if (lw__json_peek(&d->j) != '{') {
                err = fail(d, LW_ERR_TYPE, d->j.p, 1, "must be an object");
                break;
            }
            data_at = d->j.p;
            err = lw__json_skip(&d->j, d->open) ? 0 : json_error(d);
            break;
        }
    }
    if (err != 0 || i < -1) {
        return err != 0 ? err : i;
    }
    /* what remains: nothing may follow, nothing may be missing */
    d->level = 0;
    d->names[0].len = 0;
    if (lw__json_peek(&d->j) != 0 || d->j.p < d->j.end) {
        return fail(d, LW_ERR_SYNTAX, d->j.p, 1, "nothing may follow the event on its line");
    }
    static const uint32_t required = LW_BIT(LW__ENV_V) | LW_BIT(LW__ENV_ID) | LW_BIT(LW__ENV_PATIENT) |
                                     LW_BIT(LW__ENV_KIND) | LW_BIT(LW__ENV_AT) | LW_BIT(LW__ENV_BY) |
                                     LW_BIT(LW__ENV_DATA);
    uint32_t missing = required & ~envelope.has;
    if (LW_UNLIKELY(missing != 0)) {
        d->names[0] = lw__str(lw__envelope->names[__builtin_ctz(missing)].text);
        return fail(d, LW_ERR_MISSING, start, 1, "this required member is missing");
    }
    if (kind == KIND_UNKNOWN) {
        *newer = true;
        d->names[0] = LW_STR("kind");
        fail(d, LW_ERR_NEWER, kind_at, kind_text.len + 2, "this kind of event is not known to this version");
        hint_nearest(d, kind_text, lw__kinds);
        return LW_ERR_NEWER;
    }
    if (data_at != NULL) {
        d->names[0] = LW_STR("data");
        d->j.p = data_at;
        d->open = 1;
        err = read_data(d, kind, out, &data);
        if (err != 0) {
            return err;
        }
    }
    out->kind = (uint8_t)kind;
    err = check_author(d, &lw__kind_object[kind], &data, out, by_at);
    return err != 0 ? err : check_kind(d, out, data_start);
}

/* True when the line is sound JSON and says it is of a later format. */
static bool is_later_format(lw_str text) {
    lw__json j = lw__json_over(text);
    lw__number number;
    if (!lw__json_check(&j)) {
        return false;
    }
    const char *p = lw__json_solid(text.ptr);
    for (bool more = *p == '{' && lw__json_first(&p); more; more = lw__json_next(&p)) {
        if (lw__json_compare(p, "\"v\"") == 0) {
            j.p = lw__json_value(p);
            if (*j.p < '0' || *j.p > '9') {
                return false;
            }
            (void)lw__json_number(&j, &number); /* it was checked */
            return number.decimals == 0 && !number.exponent && number.x100 > 100;
        }
    }
    return false;
}

int32_t lw__line_decode(lw_str text, uint32_t line, lw_arena *result, lw_event *out, lw_str *patient, lw_diag *diag) {
    decoder d;
    d.j = lw__json_over(text);
    d.text = text;
    d.line = line;
    d.open = 0;
    d.level = 0;
    for (uint32_t i = 0; i < LEVELS; i++) {
        d.names[i] = (lw_str){NULL, 0};
        d.indices[i] = -1;
    }
    d.result = result;
    d.diag = diag;
    d.clinician_at = NULL;
    *out = (lw_event){.line = line, .raw = text};
    bool newer = false;
    int32_t err = read_line(&d, out, patient, &newer);
    if (LW_LIKELY(err == 0) || newer || err == LW_ERR_NO_MEMORY) {
        return err;
    }
    if (is_later_format(text)) {
        return lw__diag(diag, LW_ERR_NEWER, line, "this event is of a later format than this version understands",
                        NULL);
    }
    return err;
}

const char *lw_kind_name(int32_t kind) {
    return kind >= 0 && kind < LW_KINDS ? lw__kinds->names[kind].text : NULL;
}
