/* report_jobs.c: see report_jobs.h. */
#include "server/report_jobs.h"

#include <string.h>

#include "base/base_internal.h"
#include "server/fold_request.h"
#include "store/queue.h"

static int32_t draw(lw_jobs *jobs, lw_server *server, lw_job_head *head) {
    (void)jobs;
    lw_report_job *job = (lw_report_job *)head;
    const lw_protocol *protocol = NULL, *builtin = NULL;
    lw__log *log = NULL;
    char sha256[65];
    lw_sql *sql = lw_store_reader(server->store);
    int32_t err = sql != NULL ? lw_patient_protocol_hash(sql, lw__str(head->about), sha256) : LW_ERR_BUSY;
    err = err == LW_OK ? lw_server_protocol(server, sql, sha256, &protocol) : err;
    err = err == LW_OK ? lw_server_protocol(server, sql, lw_builtin_sha256(), &builtin) : err;
    err = err == LW_OK ? lw__log_get(server->cache, sql, head->about, &log) : err;
    lw_store_reader_back(server->store, sql);
    if (err == LW_OK) {
        int32_t offset_s = 0;
        lw_report_request request = {
            .kind = job->kind,
            .format = job->format,
            .language = job->language,
            .protocol = protocol,
            .builtin = strcmp(sha256, lw_builtin_sha256()) != 0 ? builtin : NULL,
            .record = &log->reading->record,
            .day = job->day != INT32_MIN ? job->day : lw__local_day(log->reading, lw_server_now(server), &offset_s),
            .name = job->name[0] != '\0' ? job->name : NULL,
            .to = job->to[0] != '\0' ? job->to : NULL,
            .from = job->from[0] != '\0' ? job->from : NULL};
        err = lw_report_draw(&request, &job->bytes, NULL);
    }
    lw__log_back(log);
    lw_server_protocol_back(server, builtin);
    lw_server_protocol_back(server, protocol);
    err = err == LW_OK && job->bytes.failed ? LW_ERR_NO_MEMORY : err;
    if (err != LW_OK && err != LW_ERR_RANGE) {
        lw__log_event("warn", "report", "%s: %s", lw_report_kind_name(job->kind), lw_err_name(err));
    }
    return err;
}

static void end(lw_job_head *head) {
    lw_buf_free(&((lw_report_job *)head)->bytes);
}

const lw_job_kind lw_report_jobs = {.most = LW_REPORT_JOBS,
                                    .own = LW_REPORT_OWN,
                                    .kept_s = LW_REPORT_KEPT_S,
                                    .size = sizeof(lw_report_job),
                                    .work = draw,
                                    .end = end};
