/*
 * state.h: everything the engine knows of one patient on one morning.
 *
 * The state is folded from the log, one event at a time with a tick at the end of each local day, and thrown away after
 * each plan. Its shape serves a proof: one *control* machine, one small machine per exercise that reads nothing but
 * control's outputs (lw_allow) and its own sessions, ladder indices instead of kilograms, saturating fields.
 *
 * Order. Every machine is monotone: a worse day never leads to a state that allows more. Two habits give that, and every
 * change here must keep them: (1) a bad signal lowers and restarts every wait in *all* machines, whether or not anything
 * was left to lower; (2) when something rises, its wait is longest and its streak empty. What a person did (facts) enters
 * only as a ceiling or as a clamp that is the same for every state.
 */
#ifndef LW_ENGINE_STATE_H
#define LW_ENGINE_STATE_H

#include "base/base_internal.h"
#include "loadwave/plan.h"
#include "protocol/protocol_tables.h"

#define LW_UNKNOWN   INT32_MIN  /* a fact nobody has given */
#define LW_NEVER_DAY (-1000000) /* a day before any record */

enum {
    LW_FACT_TOTAL = LW_FACT_TEST, /* plain facts; tests have their own arrays */
    LW_MAX_OPEN = 64,             /* events that raised flags and are not lifted */
    LW_MAX_LIMITS = 64,           /* more than there are exercises and variables to limit */
    LW_MAX_STEROIDS = 8,
    LW_MAX_BOOKED = 16,
    LW_MAX_MET = 24,
    LW_RUN_RING = 32,
    LW_RING = 36, /* days of load kept for the weekly cap: four weeks and one */
    LW_MAX_ITEMS_PLAN = 6,
    LW_MAX_TODAY = 8, /* accepted and override events of one day */
    LW_MAX_REFUSED = 8,
    LW_MAX_WHY = LW_MAX_RULES,
    LW_PART_FULL = 0,   /* the whole dose of the rung */
    LW_PART_RETURN = 1, /* after a flare, silence or a stop */
    LW_PART_HALF = 2    /* the lowest */
};

typedef enum lw_status {
    LW_STATUS_STOPPED,
    LW_STATUS_DISCHARGED,
    LW_STATUS_PAUSED,
    LW_STATUS_NOT_STARTED,
    LW_STATUS_ACTIVE
} lw_status;
typedef enum lw_flare { LW_FLARE_NONE, LW_FLARE_MINOR, LW_FLARE_MAJOR } lw_flare;
typedef enum lw_deload {
    LW_DELOAD_NONE,
    LW_DELOAD_WARNING,
    LW_DELOAD_SILENCE,
    LW_DELOAD_RETURN,
    LW_DELOAD_SHOCKWAVE
} lw_deload;
typedef enum lw_stage_index {
    LW_STAGE_ISOMETRIC,
    LW_STAGE_ECCENTRIC,
    LW_STAGE_STRENGTH,
    LW_STAGE_PLYOMETRIC,
    LW_STAGE_MAINTENANCE
} lw_stage_index;
typedef enum lw_irritability { LW_IRRITABILITY_LOW, LW_IRRITABILITY_MODERATE, LW_IRRITABILITY_HIGH } lw_irritability;

/* What was done of one exercise on one day: volumes add, pain is the worst, load the lightest set. */
typedef struct lw_done {
    uint16_t sets, reps, hold_s, distance_m, contacts,
        speed_pct;        /* sets: how many; the others: the smallest of a set, 0 not said */
    int32_t load;         /* 10 g; LW_UNKNOWN none said */
    int32_t volume;       /* Σ reps, or Σ hold / 10 s, or contacts, or distance / 10 m: what tension multiplies */
    int32_t pain, effort; /* hundredths; LW_UNKNOWN not said */
    int32_t relief;       /* test_before − test_after, hundredths; LW_UNKNOWN not said */
    int32_t depth_deg;    /* hip flexion reached, LW_UNKNOWN not said */
    bool skipped, skipped_for_pain, pain_relief, any;
} lw_done;

/* One exercise. rung and part are the established dose: done, green and settled the next morning. */
typedef struct lw_machine {
    uint8_t rung;         /* index into the exercise's ladder */
    uint8_t part;         /* LW_PART_… : how much of the rung's sets */
    uint8_t green;        /* sessions in a row at the dose, green and settled; saturates at 7 */
    uint8_t easy;         /* likewise, without pain and easy */
    bool used;            /* done since the programme started */
    bool unlocked;        /* the easier neighbour's ladder was topped and the change was granted */
    bool low_due;         /* a lowering was due and nothing was left to lower */
    bool offer;           /* this morning one step more is allowed by rule, wait and control (authority apart) */
    bool offer_next;      /* this morning the change to the harder neighbour is */
    bool raised;          /* this morning the step is taken: authority or an accepted proposal */
    bool pending_green;   /* the session that awaits its next morning was green */
    bool pending_met;     /* it met the established dose */
    int16_t rule;         /* that lets it rise this morning, −1 none */
    bool pending_rise;    /* it met the dose one step up, on a morning that raised it */
    int32_t wait_until;   /* first day it may rise again */
    int32_t accept_until; /* last day an accepted proposal counts */
    int32_t last_day;     /* of the last session done */
    int32_t load_ref;     /* 10 g: the first load logged, the ladder's 100 %; LW_UNKNOWN */
    lw_done last;         /* the last session */
} lw_machine;

/* The run ladder. level 0: not opened. */
typedef struct lw_run_machine {
    uint8_t level, green;
    bool offer, raised, fast, pending, pending_green, pending_level, pending_continuous;
    int32_t wait_until, accept_until, last_day, pending_km;
    int32_t continuous_day;       /* of the first run of the unbroken series of continuous runs; LW_NEVER_DAY */
    int32_t ratio;                /* the last run, % of the longest before it; LW_UNKNOWN */
    int32_t km[LW_RUN_RING];      /* longest tolerated run a day, hundredths of km, by day modulo the ring */
    int32_t done_km[LW_RUN_RING]; /* the same, tolerated or not: what a new run is held against */
} lw_run_machine;

/* An event that raised flags. */
typedef struct lw_open_flag {
    uint32_t flags; /* bits RF01.. */
    const uint8_t *id;
    int64_t at_s;
    int32_t day;
    int32_t until; /* last day it stands by itself; INT32_MAX until cleared */
    bool cleared;
    bool assessed_after;
} lw_open_flag;

typedef struct lw_limit {
    uint8_t exercise; /* index, or 255: a variable */
    uint8_t variable; /* lw_limit_variable of the record */
    int32_t max;      /* sets, or hundredths of the unit */
    int32_t until;
    int64_t at_s;
} lw_limit;

typedef struct lw_refused {
    const char *what;
    lw_str by;
} lw_refused;

/* Today's inputs, gathered from events until the day ends. */
typedef struct lw_today {
    bool checkin, relief, night, rest;
    int32_t morning, worst, soreness, stress, stiffness, sitting, sleep; /* LW_UNKNOWN not said */
    int32_t test[LW_TESTS];                                              /* hundredths, the worst; LW_UNKNOWN */
    uint64_t touched;                                                    /* exercises with something in done[] */
    lw_done done[LW_MAX_EXERCISES + 1]; /* the last: exercises that the protocol does not know */
    bool run, run_unknown_pain, walk_ok, walk_bad;
    int32_t run_km, run_min, run_pain, run_continuous, other_pain;
    uint8_t accepted_count, override_count;
    const lw_event *accepted[LW_MAX_TODAY];
    const lw_event *overrides[LW_MAX_TODAY];
} lw_today;

/* What blocks a rise when it is missing or stale, and nothing else. */
typedef enum lw_missing {
    LW_MISSING_CHECKIN,
    LW_MISSING_TEST,
    LW_MISSING_SESSION_PAIN,
    LW_MISSING_SESSION_EFFORT,
    LW_MISSING_SCREENED,
    LW_MISSING_COUNT
} lw_missing;

/* The guard's answer: what is allowed at all. Nothing that chooses may widen it. */
typedef struct lw_allow {
    uint8_t status;               /* lw_status */
    bool prescribe;               /* items may be given */
    bool raise;                   /* something may rise today, authority apart */
    bool stage1_only;             /* exercises of the first stage only */
    bool heavy, deep, plyometric; /* deep: compression class 3 */
    bool fast;                    /* hills and speed */
    bool run;
    bool shockwave_forbidden;
    bool shockwave_due; /* a shockwave session may be due or an option today */
    bool by_itself;     /* rises happen by themselves; else they are proposed */
    bool propose;       /* rises may be proposed at all */
    uint8_t class_max;
    uint8_t cap;      /* lw_cap that bound the session, LW_CAP_NONE */
    uint32_t missing; /* bits of lw_missing: what keeps anything from rising */
} lw_allow;

typedef struct lw_state {
    const lw_protocol *protocol;
    const lw_record *record;
    int32_t day; /* the day being folded */

    /* who, and under which settings */
    bool enrolled, screened, started, start_by_clinician, clinician_since_start, paused, discharged;
    int32_t birth_year, start_day;
    uint8_t goal, sport, sides; /* sides: bits 1 left, 2 right */
    uint8_t authority;          /* lw_authority as set */
    int64_t authority_at_s;     /* instant of the event that set it */
    bool authority_lowered;     /* after a stop: suggest until a clinician sets it */
    uint8_t days_mask;          /* bit 0 Monday; 0: any day */
    uint32_t equipment;
    const struct lw_ev_started *loads_started; /* whichever event last carried loads */
    const struct lw_ev_settings *loads_settings;
    uint8_t pain_ceiling, max_items;
    lw_str started_protocol;
    lw_str started_hash;

    /* baseline: fixed by assessed and tested */
    int32_t test[LW_TESTS], test_day[LW_TESTS];
    int32_t before[LW_TESTS]; /* what test[] was before test_day: the usual value of that day's own check-in */
    int32_t weeks, weeks_day;
    int32_t bridge_left, bridge_right, bridge_day, curl_left, curl_right, curl_day;
    bool assessed;
    int32_t assessed_day, screen_day;
    int32_t loading_base; /* weeks of adequate loading before the programme; LW_UNKNOWN */

    /* flags and contraindications */
    lw_open_flag open[LW_MAX_OPEN];
    uint8_t open_count;
    uint32_t open_overflow;               /* flags of events beyond the list: they stand for good */
    uint32_t contra, contra_decided;      /* bits C01..: all that are present; those decided on */
    uint32_t contra_listed, contra_added; /* by the latest list asked; by conditions, which only a clinician ends */
    bool contra_asked, soft_decided;      /* soft: never asked, imaging none, steroid 6–12 weeks */
    bool imaging_none, tear;
    int32_t steroid_from[LW_MAX_STEROIDS]; /* days of injections at the site, the future ones too */
    int32_t steroid_day;                   /* the latest that has come, LW_UNKNOWN */
    int32_t nsaid_until, anticoagulant_until;
    uint8_t steroid_count;
    bool was_stopped;
    bool stop_seen; /* a flag that stops was raised today */

    /* control */
    uint8_t stage, irritability, flare, deload, unsettled, green, stiffness_rising;
    uint8_t calm_days, hold_days; /* saturate at 255 */
    bool baseline_changed;        /* irritability must be judged anew */
    bool unfounded;               /* an override named a decision that was not there: it may still come */
    bool bad;                     /* a bad signal came today */
    bool expected;                /* today's soreness is expected after shockwave */
    bool stage_held;              /* neither stage nor compression class rises today */
    bool lock_screen, lock_tests; /* nothing due until a check-in and a screening; until the load ladder */
    bool lock_screen_seen, lock_checkin_seen, restarted, returning;
    bool session_pending, session_green; /* of yesterday, awaiting this morning */
    uint8_t stage_offer;                 /* 1 + the stage that may be entered this morning, 0 none */
    int32_t stage_accept_until;
    int32_t low_day; /* of the last lowering that found nothing to lower */
    int32_t bad_day, flare_day, deload_until, contact_day, unsettled_day;
    int32_t due_day; /* of the last session counted as due */
    int32_t session_day, heavy_day, deep_day, plyo_day, nordic_day;
    int32_t session_pain, session_effort, session_relief; /* of the last session day */
    bool session_by_relief;                               /* it was done under pain relief */
    int32_t last_stiffness;
    uint32_t session_days, due_days, red_sessions, relief_days, night_days, major_days, eccentric_days, run_days;
    uint64_t used_mask, pending_mask;
    uint64_t windows[LW_MAX_WINDOWS];
    int16_t flare_rule, deload_rule, hold_rule, raise_rule, stage_rule; /* rule indices, −1 none */
    int16_t label_rule;                                                 /* of the latest assessment */
    uint8_t label_met[LW_MAX_MET], label_met_count;                     /* facts of its conditions that were met */
    uint8_t override_action;                                            /* 0 none, else 1 + lw_verdict, of today */

    /* shockwave */
    uint8_t sw_count;
    int32_t booked[LW_MAX_BOOKED]; /* days of booked sessions */
    uint8_t booked_count;
    int32_t sw_booked;                                     /* the nearest booked day from today on, LW_NEVER_DAY none */
    int32_t sw_day, sw_visa_start, sw_nprs_start, sw_rise; /* rise: worst morning test over usual since */
    uint8_t sw_sore_days;
    bool sw_sore_over; /* a morning without soreness has ended the count */
    bool sw_anaesthetic, sw_no_device;

    /* load done, by day modulo the ring: thousandths of body weight × repetitions */
    int32_t tension[LW_RING], compression[LW_RING];

    /* outcomes */
    int32_t visa_first, nprs_first, tsk_first;
    int32_t outcome_day[9];

    lw_limit limits[LW_MAX_LIMITS];
    uint8_t limit_count;
    lw_refused refused[LW_MAX_REFUSED];
    uint8_t refused_count;
    uint32_t later;

    int32_t fact[LW_FACT_TOTAL];
    int32_t fact_day[LW_FACT_TOTAL];

    lw_machine machine[LW_MAX_EXERCISES];
    lw_run_machine run;
    lw_today today;

    /* rules by action, so that a tick looks only at those it needs */
    uint8_t by_action[LW_MAX_RULES];
    uint8_t action_first[LW_ACTION_COUNT + 1];
} lw_state;

/* A dose: one rung of one exercise, as it can be done with the equipment at hand. */
typedef struct lw_dose {
    uint8_t rung, part;
    uint8_t sets, reps, bouts, speed_pct, depth_deg, class_;
    uint16_t hold_s, rest_s, distance_m, contacts, effort_max;
    uint8_t tempo[3];
    int32_t load;                 /* 10 g; LW_UNKNOWN: none, or not yet known */
    bool load_meant;              /* outside weight belongs to it, to be chosen at effort 5–6 when load is unknown */
    int32_t tension, compression; /* of one bout, thousandths of body weight */
    uint8_t raises;               /* lw_variable that rose from the rung below, after equipment */
    bool equipment;               /* the equipment bound it */
} lw_dose;

/*
 * ---- bounds ----
 *
 * What the proofs (docs/proofs.md) take for granted of a state and a protocol, in one place. For a compiler this is a
 * comment. The protocol compiler refuses what is outside valid_protocol; the fold starts inside valid_state and stays.
 */
/*@ predicate bit(integer bits, integer k) = (bits & (1 << k)) != 0;

    // years 1 to 9999 as days since 1970, and LW_NEVER_DAY
    predicate is_day(integer d) = -1000000 <= d <= 3000000;
    predicate is_today(integer d) = -719162 <= d <= 2932896;

    predicate valid_params(lw_protocol *p) =
        \forall integer k; 0 <= k < LW_PARAM_COUNT ==> 0 <= p->params[k] <= 4000;
    predicate valid_stages(lw_protocol *p) =
        1 <= p->stage_count <= LW_MAX_STAGES &&
        (\forall integer g; 0 <= g < LW_MAX_STAGES ==> p->stages[g].class_max <= 3);
    predicate valid_protocol(lw_protocol *p) = valid_params(p) && valid_stages(p);

    predicate valid_days(lw_state *s) =
        is_today(s->day) && is_day(s->start_day) && is_day(s->screen_day) && is_day(s->contact_day) &&
        is_day(s->session_day) && is_day(s->heavy_day) && is_day(s->deep_day) && is_day(s->plyo_day) &&
        is_day(s->sw_day) && is_day(s->run.last_day) && (s->steroid_day == LW_UNKNOWN || is_day(s->steroid_day));
    predicate valid_state(lw_state *s) =
        valid_protocol(s->protocol) && valid_days(s) &&
        s->stage < s->protocol->stage_count && s->open_count <= LW_MAX_OPEN && s->days_mask < 128 &&
        s->contra < 1 << LW_CONTRAS;
*/

/* sum + more, at most `most`; none of them negative. What people do stays far below; hostile records end there. */
/*@ requires 0 <= sum <= most && 0 <= more <= most;
    assigns \nothing;
    ensures within: sum <= \result <= most;
    ensures exact: sum + more <= most ==> \result == sum + more; */
static inline int32_t lw__added(int32_t sum, int32_t more, int32_t most) {
    return sum > most - more ? most : sum + more;
}

/* How many bits are set; by hand, because compilers may answer the builtin with a library call. */
static inline int32_t lw__bits(uint64_t bits) {
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (int32_t)(bits * UINT64_C(0x0101010101010101) >> 56);
}

/* ---- facts and rules (rules.c) ---- */
void lw__facts_clear(lw_state *s);
static inline void lw__fact_set(lw_state *s, lw_fact fact, int32_t value, int32_t day) {
    s->fact[fact] = value;
    s->fact_day[fact] = day;
}
/* Value of a condition's fact today (tests included; stale ones unknown), and the day it was said. */
int32_t lw__fact_value(const lw_state *s, uint8_t fact, int32_t *day);
bool lw__cond_true(const lw_state *s, const lw_cond *cond);
bool lw__groups_true(const lw_state *s, uint16_t first, uint16_t count);
static inline bool lw__rule_fires(const lw_state *s, const lw_rule *rule) {
    return lw__groups_true(s, rule->group_first, rule->group_count);
}
/* Sorts the protocol's rules by action; once per fold. */
void lw__rules_index(lw_state *s);
/* First rule of an action that fires, or −1. */
int32_t lw__first_rule(const lw_state *s, lw_action action);
/* The rule of an action with this argument: the first whose conditions hold, else one without any, else the first; −1 none. */
int32_t lw__rule_of(const lw_state *s, lw_action action, int32_t arg);
/* Of the rules of an action the one meant for this person: the first whose opening condition holds, else the first. */
int32_t lw__gate_rule(const lw_state *s, lw_action action);
/* Puts one exercise's own sessions in the place of the whole session's, for the rules that let it rise. */
typedef struct lw_overlay {
    int32_t pain, effort, green, speed;
} lw_overlay;
lw_overlay lw__overlay_put(lw_state *s, uint8_t exercise);
void lw__overlay_take(lw_state *s, lw_overlay saved);
/* Session pain as rules see it: what a clinician's ceiling allows reads as the highest green. */
int32_t lw__rule_pain(const lw_state *s, int32_t pain);
void lw__windows_step(lw_state *s);
void lw__windows_forget(lw_state *s);

/* ---- doses (dose.c) ---- */
bool lw__equipped(const lw_state *s, uint8_t exercise);
/* The dose of a rung and part with this person's equipment and load. */
void lw__dose_at(const lw_state *s, uint8_t exercise, uint8_t rung, uint8_t part, lw_dose *out);
/* Tension and compression of the dose as it stands; anew when a limit has cut it. */
void lw__dose_weigh(const lw_state *s, uint8_t exercise, lw_dose *d);
/* A weight is meant but none was ever logged: the ladder has nothing to count from. */
bool lw__waits_for_load(const lw_state *s, uint8_t exercise);
/* One step up from (rung, part): false where the ladder ends. */
bool lw__step_up(const lw_state *s, uint8_t exercise, uint8_t *rung, uint8_t *part);
/* Lowers one step; false where nothing is left to lower. */
bool lw__step_down(lw_machine *m);
/* The part an exercise begins with: half where irritability is high. */
uint8_t lw__first_part(const lw_state *s);
/* The heaviest weight at hand of at most `most` (10 g); 0 none. */
int32_t lw__load_at_most(const lw_state *s, uint8_t exercise, int32_t most);
bool lw__done_meets(const lw_done *done, const lw_dose *dose);
/* Tension and compression of what was done, thousandths of body weight. */
void lw__done_load(const lw_state *s, uint8_t exercise, const lw_done *done, int32_t *tension, int32_t *compression);

/* ---- guard (guard.c) ---- */
/* The flags of one event that stand on the state's day; once 0, 0 for good. */
uint32_t lw__standing_flags(const lw_state *s, const lw_open_flag *f);
uint32_t lw__open_flags(const lw_state *s);
/* Whether these flags stop the programme. */
bool lw__flags_stop(const lw_state *s, uint32_t flags);
/* What the state's day allows, whatever is chosen later; proven to keep the safety properties (docs/proofs.md). */
lw_allow lw__guard(const lw_state *s);
/* Whether a day the person chose for training has come after the day `since`; always, where none were chosen. */
bool lw__chosen_since(const lw_state *s, int32_t since);

/* ---- fold (fold.c) ---- */
/* The state after a whole day, and what has to be the same for a fold to go on from it. Begins as lw__evening_none says. */
typedef struct lw_evening {
    lw_state s;     /* its pointers reach into the record it was folded from, whose memory must still be there */
    int32_t until;  /* the day that fold was for; LW_NEVER_DAY: nothing is kept */
    uint32_t count; /* events of the record that are in it, the first ones */
    uint8_t protocol[32];
} lw_evening;

static inline void lw__evening_none(lw_evening *evening) {
    evening->until = LW_NEVER_DAY;
    evening->count = 0;
}

/*
 * lw__fold that goes on from *evening where that gives the same state, and leaves the evening before `day` there (nothing, where
 * it goes on from nothing and `day` is the record's first). The caller makes sure that the record begins with the very events that
 * were folded into it, and that their memory is the same.
 */
int32_t lw__fold_on(const lw_protocol *protocol, const lw_record *record, int32_t day, lw_state *s,
                    lw_evening *evening);
/* Folds everything up to `day`, its morning included; sessions of `day` itself only lower. */
int32_t lw__fold(const lw_protocol *protocol, const lw_record *record, int32_t day, lw_state *s);

#endif
