/*
 * report_jobs.h: reports are drawn on one thread of their own, never in a request.
 *
 * A job waits, is drawn, is kept for LW_REPORT_KEPT_S seconds for whoever asked for it, and is gone. The queue is bounded:
 * LW_REPORT_JOBS in all, LW_REPORT_OWN of one account; what a person does not fetch is the first to make room for the same
 * person's next. Nothing of it is in the store; a restart forgets it, and asking again gives the same bytes.
 */
#ifndef LW_SERVER_REPORT_JOBS_H
#define LW_SERVER_REPORT_JOBS_H

#include "report/report.h"
#include "server/server.h"
#include "store/store.h"

enum { LW_REPORT_JOBS = 32, LW_REPORT_OWN = 4, LW_REPORT_KEPT_S = 300, LW_REPORT_ID = 33, LW_REPORT_WORDS = 320 };

typedef struct lw_report_job {
    char id[LW_REPORT_ID]; /* 32 hex digits, random */
    char account[37], patient[65], clinic[37];
    lw_report_kind kind;
    lw_report_format format;
    const lw_language *language;
    int32_t day;                                                            /* INT32_MIN: the patient's own today */
    char name[LW_REPORT_WORDS], to[LW_REPORT_WORDS], from[LW_REPORT_WORDS]; /* "": none */
} lw_report_job;

typedef enum lw_report_state { LW_REPORT_WAITING, LW_REPORT_READY, LW_REPORT_FAILED } lw_report_state;

typedef struct lw_reports lw_reports;
struct lw_exports;

/* server: for its store, cache and clock; borrowed. NULL: no memory. */
lw_reports *lw_reports_open(lw_server *server);
bool lw_reports_start(lw_reports *reports);
/* Ends after the report that is being drawn; nullable. */
void lw_reports_close(lw_reports *reports);

/* The research files that are made beside the reports, on a thread of their own (research_jobs.h); borrowed. */
struct lw_exports *lw_reports_exports(const lw_reports *reports);

/* Copies the job into the queue. The same id again changes nothing. LW_ERR_BUSY: full. Any thread. */
LW_MUST_CHECK int32_t lw_reports_add(lw_reports *reports, const lw_report_job *job);
/*
 * How the job of this id, account and patient stands; err says why it failed. out (nullable): receives the bytes when it is
 * ready, and job what was asked. LW_ERR_NOT_FOUND: gone, or somebody else's.
 */
LW_MUST_CHECK int32_t lw_reports_look(lw_reports *reports, const char *id, const char *account, const char *patient,
                                      lw_report_state *state, int32_t *err, lw_report_job *job, lw_buf *out);

#endif
