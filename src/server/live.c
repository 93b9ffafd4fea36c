/*
 * live.c: who hears that something changed. Server-sent events carry which patient changed and where the log now ends, never
 * what changed; the listener asks for that itself, through the door that everything goes through.
 *
 * Each listener has a small ring. Several changes of one patient become one; a ring that is full all the same belongs to
 * somebody who does not keep up: the stream ends, the browser comes back and reads anew. A stream also ends after ten
 * minutes, so that nobody listens longer than a sign-in allows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/server_internal.h"

enum { RING = 64 };

typedef struct change {
    char patient[65];
    int64_t seq;
} change;

struct lw__listener {
    lw__live *live;
    struct lw__listener *next, **link;
    char account[37], clinic[37], patient[65]; /* patient: only this one */
    void (*sleep)(void *);
    void (*wake)(void *);
    void *ctx;
    int64_t until_s;
    change ring[RING];
    uint32_t from, count;
    bool greeted, beat, ended, sleeping;
};

struct lw__live {
    pthread_mutex_t lock;
    lw__listener *first;
    uint32_t count;
    bool ending;
};

lw__live *lw__live_open(void) {
    lw__live *live = calloc(1, sizeof *live);
    if (live != NULL) {
        pthread_mutex_init(&live->lock, NULL);
    }
    return live;
}

void lw__live_close(lw__live *live) {
    if (live != NULL) {
        pthread_mutex_destroy(&live->lock);
        free(live);
    }
}

int32_t lw__live_join(lw__live *live, const lw_principal *who, void (*sleep)(void *), void (*wake)(void *), void *ctx,
                      int64_t now_s, lw__listener **out) {
    lw__listener *mine = calloc(1, sizeof *mine);
    if (mine == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    *mine = (lw__listener){.live = live, .sleep = sleep, .wake = wake, .ctx = ctx, .until_s = now_s + LW__LIVE_SECONDS};
    snprintf(mine->account, sizeof mine->account, "%s", who->account);
    snprintf(mine->clinic, sizeof mine->clinic, "%s", who->clinic);
    if ((who->roles & (LW_ROLE_CLINICIAN | LW_ROLE_ADMIN)) == 0) {
        /* Somebody who is no staff and has no record hears nothing: no patient is called "-". */
        snprintf(mine->patient, sizeof mine->patient, "%s", who->patient[0] != '\0' ? who->patient : "-");
    }
    pthread_mutex_lock(&live->lock);
    uint32_t own = 0;
    for (const lw__listener *one = live->first; one != NULL; one = one->next) {
        own += strcmp(one->account, mine->account) == 0;
    }
    bool room = !live->ending && live->count < LW__LISTENERS_MAX && own < LW__LISTENERS_OF_ONE;
    if (room) {
        mine->next = live->first;
        mine->link = &live->first;
        if (mine->next != NULL) {
            mine->next->link = &mine->next;
        }
        live->first = mine;
        live->count++;
    }
    pthread_mutex_unlock(&live->lock);
    if (!room) {
        free(mine);
        return LW_ERR_BUSY;
    }
    *out = mine;
    return LW_OK;
}

void lw__live_leave(lw__listener *listener) {
    lw__live *live = listener->live;
    pthread_mutex_lock(&live->lock);
    *listener->link = listener->next;
    if (listener->next != NULL) {
        listener->next->link = listener->link;
    }
    live->count--;
    pthread_mutex_unlock(&live->lock);
    free(listener);
}

int64_t lw__live_take(lw__listener *mine, char *out, size_t cap) {
    pthread_mutex_lock(&mine->live->lock);
    size_t len = 0;
    if (!mine->greeted) {
        mine->greeted = true;
        len = (size_t)snprintf(out, cap, "retry: 3000\n\n");
    }
    while (mine->count > 0 && cap - len >= 200) {
        const change *one = &mine->ring[mine->from];
        char seq[24] = "null";
        if (one->seq > 0) {
            snprintf(seq, sizeof seq, "%lld", (long long)one->seq);
        }
        lw_buf line = {0};
        lw_buf_str(&line, "event: change\ndata: {\"patient\":");
        lw_buf_json(&line, (lw_str){one->patient, (uint32_t)strlen(one->patient)});
        lw_buf_fmt(&line, ",\"head\":%s}\n\n", seq);
        if (line.failed || line.len > cap - len) {
            lw_buf_free(&line);
            break;
        }
        memcpy(out + len, line.ptr, line.len);
        len += line.len;
        lw_buf_free(&line);
        mine->from = (mine->from + 1) % RING;
        mine->count--;
    }
    if (len == 0 && mine->beat && !mine->ended) {
        len = (size_t)snprintf(out, cap, ": here\n\n");
    }
    mine->beat = false;
    int64_t result = (int64_t)len;
    if (len == 0 && mine->ended) {
        result = -1;
    } else if (len == 0) {
        mine->sleeping = true;
        mine->sleep(mine->ctx);
    }
    pthread_mutex_unlock(&mine->live->lock);
    return result;
}

static void rouse(lw__listener *one) {
    if (one->sleeping) {
        one->sleeping = false;
        one->wake(one->ctx);
    }
}

void lw__live_push(lw__live *live, const char *clinic, const char *patient, int64_t seq) {
    pthread_mutex_lock(&live->lock);
    for (lw__listener *one = live->first; one != NULL; one = one->next) {
        bool hears = one->patient[0] != '\0' ? strcmp(one->patient, patient) == 0 : strcmp(one->clinic, clinic) == 0;
        if (!hears || one->ended) {
            continue;
        }
        change *place = NULL;
        for (uint32_t i = 0; i < one->count && place == NULL; i++) {
            change *waiting = &one->ring[(one->from + i) % RING];
            place = strcmp(waiting->patient, patient) == 0 ? waiting : NULL;
        }
        if (place == NULL && one->count == RING) {
            one->ended = true;
            one->count = 0;
        } else {
            if (place == NULL) {
                place = &one->ring[(one->from + one->count++) % RING];
                *place = (change){.seq = 0};
                snprintf(place->patient, sizeof place->patient, "%s", patient);
            }
            place->seq = seq > place->seq ? seq : place->seq;
        }
        rouse(one);
    }
    pthread_mutex_unlock(&live->lock);
}

void lw__live_beat(lw__live *live, int64_t now_s) {
    pthread_mutex_lock(&live->lock);
    for (lw__listener *one = live->first; one != NULL; one = one->next) {
        one->beat = true;
        one->ended = one->ended || now_s >= one->until_s;
        rouse(one);
    }
    pthread_mutex_unlock(&live->lock);
}

void lw__live_end(lw__live *live) {
    pthread_mutex_lock(&live->lock);
    live->ending = true;
    for (lw__listener *one = live->first; one != NULL; one = one->next) {
        one->ended = true;
        one->count = 0;
        rouse(one);
    }
    pthread_mutex_unlock(&live->lock);
}

uint32_t lw__live_count(lw__live *live) {
    pthread_mutex_lock(&live->lock);
    uint32_t count = live->count;
    pthread_mutex_unlock(&live->lock);
    return count;
}
