/* Unit tests of backup, restore and doctor. Over either database; a backup is a SQLite file always. */
#include <fcntl.h>

#include "store_support.h"

static lw_store *store;
static const lw_backup_key *key; /* the test is done twice, plain and sealed */
static const char *where;

static int setup(void **state) {
    (void)state;
    where = empty_place();
    store = open_store(where, true);
    add_clinic(store);
    char texts[12][600];
    for (int p = 1; p <= 5; p++) {
        char id[16];
        snprintf(id, sizeof id, "p-%03d", p);
        add_patient(store, id);
        lw_str lines[12];
        for (int i = 0; i < 12; i++) {
            lines[i] = line_of(texts[i], 600, id, i + 1, T_DAY - 12 + i, "checkin", "patient",
                               "{\"pain_morning\":2.50,\"x_note\":\"žluť \\\"'\"}");
        }
        assert_int_equal(deliver(store, id, lines, 12, T_DAY, T_NOW), LW_OK);
    }
    return 0;
}

static int teardown(void **state) {
    (void)state;
    lw_store_close(store);
    return 0;
}

static bool there(const char *path) {
    struct stat file;
    return lstat(path, &file) == 0;
}

/* Nothing of a failed copy may stay in the folder. */
static void assert_no_parts(void) {
    char command[600];
    snprintf(command, sizeof command, "ls -a \"%s\" | grep -q part",
             getenv("LW_SCRATCH") != NULL ? getenv("LW_SCRATCH") : "/tmp");
    assert_int_not_equal(system(command), 0);
}

static char *one_copy(const char *of, const char *name) {
    static char path[500];
    snprintf(path, sizeof path, "%s", fresh_file(name));
    char why[300] = "";
    int32_t err = lw_backup_make(of, path, key, NULL, why, sizeof why);
    if (err != LW_OK) {
        fail_msg("%s: %s", lw_err_name(err), why);
    }
    return path;
}

static const char TABLES[] = "SELECT patient, seq, received_s, line, hash FROM event ORDER BY patient, seq";

static void test_backup_and_restore(void **state) {
    (void)state;
    char before[20000];
    snprintf(before, sizeof before, "%s", ask_text(store, TABLES));
    char *path = one_copy(where, "copy.db");
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    char wal[520];
    snprintf(wal, sizeof wal, "%s-wal", path);
    assert_false(there(wal));
    assert_no_parts();
    char why[300] = "";
    assert_int_equal(lw_store_backup(store, path, key, why, sizeof why), LW_ERR_EXISTS);
    assert_non_null(strstr(why, "already"));

    /* To SQLite. */
    const char *again = fresh_file("again.db");
    lw_check check = {0};
    int32_t err = lw_backup_restore(path, key, again, &check, why, sizeof why);
    if (err != LW_OK) {
        fail_msg("%s", why);
    }
    assert_int_equal(check.patients, 5);
    assert_int_equal(check.events, 60);
    lw_store *copy = open_store(again, false);
    assert_string_equal(ask_text(copy, TABLES), before);
    assert_string_equal(ask_text(copy, "SELECT count(*) FROM v_event"), "60\n");
    lw_store_close(copy);
    assert_no_parts();
    assert_int_equal(lw_backup_restore(path, key, again, NULL, why, sizeof why), LW_ERR_EXISTS);

    /* And to PostgreSQL, when the suite runs over it. */
    if (on_postgres()) {
        assert_int_equal(lw_backup_restore(path, key, where, NULL, why, sizeof why), LW_ERR_EXISTS);
        lw_store_close(store);
        const char *url = empty_place();
        err = lw_backup_restore(path, key, url, NULL, why, sizeof why);
        if (err != LW_OK) {
            fail_msg("%s", why);
        }
        store = open_store(url, false);
        assert_string_equal(ask_text(store, TABLES), before);
    }
}

/* The same sealed; then what a key is for. */
static void test_sealed(void **state) {
    char path[500], why[400] = "";
    lw_backup_key one, other;
    snprintf(path, sizeof path, "%s", fresh_file("one.key"));
    assert_int_equal(lw_backup_key_make(path, &one, why, sizeof why), LW_OK);
    snprintf(path, sizeof path, "%s", fresh_file("other.key"));
    assert_int_equal(lw_backup_key_make(path, &other, why, sizeof why), LW_OK);
    key = &one;
    test_backup_and_restore(state);
    snprintf(path, sizeof path, "%s", one_copy(where, "sealed.lwb"));
    key = NULL;
    char command[1200];
    snprintf(command, sizeof command, "grep -q -e SQLite -e checkin -e 'Name of' \"%s\"", path);
    assert_int_not_equal(system(command), 0);

    const char *again = fresh_file("again.db");
    static const struct {
        int with; /* 0 none, 1 the right one, 2 another */
        int32_t err;
        const char *says;
    } tries[] = {
        {0, LW_ERR_VALUE, "it needs the key"}, {2, LW_ERR_FORBIDDEN, "was encrypted with the key"}, {1, LW_OK, ""}};
    for (size_t i = 0; i < 3; i++) {
        const lw_backup_key *with = tries[i].with == 0 ? NULL : tries[i].with == 1 ? &one : &other;
        assert_int_equal(lw_backup_restore(path, with, NULL, NULL, why, sizeof why), tries[i].err);
        assert_true(tries[i].err == LW_OK || strstr(why, tries[i].says) != NULL);
        if (tries[i].err != LW_OK) {
            assert_int_equal(lw_backup_restore(path, with, again, NULL, why, sizeof why), tries[i].err);
        }
        assert_false(there(again));
    }
    /* Cut off, and a bit flipped: refused before anything is in place. */
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, -9, SEEK_END);
    int byte = fgetc(file);
    fseek(file, -9, SEEK_END);
    fputc(byte ^ 4, file);
    fclose(file);
    assert_int_equal(lw_backup_restore(path, &one, again, NULL, why, sizeof why), LW_ERR_CORRUPT);
    assert_non_null(strstr(why, "damaged, changed or cut off. Nothing was restored."));
    assert_false(there(again));
    assert_int_equal(truncate(path, 70000), 0);
    assert_int_equal(lw_backup_restore(path, &one, again, NULL, why, sizeof why), LW_ERR_CORRUPT);
    assert_false(there(again));
    /* A plain file in place of a sealed one does not pass for it. */
    char *copy = one_copy(where, "copy.db");
    assert_int_equal(lw_backup_restore(copy, &one, again, NULL, why, sizeof why), LW_ERR_VALUE);
    assert_non_null(strstr(why, "is not encrypted"));
    assert_false(there(again));
    assert_no_parts();
}

static int32_t harm(const char *path, const char *script) {
    lw_sql *sql = NULL;
    int32_t err = lw_sql_open(path, 0, &sql, NULL, 0);
    err = err == LW_OK ? lw_sql_script(sql, script) : err;
    err = err == LW_OK ? lw_sql_script(sql, "PRAGMA journal_mode = DELETE") : err;
    lw_sql_close(sql);
    return err;
}

/* What is wrong in a backup is found, and nothing is left of the try. */
static void test_restore_refuses_what_is_wrong(void **state) {
    (void)state;
    static const struct {
        const char *script, *says;
    } harms[] = {
        {"UPDATE event SET line = replace(line, '2.50', '1.50') WHERE patient = 'p-003' AND seq = 7", "number 7"},
        {"DELETE FROM event WHERE patient = 'p-002' AND seq = 12", "another log"},
        {"UPDATE event SET kind = 'note' WHERE patient = 'p-001' AND seq = 1", "columns differ"},
        {"UPDATE projection SET summary = '{}' WHERE patient = 'p-001'", "fresh fold"},
        {"DELETE FROM card", "fresh fold"},
        {"INSERT INTO audit VALUES (1, 1, 'c', 'a', 'r', 'p', 200, '', x'00')", "audit"},
        {"DELETE FROM patient WHERE id = 'p-005'", "not in the list"},
        {"UPDATE meta SET value = '99' WHERE name = 'schema_version'", "newer"},
    };
    for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++) {
        char *path = one_copy(where, "harmed.db");
        assert_int_equal(harm(path, harms[i].script), LW_OK);
        const char *again = fresh_file("again.db");
        char why[400] = "";
        int32_t err = lw_backup_restore(path, key, again, NULL, why, sizeof why);
        assert_true(err == LW_ERR_CORRUPT || err == LW_ERR_NEWER);
        if (strstr(why, harms[i].says) == NULL) {
            fail_msg("\"%s\" does not say \"%s\"", why, harms[i].says);
        }
        assert_false(there(again));
        assert_no_parts();
        if (on_postgres() && i == 0) {
            lw_store_close(store);
            const char *url = empty_place();
            assert_int_equal(lw_backup_restore(path, key, url, NULL, why, sizeof why), LW_ERR_CORRUPT);
            lw_sql *sql = NULL;
            int64_t version = 9;
            assert_int_equal(lw_sql_open(url, 0, &sql, NULL, 0), LW_OK);
            assert_int_equal(lw__schema_version(sql, &version), LW_OK);
            assert_int_equal(version, 0);
            lw_sql_close(sql);
            setup(NULL);
        }
    }
    /* Not a database at all, and one with a torn page. */
    char *path = one_copy(where, "harmed.db");
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    for (long at = 4096 + 8; at < size; at += 4096) {
        fseek(file, at, SEEK_SET);
        fwrite("\xff\xff\xff\xff", 1, 4, file);
    }
    fclose(file);
    char why[400] = "";
    const char *again = fresh_file("again.db");
    assert_int_not_equal(lw_backup_restore(path, key, again, NULL, why, sizeof why), LW_OK);
    assert_false(there(again));
    file = fopen(path, "wb");
    fputs("this is not a backup", file);
    fclose(file);
    assert_int_not_equal(lw_backup_restore(path, key, again, NULL, why, sizeof why), LW_OK);
    assert_true(strlen(why) > 0);
    assert_false(there(again));
    assert_no_parts();
}

static lw_buf said;
static int wrong_said;
static const char *backups;

static void hear(void *ctx, bool wrong, const char *sentence) {
    (void)ctx;
    wrong_said += wrong;
    lw_buf_fmt(&said, "%s%s\n", wrong ? "! " : "", sentence);
}

static uint64_t examine(int64_t now_s) {
    lw_check check = {.say = hear};
    char why[300] = "";
    lw_buf_clear(&said);
    wrong_said = 0;
    int32_t err = lw_store_doctor(where, backups, now_s, &check, why, sizeof why);
    if (err != LW_OK) {
        fail_msg("%s", why);
    }
    assert_int_equal(check.wrong, wrong_said);
    return check.wrong;
}

/* What doctor says of the folder of backups. */
static void test_doctor_on_backups(void **state) {
    (void)state;
    char folder[500], path[700], why[300] = "";
    snprintf(folder, sizeof folder, "%s", fresh_file("copies"));
    snprintf(path, sizeof path, "rm -rf \"%s\"", folder);
    assert_int_equal(system(path), 0);
    backups = folder;
    assert_int_equal(examine(T_NOW), 0);
    assert_non_null(strstr(said.ptr, "There is no backup in"));
    assert_int_equal(mkdir(folder, 0700), 0);
    lw_backup_key one;
    snprintf(path, sizeof path, "%s/key", folder);
    assert_int_equal(lw_backup_key_make(path, &one, why, sizeof why), LW_OK);
    assert_int_equal(examine(T_NOW), 0);
    assert_non_null(strstr(said.ptr, "There is no backup in")); /* a key is none */
    snprintf(path, sizeof path, "%s/a.lwb", folder);
    assert_int_equal(lw_backup_make(where, path, &one, NULL, why, sizeof why), LW_OK);
    struct timespec times[2] = {{T_NOW, 0}, {T_NOW, 0}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(examine(T_NOW + 7 * 86400), 0);
    assert_non_null(strstr(said.ptr, ": 1, the newest 7 days old."));
    assert_non_null(strstr(said.ptr, "Every backup is encrypted."));
    assert_int_equal(examine(T_NOW + 8 * 86400), 1);
    assert_non_null(strstr(said.ptr, "! Backups in"));
    assert_non_null(strstr(said.ptr, "the newest 8 days old: make one"));
    snprintf(path, sizeof path, "%s/b.db", folder);
    assert_int_equal(lw_backup_make(where, path, NULL, NULL, why, sizeof why), LW_OK);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(examine(T_NOW), 1);
    assert_non_null(strstr(said.ptr, "! Backups that are not encrypted: 1 of 2."));
    backups = NULL;
    lw_buf_free(&said);
}

static void test_doctor(void **state) {
    (void)state;
    if (examine(T_NOW + 60) != 0) {
        fail_msg("%s", said.ptr);
    }
    assert_non_null(strstr(said.ptr, "Patients: 5, events: 60."));
    assert_int_equal(examine(T_NOW - 3600), 1);
    assert_non_null(strstr(said.ptr, "! The clock of this machine is behind: the newest entry was stored 60 minutes"));
    run_script(store,
               "INSERT INTO protocol (clinic, sha256, name, text, note, published_s, current) VALUES ('c-1', 'ab', "
               "'mine', 'not a protocol', '', 0, 1)");
    run_script(store, "UPDATE event SET line = replace(line, '2.50', '1.50') WHERE patient = 'p-003' AND seq = 7");
    run_script(store, "UPDATE patient SET protocol_sha256 = 'gone' WHERE id = 'p-001'");
    assert_int_equal(examine(T_NOW), 3);
    assert_non_null(strstr(said.ptr, "! Patient p-003: the chain of events is broken at number 7."));
    assert_non_null(strstr(said.ptr, "! Protocol "));
    assert_non_null(strstr(said.ptr, "! Patients on a protocol that"));
    if (!on_postgres()) {
        assert_int_equal(chmod(where, 0644), 0);
        assert_int_equal(examine(T_NOW), 4);
        assert_non_null(strstr(said.ptr, "chmod 600"));
    }
    lw_buf_free(&said);
}

/* A backup of one moment while others write: its chain is whole and it holds a state that there was. */
static int stop_writing;

static void *keep_writing(void *arg) {
    (void)arg;
    for (int i = 0; !__atomic_load_n(&stop_writing, __ATOMIC_RELAXED) && i < 5000; i++) {
        char text[400];
        char date[11] = {0};
        lw_day_write(T_DAY, date);
        int len =
            snprintf(text, sizeof text,
                     "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-9000-%012x\",\"patient\":\"p-001\",\"kind\":\"checkin\","
                     "\"at\":\"%sT08:00:00+00:00\",\"by\":\"patient\",\"data\":{\"pain_morning\":1}}",
                     (unsigned)i, date);
        lw_append_event event = {.line = {text, (uint32_t)len}, .by = LW_STR("patient"), .kind = "checkin", .at_s = 1};
        memcpy(event.id, &i, sizeof i);
        lw_append append = {.patient = LW_STR("p-001"), .events = &event, .count = 1, .received_s = T_NOW};
        lw_sql *sql = lw_store_reader(store);
        int32_t err = lw_store_head(sql, LW_STR("p-001"), &append.expect);
        lw_store_reader_back(store, sql);
        err = err == LW_OK ? lw_store_write(store, append_job, &append) : err;
        if (err != LW_OK) {
            return (void *)lw_err_name(err);
        }
    }
    return NULL;
}

static void test_backup_while_writing(void **state) {
    (void)state;
    pthread_t thread;
    stop_writing = 0;
    assert_int_equal(pthread_create(&thread, NULL, keep_writing, NULL), 0);
    for (int i = 0; i < 5; i++) {
        char *path = one_copy(where, "live.db");
        lw_sql *sql = NULL;
        int64_t bad = 0, events = 0, seq = 0;
        assert_int_equal(lw_sql_open(path, LW_SQL_READ_ONLY, &sql, NULL, 0), LW_OK);
        assert_int_equal(lw_store_verify(sql, LW_STR("p-001"), &bad), LW_OK);
        assert_int_equal(lw_sql_one_int(sql, "SELECT count(*) FROM event WHERE patient = 'p-001'", NULL, 0, &events),
                         LW_OK);
        assert_int_equal(lw_sql_one_int(sql, "SELECT max(seq) FROM event WHERE patient = 'p-001'", NULL, 0, &seq),
                         LW_OK);
        assert_int_equal(events, seq);
        lw_sql_close(sql);
    }
    __atomic_store_n(&stop_writing, 1, __ATOMIC_RELAXED);
    void *wrong = NULL;
    pthread_join(thread, &wrong);
    assert_null(wrong);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_backup_and_restore, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sealed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_restore_refuses_what_is_wrong, setup, teardown),
        cmocka_unit_test_setup_teardown(test_doctor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_doctor_on_backups, setup, teardown),
        cmocka_unit_test_setup_teardown(test_backup_while_writing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
