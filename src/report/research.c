/*
 * research.c: taking the person out of a record, and what few share out of a cohort; see research.h.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base_internal.h"
#include "record/tables.h"
#include "report/research_internal.h"
#include "words/json_pick.h"

enum {
    WEEKS = 104,
    ROUNDS = 20,
    BAND_YEARS = 5,
    OLDEST_YEARS = 90,
    ROUND_TO_X100 = 500,
    DAY_LETTERS = 10,
    OFFSET_LETTERS = 6
};

/* Texts that are names out of the protocol, kept where the clinic's protocol has that very word; all other text is free. */
static const char *const vocabulary[] = {"exercise", "variable", "protocol", "to"};
/* Effects of shockwave as the app offers them and as clinics name them; anything else becomes "other". */
static const char *const effects[] = {"pain",      "redness",   "bruising", "swelling",       "numbness", "petechiae",
                                      "haematoma", "vasovagal", "nerve",    "tendon_rupture", "other"};

/* ---- replacing ---- */

/* Sixteen bytes that stand for a text of this patient; the same each time in this export, and in no other. */
static void stand_in(const lw_research *x, char what, lw_str text, uint8_t out[16]) {
    crypto_generichash_state hash;
    crypto_generichash_init(&hash, x->secret, sizeof x->secret, 16);
    crypto_generichash_update(&hash, (const uint8_t *)&what, 1);
    crypto_generichash_update(&hash, (const uint8_t *)x->patient, strlen(x->patient) + 1);
    crypto_generichash_update(&hash, (const uint8_t *)text.ptr, text.len);
    crypto_generichash_final(&hash, out, 16);
}

/* A quoted UUID for a quoted UUID. */
static void put_id(lw_research *x, lw_str id) {
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
static bool put_date(lw_research *x, lw_str value) {
    int32_t day;
    char date[DAY_LETTERS];
    if (value.len < DAY_LETTERS + 2 || !lw_day_parse((lw_str){value.ptr + 1, DAY_LETTERS}, &day)) {
        return false;
    }
    lw_day_write(day - x->shift_days, date);
    lw_buf_str(&x->line, "\"");
    lw_buf_add(&x->line, date, DAY_LETTERS);
    const char *rest = value.ptr + 1 + DAY_LETTERS;
    uint32_t len = value.len - 1 - DAY_LETTERS;
    if (len <= OFFSET_LETTERS + 1) {
        lw_buf_add(&x->line, rest, len);
        return true;
    }
    /* "T07:00:00+01:00": the local hour stays. Where clocks are changed is known to everybody, and told the real date. */
    bool zulu = rest[len - 2] == 'Z';
    lw_buf_add(&x->line, rest, len - 1 - (zulu ? 1 : OFFSET_LETTERS));
    lw_buf_str(&x->line, "+00:00\"");
    return true;
}

static bool word_sign(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '@' || c == '.' || c == '-';
}

/* Whether a quoted text is a whole word of the patient's protocol, or the protocol's own name. */
static bool is_word(const lw_research *x, lw_str value) {
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

static void put_ids(lw_research *x, lw_str value) {
    lw_str rest = value, item;
    lw_buf_str(&x->line, "[");
    while (lw__pick_item(&rest, &item)) {
        lw_buf_str(&x->line, x->line.ptr[x->line.len - 1] == '[' ? "" : ",");
        put_id(x, item);
    }
    lw_buf_str(&x->line, "]");
}

static void put_number(lw_research *x, lw_str name, lw_str value) {
    int64_t x100 = 0;
    bool body = lw__str_eq(name, LW_STR("height_cm")) || lw__str_eq(name, LW_STR("mass_kg"));
    if (lw__str_eq(name, LW_STR("birth_year")) && lw__pick_x100(value, &x100)) {
        int32_t year, month, dom;
        lw_day_to_civil(x->today, &year, &month, &dom);
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
static bool put_value(lw_research *x, const lw__member *m, lw_str name, lw_str value, bool needed) {
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

static void put_data(lw_research *x, const lw__object *object, lw_str data) {
    lw_str rest = data, name, value;
    lw_buf *out = &x->line;
    lw_buf_str(out, "{");
    while (lw__pick_member(&rest, &name, &value)) {
        for (uint32_t i = 0; i < object->names->count; i++) {
            if (!lw__str_eq(name, lw__str(object->names->names[i].text))) {
                continue;
            }
            if (object == &lw__kind_object[LW_KIND_SETTINGS] &&
                (lw__str_eq(name, LW_STR("sport")) || lw__str_eq(name, LW_STR("mass_kg")) ||
                 lw__str_eq(name, LW_STR("goal")))) {
                continue; /* a cell that changed later cannot be weighed against the cohort */
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

const char *const lw__cell_members[LW__CELLS] = {"birth_year", "sex", "sport", "level", "height_cm", "mass_kg", "goal"};

/* What enrolled says of the person, from the stripped line. */
static void take_cells(lw_research *x, lw__subject *subject) {
    lw_str data = {"", 0}, value;
    (void)lw__pick(lw_buf_view(&x->line), "data", &data);
    for (int i = 0; i < LW__CELLS; i++) {
        bool quoted = lw__pick(data, lw__cell_members[i], &value) && lw__pick_kind(value) == '"';
        bool found = data.len > 0 && lw__pick(data, lw__cell_members[i], &value);
        snprintf(subject->cells[i], sizeof subject->cells[i], "%.*s", found ? (int)value.len - (quoted ? 2 : 0) : 0,
                 found ? value.ptr + (quoted ? 1 : 0) : "");
    }
}

static int32_t put_event(lw_research *x, lw__subject *subject, const lw_event *event) {
    lw_str at, data, id;
    /* The canonical form names members without escapes and leaves out white space. */
    char *text = lw_pool_take(&x->pool, (size_t)event->raw.len + 1);
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
    lw_buf_fmt(&x->line, ",\"patient\":\"%s\",\"kind\":\"%s\",\"at\":", subject->id, lw_kind_name(event->kind));
    (void)put_date(x, at);
    lw_buf_fmt(&x->line, ",\"by\":\"%s\",\"data\":", role_of(event->by));
    put_data(x, &lw__kind_object[event->kind], data);
    lw_buf_str(&x->line, "}\n");
    if (event->kind == LW_KIND_ENROLLED) {
        take_cells(x, subject);
    }
    int32_t day = event->day - x->shift_days;
    subject->first_day = subject->events == 0 || day < subject->first_day ? day : subject->first_day;
    subject->last_day = subject->events == 0 || day > subject->last_day ? day : subject->last_day;
    subject->events++;
    lw_buf_slice(&x->own, lw_buf_view(&x->line));
    return x->line.failed || x->own.failed ? LW_ERR_NO_MEMORY : LW_OK;
}

static int32_t put_events(lw_research *x, lw__subject *subject, lw_str log, lw_arena *result, lw_arena *scratch) {
    lw_record record;
    int32_t err = lw_record_read(log, result, scratch, &record, NULL);
    if (err != LW_OK && err != LW_ERR_NEWER) {
        return LW_ERR_CORRUPT;
    }
    for (uint32_t i = 0; i < record.count; i++) {
        /* A note is free text and nothing else. What is of a newer format is not among the events. */
        int32_t bad = record.events[i].kind == LW_KIND_NOTE ? LW_OK : put_event(x, subject, &record.events[i]);
        if (bad != LW_OK) {
            return bad;
        }
    }
    return LW_OK;
}

/* ---- the cohort ---- */

int32_t lw_research_open(int32_t today, lw_research **out) {
    *out = sodium_init() >= 0 ? calloc(1, sizeof **out) : NULL;
    if (*out == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    (*out)->today = today;
    randombytes_buf((*out)->secret, sizeof(*out)->secret);
    return LW_OK;
}

void lw_research_close(lw_research *x) {
    if (x == NULL) {
        return;
    }
    for (uint32_t i = 0; i < LW_RESEARCH_FILES; i++) {
        lw_buf_free(&x->files[i]);
        lw__spool_close(&x->done[i]);
    }
    lw__spool_close(&x->lines);
    lw_buf_free(&x->own);
    lw_buf_free(&x->line);
    lw_pool_free(&x->pool);
    free(x->subjects);
    sodium_memzero(x->secret, sizeof x->secret);
    free(x);
}

uint32_t lw_research_count(const lw_research *x) {
    return x->count;
}

uint32_t lw_research_suppressed(const lw_research *x) {
    return x->suppressed;
}

int32_t lw_research_add(lw_research *x, const char *patient, lw_str protocol, lw_str log) {
    if (x->count == x->cap) {
        uint32_t cap = x->cap > 0 ? x->cap * 2 : 64;
        lw__subject *more = cap <= LW_RESEARCH_MOST ? realloc(x->subjects, cap * sizeof *more) : NULL;
        if (more == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        x->subjects = more;
        x->cap = cap;
    }
    lw__subject *subject = &x->subjects[x->count];
    uint8_t weeks[16], who[16];
    char hex[33];
    size_t result_size, scratch_size;
    *subject = (lw__subject){0};
    x->patient = patient;
    x->protocol = protocol;
    stand_in(x, 'd', LW_STR(""), weeks);
    x->shift_days = 7 * (1 + ((int32_t)weeks[0] << 8 | weeks[1]) % WEEKS);
    stand_in(x, 'p', LW_STR(""), who);
    sodium_bin2hex(hex, sizeof hex, who, 16);
    snprintf(subject->id, sizeof subject->id, "r-%s", hex);
    lw_record_size_hint(log.len, &result_size, &scratch_size);
    void *result_bytes = malloc(result_size + 1), *scratch_bytes = malloc(scratch_size + 1);
    int32_t err = LW_ERR_NO_MEMORY;
    if (result_bytes != NULL && scratch_bytes != NULL) {
        lw_arena result = lw_arena_over(result_bytes, result_size),
                 scratch = lw_arena_over(scratch_bytes, scratch_size);
        err = put_events(x, subject, log, &result, &scratch);
    }
    free(result_bytes);
    free(scratch_bytes);
    lw_pool_free(&x->pool);
    subject->from = x->lines.len;
    subject->len = (uint32_t)x->own.len;
    err = err == LW_OK ? lw__spool_add(&x->lines, lw_buf_view(&x->own)) : err;
    lw_buf_clear(&x->own);
    x->count += err == LW_OK ? 1 : 0;
    return err;
}

/* ---- small cells ---- */

typedef struct cell {
    char key[LW__CELLS * 25];
    uint32_t subject;
} cell;

static int by_key(const void *a, const void *b) {
    return strcmp(((const cell *)a)->key, ((const cell *)b)->key);
}

static uint32_t shown(const lw__subject *subject, uint32_t mask) {
    for (int c = 0; c < LW__CELLS; c++) {
        mask &= subject->out[c] ? ~LW_BIT(c) : ~UINT32_C(0);
    }
    return mask;
}

static void take_out(lw_research *x, uint32_t subject, int gone) {
    lw__subject *s = &x->subjects[subject];
    if (!s->out[gone] && s->cells[gone][0] != 0) {
        s->out[gone] = true;
        x->suppressed++;
    }
}

/* Puts everybody in the order of the cells of mask; what is out counts as empty when it is asked for as it is shown. */
static void sort_by(lw_research *x, cell *cells, uint32_t mask, bool as_shown) {
    for (uint32_t i = 0; i < x->count; i++) {
        const lw__subject *s = &x->subjects[i];
        size_t len = 0;
        cells[i].key[0] = 0;
        cells[i].subject = i;
        for (int c = 0; c < LW__CELLS; c++) {
            if ((mask >> c & 1) != 0) {
                int more = snprintf(cells[i].key + len, sizeof cells[i].key - len, "%s|",
                                    as_shown && s->out[c] ? "" : s->cells[c]);
                len += more > 0 ? (size_t)more : 0;
            }
        }
    }
    qsort(cells, x->count, sizeof *cells, by_key);
}

/* The end of the group that begins at from. */
static uint32_t group_end(const lw_research *x, const cell *cells, uint32_t from) {
    uint32_t to = from + 1;
    while (to < x->count && strcmp(cells[from].key, cells[to].key) == 0) {
        to++;
    }
    return to;
}

/* Takes `gone` out for everybody who shows just the cells of mask and shares them with fewer than LW_RESEARCH_FEWEST. */
static void thin_out(lw_research *x, cell *cells, uint32_t all, uint32_t mask, int gone) {
    sort_by(x, cells, mask, false);
    for (uint32_t from = 0, to; from < x->count; from = to) {
        to = group_end(x, cells, from);
        uint32_t showing = 0;
        for (uint32_t i = from; i < to; i++) {
            showing += shown(&x->subjects[cells[i].subject], mask) == mask ? 1 : 0;
        }
        for (uint32_t i = from; showing < LW_RESEARCH_FEWEST && i < to; i++) {
            if (shown(&x->subjects[cells[i].subject], all) == mask) {
                take_out(x, cells[i].subject, gone);
            }
        }
    }
}

/*
 * What was taken out for few can be worked out by taking away: in a group that shares the cells of mask, where everybody else
 * shows a value, the one who shows none has the other. So `gone` goes for more people of the group, the values that fewest
 * show first, until LW_RESEARCH_FEWEST show none.
 */
static void cover(lw_research *x, cell *cells, cell *inner, uint32_t mask, int gone) {
    sort_by(x, cells, mask, true);
    for (uint32_t from = 0, to; from < x->count; from = to) {
        to = group_end(x, cells, from);
        uint32_t out = 0, values = 0;
        for (uint32_t i = from; i < to; i++) {
            const lw__subject *s = &x->subjects[cells[i].subject];
            out += s->out[gone] ? 1 : 0;
            if (!s->out[gone] && s->cells[gone][0] != 0) {
                inner[values].subject = cells[i].subject;
                snprintf(inner[values++].key, sizeof inner[0].key, "%s", s->cells[gone]);
            }
        }
        qsort(inner, values, sizeof *inner, by_key);
        while (out > 0 && out < LW_RESEARCH_FEWEST && values > 0) {
            uint32_t best = 0, size = UINT32_MAX;
            for (uint32_t i = 0, end; i < values; i = end) {
                for (end = i + 1; end < values && strcmp(inner[i].key, inner[end].key) == 0;) {
                    end++;
                }
                best = end - i < size ? i : best;
                size = end - i < size ? end - i : size;
            }
            /* some of a large value hide the few as well as all of it do; of a small one nobody may be left alone */
            uint32_t need = LW_RESEARCH_FEWEST - out;
            uint32_t taken = size >= need + LW_RESEARCH_FEWEST ? need : size;
            for (uint32_t i = 0; i < taken; i++) {
                take_out(x, inner[best + i].subject, gone);
            }
            out += taken;
            values -= size;
            memmove(&inner[best], &inner[best + size], (values - best) * sizeof *inner);
        }
    }
}

/* The order of a list could tell who is who; their new ids are random. */
static int by_id(const void *a, const void *b) {
    return strcmp(((const lw__subject *)a)->id, ((const lw__subject *)b)->id);
}

int32_t lw_research_make(lw_research *x) {
    /* Three together tell more than each: sport goes first, then the year of birth. What is out may be anything. */
    static const uint32_t three = LW_BIT(LW__CELL_BORN) | LW_BIT(LW__CELL_SEX) | LW_BIT(LW__CELL_SPORT);
    static const int order[] = {LW__CELL_SPORT, LW__CELL_BORN};
    if (x->count < LW_RESEARCH_FEWEST) {
        return LW_ERR_FORBIDDEN;
    }
    cell *cells = malloc(x->count * sizeof *cells), *inner = malloc(x->count * sizeof *inner);
    if (cells == NULL || inner == NULL) {
        free(cells);
        free(inner);
        return LW_ERR_NO_MEMORY;
    }
    qsort(x->subjects, x->count, sizeof *x->subjects, by_id);
    /* What is taken out to cover the few may leave others few: again, until nothing goes any more. */
    uint32_t before = UINT32_MAX;
    for (int round = 0; x->suppressed != before; round++) {
        before = x->suppressed;
        for (int c = 0; c < LW__CELLS; c++) {
            thin_out(x, cells, LW_BIT(c), LW_BIT(c), c);
            cover(x, cells, inner, 0, c);
        }
        for (int i = 0; i < 2; i++) {
            for (uint32_t mask = three; mask > 0; mask = (mask - 1) & three) {
                if ((mask >> order[i] & 1) != 0) {
                    thin_out(x, cells, three, mask, order[i]);
                }
            }
            cover(x, cells, inner, three & ~LW_BIT(order[i]), order[i]);
        }
        for (uint32_t i = 0; round >= ROUNDS && i < x->count; i++) { /* a cohort that does not settle shows neither */
            take_out(x, i, LW__CELL_SPORT);
            take_out(x, i, LW__CELL_BORN);
        }
    }
    free(cells);
    free(inner);
    sodium_memzero(x->secret, sizeof x->secret);
    return lw__research_files(x);
}
