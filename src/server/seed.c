/*
 * seed.c: the first clinic, the first people: for `loadwave serve` on an empty store, the demo, and tests.
 */
#include <string.h>

#include "server/identity_internal.h"

/* ---- clinics and protocols ---- */

/* Compiles a protocol and gives its name and hash. LW_ERR_PROTOCOL when it does not. */
static int32_t read_protocol(lw_str text, char name[129], char sha256[65]) {
    lw_pool pool = {0};
    void *result_bytes = lw_pool_take(&pool, LW_PROTOCOL_RESULT),
         *scratch_bytes = lw_pool_take(&pool, LW_PROTOCOL_SCRATCH);
    int32_t err = LW_ERR_NO_MEMORY;
    if (result_bytes != NULL && scratch_bytes != NULL) {
        lw_arena result = lw_arena_over(result_bytes, LW_PROTOCOL_RESULT);
        lw_arena scratch = lw_arena_over(scratch_bytes, LW_PROTOCOL_SCRATCH);
        const lw_protocol *protocol = NULL;
        err = lw_protocol_compile(text, &result, &scratch, &protocol, NULL) == LW_OK ? LW_OK : LW_ERR_PROTOCOL;
        if (err == LW_OK) {
            lw__protocol_name(protocol, name, sha256);
        }
    }
    lw_pool_free(&pool);
    return err;
}

typedef struct clinic_job {
    lw_clinic clinic;
    lw_publication protocol;
    int64_t now_s;
} clinic_job;

static int32_t write_clinic(lw_sql *sql, void *ctx) {
    const clinic_job *job = ctx;
    int32_t err = lw_clinic_add(sql, &job->clinic, job->now_s);
    return err == LW_OK ? lw_protocol_publish(sql, &job->protocol, job->now_s) : err;
}

int32_t lw_seed_clinic_add(lw_store *store, const lw_seed_clinic *clinic, int64_t now_s, char id[37]) {
    char name[129], sha256[65];
    int32_t err = read_protocol(clinic->protocol, name, sha256);
    lw_uuid_make(id);
    clinic_job job = {
        .clinic = {.id = id,
                   .name = clinic->name,
                   .language = clinic->language,
                   .country = clinic->country,
                   .settings =
                       clinic->second_factor ? "{\"second_factor\":\"required\"}" : "{\"second_factor\":\"optional\"}"},
        .protocol =
            {.clinic = id, .sha256 = sha256, .name = name, .note = "", .text = clinic->protocol, .current = true},
        .now_s = now_s};
    return err == LW_OK ? lw_store_write(store, write_clinic, &job) : err;
}

static int32_t write_everywhere(lw_sql *sql, void *ctx) {
    const clinic_job *job = ctx;
    return lw_protocol_everywhere(sql, &job->protocol, job->now_s);
}

int32_t lw_seed_protocol_add(lw_store *store, lw_str protocol, int64_t now_s) {
    char name[129], sha256[65];
    int32_t err = read_protocol(protocol, name, sha256);
    clinic_job job = {.protocol = {.sha256 = sha256, .name = name, .note = "", .text = protocol}, .now_s = now_s};
    return err == LW_OK ? lw_store_write(store, write_everywhere, &job) : err;
}

/* ---- people ---- */

typedef struct person_job {
    lw_account account;
    lw_patient patient; /* id NULL: staff */
    bool invite;
    uint8_t key[32];
    int64_t now_s, life_s;
} person_job;

static int32_t write_person(lw_sql *sql, void *ctx) {
    const person_job *job = ctx;
    int32_t err = job->patient.id != NULL ? lw_patient_add(sql, &job->patient, job->now_s)
                                          : lw_account_add(sql, &job->account, job->now_s);
    return err == LW_OK && job->invite
               ? lw_invite_add(sql, job->key, job->account.id, NULL, job->now_s, job->now_s + job->life_s)
               : err;
}

int32_t lw_seed_staff_add(lw_store *store, const lw_seed_staff *staff, int64_t now_s, char id[37], char token[44]) {
    char login[121], password[LW_PASSWORD_TEXT];
    if (!lw__login(lw__str(staff->login), login)) {
        return LW_ERR_VALUE;
    }
    lw_uuid_make(id);
    person_job job = {.account = {.id = id,
                                  .clinic = staff->clinic,
                                  .name = staff->name,
                                  .language = staff->language,
                                  .login = login,
                                  .roles = staff->roles & LW__STAFF},
                      .invite = staff->invite,
                      .now_s = now_s,
                      .life_s = LW_INVITE_STAFF_S};
    int32_t err = LW_OK;
    if (staff->password != NULL) {
        err = lw_password_hash(lw__str(staff->password), password);
        job.account.password = password;
    }
    if (staff->totp != NULL) {
        memcpy(job.account.totp, staff->totp, 20);
        job.account.totp_len = 20;
        job.account.totp_on = true;
    }
    lw_token_make(token, job.key);
    return err == LW_OK ? lw_store_write(store, write_person, &job) : err;
}

int32_t lw_seed_patient_add(lw_store *store, const lw_seed_patient *patient, int64_t now_s, char token[44]) {
    char account[37];
    lw_uuid_make(account);
    person_job job = {.account = {.id = account},
                      .patient = {.id = patient->patient,
                                  .clinic = patient->clinic,
                                  .name = patient->name,
                                  .language = patient->language,
                                  .country = patient->country,
                                  .responsible = patient->responsible,
                                  .account = account},
                      .invite = true,
                      .now_s = now_s,
                      .life_s = LW_INVITE_PATIENT_S};
    lw_token_make(token, job.key);
    return lw_store_write(store, write_person, &job);
}
