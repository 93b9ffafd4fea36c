/*
 * secrets.h: secrets of authenticators at rest. See secrets.c for the layout and what holds.
 */
#ifndef LW_SERVER_SECRETS_H
#define LW_SERVER_SECRETS_H

#include "store/people.h"

enum { LW_SECRET_PLAIN = 20, LW_SECRET_SEALED = 61 };

typedef struct lw_secrets_key {
    uint8_t bytes[32];
} lw_secrets_key;

void lw_secret_seal(const lw_secrets_key *key, const char *account, const uint8_t plain[LW_SECRET_PLAIN],
                    uint8_t out[LW_SECRET_SEALED]);
/* What the store holds, sealed or plain; key NULL: plain only. False: it cannot be opened; out then says nothing. */
bool lw_secret_open(const lw_secrets_key *key, const char *account, const uint8_t *stored, uint32_t len,
                    uint8_t out[LW_SECRET_PLAIN]);

/*
 * Before the server starts: reads the key at path into *out and seals every secret that is plain. path NULL: there is no key,
 * secrets stay plain. A key is made where there is none while nothing is sealed. LW_ERR_MISSING, and nothing changed: something
 * is sealed that this key (or none) does not open. forget: such authenticators are taken away, *forgotten says how many.
 * LW_ERR_VALUE: the file is no key. why receives a sentence.
 */
LW_MUST_CHECK int32_t lw_secrets_open(lw_store *store, const char *path, bool forget, lw_secrets_key *out,
                                      uint32_t *forgotten, char *why, size_t cap);

/* The key in a file. LW_ERR_NOT_FOUND: there is no such file. LW_ERR_VALUE, LW_ERR_IO: with a sentence in why. */
LW_MUST_CHECK int32_t lw_secrets_key_read(const char *path, lw_secrets_key *out, char *why, size_t cap);

#endif
