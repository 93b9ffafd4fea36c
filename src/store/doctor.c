/*
 * doctor.c: the health of a store, in plain sentences. See lw_store_doctor in store.h.
 *
 * It only reads, so it may look while the server works. Each finding is one sentence; those that call for action are wrong.
 */
#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "store/sql_internal.h"
#include "store/store_internal.h"
#include "store/wal_tail.h"

enum {
    MEGABYTE = 1000 * 1000,
    ROOM_LEAST_MB = 200,
    ROOM_NONE_MB = 4,
    CLOCK_SLACK_S = 600,
    BACKUP_DAYS = 7, /* the newest backup is not older */
    BACKUPS_MOST = 10000,
    DAY_S = 86400
};

typedef struct health {
    lw_sql *sql;
    lw_check *check;
    lw_shelf *shelf;
    uint64_t protocols, broken;
} health;

/* ---- the database itself ---- */

static int32_t page_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    if (!lw__str_eq(columns[0].bytes, LW_STR("ok"))) {
        lw__check_say(ctx, true, "The file is damaged: %.*s", (int)columns[0].bytes.len, columns[0].bytes.ptr);
    }
    return LW_OK;
}

static int32_t reference_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    lw__check_say(ctx, true, "A row of table %.*s refers to something that is not there.", (int)columns[0].bytes.len,
                  columns[0].bytes.ptr);
    return LW_OK;
}

static int32_t setting_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    bool off = lw__str_eq(columns[1].bytes, LW_STR("off"));
    if (off && lw__str_eq(columns[0].bytes, LW_STR("data_checksums"))) {
        lw__check_say(ctx, false, "PostgreSQL keeps no checksums of its pages (initdb --data-checksums would).");
    } else if (off) {
        lw__check_say(ctx, true,
                      "PostgreSQL runs with %.*s = off: what was acknowledged may be lost when the power fails.",
                      (int)columns[0].bytes.len, columns[0].bytes.ptr);
    }
    return LW_OK;
}

/* What SQLite leaves out without a word. */
static void check_log(health *h, const char *path) {
    uint64_t commits = 0;
    lw__wal_tail tail = lw__wal_look(path, &commits);
    if (tail == LW__WAL_DAMAGED) {
        lw__check_say(
            h->check, true,
            "The log beside the file (-wal) is damaged: what was stored last, %llu times at least, cannot be read, "
            "though it was acknowledged. Everything before it is there: loadwave backup and restore bring it to a "
            "new file. Then compare with an earlier backup and with the patients' phones.",
            (unsigned long long)commits);
    } else if (tail == LW__WAL_UNFINISHED) {
        lw__check_say(h->check, false,
                      "The log ends in something unfinished, as after a program was killed while it wrote, before it "
                      "said that it was stored. "
                      "If no program was, the last entry is missing.");
    }
}

static int32_t check_database(health *h) {
    uint64_t before = h->check->wrong;
    int32_t err = LW_OK;
    if (lw_sql_is_postgres(h->sql)) {
        err = lw_sql_run(h->sql,
                         "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', "
                         "'data_checksums') ORDER BY name",
                         NULL, 0, setting_row, h->check);
    } else {
        err = lw_sql_run(h->sql, "PRAGMA integrity_check(20)", NULL, 0, page_row, h->check);
        err = err == LW_OK ? lw_sql_run(h->sql, "PRAGMA foreign_key_check", NULL, 0, reference_row, h->check) : err;
    }
    if (err == LW_ERR_CORRUPT) {
        lw__check_say(h->check, true, "The file is damaged: %s", lw_sql_why(h->sql));
    }
    if (err == LW_OK && h->check->wrong == before) {
        lw__check_say(h->check, false,
                      lw_sql_is_postgres(h->sql) ? "The database's settings keep what was acknowledged."
                                                 : "Every page of the file is sound.");
    }
    return err;
}

/* ---- versions ---- */

static int32_t protocol_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    health *h = ctx;
    h->protocols++;
    if (lw_shelf_find(h->shelf, columns[0].bytes, columns[1].bytes) == NULL) {
        h->broken++;
        lw__check_say(h->check, true,
                      "Protocol %.12s… of clinic %.*s cannot be compiled by this version: update the program.",
                      columns[1].bytes.ptr, (int)columns[0].bytes.len, columns[0].bytes.ptr);
    }
    return LW_OK;
}

static int32_t check_versions(health *h) {
    int64_t homeless = 0;
    lw__check_say(h->check, false, "Program %s, tables of version %d.", lw_version(), LW__SCHEMA_VERSION);
    /* The texts are read while the list is open: the list is short, and the drivers allow it. */
    int32_t err = lw_sql_run(h->sql, "SELECT clinic, sha256 FROM protocol ORDER BY clinic, sha256 LIMIT 10000", NULL, 0,
                             protocol_row, h);
    if (err == LW_OK) {
        err =
            lw_sql_one_int(h->sql,
                           "SELECT count(*) FROM patient p WHERE p.protocol_sha256 <> '' AND NOT EXISTS (SELECT 1 FROM "
                           "protocol x WHERE x.clinic = p.clinic AND x.sha256 = p.protocol_sha256)",
                           NULL, 0, &homeless);
    }
    if (err == LW_OK && homeless > 0) {
        lw__check_say(h->check, true, "Patients on a protocol that their clinic has not published: %lld.",
                      (long long)homeless);
    }
    int64_t clinics = 0;
    err = err == LW_OK ? lw_sql_one_int(h->sql, "SELECT count(*) FROM clinic", NULL, 0, &clinics) : err;
    if (err == LW_OK && clinics == 0) {
        lw__check_say(h->check, false, "There is no clinic yet, so nobody can sign in: loadwave clinic add makes one.");
    }
    if (err == LW_OK && h->broken == 0 && h->protocols > 0) {
        lw__check_say(h->check, false, "Published protocols: %llu, each compiles.", (unsigned long long)h->protocols);
    }
    return err;
}

/* ---- clock, disk, file ---- */

static int32_t check_clock(health *h, int64_t now_s) {
    int64_t newest = 0;
    int32_t err =
        lw_sql_one_int(h->sql,
                       "SELECT COALESCE(MAX(s), 0) FROM (SELECT MAX(received_s) AS s FROM event "
                       "UNION ALL SELECT MAX(at_s) AS s FROM audit UNION ALL SELECT MAX(created_s) AS s FROM clinic) x",
                       NULL, 0, &newest);
    if (err == LW_OK && newest > now_s + CLOCK_SLACK_S) {
        lw__check_say(h->check, true,
                      "The clock of this machine is behind: the newest entry was stored %lld minutes after what it "
                      "shows now. Set it: "
                      "timedatectl set-ntp true",
                      (long long)((newest - now_s) / 60));
    } else if (err == LW_OK) {
        lw__check_say(h->check, false, "The clock is not behind the newest entry.");
    }
    return err;
}

static void check_file(health *h, const char *path) {
    struct stat file;
    if (stat(path, &file) != 0) {
        return;
    }
    if ((file.st_mode & 077) != 0) {
        lw__check_say(h->check, true,
                      "Others on this machine can open the file (mode %03o); chmod 600 \"%s\" ends that.",
                      (unsigned)(file.st_mode & 0777), path);
    } else {
        lw__check_say(h->check, false, "Only its owner can open the file.");
    }
    char copy[4200];
    snprintf(copy, sizeof copy, "%s", path);
    const char *folder = dirname(copy);
    struct statvfs room;
    struct statfs kind;
    if (statvfs(folder, &room) == 0) {
        uint64_t free_mb = (uint64_t)room.f_bavail * room.f_frsize / MEGABYTE;
        struct stat log;
        char wal[4200];
        snprintf(wal, sizeof wal, "%s-wal", path);
        uint64_t size = (uint64_t)file.st_size + (stat(wal, &log) == 0 ? (uint64_t)log.st_size : 0);
        uint64_t size_mb = (size + MEGABYTE - 1) / MEGABYTE;
        bool full = free_mb < ROOM_NONE_MB, tight = free_mb < ROOM_LEAST_MB || free_mb < size_mb;
        lw__check_say(
            h->check, tight, "The store has %llu MB, the disk has room for %llu MB more%s", (unsigned long long)size_mb,
            (unsigned long long)free_mb,
            full    ? ": it is full, and nothing more can be stored. Make room now: old backups to another place, "
                      "apt clean, journalctl --vacuum-size=100M."
            : tight ? ": make room soon."
                    : ".");
    }
    /* NFS, SMB, SMB2, CIFS: the log needs memory that two machines cannot share. */
    if (statfs(folder, &kind) == 0) {
        uint64_t type = (uint64_t)kind.f_type & 0xffffffffu;
        if (type == 0x6969 || type == 0x517b || type == 0xfe534d42u || type == 0xff534d42u) {
            lw__check_say(h->check, true, "The file is on a network disk; a SQLite store belongs on a local one.");
        }
    }
}

/* ---- backups ---- */

/* Looks at the first bytes of what is in the folder, and at its age; a backup may as well be kept where nobody here sees it. */
static void check_backups(health *h, const char *folder, int64_t now_s) {
    unsigned long long count = 0, plain = 0;
    int64_t newest = 0;
    DIR *dir = opendir(folder);
    int looked = 0;
    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL && looked < BACKUPS_MOST;
         entry = readdir(dir), looked++) {
        char path[4600];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
            continue;
        }
        lw_backup_kind kind = lw_backup_kind_of(path, NULL);
        count += kind != LW_BACKUP_NONE;
        plain += kind == LW_BACKUP_PLAIN;
        newest = kind != LW_BACKUP_NONE && info.st_mtime > newest ? info.st_mtime : newest;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    if (count == 0) {
        int64_t first = 0;
        bool old = lw_sql_one_int(h->sql, "SELECT COALESCE(MIN(created_s), 0) FROM clinic", NULL, 0, &first) == LW_OK &&
                   first > 0 && now_s - first > BACKUP_DAYS * DAY_S;
        lw__check_say(h->check, old, "There is no backup in %s. (--backups says where they are.)%s", folder,
                      old ? " The store has been used for more than a week: make one now (loadwave backup)." : "");
        return;
    }
    long long days = (long long)((now_s - newest) / DAY_S);
    lw__check_say(h->check, days > BACKUP_DAYS, "Backups in %s: %llu, the newest %lld days old%s.", folder, count,
                  days < 0 ? 0 : days, days > BACKUP_DAYS ? ": make one now (loadwave backup)" : "");
    if (plain > 0) {
        lw__check_say(
            h->check, true,
            "Backups that are not encrypted: %llu of %llu. Whoever takes one reads everything; loadwave backup "
            "--new-key makes a key, and serve --backup-key uses it.",
            plain, count);
    } else {
        lw__check_say(h->check, false, "Every backup is encrypted.");
    }
}

/* "backups" beside a SQLite store, as the server has it, unless another folder is named. */
static void find_backups(health *h, const char *where, const char *backups, int64_t now_s) {
    char copy[4200], folder[4300];
    if (backups == NULL && lw__sql_is_url(where)) {
        lw__check_say(h->check, false, "Backups were not looked at: --backups says where they are.");
        return;
    }
    if (backups == NULL) {
        snprintf(copy, sizeof copy, "%s", where);
        const char *above = dirname(copy);
        snprintf(folder, sizeof folder, "%s%sbackups", strcmp(above, ".") == 0 ? "" : above,
                 strcmp(above, ".") == 0 ? "" : "/");
    } else {
        snprintf(folder, sizeof folder, "%s", backups);
    }
    check_backups(h, folder, now_s);
}

/* ---- all ---- */

typedef struct audit_end {
    int64_t rows;
    char hash[65];
} audit_end;

static int32_t audit_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    audit_end *end = ctx;
    end->rows = columns[0].number;
    lw__writer w = lw__writer_over(end->hash, 64);
    lw__put_hex(&w, (const uint8_t *)columns[1].bytes.ptr, columns[1].bytes.len);
    return LW_OK;
}

static int32_t check_content(health *h) {
    audit_end end = {0};
    uint64_t before = h->check->wrong;
    int32_t err = lw_store_check(h->sql, h->check);
    if (err == LW_OK && h->check->wrong == before) {
        lw__check_say(
            h->check, false,
            "Patients: %llu, events: %llu. Every chain is unbroken, every record reads, every row for lists is that of "
            "a "
            "fresh fold.",
            (unsigned long long)h->check->patients, (unsigned long long)h->check->events);
    }
    err = err == LW_OK
              ? lw_sql_run(h->sql, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", NULL, 0, audit_row, &end)
              : err;
    if (err == LW_OK && end.rows > 0) {
        lw__check_say(
            h->check, false,
            "The audit trail has %lld rows, the last with hash %s; noted elsewhere, it shows whether rows at the end "
            "were "
            "cut off.",
            (long long)end.rows, end.hash);
    }
    return err;
}

/* Said once, after what is damaged; no finding of its own. */
static void say_repair(const health *h) {
    if (h->check->say != NULL) {
        h->check->say(h->check->ctx, false,
                      "What to do about damage: stop the server, keep a copy of the store as it is, restore the newest "
                      "backup to a new place (loadwave restore), and compare: patients' phones hold their own records "
                      "and send what is missing. Then look for the cause: memory and disk.");
    }
}

int32_t lw_store_doctor(const char *where, const char *backups, int64_t now_s, lw_check *check, char *why, size_t cap) {
    health h = {.check = check};
    lw_sql *sql = NULL;
    if (!lw__sql_is_url(where)) {
        check_file(&h, where); /* first: a full disk is why it cannot be opened */
    }
    int32_t err = lw_sql_open(where, LW_SQL_READ_ONLY, &sql, why, cap);
    h.sql = sql;
    err = err == LW_OK ? lw__store_readable(sql, where, why, cap) : err;
    if (err == LW_ERR_CORRUPT) {
        /* Not even its list of tables can be read. */
        lw__check_say(check, true, "The file is damaged: %s", why);
        say_repair(&h);
        lw_sql_close(sql);
        return LW_OK;
    }
    if (err == LW_OK) {
        lw__sql_say(why, cap, "The store could not be read to its end.");
        /* One moment for all, so that what is written meanwhile is not taken for damage. */
        err = lw_sql_begin(sql, false);
    }
    err = err == LW_OK ? lw_shelf_open(sql, &h.shelf) : err;
    if (err == LW_OK) {
        if (!lw__sql_is_url(where)) {
            check_log(&h, where);
        }
        uint64_t before = check->wrong;
        err = check_database(&h);
        uint64_t damaged = check->wrong - before;
        err = err == LW_OK ? check_versions(&h) : err;
        before = check->wrong;
        err = err == LW_OK ? check_content(&h) : err;
        if (damaged + (check->wrong - before) > 0) {
            say_repair(&h);
        }
        err = err == LW_OK ? check_clock(&h, now_s) : err;
        find_backups(&h, where, backups, now_s);
        if (err == LW_OK) {
            lw__doctor_post(sql, now_s, check);
        }
        err = err == LW_ERR_CORRUPT && check->wrong > 0 ? LW_OK : err; /* it has been said */
        if (err != LW_OK) {
            lw__sql_say(why, cap, "%s: %s", lw__store_name(where), lw_sql_why(sql));
        }
    }
    lw_shelf_close(h.shelf);
    if (sql != NULL) {
        lw_sql_rollback(sql);
    }
    lw_sql_close(sql);
    return err;
}
