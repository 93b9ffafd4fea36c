/*
 * eva_base.c: dates, UTF-8, the text writer and the reader of numbers, over every input within the
 * sizes stated here, for Frama-C's Eva (eva.sh). No compiler ever sees it.
 *
 * Frama_C_interval gives every value of a range at once, Frama_C_interval_split each of them by itself. A text that is
 * read ends where its buffer ends, so that a byte read too far is an invalid address.
 */
#include "__fc_builtin.h"

#include "base/text.c"
#include "record/json.c"

enum { LENGTH = 11, NUMBER = 9, ROOM = 22 };

static char input[LENGTH];
static char room[ROOM];

/* Any text of len bytes. */
#define ANY_TEXT(len) (Frama_C_make_unknown(input, sizeof input), (lw_str){input + LENGTH - (len), (uint32_t)(len)})

void eva_days(void) {
    int32_t year, month, dom, day;
    char text[10];
    lw_day_to_civil(Frama_C_interval(-719162, 2932896), &year, &month, &dom);
    (void)lw_day_weekday(Frama_C_interval(-719162, 2932896));
    lw_day_write(Frama_C_interval(-719162, 2932896), text);
    (void)lw_day_from_civil(Frama_C_interval(1, 9999), Frama_C_interval(1, 12), Frama_C_interval(1, 31));
    int len = Frama_C_interval_split(0, LENGTH);
    (void)lw_day_parse(ANY_TEXT(len), &day);
}

void eva_utf8(void) {
    char out[4];
    int len = Frama_C_interval_split(0, LENGTH);
    lw_str text = ANY_TEXT(len);
    switch (Frama_C_interval(0, 3)) {
    case 0:
        (void)lw__utf8_valid(text);
        break;
    case 1:
        (void)lw__utf8_count(text);
        break;
    case 2:
        if (len > 0) {
            (void)lw__utf8_length(text.ptr, text.len);
        }
        break;
    default:
        (void)lw__utf8_put((uint32_t)Frama_C_interval(0, 0x10ffff), out);
        break;
    }
}

/* What is left of the room: nothing to all of it. */
void eva_writer(void) {
    uint8_t bytes[16];
    Frama_C_make_unknown((char *)bytes, sizeof bytes);
    Frama_C_make_unknown(room, sizeof room);
    int used = Frama_C_interval_split(0, ROOM);
    lw__writer w = lw__writer_over(room, sizeof room);
    w.len = (size_t)used;
    switch (Frama_C_interval(0, 5)) {
    case 0:
        lw__put_int(&w, Frama_C_long_long_interval(INT64_MIN, INT64_MAX));
        break;
    case 1:
        /* the numbers of one length at a time */
        for (int64_t low = 0, high = 999; low <= INT32_MAX; low = high + 1, high = high * 10 + 9) {
            int32_t value = Frama_C_interval((int)low, high < INT32_MAX ? (int)high : INT32_MAX);
            lw__writer copy = w;
            lw__put_x100(&copy, value);
            copy = w;
            lw__put_x100(&copy, -value);
        }
        lw__put_x100(&w, INT32_MIN);
        break;
    case 2:
        lw__put_day(&w, Frama_C_interval(-719162, 2932896));
        break;
    case 3:
        lw__put_uuid(&w, bytes);
        break;
    case 4:
        lw__put_json(&w, ANY_TEXT(2));
        break;
    default:
        w.full = Frama_C_interval(0, 1);
        lw__put_end(&w);
        break;
    }
}

/* Begins as its caller found: with a minus sign or a digit. */
void eva_number(void) {
    lw__number number;
    int len = Frama_C_interval_split(1, NUMBER);
    lw__json j = lw__json_over(ANY_TEXT(len));
    if (Frama_C_interval(0, 1)) {
        input[LENGTH - len] = '-';
    } else {
        input[LENGTH - len] = (char)Frama_C_interval('0', '9');
    }
    (void)lw__json_number(&j, &number);
}
