/*
 * sign_in_test.c: passwords, authenticator codes at the door, sessions, invites; each against a real store.
 */
#include "identity_support.h"

static int32_t find(world *w, const char *cookie, lw_principal *who) {
    return lw_session_find(w->identity, lw__str(cookie), w->now_s, who);
}

/* That the session was used is noted in a job nobody waits for; here the clock jumps, so this waits for it. */
static bool signed_in(world *w, const char *cookie) {
    lw_principal who;
    assert_int_equal(find(w, cookie, &who), LW_OK);
    run_script(w->store, "SELECT 1");
    return who.roles != 0;
}

/* ---- the password ---- */

static void a_good_password_opens(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    const answer *a = post(&w, "sign_in", NULL, "{\"login\":\"DOCTOR\",\"password\":\"%s\"}", GOOD);
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "account"), w.doctor);
    assert_string_equal(member(a, "roles"), "[\"clinician\"]");
    assert_string_equal(member(a, "strong"), "false");
    assert_string_equal(member(a, "needs_second_factor"), "false");
    assert_non_null(strstr(a->set_cookie, "; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200"));
    assert_null(strstr(a->set_cookie, "Secure")); /* plain http on this machine */
    assert_int_equal(strlen(a->cookie), strlen("lw_session=") + 43);
    char cookie[64];
    memcpy(cookie, a->cookie, sizeof cookie);
    assert_err(call(&w, "me", cookie, NULL, NULL, NULL), LW_OK);
    /* The cookie itself is nowhere in the file. */
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM session"), 1);
    assert_err(call(&w, "me", NULL, NULL, NULL, NULL), LW_ERR_SIGN_IN);
    world_end(&w);
}

static void wrong_ones_answer_alike(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char unknown[240];
    const answer *a = post(&w, "sign_in", NULL, "{\"login\":\"nobody\",\"password\":\"%s\"}", GOOD);
    assert_err(a, LW_ERR_SIGN_IN);
    memcpy(unknown, a->detail, sizeof unknown);
    a = post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"something else\"}");
    assert_err(a, LW_ERR_SIGN_IN);
    assert_string_equal(a->detail, unknown);
    a = post(&w, "sign_in", NULL, "{\"login\":\"not a login!\",\"password\":\"something else\"}");
    assert_err(a, LW_ERR_SIGN_IN);
    assert_string_equal(a->detail, unknown);
    assert_string_equal(a->cookie, "");
    world_end(&w);
}

static void guessing_gets_slower(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    static const char *const names[] = {"doctor", "nobody"};
    for (int n = 0; n < 2; n++) { /* a name that does not exist is slowed down in the same way */
        w.now_s = T_NOW + n * 100000;
        for (int i = 0; i < 5; i++) {
            assert_err(post(&w, "sign_in", NULL, "{\"login\":\"%s\",\"password\":\"wrong\"}", names[n]),
                       LW_ERR_SIGN_IN);
        }
        const answer *a = post(&w, "sign_in", NULL, "{\"login\":\"%s\",\"password\":\"%s\"}", names[n], GOOD);
        assert_err(a, LW_ERR_RATE);
        assert_int_equal(a->retry_s, 30);
        w.now_s += 30;
        assert_err(post(&w, "sign_in", NULL, "{\"login\":\"%s\",\"password\":\"wrong\"}", names[n]), LW_ERR_SIGN_IN);
        a = post(&w, "sign_in", NULL, "{\"login\":\"%s\",\"password\":\"%s\"}", names[n], GOOD);
        assert_err(a, LW_ERR_RATE);
        assert_int_equal(a->retry_s, 60); /* doubled */
    }
    /* A restart does not forgive. */
    w.now_s = T_NOW + 31;
    lw_identity_close(w.identity);
    identity_begin(&w);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_ERR_RATE);
    w.now_s = T_NOW + 200;
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_OK);
    assert_int_equal(ask_int(w.store, "SELECT MAX(failed) FROM account"), 0);
    /* And a good sign-in begins anew: five more tries are free. */
    for (int i = 0; i < 4; i++) {
        assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"wrong\"}"), LW_ERR_SIGN_IN);
    }
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_OK);
    world_end(&w);
}

static void passwords_that_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *password;
        int32_t err;
    } rows[] = {
        {"short", LW_ERR_RANGE},
        {"elevenchars", LW_ERR_RANGE},
        {"password1234", LW_ERR_VALUE},
        {"PASSWORD1234", LW_ERR_VALUE},
        {"aaaaaaaaaaaaaaaa", LW_ERR_VALUE},
        {"abababababababab", LW_ERR_VALUE},
        {"dr.someone@clinic.example", LW_ERR_VALUE},
        {"wet paper\xff boats in June", LW_ERR_UTF8},
        {"wet paper boats in June", LW_OK},
        {"\xc5\x81\xc3\xb3"
         "d\xc5\xba jest pi\xc4\x99kne!",
         LW_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int32_t err = lw_password_check(lw__str(rows[i].password), LW_STR("Dr.Someone@clinic.example"));
        if (err != rows[i].err) {
            fail_msg("%s: %s", rows[i].password, lw_err_name(err));
        }
    }
    char hash[LW_PASSWORD_TEXT], again[LW_PASSWORD_TEXT];
    assert_int_equal(lw_password_hash(lw__str(GOOD), hash), LW_OK);
    assert_int_equal(lw_password_hash(lw__str(GOOD), again), LW_OK);
    assert_int_equal(strncmp(hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31), 0);
    assert_string_not_equal(hash, again);
}

static void a_new_password_ends_other_sessions(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char one[64], two[64];
    enter(&w, "doctor", one);
    enter(&w, "doctor", two);
    assert_true(signed_in(&w, one) && signed_in(&w, two));
    assert_err(post(&w, "password_change", one, "{\"old\":\"wrong\",\"new\":\"another fine password\"}"), LW_ERR_VALUE);
    assert_err(post(&w, "password_change", one, "{\"old\":\"%s\",\"new\":\"password1234\"}", GOOD), LW_ERR_VALUE);
    assert_true(signed_in(&w, two));
    assert_err(post(&w, "password_change", one, "{\"old\":\"%s\",\"new\":\"another fine password\"}", GOOD), LW_OK);
    assert_true(signed_in(&w, one));
    assert_false(signed_in(&w, two));
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_ERR_SIGN_IN);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"another fine password\"}"), LW_OK);
    world_end(&w);
}

/* ---- the second factor ---- */

static void a_clinic_that_demands_it(void **state) {
    (void)state;
    world w;
    world_begin(&w, true);
    char cookie[64], digits[7];
    enter(&w, "doctor", cookie);
    assert_err(call(&w, "patients", cookie, NULL, NULL, NULL), LW_ERR_SECOND_FACTOR);
    assert_err(call(&w, "patient", cookie, "p-ana", NULL, NULL), LW_ERR_SECOND_FACTOR);
    const answer *a = call(&w, "me", cookie, NULL, NULL, NULL);
    assert_string_equal(member(a, "needs_second_factor"), "true");
    a = call(&w, "totp_begin", cookie, NULL, NULL, "{}");
    assert_err(a, LW_OK);
    assert_int_equal(strlen(member(a, "secret")), 32);
    assert_non_null(strstr(a->body, "otpauth://totp/Loadwave:doctor?secret="));
    lw__pending *p = &w.identity->pending[0];
    assert_err(post(&w, "totp_confirm", cookie, "{\"code\":\"000000\"}"), LW_ERR_VALUE);
    assert_int_equal(lw_totp_code(p->secret, 20, w.now_s, digits), LW_OK);
    uint8_t secret[20];
    memcpy(secret, p->secret, 20);
    assert_err(post(&w, "totp_confirm", cookie, "{\"code\":\"%s\"}", digits), LW_OK);
    assert_err(call(&w, "patients", cookie, NULL, NULL, NULL), LW_OK); /* this session is strong now */
    assert_err(post(&w, "totp_confirm", cookie, "{\"code\":\"%s\"}", digits), LW_ERR_NOT_FOUND);

    /* From now on the door asks. The step that confirmed the secret is used up. */
    a = post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD);
    assert_err(a, LW_ERR_SECOND_FACTOR);
    assert_string_equal(a->member, "code");
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\",\"code\":\"%s\"}", GOOD, digits),
               LW_ERR_SECOND_FACTOR);
    w.now_s += 60;
    assert_int_equal(lw_totp_code(secret, 20, w.now_s, digits), LW_OK);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"wrong\",\"code\":\"%s\"}", digits),
               LW_ERR_SIGN_IN);
    a = post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\",\"code\":\"%s\"}", GOOD, digits);
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "strong"), "true");
    /* The same six digits do not open twice. */
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\",\"code\":\"%s\"}", GOOD, digits),
               LW_ERR_SECOND_FACTOR);
    world_end(&w);
}

static void a_weak_session_adds_no_second_second_factor(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char weak[64], strong[64], digits[7];
    enter(&w, "doctor", weak);
    enter(&w, "doctor", strong);
    assert_err(call(&w, "totp_begin", strong, NULL, NULL, "{}"), LW_OK);
    assert_int_equal(lw_totp_code(w.identity->pending[0].secret, 20, w.now_s, digits), LW_OK);
    /* A secret belongs to the session that asked for it. */
    assert_err(post(&w, "totp_confirm", weak, "{\"code\":\"%s\"}", digits), LW_ERR_NOT_FOUND);
    assert_err(post(&w, "totp_confirm", strong, "{\"code\":\"%s\"}", digits), LW_OK);
    assert_err(call(&w, "totp_begin", weak, NULL, NULL, "{}"), LW_ERR_SECOND_FACTOR);
    assert_err(post(&w, "passkey_challenge", weak, "{\"purpose\":\"add\"}"), LW_ERR_SECOND_FACTOR);
    assert_err(call(&w, "totp_begin", strong, NULL, NULL, "{}"), LW_OK);
    world_end(&w);
}

static void demanding_it_narrows_sessions_at_once(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], admin[64], ana[64];
    enter(&w, "doctor", doctor);
    enter(&w, "admin", admin);
    enter_patient(&w, w.ana_token, ana);
    assert_err(call(&w, "patients", doctor, NULL, NULL, NULL), LW_OK);
    assert_err(post(&w, "clinic_change", admin, "{\"settings\":{\"second_factor\":\"required\"}}"), LW_OK);
    assert_err(call(&w, "patients", doctor, NULL, NULL, NULL), LW_ERR_SECOND_FACTOR);
    assert_err(call(&w, "clinic", admin, NULL, NULL, NULL), LW_ERR_SECOND_FACTOR);
    assert_err(call(&w, "patient", ana, "p-ana", NULL, NULL), LW_OK); /* patients have a bound device */
    world_end(&w);
}

/* ---- sessions ---- */

static void sessions_end_by_time(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char cookie[64], ana[64];
    enter(&w, "doctor", cookie);
    w.now_s += 29 * 60;
    assert_true(signed_in(&w, cookie));
    w.now_s += 29 * 60; /* use keeps it alive */
    assert_true(signed_in(&w, cookie));
    w.now_s += 30 * 60;
    assert_false(signed_in(&w, cookie));
    w.now_s = T_NOW;
    enter(&w, "doctor", cookie);
    for (int i = 0; i < 24; i++) {
        assert_true(signed_in(&w, cookie));
        w.now_s += 29 * 60;
    }
    w.now_s = T_NOW + 12 * 3600; /* twelve hours in any case */
    assert_false(signed_in(&w, cookie));
    w.now_s = T_NOW;
    enter_patient(&w, w.ana_token, ana);
    w.now_s += 89LL * 86400;
    assert_true(signed_in(&w, ana));
    w.now_s += 90LL * 86400;
    assert_false(signed_in(&w, ana));
    world_end(&w);
}

static void sessions_are_listed_and_ended(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char one[64], two[64], admin[64], id[65] = "";
    enter(&w, "doctor", one);
    w.now_s += 5;
    enter(&w, "doctor", two);
    enter(&w, "admin", admin);
    const answer *a = call(&w, "sessions", one, NULL, NULL, NULL);
    assert_err(a, LW_OK);
    assert_non_null(strstr(a->body, "\"label\":\"Firefox, Linux\",\"kind\":\"browser\""));
    const char *other = strstr(a->body, "\"id\":\""); /* the latest first: two */
    memcpy(id, other + 6, 64);
    assert_err(call(&w, "session_end", admin, id, NULL, NULL), LW_ERR_NOT_FOUND); /* somebody else's */
    assert_true(signed_in(&w, two));
    assert_err(call(&w, "session_end", one, id, NULL, NULL), LW_OK);
    assert_false(signed_in(&w, two));
    assert_err(call(&w, "session_end", one, id, NULL, NULL), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "session_end", one, "zz", NULL, NULL), LW_ERR_NOT_FOUND);
    a = call(&w, "sign_out", one, NULL, NULL, "{}");
    assert_err(a, LW_OK);
    assert_non_null(strstr(a->set_cookie, "lw_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"));
    assert_false(signed_in(&w, one));
    assert_true(signed_in(&w, admin));
    world_end(&w);
}

static void the_cache_forgets_in_time(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64];
    lw_principal who;
    enter(&w, "doctor", doctor);
    w.now_s = (int64_t)time(NULL) + 1000000; /* past every fence */
    run_script(w.store, "UPDATE session SET seen_s = 4000000000, expires_s = 4100000000");
    assert_int_equal(find(&w, doctor, &who), LW_OK);
    assert_int_equal(who.roles, LW_ROLE_CLINICIAN);
    /* Behind the server's back: at most a minute until it shows. */
    run_script(w.store, "UPDATE account SET roles = 8 WHERE login = 'doctor'");
    assert_int_equal(find(&w, doctor, &who), LW_OK);
    assert_int_equal(who.roles, LW_ROLE_CLINICIAN);
    w.now_s += 60;
    assert_int_equal(find(&w, doctor, &who), LW_OK);
    assert_int_equal(who.roles, LW_ROLE_RESEARCHER);
    /* Through the server: at once, and nothing is cached while the change may not be committed yet. */
    run_script(w.store, "UPDATE account SET roles = 4 WHERE login = 'doctor'");
    lw_session_drop(w.identity, w.doctor);
    assert_int_equal(find(&w, doctor, &who), LW_OK);
    assert_int_equal(who.roles, LW_ROLE_ADMIN);
    run_script(w.store, "UPDATE account SET roles = 2 WHERE login = 'doctor'");
    assert_int_equal(find(&w, doctor, &who), LW_OK);
    assert_int_equal(who.roles, LW_ROLE_CLINICIAN);
    world_end(&w);
}

static void cookies_that_open_nothing(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char good[64], text[400];
    enter(&w, "doctor", good);
    assert_true(signed_in(&w, good));
    static const char *const bad[] = {
        "lw_session=",
        "lw_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "lw_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "lw_session=' OR 1=1 --",
        "lw_sessio=x",
        ";;;;",
        "xlw_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(signed_in(&w, bad[i]));
    }
    snprintf(text, sizeof text, "theme=dark; %s; x=y", good);
    assert_true(signed_in(&w, text));
    snprintf(text, sizeof text, "%s; lw_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", good);
    assert_false(signed_in(&w, text)); /* two of a name: somebody tosses cookies */
    snprintf(text, sizeof text, "%s=", good);
    assert_false(signed_in(&w, text));
    world_end(&w);
}

static void signing_in_anew_ends_the_session_before(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char one[64];
    enter(&w, "doctor", one);
    assert_err(post(&w, "sign_in", one, "{\"login\":\"admin\",\"password\":\"%s\"}", GOOD), LW_OK);
    assert_false(signed_in(&w, one));
    world_end(&w);
}

/* ---- invites ---- */

static void an_invite_binds_a_device_once(void **state) {
    (void)state;
    world w;
    world_begin(&w, true);
    const answer *a = call(&w, "invite_look", NULL, w.ana_token, NULL, NULL);
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "clinic"), "Here");
    assert_string_equal(member(a, "patient"), "p-ana");
    assert_err(call(&w, "invite_accept", NULL, w.ana_token, NULL, "{\"password\":\"wet paper boats\"}"), LW_ERR_VALUE);
    a = call(&w, "invite_accept", NULL, w.ana_token, NULL, "{\"label\":\"Ana's phone\"}");
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "strong"), "true");
    assert_string_equal(member(a, "patient"), "p-ana");
    assert_non_null(strstr(a->set_cookie, "Max-Age=34560000"));
    char cookie[64];
    memcpy(cookie, a->cookie, 64);
    assert_err(call(&w, "invite_accept", NULL, w.ana_token, NULL, "{}"), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "invite_look", NULL, w.ana_token, NULL, NULL), LW_ERR_NOT_FOUND);
    a = call(&w, "sessions", cookie, NULL, NULL, NULL);
    assert_non_null(strstr(a->body, "\"label\":\"Ana's phone\",\"kind\":\"device\""));
    assert_err(call(&w, "patient", cookie, "p-ana", NULL, NULL), LW_OK);
    assert_err(call(&w, "patient", cookie, "p-bo", NULL, NULL), LW_ERR_NOT_FOUND);
    /* The token itself is not stored: its hash is. */
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM invite WHERE used_s IS NOT NULL"), 1);
    world_end(&w);
}

static void an_invite_ends(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    w.now_s += LW_INVITE_PATIENT_S;
    assert_err(call(&w, "invite_accept", NULL, w.ana_token, NULL, "{}"), LW_ERR_NOT_FOUND);
    w.now_s = T_NOW;
    assert_err(call(&w, "invite_accept", NULL, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL, "{}"),
               LW_ERR_NOT_FOUND);
    assert_err(call(&w, "invite_accept", NULL, "x", NULL, "{}"), LW_ERR_NOT_FOUND);
    /* A new one ends the one before. */
    char doctor[64], fresh[44];
    enter(&w, "doctor", doctor);
    const answer *a = call(&w, "patient_invite", doctor, "p-ana", NULL, "{}");
    assert_err(a, LW_OK);
    snprintf(fresh, sizeof fresh, "%s", member(a, "token"));
    char url[200];
    snprintf(url, sizeof url, "%s/#/i/%s", ORIGIN, fresh);
    assert_string_equal(member(a, "url"), url);
    assert_err(call(&w, "invite_accept", NULL, w.ana_token, NULL, "{}"), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "invite_accept", NULL, fresh, NULL, "{}"), LW_OK);
    world_end(&w);
}

static void staff_set_a_password(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char admin[64], token[44], id[37], cookie[64];
    enter(&w, "admin", admin);
    const answer *a =
        post(&w, "person_add", admin, "{\"name\":\"Nora\",\"login\":\"Nora@x\",\"roles\":[\"clinician\"]}");
    assert_err(a, LW_OK);
    snprintf(token, sizeof token, "%s", member(a, "token"));
    snprintf(id, sizeof id, "%s", member(a, "account"));
    assert_non_null(strstr(a->body, "/clinic/#/i/"));
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"nora@x\",\"password\":\"%s\"}", GOOD), LW_ERR_SIGN_IN);
    assert_err(call(&w, "invite_accept", NULL, token, NULL, "{}"), LW_ERR_MISSING);
    assert_err(call(&w, "invite_accept", NULL, token, NULL, "{\"password\":\"short\"}"), LW_ERR_RANGE);
    a = call(&w, "invite_accept", NULL, token, NULL, "{\"password\":\"a boat of wet paper\"}");
    assert_err(a, LW_OK);
    memcpy(cookie, a->cookie, 64);
    assert_string_equal(member(a, "account"), id);
    assert_string_equal(member(a, "strong"), "false");
    assert_err(call(&w, "patients", cookie, NULL, NULL, NULL), LW_OK);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"NORA@x\",\"password\":\"a boat of wet paper\"}"), LW_OK);
    /* Invited again: password, second factor and sessions begin anew when it is accepted. */
    a = call(&w, "person_invite", admin, id, NULL, "{}");
    assert_err(a, LW_OK);
    snprintf(token, sizeof token, "%s", member(a, "token"));
    assert_true(signed_in(&w, cookie));
    assert_err(call(&w, "invite_accept", NULL, token, NULL, "{\"password\":\"a boat of dry paper\"}"), LW_OK);
    assert_false(signed_in(&w, cookie));
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"nora@x\",\"password\":\"a boat of wet paper\"}"),
               LW_ERR_SIGN_IN);
    world_end(&w);
}

typedef struct racer {
    world *w;
    answer result;
} racer;

static void *race(void *ctx) {
    racer *r = ctx;
    call_into(r->w, "invite_accept", NULL, r->w->ana_token, NULL, "{}", &r->result);
    return NULL;
}

static void of_many_who_accept_one_wins(void **state) {
    (void)state;
    enum { RACERS = 6 };
    static racer racers[RACERS];
    world w;
    world_begin(&w, false);
    pthread_t threads[RACERS];
    for (int i = 0; i < RACERS; i++) {
        racers[i].w = &w;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    int won = 0;
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        won += racers[i].result.err == LW_OK ? 1 : 0;
        assert_true(racers[i].result.err == LW_OK || racers[i].result.err == LW_ERR_NOT_FOUND ||
                    racers[i].result.err == LW_ERR_BUSY);
    }
    assert_int_equal(won, 1);
    assert_int_equal(ask_int(w.store, "SELECT COUNT(*) FROM session"), 1);
    world_end(&w);
}

static void at_most_two_hashes_at_once(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    /* Nobody leaves the gate: the third waits, and gives up. */
    pthread_mutex_lock(&w.identity->lock);
    w.identity->hashing = LW__HASHES;
    w.identity->waiting = LW__HASHES_WAITING;
    pthread_mutex_unlock(&w.identity->lock);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_ERR_RATE);
    w.identity->hashing = w.identity->waiting = 0;
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_OK);
    world_end(&w);
}

static void shut_out_means_at_once(void **state) {
    (void)state;
    world w;
    world_begin(&w, false);
    char doctor[64], admin[64];
    enter(&w, "doctor", doctor);
    enter(&w, "admin", admin);
    assert_err(call(&w, "patients", doctor, NULL, NULL, NULL), LW_OK);
    assert_err(call(&w, "person_change", admin, w.doctor, NULL, "{\"roles\":[\"researcher\"]}"), LW_OK);
    assert_err(call(&w, "patients", doctor, NULL, NULL, NULL), LW_ERR_FORBIDDEN);
    assert_err(call(&w, "person_change", admin, w.doctor, NULL, "{\"disabled\":true}"), LW_OK);
    assert_err(call(&w, "me", doctor, NULL, NULL, NULL), LW_ERR_SIGN_IN);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_ERR_SIGN_IN);
    assert_err(call(&w, "person_invite", admin, w.doctor, NULL, "{}"), LW_ERR_VALUE);
    assert_err(call(&w, "person_change", admin, w.doctor, NULL, "{\"disabled\":false}"), LW_OK);
    assert_err(post(&w, "sign_in", NULL, "{\"login\":\"doctor\",\"password\":\"%s\"}", GOOD), LW_OK);
    world_end(&w);
}

static void origins(void **state) {
    (void)state;
    static const struct {
        const char *origin;
        int32_t err;
    } rows[] = {{"https://clinic.example", LW_OK},
                {"http://localhost:8080", LW_OK},
                {"http://[::1]:8080", LW_OK},
                {"https://clinic.example/", LW_ERR_VALUE},
                {"clinic.example", LW_ERR_VALUE},
                {"https://clinic.example:", LW_ERR_VALUE},
                {"https://", LW_ERR_VALUE},
                {"https://a b", LW_ERR_VALUE},
                {"https://clinic.example:80x", LW_ERR_VALUE},
                {"ftp://clinic.example", LW_ERR_VALUE},
                {"https://user@clinic.example", LW_ERR_VALUE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        lw_identity *identity = NULL;
        const lw_identity_options options = {.origin = rows[i].origin};
        assert_int_equal(lw_identity_open(&options, &identity), rows[i].err);
        lw_identity_close(identity);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_password_opens),
        cmocka_unit_test(wrong_ones_answer_alike),
        cmocka_unit_test(guessing_gets_slower),
        cmocka_unit_test(passwords_that_are_refused),
        cmocka_unit_test(a_new_password_ends_other_sessions),
        cmocka_unit_test(a_clinic_that_demands_it),
        cmocka_unit_test(a_weak_session_adds_no_second_second_factor),
        cmocka_unit_test(demanding_it_narrows_sessions_at_once),
        cmocka_unit_test(sessions_end_by_time),
        cmocka_unit_test(sessions_are_listed_and_ended),
        cmocka_unit_test(the_cache_forgets_in_time),
        cmocka_unit_test(cookies_that_open_nothing),
        cmocka_unit_test(signing_in_anew_ends_the_session_before),
        cmocka_unit_test(an_invite_binds_a_device_once),
        cmocka_unit_test(an_invite_ends),
        cmocka_unit_test(staff_set_a_password),
        cmocka_unit_test(of_many_who_accept_one_wins),
        cmocka_unit_test(at_most_two_hashes_at_once),
        cmocka_unit_test(shut_out_means_at_once),
        cmocka_unit_test(origins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
