/*
 * report_jobs.h: reports are drawn on a thread of their own, never in a request (jobs.h): LW_REPORT_JOBS in all, LW_REPORT_OWN of one
 * account, each about one patient and kept for LW_REPORT_KEPT_S seconds. Asking again gives the same bytes.
 */
#ifndef LW_SERVER_REPORT_JOBS_H
#define LW_SERVER_REPORT_JOBS_H

#include "report/report.h"
#include "server/jobs.h"

enum { LW_REPORT_JOBS = 32, LW_REPORT_OWN = 4, LW_REPORT_KEPT_S = 300, LW_REPORT_WORDS = 320 };

typedef struct lw_report_job {
    lw_job_head head; /* about: the patient */
    lw_report_kind kind;
    lw_report_format format;
    const lw_language *language;
    int32_t day;                                                            /* INT32_MIN: the patient's own today */
    char name[LW_REPORT_WORDS], to[LW_REPORT_WORDS], from[LW_REPORT_WORDS]; /* "": none */
    lw_buf bytes;                                                           /* once ready */
} lw_report_job;

/* Its jobs are lw_report_job. */
extern const lw_job_kind lw_report_jobs;

#endif
