/*
 * verb_protocol.c: protocol check, print and diff. All three work on the compiled protocol; diff compares canonical
 * texts, so that layout and comments do not count.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static char *canonical(const lw_protocol *protocol, size_t *len) {
    char *text = cli_need(LW_MAX_PROTOCOL * 2 + 1);
    int64_t length = lw_protocol_print(protocol, text, LW_MAX_PROTOCOL * 2);
    if (length < 0) {
        fprintf(stderr, "loadwave: the protocol cannot be printed: %s\n", lw_err_sentence((int32_t)length));
        free(text);
        return NULL;
    }
    *len = (size_t)length;
    text[length] = '\0';
    return text;
}

int cli_verb_protocol_check(const cli_args *args) {
    const char *path = args->count > 0 ? args->positional[0] : NULL;
    cli_rules rules = {0};
    int code = cli_rules_load(path, &rules);
    if (code != CLI_OK) {
        return code;
    }
    lw_diag items[64];
    memset(items, 0, sizeof items);
    lw_diags diags = {items, 64, 0};
    uint32_t found = lw_protocol_lint(rules.protocol, &diags);
    const char *name = path != NULL ? path : "built-in protocol";
    for (uint32_t i = 0; i < found && i < diags.cap; i++) {
        lw_str source = {rules.file.bytes, (uint32_t)rules.file.len};
        cli_diag_print(name, source, &items[i]);
    }
    lw_str id = lw_protocol_id(rules.protocol), version = lw_protocol_version(rules.protocol);
    lw_str title = lw_protocol_title(rules.protocol);
    printf("%s: %.*s@%.*s, %.*s\n  ", name, (int)id.len, id.ptr, (int)version.len, version.ptr, (int)title.len,
           title.ptr);
    const uint8_t *hash = lw_protocol_hash(rules.protocol);
    for (int i = 0; i < 32; i++) {
        printf("%02x", hash[i]);
    }
    if (found == 0) {
        puts("\n  nothing found");
    } else {
        printf("\n  %u findings\n", found);
    }
    cli_rules_free(&rules);
    return found == 0 ? CLI_OK : CLI_FINDING;
}

int cli_verb_protocol_print(const cli_args *args) {
    cli_rules rules = {0};
    int code = cli_rules_load(args->count > 0 ? args->positional[0] : NULL, &rules);
    if (code != CLI_OK) {
        return code;
    }
    size_t len = 0;
    char *text = canonical(rules.protocol, &len);
    if (text != NULL) {
        fwrite(text, 1, len, stdout);
    }
    code = text != NULL ? CLI_OK : CLI_BAD;
    free(text);
    cli_rules_free(&rules);
    return code;
}

/* Splits text into lines in place; returns how many. */
static int split(char *text, char **lines, int cap) {
    int count = 0;
    for (char *at = text; *at != '\0' && count < cap;) {
        lines[count++] = at;
        char *end = strchr(at, '\n');
        if (end == NULL) {
            break;
        }
        *end = '\0';
        at = end + 1;
    }
    return count;
}

static void change(const cli_screen *screen, const char **shown, const char *block, char mark, const char *line) {
    if (*shown != block && block != NULL && block != line) {
        cli_ink(screen, CLI_BLUE, block);
        putchar('\n');
        *shown = block;
    }
    char lead[4] = {mark, ' ', '\0', '\0'};
    cli_print(screen, mark == '+' ? CLI_GREEN : CLI_RED, lead, "    ", line);
}

/* The longest common subsequence of two canonical texts, walked from its table. Returns whether they differ. */
static bool compare(char **a, int n, char **b, int m) {
    size_t row = (size_t)m + 1;
    uint16_t *table = cli_need(((size_t)n + 1) * row * sizeof *table);
    for (int i = n - 1; i >= 0; i--) {
        for (int j = m - 1; j >= 0; j--) {
            uint16_t down = table[(size_t)(i + 1) * row + (size_t)j];
            uint16_t right = table[(size_t)i * row + (size_t)j + 1];
            table[(size_t)i * row + (size_t)j] = strcmp(a[i], b[j]) == 0
                                                     ? (uint16_t)(table[(size_t)(i + 1) * row + (size_t)j + 1] + 1)
                                                 : down > right ? down
                                                                : right;
        }
    }
    cli_screen screen = cli_screen_out();
    const char *block_a = NULL, *block_b = NULL, *shown = NULL;
    bool differ = false;
    int i = 0, j = 0;
    while (i < n || j < m) {
        if (i < n && j < m && strcmp(a[i], b[j]) == 0) {
            if (a[i][0] != ' ' && a[i][0] != '\0') {
                block_a = a[i];
                block_b = a[i];
            }
            i++;
            j++;
            continue;
        }
        differ = true;
        bool from_a =
            j >= m || (i < n && table[(size_t)(i + 1) * row + (size_t)j] >= table[(size_t)i * row + (size_t)j + 1]);
        char *line = from_a ? a[i++] : b[j++];
        const char **block = from_a ? &block_a : &block_b;
        if (line[0] != ' ' && line[0] != '\0') {
            *block = line;
        }
        change(&screen, &shown, *block, from_a ? '-' : '+', line);
    }
    free(table);
    return differ;
}

int cli_verb_protocol_diff(const cli_args *args) {
    enum { LINES = 30000 };
    cli_rules one = {0}, two = {0};
    const char *first = args->count > 1 ? args->positional[0] : NULL;
    int code = cli_rules_load(first, &one);
    if (code == CLI_OK) {
        code = cli_rules_load(args->positional[args->count - 1], &two);
    }
    size_t len = 0;
    char *a = code == CLI_OK ? canonical(one.protocol, &len) : NULL;
    char *b = a != NULL ? canonical(two.protocol, &len) : NULL;
    if (a != NULL && b != NULL) {
        char **lines_a = cli_need(LINES * sizeof *lines_a), **lines_b = cli_need(LINES * sizeof *lines_b);
        int n = split(a, lines_a, LINES), m = split(b, lines_b, LINES);
        if ((size_t)n * (size_t)m > 200u * 1000 * 1000) {
            fputs("loadwave: these protocols are too long to compare line by line\n", stderr);
            code = CLI_BAD;
        } else if (compare(lines_a, n, lines_b, m)) {
            code = CLI_FINDING;
        } else {
            puts("they say the same");
        }
        free(lines_a);
        free(lines_b);
    } else if (code == CLI_OK) {
        code = CLI_BAD;
    }
    free(a);
    free(b);
    cli_rules_free(&one);
    cli_rules_free(&two);
    return code;
}
