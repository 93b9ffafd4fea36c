/*
 * protocol_tables.h: a compiled protocol, as the engine reads it.
 *
 * Flat tables with indices, no pointers but slices into the source text. Immutable after the compiler returns it.
 * Pains, efforts and kilograms are hundredths, all else whole numbers in the unit of its name.
 */
#ifndef LW_PROTOCOL_TABLES_H
#define LW_PROTOCOL_TABLES_H

#include "loadwave/protocol.h"
#include "protocol/vocabulary.h"

enum {
    LW_MAX_EXERCISES = 40,
    LW_MAX_RUNGS = 24,
    LW_MAX_RULES = 192,
    LW_MAX_CONDS = 640,
    LW_MAX_GROUPS = 640,
    LW_MAX_WINDOWS = 24,
    LW_MAX_STAGES = 5,
    LW_MAX_SLOTS = 6,       /* picks of one stage */
    LW_MAX_CANDIDATES = 12, /* exercises of one pick, easiest first */
    LW_MAX_RUN_LEVELS = 16,
    LW_MAX_SOURCES = 128,
    LW_MAX_TEXTS = 16,
    LW_MAX_OUTCOMES = 12,
    LW_MAX_WORDS = 1024 /* identifiers, citations and arguments of all rules */
};

/* A number or rule's standing: where it comes from and how sure that is. */
typedef struct lw_standing {
    uint8_t tag;         /* lw_tag */
    uint8_t grade;       /* lw_grade; rules only */
    uint16_t cite_first; /* into words[]: source keys, e.g. "S08" */
    uint16_t cite_count;
} lw_standing;

typedef enum lw_op {
    LW_OP_AT_MOST,
    LW_OP_AT_LEAST,
    LW_OP_BELOW,
    LW_OP_ABOVE,
    LW_OP_IS,
    LW_OP_IS_NOT,
    LW_OP_KNOWN,
    LW_OP_UNKNOWN
} lw_op;

/* FACT OP VALUE [on N of M days]. A bool fact `settled` is IS 1, `not settled` is IS 0. */
typedef struct lw_cond {
    uint8_t fact;    /* lw_fact, or LW_FACT_TEST + lw_test, or LW_FACT_TEST + LW_TESTS + lw_test for `entry` */
    uint8_t op;      /* lw_op */
    uint8_t window;  /* 0: today; else 1 + index into windows[] */
    uint8_t on_days; /* N of "on N of M days" */
    int32_t value;   /* hundredths for NPRS, RPE, kg; index for words */
} lw_cond;

/* True when at least `need` of its conditions are. `all of` is need = count; `any of` is need = 1. */
typedef struct lw_group {
    uint16_t cond_first;
    uint8_t cond_count;
    uint8_t need;
} lw_group;

/* "on N of M days" remembers one bit a day. */
typedef struct lw_window {
    uint16_t cond; /* the condition whose truth it remembers */
    uint8_t days;  /* M, 1..63 */
    bool permits;  /* belongs to a rule that lets something rise: a bad signal clears it */
} lw_window;

/* when GROUP and GROUP … ACTION. */
typedef struct lw_rule {
    lw_str id;          /* "L06" */
    lw_str title;       /* one sentence */
    uint8_t action;     /* lw_action */
    int32_t arg;        /* by the action's argument kind: stage index, urgency (0 routine, 1 urgent), flare (1 minor,
                              2 major), irritability index, days, label (0 likely, 1 possible), lw_cap, lw_shockwave_word */
    uint16_t arg_first; /* words[] for ID arguments */
    uint16_t arg_count;
    uint16_t group_first;
    uint16_t group_count; /* 0: always */
    lw_standing standing;
    lw_str until;         /* what would change the answer: a sentence id, e.g. "settle-and-green"; may be empty */
    uint16_t until_first; /* words[]: name, value, name, value … */
    uint16_t until_count;
    uint32_t line; /* in the source */
} lw_rule;

typedef enum lw_role { LW_ROLE_HIP, LW_ROLE_KNEE, LW_ROLE_LEG, LW_ROLE_CHAIN, LW_ROLE_PLYO, LW_ROLE_SPEED } lw_role;
typedef enum lw_sides { LW_SIDES_BOTH, LW_SIDES_EACH } lw_sides;
/* The one variable that rises from the rung below. */
typedef enum lw_variable {
    LW_VAR_NONE,
    LW_VAR_LOAD,
    LW_VAR_REPS,
    LW_VAR_SETS,
    LW_VAR_HOLD,
    LW_VAR_DEPTH,
    LW_VAR_SPEED,
    LW_VAR_CONTACTS,
    LW_VAR_DISTANCE,
    LW_VAR_BOUTS
} lw_variable;

/* One rung of an exercise's ladder. 0 where a member does not apply. Members not written are those of the rung below. */
typedef struct lw_rung {
    uint8_t sets, reps, bouts; /* bouts: times a day */
    uint8_t raises;            /* lw_variable; LW_VAR_NONE on the first rung */
    uint16_t hold_s, rest_s, distance_m, contacts;
    uint8_t speed_pct, depth_deg; /* depth_deg: hip flexion at most */
    uint8_t class_;       /* compression class, derived from depth_deg: 0 ≤10°, 1 ≤30°, 2 ≤70°, 3 above */
    uint16_t load_pct;    /* of the load first chosen; 0: no outside load */
    uint8_t tempo[3];     /* seconds lowering, pause, lifting; all 0: none */
    uint16_t effort_max;  /* RPE × 100; 0: the parameter's */
    int32_t tension;      /* per repetition (or per 10 s of hold), thousandths of body weight */
    int32_t compression;  /* likewise; C30 of the tissue model */
    lw_standing standing; /* of this rung's dose; a plain [D] where none is written */
} lw_rung;

typedef struct lw_exercise {
    lw_str id, title;
    uint8_t role;   /* lw_role */
    uint8_t sides;  /* lw_sides */
    uint8_t loaded; /* 0, or 1 + lw_equipment bit number of the implement that carries the load */
    bool heavy;     /* heavy work: only on the days the person chose, never on consecutive days */
    bool plyometric;
    bool eccentric; /* Nordic and slider work: soreness and frequency rules */
    bool nordic;
    bool speed_ladder;  /* strides, sprint, hill-sprint: needs `open hills and speed` */
    uint32_t needs;     /* equipment bits, all needed */
    uint32_t needs_any; /* equipment bits, one of them; 0: none */
    uint8_t hip_from_deg, hip_to_deg, knee_deg;
    uint8_t rung_count;
    lw_rung rungs[LW_MAX_RUNGS];
    int8_t easier, harder;           /* exercise index, -1: an end */
    uint8_t every_days;              /* at least this many days between sessions of it; 0: the stage's */
    uint16_t open_first, open_count; /* groups: open from the start when all true; else when the one before is topped */
    lw_standing standing, load_standing; /* of the hip range; of tension and compression */
    uint32_t line;
} lw_exercise;

typedef struct lw_slot { /* pick N ROLE of … */
    uint8_t count;       /* exercises to pick */
    uint8_t candidate_count;
    uint8_t candidates[LW_MAX_CANDIDATES]; /* exercise indices, easiest first */
} lw_slot;

typedef struct lw_stage {
    lw_str id, title;
    uint8_t hip_max_deg; /* as written */
    uint8_t class_max;   /* derived */
    uint8_t every_days;  /* least days between sessions: 1 daily, 2 every other day, 3 … */
    uint8_t slot_count;
    lw_slot slots[LW_MAX_SLOTS];
    lw_standing standing; /* of the hip limit */
    uint32_t line;
} lw_stage;

typedef struct lw_run_level {
    uint8_t walk_min, run_min, repeats; /* walk_min 0: continuous */
    uint16_t total_run_min;
    lw_standing standing;
} lw_run_level;

typedef struct lw_outcome_due { /* outcome INSTRUMENT at weeks 4, 8, 12, 26, 52 */
    uint8_t instrument;         /* index into: visa_h nprs lefs groc psfs tsk11 nirschl readiness; 8: tests */
    uint8_t week_count;
    uint8_t weeks[12];
    lw_standing standing;
} lw_outcome_due;

typedef struct lw_source_ref {
    lw_str key, text;
} lw_source_ref;
typedef struct lw_text {
    lw_str id, text;
    lw_standing standing;
} lw_text;

struct lw_protocol {
    lw_str source; /* borrowed */
    uint8_t hash[32];
    lw_str id, title, version;
    uint16_t not_for_first, not_for_count; /* words[] */
    int32_t params[LW_PARAM_COUNT];        /* hundredths for NPRS, RPE, kg, bar, EFD; whole otherwise */
    lw_standing param_standing[LW_PARAM_COUNT];
    uint8_t stage_count, exercise_count, run_level_count, window_count, source_count, text_count, outcome_count;
    uint16_t rule_count, cond_count, group_count, word_count;
    lw_stage stages[LW_MAX_STAGES];
    lw_exercise exercises[LW_MAX_EXERCISES];
    lw_rule rules[LW_MAX_RULES];
    lw_group groups[LW_MAX_GROUPS];
    lw_cond conds[LW_MAX_CONDS];
    lw_window windows[LW_MAX_WINDOWS];
    lw_run_level run_levels[LW_MAX_RUN_LEVELS]; /* level n is index n−1 */
    lw_outcome_due outcomes[LW_MAX_OUTCOMES];
    lw_source_ref sources[LW_MAX_SOURCES];
    lw_text texts[LW_MAX_TEXTS];
    lw_str words[LW_MAX_WORDS];
};

#endif
