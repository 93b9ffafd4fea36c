/*
 * fuzz_json.c: any bytes as one JSON text.
 *
 * What is accepted ends where it ends for the walker too, and its canonical form, where it is an object, is accepted
 * and canonical. What is refused is refused inside the text.
 */
#include <stdlib.h>
#include <string.h>

#include "record/json.h"
#include "record/record_internal.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > LW_MAX_LINE) {
        return 0;
    }
    lw_str text = {(const char *)bytes, (uint32_t)size};
    lw__json j = lw__json_over(text);
    if (!lw__json_check(&j)) {
        CHECK(j.err < 0 && j.message != NULL && j.at >= text.ptr && j.at <= text.ptr + size);
        return 0;
    }
    CHECK(j.p == j.end && lw__utf8_valid(text));
    if (*lw__json_solid(text.ptr) != '{') {
        return 0;
    }
    char *first = malloc(size), *second = malloc(size);
    int64_t n = lw_event_canonical(text, first, size);
    CHECK(n >= 2);
    lw__writer w = lw__writer_over(second, size);
    lw__canonical_any(text, &w);
    CHECK((int64_t)w.len == n && memcmp(first, second, w.len) == 0);
    lw__json again = lw__json_over((lw_str){first, (uint32_t)n});
    CHECK(lw__json_check(&again));
    CHECK(lw_event_canonical((lw_str){first, (uint32_t)n}, second, (size_t)n) == n);
    CHECK(memcmp(first, second, (size_t)n) == 0);
    free(first);
    free(second);
    return 0;
}
