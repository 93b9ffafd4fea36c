/*
 * passkey.c: passkeys (WebAuthn level 2): challenges, adding one, signing in with one.
 *
 * libfido2 reads authenticator data and keys and checks the signature, the rp id and the flags; what it leaves to the caller
 * is done here: type, challenge and origin in the client data, nothing after the end of anything, the counter, whose key it
 * is. Attestation is "none": which maker's device it is does not matter, that its holder was verified (UV) does.
 *
 * A challenge is 32 random bytes, lives five minutes, and is gone with the first answer that names it, right or wrong.
 */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

#include "server/identity_internal.h"
#include "server/routes.h"

enum {
    FLAG_UP = 0x01, /* somebody was there */
    FLAG_UV = 0x04, /* and was verified: finger, face, PIN */
    FLAG_AT = 0x40, /* a key follows */
    FLAG_ED = 0x80, /* extensions follow */
    AUTH_FIXED = 37 /* bytes before either */
};

static int32_t refused(lw_request *rq, int32_t err, const char *why) {
    snprintf(rq->audit, sizeof rq->audit, "%s", why); /* for the trail; whoever asks learns less */
    return lw_problem(rq, err, NULL, "That passkey was not accepted. Please try again, or sign in another way.");
}

/* ---- challenges ---- */

/* account "": for signing in. */
static void challenge_make(lw_identity *identity, const char *account, int64_t now_s, uint8_t out[32]) {
    lw__challenge fresh = {.until_s = now_s + LW__CHALLENGE_S};
    randombytes_buf(fresh.bytes, sizeof fresh.bytes);
    snprintf(fresh.account, sizeof fresh.account, "%s", account);
    memcpy(out, fresh.bytes, 32);
    pthread_mutex_lock(&identity->lock);
    lw__challenge *place = &identity->challenges[0];
    for (uint32_t i = 0; i < LW__CHALLENGES && place->until_s > now_s; i++) {
        lw__challenge *c = &identity->challenges[i];
        place = c->until_s < place->until_s ? c : place;
    }
    *place = fresh;
    pthread_mutex_unlock(&identity->lock);
}

static bool challenge_take(lw_identity *identity, const uint8_t bytes[32], const char *account, int64_t now_s) {
    bool good = false;
    pthread_mutex_lock(&identity->lock);
    for (uint32_t i = 0; i < LW__CHALLENGES; i++) {
        lw__challenge *c = &identity->challenges[i];
        if (c->until_s != 0 && sodium_memcmp(c->bytes, bytes, 32) == 0) {
            good = c->until_s > now_s && strcmp(c->account, account) == 0;
            *c = (lw__challenge){0};
        }
    }
    pthread_mutex_unlock(&identity->lock);
    return good;
}

static int32_t exclude_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    lw_buf_str(out, out->ptr[out->len - 1] == '[' ? "\"" : ",\"");
    lw__put_base64url(out, (const uint8_t *)col[0].bytes.ptr, col[0].bytes.len);
    lw_buf_str(out, "\"");
    return LW_OK;
}

int32_t lw__c_passkey_challenge(lw_request *rq, lw_sql *sql) {
    bool add = lw__str_eq(lw_body(rq, "purpose")->text, LW_STR("add"));
    lw_account account = {0};
    uint8_t challenge[32];
    if (add && rq->who->roles == 0) {
        return LW_ERR_SIGN_IN;
    }
    int32_t err = add ? lw_account_find(sql, &rq->pool, lw__str(rq->who->account), &account) : LW_OK;
    if (err == LW_OK && add) {
        err = lw__may_strengthen(rq, &account);
    }
    if (err != LW_OK) {
        return err;
    }
    challenge_make(rq->identity, add ? account.id : "", rq->now_s, challenge);
    lw_buf *out = &rq->reply.body;
    lw_buf_str(out, "{\"challenge\":\"");
    lw__put_base64url(out, challenge, sizeof challenge);
    lw_buf_fmt(out, "\",\"rp_id\":\"%s\",\"rp_name\":\"Loadwave\",\"user_id\":", rq->identity->rp_id);
    if (add) {
        lw_buf_str(out, "\"");
        lw__put_base64url(out, (const uint8_t *)account.id, strlen(account.id));
        lw_buf_str(out, "\",\"user_name\":");
        lw_buf_json(out, lw__str(account.login != NULL ? account.login : account.name));
    } else {
        lw_buf_str(out, "null,\"user_name\":\"\"");
    }
    lw_buf_str(out, ",\"exclude\":[");
    err = add ? lw_passkey_ids(sql, account.id, exclude_row, out) : LW_OK;
    lw_buf_str(out, "]}");
    return err != LW_OK ? err : lw__replied(rq);
}

/* ---- what both ways share ---- */

/* A body field of base64url as bytes in the pool; false when it is not that. */
static bool field_bytes(lw_request *rq, const char *name, lw_str *out) {
    lw_str text = lw_body(rq, name)->text;
    uint8_t *bytes = lw_pool_take(&rq->pool, (size_t)text.len + 1);
    int64_t len = bytes != NULL ? lw__base64url(text, bytes, text.len) : -1;
    *out = (lw_str){(const char *)bytes, len < 0 ? 0 : (uint32_t)len};
    return len > 0;
}

/* NULL when the client data is an answer to a challenge of ours for this account (""), of this type, from this origin. */
static const char *client_data_wrong(lw_request *rq, lw_str data, const char *type, const char *account) {
    lw_str value;
    uint8_t challenge[32];
    if (!lw__pick_valid(data) || lw__pick_kind(data) != '{') {
        return "client_data";
    }
    const char *text = lw__pick(data, "challenge", &value) ? lw__pick_text(&rq->pool, value) : NULL;
    if (text == NULL || lw__base64url(lw__str(text), challenge, sizeof challenge) != 32 ||
        !challenge_take(rq->identity, challenge, account, rq->now_s)) {
        return "challenge";
    }
    if (!lw__pick(data, "type", &value) || !lw__pick_is(value, type)) {
        return "type";
    }
    text = lw__pick(data, "origin", &value) ? lw__pick_text(&rq->pool, value) : NULL;
    if (text == NULL || strcmp(text, rq->identity->origin) != 0) {
        return "origin";
    }
    if (lw__pick(data, "crossOrigin", &value) && !lw__str_eq(value, LW_STR("false"))) {
        return "cross_origin";
    }
    return lw__pick(data, "topOrigin", &value) ? "cross_origin" : NULL;
}

/* ---- CBOR: heads and skipping, definite lengths only ---- */

typedef struct cbor {
    const uint8_t *p, *end;
} cbor;

/* The next head: its major type and its value. */
static bool cbor_head(cbor *c, uint32_t *major, uint64_t *value) {
    if (c->p >= c->end) {
        return false;
    }
    uint8_t first = *c->p++;
    *major = first >> 5;
    *value = first & 31;
    if (*value < 24) {
        return true;
    }
    uint32_t bytes = *value == 24 ? 1 : *value == 25 ? 2 : *value == 26 ? 4 : *value == 27 ? 8 : 0;
    if (bytes == 0 || (size_t)(c->end - c->p) < bytes) {
        return false;
    }
    *value = 0;
    for (uint32_t i = 0; i < bytes; i++) {
        *value = *value << 8 | *c->p++;
    }
    return true;
}

/* A text (major 3) or byte string (major 2). */
static bool cbor_run(cbor *c, uint32_t wanted, lw_str *out) {
    uint32_t major;
    uint64_t len;
    if (!cbor_head(c, &major, &len) || major != wanted || len > (uint64_t)(c->end - c->p)) {
        return false;
    }
    *out = (lw_str){(const char *)c->p, (uint32_t)len};
    c->p += len;
    return true;
}

/* Passes one item with all that is in it. */
static bool cbor_skip(cbor *c) {
    uint64_t left = 1;
    while (left > 0) {
        uint32_t major;
        uint64_t value;
        if (!cbor_head(c, &major, &value)) {
            return false;
        }
        left--;
        uint64_t rest = (uint64_t)(c->end - c->p);
        if ((major == 2 || major == 3 || major == 4 || major == 5) && value > rest) {
            return false;
        }
        if (major == 2 || major == 3) {
            c->p += value;
        } else if (major == 4 || major == 5) {
            left += major == 4 ? value : value * 2;
        } else if (major == 6) {
            left++;
        }
        if (left > (uint64_t)(c->end - c->p)) {
            return false; /* every item has a byte at least */
        }
    }
    return true;
}

/* The algorithm (label 3) a COSE key says it is for; 0 when it says none. The reader is left after the key. */
static int32_t cose_alg(cbor *c) {
    uint32_t major;
    uint64_t pairs, value;
    int32_t alg = 0;
    cbor whole = *c;
    if (!cbor_skip(&whole) || !cbor_head(c, &major, &pairs) || major != 5) {
        return 0;
    }
    for (uint64_t i = 0; i < pairs; i++) {
        if (!cbor_head(c, &major, &value)) {
            return 0;
        }
        if (major == 0 && value == 3) {
            if (!cbor_head(c, &major, &value) || major != 1 || value > 1000) {
                return 0;
            }
            alg = -1 - (int32_t)value;
        } else if (major > 1 || !cbor_skip(c)) {
            return 0;
        }
    }
    return alg;
}

/* {"fmt": "none", "attStmt": {}, "authData": bytes} and nothing else. */
static bool attestation_data(lw_str object, lw_str *data) {
    cbor c = {(const uint8_t *)object.ptr, (const uint8_t *)object.ptr + object.len};
    uint32_t major, seen = 0;
    uint64_t value;
    lw_str name, format;
    if (!cbor_head(&c, &major, &value) || major != 5 || value != 3) {
        return false;
    }
    for (uint32_t i = 0; i < 3; i++) {
        if (!cbor_run(&c, 3, &name)) {
            return false;
        }
        if (lw__str_eq(name, LW_STR("fmt")) && cbor_run(&c, 3, &format) && lw__str_eq(format, LW_STR("none"))) {
            seen |= 1;
        } else if (lw__str_eq(name, LW_STR("attStmt")) && cbor_head(&c, &major, &value) && major == 5 && value == 0) {
            seen |= 2;
        } else if (lw__str_eq(name, LW_STR("authData")) && cbor_run(&c, 2, data)) {
            seen |= 4;
        } else {
            return false;
        }
    }
    return seen == 7 && c.p == c.end;
}

/* Where authenticator data goes on after its fixed part and its key, and whether it ends where it says. */
static bool ends_well(lw_str data, cbor after) {
    bool extended = ((uint8_t)data.ptr[32] & FLAG_ED) != 0;
    return (!extended || cbor_skip(&after)) && after.p == after.end;
}

/* ---- adding ---- */

typedef struct adding {
    lw_passkey passkey;
} adding;

/* Whether the key is one: on its curve, of its length. */
static bool key_sound(const lw_passkey *p) {
    EVP_PKEY *key = NULL;
    if (p->cose_alg == COSE_ES256) {
        es256_pk_t *pk = es256_pk_new();
        key = pk != NULL && es256_pk_from_ptr(pk, p->key, p->key_len) == FIDO_OK ? es256_pk_to_EVP_PKEY(pk) : NULL;
        es256_pk_free(&pk);
    } else if (p->cose_alg == COSE_EDDSA) {
        eddsa_pk_t *pk = eddsa_pk_new();
        key = pk != NULL && eddsa_pk_from_ptr(pk, p->key, p->key_len) == FIDO_OK ? eddsa_pk_to_EVP_PKEY(pk) : NULL;
        eddsa_pk_free(&pk);
    } else if (p->cose_alg == COSE_RS256) {
        rs256_pk_t *pk = rs256_pk_new();
        key = pk != NULL && rs256_pk_from_ptr(pk, p->key, p->key_len) == FIDO_OK ? rs256_pk_to_EVP_PKEY(pk) : NULL;
        rs256_pk_free(&pk);
    }
    EVP_PKEY_free(key);
    return key != NULL;
}

/* NULL when data is a new key for this rp id, made by a verified holder. */
static const char *new_key_wrong(const lw_identity *identity, lw_str data, lw_passkey *out) {
    const uint8_t *bytes = (const uint8_t *)data.ptr;
    uint8_t rp[32];
    if (data.len < AUTH_FIXED + 18) {
        return "authenticator_data";
    }
    lw__sha256_of(identity->rp_id, strlen(identity->rp_id), rp);
    if (memcmp(bytes, rp, 32) != 0) {
        return "rp_id";
    }
    if ((bytes[32] & (FLAG_UP | FLAG_UV | FLAG_AT)) != (FLAG_UP | FLAG_UV | FLAG_AT)) {
        return "flags";
    }
    size_t id_len = (size_t)bytes[AUTH_FIXED + 16] << 8 | bytes[AUTH_FIXED + 17];
    size_t key_at = AUTH_FIXED + 18 + id_len;
    if (id_len == 0 || id_len > LW_MAX_CREDENTIAL || key_at >= data.len) {
        return "credential_id";
    }
    cbor c = {bytes + key_at, bytes + data.len};
    int32_t alg = cose_alg(&c);
    if ((alg != COSE_ES256 && alg != COSE_EDDSA && alg != COSE_RS256) || !ends_well(data, c)) {
        return "key";
    }
    const char *wrong = "key";
    fido_cred_t *cred = fido_cred_new();
    if (cred != NULL && fido_cred_set_type(cred, alg) == FIDO_OK &&
        fido_cred_set_authdata_raw(cred, bytes, data.len) == FIDO_OK && fido_cred_id_len(cred) == id_len &&
        fido_cred_pubkey_len(cred) <= sizeof out->key) {
        out->cose_alg = alg;
        out->id_len = (uint32_t)id_len;
        out->key_len = (uint32_t)fido_cred_pubkey_len(cred);
        memcpy(out->id, fido_cred_id_ptr(cred), id_len);
        memcpy(out->key, fido_cred_pubkey_ptr(cred), out->key_len);
        out->sign_count = fido_cred_sigcount(cred);
        wrong = key_sound(out) ? NULL : "key";
    }
    fido_cred_free(&cred);
    return wrong;
}

int32_t lw__h_passkey_add(lw_request *rq, lw_sql *sql) {
    lw_account account;
    lw_str client, object, data;
    adding *a = lw_pool_take(&rq->pool, sizeof *a);
    if (a == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    rq->state = a;
    int32_t err = lw_account_find(sql, &rq->pool, lw__str(rq->who->account), &account);
    if (err == LW_OK) {
        err = lw__may_strengthen(rq, &account);
    }
    if (err == LW_OK) {
        err = lw__name_check(rq, "name", lw_body(rq, "name"));
    }
    if (err != LW_OK) {
        return err;
    }
    const char *wrong = NULL;
    if (!field_bytes(rq, "client_data", &client) || !field_bytes(rq, "attestation", &object)) {
        wrong = "base64url";
    }
    wrong = wrong != NULL ? wrong : client_data_wrong(rq, client, "webauthn.create", account.id);
    if (wrong == NULL) {
        wrong = attestation_data(object, &data) ? new_key_wrong(rq->identity, data, &a->passkey) : "attestation";
    }
    snprintf(a->passkey.account, sizeof a->passkey.account, "%s", account.id);
    return wrong == NULL ? LW_OK : refused(rq, LW_ERR_VALUE, wrong);
}

int32_t lw__c_passkey_add(lw_request *rq, lw_sql *sql) {
    const adding *a = rq->state;
    char handle[33];
    int32_t err = lw_passkey_add(sql, &a->passkey, lw__asked(rq, lw_body(rq, "name")), rq->now_s);
    if (err == LW_OK) {
        err = lw_session_strengthen(sql, rq->who->session);
    }
    if (err == LW_ERR_LIMIT) {
        return lw_problem(rq, err, NULL, "There are %d passkeys already. Remove one first.", LW_MAX_PASSKEYS);
    }
    if (err == LW_OK) {
        lw_session_drop(rq->identity, rq->who->account);
        lw_passkey_handle(a->passkey.id, a->passkey.id_len, handle);
        lw_buf_fmt(&rq->reply.body, "{\"id\":\"%s\"}", handle);
    }
    return err;
}

int32_t lw__h_passkeys(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{\"passkeys\":");
    int32_t err = lw_passkey_list(sql, rq->who->account, &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

int32_t lw__c_passkey_remove(lw_request *rq, lw_sql *sql) {
    /* The last passkey of a weak session could be the only second factor left. */
    int32_t err = (rq->who->roles & LW__STAFF) != 0 && !rq->who->strong
                      ? lw_problem(rq, LW_ERR_SECOND_FACTOR, NULL, "Sign in with a second factor to remove one.")
                      : lw_passkey_remove(sql, rq->who->account, rq->path[0]);
    if (err == LW_OK) {
        lw_session_drop(rq->identity, rq->who->account);
        lw_buf_str(&rq->reply.body, "{}");
    }
    return err;
}

/* ---- signing in ---- */

typedef struct entering {
    lw_passkey passkey;
    int64_t sign_count;
    lw__entry entry;
} entering;

static bool signature_good(const lw_identity *identity, const lw_passkey *p, lw_str client, lw_str data, lw_str sig) {
    void *key = NULL;
    es256_pk_t *es256 = NULL;
    eddsa_pk_t *eddsa = NULL;
    rs256_pk_t *rs256 = NULL;
    if (p->cose_alg == COSE_ES256) {
        es256 = es256_pk_new();
        key = es256 != NULL && es256_pk_from_ptr(es256, p->key, p->key_len) == FIDO_OK ? es256 : NULL;
    } else if (p->cose_alg == COSE_EDDSA) {
        eddsa = eddsa_pk_new();
        key = eddsa != NULL && eddsa_pk_from_ptr(eddsa, p->key, p->key_len) == FIDO_OK ? eddsa : NULL;
    } else if (p->cose_alg == COSE_RS256) {
        rs256 = rs256_pk_new();
        key = rs256 != NULL && rs256_pk_from_ptr(rs256, p->key, p->key_len) == FIDO_OK ? rs256 : NULL;
    }
    uint8_t hash[32];
    lw__sha256_of(client.ptr, client.len, hash);
    fido_assert_t *a = fido_assert_new();
    bool good = key != NULL && a != NULL && fido_assert_set_clientdata_hash(a, hash, sizeof hash) == FIDO_OK &&
                fido_assert_set_rp(a, identity->rp_id) == FIDO_OK && fido_assert_set_count(a, 1) == FIDO_OK &&
                fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK && fido_assert_set_uv(a, FIDO_OPT_TRUE) == FIDO_OK &&
                fido_assert_set_authdata_raw(a, 0, (const uint8_t *)data.ptr, data.len) == FIDO_OK &&
                fido_assert_set_sig(a, 0, (const uint8_t *)sig.ptr, sig.len) == FIDO_OK &&
                fido_assert_verify(a, 0, p->cose_alg, key) == FIDO_OK;
    fido_assert_free(&a);
    es256_pk_free(&es256);
    eddsa_pk_free(&eddsa);
    rs256_pk_free(&rs256);
    return good;
}

/* NULL when the fields are a good answer of the passkey; sign_count receives its counter. */
static const char *answer_wrong(lw_request *rq, const lw_passkey *p, lw_str client, int64_t *sign_count) {
    lw_str data, sig, handle;
    if (!field_bytes(rq, "authenticator_data", &data) || !field_bytes(rq, "signature", &sig)) {
        return "base64url";
    }
    const lw_value *given = lw_body(rq, "user_handle");
    if (given->given && given->text.len > 0 &&
        (!field_bytes(rq, "user_handle", &handle) || !lw__str_eq(handle, lw__str(p->account)))) {
        return "user_handle";
    }
    if (data.len < AUTH_FIXED) {
        return "authenticator_data";
    }
    const uint8_t *bytes = (const uint8_t *)data.ptr;
    if ((bytes[32] & (FLAG_UP | FLAG_UV)) != (FLAG_UP | FLAG_UV) || (bytes[32] & FLAG_AT) != 0) {
        return "flags";
    }
    if (!ends_well(data, (cbor){bytes + AUTH_FIXED, bytes + data.len})) {
        return "authenticator_data";
    }
    if (!signature_good(rq->identity, p, client, data, sig)) {
        return "signature";
    }
    *sign_count = (int64_t)bytes[33] << 24 | (int64_t)bytes[34] << 16 | (int64_t)bytes[35] << 8 | bytes[36];
    /* A counter that stands still or goes back is a copied key; keys that do not count say 0 for ever. */
    return *sign_count > p->sign_count || (*sign_count == 0 && p->sign_count == 0) ? NULL : "sign_count";
}

int32_t lw__h_passkey_sign_in(lw_request *rq, lw_sql *sql) {
    lw_str id, client;
    lw_account account;
    entering *e = lw_pool_take(&rq->pool, sizeof *e);
    if (e == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    rq->state = e;
    if (!field_bytes(rq, "id", &id) || id.len > LW_MAX_CREDENTIAL || !field_bytes(rq, "client_data", &client)) {
        return refused(rq, LW_ERR_SIGN_IN, "base64url");
    }
    const char *wrong = client_data_wrong(rq, client, "webauthn.get", "");
    if (wrong != NULL) {
        return refused(rq, LW_ERR_SIGN_IN, wrong);
    }
    int32_t err = lw_passkey_find(sql, (const uint8_t *)id.ptr, id.len, &e->passkey);
    if (err == LW_OK) {
        err = lw_account_find(sql, &rq->pool, lw__str(e->passkey.account), &account);
    }
    if (err != LW_OK) {
        return err == LW_ERR_NOT_FOUND ? refused(rq, LW_ERR_SIGN_IN, "unknown") : err;
    }
    lw__acted(rq, &account);
    wrong = account.disabled ? "disabled" : answer_wrong(rq, &e->passkey, client, &e->sign_count);
    if (wrong != NULL) {
        return refused(rq, LW_ERR_SIGN_IN, wrong);
    }
    lw__session_begin(rq, &account, true, NULL, &e->entry);
    return LW_OK;
}

int32_t lw__c_passkey_sign_in(lw_request *rq, lw_sql *sql) {
    const entering *e = rq->state;
    int32_t err = lw_passkey_used(sql, &e->passkey, e->sign_count, rq->now_s);
    if (err == LW_OK) {
        err = lw_account_entered(sql, e->passkey.account, 0, rq->now_s);
    }
    if (err == LW_ERR_SIGN_IN) {
        return refused(rq, err, "sign_count");
    }
    return err == LW_OK ? lw__session_commit(rq, sql, &e->entry) : err;
}
