/*
 * seal.h: backups that only their owner's key opens.
 *
 * A key is 32 random bytes in a small text file that is made once and copied to a safe place. The sealed file is
 *
 *   0   8 bytes   "LWBACKUP"
 *   8   1 byte    version of this layout: 1
 *   9   7 bytes   zero
 *   16  8 bytes   the key's id, so that a wrong key is told from damage
 *   24  24 bytes  the stream's header
 *   48  …         chunks: 65,536 bytes of the SQLite file and 17 more; the last one is shorter (it may be empty) and tagged as last
 *
 * by libsodium's crypto_secretstream_xchacha20poly1305, each chunk with the first 24 bytes as additional data. So nothing can be changed,
 * left out, exchanged, repeated or cut off without its showing, and both ways need the memory of one chunk.
 */
#ifndef LW_STORE_SEAL_H
#define LW_STORE_SEAL_H

#include <stdio.h>

#include "loadwave/base.h"

typedef struct lw_backup_key {
    uint8_t bytes[32];
    char id[17]; /* 16 hex digits: a hash of the key, no secret */
} lw_backup_key;

/* Makes a key and writes it to a new file of mode 0600, on the disk when this returns. LW_ERR_EXISTS: a key is never replaced. */
LW_MUST_CHECK int32_t lw_backup_key_make(const char *path, lw_backup_key *out, char *why, size_t cap);
/* LW_ERR_VALUE with why: not a key file, mistyped, or open to everybody on the machine. */
LW_MUST_CHECK int32_t lw_backup_key_read(const char *path, lw_backup_key *out, char *why, size_t cap);
/* Overwrites it in memory. */
void lw_backup_key_forget(lw_backup_key *key);

/* What a file is by its first bytes; id (nullable, 17 bytes) receives the id of the key that a sealed one needs. */
typedef enum lw_backup_kind {
    LW_BACKUP_NONE,
    LW_BACKUP_PLAIN,
    LW_BACKUP_SEALED,
    LW_BACKUP_SEALED_NEWER
} lw_backup_kind;
lw_backup_kind lw_backup_kind_of(const char *path, char *id);

/*
 * From one descriptor to the other, both from their start to the end of from. LW_ERR_CORRUPT: not as it was sealed, or not
 * whole (what was written until then is to be dropped); LW_ERR_FORBIDDEN: sealed with another key; LW_ERR_FULL; LW_ERR_IO.
 */
LW_MUST_CHECK int32_t lw__seal(int from, int to, const lw_backup_key *key);
LW_MUST_CHECK int32_t lw__unseal(int from, int to, const lw_backup_key *key);

#endif
