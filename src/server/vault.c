/*
 * vault.c: the key that signs notifications (VAPID), made at the first start and kept in the store, sealed like the secrets of
 * authenticators (secrets.c; docs/decisions/0014): a byte 1, a nonce of 24 bytes, the 32 bytes under XChaCha20-Poly1305 with its
 * name bound to it. Plain where there is no key for secrets.
 *
 * Browsers subscribe to this very key. When it cannot be opened any more a new one is made and all subscriptions end: people
 * turn notifications on again, nothing else is lost; so, unlike with authenticators, the server starts all the same.
 */
#include <sodium.h>
#include <string.h>

#include "server/server_internal.h"

enum {
    PLAIN = 32,
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEALED = 1 + NONCE + PLAIN + crypto_aead_xchacha20poly1305_ietf_ABYTES
};

static const char NAME[] = "vapid";

typedef struct keeping {
    uint8_t value[SEALED];
    uint32_t len;
    bool over; /* subscriptions end */
} keeping;

static int32_t keep_job(lw_sql *sql, void *ctx) {
    const keeping *k = ctx;
    int32_t err = k->over ? lw_push_remove_all(sql) : LW_OK;
    return err == LW_OK ? lw_vault_put(sql, NAME, k->value, k->len) : err;
}

static int32_t keep(lw_store *store, const lw_secrets_key *key, const lw_vapid *vapid, bool over) {
    keeping k = {.len = key != NULL ? SEALED : PLAIN, .over = over};
    if (key == NULL) {
        memcpy(k.value, vapid->secret, PLAIN);
    } else {
        k.value[0] = 1;
        randombytes_buf(k.value + 1, NONCE);
        (void)crypto_aead_xchacha20poly1305_ietf_encrypt(k.value + 1 + NONCE, NULL, vapid->secret, PLAIN,
                                                         (const uint8_t *)NAME, sizeof NAME - 1, NULL, k.value + 1,
                                                         key->bytes);
    }
    int32_t err = lw_store_write(store, keep_job, &k);
    sodium_memzero(&k, sizeof k);
    return err;
}

static bool unseal(const lw_secrets_key *key, const uint8_t *value, uint32_t len, uint8_t secret[PLAIN]) {
    if (len == PLAIN) {
        memcpy(secret, value, PLAIN);
        return true;
    }
    return len == SEALED && value[0] == 1 && key != NULL &&
           crypto_aead_xchacha20poly1305_ietf_decrypt(secret, NULL, NULL, value + 1 + NONCE, SEALED - 1 - NONCE,
                                                      (const uint8_t *)NAME, sizeof NAME - 1, value + 1,
                                                      key->bytes) == 0;
}

lw_vapid_state lw_server_vapid_state(const char *where, const char *secrets) {
    char why[200];
    uint8_t value[SEALED], secret[PLAIN];
    uint32_t len = 0;
    lw_vapid pair;
    lw_secrets_key key;
    lw_sql *sql = NULL;
    bool known = secrets != NULL && lw_secrets_key_read(secrets, &key, why, sizeof why) == LW_OK;
    int32_t err = lw_sql_open(where, LW_SQL_READ_ONLY, &sql, why, sizeof why);
    err = err == LW_OK ? lw_vault_get(sql, NAME, value, sizeof value, &len) : err;
    bool good = err == LW_OK && unseal(known ? &key : NULL, value, len, secret) && lw_vapid_of(secret, &pair) == LW_OK;
    lw_sql_close(sql);
    sodium_memzero(secret, sizeof secret);
    sodium_memzero(&key, sizeof key);
    sodium_memzero(&pair, sizeof pair);
    return good                                  ? LW_VAPID_GOOD
           : err == LW_OK || err == LW_ERR_LIMIT ? LW_VAPID_SEALED
           : err == LW_ERR_NOT_FOUND             ? LW_VAPID_NONE
                                                 : LW_VAPID_UNSEEN;
}

int32_t lw__vault_vapid(lw_store *store, const lw_secrets_key *key, lw_vapid *out, bool *over) {
    uint8_t value[SEALED], secret[PLAIN];
    uint32_t len = 0;
    *over = false;
    lw_sql *sql = lw_store_reader(store);
    int32_t err = sql != NULL ? lw_vault_get(sql, NAME, value, sizeof value, &len) : LW_ERR_BUSY;
    lw_store_reader_back(store, sql);
    if (err == LW_OK && unseal(key, value, len, secret) && lw_vapid_of(secret, out) == LW_OK) {
        err = len == PLAIN && key != NULL ? keep(store, key, out, false) : LW_OK;
    } else if (err == LW_OK || err == LW_ERR_NOT_FOUND || err == LW_ERR_LIMIT) {
        *over = err != LW_ERR_NOT_FOUND;
        err = lw_vapid_make(out);
        err = err == LW_OK ? keep(store, key, out, *over) : err;
    }
    sodium_memzero(secret, sizeof secret);
    return err;
}
