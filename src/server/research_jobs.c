/*
 * research_jobs.c: see research_jobs.h. A connection of the store is borrowed for one patient at a time, so that an export of a
 * large clinic keeps nobody waiting.
 */
#include "server/research_jobs.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/server_internal.h"
#include "store/clinic.h"

typedef struct making {
    lw_server *server;
    lw_export_job *job;
    lw_pool pool; /* of the ids */
    const char **ids;
    uint32_t count, cap;
    lw_buf protocol, log;
    char protocol_sha256[65];
} making;

static int32_t patient_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    making *m = ctx;
    if (m->count == m->cap) {
        uint32_t cap = m->cap > 0 ? m->cap * 2 : 256;
        const char **more = cap <= LW_RESEARCH_MOST ? realloc(m->ids, cap * sizeof *more) : NULL;
        if (more == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        m->ids = more;
        m->cap = cap;
    }
    m->ids[m->count] = lw_pool_text(&m->pool, col[0].bytes);
    return m->ids[m->count++] != NULL ? LW_OK : LW_ERR_NO_MEMORY;
}

/* The protocol the patient is on, unless it is at hand. */
static int32_t load_protocol(making *m, lw_sql *sql, lw_str patient) {
    char sha256[65];
    int32_t err = lw_research_protocol(sql, patient, sha256);
    if (err != LW_OK || strcmp(sha256, m->protocol_sha256) == 0) {
        return err;
    }
    lw_buf_clear(&m->protocol);
    memcpy(m->protocol_sha256, sha256, sizeof sha256);
    err = lw_clinic_protocol(sql, lw__str(m->job->head.about), lw__str(sha256), &m->protocol);
    return err == LW_ERR_NOT_FOUND ? LW_OK : err;
}

static int32_t add_patient(making *m, const char *patient) {
    lw_sql *sql = lw_store_reader(m->server->store);
    if (sql == NULL) {
        return LW_ERR_BUSY;
    }
    lw_buf_clear(&m->log);
    int32_t err = load_protocol(m, sql, lw__str(patient));
    err = err == LW_OK ? lw_store_log(sql, lw__str(patient), &m->log, NULL) : err;
    lw_store_reader_back(m->server->store, sql);
    if (err == LW_OK) {
        err = lw_research_add(m->job->cohort, patient, lw_buf_view(&m->protocol), lw_buf_view(&m->log));
    }
    return err == LW_ERR_GONE || err == LW_ERR_NOT_FOUND ? LW_OK : err; /* erased since they were counted */
}

static void describe(lw_export_job *job) {
    job->look.patients = lw_research_count(job->cohort);
    job->look.suppressed = lw_research_suppressed(job->cohort);
    for (uint32_t i = 0; i < LW_RESEARCH_FILES; i++) {
        lw_research_file file = lw_research_get(job->cohort, i);
        unsigned char hash[crypto_hash_sha256_BYTES];
        crypto_hash_sha256(hash, (const unsigned char *)file.bytes.ptr, file.bytes.len);
        job->look.files[i].name = file.name;
        job->look.files[i].rows = file.rows;
        job->look.files[i].bytes = file.bytes.len;
        sodium_bin2hex(job->look.files[i].sha256, sizeof job->look.files[i].sha256, hash, sizeof hash);
    }
}

static void end(lw_job_head *head) {
    lw_export_job *job = (lw_export_job *)head;
    lw_research_close(job->cohort);
    job->cohort = NULL;
}

static int32_t make(lw_jobs *jobs, lw_server *server, lw_job_head *head) {
    lw_export_job *job = (lw_export_job *)head;
    making m = {.server = server, .job = job};
    lw_sql *sql = lw_store_reader(server->store);
    int32_t err = sql != NULL ? lw_research_open((int32_t)(lw_server_now(server) / 86400), &job->cohort) : LW_ERR_BUSY;
    err = err == LW_OK ? lw_research_patients(sql, lw__str(head->about), patient_row, &m) : err;
    lw_store_reader_back(server->store, sql);
    for (uint32_t i = 0; err == LW_OK && m.count >= LW_RESEARCH_FEWEST && i < m.count; i++) {
        err = lw_jobs_tell(jobs, head, i, m.count) ? add_patient(&m, m.ids[i]) : LW_ERR_BUSY;
    }
    err = err == LW_OK ? lw_research_make(job->cohort) : err;
    if (err == LW_OK) {
        describe(job);
        (void)lw_jobs_tell(jobs, head, m.count, m.count);
    } else {
        end(head); /* what is on disk is not kept with a failure */
    }
    if (err != LW_OK && err != LW_ERR_FORBIDDEN) {
        lw__log_event("warn", "research", "%s", lw_err_name(err));
    }
    lw_buf_free(&m.protocol);
    lw_buf_free(&m.log);
    lw_pool_free(&m.pool);
    free(m.ids);
    return err;
}

const lw_job_kind lw_export_jobs = {.most = LW_EXPORT_JOBS,
                                    .own = 1,
                                    .kept_s = LW_EXPORT_KEPT_S,
                                    .size = sizeof(lw_export_job),
                                    .work = make,
                                    .end = end};

/* ---- what is seen of one ---- */

static void see_look(const lw_job_head *head, void *ctx) {
    *(lw_export_look *)ctx = ((const lw_export_job *)head)->look;
}

int32_t lw_export_see(lw_jobs *exports, const char *id, const char *account, const char *clinic, lw_job_head *how,
                      lw_export_look *look) {
    *look = (lw_export_look){.patients = 0};
    return lw_jobs_look(exports, id, account, clinic, how, see_look, look);
}

typedef struct part {
    const char *name;
    int64_t from;
    lw_buf *out;
    int32_t err;
} part;

static void see_part(const lw_job_head *head, void *ctx) {
    part *p = ctx;
    for (uint32_t i = 0; i < LW_RESEARCH_FILES; i++) {
        lw_research_file file = lw_research_get(((const lw_export_job *)head)->cohort, i);
        if (strcmp(file.name, p->name) != 0) {
            continue;
        }
        p->err = LW_ERR_RANGE;
        if (p->from >= 0 && p->from <= (int64_t)file.bytes.len &&
            (p->from == 0 || file.bytes.ptr[p->from - 1] == '\n')) {
            uint32_t left = file.bytes.len - (uint32_t)p->from, len = left < LW_EXPORT_PART ? left : LW_EXPORT_PART;
            while (len > 0 && len < left && file.bytes.ptr[p->from + len - 1] != '\n') {
                len--;
            }
            lw_buf_add(p->out, file.bytes.ptr + p->from, len);
            p->err = p->out->failed ? LW_ERR_NO_MEMORY : LW_OK;
        }
    }
}

int32_t lw_export_part(lw_jobs *exports, const char *id, const char *account, const char *clinic, const char *name,
                       int64_t from, lw_buf *out) {
    part p = {.name = name, .from = from, .out = out, .err = LW_ERR_NOT_FOUND};
    lw_job_head how;
    int32_t err = lw_jobs_look(exports, id, account, clinic, &how, see_part, &p);
    return err == LW_OK ? p.err : err;
}
