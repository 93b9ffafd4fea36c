/*
 * authorize_test.c: every combination of roles, asked about every route and every kind of patient.
 *
 * The table below is written by hand from what each role is for, not from schema/routes.json: a route whose access changes
 * there and not here turns this test red. Letters stand for patient, clinician, admin, researcher: s the own record or
 * account, c the own clinic, - nothing; "open" needs no sign-in.
 */
#include "server/http.h"
#include "test_support.h"

static const char *const table[][2] = {
    {"about", "open"},
    {"sign_in", "open"},
    {"passkey_challenge", "open"},
    {"passkey_sign_in", "open"},
    {"invite_look", "open"},
    {"invite_accept", "open"},
    {"calendar_feed", "open"},
    {"email_confirm", "open"},
    {"email_stop_look", "open"},
    {"email_stop", "open"},

    {"sign_out", "ssss"},
    {"me", "ssss"},
    {"me_change", "ssss"},
    {"sessions", "ssss"},
    {"session_end", "ssss"},
    {"passkeys", "ssss"},
    {"passkey_add", "ssss"},
    {"passkey_remove", "ssss"},
    {"password_change", "-sss"},
    {"totp_begin", "-sss"},
    {"totp_confirm", "-sss"},

    {"reminders", "s---"},
    {"reminders_change", "s---"},
    {"reminders_email", "s---"},
    {"reminders_later", "s---"},
    {"browser_add", "s---"},
    {"browser_remove", "s---"},
    {"browser_test", "s---"},
    {"calendar_address", "s---"},
    {"calendar_revoke", "s---"},

    {"patients", "-cc-"},
    {"patient_add", "-c--"},
    {"patient", "scc-"},
    {"patient_change", "sc--"},
    {"patient_erase", "s-c-"},
    {"patient_invite", "-c--"},
    {"events", "sc--"},
    {"events_add", "sc--"},
    {"plan", "sc--"},
    {"decide", "-c--"},
    {"export", "sc--"},
    {"report_ask", "sc--"},
    {"report", "sc--"},
    {"report_file", "sc--"},
    {"patient_protocol", "-c--"},
    {"handover_offer", "-c--"},
    {"handovers", "-c--"},
    {"handover_accept", "-c--"},

    {"queue", "-c--"},
    {"card_ack", "-c--"},
    {"card_snooze", "-c--"},
    {"burden", "-cc-"},
    {"clinic", "-cc-"},
    {"clinic_change", "--c-"},
    {"clinics", "-c--"},
    {"clinic_post", "-cc-"},
    {"people", "-cc-"},
    {"person_add", "--c-"},
    {"person_change", "--c-"},
    {"person_invite", "--c-"},
    {"cover", "-c--"},
    {"audit", "--c-"},
    {"audit_export", "--c-"},
    {"usage", "-cc-"},
    {"backups", "--c-"},
    {"backup_make", "--c-"},
    {"devices", "-cc-"},
    {"device_add", "-cc-"},
    {"device_change", "-cc-"},
    {"providers", "ccc-"},
    {"provider_add", "-cc-"},
    {"provider_change", "-cc-"},
    {"provider_remove", "-cc-"},
    {"protocols", "ccc-"},
    {"protocol_text", "ccc-"},
    {"protocol_publish", "-c--"},
    {"research_ask", "---c"},
    {"research", "---c"},
    {"research_file", "---c"},
    {"live", "scc-"},

    {"fhir_metadata", "open"},
    {"fhir_everything", "sc--"},
    {"fhir_search", "scc-"},
    {"fhir_read", "scc-"},
    {"fhir_search_post", "scc-"},
    {"fhir_create", "sc--"},
};
enum { ROWS = sizeof table / sizeof table[0] };

/* What is known without any second factor where one is demanded: the own account, to put things right. */
static const char *const bare[] = {"sign_out",        "me",         "me_change",   "sessions",
                                   "session_end",     "passkeys",   "passkey_add", "passkey_remove",
                                   "password_change", "totp_begin", "totp_confirm"};

typedef struct whose {
    const char *what;
    lw_target target;
    bool own_record, own_clinic, exists;
} whose;

static const whose kinds[] = {
    {"the own record", {.patient = "p-1", .clinic = "here"}, true, true, true},
    {"another record of the clinic", {.patient = "p-2", .clinic = "here"}, false, true, true},
    {"a record of another clinic", {.patient = "p-3", .clinic = "there"}, false, false, true},
    {"no record at all", {.patient = "p-4"}, false, false, false},
    {"an erased record of the clinic", {.patient = "p-5", .clinic = "here", .erased = true}, false, true, true},
    {"an erased record of another clinic", {.patient = "p-6", .clinic = "there", .erased = true}, false, false, true},
    {"the own record, erased a moment ago", {.patient = "p-1", .clinic = "here", .erased = true}, true, true, true},
    {"the own record, just handed to another clinic", {.patient = "p-1", .clinic = "there"}, true, false, true},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *row_of(const char *id) {
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(table[i][0], id) == 0) {
            return table[i][1];
        }
    }
    fail_msg("%s stands in no row of the table", id);
    return "";
}

static bool is_bare(const char *id) {
    bool found = false;
    for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++) {
        found = found || strcmp(bare[i], id) == 0;
    }
    return found;
}

static int32_t expected(const lw_route *route, const char *row, const lw_principal *who, const whose *kind) {
    if (strcmp(row, "open") == 0) {
        return LW_OK;
    }
    if (who->roles == 0) {
        return LW_ERR_SIGN_IN;
    }
    bool self = false, clinic = false;
    for (int i = 0; i < 4; i++) {
        self = self || ((who->roles & (1u << i)) != 0 && row[i] == 's');
        clinic = clinic || ((who->roles & (1u << i)) != 0 && row[i] == 'c');
    }
    if (!self && !clinic) {
        return LW_ERR_FORBIDDEN;
    }
    if (who->limited && !is_bare(route->id)) {
        return LW_ERR_SECOND_FACTOR;
    }
    if (strstr(route->path, "{patient}") == NULL) {
        return LW_OK;
    }
    bool own = (who->roles & LW_ROLE_PATIENT) != 0 && kind->own_record;
    bool reached = kind->exists && ((self && own) || (clinic && kind->own_clinic));
    return !reached ? LW_ERR_NOT_FOUND : kind->target.erased ? LW_ERR_GONE : LW_OK;
}

static void every_role_and_route(void **state) {
    (void)state;
    uint32_t asked = 0, allowed = 0, answers[64] = {0};
    for (uint32_t r = 0; r < lw_route_count; r++) {
        const lw_route *route = &lw_routes[r];
        const char *row = row_of(route->id);
        for (uint32_t roles = 0; roles < 16; roles++) {
            for (int limited = 0; limited < 2; limited++) {
                lw_principal who = {.clinic = "here", .account = "a", .roles = roles, .limited = limited != 0};
                if ((roles & LW_ROLE_PATIENT) != 0) {
                    snprintf(who.patient, sizeof who.patient, "p-1");
                }
                for (int k = 0; k < KINDS; k++) {
                    int32_t want = expected(route, row, &who, &kinds[k]);
                    int32_t got = lw_authorize(route, &who, &kinds[k].target);
                    if (got != want) {
                        fail_msg("%s, roles %u%s, %s: %s instead of %s", route->id, roles, limited ? " (limited)" : "",
                                 kinds[k].what, lw_err_name(got), lw_err_name(want));
                    }
                    asked++;
                    allowed += got == LW_OK ? 1 : 0;
                    answers[-got]++;
                }
            }
        }
    }
    print_message(
        "%u routes x 16 role sets x 2 x %d patients: %u asked, %u allowed, %u sign in, %u forbidden, %u not found, "
        "%u gone, %u second factor\n",
        lw_route_count, KINDS, asked, allowed, answers[-LW_ERR_SIGN_IN], answers[-LW_ERR_FORBIDDEN],
        answers[-LW_ERR_NOT_FOUND], answers[-LW_ERR_GONE], answers[-LW_ERR_SECOND_FACTOR]);
    assert_int_equal(asked, lw_route_count * 16 * 2 * KINDS);
}

static void the_table_knows_every_route(void **state) {
    (void)state;
    assert_int_equal(lw_route_count, ROWS);
    for (uint32_t r = 0; r < lw_route_count; r++) {
        for (uint32_t other = 0; other < r; other++) {
            assert_string_not_equal(lw_routes[r].id, lw_routes[other].id);
        }
        assert_int_equal(lw_routes[r].open, strcmp(row_of(lw_routes[r].id), "open") == 0);
    }
}

static void empty_texts_match_nothing(void **state) {
    (void)state;
    /* A principal without a clinic or patient, and a target without: two blanks are not the same place. */
    const lw_principal nobody = {.roles = 15};
    const lw_target blank = {.erased = false};
    for (uint32_t r = 0; r < lw_route_count; r++) {
        if (strstr(lw_routes[r].path, "{patient}") != NULL) {
            assert_int_equal(lw_authorize(&lw_routes[r], &nobody, &blank), LW_ERR_NOT_FOUND);
        }
    }
}

static void who_touches_a_person_is_audited(void **state) {
    (void)state;
    for (uint32_t r = 0; r < lw_route_count; r++) {
        if (strstr(lw_routes[r].path, "{patient}") != NULL || strcmp(lw_routes[r].id, "research_ask") == 0 ||
            strcmp(lw_routes[r].id, "research_file") == 0 || strcmp(lw_routes[r].id, "patients") == 0) {
            assert_true(lw_routes[r].audited);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_and_route),
        cmocka_unit_test(the_table_knows_every_route),
        cmocka_unit_test(empty_texts_match_nothing),
        cmocka_unit_test(who_touches_a_person_is_audited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
