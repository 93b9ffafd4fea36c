/*
 * post.c: see post.h.
 *
 * A try is written down before it is made: a store that cannot be written sends nothing, and a crash between the other side's
 * "taken" and the store's costs one message twice (under the same Message-ID), a minute later, never more.
 *
 * One thread, one message at a time. A mail server that is not there must not hold up the browsers' messages behind a minute of
 * waiting each: after a try without an answer e-mails rest for REST_S, and that rest is no try of theirs.
 */
#include "send/post.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "words/words.h"

enum { BEAT_S = 2, LOOK_PAGE = 32, REST_S = 30, WAIT_MOST_S = 3600 };

struct lw_post {
    lw_post_options options;
    char origin[256], mail_url[256], mail_from[256], mail_user[256], mail_password[256], mail_ca[4096], service[256],
        contact[300];
    lw_vapid vapid;
    lw_buf key; /* public, base64url */
    pthread_t thread;
    bool running;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool kicked;
    atomic_bool ending;
    int64_t mail_rest_s; /* monotonic: no e-mail before */
};

static int64_t monotonic_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void say(const lw_post *post, const char *level, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void say(const lw_post *post, const char *level, const char *format, ...) {
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    post->options.log(post->options.ctx, level, text);
}

/* ---- looking ---- */

/* What one look at one patient decided. */
typedef struct look {
    const lw_reminder *who;
    const char *kind; /* NULL: nothing to remind of */
    int32_t day, checkin_day, session_day;
    int64_t now_s, next_s, until_s;
    uint32_t count;
} look;

static int32_t look_job(lw_sql *sql, void *ctx) {
    look *l = ctx;
    int32_t err = LW_OK;
    if (l->kind != NULL) {
        err = lw_outbox_remind(sql, l->who, l->kind, l->day, l->now_s, l->until_s, &l->count);
    }
    return err == LW_OK ? lw_reminder_looked(sql, l->who->patient, l->checkin_day, l->session_day, l->next_s) : err;
}

static const char *kind_of(bool checkin, bool session) {
    return checkin && session ? "both" : checkin ? "checkin" : session ? "session" : NULL;
}

/* What is left to remind of now, in an open window. LW_ERR_BUSY, LW_ERR_NO_MEMORY: to be asked again. */
static int32_t ask(lw_post *post, const lw_reminder *who, const lw_window *w, lw_standing *due) {
    lw_standing today = {.checkin = false}, opened = {.checkin = false};
    int32_t err = post->options.standing(post->options.ctx, who, w->today, &today);
    if (err == LW_OK && w->past_midnight && today.session) {
        err = post->options.standing(post->options.ctx, who, w->day, &opened);
    }
    if (err == LW_ERR_BUSY || err == LW_ERR_NO_MEMORY) {
        return err;
    }
    *due = (lw_standing){.checkin = false}; /* a record that cannot be folded asks for nothing */
    if (err == LW_OK) {
        *due = lw_window_due(w, &today, &opened);
    }
    return LW_OK;
}

static int32_t look_at(lw_post *post, const lw_reminder *who, int64_t now_s) {
    lw_window w = lw_window_at(who, now_s);
    look l = {.who = who,
              .day = w.day,
              .checkin_day = who->checkin_day,
              .session_day = who->session_day,
              .now_s = now_s,
              .next_s = w.next_s,
              .until_s = w.until_s};
    if (w.open) {
        lw_standing due;
        int32_t err = ask(post, who, &w, &due);
        if (err != LW_OK) {
            return err; /* looked at again with the next beat */
        }
        bool checkin = due.checkin && who->checkin_day != w.day;
        bool session = due.session && who->session_day != w.day;
        l.kind = kind_of(checkin, session);
        l.checkin_day = checkin ? w.day : l.checkin_day;
        l.session_day = session ? w.day : l.session_day;
    }
    return lw_store_write(post->options.store, look_job, &l);
}

static void look_around(lw_post *post) {
    lw_reminder *rows = calloc(LOOK_PAGE, sizeof *rows);
    uint32_t count = LOOK_PAGE;
    int32_t err = rows != NULL ? LW_OK : LW_ERR_NO_MEMORY;
    while (err == LW_OK && count == LOOK_PAGE && !atomic_load(&post->ending)) {
        int64_t now_s = post->options.now(post->options.ctx);
        lw_sql *sql = lw_store_reader(post->options.store);
        err = sql != NULL ? lw_reminder_due(sql, now_s, rows, LOOK_PAGE, &count) : LW_ERR_BUSY;
        lw_store_reader_back(post->options.store, sql);
        for (uint32_t i = 0; i < count && err == LW_OK && !atomic_load(&post->ending); i++) {
            err = look_at(post, &rows[i], now_s);
        }
    }
    if (err != LW_OK && err != LW_ERR_BUSY) {
        say(post, "error", "who is to be reminded could not be found: %s", lw_err_name(err));
    }
    free(rows);
}

/* ---- sending ---- */

/* What becomes of a message. */
typedef struct outcome {
    const lw_message *message;
    lw_sent sent;
    bool tried; /* false: it only waits, or has nothing to say any more */
    int32_t tries;
    int64_t due_s, now_s;
    const char *why;
    char email[LW_REMIND_EMAIL];
} outcome;

/* How the carrier took it. A browser that is gone and an address that is not there say nothing about the carrier. */
static int32_t note_carrier(lw_sql *sql, const outcome *o) {
    if (!o->tried || o->sent == LW_GONE) {
        return LW_OK;
    }
    return o->sent == LW_SENT ? lw_carrier_took(sql, o->message->channel, o->message->patient, o->now_s)
                              : lw_carrier_failed(sql, o->message->channel, o->now_s, o->sent == LW_REFUSED_US, o->why);
}

static int32_t outcome_job(lw_sql *sql, void *ctx) {
    const outcome *o = ctx;
    const lw_message *m = o->message;
    int32_t err = note_carrier(sql, o);
    if (err != LW_OK || o->sent == LW_LATER) {
        return err == LW_OK ? lw_outbox_again(sql, m->id, o->tries, o->due_s) : err;
    }
    err = lw_outbox_remove(sql, m->id);
    if (err == LW_OK && o->sent == LW_GONE && m->has_push) {
        err = lw_push_remove(sql, NULL, m->push);
        err = err == LW_ERR_NOT_FOUND ? LW_OK : err;
    } else if (err == LW_OK && o->sent == LW_GONE) {
        err = lw_reminder_refused(sql, m->patient, o->email);
    }
    return err;
}

static void letter_text(const lw_post *post, const lw_message *m, const lw_reminder *who, lw_buf *out) {
    char key[40], link[400];
    snprintf(key, sizeof key, "mail.%s.text", m->kind);
    lw_say(out, lw_language_for(who->language), key, NULL);
    if (strcmp(m->kind, "confirm") == 0) {
        lw_buf_fmt(out, "\n\n%s/#/confirm/%s\n\n", post->origin, m->token);
        lw_say(out, lw_language_for(who->language), "mail.confirm.foot", NULL);
    } else {
        static const char *const lines[][2] = {
            {"mail.open", "/"}, {"mail.foot", NULL}, {"mail.later", "/#/reminders"}, {"mail.stop", "/email/stop/"}};
        for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
            snprintf(link, sizeof link, "%s%s%s", post->origin, lines[i][1] != NULL ? lines[i][1] : "",
                     i == 3 ? who->stop_token : "");
            lw_buf_str(out, i < 2 ? "\n\n" : "\n");
            lw_say(out, lw_language_for(who->language), lines[i][0], LW_ARGS("link", link));
        }
    }
    lw_buf_str(out, "\n");
}

static lw_sent send_mail(lw_post *post, const lw_message *m, const lw_reminder *who, char *why, size_t cap) {
    char key[40], stop[400];
    lw_buf text = {0};
    snprintf(key, sizeof key, "mail.%s.subject", m->kind);
    snprintf(stop, sizeof stop, "%s/email/stop/%s", post->origin, who->stop_token);
    letter_text(post, m, who, &text);
    lw_letter letter = {.to = who->email,
                        .subject = lw_sentence_of(lw_language_for(who->language), key),
                        .text = text.ptr,
                        .stop_url = strcmp(m->kind, "confirm") != 0 ? stop : NULL,
                        .id = m->id,
                        .at_s = post->options.now(post->options.ctx)};
    lw_sent sent = LW_LATER;
    if (text.failed || letter.subject == NULL) {
        snprintf(why, cap, "it could not be written");
        sent = letter.subject == NULL ? LW_REFUSED_US : LW_LATER;
    } else {
        sent = lw_mail_send(&post->options.mail, &letter, why, cap);
    }
    lw_buf_free(&text);
    return sent;
}

static void put_member(lw_buf *out, const char *name, const char *language, const char *key) {
    const char *text = lw_sentence_of(lw_language_for(language), key);
    lw_buf_fmt(out, ",\"%s\":", name);
    lw_buf_json(out, (lw_str){text != NULL ? text : "", text != NULL ? (uint32_t)strlen(text) : 0});
}

static lw_sent send_push(lw_post *post, const lw_message *m, const lw_reminder *who, int64_t now_s, int32_t *retry_s,
                         char *why, size_t cap) {
    lw_push push;
    lw_sql *sql = lw_store_reader(post->options.store);
    int32_t err = sql != NULL ? lw_push_get(sql, m->push, &push) : LW_ERR_BUSY;
    lw_store_reader_back(post->options.store, sql);
    if (err != LW_OK) {
        snprintf(why, cap, "the browser is not known any more");
        return err == LW_ERR_NOT_FOUND ? LW_GONE : LW_LATER;
    }
    char key[40];
    lw_buf text = {0};
    snprintf(key, sizeof key, "push.%s", m->kind);
    lw_buf_fmt(&text, "{\"kind\":\"%s\"", m->kind);
    put_member(&text, "title", who->language, "push.title");
    put_member(&text, "body", who->language, key);
    put_member(&text, "open", who->language, "push.open");
    put_member(&text, "later", who->language, "push.later");
    lw_buf_str(&text, "}");
    int64_t ttl = m->until_s - now_s;
    lw_push_job job = {.vapid = &post->vapid,
                       .contact = post->contact,
                       .extra = post->service[0] != '\0' ? post->service : NULL,
                       .to = &push,
                       .plain = lw_buf_view(&text),
                       .now_s = now_s,
                       .stop = &post->ending,
                       .ttl_s = ttl > 0 && ttl < 86400 ? (int32_t)ttl : 86400};
    lw_sent sent = text.failed ? LW_LATER : lw_push_send(&job, retry_s, why, cap);
    lw_buf_free(&text);
    return sent;
}

/* Whether a reminder still has something to remind of; its kind becomes what is left. LW_ERR_BUSY: to be asked again. */
static int32_t still_due(lw_post *post, lw_message *m, const lw_reminder *who, int64_t now_s, bool *due) {
    *due = strcmp(m->kind, "test") == 0 || strcmp(who->email_state, "waiting") == 0;
    if (strcmp(m->kind, "test") == 0 || strcmp(m->kind, "confirm") == 0) {
        return LW_OK;
    }
    lw_window w = lw_window_at(who, now_s);
    lw_standing left;
    bool wanted = m->has_push ? who->push_on : who->email_on && strcmp(who->email_state, "confirmed") == 0;
    *due = false;
    if (!wanted || !w.open || w.day != m->day) {
        return LW_OK;
    }
    int32_t err = ask(post, who, &w, &left);
    if (err != LW_OK) {
        return err;
    }
    const char *kind =
        kind_of(left.checkin && strcmp(m->kind, "session") != 0, left.session && strcmp(m->kind, "checkin") != 0);
    snprintf(m->kind, sizeof m->kind, "%s", kind != NULL ? kind : "");
    *due = kind != NULL;
    return LW_OK;
}

static int32_t claim_job(lw_sql *sql, void *ctx) {
    const outcome *o = ctx;
    return lw_outbox_again(sql, o->message->id, o->tries, o->due_s);
}

static int32_t send_one(lw_post *post, lw_message *m, int64_t now_s) {
    lw_reminder who;
    char why[LW_CARRIER_WHY] = "";
    outcome o = {.message = m, .sent = LW_SENT, .tries = m->tries, .due_s = now_s + REST_S, .now_s = now_s, .why = why};
    int32_t retry_s = 0;
    lw_sql *sql = lw_store_reader(post->options.store);
    int32_t err =
        sql != NULL ? lw_reminder_get(sql, (lw_str){m->patient, (uint32_t)strlen(m->patient)}, &who) : LW_ERR_BUSY;
    lw_store_reader_back(post->options.store, sql);
    if (err != LW_OK && err != LW_ERR_NOT_FOUND) {
        return err;
    }
    bool over = err == LW_ERR_NOT_FOUND || now_s >= m->until_s, due = false;
    err = over ? LW_OK : still_due(post, m, &who, now_s, &due);
    if (err != LW_OK) {
        return err;
    }
    over = over || !due;
    bool mails = !m->has_push;
    if (over || (mails ? post->options.mail.url == NULL : post->options.vapid == NULL)) {
        return lw_store_write(post->options.store, outcome_job, &o); /* nothing more to say */
    }
    if (mails && monotonic_s() < post->mail_rest_s) {
        o.sent = LW_LATER;
        return lw_store_write(post->options.store, outcome_job, &o);
    }
    int64_t wait = (int64_t)LW_POST_FIRST_WAIT_S << (m->tries < 8 ? m->tries : 8);
    wait = wait > WAIT_MOST_S ? WAIT_MOST_S : wait;
    o.due_s = now_s + wait;
    o.tries = m->tries + 1;
    err = lw_store_write(post->options.store, claim_job, &o);
    if (err != LW_OK) {
        return err;
    }
    memcpy(o.email, who.email, sizeof o.email);
    o.tried = true;
    o.sent =
        mails ? send_mail(post, m, &who, why, sizeof why) : send_push(post, m, &who, now_s, &retry_s, why, sizeof why);
    if (o.sent == LW_LATER) {
        o.due_s = now_s + (retry_s > wait ? retry_s : wait);
        if (o.tries >= LW_POST_TRIES || o.due_s >= m->until_s) {
            o.sent = LW_REFUSED_US;
            say(post, "warn", "a message (%s) is given up after %d tries: %s", m->channel, (int)o.tries, why);
        } else if (mails && strncmp(why, "no answer", 9) == 0) {
            post->mail_rest_s = monotonic_s() + REST_S;
        }
    } else if (o.sent == LW_GONE) {
        say(post, "info", "%s: %s", mails ? "an address is written to no more" : "a browser is gone", why);
    } else if (o.sent == LW_REFUSED_US) {
        say(post, "error", "a message (%s) was not taken: %s", m->channel, why);
    }
    return lw_store_write(post->options.store, outcome_job, &o);
}

static void send_all(lw_post *post) {
    lw_message *rows = calloc(LW_OUTBOX_PAGE, sizeof *rows);
    uint32_t count = LW_OUTBOX_PAGE;
    int32_t err = rows != NULL ? LW_OK : LW_ERR_NO_MEMORY;
    while (err == LW_OK && count == LW_OUTBOX_PAGE && !atomic_load(&post->ending)) {
        int64_t now_s = post->options.now(post->options.ctx);
        lw_sql *sql = lw_store_reader(post->options.store);
        err = sql != NULL ? lw_outbox_due(sql, now_s, rows, &count) : LW_ERR_BUSY;
        lw_store_reader_back(post->options.store, sql);
        for (uint32_t i = 0; i < count && err == LW_OK && !atomic_load(&post->ending); i++) {
            err = send_one(post, &rows[i], now_s);
        }
    }
    if (err != LW_OK && err != LW_ERR_BUSY) {
        say(post, "error", "messages could not be sent: %s", lw_err_name(err));
    }
    free(rows);
}

void lw__post_round(lw_post *post) {
    look_around(post);
    send_all(post);
}

static void *work(void *arg) {
    lw_post *post = arg;
    while (!atomic_load(&post->ending)) {
        lw__post_round(post);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += BEAT_S;
        pthread_mutex_lock(&post->lock);
        int wait = 0;
        while (!post->kicked && !atomic_load(&post->ending) && wait == 0) {
            wait = pthread_cond_timedwait(&post->wake, &post->lock, &until);
        }
        post->kicked = false;
        pthread_mutex_unlock(&post->lock);
    }
    return NULL;
}

/* ---- opening and closing ---- */

static const char *keep(char *to, size_t cap, const char *text) {
    snprintf(to, cap, "%s", text != NULL ? text : "");
    return text != NULL ? to : NULL;
}

int32_t lw_post_open(const lw_post_options *options, lw_post **out, char *why, size_t cap) {
    int32_t err = lw_mail_check(&options->mail, why, cap);
    if (err != LW_OK) {
        return err;
    }
    lw_post *post = calloc(1, sizeof *post);
    if (post == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(post);
        snprintf(why, cap, "there is not enough memory to start");
        return LW_ERR_NO_MEMORY;
    }
    post->options = *options;
    post->options.origin = keep(post->origin, sizeof post->origin, options->origin);
    post->options.mail.url = keep(post->mail_url, sizeof post->mail_url, options->mail.url);
    post->options.mail.from = keep(post->mail_from, sizeof post->mail_from, options->mail.from);
    post->options.mail.user = keep(post->mail_user, sizeof post->mail_user, options->mail.user);
    post->options.mail.password = keep(post->mail_password, sizeof post->mail_password, options->mail.password);
    post->options.mail.ca = keep(post->mail_ca, sizeof post->mail_ca, options->mail.ca);
    post->options.mail.stop = &post->ending;
    post->options.push_service = keep(post->service, sizeof post->service, options->push_service);
    post->options.contact = keep(post->contact, sizeof post->contact, options->contact);
    if (options->vapid != NULL) {
        post->vapid = *options->vapid;
        post->options.vapid = &post->vapid;
        lw_base64url(&post->key, post->vapid.point, sizeof post->vapid.point);
    }
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&post->wake, &clock);
    pthread_condattr_destroy(&clock);
    pthread_mutex_init(&post->lock, NULL);
    *out = post;
    return LW_OK;
}

bool lw_post_start(lw_post *post) {
    post->running = pthread_create(&post->thread, NULL, work, post) == 0;
    return post->running;
}

void lw_post_kick(lw_post *post) {
    if (post != NULL) {
        pthread_mutex_lock(&post->lock);
        post->kicked = true;
        pthread_cond_signal(&post->wake);
        pthread_mutex_unlock(&post->lock);
    }
}

void lw_post_close(lw_post *post) {
    if (post == NULL) {
        return;
    }
    atomic_store(&post->ending, true);
    lw_post_kick(post);
    if (post->running) {
        pthread_join(post->thread, NULL);
    }
    explicit_bzero(&post->vapid, sizeof post->vapid);
    explicit_bzero(post->mail_password, sizeof post->mail_password);
    lw_buf_free(&post->key);
    pthread_cond_destroy(&post->wake);
    pthread_mutex_destroy(&post->lock);
    free(post);
}

bool lw_post_mails(const lw_post *post) {
    return post != NULL && post->options.mail.url != NULL;
}

const char *lw_post_push_key(const lw_post *post) {
    return post != NULL && post->options.vapid != NULL ? post->key.ptr : NULL;
}

bool lw_post_knows(const lw_post *post, const char *endpoint) {
    return post != NULL && lw_push_known(endpoint, post->options.push_service);
}
