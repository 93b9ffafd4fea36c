/*
 * window.h: the hours in which a person may be reminded, on the person's own clock, and what may be asked for in them.
 *
 * A window that ends before it begins goes over midnight: 22:00 to 02:00 ends on the next day. A reminder belongs to the day on
 * which its window opened: one of each kind in a window. What is asked for is what the record would take now, for it books by the
 * calendar: a check-in is of the morning of its day, so that after midnight none is asked for, neither that of a day that is over
 * nor that of a morning that is still to come. Exercises are asked for after midnight only where nobody is asked twice in one
 * night: those of the new day, while what the evening had is open, too (hour of exercises before midnight), or while nothing was
 * done since the window opened (after it).
 *
 * No heap, no clock of its own; the rules of zones are the machine's (local_time.h).
 */
#ifndef LW_SEND_WINDOW_H
#define LW_SEND_WINDOW_H

#include "store/remind.h"

/* How a patient stands on a local day. A record that is stopped, paused or cannot be folded asks for nothing. */
typedef struct lw_standing {
    bool checkin;   /* asked for and not given yet */
    bool session;   /* something of that day's session is not done yet */
    int64_t done_s; /* when an exercise of that day was done or skipped last; 0: none was */
} lw_standing;

typedef struct lw_window {
    bool open;
    bool past_midnight;        /* it opened yesterday, on the day before today */
    bool early;                /* exercises are not asked for yet */
    bool evening;              /* their hour is on the day on which it opens */
    int32_t day, today;        /* local days: on which it opened (or would), and which it is */
    int64_t opened_s, until_s; /* instants, the first at which the clock shows them, or jumps over them */
    int64_t next_s;            /* after now: when to look again */
} lw_window;

/* Whether hours can be a window with exercises in it: minutes of a day, from 0 to 1439, until 1 to 1440 and another one than from. */
bool lw_window_fits(int32_t from_min, int32_t until_min, int32_t exercise_min);
/* The window of a person's settings at an instant. */
lw_window lw_window_at(const lw_reminder *who, int64_t now_s);
/* What may be asked for in an open window: today is how the calendar day stands, opened the day on which it opened. */
lw_standing lw_window_due(const lw_window *window, const lw_standing *today, const lw_standing *opened);

#endif
