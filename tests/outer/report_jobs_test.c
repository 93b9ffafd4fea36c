/* report_jobs_test.c: the queue of reports: bounded, everybody's own, drawn on its thread, gone after what it was for. */
#include <time.h>

#include "identity_support.h"
#include "server/report_jobs.h"

static lw_report_job job_of(const char *account, int n) {
    lw_report_job job = {
        .kind = LW_REPORT_TODAY, .format = LW_REPORT_PDF, .language = lw_language_of("en"), .day = T_DAY};
    snprintf(job.head.id, sizeof job.head.id, "%032d", n);
    snprintf(job.head.account, sizeof job.head.account, "%s", account);
    snprintf(job.head.about, sizeof job.head.about, "p-ana");
    snprintf(job.name, sizeof job.name, "Ana Łódź");
    return job;
}

/* Nothing draws yet: what waits stays. */
static void the_queue_is_bounded(void **state) {
    (void)state;
    lw_server server = {.port = 0};
    lw_jobs *r = lw_jobs_open(&lw_report_jobs, &server);
    lw_job_head how;
    lw_report_job job = job_of("a", 1);
    assert_int_equal(lw_jobs_add(r, &job.head), LW_OK);
    assert_int_equal(lw_jobs_add(r, &job.head), LW_OK); /* the same once more is the same */
    for (int i = 2; i <= LW_REPORT_OWN; i++) {
        job = job_of("a", i);
        assert_int_equal(lw_jobs_add(r, &job.head), LW_OK);
    }
    job = job_of("a", 90);
    assert_int_equal(lw_jobs_add(r, &job.head), LW_ERR_BUSY);
    for (int i = LW_REPORT_OWN; i < LW_REPORT_JOBS; i++) {
        char account[8];
        snprintf(account, sizeof account, "b%d", i);
        job = job_of(account, 100 + i);
        assert_int_equal(lw_jobs_add(r, &job.head), LW_OK);
    }
    job = job_of("c", 200);
    assert_int_equal(lw_jobs_add(r, &job.head), LW_ERR_BUSY);
    /* somebody else's, or of another patient, is not there */
    job = job_of("a", 1);
    assert_int_equal(lw_jobs_look(r, job.head.id, "a", "p-ana", &how, NULL, NULL), LW_OK);
    assert_int_equal(how.state, LW_JOB_WAITING);
    assert_int_equal(how.err, LW_OK);
    assert_int_equal(lw_jobs_look(r, job.head.id, "b5", "p-ana", &how, NULL, NULL), LW_ERR_NOT_FOUND);
    assert_int_equal(lw_jobs_look(r, job.head.id, "a", "p-bo", &how, NULL, NULL), LW_ERR_NOT_FOUND);
    assert_int_equal(lw_jobs_look(r, "x", "a", "p-ana", &how, NULL, NULL), LW_ERR_NOT_FOUND);
    lw_jobs_close(r);
    lw_jobs_close(NULL);
}

static void copy(const lw_job_head *job, void *ctx) {
    lw_buf_slice(ctx, lw_buf_view(&((const lw_report_job *)job)->bytes));
}

/* Waits until the job is decided; the test's own patience ends after half a minute. */
static lw_job_state decided(lw_jobs *r, const lw_report_job *job, int32_t *failed, lw_buf *out) {
    lw_job_head how = {.state = LW_JOB_WAITING};
    for (int i = 0; i < 3000 && how.state <= LW_JOB_WORKING; i++) {
        assert_int_equal(lw_jobs_look(r, job->head.id, job->head.account, job->head.about, &how, copy, out), LW_OK);
        if (how.state <= LW_JOB_WORKING) {
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        }
    }
    *failed = how.err;
    return how.state;
}

static void a_thread_draws(void **state) {
    (void)state;
    world w;
    static char lines[3][700];
    lw_str slices[3];
    static const char *const data[3][2] = {{"enrolled", "{\"birth_year\":1983,\"sides\":[\"left\"],\"goal\":\"run\"}"},
                                           {"screened", "{\"flags\":[]}"},
                                           {"started", "{\"protocol\":\"pht@1.0.0\",\"authority\":\"suggest\"}"}};
    world_begin(&w, false);
    for (int i = 0; i < 3; i++) {
        slices[i] = line_of(lines[i], sizeof lines[i], "p-ana", i + 1, T_DAY - 3, data[i][0], "patient", data[i][1]);
    }
    assert_int_equal(deliver(w.store, "p-ana", slices, 3, T_DAY, w.now_s), LW_OK);
    lw_server *server = calloc(1, sizeof *server);
    server->store = w.store;
    server->cache = lw__cache_open();
    server->reports = lw_jobs_open(&lw_report_jobs, server);
    assert_true(lw_jobs_start(server->reports));
    int32_t failed = LW_OK;
    lw_buf first = {0}, again = {0}, none = {0};
    lw_report_job job = job_of("a", 1);
    assert_int_equal(lw_jobs_add(server->reports, &job.head), LW_OK);
    assert_int_equal(decided(server->reports, &job, &failed, &first), LW_JOB_READY);
    assert_memory_equal(first.ptr, "%PDF-", 5);
    /* asked again: the same bytes */
    job = job_of("a", 2);
    assert_int_equal(lw_jobs_add(server->reports, &job.head), LW_OK);
    assert_int_equal(decided(server->reports, &job, &failed, &again), LW_JOB_READY);
    assert_int_equal(first.len, again.len);
    assert_memory_equal(first.ptr, again.ptr, first.len);
    /* no discharge, no letter of it */
    job = job_of("a", 3);
    job.kind = LW_REPORT_DISCHARGE;
    assert_int_equal(lw_jobs_add(server->reports, &job.head), LW_OK);
    assert_int_equal(decided(server->reports, &job, &failed, &none), LW_JOB_FAILED);
    assert_int_equal(failed, LW_ERR_RANGE);
    assert_int_equal(none.len, 0);
    /* what is done makes room for the same account's next */
    for (int i = 4; i < 12; i++) {
        job = job_of("a", i);
        assert_int_equal(lw_jobs_add(server->reports, &job.head), LW_OK);
        assert_int_equal(decided(server->reports, &job, &failed, &none), LW_JOB_READY);
    }
    job = job_of("a", 1);
    lw_job_head how;
    assert_int_equal(lw_jobs_look(server->reports, job.head.id, "a", "p-ana", &how, NULL, NULL), LW_ERR_NOT_FOUND);
    lw_buf_free(&first);
    lw_buf_free(&again);
    lw_buf_free(&none);
    lw_jobs_close(server->reports);
    lw__cache_close(server->cache);
    free(server);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_queue_is_bounded), cmocka_unit_test(a_thread_draws)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
