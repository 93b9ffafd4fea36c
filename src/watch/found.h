/*
 * found.h: what reading a file of a watch or of another program comes to: activities, and findings that name the place.
 *
 * Every reader of this room hands both over by the two calls of lw_found_out, so that the program, the page and the tests
 * collect them as they like.
 */
#ifndef LW_WATCH_FOUND_H
#define LW_WATCH_FOUND_H

#include "watch/watch.h"

/* Why something was not read, or not all of it. */
typedef enum lw_found {
    LW_FOUND_UNREADABLE,  /* the file cannot be opened or read */
    LW_FOUND_KIND,        /* no kind of file that is known here */
    LW_FOUND_BROKEN,      /* not well formed; what stood before the place was read where activities were whole */
    LW_FOUND_NO_ACTIVITY, /* well formed, but nothing that somebody did */
    LW_FOUND_NO_TIME,     /* places without times: a route */
    LW_FOUND_ENTITY,      /* a document type, an entity or a reference to another document: refused */
    LW_FOUND_LIMIT,       /* larger or deeper than allowed */
    LW_FOUND_PACKED,      /* unpacks to far more than it may: refused */
    LW_FOUND_VALUE,       /* a row or workout with a value that cannot be */
    LW_FOUND_NO_FILE,     /* an archive's row without a recording: its date is in words and is not guessed */
    LW_FOUND_MAP,         /* a table needs a map, or the map does not fit it */
    LW_FOUND_MEMORY,      /* memory ran out */
    LW_FOUNDS
} lw_found;

/* One activity as it was read. */
typedef struct lw_found_activity {
    const char *kind;    /* "gpx", "tcx", "health", "csv" */
    const uint8_t *hash; /* of what it is known by, 32 bytes; NULL: the hash of the file's bytes */
    uint32_t index;      /* among the activities of that hash */
    lw_watch_activity activity;
    bool floating;     /* times are a local clock's, as if it were UTC: the file names no zone */
    int32_t pain_x100; /* or -1 */
    lw_str route;      /* of a health export: the file with its way, as it names it; borrowed, may be empty */
} lw_found_activity;

typedef struct lw_found_out {
    void *to;
    /* False: there is no room, and the reading ends; whoever says so has made a finding of it. */
    bool (*add)(void *to, const lw_found_activity *found);
    /* line: from 1, or 0: where the reader is. detail is a NUL-terminated text or NULL; borrowed. */
    void (*find)(void *to, lw_found what, uint32_t line, const char *detail);
} lw_found_out;

#endif
