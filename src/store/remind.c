/*
 * remind.c: see remind.h.
 *
 * Rows here are about how to reach somebody, never about the body. Every statement says by itself what may change, as in people.c:
 * a confirmation is used only while it waits, a message of one kind waits only once, what is published never goes back.
 */
#include "store/remind.h"

#include <stdio.h>

#include "store/rows.h"

/* ---- what a patient asked for ---- */

#define COLUMNS                                                                                                       \
    "p.id, r.zone, r.from_min, r.until_min, r.exercise_min, r.email_on, r.push_on, r.plain, r.email, r.email_state, " \
    "r.stop_token, r.checkin_day, r.session_day, r.next_s, p.language, p.clinic, (SELECT MIN(a.id) FROM account a "   \
    "WHERE a.patient = p.id), p.protocol_sha256 "

static void read_row(const lw_sql_value *col, lw_reminder *out) {
    *out = (lw_reminder){.from_min = (int32_t)col[2].number,
                         .until_min = (int32_t)col[3].number,
                         .exercise_min = (int32_t)col[4].number,
                         .email_on = col[5].number != 0,
                         .push_on = col[6].number != 0,
                         .plain = col[7].number != 0,
                         .checkin_day = (int32_t)col[11].number,
                         .session_day = (int32_t)col[12].number,
                         .next_s = col[13].number};
    lw__col_text(&col[0], out->patient, sizeof out->patient);
    lw__col_text(&col[1], out->zone, sizeof out->zone);
    lw__col_text(&col[8], out->email, sizeof out->email);
    lw__col_text(&col[9], out->email_state, sizeof out->email_state);
    lw__col_text(&col[10], out->stop_token, sizeof out->stop_token);
    lw__col_text(&col[14], out->language, sizeof out->language);
    lw__col_text(&col[15], out->clinic, sizeof out->clinic);
    lw__col_text(&col[16], out->account, sizeof out->account);
    lw__col_text(&col[17], out->protocol_sha256, sizeof out->protocol_sha256);
}

typedef struct reading {
    lw_reminder *rows;
    uint32_t cap, count;
    bool asked;
} reading;

static int32_t row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    reading *r = ctx;
    if (r->count < r->cap) {
        r->asked = col[1].type != LW_SQL_NULL;
        read_row(col, &r->rows[r->count++]);
    }
    return LW_OK;
}

int32_t lw_reminder_get(lw_sql *sql, lw_str patient, lw_reminder *out) {
    reading r = {.rows = out, .cap = 1};
    lw_sql_value by[] = {lw_sql_text(patient)};
    int32_t err =
        lw_sql_run(sql, "SELECT " COLUMNS "FROM patient p LEFT JOIN reminder r ON r.patient = p.id WHERE p.id = ?1", by,
                   1, row, &r);
    return err != LW_OK ? err : r.asked ? LW_OK : LW_ERR_NOT_FOUND;
}

int32_t lw_reminder_due(lw_sql *sql, int64_t now_s, lw_reminder *rows, uint32_t cap, uint32_t *count) {
    reading r = {.rows = rows, .cap = cap};
    lw_sql_value by[] = {lw_sql_int(now_s), lw_sql_int(cap)};
    int32_t err = lw_sql_run(sql,
                             "SELECT " COLUMNS "FROM reminder r JOIN patient p ON p.id = r.patient WHERE "
                             "(r.next_s <= ?1 OR r.next_s > ?1 + 259200) AND (r.email_on = 1 OR r.push_on = 1) ORDER "
                             "BY r.next_s, r.patient LIMIT ?2",
                             by, 2, row, &r);
    *count = r.count;
    return err;
}

int32_t lw_reminder_put(lw_sql *sql, const lw_reminder *reminder) {
    lw_sql_value with[] = {lw_sql_c(reminder->patient),           lw_sql_c(reminder->zone),
                           lw_sql_int(reminder->from_min),        lw_sql_int(reminder->until_min),
                           lw_sql_int(reminder->exercise_min),    lw_sql_int(reminder->email_on ? 1 : 0),
                           lw_sql_int(reminder->push_on ? 1 : 0), lw_sql_int(reminder->plain ? 1 : 0),
                           lw_sql_c(reminder->stop_token),        lw_sql_int(reminder->next_s)};
    return lw_sql_run(sql,
                      "INSERT INTO reminder (patient, zone, from_min, until_min, exercise_min, email_on, push_on, "
                      "plain, email, email_state, confirm_key, confirm_until_s, stop_token, checkin_day, session_day, "
                      "next_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, 'none', NULL, 0, ?9, 0, 0, ?10) "
                      "ON CONFLICT (patient) DO UPDATE SET zone = ?2, from_min = ?3, until_min = ?4, exercise_min = "
                      "?5, email_on = ?6, push_on = ?7, plain = ?8, next_s = ?10",
                      with, 10, NULL, NULL);
}

int32_t lw_reminder_email(lw_sql *sql, const char *patient, const char *email, const uint8_t key[32], int64_t until_s) {
    bool any = email[0] != '\0';
    lw_sql_value whose[] = {lw_sql_c(patient)};
    int32_t err = lw_sql_run(sql, "DELETE FROM refusal WHERE patient = ?1", whose, 1, NULL, NULL);
    if (err != LW_OK) {
        return err;
    }
    lw_sql_value with[] = {lw_sql_c(patient), any ? lw_sql_c(email) : lw_sql_null(),
                           any ? lw_sql_blob(key, 32) : lw_sql_null(), lw_sql_int(until_s),
                           lw_sql_c(any ? "waiting" : "none")};
    return lw_sql_run(sql,
                      "UPDATE reminder SET email = ?2, confirm_key = ?3, confirm_until_s = ?4, email_state = ?5 WHERE "
                      "patient = ?1",
                      with, 5, NULL, NULL);
}

static int32_t text_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw__col_text(&col[0], ctx, 65);
    return LW_OK;
}

int32_t lw_reminder_confirm(lw_sql *sql, const uint8_t key[32], int64_t now_s, char patient[65]) {
    lw_sql_value with[] = {lw_sql_blob(key, 32), lw_sql_int(now_s)};
    patient[0] = '\0';
    int32_t err = lw_sql_run(sql,
                             "UPDATE reminder SET email_state = 'confirmed', email_on = 1, confirm_key = NULL WHERE "
                             "confirm_key = ?1 AND confirm_until_s > ?2 AND email_state = 'waiting' RETURNING patient",
                             with, 2, text_row, patient);
    return err != LW_OK ? err : patient[0] == '\0' ? LW_ERR_NOT_FOUND : LW_OK;
}

int32_t lw_reminder_stop(lw_sql *sql, lw_str token, char patient[65]) {
    lw_sql_value with[] = {lw_sql_text(token)};
    patient[0] = '\0';
    int32_t err = lw_sql_run(sql, "UPDATE reminder SET email_on = 0 WHERE stop_token = ?1 RETURNING patient", with, 1,
                             text_row, patient);
    if (err != LW_OK || patient[0] == '\0') {
        return err != LW_OK ? err : LW_ERR_NOT_FOUND;
    }
    lw_sql_value whom[] = {lw_sql_c(patient)};
    return lw_sql_run(sql, "DELETE FROM outbox WHERE patient = ?1 AND channel = 'email' AND kind <> 'confirm'", whom, 1,
                      NULL, NULL);
}

int32_t lw_reminder_refused(lw_sql *sql, const char *patient, const char *email) {
    lw_sql_value with[] = {lw_sql_c(patient), lw_sql_c(email), lw_sql_int(LW_REFUSALS)};
    int32_t err = lw_sql_run(sql,
                             "INSERT INTO refusal (patient, times) SELECT patient, 1 FROM reminder WHERE patient = ?1 "
                             "AND email = ?2 ON CONFLICT (patient) DO UPDATE SET times = refusal.times + 1",
                             with, 2, NULL, NULL);
    return err != LW_OK ? err
                        : lw_sql_run(sql,
                                     "UPDATE reminder SET email_state = 'refused', email_on = 0, confirm_key = NULL "
                                     "WHERE patient = ?1 AND email = ?2 AND (email_state = 'waiting' OR EXISTS (SELECT "
                                     "1 FROM refusal WHERE patient = ?1 AND times >= ?3))",
                                     with, 3, NULL, NULL);
}

int32_t lw_reminder_looked(lw_sql *sql, const char *patient, int32_t checkin_day, int32_t session_day, int64_t next_s) {
    lw_sql_value with[] = {lw_sql_c(patient), lw_sql_int(checkin_day), lw_sql_int(session_day), lw_sql_int(next_s)};
    return lw_sql_run(sql, "UPDATE reminder SET checkin_day = ?2, session_day = ?3, next_s = ?4 WHERE patient = ?1",
                      with, 4, NULL, NULL);
}

int32_t lw_reminder_later(lw_sql *sql, const char *patient, int64_t at_s) {
    lw_sql_value with[] = {lw_sql_c(patient), lw_sql_int(at_s)};
    int32_t err =
        lw_sql_run(sql, "UPDATE reminder SET checkin_day = 0, session_day = 0, next_s = ?2 WHERE patient = ?1", with, 2,
                   NULL, NULL);
    err = err == LW_OK && lw_sql_changed(sql) == 0 ? LW_ERR_NOT_FOUND : err;
    return err != LW_OK
               ? err
               : lw_sql_run(sql, "DELETE FROM outbox WHERE patient = ?1 AND kind IN ('checkin', 'session', 'both')",
                            with, 1, NULL, NULL);
}

/* ---- browsers ---- */

int32_t lw_push_add(lw_sql *sql, const lw_push *push, int64_t now_s) {
    lw_sql_value by[] = {lw_sql_c(push->patient), lw_sql_blob(push->id, 32)};
    int64_t others = 0;
    int32_t err = lw_sql_one_int(sql, "SELECT count(*) FROM push WHERE patient = ?1 AND id <> ?2", by, 2, &others);
    if (err != LW_OK || others >= LW_PUSH_MOST) {
        return err != LW_OK ? err : LW_ERR_LIMIT;
    }
    lw_sql_value with[] = {by[1],
                           by[0],
                           lw_sql_c(push->endpoint),
                           lw_sql_blob(push->p256dh, sizeof push->p256dh),
                           lw_sql_blob(push->auth, sizeof push->auth),
                           lw_sql_c(push->label),
                           lw_sql_int(now_s)};
    return lw_sql_run(sql,
                      "INSERT INTO push (id, patient, endpoint, p256dh, auth, label, created_s) VALUES (?1, ?2, ?3, "
                      "?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET patient = ?2, p256dh = ?4, auth = ?5, label = "
                      "?6, created_s = ?7",
                      with, 7, NULL, NULL);
}

int32_t lw_push_remove(lw_sql *sql, const char *patient, const uint8_t id[32]) {
    lw_sql_value by[] = {lw_sql_blob(id, 32), lw_sql_c(patient != NULL ? patient : "")};
    int32_t err = lw_sql_run(sql, "DELETE FROM push WHERE id = ?1 AND (?2 = '' OR patient = ?2)", by, 2, NULL, NULL);
    if (err != LW_OK || lw_sql_changed(sql) == 0) {
        return err != LW_OK ? err : LW_ERR_NOT_FOUND;
    }
    return lw_sql_run(sql, "DELETE FROM outbox WHERE push = ?1", by, 1, NULL, NULL);
}

int32_t lw_push_remove_all(lw_sql *sql) {
    int32_t err = lw_sql_run(sql, "DELETE FROM push", NULL, 0, NULL, NULL);
    err = err == LW_OK ? lw_sql_run(sql, "DELETE FROM outbox WHERE channel = 'push'", NULL, 0, NULL, NULL) : err;
    return err == LW_OK ? lw_sql_run(sql, "UPDATE reminder SET push_on = 0", NULL, 0, NULL, NULL) : err;
}

static int32_t push_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_push *out = ctx;
    lw__col_text(&col[0], out->patient, sizeof out->patient);
    lw__col_text(&col[1], out->endpoint, sizeof out->endpoint);
    bool whole = lw__col_bytes(&col[2], out->p256dh, sizeof out->p256dh) == sizeof out->p256dh &&
                 lw__col_bytes(&col[3], out->auth, sizeof out->auth) == sizeof out->auth;
    return whole ? LW_OK : LW_ERR_CORRUPT;
}

int32_t lw_push_get(lw_sql *sql, const uint8_t id[32], lw_push *out) {
    *out = (lw_push){.patient = ""};
    memcpy(out->id, id, 32);
    lw_sql_value by[] = {lw_sql_blob(id, 32)};
    int32_t err =
        lw_sql_run(sql, "SELECT patient, endpoint, p256dh, auth FROM push WHERE id = ?1", by, 1, push_row, out);
    return err == LW_OK && out->patient[0] == '\0' ? LW_ERR_NOT_FOUND : err;
}

static int32_t list_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    uint8_t id[32] = {0};
    char hex[65];
    (void)lw__col_bytes(&col[0], id, sizeof id);
    lw__hex(hex, id, sizeof id);
    lw__comma(out);
    lw_buf_fmt(out, "{\"id\":\"%s\",\"label\":", hex);
    lw__json_col_text(out, &col[1]);
    lw_buf_str(out, ",\"created_s\":");
    lw__json_col_int(out, &col[2]);
    lw_buf_str(out, "}");
    return LW_OK;
}

int32_t lw_push_list(lw_sql *sql, lw_str patient, lw_buf *out) {
    lw_sql_value by[] = {lw_sql_text(patient), lw_sql_int(LW_PUSH_MOST)};
    lw_buf_str(out, "[");
    return lw__list_end(
        out, lw_sql_run(sql, "SELECT id, label, created_s FROM push WHERE patient = ?1 ORDER BY created_s, id LIMIT ?2",
                        by, 2, list_row, out));
}

/* ---- messages on their way ---- */

int32_t lw_outbox_add(lw_sql *sql, const lw_message *message) {
    lw_sql_value same[] = {lw_sql_c(message->patient), lw_sql_c(message->channel),
                           lw_sql_c(strcmp(message->kind, "confirm") == 0 ? "confirm" : ""),
                           lw_sql_blob(message->push, message->has_push ? 32 : 0)};
    int32_t err = message->has_push
                      ? lw_sql_run(sql,
                                   "DELETE FROM outbox WHERE patient = ?1 AND channel = ?2 AND push = ?4 AND (?3 = "
                                   "'' OR kind = ?3)",
                                   same, 4, NULL, NULL)
                      : lw_sql_run(sql,
                                   "DELETE FROM outbox WHERE patient = ?1 AND channel = ?2 AND push IS NULL AND "
                                   "((?3 = '' AND kind <> 'confirm') OR kind = ?3)",
                                   same, 3, NULL, NULL);
    lw_sql_value with[] = {lw_sql_c(message->id),
                           lw_sql_c(message->patient),
                           lw_sql_c(message->channel),
                           lw_sql_c(message->kind),
                           message->has_push ? lw_sql_blob(message->push, 32) : lw_sql_null(),
                           message->token[0] != '\0' ? lw_sql_c(message->token) : lw_sql_null(),
                           lw_sql_int(message->day),
                           lw_sql_int(message->due_s),
                           lw_sql_int(message->until_s),
                           lw_sql_int(message->tries)};
    return err != LW_OK ? err
                        : lw_sql_run(sql,
                                     "INSERT INTO outbox (id, patient, channel, kind, push, token, day, due_s, "
                                     "until_s, tries) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                                     with, 10, NULL, NULL);
}

typedef struct browsers {
    uint8_t ids[LW_PUSH_MOST][32];
    uint32_t count;
} browsers;

static int32_t id_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    browsers *b = ctx;
    if (b->count < LW_PUSH_MOST && lw__col_bytes(&col[0], b->ids[b->count], 32) == 32) {
        b->count++;
    }
    return LW_OK;
}

/* A name that no other message has: patients are one row each, channels and browsers within. */
static void message_id(const lw_message *message, char out[37]) {
    char text[300];
    uint8_t hash[32];
    int len = snprintf(text, sizeof text, "%s %s %s %d %lld ", message->patient, message->channel, message->kind,
                       (int)message->day, (long long)message->due_s);
    memcpy(text + len, message->push, 32);
    lw__sha256_of(text, (size_t)len + 32, hash);
    lw__hex(out, hash, 16);
}

int32_t lw_outbox_remind(lw_sql *sql, const lw_reminder *reminder, const char *kind, int32_t day, int64_t now_s,
                         int64_t until_s, uint32_t *count) {
    lw_message message = {.channel = "email", .day = day, .due_s = now_s, .until_s = until_s};
    snprintf(message.patient, sizeof message.patient, "%s", reminder->patient);
    snprintf(message.kind, sizeof message.kind, "%s", kind);
    int32_t err = LW_OK;
    *count = 0;
    if (reminder->email_on && strcmp(reminder->email_state, "confirmed") == 0) {
        message_id(&message, message.id);
        err = lw_outbox_add(sql, &message);
        ++*count;
    }
    browsers all = {.count = 0};
    if (err == LW_OK && reminder->push_on) {
        lw_sql_value by[] = {lw_sql_c(reminder->patient), lw_sql_int(LW_PUSH_MOST)};
        err = lw_sql_run(sql, "SELECT id FROM push WHERE patient = ?1 ORDER BY created_s, id LIMIT ?2", by, 2, id_row,
                         &all);
    }
    for (uint32_t i = 0; i < all.count && err == LW_OK; i++) {
        snprintf(message.channel, sizeof message.channel, "push");
        memcpy(message.push, all.ids[i], 32);
        message.has_push = true;
        message_id(&message, message.id);
        err = lw_outbox_add(sql, &message);
        ++*count;
    }
    return err;
}

typedef struct page {
    lw_message *rows;
    uint32_t count;
} page;

static int32_t message_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    page *p = ctx;
    if (p->count == LW_OUTBOX_PAGE) {
        return LW_OK;
    }
    lw_message *out = &p->rows[p->count++];
    *out = (lw_message){.has_push = col[4].type == LW_SQL_BLOB,
                        .day = (int32_t)col[6].number,
                        .due_s = col[7].number,
                        .until_s = col[8].number,
                        .tries = (int32_t)col[9].number};
    lw__col_text(&col[0], out->id, sizeof out->id);
    lw__col_text(&col[1], out->patient, sizeof out->patient);
    lw__col_text(&col[2], out->channel, sizeof out->channel);
    lw__col_text(&col[3], out->kind, sizeof out->kind);
    (void)lw__col_bytes(&col[4], out->push, sizeof out->push);
    lw__col_text(&col[5], out->token, sizeof out->token);
    return LW_OK;
}

int32_t lw_outbox_due(lw_sql *sql, int64_t now_s, lw_message rows[LW_OUTBOX_PAGE], uint32_t *count) {
    page p = {.rows = rows};
    lw_sql_value by[] = {lw_sql_int(now_s), lw_sql_int(LW_OUTBOX_PAGE)};
    int32_t err = lw_sql_run(sql,
                             "SELECT id, patient, channel, kind, push, token, day, due_s, until_s, tries FROM outbox "
                             "WHERE due_s <= ?1 OR due_s > ?1 + 86400 ORDER BY due_s, id LIMIT ?2",
                             by, 2, message_row, &p);
    *count = p.count;
    return err;
}

int32_t lw_outbox_again(lw_sql *sql, const char *id, int32_t tries, int64_t due_s) {
    lw_sql_value with[] = {lw_sql_c(id), lw_sql_int(tries), lw_sql_int(due_s)};
    return lw_sql_run(sql, "UPDATE outbox SET tries = ?2, due_s = ?3 WHERE id = ?1", with, 3, NULL, NULL);
}

int32_t lw_outbox_remove(lw_sql *sql, const char *id) {
    lw_sql_value by[] = {lw_sql_c(id)};
    return lw_sql_run(sql, "DELETE FROM outbox WHERE id = ?1", by, 1, NULL, NULL);
}

int32_t lw_outbox_count(lw_sql *sql, lw_str patient, int64_t *count) {
    lw_sql_value by[] = {lw_sql_text(patient)};
    return lw_sql_one_int(sql, "SELECT count(*) FROM outbox WHERE patient = ?1", by, 1, count);
}

/* ---- how they are taken ---- */

int32_t lw_carrier_took(lw_sql *sql, const char *channel, const char *patient, int64_t now_s) {
    lw_sql_value with[] = {lw_sql_c(channel), lw_sql_int(now_s)}, whose[] = {lw_sql_c(patient)};
    int32_t err = lw_sql_run(sql,
                             "INSERT INTO carrier (channel, sent_s, failed_s, failures, given_up, why) VALUES (?1, ?2, "
                             "0, 0, 0, '') ON CONFLICT (channel) DO UPDATE SET sent_s = ?2, failed_s = 0, failures = "
                             "0, given_up = 0, why = ''",
                             with, 2, NULL, NULL);
    return err != LW_OK || strcmp(channel, "email") != 0
               ? err
               : lw_sql_run(sql, "DELETE FROM refusal WHERE patient = ?1", whose, 1, NULL, NULL);
}

int32_t lw_carrier_failed(lw_sql *sql, const char *channel, int64_t now_s, bool given_up, const char *why) {
    lw_sql_value with[] = {lw_sql_c(channel), lw_sql_int(now_s), lw_sql_int(given_up ? 1 : 0), lw_sql_c(why)};
    return lw_sql_run(sql,
                      "INSERT INTO carrier (channel, sent_s, failed_s, failures, given_up, why) VALUES (?1, 0, ?2, 1, "
                      "?3, ?4) ON CONFLICT (channel) DO UPDATE SET failed_s = CASE WHEN carrier.failed_s = 0 THEN ?2 "
                      "ELSE carrier.failed_s END, failures = carrier.failures + 1, given_up = carrier.given_up + ?3, "
                      "why = ?4",
                      with, 4, NULL, NULL);
}

static int32_t carrier_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_carrier *out = ctx;
    out->sent_s = col[0].number;
    out->failed_s = col[1].number;
    out->failures = col[2].number;
    out->given_up = col[3].number;
    lw__col_text(&col[4], out->why, sizeof out->why);
    return LW_OK;
}

static int32_t waiting_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_carrier *out = ctx;
    out->waiting = col[0].number;
    out->oldest_s = col[1].type == LW_SQL_INT ? col[1].number : 0;
    return LW_OK;
}

int32_t lw_carrier_get(lw_sql *sql, const char *channel, lw_carrier *out) {
    lw_sql_value by[] = {lw_sql_c(channel)};
    *out = (lw_carrier){.why = ""};
    int32_t err = lw_sql_run(sql, "SELECT sent_s, failed_s, failures, given_up, why FROM carrier WHERE channel = ?1",
                             by, 1, carrier_row, out);
    return err != LW_OK
               ? err
               : lw_sql_run(sql, "SELECT count(*), min(due_s) FROM outbox WHERE channel = ?1", by, 1, waiting_row, out);
}

static int32_t refused_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    lw__comma(out);
    lw_buf_str(out, "{\"patient\":");
    lw__json_col_text(out, &col[0]);
    lw_buf_str(out, ",\"name\":");
    lw__json_col_text(out, &col[1]);
    lw_buf_str(out, "}");
    return LW_OK;
}

int32_t lw_carrier_json(lw_sql *sql, lw_str clinic, lw_buf *out) {
    static const char *const channels[] = {"email", "push"};
    int32_t err = LW_OK;
    lw_buf_str(out, "{");
    for (int i = 0; i < 2 && err == LW_OK; i++) {
        lw_carrier c;
        err = lw_carrier_get(sql, channels[i], &c);
        lw_buf_fmt(out,
                   "\"%s\":{\"sent_s\":%lld,\"failed_s\":%lld,\"failures\":%lld,\"given_up\":%lld,\"waiting\":%lld,"
                   "\"oldest_s\":%lld,\"why\":",
                   channels[i], (long long)c.sent_s, (long long)c.failed_s, (long long)c.failures,
                   (long long)c.given_up, (long long)c.waiting, (long long)c.oldest_s);
        lw_buf_json(out, lw__str(c.why));
        lw_buf_str(out, "},");
    }
    lw_buf_str(out, "\"refused\":[");
    lw_sql_value by[] = {lw_sql_text(clinic)};
    err = err == LW_OK ? lw_sql_run(sql,
                                    "SELECT p.id, p.name FROM reminder r JOIN patient p ON p.id = r.patient WHERE "
                                    "p.clinic = ?1 AND r.email_state = 'refused' ORDER BY p.name, p.id LIMIT 200",
                                    by, 1, refused_row, out)
                       : err;
    err = lw__list_end(out, err);
    lw_buf_str(out, "}");
    return err;
}

/* ---- calendar feeds ---- */

int32_t lw_feed_add(lw_sql *sql, const char *patient, const uint8_t key[32], int64_t now_s) {
    lw_sql_value with[] = {lw_sql_c(patient), lw_sql_blob(key, 32), lw_sql_int(now_s)};
    return lw_sql_run(sql,
                      "INSERT INTO feed (patient, id, created_s) VALUES (?1, ?2, ?3) ON CONFLICT (patient) DO UPDATE "
                      "SET id = ?2, created_s = ?3",
                      with, 3, NULL, NULL);
}

int32_t lw_feed_remove(lw_sql *sql, const char *patient) {
    lw_sql_value by[] = {lw_sql_c(patient)};
    int32_t err = lw_sql_run(sql, "DELETE FROM feed WHERE patient = ?1", by, 1, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 0 ? LW_ERR_NOT_FOUND : LW_OK;
}

int32_t lw_feed_find(lw_sql *sql, const uint8_t key[32], char patient[65]) {
    lw_sql_value by[] = {lw_sql_blob(key, 32)};
    patient[0] = '\0';
    int32_t err = lw_sql_run(sql, "SELECT patient FROM feed WHERE id = ?1", by, 1, text_row, patient);
    return err != LW_OK ? err : patient[0] == '\0' ? LW_ERR_NOT_FOUND : LW_OK;
}

int32_t lw_feed_since(lw_sql *sql, lw_str patient, int64_t *since_s) {
    lw_sql_value by[] = {lw_sql_text(patient)};
    *since_s = 0;
    int32_t err = lw_sql_one_int(sql, "SELECT created_s FROM feed WHERE patient = ?1", by, 1, since_s);
    return err == LW_ERR_NOT_FOUND ? LW_OK : err;
}

typedef struct feed_page {
    lw_pool *pool;
    lw_feed_item *rows;
    uint32_t cap, count;
} feed_page;

static int32_t feed_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    feed_page *f = ctx;
    if (f->count == f->cap) {
        return LW_OK;
    }
    lw_feed_item *out = &f->rows[f->count++];
    *out = (lw_feed_item){.uid = lw_pool_text(f->pool, col[0].bytes),
                          .title = lw_pool_text(f->pool, col[3].bytes),
                          .detail = lw_pool_text(f->pool, col[4].bytes),
                          .day = (int32_t)col[1].number,
                          .minute = (int32_t)col[2].number,
                          .sequence = (uint32_t)col[5].number,
                          .cancelled = col[6].number != 0,
                          .changed_s = col[7].number};
    return out->uid == NULL || out->title == NULL || out->detail == NULL ? LW_ERR_NO_MEMORY : LW_OK;
}

int32_t lw_feed_items(lw_sql *sql, lw_pool *pool, const char *patient, lw_feed_item *rows, uint32_t cap,
                      uint32_t *count) {
    feed_page f = {.pool = pool, .rows = rows, .cap = cap};
    lw_sql_value by[] = {lw_sql_c(patient), lw_sql_int(cap)};
    int32_t err = lw_sql_run(sql,
                             "SELECT uid, day, minute, title, detail, sequence, cancelled, changed_s FROM feed_item "
                             "WHERE patient = ?1 ORDER BY day DESC, uid LIMIT ?2",
                             by, 2, feed_row, &f);
    *count = f.count;
    return err;
}

static int32_t made_of_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    return lw__col_bytes(&col[0], ctx, 32) == 32 ? LW_OK : LW_ERR_CORRUPT;
}

int32_t lw_feed_made_of(lw_sql *sql, const char *patient, uint8_t out[32]) {
    lw_sql_value by[] = {lw_sql_c(patient)};
    static const uint8_t none[32] = {0};
    memcpy(out, none, 32);
    int32_t err = lw_sql_run(sql, "SELECT made_of FROM feed_edition WHERE patient = ?1", by, 1, made_of_row, out);
    return err == LW_OK && memcmp(out, none, 32) == 0 ? LW_ERR_NOT_FOUND : err;
}

int32_t lw_feed_items_put(lw_sql *sql, const char *patient, const lw_feed_item *rows, uint32_t count, int32_t from_day,
                          const uint8_t was[32], const uint8_t made_of[32]) {
    lw_sql_value old[] = {lw_sql_c(patient), lw_sql_int(from_day)};
    lw_sql_value edition[] = {old[0], lw_sql_blob(made_of, 32)};
    int64_t feeds = 0;
    uint8_t is[32];
    int32_t err = lw_sql_one_int(sql, "SELECT count(*) FROM feed WHERE patient = ?1", old, 1, &feeds);
    err = err == LW_OK ? lw_feed_made_of(sql, patient, is) : err;
    if ((err != LW_OK && err != LW_ERR_NOT_FOUND) || feeds == 0 || memcmp(is, was, 32) != 0) {
        return err == LW_ERR_NOT_FOUND ? LW_OK : err;
    }
    err = lw_sql_run(sql, "DELETE FROM feed_item WHERE patient = ?1 AND day < ?2", old, 2, NULL, NULL);
    err = err == LW_OK ? lw_sql_run(sql,
                                    "INSERT INTO feed_edition (patient, made_of) VALUES (?1, ?2) ON CONFLICT (patient) "
                                    "DO UPDATE SET made_of = ?2",
                                    edition, 2, NULL, NULL)
                       : err;
    for (uint32_t i = 0; i < count && err == LW_OK; i++) {
        lw_sql_value with[] = {old[0],
                               lw_sql_c(rows[i].uid),
                               lw_sql_int(rows[i].day),
                               lw_sql_int(rows[i].minute),
                               lw_sql_c(rows[i].title),
                               lw_sql_c(rows[i].detail),
                               lw_sql_int(rows[i].sequence),
                               lw_sql_int(rows[i].cancelled ? 1 : 0),
                               lw_sql_int(rows[i].changed_s)};
        err = lw_sql_run(sql,
                         "INSERT INTO feed_item (patient, uid, day, minute, title, detail, sequence, cancelled, "
                         "changed_s) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (patient, uid) DO UPDATE "
                         "SET day = ?3, minute = ?4, title = ?5, detail = ?6, sequence = ?7, cancelled = ?8, changed_s "
                         "= ?9 WHERE feed_item.sequence < ?7",
                         with, 9, NULL, NULL);
    }
    return err;
}

/* ---- keys of the installation ---- */

typedef struct bytes {
    uint8_t *out;
    uint32_t cap, len;
    bool found;
} bytes;

static int32_t bytes_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    bytes *b = ctx;
    b->found = true;
    b->len = lw__col_bytes(&col[0], b->out, b->cap);
    return b->len > 0 ? LW_OK : LW_ERR_LIMIT;
}

int32_t lw_vault_get(lw_sql *sql, const char *name, uint8_t *out, uint32_t cap, uint32_t *len) {
    bytes b = {.out = out, .cap = cap};
    lw_sql_value by[] = {lw_sql_c(name)};
    int32_t err = lw_sql_run(sql, "SELECT value FROM vault WHERE name = ?1", by, 1, bytes_row, &b);
    *len = b.len;
    return err != LW_OK ? err : b.found ? LW_OK : LW_ERR_NOT_FOUND;
}

int32_t lw_vault_put(lw_sql *sql, const char *name, const uint8_t *value, uint32_t len) {
    lw_sql_value with[] = {lw_sql_c(name), lw_sql_blob(value, len)};
    return lw_sql_run(sql,
                      "INSERT INTO vault (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2",
                      with, 2, NULL, NULL);
}
