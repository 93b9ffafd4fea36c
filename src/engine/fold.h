/* fold.h: the parts of the fold (fold.c, facts.c, rise.c), and what others ask of it. */
#ifndef LW_ENGINE_FOLD_H
#define LW_ENGINE_FOLD_H

#include "engine/state.h"

/* The longest tolerated run of the protocol's window before today, hundredths of km; 0 none. */
int32_t lw__longest_run(const lw_state *s);

/* ---- facts.c: filled each morning, in this order ---- */
void lw__baseline_facts(lw_state *s);
void lw__treatment_facts(lw_state *s);
void lw__checkin_facts(lw_state *s);
void lw__course_facts(lw_state *s);
/* Again whenever the machines may have moved. */
void lw__machine_facts(lw_state *s);

/* ---- rise.c ---- */
void lw__clear_offers(lw_state *s);
/* What may rise this morning; takes what authority or an accepted proposal lets happen. */
void lw__offer_rises(lw_state *s);
/* Overrides of today: sets override_action, or says that one is refused. */
void lw__take_overrides(lw_state *s);
/* After the offers: a progress override the guard did not let through is refused, not dropped. */
void lw__refuse_override(lw_state *s);
/* Accepted proposals of today, matched exactly against this morning's plan. */
void lw__take_accepted(lw_state *s);

#endif
