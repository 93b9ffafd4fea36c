/*
 * door.h: what the two modules share: one bump heap above the module's own data, and answers as JSON.
 *
 * Included by the one source of each module. A pointer given out is good until the next call that takes input; memory
 * grows to the largest call ever made and stays there. A call answers 0 or a negative lw_err; lw_output() and
 * lw_output_size() then name its answer.
 */
#ifndef LW_DOOR_H
#define LW_DOOR_H

#include "base/base_internal.h"
#include "loadwave/loadwave.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* Where the answer of the last call is, and its size in bytes. */
EXPORT("lw_output") const char *lw__wasm_output(void);
EXPORT("lw_output_size") uint32_t lw__wasm_output_size(void);

enum { PAGE = 64 * 1024, MAX_DIAGS = 64, MAX_OUTPUT = 256 * 1024 };

extern uint8_t __heap_base; /* the linker's: first byte after stack and data */

static uintptr_t heap_top; /* first free byte; 0 before the first call */
static lw_str output;

/* size fresh bytes, aligned for anything; NULL when the memory cannot grow that far. */
static void *take(size_t size) {
    uintptr_t at = (heap_top + 15u) & ~(uintptr_t)15u;
    uintptr_t end = at + size;
    uintptr_t have = __builtin_wasm_memory_size(0) * PAGE;
    if (end < at || (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1)) {
        return NULL;
    }
    heap_top = end;
    return (void *)at;
}

static lw_arena arena(size_t size) {
    void *base = take(size);
    return lw_arena_over(base, base == NULL ? 0 : size);
}

static void put_name(lw__writer *w, const char *name) {
    lw__put_char(w, '"');
    lw__put_c(w, name);
    lw__put_c(w, "\":");
}

static void put_member(lw__writer *w, const char *name, int64_t value) {
    put_name(w, name);
    lw__put_int(w, value);
    lw__put_char(w, ',');
}

static void put_text(lw__writer *w, const char *name, const char *value, const char *end) {
    put_name(w, name);
    lw__put_json(w, lw__str(value));
    lw__put_c(w, end);
}

static void put_diag(lw__writer *w, const lw_diag *diag) {
    lw__put_char(w, '{');
    put_member(w, "err", diag->err);
    put_text(w, "name", lw_err_name(diag->err), ",");
    put_text(w, "sentence", lw_err_sentence(diag->err), ",");
    put_member(w, "line", diag->line);
    put_member(w, "column", diag->column);
    put_member(w, "length", diag->length);
    put_text(w, "member", diag->member, ",");
    put_text(w, "message", diag->message, ",");
    put_text(w, "hint", diag->hint, "}");
}

/* The answer of a failed call: one diagnostic as JSON. */
static int32_t fail(int32_t err, const lw_diag *diag) {
    lw_diag bare = {.err = err};
    lw__writer w = {.cap = 0};
    char *text = take(4096);
    if (text != NULL) {
        w = lw__writer_over(text, 4096);
        put_diag(&w, diag != NULL && diag->err != 0 ? diag : &bare);
    }
    output = (lw_str){text, (uint32_t)w.len};
    return err;
}

/* The answer of a call about a protocol: all diagnostics as a JSON list. */
static void list(const lw_diags *diags) {
    char *text = take(MAX_OUTPUT);
    lw__writer w = lw__writer_over(text, text == NULL ? 0 : MAX_OUTPUT);
    uint32_t kept = diags->count < diags->cap ? diags->count : diags->cap;
    lw__put_char(&w, '[');
    for (uint32_t i = 0; i < kept; i++) {
        if (i > 0) {
            lw__put_char(&w, ',');
        }
        put_diag(&w, &diags->items[i]);
    }
    lw__put_char(&w, ']');
    output = (lw_str){text, (uint32_t)w.len};
}

/* Compiles text and, when asked, lints it; *end is where the compiled protocol ends. The answer lists what is wrong. */
static int32_t compile(lw_str text, bool lint, const lw_protocol **out, uintptr_t *end) {
    lw_arena result = arena(LW_PROTOCOL_RESULT);
    lw_arena scratch = arena(LW_PROTOCOL_SCRATCH);
    lw_diag *items = take(MAX_DIAGS * sizeof(lw_diag));
    lw_diags diags = {items, items == NULL ? 0 : MAX_DIAGS, 0};
    int32_t err = lw_protocol_compile(text, &result, &scratch, out, &diags);
    if (err == LW_OK && lint) {
        (void)lw_protocol_lint(*out, &diags);
    }
    *end = (uintptr_t)result.base + result.used;
    list(&diags);
    return err;
}

const char *lw__wasm_output(void) {
    return output.ptr;
}

uint32_t lw__wasm_output_size(void) {
    return output.len;
}

#endif
