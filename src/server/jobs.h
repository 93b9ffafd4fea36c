/*
 * jobs.h: work that takes longer than a request may: a bounded queue and one thread that works at it, job after job.
 *
 * A job waits, is worked at, is kept for a while for the account that asked, and is gone. Nothing of it is in the store: a
 * restart forgets it, and asking again works it anew. Nobody but who asked, and only about what was asked, ever finds it.
 * What a person does not fetch is the first to make room for the same person's next. The work of one kind (a report, research
 * files) is its own queue and its own thread, so that a long one of one kind keeps none of the other waiting.
 */
#ifndef LW_SERVER_JOBS_H
#define LW_SERVER_JOBS_H

#include "server/server.h"

enum { LW_JOBS_MOST = 32, LW_JOB_ID = 33 };

typedef enum lw_job_state { LW_JOB_WAITING, LW_JOB_WORKING, LW_JOB_READY, LW_JOB_FAILED } lw_job_state;

/* What every job begins with; a kind's own struct has it as its first member. Who asks fills id, account and about. */
typedef struct lw_job_head {
    char id[LW_JOB_ID]; /* 32 hex digits, random */
    char account[37];   /* who asked */
    char about[65];     /* a patient or a clinic: who asks about another one does not find it */
    lw_job_state state;
    int32_t err;       /* why it failed */
    uint32_t done, of; /* how far it is; of is 0 until that is known, and of a job that failed */
    uint64_t number;   /* the queue's: order of arrival */
    int64_t done_s;    /* the queue's: monotonic */
} lw_job_head;

typedef struct lw_jobs lw_jobs;

typedef struct lw_job_kind {
    uint32_t most, own; /* jobs at once: in all (up to LW_JOBS_MOST), of one account */
    int32_t kept_s;     /* once decided */
    size_t size;        /* of the kind's struct */
    /* On the queue's thread, without a lock: the job is the work's alone until it returns; it may change what is the kind's own. */
    int32_t (*work)(lw_jobs *jobs, lw_server *server, lw_job_head *job);
    void (*end)(lw_job_head *job); /* frees what the work made; also of a job that was never worked at */
} lw_job_kind;

/* kind and server are borrowed. NULL: no memory. */
lw_jobs *lw_jobs_open(const lw_job_kind *kind, lw_server *server);
bool lw_jobs_start(lw_jobs *jobs);
/* Waits for the job in work (lw_jobs_tell says to it that it is to end); nullable. */
void lw_jobs_close(lw_jobs *jobs);

/* A fresh id, whose it is, and what it is about. */
void lw_job_begin(lw_job_head *job, const char *account, const char *about);
/* Copies the job, kind->size bytes, into the queue. The same id of the same account again changes nothing. LW_ERR_BUSY: full. Any thread. */
LW_MUST_CHECK int32_t lw_jobs_add(lw_jobs *jobs, const lw_job_head *job);
/* From the work: how far it is. False: the server ends, and the work is to end, too. */
bool lw_jobs_tell(lw_jobs *jobs, lw_job_head *job, uint32_t done, uint32_t of);
/*
 * How the job stands: out receives its head. When it is ready, see (nullable) is shown the whole of it, under the queue's lock:
 * it copies what it wants. LW_ERR_NOT_FOUND: gone, or somebody else's.
 */
LW_MUST_CHECK int32_t lw_jobs_look(lw_jobs *jobs, const char *id, const char *account, const char *about,
                                   lw_job_head *out, void (*see)(const lw_job_head *job, void *ctx), void *ctx);
/* "waiting" until it is decided, "ready" or "failed". */
const char *lw_job_state_name(lw_job_state state);

#endif
