/*
 * intake.c: the list itself, and what kind of thing a stream of bytes is.
 *
 * A file is known by its first bytes, never by its name. Gzip is unwrapped here, once: what is inside is looked at anew, and
 * gzip in gzip is refused with it. The hash of an item is over the unwrapped bytes, so that run.fit, run.fit.gz and the same
 * file out of an archive are the same.
 */
#include "intake/intake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base_internal.h"

static void *heap(void *old, size_t size) {
    if (size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, size);
}

void lw_intake_begin(lw_intake *in, void *(*memory)(void *old, size_t size)) {
    memset(in, 0, sizeof *in);
    in->memory = memory != NULL ? memory : heap;
    in->hint = LW_WATCH_UNKNOWN;
}

void lw_intake_end(lw_intake *in) {
    in->memory(in->items, 0);
    in->memory(in->sets, 0);
    in->memory(in->findings, 0);
    in->memory(in->fit, 0);
    memset(in, 0, sizeof *in);
}

/* Somebody else's text, with a mark for what would command a terminal. */
static void calm(char *text) {
    for (unsigned char *c = (unsigned char *)text; *c != '\0'; c++) {
        bool one = *c < 0x20 || *c == 0x7f, two = *c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0;
        if (two) {
            *c++ = '?';
        }
        *c = one || two ? '?' : *c;
    }
}

/* The end of a name that fits, with a mark where something was cut off; never in the middle of a character. */
static void put_name(char out[64], const char *name) {
    size_t len = strlen(name);
    if (len < 64) {
        memcpy(out, name, len + 1);
        calm(out);
        return;
    }
    const char *tail = name + len - 60;
    while (((unsigned char)*tail & 0xc0) == 0x80) {
        tail++;
    }
    snprintf(out, 64, "...%s", tail);
    calm(out);
}

void lw__intake_find(lw_intake *in, lw_found what, const char *from, uint32_t line, const char *detail) {
    if (in->findings == NULL) {
        in->findings = in->memory(NULL, LW_INTAKE_FINDINGS * sizeof *in->findings);
    }
    if (in->findings != NULL && in->finding_count < LW_INTAKE_FINDINGS) {
        lw_intake_finding *finding = &in->findings[in->finding_count];
        memset(finding, 0, sizeof *finding);
        finding->what = (uint8_t)what;
        finding->line = line;
        put_name(finding->from, from);
        snprintf(finding->detail, sizeof finding->detail, "%s", detail != NULL ? detail : "");
        calm(finding->detail);
    }
    in->finding_count++;
}

lw_intake_item *lw__intake_add(lw_intake *in, const char *from, const char *kind, const uint8_t hash[32],
                               uint32_t index, const lw_watch_activity *activity) {
    if (in->count == LW_INTAKE_ITEMS) {
        lw__intake_find(in, LW_FOUND_LIMIT, from, 0, "20000");
        return NULL;
    }
    if (in->count == in->item_cap) {
        uint32_t cap = in->item_cap == 0 ? 16 : in->item_cap * 2;
        lw_intake_item *more = in->memory(in->items, cap * sizeof *more);
        if (more == NULL) {
            lw__intake_find(in, LW_FOUND_MEMORY, from, 0, NULL);
            return NULL;
        }
        in->items = more;
        in->item_cap = cap;
    }
    lw_intake_item *item = &in->items[in->count++];
    memset(item, 0, sizeof *item);
    item->activity = *activity;
    item->pain_x100 = -1;
    item->first_set = -1;
    put_name(item->from, from);
    int at = snprintf(item->key, sizeof item->key, "%s:", kind);
    for (int i = 0; i < 8; i++) {
        at += snprintf(item->key + at, sizeof item->key - (size_t)at, "%02x", hash[i]);
    }
    snprintf(item->key + at, sizeof item->key - (size_t)at, ":%u", (unsigned)index);
    if (item->activity.sport == LW_WATCH_UNKNOWN && in->fallback_sport != NULL) {
        item->activity.sport = (uint8_t)lw_watch_sport_of(lw__str(in->fallback_sport));
    }
    return item;
}

lw_intake_item *lw__intake_take(lw_intake *in, const char *from, const lw_found_activity *found,
                                const uint8_t hash[32]) {
    lw_intake_item *item =
        lw__intake_add(in, from, found->kind, found->hash != NULL ? found->hash : hash, found->index, &found->activity);
    if (item != NULL) {
        item->floating = found->floating;
        item->pain_x100 = found->pain_x100;
        snprintf(item->route, sizeof item->route, "%.*s", (int)found->route.len, found->route.ptr);
    }
    return item;
}

char *lw__intake_whole(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len, size_t most,
                       size_t *len) {
    size_t cap = 256 * 1024;
    char *bytes = in->memory(NULL, cap);
    if (bytes != NULL) {
        memcpy(bytes, head, head_len);
    }
    *len = head_len;
    while (bytes != NULL) {
        if (*len == cap) {
            char *more = in->memory(bytes, cap * 2);
            if (more == NULL) {
                in->memory(bytes, 0);
                bytes = NULL;
                break;
            }
            bytes = more;
            cap *= 2;
        }
        int64_t got = source->read(source->where, bytes + *len, cap - *len);
        if (got == 0) {
            return bytes;
        }
        *len += got > 0 ? (size_t)got : 0;
        if (got < 0 || *len > most || (int64_t)*len > source->most) {
            lw__intake_find(in, got < 0 ? LW_FOUND_UNREADABLE : LW_FOUND_LIMIT, source->from, 0, NULL);
            in->memory(bytes, 0);
            return NULL;
        }
    }
    lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
    return NULL;
}

static void fit_file(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len) {
    enum { ACTIVITIES = 64, SETS = 1024 };
    static const char kind[] = "fit";
    size_t len = 0;
    char *bytes = lw__intake_whole(in, source, head, head_len, LW_INTAKE_FIT, &len);
    lw_watch_activity *found =
        bytes == NULL ? NULL : in->memory(NULL, ACTIVITIES * sizeof *found + SETS * sizeof(lw_watch_set));
    if (in->fit == NULL && found != NULL) {
        in->fit = in->memory(NULL, sizeof *in->fit);
    }
    if (bytes != NULL && (found == NULL || in->fit == NULL)) {
        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
    } else if (bytes != NULL) {
        lw_watch_set *sets = (lw_watch_set *)(found + ACTIVITIES);
        uint32_t count = 0, set_count = 0;
        uint16_t notes = 0;
        lw_str text = {bytes, (uint32_t)len};
        int32_t err = lw_fit_activities(text, in->fit, found, ACTIVITIES, &count, sets, SETS, &set_count, &notes);
        if (err != LW_OK) {
            bool cut = (notes & (LW_NOTE_TRUNCATED | LW_NOTE_BROKEN)) != 0;
            lw__intake_find(in, cut ? LW_FOUND_BROKEN : LW_FOUND_NO_ACTIVITY, source->from, 0, NULL);
        }
        uint8_t hash[32];
        lw__sha256_of(bytes, len, hash);
        for (uint32_t i = 0; i < count; i++) {
            lw_intake_item *item = lw__intake_add(in, source->from, kind, hash, i, &found[i]);
            if (item == NULL) {
                break;
            }
            for (uint32_t j = 0; j < set_count; j++) {
                if (sets[j].activity != i || in->set_count == LW_INTAKE_SETS) {
                    continue;
                }
                if (in->set_count == in->set_cap) {
                    uint32_t cap = in->set_cap == 0 ? 64 : in->set_cap * 2;
                    lw_watch_set *more = in->memory(in->sets, cap * sizeof *more);
                    if (more == NULL) {
                        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
                        break;
                    }
                    in->sets = more;
                    in->set_cap = cap;
                }
                item->first_set = item->first_set < 0 ? (int32_t)in->set_count : item->first_set;
                in->sets[in->set_count++] = sets[j];
                item->set_count++;
            }
        }
    }
    in->memory(found, 0);
    in->memory(bytes, 0);
}

/* ---- gzip ---- */

struct gzip {
    const lw_intake_source *inner;
    z_stream z;
    uint8_t bytes[32768];
    int64_t in, out;
    bool ended, failed, bomb;
};

static int64_t gzip_read(void *where, void *bytes, size_t size) {
    struct gzip *g = where;
    g->z.next_out = bytes;
    g->z.avail_out = (uInt)(size < 1u << 30 ? size : 1u << 30);
    uInt wanted = g->z.avail_out;
    while (!g->ended && !g->failed && g->z.avail_out > 0) {
        if (g->z.avail_in == 0) {
            int64_t got = g->inner->read(g->inner->where, g->bytes, sizeof g->bytes);
            if (got <= 0) {
                g->failed = true; // cut off in the middle
                break;
            }
            g->in += got;
            g->z.next_in = g->bytes;
            g->z.avail_in = (uInt)got;
        }
        int code = inflate(&g->z, Z_NO_FLUSH);
        g->ended = code == Z_STREAM_END;
        g->failed = code != Z_STREAM_END && code != Z_OK;
    }
    int64_t given = (int64_t)(wanted - g->z.avail_out);
    g->out += given;
    if (g->out > 1024 * 1024 && g->out / LW_INTAKE_RATIO > g->in) {
        g->bomb = true;
        return -1;
    }
    return given > 0 ? given : g->failed ? -1 : 0;
}

/* What the first bytes are taken from again, before the rest. */
struct replay {
    const lw_intake_source *inner;
    const char *head;
    size_t left;
};

static int64_t replay_read(void *where, void *bytes, size_t size) {
    struct replay *r = where;
    if (r->left == 0) {
        return r->inner->read(r->inner->where, bytes, size);
    }
    size_t take = size < r->left ? size : r->left;
    memcpy(bytes, r->head, take);
    r->head += take;
    r->left -= take;
    return (int64_t)take;
}

static void stream(lw_intake *in, const lw_intake_source *source, bool packed);

static void gzip_file(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len) {
    struct gzip *g = in->memory(NULL, sizeof *g);
    if (g == NULL) {
        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
        return;
    }
    memset(g, 0, sizeof *g);
    struct replay replay = {source, head, head_len};
    lw_intake_source raw = {replay_read, &replay, source->from, source->most};
    g->inner = &raw;
    if (inflateInit2(&g->z, 15 + 16) != Z_OK) {
        lw__intake_find(in, LW_FOUND_MEMORY, source->from, 0, NULL);
    } else {
        lw_intake_source inside = {gzip_read, g, source->from, LW_INTAKE_HEALTH};
        stream(in, &inside, true);
        if (g->bomb) {
            lw__intake_find(in, LW_FOUND_PACKED, source->from, 0, NULL);
        }
        inflateEnd(&g->z);
    }
    in->memory(g, 0);
}

/* ---- what it is ---- */

static void stream(lw_intake *in, const lw_intake_source *source, bool packed) {
    char head[64];
    size_t len = 0;
    int64_t got = 1;
    while (len < sizeof head && (got = source->read(source->where, head + len, sizeof head - len)) > 0) {
        len += (size_t)got;
    }
    if (got < 0) {
        lw__intake_find(in, LW_FOUND_UNREADABLE, source->from, 0, NULL);
        return;
    }
    size_t at = len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < len && strchr(" \t\r\n", head[at]) != NULL) {
        at++;
    }
    if (lw_fit_is((lw_str){head, (uint32_t)len}) || (len >= 12 && memcmp(head + 8, ".FIT", 4) == 0)) {
        fit_file(in, source, head, len);
    } else if (len >= 2 && memcmp(head, "\x1f\x8b", 2) == 0 && !packed) {
        gzip_file(in, source, head, len);
    } else if (at < len && head[at] == '<') {
        lw__intake_xml(in, source, head, len);
    } else if (len > 0 && memchr(head, '\0', len) == NULL && (unsigned char)head[0] >= ' ') {
        lw__intake_table(in, source, head, len);
    } else {
        lw__intake_find(in, LW_FOUND_KIND, source->from, 0, NULL);
    }
}

void lw__intake_stream(lw_intake *in, const lw_intake_source *source) {
    stream(in, source, false);
}

static int64_t file_read(void *where, void *bytes, size_t size) {
    ssize_t got;
    do {
        got = read(*(const int *)where, bytes, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

void lw_intake_file(lw_intake *in, const char *path) {
    const char *name = strrchr(path, '/');
    name = name != NULL && name[1] != '\0' ? name + 1 : path;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char head[4];
    if (fd < 0) {
        lw__intake_find(in, LW_FOUND_UNREADABLE, name, 0, strerror(errno));
        return;
    }
    ssize_t got = pread(fd, head, sizeof head, 0);
    if (got == 4 && memcmp(head, "PK\003\004", 4) == 0) {
        lw__intake_archive(in, path);
    } else {
        lw_intake_source source = {file_read, &fd, name, LW_INTAKE_HEALTH};
        lw__intake_stream(in, &source);
    }
    close(fd);
}
