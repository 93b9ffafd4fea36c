/* Unit tests of the log in the store: append, idempotence, races, chain, erasure. Over either database. */
#include "store_support.h"

static lw_store *store;

static int setup(void **state) {
    (void)state;
    store = open_store(empty_place(), true);
    add_clinic(store);
    add_patient(store, "p-001");
    return 0;
}

static int teardown(void **state) {
    (void)state;
    lw_store_close(store);
    return 0;
}

static lw_head head_of(const char *patient) {
    lw_sql *sql = lw_store_reader(store);
    lw_head head = {0};
    assert_int_equal(lw_store_head(sql, str(patient), &head), LW_OK);
    lw_store_reader_back(store, sql);
    return head;
}

static int32_t first_head(void *ctx, const lw_sql_value *columns, uint32_t count) {
    assert_int_equal(count, 2);
    memcpy(((lw_head *)ctx)->hash, columns[1].bytes.ptr, 32);
    return LW_OK;
}

static void test_append_and_read(void **state) {
    (void)state;
    char a[400], b[400];
    lw_str lines[] = {
        line_of(a, sizeof a, "p-001", 1, T_DAY, "checkin", "patient", "{\"pain_morning\":2}"),
        line_of(b, sizeof b, "p-001", 2, T_DAY, "note", "clinician:c", "{\"text\":\"žluť \\\" \\u001f\"}")};
    assert_int_equal(deliver(store, "p-001", lines, 2, T_DAY, T_NOW), LW_OK);
    assert_int_equal(head_of("p-001").seq, 2);
    lw_sql *sql = lw_store_reader(store);
    lw_buf log = {0};
    lw_head head;
    assert_int_equal(lw_store_log(sql, str("p-001"), &log, &head), LW_OK);
    char expected[900];
    snprintf(expected, sizeof expected, "%s\n%s\n", a, b);
    assert_string_equal(log.ptr, expected);
    assert_int_equal(head.seq, 2);
    /* from where somebody had read it, but not from where it never was */
    lw_buf_clear(&log);
    lw_head from = {.seq = 1}, then = {0};
    assert_int_equal(lw_sql_run(sql, "SELECT seq, hash FROM event WHERE seq = 1", NULL, 0, first_head, &from), LW_OK);
    assert_int_equal(lw_store_log_after(sql, str("p-001"), &from, &log, &then), LW_OK);
    snprintf(expected, sizeof expected, "%s\n", b);
    assert_string_equal(log.ptr, expected);
    assert_int_equal(then.seq, 2);
    assert_memory_equal(then.hash, head.hash, 32);
    lw_buf_clear(&log);
    assert_int_equal(lw_store_log_after(sql, str("p-001"), &head, &log, &then), LW_OK);
    assert_int_equal(log.len, 0);
    assert_int_equal(then.seq, 2);
    from.hash[31] ^= 1;
    assert_int_equal(lw_store_log_after(sql, str("p-001"), &from, &log, &then), LW_ERR_HEAD);
    from = (lw_head){.seq = 3};
    assert_int_equal(lw_store_log_after(sql, str("p-001"), &from, &log, &then), LW_ERR_HEAD);
    lw_buf_clear(&log);
    int64_t last = 0;
    bool more = false;
    assert_int_equal(lw_store_events(sql, str("p-001"), 0, 1, &log, &last, &more), LW_OK);
    snprintf(expected, sizeof expected, "[{\"seq\":1,\"received\":\"2026-03-08T10:00:00+00:00\",\"event\":%s}]", a);
    assert_string_equal(log.ptr, expected);
    assert_int_equal(last, 1);
    assert_true(more);
    lw_buf_clear(&log);
    assert_int_equal(lw_store_events(sql, str("p-001"), 2, 10, &log, &last, &more), LW_OK);
    assert_string_equal(log.ptr, "[]");
    assert_int_equal(last, 2);
    assert_false(more);
    lw_buf_free(&log);
    int64_t bad = 0;
    assert_int_equal(lw_store_verify(sql, str("p-001"), &bad), LW_OK);
    lw_store_reader_back(store, sql);
    assert_string_equal(ask_text(store, "SELECT seq, kind, by_whom, received_s FROM event ORDER BY seq"),
                        "1|checkin|patient|1772964000\n2|note|clinician:c|1772964000\n");
}

/* The chain as schema.sql says it, worked out here once more. */
static void test_chain(void **state) {
    (void)state;
    uint8_t hash[32] = {0};
    for (int i = 1; i <= 3; i++) {
        char a[400], canonical[400];
        lw_str line = line_of(a, sizeof a, "p-001", i, T_DAY, "checkin", "patient", "{ \"pain_morning\" : 2.50 }");
        assert_int_equal(deliver(store, "p-001", &line, 1, T_DAY, T_NOW + i), LW_OK);
        int64_t len = lw_event_canonical(line, canonical, sizeof canonical);
        assert_true(len > 0 && len < line.len);
        uint8_t bytes[432];
        memcpy(bytes, hash, 32);
        memcpy(bytes + 32, canonical, (size_t)len);
        lw__sha256_of(bytes, 32 + (size_t)len, hash);
        lw_head head = head_of("p-001");
        assert_int_equal(head.seq, i);
        assert_memory_equal(head.hash, hash, 32);
    }
}

static void test_repeat_is_ignored(void **state) {
    (void)state;
    char a[400], spaced[500];
    lw_str line = line_of(a, sizeof a, "p-001", 1, T_DAY, "checkin", "patient", "{\"pain_morning\":2}");
    assert_int_equal(deliver(store, "p-001", &line, 1, T_DAY, T_NOW), LW_OK);
    lw_head before = head_of("p-001");
    /* The same event in other white space and with a time of receipt is the same event. */
    snprintf(spaced, sizeof spaced, "{ \"received\":\"2026-03-08T11:00:00+00:00\", %s", a + 1);
    lw_str again[] = {line, str(spaced)};
    assert_int_equal(deliver(store, "p-001", again, 2, T_DAY, T_NOW), LW_OK);
    lw_head after = head_of("p-001");
    assert_int_equal(after.seq, 1);
    assert_memory_equal(after.hash, before.hash, 32);
    char other[400];
    lw_str changed = line_of(other, sizeof other, "p-001", 1, T_DAY, "checkin", "patient", "{\"pain_morning\":3}");
    assert_int_equal(deliver(store, "p-001", &changed, 1, T_DAY, T_NOW), LW_ERR_CONFLICT);
    /* Two with the same id in one delivery. */
    char c[400], d[400];
    lw_str twins[] = {line_of(c, sizeof c, "p-001", 7, T_DAY, "checkin", "patient", "{\"pain_morning\":2}"),
                      line_of(d, sizeof d, "p-001", 7, T_DAY, "checkin", "patient", "{\"pain_morning\":4}")};
    assert_int_equal(deliver(store, "p-001", twins, 2, T_DAY, T_NOW), LW_ERR_CONFLICT);
    twins[1] = twins[0];
    assert_int_equal(deliver(store, "p-001", twins, 2, T_DAY, T_NOW), LW_OK);
    assert_int_equal(head_of("p-001").seq, 2);
}

static void test_nobody_and_erased(void **state) {
    (void)state;
    char a[400];
    lw_str line = line_of(a, sizeof a, "p-404", 1, T_DAY, "checkin", "patient", "{\"pain_morning\":2}");
    assert_int_equal(deliver(store, "p-404", &line, 1, T_DAY, T_NOW), LW_ERR_NOT_FOUND);
    lw_append_event event = event_of(line);
    lw_append append = {.patient = LW_STR("p-404"), .events = &event, .count = 1};
    assert_int_equal(lw_store_write(store, append_job, &append), LW_ERR_NOT_FOUND);
}

static int32_t erase_job(lw_sql *sql, void *ctx) {
    return lw_store_erase(sql, str(ctx), LW_STR("a-1"), T_NOW);
}

static void test_erase(void **state) {
    (void)state;
    add_patient(store, "p-002");
    run_script(store, "INSERT INTO account (id, clinic, roles, patient, name, language, totp_step, totp_on, disabled, "
                      "failed, locked_until_s, created_s) VALUES ('a-9', 'c-1', 1, 'p-001', 'Secret Name', 'en', 0, 0, "
                      "0, 0, 0, 0)");
    run_script(store,
               "INSERT INTO account (id, clinic, roles, patient, login, name, language, totp_step, totp_on, "
               "disabled, failed, locked_until_s, created_s) VALUES ('a-8', 'c-1', 3, 'p-001', 'staff', 'Staff', "
               "'en', 0, 0, 0, 0, 0, 0)");
    char a[400], b[400];
    lw_str line = line_of(a, sizeof a, "p-001", 1, T_DAY, "symptom", "patient", "{\"flag\":\"RF02\"}");
    lw_str other = line_of(b, sizeof b, "p-002", 2, T_DAY, "checkin", "patient", "{\"pain_morning\":2}");
    assert_int_equal(deliver(store, "p-001", &line, 1, T_DAY, T_NOW), LW_OK);
    assert_int_equal(deliver(store, "p-002", &other, 1, T_DAY, T_NOW), LW_OK);
    assert_int_equal(lw_store_write(store, erase_job, "p-001"), LW_OK);
    assert_string_equal(ask_text(store, "SELECT patient, clinic, erased_s, by_account, events FROM tombstone"),
                        "p-001|c-1|1772964000|a-1|1\n");
    assert_string_equal(ask_text(store,
                                 "SELECT 'event', patient FROM event UNION ALL SELECT 'projection', patient FROM "
                                 "projection UNION ALL SELECT 'patient', id FROM patient ORDER BY 1"),
                        "event|p-002\npatient|p-002\nprojection|p-002\n");
    assert_int_equal(ask_int(store,
                             "SELECT (SELECT count(*) FROM card WHERE patient = 'p-001') + (SELECT count(*) FROM "
                             "account WHERE patient = 'p-001')"),
                     0);
    assert_string_equal(ask_text(store, "SELECT id, roles, patient FROM account"), "a-8|2|\n");
    assert_int_equal(deliver(store, "p-001", &line, 1, T_DAY, T_NOW), LW_ERR_GONE);
    assert_int_equal(lw_store_write(store, erase_job, "p-001"), LW_ERR_GONE);
    lw_append_event event = event_of(line);
    lw_append append = {.patient = LW_STR("p-001"), .events = &event, .count = 1};
    assert_int_equal(lw_store_write(store, append_job, &append), LW_ERR_GONE);
}

/* ---- races ---- */

enum { THREADS = 8, EACH = 12 };

static int32_t lost_races;

static void *race(void *arg) {
    int mine = (int)(intptr_t)arg;
    for (int i = 0; i < EACH; i++) {
        char a[400];
        lw_str line =
            line_of(a, sizeof a, "p-001", 1000 * mine + i, T_DAY, "checkin", "patient", "{\"pain_morning\":2}");
        lw_append_event event;
        memset(&event, 0, sizeof event);
        event.line = line;
        event.by = LW_STR("patient");
        event.kind = "checkin";
        event.at_s = T_NOW;
        event.id[0] = (uint8_t)mine;
        event.id[1] = (uint8_t)i;
        for (int32_t err = LW_ERR_HEAD; err == LW_ERR_HEAD;) {
            lw_sql *sql = lw_store_reader(store);
            lw_append append = {.patient = LW_STR("p-001"), .events = &event, .count = 1, .received_s = T_NOW};
            err = sql != NULL ? lw_store_head(sql, LW_STR("p-001"), &append.expect) : LW_ERR_BUSY;
            lw_store_reader_back(store, sql);
            if (err == LW_OK) {
                err = lw_store_write(store, append_job, &append);
            }
            if (err == LW_ERR_HEAD) {
                __atomic_fetch_add(&lost_races, 1, __ATOMIC_RELAXED);
            } else if (err != LW_OK) {
                return (void *)lw_err_name(err);
            }
        }
    }
    return NULL;
}

static void test_race_for_the_head(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    lost_races = 0;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, race, (void *)(intptr_t)(i + 1)), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
    assert_int_equal(head_of("p-001").seq, THREADS * EACH);
    assert_int_equal(ask_int(store, "SELECT count(DISTINCT id) FROM event"), THREADS * EACH);
    lw_sql *sql = lw_store_reader(store);
    int64_t bad = 0;
    assert_int_equal(lw_store_verify(sql, LW_STR("p-001"), &bad), LW_OK);
    lw_store_reader_back(store, sql);
    assert_true(lost_races > 0);
}

/* ---- groups ---- */

typedef struct step {
    lw_append_event event;
    int n;
    int32_t answer, heard;
} step;

static int order[64], heard_count;
static pthread_mutex_t order_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t order_ready = PTHREAD_COND_INITIALIZER;

/* Writes a row and then answers as it was told: what it wrote must go with a bad answer. */
static int32_t step_job(lw_sql *sql, void *ctx) {
    step *s = ctx;
    lw_sql_value n = lw_sql_int(s->n);
    int32_t err = lw_sql_queue(sql, "INSERT INTO meta (name, value) VALUES ('step-' || CAST(?1 AS TEXT), 'x')", &n, 1);
    if (err == LW_OK && s->answer == LW_ERR_EXISTS) {
        err = lw_sql_queue(sql, "INSERT INTO meta (name, value) VALUES ('schema_version', 'twice')", NULL, 0);
        return err == LW_ERR_EXISTS || err == LW_OK ? err : LW_ERR_IO;
    }
    return err != LW_OK ? err : s->answer;
}

static void step_done(void *ctx, int32_t err) {
    step *s = ctx;
    pthread_mutex_lock(&order_lock);
    s->heard = err;
    order[heard_count++] = s->n;
    pthread_cond_signal(&order_ready);
    pthread_mutex_unlock(&order_lock);
}

static void test_group_order_and_savepoints(void **state) {
    (void)state;
    enum { STEPS = 40 };
    step steps[STEPS];
    heard_count = 0;
    for (int i = 0; i < STEPS; i++) {
        steps[i] = (step){.n = i, .answer = i % 5 == 3 ? LW_ERR_HEAD : i % 5 == 4 ? LW_ERR_EXISTS : LW_OK, .heard = 1};
        assert_int_equal(lw_store_submit(store, step_job, step_done, &steps[i]), LW_OK);
    }
    pthread_mutex_lock(&order_lock);
    while (heard_count < STEPS) {
        pthread_cond_wait(&order_ready, &order_lock);
    }
    pthread_mutex_unlock(&order_lock);
    for (int i = 0; i < STEPS; i++) {
        assert_int_equal(order[i], i);
        assert_int_equal(steps[i].heard, steps[i].answer);
    }
    assert_int_equal(ask_int(store, "SELECT count(*) FROM meta WHERE name > 'step-' AND name < 'step.'"),
                     STEPS * 3 / 5);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM meta WHERE name IN ('step-3', 'step-4', 'step-39')"), 0);
    lw_store_stats stats;
    lw_store_stats_get(store, &stats);
    assert_int_equal(stats.waiting, 0);
    assert_int_equal(stats.failed, STEPS * 2 / 5);
    assert_true(stats.groups < stats.jobs);
}

/* ---- damage ---- */

static void test_verify_finds_a_changed_byte(void **state) {
    (void)state;
    char lines[3][400];
    for (int i = 0; i < 3; i++) {
        lw_str line = line_of(lines[i], 400, "p-001", i + 1, T_DAY, "checkin", "patient", "{\"pain_morning\":2}");
        assert_int_equal(deliver(store, "p-001", &line, 1, T_DAY, T_NOW), LW_OK);
    }
    static const struct {
        const char *harm, *mend;
    } harms[] = {
        {"UPDATE event SET line = replace(line, '\"pain_morning\":2', '\"pain_morning\":1') WHERE seq = 2",
         "UPDATE event SET line = replace(line, '\"pain_morning\":1', '\"pain_morning\":2') WHERE seq = 2"},
        {"UPDATE event SET seq = 9 WHERE seq = 2", "UPDATE event SET seq = 2 WHERE seq = 9"},
        {"UPDATE event SET hash = (SELECT hash FROM event WHERE seq = 1) WHERE seq = 2", NULL},
    };
    lw_sql *sql = lw_store_reader(store);
    int64_t bad = 0;
    for (size_t i = 0; i < 3; i++) {
        run_script(store, harms[i].harm);
        assert_int_equal(lw_store_verify(sql, LW_STR("p-001"), &bad), LW_ERR_CORRUPT);
        assert_int_equal(bad, 2);
        if (harms[i].mend != NULL) {
            run_script(store, harms[i].mend);
            assert_int_equal(lw_store_verify(sql, LW_STR("p-001"), &bad), LW_OK);
        }
    }
    lw_store_reader_back(store, sql);
}

static int32_t audit_job(lw_sql *sql, void *ctx) {
    lw_audit row = {.at_s = T_NOW,
                    .clinic = LW_STR("c-1"),
                    .account = LW_STR("a-1"),
                    .route = LW_STR("plan"),
                    .patient = str(ctx),
                    .detail = LW_STR("on=2026-03-08"),
                    .status = 200};
    return lw_audit_add(sql, &row);
}

static void test_audit_chain(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(lw_store_write(store, audit_job, "p-001"), LW_OK);
    }
    lw_sql *sql = lw_store_reader(store);
    int64_t bad = 0;
    assert_int_equal(lw_audit_verify(sql, &bad), LW_OK);
    run_script(store, "UPDATE audit SET status = 403 WHERE seq = 4");
    assert_int_equal(lw_audit_verify(sql, &bad), LW_ERR_CORRUPT);
    assert_int_equal(bad, 4);
    run_script(store, "UPDATE audit SET status = 200 WHERE seq = 4");
    assert_int_equal(lw_audit_verify(sql, &bad), LW_OK);
    run_script(store, "DELETE FROM audit WHERE seq = 2");
    assert_int_equal(lw_audit_verify(sql, &bad), LW_ERR_CORRUPT);
    assert_int_equal(bad, 2);
    lw_store_reader_back(store, sql);
}

/* A reader in a transaction sees one moment, whatever is written meanwhile. */
static void test_reader_snapshot(void **state) {
    (void)state;
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_sql_begin(sql, false), LW_OK);
    char a[400];
    lw_str line = line_of(a, sizeof a, "p-001", 1, T_DAY, "checkin", "patient", "{\"pain_morning\":2}");
    /* PostgreSQL's snapshot is that of the first statement. */
    lw_head head = {.seq = 9};
    assert_int_equal(lw_store_head(sql, LW_STR("p-001"), &head), LW_OK);
    assert_int_equal(deliver(store, "p-001", &line, 1, T_DAY, T_NOW), LW_OK);
    assert_int_equal(lw_store_head(sql, LW_STR("p-001"), &head), LW_OK);
    assert_int_equal(head.seq, 0);
    lw_sql_rollback(sql);
    assert_int_equal(lw_store_head(sql, LW_STR("p-001"), &head), LW_OK);
    assert_int_equal(head.seq, 1);
    lw_store_reader_back(store, sql);
}

static void test_reader_cannot_write(void **state) {
    (void)state;
    lw_sql *sql = lw_store_reader(store);
    assert_int_not_equal(lw_sql_run(sql, "DELETE FROM meta", NULL, 0, NULL, NULL), LW_OK);
    lw_sql_rollback(sql);
    lw_store_reader_back(store, sql);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM meta WHERE name = 'schema_version'"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_append_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(test_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repeat_is_ignored, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nobody_and_erased, setup, teardown),
        cmocka_unit_test_setup_teardown(test_erase, setup, teardown),
        cmocka_unit_test_setup_teardown(test_race_for_the_head, setup, teardown),
        cmocka_unit_test_setup_teardown(test_group_order_and_savepoints, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verify_finds_a_changed_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_audit_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reader_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(test_reader_cannot_write, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
