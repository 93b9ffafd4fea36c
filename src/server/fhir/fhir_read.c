/*
 * fhir_read.c: what this server can do, and one resource by its id.
 *
 * Only what may be of that id is listed: ids of what an event said begin with the event's, so nothing else of the record is made.
 */
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_http.h"
#include "server/routes.h"

int32_t lw__h_fhir_metadata(lw_request *rq, lw_sql *sql) {
    (void)sql;
    char base[LW__FHIR_BASE];
    lw_fhir_version version;
    int32_t err = lw__fhir_begin(rq, &version);
    lw__fhir_base(rq, base);
    const lw_fhir_server server = {.base = base,
                                   .started_s = rq->server->started_s,
                                   .creates = LW__FHIR_BIT(LW_FHIR_OBSERVATION) |
                                              LW__FHIR_BIT(LW_FHIR_QUESTIONNAIRE_RESPONSE)};
    return err == LW_OK ? lw_fhir_capability(&server, version, &rq->reply.body) : err;
}

static bool may_be(void *id, const lw_fhir_resource *resource, uint64_t known) {
    (void)known;
    return strncmp(resource->id, id, 36) == 0;
}

/*
 * A device is named by what it is called, not by an event: the first patients of the clinic's list are looked through for one
 * whose record knows it.
 */
typedef struct device {
    const char *id;
    lw__fhir_view *view;
} device;

static int32_t look_for_device(lw_request *rq, lw_sql *sql, const char *patient, void *ctx, bool *on) {
    device *d = ctx;
    const lw__fhir_wish wish = {.types = LW__FHIR_BIT(LW_FHIR_DEVICE)};
    lw__fhir_view_free(d->view);
    int32_t err = lw__fhir_take(rq, sql, patient);
    err = err == LW_OK ? lw__fhir_view_record(rq, sql, &wish, d->view) : err;
    *on = err == LW_OK && lw_fhir_find(&d->view->set, LW_FHIR_DEVICE, lw__str(d->id)) == NULL;
    return err;
}

/* Lists what the resource must be among. */
static int32_t list_around(lw_request *rq, lw_sql *sql, int type, char *id, lw__fhir_view *view) {
    if (type == LW_FHIR_AUDIT_EVENT) {
        int64_t row = lw__fhir_row_of(id), next = 0;
        return row > 0 ? lw__fhir_view_trail(rq, sql, row + 1, view, &next) : LW_ERR_NOT_FOUND;
    }
    if ((LW__FHIR_BIT(type) & LW__FHIR_CLINICS) != 0) {
        return lw__fhir_view_clinic(rq, sql, LW__FHIR_BIT(type), view);
    }
    if (type == LW_FHIR_DEVICE && rq->who->patient[0] == '\0') {
        device d = {.id = id, .view = view};
        bool over = false;
        int32_t err = lw__fhir_each(rq, sql, "", "", LW__FHIR_SCAN_MOST, look_for_device, &d, &over);
        rq->target = (lw_target){0}; /* a device is nobody's */
        return err;
    }
    const lw_fhir_narrow narrow = {.type = type, .keep = may_be, .ctx = id};
    const lw__fhir_wish wish = {.types = LW__FHIR_BIT(type), .narrow = &narrow};
    int32_t err = lw__fhir_holder(rq, sql, type, id);
    return err == LW_OK ? lw__fhir_view_record(rq, sql, &wish, view) : err;
}

int32_t lw__h_fhir_read(lw_request *rq, lw_sql *sql) {
    lw_fhir_version version;
    int type = -1;
    char *id = rq->path[1];
    lw__fhir_view view = {0};
    lw_fhir_search *search = NULL;
    int32_t err = lw__fhir_begin(rq, &version);
    err = err == LW_OK ? lw__fhir_type(rq, &type) : err;
    if (err != LW_OK) {
        return err;
    }
    snprintf(rq->audit, sizeof rq->audit, "%s/%.70s", lw_fhir_type_name(type), id);
    /* Only what shapes the answer is known here: a search's parameters are none of a read. */
    err = lw__fhir_ask(rq, type, rq->query_text, &search);
    if (err == LW_OK && search->term_count + search->include_count > 0) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "not-supported", "A read takes no search parameters", "http",
                             "ask for /fhir/%s?… instead", lw_fhir_type_name(type));
    }
    if (err != LW_OK || (err = lw_sql_begin(sql, false)) != LW_OK) {
        return err;
    }
    err = list_around(rq, sql, type, id, &view);
    const lw_fhir_resource *found = err == LW_OK ? lw_fhir_find(&view.set, type, lw__str(id)) : NULL;
    if ((err == LW_OK && found == NULL) || (err == LW_ERR_NOT_FOUND && rq->issues->count == 0)) {
        err =
            lw__fhir_wrong(rq, LW_ERR_NOT_FOUND, 0, "not-found", "There is no such resource, or it is not yours to see",
                           "", "no %s of that id", lw_fhir_type_name(type));
    }
    err = err == LW_OK ? lw__fhir_put(&view.set, found, version, search->summary, &rq->reply.body) : err;
    lw_sql_rollback(sql);
    lw__fhir_view_free(&view);
    if (err == LW_OK) {
        char etag[24];
        lw__fhir_etag(lw_buf_view(&rq->reply.body), etag);
        lw_reply_header(rq, "ETag", etag);
        if (strcmp(rq->if_none_match, "*") == 0 || strstr(rq->if_none_match, etag + 2) != NULL) {
            rq->reply.status = 304;
            lw_buf_clear(&rq->reply.body);
        }
    }
    return err;
}
