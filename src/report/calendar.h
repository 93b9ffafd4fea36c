/*
 * calendar.h: one patient's plan as a calendar: what is expected, what became of what was published, and the file of it.
 *
 * A calendar program knows an entry by its UID and believes the highest SEQUENCE. So what was published has to be remembered:
 * by the server in its store, by the command line in the file that it wrote last. Everything else is made anew each time:
 *
 *     record + protocol + day ──► lw_calendar_expect ──► lw_calendar_merge (with what was published) ──► lw_calendar_write
 */
#ifndef LW_REPORT_CALENDAR_H
#define LW_REPORT_CALENDAR_H

#include "loadwave/loadwave.h"
#include "store/buffer.h"

enum {
    LW_CALENDAR_DAYS = 14,   /* how far ahead sessions are expected */
    LW_CALENDAR_KEPT = 28,   /* how long what is over stays */
    LW_CALENDAR_ITEMS = 256, /* the most of one calendar; what comes after is left out */
    LW_CALENDAR_TITLE = 120, /* bytes of a title, with its NUL */
    LW_CALENDAR_UID = 60
};

typedef struct lw_calendar_item {
    char uid[LW_CALENDAR_UID];     /* 32 hex digits, '-', the date, "@loadwave": says nothing about anybody */
    char title[LW_CALENDAR_TITLE]; /* UTF-8 */
    const char *detail;            /* UTF-8, lines ended by '\n'; "" none; in the calendar's pool */
    int32_t day, minute;           /* local, floating; minute −1: the whole day */
    uint32_t sequence;
    bool cancelled;
    int64_t changed_s; /* when this sequence began */
} lw_calendar_item;

typedef struct lw_calendar {
    lw_calendar_item items[LW_CALENDAR_ITEMS];
    uint32_t count;
    char done_uid[LW_CALENDAR_UID]; /* today's session, when it was done: it is never cancelled; "" otherwise */
    lw_pool pool;                   /* of the details */
} lw_calendar;

typedef struct lw_calendar_ask {
    const lw_protocol *protocol;
    const char *language; /* "en", "es" */
    int32_t day;          /* today, local */
    int32_t minute;       /* when exercises begin, 0..1439 */
    bool plain;           /* titles say what it is and details name the exercises; otherwise nothing that tells */
} lw_calendar_ask;

/*
 * What the record expects: the sessions of today and the days after, as if every day went as planned and felt like the last
 * one that was told; appointments (`booked`); questions with their day. A record that cannot be folded, or is not to be
 * trained on, gives its appointments only. log: a line an event. *out is overwritten; free it with lw_calendar_free.
 */
LW_MUST_CHECK int32_t lw_calendar_expect(const lw_calendar_ask *ask, lw_str log, lw_calendar *out);

/*
 * Brings old, as it was published last, to what fresh says, for today `day`, at now_s: what is the same keeps its sequence; what
 * changed, came back or fell away (cancelled) gets the next one; what is over stays as it was for LW_CALENDAR_KEPT days.
 * Ordered by day, minute, uid. *out is overwritten. Returns whether anything differs from old.
 */
bool lw_calendar_merge(const lw_calendar *old, const lw_calendar *fresh, int32_t day, int64_t now_s, lw_calendar *out);

/* Appends one item; false when there is no room or no memory. title is cut at a character. detail is copied. */
bool lw_calendar_add(lw_calendar *calendar, const lw_calendar_item *item);
void lw_calendar_free(lw_calendar *calendar);

/* By day, minute, uid, as lw_calendar_merge leaves it. */
void lw_calendar_sort(lw_calendar *calendar);

/* Appends the calendar as RFC 5545 has it: folded lines that end in CRLF. Same items, same bytes. */
LW_MUST_CHECK int32_t lw_calendar_write(const lw_calendar *calendar, const char *language, lw_buf *out);

/* Reads what lw_calendar_write wrote, to remember it; entries of others are passed over. LW_ERR_SYNTAX: no calendar. */
LW_MUST_CHECK int32_t lw_calendar_read(lw_str text, lw_calendar *out);

#endif
