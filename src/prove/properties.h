/*
 * properties.h: what the checker proves of a protocol, or refutes by a patient's story.
 *
 * The first eleven are the safety properties of docs/format/plan.md, the others follow from it: nothing written is out
 * of reach, nobody is left without a way on, the answer never swings, choosing cannot widen what is allowed, and the
 * week's ceiling holds over every path. docs/proving.md says how each is decided and on which side it may err.
 */
#ifndef LW_PROVE_PROPERTIES_H
#define LW_PROVE_PROPERTIES_H

/* clang-format off */
/* X(symbol, id, name) */
#define LW_PROPERTIES(X)                                                                                           \
    X(STEP, "P1a", "step-monotone")      /* a worse day gives no higher action and no higher dose */               \
    X(MISSING, "P1b", "missing")         /* what is absent or stale raises nothing */                              \
    X(HISTORY, "P1c", "history-monotone") /* a worse history never gets more later; a bad signal lowers, restarts */ \
    X(RED_FLAG, "P2", "red-flag")        /* stopped, nothing prescribed, shockwave forbidden, said why */          \
    X(CONTRA, "P3", "contraindication")  /* never due or an option, also in the middle of a course, said why */    \
    X(ONE_THING, "P4", "one-thing")      /* one variable a step; load and depth never within seven days */         \
    X(CAPS, "P5", "caps")                /* the stage's class, the step, a clinician's limit, the gates' numbers */ \
    X(AUTHORITY, "P6", "authority")      /* hold raises nothing, suggest proposes, progress raises inside the caps */ \
    X(FLARE, "P7", "flare")              /* at most the last tolerated dose less a step */                         \
    X(QUIET, "P8", "quiet")              /* after shockwave, and before a booked one */                            \
    X(STUCK, "P9", "never-stuck")        /* every refusal has a reason that the protocol names */                  \
    X(SILENCE, "P10", "silence")         /* 1, 7, 14 and 28 days without a word */                                 \
    X(REST, "P11", "rest")               /* deep and springing work apart */                                       \
    X(REACHED, "P12", "reached")         /* every stage, rule and exercise has a story that comes to it */         \
    X(WAY_OUT, "P13", "way-out")         /* from everywhere to maintenance or to a clinician */                    \
    X(NO_SWING, "P14", "no-alternation") /* no endless rise and fall under constant input */                       \
    X(EQUAL, "P15", "deterministic")     /* equal inputs, equal answers */                                         \
    X(CHOOSER, "P16", "chooser")         /* choosing inside the guard cannot widen it */                           \
    X(WEEKLY, "P17", "weekly-path")      /* the week's sums hold over every path */
/* clang-format on */

typedef enum lw_property {
#define X(symbol, id, name) LW_PROPERTY_##symbol,
    LW_PROPERTIES(X)
#undef X
        LW_PROPERTY_COUNT
} lw_property;

#endif
