/* window.c: see window.h. */
#include "send/window.h"

#include "send/local_time.h"

bool lw_window_fits(int32_t from_min, int32_t until_min, int32_t exercise_min) {
    bool begun = exercise_min >= from_min, ended = exercise_min >= until_min;
    return from_min < until_min ? begun && !ended : from_min > until_min && (begun || !ended);
}

lw_window lw_window_at(const lw_reminder *who, int64_t now_s) {
    lw_window w = {.open = false};
    int32_t minute = 0;
    bool over = who->until_min < who->from_min;
    (void)lw_zone_local(who->zone, now_s, &w.today, &minute);
    w.past_midnight = over && minute < who->until_min;
    w.day = w.today - (w.past_midnight ? 1 : 0);
    w.opened_s = lw_zone_instant(who->zone, w.day, who->from_min);
    w.until_s = lw_zone_instant(who->zone, w.day + (over ? 1 : 0), who->until_min);
    w.evening = who->exercise_min >= who->from_min;
    int64_t exercises_s = lw_zone_instant(who->zone, w.day + (w.evening ? 0 : 1), who->exercise_min);
    w.early = now_s < exercises_s;
    /* Both by the instant and by what the clock shows: an hour that clocks show twice is in it once, or not at all. */
    bool lasts = now_s >= w.opened_s && now_s < w.until_s;
    bool shown = w.past_midnight || (minute >= who->from_min && (over || minute < who->until_min));
    w.open = lasts && shown;
    if (w.open && w.early) {
        w.next_s = exercises_s;
    } else if (lasts && !shown) {
        w.next_s = now_s + 60; /* within the hour that comes twice */
    } else {
        w.next_s = now_s < w.opened_s ? w.opened_s : lw_zone_instant(who->zone, w.day + 1, who->from_min);
    }
    return w;
}

lw_standing lw_window_due(const lw_window *w, const lw_standing *today, const lw_standing *opened) {
    bool night = !w->past_midnight || (w->evening ? opened->session : opened->done_s < w->opened_s);
    return (lw_standing){.checkin = today->checkin && !w->past_midnight,
                         .session = today->session && !w->early && night};
}
