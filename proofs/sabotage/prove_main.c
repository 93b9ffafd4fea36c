/*
 * prove_main.c: the checker over one protocol, bare: prints the ids of the properties that are broken, one a line, and on
 * the error channel how much was walked. For proofs/sabotage/run.py, which links it with an engine broken on purpose.
 *
 *     prove_main FILE
 *
 * Exit code: 0 all hold, 1 something is broken, 2 the file does not compile or the walk did not fit.
 */
#include <stdio.h>
#include <stdlib.h>

#include "prove/prove.h"

enum { TEXT = 1024 * 1024, COMPILER = 8 * 1024 * 1024 };

static lw_arena room(size_t size) {
    void *bytes = malloc(size);
    if (bytes == NULL) {
        fputs("prove_main: no memory\n", stderr);
        exit(2);
    }
    return lw_arena_over(bytes, size);
}

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    char *text = malloc(TEXT);
    if (file == NULL || text == NULL) {
        fputs("usage: prove_main FILE\n", stderr);
        return 2;
    }
    size_t length = fread(text, 1, TEXT, file);
    (void)fclose(file);
    lw_arena result = room(COMPILER);
    lw_arena scratch = room(COMPILER);
    lw_arena walk = room(LW_PROVE_MEMORY);
    lw_diag items[1];
    lw_diags diags = {items, 1, 0};
    const lw_protocol *protocol;
    lw_prover *prover;
    if (lw_protocol_compile((lw_str){text, (uint32_t)length}, &result, &scratch, &protocol, &diags) != LW_OK) {
        fprintf(stderr, "%s: %s\n", argv[1], items[0].message);
        return 2;
    }
    if (lw_prove_begin(protocol, &walk, &prover) != LW_OK) {
        return 2;
    }
    int32_t more;
    do {
        more = lw_prove_step(prover, 1000000);
    } while (more == 1);
    lw_prove_progress all = lw_prove_progress_of(prover);
    fprintf(stderr, "%llu states, %llu transitions, %zu MiB\n", (unsigned long long)all.states,
            (unsigned long long)all.transitions, all.memory >> 20);
    int broken = 0;
    for (int i = 0; i < LW_PROPERTY_COUNT; i++) {
        const lw_prove_result *r = lw_prove_result_of(prover, (lw_property)i);
        if (r->verdict == LW_PROVE_BROKEN) {
            printf("%s %s\n", lw_property_id((lw_property)i), r->what);
            broken = 1;
        }
    }
    return broken != 0 ? 1 : more < 0 ? 2 : 0;
}
