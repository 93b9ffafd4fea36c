/*
 * problem.c: what went wrong, as RFC 9457 says it. Title and status come from schema/errors.json; a handler adds where and
 * what to do. Database words, paths of files and values of the request are never in it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "server/server_internal.h"

#include "base/base_internal.h"

int32_t lw_problem(lw_request *rq, int32_t err, const char *member, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(rq->detail, sizeof rq->detail, format, args);
    va_end(args);
    /* A cut in the middle of a letter would not be UTF-8 any more. */
    lw__writer w = lw__writer_over(rq->detail, sizeof rq->detail);
    w.len = strlen(rq->detail);
    w.full = w.len == sizeof rq->detail - 1;
    lw__put_end(&w);
    snprintf(rq->member, sizeof rq->member, "%s", member != NULL ? member : "");
    rq->err = err;
    return err;
}

void lw_reply_header(lw_request *rq, const char *name, const char *value) {
    lw_reply *reply = &rq->reply;
    if (reply->header_count < sizeof reply->headers / sizeof reply->headers[0]) {
        snprintf(reply->headers[reply->header_count][0], sizeof reply->headers[0][0], "%s", name);
        snprintf(reply->headers[reply->header_count][1], sizeof reply->headers[0][1], "%s", value);
        reply->header_count++;
    }
}

static void add_text(lw_buf *out, const char *name, const char *text) {
    if (text[0] != '\0') {
        lw_buf_fmt(out, ",\"%s\":", name);
        lw_buf_json(out, lw__str(text));
    }
}

void lw__problem_reply(lw_request *rq, int32_t err) {
    if (rq->fhir) {
        lw__fhir_problem(rq, err);
        return;
    }
    const lw_err_info *info = lw_err_find(err);
    lw_reply *reply = &rq->reply;
    lw_buf *out = &reply->body;
    lw_buf_clear(out);
    reply->header_count = 0;
    reply->cookie[0] = '\0';
    reply->status = info->http;
    reply->type = "application/problem+json";
    lw_buf_fmt(out, "{\"type\":\"urn:loadwave:problem:%s\",\"title\":", info->symbol);
    lw_buf_json(out, lw__str(info->sentence));
    lw_buf_fmt(out, ",\"status\":%d,\"code\":\"%s\"", (int)info->http, info->symbol);
    if (rq->err == err) { /* what was noted belongs to this error, not to one that came before it */
        add_text(out, "detail", rq->detail);
        add_text(out, "member", rq->member);
        add_text(out, "hint", rq->hint);
        if (rq->line > 0) {
            lw_buf_fmt(out, ",\"line\":%u", rq->line);
        }
    }
    if (rq->retry_s > 0) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%u", rq->retry_s);
        lw_reply_header(rq, "Retry-After", seconds);
    }
    lw_buf_fmt(out, ",\"retryable\":%s}\n", info->retryable ? "true" : "false");
}
