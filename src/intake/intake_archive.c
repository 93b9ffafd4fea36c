/*
 * intake_archive.c: archives: what Strava gives out (activities.csv and a recording for each of its rows) and Apple's health
 * export, both as zip; a zip of recordings without either is read as well.
 *
 * Headers and dates of activities.csv are in the person's language and change without notice; so nothing in it is understood
 * by its header. A row's recording is the cell that names a member of the archive, and the words of the cells before it are
 * only asked for a sport where the recording does not say one. Rows without a recording are counted and said.
 *
 * Bounds: members, their unpacked size together, and what a packed byte may become. The size that a member claims is not
 * believed; bytes are counted as they come.
 */
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "base/base_internal.h"
#include "intake/intake.h"
#include "watch/xml.h"

enum { CSV_MOST = 16 * 1024 * 1024 };

struct member {
    lw_intake *in;
    zip_file_t *file;
    int64_t packed, out;
    bool bomb, health;
};

static int64_t member_read(void *where, void *bytes, size_t size) {
    struct member *m = where;
    zip_int64_t got = zip_fread(m->file, bytes, size);
    if (got > 0) {
        m->out += got;
        m->in->unpacked += m->health ? 0 : got;
        m->bomb = m->bomb || (m->out > 1024 * 1024 && m->out / LW_INTAKE_RATIO > m->packed) ||
                  m->in->unpacked > LW_INTAKE_ARCHIVE;
    }
    return m->bomb ? -1 : got;
}

static bool ends_with(const char *name, const char *end) {
    size_t len = strlen(name), tail = strlen(end);
    return len >= tail && strcmp(name + len - tail, end) == 0;
}

static bool is_recording(const char *name) {
    static const char *const ends[] = {".fit", ".gpx", ".tcx", ".fit.gz", ".gpx.gz", ".tcx.gz"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends_with(name, ends[i])) {
            return true;
        }
    }
    return false;
}

/* Reads one member as what it is. */
static void read_member(lw_intake *in, zip_t *zip, zip_uint64_t index, const char *name, bool health) {
    zip_stat_t stat;
    struct member m = {.in = in, .health = health};
    if (zip_stat_index(zip, index, 0, &stat) == 0 && (stat.valid & ZIP_STAT_COMP_SIZE) != 0) {
        m.packed = (int64_t)stat.comp_size;
    }
    m.file = zip_fopen_index(zip, index, 0);
    if (m.file == NULL) {
        lw__intake_find(in, LW_FOUND_UNREADABLE, name, 0, zip_strerror(zip));
        return;
    }
    lw_intake_source source = {member_read, &m, name, health ? LW_INTAKE_HEALTH : LW_INTAKE_XML};
    uint32_t before = in->finding_count;
    lw__intake_stream(in, &source);
    if (m.bomb) {
        in->finding_count = before; // the one that counts
        lw__intake_find(in, LW_FOUND_PACKED, name, 0, NULL);
    }
    zip_fclose(m.file);
}

/*
 * The ways of workouts, which a health export keeps as files of their own: each is read like any GPX file, and what it tells
 * is joined to its workout. A workout without one stands as it is.
 */
static void join_ways(lw_intake *in, zip_t *zip, const char *export_name, uint32_t first) {
    const char *slash = strrchr(export_name, '/');
    int folder = slash != NULL ? (int)(slash - export_name) : 0;
    const uint32_t last = in->count;
    for (uint32_t i = first; i < last && in->unpacked <= LW_INTAKE_ARCHIVE; i++) {
        const char *path = in->items[i].route;
        char name[512];
        int len = snprintf(name, sizeof name, "%.*s%s%s", folder, export_name, path[0] == '/' || folder == 0 ? "" : "/",
                           path[0] == '/' && folder == 0 ? path + 1 : path);
        zip_int64_t at = path[0] != '\0' && len < (int)sizeof name ? zip_name_locate(zip, name, 0) : -1;
        if (at < 0) {
            continue;
        }
        in->hint = in->items[i].activity.sport;
        read_member(in, zip, (zip_uint64_t)at, name, false);
        in->hint = LW_WATCH_UNKNOWN;
        if (in->count == last + 1) {
            lw_xml_join(&in->items[i].activity, &in->items[last].activity);
        }
        in->count = last;
    }
}

void lw__intake_archive(lw_intake *in, const char *path) {
    const char *base = strrchr(path, '/');
    base = base != NULL ? base + 1 : path;
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, &code);
    if (zip == NULL) {
        lw__intake_find(in, code == ZIP_ER_MEMORY ? LW_FOUND_MEMORY : LW_FOUND_BROKEN, base, 0, NULL);
        return;
    }
    zip_int64_t members = zip_get_num_entries(zip, 0);
    if (members > LW_INTAKE_MEMBERS) {
        lw__intake_find(in, LW_FOUND_LIMIT, base, 0, "50000");
        zip_discard(zip);
        return;
    }
    char *listing = NULL;
    size_t listing_len = 0;
    bool health = false, any = false;
    for (zip_int64_t i = 0; i < members; i++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);
        if (name == NULL) {
            continue;
        }
        if (ends_with(name, "/export.xml") || strcmp(name, "export.xml") == 0 || ends_with(name, "/exportar.xml")) {
            health = any = true;
            uint32_t first = in->count;
            read_member(in, zip, (zip_uint64_t)i, name, true);
            join_ways(in, zip, name, first);
        }
        bool lists = strcmp(name, "activities.csv") == 0 || ends_with(name, "/activities.csv");
        if (lists && listing == NULL) {
            struct member m = {.in = in, .packed = INT64_C(1) << 40, .file = zip_fopen_index(zip, (zip_uint64_t)i, 0)};
            lw_intake_source source = {member_read, &m, name, CSV_MOST};
            if (m.file != NULL) {
                listing = lw__intake_whole(in, &source, "", 0, CSV_MOST, &listing_len);
                zip_fclose(m.file);
            }
        }
    }
    const lw_str table = {listing, (uint32_t)listing_len};
    for (zip_int64_t i = 0; i < members && !health; i++) {
        const char *name = zip_get_name(zip, (zip_uint64_t)i, 0);
        if (name == NULL || !is_recording(name)) {
            continue;
        }
        any = true;
        char sport[LW_TABLE_SPORT];
        const char *in_table = strstr(name, "activities/");
        in->fallback_sport =
            listing != NULL && in_table != NULL && lw_table_sport(table, lw__str(in_table), sport) ? sport : NULL;
        read_member(in, zip, (zip_uint64_t)i, name, false);
        in->fallback_sport = NULL;
        if (in->unpacked > LW_INTAKE_ARCHIVE) {
            break;
        }
    }
    uint32_t without = listing != NULL ? lw_table_rows_without(table) : 0;
    if (without > 0) {
        char count[16];
        snprintf(count, sizeof count, "%u", without);
        lw__intake_find(in, LW_FOUND_NO_FILE, base, 0, count);
    }
    if (!any) {
        lw__intake_find(in, LW_FOUND_NO_ACTIVITY, base, 0, NULL);
    }
    in->memory(listing, 0);
    zip_discard(zip);
}
