/*
 * fhir_http.h: what the addresses under /fhir share: the version a client wants, what it asks, whose record it is about, and
 * that record as a list of resources. What is written is in fhir_create.c; all else only reads.
 *
 *     fhir_request.c  form, version, type, parameters; what is wrong     fhir_read.c    metadata, one resource
 *     fhir_whose.c    whose record, and may they                         fhir_search.c  a search's pages, $everything
 *     fhir_view.c     the record, the clinic or the trail as a list      fhir_parts.c   a resource, whole or a summary
 *
 * Sign-in, strength of it and rate are checked by dispatch.c as everywhere.
 */
#ifndef LW_SERVER_FHIR_HTTP_H
#define LW_SERVER_FHIR_HTTP_H

#include "server/fhir/fhir_query.h"
#include "server/server_internal.h"

#define LW__FHIR_BIT(type) (UINT32_C(1) << (type))
/* All there is in a record; the trail is asked for by itself. */
#define LW__FHIR_ALL (LW__FHIR_BIT(LW_FHIR_TYPES) - 1 - LW__FHIR_BIT(LW_FHIR_AUDIT_EVENT))
/* What there is without a patient's record. */
#define LW__FHIR_CLINICS                                                                 \
    (LW__FHIR_BIT(LW_FHIR_ACTIVITY_DEFINITION) | LW__FHIR_BIT(LW_FHIR_PLAN_DEFINITION) | \
     LW__FHIR_BIT(LW_FHIR_QUESTIONNAIRE) | LW__FHIR_BIT(LW_FHIR_PRACTITIONER))

enum {
    LW__FHIR_SCAN_MOST = 2000, /* patients looked at for one answer */
    LW__FHIR_ROWS = 500,       /* rows of the trail listed at a time */
    LW__FHIR_BASE = 300        /* bytes of a base address */
};

/* ---- fhir_request.c ---- */

/*
 * Which version the client takes, and that it takes JSON: LW_OK, or LW_ERR_MEDIA for a 406. Sets the type of the reply. Must
 * be called first.
 */
LW_MUST_CHECK int32_t lw__fhir_begin(lw_request *rq, lw_fhir_version *version);
/* The type in the address, and whether the role that is signed in reads it at all. */
LW_MUST_CHECK int32_t lw__fhir_type(lw_request *rq, int *type);
/* Reads the parameters of a search of that type, into rq->pool; what is noted goes into rq->issues, which is there then. */
LW_MUST_CHECK int32_t lw__fhir_ask(lw_request *rq, int type, lw_str query, lw_fhir_search **search);
/* Notes an error for the OperationOutcome and returns err; status 0: err's own. */
int32_t lw__fhir_wrong(lw_request *rq, int32_t err, int status, const char *code, const char *text,
                       const char *expression, const char *format, ...) __attribute__((format(printf, 7, 8)));
/* "https://clinic.example/fhir" */
void lw__fhir_base(const lw_request *rq, char out[LW__FHIR_BASE]);
/* W/"…" of a rendered resource. */
void lw__fhir_etag(lw_str resource, char out[24]);

/* ---- fhir_whose.c ---- */

/* That patient, by the record's own id, as rq->target: LW_OK, or what lw_authorize says; LW_ERR_NOT_FOUND, LW_ERR_GONE. */
LW_MUST_CHECK int32_t lw__fhir_take(lw_request *rq, lw_sql *sql, const char *patient);
/* The patient of a FHIR id, for whoever is asking: fills rq->target. LW_ERR_NOT_FOUND: none, or not theirs to see. */
LW_MUST_CHECK int32_t lw__fhir_patient(lw_request *rq, lw_sql *sql, const char *id);
/* Whose record holds a resource of that id, likewise. Ids of what an event said begin with the event's. */
LW_MUST_CHECK int32_t lw__fhir_holder(lw_request *rq, lw_sql *sql, int type, const char *id);
/* The event that an id begins with: 8-4-4-4-12 hex digits; false: with none. */
bool lw__fhir_event_of(const char *id, uint8_t uuid[16]);
/*
 * Visits the clinic's patients by name, those of whose names `name` is a part, from the one behind `after` ("": the first), until
 * a visit clears *on or about `most` were seen. *over: nobody is left. The text of `patient` lives as long as the request.
 */
typedef int32_t lw__fhir_visit(lw_request *rq, lw_sql *sql, const char *patient, void *ctx, bool *on);
LW_MUST_CHECK int32_t lw__fhir_each(lw_request *rq, lw_sql *sql, const char *name, const char *after, uint32_t most,
                                    lw__fhir_visit *visit, void *ctx, bool *over);

/* ---- fhir_create.c ---- */

/*
 * The offset in seconds that the record is written in at an instant: of the patient's own nearest earlier entry of 30 days, else
 * of anybody's nearest earlier one, else of the first; 0 in a record of nobody's. Entries of engine and devices do not count.
 * *known: whether the offset that was sent may be believed there: it is that one; or all entries of 51 to 54 weeks before are
 * written in it (summer and winter time); or there is no entry to hold it against.
 */
int32_t lw__fhir_offset(const lw_record *record, int64_t at_s, int32_t sent_s, bool *known);

/* ---- fhir_view.c ---- */

/* A list with all that it borrows from. Zeroed at first; lw__fhir_view_free in any case. */
typedef struct lw__fhir_view {
    lw_server *server;
    lw__log *log;
    const lw_protocol *protocol;
    lw_buf plan, people, name;
    lw_fhir_person *persons;
    lw_record record; /* what is listed: the log, or one event of it */
    lw_fhir_set set;
    bool listed;
    char id[65]; /* the patient's FHIR id */
} lw__fhir_view;

/* What of a record is to be listed; all zero: everything but AuditEvents. */
typedef struct lw__fhir_wish {
    uint32_t types;               /* bits */
    const lw_fhir_narrow *narrow; /* nullable: of one of them only some */
    lw_reading *more;             /* nullable: instead of the stored log */
    const lw_event *only;         /* nullable: an event of it; nothing else is listed then */
} lw__fhir_wish;

/* Lists the resources of rq->target's record. */
LW_MUST_CHECK int32_t lw__fhir_view_record(lw_request *rq, lw_sql *sql, const lw__fhir_wish *wish, lw__fhir_view *out);
/* What stands in no record: definitions and the clinic's people. */
LW_MUST_CHECK int32_t lw__fhir_view_clinic(lw_request *rq, lw_sql *sql, uint32_t types, lw__fhir_view *out);
/*
 * Rows of the clinic's trail, newest first: those before the row `before` (0: from the newest), LW__FHIR_ROWS at most. *next is
 * what to go on with, 0 where there are no more. Only for those whom the trail is for.
 */
LW_MUST_CHECK int32_t lw__fhir_view_trail(lw_request *rq, lw_sql *sql, int64_t before, lw__fhir_view *out,
                                          int64_t *next);
/* The row of the trail that an AuditEvent's id names, 0: none. */
int64_t lw__fhir_row_of(const char *id);
void lw__fhir_view_free(lw__fhir_view *view);

/* ---- fhir_parts.c ---- */

/* Appends one resource, whole or in parts as summary says. */
LW_MUST_CHECK int32_t lw__fhir_put(const lw_fhir_set *set, const lw_fhir_resource *resource, lw_fhir_version version,
                                   lw_fhir_summary summary, lw_buf *out);

#endif
