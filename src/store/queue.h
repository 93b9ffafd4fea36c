/*
 * queue.h: the SQL of the clinician's queue: cards, what was done about them, how many there are; and counts of use.
 *
 * The queue reads the projections only, in the order of their index; it never folds a record.
 */
#ifndef LW_STORE_QUEUE_H
#define LW_STORE_QUEUE_H

#include "store/store.h"

enum { LW_QUEUE_COUNTED = 10000 }; /* the total is not counted any further */

typedef struct lw_queue_ask {
    lw_str clinic;
    lw_str responsible; /* account: its patients, those of whom it covers, and those who have nobody; empty: all */
    int64_t now_s;
    uint32_t limit;
    bool after; /* go on after this one */
    int64_t after_priority, after_since_s;
    lw_str after_patient;
} lw_queue_ask;

typedef struct lw_queue_page {
    uint32_t rows;
    bool more;
    int64_t total, last_priority, last_since_s;
    char last_patient[65];
} lw_queue_page;

/* Appends [{"patient":…,"name":…,"responsible":…,"cards":[…],"summary":{…}},…]. */
LW_MUST_CHECK int32_t lw_queue_read(lw_sql *sql, const lw_queue_ask *ask, lw_buf *out, lw_queue_page *page);

/* In a job. LW_ERR_NOT_FOUND: no open card of that kind. */
LW_MUST_CHECK int32_t lw_card_acknowledge(lw_sql *sql, lw_str patient, lw_str kind, lw_str account, lw_str reason,
                                          int64_t now_s);
LW_MUST_CHECK int32_t lw_card_snooze(lw_sql *sql, lw_str patient, lw_str kind, lw_str reason, int64_t until_s,
                                     int64_t now_s);

/* The whole answer of the burden route: cards opened in the last four weeks, and what became of them. */
LW_MUST_CHECK int32_t lw_queue_burden(lw_sql *sql, lw_str clinic, int64_t now_s, lw_buf *out);

enum { LW_USAGE_PATIENTS = 5000 }; /* of larger clinics the weeks are not counted: it would read every event */
/* The whole answer of the usage route. */
LW_MUST_CHECK int32_t lw_usage_read(lw_sql *sql, lw_str clinic, int64_t now_s, lw_buf *out);

/* The hash of the patient's protocol, 64 hex digits and a NUL. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_patient_protocol_hash(lw_sql *sql, lw_str patient, char out[65]);
/* The text of a published protocol, whichever clinic published it, appended. LW_ERR_NOT_FOUND. */
LW_MUST_CHECK int32_t lw_protocol_text(lw_sql *sql, lw_str sha256, lw_buf *out);
/* Whether the database answers. */
LW_MUST_CHECK int32_t lw_store_alive(lw_sql *sql);
/* In a job: writes a row as it is, to see whether the store takes writes. */
LW_MUST_CHECK int32_t lw_store_touch(lw_sql *sql);

#endif
