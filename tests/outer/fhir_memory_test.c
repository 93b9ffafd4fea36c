/*
 * fhir_memory_test.c: a FHIR read, searches, $everything and creates on the way of a real request (dispatch.c, without a socket), while
 * the heap refuses one call after the other, once with the record in memory and once without.
 *
 * Whatever was refused, the answer is the one that was wanted, or a 507 that says so as an OperationOutcome; a create that was told to
 * have failed has stored nothing, and one that was told to be done is there, once. Under a sanitizer what was forgotten is seen.
 */
#include <pthread.h>

#include "identity_support.h"
#include "record_support.h"
#include "refusing_heap.h"

enum { LINES = 64, ANSWER = 1 << 21 };

static lw_server *server;
static lw_store *store;
static char host[64], cookie[64];

/* ---- a request without a socket ---- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t woken = PTHREAD_COND_INITIALIZER;
static bool awake;

static void wake(lw__exchange *x) {
    (void)x;
    pthread_mutex_lock(&lock);
    awake = true;
    pthread_cond_signal(&woken);
    pthread_mutex_unlock(&lock);
}

static char answered[ANSWER], set_cookie[256];

/* The status; the body in answered. The call that is refused is the nth after the request is there, below 0: none. */
static int ask_refusing(const char *method, const char *target, const char *body, const char *once, long nth,
                        bool *refused) {
    lw__exchange *x = calloc(1, sizeof *x);
    assert_non_null(x);
    x->wire = (lw__wire){.method = method,
                         .target = target,
                         .host = host,
                         .origin = "",
                         .fetch_site = "",
                         .marker = "1",
                         .media = strncmp(target, "/fhir", 5) == 0 ? "application/fhir+json" : "application/json",
                         .cookie = cookie,
                         .agent = "test",
                         .forwarded = "",
                         .encodings = "",
                         .if_none_match = "",
                         .accept = "",
                         .prefer = "",
                         .if_none_exist = once,
                         .length = "",
                         .peer = "127.0.0.1"};
    x->wake = wake;
    lw_buf_str(&x->body, body);
    heap_refuse(nth);
    (void)!lw__dispatch_open(server, x);
    lw__turn turn = lw__dispatch_run(x);
    while (turn == LW__COMMIT) {
        awake = false;
        lw__dispatch_submit(x);
        pthread_mutex_lock(&lock);
        while (!awake) {
            pthread_cond_wait(&woken, &lock);
        }
        pthread_mutex_unlock(&lock);
        turn = lw__dispatch_done(x);
    }
    *refused = heap_refused();
    assert_int_equal(turn, LW__SEND);
    int status = x->rq.reply.status;
    assert_true(x->rq.reply.body.len < sizeof answered);
    memcpy(answered, x->rq.reply.body.ptr != NULL ? x->rq.reply.body.ptr : "", x->rq.reply.body.len);
    answered[x->rq.reply.body.len] = '\0';
    snprintf(set_cookie, sizeof set_cookie, "%s", x->rq.reply.cookie);
    lw__exchange_free(x);
    return status;
}

static int ask(const char *method, const char *target, const char *body, const char *once) {
    bool refused = false;
    return ask_refusing(method, target, body, once, -1, &refused);
}

/* ---- a clinic, and a patient with a record of a little of everything ---- */

static int begin(void **state) {
    (void)state;
    char why[300] = "", token[44], clinic_id[37], body[300], now[600];
    FILE *file = fopen(fresh_file("now"), "w");
    fprintf(file, "%d", 1768251600); /* the evening of 12 January 2026, after the record's last entry */
    fclose(file);
    snprintf(now, sizeof now, "%s", scratch_path("now"));
    setenv("LW_TEST_NOW_FILE", now, 1);
    const lw_server_options options = {
        .store = empty_place(), .listen = "127.0.0.1:0", .threads = 2, .unlimited = true};
    if (lw_server_open(&options, &server, why, sizeof why) != LW_OK) {
        fail_msg("%s", why);
    }
    store = lw_server_store(server);
    snprintf(host, sizeof host, "%s", strstr(lw_server_origin(server), "//") + 2);
    int64_t now_s = lw_server_now(server);
    const lw_seed_clinic clinic = {
        .name = "Here", .language = "en", .country = "GB", .second_factor = false, .protocol = lw_builtin_text()};
    assert_int_equal(lw_seed_clinic_add(store, &clinic, now_s, clinic_id), LW_OK);
    const lw_seed_patient person = {
        .clinic = clinic_id, .patient = "everything", .name = "Ana Łódź", .language = "en", .country = "GB"};
    assert_int_equal(lw_seed_patient_add(store, &person, now_s, token), LW_OK);
    opened of = {0};
    text_open(&of, LW_SOURCE_DIR "/tests/fhir/everything.jsonl", 0);
    lw_str lines[LINES];
    uint32_t count = 0;
    for (char *at = of.text, *end = strchr(at, '\n'); end != NULL; at = end + 1, end = strchr(at, '\n')) {
        lines[count++] = (lw_str){at, (uint32_t)(end - at)};
    }
    assert_int_equal(deliver(store, "everything", lines, count, lw_day_from_civil(2026, 1, 12), now_s), LW_OK);
    free(of.text);
    snprintf(body, sizeof body, "/api/v1/invites/%s/accept", token);
    assert_int_equal(ask("POST", body, "{\"label\":\"test\"}", ""), 200);
    snprintf(cookie, sizeof cookie, "%.*s", (int)strcspn(set_cookie, ";"), set_cookie);
    return 0;
}

static int end(void **state) {
    (void)state;
    assert_true(lw_server_close(server));
    return 0;
}

/* ---- one call after the other ---- */

static int64_t stored(void) {
    return ask_int(store, "SELECT count(*) FROM event");
}

static void says_507(const char *what, long n, int status) {
    if (status != 507 || strstr(answered, "\"resourceType\":\"OperationOutcome\"") == NULL ||
        strstr(answered, "\"severity\":\"error\"") == NULL || strstr(answered, "short of memory") == NULL ||
        !lw__pick_valid(lw__str(answered))) {
        fail_msg("%s, call %ld refused: %d %.300s", what, n, status, answered);
    }
}

static void what_is_read(void **state) {
    (void)state;
    static const char *const targets[] = {
        "/fhir/metadata",
        "/fhir/Patient/everything",
        "/fhir/Observation/0195a0c2-7b1e-7001-8000-000000000105",
        "/fhir/Observation?code=http://loinc.org%7C72514-3&date=ge2026-01-01&date=lt2026-02-01",
        "/fhir/Procedure?_include=Procedure:subject&_revinclude=Observation:part-of&_summary=data&_total=accurate",
        "/fhir/Patient?name=lodz",
        "/fhir/Practitioner",
        "/fhir/Patient/everything/$everything"};
    static char wanted[ANSWER];
    for (size_t t = 0; t < sizeof targets / sizeof targets[0]; t++) {
        assert_int_equal(ask("GET", targets[t], "", ""), 200);
        memcpy(wanted, answered, strlen(answered) + 1);
        for (int cold = 0; cold <= 1; cold++) {
            bool refused = true;
            long n = 0, told = 0;
            for (; refused; n++) {
                if (cold == 1) {
                    lw__log_forget(server->cache, "everything");
                }
                int status = ask_refusing("GET", targets[t], "", "", n, &refused);
                if (status == 200 && strcmp(answered, wanted) == 0) {
                    continue; /* done without, as a cache may */
                }
                assert_true(refused);
                says_507(targets[t], n, status);
                told++;
            }
            assert_true(told > 1);
            print_message("%s%s: %ld calls, %ld of them told\n", targets[t], cold == 1 ? ", cold" : "", n - 1, told);
        }
    }
}

static void what_is_written(void **state) {
    (void)state;
    static const char checkin[] =
        "{\"resourceType\":\"QuestionnaireResponse\",\"questionnaire\":\"urn:loadwave:fhir:Questionnaire:checkin|1\","
        "\"status\":\"completed\",\"subject\":{\"reference\":\"Patient/"
        "everything\"},\"authored\":\"2026-01-12T20:20:00+01:00\","
        "\"identifier\":{\"system\":\"urn:test\",\"value\":\"%s "
        "%ld\"},\"item\":[{\"linkId\":\"pain_morning\",\"answer\":"
        "[{\"valueDecimal\":2}]}]}";
    static const char pain[] = "{\"resourceType\":\"Observation\",\"status\":\"final\",\"code\":{\"coding\":[{"
                               "\"system\":\"http://loinc.org\",\"code\":"
                               "\"72514-3\"}]},\"subject\":{\"reference\":\"Patient/"
                               "everything\"},\"effectiveDateTime\":\"2026-01-12T20:20:00+01:00\","
                               "\"valueQuantity\":{\"value\":3,\"code\":\"{score}\"},\"identifier\":[{\"system\":\"urn:"
                               "test\",\"value\":\"%s %ld\"}]}";
    static const struct {
        const char *target, *body, *name;
        bool cold;
    } cases[] = {{"/fhir/Observation", pain, "warm", false},
                 {"/fhir/Observation", pain, "cold", true},
                 {"/fhir/QuestionnaireResponse", checkin, "warm", false},
                 {"/fhir/QuestionnaireResponse", checkin, "cold", true}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        bool refused = true;
        long n = 0, told = 0;
        for (; refused; n++) {
            char body[1000], once[100];
            snprintf(body, sizeof body, cases[c].body, cases[c].name, n);
            snprintf(once, sizeof once, "identifier=urn:test|%s %ld", cases[c].name, n);
            if (cases[c].cold) {
                lw__log_forget(server->cache, "everything");
            }
            int64_t before = stored();
            int status = ask_refusing("POST", cases[c].target, body, once, n, &refused);
            int64_t after = stored();
            if (status == 201) {
                assert_true(after > before);
                continue;
            }
            assert_true(refused);
            says_507(cases[c].target, n, status);
            told++;
            if (after != before) {
                fail_msg("%s, call %ld refused and told, and yet stored", cases[c].target, n);
            }
            if (n % 16 == 0) { /* the same once more is taken: nothing was left half done */
                assert_int_equal(ask("POST", cases[c].target, body, once), 201);
                assert_true(stored() > before);
            }
        }
        assert_true(told > 1);
        print_message("%s, %s: %ld calls, %ld of them told\n", cases[c].target, cases[c].name, n - 1, told);
    }
    assert_int_equal(ask_int(store, "SELECT count(*) FROM audit WHERE route = 'fhir_create' AND status = 201"),
                     ask_int(store, "SELECT count(*) FROM event WHERE line LIKE '%x_fhir_identifier%urn:test%'"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_read), cmocka_unit_test(what_is_written)};
    return cmocka_run_group_tests(tests, begin, end);
}
