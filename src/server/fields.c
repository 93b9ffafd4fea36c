/*
 * fields.c: query and body against the route's tables.
 *
 * A body is one JSON object, read by the record's own strict reader: UTF-8, depth, names that stand twice. Unknown names are
 * refused, in the query too, so that a misspelled limit is not silently no limit. Texts come out unescaped, lists and objects
 * (type json) as they stand, already checked.
 */
#include <string.h>

#include "server/server_internal.h"

#include "record/json.h"

static const lw_value absent;

static const lw_value *find(const lw_field *fields, const lw_value *values, const char *name) {
    for (uint32_t i = 0; fields != NULL && fields[i].name != NULL && i < LW_MAX_FIELDS; i++) {
        if (strcmp(fields[i].name, name) == 0) {
            return &values[i];
        }
    }
    return &absent;
}

const lw_value *lw_body(const lw_request *rq, const char *name) {
    return find(rq->route->body, rq->body, name);
}

const lw_value *lw_query(const lw_request *rq, const char *name) {
    return find(rq->route->query, rq->query, name);
}

/* Whether the text of a value fits its field; dates become days. */
static int32_t check_text(lw_request *rq, const lw_field *field, lw_value *value) {
    if (field->type == LW_FIELD_DATE) {
        int32_t day = 0;
        if (!lw_day_parse(value->text, &day)) {
            return lw_problem(rq, LW_ERR_DATE, field->name, "must be a real date, as 2026-03-06");
        }
        value->number = day;
        return LW_OK;
    }
    uint32_t count = lw__utf8_count(value->text);
    if (count < (uint64_t)field->min || count > (uint64_t)field->max) {
        return lw_problem(rq, LW_ERR_RANGE, field->name, "must have %lld to %lld characters, not %u",
                          (long long)field->min, (long long)field->max, count);
    }
    if (field->words == NULL || (value->text.len == 0 && field->min == 0)) {
        return LW_OK;
    }
    char list[160] = "";
    for (uint32_t i = 0; field->words[i] != NULL; i++) {
        if (lw__str_eq(lw__str(field->words[i]), value->text)) {
            return LW_OK;
        }
        strncat(list, i > 0 ? ", " : "", sizeof list - strlen(list) - 1);
        strncat(list, field->words[i], sizeof list - strlen(list) - 1);
    }
    return lw_problem(rq, LW_ERR_VALUE, field->name, "must be one of %s", list);
}

static int32_t check_int(lw_request *rq, const lw_field *field, const lw_value *value) {
    if (value->number < field->min || value->number > field->max) {
        return lw_problem(rq, LW_ERR_RANGE, field->name, "must be %lld to %lld", (long long)field->min,
                          (long long)field->max);
    }
    return LW_OK;
}

static int32_t missing(lw_request *rq, const lw_field *fields, const lw_value *values) {
    for (uint32_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
        if (fields[i].required && !values[i].given) {
            return lw_problem(rq, LW_ERR_MISSING, fields[i].name, "is required");
        }
    }
    return LW_OK;
}

/* ---- query ---- */

static int32_t query_pair(lw_request *rq, lw_str name, lw_str text) {
    const lw_field *fields = rq->route->query;
    uint32_t i = 0;
    while (fields != NULL && fields[i].name != NULL && !lw__str_eq(lw__str(fields[i].name), name)) {
        i++;
    }
    if (fields == NULL || fields[i].name == NULL) {
        return lw_problem(rq, LW_ERR_UNKNOWN_MEMBER, NULL, "the address has a parameter that is not known here");
    }
    lw_value *value = &rq->query[i];
    if (value->given) {
        return lw_problem(rq, LW_ERR_DUPLICATE_MEMBER, fields[i].name, "stands twice in the address");
    }
    char *decoded = lw_pool_take(&rq->pool, text.len + 1u);
    if (decoded == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    if (!lw__percent_decode(text, true, decoded, text.len + 1u)) {
        return lw_problem(rq, LW_ERR_UTF8, fields[i].name, "is not validly encoded");
    }
    *value = (lw_value){.given = true, .text = lw__str(decoded)};
    if (fields[i].type == LW_FIELD_BOOL) {
        bool yes = strcmp(decoded, "true") == 0;
        value->number = yes;
        return yes || strcmp(decoded, "false") == 0
                   ? LW_OK
                   : lw_problem(rq, LW_ERR_TYPE, fields[i].name, "must be true or false");
    }
    if (fields[i].type != LW_FIELD_INT) {
        return check_text(rq, &fields[i], value);
    }
    lw__json j = lw__json_over(value->text);
    lw__number number;
    char first = *decoded;
    if ((first != '-' && (first < '0' || first > '9')) || !lw__json_number(&j, &number) || j.p != j.end ||
        number.decimals > 0 || number.exponent) {
        return lw_problem(rq, LW_ERR_TYPE, fields[i].name, "must be a whole number");
    }
    value->number = number.x100 / 100;
    return check_int(rq, &fields[i], value);
}

int32_t lw__fields_query(lw_request *rq, lw_str query) {
    memset(rq->query, 0, sizeof rq->query);
    rq->query_text = query;
    if (rq->route->fhir) {
        return LW_OK;
    }
    const char *p = query.ptr, *end = query.ptr + query.len;
    while (p < end) {
        const char *amp = memchr(p, '&', (size_t)(end - p));
        const char *to = amp != NULL ? amp : end;
        const char *equals = memchr(p, '=', (size_t)(to - p));
        lw_str name = {p, (uint32_t)((equals != NULL ? equals : to) - p)};
        lw_str text = equals != NULL ? (lw_str){equals + 1, (uint32_t)(to - equals - 1)} : (lw_str){"", 0};
        int32_t err = query_pair(rq, name, text);
        if (err != LW_OK) {
            return err;
        }
        p = amp != NULL ? amp + 1 : end;
    }
    return missing(rq, rq->route->query, rq->query);
}

/* ---- body ---- */

static uint32_t line_of(lw_str text, const char *at) {
    uint32_t line = 1;
    for (const char *p = text.ptr; p < at && p < text.ptr + text.len; p++) {
        line += *p == '\n';
    }
    return line;
}

/* A checked text from its opening quote, unescaped into the pool. */
static int32_t text_value(lw_request *rq, const char *p, lw_str *out) {
    lw__json j = {.p = p, .end = rq->raw.ptr + rq->raw.len};
    lw__text text = {0};
    if (!lw__json_string(&j, &text)) {
        return LW_ERR_SYNTAX;
    }
    *out = (lw_str){text.ptr, text.len};
    if (text.escaped) {
        char *plain = lw_pool_take(&rq->pool, text.len + 1u);
        if (plain == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        *out = (lw_str){plain, lw__json_unescape(text, plain)};
    }
    return LW_OK;
}

static int32_t body_member(lw_request *rq, const lw_field *field, const char *p, lw_value *value) {
    value->given = true;
    switch (field->type) {
    case LW_FIELD_JSON:
        value->text = (lw_str){p, (uint32_t)(lw__json_after(p) - p)};
        return LW_OK;
    case LW_FIELD_BOOL:
        value->number = *p == 't';
        return *p == 't' || *p == 'f' ? LW_OK : lw_problem(rq, LW_ERR_TYPE, field->name, "must be true or false");
    case LW_FIELD_INT: {
        lw__json j = {.p = p, .end = rq->raw.ptr + rq->raw.len};
        lw__number number;
        if ((*p != '-' && (*p < '0' || *p > '9')) || !lw__json_number(&j, &number) || number.decimals > 0 ||
            number.exponent) {
            return lw_problem(rq, LW_ERR_TYPE, field->name, "must be a whole number");
        }
        value->number = number.x100 / 100;
        return check_int(rq, field, value);
    }
    default: {
        if (*p != '"') {
            return lw_problem(rq, LW_ERR_TYPE, field->name, "must be a text");
        }
        int32_t err = text_value(rq, p, &value->text);
        return err != LW_OK ? err : check_text(rq, field, value);
    }
    }
}

/* Absent means unknown here too: null is as if the member were not there. */
static bool is_null(const char *p) {
    return *p == 'n';
}

static int32_t member(lw_request *rq, const char *p) {
    lw_str name;
    int32_t err = text_value(rq, p, &name);
    if (err != LW_OK) {
        return err;
    }
    const lw_field *fields = rq->route->body;
    for (uint32_t i = 0; fields != NULL && fields[i].name != NULL; i++) {
        if (lw__str_eq(lw__str(fields[i].name), name)) {
            const char *value = lw__json_value(p);
            return is_null(value) && fields[i].type != LW_FIELD_JSON ? LW_OK
                                                                     : body_member(rq, &fields[i], value, &rq->body[i]);
        }
    }
    char shown[64];
    lw__writer w = lw__writer_over(shown, sizeof shown);
    lw__put(&w, name);
    lw__put_end(&w);
    return lw_problem(rq, LW_ERR_UNKNOWN_MEMBER, shown, "is not known here");
}

static bool is_media(const char *media, const char *wanted) {
    size_t n = strlen(wanted);
    return strncasecmp(media, wanted, n) == 0 && (media[n] == '\0' || media[n] == ';' || media[n] == ' ');
}

int32_t lw__fields_body(lw_request *rq, const char *media) {
    memset(rq->body, 0, sizeof rq->body);
    if (rq->raw.len == 0 || rq->route->foreign) {
        return missing(rq, rq->route->body, rq->body);
    }
    bool form = rq->route->fhir && rq->route->shape == LW_READ; /* a search that was posted */
    const char *wanted = form              ? "application/x-www-form-urlencoded"
                         : rq->route->fhir ? "application/fhir+json"
                                           : "application/json";
    if (!is_media(media, wanted) && !(rq->route->fhir && !form && is_media(media, "application/json"))) {
        return lw_problem(rq, LW_ERR_MEDIA, NULL, "Content-Type must be %s", wanted);
    }
    if (form) {
        return LW_OK;
    }
    lw__json j = lw__json_over(rq->raw);
    if (!lw__json_check(&j)) {
        rq->line = line_of(rq->raw, j.at);
        return lw_problem(rq, j.err, NULL, "%s", j.message != NULL ? j.message : "the body is not well-formed JSON");
    }
    const char *p = lw__json_solid(rq->raw.ptr);
    if (*p != '{') {
        return lw_problem(rq, LW_ERR_TYPE, NULL, "the body must be one JSON object");
    }
    for (bool more = !rq->route->fhir && lw__json_first(&p); more; more = lw__json_next(&p)) {
        int32_t err = member(rq, p);
        if (err != LW_OK) {
            return err;
        }
    }
    return missing(rq, rq->route->body, rq->body);
}
