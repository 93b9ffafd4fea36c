/*
 * jobs_test.c: the queue of work that is too long for a request, with work of this test's own that stands still until it is let on:
 * bounded, everybody's own, two kinds at once, ended amid a job.
 */
#include <pthread.h>
#include <string.h>

#include "server/jobs.h"
#include "test_support.h"

/* ---- work that waits for the test ---- */

typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t turn;
    int begun, let; /* how many began to be worked at, how many may end */
    bool told_to_end;
} gate;

typedef struct task {
    lw_job_head head;
    gate *gate;
    int32_t result;
    char *made; /* heap: a leak or a second free is seen by the sanitizer */
    int *ended;
} task;

static void wait_begun(gate *g, int count) {
    pthread_mutex_lock(&g->lock);
    while (g->begun < count) {
        pthread_cond_wait(&g->turn, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
}

static void let(gate *g, int count) {
    pthread_mutex_lock(&g->lock);
    g->let += count;
    pthread_cond_broadcast(&g->turn);
    pthread_mutex_unlock(&g->lock);
}

static int32_t work(lw_jobs *jobs, lw_server *server, lw_job_head *head) {
    (void)server;
    task *t = (task *)head;
    gate *g = t->gate;
    t->made = strdup(head->account);
    (void)lw_jobs_tell(jobs, head, 1, 3);
    pthread_mutex_lock(&g->lock);
    int mine = ++g->begun;
    pthread_cond_broadcast(&g->turn);
    while (g->let < mine) {
        pthread_cond_wait(&g->turn, &g->lock);
    }
    pthread_mutex_unlock(&g->lock);
    bool on = lw_jobs_tell(jobs, head, 3, 3);
    pthread_mutex_lock(&g->lock);
    g->told_to_end = g->told_to_end || !on;
    pthread_mutex_unlock(&g->lock);
    return t->result;
}

static void end(lw_job_head *head) {
    task *t = (task *)head;
    free(t->made);
    *t->ended += 1;
}

static const lw_job_kind wide = {.most = 5, .own = 3, .kept_s = 60, .size = sizeof(task), .work = work, .end = end};
static const lw_job_kind narrow = {.most = 2, .own = 1, .kept_s = 60, .size = sizeof(task), .work = work, .end = end};
static const lw_job_kind brief = {.most = 2, .own = 1, .kept_s = 0, .size = sizeof(task), .work = work, .end = end};

static void gate_open(gate *g) {
    *g = (gate){.begun = 0};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->turn, NULL);
}

static void gate_close(gate *g) {
    pthread_cond_destroy(&g->turn);
    pthread_mutex_destroy(&g->lock);
}

static int ended;

static int32_t add(lw_jobs *jobs, gate *g, const char *account, const char *about, int32_t result, char id[LW_JOB_ID]) {
    task t = {.gate = g, .result = result, .ended = &ended};
    lw_job_begin(&t.head, account, about);
    assert_int_equal(strlen(t.head.id), 32);
    memcpy(id, t.head.id, LW_JOB_ID);
    return lw_jobs_add(jobs, &t.head);
}

static void copy(const lw_job_head *job, void *ctx) {
    snprintf(ctx, 37, "%s", ((const task *)job)->made);
}

/* Looks until the job is decided: it has been let on. */
static lw_job_head decided(lw_jobs *jobs, const char *id, const char *account, const char *about, char made[37]) {
    lw_job_head how = {.state = LW_JOB_WAITING};
    made[0] = '\0';
    for (int i = 0; i < 3000 && how.state <= LW_JOB_WORKING; i++) {
        assert_int_equal(lw_jobs_look(jobs, id, account, about, &how, copy, made), LW_OK);
        if (how.state <= LW_JOB_WORKING) {
            assert_string_equal(made, "");
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        }
    }
    return how;
}

static void two_kinds_work_at_once(void **state) {
    (void)state;
    gate a, b;
    gate_open(&a);
    gate_open(&b);
    lw_jobs *one = lw_jobs_open(&wide, NULL), *other = lw_jobs_open(&narrow, NULL);
    char first[LW_JOB_ID], second[LW_JOB_ID], third[LW_JOB_ID], made[37];
    assert_int_equal(add(one, &a, "kim", "p-1", LW_OK, first), LW_OK);
    assert_true(lw_jobs_start(one) && lw_jobs_start(other));
    wait_begun(&a, 1); /* the first kind stands still amid its work */
    assert_int_equal(add(one, &a, "kim", "p-2", LW_ERR_RANGE, second), LW_OK);
    assert_int_equal(add(other, &b, "kim", "p-1", LW_OK, third), LW_OK);
    let(&b, 1);
    assert_int_equal(decided(other, third, "kim", "p-1", made).state, LW_JOB_READY);
    lw_job_head how;
    assert_int_equal(lw_jobs_look(one, first, "kim", "p-1", &how, copy, made), LW_OK);
    assert_int_equal(how.state, LW_JOB_WORKING);
    assert_string_equal(lw_job_state_name(how.state), "waiting");
    assert_int_equal(how.done * 10 + how.of, 13);
    assert_int_equal(lw_jobs_look(one, second, "kim", "p-2", &how, copy, made), LW_OK);
    assert_int_equal(how.state, LW_JOB_WAITING);
    /* what one kind made is not found with the other */
    assert_int_equal(lw_jobs_look(one, third, "kim", "p-1", &how, copy, made), LW_ERR_NOT_FOUND);
    let(&a, 2);
    how = decided(one, first, "kim", "p-1", made);
    assert_int_equal(how.done * 10 + how.of, 33);
    assert_string_equal(made, "kim");
    how = decided(one, second, "kim", "p-2", made);
    assert_string_equal(lw_job_state_name(how.state), "failed");
    assert_int_equal(how.err, LW_ERR_RANGE);
    assert_int_equal(how.of, 0);
    assert_string_equal(made, "");
    lw_jobs_close(one);
    lw_jobs_close(other);
    gate_close(&a);
    gate_close(&b);
}

static void a_full_queue_says_so(void **state) {
    (void)state;
    gate g;
    gate_open(&g);
    lw_jobs *jobs = lw_jobs_open(&wide, NULL);
    char id[6][LW_JOB_ID], made[37];
    lw_job_head how;
    assert_true(lw_jobs_start(jobs));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(add(jobs, &g, "kim", "p-1", LW_OK, id[i]), LW_OK);
    }
    wait_begun(&g, 1);
    assert_int_equal(add(jobs, &g, "kim", "p-1", LW_OK, id[5]), LW_ERR_BUSY); /* three of one's own, none decided */
    assert_int_equal(lw_jobs_look(jobs, id[5], "kim", "p-1", &how, copy, made), LW_ERR_NOT_FOUND);
    assert_int_equal(add(jobs, &g, "sam", "p-1", LW_OK, id[3]), LW_OK);
    assert_int_equal(add(jobs, &g, "ana", "p-1", LW_OK, id[4]), LW_OK);
    assert_int_equal(add(jobs, &g, "bo", "p-1", LW_OK, id[5]), LW_ERR_BUSY); /* five in all */
    let(&g, 1);
    assert_int_equal(decided(jobs, id[0], "kim", "p-1", made).state, LW_JOB_READY);
    wait_begun(&g, 2);
    /* what is decided makes room for the same account's next, never for another's */
    assert_int_equal(add(jobs, &g, "bo", "p-1", LW_OK, id[5]), LW_ERR_BUSY);
    ended = 0;
    assert_int_equal(add(jobs, &g, "kim", "p-1", LW_OK, id[5]), LW_OK);
    assert_int_equal(ended, 1);
    assert_int_equal(lw_jobs_look(jobs, id[0], "kim", "p-1", &how, copy, made), LW_ERR_NOT_FOUND);
    let(&g, 5);
    /* the oldest first */
    how = decided(jobs, id[5], "kim", "p-1", made);
    assert_int_equal(how.number, 6);
    assert_int_equal(decided(jobs, id[4], "ana", "p-1", made).number, 5);
    lw_jobs_close(jobs);
    assert_int_equal(ended, 6); /* everything was let go of, once */
    gate_close(&g);
}

static void nobody_sees_anothers(void **state) {
    (void)state;
    gate g;
    gate_open(&g);
    lw_jobs *jobs = lw_jobs_open(&wide, NULL);
    char id[LW_JOB_ID], made[37] = "";
    lw_job_head how;
    assert_int_equal(add(jobs, &g, "kim", "p-1", LW_OK, id), LW_OK);
    /* the same id under another account is another job */
    task same = {.gate = &g, .result = LW_OK, .ended = &ended};
    lw_job_begin(&same.head, "sam", "p-1");
    memcpy(same.head.id, id, sizeof id);
    assert_int_equal(lw_jobs_add(jobs, &same.head), LW_OK);
    assert_int_equal(lw_jobs_add(jobs, &same.head),
                     LW_OK);                  /* once more changes nothing: were it two, two would be worked at */
    for (int round = 0; round < 2; round++) { /* while it waits, and once it is ready */
        assert_int_equal(lw_jobs_look(jobs, id, "ana", "p-1", &how, copy, made), LW_ERR_NOT_FOUND);
        assert_int_equal(lw_jobs_look(jobs, id, "kim", "p-2", &how, copy, made), LW_ERR_NOT_FOUND);
        assert_int_equal(lw_jobs_look(jobs, id, "", "p-1", &how, copy, made), LW_ERR_NOT_FOUND);
        assert_int_equal(lw_jobs_look(jobs, "", "kim", "p-1", &how, copy, made), LW_ERR_NOT_FOUND);
        assert_string_equal(made, "");
        if (round == 0) {
            assert_true(lw_jobs_start(jobs));
            let(&g, 3);
            assert_int_equal(decided(jobs, id, "kim", "p-1", made).state, LW_JOB_READY);
            assert_string_equal(made, "kim");
            assert_int_equal(decided(jobs, id, "sam", "p-1", made).state, LW_JOB_READY);
            assert_string_equal(made, "sam"); /* each their own */
            made[0] = '\0';
        }
    }
    lw_jobs_close(jobs);
    assert_int_equal(g.begun, 2);
    gate_close(&g);
}

static void *closing(void *ctx) {
    lw_jobs_close(ctx);
    return NULL;
}

static void ends_amid_a_job(void **state) {
    (void)state;
    gate g;
    pthread_t thread;
    gate_open(&g);
    lw_jobs *jobs = lw_jobs_open(&wide, NULL);
    char id[LW_JOB_ID];
    ended = 0;
    assert_true(lw_jobs_start(jobs));
    assert_int_equal(add(jobs, &g, "kim", "p-1", LW_OK, id), LW_OK);
    assert_int_equal(add(jobs, &g, "kim", "p-2", LW_OK, id), LW_OK);
    wait_begun(&g, 1);
    assert_int_equal(pthread_create(&thread, NULL, closing, jobs), 0);
    nanosleep(&(struct timespec){.tv_nsec = 50000000},
              NULL); /* most likely it waits for the job now; right either way */
    let(&g, 2);
    pthread_join(thread, NULL);
    assert_int_equal(ended, 2);
    assert_true(g.begun >= 1);
    gate_close(&g);
    lw_jobs_close(NULL);
    /* never started: what waits is let go of */
    ended = 0;
    jobs = lw_jobs_open(&narrow, NULL);
    assert_int_equal(add(jobs, &g, "kim", "p-1", LW_OK, id), LW_OK);
    lw_jobs_close(jobs);
    assert_int_equal(ended, 1);
}

static void what_is_decided_is_kept_for_a_while_only(void **state) {
    (void)state;
    gate g;
    gate_open(&g);
    lw_jobs *jobs = lw_jobs_open(&brief, NULL);
    char id[LW_JOB_ID], made[37] = "";
    lw_job_head how;
    assert_true(lw_jobs_start(jobs));
    assert_int_equal(add(jobs, &g, "kim", "p-1", LW_OK, id), LW_OK);
    let(&g, 1);
    int32_t err = LW_OK;
    for (int i = 0; i < 3000 && err == LW_OK; i++) {
        err = lw_jobs_look(jobs, id, "kim", "p-1", &how, copy, made);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_int_equal(err, LW_ERR_NOT_FOUND);
    assert_string_equal(made, "");
    lw_jobs_close(jobs);
    gate_close(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_kinds_work_at_once),
        cmocka_unit_test(a_full_queue_says_so),
        cmocka_unit_test(nobody_sees_anothers),
        cmocka_unit_test(ends_amid_a_job),
        cmocka_unit_test(what_is_decided_is_kept_for_a_while_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
