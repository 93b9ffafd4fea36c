/*
 * vocabulary.h: every word a protocol may use, as tables: units, parameters, facts, words, actions.
 *
 * The compiler checks names, units and ranges against these tables; the engine fills the facts and carries out the
 * actions. A protocol can combine them, it cannot invent one: that is what keeps the language total and provable.
 *
 * Names are written in a protocol with spaces ("programme days"), here with underscores.
 */
#ifndef LW_VOCABULARY_H
#define LW_VOCABULARY_H

#include <stdint.h>

/* Units of numbers. NPRS, RPE and kg are held in hundredths, all others whole. */
typedef enum lw_unit {
    LW_UNIT_NONE, /* a plain count: "3 mornings" carries the word of the fact, not a unit */
    LW_UNIT_NPRS, /* pain 0–10, hundredths */
    LW_UNIT_RPE,  /* effort 0–10, hundredths */
    LW_UNIT_PCT,  /* % */
    LW_UNIT_DAYS,
    LW_UNIT_WEEKS,
    LW_UNIT_HOURS,
    LW_UNIT_MIN,
    LW_UNIT_YEARS,
    LW_UNIT_REPS,
    LW_UNIT_POINTS,
    LW_UNIT_SESSIONS,
    LW_UNIT_CONTACTS,
    LW_UNIT_KG,  /* hundredths */
    LW_UNIT_BAR, /* hundredths */
    LW_UNIT_EFD, /* mJ/mm², hundredths; never converted to or from bar */
    LW_UNIT_HZ,
    LW_UNIT_IMPULSES,
    LW_UNIT_BOOL, /* yes or no */
    LW_UNIT_WORD, /* one of a list of words, see lw_fact.words */
    LW_UNIT_COUNT_
} lw_unit;

/* clang-format off */
/*
 * Parameters: set NAME VALUE UNIT [TAG] SOURCES. Every one must be set exactly once.
 * X(symbol, name, unit, least, most): the range outside which the compiler refuses the value, in the unit as written.
 */
#define LW_PARAMS(X)                                                             \
    X(PAIN_GREEN_MAX, "pain_green_at_most", NPRS, 0, 4)                          \
    X(PAIN_AMBER_MAX, "pain_amber_at_most", NPRS, 1, 5)                          \
    X(SETTLE_OVER_USUAL, "settled_over_usual_at_most", NPRS, 0, 2)               \
    X(SHOCKWAVE_OVER_USUAL, "shockwave_soreness_over_usual_at_most", NPRS, 0, 3) \
    X(TEST_POSITIVE, "test_positive_from", NPRS, 1, 4)                           \
    X(EASY_PAIN, "easy_pain_at_most", NPRS, 0, 1)                                \
    X(EASY_EFFORT, "easy_effort_at_most", RPE, 0, 6)                             \
    X(MORNING_REPS, "morning_test_repetitions", REPS, 1, 10)                     \
    X(MORNING_DOUBLE_FROM, "morning_test_double_bridge_from", NPRS, 1, 10)       \
    X(WALK_MINUTES, "walk_gate", MIN, 10, 60)                                    \
    X(WALK_PAIN, "walk_gate_pain_at_most", NPRS, 0, 3)                           \
    X(TWO_DEEP_FROM, "two_deep_exercises_from", DAYS, 28, 200)                   \
    X(CONTINUOUS_MIN, "continuous_run", MIN, 20, 60)                             \
    X(SCREEN_DAYS, "screening_valid_for", DAYS, 1, 28)                           \
    X(TEST_DAYS, "gate_test_valid_for", DAYS, 7, 42)                             \
    X(RISE_DAYS, "one_step_every", DAYS, 3, 28)                                  \
    X(RISE_LOAD, "load_step_at_most", PCT, 1, 10)                                \
    X(WEEK_SUM, "weekly_sum_at_most", PCT, 100, 120)                             \
    X(LOAD_GRAIN, "load_grain_where_equipment_is_unknown", KG, 0, 5)             \
    X(RETURN_DOSE, "return_dose_at_most", PCT, 30, 70)                           \
    X(FLARE_DAYS, "minor_flare_lasts_at_least", DAYS, 1, 14)                     \
    X(MAJOR_DAYS, "major_flare_lasts_at_least", DAYS, 3, 14)                     \
    X(SILENCE_REMIND, "silence_reminder_after", DAYS, 1, 7)                      \
    X(SILENCE_LOWER, "silence_lowers_after", DAYS, 3, 7)                         \
    X(SILENCE_STOP, "silence_stops_after", DAYS, 7, 14)                          \
    X(SILENCE_RESTART, "silence_restarts_after", DAYS, 14, 28)                   \
    X(ADHERENCE_DAYS, "adherence_over", DAYS, 14, 56)                            \
    X(ACCEPT_DAYS, "proposal_open_for", DAYS, 1, 7)                              \
    X(MAX_ITEMS, "exercises_a_session_at_most", NONE, 1, 6)                      \
    X(EFFORT_MAX, "prescribed_effort_at_most", RPE, 3, 9)                        \
    X(HIGH_CUT, "high_irritability_cuts_sets_to", PCT, 30, 100)                  \
    X(BOTH_SIDES_CUT, "both_sides_sore_cuts_sets_to", PCT, 50, 100)              \
    X(PLYO_GAP, "plyometric_gap", DAYS, 2, 4)                                    \
    X(PLYO_CONTACTS, "plyometric_contacts_at_start_at_most", CONTACTS, 10, 60)   \
    X(SORENESS_DAYS, "soreness_after_nordic_for", DAYS, 1, 3)                    \
    X(SITTING_BREAK, "sitting_break_every", MIN, 10, 45)                         \
    X(RUN_SPIKE, "run_at_most_of_longest", PCT, 100, 110)                        \
    X(RUN_WINDOW, "longest_run_within", DAYS, 14, 30)                            \
    X(RUN_LEVEL_SESSIONS, "run_level_done_green", SESSIONS, 2, 4)                \
    X(RUN_GAP, "days_between_runs", DAYS, 2, 4)                                  \
    X(SW_FIRST, "shockwave_recheck_after", SESSIONS, 1, 6)                       \
    X(SW_MAX, "shockwave_at_most", SESSIONS, 1, 6)                               \
    X(SW_GAP, "shockwave_apart_at_least", DAYS, 5, 14)                           \
    X(SW_SPACING, "shockwave_apart_usually", DAYS, 5, 28)                        \
    X(SW_QUIET, "shockwave_quiet_for", DAYS, 2, 7)                               \
    X(SW_SORE, "shockwave_soreness_within", DAYS, 1, 7)                          \
    X(SW_PAIN_MAX, "shockwave_pain_at_most", NPRS, 3, 7)                         \
    X(SW_IMPULSES_MIN, "shockwave_impulses_from", IMPULSES, 500, 4000)           \
    X(SW_IMPULSES_MAX, "shockwave_impulses_to", IMPULSES, 500, 4000)             \
    X(SW_BAR_MIN, "shockwave_pressure_from", BAR, 1, 5)                          \
    X(SW_BAR_MAX, "shockwave_pressure_to", BAR, 1, 5)                            \
    X(SW_EFD_MIN, "shockwave_efd_from", EFD, 0, 1)                               \
    X(SW_EFD_MAX, "shockwave_efd_to", EFD, 0, 1)                                 \
    X(SW_HZ_MIN, "shockwave_rate_from", HZ, 1, 20)                               \
    X(SW_HZ_MAX, "shockwave_rate_to", HZ, 1, 20)                                 \
    X(STEROID_BLOCK, "steroid_blocks_shockwave_for", DAYS, 42, 180)              \
    X(STEROID_WARN, "steroid_warns_for", DAYS, 42, 180)                          \
    X(NSAID_DAYS, "anti_inflammatory_warns_for", DAYS, 2, 28)                    \
    X(FLUOROQUINOLONE_DAYS, "fluoroquinolone_stops_for", DAYS, 30, 180)

/*
 * Facts: what a condition may ask. X(symbol, name, unit, words): words is a space-separated list for WORD, or "".
 * `test NAME` (a fresh re-test or intake value) and `entry NAME` (the latest value however old) are facts too: one for
 * each test of the record page, numbered after these. A fact that is missing or stale makes its condition false.
 */
#define LW_FACTS(X)                                                                 \
    X(AGE, "age", YEARS, "")                                                        \
    X(GOAL, "goal", WORD, "daily sit cycle run sprint sport")                       \
    X(SPORT, "sport", WORD, "running sprint football cycling triathlon other none") \
    X(SEX, "sex", WORD, "female male other")                                        \
    X(SIDES, "sore_sides", NONE, "")                                                \
    X(WEEKS, "duration", WEEKS, "")                                                 \
    X(ONSET, "onset", WORD, "gradual sudden")                                       \
    X(SUDDEN_EVENT, "sudden_event", BOOL, "")                                       \
    X(LOCALISED, "localised", BOOL, "")                                             \
    X(LOAD_INCREASE, "load_increase", BOOL, "")                                     \
    X(BELOW_KNEE, "below_knee", BOOL, "")                                           \
    X(BASE_REST_PAIN, "usual_rest_pain", BOOL, "")                                  \
    X(BASE_NIGHT_PAIN, "usual_night_pain", BOOL, "")                                \
    X(ADL_PAIN, "daily_life_pain", NPRS, "")                                        \
    X(SETTLE_HOURS, "settling_time", HOURS, "")                                     \
    X(IMAGING, "imaging", WORD, "none ultrasound mri")                              \
    X(IMAGING_RESULT, "imaging_result", WORD, "normal tendinopathy partial other")  \
    X(LOADING_WEEKS, "loading_before", WEEKS, "")                                   \
    X(LOADING_RESPONSE, "loading_response", WORD, "none some good")                 \
    X(LOADING_BLOCKED, "loading_blocked", BOOL, "")                                 \
    X(BRIDGE_REPS, "bridge_reps", REPS, "")                                         \
    X(BRIDGE_SYMMETRY, "bridge_symmetry", PCT, "")                                  \
    X(CURL_SYMMETRY, "curl_symmetry", PCT, "")                                      \
    X(SITTING, "sitting_tolerance", MIN, "")                                        \
    X(ENTRY_SITTING, "entry_sitting", MIN, "")                                      \
    X(CHECKIN, "check_in_today", BOOL, "")                                          \
    X(PAIN_MORNING, "morning_pain", NPRS, "")                                       \
    X(MORNING_TEST, "morning_test", NPRS, "")                                       \
    X(MORNING_SINGLE, "morning_single_bridge", NPRS, "")                            \
    X(OVER_USUAL, "morning_test_over_usual", NPRS, "")                              \
    X(SETTLED, "settled", BOOL, "")                                                 \
    X(UNSETTLED, "unsettled_mornings", DAYS, "")                                    \
    X(NIGHT_PAIN, "night_pain", BOOL, "")                                           \
    X(REST_PAIN, "rest_pain", BOOL, "")                                             \
    X(STIFFNESS, "stiffness", MIN, "")                                              \
    X(STIFFNESS_RISING, "stiffness_rising", DAYS, "")                               \
    X(SORENESS, "muscle_soreness", NPRS, "")                                        \
    X(SLEEP, "sleep", HOURS, "")                                                    \
    X(STRESS, "stress", POINTS, "")                                                 \
    X(PAIN_RELIEF, "pain_relief", BOOL, "")                                         \
    X(RELIEF_DAYS, "pain_relief_days_in_14", DAYS, "")                              \
    X(SESSION_PAIN, "session_pain", NPRS, "")                                       \
    X(SESSION_EFFORT, "session_effort", RPE, "")                                    \
    X(GREEN_SESSIONS, "green_sessions", SESSIONS, "")                               \
    X(EASY_SESSIONS, "easy_sessions", SESSIONS, "")                                 \
    X(RED_SESSIONS, "red_sessions_in_14_days", SESSIONS, "")                        \
    X(SESSION_DAYS, "days_since_session", DAYS, "")                                 \
    X(ISOMETRIC_RELIEF, "isometric_relief", NPRS, "")                               \
    X(NORDIC_DAYS, "days_since_nordic", DAYS, "")                                   \
    X(ECCENTRIC_DAYS, "eccentric_days_in_7", DAYS, "")                              \
    X(NIGHTS, "night_pain_days_in_7", DAYS, "")                                     \
    X(LOWEST_RUNG, "lowering_due_at_lowest_rung", BOOL, "")                         \
    X(ADHERENCE, "adherence", PCT, "")                                              \
    X(STAGE, "stage", WORD, "isometric eccentric strength plyometric maintenance")  \
    X(IRRITABILITY, "irritability", WORD, "low moderate high")                      \
    X(FLARE, "flare", WORD, "none minor major")                                     \
    X(MAJORS, "major_flares_in_28_days", NONE, "")                                  \
    X(CALM_DAYS, "days_without_bad_signal", DAYS, "")                               \
    X(HOLD_DAYS, "days_without_rise", DAYS, "")                                     \
    X(PROGRAMME_DAYS, "programme_days", DAYS, "")                                   \
    X(SILENCE, "silence", DAYS, "")                                                 \
    X(RETURNING, "back_after_stop", BOOL, "")                                       \
    X(FLAG, "open_flag", WORD, "none routine urgent same_day emergency")            \
    X(FLAG_STOPS, "open_flag_stops", BOOL, "")                                      \
    X(PREGNANT, "pregnant", BOOL, "")                                               \
    X(CONTRA_FORBIDS, "contraindication_forbids", BOOL, "")                         \
    X(CONTRA_CAUTION, "caution_undecided", BOOL, "")                                \
    X(CONTRA_UNASKED, "contraindications_never_asked", BOOL, "")                    \
    X(STEROID_AGE, "days_since_steroid", DAYS, "")                                  \
    X(NSAID_AGE, "days_since_anti_inflammatory", DAYS, "")                          \
    X(SW_COUNT, "shockwave_sessions", SESSIONS, "")                                 \
    X(SW_AGE, "days_since_shockwave", DAYS, "")                                     \
    X(SW_BOOKED, "days_to_booked_shockwave", DAYS, "")                              \
    X(SW_SORE_DAYS, "sore_days_after_shockwave", DAYS, "")                          \
    X(SW_RISE, "rise_after_shockwave", NPRS, "")                                    \
    X(SW_VISA_GAIN, "visa_h_gain_over_course", POINTS, "")                          \
    X(SW_NPRS_GAIN, "nprs_gain_over_course", NPRS, "")                              \
    X(SW_ANAESTHETIC, "anaesthetic_used", BOOL, "")                                 \
    X(SW_NO_DEVICE, "device_unknown", BOOL, "")                                     \
    X(VISA, "visa_h", POINTS, "")                                                   \
    X(VISA_GAIN, "visa_h_gain", POINTS, "")                                         \
    X(NPRS_GAIN, "nprs_gain", NPRS, "")                                             \
    X(GROC, "groc", POINTS, "")                                                     \
    X(TSK, "tsk11", POINTS, "")                                                     \
    X(TSK_DROP, "tsk11_drop", POINTS, "")                                           \
    X(READINESS, "readiness", POINTS, "")                                           \
    X(RUN_LEVEL, "run_level", NONE, "")                                             \
    X(RUN_GREEN, "green_runs_at_level", SESSIONS, "")                               \
    X(RUN_RATIO, "last_run_of_longest", PCT, "")                                    \
    X(RUNS_7, "runs_in_7_days", NONE, "")                                           \
    X(CONTINUOUS_DAYS, "days_of_30_min_runs", DAYS, "")                             \
    X(WALK_OK, "walked_30_min", BOOL, "")                                           \
    X(SPEED_GREEN, "green_speed_sessions", SESSIONS, "")                            \
    X(SPEED_REACHED, "speed_reached", PCT, "")                                                          \
    X(WEEKS_TRAINED, "full_weeks_without_flare", WEEKS, "")                         \
    X(STRETCH_AGE, "days_since_stretching", DAYS, "")                               \
    X(PASSIVE_AGE, "days_since_massage_or_needling", DAYS, "")                      \
    X(CYCLE_AGE, "days_since_cycling", DAYS, "")

typedef enum lw_param {
#define X(symbol, name, unit, least, most) LW_PARAM_##symbol,
    LW_PARAMS(X)
#undef X
        LW_PARAM_COUNT
} lw_param;

typedef enum lw_fact {
#define X(symbol, name, unit, words) LW_FACT_##symbol,
    LW_FACTS(X)
#undef X
        LW_FACT_TEST /* LW_FACT_TEST + lw_test: `test NAME`, NPRS × 100, positive 1000, negative 0 */
} lw_fact;

/*
 * Actions: what a rule does when it fires. X(symbol, words in the protocol, argument kind).
 * Argument kinds: NONE; STAGE; URGENCY (routine urgent); FLARE (minor major); LEVEL (irritability word); DAYS;
 * ID (one or more identifiers: advice, avoid, activity, note …); LABEL (likely possible); CAP (a word of lw_cap_word);
 * SHOCKWAVE (forbid clinician wait offer postpone close).
 */
#define LW_ACTIONS(X)                                                                                    \
    X(STOP, "stop", NONE)                  /* nothing is prescribed until a clinician clears it */       \
    X(REVIEW, "review", URGENCY)           /* a clinician should look */                                 \
    X(LABEL, "label", LABEL)               /* the working diagnosis, never a certainty */                \
    X(IRRITABLE, "irritability", LEVEL)    /* first that fires decides; moderate where none does */      \
    X(ENTER, "enter", STAGE)               /* the stage to begin in; first that fires decides */         \
    X(ADVANCE, "advance", STAGE)           /* the stage may rise to this one */                          \
    X(FLARE, "flare", FLARE)               /* lowers every dose a step, restarts every wait */           \
    X(EXPECTED, "expected soreness", NONE) /* no flare from this morning's test: hold instead */         \
    X(DELOAD, "de-load", DAYS)             /* the last tolerated dose less a step for these days */      \
    X(HOLD, "hold", NONE)                  /* nothing rises today */                                     \
    X(HOLD_STAGE, "hold stage", NONE)      /* neither stage nor compression class rises */               \
    X(RAISE, "raise", NONE)                /* one variable of an exercise may rise */                    \
    X(CAP, "cap", CAP)                     /* names a ceiling the engine applies; shown when it binds */ \
    X(AVOID, "avoid", ID)                  /* shown under what to leave out */                           \
    X(OK, "fine", ID)                      /* shown under what is fine */                                \
    X(ADVISE, "advise", ID)                /* a text to show */                                          \
    X(SWAP, "leave out", ID)               /* an exercise that must not be chosen now */                 \
    X(SHOCKWAVE, "shockwave", SHOCKWAVE)                                                                 \
    X(RUN_OPEN, "open running", NONE)   /* level 1 of the run ladder */                                  \
    X(RUN_NEXT, "next run level", NONE) /* the run ladder rises one level */                             \
    X(FAST_OPEN, "open hills and speed", NONE)                                                           \
    X(SPEED_NEXT, "next speed", NONE)                                                                    \
    X(CLEAR_SPORT, "clear for sport", NONE)

typedef enum lw_action {
#define X(symbol, words, arg) LW_ACTION_##symbol,
    LW_ACTIONS(X)
#undef X
        LW_ACTION_COUNT
} lw_action;

/* Ceilings a rule can give its name, grade and sources to: `cap class`, `cap step` … */
#define LW_CAPS(X)                                                                                                    \
    X(STEP, "step")                                                                                                   \
    X(WEEKLY, "weekly") X(BASELINE, "baseline") X(STAGE, "stage") X(CLINICIAN, "clinician") X(EQUIPMENT, "equipment") \
        X(QUIET, "quiet") X(SILENCE, "silence") X(ONE_THING, "one-thing") X(RUN_LONGEST, "longest-run")               \
            X(CONTACTS, "contacts") X(NORDIC, "nordic") X(BOTH_SIDES, "both-sides") X(FREQUENCY, "frequency")         \
                X(EVE, "eve") X(RETURN, "return") X(SITTING, "sitting") X(MISSING, "missing")                         \
                    X(NO_CONVERSION, "no-conversion") X(NO_WEEKLY_RUN, "no-weekly-run-rule") X(DOSE, "shockwave-dose")

typedef enum lw_cap {
    LW_CAP_NONE,
#define X(symbol, word) LW_CAP_##symbol,
    LW_CAPS(X)
#undef X
        LW_CAP_COUNT
} lw_cap;

/* clang-format on */
typedef enum lw_shockwave_word { /* argument of `shockwave`, by precedence */
                                 LW_SW_FORBID,
                                 LW_SW_CLINICIAN,
                                 LW_SW_CLOSE,
                                 LW_SW_POSTPONE,
                                 LW_SW_WAIT,
                                 LW_SW_OFFER
} lw_shockwave_word;

typedef enum lw_tag { LW_TAG_V, LW_TAG_V2, LW_TAG_CALC, LW_TAG_M, LW_TAG_D } lw_tag;
typedef enum lw_grade { LW_GRADE_A, LW_GRADE_B, LW_GRADE_C, LW_GRADE_S, LW_GRADE_D } lw_grade;

#endif
