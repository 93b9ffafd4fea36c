/*
 * providers.h: the SQL of a clinic's list of who gives shockwave, so that a letter has somewhere to go. Kept by hand by the
 * clinic, or by a community that runs a clinic for itself; nothing here says that anybody on it is good.
 *
 * As in people.h: "in a job" is the writer's connection; lists are appended as JSON in the shapes of schema/routes.json.
 */
#ifndef LW_STORE_PROVIDERS_H
#define LW_STORE_PROVIDERS_H

#include "store/people.h"

enum { LW_PROVIDERS_MOST = 500 }; /* of one clinic */

typedef struct lw_provider {
    const char *id, *clinic;
    const char *name, *place;
    const char *wave;    /* radial, focused, both, unknown */
    const char *contact; /* telephone, e-mail or address, as a person would write it */
    const char *note;    /* "" none */
} lw_provider;

/* In a job. LW_ERR_LIMIT: the list is full. */
LW_MUST_CHECK int32_t lw_provider_add(lw_sql *sql, const lw_provider *provider, int64_t now_s);
/* In a job: NULL leaves a text as it is. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_provider_change(lw_sql *sql, const lw_provider *provider, int64_t now_s);
/* In a job. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_provider_remove(lw_sql *sql, lw_str clinic, lw_str id);
/* {"id":…,"name":…,"place":…,"wave":…,"contact":…,"note":…,"changed_s":…}; LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_provider_json(lw_sql *sql, lw_str clinic, lw_str id, lw_buf *out);
/* All of the clinic, by place and name. */
LW_MUST_CHECK int32_t lw_provider_list(lw_sql *sql, lw_str clinic, lw_buf *out);

#endif
