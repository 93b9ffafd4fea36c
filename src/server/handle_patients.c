/*
 * handle_patients.c: the patients of a clinic: the list, one of them, adding, inviting, moving, erasing.
 */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "server/identity_internal.h"
#include "server/routes.h"
#include "server/server.h"

enum { ROWS = 50 };

/* An admin who does not treat sees who the patients are, not how they are. */
static bool reads_records(const lw_request *rq) {
    return (rq->who->roles & (LW__PATIENT | LW__CLINICIAN)) != 0;
}

/* Replies with one patient. */
static int32_t patient_reply(lw_request *rq, lw_sql *sql, const char *id) {
    int32_t err = lw_patient_json(sql, lw__str(id), reads_records(rq), rq->now_s, &rq->reply.body);
    return err != LW_OK ? err : lw__replied(rq);
}

int32_t lw__h_patients(lw_request *rq, lw_sql *sql) {
    const lw_value *limit = lw_query(rq, "limit"), *after = lw_query(rq, "after");
    char next[65], clinic[37], responsible[37];
    bool erased = false;
    if (after->given && after->text.len > 0) {
        int32_t err = lw_patient_place(sql, after->text, clinic, responsible, &erased);
        if (err != LW_OK || erased || strcmp(clinic, rq->who->clinic) != 0) {
            return err != LW_OK
                       ? err
                       : lw_problem(rq, LW_ERR_VALUE, "after", "That page is gone. Please begin at the start.");
        }
    }
    lw_buf *out = &rq->reply.body;
    lw_buf_str(out, "{\"patients\":[");
    int32_t err = lw_patient_list(sql, lw__str(rq->who->clinic), lw_query(rq, "q")->text, after->text,
                                  lw_query(rq, "responsible")->text, limit->given ? (uint32_t)limit->number : ROWS,
                                  reads_records(rq), rq->now_s, out, next);
    lw_buf_str(out, "],\"next\":");
    if (next[0] != 0) {
        lw_buf_json(out, lw__str(next));
    } else {
        lw_buf_str(out, "null");
    }
    lw_buf_str(out, "}");
    return err != LW_OK ? err : lw__replied(rq);
}

/* "p-" and twelve letters that are not easily misread. */
static void make_id(char out[15]) {
    static const char letters[] = "23456789abcdefghjkmnpqrstuvwxyz";
    out[0] = 'p';
    out[1] = '-';
    for (uint32_t i = 2; i < 14; i++) {
        out[i] = letters[randombytes_uniform(sizeof letters - 1)];
    }
    out[14] = 0;
}

static bool id_good(lw_str id) {
    bool good = id.len > 0 && id.len <= 64;
    for (uint32_t i = 0; good && i < id.len; i++) {
        char c = id.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (i > 0 && (c == '-' || c == '_' || c == '.'));
    }
    return good;
}

int32_t lw__c_patient_add(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name"), *country = lw_body(rq, "country"), *id = lw_body(rq, "patient");
    const lw_value *language = lw_body(rq, "language");
    char made[15], account[37], own_language[9], own_country[3];
    lw_value asked = country->text.len > 0 ? *country : (lw_value){0};
    int32_t err = lw__name_check(rq, "name", name);
    if (err == LW_OK) {
        err = lw__country_check(rq, &asked);
    }
    bool given = id->given && id->text.len > 0;
    if (err == LW_OK && given && !id_good(id->text)) {
        err = lw_problem(rq, LW_ERR_VALUE, "patient", "An id has letters, digits, dots, dashes and underscores.");
    }
    if (err == LW_OK) {
        err = lw_clinic_defaults(sql, lw__str(rq->who->clinic), own_language, own_country);
    }
    if (err != LW_OK) {
        return err;
    }
    make_id(made);
    lw_uuid_make(account);
    const lw_patient patient = {.id = given ? lw__asked(rq, id) : made,
                                .clinic = rq->who->clinic,
                                .name = lw__asked(rq, name),
                                .language = language->text.len > 0 ? lw__asked(rq, language) : own_language,
                                .country = asked.given ? lw__asked(rq, country) : own_country,
                                .responsible = rq->who->account,
                                .account = account};
    err = lw_patient_add(sql, &patient, rq->now_s);
    if (err == LW_ERR_EXISTS) {
        return lw_problem(rq, err, "patient", "That id is in use. Leave it out, and one is made.");
    }
    if (err == LW_OK) {
        snprintf(rq->audit, sizeof rq->audit, "patient=%s", patient.id);
        err = patient_reply(rq, sql, patient.id);
    }
    return err;
}

int32_t lw__h_patient(lw_request *rq, lw_sql *sql) {
    return patient_reply(rq, sql, rq->target.patient);
}

/* A member of staff of the own clinic who treats and is not shut out. */
static int32_t clinician_check(lw_request *rq, lw_sql *sql, const char *member, lw_str id) {
    lw_account account;
    int32_t err = lw_account_find(sql, &rq->pool, id, &account);
    if (err != LW_OK && err != LW_ERR_NOT_FOUND) {
        return err;
    }
    bool good = err == LW_OK && strcmp(account.clinic, rq->who->clinic) == 0 && !account.disabled &&
                (account.roles & LW__CLINICIAN) != 0;
    return good ? LW_OK : lw_problem(rq, LW_ERR_VALUE, member, "That is not a clinician of this clinic.");
}

int32_t lw__c_patient_change(lw_request *rq, lw_sql *sql) {
    const lw_value *name = lw_body(rq, "name"), *country = lw_body(rq, "country"), *language = lw_body(rq, "language");
    const lw_value *responsible = lw_body(rq, "responsible");
    bool clinician = (rq->who->roles & LW__CLINICIAN) != 0 && strcmp(rq->who->clinic, rq->target.clinic) == 0;
    if (responsible->given && !clinician) {
        return lw_problem(rq, LW_ERR_FORBIDDEN, "responsible", "Only a clinician says who is responsible.");
    }
    int32_t err = lw__name_check(rq, "name", name);
    if (err == LW_OK) {
        err = lw__country_check(rq, country);
    }
    if (err == LW_OK && responsible->given && responsible->text.len > 0) {
        err = clinician_check(rq, sql, "responsible", responsible->text);
    }
    if (err != LW_OK) {
        return err;
    }
    const lw_patient change = {.id = rq->target.patient,
                               .name = lw__asked(rq, name),
                               .language = language->text.len > 0 ? lw__asked(rq, language) : NULL,
                               .country = lw__asked(rq, country),
                               .responsible = lw__asked(rq, responsible)};
    err = lw_patient_change(sql, &change);
    char account[37];
    if (err == LW_OK) {
        err = lw_patient_account(sql, lw__str(rq->target.patient), account);
    }
    if (err == LW_OK) {
        lw_session_drop(rq->identity, account);
        err = patient_reply(rq, sql, rq->target.patient);
    }
    return err;
}

int32_t lw__c_patient_erase(lw_request *rq, lw_sql *sql) {
    char account[37];
    int64_t events = 0;
    if (!lw__str_eq(lw_query(rq, "confirm")->text, lw__str(rq->target.patient))) {
        return lw_problem(rq, LW_ERR_VALUE, "confirm", "To erase, give the patient's id again, exactly.");
    }
    int32_t err = lw_patient_account(sql, lw__str(rq->target.patient), account);
    if (err == LW_OK) {
        err = lw_store_erase(sql, lw__str(rq->target.patient), lw__str(rq->who->account), rq->now_s);
    }
    if (err == LW_OK) {
        err = lw_patient_tombstone(sql, lw__str(rq->target.patient), &events);
    }
    if (err == LW_OK) {
        lw_session_drop(rq->identity, account);
        if (strcmp(account, rq->who->account) == 0) {
            lw__cookie_clear(rq);
        }
        lw_buf_fmt(&rq->reply.body, "{\"erased\":%lld}", (long long)events);
    }
    return err;
}

int32_t lw__c_patient_invite(lw_request *rq, lw_sql *sql) {
    char account[37];
    int32_t err = lw_patient_account(sql, lw__str(rq->target.patient), account);
    if (err == LW_OK && account[0] == 0) {
        err = LW_ERR_NOT_FOUND;
    }
    return err == LW_OK ? lw__invite_reply(rq, sql, account, false, "") : err;
}

/* ---- the protocol of a patient ---- */

/* "2026-11-25T19:10:00+00:00" */
static void put_time(lw_buf *out, int64_t at_s) {
    char day[11] = "";
    int64_t second = at_s % 86400;
    lw_day_write((int32_t)(at_s / 86400), day);
    lw_buf_fmt(out, "%.10sT%02d:%02d:%02d+00:00", day, (int)(second / 3600), (int)(second / 60 % 60),
               (int)(second % 60));
}

/* Why a patient was moved belongs in the record: a note, which no rule reads. */
static int32_t add_note(lw_request *rq, lw_sql *sql, lw_str reason, lw_str sha256) {
    lw_buf line = {0};
    lw_buf by = {0};
    lw_append_event event = {.kind = "note", .at_s = rq->now_s};
    char id[37];
    lw_uuid_make(id);
    for (uint32_t i = 0, half = 0; id[i] != 0; i++) {
        if (id[i] != '-') {
            uint8_t digit = (uint8_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
            event.id[half / 2] = (uint8_t)(half % 2 == 0 ? digit << 4 : event.id[half / 2] | digit);
            half++;
        }
    }
    lw_buf_fmt(&by, "clinician:%s", rq->who->account);
    lw_buf_fmt(&line, "{\"v\":1,\"id\":\"%s\",\"patient\":", id);
    lw_buf_json(&line, lw__str(rq->target.patient));
    lw_buf_str(&line, ",\"kind\":\"note\",\"at\":\"");
    put_time(&line, rq->now_s);
    lw_buf_fmt(&line, "\",\"by\":\"%s\",\"data\":{\"text\":", by.ptr != NULL ? by.ptr : "");
    lw_buf_json(&line, reason);
    lw_buf_str(&line, ",\"x_protocol_sha256\":");
    lw_buf_json(&line, sha256);
    lw_buf_str(&line, "}}");
    event.line = lw_buf_view(&line);
    event.by = lw_buf_view(&by);
    lw_append append = {.patient = lw__str(rq->target.patient), .events = &event, .count = 1, .received_s = rq->now_s};
    int32_t err = line.failed || by.failed ? LW_ERR_NO_MEMORY : lw_store_head(sql, append.patient, &append.expect);
    if (err == LW_OK) {
        err = lw_store_append(sql, &append);
    }
    rq->changed_seq = err == LW_OK ? append.head.seq : 0;
    lw_buf_free(&line);
    lw_buf_free(&by);
    return err;
}

int32_t lw__c_patient_protocol(lw_request *rq, lw_sql *sql) {
    const lw_value *sha256 = lw_body(rq, "sha256"), *reason = lw_body(rq, "reason");
    bool started = false;
    int32_t err = lw__name_check(rq, "reason", reason);
    if (err == LW_OK) {
        err = lw_patient_started(sql, lw__str(rq->target.patient), &started);
    }
    if (err == LW_OK && started) {
        /* The record names the version it was started on; one that names another has no plan. */
        snprintf(rq->hint, sizeof rq->hint, "add an event `started` that names the new version; it moves the patient");
        return lw_problem(rq, LW_ERR_PROTOCOL, "sha256", "The programme was started on another version.");
    }
    if (err == LW_OK) {
        err = lw_patient_protocol(sql, lw__str(rq->target.patient), lw__str(rq->who->clinic), sha256->text);
    }
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, LW_ERR_VALUE, "sha256", "No version of that hash is published in this clinic.");
    }
    if (err == LW_OK) {
        err = add_note(rq, sql, reason->text, sha256->text);
    }
    return err == LW_OK ? patient_reply(rq, sql, rq->target.patient) : err;
}

/* ---- hand-over ---- */

int32_t lw__c_handover_offer(lw_request *rq, lw_sql *sql) {
    const lw_value *clinic = lw_body(rq, "clinic"), *reason = lw_body(rq, "reason");
    int32_t err = lw__name_check(rq, "reason", reason);
    if (err == LW_OK) {
        err = lw_handover_offer(sql, lw__str(rq->target.patient), clinic->text, reason->text);
    }
    if (err == LW_ERR_NOT_FOUND) {
        return lw_problem(rq, LW_ERR_VALUE, "clinic", "There is no other clinic of that id here.");
    }
    return err == LW_OK ? patient_reply(rq, sql, rq->target.patient) : err;
}

int32_t lw__h_handovers(lw_request *rq, lw_sql *sql) {
    lw_buf_str(&rq->reply.body, "{\"handovers\":");
    int32_t err = lw_handover_list(sql, lw__str(rq->who->clinic), &rq->reply.body);
    lw_buf_str(&rq->reply.body, "}");
    return err;
}

/* Both clinics' lists change; state is the clinic so far. */
static void tell_both(lw_request *rq) {
    if (rq->server != NULL) {
        lw_live_publish(rq->server, rq->state, rq->path[0], 0);
        lw_live_publish(rq->server, rq->who->clinic, rq->path[0], 0);
    }
}

int32_t lw__c_handover_accept(lw_request *rq, lw_sql *sql) {
    char from[37], account[37];
    const char *patient = rq->path[0];
    int32_t err =
        lw_handover_accept(sql, lw__str(patient), lw__str(rq->who->clinic), rq->who->account, rq->now_s, from);
    if (err == LW_OK) {
        err = lw_patient_account(sql, lw__str(patient), account);
    }
    if (err != LW_OK) {
        return err;
    }
    lw_session_drop(rq->identity, account);
    /* The clinic that let the patient go sees in its own trail who took over; the router writes the other row. */
    snprintf(rq->audit, sizeof rq->audit, "patient=%s", patient);
    const lw_audit row = {.at_s = rq->now_s,
                          .clinic = lw__str(from),
                          .account = lw__str(rq->who->account),
                          .route = LW_STR("handover_accept"),
                          .patient = lw__str(patient),
                          .detail = LW_STR("handed_over"),
                          .status = 200};
    err = lw_audit_add(sql, &row);
    rq->state = lw_pool_text(&rq->pool, lw__str(from));
    rq->after = rq->state != NULL ? tell_both : NULL;
    return err == LW_OK ? patient_reply(rq, sql, patient) : err;
}
