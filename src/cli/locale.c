/*
 * locale.c: looks sentences up and fills their arguments in.
 *
 * A sentence may hold {name}: the argument; {name:family}: the sentence family.VALUE; {name|one|many}: the number and
 * the word that fits it; {name#|one|many}: that word alone. Unknown ids and arguments are shown as themselves, so that
 * an engine newer than the locale still says something.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"

static int compare(const void *key, const void *entry) {
    return strcmp((const char *)key, ((const struct cli_sentence *)entry)->id);
}

const char *cli_text(const char *id) {
    const struct cli_sentence *found =
        bsearch(id, cli_sentences_en, cli_sentences_en_count, sizeof(cli_sentences_en[0]), compare);
    return found != NULL ? found->text : NULL;
}

const char *cli_word(const char *family, const char *id) {
    char key[128];
    int len = snprintf(key, sizeof key, "%s.%s", family, id);
    const char *text = len > 0 && (size_t)len < sizeof key ? cli_text(key) : NULL;
    return text != NULL ? text : id;
}

static const char *argument(const char *const *args, const char *name, size_t len) {
    for (size_t i = 0; args != NULL && args[i] != NULL; i += 2) {
        if (strlen(args[i]) == len && memcmp(args[i], name, len) == 0) {
            return args[i + 1];
        }
    }
    return NULL;
}

static void fill(cli_buf *out, const char *body, size_t len, const char *const *args) {
    const char *colon = memchr(body, ':', len);
    const char *bar = memchr(body, '|', len);
    size_t name_len = bar != NULL ? (size_t)(bar - body) : colon != NULL ? (size_t)(colon - body) : len;
    bool word_only = name_len > 0 && body[name_len - 1] == '#'; /* {n#|one|many}: the word without the number */
    const char *value = argument(args, body, name_len - (word_only ? 1 : 0));
    if (value == NULL) {
        cli_buf_add(out, body, name_len);
        return;
    }
    if (bar != NULL) {
        const char *one = bar + 1;
        const char *split = memchr(one, '|', (size_t)(body + len - one));
        if (split == NULL) {
            cli_buf_str(out, value);
            return;
        }
        if (!word_only) {
            cli_buf_fmt(out, "%s ", value);
        }
        if (strcmp(value, "1") == 0) {
            cli_buf_add(out, one, (size_t)(split - one));
        } else {
            cli_buf_add(out, split + 1, (size_t)(body + len - split - 1));
        }
    } else if (colon != NULL) {
        char family[32];
        size_t family_len = (size_t)(body + len - colon - 1);
        if (family_len < sizeof family) {
            memcpy(family, colon + 1, family_len);
            family[family_len] = '\0';
            cli_buf_str(out, cli_word(family, value));
        }
    } else {
        cli_buf_str(out, value);
    }
}

void cli_say(cli_buf *out, const char *id, const char *const *args) {
    const char *text = cli_text(id);
    if (text == NULL) {
        const char *dot = strchr(id, '.');
        cli_buf_str(out, dot != NULL ? dot + 1 : id);
        return;
    }
    while (*text != '\0') {
        const char *open = strchr(text, '{');
        const char *close = open != NULL ? strchr(open, '}') : NULL;
        if (close == NULL) {
            cli_buf_str(out, text);
            return;
        }
        cli_buf_add(out, text, (size_t)(open - text));
        fill(out, open + 1, (size_t)(close - open - 1), args);
        text = close + 1;
    }
}
