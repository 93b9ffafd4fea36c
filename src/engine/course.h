/* course.h: what a plan says beside the session: running, shockwave, verdict. */
#ifndef LW_ENGINE_COURSE_H
#define LW_ENGINE_COURSE_H

#include "engine/decide.h"

typedef struct lw_run_plan {
    bool allowed, hills, proposal;
    uint8_t level;     /* 0: not opened */
    uint8_t speed_pct; /* the most of the best speed, of the speed exercises in use */
    int32_t max_min;   /* LW_UNKNOWN none */
    int32_t max_km;    /* hundredths, LW_UNKNOWN none */
    int32_t next_on;   /* day, LW_UNKNOWN none */
    int16_t rule;      /* why, −1 none */
    bool rule_fires;
} lw_run_plan;

/* In the order of docs/format/plan.md: the first that holds. */
typedef enum lw_sw_status {
    LW_SWS_FORBIDDEN,
    LW_SWS_NEEDS_CLINICIAN,
    LW_SWS_COURSE_DONE,
    LW_SWS_QUIET,
    LW_SWS_NOT_YET,
    LW_SWS_DUE,
    LW_SWS_OPTION,
    LW_SWS_NONE
} lw_sw_status;

typedef struct lw_shockwave_plan {
    uint8_t status;      /* lw_sw_status */
    uint8_t session;     /* number of the next, 0 none */
    int32_t next_on;     /* day, LW_UNKNOWN none */
    int32_t quiet_until; /* day, LW_UNKNOWN none */
    int16_t rule;        /* why, −1 none */
} lw_shockwave_plan;

void lw__run_plan(const lw_state *s, const lw_allow *allow, lw_run_plan *out);
void lw__shockwave_plan(const lw_state *s, const lw_allow *allow, lw_shockwave_plan *out);
/* enum lw_verdict of the whole answer. */
uint8_t lw__verdict(const lw_state *s, const lw_allow *allow, const lw_decision *decision, const lw_run_plan *run);
/* lw_deload that is open, and its last day (LW_UNKNOWN: until it is settled). */
uint8_t lw__deload(const lw_state *s, int32_t *until);

#endif
