/*
 * place_backups.c: whether the newest backup would bring the clinic back, for `loadwave doctor`: it is restored to no place, which reads all of
 * it; on which disk it stands; and whether the package's timer makes one every day. How old it is says lw_store_doctor.
 */
#include <dirent.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/place.h"

enum { PATH_CAP = 4600, FILES_MOST = 10000, DAY_S = 86400, TIMER_DAYS = 2 };

#define TIMER "/etc/systemd/system/timers.target.wants/loadwave-backup.timer"

/* The newest file in the folder that is a backup; its kind, LW_BACKUP_NONE: there is none. */
static lw_backup_kind newest_in(const char *folder, char path[PATH_CAP], struct stat *info) {
    lw_backup_kind found = LW_BACKUP_NONE;
    DIR *dir = opendir(folder);
    int looked = 0;
    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL && looked < FILES_MOST;
         entry = readdir(dir), looked++) {
        char one[PATH_CAP];
        struct stat its;
        int len = snprintf(one, sizeof one, "%s/%s", folder, entry->d_name);
        if (len < 0 || (size_t)len >= sizeof one || stat(one, &its) != 0 || !S_ISREG(its.st_mode)) {
            continue;
        }
        lw_backup_kind kind = lw_backup_kind_of(one, NULL);
        if (kind != LW_BACKUP_NONE && (found == LW_BACKUP_NONE || its.st_mtime > info->st_mtime)) {
            found = kind;
            *info = its;
            memcpy(path, one, (size_t)len + 1);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return found;
}

static void try_restore(const char *path, lw_backup_kind kind, const char *key_file, lw_check *check) {
    char why[900] = "";
    lw_backup_key space;
    const lw_backup_key *key = NULL;
    if (kind != LW_BACKUP_PLAIN) {
        if (key_file == NULL || lw_backup_key_read(key_file, &space, why, sizeof why) != LW_OK) {
            cli_place_say(check, false,
                          "The newest backup is encrypted; without its key it is not known whether it can be restored: "
                          "loadwave restore \"%s\" --check --key KEYFILE.",
                          path);
            return;
        }
        key = &space;
    }
    lw_check read = {.progress = check->progress, .ctx = check->ctx};
    int32_t err = lw_backup_restore(path, key, NULL, &read, why, sizeof why);
    lw_backup_key_forget(&space);
    if (err == LW_OK) {
        cli_place_say(check, false, "The newest backup can be restored: patients: %llu, events: %llu.",
                      (unsigned long long)read.patients, (unsigned long long)read.events);
    } else if (err == LW_ERR_FULL) {
        cli_place_say(
            check, false,
            "There is no room to read the newest backup again (twice the store's size, in TMPDIR or /var/tmp).");
    } else {
        cli_place_say(check, true, "The newest backup cannot be restored. %s Make one now, and keep the older ones.",
                      why);
    }
}

/* The timer is the link that enables it: there is no other with the package. */
static void look_at_timer(bool any, int64_t made_s, int64_t now_s, lw_check *check) {
    struct stat link;
    bool on = lstat(TIMER, &link) == 0;
    int64_t since_s = on && (!any || link.st_mtime > made_s) ? link.st_mtime : made_s;
    long long days = (long long)((now_s - since_s) / DAY_S);
    if (!on) {
        cli_place_say(check, false,
                      "No backup is made by itself: loadwave-backup.timer is off (systemctl enable --now "
                      "loadwave-backup.timer).");
    } else if (days >= TIMER_DAYS) {
        cli_place_say(check, true,
                      "A backup should be made every day, and none was in %lld days: systemctl status "
                      "loadwave-backup.timer, and journalctl -u loadwave-backup says why.",
                      days);
    } else {
        cli_place_say(check, false, "A backup is made every day (loadwave-backup.timer).");
    }
}

void cli_place_backups(const cli_place *place, int64_t now_s, lw_check *check) {
    char copy[PATH_CAP], folder[PATH_CAP], path[PATH_CAP];
    struct stat backup, store;
    bool file = strstr(place->store, "://") == NULL;
    if (place->backups == NULL && !file) {
        return;
    }
    snprintf(copy, sizeof copy, "%s", place->store);
    int len = place->backups != NULL ? snprintf(folder, sizeof folder, "%s", place->backups)
                                     : snprintf(folder, sizeof folder, "%s/backups", dirname(copy));
    lw_backup_kind kind = len > 0 && (size_t)len < sizeof folder ? newest_in(folder, path, &backup) : LW_BACKUP_NONE;
    if (place->service) {
        look_at_timer(kind != LW_BACKUP_NONE, kind != LW_BACKUP_NONE ? (int64_t)backup.st_mtime : 0, now_s, check);
    }
    if (kind == LW_BACKUP_NONE) {
        return;
    }
    if ((backup.st_mode & 077) != 0) {
        cli_place_say(check, true, "Others on this machine can open the newest backup (mode %03o): chmod 600 \"%s\".",
                      (unsigned)(backup.st_mode & 0777), path);
    }
    if (file && stat(place->store, &store) == 0 && store.st_dev == backup.st_dev) {
        cli_place_say(check, false,
                      "The backups stand on the disk of the store and would be lost with it: copy them to another "
                      "machine, or set LOADWAVE_BACKUP_FOLDER to another disk.");
    }
    try_restore(path, kind, place->backup_key, check);
}
