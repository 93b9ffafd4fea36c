/*
 * research_jobs.h: research files are made on one thread of their own, never in a request.
 *
 * An export waits, is made, is kept for LW_EXPORT_KEPT_S seconds for the account that asked, and is gone. One at a time of an
 * account, LW_EXPORT_JOBS in all; asking again lets go of the one before. What was looked at is what is fetched: the same
 * files, whose hashes are told beforehand. They are on disk in files without a name (report/research.h), so that nothing is
 * left of them when the server ends, however it ends.
 */
#ifndef LW_SERVER_RESEARCH_JOBS_H
#define LW_SERVER_RESEARCH_JOBS_H

#include "report/research.h"
#include "server/server.h"

enum { LW_EXPORT_JOBS = 4, LW_EXPORT_KEPT_S = 1800, LW_EXPORT_ID = 33, LW_EXPORT_PART = 4 << 20 };

typedef enum lw_export_state { LW_EXPORT_WAITING, LW_EXPORT_READY, LW_EXPORT_FAILED } lw_export_state;

typedef struct lw_export_look {
    lw_export_state state;
    int32_t err;       /* why it failed */
    uint32_t done, of; /* patients; of is 0 until they are counted */
    uint32_t patients, suppressed;
    struct {
        const char *name; /* static */
        uint32_t rows, bytes;
        char sha256[65];
    } files[LW_RESEARCH_FILES]; /* once ready */
} lw_export_look;

typedef struct lw_exports lw_exports;

/* server: for its store and clock; borrowed. NULL: no memory. */
lw_exports *lw_exports_open(lw_server *server);
bool lw_exports_start(lw_exports *exports);
/* Ends after the patient in work; nullable. */
void lw_exports_close(lw_exports *exports);

/* Takes id (32 hex digits, random) into the queue. The same id again changes nothing. LW_ERR_BUSY: full, or the account's own is in work. */
LW_MUST_CHECK int32_t lw_exports_add(lw_exports *exports, const char *id, const char *account, const char *clinic);
/* How it stands. LW_ERR_NOT_FOUND: gone, or of another account or clinic. */
LW_MUST_CHECK int32_t lw_exports_look(lw_exports *exports, const char *id, const char *account, const char *clinic,
                                      lw_export_look *out);
/*
 * Adds to out what a file holds from a byte on: whole lines, LW_EXPORT_PART bytes at most, nothing at its end. LW_ERR_NOT_FOUND
 * as before, or when it is not ready or has no such file; LW_ERR_RANGE: from is beyond its end or within a line.
 */
LW_MUST_CHECK int32_t lw_exports_part(lw_exports *exports, const char *id, const char *account, const char *clinic,
                                      const char *name, int64_t from, lw_buf *out);

#endif
