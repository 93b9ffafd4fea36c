/* seal.c: keys of backups, and files sealed with them. See seal.h. */
#include "store/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sql_internal.h"

enum {
    CHUNK = 65536,
    SEALED = CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES,
    PREFIX = 24,
    HEAD = PREFIX + crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    VERSION_AT = 8,
    ID_AT = 16,
    ID_BYTES = 8,
    KEY_FILE_MOST = 1000
};

static const char MAGIC[] = "LWBACKUP", WORD[] = "loadwave-backup-key-1 ";

_Static_assert(sizeof((lw_backup_key *)0)->bytes == crypto_secretstream_xchacha20poly1305_KEYBYTES, "one key");

/* ---- keys ---- */

static void name_key(lw_backup_key *key) {
    uint8_t hash[crypto_generichash_BYTES];
    static const char context[] = "loadwave backup key";
    crypto_generichash(hash, sizeof hash, key->bytes, sizeof key->bytes, (const uint8_t *)context, sizeof context - 1);
    sodium_bin2hex(key->id, sizeof key->id, hash, ID_BYTES);
}

void lw_backup_key_forget(lw_backup_key *key) {
    sodium_memzero(key, sizeof *key);
}

static int32_t write_all(int file, const void *bytes, size_t len) {
    const char *at = bytes;
    while (len > 0) {
        ssize_t done = write(file, at, len);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? LW_ERR_FULL : LW_ERR_IO;
        }
        at += done;
        len -= (size_t)done;
    }
    return LW_OK;
}

/* Up to len bytes; fewer only at the file's end. −1: it cannot be read. */
static ssize_t read_most(int file, void *bytes, size_t len) {
    size_t got = 0;
    while (got < len) {
        ssize_t done = read(file, (char *)bytes + got, len - got);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return -1;
        }
        if (done == 0) {
            break;
        }
        got += (size_t)done;
    }
    return (ssize_t)got;
}

int32_t lw_backup_key_make(const char *path, lw_backup_key *out, char *why, size_t cap) {
    char text[KEY_FILE_MOST], hex[65], folder[4096];
    if (sodium_init() < 0 || strlen(path) >= sizeof folder) {
        lw__sql_say(why, cap, "%s", "There is no randomness to make a key of, or that is not a path.");
        return LW_ERR_IO;
    }
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) {
        bool taken = errno == EEXIST;
        lw__sql_say(why, cap, "%s: %s", path,
                    taken ? "there is something already; a key is never replaced" : strerror(errno));
        return taken ? LW_ERR_EXISTS : LW_ERR_IO;
    }
    randombytes_buf(out->bytes, sizeof out->bytes);
    name_key(out);
    sodium_bin2hex(hex, sizeof hex, out->bytes, sizeof out->bytes);
    int len = snprintf(text, sizeof text,
                       "# Loadwave's key for backups. Whoever has it can read them, and without it nobody can.\n"
                       "# Keep a copy where this machine's fire, theft or failure does not reach: the next line is "
                       "enough, on paper too.\n"
                       "%s%s %s\n",
                       WORD, out->id, hex);
    int32_t err = write_all(file, text, (size_t)len);
    err = err == LW_OK && fsync(file) != 0 ? LW_ERR_IO : err;
    err = close(file) != 0 && err == LW_OK ? LW_ERR_IO : err;
    snprintf(folder, sizeof folder, "%s", path);
    int above = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (above >= 0) {
        (void)fsync(above);
        close(above);
    }
    sodium_memzero(text, sizeof text);
    sodium_memzero(hex, sizeof hex);
    if (err != LW_OK) {
        lw__sql_say(why, cap, "%s: %s", path, lw_err_sentence(err));
        (void)unlink(path);
    }
    return err;
}

/* The key in a key file's text: lines that begin with # are for people. */
static bool parse_key(char *text, lw_backup_key *out) {
    bool found = false;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\r\n", &rest); line != NULL; line = strtok_r(NULL, "\r\n", &rest)) {
        size_t len = strlen(line), word = sizeof WORD - 1, digits = 2 * sizeof out->bytes;
        if (line[0] == '#') {
            continue;
        }
        if (found || len != word + 2 * ID_BYTES + 1 + digits || memcmp(line, WORD, word) != 0 ||
            sodium_hex2bin(out->bytes, sizeof out->bytes, line + len - digits, digits, NULL, NULL, NULL) != 0) {
            return false;
        }
        name_key(out);
        found = memcmp(line + word, out->id, 2 * ID_BYTES) == 0 && line[word + 2 * ID_BYTES] == ' ';
        if (!found) {
            return false;
        }
    }
    return found;
}

int32_t lw_backup_key_read(const char *path, lw_backup_key *out, char *why, size_t cap) {
    char text[KEY_FILE_MOST + 1];
    struct stat info;
    int file = sodium_init() < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &info) != 0) {
        lw__sql_say(why, cap, "The key %s cannot be read: %s.", path, strerror(errno));
        if (file >= 0) {
            close(file);
        }
        return LW_ERR_IO;
    }
    ssize_t len = read_most(file, text, sizeof text);
    close(file);
    int32_t err = len < 0 ? LW_ERR_IO : LW_OK;
    if (err == LW_OK && (info.st_mode & 07) != 0) {
        lw__sql_say(why, cap, "Everybody on this machine can open the key %s; chmod 600 \"%s\" ends that.", path, path);
        err = LW_ERR_VALUE;
    } else if (err == LW_OK) {
        text[len < KEY_FILE_MOST ? len : KEY_FILE_MOST] = '\0';
        if (len > KEY_FILE_MOST || strlen(text) != (size_t)len || !parse_key(text, out)) {
            lw__sql_say(why, cap,
                        "%s is not a key for backups, or a letter of it is wrong; loadwave backup --new-key makes one.",
                        path);
            err = LW_ERR_VALUE;
        }
    } else {
        lw__sql_say(why, cap, "The key %s cannot be read.", path);
    }
    sodium_memzero(text, sizeof text);
    if (err != LW_OK) {
        lw_backup_key_forget(out);
    }
    return err;
}

/* ---- sealed files ---- */

lw_backup_kind lw_backup_kind_of(const char *path, char *id) {
    uint8_t head[PREFIX];
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = file < 0 ? -1 : read_most(file, head, sizeof head);
    if (file >= 0) {
        close(file);
    }
    if (got >= VERSION_AT && memcmp(head, MAGIC, VERSION_AT) == 0) {
        bool known = got == PREFIX && head[VERSION_AT] == 1;
        if (id != NULL) {
            id[0] = '\0';
            if (known) {
                sodium_bin2hex(id, 2 * ID_BYTES + 1, head + ID_AT, ID_BYTES);
            }
        }
        return known || got < PREFIX ? LW_BACKUP_SEALED : LW_BACKUP_SEALED_NEWER;
    }
    return got >= 16 && memcmp(head, "SQLite format 3", 16) == 0 ? LW_BACKUP_PLAIN : LW_BACKUP_NONE;
}

/* One chunk of each kind, and the stream's state: more than belongs on a stack, and wiped. */
typedef struct work {
    crypto_secretstream_xchacha20poly1305_state state;
    uint8_t plain[CHUNK], sealed[SEALED];
} work;

static void drop(work *w) {
    if (w != NULL) {
        sodium_memzero(w, sizeof *w);
        free(w);
    }
}

int32_t lw__seal(int from, int to, const lw_backup_key *key) {
    work *w = malloc(sizeof *w);
    uint8_t head[HEAD] = {0};
    if (w == NULL || lseek(from, 0, SEEK_SET) != 0 || lseek(to, 0, SEEK_SET) != 0) {
        drop(w);
        return w == NULL ? LW_ERR_NO_MEMORY : LW_ERR_IO;
    }
    memcpy(head, MAGIC, VERSION_AT);
    head[VERSION_AT] = 1;
    (void)sodium_hex2bin(head + ID_AT, ID_BYTES, key->id, 2 * ID_BYTES, NULL, NULL, NULL);
    (void)crypto_secretstream_xchacha20poly1305_init_push(&w->state, head + PREFIX, key->bytes);
    int32_t err = write_all(to, head, sizeof head);
    for (ssize_t got = CHUNK; got == CHUNK && err == LW_OK;) {
        got = read_most(from, w->plain, CHUNK);
        if (got < 0) {
            err = LW_ERR_IO;
            break;
        }
        uint8_t tag = got < CHUNK ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                  : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
        unsigned long long len = 0;
        (void)crypto_secretstream_xchacha20poly1305_push(&w->state, w->sealed, &len, w->plain, (unsigned long long)got,
                                                         head, PREFIX, tag);
        err = write_all(to, w->sealed, (size_t)len);
    }
    drop(w);
    return err;
}

int32_t lw__unseal(int from, int to, const lw_backup_key *key) {
    uint8_t head[HEAD], id[ID_BYTES];
    if (lseek(from, 0, SEEK_SET) != 0 || lseek(to, 0, SEEK_SET) != 0) {
        return LW_ERR_IO;
    }
    if (read_most(from, head, sizeof head) != HEAD || memcmp(head, MAGIC, VERSION_AT) != 0 || head[VERSION_AT] != 1) {
        return LW_ERR_CORRUPT;
    }
    (void)sodium_hex2bin(id, sizeof id, key->id, 2 * ID_BYTES, NULL, NULL, NULL);
    if (memcmp(id, head + ID_AT, sizeof id) != 0) {
        return LW_ERR_FORBIDDEN;
    }
    work *w = malloc(sizeof *w);
    if (w == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    int32_t err = crypto_secretstream_xchacha20poly1305_init_pull(&w->state, head + PREFIX, key->bytes) == 0
                      ? LW_OK
                      : LW_ERR_CORRUPT;
    /* A full chunk is never the last: after it comes another, if only an empty one. */
    for (ssize_t got = SEALED; got == SEALED && err == LW_OK;) {
        got = read_most(from, w->sealed, SEALED);
        unsigned long long len = 0;
        uint8_t tag = 0;
        if (got < 0) {
            err = LW_ERR_IO;
        } else if (crypto_secretstream_xchacha20poly1305_pull(&w->state, w->plain, &len, &tag, w->sealed,
                                                              (unsigned long long)got, head, PREFIX) != 0 ||
                   (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) != (got < SEALED)) {
            err = LW_ERR_CORRUPT;
        } else {
            err = write_all(to, w->plain, (size_t)len);
        }
    }
    drop(w);
    return err;
}
