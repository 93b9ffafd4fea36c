/* tree.c: see tree.h. No recursion: an explicit stack of open objects and lists. */
#include <stdlib.h>
#include <string.h>

#include "words/tree.h"

enum { DEPTH = 32 };

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
static const char *read_string(const char **at, const char *end, lw_pool *pool) {
    const char *scan = *at;
    while (scan < end && *scan != '"') {
        scan += *scan == '\\' ? 2 : 1;
    }
    if (scan >= end) {
        return NULL;
    }
    char *text = lw_pool_take(pool, (size_t)(scan - *at) + 1);
    if (text == NULL) {
        return NULL;
    }
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
static bool read_value(const char **at, const char *end, lw_node *node, lw_pool *pool) {
    node->text = "";
    if (*at >= end) {
        return false;
    }
    size_t left = (size_t)(end - *at);
    char c = **at;
    if (c == '{' || c == '[') {
        node->type = c == '{' ? LW_NODE_OBJECT : LW_NODE_LIST;
        (*at)++;
        return true;
    }
    if (c == '"') {
        (*at)++;
        node->type = LW_NODE_STRING;
        node->text = read_string(at, end, pool);
        return node->text != NULL;
    }
    static const struct {
        const char *word;
        lw_node_type type;
    } words[] = {{"null", LW_NODE_NULL}, {"true", LW_NODE_TRUE}, {"false", LW_NODE_FALSE}};
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
    char *text = lw_pool_take(pool, len + 1);
    if (text == NULL) {
        return false;
    }
    memcpy(text, *at, len);
    node->type = LW_NODE_NUMBER;
    node->text = text;
    *at += len;
    return true;
}

const lw_node *lw_node_read(lw_str text, lw_pool *pool) {
    const char *at = text.ptr, *end = text.ptr + text.len;
    lw_node *root = lw_pool_take(pool, sizeof *root);
    lw_node *open[DEPTH];
    lw_node *last[DEPTH];
    int depth = 0;
    at = blank(at, end);
    if (root == NULL || !read_value(&at, end, root, pool)) {
        return NULL;
    }
    if (root->type == LW_NODE_LIST || root->type == LW_NODE_OBJECT) {
        open[0] = root;
        last[0] = NULL;
        depth = 1;
    }
    while (depth > 0) {
        lw_node *inside = open[depth - 1];
        at = blank(at, end);
        if (at >= end) {
            return NULL;
        }
        if (*at == (inside->type == LW_NODE_OBJECT ? '}' : ']')) {
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
        lw_node *node = lw_pool_take(pool, sizeof *node);
        if (node == NULL) {
            return NULL;
        }
        if (inside->type == LW_NODE_OBJECT) {
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
        if (node->type == LW_NODE_LIST || node->type == LW_NODE_OBJECT) {
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

const lw_node *lw_node_at(const lw_node *object, const char *name) {
    for (const lw_node *node = object != NULL ? object->first : NULL; node != NULL; node = node->next) {
        if (node->name != NULL && strcmp(node->name, name) == 0) {
            return node;
        }
    }
    return NULL;
}

const char *lw_node_str(const lw_node *object, const char *name) {
    const lw_node *node = lw_node_at(object, name);
    return node != NULL && (node->type == LW_NODE_STRING || node->type == LW_NODE_NUMBER) ? node->text : NULL;
}

long lw_node_int(const lw_node *object, const char *name, long fallback) {
    const lw_node *node = lw_node_at(object, name);
    return node != NULL && node->type == LW_NODE_NUMBER ? strtol(node->text, NULL, 10) : fallback;
}

bool lw_node_true(const lw_node *object, const char *name) {
    const lw_node *node = lw_node_at(object, name);
    return node != NULL && node->type == LW_NODE_TRUE;
}

const lw_node *lw_node_inside(const lw_node *object, const char *name) {
    const lw_node *node = lw_node_at(object, name);
    return node != NULL && (node->type == LW_NODE_LIST || node->type == LW_NODE_OBJECT) ? node : NULL;
}

int lw_node_length(const lw_node *list) {
    int count = 0;
    for (const lw_node *node = list != NULL ? list->first : NULL; node != NULL; node = node->next) {
        count++;
    }
    return count;
}
