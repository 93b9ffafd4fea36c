/*
 * research_test.c: what a researcher gets: valid records, no person in them, gaps and weekdays as they were.
 */
#include <sodium.h>
#include <time.h>

#include "identity_support.h"
#include "server/research_jobs.h"

static const char *const kinds_data[][2] = {
    {"enrolled",
     "{\"birth_year\":1983,\"sex\":\"female\",\"height_cm\":167.5,\"mass_kg\":63.2,\"sport\":\"running\",\"sides\":"
     "[\"left\"],\"goal\":\"run\",\"zone\":\"Europe/Warsaw\",\"x_name\":\"SECRET\"}"},
    {"assessed", "{\"onset\":\"gradual\",\"weeks\":30,\"tests\":{\"bridge_single\":3,\"puranen_orava\":\"positive\"},"
                 "\"bridge_reps\":{\"left\":12,\"right\":20},\"contraindications\":[]}"},
    {"screened", "{\"flags\":[]}"},
    {"started",
     "{\"protocol\":\"pht@1.0.0\",\"authority\":\"suggest\",\"days\":[\"mon\",\"wed\"],\"equipment\":[\"dumbbell\"],"
     "\"loads\":{\"dumbbell\":[5,7.5],\"barbell\":{\"min\":20,\"step\":2.5}}}"},
    {"checkin", "{\"pain_morning\":2,\"stiffness_min\":5,\"pain_test\":2,\"x_diary\":\"SECRET\"}"},
    {"exercise",
     "{\"exercise\":\"bridge-hold-single\",\"side\":\"left\",\"sets\":[{\"hold_s\":30,\"load_kg\":5,\"tempo\":\"3-0-"
     "3\","
     "\"x_say\":\"SECRET\"},{\"x_first\":\"SECRET\",\"hold_s\":30,\"tempo\":\"SECRET\"}],\"pain_during\":2,\"effort\":"
     "4}"},
    {"exercise", "{\"exercise\":\"john_smith\",\"skip\":\"time\"}"},
    {"activity", "{\"type\":\"run\",\"minutes\":20,\"km\":3.2,\"source\":\"SECRET's watch\"}"},
    {"note", "{\"text\":\"SECRET thing\"}"},
    {"paused", "{\"reason\":\"SECRET holiday\"}"},
    {"resumed", "{}"},
    {"adverse",
     "{\"what\":[\"bruising\",\"SECRET\"],\"serious\":false,\"of\":\"0195a0c2-7b1e-7000-8000-000000000004\"}"},
    {"void", "{\"event\":\"0195a0c2-7b1e-7000-8000-000000000005\",\"reason\":\"SECRET\"}"},
    {"medicine", "{\"class\":\"nsaid\",\"from\":\"2026-03-01\",\"to\":\"2026-03-04\"}"},
    {"booked", "{\"what\":\"review\",\"on\":\"2026-04-01\"}"},
    {"shockwave", "{\"side\":\"left\",\"device\":\"SECRET device\",\"adverse\":[\"pain\"]}"},
    {"outcome", "{\"instrument\":\"visa_h\",\"score\":61,\"items\":[5,6.5]}"},
};
enum { EVENTS = sizeof kinds_data / sizeof kinds_data[0] };

static void fill(world *w, const char *id, int first_n, int32_t day) {
    static char lines[EVENTS][1000];
    lw_str slices[EVENTS];
    for (int i = 0; i < EVENTS; i++) {
        slices[i] = line_of(lines[i], sizeof lines[i], id, first_n + i, day + i / 6, kinds_data[i][0], "patient",
                            kinds_data[i][1]);
    }
    assert_int_equal(deliver(w->store, id, slices, EVENTS, day + 5, w->now_s), LW_OK);
}

static void clinicians_part(world *w, const char *id, int32_t day) {
    static char lines[4][700];
    static const char *const data[][2] = {
        {"cleared", "{\"events\":[\"0195a0c2-7b1e-7000-8000-000000000002\"],\"note\":\"SECRET finding\"}"},
        {"limit", "{\"exercise\":\"bridge-hold-single\",\"max\":2,\"reason\":\"SECRET\"}"},
        {"limit", "{\"variable\":\"SECRET\",\"max\":2,\"reason\":\"SECRET\"}"},
        {"discharged", "{\"reason\":\"SECRET well\"}"},
    };
    lw_str slices[4];
    for (int i = 0; i < 4; i++) {
        slices[i] = line_of(lines[i], sizeof lines[i], id, 100 + i, day, data[i][0], "clinician:SECRET", data[i][1]);
    }
    assert_int_equal(deliver(w->store, id, slices, 4, day + 6, w->now_s), LW_OK);
}

/* Six patients; the last one's record ends in discharge, one more is erased. */
static void cohort(world *w) {
    char id[16], name[32], token[44], admin[64];
    world_begin(w, false);
    for (int i = 0; i < 6; i++) {
        snprintf(id, sizeof id, "case-%d", i);
        snprintf(name, sizeof name, "SECRET %d", i);
        patient(w, w->here, id, name, token);
        fill(w, id, 1, T_DAY - 20);
    }
    clinicians_part(w, "case-5", T_DAY - 10);
    patient(w, w->here, "case-gone", "SECRET gone", token);
    fill(w, "case-gone", 1, T_DAY - 20);
    enter(w, "admin", admin);
    assert_err(call(w, "patient_erase", admin, "case-gone", "confirm=case-gone", NULL), LW_OK);
    patient(w, w->here, "case-empty", "SECRET empty", token);
    fill(w, "p-bo", 1, T_DAY - 20); /* another clinic's */
}

/* ---- an export, asked for and waited for ---- */

typedef struct export {
    int32_t err;
    lw_job_head how;
    lw_export_look look;
    lw_buf events; /* events.jsonl */
}
export;

/* Part by part, as a browser does; the parts have the hash that was told. */
static void fetch(lw_jobs *e, const char *clinic, uint32_t file, const lw_export_look *look, lw_buf *out) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    char hex[65];
    for (size_t before = 1; out->len != before;) {
        before = out->len;
        assert_int_equal(lw_export_part(e, "1", "a", clinic, look->files[file].name, (int64_t)out->len, out), LW_OK);
    }
    assert_int_equal(out->len, look->files[file].bytes);
    crypto_hash_sha256(hash, (const unsigned char *)out->ptr, out->len);
    assert_string_equal(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash), look->files[file].sha256);
}

static int32_t ask(lw_jobs *e, const char *id, const char *account, const char *clinic) {
    lw_export_job job = {.cohort = NULL};
    lw_job_begin(&job.head, account, clinic);
    snprintf(job.head.id, sizeof job.head.id, "%s", id);
    return lw_jobs_add(e, &job.head);
}

static export exported(world *w) {
    export x = {.err = LW_OK};
    lw_server *server = calloc(1, sizeof *server);
    server->store = w->store;
    lw_jobs *e = lw_jobs_open(&lw_export_jobs, server);
    assert_true(lw_jobs_start(e));
    assert_int_equal(ask(e, "1", "a", w->here), LW_OK);
    for (int i = 0; i < 3000 && x.how.state <= LW_JOB_WORKING; i++) {
        assert_int_equal(lw_export_see(e, "1", "a", w->here, &x.how, &x.look), LW_OK);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_true(x.how.state > LW_JOB_WORKING);
    x.err = x.how.err;
    assert_int_equal(x.how.done, x.how.of);
    if (x.err == LW_OK) {
        lw_buf other = {0};
        fetch(e, w->here, 0, &x.look, &x.events);
        fetch(e, w->here, 1, &x.look, &other);
        /* within a line, beyond the end, what is no file, and what is somebody else's */
        assert_int_equal(lw_export_part(e, "1", "a", w->here, "events.jsonl", 3, &other), LW_ERR_RANGE);
        assert_int_equal(lw_export_part(e, "1", "a", w->here, "events.jsonl", 1 << 29, &other), LW_ERR_RANGE);
        assert_int_equal(lw_export_part(e, "1", "a", w->here, "events.jsonl", -1, &other), LW_ERR_RANGE);
        assert_int_equal(lw_export_part(e, "1", "a", w->here, "../store.db", 0, &other), LW_ERR_NOT_FOUND);
        assert_int_equal(lw_export_part(e, "1", "b", w->here, "events.jsonl", 0, &other), LW_ERR_NOT_FOUND);
        assert_int_equal(lw_export_part(e, "1", "a", "elsewhere", "events.jsonl", 0, &other), LW_ERR_NOT_FOUND);
        lw_job_head how;
        assert_int_equal(lw_jobs_look(e, "2", "a", w->here, &how, NULL, NULL), LW_ERR_NOT_FOUND);
        assert_int_equal(other.len, x.look.files[1].bytes);
        lw_buf_free(&other);
    } else {
        assert_int_equal(lw_export_part(e, "1", "a", w->here, "events.jsonl", 0, &x.events), LW_ERR_NOT_FOUND);
    }
    lw_jobs_close(e);
    free(server);
    return x;
}

/* Nothing works yet: what waits stays, an account has one, and there is an end to them. */
static void the_queue_is_bounded(void **state) {
    (void)state;
    lw_server server = {.port = 0};
    lw_jobs *e = lw_jobs_open(&lw_export_jobs, &server);
    char id[16];
    assert_int_equal(ask(e, "1", "a", "c"), LW_OK);
    assert_int_equal(ask(e, "1", "a", "c"), LW_OK); /* the same once more is the same */
    assert_int_equal(ask(e, "2", "a", "c"), LW_ERR_BUSY);
    for (int i = 1; i < LW_EXPORT_JOBS; i++) {
        snprintf(id, sizeof id, "b%d", i);
        assert_int_equal(ask(e, id, id, "c"), LW_OK);
    }
    assert_int_equal(ask(e, "9", "z", "c"), LW_ERR_BUSY);
    lw_jobs_close(e);
    lw_jobs_close(NULL);
}

/* Cuts the export into one record per patient, decodes each, calls check. */
typedef void (*check_record)(const lw_record *record, void *ctx);

static int each_record(const char *lines, check_record check, void *ctx) {
    int patients = 0;
    lw_buf one = {0};
    char current[80] = "";
    for (const char *p = lines;; p = strchr(p, '\n') + 1) {
        lw_str line = {p, *p != 0 ? (uint32_t)(strchr(p, '\n') - p) : 0}, value;
        char who[80] = "";
        if (line.len > 0) {
            assert_true(lw__pick(line, "patient", &value));
            snprintf(who, sizeof who, "%.*s", (int)value.len, value.ptr);
        }
        if (strcmp(who, current) != 0 && one.len > 0) {
            static uint8_t a[1 << 20], b[1 << 20];
            lw_arena result = lw_arena_over(a, sizeof a), scratch = lw_arena_over(b, sizeof b);
            lw_record record;
            lw_diag diag = {0};
            int32_t err = lw_record_read(lw_buf_view(&one), &result, &scratch, &record, &diag);
            if (err != LW_OK) {
                fail_msg("not a record: %s line %u %s: %s\n%s", lw_err_name(err), diag.line, diag.member, diag.message,
                         one.ptr);
            }
            assert_int_equal(record.repeats, 0);
            check(&record, ctx);
            patients++;
            lw_buf_clear(&one);
        }
        if (line.len == 0) {
            break;
        }
        memcpy(current, who, sizeof current);
        lw_buf_add(&one, p, line.len + 1);
    }
    lw_buf_free(&one);
    return patients;
}

typedef struct seen {
    int events, discharged, voided;
    int32_t first_day[8];
    int count;
} seen;

static const lw_event *of_kind(const lw_record *record, int kind, int nth) {
    for (uint32_t i = 0; i < record->count; i++) {
        if (record->events[i].kind == kind && nth-- == 0) {
            return &record->events[i];
        }
    }
    return NULL;
}

static void look(const lw_record *record, void *ctx) {
    seen *s = ctx;
    s->events += (int)record->count;
    s->first_day[s->count++] = record->events[0].day;
    /* Weekdays and gaps are as they were, and everything lies in the past. */
    assert_int_equal(lw_day_weekday(record->events[0].day), lw_day_weekday(T_DAY - 20));
    assert_int_equal((record->events[0].day - (T_DAY - 20)) % 7, 0);
    assert_true(record->events[0].day <= T_DAY - 27);
    const struct lw_ev_enrolled *enrolled = of_kind(record, LW_KIND_ENROLLED, 0)->data;
    assert_int_equal(enrolled->birth_year, 1980);
    assert_int_equal(enrolled->height_cm_x100, 17000);
    assert_int_equal(enrolled->mass_kg_x100, 6500);
    assert_int_equal(enrolled->has & LW_HAS_ENROLLED_ZONE, 0);
    assert_int_equal(enrolled->goal, LW_GOAL_RUN);
    const struct lw_ev_started *started = of_kind(record, LW_KIND_STARTED, 0)->data;
    assert_true(lw__str_eq(started->protocol, LW_STR("pht@1.0.0")));
    assert_int_equal(started->loads.count, 2);
    const struct lw_ev_exercise *exercise = of_kind(record, LW_KIND_EXERCISE, 0)->data;
    assert_true(lw__str_eq(exercise->exercise, LW_STR("bridge-hold-single")));
    assert_int_equal(exercise->sets.count, 2);
    exercise = of_kind(record, LW_KIND_EXERCISE, 1)->data;
    assert_true(lw__str_eq(exercise->exercise, LW_STR("-"))); /* a name nobody put into the protocol */
    const struct lw_ev_medicine *medicine = of_kind(record, LW_KIND_MEDICINE, 0)->data;
    assert_int_equal(medicine->from - record->events[0].day, 20513 - (T_DAY - 20)); /* moved with the rest */
    /* Ids follow each other: the void finds its check-in. */
    s->voided += of_kind(record, LW_KIND_CHECKIN, 0)->voided ? 1 : 0;
    assert_null(of_kind(record, LW_KIND_NOTE, 0));
    s->discharged += of_kind(record, LW_KIND_DISCHARGED, 0) != NULL ? 1 : 0;
    const lw_event *cleared = of_kind(record, LW_KIND_CLEARED, 0);
    if (cleared != NULL) {
        assert_true(lw__str_eq(cleared->by_id, LW_STR("0")));
        const struct lw_ev_cleared *c = cleared->data;
        assert_memory_equal(c->events.items, of_kind(record, LW_KIND_ASSESSED, 0)->id, 16);
    }
}

static void no_person_is_in_it(void **state) {
    (void)state;
    world w;
    char doctor[64];
    cohort(&w);
    enter(&w, "doctor", doctor);
    assert_err(call(&w, "research_ask", doctor, NULL, NULL, "{}"), LW_ERR_FORBIDDEN);
    export x = exported(&w);
    assert_int_equal(x.err, LW_OK);
    assert_int_equal(x.look.patients, 6);
    const char *body = x.events.ptr;
    static const char *const never[] = {"SECRET", "case-", "p-bo",  "john_smith", "0195a0c2", "x_",
                                        "Warsaw", "1983",  "167.5", "63.2",       "source",   "received"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        const char *hit = strstr(body, never[i]);
        if (hit != NULL) {
            fail_msg("%s: …%.200s", never[i], hit - (hit - body > 100 ? 100 : hit - body));
        }
    }
    seen s = {0};
    assert_int_equal(each_record(body, look, &s), 6);
    assert_int_equal(s.events, 6 * (EVENTS - 1) + 4);
    assert_int_equal(s.discharged, 1);
    assert_int_equal(s.voided, 6);
    int different = 0;
    for (int i = 1; i < 6; i++) {
        different += s.first_day[i] != s.first_day[0] ? 1 : 0;
    }
    assert_true(different > 0); /* each patient has an own shift */
    lw_buf_free(&x.events);
    world_end(&w);
}

static void first_id(const char *lines, char out[40]) {
    lw_str value;
    assert_true(lw__pick((lw_str){lines, (uint32_t)strcspn(lines, "\n")}, "patient", &value));
    snprintf(out, 40, "%.*s", (int)value.len, value.ptr);
}

static void two_exports_cannot_be_joined(void **state) {
    (void)state;
    world w;
    char id[40];
    cohort(&w);
    export one = exported(&w), again = exported(&w);
    assert_int_equal(one.err, LW_OK);
    assert_int_equal(again.err, LW_OK);
    first_id(one.events.ptr, id);
    assert_null(strstr(again.events.ptr, id));
    lw_buf_free(&one.events);
    lw_buf_free(&again.events);
    world_end(&w);
}

static void too_few_are_not_given_out(void **state) {
    (void)state;
    world w;
    char id[16], token[44];
    world_begin(&w, false);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(exported(&w).err, LW_ERR_FORBIDDEN);
        snprintf(id, sizeof id, "few-%d", i);
        patient(&w, w.here, id, "N", token);
        fill(&w, id, 1, T_DAY - 20);
    }
    export x = exported(&w);
    assert_int_equal(x.err, LW_OK);
    lw_buf_free(&x.events);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(no_person_is_in_it),
        cmocka_unit_test(two_exports_cannot_be_joined),
        cmocka_unit_test(too_few_are_not_given_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
