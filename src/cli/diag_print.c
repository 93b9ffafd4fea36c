/*
 * diag_print.c: an error as a person can mend it: file, line, column, member, what was expected; the line itself with a
 * caret under the place; and a hint. A long line is shown around the place only.
 */
#include <string.h>

#include "cli/cli.h"

static lw_str line_of(lw_str source, uint32_t number) {
    const char *at = source.ptr, *end = source.ptr + source.len;
    for (uint32_t i = 1; i < number && at < end; i++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        at = next != NULL ? next + 1 : end;
    }
    const char *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return (lw_str){at, (uint32_t)((stop != NULL ? stop : end) - at)};
}

/* Control bytes and broken UTF-8 would disturb the terminal; they are shown as '?'. */
static void put_safe(lw_str text) {
    for (uint32_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        fputc(c < 0x20 || c == 0x7f ? '?' : c, stderr);
    }
}

void cli_diag_print(const char *path, lw_str source, const lw_diag *diag) {
    fprintf(stderr, "%s:", path);
    if (diag->line > 0) {
        fprintf(stderr, "%u:", diag->line);
        if (diag->column > 0) {
            fprintf(stderr, "%u:", diag->column);
        }
    }
    if (diag->member[0] != '\0') {
        fprintf(stderr, " %s:", diag->member);
    }
    fprintf(stderr, " %s\n", diag->message[0] != '\0' ? diag->message : lw_err_sentence(diag->err));

    if (diag->line > 0 && diag->column > 0 && source.len > 0) {
        enum { BEFORE = 40, SHOWN = 76 };
        lw_str line = line_of(source, diag->line);
        uint32_t place = diag->column - 1 < line.len ? diag->column - 1 : line.len;
        uint32_t from = place > BEFORE ? place - BEFORE : 0;
        while (from > 0 && from < line.len && ((unsigned char)line.ptr[from] & 0xc0) == 0x80) {
            from--;
        }
        uint32_t len = line.len - from < SHOWN ? line.len - from : SHOWN;
        while (len > 0 && from + len < line.len && ((unsigned char)line.ptr[from + len] & 0xc0) == 0x80) {
            len--;
        }
        fputs(from > 0 ? "  …" : "   ", stderr);
        put_safe((lw_str){line.ptr + from, len});
        fputs(from + len < line.len ? "…\n   " : "\n   ", stderr);
        for (uint32_t i = from; i < place; i++) {
            if (((unsigned char)line.ptr[i] & 0xc0) != 0x80) {
                fputc(' ', stderr);
            }
        }
        uint32_t most = from + len > place ? from + len - place : 1;
        uint32_t marks = diag->length > most ? most : diag->length > 0 ? diag->length : 1;
        for (uint32_t i = 0; i < marks; i++) {
            if (i == 0 || ((unsigned char)line.ptr[place + i] & 0xc0) != 0x80) {
                fputc('^', stderr);
            }
        }
        fputc('\n', stderr);
    }
    if (diag->hint[0] != '\0') {
        fprintf(stderr, "   hint: %s\n", diag->hint);
    }
}
