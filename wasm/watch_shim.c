/*
 * watch_shim.c: the reader of watch files as seen from JavaScript, in a module of its own: a page that imports nothing need
 * not load it.
 *
 * One file at a time. lw_input() gives room for bytes and drops what was there; every answer is JSON, read at lw_output().
 *
 *     lw_fit(bytes)                 a FIT file
 *     lw_xml(sport)                 begins GPX, TCX or a health export; sport is that of tracks that do not say theirs
 *     lw_feed(bytes, last)          its next bytes, in any pieces; each answer holds what was found since the one before
 *     lw_file_hash()                SHA-256 of what was fed, the same file's mark, as lw_hash() of bytes as a whole
 *     lw_join(…)                    a workout with the way that was read last (lw_xml_join)
 *     lw_table(map NUL bytes spare) a table
 *     lw_listing(bytes, name)       a Strava archive's listing: the kind that it gives a member, and its rows without one
 *
 * An answer is {"activities":[…],"sets":[…],"findings":[…],"notes":N,"dialect":N,"over":true}.
 */
#include "base/base_internal.h"
#include "loadwave/events.h"
#include "watch/fit.h"
#include "watch/table.h"
#include "watch/xml.h"

#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("lw_watch_abi") int32_t lw__wasm_abi(void);
/* Drops everything and gives size bytes; NULL when there is not so much. */
EXPORT("lw_input") void *lw__wasm_input(size_t size);
/* Answers 0 or a negative lw_err. */
EXPORT("lw_fit") int32_t lw__wasm_fit(const char *input, size_t size);
EXPORT("lw_xml") void lw__wasm_xml(uint32_t sport);
EXPORT("lw_feed") void lw__wasm_feed(char *input, size_t size, uint32_t last);
EXPORT("lw_file_hash") void lw__wasm_file_hash(void);
/* Of a workout: instants, seconds, centimetres or -1, metres or -1, sport, notes. */
EXPORT("lw_join")
void lw__wasm_join(uint32_t start, uint32_t end, int32_t moving, int32_t cm, int32_t ascent, uint32_t sport,
                   uint32_t notes);
/* size: of the table; input holds the map, a NUL, the table and one byte more. 0, or 1 when the map is none. */
EXPORT("lw_table") int32_t lw__wasm_table(char *input, size_t map_size, size_t size);
/* size: of the listing, behind which the member's name stands. The answer is {"sport":"…","without":N}. */
EXPORT("lw_listing") void lw__wasm_listing(const char *input, size_t size, size_t name_size);
/* Answers with the SHA-256 in hex. */
EXPORT("lw_hash") void lw__wasm_hash(const char *input, size_t size);
EXPORT("lw_output") const char *lw__wasm_output(void);
EXPORT("lw_output_size") uint32_t lw__wasm_output_size(void);

enum {
    ABI = 2,
    PAGE = 64 * 1024,
    MOST = 64 * 1024 * 1024,
    FIT = 64, /* activities of a FIT file */
    ACTIVITIES = 20000,
    SETS = 1024,
    FINDINGS = 256,
    ANSWER = 8 * 1024 * 1024
};

extern uint8_t __heap_base; /* the linker's: first byte after stack and data */

static lw_str output;
static char answer[ANSWER];
static lw_fit_work work;
static struct {
    lw_watch_activity activity;
    const char *kind;
    uint32_t index;
    int32_t pain_x100;
    uint8_t hash[8];
    bool hashed, floating;
    char route[LW_XML_ROUTE];
    uint32_t route_len;
} found[ACTIVITIES];
static lw_watch_activity in_fit[FIT];
static lw_watch_set sets[SETS];
static struct {
    uint8_t what;
    uint32_t line;
    char detail[64];
    uint32_t detail_len;
} findings[FINDINGS];
static uint32_t found_count, finding_count;

int32_t lw__wasm_abi(void) {
    return ABI;
}

void *lw__wasm_input(size_t size) {
    output = (lw_str){NULL, 0};
    uintptr_t at = ((uintptr_t)&__heap_base + 15u) & ~(uintptr_t)15u, have = __builtin_wasm_memory_size(0) * PAGE;
    if (size > MOST + PAGE) {
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

static void put_found(lw__writer *w, uint32_t i) {
    put_activity(w, &found[i].activity);
    w->len--; // its closing brace
    lw__put_c(w, ",\"kind\":");
    lw__put_json(w, lw__str(found[i].kind));
    lw__put_c(w, ",\"hash\":\"");
    lw__put_hex(w, found[i].hash, found[i].hashed ? sizeof found[i].hash : 0);
    lw__put_c(w, "\",");
    member(w, "index", found[i].index);
    lw__put_c(w, found[i].floating ? ",\"floating\":true," : ",\"floating\":false,");
    member(w, "pain_x100", found[i].pain_x100);
    lw__put_c(w, ",\"route\":");
    lw__put_json(w, (lw_str){found[i].route, found[i].route_len});
    lw__put_char(w, '}');
}

static void answer_with(uint32_t set_count, uint16_t notes, uint32_t dialect, bool over) {
    lw__writer w = lw__writer_over(answer, ANSWER);
    lw__put_c(&w, "{\"activities\":[");
    for (uint32_t i = 0; i < found_count; i++) {
        lw__put_c(&w, i > 0 ? "," : "");
        put_found(&w, i);
    }
    lw__put_c(&w, "],\"sets\":[");
    for (uint32_t i = 0; i < set_count; i++) {
        const struct {
            const char *name;
            int64_t value;
        } members[] = {{"activity", sets[i].activity},
                       {"reps", sets[i].reps},
                       {"grams", sets[i].weight_g},
                       {"ms", sets[i].duration_ms},
                       {"start", sets[i].start_s > 0 ? sets[i].start_s : -1},
                       {"category", sets[i].category},
                       {"name", sets[i].name}};
        for (size_t j = 0; j < sizeof members / sizeof members[0]; j++) {
            lw__put_c(&w, j > 0 ? "," : i > 0 ? ",{" : "{");
            member(&w, members[j].name, members[j].value);
        }
        lw__put_char(&w, '}');
    }
    lw__put_c(&w, "],\"findings\":[");
    for (uint32_t i = 0; i < finding_count && i < FINDINGS; i++) {
        lw__put_c(&w, i > 0 ? ",{" : "{");
        member(&w, "what", findings[i].what);
        lw__put_char(&w, ',');
        member(&w, "line", findings[i].line);
        lw__put_c(&w, ",\"detail\":");
        lw__put_json(&w, (lw_str){findings[i].detail, findings[i].detail_len});
        lw__put_char(&w, '}');
    }
    lw__put_c(&w, "],");
    member(&w, "more", finding_count > FINDINGS ? finding_count - FINDINGS : 0);
    lw__put_char(&w, ',');
    member(&w, "notes", notes);
    lw__put_char(&w, ',');
    member(&w, "dialect", dialect);
    lw__put_c(&w, over ? ",\"over\":true}" : ",\"over\":false}");
    output = (lw_str){answer, (uint32_t)w.len};
    found_count = finding_count = 0;
}

/* ---- what readers find ---- */

static lw_scan scan;
static lw_xml xml;
static lw_mender mender;
static lw__sha256 sha;

static void find(void *to, lw_found what, uint32_t line, const char *detail) {
    (void)to;
    if (finding_count < FINDINGS) {
        lw_str text = lw__str(detail != NULL ? detail : "");
        uint32_t len = text.len < sizeof findings[0].detail ? text.len : (uint32_t)sizeof findings[0].detail;
        while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80) {
            len--; // never in the middle of a character
        }
        findings[finding_count].what = (uint8_t)what;
        findings[finding_count].line = line;
        findings[finding_count].detail_len = len;
        memcpy(findings[finding_count].detail, text.ptr, len);
    }
    finding_count++;
}

static void find_here(void *to, lw_found what, uint32_t line, const char *detail) {
    find(to, what, line == 0 && what != LW_FOUND_NO_ACTIVITY ? scan.line : line, detail);
}

static bool add(void *to, const lw_found_activity *one) {
    if (found_count == ACTIVITIES) {
        find(to, LW_FOUND_LIMIT, 0, "20000");
        return false;
    }
    found[found_count].activity = one->activity;
    found[found_count].kind = one->kind;
    found[found_count].index = one->index;
    found[found_count].pain_x100 = one->pain_x100;
    found[found_count].floating = one->floating;
    found[found_count].hashed = one->hash != NULL;
    if (one->hash != NULL) {
        memcpy(found[found_count].hash, one->hash, sizeof found[0].hash);
    }
    found[found_count].route_len = one->route.len;
    memcpy(found[found_count].route, one->route.ptr, one->route.len);
    found_count++;
    return true;
}

static const lw_found_out at_place = {NULL, add, find_here}, out = {NULL, add, find};

int32_t lw__wasm_fit(const char *input, size_t size) {
    uint32_t count = 0, set_count = 0;
    uint16_t notes = 0;
    lw_str bytes = {input, (uint32_t)(size <= MOST ? size : 0)};
    int32_t err = lw_fit_activities(bytes, &work, in_fit, FIT, &count, sets, SETS, &set_count, &notes);
    found_count = finding_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        (void)add(NULL, &(lw_found_activity){.kind = "fit", .index = i, .activity = in_fit[i], .pain_x100 = -1});
    }
    answer_with(set_count, notes, 0, true);
    return err;
}

void lw__wasm_xml(uint32_t sport) {
    found_count = finding_count = 0;
    memset(&mender, 0, sizeof mender);
    lw__sha256_init(&sha);
    lw_xml_begin(&xml, &at_place, (lw_watch_sport)(sport < LW_WATCH_UNKNOWN ? sport : LW_WATCH_UNKNOWN));
    lw_scan_begin(&scan, &xml);
}

void lw__wasm_feed(char *input, size_t size, uint32_t last) {
    size = size <= MOST ? size : 0;
    if (xml.dialect != LW_XML_HEALTH) {
        lw__sha256_update(&sha, input, size);
    }
    size = lw_mend(&mender, xml.dialect, input, size);
    lw_scan_feed(&scan, input, size, last != 0);
    if (last != 0) {
        lw_xml_over(&xml);
    }
    answer_with(0, 0, (uint32_t)xml.dialect, xml.stopped || last != 0);
}

static void answer_hash(const uint8_t hash[32]) {
    lw__writer w = lw__writer_over(answer, ANSWER);
    lw__put_hex(&w, hash, 32);
    output = (lw_str){answer, (uint32_t)w.len};
}

void lw__wasm_file_hash(void) {
    uint8_t hash[32];
    lw__sha256_final(&sha, hash);
    answer_hash(hash);
}

void lw__wasm_join(uint32_t start, uint32_t end, int32_t moving, int32_t cm, int32_t ascent, uint32_t sport,
                   uint32_t notes) {
    lw_watch_activity workout = {.start_s = start,
                                 .end_s = end,
                                 .moving_s = moving,
                                 .distance_cm = cm,
                                 .ascent_m = ascent,
                                 .run_s = -1,
                                 .stretch_s = -1,
                                 .top_mms = -1,
                                 .sport = (uint8_t)(sport <= LW_WATCH_UNKNOWN ? sport : LW_WATCH_UNKNOWN),
                                 .notes = (uint16_t)notes};
    lw_xml_join(&workout, &found[0].activity); // the last answer's first
    lw__writer w = lw__writer_over(answer, ANSWER);
    put_activity(&w, &workout);
    output = (lw_str){answer, (uint32_t)w.len};
}

int32_t lw__wasm_table(char *input, size_t map_size, size_t size) {
    static lw_table_map map;
    found_count = finding_count = 0;
    if (map_size > PAGE / 2 || size > MOST || lw_table_map_read(&map, input) != NULL) {
        return 1;
    }
    lw_table_read(&map, input + map_size + 1, size, &out);
    answer_with(0, 0, 0, true);
    return 0;
}

void lw__wasm_listing(const char *input, size_t size, size_t name_size) {
    char sport[LW_TABLE_SPORT];
    lw_str table = {input, (uint32_t)(size <= MOST ? size : 0)}, name = {input + size, (uint32_t)name_size};
    bool told = lw_table_sport(table, name, sport);
    static const char *const words[] = {"run", "walk", "cycle", "swim", "drive", "sit", "sport", ""};
    lw__writer w = lw__writer_over(answer, ANSWER);
    lw__put_c(&w, "{\"sport\":");
    lw__put_json(&w, lw__str(words[told ? lw_watch_sport_of(lw__str(sport)) : LW_WATCH_UNKNOWN]));
    lw__put_c(&w, ",");
    member(&w, "without", lw_table_rows_without(table));
    lw__put_char(&w, '}');
    output = (lw_str){answer, (uint32_t)w.len};
}

void lw__wasm_hash(const char *input, size_t size) {
    uint8_t hash[32];
    lw__sha256_of(input, size <= MOST ? size : 0, hash);
    answer_hash(hash);
}
