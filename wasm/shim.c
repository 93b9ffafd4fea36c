/*
 * shim.c: the engine as seen from JavaScript.
 *
 * The module imports nothing and exports memory and the functions below. Memory beyond the module's own data is one bump
 * heap in three parts, each starting where the part before it ends:
 *
 *     __heap_base │ protocol: text, compiled tables │ input of this call │ arenas and output of this call
 *
 * lw_input() drops everything after the protocol, so no call leaves anything behind; linear memory grows to the largest
 * call ever made and stays there. A pointer given out is good until the next call, and growing moves nothing but makes
 * JavaScript's views stale: loadwave.mjs takes fresh ones after each call.
 *
 * A call answers 0 or a negative lw_err; lw_output() and lw_output_size() then name its answer: the plan, or the error
 * as JSON.
 */
#include "base/base_internal.h"
#include "loadwave/loadwave.h"

#define EXPORT(name) __attribute__((export_name(name)))

/* Number of this interface; it changes when an export does. */
EXPORT("lw_abi") int32_t lw__wasm_abi(void);
/* Drops the last call's memory and gives size bytes for the next one's input; NULL when there is not so much. */
EXPORT("lw_input") void *lw__wasm_input(size_t size);
/*
 * Compiles the input (size bytes of protocol text) and keeps it for every plan until the next call of this. When it is
 * refused no protocol is kept, and the answer lists everything that is wrong with it.
 */
EXPORT("lw_compile") int32_t lw__wasm_compile(const char *input, size_t size);
/* Compiles and lints the input and keeps nothing of it: the answer lists what was found. 0 also with warnings. */
EXPORT("lw_check") int32_t lw__wasm_check(const char *input, size_t size);
/* The plan of day (days since 1970-01-01) for the record in the input; flags as of lw_plan(). */
EXPORT("lw_plan") int32_t lw__wasm_plan(const char *input, size_t size, int32_t day, uint32_t flags);
/* What each day from..to came to, for the record in the input; as of lw_day_loads(). */
EXPORT("lw_day_loads") int32_t lw__wasm_day_loads(const char *input, size_t size, int32_t from, int32_t to);
/* Where the answer of the last call is, and its size in bytes. */
EXPORT("lw_output") const char *lw__wasm_output(void);
EXPORT("lw_output_size") uint32_t lw__wasm_output_size(void);

enum { ABI = 2, PAGE = 64 * 1024, MAX_DIAGS = 64, MAX_OUTPUT = 256 * 1024 };

extern uint8_t __heap_base; /* the linker's: first byte after stack and data */

static uintptr_t heap_top;              /* first free byte; 0 before the first call */
static uintptr_t protocol_end;          /* where the protocol's part ends */
static const lw_protocol *the_protocol; /* NULL until one was compiled */
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

static void put_member(lw__writer *w, const char *name, int64_t value) {
    lw__put_char(w, '"');
    lw__put_c(w, name);
    lw__put_c(w, "\":");
    lw__put_int(w, value);
    lw__put_char(w, ',');
}

static void put_text(lw__writer *w, const char *name, const char *value, const char *end) {
    lw__put_char(w, '"');
    lw__put_c(w, name);
    lw__put_c(w, "\":");
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

int32_t lw__wasm_abi(void) {
    return ABI;
}

void *lw__wasm_input(size_t size) {
    if (heap_top == 0) {
        protocol_end = (uintptr_t)&__heap_base;
    }
    heap_top = protocol_end;
    output = (lw_str){NULL, 0};
    return take(size > 0 ? size : 1);
}

const char *lw__wasm_output(void) {
    return output.ptr;
}

uint32_t lw__wasm_output_size(void) {
    return output.len;
}

/* Compiles text; *end is where the compiled protocol ends. The answer lists what is wrong with it. */
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

int32_t lw__wasm_compile(const char *input, size_t size) {
    the_protocol = NULL;
    protocol_end = heap_top = (uintptr_t)&__heap_base;
    if (size > LW_MAX_PROTOCOL) {
        lw_diag diag = {.err = LW_ERR_LIMIT};
        return fail(LW_ERR_LIMIT, &diag);
    }
    char *text = take(size > 0 ? size : 1); // below the input, never above it: nothing new to grow
    memmove(text, input, size);
    const lw_protocol *protocol = NULL;
    uintptr_t end;
    int32_t err = compile((lw_str){text, (uint32_t)size}, false, &protocol, &end);
    if (err == LW_OK) {
        the_protocol = protocol;
        protocol_end = end;
    }
    return err;
}

int32_t lw__wasm_check(const char *input, size_t size) {
    if (size > LW_MAX_PROTOCOL) {
        lw_diag diag = {.err = LW_ERR_LIMIT};
        return fail(LW_ERR_LIMIT, &diag);
    }
    const lw_protocol *protocol = NULL;
    uintptr_t end;
    return compile((lw_str){input, (uint32_t)size}, true, &protocol, &end);
}

/* Reads the record in the input and answers with its plan of a day, or, where flags is negative, with its days day..to. */
static int32_t fold_input(const char *input, size_t size, int32_t day, int32_t to, int64_t flags) {
    lw_diag diag = {.err = LW_OK};
    lw_record record;
    size_t result_size;
    size_t scratch_size;
    bool loads = flags < 0;
    if (the_protocol == NULL) {
        return fail(LW_ERR_MISSING, NULL);
    }
    if (size > LW_MAX_RECORD) {
        return fail(LW_ERR_LIMIT, NULL);
    }
    lw_record_size_hint(size, &result_size, &scratch_size);
    lw_arena result = arena(result_size);
    lw_arena scratch = arena(scratch_size + (loads ? LW_LOADS_SCRATCH : LW_PLAN_SCRATCH));
    lw_work work = {.result = arena(loads ? LW_LOADS_RESULT : LW_PLAN_RESULT), .scratch = scratch};
    int32_t err = lw_record_read((lw_str){input, (uint32_t)size}, &result, &scratch, &record, &diag);
    if (err == LW_OK) {
        err = loads ? lw_day_loads(the_protocol, &record, day, to, &work, &diag)
                    : lw_plan(the_protocol, &record, day, (uint32_t)flags, &work, &diag);
    }
    if (err != LW_OK) {
        return fail(err, &diag);
    }
    output = work.json;
    return LW_OK;
}

int32_t lw__wasm_plan(const char *input, size_t size, int32_t day, uint32_t flags) {
    return fold_input(input, size, day, day, flags);
}

int32_t lw__wasm_day_loads(const char *input, size_t size, int32_t from, int32_t to) {
    return fold_input(input, size, from, to, -1);
}
