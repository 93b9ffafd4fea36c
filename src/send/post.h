/*
 * post.h: the worker that reminds: looks who is to be reminded of what, and sends what waits, by e-mail and Web Push.
 *
 * Two loops over the store, on one thread of its own. Looking: a patient whose time has come is asked of the caller (who folds
 * the record): is there a check-in, is a session left? What is missing becomes messages in the outbox. Sending: before a message
 * goes out the same is asked again, so nothing reminds of what is done; what cannot be delivered is tried again after a time
 * that doubles, an hour at most, until the message's own end, LW_POST_TRIES times at most. Nothing is lost by a restart: all of it is in the store.
 *
 * The thread sleeps on a clock that only goes forward; whether something is due is asked of the caller's clock.
 */
#ifndef LW_SEND_POST_H
#define LW_SEND_POST_H

#include "send/mail.h"
#include "send/web_push.h"
#include "send/window.h"

enum { LW_POST_TRIES = 24, LW_POST_FIRST_WAIT_S = 60, LW_POST_CONFIRM_S = 3 * 86400 };

typedef struct lw_post_options {
    lw_store *store;    /* borrowed */
    const char *origin; /* of links; copied */
    lw_mail_options mail;
    const lw_vapid *vapid; /* copied; NULL: no Web Push */
    const char
        *push_service;   /* one more origin that push services may have ("http://127.0.0.1:9000"); NULL: none; copied */
    const char *contact; /* of whom runs this, for push services: "mailto:…" or "https://…"; copied */
    int64_t (*now)(void *ctx);
    int32_t (*standing)(void *ctx, const lw_reminder *who, int32_t day, lw_standing *out);
    void (*log)(void *ctx, const char *level, const char *text); /* no address, no name */
    void *ctx;
} lw_post_options;

typedef struct lw_post lw_post;

/* LW_ERR_NO_MEMORY; LW_ERR_VALUE with a sentence in why. */
LW_MUST_CHECK int32_t lw_post_open(const lw_post_options *options, lw_post **out, char *why, size_t cap);
/* One look and one round of sending, on the caller's thread; for tests, instead of lw_post_start. */
void lw__post_round(lw_post *post);
/* Begins to work. False: no thread. */
bool lw_post_start(lw_post *post);
/* Something new may be due: looks at once. Any thread. */
void lw_post_kick(lw_post *post);
/* Ends after the message that is being sent. */
void lw_post_close(lw_post *post);

bool lw_post_mails(const lw_post *post);           /* e-mail is set up */
const char *lw_post_push_key(const lw_post *post); /* public key for subscribing, base64url; NULL: no Web Push */
/* Whether an endpoint belongs to a push service that this server sends to. */
bool lw_post_knows(const lw_post *post, const char *endpoint);

#endif
