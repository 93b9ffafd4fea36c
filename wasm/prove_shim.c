/*
 * prove_shim.c: the checker as seen from JavaScript, in a module of its own.
 *
 * One protocol at a time: lw_input() drops whatever was there, lw_prove() compiles the text and begins, lw_prove_on()
 * walks. Memory is one bump heap:
 *
 *     __heap_base │ text │ compiled protocol │ room for answers │ the checker's arena, LW_PROVE_MEMORY bytes
 *
 * It grows when a proof begins, not when the module is loaded. Answers stand in their own room, so that they leave the
 * walk alone.
 */
#include "door.h"
#include "prove/prove.h"

/* Number of this interface; it changes when an export does. */
EXPORT("lw_prove_abi") int32_t lw__wasm_abi(void);
/* Drops everything and gives size bytes for a protocol's text; NULL when there is not so much. */
EXPORT("lw_input") void *lw__wasm_input(size_t size);
/* Compiles the input and begins; the answer lists what is wrong with the text. LW_ERR_NO_MEMORY: not enough memory to begin. */
EXPORT("lw_prove") int32_t lw__wasm_prove(const char *input, size_t size);
/* Walks on, as of lw_prove_step(): 1 more, 0 decided, negative error. */
EXPORT("lw_prove_on") int32_t lw__wasm_prove_on(uint32_t transitions);
/* Answers with how far it is. */
EXPORT("lw_prove_progress") void lw__wasm_progress(void);
/* Answers with all properties and what was found so far, stories included. */
EXPORT("lw_prove_results") void lw__wasm_results(void);

enum { ABI = 1, ANSWER = LW_PROPERTY_COUNT * (LW_PROVE_STORY + 4096) };

static lw_prover *prover; /* NULL until one has begun */
static lw_arena memory;   /* the prover's */
static char *answer;      /* ANSWER bytes */

int32_t lw__wasm_abi(void) {
    return ABI;
}

void *lw__wasm_input(size_t size) {
    prover = NULL;
    heap_top = (uintptr_t)&__heap_base;
    output = (lw_str){NULL, 0};
    return take(size > 0 ? size : 1);
}

int32_t lw__wasm_prove(const char *input, size_t size) {
    const lw_protocol *protocol = NULL;
    uintptr_t end;
    if (size > LW_MAX_PROTOCOL) {
        return fail(LW_ERR_LIMIT, NULL);
    }
    int32_t err = compile((lw_str){input, (uint32_t)size}, false, &protocol, &end);
    if (err != LW_OK) {
        return err;
    }
    heap_top = end; // the list of nothing wrong is dropped
    output = (lw_str){NULL, 0};
    answer = take(ANSWER);
    memory = arena(LW_PROVE_MEMORY);
    if (answer == NULL || memory.base == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    return lw_prove_begin(protocol, &memory, &prover);
}

int32_t lw__wasm_prove_on(uint32_t transitions) {
    return prover == NULL ? LW_ERR_MISSING : lw_prove_step(prover, transitions);
}

void lw__wasm_progress(void) {
    lw__writer w = lw__writer_over(answer, prover == NULL ? 0 : ANSWER);
    if (prover != NULL) {
        lw_prove_progress now = lw_prove_progress_of(prover);
        int32_t counts[LW_PROVE_BROKEN + 1] = {0};
        for (lw_property property = 0; property < LW_PROPERTY_COUNT; property++) {
            counts[lw_prove_result_of(prover, property)->verdict]++;
        }
        lw__put_char(&w, '{');
        put_text(&w, "walk", now.walk, ",");
        put_member(&w, "walk_index", now.walk_index);
        put_member(&w, "walks", now.walks);
        put_member(&w, "states", (int64_t)now.states);
        put_member(&w, "transitions", (int64_t)now.transitions);
        put_member(&w, "memory", (int64_t)now.memory);
        put_member(&w, "open", counts[LW_PROVE_OPEN]);
        put_name(&w, "broken");
        lw__put_int(&w, counts[LW_PROVE_BROKEN]);
        lw__put_char(&w, '}');
    }
    output = (lw_str){answer, (uint32_t)w.len};
}

/* A story is JSON Lines; as a list its lines are parted by commas. */
static void put_story(lw__writer *w, lw_str story) {
    lw__put_char(w, '[');
    for (uint32_t i = 0; i < story.len; i++) {
        if (story.ptr[i] != '\n') {
            lw__put_char(w, story.ptr[i]);
        } else if (i + 1 < story.len) {
            lw__put_char(w, ',');
        }
    }
    lw__put_char(w, ']');
}

static void put_result(lw__writer *w, lw_property property, const lw_prove_result *result) {
    static const char *const verdicts[] = {"open", "holds", "broken"};
    lw__put_char(w, '{');
    put_text(w, "id", lw_property_id(property), ",");
    put_text(w, "name", lw_property_name(property), ",");
    put_text(w, "verdict", verdicts[result->verdict], ",");
    put_member(w, "states", (int64_t)result->states);
    put_member(w, "transitions", (int64_t)result->transitions);
    put_text(w, "what", result->what == NULL ? "" : result->what, ",");
    put_name(w, "args");
    lw__put_char(w, '{');
    for (int i = 0; i < 3 && result->args[i].name != NULL; i++) {
        lw__put_c(w, i > 0 ? "," : "");
        put_name(w, result->args[i].name);
        lw__put_json(w, result->args[i].value);
    }
    lw__put_c(w, "},");
    if (result->story.len > 0) {
        put_name(w, "from");
        lw__put_day(w, result->from);
        lw__put_char(w, ',');
        put_name(w, "day");
        lw__put_day(w, result->day);
        lw__put_char(w, ',');
    }
    put_name(w, "story");
    put_story(w, result->story);
    lw__put_char(w, '}');
}

void lw__wasm_results(void) {
    lw__writer w = lw__writer_over(answer, prover == NULL ? 0 : ANSWER);
    lw__put_char(&w, '[');
    for (lw_property property = 0; prover != NULL && property < LW_PROPERTY_COUNT; property++) {
        lw__put_c(&w, property > 0 ? "," : "");
        put_result(&w, property, lw_prove_result_of(prover, property));
    }
    lw__put_char(&w, ']');
    output = (lw_str){answer, (uint32_t)w.len};
}
