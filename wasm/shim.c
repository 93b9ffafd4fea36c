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
 */
#include "door.h"

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

enum { ABI = 2 };

static uintptr_t protocol_end;          /* where the protocol's part ends */
static const lw_protocol *the_protocol; /* NULL until one was compiled */

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
