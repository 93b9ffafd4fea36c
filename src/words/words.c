/* words.c: looks sentences up and fills their arguments in; see words.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words/words.h"

static int compare(const void *key, const void *entry) {
    return strcmp((const char *)key, ((const lw_sentence *)entry)->id);
}

static const lw_language languages[] = {
    {"en", lw_sentences_en, &lw_sentences_en_count, '.'},
    {"es", lw_sentences_es, &lw_sentences_es_count, ','},
};

const lw_language *lw_language_of(const char *tag) {
    for (size_t i = 0; tag != NULL && i < sizeof languages / sizeof languages[0]; i++) {
        size_t len = strlen(languages[i].code);
        if (strncmp(tag, languages[i].code, len) == 0 &&
            strchr("_-.@", tag[len]) != NULL) { /* strchr finds the end, too */
            return &languages[i];
        }
    }
    return NULL;
}

const lw_language *lw_language_for(const char *tag) {
    const lw_language *found = lw_language_of(tag);
    return found != NULL ? found : &languages[0];
}

const char *lw_sentence_of(const lw_language *language, const char *id) {
    const lw_sentence *found =
        bsearch(id, language->sentences, *language->count, sizeof language->sentences[0], compare);
    return found != NULL ? found->text : NULL;
}

const char *lw_word(const lw_language *language, const char *family, const char *id) {
    char key[128];
    int len = snprintf(key, sizeof key, "%s.%s", family, id);
    const char *text = len > 0 && (size_t)len < sizeof key ? lw_sentence_of(language, key) : NULL;
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
static void add_value(lw_buf *out, const lw_language *language, const char *value) {
    size_t whole = strspn(value, "-");
    whole += strspn(value + whole, "0123456789");
    size_t places = value[whole] == '.' ? strspn(value + whole + 1, "0123456789") : 0;
    char after = value[whole + (places > 0 ? 1 + places : 0)];
    if (whole == 0 || places == 0 || (after != '\0' && after != ' ')) {
        lw_buf_str(out, value);
        return;
    }
    lw_buf_add(out, value, whole);
    lw_buf_add(out, &language->decimal, 1);
    lw_buf_str(out, value + whole + 1);
}

static void fill(lw_buf *out, const lw_language *language, const char *body, size_t len, const char *const *args) {
    const char *colon = memchr(body, ':', len);
    const char *bar = memchr(body, '|', len);
    size_t name_len = bar != NULL ? (size_t)(bar - body) : colon != NULL ? (size_t)(colon - body) : len;
    bool word_only = name_len > 0 && body[name_len - 1] == '#'; /* {n#|one|many}: the word without the number */
    const char *value = argument(args, body, name_len - (word_only ? 1 : 0));
    if (value == NULL) {
        lw_buf_add(out, body, name_len);
        return;
    }
    if (bar != NULL) {
        const char *one = bar + 1;
        const char *split = memchr(one, '|', (size_t)(body + len - one));
        if (split == NULL) {
            add_value(out, language, value);
            return;
        }
        if (!word_only) {
            add_value(out, language, value);
            lw_buf_str(out, " ");
        }
        if (strcmp(value, "1") == 0) {
            lw_buf_add(out, one, (size_t)(split - one));
        } else {
            lw_buf_add(out, split + 1, (size_t)(body + len - split - 1));
        }
    } else if (colon != NULL) {
        char family[32];
        size_t family_len = (size_t)(body + len - colon - 1);
        if (family_len < sizeof family) {
            memcpy(family, colon + 1, family_len);
            family[family_len] = '\0';
            lw_buf_str(out, lw_word(language, family, value));
        }
    } else {
        add_value(out, language, value);
    }
}

void lw_say(lw_buf *out, const lw_language *language, const char *id, const char *const *args) {
    const char *text = lw_sentence_of(language, id);
    if (text == NULL) {
        const char *dot = strchr(id, '.');
        lw_buf_str(out, dot != NULL ? dot + 1 : id);
        return;
    }
    while (*text != '\0') {
        const char *open = strchr(text, '{');
        const char *close = open != NULL ? strchr(open, '}') : NULL;
        if (close == NULL) {
            lw_buf_str(out, text);
            return;
        }
        lw_buf_add(out, text, (size_t)(open - text));
        fill(out, language, open + 1, (size_t)(close - open - 1), args);
        text = close + 1;
    }
}

void lw_say_next(lw_buf *out, const lw_language *language, const char *id, const char *const *args) {
    if (out->len > 0) {
        lw_buf_str(out, ", ");
    }
    lw_say(out, language, id, args);
}
