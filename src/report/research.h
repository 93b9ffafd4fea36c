/*
 * research.h: records without the people in them: the events, and tidy tables of them with a dictionary.
 *
 * Each record is written anew, member by member, by the table of its kind: what the table does not know (x_ members too) and
 * free text never comes out. Ids become keyed hashes under a secret that is forgotten with the cohort; dates move back by a
 * whole number of weeks, the same for all of a patient; clinicians and devices become roles; birth years become five-year
 * bands, height and mass are rounded to five; a time keeps its hour and loses its distance from Greenwich, whose change in
 * spring would tell how far the dates moved. Then small cells are taken out: what fewer than LW_RESEARCH_FEWEST people of
 * the cohort share does not come out for them, nor for so many others that what was taken out cannot be worked out from
 * what is left. What comes out is not anonymous: somebody who knows one patient's course well may find it (docs/access.md).
 *
 * Memory: a few hundred bytes a patient and one record; events and files are on disk, in files without a name.
 */
#ifndef LW_REPORT_RESEARCH_H
#define LW_REPORT_RESEARCH_H

#include "loadwave/loadwave.h"
#include "store/buffer.h"

enum {
    LW_RESEARCH_FEWEST = 5, /* people of a cohort, and of a cell */
    LW_RESEARCH_MOST = 1000000,
    LW_RESEARCH_FILES = 9
};

typedef struct lw_research lw_research;

/* An empty cohort. today: the day of the export, for the oldest birth year. LW_ERR_NO_MEMORY. */
LW_MUST_CHECK int32_t lw_research_open(int32_t today, lw_research **out);
/*
 * Adds one patient: an id that nobody else of the cohort has, the text of the protocol that the record names, the record (a
 * line an event; what is of a newer format is left out). All borrowed for the call. LW_ERR_CORRUPT: no record;
 * LW_ERR_LIMIT: more than a GiB of events; LW_ERR_IO: the disk refused.
 */
LW_MUST_CHECK int32_t lw_research_add(lw_research *cohort, const char *patient, lw_str protocol, lw_str log);
uint32_t lw_research_count(const lw_research *cohort);
/*
 * Takes small cells out and makes the files. Once, after the last patient. LW_ERR_FORBIDDEN: fewer than
 * LW_RESEARCH_FEWEST patients; LW_ERR_NO_MEMORY, LW_ERR_LIMIT, LW_ERR_IO. Forgets the secret.
 */
LW_MUST_CHECK int32_t lw_research_make(lw_research *cohort);

typedef struct lw_research_file {
    const char *name; /* "checkins.csv" */
    lw_str bytes;     /* the whole of it; good until lw_research_close */
    uint32_t rows;    /* without the header */
} lw_research_file;

/* File 0 … LW_RESEARCH_FILES − 1: events.jsonl first, dictionary.csv last. */
lw_research_file lw_research_get(const lw_research *cohort, uint32_t index);
/* What was taken out of small cells, in cells of patients.csv. */
uint32_t lw_research_suppressed(const lw_research *cohort);
/* Nullable. */
void lw_research_close(lw_research *cohort);

#endif
