/* Unit tests of the SQL seam: types, errors, transactions. The same over either database. */
#include "store_support.h"

static lw_sql *sql;

static int setup(void **state) {
    (void)state;
    char why[300] = "";
    if (lw_sql_open(empty_place(), 0, &sql, why, sizeof why) != LW_OK) {
        fail_msg("%s", why);
    }
    assert_int_equal(lw_sql_is_postgres(sql), on_postgres());
    assert_int_equal(lw_sql_script(sql, on_postgres()
                                            ? "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BYTEA)"
                                            : "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB) STRICT"),
                     LW_OK);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    lw_sql_close(sql);
    return 0;
}

static const char INSERT[] = "INSERT INTO t (a, b, c) VALUES (?1, ?2, ?3)";

static int32_t insert(int64_t a, const char *b, const char *c) {
    lw_sql_value values[] = {lw_sql_int(a), b != NULL ? lw_sql_text(str(b)) : lw_sql_null(),
                             c != NULL ? lw_sql_blob(c, strlen(c)) : lw_sql_null()};
    return lw_sql_run(sql, INSERT, values, 3, NULL, NULL);
}

static int64_t count_rows(void) {
    int64_t count = -1;
    assert_int_equal(lw_sql_one_int(sql, "SELECT count(*) FROM t", NULL, 0, &count), LW_OK);
    return count;
}

typedef struct seen {
    lw_sql_value values[4];
    char bytes[4][64];
    uint32_t count, rows;
} seen;

static int32_t see(void *ctx, const lw_sql_value *columns, uint32_t count) {
    seen *s = ctx;
    s->rows++;
    s->count = count;
    for (uint32_t i = 0; i < count && i < 4; i++) {
        s->values[i] = columns[i];
        if (columns[i].bytes.len > 0) {
            memcpy(s->bytes[i], columns[i].bytes.ptr, columns[i].bytes.len);
            s->values[i].bytes.ptr = s->bytes[i];
        }
    }
    return LW_OK;
}

static void test_types(void **state) {
    (void)state;
    static const char blob[] = "\0\x01\xff'\"\0";
    lw_sql_value values[] = {lw_sql_int(INT64_MIN), lw_sql_text(LW_STR("žluť '?1' \xf0\x9f\xa6\xb5")),
                             lw_sql_blob(blob, sizeof blob - 1)};
    assert_int_equal(lw_sql_run(sql, INSERT, values, 3, NULL, NULL), LW_OK);
    assert_int_equal(lw_sql_changed(sql), 1);
    seen s = {.rows = 0};
    assert_int_equal(lw_sql_run(sql, "SELECT a, b, c, NULL FROM t", NULL, 0, see, &s), LW_OK);
    assert_int_equal(s.rows, 1);
    assert_int_equal(s.count, 4);
    assert_int_equal(s.values[0].type, LW_SQL_INT);
    assert_true(s.values[0].number == INT64_MIN);
    assert_int_equal(s.values[1].type, LW_SQL_TEXT);
    assert_true(lw__str_eq(s.values[1].bytes, values[1].bytes));
    assert_int_equal(s.values[2].type, LW_SQL_BLOB);
    assert_int_equal(s.values[2].bytes.len, sizeof blob - 1);
    assert_memory_equal(s.bytes[2], blob, sizeof blob - 1);
    assert_int_equal(s.values[3].type, LW_SQL_NULL);
    /* Empty is not NULL. */
    assert_int_equal(insert(2, "", ""), LW_OK);
    s = (seen){.rows = 0};
    assert_int_equal(lw_sql_run(sql, "SELECT b, c FROM t WHERE a = 2", NULL, 0, see, &s), LW_OK);
    assert_int_equal(s.values[0].type, LW_SQL_TEXT);
    assert_int_equal(s.values[1].type, LW_SQL_BLOB);
    assert_int_equal(s.values[0].bytes.len, 0);
    /* The same text with other types of parameters. */
    lw_sql_value nothing[] = {lw_sql_int(3), lw_sql_null(), lw_sql_null()};
    assert_int_equal(lw_sql_run(sql, INSERT, nothing, 3, NULL, NULL), LW_OK);
    int64_t n = 0;
    assert_int_equal(lw_sql_one_int(sql, "SELECT count(*) FROM t WHERE b IS NULL", NULL, 0, &n), LW_OK);
    assert_int_equal(n, 1);
}

static void test_numbers(void **state) {
    (void)state;
    int64_t n = 0;
    for (int i = 1; i <= 4; i++) {
        assert_int_equal(insert(i, "x", "y"), LW_OK);
    }
    assert_int_equal(insert(INT64_C(5000000000), "x", "y"), LW_OK);
    assert_int_equal(lw_sql_one_int(sql, "SELECT SUM(a) FROM t", NULL, 0, &n), LW_OK);
    assert_true(n == INT64_C(5000000010));
    assert_int_equal(lw_sql_one_int(sql, "SELECT SUM(0 - a) FROM t", NULL, 0, &n), LW_OK);
    assert_true(n == INT64_C(-5000000010));
    assert_int_equal(lw_sql_one_int(sql, "SELECT SUM(a - a) FROM t", NULL, 0, &n), LW_OK);
    assert_true(n == 0);
    assert_int_equal(lw_sql_one_int(sql, "SELECT EXISTS (SELECT 1 FROM t WHERE a = 3)", NULL, 0, &n), LW_OK);
    assert_true(n == 1);
    lw_sql_value big[] = {lw_sql_text(LW_STR("4200000000"))};
    assert_int_equal(lw_sql_one_int(sql, "SELECT CAST(CAST(?1 AS TEXT) AS INTEGER)", big, 1, &n), LW_OK);
    assert_true(n == INT64_C(4200000000));
    assert_int_equal(lw_sql_one_int(sql, "SELECT a FROM t WHERE a = 99", NULL, 0, &n), LW_ERR_NOT_FOUND);
}

static void test_errors(void **state) {
    (void)state;
    assert_int_equal(insert(1, "x", NULL), LW_OK);
    assert_int_equal(insert(1, "x", NULL), LW_ERR_EXISTS);
    assert_true(lw_sql_why(sql)[0] != '\0');
    assert_int_equal(lw_sql_run(sql, "SELECT nonsense FROM nowhere", NULL, 0, NULL, NULL), LW_ERR_IO);
    lw_sql_value cut[] = {lw_sql_int(2), lw_sql_text((lw_str){"a\0b", 3}), lw_sql_null()};
    assert_int_equal(lw_sql_run(sql, INSERT, cut, 3, NULL, NULL), LW_ERR_VALUE);
    lw_sql_value many[32];
    for (int i = 0; i < 32; i++) {
        many[i] = lw_sql_null();
    }
    assert_int_equal(lw_sql_run(sql, INSERT, many, 32, NULL, NULL), LW_ERR_VALUE);
    assert_int_equal(count_rows(), 1);
    lw_sql *none = NULL;
    char why[300] = "";
    assert_int_equal(lw_sql_open("/nowhere/at/all.db", 0, &none, why, sizeof why), LW_ERR_IO);
    assert_true(strlen(why) > 0);
    assert_int_equal(lw_sql_open("postgres://nobody@127.0.0.1:1/none", 0, &none, why, sizeof why), LW_ERR_IO);
    assert_non_null(strstr(why, "PostgreSQL"));
}

static int32_t stop(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)columns;
    (void)count;
    return ++*(int *)ctx == 2 ? LW_ERR_LIMIT : LW_OK;
}

static void test_row_function_ends_it(void **state) {
    (void)state;
    for (int i = 1; i <= 4; i++) {
        assert_int_equal(insert(i, "x", NULL), LW_OK);
    }
    int rows = 0;
    assert_int_equal(lw_sql_run(sql, "SELECT a FROM t ORDER BY a", NULL, 0, stop, &rows), LW_ERR_LIMIT);
    assert_int_equal(rows, 2);
    assert_int_equal(count_rows(), 4);
}

static int32_t nested(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    int *depth = ctx;
    int rows = 0;
    lw_sql_value a[] = {lw_sql_int(columns[0].number)};
    int32_t err = lw_sql_run(sql, "SELECT a FROM t WHERE a <= ?1 ORDER BY a LIMIT 1", a, 1, stop, &rows);
    *depth += rows;
    return err;
}

/* A row function may ask again, also with another statement that is being read. */
static void test_asking_while_reading(void **state) {
    (void)state;
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(insert(i, "x", NULL), LW_OK);
    }
    int depth = 0;
    assert_int_equal(lw_sql_run(sql, "SELECT a FROM t ORDER BY a", NULL, 0, nested, &depth), LW_OK);
    assert_int_equal(depth, 3);
}

static void test_transactions(void **state) {
    (void)state;
    assert_int_equal(lw_sql_begin(sql, true), LW_OK);
    assert_int_equal(insert(1, "x", NULL), LW_OK);
    assert_int_equal(lw_sql_savepoint(sql), LW_OK);
    assert_int_equal(insert(2, "x", NULL), LW_OK);
    assert_int_equal(insert(1, "x", NULL), LW_ERR_EXISTS);
    assert_int_equal(lw_sql_rollback_to(sql), LW_OK);
    assert_int_equal(lw_sql_savepoint(sql), LW_OK);
    assert_int_equal(insert(3, "x", NULL), LW_OK);
    assert_int_equal(lw_sql_release(sql), LW_OK);
    assert_int_equal(lw_sql_commit(sql), LW_OK);
    assert_int_equal(count_rows(), 2);
    assert_int_equal(lw_sql_begin(sql, true), LW_OK);
    assert_int_equal(insert(4, "x", NULL), LW_OK);
    lw_sql_rollback(sql);
    assert_int_equal(count_rows(), 2);
    lw_sql_rollback(sql); /* of nothing: harmless */
    assert_int_equal(count_rows(), 2);
}

/* What is queued shows its error at the latest when it is flushed, released or committed; nothing of it stays. */
static void test_queue(void **state) {
    (void)state;
    assert_int_equal(lw_sql_begin(sql, true), LW_OK);
    for (int64_t i = 0; i < 300; i++) {
        lw_sql_value values[] = {lw_sql_int(i), lw_sql_text(LW_STR("x")), lw_sql_null()};
        assert_int_equal(lw_sql_queue(sql, INSERT, values, 3), LW_OK);
    }
    assert_int_equal(lw_sql_flush(sql), LW_OK);
    assert_int_equal(lw_sql_commit(sql), LW_OK);
    assert_int_equal(count_rows(), 300);

    assert_int_equal(lw_sql_begin(sql, true), LW_OK);
    int32_t err = LW_OK;
    for (int64_t i = 299; i < 500 && err == LW_OK; i++) {
        lw_sql_value values[] = {lw_sql_int(i), lw_sql_text(LW_STR("x")), lw_sql_null()};
        err = lw_sql_queue(sql, INSERT, values, 3);
    }
    err = err == LW_OK ? lw_sql_flush(sql) : err;
    assert_int_equal(err, LW_ERR_EXISTS);
    lw_sql_rollback(sql);
    assert_int_equal(count_rows(), 300);

    /* In a savepoint, found at its release. */
    assert_int_equal(lw_sql_begin(sql, true), LW_OK);
    assert_int_equal(lw_sql_savepoint(sql), LW_OK);
    lw_sql_value fresh[] = {lw_sql_int(1000), lw_sql_null(), lw_sql_null()},
                 twice[] = {lw_sql_int(0), lw_sql_null(), lw_sql_null()};
    assert_int_equal(lw_sql_queue(sql, INSERT, fresh, 3), LW_OK);
    err = lw_sql_queue(sql, INSERT, twice, 3);
    err = err == LW_OK ? lw_sql_release(sql) : err;
    assert_int_equal(err, LW_ERR_EXISTS);
    assert_int_equal(lw_sql_rollback_to(sql), LW_OK);
    fresh[0] = lw_sql_int(1001);
    assert_int_equal(lw_sql_queue(sql, INSERT, fresh, 3), LW_OK);
    assert_int_equal(lw_sql_commit(sql), LW_OK);
    assert_int_equal(count_rows(), 301);
}

/* A commit of a transaction that has failed must not be taken for one that holds. */
static void test_commit_after_error(void **state) {
    (void)state;
    assert_int_equal(insert(1, "x", NULL), LW_OK);
    assert_int_equal(lw_sql_begin(sql, true), LW_OK);
    assert_int_equal(insert(2, "x", NULL), LW_OK);
    assert_int_equal(insert(1, "x", NULL), LW_ERR_EXISTS);
    int32_t err = lw_sql_commit(sql);
    if (err != LW_OK) {
        lw_sql_rollback(sql);
    }
    assert_int_equal(count_rows(), err == LW_OK ? 2 : 1);
}

static void test_file_is_private_and_durable(void **state) {
    (void)state;
    if (on_postgres()) {
        seen s = {.rows = 0};
        assert_int_equal(lw_sql_run(sql, "SELECT current_setting('synchronous_commit')", NULL, 0, see, &s), LW_OK);
        assert_memory_equal(s.bytes[0], "on", 2);
        return;
    }
    struct stat file;
    assert_int_equal(stat(scratch_path("store.db"), &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    int64_t n = 0;
    assert_int_equal(lw_sql_one_int(sql, "PRAGMA synchronous", NULL, 0, &n), LW_OK);
    assert_int_equal(n, 2);
    assert_int_equal(lw_sql_one_int(sql, "PRAGMA foreign_keys", NULL, 0, &n), LW_OK);
    assert_int_equal(n, 1);
    seen s = {.rows = 0};
    assert_int_equal(lw_sql_run(sql, "PRAGMA journal_mode", NULL, 0, see, &s), LW_OK);
    assert_memory_equal(s.bytes[0], "wal", 3);
    assert_int_not_equal(lw_sql_run(sql, "SELECT load_extension('x')", NULL, 0, NULL, NULL), LW_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_types, setup, teardown),
        cmocka_unit_test_setup_teardown(test_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_row_function_ends_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_asking_while_reading, setup, teardown),
        cmocka_unit_test_setup_teardown(test_transactions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queue, setup, teardown),
        cmocka_unit_test_setup_teardown(test_commit_after_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_file_is_private_and_durable, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
