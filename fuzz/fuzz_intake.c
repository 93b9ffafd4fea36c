/* fuzz_intake.c: any bytes as a file of whatever kind they look like: GPX, TCX, a health export, gzip, a table with a map. */
#include <stdlib.h>
#include <string.h>

#include "intake/intake.h"
#include "watch/xml.h"

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

/* What the scanner finds, however the bytes are cut into pieces. */
struct seen {
    uint32_t activities, findings, line;
};

static lw_scan scan;
static lw_xml xml;

static bool see(void *to, const lw_found_activity *found) {
    struct seen *seen = to;
    if (found->activity.end_s < found->activity.start_s || found->activity.moving_s < 0) {
        abort();
    }
    seen->activities++;
    return seen->activities < 100000;
}

static void see_finding(void *to, lw_found what, uint32_t line, const char *detail) {
    struct seen *seen = to;
    (void)what, (void)line;
    if (detail != NULL && strlen(detail) > LW_SCAN_TAG) {
        abort();
    }
    seen->findings++;
    seen->line = scan.line;
}

static struct seen scanned(const uint8_t *bytes, size_t size, size_t piece) {
    struct seen seen = {0, 0, 0};
    const lw_found_out out = {&seen, see, see_finding};
    lw_xml_begin(&xml, &out, LW_WATCH_UNKNOWN);
    lw_scan_begin(&scan, &xml);
    for (size_t at = 0; at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        char *copy = malloc(len); // so that a byte too far is seen
        if (copy == NULL) {
            abort();
        }
        memcpy(copy, bytes + at, len);
        lw_scan_feed(&scan, copy, len, at + len == size);
        free(copy);
    }
    lw_xml_over(&xml);
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct seen whole = scanned(bytes, size, size + 1), parts = scanned(bytes, size, 7);
    if (memcmp(&whole, &parts, sizeof whole) != 0) {
        abort();
    }
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
