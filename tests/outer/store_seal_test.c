/* Unit tests of sealed files and their keys: whatever is changed, left out, exchanged, repeated or cut off is refused. */
#define _GNU_SOURCE /* memmem */
#include <fcntl.h>
#include <sodium.h>

#include "store_support.h"

enum { CHUNK = 65536, SEALED = CHUNK + 17, HEAD = 48, PLAIN = 3 * CHUNK + 1000 };

static uint8_t plain[PLAIN], sealed[HEAD + 4 * SEALED], opened[PLAIN + CHUNK];
static size_t sealed_len;
static lw_backup_key key, other;

static int file_of(const char *name, const void *bytes, size_t len) {
    int file = open(fresh_file(name), O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, len), len);
    return file;
}

static size_t seal(const uint8_t *bytes, size_t len, uint8_t *out, size_t cap) {
    int from = file_of("plain", bytes, len), to = file_of("sealed", "", 0);
    assert_int_equal(lw__seal(from, to, &key), LW_OK);
    ssize_t got = pread(to, out, cap, 0);
    assert_true(got > 0 && (size_t)got < cap);
    close(from);
    close(to);
    return (size_t)got;
}

static int32_t unseal(const uint8_t *bytes, size_t len, const lw_backup_key *with, size_t *out_len) {
    int from = file_of("sealed", bytes, len), to = file_of("opened", "", 0);
    int32_t err = lw__unseal(from, to, with);
    ssize_t got = pread(to, opened, sizeof opened, 0);
    assert_true(got >= 0);
    *out_len = (size_t)got;
    close(from);
    close(to);
    return err;
}

static int setup(void **state) {
    (void)state;
    char why[300] = "";
    for (size_t i = 0; i < PLAIN; i++) {
        plain[i] = (uint8_t)(i * 2654435761u >> 13);
    }
    assert_int_equal(lw_backup_key_make(fresh_file("one.key"), &key, why, sizeof why), LW_OK);
    assert_int_equal(lw_backup_key_make(fresh_file("other.key"), &other, why, sizeof why), LW_OK);
    sealed_len = seal(plain, PLAIN, sealed, sizeof sealed);
    assert_int_equal(sealed_len, HEAD + 3 * SEALED + 1000 + 17);
    return 0;
}

static void test_there_and_back(void **state) {
    (void)state;
    /* A whole number of chunks ends with an empty one, and nothing at all is one empty chunk. */
    static const size_t lengths[] = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, PLAIN};
    static uint8_t out[HEAD + 4 * SEALED];
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t len = seal(plain, lengths[i], out, sizeof out), back = 0;
        assert_int_equal(len, HEAD + lengths[i] + 17 * (lengths[i] / CHUNK + 1));
        assert_int_equal(unseal(out, len, &key, &back), LW_OK);
        assert_int_equal(back, lengths[i]);
        assert_memory_equal(opened, plain, back);
    }
    /* Twice the same file is never the same twice, and nothing of the file shows. */
    size_t len = seal(plain, PLAIN, out, sizeof out);
    assert_memory_not_equal(out + HEAD, sealed + HEAD, 64);
    assert_null(memmem(out, len, plain, 16));
}

static void refused(const uint8_t *bytes, size_t len, const char *what, size_t at) {
    size_t back = 0;
    int32_t err = unseal(bytes, len, &key, &back);
    if (err != LW_ERR_CORRUPT && !(err == LW_ERR_FORBIDDEN && at >= 16 && at < 24)) {
        fail_msg("%s at %zu: %s", what, at, lw_err_name(err));
    }
    /* Chunks before the harm may have been written for the caller to drop; nothing but what was sealed. */
    assert_true(back <= PLAIN);
    assert_memory_equal(opened, plain, back);
}

static void test_every_change_is_refused(void **state) {
    (void)state;
    static uint8_t bad[sizeof sealed + SEALED];
    for (size_t at = 0; at < sealed_len; at += at < HEAD + 40 ? 1 : 4099) {
        memcpy(bad, sealed, sealed_len);
        bad[at] ^= (uint8_t)(1u << at % 8);
        refused(bad, sealed_len, "a bit flipped", at);
    }
    memcpy(bad, sealed, sealed_len);
    bad[sealed_len - 1] ^= 1;
    refused(bad, sealed_len, "the last bit", sealed_len - 1);

    /* Cut off: anywhere, between two chunks, before the last one. */
    for (size_t len = 0; len < sealed_len; len += len < HEAD + 40 ? 1 : 3001) {
        refused(sealed, len, "cut off", len < 16 ? len : 0);
    }
    for (size_t chunks = 0; chunks <= 3; chunks++) {
        refused(sealed, HEAD + chunks * SEALED, "cut off between chunks", chunks);
    }
    refused(sealed, sealed_len - 1, "the last byte cut off", 0);

    /* Exchanged, left out, repeated, added. */
    memcpy(bad, sealed, sealed_len);
    memcpy(bad + HEAD, sealed + HEAD + SEALED, SEALED);
    memcpy(bad + HEAD + SEALED, sealed + HEAD, SEALED);
    refused(bad, sealed_len, "two chunks exchanged", 0);
    memcpy(bad, sealed, HEAD);
    memcpy(bad + HEAD, sealed + HEAD + SEALED, sealed_len - HEAD - SEALED);
    refused(bad, sealed_len - SEALED, "the first chunk left out", 0);
    memcpy(bad, sealed, HEAD + 2 * SEALED);
    memcpy(bad + HEAD + 2 * SEALED, sealed + HEAD + SEALED, sealed_len - HEAD - SEALED);
    refused(bad, sealed_len + SEALED, "a chunk repeated", 0);
    memcpy(bad, sealed, sealed_len);
    bad[sealed_len] = 0;
    refused(bad, sealed_len + 1, "a byte added", 0);
    memcpy(bad + sealed_len, sealed + HEAD, SEALED);
    refused(bad, sealed_len + SEALED, "a chunk added", 0);

    /* The end of another file of the same key. */
    static uint8_t second[sizeof sealed];
    assert_int_equal(seal(plain, PLAIN, second, sizeof second), sealed_len);
    memcpy(bad, sealed, HEAD + SEALED);
    memcpy(bad + HEAD + SEALED, second + HEAD + SEALED, sealed_len - HEAD - SEALED);
    refused(bad, sealed_len, "another file's end", 0);
}

/* Somebody with the key, or this program with a fault, may still end a stream wrongly. */
static void test_ends_as_it_must(void **state) {
    (void)state;
    static uint8_t made[HEAD + 2 * SEALED];
    static const struct {
        size_t first;
        uint8_t tag;
    } ends[] = {{100, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE},
                {CHUNK, crypto_secretstream_xchacha20poly1305_TAG_FINAL}};
    for (size_t i = 0; i < 2; i++) {
        crypto_secretstream_xchacha20poly1305_state stream;
        unsigned long long len = 0, more = 0;
        memcpy(made, sealed, 24);
        crypto_secretstream_xchacha20poly1305_init_push(&stream, made + 24, key.bytes);
        crypto_secretstream_xchacha20poly1305_push(&stream, made + HEAD, &len, plain, ends[i].first, made, 24,
                                                   ends[i].tag);
        if (ends[i].first == CHUNK) {
            crypto_secretstream_xchacha20poly1305_push(&stream, made + HEAD + len, &more, plain, 5, made, 24,
                                                       ends[0].tag);
        }
        refused(made, HEAD + (size_t)len + (size_t)more, "a wrong end", 0);
    }
}

static void test_another_key(void **state) {
    (void)state;
    size_t back = 0;
    assert_int_equal(unseal(sealed, sealed_len, &other, &back), LW_ERR_FORBIDDEN);
    assert_int_equal(back, 0);
    /* One that only claims to be the right one. */
    lw_backup_key liar = other;
    memcpy(liar.id, key.id, sizeof liar.id);
    assert_int_equal(unseal(sealed, sealed_len, &liar, &back), LW_ERR_CORRUPT);
    assert_int_equal(back, 0);
}

static void test_kinds(void **state) {
    (void)state;
    char id[17] = "?";
    static uint8_t newer[64];
    memcpy(newer, sealed, sizeof newer);
    newer[8] = 2;
    close(file_of("kind", sealed, sealed_len));
    assert_int_equal(lw_backup_kind_of(fresh_file("kind"), id), LW_BACKUP_NONE); /* fresh_file removes it */
    static const struct {
        const void *bytes;
        size_t len;
        lw_backup_kind kind;
    } kinds[] = {{sealed, 60, LW_BACKUP_SEALED},    {newer, 60, LW_BACKUP_SEALED_NEWER},
                 {"LWBACKUP", 8, LW_BACKUP_SEALED}, {"SQLite format 3", 16, LW_BACKUP_PLAIN},
                 {"LWBACK", 6, LW_BACKUP_NONE},     {"", 0, LW_BACKUP_NONE}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s", fresh_file("kind"));
        int file = open(path, O_RDWR | O_CREAT, 0600);
        assert_int_equal(write(file, kinds[i].bytes, kinds[i].len), kinds[i].len);
        close(file);
        assert_int_equal(lw_backup_kind_of(path, id), kinds[i].kind);
        if (i == 0) {
            assert_string_equal(id, key.id);
        }
    }
}

static int32_t read_text(const char *text, size_t len, mode_t mode, char *why) {
    char path[600];
    snprintf(path, sizeof path, "%s", fresh_file("text.key"));
    int file = open(path, O_RDWR | O_CREAT, 0600);
    assert_int_equal(write(file, text, len), len);
    assert_int_equal(fchmod(file, mode), 0);
    close(file);
    lw_backup_key out;
    int32_t err = lw_backup_key_read(path, &out, why, 300);
    if (err == LW_OK) {
        assert_memory_equal(out.bytes, key.bytes, 32);
        assert_string_equal(out.id, key.id);
    }
    return err;
}

static void test_key_files(void **state) {
    (void)state;
    char path[600], text[1200], hex[65] = "", line[200], why[300] = "";
    lw_backup_key again;
    struct stat info;
    snprintf(path, sizeof path, "%s", fresh_file("made.key"));
    assert_int_equal(lw_backup_key_make(path, &again, why, sizeof why), LW_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    lw_backup_key read;
    assert_int_equal(lw_backup_key_read(path, &read, why, sizeof why), LW_OK);
    assert_memory_equal(&read, &again, sizeof read);
    assert_int_equal(lw_backup_key_make(path, &read, why, sizeof why), LW_ERR_EXISTS);
    assert_non_null(strstr(why, "never replaced"));
    assert_int_equal(lw_backup_key_read(fresh_file("nothing.key"), &read, why, sizeof why), LW_ERR_IO);

    /* The one line is enough, as somebody would type it from paper. */
    for (int i = 0; i < 32; i++) {
        snprintf(hex + 2 * i, 3, "%02x", key.bytes[i]);
    }
    int len = snprintf(line, sizeof line, "loadwave-backup-key-1 %s %s", key.id, hex);
    assert_int_equal(read_text(line, (size_t)len, 0600, why), LW_OK);
    assert_int_equal(read_text(line, (size_t)len, 0440, why), LW_OK);
    assert_int_equal(read_text(line, (size_t)len, 0644, why), LW_ERR_VALUE);
    assert_non_null(strstr(why, "chmod 600"));
    for (int at = 0; at < len; at++) {
        char bad[200];
        memcpy(bad, line, sizeof bad);
        bad[at] = bad[at] == '7' ? '8' : '7';
        if (read_text(bad, (size_t)len, 0600, why) != LW_ERR_VALUE) {
            fail_msg("a wrong letter at %d passes", at);
        }
        assert_non_null(strstr(why, "a letter of it is wrong"));
    }
    assert_int_equal(read_text(line, (size_t)len - 1, 0600, why), LW_ERR_VALUE);
    assert_int_equal(read_text("", 0, 0600, why), LW_ERR_VALUE);
    assert_int_equal(read_text("# nothing\n", 10, 0600, why), LW_ERR_VALUE);
    int twice = snprintf(text, sizeof text, "%s\n%s\n", line, line);
    assert_int_equal(read_text(text, (size_t)twice, 0600, why), LW_ERR_VALUE);
    memset(text, '\n', sizeof text);
    assert_int_equal(read_text(text, sizeof text, 0600, why), LW_ERR_VALUE);
    line[10] = '\0';
    assert_int_equal(read_text(line, (size_t)len, 0600, why), LW_ERR_VALUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),  cmocka_unit_test(test_every_change_is_refused),
        cmocka_unit_test(test_ends_as_it_must), cmocka_unit_test(test_another_key),
        cmocka_unit_test(test_kinds),           cmocka_unit_test(test_key_files),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
