/*
 * handle_clinic.c: the clinic itself and its staff: settings, people, roles, invites, cover.
 */
#include <stdio.h>
#include <string.h>

#include "server/identity_internal.h"
#include "server/routes.h"

enum { LONGEST_COVER_DAYS = 366, NIGHT_TEXT = 1000, WORDING_BYTES = 48 * 1024 };

/* ---- settings ---- */

static int32_t text_check(lw_request *rq, const char *member, lw_str value, uint32_t longest) {
    const char *text = lw__pick_text(&rq->pool, value);
    if (text == NULL) {
        return lw_problem(rq, LW_ERR_TYPE, member, "This is a text.");
    }
    return lw__utf8_count(lw__str(text)) <= longest
               ? LW_OK
               : lw_problem(rq, LW_ERR_RANGE, member, "This may have %u characters at most.", longest);
}

/*
 * The wording of a questionnaire that the clinic may use: an object of texts and lists of texts, as the app reads it
 * (web/src/app/outcomes/wording.ts). What is not complete the app leaves out; here only size and kind are checked.
 */
static int32_t wording_check(lw_request *rq, lw_str value) {
    static const char where[] = "settings.visa_h_wording";
    if (lw__pick_kind(value) != '{') {
        return lw_problem(rq, LW_ERR_TYPE, where, "This is an object of texts, or null.");
    }
    if (value.len > WORDING_BYTES) {
        return lw_problem(rq, LW_ERR_LIMIT, where, "The wording may have %d bytes at most.", (int)WORDING_BYTES);
    }
    for (const char *p = value.ptr; p < value.ptr + value.len;) {
        if (*p == '"') {
            p = lw__json_after(p);
        } else if (strchr("{}[]:, \t\r\n", *p) != NULL) {
            p++;
        } else {
            return lw_problem(rq, LW_ERR_TYPE, where, "The wording holds texts and lists of texts only.");
        }
    }
    return LW_OK;
}

static int32_t settings_check(lw_request *rq, lw_str settings) {
    lw_str rest = settings, name, value;
    if (lw__pick_kind(settings) != '{') {
        return lw_problem(rq, LW_ERR_TYPE, "settings", "The settings are an object.");
    }
    while (lw__pick_member(&rest, &name, &value)) {
        int32_t err = LW_OK;
        bool null = lw__str_eq(value, LW_STR("null"));
        if (lw__str_eq(name, LW_STR("second_factor"))) {
            if (!lw__pick_is(value, "required") && !lw__pick_is(value, "optional")) {
                err = lw_problem(rq, LW_ERR_VALUE, "settings.second_factor", "This is required or optional.");
            }
        } else if (lw__str_eq(name, LW_STR("night_text"))) {
            err = null ? LW_OK : text_check(rq, "settings.night_text", value, NIGHT_TEXT);
        } else if (lw__str_eq(name, LW_STR("visa_h_wording"))) {
            err = null ? LW_OK : wording_check(rq, value);
        } else {
            err = lw_problem(rq, LW_ERR_UNKNOWN_MEMBER, "settings",
                             "Known are second_factor, night_text, visa_h_wording.");
        }
        if (err != LW_OK) {
            return err;
        }
    }
    return LW_OK;
}

int32_t lw__h_clinic(lw_request *rq, lw_sql *sql) {
    return lw_clinic_json(sql, lw__str(rq->who->clinic), &rq->reply.body);
}

int32_t lw__c_clinic_change(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name"), *country = lw_body(rq, "country"), *settings = lw_body(rq, "settings");
    const lw_value *language = lw_body(rq, "language");
    int32_t err = lw__name_check(rq, "name", name);
    if (err == LW_OK) {
        err = lw__country_check(rq, country);
    }
    if (err == LW_OK && settings->given) {
        err = settings_check(rq, settings->text);
    }
    if (err != LW_OK) {
        return err;
    }
    const lw_clinic change = {.id = rq->who->clinic,
                              .name = lw__asked(rq, name),
                              .language = language->text.len > 0 ? lw__asked(rq, language) : NULL,
                              .country = lw__asked(rq, country),
                              .settings = lw__asked(rq, settings)};
    err = lw_clinic_change(sql, &change);
    if (err == LW_OK) {
        lw_session_drop(rq->identity, NULL); /* whether a second factor is demanded stands in every entry */
        err = lw_clinic_json(sql, lw__str(rq->who->clinic), &rq->reply.body);
    }
    return err;
}

int32_t lw__h_clinics(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{\"clinics\":");
    int32_t err = lw_clinic_others(sql, lw__str(rq->who->clinic), &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

/* ---- people ---- */

int32_t lw__h_people(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{\"people\":");
    int32_t err = lw_account_list(sql, lw__str(rq->who->clinic), rq->now_s, &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

/* ["clinician", "admin", "researcher"], at least one, none twice. */
static int32_t roles_read(lw_request *rq, lw_str list, uint32_t *out) {
    static const struct {
        const char *word;
        uint32_t bit;
    } words[] = {{"clinician", LW__CLINICIAN}, {"admin", LW__ADMIN}, {"researcher", LW__RESEARCHER}};
    lw_str rest = list, item;
    *out = 0;
    if (lw__pick_kind(list) != '[') {
        return lw_problem(rq, LW_ERR_TYPE, "roles", "The roles are a list.");
    }
    while (lw__pick_item(&rest, &item)) {
        uint32_t bit = 0;
        for (uint32_t i = 0; i < 3; i++) {
            bit = lw__pick_is(item, words[i].word) ? words[i].bit : bit;
        }
        if (bit == 0 || (*out & bit) != 0) {
            return lw_problem(rq, LW_ERR_VALUE, "roles", "A role is clinician, admin or researcher, each once.");
        }
        *out |= bit;
    }
    return *out != 0 ? LW_OK : lw_problem(rq, LW_ERR_MISSING, "roles", "At least one role is needed.");
}

int32_t lw__invite_reply(lw_request *rq, lw_sql *sql, const char *account, bool staff, const char *first) {
    char token[44], url[400];
    uint8_t key[32];
    int64_t expires = rq->now_s + (staff ? LW_INVITE_STAFF_S : LW_INVITE_PATIENT_S);
    lw_token_make(token, key);
    int32_t err = lw_invite_add(sql, key, account, rq->who->account, rq->now_s, expires);
    lw_invite_url(rq->identity->origin, staff, token, url, sizeof url);
    lw_buf_fmt(&rq->reply.body, "{%s\"url\":\"%s\",\"token\":\"%s\",\"expires_s\":%lld}", first, url, token,
               (long long)expires);
    return err != LW_OK ? err : lw__replied(rq);
}

int32_t lw__c_person_add(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name"), *language = lw_body(rq, "language");
    char login[121], id[37], first[64], own_language[9], own_country[3];
    uint32_t roles = 0;
    int32_t err = lw__name_check(rq, "name", name);
    if (err == LW_OK && !lw__login(lw_body(rq, "login")->text, login)) {
        err = lw_problem(rq, LW_ERR_VALUE, "login", "A sign-in name has letters a to z, digits, and . _ - @ +");
    }
    if (err == LW_OK) {
        err = roles_read(rq, lw_body(rq, "roles")->text, &roles);
    }
    if (err == LW_OK) {
        err = lw_clinic_defaults(sql, lw__str(rq->who->clinic), own_language, own_country);
    }
    if (err != LW_OK) {
        return err;
    }
    lw_uuid_make(id);
    const lw_account account = {.id = id,
                                .clinic = rq->who->clinic,
                                .name = lw__asked(rq, name),
                                .language = language->text.len > 0 ? lw__asked(rq, language) : own_language,
                                .login = login,
                                .roles = roles};
    err = lw_account_add(sql, &account, rq->now_s);
    if (err == LW_ERR_EXISTS) {
        return lw_problem(rq, err, "login", "That sign-in name is taken.");
    }
    snprintf(rq->audit, sizeof rq->audit, "account=%s roles=%u", id, roles);
    snprintf(first, sizeof first, "\"account\":\"%s\",", id);
    return err == LW_OK ? lw__invite_reply(rq, sql, id, true, first) : err;
}

/* A member of staff of the own clinic. */
static int32_t colleague(lw_request *rq, lw_sql *sql, lw_str id, lw_account *out) {
    int32_t err = lw_account_find(sql, &rq->pool, id, out);
    bool own = err == LW_OK && strcmp(out->clinic, rq->who->clinic) == 0 && (out->roles & LW__STAFF) != 0;
    return err == LW_OK && !own ? LW_ERR_NOT_FOUND : err;
}

int32_t lw__c_person_change(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name"), *roles = lw_body(rq, "roles"), *disabled = lw_body(rq, "disabled");
    lw_account account = {0};
    int64_t admins = 0;
    int32_t err = colleague(rq, sql, lw__str(rq->path[0]), &account);
    if (err == LW_OK) {
        err = lw__name_check(rq, "name", name);
    }
    uint32_t bits = account.roles;
    if (err == LW_OK && roles->given) {
        err = roles_read(rq, roles->text, &bits);
        bits |= account.roles & LW__PATIENT;
    }
    if (err != LW_OK) {
        return err;
    }
    bool out = disabled->given ? disabled->number != 0 : account.disabled;
    err = lw_account_roles(sql, account.id, bits, out);
    if (err == LW_OK) {
        err = lw_account_admins(sql, lw__str(rq->who->clinic), &admins);
    }
    if (err == LW_OK && admins == 0) {
        err = lw_problem(rq, LW_ERR_VALUE, out ? "disabled" : "roles", "A clinic keeps at least one admin.");
    }
    if (err == LW_OK && name->given) {
        err = lw_account_rename(sql, account.id, lw__asked(rq, name), NULL);
    }
    if (err == LW_OK && out) {
        err = lw_session_remove_all(sql, account.id, NULL);
        err = err == LW_OK ? lw_invite_end(sql, account.id) : err;
    }
    if (err == LW_OK) {
        lw_session_drop(rq->identity, account.id);
        snprintf(rq->audit, sizeof rq->audit, "account=%s roles=%u disabled=%d", account.id, bits, out ? 1 : 0);
        lw_buf_str(&rq->reply.body, "{}");
    }
    return err;
}

int32_t lw__c_person_invite(lw_request *rq, lw_sql *sql) {
    lw_account account;
    int32_t err = colleague(rq, sql, lw__str(rq->path[0]), &account);
    if (err != LW_OK) {
        return err;
    }
    if (account.disabled) {
        return lw_problem(rq, LW_ERR_VALUE, NULL, "This person is shut out. Let the person in again first.");
    }
    snprintf(rq->audit, sizeof rq->audit, "account=%s", account.id);
    return lw__invite_reply(rq, sql, account.id, true, "");
}

int32_t lw__c_cover(lw_request *rq, lw_sql *sql) {
    const lw_value *whom = lw_body(rq, "account"), *until = lw_body(rq, "until");
    int32_t err = LW_OK;
    if (whom->text.len == 0) {
        err = lw_account_cover(sql, rq->who->account, NULL, 0);
    } else {
        lw_account other;
        int64_t today = rq->now_s / 86400;
        err = colleague(rq, sql, whom->text, &other);
        if (err != LW_OK && err != LW_ERR_NOT_FOUND) {
            return err;
        }
        if (err == LW_ERR_NOT_FOUND || other.disabled || (other.roles & LW__CLINICIAN) == 0 ||
            strcmp(other.id, rq->who->account) == 0) {
            return lw_problem(rq, LW_ERR_VALUE, "account", "Cover is given by another clinician of this clinic.");
        }
        if (!until->given) {
            return lw_problem(rq, LW_ERR_MISSING, "until", "Please give the last day of the absence.");
        }
        /* A day earlier is still today somewhere. */
        if (until->number < today - 1 || until->number > today + LONGEST_COVER_DAYS) {
            return lw_problem(rq, LW_ERR_RANGE, "until", "The last day lies between today and a year from now.");
        }
        err = lw_account_cover(sql, rq->who->account, other.id, (until->number + 1) * 86400);
        snprintf(rq->audit, sizeof rq->audit, "account=%s", other.id);
    }
    if (err == LW_OK) {
        lw_buf_str(&rq->reply.body, "{}");
    }
    return err;
}
