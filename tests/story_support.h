/*
 * story_support.h: what the two story programs share: files, the index of stories, the protocol.
 *
 * Included by one source each, like a test's support header; everything is static. Heap and stdio are allowed here.
 */
#ifndef STORY_SUPPORT_H
#define STORY_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loadwave/loadwave.h"

static inline void die(const char *what, const char *about) {
    fprintf(stderr, "%s: %s\n", what, about);
    exit(2);
}

static inline void *get(size_t size) {
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL) {
        die("malloc", "no memory");
    }
    return memory;
}

static inline lw_arena get_arena(size_t size) {
    return lw_arena_over(get(size), size);
}

/* The whole file; the caller frees ptr. Ends the program when it cannot be read. */
static inline lw_str read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        die(path, "cannot be opened");
    }
    size_t cap = 1 << 16;
    size_t len = 0;
    char *bytes = get(cap);
    for (size_t got; (got = fread(bytes + len, 1, cap - len, file)) > 0;) {
        len += got;
        if (len == cap) {
            cap *= 2;
            char *more = realloc(bytes, cap);
            if (more == NULL) {
                die(path, "no memory");
            }
            bytes = more;
        }
    }
    (void)fclose(file);
    return (lw_str){bytes, (uint32_t)len};
}

/* Reachable to the end, so that a leak checker knows they are meant to live. */
extern const void *story_kept[2];
const void *story_kept[2];

/* The protocol, compiled; it lives until the program ends. */
static inline const lw_protocol *read_protocol(const char *path) {
    lw_str text = read_file(path);
    lw_arena result = get_arena(LW_PROTOCOL_RESULT);
    lw_arena scratch = get_arena(LW_PROTOCOL_SCRATCH);
    static lw_diag items[16];
    lw_diags diags = {items, 16, 0};
    const lw_protocol *protocol = NULL;
    if (lw_protocol_compile(text, &result, &scratch, &protocol, &diags) != LW_OK) {
        fprintf(stderr, "%s:%u:%u: ", path, items[0].line, items[0].column);
        die(items[0].member, items[0].message);
    }
    free(scratch.base);
    story_kept[0] = text.ptr;
    story_kept[1] = protocol;
    return protocol;
}

/* One line of build/stories/index.txt: name, day, file. */
typedef struct story_line {
    char name[128];
    char on[16];
    char file[512];
    int32_t day;
} story_line;

/* The next story; false at the end of the index. */
static inline bool next_story(FILE *index, story_line *out) {
    if (fscanf(index, "%127s %15s %511s", out->name, out->on, out->file) != 3) {
        return false;
    }
    if (!lw_day_parse((lw_str){out->on, (uint32_t)strlen(out->on)}, &out->day)) {
        die(out->on, "is not a date");
    }
    return true;
}

#endif
