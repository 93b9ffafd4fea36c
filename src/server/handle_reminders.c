/*
 * handle_reminders.c: what a patient wants to be reminded of, and the calendar behind a secret address.
 *
 * Two kinds of secrets live in addresses here. That of a calendar is random, and the database has its SHA-256 only: who finds
 * the database reads nobody's calendar through it. That of stopping e-mails can do nothing but stop them. Both are handed out in
 * paths, which this server never logs. Reading a feed changes nothing but the memory of what was published.
 *
 * A calendar program asks every hour, the plan changes once a day. So what a feed is made of (record, protocol, day, settings,
 * program) is hashed: that is its ETag, and it stands beside what was published. The same again is written from there, without a
 * plan being made; or answered with 304, without anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/calendar.h"
#include "send/local_time.h"
#include "send/web_push.h"
#include "server/fold_request.h"
#include "server/identity_internal.h"
#include "server/routes.h"
#include "store/queue.h"
#include "store/remind.h"

enum { FROM = 450, UNTIL = 1260, EXERCISES = 1050 }; /* what the app proposes: 07:30, 21:00, 17:30 */

/* ---- settings ---- */

/* The own settings; those of somebody who has asked for nothing yet where there are none. */
static int32_t settings(lw_request *rq, lw_sql *sql, lw_reminder *out) {
    memset(out, 0, sizeof *out);
    int32_t err = rq->who->patient[0] != '\0' ? lw_reminder_get(sql, lw__str(rq->who->patient), out) : LW_ERR_NOT_FOUND;
    if (err == LW_ERR_NOT_FOUND && out->patient[0] != '\0') {
        uint8_t unused[32];
        out->from_min = FROM;
        out->until_min = UNTIL;
        out->exercise_min = EXERCISES;
        snprintf(out->zone, sizeof out->zone, "UTC");
        snprintf(out->email_state, sizeof out->email_state, "none");
        lw_token_make(out->stop_token, unused);
        err = LW_OK;
    }
    return err;
}

static int32_t reply(lw_request *rq, lw_sql *sql) {
    lw_reminder r;
    int64_t since = 0, waiting = 0;
    lw_buf *out = &rq->reply.body;
    const lw_post *post = rq->server->post;
    int32_t err = settings(rq, sql, &r);
    err = err == LW_OK ? lw_feed_since(sql, lw__str(r.patient), &since) : err;
    err = err == LW_OK ? lw_outbox_count(sql, lw__str(r.patient), &waiting) : err;
    if (err != LW_OK) {
        return err;
    }
    lw_buf_str(out, "{\"zone\":");
    lw_buf_json(out, lw__str(r.zone));
    lw_buf_fmt(out, ",\"from\":%d,\"until\":%d,\"exercises\":%d,\"email\":", (int)r.from_min, (int)r.until_min,
               (int)r.exercise_min);
    if (r.email[0] != '\0') {
        lw_buf_json(out, lw__str(r.email));
    } else {
        lw_buf_str(out, "null");
    }
    const char *key = lw_post_push_key(post);
    lw_buf_fmt(out,
               ",\"email_state\":\"%s\",\"email_on\":%s,\"push_on\":%s,\"plain\":%s,\"can_email\":%s,\"can_push\":%s,"
               "\"push_key\":",
               r.email_state, r.email_on ? "true" : "false", r.push_on ? "true" : "false", r.plain ? "true" : "false",
               lw_post_mails(post) ? "true" : "false", key != NULL ? "true" : "false");
    if (key != NULL) {
        lw_buf_json(out, lw__str(key));
    } else {
        lw_buf_str(out, "null");
    }
    lw_buf_str(out, ",\"browsers\":");
    err = lw_push_list(sql, lw__str(r.patient), out);
    lw_buf_str(out, ",\"calendar_since_s\":");
    if (since > 0) {
        lw_buf_int(out, since);
    } else {
        lw_buf_str(out, "null");
    }
    lw_buf_str(out, ",\"waiting\":");
    lw_buf_int(out, waiting);
    lw_buf_str(out, "}");
    return err != LW_OK ? err : lw__replied(rq);
}

int32_t lw__h_reminders(lw_request *rq, lw_sql *sql) {
    return reply(rq, sql);
}

static void kick(lw_request *rq) {
    lw_post_kick(rq->server->post);
}

/* Zones are files: they are looked up before the writer's turn. */
int32_t lw__h_reminders_change(lw_request *rq, lw_sql *sql) {
    (void)sql;
    const char *zone = lw__asked(rq, lw_body(rq, "zone"));
    rq->after = kick;
    return zone != NULL && !lw_zone_known(zone) ? lw_problem(rq, LW_ERR_VALUE, "zone", "is no time zone that is known")
                                                : LW_OK;
}

static void take_int(const lw_value *value, int32_t *out) {
    *out = value->given ? (int32_t)value->number : *out;
}

static void take_bool(const lw_value *value, bool *out) {
    *out = value->given ? value->number != 0 : *out;
}

int32_t lw__c_reminders_change(lw_request *rq, lw_sql *sql) {
    lw_reminder r;
    int32_t err = settings(rq, sql, &r);
    if (err != LW_OK) {
        return err;
    }
    const char *zone = lw__asked(rq, lw_body(rq, "zone"));
    if (zone != NULL) {
        snprintf(r.zone, sizeof r.zone, "%s", zone);
    }
    take_int(lw_body(rq, "from"), &r.from_min);
    take_int(lw_body(rq, "until"), &r.until_min);
    take_int(lw_body(rq, "exercises"), &r.exercise_min);
    take_bool(lw_body(rq, "email_on"), &r.email_on);
    take_bool(lw_body(rq, "push_on"), &r.push_on);
    take_bool(lw_body(rq, "plain"), &r.plain);
    if (r.from_min == r.until_min) {
        return lw_problem(rq, LW_ERR_RANGE, "until", "must be another time than from");
    }
    if (!lw_window_fits(r.from_min, r.until_min, r.exercise_min)) {
        return lw_problem(rq, LW_ERR_RANGE, "exercises", "must lie between from and until");
    }
    if (r.email_on && strcmp(r.email_state, "confirmed") != 0) {
        return lw_problem(rq, LW_ERR_VALUE, "email_on", "takes an address that was confirmed");
    }
    r.next_s = rq->now_s;
    err = lw_reminder_put(sql, &r);
    return err == LW_OK ? reply(rq, sql) : err;
}

int32_t lw__c_reminders_email(lw_request *rq, lw_sql *sql) {
    const char *email = lw__asked(rq, lw_body(rq, "email"));
    lw_reminder r;
    if (email == NULL || (email[0] != '\0' && !lw_mail_address(email))) {
        return lw_problem(rq, LW_ERR_VALUE, "email", "must be one address, as name@example.org");
    }
    if (email[0] != '\0' && !lw_post_mails(rq->server->post)) {
        return lw_problem(rq, LW_ERR_VALUE, "email", "cannot be used: this server sends no e-mail");
    }
    uint8_t key[32] = {0};
    lw_message message = {
        .channel = "email", .kind = "confirm", .due_s = rq->now_s, .until_s = rq->now_s + LW_POST_CONFIRM_S};
    int32_t err = settings(rq, sql, &r);
    r.email_on = false;
    r.next_s = rq->now_s;
    err = err == LW_OK ? lw_reminder_put(sql, &r) : err;
    if (email[0] != '\0') {
        lw_token_make(message.token, key);
    }
    err = err == LW_OK ? lw_reminder_email(sql, r.patient, email, key, message.until_s) : err;
    if (err == LW_OK && email[0] != '\0') {
        lw_uuid_make(message.id);
        memcpy(message.patient, r.patient, sizeof message.patient);
        err = lw_outbox_add(sql, &message);
    }
    rq->after = kick;
    return err == LW_OK ? reply(rq, sql) : err;
}

int32_t lw__c_reminders_later(lw_request *rq, lw_sql *sql) {
    const lw_value *minutes = lw_body(rq, "minutes");
    int64_t at = rq->now_s + (minutes->given ? minutes->number : 60) * 60;
    int32_t err = lw_reminder_later(sql, rq->who->patient, at);
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, err, NULL, "no reminders are set up");
    }
    lw_buf_fmt(&rq->reply.body, "{\"at_s\":%lld}", (long long)at);
    return err;
}

/* ---- for the clinic ---- */

int32_t lw__h_clinic_post(lw_request *rq, lw_sql *sql) {
    int32_t err = lw_carrier_json(sql, lw__str(rq->who->clinic), &rq->reply.body);
    return err != LW_OK ? err : lw__replied(rq);
}

/* ---- addresses of e-mail: whoever holds the token ---- */

/* The audit row names whose it was. */
static int32_t acted(lw_request *rq, lw_sql *sql, const char *patient) {
    lw_reminder r;
    int32_t err = lw_reminder_get(sql, lw__str(patient), &r);
    if (err == LW_OK) {
        snprintf(rq->acted_account, sizeof rq->acted_account, "%s", r.account);
        snprintf(rq->acted_clinic, sizeof rq->acted_clinic, "%s", r.clinic);
    }
    return err;
}

int32_t lw__c_email_confirm(lw_request *rq, lw_sql *sql) {
    uint8_t key[32];
    char patient[65] = "";
    int32_t err = lw__token_key(lw_body(rq, "token")->text, key) ? lw_reminder_confirm(sql, key, rq->now_s, patient)
                                                                 : LW_ERR_NOT_FOUND;
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, err, "token", "This link was used already, or its time is over.");
    }
    err = err == LW_OK ? acted(rq, sql, patient) : err;
    lw_buf_str(&rq->reply.body, "{}");
    rq->after = kick;
    return err;
}

int32_t lw__h_email_stop_look(lw_request *rq, lw_sql *sql) {
    (void)sql;
    uint8_t unused[32];
    char to[400];
    if (!lw__token_key(lw__str(rq->path[0]), unused)) {
        return lw_problem(rq, LW_ERR_NOT_FOUND, NULL, "there is no such address");
    }
    snprintf(to, sizeof to, "%s/#/stop/%s", lw_server_origin(rq->server), rq->path[0]);
    rq->reply.status = 303;
    rq->reply.type = "text/plain; charset=utf-8";
    lw_reply_header(rq, "Location", to);
    lw_reply_header(rq, "Referrer-Policy", "no-referrer");
    lw_buf_fmt(&rq->reply.body, "%s\n", to);
    return LW_OK;
}

int32_t lw__c_email_stop(lw_request *rq, lw_sql *sql) {
    char patient[65] = "";
    int32_t err = lw_reminder_stop(sql, lw__str(rq->path[0]), patient);
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, err, NULL, "there is no such address");
    }
    err = err == LW_OK ? acted(rq, sql, patient) : err;
    lw_buf_str(&rq->reply.body, "{}");
    return err;
}

/* ---- browsers ---- */

int32_t lw__c_browser_add(lw_request *rq, lw_sql *sql) {
    lw_push push = {.patient = ""};
    const char *endpoint = lw__asked(rq, lw_body(rq, "endpoint")), *label = lw__asked(rq, lw_body(rq, "label"));
    if (lw_post_push_key(rq->server->post) == NULL) {
        return lw_problem(rq, LW_ERR_VALUE, NULL, "this server sends no notifications");
    }
    if (endpoint == NULL || strlen(endpoint) >= sizeof push.endpoint || !lw_post_knows(rq->server->post, endpoint)) {
        return lw_problem(rq, LW_ERR_VALUE, "endpoint", "belongs to no push service that this server sends to");
    }
    if (lw_base64url_read(lw_body(rq, "p256dh")->text, push.p256dh, sizeof push.p256dh) != sizeof push.p256dh) {
        return lw_problem(rq, LW_ERR_VALUE, "p256dh", "must be 65 bytes of base64url");
    }
    if (lw_base64url_read(lw_body(rq, "auth")->text, push.auth, sizeof push.auth) != sizeof push.auth) {
        return lw_problem(rq, LW_ERR_VALUE, "auth", "must be 16 bytes of base64url");
    }
    lw_buf sealed = {0}; /* what cannot be encrypted for would never arrive */
    int32_t err = lw_push_encrypt(push.p256dh, push.auth, LW_STR("{}"), NULL, NULL, &sealed);
    lw_buf_free(&sealed);
    if (err == LW_ERR_VALUE) {
        return lw_problem(rq, err, "p256dh", "must be a point of the curve P-256");
    }
    lw_reminder r;
    err = err == LW_OK ? settings(rq, sql, &r) : err;
    if (err != LW_OK) {
        return err;
    }
    memcpy(push.patient, r.patient, sizeof push.patient);
    snprintf(push.endpoint, sizeof push.endpoint, "%s", endpoint);
    snprintf(push.label, sizeof push.label, "%.63s", label != NULL ? label : "");
    lw__sha256_of(endpoint, strlen(endpoint), push.id);
    r.push_on = true;
    r.next_s = rq->now_s;
    err = lw_reminder_put(sql, &r);
    err = err == LW_OK ? lw_push_add(sql, &push, rq->now_s) : err;
    rq->after = kick;
    if (err == LW_ERR_LIMIT) {
        return lw_problem(rq, err, NULL, "%d browsers are the most; forget one first", LW_PUSH_MOST);
    }
    return err == LW_OK ? reply(rq, sql) : err;
}

int32_t lw__c_browser_remove(lw_request *rq, lw_sql *sql) {
    uint8_t id[32] = {0};
    const char *hex = rq->path[0];
    bool good = strlen(hex) == 64;
    for (int i = 0; i < 64 && good; i++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, hex[i]);
        good = at != NULL;
        id[i / 2] = (uint8_t)(id[i / 2] << 4 | (good ? (at - digits) & 15 : 0));
    }
    int32_t err = good ? lw_push_remove(sql, rq->who->patient, id) : LW_ERR_NOT_FOUND;
    return err == LW_OK ? reply(rq, sql) : err;
}

int32_t lw__c_browser_test(lw_request *rq, lw_sql *sql) {
    lw_reminder r;
    uint32_t count = 0;
    int32_t err = settings(rq, sql, &r);
    r.email_on = false;
    r.push_on = true;
    err = err == LW_OK ? lw_outbox_remind(sql, &r, "test", 0, rq->now_s, rq->now_s + 600, &count) : err;
    lw_buf_str(&rq->reply.body, "{}");
    rq->after = kick;
    return err == LW_OK && count == 0 ? lw_problem(rq, LW_ERR_NOT_FOUND, NULL, "no browser takes notifications yet")
                                      : err;
}

/* ---- the calendar ---- */

int32_t lw__c_calendar_address(lw_request *rq, lw_sql *sql) {
    char token[44];
    uint8_t key[32];
    lw_token_make(token, key);
    int32_t err = rq->who->patient[0] != '\0' ? lw_feed_add(sql, rq->who->patient, key, rq->now_s) : LW_ERR_NOT_FOUND;
    lw_buf_fmt(&rq->reply.body, "{\"url\":\"%s/calendar/%s.ics\"}", lw_server_origin(rq->server), token);
    return err;
}

int32_t lw__c_calendar_revoke(lw_request *rq, lw_sql *sql) {
    int32_t err = lw_feed_remove(sql, rq->who->patient);
    lw_buf_str(&rq->reply.body, "{}");
    return err == LW_ERR_NOT_FOUND ? lw_problem(rq, err, NULL, "there is no such address") : err;
}

/* What was published, on its way to the store. */
typedef struct publishing {
    char patient[65];
    int32_t from_day;
    uint32_t count;
    uint8_t was[32], made_of[32];
    lw_feed_item rows[LW_CALENDAR_ITEMS];
    lw_calendar calendar; /* holds the texts */
} publishing;

static int32_t publish_job(lw_sql *sql, void *ctx) {
    const publishing *p = ctx;
    return lw_feed_items_put(sql, p->patient, p->rows, p->count, p->from_day, p->was, p->made_of);
}

static void publish_done(void *ctx, int32_t err) {
    publishing *p = ctx;
    if (err != LW_OK) {
        lw__log_event("error", "calendar", "what was published could not be written down: %s", lw_err_name(err));
    }
    lw_calendar_free(&p->calendar);
    free(p);
}

/* The feed remembers what it said. When that cannot be stored the same is said again next time. */
static void publish(lw_request *rq, const char *patient, int32_t day, publishing *p) {
    snprintf(p->patient, sizeof p->patient, "%s", patient);
    p->from_day = day - LW_CALENDAR_KEPT;
    p->count = p->calendar.count;
    for (uint32_t i = 0; i < p->count; i++) {
        const lw_calendar_item *item = &p->calendar.items[i];
        p->rows[i] = (lw_feed_item){item->uid,    item->title,    item->detail,    item->day,
                                    item->minute, item->sequence, item->cancelled, item->changed_s};
    }
    if (lw_store_submit(rq->server->store, publish_job, publish_done, p) != LW_OK) {
        publish_done(p, LW_ERR_BUSY);
    }
}

static int32_t remembered(lw_request *rq, lw_sql *sql, const char *patient, lw_calendar *out) {
    lw_feed_item *rows = lw_pool_take(&rq->pool, LW_CALENDAR_ITEMS * sizeof *rows);
    uint32_t count = 0;
    int32_t err =
        rows != NULL ? lw_feed_items(sql, &rq->pool, patient, rows, LW_CALENDAR_ITEMS, &count) : LW_ERR_NO_MEMORY;
    for (uint32_t i = 0; i < count && err == LW_OK; i++) {
        lw_calendar_item item = {.detail = rows[i].detail,
                                 .day = rows[i].day,
                                 .minute = rows[i].minute,
                                 .sequence = rows[i].sequence,
                                 .cancelled = rows[i].cancelled,
                                 .changed_s = rows[i].changed_s};
        snprintf(item.uid, sizeof item.uid, "%s", rows[i].uid);
        snprintf(item.title, sizeof item.title, "%s", rows[i].title);
        err = lw_calendar_add(out, &item) ? LW_OK : LW_ERR_NO_MEMORY;
    }
    return err;
}

static void hex_of(const uint8_t *bytes, uint32_t count, char *out) {
    lw__writer w = lw__writer_over(out, 2 * count + 1);
    lw__put_hex(&w, bytes, count);
    lw__put_end(&w);
}

/* What the feed of that day is made of. */
static int32_t made_of(lw_sql *sql, const lw_reminder *r, const lw_calendar_ask *ask, uint8_t out[32]) {
    lw_head head;
    char hex[65], text[400];
    int32_t err = lw_store_head(sql, lw__str(r->patient), &head);
    if (err == LW_OK) {
        hex_of(head.hash, 32, hex);
        int len = snprintf(text, sizeof text, "loadwave feed %s %s %lld %s %s %s %d %d %d", lw_version(), r->patient,
                           (long long)head.seq, hex, r->protocol_sha256, ask->language, (int)ask->day, (int)ask->minute,
                           ask->plain ? 1 : 0);
        lw__sha256_of(text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1, out);
    }
    return err;
}

/* The day that it is for the patient. */
static int32_t today_of(lw_request *rq, lw_sql *sql, const lw_reminder *r, bool asked, int32_t *day) {
    int32_t minute = 0, offset = 0;
    if (asked && r->zone[0] != '\0') {
        (void)lw_zone_local(r->zone, rq->now_s, day, &minute);
        return LW_OK;
    }
    lw__log *log = NULL;
    int32_t err = lw__log_get(rq->server->cache, sql, r->patient, &log);
    *day = err == LW_OK ? lw__local_day(log->reading, rq->now_s, &offset) : 0;
    lw__log_back(log);
    return err;
}

/* Plans anew; *changed: it differs from what was published, which is old. */
static int32_t plan_feed(lw_request *rq, lw_sql *sql, const lw_reminder *r, lw_calendar_ask *ask,
                         const lw_calendar *old, lw_calendar *now) {
    lw_calendar *fresh = lw_pool_take(&rq->pool, sizeof *fresh);
    if (fresh == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw_buf lines = {0};
    int32_t err = lw_server_protocol(rq->server, sql, r->protocol_sha256, &ask->protocol);
    err = err == LW_OK ? lw_store_log(sql, lw__str(r->patient), &lines, NULL) : err;
    if (err == LW_OK) {
        err = lw_calendar_expect(ask, lw_buf_view(&lines), fresh);
    }
    if (err == LW_OK) {
        (void)lw_calendar_merge(old, fresh, ask->day, rq->now_s, now);
        lw_calendar_free(fresh);
    }
    lw_buf_free(&lines);
    lw_server_protocol_back(rq->server, ask->protocol);
    return err;
}

/* p->count becomes 1 where there is something to publish. */
static int32_t feed(lw_request *rq, lw_sql *sql, const lw_reminder *r, bool asked, publishing *p) {
    lw_calendar_ask ask = {
        .language = r->language, .minute = asked ? r->exercise_min : EXERCISES, .plain = asked && r->plain};
    char etag[40] = "W/\"";
    lw_calendar *old = lw_pool_take(&rq->pool, sizeof *old);
    int32_t err = old != NULL ? today_of(rq, sql, r, asked, &ask.day) : LW_ERR_NO_MEMORY;
    err = err == LW_OK ? made_of(sql, r, &ask, p->made_of) : err;
    if (err != LW_OK) {
        return err;
    }
    hex_of(p->made_of, 16, etag + 3);
    snprintf(etag + 35, sizeof etag - 35, "\"");
    lw_reply_header(rq, "ETag", etag);
    lw_reply_header(rq, "Cache-Control", "private, no-cache"); /* to be kept, and asked about each time */
    p->from_day = ask.day;
    err = lw_feed_made_of(sql, r->patient, p->was);
    bool same = err == LW_OK && memcmp(p->was, p->made_of, 32) == 0;
    if (err != LW_OK && err != LW_ERR_NOT_FOUND) {
        return err;
    }
    if (same && strstr(rq->if_none_match, etag + 2) != NULL) {
        rq->reply.status = 304;
        return LW_OK;
    }
    err = remembered(rq, sql, r->patient, old);
    if (err == LW_OK && same) {
        p->calendar = *old; /* with its texts */
        lw_calendar_sort(&p->calendar);
    } else {
        err = err == LW_OK ? plan_feed(rq, sql, r, &ask, old, &p->calendar) : err;
        lw_calendar_free(old);
    }
    if (err == LW_OK) {
        rq->reply.type = "text/calendar; charset=utf-8";
        err = lw_calendar_write(&p->calendar, r->language, &rq->reply.body);
    }
    p->count = err == LW_OK && !same ? 1 : 0;
    return err;
}

int32_t lw__h_calendar_feed(lw_request *rq, lw_sql *sql) {
    uint8_t key[32];
    char patient[65] = "";
    lw_reminder r;
    lw_str token = lw__str(rq->path[0]);
    if (token.len > 4 && memcmp(token.ptr + token.len - 4, ".ics", 4) == 0) {
        token.len -= 4;
    }
    int32_t err = lw__token_key(token, key) ? lw_feed_find(sql, key, patient) : LW_ERR_NOT_FOUND;
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, err, NULL, "there is no such calendar, or its address was ended");
    }
    err = err == LW_OK ? lw_reminder_get(sql, lw__str(patient), &r) : err;
    bool asked = err == LW_OK;
    if (err != LW_OK && err != LW_ERR_NOT_FOUND) {
        return err;
    }
    snprintf(rq->acted_account, sizeof rq->acted_account, "%s", r.account);
    snprintf(rq->acted_clinic, sizeof rq->acted_clinic, "%s", r.clinic);
    memcpy(rq->target.patient, r.patient, sizeof rq->target.patient);
    memcpy(rq->target.clinic, r.clinic, sizeof rq->target.clinic);
    publishing *p = calloc(1, sizeof *p);
    err = p != NULL ? feed(rq, sql, &r, asked, p) : LW_ERR_NO_MEMORY;
    if (err == LW_OK && p->count > 0) {
        publish(rq, r.patient, p->from_day, p);
    } else if (p != NULL) {
        lw_calendar_free(&p->calendar);
        free(p);
    }
    return err;
}
