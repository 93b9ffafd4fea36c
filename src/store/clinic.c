/*
 * clinic.c: clinics, protocols, hand-overs, devices, audit and research in SQL.
 */
#include "store/clinic.h"

#include <stdio.h>

#include "store/rows.h"

enum { MAX_CLINICS = 1000, MAX_VERSIONS = 200, MAX_DEVICES = 500, MAX_OFFERS = 200, MAX_COHORT = 1000000 };

typedef struct rows_to {
    lw_buf *out;
    uint32_t count, limit;
    bool more, found;
    int64_t last;
} rows_to;

/* ---- clinics ---- */

int32_t lw_clinics_any(lw_sql *sql, bool *any) {
    int64_t count = 0;
    int32_t err = lw_sql_one_int(sql, "SELECT COUNT(*) FROM (SELECT 1 FROM clinic LIMIT 1) AS one", NULL, 0, &count);
    *any = count > 0;
    return err;
}

int32_t lw_clinic_add(lw_sql *sql, const lw_clinic *clinic, int64_t now_s) {
    lw_sql_value row[] = {lw_sql_c(clinic->id),      lw_sql_c(clinic->name),     lw_sql_c(clinic->language),
                          lw_sql_c(clinic->country), lw_sql_c(clinic->settings), lw_sql_int(now_s)};
    return lw_sql_run(sql,
                      "INSERT INTO clinic (id, name, language, country, settings, created_s) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                      row, 6, NULL, NULL);
}

int32_t lw_clinic_change(lw_sql *sql, const lw_clinic *clinic) {
    const char *texts[] = {clinic->name, clinic->language, clinic->country, clinic->settings};
    lw_sql_value with[5] = {lw_sql_c(clinic->id)};
    for (uint32_t i = 0; i < 4; i++) {
        with[i + 1] = lw_sql_c(texts[i] != NULL ? texts[i] : "");
    }
    return lw_sql_run(sql,
                      "UPDATE clinic SET name = CASE WHEN ?2 = '' THEN name ELSE ?2 END, "
                      "language = CASE WHEN ?3 = '' THEN language ELSE ?3 END, "
                      "country = CASE WHEN ?4 = '' THEN country ELSE ?4 END, "
                      "settings = CASE WHEN ?5 = '' THEN settings ELSE ?5 END WHERE id = ?1",
                      with, 5, NULL, NULL);
}

static int32_t clinic_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    rows_to *to = ctx;
    static const char *const names[] = {"{\"id\":", ",\"name\":", ",\"language\":", ",\"country\":"};
    to->found = true;
    for (uint32_t i = 0; i < 4; i++) {
        lw_buf_str(to->out, names[i]);
        lw_buf_json(to->out, col[i].bytes);
    }
    lw_buf_str(to->out, ",\"settings\":");
    lw_buf_slice(to->out, col[4].bytes);
    lw_buf_fmt(to->out, ",\"created_s\":%lld}", (long long)col[5].number);
    return LW_OK;
}

/* What one row's reading came to. */
static int32_t one(const rows_to *to, int32_t err) {
    return err != LW_OK ? err : !to->found ? LW_ERR_NOT_FOUND : to->out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

int32_t lw_clinic_json(lw_sql *sql, lw_str clinic, lw_buf *out) {
    rows_to to = {.out = out};
    lw_sql_value by[] = {lw_sql_text(clinic)};
    return one(&to, lw_sql_run(sql, "SELECT id, name, language, country, settings, created_s FROM clinic WHERE id = ?1",
                               by, 1, clinic_row, &to));
}

static int32_t other_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    lw__comma(out);
    lw_buf_str(out, "{\"id\":");
    lw_buf_json(out, col[0].bytes);
    lw_buf_str(out, ",\"name\":");
    lw_buf_json(out, col[1].bytes);
    lw_buf_str(out, "}");
    return LW_OK;
}

int32_t lw_clinic_others(lw_sql *sql, lw_str clinic, lw_buf *out) {
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(MAX_CLINICS)};
    lw_buf_str(out, "[");
    return lw__list_end(out, lw_sql_run(sql, "SELECT id, name FROM clinic WHERE id <> ?1 ORDER BY name, id LIMIT ?2",
                                        by, 2, other_row, out));
}

typedef struct defaults {
    char *language, *country;
    bool found;
} defaults;

static int32_t defaults_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    defaults *d = ctx;
    d->found = true;
    lw__col_text(&col[0], d->language, 9);
    lw__col_text(&col[1], d->country, 3);
    return LW_OK;
}

int32_t lw_clinic_defaults(lw_sql *sql, lw_str clinic, char language[9], char country[3]) {
    defaults d = {language, country, false};
    lw_sql_value by[] = {lw_sql_text(clinic)};
    int32_t err = lw_sql_run(sql, "SELECT language, country FROM clinic WHERE id = ?1", by, 1, defaults_row, &d);
    return err != LW_OK ? err : d.found ? LW_OK : LW_ERR_NOT_FOUND;
}

/* ---- protocols ---- */

static int32_t text_to_buf(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    rows_to *to = ctx;
    to->found = true;
    lw_buf_slice(to->out, col[0].bytes);
    return LW_OK;
}

int32_t lw_clinic_protocol(lw_sql *sql, lw_str clinic, lw_str sha256, lw_buf *out) {
    rows_to to = {.out = out};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_text(sha256)};
    return one(&to,
               lw_sql_run(sql, "SELECT text FROM protocol WHERE clinic = ?1 AND sha256 = ?2", by, 2, text_to_buf, &to));
}

/* New patients of the clinic start on this version. LW_ERR_NOT_FOUND: it is not published. */
static int32_t make_current(lw_sql *sql, const lw_publication *version) {
    lw_sql_value which[] = {lw_sql_c(version->clinic), lw_sql_c(version->sha256)};
    int64_t there = 0;
    int32_t err =
        lw_sql_one_int(sql, "SELECT COUNT(*) FROM protocol WHERE clinic = ?1 AND sha256 = ?2", which, 2, &there);
    if (err != LW_OK || there == 0) {
        return err != LW_OK ? err : LW_ERR_NOT_FOUND;
    }
    return lw_sql_run(sql, "UPDATE protocol SET current = CASE WHEN sha256 = ?2 THEN 1 ELSE 0 END WHERE clinic = ?1",
                      which, 2, NULL, NULL);
}

int32_t lw_protocol_publish(lw_sql *sql, const lw_publication *version, int64_t now_s) {
    int64_t taken = 0;
    lw_sql_value row[] = {lw_sql_c(version->clinic),  lw_sql_c(version->name), lw_sql_c(version->sha256),
                          lw_sql_text(version->text), lw_sql_c(version->note), lw_sql_c(version->by),
                          lw_sql_int(now_s)};
    int32_t err = version->current ? make_current(sql, version) : LW_ERR_NOT_FOUND;
    if (err != LW_ERR_NOT_FOUND) {
        return err;
    }
    err = lw_sql_one_int(sql, "SELECT COUNT(*) FROM protocol WHERE clinic = ?1 AND (name = ?2 OR sha256 = ?3)", row, 3,
                         &taken);
    if (err != LW_OK || taken > 0) {
        return err != LW_OK ? err : LW_ERR_EXISTS;
    }
    err = lw_sql_run(sql,
                     "INSERT INTO protocol (clinic, name, sha256, text, note, by_account, published_s, current) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
                     row, 7, NULL, NULL);
    return err == LW_OK && version->current ? make_current(sql, version) : err;
}

int32_t lw_protocol_everywhere(lw_sql *sql, const lw_publication *version, int64_t now_s) {
    lw_sql_value with[] = {lw_sql_c(version->name), lw_sql_c(version->sha256), lw_sql_text(version->text),
                           lw_sql_c(version->note), lw_sql_int(now_s)};
    return lw_sql_run(sql,
                      "INSERT INTO protocol (clinic, name, sha256, text, note, by_account, published_s, current) "
                      "SELECT c.id, ?1, ?2, ?3, ?4, NULL, ?5, CASE WHEN EXISTS (SELECT 1 FROM protocol p "
                      "WHERE p.clinic = c.id AND p.current = 1) THEN 0 ELSE 1 END FROM clinic c WHERE NOT EXISTS "
                      "(SELECT 1 FROM protocol p WHERE p.clinic = c.id AND (p.sha256 = ?2 OR p.name = ?1))",
                      with, 5, NULL, NULL);
}

typedef struct version_listing {
    lw_buf *out;
    bool for_patients;
} version_listing;

static int32_t version_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    version_listing *l = ctx;
    static const char *const names[] = {"{\"sha256\":", ",\"name\":", ",\"note\":"};
    lw__comma(l->out);
    for (uint32_t i = 0; i < 3; i++) {
        lw_buf_str(l->out, names[i]);
        lw_buf_json(l->out, col[i].bytes);
    }
    lw_buf_str(l->out, ",\"by\":");
    if (l->for_patients) {
        lw_buf_str(l->out, "null");
    } else {
        lw__json_col_text(l->out, &col[3]);
    }
    lw_buf_fmt(l->out, ",\"published_s\":%lld,\"current\":%s,\"patients\":%lld}", (long long)col[4].number,
               col[5].number != 0 ? "true" : "false", l->for_patients ? 0LL : (long long)col[6].number);
    return LW_OK;
}

int32_t lw_protocol_list(lw_sql *sql, lw_str clinic, bool for_patients, lw_buf *out) {
    version_listing l = {out, for_patients};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(MAX_VERSIONS)};
    lw_buf_str(out, "[");
    return lw__list_end(
        out, lw_sql_run(sql,
                        "SELECT v.sha256, v.name, v.note, (SELECT a.name FROM account a WHERE a.id = v.by_account), "
                        "v.published_s, v.current, (SELECT COUNT(*) FROM patient p WHERE p.clinic = v.clinic AND "
                        "p.protocol_sha256 = v.sha256) FROM protocol v WHERE v.clinic = ?1 "
                        "ORDER BY v.published_s DESC, v.sha256 LIMIT ?2",
                        by, 2, version_row, &l));
}

int32_t lw_patient_protocol(lw_sql *sql, lw_str patient, lw_str clinic, lw_str sha256) {
    lw_sql_value with[] = {lw_sql_text(patient), lw_sql_text(clinic), lw_sql_text(sha256)};
    int32_t err = lw_sql_run(sql,
                             "UPDATE patient SET protocol_sha256 = ?3 WHERE id = ?1 AND clinic = ?2 AND EXISTS "
                             "(SELECT 1 FROM protocol v WHERE v.clinic = ?2 AND v.sha256 = ?3)",
                             with, 3, NULL, NULL);
    if (err != LW_OK || lw_sql_changed(sql) != 1) {
        return err != LW_OK ? err : LW_ERR_NOT_FOUND;
    }
    return lw_sql_run(sql, "UPDATE projection SET recheck_day = 0 WHERE patient = ?1", with, 1, NULL, NULL);
}

int32_t lw_patient_started(lw_sql *sql, lw_str patient, bool *started) {
    int64_t count = 0;
    lw_sql_value by[] = {lw_sql_text(patient)};
    int32_t err = lw_sql_one_int(
        sql, "SELECT COUNT(*) FROM (SELECT 1 FROM event WHERE patient = ?1 AND kind = 'started' LIMIT 1) AS one", by, 1,
        &count);
    *started = count > 0;
    return err;
}

/* ---- hand-overs ---- */

int32_t lw_handover_offer(lw_sql *sql, lw_str patient, lw_str clinic, lw_str reason) {
    lw_sql_value with[] = {lw_sql_text(patient), lw_sql_text(clinic), lw_sql_text(reason)};
    if (clinic.len == 0) {
        return lw_sql_run(sql, "UPDATE patient SET offered_to = NULL, offered_reason = NULL WHERE id = ?1", with, 1,
                          NULL, NULL);
    }
    int32_t err =
        lw_sql_run(sql,
                   "UPDATE patient SET offered_to = ?2, offered_reason = ?3 WHERE id = ?1 AND clinic <> ?2 AND "
                   "EXISTS (SELECT 1 FROM clinic c WHERE c.id = ?2)",
                   with, 3, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_NOT_FOUND;
}

static int32_t offer_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    static const char *const names[] = {"{\"patient\":", ",\"name\":", ",\"from\":", ",\"reason\":"};
    lw__comma(out);
    for (uint32_t i = 0; i < 4; i++) {
        lw_buf_str(out, names[i]);
        lw__json_col_text(out, &col[i]);
    }
    lw_buf_str(out, "}");
    return LW_OK;
}

int32_t lw_handover_list(lw_sql *sql, lw_str clinic, lw_buf *out) {
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(MAX_OFFERS)};
    lw_buf_str(out, "[");
    return lw__list_end(out, lw_sql_run(sql,
                                        "SELECT p.id, p.name, c.name, p.offered_reason FROM patient p JOIN clinic c ON "
                                        "c.id = p.clinic WHERE p.offered_to = ?1 ORDER BY p.name_fold, p.id LIMIT ?2",
                                        by, 2, offer_row, out));
}

static int32_t from_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw__col_text(&col[0], ctx, 37);
    return LW_OK;
}

int32_t lw_handover_accept(lw_sql *sql, lw_str patient, lw_str clinic, const char *by, int64_t now_s, char from[37]) {
    lw_sql_value who[] = {lw_sql_text(patient), lw_sql_text(clinic), lw_sql_c(by)};
    from[0] = 0;
    int32_t err =
        lw_sql_run(sql, "SELECT clinic FROM patient WHERE id = ?1 AND offered_to = ?2", who, 2, from_row, from);
    if (err != LW_OK || from[0] == 0) {
        return err != LW_OK ? err : LW_ERR_NOT_FOUND;
    }
    /* The version the patient is on comes along; a clinic that has it keeps its own row. */
    lw_sql_value version[] = {who[0], who[1], lw_sql_int(now_s)};
    err = lw_sql_run(sql,
                     "INSERT INTO protocol (clinic, sha256, name, text, note, by_account, published_s, current) "
                     "SELECT ?2, v.sha256, v.name, v.text, v.note, NULL, ?3, 0 FROM patient p JOIN protocol v ON "
                     "v.clinic = p.clinic AND v.sha256 = p.protocol_sha256 WHERE p.id = ?1 "
                     "ON CONFLICT (clinic, sha256) DO NOTHING",
                     version, 3, NULL, NULL);
    if (err == LW_OK) {
        err = lw_sql_run(sql,
                         "UPDATE patient SET clinic = ?2, responsible = ?3, offered_to = NULL, offered_reason = NULL "
                         "WHERE id = ?1",
                         who, 3, NULL, NULL);
    }
    if (err == LW_OK) {
        err = lw_sql_run(sql, "UPDATE account SET clinic = ?2 WHERE patient = ?1", who, 2, NULL, NULL);
    }
    if (err == LW_OK) {
        err = lw_sql_run(sql, "UPDATE projection SET clinic = ?2 WHERE patient = ?1", who, 2, NULL, NULL);
    }
    return err == LW_OK ? lw_sql_run(sql, "UPDATE card SET clinic = ?2 WHERE patient = ?1", who, 2, NULL, NULL) : err;
}

/* ---- devices ---- */

int32_t lw_clinic_device(lw_sql *sql, lw_str clinic, lw_str device, bool *found) {
    int64_t count = 0;
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_text(device)};
    int32_t err =
        lw_sql_one_int(sql, "SELECT COUNT(*) FROM device WHERE clinic = ?1 AND id = ?2 AND active = 1", by, 2, &count);
    *found = count > 0;
    return err;
}

static int32_t wave_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw__col_text(&col[0], ctx, 9);
    return LW_OK;
}

int32_t lw_device_wave(lw_sql *sql, lw_str clinic, lw_str device, char wave[9]) {
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_text(device)};
    wave[0] = 0;
    int32_t err = lw_sql_run(sql, "SELECT wave FROM device WHERE clinic = ?1 AND id = ?2", by, 2, wave_row, wave);
    return err != LW_OK ? err : wave[0] != 0 ? LW_OK : LW_ERR_NOT_FOUND;
}

int32_t lw_device_add(lw_sql *sql, const lw_device *device, int64_t now_s) {
    lw_sql_value row[] = {lw_sql_c(device->id),   lw_sql_c(device->clinic),   lw_sql_c(device->name),
                          lw_sql_c(device->wave), lw_sql_c(device->settings), lw_sql_int(now_s)};
    return lw_sql_run(sql,
                      "INSERT INTO device (id, clinic, name, wave, settings, active, created_s) "
                      "VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6)",
                      row, 6, NULL, NULL);
}

int32_t lw_device_change(lw_sql *sql, const lw_device *device, int active) {
    lw_sql_value with[] = {lw_sql_c(device->id), lw_sql_c(device->clinic),
                           lw_sql_c(device->name != NULL ? device->name : ""),
                           lw_sql_c(device->settings != NULL ? device->settings : ""), lw_sql_int(active)};
    int32_t err = lw_sql_run(sql,
                             "UPDATE device SET name = CASE WHEN ?3 = '' THEN name ELSE ?3 END, "
                             "settings = CASE WHEN ?4 = '' THEN settings ELSE ?4 END, "
                             "active = CASE WHEN ?5 < 0 THEN active ELSE ?5 END WHERE id = ?1 AND clinic = ?2",
                             with, 5, NULL, NULL);
    return err != LW_OK ? err : lw_sql_changed(sql) == 1 ? LW_OK : LW_ERR_NOT_FOUND;
}

static int32_t device_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    rows_to *to = ctx;
    static const char *const names[] = {"{\"id\":", ",\"name\":", ",\"wave\":"};
    to->found = true;
    lw__comma(to->out);
    for (uint32_t i = 0; i < 3; i++) {
        lw_buf_str(to->out, names[i]);
        lw_buf_json(to->out, col[i].bytes);
    }
    lw_buf_str(to->out, ",\"settings\":");
    lw_buf_slice(to->out, col[3].bytes);
    lw_buf_fmt(to->out, ",\"active\":%s}", col[4].number != 0 ? "true" : "false");
    return LW_OK;
}

int32_t lw_device_json(lw_sql *sql, lw_str clinic, lw_str device, lw_buf *out) {
    rows_to to = {.out = out};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_text(device)};
    return one(&to, lw_sql_run(sql, "SELECT id, name, wave, settings, active FROM device WHERE clinic = ?1 AND id = ?2",
                               by, 2, device_row, &to));
}

int32_t lw_device_list(lw_sql *sql, lw_str clinic, lw_buf *out) {
    rows_to to = {.out = out};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(MAX_DEVICES)};
    lw_buf_str(out, "[");
    return lw__list_end(out, lw_sql_run(sql,
                                        "SELECT id, name, wave, settings, active FROM device WHERE clinic = ?1 "
                                        "ORDER BY active DESC, name, id LIMIT ?2",
                                        by, 2, device_row, &to));
}

/* ---- audit ---- */

static void hash_text(lw_buf *out, const lw_sql_value *column) {
    uint8_t hash[32] = {0};
    char text[65];
    lw__col_bytes(column, hash, sizeof hash);
    lw__hex(text, hash, 32);
    lw_buf_fmt(out, "\"%s\"", text);
}

/* seq, at_s, account, route, patient, status, detail, without the closing brace. */
static void audit_json(lw_buf *out, const lw_sql_value *col) {
    lw_buf_fmt(out, "{\"seq\":%lld,\"at_s\":%lld,\"account\":", (long long)col[0].number, (long long)col[1].number);
    lw_buf_json(out, col[2].bytes);
    lw_buf_str(out, ",\"route\":");
    lw_buf_json(out, col[3].bytes);
    lw_buf_str(out, ",\"patient\":");
    lw_buf_json(out, col[4].bytes);
    lw_buf_fmt(out, ",\"status\":%lld,\"detail\":", (long long)col[5].number);
    lw_buf_json(out, col[6].bytes);
}

static int32_t audit_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    rows_to *to = ctx;
    if (to->count == to->limit) {
        to->more = true;
        return LW_OK;
    }
    to->count++;
    lw__comma(to->out);
    audit_json(to->out, col);
    lw_buf_str(to->out, ",\"hash\":");
    hash_text(to->out, &col[7]);
    lw_buf_str(to->out, "}");
    to->last = col[0].number;
    return LW_OK;
}

int32_t lw_audit_list(lw_sql *sql, lw_str clinic, int64_t before, uint32_t limit, lw_str patient, lw_str account,
                      lw_buf *out, int64_t *next) {
    rows_to to = {.out = out, .limit = limit};
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(before > 0 ? before : INT64_MAX), lw_sql_int(limit + 1),
                         lw_sql_text(patient), lw_sql_text(account)};
    lw_buf_str(out, "[");
    int32_t err = lw__list_end(
        out,
        patient.len > 0
            ? lw_sql_run(sql,
                         "SELECT seq, at_s, account, route, patient, status, detail, hash FROM audit WHERE clinic = ?1 "
                         "AND seq < ?2 AND patient = ?4 AND (?5 = '' OR account = ?5) ORDER BY seq DESC LIMIT ?3",
                         by, 5, audit_row, &to)
            : lw_sql_run(sql,
                         "SELECT seq, at_s, account, route, patient, status, detail, hash FROM audit WHERE clinic = ?1 "
                         "AND seq < ?2 AND ?4 = '' AND (?5 = '' OR account = ?5) ORDER BY seq DESC LIMIT ?3",
                         by, 5, audit_row, &to));
    *next = to.more ? to.last : 0;
    return err;
}

static int32_t audit_line(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw_buf *out = ctx;
    audit_json(out, col);
    lw_buf_str(out, ",\"clinic\":");
    lw_buf_json(out, col[9].bytes);
    lw_buf_str(out, ",\"before\":");
    hash_text(out, &col[8]);
    lw_buf_str(out, ",\"hash\":");
    hash_text(out, &col[7]);
    lw_buf_str(out, "}\n");
    return out->failed ? LW_ERR_LIMIT : LW_OK;
}

int32_t lw_audit_lines(lw_sql *sql, lw_str clinic, lw_buf *out) {
    lw_sql_value by[] = {lw_sql_text(clinic)};
    return lw_sql_run(sql,
                      "SELECT a.seq, a.at_s, a.account, a.route, a.patient, a.status, a.detail, a.hash, "
                      "(SELECT b.hash FROM audit b WHERE b.seq = a.seq - 1), a.clinic FROM audit a WHERE a.clinic = ?1 "
                      "ORDER BY a.seq",
                      by, 1, audit_line, out);
}

/* ---- research ---- */

int32_t lw_research_patients(lw_sql *sql, lw_str clinic, lw_sql_row row, void *ctx) {
    lw_sql_value by[] = {lw_sql_text(clinic), lw_sql_int(MAX_COHORT)};
    return lw_sql_run(sql,
                      "SELECT p.id FROM patient p WHERE p.clinic = ?1 AND EXISTS (SELECT 1 FROM event e WHERE "
                      "e.patient = p.id) ORDER BY p.id LIMIT ?2",
                      by, 2, row, ctx);
}

static int32_t hash_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    lw__col_text(&col[0], ctx, 65);
    return LW_OK;
}

int32_t lw_research_protocol(lw_sql *sql, lw_str patient, char sha256[65]) {
    lw_sql_value by[] = {lw_sql_text(patient)};
    sha256[0] = 0;
    int32_t err = lw_sql_run(sql, "SELECT protocol_sha256 FROM patient WHERE id = ?1", by, 1, hash_row, sha256);
    return err != LW_OK ? err : sha256[0] != 0 ? LW_OK : LW_ERR_NOT_FOUND;
}
