/*
 * doctor_post.c: whether what is sent goes out, for lw_store_doctor: the rows that the worker of reminders writes (src/send/post.c).
 */
#include <time.h>

#include "store/remind.h"
#include "store/store_internal.h"

enum { STUCK_S = 3600, FAILING_LEAST = 3 };

static void when(int64_t at_s, char out[32]) {
    time_t at = (time_t)at_s;
    struct tm utc;
    out[0] = '\0';
    if (gmtime_r(&at, &utc) != NULL) {
        (void)strftime(out, 32, "%Y-%m-%d %H:%M UTC", &utc);
    }
}

/* A store of an older Loadwave has no such tables: then there is nothing to say. The last of all checks, because of that. */
void lw__doctor_post(lw_sql *sql, int64_t now_s, lw_check *check) {
    static const struct {
        const char *channel, *what, *whose;
    } ways[] = {{"email", "E-mails", "the mail server"}, {"push", "Notifications", "the push services"}};
    for (size_t i = 0; i < 2; i++) {
        lw_carrier c;
        char since[32], last[32];
        if (lw_carrier_get(sql, ways[i].channel, &c) != LW_OK) {
            return;
        }
        when(c.failed_s, since);
        when(c.sent_s, last);
        bool failing = c.failures >= FAILING_LEAST || c.given_up > 0;
        if (c.failures > 0) {
            lw__check_say(check, failing, "%s have not gone out since %s: %lld tries, %lld given up; %s: %s.%s",
                          ways[i].what, since, (long long)c.failures, (long long)c.given_up, "the last", c.why,
                          failing ? " Nothing is sent twice when it goes again." : "");
        } else if (c.sent_s > 0) {
            lw__check_say(check, false, "%s go out: the last was taken at %s.", ways[i].what, last);
        }
        if (c.waiting > 0 && c.oldest_s < now_s - STUCK_S) {
            when(c.oldest_s, since);
            lw__check_say(check, true,
                          "%lld of them wait, the oldest since %s: the server does not run, or does not reach %s.",
                          (long long)c.waiting, since, ways[i].whose);
        }
    }
}
