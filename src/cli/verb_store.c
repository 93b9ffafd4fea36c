/* verb_store.c: backup, restore and doctor: what is done with a whole store. The work is in src/store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/place.h"
#include "server/server.h"
#include "store/store.h"

/* How many backups nobody asked for are kept when nothing else is said; docs/decisions/0018. */
#define CLI_BACKUPS_KEPT "14"

/* What is shown of long work: on a terminal one line that is written over, elsewhere nothing. */
typedef struct watch {
    cli_screen screen;
    bool terminal, shown;
    char what[40];
    uint64_t last;
} watch;

static void show_progress(void *ctx, const char *what, uint64_t done, uint64_t all) {
    watch *w = ctx;
    uint64_t step = all > 0 ? done * 100 / all : done / 1000;
    if (!w->terminal || (step == w->last && strcmp(what, w->what) == 0)) {
        return;
    }
    w->last = step;
    snprintf(w->what, sizeof w->what, "%s", what);
    if (all > 0) {
        fprintf(stderr, "\r\033[K%s: %llu of %llu", what, (unsigned long long)done, (unsigned long long)all);
    } else {
        fprintf(stderr, "\r\033[K%s: %llu", what, (unsigned long long)done);
    }
    w->shown = true;
}

static void end_progress(watch *w) {
    if (w->shown) {
        fputs("\r\033[K", stderr);
    }
    w->shown = false;
}

static void show_finding(void *ctx, bool wrong, const char *sentence) {
    watch *w = ctx;
    end_progress(w);
    cli_print(&w->screen, wrong ? CLI_RED : CLI_PLAIN, wrong ? "✗ " : "✓ ", "  ", sentence);
}

static watch new_watch(void) {
    return (watch){.screen = cli_screen_out(), .terminal = isatty(STDERR_FILENO) == 1};
}

/* An exit code, with the sentence on stderr when it is not good. */
static int answer(const cli_args *args, int32_t err, const char *why) {
    if (err == LW_OK) {
        return CLI_OK;
    }
    fprintf(stderr, "loadwave %s: %s\n", args->verb->name, why[0] != '\0' ? why : lw_err_sentence(err));
    return err == LW_ERR_NEWER                                            ? CLI_NEWER
           : err == LW_ERR_IO || err == LW_ERR_FULL || err == LW_ERR_BUSY ? CLI_IO
                                                                          : CLI_BAD;
}

/* The key that an option names, if it was given. CLI_OK with *key NULL when it was not. */
static int read_key(const cli_args *args, lw_backup_key *space, const lw_backup_key **key) {
    char why[400] = "";
    const char *path = cli_option_value(args, "--key");
    *key = NULL;
    if (path == NULL) {
        return CLI_OK;
    }
    int32_t err = lw_backup_key_read(path, space, why, sizeof why);
    *key = err == LW_OK ? space : NULL;
    return answer(args, err, why);
}

static int new_key(const cli_args *args, const char *path) {
    char why[400] = "";
    lw_backup_key key;
    int32_t err = lw_backup_key_make(path, &key, why, sizeof why);
    if (err == LW_OK) {
        printf("Made the key %s in %s.\nCopy it to a safe place away from this machine now: without it no backup made "
               "with "
               "it can ever be read, by anybody.\n",
               key.id, path);
    }
    lw_backup_key_forget(&key);
    return answer(args, err, why);
}

/* A number of backups to keep, as a setting or an option says it; 0: it is none. */
static uint32_t number_kept(const char *text) {
    char *end = NULL;
    long number = strtol(text, &end, 10);
    return end != text && *end == '\0' && number >= 1 && number <= LW_ROTATION_MOST ? (uint32_t)number : 0;
}

/* One more in a folder, read again, and the oldest gone: by options, or as the settings of the installed service say. */
static int rotate(const cli_args *args, const char *settings) {
    char why[900] = "";
    cli_place place = {.keep = CLI_BACKUPS_KEPT};
    if (settings != NULL) {
        cli_place_installed(&place);
        if (!cli_place_read(&place, settings, args->verb->name)) {
            return CLI_IO;
        }
    }
    const char *folder = cli_option_value(args, "--folder"), *kept = cli_option_value(args, "--keep"),
               *path = cli_option_value(args, "--key");
    place.store = args->count > 0 ? args->positional[0] : place.store;
    place.backups = folder != NULL ? folder : place.backups;
    place.backup_key = path != NULL ? path : place.backup_key;
    uint32_t keep = number_kept(kept != NULL ? kept : place.keep);
    if (keep == 0) {
        return cli_usage(args, kept != NULL ? "--keep is a number from 1 to 1000"
                                            : "LOADWAVE_BACKUP_KEEP is a number from 1 to 1000; systemctl disable "
                                              "--now loadwave-backup.timer ends these backups");
    }
    lw_backup_key space;
    const lw_backup_key *key = NULL;
    int32_t err = LW_OK;
    if (place.backup_key != NULL) {
        err = lw_backup_key_read(place.backup_key, &space, why, sizeof why);
        key = err == LW_OK ? &space : NULL;
    }
    watch w = new_watch();
    lw_check check = {.progress = show_progress, .ctx = &w};
    lw_rotation made;
    if (err == LW_OK) {
        err = lw_backup_rotate(place.store, place.backups, keep, key, lw_clock_now(), &check, &made, why, sizeof why);
    }
    end_progress(&w);
    if (err == LW_OK) {
        printf("Backed up to %s, %s, and read again: %llu patients, %llu events.\nKept: %u. Removed: %u.\n", made.path,
               key != NULL ? "encrypted" : "not encrypted", (unsigned long long)check.patients,
               (unsigned long long)check.events, made.kept, made.removed);
    }
    lw_backup_key_forget(&space);
    return answer(args, err, why);
}

int cli_verb_backup(const cli_args *args) {
    char why[400] = "";
    const char *fresh = cli_option_value(args, "--new-key"), *settings = cli_option_value(args, "--settings"),
               *folder = cli_option_value(args, "--folder");
    if (fresh != NULL) {
        return args->count > 0 ? cli_usage(args, "--new-key makes a key and nothing else") : new_key(args, fresh);
    }
    if (settings != NULL ? args->count == 0 : folder != NULL && args->count == 1) {
        return rotate(args, settings);
    }
    if (settings != NULL || folder != NULL || cli_option_value(args, "--keep") != NULL || args->count != 2) {
        return cli_usage(args, "a store and a new file, a store and --folder, or --settings are needed");
    }
    lw_backup_key space;
    const lw_backup_key *key = NULL;
    int code = read_key(args, &space, &key);
    if (code != CLI_OK) {
        return code;
    }
    watch w = new_watch();
    lw_check check = {.progress = show_progress, .ctx = &w};
    int32_t err = lw_backup_make(args->positional[0], args->positional[1], key, &check, why, sizeof why);
    end_progress(&w);
    if (err == LW_OK && key != NULL) {
        printf("Backed up to %s, encrypted with the key %s.\n", args->positional[1], key->id);
    } else if (err == LW_OK) {
        printf("Backed up to %s. It holds everything, names too, and is not encrypted (--key): keep it where only you "
               "can read it.\n",
               args->positional[1]);
    }
    lw_backup_key_forget(&space);
    return answer(args, err, why);
}

int cli_verb_restore(const cli_args *args) {
    char why[400] = "";
    bool only_check = cli_option_value(args, "--check") != NULL;
    if (args->count != (only_check ? 1 : 2)) {
        return cli_usage(args, only_check ? "--check restores to no place" : "a backup and an empty place are needed");
    }
    lw_backup_key space;
    const lw_backup_key *key = NULL;
    int code = read_key(args, &space, &key);
    if (code != CLI_OK) {
        return code;
    }
    watch w = new_watch();
    lw_check check = {.progress = show_progress, .ctx = &w};
    const char *where = only_check ? NULL : args->positional[1];
    int32_t err = lw_backup_restore(args->positional[0], key, where, &check, why, sizeof why);
    end_progress(&w);
    lw_backup_key_forget(&space);
    if (err == LW_OK) {
        printf("%s and read again: %llu patients, %llu events; every table as in the backup, every chain unbroken.\n",
               only_check ? "Opened" : "Restored", (unsigned long long)check.patients,
               (unsigned long long)check.events);
    }
    return answer(args, err, why);
}

int cli_verb_doctor(const cli_args *args) {
    char why[400] = "";
    watch w = new_watch();
    lw_check check = {.say = show_finding, .progress = show_progress, .ctx = &w};
    const char *settings = cli_option_value(args, "--settings"), *backups = cli_option_value(args, "--backups");
    cli_place place = {0};
    if (args->count == 0) {
        settings = settings != NULL ? settings : "/etc/default/loadwave";
        cli_place_installed(&place);
    }
    if (settings != NULL && !cli_place_read(&place, settings, args->verb->name)) {
        return CLI_IO;
    }
    place.store = args->count > 0 ? args->positional[0] : place.store;
    place.backups = backups != NULL ? backups : place.backups;
    int64_t now_s = (int64_t)time(NULL);
    int unseen = cli_place_check(&place, now_s, &check);
    int32_t err = unseen != 0 ? LW_OK : lw_store_doctor(place.store, place.backups, now_s, &check, why, sizeof why);
    if (unseen == 0 && err == LW_OK) {
        cli_place_backups(&place, now_s, &check);
    }
    end_progress(&w);
    if (err != LW_OK) {
        fflush(stdout);
        int code = answer(args, err, why);
        if (check.wrong == 0) { /* else the cause has been found, and said */
            fprintf(stderr, "%s\n", cli_place_advice(err, place.store));
        }
        return code;
    }
    if (check.wrong > 0) {
        printf("%llu finding%s need%s action.\n", (unsigned long long)check.wrong, check.wrong == 1 ? "" : "s",
               check.wrong == 1 ? "s" : "");
        return unseen != 0 ? unseen : CLI_FINDING;
    }
    puts("All is well.");
    return CLI_OK;
}
