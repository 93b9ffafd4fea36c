/*
 * identity.c: one server's identity: opening and closing it, random ids and tokens, base64url.
 */
#include "server/identity_internal.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <liboath/oath.h>

static bool name_sign(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* scheme://host[:port], where host is a name, an IPv4 address or an IPv6 address in brackets; rp_id receives the host. */
static bool read_origin(lw_identity *identity, const char *origin) {
    size_t len = strlen(origin);
    const char *host = strncmp(origin, "https://", 8) == 0  ? origin + 8
                       : strncmp(origin, "http://", 7) == 0 ? origin + 7
                                                            : NULL;
    if (host == NULL || len >= sizeof identity->origin) {
        return false;
    }
    const char *end = host;
    if (*end == '[') {
        end = strchr(end, ']');
        end = end != NULL ? end + 1 : host;
    } else {
        while (name_sign(*end)) {
            end++;
        }
    }
    if (end == host || (*end != 0 && *end != ':')) {
        return false;
    }
    if (*end == ':') {
        const char *digit = end + 1;
        while (*digit >= '0' && *digit <= '9') {
            digit++;
        }
        if (digit == end + 1 || *digit != 0) {
            return false;
        }
    }
    memcpy(identity->origin, origin, len + 1);
    memcpy(identity->rp_id, host, (size_t)(end - host));
    identity->secure = origin[4] == 's';
    return true;
}

int32_t lw_identity_open(const lw_identity_options *options, lw_identity **out) {
    if (sodium_init() < 0 || oath_init() != OATH_OK || !lw__password_ready()) {
        return LW_ERR_IO;
    }
    lw_identity *identity = calloc(1, sizeof *identity);
    if (identity == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    const char *folder = options->backup_folder != NULL ? options->backup_folder : "";
    if (!read_origin(identity, options->origin) || strlen(folder) >= sizeof identity->folder) {
        free(identity);
        return LW_ERR_VALUE;
    }
    memcpy(identity->folder, folder, strlen(folder) + 1);
    identity->store = options->store;
    identity->backup_sealed = options->backup_key != NULL;
    if (identity->backup_sealed) {
        identity->backup_key = *options->backup_key;
    }
    identity->secrets_sealed = options->secrets != NULL;
    if (identity->secrets_sealed) {
        identity->secrets_key = *options->secrets;
    }
    randombytes_buf(identity->tries_key, sizeof identity->tries_key);
    pthread_mutex_init(&identity->lock, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&identity->turn, &clock);
    pthread_condattr_destroy(&clock);
    *out = identity;
    return LW_OK;
}

void lw_identity_close(lw_identity *identity) {
    if (identity == NULL) {
        return;
    }
    if (identity->backup_started) {
        pthread_join(identity->backup, NULL);
    }
    pthread_cond_destroy(&identity->turn);
    pthread_mutex_destroy(&identity->lock);
    sodium_memzero(identity, sizeof *identity);
    free(identity);
    oath_done();
}

lw_store *lw_identity_store(const lw_identity *identity) {
    return identity->store;
}

const char *lw_identity_origin(const lw_identity *identity) {
    return identity->origin;
}

/* ---- random ids and tokens ---- */

void lw_uuid_make(char out[37]) {
    uint8_t bytes[16];
    randombytes_buf(bytes, sizeof bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    lw__writer w = lw__writer_over(out, 37);
    lw__put_uuid(&w, bytes);
    lw__put_end(&w);
}

void lw_token_make(char token[44], uint8_t sha256[32]) {
    uint8_t bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(token, 44, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    lw__sha256_of(token, 43, sha256);
    sodium_memzero(bytes, sizeof bytes);
}

int64_t lw__base64url(lw_str text, uint8_t *out, size_t cap) {
    size_t len = 0;
    const char *end = NULL;
    if (text.len == 0) {
        return 0;
    }
    int bad =
        sodium_base642bin(out, cap, text.ptr, text.len, NULL, &len, &end, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return bad != 0 || end != text.ptr + text.len ? -1 : (int64_t)len;
}

void lw__put_base64url(lw_buf *out, const uint8_t *bytes, size_t len) {
    char text[1400];
    if (sodium_base64_encoded_len(len, sodium_base64_VARIANT_URLSAFE_NO_PADDING) > sizeof text) {
        out->failed = true;
        return;
    }
    sodium_bin2base64(text, sizeof text, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    lw_buf_str(out, text);
}

bool lw__token_key(lw_str token, uint8_t key[32]) {
    uint8_t bytes[32];
    bool good = token.len == 43 && lw__base64url(token, bytes, sizeof bytes) == 32;
    lw__sha256_of(token.ptr, token.len, key);
    return good;
}

void lw_invite_url(const char *origin, bool staff, const char *token, char *out, size_t cap) {
    snprintf(out, cap, "%s/%s#/i/%s", origin, staff ? "clinic/" : "", token);
}

/* ---- helpers of handlers ---- */

void lw__acted(lw_request *rq, const lw_account *account) {
    snprintf(rq->acted_account, sizeof rq->acted_account, "%s", account->id);
    snprintf(rq->acted_clinic, sizeof rq->acted_clinic, "%s", account->clinic);
}

const char *lw__asked(lw_request *rq, const lw_value *value) {
    return value->given ? lw_pool_text(&rq->pool, value->text) : NULL;
}

int32_t lw__name_check(lw_request *rq, const char *member, const lw_value *value) {
    if (!value->given) {
        return LW_OK;
    }
    lw_buf fold = {0};
    lw_name_fold(value->text, &fold);
    bool good = fold.len > 0 && !fold.failed;
    lw_buf_free(&fold);
    for (uint32_t i = 0; i < value->text.len; i++) {
        uint8_t c = (uint8_t)value->text.ptr[i];
        good = good && c >= 0x20 && c != 0x7f;
    }
    return good ? LW_OK
                : lw_problem(rq, LW_ERR_VALUE, member, "A name needs a letter or digit, and holds no line breaks.");
}

int32_t lw__country_check(lw_request *rq, const lw_value *value) {
    if (!value->given) {
        return LW_OK;
    }
    lw_str c = value->text;
    bool good = c.len == 2 && c.ptr[0] >= 'A' && c.ptr[0] <= 'Z' && c.ptr[1] >= 'A' && c.ptr[1] <= 'Z';
    return good ? LW_OK : lw_problem(rq, LW_ERR_VALUE, "country", "A country is two capital letters, as in GB.");
}

int32_t lw__replied(lw_request *rq) {
    return rq->reply.body.failed ? LW_ERR_NO_MEMORY : LW_OK;
}
