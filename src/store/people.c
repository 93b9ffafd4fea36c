/*
 * people.c: accounts, sessions, invites, passkeys and patients in SQL.
 *
 * Every statement says by itself what may change: whoever calls has decided whether (lw_authorize), and races end here, in
 * WHERE clauses that look again (an invite is used only while unused, a counter only moves up).
 */
#include "store/people.h"

#include <stdio.h>
#include <string.h>

#include "store/rows.h"

enum { MAX_SESSIONS = 40, MAX_STAFF = 500 };

/* ---- reading columns ---- */

typedef struct reading {
    lw_pool *pool;
    void *out;
    bool found, failed;
} reading;

/* A column as a text in the pool; NULL stays NULL. */
static const char *keep(reading *r, const lw_sql_value *column) {
    if (column->type == LW_SQL_NULL) {
        return NULL;
    }
    char *text = lw_pool_text(r->pool, column->bytes);
    r->failed = r->failed || text == NULL;
    return text != NULL ? text : "";
}

/* err of a reading: of the database, of memory, or LW_ERR_NOT_FOUND. */
static int32_t ended(const reading *r, int32_t err) {
    return err != LW_OK ? err : r->failed ? LW_ERR_NO_MEMORY : r->found ? LW_OK : LW_ERR_NOT_FOUND;
}

/* ---- accounts ---- */

#define ACCOUNT_COLUMNS                                                                                             \
    "a.id, a.clinic, a.name, a.language, a.patient, a.login, a.password, a.roles, a.totp, a.totp_step, a.totp_on, " \
    "a.disabled, a.failed, a.locked_until_s, (SELECT COUNT(*) FROM passkey k WHERE k.account = a.id), c.settings"
enum { ACCOUNT_COUNT = 16 };

static void read_account(reading *r, const lw_sql_value *col, lw_account *out) {
    *out = (lw_account){.id = keep(r, &col[0]),
                        .clinic = keep(r, &col[1]),
                        .name = keep(r, &col[2]),
                        .language = keep(r, &col[3]),
                        .patient = keep(r, &col[4]),
                        .login = keep(r, &col[5]),
                        .password = keep(r, &col[6]),
                        .roles = (uint32_t)col[7].number,
                        .totp_step = col[9].number,
                        .totp_on = col[10].number != 0,
                        .disabled = col[11].number != 0,
                        .failed = (int32_t)col[12].number,
                        .locked_until_s = col[13].number,
                        .passkeys = (uint32_t)col[14].number,
                        .clinic_settings = keep(r, &col[15])};
    out->totp_len = lw__col_bytes(&col[8], out->totp, sizeof out->totp);
}

static int32_t account_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    reading *r = ctx;
    r->found = true;
    read_account(r, columns, r->out);
    return LW_OK;
}

int32_t lw_account_find(lw_sql *sql, lw_pool *pool, lw_str id, lw_account *out) {
    reading r = {.pool = pool, .out = out};
    lw_sql_value by[] = {lw_sql_text(id)};
    return ended(&r, lw_sql_run(sql,
                                "SELECT " ACCOUNT_COLUMNS
                                " FROM account a JOIN clinic c ON c.id = a.clinic WHERE a.id = ?1",
                                by, 1, account_row, &r));
}

int32_t lw_account_by_login(lw_sql *sql, lw_pool *pool, lw_str login, lw_account *out) {
    reading r = {.pool = pool, .out = out};
    lw_sql_value by[] = {lw_sql_text(login)};
    return ended(&r, lw_sql_run(sql,
                                "SELECT " ACCOUNT_COLUMNS
                                " FROM account a JOIN clinic c ON c.id = a.clinic WHERE a.login = ?1",
                                by, 1, account_row, &r));
}

int32_t lw_account_add(lw_sql *sql, const lw_account *account, int64_t now_s) {
    lw_sql_value row[] = {
        lw_sql_c(account->id),
        lw_sql_c(account->clinic),
        lw_sql_int(account->roles),
        lw_sql_c(account->patient),
        lw_sql_c(account->login),
        lw_sql_c(account->name),
        lw_sql_c(account->language),
        lw_sql_c(account->password),
        account->totp_len > 0 ? lw_sql_blob(account->totp, account->totp_len) : lw_sql_null(),
        lw_sql_int(account->totp_on ? 1 : 0),
        lw_sql_int(now_s),
    };
    return lw_sql_run(
        sql,
        "INSERT INTO account (id, clinic, roles, patient, login, name, language, password, totp, totp_step, "
        "totp_on, disabled, failed, locked_until_s, created_s) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, 0, 0, 0, ?11)",
        row, 11, NULL, NULL);
}

/* The patient's row takes over what the account says. */
static int32_t name_in_patient(lw_sql *sql, const char *id, const char *name, const char *language) {
    lw_buf fold = {0};
    lw_name_fold(lw__str(name == NULL ? "" : name), &fold);
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_c(name == NULL ? "" : name), lw_sql_text(lw_buf_view(&fold)),
                           lw_sql_c(language == NULL ? "" : language)};
    int32_t err = fold.failed ? LW_ERR_NO_MEMORY
                              : lw_sql_run(sql,
                                           "UPDATE patient SET name = CASE WHEN ?2 = '' THEN name ELSE ?2 END, "
                                           "name_fold = CASE WHEN ?2 = '' THEN name_fold ELSE ?3 END, "
                                           "language = CASE WHEN ?4 = '' THEN language ELSE ?4 END WHERE id = ?1",
                                           with, 4, NULL, NULL);
    lw_buf_free(&fold);
    return err;
}

static int32_t name_in_account(lw_sql *sql, const char *id, const char *name, const char *language) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_c(name == NULL ? "" : name),
                           lw_sql_c(language == NULL ? "" : language)};
    return lw_sql_run(sql,
                      "UPDATE account SET name = CASE WHEN ?2 = '' THEN name ELSE ?2 END, "
                      "language = CASE WHEN ?3 = '' THEN language ELSE ?3 END WHERE id = ?1",
                      with, 3, NULL, NULL);
}

static int32_t text_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    lw__col_text(&columns[0], ctx, 65);
    return LW_OK;
}

int32_t lw_account_rename(lw_sql *sql, const char *id, const char *name, const char *language) {
    char patient[65] = "";
    lw_sql_value by[] = {lw_sql_c(id)};
    int32_t err = name_in_account(sql, id, name, language);
    if (err == LW_OK) {
        err = lw_sql_run(sql, "SELECT patient FROM account WHERE id = ?1", by, 1, text_row, patient);
    }
    return err == LW_OK && patient[0] != 0 ? name_in_patient(sql, patient, name, language) : err;
}

int32_t lw_account_failed(lw_sql *sql, const char *login, int64_t locked_until_s) {
    lw_sql_value with[] = {lw_sql_c(login), lw_sql_int(locked_until_s)};
    return lw_sql_run(sql, "UPDATE account SET failed = failed + 1, locked_until_s = ?2 WHERE login = ?1", with, 2,
                      NULL, NULL);
}

int32_t lw_account_entered(lw_sql *sql, const char *id, int64_t step, int64_t now_s) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_int(step), lw_sql_int(now_s)};
    if (step > 0) {
        int32_t err =
            lw_sql_run(sql, "UPDATE account SET totp_step = ?2 WHERE id = ?1 AND totp_on = 1 AND totp_step < ?2", with,
                       2, NULL, NULL);
        if (err != LW_OK || lw_sql_changed(sql) != 1) {
            return err != LW_OK ? err : LW_ERR_SECOND_FACTOR;
        }
    }
    lw_sql_value seen[] = {with[0], with[2]};
    int32_t err = lw_sql_run(
        sql, "UPDATE account SET failed = 0, locked_until_s = 0, last_seen_s = ?2 WHERE id = ?1 AND disabled = 0", seen,
        2, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_SIGN_IN;
}

int32_t lw_account_password(lw_sql *sql, const char *id, const char *old, const char *fresh) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_c(fresh), lw_sql_c(old == NULL ? "" : old)};
    int32_t err = lw_sql_run(sql,
                             "UPDATE account SET password = ?2, failed = 0, locked_until_s = 0 WHERE id = ?1 AND "
                             "(?3 = '' OR password = ?3)",
                             with, 3, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_HEAD;
}

int32_t lw_account_totp(lw_sql *sql, const char *id, const uint8_t *secret, uint32_t len, int64_t step) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_blob(secret, len), lw_sql_int(step)};
    return lw_sql_run(sql, "UPDATE account SET totp = ?2, totp_on = 1, totp_step = ?3 WHERE id = ?1", with, 3, NULL,
                      NULL);
}

typedef struct totp_page {
    lw_totp_row *rows;
    uint32_t count;
} totp_page;

static int32_t totp_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    totp_page *page = ctx;
    lw_totp_row *row = &page->rows[page->count++];
    snprintf(row->account, sizeof row->account, "%.*s", (int)col[0].bytes.len, col[0].bytes.ptr);
    row->len = lw__col_bytes(&col[1], row->totp, sizeof row->totp);
    return LW_OK;
}

int32_t lw_account_totp_page(lw_sql *sql, const char *after, lw_totp_row rows[LW_TOTP_PAGE], uint32_t *count) {
    totp_page page = {.rows = rows};
    lw_sql_value from[] = {lw_sql_c(after), lw_sql_int(LW_TOTP_PAGE)};
    int32_t err =
        lw_sql_run(sql, "SELECT id, totp FROM account WHERE totp IS NOT NULL AND id > ?1 ORDER BY id LIMIT ?2", from, 2,
                   totp_row, &page);
    *count = page.count;
    return err;
}

int32_t lw_account_totp_put(lw_sql *sql, const char *id, const uint8_t *secret, uint32_t len) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_blob(secret, len)};
    return len > 0 ? lw_sql_run(sql, "UPDATE account SET totp = ?2 WHERE id = ?1", with, 2, NULL, NULL)
                   : lw_sql_run(sql, "UPDATE account SET totp = NULL, totp_on = 0, totp_step = 0 WHERE id = ?1", with,
                                1, NULL, NULL);
}

int32_t lw_account_reset(lw_sql *sql, const char *id) {
    lw_sql_value by[] = {lw_sql_c(id)};
    int32_t err = lw_sql_run(sql,
                             "UPDATE account SET password = NULL, totp = NULL, totp_on = 0, totp_step = 0, failed = 0, "
                             "locked_until_s = 0 WHERE id = ?1",
                             by, 1, NULL, NULL);
    if (err == LW_OK) {
        err = lw_sql_run(sql, "DELETE FROM passkey WHERE account = ?1", by, 1, NULL, NULL);
    }
    return err == LW_OK ? lw_session_remove_all(sql, id, NULL) : err;
}

int32_t lw_account_roles(lw_sql *sql, const char *id, uint32_t roles, bool disabled) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_int(roles), lw_sql_int(disabled ? 1 : 0)};
    return lw_sql_run(sql, "UPDATE account SET roles = ?2, disabled = ?3 WHERE id = ?1", with, 3, NULL, NULL);
}

int32_t lw_account_cover(lw_sql *sql, const char *id, const char *account, int64_t until_s) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_c(account), account == NULL ? lw_sql_null() : lw_sql_int(until_s)};
    return lw_sql_run(sql, "UPDATE account SET cover = ?2, cover_until_s = ?3 WHERE id = ?1", with, 3, NULL, NULL);
}

int32_t lw_account_admins(lw_sql *sql, lw_str clinic, int64_t *out) {
    lw_sql_value by[] = {lw_sql_text(clinic)};
    return lw_sql_one_int(sql, "SELECT COUNT(*) FROM account WHERE clinic = ?1 AND disabled = 0 AND (roles & 4) <> 0",
                          by, 1, out);
}

void lw_account_role_words(lw_buf *out, uint32_t roles) {
    static const char *const words[] = {"patient", "clinician", "admin", "researcher"};
    lw_buf_str(out, "[");
    for (uint32_t i = 0; i < 4; i++) {
        if ((roles >> i & 1) != 0) {
            lw__comma(out);
            lw_buf_fmt(out, "\"%s\"", words[i]);
        }
    }
    lw_buf_str(out, "]");
}

static int32_t staff_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    lw__comma(out);
    lw_buf_str(out, "{\"account\":");
    lw_buf_json(out, col[0].bytes);
    lw_buf_str(out, ",\"name\":");
    lw_buf_json(out, col[1].bytes);
    lw_buf_str(out, ",\"login\":");
    lw__json_col_text(out, &col[2]);
    lw_buf_str(out, ",\"roles\":");
    lw_account_role_words(out, (uint32_t)col[3].number);
    lw_buf_fmt(out, ",\"disabled\":%s,\"totp\":%s,\"passkeys\":", col[4].number != 0 ? "true" : "false",
               col[5].number != 0 ? "true" : "false");
    lw_buf_int(out, col[6].number);
    lw_buf_str(out, ",\"cover\":");
    lw__json_col_text(out, &col[7]);
    lw_buf_str(out, ",\"cover_until_s\":");
    lw__json_col_int(out, &col[8]);
    lw_buf_str(out, ",\"last_seen_s\":");
    lw__json_col_int(out, &col[9]);
    lw_buf_fmt(out, ",\"invited\":%s}", col[10].number != 0 ? "true" : "false");
    return LW_OK;
}

int32_t lw_account_list(lw_sql *sql, lw_str clinic, int64_t now_s, lw_buf *out) {
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(now_s), lw_sql_int(MAX_STAFF)};
    lw_buf_str(out, "[");
    return lw__list_end(out,
                        lw_sql_run(sql,
                                   "SELECT a.id, a.name, a.login, a.roles, a.disabled, a.totp_on, "
                                   "(SELECT COUNT(*) FROM passkey k WHERE k.account = a.id), a.cover, a.cover_until_s, "
                                   "a.last_seen_s, (SELECT COUNT(*) FROM invite i WHERE i.account = a.id AND "
                                   "i.used_s IS NULL AND i.expires_s > ?2) "
                                   "FROM account a WHERE a.clinic = ?1 AND (a.roles & 14) <> 0 "
                                   "ORDER BY a.name, a.id LIMIT ?3",
                                   by, 3, staff_row, out));
}

/* ---- sessions ---- */

typedef struct session_reading {
    reading r;
    lw_session *session;
} session_reading;

static int32_t session_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    session_reading *s = ctx;
    s->r.found = true;
    read_account(&s->r, col, s->r.out);
    const lw_sql_value *own = col + ACCOUNT_COUNT;
    *s->session = (lw_session){.account = ((lw_account *)s->r.out)->id,
                               .kind = keep(&s->r, &own[0]),
                               .label = keep(&s->r, &own[1]),
                               .created_s = own[2].number,
                               .seen_s = own[3].number,
                               .idle_s = own[4].number,
                               .expires_s = own[5].number,
                               .strong = own[6].number != 0};
    return LW_OK;
}

int32_t lw_session_get(lw_sql *sql, lw_pool *pool, const uint8_t key[32], int64_t now_s, lw_session *out,
                       lw_account *account) {
    session_reading s = {.r = {.pool = pool, .out = account}, .session = out};
    lw_sql_value by[] = {lw_sql_blob(key, 32), lw_sql_int(now_s)};
    return ended(&s.r, lw_sql_run(sql,
                                  "SELECT " ACCOUNT_COLUMNS
                                  ", s.kind, s.label, s.created_s, s.seen_s, s.idle_s, s.expires_s, s.strong "
                                  "FROM session s JOIN account a ON a.id = s.account JOIN clinic c ON c.id = a.clinic "
                                  "WHERE s.id = ?1 AND s.expires_s > ?2 AND s.seen_s + s.idle_s > ?2",
                                  by, 2, session_row, &s));
}

int32_t lw_session_add(lw_sql *sql, const uint8_t key[32], const lw_session *session) {
    lw_sql_value row[] = {
        lw_sql_blob(key, 32),           lw_sql_c(session->account),          lw_sql_c(session->kind),
        lw_sql_c(session->label),       lw_sql_int(session->created_s),      lw_sql_int(session->idle_s),
        lw_sql_int(session->expires_s), lw_sql_int(session->strong ? 1 : 0),
    };
    int32_t err =
        lw_sql_run(sql,
                   "INSERT INTO session (id, account, kind, label, created_s, seen_s, idle_s, expires_s, strong) "
                   "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)",
                   row, 8, NULL, NULL);
    lw_sql_value old[] = {row[1], row[4]};
    if (err == LW_OK) {
        err = lw_sql_run(sql, "DELETE FROM session WHERE account = ?1 AND (expires_s <= ?2 OR seen_s + idle_s <= ?2)",
                         old, 2, NULL, NULL);
    }
    lw_sql_value most[] = {row[1], lw_sql_int(MAX_SESSIONS)};
    return err != LW_OK ? err
                        : lw_sql_run(sql,
                                     "DELETE FROM session WHERE account = ?1 AND id NOT IN (SELECT id FROM session "
                                     "WHERE account = ?1 ORDER BY seen_s DESC, id LIMIT ?2)",
                                     most, 2, NULL, NULL);
}

int32_t lw_session_seen(lw_sql *sql, const uint8_t key[32], const char *account, int64_t now_s) {
    lw_sql_value with[] = {lw_sql_blob(key, 32), lw_sql_int(now_s)};
    int32_t err = lw_sql_run(sql, "UPDATE session SET seen_s = ?2 WHERE id = ?1 AND seen_s < ?2", with, 2, NULL, NULL);
    lw_sql_value whom[] = {lw_sql_c(account), lw_sql_int(now_s)};
    return err != LW_OK ? err
                        : lw_sql_run(sql, "UPDATE account SET last_seen_s = ?2 WHERE id = ?1", whom, 2, NULL, NULL);
}

int32_t lw_session_strengthen(lw_sql *sql, const uint8_t key[32]) {
    lw_sql_value with[] = {lw_sql_blob(key, 32)};
    return lw_sql_run(sql, "UPDATE session SET strong = 1 WHERE id = ?1", with, 1, NULL, NULL);
}

int32_t lw_session_remove(lw_sql *sql, const char *account, const uint8_t key[32]) {
    lw_sql_value with[] = {lw_sql_c(account), lw_sql_blob(key, 32)};
    int32_t err = lw_sql_run(sql, "DELETE FROM session WHERE account = ?1 AND id = ?2", with, 2, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_NOT_FOUND;
}

int32_t lw_session_remove_all(lw_sql *sql, const char *account, const uint8_t *keep_key) {
    static const uint8_t none[32];
    lw_sql_value with[] = {lw_sql_c(account), lw_sql_blob(keep_key != NULL ? keep_key : none, 32)};
    return lw_sql_run(sql, "DELETE FROM session WHERE account = ?1 AND id <> ?2", with, 2, NULL, NULL);
}

typedef struct session_listing {
    lw_buf *out;
    const uint8_t *own;
} session_listing;

static int32_t session_list_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    session_listing *l = ctx;
    uint8_t key[32] = {0};
    char id[65];
    lw__col_bytes(&col[0], key, sizeof key);
    lw__hex(id, key, 32);
    lw__comma(l->out);
    lw_buf_fmt(l->out, "{\"id\":\"%s\",\"label\":", id);
    lw_buf_json(l->out, col[1].bytes);
    lw_buf_str(l->out, ",\"kind\":");
    lw_buf_json(l->out, col[2].bytes);
    lw_buf_fmt(l->out, ",\"created_s\":%lld,\"seen_s\":%lld,\"expires_s\":%lld,\"this\":%s}", (long long)col[3].number,
               (long long)col[4].number, (long long)col[5].number, memcmp(key, l->own, 32) == 0 ? "true" : "false");
    return LW_OK;
}

int32_t lw_session_list(lw_sql *sql, const char *account, const uint8_t own[32], int64_t now_s, lw_buf *out) {
    session_listing l = {out, own};
    lw_sql_value by[] = {lw_sql_c(account), lw_sql_int(now_s)};
    lw_buf_str(out, "[");
    return lw__list_end(
        out, lw_sql_run(sql,
                        "SELECT id, label, kind, created_s, seen_s, expires_s FROM session WHERE account = ?1 "
                        "AND expires_s > ?2 AND seen_s + idle_s > ?2 ORDER BY seen_s DESC, id LIMIT 100",
                        by, 2, session_list_row, &l));
}

/* ---- invites ---- */

int32_t lw_invite_end(lw_sql *sql, const char *account) {
    lw_sql_value by[] = {lw_sql_c(account)};
    return lw_sql_run(sql, "DELETE FROM invite WHERE account = ?1 AND used_s IS NULL", by, 1, NULL, NULL);
}

int32_t lw_invite_add(lw_sql *sql, const uint8_t key[32], const char *account, const char *by, int64_t now_s,
                      int64_t expires_s) {
    int32_t err = lw_invite_end(sql, account);
    lw_sql_value row[] = {lw_sql_blob(key, 32), lw_sql_c(account), lw_sql_c(by), lw_sql_int(now_s),
                          lw_sql_int(expires_s)};
    return err != LW_OK ? err
                        : lw_sql_run(sql,
                                     "INSERT INTO invite (id, account, by_account, created_s, expires_s) "
                                     "VALUES (?1, ?2, ?3, ?4, ?5)",
                                     row, 5, NULL, NULL);
}

int32_t lw_invite_find(lw_sql *sql, lw_pool *pool, const uint8_t key[32], int64_t now_s, lw_account *out) {
    reading r = {.pool = pool, .out = out};
    lw_sql_value by[] = {lw_sql_blob(key, 32), lw_sql_int(now_s)};
    return ended(&r, lw_sql_run(sql,
                                "SELECT " ACCOUNT_COLUMNS
                                " FROM invite i JOIN account a ON a.id = i.account JOIN clinic c ON c.id = a.clinic "
                                "WHERE i.id = ?1 AND i.used_s IS NULL AND i.expires_s > ?2 AND a.disabled = 0",
                                by, 2, account_row, &r));
}

int32_t lw_invite_use(lw_sql *sql, const uint8_t key[32], int64_t now_s) {
    lw_sql_value with[] = {lw_sql_blob(key, 32), lw_sql_int(now_s)};
    int32_t err = lw_sql_run(sql, "UPDATE invite SET used_s = ?2 WHERE id = ?1 AND used_s IS NULL AND expires_s > ?2",
                             with, 2, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_NOT_FOUND;
}

/* ---- passkeys ---- */

static int32_t passkey_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    reading *r = ctx;
    lw_passkey *out = r->out;
    r->found = true;
    out->id_len = lw__col_bytes(&col[0], out->id, sizeof out->id);
    lw__col_text(&col[1], out->account, sizeof out->account);
    out->cose_alg = (int32_t)col[2].number;
    out->key_len = lw__col_bytes(&col[3], out->key, sizeof out->key);
    out->sign_count = col[4].number;
    return LW_OK;
}

int32_t lw_passkey_find(lw_sql *sql, const uint8_t *id, uint32_t len, lw_passkey *out) {
    reading r = {.out = out};
    lw_sql_value by[] = {lw_sql_blob(id, len)};
    return ended(&r, lw_sql_run(sql, "SELECT id, account, cose_alg, public_key, sign_count FROM passkey WHERE id = ?1",
                                by, 1, passkey_row, &r));
}

int32_t lw_passkey_add(lw_sql *sql, const lw_passkey *passkey, const char *name, int64_t now_s) {
    int64_t have = 0;
    lw_sql_value row[] = {
        lw_sql_blob(passkey->id, passkey->id_len),
        lw_sql_c(passkey->account),
        lw_sql_c(name),
        lw_sql_int(passkey->cose_alg),
        lw_sql_blob(passkey->key, passkey->key_len),
        lw_sql_int(passkey->sign_count),
        lw_sql_int(now_s),
    };
    int32_t err = lw_sql_one_int(sql, "SELECT COUNT(*) FROM passkey WHERE account = ?1", &row[1], 1, &have);
    if (err != LW_OK || have >= LW_MAX_PASSKEYS) {
        return err != LW_OK ? err : LW_ERR_LIMIT;
    }
    return lw_sql_run(sql,
                      "INSERT INTO passkey (id, account, name, cose_alg, public_key, sign_count, created_s) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                      row, 7, NULL, NULL);
}

int32_t lw_passkey_used(lw_sql *sql, const lw_passkey *passkey, int64_t sign_count, int64_t now_s) {
    lw_sql_value with[] = {lw_sql_blob(passkey->id, passkey->id_len), lw_sql_int(sign_count), lw_sql_int(now_s)};
    int32_t err = lw_sql_run(sql,
                             "UPDATE passkey SET sign_count = ?2, used_s = ?3 WHERE id = ?1 AND "
                             "(sign_count < ?2 OR (sign_count = 0 AND ?2 = 0))",
                             with, 3, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_SIGN_IN;
}

void lw_passkey_handle(const uint8_t *id, uint32_t len, char out[33]) {
    uint8_t hash[32];
    lw__sha256_of(id, len, hash);
    lw__hex(out, hash, 16);
}

int32_t lw_passkey_ids(lw_sql *sql, const char *account, lw_sql_row row, void *ctx) {
    lw_sql_value by[] = {lw_sql_c(account)};
    return lw_sql_run(sql, "SELECT id FROM passkey WHERE account = ?1 ORDER BY created_s, id LIMIT 100", by, 1, row,
                      ctx);
}

typedef struct passkey_search {
    const char *handle;
    lw_passkey *out;
    bool found;
} passkey_search;

static int32_t handle_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    passkey_search *s = ctx;
    char handle[33];
    lw_passkey_handle((const uint8_t *)col[0].bytes.ptr, col[0].bytes.len, handle);
    if (strcmp(handle, s->handle) == 0) {
        s->found = true;
        s->out->id_len = lw__col_bytes(&col[0], s->out->id, sizeof s->out->id);
    }
    return LW_OK;
}

int32_t lw_passkey_remove(lw_sql *sql, const char *account, const char *handle) {
    lw_passkey passkey;
    passkey_search s = {handle, &passkey, false};
    int32_t err = lw_passkey_ids(sql, account, handle_row, &s);
    if (err != LW_OK || !s.found) {
        return err != LW_OK ? err : LW_ERR_NOT_FOUND;
    }
    lw_sql_value with[] = {lw_sql_blob(passkey.id, passkey.id_len), lw_sql_c(account)};
    return lw_sql_run(sql, "DELETE FROM passkey WHERE id = ?1 AND account = ?2", with, 2, NULL, NULL);
}

static int32_t passkey_list_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    char handle[33];
    lw_passkey_handle((const uint8_t *)col[0].bytes.ptr, col[0].bytes.len, handle);
    lw__comma(out);
    lw_buf_fmt(out, "{\"id\":\"%s\",\"name\":", handle);
    lw_buf_json(out, col[1].bytes);
    lw_buf_fmt(out, ",\"created_s\":%lld,\"used_s\":", (long long)col[2].number);
    lw__json_col_int(out, &col[3]);
    lw_buf_str(out, "}");
    return LW_OK;
}

int32_t lw_passkey_list(lw_sql *sql, const char *account, lw_buf *out) {
    lw_sql_value by[] = {lw_sql_c(account)};
    lw_buf_str(out, "[");
    return lw__list_end(out, lw_sql_run(sql,
                                        "SELECT id, name, created_s, used_s FROM passkey WHERE account = ?1 "
                                        "ORDER BY created_s, id LIMIT 100",
                                        by, 1, passkey_list_row, out));
}

/* ---- patients ---- */

typedef struct place {
    char *clinic, *responsible;
    bool *erased;
} place;

static int32_t place_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    place *p = ctx;
    lw__col_text(&col[0], p->clinic, 37);
    lw__col_text(&col[1], p->responsible, 37);
    *p->erased = col[2].number != 0;
    return LW_OK;
}

int32_t lw_patient_place(lw_sql *sql, lw_str patient, char clinic[37], char responsible[37], bool *erased) {
    place p = {clinic, responsible, erased};
    lw_sql_value by[] = {lw_sql_text(patient)};
    clinic[0] = responsible[0] = 0;
    *erased = false;
    int32_t err = lw_sql_run(sql, "SELECT clinic, responsible, 0 FROM patient WHERE id = ?1", by, 1, place_row, &p);
    if (err == LW_OK && clinic[0] == 0) {
        err = lw_sql_run(sql, "SELECT clinic, NULL, 1 FROM tombstone WHERE patient = ?1", by, 1, place_row, &p);
    }
    return err;
}

int32_t lw_patient_account(lw_sql *sql, lw_str patient, char account[37]) {
    char text[65] = "";
    lw_sql_value by[] = {lw_sql_text(patient)};
    int32_t err =
        lw_sql_run(sql, "SELECT id FROM account WHERE patient = ?1 ORDER BY created_s LIMIT 1", by, 1, text_row, text);
    memcpy(account, text, 36);
    account[36] = 0;
    return err;
}

int32_t lw_patient_tombstone(lw_sql *sql, lw_str patient, int64_t *events) {
    lw_sql_value by[] = {lw_sql_text(patient)};
    return lw_sql_one_int(sql, "SELECT events FROM tombstone WHERE patient = ?1", by, 1, events);
}

int32_t lw_patient_add(lw_sql *sql, const lw_patient *patient, int64_t now_s) {
    int64_t events = 0;
    int32_t err = lw_patient_tombstone(sql, lw__str(patient->id), &events);
    if (err != LW_ERR_NOT_FOUND) {
        return err == LW_OK ? LW_ERR_EXISTS : err;
    }
    lw_buf fold = {0};
    lw_name_fold(lw__str(patient->name), &fold);
    lw_sql_value row[] = {
        lw_sql_c(patient->id),           lw_sql_c(patient->clinic),   lw_sql_c(patient->name),
        lw_sql_text(lw_buf_view(&fold)), lw_sql_c(patient->language), lw_sql_c(patient->country),
        lw_sql_c(patient->responsible),  lw_sql_int(now_s),
    };
    err = fold.failed ? LW_ERR_NO_MEMORY
                      : lw_sql_run(sql,
                                   "INSERT INTO patient (id, clinic, name, name_fold, language, country, responsible, "
                                   "protocol_sha256, created_s) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, sha256, ?8 "
                                   "FROM protocol WHERE clinic = ?2 AND current = 1 LIMIT 1",
                                   row, 8, NULL, NULL);
    if (err == LW_OK && lw_sql_changed(sql) != 1) {
        err = LW_ERR_PROTOCOL;
    }
    lw_buf_free(&fold);
    const lw_account account = {.id = patient->account,
                                .clinic = patient->clinic,
                                .name = patient->name,
                                .language = patient->language,
                                .patient = patient->id,
                                .roles = LW__PATIENT};
    return err == LW_OK ? lw_account_add(sql, &account, now_s) : err;
}

int32_t lw_patient_change(lw_sql *sql, const lw_patient *patient) {
    char account[37];
    int32_t err = name_in_patient(sql, patient->id, patient->name, patient->language);
    if (err == LW_OK) {
        err = lw_patient_account(sql, lw__str(patient->id), account);
    }
    if (err == LW_OK && account[0] != 0) {
        err = name_in_account(sql, account, patient->name, patient->language);
    }
    lw_sql_value country[] = {lw_sql_c(patient->id), lw_sql_c(patient->country)};
    if (err == LW_OK && patient->country != NULL) {
        err = lw_sql_run(sql, "UPDATE patient SET country = ?2 WHERE id = ?1", country, 2, NULL, NULL);
    }
    if (err == LW_OK && patient->responsible != NULL) {
        lw_sql_value whom[] = {lw_sql_c(patient->id),
                               patient->responsible[0] == 0 ? lw_sql_null() : lw_sql_c(patient->responsible)};
        err = lw_sql_run(sql, "UPDATE patient SET responsible = ?2 WHERE id = ?1", whom, 2, NULL, NULL);
    }
    return err;
}

#define PATIENT_COLUMNS                                                                                               \
    "p.id, p.name, p.language, p.country, p.responsible, p.protocol_sha256, p.created_s, p.offered_to, "              \
    "(SELECT COALESCE(MAX(e.seq), 0) FROM event e WHERE e.patient = p.id), j.summary, (SELECT COUNT(*) FROM account " \
    "a JOIN session s ON s.account = a.id "                                                                           \
    "WHERE a.patient = p.id AND s.expires_s > ?1 AND s.seen_s + s.idle_s > ?1) "                                      \
    "FROM patient p LEFT JOIN projection j ON j.patient = p.id "

typedef struct patient_listing {
    lw_buf *out;
    char *next; /* nullable: the last id */
    uint32_t count, limit;
    bool more, summary;
} patient_listing;

static int32_t patient_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    patient_listing *l = ctx;
    if (l->count == l->limit) {
        l->more = true;
        return LW_OK;
    }
    if (l->count++ > 0) {
        lw_buf_str(l->out, ",");
    }
    static const char *const names[] = {
        "{\"patient\":", ",\"name\":", ",\"language\":", ",\"country\":", ",\"responsible\":", ",\"protocol_sha256\":"};
    for (uint32_t i = 0; i < 6; i++) {
        lw_buf_str(l->out, names[i]);
        lw__json_col_text(l->out, &col[i]);
    }
    lw_buf_fmt(l->out, ",\"created_s\":%lld,\"offered_to\":", (long long)col[6].number);
    lw__json_col_text(l->out, &col[7]);
    lw_buf_fmt(l->out, ",\"signed_in\":%s,\"head\":%lld,\"summary\":", col[10].number > 0 ? "true" : "false",
               (long long)col[8].number);
    if (col[9].type == LW_SQL_NULL || !l->summary) {
        lw_buf_str(l->out, "{}}");
    } else {
        lw_buf_slice(l->out, col[9].bytes);
        lw_buf_str(l->out, "}");
    }
    if (l->next != NULL) {
        lw__col_text(&col[0], l->next, 65);
    }
    return LW_OK;
}

int32_t lw_patient_json(lw_sql *sql, lw_str patient, bool summary, int64_t now_s, lw_buf *out) {
    patient_listing l = {.out = out, .limit = 1, .summary = summary};
    lw_sql_value by[] = {lw_sql_int(now_s), lw_sql_text(patient)};
    int32_t err = lw_sql_run(sql, "SELECT " PATIENT_COLUMNS "WHERE p.id = ?2", by, 2, patient_row, &l);
    return err != LW_OK ? err : l.count == 0 ? LW_ERR_NOT_FOUND : out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

/* '%folded part%' with LIKE's own signs escaped by '!'. */
static void pattern(lw_str part, lw_buf *out) {
    lw_buf fold = {0};
    lw_name_fold(part, &fold);
    lw_buf_str(out, "%");
    for (size_t i = 0; i < fold.len; i++) {
        if (fold.ptr[i] == '%' || fold.ptr[i] == '_' || fold.ptr[i] == '!') {
            lw_buf_str(out, "!");
        }
        lw_buf_add(out, &fold.ptr[i], 1);
    }
    lw_buf_str(out, "%");
    out->failed = out->failed || fold.failed;
    lw_buf_free(&fold);
}

/* "": all; otherwise rows of that text only. */
#define OF_RESPONSIBLE "(?4 = '' OR p.responsible = ?4) "
#define AFTER          "(p.name_fold, p.id) > (SELECT b.name_fold, b.id FROM patient b WHERE b.id = ?3) "
#define IN_ORDER       "ORDER BY p.name_fold, p.id LIMIT ?5"

int32_t lw_patient_list(lw_sql *sql, lw_str clinic, lw_str part, lw_str after, lw_str responsible, uint32_t limit,
                        bool summary, int64_t now_s, lw_buf *out, char next[65]) {
    static const char *const texts[] = {
        "SELECT " PATIENT_COLUMNS "WHERE p.clinic = ?2 AND ?3 = '' AND " OF_RESPONSIBLE IN_ORDER,
        "SELECT " PATIENT_COLUMNS "WHERE p.clinic = ?2 AND " AFTER "AND " OF_RESPONSIBLE IN_ORDER,
        "SELECT " PATIENT_COLUMNS "WHERE p.clinic = ?2 AND ?3 = '' AND " OF_RESPONSIBLE
        "AND (p.name_fold LIKE ?6 ESCAPE '!' OR REPLACE(p.id, ?7, '') <> p.id) " IN_ORDER,
        "SELECT " PATIENT_COLUMNS "WHERE p.clinic = ?2 AND " AFTER "AND " OF_RESPONSIBLE
        "AND (p.name_fold LIKE ?6 ESCAPE '!' OR REPLACE(p.id, ?7, '') <> p.id) " IN_ORDER,
    };
    patient_listing l = {.out = out, .next = next, .limit = limit, .summary = summary};
    lw_buf like = {0};
    pattern(part, &like);
    lw_sql_value by[] = {lw_sql_int(now_s),        lw_sql_text(clinic),   lw_sql_text(after),
                         lw_sql_text(responsible), lw_sql_int(limit + 1), lw_sql_text(lw_buf_view(&like)),
                         lw_sql_text(part)};
    next[0] = 0;
    int32_t err = like.failed ? LW_ERR_NO_MEMORY
                              : lw_sql_run(sql, texts[(after.len > 0 ? 1 : 0) + (part.len > 0 ? 2 : 0)], by,
                                           part.len > 0 ? 7 : 5, patient_row, &l);
    lw_buf_free(&like);
    if (!l.more) {
        next[0] = 0;
    }
    return err != LW_OK ? err : out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}
