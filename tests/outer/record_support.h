/*
 * record_support.h: a record read from a file, its plan of a day, and the protocol that the program brings along.
 */
#ifndef RECORD_SUPPORT_H
#define RECORD_SUPPORT_H

#include "loadwave/plan.h"
#include "test_support.h"

extern const unsigned char lw_builtin_protocol[];
extern const size_t lw_builtin_protocol_len;

typedef struct opened {
    char *text;
    size_t len;
    lw_record record;
    lw_work work;
    void *memory[4];
} opened;

/* A file with room behind it, of which `spare` bytes may be filled. */
static inline void text_open(opened *one, const char *path, size_t spare) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    one->len = (size_t)ftell(file);
    rewind(file);
    one->text = calloc(1, one->len + spare + 1);
    assert_non_null(one->text);
    assert_int_equal(fread(one->text, 1, one->len, file), one->len);
    fclose(file);
}

static inline lw_arena opened_arena(opened *one, int i, size_t size) {
    one->memory[i] = malloc(size);
    assert_non_null(one->memory[i]);
    return lw_arena_over(one->memory[i], size);
}

/* Reads the text's first len bytes. */
static inline void record_open(opened *one) {
    size_t result = 0, scratch = 0;
    lw_record_size_hint(one->len, &result, &scratch);
    lw_arena a = opened_arena(one, 0, result), b = opened_arena(one, 1, scratch);
    lw_diag diag = {0};
    if (lw_record_read((lw_str){one->text, (uint32_t)one->len}, &a, &b, &one->record, &diag) != LW_OK) {
        fail_msg("%u: %s %s", diag.line, diag.member, diag.message);
    }
}

/* Its plan of the day of its last entry, which is returned. */
static inline int32_t record_plan(opened *one, const lw_protocol *protocol) {
    size_t result = 0, scratch = 0;
    int32_t day = one->record.events[one->record.count - 1].day;
    lw_record_size_hint(one->len, &result, &scratch);
    one->work.result = opened_arena(one, 2, LW_PLAN_RESULT + result);
    one->work.scratch = opened_arena(one, 3, LW_PLAN_SCRATCH + scratch);
    assert_int_equal(lw_plan(protocol, &one->record, day, 0, &one->work, NULL), LW_OK);
    return day;
}

static inline void record_close(opened *one) {
    free(one->text);
    for (int i = 0; i < 4; i++) {
        free(one->memory[i]);
    }
    memset(one, 0, sizeof *one);
}

/* The protocol, in memory that is the caller's to free. */
static inline const lw_protocol *protocol_open(void **memory) {
    const lw_protocol *protocol = NULL;
    *memory = malloc((size_t)LW_PROTOCOL_RESULT + LW_PROTOCOL_SCRATCH);
    assert_non_null(*memory);
    lw_arena result = lw_arena_over(*memory, LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over((char *)*memory + LW_PROTOCOL_RESULT, LW_PROTOCOL_SCRATCH);
    const lw_str text = {(const char *)lw_builtin_protocol, (uint32_t)lw_builtin_protocol_len};
    assert_int_equal(lw_protocol_compile(text, &result, &scratch, &protocol, NULL), LW_OK);
    return protocol;
}

#endif
