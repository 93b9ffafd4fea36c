/*
 * walk.h: what the parts of the checker share.
 *
 * Five walks, one after the other, each a step function over memory of its own in the prover's arena:
 *
 *   gates    every rule over every class of the facts it reads, against requirements.h        gates.c
 *   control  the morning and evening of a whole state, reduced to its key; then pairs of them control.c
 *   ladders  each exercise's machine under every output of control                            ladder.c
 *   walls    guard, decide, run and shockwave over every class of what they read              wall.c
 *   roads    invented people on the whole engine: reached, ways out, weeks                    roads.c
 *
 * All of them run the shipped functions of src/engine; none has a copy of a rule.
 */
#ifndef LW_PROVE_WALK_H
#define LW_PROVE_WALK_H

#include "engine/decide.h"
#include "engine/fold.h"
#include "engine/state.h"
#include "prove/prove.h"
#include "prove/requirements.h"

enum { LW__TODAY = 20517 /* 2026-03-05: the day on which stories begin */ };

/* Most and least, of requirements.h. */
typedef enum lw__bound {
#define X(name, value) LW__##name,
    LW_LEAST_AND_MOST(X)
#undef X
        LW__BOUND_COUNT
} lw__bound;
int32_t lw__bound_of(lw__bound bound);

/* ---- stories (tale.c) ---- */

/* The person of a story. */
typedef struct lw__person {
    uint8_t goal;         /* index of the record's words */
    uint8_t irritability; /* lw_irritability wanted at the assessment */
    uint8_t authority;    /* lw_authority */
    bool equipped;        /* everything at hand; else nothing, or what equipment says */
    bool own_equipment;
    uint32_t equipment;                           /* bits, where own_equipment */
    bool female, young;                           /* young: 16 */
    uint16_t weeks;                               /* since the onset */
    int16_t loading_weeks,                        /* −1 not said */
        loading_blocked;                          /* −1 not said */
    int16_t usual;                                /* usual pain of the single-leg bridge, hundredths */
    bool both_sides, below_knee, sudden, unasked; /* unasked: contraindications */
    int16_t sitting;                              /* minutes to the first pain; 0: by irritability */
    int16_t lever, lunge, arabesque;              /* pain of those tests at the start, hundredths */
} lw__person;

/* A record being written, JSON Lines. */
typedef struct lw__tale {
    lw__writer w;
    uint32_t count; /* events so far */
    int32_t from, day;
} lw__tale;

lw__person lw__someone(void);
void lw__tale_begin(lw__tale *t, char *buf, size_t cap, int32_t from);
/* The id of the tale's n-th event, from 1. */
void lw__tale_id(lw__tale *t, uint32_t event);
/* Opens an event of the tale's day; the caller writes the members of its data, then closes it. */
void lw__tale_open(lw__tale *t, const char *kind, bool clinician, int32_t minute);
void lw__tale_close(lw__tale *t);
void lw__tale_member(lw__tale *t, const char *name, int32_t value);      /* whole */
void lw__tale_member_x100(lw__tale *t, const char *name, int32_t value); /* hundredths */
void lw__tale_member_c(lw__tale *t, const char *name, const char *word);
void lw__tale_member_raw(lw__tale *t, const char *name, const char *json);
/* Enrolment, screening, assessment and start on the tale's first day. */
void lw__tale_start(lw__tale *t, const lw_protocol *protocol, const lw__person *person);

/* One morning and the evening before it, as inputs. Pains in hundredths; LW_UNKNOWN not said. */
typedef struct lw__moment {
    bool checkin, night, rest, relief;
    int32_t test, usual; /* morning test, and the usual value measured the day before; LW_UNKNOWN: as it was */
} lw__moment;

typedef enum lw__session {
    LW__NO_SESSION,
    LW__GREEN,
    LW__AMBER,
    LW__RED,
    LW__EFFORT_UNKNOWN,
    LW__SKIPPED_FOR_PAIN,
    LW__UNDER_RELIEF,
    LW__SESSIONS
} lw__session;
int32_t lw__session_pain(const lw_protocol *p, lw__session session);
void lw__tale_morning(lw__tale *t, const lw__moment *m);
void lw__tale_session(lw__tale *t, const lw_state *s, uint8_t exercise, lw__session session);
void lw__tale_dose(lw__tale *t, const lw_protocol *p, uint8_t exercise, const lw_dose *dose, int32_t pain,
                   int32_t effort, bool relief);
void lw__tale_shockwave(lw__tale *t, uint8_t side);

/* ---- the prover ---- */

typedef int32_t (*lw__walk_step)(lw_prover *prover, uint32_t budget); /* 1 more, 0 done, negative lw_err */

struct lw_prover {
    const lw_protocol *protocol;
    lw_arena *arena;
    lw_prove_result results[LW_PROPERTY_COUNT];
    uint32_t walk;  /* index of the walk under way */
    uint32_t stage; /* of that walk; 0 when it begins */
    size_t mark;    /* arena use before the walk */
    void *memory;   /* of the walk, from the arena */
    uint64_t states, transitions;
    uint64_t walk_states, walk_transitions;
    lw_state *state, *spare, *base;
    bool reached_rule[LW_MAX_RULES], reached_exercise[LW_MAX_EXERCISES], reached_stage[LW_MAX_STAGES];
    char number[64][16]; /* digits of arguments */
    uint32_t numbers;
    int32_t err; /* of the first walk that did not fit */
};

/*
 * Tells a combination of facts that makes a rule true (gates.c), as far as events can say it: a course that ends on the
 * day in question. False: none makes it true.
 */
bool lw__tell_rule(lw_prover *p, const lw_rule *rule, lw__tale *t);
int32_t lw__walk_gates(lw_prover *p, uint32_t budget);
int32_t lw__walk_control(lw_prover *p, uint32_t budget);
int32_t lw__walk_ladders(lw_prover *p, uint32_t budget);
int32_t lw__walk_walls(lw_prover *p, uint32_t budget);
int32_t lw__walk_roads(lw_prover *p, uint32_t budget);

/*
 * A property is broken, unless it was before. Returns its result to put a story into, or NULL where one stands already.
 * The story's buffer is the result's own, LW_PROVE_STORY bytes.
 */
lw_prove_result *lw__broken(lw_prover *p, lw_property property, const char *what);
void lw__say(lw_prove_result *r, const char *name, lw_str value);
void lw__say_number(lw_prover *p, lw_prove_result *r, const char *name, int32_t value);
/* Begins the story of a result. */
void lw__story_begin(lw_prove_result *r, lw__tale *t);
/* Ends it on the day whose plan is wrong. */
void lw__story_end(lw_prove_result *r, const lw__tale *t, int32_t day);

#endif
