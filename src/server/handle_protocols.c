/*
 * handle_protocols.c: versions of the protocol that a clinic has published.
 *
 * A version is a text, known by its SHA-256; it is never changed and never taken back, because records were folded with it.
 * Publishing compiles it, as the phone and the command line do, and answers all that is wrong, not only the first.
 */
#include <stdio.h>
#include <string.h>

#include "server/identity_internal.h"
#include "server/routes.h"

enum { DIAGS = 64 };

void lw__protocol_name(const lw_protocol *protocol, char name[129], char sha256[65]) {
    lw_str id = lw_protocol_id(protocol), version = lw_protocol_version(protocol);
    snprintf(name, 129, "%.*s@%.*s", (int)id.len, id.ptr, (int)version.len, version.ptr);
    lw__writer w = lw__writer_over(sha256, 65);
    lw__put_hex(&w, lw_protocol_hash(protocol), 32);
    lw__put_end(&w);
}

int32_t lw__h_protocols(lw_request *rq, lw_sql *sql) {
    bool staff = (rq->who->roles & (LW__CLINICIAN | LW__ADMIN)) != 0;
    lw_buf_str(&rq->reply.body, "{\"protocols\":");
    int32_t err = lw_protocol_list(sql, lw__str(rq->who->clinic), !staff, &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

int32_t lw__h_protocol_text(lw_request *rq, lw_sql *sql) {
    rq->reply.type = "text/plain; charset=utf-8";
    return lw_clinic_protocol(sql, lw__str(rq->who->clinic), lw__str(rq->path[0]), &rq->reply.body);
}

typedef struct publishing {
    int32_t err; /* of the compiler */
    char name[129], sha256[65];
    lw_diags diags;
} publishing;

int32_t lw__h_protocol_publish(lw_request *rq, lw_sql *sql) {
    (void)sql;
    publishing *p = lw_pool_take(&rq->pool, sizeof *p);
    void *result_bytes = lw_pool_take(&rq->pool, LW_PROTOCOL_RESULT);
    void *scratch_bytes = lw_pool_take(&rq->pool, LW_PROTOCOL_SCRATCH);
    lw_diag *items = lw_pool_take(&rq->pool, DIAGS * sizeof *items);
    if (p == NULL || result_bytes == NULL || scratch_bytes == NULL || items == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    rq->state = p;
    p->diags = (lw_diags){items, DIAGS, 0};
    lw_arena result = lw_arena_over(result_bytes, LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over(scratch_bytes, LW_PROTOCOL_SCRATCH);
    const lw_protocol *protocol = NULL;
    p->err = lw_protocol_compile(lw_body(rq, "text")->text, &result, &scratch, &protocol, &p->diags);
    if (p->err == LW_OK) {
        lw__protocol_name(protocol, p->name, p->sha256);
    }
    return LW_OK;
}

/* An RFC 9457 problem as the router writes them, with every diagnostic of the compiler. */
static int32_t diagnostics_reply(lw_request *rq, const publishing *p) {
    const lw_err_info *info = lw_err_find(p->err);
    lw_buf *out = &rq->reply.body;
    const lw_diag *first = &p->diags.items[0];
    uint32_t count = p->diags.count < p->diags.cap ? p->diags.count : p->diags.cap;
    rq->reply.status = 422;
    rq->reply.type = "application/problem+json";
    lw_buf_fmt(out, "{\"type\":\"urn:loadwave:problem:%s\",\"title\":", info->symbol);
    lw_buf_json(out, lw__str(info->sentence));
    lw_buf_fmt(out,
               ",\"status\":422,\"code\":\"%s\",\"member\":\"text\",\"retryable\":false,\"detail\":", info->symbol);
    lw_buf_json(out, lw__str(count > 0 ? first->message : "The protocol does not compile."));
    if (count > 0 && first->line > 0) {
        lw_buf_fmt(out, ",\"line\":%u", first->line);
    }
    lw_buf_fmt(out, ",\"count\":%u,\"diagnostics\":[", p->diags.count);
    for (uint32_t i = 0; i < count; i++) {
        const lw_diag *d = &p->diags.items[i];
        lw_buf_fmt(out, "%s{\"line\":%u,\"column\":%u,\"length\":%u,\"code\":\"%s\",\"member\":", i > 0 ? "," : "",
                   d->line, d->column, d->length, lw_err_name(d->err));
        lw_buf_json(out, lw__str(d->member));
        lw_buf_str(out, ",\"message\":");
        lw_buf_json(out, lw__str(d->message));
        lw_buf_str(out, ",\"hint\":");
        lw_buf_json(out, lw__str(d->hint));
        lw_buf_str(out, "}");
    }
    lw_buf_str(out, "]}\n");
    return lw__replied(rq);
}

int32_t lw__c_protocol_publish(lw_request *rq, lw_sql *sql) {
    const publishing *p = rq->state;
    const lw_value *current = lw_body(rq, "current");
    if (p->err != LW_OK) {
        return diagnostics_reply(rq, p);
    }
    const lw_publication version = {.clinic = rq->who->clinic,
                                    .sha256 = p->sha256,
                                    .name = p->name,
                                    .note = lw__asked(rq, lw_body(rq, "note")),
                                    .by = rq->who->account,
                                    .text = lw_body(rq, "text")->text,
                                    .current = current->given && current->number != 0};
    int32_t err = lw_protocol_publish(sql, &version, rq->now_s);
    if (err == LW_ERR_EXISTS) {
        return lw_problem(rq, err, "text", "This text, or another one named %s, is published. Give it a new version.",
                          p->name);
    }
    if (err == LW_OK) {
        snprintf(rq->audit, sizeof rq->audit, "protocol=%s", p->sha256);
        lw_buf_fmt(&rq->reply.body, "{\"sha256\":\"%s\",\"name\":", p->sha256);
        lw_buf_json(&rq->reply.body, lw__str(p->name));
        lw_buf_str(&rq->reply.body, "}");
        err = lw__replied(rq);
    }
    return err;
}
