/* send_say.c: looking sentences up; see send_words.h. The tables are sorted by the bytes of their keys. */
#include <string.h>

#include "report/send_words.h"

static const char *find(const lw_send_sentence *table, unsigned count, const char *key) {
    unsigned low = 0, high = count;
    while (low < high) {
        unsigned mid = low + (high - low) / 2;
        int order = strcmp(table[mid].key, key);
        if (order == 0) {
            return table[mid].text;
        }
        if (order < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return NULL;
}

const char *lw_send_word(const char *language, const char *key) {
    bool spanish = language != NULL && strncmp(language, "es", 2) == 0;
    const char *text = spanish ? find(lw_send_es, lw_send_es_count, key) : NULL;
    return text != NULL ? text : find(lw_send_en, lw_send_en_count, key);
}

void lw_send_say(lw_buf *out, const char *language, const char *key, const char *link) {
    const char *text = lw_send_word(language, key);
    text = text != NULL ? text : "";
    const char *place = strstr(text, "{link}");
    if (place == NULL) {
        lw_buf_str(out, text);
        return;
    }
    lw_buf_add(out, text, (size_t)(place - text));
    lw_buf_str(out, link != NULL ? link : "");
    lw_buf_str(out, place + 6);
}
