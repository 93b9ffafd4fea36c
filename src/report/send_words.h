/*
 * send_words.h: the sentences that leave the house: calendar entries, e-mails, notifications. Made from locales/ by
 * tools/gen_send.py; the app and the command line have tables of their own.
 */
#ifndef LW_REPORT_SEND_WORDS_H
#define LW_REPORT_SEND_WORDS_H

#include "store/buffer.h"

typedef struct lw_send_sentence {
    const char *key, *text;
} lw_send_sentence;

extern const lw_send_sentence lw_send_en[], lw_send_es[];
extern const unsigned lw_send_en_count, lw_send_es_count;

/* The sentence of an id, static; English where the language ("en", "es", "es-MX" …) is another. NULL: there is none. */
const char *lw_send_word(const char *language, const char *key);
/* Appends it with {link} replaced by link (nullable). */
void lw_send_say(lw_buf *out, const char *language, const char *key, const char *link);

#endif
