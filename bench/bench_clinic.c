/*
 * bench_clinic.c: a clinic of any size, and the real server over it, for bench/clinic.mjs to load.
 *
 *     bench_clinic STORE PATIENTS RECORD
 *
 * Makes PATIENTS patients with a short log each, and 64 with the course of RECORD (a .jsonl, its patient renamed); listens on
 * a free port of 127.0.0.1 without rate limits; prints the port, the clinician's and the 64 patients' invites; ends when its
 * standard input does.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server/identity.h"
#include "server/server.h"

enum { ACTIVE = 64, PER_JOB = 200, MAX_LINES = 4000 };

typedef struct crowd {
    const char *clinic, *protocol;
    lw_projection projection;
    lw_str lines[MAX_LINES];
    lw_append_event events[MAX_LINES];
    uint32_t count;
    int from, to;
    int64_t now_s;
} crowd;

static void check(int32_t err, const char *what) {
    if (err != LW_OK) {
        fprintf(stderr, "bench_clinic: %s: %s\n", what, lw_err_sentence(err));
        exit(1);
    }
}

static char *slurp(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    long size = ftell(file);
    rewind(file);
    char *bytes = calloc(1, (size_t)size + 1);
    *len = bytes != NULL ? fread(bytes, 1, (size_t)size, file) : 0;
    fclose(file);
    return bytes;
}

/* Renames the patient of every line of text; the caller frees. */
static char *renamed(const char *text, const char *from, const char *to) {
    lw_buf out = {0};
    char old[96];
    snprintf(old, sizeof old, "\"patient\":\"%s\"", from);
    for (const char *at = text; *at != '\0';) {
        const char *hit = strstr(at, old);
        lw_buf_add(&out, at, hit != NULL ? (size_t)(hit - at) : strlen(at));
        if (hit == NULL) {
            break;
        }
        lw_buf_fmt(&out, "\"patient\":\"%s\"", to);
        at = hit + strlen(old);
    }
    return out.ptr;
}

/* Decodes every line of text (borrowed) into events. */
static void decode(crowd *c, char *text) {
    size_t room = 1 << 20;
    void *memory = malloc(room);
    c->count = 0;
    for (char *line = strtok(text, "\n"); line != NULL && c->count < MAX_LINES; line = strtok(NULL, "\n")) {
        lw_arena arena = lw_arena_over(memory, room);
        lw_event event;
        lw_str slice = {line, (uint32_t)strlen(line)};
        check(lw_event_read(slice, c->count + 1, &arena, &event, NULL), "a line of the record");
        lw_append_event *e = &c->events[c->count++];
        *e = (lw_append_event){.line = slice, .kind = lw_kind_name(event.kind), .at_s = event.at_s};
        e->by = event.by == LW_BY_CLINICIAN ? LW_STR("clinician:sim") : LW_STR("patient");
        memcpy(e->id, event.id, 16);
    }
    free(memory);
}

static int32_t add_some(lw_sql *sql, void *ctx) {
    crowd *c = ctx;
    int32_t err = LW_OK;
    for (int i = c->from; i < c->to && err == LW_OK; i++) {
        char id[32], name[48];
        snprintf(id, sizeof id, "crowd-%06d", i);
        snprintf(name, sizeof name, "person %06d", i);
        lw_sql_value row[] = {lw_sql_text((lw_str){id, (uint32_t)strlen(id)}),
                              lw_sql_text((lw_str){c->clinic, (uint32_t)strlen(c->clinic)}),
                              lw_sql_text((lw_str){name, (uint32_t)strlen(name)}),
                              lw_sql_text((lw_str){c->protocol, (uint32_t)strlen(c->protocol)}), lw_sql_int(c->now_s)};
        err = lw_sql_queue(sql,
                           "INSERT INTO patient (id, clinic, name, name_fold, language, country, responsible, "
                           "protocol_sha256, offered_to, offered_reason, created_s) VALUES (?1, ?2, ?3, ?3, 'en', "
                           "'GB', NULL, ?4, NULL, NULL, ?5)",
                           row, 5);
        lw_append append = {.patient = row[0].bytes,
                            .events = c->events,
                            .count = c->count,
                            .received_s = c->now_s - i % 100000,
                            .projection = &c->projection};
        err = err == LW_OK ? lw_store_append(sql, &append) : err;
    }
    return err;
}

static int32_t make_table(lw_sql *sql, void *ctx) {
    (void)ctx;
    return lw_sql_script(sql, "CREATE TABLE bench (id INTEGER PRIMARY KEY)");
}

static int32_t add_course(lw_sql *sql, void *ctx) {
    return lw_store_append(sql, ctx);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: bench_clinic STORE PATIENTS RECORD\n");
        return 2;
    }
    char why[300] = "";
    lw_server *server = NULL;
    lw_server_options options = {.store = argv[1], .listen = "127.0.0.1:0", .unlimited = true};
    if (lw_server_open(&options, &server, why, sizeof why) != LW_OK) {
        fprintf(stderr, "bench_clinic: %s\n", why);
        return 1;
    }
    lw_store *store = lw_server_store(server);
    int64_t now_s = (int64_t)time(NULL);
    static crowd c;
    char clinic[37], account[37], staff_token[44];
    lw_seed_clinic seed = {"Bench", "en", "GB", false, lw_builtin_text()};
    check(lw_seed_clinic_add(store, &seed, now_s, clinic), "clinic");
    lw_seed_staff staff = {.clinic = clinic,
                           .login = "bench",
                           .name = "Bench",
                           .language = "en",
                           .roles = LW_ROLE_CLINICIAN | LW_ROLE_ADMIN,
                           .invite = true};
    check(lw_seed_staff_add(store, &staff, now_s, account, staff_token), "staff");
    check(lw_store_write(store, make_table, NULL), "table");

    lw_sql *sql = lw_store_reader(store);
    const lw_protocol *protocol = NULL;
    check(lw_server_protocol(server, sql, lw_builtin_sha256(), &protocol), "protocol");
    lw_store_reader_back(store, sql);

    size_t len = 0;
    char *record = slurp(argv[3], &len);
    const char *name_at = strstr(record, "\"patient\":\"");
    char old[65] = "";
    if (name_at != NULL) {
        (void)sscanf(name_at + 11, "%64[^\"]", old);
    }
    int32_t today = (int32_t)(now_s / 86400);

    /* The crowd: the first six lines of the record, one projection for all, so that each has a card. */
    char *cut = record;
    for (int i = 0; i < 6 && cut != NULL; i++) {
        cut = strchr(cut, '\n');
        cut = cut != NULL ? cut + 1 : NULL;
    }
    char *few = strndup(record, cut != NULL ? (size_t)(cut - record) : len);
    check(lw_projection_make(protocol, (lw_str){few, (uint32_t)strlen(few)}, today, now_s, &c.projection, NULL),
          "projection");
    decode(&c, few);
    c.clinic = clinic;
    c.protocol = lw_builtin_sha256();
    c.now_s = now_s;
    int patients = atoi(argv[2]);
    for (int i = 0; i < patients; i += PER_JOB) {
        c.from = i;
        c.to = i + PER_JOB < patients ? i + PER_JOB : patients;
        check(lw_store_write(store, add_some, &c), "crowd");
    }
    lw_projection_free(&c.projection);

    check(lw_server_start(server, why, sizeof why), why);
    printf("port %u\nstaff %s\n", (unsigned)lw_server_port(server), staff_token);
    for (int i = 0; i < ACTIVE; i++) {
        char id[32], token[44];
        snprintf(id, sizeof id, "active-%02d", i);
        lw_seed_patient one = {clinic, id, id, "en", "GB", account};
        check(lw_seed_patient_add(store, &one, now_s, token), "patient");
        char *mine = renamed(record, old, id);
        lw_projection projection = {0};
        check(lw_projection_make(protocol, (lw_str){mine, (uint32_t)strlen(mine)}, today, now_s, &projection, NULL),
              "projection");
        decode(&c, mine);
        lw_append append = {.patient = {id, (uint32_t)strlen(id)},
                            .events = c.events,
                            .count = c.count,
                            .received_s = now_s,
                            .projection = &projection};
        check(lw_store_write(store, add_course, &append), "course");
        lw_projection_free(&projection);
        free(mine);
        printf("patient %s %s %" PRIu32 "\n", id, token, c.count);
    }
    lw_server_protocol_back(server, protocol);
    printf("ready\n");
    fflush(stdout);
    char byte;
    while (read(0, &byte, 1) > 0) {
    }
    return lw_server_close(server) ? 0 : 1;
}
