/*
 * fuzz_record.c: any bytes as a record.
 *
 * What is read is read the same way again from its canonical lines, by both ways of making them, with the same hash;
 * the arena sizes that are promised to suffice do suffice; what is refused leaves nothing behind.
 */
#include <stdlib.h>
#include <string.h>

#include "record/record_internal.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size > 1 << 20) {
        return 0;
    }
    size_t result_cap, scratch_cap;
    lw_record_size_hint(size, &result_cap, &scratch_cap);
    lw_arena result = lw_arena_over(malloc(result_cap), result_cap);
    lw_arena scratch = lw_arena_over(malloc(scratch_cap), scratch_cap);
    lw_record record, again;
    lw_diag diag;
    lw_str text = {(const char *)bytes, (uint32_t)size};
    int32_t err = lw_record_read(text, &result, &scratch, &record, &diag);
    CHECK(err != LW_ERR_NO_MEMORY);
    CHECK(scratch.used == 0);
    if (err != 0) {
        CHECK(diag.err == err && diag.message[0] != '\0');
        CHECK(lw__utf8_valid(lw__str(diag.message)) && lw__utf8_valid(lw__str(diag.hint)));
        CHECK(err == LW_ERR_NEWER || result.used == 0);
    }
    if (err == 0) {
        /* the canonical lines, in order: never longer, the same by both ways, canonical themselves */
        char *lines = malloc(size + 1), *other = malloc(size + 1), *third = malloc(size + 1);
        size_t len = 0;
        for (uint32_t i = 0; i < record.count; i++) {
            const lw_event *event = &record.events[i];
            int64_t n = lw_event_canonical(event->raw, lines + len, event->raw.len);
            CHECK(n > 0);
            lw__writer w = lw__writer_over(other, size);
            lw__canonical_any(event->raw, &w);
            CHECK((int64_t)w.len == n && memcmp(other, lines + len, w.len) == 0);
            CHECK(lw_event_canonical((lw_str){other, (uint32_t)n}, third, (size_t)n) == n);
            CHECK(memcmp(third, other, (size_t)n) == 0);
            len += (size_t)n;
            lines[len++] = '\n';
        }
        uint8_t a[32], b[32];
        CHECK(lw_record_hash(&record, &scratch, a) == 0);
        CHECK(len <= size + 1);
        size_t mark = result.used;
        lw_arena second = lw_arena_over(malloc(result_cap), result_cap);
        err = lw_record_read((lw_str){lines, (uint32_t)len}, &second, &scratch, &again, &diag);
        CHECK(err == 0 && result.used == mark && again.count == record.count && again.repeats == 0);
        CHECK(lw_record_hash(&again, &scratch, b) == 0);
        CHECK(memcmp(a, b, 32) == 0);
        for (uint32_t i = 0; i < record.count; i++) {
            const lw_event *x = &record.events[i], *y = &again.events[i];
            CHECK(x->at_s == y->at_s && x->day == y->day && x->minute == y->minute && x->kind == y->kind);
            CHECK(x->by == y->by && x->voided == y->voided && x->ineffective == y->ineffective);
            CHECK(memcmp(x->id, y->id, 16) == 0 && lw__str_eq(x->by_id, y->by_id));
        }
        free(second.base);
        free(lines);
        free(other);
        free(third);
    }
    free(result.base);
    free(scratch.base);
    return 0;
}
