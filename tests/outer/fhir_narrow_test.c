/*
 * fhir_narrow_test.c: a list that a search narrows while it is made, against the whole list that is searched afterwards: the same
 * resources, the same facts, in the same order, for every parameter of every type with the values that are there and with others,
 * with modifiers, and two at a time. And whatever memory is refused on the way is told, never taken for an answer.
 */
#include "base/base_internal.h"
#include "record_support.h"
#include "refusing_heap.h"
#include "server/fhir/fhir_query.h"
#include "server/fhir/fhir_render_internal.h"

/* ---- two records: a little of everything, with an identifier that a client gave, and a long course ---- */

enum { RECORDS = 2, NOW = 1772600000 };
static const char *const files[RECORDS] = {LW_SOURCE_DIR "/tests/fhir/everything.jsonl",
                                           LW_SOURCE_DIR "/examples/runner-combined.jsonl"};

static struct {
    opened of;
    lw_fhir_source source;
    lw_fhir_set whole;
} all[RECORDS];
static const lw_protocol *protocol;
static void *memory;

/* The first outcome of the text gets an identifier; what a create writes (fhir_create.c). */
static void identify(opened *one) {
    static const char given[] = "\"x_fhir_identifier\":{\"system\":\"urn:test\",\"value\":\"diary 7\"},";
    char *at = strstr(one->text, "\"kind\":\"outcome\"");
    assert_non_null(at);
    memmove(at + sizeof given - 1, at, one->len - (size_t)(at - one->text) + 1);
    memcpy(at, given, sizeof given - 1);
    one->len += sizeof given - 1;
}

static int begin(void **state) {
    (void)state;
    protocol = protocol_open(&memory);
    for (int i = 0; i < RECORDS; i++) {
        text_open(&all[i].of, files[i], 200);
        identify(&all[i].of);
        record_open(&all[i].of);
        int32_t day = record_plan(&all[i].of, protocol);
        all[i].source = (lw_fhir_source){.record = &all[i].of.record,
                                         .protocol = protocol,
                                         .plan = all[i].of.work.json,
                                         .day = day,
                                         .patient = "somebody",
                                         .name = "Anna Łódź"};
        assert_int_equal(lw_fhir_list(&all[i].source, &all[i].whole), LW_OK);
        assert_true(all[i].whole.count > 30);
    }
    return 0;
}

static lw_pool pool;

static int end(void **state) {
    (void)state;
    for (int i = 0; i < RECORDS; i++) {
        lw_fhir_free(&all[i].whole);
        record_close(&all[i].of);
    }
    free(memory);
    lw_pool_free(&pool);
    return 0;
}

/* ---- narrow against whole ---- */

static bool keep(void *search, const lw_fhir_resource *resource, uint64_t known) {
    return lw_fhir_search_may(search, resource, known);
}

static uint32_t asked, met, spared; /* questions; resources found; what a narrow list did not hold */

/* Lists narrowly and compares with what of the whole list meets the same search; the other types must all be there. */
static void compare(int record, int type, const char *query) {
    lw_fhir_search search;
    lw_fhir_issues issues = {0};
    lw_fhir_set narrow;
    const lw_fhir_set *whole = &all[record].whole;
    if (lw_fhir_search_read(&pool, type, lw__str(query), false, "https://here/fhir", NOW, &search, &issues) != LW_OK) {
        fail_msg("%s?%s: %s", lw_fhir_type_name(type), query, issues.list[0].diagnostics);
    }
    const lw_fhir_narrow by = {.type = type, .keep = keep, .ctx = &search};
    lw_fhir_source source = all[record].source;
    source.narrow = &by;
    assert_int_equal(lw_fhir_list(&source, &narrow), LW_OK);
    asked++;
    uint32_t n = 0;
    for (uint32_t w = 0; w < whole->count; w++) {
        const lw_fhir_resource *x = &whole->items[w];
        if (x->type == type && !lw_fhir_search_meets(&search, x)) {
            spared++;
            continue;
        }
        const lw_fhir_resource *y = n < narrow.count ? &narrow.items[n++] : NULL;
        if (y == NULL || y->type != x->type || strcmp(y->id, x->id) != 0) {
            fail_msg("%s?%s lost %s/%s", lw_fhir_type_name(type), query, lw_fhir_type_name(x->type), x->id);
        }
        met += x->type == type ? 1 : 0;
        assert_int_equal(y->updated_s, x->updated_s);
        assert_int_equal(y->fact_count, x->fact_count);
        assert_int_equal(lw_fhir_sort_key(&search, y), lw_fhir_sort_key(&search, x));
    }
    /* A filter may let more pass than meets; this one, asked at the end with everything known, lets nothing pass. */
    assert_int_equal(n, narrow.count);
    lw_fhir_free(&narrow);
    lw_pool_free(&pool);
}

static void escape(const char *text, lw_buf *out) {
    for (; *text != '\0'; text++) {
        bool plain = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                     (*text >= '0' && *text <= '9') || *text == '-' || *text == '.' || *text == '/' || *text == ':';
        lw_buf_fmt(out, plain ? "%c" : "%%%02X", (uint8_t)*text);
    }
}

static void put_instant(lw_buf *out, int64_t at_s, int depth) {
    char day[11] = {0};
    int64_t date = at_s >= 0 ? at_s / 86400 : (at_s - 86399) / 86400, rest = at_s - date * 86400;
    lw_day_write((int32_t)date, day);
    if (depth < 3) {
        lw_buf_fmt(out, "%.*s", depth == 0 ? 4 : depth == 1 ? 7 : 10, day);
    } else {
        lw_buf_fmt(out, "%sT%02d:%02d:%02dZ", day, (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
    }
}

/* "code=http://loinc.org|72514-3": what finds the resource by this fact. */
static void put_question(lw_buf *out, int type, const lw_fhir_fact *fact, uint32_t n) {
    static const char *const prefixes[] = {"", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};
    const lw_fhir_param_info *info = &lw_fhir_param_table[fact->param];
    if (lw_fhir_param_of(type, lw__str(info->name)) < 0) {
        return; /* known for includes only */
    }
    bool negated = info->kind == LW_FHIR_TOKEN && n % 5 == 4, absent = n % 11 == 10;
    lw_buf_fmt(out, "%s%s=", info->name, absent ? ":missing" : negated ? ":not" : "");
    if (absent) {
        lw_buf_str(out, n % 2 == 0 ? "true" : "false");
        return;
    }
    switch (info->kind) {
    case LW_FHIR_DATE:
        lw_buf_str(out, prefixes[n % 9]);
        put_instant(out, fact->from_s, (int)(n / 9 % 4));
        break;
    case LW_FHIR_QUANTITY:
        lw_buf_fmt(out, "%s%lld.%02d", prefixes[n % 9], (long long)(fact->value_x100 / 100),
                   (int)(fact->value_x100 % 100));
        break;
    case LW_FHIR_TOKEN:
        escape(fact->system, out);
        lw_buf_str(out, "%7C");
        escape(fact->text, out);
        break;
    case LW_FHIR_REFERENCE:
        lw_buf_fmt(out, "%s%s", fact->system, fact->system[0] != '\0' ? "/" : "");
        escape(fact->text, out);
        break;
    default:
        escape(fact->text, out);
    }
}

static uint32_t luck = 12345;
static uint32_t random_below(uint32_t most) {
    luck = luck * 1664525u + 1013904223u;
    return (luck >> 8) % most;
}

static void each_fact_of_each_type(void **state) {
    (void)state;
    for (int record = 0; record < RECORDS; record++) {
        const lw_fhir_set *whole = &all[record].whole;
        uint32_t step = whole->count / 150 + 1; /* of a long record every so many: each asks for a list of all of it */
        for (uint32_t i = 0, n = 0; i < whole->count; i += 1 + random_below(step * 2 - 1)) {
            const lw_fhir_resource *r = &whole->items[i];
            lw_buf query = {0};
            lw_buf_fmt(&query, "_id=%s", r->id);
            compare(record, r->type, query.ptr);
            lw_buf_clear(&query);
            lw_buf_fmt(&query, "_id:not=%s&_lastUpdated=%s", r->id, n % 3 == 0 ? "ge" : n % 3 == 1 ? "" : "lt");
            put_instant(&query, r->updated_s, (int)(n % 4));
            compare(record, r->type, query.ptr);
            for (uint32_t f = 0; f < r->fact_count; f += record == 0 ? 1 : 3, n++) {
                lw_buf_clear(&query);
                put_question(&query, r->type, &r->facts[f], n);
                compare(record, r->type, query.len > 0 ? query.ptr : "");
            }
            lw_buf_free(&query);
        }
    }
    assert_true(asked > 500 && met > 1000 && spared > 1000);
}

static void several_at_once(void **state) {
    (void)state;
    for (int k = 0; k < 400; k++) {
        int record = k % RECORDS;
        const lw_fhir_set *whole = &all[record].whole;
        const lw_fhir_resource *r = &whole->items[random_below(whole->count)];
        lw_buf query = {0};
        for (uint32_t t = 0; t < 3 && r->fact_count > 0; t++) {
            lw_buf_str(&query, t > 0 ? "&" : "");
            put_question(&query, r->type, &r->facts[random_below(r->fact_count)], random_below(1000));
        }
        if (query.len > 0) {
            compare(record, r->type, query.ptr);
        }
        lw_buf_free(&query);
    }
    compare(1, LW_FHIR_OBSERVATION, "code=http://loinc.org%7C72514-3&date=ge2026-01-01&date=lt2026-02-01");
    compare(1, LW_FHIR_OBSERVATION, "code=nothing");
}

/* ---- memory ---- */

static void what_memory_refuses_is_told(void **state) {
    (void)state;
    static const struct {
        int type;
        const char *query;
        uint32_t found;
    } questions[] = {{LW_FHIR_OBSERVATION, "identifier=urn:test%7Cdiary 7&date=ge2020&code:not=x", 1},
                     {LW_FHIR_PATIENT, "name=lodz&name:contains=nn", 1}};
    for (size_t q = 0; q < sizeof questions / sizeof questions[0]; q++) {
        for (long n = 0;; n++) {
            lw_fhir_search search;
            lw_fhir_issues issues = {0};
            lw_fhir_set set = {0};
            lw_buf out = {0};
            const lw_fhir_narrow by = {.type = questions[q].type, .keep = keep, .ctx = &search};
            lw_fhir_source source = all[0].source;
            source.narrow = &by;
            source.types = UINT32_C(1) << questions[q].type;
            heap_refuse(n);
            int32_t err = lw_fhir_search_read(&pool, questions[q].type, lw__str(questions[q].query), false, "", NOW,
                                              &search, &issues);
            err = err == LW_OK ? lw_fhir_list(&source, &set) : err;
            err = err == LW_OK && search.failed ? LW_ERR_NO_MEMORY : err;
            for (uint32_t i = 0; i < set.count && err == LW_OK; i++) {
                err = lw_fhir_write(&set, &set.items[i], LW_FHIR_R4, &out);
            }
            bool enough = !heap_refused();
            if (enough || err == LW_OK) {
                assert_int_equal(err, LW_OK);
                assert_int_equal(set.count, questions[q].found);
                assert_non_null(strstr(out.ptr, "\"identifier\":[{"));
            } else if (err != LW_ERR_NO_MEMORY) {
                fail_msg("call %ld refused, and the answer is %s", n, lw_err_name(err));
            }
            lw_buf_free(&out);
            lw_fhir_free(&set);
            lw_pool_free(&pool);
            if (enough) {
                assert_true(n > 3);
                break;
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fact_of_each_type),
        cmocka_unit_test(several_at_once),
        cmocka_unit_test(what_memory_refuses_is_told),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
