/*
 * wal_tail.c: reads a SQLite log as https://www.sqlite.org/fileformat2.html#walformat has it. See wal_tail.h.
 *
 * A log in use may change under the eyes of whoever reads it; damage stays where it is. So it counts when it is seen at the same
 * place three times. Only the log is opened, never the database: closing that would take SQLite's locks away.
 */
#include "store/wal_tail.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HEAD = 32, FRAME_HEAD = 24, PAGE_MOST = 65536, TRIES = 3, PAUSE_NS = 100 * 1000 * 1000 };

typedef struct tail {
    lw__wal_tail state;
    uint64_t frame, commits; /* the first frame that is not whole; commits from there on */
} tail;

static uint32_t be32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* SQLite's checksum over len bytes, a multiple of eight; big: of words with the large end first. */
static void sum(const uint8_t *p, size_t len, bool big, uint32_t s[2]) {
    for (size_t i = 0; i < len; i += 8) {
        uint32_t a = be32(p + i), b = be32(p + i + 4);
        if (!big) {
            a = __builtin_bswap32(a);
            b = __builtin_bswap32(b);
        }
        s[0] += a + s[1];
        s[1] += b + s[0];
    }
}

static bool read_at(int file, void *out, size_t len, uint64_t at) {
    return pread(file, out, len, (off_t)at) == (ssize_t)len;
}

static tail read_log(int file, uint8_t *frame) {
    tail t = {.state = LW__WAL_WHOLE};
    uint8_t head[HEAD];
    if (!read_at(file, head, sizeof head, 0)) {
        return t;
    }
    uint32_t magic = be32(head), page = be32(head + 8), s[2] = {0, 0};
    bool big = (magic & 1) != 0;
    sum(head, FRAME_HEAD, big, s);
    if ((magic & ~1u) != 0x377f0682u || page < 512 || page > PAGE_MOST || (page & (page - 1)) != 0 ||
        s[0] != be32(head + 24) || s[1] != be32(head + 28)) {
        /* Nothing of it will be read; one frame at least may have been in it. */
        t.state = read_at(file, frame, FRAME_HEAD, HEAD) ? LW__WAL_DAMAGED : LW__WAL_WHOLE;
        t.commits = 1;
        return t;
    }
    size_t size = FRAME_HEAD + (size_t)page;
    bool whole = true;
    for (uint64_t i = 0; read_at(file, frame, size, HEAD + i * size); i++) {
        bool ours = memcmp(frame + 8, head + 16, 8) == 0; /* not left from the log's round before */
        if (whole) {
            sum(frame, 8, big, s);
            sum(frame + FRAME_HEAD, page, big, s);
            whole = ours && s[0] == be32(frame + 16) && s[1] == be32(frame + 20);
            t.frame = whole ? i + 1 : i;
        }
        if (!whole && ours) {
            t.state = LW__WAL_UNFINISHED;
            t.commits += be32(frame + 4) != 0;
        }
    }
    t.state = t.commits > 1 ? LW__WAL_DAMAGED : t.state;
    return t;
}

lw__wal_tail lw__wal_look(const char *path, uint64_t *commits) {
    char name[4200];
    *commits = 0;
    snprintf(name, sizeof name, "%s-wal", path);
    uint8_t *frame = malloc(FRAME_HEAD + PAGE_MOST);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    tail t = {.state = LW__WAL_WHOLE};
    if (file >= 0 && frame != NULL) {
        t = read_log(file, frame);
        for (int i = 1; i < TRIES && t.state == LW__WAL_DAMAGED; i++) {
            struct timespec pause = {0, PAUSE_NS};
            nanosleep(&pause, NULL);
            tail again = read_log(file, frame);
            again.state = again.state == LW__WAL_DAMAGED && again.frame != t.frame ? LW__WAL_UNFINISHED : again.state;
            t = again;
        }
    }
    if (file >= 0) {
        close(file);
    }
    free(frame);
    *commits = t.commits;
    return t.state;
}
