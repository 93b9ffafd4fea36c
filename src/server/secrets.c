/*
 * secrets.c: the secrets of authenticators, sealed in the store with a key that is not in it.
 *
 * A sealed one is a byte 1, a nonce of 24 bytes, and the 20 bytes of the secret under XChaCha20-Poly1305 with the account's id
 * as what is bound to it, so that a row cannot be moved to another account. A plain one is its 20 bytes; it is read all the
 * same, and sealed at the next start. What holds: a key is made only while nothing in the store is sealed; without the right
 * key nothing is changed and the server does not start; only lw_secrets_forget gives up what cannot be opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/secrets.h"

enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, SEALED_MARK = 1, KEY_FILE_MOST = 1000 };

static const char WORD[] = "loadwave-secrets-key-1 ";

_Static_assert(LW_SECRET_SEALED == 1 + NONCE + LW_SECRET_PLAIN + crypto_aead_xchacha20poly1305_ietf_ABYTES, "layout");
_Static_assert(sizeof((lw_secrets_key *)0)->bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "one key");
_Static_assert(sizeof((lw_totp_row *)0)->totp >= LW_SECRET_SEALED, "room for a sealed one");

void lw_secret_seal(const lw_secrets_key *key, const char *account, const uint8_t plain[LW_SECRET_PLAIN],
                    uint8_t out[LW_SECRET_SEALED]) {
    out[0] = SEALED_MARK;
    randombytes_buf(out + 1, NONCE);
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(out + 1 + NONCE, NULL, plain, LW_SECRET_PLAIN,
                                                     (const uint8_t *)account, strlen(account), NULL, out + 1,
                                                     key->bytes);
}

bool lw_secret_open(const lw_secrets_key *key, const char *account, const uint8_t *stored, uint32_t len,
                    uint8_t out[LW_SECRET_PLAIN]) {
    if (len == LW_SECRET_PLAIN) {
        memcpy(out, stored, LW_SECRET_PLAIN);
        return true;
    }
    return len == LW_SECRET_SEALED && stored[0] == SEALED_MARK && key != NULL &&
           crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, stored + 1 + NONCE, LW_SECRET_SEALED - 1 - NONCE,
                                                      (const uint8_t *)account, strlen(account), stored + 1,
                                                      key->bytes) == 0;
}

/* ---- the key's file ---- */

static int32_t say(char *why, size_t cap, int32_t err, const char *path, const char *what) {
    snprintf(why, cap, "%s%s%s", path, path[0] != '\0' ? ": " : "", what);
    return err;
}

int32_t lw_secrets_key_read(const char *path, lw_secrets_key *out, char *why, size_t cap) {
    char line[KEY_FILE_MOST];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return errno == ENOENT ? LW_ERR_NOT_FOUND : say(why, cap, LW_ERR_IO, path, strerror(errno));
    }
    bool found = false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        size_t len = 0, hex = strcspn(line, "\r\n");
        found = strncmp(line, WORD, sizeof WORD - 1) == 0 && hex == sizeof WORD - 1 + 64 &&
                sodium_hex2bin(out->bytes, sizeof out->bytes, line + sizeof WORD - 1, 64, NULL, &len, NULL) == 0 &&
                len == sizeof out->bytes;
    }
    fclose(file);
    sodium_memzero(line, sizeof line);
    return found ? LW_OK : say(why, cap, LW_ERR_VALUE, path, "this is no key of Loadwave for authenticators");
}

static int32_t make_key(const char *path, lw_secrets_key *out, char *why, size_t cap) {
    char text[KEY_FILE_MOST], hex[65];
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        return say(why, cap, LW_ERR_IO, path, strerror(errno));
    }
    randombytes_buf(out->bytes, sizeof out->bytes);
    sodium_bin2hex(hex, sizeof hex, out->bytes, sizeof out->bytes);
    int len = snprintf(text, sizeof text,
                       "# Loadwave's key for the secrets of authenticators. Keep a copy apart from the store and its "
                       "backups:\n# a restored store needs it.\n%s%s\n",
                       WORD, hex);
    bool good = write(file, text, (size_t)len) == len && fsync(file) == 0;
    good = close(file) == 0 && good;
    sodium_memzero(text, sizeof text);
    sodium_memzero(hex, sizeof hex);
    if (!good) {
        (void)unlink(path);
        return say(why, cap, LW_ERR_IO, path, "the key could not be written");
    }
    return LW_OK;
}

/* ---- the rows ---- */

typedef struct pass {
    const lw_secrets_key *key; /* NULL: none */
    bool forget;               /* what cannot be opened is taken away */
    lw_totp_row rows[LW_TOTP_PAGE];
    uint32_t count, sealed, closed; /* closed: of the sealed, those the key does not open */
} pass;

static bool opens(const pass *p, const lw_totp_row *row) {
    uint8_t plain[LW_SECRET_PLAIN];
    bool good = lw_secret_open(p->key, row->account, row->totp, row->len, plain);
    sodium_memzero(plain, sizeof plain);
    return good;
}

/* One page's changes. */
static int32_t change_page(lw_sql *sql, void *ctx) {
    const pass *p = ctx;
    int32_t err = LW_OK;
    for (uint32_t i = 0; i < p->count && err == LW_OK; i++) {
        const lw_totp_row *row = &p->rows[i];
        uint8_t sealed[LW_SECRET_SEALED];
        if (!opens(p, row)) {
            err = p->forget ? lw_account_totp_put(sql, row->account, NULL, 0) : LW_OK;
        } else if (p->key != NULL && row->len == LW_SECRET_PLAIN) {
            lw_secret_seal(p->key, row->account, row->totp, sealed);
            err = lw_account_totp_put(sql, row->account, sealed, sizeof sealed);
        }
    }
    return err;
}

/* All rows by pages; change: with change_page. Counts anew. */
static int32_t walk(lw_store *store, pass *p, bool change) {
    char after[37] = "";
    int32_t err = LW_OK;
    p->sealed = p->closed = 0;
    do {
        lw_sql *sql = lw_store_reader(store);
        if (sql == NULL) {
            return LW_ERR_BUSY;
        }
        err = lw_account_totp_page(sql, after, p->rows, &p->count);
        lw_store_reader_back(store, sql);
        for (uint32_t i = 0; i < p->count && err == LW_OK; i++) {
            p->sealed += p->rows[i].len != LW_SECRET_PLAIN;
            p->closed += !opens(p, &p->rows[i]);
            memcpy(after, p->rows[i].account, sizeof after);
        }
        if (err == LW_OK && change && p->count > 0) {
            err = lw_store_write(store, change_page, p);
        }
    } while (err == LW_OK && p->count == LW_TOTP_PAGE);
    return err;
}

int32_t lw_secrets_open(lw_store *store, const char *path, bool forget, lw_secrets_key *out, uint32_t *forgotten,
                        char *why, size_t cap) {
    static const char lost[] =
        "the authenticators in this store are sealed with a key that is not here. Put its file back (--secrets-key), "
        "or, when it is lost, start once with --forget-authenticators: everybody then signs in by password or "
        "passkey and sets the authenticator up anew";
    pass p = {.forget = forget};
    *forgotten = 0;
    if (sodium_init() < 0) {
        return LW_ERR_IO;
    }
    int32_t err = path != NULL ? lw_secrets_key_read(path, out, why, cap) : LW_ERR_NOT_FOUND;
    p.key = err == LW_OK ? out : NULL;
    if (err != LW_OK && err != LW_ERR_NOT_FOUND) {
        return err;
    }
    err = walk(store, &p, false);
    if (err == LW_OK && p.closed > 0 && !forget) {
        err = say(why, cap, LW_ERR_MISSING, path != NULL ? path : "", lost);
    }
    if (err == LW_OK && path != NULL && p.key == NULL) {
        err = make_key(path, out, why, cap);
        p.key = err == LW_OK ? out : NULL;
    }
    if (err == LW_OK) {
        *forgotten = p.closed;
        err = walk(store, &p, true);
    }
    sodium_memzero(&p, sizeof p);
    return err;
}
