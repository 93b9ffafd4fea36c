/* change.h: the change of a questionnaire that matters to a person, as data with its source; see docs/evidence/clinical.md. */
#ifndef LW_REPORT_CHANGE_H
#define LW_REPORT_CHANGE_H

#include "loadwave/base.h"

typedef struct lw_change {
    const char *instrument; /* as in the record */
    bool up;                /* more is better */
    int32_t min_x100, max_x100;
    int32_t change_x100;      /* the smallest that matters; -1: no number is known */
    int32_t percent;          /* or this share of the first score; -1: none */
    int32_t reach_x100;       /* the score itself that counts as clearly better; -1: none */
    const char *tag, *source; /* confidence and source key; nullable */
} lw_change;

extern const lw_change lw_changes[];
extern const unsigned lw_change_count;

#endif
