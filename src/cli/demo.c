/*
 * demo.c: the demo clinic. See demo.h.
 *
 * Its people are made by the simulator from fixed seeds, so every demo is the same but for its dates, which end today. They
 * do not exist; a note in each record says so. Special things (a red flag last night, a flare) are entries added to such a
 * course. What would lie in the future is left out.
 */
#include "cli/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/simulate.h"
#include "server/identity.h"
#include "store/clinic.h"
#include "store/people.h"

typedef enum twist { NOTHING, RED_FLAG, FLARE, OPEN_TODAY, NOT_STARTED, SUGGEST } twist;

static const struct invented {
    const char *id, *name, *traits;
    long seed;
    int days, silent_days; /* length of the course; how long ago it ended */
    twist twist;
    bool nobody; /* no responsible clinician yet */
} people[] = {
    {"demo-01", "Alva Lindqvist (invented)", "average", 11, 42, 0, OPEN_TODAY, false},
    {"demo-02", "Ben Okafor (invented)", "average,adherence=95", 23, 30, 0, RED_FLAG, false},
    {"demo-03", "Carmen Ruiz (invented)", "flare-prone", 7, 51, 0, FLARE, false},
    {"demo-04", "Dmitri Aalto (invented)", "average,adherence=80", 31, 35, 9, NOTHING, false},
    {"demo-05", "Esi Mensah (invented)", "poor", 5, 84, 0, NOTHING, false},
    {"demo-06", "Farid Nasser (invented)", "average", 17, 0, 0, NOT_STARTED, true},
    {"demo-07", "Greta Hofmann (invented)", "good,goal=sport", 42, 98, 0, NOTHING, false},
    {"demo-08", "Hiro Tanaka (invented)", "good,goal=sprint", 19, 64, 0, SUGGEST, false},
    {"demo-09", "Ines Duarte (invented)", "good,goal=sit,adherence=97", 3, 77, 0, NOTHING, false},
    {"demo-10", "Jonas Berg (invented)", "average,self-guided", 29, 21, 0, NOTHING, false},
};
enum { PEOPLE = sizeof people / sizeof people[0] };

typedef struct sign_ins {
    char login[32], password[32], account[37], patient_account[37];
} sign_ins;

/* ---- one record into the store ---- */

typedef struct import {
    lw_append append;
    lw_projection projection;
    lw_append_event *events;
} import;

static int32_t import_job(lw_sql *sql, void *ctx) {
    import *in = ctx;
    return lw_store_append(sql, &in->append);
}

static const char *by_text(lw_pool *pool, const lw_event *event) {
    char text[160];
    static const char *const words[] = {"patient", "clinician:", "device:", "engine"};
    snprintf(text, sizeof text, "%s%.*s", words[event->by], (int)event->by_id.len, event->by_id.ptr);
    return lw_pool_text(pool, (lw_str){text, (uint32_t)strlen(text)});
}

/* Decodes the lines that do not lie in the future into in->events; kept receives them. */
static int32_t decode(const cli_buf *lines, int64_t now_s, lw_pool *pool, import *in, lw_buf *kept) {
    size_t count = 0, result_cap = 0, scratch_cap = 0;
    for (size_t i = 0; i < lines->len; i++) {
        count += lines->ptr[i] == '\n';
    }
    lw_record_size_hint(LW_MAX_LINE, &result_cap, &scratch_cap);
    void *memory = malloc(result_cap);
    in->events = lw_pool_take(pool, (count + 1) * sizeof *in->events);
    int32_t err = memory != NULL && in->events != NULL ? LW_OK : LW_ERR_NO_MEMORY;
    for (const char *p = lines->ptr, *end = p + lines->len; p < end && err == LW_OK;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        lw_str line = {p, (uint32_t)(stop - p)};
        lw_arena arena = lw_arena_over(memory, result_cap);
        lw_event event;
        err = lw_event_read(line, 1, &arena, &event, NULL);
        if (err == LW_OK && event.at_s <= now_s) {
            const char *by = by_text(pool, &event);
            lw_append_event *one = &in->events[in->append.count++];
            *one = (lw_append_event){.line = line, .kind = lw_kind_name(event.kind), .at_s = event.at_s};
            one->by = (lw_str){by, by != NULL ? (uint32_t)strlen(by) : 0};
            memcpy(one->id, event.id, 16);
            lw_buf_add(kept, p, (size_t)(stop - p) + 1);
        }
        p = stop + 1;
    }
    free(memory);
    return err == LW_OK && kept->failed ? LW_ERR_NO_MEMORY : err;
}

static int32_t keep(lw_store *store, const lw_protocol *protocol, const char *patient, const cli_buf *lines,
                    int64_t now_s, int64_t seen_s) {
    lw_pool pool = {0};
    lw_buf kept = {0};
import in = {.append = {.patient = {patient, (uint32_t) strlen(patient) }, .received_s = seen_s } };
    int32_t err = decode(lines, now_s, &pool, &in, &kept);
    if (err == LW_OK) {
        err = lw_projection_make(protocol, lw_buf_view(&kept), (int32_t)(now_s / 86400), seen_s, &in.projection, NULL);
    }
    if (err == LW_OK) {
        in.append.events = in.events;
        in.append.projection = &in.projection;
        err = lw_store_write(store, import_job, &in);
        lw_projection_free(&in.projection);
    }
    lw_buf_free(&kept);
    lw_pool_free(&pool);
    return err;
}

/* ---- one person ---- */

/* One more entry; minutes: of the given day, UTC. */
static void add(cli_buf *lines, const char *patient, const char *kind, const char *by, int32_t day, int minutes,
                const char *data) {
    char at[40], date[12], id[37];
    snprintf(at, sizeof at, "%sT%02d:%02d:00+00:00", cli_day_iso(day, date), minutes / 60, minutes % 60);
    cli_fresh_id(id);
    cli_event_line(lines, patient, kind, at, by, id, data);
    cli_buf_str(lines, "\n");
}

static int32_t make_person(lw_server *server, const cli_args *args, const cli_rules *rules, const struct invented *one,
                           const char *clinic, const sign_ins *in, int64_t now_s) {
    int32_t today = (int32_t)(now_s / 86400);
    char clinician[64], token[44];
    snprintf(clinician, sizeof clinician, "clinician:%s", in->account);
    lw_seed_patient seed = {.clinic = clinic,
                            .patient = one->id,
                            .name = one->name,
                            .language = "en",
                            .country = "GB",
                            .responsible = one->nobody ? NULL : in->account};
    int32_t err = lw_seed_patient_add(lw_server_store(server), &seed, now_s, token);
    if (err != LW_OK) {
        return err;
    }
    /* The one who can be signed in as ends yesterday, so that today is still to be done. */
    int32_t last = today - one->silent_days - (one->twist == OPEN_TODAY || one->twist == FLARE ? 1 : 0);
    cli_simulation how = {.seed = one->seed,
                          .days = one->days,
                          .from = last - one->days,
                          .traits = one->traits,
                          .patient = one->id,
                          .clinician = clinician};
    cli_buf lines = {0};
    if (cli_simulate(args, rules, &how, &lines) != CLI_OK) {
        cli_buf_free(&lines);
        return LW_ERR_UNKNOWN;
    }
    if (one->twist == RED_FLAG) {
        add(&lines, one->id, "symptom", "patient", today - 1, 23 * 60 + 10, "{\"flag\":\"RF02\"}");
    } else if (one->twist == FLARE) {
        add(&lines, one->id, "checkin", "patient", today, 5,
            "{\"pain_morning\":7,\"stiffness_min\":45,\"pain_worst_24h\":8,\"pain_test\":7,\"night_pain\":true}");
    }
    if (one->twist == SUGGEST) {
        add(&lines, one->id, "authority", clinician, last - 12, 9 * 60,
            "{\"level\":\"suggest\",\"reason\":\"Wants to talk each step over\"}");
    } else if (one->twist == NOT_STARTED) {
        /* The first day ends with the start: everything but that. */
        while (lines.len > 1 && lines.ptr[lines.len - 2] != '\n') {
            lines.len--;
        }
        lines.len--;
    }
    /* When its cards were first seen: a silence began days ago, last night's flag last night. */
    int64_t seen_s = now_s - (one->silent_days > 0       ? 2 * 86400
                              : one->twist == RED_FLAG   ? now_s % 86400 + 50 * 60
                              : one->twist == OPEN_TODAY ? 0
                                                         : (int64_t)(one->seed % 40) * 3600);
    err = keep(lw_server_store(server), rules->protocol, one->id, &lines, now_s, seen_s);
    cli_buf_free(&lines);
    return err;
}

/* ---- the clinic ---- */

static bool sign_in_file(const char *store, char out[4200]) {
    if (strstr(store, "://") != NULL) {
        snprintf(out, 4200, "loadwave-demo-sign-in.txt");
        return true;
    }
    return snprintf(out, 4200, "%s.demo-sign-in.txt", store) < 4200;
}

static int write_sign_ins(const char *path, const sign_ins *in) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool good = fd >= 0 &&
                dprintf(fd, "%s\n%s\n%s\n%s\n", in->login, in->password, in->account, in->patient_account) > 0 &&
                fsync(fd) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!good) {
        fprintf(stderr, "loadwave serve: %s: %s\n", path, strerror(errno));
    }
    return good ? CLI_OK : CLI_IO;
}

static bool read_sign_ins(const char *path, sign_ins *in) {
    FILE *file = fopen(path, "r");
    bool good = file != NULL &&
                fscanf(file, "%31s %31s %36s %36s", in->login, in->password, in->account, in->patient_account) == 4;
    if (file != NULL) {
        fclose(file);
    }
    return good;
}

/* Four groups of letters that cannot be misread: about 75 random bits. */
static void make_password(char out[32]) {
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* 32 of them */
    uint8_t random[16];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        abort();
    }
    size_t at = 0;
    for (size_t i = 0; i < 16; i++) {
        if (i > 0 && i % 4 == 0) {
            out[at++] = '-';
        }
        out[at++] = letters[random[i] & 31];
    }
    out[at] = '\0';
}

static int32_t make_clinic(lw_server *server, const cli_args *args, sign_ins *in) {
    lw_store *store = lw_server_store(server);
    int64_t now_s = lw_server_now(server);
    char clinic[37], token[44];
    lw_seed_clinic fresh = {.name = "Demo clinic",
                            .language = "en",
                            .country = "GB",
                            .second_factor = false,
                            .protocol = lw_builtin_text()};
    int32_t err = lw_seed_clinic_add(store, &fresh, now_s, clinic);
    snprintf(in->login, sizeof in->login, "kim");
    make_password(in->password);
    lw_seed_staff staff = {.clinic = clinic,
                           .login = in->login,
                           .name = "Kim Novak (invented)",
                           .language = "en",
                           .roles = LW_ROLE_CLINICIAN | LW_ROLE_ADMIN,
                           .password = in->password};
    err = err == LW_OK ? lw_seed_staff_add(store, &staff, now_s, in->account, token) : err;
    cli_rules rules = {0};
    if (err == LW_OK && cli_rules_load(NULL, &rules) != CLI_OK) {
        err = LW_ERR_PROTOCOL;
    }
    for (int i = 0; i < PEOPLE && err == LW_OK; i++) {
        err = make_person(server, args, &rules, &people[i], clinic, in, now_s);
    }
    cli_rules_free(&rules);
    return err;
}

static int32_t find_patient_account(lw_server *server, sign_ins *in) {
    lw_sql *sql = lw_store_reader(lw_server_store(server));
    int32_t err = sql == NULL ? LW_ERR_BUSY
                              : lw_patient_account(sql, (lw_str){people[0].id, (uint32_t)strlen(people[0].id)},
                                                   in->patient_account);
    if (sql != NULL) {
        lw_store_reader_back(lw_server_store(server), sql);
    }
    return err;
}

typedef struct inviting {
    const char *account;
    uint8_t key[32];
    int64_t now_s;
} inviting;

static int32_t invite_job(lw_sql *sql, void *ctx) {
    const inviting *i = ctx;
    return lw_invite_add(sql, i->key, i->account, NULL, i->now_s, i->now_s + LW_INVITE_PATIENT_S);
}

/* Links work once, so each start makes a fresh one. */
static int32_t print_sign_ins(lw_server *server, const sign_ins *in) {
    char token[44], url[512];
    inviting i = {.account = in->patient_account, .now_s = lw_server_now(server)};
    lw_token_make(token, i.key);
    int32_t err = lw_store_write(lw_server_store(server), invite_job, &i);
    lw_invite_url(lw_server_origin(server), false, token, url, sizeof url);
    if (err == LW_OK) {
        printf("\nDemo clinic: ten invented people, none of them exists.\n\n"
               "  Clinician   %s/clinic/\n"
               "              sign-in name  %s\n"
               "              password      %s\n\n"
               "  Patient     %s\n"
               "              (%s; the link works once, each start makes a new one)\n",
               lw_server_origin(server), in->login, in->password, url, people[0].name);
    }
    return err;
}

int cli_demo_make(lw_server *server, const cli_args *args, const char *store) {
    char path[4200];
    sign_ins in = {0};
    lw_sql *sql = lw_store_reader(lw_server_store(server));
    bool any = false;
    int32_t err = sql != NULL ? lw_clinics_any(sql, &any) : LW_ERR_BUSY;
    if (sql != NULL) {
        lw_store_reader_back(lw_server_store(server), sql);
    }
    if (!sign_in_file(store, path)) {
        err = LW_ERR_LIMIT;
    }
    if (err == LW_OK && any && !read_sign_ins(path, &in)) {
        fprintf(stderr, "loadwave serve: this store is not a demo (%s is not there); leave --demo out\n", path);
        return CLI_BAD;
    }
    if (err == LW_OK && !any) {
        err = make_clinic(server, args, &in);
        err = err == LW_OK ? find_patient_account(server, &in) : err;
        if (err == LW_OK && write_sign_ins(path, &in) != CLI_OK) {
            return CLI_IO;
        }
    }
    err = err == LW_OK ? print_sign_ins(server, &in) : err;
    if (err != LW_OK) {
        fprintf(stderr, "loadwave serve: the demo could not be made: %s\n", lw_err_sentence(err));
        return CLI_IO;
    }
    return CLI_OK;
}
