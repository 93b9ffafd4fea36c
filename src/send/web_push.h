/*
 * web_push.h: one notification to one browser: encrypted for it alone (RFC 8291, aes128gcm of RFC 8188), signed as ours
 * (VAPID, RFC 8292), by libcrypto; carried by libcurl to the browser's push service.
 */
#ifndef LW_SEND_WEB_PUSH_H
#define LW_SEND_WEB_PUSH_H

#include "send/mail.h"
#include "store/remind.h"

enum {
    LW_PUSH_PLAIN_MOST = 2048,                   /* bytes of a message before encryption */
    LW_PUSH_BODY_MOST = LW_PUSH_PLAIN_MOST + 103 /* header 86, one byte of padding, tag 16 */
};

/* The pair of keys of this installation: P-256. */
typedef struct lw_vapid {
    uint8_t secret[32], point[65]; /* point: 0x04, x, y */
} lw_vapid;

LW_MUST_CHECK int32_t lw_vapid_make(lw_vapid *out);
/* Fills point from secret. LW_ERR_VALUE: it is no secret of that curve. */
LW_MUST_CHECK int32_t lw_vapid_of(const uint8_t secret[32], lw_vapid *out);
/* The token for the origin of an endpoint, good until until_s: three parts of base64url with dots. */
LW_MUST_CHECK int32_t lw_vapid_token(const lw_vapid *vapid, const char *endpoint, const char *contact, int64_t until_s,
                                     lw_buf *out);

/*
 * plain encrypted for the browser with those keys, appended to out. once and salt: of this message alone; NULL: made at random
 * (given ones are for the test of the RFC). LW_ERR_VALUE: p256dh is no point of the curve. LW_ERR_LIMIT: plain is too long.
 */
LW_MUST_CHECK int32_t lw_push_encrypt(const uint8_t p256dh[65], const uint8_t auth[16], lw_str plain,
                                      const lw_vapid *once, const uint8_t salt[16], lw_buf *out);

/* Whether an endpoint belongs to a push service of the browsers that are known, or begins with extra + "/" (nullable). */
bool lw_push_known(const char *endpoint, const char *extra);

typedef struct lw_push_job {
    const lw_vapid *vapid;
    const char *contact, *extra;
    const lw_push *to;
    lw_str plain;
    int64_t now_s;
    int32_t ttl_s;           /* how long the push service may keep it */
    const atomic_bool *stop; /* as in lw_mail_options */
} lw_push_job;

/* Sends it; waits 30 s at most. why receives the status. retry_s: what the push service asked for, 0 nothing. */
lw_sent lw_push_send(const lw_push_job *job, int32_t *retry_s, char *why, size_t cap);

/* base64url without padding. */
void lw_base64url(lw_buf *out, const uint8_t *bytes, size_t len);
/* Strictly; the number of bytes, or −1. */
int64_t lw_base64url_read(lw_str text, uint8_t *out, size_t cap);

#endif
