/*
 * tables.h: the shape of the generated decoder tables (src/record/events_table.c).
 *
 * A name is found by one multiplication: its first and last eight bytes and its length are hashed to a slot that no
 * other name of the table has (tools/gen.py searches the multiplier), and compared once. An object is a table of
 * members, each with its type, its place in the C struct and what is allowed, and masks for the rules between members.
 */
#ifndef LW_RECORD_TABLES_H
#define LW_RECORD_TABLES_H

#include "base/base_internal.h"
#include "loadwave/record.h"

/* One name: head and tail are its first and last eight bytes, little-endian; tail is 0 when it is shorter than 8. */
typedef struct lw__name {
    uint64_t head;
    uint64_t tail;
    const char *text;
    uint32_t len;
} lw__name;

typedef struct lw__names {
    const lw__name *names;
    const uint8_t *slots; /* index of the name by hash, 255 for none */
    uint64_t mul;
    uint32_t shift;
    uint32_t count;
    const char *what; /* what the names are of */
} lw__names;

enum lw__type {
    LW__TYPE_INT,
    LW__TYPE_DECIMAL,
    LW__TYPE_BOOL,
    LW__TYPE_WORD,
    LW__TYPE_WORDS,
    LW__TYPE_TEXT,
    LW__TYPE_TEXTS,
    LW__TYPE_DATE,
    LW__TYPE_UUID,
    LW__TYPE_UUIDS,
    LW__TYPE_SHA256,
    LW__TYPE_DECIMALS,
    LW__TYPE_INT_PAIR,
    LW__TYPE_DECIMAL_PAIR,
    LW__TYPE_TESTS,
    LW__TYPE_SETS,
    LW__TYPE_LOADS,
    LW__TYPE_SCALAR,
    LW__TYPE_JSON
};

typedef struct lw__member {
    uint16_t offset;        /* in the C struct */
    uint8_t type;           /* enum lw__type */
    uint8_t clinician_only; /* mask of words or truth values that only a clinician may write */
    int32_t min;            /* of a number; times 100 where decimals are allowed */
    int32_t max;
    uint32_t only; /* mask of the words or whole numbers allowed; 0 for all */
    uint16_t min_items;
    uint16_t max_items;
    uint16_t max_length; /* of a text, in characters */
    const lw__names *words;
    const char *unit;
} lw__member;

/* Masks are over the members' indices, which are also the bits of `has`. */
typedef struct lw__object {
    const lw__names *names;
    const lw__member *members;
    uint32_t size; /* of the C struct */
    uint32_t by;   /* mask of enum lw_by: who may write it */
    uint32_t required;
    uint32_t exactly_one;
    uint32_t at_most_one;
    uint32_t clinician_needs; /* required when a clinician writes */
    uint32_t clinician_exactly_one;
    uint32_t unless;       /* with this member … */
    uint32_t unless_needs; /* … these are not given, without it they are required */
} lw__object;

enum { LW__ENV_V, LW__ENV_ID, LW__ENV_PATIENT, LW__ENV_KIND, LW__ENV_AT, LW__ENV_BY, LW__ENV_RECEIVED, LW__ENV_DATA };

extern const lw__object lw__kind_object[LW_KINDS];
extern const lw__object lw__object_pair;
extern const lw__object lw__object_set;
extern const lw__object lw__object_load_steps;
extern const lw__names *const lw__kinds;
extern const lw__names *const lw__envelope;
extern const lw__names *const lw__test_words;
extern const lw__names *const lw__equipment_words;
extern const lw__names *const lw__finding_words;

#endif
