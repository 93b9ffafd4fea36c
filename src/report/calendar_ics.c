/*
 * calendar_ics.c: a calendar as RFC 5545 has it, written and read by libical.
 *
 * Times are floating (no zone, no Z): "half past five" is so wherever the phone is. Nothing in a file names the patient; an
 * entry does not block time (TRANSP:TRANSPARENT), is CLASS:PRIVATE, and lasts half an hour because a calendar wants a length:
 * the plan has none. Alarms are left out: a feed cannot know that the thing is done (docs/reminders.md).
 */
#include <libical/ical.h>
#include <string.h>

#include "base/base_internal.h"
#include "report/calendar.h"
#include "words/words.h"

enum { LENGTH_MIN = 30, READ_MOST = 4 * 1024 * 1024 };

static struct icaltimetype local_time(int32_t day, int32_t minute) {
    struct icaltimetype time = icaltime_null_time();
    int32_t year, month, dom;
    lw_day_to_civil(day, &year, &month, &dom);
    time.year = year;
    time.month = month;
    time.day = dom;
    time.is_date = minute < 0;
    time.hour = minute < 0 ? 0 : minute / 60;
    time.minute = minute < 0 ? 0 : minute % 60;
    return time;
}

static struct icaltimetype instant(int64_t at_s) {
    return icaltime_from_timet_with_zone((time_t)at_s, 0, icaltimezone_get_utc_timezone());
}

static void put(icalcomponent *to, icalproperty *property) {
    if (property != NULL) {
        icalcomponent_add_property(to, property);
    }
}

static icalproperty *own(const char *name, const char *value) {
    icalproperty *property = icalproperty_new_x(value);
    if (property != NULL) {
        icalproperty_set_x_name(property, name);
    }
    return property;
}

static icalcomponent *event_of(const lw_calendar_item *item) {
    icalcomponent *event = icalcomponent_new_vevent();
    if (event == NULL) {
        return NULL;
    }
    put(event, icalproperty_new_uid(item->uid));
    put(event, icalproperty_new_dtstamp(instant(item->changed_s)));
    put(event, icalproperty_new_lastmodified(instant(item->changed_s)));
    put(event, icalproperty_new_sequence((int)item->sequence));
    put(event, icalproperty_new_dtstart(local_time(item->day, item->minute)));
    if (item->minute >= 0) {
        put(event, icalproperty_new_duration(icaldurationtype_from_int(LENGTH_MIN * 60)));
    }
    put(event, icalproperty_new_summary(item->title));
    if (item->detail[0] != '\0') {
        put(event, icalproperty_new_description(item->detail));
    }
    put(event, icalproperty_new_status(item->cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    put(event, icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
    put(event, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    return event;
}

int32_t lw_calendar_write(const lw_calendar *calendar, const char *language, lw_buf *out) {
    icalcomponent *all = icalcomponent_new_vcalendar();
    if (all == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    const char *name = lw_sentence_of(lw_language_for(language), "calendar.name");
    put(all, icalproperty_new_version("2.0"));
    put(all, icalproperty_new_prodid("-//Loadwave//Loadwave//EN"));
    put(all, icalproperty_new_calscale("GREGORIAN"));
    put(all, icalproperty_new_method(ICAL_METHOD_PUBLISH));
    put(all, own("X-WR-CALNAME", name));
    put(all, own("X-PUBLISHED-TTL", "PT1H"));
    bool whole = true;
    for (uint32_t i = 0; i < calendar->count && whole; i++) {
        icalcomponent *event = event_of(&calendar->items[i]);
        whole = event != NULL;
        if (whole) {
            icalcomponent_add_component(all, event);
        }
    }
    char *text = whole ? icalcomponent_as_ical_string_r(all) : NULL;
    if (text != NULL) {
        lw_buf_str(out, text);
    }
    icalmemory_free_buffer(text);
    icalcomponent_free(all);
    return text == NULL || out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

/* An entry of our own; false for anybody else's. */
static bool item_of(icalcomponent *event, lw_calendar_item *item) {
    const char *uid = icalcomponent_get_uid(event), *title = icalcomponent_get_summary(event);
    const char *detail = icalcomponent_get_description(event);
    size_t len = uid != NULL ? strlen(uid) : 0;
    if (len < 10 || len >= sizeof item->uid || strcmp(uid + len - 9, "@loadwave") != 0 || title == NULL ||
        strlen(title) >= sizeof item->title) {
        return false;
    }
    struct icaltimetype at = icalcomponent_get_dtstart(event), stamp = icalcomponent_get_dtstamp(event);
    if (icaltime_is_null_time(at) || icaltime_is_null_time(stamp) || at.year < 1 || at.year > 9999) {
        return false;
    }
    *item = (lw_calendar_item){.day = lw_day_from_civil(at.year, at.month, at.day),
                               .minute = at.is_date ? -1 : at.hour * 60 + at.minute,
                               .detail = detail != NULL ? detail : "",
                               .cancelled = icalcomponent_get_status(event) == ICAL_STATUS_CANCELLED,
                               .changed_s = (int64_t)icaltime_as_timet(stamp)};
    int sequence = icalcomponent_get_sequence(event);
    item->sequence = sequence > 0 ? (uint32_t)sequence : 0;
    memcpy(item->uid, uid, len + 1);
    memcpy(item->title, title, strlen(title) + 1);
    return true;
}

int32_t lw_calendar_read(lw_str text, lw_calendar *out) {
    memset(out, 0, sizeof *out);
    lw_buf copy = {.max = READ_MOST};
    lw_buf_slice(&copy, text);
    icalcomponent *all = copy.failed || copy.len == 0 ? NULL : icalparser_parse_string(copy.ptr);
    int32_t err = copy.failed ? LW_ERR_LIMIT : all == NULL ? LW_ERR_SYNTAX : LW_OK;
    if (err == LW_OK && icalcomponent_isa(all) != ICAL_VCALENDAR_COMPONENT) {
        err = LW_ERR_SYNTAX;
    }
    for (icalcomponent *event = err == LW_OK ? icalcomponent_get_first_component(all, ICAL_VEVENT_COMPONENT) : NULL;
         event != NULL; event = icalcomponent_get_next_component(all, ICAL_VEVENT_COMPONENT)) {
        lw_calendar_item item;
        if (item_of(event, &item) && !lw_calendar_add(out, &item)) {
            break;
        }
    }
    if (all != NULL) {
        icalcomponent_free(all);
    }
    lw_buf_free(&copy);
    return err;
}
