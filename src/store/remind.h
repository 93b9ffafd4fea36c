/*
 * remind.h: the SQL of what leaves the house: reminders asked for, browsers that take notifications, messages on their way,
 * calendar feeds and what they said last, keys of the installation.
 *
 * As in people.h: "in a job" is the writer's connection; readers take any. Secrets come in as hashes, but for the token that
 * ends e-mails, which opens nothing.
 */
#ifndef LW_STORE_REMIND_H
#define LW_STORE_REMIND_H

#include "store/people.h"

enum {
    LW_REMIND_ZONE = 48,
    LW_REMIND_EMAIL = 255, /* bytes with the NUL */
    LW_REMIND_ENDPOINT = 1000,
    LW_PUSH_MOST = 8, /* browsers of one patient */
    LW_REFUSALS = 3,
    LW_CARRIER_WHY = 200,
    LW_OUTBOX_PAGE = 32
};

typedef struct lw_reminder {
    char patient[65], zone[LW_REMIND_ZONE];
    int32_t from_min, until_min, exercise_min;
    bool email_on, push_on, plain;
    char email[LW_REMIND_EMAIL]; /* "": none */
    char email_state[12];        /* none, waiting, confirmed, refused */
    char stop_token[44];
    int32_t checkin_day, session_day;
    int64_t next_s;
    /* read only: of the patient's account and row */
    char language[9], clinic[37], account[37], protocol_sha256[65];
} lw_reminder;

/* LW_ERR_NOT_FOUND: the patient has asked for nothing; patient, language, clinic, account are filled all the same. */
LW_MUST_CHECK int32_t lw_reminder_get(lw_sql *sql, lw_str patient, lw_reminder *out);
/* In a job: the settings as a whole, but for e-mail address and its state. Makes the row when there is none. */
LW_MUST_CHECK int32_t lw_reminder_put(lw_sql *sql, const lw_reminder *reminder);
/* In a job: another address, waiting for confirmation; "" takes it away. Older confirmations end. */
LW_MUST_CHECK int32_t lw_reminder_email(lw_sql *sql, const char *patient, const char *email, const uint8_t key[32],
                                        int64_t until_s);
/* In a job. LW_ERR_NOT_FOUND: used, too old, or never made. patient receives whose it was. */
LW_MUST_CHECK int32_t lw_reminder_confirm(lw_sql *sql, const uint8_t key[32], int64_t now_s, char patient[65]);
/* In a job: no e-mails any more. LW_ERR_NOT_FOUND: no such token. Repeats are fine. */
LW_MUST_CHECK int32_t lw_reminder_stop(lw_sql *sql, lw_str token, char patient[65]);
/*
 * In a job: the address's own server said that it does not take mail for it. One that waits to be confirmed is refused then; a
 * confirmed one after LW_REFUSALS times in a row, because a mail server that is set up wrongly may say the same of everybody.
 */
LW_MUST_CHECK int32_t lw_reminder_refused(lw_sql *sql, const char *patient, const char *email);
/* In a job: what was reminded of, and when to look again. */
LW_MUST_CHECK int32_t lw_reminder_looked(lw_sql *sql, const char *patient, int32_t checkin_day, int32_t session_day,
                                         int64_t next_s);
/* In a job: "later": today's reminders count as not given, and one comes at at_s. Messages that wait are dropped. */
LW_MUST_CHECK int32_t lw_reminder_later(lw_sql *sql, const char *patient, int64_t at_s);
/* Those to look at, the longest due first; at most cap. */
LW_MUST_CHECK int32_t lw_reminder_due(lw_sql *sql, int64_t now_s, lw_reminder *rows, uint32_t cap, uint32_t *count);

/* ---- browsers ---- */

typedef struct lw_push {
    uint8_t id[32]; /* SHA-256 of the endpoint */
    char patient[65], endpoint[LW_REMIND_ENDPOINT], label[64];
    uint8_t p256dh[65], auth[16];
} lw_push;

/* In a job. The same endpoint again takes the place of the old. LW_ERR_LIMIT beyond LW_PUSH_MOST. */
LW_MUST_CHECK int32_t lw_push_add(lw_sql *sql, const lw_push *push, int64_t now_s);
/* In a job. patient NULL: whosever it is. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_push_remove(lw_sql *sql, const char *patient, const uint8_t id[32]);
/* In a job: all of all patients: the key that they were made for is gone. */
LW_MUST_CHECK int32_t lw_push_remove_all(lw_sql *sql);
/* LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_push_get(lw_sql *sql, const uint8_t id[32], lw_push *out);
/* [{"id":"hex","label":"…","created_s":0},…] */
LW_MUST_CHECK int32_t lw_push_list(lw_sql *sql, lw_str patient, lw_buf *out);

/* ---- messages on their way ---- */

typedef struct lw_message {
    char id[37], patient[65], channel[8], kind[10];
    uint8_t push[32];
    bool has_push;
    char token[44]; /* of kind confirm */
    int32_t day;
    int64_t due_s, until_s;
    int32_t tries;
} lw_message;

/* In a job. Of one patient, channel, kind and browser only one waits: the later takes the place of the earlier. */
LW_MUST_CHECK int32_t lw_outbox_add(lw_sql *sql, const lw_message *message);
/* In a job: one for e-mail where it is on and confirmed, one for each browser where push is on. *count: how many. */
LW_MUST_CHECK int32_t lw_outbox_remind(lw_sql *sql, const lw_reminder *reminder, const char *kind, int32_t day,
                                       int64_t now_s, int64_t until_s, uint32_t *count);
LW_MUST_CHECK int32_t lw_outbox_due(lw_sql *sql, int64_t now_s, lw_message rows[LW_OUTBOX_PAGE], uint32_t *count);
/* In a job: another try later. */
LW_MUST_CHECK int32_t lw_outbox_again(lw_sql *sql, const char *id, int32_t tries, int64_t due_s);
/* In a job: it was sent, or is given up. */
LW_MUST_CHECK int32_t lw_outbox_remove(lw_sql *sql, const char *id);
/* How many wait. */
LW_MUST_CHECK int32_t lw_outbox_count(lw_sql *sql, lw_str patient, int64_t *count);

/* ---- how they are taken ---- */

typedef struct lw_carrier {
    int64_t sent_s, failed_s; /* the last taken; the first since then that was not. 0: none */
    int64_t failures, given_up, waiting;
    int64_t oldest_s; /* since when the oldest that waits might have been sent; 0: none waits */
    char why[LW_CARRIER_WHY];
} lw_carrier;

/* In a job: a message of that channel ("email", "push") was taken, or was not; given_up: it is not tried again. */
LW_MUST_CHECK int32_t lw_carrier_took(lw_sql *sql, const char *channel, const char *patient, int64_t now_s);
LW_MUST_CHECK int32_t lw_carrier_failed(lw_sql *sql, const char *channel, int64_t now_s, bool given_up,
                                        const char *why);
LW_MUST_CHECK int32_t lw_carrier_get(lw_sql *sql, const char *channel, lw_carrier *out);
/* {"email":{"sent_s":0,"failed_s":0,"failures":0,"given_up":0,"waiting":0,"oldest_s":0,"why":"…"},"push":{…},"refused":
   [{"patient":"…","name":"…"}]}: refused are this clinic's patients whose address is; at most 200. */
LW_MUST_CHECK int32_t lw_carrier_json(lw_sql *sql, lw_str clinic, lw_buf *out);

/* ---- calendar feeds ---- */

/* In a job: a new address; the one before ends. */
LW_MUST_CHECK int32_t lw_feed_add(lw_sql *sql, const char *patient, const uint8_t key[32], int64_t now_s);
/* In a job. LW_ERR_NOT_FOUND: there was none. */
LW_MUST_CHECK int32_t lw_feed_remove(lw_sql *sql, const char *patient);
/* Whose it is. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_feed_find(lw_sql *sql, const uint8_t key[32], char patient[65]);
/* Since when there is one; 0: there is none. */
LW_MUST_CHECK int32_t lw_feed_since(lw_sql *sql, lw_str patient, int64_t *since_s);

/* One entry as it was published last; texts borrow. */
typedef struct lw_feed_item {
    const char *uid, *title, *detail;
    int32_t day, minute;
    uint32_t sequence;
    bool cancelled;
    int64_t changed_s;
} lw_feed_item;

/* What the feed said last, texts in the pool; at most cap, the latest days first. */
LW_MUST_CHECK int32_t lw_feed_items(lw_sql *sql, lw_pool *pool, const char *patient, lw_feed_item *rows, uint32_t cap,
                                    uint32_t *count);
/* In a job: what it says now, and what that was made of; those before from_day go. A sequence never goes down. Nothing is kept
   where there is no address any more, or where what is kept is not what this was made after (was; all zero: nothing). */
LW_MUST_CHECK int32_t lw_feed_items_put(lw_sql *sql, const char *patient, const lw_feed_item *rows, uint32_t count,
                                        int32_t from_day, const uint8_t was[32], const uint8_t made_of[32]);
/* What the feed's items were made of. LW_ERR_NOT_FOUND: there are none; out is all zero then. */
LW_MUST_CHECK int32_t lw_feed_made_of(lw_sql *sql, const char *patient, uint8_t out[32]);

/* ---- keys of the installation ---- */

/* LW_ERR_NOT_FOUND; LW_ERR_LIMIT: more than cap. */
LW_MUST_CHECK int32_t lw_vault_get(lw_sql *sql, const char *name, uint8_t *out, uint32_t cap, uint32_t *len);
/* In a job. */
LW_MUST_CHECK int32_t lw_vault_put(lw_sql *sql, const char *name, const uint8_t *value, uint32_t len);

#endif
