/*
 * store_support.h: what the tests of the store share. Each test gets an empty place: a fresh SQLite file in LW_SCRATCH, or
 * the emptied PostgreSQL database of LW_POSTGRES, so that one suite runs over both.
 */
#ifndef STORE_SUPPORT_H
#define STORE_SUPPORT_H

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"
#include "store/store_internal.h"
#include "test_support.h"

enum { T_DAY = 20520 /* 2026-03-08 */ };
static const int64_t T_NOW = INT64_C(20520) * 86400 + 36000;

static inline bool on_postgres(void) {
    const char *url = getenv("LW_POSTGRES");
    return url != NULL && url[0] != '\0';
}

/* A path in the scratch folder; one static text for each name. */
static inline const char *scratch_path(const char *name) {
    static char paths[8][500];
    const char *folder = getenv("LW_SCRATCH");
    char path[500];
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "/tmp", name);
    int i = 0;
    while (i < 7 && paths[i][0] != '\0' && strcmp(paths[i], path) != 0) {
        i++;
    }
    memcpy(paths[i], path, sizeof path);
    return paths[i];
}

static inline const char *fresh_file(const char *name) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    const char *path = scratch_path(name);
    for (int i = 0; i < 3; i++) {
        char file[520];
        snprintf(file, sizeof file, "%s%s", path, ends[i]);
        unlink(file);
    }
    return path;
}

/* Where the next test's store shall be: nothing is there yet. */
static inline const char *empty_place(void) {
    if (!on_postgres()) {
        return fresh_file("store.db");
    }
    const char *url = getenv("LW_POSTGRES");
    lw_sql *sql = NULL;
    char why[300] = "";
    if (lw_sql_open(url, 0, &sql, why, sizeof why) != LW_OK) {
        fail_msg("%s", why);
    }
    assert_int_equal(lw_sql_script(sql, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"), LW_OK);
    lw_sql_close(sql);
    return url;
}

static inline lw_store *open_store(const char *where, bool create) {
    lw_store *store = NULL;
    char why[300] = "";
    lw_store_options options = {.where = where, .readers = 4, .create = create};
    int32_t err = lw_store_open(&options, &store, why, sizeof why);
    if (err != LW_OK) {
        fail_msg("open: %s (%s)", lw_err_name(err), why);
    }
    return store;
}

/* ---- jobs ---- */

/* A job that runs one SQL script. */
static inline int32_t script_job(lw_sql *sql, void *ctx) {
    return lw_sql_script(sql, ctx);
}

static inline void run_script(lw_store *store, const char *script) {
    char copy[2000];
    snprintf(copy, sizeof copy, "%s", script);
    assert_int_equal(lw_store_write(store, script_job, copy), LW_OK);
}

/* A clinic c-1 and a patient in it. */
static inline void add_clinic(lw_store *store) {
    run_script(store, "INSERT INTO clinic (id, name, language, country, settings, created_s) "
                      "VALUES ('c-1', 'Clinic', 'en', 'GB', '{}', 0)");
}

static inline void add_patient(lw_store *store, const char *id) {
    char text[400];
    snprintf(text, sizeof text,
             "INSERT INTO patient (id, clinic, name, name_fold, language, country, protocol_sha256, created_s) "
             "VALUES ('%s', 'c-1', 'Name of %s', 'name', 'en', 'GB', '', 0)",
             id, id);
    run_script(store, text);
}

/* ---- events ---- */

/* One event of a patient; n makes the id and the minute, day the date. */
static inline lw_str line_of(char *out, size_t cap, const char *patient, int n, int32_t day, const char *kind,
                             const char *by, const char *data) {
    char date[11] = {0};
    lw_day_write(day, date);
    int len = snprintf(out, cap,
                       "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%012x\",\"patient\":\"%s\",\"kind\":\"%s\","
                       "\"at\":\"%sT%02d:%02d:00+00:00\",\"by\":\"%s\",\"data\":%s}",
                       (unsigned)n, patient, kind, date, 6 + n / 60 % 4, n % 60, by, data);
    assert_true(len > 0 && (size_t)len < cap);
    return (lw_str){out, (uint32_t)len};
}

/* Decodes a line into what the store wants. */
static inline lw_append_event event_of(lw_str line) {
    static uint8_t memory[LW_MAX_LINE * 2];
    lw_arena arena = lw_arena_over(memory, sizeof memory);
    lw_event event;
    lw_diag diag = {0};
    int32_t err = lw_event_read(line, 1, &arena, &event, &diag);
    if (err != LW_OK) {
        fail_msg("%s: %s", diag.member, diag.message);
    }
    static const char *const names[] = {"patient", "clinician", "device", "engine"};
    lw_append_event out = {.line = line, .kind = lw_kind_name(event.kind), .at_s = event.at_s};
    out.by = event.by == LW_BY_CLINICIAN ? LW_STR("clinician:c") : str(names[event.by]);
    memcpy(out.id, event.id, 16);
    return out;
}

static inline int32_t append_job(lw_sql *sql, void *ctx) {
    return lw_store_append(sql, ctx);
}

extern const unsigned char lw_builtin_protocol[];
extern const size_t lw_builtin_protocol_len;

static inline const lw_protocol *builtin(void) {
    static const lw_protocol *protocol;
    if (protocol == NULL) {
        static uint8_t result[LW_PROTOCOL_RESULT], scratch[LW_PROTOCOL_SCRATCH];
        lw_arena a = lw_arena_over(result, sizeof result), b = lw_arena_over(scratch, sizeof scratch);
        lw_str source = {(const char *)lw_builtin_protocol, (uint32_t)lw_builtin_protocol_len};
        assert_int_equal(lw_protocol_compile(source, &a, &b, &protocol, NULL), LW_OK);
    }
    return protocol;
}

/* Reads, folds and appends as a server does, once. */
static inline int32_t deliver(lw_store *store, const char *patient, const lw_str *lines, uint32_t count, int32_t day,
                              int64_t now_s) {
    lw_append_event events[64];
    bool fresh[64] = {false};
    uint32_t which = 0, left = 0;
    assert_true(count <= 64);
    for (uint32_t i = 0; i < count; i++) {
        events[i] = event_of(lines[i]);
    }
    lw_sql *sql = lw_store_reader(store);
    assert_non_null(sql);
    lw_buf log = {0};
    lw_append append = {.patient = str(patient), .events = events, .received_s = now_s};
    int32_t err = lw_sql_begin(sql, false);
    if (err == LW_OK) {
        err = lw_store_log(sql, str(patient), &log, &append.expect);
        err = err == LW_OK ? lw_store_sift(sql, str(patient), events, count, fresh, &which) : err;
        lw_sql_rollback(sql);
    }
    lw_store_reader_back(store, sql);
    for (uint32_t i = 0; i < count && err == LW_OK; i++) {
        if (fresh[i]) {
            events[left++] = events[i];
            lw_buf_slice(&log, events[left - 1].line);
            lw_buf_str(&log, "\n");
        }
    }
    append.count = left;
    lw_projection projection = {0};
    if (err == LW_OK) {
        err = lw_projection_make(builtin(), lw_buf_view(&log), day, now_s, &projection, NULL);
        append.projection = &projection;
        err = err == LW_OK ? lw_store_write(store, append_job, &append) : err;
        lw_projection_free(&projection);
    }
    lw_buf_free(&log);
    return err;
}

/* ---- asking ---- */

static inline int64_t ask_int(lw_store *store, const char *text) {
    lw_sql *sql = lw_store_reader(store);
    assert_non_null(sql);
    int64_t value = 0;
    int32_t err = lw_sql_one_int(sql, text, NULL, 0, &value);
    if (err != LW_OK) {
        fail_msg("%s: %s", text, lw_sql_why(sql));
    }
    lw_store_reader_back(store, sql);
    return value;
}

static inline int32_t text_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            lw_buf_str(ctx, "|");
        }
        if (columns[i].type == LW_SQL_INT) {
            lw_buf_int(ctx, columns[i].number);
        } else if (columns[i].type != LW_SQL_NULL) {
            lw_buf_slice(ctx, columns[i].bytes);
        }
    }
    lw_buf_str(ctx, "\n");
    return LW_OK;
}

/* Rows as "a|b\n"; static, good until the next call. */
static inline const char *ask_text(lw_store *store, const char *text) {
    static lw_buf out;
    lw_buf_clear(&out);
    lw_buf_add(&out, "", 0);
    lw_sql *sql = lw_store_reader(store);
    assert_non_null(sql);
    if (!lw_sql_is_postgres(sql)) {
        /* The views use JSON functions, which people's own tools allow and the program does not. */
        assert_int_equal(lw_sql_script(sql, "PRAGMA trusted_schema = ON"), LW_OK);
    }
    int32_t err = lw_sql_run(sql, text, NULL, 0, text_row, &out);
    if (err != LW_OK) {
        fail_msg("%s: %s", text, lw_sql_why(sql));
    }
    lw_store_reader_back(store, sql);
    return out.ptr;
}

#endif
