/*
 * test_support.h: what unit tests of the pure libraries share: cmocka, arenas of the test's own memory, event lines.
 */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base_internal.h"
#include "loadwave/record.h"

/* A text literal or C string as a slice. */
static inline lw_str str(const char *text) {
    return (lw_str){text, (uint32_t)strlen(text)};
}

/* An exact copy on the heap, so that a sanitizer sees any byte read past the end. The caller frees it. */
static inline lw_str heap_copy(lw_str text) {
    char *copy = malloc(text.len > 0 ? text.len : 1);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    return (lw_str){copy, text.len};
}

/* One event line into out: id number n, minute n of a day, and the given kind, author and data. */
static inline lw_str event_line(char *out, size_t cap, int n, const char *kind, const char *by, const char *data) {
    int len = snprintf(out, cap,
                       "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%012x\",\"patient\":\"p-001\",\"kind\":\"%s\","
                       "\"at\":\"2026-03-%02dT%02d:%02d:00+01:00\",\"by\":\"%s\",\"data\":%s}",
                       (unsigned)n, kind, 1 + n / 1440 % 28, n / 60 % 24, n % 60, by, data);
    assert_true(len > 0 && (size_t)len < cap);
    return (lw_str){out, (uint32_t)len};
}

#endif
