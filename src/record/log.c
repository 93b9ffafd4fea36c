/*
 * log.c: a file of lines to a record: events in order, each once, voids applied.
 *
 * Lines are decoded one by one into scratch; only then is it known how many remain. Order is (instant, id): a list of
 * 16-byte keys is sorted by merging, and not at all when the lines already stand in order. Repeats are found in a list
 * sorted by id, which costs nothing when ids rise from line to line, as they do where version 7 UUIDs are made in one
 * place. Sorting rather than hashing, so that nobody can choose ids that make it slow.
 *
 * Nothing is published before everything has succeeded: on an error both arenas and *out are as they were.
 */
#include "record/record_internal.h"

enum {
    SHORTEST_LINE = 128, /* no event fits a shorter line: its envelope alone is longer */
    SIZE_PER_BYTE = 6    /* of data for a byte of text, at most: a set of one member */
};

/* A key to sort by, and the event it is of. */
typedef struct sort_key {
    uint64_t key;
    uint32_t index;
} sort_key;

/* True when a stands before b: by key, then by id, then by line. */
static bool before(const lw_event *events, const sort_key *a, const sort_key *b) {
    if (a->key != b->key) {
        return a->key < b->key;
    }
    int order = memcmp(events[a->index].id, events[b->index].id, 16);
    return order != 0 ? order < 0 : a->index < b->index;
}

/* Merge sort from the bottom up; returns the one of the two arrays that holds the result. */
static sort_key *sort(const lw_event *events, sort_key *from, sort_key *to, uint32_t count) {
    for (uint32_t width = 1; width < count; width *= 2) {
        for (uint32_t low = 0; low < count; low += 2 * width) {
            uint32_t middle = count - low > width ? low + width : count;
            uint32_t high = count - middle > width ? middle + width : count;
            uint32_t a = low, b = middle, at = low;
            /* already in order: nothing to merge */
            if (middle == high || before(events, &from[middle - 1], &from[middle])) {
                memcpy(to + low, from + low, sizeof *to * (high - low));
                continue;
            }
            while (a < middle && b < high) {
                to[at++] = before(events, &from[b], &from[a]) ? from[b++] : from[a++];
            }
            memcpy(to + at, from + a, sizeof *to * (middle - a));
            memcpy(to + at + (middle - a), from + b, sizeof *to * (high - b));
        }
        sort_key *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* The first eight bytes of an id, in its order. */
static uint64_t id_key(const uint8_t id[16]) {
    uint64_t key = 0;
    for (int i = 0; i < 8; i++) {
        key = key << 8 | id[i];
    }
    return key;
}

/* An instant as a number that orders as it does. */
static uint64_t at_key(int64_t at_s) {
    return (uint64_t)at_s ^ UINT64_C(1) << 63;
}

/* Everything that is held while a record is read. */
typedef struct reader {
    lw_arena *result;
    lw_arena *scratch;
    lw_diag *diag;
    lw_event *events; /* in the order of the lines; data is NULL for one that was dropped */
    uint32_t count;
    uint32_t lines; /* events and newer ones */
    uint32_t kept;
    uint32_t repeats;
    uint32_t newer;
    bool has_void;
    bool ids_rise;
    bool in_order;
    lw_str patient;
    lw_diag newer_diag;
    sort_key *by_id; /* all events by id, or NULL when not needed */
} reader;

/* The end of the line that begins at p. */
static const char *line_end(const char *p, const char *end) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    for (; end - p >= 8; p += 8) {
        uint64_t word = lw__load64(p) ^ ones * '\n';
        uint64_t hit = (word - ones) & ~word & ones * 0x80;
        if (hit != 0) {
            return p + (unsigned)__builtin_ctzll(hit) / 8;
        }
    }
    while (p < end && *p != '\n') {
        p++;
    }
    return p;
}

static int32_t no_memory(reader *r) {
    return lw__diag(r->diag, LW_ERR_NO_MEMORY, 0, "the memory given is too small for this record",
                    "lw_record_size_hint tells how much is enough");
}

/* Decodes one line into the next event. */
static int32_t read_line(reader *r, lw_str text, uint32_t line) {
    if (text.len > LW_MAX_LINE) {
        return lw__diag(r->diag, LW_ERR_LIMIT, line, "a line is limited to 64 KiB", NULL);
    }
    if (r->lines == LW_MAX_EVENTS) {
        return lw__diag(r->diag, LW_ERR_LIMIT, line, "a record is limited to 200,000 events", NULL);
    }
    r->lines++;
    lw_event event;
    lw_str patient = {NULL, 0};
    size_t mark = r->result->used;
    lw_diag *diag = r->newer == 0 ? &r->newer_diag : r->diag;
    int32_t err = lw__line_decode(text, line, r->result, &event, &patient, diag);
    if (err == LW_ERR_NEWER) {
        r->newer++;
        r->result->used = mark;
        return 0;
    }
    if (err != 0) {
        *r->diag = *diag;
        return err;
    }
    if (r->patient.ptr == NULL) {
        r->patient = patient;
    } else if (!lw__str_eq(patient, r->patient)) {
        lw__diag(r->diag, LW_ERR_PATIENT, line, "belongs to another patient than the first event of the record",
                 "one file is the record of one patient");
        lw__writer w = lw__writer_over(r->diag->member, sizeof r->diag->member);
        lw__put(&w, LW_STR("patient"));
        lw__put_end(&w);
        return LW_ERR_PATIENT;
    }
    r->has_void |= event.kind == LW_KIND_VOID;
    if (r->count > 0) {
        const lw_event *last = &r->events[r->count - 1];
        bool id_rises = memcmp(last->id, event.id, 16) < 0;
        r->ids_rise &= id_rises;
        r->in_order &= last->at_s < event.at_s || (last->at_s == event.at_s && id_rises);
    }
    r->events[r->count++] = event;
    return 0;
}

static int32_t read_lines(reader *r, lw_str bytes) {
    const char *p = bytes.ptr;
    const char *end = bytes.ptr + bytes.len;
    uint32_t line = 0;
    /* room for as many events as there can be */
    uint32_t most = bytes.len / SHORTEST_LINE + 1;
    r->events = LW__TAKE(r->scratch, lw_event, most < LW_MAX_EVENTS ? most : LW_MAX_EVENTS);
    if (r->events == NULL) {
        return no_memory(r);
    }
    while (p < end) {
        const char *stop = line_end(p, end);
        int32_t err = read_line(r, (lw_str){p, (uint32_t)(stop - p)}, ++line);
        if (err != 0) {
            return err;
        }
        p = stop + 1;
    }
    return 0;
}

/* True when two lines say the same: the same canonical bytes. */
static int32_t same_content(reader *r, const lw_event *a, const lw_event *b, bool *same) {
    *same = lw__str_eq(a->raw, b->raw);
    if (*same) {
        return 0;
    }
    size_t mark = r->scratch->used;
    char *first = LW__TAKE(r->scratch, char, a->raw.len);
    char *second = LW__TAKE(r->scratch, char, b->raw.len);
    if (first == NULL || second == NULL) {
        return no_memory(r);
    }
    lw__writer x = lw__writer_over(first, a->raw.len);
    lw__writer y = lw__writer_over(second, b->raw.len);
    lw__canonical(a->raw, &x);
    lw__canonical(b->raw, &y);
    *same = x.len == y.len && lw__same(first, second, x.len);
    r->scratch->used = mark;
    return 0;
}

/* Sorts all events by id. */
static int32_t order_by_id(reader *r) {
    sort_key *keys = LW__TAKE(r->scratch, sort_key, 2 * (size_t)r->count);
    if (keys == NULL) {
        return no_memory(r);
    }
    for (uint32_t i = 0; i < r->count; i++) {
        keys[i] = (sort_key){id_key(r->events[i].id), i};
    }
    r->by_id = r->ids_rise ? keys : sort(r->events, keys, keys + r->count, r->count);
    return 0;
}

/* Drops events that repeat an earlier line, refuses those that contradict one. */
static int32_t drop_repeats(reader *r) {
    const lw_event *first = &r->events[r->by_id[0].index];
    for (uint32_t i = 1; i < r->count; i++) {
        lw_event *event = &r->events[r->by_id[i].index];
        bool same;
        if (memcmp(first->id, event->id, 16) != 0) {
            first = event;
            continue;
        }
        int32_t err = same_content(r, first, event, &same);
        if (err != 0) {
            return err;
        }
        if (!same) {
            lw__diag(r->diag, LW_ERR_CONFLICT, event->line, "",
                     "an event is never changed: void it and write a new one");
            lw__writer w = lw__writer_over(r->diag->message, sizeof r->diag->message);
            lw__put_c(&w, "lines ");
            lw__put_int(&w, first->line);
            lw__put_c(&w, " and ");
            lw__put_int(&w, event->line);
            lw__put_c(&w, " carry the same id ");
            lw__put_uuid(&w, event->id);
            lw__put_c(&w, " and differ in content");
            lw__put_end(&w);
            w = lw__writer_over(r->diag->member, sizeof r->diag->member);
            lw__put_c(&w, "id");
            lw__put_end(&w);
            return LW_ERR_CONFLICT;
        }
        event->data = NULL;
        r->repeats++;
    }
    return 0;
}

/* The event with this id, or NULL. */
static lw_event *find_id(const reader *r, const uint8_t id[16]) {
    uint32_t low = 0, high = r->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(r->events[r->by_id[middle].index].id, id, 16) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    /* of repeats the first stands first, and that is the one kept */
    lw_event *found = low < r->count ? &r->events[r->by_id[low].index] : NULL;
    return found != NULL && lw__same(found->id, id, 16) ? found : NULL;
}

/* True when the void's author may void the target: a patient not others' events, nor what a clinician must end. */
static bool may_void(const lw_event *by, const lw_event *target) {
    if (target->kind == LW_KIND_VOID) {
        return false;
    }
    if (by->by != LW_BY_PATIENT) {
        return true;
    }
    if (target->by != LW_BY_PATIENT || target->kind == LW_KIND_SYMPTOM || target->kind == LW_KIND_CONDITION ||
        target->kind == LW_KIND_MEDICINE) {
        return false;
    }
    return target->kind != LW_KIND_SCREENED || ((const struct lw_ev_screened *)target->data)->flags == 0;
}

static void apply_voids(reader *r) {
    for (uint32_t i = 0; i < r->count; i++) {
        lw_event *event = &r->events[i];
        if (event->kind != LW_KIND_VOID || event->data == NULL) {
            continue;
        }
        lw_event *target = find_id(r, ((const struct lw_ev_void *)event->data)->event);
        if (target == NULL) {
            continue; /* waits for it */
        }
        if (!may_void(event, target)) {
            event->ineffective = true;
        } else if (!target->voided || event->day < target->void_day) {
            target->voided = true;
            target->void_day = event->day;
        }
    }
}

/* Writes the events that remain to the result arena, in order. */
static int32_t publish(reader *r, lw_event **out) {
    uint32_t count = r->count - r->repeats;
    lw_event *events = LW__TAKE(r->result, lw_event, count);
    if (events == NULL) {
        return no_memory(r);
    }
    *out = events;
    if (r->in_order) { /* then nothing was repeated either */
        memcpy(events, r->events, sizeof *events * count);
        return 0;
    }
    sort_key *keys = LW__TAKE(r->scratch, sort_key, 2 * (size_t)count);
    if (keys == NULL) {
        return no_memory(r);
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->events[i].data != NULL) {
            keys[at++] = (sort_key){at_key(r->events[i].at_s), i};
        }
    }
    const sort_key *sorted = sort(r->events, keys, keys + count, count);
    for (uint32_t i = 0; i < count; i++) {
        events[i] = r->events[sorted[i].index];
    }
    return 0;
}

static int32_t read_record(reader *r, lw_str bytes, lw_record *out) {
    if (bytes.len > LW_MAX_RECORD) {
        return lw__diag(r->diag, LW_ERR_LIMIT, 0, "a record is limited to 128 MiB", NULL);
    }
    if (bytes.len >= 3 && lw__same(bytes.ptr, "\xef\xbb\xbf", 3)) {
        return lw__diag(r->diag, LW_ERR_SYNTAX, 1, "the file begins with a byte order mark",
                        "save it as UTF-8 without a byte order mark");
    }
    int32_t err = bytes.len > 0 ? read_lines(r, bytes) : 0;
    if (err == 0 && r->count > 0 && (!r->ids_rise || r->has_void)) {
        err = order_by_id(r);
        err = err != 0 || r->ids_rise ? err : drop_repeats(r);
        if (err == 0) {
            apply_voids(r);
        }
    }
    lw_event *events = NULL;
    if (err == 0 && r->count > 0) {
        err = publish(r, &events);
    }
    if (err != 0) {
        return err;
    }
    *out = (lw_record){.events = events,
                       .count = r->count - r->repeats,
                       .repeats = r->repeats,
                       .newer = r->newer,
                       .patient = r->patient,
                       .bytes = bytes};
    if (r->newer > 0) {
        *r->diag = r->newer_diag;
        return LW_ERR_NEWER;
    }
    return 0;
}

int32_t lw_record_read(lw_str bytes, lw_arena *result, lw_arena *scratch, lw_record *out, lw_diag *diag) {
    lw_diag own;
    reader r;
    memset(&r, 0, sizeof r);
    r.result = result;
    r.scratch = scratch;
    r.diag = diag != NULL ? diag : &own;
    r.ids_rise = r.in_order = true;
    size_t result_mark = result->used;
    size_t scratch_mark = scratch->used;
    int32_t err = read_record(&r, bytes, out);
    scratch->used = scratch_mark;
    if (err != 0 && err != LW_ERR_NEWER) {
        result->used = result_mark;
    }
    return err;
}

void lw_record_size_hint(size_t len, size_t *result, size_t *scratch) {
    /* events stand in both; scratch also holds four lists of keys and two lines to compare */
    size_t events = len / SHORTEST_LINE + 1;
    *result = events * sizeof(lw_event) + SIZE_PER_BYTE * len + 1024;
    *scratch = events * (sizeof(lw_event) + 4 * sizeof(sort_key)) + 2 * (size_t)LW_MAX_LINE + 1024;
}

int32_t lw_event_read(lw_str text, uint32_t line, lw_arena *result, lw_event *out, lw_diag *diag) {
    lw_diag own;
    lw_event event;
    lw_str patient = {NULL, 0};
    size_t mark = result->used;
    diag = diag != NULL ? diag : &own;
    if (text.len > LW_MAX_LINE) {
        return lw__diag(diag, LW_ERR_LIMIT, line, "a line is limited to 64 KiB", NULL);
    }
    if (text.len > 0 && line_end(text.ptr, text.ptr + text.len) != text.ptr + text.len) {
        return lw__diag(diag, LW_ERR_SYNTAX, line, "an event stands on one line", NULL);
    }
    int32_t err = lw__line_decode(text, line, result, &event, &patient, diag);
    if (err != 0) {
        result->used = mark;
        return err;
    }
    *out = event;
    return 0;
}
