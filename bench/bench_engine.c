/*
 * bench_engine.c: what the engine costs natively.
 *
 *     bench_engine record EVENTS FILE      writes a long, ordinary record: check-ins, sessions, runs, screenings
 *     bench_engine speed PROTOCOL FILE DAY prints measurements as one JSON object
 *     bench_engine decide PROTOCOL         the four-outcome rule on 1,000 patients × 90 days, likewise
 *
 * Every figure is the median of ROUNDS rounds of at least ROUND_NS each, after a round that does not count; memcpy over
 * the same bytes is measured between the others, so that both see the same machine.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/fold.h"
#include "loadwave/loadwave.h"

enum { ROUNDS = 11, ROUND_NS = 20 * 1000 * 1000, PATIENTS = 1000, DAYS = 90 };

static void die(const char *what) {
    fprintf(stderr, "bench_engine: %s\n", what);
    exit(1);
}

static void *get(size_t size) {
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) {
        die("no memory");
    }
    memset(memory, 1, size); // touched once, so that no round pays for the pages
    return memory;
}

static int64_t now_ns(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *of, size_t count) {
    qsort(of, count, sizeof(*of), compare);
    return of[count / 2];
}

/* ---- a record ---- */

static uint32_t state = 12345;

static uint32_t roll(uint32_t sides) {
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % sides;
}

static void line(FILE *out, uint32_t n, int32_t day, const char *clock, const char *kind, const char *by,
                 const char *data) {
    char date[11] = {0};
    lw_day_write(day, date);
    fprintf(out,
            "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%012x\",\"patient\":\"bench\",\"kind\":\"%s\","
            "\"at\":\"%sT%s:00+01:00\",\"by\":\"%s\",\"data\":%s}\n",
            n, kind, date, clock, by, data);
}

static void write_record(uint32_t events, const char *path) {
    static const char *const exercises[] = {"bridge-hold-double", "hip-thrust", "leg-curl-prone", "side-plank"};
    FILE *out = fopen(path, "wb");
    if (out == NULL) {
        die(path);
    }
    char data[512];
    int32_t day = lw_day_from_civil(2000, 1, 3);
    uint32_t n = 1;
    line(out, n++, day, "08:00", "enrolled", "patient",
         "{\"birth_year\":1970,\"sides\":[\"left\"],\"goal\":\"run\",\"mass_kg\":70}");
    line(out, n++, day, "08:05", "screened", "clinician:a", "{\"flags\":[]}");
    line(out, n++, day, "08:10", "assessed", "clinician:a",
         "{\"onset\":\"gradual\",\"weeks\":30,\"localised\":true,\"load_increase\":true,\"sitting_min\":40,\"adl_"
         "pain\":2,"
         "\"tests\":{\"bridge_single\":2,\"arabesque\":3,\"rdl\":2,\"lunge\":2},\"bridge_reps\":{\"left\":20,\"right\":"
         "21},"
         "\"contraindications\":[],\"loading_weeks\":8,\"imaging\":\"mri\",\"tear\":\"none\"}");
    line(out, n++, day, "08:30", "started", "clinician:a",
         "{\"protocol\":\"pht@1.0.0\",\"authority\":\"progress\",\"equipment\":[\"mat\",\"barbell\",\"machine\","
         "\"bench\"],\"max_items\":4}");
    for (; n <= events; day++) {
        (void)snprintf(
            data, sizeof(data),
            "{\"pain_morning\":%u,\"stiffness_min\":%u,\"pain_worst_24h\":%u,\"pain_test\":%u,\"night_pain\":false,"
            "\"rest_pain\":false,\"sitting_min\":%u}",
            roll(3), roll(20), roll(4), roll(3), 30 + roll(40));
        line(out, n++, day, "07:00", "checkin", "patient", data);
        if (day % 10 == 0) {
            line(out, n++, day, "07:10", "screened", "patient", "{\"flags\":[]}");
        }
        for (uint32_t i = 0; i < 3 && day % 2 == 0; i++) {
            bool hold = i == 0;
            (void)snprintf(data, sizeof(data),
                           hold ? "{\"exercise\":\"%s\",\"side\":\"both\",\"sets\":[{\"hold_s\":30},{\"hold_s\":30},{"
                                  "\"hold_s\":30}],\"pain_during\":%u,\"effort\":%u}"
                                : "{\"exercise\":\"%s\",\"side\":\"both\",\"sets\":[{\"reps\":10,\"load_kg\":22.5},{"
                                  "\"reps\":10,\"load_kg\":22.5},"
                                  "{\"reps\":9,\"load_kg\":22.5}],\"pain_during\":%u,\"effort\":%u}",
                           exercises[i], roll(3), 4 + roll(3));
            line(out, n++, day, "18:00", "exercise", "patient", data);
        }
        if (day % 3 == 0) {
            (void)snprintf(data, sizeof(data), "{\"type\":\"run\",\"minutes\":%u,\"km\":%u.%u,\"pain_during\":0}",
                           20 + roll(20), 3 + roll(3), roll(10));
            line(out, n++, day, "17:00", "activity", "patient", data);
        }
    }
    (void)fclose(out);
}

/* ---- speed ---- */

typedef struct input {
    lw_str bytes;
    const lw_protocol *protocol;
    int32_t day;
    uint8_t *result, *scratch, *plan, *plan_scratch, *copy;
    size_t result_size, scratch_size;
    lw_record record;
    uint32_t flags;
} input;

static lw_str read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        die(path);
    }
    (void)fseek(file, 0, SEEK_END);
    long size = ftell(file);
    (void)fseek(file, 0, SEEK_SET);
    char *bytes = get((size_t)size);
    if (size < 0 || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        die(path);
    }
    (void)fclose(file);
    return (lw_str){bytes, (uint32_t)size};
}

static const lw_protocol *read_protocol(const char *path) {
    lw_arena result = lw_arena_over(get(LW_PROTOCOL_RESULT), LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over(get(LW_PROTOCOL_SCRATCH), LW_PROTOCOL_SCRATCH);
    const lw_protocol *protocol = NULL;
    lw_diag item = {.err = 0};
    lw_diags diags = {&item, 1, 0};
    if (lw_protocol_compile(read_file(path), &result, &scratch, &protocol, &diags) != LW_OK) {
        fprintf(stderr, "%s:%u: %s\n", path, item.line, item.message);
        die("the protocol does not compile");
    }
    return protocol;
}

static void do_copy(input *in) {
    memcpy(in->copy, in->bytes.ptr, in->bytes.len);
    __asm__ volatile("" : : "r"(in->copy) : "memory"); // the copy is wanted
}

static void do_read(input *in) {
    lw_arena result = lw_arena_over(in->result, in->result_size);
    lw_arena scratch = lw_arena_over(in->scratch, in->scratch_size);
    if (lw_record_read(in->bytes, &result, &scratch, &in->record, NULL) != LW_OK) {
        die("the record is refused");
    }
}

static void do_plan(input *in) {
    lw_work work = {.result = lw_arena_over(in->plan, LW_PLAN_RESULT),
                    .scratch = lw_arena_over(in->scratch, in->scratch_size)};
    if (lw_plan(in->protocol, &in->record, in->day, in->flags, &work, NULL) != LW_OK) {
        die("no plan");
    }
}

static void do_both(input *in) {
    do_read(in);
    do_plan(in);
}

static void do_hash(input *in) {
    lw_arena scratch = lw_arena_over(in->scratch, in->scratch_size);
    uint8_t hash[32];
    if (lw_record_hash(&in->record, &scratch, hash) != LW_OK) {
        die("no hash");
    }
}

static void do_fold(input *in) {
    if (lw_fold_only(in->protocol, &in->record, in->day) != LW_OK) {
        die("no fold");
    }
}

typedef void (*work)(input *in);

/* Nanoseconds of one call of each, medians; the rounds of all take turns. */
static void measure(input *in, const work *works, double *ns, size_t count) {
    static double times[8][ROUNDS];
    for (int32_t round = -1; round < ROUNDS; round++) {
        for (size_t k = 0; k < count; k++) {
            int64_t start = now_ns();
            int64_t end = start;
            int64_t calls = 0;
            while (end - start < ROUND_NS) {
                works[k](in);
                calls++;
                end = now_ns();
            }
            if (round >= 0) {
                times[k][round] = (double)(end - start) / (double)calls;
            }
        }
    }
    for (size_t k = 0; k < count; k++) {
        ns[k] = median(times[k], ROUNDS);
    }
}

static void do_both_hash(input *in) {
    in->flags = LW_PLAN_HASH;
    do_both(in);
    in->flags = 0;
}

static void speed(const char *protocol, const char *path, const char *on) {
    input in = {.bytes = read_file(path), .protocol = read_protocol(protocol)};
    if (!lw_day_parse((lw_str){on, (uint32_t)strlen(on)}, &in.day)) {
        die("that is no date");
    }
    lw_record_size_hint(in.bytes.len, &in.result_size, &in.scratch_size);
    in.scratch_size += LW_PLAN_SCRATCH;
    in.result = get(in.result_size);
    in.scratch = get(in.scratch_size);
    in.plan = get(LW_PLAN_RESULT);
    in.copy = get(in.bytes.len);
    do_read(&in);
    static const work works[] = {do_copy, do_read, do_plan, do_both, do_hash, do_fold, do_both_hash};
    double ns[7];
    measure(&in, works, ns, 7);
    static const char *const names[] = {"copy", "read", "plan", "both", "hash", "fold", "all"};
    printf("{\"events\":%" PRIu32, in.record.count);
    for (size_t k = 0; k < 7; k++) {
        printf(",\"%s_ns\":%.0f", names[k], ns[k]);
    }
    printf("}\n");
}

/* ---- one decision ---- */

/* The same numbers as in bench/rules.mjs. */
static void decide(const char *path) {
    static lw_state s;
    static int32_t facts[PATIENTS * DAYS][4];
    s.protocol = read_protocol(path);
    lw__facts_clear(&s);
    state = 2026;
    for (int32_t i = 0; i < PATIENTS * DAYS; i++) {
        facts[i][0] = (int32_t)roll(8) * 100;       // session pain
        facts[i][1] = (int32_t)roll(9) * 100;       // morning test
        facts[i][2] = roll(5) > 0 ? 1 : 0;          // settled
        facts[i][3] = (int32_t)(3 + roll(7)) * 100; // effort
    }
    uint32_t tally[5] = {0};
    double times[ROUNDS];
    for (int32_t round = -1; round < ROUNDS; round++) {
        memset(tally, 0, sizeof(tally));
        int64_t start = now_ns();
        for (int32_t i = 0; i < PATIENTS * DAYS; i++) {
            s.fact[LW_FACT_SESSION_PAIN] = facts[i][0];
            s.fact[LW_FACT_MORNING_TEST] = facts[i][1];
            s.fact[LW_FACT_SETTLED] = facts[i][2];
            s.fact[LW_FACT_SESSION_EFFORT] = facts[i][3];
            int32_t rule = 0; // the first that fires decides
            while (rule < s.protocol->rule_count && !lw__rule_fires(&s, &s.protocol->rules[rule])) {
                rule++;
            }
            tally[rule < 4 ? rule : 4]++;
        }
        if (round >= 0) {
            times[round] = (double)(now_ns() - start) / (PATIENTS * DAYS);
        }
    }
    printf("{\"decide_ns\":%.1f,\"tally\":[%u,%u,%u,%u,%u]}\n", median(times, ROUNDS), tally[0], tally[1], tally[2],
           tally[3], tally[4]);
}

int main(int argc, char **argv) {
    if (argc == 4 && strcmp(argv[1], "record") == 0) {
        write_record((uint32_t)strtoul(argv[2], NULL, 10), argv[3]);
    } else if (argc == 5 && strcmp(argv[1], "speed") == 0) {
        speed(argv[2], argv[3], argv[4]);
    } else if (argc == 3 && strcmp(argv[1], "decide") == 0) {
        decide(argv[2]);
    } else {
        die("record EVENTS FILE | speed PROTOCOL FILE DAY | decide PROTOCOL");
    }
    return 0;
}
