/*
 * scratch.c: files without a name, and SQLite on a descriptor. See scratch.h.
 *
 * SQLite opens files by name, so a small VFS stands between: the "name" is fd:NUMBER. Nobody else can have the file, so there are
 * no locks; its journal is in memory, because a file that is not finished is dropped and never rolled back. What SQLite writes at the
 * start of the file is made to say "no log beside it", as a copy of a live store's first page would claim one.
 */
#define _GNU_SOURCE /* O_TMPFILE */

#include "store/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sql_internal.h"

enum { FORMAT_AT = 18, ROLLBACK_FORMAT = 1 };

/* ---- the VFS ---- */

typedef struct fd_file {
    sqlite3_file base;
    int fd;
} fd_file;

static int fd_close(sqlite3_file *file) {
    (void)file; /* the descriptor is the scratch's */
    return SQLITE_OK;
}

static int fd_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at) {
    int got = 0;
    while (got < len) {
        ssize_t n = pread(((fd_file *)file)->fd, (char *)out + got, (size_t)(len - got), at + got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return SQLITE_IOERR_READ;
        }
        if (n == 0) {
            memset((char *)out + got, 0, (size_t)(len - got));
            return SQLITE_IOERR_SHORT_READ;
        }
        got += (int)n;
    }
    return SQLITE_OK;
}

static int write_some(int fd, const char *bytes, size_t len, sqlite3_int64 at) {
    while (len > 0) {
        ssize_t n = pwrite(fd, bytes, len, at);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? SQLITE_FULL : SQLITE_IOERR_WRITE;
        }
        bytes += n;
        at += n;
        len -= (size_t)n;
    }
    return SQLITE_OK;
}

static int fd_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at) {
    int fd = ((fd_file *)file)->fd;
    int code = write_some(fd, bytes, (size_t)len, at);
    if (code == SQLITE_OK && at == 0 && len > FORMAT_AT + 1) {
        static const char format[] = {ROLLBACK_FORMAT, ROLLBACK_FORMAT};
        code = write_some(fd, format, sizeof format, FORMAT_AT);
    }
    return code;
}

static int fd_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return ftruncate(((fd_file *)file)->fd, size) == 0 ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int fd_sync(sqlite3_file *file, int flags) {
    (void)file;
    (void)flags; /* lw__scratch_settle does it once, when all is there */
    return SQLITE_OK;
}

static int fd_size(sqlite3_file *file, sqlite3_int64 *size) {
    struct stat info;
    if (fstat(((fd_file *)file)->fd, &info) != 0) {
        return SQLITE_IOERR_FSTAT;
    }
    *size = info.st_size;
    return SQLITE_OK;
}

static int fd_lock(sqlite3_file *file, int level) {
    (void)file;
    (void)level;
    return SQLITE_OK;
}

static int fd_reserved(sqlite3_file *file, int *out) {
    (void)file;
    *out = 0;
    return SQLITE_OK;
}

static int fd_control(sqlite3_file *file, int what, void *arg) {
    (void)file;
    (void)what;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int fd_sector(sqlite3_file *file) {
    (void)file;
    return 4096;
}

static int fd_traits(sqlite3_file *file) {
    (void)file;
    return 0;
}

static int fd_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = fd_close,
        .xRead = fd_read,
        .xWrite = fd_write,
        .xTruncate = fd_truncate,
        .xSync = fd_sync,
        .xFileSize = fd_size,
        .xLock = fd_lock,
        .xUnlock = fd_lock,
        .xCheckReservedLock = fd_reserved,
        .xFileControl = fd_control,
        .xSectorSize = fd_sector,
        .xDeviceCharacteristics = fd_traits,
    };
    (void)vfs;
    file->pMethods = NULL;
    if (name == NULL || strncmp(name, "fd:", 3) != 0 || (flags & SQLITE_OPEN_MAIN_DB) == 0) {
        return SQLITE_CANTOPEN; /* no journal, log or temporary file is ever made beside it */
    }
    ((fd_file *)file)->fd = atoi(name + 3);
    file->pMethods = &methods;
    if (out_flags != NULL) {
        *out_flags = flags;
    }
    return SQLITE_OK;
}

static int fd_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    (void)name;
    (void)sync;
    return SQLITE_OK;
}

static int fd_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs;
    (void)name;
    (void)flags;
    *out = 0;
    return SQLITE_OK;
}

static int fd_name(sqlite3_vfs *vfs, const char *name, int len, char *out) {
    (void)vfs;
    return snprintf(out, (size_t)len, "%s", name) < len ? SQLITE_OK : SQLITE_CANTOPEN;
}

static sqlite3_vfs scratch_vfs;

static void make_vfs(void) {
    const sqlite3_vfs *plain = sqlite3_initialize() == SQLITE_OK ? sqlite3_vfs_find("unix") : NULL;
    if (plain == NULL) {
        return;
    }
    scratch_vfs = *plain; /* for randomness, sleep and time */
    scratch_vfs.zName = "loadwave-scratch";
    scratch_vfs.szOsFile = sizeof(fd_file);
    scratch_vfs.pNext = NULL;
    scratch_vfs.xOpen = fd_open;
    scratch_vfs.xDelete = fd_delete;
    scratch_vfs.xAccess = fd_access;
    scratch_vfs.xFullPathname = fd_name;
    if (sqlite3_vfs_register(&scratch_vfs, 0) != SQLITE_OK) {
        scratch_vfs.zName = NULL;
    }
}

const char *lw__scratch_vfs(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_vfs);
    return scratch_vfs.zName;
}

/* ---- files ---- */

int32_t lw__scratch_open(const char *beside, bool settled, lw__scratch *out, char *why, size_t cap) {
    *out = (lw__scratch){.fd = -1};
    if (beside[0] == '\0' || strlen(beside) >= sizeof out->part - 40) {
        lw__sql_say(why, cap, "That is not a path.");
        return LW_ERR_VALUE;
    }
    char folder[sizeof out->part];
    snprintf(folder, sizeof folder, "%s", beside);
    const char *above = dirname(folder);
    out->fd = open(above, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (out->fd < 0 && errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) {
        lw__sql_say(why, cap, "%s: %s", above, strerror(errno));
        return errno == ENOSPC || errno == EDQUOT ? LW_ERR_FULL : LW_ERR_IO;
    }
    if (out->fd < 0) {
        snprintf(out->part, sizeof out->part, "%s.part-%ld%s", beside, (long)getpid(), settled ? "" : "-t");
        out->fd = open(out->part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (out->fd < 0) {
            lw__sql_say(why, cap, "%s: %s", out->part, strerror(errno));
            out->part[0] = '\0';
            return errno == ENOSPC || errno == EDQUOT ? LW_ERR_FULL : LW_ERR_IO;
        }
        if (!settled) {
            (void)unlink(out->part);
            out->part[0] = '\0';
        }
    }
    snprintf(out->where, sizeof out->where, "fd:%d", out->fd);
    return LW_OK;
}

int32_t lw__scratch_settle(lw__scratch *scratch, const char *path, char *why, size_t cap) {
    char from[sizeof scratch->part], folder[sizeof scratch->part];
    bool named = scratch->part[0] != '\0';
    if (named) {
        snprintf(from, sizeof from, "%s", scratch->part);
    } else {
        snprintf(from, sizeof from, "/proc/self/fd/%d", scratch->fd);
    }
    int32_t err = fsync(scratch->fd) == 0 ? LW_OK : LW_ERR_IO;
    if (err == LW_OK && linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0) {
        struct stat there;
        /* Some file systems have no second names; there the first one is moved. */
        err = errno == EEXIST || lstat(path, &there) == 0 ? LW_ERR_EXISTS
              : named && rename(from, path) == 0          ? LW_OK
                                                          : LW_ERR_IO;
    }
    if (err == LW_OK) {
        snprintf(folder, sizeof folder, "%s", path);
        int above = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        err = above >= 0 && fsync(above) == 0 ? LW_OK : LW_ERR_IO;
        if (above >= 0) {
            close(above);
        }
    }
    if (err != LW_OK) {
        lw__sql_say(why, cap, "%s: %s", path, err == LW_ERR_EXISTS ? "there is something already" : strerror(errno));
    }
    return err;
}

void lw__scratch_close(lw__scratch *scratch) {
    if (scratch->fd >= 0) {
        close(scratch->fd);
        if (scratch->part[0] != '\0') {
            (void)unlink(scratch->part);
        }
    }
    scratch->fd = -1;
}
