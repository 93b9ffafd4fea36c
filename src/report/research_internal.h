/* research_internal.h: what the two halves of an export share: stripping (research.c) and tables (research_tables.c). */
#ifndef LW_REPORT_RESEARCH_INTERNAL_H
#define LW_REPORT_RESEARCH_INTERNAL_H

#include "report/research.h"

/* One column of one table, from schema/events.json. */
typedef struct lw_research_column {
    const char *table, *name;
    const char *member, *sub; /* member of data; of tests and pairs the inner member; member "*": of each set */
    const char *kind, *unit, *words, *doc;
} lw_research_column;
extern const lw_research_column lw_research_columns[];
extern const unsigned lw_research_column_count;

/* What could tell who somebody is. */
enum {
    LW__CELL_BORN,
    LW__CELL_SEX,
    LW__CELL_SPORT,
    LW__CELL_LEVEL,
    LW__CELL_HEIGHT,
    LW__CELL_MASS,
    LW__CELL_GOAL,
    LW__CELLS
};
extern const char *const lw__cell_members[LW__CELLS]; /* birth_year … */

/* A file without a name (research_spool.c). */
typedef struct lw__spool {
    int fd;
    bool open;
    uint32_t len;
    char *map; /* after sealing: len bytes and a zero */
} lw__spool;
/* Adds bytes. LW_ERR_IO; LW_ERR_LIMIT beyond a GiB. */
LW_MUST_CHECK int32_t lw__spool_add(lw__spool *spool, lw_str bytes);
/* Nothing more comes: maps what was written. */
LW_MUST_CHECK int32_t lw__spool_seal(lw__spool *spool);
void lw__spool_close(lw__spool *spool);

typedef struct lw__subject {
    char id[40];                 /* r-… */
    uint32_t from, len;          /* its stripped events among the cohort's, a line each */
    char cells[LW__CELLS][24];   /* "" not known */
    bool out[LW__CELLS];         /* taken out: too few share it */
    int32_t first_day, last_day; /* shifted */
    uint32_t events;
} lw__subject;

struct lw_research {
    int32_t today;
    uint8_t secret[32];
    lw__subject *subjects;
    uint32_t count, cap, suppressed;
    lw__spool lines; /* of all subjects, stripped */
    lw_buf own;      /* of the record in work */
    lw__spool done[LW_RESEARCH_FILES];
    lw_buf files[LW_RESEARCH_FILES]; /* what is to be written next */
    uint32_t rows[LW_RESEARCH_FILES];
    /* of the record in work */
    const char *patient;
    int32_t shift_days;
    lw_str protocol;
    lw_buf line;
    lw_pool pool;
};

/* Writes the files from the subjects; cells are decided. */
LW_MUST_CHECK int32_t lw__research_files(lw_research *cohort);

#endif
