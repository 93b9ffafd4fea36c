/*
 * sha256.c: SHA-256, FIPS 180-4.
 *
 * The portable path keeps the eight working variables in registers by renaming them from round to round instead of
 * moving them, and the message schedule in sixteen words. On x86 processors that have the SHA extensions the same
 * blocks go through those instructions (method: Intel, "New Instructions Supporting the SHA"); whether they exist is
 * asked once per hash with CPUID. Both paths give the same bytes, and the unit test compares them.
 */
#include "base/base_internal.h"

#if (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define SHA_X86 1
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static inline uint32_t rotate(uint32_t x, unsigned n) {
    return x >> n | x << (32 - n);
}

static inline uint32_t load_be(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

/* One round: instead of shifting the variables along, the next round names them one further. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                                          \
    do {                                                                                                          \
        uint32_t t = h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + (g ^ (e & (f ^ g))) + K[i] + w[(i)&15]; \
        d += t;                                                                                                   \
        h = t + (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) | (c & (a | b)));                       \
    } while (0)

/* The next word of the schedule, in place of the one sixteen before it. */
#define EXPAND(i)                                                                                                \
    (w[(i)&15] += (rotate(w[((i) + 14) & 15], 17) ^ rotate(w[((i) + 14) & 15], 19) ^ w[((i) + 14) & 15] >> 10) + \
                  w[((i) + 9) & 15] +                                                                            \
                  (rotate(w[((i) + 1) & 15], 7) ^ rotate(w[((i) + 1) & 15], 18) ^ w[((i) + 1) & 15] >> 3))

#define ROUNDS8(i)                              \
    do {                                        \
        ROUND(a, b, c, d, e, f, g, h, (i) + 0); \
        ROUND(h, a, b, c, d, e, f, g, (i) + 1); \
        ROUND(g, h, a, b, c, d, e, f, (i) + 2); \
        ROUND(f, g, h, a, b, c, d, e, (i) + 3); \
        ROUND(e, f, g, h, a, b, c, d, (i) + 4); \
        ROUND(d, e, f, g, h, a, b, c, (i) + 5); \
        ROUND(c, d, e, f, g, h, a, b, (i) + 6); \
        ROUND(b, c, d, e, f, g, h, a, (i) + 7); \
    } while (0)

static void blocks_portable(uint32_t state[8], const uint8_t *p, size_t count) {
    for (; count > 0; count--, p += 64) {
        uint32_t w[16];
        for (int i = 0; i < 16; i++) {
            w[i] = load_be(p + 4 * i);
        }
        uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
        uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
        ROUNDS8(0);
        ROUNDS8(8);
        for (int i = 16; i < 64; i += 16) {
            for (int j = 0; j < 16; j++) {
                EXPAND(j);
            }
            ROUNDS8(i);
            ROUNDS8(i + 8);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}

#ifdef SHA_X86
__attribute__((target("sha,sse4.1"))) static void blocks_x86(uint32_t state[8], const uint8_t *p, size_t count) {
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    /* the instructions want the state as ABEF and CDGH */
    __m128i low = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
    __m128i high = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(state + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(low, high, 8);
    __m128i cdgh = _mm_blend_epi16(high, low, 0xf0);

    for (; count > 0; count--, p += 64) {
        __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; i++) {
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i)), order);
        }
        /* four rounds a step; the schedule runs four steps ahead */
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            __m128i now = w[i & 3];
            __m128i sum = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)(const void *)(K + 4 * i)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
            if (i < 12) {
                __m128i next = _mm_sha256msg1_epu32(now, w[(i + 1) & 3]);
                next = _mm_add_epi32(next, _mm_alignr_epi8(w[(i + 3) & 3], w[(i + 2) & 3], 4));
                w[i & 3] = _mm_sha256msg2_epu32(next, w[(i + 3) & 3]);
            }
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }

    low = _mm_shuffle_epi32(abef, 0x1b);
    high = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)state, _mm_blend_epi16(low, high, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(state + 4), _mm_alignr_epi8(high, low, 8));
}
#endif

/* What lw__sha256.fast holds. */
enum { UNKNOWN, PORTABLE, INSTRUCTIONS };

/*
 * Whether the processor has the SHA extensions and what they are used with. Asked once a hash has grown: under a hypervisor the
 * question costs as much as hashing some kilobytes, and a library without state cannot remember the answer.
 */
enum { WORTH_ASKING = 8192 };
static uint32_t ask(void) {
#ifdef SHA_X86
    unsigned a, b, c, d;
    /* GCOVR_EXCL_START: which way is taken depends on the processor */
    if (__get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1) != 0 && (c & bit_SSSE3) != 0 &&
        __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0) {
        return INSTRUCTIONS;
    }
    /* GCOVR_EXCL_STOP */
#endif
    return PORTABLE;
}

static void blocks(lw__sha256 *hash, const uint8_t *p, size_t count) {
    if (hash->fast == UNKNOWN && hash->bytes >= WORTH_ASKING) {
        hash->fast = ask();
    }
#ifdef SHA_X86
    if (hash->fast == INSTRUCTIONS) {
        blocks_x86(hash->state, p, count);
        return;
    }
#endif
    blocks_portable(hash->state, p, count);
}

void lw__sha256_init(lw__sha256 *hash) {
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, initial, sizeof initial);
}

void lw__sha256_update(lw__sha256 *hash, const void *bytes, size_t count) {
    const uint8_t *p = bytes;
    size_t held = (size_t)(hash->bytes & 63);
    hash->bytes += count;
    /* fill the block that was begun */
    if (held > 0) {
        size_t room = 64 - held;
        if (count < room) {
            memcpy(hash->block + held, p, count);
            return;
        }
        memcpy(hash->block + held, p, room);
        blocks(hash, hash->block, 1);
        p += room;
        count -= room;
    }
    blocks(hash, p, count / 64);
    if (count % 64 > 0) {
        memcpy(hash->block, p + (count - count % 64), count % 64);
    }
}

void lw__sha256_final(lw__sha256 *hash, uint8_t out[32]) {
    uint64_t bits = hash->bytes * 8;
    size_t held = (size_t)(hash->bytes & 63);
    hash->block[held++] = 0x80;
    if (held > 56) {
        memset(hash->block + held, 0, 64 - held);
        blocks(hash, hash->block, 1);
        held = 0;
    }
    memset(hash->block + held, 0, 56 - held);
    for (int i = 0; i < 8; i++) {
        hash->block[56 + i] = (uint8_t)(bits >> (56 - 8 * i));
    }
    blocks(hash, hash->block, 1);
    for (int i = 0; i < 8; i++) {
        for (int j = 0; j < 4; j++) {
            out[4 * i + j] = (uint8_t)(hash->state[i] >> (24 - 8 * j));
        }
    }
}

void lw__sha256_of(const void *bytes, size_t count, uint8_t out[32]) {
    lw__sha256 hash;
    lw__sha256_init(&hash);
    lw__sha256_update(&hash, bytes, count);
    lw__sha256_final(&hash, out);
}
