/*
 * ask.c: short questions on the terminal. Every question can be skipped with an empty line; an answer that does not fit
 * is asked again with what would fit; when standard input ends, the rest counts as skipped. Works from a pipe as well.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"

/* One line without its newline; false when the input has ended. */
static bool next_line(cli_ask *ask, char *line, size_t cap) {
    fflush(stdout);
    if (ask->ended || fgets(line, (int)cap, stdin) == NULL) {
        ask->ended = true;
        putchar('\n');
        return false;
    }
    size_t len = strlen(line);
    if (len > 0 && line[len - 1] != '\n') { /* longer than any answer: drop the rest of it */
        int c;
        while ((c = getchar()) != EOF && c != '\n') {
        }
    }
    while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r' || line[len - 1] == ' ')) {
        line[--len] = '\0';
    }
    size_t lead = strspn(line, " \t");
    memmove(line, line + lead, len - (lead < len ? lead : len) + 1);
    return true;
}

/* The ends of a range, as arguments of a sentence. */
struct range {
    char least[24], most[24];
};

static struct range range_of(long least, long most) {
    struct range range;
    snprintf(range.least, sizeof range.least, "%ld", least);
    snprintf(range.most, sizeof range.most, "%ld", most);
    return range;
}

/* Says what would have fitted. */
static void again(const cli_ask *ask, const char *id, const struct range *range) {
    cli_buf text = {0};
    cli_say(&text, id, range != NULL ? CLI_ARGS("least", range->least, "most", range->most) : NULL);
    cli_print(&ask->screen, CLI_PLAIN, "  ", "  ", text.ptr);
    cli_buf_free(&text);
}

static void prompt(cli_ask *ask, const char *question, const char *allowed) {
    cli_print(&ask->screen, CLI_BOLD, "", "  ", question);
    cli_buf line = {0};
    cli_buf_fmt(&line, "%s%s%s", allowed, allowed[0] == '\0' || ask->required ? "" : "; ",
                ask->required ? "" : cli_text("ask.skips"));
    bool wraps = cli_columns(cli_buf_get(&line)) + 16 > ask->screen.width; /* leaves room for the answer */
    if (wraps) {
        cli_print(&ask->screen, CLI_PLAIN, "  ", "  ", line.ptr);
    }
    printf("  %s%s> ", wraps ? "" : cli_buf_get(&line), wraps || line.len == 0 ? "" : " ");
    cli_buf_free(&line);
}

/* An answer; false when it was skipped or the input has ended. */
static bool read_line(cli_ask *ask, char *line, size_t cap) {
    while (next_line(ask, line, cap)) {
        if (line[0] != '\0') {
            return true;
        }
        if (!ask->required) {
            return false;
        }
        printf("  %s > ", cli_text("ask.needed"));
    }
    return false;
}

bool cli_ask_number(cli_ask *ask, const char *question, long least, long most, long *out) {
    char line[128];
    const struct range range = range_of(least, most);
    cli_buf allowed = {0};
    cli_say(&allowed, "ask.range", CLI_ARGS("least", range.least, "most", range.most));
    bool given = false;
    for (;;) {
        prompt(ask, question, allowed.ptr);
        if (!read_line(ask, line, sizeof line)) {
            break;
        }
        char *end = NULL;
        long value = strtol(line, &end, 10);
        if (*end == '\0' && value >= least && value <= most) {
            *out = value;
            given = true;
            break;
        }
        again(ask, "ask.range_again", &range);
    }
    cli_buf_free(&allowed);
    return given;
}

/* Digits, and after a point or comma one or two more. */
static bool is_decimal(const char *text) {
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || whole > 4) {
        return false;
    }
    if (text[whole] == '\0') {
        return true;
    }
    size_t places = strspn(text + whole + 1, "0123456789");
    return text[whole] == '.' && places >= 1 && places <= 2 && text[whole + 1 + places] == '\0';
}

bool cli_ask_decimal(cli_ask *ask, const char *question, long most, char *out, size_t cap) {
    char line[128];
    const struct range range = range_of(0, most);
    cli_buf allowed = {0};
    cli_say(&allowed, "ask.decimal", CLI_ARGS("most", range.most));
    bool given = false;
    for (;;) {
        prompt(ask, question, allowed.ptr);
        if (!read_line(ask, line, sizeof line)) {
            break;
        }
        char *comma = strchr(line, ',');
        if (comma != NULL) {
            *comma = '.';
        }
        const char *text = line + strspn(line, "0"); /* a JSON number has no zeros in front */
        text -= text > line && (*text == '\0' || *text == '.') ? 1 : 0;
        if (is_decimal(text) && strtod(text, NULL) <= (double)most && strlen(text) < cap) {
            memcpy(out, text, strlen(text) + 1);
            given = true;
            break;
        }
        again(ask, "ask.decimal_again", &range);
    }
    cli_buf_free(&allowed);
    return given;
}

bool cli_ask_yes(cli_ask *ask, const char *question, bool *out) {
    char line[128];
    for (;;) {
        prompt(ask, question, cli_text("ask.yes_no"));
        if (!read_line(ask, line, sizeof line)) {
            return false;
        }
        int first = tolower((unsigned char)line[0]);
        bool yes = first == 'y' || first == cli_text("yn.yes")[0];
        if (yes || first == 'n') {
            *out = yes;
            return true;
        }
        again(ask, "ask.yes_no_again", NULL);
    }
}

bool cli_ask_word(cli_ask *ask, const char *question, const char *const *words, int count, int *out) {
    char line[128];
    cli_buf allowed = {0};
    for (int i = 0; i < count; i++) {
        cli_buf_fmt(&allowed, "%s%d %s", i > 0 ? ", " : "", i + 1, cli_word("word", words[i]));
    }
    bool given = false;
    for (;;) {
        prompt(ask, question, cli_buf_get(&allowed));
        if (!read_line(ask, line, sizeof line)) {
            break;
        }
        char *end = NULL;
        long number = strtol(line, &end, 10);
        *out = *end == '\0' && number >= 1 && number <= count ? (int)number - 1 : -1;
        for (int i = 0; i < count && *out < 0; i++) {
            *out = strcmp(line, words[i]) == 0 || strcmp(line, cli_word("word", words[i])) == 0 ? i : -1;
        }
        if (*out >= 0) {
            given = true;
            break;
        }
        again(ask, "ask.word_again", NULL);
    }
    cli_buf_free(&allowed);
    return given;
}

bool cli_ask_many(cli_ask *ask, const char *question, const char *const *lines, int count, uint32_t *out) {
    char line[256];
    cli_print(&ask->screen, CLI_BOLD, "", "  ", question);
    for (int i = 0; i < count; i++) {
        char lead[16];
        snprintf(lead, sizeof lead, "%4d  ", i + 1);
        cli_print(&ask->screen, CLI_PLAIN, lead, "      ", cli_word("word", lines[i])); /* a word, or a line as it is */
    }
    for (;;) {
        printf("  %s; %s > ", cli_text("ask.many"), cli_text("ask.skips"));
        if (!read_line(ask, line, sizeof line)) {
            return false;
        }
        uint32_t chosen = 0;
        bool good = true;
        for (char *at = strtok(line, " ,;"); at != NULL && good; at = strtok(NULL, " ,;")) {
            char *end = NULL;
            long number = strtol(at, &end, 10);
            if (strcmp(at, "none") == 0 || strcmp(at, cli_text("yn.no")) == 0) {
                continue;
            }
            good = *end == '\0' && number >= 0 && number <= count;
            if (good && number > 0) {
                chosen |= UINT32_C(1) << (number - 1);
            }
        }
        if (good) {
            *out = chosen;
            return true;
        }
        const struct range range = range_of(1, count);
        again(ask, "ask.many_again", &range);
    }
}

bool cli_ask_text(cli_ask *ask, const char *question, char *out, size_t cap) {
    prompt(ask, question, "");
    return read_line(ask, out, cap);
}

int cli_ask_flags(cli_ask *ask, uint32_t *flags) {
    const char *lines[LW_FLAGS];
    for (int i = 0; i < LW_FLAGS; i++) {
        lines[i] = cli_word("flag", lw_flag_names[i]);
    }
    *flags = 0;
    if (!cli_ask_many(ask, cli_text("ask.flags"), lines, LW_FLAGS, flags)) {
        return 2;
    }
    return *flags != 0 ? 1 : 0;
}

const char *cli_flag_urgency(uint32_t flags) {
    int worst = 0;
    for (int i = 0; i < LW_FLAGS; i++) {
        if ((flags & LW_BIT(i)) != 0 && lw_flag_table[i].urgency > worst) {
            worst = lw_flag_table[i].urgency;
        }
    }
    return lw_urgency_names[worst];
}

void cli_flag_card(const cli_screen *screen, uint32_t flags) {
    cli_buf title = {0};
    const char *urgency = cli_flag_urgency(flags);
    cli_buf_fmt(&title, " %s: %s ", cli_text("ui.flag_card"), cli_word("urgency_short", urgency));
    cli_print(screen, CLI_ALARM, "", "", title.ptr);
    cli_print(screen, CLI_BOLD, "  ", "  ", cli_word("urgency", urgency));
    for (int i = 0; i < LW_FLAGS; i++) {
        if ((flags & LW_BIT(i)) != 0) {
            cli_print(screen, CLI_PLAIN, "  - ", "    ", cli_word("flag", lw_flag_names[i]));
        }
    }
    cli_buf_free(&title);
}
