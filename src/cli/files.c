/*
 * files.c: reading whole files, and writing so that nothing is ever half written.
 *
 * A new file goes through a temporary one in the same folder, is synced and renamed. An append is one write to the end of
 * a locked file, synced; when the disk takes only a part of it, the file is cut back to what it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

static int io_error(const char *path, const char *what) {
    fprintf(stderr, "loadwave: %s: %s: %s\n", path, what, strerror(errno));
    return CLI_IO;
}

static int read_all(int fd, const char *path, size_t limit, cli_file *out) {
    size_t cap = 64 * 1024, len = 0;
    struct stat status;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode)) {
        if ((uint64_t)status.st_size > limit) {
            fprintf(stderr, "%s: larger than the limit of %zu MiB\n", path, limit >> 20);
            return CLI_BAD;
        }
        cap = (size_t)status.st_size + 1;
    }
    char *bytes = malloc(cap + 1);
    while (bytes != NULL) {
        ssize_t got = read(fd, bytes + len, cap - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            free(bytes);
            return io_error(path, "cannot read");
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
        if (len > limit) {
            free(bytes);
            fprintf(stderr, "%s: larger than the limit of %zu MiB\n", path, limit >> 20);
            return CLI_BAD;
        }
        if (len == cap) {
            cap *= 2;
            char *more = realloc(bytes, cap + 1);
            if (more == NULL) {
                free(bytes);
            }
            bytes = more;
        }
    }
    if (bytes == NULL) {
        errno = ENOMEM;
        return io_error(path, "cannot read");
    }
    bytes[len] = '\0';
    *out = (cli_file){bytes, len};
    return CLI_OK;
}

int cli_file_read(const char *path, size_t limit, cli_file *out) {
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return io_error(path, "cannot open");
    }
    int code = read_all(fd, path, limit, out);
    if (!standard) {
        close(fd);
    }
    return code;
}

static bool write_all(int fd, const char *bytes, size_t len) {
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        bytes += done;
        len -= (size_t)done;
    }
    return true;
}

int cli_file_write(const char *path, const char *bytes, size_t len, bool replace) {
    cli_buf temporary = {0};
    cli_buf_fmt(&temporary, "%s.XXXXXX", path);
    int fd = mkstemp(temporary.ptr);
    if (fd < 0) {
        cli_buf_free(&temporary);
        return io_error(path, "cannot write");
    }
    bool good = write_all(fd, bytes, len) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    good = close(fd) == 0 && good;
    /* link refuses to replace what is there; rename replaces it in one step. */
    good = good && (replace ? rename(temporary.ptr, path) == 0 : link(temporary.ptr, path) == 0);
    int code = good ? CLI_OK : io_error(path, "cannot write");
    if (!good || !replace) {
        unlink(temporary.ptr);
    }
    cli_buf_free(&temporary);
    return code;
}

/* The diagnostic of a line that only exists in memory names the new entry, not the file. */
static int refuse_entry(const char *path, const cli_buf *whole, size_t old_len, lw_diag diag) {
    uint32_t old_lines = 0;
    for (size_t i = 0; i < old_len; i++) {
        old_lines += whole->ptr[i] == '\n';
    }
    lw_str source = {whole->ptr, (uint32_t)whole->len};
    if (diag.line > old_lines) {
        diag.line -= old_lines;
        source = (lw_str){whole->ptr + old_len, (uint32_t)(whole->len - old_len)};
        cli_diag_print("new entry", source, &diag);
    } else {
        cli_diag_print(path, source, &diag);
    }
    fprintf(stderr, "nothing was written to %s\n", path);
    return CLI_BAD;
}

static int append_locked(int fd, const char *path, const char *lines, size_t len) {
    cli_file file = {0};
    int code = read_all(fd, path, LW_MAX_RECORD, &file);
    if (code != CLI_OK) {
        return code;
    }
    cli_buf whole = {0};
    cli_buf_add(&whole, file.bytes, file.len);
    if (file.len > 0 && file.bytes[file.len - 1] != '\n') {
        cli_buf_str(&whole, "\n");
    }
    size_t old_len = whole.len;
    cli_buf_add(&whole, lines, len);

    cli_log log = {0};
    code = cli_log_decode(path, whole.ptr, whole.len, true, &log);
    if (code != CLI_OK) {
        code = refuse_entry(path, &whole, old_len, log.diag);
    } else if (log.newer) {
        fprintf(stderr, "%s: holds entries of a newer version; please update before adding to it\n", path);
        code = CLI_NEWER;
    } else if (!write_all(fd, whole.ptr + file.len, whole.len - file.len) || fsync(fd) != 0) {
        code = io_error(path, "cannot append");
        if (ftruncate(fd, (off_t)file.len) != 0) {
            io_error(path, "cannot take the half-written entry back");
        }
    }
    cli_log_free(&log);
    cli_buf_free(&whole);
    free(file.bytes);
    return code;
}

int cli_append(const char *path, const char *lines, size_t len) {
    int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (fd < 0) {
        return io_error(path, "cannot open");
    }
    int code = flock(fd, LOCK_EX) == 0 ? append_locked(fd, path, lines, len) : io_error(path, "cannot lock");
    close(fd);
    return code;
}
