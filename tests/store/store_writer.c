/*
 * store_writer.c: a program to be killed. It appends events to a store and says of each that was acknowledged: "patient id".
 *
 *   store_writer make WHERE          an empty store with four patients
 *   store_writer write WHERE RUN     four threads append until the program is killed; errors go to stderr
 *   store_writer fill WHERE RUN      one appends large events until one is refused, says so ("stopped LW_ERR_…"), waits for
 *                                    a line on standard input, and appends twenty more, all of which must be taken
 *   store_writer check WHERE FILE    every event that FILE names is there, every chain and projection is sound
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/base_internal.h"
#include "store/store.h"

enum { PATIENTS = 4, LARGE = 60000, MORE = 20 };

static lw_store *store;
static int run;
static atomic_int serial;

static void die(const char *what, int32_t err, const char *why) {
    fprintf(stderr, "%s: %s %s\n", what, lw_err_name(err), why);
    exit(1);
}

static int32_t make_job(lw_sql *sql, void *ctx) {
    (void)ctx;
    int32_t err = lw_sql_script(sql, "INSERT INTO clinic (id, name, language, country, settings, created_s) "
                                     "VALUES ('c-1', 'Clinic', 'en', 'GB', '{}', 0)");
    for (int i = 1; i <= PATIENTS && err == LW_OK; i++) {
        char id[16];
        snprintf(id, sizeof id, "p-%d", i);
        lw_sql_value value[] = {lw_sql_text(lw__str(id))};
        err = lw_sql_run(sql,
                         "INSERT INTO patient (id, clinic, name, name_fold, language, country, protocol_sha256, "
                         "created_s) VALUES (?1, 'c-1', 'n', 'n', 'en', 'GB', '', 0)",
                         value, 1, NULL, NULL);
    }
    return err;
}

typedef struct event {
    lw_append_event e;
    char patient[8], id[40];
    char line[LW_MAX_LINE + 1];
} event;

static void make_event(event *ev, int patient, int filler) {
    /* Letters that do not compress, as a database might do it. */
    static _Thread_local char letters[LARGE + 1];
    static _Thread_local uint64_t chance = UINT64_C(88172645463325252);
    int n = atomic_fetch_add(&serial, 1);
    for (int i = 0; i < filler; i++) {
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        letters[i] = (char)('0' + chance % 64 + (chance % 64 >= 44)); /* without the backslash */
    }
    letters[filler] = '\0';
    snprintf(ev->patient, sizeof ev->patient, "p-%d", patient);
    snprintf(ev->id, sizeof ev->id, "0195a0c2-%04x-7000-8000-%012x", (unsigned)run & 0xffffu, (unsigned)n);
    int len =
        snprintf(ev->line, sizeof ev->line,
                 "{\"v\":1,\"id\":\"%s\",\"patient\":\"%s\",\"kind\":\"note\",\"at\":\"2026-03-08T08:00:00+00:00\","
                 "\"by\":\"patient\",\"data\":{\"text\":\"x\",\"x_fill\":\"%s\"}}",
                 ev->id, ev->patient, letters);
    static _Thread_local uint8_t memory[4 * LW_MAX_LINE];
    lw_arena arena = lw_arena_over(memory, sizeof memory);
    lw_event decoded;
    int32_t err = lw_event_read((lw_str){ev->line, (uint32_t)len}, 1, &arena, &decoded, NULL);
    if (err != LW_OK) {
        die("event", err, ev->line);
    }
    ev->e = (lw_append_event){.line = {ev->line, (uint32_t)len}, .by = LW_STR("patient"), .kind = "note"};
    ev->e.at_s = decoded.at_s;
    memcpy(ev->e.id, decoded.id, 16);
}

static int32_t append_job(lw_sql *sql, void *ctx) {
    return lw_store_append(sql, ctx);
}

static int32_t deliver(event *ev) {
    int32_t err = LW_ERR_HEAD;
    while (err == LW_ERR_HEAD) {
        lw_append append = {.patient = lw__str(ev->patient), .events = &ev->e, .count = 1, .received_s = 1};
        lw_sql *sql = lw_store_reader(store);
        err = sql != NULL ? lw_store_head(sql, append.patient, &append.expect) : LW_ERR_BUSY;
        lw_store_reader_back(store, sql);
        err = err == LW_OK ? lw_store_write(store, append_job, &append) : err;
    }
    if (err == LW_OK) {
        char text[64];
        int len = snprintf(text, sizeof text, "%s %s\n", ev->patient, ev->id);
        if (write(STDOUT_FILENO, text, (size_t)len) != len) {
            exit(1);
        }
    }
    return err;
}

static void *endless(void *arg) {
    event *ev = calloc(1, sizeof *ev);
    if (ev == NULL) {
        return NULL;
    }
    for (;;) {
        make_event(ev, (int)(intptr_t)arg, 0);
        int32_t err = deliver(ev);
        if (err != LW_OK) {
            fprintf(stderr, "%s\n", lw_err_name(err));
            struct timespec wait = {0, 50 * 1000 * 1000};
            nanosleep(&wait, NULL);
        }
    }
}

static int write_until_killed(void) {
    pthread_t threads[PATIENTS];
    for (int i = 0; i < PATIENTS; i++) {
        pthread_create(&threads[i], NULL, endless, (void *)(intptr_t)(i + 1));
    }
    for (int i = 0; i < PATIENTS; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}

static int fill(void) {
    event *ev = calloc(1, sizeof *ev);
    int32_t err = ev != NULL ? LW_OK : LW_ERR_NO_MEMORY;
    for (int i = 0; err == LW_OK && i < 20000; i++) {
        make_event(ev, 1 + i % PATIENTS, LARGE);
        err = deliver(ev);
    }
    fprintf(stderr, "stopped %s\n", lw_err_name(err));
    if (getchar() == EOF) {
        return 1;
    }
    /* A lost database may need a moment to come back; a disk does not. */
    int taken = 0;
    for (int i = 0; i < 300 && taken < MORE; i++) {
        make_event(ev, 1 + i % PATIENTS, 100);
        err = deliver(ev);
        taken += err == LW_OK;
        if (err != LW_OK) {
            struct timespec wait = {0, 100 * 1000 * 1000};
            nanosleep(&wait, NULL);
        }
    }
    free(ev);
    fprintf(stderr, "after that %d taken\n", taken);
    lw_store_close(store);
    return taken == MORE ? 0 : 1;
}

static void say(void *ctx, bool wrong, const char *sentence) {
    (void)ctx;
    if (wrong) {
        fprintf(stderr, "%s\n", sentence);
    }
}

static int check(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return 1;
    }
    lw_sql *sql = lw_store_reader(store);
    long promised = 0, lost = 0;
    char patient[8], id[40], hex[40];
    while (fscanf(file, "%7s %39s", patient, id) == 2) {
        uint8_t bytes[16];
        int n = 0;
        for (const char *p = id; *p != '\0' && n < 32; p++) {
            if (*p != '-') {
                hex[n++] = *p;
            }
        }
        for (int i = 0; i < 16; i++) {
            char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
            bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
        }
        lw_sql_value params[] = {lw_sql_text(lw__str(patient)), lw_sql_blob(bytes, 16)};
        int64_t seq = 0;
        promised++;
        if (lw_sql_one_int(sql, "SELECT seq FROM event WHERE patient = ?1 AND id = ?2", params, 2, &seq) != LW_OK) {
            fprintf(stderr, "acknowledged and lost: %s %s\n", patient, id);
            lost++;
        }
    }
    fclose(file);
    lw_check checking = {.say = say};
    int32_t err = lw_store_check(sql, &checking);
    lw_store_reader_back(store, sql);
    printf("%ld acknowledged, %llu stored, %ld lost, %llu wrong\n", promised, (unsigned long long)checking.events, lost,
           (unsigned long long)checking.wrong);
    lw_store_close(store);
    return err == LW_OK && lost == 0 && checking.wrong == 0 && promised <= (long)checking.events ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    const char *verb = argv[1];
    char why[300] = "";
    bool reading = strcmp(verb, "check") == 0;
    lw_store_options options = {.where = argv[2], .readers = 4, .create = strcmp(verb, "make") == 0};
    int32_t err = lw_store_open(&options, &store, why, sizeof why);
    if (err != LW_OK) {
        die("open", err, why);
    }
    if (strcmp(verb, "make") == 0) {
        err = lw_store_write(store, make_job, NULL);
        lw_store_close(store);
        return err == LW_OK ? 0 : 1;
    }
    if (argc < 4) {
        return 2;
    }
    run = atoi(argv[3]);
    return reading ? check(argv[3]) : strcmp(verb, "fill") == 0 ? fill() : write_until_killed();
}
