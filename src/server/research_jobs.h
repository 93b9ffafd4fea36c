/*
 * research_jobs.h: research files are made on a thread of their own, never in a request (jobs.h): LW_EXPORT_JOBS in all, one of an
 * account, each about one clinic and kept for LW_EXPORT_KEPT_S seconds; asking again lets go of the one before. What was looked at is
 * what is fetched: the same files, whose hashes are told beforehand. They are on disk in files without a name (report/research.h),
 * so that nothing is left of them when the server ends, however it ends.
 */
#ifndef LW_SERVER_RESEARCH_JOBS_H
#define LW_SERVER_RESEARCH_JOBS_H

#include "report/research.h"
#include "server/jobs.h"

enum { LW_EXPORT_JOBS = 4, LW_EXPORT_KEPT_S = 1800, LW_EXPORT_PART = 4 << 20 };

typedef struct lw_export_look {
    uint32_t patients, suppressed;
    struct {
        const char *name; /* static */
        uint32_t rows, bytes;
        char sha256[65];
    } files[LW_RESEARCH_FILES];
} lw_export_look;

typedef struct lw_export_job {
    lw_job_head head;    /* about: the clinic; done and of: patients */
    lw_export_look look; /* once ready */
    lw_research *cohort;
} lw_export_job;

/* Its jobs are lw_export_job. */
extern const lw_job_kind lw_export_jobs;

/* As lw_jobs_look; look is all zero until it is ready. */
LW_MUST_CHECK int32_t lw_export_see(lw_jobs *exports, const char *id, const char *account, const char *clinic,
                                    lw_job_head *how, lw_export_look *look);
/*
 * Adds to out what a file holds from a byte on: whole lines, LW_EXPORT_PART bytes at most, nothing at its end. LW_ERR_NOT_FOUND
 * as before, or when it is not ready or has no such file; LW_ERR_RANGE: from is beyond its end or within a line.
 */
LW_MUST_CHECK int32_t lw_export_part(lw_jobs *exports, const char *id, const char *account, const char *clinic,
                                     const char *name, int64_t from, lw_buf *out);

#endif
