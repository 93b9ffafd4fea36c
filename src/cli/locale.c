/*
 * locale.c: looks sentences up and fills their arguments in.
 *
 * A sentence may hold {name}: the argument; {name:family}: the sentence family.VALUE; {name|one|many}: the number and
 * the word that fits it; {name#|one|many}: that word alone. Unknown ids and arguments are shown as themselves, so that
 * an engine newer than the locale still says something.
 *
 * The language is chosen once, when the first sentence is asked for: by LOADWAVE_LANG, else as other programs do by the
 * first of LC_ALL, LC_MESSAGES and LANG that is set. What is neither of ours is English. A language also says how it
 * writes decimals: a record and a plan always hold a point, the sentence shows what the reader is used to.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"

static int compare(const void *key, const void *entry) {
    return strcmp((const char *)key, ((const struct cli_sentence *)entry)->id);
}

struct language {
    const char *code;
    const struct cli_sentence *sentences;
    const unsigned *count;
    char decimal;
};

static const struct language languages[] = {
    {"en", cli_sentences_en, &cli_sentences_en_count, '.'},
    {"es", cli_sentences_es, &cli_sentences_es_count, ','},
};

static const struct language *chosen;

/* Of "es", "es_ES.UTF-8" or "es-MX" the language is es; of "est" it is not. */
static bool is_language(const char *tag, const char *code) {
    size_t len = strlen(code);
    return strncmp(tag, code, len) == 0 && strchr("_-.@", tag[len]) != NULL; /* strchr finds the end, too */
}

static const struct language *language(void) {
    static const char *const settings[] = {"LOADWAVE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"};
    const char *tag = NULL;
    for (size_t i = 0; chosen == NULL && i < sizeof settings / sizeof settings[0] && (tag == NULL || *tag == '\0');
         i++) {
        tag = getenv(settings[i]);
    }
    for (size_t i = 0; chosen == NULL && tag != NULL && i < sizeof languages / sizeof languages[0]; i++) {
        chosen = is_language(tag, languages[i].code) ? &languages[i] : NULL;
    }
    chosen = chosen != NULL ? chosen : &languages[0];
    return chosen;
}

const char *cli_language(void) {
    return language()->code;
}

const char *cli_text(const char *id) {
    const struct language *own = language();
    const struct cli_sentence *found = bsearch(id, own->sentences, *own->count, sizeof own->sentences[0], compare);
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

/* Adds a value; a decimal number, alone or before its unit, gets the language's decimal sign. */
static void add_value(cli_buf *out, const char *value) {
    size_t whole = strspn(value, "-");
    whole += strspn(value + whole, "0123456789");
    size_t places = value[whole] == '.' ? strspn(value + whole + 1, "0123456789") : 0;
    char after = value[whole + (places > 0 ? 1 + places : 0)];
    if (whole == 0 || places == 0 || (after != '\0' && after != ' ')) {
        cli_buf_str(out, value);
        return;
    }
    cli_buf_add(out, value, whole);
    cli_buf_add(out, &language()->decimal, 1);
    cli_buf_str(out, value + whole + 1);
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
            add_value(out, value);
            return;
        }
        if (!word_only) {
            add_value(out, value);
            cli_buf_str(out, " ");
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
        add_value(out, value);
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
