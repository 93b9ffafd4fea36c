/* decide.h: which exercises, how much of each, within what the guard allows. */
#ifndef LW_ENGINE_DECIDE_H
#define LW_ENGINE_DECIDE_H

#include "engine/state.h"

/* From → to of one variable; exercises are indices. */
typedef struct lw_change {
    uint8_t variable; /* lw_variable; LW_CHANGE_EXERCISE for a change of exercise; LW_VAR_NONE none */
    int32_t from, to; /* load in 10 g, all else in its unit */
} lw_change;

enum { LW_CHANGE_EXERCISE = 64, LW_MAX_LOWERED = 8 }; /* all variables but the one that rises */

typedef struct lw_item {
    uint8_t exercise;
    uint8_t side; /* enum lw_side */
    lw_dose dose;
    lw_change change;   /* what rises today */
    lw_change proposal; /* what would, if it were accepted */
    lw_change lowered[LW_MAX_LOWERED];
    uint8_t lowered_count;
    uint8_t cap;         /* lw_cap that bound the dose */
    int8_t against_last; /* −1 below the last session done, 0 as it, 1 above, 2 nothing to compare */
} lw_item;

typedef struct lw_decision {
    bool due;
    uint8_t count;
    uint8_t cap; /* lw_cap: why nothing, or not more, is due */
    lw_item items[LW_MAX_ITEMS_PLAN];
} lw_decision;

/* Chooses today's items. Total: every state and every allowance gives a decision inside the allowance. */
void lw__decide(const lw_state *s, const lw_allow *allow, lw_decision *out);
/* The clinician's ceiling for a variable (lw_variable or LW_LIMIT_…) in its unit × 100; INT32_MAX: none. */
int32_t lw__limit_of(const lw_state *s, uint8_t variable);
/* A clinician's limit that could not be understood is in force: nothing rises. */
bool lw__limited_altogether(const lw_state *s);
/* Takes away what has been done today already. */
void lw__drop_done(const lw_state *s, lw_decision *decision);

typedef enum lw_proposal_kind { LW_PROPOSAL_EXERCISE, LW_PROPOSAL_STAGE, LW_PROPOSAL_RUN } lw_proposal_kind;

/* "load", "reps" … "exercise" of an lw_change. */
lw_str lw__change_name(uint8_t variable);

/* Whether an accepted event names exactly a proposal of this morning; which one. */
bool lw__proposal_matches(const lw_state *s, const lw_decision *decision, const struct lw_ev_accepted *a,
                          lw_proposal_kind *kind, uint8_t *exercise);

#endif
