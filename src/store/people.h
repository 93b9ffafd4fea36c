/*
 * people.h: the SQL of everybody who signs in: accounts, sessions, invites, passkeys, and the patients' table.
 *
 * Readers take any connection. What changes something says "in a job": it runs on the writer's connection inside the group's
 * transaction and only runs statements. Texts that are given back live in the caller's pool. Secrets come in as hashes.
 */
#ifndef LW_STORE_PEOPLE_H
#define LW_STORE_PEOPLE_H

#include "store/store.h"

/*
 * Where a patient belongs: clinic and responsible account (each at most 36 letters and a NUL; "" when nobody), and whether
 * the record was erased (clinic is then that of the tombstone). No such patient: all empty, LW_OK. For lw_target.
 */
LW_MUST_CHECK int32_t lw_patient_place(lw_sql *sql, lw_str patient, char clinic[37], char responsible[37],
                                       bool *erased);

/* Whether there is any clinic; 0 or 1. */
LW_MUST_CHECK int32_t lw_clinics_any(lw_sql *sql, bool *any);

/* The account that belongs to a patient, "" when there is none. */
LW_MUST_CHECK int32_t lw_patient_account(lw_sql *sql, lw_str patient, char account[37]);

/*
 * For searching: lower case, accents and other marks of Latin letters taken off (Łódź → lodz, Ærø → aero, ß → ss), white
 * space run together; other letters stay as they are. Needs valid UTF-8.
 */
void lw_name_fold(lw_str name, lw_buf *out);

#endif
