/* fuzz_intake.c: any bytes as a file of whatever kind they look like: GPX, TCX, a health export, gzip, a table with a map. */
#include <stdlib.h>
#include <string.h>

#include "intake/intake.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct slice {
    const uint8_t *at;
    size_t left;
};

static int64_t give(void *where, void *out, size_t size) {
    struct slice *slice = where;
    size_t take = slice->left < size ? slice->left : size;
    memcpy(out, slice->at, take);
    slice->at += take;
    slice->left -= take;
    return (int64_t)take;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    lw_intake in;
    lw_intake_begin(&in, NULL);
    if (lw_table_map_read(&in.map, "start=#1,minutes=#2,km=#3,type=#4,pain=#5,ascent_m=#6,top_kmh=#7") != NULL) {
        abort();
    }
    struct slice slice = {bytes, size};
    lw_intake_source source = {give, &slice, "input", INT64_C(1) << 30};
    lw__intake_stream(&in, &source);
    for (uint32_t i = 0; i < in.count; i++) {
        const lw_watch_activity *a = &in.items[i].activity;
        if (a->end_s < a->start_s || a->moving_s < 0 || a->distance_cm < -1 || a->sport > LW_WATCH_UNKNOWN ||
            memchr(in.items[i].key, '\0', sizeof in.items[i].key) == NULL || in.items[i].pain_x100 > 1000) {
            abort();
        }
    }
    if (in.count == 0 && in.finding_count == 0 && size > 0) {
        abort(); // a file that gave nothing says why
    }
    lw_intake_end(&in);
    return 0;
}
