/*
 * fhir_search.c: searches and $everything: what meets the question, in order, a page of it, and what goes with it.
 *
 * A search goes over one patient's record, so it has to name the patient, unless it is the patient who asks. What the search
 * says about the type it asks for narrows the list while it is made (lw_fhir_search_may), unless an include may need the rest;
 * only what stands on the page is rendered. Searches for patients go over the clinic's list, in its order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_http.h"
#include "server/routes.h"

enum {
    EVERYTHING_MOST = 3000, /* entries of a record that $everything gives */
    ROWS_MOST = 10000       /* rows of the trail looked at for one answer */
};

/* ---- a page of answers ---- */

typedef struct hit {
    int64_t key;
    const lw_fhir_resource *resource;
    const lw_fhir_search *search;
} hit;

static int by_order(const void *a, const void *b) {
    const hit *x = a, *y = b;
    return lw_fhir_sort_order(x->search, x->key, x->resource->id, y->key, y->resource->id);
}

typedef struct page {
    lw_request *rq;
    lw_fhir_search *search;
    lw_fhir_version version;
    const char *path; /* under the base: "Observation" */
    uint32_t entries;
} page;

static void put_link(page *p, const char *relation, lw_str cursor) {
    lw_buf url = {0};
    lw_buf_fmt(&url, "%s/%s%s%s", p->search->base, p->path, p->search->self[0] != '\0' || cursor.len > 0 ? "?" : "",
               p->search->self);
    if (cursor.len > 0) {
        lw_buf_str(&url, p->search->self[0] != '\0' ? "&_cursor=" : "_cursor=");
        lw_buf_slice(&url, cursor);
    }
    lw_buf *out = &p->rq->reply.body;
    lw_buf_fmt(out, "{\"relation\":\"%s\",\"url\":", relation);
    lw_buf_json(out, lw_buf_view(&url));
    lw_buf_str(out, "}");
    out->failed = out->failed || url.failed;
    lw_buf_free(&url);
}

/* Everything before the entries; total below 0: not told. */
static void put_head(page *p, int64_t total, const char *next_id, int64_t next_key) {
    lw_buf *out = &p->rq->reply.body;
    lw_buf_str(out, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\"");
    if (total >= 0) {
        lw_buf_fmt(out, ",\"total\":%lld", (long long)total);
    }
    lw_buf_str(out, ",\"link\":[");
    put_link(p, "self", (lw_str){0});
    if (next_id != NULL) {
        lw_buf cursor = {0};
        lw_fhir_cursor(p->search, next_key, next_id, &cursor);
        lw_buf_str(out, ",");
        put_link(p, "next", lw_buf_view(&cursor));
        out->failed = out->failed || cursor.failed;
        lw_buf_free(&cursor);
    }
    lw_buf_str(out, "]");
}

static int32_t put_entry(page *p, const lw_fhir_set *set, const lw_fhir_resource *resource, const char *mode) {
    lw_buf *out = &p->rq->reply.body;
    lw_buf_str(out, p->entries++ > 0 ? ",{\"fullUrl\":" : ",\"entry\":[{\"fullUrl\":");
    lw_buf_json(out, lw__str(p->search->base));
    out->len -= out->len > 0 ? 1 : 0; /* type and id, which need no escaping, go before its last quote */
    lw_buf_str(out, "/");
    lw_buf_str(out, lw_fhir_type_name(resource->type));
    lw_buf_str(out, "/");
    lw_buf_str(out, resource->id);
    lw_buf_str(out, "\",\"resource\":");
    int32_t err = lw__fhir_put(set, resource, p->version, p->search->summary, out);
    lw_buf_str(out, ",\"search\":{\"mode\":\"");
    lw_buf_str(out, mode);
    lw_buf_str(out, "\"}}");
    return err;
}

/* Warnings, when there are any, and the end. */
static int32_t put_tail(page *p) {
    lw_buf *out = &p->rq->reply.body;
    if (p->rq->issues->count > 0) {
        lw_buf_str(out, p->entries++ > 0 ? "," : ",\"entry\":[");
        lw_buf_fmt(out, "{\"fullUrl\":\"urn:uuid:00000000-0000-4000-8000-%012x\",\"resource\":", 1u);
        lw_fhir_outcome(p->rq->issues, out);
        lw_buf_str(out, ",\"search\":{\"mode\":\"outcome\"}}");
    }
    lw_buf_str(out, p->entries > 0 ? "]}" : "}");
    return out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

/* The resources that the hits refer to, or that refer to them, each once. */
static int32_t put_includes(page *p, const lw_fhir_set *set, const hit *hits, uint32_t count, bool *shown) {
    const lw_fhir_search *s = p->search;
    int32_t err = LW_OK;
    for (uint32_t i = 0; i < s->include_count; i++) {
        const lw_fhir_include *include = &s->includes[i];
        for (uint32_t h = 0; h < count && !include->reverse && err == LW_OK; h++) {
            const lw_fhir_resource *from = hits[h].resource;
            for (uint32_t f = 0; f < from->fact_count && err == LW_OK; f++) {
                const lw_fhir_fact *fact = &from->facts[f];
                int type = fact->param == include->param ? lw_fhir_type_of(lw__str(fact->system)) : -1;
                bool wanted = type >= 0 && (include->target < 0 || include->target == type);
                const lw_fhir_resource *to = wanted ? lw_fhir_find(set, type, lw__str(fact->text)) : NULL;
                if (to != NULL && !shown[to - set->items]) {
                    shown[to - set->items] = true;
                    err = put_entry(p, set, to, "include");
                }
            }
        }
        for (uint32_t r = 0; r < set->count && include->reverse && err == LW_OK; r++) {
            const lw_fhir_resource *from = &set->items[r];
            bool refers = false;
            for (uint32_t f = 0; f < from->fact_count && from->type == include->type && !shown[r] && !refers; f++) {
                const lw_fhir_fact *fact = &from->facts[f];
                bool param = fact->param == include->param && lw_fhir_type_of(lw__str(fact->system)) == s->type;
                for (uint32_t h = 0; h < count && param && !refers; h++) {
                    refers = strcmp(hits[h].resource->id, fact->text) == 0;
                }
            }
            if (refers) {
                shown[r] = true;
                err = put_entry(p, set, from, "include");
            }
        }
    }
    return err;
}

/* One page of what in the list meets the search; everything: all of it. */
static int32_t put_matches(page *p, const lw_fhir_set *set, bool everything) {
    lw_fhir_search *s = p->search;
    hit *hits = lw_pool_take(&p->rq->pool, (set->count + 1u) * sizeof *hits);
    bool *shown = lw_pool_take(&p->rq->pool, set->count + 1u);
    if (hits == NULL || shown == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    uint32_t total = 0, from = 0, to = 0;
    for (uint32_t i = 0; i < set->count; i++) {
        if (everything || lw_fhir_search_meets(s, &set->items[i])) {
            hits[total++] = (hit){lw_fhir_sort_key(s, &set->items[i]), &set->items[i], s};
        }
    }
    if (s->failed) {
        return LW_ERR_NO_MEMORY;
    }
    bool ordered = everything; /* the list's own order is often the one that is wanted */
    for (uint32_t i = 1; i < total && (i == 1 || ordered) && !everything; i++) {
        ordered = by_order(&hits[i - 1], &hits[i]) <= 0;
    }
    if (!ordered && total > 1) {
        qsort(hits, total, sizeof *hits, by_order);
    }
    while (from < total && s->after_id != NULL && !everything &&
           lw_fhir_sort_order(s, hits[from].key, hits[from].resource->id, s->after_key, s->after_id) <= 0) {
        from++;
    }
    bool counted = s->summary == LW_FHIR_SUMMARY_COUNT || s->count == 0;
    uint32_t most = everything ? total : counted ? 0 : s->count;
    to = total - from > most ? from + most : total;
    bool more = to < total && !counted;
    put_head(p, s->total || counted || everything ? (int64_t)total : -1, more ? hits[to - 1].resource->id : NULL,
             more ? hits[to - 1].key : 0);
    int32_t err = LW_OK;
    for (uint32_t i = from; i < to && err == LW_OK; i++) {
        shown[hits[i].resource - set->items] = true;
        err = put_entry(p, set, hits[i].resource, "match");
    }
    return err == LW_OK ? put_includes(p, set, hits + from, to - from, shown) : err;
}

/* ---- searching the clinic's list of patients ---- */

typedef struct crowd {
    page *page;
    lw_buf entries; /* kept aside: the head, which comes first, says what is next */
    bool counted;
    uint32_t found;
    const char *last; /* looked at; the record's own id */
} crowd;

/* Lists the one patient of the id, as the clinic's list gives it, and keeps it when the search is met. */
static int32_t look_at(lw_request *rq, lw_sql *sql, const char *patient, void *ctx, bool *on) {
    crowd *c = ctx;
    lw_fhir_search *s = c->page->search;
    lw__fhir_view view = {0};
    const lw__fhir_wish wish = {.types = LW__FHIR_BIT(LW_FHIR_PATIENT)};
    if (!c->counted && c->found == s->count) {
        *on = false; /* somebody is left for the next page */
        return LW_OK;
    }
    rq->target = (lw_target){0};
    snprintf(rq->target.patient, sizeof rq->target.patient, "%s", patient);
    snprintf(rq->target.clinic, sizeof rq->target.clinic, "%s", rq->who->clinic);
    int32_t err = lw__fhir_view_record(rq, sql, &wish, &view);
    bool met = err == LW_OK && view.set.count > 0 && lw_fhir_search_meets(s, &view.set.items[0]);
    err = err == LW_OK && s->failed ? LW_ERR_NO_MEMORY : err;
    if (err == LW_OK && met && !c->counted) {
        lw_buf aside = rq->reply.body;
        rq->reply.body = c->entries;
        err = put_entry(c->page, &view.set, &view.set.items[0], "match");
        c->entries = rq->reply.body;
        rq->reply.body = aside;
    }
    c->found += met ? 1 : 0;
    c->last = patient;
    lw__fhir_view_free(&view);
    rq->target = (lw_target){0};
    return err;
}

/* Who is asked for by id, or asks: that one only. */
static int32_t search_one(crowd *c, lw_sql *sql, const char *id, bool own) {
    lw_request *rq = c->page->rq;
    bool on = true;
    int32_t err = own ? lw__fhir_take(rq, sql, id) : lw__fhir_patient(rq, sql, id);
    const lw_target target = rq->target;
    if (err == LW_OK) {
        err = look_at(rq, sql, target.patient, c, &on);
        c->last = NULL;
        rq->target = target;
    } else {
        rq->target = (lw_target){0};
        snprintf(rq->target.clinic, sizeof rq->target.clinic, "%s", rq->who->clinic);
    }
    return err == LW_ERR_NOT_FOUND || err == LW_ERR_GONE ? LW_OK : err;
}

static int32_t search_patients(page *p, lw_sql *sql) {
    lw_request *rq = p->rq;
    const lw_fhir_search *s = p->search;
    crowd c = {.page = p, .counted = s->summary == LW_FHIR_SUMMARY_COUNT || s->count == 0};
    const char *name = lw_fhir_search_only(s, LW_FHIR_P_NAME), *one = lw_fhir_search_only(s, LW_FHIR_P_ID);
    const char *identifier = lw_fhir_search_only(s, LW_FHIR_P_IDENTIFIER);
    bool mine = rq->who->patient[0] != '\0', over = true;
    int32_t err = LW_OK;
    if (s->sort != LW_FHIR_P_LAST_UPDATED || s->descending || s->include_count > 0) {
        return lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "not-supported", "Not with a search for patients", "http",
                              "patients come in the order of their names, and alone");
    }
    if (mine || one != NULL || identifier != NULL) {
        err = search_one(&c, sql, mine ? rq->who->patient : one != NULL ? one : identifier, mine || one == NULL);
    } else {
        char after[65] = "";
        if (s->after_id != NULL) {
            err = lw__fhir_patient(rq, sql, s->after_id);
            memcpy(after, rq->target.patient, sizeof after);
            rq->target = (lw_target){0};
        }
        err = err == LW_OK
                  ? lw__fhir_each(rq, sql, name != NULL ? name : "", after, LW__FHIR_SCAN_MOST, look_at, &c, &over)
                  : err;
    }
    if (err == LW_OK && !over && (c.counted || s->total)) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "too-costly", "So many are not counted", "http._total",
                             "narrow the search down by name, or ask without a total");
    }
    if (err == LW_OK) {
        char last[65];
        lw_fhir_id(lw__str(c.last != NULL ? c.last : ""), last);
        put_head(p, c.counted || s->total ? (int64_t)c.found : -1, over || c.last == NULL ? NULL : last, 0);
        lw_buf_slice(&rq->reply.body, lw_buf_view(&c.entries));
        rq->reply.body.failed = rq->reply.body.failed || c.entries.failed;
    }
    lw_buf_free(&c.entries);
    return err;
}

/* ---- searching the trail ---- */

/* The entries of one stretch of the trail that meet the search, newest first; *last is the row that was looked at last. */
static int32_t put_rows(page *p, const lw_fhir_set *set, bool counted, uint32_t *found, int64_t *last, bool *full) {
    const lw_fhir_search *s = p->search;
    int32_t err = LW_OK;
    for (uint32_t i = 0; i < set->source.access_count && err == LW_OK && !*full; i++) {
        const char *id = set->source.accesses[i].id;
        const lw_fhir_resource *row = lw_fhir_find(set, LW_FHIR_AUDIT_EVENT, lw__str(id));
        bool met = row != NULL && lw_fhir_search_meets(p->search, row);
        *full = met && !counted && *found == s->count;
        if (!*full) {
            err = met && !counted ? put_entry(p, set, row, "match") : LW_OK;
            *found += met ? 1 : 0;
            *last = lw__fhir_row_of(id);
        }
    }
    return s->failed ? LW_ERR_NO_MEMORY : err;
}

/* The trail has one order, newest first, and is gone through in stretches: a page may be short and still have a next one. */
static int32_t search_trail(page *p, lw_sql *sql) {
    lw_request *rq = p->rq;
    const lw_fhir_search *s = p->search;
    bool counted = s->summary == LW_FHIR_SUMMARY_COUNT || s->count == 0, full = false;
    int64_t last = s->after_id != NULL ? lw__fhir_row_of(s->after_id) : 0, next = last;
    uint32_t found = 0, seen = 0;
    if ((s->sorted && (!s->descending || s->sort == LW_FHIR_P_ID)) || s->include_count > 0) {
        return lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "not-supported", "Not with a search of the trail", "http",
                              "accesses come newest first (_sort=-date), and alone");
    }
    lw_buf head = rq->reply.body;
    rq->reply.body = (lw_buf){.max = head.max};
    int32_t err = LW_OK;
    do {
        lw__fhir_view view = {0};
        err = lw__fhir_view_trail(rq, sql, next, &view, &next);
        err = err == LW_OK ? put_rows(p, &view.set, counted, &found, &last, &full) : err;
        lw__fhir_view_free(&view);
        seen += LW__FHIR_ROWS;
    } while (err == LW_OK && next > 0 && !full && seen < ROWS_MOST);
    bool more = full || next > 0;
    lw_buf entries = rq->reply.body;
    rq->reply.body = head;
    if (err == LW_OK && more && (counted || s->total)) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "too-costly", "So many are not counted", "http._total",
                             "the trail is counted up to %d rows back; ask without a total", ROWS_MOST);
    }
    if (err == LW_OK) {
        char id[32];
        snprintf(id, sizeof id, "audit-%lld", (long long)last);
        put_head(p, counted || s->total ? (int64_t)found : -1, more ? id : NULL, 0);
        lw_buf_slice(&rq->reply.body, lw_buf_view(&entries));
        rq->reply.body.failed = rq->reply.body.failed || entries.failed;
    }
    lw_buf_free(&entries);
    return err;
}

/* ---- a search ---- */

/* Types that have to be listed for a search and what it includes. */
static uint32_t needed(const lw_fhir_search *s) {
    uint32_t types = LW__FHIR_BIT(s->type);
    for (uint32_t i = 0; i < s->include_count; i++) {
        const lw_fhir_include *include = &s->includes[i];
        types |= include->reverse       ? LW__FHIR_BIT(include->type)
                 : include->target >= 0 ? LW__FHIR_BIT(include->target)
                                        : LW__FHIR_ALL;
    }
    return types & LW__FHIR_ALL;
}

/* Whether an include may bring resources of the type that is searched for: then all of them are listed. */
static bool includes_own(const lw_fhir_search *s) {
    bool own = false;
    for (uint32_t i = 0; i < s->include_count; i++) {
        int type = s->includes[i].reverse ? s->includes[i].type : s->includes[i].target;
        own = own || type < 0 || type == s->type;
    }
    return own;
}

static bool may_meet(void *search, const lw_fhir_resource *resource, uint64_t known) {
    return lw_fhir_search_may(search, resource, known);
}

/* Lists the record that a search is about; nothing where it is somebody who is not there, or not theirs to see. */
static int32_t list_subject(lw_request *rq, lw_sql *sql, lw_fhir_search *s, lw__fhir_view *view) {
    const char *id = lw_fhir_search_only(s, LW_FHIR_P_PATIENT), *one = lw_fhir_search_only(s, LW_FHIR_P_ID);
    id = id != NULL ? id : lw_fhir_search_only(s, LW_FHIR_P_SUBJECT);
    int32_t err;
    if (rq->who->patient[0] != '\0' && (rq->who->roles & LW_ROLE_CLINICIAN) == 0) {
        err = lw__fhir_take(rq, sql, rq->who->patient); /* another's id then meets nothing */
    } else if (id != NULL) {
        err = lw__fhir_patient(rq, sql, id);
    } else if (one != NULL) {
        err = lw__fhir_holder(rq, sql, s->type, one);
    } else {
        return lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "too-costly", "A search goes over one patient's record",
                              "http.patient", "add patient=…; this server does not search all records at once");
    }
    const lw_fhir_narrow narrow = {.type = s->type, .keep = may_meet, .ctx = s};
    const lw__fhir_wish wish = {.types = needed(s), .narrow = includes_own(s) ? NULL : &narrow};
    return err == LW_OK ? lw__fhir_view_record(rq, sql, &wish, view) : err == LW_ERR_NOT_FOUND ? LW_OK : err;
}

static int32_t search(lw_request *rq, lw_sql *sql, lw_str query) {
    page p = {.rq = rq, .path = rq->path[0]};
    lw__fhir_view view = {0};
    int type = -1;
    int32_t err = lw__fhir_begin(rq, &p.version);
    err = err == LW_OK ? lw__fhir_type(rq, &type) : err;
    if (err != LW_OK) {
        return err;
    }
    snprintf(rq->audit, sizeof rq->audit, "%s", lw_fhir_type_name(type));
    err = lw__fhir_ask(rq, type, query, &p.search);
    if (err != LW_OK || (err = lw_sql_begin(sql, false)) != LW_OK) {
        return err;
    }
    if (type == LW_FHIR_PATIENT) {
        err = search_patients(&p, sql);
    } else if (type == LW_FHIR_AUDIT_EVENT) {
        err = search_trail(&p, sql);
    } else {
        err = (LW__FHIR_BIT(type) & LW__FHIR_CLINICS) != 0 ? lw__fhir_view_clinic(rq, sql, needed(p.search), &view)
                                                           : list_subject(rq, sql, p.search, &view);
        err = err == LW_OK ? put_matches(&p, &view.set, false) : err;
        lw__fhir_view_free(&view);
    }
    lw_sql_rollback(sql);
    return err == LW_OK ? put_tail(&p) : err;
}

int32_t lw__h_fhir_search(lw_request *rq, lw_sql *sql) {
    return search(rq, sql, rq->query_text);
}

/* The same with its parameters in the body, so that they stand in no log of anybody's. */
int32_t lw__h_fhir_search_post(lw_request *rq, lw_sql *sql) {
    return search(rq, sql, rq->raw.len > 0 ? rq->raw : rq->query_text);
}

/* Whether a record is short enough to be given in one answer: it would hold a thread and memory for as long. */
static int32_t check_length(lw_request *rq, lw_sql *sql) {
    lw__log *log = NULL;
    int32_t err = lw__log_get(rq->server->cache, sql, rq->target.patient, &log);
    if (err == LW_OK && log->reading->record.count > EVERYTHING_MOST) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "too-costly", "The record is too long for one answer", "http",
                             "it has more than %d entries; search it by type and date, page by page", EVERYTHING_MOST);
    }
    lw__log_back(log);
    return err;
}

int32_t lw__h_fhir_everything(lw_request *rq, lw_sql *sql) {
    page p = {.rq = rq};
    lw__fhir_view view = {0};
    const lw__fhir_wish all = {0};
    char path[120];
    int32_t err = lw__fhir_begin(rq, &p.version);
    if (err != LW_OK) {
        return err;
    }
    snprintf(rq->audit, sizeof rq->audit, "Patient/$everything");
    err = lw__fhir_ask(rq, LW_FHIR_PATIENT, rq->query_text, &p.search);
    if (err == LW_OK && (p.search->term_count + p.search->include_count > 0 || p.search->after_id != NULL)) {
        err = lw__fhir_wrong(rq, LW_ERR_VALUE, 400, "not-supported", "That is not narrowed down", "http",
                             "$everything takes _format and _summary; it is given whole, in one answer");
    }
    if (err != LW_OK || (err = lw_sql_begin(sql, false)) != LW_OK) {
        return err;
    }
    err = check_length(rq, sql);
    err = err == LW_OK ? lw__fhir_view_record(rq, sql, &all, &view) : err;
    lw_sql_rollback(sql);
    snprintf(path, sizeof path, "Patient/%s/$everything", view.id);
    p.path = path;
    err = err == LW_OK ? put_matches(&p, &view.set, true) : err;
    err = err == LW_OK ? put_tail(&p) : err;
    lw__fhir_view_free(&view);
    return err;
}
