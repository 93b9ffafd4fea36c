/* store_internal.h: what the files of the store share. */
#ifndef LW_STORE_INTERNAL_H
#define LW_STORE_INTERNAL_H

#include "base/base_internal.h"
#include "store/store.h"

#define LW__SCHEMA_VERSION      1
#define LW__SCHEMA_VERSION_TEXT "1"

/* Makes all tables and views in an empty database, within the caller's transaction. */
LW_MUST_CHECK int32_t lw__schema_write(lw_sql *sql);
/* Version of the tables: 0 when the database is empty, −1 when it is somebody else's. */
LW_MUST_CHECK int32_t lw__schema_version(lw_sql *sql, int64_t *version);

/* LW_OK when there is a store of this version or an older one; otherwise why says what is there. */
LW_MUST_CHECK int32_t lw__store_readable(lw_sql *sql, const char *where, char *why, size_t cap);

const char *lw__store_where(const lw_store *store);
/* The place as it may be shown: an address may carry a password. */
const char *lw__store_name(const char *where);

/* Adds one event to a chain: hash (in, out) of what was before becomes that of the line. scratch: LW_MAX_LINE bytes. */
LW_MUST_CHECK int32_t lw__chain(uint8_t hash[32], lw_str line, char *scratch);

/* Appends "2026-03-02T06:05:00+00:00". */
void lw__put_instant(lw_buf *out, int64_t at_s);

/* Brings the table of cards to what the projection says, and settles. */
LW_MUST_CHECK int32_t lw__cards_write(lw_sql *sql, lw_str patient, lw_str clinic, const lw_projection *projection,
                                      int64_t now_s);

/* Tells who asked one sentence, and counts it when something is wrong. */
/* doctor_post.c: whether reminders go out. Where the store has no such rows: nothing. */
void lw__doctor_post(lw_sql *sql, int64_t now_s, lw_check *check);
void lw__check_say(lw_check *check, bool wrong, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
