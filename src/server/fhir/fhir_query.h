/*
 * fhir_query.h: a FHIR search, read once and then asked of each resource of a list.
 *
 * Strict unless told otherwise: what is not known here is an error that names it, and with `lenient` a warning that is shown in
 * the answer; in neither case is it silently passed over, and the self link repeats only what was used. A value that cannot be
 * read is an error always: ignoring it would find more than was asked for.
 *
 * Dates are half-open intervals at their precision, on both sides. With S what was asked and T what the resource says:
 *   eq  T lies within S        ne  not so            ap  they meet, S widened by a tenth of its distance from now
 *   gt  T ends after S ends    ge  gt or eq          sa  T begins where S has ended
 *   lt  T begins before S      le  lt or eq          eb  T has ended where S begins
 *
 * No HTTP, no SQL, no heap but the pool's.
 */
#ifndef LW_SERVER_FHIR_QUERY_H
#define LW_SERVER_FHIR_QUERY_H

#include "server/fhir/fhir_render.h"

enum {
    LW_FHIR_TERMS = 32,
    LW_FHIR_VALUES = 128,
    LW_FHIR_INCLUDES = 8,
    LW_FHIR_ISSUES = 16,
    LW_FHIR_PAGE = 50, /* entries of a page when nobody asks for another number */
    LW_FHIR_PAGE_MOST = 500
};

/* One issue of an OperationOutcome. */
typedef struct lw_fhir_issue {
    const char *severity;  /* "error", "warning", "information" */
    const char *code;      /* of http://hl7.org/fhir/issue-type */
    const char *text;      /* details.text: static, what kind of thing it is */
    char diagnostics[240]; /* what exactly, in one sentence */
    char expression[120];  /* where: "http.code", "Observation.value"; "" nowhere in particular */
} lw_fhir_issue;

typedef struct lw_fhir_issues {
    lw_fhir_issue list[LW_FHIR_ISSUES]; /* what comes after the last is dropped: one is enough to refuse */
    uint32_t count;
} lw_fhir_issues;

void lw_fhir_issue_add(lw_fhir_issues *issues, const char *severity, const char *code, const char *text,
                       const char *expression, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* Appends the OperationOutcome of those issues. */
void lw_fhir_outcome(const lw_fhir_issues *issues, lw_buf *out);

typedef enum lw_fhir_prefix {
    LW_FHIR_EQ,
    LW_FHIR_NE,
    LW_FHIR_GT,
    LW_FHIR_LT,
    LW_FHIR_GE,
    LW_FHIR_LE,
    LW_FHIR_SA,
    LW_FHIR_EB,
    LW_FHIR_AP
} lw_fhir_prefix;

/* Whether the interval t answers `prefix` s, as the table above says. now_s is for ap. */
bool lw_fhir_date_meets(lw_fhir_prefix prefix, int64_t s_from, int64_t s_to, int64_t t_from, int64_t t_to,
                        int64_t now_s);

typedef enum lw_fhir_modifier {
    LW_FHIR_PLAIN,
    LW_FHIR_MISSING,
    LW_FHIR_EXACT,
    LW_FHIR_CONTAINS,
    LW_FHIR_NOT
} lw_fhir_modifier;

typedef struct lw_fhir_wanted {
    uint8_t prefix;
    bool any_system, any_code; /* a token without '|'; one that ends with it */
    int64_t from_s, to_s;      /* dates */
    int64_t value, low, high;  /* quantities, in millionths; [low, high) is what the digits stand for */
    const char *system, *text; /* text of a string: folded, but for :exact */
} lw_fhir_wanted;

typedef struct lw_fhir_term {
    uint8_t param; /* lw_fhir_param */
    uint8_t modifier;
    bool missing;
    uint32_t first, count; /* of values: any of them */
} lw_fhir_term;

typedef enum lw_fhir_summary {
    LW_FHIR_WHOLE,
    LW_FHIR_SUMMARY_TRUE,
    LW_FHIR_SUMMARY_TEXT,
    LW_FHIR_SUMMARY_DATA,
    LW_FHIR_SUMMARY_COUNT
} lw_fhir_summary;

typedef struct lw_fhir_include {
    bool reverse;
    int type, param, target; /* target -1: any */
} lw_fhir_include;

typedef struct lw_fhir_search {
    int type;
    lw_fhir_term terms[LW_FHIR_TERMS];
    lw_fhir_wanted values[LW_FHIR_VALUES];
    lw_fhir_include includes[LW_FHIR_INCLUDES];
    uint32_t term_count, value_count, include_count;
    uint32_t count; /* entries of a page; 0: like _summary=count */
    lw_fhir_summary summary;
    bool total; /* how many there are is told */
    int sort;   /* lw_fhir_param of kind date, LW_FHIR_P_ID or LW_FHIR_P_LAST_UPDATED */
    bool descending;
    bool sorted;          /* _sort was asked for */
    const char *self;     /* the parameters that were used, as they came, without the cursor */
    int64_t after_key;    /* with after_id: the last entry of the page before */
    const char *after_id; /* NULL: from the start */
    int64_t now_s;
    const char *base; /* of this server, for absolute references */
    bool failed;      /* memory did not suffice for a question: what was answered since then is worth nothing */
} lw_fhir_search;

/*
 * Reads `query` (as it came, after '?'; still encoded) for a type. base and now_s are borrowed into *out. Texts live in the pool.
 * LW_OK with warnings at most, LW_ERR_VALUE with at least one error in *issues, or LW_ERR_NO_MEMORY.
 */
LW_MUST_CHECK int32_t lw_fhir_search_read(lw_pool *pool, int type, lw_str query, bool lenient, const char *base,
                                          int64_t now_s, lw_fhir_search *out, lw_fhir_issues *issues);

/* Whether every term is met; see `failed`. */
bool lw_fhir_search_meets(lw_fhir_search *search, const lw_fhir_resource *resource);
/*
 * The same of a resource that is not wholly known yet (lw_fhir_narrow): false only when it will not be met whatever else becomes
 * known. Its type is the search's.
 */
bool lw_fhir_search_may(lw_fhir_search *search, const lw_fhir_resource *resource, uint64_t known);

/* The values of a parameter that stands once, plainly and with one value, as text: for narrowing down what is listed. NULL: none. */
const char *lw_fhir_search_only(const lw_fhir_search *search, int param);

/* What a resource is sorted by; what has no such date comes last. */
int64_t lw_fhir_sort_key(const lw_fhir_search *search, const lw_fhir_resource *resource);
/* <0, 0, >0 as (key, id) of a comes before that of b in the search's order. */
int lw_fhir_sort_order(const lw_fhir_search *search, int64_t a_key, const char *a_id, int64_t b_key, const char *b_id);

/* The value of _cursor for what comes after (key, id): letters of base64url. Good for this search only. */
void lw_fhir_cursor(const lw_fhir_search *search, int64_t key, const char *id, lw_buf *out);

#endif
