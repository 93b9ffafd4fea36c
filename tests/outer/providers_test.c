/* providers_test.c: the list of who gives shockwave: who may read it, who may change it, and that it stays the clinic's own. */
#include "identity_support.h"

static const char ONE[] = "{\"name\":\"Dr Öz\",\"place\":\"Łódź\",\"wave\":\"radial\",\"contact\":\"+48 42 000\"}";

static void the_list_is_the_clinics_own(void **state) {
    (void)state;
    world w;
    char doctor[64], far[64], ana[64], id[37];
    world_begin(&w, false);
    enter(&w, "doctor", doctor);
    enter(&w, "far", far);
    enter_patient(&w, w.ana_token, ana);
    const answer *a = call(&w, "provider_add", doctor, NULL, NULL, ONE);
    assert_err(a, LW_OK);
    snprintf(id, sizeof id, "%s", member(a, "id"));
    assert_string_equal(member(a, "place"), "Łódź");
    assert_string_equal(member(a, "note"), "");

    /* patients of the clinic read it and cannot change it; nobody else sees it */
    a = call(&w, "providers", ana, NULL, NULL, NULL);
    assert_err(a, LW_OK);
    assert_non_null(strstr(a->body, "Dr Öz"));
    assert_err(call(&w, "provider_add", ana, NULL, NULL, ONE), LW_ERR_FORBIDDEN);
    assert_err(call(&w, "provider_remove", ana, id, NULL, NULL), LW_ERR_FORBIDDEN);
    assert_err(call(&w, "providers", NULL, NULL, NULL, NULL), LW_ERR_SIGN_IN);
    a = call(&w, "providers", far, NULL, NULL, NULL);
    assert_string_equal(a->body, "{\"providers\":[]}");
    assert_err(call(&w, "provider_change", far, id, NULL, "{\"name\":\"Mine\"}"), LW_ERR_NOT_FOUND);
    assert_err(call(&w, "provider_remove", far, id, NULL, NULL), LW_ERR_NOT_FOUND);

    /* what is not sent stays; a note can become empty again */
    a = call(&w, "provider_change", doctor, id, NULL, "{\"note\":\"asks for a scan first\"}");
    assert_err(a, LW_OK);
    assert_string_equal(member(a, "contact"), "+48 42 000");
    a = call(&w, "provider_change", doctor, id, NULL, "{\"note\":\"\",\"wave\":\"both\"}");
    assert_string_equal(member(a, "note"), "");
    assert_string_equal(member(a, "wave"), "both");
    assert_err(call(&w, "provider_remove", doctor, id, NULL, NULL), LW_OK);
    assert_err(call(&w, "provider_remove", doctor, id, NULL, NULL), LW_ERR_NOT_FOUND);
    world_end(&w);
}

static void entries_are_checked(void **state) {
    (void)state;
    world w;
    char doctor[64];
    world_begin(&w, false);
    enter(&w, "doctor", doctor);
    static const struct {
        const char *body, *member;
        int32_t err;
    } rows[] = {
        {"{\"name\":\"A\",\"place\":\"B\",\"wave\":\"laser\",\"contact\":\"C\"}", "wave", LW_ERR_VALUE},
        {"{\"name\":\"  \",\"place\":\"B\",\"wave\":\"both\",\"contact\":\"C\"}", "name", LW_ERR_VALUE},
        {"{\"name\":\"A\\nB\",\"place\":\"B\",\"wave\":\"both\",\"contact\":\"C\"}", "name", LW_ERR_VALUE},
        {"{\"name\":\"A\",\"place\":\"B\",\"wave\":\"both\"}", "contact", LW_ERR_MISSING},
        {"{\"name\":\"A\",\"place\":\"B\",\"wave\":\"both\",\"contact\":\"C\",\"stars\":5}", "stars",
         LW_ERR_UNKNOWN_MEMBER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const answer *a = call(&w, "provider_add", doctor, NULL, NULL, rows[i].body);
        assert_err(a, rows[i].err);
        assert_string_equal(a->member, rows[i].member);
    }
    for (int i = 0; i < 500; i++) {
        assert_err(post(&w, "provider_add", doctor,
                        "{\"name\":\"P %d\",\"place\":\"B\",\"wave\":\"unknown\",\"contact\":\"C\"}", i),
                   LW_OK);
    }
    assert_err(call(&w, "provider_add", doctor, NULL, NULL, ONE), LW_ERR_LIMIT);
    world_end(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_list_is_the_clinics_own),
                                       cmocka_unit_test(entries_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
