/*
 * fuzz_seal.c: any bytes as a sealed backup, and as the text of a key.
 *
 * The first byte says what the rest is. A file that claims to be sealed, read with one fixed key. Chunks that are truly sealed with
 * that key, of lengths and tags that the input chooses, so that what stands behind the authentication is reached as well. Bytes that
 * are sealed and opened again, and once more with one bit turned. A key file.
 *
 * What must hold: only a whole chain of full chunks that ends with a shorter one tagged as last is opened, to the bytes that were
 * sealed; one turned bit anywhere is refused; never more comes out than went in; a key that is read is the one that was written.
 */
#define _GNU_SOURCE /* memfd_create */
#include <sys/mman.h>

#include "store/seal.c"

#define CHECK(x) ((x) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { CHUNKS = 4, OUT = CHUNKS * CHUNK };

static uint8_t wide[HEAD + CHUNKS * SEALED], opened[OUT + 1], expected[OUT];
static lw_backup_key key;

static int file_of(const uint8_t *bytes, size_t size) {
    int file = memfd_create("fuzz", 0);
    CHECK(file >= 0 && write_all(file, bytes, size) == LW_OK);
    return file;
}

/* What opening these bytes says, and what came out. */
static int32_t open_sealed(const uint8_t *bytes, size_t size, size_t *len) {
    int from = file_of(bytes, size), to = file_of(bytes, 0);
    int32_t err = lw__unseal(from, to, &key);
    ssize_t got = pread(to, opened, sizeof opened, 0);
    CHECK(got >= 0 && (size_t)got <= size);
    *len = (size_t)got;
    char path[40], id[17];
    snprintf(path, sizeof path, "/proc/self/fd/%d", from);
    lw_backup_kind kind = lw_backup_kind_of(path, id);
    CHECK((err != LW_OK && err != LW_ERR_FORBIDDEN) || (kind == LW_BACKUP_SEALED && strlen(id) == 16));
    close(from);
    close(to);
    return err;
}

/* Two bytes of input for each chunk: its tag and whether it is full, and how long it is if not. */
static void chain(const uint8_t *bytes, size_t size) {
    crypto_secretstream_xchacha20poly1305_state state;
    size_t at = HEAD, plain = 0;
    bool good = true, ended = false;
    memset(wide, 0, HEAD);
    memcpy(wide, MAGIC, VERSION_AT);
    wide[VERSION_AT] = 1;
    CHECK(sodium_hex2bin(wide + ID_AT, ID_BYTES, key.id, 2 * ID_BYTES, NULL, NULL, NULL) == 0);
    (void)crypto_secretstream_xchacha20poly1305_init_push(&state, wide + PREFIX, key.bytes);
    for (size_t i = 0; i + 1 < size && i < 2 * CHUNKS; i += 2) {
        size_t len = (bytes[i] & 4) != 0 ? CHUNK : bytes[i + 1] * 257u;
        uint8_t tag = bytes[i] & 3;
        memset(expected + plain, bytes[i + 1], len);
        /* after one that is shorter or tagged as last nothing may come */
        good = good && !ended && (tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) == (len < CHUNK);
        ended = len < CHUNK;
        (void)crypto_secretstream_xchacha20poly1305_push(&state, wide + at, NULL, expected + plain, len, wide, PREFIX,
                                                         tag);
        at += len + crypto_secretstream_xchacha20poly1305_ABYTES;
        plain += len;
    }
    size_t len;
    int32_t err = open_sealed(wide, at, &len);
    CHECK((err == LW_OK) == (good && ended));
    CHECK(err != LW_OK || (len == plain && memcmp(opened, expected, len) == 0));
}

static void there_and_back(const uint8_t *bytes, size_t size) {
    size_t turn = size > 2 ? (size_t)(bytes[0] << 8 | bytes[1]) : 0, len;
    int from = file_of(bytes, size), to = file_of(bytes, 0);
    CHECK(lw__seal(from, to, &key) == LW_OK);
    ssize_t sealed = pread(to, wide, sizeof wide, 0);
    CHECK(sealed >= HEAD);
    close(from);
    close(to);
    CHECK(open_sealed(wide, (size_t)sealed, &len) == LW_OK && len == size && memcmp(opened, bytes, size) == 0);
    wide[turn / 8 % (size_t)sealed] ^= (uint8_t)(1u << turn % 8);
    CHECK(open_sealed(wide, (size_t)sealed, &len) != LW_OK);
}

static void key_text(const uint8_t *bytes, size_t size) {
    char text[KEY_FILE_MOST + 1], hex[65];
    lw_backup_key read = {0};
    size_t len = size < KEY_FILE_MOST ? size : KEY_FILE_MOST;
    memcpy(text, bytes, len);
    text[len] = '\0';
    if (parse_key(text, &read)) {
        lw_backup_key again = read;
        name_key(&again);
        CHECK(memcmp(&read, &again, sizeof read) == 0);
        sodium_bin2hex(hex, sizeof hex, read.bytes, sizeof read.bytes);
        int n = snprintf(text, sizeof text, "%s%s %s", WORD, read.id, hex);
        CHECK(n > 0 && parse_key(text, &again) && memcmp(&read, &again, sizeof read) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    if (size == 0 || size > OUT || sodium_init() < 0) {
        return 0;
    }
    memset(key.bytes, 7, sizeof key.bytes);
    name_key(&key);
    size_t len;
    switch (bytes[0] & 3) {
    case 0:
        (void)open_sealed(bytes + 1, size - 1, &len);
        break;
    case 1:
        chain(bytes + 1, size - 1);
        break;
    case 2:
        there_and_back(bytes + 1, size - 1);
        break;
    default:
        key_text(bytes + 1, size - 1);
    }
    return 0;
}
