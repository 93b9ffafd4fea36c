/*
 * fuzz_passkey.c: any bytes as what a passkey answers: client data, the attestation object, authenticator data, a signature.
 *
 * The first byte says what the rest is. What a guesser could not send (the hash of the site's name, a challenge that is open) is put in
 * where the input leaves a place for it, so that what stands behind it is reached as well.
 *
 * What must hold: what the CBOR reader passes over lies inside what it was given; an attestation that is taken is made of its own
 * bytes; a key that is taken names its own bytes and is on its curve; a challenge that was named is gone, accepted or not; nothing is
 * ever a signature.
 */
#include "server/passkey.c"

#include <stdlib.h>

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { NOW_S = 1800000000, SIZE_MOST = 8192 };

static lw_identity identity = {
    .origin = "http://localhost:18300", .rp_id = "localhost", .lock = PTHREAD_MUTEX_INITIALIZER};

static bool inside(lw_str part, const uint8_t *bytes, size_t size) {
    const uint8_t *at = (const uint8_t *)part.ptr;
    return at >= bytes && at <= bytes + size && part.len <= (size_t)(bytes + size - at);
}

static void any_cbor(const uint8_t *bytes, size_t size) {
    cbor whole = {bytes, bytes + size}, part = whole;
    lw_str text;
    bool skipped = cbor_skip(&whole);
    CHECK(whole.p >= bytes && whole.p <= bytes + size);
    if (skipped) {
        /* it ends where it ends: one byte less is too few, and what follows does not matter */
        cbor shorter = {bytes, whole.p - 1}, exact = {bytes, whole.p};
        CHECK(whole.p > bytes && !cbor_skip(&shorter) && cbor_skip(&exact) && exact.p == whole.p);
    }
    int32_t alg = cose_alg(&part);
    CHECK(part.p >= bytes && part.p <= bytes + size && (alg == 0 || (skipped && part.p == whole.p)));
    part = (cbor){bytes, bytes + size};
    for (uint32_t major = 2; major < 4; major++) {
        CHECK(!cbor_run(&part, major, &text) || inside(text, bytes, size));
    }
}

/* The rest is authenticator data; its first bytes become those of this site, with a verified holder and a key. */
static void any_key(const uint8_t *bytes, size_t size, bool ours) {
    static uint8_t data[SIZE_MOST];
    lw_passkey p = {0};
    memcpy(data, bytes, size);
    if (ours && size > 32) {
        lw__sha256_of(identity.rp_id, strlen(identity.rp_id), data);
        data[32] |= FLAG_UP | FLAG_UV | FLAG_AT;
    }
    lw_str text = {(const char *)data, (uint32_t)size};
    if (new_key_wrong(&identity, text, &p) == NULL) {
        CHECK(p.id_len > 0 && p.id_len <= LW_MAX_CREDENTIAL && AUTH_FIXED + 18 + p.id_len < size);
        CHECK(memcmp(p.id, data + AUTH_FIXED + 18, p.id_len) == 0 && key_sound(&p));
        CHECK(p.cose_alg == COSE_ES256 || p.cose_alg == COSE_EDDSA || p.cose_alg == COSE_RS256);
        CHECK((data[32] & (FLAG_UP | FLAG_UV | FLAG_AT)) == (FLAG_UP | FLAG_UV | FLAG_AT));
    }
}

static void any_client_data(const uint8_t *bytes, size_t size) {
    static const struct lw_principal nobody;
    lw_request rq = {.identity = &identity, .who = &nobody, .now_s = NOW_S};
    identity.challenges[0] = (lw__challenge){.until_s = NOW_S + 1}; /* 32 zeros: "AAAA…" */
    lw_str data = {(const char *)bytes, (uint32_t)size};
    const char *wrong = client_data_wrong(&rq, data, "webauthn.get", "");
    bool used = identity.challenges[0].until_s == 0;
    CHECK(used == (wrong == NULL || (strcmp(wrong, "client_data") != 0 && strcmp(wrong, "challenge") != 0)));
    if (wrong == NULL) {
        wrong = client_data_wrong(&rq, data, "webauthn.get", "");
        CHECK(wrong != NULL && strcmp(wrong, "challenge") == 0); /* once */
        identity.challenges[0] = (lw__challenge){.until_s = NOW_S + 1};
        CHECK(client_data_wrong(&rq, data, "webauthn.create", "") != NULL);
    }
    lw_pool_free(&rq.pool);
}

/* Authenticator data and a signature: never of this key, whose other half nobody has (the base point of P-256, doubled). */
static void any_signature(const uint8_t *bytes, size_t size) {
    static const uint8_t point[64] = {0x7c, 0xf2, 0x7b, 0x18, 0x8d, 0x03, 0x4f, 0x7e, 0x8a, 0x52, 0x38, 0x03, 0x04,
                                      0xb5, 0x1a, 0xc3, 0xc0, 0x89, 0x69, 0xe2, 0x77, 0xf2, 0x1b, 0x35, 0xa6, 0x0b,
                                      0x48, 0xfc, 0x47, 0x66, 0x99, 0x78, 0x07, 0x77, 0x55, 0x10, 0xdb, 0x8e, 0xd0,
                                      0x40, 0x29, 0x3d, 0x9a, 0xc6, 0x9f, 0x74, 0x30, 0xdb, 0xba, 0x7d, 0xad, 0xe6,
                                      0x3c, 0xe9, 0x82, 0x29, 0x9e, 0x04, 0xb7, 0x9d, 0x22, 0x78, 0x73, 0xd1};
    static uint8_t data[SIZE_MOST];
    lw_passkey p = {.cose_alg = COSE_ES256, .key_len = sizeof point};
    memcpy(p.key, point, sizeof point);
    CHECK(key_sound(&p));
    size_t len = size < AUTH_FIXED ? size : AUTH_FIXED + (bytes[size - 1] < 100 ? 0 : (size - AUTH_FIXED) / 2);
    memcpy(data, bytes, size);
    if (len > 32) {
        lw__sha256_of(identity.rp_id, strlen(identity.rp_id), data);
        data[32] |= FLAG_UP | FLAG_UV;
    }
    lw_str auth = {(const char *)data, (uint32_t)len}, sig = {(const char *)data + len, (uint32_t)(size - len)};
    /* as answer_wrong does: libfido2 would ask the heap for whatever a map says it holds */
    if (len >= AUTH_FIXED && ends_well(auth, (cbor){data + AUTH_FIXED, data + len})) {
        CHECK(!signature_good(&identity, &p, LW_STR("{}"), auth, sig));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static bool ready;
    if (size < 2 || size > SIZE_MOST) {
        return 0;
    }
    if (!ready) {
        fido_init(FIDO_DISABLE_U2F_FALLBACK);
        ready = true;
    }
    lw_str object = {(const char *)bytes + 1, (uint32_t)size - 1}, data;
    switch (bytes[0] % 6) {
    case 0:
        any_cbor(bytes + 1, size - 1);
        break;
    case 1:
        if (attestation_data(object, &data)) {
            CHECK(inside(data, bytes + 1, size - 1));
            any_key((const uint8_t *)data.ptr, data.len, true);
        }
        break;
    case 2:
        any_key(bytes + 1, size - 1, true);
        break;
    case 3:
        any_key(bytes + 1, size - 1, false);
        break;
    case 4:
        any_client_data(bytes + 1, size - 1);
        break;
    default:
        any_signature(bytes + 1, size - 1);
    }
    return 0;
}
