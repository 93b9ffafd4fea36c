/*
 * intake_table.c: a table (CSV) as a whole into memory, for src/watch/table.c to read.
 */
#include "intake/intake.h"

struct to {
    lw_intake *in;
    const char *from;
};

static bool add(void *to, const lw_found_activity *found) {
    const struct to *t = to;
    return lw__intake_take(t->in, t->from, found, found->hash) != NULL;
}

static void find(void *to, lw_found what, uint32_t line, const char *detail) {
    const struct to *t = to;
    lw__intake_find(t->in, what, t->from, line, detail);
}

void lw__intake_table(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len) {
    if (!in->map.given) {
        lw__intake_find(in, LW_FOUND_MAP, source->from, 0, NULL);
        return;
    }
    size_t len = 0;
    char *bytes = lw__intake_whole(in, source, head, head_len, LW_INTAKE_CSV, &len);
    char *more = bytes != NULL ? in->memory(bytes, len + 1) : NULL; // room for the last cell's end
    if (bytes != NULL && more == NULL) {
        in->memory(bytes, 0);
        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
    }
    if (more != NULL) {
        struct to to = {in, source->from};
        const lw_found_out out = {&to, add, find};
        lw_table_read(&in->map, more, len, &out);
        in->memory(more, 0);
    }
}
