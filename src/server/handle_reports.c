/*
 * handle_reports.c: asking for a report, looking how it stands, fetching it. Drawing is report_jobs.c's.
 *
 * The letter's names come from here: the patient's from the store, the sender's from who asks, the addressee's from the
 * clinic's list of providers or as it was typed.
 */
#include <stdio.h>
#include <string.h>

#include "server/identity_internal.h"
#include "server/report_jobs.h"
#include "server/routes.h"
#include "server/server_internal.h"
#include "store/clinic.h"
#include "store/providers.h"

/* A text member of a small JSON object, cut at a character; "" when there is none. */
static void member_of(lw_request *rq, const lw_buf *json, const char *name, char *out, size_t cap) {
    lw_str value;
    const char *text = lw__pick(lw_buf_view(json), name, &value) ? lw__pick_text(&rq->pool, value) : NULL;
    size_t len = text != NULL ? strlen(text) : 0;
    if (len >= cap) {
        for (len = cap - 1; len > 0 && ((uint8_t)text[len] & 0xc0) == 0x80;) {
            len--;
        }
    }
    memcpy(out, len > 0 ? text : "", len);
    out[len] = '\0';
}

/* "name, place" of an entry of the clinic's list. */
static int32_t addressee(lw_request *rq, lw_sql *sql, lw_str id, char *out, size_t cap) {
    lw_buf json = {0};
    char name[LW_REPORT_WORDS], place[LW_REPORT_WORDS];
    int32_t err = lw_provider_json(sql, lw__str(rq->who->clinic), id, &json);
    if (err == LW_ERR_NOT_FOUND) {
        err = lw_problem(rq, LW_ERR_VALUE, "provider", "This entry is not on the clinic's list any more.");
    }
    if (err == LW_OK) {
        member_of(rq, &json, "name", name, sizeof name);
        member_of(rq, &json, "place", place, sizeof place);
        lw_buf_clear(&json);
        lw_buf_fmt(&json, "%s, %s", name, place);
        snprintf(out, cap, "%.*s", (int)(json.len < cap ? json.len : 0), json.ptr != NULL ? json.ptr : "");
    }
    lw_buf_free(&json);
    return err;
}

static int32_t names_of(lw_request *rq, lw_sql *sql, lw_report_job *job) {
    lw_buf patient = {0}, clinic = {0};
    char language[9], here[LW_REPORT_WORDS];
    int32_t err = lw_patient_json(sql, lw__str(rq->target.patient), false, rq->now_s, &patient);
    err = err == LW_OK ? lw_clinic_json(sql, lw__str(rq->target.clinic), &clinic) : err;
    if (err == LW_OK) {
        const lw_value *asked = lw_body(rq, "language"), *to = lw_body(rq, "to"), *provider = lw_body(rq, "provider");
        member_of(rq, &patient, "name", job->name, sizeof job->name);
        member_of(rq, &patient, "language", language, sizeof language);
        member_of(rq, &clinic, "name", here, sizeof here);
        job->language = lw_language_for(asked->given ? lw__asked(rq, asked) : language);
        if ((rq->who->roles & LW_ROLE_CLINICIAN) != 0) {
            int len = snprintf(job->from, sizeof job->from, "%s, %s", rq->who->name, here);
            job->from[len < 0 || (size_t)len >= sizeof job->from ? 0 : len] = '\0';
        }
        if (to->given && to->text.len < sizeof job->to) {
            snprintf(job->to, sizeof job->to, "%s", lw__asked(rq, to));
        }
        if (provider->given && provider->text.len > 0) {
            err = addressee(rq, sql, provider->text, job->to, sizeof job->to);
        }
    }
    lw_buf_free(&patient);
    lw_buf_free(&clinic);
    return err;
}

int32_t lw__h_report_ask(lw_request *rq, lw_sql *sql) {
    const lw_value *on = lw_body(rq, "on"), *kind = lw_body(rq, "kind"), *format = lw_body(rq, "format");
    lw_report_job *job = lw_pool_take(&rq->pool, sizeof *job);
    if (job == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw_job_begin(&job->head, rq->who->account, rq->target.patient);
    job->day = on->given ? (int32_t)on->number : INT32_MIN;
    job->format = format->given && lw__str_eq(format->text, LW_STR("svg")) ? LW_REPORT_SVG : LW_REPORT_PDF;
    for (int i = 0; i < LW_REPORT_KINDS; i++) {
        const char *name = lw_report_kind_name((lw_report_kind)i);
        job->kind = lw__str_eq(kind->text, lw__str(name)) ? (lw_report_kind)i : job->kind;
    }
    int32_t err = lw__name_check(rq, "to", lw_body(rq, "to"));
    err = err == LW_OK ? names_of(rq, sql, job) : err;
    rq->state = job;
    snprintf(rq->audit, sizeof rq->audit, "kind=%s", lw_report_kind_name(job->kind));
    return err;
}

/* In the transaction that writes the audit row: no row, no report. */
int32_t lw__c_report_ask(lw_request *rq, lw_sql *sql) {
    (void)sql;
    const lw_report_job *job = rq->state;
    int32_t err = lw_jobs_add(rq->server->reports, &job->head);
    if (err == LW_ERR_BUSY) {
        rq->retry_s = 10;
        return lw_problem(rq, err, NULL, "Many reports are being made; please try again in a moment.");
    }
    rq->reply.status = 202;
    lw_buf_fmt(&rq->reply.body, "{\"report\":\"%s\",\"state\":\"waiting\",\"code\":null}", job->head.id);
    return err;
}

static int32_t look(lw_request *rq, lw_job_head *how, void (*see)(const lw_job_head *job, void *ctx)) {
    int32_t err = lw_jobs_look(rq->server->reports, rq->path[1], rq->who->account, rq->target.patient, how, see, rq);
    return err == LW_ERR_NOT_FOUND ? lw_problem(rq, err, NULL, "This report is gone; ask for it again.") : err;
}

int32_t lw__h_report(lw_request *rq, lw_sql *sql) {
    (void)sql;
    lw_job_head how;
    int32_t err = look(rq, &how, NULL);
    if (err == LW_OK) {
        lw_buf_fmt(&rq->reply.body, "{\"report\":\"%s\",\"state\":\"%s\",\"code\":", how.id,
                   lw_job_state_name(how.state));
        lw_buf_fmt(&rq->reply.body, how.state == LW_JOB_FAILED ? "\"%s\"}" : "null}", lw_err_name(how.err));
    }
    return err;
}

static void fetch(const lw_job_head *head, void *ctx) {
    const lw_report_job *job = (const lw_report_job *)head;
    lw_request *rq = ctx;
    char name[128];
    bool svg = job->format == LW_REPORT_SVG;
    rq->reply.type = svg ? "image/svg+xml" : "application/pdf";
    snprintf(name, sizeof name, "attachment; filename=\"loadwave-%s.%s\"", lw_report_kind_name(job->kind),
             svg ? "svg" : "pdf");
    lw_reply_header(rq, "Content-Disposition", name);
    lw_buf_slice(&rq->reply.body, lw_buf_view(&job->bytes));
}

int32_t lw__h_report_file(lw_request *rq, lw_sql *sql) {
    (void)sql;
    lw_job_head how;
    int32_t err = look(rq, &how, fetch);
    if (err == LW_OK && how.state != LW_JOB_READY) {
        err = lw_problem(rq, LW_ERR_NOT_FOUND, NULL, "This report is not ready.");
    }
    return err == LW_OK && rq->reply.body.failed ? LW_ERR_NO_MEMORY : err;
}
