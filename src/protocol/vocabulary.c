/*
 * vocabulary.c: the tables of vocabulary.h as text, units, ranges and directions.
 *
 * The names come from the X-macros themselves, so that a word stands in one place. What the macros do not say, the
 * least and the most a fact can be and which way it is worse, stands in one table here, one line a fact; the compiler
 * refuses values outside the range, the linter uses the direction: a rule that lets something rise may only ask for the
 * better side of a fact, or a worse day could allow more.
 */
#include "protocol/vocabulary_names.h"

#include "base/base_internal.h"
#include "protocol/protocol_tables.h"

typedef struct entry {
    lw_str name;
    uint8_t unit;
    lw_str words;
} entry;

#define NAMED(text) \
    { (text), (uint32_t)(sizeof(text) - 1) }

static const entry facts[LW_FACT_TEST] = {
#define X(symbol, name, unit, words) {NAMED(name), LW_UNIT_##unit, NAMED(words)},
    LW_FACTS(X)
#undef X
};

typedef struct bounds {
    int16_t least, most; /* in the unit as written; unused for yes-or-no facts and words */
    uint8_t direction;   /* lw_direction */
} bounds;

enum { NONE = LW_DIRECTION_NONE, HIGH = LW_DIRECTION_HIGH_WORSE, LOW = LW_DIRECTION_LOW_WORSE, ALWAYS = 10000 };

static const bounds fact_bounds[LW_FACT_TEST] = {
    [LW_FACT_AGE] = {0, 120, NONE},
    [LW_FACT_GOAL] = {0, 0, NONE},
    [LW_FACT_SPORT] = {0, 0, NONE},
    [LW_FACT_SIDES] = {0, 2, HIGH},
    [LW_FACT_WEEKS] = {0, ALWAYS, NONE},
    [LW_FACT_ONSET] = {0, 0, NONE},
    [LW_FACT_SUDDEN_EVENT] = {0, 0, HIGH},
    [LW_FACT_LOCALISED] = {0, 0, NONE},
    [LW_FACT_LOAD_INCREASE] = {0, 0, NONE},
    [LW_FACT_BELOW_KNEE] = {0, 0, HIGH},
    [LW_FACT_BASE_REST_PAIN] = {0, 0, HIGH},
    [LW_FACT_BASE_NIGHT_PAIN] = {0, 0, HIGH},
    [LW_FACT_ADL_PAIN] = {0, 10, HIGH},
    [LW_FACT_SETTLE_HOURS] = {0, ALWAYS, HIGH},
    [LW_FACT_IMAGING] = {0, 0, NONE},
    [LW_FACT_IMAGING_RESULT] = {0, 0, NONE},
    [LW_FACT_LOADING_WEEKS] = {0, ALWAYS, NONE},
    [LW_FACT_LOADING_RESPONSE] = {0, 0, NONE},
    [LW_FACT_LOADING_BLOCKED] = {0, 0, HIGH},
    [LW_FACT_BRIDGE_REPS] = {0, 200, LOW},
    [LW_FACT_BRIDGE_SYMMETRY] = {0, 100, LOW},
    [LW_FACT_CURL_SYMMETRY] = {0, 100, LOW},
    [LW_FACT_SITTING] = {0, 1440, LOW},
    [LW_FACT_ENTRY_SITTING] = {0, 1440, LOW},
    [LW_FACT_CHECKIN] = {0, 0, LOW},
    [LW_FACT_PAIN_MORNING] = {0, 10, HIGH},
    [LW_FACT_MORNING_TEST] = {0, 10, HIGH},
    [LW_FACT_MORNING_SINGLE] = {0, 10, HIGH},
    [LW_FACT_OVER_USUAL] = {-10, 10, HIGH},
    [LW_FACT_SETTLED] = {0, 0, LOW},
    [LW_FACT_UNSETTLED] = {0, ALWAYS, HIGH},
    [LW_FACT_NIGHT_PAIN] = {0, 0, HIGH},
    [LW_FACT_REST_PAIN] = {0, 0, HIGH},
    [LW_FACT_STIFFNESS] = {0, 1440, HIGH},
    [LW_FACT_STIFFNESS_RISING] = {0, ALWAYS, HIGH},
    [LW_FACT_SORENESS] = {0, 10, HIGH},
    [LW_FACT_SLEEP] = {0, 24, LOW},
    [LW_FACT_STRESS] = {0, 10, HIGH},
    [LW_FACT_PAIN_RELIEF] = {0, 0, HIGH},
    [LW_FACT_RELIEF_DAYS] = {0, 14, HIGH},
    [LW_FACT_SESSION_PAIN] = {0, 10, HIGH},
    [LW_FACT_SESSION_EFFORT] = {0, 10, HIGH},
    [LW_FACT_GREEN_SESSIONS] = {0, ALWAYS, LOW},
    [LW_FACT_EASY_SESSIONS] = {0, ALWAYS, LOW},
    [LW_FACT_RED_SESSIONS] = {0, ALWAYS, HIGH},
    [LW_FACT_SESSION_DAYS] = {0, ALWAYS, NONE},
    [LW_FACT_ISOMETRIC_RELIEF] = {-10, 10, LOW},
    [LW_FACT_NORDIC_DAYS] = {0, ALWAYS, NONE},
    [LW_FACT_ECCENTRIC_DAYS] = {0, 7, NONE},
    [LW_FACT_NIGHTS] = {0, 7, HIGH},
    [LW_FACT_LOWEST_RUNG] = {0, 0, HIGH},
    [LW_FACT_ADHERENCE] = {0, 100, LOW},
    [LW_FACT_STAGE] = {0, 0, NONE},
    [LW_FACT_IRRITABILITY] = {0, 0, HIGH},
    [LW_FACT_FLARE] = {0, 0, HIGH},
    [LW_FACT_MAJORS] = {0, 28, HIGH},
    [LW_FACT_CALM_DAYS] = {0, ALWAYS, LOW},
    [LW_FACT_HOLD_DAYS] = {0, ALWAYS, NONE},
    [LW_FACT_PROGRAMME_DAYS] = {0, ALWAYS, NONE},
    [LW_FACT_SILENCE] = {0, ALWAYS, HIGH},
    [LW_FACT_RETURNING] = {0, 0, HIGH},
    [LW_FACT_FLAG] = {0, 0, HIGH},
    [LW_FACT_FLAG_STOPS] = {0, 0, HIGH},
    [LW_FACT_PREGNANT] = {0, 0, HIGH},
    [LW_FACT_CONTRA_FORBIDS] = {0, 0, HIGH},
    [LW_FACT_CONTRA_CAUTION] = {0, 0, HIGH},
    [LW_FACT_CONTRA_UNASKED] = {0, 0, HIGH},
    [LW_FACT_STEROID_AGE] = {0, ALWAYS, LOW},
    [LW_FACT_NSAID_AGE] = {0, ALWAYS, LOW},
    [LW_FACT_SW_COUNT] = {0, 100, NONE},
    [LW_FACT_SW_AGE] = {0, ALWAYS, LOW},
    [LW_FACT_SW_BOOKED] = {0, ALWAYS, LOW},
    [LW_FACT_SW_SORE_DAYS] = {0, ALWAYS, HIGH},
    [LW_FACT_SW_RISE] = {-10, 10, HIGH},
    [LW_FACT_SW_VISA_GAIN] = {-100, 100, LOW},
    [LW_FACT_SW_NPRS_GAIN] = {-10, 10, LOW},
    [LW_FACT_SW_ANAESTHETIC] = {0, 0, HIGH},
    [LW_FACT_SW_NO_DEVICE] = {0, 0, HIGH},
    [LW_FACT_VISA] = {0, 100, LOW},
    [LW_FACT_VISA_GAIN] = {-100, 100, LOW},
    [LW_FACT_NPRS_GAIN] = {-10, 10, LOW},
    [LW_FACT_GROC] = {-7, 7, LOW},
    [LW_FACT_TSK] = {11, 44, HIGH},
    [LW_FACT_TSK_DROP] = {-33, 33, LOW},
    [LW_FACT_READINESS] = {0, 10, LOW},
    [LW_FACT_RUN_LEVEL] = {0, LW_MAX_RUN_LEVELS, NONE},
    [LW_FACT_RUN_GREEN] = {0, ALWAYS, LOW},
    [LW_FACT_RUN_RATIO] = {0, ALWAYS, HIGH},
    [LW_FACT_RUNS_7] = {0, 21, NONE},
    [LW_FACT_CONTINUOUS_DAYS] = {0, ALWAYS, LOW},
    [LW_FACT_WALK_OK] = {0, 0, LOW},
    [LW_FACT_SPEED_GREEN] = {0, ALWAYS, LOW},
    [LW_FACT_SPEED_REACHED] = {0, 100, LOW},
    [LW_FACT_WEEKS_TRAINED] = {0, ALWAYS, LOW},
    [LW_FACT_STRETCH_AGE] = {0, ALWAYS, LOW},
    [LW_FACT_PASSIVE_AGE] = {0, ALWAYS, LOW},
    [LW_FACT_CYCLE_AGE] = {0, ALWAYS, NONE},
};

typedef struct param {
    lw_str name;
    uint8_t unit;
    int16_t least, most;
} param;

static const param params[LW_PARAM_COUNT] = {
#define X(symbol, name, unit, least, most) {NAMED(name), LW_UNIT_##unit, (least), (most)},
    LW_PARAMS(X)
#undef X
};

static const lw_str units[LW_UNIT_COUNT_] = {
    [LW_UNIT_NONE] = NAMED(""),
    [LW_UNIT_NPRS] = NAMED("NPRS"),
    [LW_UNIT_RPE] = NAMED("RPE"),
    [LW_UNIT_PCT] = NAMED("%"),
    [LW_UNIT_DAYS] = NAMED("days"),
    [LW_UNIT_WEEKS] = NAMED("weeks"),
    [LW_UNIT_HOURS] = NAMED("hours"),
    [LW_UNIT_MIN] = NAMED("min"),
    [LW_UNIT_YEARS] = NAMED("years"),
    [LW_UNIT_REPS] = NAMED("reps"),
    [LW_UNIT_POINTS] = NAMED("points"),
    [LW_UNIT_SESSIONS] = NAMED("sessions"),
    [LW_UNIT_CONTACTS] = NAMED("contacts"),
    [LW_UNIT_KG] = NAMED("kg"),
    [LW_UNIT_BAR] = NAMED("bar"),
    [LW_UNIT_EFD] = NAMED("mJ/mm²"),
    [LW_UNIT_HZ] = NAMED("Hz"),
    [LW_UNIT_IMPULSES] = NAMED("impulses"),
    [LW_UNIT_BOOL] = NAMED(""),
    [LW_UNIT_WORD] = NAMED(""),
};

static const lw_str tags[] = {NAMED("V"), NAMED("V2"), NAMED("calc"), NAMED("M"), NAMED("D")};
static const lw_str grades[] = {NAMED("A"), NAMED("B"), NAMED("C"), NAMED("S"), NAMED("D")};
static const lw_str caps[LW_CAP_COUNT] = {NAMED(""),
#define X(symbol, word) NAMED(word),
                                          LW_CAPS(X)
#undef X
};
static const lw_str variables[] = {NAMED(""),         NAMED("load"),  NAMED("reps"),  NAMED("sets"),
                                   NAMED("hold"),     NAMED("depth"), NAMED("speed"), NAMED("contacts"),
                                   NAMED("distance"), NAMED("bouts")};
static const lw_str actions[LW_ACTION_COUNT] = {
#define X(symbol, words, arg) NAMED(words),
    LW_ACTIONS(X)
#undef X
};
static const lw_str shockwaves[] = {NAMED("forbid"),   NAMED("clinician"), NAMED("close"),
                                    NAMED("postpone"), NAMED("wait"),      NAMED("offer")};
static const lw_str roles[] = {NAMED("hip"),   NAMED("knee"),       NAMED("leg"),
                               NAMED("chain"), NAMED("plyometric"), NAMED("speed")};

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof *(table)))

static lw_str name_in(const lw_str *table, uint32_t count, uint32_t index) {
    return index < count ? table[index] : (lw_str){NULL, 0};
}

/* The test of a fact that is not in the table, or −1. */
static int32_t test_of(uint8_t fact) {
    if (fact >= LW_FACT_COUNT) {
        return -1;
    }
    return fact < LW_FACT_ENTRY ? fact - LW_FACT_TEST : fact - LW_FACT_ENTRY;
}

lw_str lw__fact_name(uint8_t fact) {
    if (fact < LW_FACT_TEST) {
        return facts[fact].name;
    }
    int32_t test = test_of(fact);
    return test < 0 ? (lw_str){NULL, 0} : lw__str(lw_test_names[test]);
}

uint8_t lw__fact_unit(uint8_t fact) {
    if (fact < LW_FACT_TEST) {
        return facts[fact].unit;
    }
    return test_of(fact) < LW_PAIN_TESTS ? LW_UNIT_NPRS : LW_UNIT_WORD;
}

uint32_t lw__fact_words(uint8_t fact) {
    if (fact >= LW_FACT_TEST) {
        return test_of(fact) < LW_PAIN_TESTS ? 0 : 2;
    }
    lw_str words = facts[fact].words;
    uint32_t count = words.len > 0 ? 1 : 0;
    for (uint32_t i = 0; i < words.len; i++) {
        count += words.ptr[i] == ' ' ? 1 : 0;
    }
    return count;
}

lw_str lw__fact_word(uint8_t fact, int32_t index) {
    if (lw__fact_unit(fact) == LW_UNIT_BOOL) {
        return index == 0 ? LW_STR("no") : LW_STR("yes");
    }
    if (fact >= LW_FACT_TEST) {
        return index == 0 ? LW_STR("negative") : LW_STR("positive");
    }
    lw_str words = facts[fact].words;
    uint32_t from = 0;
    for (uint32_t i = 0; i <= words.len; i++) {
        if (i < words.len && words.ptr[i] != ' ') {
            continue;
        }
        if (index-- == 0) {
            return (lw_str){words.ptr + from, i - from};
        }
        from = i + 1;
    }
    return (lw_str){NULL, 0};
}

int32_t lw__fact_least(uint8_t fact) {
    return fact < LW_FACT_TEST ? fact_bounds[fact].least * lw__unit_scale(facts[fact].unit) : 0;
}

int32_t lw__fact_most(uint8_t fact) {
    if (fact >= LW_FACT_TEST) {
        return 1000;
    }
    if (facts[fact].unit == LW_UNIT_BOOL) {
        return 1;
    }
    if (facts[fact].unit == LW_UNIT_WORD) {
        return (int32_t)lw__fact_words(fact) - 1;
    }
    return fact_bounds[fact].most * lw__unit_scale(facts[fact].unit);
}

lw_direction lw__fact_direction(uint8_t fact) {
    return fact < LW_FACT_TEST ? (lw_direction)fact_bounds[fact].direction : LW_DIRECTION_HIGH_WORSE;
}

lw_str lw__param_name(uint8_t index) {
    return index < LW_PARAM_COUNT ? params[index].name : (lw_str){NULL, 0};
}

uint8_t lw__param_unit(uint8_t index) {
    return index < LW_PARAM_COUNT ? params[index].unit : LW_UNIT_NONE;
}

int32_t lw__param_least(uint8_t index) {
    return index < LW_PARAM_COUNT ? params[index].least : 0;
}

int32_t lw__param_most(uint8_t index) {
    return index < LW_PARAM_COUNT ? params[index].most : 0;
}

lw_str lw__unit_name(uint8_t unit) {
    return name_in(units, COUNT(units), unit);
}

int32_t lw__unit_scale(uint8_t unit) {
    return unit == LW_UNIT_NPRS || unit == LW_UNIT_RPE || unit == LW_UNIT_KG || unit == LW_UNIT_BAR ||
                   unit == LW_UNIT_EFD
               ? 100
               : 1;
}

lw_str lw__tag_name(uint8_t tag) {
    return name_in(tags, COUNT(tags), tag);
}

lw_str lw__grade_name(uint8_t grade) {
    return name_in(grades, COUNT(grades), grade);
}

lw_str lw__cap_name(uint8_t cap) {
    return name_in(caps, COUNT(caps), cap);
}

lw_str lw__variable_name(uint8_t variable) {
    return name_in(variables, COUNT(variables), variable);
}

lw_str lw__action_name(uint8_t action) {
    return name_in(actions, COUNT(actions), action);
}

lw_str lw__shockwave_name(uint8_t word) {
    return name_in(shockwaves, COUNT(shockwaves), word);
}

lw_str lw__role_name(uint8_t role) {
    return name_in(roles, COUNT(roles), role);
}
