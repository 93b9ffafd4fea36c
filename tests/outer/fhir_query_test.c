/*
 * fhir_query_test.c: searches. Dates against a naive oracle that knows only seconds: every prefix, every precision, every pair;
 * then tokens, quantities, strings, references, what is refused, and pages that neither lose nor repeat anything.
 */
#include <stdio.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_query.h"
#include "test_support.h"

/* ---- the oracle: an interval is the set of its seconds; a question is asked of each second ---- */

enum { WORLD = 12 }; /* seconds of a small world */

static bool in(int64_t x, int64_t from, int64_t to) {
    return from <= x && x < to;
}

/* What the words of docs/fhir.md say, second by second. */
static bool naive(lw_fhir_prefix prefix, int64_t sf, int64_t st, int64_t tf, int64_t tt) {
    bool all_inside = true, some_after = false, some_before = false, none_before_end = true, none_after_start = true;
    for (int64_t x = -WORLD; x < 2 * WORLD; x++) {
        if (in(x, tf, tt)) {
            all_inside = all_inside && in(x, sf, st);
            some_after = some_after || x >= st;
            some_before = some_before || x < sf;
            none_before_end = none_before_end && x >= st;
            none_after_start = none_after_start && x < sf;
        }
    }
    switch (prefix) {
    case LW_FHIR_EQ:
        return all_inside;
    case LW_FHIR_NE:
        return !all_inside;
    case LW_FHIR_GT:
        return some_after;
    case LW_FHIR_LT:
        return some_before;
    case LW_FHIR_GE:
        return some_after || all_inside;
    case LW_FHIR_LE:
        return some_before || all_inside;
    case LW_FHIR_SA:
        return none_before_end;
    default:
        return none_after_start;
    }
}

static void prefixes_against_the_oracle(void **state) {
    (void)state;
    for (int64_t sf = 0; sf < WORLD; sf++) {
        for (int64_t st = sf + 1; st <= WORLD; st++) {
            for (int64_t tf = 0; tf < WORLD; tf++) {
                for (int64_t tt = tf + 1; tt <= WORLD; tt++) {
                    for (int p = LW_FHIR_EQ; p <= LW_FHIR_EB; p++) {
                        assert_int_equal(lw_fhir_date_meets((lw_fhir_prefix)p, sf, st, tf, tt, 0),
                                         naive((lw_fhir_prefix)p, sf, st, tf, tt));
                    }
                }
            }
        }
    }
}

static void about_is_wider_the_longer_ago(void **state) {
    (void)state;
    assert_true(lw_fhir_date_meets(LW_FHIR_AP, 1000, 1001, 1050, 1051, 2000)); /* a tenth of 1000 either way */
    assert_false(lw_fhir_date_meets(LW_FHIR_AP, 1000, 1001, 1101, 1102, 2000));
    assert_false(lw_fhir_date_meets(LW_FHIR_AP, 1000, 1001, 1050, 1051, 1000));
}

/* ---- a search over made-up resources ---- */

enum { NOW = 1772600000 }; /* 2026-03-04 */
static lw_pool pool;

static int end_pool(void **state) {
    (void)state;
    lw_pool_free(&pool);
    return 0;
}

static int32_t ask(int type, const char *query, bool lenient, lw_fhir_search *out, lw_fhir_issues *issues) {
    *issues = (lw_fhir_issues){0};
    return lw_fhir_search_read(&pool, type, lw__str(query), lenient, "https://here/fhir", NOW, out, issues);
}

/* Whether an observation with these facts is found by the query. */
static bool finds(const char *query, const lw_fhir_fact *facts, uint32_t count) {
    lw_fhir_search search;
    lw_fhir_issues issues;
    const lw_fhir_resource resource = {
        .type = LW_FHIR_OBSERVATION, .id = "o-1", .updated_s = NOW - 60, .facts = facts, .fact_count = count};
    int32_t err = ask(LW_FHIR_OBSERVATION, query, false, &search, &issues);
    if (err != LW_OK) {
        fprintf(stderr, "%s: %s\n", query, issues.list[0].diagnostics);
    }
    assert_int_equal(err, LW_OK);
    return lw_fhir_search_meets(&search, &resource);
}

static lw_fhir_fact date_fact(const char *text) {
    lw_fhir_fact fact = {.param = LW_FHIR_P_DATE};
    assert_true(lw_fhir_interval(lw__str(text), &fact.from_s, &fact.to_s));
    return fact;
}

static void dates_of_every_precision(void **state) {
    (void)state;
    static const char *const texts[] = {"2026",
                                        "2026-03",
                                        "2026-03-02",
                                        "2026-03-02T07:05:00Z",
                                        "2026-03-02T07:05:00%2B01:00",
                                        "2026-03-02T23:30:00-05:00",
                                        "2025-12-31",
                                        "2024-02-29",
                                        "2027"};
    static const char *const prefixes[] = {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"};
    enum { TEXTS = sizeof texts / sizeof texts[0] };
    for (int s = 0; s < TEXTS; s++) {
        for (int t = 0; t < TEXTS; t++) {
            char plain[40], *hole;
            snprintf(plain, sizeof plain, "%s", texts[t]);
            if ((hole = strstr(plain, "%2B")) != NULL) {
                *hole = '+';
                memmove(hole + 1, hole + 3, strlen(hole + 3) + 1);
            }
            lw_fhir_fact target = date_fact(plain), wanted;
            snprintf(plain, sizeof plain, "%s", texts[s]);
            if ((hole = strstr(plain, "%2B")) != NULL) {
                *hole = '+';
                memmove(hole + 1, hole + 3, strlen(hole + 3) + 1);
            }
            wanted = date_fact(plain);
            for (int p = 0; p < 8; p++) {
                char query[80];
                snprintf(query, sizeof query, "date=%s%s", prefixes[p], texts[s]);
                /* The oracle on this pair, by its definition on the ends. */
                bool inside = wanted.from_s <= target.from_s && target.to_s <= wanted.to_s;
                bool want = p == 0   ? inside
                            : p == 1 ? !inside
                            : p == 2 ? target.to_s > wanted.to_s
                            : p == 3 ? target.from_s < wanted.from_s
                            : p == 4 ? target.to_s > wanted.to_s || inside
                            : p == 5 ? target.from_s < wanted.from_s || inside
                            : p == 6 ? target.from_s >= wanted.to_s
                                     : target.to_s <= wanted.from_s;
                assert_int_equal(finds(query, &target, 1), want);
            }
        }
    }
    /* By hand, so that the oracle above is held against something. */
    lw_fhir_fact morning = date_fact("2026-03-02T07:05:00+01:00");
    assert_true(finds("date=2026-03-02", &morning, 1));
    assert_true(finds("date=2026-03", &morning, 1));
    assert_false(finds("date=2026-03-03", &morning, 1));
    assert_true(finds("date=ge2026-03-02&date=lt2026-03-03", &morning, 1));
    assert_true(finds("date=2026-03-02T07:05:00+01:00", &morning, 1)); /* a plus that was not encoded */
    assert_false(finds("date=gt2026-03-02", &morning, 1));
    assert_true(finds("date=2026-03-01,2026-03-02", &morning, 1)); /* any of them */
    assert_true(finds("date:missing=false", &morning, 1));
    assert_true(finds("date:missing=true", NULL, 0));
}

static void tokens(void **state) {
    (void)state;
    const lw_fhir_fact facts[] = {
        {.param = LW_FHIR_P_CODE, .system = "http://loinc.org", .text = "72514-3"},
        {.param = LW_FHIR_P_CODE, .system = "", .text = "plain"},
    };
    assert_true(finds("code=72514-3", facts, 2));
    assert_true(finds("code=http://loinc.org%7C72514-3", facts, 2));
    assert_true(finds("code=http://loinc.org%7C", facts, 2));
    assert_false(finds("code=%7C72514-3", facts, 2)); /* without any system */
    assert_true(finds("code=%7Cplain", facts, 2));
    assert_false(finds("code=http://snomed.info/sct%7C72514-3", facts, 2));
    assert_true(finds("code=nothing,72514-3", facts, 2));
    assert_false(finds("code:not=72514-3", facts, 2));
    assert_true(finds("code:not=other", facts, 2));
    assert_true(finds("_id=o-1", facts, 2));
    assert_false(finds("_id=o-2", facts, 2));
}

static void quantities(void **state) {
    (void)state;
    const lw_fhir_fact three = {.param = LW_FHIR_P_VALUE_QUANTITY,
                                .value_x100 = 304,
                                .decimals = 2,
                                .system = "http://unitsofmeasure.org",
                                .text = "{score}"};
    assert_true(finds("value-quantity=3", &three, 1));     /* 2.5 to 3.5 */
    assert_true(finds("value-quantity=3.0", &three, 1));   /* 2.95 to 3.05 */
    assert_false(finds("value-quantity=3.00", &three, 1)); /* 2.995 to 3.005 */
    assert_true(finds("value-quantity=gt3", &three, 1));
    assert_false(finds("value-quantity=gt3.04", &three, 1));
    assert_true(finds("value-quantity=ge3.04", &three, 1));
    assert_true(finds("value-quantity=le3.04", &three, 1));
    assert_false(finds("value-quantity=lt3.04", &three, 1));
    assert_true(finds("value-quantity=ne4", &three, 1));
    assert_true(finds("value-quantity=ap3.3", &three, 1));
    assert_false(finds("value-quantity=ap4", &three, 1));
    assert_true(finds("value-quantity=3%7Chttp://unitsofmeasure.org%7C%7Bscore%7D", &three, 1));
    assert_true(finds("value-quantity=3%7C%7C%7Bscore%7D", &three, 1));
    assert_false(finds("value-quantity=3%7Chttp://unitsofmeasure.org%7Ckg", &three, 1));
}

static void references_and_strings(void **state) {
    (void)state;
    const lw_fhir_fact facts[] = {
        {.param = LW_FHIR_P_SUBJECT, .system = "Patient", .text = "p-1"},
        {.param = LW_FHIR_P_PATIENT, .system = "Patient", .text = "p-1"},
    };
    assert_true(finds("subject=Patient/p-1", facts, 2));
    assert_true(finds("subject=p-1", facts, 2));
    assert_true(finds("subject:Patient=p-1", facts, 2));
    assert_true(finds("subject=https://here/fhir/Patient/p-1", facts, 2));
    assert_false(finds("subject=https://there/fhir/Patient/p-1", facts, 2));
    assert_false(finds("subject=Device/p-1", facts, 2));
    assert_false(finds("subject=Patient/p-10", facts, 2));
    assert_true(finds("patient=p-1", facts, 2));

    lw_fhir_search search;
    lw_fhir_issues issues;
    const lw_fhir_fact name = {.param = LW_FHIR_P_NAME, .text = "José Ærøskøbing Łódź"};
    const lw_fhir_resource person = {.type = LW_FHIR_PATIENT, .id = "p-1", .facts = &name, .fact_count = 1};
    static const struct {
        const char *query;
        bool found;
    } asked[] = {{"name=jose", true},          {"name=JOSE", true},      {"name=aero", true},
                 {"name=lodz", true},          {"name=odz", false},      {"name:contains=odz", true},
                 {"name:exact=jose", false},   {"name=Jos%C3%A9", true}, {"name:exact=Jos%C3%A9 %C3%86r", false},
                 {"name=jose&name=lod", true}, {"name=maria,lodz", true}};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        assert_int_equal(ask(LW_FHIR_PATIENT, asked[i].query, false, &search, &issues), LW_OK);
        assert_int_equal(lw_fhir_search_meets(&search, &person), asked[i].found);
    }
}

/* ---- what is refused, and how ---- */

static void strict_and_lenient(void **state) {
    (void)state;
    static const struct {
        const char *query, *code, *where;
    } refused[] = {
        {"nonsense=1", "not-supported", "http.nonsense"},
        {"subject.name=x", "not-supported", "http.subject.name"},
        {"_has:x=1", "not-supported", "http._has:x"},
        {"code:in=x", "not-supported", "http.code:in"},
        {"date:exact=2026", "not-supported", "http.date:exact"},
        {"_include=Observation", "not-supported", "http._include"},
        {"_include=Patient:name", "not-supported", "http._include"},
        {"_sort=code", "not-supported", "http._sort"},
        {"_elements=id", "not-supported", "http._elements"},
    };
    static const char *const wrong[] = {"date=2026-13", "date=xx2026",     "date=",        "value-quantity=three",
                                        "_count=-1",    "_count=x",        "_summary=all", "_total=all",
                                        "_cursor=AAAA", "date=2026-02-30", "code=%zz",     "date:missing=maybe"};
    lw_fhir_search search;
    lw_fhir_issues issues;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(ask(LW_FHIR_OBSERVATION, refused[i].query, false, &search, &issues), LW_ERR_VALUE);
        assert_int_equal(issues.count, 1);
        assert_string_equal(issues.list[0].severity, "error");
        assert_string_equal(issues.list[0].code, refused[i].code);
        assert_string_equal(issues.list[0].expression, refused[i].where);
        assert_true(issues.list[0].text[0] != '\0' && issues.list[0].diagnostics[0] != '\0');
        /* Lenient: a warning, and the self link does not claim it. */
        char query[120];
        snprintf(query, sizeof query, "code=1&%s&status=final", refused[i].query);
        assert_int_equal(ask(LW_FHIR_OBSERVATION, query, true, &search, &issues), LW_OK);
        assert_int_equal(issues.count, 1);
        assert_string_equal(issues.list[0].severity, "warning");
        assert_string_equal(search.self, "code=1&status=final");
        assert_int_equal(search.term_count, 2);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        for (int lenient = 0; lenient < 2; lenient++) { /* what cannot be read is never passed over */
            assert_int_equal(ask(LW_FHIR_OBSERVATION, wrong[i], lenient == 1, &search, &issues), LW_ERR_VALUE);
            assert_string_equal(issues.list[0].severity, "error");
        }
    }
    lw_buf out = {0};
    lw_fhir_outcome(&issues, &out);
    assert_non_null(strstr(out.ptr, "\"resourceType\":\"OperationOutcome\""));
    assert_non_null(strstr(out.ptr, "\"details\":{\"text\":"));
    lw_buf_free(&out);
    /* Far too much of everything ends in an error, never past an array. */
    lw_buf many = {0};
    for (int i = 0; i < 200; i++) {
        lw_buf_str(&many, i > 0 ? "&code=a,b,c,d,e,f,g,h" : "code=a");
    }
    assert_int_equal(ask(LW_FHIR_OBSERVATION, many.ptr, false, &search, &issues), LW_ERR_VALUE);
    lw_buf_free(&many);
}

/* ---- pages ---- */

enum { MANY = 97 };

static void pages_lose_and_repeat_nothing(void **state) {
    (void)state;
    static const char *const orders[] = {"_count=7", "_count=7&_sort=-date", "_count=7&_sort=_id",
                                         "_count=7&_sort=-_lastUpdated"};
    lw_fhir_resource list[MANY];
    lw_fhir_fact facts[MANY];
    char ids[MANY][8];
    for (int i = 0; i < MANY; i++) {
        snprintf(ids[i], sizeof ids[i], "o-%02d", i);
        facts[i] = (lw_fhir_fact){.param = LW_FHIR_P_DATE, .from_s = i * 7 % 5, .to_s = i * 7 % 5 + 1};
        list[i] = (lw_fhir_resource){.type = LW_FHIR_OBSERVATION,
                                     .id = ids[i],
                                     .updated_s = i * 3 % 4, /* many share a key: the id decides */
                                     .facts = &facts[i],
                                     .fact_count = i % 9 == 0 ? 0 : 1};
    }
    for (size_t o = 0; o < sizeof orders / sizeof orders[0]; o++) {
        char cursor[300] = "";
        int seen[MANY] = {0}, total = 0, pages = 0;
        int64_t last_key = 0;
        char last_id[8] = "";
        for (bool more = true; more; pages++) {
            lw_fhir_search search;
            lw_fhir_issues issues;
            char query[400];
            snprintf(query, sizeof query, "%s%s", orders[o], cursor);
            assert_int_equal(ask(LW_FHIR_OBSERVATION, query, false, &search, &issues), LW_OK);
            int taken = 0;
            while (taken < 7) {
                int best = -1; /* the next in order, found naively */
                for (int i = 0; i < MANY; i++) {
                    int64_t key = lw_fhir_sort_key(&search, &list[i]);
                    bool after = last_id[0] == '\0' || lw_fhir_sort_order(&search, key, ids[i], last_key, last_id) > 0;
                    if (after &&
                        (best < 0 || lw_fhir_sort_order(&search, key, ids[i], lw_fhir_sort_key(&search, &list[best]),
                                                        ids[best]) < 0)) {
                        best = i;
                    }
                }
                if (best < 0) {
                    break;
                }
                seen[best]++;
                total++;
                taken++;
                last_key = lw_fhir_sort_key(&search, &list[best]);
                memcpy(last_id, ids[best], sizeof last_id);
            }
            more = taken == 7 && total < MANY;
            if (more) {
                lw_buf next = {0};
                lw_fhir_cursor(&search, last_key, last_id, &next);
                snprintf(cursor, sizeof cursor, "&_cursor=%s", next.ptr);
                lw_buf_free(&next);
                lw_fhir_search again;
                snprintf(query, sizeof query, "%s%s", orders[o], cursor);
                assert_int_equal(ask(LW_FHIR_OBSERVATION, query, false, &again, &issues), LW_OK);
                assert_int_equal(again.after_key, last_key);
                assert_string_equal(again.after_id, last_id);
                snprintf(query, sizeof query, "_count=8%s", cursor); /* of another search: refused */
                assert_int_equal(ask(LW_FHIR_OBSERVATION, query, false, &again, &issues), LW_ERR_VALUE);
            }
        }
        assert_int_equal(total, MANY);
        assert_int_equal(pages, (MANY + 6) / 7);
        for (int i = 0; i < MANY; i++) {
            assert_int_equal(seen[i], 1);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_against_the_oracle),
        cmocka_unit_test(about_is_wider_the_longer_ago),
        cmocka_unit_test(dates_of_every_precision),
        cmocka_unit_test(tokens),
        cmocka_unit_test(quantities),
        cmocka_unit_test(references_and_strings),
        cmocka_unit_test(strict_and_lenient),
        cmocka_unit_test(pages_lose_and_repeat_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, end_pool);
}
