/*
 * driver.c: the project's own tests over one mutant at a time.
 *
 *     driver PROTOCOL INDEX
 *
 * Holds every unit test of the engine (their mains are renamed when they are compiled, and what they hand to cmocka is
 * kept instead of run) and every story (INDEX is what judge.mjs lays out; - for none). Reads requests, a line each:
 *
 *     cover T              run test T on the program as it is; answers "seen MICROSECONDS RESULT PLACE PLACE …"
 *     run M T:LIMIT …      with mutant M chosen run the tests T in this order until one notices; LIMIT is milliseconds of
 *                          processor time
 *
 * and answers "ok", "fail T", "crash T", "slow T", or for a story whose plan differs "plan T TEXT". Each request is a
 * process of its own, so that a mutant can do no harm to the next; its memory is bounded as well.
 */
#include "story_support.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mutate/table.h"

enum {
    TESTS_MOST = 4096,
    PLAN_MOST = LW_PLAN_RESULT,
    MEMORY_MOST = 1 << 30, /* bytes of address space */
    BASELINE_LIMIT = 120000,
    LINE_MOST = 1 << 17
};

typedef struct test {
    const char *suite, *name;
    struct CMUnitTest unit; /* of a unit test */
    lw_record *record;      /* of a story */
    int32_t day;
    lw_str plan; /* of the program as it is */
} test;

int lw__mutant;
unsigned char *lw__seen;

static test tests[TESTS_MOST];
static uint32_t test_count;
static const char *suite_now;
static const lw_protocol *protocol;
static lw_arena result, scratch;
static char *shared;      /* length, then the plan of the last story */
static uint32_t *running; /* the last test begun */

int __real__cmocka_run_group_tests(const char *, const struct CMUnitTest *, size_t, CMFixtureFunction,
                                   CMFixtureFunction);
int __wrap__cmocka_run_group_tests(const char *, const struct CMUnitTest *, size_t, CMFixtureFunction,
                                   CMFixtureFunction);

/* Keeps the tests of a suite. */
int __wrap__cmocka_run_group_tests(const char *group, const struct CMUnitTest *all, size_t count,
                                   CMFixtureFunction setup, CMFixtureFunction teardown) {
    (void)group;
    if (setup != NULL || teardown != NULL || test_count + count > TESTS_MOST) {
        die(suite_now, "cannot be taken apart");
    }
    for (size_t i = 0; i < count; i++) {
        tests[test_count++] = (test){.suite = suite_now, .name = all[i].name, .unit = all[i]};
    }
    return 0;
}

static void add_stories(const char *path) {
    FILE *index = fopen(path, "r");
    if (index == NULL) {
        die(path, "cannot be opened");
    }
    story_line story;
    while (next_story(index, &story) && test_count < TESTS_MOST) {
        lw_str bytes = read_file(story.file);
        size_t result_size;
        size_t scratch_size;
        lw_record_size_hint(bytes.len, &result_size, &scratch_size);
        lw_arena r = get_arena(result_size);
        lw_arena s = get_arena(scratch_size);
        lw_record *record = get(sizeof(*record));
        lw_diag diag;
        if (lw_record_read(bytes, &r, &s, record, &diag) == LW_OK) {
            tests[test_count++] =
                (test){.suite = "story", .name = strdup(story.name), .record = record, .day = story.day};
        }
        free(s.base);
    }
    (void)fclose(index);
}

/* The plan of a story, or the name of the error, into the shared page. */
static void tell(const test *t) {
    lw_work work = {.result = result, .scratch = scratch};
    lw_diag diag;
    int32_t err = lw_plan(protocol, t->record, t->day, 0, &work, &diag);
    lw_str said = work.json;
    if (err != LW_OK) {
        const char *name = lw_err_name(err);
        said = (lw_str){name, (uint32_t)strlen(name)};
    }
    uint32_t len = said.len < PLAN_MOST ? said.len : PLAN_MOST;
    memcpy(shared, &len, sizeof(len));
    memcpy(shared + sizeof(len), said.ptr, len);
}

static bool same_plan(const test *t) {
    uint32_t len;
    memcpy(&len, shared, sizeof(len));
    return len == t->plan.len && memcmp(shared + sizeof(len), t->plan.ptr, len) == 0;
}

static void limit_time(uint32_t ms) {
    struct itimerval limit = {.it_value = {ms / 1000, (suseconds_t)(ms % 1000) * 1000}};
    (void)setitimer(ITIMER_PROF, &limit, NULL);
}

/* Whether the test passes. */
static bool passes(const test *t) {
    if (t->record == NULL) {
        return __real__cmocka_run_group_tests("mutant", &t->unit, 1, NULL, NULL) == 0;
    }
    tell(t);
    return same_plan(t);
}

/* The tests one after the other in a process of its own. Returns what it ended with; *at is the last test begun. */
static int run(const uint32_t *which, const uint32_t *limit_ms, uint32_t count, uint32_t *at, struct rusage *usage) {
    (void)fflush(stdout);
    pid_t child = fork();
    if (child < 0) {
        die("fork", "failed");
    }
    if (child == 0) {
        struct rlimit none = {0, 0};
        (void)setrlimit(RLIMIT_CORE, &none);
        struct rlimit memory = {MEMORY_MOST, MEMORY_MOST};
        (void)setrlimit(RLIMIT_AS, &memory);
        int nowhere = open("/dev/null", O_RDWR);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        for (uint32_t i = 0; i < count; i++) {
            *running = which[i];
            limit_time(limit_ms[i]);
            if (!passes(&tests[which[i]])) {
                _exit(1);
            }
        }
        _exit(0);
    }
    int status;
    (void)wait4(child, &status, 0, usage);
    *at = *running;
    return status;
}

static void answer(uint32_t at, int status) {
    if (WIFSIGNALED(status)) {
        printf("%s %u\n", WTERMSIG(status) == SIGPROF ? "slow" : "crash", at);
    } else if (WEXITSTATUS(status) == 0) {
        puts("ok");
    } else if (tests[at].record == NULL) {
        printf("fail %u\n", at);
    } else {
        uint32_t len;
        memcpy(&len, shared, sizeof(len));
        printf("plan %u %.*s\n", at, (int)len, shared + sizeof(len));
    }
}

static void cover(uint32_t which) {
    memset(lw__seen, 0, LW__PLACES);
    struct rusage usage;
    uint32_t limit = BASELINE_LIMIT;
    uint32_t at;
    int status = run(&which, &limit, 1, &at, &usage);
    long us =
        (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000L + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    printf("seen %ld %d", us, status);
    for (uint32_t p = 0; p < LW__PLACES; p++) {
        if (lw__seen[p] != 0) {
            printf(" %u", p);
        }
    }
    puts("");
}

static void *share(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        die("mmap", "no memory");
    }
    return memory;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        die("usage", "driver PROTOCOL INDEX");
    }
    lw__seen = share(LW__PLACES + 1);
    shared = share(sizeof(uint32_t) + PLAN_MOST);
    running = share(sizeof(*running));
    for (size_t i = 0; lw__suites[i].name != NULL; i++) {
        suite_now = lw__suites[i].name;
        (void)lw__suites[i].main();
    }
    if (strcmp(argv[2], "-") != 0) {
        protocol = read_protocol(argv[1]);
        result = get_arena(LW_PLAN_RESULT);
        scratch = get_arena(LW_PLAN_SCRATCH);
        add_stories(argv[2]);
    }
    for (uint32_t i = 0; i < test_count; i++) {
        test *t = &tests[i];
        printf("%s/%s\n", t->suite, t->name);
        if (t->record != NULL) {
            tell(t);
            uint32_t len;
            memcpy(&len, shared, sizeof(len));
            char *plan = get(len);
            memcpy(plan, shared + sizeof(len), len);
            t->plan = (lw_str){plan, len};
        }
    }
    puts("ready");
    (void)fflush(stdout);

    static char line[LINE_MOST];
    static uint32_t which[TESTS_MOST];
    static uint32_t limit[TESTS_MOST];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        char *rest = line;
        if (strncmp(line, "cover ", 6) == 0) {
            cover((uint32_t)strtoul(line + 6, NULL, 10));
        } else if (strncmp(line, "run ", 4) == 0) {
            int mutant = (int)strtol(line + 4, &rest, 10);
            uint32_t count = 0;
            while (*rest == ' ' && count < TESTS_MOST) {
                which[count] = (uint32_t)strtoul(rest + 1, &rest, 10) % test_count;
                limit[count] = *rest == ':' ? (uint32_t)strtoul(rest + 1, &rest, 10) : 0;
                count++;
            }
            struct rusage usage;
            uint32_t at;
            lw__mutant = mutant;
            int status = run(which, limit, count, &at, &usage);
            lw__mutant = 0;
            answer(at, status);
        } else {
            die(line, "is no request");
        }
        (void)fflush(stdout);
    }
    return 0;
}
