/* text_buffer.c: a growing text, and the program's answer to the end of memory. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

void cli_no_memory(void) {
    fputs("loadwave: not enough memory\n", stderr);
    exit(CLI_IO);
}

static void *enough(void *memory) {
    if (memory == NULL) {
        cli_no_memory();
    }
    return memory;
}

void *cli_need(size_t size) {
    return enough(calloc(1, size > 0 ? size : 1));
}

static void room(cli_buf *buf, size_t more) {
    if (buf->cap - buf->len > more) {
        return;
    }
    size_t cap = buf->cap * 2 + more + 64;
    buf->ptr = enough(realloc(buf->ptr, cap));
    buf->cap = cap;
}

void cli_buf_add(cli_buf *buf, const char *bytes, size_t len) {
    room(buf, len);
    if (len > 0) {
        memcpy(buf->ptr + buf->len, bytes, len);
    }
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void cli_buf_str(cli_buf *buf, const char *text) {
    cli_buf_add(buf, text, strlen(text));
}

void cli_buf_fmt(cli_buf *buf, const char *format, ...) {
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len > 0) {
        room(buf, (size_t)len);
        vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

const char *cli_buf_get(const cli_buf *buf) {
    return buf->ptr != NULL ? buf->ptr : "";
}

void cli_buf_clear(cli_buf *buf) {
    buf->len = 0;
    if (buf->ptr != NULL) {
        buf->ptr[0] = '\0';
    }
}

void cli_buf_free(cli_buf *buf) {
    free(buf->ptr);
    *buf = (cli_buf){0};
}

void cli_buf_json(cli_buf *buf, const char *text) {
    cli_buf_str(buf, "\"");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            cli_buf_fmt(buf, "\\%c", *c);
        } else if ((unsigned char)*c < 0x20) {
            cli_buf_fmt(buf, "\\u%04x", (unsigned)(unsigned char)*c);
        } else {
            cli_buf_add(buf, c, 1);
        }
    }
    cli_buf_str(buf, "\"");
}
