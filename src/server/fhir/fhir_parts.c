/*
 * fhir_parts.c: a resource whole, or the parts of it that _summary names, marked as SUBSETTED.
 */
#include <string.h>

#include "base/base_internal.h"
#include "server/fhir/fhir_http.h"
#include "words/json_pick.h"

/*
 * What R4 marks as summary, by type, after id, meta and implicitRules; "!" stands before what must be there at all, "~" before
 * what must be there and is no summary. A star stands for a choice of types.
 */
static const char *const summary_of[LW_FHIR_TYPES] = {
    [LW_FHIR_PATIENT] = "identifier active name telecom gender birthDate deceased* address managingOrganization link",
    [LW_FHIR_PRACTITIONER] = "identifier active name telecom address gender birthDate",
    [LW_FHIR_CONDITION] = "identifier clinicalStatus verificationStatus code bodySite !subject encounter onset* "
                          "recordedDate recorder asserter",
    [LW_FHIR_GOAL] = "!lifecycleStatus achievementStatus category priority !description !subject start* statusDate "
                     "expressedBy",
    [LW_FHIR_CARE_PLAN] = "identifier instantiatesCanonical instantiatesUri basedOn replaces partOf !status !intent "
                          "category title description !subject encounter period created author addresses",
    [LW_FHIR_SERVICE_REQUEST] = "identifier instantiatesCanonical instantiatesUri basedOn replaces requisition !status "
                                "!intent category priority doNotPerform code orderDetail quantity* !subject encounter "
                                "occurrence* asNeeded* authoredOn requester performerType performer locationCode "
                                "locationReference reasonCode reasonReference specimen bodySite patientInstruction",
    [LW_FHIR_ACTIVITY_DEFINITION] = "url identifier version name title !status experimental date publisher contact "
                                    "description useContext jurisdiction effectivePeriod kind code doNotPerform",
    [LW_FHIR_PLAN_DEFINITION] = "url identifier version name title type !status experimental date publisher contact "
                                "description useContext jurisdiction effectivePeriod",
    [LW_FHIR_OBSERVATION] = "identifier basedOn partOf !status !code subject focus encounter effective* issued "
                            "performer value* hasMember derivedFrom component",
    [LW_FHIR_QUESTIONNAIRE] = "url identifier version name title !status experimental subjectType date publisher "
                              "contact useContext jurisdiction effectivePeriod code",
    [LW_FHIR_QUESTIONNAIRE_RESPONSE] = "identifier basedOn partOf questionnaire !status subject encounter authored "
                                       "author source",
    [LW_FHIR_PROCEDURE] = "identifier instantiatesCanonical instantiatesUri basedOn partOf !status statusReason "
                          "category code !subject encounter performed* recorder asserter performer location reasonCode "
                          "reasonReference bodySite outcome",
    [LW_FHIR_DEVICE] = "udiCarrier status safety",
    [LW_FHIR_ADVERSE_EVENT] = "identifier !actuality category event !subject encounter date detected recordedDate "
                              "resultingCondition location seriousness severity outcome recorder contributor "
                              "suspectEntity subjectMedicalHistory referenceDocument study",
    [LW_FHIR_PROVENANCE] = "!target !recorded ~agent",
    [LW_FHIR_AUDIT_EVENT] = "!type subtype action !recorded outcome outcomeDesc purposeOfEvent ~agent ~source",
};

static bool keeps(int type, lw_fhir_summary summary, lw_str name) {
    static const char *const always[] = {"resourceType", "id", "meta", "implicitRules"};
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++) {
        if (lw__str_eq(lw__str(always[i]), name)) {
            return true;
        }
    }
    bool text = lw__str_eq(LW_STR("text"), name);
    if (summary == LW_FHIR_SUMMARY_DATA || text) {
        return summary == LW_FHIR_SUMMARY_DATA ? !text : summary == LW_FHIR_SUMMARY_TEXT;
    }
    for (const char *p = summary_of[type]; *p != '\0'; p += strcspn(p, " "), p += strspn(p, " ")) {
        bool must = *p == '!' || *p == '~';
        p += must ? 1 : 0;
        size_t len = strcspn(p, " *");
        bool same = name.len >= len && memcmp(p, name.ptr, len) == 0 && (p[len] == '*' || name.len == len);
        if (same && (must || summary == LW_FHIR_SUMMARY_TRUE)) {
            return true;
        }
    }
    return false;
}

/* The tag that says that parts are missing, beside those that are there already. */
static void put_meta(lw_str meta, lw_buf *out) {
    lw_str rest = meta, name = {0}, value = {0}, tags = {0};
    lw_buf_str(out, "{");
    while (lw__pick_member(&rest, &name, &value)) {
        if (lw__str_eq(LW_STR("tag"), name)) {
            tags = (lw_str){value.ptr + 1, value.len - 2};
            continue;
        }
        lw_buf_str(out, "\"");
        lw_buf_slice(out, name);
        lw_buf_str(out, "\":");
        lw_buf_slice(out, value);
        lw_buf_str(out, ",");
    }
    lw_buf_str(out, "\"tag\":[");
    lw_buf_slice(out, tags);
    lw_buf_str(out, tags.len > 0 ? "," : "");
    lw_buf_str(out,
               "{\"system\":\"http://terminology.hl7.org/CodeSystem/v3-ObservationValue\",\"code\":\"SUBSETTED\"}]}");
}

int32_t lw__fhir_put(const lw_fhir_set *set, const lw_fhir_resource *resource, lw_fhir_version version,
                     lw_fhir_summary summary, lw_buf *out) {
    if (summary == LW_FHIR_WHOLE) {
        return lw_fhir_write(set, resource, version, out);
    }
    lw_buf whole = {.max = LW_FHIR_RESOURCE_MOST};
    int32_t err = lw_fhir_write(set, resource, version, &whole);
    lw_str rest = lw_buf_view(&whole), name = {0}, value = {0};
    lw_buf_str(out, "{");
    for (bool first = true; err == LW_OK && lw__pick_member(&rest, &name, &value);) {
        if (!keeps(resource->type, summary, name)) {
            continue;
        }
        lw_buf_str(out, first ? "\"" : ",\"");
        lw_buf_slice(out, name);
        lw_buf_str(out, "\":");
        first = false;
        if (lw__str_eq(LW_STR("meta"), name)) {
            put_meta(value, out);
        } else {
            lw_buf_slice(out, value);
        }
    }
    lw_buf_str(out, "}");
    lw_buf_free(&whole);
    return err != LW_OK ? err : out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}
