/*
 * course.h: random courses of treatment, for properties over many records.
 *
 * A course is a list of events as plain structs, so that a test can worsen a pain, drop an event or turn the order round
 * and write the record anew. course_make() lives through the days of one seeded patient: each morning it checks in (or
 * not), asks the engine for the plan and does it, more or less; now and then something happens (a flag, a shockwave, a
 * limit, silence). Nothing here is random but by the seed.
 *
 * course_read() reads a plan's JSON back into a flat struct. It knows the plan's writer: compact, no spaces.
 */
#ifndef TEST_COURSE_H
#define TEST_COURSE_H

#include "engine/fold.h"
#include "test_support.h"

enum {
    COURSE_MAX = 4000,
    COURSE_START = 20458, /* 2026-01-05, a Monday */
    COURSE_BYTES = 4 << 20,
    COURSE_ITEMS = 6
};

typedef enum ev_kind {
    EV_CHECKIN,
    EV_EXERCISE,
    EV_ACTIVITY,
    EV_SYMPTOM,
    EV_CLEARED,
    EV_CONDITION,
    EV_MEDICINE,
    EV_SHOCKWAVE,
    EV_BOOKED,
    EV_LIMIT,
    EV_AUTHORITY,
    EV_ACCEPTED,
    EV_VOID,
    EV_SCREENED,
    EV_ASSESSED,
    EV_TESTED,
    EV_STARTED,
    EV_PAUSED,
    EV_RESUMED,
    EV_OTHER
} ev_kind;

/* One event. Members of check-ins, exercises and activities stand apart so that a test can change them; −1 is absent. */
typedef struct ev {
    int32_t day;
    int32_t minute;
    uint32_t id;
    ev_kind kind;
    bool clinician;
    bool gone;        /* left out of the record; keeps its place, so that two courses stay in step */
    const char *name; /* of the kind, as in the record */
    int8_t morning, test, worst, soreness, stress, night, rest, relief;
    int16_t stiffness, sitting, sleep;
    char exercise[28];
    int8_t side, pain, effort, skip;
    int16_t sets, reps, hold, contacts, distance, speed;
    int32_t load; /* hundredths of kg */
    int8_t type, level;
    int16_t minutes, run_minutes;
    int32_t km;     /* hundredths */
    int32_t a, b;   /* flag, code, level, target id … for the model of a test */
    char data[760]; /* of all other kinds */
} ev;

typedef struct course {
    uint64_t seed;
    int32_t days; /* 0 … days − 1 are lived */
    uint32_t count;
    ev events[COURSE_MAX];
} course;

/* ---- random numbers: splitmix64 ---- */

typedef struct dice {
    uint64_t state;
} dice;

static inline uint64_t roll(dice *d) {
    uint64_t z = (d->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* from … to, both included */
static inline int32_t between(dice *d, int32_t from, int32_t to) {
    return from + (int32_t)(roll(d) % (uint64_t)(to - from + 1));
}

static inline bool chance(dice *d, int32_t per_thousand) {
    return between(d, 0, 999) < per_thousand;
}

/* ---- records ---- */

static inline const char *side_word(int32_t side) {
    return lw_side_names[side];
}

/* One line with its newline; returns its length. */
static inline size_t ev_write(const ev *e, char *out, size_t cap) {
    char date[11] = {0};
    char data[900];
    size_t n = 0;
    lw_day_write(e->day, date);
#define ADD(...) (n += (size_t)snprintf(data + n, sizeof(data) - n, __VA_ARGS__))
    switch (e->kind) {
    case EV_CHECKIN:
        ADD("{\"pain_morning\":%d", e->morning);
        if (e->test >= 0)
            ADD(",\"pain_test\":%d", e->test);
        if (e->worst >= 0)
            ADD(",\"pain_worst_24h\":%d", e->worst);
        if (e->night >= 0)
            ADD(",\"night_pain\":%s", e->night ? "true" : "false");
        if (e->rest >= 0)
            ADD(",\"rest_pain\":%s", e->rest ? "true" : "false");
        if (e->soreness >= 0)
            ADD(",\"muscle_soreness\":%d", e->soreness);
        if (e->stress >= 0)
            ADD(",\"stress\":%d", e->stress);
        if (e->stiffness >= 0)
            ADD(",\"stiffness_min\":%d", e->stiffness);
        if (e->sitting >= 0)
            ADD(",\"sitting_min\":%d", e->sitting);
        if (e->sleep >= 0)
            ADD(",\"sleep_h\":%d", e->sleep);
        if (e->relief >= 0)
            ADD(",\"pain_relief\":\"%s\"", lw_pain_relief_names[e->relief]);
        ADD("}");
        break;
    case EV_EXERCISE:
        ADD("{\"exercise\":\"%s\",\"side\":\"%s\"", e->exercise, side_word(e->side));
        if (e->skip >= 0) {
            ADD(",\"skip\":\"%s\"}", lw_skip_names[e->skip]);
            break;
        }
        ADD(",\"sets\":[");
        for (int32_t i = 0; i < e->sets; i++) {
            ADD("%s{", i > 0 ? "," : "");
            size_t first = n;
            if (e->reps > 0)
                ADD("\"reps\":%d,", e->reps);
            if (e->hold > 0)
                ADD("\"hold_s\":%d,", e->hold);
            if (e->contacts > 0)
                ADD("\"contacts\":%d,", e->contacts);
            if (e->distance > 0)
                ADD("\"distance_m\":%d,", e->distance);
            if (e->load >= 0)
                ADD("\"load_kg\":%d.%02d,", e->load / 100, e->load % 100);
            if (e->speed > 0)
                ADD("\"speed_pct\":%d,", e->speed);
            n -= n > first ? 1 : 0;
            ADD("}");
        }
        ADD("],\"pain_during\":%d", e->pain);
        if (e->effort >= 0)
            ADD(",\"effort\":%d", e->effort);
        if (e->relief >= 0)
            ADD(",\"pain_relief\":\"%s\"", lw_pain_relief_names[e->relief]);
        ADD("}");
        break;
    case EV_ACTIVITY:
        ADD("{\"type\":\"%s\",\"minutes\":%d", lw_activity_names[e->type], e->minutes);
        if (e->km >= 0)
            ADD(",\"km\":%d.%02d", e->km / 100, e->km % 100);
        if (e->level >= 0)
            ADD(",\"run_level\":%d", e->level);
        if (e->run_minutes >= 0)
            ADD(",\"run_minutes\":%d", e->run_minutes);
        if (e->pain >= 0)
            ADD(",\"pain_during\":%d", e->pain);
        ADD("}");
        break;
    default:
        ADD("%s", e->data);
        break;
    }
#undef ADD
    int len =
        snprintf(out, cap,
                 "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%012x\",\"patient\":\"p\",\"kind\":\"%s\","
                 "\"at\":\"%sT%02d:%02d:00+01:00\",\"by\":\"%s\",\"data\":%s}\n",
                 e->id, e->name, date, e->minute / 60, e->minute % 60, e->clinician ? "clinician:a" : "patient", data);
    assert_true(len > 0 && (size_t)len < cap);
    return (size_t)len;
}

/* The whole record of days up to `last` (days since 1970). */
static inline lw_str course_write(const course *c, int32_t last, char *out) {
    size_t n = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->events[i].day <= last && !c->events[i].gone) {
            n += ev_write(&c->events[i], out + n, COURSE_BYTES - n);
        }
    }
    return (lw_str){out, (uint32_t)n};
}

/* ---- plans, read back ---- */

typedef struct read_item {
    char exercise[28];
    int32_t side, level, sets, reps, hold, contacts, distance, speed, class_, bouts;
    int32_t load; /* hundredths of kg, −1 unknown or none */
    char change[16];
    char proposal[16];
    char cap[16];
    char to[28]; /* of change or proposal, as written */
    char from[28];
} read_item;

typedef struct read_plan {
    char status[16], verdict[12], stage[16], flare[8], irritability[12], deload[20], shockwave[20], binding[8];
    bool due, stage_proposal, run_allowed, hills, run_proposal, referral, review;
    bool asks; /* a screening or the load ladder is asked for before anything is due */
    int32_t items, run_level, max_min, max_km, bindings, whys, refused, missing;
    char stage_to[16];
    read_item item[COURSE_ITEMS];
} read_plan;

/* Where the value of a member starts inside [at, end), at the outermost level of the object; NULL when not there. */
static inline const char *member(const char *at, const char *end, const char *name) {
    size_t len = strlen(name);
    int32_t depth = 0;
    bool text = false;
    for (const char *p = at; p < end; p++) {
        if (text) {
            text = *p != '"' || p[-1] == '\\';
            continue;
        }
        if (*p == '"') {
            if (depth == 1 && (size_t)(end - p) > len + 3 && memcmp(p + 1, name, len) == 0 && p[len + 1] == '"' &&
                p[len + 2] == ':') {
                return p + len + 3;
            }
            text = true;
        }
        depth += *p == '{' || *p == '[' ? 1 : *p == '}' || *p == ']' ? -1 : 0;
    }
    return NULL;
}

/* End of the value that starts at `at`. */
static inline const char *value_end(const char *at, const char *end) {
    int32_t depth = 0;
    bool text = false;
    for (const char *p = at; p < end; p++) {
        if (text) {
            text = *p != '"' || p[-1] == '\\';
        } else if (*p == '"') {
            text = true;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']') {
            if (depth-- == 0) {
                return p;
            }
        } else if (*p == ',' && depth == 0) {
            return p;
        }
    }
    return end;
}

/* Text or number as written, without quotes; "" for null. */
static inline void take_text(const char *object, const char *end, const char *name, char *out, size_t cap) {
    const char *at = member(object, end, name);
    assert_non_null(at);
    const char *stop = value_end(at, end);
    out[0] = '\0';
    if (*at == 'n') {
        return;
    }
    bool quoted = *at == '"';
    size_t len = (size_t)(stop - at) - (quoted ? 2 : 0);
    assert_true(len < cap);
    memcpy(out, at + (quoted ? 1 : 0), len);
    out[len] = '\0';
}

/* Hundredths when scale is 100; −1 for null. */
static inline int32_t take_number(const char *object, const char *end, const char *name, int32_t scale) {
    char text[32];
    take_text(object, end, name, text, sizeof(text));
    if (text[0] == '\0') {
        return -1;
    }
    return (int32_t)(strtod(text, NULL) * scale + 0.5);
}

static inline bool take_bool(const char *object, const char *end, const char *name) {
    return *member(object, end, name) == 't';
}

/* Elements of the list at `at`. */
static inline int32_t list_length(const char *at, const char *end) {
    int32_t n = 0;
    for (const char *p = at + 1; p < end && *p != ']'; p = value_end(p, end), p += *p == ',' ? 1 : 0) {
        n++;
    }
    return n;
}

static inline void take_change(const char *item, const char *end, const char *name, char variable[16], read_item *out) {
    const char *at = member(item, end, name);
    variable[0] = '\0';
    if (*at == '{') {
        const char *stop = value_end(at, end);
        take_text(at, stop, "variable", variable, 16);
        take_text(at, stop, "from", out->from, sizeof(out->from));
        take_text(at, stop, "to", out->to, sizeof(out->to));
    }
}

static inline void course_read(lw_str json, read_plan *out) {
    const char *p = json.ptr;
    const char *end = p + json.len;
    memset(out, 0, sizeof(*out));
    take_text(p, end, "status", out->status, sizeof(out->status));
    take_text(p, end, "verdict", out->verdict, sizeof(out->verdict));
    take_text(p, end, "flare", out->flare, sizeof(out->flare));
    take_text(p, end, "irritability", out->irritability, sizeof(out->irritability));
    const char *stage = member(p, end, "stage");
    const char *stage_end = value_end(stage, end);
    take_text(stage, stage_end, "id", out->stage, sizeof(out->stage));
    const char *proposal = member(stage, stage_end, "proposal");
    out->stage_proposal = *proposal == '{';
    if (out->stage_proposal) {
        take_text(proposal, value_end(proposal, stage_end), "to", out->stage_to, sizeof(out->stage_to));
    }
    const char *deload = member(p, end, "deload");
    if (*deload == '{') {
        take_text(deload, value_end(deload, end), "cause", out->deload, sizeof(out->deload));
    }
    const char *run = member(p, end, "run");
    const char *run_end = value_end(run, end);
    out->run_allowed = take_bool(run, run_end, "allowed");
    out->hills = take_bool(run, run_end, "hills");
    out->run_level = take_number(run, run_end, "level", 1);
    out->max_min = take_number(run, run_end, "max_min", 1);
    out->max_km = take_number(run, run_end, "max_km", 100);
    out->run_proposal = *member(run, run_end, "proposal") == '{';
    const char *shockwave = member(p, end, "shockwave");
    take_text(shockwave, value_end(shockwave, end), "status", out->shockwave, sizeof(out->shockwave));
    out->referral = *member(p, end, "referral") == '{';
    out->review = *member(p, end, "review") == '{';
    const char *missing = member(p, end, "missing");
    const char *close = memchr(missing, ']', (size_t)(end - missing));
    const char *ladder = strstr(missing, "\"tests\"");
    const char *screen = strstr(missing, "\"screened\"");
    out->asks = (ladder != NULL && ladder < close) || (screen != NULL && screen < close);
    out->missing = list_length(member(p, end, "missing"), end);
    out->refused = list_length(member(p, end, "refused"), end);

    const char *session = member(p, end, "session");
    const char *session_end = value_end(session, end);
    out->due = take_bool(session, session_end, "due");
    const char *at = member(session, session_end, "items") + 1;
    while (*at == '{') {
        const char *stop = value_end(at, session_end);
        assert_true(out->items < COURSE_ITEMS);
        read_item *item = &out->item[out->items++];
        char side[8];
        take_text(at, stop, "exercise", item->exercise, sizeof(item->exercise));
        take_text(at, stop, "side", side, sizeof(side));
        item->side = side[0] == 'l' ? 0 : side[0] == 'r' ? 1 : 2;
        item->level = take_number(at, stop, "level", 1);
        item->sets = take_number(at, stop, "sets", 1);
        item->reps = take_number(at, stop, "reps", 1);
        item->hold = take_number(at, stop, "hold_s", 1);
        item->contacts = take_number(at, stop, "contacts", 1);
        item->distance = take_number(at, stop, "distance_m", 1);
        item->speed = take_number(at, stop, "speed_pct", 1);
        item->load = take_number(at, stop, "load_kg", 100);
        item->class_ = take_number(at, stop, "compression_class", 1);
        item->bouts = take_number(at, stop, "times_a_day", 1);
        take_text(at, stop, "cap", item->cap, sizeof(item->cap));
        take_change(at, stop, "change", item->change, item);
        take_change(at, stop, "proposal", item->proposal, item);
        at = stop + (*stop == ',' ? 1 : 0);
    }
    at = member(p, end, "why") + 1;
    while (*at == '{') {
        const char *stop = value_end(at, end);
        out->whys++;
        if (take_bool(at, stop, "binding")) {
            out->bindings++;
            take_text(at, stop, "rule", out->binding, sizeof(out->binding));
        }
        at = stop + (*stop == ',' ? 1 : 0);
    }
}

/* ---- the engine, with the test's own memory ---- */

typedef struct bench {
    const lw_protocol *protocol;
    uint8_t *record_memory, *scratch_memory, *plan_memory, *plan_scratch;
    size_t record_size, scratch_size;
    char *text;
    lw_record record;
} bench;

static inline lw_str read_whole(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(LW_MAX_PROTOCOL);
    size_t len = fread(bytes, 1, LW_MAX_PROTOCOL, file);
    (void)fclose(file);
    return (lw_str){bytes, (uint32_t)len};
}

static inline const lw_protocol *course_protocol(void) {
    static const lw_protocol *protocol;
    if (protocol == NULL) {
        lw_str text = read_whole(LW_SOURCE_DIR "/protocols/pht/pht.protocol");
        lw_arena result = lw_arena_over(malloc(LW_PROTOCOL_RESULT), LW_PROTOCOL_RESULT);
        lw_arena scratch = lw_arena_over(malloc(LW_PROTOCOL_SCRATCH), LW_PROTOCOL_SCRATCH);
        assert_int_equal(lw_protocol_compile(text, &result, &scratch, &protocol, NULL), LW_OK);
        free(scratch.base);
    }
    return protocol;
}

static inline void bench_open(bench *b) {
    b->protocol = course_protocol();
    lw_record_size_hint(COURSE_BYTES, &b->record_size, &b->scratch_size);
    b->record_memory = malloc(b->record_size);
    b->scratch_memory = malloc(b->scratch_size);
    b->plan_memory = malloc(LW_PLAN_RESULT);
    b->plan_scratch = malloc(LW_PLAN_SCRATCH);
    b->text = malloc(COURSE_BYTES);
}

static inline void bench_close(bench *b) {
    free(b->record_memory);
    free(b->scratch_memory);
    free(b->plan_memory);
    free(b->plan_scratch);
    free(b->text);
}

/* Reads bytes (borrowed until the next reading) as the record to plan with. */
static inline void bench_record(bench *b, lw_str bytes) {
    lw_arena result = lw_arena_over(b->record_memory, b->record_size);
    lw_arena scratch = lw_arena_over(b->scratch_memory, b->scratch_size);
    lw_diag diag = {.err = 0};
    int32_t err = lw_record_read(bytes, &result, &scratch, &b->record, &diag);
    if (err != LW_OK) {
        fail_msg("line %u %s: %s", diag.line, diag.member, diag.message);
    }
}

/* The plan of a day; good until the next one. */
static inline lw_str bench_plan(bench *b, int32_t day) {
    lw_work work = {.result = lw_arena_over(b->plan_memory, LW_PLAN_RESULT),
                    .scratch = lw_arena_over(b->plan_scratch, LW_PLAN_SCRATCH)};
    lw_diag diag = {.err = 0};
    int32_t err = lw_plan(b->protocol, &b->record, day, 0, &work, &diag);
    if (err != LW_OK) {
        fail_msg("%s: %s", lw_err_name(err), diag.message);
    }
    return work.json;
}

/* ---- a life ---- */

static inline ev *add_event(course *c, int32_t day, int32_t minute, ev_kind kind, const char *name, bool clinician) {
    assert_true(c->count < COURSE_MAX);
    ev *e = &c->events[c->count++];
    memset(e, 0, sizeof(*e));
    e->day = day;
    e->minute = minute;
    e->id = c->count;
    e->kind = kind;
    e->name = name;
    e->clinician = clinician;
    e->test = e->worst = e->soreness = e->stress = e->night = e->rest = e->relief = e->pain = e->effort = e->skip = -1;
    e->stiffness = e->sitting = e->sleep = e->run_minutes = -1;
    e->type = e->level = -1;
    e->load = e->km = -1;
    return e;
}

#define SAY(e, ...) ((void)snprintf((e)->data, sizeof((e)->data), __VA_ARGS__))

static inline int32_t limited(int32_t value, int32_t low, int32_t high) {
    return value < low ? low : value > high ? high : value;
}

static inline void add_tests(dice *d, ev *e, const char *more, int32_t pain, int32_t reps) {
    SAY(e,
        "{%s\"tests\":{\"bridge_double\":%d,\"bridge_single\":%d,\"bridge_long_lever\":%d,\"arabesque\":%d,\"rdl\":%d,"
        "\"lunge\":%d,\"drop_lunge\":%d,\"hop\":%d},\"bridge_reps\":{\"left\":%d,\"right\":%d},\"sitting_min\":%d}",
        more, limited(pain - between(d, 0, 2), 0, 10), limited(pain + between(d, -1, 1), 0, 10),
        limited(pain + between(d, -1, 2), 0, 10), limited(pain + between(d, -1, 2), 0, 10),
        limited(pain + between(d, -1, 1), 0, 10), limited(pain + between(d, -1, 1), 0, 10),
        limited(pain + between(d, -2, 1), 0, 10), limited(pain + between(d, -1, 1), 0, 10), reps,
        limited(reps + between(d, -2, 2), 0, 60), between(d, 1, 8) * 10);
}

/* Something that happens on one day in a hundred or so. */
static inline void incident(dice *d, course *c, int32_t day, bool supervised, const lw_protocol *p) {
    static const int32_t stopping[] = {0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 13};
    switch (between(d, 0, 11)) {
    case 0: { // a flag, looked at by a clinician some days later, or never
        ev *flag = add_event(c, day, 450, EV_SYMPTOM, "symptom", false);
        int32_t k = stopping[between(d, 0, 11)];
        flag->a = k;
        SAY(flag, "{\"flag\":\"%s\"}", lw_flag_names[k]);
        if (chance(d, 800)) {
            int32_t later = day + between(d, 0, 6);
            uint32_t id = flag->id;
            if (chance(d, 700)) {
                ev *seen = add_event(c, later, 700, EV_ASSESSED, "assessed", true);
                SAY(seen, "{\"adl_pain\":%d}", between(d, 0, 5));
            }
            ev *cleared = add_event(c, later, 720, EV_CLEARED, "cleared", true);
            cleared->a = (int32_t)id;
            SAY(cleared, "{\"events\":[\"0195a0c2-7b1e-7000-8000-%012x\"],\"note\":\"seen\"}", id);
            if (chance(d, 500)) {
                ev *level = add_event(c, later, 730, EV_AUTHORITY, "authority", true);
                level->a = LW_AUTHORITY_PROGRESS;
                SAY(level, "{\"level\":\"progress\"}");
            }
        }
        break;
    }
    case 1: { // a contraindication, over again some weeks later, or never
        static const int32_t codes[] = {0, 1, 2, 5, 6, 10};
        ev *began = add_event(c, day, 460, EV_CONDITION, "condition", false);
        began->a = codes[between(d, 0, 5)];
        began->b = 1;
        SAY(began, "{\"code\":\"%s\",\"present\":true}", lw_contra_names[began->a]);
        if (chance(d, 600)) {
            int32_t code = began->a;
            ev *over = add_event(c, day + between(d, 2, 20), 465, EV_CONDITION, "condition", true);
            over->a = code;
            SAY(over, "{\"code\":\"%s\",\"present\":false}", lw_contra_names[code]);
        }
        break;
    }
    case 2: {
        static const char *const classes[] = {"nsaid", "steroid_injection", "fluoroquinolone", "anticoagulant",
                                              "paracetamol"};
        ev *taken = add_event(c, day, 470, EV_MEDICINE, "medicine", false);
        taken->a = between(d, 0, 4);
        char from[11] = {0};
        char to[11] = {0};
        lw_day_write(day, from);
        lw_day_write(day + between(d, 0, 5), to);
        SAY(taken, "{\"class\":\"%s\",\"from\":\"%s\",\"to\":\"%s\"}", classes[taken->a], from, to);
        break;
    }
    case 3:
    case 4: {
        ev *limit = add_event(c, day, 480, EV_LIMIT, "limit", true);
        char until[11] = {0};
        limit->b = day + between(d, 3, 30);
        lw_day_write(limit->b, until);
        if (chance(d, 500)) {
            limit->a = between(d, 0, 2);
            lw_str id = p->exercises[between(d, 0, p->exercise_count - 1)].id;
            memcpy(limit->exercise, id.ptr, id.len);
            SAY(limit, "{\"exercise\":\"%.*s\",\"max\":%d,\"until\":\"%s\",\"reason\":\"r\"}", (int)id.len, id.ptr,
                limit->a, until);
        } else {
            limit->a = between(d, 5, 12);
            SAY(limit, "{\"variable\":\"reps\",\"max\":%d,\"until\":\"%s\",\"reason\":\"r\"}", limit->a, until);
        }
        break;
    }
    case 5: {
        ev *level = add_event(c, day, 490, EV_AUTHORITY, "authority", supervised);
        level->a = between(d, 0, supervised ? 2 : 1);
        SAY(level, "{\"level\":\"%s\"}", lw_authority_names[level->a]);
        break;
    }
    case 6: {
        ev *pause = add_event(c, day, 500, EV_PAUSED, "paused", false);
        SAY(pause, "{\"reason\":\"holiday\"}");
        if (chance(d, 900)) {
            ev *on = add_event(c, day + between(d, 1, 34), 380, EV_RESUMED, "resumed", false);
            SAY(on, "{}");
        }
        break;
    }
    case 7:
    case 8: {
        ev *sw = add_event(c, day, 720, EV_SHOCKWAVE, "shockwave", chance(d, 800));
        if (sw->clinician) {
            SAY(sw,
                "{\"side\":\"left\",\"wave\":\"radial\",\"device\":\"d\",\"pressure_bar\":%d,\"impulses\":2000,"
                "\"anaesthetic\":%s,\"consent\":true}",
                between(d, 2, 4), chance(d, 100) ? "true" : "false");
        } else {
            SAY(sw, "{\"side\":\"left\"}");
        }
        break;
    }
    case 9: {
        ev *booked = add_event(c, day, 510, EV_BOOKED, "booked", false);
        char on[11] = {0};
        booked->a = day + between(d, 1, 5);
        lw_day_write(booked->a, on);
        SAY(booked, "{\"what\":\"shockwave\",\"on\":\"%s\"}", on);
        if (chance(d, 800)) {
            int32_t when = booked->a;
            ev *sw = add_event(c, when, 720, EV_SHOCKWAVE, "shockwave", true);
            SAY(sw, "{\"side\":\"left\",\"wave\":\"focused\",\"device\":\"d\",\"efd_mj_mm2\":0.15,\"impulses\":2000,"
                    "\"anaesthetic\":false,\"consent\":true}");
        }
        break;
    }
    case 10: // an earlier event never happened
        for (int32_t tries = 0; tries < 5 && c->count > 8; tries++) {
            const ev *target = &c->events[between(d, 6, (int32_t)c->count - 1)];
            if (target->kind == EV_CHECKIN || target->kind == EV_EXERCISE || target->kind == EV_ACTIVITY) {
                uint32_t id = target->id;
                ev *v = add_event(c, day, 1300, EV_VOID, "void", false);
                v->a = (int32_t)id;
                SAY(v, "{\"event\":\"0195a0c2-7b1e-7000-8000-%012x\",\"reason\":\"mistake\"}", id);
                break;
            }
        }
        break;
    default: {
        ev *score = add_event(c, day, 520, EV_OTHER, "outcome", false);
        SAY(score, "{\"instrument\":\"visa_h\",\"score\":%d}", between(d, 20, 95));
        break;
    }
    }
}

/* Does an item, mostly as asked. */
static inline void do_item(dice *d, course *c, int32_t day, const read_item *item, int32_t pain, int32_t effort) {
    ev *e = add_event(c, day, 1080 + (int32_t)(c->count % 50), EV_EXERCISE, "exercise", false);
    memcpy(e->exercise, item->exercise, sizeof(e->exercise));
    e->side = (int8_t)item->side;
    if (chance(d, 30)) {
        e->skip = (int8_t)between(d, 0, 4);
        return;
    }
    e->sets = (int16_t)item->sets;
    e->reps = (int16_t)item->reps;
    e->hold = (int16_t)item->hold;
    e->contacts = (int16_t)item->contacts;
    e->distance = (int16_t)item->distance;
    e->speed = (int16_t)item->speed;
    e->load = item->load;
    lw_str id = str(item->exercise);
    for (int32_t i = 0; i < course_protocol()->exercise_count && e->load < 0; i++) {
        const lw_exercise *known = &course_protocol()->exercises[i];
        if (lw__str_eq(known->id, id) && known->loaded > 0) {
            e->load = between(d, 4, 30) * 100;
        }
    }
    if (chance(d, 60)) { // not quite as asked
        switch (between(d, 0, 4)) {
        case 0:
            e->sets = (int16_t)limited(e->sets - 1, 1, 9);
            break;
        case 1:
            e->sets++;
            break;
        case 2:
            e->reps = (int16_t)(e->reps > 0 ? limited(e->reps + between(d, -3, 3), 1, 40) : e->reps);
            break;
        case 3:
            e->load = e->load > 0 ? e->load + between(d, -4, 8) * 50 : e->load;
            break;
        default:
            e->hold = (int16_t)(e->hold > 0 ? limited(e->hold + between(d, -10, 20), 5, 90) : e->hold);
            break;
        }
        e->load = e->load < -1 ? 0 : e->load;
    }
    e->pain = (int8_t)limited(pain + between(d, -1, 1), 0, 10);
    e->effort = (int8_t)(chance(d, 970) ? limited(effort + between(d, -1, 1), 0, 10) : -1);
}

/* Called each morning with the course so far and the plan; false ends the life there. */
typedef bool (*course_morning)(void *context, const course *c, int32_t day, const read_plan *plan);

/* One patient's life from a seed; b is used to ask the engine. False when a morning ended it. */
static inline bool course_make(course *c, uint64_t seed, bench *b, course_morning morning, void *context) {
    static const char *const goals[] = {"daily", "sit", "cycle", "run", "sprint", "sport"};
    dice d = {seed * UINT64_C(0x2545f4914f6cdd1d) + 1};
    c->seed = seed;
    c->count = 0;
    c->days = between(&d, 40, 140);
    bool supervised = chance(&d, 700);
    bool both = chance(&d, 150);
    int32_t pain = between(&d, 0, 5); // how sore the tendon is; it drifts
    int32_t calm = between(&d, 0, 3); // how fast it drifts down
    int32_t checks = between(&d, 0, 3) == 0 ? 750 : 985;
    int32_t trains = between(&d, 0, 3) == 0 ? 500 : 960;
    int32_t bad_days = chance(&d, 500) ? 10 : 60;
    int32_t reps = between(&d, 8, 28);

    ev *e = add_event(c, COURSE_START, 480, EV_OTHER, "enrolled", false);
    SAY(e, "{\"birth_year\":%d,\"mass_kg\":%d,\"sides\":[\"left\"%s],\"goal\":\"%s\"}", between(&d, 1950, 2004),
        between(&d, 50, 95), both ? ",\"right\"" : "", goals[between(&d, 0, 5)]);
    e = add_event(c, COURSE_START, 485, EV_SCREENED, "screened", supervised);
    SAY(e, "{\"flags\":[]}");
    e = add_event(c, COURSE_START, 490, EV_ASSESSED, "assessed", supervised);
    char more[400];
    (void)snprintf(more, sizeof(more),
                   "\"onset\":\"gradual\",\"weeks\":%d,\"localised\":true,\"load_increase\":true,\"below_knee\":false,"
                   "\"rest_pain\":%s,\"night_pain\":false,\"adl_pain\":%d,\"settle_h\":%d,\"contraindications\":[],"
                   "\"loading_weeks\":%d,\"imaging\":\"ultrasound\",\"tear\":\"none\",",
                   between(&d, 2, 60), chance(&d, 80) ? "true" : "false", between(&d, 0, 7), between(&d, 4, 30),
                   between(&d, 0, 12));
    add_tests(&d, e, more, pain, reps);
    e = add_event(c, COURSE_START, 510, EV_STARTED, "started", supervised);
    e->a = supervised ? (chance(&d, 800) ? LW_AUTHORITY_PROGRESS : between(&d, 0, 1)) : chance(&d, 850) ? 1 : 0;
    SAY(e,
        "{\"protocol\":\"pht@1.0.0\",\"authority\":\"%s\",%s\"equipment\":[%s],\"loads\":%s,\"pain_ceiling\":%d,\"max_"
        "items\":%d}",
        lw_authority_names[e->a], chance(&d, 300) ? "\"days\":[\"mon\",\"wed\",\"fri\"]," : "",
        chance(&d, 700)
            ? "\"mat\",\"band\",\"dumbbell\",\"barbell\",\"kettlebell\",\"machine\",\"cable\",\"bench\",\"box\","
              "\"step\",\"chair\",\"stool\",\"strap\",\"sliders\",\"ball\",\"anchor\",\"treadmill\",\"track\",\"hill\""
            : "\"mat\",\"chair\",\"dumbbell\",\"step\"",
        chance(&d, 500) ? "{\"barbell\":{\"min\":5,\"step\":2.5},\"machine\":{\"min\":5,\"step\":5},\"dumbbell\":[2,4,"
                          "6,8,10,12,16,20]}"
                        : "{\"barbell\":{\"min\":2,\"step\":0.5},\"machine\":{\"min\":2,\"step\":0.5},\"cable\":{"
                          "\"min\":1,\"step\":0.5}}",
        supervised && chance(&d, 150) ? 5 : 3, between(&d, 2, 6));

    int32_t silent_until = 0;
    for (int32_t n = 0; n < c->days; n++) {
        int32_t day = COURSE_START + n;
        if (n > 5 && n >= silent_until && chance(&d, 8)) {
            silent_until = n + (chance(&d, 700) ? between(&d, 3, 12) : between(&d, 13, 36));
        }
        if (n < silent_until) { // nobody is there, and the plan must bear that too
            if (morning != NULL) {
                read_plan unread;
                bench_record(b, course_write(c, day, b->text));
                course_read(bench_plan(b, day), &unread);
                if (!morning(context, c, day, &unread)) {
                    return false;
                }
            }
            continue;
        }
        bool bad = chance(&d, bad_days);
        if (chance(&d, 40 * calm)) {
            pain = limited(pain - 1, 0, 10);
        }
        if (chance(&d, checks)) {
            e = add_event(c, day, 420, EV_CHECKIN, "checkin", false);
            int32_t now = limited(pain + between(&d, -1, 0) + (bad ? between(&d, 1, 5) : 0), 0, 10);
            e->morning = (int8_t)now;
            e->test = (int8_t)(chance(&d, 985) ? limited(now + between(&d, -1, 0), 0, 10) : -1);
            e->worst = (int8_t)(chance(&d, 500) ? limited(now + 1, 0, 10) : -1);
            e->night = (int8_t)(chance(&d, 700) ? chance(&d, bad ? 150 : 4) : -1);
            e->rest = (int8_t)(chance(&d, 700) ? chance(&d, bad ? 150 : 4) : -1);
            e->soreness = (int8_t)(chance(&d, 300) ? between(&d, 0, 5) : -1);
            e->stress = (int8_t)(chance(&d, 200) ? between(&d, 0, 8) : -1);
            e->stiffness = (int16_t)(chance(&d, 400) ? between(&d, 0, 25) : -1);
            e->sitting = (int16_t)(chance(&d, 300) ? between(&d, 1, 9) * 10 : -1);
            e->sleep = (int16_t)(chance(&d, 200) ? between(&d, 5, 9) : -1);
            e->relief = (int8_t)(chance(&d, 400) ? (chance(&d, 50) ? between(&d, 1, 4) : 0) : -1);
        }
        if (n > 0 && n % 9 == 0 && chance(&d, 930)) {
            e = add_event(c, day, 425, EV_SCREENED, "screened", false);
            SAY(e, "{\"flags\":[]}");
        }
        if (n > 0 && n % 16 == 0 && chance(&d, 850)) {
            e = add_event(c, day, 430, EV_TESTED, "tested", supervised);
            reps = limited(reps + between(&d, 0, 5), 0, 60);
            add_tests(&d, e, "", limited(pain - (chance(&d, 600) ? 1 : 0), 0, 10), reps);
        }
        if (chance(&d, 22)) {
            incident(&d, c, day, supervised, b->protocol);
        }

        // the plan of this morning, followed or not
        read_plan plan;
        bench_record(b, course_write(c, day, b->text));
        course_read(bench_plan(b, day), &plan);
        if (morning != NULL && !morning(context, c, day, &plan)) {
            return false;
        }
        for (int32_t i = 0; i < plan.items; i++) {
            const read_item *item = &plan.item[i];
            if (item->proposal[0] != '\0' && chance(&d, 500)) {
                e = add_event(c, day, 600 + i, EV_ACCEPTED, "accepted", supervised);
                memcpy(e->exercise, item->exercise, sizeof(e->exercise));
                bool text = strcmp(item->proposal, "exercise") == 0;
                SAY(e, "{\"exercise\":\"%s\",\"variable\":\"%s\",\"to\":%s%s%s}", item->exercise, item->proposal,
                    text ? "\"" : "", item->to, text ? "\"" : "");
            }
        }
        if (plan.stage_proposal && chance(&d, 500)) {
            e = add_event(c, day, 610, EV_ACCEPTED, "accepted", supervised);
            e->a = 1;
            SAY(e, "{\"what\":\"stage\",\"variable\":\"stage\",\"to\":\"%s\"}", plan.stage_to);
        }
        if (plan.run_proposal && chance(&d, 500)) {
            e = add_event(c, day, 611, EV_ACCEPTED, "accepted", supervised);
            e->a = 2;
            SAY(e, "{\"what\":\"run\",\"variable\":\"level\",\"to\":%d}", plan.run_level + 1);
        }
        int32_t in_session = limited(pain - 1 + (bad ? between(&d, 0, 5) : 0), 0, 10);
        if (plan.items > 0 && chance(&d, trains)) {
            for (int32_t i = 0; i < plan.items; i++) {
                if (chance(&d, 970)) {
                    do_item(&d, c, day, &plan.item[i], in_session, 5);
                }
            }
        }
        if (plan.run_allowed && plan.max_min > 0 && chance(&d, 750)) {
            e = add_event(c, day, 1000, EV_ACTIVITY, "activity", false);
            e->type = LW_ACTIVITY_RUN;
            e->level = (int8_t)(plan.run_level > 0 ? plan.run_level : -1);
            e->minutes = (int16_t)plan.max_min;
            e->run_minutes = (int16_t)plan.max_min;
            e->km = limited(plan.max_min * 15, 0, plan.max_km > 0 ? plan.max_km : 100000);
            e->pain = (int8_t)(chance(&d, 950) ? in_session : -1);
        } else if (chance(&d, 10)) {
            e = add_event(c, day, 1000, EV_ACTIVITY, "activity", false);
            e->type = LW_ACTIVITY_RUN;
            e->minutes = (int16_t)between(&d, 10, 70);
            e->km = e->minutes * between(&d, 12, 20);
            e->pain = (int8_t)limited(in_session + between(&d, 0, 2), 0, 10);
        }
        if (chance(&d, 250)) {
            e = add_event(c, day, 900, EV_ACTIVITY, "activity", false);
            e->type = LW_ACTIVITY_WALK;
            e->minutes = (int16_t)between(&d, 20, 60);
            e->pain = (int8_t)between(&d, 0, 2);
        }
    }
    return true;
}

#endif
