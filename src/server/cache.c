/*
 * cache.c: what would otherwise be read or compiled again for each request: logs and protocols. Never a source.
 *
 * A log is kept with its head. The head holds the hash of the chain, so a log whose head equals the database's head is the
 * database's log, whoever wrote it meanwhile; nothing is ever invalidated by message. One that is behind is
 * followed when the chain shows that the log goes on from it. Kept logs are immutable and counted,
 * and the least recently used go when they take more than LW__LOG_CACHE_MAX together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/server_internal.h"

#include "base/base_internal.h"
#include "store/queue.h"

enum { CHAINS = 4096, FOLLOW_MOST = 8 };

extern const unsigned char lw_builtin_protocol[]; /* generated from protocols/pht/pht.protocol */
extern const size_t lw_builtin_protocol_len;

typedef struct compiled {
    char sha256[65];
    const lw_protocol *protocol; /* NULL: free place */
    char *text;                  /* owned, borrowed by the protocol; NULL for the built-in one */
    void *memory;
    uint32_t refs;
    uint64_t used; /* last use */
} compiled;

struct lw__cache {
    pthread_mutex_t lock;
    lw__log *chains[CHAINS], *newest, *oldest;
    size_t bytes;
    atomic_uint_fast64_t hits, misses;
    pthread_mutex_t protocol_lock;
    compiled protocols[LW__PROTOCOLS_MAX];
    uint64_t tick;
};

lw__cache *lw__cache_open(void) {
    lw__cache *cache = calloc(1, sizeof *cache);
    if (cache != NULL) {
        pthread_mutex_init(&cache->lock, NULL);
        pthread_mutex_init(&cache->protocol_lock, NULL);
    }
    return cache;
}

void lw__log_back(lw__log *log) {
    if (log != NULL && atomic_fetch_sub(&log->refs, 1) == 1) {
        lw_reading_back(log->reading);
        free(log);
    }
}

static uint32_t chain_of(const char *patient) {
    uint32_t hash = 2166136261u;
    for (; *patient != '\0'; patient++) {
        hash = (hash ^ (unsigned char)*patient) * 16777619u;
    }
    return (hash ^ hash >> 15) % CHAINS;
}

static lw__log **place_of(lw__cache *cache, const char *patient) {
    lw__log **at = &cache->chains[chain_of(patient)];
    while (*at != NULL && strcmp((*at)->patient, patient) != 0) {
        at = &(*at)->chain;
    }
    return at;
}

static void unlink_age(lw__cache *cache, lw__log *log) {
    *(log->newer != NULL ? &log->newer->older : &cache->newest) = log->older;
    *(log->older != NULL ? &log->older->newer : &cache->oldest) = log->newer;
}

static void link_newest(lw__cache *cache, lw__log *log) {
    log->newer = NULL;
    log->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = log;
    cache->newest = log;
}

/* Under the lock; at is the log's place in its chain. */
static void drop(lw__cache *cache, lw__log **at) {
    lw__log *log = *at;
    *at = log->chain;
    unlink_age(cache, log);
    cache->bytes -= log->reading->held + sizeof *log;
    lw__log_back(log);
}

void lw__log_forget(lw__cache *cache, const char *patient) {
    pthread_mutex_lock(&cache->lock);
    lw__log **at = place_of(cache, patient);
    if (*at != NULL) {
        drop(cache, at);
    }
    pthread_mutex_unlock(&cache->lock);
}

/* Takes the reading in any case. */
static lw__log *make(const char *patient, const lw_head *head, lw_reading *reading) {
    lw__log *log = calloc(1, sizeof *log);
    if (log == NULL) {
        lw_reading_back(reading);
        return NULL;
    }
    log->head = *head;
    log->reading = reading;
    atomic_init(&log->refs, 1);
    snprintf(log->patient, sizeof log->patient, "%s", patient);
    return log;
}

/* Takes over nothing: the cache counts its own reference. */
static void keep(lw__cache *cache, lw__log *log) {
    if (log->reading->held > LW__LOG_CACHE_MAX / 4) {
        return;
    }
    pthread_mutex_lock(&cache->lock);
    lw__log **at = place_of(cache, log->patient);
    bool newer = *at == NULL || (*at)->head.seq <= log->head.seq;
    if (newer && *at != NULL) {
        drop(cache, at);
    }
    if (newer) {
        at = &cache->chains[chain_of(log->patient)];
        log->chain = *at;
        *at = log;
        link_newest(cache, log);
        cache->bytes += log->reading->held + sizeof *log;
        atomic_fetch_add(&log->refs, 1);
    }
    while (cache->bytes > LW__LOG_CACHE_MAX && cache->oldest != NULL) {
        drop(cache, place_of(cache, cache->oldest->patient));
    }
    pthread_mutex_unlock(&cache->lock);
}

void lw__log_put(lw__cache *cache, const char *patient, const lw_head *head, lw_reading *reading) {
    lw__log *log = make(patient, head, lw_reading_share(reading));
    if (log != NULL) {
        keep(cache, log);
        lw__log_back(log);
    }
}

/* What is kept, with the few lines that came after it; NULL when it has to be read anew. */
static lw_reading *follow(lw_sql *sql, const char *patient, const lw__log *kept, lw_head *head) {
    lw_append_event events[FOLLOW_MOST] = {0};
    lw_buf text = {.max = FOLLOW_MOST * (LW_MAX_LINE + 1u)};
    lw_reading *reading = NULL;
    uint32_t count = 0;
    if (kept->head.seq > 0 && lw_store_log_after(sql, lw__str(patient), &kept->head, &text, head) == LW_OK &&
        !text.failed) {
        const char *p = text.ptr;
        for (size_t left = text.len; left > 0 && count < FOLLOW_MOST; count++) {
            const char *end = memchr(p, '\n', left);
            events[count].line = (lw_str){p, (uint32_t)(end - p)};
            left -= (size_t)(end - p) + 1;
            p = end + 1;
        }
        bool all = head->seq - kept->head.seq == count;
        reading = all ? lw_reading_grow(kept->reading, events, count) : NULL;
    }
    lw_buf_free(&text);
    return reading;
}

int32_t lw__log_get(lw__cache *cache, lw_sql *sql, const char *patient, lw__log **out) {
    lw_head head;
    int32_t err = lw_store_head(sql, lw__str(patient), &head);
    if (err != LW_OK) {
        return err;
    }
    pthread_mutex_lock(&cache->lock);
    lw__log *found = *place_of(cache, patient);
    bool same = found != NULL && found->head.seq == head.seq && memcmp(found->head.hash, head.hash, 32) == 0;
    bool behind = found != NULL && found->head.seq < head.seq && head.seq - found->head.seq <= FOLLOW_MOST;
    if (same || behind) {
        atomic_fetch_add(&found->refs, 1);
    }
    if (same) {
        unlink_age(cache, found);
        link_newest(cache, found);
    }
    pthread_mutex_unlock(&cache->lock);
    atomic_fetch_add_explicit(same ? &cache->hits : &cache->misses, 1, memory_order_relaxed);
    if (same) {
        *out = found;
        return LW_OK;
    }
    lw_reading *reading = NULL;
    if (behind) {
        reading = follow(sql, patient, found, &head);
        lw__log_back(found);
    }
    if (reading == NULL) {
        lw_buf bytes = {.max = LW_MAX_RECORD};
        err = lw_store_log(sql, lw__str(patient), &bytes, &head);
        if (err == LW_OK && bytes.failed) {
            err = LW_ERR_NO_MEMORY;
        }
        if (err != LW_OK) {
            lw_buf_free(&bytes);
            return err;
        }
        err = lw_reading_open(bytes.ptr, bytes.len, &reading);
    }
    lw__log *log = err == LW_OK ? make(patient, &head, reading) : NULL;
    if (log == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    keep(cache, log);
    *out = log;
    return LW_OK;
}

void lw__cache_gauges(lw__cache *cache, lw__gauges *out) {
    pthread_mutex_lock(&cache->lock);
    out->cache_bytes = cache->bytes;
    pthread_mutex_unlock(&cache->lock);
    out->cache_hits = atomic_load(&cache->hits);
    out->cache_misses = atomic_load(&cache->misses);
}

/* ---- protocols ---- */

static void hex_of(const uint8_t hash[32], char out[65]) {
    lw__writer w = lw__writer_over(out, 65);
    lw__put_hex(&w, hash, 32);
    lw__put_end(&w);
}

lw_str lw_builtin_text(void) {
    return (lw_str){(const char *)lw_builtin_protocol, (uint32_t)lw_builtin_protocol_len};
}

static pthread_once_t builtin_once = PTHREAD_ONCE_INIT;
static char builtin_hex[65];

static void builtin_hash(void) {
    uint8_t hash[32];
    lw__sha256_of(lw_builtin_protocol, lw_builtin_protocol_len, hash);
    hex_of(hash, builtin_hex);
}

const char *lw_builtin_sha256(void) {
    pthread_once(&builtin_once, builtin_hash);
    return builtin_hex;
}

/* Compiles into *place, which is free. */
static int32_t compile(lw_sql *sql, const char *sha256, compiled *place) {
    lw_buf text = {.max = LW_MAX_PROTOCOL};
    lw_str source = lw_builtin_text();
    if (strcmp(sha256, lw_builtin_sha256()) != 0) {
        int32_t err = lw_protocol_text(sql, lw__str(sha256), &text);
        if (err != LW_OK) {
            lw_buf_free(&text);
            return err;
        }
        source = lw_buf_view(&text);
    }
    uint8_t hash[32];
    char hex[65];
    lw__sha256_of(source.ptr, source.len, hash);
    hex_of(hash, hex);
    char *memory = malloc(LW_PROTOCOL_RESULT), *scratch_memory = malloc(LW_PROTOCOL_SCRATCH);
    int32_t err = strcmp(hex, sha256) != 0                   ? LW_ERR_CORRUPT
                  : memory == NULL || scratch_memory == NULL ? LW_ERR_NO_MEMORY
                                                             : 0;
    if (err == 0) {
        lw_arena result = lw_arena_over(memory, LW_PROTOCOL_RESULT);
        lw_arena scratch = lw_arena_over(scratch_memory, LW_PROTOCOL_SCRATCH);
        err = lw_protocol_compile(source, &result, &scratch, &place->protocol, NULL) == 0 ? LW_OK : LW_ERR_PROTOCOL;
    }
    free(scratch_memory);
    if (err != LW_OK) {
        free(memory);
        lw_buf_free(&text);
        return err;
    }
    memcpy(place->sha256, hex, sizeof hex);
    place->text = text.ptr;
    place->memory = memory;
    return LW_OK;
}

static void clear(compiled *one) {
    free(one->text);
    free(one->memory);
    *one = (compiled){0};
}

int32_t lw_server_protocol(lw_server *server, lw_sql *sql, const char *sha256, const lw_protocol **out) {
    lw__cache *cache = server->cache;
    pthread_mutex_lock(&cache->protocol_lock);
    compiled *found = NULL, *place = NULL;
    for (int i = 0; i < LW__PROTOCOLS_MAX && found == NULL; i++) {
        compiled *one = &cache->protocols[i];
        found = one->protocol != NULL && strcmp(one->sha256, sha256) == 0 ? one : NULL;
        if (one->refs == 0 && (place == NULL || one->used < place->used)) {
            place = one;
        }
    }
    int32_t err = LW_OK;
    if (found == NULL) {
        err = place != NULL ? LW_OK : LW_ERR_BUSY;
        if (err == LW_OK) {
            clear(place);
            err = compile(sql, sha256, place);
            found = place;
        }
    }
    if (err == LW_OK) {
        found->refs++;
        found->used = ++cache->tick;
        *out = found->protocol;
    }
    pthread_mutex_unlock(&cache->protocol_lock);
    return err;
}

void lw_server_protocol_back(lw_server *server, const lw_protocol *protocol) {
    lw__cache *cache = server->cache;
    pthread_mutex_lock(&cache->protocol_lock);
    for (int i = 0; i < LW__PROTOCOLS_MAX && protocol != NULL; i++) {
        if (cache->protocols[i].protocol == protocol) {
            cache->protocols[i].refs--;
            break;
        }
    }
    pthread_mutex_unlock(&cache->protocol_lock);
}

void lw__cache_close(lw__cache *cache) {
    if (cache == NULL) {
        return;
    }
    while (cache->oldest != NULL) {
        drop(cache, place_of(cache, cache->oldest->patient));
    }
    for (int i = 0; i < LW__PROTOCOLS_MAX; i++) {
        clear(&cache->protocols[i]);
    }
    pthread_mutex_destroy(&cache->lock);
    pthread_mutex_destroy(&cache->protocol_lock);
    free(cache);
}
