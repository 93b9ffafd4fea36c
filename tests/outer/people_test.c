/*
 * people_test.c: patients, staff, hand-over, devices, protocols, settings, audit and backups as their handlers answer.
 */
#include <dirent.h>

#include "identity_support.h"

/* ---- names ---- */

static void names_are_folded(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"Łódź", "lodz"},
        {"Ærø Ångström", "aero angstrom"},
        {"  José   María\tÑúñez ", "jose maria nunez"},
        {"Strauß", "strauss"},
        {"Þór Œuvre", "thor oeuvre"},
        {"Nguyễn Thị Ðạt", "nguyen thi dat"},
        {"Ștefan Țăranu", "stefan taranu"},
        {"e\xcc\x81\xcc\x82t\xc3\xa9", "ete"}, /* combining marks */
        {"ΑΒΓ ЖУК", "αβγ жук"},
        {"渡辺", "渡辺"},
        {"a\xff"
         "b",
         "ab"},
        {"×÷", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lw_buf out = {0};
        lw_name_fold(lw__str(rows[i][0]), &out);
        assert_string_equal(out.ptr != NULL ? out.ptr : "", rows[i][1]);
        lw_buf_free(&out);
    }
}

/* ---- patients ---- */

/* The ids of a list, in order, as "p-1 p-2". */
static const char *ids(const answer *a) {
    static char out[4000];
    out[0] = 0;
    for (const char *p = strstr(a->body, "{\"patient\":\""); p != NULL; p = strstr(p + 1, "{\"patient\":\"")) {
        size_t used = strlen(out), len = strcspn(p + 12, "\"");
        snprintf(out + used, sizeof out - used, "%s%.*s", used > 0 ? " " : "", (int)len, p + 12);
    }
    return out;
}

static void the_list_pages_and_searches(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    static const char *const names[] = {"Zoë Adams",   "Ángel Ruiz",  "Bernd Groß",
                                        "bernd gross", "O'Neil_100%", "Émile Zola"};
    char token[44], doctor[64], id[16], query[200];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(id, sizeof id, "p-%zu", i);
        patient(&w, w.here, id, names[i], token);
    }
    enter(&w, "doctor", doctor);
    const answer *a = call(&w, "patients", doctor, NULL, NULL, NULL);
    assert_err(a, LW_OK);
    assert_string_equal(ids(a), "p-ana p-1 p-2 p-3 p-5 p-4 p-0"); /* not p-bo: another clinic's */
    assert_string_equal(member(a, "next"), "null");
    a = call(&w, "patients", doctor, NULL, "limit=3", NULL);
    assert_string_equal(ids(a), "p-ana p-1 p-2");
    snprintf(query, sizeof query, "limit=3&after=%s", member(a, "next"));
    a = call(&w, "patients", doctor, NULL, query, NULL);
    assert_string_equal(ids(a), "p-3 p-5 p-4");
    snprintf(query, sizeof query, "limit=3&after=%s", member(a, "next"));
    a = call(&w, "patients", doctor, NULL, query, NULL);
    assert_string_equal(ids(a), "p-0");
    assert_string_equal(member(a, "next"), "null");
    static const char *const searches[][2] = {{"q=GROSS", "p-2 p-3"},
                                              {"q=gro%C3%9F", "p-2 p-3"},
                                              {"q=zol", "p-5"},
                                              {"q=%C3%A1ngel", "p-1"},
                                              {"q=lodz", "p-ana"},
                                              {"q=%25", "p-4"},
                                              {"q=_100", "p-4"},
                                              {"q=_", "p-4"},
                                              {"q=!", ""},
                                              {"q=p-5", "p-5"},
                                              {"q=bo", ""},
                                              {"q='", "p-4"},
                                              {"q=xyz", ""},
                                              {"q=gross&limit=1&after=p-2", "p-3"}};
    for (size_t i = 0; i < sizeof searches / sizeof searches[0]; i++) {
        a = call(&w, "patients", doctor, NULL, searches[i][0], NULL);
        assert_err(a, LW_OK);
        assert_string_equal(ids(a), searches[i][1]);
    }
    assert_err(call(&w, "patients", doctor, NULL, "after=p-bo", NULL), LW_ERR_VALUE);
    assert_err(call(&w, "patients", doctor, NULL, "after=gone", NULL), LW_ERR_VALUE);
    assert_err(call(&w, "patient_change", doctor, "p-2", NULL, "{\"responsible\":\"x\"}"), LW_ERR_VALUE);
    char body[100];
    snprintf(body, sizeof body, "{\"responsible\":\"%s\"}", w.doctor);
    assert_err(call(&w, "patient_change", doctor, "p-2", NULL, body), LW_OK);
    snprintf(query, sizeof query, "responsible=%s", w.doctor);
    assert_string_equal(ids(call(&w, "patients", doctor, NULL, query, NULL)), "p-2");
    world_end(&w);
}

static void patients_are_added_and_changed(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], ana[64], id[65];
    enter(&w, "doctor", doctor);
    const answer *a = post(&w, "patient_add", doctor, "{\"name\":\"New One\"}");
    assert_err(a, LW_OK);
    snprintf(id, sizeof id, "%s", member(a, "patient"));
    assert_int_equal(strlen(id), 14);
    assert_string_equal(member(a, "responsible"), w.doctor);
    assert_string_equal(member(a, "language"), "en");
    assert_string_equal(member(a, "country"), "GB");
    assert_string_equal(member(a, "head"), "0");
    assert_string_equal(member(a, "summary"), "{}");
    assert_string_equal(member(a, "signed_in"), "false");
    assert_int_equal(strlen(member(a, "protocol_sha256")), 64);
    a = post(&w, "patient_add", doctor,
             "{\"name\":\"Two\",\"language\":\"es\",\"country\":\"ES\",\"patient\":\"case.7\"}");
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "patient"), "case.7");
    static const struct {
        const char *body;
        int32_t err;
    } bad[] = {{"{\"name\":\"Two\",\"patient\":\"case.7\"}", LW_ERR_EXISTS},
               {"{\"name\":\"Two\",\"patient\":\"p-bo\"}", LW_ERR_EXISTS},
               {"{\"name\":\"Two\",\"patient\":\"../x\"}", LW_ERR_VALUE},
               {"{\"name\":\"Two\",\"patient\":\"-x\"}", LW_ERR_VALUE},
               {"{\"name\":\"   \"}", LW_ERR_VALUE},
               {"{\"name\":\"a\\nb\"}", LW_ERR_VALUE},
               {"{\"name\":\"x\",\"country\":\"gb\"}", LW_ERR_VALUE},
               {"{}", LW_ERR_MISSING}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_err(post(&w, "patient_add", doctor, "%s", bad[i].body), bad[i].err);
    }
    /* The patient changes the own name; who is responsible is not the patient's to say. */
    enter_patient(&w, w.ana_token, ana);
    assert_string_equal(member(call(&w, "patient", doctor, "p-ana", NULL, NULL), "signed_in"), "true");
    assert_err(call(&w, "patient_change", ana, "p-ana", NULL, "{\"name\":\"Ana Maria\",\"language\":\"es\"}"), LW_OK);
    a = call(&w, "me", ana, NULL, NULL, NULL);
    assert_string_equal(member(a, "name"), "Ana Maria");
    assert_string_equal(member(a, "language"), "es");
    assert_err(call(&w, "patient_change", ana, "p-ana", NULL, "{\"responsible\":\"\"}"), LW_ERR_FORBIDDEN);
    assert_err(call(&w, "me_change", ana, NULL, NULL, "{\"name\":\"Ana\"}"), LW_OK);
    assert_string_equal(member(call(&w, "patient", doctor, "p-ana", NULL, NULL), "name"), "Ana");
    assert_string_equal(ids(call(&w, "patients", doctor, NULL, "q=maria", NULL)), "");
    world_end(&w);
}

static void erased_is_erased(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char ana[64], admin[64], doctor[64], far[64], line[500];
    lw_str event = line_of(line, sizeof line, "p-ana", 1, T_DAY, "note", "patient", "{\"text\":\"secret words\"}");
    assert_int_equal(deliver(w.store, "p-ana", &event, 1, T_DAY, w.now_s), LW_OK);
    enter_patient(&w, w.ana_token, ana);
    enter(&w, "admin", admin);
    enter(&w, "doctor", doctor);
    enter(&w, "far", far);
    assert_err(call(&w, "patient_erase", doctor, "p-ana", "confirm=p-ana", NULL), LW_ERR_FORBIDDEN);
    assert_err(call(&w, "patient_erase", far, "p-ana", "confirm=p-ana", NULL), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "patient_erase", admin, "p-ana", "confirm=p-bo", NULL), LW_ERR_VALUE);
    assert_err(call(&w, "patient_erase", admin, "p-ana", NULL, NULL), LW_ERR_MISSING);
    const answer *a = call(&w, "patient_erase", ana, "p-ana", "confirm=p-ana", NULL);
    assert_err(a, LW_OK);
    assert_string_equal(a->body, "{\"erased\":1}");
    assert_non_null(strstr(a->set_cookie, "Max-Age=0"));
    assert_err(call(&w, "me", ana, NULL, NULL, NULL), LW_ERR_SIGN_IN);
    assert_err(call(&w, "patient", doctor, "p-ana", NULL, NULL), LW_ERR_GONE);
    assert_err(call(&w, "patient", far, "p-ana", NULL, NULL), LW_ERR_NOT_FOUND);
    assert_err(post(&w, "patient_add", doctor, "{\"name\":\"Again\",\"patient\":\"p-ana\"}"), LW_ERR_EXISTS);
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM account WHERE patient = 'p-ana'"), 0);
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM event"), 0);
    world_end(&w);
}

/* ---- staff ---- */

static void the_last_admin_stays(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char admin[64];
    enter(&w, "admin", admin);
    assert_err(call(&w, "person_change", admin, w.admin, NULL, "{\"disabled\":true}"), LW_ERR_VALUE);
    assert_err(call(&w, "person_change", admin, w.admin, NULL, "{\"roles\":[\"clinician\"]}"), LW_ERR_VALUE);
    assert_err(call(&w, "people", admin, NULL, NULL, NULL), LW_OK); /* nothing of it was kept */
    assert_err(call(&w, "person_change", admin, w.doctor, NULL, "{\"roles\":[\"admin\",\"clinician\"]}"), LW_OK);
    assert_err(call(&w, "person_change", admin, w.admin, NULL, "{\"disabled\":true}"), LW_OK);
    assert_err(call(&w, "people", admin, NULL, NULL, NULL), LW_ERR_SIGN_IN);
    world_end(&w);
}

static void people_of_the_own_clinic_only(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char admin[64], ana[37];
    enter(&w, "admin", admin);
    const answer *a = call(&w, "people", admin, NULL, NULL, NULL);
    assert_err(a, LW_OK);
    assert_non_null(
        strstr(a->body, "\"login\":\"doctor\",\"roles\":[\"clinician\"],\"disabled\":false,\"totp\":false"));
    assert_null(strstr(a->body, w.far));
    assert_null(strstr(a->body, "Ana"));
    assert_err(call(&w, "person_change", admin, w.far, NULL, "{\"disabled\":true}"), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "person_invite", admin, w.far, NULL, "{}"), LW_ERR_NOT_FOUND);
    lw_sql *sql = lw_store_reader(w.store);
    assert_int_equal(lw_patient_account(sql, LW_STR("p-ana"), ana), LW_OK);
    lw_store_reader_back(w.store, sql);
    assert_err(call(&w, "person_change", admin, ana, NULL, "{\"roles\":[\"admin\"]}"),
               LW_ERR_NOT_FOUND); /* no way up */
    static const char *const roles[] = {"[]",
                                        "[\"patient\"]",
                                        "[\"clinician\",\"clinician\"]",
                                        "\"clinician\"",
                                        "[2]",
                                        "[[\"admin\"]]",
                                        "{\"admin\":true}",
                                        "null",
                                        "[\"owner\"]",
                                        "[\"admin\",null]"};
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        a = post(&w, "person_add", admin, "{\"name\":\"N\",\"login\":\"n\",\"roles\":%s}", roles[i]);
        assert_true(a->err == LW_ERR_VALUE || a->err == LW_ERR_TYPE || a->err == LW_ERR_MISSING);
    }
    static const char *const logins[] = {"a b", "\xc3\xa9va", "x/y", "a\\\"b", "x<y", "*"};
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        a = post(&w, "person_add", admin, "{\"name\":\"N\",\"login\":\"%s\",\"roles\":[\"admin\"]}", logins[i]);
        assert_err(a, LW_ERR_VALUE);
    }
    assert_err(post(&w, "person_add", admin, "{\"name\":\"N\",\"login\":\"DOCTOR\",\"roles\":[\"admin\"]}"),
               LW_ERR_EXISTS);
    assert_err(post(&w, "person_add", admin, "{\"name\":\"N\",\"login\":\"far\",\"roles\":[\"admin\"]}"),
               LW_ERR_EXISTS);
    world_end(&w);
}

static void cover_is_a_colleague_for_a_while(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], second[37];
    staff(&w, w.here, "second", LW_ROLE_CLINICIAN, second);
    enter(&w, "doctor", doctor);
    assert_err(post(&w, "cover", doctor, "{\"account\":\"%s\",\"until\":\"2026-03-20\"}", second), LW_OK);
    const answer *a = call(&w, "people", doctor, NULL, NULL, NULL);
    char want[100];
    snprintf(want, sizeof want, "\"cover\":\"%s\",\"cover_until_s\":%lld", second, 20533LL * 86400);
    assert_non_null(strstr(a->body, want));
    assert_err(post(&w, "cover", doctor, "{\"account\":\"%s\"}", second), LW_ERR_MISSING);
    assert_err(post(&w, "cover", doctor, "{\"account\":\"%s\",\"until\":\"2026-03-01\"}", second), LW_ERR_RANGE);
    assert_err(post(&w, "cover", doctor, "{\"account\":\"%s\",\"until\":\"2028-03-01\"}", second), LW_ERR_RANGE);
    const char *const wrong[] = {w.doctor, w.admin, w.far, "nobody"};
    for (int i = 0; i < 4; i++) { /* oneself, no clinician, another clinic, nobody */
        assert_err(post(&w, "cover", doctor, "{\"account\":\"%s\",\"until\":\"2026-03-20\"}", wrong[i]), LW_ERR_VALUE);
    }
    assert_err(post(&w, "cover", doctor, "{\"account\":\"\"}"), LW_OK);
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM account WHERE cover IS NOT NULL"), 0);
    world_end(&w);
}

/* ---- hand-over ---- */

static void a_patient_moves_when_accepted(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], far[64], ana[64], line[500], body[200];
    lw_str event = line_of(line, sizeof line, "p-ana", 1, T_DAY, "symptom", "patient", "{\"flag\":\"RF05\"}");
    assert_int_equal(deliver(w.store, "p-ana", &event, 1, T_DAY, w.now_s), LW_OK);
    enter(&w, "doctor", doctor);
    enter(&w, "far", far);
    enter_patient(&w, w.ana_token, ana);
    const answer *a = call(&w, "clinics", doctor, NULL, NULL, NULL);
    assert_non_null(strstr(a->body, w.there));
    assert_null(strstr(a->body, w.here));
    assert_err(call(&w, "handover_accept", far, "p-ana", NULL, "{}"), LW_ERR_NOT_FOUND);
    snprintf(body, sizeof body, "{\"clinic\":\"%s\",\"reason\":\"moves house\"}", w.there);
    assert_err(call(&w, "handover_offer", far, "p-ana", NULL, body), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "handover_offer", doctor, "p-ana", NULL, "{\"clinic\":\"no-such\",\"reason\":\"x\"}"),
               LW_ERR_VALUE);
    a = call(&w, "handover_offer", doctor, "p-ana", NULL, body);
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "offered_to"), w.there);
    a = call(&w, "handovers", far, NULL, NULL, NULL);
    assert_string_equal(a->body, "{\"handovers\":[{\"patient\":\"p-ana\",\"name\":\"Ana Łódź\",\"from\":\"Here\","
                                 "\"reason\":\"moves house\"}]}");
    /* Nothing moves until it is accepted, and the offer can be taken back. */
    assert_err(call(&w, "patient", far, "p-ana", NULL, NULL), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "handover_offer", doctor, "p-ana", NULL, "{\"clinic\":\"\",\"reason\":\"stays\"}"), LW_OK);
    assert_err(call(&w, "handover_accept", far, "p-ana", NULL, "{}"), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "handover_offer", doctor, "p-ana", NULL, body), LW_OK);
    a = call(&w, "handover_accept", far, "p-ana", NULL, "{}");
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "responsible"), w.far);
    assert_string_equal(member(a, "head"), "1");
    assert_string_equal(member(a, "offered_to"), "null");
    assert_err(call(&w, "patient", doctor, "p-ana", NULL, NULL), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "patient", far, "p-ana", NULL, NULL), LW_OK);
    assert_string_equal(member(call(&w, "me", ana, NULL, NULL, NULL), "patient"), "p-ana");
    assert_err(call(&w, "patient", ana, "p-ana", NULL, NULL), LW_OK);
    /* Statements are known by the address of their text, so each has its own. */
    static const char moved[] =
        "SELECT (SELECT COUNT(*) FROM projection j JOIN clinic c ON c.id = j.clinic WHERE c.name = 'There') "
        "+ (SELECT COUNT(*) FROM card j JOIN clinic c ON c.id = j.clinic WHERE c.name = 'There')";
    static const char left[] =
        "SELECT (SELECT COUNT(*) FROM projection j JOIN clinic c ON c.id = j.clinic WHERE c.name = 'Here') "
        "+ (SELECT COUNT(*) FROM card j JOIN clinic c ON c.id = j.clinic WHERE c.name = 'Here')";
    assert_true(ask_int(w.store, moved) >= 2);
    assert_int_equal(ask_int(w.store, left), 0);
    /* The clinic that let go has it in its trail. */
    assert_int_equal(ask_int(w.store,
                             "SELECT COUNT(*) FROM audit a JOIN clinic c ON c.id = a.clinic WHERE c.name = 'Here' "
                             "AND a.route = 'handover_accept'"),
                     1);
    assert_err(call(&w, "handover_accept", far, "p-ana", NULL, "{}"), LW_ERR_NOT_FOUND); /* once */
    world_end(&w);
}

static void the_protocol_comes_along(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], far[64], sha[65], body[300], *text = strdup(pht());
    enter(&w, "doctor", doctor);
    enter(&w, "far", far);
    char *version = strstr(text, "version 1.0.0");
    assert_non_null(version);
    version[12] = '7';
    lw_buf request = {0};
    lw_buf_str(&request, "{\"note\":\"Our own\",\"text\":");
    lw_buf_json(&request, lw__str(text));
    lw_buf_str(&request, "}");
    const answer *a = call(&w, "protocol_publish", doctor, NULL, NULL, request.ptr);
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "name"), "pht@1.0.7");
    snprintf(sha, sizeof sha, "%s", member(a, "sha256"));
    assert_err(call(&w, "protocol_publish", doctor, NULL, NULL, request.ptr), LW_ERR_EXISTS);
    assert_err(call(&w, "protocol_text", far, sha, NULL, NULL), LW_ERR_NOT_FOUND);
    snprintf(body, sizeof body, "{\"sha256\":\"%s\",\"reason\":\"agreed with her\"}", sha);
    a = call(&w, "patient_protocol", doctor, "p-ana", NULL, body);
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "protocol_sha256"), sha);
    assert_string_equal(member(a, "head"), "1"); /* the reason stands in the record */
    body[12] = body[12] == 'a' ? 'b' : 'a';
    assert_err(call(&w, "patient_protocol", doctor, "p-ana", NULL, body), LW_ERR_VALUE);
    snprintf(body, sizeof body, "{\"clinic\":\"%s\",\"reason\":\"moves house\"}", w.there);
    assert_err(call(&w, "handover_offer", doctor, "p-ana", NULL, body), LW_OK);
    assert_err(call(&w, "handover_accept", far, "p-ana", NULL, "{}"), LW_OK);
    assert_err(call(&w, "protocol_text", far, sha, NULL, NULL), LW_OK);
    a = call(&w, "protocols", far, NULL, NULL, NULL);
    assert_non_null(strstr(a->body, "\"name\":\"pht@1.0.7\",\"note\":\"Our own\",\"by\":null"));
    assert_non_null(strstr(a->body, "\"name\":\"pht@1.0.0\""));
    lw_buf_free(&request);
    free(text);
    world_end(&w);
}

/* ---- protocols ---- */

static void what_does_not_compile_says_where(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64];
    enter(&w, "doctor", doctor);
    const answer *a =
        post(&w, "protocol_publish", doctor,
             "{\"note\":\"x\",\"text\":\"protocol pht \\\"T\\\"\\nversion 1.0.9\\nnonsense here\\nmore of it\\n\"}");
    assert_int_equal(a->err, LW_OK);
    assert_int_equal(a->status, 422);
    assert_string_equal(member(a, "member"), "text");
    assert_true(lw__pick_valid(lw__str(a->body)));
    assert_non_null(strstr(a->body, "\"diagnostics\":[{\"line\":"));
    assert_non_null(strstr(a->body, "\"column\":"));
    assert_non_null(strstr(a->body, "\"hint\":"));
    assert_true(atoi(member(a, "count")) > 1);
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM protocol"), 2); /* the built-in one in each clinic */
    assert_err(post(&w, "protocol_publish", doctor, "{\"text\":\"x\"}"), LW_ERR_MISSING); /* no note */
    world_end(&w);
}

static void new_patients_start_on_the_current_one(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], builtin_sha[65], sha[65], ana[64], *text = strdup(pht());
    enter(&w, "doctor", doctor);
    snprintf(builtin_sha, sizeof builtin_sha, "%s",
             member(call(&w, "patient", doctor, "p-ana", NULL, NULL), "protocol_sha256"));
    strstr(text, "version 1.0.0")[12] = '1';
    lw_buf request = {0};
    lw_buf_str(&request, "{\"note\":\"Ours\",\"current\":true,\"text\":");
    lw_buf_json(&request, lw__str(text));
    lw_buf_str(&request, "}");
    snprintf(sha, sizeof sha, "%s", member(call(&w, "protocol_publish", doctor, NULL, NULL, request.ptr), "sha256"));
    assert_string_equal(member(post(&w, "patient_add", doctor, "{\"name\":\"N\"}"), "protocol_sha256"), sha);
    assert_string_equal(member(call(&w, "patient", doctor, "p-ana", NULL, NULL), "protocol_sha256"), builtin_sha);
    /* Back to the one before: publishing its text again makes it current. */
    lw_buf_clear(&request);
    lw_buf_str(&request, "{\"note\":\"Back\",\"current\":true,\"text\":");
    lw_buf_json(&request, lw__str(pht()));
    lw_buf_str(&request, "}");
    assert_err(call(&w, "protocol_publish", doctor, NULL, NULL, request.ptr), LW_OK);
    assert_string_equal(member(post(&w, "patient_add", doctor, "{\"name\":\"N\"}"), "protocol_sha256"), builtin_sha);
    /* Patients see versions, not who made them or how many are on them. */
    enter_patient(&w, w.ana_token, ana);
    const answer *a = call(&w, "protocols", ana, NULL, NULL, NULL);
    assert_null(strstr(a->body, "doctor"));
    assert_null(strstr(a->body, "\"patients\":1"));
    assert_string_equal(call(&w, "protocol_text", ana, builtin_sha, NULL, NULL)->body, pht());
    /* A program with a newer built-in version adds it, once, and moves nobody. */
    strstr(text, "version 1.0.1")[10] = '1';
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lw_seed_protocol_add(w.store, lw__str(text), w.now_s), LW_OK);
        assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM protocol"), 5);
    }
    assert_string_equal(member(post(&w, "patient_add", doctor, "{\"name\":\"N\"}"), "protocol_sha256"), builtin_sha);
    assert_int_equal(lw_seed_protocol_add(w.store, LW_STR("nonsense"), w.now_s), LW_ERR_PROTOCOL);
    lw_buf_free(&request);
    free(text);
    world_end(&w);
}

/* ---- devices ---- */

static void devices_have_their_own_unit(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], far[64], id[37];
    enter(&w, "doctor", doctor);
    enter(&w, "far", far);
    static const char good[] =
        "{\"applicators\":[{\"mm\":15,\"name\":\"C15\"},{\"mm\":20.5}],\"pressure_bar\":{\"min\":1,\"max\":4},"
        "\"efd_mj_mm2\":null,\"rate_hz\":{\"min\":1,\"max\":15},\"impulses_max\":4000,\"serial\":\"A 1\"}";
    const answer *a =
        post(&w, "device_add", doctor, "{\"name\":\"Maker One\",\"wave\":\"radial\",\"settings\":%s}", good);
    assert_err(a, LW_OK);
    snprintf(id, sizeof id, "%s", member(a, "id"));
    assert_string_equal(member(a, "settings"), good);
    assert_string_equal(member(a, "active"), "true");
    static const struct {
        const char *wave, *settings;
        int32_t err;
    } rows[] = {
        {"focused", "{\"applicators\":[{\"mm\":15}],\"efd_mj_mm2\":{\"min\":0.01,\"max\":0.5}}", LW_OK},
        {"focused", "{\"applicators\":[{\"mm\":15}],\"efd_mj_mm2\":{\"min\":0.01,\"max\":0.5},\"pressure_bar\":null}",
         LW_OK},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"efd_mj_mm2\":{\"min\":0.01,\"max\":0.5}}", LW_ERR_MISSING},
        {"focused", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4}}", LW_ERR_MISSING},
        {"radial",
         "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4},\"efd_mj_mm2\":{\"min\":0.01,\"max\":0."
         "5}}",
         LW_ERR_VALUE},
        {"focused",
         "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4},\"efd_mj_mm2\":{\"min\":0.01,\"max\":0."
         "5}}",
         LW_ERR_VALUE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":4,\"max\":1}}", LW_ERR_RANGE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":400}}", LW_ERR_RANGE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":-1,\"max\":4}}", LW_ERR_RANGE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1}}", LW_ERR_MISSING},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":\"1\",\"max\":4}}", LW_ERR_TYPE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1e0,\"max\":4}}", LW_ERR_TYPE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1.001,\"max\":4}}", LW_ERR_TYPE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4,\"unit\":\"bar\"}}",
         LW_ERR_UNKNOWN_MEMBER},
        {"radial", "{\"applicators\":[],\"pressure_bar\":{\"min\":1,\"max\":4}}", LW_ERR_MISSING},
        {"radial", "{\"pressure_bar\":{\"min\":1,\"max\":4}}", LW_ERR_MISSING},
        {"radial", "{\"applicators\":[{\"name\":\"x\"}],\"pressure_bar\":{\"min\":1,\"max\":4}}", LW_ERR_MISSING},
        {"radial", "{\"applicators\":[[15]],\"pressure_bar\":{\"min\":1,\"max\":4}}", LW_ERR_TYPE},
        {"radial", "{\"applicators\":[{\"mm\":0}],\"pressure_bar\":{\"min\":1,\"max\":4}}", LW_ERR_RANGE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4},\"impulses_max\":0}",
         LW_ERR_RANGE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4},\"impulses_max\":10.5}",
         LW_ERR_TYPE},
        {"radial",
         "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4},\"rate_hz\":{\"min\":1,\"max\":99}}",
         LW_ERR_RANGE},
        {"radial", "{\"applicators\":[{\"mm\":15}],\"pressure_bar\":{\"min\":1,\"max\":4},\"power\":1}",
         LW_ERR_UNKNOWN_MEMBER},
        {"radial", "[]", LW_ERR_TYPE},
        {"radial", "null", LW_ERR_TYPE},
        {"piezo", "{}", LW_ERR_VALUE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        a = post(&w, "device_add", doctor, "{\"name\":\"Two\",\"wave\":\"%s\",\"settings\":%s}", rows[i].wave,
                 rows[i].settings);
        if (a->err != rows[i].err) {
            fail_msg("%s %s: %s (%s, %s)", rows[i].wave, rows[i].settings, lw_err_name(a->err), a->member, a->detail);
        }
    }
    assert_err(call(&w, "device_change", far, id, NULL, "{\"name\":\"Mine\"}"), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "device_change", doctor, id, NULL,
                    "{\"settings\":{\"applicators\":[{\"mm\":15}],\"efd_mj_mm2\":{\"min\":0.01,\"max\":0.5}}}"),
               LW_ERR_MISSING); /* still a radial one */
    a = call(&w, "device_change", doctor, id, NULL, "{\"active\":false}");
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "active"), "false");
    assert_string_equal(member(a, "name"), "Maker One");
    bool found = true;
    lw_sql *sql = lw_store_reader(w.store);
    assert_int_equal(lw_clinic_device(sql, lw__str(w.here), lw__str(id), &found), LW_OK);
    assert_false(found); /* retired */
    lw_store_reader_back(w.store, sql);
    assert_string_equal(call(&w, "devices", far, NULL, NULL, NULL)->body, "{\"devices\":[]}");
    world_end(&w);
}

/* ---- settings ---- */

static void settings_are_strict(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char admin[64];
    enter(&w, "admin", admin);
    static const struct {
        const char *settings;
        int32_t err;
    } rows[] = {{"{}", LW_OK},
                {"{\"second_factor\":\"optional\",\"night_text\":\"Nobody reads this at night.\"}", LW_OK},
                {"{\"second_factor\":\"optional\",\"visa_h_wording\":{\"q1\":\"How long …?\"}}", LW_OK},
                {"{\"second_factor\":\"never\"}", LW_ERR_VALUE},
                {"{\"second_factor\":true}", LW_ERR_VALUE},
                {"{\"night_text\":5}", LW_ERR_TYPE},
                {"{\"visa_h_wording\":[\"x\"]}", LW_ERR_TYPE},
                {"{\"visa_h_wording\":{\"q1\":1}}", LW_ERR_TYPE},
                {"{\"visa_h_wording\":{\"q1\":[null]}}", LW_ERR_TYPE},
                {"{\"second_factor\":\"optional\",\"visa_h_wording\":{\"items\":[\"a\",\"b \\\" "
                 "1\"],\"branches\":{\"none\":\"c\"}}}",
                 LW_OK},
                {"{\"colour\":\"red\"}", LW_ERR_UNKNOWN_MEMBER},
                {"[]", LW_ERR_TYPE}};
    /* Without a word about it a second factor is demanded; the first row would shut this session in, so it goes last. */
    for (size_t i = sizeof rows / sizeof rows[0]; i-- > 0;) {
        assert_err(post(&w, "clinic_change", admin, "{\"settings\":%s}", rows[i].settings), rows[i].err);
    }
    assert_err(call(&w, "clinic", admin, NULL, NULL, NULL), LW_ERR_SECOND_FACTOR);
    world_end(&w);
}

/* ---- audit ---- */

static int32_t audit_job_row(lw_sql *sql, void *ctx) {
    return lw_audit_add(sql, ctx);
}

static void trail(world *w, const char *clinic, const char *route, const char *who) {
    lw_audit row = {.at_s = w->now_s,
                    .clinic = lw__str(clinic),
                    .account = LW_STR("a-1"),
                    .route = lw__str(route),
                    .patient = lw__str(who),
                    .detail = LW_STR("x=\"1\""),
                    .status = 200};
    assert_int_equal(lw_store_write(w->store, audit_job_row, &row), LW_OK);
}

/* Recomputes the chain of an export as docs/access.md says, with nothing but its own lines. */
static int verify_lines(const char *lines) {
    int good = 0;
    for (const char *p = lines; *p != 0; p = strchr(p, '\n') + 1) {
        lw_str line = {p, (uint32_t)(strchr(p, '\n') - p)};
        static const char *const order[] = {"seq", "at_s", "status", "clinic", "account", "route", "patient", "detail"};
        lw_buf text = {0};
        lw_str value;
        uint8_t hash[32], before[32];
        char hex[65] = "";
        for (int i = 0; i < 8; i++) {
            assert_true(lw__pick(line, order[i], &value));
            lw_buf_str(&text, i == 0 ? "[" : ",");
            lw_buf_slice(&text, value);
        }
        lw_buf_str(&text, "]");
        assert_true(lw__pick(line, "before", &value) && value.len == 66);
        for (int i = 0; i < 32; i++) {
            unsigned byte;
            assert_int_equal(sscanf(value.ptr + 1 + 2 * i, "%2x", &byte), 1);
            before[i] = (uint8_t)byte;
        }
        lw__sha256 sha;
        lw__sha256_init(&sha);
        lw__sha256_update(&sha, before, 32);
        lw__sha256_update(&sha, text.ptr, text.len);
        lw__sha256_final(&sha, hash);
        lw__writer writer = lw__writer_over(hex, sizeof hex);
        lw__put_hex(&writer, hash, 32);
        lw__put_end(&writer);
        assert_true(lw__pick(line, "hash", &value));
        good += lw__pick_is(value, hex) ? 1 : 0;
        lw_buf_free(&text);
    }
    return good;
}

static void the_trail_is_the_clinics_own(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char admin[64];
    enter(&w, "admin", admin);
    for (int i = 0; i < 5; i++) {
        trail(&w, w.here, "plan", "p-ana");
        trail(&w, w.there, "plan", "p-bo");
    }
    trail(&w, w.here, "clinic", "");
    const answer *a = call(&w, "audit", admin, NULL, "limit=4", NULL);
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "intact"), "true");
    assert_null(strstr(a->body, "p-bo"));
    assert_non_null(strstr(a->body, "{\"rows\":[{\"seq\":11,"));
    assert_string_equal(member(a, "next"), "5");
    a = call(&w, "audit", admin, NULL, "limit=4&before=5", NULL);
    assert_non_null(strstr(a->body, "{\"rows\":[{\"seq\":3,"));
    assert_string_equal(member(a, "next"), "null");
    a = call(&w, "audit", admin, NULL, "patient=p-ana", NULL);
    assert_null(strstr(a->body, "\"route\":\"clinic\""));
    assert_string_equal(call(&w, "audit", admin, NULL, "patient=p-bo", NULL)->body,
                        "{\"rows\":[],\"next\":null,\"intact\":true}");
    assert_string_equal(call(&w, "audit", admin, NULL, "account=nobody", NULL)->body,
                        "{\"rows\":[],\"next\":null,\"intact\":true}");
    a = call(&w, "audit_export", admin, NULL, NULL, NULL);
    assert_err(a, LW_OK);
    assert_null(strstr(a->body, "p-bo"));
    assert_int_equal(verify_lines(a->body), 6);
    /* A row that was changed shows, here and to an outsider. */
    run_script(w.store, "UPDATE audit SET account = 'a-2' WHERE seq = 9");
    lw_identity_close(w.identity);
    identity_begin(&w);
    a = call(&w, "audit", admin, NULL, NULL, NULL);
    assert_string_equal(member(a, "intact"), "false");
    assert_int_equal(verify_lines(call(&w, "audit_export", admin, NULL, NULL, NULL)->body), 5);
    run_script(w.store, "UPDATE audit SET account = 'a-1' WHERE seq = 9");
    assert_string_equal(member(call(&w, "audit", admin, NULL, NULL, NULL), "intact"), "true");
    /* Cut off at the end, after it was seen: shows too. */
    run_script(w.store, "DELETE FROM audit WHERE seq = 11");
    assert_string_equal(member(call(&w, "audit", admin, NULL, NULL, NULL), "intact"), "false");
    world_end(&w);
}

/* ---- backups ---- */

static int backup_files(bool remove) {
    DIR *dir = opendir(getenv("LW_SCRATCH"));
    int count = 0;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (strncmp(e->d_name, "loadwave-", 9) == 0) {
            count++;
            if (remove) {
                unlink(scratch_path(e->d_name));
            }
        }
    }
    closedir(dir);
    return count;
}

static void a_backup_is_made_beside(void **state) {
    (void)state;
    if (getenv("LW_SCRATCH") == NULL) {
        skip();
    }
    world w;
    world_begin(&w, false);
    backup_files(true);
    char admin[64], file[100];
    enter(&w, "admin", admin);
    const answer *a = call(&w, "backup_make", admin, NULL, NULL, "{}");
    assert_err(a, LW_OK);
    assert_int_equal(a->status, 202);
    snprintf(file, sizeof file, "%s", member(a, "file"));
    assert_string_equal(file, "loadwave-2026-03-08T100000Z.sqlite");
    pthread_join(w.identity->backup, NULL);
    w.identity->backup_started = false;
    a = call(&w, "backups", admin, NULL, NULL, NULL);
    char want[200];
    snprintf(want, sizeof want, "\"backups\":[{\"file\":\"%s\",\"bytes\":", file);
    assert_non_null(strstr(a->body, want));
    lw_store *copy = open_store(scratch_path(file), false);
    assert_int_equal(ask_int(copy, "SELECT COUNT(*) FROM patient"), 2);
    lw_store_close(copy);
    assert_int_equal(backup_files(true) >= 1, 1);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_folded),
        cmocka_unit_test(the_list_pages_and_searches),
        cmocka_unit_test(patients_are_added_and_changed),
        cmocka_unit_test(erased_is_erased),
        cmocka_unit_test(the_last_admin_stays),
        cmocka_unit_test(people_of_the_own_clinic_only),
        cmocka_unit_test(cover_is_a_colleague_for_a_while),
        cmocka_unit_test(a_patient_moves_when_accepted),
        cmocka_unit_test(the_protocol_comes_along),
        cmocka_unit_test(what_does_not_compile_says_where),
        cmocka_unit_test(new_patients_start_on_the_current_one),
        cmocka_unit_test(devices_have_their_own_unit),
        cmocka_unit_test(settings_are_strict),
        cmocka_unit_test(the_trail_is_the_clinics_own),
        cmocka_unit_test(a_backup_is_made_beside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
