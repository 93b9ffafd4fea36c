/*
 * vocabulary_names.h: the words of the vocabulary, from numbers to text.
 *
 * The compiler reads them, the printer writes them, the engine puts them into its explanations. Every function is
 * total: a number that names nothing gives an empty slice. All slices are static text.
 */
#ifndef LW_VOCABULARY_NAMES_H
#define LW_VOCABULARY_NAMES_H

#include "loadwave/events.h"
#include "protocol/vocabulary.h"

/* Fact numbers beyond the table: LW_FACT_TEST + test is `test NAME`, LW_FACT_ENTRY + test is `entry NAME`. */
enum { LW_FACT_ENTRY = (int)LW_FACT_TEST + (int)LW_TESTS, LW_FACT_COUNT = LW_FACT_ENTRY + (int)LW_TESTS };
_Static_assert(LW_FACT_COUNT <= 256, "a condition holds its fact in one byte");

/* Which way a fact is worse. A rule that lets something rise may only ask for the better side. */
typedef enum lw_direction {
    LW_DIRECTION_NONE,       /* neither: an age, a goal, a count of days */
    LW_DIRECTION_HIGH_WORSE, /* pains, days of bad signals, yes to a complaint */
    LW_DIRECTION_LOW_WORSE   /* repetitions, symmetry, calm days, yes to a good sign */
} lw_direction;

/* "session_pain"; for `test NAME` and `entry NAME` the test's name alone ("bridge_single"). */
lw_str lw__fact_name(uint8_t fact);
/* lw_unit of a fact; LW_UNIT_NPRS for a pain test, LW_UNIT_WORD (negative positive) for a clinician's. */
uint8_t lw__fact_unit(uint8_t fact);
/* How many words a fact has; 0 unless its unit is LW_UNIT_WORD. */
uint32_t lw__fact_words(uint8_t fact);
/* The word with this index; a clinician's test has the value 0 for negative and 1000 for positive. */
lw_str lw__fact_word(uint8_t fact, int32_t index);
/* Least and most a value can be, as held (hundredths for NPRS, RPE …). */
int32_t lw__fact_least(uint8_t fact);
int32_t lw__fact_most(uint8_t fact);
lw_direction lw__fact_direction(uint8_t fact);

/* "pain_green_at_most" */
lw_str lw__param_name(uint8_t param);
uint8_t lw__param_unit(uint8_t param);
/* The range outside which the compiler refuses a value, in the unit as written (not hundredths). */
int32_t lw__param_least(uint8_t param);
int32_t lw__param_most(uint8_t param);

/* "NPRS", "days", "%", "mJ/mm²"; empty for LW_UNIT_NONE, LW_UNIT_BOOL and LW_UNIT_WORD. */
lw_str lw__unit_name(uint8_t unit);
/* 100 where values of the unit are held in hundredths, else 1. */
int32_t lw__unit_scale(uint8_t unit);
/* "V", "V2", "calc", "M", "D" */
lw_str lw__tag_name(uint8_t tag);
/* "A", "B", "C", "S", "D" */
lw_str lw__grade_name(uint8_t grade);
/* "step", "weekly" …; empty for LW_CAP_NONE. */
lw_str lw__cap_name(uint8_t cap);
/* "load", "reps", "sets", "hold", "depth", "speed", "contacts", "distance", "bouts"; empty for LW_VAR_NONE. */
lw_str lw__variable_name(uint8_t variable);
/* "stop", "review", "hold stage" … */
lw_str lw__action_name(uint8_t action);
/* "forbid", "clinician", "close", "postpone", "wait", "offer" */
lw_str lw__shockwave_name(uint8_t word);
/* "hip", "knee", "leg", "chain", "plyometric", "speed" */
lw_str lw__role_name(uint8_t role);

#endif
