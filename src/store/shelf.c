/* shelf.c: the protocols of a store, compiled when first asked for. See store.h. */
#include <stdlib.h>

#include "store/store_internal.h"

extern const unsigned char lw_builtin_protocol[];
extern const size_t lw_builtin_protocol_len;

/* A protocol borrows its text, so both live together. */
typedef struct shelved {
    struct shelved *next;
    char sha256[65];
    const lw_protocol *protocol; /* NULL: it is not there, or does not compile */
    lw_buf text;
    void *memory;
} shelved;

struct lw_shelf {
    lw_sql *sql;
    shelved *first;
};

static void compile(shelved *s) {
    void *scratch = malloc(LW_PROTOCOL_SCRATCH);
    s->memory = malloc(LW_PROTOCOL_RESULT);
    if (scratch != NULL && s->memory != NULL) {
        lw_arena result = lw_arena_over(s->memory, LW_PROTOCOL_RESULT);
        lw_arena work = lw_arena_over(scratch, LW_PROTOCOL_SCRATCH);
        if (lw_protocol_compile(lw_buf_view(&s->text), &result, &work, &s->protocol, NULL) != LW_OK) {
            s->protocol = NULL;
        }
    }
    free(scratch);
}

/* A compiled text under the name of its own hash, which is that of its bytes. */
static shelved *put(lw_shelf *shelf, shelved *s) {
    compile(s);
    if (s->protocol != NULL) {
        lw__writer w = lw__writer_over(s->sha256, 64);
        lw__put_hex(&w, lw_protocol_hash(s->protocol), 32);
    }
    s->next = shelf->first;
    shelf->first = s;
    return s;
}

int32_t lw_shelf_open(lw_sql *sql, lw_shelf **out) {
    lw_shelf *shelf = calloc(1, sizeof *shelf);
    shelved *built_in = calloc(1, sizeof *built_in);
    if (shelf == NULL || built_in == NULL) {
        free(shelf);
        free(built_in);
        return LW_ERR_NO_MEMORY;
    }
    shelf->sql = sql;
    lw_buf_add(&built_in->text, lw_builtin_protocol, lw_builtin_protocol_len);
    if (put(shelf, built_in)->protocol == NULL) {
        lw_shelf_close(shelf);
        return LW_ERR_NO_MEMORY;
    }
    *out = shelf;
    return LW_OK;
}

static int32_t text_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    lw_buf_slice(ctx, columns[0].bytes);
    return LW_OK;
}

const lw_protocol *lw_shelf_find(void *ctx, lw_str clinic, lw_str sha256) {
    lw_shelf *shelf = ctx;
    if (sha256.len != 64) {
        return NULL;
    }
    for (shelved *s = shelf->first; s != NULL; s = s->next) {
        if (memcmp(s->sha256, sha256.ptr, 64) == 0) {
            return s->protocol;
        }
    }
    shelved *s = calloc(1, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    lw_sql_value params[] = {lw_sql_text(clinic), lw_sql_text(sha256)};
    int32_t err = lw_sql_run(shelf->sql, "SELECT text FROM protocol WHERE clinic = ?1 AND sha256 = ?2", params, 2,
                             text_row, &s->text);
    if (err != LW_OK || s->text.len == 0) {
        lw_buf_free(&s->text);
        free(s);
        return NULL;
    }
    put(shelf, s);
    if (memcmp(s->sha256, sha256.ptr, 64) != 0) {
        s->protocol = NULL; /* the text is not what its name says */
        memcpy(s->sha256, sha256.ptr, 64);
    }
    return s->protocol;
}

void lw_shelf_close(lw_shelf *shelf) {
    while (shelf != NULL && shelf->first != NULL) {
        shelved *next = shelf->first->next;
        lw_buf_free(&shelf->first->text);
        free(shelf->first->memory);
        free(shelf->first);
        shelf->first = next;
    }
    free(shelf);
}
