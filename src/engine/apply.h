/* apply.h: events into the state; the only place that reads event data. */
#ifndef LW_ENGINE_APPLY_H
#define LW_ENGINE_APPLY_H

#include "engine/state.h"

enum { LW_LIMIT_RUN_KM = 100, LW_LIMIT_RUN_MIN, LW_LIMIT_ALL };

/* Takes one event of the day being folded. Sets facts; gathers check-ins and sessions in s->today. */
void lw__apply(lw_state *s, const lw_event *e);

/* An empty day. */
void lw__today_clear(lw_today *t);

/* The variable a limit names: lw_variable, LW_LIMIT_RUN_KM, LW_LIMIT_RUN_MIN, or LW_LIMIT_ALL for a name not known
 * (a limit that cannot be understood stops rising altogether). */
uint8_t lw__limit_variable(lw_str name);

#endif
