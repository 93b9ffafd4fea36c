/* local_time.c: see local_time.h. */
#include "send/local_time.h"

#include <libical/ical.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Called with the lock. NULL: not known. */
static icaltimezone *find(const char *zone) {
    if (strcmp(zone, "UTC") == 0 || strcmp(zone, "Etc/UTC") == 0) {
        return icaltimezone_get_utc_timezone();
    }
    bool area = strchr(zone, '/') != NULL && strchr(zone, '.') == NULL && strncmp(zone, "right/", 6) != 0;
    return area ? icaltimezone_get_builtin_timezone(zone) : NULL; /* "Area/City": it becomes a file's name */
}

bool lw_zone_known(const char *zone) {
    pthread_mutex_lock(&lock);
    bool known = find(zone) != NULL;
    pthread_mutex_unlock(&lock);
    return known;
}

bool lw_zone_local(const char *zone, int64_t at_s, int32_t *day, int32_t *minute) {
    pthread_mutex_lock(&lock);
    icaltimezone *found = find(zone);
    struct icaltimetype time =
        icaltime_from_timet_with_zone((time_t)at_s, 0, found != NULL ? found : icaltimezone_get_utc_timezone());
    pthread_mutex_unlock(&lock);
    *day = lw_day_from_civil(time.year, time.month, time.day);
    *minute = time.hour * 60 + time.minute;
    return found != NULL;
}

int64_t lw_zone_instant(const char *zone, int32_t day, int32_t minute) {
    /* Offsets lie within a day, and a minute that clocks show twice is shown first at the larger offset. */
    int64_t wanted = (int64_t)day * 86400 + minute * 60, best = 0;
    bool found = false;
    for (int32_t step = -14 * 4; step <= 14 * 4 && !found; step++) {
        int32_t shown_day = 0, shown_minute = 0;
        int64_t at = wanted + step * 900;
        (void)lw_zone_local(zone, at, &shown_day, &shown_minute);
        if (shown_day > day || (shown_day == day && shown_minute >= minute)) {
            best = at;
            found = true;
        }
    }
    return found ? best : wanted;
}
