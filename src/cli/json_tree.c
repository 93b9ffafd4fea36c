/* json_tree.c: see json_tree.h. No recursion: an explicit stack of open objects and lists. */
#include <stdlib.h>
#include <string.h>

#include "cli/json_tree.h"

enum { DEPTH = 32, BLOCK = 32 * 1024 };

struct cli_pool {
    struct cli_pool *before;
    size_t used, cap;
    max_align_t bytes[];
};

static void *take(struct cli_pool **pool, size_t size) {
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (*pool == NULL || (*pool)->cap - (*pool)->used < size) {
        size_t cap = size > BLOCK ? size : BLOCK;
        struct cli_pool *fresh = cli_need(sizeof *fresh + cap);
        fresh->before = *pool;
        fresh->cap = cap;
        *pool = fresh;
    }
    void *memory = (char *)(*pool)->bytes + (*pool)->used;
    (*pool)->used += size;
    return memory;
}

void cli_pool_free(struct cli_pool *pool) {
    while (pool != NULL) {
        struct cli_pool *before = pool->before;
        free(pool);
        pool = before;
    }
}

static int hex4(const char *at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *out, int code) {
    if (code < 0x80) {
        *out++ = (char)code;
    } else if (code < 0x800) {
        *out++ = (char)(0xc0 | (code >> 6));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *out++ = (char)(0xe0 | (code >> 12));
        *out++ = (char)(0x80 | ((code >> 6) & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    } else {
        *out++ = (char)(0xf0 | (code >> 18));
        *out++ = (char)(0x80 | ((code >> 12) & 0x3f));
        *out++ = (char)(0x80 | ((code >> 6) & 0x3f));
        *out++ = (char)(0x80 | (code & 0x3f));
    }
    return out;
}

/* Reads the string that begins after its quote at *at; *at ends after the closing quote. NULL when it is broken. */
static const char *read_string(const char **at, const char *end, struct cli_pool **pool) {
    const char *scan = *at;
    while (scan < end && *scan != '"') {
        scan += *scan == '\\' ? 2 : 1;
    }
    if (scan >= end) {
        return NULL;
    }
    char *text = take(pool, (size_t)(scan - *at) + 1);
    char *out = text;
    for (const char *c = *at; c < scan; c++) {
        if (*c != '\\') {
            *out++ = *c;
            continue;
        }
        c++;
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char *plain = strchr(from, *c);
        if (plain != NULL) {
            *out++ = to[plain - from];
            continue;
        }
        int code = *c == 'u' && scan - c > 4 ? hex4(c + 1) : -1;
        if (code < 0) {
            return NULL;
        }
        c += 4;
        if (code >= 0xd800 && code < 0xdc00 && scan - c > 6 && c[1] == '\\' && c[2] == 'u') {
            int low = hex4(c + 3);
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                c += 6;
            }
        }
        out = put_utf8(out, code);
    }
    *out = '\0';
    *at = scan + 1;
    return text;
}

static const char *blank(const char *at, const char *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
        at++;
    }
    return at;
}

/* Reads one scalar, or opens an object or list. False when it is broken. */
static bool read_value(const char **at, const char *end, cli_node *node, struct cli_pool **pool) {
    node->text = "";
    if (*at >= end) {
        return false;
    }
    size_t left = (size_t)(end - *at);
    char c = **at;
    if (c == '{' || c == '[') {
        node->type = c == '{' ? CLI_OBJECT : CLI_LIST;
        (*at)++;
        return true;
    }
    if (c == '"') {
        (*at)++;
        node->type = CLI_STRING;
        node->text = read_string(at, end, pool);
        return node->text != NULL;
    }
    static const struct {
        const char *word;
        cli_type type;
    } words[] = {{"null", CLI_NULL}, {"true", CLI_TRUE}, {"false", CLI_FALSE}};
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(words[i].word);
        if (left >= len && memcmp(*at, words[i].word, len) == 0) {
            node->type = words[i].type;
            *at += len;
            return true;
        }
    }
    size_t len = 0;
    while (len < left && strchr("+-0123456789.eE", (*at)[len]) != NULL && (*at)[len] != '\0') {
        len++;
    }
    if (len == 0) {
        return false;
    }
    char *text = take(pool, len + 1);
    memcpy(text, *at, len);
    node->type = CLI_NUMBER;
    node->text = text;
    *at += len;
    return true;
}

const cli_node *cli_json_read(lw_str text, struct cli_pool **pool) {
    const char *at = text.ptr, *end = text.ptr + text.len;
    cli_node *root = take(pool, sizeof *root);
    cli_node *open[DEPTH];
    cli_node *last[DEPTH];
    int depth = 0;
    at = blank(at, end);
    if (!read_value(&at, end, root, pool)) {
        return NULL;
    }
    if (root->type == CLI_LIST || root->type == CLI_OBJECT) {
        open[0] = root;
        last[0] = NULL;
        depth = 1;
    }
    while (depth > 0) {
        cli_node *inside = open[depth - 1];
        at = blank(at, end);
        if (at >= end) {
            return NULL;
        }
        if (*at == (inside->type == CLI_OBJECT ? '}' : ']')) {
            at++;
            depth--;
            continue;
        }
        if (last[depth - 1] != NULL) {
            if (*at != ',') {
                return NULL;
            }
            at = blank(at + 1, end);
        }
        cli_node *node = take(pool, sizeof *node);
        if (inside->type == CLI_OBJECT) {
            if (at >= end || *at != '"') {
                return NULL;
            }
            at++;
            node->name = read_string(&at, end, pool);
            at = blank(at, end);
            if (node->name == NULL || at >= end || *at != ':') {
                return NULL;
            }
            at = blank(at + 1, end);
        }
        if (!read_value(&at, end, node, pool)) {
            return NULL;
        }
        if (last[depth - 1] == NULL) {
            inside->first = node;
        } else {
            last[depth - 1]->next = node;
        }
        last[depth - 1] = node;
        if (node->type == CLI_LIST || node->type == CLI_OBJECT) {
            if (depth == DEPTH) {
                return NULL;
            }
            open[depth] = node;
            last[depth] = NULL;
            depth++;
        }
    }
    return blank(at, end) == end ? root : NULL;
}

const cli_node *cli_at(const cli_node *object, const char *name) {
    for (const cli_node *node = object != NULL ? object->first : NULL; node != NULL; node = node->next) {
        if (node->name != NULL && strcmp(node->name, name) == 0) {
            return node;
        }
    }
    return NULL;
}

const char *cli_str_at(const cli_node *object, const char *name) {
    const cli_node *node = cli_at(object, name);
    return node != NULL && (node->type == CLI_STRING || node->type == CLI_NUMBER) ? node->text : NULL;
}

long cli_int_at(const cli_node *object, const char *name, long fallback) {
    const cli_node *node = cli_at(object, name);
    return node != NULL && node->type == CLI_NUMBER ? strtol(node->text, NULL, 10) : fallback;
}

bool cli_true_at(const cli_node *object, const char *name) {
    const cli_node *node = cli_at(object, name);
    return node != NULL && node->type == CLI_TRUE;
}

const cli_node *cli_inside(const cli_node *object, const char *name) {
    const cli_node *node = cli_at(object, name);
    return node != NULL && (node->type == CLI_LIST || node->type == CLI_OBJECT) ? node : NULL;
}

int cli_length(const cli_node *list) {
    int count = 0;
    for (const cli_node *node = list != NULL ? list->first : NULL; node != NULL; node = node->next) {
        count++;
    }
    return count;
}
