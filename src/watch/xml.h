/*
 * xml.h: GPX, TCX and Apple's health export, element by element, and a scanner of XML for hosts that have none.
 *
 * lw_xml is what the elements mean; it is told of them by expat in the program and by lw_scan in WebAssembly, so that both
 * come to the same activities. Memory does not grow with the file: one element's text, one track's summary.
 */
#ifndef LW_WATCH_XML_H
#define LW_WATCH_XML_H

#include "base/base_internal.h"
#include "watch/found.h"

enum { LW_XML_DEPTH = 32, LW_XML_TEXT = 128, LW_XML_KEPT = 8, LW_XML_ROUTE = 128 };

typedef enum lw_xml_dialect { LW_XML_NONE, LW_XML_GPX, LW_XML_TCX, LW_XML_HEALTH } lw_xml_dialect;

/* A document under way; plain memory of the caller, nothing to free. Its members are xml_dialect.c's own. */
typedef struct lw_xml {
    const lw_found_out *out;
    lw_xml_dialect dialect; /* known from the first element on */
    bool stopped;           /* a finding was made that ends the reading: nothing more is taken */
    uint8_t hint;           /* lw_watch_sport of tracks that do not say theirs */
    uint8_t stack[LW_XML_DEPTH + 1];
    int depth;
    bool leaf; /* text of the element is wanted */
    char text[LW_XML_TEXT];
    size_t text_len;
    bool open;             /* a track or workout is under way */
    uint32_t index, given; /* of the next activity; activities and findings so far */
    lw_track_reader track;
    char kept[LW_XML_KEPT][LW_XML_TEXT]; /* texts of the point and the lap under way */
    uint32_t kept_len[LW_XML_KEPT];
    lw_watch_activity workout;
    char id[256], route[LW_XML_ROUTE];
    uint32_t id_len, route_len;
} lw_xml;

/* Begins a document. hint: the sport of tracks that do not say theirs, LW_WATCH_UNKNOWN where it is not known either. */
void lw_xml_begin(lw_xml *xml, const lw_found_out *out, lw_watch_sport hint);
/* An element with its attributes: name, value, …, NULL; all NUL-terminated. */
void lw_xml_start(lw_xml *xml, const char *name, const char *const *attributes);
void lw_xml_end(lw_xml *xml);
void lw_xml_text(lw_xml *xml, const char *text, size_t len);
/* Makes a finding that ends the reading; the first one only. */
void lw_xml_stop(lw_xml *xml, lw_found what, const char *detail);
/* The document is over: one that gave nothing says so. */
void lw_xml_over(lw_xml *xml);
/*
 * A workout of a health export with what the file of its way tells: distance where it has none, climb, speed and running.
 * The workout's own times stand.
 */
void lw_xml_join(lw_watch_activity *workout, const lw_watch_activity *way);

/* ---- what is mended before a parser sees it ---- */

/*
 * Takes <!DOCTYPE HealthData … ]> out of the beginning, and control characters everywhere; of a health export it also joins
 * names of attributes that have blanks in them (a="1" b c="2" becomes a="1" b_c="2"), which old exports wrote. Lines are kept,
 * so that a place that is named is the file's own. It goes from byte to byte, so that it does not matter where a chunk ends;
 * only the first should hold LW_MEND_FIRST bytes, or the whole file.
 */
enum { LW_MEND_FIRST = 65536, LW_MEND_DOCTYPE = 1024 * 1024 };
typedef struct lw_mender {
    uint8_t doctype, tag; /* mend.c's own */
    char quote;           /* that ends the value */
    bool begun, health;   /* a first chunk was seen; it is a health export */
    bool bracket;         /* ] was the last that counts */
    size_t skipped;       /* of the document type */
} lw_mender;
/* Mends a chunk in place; what is left of it is answered. dialect: as far as it is known. */
size_t lw_mend(lw_mender *mender, lw_xml_dialect dialect, char *bytes, size_t len);

/* ---- a scanner ---- */

enum { LW_SCAN_TAG = 65536, LW_SCAN_ATTRIBUTES = 64, LW_SCAN_NAMES = 4096 };

/*
 * Reads XML in chunks: elements, attributes, text, the five entities and numbers of characters. A document type ends the
 * reading, so nothing can expand or point elsewhere; other entities are not known. UTF-8 only, which is checked; a tag has
 * 64 KiB at most. What is not well formed ends the reading with a finding.
 */
typedef struct lw_scan {
    lw_xml *xml;
    uint32_t line;
    uint8_t state, utf8_left;
    bool closed, any; /* the first element has ended; there was one */
    char quote;
    uint32_t seen; /* bytes of an end mark seen so far */
    char tag[LW_SCAN_TAG + 1];
    size_t tag_len;
    uint32_t tag_line;
    char names[LW_SCAN_NAMES]; /* of the elements that are open, one behind the other */
    uint16_t name_at[LW_XML_DEPTH + 2];
    const char *list[2 * LW_SCAN_ATTRIBUTES + 1];
} lw_scan;

void lw_scan_begin(lw_scan *scan, lw_xml *xml);
/* The next bytes; last: there are no more. Nothing happens once xml->stopped. The line of a finding is scan->line. */
void lw_scan_feed(lw_scan *scan, const char *bytes, size_t len, bool last);

#endif
