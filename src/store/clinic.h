/*
 * clinic.h: the SQL of what belongs to a clinic: its settings, devices, protocols, hand-overs, its part of the audit trail
 * and the reading of its records for research.
 *
 * As in people.h: "in a job" is the writer's connection; lists are appended as JSON in the shapes of schema/routes.json.
 */
#ifndef LW_STORE_CLINIC_H
#define LW_STORE_CLINIC_H

#include "store/people.h"

/* ---- clinics ---- */

typedef struct lw_clinic {
    const char *id, *name, *language, *country, *settings; /* settings: JSON object */
} lw_clinic;

/* Whether there is any clinic. */
LW_MUST_CHECK int32_t lw_clinics_any(lw_sql *sql, bool *any);
/* In a job. */
LW_MUST_CHECK int32_t lw_clinic_add(lw_sql *sql, const lw_clinic *clinic, int64_t now_s);
/* In a job. NULL leaves a text as it is. */
LW_MUST_CHECK int32_t lw_clinic_change(lw_sql *sql, const lw_clinic *clinic);
/* {"id":…,"settings":{…},"created_s":…}. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_clinic_json(lw_sql *sql, lw_str clinic, lw_buf *out);
/* [{"id":…,"name":…},…] of all but this one. */
LW_MUST_CHECK int32_t lw_clinic_others(lw_sql *sql, lw_str clinic, lw_buf *out);
/* Language and country, for new patients. */
LW_MUST_CHECK int32_t lw_clinic_defaults(lw_sql *sql, lw_str clinic, char language[9], char country[3]);

/* ---- protocols ---- */

/*
 * The text of a published version, appended to out, if the clinic has it. LW_ERR_NOT_FOUND otherwise. The built-in protocol
 * is published in every clinic when the clinic is made, so it is found here too.
 */
LW_MUST_CHECK int32_t lw_clinic_protocol(lw_sql *sql, lw_str clinic, lw_str sha256, lw_buf *out);

typedef struct lw_publication {
    const char *clinic, *sha256, *name, *note;
    const char *by; /* nullable: the built-in one */
    lw_str text;
    bool current; /* new patients start on it */
} lw_publication;
/* In a job. LW_ERR_EXISTS: this text, or another text of this name and version, is published. A text that is published
 * already may still be made the current one. */
LW_MUST_CHECK int32_t lw_protocol_publish(lw_sql *sql, const lw_publication *version, int64_t now_s);
/* In a job: the same in every clinic that has not this text; current where there is no other. Name clashes are left alone. */
LW_MUST_CHECK int32_t lw_protocol_everywhere(lw_sql *sql, const lw_publication *version, int64_t now_s);
/* [{"sha256":…},…], the latest first. for_patients leaves out who published and how many patients are on it. */
LW_MUST_CHECK int32_t lw_protocol_list(lw_sql *sql, lw_str clinic, bool for_patients, lw_buf *out);
/* In a job: moves a patient to a version the clinic has. LW_ERR_NOT_FOUND. The projection is marked stale. */
LW_MUST_CHECK int32_t lw_patient_protocol(lw_sql *sql, lw_str patient, lw_str clinic, lw_str sha256);

/* Whether a programme was ever started in the record; its version is then named there. */
LW_MUST_CHECK int32_t lw_patient_started(lw_sql *sql, lw_str patient, bool *started);

/* ---- hand-overs ---- */

/* In a job. clinic "": takes the offer back. LW_ERR_NOT_FOUND: no such clinic. */
LW_MUST_CHECK int32_t lw_handover_offer(lw_sql *sql, lw_str patient, lw_str clinic, lw_str reason);
/* [{"patient":…,"name":…,"from":…,"reason":…},…] offered to the clinic; at most 200. */
LW_MUST_CHECK int32_t lw_handover_list(lw_sql *sql, lw_str clinic, lw_buf *out);
/*
 * In a job: the patient, what is known of the patient and the patient's protocol move to the clinic; `by` becomes
 * responsible. from receives the clinic so far. LW_ERR_NOT_FOUND: not offered to this clinic.
 */
LW_MUST_CHECK int32_t lw_handover_accept(lw_sql *sql, lw_str patient, lw_str clinic, const char *by, int64_t now_s,
                                         char from[37]);

/* ---- devices ---- */

typedef struct lw_device {
    const char *id, *clinic, *name, *wave, *settings; /* settings: JSON object */
} lw_device;

/* Whether a device of this id belongs to the clinic and is in use. */
LW_MUST_CHECK int32_t lw_clinic_device(lw_sql *sql, lw_str clinic, lw_str device, bool *found);
/* Its wave; LW_ERR_NOT_FOUND when it is not the clinic's. */
LW_MUST_CHECK int32_t lw_device_wave(lw_sql *sql, lw_str clinic, lw_str device, char wave[9]);
/* In a job. */
LW_MUST_CHECK int32_t lw_device_add(lw_sql *sql, const lw_device *device, int64_t now_s);
/* In a job. NULL leaves a text as it is; active -1 too. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_device_change(lw_sql *sql, const lw_device *device, int active);
/* {"id":…}; LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_device_json(lw_sql *sql, lw_str clinic, lw_str device, lw_buf *out);
LW_MUST_CHECK int32_t lw_device_list(lw_sql *sql, lw_str clinic, lw_buf *out);

/* ---- audit ---- */

/*
 * Rows of a clinic, [{"seq":…},…] newest first: before > 0 only older ones, patient and account "" for all. *next the last
 * seq when there are more, else 0.
 */
LW_MUST_CHECK int32_t lw_audit_list(lw_sql *sql, lw_str clinic, int64_t before, uint32_t limit, lw_str patient,
                                    lw_str account, lw_buf *out, int64_t *next);
/* All rows of a clinic as JSON lines, the oldest first, each with the hash before it and its own: docs/access.md. */
LW_MUST_CHECK int32_t lw_audit_lines(lw_sql *sql, lw_str clinic, lw_buf *out);

/* ---- research ---- */

/* Calls row with (patient) for each patient of the clinic with a record, in a fixed order. */
LW_MUST_CHECK int32_t lw_research_patients(lw_sql *sql, lw_str clinic, lw_sql_row row, void *ctx);
/* Which protocol a patient is on. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_research_protocol(lw_sql *sql, lw_str patient, char sha256[65]);

#endif
