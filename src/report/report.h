/*
 * report.h: a patient's pages on paper, as PDF or SVG from the same drawing code (cairo and pango).
 *
 * A report is a pure rendering of a record, a protocol and a day: the same inputs give the same bytes, dates in the file's
 * metadata included. Nothing here decides anything; every sentence comes from locales/ (src/words), every number from the
 * plan, the record or the protocol. Drawing takes tens of milliseconds and the heap: in a server it is a job's work.
 */
#ifndef LW_REPORT_H
#define LW_REPORT_H

#include "loadwave/plan.h"
#include "words/words.h"

typedef enum lw_report_kind {
    LW_REPORT_TODAY,     /* today's plan on one page, with the drawn figures */
    LW_REPORT_PROGRESS,  /* the course so far: timeline, outcomes against the important change */
    LW_REPORT_DISCHARGE, /* letter at the end of the programme */
    LW_REPORT_SHOCKWAVE, /* letter to a provider of shockwave */
    LW_REPORT_KINDS
} lw_report_kind;

typedef enum lw_report_format { LW_REPORT_PDF, LW_REPORT_SVG } lw_report_format;

typedef struct lw_report_request {
    lw_report_kind kind;
    lw_report_format format;
    const lw_language *language;
    const lw_protocol *protocol;
    const lw_protocol *builtin; /* as in lw_words; nullable */
    const lw_record *record;
    int32_t day;
    /* Of these three at most 200 letters are said, without what breaks lines or turns the writing round. */
    const char *name; /* of the patient, as the page shall say it; NULL: the record's id */
    const char *to;   /* whom a letter is for; NULL: nobody is named */
    const char *from; /* who sends it; NULL: the patient */
} lw_report_request;

/* The word of a kind on the command line and in an address, static: "today", "progress", "discharge", "shockwave". */
const char *lw_report_kind_name(lw_report_kind kind);

/*
 * Draws the report into out (appended). Returns 0; LW_ERR_NO_MEMORY; LW_ERR_RANGE when the record has nothing the report
 * could be about (a discharge letter without a discharge); or the lw_err of lw_plan or lw_day_loads, with diag (nullable).
 */
LW_MUST_CHECK int32_t lw_report_draw(const lw_report_request *request, lw_buf *out, lw_diag *diag);

#endif
