/*
 * queue.c: see queue.h.
 */
#include "store/queue.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/rows.h"

/* ---- the queue ---- */

typedef struct found {
    lw_buf *out;
    lw_queue_page *page;
    uint32_t limit;
    struct entry {
        char patient[65];
        size_t cards_at; /* where its cards go, in the answer */
    } * entries;
    lw_buf head, tails; /* of one row: text before and after its cards */
    size_t *tail_ends;
} found;

static int32_t queue_row(void *ctx, const lw_sql_value *c, uint32_t count) {
    (void)count;
    found *f = ctx;
    if (f->page->rows == f->limit) {
        f->page->more = true;
        return LW_OK;
    }
    uint32_t i = f->page->rows++;
    lw__col_text(&c[0], f->entries[i].patient, sizeof f->entries[i].patient);
    memcpy(f->page->last_patient, f->entries[i].patient, sizeof f->page->last_patient);
    f->page->last_priority = c[3].number;
    f->page->last_since_s = c[4].number;
    lw_buf_str(&f->head, "{\"patient\":");
    lw_buf_json(&f->head, c[0].bytes);
    lw_buf_str(&f->head, ",\"name\":");
    lw_buf_json(&f->head, c[1].bytes);
    lw_buf_str(&f->head, ",\"responsible\":");
    lw__json_col_text(&f->head, &c[2]);
    f->entries[i].cards_at = f->head.len;
    lw_buf_slice(&f->tails, c[5].bytes.len > 0 ? c[5].bytes : LW_STR("{}"));
    f->tail_ends[i] = f->tails.len;
    return f->head.failed || f->tails.failed ? LW_ERR_NO_MEMORY : LW_OK;
}

static int32_t card_row(void *ctx, const lw_sql_value *c, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    lw__comma(out);
    lw_buf_str(out, "{\"kind\":");
    lw_buf_json(out, c[0].bytes);
    lw_buf_str(out, ",\"priority\":");
    lw_buf_int(out, c[1].number);
    lw_buf_str(out, ",\"since_s\":");
    lw_buf_int(out, c[2].number);
    lw_buf_str(out, ",\"acked_s\":");
    lw__json_col_int(out, &c[3]);
    lw_buf_str(out, ",\"snoozed_until_s\":");
    lw__json_col_int(out, &c[4]);
    lw_buf_str(out, "}");
    return LW_OK;
}

#define OF_WHOM                                                                 \
    " AND (pt.responsible IS NULL OR pt.responsible = ?2 OR pt.responsible IN " \
    "(SELECT a.id FROM account a WHERE a.clinic = ?1 AND a.cover = ?2 AND a.cover_until_s > ?3))"
#define AFTER       " AND q.priority <= ?5 AND (q.priority < ?5 OR q.since_s > ?6 OR (q.since_s = ?6 AND q.patient > ?7))"
#define WORST_FIRST " ORDER BY q.priority DESC, q.since_s, q.patient LIMIT ?4"
#define ROWS                                                                                         \
    "SELECT q.patient, pt.name, pt.responsible, q.priority, q.since_s, q.summary FROM projection q " \
    "JOIN patient pt ON pt.id = q.patient WHERE q.clinic = ?1 AND q.priority > 0 AND ?2 = ?2 AND ?3 = ?3"

static int32_t read_rows(lw_sql *sql, const lw_queue_ask *ask, found *f) {
    lw_sql_value params[] = {lw_sql_text(ask->clinic),        lw_sql_text(ask->responsible),
                             lw_sql_int(ask->now_s),          lw_sql_int((int64_t)ask->limit + 1),
                             lw_sql_int(ask->after_priority), lw_sql_int(ask->after_since_s),
                             lw_sql_text(ask->after_patient)};
    bool all = ask->responsible.len == 0;
    if (ask->after) {
        return all ? lw_sql_run(sql, ROWS AFTER WORST_FIRST, params, 7, queue_row, f)
                   : lw_sql_run(sql, ROWS OF_WHOM AFTER WORST_FIRST, params, 7, queue_row, f);
    }
    return all ? lw_sql_run(sql, ROWS WORST_FIRST, params, 4, queue_row, f)
               : lw_sql_run(sql, ROWS OF_WHOM WORST_FIRST, params, 4, queue_row, f);
}

static int32_t count_all(lw_sql *sql, const lw_queue_ask *ask, int64_t *total) {
    lw_sql_value params[] = {lw_sql_text(ask->clinic), lw_sql_text(ask->responsible), lw_sql_int(ask->now_s),
                             lw_sql_int(LW_QUEUE_COUNTED)};
    if (ask->responsible.len == 0) {
        params[1] = params[3];
        return lw_sql_one_int(sql,
                              "SELECT count(*) FROM (SELECT 1 FROM projection q WHERE q.clinic = ?1 AND q.priority > 0 "
                              "LIMIT ?2) AS few",
                              params, 2, total);
    }
    return lw_sql_one_int(sql,
                          "SELECT count(*) FROM (SELECT 1 FROM projection q JOIN patient pt ON pt.id = q.patient "
                          "WHERE q.clinic = ?1 AND q.priority > 0" OF_WHOM " LIMIT ?4) AS few",
                          params, 4, total);
}

int32_t lw_queue_read(lw_sql *sql, const lw_queue_ask *ask, lw_buf *out, lw_queue_page *page) {
    *page = (lw_queue_page){0};
    found f = {.out = out, .page = page, .limit = ask->limit};
    f.entries = calloc(ask->limit + 1u, sizeof *f.entries);
    f.tail_ends = calloc(ask->limit + 1u, sizeof *f.tail_ends);
    int32_t err = f.entries != NULL && f.tail_ends != NULL ? read_rows(sql, ask, &f) : LW_ERR_NO_MEMORY;
    lw_buf_str(out, "[");
    size_t head = 0, tail = 0;
    for (uint32_t i = 0; i < page->rows && err == LW_OK; i++) {
        lw__comma(out);
        lw_buf_add(out, f.head.ptr + head, f.entries[i].cards_at - head);
        lw_buf_str(out, ",\"cards\":[");
        lw_sql_value patient = lw_sql_text(lw__str(f.entries[i].patient));
        err = lw_sql_run(sql,
                         "SELECT kind, priority, since_s, acked_s, snoozed_until_s FROM card WHERE patient = ?1 AND "
                         "ended_s IS NULL ORDER BY priority DESC, since_s, kind LIMIT 24",
                         &patient, 1, card_row, out);
        lw_buf_str(out, "],\"summary\":");
        lw_buf_add(out, f.tails.ptr + tail, f.tail_ends[i] - tail);
        lw_buf_str(out, "}");
        head = f.entries[i].cards_at;
        tail = f.tail_ends[i];
    }
    lw_buf_free(&f.head);
    lw_buf_free(&f.tails);
    free(f.entries);
    free(f.tail_ends);
    err = lw__list_end(out, err);
    return err == LW_OK ? count_all(sql, ask, &page->total) : err;
}

/* ---- what is done about a card ---- */

static int32_t settle(lw_sql *sql, int32_t err, lw_str patient, int64_t now_s) {
    if (err == LW_OK && lw_sql_changed(sql) == 0) {
        err = LW_ERR_NOT_FOUND;
    }
    return err == LW_OK ? lw_cards_settle(sql, patient, now_s) : err;
}

int32_t lw_card_acknowledge(lw_sql *sql, lw_str patient, lw_str kind, lw_str account, lw_str reason, int64_t now_s) {
    lw_sql_value params[] = {lw_sql_text(patient), lw_sql_text(kind), lw_sql_int(now_s), lw_sql_text(account),
                             lw_sql_text(reason)};
    int32_t err =
        lw_sql_run(sql,
                   "UPDATE card SET acked_s = COALESCE(acked_s, ?3), acked_by = COALESCE(acked_by, ?4), reason = ?5, "
                   "snoozed_until_s = NULL WHERE patient = ?1 AND kind = ?2 AND ended_s IS NULL",
                   params, 5, NULL, NULL);
    return settle(sql, err, patient, now_s);
}

int32_t lw_card_snooze(lw_sql *sql, lw_str patient, lw_str kind, lw_str reason, int64_t until_s, int64_t now_s) {
    lw_sql_value params[] = {lw_sql_text(patient), lw_sql_text(kind), lw_sql_int(until_s), lw_sql_text(reason)};
    int32_t err = lw_sql_run(sql,
                             "UPDATE card SET snoozed_until_s = ?3, reason = ?4 WHERE patient = ?1 AND kind = ?2 AND "
                             "ended_s IS NULL",
                             params, 4, NULL, NULL);
    return settle(sql, err, patient, now_s);
}

/* ---- the burden ---- */

enum { BURDEN_KINDS = 24, WEEKS_BACK = 4 };

typedef struct kind_count {
    char kind[41];
    int64_t cards, acted;
    int64_t median_h; /* -1: none acted on */
} kind_count;

typedef struct burden {
    kind_count kinds[BURDEN_KINDS];
    uint32_t count;
    int64_t seen; /* acted cards of the current kind that went by */
} burden;

static int32_t kind_row(void *ctx, const lw_sql_value *c, uint32_t count) {
    (void)count;
    burden *b = ctx;
    if (b->count < BURDEN_KINDS) {
        kind_count *k = &b->kinds[b->count++];
        lw__col_text(&c[0], k->kind, sizeof k->kind);
        k->cards = c[1].number;
        k->acted = c[2].number;
        k->median_h = -1;
    }
    return LW_OK;
}

/* Rows come by kind and time: the one in the middle of its kind is the median. */
static int32_t acted_row(void *ctx, const lw_sql_value *c, uint32_t count) {
    (void)count;
    burden *b = ctx;
    char kind[41];
    lw__col_text(&c[0], kind, sizeof kind);
    for (uint32_t i = 0; i < b->count; i++) {
        kind_count *k = &b->kinds[i];
        if (strcmp(k->kind, kind) == 0 && k->median_h < 0) {
            b->seen++;
            if (b->seen * 2 >= k->acted) {
                k->median_h = (c[1].number + 1800) / 3600;
                b->seen = 0;
            }
        }
    }
    return LW_OK;
}

static void decimal(lw_buf *out, int64_t over, int64_t under) {
    int64_t x100 = under > 0 ? (over * 100 + under / 2) / under : 0;
    lw_buf_fmt(out, "%lld.%02lld", (long long)(x100 / 100), (long long)(x100 % 100));
}

int32_t lw_queue_burden(lw_sql *sql, lw_str clinic, int64_t now_s, lw_buf *out) {
    lw_sql_value params[] = {lw_sql_text(clinic), lw_sql_int(now_s - WEEKS_BACK * 7 * 86400)};
    int64_t patients = 0;
    burden b = {0};
    int32_t err = lw_sql_one_int(sql, "SELECT count(*) FROM patient WHERE clinic = ?1", params, 1, &patients);
    if (err == LW_OK) {
        err =
            lw_sql_run(sql,
                       "SELECT kind, count(*), sum(CASE WHEN acked_s IS NOT NULL OR snoozed_until_s IS NOT NULL THEN 1 "
                       "ELSE 0 END) FROM card WHERE clinic = ?1 AND since_s >= ?2 GROUP BY kind ORDER BY 2 DESC, kind "
                       "LIMIT 24",
                       params, 2, kind_row, &b);
    }
    if (err == LW_OK) {
        err = lw_sql_run(
            sql,
            "SELECT kind, acked_s - since_s FROM card WHERE clinic = ?1 AND since_s >= ?2 AND acked_s IS NOT "
            "NULL ORDER BY kind, acked_s - since_s LIMIT 100000",
            params, 2, acted_row, &b);
    }
    int64_t cards = 0, acted = 0;
    for (uint32_t i = 0; i < b.count; i++) {
        cards += b.kinds[i].cards;
        acted += b.kinds[i].acted;
    }
    lw_buf_fmt(out, "{\"weeks\":%d,\"patients\":%lld,\"cards\":%lld,\"per_patient_week\":", WEEKS_BACK,
               (long long)patients, (long long)cards);
    decimal(out, cards, patients * WEEKS_BACK);
    lw_buf_fmt(out, ",\"acted\":%lld,\"kinds\":[", (long long)acted);
    for (uint32_t i = 0; i < b.count; i++) {
        lw__comma(out);
        lw_buf_str(out, "{\"kind\":");
        lw_buf_json(out, lw__str(b.kinds[i].kind));
        lw_buf_fmt(out, ",\"cards\":%lld,\"acted\":%lld,\"median_hours\":", (long long)b.kinds[i].cards,
                   (long long)b.kinds[i].acted);
        if (b.kinds[i].median_h >= 0) {
            lw_buf_int(out, b.kinds[i].median_h);
        } else {
            lw_buf_str(out, "null");
        }
        lw_buf_str(out, "}");
    }
    err = lw__list_end(out, err);
    lw_buf_str(out, "}");
    return err;
}

/* ---- use ---- */

enum { USAGE_WEEKS = 12 };

typedef struct week_counts {
    int64_t checkins, exercises, shockwave, silent;
} week_counts;

typedef struct usage {
    week_counts weeks[USAGE_WEEKS]; /* the oldest first */
} usage;

/* Columns: week from 0, kind, count. */
static int32_t usage_row(void *ctx, const lw_sql_value *c, uint32_t count) {
    (void)count;
    usage *u = ctx;
    if (c[0].number >= 0 && c[0].number < USAGE_WEEKS) {
        week_counts *w = &u->weeks[c[0].number];
        int64_t *of = lw__str_eq(c[1].bytes, LW_STR("checkin"))     ? &w->checkins
                      : lw__str_eq(c[1].bytes, LW_STR("exercise"))  ? &w->exercises
                      : lw__str_eq(c[1].bytes, LW_STR("shockwave")) ? &w->shockwave
                                                                    : &w->silent;
        *of += c[2].number;
    }
    return LW_OK;
}

static int32_t store_bytes(lw_sql *sql, int64_t *bytes) {
    return lw_sql_is_postgres(sql)
               ? lw_sql_one_int(sql, "SELECT pg_database_size(current_database())", NULL, 0, bytes)
               : lw_sql_one_int(sql,
                                "SELECT c.page_count * s.page_size FROM pragma_page_count() c, pragma_page_size() s",
                                NULL, 0, bytes);
}

int32_t lw_usage_read(lw_sql *sql, lw_str clinic, int64_t now_s, lw_buf *out) {
    int32_t today = (int32_t)(now_s / 86400);
    int32_t monday = today - lw_day_weekday(today) - (USAGE_WEEKS - 1) * 7;
    int64_t patients = 0, active = 0, events = 0, bytes = 0;
    usage u = {0};
    lw_sql_value params[] = {lw_sql_text(clinic), lw_sql_int((int64_t)monday * 86400), lw_sql_int(now_s - 28 * 86400)};
    int32_t err = lw_sql_one_int(sql, "SELECT count(*) FROM patient WHERE clinic = ?1", params, 1, &patients);
    if (err == LW_OK) {
        err = lw_sql_one_int(sql, "SELECT COALESCE(sum(seq), 0) FROM projection WHERE clinic = ?1", params, 1, &events);
    }
    bool small = patients <= LW_USAGE_PATIENTS;
    if (err == LW_OK && small) {
        lw_sql_value since[] = {params[0], params[2]};
        err =
            lw_sql_one_int(sql,
                           "SELECT count(*) FROM patient p WHERE p.clinic = ?1 AND EXISTS (SELECT 1 FROM event e WHERE "
                           "e.patient = p.id AND e.at_s >= ?2 AND e.by_whom <> 'engine')",
                           since, 2, &active);
    }
    if (err == LW_OK && small) {
        err = lw_sql_run(
            sql,
            "SELECT (e.at_s - ?2) / 604800, e.kind, count(*) FROM patient p JOIN event e ON e.patient = p.id "
            "WHERE p.clinic = ?1 AND e.at_s >= ?2 AND e.kind IN ('checkin', 'exercise', 'shockwave') "
            "GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1000",
            params, 2, usage_row, &u);
    }
    if (err == LW_OK && small) {
        err = lw_sql_run(
            sql,
            "SELECT (since_s - ?2) / 604800, kind, count(*) FROM card WHERE clinic = ?1 AND since_s >= ?2 AND "
            "kind = 'silent' GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1000",
            params, 2, usage_row, &u);
    }
    err = err == LW_OK ? store_bytes(sql, &bytes) : err;
    lw_buf_fmt(out, "{\"patients\":%lld,\"active\":%lld,\"events\":%lld,\"weeks\":[", (long long)patients,
               (long long)active, (long long)events);
    for (int32_t i = 0; i < USAGE_WEEKS && small; i++) {
        char date[11] = {0};
        lw_day_write(monday + i * 7, date);
        lw__comma(out);
        lw_buf_fmt(out, "{\"from\":\"%s\",\"checkins\":%lld,\"exercises\":%lld,\"shockwave\":%lld,\"silent\":%lld}",
                   date, (long long)u.weeks[i].checkins, (long long)u.weeks[i].exercises,
                   (long long)u.weeks[i].shockwave, (long long)u.weeks[i].silent);
    }
    err = lw__list_end(out, err);
    lw_buf_fmt(out, ",\"store_bytes\":%lld}", (long long)bytes);
    return err;
}

/* ---- protocols ---- */

static int32_t hash_row(void *ctx, const lw_sql_value *c, uint32_t count) {
    (void)count;
    lw__col_text(&c[0], ctx, 65);
    return LW_OK;
}

int32_t lw_patient_protocol_hash(lw_sql *sql, lw_str patient, char out[65]) {
    lw_sql_value id = lw_sql_text(patient);
    out[0] = '\0';
    int32_t err = lw_sql_run(sql, "SELECT protocol_sha256 FROM patient WHERE id = ?1", &id, 1, hash_row, out);
    return err == LW_OK && out[0] == '\0' ? LW_ERR_NOT_FOUND : err;
}

static int32_t text_row(void *ctx, const lw_sql_value *c, uint32_t count) {
    (void)count;
    lw_buf_slice(ctx, c[0].bytes);
    return LW_OK;
}

int32_t lw_protocol_text(lw_sql *sql, lw_str sha256, lw_buf *out) {
    size_t before = out->len;
    lw_sql_value hash = lw_sql_text(sha256);
    int32_t err =
        lw_sql_run(sql, "SELECT text FROM protocol WHERE sha256 = ?1 ORDER BY clinic LIMIT 1", &hash, 1, text_row, out);
    return err != LW_OK ? err : out->failed ? LW_ERR_NO_MEMORY : out->len == before ? LW_ERR_NOT_FOUND : LW_OK;
}

int32_t lw_store_alive(lw_sql *sql) {
    int64_t one = 0;
    return lw_sql_one_int(sql, "SELECT 1", NULL, 0, &one);
}

int32_t lw_store_touch(lw_sql *sql) {
    return lw_sql_run(sql, "UPDATE meta SET value = value WHERE name = 'schema_version'", NULL, 0, NULL, NULL);
}
