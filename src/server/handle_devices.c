/*
 * handle_devices.c: the clinic's shockwave devices, each with the settings its own maker allows.
 *
 * A radial device is set in bar, a focused one in mJ/mm²; a device has the range of its own unit only, and nothing here
 * turns one unit into the other (docs/evidence/clinical.md 5.1). What is possible at all is what an event of the record may
 * say: the bounds come from its table, not from here.
 */
#include <stdio.h>
#include <string.h>

#include "record/tables.h"
#include "server/identity_internal.h"
#include "server/routes.h"

enum { APPLICATORS = 20, NAME_LETTERS = 80 };

/* The bounds of a member of a shockwave event, times 100. */
static void bounds_of(const char *member, int64_t *min, int64_t *max) {
    const lw__object *object = &lw__kind_object[LW_KIND_SHOCKWAVE];
    for (uint32_t i = 0; i < object->names->count; i++) {
        if (strcmp(object->names->names[i].text, member) == 0) {
            const lw__member *m = &object->members[i];
            int64_t scale = m->type == LW__TYPE_INT ? 100 : 1;
            *min = m->min * scale;
            *max = m->max * scale;
        }
    }
}

static int32_t number_check(lw_request *rq, const char *where, const char *member, lw_str value, int64_t *out) {
    int64_t min = 0, max = 0;
    bounds_of(member, &min, &max);
    if (!lw__pick_x100(value, out)) {
        return lw_problem(rq, LW_ERR_TYPE, where, "This is a number with at most two decimals.");
    }
    return *out >= min && *out <= max ? LW_OK
                                      : lw_problem(rq, LW_ERR_RANGE, where, "This lies between %g and %g.",
                                                   (double)min / 100, (double)max / 100);
}

/* {"min":…,"max":…} inside what the record allows for the member. */
static int32_t range_check(lw_request *rq, const char *where, const char *member, lw_str value) {
    lw_str rest = value, name, number;
    int64_t low = -1, high = -1;
    if (lw__pick_kind(value) != '{') {
        return lw_problem(rq, LW_ERR_TYPE, where, "This is an object with min and max.");
    }
    while (lw__pick_member(&rest, &name, &number)) {
        bool min = lw__str_eq(name, LW_STR("min"));
        if (!min && !lw__str_eq(name, LW_STR("max"))) {
            return lw_problem(rq, LW_ERR_UNKNOWN_MEMBER, where, "A range has min and max only.");
        }
        int32_t err = number_check(rq, where, member, number, min ? &low : &high);
        if (err != LW_OK) {
            return err;
        }
    }
    if (low < 0 || high < 0) {
        return lw_problem(rq, LW_ERR_MISSING, where, "A range needs min and max.");
    }
    return low <= high ? LW_OK : lw_problem(rq, LW_ERR_RANGE, where, "The smaller number is min.");
}

static int32_t short_text(lw_request *rq, const char *where, lw_str value) {
    const char *text = lw__pick_text(&rq->pool, value);
    if (text == NULL) {
        return lw_problem(rq, LW_ERR_TYPE, where, "This is a text.");
    }
    return lw__utf8_count(lw__str(text)) <= NAME_LETTERS
               ? LW_OK
               : lw_problem(rq, LW_ERR_RANGE, where, "This may have %d characters at most.", (int)NAME_LETTERS);
}

static int32_t applicator_check(lw_request *rq, lw_str value) {
    static const char where[] = "settings.applicators";
    lw_str rest = value, name, member;
    int64_t mm = -1;
    if (lw__pick_kind(value) != '{') {
        return lw_problem(rq, LW_ERR_TYPE, where, "An applicator is an object with mm and name.");
    }
    while (lw__pick_member(&rest, &name, &member)) {
        int32_t err = LW_OK;
        if (lw__str_eq(name, LW_STR("mm"))) {
            err = number_check(rq, where, "applicator_mm", member, &mm);
        } else if (lw__str_eq(name, LW_STR("name"))) {
            err = short_text(rq, where, member);
        } else {
            err = lw_problem(rq, LW_ERR_UNKNOWN_MEMBER, where, "An applicator has mm and name only.");
        }
        if (err != LW_OK) {
            return err;
        }
    }
    return mm >= 0 ? LW_OK : lw_problem(rq, LW_ERR_MISSING, where, "An applicator needs its diameter, mm.");
}

static int32_t applicators_check(lw_request *rq, lw_str value) {
    lw_str rest = value, item;
    uint32_t count = 0;
    if (lw__pick_kind(value) != '[') {
        return lw_problem(rq, LW_ERR_TYPE, "settings.applicators", "The applicators are a list.");
    }
    while (lw__pick_item(&rest, &item)) {
        int32_t err = applicator_check(rq, item);
        if (err != LW_OK) {
            return err;
        }
        if (++count > APPLICATORS) {
            return lw_problem(rq, LW_ERR_LIMIT, "settings.applicators", "At most %d applicators.", (int)APPLICATORS);
        }
    }
    return count > 0 ? LW_OK
                     : lw_problem(rq, LW_ERR_MISSING, "settings.applicators", "At least one applicator is needed.");
}

static int32_t member_check(lw_request *rq, lw_str name, lw_str value) {
    int64_t number = 0;
    if (lw__str_eq(name, LW_STR("applicators"))) {
        return applicators_check(rq, value);
    }
    if (lw__str_eq(name, LW_STR("pressure_bar"))) {
        return range_check(rq, "settings.pressure_bar", "pressure_bar", value);
    }
    if (lw__str_eq(name, LW_STR("efd_mj_mm2"))) {
        return range_check(rq, "settings.efd_mj_mm2", "efd_mj_mm2", value);
    }
    if (lw__str_eq(name, LW_STR("rate_hz"))) {
        return range_check(rq, "settings.rate_hz", "rate_hz", value);
    }
    if (lw__str_eq(name, LW_STR("impulses_max"))) {
        int32_t err = number_check(rq, "settings.impulses_max", "impulses", value, &number);
        return err == LW_OK && number % 100 != 0
                   ? lw_problem(rq, LW_ERR_TYPE, "settings.impulses_max", "This is a whole number.")
                   : err;
    }
    if (lw__str_eq(name, LW_STR("serial"))) {
        return short_text(rq, "settings.serial", value);
    }
    return lw_problem(rq, LW_ERR_UNKNOWN_MEMBER, "settings",
                      "Known are applicators, pressure_bar, efd_mj_mm2, rate_hz, impulses_max, serial.");
}

static int32_t settings_check(lw_request *rq, lw_str settings, bool radial) {
    lw_str rest = settings, name, value;
    bool applicators = false, pressure = false, efd = false;
    if (lw__pick_kind(settings) != '{') {
        return lw_problem(rq, LW_ERR_TYPE, "settings", "The settings are an object.");
    }
    while (lw__pick_member(&rest, &name, &value)) {
        if (lw__str_eq(value, LW_STR("null"))) {
            continue;
        }
        int32_t err = member_check(rq, name, value);
        if (err != LW_OK) {
            return err;
        }
        applicators = applicators || lw__str_eq(name, LW_STR("applicators"));
        pressure = pressure || lw__str_eq(name, LW_STR("pressure_bar"));
        efd = efd || lw__str_eq(name, LW_STR("efd_mj_mm2"));
    }
    if (!applicators) {
        return lw_problem(rq, LW_ERR_MISSING, "settings.applicators", "At least one applicator is needed.");
    }
    if (radial && (!pressure || efd)) {
        return lw_problem(rq, pressure ? LW_ERR_VALUE : LW_ERR_MISSING,
                          pressure ? "settings.efd_mj_mm2" : "settings.pressure_bar",
                          "A radial device is set in bar, and in bar only; no unit is turned into the other.");
    }
    if (!radial && (!efd || pressure)) {
        return lw_problem(rq, efd ? LW_ERR_VALUE : LW_ERR_MISSING,
                          efd ? "settings.pressure_bar" : "settings.efd_mj_mm2",
                          "A focused device is set in mJ/mm², and in that only; no unit is turned into the other.");
    }
    return LW_OK;
}

int32_t lw__h_devices(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{\"devices\":");
    int32_t err = lw_device_list(sql, lw__str(rq->who->clinic), &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

int32_t lw__c_device_add(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name"), *wave = lw_body(rq, "wave"), *settings = lw_body(rq, "settings");
    char id[37];
    int32_t err = lw__name_check(rq, "name", name);
    if (err == LW_OK) {
        err = settings_check(rq, settings->text, lw__str_eq(wave->text, LW_STR("radial")));
    }
    if (err != LW_OK) {
        return err;
    }
    lw_uuid_make(id);
    const lw_device device = {.id = id,
                              .clinic = rq->who->clinic,
                              .name = lw__asked(rq, name),
                              .wave = lw__asked(rq, wave),
                              .settings = lw__asked(rq, settings)};
    err = lw_device_add(sql, &device, rq->now_s);
    return err == LW_OK ? lw_device_json(sql, lw__str(rq->who->clinic), lw__str(id), &rq->reply.body) : err;
}

int32_t lw__c_device_change(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name"), *active = lw_body(rq, "active"), *settings = lw_body(rq, "settings");
    char wave[9];
    int32_t err = lw_device_wave(sql, lw__str(rq->who->clinic), lw__str(rq->path[0]), wave);
    if (err == LW_OK) {
        err = lw__name_check(rq, "name", name);
    }
    if (err == LW_OK && settings->given) {
        err = settings_check(rq, settings->text, strcmp(wave, "radial") == 0);
    }
    if (err != LW_OK) {
        return err;
    }
    const lw_device change = {
        .id = rq->path[0], .clinic = rq->who->clinic, .name = lw__asked(rq, name), .settings = lw__asked(rq, settings)};
    err = lw_device_change(sql, &change, active->given ? (active->number != 0 ? 1 : 0) : -1);
    return err == LW_OK ? lw_device_json(sql, lw__str(rq->who->clinic), lw__str(rq->path[0]), &rq->reply.body) : err;
}
