/*
 * screen.c: a terminal of any width. Text is wrapped at spaces, counted in code points (the program prints no wide
 * characters); colour is ink only, never the sole carrier of a meaning.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/cli.h"

cli_screen cli_screen_out(void) {
    cli_screen screen = {stdout, 80, false};
    const char *columns = getenv("COLUMNS");
    struct winsize size = {0};
    if (columns != NULL && atoi(columns) > 0) {
        screen.width = atoi(columns);
    } else if ((ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) &&
               size.ws_col > 0) {
        screen.width = size.ws_col; /* in a pipe, to a pager for one, that of the terminal behind it */
    }
    if (screen.width < 30) {
        screen.width = 30;
    }
    if (screen.width > 100) {
        screen.width = 100; /* longer lines are hard to read */
    }
    const char *none = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    screen.colour =
        isatty(STDOUT_FILENO) && (none == NULL || none[0] == '\0') && (term == NULL || strcmp(term, "dumb") != 0);
    return screen;
}

static const char *ink_of(cli_style style) {
    static const char *const inks[] = {
        [CLI_PLAIN] = "",         [CLI_BOLD] = "\033[1m",    [CLI_DIM] = "\033[2m",     [CLI_RED] = "\033[1;31m",
        [CLI_GREEN] = "\033[32m", [CLI_YELLOW] = "\033[33m", [CLI_BLUE] = "\033[1;34m", [CLI_ALARM] = "\033[1;97;41m",
    };
    return inks[style];
}

void cli_ink(const cli_screen *screen, cli_style style, const char *text) {
    if (screen->colour && style != CLI_PLAIN) {
        fprintf(screen->file, "%s%s\033[0m", ink_of(style), text);
    } else {
        fputs(text, screen->file);
    }
}

static int columns_of(const char *text, size_t len) {
    int columns = 0;
    bool escape = false;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (escape) {
            escape = c != 'm';
        } else if (c == 0x1b) {
            escape = true;
        } else if ((c & 0xc0) != 0x80) {
            columns++;
        }
    }
    return columns;
}

int cli_columns(const char *text) {
    return columns_of(text, strlen(text));
}

void cli_print(const cli_screen *screen, cli_style style, const char *first, const char *rest, const char *text) {
    const char *indent = first;
    do {
        int room = screen->width - cli_columns(indent);
        if (room < 10) {
            room = 10;
        }
        /* Take words while they fit; a word longer than the line is cut by nobody and stands alone. */
        const char *end = text;
        const char *scan = text;
        while (*scan != '\0' && *scan != '\n') {
            const char *word = scan;
            while (*word == ' ') {
                word++;
            }
            const char *word_end = word + strcspn(word, " \n");
            if (word_end == word) {
                scan = word;
                break;
            }
            if (end != text && columns_of(text, (size_t)(word_end - text)) > room) {
                break;
            }
            end = word_end;
            scan = word_end;
        }
        fputs(indent, screen->file);
        bool ink = screen->colour && style != CLI_PLAIN;
        fprintf(screen->file, "%s%.*s%s\n", ink ? ink_of(style) : "", (int)(end - text), text, ink ? "\033[0m" : "");
        text = end;
        while (*text == ' ') {
            text++;
        }
        if (*text == '\n') {
            text++;
        }
        indent = rest;
    } while (*text != '\0');
}
