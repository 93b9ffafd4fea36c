/* Unit tests of projections, cards, the sweep, the read views, and of opening a store. Over either database. */
#include "record/json.h"
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

/* One event delivered, seen from day. */
static void add(int n, int32_t day, const char *kind, const char *by, const char *data, int32_t on) {
    char text[1500];
    lw_str line = line_of(text, sizeof text, "p-001", n, day, kind, by, data);
    int32_t err = deliver(store, "p-001", &line, 1, on, (int64_t)on * 86400 + 3600 + n);
    if (err != LW_OK) {
        fail_msg("%s: %s", kind, lw_err_name(err));
    }
}

static void start(int32_t day) {
    add(1, day, "enrolled", "patient",
        "{\"birth_year\":1979,\"sex\":\"female\",\"sport\":\"running\",\"sides\":[\"left\"],\"goal\":\"run\"}", day);
    add(2, day, "screened", "clinician:c", "{\"flags\":[]}", day);
    add(3, day, "assessed", "clinician:c",
        "{\"tests\":{\"bridge_double\":2,\"bridge_single\":3,\"arabesque\":4,\"lunge\":4},\"bridge_reps\":{\"left\":11,"
        "\"right\":20},\"sitting_min\":39,\"onset\":\"gradual\",\"weeks\":46,\"localised\":true,\"load_increase\":true,"
        "\"below_knee\":false,\"contraindications\":[],\"imaging\":\"ultrasound\",\"tear\":\"none\"}",
        day);
    add(4, day, "started", "clinician:c",
        "{\"protocol\":\"pht@1.0.0\",\"authority\":\"suggest\",\"days\":[\"mon\",\"wed\",\"fri\"],\"equipment\":["
        "\"mat\"]}",
        day);
}

static const char *open_cards(void) {
    return ask_text(store, "SELECT kind, priority FROM card WHERE ended_s IS NULL ORDER BY kind");
}

static bool has(const char *text, const char *part) {
    return strstr(text, part) != NULL;
}

/* The worst open card is in the projection, whatever happens. */
static void assert_settled(void) {
    assert_int_equal(
        ask_int(store,
                "SELECT count(*) FROM projection r WHERE r.priority <> COALESCE((SELECT MAX(CASE WHEN acked_s IS "
                "NULL THEN priority ELSE 1 END) FROM card c WHERE c.patient = r.patient AND c.ended_s IS NULL AND "
                "c.snoozed_until_s IS NULL), 0)"),
        0);
}

static void test_summary(void **state) {
    (void)state;
    start(T_DAY - 10);
    assert_true(has(open_cards(), "silent") == false);
    add(10, T_DAY - 1, "checkin", "patient", "{\"pain_morning\":2.5}", T_DAY - 1);
    add(11, T_DAY - 1, "exercise", "patient",
        "{\"exercise\":\"bridge-hold-double\",\"side\":\"both\",\"sets\":[{\"hold_s\":20}],\"pain_during\":3}", T_DAY);
    const char *summary = ask_text(store, "SELECT summary FROM projection");
    assert_true(has(summary, "\"status\":\"active\""));
    assert_true(has(summary, "\"last_checkin_day\":\"2026-03-07\",\"last_session_day\":\"2026-03-07\""));
    assert_true(has(summary, "\"pain_morning\":2.5,\"pain_during\":3,"));
    assert_true(
        has(summary, "\"enrolled\":{\"sides\":[\"left\"],\"goal\":\"run\",\"sport\":\"running\",\"birth_year\":1979}"));
    assert_true(has(summary, "\"referral\":null"));
    lw_str text = {summary, (uint32_t)strlen(summary) - 1};
    lw__json json = lw__json_over(text);
    assert_true(lw__json_check(&json));
    assert_int_equal(ask_int(store, "SELECT recheck_day - on_day FROM projection"), 1);
    assert_int_equal(ask_int(store, "SELECT seq FROM projection"), 6);
}

static void test_new_patient(void **state) {
    (void)state;
    assert_int_equal(deliver(store, "p-001", NULL, 0, T_DAY, T_NOW), LW_OK);
    assert_string_equal(open_cards(), "not_started|15\n");
    assert_true(has(ask_text(store, "SELECT summary FROM projection"), "\"enrolled\":null"));
    start(T_DAY);
    assert_false(has(open_cards(), "not_started"));
    assert_settled();
}

static void test_red_flag_card(void **state) {
    (void)state;
    start(T_DAY - 1);
    add(20, T_DAY, "symptom", "patient", "{\"flag\":\"RF13\"}", T_DAY);
    assert_true(has(open_cards(), "red_flag|60"));
    int64_t since = ask_int(store, "SELECT since_s FROM card WHERE kind = 'red_flag' AND ended_s IS NULL");
    /* Something else happens: the card and its age stay. */
    add(21, T_DAY, "checkin", "patient", "{\"pain_morning\":2}", T_DAY);
    assert_int_equal(ask_int(store, "SELECT since_s FROM card WHERE kind = 'red_flag' AND ended_s IS NULL"), since);
    /* Acknowledged it goes to the end of the queue, but stays in it. */
    run_script(store, "UPDATE card SET acked_s = 1, acked_by = 'a-1' WHERE ended_s IS NULL");
    add(22, T_DAY, "checkin", "patient", "{\"pain_morning\":2,\"stiffness_min\":5}", T_DAY);
    assert_int_equal(ask_int(store, "SELECT priority FROM projection"), LW_PRIORITY_ACKED);
    /* A worse one is news, whatever was acknowledged. */
    add(23, T_DAY, "symptom", "patient", "{\"flag\":\"RF02\"}", T_DAY);
    assert_int_equal(ask_int(store, "SELECT priority FROM projection"), 96);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM card WHERE kind = 'red_flag'"), 2);
    assert_int_equal(ask_int(store, "SELECT count(*) FROM card WHERE kind = 'red_flag' AND ended_s IS NULL"), 1);
    run_script(store, "UPDATE card SET acked_s = 1, acked_by = 'a-1' WHERE ended_s IS NULL");
    /* The same one again, too. */
    add(24, T_DAY, "symptom", "patient", "{\"flag\":\"RF02\"}", T_DAY);
    assert_int_equal(ask_int(store, "SELECT priority FROM projection"), 96);
    add(25, T_DAY, "symptom", "patient", "{\"flag\":\"RF01\"}", T_DAY);
    assert_int_equal(ask_int(store, "SELECT priority FROM projection"), 100);
    /* Cleared: gone. */
    add(26, T_DAY, "cleared", "clinician:c",
        "{\"events\":[\"0195a0c2-7b1e-7000-8000-000000000014\",\"0195a0c2-7b1e-7000-8000-000000000017\","
        "\"0195a0c2-7b1e-7000-8000-000000000018\",\"0195a0c2-7b1e-7000-8000-000000000019\"],\"note\":\"seen\"}",
        T_DAY);
    assert_false(has(open_cards(), "red_flag"));
    assert_settled();
}

static int32_t snooze_job(lw_sql *sql, void *ctx) {
    (void)ctx;
    int32_t err = lw_sql_run(sql, "UPDATE card SET snoozed_until_s = 1773000000, reason = 'x' WHERE ended_s IS NULL",
                             NULL, 0, NULL, NULL);
    return err == LW_OK ? lw_cards_settle(sql, LW_STR("p-001"), T_NOW) : err;
}

static const lw_protocol *find_builtin(void *ctx, lw_str clinic, lw_str sha256) {
    (void)clinic;
    (void)sha256;
    return ctx == NULL ? builtin() : NULL;
}

static void test_silence_and_snooze(void **state) {
    (void)state;
    start(T_DAY);
    uint32_t done = 0;
    /* The limits are the protocol's: 3, 7 and 14 days. */
    static const struct {
        int32_t day;
        const char *card;
    } days[] = {{2, NULL}, {3, "silent|30"}, {6, "silent|30"}, {7, "silent|40"}, {13, "silent|40"}, {14, "silent|42"}};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        int32_t day = T_DAY + days[i].day;
        assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, day, (int64_t)day * 86400, 100, &done), LW_OK);
        assert_int_equal(done, 1);
        bool open = has(open_cards(), "silent");
        assert_int_equal(open, days[i].card != NULL);
        assert_true(!open || has(open_cards(), days[i].card));
        assert_int_equal(ask_int(store, "SELECT on_day FROM projection"), day);
        assert_settled();
    }
    assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, T_DAY + 14, T_NOW, 100, &done), LW_OK);
    assert_int_equal(done, 0);
    /* Put away: not in the queue until its time. */
    assert_int_equal(lw_store_write(store, snooze_job, NULL), LW_OK);
    assert_int_equal(ask_int(store, "SELECT priority FROM projection"), 0);
    assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, T_DAY + 14, 1772999999, 100, &done), LW_OK);
    assert_int_equal(ask_int(store, "SELECT priority FROM projection"), 0);
    assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, T_DAY + 14, 1773000000, 100, &done), LW_OK);
    assert_true(ask_int(store, "SELECT priority FROM projection") >= 42);
    assert_settled();
    /* A check-in ends the silence. */
    add(30, T_DAY + 15, "checkin", "patient", "{\"pain_morning\":2}", T_DAY + 15);
    assert_false(has(open_cards(), "silent"));
}

/* What was folded while the clock was ahead is folded again when it is right; a patient's own day may be tomorrow's. */
static void test_clock_put_back(void **state) {
    (void)state;
    start(T_DAY);
    uint32_t done = 0;
    assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, T_DAY + 365, T_NOW, 100, &done), LW_OK);
    assert_int_equal(done, 1);
    assert_true(has(open_cards(), "silent"));
    assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, T_DAY + 364, T_NOW, 100, &done), LW_OK);
    assert_int_equal(done, 0);
    assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, T_DAY, T_NOW, 100, &done), LW_OK);
    assert_int_equal(done, 1);
    assert_int_equal(ask_int(store, "SELECT on_day FROM projection"), T_DAY);
    assert_false(has(open_cards(), "silent"));
    assert_settled();
    assert_int_equal(lw_projection_sweep(store, find_builtin, NULL, T_DAY, T_NOW, 100, &done), LW_OK);
    assert_int_equal(done, 0);
}

static void test_flare_card(void **state) {
    (void)state;
    start(T_DAY - 20);
    int n = 40;
    for (int32_t day = T_DAY - 19; day < T_DAY; day++) {
        add(n++, day, "checkin", "patient",
            "{\"pain_morning\":2,\"pain_test\":2,\"night_pain\":false,\"rest_pain\":false}", day);
    }
    add(n++, T_DAY, "checkin", "patient", "{\"pain_morning\":8,\"pain_test\":8,\"night_pain\":true,\"rest_pain\":true}",
        T_DAY);
    assert_true(has(open_cards(), "flare|80"));
    assert_false(has(open_cards(), "not_settled"));
    assert_settled();
}

static void test_newer_and_unfoldable(void **state) {
    (void)state;
    char text[400];
    start(T_DAY);
    snprintf(text, sizeof text,
             "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-0000000000ff\",\"patient\":\"p-001\",\"kind\":\"telepathy\","
             "\"at\":\"2026-03-08T08:00:00+00:00\",\"by\":\"patient\",\"data\":{}}");
    lw_projection projection = {0};
    lw_buf log = {0};
    lw_buf_fmt(&log, "%s\n", text);
    assert_int_equal(lw_projection_make(builtin(), lw_buf_view(&log), T_DAY, T_NOW, &projection, NULL), LW_OK);
    assert_int_equal(projection.card_count, 1);
    assert_string_equal(projection.cards[0].kind, "newer_format");
    assert_string_equal(projection.summary.ptr, "{\"status\":\"newer\"}");
    lw_projection_free(&projection);
    lw_buf_free(&log);
    /* A protocol that is not there: somebody has to look. */
    uint32_t done = 0;
    assert_int_equal(lw_projection_sweep(store, find_builtin, "none", T_DAY + 1, T_NOW + 86400, 100, &done), LW_OK);
    assert_true(has(open_cards(), "unfoldable|70"));
    assert_int_equal(ask_int(store, "SELECT priority FROM projection"), 70);
    assert_int_equal(lw_projection_rebuild(store, find_builtin, NULL, T_DAY + 1, T_NOW + 86400, NULL), LW_OK);
    assert_false(has(open_cards(), "unfoldable"));
}

/* What appends left behind is what a rebuild from nothing makes. */
static void test_rebuild_gives_the_same(void **state) {
    (void)state;
    start(T_DAY - 5);
    add(50, T_DAY, "checkin", "patient", "{\"pain_morning\":6,\"night_pain\":true}", T_DAY);
    add(51, T_DAY, "symptom", "patient", "{\"flag\":\"RF12\"}", T_DAY);
    static const char columns[] =
        "SELECT patient, clinic, seq, protocol_sha256, engine, on_day, recheck_day, priority, "
        "summary FROM projection";
    char before[8000], cards[2000];
    snprintf(before, sizeof before, "%s", ask_text(store, columns));
    snprintf(cards, sizeof cards, "%s", open_cards());
    assert_true(strlen(cards) > 10);
    run_script(store, "DELETE FROM projection; DELETE FROM card");
    assert_int_equal(lw_projection_rebuild(store, find_builtin, NULL, T_DAY, T_NOW, NULL), LW_OK);
    assert_string_equal(ask_text(store, columns), before);
    assert_string_equal(open_cards(), cards);
}

/* A projection of a log that has moved on is dropped. */
static void test_stale_projection_is_dropped(void **state) {
    (void)state;
    start(T_DAY);
    lw_projection projection = {0};
    assert_int_equal(lw_projection_make(builtin(), (lw_str){0}, T_DAY, T_NOW, &projection, NULL), LW_OK);
    lw_append append = {.patient = LW_STR("p-001"), .projection = &projection, .received_s = T_NOW};
    assert_int_equal(lw_store_write(store, append_job, &append), LW_ERR_HEAD);
    assert_int_equal(ask_int(store, "SELECT seq FROM projection"), 4);
    lw_projection_free(&projection);
}

static void test_views(void **state) {
    (void)state;
    start(T_DAY);
    add(60, T_DAY, "exercise", "patient",
        "{\"exercise\":\"bridge-hold-double\",\"side\":\"both\",\"sets\":[{\"hold_s\":20},{\"hold_s\":20}],"
        "\"pain_during\":2.5,\"effort\":6}",
        T_DAY);
    add(61, T_DAY, "exercise", "patient", "{\"exercise\":\"calf-raise\",\"side\":\"left\",\"skip\":\"time\"}", T_DAY);
    add(62, T_DAY, "checkin", "patient", "{\"pain_morning\":4,\"night_pain\":true}", T_DAY);
    add(63, T_DAY, "checkin", "patient", "{\"pain_morning\":9}", T_DAY);
    add(64, T_DAY, "void", "patient", "{\"event\":\"0195a0c2-7b1e-7000-8000-00000000003f\",\"reason\":\"wrong\"}",
        T_DAY);
    add(65, T_DAY, "shockwave", "clinician:c",
        "{\"side\":\"left\",\"wave\":\"radial\",\"device\":\"d-1\",\"pressure_bar\":2.4,\"impulses\":2000,"
        "\"anaesthetic\":false,\"consent\":true}",
        T_DAY);
    add(66, T_DAY, "outcome", "patient", "{\"instrument\":\"visa_h\",\"score\":56}", T_DAY);
    /* A patient cannot void what a clinician wrote. */
    add(67, T_DAY, "void", "patient", "{\"event\":\"0195a0c2-7b1e-7000-8000-000000000041\",\"reason\":\"no\"}", T_DAY);
    assert_string_equal(ask_text(store,
                                 "SELECT patient, clinic, day, exercise, side, sets, pain_during, effort, skip FROM "
                                 "v_session ORDER BY at_s"),
                        "p-001|c-1|2026-03-08|bridge-hold-double|both|2|2.5|6.0|\n"
                        "p-001|c-1|2026-03-08|calf-raise|left||||time\n");
    assert_string_equal(ask_text(store, "SELECT day, pain_morning, night_pain, stiffness_min FROM v_checkin"),
                        "2026-03-08|4.0|1|\n");
    assert_string_equal(ask_text(store, "SELECT day, side, wave, device, pressure_bar, efd_mj_mm2, impulses FROM "
                                        "v_shockwave"),
                        "2026-03-08|left|radial|d-1|2.4||2000\n");
    assert_string_equal(ask_text(store, "SELECT day, instrument, score FROM v_outcome"), "2026-03-08|visa_h|56.0\n");
    run_script(store, "UPDATE event SET by_whom = 'clinician:c' WHERE kind = 'void'");
    assert_string_equal(ask_text(store, "SELECT count(*) FROM v_shockwave"), "0\n");
}

/* ---- opening ---- */

static int32_t try_open(const char *where, bool create, char *why) {
    lw_store *other = NULL;
    lw_store_options options = {.where = where, .readers = 1, .create = create};
    int32_t err = lw_store_open(&options, &other, why, 300);
    lw_store_close(other);
    return err;
}

static const char *place(void) {
    return on_postgres() ? getenv("LW_POSTGRES") : scratch_path("store.db");
}

static void test_future_and_foreign_are_refused(void **state) {
    (void)state;
    char why[300];
    run_script(store, "UPDATE meta SET value = '7' WHERE name = 'schema_version'");
    lw_store_close(store);
    assert_int_equal(try_open(place(), true, why), LW_ERR_NEWER);
    assert_non_null(strstr(why, "newer Loadwave"));
    assert_null(strstr(why, "postgres://"));
    lw_sql *sql = NULL;
    assert_int_equal(lw_sql_open(place(), 0, &sql, why, sizeof why), LW_OK);
    assert_int_equal(lw_sql_script(sql, "UPDATE meta SET value = '1' WHERE name = 'schema_version'"), LW_OK);
    lw_sql_close(sql);
    store = open_store(place(), false);
    lw_store_close(store);
    const char *other = empty_place();
    assert_int_equal(try_open(other, false, why), LW_ERR_NOT_FOUND);
    assert_int_equal(lw_sql_open(other, 0, &sql, why, sizeof why), LW_OK);
    assert_int_equal(lw_sql_script(sql, "CREATE TABLE recipes (name TEXT PRIMARY KEY)"), LW_OK);
    lw_sql_close(sql);
    assert_int_equal(try_open(other, true, why), LW_ERR_VALUE);
    assert_non_null(strstr(why, "another program"));
    store = open_store(empty_place(), true);
}

static void test_one_writer_or_both_right(void **state) {
    (void)state;
    if (on_postgres()) {
        char why[300];
        assert_int_equal(try_open(place(), false, why), LW_ERR_BUSY);
        lw_store_options options = {.where = place(), .readers = 1, .read_only = true};
        lw_store *reader = NULL;
        assert_int_equal(lw_store_open(&options, &reader, why, sizeof why), LW_OK);
        assert_int_equal(lw_store_write(reader, append_job, NULL), LW_ERR_IO);
        lw_store_close(reader);
        return;
    }
    /* Two programs on one file: whoever comes second folds again. */
    lw_store *mine = store, *other = open_store(place(), false);
    start(T_DAY);
    char text[400];
    for (int i = 0; i < 10; i++) {
        lw_str line = line_of(text, sizeof text, "p-001", 100 + i, T_DAY, "checkin", "patient", "{\"pain_morning\":2}");
        int32_t err = deliver(i % 2 == 0 ? mine : other, "p-001", &line, 1, T_DAY, T_NOW);
        assert_int_equal(err, LW_OK);
    }
    lw_sql *sql = lw_store_reader(other);
    int64_t bad = 0;
    assert_int_equal(lw_store_verify(sql, LW_STR("p-001"), &bad), LW_OK);
    lw_store_reader_back(other, sql);
    assert_int_equal(ask_int(mine, "SELECT max(seq) FROM event"), 14);
    lw_store_close(other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_summary, setup, teardown),
        cmocka_unit_test_setup_teardown(test_new_patient, setup, teardown),
        cmocka_unit_test_setup_teardown(test_red_flag_card, setup, teardown),
        cmocka_unit_test_setup_teardown(test_silence_and_snooze, setup, teardown),
        cmocka_unit_test_setup_teardown(test_clock_put_back, setup, teardown),
        cmocka_unit_test_setup_teardown(test_flare_card, setup, teardown),
        cmocka_unit_test_setup_teardown(test_newer_and_unfoldable, setup, teardown),
        cmocka_unit_test_setup_teardown(test_rebuild_gives_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stale_projection_is_dropped, setup, teardown),
        cmocka_unit_test_setup_teardown(test_views, setup, teardown),
        cmocka_unit_test_setup_teardown(test_future_and_foreign_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_writer_or_both_right, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
