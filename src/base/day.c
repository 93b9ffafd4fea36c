/*
 * day.c: civil dates as day numbers.
 *
 * The proleptic Gregorian calendar, years 1 to 9999, by Howard Hinnant's era method ("chrono-compatible low-level date
 * algorithms"): the year is taken to begin in March, so that the leap day is its last, and 400 years are one era of
 * 146,097 days. No table, no loop, no time zone.
 */
#include "base/base_internal.h"

enum { DAYS_PER_ERA = 146097, DAYS_TO_1970 = 719468 };

/*@ requires 1 <= year <= 9999 && 1 <= month <= 12 && 1 <= dom <= 31;
    assigns \nothing;
    ensures in_range: -719162 <= \result <= 2932896 + 1; */
int32_t lw_day_from_civil(int32_t year, int32_t month, int32_t dom) {
    int32_t y = month <= 2 ? year - 1 : year;
    int32_t era = (y >= 0 ? y : y - 399) / 400;
    int32_t year_of_era = y - era * 400;
    int32_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + dom - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
}

/*@ requires \valid(year) && \valid(month) && \valid(dom) && \separated(year, month, dom);
    requires -719468 <= day <= 2932896;
    assigns *year, *month, *dom;
    ensures a_month: 1 <= *month <= 12;
    ensures a_day: 1 <= *dom <= 31;
    ensures a_year: 0 <= *year <= 10000; */
void lw_day_to_civil(int32_t day, int32_t *year, int32_t *month, int32_t *dom) {
    int32_t shifted = day + DAYS_TO_1970;
    int32_t era = (shifted >= 0 ? shifted : shifted - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int32_t day_of_era = shifted - era * DAYS_PER_ERA;
    int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t march_month = (5 * day_of_year + 2) / 153;
    *dom = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month < 10 ? march_month + 3 : march_month - 9;
    *year = year_of_era + era * 400 + (*month <= 2 ? 1 : 0);
}

/*@ requires day <= INT32_MAX - 3;
    assigns \nothing;
    ensures 0 <= \result <= 6;
    ensures day >= -7000003 ==> \result == weekday(day); */
int32_t lw_day_weekday(int32_t day) {
    int32_t rest = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return rest < 0 ? rest + 7 : rest;
}

/* The number of count decimal digits at p, or -1. */
static int32_t digits(const char *p, int count) {
    int32_t value = 0;
    for (int i = 0; i < count; i++) {
        uint32_t digit = (uint32_t)(uint8_t)p[i] - '0';
        if (digit > 9) {
            return -1;
        }
        value = value * 10 + (int32_t)digit;
    }
    return value;
}

bool lw_day_parse(lw_str text, int32_t *day) {
    static const uint8_t lengths[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-') {
        return false;
    }
    int32_t year = digits(text.ptr, 4);
    int32_t month = digits(text.ptr + 5, 2);
    int32_t dom = digits(text.ptr + 8, 2);
    if (year < 1 || month < 1 || month > 12 || dom < 1) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (dom > lengths[month] + (month == 2 && leap ? 1 : 0)) {
        return false;
    }
    *day = lw_day_from_civil(year, month, dom);
    return true;
}

void lw_day_write(int32_t day, char out[10]) {
    int32_t year, month, dom;
    lw_day_to_civil(day, &year, &month, &dom);
    int32_t parts[3] = {year, month, dom};
    static const uint8_t ends[3] = {4, 7, 10};
    for (int i = 0; i < 3; i++) {
        int first = i == 0 ? 0 : ends[i - 1] + 1;
        for (int at = ends[i] - 1; at >= first; at--) {
            out[at] = (char)('0' + parts[i] % 10);
            parts[i] /= 10;
        }
    }
    out[4] = out[7] = '-';
}
