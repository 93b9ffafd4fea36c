/* fuzz_fit.c: any bytes as a FIT file: read twice with the same answer, inside every bound that the header states. */
#include <stdlib.h>
#include <string.h>

#include "watch/fit.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static lw_fit_work work;
    static lw_watch_activity first[8], second[8];
    static lw_watch_set sets[16];
    uint32_t count = 0, set_count = 0, again = 0;
    uint16_t notes = 0;
    if (size > UINT32_MAX) {
        return 0;
    }
    memset(first, 0, sizeof first); // padding, so that the two can be compared
    memset(second, 0, sizeof second);
    lw_str text = {(const char *)bytes, (uint32_t)size};
    int32_t err = lw_fit_activities(text, &work, first, 8, &count, sets, 16, &set_count, &notes);
    if (count > 8 || set_count > 16 || (err != 0 && count > 0) || work.fit.records > size) {
        abort();
    }
    for (uint32_t i = 0; i < count; i++) {
        const lw_watch_activity *a = &first[i];
        if (a->end_s < a->start_s || a->moving_s < 0 || a->distance_cm < -1 || a->ascent_m < -1 || a->top_mms < -1 ||
            a->stretch_s > a->run_s || a->sport > LW_WATCH_UNKNOWN) {
            abort();
        }
    }
    int32_t same = lw_fit_activities(text, &work, second, 8, &again, sets, 16, &set_count, &notes);
    if (same != err || again != count || memcmp(first, second, sizeof first) != 0) {
        abort();
    }
    return 0;
}
