/*
 * fhir_render_test.c: codes, dates and ids of the FHIR facade; what a record becomes; and the heap refusing at every call.
 *
 * What only the server emits (AuditEvent, CapabilityStatement) is left in the scratch folder, for the validators of tests/fhir.
 */
#include <sys/stat.h>

#include "record_support.h"
#include "refusing_heap.h"
#include "server/fhir/fhir_render_internal.h"

/* ---- the record of tests/fhir, which has a little of everything ---- */

static struct {
    opened of;
    const lw_protocol *protocol;
    void *memory;
    lw_fhir_source source;
    lw_fhir_access accesses[4];
} all;

static int begin(void **state) {
    (void)state;
    text_open(&all.of, LW_SOURCE_DIR "/tests/fhir/everything.jsonl", 0);
    record_open(&all.of);
    all.protocol = protocol_open(&all.memory);
    int32_t day = record_plan(&all.of, all.protocol);
    all.accesses[0] = (lw_fhir_access){.id = "0195a0c2-7b1e-7001-8000-000000000aaa",
                                       .at_s = 1768200000,
                                       .who = "Dr. Łódź",
                                       .who_name = "Dr. Łódź",
                                       .address = "192.0.2.7",
                                       .patient = "everything",
                                       .about = "Observation/0195a0c2-7b1e-7001-8000-000000000105",
                                       .action = 'R'};
    all.accesses[1] = (lw_fhir_access){.id = "0195a0c2-7b1e-7001-8000-000000000aab",
                                       .at_s = 1768200001,
                                       .who = "everything",
                                       .by_patient = true,
                                       .address = NULL,
                                       .patient = "everything",
                                       .about = "Observation?code=72514-3&date=ge2026",
                                       .action = 'E',
                                       .refused = true};
    all.accesses[2] = (lw_fhir_access){.id = "0195a0c2-7b1e-7001-8000-000000000aac",
                                       .at_s = 1768200002,
                                       .who = "everything",
                                       .by_patient = true,
                                       .patient = "everything",
                                       .about = "Observation/0195a0c2-7b1e-7001-8000-000000000106",
                                       .action = 'C'};
    /* of nobody's record, by an account that is no practitioner's */
    all.accesses[3] = (lw_fhir_access){.id = "0195a0c2-7b1e-7001-8000-000000000aad",
                                       .at_s = 1768200003,
                                       .who = "0195a0c2-7b1e-7001-8000-0000000000ad",
                                       .action = 'R'};
    all.source = (lw_fhir_source){.record = &all.of.record,
                                  .protocol = all.protocol,
                                  .plan = all.of.work.json,
                                  .day = day,
                                  .patient = "everything",
                                  .name = "Anna Beispiel",
                                  .language = "es",
                                  .accesses = all.accesses,
                                  .access_count = 4};
    return 0;
}

static lw_buf shown;

static int end(void **state) {
    (void)state;
    record_close(&all.of);
    free(all.memory);
    lw_buf_free(&shown);
    return 0;
}

/* The JSON of one resource; NUL-terminated, until the next call. */
static const char *json_of(const lw_fhir_set *set, int type, const char *id, lw_fhir_version version) {
    lw_buf_clear(&shown);
    const lw_fhir_resource *r = lw_fhir_find(set, type, str(id));
    if (r == NULL) {
        return NULL;
    }
    assert_int_equal(lw_fhir_write(set, r, version, &shown), LW_OK);
    return shown.ptr;
}

#define E(n) "0195a0c2-7b1e-7001-8000-000000000" n

static void says(const char *json, const char *part) {
    if (json == NULL || strstr(json, part) == NULL) {
        fail_msg("%s\nis not in\n%s", part, json != NULL ? json : "(nothing)");
    }
}

static void says_not(const char *json, const char *part) {
    if (json == NULL || strstr(json, part) != NULL) {
        fail_msg("%s\nis in\n%s", part, json != NULL ? json : "(nothing)");
    }
}

/* ---- dates ---- */

static void an_interval_has_the_precision_of_its_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t from, span;
    } good[] = {
        {"1970", 0, 365 * 86400},
        {"1972", 2 * 365 * 86400, 366 * 86400},
        {"1970-02", 31 * 86400, 28 * 86400},
        {"1970-12", 334 * 86400, 31 * 86400},
        {"1970-01-02", 86400, 86400},
        {"1970-01-01T00:01", 60, 60},
        {"1970-01-01T00:01Z", 60, 60},
        {"1970-01-01T00:00:05Z", 5, 1},
        {"1970-01-01T00:00:05.999Z", 5, 1},
        {"1970-01-01T01:00:00+01:00", 0, 1},
        {"1970-01-01T01:00:00 01:00", 0, 1},
        {"1969-12-31T20:30:00-03:30", 0, 1},
        {"1969-12-31", -86400, 86400},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t from = 1, to = 1;
        lw_str text = heap_copy(str(good[i].text));
        if (!lw_fhir_interval(text, &from, &to) || from != good[i].from || to - from != good[i].span) {
            fail_msg("%s: %lld..%lld", good[i].text, (long long)from, (long long)to);
        }
        free((void *)(uintptr_t)text.ptr);
    }
    static const char *const bad[] = {"",
                                      "197",
                                      "0000",
                                      "1970-",
                                      "1970-13",
                                      "1970-00",
                                      "1970-02-30",
                                      "1970-01-01T",
                                      "1970-01-01T24:00",
                                      "1970-01-01T00:60",
                                      "1970-01-01T00:00:60Z",
                                      "1970-01-01T00:00:00.Z",
                                      "1970-01-01T00:00:00+15:00",
                                      "1970-01-01T00:00:00+01:60",
                                      "1970-01-01T00:00:00+0100",
                                      "1970-01-01T0:00",
                                      "1970-01T00:00",
                                      "1970-01-01x",
                                      "today"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t from = 7, to = 7;
        lw_str text = heap_copy(str(bad[i]));
        if (lw_fhir_interval(text, &from, &to) || from != 7 || to != 7) {
            fail_msg("\"%s\" is no date", bad[i]);
        }
        free((void *)(uintptr_t)text.ptr);
    }
}

/* ---- ids ---- */

static void what_is_an_id_stays_and_what_is_none_is_hashed(void **state) {
    (void)state;
    char id[65], other[65];
    lw_fhir_id(str("p-001.B"), id);
    assert_string_equal(id, "p-001.B");
    static const char *const odd[] = {"", "a_b", "a b", "Łódź",
                                      "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggggg"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        lw_fhir_id(str(odd[i]), id);
        assert_int_equal(strlen(id), 34);
        assert_memory_equal(id, "x-", 2);
        lw_fhir_id(str(odd[(i + 1) % 5]), other);
        assert_string_not_equal(id, other);
    }
}

static void ids_are_unique_and_found_again(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    assert_true(set.count > 90);
    uint32_t types = 0;
    for (uint32_t i = 0; i < set.count; i++) {
        const lw_fhir_resource *r = &set.items[i];
        char same[65];
        lw_fhir_id(str(r->id), same);
        assert_string_equal(r->id, same);
        assert_ptr_equal(lw_fhir_find(&set, r->type, str(r->id)), r);
        types |= UINT32_C(1) << r->type;
        for (uint32_t f = 0; f < r->fact_count; f++) { /* what it can be found by is what the table allows */
            const lw_fhir_param_info *info = &lw_fhir_param_table[r->facts[f].param];
            bool own = (info->types & UINT32_C(1) << r->type) != 0;
            if (!own && r->facts[f].param != LW_FHIR_P_PATIENT) {
                fail_msg("%s has no parameter %s", lw_fhir_type_name(r->type), info->name);
            }
            assert_true(info->kind != LW_FHIR_DATE || r->facts[f].from_s < r->facts[f].to_s);
        }
    }
    for (int type = 0; type < LW_FHIR_TYPES; type++) {
        bool here = (types & UINT32_C(1) << type) != 0;
        if (!here && type != LW_FHIR_SERVICE_REQUEST) { /* a red flag or the like may ask nothing of the day */
            fail_msg("no %s", lw_fhir_type_name(type));
        }
        assert_int_equal(lw_fhir_type_of(str(lw_fhir_type_name(type))), type);
    }
    assert_null(lw_fhir_type_name(LW_FHIR_TYPES));
    assert_int_equal(lw_fhir_type_of(str("Medication")), -1);
    assert_int_equal(lw_fhir_param_of(LW_FHIR_OBSERVATION, str("value-quantity")), LW_FHIR_P_VALUE_QUANTITY);
    assert_int_equal(lw_fhir_param_of(LW_FHIR_PATIENT, str("value-quantity")), -1);
    lw_fhir_free(&set);
    all.source.types = UINT32_C(1) << LW_FHIR_PROCEDURE;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    assert_int_equal(set.count, 3);
    all.source.types = 0;
    lw_fhir_free(&set);
}

/* ---- codes ---- */

static void every_code_has_a_text_and_the_unsure_are_marked(void **state) {
    (void)state;
    for (int code = 0; code < LW_FHIR_CODES; code++) {
        const lw_fhir_code_info *info = &lw_fhir_code_table[code];
        assert_true(info->text[0] != '\0' && lw__fhir_is_code(str(info->code)) && strchr(info->system, ':') != NULL);
        assert_true(info->standing != LW_FHIR_OWN || strcmp(info->system, LW_FHIR_OWN_SYSTEM) == 0);
        lw_buf out = {0};
        lw__fj_concept(&out, NULL, code, -1, -1);
        bool marked = strstr(out.ptr, "urn:loadwave:fhir:code-standing") != NULL;
        assert_int_equal(marked, info->standing >= LW_FHIR_SECONDARY);
        says(out.ptr, "\"text\":\"");
        lw_buf_free(&out);
        for (int other = code + 1; other < LW_FHIR_CODES; other++) {
            const lw_fhir_code_info *also = &lw_fhir_code_table[other];
            assert_false(strcmp(info->system, also->system) == 0 && strcmp(info->code, also->code) == 0);
        }
    }
}

static void texts_and_numbers_are_what_fhir_allows(void **state) {
    (void)state;
    lw_buf out = {0};
    lw__fj_open(&out, NULL, '{');
    lw__fj_text(&out, "a", "  x\x01y\n\"z\\u0001 ");
    lw__fj_text(&out, "b", " \t ");
    lw__fj_x100(&out, "c", -305);
    lw__fj_x100(&out, "d", 250);
    lw__fj_x100(&out, "e", 7);
    lw__fj_x100(&out, "f", 0);
    lw__fj_instant(&out, "g", -1);
    lw__fj_close(&out, '}');
    assert_string_equal(out.ptr, "{\"a\":\"x      y\\u000a\\\"z\\\\u0001\",\"c\":-3.05,\"d\":2.5,\"e\":0.07,\"f\":0,"
                                 "\"g\":\"1969-12-31T23:59:59Z\"}");
    lw_buf_free(&out);
    assert_true(lw__fhir_is_code(str("a b")));
    assert_false(lw__fhir_is_code(str("a  b")) || lw__fhir_is_code(str(" a")) || lw__fhir_is_code(str("a ")) ||
                 lw__fhir_is_code(str("a\tb")) || lw__fhir_is_code(str("")));
}

/* ---- what a record becomes ---- */

static void a_pressure_stays_a_pressure(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *radial = json_of(&set, LW_FHIR_OBSERVATION, E("111") "-dose", LW_FHIR_R4);
    says(radial, "{\"value\":2.5,\"unit\":\"bar\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"bar\"}");
    says_not(radial, "mJ");
    says(radial, "\"partOf\":[{\"reference\":\"Procedure/" E("111") "\"}]");
    const char *focused = json_of(&set, LW_FHIR_OBSERVATION, E("110") "-dose", LW_FHIR_R4);
    says(focused, "\"value\":0.15,\"unit\":\"mJ/mm2\"");
    says_not(focused, "\"bar\"");
    assert_null(json_of(&set, LW_FHIR_OBSERVATION, E("112") "-dose", LW_FHIR_R4)); /* nothing is known of it */
    lw_fhir_free(&set);
}

static void what_was_voided_is_in_error_or_gone(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *given = json_of(&set, LW_FHIR_PROCEDURE, E("111"), LW_FHIR_R4);
    says(given, "\"status\":\"entered-in-error\"");
    says(given, "\"lastUpdated\":\"2026-01-12T19:05:00Z\""); /* when it was voided */
    says(json_of(&set, LW_FHIR_QUESTIONNAIRE_RESPONSE, E("10a"), LW_FHIR_R4), "\"status\":\"entered-in-error\"");
    says(json_of(&set, LW_FHIR_PROCEDURE, E("110"), LW_FHIR_R4), "\"status\":\"completed\"");
    lw_fhir_free(&set);
}

static void an_exercise_keeps_each_of_its_sets(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *sets = json_of(&set, LW_FHIR_OBSERVATION, E("10b"), LW_FHIR_R4);
    says(sets, "\"url\":\"urn:loadwave:fhir:set\",\"valuePositiveInt\":3");
    says(sets, "\"value\":6.5,\"unit\":\"{score}\"");
    const char *same = json_of(&set, LW_FHIR_OBSERVATION, E("10c"), LW_FHIR_R4);
    says_not(same, "urn:loadwave:fhir:set\"");
    says(same, "\"value\":22.5,\"unit\":\"kg\"");
    says(same, "\"valueString\":\"3-0-3\"");
    says_not(same, "urn:loadwave:fhir:exercise"); /* its name is no code */
    const char *skipped = json_of(&set, LW_FHIR_OBSERVATION, E("10d"), LW_FHIR_R4);
    says(skipped, "\"code\":\"not-performed\"");
    says_not(skipped, "\"component\"");
    says_not(skipped, "\"value\":0");
    lw_fhir_free(&set);
}

static void a_visa_h_with_its_answers_is_a_response(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *response = json_of(&set, LW_FHIR_QUESTIONNAIRE_RESPONSE, E("105"), LW_FHIR_R4);
    says(response, "\"questionnaire\":\"urn:loadwave:fhir:Questionnaire:visa-h|1\"");
    says(response, "\"linkId\":\"q8b\"");
    says_not(response, "\"linkId\":\"q8a\"");
    says(response,
         "\"linkId\":\"total\",\"text\":\"VISA-H, the sum of the points\",\"answer\":[{\"valueDecimal\":44}]");
    const char *form = json_of(&set, LW_FHIR_QUESTIONNAIRE, "loadwave-visa-h", LW_FHIR_R4);
    says(form, "sdc-questionnaire-calculatedExpression\",\"valueExpression\":");
    says(form, "StructureDefinition/ordinalValue\",\"valueDecimal\":7}");
    says(form, "Questionnaire.versionAlgorithm[x]\",\"valueCoding\":{");
    form = json_of(&set, LW_FHIR_QUESTIONNAIRE, "loadwave-visa-h", LW_FHIR_R5);
    says(form, "StructureDefinition/itemWeight\"");
    says(form, "\"versionAlgorithmCoding\":{");
    says_not(form, "5.0/StructureDefinition");
    says(json_of(&set, LW_FHIR_QUESTIONNAIRE, "loadwave-checkin", LW_FHIR_R4),
         "\"valueCode\":\"es\"},{\"url\":\"content\",\"valueString\":\"¿Horas dormidas?\"");
    says(json_of(&set, LW_FHIR_OBSERVATION, E("105"), LW_FHIR_R4),
         "\"derivedFrom\":[{\"reference\":\"QuestionnaireResponse/" E("105") "\"}]");
    assert_null(json_of(&set, LW_FHIR_QUESTIONNAIRE_RESPONSE, E("106"), LW_FHIR_R4));
    assert_null(json_of(&set, LW_FHIR_QUESTIONNAIRE_RESPONSE, E("11d"), LW_FHIR_R4)); /* its points are not its score */
    says_not(json_of(&set, LW_FHIR_OBSERVATION, E("11d"), LW_FHIR_R4), "derivedFrom");
    /* a test without a pain is no answer of the form */
    says_not(json_of(&set, LW_FHIR_QUESTIONNAIRE_RESPONSE, E("10a"), LW_FHIR_R4), "\"linkId\":\"test\"");
    says(json_of(&set, LW_FHIR_QUESTIONNAIRE_RESPONSE, E("109"), LW_FHIR_R4), "-03:30\"");
    lw_fhir_free(&set);
    assert_non_null(lw_fhir_form_of(str("urn:loadwave:fhir:Questionnaire:checkin|1")));
    assert_ptr_equal(lw_fhir_form_of(str("urn:loadwave:fhir:Questionnaire:visa-h")),
                     &lw_fhir_forms[LW_FHIR_FORM_VISA_H]);
    assert_null(lw_fhir_form_of(str("urn:loadwave:fhir:Questionnaire:checkin|2")));
    assert_null(lw_fhir_form_of(str("urn:loadwave:fhir:Questionnaire:checkin|")));
    assert_null(lw_fhir_form_of(str("urn:loadwave:fhir:Questionnaire:check")));
}

static void what_was_done_says_what_it_was_done_for(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *asked = json_of(&set, LW_FHIR_SERVICE_REQUEST, E("119") "-bridge-hold-single.l", LW_FHIR_R4);
    says(asked, "\"status\":\"completed\"");
    says(asked, "\"authoredOn\":\"2026-01-07\"");
    says(asked, "\"text\":\"hold 30 s\"");
    says_not(asked, "instantiatesCanonical"); /* that plan was made by another protocol */
    says(json_of(&set, LW_FHIR_OBSERVATION, E("10b"), LW_FHIR_R4),
         "\"basedOn\":[{\"reference\":\"ServiceRequest/" E("119") "-bridge-hold-single.l\"}]");
    /* nobody did the other side, nor what that plan never had; what was skipped was asked, all the same */
    assert_null(json_of(&set, LW_FHIR_SERVICE_REQUEST, E("119") "-bridge-hold-single.r", LW_FHIR_R4));
    says_not(json_of(&set, LW_FHIR_OBSERVATION, E("10c"), LW_FHIR_R4), "basedOn");
    says(json_of(&set, LW_FHIR_SERVICE_REQUEST, E("11a") "-hip-thrust.b", LW_FHIR_R4), "\"status\":\"revoked\"");
    says(json_of(&set, LW_FHIR_OBSERVATION, E("10d"), LW_FHIR_R4), "\"basedOn\"");
    says_not(json_of(&set, LW_FHIR_OBSERVATION, E("10e"), LW_FHIR_R4), "basedOn");
    lw_fhir_free(&set);
}

static void a_goal_has_the_numbers_of_its_own_rule(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *run = json_of(&set, LW_FHIR_GOAL, E("101") "-goal", LW_FHIR_R4);
    says(run, "\"code\":\"in-progress\"");
    says(run, "\"code\":\"visa-h\",\"display\":\"VISA-H total\"}],\"text\":\"VISA-H total\"},"
              "\"detailQuantity\":{\"value\":80,\"comparator\":\">=\"");
    says(run, "\"text\":\"Pain in the test rdl\"},\"detailQuantity\":{\"value\":2,\"comparator\":\"<=\"");
    says_not(run, "Pain in the test hop"); /* that one is for sprinting and sport */
    lw_fhir_free(&set);
    lw_fhir_source bare = all.source;
    bare.protocol = NULL;
    bare.plan = (lw_str){"", 0};
    assert_int_equal(lw_fhir_list(&bare, &set), LW_OK);
    const char *unknown = json_of(&set, LW_FHIR_GOAL, E("101") "-goal", LW_FHIR_R4);
    says_not(unknown, "target");
    says_not(unknown, "achievementStatus");
    lw_fhir_free(&set);
    /* the last stage, and nothing flares: then it is achieved */
    static const char plan[] =
        "{\"status\":\"%s\",\"stage\":{\"id\":\"%s\"},\"flare\":\"%s\",\"session\":{\"items\":[]}}";
    static const struct {
        const char *status, *stage, *flare, *word;
    } cases[] = {{"active", "maintenance", "none", "achieved"},     {"discharged", "maintenance", "none", "achieved"},
                 {"active", "maintenance", "minor", "in-progress"}, {"paused", "strength", "none", "in-progress"},
                 {"stopped", "maintenance", "none", NULL},          {"discharged", "strength", "none", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[200];
        lw_fhir_source other = all.source;
        snprintf(text, sizeof text, plan, cases[i].status, cases[i].stage, cases[i].flare);
        other.plan = str(text);
        assert_int_equal(lw_fhir_list(&other, &set), LW_OK);
        const char *goal = json_of(&set, LW_FHIR_GOAL, E("101") "-goal", LW_FHIR_R4);
        if (cases[i].word == NULL) {
            says_not(goal, "achievementStatus");
        } else {
            char code[60];
            snprintf(code, sizeof code, "goal-achievement\",\"code\":\"%s\"", cases[i].word);
            says(goal, code);
        }
        lw_fhir_free(&set);
    }
}

static void r5_says_it_in_its_own_members(void **state) {
    (void)state;
    static const struct {
        int type;
        const char *id, *r4, *r5;
    } pairs[] = {
        {LW_FHIR_PROCEDURE, E("110"), "\"performedDateTime\":", "\"occurrenceDateTime\":"},
        {LW_FHIR_PROCEDURE, E("110"), "\"usedReference\":[{\"reference\":\"",
         "\"used\":[{\"reference\":{\"reference\":\""},
        {LW_FHIR_ADVERSE_EVENT, E("113") "-ae1", "\"event\":{", "\"status\":\"completed\""},
        {LW_FHIR_GOAL, E("101") "-goal", "\"expressedBy\":", "\"source\":"},
        {LW_FHIR_SERVICE_REQUEST, E("119") "-bridge-hold-single.l", "\"orderDetail\":[{\"coding\"",
         "\"orderDetail\":[{\"parameter\""},
        {LW_FHIR_CARE_PLAN, E("104"), "\"author\":", "\"custodian\":"},
        {LW_FHIR_DEVICE, "loadwave", "\"deviceName\":", "\"name\":[{\"value\":\"Loadwave\""},
        {LW_FHIR_CONDITION, E("101") "-left", "\"recorder\":", "\"participant\":"},
        {LW_FHIR_QUESTIONNAIRE, "loadwave-checkin", "\"type\":\"choice\"", "\"type\":\"coding\""},
        {LW_FHIR_AUDIT_EVENT, E("aaa"), "\"subtype\":[", "\"category\":["},
    };
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        says(json_of(&set, pairs[i].type, pairs[i].id, LW_FHIR_R4), pairs[i].r4);
        says(json_of(&set, pairs[i].type, pairs[i].id, LW_FHIR_R5), pairs[i].r5);
    }
    lw_fhir_free(&set);
}

static void an_effect_names_what_it_followed(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *bruise = json_of(&set, LW_FHIR_ADVERSE_EVENT, E("113") "-ae1", LW_FHIR_R4);
    says(bruise, "\"code\":\"Serious\"");
    says(bruise, "\"suspectEntity\":[{\"instance\":{\"reference\":\"Procedure/" E("110") "\"}}]");
    const char *ache = json_of(&set, LW_FHIR_ADVERSE_EVENT, E("114") "-ae1", LW_FHIR_R4);
    says(ache, "\"code\":\"Non-serious\"");
    says_not(ache, "suspectEntity");
    says_not(json_of(&set, LW_FHIR_ADVERSE_EVENT, E("110") "-ae1", LW_FHIR_R4), "seriousness"); /* nobody said */
    says(json_of(&set, LW_FHIR_ADVERSE_EVENT, E("110") "-ae2", LW_FHIR_R4), "(nothing written)");
    lw_fhir_free(&set);
}

static void an_access_is_shaped_as_balp_wants_it(void **state) {
    (void)state;
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    const char *read = json_of(&set, LW_FHIR_AUDIT_EVENT, E("aaa"), LW_FHIR_R4);
    says(read, "\"action\":\"R\"");
    says(read, "\"outcome\":\"0\"");
    says(read, "\"network\":{\"address\":\"192.0.2.7\",\"type\":\"2\"}");
    says(read, "\"code\":\"110152\"");
    says(read, "\"code\":\"110153\"");
    says(read, "\"what\":{\"reference\":\"Patient/everything\"}");
    const char *search = json_of(&set, LW_FHIR_AUDIT_EVENT, E("aab"), LW_FHIR_R4);
    says(search, "\"query\":\"T2JzZXJ2YXRpb24/Y29kZT03MjUxNC0zJmRhdGU9Z2UyMDI2\"");
    says(search, "\"outcome\":\"4\"");
    const char *made = json_of(&set, LW_FHIR_AUDIT_EVENT, E("aac"), LW_FHIR_R4);
    says(made, "\"code\":\"AUT\""); /* who writes is the author */
    says_not(made, "\"code\":\"IRCP\"");
    says(made, "\"who\":{\"reference\":\"Patient/everything\"");
    const char *nobody = json_of(&set, LW_FHIR_AUDIT_EVENT, E("aad"), LW_FHIR_R4);
    says_not(nobody, "Patient/");
    says_not(nobody, "Practitioner/");
    says(nobody, "\"who\":{\"identifier\":{\"system\":\"urn:loadwave:fhir:account\"");
    lw_fhir_free(&set);
}

/* ---- bad sources, and the samples ---- */

static void a_plan_that_is_none_is_an_error(void **state) {
    (void)state;
    static const char *const bad[] = {"{", "{}", "{\"status\":\"active\"}",
                                      "{\"status\":1,\"session\":{\"items\":[]}}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        lw_fhir_source source = all.source;
        lw_fhir_set set;
        source.plan = str(bad[i]);
        assert_int_not_equal(lw_fhir_list(&source, &set), LW_OK);
        lw_fhir_free(&set);
    }
    lw_record empty = {0};
    lw_fhir_source source = {.record = &empty, .patient = "nobody"};
    lw_fhir_set set;
    lw_buf out = {0};
    assert_int_equal(lw_fhir_list(&source, &set), LW_OK);
    assert_int_equal(lw_fhir_bundle(&set, LW_FHIR_R4, 0, &out), LW_OK);
    says(out.ptr, "\"id\":\"nobody\"");
    lw_buf_free(&out);
    lw_fhir_free(&set);
}

static void keep(const char *name, const lw_buf *text) {
    const char *folder = getenv("LW_SCRATCH");
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder != NULL ? folder : "/tmp", name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text->ptr, 1, text->len, file), text->len);
    fclose(file);
}

static void samples_for_the_validators_are_left(void **state) {
    (void)state;
    static const char *const ends[] = {"r4", "r5"};
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    for (int v = LW_FHIR_R4; v <= LW_FHIR_R5; v++) {
        lw_buf out = {0};
        char name[40];
        lw_fhir_server server = {
            .base = "http://127.0.0.1/fhir", .started_s = 1768200000, .creates = UINT32_C(1) << LW_FHIR_OBSERVATION};
        assert_int_equal(lw_fhir_capability(&server, (lw_fhir_version)v, &out), LW_OK);
        snprintf(name, sizeof name, "capability.%s.json", ends[v]);
        keep(name, &out);
        for (int i = 0; i < 4; i++) {
            lw_buf_clear(&out);
            const lw_fhir_resource *r = lw_fhir_find(&set, LW_FHIR_AUDIT_EVENT, str(all.accesses[i].id));
            assert_int_equal(lw_fhir_write(&set, r, (lw_fhir_version)v, &out), LW_OK);
            snprintf(name, sizeof name, "access%d.%s.json", i, ends[v]);
            keep(name, &out);
        }
        lw_buf_free(&out);
    }
    lw_fhir_free(&set);
}

static void the_heap_may_refuse_at_any_call(void **state) {
    (void)state;
    lw_buf whole = {0};
    lw_fhir_set set;
    assert_int_equal(lw_fhir_list(&all.source, &set), LW_OK);
    assert_int_equal(lw_fhir_bundle(&set, LW_FHIR_R5, 0, &whole), LW_OK);
    lw_fhir_free(&set);
    long refused = 0;
    for (long n = 0;; n++) {
        lw_buf out = {0};
        heap_refuse(n);
        int32_t err = lw_fhir_list(&all.source, &set);
        err = err == LW_OK ? lw_fhir_bundle(&set, LW_FHIR_R5, 0, &out) : err;
        bool enough = !heap_refused();
        bool same = err == LW_OK && out.len == whole.len && memcmp(out.ptr, whole.ptr, out.len) == 0;
        lw_buf_free(&out);
        lw_fhir_free(&set);
        if (enough) {
            assert_true(same);
            break;
        }
        refused++;
        if (err != LW_ERR_NO_MEMORY) {
            fail_msg("call %ld refused, and the answer is %s", n, lw_err_name(err));
        }
    }
    assert_true(refused > 20);
    lw_buf_free(&whole);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_interval_has_the_precision_of_its_text),
        cmocka_unit_test(what_is_an_id_stays_and_what_is_none_is_hashed),
        cmocka_unit_test(ids_are_unique_and_found_again),
        cmocka_unit_test(every_code_has_a_text_and_the_unsure_are_marked),
        cmocka_unit_test(texts_and_numbers_are_what_fhir_allows),
        cmocka_unit_test(a_pressure_stays_a_pressure),
        cmocka_unit_test(what_was_voided_is_in_error_or_gone),
        cmocka_unit_test(an_exercise_keeps_each_of_its_sets),
        cmocka_unit_test(a_visa_h_with_its_answers_is_a_response),
        cmocka_unit_test(what_was_done_says_what_it_was_done_for),
        cmocka_unit_test(a_goal_has_the_numbers_of_its_own_rule),
        cmocka_unit_test(r5_says_it_in_its_own_members),
        cmocka_unit_test(an_effect_names_what_it_followed),
        cmocka_unit_test(an_access_is_shaped_as_balp_wants_it),
        cmocka_unit_test(a_plan_that_is_none_is_an_error),
        cmocka_unit_test(samples_for_the_validators_are_left),
        cmocka_unit_test(the_heap_may_refuse_at_any_call),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
