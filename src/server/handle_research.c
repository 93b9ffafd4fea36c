/*
 * handle_research.c: the events of a clinic without the people in them.
 *
 * Each patient's record is written anew, member by member, by the table of its kind: what the table does not know (x_ members
 * too) and free text never comes out. Ids of patients and events become keyed hashes under a secret that is forgotten after
 * the export; dates move back by a whole number of weeks, the same for all of a patient, so that weekdays and gaps stay;
 * clinicians and devices become roles; birth years become five-year bands, height and mass are rounded to five. Below five
 * patients nothing is given out. What comes out is a valid record (docs/format/record.md), and it is not anonymous: somebody
 * who knows one patient's course well may find it (docs/access.md).
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/tables.h"
#include "server/identity_internal.h"
#include "server/routes.h"

enum {
    FEWEST = 5,
    MOST_PATIENTS = 1000000,
    WEEKS = 104,
    BAND_YEARS = 5,
    OLDEST_YEARS = 90,
    ROUND_TO_X100 = 500,
    DAY_LETTERS = 10
};

/* Texts that are names out of the protocol, kept where the clinic's protocol has that very word; all other text is free. */
static const char *const vocabulary[] = {"exercise", "variable", "protocol", "to"};
/* Effects of shockwave as the app offers them and as clinics name them; anything else becomes "other". */
static const char *const effects[] = {"pain",      "redness",   "bruising", "swelling",       "numbness", "petechiae",
                                      "haematoma", "vasovagal", "nerve",    "tendon_rupture", "other"};

typedef struct exporting {
    lw_request *rq;
    lw_sql *sql;
    lw_buf *out;
    uint8_t secret[32];
    char (*patients)[65];
    uint32_t count, cap;
    /* of the patient in work */
    const char *patient;
    int32_t shift_days;
    lw_buf protocol, line, log;
    char protocol_sha256[65];
} exporting;

/* ---- replacing ---- */

/* Sixteen bytes that stand for a text of this patient; the same each time in this export, and in no other. */
static void stand_in(const exporting *x, char what, lw_str text, uint8_t out[16]) {
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, x->secret, sizeof x->secret, 16);
    crypto_generichash_update(&hash, (const uint8_t *)&what, 1);
    crypto_generichash_update(&hash, (const uint8_t *)x->patient, strlen(x->patient) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)text.ptr, text.len);
    crypto_generichash_final(&hash, out, 16);
}

/* A quoted UUID for a quoted UUID. */
static void put_id(exporting *x, lw_str id) {
    uint8_t bytes[16];
    char text[37];
    stand_in(x, 'e', id, bytes);
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    lw__writer w = lw__writer_over(text, sizeof text);
    lw__put_uuid(&w, bytes);
    lw__put_end(&w);
    lw_buf_fmt(&x->line, "\"%s\"", text);
}

/* A quoted text that begins with a date, with the date moved; false when it does not. */
static bool put_date(exporting *x, lw_str value) {
    int32_t day;
    char date[DAY_LETTERS];
    if (value.len < DAY_LETTERS + 2 || !lw_day_parse((lw_str){value.ptr + 1, DAY_LETTERS}, &day)) {
        return false;
    }
    lw_day_write(day - x->shift_days, date);
    lw_buf_str(&x->line, "\"");
    lw_buf_add(&x->line, date, DAY_LETTERS);
    lw_buf_add(&x->line, value.ptr + 1 + DAY_LETTERS, value.len - 1 - DAY_LETTERS);
    return true;
}

static bool word_sign(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '@' || c == '.' || c == '-';
}

/* Whether a quoted text is a whole word of the patient's protocol, or the protocol's own name. */
static bool is_word(const exporting *x, lw_str value) {
    if (value.len < 3 || value.len > 66) {
        return false;
    }
    lw_str word = {value.ptr + 1, value.len - 2};
    for (uint32_t i = 0; i < word.len; i++) {
        if (!word_sign(word.ptr[i])) {
            return false;
        }
    }
    const char *at = memchr(word.ptr, '@', word.len);
    uint32_t len = at != NULL ? (uint32_t)(at - word.ptr) : word.len;
    const char *end = x->protocol.ptr + x->protocol.len;
    for (const char *p = x->protocol.ptr; p != NULL && (size_t)(end - p) >= len; p++) {
        if (memcmp(p, word.ptr, len) == 0 && (p == x->protocol.ptr || !word_sign(p[-1])) &&
            (p + len == end || !word_sign(p[len]))) {
            return true;
        }
    }
    return false;
}

static bool among(const char *const *words, size_t count, lw_str name) {
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        found = found || lw__str_eq(name, lw__str(words[i]));
    }
    return found;
}

/* Digits and signs only, as "3-0-3". */
static bool is_tempo(lw_str value) {
    for (uint32_t i = 1; i + 1 < value.len; i++) {
        char c = value.ptr[i];
        if (!((c >= '0' && c <= '9') || c == '-' || c == '/' || c == '.' || c == ' ')) {
            return false;
        }
    }
    return true;
}

/* Sets, tests, weights: as they are, without x_ members and without a tempo that is more than numbers. Compact text. */
static void put_nested(lw_buf *out, lw_str value) {
    const char *p = value.ptr, *end = value.ptr + value.len;
    while (p < end) {
        if (*p != '"') {
            lw_buf_add(out, p++, 1);
            continue;
        }
        const char *after = lw__json_after(p);
        bool name = after < end && *after == ':';
        bool own = name && after - p > 3 && p[1] == 'x' && p[2] == '_';
        if (name && !own && lw__str_eq((lw_str){p, (uint32_t)(after - p)}, LW_STR("\"tempo\""))) {
            own = !is_tempo((lw_str){after + 1, (uint32_t)(lw__json_after(after + 1) - after - 1)});
        }
        if (!own) {
            lw_buf_add(out, p, (size_t)(after - p));
            p = after;
            continue;
        }
        p = lw__json_after(after + 1);
        if (*p == ',') {
            p++;
        } else if (out->len > 0 && out->ptr[out->len - 1] == ',') {
            out->len--;
        }
    }
}

/* ["…","…"] of effects. */
static void put_effects(lw_buf *out, lw_str value) {
    lw_str rest = value, item;
    lw_buf_str(out, "[");
    while (lw__pick_item(&rest, &item)) {
        bool known =
            item.len > 2 && among(effects, sizeof effects / sizeof effects[0], (lw_str){item.ptr + 1, item.len - 2});
        lw_buf_str(out, out->ptr[out->len - 1] == '[' ? "" : ",");
        lw_buf_slice(out, known ? item : LW_STR("\"other\""));
    }
    lw_buf_str(out, "]");
}

static void put_ids(exporting *x, lw_str value) {
    lw_str rest = value, item;
    lw_buf_str(&x->line, "[");
    while (lw__pick_item(&rest, &item)) {
        lw_buf_str(&x->line, x->line.ptr[x->line.len - 1] == '[' ? "" : ",");
        put_id(x, item);
    }
    lw_buf_str(&x->line, "]");
}

static void put_number(exporting *x, lw_str name, lw_str value) {
    int64_t x100 = 0;
    bool body = lw__str_eq(name, LW_STR("height_cm")) || lw__str_eq(name, LW_STR("mass_kg"));
    if (lw__str_eq(name, LW_STR("birth_year")) && lw__pick_x100(value, &x100)) {
        int32_t year, month, dom;
        lw_day_to_civil((int32_t)(x->rq->now_s / 86400), &year, &month, &dom);
        int64_t oldest = year - OLDEST_YEARS, born = x100 / 100;
        born = born < oldest ? oldest : born;
        lw_buf_int(&x->line, born / BAND_YEARS * BAND_YEARS);
    } else if (body && lw__pick_x100(value, &x100)) {
        lw_buf_int(&x->line, (x100 + ROUND_TO_X100 / 2) / ROUND_TO_X100 * (ROUND_TO_X100 / 100));
    } else {
        lw_buf_slice(&x->line, value);
    }
}

/* Whether anything of the member comes out, and if so, puts it. needed: the event is not valid without it. */
static bool put_value(exporting *x, const lw__member *m, lw_str name, lw_str value, bool needed) {
    lw_buf *out = &x->line;
    bool word = among(vocabulary, sizeof vocabulary / sizeof vocabulary[0], name) && lw__pick_kind(value) == '"' &&
                is_word(x, value);
    switch ((enum lw__type)m->type) {
    case LW__TYPE_TEXT:
        lw_buf_slice(out, word ? value : LW_STR("\"-\""));
        return word || needed;
    case LW__TYPE_SCALAR:
        lw_buf_slice(out, lw__pick_kind(value) != '"' || word ? value : LW_STR("\"-\""));
        return true;
    case LW__TYPE_TEXTS:
        put_effects(out, value);
        return true;
    case LW__TYPE_DATE:
        return put_date(x, value);
    case LW__TYPE_UUID:
        put_id(x, value);
        return true;
    case LW__TYPE_UUIDS:
        put_ids(x, value);
        return true;
    case LW__TYPE_SHA256:
        lw_buf_slice(out, value);
        return lw__str_eq(name, LW_STR("protocol_sha256"));
    case LW__TYPE_JSON:
        return false;
    case LW__TYPE_INT:
    case LW__TYPE_DECIMAL:
        put_number(x, name, value);
        return true;
    case LW__TYPE_BOOL:
    case LW__TYPE_WORD:
    case LW__TYPE_WORDS:
    case LW__TYPE_DECIMALS:
        lw_buf_slice(out, value);
        return true;
    case LW__TYPE_INT_PAIR:
    case LW__TYPE_DECIMAL_PAIR:
    case LW__TYPE_TESTS:
    case LW__TYPE_SETS:
    case LW__TYPE_LOADS:
        put_nested(out, value);
        return true;
    }
    return false;
}

static void put_data(exporting *x, const lw__object *object, lw_str data) {
    lw_str rest = data, name, value;
    lw_buf *out = &x->line;
    lw_buf_str(out, "{");
    while (lw__pick_member(&rest, &name, &value)) {
        for (uint32_t i = 0; i < object->names->count; i++) {
            if (!lw__str_eq(name, lw__str(object->names->names[i].text))) {
                continue;
            }
            size_t before = out->len;
            bool needed = ((object->required | object->exactly_one | object->clinician_needs) >> i & 1) != 0;
            lw_buf_fmt(out, "%s\"%s\":", out->ptr[out->len - 1] == '{' ? "" : ",", object->names->names[i].text);
            if (!put_value(x, &object->members[i], name, value, needed) && out->len >= before) {
                out->len = before;
            }
        }
    }
    lw_buf_str(out, "}");
}

/* ---- a record ---- */

static const char *role_of(uint8_t by) {
    return by == LW_BY_PATIENT     ? "patient"
           : by == LW_BY_CLINICIAN ? "clinician:0"
           : by == LW_BY_DEVICE    ? "device:0"
                                   : "engine";
}

static int32_t put_event(exporting *x, const lw_event *event) {
    lw_str at, data, id;
    uint8_t who[16];
    char hex[33];
    /* The canonical form names members without escapes and leaves out white space. */
    char *text = lw_pool_take(&x->rq->pool, (size_t)event->raw.len + 1);
    int64_t len = text != NULL ? lw_event_canonical(event->raw, text, event->raw.len) : LW_ERR_NO_MEMORY;
    if (len < 0) {
        return (int32_t)len;
    }
    lw_str line = {text, (uint32_t)len};
    if (!lw__pick(line, "at", &at) || !lw__pick(line, "data", &data) || !lw__pick(line, "id", &id)) {
        return LW_ERR_CORRUPT;
    }
    lw_buf_clear(&x->line);
    lw_buf_str(&x->line, "{\"v\":1,\"id\":");
    put_id(x, id);
    stand_in(x, 'p', LW_STR(""), who);
    sodium_bin2hex(hex, sizeof hex, who, 16);
    lw_buf_fmt(&x->line, ",\"patient\":\"r-%s\",\"kind\":\"%s\",\"at\":", hex, lw_kind_name(event->kind));
    (void)put_date(x, at);
    lw_buf_fmt(&x->line, ",\"by\":\"%s\",\"data\":", role_of(event->by));
    put_data(x, &lw__kind_object[event->kind], data);
    lw_buf_str(&x->line, "}\n");
    lw_buf_slice(x->out, lw_buf_view(&x->line));
    return x->line.failed ? LW_ERR_NO_MEMORY : x->out->failed ? LW_ERR_LIMIT : LW_OK;
}

/* The protocol the patient is on, unless it is at hand. */
static int32_t load_protocol(exporting *x, lw_str patient) {
    char sha256[65];
    int32_t err = lw_research_protocol(x->sql, patient, sha256);
    if (err != LW_OK || strcmp(sha256, x->protocol_sha256) == 0) {
        return err;
    }
    lw_buf_clear(&x->protocol);
    memcpy(x->protocol_sha256, sha256, sizeof sha256);
    err = lw_clinic_protocol(x->sql, lw__str(x->rq->who->clinic), lw__str(sha256), &x->protocol);
    return err == LW_ERR_NOT_FOUND ? LW_OK : err;
}

static int32_t put_events(exporting *x, lw_arena *result, lw_arena *scratch) {
    lw_record record;
    int32_t err = lw_record_read(lw_buf_view(&x->log), result, scratch, &record, NULL);
    if (err != LW_OK && err != LW_ERR_NEWER) {
        return LW_ERR_CORRUPT;
    }
    for (uint32_t i = 0; i < record.count; i++) {
        /* A note is free text and nothing else. What is of a newer format is not among the events. */
        int32_t bad = record.events[i].kind == LW_KIND_NOTE ? LW_OK : put_event(x, &record.events[i]);
        if (bad != LW_OK) {
            return bad;
        }
    }
    return LW_OK;
}

static int32_t put_patient(exporting *x, const char *patient) {
    uint8_t weeks[16];
    size_t result_size, scratch_size;
    lw_pool kept = x->rq->pool;
    x->rq->pool = (lw_pool){0};
    x->patient = patient;
    stand_in(x, 'd', LW_STR(""), weeks);
    x->shift_days = 7 * (1 + ((int32_t)weeks[0] << 8 | weeks[1]) % WEEKS);
    lw_buf_clear(&x->log);
    int32_t err = load_protocol(x, lw__str(patient));
    if (err == LW_OK) {
        err = lw_store_log(x->sql, lw__str(patient), &x->log, NULL);
    }
    if (err == LW_OK) {
        lw_record_size_hint(x->log.len, &result_size, &scratch_size);
        void *result_bytes = malloc(result_size + 1), *scratch_bytes = malloc(scratch_size + 1);
        err = LW_ERR_NO_MEMORY;
        if (result_bytes != NULL && scratch_bytes != NULL) {
            lw_arena result = lw_arena_over(result_bytes, result_size),
                     scratch = lw_arena_over(scratch_bytes, scratch_size);
            err = put_events(x, &result, &scratch);
        }
        free(result_bytes);
        free(scratch_bytes);
    }
    lw_pool_free(&x->rq->pool);
    x->rq->pool = kept;
    return err == LW_ERR_GONE ? LW_OK : err;
}

/* ---- the cohort ---- */

static int32_t patient_row(void *ctx, const lw_sql_value *col, uint32_t count) {
    (void)count;
    exporting *x = ctx;
    if (x->count == x->cap) {
        uint32_t cap = x->cap > 0 ? x->cap * 2 : 256;
        char(*more)[65] = cap <= MOST_PATIENTS ? realloc(x->patients, cap * sizeof *more) : NULL;
        if (more == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        x->patients = more;
        x->cap = cap;
    }
    if (col[0].bytes.len < 65) {
        memcpy(x->patients[x->count], col[0].bytes.ptr, col[0].bytes.len);
        x->patients[x->count++][col[0].bytes.len] = 0;
    }
    return LW_OK;
}

/* The order of a list could tell who is who. */
static void shuffle(exporting *x) {
    for (uint32_t i = x->count; i > 1; i--) {
        uint32_t j = randombytes_uniform(i);
        char held[65];
        memcpy(held, x->patients[i - 1], sizeof held);
        memcpy(x->patients[i - 1], x->patients[j], sizeof held);
        memcpy(x->patients[j], held, sizeof held);
    }
}

int32_t lw__h_research_export(lw_request *rq, lw_sql *sql) {
    exporting x = {.rq = rq, .sql = sql, .out = &rq->reply.body};
    randombytes_buf(x.secret, sizeof x.secret);
    int32_t err = lw_research_patients(sql, lw__str(rq->who->clinic), patient_row, &x);
    if (err == LW_OK && x.count < FEWEST) {
        err = lw_problem(rq, LW_ERR_FORBIDDEN, NULL,
                         "Fewer than %d people have a record here. With so few, somebody could be recognised.",
                         (int)FEWEST);
    }
    shuffle(&x);
    for (uint32_t i = 0; err == LW_OK && i < x.count; i++) {
        err = put_patient(&x, x.patients[i]);
    }
    rq->reply.type = "application/x-ndjson";
    lw_reply_header(rq, "Content-Disposition", "attachment; filename=\"research.jsonl\"");
    snprintf(rq->audit, sizeof rq->audit, "patients=%u", x.count);
    sodium_memzero(x.secret, sizeof x.secret);
    lw_buf_free(&x.protocol);
    lw_buf_free(&x.line);
    lw_buf_free(&x.log);
    free(x.patients);
    return err;
}
