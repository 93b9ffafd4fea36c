/*
 * fhir_http.h: what the addresses under /fhir share: the version a client wants, whose record it is about, and that record as
 * a list of resources.
 *
 * Sign-in, strength of it and rate are checked by dispatch.c as everywhere. Whose record it is cannot stand in most of these
 * addresses; so it is found here and asked of lw_authorize, with the route that does name the patient (fhir_everything), before
 * anything of it is read. What may not be seen is told as if there were no such thing.
 */
#ifndef LW_SERVER_FHIR_HTTP_H
#define LW_SERVER_FHIR_HTTP_H

#include "server/fhir/fhir_query.h"
#include "server/server_internal.h"

/* One record, listed. Zeroed at first; lw__fhir_view_free in any case. */
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

/*
 * Which version the client takes, and that it takes JSON: LW_OK, or LW_ERR_MEDIA for a 406. Sets the type of the reply. Must
 * be called first; issues receives what is noted later.
 */
LW_MUST_CHECK int32_t lw__fhir_begin(lw_request *rq, lw_fhir_version *version);
/* Notes an error for the OperationOutcome and returns err; status 0: err's own. */
int32_t lw__fhir_wrong(lw_request *rq, int32_t err, int status, const char *code, const char *text,
                       const char *expression, const char *format, ...) __attribute__((format(printf, 7, 8)));

/*
 * The patient of a FHIR id, for whoever is asking: fills rq->target. LW_ERR_NOT_FOUND: none, or not theirs to see; LW_ERR_GONE.
 */
LW_MUST_CHECK int32_t lw__fhir_patient(lw_request *rq, lw_sql *sql, const char *id);

/*
 * Lists the resources of rq->target's record; types: bits, 0 for all but AuditEvent. more (nullable): instead of the stored log.
 * only (nullable): an event of it; nothing else is listed then.
 */
LW_MUST_CHECK int32_t lw__fhir_list(lw_request *rq, lw_sql *sql, uint32_t types, lw_reading *more, const lw_event *only,
                                    lw__fhir_view *out);
void lw__fhir_view_free(lw__fhir_view *view);

/* "https://clinic.example/fhir" */
void lw__fhir_base(const lw_request *rq, char out[300]);
/* Appends one resource, whole or in parts as summary says. */
LW_MUST_CHECK int32_t lw__fhir_put(const lw_fhir_set *set, const lw_fhir_resource *resource, lw_fhir_version version,
                                   lw_fhir_summary summary, lw_buf *out);
/* W/"…" of a rendered resource. */
void lw__fhir_etag(lw_str resource, char out[24]);

#endif
