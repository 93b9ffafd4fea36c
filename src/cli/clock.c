/* clock.c: the one place where the program asks what time it is, and where days become words. */
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "cli/locale.h"

int32_t cli_local_day(void) {
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    return lw_day_from_civil(local.tm_year + 1900, local.tm_mon + 1, local.tm_mday);
}

void cli_local_now(char out[32]) {
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    long offset = local.tm_gmtoff / 60;
    char sign = offset < 0 ? '-' : '+';
    offset = offset < 0 ? -offset : offset;
    char date[20];
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
    snprintf(out, 32, "%s%c%02d:%02d", date, sign, (int)(offset / 60 % 24), (int)(offset % 60));
}

int cli_zone_offset(int64_t at_s) {
    time_t at = (time_t)at_s;
    struct tm local = {0};
    return localtime_r(&at, &local) != NULL ? (int)(local.tm_gmtoff / 60) : 0;
}

void cli_fresh_id(char out[37]) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    uint8_t id[16] = {0};
    if (getrandom(id, sizeof id, 0) != (ssize_t)sizeof id) {
        /* Without randomness the nanoseconds still make the id unique on this machine. */
        uint64_t seed = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u;
        memcpy(id + 8, &seed, sizeof seed);
    }
    for (int i = 0; i < 6; i++) {
        id[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    id[6] = (uint8_t)(0x70 | (id[6] & 0x0f));
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
    snprintf(out, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", id[0], id[1], id[2],
             id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11], id[12], id[13], id[14], id[15]);
}

/* The day in the words of a sentence; cut at a whole character where it is longer than the caller allows for. */
static const char *in_words(int32_t day, bool with_weekday, char *out, size_t cap) {
    lw_buf said = {0};
    cli_buf text = {0};
    lw_day_words(&said, cli_reader(), day, with_weekday);
    cli_take(&text, &said);
    size_t len = text.len < cap ? text.len : cap - 1;
    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xc0) == 0x80) {
        len--;
    }
    memcpy(out, cli_buf_get(&text), len);
    out[len] = '\0';
    cli_buf_free(&text);
    return out;
}

const char *cli_day_long(int32_t day, char out[40]) {
    return in_words(day, true, out, 40);
}

const char *cli_day_short(int32_t day, char out[16]) {
    return in_words(day, false, out, 16);
}

const char *cli_day_iso(int32_t day, char out[12]) {
    lw_day_write(day, out);
    out[10] = '\0';
    return out;
}

bool cli_day_read(const char *text, int32_t *day) {
    return lw_day_parse((lw_str){text, (uint32_t)strlen(text)}, day);
}
