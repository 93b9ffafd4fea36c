/*
 * arena.c: bump allocation over the caller's memory.
 *
 * An arena never grows and never frees one thing alone: `used` goes up, and a caller who saved it may put it back.
 * Allocations are zero-filled, because an arena is used again and again; lw__take leaves them as they are. Exhaustion is an answer (NULL), not an
 * accident: all callers hand it on as LW_ERR_NO_MEMORY and restore `used`.
 */
#include "base/base_internal.h"

lw_arena lw_arena_over(void *base, size_t cap) {
    return (lw_arena){base, cap, 0, 0};
}

void *lw__take(lw_arena *arena, size_t size, size_t align) {
    size_t left = arena->cap - arena->used;
    size_t pad = (size_t)(-((uintptr_t)arena->base + arena->used) & (uintptr_t)(align - 1));
    if (pad > left || size > left - pad) {
        return NULL;
    }
    uint8_t *at = arena->base + arena->used + pad;
    arena->used += pad + size;
    if (arena->used > arena->peak) {
        arena->peak = arena->used;
    }
    return at;
}

void *lw__alloc(lw_arena *arena, size_t size, size_t align) {
    void *at = lw__take(arena, size, align);
    if (at != NULL) {
        memset(at, 0, size);
    }
    return at;
}
