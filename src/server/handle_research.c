/*
 * handle_research.c: asking for the events of a clinic without the people in them, looking how that stands, and fetching what
 * was looked at. How a person is taken out of a record stands in report/research.h; the work is research_jobs.c's.
 */
#include <stdio.h>
#include <string.h>

#include "server/identity_internal.h"
#include "server/research_jobs.h"
#include "server/routes.h"
#include "server/server_internal.h"

/* In the transaction that writes the audit row: no row, no export. */
int32_t lw__c_research_ask(lw_request *rq, lw_sql *sql) {
    (void)sql;
    lw_export_job job = {.cohort = NULL};
    lw_job_begin(&job.head, rq->who->account, rq->who->clinic);
    int32_t err = lw_jobs_add(rq->server->exports, &job.head);
    if (err == LW_ERR_BUSY) {
        rq->retry_s = 10;
        return lw_problem(rq, err, NULL, "Research files are being made already; please try again in a moment.");
    }
    snprintf(rq->audit, sizeof rq->audit, "export=%s", job.head.id);
    rq->reply.status = 202;
    lw_buf_fmt(
        &rq->reply.body,
        "{\"export\":\"%s\",\"state\":\"waiting\",\"code\":null,\"done\":0,\"of\":0,\"patients\":0,\"suppressed\":0,"
        "\"files\":[]}",
        job.head.id);
    return err;
}

int32_t lw__h_research(lw_request *rq, lw_sql *sql) {
    (void)sql;
    lw_job_head how;
    lw_export_look look;
    lw_buf *out = &rq->reply.body;
    int32_t err = lw_export_see(rq->server->exports, rq->path[0], rq->who->account, rq->who->clinic, &how, &look);
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, err, NULL, "These files are gone; ask for them again.");
    }
    lw_buf_fmt(out, "{\"export\":\"%s\",\"state\":\"%s\",\"code\":", how.id, lw_job_state_name(how.state));
    lw_buf_fmt(out, how.state == LW_JOB_FAILED ? "\"%s\"" : "null", lw_err_name(how.err));
    lw_buf_fmt(out, ",\"done\":%u,\"of\":%u,\"patients\":%u,\"suppressed\":%u,\"files\":[", how.done, how.of,
               look.patients, look.suppressed);
    for (uint32_t i = 0; how.state == LW_JOB_READY && i < LW_RESEARCH_FILES; i++) {
        lw_buf_fmt(out, "%s{\"name\":\"%s\",\"rows\":%u,\"bytes\":%u,\"sha256\":\"%s\"}", i > 0 ? "," : "",
                   look.files[i].name, look.files[i].rows, look.files[i].bytes, look.files[i].sha256);
    }
    lw_buf_str(out, "]}");
    return out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

int32_t lw__h_research_file(lw_request *rq, lw_sql *sql) {
    (void)sql;
    const lw_value *from = lw_query(rq, "from");
    int32_t err = lw_export_part(rq->server->exports, rq->path[0], rq->who->account, rq->who->clinic, rq->path[1],
                                 from->given ? from->number : 0, &rq->reply.body);
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, err, NULL, "This file is not there, or not any more.");
    }
    if (err == LW_ERR_RANGE) {
        return lw_problem(rq, LW_ERR_VALUE, "from", "No line of the file begins there.");
    }
    char name[160];
    size_t len = strlen(rq->path[1]);
    rq->reply.type = len > 4 && strcmp(rq->path[1] + len - 4, ".csv") == 0 ? "text/csv" : "application/x-ndjson";
    snprintf(name, sizeof name, "attachment; filename=\"loadwave-%.100s\"",
             rq->path[1]); /* one of the export's own names */
    lw_reply_header(rq, "Content-Disposition", name);
    snprintf(rq->audit, sizeof rq->audit, "export=%.32s file=%.40s", rq->path[0], rq->path[1]);
    return err;
}
