/*
 * handle_research.c: the events of a clinic without the people in them, as one file of events or as tables. How a person is
 * taken out of a record stands in report/research.h; here the cohort is read and the answer made.
 */
#include <stdio.h>
#include <string.h>

#include "report/research.h"
#include "server/identity_internal.h"
#include "server/routes.h"

typedef struct exporting {
    lw_request *rq;
    lw_sql *sql;
    lw_research *cohort;
    lw_pool patients; /* of their ids */
    const char **ids;
    uint32_t count, cap;
    lw_buf protocol, log;
    char protocol_sha256[65];
} exporting;

/* The protocol the patient is on, unless it is at hand. */
static int32_t load_protocol(exporting *x, lw_str patient) {
    char sha256[65];
    int32_t err = lw_research_protocol(x->sql, patient, sha256);
    if (err != LW_OK || strcmp(sha256, x->protocol_sha256) == 0) {
        return err;
    }
    lw_buf_clear(&x->protocol);
    memcpy(x->protocol_sha256, sha256, sizeof sha256);
    err = lw_clinic_protocol(x->sql, lw__str(x->rq->who->clinic), lw__str(sha256), &x->protocol);
    return err == LW_ERR_NOT_FOUND ? LW_OK : err;
}

static int32_t add_patient(exporting *x, const char *patient) {
    lw_buf_clear(&x->log);
    int32_t err = load_protocol(x, lw__str(patient));
    if (err == LW_OK) {
        err = lw_store_log(x->sql, lw__str(patient), &x->log, NULL);
    }
    if (err == LW_OK) {
        err = lw_research_add(x->cohort, patient, lw_buf_view(&x->protocol), lw_buf_view(&x->log));
    }
    return err == LW_ERR_GONE ? LW_OK : err;
}

static int32_t patient_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    exporting *x = ctx;
    if (x->count == x->cap) {
        uint32_t cap = x->cap > 0 ? x->cap * 2 : 256;
        const char **more = cap <= LW_RESEARCH_MOST ? lw_pool_take(&x->patients, cap * sizeof *more) : NULL;
        if (more == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        if (x->count > 0) {
            memcpy(more, x->ids, x->count * sizeof *more);
        }
        x->ids = more;
        x->cap = cap;
    }
    x->ids[x->count] = lw_pool_text(&x->patients, col[0].bytes);
    return x->ids[x->count++] != NULL ? LW_OK : LW_ERR_NO_MEMORY;
}

/* The cohort of the clinic with its files; close it. */
static int32_t make(lw_request *rq, lw_sql *sql, lw_research **out) {
    exporting x = {.rq = rq, .sql = sql};
    int32_t err = lw_research_open((int32_t)(rq->now_s / 86400), &x.cohort);
    err = err == LW_OK ? lw_research_patients(sql, lw__str(rq->who->clinic), patient_row, &x) : err;
    for (uint32_t i = 0; err == LW_OK && x.count >= LW_RESEARCH_FEWEST && i < x.count; i++) {
        err = add_patient(&x, x.ids[i]);
    }
    err = err == LW_OK ? lw_research_make(x.cohort) : err;
    if (err == LW_ERR_FORBIDDEN) {
        err = lw_problem(rq, err, NULL,
                         "Fewer than %d people have a record here. With so few, somebody could be recognised.",
                         (int)LW_RESEARCH_FEWEST);
    }
    snprintf(rq->audit, sizeof rq->audit, "patients=%u", x.count);
    lw_buf_free(&x.protocol);
    lw_buf_free(&x.log);
    lw_pool_free(&x.patients);
    *out = x.cohort;
    return err;
}

int32_t lw__h_research_export(lw_request *rq, lw_sql *sql) {
    lw_research *cohort = NULL;
    int32_t err = make(rq, sql, &cohort);
    if (err == LW_OK) {
        lw_buf_slice(&rq->reply.body, lw_research_get(cohort, 0).bytes);
        err = rq->reply.body.failed ? LW_ERR_LIMIT : LW_OK;
    }
    rq->reply.type = "application/x-ndjson";
    lw_reply_header(rq, "Content-Disposition", "attachment; filename=\"research.jsonl\"");
    lw_research_close(cohort);
    return err;
}

int32_t lw__h_research_tables(lw_request *rq, lw_sql *sql) {
    lw_research *cohort = NULL;
    lw_buf *out = &rq->reply.body;
    int32_t err = make(rq, sql, &cohort);
    if (err == LW_OK) {
        lw_buf_fmt(out, "{\"patients\":%u,\"suppressed\":%u,\"files\":[", lw_research_count(cohort),
                   lw_research_suppressed(cohort));
        for (uint32_t i = 0; i < LW_RESEARCH_FILES; i++) {
            lw_research_file file = lw_research_get(cohort, i);
            lw_buf_fmt(out, "%s{\"name\":\"%s\",\"rows\":%u,\"text\":", i > 0 ? "," : "", file.name, file.rows);
            lw_buf_json(out, file.bytes);
            lw_buf_str(out, "}");
        }
        lw_buf_str(out, "]}");
        err = out->failed ? LW_ERR_LIMIT : LW_OK;
    }
    lw_research_close(cohort);
    return err;
}
