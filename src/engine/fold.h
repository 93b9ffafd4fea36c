/* fold.h: the parts of the fold (fold.c, facts.c, rise.c), and what others ask of it. */
#ifndef LW_ENGINE_FOLD_H
#define LW_ENGINE_FOLD_H

#include "engine/state.h"

/* The longest tolerated run of the protocol's window before today, hundredths of km; 0 none. */
int32_t lw__longest_run(const lw_state *s);

/* What one local day came to. Pains and km in hundredths; LW_UNKNOWN where nobody said. */
typedef struct lw_day_load {
    int32_t tension, compression; /* thousandths of body weight, as the weekly cap sums them */
    int32_t run_min, run_km;
    int32_t during, morning, test; /* the worst of the day */
    int32_t sitting;               /* minutes to the first pain */
    bool done, due;                /* a session; the rhythm said so */
    uint8_t flare;                 /* lw_flare that is open */
} lw_day_load;

typedef struct lw_ledger {
    int32_t from;
    lw_day_load *days; /* one for each day from `from` to the day folded to */
} lw_ledger;

/*
 * Folds like lw__fold, but to the evening of `day`, and writes every day of the ledger down; one that the record does not
 * reach stays as it was. The state is no morning's and good for nothing else.
 */
void lw__fold_days(const lw_protocol *protocol, const lw_record *record, int32_t day, lw_state *s, lw_ledger *ledger);

/* lw_plan that goes on from *evening (nullable) as lw__fold_on does: the same plan, sooner (plan.c). */
LW_MUST_CHECK int32_t lw__plan_on(const lw_protocol *protocol, const lw_record *record, int32_t day, uint32_t flags,
                                  lw_work *work, lw_diag *diag, lw_evening *evening);

/* The record was started on this protocol (plan.c): same id and version, and same hash where one was written. */
bool lw__right_protocol(const lw_state *s);
/* Fills a nullable diag; answers err (plan.c). */
int32_t lw__refuse(lw_diag *diag, int32_t err, const char *message, const char *hint);

/* ---- facts.c: filled each morning, in this order ---- */
void lw__baseline_facts(lw_state *s);
void lw__treatment_facts(lw_state *s);
void lw__checkin_facts(lw_state *s);
void lw__course_facts(lw_state *s);
/* Again whenever the machines may have moved. */
void lw__machine_facts(lw_state *s);

/*
 * ---- fold.c, the parts of a day: what the checker (src/prove) walks. In a fold: begin, the day's events, morning, evening,
 * an empty today.
 */
/* The state before any event. */
void lw__fold_init(lw_state *s, const lw_protocol *protocol, const lw_record *record);
void lw__begin_day(lw_state *s, int32_t day);
void lw__morning(lw_state *s);
void lw__evening(lw_state *s);
/* One exercise's part of the evening, and of the morning after. */
void lw__evening_exercise(lw_state *s, uint8_t exercise, const lw_done *done);
void lw__resolve_yesterday(lw_state *s);
/* A bad signal: one step down everywhere, every wait again. */
void lw__lower_all(lw_state *s);
/* Every wait again. */
void lw__restart_waits(lw_state *s);
/* Every dose at most the part given for return. */
void lw__cut_all(lw_state *s);

/* ---- rise.c ---- */
/* What one exercise may rise to this morning. */
void lw__offer_exercise(lw_state *s, const lw_allow *allow, uint8_t exercise);
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
