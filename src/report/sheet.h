/*
 * sheet.h: paper. One column of A4 pages that fills from the top; what does not fit goes on the next page.
 *
 * The same calls make a PDF and an SVG. A PDF is tagged (headings, paragraphs, lists) as far as cairo can, names its language
 * and keeps its text as text. An SVG has its pages one below the other and says everything again in its <desc>, since its
 * letters are outlines. Lengths are points (1/72 inch). Errors of cairo and the heap are kept and told by lw_sheet_end, so
 * that nobody checks in between.
 */
#ifndef LW_REPORT_SHEET_H
#define LW_REPORT_SHEET_H

#include <cairo.h>
#include <pango/pangocairo.h>

#include "report/report.h"

typedef enum lw_ink { LW_INK_TEXT, LW_INK_QUIET, LW_INK_ACCENT, LW_INK_GOOD, LW_INK_WARN, LW_INK_ALARM } lw_ink;
typedef enum lw_face {
    LW_FACE_BODY,
    LW_FACE_BOLD,
    LW_FACE_SMALL,
    LW_FACE_HEADING,
    LW_FACE_TITLE,
    LW_FACE_LARGE
} lw_face;

/* What stands around the pages; all borrowed until the end. */
typedef struct lw_sheet_words {
    const char *title, *author, *language; /* of the file */
    const char *running; /* at the head of every page but the first; one line, cut where it is too long */
    const char *foot;
} lw_sheet_words;

typedef struct lw_sheet {
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoContext *context;
    lw_buf *out;
    size_t began; /* bytes in out before this sheet */
    lw_report_format format;
    bool counting;      /* nothing is written: how many pages will it be? */
    int pages;          /* begun so far */
    int of;             /* 0 while counting */
    double left, width; /* of the column in use */
    double y, bottom;   /* where the next thing goes, and where the page ends */
    double scale;       /* of letters, 1 as a rule; set right after the beginning */
    bool mute;          /* what is drawn now (the numbers of an axis) is said elsewhere and stays out of <desc> */
    lw_sheet_words words;
    lw_buf said; /* all text in the order it was drawn, for the <desc> */
    bool failed;
} lw_sheet;

enum { LW_SHEET_WIDTH = 595, LW_SHEET_HEIGHT = 842, LW_SHEET_MARGIN = 51 };

/* Begins; day dates the file. of: pages, 0 to count them. */
void lw_sheet_begin(lw_sheet *sheet, lw_report_format format, int of, lw_buf *out, const lw_sheet_words *words,
                    int32_t day);
/* Ends the last page. 0 or LW_ERR_NO_MEMORY. */
int32_t lw_sheet_end(lw_sheet *sheet);

/* Makes sure that height fits on this page, or begins the next. */
void lw_sheet_need(lw_sheet *sheet, double height);
void lw_sheet_space(lw_sheet *sheet, double height);
/* Wrapped text, indented; goes on over pages line by line. */
void lw_sheet_text(lw_sheet *sheet, lw_face face, lw_ink ink, double indent, const char *text);
/* A heading with its space above, kept together with what follows. */
void lw_sheet_heading(lw_sheet *sheet, const char *text);
/* A paragraph after a bullet. */
void lw_sheet_item(lw_sheet *sheet, const char *text);
/* A label in the first quarter, its text beside it. */
void lw_sheet_pair(lw_sheet *sheet, const char *label, const char *text);
/* Text on a soft ground of its ink, the width of the column. */
void lw_sheet_card(lw_sheet *sheet, lw_ink ink, const char *text);

/* Empty lines to sign on, each after its label. */
void lw_sheet_line(lw_sheet *sheet, const char *label);

/* How high text is when wrapped to width; and drawing it somewhere, at most height. Returns its height. */
double lw_sheet_measure(lw_sheet *sheet, lw_face face, double width, const char *text);
double lw_sheet_at(lw_sheet *sheet, lw_face face, lw_ink ink, double x, double y, double width, PangoAlignment align,
                   const char *text);
void lw_sheet_ink(lw_sheet *sheet, lw_ink ink);
/* Structure for a reader of the PDF; names as in PDF 32000-1, 14.8.4. */
void lw_sheet_tag(lw_sheet *sheet, const char *name);
void lw_sheet_untag(lw_sheet *sheet, const char *name);

#endif
