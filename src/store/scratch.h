/*
 * scratch.h: files that have no name until they are complete.
 *
 * A backup on its way, a backup that was decrypted, a store that is being restored: whoever ends the program at any moment, by
 * kill -9 or by pulling the plug, finds nothing of it. Where the file system has no files without a name the file is named
 * NAME.part-PID and, unless it is to be settled, unlinked before anything is written to it.
 */
#ifndef LW_STORE_SCRATCH_H
#define LW_STORE_SCRATCH_H

#include "store/sql.h"

typedef struct lw__scratch {
    int fd;          /* −1: none */
    char where[24];  /* for lw_sql_open with LW_SQL_SCRATCH */
    char part[4200]; /* its name where it needs one; "" otherwise */
} lw__scratch;

/* An empty file of mode 0600 in the folder of beside. settled: lw__scratch_settle will give it its place there. */
LW_MUST_CHECK int32_t lw__scratch_open(const char *beside, bool settled, lw__scratch *out, char *why, size_t cap);
/* Puts it, complete and on the disk, at path, where nothing may be (LW_ERR_EXISTS). */
LW_MUST_CHECK int32_t lw__scratch_settle(lw__scratch *scratch, const char *path, char *why, size_t cap);
/* Ends it, and removes what was not settled. Connections to it are closed before. */
void lw__scratch_close(lw__scratch *scratch);

/* The name of the SQLite VFS whose files are descriptors; registered on the first call. NULL: SQLite could not. */
const char *lw__scratch_vfs(void);

#endif
