/*
 * fhir_render.h: a record as FHIR resources, made from it each time and never stored beside it.
 *
 * Two steps, so that a search pays for what it answers only:
 *
 *     source (record, protocol, plan, people) ──► lw_fhir_list: what there is, with its search facts; no FHIR version in it
 *     one entry of that list + a version      ──► lw_fhir_write: its JSON, R4 or R5
 *
 * A narrowed list (lw_fhir_narrow) is the whole list without what its filter left out: of an event outside the dates asked for
 * nothing is made at all, of an observation with another code no facts.
 *
 * Ids are stable: what an event says carries the event's UUID, its first 36 characters, and a suffix where one event makes
 * several resources of a type; what belongs to the protocol or the program has a name. Everything that refers to something
 * refers to an id of the same list, or to a Practitioner or Patient by its id.
 *
 * An event that was voided stays in the list as entered-in-error where FHIR has that status, and is left out elsewhere.
 *
 * Heap: the list's pool, and the caller's buffer. What the heap refuses is LW_ERR_NO_MEMORY; nothing is half made then.
 */
#ifndef LW_SERVER_FHIR_RENDER_H
#define LW_SERVER_FHIR_RENDER_H

#include "loadwave/loadwave.h"
#include "store/buffer.h"

typedef enum lw_fhir_version { LW_FHIR_R4, LW_FHIR_R5 } lw_fhir_version;

typedef enum lw_fhir_type {
    LW_FHIR_PATIENT,
    LW_FHIR_PRACTITIONER,
    LW_FHIR_CONDITION,
    LW_FHIR_GOAL,
    LW_FHIR_CARE_PLAN,
    LW_FHIR_SERVICE_REQUEST,
    LW_FHIR_ACTIVITY_DEFINITION,
    LW_FHIR_PLAN_DEFINITION,
    LW_FHIR_OBSERVATION,
    LW_FHIR_QUESTIONNAIRE,
    LW_FHIR_QUESTIONNAIRE_RESPONSE,
    LW_FHIR_PROCEDURE,
    LW_FHIR_DEVICE,
    LW_FHIR_ADVERSE_EVENT,
    LW_FHIR_PROVENANCE,
    LW_FHIR_AUDIT_EVENT,
    LW_FHIR_TYPES
} lw_fhir_type;

/* "Observation"; static. NULL when out of range. And back: -1 when it is none of them. */
const char *lw_fhir_type_name(int type);
int lw_fhir_type_of(lw_str name);

/* ---- what can be searched: one table, from which the CapabilityStatement is made, too ---- */

typedef enum lw_fhir_kind {
    LW_FHIR_DATE,      /* from_s..to_s, half-open, at the precision it was written with; to_s INT64_MAX: open */
    LW_FHIR_TOKEN,     /* system, empty for none; text: the code */
    LW_FHIR_REFERENCE, /* system: the type, empty for a canonical; text: id, or url|version */
    LW_FHIR_QUANTITY,  /* value_x100 with decimals; system and text: the unit's */
    LW_FHIR_STRING,    /* text as written; folding is the searcher's */
    LW_FHIR_URI        /* text, exactly */
} lw_fhir_kind;

typedef enum lw_fhir_param {
    LW_FHIR_P_ID,           /* _id: compared with the resource's id, never a fact */
    LW_FHIR_P_LAST_UPDATED, /* _lastUpdated: compared with updated_s, never a fact */
    LW_FHIR_P_PATIENT,
    LW_FHIR_P_SUBJECT,
    LW_FHIR_P_IDENTIFIER,
    LW_FHIR_P_NAME,
    LW_FHIR_P_BIRTHDATE,
    LW_FHIR_P_GENDER,
    LW_FHIR_P_ACTIVE,
    LW_FHIR_P_CODE,
    LW_FHIR_P_CATEGORY,
    LW_FHIR_P_STATUS,
    LW_FHIR_P_CLINICAL_STATUS,
    LW_FHIR_P_LIFECYCLE_STATUS,
    LW_FHIR_P_ACHIEVEMENT_STATUS,
    LW_FHIR_P_INTENT,
    LW_FHIR_P_DATE,
    LW_FHIR_P_AUTHORED,
    LW_FHIR_P_ONSET_DATE,
    LW_FHIR_P_RECORDED_DATE,
    LW_FHIR_P_START_DATE,
    LW_FHIR_P_RECORDED,
    LW_FHIR_P_VALUE_QUANTITY,
    LW_FHIR_P_COMPONENT_CODE,
    LW_FHIR_P_COMPONENT_VALUE_QUANTITY,
    LW_FHIR_P_PERFORMER,
    LW_FHIR_P_REQUESTER,
    LW_FHIR_P_AUTHOR,
    LW_FHIR_P_SOURCE,
    LW_FHIR_P_BASED_ON,
    LW_FHIR_P_PART_OF,
    LW_FHIR_P_DERIVED_FROM,
    LW_FHIR_P_GOAL,
    LW_FHIR_P_CONDITION,
    LW_FHIR_P_ACTIVITY_REFERENCE,
    LW_FHIR_P_QUESTIONNAIRE,
    LW_FHIR_P_SERIOUSNESS,
    LW_FHIR_P_ACTUALITY,
    LW_FHIR_P_SUBSTANCE,
    LW_FHIR_P_TARGET,
    LW_FHIR_P_AGENT,
    LW_FHIR_P_ENTITY,
    LW_FHIR_P_ACTION,
    LW_FHIR_P_OUTCOME,
    LW_FHIR_P_TYPE,
    LW_FHIR_P_URL,
    LW_FHIR_P_VERSION,
    LW_FHIR_P_TITLE,
    LW_FHIR_P_DEVICE_NAME,
    LW_FHIR_PARAMS
} lw_fhir_param;

typedef struct lw_fhir_param_info {
    const char *name; /* "clinical-status" */
    uint8_t kind;     /* lw_fhir_kind */
    uint32_t types;   /* bits of lw_fhir_type that have it */
} lw_fhir_param_info;
extern const lw_fhir_param_info lw_fhir_param_table[LW_FHIR_PARAMS];

/* The parameter of that name for a type; -1 when the type has none of that name. */
int lw_fhir_param_of(int type, lw_str name);

/* One thing a resource can be found by. Which members count says the parameter's kind. Texts live in the list's pool. */
typedef struct lw_fhir_fact {
    uint8_t param;    /* lw_fhir_param */
    uint8_t decimals; /* of a quantity: 0 to 2 */
    int64_t from_s, to_s;
    int64_t value_x100;
    const char *system, *text;
} lw_fhir_fact;

/* ---- what it is made from ---- */

/* Somebody of the clinic. Texts are borrowed. */
typedef struct lw_fhir_person {
    const char *id;   /* as in "clinician:ID" */
    const char *name; /* NULL: not told */
} lw_fhir_person;

/* One access, of the store's trail. Texts are borrowed; NULL where nothing is known. */
typedef struct lw_fhir_access {
    const char *id; /* a FHIR id, stable */
    int64_t at_s;
    const char *who, *who_name; /* account; name, where it is one of the clinic's practitioners */
    bool by_patient;            /* who is the patient */
    const char *address;        /* the client's network address */
    const char *patient;        /* FHIR id of whose record; NULL: of nobody's */
    const char *about;          /* "Observation/…": what was read or written; of a search its text, "Type?…" */
    char action;                /* C R U D E, E: a search */
    bool refused;
} lw_fhir_access;

typedef struct lw_fhir_resource lw_fhir_resource;

/*
 * Of one type only what `keep` lets pass is listed. It is asked while a resource is made, each time more is known: false leaves
 * it out, and all that would have been made of it. `known`: bits (LW_FHIR_KNOWS) of the parameters whose facts are all there,
 * updated_s under LW_FHIR_P_LAST_UPDATED and the id under LW_FHIR_P_ID among them; of the id the first 36 letters always.
 */
typedef struct lw_fhir_narrow {
    int type;
    bool (*keep)(void *ctx, const lw_fhir_resource *resource, uint64_t known);
    void *ctx;
} lw_fhir_narrow;
#define LW_FHIR_KNOWS(param) (UINT64_C(1) << (param))
_Static_assert(LW_FHIR_PARAMS <= 64, "each parameter has a bit");

typedef struct lw_fhir_source {
    const lw_record *record;
    const lw_protocol
        *protocol; /* nullable: no PlanDefinition, no ActivityDefinition, names of exercises are their ids */
    lw_str plan;   /* of `day`, from lw_plan; empty: no ServiceRequest, and the CarePlan without activities */
    int32_t day;
    const char *patient;          /* its FHIR id; lw_fhir_id makes one */
    const char *name;             /* nullable */
    const char *language;         /* "en", "es"; NULL: en */
    const lw_fhir_person *people; /* those who may stand in the record; others are made from their ids */
    uint32_t people_count;
    const lw_fhir_access *accesses;
    uint32_t access_count;
    const char *base; /* of the fullUrls of a Bundle: "https://clinic.example/fhir"; NULL: one that leads nowhere */
    uint32_t types;   /* bits of lw_fhir_type: only these are listed; 0: all */
    const lw_fhir_narrow *narrow; /* nullable */
} lw_fhir_source;

/* ---- the list ---- */

struct lw_fhir_resource {
    uint8_t type; /* lw_fhir_type */
    const char *id;
    int64_t updated_s; /* lastUpdated; 0: of no record (people, devices, definitions), and then not written */
    const lw_fhir_fact *facts;
    uint32_t fact_count;
    /* what follows is the renderer's own */
    const lw_event *event;
    uint32_t part; /* which of an event's resources; which exercise, form, person */
};

/* The most resources of one list; a record that would make more is LW_ERR_LIMIT. */
enum { LW_FHIR_MOST = 1000000, LW_FHIR_RESOURCE_MOST = 256 * 1024 };

struct lw_fhir_known; /* what was gathered in one pass: the latest of each member */

typedef struct lw_fhir_set {
    lw_fhir_resource *items; /* ordered by type, updated_s, id; no two of one type share an id */
    uint32_t count;
    lw_fhir_source source; /* as given: everything in it must outlive the list */
    lw_pool pool;
    struct lw_fhir_known *known;
} lw_fhir_set;

/*
 * Lists what the source makes. *out is overwritten; free it with lw_fhir_free, also after an error.
 * 0, LW_ERR_NO_MEMORY, LW_ERR_LIMIT, or LW_ERR_SYNTAX: the plan is none.
 */
LW_MUST_CHECK int32_t lw_fhir_list(const lw_fhir_source *source, lw_fhir_set *out);
void lw_fhir_free(lw_fhir_set *set);

/* The resource of that type and id; NULL: none. */
const lw_fhir_resource *lw_fhir_find(const lw_fhir_set *set, int type, lw_str id);

/* Appends one resource of the list as JSON: compact, one line, the same bytes each time. 0 or LW_ERR_NO_MEMORY. */
LW_MUST_CHECK int32_t lw_fhir_write(const lw_fhir_set *set, const lw_fhir_resource *resource, lw_fhir_version version,
                                    lw_buf *out);

/* Appends all of it as a collection Bundle. now_s: its timestamp. */
LW_MUST_CHECK int32_t lw_fhir_bundle(const lw_fhir_set *set, lw_fhir_version version, int64_t now_s, lw_buf *out);

/* ---- alone ---- */

typedef struct lw_fhir_server {
    const char *base;      /* "https://clinic.example/fhir" */
    const char *publisher; /* nullable */
    int64_t started_s;     /* date of the statement */
    uint32_t creates;      /* bits of lw_fhir_type that can be created */
} lw_fhir_server;

/* Appends the CapabilityStatement: types, interactions, search parameters, all from the tables above. */
LW_MUST_CHECK int32_t lw_fhir_capability(const lw_fhir_server *server, lw_fhir_version version, lw_buf *out);

/* text itself where it is a FHIR id (A–Z a–z 0–9 - . , 1 to 64), else "x-" and 32 hex digits of its SHA-256. */
void lw_fhir_id(lw_str text, char out[65]);

/*
 * Half-open interval of a FHIR date, dateTime or instant at its precision (year, month, day, minute or second); without an
 * offset, it is UTC; a fraction of a second is cut. False when it is none.
 */
bool lw_fhir_interval(lw_str text, int64_t *from_s, int64_t *to_s);

/* ---- the questionnaires, as a table: they are rendered from it, and answers can be checked against it ---- */

typedef enum lw_fhir_answer { LW_FHIR_DECIMAL, LW_FHIR_INTEGER, LW_FHIR_BOOLEAN, LW_FHIR_CHOICE } lw_fhir_answer;

typedef struct lw_fhir_item {
    const char *link_id; /* for the check-in: the member's name in the record */
    uint8_t type;        /* lw_fhir_answer */
    bool required;
    int32_t min, max;            /* numbers; inclusive */
    const char *system;          /* of the codes of a choice */
    const char *const *codes;    /* of a choice; ended by NULL */
    const char *const *displays; /* as many */
    const char *enable_when;     /* link_id of a question; NULL: always asked */
    const char *enable_code;     /* … that has this answer; NULL: any answer */
    const char *text;            /* what is asked, in words of the project's own */
    const char *text_es;         /* the same in Spanish; NULL: not there */
    const char *const *es;       /* Spanish of the displays; NULL: not there */
    bool points;                 /* a choice whose codes are its points */
    const char *sum;             /* FHIRPath of a total: it is not asked, and has to agree when given; NULL: asked */
} lw_fhir_item;

typedef struct lw_fhir_form {
    const char *id, *url, *version, *title, *description;
    const lw_fhir_item *items;
    uint32_t count;
} lw_fhir_form;

enum { LW_FHIR_FORM_CHECKIN, LW_FHIR_FORM_VISA_H, LW_FHIR_FORMS };
extern const lw_fhir_form lw_fhir_forms[LW_FHIR_FORMS];
/* By "url" or "url|version"; NULL: none of ours, or another version. */
const lw_fhir_form *lw_fhir_form_of(lw_str canonical);

#endif
