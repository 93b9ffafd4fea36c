/*
 * requirements.h: what a protocol's rules owe, as data, apart from any protocol.
 *
 * A protocol may be stricter; it may not be laxer. Two tables:
 *
 *   LW_GATES    whenever a rule with this action fires, this holds (a gate may not be inverted, widened or forgotten);
 *   LW_DUTIES   whenever this holds, a rule with this action fires (a signal may not be overlooked).
 *
 * Both are decided over every class of the facts they and the rules of the action read, by the shipped evaluation of
 * conditions. A condition stands as in a protocol: fact, operator, value; pains and efforts in hundredths, words by index;
 * ON(n, m) asks for n of the last m days, TODAY for this morning. A missing or stale fact makes a condition false, except
 * UNKNOWN. PARAM(name) stands for the protocol's own number, whose range the compiler keeps. Every line names the page of
 * evidence it comes from: a rule of docs/evidence/clinical.md, or docs/format/plan.md, section by section.
 */
#ifndef LW_PROVE_REQUIREMENTS_H
#define LW_PROVE_REQUIREMENTS_H

/* clang-format off */

/*
 * X(property, source, action, least argument or ANY, condition, unless)
 * condition, unless: C(FACT, OP, value, TODAY or ON(n, m)), or NEVER for an `unless` that is never.
 * The argument is a stage, a flare or a word of shockwave; rules with another argument are not asked.
 */
#define LW_GATES(X)                                                                                                             \
    X(CAPS, "plan: least times", ADVANCE, STAGE_ECCENTRIC, C(PROGRAMME_DAYS, AT_LEAST, 7, TODAY), C(IRRITABILITY, IS, 0, TODAY)) \
    X(CAPS, "L03", ADVANCE, STAGE_ECCENTRIC, C(MORNING_SINGLE, AT_MOST, 300, ON(3, 7)), NEVER)                                  \
    X(CAPS, "plan: least times", ADVANCE, STAGE_STRENGTH, C(PROGRAMME_DAYS, AT_LEAST, 28, TODAY), NEVER)                        \
    X(CAPS, "L04", ADVANCE, STAGE_STRENGTH, C(GREEN_SESSIONS, AT_LEAST, 2, TODAY), NEVER)                                       \
    X(CAPS, "L04", ADVANCE, STAGE_STRENGTH, C(TEST_RDL, AT_MOST, 300, TODAY), NEVER)                                            \
    X(CAPS, "L04", ADVANCE, STAGE_STRENGTH, C(TEST_LUNGE, AT_MOST, 300, TODAY), NEVER)                                          \
    X(CAPS, "L05", ADVANCE, STAGE_PLYOMETRIC, C(TEST_LUNGE, AT_MOST, 300, TODAY), NEVER)                                        \
    X(CAPS, "L05", ADVANCE, STAGE_PLYOMETRIC, C(TEST_ARABESQUE, AT_MOST, 300, TODAY), NEVER)                                    \
    X(CAPS, "L05", ADVANCE, STAGE_PLYOMETRIC, C(BRIDGE_REPS, AT_LEAST, 20, TODAY), NEVER)                                       \
    X(CAPS, "L05", ADVANCE, STAGE_PLYOMETRIC, C(BRIDGE_SYMMETRY, AT_LEAST, 90, TODAY), NEVER)                                   \
    X(CAPS, "L05", ADVANCE, STAGE_PLYOMETRIC, C(GOAL, AT_LEAST, 3, TODAY), NEVER)                                               \
    X(CAPS, "plan: goal daily, sit", ADVANCE, STAGE_MAINTENANCE, C(SITTING, AT_LEAST, 60, TODAY), NEVER)                        \
    X(CAPS, "plan: goal daily, sit", ADVANCE, STAGE_MAINTENANCE, C(TEST_BRIDGE_SINGLE, AT_MOST, 200, TODAY), NEVER)             \
    X(CAPS, "plan: goal daily, sit", ADVANCE, STAGE_MAINTENANCE, C(TEST_LUNGE, AT_MOST, 200, TODAY), NEVER)                     \
    X(CAPS, "L28", ADVANCE, STAGE_MAINTENANCE, C(CALM_DAYS, AT_LEAST, 28, TODAY), C(VISA, AT_LEAST, 80, TODAY))                 \
    X(CAPS, "L02", ENTER, STAGE_ECCENTRIC, C(IRRITABILITY, IS, 0, TODAY), NEVER)                                                \
    X(STEP, "L06", RAISE, ANY, C(SETTLED, IS, 1, TODAY), NEVER)                                                                 \
    X(STEP, "L06", RAISE, ANY, C(GREEN_SESSIONS, AT_LEAST, 2, TODAY), C(EASY_SESSIONS, AT_LEAST, 2, TODAY))                     \
    X(STEP, "L06", RAISE, ANY, C(SESSION_EFFORT, AT_MOST, 700, TODAY), C(EASY_SESSIONS, AT_LEAST, 2, TODAY))                    \
    X(STEP, "R07", SPEED_NEXT, ANY, C(SPEED_GREEN, AT_LEAST, 2, TODAY), NEVER)                                                  \
    X(STEP, "R07", SPEED_NEXT, ANY, C(SETTLED, IS, 1, TODAY), NEVER)                                                            \
    X(CAPS, "R02", RUN_OPEN, ANY, C(TEST_DROP_LUNGE, AT_MOST, 0, TODAY), NEVER)                                                 \
    X(CAPS, "R02", RUN_OPEN, ANY, C(CURL_SYMMETRY, AT_LEAST, 90, TODAY), NEVER)                                                 \
    X(CAPS, "R02", RUN_OPEN, ANY, C(WALK_OK, IS, 1, TODAY), NEVER)                                                              \
    X(CAPS, "R02", RUN_OPEN, ANY, C(BASE_REST_PAIN, IS, 0, TODAY), NEVER)                                                       \
    X(STEP, "R03", RUN_NEXT, ANY, C(RUN_GREEN, AT_LEAST, 2, TODAY), NEVER)                                                      \
    X(STEP, "R03", RUN_NEXT, ANY, C(SETTLED, IS, 1, TODAY), NEVER)                                                              \
    X(CAPS, "R06", FAST_OPEN, ANY, C(CONTINUOUS_DAYS, AT_LEAST, 14, TODAY), NEVER)                                              \
    X(CAPS, "R06", FAST_OPEN, ANY, C(TEST_HOP, AT_MOST, 200, TODAY), NEVER)                                                     \
    X(CAPS, "R06", FAST_OPEN, ANY, C(CALM_DAYS, AT_LEAST, 14, TODAY), NEVER)                                                    \
    X(QUIET, "E-16", EXPECTED, ANY, C(SW_AGE, AT_MOST, 3, TODAY), NEVER)                                                        \
    X(QUIET, "E-16", EXPECTED, ANY, C(OVER_USUAL, AT_MOST, 200, TODAY), NEVER)                                                  \
    X(QUIET, "E-16", EXPECTED, ANY, C(NIGHT_PAIN, IS_NOT, 1, TODAY), NEVER)                                                     \
    X(CONTRA, "E-05", SHOCKWAVE, SW_OFFER, C(WEEKS, AT_LEAST, 12, TODAY), NEVER)                                                \
    X(CONTRA, "E-05", SHOCKWAVE, SW_OFFER, C(LOADING_WEEKS, AT_LEAST, 6, TODAY), OR2(C(LOADING_BLOCKED, IS, 1, TODAY), C(PROGRAMME_DAYS, AT_LEAST, 42, TODAY)))

/*
 * X(property, source, action, least argument or ANY, condition, and)
 * Whenever the condition and the `and` (ALWAYS_SO: nothing more) hold, some rule of the action fires with at least this
 * argument. A FLARE or DELOAD stands for a HOLD as well, a major flare for a minor one: what lowers also holds.
 */
#define LW_DUTIES(X)                                                                                                              \
    X(RED_FLAG, "plan 2", STOP, ANY, C(FLAG_STOPS, IS, 1, TODAY), ALWAYS_SO)                                                     \
    X(RED_FLAG, "T03", STOP, ANY, C(AGE, BELOW, 18, TODAY), ALWAYS_SO)                                                           \
    X(CONTRA, "E-01", SHOCKWAVE, SW_FORBID, C(CONTRA_FORBIDS, IS, 1, TODAY), ALWAYS_SO)                                          \
    X(CONTRA, "5.6", SHOCKWAVE, SW_FORBID, C(PREGNANT, IS, 1, TODAY), ALWAYS_SO)                                                 \
    X(CONTRA, "5.6", SHOCKWAVE, SW_FORBID, C(AGE, BELOW, 18, TODAY), ALWAYS_SO)                                                  \
    X(CONTRA, "E-03", SHOCKWAVE, SW_FORBID, C(STEROID_AGE, BELOW, 42, TODAY), ALWAYS_SO)                                         \
    X(CONTRA, "E-02", SHOCKWAVE, SW_CLINICIAN, C(CONTRA_CAUTION, IS, 1, TODAY), ALWAYS_SO)                                       \
    X(CONTRA, "E-04", SHOCKWAVE, SW_WAIT, C(WEEKS, BELOW, 12, TODAY), ALWAYS_SO)                                                 \
    X(CONTRA, "E-04", SHOCKWAVE, SW_WAIT, C(WEEKS, UNKNOWN, 0, TODAY), ALWAYS_SO)                                                \
    X(CONTRA, "E-06", SHOCKWAVE, SW_CLOSE, C(SW_COUNT, AT_LEAST, 6, TODAY), ALWAYS_SO)                                           \
    X(CONTRA, "E-11", SHOCKWAVE, SW_POSTPONE, C(SW_SORE_DAYS, ABOVE, 7, TODAY), ALWAYS_SO)                                       \
    X(CONTRA, "E-11", SHOCKWAVE, SW_POSTPONE, C(SW_RISE, AT_LEAST, 300, TODAY), ALWAYS_SO)                                       \
    X(SILENCE, "plan 10", SHOCKWAVE, SW_WAIT, C(SILENCE, AT_LEAST, 7, TODAY), ALWAYS_SO)                                         \
    X(STEP, "L07", HOLD, ANY, C(SESSION_PAIN, ABOVE, PARAM(PAIN_GREEN_MAX), TODAY), ALWAYS_SO)                                   \
    X(STEP, "L07", HOLD, ANY, C(MORNING_TEST, ABOVE, PARAM(PAIN_GREEN_MAX), TODAY), ALWAYS_SO)                                   \
    X(STEP, "L24", HOLD, ANY, C(PAIN_RELIEF, IS, 1, TODAY), ALWAYS_SO)                                                           \
    X(STEP, "A20", HOLD, ANY, C(STIFFNESS_RISING, AT_LEAST, 3, TODAY), ALWAYS_SO)                                                \
    X(STEP, "R04", HOLD, ANY, C(RUN_RATIO, ABOVE, 130, TODAY), C(RUNS_7, AT_LEAST, 1, TODAY))                                    \
    X(STEP, "A12", HOLD, ANY, C(STEROID_AGE, AT_MOST, 14, TODAY), ALWAYS_SO)                                                     \
    X(STEP, "T14", HOLD, ANY, C(PREGNANT, IS, 1, TODAY), ALWAYS_SO)                                                              \
    X(STEP, "R12", HOLD_STAGE, ANY, C(SLEEP, BELOW, 6, ON(2, 7)), ALWAYS_SO)                                                     \
    X(STEP, "R12", HOLD_STAGE, ANY, C(STRESS, AT_LEAST, 7, ON(2, 7)), ALWAYS_SO)                                                 \
    X(HISTORY, "L08", FLARE, FLARE_MINOR, C(SESSION_PAIN, ABOVE, PARAM(PAIN_AMBER_MAX), TODAY), ALWAYS_SO)                       \
    X(HISTORY, "L08", FLARE, FLARE_MINOR, C(UNSETTLED, AT_LEAST, 1, TODAY), ALWAYS_SO)                                           \
    X(FLARE, "L09", FLARE, FLARE_MAJOR, C(UNSETTLED, AT_LEAST, 3, TODAY), ALWAYS_SO)                                             \
    X(FLARE, "L09", FLARE, FLARE_MAJOR, C(NIGHT_PAIN, IS, 1, TODAY), ALWAYS_SO)                                                  \
    X(FLARE, "L09", FLARE, FLARE_MAJOR, C(REST_PAIN, IS, 1, TODAY), C(SW_AGE, UNKNOWN, 0, TODAY))                                \
    X(FLARE, "L09", FLARE, FLARE_MAJOR, C(REST_PAIN, IS, 1, TODAY), C(SW_AGE, ABOVE, 3, TODAY))                                  \
    X(QUIET, "E-16", FLARE, FLARE_MAJOR, C(REST_PAIN, IS, 1, TODAY), C(OVER_USUAL, ABOVE, 200, TODAY))                           \
    X(HISTORY, "R10", DELOAD, ANY, C(OVER_USUAL, AT_LEAST, 200, ON(2, 3)), C(SW_AGE, UNKNOWN, 0, TODAY))                         \
    X(HISTORY, "R10", DELOAD, ANY, C(OVER_USUAL, AT_LEAST, 200, ON(2, 3)), C(SW_AGE, ABOVE, 5, TODAY))                           \
    X(HISTORY, "R04", DELOAD, ANY, C(RUN_RATIO, ABOVE, 200, TODAY), C(RUNS_7, AT_LEAST, 1, TODAY))                               \
    X(WAY_OUT, "L09", REVIEW, ANY, C(MAJORS, AT_LEAST, 2, TODAY), ALWAYS_SO)                                                     \
    X(WAY_OUT, "L23", REVIEW, ANY, C(RED_SESSIONS, AT_LEAST, 3, TODAY), ALWAYS_SO)                                               \
    X(WAY_OUT, "L23", REVIEW, ANY, C(LOWEST_RUNG, IS, 1, TODAY), ALWAYS_SO)                                                      \
    X(WAY_OUT, "L23", REVIEW, REVIEW_URGENT, C(NIGHTS, AT_LEAST, 5, TODAY), ALWAYS_SO)                                           \
    X(WAY_OUT, "L24", REVIEW, ANY, C(RELIEF_DAYS, AT_LEAST, 10, TODAY), ALWAYS_SO)                                               \
    X(WAY_OUT, "L26", REVIEW, ANY, C(SILENCE, AT_LEAST, 14, TODAY), ALWAYS_SO)                                                   \
    X(STUCK, "plan 8", CAP, CAP_QUIET, C(SW_AGE, AT_MOST, 2, TODAY), ALWAYS_SO)                                                  \
    X(STUCK, "plan 8", CAP, CAP_EVE, C(SW_BOOKED, AT_MOST, 1, TODAY), ALWAYS_SO)                                                 \
    X(STUCK, "plan 10", CAP, CAP_SILENCE, C(SILENCE, AT_LEAST, 7, TODAY), ALWAYS_SO)                                             \
    X(STUCK, "plan 10", CAP, CAP_MISSING, C(CHECKIN, IS_NOT, 1, TODAY), ALWAYS_SO)                                               \
    X(STUCK, "L27", CAP, CAP_RETURN, C(RETURNING, IS, 1, TODAY), ALWAYS_SO)

/* Ceilings the engine applies whatever a protocol says; the protocol has to give each a name, a grade and a source. */
#define LW_NAMED_CAPS(X) X(STEP) X(WEEKLY) X(BASELINE) X(STAGE) X(CLINICIAN) X(EQUIPMENT) X(ONE_THING) X(RUN_LONGEST) X(DOSE)

/*
 * The deepest compression class of each stage, the least days between two steps, and the rest: docs/format/plan.md, with
 * the soreness after shockwave of E-16, the course of E-06, the steroid of E-03, the three months of E-04 and the two
 * sessions of L06. Hundredths where the name says x100.
 */
#define LW_LEAST_AND_MOST(X)                                                                              \
    X(CLASS_ISOMETRIC, 1) X(CLASS_ECCENTRIC, 2) X(CLASS_STRENGTH, 3) X(CLASS_PLYOMETRIC, 3) X(CLASS_MAINTENANCE, 3) \
    X(DAYS_BETWEEN_STEPS, 7) X(LOAD_STEP_PCT, 10) X(WEEK_SUM_PCT, 120) X(RETURN_PCT, 70)                  \
    X(RUN_PCT, 110) X(SILENCE_LOWER_DAYS, 7) X(SILENCE_STOP_DAYS, 14) X(SILENCE_RESTART_DAYS, 28)        \
    X(QUIET_DAYS, 2) X(SHOCKWAVE_APART_DAYS, 5) X(MAJOR_FLARE_DAYS, 3) X(PLYOMETRIC_APART_DAYS, 2)       \
    X(DEEP_APART_DAYS, 2) X(SORENESS_DAYS, 3) X(SORENESS_OVER_X100, 200) X(STEROID_DAYS, 42)                 \
    X(COURSE_SESSIONS, 6) X(SYMPTOM_WEEKS, 12) X(GOOD_SESSIONS, 2)
/* clang-format on */

#endif
