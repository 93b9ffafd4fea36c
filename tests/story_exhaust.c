/*
 * story_exhaust.c: every story with too little memory, at every allocation.
 *
 *     story_exhaust PROTOCOL INDEX
 *
 * An arena of n bytes fails at the first allocation that does not fit. All behaviours an arena can show are therefore
 * found by letting its capacity stand just below the end of each allocation, one after the other: run with capacity c,
 * see how far the arena came (peak), and the next capacity to try is found by bisection as the smallest that comes
 * further. For each: the call answers LW_ERR_NO_MEMORY, the published plan, the arenas and the work block stand as they
 * were, and with the last one it succeeds with the same bytes as with plenty.
 *
 * The writer of the plan fills its arena byte by byte, so the result arena is tried at each power of two and at one byte
 * less than the plan.
 */
#include "story_support.h"

static uint32_t passed;
static uint32_t failed;

/* Says the first thing that is wrong with a story. */
static void report(const story_line *story, const char *what, size_t cap) {
    static char last[sizeof(story->name)];
    if (strcmp(last, story->name) == 0) {
        return;
    }
    memcpy(last, story->name, sizeof(last));
    failed++;
    printf("FAILED %s: %s with %zu bytes\n", story->name, what, cap);
}

typedef struct memory {
    uint8_t *bytes;
    size_t cap;
} memory;

/* One plan with these capacities. Checks that a failure leaves the work block alone. Returns success; *peak as seen. */
static bool plan_with(const lw_protocol *protocol, const lw_record *record, const story_line *story, uint32_t flags,
                      memory result, size_t result_cap, memory scratch, size_t scratch_cap, lw_str wanted,
                      size_t *peak) {
    static const char before[] = "the plan before";
    lw_work work = {.result = lw_arena_over(result.bytes, result_cap),
                    .scratch = lw_arena_over(scratch.bytes, scratch_cap),
                    .json = {before, sizeof(before) - 1}};
    lw_diag diag = {.err = 0};
    int32_t err = lw_plan(protocol, record, story->day, flags, &work, &diag);
    *peak = work.scratch.peak;
    if (err == LW_OK) {
        if (work.json.len != wanted.len || memcmp(work.json.ptr, wanted.ptr, wanted.len) != 0) {
            report(story, "another plan than with plenty of memory", scratch_cap);
        }
        return true;
    }
    if (err != LW_ERR_NO_MEMORY) {
        report(story, "another answer than LW_ERR_NO_MEMORY", scratch_cap);
    } else if (diag.err != err || diag.message[0] == '\0') {
        report(story, "LW_ERR_NO_MEMORY without a diagnostic", scratch_cap);
    }
    if (work.json.ptr != before || work.json.len != sizeof(before) - 1 || work.result.used != 0 ||
        work.scratch.used != 0 || work.result.base != result.bytes || work.result.cap != result_cap ||
        work.scratch.base != scratch.bytes || work.scratch.cap != scratch_cap) {
        report(story, "the work block changed", scratch_cap);
    }
    return false;
}

/*
 * The smallest scratch capacity above cap at which the arena comes further than with cap. Reaching further is monotone in
 * the capacity, so bisection finds it.
 */
static size_t next_border(const lw_protocol *protocol, const lw_record *record, const story_line *story, uint32_t flags,
                          memory result, memory scratch, size_t cap, size_t reached, lw_str wanted) {
    size_t low = cap;
    size_t high = scratch.cap;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        size_t peak;
        bool ok = plan_with(protocol, record, story, flags, result, result.cap, scratch, middle, wanted, &peak);
        if (ok || peak > reached) {
            high = middle;
        } else {
            low = middle;
        }
    }
    return high;
}

static uint32_t plan_sweep(const lw_protocol *protocol, const lw_record *record, const story_line *story,
                           uint32_t flags, memory result, memory scratch) {
    uint32_t borders = 0;
    size_t peak;
    lw_work plenty = {.result = lw_arena_over(get(LW_PLAN_RESULT), LW_PLAN_RESULT),
                      .scratch = lw_arena_over(scratch.bytes, scratch.cap)};
    lw_diag diag;
    if (lw_plan(protocol, record, story->day, flags, &plenty, &diag) != LW_OK) {
        free(plenty.result.base);
        return 0; // a story about a refusal
    }
    lw_str wanted = plenty.json;

    size_t cap = 0;
    while (!plan_with(protocol, record, story, flags, result, result.cap, scratch, cap, wanted, &peak)) {
        borders++;
        cap = next_border(protocol, record, story, flags, result, scratch, cap, peak, wanted);
        if (cap >= scratch.cap) {
            break;
        }
    }
    if (borders < 2) {
        report(story, "fewer borders than allocations", cap);
    }

    for (size_t size = 0; size < wanted.len; size = size == 0 ? 1 : size * 2) {
        if (plan_with(protocol, record, story, flags, result, size, scratch, scratch.cap, wanted, &peak)) {
            report(story, "a plan fitted where it cannot", size);
        }
    }
    if (plan_with(protocol, record, story, flags, result, wanted.len - 1, scratch, scratch.cap, wanted, &peak)) {
        report(story, "a plan fitted where it cannot", wanted.len - 1);
    }
    if (!plan_with(protocol, record, story, flags, result, wanted.len, scratch, scratch.cap, wanted, &peak)) {
        report(story, "a plan did not fit its own length", wanted.len);
    }
    free(plenty.result.base);
    return borders;
}

/* Reads the record with these capacities; a failure leaves *out alone. *reached grows with the allocations that fitted. */
static bool read_with(lw_str bytes, const story_line *story, memory result, size_t result_cap, memory scratch,
                      size_t scratch_cap, uint32_t events, size_t *reached) {
    lw_arena r = lw_arena_over(result.bytes, result_cap);
    lw_arena s = lw_arena_over(scratch.bytes, scratch_cap);
    lw_record out = {.count = 77777};
    int32_t err = lw_record_read(bytes, &r, &s, &out, NULL);
    *reached = r.peak + s.peak;
    if (err == LW_OK) {
        if (out.count != events) {
            report(story, "another record than with plenty of memory", result_cap);
        }
        return true;
    }
    if (err != LW_ERR_NO_MEMORY) {
        report(story, "reading answers something else than LW_ERR_NO_MEMORY", result_cap);
    }
    if (out.count != 77777 || out.events != NULL) {
        report(story, "a failed reading left something behind", result_cap);
    }
    return false;
}

/*
 * A record has as many allocations as lines and more; a long one is tried at every border of its first stretch, and
 * then at steps that visit about a hundred borders of the rest.
 */
static uint32_t read_sweep(lw_str bytes, const story_line *story, memory result, memory scratch, bool of_scratch) {
    lw_arena r = lw_arena_over(result.bytes, result.cap);
    lw_arena s = lw_arena_over(scratch.bytes, scratch.cap);
    lw_record record;
    if (lw_record_read(bytes, &r, &s, &record, NULL) != LW_OK) {
        return 0;
    }
    size_t most = of_scratch ? s.peak : r.peak;
    size_t step = most / 100 > 8 ? most / 100 : 8;
    uint32_t borders = 0;
    size_t reached;
    for (size_t cap = 0; cap < most; cap += cap < 512 ? 8 : step) {
        if (!read_with(bytes, story, result, of_scratch ? result.cap : cap, scratch, of_scratch ? cap : scratch.cap,
                       record.count, &reached)) {
            borders++;
        }
    }
    if (!read_with(bytes, story, result, of_scratch ? result.cap : most, scratch, of_scratch ? most : scratch.cap,
                   record.count, &reached)) {
        report(story, "its own peak was too little for reading", most);
    }
    return borders;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        die("usage", "story_exhaust PROTOCOL INDEX");
    }
    const lw_protocol *protocol = read_protocol(argv[1]);
    FILE *index = fopen(argv[2], "r");
    if (index == NULL) {
        die(argv[2], "cannot be opened");
    }
    story_line story;
    uint64_t borders = 0;
    while (next_story(index, &story)) {
        uint32_t before = failed;
        lw_str bytes = read_file(story.file);
        size_t result_size;
        size_t scratch_size;
        lw_record_size_hint(bytes.len, &result_size, &scratch_size);
        scratch_size += LW_PLAN_SCRATCH;
        memory result = {get(result_size), result_size};
        memory scratch = {get(scratch_size), scratch_size};
        memory plan = {get(LW_PLAN_RESULT), LW_PLAN_RESULT};
        borders += read_sweep(bytes, &story, result, scratch, false);
        borders += read_sweep(bytes, &story, result, scratch, true);
        lw_arena r = lw_arena_over(result.bytes, result.cap);
        lw_arena s = lw_arena_over(scratch.bytes, scratch.cap);
        lw_record record;
        if (lw_record_read(bytes, &r, &s, &record, NULL) == LW_OK) {
            borders += plan_sweep(protocol, &record, &story, 0, plan, scratch);
            borders += plan_sweep(protocol, &record, &story, LW_PLAN_HASH, plan, scratch);
        }
        passed += failed == before ? 1 : 0;
        free(result.bytes);
        free(scratch.bytes);
        free(plan.bytes);
        free((void *)(uintptr_t)bytes.ptr);
    }
    (void)fclose(index);
    printf("%llu times too little memory\n", (unsigned long long)borders);
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0 ? 1 : 0;
}
