/*
 * story_plan.c: the plans of all stories, natively, in one process.
 *
 *     story_plan PROTOCOL INDEX
 *
 * For each line of the index (name, day, file) prints the name, a tab and the plan, or the name of the error.
 * tests/stories.mjs compares these bytes with what WebAssembly answers.
 */
#include "story_support.h"

int main(int argc, char **argv) {
    if (argc != 3) {
        die("usage", "story_plan PROTOCOL INDEX");
    }
    const lw_protocol *protocol = read_protocol(argv[1]);
    FILE *index = fopen(argv[2], "r");
    if (index == NULL) {
        die(argv[2], "cannot be opened");
    }
    story_line story;
    while (next_story(index, &story)) {
        lw_str bytes = read_file(story.file);
        size_t result_size;
        size_t scratch_size;
        lw_record_size_hint(bytes.len, &result_size, &scratch_size);
        lw_arena result = get_arena(result_size);
        lw_arena scratch = get_arena(scratch_size);
        lw_work work = {.result = get_arena(LW_PLAN_RESULT), .scratch = get_arena(LW_PLAN_SCRATCH)};
        lw_record record;
        lw_diag diag;
        int32_t err = lw_record_read(bytes, &result, &scratch, &record, &diag);
        if (err == LW_OK) {
            err = lw_plan(protocol, &record, story.day, 0, &work, &diag);
        }
        if (err == LW_OK) {
            printf("%s\t%.*s\n", story.name, (int)work.json.len, work.json.ptr);
        } else {
            printf("%s\t%s\n", story.name, lw_err_name(err));
        }
        free(result.base);
        free(scratch.base);
        free(work.result.base);
        free(work.scratch.base);
        free((void *)(uintptr_t)bytes.ptr);
    }
    (void)fclose(index);
    return 0;
}
