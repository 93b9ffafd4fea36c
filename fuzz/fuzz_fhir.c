/*
 * fuzz_fhir.c: a FHIR search, from its bytes to the resources that it meets and the cursor of its next page.
 *
 * The first byte says strict or lenient. What is held: a search that was read is met or not by resources of every kind of fact
 * without reading beyond anything, an error has an issue that says so, a cursor that was made is taken back by the same search.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 4096) {
        return 0;
    }
    char *text = malloc(size); /* exactly as long as it is, so that a byte too far is seen */
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data + 1, size - 1);
    lw_pool pool = {0};
    static lw_fhir_search search, again;
    lw_fhir_issues issues = {0};
    int type = LW_FHIR_OBSERVATION;
    int32_t err = lw_fhir_search_read(&pool, type, (lw_str){text, (uint32_t)(size - 1)}, data[0] == 'L',
                                      "https://here/fhir", 1772600000, &search, &issues);
    lw_buf out = {0};
    lw_fhir_outcome(&issues, &out);
    lw_buf_free(&out);
    if (err != LW_OK) {
        bool told = false;
        for (uint32_t i = 0; i < issues.count; i++) {
            told = told || strcmp(issues.list[i].severity, "error") == 0;
        }
        if (err != LW_ERR_NO_MEMORY && !told) {
            abort();
        }
    } else {
        lw_fhir_fact facts[LW_FHIR_PARAMS];
        for (int p = 0; p < LW_FHIR_PARAMS; p++) {
            facts[p] = (lw_fhir_fact){.param = (uint8_t)p,
                                      .from_s = 1772400000,
                                      .to_s = 1772486400,
                                      .value_x100 = 304,
                                      .system = p % 2 == 0 ? "http://loinc.org" : "",
                                      .text = "72514-3"};
        }
        const lw_fhir_resource resource = {
            .type = (uint8_t)type, .id = "a-1", .updated_s = 1772400000, .facts = facts, .fact_count = LW_FHIR_PARAMS};
        (void)lw_fhir_search_meets(&search, &resource);
        int64_t key = lw_fhir_sort_key(&search, &resource);
        lw_buf query = {0}, cursor = {0};
        lw_fhir_cursor(&search, key, resource.id, &cursor);
        lw_buf_fmt(&query, "%s%s_cursor=", search.self, search.self[0] != '\0' ? "&" : "");
        lw_buf_slice(&query, lw_buf_view(&cursor));
        lw_fhir_issues none = {0};
        int32_t taken = lw_fhir_search_read(&pool, type, lw_buf_view(&query), false, "https://here/fhir", 1772600000,
                                            &again, &none);
        if (taken != LW_ERR_NO_MEMORY && (taken != LW_OK || again.after_id == NULL || again.after_key != key ||
                                          strcmp(again.after_id, "a-1") != 0)) {
            abort();
        }
        lw_buf_free(&query);
        lw_buf_free(&cursor);
    }
    lw_pool_free(&pool);
    free(text);
    return 0;
}
