/* explain.h: why the answer is what it is, and the answer as JSON. */
#ifndef LW_ENGINE_EXPLAIN_H
#define LW_ENGINE_EXPLAIN_H

#include "engine/course.h"

/* One rule that shaped the answer. */
typedef struct lw_why {
    int16_t rule;       /* index */
    uint8_t rank;       /* 0 strongest */
    const char *action; /* word of the plan page, static */
} lw_why;

typedef struct lw_plan_data {
    lw_state *s;
    const uint8_t *record_hash; /* NULL: not asked for */
    lw_allow allow;
    lw_decision decision;
    lw_run_plan run;
    lw_shockwave_plan shockwave;
    uint8_t verdict;
    uint32_t why_count;
    lw_why why[LW_MAX_WHY]; /* strongest first after lw__explain; the first one binds */
} lw_plan_data;

/* Collects every rule that shaped the answer; sorts them; the binding one comes first. */
void lw__explain(lw_plan_data *d);

/* Writes the plan as JSON, members in the order of docs/format/plan.md. */
void lw__plan_json(lw_plan_data *d, lw__writer *w);

#endif
