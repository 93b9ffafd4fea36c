/* extra_routes.c: the server's routes and two more to measure against: an empty answer, and a write of one blank row. */
#define LW_EXTRA_ROUTES                 \
    {.id = "bench_empty",               \
     .method = "GET",                   \
     .path = "/api/v1/bench/empty",     \
     .shape = LW_READ,                  \
     .handler = bench_empty,            \
     .open = true,                      \
     .per_minute = 1},                  \
        {.id = "bench_blank",           \
         .method = "POST",              \
         .path = "/api/v1/bench/blank", \
         .shape = LW_WRITE,             \
         .commit = bench_blank,         \
         .open = true,                  \
         .body_max = 64,                \
         .per_minute = 1},

#include "server/http.h"

int32_t bench_empty(lw_request *rq, lw_sql *sql);
int32_t bench_blank(lw_request *rq, lw_sql *sql);

#include "server/routes_table.c"

int32_t bench_empty(lw_request *rq, lw_sql *sql) {
    (void)sql;
    lw_buf_str(&rq->reply.body, "{}");
    return LW_OK;
}

int32_t bench_blank(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{}");
    return lw_sql_queue(sql, "INSERT INTO bench (id) SELECT COALESCE(MAX(id), 0) + 1 FROM bench", NULL, 0);
}
