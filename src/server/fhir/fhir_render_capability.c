/* fhir_render_capability.c: what can be searched, as the one table, and the CapabilityStatement that is made from it. */
#include <stdio.h>

#include "server/fhir/fhir_render_internal.h"

#define T(type) (UINT32_C(1) << LW_FHIR_##type)
#define ALL     ((UINT32_C(1) << LW_FHIR_TYPES) - 1)
#define SUBJECT                                                                                                \
    (T(CONDITION) | T(GOAL) | T(CARE_PLAN) | T(SERVICE_REQUEST) | T(OBSERVATION) | T(QUESTIONNAIRE_RESPONSE) | \
     T(PROCEDURE))
#define DEFINED (T(ACTIVITY_DEFINITION) | T(PLAN_DEFINITION) | T(QUESTIONNAIRE))

const lw_fhir_param_info lw_fhir_param_table[LW_FHIR_PARAMS] = {
    [LW_FHIR_P_ID] = {"_id", LW_FHIR_TOKEN, ALL},
    [LW_FHIR_P_LAST_UPDATED] = {"_lastUpdated", LW_FHIR_DATE, ALL},
    [LW_FHIR_P_PATIENT] = {"patient", LW_FHIR_REFERENCE, SUBJECT | T(DEVICE) | T(PROVENANCE) | T(AUDIT_EVENT)},
    [LW_FHIR_P_SUBJECT] = {"subject", LW_FHIR_REFERENCE, SUBJECT | T(ADVERSE_EVENT)},
    [LW_FHIR_P_IDENTIFIER] = {"identifier", LW_FHIR_TOKEN,
                              T(PATIENT) | T(PRACTITIONER) | T(OBSERVATION) | T(QUESTIONNAIRE_RESPONSE)},
    [LW_FHIR_P_NAME] = {"name", LW_FHIR_STRING, T(PATIENT) | T(PRACTITIONER)},
    [LW_FHIR_P_BIRTHDATE] = {"birthdate", LW_FHIR_DATE, T(PATIENT)},
    [LW_FHIR_P_GENDER] = {"gender", LW_FHIR_TOKEN, T(PATIENT)},
    [LW_FHIR_P_ACTIVE] = {"active", LW_FHIR_TOKEN, T(PATIENT)},
    [LW_FHIR_P_CODE] = {"code", LW_FHIR_TOKEN, T(CONDITION) | T(SERVICE_REQUEST) | T(OBSERVATION) | T(PROCEDURE)},
    [LW_FHIR_P_CATEGORY] = {"category", LW_FHIR_TOKEN, T(CONDITION) | T(SERVICE_REQUEST) | T(OBSERVATION)},
    [LW_FHIR_P_STATUS] = {"status", LW_FHIR_TOKEN,
                          T(CARE_PLAN) | T(SERVICE_REQUEST) | T(OBSERVATION) | T(QUESTIONNAIRE_RESPONSE) |
                              T(PROCEDURE) | DEFINED},
    [LW_FHIR_P_CLINICAL_STATUS] = {"clinical-status", LW_FHIR_TOKEN, T(CONDITION)},
    [LW_FHIR_P_LIFECYCLE_STATUS] = {"lifecycle-status", LW_FHIR_TOKEN, T(GOAL)},
    [LW_FHIR_P_ACHIEVEMENT_STATUS] = {"achievement-status", LW_FHIR_TOKEN, T(GOAL)},
    [LW_FHIR_P_INTENT] = {"intent", LW_FHIR_TOKEN, T(CARE_PLAN) | T(SERVICE_REQUEST)},
    [LW_FHIR_P_DATE] = {"date", LW_FHIR_DATE,
                        T(CARE_PLAN) | T(OBSERVATION) | T(PROCEDURE) | T(ADVERSE_EVENT) | T(AUDIT_EVENT)},
    [LW_FHIR_P_AUTHORED] = {"authored", LW_FHIR_DATE, T(SERVICE_REQUEST) | T(QUESTIONNAIRE_RESPONSE)},
    [LW_FHIR_P_ONSET_DATE] = {"onset-date", LW_FHIR_DATE, 0},
    [LW_FHIR_P_RECORDED_DATE] = {"recorded-date", LW_FHIR_DATE, T(CONDITION)},
    [LW_FHIR_P_START_DATE] = {"start-date", LW_FHIR_DATE, T(GOAL)},
    [LW_FHIR_P_RECORDED] = {"recorded", LW_FHIR_DATE, T(PROVENANCE)},
    [LW_FHIR_P_VALUE_QUANTITY] = {"value-quantity", LW_FHIR_QUANTITY, T(OBSERVATION)},
    [LW_FHIR_P_COMPONENT_CODE] = {"component-code", LW_FHIR_TOKEN, T(OBSERVATION)},
    [LW_FHIR_P_COMPONENT_VALUE_QUANTITY] = {"component-value-quantity", LW_FHIR_QUANTITY, T(OBSERVATION)},
    [LW_FHIR_P_PERFORMER] = {"performer", LW_FHIR_REFERENCE, T(OBSERVATION) | T(PROCEDURE)},
    [LW_FHIR_P_REQUESTER] = {"requester", LW_FHIR_REFERENCE, T(SERVICE_REQUEST)},
    [LW_FHIR_P_AUTHOR] = {"author", LW_FHIR_REFERENCE, T(QUESTIONNAIRE_RESPONSE)},
    [LW_FHIR_P_SOURCE] = {"source", LW_FHIR_REFERENCE, T(QUESTIONNAIRE_RESPONSE)},
    [LW_FHIR_P_BASED_ON] = {"based-on", LW_FHIR_REFERENCE, T(OBSERVATION)},
    [LW_FHIR_P_PART_OF] = {"part-of", LW_FHIR_REFERENCE, T(OBSERVATION)},
    [LW_FHIR_P_DERIVED_FROM] = {"derived-from", LW_FHIR_REFERENCE, T(OBSERVATION)},
    [LW_FHIR_P_GOAL] = {"goal", LW_FHIR_REFERENCE, T(CARE_PLAN)},
    [LW_FHIR_P_CONDITION] = {"condition", LW_FHIR_REFERENCE, T(CARE_PLAN)},
    [LW_FHIR_P_ACTIVITY_REFERENCE] = {"activity-reference", LW_FHIR_REFERENCE, T(CARE_PLAN)},
    [LW_FHIR_P_QUESTIONNAIRE] = {"questionnaire", LW_FHIR_REFERENCE, T(QUESTIONNAIRE_RESPONSE)},
    [LW_FHIR_P_SERIOUSNESS] = {"seriousness", LW_FHIR_TOKEN, T(ADVERSE_EVENT)},
    [LW_FHIR_P_ACTUALITY] = {"actuality", LW_FHIR_TOKEN, T(ADVERSE_EVENT)},
    [LW_FHIR_P_SUBSTANCE] = {"substance", LW_FHIR_REFERENCE, T(ADVERSE_EVENT)},
    [LW_FHIR_P_TARGET] = {"target", LW_FHIR_REFERENCE, T(PROVENANCE)},
    [LW_FHIR_P_AGENT] = {"agent", LW_FHIR_REFERENCE, T(PROVENANCE) | T(AUDIT_EVENT)},
    [LW_FHIR_P_ENTITY] = {"entity", LW_FHIR_REFERENCE, 0},
    [LW_FHIR_P_ACTION] = {"action", LW_FHIR_TOKEN, T(AUDIT_EVENT)},
    [LW_FHIR_P_OUTCOME] = {"outcome", LW_FHIR_TOKEN, T(AUDIT_EVENT)},
    [LW_FHIR_P_TYPE] = {"type", LW_FHIR_TOKEN, T(DEVICE)},
    [LW_FHIR_P_URL] = {"url", LW_FHIR_URI, DEFINED},
    [LW_FHIR_P_VERSION] = {"version", LW_FHIR_TOKEN, DEFINED},
    [LW_FHIR_P_TITLE] = {"title", LW_FHIR_STRING, DEFINED},
    [LW_FHIR_P_DEVICE_NAME] = {"device-name", LW_FHIR_STRING, T(DEVICE)},
};

int lw_fhir_param_of(int type, lw_str name) {
    for (int i = 0; i < LW_FHIR_PARAMS; i++) {
        const lw_fhir_param_info *info = &lw_fhir_param_table[i];
        if ((info->types & UINT32_C(1) << type) != 0 && strlen(info->name) == name.len &&
            memcmp(info->name, name.ptr, name.len) == 0) {
            return i;
        }
    }
    return -1;
}

static void interaction(lw_buf *out, const char *code) {
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "code", code);
    lw__fj_close(out, '}');
}

static void resource(lw_buf *out, const lw_fhir_server *server, int type) {
    static const char *const kinds[] = {"date", "token", "reference", "quantity", "string", "uri"};
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "type", lw_fhir_type_name(type));
    lw__fj_open(out, "interaction", '[');
    interaction(out, "read");
    interaction(out, "search-type");
    if ((server->creates & UINT32_C(1) << type) != 0) {
        interaction(out, "create");
    }
    lw__fj_close(out, ']');
    lw__fj_text(out, "versioning", "no-version");
    lw__fj_bool(out, "readHistory", false);
    lw__fj_bool(out, "updateCreate", false);
    lw__fj_bool(out, "conditionalCreate", (server->creates & UINT32_C(1) << type) != 0);
    lw__fj_text(out, "conditionalRead", "not-match");
    bool any = false;
    for (int i = 0; i < LW_FHIR_PARAMS; i++) {
        const lw_fhir_param_info *info = &lw_fhir_param_table[i];
        if (info->kind == LW_FHIR_REFERENCE && (info->types & UINT32_C(1) << type) != 0) {
            char include[80];
            snprintf(include, sizeof include, "%s:%s", lw_fhir_type_name(type), info->name);
            if (!any) {
                lw__fj_open(out, "searchInclude", '[');
            }
            lw__fj_text(out, NULL, include);
            any = true;
        }
    }
    if (any) {
        lw__fj_close(out, ']');
    }
    lw__fj_open(out, "searchParam", '[');
    for (int i = 0; i < LW_FHIR_PARAMS; i++) {
        const lw_fhir_param_info *info = &lw_fhir_param_table[i];
        if ((info->types & UINT32_C(1) << type) == 0) {
            continue;
        }
        bool canonical = i == LW_FHIR_P_QUESTIONNAIRE;
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "name", info->name);
        lw__fj_text(out, "type", canonical ? "reference" : kinds[info->kind]);
        lw__fj_close(out, '}');
    }
    lw__fj_close(out, ']');
    if (type == LW_FHIR_PATIENT) {
        lw__fj_open(out, "operation", '[');
        lw__fj_open(out, NULL, '{');
        lw__fj_text(out, "name", "everything");
        lw__fj_text(out, "definition", "http://hl7.org/fhir/OperationDefinition/Patient-everything");
        lw__fj_close(out, '}');
        lw__fj_close(out, ']');
    }
    lw__fj_close(out, '}');
}

int32_t lw_fhir_capability(const lw_fhir_server *server, lw_fhir_version version, lw_buf *out) {
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "resourceType", "CapabilityStatement");
    lw__fj_text(out, "status", "active");
    lw__fj_instant(out, "date", server->started_s);
    lw__fj_text(out, "publisher", server->publisher);
    lw__fj_text(out, "kind", "instance");
    lw__fj_open(out, "software", '{');
    lw__fj_text(out, "name", "Loadwave");
    lw__fj_text(out, "version", lw_version());
    lw__fj_close(out, '}');
    lw__fj_open(out, "implementation", '{');
    lw__fj_text(out, "description", "A small facade over one clinic's records: what stands here, and nothing else.");
    lw__fj_text(out, "url", server->base);
    lw__fj_close(out, '}');
    lw__fj_text(out, "fhirVersion", version == LW_FHIR_R4 ? "4.0.1" : "5.0.0");
    lw__fj_open(out, "format", '[');
    lw__fj_text(out, NULL, "application/fhir+json");
    lw__fj_close(out, ']');
    lw__fj_open(out, "rest", '[');
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "mode", "server");
    lw__fj_open(out, "security", '{');
    lw__fj_bool(out, "cors", false);
    lw__fj_text(
        out, "description",
        "A session's cookie signs in; what writes also carries the header X-Loadwave: 1. A patient reads the own "
        "record, a clinician those of the own clinic, an admin the trail. There is no SMART launch.");
    lw__fj_close(out, '}');
    lw__fj_open(out, "resource", '[');
    for (int type = 0; type < LW_FHIR_TYPES; type++) {
        resource(out, server, type);
    }
    lw__fj_close(out, ']');
    lw__fj_close(out, '}');
    lw__fj_close(out, ']');
    lw__fj_close(out, '}');
    return out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}
