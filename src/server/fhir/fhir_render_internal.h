/*
 * fhir_render_internal.h: what the renderer's files share: a writer of JSON members, dates, references, and the neutral
 * form of an observation, from which its search facts and both its renderings are made.
 */
#ifndef LW_SERVER_FHIR_RENDER_INTERNAL_H
#define LW_SERVER_FHIR_RENDER_INTERNAL_H

#include <string.h>

#include "server/fhir/fhir_codes.h"
#include "server/fhir/fhir_render.h"

#define LW_FHIR_URN             "urn:loadwave:fhir:"
#define LW_FHIR_EXERCISE_SYSTEM LW_FHIR_URN "exercise"
#define LW_FHIR_TEST_SYSTEM     LW_FHIR_URN "test"
#define LW_FHIR_PATIENT_SYSTEM  LW_FHIR_URN "patient"

/* ---- JSON: a comma is written where the last byte asks for one; name NULL: an item of a list ---- */
void lw__fj_open(lw_buf *out, const char *name, char sign); /* '{' or '[' */
void lw__fj_close(lw_buf *out, char sign);                  /* '}' or ']' */
/* A string, trimmed, control characters as blanks; nothing at all when that leaves nothing. */
void lw__fj_slice(lw_buf *out, const char *name, lw_str text);
void lw__fj_filled(lw_buf *out); /* an object that would be empty says in its text that nothing was told */
void lw__fj_text(lw_buf *out, const char *name, const char *text); /* NULL: nothing */
void lw__fj_raw(lw_buf *out, const char *name, const char *text);  /* a number, true, false */
void lw__fj_int(lw_buf *out, const char *name, int64_t value);
void lw__fj_bool(lw_buf *out, const char *name, bool value);
/* Hundredths as a decimal without trailing zeros. */
void lw__fj_x100(lw_buf *out, const char *name, int64_t x100);
/* Whether the text is a FHIR code: no blanks at its ends, none in a row, nothing below a blank. */
bool lw__fhir_is_code(lw_str text);

/* "2026-03-06T07:05:00+01:00" of an event; "…Z" of an instant; "2026-03-06" of a day. */
void lw__fj_when(lw_buf *out, const char *name, const lw_event *event);
void lw__fj_instant(lw_buf *out, const char *name, int64_t at_s);
void lw__fj_day(lw_buf *out, const char *name, int32_t day);

/* {"reference":"Type/id"} */
void lw__fj_reference(lw_buf *out, const char *name, const char *type, const char *id);
/* {"system":…,"code":…,"display":…} of the table, with its mark where it is not sure. */
void lw__fj_coding(lw_buf *out, const char *name, int code);
void lw__fj_coding_of(lw_buf *out, const char *name, const char *system, lw_str code, const char *display);
/* {"coding":[…],"text":…} of one or more codes of the table (at least one; -1 ends them early). */
void lw__fj_concept(lw_buf *out, const char *name, int code, int also, int third);
/* {"value":…,"unit":…,"system":UCUM,"code":…} */
void lw__fj_quantity(lw_buf *out, const char *name, int64_t x100, const char *unit);
/* "id-suffix" of an event: UUID text and, unless suffix is "", a dash and it. */
void lw__fhir_event_id(const lw_event *event, const char *suffix, char out[65]);
void lw__fhir_uuid(const uint8_t id[16], char out[37]);

/* ---- what one pass gathers ---- */
typedef struct lw_fhir_names { /* sorted, each once */
    lw_str *items;
    uint32_t count;
} lw_fhir_names;

struct lw_fhir_known {
    const lw_event *enrolled, *assessed, *started, *discharged; /* the latest that counts; NULL: none */
    const lw_event *first_enrolled;
    uint32_t sides;                             /* of the latest enrolled that has them */
    lw_fhir_names clinicians, devices, sources; /* authors; shockwave devices by name; recording devices */
    const lw_event **by_id;                     /* all events by id; NULL: nothing refers to one */
    const lw_event **voids;                     /* void events that count, by the id they name */
    uint32_t void_count;
    bool refers;      /* an event may name another one */
    bool passed_over; /* of the event at hand nothing of the narrowed type is wanted */
    char patient[65];
    char plan_id[65];   /* of the CarePlan; "" none */
    const char *status; /* of the plan; NULL: no plan */
    lw_str plan_items;  /* the list session.items, checked; empty: none */
};

/* The event of that id; NULL: none. */
const lw_event *lw__fhir_event(const lw_fhir_set *set, const uint8_t id[16]);
/* When the event last changed: its own instant, or that of the void that names it. */
int64_t lw__fhir_changed(const struct lw_fhir_known *known, const lw_event *event);

/*
 * The identifier that whoever created the resource gave it (x_fhir_identifier of the event's line, fhir_create.c): its two
 * texts in the pool; false: none.
 */
bool lw__fhir_given_identifier(lw_pool *pool, const lw_event *event, const char **system, const char **value);
void lw__fj_identifier(lw_buf *out, bool list,
                       const lw_event *event); /* the same as a member; list: the only item of one */

/* Ids of what is no event. */
void lw__fhir_device_id(lw_str name, const char *prefix, char out[65]); /* "sw" or "by" */
void lw__fhir_exercise_id(const lw_protocol *protocol, lw_str exercise, char out[65]);
void lw__fhir_protocol_id(const lw_protocol *protocol, char out[65]);
/* The author as a reference: Patient, Practitioner, Device. */
void lw__fj_author(lw_buf *out, const char *name, const lw_fhir_set *set, const lw_event *event);
void lw__fhir_author(const lw_fhir_set *set, const lw_event *event, const char **type, char id[65]);
/* The exercise as a concept: its own code where it is one, the protocol's title or its id as the text. */
void lw__fj_exercise(lw_buf *out, const char *name, const lw_fhir_set *set, lw_str exercise);
const char *lw__fhir_side_code(int side, int *site); /* and the code of the site */

/* ---- building facts ---- */
typedef struct lw_fhir_facts {
    lw_fhir_fact items[96];
    uint32_t count;
    lw_pool *pool;
    bool failed;
} lw_fhir_facts;
void lw__fact_token(lw_fhir_facts *facts, int param, const char *system, const char *code);
void lw__fact_code(lw_fhir_facts *facts, int param, int code);
void lw__fact_reference(lw_fhir_facts *facts, int param, const char *type, const char *id);
void lw__fact_date(lw_fhir_facts *facts, int param, int64_t from_s, int64_t to_s);
void lw__fact_text(lw_fhir_facts *facts, int param, lw_str text);
void lw__fact_quantity(lw_fhir_facts *facts, int param, int64_t x100, const char *unit);
void lw__fact_identifier(lw_fhir_facts *facts, const lw_event *event); /* of lw__fhir_given_identifier */

/* ---- an observation, without a version ---- */
typedef enum lw_fhir_value {
    LW_FHIR_V_NONE,
    LW_FHIR_V_QUANTITY,
    LW_FHIR_V_BOOLEAN,
    LW_FHIR_V_CODE,
    LW_FHIR_V_TEXT
} lw_fhir_value;

typedef struct lw_fhir_measure {
    int16_t code;     /* lw_fhir_code */
    int16_t set;      /* from 1 where it is of one set of several; 0 otherwise */
    uint8_t value;    /* lw_fhir_value */
    int64_t x100;     /* of a quantity; 0 or 1 of a boolean; a lw_fhir_code of a code */
    const char *unit; /* UCUM */
    lw_str text;
} lw_fhir_measure;

enum { LW_FHIR_MEASURES = 48 };
typedef struct lw_fhir_seen {
    const lw_event *event;
    char id[65];
    int16_t category;
    int16_t method;   /* -1: none */
    const char *test; /* a test's name beside it; NULL: none */
    int16_t site;     /* -1: none */
    lw_str exercise;  /* its code is that exercise; empty: none */
    bool not_done;
    const char *why_not;
    const char *part_of;      /* type of the event's other resource it belongs to; NULL: none */
    const char *derived_from; /* likewise */
    lw_str device;            /* recording device; empty: none */
    lw_fhir_measure main;
    lw_fhir_measure parts[LW_FHIR_MEASURES]; /* components; what would be more is in `dropped` */
    uint32_t count, dropped;
} lw_fhir_seen;

/* How many observations an event may make at most, and the n-th of them; false: the event has none of that number. */
enum { LW_FHIR_PER_EVENT = 32 };
bool lw__fhir_observe(const lw_fhir_set *set, const lw_event *event, uint32_t part, lw_fhir_seen *out);
void lw__fhir_observation_facts(const lw_fhir_set *set, const lw_fhir_seen *seen, lw_fhir_facts *facts);
void lw__fhir_write_observation(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out);

/* ---- the other types: facts into `facts`, and the members after id and meta ---- */
typedef struct lw_fhir_maker {
    lw_fhir_set *set;
    uint32_t room;
    int32_t err;
} lw_fhir_maker;
/* Adds one resource with what `facts` holds; facts is emptied. */
void lw__fhir_add(lw_fhir_maker *maker, int type, const char *id, int64_t updated_s, const lw_event *event,
                  uint32_t part, lw_fhir_facts *facts);
bool lw__fhir_wanted(const lw_fhir_set *set, int type);

void lw__fhir_list_people(lw_fhir_maker *maker, lw_fhir_facts *facts);
void lw__fhir_list_care(lw_fhir_maker *maker, lw_fhir_facts *facts);
void lw__fhir_list_definitions(lw_fhir_maker *maker, lw_fhir_facts *facts);
void lw__fhir_list_event(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts);
void lw__fhir_list_given(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts);
void lw__fhir_list_answers(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts);
void lw__fhir_list_trail(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts);
void lw__fhir_list_accesses(lw_fhir_maker *maker, lw_fhir_facts *facts);

typedef void lw_fhir_writer(const lw_fhir_set *set, const lw_fhir_resource *r, lw_fhir_version v, lw_buf *out);
lw_fhir_writer lw__fhir_write_patient, lw__fhir_write_practitioner, lw__fhir_write_condition, lw__fhir_write_goal,
    lw__fhir_write_care_plan, lw__fhir_write_service_request, lw__fhir_write_activity_definition,
    lw__fhir_write_plan_definition, lw__fhir_write_questionnaire, lw__fhir_write_response, lw__fhir_write_procedure,
    lw__fhir_write_device, lw__fhir_write_adverse, lw__fhir_write_provenance, lw__fhir_write_audit;

/* The resources that an event makes, as references, for its Provenance; false: none. */
bool lw__fj_targets(const lw_fhir_set *set, const lw_event *event, const char *name, lw_buf *out);
/* The id of the n-th ServiceRequest that an exercise answers: out of the last plan before it, of its own day; false: none. */
bool lw__fhir_request_of(const lw_fhir_set *set, const lw_event *event, uint32_t n, char id[65]);
/* Whether an event makes a QuestionnaireResponse, and to which form. */
int lw__fhir_form_of_event(const lw_event *event); /* -1: none */

#endif
