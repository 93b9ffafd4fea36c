/*
 * check.c: everything in a store read again. See lw_store_check in store.h.
 *
 * The same work serves doctor and restore: what must hold of a patient is that the chain is unbroken, that each row's columns
 * say what its line says, that the record can be read, and that the projection and the open cards are those of a fresh fold.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/rows.h"
#include "store/sql_internal.h"
#include "store/store_internal.h"

typedef struct checking {
    lw_sql *sql;
    lw_check *check;
    lw_shelf *shelf;
    uint64_t foreign; /* projections of another engine */
    uint64_t stale;
} checking;

void lw__check_say(lw_check *check, bool wrong, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    check->wrong += wrong;
    if (check->say != NULL) {
        check->say(check->ctx, wrong, text);
    }
}

/* ---- one patient ---- */

typedef struct row_check {
    lw_buf *log;
    lw_arena arena;
    int64_t bad;
    uint64_t rows;
} row_check;

/* The columns of a row say what its line says. */
static int32_t columns_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    row_check *r = ctx;
    lw_str line = columns[1].bytes;
    r->rows++;
    r->arena.used = 0;
    lw_event event;
    int32_t err = lw_event_read(line, 1, &r->arena, &event, NULL);
    /* A line of a newer format cannot be compared; its bytes are under the chain. */
    bool newer = err == LW_ERR_NEWER;
    bool same =
        newer || (err == LW_OK && columns[2].bytes.len == 16 && memcmp(columns[2].bytes.ptr, event.id, 16) == 0 &&
                  columns[3].number == event.at_s && lw__str_eq(columns[4].bytes, lw__str(lw_kind_name(event.kind))));
    if (!same && r->bad == 0) {
        r->bad = columns[0].number;
    }
    lw_buf_slice(r->log, line);
    lw_buf_str(r->log, "\n");
    return r->log->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

typedef struct stored {
    lw_head head;
    char protocol[65], engine[16];
    int32_t on_day, recheck_day;
    int64_t priority;
    uint8_t plan_sha256[32];
    lw_buf summary;
    bool found;
} stored;

static int32_t stored_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    stored *s = ctx;
    if (columns[1].bytes.len != 32 || columns[6].bytes.len != 32) {
        return LW_ERR_CORRUPT;
    }
    s->found = true;
    s->head.seq = columns[0].number;
    memcpy(s->head.hash, columns[1].bytes.ptr, 32);
    lw__cut(columns[2].bytes, s->protocol, sizeof s->protocol);
    lw__cut(columns[3].bytes, s->engine, sizeof s->engine);
    s->on_day = (int32_t)columns[4].number;
    s->recheck_day = (int32_t)columns[5].number;
    memcpy(s->plan_sha256, columns[6].bytes.ptr, 32);
    lw_buf_slice(&s->summary, columns[7].bytes);
    return LW_OK;
}

static int32_t kinds_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    lw_buf_slice(ctx, columns[0].bytes);
    lw_buf_fmt(ctx, "=%lld ", (long long)columns[1].number);
    return LW_OK;
}

static int by_kind(const void *a, const void *b) {
    return strcmp(((const lw_card *)a)->kind, ((const lw_card *)b)->kind);
}

/* The open cards are those of the projection. */
static int32_t same_cards(lw_sql *sql, lw_str patient, lw_projection *fresh, bool *same) {
    lw_buf have = {0}, want = {0};
    lw_sql_value id[] = {lw_sql_text(patient)};
    lw_buf_str(&have, "");
    lw_buf_str(&want, "");
    int32_t err =
        lw_sql_run(sql, "SELECT kind, priority FROM card WHERE patient = ?1 AND ended_s IS NULL ORDER BY kind", id, 1,
                   kinds_row, &have);
    qsort(fresh->cards, fresh->card_count, sizeof fresh->cards[0], by_kind);
    for (uint32_t i = 0; i < fresh->card_count; i++) {
        lw_buf_fmt(&want, "%s=%d ", fresh->cards[i].kind, (int)fresh->cards[i].priority);
    }
    *same = lw__str_eq(lw_buf_view(&have), lw_buf_view(&want));
    lw_buf_free(&have);
    lw_buf_free(&want);
    return err;
}

static int32_t check_projection(checking *c, lw_str patient, lw_str clinic, lw_str log, const lw_head *head) {
    stored s = {.found = false};
    lw_sql_value id[] = {lw_sql_text(patient)};
    int32_t err = lw_sql_run(c->sql,
                             "SELECT seq, hash, protocol_sha256, engine, on_day, recheck_day, plan_sha256, summary "
                             "FROM projection WHERE patient = ?1",
                             id, 1, stored_row, &s);
    int len = (int)patient.len;
    if (err != LW_OK || !s.found || s.recheck_day == 0) {
        c->stale += err == LW_OK;
        lw_buf_free(&s.summary);
        return err;
    }
    if (strcmp(s.engine, lw_version()) != 0) {
        c->foreign++;
    } else if (s.head.seq != head->seq || memcmp(s.head.hash, head->hash, 32) != 0) {
        lw__check_say(c->check, true,
                      "Patient %.*s: the row for lists stands for another log than the one that is here.", len,
                      patient.ptr);
    } else if (!lw__str_eq(lw_buf_view(&s.summary), LW_STR("{\"status\":\"unfoldable\"}"))) {
        const lw_protocol *protocol = lw_shelf_find(c->shelf, clinic, lw__str(s.protocol));
        lw_projection fresh = {0};
        bool same = false;
        int32_t made =
            protocol != NULL ? lw_projection_make(protocol, log, s.on_day, 0, &fresh, NULL) : LW_ERR_NOT_FOUND;
        if (made == LW_OK) {
            err = same_cards(c->sql, patient, &fresh, &same);
            same = same && memcmp(fresh.plan_sha256, s.plan_sha256, 32) == 0 &&
                   lw__str_eq(lw_buf_view(&fresh.summary), lw_buf_view(&s.summary));
            if (!same && err == LW_OK) {
                lw__check_say(c->check, true,
                              "Patient %.*s: the row for lists differs from a fresh fold of the record.", len,
                              patient.ptr);
            }
        } else {
            lw__check_say(c->check, true, "Patient %.*s: the record could not be folded again: %s", len, patient.ptr,
                          protocol == NULL ? "its protocol is not in the store." : lw_err_sentence(made));
        }
        lw_projection_free(&fresh);
    }
    lw_buf_free(&s.summary);
    return err;
}

static int32_t check_patient(checking *c, lw_str patient, lw_str clinic, void *memory) {
    int len = (int)patient.len;
    int64_t bad = 0;
    int32_t err = lw_store_verify(c->sql, patient, &bad);
    if (err == LW_ERR_CORRUPT) {
        lw__check_say(c->check, true, "Patient %.*s: the chain of events is broken at number %lld.", len, patient.ptr,
                      (long long)bad);
        return LW_OK;
    }
    lw_buf log = {0};
    lw_head head = {0};
    row_check rows = {.log = &log, .arena = lw_arena_over(memory, 2 * (size_t)LW_MAX_LINE)};
    lw_sql_value id[] = {lw_sql_text(patient)};
    if (err == LW_OK) {
        err = lw_sql_run(c->sql, "SELECT seq, line, id, at_s, kind FROM event WHERE patient = ?1 ORDER BY seq", id, 1,
                         columns_row, &rows);
    }
    err = err == LW_OK ? lw_store_head(c->sql, patient, &head) : err;
    c->check->events += rows.rows;
    if (err == LW_OK && rows.bad != 0) {
        lw__check_say(c->check, true,
                      "Patient %.*s: event number %lld cannot be read, or its columns differ from its line.", len,
                      patient.ptr, (long long)rows.bad);
    } else if (err == LW_OK) {
        err = check_projection(c, patient, clinic, lw_buf_view(&log), &head);
    }
    lw_buf_free(&log);
    return err;
}

/* ---- all ---- */

enum { PAGE = 500 };

typedef struct names {
    lw_pool pool;
    lw_str ids[PAGE], clinics[PAGE];
    uint32_t count;
} names;

static int32_t names_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    names *n = ctx;
    n->ids[n->count] = (lw_str){lw_pool_text(&n->pool, columns[0].bytes), columns[0].bytes.len};
    n->clinics[n->count] = (lw_str){lw_pool_text(&n->pool, columns[1].bytes), columns[1].bytes.len};
    bool fine = n->ids[n->count].ptr != NULL && n->clinics[n->count].ptr != NULL;
    n->count++;
    return fine ? LW_OK : LW_ERR_NO_MEMORY;
}

static int32_t check_patients(checking *c) {
    int64_t all = 0;
    int32_t err = lw_sql_one_int(c->sql, "SELECT count(*) FROM patient", NULL, 0, &all);
    void *memory = malloc(2 * (size_t)LW_MAX_LINE);
    names *page = calloc(1, sizeof *page);
    char last[65] = "";
    err = err == LW_OK && (memory == NULL || page == NULL) ? LW_ERR_NO_MEMORY : err;
    while (err == LW_OK) {
        page->count = 0;
        lw_sql_value after[] = {lw_sql_text(lw__str(last)), lw_sql_int(PAGE)};
        err = lw_sql_run(c->sql, "SELECT id, clinic FROM patient WHERE id > ?1 ORDER BY id LIMIT ?2", after, 2,
                         names_row, page);
        for (uint32_t i = 0; i < page->count && err == LW_OK; i++) {
            err = check_patient(c, page->ids[i], page->clinics[i], memory);
            c->check->patients++;
            if (c->check->progress != NULL) {
                c->check->progress(c->check->ctx, "records read again", c->check->patients, (uint64_t)all);
            }
        }
        if (page->count > 0) {
            lw__cut(page->ids[page->count - 1], last, sizeof last);
        }
        lw_pool_free(&page->pool);
        if (page->count < PAGE) {
            break;
        }
    }
    free(page);
    free(memory);
    return err;
}

int32_t lw_store_check(lw_sql *sql, lw_check *check) {
    checking c = {.sql = sql, .check = check};
    int32_t err = lw_shelf_open(sql, &c.shelf);
    if (err != LW_OK) {
        return err;
    }
    err = check_patients(&c);
    int64_t bad = 0, lost = 0;
    if (err == LW_OK) {
        err = lw_sql_one_int(sql,
                             "SELECT count(*) FROM (SELECT DISTINCT patient FROM event) e "
                             "WHERE e.patient NOT IN (SELECT id FROM patient)",
                             NULL, 0, &lost);
    }
    if (err == LW_OK && lost > 0) {
        lw__check_say(check, true, "People with events who are not in the list of patients: %lld.", (long long)lost);
    }
    if (err == LW_OK) {
        err = lw_audit_verify(sql, &bad);
        if (err == LW_ERR_CORRUPT) {
            lw__check_say(check, true, "The chain of the audit trail is broken at number %lld.", (long long)bad);
            err = LW_OK;
        }
    }
    if (err == LW_OK && c.foreign > 0) {
        lw__check_say(check, false,
                      "Rows for lists made by another version: %llu; the server makes them anew when it starts.",
                      (unsigned long long)c.foreign);
    }
    if (err == LW_OK && c.stale > 0) {
        lw__check_say(check, false, "Patients who wait for their row for lists to be made: %llu.",
                      (unsigned long long)c.stale);
    }
    lw_shelf_close(c.shelf);
    return err;
}
