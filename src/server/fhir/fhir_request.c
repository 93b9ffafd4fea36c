/*
 * fhir_request.c: what every address under /fhir begins with and may end in: the form and version that the client takes, the
 * type it speaks of, the parameters it asks with; and what is wrong, as an OperationOutcome.
 *
 * Whatever is noted here is told; an answer that memory did not suffice for is told as that, never as what its half would mean.
 */
#include "server/fhir/fhir_http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"

static const char *const media[] = {"application/fhir+json; charset=utf-8; fhirVersion=4.0",
                                    "application/fhir+json; charset=utf-8; fhirVersion=5.0"};

/* ---- what goes wrong ---- */

int32_t lw__fhir_wrong(lw_request *rq, int32_t err, int status, const char *code, const char *text,
                       const char *expression, const char *format, ...) {
    char sentence[240];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    if (rq->issues == NULL) {
        rq->issues = lw_pool_take(&rq->pool, sizeof *rq->issues);
    }
    if (rq->issues != NULL) {
        lw_fhir_issue_add(rq->issues, "error", code, text, expression, "%s", sentence);
    }
    rq->status = status;
    return err;
}

void lw__fhir_problem(lw_request *rq, int32_t err) {
    const lw_err_info *info = lw_err_find(err);
    lw_reply *reply = &rq->reply;
    lw_fhir_issues made = {0};
    const lw_fhir_issues *issues = NULL;
    bool short_of = err == LW_ERR_NO_MEMORY; /* what was noted on the way may be of something that was only not kept */
    for (uint32_t i = 0; rq->issues != NULL && i < rq->issues->count && !short_of; i++) {
        issues = strcmp(rq->issues->list[i].severity, "error") == 0 ? rq->issues : issues;
    }
    lw_buf_clear(&reply->body);
    reply->header_count = 0;
    reply->cookie[0] = '\0';
    reply->status = rq->status != 0 && !short_of ? rq->status : info->http;
    reply->type = "application/fhir+json; charset=utf-8";
    if (issues == NULL && rq->route == NULL && (err == LW_ERR_NOT_FOUND || err == LW_ERR_METHOD)) {
        lw_fhir_issue_add(&made, "error", "not-supported", "This server does not do that", "",
                          "update, patch, delete, history, batch, transaction and operations but $everything are not "
                          "offered; /fhir/metadata says what is");
        issues = &made;
    } else if (issues == NULL) {
        bool noted = rq->err == err;
        const char *sentence = short_of ? "The server is short of memory; please try again." : info->sentence;
        lw_fhir_issue_add(&made, "error", info->fhir, sentence, noted ? rq->member : "", "%s%s%s",
                          noted ? rq->detail : "", noted && rq->hint[0] != '\0' ? "; " : "", noted ? rq->hint : "");
        issues = &made;
    }
    if (rq->retry_s > 0) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%u", rq->retry_s);
        lw_reply_header(rq, "Retry-After", seconds);
    }
    lw_fhir_outcome(issues, &reply->body);
}

/* ---- what the client takes ---- */

/* One media range of Accept, or a _format: 1 it is JSON, 0 it is something else, with the version it names, if any. */
static bool is_json(const char *range, size_t len, lw_fhir_version *version, bool *other_version) {
    static const char *const names[] = {
        "application/fhir+json", "application/json", "*/*", "application/*", "json", "text/json"};
    char text[160];
    snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), range);
    size_t end = strcspn(text, "; ");
    bool json = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        json = json || (strlen(names[i]) == end && strncasecmp(text, names[i], end) == 0);
    }
    const char *asked = strstr(text, "fhirVersion=");
    if (json && asked != NULL) {
        asked += 12 + strspn(asked + 12, "\"");
        *other_version = strncmp(asked, "4.0", 3) != 0 && strncmp(asked, "5.0", 3) != 0;
        *version = asked[0] == '5' ? LW_FHIR_R5 : LW_FHIR_R4;
        return !*other_version;
    }
    return json;
}

/* The raw value of a parameter of the query, decoded; NULL: not there. */
static const char *query_text(lw_request *rq, const char *name) {
    const char *p = rq->query_text.ptr, *end = p + rq->query_text.len;
    size_t len = strlen(name);
    while (p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p)), *to = amp != NULL ? amp : end;
        if ((size_t)(to - p) > len && strncmp(p, name, len) == 0 && p[len] == '=') {
            lw_str raw = {p + len + 1, (uint32_t)((size_t)(to - p) - len - 1)};
            char *text = lw_pool_take(&rq->pool, raw.len + 1u);
            return text != NULL && lw__percent_decode(raw, false, text, raw.len + 1u) ? text : "";
        }
        p = amp != NULL ? amp + 1 : end;
    }
    return NULL;
}

int32_t lw__fhir_begin(lw_request *rq, lw_fhir_version *version) {
    const char *format = query_text(rq, "_format"), *accept = format != NULL ? format : rq->accept;
    bool taken = accept[0] == '\0', other = false;
    *version = LW_FHIR_R4;
    for (const char *p = accept; *p != '\0' && !taken;) {
        size_t len = strcspn(p, ",");
        taken = is_json(p, len, version, &other);
        p += len + strspn(p + len, ", ");
    }
    rq->reply.type = media[*version];
    return taken ? LW_OK
                 : lw__fhir_wrong(rq, LW_ERR_MEDIA, 406, "not-supported", "That form is not given here",
                                  format != NULL ? "http._format" : "http.Accept",
                                  other ? "this server speaks FHIR 4.0 and, where that differs, 5.0"
                                        : "this server speaks application/fhir+json only; XML and others are not made");
}

/* ---- what it asks for ---- */

int32_t lw__fhir_type(lw_request *rq, int *type) {
    *type = lw_fhir_type_of(lw__str(rq->path[0]));
    if (*type < 0) {
        return lw__fhir_wrong(rq, LW_ERR_NOT_FOUND, 404, "not-supported", "That type of resource is not kept here", "",
                              "this server has no %.40s; /fhir/metadata says what it has", rq->path[0]);
    }
    uint32_t care = LW_ROLE_PATIENT | LW_ROLE_CLINICIAN;
    bool may = (rq->who->roles & (*type == LW_FHIR_AUDIT_EVENT ? (uint32_t)LW_ROLE_ADMIN : care)) != 0;
    return may ? LW_OK
               : lw__fhir_wrong(rq, LW_ERR_FORBIDDEN, 0, "forbidden", "This sign-in may not do that", "",
                                *type == LW_FHIR_AUDIT_EVENT ? "the trail of accesses is for the clinic's admins"
                                                             : "records are for patients and clinicians");
}

int32_t lw__fhir_ask(lw_request *rq, int type, lw_str query, lw_fhir_search **search) {
    char *base = lw_pool_take(&rq->pool, LW__FHIR_BASE);
    bool lenient = strstr(rq->prefer, "handling=lenient") != NULL;
    *search = lw_pool_take(&rq->pool, sizeof **search);
    rq->issues = lw_pool_take(&rq->pool, sizeof *rq->issues);
    if (base == NULL || *search == NULL || rq->issues == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw__fhir_base(rq, base);
    int32_t err = lw_fhir_search_read(&rq->pool, type, query, lenient, base, rq->now_s, *search, rq->issues);
    rq->status = err == LW_ERR_VALUE ? 400 : rq->status;
    return err;
}

/* ---- what an answer carries ---- */

void lw__fhir_base(const lw_request *rq, char out[LW__FHIR_BASE]) {
    snprintf(out, LW__FHIR_BASE, "%s/fhir", lw_server_origin(rq->server));
}

void lw__fhir_etag(lw_str resource, char out[24]) {
    uint8_t hash[32];
    lw__sha256_of(resource.ptr, resource.len, hash);
    lw__writer w = lw__writer_over(out, 24);
    lw__put_c(&w, "W/\"");
    lw__put_hex(&w, hash, 8);
    lw__put_c(&w, "\"");
    lw__put_end(&w);
}
