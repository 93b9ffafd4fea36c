/*
 * events.c: the log of one patient in the table `event`. See store.h and schema.sql.
 *
 * The chain: each event's hash is over the hash before it and its own canonical bytes, so that a changed, removed or
 * exchanged line shows in every hash after it.
 */
#include <stdlib.h>

#include "store/store_internal.h"

static const uint8_t ZERO[32];

int32_t lw__chain(uint8_t hash[32], lw_str line, char *scratch) {
    int64_t len = lw_event_canonical(line, scratch, LW_MAX_LINE);
    if (len < 0) {
        return (int32_t)len;
    }
    lw__sha256 sha;
    lw__sha256_init(&sha);
    lw__sha256_update(&sha, hash, 32);
    lw__sha256_update(&sha, scratch, (size_t)len);
    lw__sha256_final(&sha, hash);
    return LW_OK;
}

static int32_t take_hash(const lw_sql_value *column, uint8_t out[32]) {
    if (column->type != LW_SQL_BLOB || column->bytes.len != 32) {
        return LW_ERR_CORRUPT;
    }
    memcpy(out, column->bytes.ptr, 32);
    return LW_OK;
}

/* ---- reading ---- */

static int32_t head_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    lw_head *head = ctx;
    head->seq = columns[0].number;
    return take_hash(&columns[1], head->hash);
}

/* Why a patient has no event: none yet, erased, or nobody. */
static int32_t absent(lw_sql *sql, lw_str patient) {
    int64_t one = 0;
    lw_sql_value id[] = {lw_sql_text(patient)};
    int32_t err = lw_sql_one_int(sql, "SELECT 1 FROM patient WHERE id = ?1", id, 1, &one);
    if (err == LW_ERR_NOT_FOUND) {
        err = lw_sql_one_int(sql, "SELECT 1 FROM tombstone WHERE patient = ?1", id, 1, &one);
        err = err == LW_OK ? LW_ERR_GONE : err;
    }
    return err;
}

int32_t lw_store_head(lw_sql *sql, lw_str patient, lw_head *out) {
    lw_head head = {0};
    lw_sql_value id[] = {lw_sql_text(patient)};
    int32_t err = lw_sql_run(sql, "SELECT seq, hash FROM event WHERE patient = ?1 ORDER BY seq DESC LIMIT 1", id, 1,
                             head_row, &head);
    if (err == LW_OK && head.seq == 0) {
        err = absent(sql, patient);
    }
    if (err == LW_OK) {
        *out = head;
    }
    return err;
}

typedef struct log_ctx {
    lw_buf *out;
    lw_head head;
} log_ctx;

static int32_t log_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    log_ctx *log = ctx;
    lw_buf_slice(log->out, columns[0].bytes);
    lw_buf_add(log->out, "\n", 1);
    log->head.seq = columns[1].number;
    int32_t err = take_hash(&columns[2], log->head.hash);
    return log->out->failed ? LW_ERR_NO_MEMORY : err;
}

int32_t lw_store_log(lw_sql *sql, lw_str patient, lw_buf *out, lw_head *head) {
    log_ctx log = {.out = out};
    lw_sql_value id[] = {lw_sql_text(patient)};
    int32_t err =
        lw_sql_run(sql, "SELECT line, seq, hash FROM event WHERE patient = ?1 ORDER BY seq", id, 1, log_row, &log);
    if (err == LW_OK && log.head.seq == 0) {
        err = absent(sql, patient);
    }
    if (err == LW_OK && head != NULL) {
        *head = log.head;
    }
    return err;
}

typedef struct rest_ctx {
    log_ctx log;
    const lw_head *from;
    bool met;
} rest_ctx;

static int32_t rest_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    rest_ctx *rest = ctx;
    if (rest->met) {
        return log_row(&rest->log, columns, count);
    }
    rest->met = true;
    int32_t err = take_hash(&columns[2], rest->log.head.hash);
    rest->log.head.seq = columns[1].number;
    bool same = rest->log.head.seq == rest->from->seq && memcmp(rest->log.head.hash, rest->from->hash, 32) == 0;
    return err != LW_OK || same ? err : LW_ERR_HEAD;
}

int32_t lw_store_log_after(lw_sql *sql, lw_str patient, const lw_head *from, lw_buf *out, lw_head *head) {
    rest_ctx rest = {.log = {.out = out}, .from = from};
    lw_sql_value params[] = {lw_sql_text(patient), lw_sql_int(from->seq)};
    int32_t err = lw_sql_run(sql, "SELECT line, seq, hash FROM event WHERE patient = ?1 AND seq >= ?2 ORDER BY seq",
                             params, 2, rest_row, &rest);
    if (err == LW_OK && !rest.met) {
        err = LW_ERR_HEAD;
    }
    if (err == LW_OK) {
        *head = rest.log.head;
    }
    return err;
}

void lw__put_instant(lw_buf *out, int64_t at_s) {
    int64_t day = at_s / 86400, second = at_s % 86400;
    if (second < 0) {
        day--;
        second += 86400;
    }
    char date[10];
    lw_day_write((int32_t)day, date);
    lw_buf_add(out, date, sizeof date);
    lw_buf_fmt(out, "T%02d:%02d:%02d+00:00", (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

typedef struct page {
    lw_buf *out;
    uint32_t left, rows;
    int64_t last;
    bool more;
} page;

static int32_t page_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    page *p = ctx;
    if (p->left == 0) {
        p->more = true;
        return LW_OK;
    }
    p->left--;
    lw_buf_str(p->out, p->rows++ > 0 ? ",{\"seq\":" : "{\"seq\":");
    lw_buf_int(p->out, columns[0].number);
    lw_buf_str(p->out, ",\"received\":\"");
    lw__put_instant(p->out, columns[1].number);
    lw_buf_str(p->out, "\",\"event\":");
    lw_buf_slice(p->out, columns[2].bytes);
    lw_buf_str(p->out, "}");
    p->last = columns[0].number;
    return p->out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

int32_t lw_store_events(lw_sql *sql, lw_str patient, int64_t after, uint32_t limit, lw_buf *out, int64_t *last,
                        bool *more) {
    page p = {.out = out, .left = limit, .last = after};
    lw_sql_value params[] = {lw_sql_text(patient), lw_sql_int(after), lw_sql_int((int64_t)limit + 1)};
    lw_buf_str(out, "[");
    int32_t err = lw_sql_run(sql,
                             "SELECT seq, received_s, line FROM event WHERE patient = ?1 AND seq > ?2 ORDER BY seq "
                             "LIMIT ?3",
                             params, 3, page_row, &p);
    lw_buf_str(out, "]");
    if (err == LW_OK && p.rows == 0) {
        err = absent(sql, patient);
    }
    if (err == LW_OK) {
        *last = p.last;
        *more = p.more;
    }
    return err;
}

/* ---- what is new ---- */

typedef struct same_ctx {
    lw_str canonical;
    char *scratch;
    bool found, differs;
} same_ctx;

static int32_t same_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    same_ctx *same = ctx;
    int64_t len = lw_event_canonical(columns[0].bytes, same->scratch, LW_MAX_LINE);
    same->found = true;
    same->differs = len < 0 || !lw__str_eq((lw_str){same->scratch, (uint32_t)len}, same->canonical);
    return LW_OK;
}

/* Looks for an earlier event of the list with the same id; an open-addressed table of indices, 0 for none. */
static uint32_t earlier(uint32_t *slots, uint32_t mask, const lw_append_event *events, uint32_t i) {
    uint64_t word = lw__load64(events[i].id) ^ lw__load64(events[i].id + 8);
    uint32_t at = (uint32_t)((word * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
    while (slots[at] != 0) {
        if (memcmp(events[slots[at] - 1].id, events[i].id, 16) == 0) {
            return slots[at] - 1;
        }
        at = (at + 1) & mask;
    }
    slots[at] = i + 1;
    return i;
}

int32_t lw_store_sift(lw_sql *sql, lw_str patient, const lw_append_event *events, uint32_t count, bool *fresh,
                      uint32_t *which) {
    uint32_t size = 16;
    while (size < 2 * count && size < UINT32_C(1) << 30) {
        size *= 2;
    }
    uint32_t *slots = calloc(size, sizeof *slots);
    char *canonical = malloc(2 * (size_t)LW_MAX_LINE);
    int32_t err = slots != NULL && canonical != NULL ? LW_OK : LW_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count && err == LW_OK; i++) {
        *which = i;
        int64_t len = lw_event_canonical(events[i].line, canonical, LW_MAX_LINE);
        if (len < 0) {
            err = (int32_t)len;
            break;
        }
        same_ctx same = {.canonical = {canonical, (uint32_t)len}, .scratch = canonical + LW_MAX_LINE};
        uint32_t twin = earlier(slots, size - 1, events, i);
        if (twin != i) {
            lw_sql_value line = lw_sql_text(events[twin].line);
            err = same_row(&same, &line, 1);
        } else {
            lw_sql_value params[] = {lw_sql_text(patient), lw_sql_blob(events[i].id, 16)};
            err = lw_sql_run(sql, "SELECT line FROM event WHERE patient = ?1 AND id = ?2", params, 2, same_row, &same);
        }
        fresh[i] = !same.found;
        if (err == LW_OK && same.differs) {
            err = LW_ERR_CONFLICT;
        }
    }
    free(slots);
    free(canonical);
    return err;
}

/* ---- appending ---- */

typedef struct place {
    char clinic[65];
    uint32_t clinic_len;
    lw_head head;
    bool found;
} place;

static int32_t place_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    place *at = ctx;
    if (columns[0].bytes.len >= sizeof at->clinic) {
        return LW_ERR_CORRUPT;
    }
    at->found = true;
    at->clinic_len = columns[0].bytes.len;
    memcpy(at->clinic, columns[0].bytes.ptr, at->clinic_len);
    if (columns[1].type == LW_SQL_NULL) {
        return LW_OK;
    }
    at->head.seq = columns[1].number;
    return take_hash(&columns[2], at->head.hash);
}

static int32_t find_place(lw_sql *sql, lw_str patient, place *at) {
    lw_sql_value id[] = {lw_sql_text(patient)};
    int32_t err =
        lw_sql_run(sql,
                   "SELECT p.clinic, (SELECT e.seq FROM event e WHERE e.patient = p.id ORDER BY e.seq DESC LIMIT 1),"
                   " (SELECT e.hash FROM event e WHERE e.patient = p.id ORDER BY e.seq DESC LIMIT 1) FROM patient p "
                   "WHERE p.id = ?1",
                   id, 1, place_row, at);
    return err == LW_OK && !at->found ? absent(sql, patient) : err;
}

static int32_t write_projection(lw_sql *sql, const lw_append *append, lw_str clinic) {
    const lw_projection *p = append->projection;
    if (p == NULL) {
        lw_sql_value stale[] = {lw_sql_text(append->patient), lw_sql_text(clinic), lw_sql_blob(ZERO, sizeof ZERO)};
        return lw_sql_queue(sql,
                            "INSERT INTO projection (patient, clinic, seq, hash, protocol_sha256, engine, on_day, "
                            "recheck_day, plan_sha256, priority, since_s, summary) "
                            "VALUES (?1, ?2, 0, ?3, '', '', 0, 0, ?3, 0, 0, '{}') "
                            "ON CONFLICT (patient) DO UPDATE SET clinic = excluded.clinic, recheck_day = 0",
                            stale, 3);
    }
    lw_sql_value values[] = {lw_sql_text(append->patient),
                             lw_sql_text(clinic),
                             lw_sql_int(append->head.seq),
                             lw_sql_blob(append->head.hash, 32),
                             lw_sql_text(lw__str(p->protocol_sha256)),
                             lw_sql_text(lw__str(lw_version())),
                             lw_sql_int(p->on_day),
                             lw_sql_int(p->recheck_day),
                             lw_sql_blob(p->plan_sha256, 32),
                             lw_sql_text(lw_buf_view(&p->summary))};
    int32_t err = lw_sql_queue(
        sql,
        "INSERT INTO projection (patient, clinic, seq, hash, protocol_sha256, engine, on_day, recheck_day, "
        "plan_sha256, "
        "priority, since_s, summary) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, 0, ?10) "
        "ON CONFLICT (patient) DO UPDATE SET clinic = excluded.clinic, seq = excluded.seq, hash = excluded.hash, "
        "protocol_sha256 = excluded.protocol_sha256, engine = excluded.engine, on_day = excluded.on_day, "
        "recheck_day = excluded.recheck_day, plan_sha256 = excluded.plan_sha256, summary = excluded.summary",
        values, 10);
    return err == LW_OK ? lw__cards_write(sql, append->patient, clinic, p, append->received_s) : err;
}

int32_t lw_store_append(lw_sql *sql, lw_append *append) {
    place at = {0};
    int32_t err = find_place(sql, append->patient, &at);
    if (err != LW_OK) {
        return err;
    }
    if (at.head.seq != append->expect.seq || memcmp(at.head.hash, append->expect.hash, 32) != 0) {
        return LW_ERR_HEAD;
    }
    char *scratch = malloc(LW_MAX_LINE);
    if (scratch == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    append->head = at.head;
    for (uint32_t i = 0; i < append->count && err == LW_OK; i++) {
        const lw_append_event *event = &append->events[i];
        err = lw__chain(append->head.hash, event->line, scratch);
        append->head.seq++;
        lw_sql_value values[] = {
            lw_sql_text(append->patient), lw_sql_int(append->head.seq),   lw_sql_blob(event->id, 16),
            lw_sql_int(event->at_s),      lw_sql_int(append->received_s), lw_sql_text(lw__str(event->kind)),
            lw_sql_text(event->by),       lw_sql_text(event->line),       lw_sql_blob(append->head.hash, 32)};
        if (err == LW_OK) {
            err = lw_sql_queue(sql,
                               "INSERT INTO event (patient, seq, id, at_s, received_s, kind, by_whom, line, hash) "
                               "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                               values, 9);
        }
    }
    free(scratch);
    return err == LW_OK ? write_projection(sql, append, (lw_str){at.clinic, at.clinic_len}) : err;
}

/* ---- erasing ---- */

int32_t lw_store_erase(lw_sql *sql, lw_str patient, lw_str by_account, int64_t now_s) {
    place at = {0};
    int32_t err = find_place(sql, patient, &at);
    if (err != LW_OK) {
        return err;
    }
    lw_sql_value stone[] = {lw_sql_text(patient), lw_sql_text((lw_str){at.clinic, at.clinic_len}), lw_sql_int(now_s),
                            lw_sql_text(by_account), lw_sql_int(at.head.seq)};
    err = lw_sql_queue(
        sql, "INSERT INTO tombstone (patient, clinic, erased_s, by_account, events) VALUES (?1, ?2, ?3, ?4, ?5)", stone,
        5);
    static const char *const statements[] = {
        "DELETE FROM event WHERE patient = ?1",
        "DELETE FROM projection WHERE patient = ?1",
        "DELETE FROM card WHERE patient = ?1",
        /* Somebody of the staff who is also a patient stays staff. */
        "DELETE FROM session WHERE account IN (SELECT id FROM account WHERE patient = ?1 AND login IS NULL)",
        "DELETE FROM passkey WHERE account IN (SELECT id FROM account WHERE patient = ?1 AND login IS NULL)",
        "DELETE FROM invite WHERE account IN (SELECT id FROM account WHERE patient = ?1 AND login IS NULL)",
        "DELETE FROM account WHERE patient = ?1 AND login IS NULL",
        "UPDATE account SET patient = NULL, roles = roles - (roles & 1) WHERE patient = ?1",
        "DELETE FROM reminder WHERE patient = ?1",
        "DELETE FROM push WHERE patient = ?1",
        "DELETE FROM outbox WHERE patient = ?1",
        "DELETE FROM feed WHERE patient = ?1",
        "DELETE FROM feed_item WHERE patient = ?1",
        "DELETE FROM feed_edition WHERE patient = ?1",
        "DELETE FROM refusal WHERE patient = ?1",
        "DELETE FROM patient WHERE id = ?1",
    };
    for (size_t i = 0; i < sizeof statements / sizeof statements[0] && err == LW_OK; i++) {
        err = lw_sql_queue(sql, statements[i], stone, 1);
    }
    return err;
}

/* ---- verifying ---- */

typedef struct verify_ctx {
    uint8_t hash[32];
    int64_t seq, bad;
    char *scratch;
} verify_ctx;

static int32_t verify_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    verify_ctx *v = ctx;
    v->seq++;
    if (columns[0].number != v->seq || lw__chain(v->hash, columns[1].bytes, v->scratch) != LW_OK ||
        columns[2].bytes.len != 32 || memcmp(columns[2].bytes.ptr, v->hash, 32) != 0) {
        v->bad = v->seq;
        return LW_ERR_CORRUPT;
    }
    return LW_OK;
}

int32_t lw_store_verify(lw_sql *sql, lw_str patient, int64_t *bad_seq) {
    verify_ctx v = {.scratch = malloc(LW_MAX_LINE)};
    if (v.scratch == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw_sql_value id[] = {lw_sql_text(patient)};
    int32_t err =
        lw_sql_run(sql, "SELECT seq, line, hash FROM event WHERE patient = ?1 ORDER BY seq", id, 1, verify_row, &v);
    free(v.scratch);
    *bad_seq = v.bad;
    return err == LW_OK && v.seq == 0 ? absent(sql, patient) : err;
}
