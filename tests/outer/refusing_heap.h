/*
 * refusing_heap.h: a heap that refuses one call, so that a test can see what comes of it.
 *
 * The linker turns malloc, calloc and realloc, where objects of the program itself call them, into the functions below (--wrap, for
 * each test that includes this file, CMakeLists.txt); those of libraries and of the C library are left alone. So it works with a
 * sanitizer, which then sees what was forgotten on the way. Counting is safe for threads.
 */
#ifndef REFUSING_HEAP_H
#define REFUSING_HEAP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);

static atomic_long heap_left = -1; /* calls until the one that is refused; below 0: none, or it was */

static inline bool heap_refuses(void) {
    return atomic_load(&heap_left) >= 0 && atomic_fetch_sub(&heap_left, 1) == 0;
}
void *__wrap_malloc(size_t size) {
    return heap_refuses() ? NULL : __real_malloc(size);
}
void *__wrap_calloc(size_t count, size_t size) {
    return heap_refuses() ? NULL : __real_calloc(count, size);
}
void *__wrap_realloc(void *old, size_t size) {
    return heap_refuses() ? NULL : __real_realloc(old, size);
}

/* The nth call from now on is refused, counted from 0, and no other: what goes on as if nothing had been has to be told, too. */
static inline void heap_refuse(long nth) {
    atomic_store(&heap_left, nth);
}

/* Everything is served again. Whether a call was refused. */
static inline bool heap_refused(void) {
    return atomic_exchange(&heap_left, -1) < 0;
}

#endif
