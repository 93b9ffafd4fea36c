/*
 * read_only.c: a disk that becomes read-only, for LD_PRELOAD. While the file that LW_READ_ONLY names is there, nothing can be written at
 * a place of a file, cut or made: EROFS, as when the kernel remounts a disk after an error. Real remounting needs an idle disk.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int refused(void) {
    const char *flag = getenv("LW_READ_ONLY");
    int kept = errno;
    int there = flag != NULL && access(flag, F_OK) == 0;
    errno = there ? EROFS : kept;
    return there;
}

ssize_t pwrite(int fd, const void *bytes, size_t len, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) =
        (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT, "pwrite");
    return refused() ? -1 : real(fd, bytes, len, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t len, off64_t at) {
    ssize_t (*real)(int, const void *, size_t, off64_t) =
        (ssize_t(*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    return refused() ? -1 : real(fd, bytes, len, at);
}

int ftruncate(int fd, off_t size) {
    int (*real)(int, off_t) = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate");
    return refused() ? -1 : real(fd, size);
}

int ftruncate64(int fd, off64_t size) {
    int (*real)(int, off64_t) = (int (*)(int, off64_t))dlsym(RTLD_NEXT, "ftruncate64");
    return refused() ? -1 : real(fd, size);
}
