/*
 * handle_audit.c: the audit trail as an admin sees it, and backups.
 *
 * The trail is one chain over the whole file; a clinic sees its own rows. Each asking checks the chain from where it was last
 * found intact, after making sure that that place is still what it was; `loadwave doctor` checks it from the start.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/identity_internal.h"
#include "server/routes.h"
#include "server/server_internal.h"

enum { ROWS = 100, MAX_BACKUPS = 500, PATH = 4200 };

/* *intact: the chain holds from the start of this server's knowledge to its end. */
static int32_t check_chain(lw_identity *identity, lw_sql *sql, bool *intact) {
    uint8_t hash[32];
    int64_t bad = 0;
    pthread_mutex_lock(&identity->lock);
    int64_t seq = identity->audit_seq;
    memcpy(hash, identity->audit_hash, 32);
    pthread_mutex_unlock(&identity->lock);
    int32_t err = lw_audit_verify_after(sql, &seq, hash, &bad);
    *intact = err == LW_OK;
    if (err == LW_OK) {
        pthread_mutex_lock(&identity->lock);
        if (seq > identity->audit_seq) {
            identity->audit_seq = seq;
            memcpy(identity->audit_hash, hash, 32);
        }
        pthread_mutex_unlock(&identity->lock);
    }
    return err == LW_ERR_CORRUPT ? LW_OK : err;
}

int32_t lw__h_audit(lw_request *rq, lw_sql *sql) {
    const lw_value *before = lw_query(rq, "before"), *limit = lw_query(rq, "limit");
    lw_buf *out = &rq->reply.body;
    int64_t next = 0;
    bool intact = false;
    lw_buf_str(out, "{\"rows\":");
    int32_t err = lw_audit_list(sql, lw__str(rq->who->clinic), before->given ? before->number : 0,
                                limit->given ? (uint32_t)limit->number : ROWS, lw_query(rq, "patient")->text,
                                lw_query(rq, "account")->text, out, &next);
    if (err == LW_OK) {
        err = check_chain(rq->identity, sql, &intact);
    }
    if (next > 0) {
        lw_buf_fmt(out, ",\"next\":%lld", (long long)next);
    } else {
        lw_buf_str(out, ",\"next\":null");
    }
    lw_buf_fmt(out, ",\"intact\":%s}", intact ? "true" : "false");
    return err != LW_OK ? err : lw__replied(rq);
}

int32_t lw__h_audit_export(lw_request *rq, lw_sql *sql) {
    rq->reply.type = "application/x-ndjson";
    lw_reply_header(rq, "Content-Disposition", "attachment; filename=\"audit.jsonl\"");
    return lw_audit_lines(sql, lw__str(rq->who->clinic), &rq->reply.body);
}

/* ---- backups ---- */

static bool is_backup(const char *name) {
    size_t len = strlen(name);
    return len > 16 && len < 100 && strncmp(name, "loadwave-", 9) == 0 &&
           (strcmp(name + len - 7, ".sqlite") == 0 || strcmp(name + len - 4, ".lwb") == 0);
}

static int newest_first(const void *a, const void *b) {
    return strcmp(*(const char *const *)b, *(const char *const *)a);
}

static void list_folder(lw_request *rq, lw_buf *out) {
    const char *folder = rq->identity->folder;
    const char **names = lw_pool_take(&rq->pool, MAX_BACKUPS * sizeof *names);
    DIR *dir = folder[0] != 0 && names != NULL ? opendir(folder) : NULL;
    size_t count = 0;
    for (struct dirent *entry = dir != NULL ? readdir(dir) : NULL; entry != NULL; entry = readdir(dir)) {
        if (is_backup(entry->d_name) && count < MAX_BACKUPS) {
            names[count] = lw_pool_text(&rq->pool, lw__str(entry->d_name));
            count += names[count] != NULL ? 1 : 0;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    if (count > 0) {
        qsort(names, count, sizeof *names, newest_first);
    }
    for (size_t i = 0; i < count; i++) {
        char path[PATH];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
            lw_buf_fmt(out, "%s{\"file\":\"%s\",\"bytes\":%lld,\"made_s\":%lld}", i > 0 ? "," : "", names[i],
                       (long long)info.st_size, (long long)info.st_mtime);
        }
    }
}

int32_t lw__h_backups(lw_request *rq, lw_sql *sql) {
    (void)sql;
    lw_buf *out = &rq->reply.body;
    lw_buf_str(out, "{\"folder\":");
    lw_buf_json(out, lw__str(rq->identity->folder));
    lw_buf_str(out, ",\"backups\":[");
    list_folder(rq, out);
    lw_buf_str(out, "]}");
    return lw__replied(rq);
}

typedef struct backup_work {
    lw_identity *identity;
    char path[PATH];
} backup_work;

static void *backup_thread(void *ctx) {
    backup_work *work = ctx;
    char why[200] = "";
    const lw_backup_key *key = work->identity->backup_sealed ? &work->identity->backup_key : NULL;
    if (lw_store_backup(work->identity->store, work->path, key, why, sizeof why) != LW_OK) {
        lw__log_event("error", "backup", "it could not be made: %s", why);
    }
    pthread_mutex_lock(&work->identity->lock);
    work->identity->backup_running = false;
    pthread_mutex_unlock(&work->identity->lock);
    free(work);
    return NULL;
}

static void start_backup(lw_request *rq) {
    lw_identity *identity = rq->identity;
    backup_work *work = malloc(sizeof *work);
    pthread_mutex_lock(&identity->lock);
    if (work != NULL && !identity->backup_running) {
        if (identity->backup_started) {
            pthread_join(identity->backup, NULL);
        }
        work->identity = identity;
        snprintf(work->path, sizeof work->path, "%s/%s", identity->folder, (const char *)rq->state);
        identity->backup_running = identity->backup_started =
            pthread_create(&identity->backup, NULL, backup_thread, work) == 0;
        work = identity->backup_started ? NULL : work;
    }
    pthread_mutex_unlock(&identity->lock);
    free(work);
}

int32_t lw__c_backup_make(lw_request *rq, lw_sql *sql) {
    (void)sql;
    lw_identity *identity = rq->identity;
    char *file = lw_pool_take(&rq->pool, 64), day[11] = "";
    if (identity->folder[0] == 0 || file == NULL) {
        return identity->folder[0] == 0
                   ? lw_problem(rq, LW_ERR_NOT_FOUND, NULL, "This server was started without a folder for backups.")
                   : LW_ERR_NO_MEMORY;
    }
    if ((mkdir(identity->folder, 0700) != 0 && errno != EEXIST) || access(identity->folder, W_OK | X_OK) != 0) {
        return lw_problem(rq, LW_ERR_IO, NULL, "The folder for backups cannot be written to.");
    }
    pthread_mutex_lock(&identity->lock);
    bool busy = identity->backup_running;
    pthread_mutex_unlock(&identity->lock);
    if (busy) {
        return lw_problem(rq, LW_ERR_BUSY, NULL, "A backup is being made already.");
    }
    /* The name is made here, of the time alone: nothing anybody typed becomes part of a path. */
    int64_t second = rq->now_s % 86400;
    lw_day_write((int32_t)(rq->now_s / 86400), day);
    snprintf(file, 64, "loadwave-%.10sT%02d%02d%02dZ.%s", day, (int)(second / 3600), (int)(second / 60 % 60),
             (int)(second % 60), identity->backup_sealed ? "lwb" : "sqlite");
    rq->state = file;
    rq->after = start_backup;
    rq->reply.status = 202;
    lw_buf_fmt(&rq->reply.body, "{\"file\":\"%s\",\"bytes\":0,\"made_s\":%lld}", file, (long long)rq->now_s);
    return lw__replied(rq);
}
