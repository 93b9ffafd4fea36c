/*
 * passkey_test.c: a software authenticator (OpenSSL: ES256, EdDSA, RS256) against the server: what is right opens, and each
 * of many small wrongs does not.
 */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "identity_support.h"

enum { UP = 1, UV = 4, AT = 0x40, ED = 0x80 };

/* An authenticator with one key, and what it puts into its next answer; a test spoils one thing. */
typedef struct device {
    EVP_PKEY *key;
    int32_t alg; /* COSE */
    uint8_t id[32];
    uint32_t count;
    /* of the next answer */
    const char *type, *origin, *rp_id, *challenge, *extra; /* extra: more members of the client data */
    uint8_t flags;
    const char *format;
    bool trailing_auth, trailing_object, trailing_key, bad_signature, bad_point, wrong_alg, twice;
} device;

static void fresh_answer(device *d, const char *type) {
    d->type = type;
    d->origin = ORIGIN;
    d->rp_id = "localhost";
    d->extra = "";
    d->format = "none";
    d->flags = (uint8_t)(UP | UV | (strcmp(type, "webauthn.create") == 0 ? AT : 0));
    d->trailing_auth = d->trailing_object = d->trailing_key = d->bad_signature = d->bad_point = d->wrong_alg =
        d->twice = false;
}

static void device_make(device *d, int32_t alg) {
    memset(d, 0, sizeof *d);
    d->alg = alg;
    d->key = alg == -7 ? EVP_EC_gen("P-256") : alg == -8 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_RSA_gen(2048);
    assert_non_null(d->key);
    lw__sha256_of(&d->key, sizeof d->key, d->id);
    d->id[0] = (uint8_t)-alg;
    d->count = 1;
}

static void base64url(const void *bytes, size_t len, char *out, size_t cap) {
    lw_buf buf = {0};
    for (size_t at = 0; at < len; at += 600) { /* in runs of whole triples */
        lw__put_base64url(&buf, (const uint8_t *)bytes + at, len - at < 600 ? len - at : 600);
    }
    assert_true(buf.len < cap);
    memcpy(out, buf.ptr, buf.len + 1);
    lw_buf_free(&buf);
}

static size_t put_cose(const device *d, uint8_t *out) {
    size_t n = 0;
    if (d->alg == -7) {
        uint8_t point[65];
        size_t len = 0;
        assert_int_equal(EVP_PKEY_get_octet_string_param(d->key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &len),
                         1);
        assert_int_equal(len, 65);
        if (d->bad_point) {
            point[40] ^= 1;
        }
        static const uint8_t head[] = {0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32};
        memcpy(out, head, sizeof head);
        n = sizeof head;
        out[4] = d->wrong_alg ? 0x29 /* -10 */ : 0x26;
        memcpy(out + n, point + 1, 32);
        n += 32;
        static const uint8_t mid[] = {0x22, 0x58, 32};
        memcpy(out + n, mid, 3);
        memcpy(out + n + 3, point + 33, 32);
        return n + 35;
    }
    if (d->alg == -8) {
        static const uint8_t head[] = {0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21, 0x58, 32};
        size_t len = 32;
        memcpy(out, head, sizeof head);
        assert_int_equal(EVP_PKEY_get_raw_public_key(d->key, out + sizeof head, &len), 1);
        return sizeof head + 32;
    }
    static const uint8_t head[] = {0xa4, 1, 3, 3, 0x39, 1, 0, 0x20, 0x59, 1, 0};
    static const uint8_t tail[] = {0x21, 0x43, 1, 0, 1};
    BIGNUM *modulus = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(d->key, OSSL_PKEY_PARAM_RSA_N, &modulus), 1);
    memcpy(out, head, sizeof head);
    assert_int_equal(BN_bn2binpad(modulus, out + sizeof head, 256), 256);
    BN_free(modulus);
    memcpy(out + sizeof head + 256, tail, sizeof tail);
    return sizeof head + 256 + sizeof tail;
}

static size_t put_auth(const device *d, bool with_key, uint8_t *out) {
    lw__sha256_of(d->rp_id, strlen(d->rp_id), out);
    out[32] = d->flags;
    for (int i = 0; i < 4; i++) {
        out[33 + i] = (uint8_t)(d->count >> (24 - 8 * i));
    }
    size_t n = 37;
    if (with_key) {
        memset(out + n, 0, 16); /* AAGUID */
        out[n + 16] = 0;
        out[n + 17] = sizeof d->id;
        memcpy(out + n + 18, d->id, sizeof d->id);
        n += 18 + sizeof d->id;
        n += put_cose(d, out + n);
        if (d->trailing_key) {
            out[n++] = 0;
        }
    }
    if (d->trailing_auth) {
        out[n++] = 0xa0;
    }
    return n;
}

static size_t put_client(const device *d, char *out, size_t cap) {
    return (size_t)snprintf(out, cap,
                            "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":false%s}%s",
                            d->type, d->challenge, d->origin, d->extra, d->twice ? "{}" : "");
}

static const answer *add(world *w, const char *cookie, const device *d) {
    static char client[2000], client64[3000], object64[3000];
    uint8_t auth[1000], object[1200] = {0xa3};
    size_t n = 1, len = put_client(d, client, sizeof client), auth_len = put_auth(d, true, auth);
    base64url(client, len, client64, sizeof client64);
    object[n++] = 0x63;
    memcpy(object + n, "fmt", 3);
    n += 3;
    object[n++] = (uint8_t)(0x60 + strlen(d->format));
    memcpy(object + n, d->format, strlen(d->format));
    n += strlen(d->format);
    object[n++] = 0x67;
    memcpy(object + n, "attStmt", 7);
    n += 7;
    object[n++] = 0xa0;
    object[n++] = 0x68;
    memcpy(object + n, "authData", 8);
    n += 8;
    object[n++] = 0x59;
    object[n++] = (uint8_t)(auth_len >> 8);
    object[n++] = (uint8_t)auth_len;
    memcpy(object + n, auth, auth_len);
    n += auth_len;
    n += d->trailing_object ? 1 : 0;
    base64url(object, n, object64, sizeof object64);
    return post(w, "passkey_add", cookie, "{\"name\":\"My key\",\"client_data\":\"%s\",\"attestation\":\"%s\"}",
                client64, object64);
}

static const answer *enter_with(world *w, const device *d, const char *handle) {
    static char client[2000], client64[3000], auth64[2000], sig64[2000], id64[100], handle64[100], more[200];
    uint8_t auth[400], both[500], hash[32], sig[600];
    size_t sig_len = sizeof sig, len = put_client(d, client, sizeof client), auth_len = put_auth(d, false, auth);
    lw__sha256_of(client, len, hash);
    memcpy(both, auth, auth_len);
    memcpy(both + auth_len, hash, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, d->alg == -8 ? NULL : EVP_sha256(), NULL, d->key), 1);
    assert_int_equal(EVP_DigestSign(ctx, sig, &sig_len, both, auth_len + 32), 1);
    EVP_MD_CTX_free(ctx);
    sig[sig_len - 1] ^= d->bad_signature ? 1 : 0;
    base64url(client, len, client64, sizeof client64);
    base64url(auth, auth_len, auth64, sizeof auth64);
    base64url(sig, sig_len, sig64, sizeof sig64);
    base64url(d->id, sizeof d->id, id64, sizeof id64);
    more[0] = 0;
    if (handle != NULL) {
        base64url(handle, strlen(handle), handle64, sizeof handle64);
        snprintf(more, sizeof more, ",\"user_handle\":\"%s\"", handle64);
    }
    return post(w, "passkey_sign_in", NULL,
                "{\"id\":\"%s\",\"client_data\":\"%s\",\"authenticator_data\":\"%s\",\"signature\":\"%s\"%s}", id64,
                client64, auth64, sig64, more);
}

static char challenge_text[64];
static void challenge(world *w, const char *cookie, const char *purpose, device *d) {
    const answer *a = post(w, "passkey_challenge", cookie, "{\"purpose\":\"%s\"}", purpose);
    assert_err(a, LW_OK);
    snprintf(challenge_text, sizeof challenge_text, "%s", member(a, "challenge"));
    assert_int_equal(strlen(challenge_text), 43);
    assert_string_equal(member(a, "rp_id"), "localhost");
    d->challenge = challenge_text;
    fresh_answer(d, strcmp(purpose, "add") == 0 ? "webauthn.create" : "webauthn.get");
}

/* A world in which the doctor has this key. */
static void doctor_with(world *w, device *d, int32_t alg, char cookie[64]) {
    world_begin(w, true);
    device_make(d, alg);
    enter(w, "doctor", cookie);
    challenge(w, cookie, "add", d);
    const answer *a = add(w, cookie, d);
    if (a->err != LW_OK) {
        fail_msg("not added: %s", a->audit);
    }
}

static void keys_of_three_kinds(void **state) {
    (void)state;
    static const int32_t algs[] = {-7, -8, -257};
    for (int i = 0; i < 3; i++) {
        world w;
        device d;
        char cookie[64];
        doctor_with(&w, &d, algs[i], cookie);
        /* Adding one makes the session strong: the clinic demands it. */
        assert_err(call(&w, "patients", cookie, NULL, NULL, NULL), LW_OK);
        const answer *a = call(&w, "passkeys", cookie, NULL, NULL, NULL);
        assert_non_null(strstr(a->body, "\"name\":\"My key\""));
        for (int turn = 0; turn < 2; turn++) {
            challenge(&w, NULL, "sign_in", &d);
            d.count++;
            a = enter_with(&w, &d, turn == 0 ? w.doctor : NULL);
            if (a->err != LW_OK) {
                fail_msg("alg %d: %s", algs[i], a->audit);
            }
            assert_string_equal(member(a, "account"), w.doctor);
            assert_string_equal(member(a, "strong"), "true");
            memcpy(cookie, a->cookie, sizeof cookie);
            assert_err(call(&w, "patients", cookie, NULL, NULL, NULL), LW_OK);
        }
        /* With a key the password alone is not enough any more. */
        assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_ERR_SECOND_FACTOR);
        EVP_PKEY_free(d.key);
        world_end(&w);
    }
}

static void a_patient_may_have_one(void **state) {
    (void)state;
    world w;
    device d;
    char cookie[64];
    world_begin(&w, true);
    device_make(&d, -7);
    d.count = 0; /* phones that sync keys do not count */
    enter_patient(&w, w.ana_token, cookie);
    challenge(&w, cookie, "add", &d);
    assert_err(add(&w, cookie, &d), LW_OK);
    for (int i = 0; i < 2; i++) {
        challenge(&w, NULL, "sign_in", &d);
        const answer *a = enter_with(&w, &d, NULL);
        assert_err(a, LW_OK);
        assert_non_null(strstr(a->set_cookie, "Max-Age=34560000"));
        assert_string_equal(member(a, "patient"), "p-ana");
    }
    EVP_PKEY_free(d.key);
    world_end(&w);
}

/* ---- what is wrong when adding ---- */

typedef void (*spoil)(device *d);

static void s_origin(device *d) {
    d->origin = "http://evil.example";
}
static void s_origin_port(device *d) {
    d->origin = "http://localhost:18301";
}
static void s_origin_prefix(device *d) {
    d->origin = "http://localhost:18300.evil.example";
}
static void s_challenge(device *d) {
    d->challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}
static void s_challenge_empty(device *d) {
    d->challenge = "";
}
static void s_challenge_padded(device *d) {
    static char text[64];
    snprintf(text, sizeof text, "%s=", d->challenge);
    d->challenge = text;
}
static void s_type(device *d) {
    d->type = strcmp(d->type, "webauthn.get") == 0 ? "webauthn.create" : "webauthn.get";
}
static void s_cross(device *d) {
    d->extra = ",\"topOrigin\":\"http://evil.example\"";
}
static void s_cross_true(device *d) {
    d->extra = ",\"crossOrigin\":true";
} /* a second one: refused by the reader */
static void s_twice(device *d) {
    d->twice = true;
}
static void s_bad_json(device *d) {
    d->extra = ",";
}
static void s_rp(device *d) {
    d->rp_id = "evil.example";
}
static void s_no_uv(device *d) {
    d->flags = (uint8_t)(d->flags & ~UV);
}
static void s_no_up(device *d) {
    d->flags = (uint8_t)(d->flags & ~UP);
}
static void s_no_at(device *d) {
    d->flags = (uint8_t)(d->flags & ~AT);
}
static void s_at(device *d) {
    d->flags |= AT;
}
static void s_ed(device *d) {
    d->flags |= ED;
} /* extensions announced, none there */
static void s_trailing_auth(device *d) {
    d->trailing_auth = true;
}
static void s_trailing_key(device *d) {
    d->trailing_key = true;
}
static void s_trailing_object(device *d) {
    d->trailing_object = true;
}
static void s_format(device *d) {
    d->format = "packed";
}
static void s_point(device *d) {
    d->bad_point = true;
}
static void s_alg(device *d) {
    d->wrong_alg = true;
}
static void s_signature(device *d) {
    d->bad_signature = true;
}
static void s_count_same(device *d) {
    d->count -= 1;
}
static void s_count_back(device *d) {
    d->count = 1;
}
static void s_count_zero(device *d) {
    d->count = 0;
}
static void s_other_id(device *d) {
    d->id[5] ^= 1;
}

static const struct {
    const char *what;
    spoil spoil;
} adding[] = {{"another site", s_origin},
              {"another port", s_origin_port},
              {"a longer origin", s_origin_prefix},
              {"another challenge", s_challenge},
              {"no challenge", s_challenge_empty},
              {"a padded challenge", s_challenge_padded},
              {"an answer of the other type", s_type},
              {"a frame in another site", s_cross},
              {"crossOrigin twice", s_cross_true},
              {"something after the client data", s_twice},
              {"client data that is no JSON", s_bad_json},
              {"another rp id", s_rp},
              {"the holder not verified", s_no_uv},
              {"nobody there", s_no_up},
              {"no key announced", s_no_at},
              {"extensions announced and missing", s_ed},
              {"bytes after the key", s_trailing_key},
              {"bytes after the authenticator data", s_trailing_auth},
              {"bytes after the attestation", s_trailing_object},
              {"another attestation format", s_format},
              {"a point off the curve", s_point},
              {"an algorithm that is not taken", s_alg}};

static void what_is_not_added(void **state) {
    (void)state;
    world w;
    device d;
    char cookie[64];
    world_begin(&w, true);
    device_make(&d, -7);
    enter(&w, "doctor", cookie);
    for (size_t i = 0; i < sizeof adding / sizeof adding[0]; i++) {
        challenge(&w, cookie, "add", &d);
        adding[i].spoil(&d);
        const answer *a = add(&w, cookie, &d);
        if (a->err != LW_ERR_VALUE) {
            fail_msg("%s: %s", adding[i].what, lw_err_name(a->err));
        }
    }
    /* Somebody else's challenge, a used one, an old one, one for signing in. */
    char admin[64];
    enter(&w, "admin", admin);
    challenge(&w, admin, "add", &d);
    assert_err(add(&w, cookie, &d), LW_ERR_VALUE);
    challenge(&w, NULL, "sign_in", &d);
    fresh_answer(&d, "webauthn.create");
    assert_err(add(&w, cookie, &d), LW_ERR_VALUE);
    challenge(&w, cookie, "add", &d);
    w.now_s += LW__CHALLENGE_S;
    assert_err(add(&w, cookie, &d), LW_ERR_VALUE);
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM passkey"), 0);
    challenge(&w, cookie, "add", &d);
    assert_err(add(&w, cookie, &d), LW_OK);
    assert_err(add(&w, cookie, &d), LW_ERR_VALUE); /* replayed */
    challenge(&w, cookie, "add", &d);
    assert_err(add(&w, cookie, &d), LW_ERR_EXISTS); /* the same key */
    print_message("%zu ways of a bad registration refused\n", sizeof adding / sizeof adding[0] + 5);
    EVP_PKEY_free(d.key);
    world_end(&w);
}

static const struct {
    const char *what;
    spoil spoil;
} entering[] = {{"another site", s_origin},
                {"another port", s_origin_port},
                {"a longer origin", s_origin_prefix},
                {"another challenge", s_challenge},
                {"no challenge", s_challenge_empty},
                {"an answer of the other type", s_type},
                {"a frame in another site", s_cross},
                {"something after the client data", s_twice},
                {"client data that is no JSON", s_bad_json},
                {"another rp id", s_rp},
                {"the holder not verified", s_no_uv},
                {"nobody there", s_no_up},
                {"a key announced", s_at},
                {"extensions announced and missing", s_ed},
                {"bytes after the authenticator data", s_trailing_auth},
                {"a bad signature", s_signature},
                {"a counter that stands still", s_count_same},
                {"a counter that goes back", s_count_back},
                {"a counter that forgot", s_count_zero},
                {"an unknown key", s_other_id}};

static void what_does_not_open(void **state) {
    (void)state;
    world w;
    device d;
    char cookie[64], own[32];
    doctor_with(&w, &d, -7, cookie);
    memcpy(own, d.id, 32);
    challenge(&w, NULL, "sign_in", &d);
    d.count = 10;
    assert_err(enter_with(&w, &d, NULL), LW_OK);
    for (size_t i = 0; i < sizeof entering / sizeof entering[0]; i++) {
        challenge(&w, NULL, "sign_in", &d);
        d.count = 11;
        memcpy(d.id, own, 32);
        entering[i].spoil(&d);
        const answer *a = enter_with(&w, &d, NULL);
        if (a->err != LW_ERR_SIGN_IN || a->cookie[0] != 0) {
            fail_msg("%s: %s", entering[i].what, lw_err_name(a->err));
        }
    }
    memcpy(d.id, own, 32);
    d.count = 11;
    challenge(&w, NULL, "sign_in", &d);
    assert_err(enter_with(&w, &d, "somebody else"), LW_ERR_SIGN_IN); /* user handle */
    challenge(&w, NULL, "sign_in", &d);
    w.now_s += LW__CHALLENGE_S;
    assert_err(enter_with(&w, &d, NULL), LW_ERR_SIGN_IN); /* too late */
    challenge(&w, cookie, "add", &d);
    fresh_answer(&d, "webauthn.get");
    assert_err(enter_with(&w, &d, NULL), LW_ERR_SIGN_IN); /* a challenge for adding */
    challenge(&w, NULL, "sign_in", &d);
    assert_err(enter_with(&w, &d, NULL), LW_OK);
    assert_err(enter_with(&w, &d, NULL), LW_ERR_SIGN_IN); /* replayed */
    /* Another key's signature under this id. */
    device other;
    device_make(&other, -7);
    memcpy(other.id, d.id, 32);
    challenge(&w, NULL, "sign_in", &other);
    other.count = 50;
    assert_err(enter_with(&w, &other, NULL), LW_ERR_SIGN_IN);
    print_message("%zu ways of a bad sign-in refused\n", sizeof entering / sizeof entering[0] + 5);
    /* Shut out is shut out, with the best of keys. */
    run_script(w.store, "UPDATE account SET disabled = 1 WHERE login = 'doctor'");
    challenge(&w, NULL, "sign_in", &d);
    d.count = 60;
    assert_err(enter_with(&w, &d, NULL), LW_ERR_SIGN_IN);
    EVP_PKEY_free(other.key);
    EVP_PKEY_free(d.key);
    world_end(&w);
}

static void removing(void **state) {
    (void)state;
    world w;
    device d;
    char cookie[64], handle[33] = "", weak[64];
    doctor_with(&w, &d, -7, cookie);
    lw_passkey_handle(d.id, sizeof d.id, handle);
    const answer *a = call(&w, "passkeys", cookie, NULL, NULL, NULL);
    assert_non_null(strstr(a->body, handle));
    enter(&w, "admin", weak);
    assert_err(call(&w, "passkey_remove", weak, handle, NULL, NULL), LW_ERR_SECOND_FACTOR);
    assert_err(call(&w, "passkey_remove", cookie, "0000", NULL, NULL), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "passkey_remove", cookie, handle, NULL, NULL), LW_OK);
    challenge(&w, NULL, "sign_in", &d);
    d.count = 5;
    assert_err(enter_with(&w, &d, NULL), LW_ERR_SIGN_IN);
    EVP_PKEY_free(d.key);
    world_end(&w);
}

static void challenges_are_bounded(void **state) {
    (void)state;
    world w;
    device d;
    char cookie[64];
    doctor_with(&w, &d, -7, cookie);
    challenge(&w, NULL, "sign_in", &d);
    char first[64];
    memcpy(first, challenge_text, sizeof first);
    /* As many as there is room for: the oldest goes, the table does not grow. */
    pthread_mutex_lock(&w.identity->lock);
    for (int i = 0; i < LW__CHALLENGES; i++) {
        if (w.identity->challenges[i].until_s == 0) {
            w.identity->challenges[i] = (lw__challenge){.until_s = w.now_s + 400};
        }
    }
    pthread_mutex_unlock(&w.identity->lock);
    assert_err(post(&w, "passkey_challenge", NULL, "{\"purpose\":\"sign_in\"}"), LW_OK);
    d.challenge = first;
    d.count = 5;
    assert_err(enter_with(&w, &d, NULL), LW_ERR_SIGN_IN);
    EVP_PKEY_free(d.key);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_three_kinds),
        cmocka_unit_test(a_patient_may_have_one),
        cmocka_unit_test(what_is_not_added),
        cmocka_unit_test(what_does_not_open),
        cmocka_unit_test(removing),
        cmocka_unit_test(challenges_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
