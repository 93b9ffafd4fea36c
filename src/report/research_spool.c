/*
 * research_spool.c: bytes that are written once and then read, in a file without a name. A cohort's size is the disk's
 * business and not the heap's; what is read is the file itself, mapped. The file is gone with its last user, whatever ends
 * the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report/research_internal.h"

enum { MOST = 1 << 30 }; /* bytes of one file */

/* $TMPDIR, or where large temporary files belong. */
static int unnamed(void) {
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int len =
        snprintf(path, sizeof path, "%s/loadwave-XXXXXX", folder != NULL && *folder != '\0' ? folder : "/var/tmp");
    int fd = len > 0 && (size_t)len < sizeof path ? mkstemp(path) : -1;
    if (fd >= 0) {
        (void)unlink(path);
        (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
}

int32_t lw__spool_add(lw__spool *spool, lw_str bytes) {
    if (!spool->open) {
        spool->fd = unnamed();
        spool->open = spool->fd >= 0;
    }
    if (!spool->open) {
        return LW_ERR_IO;
    }
    if (spool->len + bytes.len > MOST) {
        return LW_ERR_LIMIT;
    }
    for (uint32_t done = 0; done < bytes.len;) {
        ssize_t n = write(spool->fd, bytes.ptr + done, bytes.len - done);
        if (n < 0 && errno != EINTR) {
            return LW_ERR_IO;
        }
        done += n > 0 ? (uint32_t)n : 0;
    }
    spool->len += bytes.len;
    return LW_OK;
}

int32_t lw__spool_seal(lw__spool *spool) {
    static const char zero[1] = "";
    uint32_t len = spool->len; /* the zero at the end is not counted */
    int32_t err = lw__spool_add(spool, (lw_str){zero, 1});
    spool->len = len;
    void *map = err == LW_OK ? mmap(NULL, (size_t)len + 1, PROT_READ, MAP_PRIVATE, spool->fd, 0) : MAP_FAILED;
    spool->map = map != MAP_FAILED ? map : NULL;
    return err != LW_OK ? err : spool->map != NULL ? LW_OK : LW_ERR_NO_MEMORY;
}

void lw__spool_close(lw__spool *spool) {
    if (spool->map != NULL) {
        (void)munmap(spool->map, (size_t)spool->len + 1);
    }
    if (spool->open) {
        (void)close(spool->fd);
    }
    *spool = (lw__spool){.len = 0};
}
