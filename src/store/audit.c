/*
 * audit.c: who did what to whom, as a chain over the whole file. See store.h and schema.sql.
 *
 * A row's hash is SHA-256 over the hash before it and the row as a JSON list, so that a row that was changed or taken out
 * shows. Rows cut off at the end do not: compare the last hash with one that was noted elsewhere (doctor prints it).
 */
#include "store/store_internal.h"

typedef struct audit_end {
    int64_t seq;
    uint8_t hash[32];
} audit_end;

static int32_t end_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    audit_end *end = ctx;
    if (columns[1].type != LW_SQL_BLOB || columns[1].bytes.len != 32) {
        return LW_ERR_CORRUPT;
    }
    end->seq = columns[0].number;
    memcpy(end->hash, columns[1].bytes.ptr, 32);
    return LW_OK;
}

/* hash (in, out): of the row before, of this row. */
static int32_t chain(uint8_t hash[32], int64_t seq, const lw_audit *row) {
    lw_buf text = {0};
    lw_buf_fmt(&text, "[%lld,%lld,%d", (long long)seq, (long long)row->at_s, (int)row->status);
    const lw_str words[] = {row->clinic, row->account, row->route, row->patient, row->detail};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        lw_buf_str(&text, ",");
        lw_buf_json(&text, words[i]);
    }
    lw_buf_str(&text, "]");
    int32_t err = text.failed ? LW_ERR_NO_MEMORY : LW_OK;
    if (err == LW_OK) {
        lw__sha256 sha;
        lw__sha256_init(&sha);
        lw__sha256_update(&sha, hash, 32);
        lw__sha256_update(&sha, text.ptr, text.len);
        lw__sha256_final(&sha, hash);
    }
    lw_buf_free(&text);
    return err;
}

int32_t lw_audit_add(lw_sql *sql, const lw_audit *row) {
    audit_end end = {0};
    int32_t err = lw_sql_run(sql, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", NULL, 0, end_row, &end);
    if (err == LW_OK) {
        err = chain(end.hash, end.seq + 1, row);
    }
    if (err != LW_OK) {
        return err;
    }
    lw_sql_value values[] = {lw_sql_int(end.seq + 1),   lw_sql_int(row->at_s),    lw_sql_text(row->clinic),
                             lw_sql_text(row->account), lw_sql_text(row->route),  lw_sql_text(row->patient),
                             lw_sql_int(row->status),   lw_sql_text(row->detail), lw_sql_blob(end.hash, 32)};
    return lw_sql_queue(sql,
                        "INSERT INTO audit (seq, at_s, clinic, account, route, patient, status, detail, hash) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                        values, 9);
}

enum { PAGE = 5000 };

typedef struct audit_check {
    audit_end end;
    int64_t bad;
    uint32_t rows;
} audit_check;

static int32_t check_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    audit_check *check = ctx;
    lw_audit row = {.at_s = columns[1].number,
                    .clinic = columns[2].bytes,
                    .account = columns[3].bytes,
                    .route = columns[4].bytes,
                    .patient = columns[5].bytes,
                    .status = (int32_t)columns[6].number,
                    .detail = columns[7].bytes};
    check->rows++;
    check->end.seq++;
    int32_t err = columns[0].number == check->end.seq ? chain(check->end.hash, check->end.seq, &row) : LW_ERR_CORRUPT;
    if (err == LW_OK && (columns[8].bytes.len != 32 || memcmp(columns[8].bytes.ptr, check->end.hash, 32) != 0)) {
        err = LW_ERR_CORRUPT;
    }
    check->bad = err == LW_ERR_CORRUPT ? check->end.seq : 0;
    return err;
}

/* LW_ERR_CORRUPT unless the row that was the last is still there, with the hash it had. */
static int32_t still_there(lw_sql *sql, const audit_end *last) {
    audit_end found = {0};
    lw_sql_value params[] = {lw_sql_int(last->seq)};
    int32_t err = lw_sql_run(sql, "SELECT seq, hash FROM audit WHERE seq = ?1", params, 1, end_row, &found);
    if (err != LW_OK || last->seq == 0) {
        return err;
    }
    return found.seq == last->seq && memcmp(found.hash, last->hash, 32) == 0 ? LW_OK : LW_ERR_CORRUPT;
}

int32_t lw_audit_verify_after(lw_sql *sql, int64_t *seq, uint8_t hash[32], int64_t *bad_seq) {
    audit_check check = {.end.seq = *seq};
    memcpy(check.end.hash, hash, 32);
    int32_t err = still_there(sql, &check.end);
    check.bad = err == LW_ERR_CORRUPT ? *seq : 0;
    check.rows = PAGE;
    while (err == LW_OK && check.rows == PAGE) {
        check.rows = 0;
        lw_sql_value params[] = {lw_sql_int(check.end.seq), lw_sql_int(PAGE)};
        err = lw_sql_run(sql,
                         "SELECT seq, at_s, clinic, account, route, patient, status, detail, hash FROM audit "
                         "WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                         params, 2, check_row, &check);
    }
    *bad_seq = check.bad;
    if (err == LW_OK) {
        *seq = check.end.seq;
        memcpy(hash, check.end.hash, 32);
    }
    return err;
}

int32_t lw_audit_verify(lw_sql *sql, int64_t *bad_seq) {
    int64_t seq = 0;
    uint8_t hash[32] = {0};
    return lw_audit_verify_after(sql, &seq, hash, bad_seq);
}
