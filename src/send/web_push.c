/*
 * web_push.c: see web_push.h. The names of steps are those of RFC 8291 section 3.4 and RFC 8188 section 2.
 */
#include "send/web_push.h"

#include <curl/curl.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

enum { RECORD = 4096, HEADER = 86, TAG = 16, ANSWER_MOST = 65536 };

/* ---- base64url ---- */

static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void lw_base64url(lw_buf *out, const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i += 3) {
        uint32_t word = (uint32_t)bytes[i] << 16 | (i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0) |
                        (i + 2 < len ? (uint32_t)bytes[i + 2] : 0);
        char four[4] = {LETTERS[word >> 18], LETTERS[word >> 12 & 63], LETTERS[word >> 6 & 63], LETTERS[word & 63]};
        lw_buf_add(out, four, len - i >= 3 ? 4 : len - i + 1);
    }
}

int64_t lw_base64url_read(lw_str text, uint8_t *out, size_t cap) {
    uint32_t word = 0, bits = 0;
    size_t len = 0;
    for (uint32_t i = 0; i < text.len; i++) {
        const char *at = text.ptr[i] != '\0' ? strchr(LETTERS, text.ptr[i]) : NULL;
        if (at == NULL) {
            return -1;
        }
        word = (word << 6 | (uint32_t)(at - LETTERS)) & 0xffffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            if (len == cap) {
                return -1;
            }
            out[len++] = (uint8_t)(word >> bits);
        }
    }
    return bits < 6 && (word & ((1u << bits) - 1)) == 0 ? (int64_t)len : -1;
}

/* ---- keys ---- */

int32_t lw_vapid_of(const uint8_t secret[32], lw_vapid *out) {
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_bin2bn(secret, 32, NULL);
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    int32_t err = LW_ERR_NO_MEMORY;
    if (point != NULL && number != NULL) {
        bool good = !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0 &&
                    EC_POINT_mul(group, point, number, NULL, NULL, NULL) == 1 &&
                    EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out->point, sizeof out->point,
                                       NULL) == sizeof out->point;
        memcpy(out->secret, secret, 32);
        err = good ? LW_OK : LW_ERR_VALUE;
    }
    EC_POINT_free(point);
    BN_clear_free(number);
    EC_GROUP_free(group);
    return err;
}

int32_t lw_vapid_make(lw_vapid *out) {
    int32_t err = LW_ERR_VALUE;
    for (int i = 0; i < 8 && err == LW_ERR_VALUE; i++) { /* one in 2^32 is above the order */
        uint8_t secret[32];
        err = RAND_priv_bytes(secret, sizeof secret) == 1 ? lw_vapid_of(secret, out) : LW_ERR_IO;
        OPENSSL_cleanse(secret, sizeof secret);
    }
    return err;
}

/* As a key of libcrypto; secret nullable. NULL: it is no point of the curve. */
static EVP_PKEY *key_of(const uint8_t point[65], const uint8_t *secret) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *number = secret != NULL ? BN_bin2bn(secret, 32, NULL) : NULL;
    OSSL_PARAM *params = NULL;
    if (ctx != NULL && build != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 65) == 1 &&
        (number == NULL || OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number) == 1)) {
        params = OSSL_PARAM_BLD_to_param(build);
    }
    if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, secret != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(number);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* ---- encryption ---- */

static bool agree(const lw_vapid *own, const uint8_t peer[65], uint8_t shared[32]) {
    EVP_PKEY *mine = key_of(own->point, own->secret), *theirs = key_of(peer, NULL);
    EVP_PKEY_CTX *ctx = mine != NULL ? EVP_PKEY_CTX_new(mine, NULL) : NULL;
    size_t len = 32;
    bool good = theirs != NULL && ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
                EVP_PKEY_derive_set_peer(ctx, theirs) == 1 && EVP_PKEY_derive(ctx, shared, &len) == 1 && len == 32;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
    return good;
}

static bool hmac(const uint8_t *key, size_t key_len, const uint8_t *text, size_t len, uint8_t out[32]) {
    unsigned got = 0;
    return HMAC(EVP_sha256(), key, (int)key_len, text, len, out, &got) != NULL && got == 32;
}

static bool seal(const uint8_t key[16], const uint8_t nonce[12], const uint8_t *plain, size_t len, uint8_t *out) {
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int some = 0, rest = 0;
    bool good = ctx != NULL && EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, key, nonce) == 1 &&
                EVP_EncryptUpdate(ctx, out, &some, plain, (int)len) == 1 && (size_t)some == len &&
                EVP_EncryptFinal_ex(ctx, out + some, &rest) == 1 && rest == 0 &&
                EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG, out + len) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return good;
}

/* Content-encryption key and nonce from the shared secret, the browser's secret and the salt. */
static bool derive(const uint8_t shared[32], const uint8_t auth[16], const uint8_t browser[65], const uint8_t own[65],
                   const uint8_t salt[16], uint8_t key[32], uint8_t nonce[32]) {
    static const char info[] = "WebPush: info", cek[] = "Content-Encoding: aes128gcm", iv[] = "Content-Encoding: nonce";
    uint8_t prk_key[32], ikm[32], prk[32], text[sizeof info + 65 + 65 + 1];
    memcpy(text, info, sizeof info); /* with its NUL */
    memcpy(text + sizeof info, browser, 65);
    memcpy(text + sizeof info + 65, own, 65);
    text[sizeof text - 1] = 1;
    bool good = hmac(auth, 16, shared, 32, prk_key) && hmac(prk_key, 32, text, sizeof text, ikm) &&
                hmac(salt, 16, ikm, 32, prk);
    memcpy(text, cek, sizeof cek);
    text[sizeof cek] = 1;
    good = good && hmac(prk, 32, text, sizeof cek + 1, key);
    memcpy(text, iv, sizeof iv);
    text[sizeof iv] = 1;
    good = good && hmac(prk, 32, text, sizeof iv + 1, nonce);
    OPENSSL_cleanse(prk_key, sizeof prk_key);
    OPENSSL_cleanse(ikm, sizeof ikm);
    OPENSSL_cleanse(prk, sizeof prk);
    return good;
}

int32_t lw_push_encrypt(const uint8_t p256dh[65], const uint8_t auth[16], lw_str plain, const lw_vapid *once,
                        const uint8_t salt[16], lw_buf *out) {
    if (plain.len > LW_PUSH_PLAIN_MOST) {
        return LW_ERR_LIMIT;
    }
    lw_vapid fresh;
    int32_t err = once != NULL ? LW_OK : lw_vapid_make(&fresh);
    const lw_vapid *own = once != NULL ? once : &fresh;
    uint8_t body[HEADER + LW_PUSH_PLAIN_MOST + 1 + TAG], text[LW_PUSH_PLAIN_MOST + 1], shared[32], key[32], nonce[32];
    if (err == LW_OK && salt != NULL) {
        memcpy(body, salt, 16);
    } else if (err == LW_OK && RAND_bytes(body, 16) != 1) {
        err = LW_ERR_IO;
    }
    err = err == LW_OK && !agree(own, p256dh, shared) ? LW_ERR_VALUE : err;
    if (err == LW_OK) {
        body[16] = 0;
        body[17] = 0;
        body[18] = RECORD >> 8;
        body[19] = RECORD & 0xff;
        body[20] = 65;
        memcpy(body + 21, own->point, 65);
        if (plain.len > 0) {
            memcpy(text, plain.ptr, plain.len);
        }
        text[plain.len] = 2; /* the last record */
        bool good = derive(shared, auth, p256dh, own->point, body, key, nonce) &&
                    seal(key, nonce, text, plain.len + 1u, body + HEADER);
        err = good ? LW_OK : LW_ERR_IO;
    }
    if (err == LW_OK) {
        lw_buf_add(out, body, HEADER + plain.len + 1u + TAG);
        err = out->failed ? LW_ERR_NO_MEMORY : LW_OK;
    }
    OPENSSL_cleanse(&fresh, sizeof fresh);
    OPENSSL_cleanse(shared, sizeof shared);
    OPENSSL_cleanse(key, sizeof key);
    OPENSSL_cleanse(text, sizeof text);
    return err;
}

/* ---- the signature ---- */

/* Letters of scheme://host[:port]; 0: there is no such. */
static size_t origin_len(const char *endpoint) {
    const char *rest = strstr(endpoint, "://");
    return rest != NULL ? (size_t)(rest + 3 - endpoint) + strcspn(rest + 3, "/?#") : 0;
}

/* ES256: r and s of 32 bytes each. */
static bool sign(const lw_vapid *vapid, const char *text, size_t len, uint8_t out[64]) {
    uint8_t der[80];
    size_t der_len = sizeof der;
    EVP_PKEY *key = key_of(vapid->point, vapid->secret);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = key != NULL && ctx != NULL && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(ctx, der, &der_len, (const uint8_t *)text, len) == 1;
    const uint8_t *at = der;
    ECDSA_SIG *parts = good ? d2i_ECDSA_SIG(NULL, &at, (long)der_len) : NULL;
    good = parts != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(parts), out, 32) == 32 &&
           BN_bn2binpad(ECDSA_SIG_get0_s(parts), out + 32, 32) == 32;
    ECDSA_SIG_free(parts);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}

int32_t lw_vapid_token(const lw_vapid *vapid, const char *endpoint, const char *contact, int64_t until_s, lw_buf *out) {
    static const char head[] = "{\"typ\":\"JWT\",\"alg\":\"ES256\"}";
    lw_buf claims = {0};
    size_t from = out->len;
    lw_buf_str(&claims, "{\"aud\":");
    lw_buf_json(&claims, (lw_str){endpoint, (uint32_t)origin_len(endpoint)});
    lw_buf_fmt(&claims, ",\"exp\":%lld,\"sub\":", (long long)until_s);
    lw_buf_json(&claims, (lw_str){contact, (uint32_t)strlen(contact)});
    lw_buf_str(&claims, "}");
    lw_base64url(out, (const uint8_t *)head, sizeof head - 1);
    lw_buf_str(out, ".");
    lw_base64url(out, (const uint8_t *)claims.ptr, claims.len);
    uint8_t signature[64];
    int32_t err = claims.failed || out->failed ? LW_ERR_NO_MEMORY : LW_OK;
    err = err == LW_OK && !sign(vapid, out->ptr + from, out->len - from, signature) ? LW_ERR_IO : err;
    if (err == LW_OK) {
        lw_buf_str(out, ".");
        lw_base64url(out, signature, sizeof signature);
        err = out->failed ? LW_ERR_NO_MEMORY : LW_OK;
    }
    lw_buf_free(&claims);
    return err;
}

/* ---- where to ---- */

/*
 * The push services of today's browsers. A browser names the address itself, so without a list anybody with a sign-in could
 * have this server write to any machine that it reaches. A name that begins with a dot is one of any machine under it.
 */
static const char *const services[] = {
    "fcm.googleapis.com",                /* Chrome, Chromium, Edge on Android, Opera, Samsung */
    "updates.push.services.mozilla.com", /* Firefox */
    "web.push.apple.com",                /* Safari */
    ".notify.windows.com",               /* Edge on Windows */
};

bool lw_push_known(const char *endpoint, const char *extra) {
    if (strlen(endpoint) >= LW_REMIND_ENDPOINT || strpbrk(endpoint, " \r\n\t\"<>\\^`{|}") != NULL) {
        return false;
    }
    size_t own = extra != NULL ? strlen(extra) : 0;
    if (own > 0 && strncmp(endpoint, extra, own) == 0 && endpoint[own] == '/') {
        return true;
    }
    if (strncmp(endpoint, "https://", 8) != 0) {
        return false;
    }
    const char *host = endpoint + 8;
    size_t len = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    if (host[len] != '/') {
        return false;
    }
    for (size_t i = 0; i < sizeof services / sizeof services[0]; i++) {
        size_t n = strlen(services[i]);
        bool under = services[i][0] == '.';
        if ((under ? len > n : len == n) && memcmp(host + len - n, services[i], n) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- sending ---- */

static size_t pass_over(char *data, size_t size, size_t count, void *ctx) {
    (void)data;
    size_t *seen = ctx;
    *seen += size * count;
    return *seen <= ANSWER_MOST ? size * count : 0;
}

static struct curl_slist *more(struct curl_slist *list, const char *text, bool *whole) {
    struct curl_slist *longer = *whole ? curl_slist_append(list, text) : NULL;
    *whole = longer != NULL;
    return longer != NULL ? longer : list;
}

static struct curl_slist *headers_of(const lw_push_job *job, bool *whole) {
    lw_buf sign_in = {0};
    char ttl[32];
    struct curl_slist *list = NULL;
    snprintf(ttl, sizeof ttl, "TTL: %d", (int)job->ttl_s);
    lw_buf_str(&sign_in, "Authorization: vapid t=");
    *whole = lw_vapid_token(job->vapid, job->to->endpoint, job->contact, job->now_s + 12 * 3600, &sign_in) == LW_OK;
    lw_buf_str(&sign_in, ", k=");
    lw_base64url(&sign_in, job->vapid->point, sizeof job->vapid->point);
    *whole = *whole && !sign_in.failed;
    list = *whole ? more(list, sign_in.ptr, whole) : NULL;
    list = more(list, ttl, whole);
    list = more(list, "Content-Encoding: aes128gcm", whole);
    list = more(list, "Content-Type: application/octet-stream", whole);
    list = more(list, "Urgency: normal", whole);
    list = more(list, "Topic: loadwave", whole); /* a later one takes the place of one that waits */
    list = more(list, "Expect:", whole);
    lw_buf_free(&sign_in);
    return list;
}

lw_sent lw_push_send(const lw_push_job *job, int32_t *retry_s, char *why, size_t cap) {
    lw_buf body = {0};
    *retry_s = 0;
    int32_t err = lw_push_encrypt(job->to->p256dh, job->to->auth, job->plain, NULL, NULL, &body);
    if (err != LW_OK) {
        snprintf(why, cap, "it could not be encrypted: %s", lw_err_name(err));
        lw_buf_free(&body);
        return err == LW_ERR_VALUE ? LW_GONE : LW_LATER; /* keys that are none will not become some */
    }
    bool whole = true;
    size_t seen = 0;
    struct curl_slist *headers = headers_of(job, &whole);
    CURL *curl = whole ? curl_easy_init() : NULL;
    lw_sent sent = LW_LATER;
    if (curl == NULL || !lw_push_known(job->to->endpoint, job->extra)) {
        snprintf(why, cap, "%s", curl == NULL ? "not enough memory" : "the push service is not known any more");
        sent = curl == NULL ? LW_LATER : LW_GONE;
    } else {
        bool plain = strncmp(job->to->endpoint, "http://", 7) == 0; /* only the operator's own can be */
        curl_easy_setopt(curl, CURLOPT_URL, job->to->endpoint);
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 10L);
        curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.ptr);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body.len);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, pass_over);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &seen);
        lw__stoppable(curl, job->stop);
        CURLcode code = curl_easy_perform(curl);
        long status = 0;
        curl_off_t wait = 0;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
        *retry_s = wait > 0 && wait < 86400 ? (int32_t)wait : 0;
        snprintf(why, cap, "%s (status %ld)", code == CURLE_OK ? "the push service answered" : curl_easy_strerror(code),
                 status);
        sent = status >= 200 && status < 300    ? LW_SENT
               : status == 404 || status == 410 ? LW_GONE
               : status == 429 || status >= 500 ? LW_LATER
               : status >= 300                  ? LW_REFUSED_US
                                                : LW_LATER;
    }
    if (curl != NULL) {
        curl_easy_cleanup(curl);
    }
    curl_slist_free_all(headers);
    lw_buf_free(&body);
    return sent;
}
