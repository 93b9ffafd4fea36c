/*
 * engine_plan_test.c: the plan as a function: arenas of every size, errors, the right protocol, the same bytes.
 */
#include "engine_support.h"

static rec *begun(const char *started) {
    rec *r = rec_new();
    begin(r, started);
    patient(r, 0, "checkin", CALM);
    return r;
}

static int32_t plan_once(const lw_protocol *p, rec *r, uint32_t flags, lw_work *work, lw_diag *diag) {
    *diag = (lw_diag){.err = 0};
    return lw_plan(p, rec_read(r), DAY0, flags, work, diag);
}

static void same_inputs_same_bytes(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    static char first[PLAN_TEXT];
    strcpy(first, plan_on(r, 0));
    assert_string_equal(plan_on(r, 0), first);
    // the memory it was given does not show: filled with anything before
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    memset(work.result.base, 0xa5, work.result.cap);
    memset(work.scratch.base, 0x5a, work.scratch.cap);
    lw_diag diag;
    assert_int_equal(plan_once(mini(), r, 0, &work, &diag), LW_OK);
    assert_int_equal(work.json.len, strlen(first));
    assert_memory_equal(work.json.ptr, first, work.json.len);
    // nobody has to look at what went wrong
    assert_int_equal(lw_plan(mini(), &r->record, DAY0, 0, &work, NULL), LW_OK);
    rec_free(r);
}

/* A plan is published beside the one before it, which stays. */
static void plans_stand_side_by_side(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    lw_diag diag;
    assert_int_equal(plan_once(mini(), r, 0, &work, &diag), LW_OK);
    lw_str before = work.json;
    size_t used = work.result.used;
    assert_int_equal(used, before.len);
    assert_int_equal(work.result.peak, used);
    assert_int_equal(plan_once(mini(), r, 0, &work, &diag), LW_OK);
    assert_int_equal(work.result.used, 2 * used);
    assert_ptr_equal(work.json.ptr, before.ptr + before.len);
    assert_memory_equal(work.json.ptr, before.ptr, before.len);
    assert_int_equal(work.scratch.used, 0);
    assert_true(work.scratch.peak > 0);
    // a larger plan of before keeps its mark
    work.result.used = 0;
    assert_int_equal(plan_once(mini(), r, 0, &work, &diag), LW_OK);
    assert_int_equal(work.result.peak, 2 * used);
    rec_free(r);
}

/* Arenas of every capacity: a plan, or an error that names the arena and leaves the block as it was. */
static void result_arenas_of_every_size(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    lw_work full = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    lw_diag diag;
    assert_int_equal(plan_once(mini(), r, 0, &full, &diag), LW_OK);
    size_t needed = full.json.len;
    for (size_t cap = 0; cap <= needed + 1; cap += cap + 40 < needed && cap > 40 ? 37 : 1) {
        lw_work work = work_of(cap, LW_PLAN_SCRATCH);
        const lw_str old = LW_STR("the plan before");
        work.json = old;
        int32_t err = plan_once(mini(), r, 0, &work, &diag);
        if (cap < needed) {
            assert_int_equal(err, LW_ERR_NO_MEMORY);
            assert_int_equal(diag.err, LW_ERR_NO_MEMORY);
            assert_non_null(strstr(diag.message, "result"));
            assert_non_null(strstr(diag.hint, "LW_PLAN_RESULT"));
            assert_int_equal(work.result.used, 0);
            assert_int_equal(work.scratch.used, 0);
            assert_ptr_equal(work.json.ptr, old.ptr);
            assert_int_equal(work.json.len, old.len);
        } else {
            assert_int_equal(err, LW_OK);
            assert_int_equal(work.json.len, needed);
        }
    }
    // no memory at all
    lw_work none = work_of(0, LW_PLAN_SCRATCH);
    none.result = lw_arena_over(NULL, 0);
    assert_int_equal(plan_once(mini(), r, 0, &none, &diag), LW_ERR_NO_MEMORY);
    assert_int_equal(lw_plan(mini(), &r->record, DAY0, 0, &none, NULL), LW_ERR_NO_MEMORY);
    rec_free(r);
}

static void scratch_arenas_of_every_size(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    bool made = false;
    for (size_t cap = 0; cap <= LW_PLAN_SCRATCH; cap += 64) {
        lw_work work = work_of(LW_PLAN_RESULT, cap);
        lw_diag diag;
        int32_t err = plan_once(mini(), r, 0, &work, &diag);
        assert_true(err == LW_OK || (err == LW_ERR_NO_MEMORY && !made));
        assert_int_equal(work.scratch.used, 0);
        if (err != LW_OK) {
            assert_non_null(strstr(diag.message, "scratch"));
            assert_non_null(strstr(diag.hint, "LW_PLAN_SCRATCH"));
            assert_int_equal(work.result.used, 0);
            assert_null(work.json.ptr);
        }
        made = made || err == LW_OK;
    }
    assert_true(made);
    rec_free(r);
}

/* Just the hash's own bytes may be what does not fit. */
static void scratch_to_the_byte(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    lw_work full = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    lw_diag diag;
    assert_int_equal(plan_once(mini(), r, 0, &full, &diag), LW_OK);
    size_t needed = full.scratch.peak;
    lw_work enough = work_of(LW_PLAN_RESULT, needed);
    assert_int_equal(plan_once(mini(), r, 0, &enough, &diag), LW_OK);
    lw_work less = work_of(LW_PLAN_RESULT, needed - 1);
    assert_int_equal(plan_once(mini(), r, 0, &less, &diag), LW_ERR_NO_MEMORY);
    rec_free(r);
}

static void the_records_hash(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH + (1 << 17));
    lw_diag diag;
    assert_int_equal(plan_once(mini(), r, LW_PLAN_HASH, &work, &diag), LW_OK);
    char json[64];
    uint8_t hash[32];
    static uint8_t memory[1 << 17];
    lw_arena scratch = lw_arena_over(memory, sizeof memory);
    assert_int_equal(lw_record_hash(&r->record, &scratch, hash), LW_OK);
    lw__writer w = lw__writer_over(json, sizeof json);
    lw__put_hex(&w, hash, 32);
    const char *at = strstr(work.json.ptr, "\"record_sha256\":\"");
    assert_non_null(at);
    assert_memory_equal(at + strlen("\"record_sha256\":\""), json, 64);
    // without room for the longest line: an error, and nothing is published
    lw_work small = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    assert_int_equal(plan_once(mini(), r, 0, &small, &diag), LW_OK);
    lw_work tight = work_of(LW_PLAN_RESULT, small.scratch.peak);
    assert_int_equal(plan_once(mini(), r, LW_PLAN_HASH, &tight, &diag), LW_ERR_NO_MEMORY);
    assert_non_null(strstr(diag.message, "hash"));
    assert_int_equal(tight.result.used, 0);
    rec_free(r);
}

/* The record was started on this protocol: its id, its version, and its hash where one was written. */
static void the_right_protocol(void **state) {
    (void)state;
    static const struct {
        const char *protocol;
        int32_t err;
    } cases[] = {{"mini@1.2.3", LW_OK},           {"mini@1.2.4", LW_ERR_PROTOCOL}, {"mini@1.2.30", LW_ERR_PROTOCOL},
                 {"mine@1.2.3", LW_ERR_PROTOCOL}, {"mini-1.2.3", LW_ERR_PROTOCOL}, {"mini", LW_ERR_PROTOCOL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rec *r = rec_new();
        begin(r, say("{\"protocol\":\"%s\",\"authority\":\"suggest\"}", cases[i].protocol));
        lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
        lw_diag diag;
        assert_int_equal(plan_once(mini(), r, LW_PLAN_HASH, &work, &diag), cases[i].err);
        assert_int_equal(diag.err, cases[i].err);
        assert_int_equal(work.json.ptr == NULL, cases[i].err != LW_OK);
        rec_free(r);
    }
    // by its hash
    for (int turn = 0; turn < 2; turn++) {
        char hex[65] = {0};
        lw__writer w = lw__writer_over(hex, 64);
        lw__put_hex(&w, mini()->hash, 32);
        hex[0] = turn == 0 ? hex[0] : hex[0] == '0' ? '1' : '0';
        rec *r = rec_new();
        begin(r, say("{\"protocol\":\"mini@1.2.3\",\"protocol_sha256\":\"%s\",\"authority\":\"suggest\"}", hex));
        lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
        lw_diag diag;
        assert_int_equal(plan_once(mini(), r, 0, &work, &diag), turn == 0 ? LW_OK : LW_ERR_PROTOCOL);
        rec_free(r);
    }
    // not begun at all: any protocol
    rec *r = rec_new();
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    lw_diag diag;
    assert_int_equal(plan_once(mini(), r, 0, &work, &diag), LW_OK);
    assert_non_null(work.json.ptr);
    rec_free(r);
}

/* Events that this version does not understand: nothing new is prescribed. */
static void newer_records(void **state) {
    (void)state;
    rec *r = begun(STARTED("suggest"));
    patient(r, 0, "telepathy", "{}");
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    lw_diag diag;
    assert_int_equal(plan_once(mini(), r, 0, &work, &diag), LW_ERR_NEWER);
    assert_int_equal(diag.err, LW_ERR_NEWER);
    assert_non_null(strstr(diag.hint, "update"));
    assert_int_equal(work.result.used, 0);
    assert_int_equal(work.scratch.peak, 0);
    assert_null(work.json.ptr);
    assert_int_equal(lw_plan(mini(), &r->record, DAY0, 0, &work, NULL), LW_ERR_NEWER);
    rec_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_inputs_same_bytes),      cmocka_unit_test(plans_stand_side_by_side),
        cmocka_unit_test(result_arenas_of_every_size), cmocka_unit_test(scratch_arenas_of_every_size),
        cmocka_unit_test(scratch_to_the_byte),         cmocka_unit_test(the_records_hash),
        cmocka_unit_test(the_right_protocol),          cmocka_unit_test(newer_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
