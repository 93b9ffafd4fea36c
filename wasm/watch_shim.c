/*
 * watch_shim.c: the reader of watch files as seen from JavaScript, in a module of its own: a page that imports nothing need
 * not load it.
 *
 * One file at a time: lw_input() drops whatever was there and gives room, lw_fit() or lw_track() reads it and answers as JSON.
 * lw_fit() takes the bytes of a FIT file. lw_track() takes what a page found in a GPX or TCX file, as lines of fields parted
 * by tabs, texts as they stand there; numbers and times are read here, so that the page and the program read them alike:
 *
 *     a  SPORT                      an activity begins
 *     s                             a segment of it begins
 *     l  START SECONDS METRES       totals of a lap, for those without points
 *     p  LAT LON HEIGHT TIME WAY    a point; empty fields are not known
 *
 * lw_hash() answers with the hash of the input: what makes a file known again.
 */
#include "base/base_internal.h"
#include "loadwave/events.h"
#include "watch/fit.h"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("lw_watch_abi") int32_t lw__wasm_abi(void);
/* Drops everything and gives size bytes; NULL when there is not so much. */
EXPORT("lw_input") void *lw__wasm_input(size_t size);
/* Both answer 0 or a negative lw_err; the answer is {"activities":[…],"sets":[…],"notes":N,"routes":N}. */
EXPORT("lw_fit") int32_t lw__wasm_fit(const char *input, size_t size);
EXPORT("lw_track") int32_t lw__wasm_track(const char *input, size_t size);
/* Answers with the SHA-256 in hex. */
EXPORT("lw_hash") void lw__wasm_hash(const char *input, size_t size);
EXPORT("lw_output") const char *lw__wasm_output(void);
EXPORT("lw_output_size") uint32_t lw__wasm_output_size(void);

enum { ABI = 1, PAGE = 64 * 1024, MOST = 64 * 1024 * 1024, ACTIVITIES = 64, SETS = 1024, ANSWER = 256 * 1024 };

extern uint8_t __heap_base; /* the linker's: first byte after stack and data */

static lw_str output;
static char answer[ANSWER];
static lw_fit_work work;
static lw_watch_activity found[ACTIVITIES];
static lw_watch_set sets[SETS];

int32_t lw__wasm_abi(void) {
    return ABI;
}

void *lw__wasm_input(size_t size) {
    output = (lw_str){NULL, 0};
    uintptr_t at = ((uintptr_t)&__heap_base + 15u) & ~(uintptr_t)15u, have = __builtin_wasm_memory_size(0) * PAGE;
    if (size > MOST) {
        return NULL;
    }
    uintptr_t end = at + size;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1) {
        return NULL;
    }
    return (void *)at;
}

const char *lw__wasm_output(void) {
    return output.ptr;
}

uint32_t lw__wasm_output_size(void) {
    return output.len;
}

static void member(lw__writer *w, const char *name, int64_t value) {
    lw__put_char(w, '"');
    lw__put_c(w, name);
    lw__put_c(w, "\":");
    if (value < 0) {
        lw__put_c(w, "null"); // not known
    } else {
        lw__put_int(w, value);
    }
}

static void put_activity(lw__writer *w, const lw_watch_activity *a) {
    static const char *const sports[] = {"run", "walk", "cycle", "swim", "drive", "sit", "sport", ""};
    lw__put_c(w, "{\"sport\":");
    lw__put_json(w, lw__str(sports[a->sport]));
    const struct {
        const char *name;
        int64_t value;
    } members[] = {{"start", a->start_s},   {"end", a->end_s},         {"moving", a->moving_s}, {"cm", a->distance_cm},
                   {"run", a->run_s},       {"stretch", a->stretch_s}, {"ascent", a->ascent_m}, {"top", a->top_mms},
                   {"samples", a->samples}, {"sets", a->sets},         {"notes", a->notes}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        lw__put_char(w, ',');
        member(w, members[i].name, members[i].value);
    }
    lw__put_c(w, ",\"offset\":");
    if (a->has_offset) {
        lw__put_int(w, a->offset_min);
    } else {
        lw__put_c(w, "null");
    }
    lw__put_char(w, '}');
}

static void answer_with(uint32_t count, uint32_t set_count, uint16_t notes, uint32_t routes) {
    lw__writer w = lw__writer_over(answer, ANSWER);
    lw__put_c(&w, "{\"activities\":[");
    for (uint32_t i = 0; i < count; i++) {
        lw__put_c(&w, i > 0 ? "," : "");
        put_activity(&w, &found[i]);
    }
    lw__put_c(&w, "],\"sets\":[");
    for (uint32_t i = 0; i < set_count; i++) {
        lw__put_c(&w, i > 0 ? ",{" : "{");
        member(&w, "activity", sets[i].activity);
        lw__put_char(&w, ',');
        member(&w, "reps", sets[i].reps);
        lw__put_char(&w, ',');
        member(&w, "grams", sets[i].weight_g);
        lw__put_char(&w, ',');
        member(&w, "ms", sets[i].duration_ms);
        lw__put_char(&w, ',');
        member(&w, "start", sets[i].start_s > 0 ? sets[i].start_s : -1);
        lw__put_char(&w, ',');
        member(&w, "category", sets[i].category);
        lw__put_char(&w, ',');
        member(&w, "name", sets[i].name);
        lw__put_char(&w, '}');
    }
    lw__put_c(&w, "],");
    member(&w, "notes", notes);
    lw__put_char(&w, ',');
    member(&w, "routes", routes);
    lw__put_char(&w, '}');
    output = (lw_str){answer, (uint32_t)w.len};
}

int32_t lw__wasm_fit(const char *input, size_t size) {
    uint32_t count = 0, set_count = 0;
    uint16_t notes = 0;
    lw_str bytes = {input, (uint32_t)(size <= MOST ? size : 0)};
    int32_t err = lw_fit_activities(bytes, &work, found, ACTIVITIES, &count, sets, SETS, &set_count, &notes);
    answer_with(count, set_count, notes, 0);
    return err;
}

void lw__wasm_hash(const char *input, size_t size) {
    uint8_t hash[32];
    lw__sha256_of(input, size <= MOST ? size : 0, hash);
    lw__writer w = lw__writer_over(answer, ANSWER);
    lw__put_hex(&w, hash, sizeof hash);
    output = (lw_str){answer, (uint32_t)w.len};
}

/* ---- lines of a track ---- */

enum { FIELDS = 6 };

int32_t lw__wasm_track(const char *input, size_t size) {
    const char *p = input, *end = input + (size <= MOST ? size : 0);
    uint32_t count = 0, routes = 0;
    static lw_track_reader reader;
    bool open = false;
    uint16_t notes = 0;
    while (p < end) {
        lw_str field[FIELDS] = {{NULL, 0}};
        uint32_t fields = 0;
        const char *from = p;
        for (; p < end && *p != '\n'; p++) {
            if (*p == '\t') {
                if (fields < FIELDS) {
                    field[fields++] = (lw_str){from, (uint32_t)(p - from)};
                }
                from = p + 1;
            }
        }
        if (fields < FIELDS) {
            field[fields++] = (lw_str){from, (uint32_t)(p - from)};
        }
        p += p < end;
        char what = field[0].len == 1 ? field[0].ptr[0] : '\0';
        if (what == 'a') {
            if (open && count < ACTIVITIES) {
                count += lw_track_end(&reader, &found[count]);
                routes += reader.route;
            }
            notes |= open && count == ACTIVITIES ? LW_NOTE_MORE : 0;
            lw_track_begin(&reader, lw_watch_sport_of(field[1]));
            open = true;
        } else if (open && what == 's') {
            lw_track_segment(&reader);
        } else if (open && what == 'l') {
            lw_track_lap(&reader, field[1], field[2], field[3]);
        } else if (open && what == 'p') {
            lw_track_point(&reader, field[1], field[2], field[3], field[4], field[5]);
        }
    }
    if (open && count < ACTIVITIES) {
        count += lw_track_end(&reader, &found[count]);
        routes += reader.route;
    }
    answer_with(count, 0, notes, routes);
    return LW_OK;
}
