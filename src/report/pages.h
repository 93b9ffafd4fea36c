/* pages.h: what the pages of a report share; internal to src/report. */
#ifndef LW_REPORT_PAGES_H
#define LW_REPORT_PAGES_H

#include <stdio.h>

#include "report/sheet.h"

enum { LW_PAGE_NAME = 200, LW_PAGE_TEXT = 1000 };

typedef struct lw_page {
    const lw_report_request *request;
    lw_words words;
    lw_sheet sheet;
    lw_pool pool;
    const char *name, *to, *from; /* as the page says them: clean, at most LW_PAGE_NAME letters; to and from nullable */
    double scale;
    const lw_node *plan;  /* of the day */
    const lw_node *loads; /* a list, from the day `first`; NULL for today's plan */
    int32_t first;
    bool clipped; /* the record began before `first` */
    lw_buf text;  /* the sentence last said */
} lw_page;

void lw_page_today(lw_page *p);
void lw_page_progress(lw_page *p);
void lw_page_discharge(lw_page *p);
void lw_page_shockwave(lw_page *p);

/* Says a sentence into p->text; its text, good until the next. */
void lw_page_say(lw_page *p, const char *id, const char *const *args);
const char *lw_page_text(const lw_page *p);
/* Keeps in mind when the heap refused a text, so that no page goes out without one of its sentences. Its text. */
const char *lw_page_kept(lw_page *p, const lw_buf *text);
void lw_page_head(lw_page *p, const char *title, const char *subtitle);
void lw_page_heading(lw_page *p, const char *id);
void lw_page_paragraph(lw_page *p, const char *id, const char *const *args);
void lw_page_item(lw_page *p, const char *id, const char *const *args);
/* The sentence report.LABEL in bold, text beside it. */
void lw_page_pair(lw_page *p, const char *label_id, const char *text);
/* A day as the language writes it, "5 January 2026"; a number of hundredths with as many places as it needs. In the page's pool. */
const char *lw_page_day(lw_page *p, int32_t day);
const char *lw_page_number(lw_page *p, int32_t x100);

/*
 * A text of somebody else's in the page's pool: at most `most` letters, without what breaks lines or turns the writing round; a
 * broken byte is shown as one.
 */
const char *lw_page_foreign(lw_page *p, lw_str text, uint32_t most);

/* The first local day of the record that counts, at most `day`. */
int32_t lw_page_first_day(const lw_record *record, int32_t day);
/* The parts that the progress report and both letters have in common. */
/* What is open and has to be seen by somebody, and how soon; false and nothing where nothing is. */
bool lw_page_referral(lw_page *p);
/* Who should look at it before long, where the plan asks for that without stopping. */
void lw_page_review(lw_page *p);
/* What is present, what was asked, and what was not: red flags, contraindications to shockwave, medicines. */
void lw_page_red_flags(lw_page *p);
void lw_page_contraindications(lw_page *p);
void lw_page_medicines(lw_page *p);
/* A card when shockwave is ruled out by more than a red flag. */
void lw_page_ruled_out(lw_page *p);
void lw_page_timeline(lw_page *p);
/* Says the flares that were open from a day on, with their days. */
void lw_page_flares_say(lw_page *p, lw_buf *text, int32_t from);
void lw_page_outcomes(lw_page *p);
void lw_page_sessions(lw_page *p);

#endif
