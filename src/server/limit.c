/*
 * limit.c: how often somebody may call something. Token buckets that fill at calls a minute and hold one minute's
 * worth, in a table of fixed size: a set of eight per hash, the least recently used gives way. Names are only
 * hashed, with a key of this process, so nobody can aim at another's set.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "server/server_internal.h"

#include "base/base_internal.h"

enum { SETS = 2048, WAYS = 8, LOCKS = 64 };
/* One call costs this much; a millisecond brings per_minute. */
enum { COST = 60000 };

typedef struct bucket {
    uint64_t key;
    int64_t at_ms;  /* when tokens was true */
    int64_t tokens; /* in parts of COST */
} bucket;

struct lw__limits {
    uint64_t salt;
    pthread_mutex_t locks[LOCKS];
    bucket sets[SETS][WAYS];
};

lw__limits *lw__limits_open(void) {
    lw__limits *limits = calloc(1, sizeof *limits);
    if (limits == NULL) {
        return NULL;
    }
    if (getrandom(&limits->salt, sizeof limits->salt, 0) != (ssize_t)sizeof limits->salt) {
        limits->salt = (uint64_t)(uintptr_t)limits;
    }
    for (int i = 0; i < LOCKS; i++) {
        pthread_mutex_init(&limits->locks[i], NULL);
    }
    return limits;
}

void lw__limits_close(lw__limits *limits) {
    for (int i = 0; limits != NULL && i < LOCKS; i++) {
        pthread_mutex_destroy(&limits->locks[i]);
    }
    free(limits);
}

static uint64_t mix(uint64_t hash, const char *text) {
    for (; *text != '\0'; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 32;
    return hash * UINT64_C(0x9e3779b97f4a7c15);
}

uint32_t lw__limit_take(lw__limits *limits, const char *who, const char *what, uint32_t per_minute, int64_t now_ms) {
    if (limits == NULL || per_minute == 0) {
        return 0;
    }
    uint64_t key = mix(mix(limits->salt ^ UINT64_C(0xcbf29ce484222325), who), what) | 1;
    uint32_t set = (uint32_t)(key >> 40) % SETS;
    int64_t full = (int64_t)per_minute * COST;
    pthread_mutex_lock(&limits->locks[set % LOCKS]);
    bucket *found = NULL, *oldest = &limits->sets[set][0];
    for (int i = 0; i < WAYS && found == NULL; i++) {
        bucket *one = &limits->sets[set][i];
        found = one->key == key ? one : NULL;
        oldest = one->at_ms < oldest->at_ms ? one : oldest;
    }
    if (found == NULL) {
        found = oldest;
        *found = (bucket){.key = key, .at_ms = now_ms, .tokens = full};
    }
    int64_t passed = now_ms - found->at_ms;
    passed = passed < 0 ? 0 : passed > 600000 ? 600000 : passed;
    found->tokens += passed * (int64_t)per_minute;
    found->tokens = found->tokens > full ? full : found->tokens;
    found->at_ms = now_ms;
    uint32_t wait = 0;
    if (found->tokens >= COST) {
        found->tokens -= COST;
    } else {
        int64_t short_of = COST - found->tokens;
        wait = (uint32_t)(short_of / ((int64_t)per_minute * 1000)) + 1;
    }
    pthread_mutex_unlock(&limits->locks[set % LOCKS]);
    return wait;
}
