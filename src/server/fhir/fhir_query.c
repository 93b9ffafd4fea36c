/*
 * fhir_query.c: see fhir_query.h.
 */
#include "server/fhir/fhir_query.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "server/server_internal.h"
#include "store/people.h"

enum { MILLION = 1000000, NAME_MOST = 64 };

/* ---- issues ---- */

void lw_fhir_issue_add(lw_fhir_issues *issues, const char *severity, const char *code, const char *text,
                       const char *expression, const char *format, ...) {
    if (issues->count == LW_FHIR_ISSUES) {
        return;
    }
    lw_fhir_issue *issue = &issues->list[issues->count++];
    *issue = (lw_fhir_issue){.severity = severity, .code = code, .text = text};
    snprintf(issue->expression, sizeof issue->expression, "%s", expression);
    va_list args;
    va_start(args, format);
    vsnprintf(issue->diagnostics, sizeof issue->diagnostics, format, args);
    va_end(args);
}

void lw_fhir_outcome(const lw_fhir_issues *issues, lw_buf *out) {
    lw_buf_str(out, "{\"resourceType\":\"OperationOutcome\",\"issue\":[");
    for (uint32_t i = 0; i < issues->count; i++) {
        const lw_fhir_issue *issue = &issues->list[i];
        lw_buf_fmt(out, "%s{\"severity\":\"%s\",\"code\":\"%s\",\"details\":{\"text\":", i > 0 ? "," : "",
                   issue->severity, issue->code);
        lw_buf_json(out, lw__str(issue->text));
        lw_buf_str(out, "}");
        if (issue->diagnostics[0] != '\0') {
            lw_buf_str(out, ",\"diagnostics\":");
            lw_buf_json(out, lw__str(issue->diagnostics));
        }
        if (issue->expression[0] != '\0') {
            lw_buf_str(out, ",\"expression\":[");
            lw_buf_json(out, lw__str(issue->expression));
            lw_buf_str(out, "]");
        }
        lw_buf_str(out, "}");
    }
    lw_buf_str(out, "]}");
}

/* ---- dates ---- */

bool lw_fhir_date_meets(lw_fhir_prefix prefix, int64_t s_from, int64_t s_to, int64_t t_from, int64_t t_to,
                        int64_t now_s) {
    bool within = s_from <= t_from && t_to <= s_to;
    switch (prefix) {
    case LW_FHIR_EQ:
        return within;
    case LW_FHIR_NE:
        return !within;
    case LW_FHIR_GT:
        return t_to > s_to;
    case LW_FHIR_LT:
        return t_from < s_from;
    case LW_FHIR_GE:
        return t_to > s_to || within;
    case LW_FHIR_LE:
        return t_from < s_from || within;
    case LW_FHIR_SA:
        return t_from >= s_to;
    case LW_FHIR_EB:
        return t_to <= s_from;
    default: {
        int64_t away = now_s > s_from ? now_s - s_from : s_from - now_s;
        return t_from < s_to + away / 10 && t_to > s_from - away / 10;
    }
    }
}

static lw_fhir_prefix take_prefix(const char **text) {
    static const char names[][3] = {"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"};
    for (uint32_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(*text, names[i], 2) == 0) {
            *text += 2;
            return (lw_fhir_prefix)i;
        }
    }
    return LW_FHIR_EQ;
}

/* ---- one value ---- */

/* Digits with at most six decimals, in millionths; *half: half of what the last digit stands for. */
static bool read_number(const char *text, int64_t *value, int64_t *half, const char **end) {
    const char *p = text;
    bool minus = *p == '-';
    p += minus || *p == '+' ? 1 : 0;
    int64_t whole = 0, unit = MILLION;
    int digits = 0;
    for (; *p >= '0' && *p <= '9' && digits < 10; p++, digits++) {
        whole = whole * 10 + (*p - '0');
    }
    if (digits == 0) {
        return false;
    }
    int64_t sum = whole * MILLION;
    if (*p == '.') {
        p++;
        for (digits = 0; *p >= '0' && *p <= '9' && digits < 6; p++, digits++) {
            unit /= 10;
            sum += (*p - '0') * unit;
        }
        if (digits == 0) {
            return false;
        }
    }
    *value = minus ? -sum : sum;
    *half = unit / 2;
    *end = p;
    return *p == '\0' || *p == '|';
}

/* Takes text up to an unescaped sign off *rest, without its backslashes; *met: the sign was there. */
static char *piece(lw_pool *pool, const char **rest, char sign, bool *met) {
    char *out = lw_pool_take(pool, strlen(*rest) + 1), *to = out;
    const char *p = *rest;
    for (; out != NULL && *p != '\0' && *p != sign; p++) {
        if (*p == '\\' && p[1] != '\0') {
            p++;
        }
        *to++ = *p;
    }
    *met = *p == sign && *p != '\0';
    *rest = *met ? p + 1 : p;
    return out;
}

static bool is_absolute(const char *text) {
    return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0 || strncmp(text, "urn:", 4) == 0;
}

/* "Patient/1", "1" or this server's own address of it; elsewhere's is found nowhere, or is a canonical. */
static void read_reference(const lw_fhir_search *search, const char *text, const char *type, lw_fhir_wanted *out) {
    size_t base = strlen(search->base);
    if (base > 0 && strncmp(text, search->base, base) == 0 && text[base] == '/') {
        text += base + 1;
    }
    const char *slash = is_absolute(text) ? NULL : strchr(text, '/');
    out->text = text;
    out->system = type;
    for (int t = 0; slash != NULL && t < LW_FHIR_TYPES; t++) {
        const char *name = lw_fhir_type_name(t);
        if (strlen(name) == (size_t)(slash - text) && strncmp(name, text, strlen(name)) == 0) {
            out->system = type == NULL || strcmp(type, name) == 0 ? name : "-";
            out->text = slash + 1;
        }
    }
}

static const char *folded(lw_pool *pool, const char *text) {
    lw_buf fold = {0};
    lw_name_fold(lw__str(text), &fold);
    const char *out = fold.failed ? NULL : lw_pool_text(pool, lw_buf_view(&fold));
    lw_buf_free(&fold);
    return out;
}

/* One of the values between commas, still with its backslashes. */
static int32_t read_value(lw_pool *pool, const lw_fhir_search *search, const lw_fhir_term *term, const char *raw,
                          const char *type, lw_fhir_wanted *out) {
    bool met = false;
    uint8_t kind = lw_fhir_param_table[term->param].kind;
    const char *rest = raw;
    if (raw[0] == '\0') {
        return LW_ERR_VALUE;
    }
    if (kind == LW_FHIR_DATE) {
        out->prefix = (uint8_t)take_prefix(&rest);
        char *date = piece(pool, &rest, '\0', &met);
        for (char *p = date; p != NULL && *p != '\0'; p++) {
            *p = *p == ' ' ? '+' : *p; /* a plus that was not encoded */
        }
        return date == NULL                                                ? LW_ERR_NO_MEMORY
               : lw_fhir_interval(lw__str(date), &out->from_s, &out->to_s) ? LW_OK
                                                                           : LW_ERR_VALUE;
    }
    if (kind == LW_FHIR_QUANTITY) {
        int64_t half = 0;
        out->prefix = (uint8_t)take_prefix(&rest);
        if (!read_number(rest, &out->value, &half, &rest)) {
            return LW_ERR_VALUE;
        }
        int64_t tenth = out->value < 0 ? -out->value / 10 : out->value / 10;
        half = out->prefix == LW_FHIR_AP && tenth > half ? tenth : half;
        out->low = out->value - half;
        out->high = out->value + half;
        out->any_system = out->any_code = *rest == '\0';
        if (*rest == '\0') {
            return LW_OK;
        }
        rest++;
        char *system = piece(pool, &rest, '|', &met);
        char *code = met ? piece(pool, &rest, '\0', &met) : NULL;
        if (system == NULL || code == NULL) {
            return LW_ERR_VALUE;
        }
        out->any_system = system[0] == '\0';
        out->any_code = code[0] == '\0';
        out->system = system;
        out->text = code;
        return LW_OK;
    }
    if (kind == LW_FHIR_TOKEN && term->param != LW_FHIR_P_ID) {
        char *first = piece(pool, &rest, '|', &met);
        out->any_system = !met;
        out->system = "";
        out->text = first;
        if (met && first != NULL) {
            out->system = first;
            out->text = piece(pool, &rest, '\0', &met);
            out->any_code = out->text != NULL && out->text[0] == '\0';
        }
        return out->text == NULL ? LW_ERR_NO_MEMORY : out->any_code && out->system[0] == '\0' ? LW_ERR_VALUE : LW_OK;
    }
    char *text = piece(pool, &rest, '\0', &met);
    out->text = text;
    if (text != NULL && kind == LW_FHIR_STRING && term->modifier != LW_FHIR_EXACT) {
        out->text = folded(pool, text);
    } else if (text != NULL && kind == LW_FHIR_REFERENCE) {
        read_reference(search, text, type, out);
    }
    return out->text == NULL ? LW_ERR_NO_MEMORY : LW_OK;
}

/* ---- one parameter ---- */

typedef struct reading {
    lw_pool *pool;
    lw_fhir_search *search;
    lw_fhir_issues *issues;
    bool lenient, failed;
    bool used; /* of the parameter at hand: it goes into the self link */
    const char *cursor;
    char where[NAME_MOST + 8]; /* "http.code" */
} reading;

/* Not known here: an error, or a warning when the client said that it can live with that. */
static int32_t unknown(reading *r, const char *code, const char *text, const char *format, const char *what) {
    char sentence[200];
    snprintf(sentence, sizeof sentence, format, what);
    lw_fhir_issue_add(r->issues, r->lenient ? "warning" : "error", code, text, r->where, "%s%s", sentence,
                      r->lenient ? "; it was ignored" : "");
    r->failed = r->failed || !r->lenient;
    return LW_OK;
}

static int32_t wrong(reading *r, const char *format, const char *what) {
    char sentence[200];
    snprintf(sentence, sizeof sentence, format, what);
    lw_fhir_issue_add(r->issues, "error", "value", "A search value could not be read", r->where, "%s", sentence);
    r->failed = true;
    return LW_OK;
}

static int32_t read_term(reading *r, int param, const char *modifier, const char *text) {
    lw_fhir_search *s = r->search;
    uint8_t kind = lw_fhir_param_table[param].kind;
    if (s->term_count == LW_FHIR_TERMS) {
        return wrong(r, "%s: too many parameters in one search", lw_fhir_param_table[param].name);
    }
    lw_fhir_term *term = &s->terms[s->term_count];
    *term = (lw_fhir_term){.param = (uint8_t)param, .first = s->value_count};
    const char *type = param == LW_FHIR_P_PATIENT ? "Patient" : NULL;
    if (strcmp(modifier, "missing") == 0) {
        bool yes = strcmp(text, "true") == 0;
        if (!yes && strcmp(text, "false") != 0) {
            return wrong(r, ":missing is true or false, not “%s”", text);
        }
        term->modifier = LW_FHIR_MISSING;
        term->missing = yes;
        s->term_count++;
        r->used = true;
        return LW_OK;
    }
    if (strcmp(modifier, "exact") == 0 && kind == LW_FHIR_STRING) {
        term->modifier = LW_FHIR_EXACT;
    } else if (strcmp(modifier, "contains") == 0 && kind == LW_FHIR_STRING) {
        term->modifier = LW_FHIR_CONTAINS;
    } else if (strcmp(modifier, "not") == 0 && kind == LW_FHIR_TOKEN) {
        term->modifier = LW_FHIR_NOT;
    } else if (modifier[0] != '\0' && kind == LW_FHIR_REFERENCE && lw_fhir_type_of(lw__str(modifier)) >= 0) {
        type = lw_fhir_type_name(lw_fhir_type_of(lw__str(modifier)));
    } else if (modifier[0] != '\0') {
        return unknown(r, "not-supported", "A search modifier that is not supported",
                       "the modifier :%s is not known for this parameter", modifier);
    }
    const char *rest = text;
    bool more = true;
    while (more) {
        /* Up to the next comma; backslashes stay for what reads the value. */
        const char *p = rest;
        while (*p != '\0' && *p != ',') {
            p += *p == '\\' && p[1] != '\0' ? 2 : 1;
        }
        char *one = lw_pool_text(r->pool, (lw_str){rest, (uint32_t)(p - rest)});
        if (one == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        if (s->value_count == LW_FHIR_VALUES) {
            return wrong(r, "%s: too many values in one search", lw_fhir_param_table[param].name);
        }
        lw_fhir_wanted *value = &s->values[s->value_count++];
        *value = (lw_fhir_wanted){0};
        int32_t err = read_value(r->pool, s, term, one, type, value);
        if (err == LW_ERR_VALUE) {
            return wrong(
                r,
                kind == LW_FHIR_DATE ? "“%s” is no date, as 2026, 2026-03, 2026-03-02 or 2026-03-02T07:05:00Z, "
                                       "with a prefix or without"
                : kind == LW_FHIR_QUANTITY ? "“%s” is no quantity, as gt3, 3.0|| or 3|http://unitsofmeasure.org|kg"
                                           : "“%s” is no value for this parameter",
                one);
        }
        if (err != LW_OK) {
            return err;
        }
        more = *p == ',';
        rest = p + 1;
        term->count++;
    }
    s->term_count++;
    r->used = true;
    return LW_OK;
}

/* Observation:subject or Observation:subject:Patient. */
static int32_t read_include(reading *r, bool reverse, const char *text) {
    lw_fhir_search *s = r->search;
    bool met = false, met_two = false, met_three = false;
    const char *rest = text;
    const char *source = piece(r->pool, &rest, ':', &met), *name = piece(r->pool, &rest, ':', &met_two),
               *target = piece(r->pool, &rest, ':', &met_three);
    if (source == NULL || name == NULL || target == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    lw_fhir_include *include = &s->includes[s->include_count];
    int type = lw_fhir_type_of(lw__str(source));
    int param = type >= 0 ? lw_fhir_param_of(type, lw__str(name)) : -1;
    int wanted = target[0] != '\0' ? lw_fhir_type_of(lw__str(target)) : -1;
    bool good = met && param >= 0 && lw_fhir_param_table[param].kind == LW_FHIR_REFERENCE &&
                (target[0] == '\0' || wanted >= 0) && (reverse || type == s->type);
    if (!good || s->include_count == LW_FHIR_INCLUDES) {
        return unknown(r, "not-supported", "An include that is not supported",
                       good ? "%s: too many includes in one search"
                            : "“%s” is not Type:parameter of a reference that is known here",
                       text);
    }
    *include = (lw_fhir_include){.reverse = reverse, .type = type, .param = param, .target = wanted};
    s->include_count++;
    r->used = true;
    return LW_OK;
}

static int32_t read_sort(reading *r, const char *text) {
    lw_fhir_search *s = r->search;
    bool down = text[0] == '-';
    int param = lw_fhir_param_of(s->type, lw__str(text + (down ? 1 : 0)));
    if (param < 0 || (lw_fhir_param_table[param].kind != LW_FHIR_DATE && param != LW_FHIR_P_ID)) {
        return unknown(r, "not-supported", "An order that is not supported",
                       "“%s”: one parameter that is a date, or _id, with a minus for the latest first", text);
    }
    s->sort = param;
    s->descending = down;
    s->sorted = true;
    r->used = true;
    return LW_OK;
}

static int32_t read_result(reading *r, const char *name, const char *text, bool *known) {
    static const char *const summaries[] = {"false", "true", "text", "data", "count", NULL};
    lw_fhir_search *s = r->search;
    *known = true;
    if (strcmp(name, "_count") == 0) {
        char *end = NULL;
        unsigned long count = text[0] >= '0' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;
        if (end == NULL || *end != '\0' || strlen(text) > 9) {
            return wrong(r, "_count is a whole number, not “%s”", text);
        }
        s->count = count > LW_FHIR_PAGE_MOST ? LW_FHIR_PAGE_MOST : (uint32_t)count;
    } else if (strcmp(name, "_summary") == 0) {
        uint32_t i = 0;
        while (summaries[i] != NULL && strcmp(summaries[i], text) != 0) {
            i++;
        }
        if (summaries[i] == NULL) {
            return wrong(r, "_summary is true, text, data, count or false, not “%s”", text);
        }
        s->summary = (lw_fhir_summary)i;
    } else if (strcmp(name, "_total") == 0) {
        s->total = strcmp(text, "accurate") == 0 || strcmp(text, "estimate") == 0;
        if (!s->total && strcmp(text, "none") != 0) {
            return wrong(r, "_total is none, estimate or accurate, not “%s”", text);
        }
    } else if (strcmp(name, "_include") == 0 || strcmp(name, "_revinclude") == 0) {
        return read_include(r, name[1] == 'r', text);
    } else if (strcmp(name, "_sort") == 0) {
        return read_sort(r, text);
    } else if (strcmp(name, "_format") != 0 &&
               strcmp(name, "_pretty") != 0) { /* those are the answer's, not the search's */
        *known = false;
    }
    r->used = *known;
    return LW_OK;
}

static int32_t read_pair(reading *r, const char *name, const char *text) {
    char bare[NAME_MOST + 1];
    const char *colon = strchr(name, ':');
    size_t len = colon != NULL ? (size_t)(colon - name) : strlen(name);
    bool result = false;
    r->used = false;
    snprintf(r->where, sizeof r->where, "http.%.*s", NAME_MOST, name);
    if (len == 0 || len > NAME_MOST) {
        return unknown(r, "not-supported", "A search parameter that is not supported", "“%.80s” is none that is known",
                       name);
    }
    memcpy(bare, name, len);
    bare[len] = '\0';
    if (strcmp(name, "_cursor") == 0) {
        r->cursor = text;
        return LW_OK;
    }
    if (colon == NULL) {
        int32_t err = read_result(r, bare, text, &result);
        if (err != LW_OK || result) {
            return err;
        }
    }
    int param = lw_fhir_param_of(r->search->type, lw__str(bare));
    if (param >= 0) {
        return read_term(r, param, colon != NULL ? colon + 1 : "", text);
    }
    if (strchr(bare, '.') != NULL || strcmp(bare, "_has") == 0) {
        return unknown(r, "not-supported", "Chained search is not supported",
                       "“%.80s” asks through another resource; this server does not do that", name);
    }
    return unknown(r, "not-supported", "A search parameter that is not supported",
                   "“%.80s” is not a parameter of this type here; /fhir/metadata names those that are", name);
}

/* ---- cursors ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* So that a cursor is refused by another search than the one that made it. */
static uint32_t search_hash(const lw_fhir_search *search) {
    uint32_t hash = 2166136261u ^ (uint32_t)search->type;
    for (const char *p = search->self; *p != '\0'; p++) {
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    }
    return hash;
}

void lw_fhir_cursor(const lw_fhir_search *search, int64_t key, const char *id, lw_buf *out) {
    char plain[128];
    int len = snprintf(plain, sizeof plain, "%08x %lld %s", (unsigned)search_hash(search), (long long)key, id);
    for (int i = 0; i < len; i += 3) {
        uint32_t bits = 0;
        for (int k = 0; k < 3; k++) {
            bits = bits << 8 | (i + k < len ? (unsigned char)plain[i + k] : 0u);
        }
        for (int k = 0; k < 4 && i + k <= len; k++) {
            lw_buf_add(out, &letters[bits >> (18 - 6 * k) & 63], 1);
        }
    }
}

static bool read_cursor(lw_pool *pool, lw_fhir_search *search, const char *text) {
    char plain[136];
    size_t len = 0;
    uint32_t bits = 0, have = 0;
    for (; *text != '\0'; text++) {
        const char *at = strchr(letters, *text);
        if (at == NULL || len + 2 > sizeof plain) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)(at - letters)) & 0xffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            plain[len++] = (char)(bits >> have & 255);
        }
    }
    plain[len] = '\0';
    unsigned hash = 0;
    long long key = 0;
    char id[65] = "";
    if (sscanf(plain, "%8x %lld %64s", &hash, &key, id) != 3 || hash != search_hash(search)) {
        return false;
    }
    search->after_key = key;
    search->after_id = lw_pool_text(pool, lw__str(id));
    return search->after_id != NULL;
}

/* ---- the whole ---- */

int32_t lw_fhir_search_read(lw_pool *pool, int type, lw_str query, bool lenient, const char *base, int64_t now_s,
                            lw_fhir_search *out, lw_fhir_issues *issues) {
    reading r = {.pool = pool, .search = out, .issues = issues, .lenient = lenient};
    lw_buf self = {0};
    int32_t err = LW_OK;
    memset(out, 0, sizeof *out);
    out->type = type;
    out->count = LW_FHIR_PAGE;
    out->sort = LW_FHIR_P_LAST_UPDATED;
    out->now_s = now_s;
    out->base = base;
    out->self = "";
    const char *p = query.ptr, *end = query.ptr + query.len;
    while (err == LW_OK && p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p)), *to = amp != NULL ? amp : end;
        const char *equals = memchr(p, '=', (size_t)(to - p));
        lw_str raw_name = {p, (uint32_t)((equals != NULL ? equals : to) - p)};
        lw_str raw_text = equals != NULL ? (lw_str){equals + 1, (uint32_t)(to - equals - 1)} : (lw_str){"", 0};
        char *name = lw_pool_take(pool, raw_name.len + 1u), *text = lw_pool_take(pool, raw_text.len + 1u);
        if (name == NULL || text == NULL) {
            err = LW_ERR_NO_MEMORY;
        } else if (!lw__percent_decode(raw_name, true, name, raw_name.len + 1u) ||
                   !lw__percent_decode(raw_text, true, text, raw_text.len + 1u)) {
            snprintf(r.where, sizeof r.where, "http");
            err = wrong(&r, "%s", "a parameter is not validly encoded");
        } else if (p < to) {
            err = read_pair(&r, name, text);
            if (r.used) {
                lw_buf_str(&self, self.len > 0 ? "&" : "");
                lw_buf_slice(&self, (lw_str){p, (uint32_t)(to - p)});
            }
        }
        p = amp != NULL ? amp + 1 : end;
    }
    if (err == LW_OK && self.len > 0) {
        out->self = lw_pool_text(pool, lw_buf_view(&self));
    }
    err = self.failed || out->self == NULL ? LW_ERR_NO_MEMORY : err;
    lw_buf_free(&self);
    if (err == LW_OK && r.cursor != NULL && !read_cursor(pool, out, r.cursor)) {
        snprintf(r.where, sizeof r.where, "http._cursor");
        err = wrong(&r, "%s", "this is not a page of this search; follow the link “next” of an answer as it stands");
    }
    return pool->failed ? LW_ERR_NO_MEMORY : err != LW_OK ? err : r.failed ? LW_ERR_VALUE : LW_OK;
}

const char *lw_fhir_search_only(const lw_fhir_search *search, int param) {
    const char *found = NULL;
    for (uint32_t i = 0; i < search->term_count; i++) {
        const lw_fhir_term *term = &search->terms[i];
        if (term->param == param && term->modifier == LW_FHIR_PLAIN && term->count == 1 && found == NULL) {
            found = search->values[term->first].text;
        }
    }
    return found;
}

/* ---- asking ---- */

/* At the beginning of a word. */
static bool begins(const char *hay, const char *needle) {
    size_t len = strlen(needle);
    for (const char *p = hay; *p != '\0'; p++) {
        if ((p == hay || p[-1] == ' ' || p[-1] == '-' || p[-1] == '\'') && strncmp(p, needle, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool string_meets(lw_fhir_search *search, const lw_fhir_term *term, const lw_fhir_wanted *value,
                         const char *text) {
    if (term->modifier == LW_FHIR_EXACT) {
        return strcmp(text, value->text) == 0;
    }
    lw_buf fold = {0};
    lw_name_fold(lw__str(text), &fold);
    bool met =
        fold.len > 0 && !fold.failed &&
        (term->modifier == LW_FHIR_CONTAINS ? strstr(fold.ptr, value->text) != NULL : begins(fold.ptr, value->text));
    search->failed = search->failed || fold.failed;
    lw_buf_free(&fold);
    return met;
}

static bool quantity_meets(const lw_fhir_wanted *value, const lw_fhir_fact *fact) {
    int64_t is = fact->value_x100 * (MILLION / 100);
    if ((!value->any_system && strcmp(value->system, fact->system) != 0) ||
        (!value->any_code && strcmp(value->text, fact->text) != 0)) {
        return false;
    }
    switch (value->prefix) {
    case LW_FHIR_NE:
        return is < value->low || is >= value->high;
    case LW_FHIR_GT:
    case LW_FHIR_SA:
        return is > value->value;
    case LW_FHIR_LT:
    case LW_FHIR_EB:
        return is < value->value;
    case LW_FHIR_GE:
        return is >= value->value;
    case LW_FHIR_LE:
        return is <= value->value;
    default: /* eq, ap */
        return is >= value->low && is < value->high;
    }
}

/* A canonical matches its address alone, too. */
static bool canonical_meets(const char *wanted, const char *has) {
    size_t len = strlen(wanted);
    return strcmp(wanted, has) == 0 ||
           (strchr(wanted, '|') == NULL && strncmp(wanted, has, len) == 0 && has[len] == '|');
}

static bool fact_meets(lw_fhir_search *search, const lw_fhir_term *term, const lw_fhir_wanted *value,
                       const lw_fhir_fact *fact) {
    switch (lw_fhir_param_table[term->param].kind) {
    case LW_FHIR_DATE:
        return lw_fhir_date_meets(value->prefix, value->from_s, value->to_s, fact->from_s, fact->to_s, search->now_s);
    case LW_FHIR_TOKEN:
        return (value->any_system || strcmp(value->system, fact->system) == 0) &&
               (value->any_code || strcmp(value->text, fact->text) == 0);
    case LW_FHIR_REFERENCE:
        return fact->system[0] == '\0' ? canonical_meets(value->text, fact->text)
                                       : (value->system == NULL || strcmp(value->system, fact->system) == 0) &&
                                             strcmp(value->text, fact->text) == 0;
    case LW_FHIR_QUANTITY:
        return quantity_meets(value, fact);
    case LW_FHIR_STRING:
        return string_meets(search, term, value, fact->text);
    default:
        return strcmp(value->text, fact->text) == 0;
    }
}

static bool term_meets(lw_fhir_search *search, const lw_fhir_term *term, const lw_fhir_resource *resource) {
    bool met = false, present = term->param == LW_FHIR_P_ID || term->param == LW_FHIR_P_LAST_UPDATED;
    for (uint32_t v = 0; v < term->count && !met && present; v++) {
        const lw_fhir_wanted *value = &search->values[term->first + v];
        met = term->param == LW_FHIR_P_ID
                  ? strcmp(value->text, resource->id) == 0
                  : lw_fhir_date_meets(value->prefix, value->from_s, value->to_s, resource->updated_s,
                                       resource->updated_s + 1, search->now_s);
    }
    for (uint32_t f = 0; f < resource->fact_count && !met; f++) {
        if (resource->facts[f].param != term->param) {
            continue;
        }
        present = true;
        for (uint32_t v = 0; v < term->count && !met; v++) {
            met = fact_meets(search, term, &search->values[term->first + v], &resource->facts[f]);
        }
    }
    return term->modifier == LW_FHIR_MISSING ? present != term->missing : term->modifier == LW_FHIR_NOT ? !met : met;
}

bool lw_fhir_search_meets(lw_fhir_search *search, const lw_fhir_resource *resource) {
    bool met = resource->type == search->type;
    for (uint32_t i = 0; i < search->term_count && met; i++) {
        met = term_meets(search, &search->terms[i], resource);
    }
    return met;
}

/* Whether one of the ids asked for begins as this one does. */
static bool may_be_id(const lw_fhir_search *search, const lw_fhir_term *term, const char *id) {
    bool may = term->modifier != LW_FHIR_PLAIN;
    for (uint32_t v = 0; v < term->count && !may; v++) {
        may = strncmp(search->values[term->first + v].text, id, 36) == 0;
    }
    return may;
}

bool lw_fhir_search_may(lw_fhir_search *search, const lw_fhir_resource *resource, uint64_t known) {
    bool may = true;
    for (uint32_t i = 0; i < search->term_count && may; i++) {
        const lw_fhir_term *term = &search->terms[i];
        if ((known & LW_FHIR_KNOWS(term->param)) != 0) {
            may = term_meets(search, term, resource);
        } else if (term->param == LW_FHIR_P_ID) {
            may = may_be_id(search, term, resource->id);
        }
    }
    return may;
}

/* ---- order ---- */

int64_t lw_fhir_sort_key(const lw_fhir_search *search, const lw_fhir_resource *resource) {
    if (search->sort == LW_FHIR_P_LAST_UPDATED) {
        return resource->updated_s;
    }
    for (uint32_t f = 0; f < resource->fact_count && search->sort != LW_FHIR_P_ID; f++) {
        if (resource->facts[f].param == search->sort) {
            return resource->facts[f].from_s;
        }
    }
    return search->sort == LW_FHIR_P_ID ? 0 : search->descending ? INT64_MIN : INT64_MAX;
}

int lw_fhir_sort_order(const lw_fhir_search *search, int64_t a_key, const char *a_id, int64_t b_key, const char *b_id) {
    int order = a_key != b_key ? (a_key < b_key ? -1 : 1) : strcmp(a_id, b_id);
    return search->descending ? -order : order;
}
