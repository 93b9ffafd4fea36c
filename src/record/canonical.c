/*
 * canonical.c: the one text of an event that is hashed and compared.
 *
 * Compact JSON; members in the order of their names' code points (UTF-8 bytes order the same way); texts with only the
 * escapes that JSON demands, the short ones where there are any, otherwise lower-case hex; numbers as they were
 * written; no `received`.
 *
 * Two ways lead there. A line as programs write it (compact, no escapes, of ordinary size) is cut into spans in one
 * pass, the spans of each object are linked in order, and copied. Any other line is emitted object by object from a
 * sorted view of its members, CHUNK at a time, so that a line of any size needs only the stack, whose depth is
 * bounded by LW_MAX_DEPTH. The unit test and the fuzz target hold the two against each other.
 */
#include "record/json.h"
#include "record/record_internal.h"

enum { CHUNK = 256 }; /* of pointers, at each level of nesting */

/* The inside of a text: copied as it stands, but every escape is taken back to the character and made again if needed. */
static void put_text(lw__writer *w, const char *p, const char *end) {
    while (p < end) {
        const char *from = p;
        while (p < end && *p != '\\') {
            p++;
        }
        lw__put(w, (lw_str){from, (uint32_t)(p - from)});
        if (p < end) {
            char bytes[4];
            uint32_t length;
            uint32_t code = lw__json_code(p, &length);
            lw__put_escaped(w, (lw_str){bytes, lw__utf8_put(code, bytes)});
            p += length;
        }
    }
}

/* Writes the checked value that begins at p; returns where it ends. open: objects and lists around it. */
static const char *put_value(lw__writer *w, const char *p, uint32_t open);

static const char *put_list(lw__writer *w, const char *p, uint32_t open) {
    lw__put_char(w, '[');
    p = lw__json_solid(p + 1);
    while (*p != ']') {
        p = lw__json_solid(put_value(w, p, open + 1));
        if (*p == ',') {
            lw__put_char(w, ',');
            p = lw__json_solid(p + 1);
        }
    }
    lw__put_char(w, ']');
    return p + 1;
}

static const char *put_object(lw__writer *w, const char *p, uint32_t open) {
    const char *names[CHUNK];
    lw__sorted members = {.names = names, .cap = CHUNK};
    const char *last = NULL;
    bool first = true;
    lw__put_char(w, '{');
    for (;;) {
        lw__json_sorted(p, last, &members);
        for (uint32_t i = 0; i < members.count; i++) {
            if (open == 0 && lw__json_compare(names[i], "\"received\"") == 0) {
                continue;
            }
            if (!first) {
                lw__put_char(w, ',');
            }
            first = false;
            put_value(w, names[i], open);
            lw__put_char(w, ':');
            put_value(w, lw__json_value(names[i]), open + 1);
        }
        if (members.count < CHUNK) {
            lw__put_char(w, '}');
            return members.end;
        }
        last = names[CHUNK - 1];
    }
}

static const char *put_value(lw__writer *w, const char *p, uint32_t open) {
    if (*p == '{') {
        return put_object(w, p, open);
    }
    if (*p == '[') {
        return put_list(w, p, open);
    }
    const char *end = lw__json_after(p);
    if (*p == '"') {
        lw__put_char(w, '"');
        put_text(w, p + 1, end - 1);
        lw__put_char(w, '"');
    } else {
        lw__put(w, (lw_str){p, (uint32_t)(end - p)});
    }
    return end;
}

/* --------------------------------------------------------------------------------------------- the ordinary line */

enum { SPANS = 192 };

/* A member or an item: `"name":value` or `value`, at [start, end) of the line. */
typedef struct span {
    uint64_t key; /* the first eight bytes of the name, in order */
    uint16_t start;
    uint16_t name_len;
    uint16_t body; /* where the value begins */
    uint16_t end;
    uint16_t first; /* of its own members or items, in order; 0 for none */
    uint16_t next;  /* the one after it; 0 for none */
    bool object;    /* its value is an object … */
    bool mixed;     /* … or holds one somewhere, so that it cannot be copied whole */
} span;

typedef struct spans {
    const char *text;
    const char *end;
    uint32_t count;
    span list[SPANS];
} spans;

/* The closing quote of the string that begins after p's quote, or NULL when it holds an escape. */
static const char *close_quote(const spans *s, const char *p) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    for (p++; s->end - p >= 8; p += 8) {
        uint64_t word = lw__load64(p);
        uint64_t quote = word ^ ones * '"', slash = word ^ ones * '\\';
        uint64_t hit = (((quote - ones) & ~quote) | ((slash - ones) & ~slash)) & ones * 0x80;
        if (hit != 0) {
            p += (unsigned)__builtin_ctzll(hit) / 8;
            return *p == '"' ? p : NULL;
        }
    }
    while (*p != '"') {
        if (*p++ == '\\') {
            return NULL;
        }
    }
    return p;
}

/* The first eight bytes of a name as a number that orders as they do. */
static uint64_t name_key(const spans *s, const char *p, uint32_t len) {
    if (LW_LIKELY(s->end - p >= 8)) {
        uint64_t word = lw__load64(p);
        word = len >= 8 ? word : word & ((UINT64_C(1) << (8 * len)) - 1);
        return __builtin_bswap64(word);
    }
    uint64_t key = 0;
    for (uint32_t i = 0; i < 8; i++) {
        key = key << 8 | (i < len ? (uint8_t)p[i] : 0);
    }
    return key;
}

static bool name_before(const spans *s, const span *a, const span *b) {
    if (LW_LIKELY(a->key != b->key)) {
        return a->key < b->key;
    }
    uint32_t shorter = a->name_len < b->name_len ? a->name_len : b->name_len;
    int order = shorter <= 8 ? 0 : memcmp(s->text + a->start + 9, s->text + b->start + 9, shorter - 8);
    return order != 0 ? order < 0 : a->name_len < b->name_len;
}

/* Links a span among those of its parent: by name in an object, last in a list. */
static void link_span(spans *s, uint32_t parent, uint32_t *last, uint32_t i) {
    span *list = s->list;
    uint16_t *at = &list[parent].first;
    if (!list[parent].object || *at == 0 || name_before(s, &list[*last], &list[i])) {
        at = *at == 0 ? at : &list[*last].next;
        *last = i;
    } else {
        while (name_before(s, &list[*at], &list[i])) {
            at = &list[*at].next;
        }
    }
    list[i].next = *at;
    *at = (uint16_t)i;
}

/* Cuts the line into spans; false when it is not an ordinary one. */
static bool cut(spans *s) {
    uint32_t open[LW_MAX_DEPTH], last[LW_MAX_DEPTH];
    uint32_t level = 0, i = 0;
    const char *p = s->text;
    s->list[0] = (span){.object = true};
    s->count = 1;
    if (*p != '{') {
        return false;
    }
    for (;;) {
        /* a value, of span i */
        span *own = &s->list[i];
        own->body = (uint16_t)(p - s->text);
        bool enter = false;
        if (*p == '{' || *p == '[') {
            own->object = *p == '{';
            char close = *p == '{' ? '}' : ']';
            enter = *++p != close;
            p += !enter;
            if (enter) {
                open[level] = i;
                last[level++] = 0;
            }
        } else if (*p == '"') {
            p = close_quote(s, p);
            if (p == NULL) {
                return false;
            }
            p++;
        } else {
            while (*p != ',' && *p != '}' && *p != ']') {
                if (*p++ <= ' ') {
                    return false;
                }
            }
        }
        /* after a value: up, as far as things end here */
        while (!enter) {
            s->list[i].end = (uint16_t)(p - s->text);
            if (level == 0) {
                return p == s->end;
            }
            if (*p == ',') {
                p++;
                break;
            }
            if (*p != '}' && *p != ']') {
                return false;
            }
            p++;
            i = open[--level];
            if (level > 0 && (s->list[i].object || s->list[i].mixed)) {
                s->list[open[level - 1]].mixed = true;
            }
        }
        /* the next member or item */
        if (s->count == SPANS) {
            return false;
        }
        uint32_t parent = open[level - 1];
        i = s->count++;
        s->list[i] = (span){.start = (uint16_t)(p - s->text)};
        if (s->list[parent].object) {
            const char *close = *p == '"' ? close_quote(s, p) : NULL;
            if (close == NULL || close[1] != ':') {
                return false;
            }
            s->list[i].name_len = (uint16_t)(close - p - 1);
            s->list[i].key = name_key(s, p + 1, s->list[i].name_len);
            p = close + 2;
        }
        link_span(s, parent, &last[level - 1], i);
    }
}

static void put_span(lw__writer *w, const spans *s, const span *own) {
    const char *start = s->text + own->start;
    if (own->first == 0 || (!own->object && !own->mixed)) {
        lw__put(w, (lw_str){start, (uint32_t)own->end - own->start});
        return;
    }
    lw__put(w, (lw_str){start, (uint32_t)own->body + 1 - own->start});
    for (uint32_t i = own->first; i != 0; i = s->list[i].next) {
        put_span(w, s, &s->list[i]);
        if (s->list[i].next != 0) {
            lw__put_char(w, ',');
        }
    }
    lw__put_char(w, own->object ? '}' : ']');
}

/* Takes `received` out of the event's own members. */
static void drop_received(spans *s) {
    const uint64_t received = UINT64_C(0x7265636569766564);
    for (uint16_t *at = &s->list[0].first; *at != 0; at = &s->list[*at].next) {
        if (s->list[*at].key == received && s->list[*at].name_len == 8) {
            *at = s->list[*at].next;
            return;
        }
    }
}

void lw__canonical_any(lw_str text, lw__writer *w) {
    put_value(w, lw__json_solid(text.ptr), 0);
}

void lw__canonical(lw_str text, lw__writer *w) {
    spans s;
    s.text = text.ptr;
    s.end = text.ptr + text.len;
    if (text.len > UINT16_MAX || !cut(&s)) {
        lw__canonical_any(text, w);
        return;
    }
    drop_received(&s);
    if (s.list[0].first == 0) {
        lw__put(w, LW_STR("{}"));
        return;
    }
    put_span(w, &s, &s.list[0]);
}

int64_t lw_event_canonical(lw_str text, char *out, size_t cap) {
    lw__json j = lw__json_over(text);
    if (text.len > LW_MAX_LINE) {
        return LW_ERR_LIMIT;
    }
    if (!lw__json_check(&j)) {
        return j.err;
    }
    if (*lw__json_solid(text.ptr) != '{') {
        return LW_ERR_TYPE;
    }
    lw__writer w = lw__writer_over(out, cap);
    lw__canonical(text, &w);
    return w.full ? LW_ERR_NO_MEMORY : (int64_t)w.len;
}

int32_t lw_record_hash(const lw_record *record, lw_arena *scratch, uint8_t out[32]) {
    /* what is not understood cannot be put in order, and nothing is decided on such a record */
    if (record->newer > 0) {
        return LW_ERR_NEWER;
    }
    size_t longest = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        longest = record->events[i].raw.len > longest ? record->events[i].raw.len : longest;
    }
    size_t mark = scratch->used;
    char *line = LW__TAKE(scratch, char, longest + 1);
    if (line == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw__sha256 hash;
    lw__sha256_init(&hash);
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *event = &record->events[i];
        if (event->kind == LW_KIND_DECIDED) {
            continue;
        }
        lw__writer w = lw__writer_over(line, longest + 1);
        lw__canonical(event->raw, &w);
        lw__put_char(&w, '\n');
        lw__sha256_update(&hash, line, w.len);
    }
    lw__sha256_final(&hash, out);
    scratch->used = mark;
    return LW_OK;
}
