/*
 * reading.c: see reading.h.
 *
 * Memory: a chain of blocks, each with lines and their decoded data, the newest first; a reading counts the newest, a block the
 * one before it. The hash is over the canonical lines in their order, so its state after every STEP events is kept: events that
 * come last, as most do, only continue it, and one that comes late costs what stands after it.
 *
 * So with the plan: the first one that a reading makes keeps the evening before its day, and goes on from that of the reading it
 * grew out of, while the events that are in it are the first ones still. An evening never changes; its pointers reach into blocks
 * that every reading that has it holds.
 */
#include "store/reading.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "engine/fold.h"
#include "record/record_internal.h"
#include "store/store_internal.h"

enum { STEP = 16, DEPTH_MOST = 64, GROW_MOST = 16 };

typedef struct lw__block {
    atomic_uint refs;
    struct lw__block *before;
    char *bytes;  /* malloc; NULL: the lines stand behind the block itself */
    void *mapped; /* decoded data of a whole log; NULL: behind the block, too */
    size_t mapped_len;
} lw__block;

/* The state of the hash before the event STEP * i; the last one: after all. */
typedef struct lw__mark {
    lw__sha256 sha;
} lw__mark;

typedef struct lw__kept {
    atomic_uint refs;
    lw_evening evening;
} lw__kept;

static void kept_back(lw__kept *kept) {
    if (kept != NULL && atomic_fetch_sub(&kept->refs, 1) == 1) {
        free(kept);
    }
}

static void block_back(lw__block *block) {
    while (block != NULL && atomic_fetch_sub(&block->refs, 1) == 1) {
        lw__block *before = block->before;
        if (block->mapped != NULL) {
            munmap(block->mapped, block->mapped_len);
        }
        free(block->bytes);
        free(block);
        block = before;
    }
}

void lw_reading_back(lw_reading *reading) {
    if (reading != NULL && atomic_fetch_sub(&reading->refs, 1) == 1) {
        block_back(reading->block);
        kept_back(reading->before);
        kept_back(atomic_load(&reading->kept));
        free(reading->events);
        free(reading->marks);
        free(reading);
    }
}

lw_reading *lw_reading_share(lw_reading *reading) {
    atomic_fetch_add(&reading->refs, 1);
    return reading;
}

static size_t marks_of(uint32_t count) {
    return (count + STEP - 1) / STEP + 1;
}

/* Hashes the events from `from` on, with the hash as it is before them. */
static bool hash_from(lw_reading *r, uint32_t from, lw__sha256 sha) {
    char *line = malloc(LW_MAX_LINE + 1);
    if (line == NULL) {
        return false;
    }
    for (uint32_t i = from; i < r->record.count; i++) {
        const lw_event *event = &r->record.events[i];
        if (i % STEP == 0) {
            r->marks[i / STEP].sha = sha;
        }
        if (event->kind != LW_KIND_DECIDED) {
            lw__writer w = lw__writer_over(line, LW_MAX_LINE + 1);
            lw__canonical(event->raw, &w);
            lw__put_char(&w, '\n');
            lw__sha256_update(&sha, line, w.len);
        }
    }
    free(line);
    r->marks[marks_of(r->record.count) - 1].sha = sha;
    r->sha_way = sha.fast;
    lw__sha256_final(&sha, r->sha256);
    return true;
}

/* ---- a whole log ---- */

static uint32_t count_lines(const char *p, size_t len) {
    uint32_t lines = 0;
    while (len > 0) {
        const char *next = memchr(p, '\n', len);
        size_t taken = next != NULL ? (size_t)(next - p) + 1 : len;
        p += taken;
        len -= taken;
        lines++;
    }
    return lines;
}

/* Decodes into a map of its own: what is not touched of it takes no memory, so nothing has to be given back. */
static int32_t read_all(lw_reading *r, lw__block *block, lw_str text) {
    size_t result_cap = 0, scratch_cap = 0;
    lw_record_size_hint(text.len, &result_cap, &scratch_cap);
    void *scratch_memory = malloc(scratch_cap);
    void *mapped = mmap(NULL, result_cap, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped != MAP_FAILED) {
        block->mapped = mapped;
        block->mapped_len = result_cap;
    }
    if (mapped == MAP_FAILED || scratch_memory == NULL) {
        free(scratch_memory);
        return LW_ERR_NO_MEMORY;
    }
    lw_arena result = lw_arena_over(mapped, result_cap), scratch = lw_arena_over(scratch_memory, scratch_cap);
    r->err = lw_record_read(text, &result, &scratch, &r->record, &r->diag);
    r->record.bytes = (lw_str){0};
    r->held = sizeof *r + sizeof *block + 2 * sizeof(lw__kept) + text.len + result.peak;
    free(scratch_memory);
    return LW_OK;
}

int32_t lw_reading_open(char *bytes, size_t len, lw_reading **out) {
    lw_reading *r = calloc(1, sizeof *r);
    lw__block *block = calloc(1, sizeof *block);
    if (r == NULL || block == NULL) {
        free(bytes);
        free(r);
        free(block);
        return LW_ERR_NO_MEMORY;
    }
    atomic_init(&r->refs, 1);
    atomic_init(&block->refs, 1);
    r->block = block;
    block->bytes = bytes;
    r->lines = count_lines(bytes, len);
    r->bytes = len;
    int32_t err = read_all(r, block, (lw_str){bytes, (uint32_t)len});
    if (err == LW_OK && r->err == LW_OK) {
        r->marks = malloc(marks_of(r->record.count) * sizeof *r->marks);
        lw__sha256 sha;
        lw__sha256_init(&sha);
        err = r->marks != NULL && hash_from(r, 0, sha) ? LW_OK : LW_ERR_NO_MEMORY;
    }
    if (err != LW_OK) {
        lw_reading_back(r);
        return err;
    }
    r->held += marks_of(r->record.count) * sizeof *r->marks;
    *out = r;
    return LW_OK;
}

/* ---- more lines ---- */

/* Whether an event of this id is there already, or a void waits for it. */
static bool known(const lw_event *events, uint32_t count, const uint8_t id[16]) {
    for (uint32_t i = 0; i < count; i++) {
        const lw_event *e = &events[i];
        if (memcmp(e->id, id, 16) == 0 ||
            (e->kind == LW_KIND_VOID && memcmp(((const struct lw_ev_void *)e->data)->event, id, 16) == 0)) {
            return true;
        }
    }
    return false;
}

/* Puts the event in its place by (instant, id); returns the place. */
static uint32_t insert(lw_event *events, uint32_t count, const lw_event *event) {
    uint32_t at = count;
    while (at > 0 && (events[at - 1].at_s > event->at_s ||
                      (events[at - 1].at_s == event->at_s && memcmp(events[at - 1].id, event->id, 16) > 0))) {
        at--;
    }
    memmove(events + at + 1, events + at, (count - at) * sizeof *events);
    events[at] = *event;
    return at;
}

/* Decodes the lines into the block behind its head, and adds them; *lowest: the first place that is not as it was. */
static bool add_lines(lw_reading *r, const lw_append_event *events, uint32_t count, lw_arena *arena, uint32_t *lowest) {
    for (uint32_t i = 0; i < count; i++) {
        lw_str given = events[i].line, patient = {0};
        char *copy = LW__TAKE(arena, char, (size_t)given.len + 1);
        lw_event event;
        lw_diag diag;
        if (given.len == 0 || given.len > LW_MAX_LINE || copy == NULL || memchr(given.ptr, '\n', given.len) != NULL) {
            return false;
        }
        memcpy(copy, given.ptr, given.len);
        lw_str line = {copy, given.len};
        uint32_t known_count = r->record.count;
        if (lw__line_decode(line, r->lines + 1, arena, &event, &patient, &diag) != LW_OK ||
            !lw__str_eq(patient, r->record.patient) || event.kind == LW_KIND_VOID ||
            known(r->events, known_count, event.id)) {
            return false;
        }
        uint32_t at = insert(r->events, known_count, &event);
        *lowest = at < *lowest ? at : *lowest;
        r->record.count++;
        r->lines++;
        r->bytes += given.len + 1u;
    }
    return true;
}

/*
 * The bytes that the lines take when they are decoded, which is far less than the hint must allow for: what stays in memory for
 * every event that is added is this. Room where it cannot be told.
 */
static size_t measure(const lw_append_event *events, uint32_t count, size_t room) {
    char *memory = malloc(room);
    lw_arena arena = lw_arena_over(memory, memory != NULL ? room : 0);
    bool good = memory != NULL;
    for (uint32_t i = 0; i < count && good; i++) {
        lw_event event;
        lw_diag diag;
        lw_str patient;
        good = LW__TAKE(&arena, char, (size_t)events[i].line.len + 1) != NULL &&
               lw__line_decode(events[i].line, 1, &arena, &event, &patient, &diag) == LW_OK;
    }
    size_t used = arena.peak + 2 * sizeof(max_align_t); /* where it begins may differ */
    free(memory);
    return good && used < room ? used : room;
}

lw_reading *lw_reading_grow(const lw_reading *from, const lw_append_event *events, uint32_t count) {
    uint32_t old = from->record.count;
    if (from->err != LW_OK || old == 0 || count == 0 || count > GROW_MOST || from->depth >= DEPTH_MOST ||
        from->lines + count > LW_MAX_EVENTS) {
        return NULL;
    }
    size_t room = 0, added = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t result = 0, scratch = 0;
        lw_record_size_hint(events[i].line.len, &result, &scratch);
        room += result + events[i].line.len + 16;
        added += events[i].line.len + 1u;
    }
    if (from->bytes + added > LW_MAX_RECORD) {
        return NULL;
    }
    room = measure(events, count, room);
    lw_reading *r = calloc(1, sizeof *r);
    lw__block *block = malloc(sizeof *block + room);
    if (r == NULL || block == NULL) {
        free(r);
        free(block);
        return NULL;
    }
    *block = (lw__block){.before = from->block};
    atomic_init(&block->refs, 1);
    atomic_fetch_add(&from->block->refs, 1);
    atomic_init(&r->refs, 1);
    r->block = block;
    r->depth = from->depth + 1;
    r->record = from->record;
    r->lines = from->lines;
    r->bytes = from->bytes;
    size_t marks = marks_of(old + count);
    r->marks = malloc(marks * sizeof *r->marks);
    r->events = malloc((old + count) * sizeof *r->events);
    lw_arena arena = lw_arena_over(block + 1, room);
    uint32_t lowest = old;
    bool good = r->marks != NULL && r->events != NULL;
    if (good) {
        memcpy(r->events, from->record.events, old * sizeof *r->events);
        r->record.events = r->events;
        good = add_lines(r, events, count, &arena, &lowest);
    }
    if (good) {
        uint32_t start = lowest == old ? old : lowest / STEP * STEP;
        size_t same = lowest == old ? (old + STEP - 1) / STEP : lowest / STEP;
        memcpy(r->marks, from->marks, same * sizeof *r->marks);
        good = hash_from(r, start, lowest == old ? from->marks[marks_of(old) - 1].sha : from->marks[start / STEP].sha);
    }
    if (!good) {
        lw_reading_back(r);
        return NULL;
    }
    lw__kept *kept = atomic_load(&from->kept);
    kept = kept != NULL ? kept : from->before;
    if (kept != NULL && kept->evening.count <= lowest) {
        atomic_fetch_add(&kept->refs, 1);
        r->before = kept;
    }
    /* the list of events of a grown one is not shared */
    size_t before = from->held - (from->events != NULL ? old * sizeof *r->events : 0);
    before -= marks_of(old) * sizeof *r->marks;
    r->held = before + room + sizeof *block + (old + count) * sizeof *r->events + marks * sizeof *r->marks;
    return r;
}

void lw_reading_sha256(const lw_reading *reading, lw_str text, uint8_t out[32]) {
    lw__sha256 sha;
    lw__sha256_init(&sha);
    sha.fast = reading->sha_way;
    lw__sha256_update(&sha, text.ptr, text.len);
    lw__sha256_final(&sha, out);
}

const lw_event *lw_reading_last(const lw_reading *reading) {
    const lw_event *last = NULL;
    for (uint32_t i = reading->record.count; i > 0; i--) {
        const lw_event *e = &reading->record.events[i - 1];
        last = last == NULL || e->line > last->line ? e : last;
    }
    return last;
}

/* ---- the plan ---- */

/*
 * The plan, from the newest evening there is; kept where this is the first one. Without memory for that it is made as ever.
 */
static int32_t plan_on(const lw_protocol *protocol, const lw_reading *reading, int32_t day, lw_work *work,
                       lw_diag *diag) {
    lw__kept *old = atomic_load(&reading->kept), *none = NULL;
    lw__kept *own = malloc(sizeof *own);
    const lw__kept *from = old != NULL ? old : reading->before;
    if (own == NULL) {
        return lw_plan(protocol, &reading->record, day, 0, work, diag);
    }
    lw__evening_none(&own->evening);
    if (from != NULL) {
        own->evening = from->evening;
    }
    atomic_init(&own->refs, 1);
    int32_t err = lw__plan_on(protocol, &reading->record, day, 0, work, diag, &own->evening);
    bool worth = old == NULL && own->evening.until != LW_NEVER_DAY;
    lw_reading *keeps = (lw_reading *)reading; /* what it says stays the same */
    if (!worth || !atomic_compare_exchange_strong(&keeps->kept, &none, own)) {
        kept_back(own);
    }
    return err;
}

int32_t lw_reading_plan(const lw_protocol *protocol, const lw_reading *reading, int32_t day, lw_buf *out,
                        lw_diag *diag) {
    static const char open[] = "\"record_sha256\":";
    enum { OPEN = sizeof open - 1 };
    if (reading->err != LW_OK) {
        if (diag != NULL) {
            *diag = reading->diag;
        }
        return reading->err;
    }
    char *memory = malloc((size_t)LW_PLAN_RESULT + LW_PLAN_SCRATCH);
    if (memory == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw_work work = {.result = lw_arena_over(memory, LW_PLAN_RESULT),
                    .scratch = lw_arena_over(memory + LW_PLAN_RESULT, LW_PLAN_SCRATCH)};
    int32_t err = plan_on(protocol, reading, day, &work, diag);
    if (err == LW_OK) {
        /* The hash is known: only its place has to be found. No text can hold the name with bare quotes. */
        uint32_t place = 0;
        lw_str json = work.json;
        while (place + OPEN + 4 < json.len && memcmp(json.ptr + place, open, OPEN) != 0) {
            place++;
        }
        char hex[68] = "\"";
        lw__writer w = lw__writer_over(hex + 1, 64);
        lw__put_hex(&w, reading->sha256, 32);
        hex[65] = '"';
        place += OPEN;
        if (place + 4 >= json.len || memcmp(json.ptr + place, "null", 4) != 0) {
            err = LW_ERR_CORRUPT;
        } else {
            lw_buf_add(out, json.ptr, place);
            lw_buf_add(out, hex, 66);
            lw_buf_add(out, json.ptr + place + 4, json.len - place - 4);
            err = out->failed ? LW_ERR_NO_MEMORY : LW_OK;
        }
    }
    free(memory);
    return err;
}
