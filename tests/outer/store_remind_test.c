/*
 * store_remind_test.c: the rows behind reminders, over SQLite or PostgreSQL: what is confirmed once, what waits only once, what is
 * published and never goes back, and that a store of an older Loadwave gets its tables.
 */
#include "store/remind.h"
#include "store_support.h"

static lw_store *store;

/* In a job of its own. */
static int32_t write_it(int32_t (*run)(lw_sql *sql, void *ctx), void *ctx) {
    return lw_store_write(store, run, ctx);
}

static int begin(void **state) {
    (void)state;
    store = open_store(empty_place(), true);
    add_clinic(store);
    add_patient(store, "p-1");
    add_patient(store, "p-2");
    run_script(store,
               "INSERT INTO account (id, clinic, roles, patient, name, language, totp_step, totp_on, disabled, failed, "
               "locked_until_s, created_s) VALUES ('a-1', 'c-1', 1, 'p-1', 'N', 'es', 0, 0, 0, 0, 0, 0)");
    return 0;
}

static int end(void **state) {
    (void)state;
    lw_store_close(store);
    return 0;
}

static lw_reminder get(const char *patient, int32_t wanted) {
    lw_reminder r;
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_reminder_get(sql, str(patient), &r), wanted);
    lw_store_reader_back(store, sql);
    return r;
}

static int32_t put_job(lw_sql *sql, void *ctx) {
    return lw_reminder_put(sql, ctx);
}

static void put(const char *patient, bool on, int64_t next_s) {
    lw_reminder r = {.zone = "Europe/Madrid",
                     .from_min = 450,
                     .until_min = 1260,
                     .exercise_min = 1050,
                     .push_on = on,
                     .next_s = next_s};
    snprintf(r.patient, sizeof r.patient, "%s", patient);
    snprintf(r.stop_token, sizeof r.stop_token, "stop-%s", patient);
    assert_int_equal(write_it(put_job, &r), LW_OK);
}

typedef struct address {
    const char *patient, *email;
    uint8_t key[32];
    int64_t now_s;
    char whose[65];
} address;

static int32_t email_job(lw_sql *sql, void *ctx) {
    address *a = ctx;
    return lw_reminder_email(sql, a->patient, a->email, a->key, a->now_s);
}

static int32_t confirm_job(lw_sql *sql, void *ctx) {
    address *a = ctx;
    return lw_reminder_confirm(sql, a->key, a->now_s, a->whose);
}

static int32_t refused_job(lw_sql *sql, void *ctx) {
    address *a = ctx;
    return lw_reminder_refused(sql, a->patient, a->email);
}

static int32_t took_job(lw_sql *sql, void *ctx) {
    address *a = ctx;
    return lw_carrier_took(sql, "email", a->patient, 5000);
}

static int32_t failed_job(lw_sql *sql, void *ctx) {
    return lw_carrier_failed(sql, "email", *(int64_t *)ctx, *(int64_t *)ctx == 300, "said");
}

static lw_carrier carrier(void) {
    lw_carrier c;
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_carrier_get(sql, "email", &c), LW_OK);
    lw_store_reader_back(store, sql);
    return c;
}

/* Since when nothing goes out is the first failure after the last success, whatever comes later. */
static void how_mail_is_taken(void **state) {
    (void)state;
    lw_carrier c = carrier();
    assert_true(c.sent_s == 0 && c.failed_s == 0 && c.waiting == 0 && c.oldest_s == 0 && c.why[0] == '\0');
    for (int64_t at = 100; at <= 300; at += 100) {
        assert_int_equal(write_it(failed_job, &at), LW_OK);
    }
    c = carrier();
    assert_true(c.sent_s == 0 && c.failed_s == 100 && c.failures == 3 && c.given_up == 1);
    assert_string_equal(c.why, "said");
    put("p-1", false, 0);
    address a = {.patient = "p-1", .email = "a@b.example", .key = {1}, .now_s = 1000};
    assert_int_equal(write_it(email_job, &a), LW_OK);
    assert_int_equal(write_it(refused_job, &a), LW_OK);
    lw_buf out = {0};
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_carrier_json(sql, str("c-1"), &out), LW_OK);
    assert_non_null(strstr(out.ptr, "\"failed_s\":100,\"failures\":3,\"given_up\":1,"));
    assert_non_null(strstr(out.ptr, "\"refused\":[{\"patient\":\"p-1\""));
    lw_buf_clear(&out);
    assert_int_equal(lw_carrier_json(sql, str("c-2"), &out), LW_OK);
    assert_non_null(strstr(out.ptr, "\"refused\":[]"));
    lw_store_reader_back(store, sql);
    lw_buf_free(&out);
    assert_int_equal(write_it(took_job, &a), LW_OK);
    c = carrier();
    assert_true(c.sent_s == 5000 && c.failed_s == 0 && c.failures == 0 && c.given_up == 0 && c.why[0] == '\0');
}

static int32_t stop_job(lw_sql *sql, void *ctx) {
    address *a = ctx;
    return lw_reminder_stop(sql, str(a->email), a->whose);
}

static void settings_are_kept(void **state) {
    (void)state;
    lw_reminder r = get("p-1", LW_ERR_NOT_FOUND);
    assert_string_equal(r.patient, "p-1"); /* known, though nothing was asked for */
    assert_string_equal(r.account, "a-1");
    assert_string_equal(r.language, "en");
    (void)get("p-9", LW_ERR_NOT_FOUND);
    put("p-1", true, 77);
    r = get("p-1", LW_OK);
    assert_string_equal(r.zone, "Europe/Madrid");
    assert_int_equal(r.from_min + r.until_min + r.exercise_min, 450 + 1260 + 1050);
    assert_true(r.push_on && !r.email_on && !r.plain && r.next_s == 77);
    assert_string_equal(r.email_state, "none");
    put("p-1", false, 78);
    assert_false(get("p-1", LW_OK).push_on);
}

static void an_address_is_confirmed_once_and_in_time(void **state) {
    (void)state;
    put("p-1", false, 0);
    address a = {.patient = "p-1", .email = "a@b.example", .key = {1}, .now_s = 1000};
    assert_int_equal(write_it(email_job, &a), LW_OK);
    assert_string_equal(get("p-1", LW_OK).email_state, "waiting");
    put("p-1", false, 0); /* other settings leave the address alone */
    assert_string_equal(get("p-1", LW_OK).email, "a@b.example");
    a.now_s = 1000;
    assert_int_equal(write_it(confirm_job, &a), LW_ERR_NOT_FOUND); /* too late */
    a.now_s = 999;
    a.key[0] = 2;
    assert_int_equal(write_it(confirm_job, &a), LW_ERR_NOT_FOUND); /* another's */
    a.key[0] = 1;
    assert_int_equal(write_it(confirm_job, &a), LW_OK);
    assert_string_equal(a.whose, "p-1");
    assert_true(get("p-1", LW_OK).email_on);
    assert_int_equal(write_it(confirm_job, &a), LW_ERR_NOT_FOUND);
    /* A refusal is about the address that was written to, not about one that was set meanwhile. */
    a.email = "old@b.example";
    assert_int_equal(write_it(refused_job, &a), LW_OK);
    assert_string_equal(get("p-1", LW_OK).email_state, "confirmed");
    a.email = "a@b.example";
    /* Three times in a row, and one that was taken between begins the count anew. */
    for (int i = 0; i < 5; i++) {
        assert_string_equal(get("p-1", LW_OK).email_state, "confirmed");
        assert_int_equal(write_it(i == 2 ? took_job : refused_job, &a), LW_OK);
    }
    assert_string_equal(get("p-1", LW_OK).email_state, "confirmed");
    assert_int_equal(write_it(refused_job, &a), LW_OK);
    assert_string_equal(get("p-1", LW_OK).email_state, "refused");
    /* One that waits to be confirmed: at once. */
    assert_int_equal(write_it(email_job, &a), LW_OK);
    assert_int_equal(write_it(refused_job, &a), LW_OK);
    assert_string_equal(get("p-1", LW_OK).email_state, "refused");
    a.email = "";
    assert_int_equal(write_it(email_job, &a), LW_OK);
    assert_string_equal(get("p-1", LW_OK).email_state, "none");
    address s = {.email = "stop-p-1"};
    assert_int_equal(write_it(stop_job, &s), LW_OK);
    assert_int_equal(write_it(stop_job, &s), LW_OK); /* as often as one likes */
    s.email = "stop-p-9";
    assert_int_equal(write_it(stop_job, &s), LW_ERR_NOT_FOUND);
}

static int32_t looked_job(lw_sql *sql, void *ctx) {
    return lw_reminder_looked(sql, "p-1", 20, 21, *(int64_t *)ctx);
}

static int32_t later_job(lw_sql *sql, void *ctx) {
    return lw_reminder_later(sql, ctx, 5000);
}

static uint32_t due(int64_t now_s, char first[65]) {
    lw_reminder rows[4];
    uint32_t count = 0;
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_reminder_due(sql, now_s, rows, 4, &count), LW_OK);
    lw_store_reader_back(store, sql);
    snprintf(first, 65, "%s", count > 0 ? rows[0].patient : "");
    return count;
}

static void those_whose_time_has_come(void **state) {
    (void)state;
    char first[65];
    put("p-1", true, 2000);
    put("p-2", true, 1000);
    assert_int_equal(due(999, first), 0);
    assert_int_equal(due(1500, first), 1);
    assert_string_equal(first, "p-2");
    assert_int_equal(due(2000, first), 2);
    int64_t next = INT64_C(4000000000);
    assert_int_equal(write_it(looked_job, &next), LW_OK);
    assert_int_equal(get("p-1", LW_OK).checkin_day * 100 + get("p-1", LW_OK).session_day, 2021);
    assert_int_equal(due(2000, first), 2); /* it lies years ahead: the clock was set back since */
    put("p-1", false, 1);
    assert_int_equal(due(2000, first), 1); /* all off */
    put("p-1", true, 1);
    assert_int_equal(write_it(later_job, (void *)"p-1"), LW_OK);
    assert_int_equal(get("p-1", LW_OK).checkin_day, 0);
    assert_int_equal(get("p-1", LW_OK).next_s, 5000);
    assert_int_equal(write_it(later_job, (void *)"p-9"), LW_ERR_NOT_FOUND);
}

static int32_t push_add_job(lw_sql *sql, void *ctx) {
    return lw_push_add(sql, ctx, 50);
}

static int32_t push_remove_job(lw_sql *sql, void *ctx) {
    return lw_push_remove(sql, "p-1", ((lw_push *)ctx)->id);
}

static int32_t push_remove_any_job(lw_sql *sql, void *ctx) {
    return lw_push_remove(sql, NULL, ((lw_push *)ctx)->id);
}

static lw_push browser(const char *patient, uint8_t n) {
    lw_push push = {.id = {n}, .p256dh = {4, n}, .auth = {n}};
    snprintf(push.patient, sizeof push.patient, "%s", patient);
    snprintf(push.endpoint, sizeof push.endpoint, "https://push.example/%d", n);
    snprintf(push.label, sizeof push.label, "B %d", n);
    return push;
}

static int32_t remind_job(lw_sql *sql, void *ctx) {
    lw_reminder r;
    uint32_t count = 0;
    int32_t err = lw_reminder_get(sql, str("p-1"), &r);
    err = err == LW_OK ? lw_outbox_remind(sql, &r, ctx, 7, 100, 900, &count) : err;
    return err == LW_OK ? (count == 2 ? LW_OK : LW_ERR_RANGE) : err;
}

static uint32_t outbox(int64_t now_s, lw_message rows[LW_OUTBOX_PAGE]) {
    uint32_t count = 0;
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_outbox_due(sql, now_s, rows, &count), LW_OK);
    lw_store_reader_back(store, sql);
    return count;
}

static int32_t again_job(lw_sql *sql, void *ctx) {
    return lw_outbox_again(sql, ctx, 3, 500);
}

static int32_t remove_job(lw_sql *sql, void *ctx) {
    return lw_outbox_remove(sql, ctx);
}

static void browsers_and_their_messages(void **state) {
    (void)state;
    put("p-1", true, 0);
    for (uint8_t n = 1; n <= LW_PUSH_MOST; n++) {
        lw_push push = browser("p-1", n);
        assert_int_equal(write_it(push_add_job, &push), LW_OK);
        assert_int_equal(write_it(push_add_job, &push), LW_OK);
    }
    lw_push push = browser("p-1", 99);
    assert_int_equal(write_it(push_add_job, &push), LW_ERR_LIMIT);
    for (uint8_t n = 3; n <= LW_PUSH_MOST; n++) {
        push = browser("p-1", n);
        assert_int_equal(write_it(push_remove_job, &push), LW_OK);
    }
    push = browser("p-2", 2); /* another person signed in with this browser: it is that person's now */
    assert_int_equal(write_it(push_add_job, &push), LW_OK);
    assert_int_equal(write_it(push_remove_job, &push), LW_ERR_NOT_FOUND);
    push = browser("p-1", 2);
    assert_int_equal(write_it(push_add_job, &push), LW_OK);
    lw_push read;
    lw_buf list = {0};
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_push_get(sql, push.id, &read), LW_OK);
    assert_int_equal(lw_push_list(sql, str("p-1"), &list), LW_OK);
    lw_store_reader_back(store, sql);
    assert_string_equal(read.endpoint, "https://push.example/2");
    assert_memory_equal(read.p256dh, push.p256dh, 65);
    assert_memory_equal(read.auth, push.auth, 16);
    assert_non_null(strstr(list.ptr, "\"label\":\"B 2\",\"created_s\":50}]"));
    lw_buf_free(&list);

    /* One message a browser waits, whatever was asked for before. */
    lw_message rows[LW_OUTBOX_PAGE];
    assert_int_equal(write_it(remind_job, (void *)"checkin"), LW_OK);
    assert_int_equal(write_it(remind_job, (void *)"both"), LW_OK);
    assert_int_equal(outbox(99, rows), 0);
    assert_int_equal(outbox(100, rows), 2);
    assert_string_equal(rows[0].kind, "both");
    assert_true(rows[0].has_push && rows[0].day == 7 && rows[0].until_s == 900 && rows[0].tries == 0);
    assert_int_equal(write_it(again_job, rows[0].id), LW_OK);
    assert_int_equal(outbox(100, rows), 1);
    assert_int_equal(write_it(remove_job, rows[0].id), LW_OK);
    assert_int_equal(outbox(500, rows), 1);
    assert_int_equal(rows[0].tries, 3);
    push.id[0] = rows[0].push[0];
    assert_int_equal(write_it(push_remove_any_job, &push), LW_OK);
    assert_int_equal(outbox(500, rows), 0); /* with its browser */
}

typedef struct feed_call {
    uint8_t key[32];
    lw_feed_item items[2];
    uint32_t count;
    int32_t from_day;
    uint8_t was[32], made_of[32];
} feed_call;

static int32_t feed_add_job(lw_sql *sql, void *ctx) {
    return lw_feed_add(sql, "p-1", ((feed_call *)ctx)->key, 60);
}

static int32_t feed_remove_job(lw_sql *sql, void *ctx) {
    (void)ctx;
    return lw_feed_remove(sql, "p-1");
}

static int32_t feed_put_job(lw_sql *sql, void *ctx) {
    feed_call *f = ctx;
    return lw_feed_items_put(sql, "p-1", f->items, f->count, f->from_day, f->was, f->made_of);
}

static int32_t feed_of(uint8_t first, char patient[65]) {
    uint8_t key[32] = {first};
    lw_sql *sql = lw_store_reader(store);
    int32_t err = lw_feed_find(sql, key, patient);
    lw_store_reader_back(store, sql);
    return err;
}

static void feeds(void **state) {
    (void)state;
    char whose[65];
    feed_call f = {.key = {1}};
    assert_int_equal(write_it(feed_remove_job, NULL), LW_ERR_NOT_FOUND);
    assert_int_equal(write_it(feed_add_job, &f), LW_OK);
    assert_int_equal(feed_of(1, whose), LW_OK);
    assert_string_equal(whose, "p-1");
    f.key[0] = 2;
    assert_int_equal(write_it(feed_add_job, &f), LW_OK);
    assert_int_equal(feed_of(1, whose), LW_ERR_NOT_FOUND); /* the one before ended */
    assert_int_equal(feed_of(2, whose), LW_OK);

    f = (feed_call){.count = 2, .from_day = 5, .made_of = {7}};
    f.items[0] = (lw_feed_item){"u-1", "Title", "a\nb", 10, 600, 2, true, 77};
    f.items[1] = (lw_feed_item){"u-2", "Title", "", 4, -1, 0, false, 77};
    assert_int_equal(write_it(feed_put_job, &f), LW_OK);
    f.items[0].sequence = 3; /* made after nothing, as the one before: two readers at once */
    f.items[0].title = "Late";
    f.made_of[0] = 8;
    assert_int_equal(write_it(feed_put_job, &f), LW_OK);
    f.items[0].sequence = 1;
    f.items[0].title = "Old";
    f.count = 1;
    f.was[0] = 7;
    assert_int_equal(write_it(feed_put_job, &f), LW_OK);
    lw_pool pool = {0};
    lw_feed_item rows[4];
    uint32_t count = 0;
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_feed_items(sql, &pool, "p-1", rows, 4, &count), LW_OK);
    uint8_t made_of[32];
    assert_int_equal(lw_feed_made_of(sql, "p-1", made_of), LW_OK);
    assert_int_equal(made_of[0], 8);
    assert_int_equal(lw_feed_made_of(sql, "p-2", made_of), LW_ERR_NOT_FOUND);
    int64_t since = 0;
    assert_int_equal(lw_feed_since(sql, str("p-1"), &since), LW_OK);
    assert_int_equal(since, 60);
    assert_int_equal(lw_feed_since(sql, str("p-2"), &since), LW_OK);
    assert_int_equal(since, 0);
    lw_store_reader_back(store, sql);
    assert_int_equal(count, 1); /* that of day 4 is over */
    assert_string_equal(rows[0].title, "Title");
    assert_string_equal(rows[0].detail, "a\nb");
    assert_true(rows[0].sequence == 2 && rows[0].cancelled && rows[0].day == 10 && rows[0].minute == 600);
    lw_pool_free(&pool);
}

static int32_t vault_job(lw_sql *sql, void *ctx) {
    return lw_vault_put(sql, "key", ctx, 5);
}

static void keys(void **state) {
    (void)state;
    uint8_t out[8];
    uint32_t len = 0;
    assert_int_equal(write_it(vault_job, (void *)"first"), LW_OK);
    assert_int_equal(write_it(vault_job, (void *)"other"), LW_OK);
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(lw_vault_get(sql, "key", out, sizeof out, &len), LW_OK);
    assert_int_equal(len, 5);
    assert_memory_equal(out, "other", 5);
    assert_int_equal(lw_vault_get(sql, "key", out, 4, &len), LW_ERR_LIMIT);
    assert_int_equal(lw_vault_get(sql, "none", out, sizeof out, &len), LW_ERR_NOT_FOUND);
    lw_store_reader_back(store, sql);
}

static int32_t erase_job(lw_sql *sql, void *ctx) {
    (void)ctx;
    return lw_store_erase(sql, str("p-1"), str("a-1"), 1);
}

/* Erasing takes what is known of how to reach somebody, and only of that one. */
static void erased(void **state) {
    (void)state;
    lw_push push = browser("p-1", 1), others = browser("p-2", 5);
    feed_call f = {.key = {9}, .count = 1};
    f.items[0] = (lw_feed_item){"u-1", "T", "", 10, 600, 0, false, 77};
    put("p-1", true, 1);
    put("p-2", true, 1);
    assert_int_equal(write_it(push_add_job, &push), LW_OK);
    assert_int_equal(write_it(push_add_job, &others), LW_OK);
    assert_int_equal(write_it(feed_add_job, &f), LW_OK);
    assert_int_equal(write_it(feed_put_job, &f), LW_OK);
    assert_int_equal(write_it(erase_job, NULL), LW_OK);
    int64_t left = -1;
    lw_sql *sql = lw_store_reader(store);
    assert_int_equal(
        lw_sql_one_int(sql,
                       "SELECT (SELECT count(*) FROM reminder) * 1000 + (SELECT count(*) FROM push) * 100 + "
                       "(SELECT count(*) FROM outbox) * 10 + (SELECT count(*) FROM feed) + (SELECT count(*) "
                       "FROM feed_item)",
                       NULL, 0, &left),
        LW_OK);
    lw_store_reader_back(store, sql);
    assert_int_equal(left, 1100);
}

/* A store that an older Loadwave made has none of this; opening it for writing makes the tables, and reads what was there. */
static void an_older_store_gets_its_tables(void **state) {
    (void)state;
    static const char *const tables[] = {"reminder", "push", "outbox", "feed", "feed_item", "vault"};
    const char *place = on_postgres() ? getenv("LW_POSTGRES") : scratch_path("store.db");
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        char drop[60];
        snprintf(drop, sizeof drop, "DROP TABLE %s", tables[i]);
        run_script(store, drop);
    }
    lw_store_close(store);
    if (on_postgres()) { /* a backup of it as it is: the tables that are not there are not looked for */
        char why[300] = "";
        const char *copy = fresh_file("old.db");
        assert_int_equal(lw_backup_make(place, copy, NULL, NULL, why, sizeof why), LW_OK);
    }
    store = open_store(place, false);
    put("p-1", true, 5);
    assert_int_equal(get("p-1", LW_OK).next_s, 5);
    lw_store_close(store);
    store = open_store(place, false); /* once more: nothing to do */
    assert_int_equal(get("p-1", LW_OK).next_s, 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(settings_are_kept, begin, end),
        cmocka_unit_test_setup_teardown(an_address_is_confirmed_once_and_in_time, begin, end),
        cmocka_unit_test_setup_teardown(those_whose_time_has_come, begin, end),
        cmocka_unit_test_setup_teardown(browsers_and_their_messages, begin, end),
        cmocka_unit_test_setup_teardown(how_mail_is_taken, begin, end),
        cmocka_unit_test_setup_teardown(feeds, begin, end),
        cmocka_unit_test_setup_teardown(keys, begin, end),
        cmocka_unit_test_setup_teardown(erased, begin, end),
        cmocka_unit_test_setup_teardown(an_older_store_gets_its_tables, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
