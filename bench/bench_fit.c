/*
 * bench_fit.c: what reading a FIT file costs natively.
 *
 *     bench_fit FILE      prints {"bytes":…,"records":…,"ns":…}: from bytes to activities, both readings; the median of ROUNDS rounds
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "watch/fit.h"

enum { ROUNDS = 21 };

static int64_t now_ns(void) {
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    static lw_fit_work work;
    static lw_watch_activity activities[64];
    static lw_watch_set sets[64];
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    static char bytes[32 * 1024 * 1024];
    size_t len = file != NULL ? fread(bytes, 1, sizeof bytes, file) : 0;
    int64_t took[ROUNDS];
    uint32_t count = 0, set_count = 0;
    uint16_t notes = 0;
    for (int i = -1; i < ROUNDS; i++) { // one round does not count
        int64_t begin = now_ns();
        int32_t err = lw_fit_activities((lw_str){bytes, (uint32_t)len}, &work, activities, 64, &count, sets, 64,
                                        &set_count, &notes);
        if (err != 0 || count == 0) {
            fprintf(stderr, "bench_fit: no activity in %s\n", argc == 2 ? argv[1] : "nothing");
            return 1;
        }
        took[i < 0 ? 0 : i] = now_ns() - begin;
    }
    qsort(took, ROUNDS, sizeof took[0], by_size);
    printf("{\"bytes\":%zu,\"records\":%" PRIu32 ",\"ns\":%" PRId64 "}\n", len, work.fit.records, took[ROUNDS / 2]);
    if (file != NULL) {
        fclose(file);
    }
    return 0;
}
