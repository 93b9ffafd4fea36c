/*
 * handle_about.c: what a client checks first.
 */
#include <stdio.h>
#include <time.h>

#include "server/server_internal.h"

#include "base/base_internal.h"
#include "server/routes.h"
#include "store/clinic.h"

int32_t lw__h_about(lw_request *rq, lw_sql *sql);

int32_t lw__h_about(lw_request *rq, lw_sql *sql) {
    bool any = false;
    int32_t err = lw_clinics_any(sql, &any);
    const lw_protocol *protocol = NULL;
    err = err == LW_OK ? lw_server_protocol(rq->server, sql, lw_builtin_sha256(), &protocol) : err;
    if (err != LW_OK) {
        return err;
    }
    lw_str id = lw_protocol_id(protocol), version = lw_protocol_version(protocol);
    char now[24];
    time_t when = (time_t)rq->now_s;
    struct tm utc;
    gmtime_r(&when, &utc);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", &utc);
    lw_buf_fmt(
        &rq->reply.body,
        "{\"version\":\"%s\",\"engine\":\"%s\",\"protocol\":\"%.*s@%.*s\",\"protocol_sha256\":\"%s\",\"now\":\"%s\","
        "\"now_s\":%lld,\"languages\":[\"en\",\"es\"],\"setup\":%s}",
        lw_version(), lw_version(), (int)id.len, id.ptr, (int)version.len, version.ptr, lw_builtin_sha256(), now,
        (long long)rq->now_s, any ? "false" : "true");
    lw_server_protocol_back(rq->server, protocol);
    return LW_OK;
}
