/*
 * intake.h: files of watches, phones and other programs, read into a list of activities that a person can look at.
 *
 * An outer room: it opens files and uses the heap, expat, zlib and libzip. It stores nothing and asks nobody. Whatever it
 * meets becomes an item of the list or a finding that names the place; nothing is guessed. Every input has a bound, stated
 * below; document types with entities and references to other documents are refused, archives are read in bounded bites.
 *
 * Places (where somebody was) are used to measure and are not kept.
 */
#ifndef LW_INTAKE_INTAKE_H
#define LW_INTAKE_INTAKE_H

#include "watch/fit.h"
#include "watch/found.h"
#include "watch/table.h"

enum {
    LW_INTAKE_ITEMS = 20000,           /* activities of one import */
    LW_INTAKE_SETS = 4096,             /* strength sets of one import */
    LW_INTAKE_FINDINGS = 256,          /* kept; the rest is counted */
    LW_INTAKE_FIT = 64 * 1024 * 1024,  /* bytes of one FIT file */
    LW_INTAKE_XML = 256 * 1024 * 1024, /* bytes of one GPX or TCX file */
    LW_INTAKE_CSV = 64 * 1024 * 1024,  /* bytes of one table */
    LW_INTAKE_MEMBERS = 50000,         /* members of an archive */
    LW_INTAKE_RATIO = 1000             /* unpacked bytes for one packed byte, beyond the first MiB */
};
#define LW_INTAKE_HEALTH  (INT64_C(64) << 30) /* bytes of an Apple Health export, which is read as a stream */
#define LW_INTAKE_ARCHIVE (INT64_C(4) << 30)  /* unpacked bytes of all activities of one archive */

/* One activity of the list. */
typedef struct lw_intake_item {
    lw_watch_activity activity;
    bool floating;      /* start_s and end_s are a local clock's, as if it were UTC: the file names no zone */
    int32_t pain_x100;  /* worst pain, where a mapped table has it; or -1 */
    int32_t first_set;  /* its first one in the list of sets, or -1 */
    uint32_t set_count; /* of activity.sets, those kept there */
    char from[64];      /* file or member, as shown to a person; cut at the front where it is longer */
    char route[128];    /* of a health export: the file with its way, as it names it; "" */
    char key[40];       /* "fit:9f86d081884c7d65:0": what it was read from, the same for the same bytes */
} lw_intake_item;

typedef struct lw_intake_finding {
    uint8_t what;    /* lw_found */
    uint32_t line;   /* from 1, or 0 */
    char from[64];   /* as in an item */
    char detail[96]; /* of the parser or the operating system, or the column; may be empty */
} lw_intake_finding;

typedef struct lw_intake {
    lw_intake_item *items; /* owned, as the next two */
    lw_watch_set *sets;
    lw_intake_finding *findings;
    uint32_t count, set_count, finding_count; /* findings beyond LW_INTAKE_FINDINGS are only counted */
    uint32_t item_cap, set_cap;
    lw_table_map map;
    lw_fit_work *fit;                        /* owned */
    void *(*memory)(void *old, size_t size); /* realloc, or a test's; size 0 frees */
    int64_t unpacked;                        /* bytes out of archives so far */
    const char *fallback_sport;              /* of the archive's row that a file belongs to, or NULL */
    uint8_t hint; /* lw_watch_sport of tracks that do not say theirs; set by lw_intake_begin */
} lw_intake;

/* An empty list. memory: NULL for the heap. */
void lw_intake_begin(lw_intake *in, void *(*memory)(void *old, size_t size));
void lw_intake_end(lw_intake *in);
/* Reads one file by its content, whatever its name: FIT, GPX, TCX, any of them gzipped, an archive, a health export, a table. */
void lw_intake_file(lw_intake *in, const char *path);

/* ---- among the files of this room ---- */

/* Adds an item; NULL when there is no room, which is a finding then. The key is KIND:HASH:INDEX. */
lw_intake_item *lw__intake_add(lw_intake *in, const char *from, const char *kind, const uint8_t hash[32],
                               uint32_t index, const lw_watch_activity *activity);
/* The same of what a reader found; hash: of the file, for what is not known by another. */
lw_intake_item *lw__intake_take(lw_intake *in, const char *from, const lw_found_activity *found,
                                const uint8_t hash[32]);
void lw__intake_find(lw_intake *in, lw_found what, const char *from, uint32_t line, const char *detail);

/* Where bytes come from: a file, or a member of an archive. read answers 0 at the end and -1 on an error. */
typedef struct lw_intake_source {
    int64_t (*read)(void *where, void *bytes, size_t size);
    void *where;
    const char *from;
    int64_t most; /* bytes that may come out of it; one more is a finding */
} lw_intake_source;

/* Reads one thing from a source whose first bytes were read already. */
void lw__intake_stream(lw_intake *in, const lw_intake_source *source);
void lw__intake_xml(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len);
void lw__intake_table(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len);
void lw__intake_archive(lw_intake *in, const char *path);
/* Reads all that is left, at most `most` bytes, after head; owned by the caller (in->memory), NULL with a finding. */
char *lw__intake_whole(lw_intake *in, const lw_intake_source *source, const char *head, size_t head_len, size_t most,
                       size_t *len);

#endif
