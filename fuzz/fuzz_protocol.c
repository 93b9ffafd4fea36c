/*
 * fuzz_protocol.c: any text as a protocol.
 *
 * What is refused is refused with a place inside the text. What is accepted can be linted and printed, the print
 * compiles, and printing that gives the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "protocol/protocol_tables.h"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static int32_t compile(lw_str text, uint8_t *memory, const lw_protocol **out, lw_diags *diags) {
    lw_arena result = lw_arena_over(memory, LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over(memory + LW_PROTOCOL_RESULT, LW_PROTOCOL_SCRATCH);
    int32_t err = lw_protocol_compile(text, &result, &scratch, out, diags);
    CHECK(scratch.used == 0 && err != LW_ERR_NO_MEMORY);
    return err;
}

static void check_diags(lw_str text, const lw_diags *diags) {
    for (uint32_t i = 0; i < diags->count && i < diags->cap; i++) {
        const lw_diag *d = &diags->items[i];
        CHECK(d->err < 0 && d->message[0] != '\0' && d->column <= text.len + 1);
        CHECK(memchr(d->member, '\0', sizeof d->member) != NULL &&
              memchr(d->message, '\0', sizeof d->message) != NULL && memchr(d->hint, '\0', sizeof d->hint) != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    enum { BLOCK = LW_PROTOCOL_RESULT + LW_PROTOCOL_SCRATCH, DIAGS = 16 };
    if (size > 128 * 1024) {
        return 0;
    }
    lw_diag items[DIAGS];
    lw_diags diags = {items, DIAGS, 0};
    const lw_protocol *first = NULL;
    const lw_protocol *second = NULL;
    const lw_str text = {(const char *)bytes, (uint32_t)size};
    uint8_t *memory = malloc(2 * (size_t)BLOCK);
    CHECK(memory != NULL);
    int32_t err = compile(text, memory, &first, &diags);
    CHECK((err == 0) == (diags.count == 0) && (err == 0) == (first != NULL));
    check_diags(text, &diags);
    if (err == 0) {
        diags.count = 0;
        CHECK(lw_protocol_lint(first, &diags) == diags.count);
        check_diags(text, &diags);
        size_t cap = 4 * size + 64 * 1024;
        char *one = malloc(cap);
        char *two = malloc(cap);
        CHECK(one != NULL && two != NULL);
        int64_t length = lw_protocol_print(first, one, cap);
        CHECK(length > 0);
        CHECK(compile((lw_str){one, (uint32_t)length}, memory + BLOCK, &second, NULL) == 0);
        CHECK(lw_protocol_print(second, two, cap) == length && memcmp(one, two, (size_t)length) == 0);
        CHECK(second->word_count == first->word_count &&
              memcmp(second->params, first->params, sizeof first->params) == 0 &&
              memcmp(second->conds, first->conds, sizeof first->conds) == 0 &&
              memcmp(second->groups, first->groups, sizeof first->groups) == 0 &&
              memcmp(second->windows, first->windows, sizeof first->windows) == 0);
        free(one);
        free(two);
    }
    free(memory);
    return 0;
}
