/* course_words.c: days, the headline, and the course beside the exercises in words: running, sitting, shockwave. */
#include <stdio.h>
#include <string.h>

#include "loadwave/events.h"
#include "words/words.h"

static void say_day(lw_buf *text, const lw_language *language, const char *sentence, int32_t day, bool two_digits) {
    int32_t year = 0, month = 1, dom = 1;
    lw_day_to_civil(day, &year, &month, &dom);
    char dom_text[16], month_text[16], year_text[16];
    snprintf(dom_text, sizeof dom_text, two_digits ? "%02d" : "%d", (int)dom);
    snprintf(month_text, sizeof month_text, "%d", (int)month);
    snprintf(year_text, sizeof year_text, "%d", (int)year);
    lw_say(text, language, sentence,
           LW_ARGS("weekday", lw_weekday_names[lw_day_weekday(day)], "day", dom_text, "month", month_text, "year",
                   year_text));
}

void lw_day_words(lw_buf *text, const lw_language *language, int32_t day, bool with_weekday) {
    say_day(text, language, with_weekday ? "date_long" : "date_short", day, !with_weekday);
}

void lw_date_words(lw_buf *text, const lw_language *language, int32_t day) {
    say_day(text, language, "date_day", day, false);
}

void lw_tick_words(lw_buf *text, const lw_language *language, int32_t day) {
    say_day(text, language, "date_tick", day, false);
}

/* The short words of a date as the plan writes it, in out; what is no date is shown as it is. */
static const char *iso_words(const lw_language *language, const char *iso, char out[48]) {
    int32_t day = 0;
    if (iso == NULL || !lw_day_parse((lw_str){iso, (uint32_t)strlen(iso)}, &day)) {
        return iso != NULL ? iso : lw_word(language, "ui", "unknown");
    }
    lw_buf text = {0};
    lw_day_words(&text, language, day, false);
    snprintf(out, 48, "%s", text.ptr != NULL ? text.ptr : iso);
    lw_buf_free(&text);
    return out;
}

const char *lw_headline_id(const lw_node *plan, char key[64]) {
    const char *status = lw_node_str(plan, "status"), *verdict = lw_node_str(plan, "verdict");
    verdict = verdict != NULL ? verdict : "hold";
    if (status != NULL && strcmp(status, "active") != 0) {
        snprintf(key, 64, "headline.%s", strcmp(status, "stopped") == 0 ? "stop" : status);
        return key;
    }
    bool items = lw_node_length(lw_node_inside(lw_node_inside(plan, "session"), "items")) > 0;
    const char *flare = lw_node_str(plan, "flare");
    bool irritated = (flare != NULL && strcmp(flare, "none") != 0) || lw_node_inside(plan, "deload") != NULL;
    bool hold = strcmp(verdict, "hold") == 0, regress = strcmp(verdict, "regress") == 0;
    snprintf(key, 64, "headline.%s",
             hold && !items          ? "hold_rest"
             : regress && !irritated ? "regress_lighter" /* a ceiling or the weights at hand, no pain */
             : regress && !items     ? "regress_rest"
                                     : verdict);
    return key;
}

void lw_run_words(lw_buf *text, const lw_words *w, const lw_node *run) {
    char day[48];
    if (!lw_node_true(run, "allowed")) {
        lw_say(text, w->language, lw_node_int(run, "level", 0) > 0 ? "run.not_today" : "run.not_allowed", NULL);
    } else {
        const char *walk = lw_node_str(run, "walk_min"), *minutes = lw_node_str(run, "run_min");
        const char *repeats = lw_node_str(run, "repeats");
        if (walk != NULL && strcmp(walk, "0") != 0 && minutes != NULL && repeats != NULL) {
            lw_say(text, w->language, "run.walk_run",
                   LW_ARGS("repeats", repeats, "walk_min", walk, "run_min", minutes));
        } else if (minutes != NULL) {
            lw_say(text, w->language, "run.continuous", LW_ARGS("run_min", minutes));
        }
        if (lw_node_str(run, "max_km") != NULL) {
            lw_say_next(text, w->language, "run.max_km", LW_ARGS("max_km", lw_node_str(run, "max_km")));
        }
        if (lw_node_str(run, "max_min") != NULL) {
            lw_say_next(text, w->language, "run.max_min", LW_ARGS("max_min", lw_node_str(run, "max_min")));
        }
        lw_say_next(text, w->language, lw_node_true(run, "hills") ? "run.hills" : "run.no_hills", NULL);
        if (lw_node_str(run, "speed_pct_max") != NULL) {
            lw_say_next(text, w->language, "run.speed", LW_ARGS("speed_pct_max", lw_node_str(run, "speed_pct_max")));
        }
        if (lw_node_str(run, "next_on") != NULL) {
            lw_say_next(text, w->language, "run.next_on",
                        LW_ARGS("date", iso_words(w->language, lw_node_str(run, "next_on"), day)));
        }
    }
    if (lw_node_at(run, "proposal") != NULL && lw_node_at(run, "proposal")->type != LW_NODE_NULL) {
        lw_buf_str(text, ". ");
        lw_say(text, w->language, "run.proposal", NULL);
    }
}

void lw_sitting_words(lw_buf *text, const lw_words *w, const lw_node *sit) {
    if (lw_node_str(sit, "limit_min") != NULL) {
        lw_say(text, w->language, "sitting.limit", LW_ARGS("limit_min", lw_node_str(sit, "limit_min")));
    }
    if (lw_node_str(sit, "break_every_min") != NULL) {
        lw_buf_str(text, text->len > 0 ? " " : "");
        lw_say(text, w->language, "sitting.break", LW_ARGS("break_every_min", lw_node_str(sit, "break_every_min")));
    }
}

void lw_shockwave_words(lw_buf *text, const lw_words *w, const lw_node *sw) {
    const char *status = lw_node_str(sw, "status");
    if (status == NULL || strcmp(status, "none") == 0) {
        return;
    }
    char key[64], day[48];
    const char *next = lw_node_str(sw, "next_on"), *quiet = lw_node_str(sw, "quiet_until");
    const char *session = lw_node_str(sw, "session");
    bool due = strcmp(status, "due") == 0;
    snprintf(key, sizeof key, "shockwave.%s%s", status, due && (session == NULL || next == NULL) ? "_nodate" : "");
    const char *date = strcmp(status, "quiet") == 0 ? quiet : next;
    lw_say(text, w->language, key,
           LW_ARGS("date", iso_words(w->language, date, day), "n", session != NULL ? session : "1"));
    if (!due && next != NULL) {
        lw_buf_str(text, " ");
        lw_say(text, w->language, "shockwave_next", LW_ARGS("date", iso_words(w->language, next, day)));
    }
}
