/*
 * rotate.c: the backups that nobody asks for: one more in a folder, read again, and only then the oldest gone. See lw_backup_rotate.
 *
 * What is removed is what was made here: regular files whose whole name is that of a backup of this kind and whose first bytes are a
 * backup's. A backup that somebody made by hand has another name and stays. Names are times, so they sort by age without a clock; one
 * whose time is still to come (the clock was ahead once) neither counts nor goes before its time has passed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sql_internal.h"
#include "store/store_internal.h"

enum { NAME_CAP = 48, FILES_MOST = 10000 };

static const char pattern[] = "loadwave-####-##-##T######Z-auto.";

static bool is_ours(const char *name) {
    size_t len = sizeof pattern - 1;
    for (size_t i = 0; i < len; i++) {
        bool fits = pattern[i] == '#' ? name[i] >= '0' && name[i] <= '9' : name[i] == pattern[i];
        if (!fits) {
            return false;
        }
    }
    return strcmp(name + len, "lwb") == 0 || strcmp(name + len, "sqlite") == 0;
}

static void name_of(int64_t now_s, bool sealed, char out[NAME_CAP]) {
    char day[11] = "";
    int64_t second = now_s % 86400;
    lw_day_write((int32_t)(now_s / 86400), day);
    snprintf(out, NAME_CAP, "loadwave-%.10sT%02d%02d%02dZ-auto.%s", day, (int)(second / 3600), (int)(second / 60 % 60),
             (int)(second % 60), sealed ? "lwb" : "sqlite");
}

/* The folder, held against another program that does the same; -1 with why. */
static int hold_folder(const char *folder, int32_t *err, char *why, size_t cap) {
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        lw__sql_say(why, cap, "%s: %s", folder, strerror(errno));
        *err = errno == ENOSPC || errno == EDQUOT ? LW_ERR_FULL : LW_ERR_IO;
        return -1;
    }
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        lw__sql_say(why, cap, "%s: %s", folder, strerror(errno));
        *err = LW_ERR_IO;
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        lw__sql_say(why, cap, "%s: another program is making a backup there.", folder);
        *err = LW_ERR_BUSY;
        close(fd);
        fd = -1;
    }
    return fd;
}

static int newest_first(const void *a, const void *b) {
    return strcmp(b, a);
}

/* Removes what is older than made, but for the newest keep - 1 of it. */
static int32_t thin(const char *folder, const char *made, uint32_t keep, lw_rotation *out, char *why, size_t cap) {
    char(*names)[NAME_CAP] = calloc(FILES_MOST, sizeof *names);
    DIR *dir = names != NULL ? opendir(folder) : NULL;
    size_t count = 0;
    char path[sizeof out->path];
    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL && count < FILES_MOST;
         entry = readdir(dir)) {
        struct stat info;
        if (!is_ours(entry->d_name) || strcmp(entry->d_name, made) >= 0) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (lstat(path, &info) == 0 && S_ISREG(info.st_mode) && lw_backup_kind_of(path, NULL) != LW_BACKUP_NONE) {
            memcpy(names[count++], entry->d_name, strlen(entry->d_name) + 1); /* is_ours knows its length */
        }
    }
    int32_t err = names == NULL ? LW_ERR_NO_MEMORY : dir == NULL ? LW_ERR_IO : LW_OK;
    if (dir != NULL) {
        closedir(dir);
    }
    if (count > 0) {
        qsort(names, count, sizeof *names, newest_first);
    }
    out->kept = 1;
    for (size_t i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (i + 1 < keep) {
            out->kept++;
        } else if (unlink(path) == 0) {
            out->removed++;
        } else {
            lw__sql_say(why, cap, "%s cannot be removed: %s", path, strerror(errno));
            err = LW_ERR_IO;
        }
    }
    free(names);
    return err;
}

int32_t lw_backup_rotate(const char *where, const char *folder, uint32_t keep, const lw_backup_key *key, int64_t now_s,
                         lw_check *watch, lw_rotation *out, char *why, size_t cap) {
    *out = (lw_rotation){.kept = 0};
    char name[NAME_CAP], aside[sizeof out->path], because[400] = "";
    if (keep < 1 || keep > LW_ROTATION_MOST || folder[0] == '\0' || strlen(folder) + NAME_CAP >= sizeof out->path) {
        lw__sql_say(why, cap, "A folder, and a number of backups from 1 to %d, are needed.", LW_ROTATION_MOST);
        return LW_ERR_VALUE;
    }
    int32_t err = LW_OK;
    int held = hold_folder(folder, &err, why, cap);
    if (held < 0) {
        return err;
    }
    name_of(now_s, key != NULL, name);
    snprintf(out->path, sizeof out->path, "%s/%s", folder, name);
    err = lw_backup_make(where, out->path, key, watch, why, cap);
    if (err == LW_OK) {
        err = lw_backup_restore(out->path, key, NULL, watch, because, sizeof because);
        if (err == LW_OK) {
            err = thin(folder, name, keep, out, why, cap);
        } else {
            /* Kept, for there may be no better one; under a name that says so, one at most, and in place of no older one. */
            snprintf(aside, sizeof aside, "%s/loadwave-unverified.%s", folder, key != NULL ? "lwb" : "sqlite");
            bool moved = rename(out->path, aside) == 0;
            lw__sql_say(why, cap,
                        "The backup could not be read again, so no older one was removed. It stands in %s. %s",
                        moved ? aside : out->path, because);
        }
    }
    close(held);
    return err;
}
