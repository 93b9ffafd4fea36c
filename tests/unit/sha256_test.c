/* sha256_test.c: the vectors of FIPS 180-4 and NIST's byte tests, in one piece and in all ways of cutting. */
#include "test_support.h"

static void expect(const uint8_t hash[32], const char *hex) {
    char text[64];
    lw__writer w = lw__writer_over(text, sizeof text);
    lw__put_hex(&w, hash, 32);
    assert_memory_equal(text, hex, 64);
}

static const struct {
    const char *text;
    const char *hex;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

static void known_vectors(void **state) {
    (void)state;
    uint8_t out[32];
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        lw__sha256_of(vectors[i].text, strlen(vectors[i].text), out);
        expect(out, vectors[i].hex);
    }
}

static void a_million_times_a(void **state) {
    (void)state;
    static char block[1000];
    uint8_t out[32];
    memset(block, 'a', sizeof block);
    for (int fast = 0; fast < 2; fast++) {
        lw__sha256 hash;
        lw__sha256_init(&hash);
        hash.fast = fast ? 0 : 1; /* asked once it has grown, or the portable way to the end */
        for (int i = 0; i < 1000; i++) {
            lw__sha256_update(&hash, block, sizeof block);
        }
        lw__sha256_final(&hash, out);
        expect(out, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
}

static void cut_anywhere(void **state) {
    (void)state;
    uint8_t bytes[300], whole[32], parts[32];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 7 + 3);
    }
    static const char much[16384];
    lw__sha256 grown;
    lw__sha256_init(&grown);
    lw__sha256_update(&grown, much, sizeof much);
    assert_true(grown.fast == 1 || grown.fast == 2);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        lw__sha256_of(bytes, len, whole);
        for (size_t at = 0; at <= len; at += 1 + len / 16) {
            lw__sha256 hash;
            lw__sha256_init(&hash);
            hash.fast = grown.fast; /* what the processor offers must agree with the portable way */
            lw__sha256_update(&hash, bytes, at);
            lw__sha256_update(&hash, bytes + at, len - at);
            lw__sha256_final(&hash, parts);
            assert_memory_equal(parts, whole, 32);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_vectors),
        cmocka_unit_test(a_million_times_a),
        cmocka_unit_test(cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
