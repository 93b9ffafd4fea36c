/*
 * projection.c: one row a patient for lists and the queue, made from the engine's plan. See store.h and docs/store.md.
 *
 * Nothing clinical is decided here. A card is opened by what the plan says (a referral, a review, a flare …); the limits of
 * silence are the numbers of the compiled protocol. The priorities below order work in a list, they change no plan.
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/protocol_tables.h"
#include "record/json.h"
#include "store/reading.h"
#include "store/rows.h"
#include "store/store_internal.h"

/* ---- reading the plan: checked JSON that the engine wrote ---- */

/* The member's value as it stands; empty when object is not one, or the member is absent or null. */
static lw_str at(lw_str object, const char *name) {
    size_t len = strlen(name);
    const char *p = object.ptr;
    if (object.len == 0 || *p != '{') {
        return (lw_str){0};
    }
    for (bool more = lw__json_first(&p); more; more = lw__json_next(&p)) {
        if (strncmp(p + 1, name, len) == 0 && p[1 + len] == '"') {
            const char *value = lw__json_value(p);
            const char *end = lw__json_after(value);
            return *value == 'n' ? (lw_str){0} : (lw_str){value, (uint32_t)(end - value)};
        }
    }
    return (lw_str){0};
}

/* The members of a plan, looked up many times: found in one walk. */
typedef struct members {
    lw_str whole;
    uint32_t count;
    struct {
        lw_str name, value;
    } list[48];
} members;

static void take_apart(lw_str plan, members *out) {
    enum { MOST = sizeof out->list / sizeof out->list[0] };
    const char *p = plan.ptr;
    out->whole = plan;
    out->count = 0;
    for (bool more = lw__json_first(&p); more && out->count < MOST;) {
        const char *value = lw__json_value(p), *end = lw__json_after(value), *next = lw__json_solid(end);
        const char *quote = strchr(p + 1, '"'); /* the engine's names need no escapes */
        out->list[out->count].name = (lw_str){p + 1, (uint32_t)(quote - p - 1)};
        out->list[out->count++].value = *value == 'n' ? (lw_str){0} : (lw_str){value, (uint32_t)(end - value)};
        more = *next == ',';
        p = more ? lw__json_solid(next + 1) : next;
    }
}

static lw_str part(const members *plan, const char *name) {
    size_t len = strlen(name);
    for (uint32_t i = 0; i < plan->count; i++) {
        if (plan->list[i].name.len == len && memcmp(plan->list[i].name.ptr, name, len) == 0) {
            return plan->list[i].value;
        }
    }
    return at(plan->whole, name);
}

static bool is(lw_str value, const char *word) {
    size_t len = strlen(word);
    return value.len == len + 2 && value.ptr[0] == '"' && memcmp(value.ptr + 1, word, len) == 0;
}

/* Walks a list: *p starts as NULL and stands on each value in turn. */
static bool each(lw_str list, const char **p, lw_str *value) {
    const char *next = *p == NULL ? list.ptr : *p;
    if (list.len < 2 || *list.ptr != '[') {
        return false;
    }
    next = lw__json_solid(next + (*p == NULL ? 1 : 0));
    if (*p != NULL && *next == ',') {
        next = lw__json_solid(next + 1);
    }
    if (*next == ']') {
        return false;
    }
    *p = lw__json_after(next);
    *value = (lw_str){next, (uint32_t)(*p - next)};
    return true;
}

static lw_str inside(lw_str quoted) {
    return quoted.len >= 2 ? (lw_str){quoted.ptr + 1, quoted.len - 2} : (lw_str){0};
}

/* ---- facts of the log that lists show ---- */

typedef struct facts {
    int32_t checkin_day, session_day, started_day; /* last ones, INT32_MIN: never */
    int32_t pain_morning_x100, pain_during_x100;   /* −1: unknown */
    uint32_t warnings;                             /* events that raised a red flag */
    const struct lw_ev_enrolled *enrolled;
} facts;

static void gather(const lw_record *record, int32_t day, facts *f) {
    *f = (facts){INT32_MIN, INT32_MIN, INT32_MIN, -1, -1, 0, NULL};
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *e = &record->events[i];
        if (e->voided || e->day > day) {
            continue;
        }
        if (e->kind == LW_KIND_CHECKIN) {
            const struct lw_ev_checkin *checkin = e->data;
            f->checkin_day = e->day > f->checkin_day ? e->day : f->checkin_day;
            f->pain_morning_x100 = checkin->pain_morning_x100;
        } else if (e->kind == LW_KIND_EXERCISE) {
            const struct lw_ev_exercise *exercise = e->data;
            if ((exercise->has & LW_HAS_EXERCISE_SKIP) == 0) {
                int32_t pain = exercise->pain_during_x100;
                bool same_day = e->day == f->session_day;
                f->pain_during_x100 = same_day && pain < f->pain_during_x100 ? f->pain_during_x100 : pain;
                f->session_day = e->day > f->session_day ? e->day : f->session_day;
            }
        } else if (e->kind == LW_KIND_STARTED) {
            f->started_day = e->day;
        } else if (e->kind == LW_KIND_ENROLLED) {
            f->enrolled = e->data;
        } else if (e->kind == LW_KIND_SYMPTOM ||
                   (e->kind == LW_KIND_SCREENED && ((const struct lw_ev_screened *)e->data)->flags != 0)) {
            f->warnings++;
        }
    }
}

/* ---- cards ---- */

static lw_card *card(lw_projection *p, const char *kind, int32_t priority, int64_t now_s) {
    static lw_card spare;
    if (LW_NEVER(p->card_count >= LW_MAX_CARDS)) {
        return &spare;
    }
    lw_card *c = &p->cards[p->card_count++];
    *c = (lw_card){.kind = kind, .priority = priority, .since_s = now_s};
    return c;
}

static void mark(lw_card *c, lw_str word) {
    size_t used = strlen(c->mark);
    if (word.len > 0 && used + word.len + 2 < sizeof c->mark) {
        if (used > 0) {
            c->mark[used++] = ',';
        }
        memcpy(c->mark + used, word.ptr, word.len);
        c->mark[used + word.len] = '\0';
    }
}

static void mark_list(lw_card *c, lw_str list) {
    lw_str word = {0};
    for (const char *p = NULL; each(list, &p, &word);) {
        mark(c, inside(word));
    }
}

static void referral_card(lw_projection *p, const members *plan, const facts *f, int64_t now_s) {
    lw_str referral = part(plan, "referral");
    if (referral.len == 0) {
        return;
    }
    lw_str urgency = at(referral, "urgency");
    int32_t priority = is(urgency, "routine")    ? 60
                       : is(urgency, "urgent")   ? 92
                       : is(urgency, "same_day") ? 96
                                                 : 100; /* emergency, and whatever this program does not know */
    lw_card *c = card(p, "red_flag", priority, now_s);
    mark_list(c, at(referral, "flags"));
    /* The same flag reported once more is news, also when the first report was acknowledged. */
    char count[16];
    snprintf(count, sizeof count, "n%u", f->warnings);
    mark(c, lw__str(count));
}

static bool any_proposal(const members *plan, lw_card *c) {
    bool any = false;
    lw_str item = {0}, items = at(part(plan, "session"), "items");
    for (const char *p = NULL; each(items, &p, &item);) {
        if (at(item, "proposal").len > 0) {
            any = true;
            mark(c, inside(at(item, "exercise")));
        }
    }
    static const char *const parts[] = {"stage", "run"};
    for (size_t i = 0; i < 2; i++) {
        if (at(part(plan, parts[i]), "proposal").len > 0) {
            any = true;
            mark(c, lw__str(parts[i]));
        }
    }
    return any;
}

static void silence_card(lw_projection *p, const lw_protocol *protocol, const facts *f, int32_t day, int64_t now_s) {
    const int32_t *limits = protocol->params;
    int32_t contact = f->checkin_day > f->session_day ? f->checkin_day : f->session_day;
    contact = contact > f->started_day ? contact : f->started_day;
    if (contact == INT32_MIN || day - contact < limits[LW_PARAM_SILENCE_REMIND]) {
        return;
    }
    int32_t days = day - contact;
    bool stops = days >= limits[LW_PARAM_SILENCE_STOP], lowers = days >= limits[LW_PARAM_SILENCE_LOWER];
    mark(card(p, "silent",
              stops    ? 42
              : lowers ? 40
                       : 30,
              now_s),
         stops    ? LW_STR("stops")
         : lowers ? LW_STR("lowers")
                  : LW_STR("reminder"));
}

/* The due entries whose day is over, as marks. */
static bool overdue(const members *plan, int32_t day, lw_card *c) {
    bool any = false;
    lw_str entry = {0};
    for (const char *p = NULL; each(part(plan, "due"), &p, &entry);) {
        int32_t by = 0;
        if (lw_day_parse(inside(at(entry, "by")), &by) && by < day) {
            any = true;
            mark(c, inside(at(entry, "what")));
        }
    }
    return any;
}

static void cards(lw_projection *p, const lw_protocol *protocol, const members *plan, const facts *f, int32_t day,
                  int64_t now_s) {
    lw_str status = part(plan, "status"), flare = part(plan, "flare"), review = part(plan, "review");
    bool active = is(status, "active");
    referral_card(p, plan, f, now_s);
    if (review.len > 0) {
        mark_list(card(p, "review", is(at(review, "urgency"), "urgent") ? 88 : 55, now_s), at(review, "why"));
    }
    if (is(flare, "major") || is(flare, "minor")) {
        mark(card(p, "flare", is(flare, "major") ? 80 : 50, now_s), inside(flare));
    } else if (active &&
               (is(at(part(plan, "deload"), "cause"), "early_warning") || is(part(plan, "verdict"), "regress"))) {
        card(p, "not_settled", 45, now_s);
    }
    if (active) {
        silence_card(p, protocol, f, day, now_s);
        lw_str shockwave = at(part(plan, "shockwave"), "status");
        if (is(shockwave, "needs_clinician")) {
            card(p, "shockwave_blocked", 35, now_s);
        } else if (is(shockwave, "due")) {
            card(p, "shockwave_due", 33, now_s);
        }
    }
    lw_card found = {0};
    if (any_proposal(plan, &found)) {
        lw_card *c = card(p, "proposal", 28, now_s);
        memcpy(c->mark, found.mark, sizeof c->mark);
    }
    found = (lw_card){0};
    if (active && overdue(plan, day, &found)) {
        lw_card *c = card(p, "outcome_due", 20, now_s);
        memcpy(c->mark, found.mark, sizeof c->mark);
    }
    if (is(status, "not_started")) {
        card(p, "not_started", 15, now_s);
    }
}

/* ---- the summary ---- */

static void member(lw_buf *out, const char *name, lw_str value) {
    lw_buf_str(out, out->len > 1 && out->ptr[out->len - 1] != '{' ? ",\"" : "\"");
    lw_buf_str(out, name);
    lw_buf_str(out, "\":");
    if (value.len > 0) {
        lw_buf_slice(out, value);
    } else {
        lw_buf_str(out, "null");
    }
}

static void day_member(lw_buf *out, const char *name, int32_t day) {
    char text[12] = "\"";
    if (day != INT32_MIN) {
        lw_day_write(day, text + 1);
        text[11] = '"';
    }
    member(out, name, day != INT32_MIN ? (lw_str){text, sizeof text} : (lw_str){0});
}

static void pain_member(lw_buf *out, const char *name, int32_t x100) {
    char text[24];
    lw__writer w = lw__writer_over(text, sizeof text);
    lw__put_x100(&w, x100);
    member(out, name, x100 >= 0 ? (lw_str){text, (uint32_t)w.len} : (lw_str){0});
}

static void enrolled_member(lw_buf *out, const struct lw_ev_enrolled *e) {
    static const char *const goals[] = {"daily", "sit", "cycle", "run", "sprint", "sport"};
    static const char *const sports[] = {"running", "sprint", "football", "cycling", "triathlon", "other", "none"};
    if (e == NULL) {
        member(out, "enrolled", (lw_str){0});
        return;
    }
    bool left = (e->sides >> LW_SIDE_LEFT & 1u) != 0, right = (e->sides >> LW_SIDE_RIGHT & 1u) != 0;
    lw_buf_str(out, ",\"enrolled\":{\"sides\":[");
    lw_buf_str(out, left && right ? "\"left\",\"right\"" : left ? "\"left\"" : right ? "\"right\"" : "");
    lw_buf_fmt(out, "],\"goal\":\"%s\",\"sport\":", e->goal < 6 ? goals[e->goal] : "");
    if ((e->has & LW_HAS_ENROLLED_SPORT) != 0 && e->sport < 7) {
        lw_buf_fmt(out, "\"%s\"", sports[e->sport]);
    } else {
        lw_buf_str(out, "null");
    }
    lw_buf_fmt(out, ",\"birth_year\":%d}", (int)e->birth_year);
}

static void summary(lw_buf *out, const members *plan, const facts *f) {
    static const char *const parts[] = {"status",       "verdict", "stage",    "flare",
                                        "irritability", "deload",  "referral", "review"};
    lw_buf_str(out, "{");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        member(out, parts[i], part(plan, parts[i]));
    }
    lw_str shockwave = part(plan, "shockwave"), run = part(plan, "run"), sitting = part(plan, "sitting");
    lw_buf_str(out, ",\"shockwave\":{");
    member(out, "status", at(shockwave, "status"));
    member(out, "session", at(shockwave, "session"));
    member(out, "next_on", at(shockwave, "next_on"));
    member(out, "quiet_until", at(shockwave, "quiet_until"));
    lw_buf_str(out, "},\"run\":{");
    member(out, "allowed", at(run, "allowed"));
    member(out, "level", at(run, "level"));
    member(out, "max_km", at(run, "max_km"));
    member(out, "max_min", at(run, "max_min"));
    lw_buf_str(out, "},\"sitting\":{");
    member(out, "limit_min", at(sitting, "limit_min"));
    lw_buf_str(out, "}");
    day_member(out, "last_checkin_day", f->checkin_day);
    day_member(out, "last_session_day", f->session_day);
    pain_member(out, "pain_morning", f->pain_morning_x100);
    pain_member(out, "pain_during", f->pain_during_x100);
    member(out, "due", part(plan, "due"));
    lw_buf_str(out, ",\"proposals\":[");
    lw_str item = {0};
    bool any = false;
    for (const char *p = NULL; each(at(part(plan, "session"), "items"), &p, &item);) {
        if (at(item, "proposal").len > 0) {
            lw_buf_str(out, any ? ",{" : "{");
            member(out, "exercise", at(item, "exercise"));
            member(out, "side", at(item, "side"));
            member(out, "proposal", at(item, "proposal"));
            lw_buf_str(out, "}");
            any = true;
        }
    }
    static const char *const whats[] = {"stage", "run"};
    for (size_t i = 0; i < 2; i++) {
        lw_str proposal = at(part(plan, whats[i]), "proposal");
        if (proposal.len > 0) {
            lw_buf_fmt(out, "%s{\"what\":\"%s\"", any ? "," : "", whats[i]);
            member(out, "proposal", proposal);
            lw_buf_str(out, "}");
            any = true;
        }
    }
    lw_buf_str(out, "]");
    member(out, "missing", part(plan, "missing"));
    enrolled_member(out, f->enrolled);
    lw_buf_str(out, "}");
}

/* ---- making ---- */

static void hex_of(const uint8_t *bytes, char out[65]) {
    lw__writer w = lw__writer_over(out, 64);
    lw__put_hex(&w, bytes, 32);
    out[64] = '\0';
}

/* plan_json may be NULL: the plan is then nobody's. */
int32_t lw_projection_of(const lw_protocol *protocol, const lw_reading *reading, int32_t day, int64_t now_s,
                         lw_projection *out, lw_buf *plan_json) {
    *out = (lw_projection){.on_day = day, .recheck_day = day + 1};
    hex_of(lw_protocol_hash(protocol), out->protocol_sha256);
    lw_buf own = {0}, *json = plan_json != NULL ? plan_json : &own;
    size_t start = json->len;
    int32_t err = lw_reading_plan(protocol, reading, day, json, NULL);
    if (err == LW_OK) {
        lw_str text = {json->ptr + start, (uint32_t)(json->len - start)};
        members all, *plan = &all;
        take_apart(text, plan);
        facts f;
        gather(&reading->record, day, &f);
        lw_reading_sha256(reading, text, out->plan_sha256);
        cards(out, protocol, plan, &f, day, now_s);
        summary(&out->summary, plan, &f);
        /* Of a course that has ended and asks for nothing, no later day can differ until something is added. */
        bool over = is(part(plan, "status"), "discharged") && out->card_count == 0;
        out->recheck_day = over ? INT32_MAX : day + 1;
    } else if (err == LW_ERR_NEWER) {
        card(out, "newer_format", 70, now_s);
        lw_buf_str(&out->summary, "{\"status\":\"newer\"}");
        err = LW_OK;
    }
    lw_buf_free(&own);
    if (err == LW_OK && out->summary.failed) {
        err = LW_ERR_NO_MEMORY;
    }
    if (err != LW_OK) {
        lw_projection_free(out);
    }
    return err;
}

int32_t lw_projection_make(const lw_protocol *protocol, lw_str log, int32_t day, int64_t now_s, lw_projection *out,
                           lw_buf *plan_json) {
    *out = (lw_projection){0};
    char *copy = log.len > 0 ? malloc(log.len) : NULL;
    lw_reading *reading = NULL;
    if (log.len > 0 && copy == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    if (log.len > 0) {
        memcpy(copy, log.ptr, log.len);
    }
    int32_t err = lw_reading_open(copy, log.len, &reading);
    err = err == LW_OK ? lw_projection_of(protocol, reading, day, now_s, out, plan_json) : err;
    lw_reading_back(reading);
    return err;
}

void lw_projection_free(lw_projection *projection) {
    lw_buf_free(&projection->summary);
}

/* ---- cards in the table ---- */

typedef struct open_card {
    char kind[41], mark[160];
    int32_t priority;
    int64_t since_s;
} open_card;

typedef struct open_cards {
    open_card list[2 * LW_MAX_CARDS];
    uint32_t count;
} open_cards;

static int32_t open_row(void *ctx, const lw_sql_value *columns, uint32_t count) {
    (void)count;
    open_cards *open = ctx;
    if (open->count < sizeof open->list / sizeof open->list[0]) {
        open_card *c = &open->list[open->count++];
        lw__cut(columns[0].bytes, c->kind, sizeof c->kind);
        lw__cut(columns[1].bytes, c->mark, sizeof c->mark);
        c->priority = (int32_t)columns[2].number;
        c->since_s = columns[3].number;
    }
    return LW_OK;
}

/* Whether a word of `now` is not in `before`; both comma-separated. */
static bool news(const char *now, const char *before) {
    while (*now != '\0') {
        size_t len = strcspn(now, ",");
        bool found = false;
        for (const char *p = before; *p != '\0' && !found;) {
            size_t other = strcspn(p, ",");
            found = other == len && memcmp(p, now, len) == 0;
            p += other + (p[other] == ',');
        }
        if (!found) {
            return true;
        }
        now += len + (now[len] == ',');
    }
    return false;
}

int32_t lw__cards_write(lw_sql *sql, lw_str patient, lw_str clinic, const lw_projection *projection, int64_t now_s) {
    open_cards open = {.count = 0};
    lw_sql_value id[] = {lw_sql_text(patient)};
    int32_t err = lw_sql_run(sql,
                             "SELECT kind, mark, priority, since_s FROM card WHERE patient = ?1 AND ended_s IS NULL "
                             "ORDER BY kind LIMIT 24",
                             id, 1, open_row, &open);
    bool kept[LW_MAX_CARDS] = {false};
    for (uint32_t i = 0; i < open.count && err == LW_OK; i++) {
        const open_card *was = &open.list[i];
        const lw_card *now = NULL;
        for (uint32_t k = 0; k < projection->card_count && now == NULL; k++) {
            const lw_card *c = &projection->cards[k];
            if (strcmp(c->kind, was->kind) == 0 && c->priority <= was->priority && !news(c->mark, was->mark)) {
                now = c;
                kept[k] = true;
            }
        }
        lw_sql_value key[] = {lw_sql_text(patient), lw_sql_text(lw__str(was->kind)), lw_sql_int(was->since_s),
                              lw_sql_int(now != NULL ? now->priority : now_s),
                              lw_sql_text(lw__str(now != NULL ? now->mark : ""))};
        if (now == NULL) {
            err = lw_sql_queue(
                sql,
                "UPDATE card SET ended_s = ?4 WHERE patient = ?1 AND kind = ?2 AND since_s = ?3 AND ended_s IS NULL",
                key, 4);
        } else if (now->priority != was->priority || strcmp(now->mark, was->mark) != 0) {
            err = lw_sql_queue(
                sql, "UPDATE card SET priority = ?4, mark = ?5 WHERE patient = ?1 AND kind = ?2 AND since_s = ?3", key,
                5);
        }
    }
    for (uint32_t k = 0; k < projection->card_count && err == LW_OK; k++) {
        const lw_card *c = &projection->cards[k];
        lw_sql_value values[] = {lw_sql_text(patient), lw_sql_text(lw__str(c->kind)), lw_sql_int(now_s),
                                 lw_sql_text(clinic),  lw_sql_int(c->priority),       lw_sql_text(lw__str(c->mark))};
        if (!kept[k]) {
            err = lw_sql_queue(sql,
                               "INSERT INTO card (patient, kind, since_s, clinic, priority, mark) "
                               "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (patient, kind, since_s) DO UPDATE SET "
                               "ended_s = NULL, acked_s = NULL, acked_by = NULL, snoozed_until_s = NULL, "
                               "priority = excluded.priority, mark = excluded.mark",
                               values, 6);
        }
    }
    return err == LW_OK ? lw_cards_settle(sql, patient, now_s) : err;
}

int32_t lw_cards_settle(lw_sql *sql, lw_str patient, int64_t now_s) {
    lw_sql_value params[] = {lw_sql_text(patient), lw_sql_int(now_s), lw_sql_int(LW_PRIORITY_ACKED)};
    return lw_sql_queue(
        sql,
        "UPDATE projection SET "
        "priority = COALESCE((SELECT CASE WHEN c.acked_s IS NULL THEN c.priority ELSE ?3 END FROM card c "
        "  WHERE c.patient = ?1 AND c.ended_s IS NULL AND (c.snoozed_until_s IS NULL OR c.snoozed_until_s <= ?2) "
        "  ORDER BY CASE WHEN c.acked_s IS NULL THEN c.priority ELSE ?3 END DESC, c.since_s LIMIT 1), 0), "
        "since_s = COALESCE((SELECT c.since_s FROM card c "
        "  WHERE c.patient = ?1 AND c.ended_s IS NULL AND (c.snoozed_until_s IS NULL OR c.snoozed_until_s <= ?2) "
        "  ORDER BY CASE WHEN c.acked_s IS NULL THEN c.priority ELSE ?3 END DESC, c.since_s LIMIT 1), 0) "
        "WHERE patient = ?1",
        params, 3);
}
