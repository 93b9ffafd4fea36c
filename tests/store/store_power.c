/*
 * store_power.c: the power fails under the store's writer, at many moments.
 *
 *   store_power POINTS SEED FOLDER           nothing acknowledged may be lost; exit code 0
 *   store_power POINTS SEED FOLDER lying     the same with PRAGMA synchronous=OFF: shows that the test sees what is lost
 *
 * A VFS stands between SQLite and the disk. What is written goes to the file at once, so that the program sees what it wrote,
 * and is remembered until the file's next sync. At a chosen write, sync, truncation or deletion the power "fails": the files as a
 * disk might then hold them are put into a place of their own: what was synced, and of what was not, each sector of 512 bytes by
 * chance, whole or as garbage, so torn and in any order; a file that was never synced may not be there, one that was deleted may
 * be back until the folder is synced. With them goes the list of what had been acknowledged by then. What the moment left is
 * opened without that VFS, as the store is when the power is back: every acknowledged event is there, every chain is whole,
 * every page is sound, and the store takes new events.
 *
 * The moments come of the seed; which of four threads writes what before one of them, of the machine. What a disk may do beyond
 * that, as losing what was synced, is not played.
 */
#define _GNU_SOURCE

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base_internal.h"
#include "store/store.h"

enum { SECTOR = 512, FILES = 3, PATIENTS = 4, PROMISES = 200000, POINTS_A_STORE = 25, OPERATIONS = 400 };

/* ---- chance: the same for the same seed ---- */

static uint64_t state;

static uint64_t chance(uint64_t below) {
    state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static void *need(void *p) {
    if (p == NULL) {
        fputs("no memory\n", stderr);
        exit(1);
    }
    return p;
}

/* ---- the disk ---- */

/* A write, or with bytes NULL a truncation to `at`. */
typedef struct op {
    struct op *next;
    sqlite3_int64 at;
    size_t len;
    uint8_t *bytes;
} op;

/* One of the three names that a store has: what the disk surely holds of it, and what it may hold. */
typedef struct disk_file {
    uint8_t *bytes;
    size_t len, cap;
    bool sure, maybe; /* there: for sure; or perhaps */
    bool deleted;     /* by the program; until the folder is synced it may be back */
    op *first, **last;
} disk_file;

static const char *const ends[FILES] = {"", "-wal", "-journal"};
static disk_file disk[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the disk, the promises and the moment */
static char watched[300], after[300];                    /* paths of the store and of what a moment leaves of it */

/* ---- what was acknowledged ---- */

typedef struct promise {
    uint8_t id[16];
    uint8_t patient;
} promise;

static promise promises[PROMISES], kept[PROMISES];
static uint32_t promised, kept_count;

/* ---- the moment ---- */

static int64_t until_moment = -1; /* operations until the power fails; below 0: not armed */
static pthread_cond_t moment = PTHREAD_COND_INITIALIZER, power = PTHREAD_COND_INITIALIZER;
static uint32_t moments;

static void put(disk_file *f, sqlite3_int64 at, const void *bytes, size_t len) {
    size_t end = (size_t)at + len;
    if (end > f->cap) {
        size_t cap = end * 2;
        f->bytes = need(realloc(f->bytes, cap));
        memset(f->bytes + f->cap, 0, cap - f->cap);
        f->cap = cap;
    }
    memcpy(f->bytes + at, bytes, len);
    f->len = end > f->len ? end : f->len;
}

static void cut(disk_file *f, sqlite3_int64 at) {
    if ((size_t)at < f->len) {
        memset(f->bytes + at, 0, f->len - (size_t)at);
        f->len = (size_t)at;
    }
}

static void forget(disk_file *f) {
    while (f->first != NULL) {
        op *o = f->first;
        f->first = o->next;
        free(o->bytes);
        free(o);
    }
    f->last = &f->first;
}

static void gone(disk_file *f) {
    forget(f);
    cut(f, 0);
    f->sure = f->maybe = f->deleted = false;
}

/* All that was remembered is on the disk. */
static void settle(disk_file *f) {
    for (op *o = f->first; o != NULL; o = o->next) {
        if (o->bytes == NULL) {
            cut(f, o->at);
        } else {
            put(f, o->at, o->bytes, o->len);
        }
    }
    forget(f);
    f->sure = true;
}

/* Of the operations that were not synced each sector by chance: percent of them are on the disk, one in fifty as garbage. */
static void spoil(disk_file *f, const disk_file *real, uint64_t percent) {
    for (op *o = real->first; o != NULL; o = o->next) {
        if (o->bytes == NULL) {
            if (chance(100) < percent) {
                cut(f, o->at);
            }
            continue;
        }
        for (size_t from = 0; from < o->len;) {
            size_t len = SECTOR - ((size_t)o->at + from) % SECTOR;
            len = len > o->len - from ? o->len - from : len;
            if (chance(100) < percent) {
                uint8_t sector[SECTOR];
                memcpy(sector, o->bytes + from, len);
                for (size_t i = chance(50) == 0 ? 0 : len; i < len; i++) {
                    sector[i] = (uint8_t)chance(256);
                }
                put(f, o->at + (sqlite3_int64)from, sector, len);
            }
            from += len;
        }
    }
}

/* With the lock: writes what a disk may hold now. */
static void power_fails(void) {
    static const uint64_t percents[] = {0, 100, 50, 10, 90};
    uint64_t percent = percents[chance(5)];
    for (int i = 0; i < FILES; i++) {
        char path[320];
        snprintf(path, sizeof path, "%s%s", after, ends[i]);
        unlink(path);
        disk_file image = {.len = disk[i].len, .cap = disk[i].len};
        bool there = disk[i].sure || (disk[i].maybe && chance(2) == 0);
        if (!there) {
            continue;
        }
        image.bytes = need(malloc(image.cap + 1));
        memcpy(image.bytes, disk[i].bytes != NULL ? disk[i].bytes : (const uint8_t *)"", image.len);
        spoil(&image, &disk[i], percent);
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (file < 0 || write(file, image.bytes, image.len) != (ssize_t)image.len) {
            perror(path);
            exit(1);
        }
        close(file);
        free(image.bytes);
    }
    memcpy(kept, promises, promised * sizeof *promises);
    kept_count = promised;
    moments++;
    pthread_cond_broadcast(&moment);
}

/* With the lock, before an operation counts. */
static void pass(void) {
    if (until_moment >= 0 && until_moment-- == 0) {
        power_fails();
    }
}

/* ---- the VFS ---- */

typedef struct watched_file {
    sqlite3_file base;
    disk_file *disk;
    sqlite3_file *real;
    bool sync_folder; /* its first sync is one of the folder too, as SQLite does it for journal and log */
} watched_file;

static sqlite3_vfs *plain;
static sqlite3_vfs power_vfs;
static bool lying;

static sqlite3_file *real_of(sqlite3_file *file) {
    return ((watched_file *)file)->real;
}

static void remember(sqlite3_file *file, sqlite3_int64 at, const void *bytes, size_t len) {
    disk_file *f = ((watched_file *)file)->disk;
    op *o = need(calloc(1, sizeof *o));
    o->at = at;
    o->len = len;
    if (bytes != NULL) {
        o->bytes = need(malloc(len));
        memcpy(o->bytes, bytes, len);
    }
    pthread_mutex_lock(&lock);
    pass();
    *f->last = o;
    f->last = &o->next;
    f->maybe = true;
    pthread_mutex_unlock(&lock);
}

static int x_close(sqlite3_file *file) {
    return real_of(file)->pMethods->xClose(real_of(file));
}
static int x_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at) {
    return real_of(file)->pMethods->xRead(real_of(file), out, len, at);
}
static int x_write(sqlite3_file *file, const void *bytes, int len, sqlite3_int64 at) {
    remember(file, at, bytes, (size_t)len);
    return real_of(file)->pMethods->xWrite(real_of(file), bytes, len, at);
}
static int x_truncate(sqlite3_file *file, sqlite3_int64 size) {
    remember(file, size, NULL, 0);
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
static int x_sync(sqlite3_file *file, int flags) {
    (void)flags;
    pthread_mutex_lock(&lock);
    pass(); /* the power may fail before the disk has done it */
    watched_file *w = (watched_file *)file;
    settle(w->disk);
    for (int i = 0; i < FILES && w->sync_folder; i++) {
        if (disk[i].deleted) {
            gone(&disk[i]);
        }
    }
    w->sync_folder = false;
    pthread_mutex_unlock(&lock);
    return SQLITE_OK;
}
static int x_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
static int x_lock(sqlite3_file *file, int level) {
    return real_of(file)->pMethods->xLock(real_of(file), level);
}
static int x_unlock(sqlite3_file *file, int level) {
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
static int x_reserved(sqlite3_file *file, int *out) {
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}
static int x_control(sqlite3_file *file, int what, void *arg) {
    if (what == SQLITE_FCNTL_PRAGMA) {
        /* When it shall lie, what the store says about syncing is not heard. */
        char **words = arg;
        if (lying && sqlite3_stricmp(words[1], "synchronous") == 0 && words[2] != NULL &&
            sqlite3_stricmp(words[2], "OFF") != 0) {
            return SQLITE_OK;
        }
    }
    return real_of(file)->pMethods->xFileControl(real_of(file), what, arg);
}
static int x_sector(sqlite3_file *file) {
    (void)file;
    return SECTOR;
}
static int x_traits(sqlite3_file *file) {
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
static int x_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}
static int x_shm_lock(sqlite3_file *file, int offset, int n, int flags) {
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}
static void x_barrier(sqlite3_file *file) {
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}
static int x_unmap(sqlite3_file *file, int remove) {
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

/* Which of the watched store's files a path is; NULL: none. */
static disk_file *disk_of(const char *path) {
    size_t len = strlen(watched);
    if (path == NULL || strncmp(path, watched, len) != 0) {
        return NULL;
    }
    for (int i = 0; i < FILES; i++) {
        if (strcmp(path + len, ends[i]) == 0) {
            return &disk[i];
        }
    }
    return NULL;
}

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = x_close,
        .xRead = x_read,
        .xWrite = x_write,
        .xTruncate = x_truncate,
        .xSync = x_sync,
        .xFileSize = x_size,
        .xLock = x_lock,
        .xUnlock = x_unlock,
        .xCheckReservedLock = x_reserved,
        .xFileControl = x_control,
        .xSectorSize = x_sector,
        .xDeviceCharacteristics = x_traits,
        .xShmMap = x_map,
        .xShmLock = x_shm_lock,
        .xShmBarrier = x_barrier,
        .xShmUnmap = x_unmap,
    };
    (void)vfs;
    disk_file *f = disk_of(name);
    if (f == NULL) {
        return plain->xOpen(plain, name, file, flags, out_flags);
    }
    watched_file *w = (watched_file *)file;
    w->disk = f;
    w->real = (sqlite3_file *)(w + 1);
    w->sync_folder = f != &disk[0] && (flags & SQLITE_OPEN_CREATE) != 0;
    w->base.pMethods = NULL;
    int code = plain->xOpen(plain, name, w->real, flags, out_flags);
    if (code == SQLITE_OK) {
        w->base.pMethods = &methods;
        pthread_mutex_lock(&lock);
        if (f->deleted) {
            gone(f); /* a new file of that name */
        }
        f->maybe = true;
        f->sure = f->sure || f == &disk[0]; /* the store makes its file itself and syncs the folder */
        pthread_mutex_unlock(&lock);
    }
    return code;
}

static int x_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    disk_file *f = disk_of(name);
    if (f != NULL) {
        pthread_mutex_lock(&lock);
        pass();
        f->sure = false;
        f->deleted = true;
        if (sync) {
            gone(f);
        }
        pthread_mutex_unlock(&lock);
    }
    return plain->xDelete(plain, name, sync);
}

static int say_no_sync(sqlite3 *db, char **why, const struct sqlite3_api_routines *api) {
    (void)why;
    (void)api;
    const char *name = sqlite3_db_filename(db, "main");
    return disk_of(name) != NULL ? sqlite3_exec(db, "PRAGMA synchronous=OFF", NULL, NULL, NULL) : SQLITE_OK;
}

static void stand_between(void) {
    if (sqlite3_initialize() != SQLITE_OK) {
        exit(1);
    }
    plain = sqlite3_vfs_find(NULL);
    power_vfs = *plain;
    power_vfs.zName = "power";
    power_vfs.pNext = NULL;
    power_vfs.szOsFile = (int)sizeof(watched_file) + plain->szOsFile;
    power_vfs.xOpen = x_open;
    power_vfs.xDelete = x_delete;
    if (sqlite3_vfs_register(&power_vfs, 1) != SQLITE_OK ||
        (lying && sqlite3_auto_extension((void (*)(void))say_no_sync) != SQLITE_OK)) {
        exit(1);
    }
}

/* ---- the writers ---- */

static lw_store *store;
static atomic_int serial;
static bool ending; /* with the lock */

typedef struct event {
    lw_append_event e;
    char patient[8], id[40];
    char line[LW_MAX_LINE + 1];
} event;

static void die(const char *what, int32_t err, const char *why) {
    fprintf(stderr, "%s: %s %s\n", what, lw_err_name(err), why);
    exit(1);
}

static void make_event(event *ev, int patient) {
    static _Thread_local char letters[3000];
    static _Thread_local uint8_t memory[4 * LW_MAX_LINE];
    int n = atomic_fetch_add(&serial, 1);
    int filler = (n * 37) % (int)sizeof letters;
    memset(letters, 'a' + n % 26, (size_t)filler);
    snprintf(ev->patient, sizeof ev->patient, "p-%d", patient);
    snprintf(ev->id, sizeof ev->id, "0195a0c2-0000-7000-8000-%012x", (unsigned)n);
    int len =
        snprintf(ev->line, sizeof ev->line,
                 "{\"v\":1,\"id\":\"%s\",\"patient\":\"%s\",\"kind\":\"note\",\"at\":\"2026-03-08T08:00:00+00:00\","
                 "\"by\":\"patient\",\"data\":{\"text\":\"x\",\"x_fill\":\"%.*s\"}}",
                 ev->id, ev->patient, filler, letters);
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
    int32_t err = lw_store_append(sql, ctx);
    lw_audit row = {.at_s = 1,
                    .clinic = LW_STR("c-1"),
                    .account = LW_STR("a"),
                    .route = LW_STR("events_add"),
                    .patient = ((lw_append *)ctx)->patient,
                    .status = 200};
    return err == LW_OK ? lw_audit_add(sql, &row) : err;
}

static int32_t deliver(lw_store *to, event *ev) {
    int32_t err = LW_ERR_HEAD;
    while (err == LW_ERR_HEAD) {
        lw_append append = {.patient = lw__str(ev->patient), .events = &ev->e, .count = 1, .received_s = 1};
        lw_sql *sql = lw_store_reader(to);
        err = sql != NULL ? lw_store_head(sql, append.patient, &append.expect) : LW_ERR_BUSY;
        lw_store_reader_back(to, sql);
        err = err == LW_OK ? lw_store_write(to, append_job, &append) : err;
    }
    return err;
}

static void *endless(void *arg) {
    event *ev = need(calloc(1, sizeof *ev));
    int patient = (int)(intptr_t)arg;
    for (;;) {
        /* Between the moments nobody writes, so that the store stays small. */
        pthread_mutex_lock(&lock);
        while (until_moment < 0 && !ending) {
            pthread_cond_wait(&power, &lock);
        }
        bool end = ending;
        pthread_mutex_unlock(&lock);
        if (end) {
            break;
        }
        make_event(ev, patient);
        int32_t err = deliver(store, ev);
        if (err != LW_OK) {
            die("write", err, "");
        }
        pthread_mutex_lock(&lock);
        if (promised == PROMISES) {
            die("too many events", LW_ERR_LIMIT, "");
        }
        promises[promised].patient = (uint8_t)patient;
        memcpy(promises[promised++].id, ev->e.id, 16);
        pthread_mutex_unlock(&lock);
    }
    free(ev);
    return NULL;
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

/* ---- after the power is back ---- */

static uint64_t lost, broken;

static void say(void *ctx, bool wrong, const char *sentence) {
    (void)ctx;
    if (wrong && !lying) {
        fprintf(stderr, "%s\n", sentence);
    }
}

static void look(uint32_t number) {
    lw_store *again = NULL;
    char why[300] = "";
    lw_store_options options = {.where = after, .readers = 1};
    lw_check check = {.say = say};
    uint64_t missing = 0; /* all, when it cannot even be opened */
    int32_t err = lw_store_open(&options, &again, why, sizeof why);
    if (err == LW_OK) {
        lw_sql *sql = lw_store_reader(again);
        for (uint32_t i = 0; i < kept_count; i++) {
            char patient[8];
            snprintf(patient, sizeof patient, "p-%d", kept[i].patient);
            lw_sql_value params[] = {lw_sql_text(lw__str(patient)), lw_sql_blob(kept[i].id, 16)};
            int64_t seq = 0;
            missing +=
                lw_sql_one_int(sql, "SELECT seq FROM event WHERE patient = ?1 AND id = ?2", params, 2, &seq) != LW_OK;
        }
        lw_store_reader_back(again, sql);
        /* It goes on. */
        event *ev = need(calloc(1, sizeof *ev));
        make_event(ev, 1);
        err = deliver(again, ev);
        free(ev);
        lw_store_close(again);
    }
    if (err == LW_OK) {
        err = lw_store_doctor(after, "", 2, &check, why, sizeof why);
    }
    missing = again == NULL ? kept_count : missing;
    lost += missing;
    broken += err != LW_OK || check.wrong > 0;
    if (!lying && (missing > 0 || err != LW_OK || check.wrong > 0)) {
        fprintf(stderr, "moment %u: %llu of %u acknowledged are missing, %llu findings, %s %s\n", number,
                (unsigned long long)missing, kept_count, (unsigned long long)check.wrong, lw_err_name(err), why);
    }
}

/* One store, from its first byte on; the power fails `points` times. */
static void one_store(uint32_t points) {
    char path[320];
    static const char *const all[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s%s", watched, all[i]);
        unlink(path);
    }
    pthread_mutex_lock(&lock);
    for (int i = 0; i < FILES; i++) {
        gone(&disk[i]);
    }
    promised = 0;
    pthread_mutex_unlock(&lock);
    char why[300] = "";
    lw_store_options options = {.where = watched, .readers = PATIENTS, .create = true};
    int32_t err = lw_store_open(&options, &store, why, sizeof why);
    err = err == LW_OK ? lw_store_write(store, make_job, NULL) : err;
    if (err != LW_OK) {
        die("open", err, why);
    }
    pthread_t threads[PATIENTS];
    ending = false;
    for (int i = 0; i < PATIENTS; i++) {
        pthread_create(&threads[i], NULL, endless, (void *)(intptr_t)(i + 1));
    }
    for (uint32_t i = 0; i < points; i++) {
        for (size_t k = 0; k < 4; k++) {
            snprintf(path, sizeof path, "%s%s", after, all[k]);
            unlink(path);
        }
        pthread_mutex_lock(&lock);
        uint32_t before = moments;
        until_moment = (int64_t)chance(i == 0 ? 10 : OPERATIONS);
        pthread_cond_broadcast(&power);
        while (moments == before) {
            pthread_cond_wait(&moment, &lock);
        }
        pthread_mutex_unlock(&lock);
        look(moments);
    }
    pthread_mutex_lock(&lock);
    ending = true;
    pthread_cond_broadcast(&power);
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < PATIENTS; i++) {
        pthread_join(threads[i], NULL);
    }
    lw_store_close(store);
}

int main(int argc, char **argv) {
    if (argc < 4) {
        return 2;
    }
    uint32_t points = (uint32_t)atoi(argv[1]);
    state = (uint64_t)atoll(argv[2]);
    snprintf(watched, sizeof watched, "%s/store.db", argv[3]);
    snprintf(after, sizeof after, "%s/after.db", argv[3]);
    lying = argc > 4;
    for (int i = 0; i < FILES; i++) {
        disk[i].last = &disk[i].first;
    }
    stand_between();
    uint64_t acknowledged = 0;
    for (uint32_t done = 0; done < points; done += POINTS_A_STORE) {
        one_store(points - done < POINTS_A_STORE ? points - done : POINTS_A_STORE);
        acknowledged += promised;
    }
    printf("%u moments, %llu acknowledged: %llu losses, %llu stores not sound\n", moments,
           (unsigned long long)acknowledged, (unsigned long long)lost, (unsigned long long)broken);
    return lost == 0 && broken == 0 ? 0 : 1;
}
