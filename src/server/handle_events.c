/*
 * handle_events.c: a record over HTTP: reading events, adding them, the plan of a day, decisions, the file.
 *
 * Adding is the heart of the server. On a server's thread (prepare): each event is decoded by the record's own strict codec;
 * what is stored already is a repeat and is dropped; what is new must be written by whoever is signed in and not lie in the
 * future; log and new events together are folded with the patient's protocol, which also proves that the whole record is
 * valid; a plan that somebody will see is recorded as decided. On the writer's thread (commit): the append at exactly the
 * head that was folded. So whatever is acknowledged is durable, valid, and has its projection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record_internal.h"
#include "server/fold_request.h"
#include "server/routes.h"
#include "store/clinic.h"
#include "store/queue.h"
#include "words/json_pick.h"

enum { EVENTS_MOST = 5000, AHEAD_S = 600 };

/* What prepare leaves for commit; freed by drop. */
typedef struct adding {
    lw_append append;
    lw_append_event *events; /* the fresh ones and the decision; pool */
    lw_projection projection;
    bool projected;
    lw_reading *log; /* as it will be */
    char decided[37];
    char moved[65]; /* the version that a clinician's new `started` moves the patient to; "": none */
    uint32_t added, repeated;
} adding;

static void drop_adding(lw_request *rq) {
    adding *a = rq->state;
    if (a->projected) {
        lw_projection_free(&a->projection);
        a->projected = false;
    }
    lw_reading_back(a->log);
    a->log = NULL;
}

/* ---- decoding ---- */

/*
 * An event of a later format: its envelope must still be sound, because it is stored, ordered and answered for. It is read as
 * if it were a note with the same envelope.
 */
static int32_t decode_newer(lw_request *rq, lw_str line, uint32_t number, lw_arena *arena, lw_event *out,
                            lw_str *patient, lw_diag *diag) {
    static const char *const names[] = {"id", "patient", "at", "by"};
    lw_buf note = {0};
    lw_buf_str(&note, "{\"v\":1,\"kind\":\"note\",\"data\":{\"text\":\"-\"}");
    for (size_t i = 0; i < 4; i++) {
        lw_str value = {0};
        if (lw__pick(line, names[i], &value)) {
            lw_buf_fmt(&note, ",\"%s\":", names[i]);
            lw_buf_slice(&note, value);
        }
    }
    lw_buf_str(&note, "}");
    char *kept = note.failed ? NULL : lw_pool_text(&rq->pool, lw_buf_view(&note));
    uint32_t len = (uint32_t)note.len;
    lw_buf_free(&note);
    return kept == NULL ? LW_ERR_NO_MEMORY : lw__line_decode((lw_str){kept, len}, number, arena, out, patient, diag);
}

static const char *by_text(lw_request *rq, const lw_event *event) {
    static const char *const words[] = {"patient", "clinician:", "device:", "engine"};
    size_t head = strlen(words[event->by]);
    char *text = lw_pool_take(&rq->pool, head + event->by_id.len + 1);
    if (text != NULL) {
        memcpy(text, words[event->by], head);
        if (event->by_id.len > 0) {
            memcpy(text + head, event->by_id.ptr, event->by_id.len);
        }
    }
    return text;
}

/* One item of the list as one line: line breaks between tokens, the only place where they can be, become blanks. */
static int32_t as_line(lw_request *rq, lw_str item, lw_str *line) {
    *line = item;
    if (item.len > 0 && (memchr(item.ptr, '\n', item.len) != NULL || memchr(item.ptr, '\r', item.len) != NULL)) {
        char *copy = lw_pool_text(&rq->pool, item);
        if (copy == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        for (uint32_t i = 0; i < item.len; i++) {
            copy[i] = copy[i] == '\n' || copy[i] == '\r' ? ' ' : copy[i];
        }
        line->ptr = copy;
    }
    return LW_OK;
}

/* The clock and the sign-in of an event that is not stored yet. */
static int32_t check_fresh(lw_request *rq, const lw_append_event *event, uint32_t i) {
    char member[32];
    if (event->at_s > rq->now_s + AHEAD_S) {
        snprintf(member, sizeof member, "events[%u].at", i);
        rq->line = i + 1;
        lw_problem(rq, LW_ERR_FUTURE, member, "lies more than ten minutes ahead of the server's clock");
        snprintf(rq->hint, sizeof rq->hint, "check the date and time of this device");
        return LW_ERR_FUTURE;
    }
    const lw_principal *who = rq->who;
    char clinician[64];
    snprintf(clinician, sizeof clinician, "clinician:%s", who->account);
    bool own = (who->roles & LW_ROLE_PATIENT) != 0 && strcmp(who->patient, rq->target.patient) == 0;
    bool by_patient = own && (lw__str_eq(event->by, LW_STR("patient")) ||
                              (event->by.len > 7 && memcmp(event->by.ptr, "device:", 7) == 0));
    bool by_clinician = (who->roles & LW_ROLE_CLINICIAN) != 0 && lw__str_eq(event->by, lw__str(clinician));
    if (!by_patient && !by_clinician) {
        snprintf(member, sizeof member, "events[%u].by", i);
        rq->line = i + 1;
        lw_problem(rq, LW_ERR_AUTHOR, member, "must be %s, whoever is signed in here",
                   own ? "patient or device:ID" : clinician);
        return LW_ERR_AUTHOR;
    }
    return LW_OK;
}

/* The body's list, decoded. */
static int32_t decode_events(lw_request *rq, lw_str list, lw_append_event **out, uint32_t *count) {
    lw_str rest = list, item = {0};
    if (lw__pick_kind(list) != '[') {
        return lw_problem(rq, LW_ERR_TYPE, "events", "must be a list of events");
    }
    uint32_t total = 0, longest = 0;
    while (lw__pick_item(&rest, &item)) {
        total++;
        longest = item.len > longest ? item.len : longest;
    }
    if (total > EVENTS_MOST) {
        return lw_problem(rq, LW_ERR_LIMIT, "events", "%u events are too many at once, %d at most", total, EVENTS_MOST);
    }
    lw_append_event *events = lw_pool_take(&rq->pool, (total + 1u) * sizeof *events);
    size_t result_cap = 0, scratch_cap = 0;
    /* The note that stands for an event of a later format is shorter than its envelope and some words. */
    lw_record_size_hint(longest < LW_MAX_LINE ? longest + 256u : LW_MAX_LINE, &result_cap, &scratch_cap);
    void *memory = events != NULL ? malloc(result_cap) : NULL;
    int32_t err = memory != NULL ? LW_OK : LW_ERR_NO_MEMORY;
    rest = list;
    for (uint32_t i = 0; i < total && err == LW_OK; i++) {
        lw_str line = {0}, patient = {0};
        lw_arena arena = lw_arena_over(memory, result_cap);
        lw_event event;
        lw_diag diag = {0};
        (void)lw__pick_item(&rest, &item);
        err = as_line(rq, item, &line);
        if (err == LW_OK && line.len > LW_MAX_LINE) {
            rq->line = i + 1;
            err = lw_problem(rq, LW_ERR_LIMIT, "events", "an event is one line of 64 KiB at most");
        } else if (err == LW_OK) {
            err = lw__line_decode(line, i + 1, &arena, &event, &patient, &diag);
            bool newer = err == LW_ERR_NEWER;
            err = newer ? decode_newer(rq, line, i + 1, &arena, &event, &patient, &diag) : err;
            if (err != LW_OK) {
                err = lw__diag_problem(rq, err, &diag, 1);
            } else if (!lw__str_eq(patient, lw__str(rq->target.patient))) {
                char member[32];
                snprintf(member, sizeof member, "events[%u].patient", i);
                rq->line = i + 1;
                err = lw_problem(rq, LW_ERR_PATIENT, member, "is not the patient of the address");
            } else {
                const char *by = by_text(rq, &event);
                lw_str kind = {0};
                const char *name = lw_kind_name(event.kind);
                if (newer && lw__pick(line, "kind", &kind) && lw__pick_kind(kind) == '"') {
                    name = lw__pick_text(&rq->pool, kind);
                }
                err = by == NULL || name == NULL ? LW_ERR_NO_MEMORY : LW_OK;
                events[i] = (lw_append_event){
                    .line = line, .by = lw__str(by != NULL ? by : ""), .kind = name, .at_s = event.at_s};
                memcpy(events[i].id, event.id, 16);
            }
        }
    }
    free(memory);
    *out = events;
    *count = total;
    return err;
}

/* ---- folding ---- */

static bool any_kind(const adding *a, const char *kind) {
    for (uint32_t i = 0; i < a->append.count; i++) {
        if (strcmp(a->events[i].kind, kind) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * A clinician's new `started` that names another version published in the clinic moves the patient to it: sha256 becomes that
 * version, and the fold shows whether the record, whose latest `started` must be this one, goes with it. One that the clinic
 * has not published moves nobody, and the fold refuses it.
 */
static int32_t moved_to(lw_request *rq, lw_sql *sql, adding *a, char sha256[65]) {
    lw_str latest = {0};
    int64_t at_s = INT64_MIN;
    for (uint32_t i = 0; i < a->append.count; i++) {
        const lw_append_event *event = &a->events[i];
        lw_str data = {0}, sha = {0};
        if (strcmp(event->kind, "started") == 0 && event->by.len > 10 && memcmp(event->by.ptr, "clinician:", 10) == 0 &&
            lw__pick(event->line, "data", &data) && lw__pick(data, "protocol_sha256", &sha) && sha.len == 66 &&
            event->at_s >= at_s) {
            latest = (lw_str){sha.ptr + 1, 64};
            at_s = event->at_s;
        }
    }
    if (latest.len == 0 || memcmp(latest.ptr, sha256, 64) == 0) {
        return LW_OK;
    }
    lw_buf text = {0};
    int32_t err = lw_clinic_protocol(sql, lw__str(rq->target.clinic), latest, &text);
    lw_buf_free(&text);
    if (err == LW_OK) {
        memcpy(sha256, latest.ptr, 64);
        memcpy(a->moved, sha256, sizeof a->moved);
    }
    return err == LW_ERR_NOT_FOUND ? LW_OK : err;
}

/*
 * Folds a->log for today, and for plan_day when that is another day; plan receives the plan of plan_day, empty when none can
 * be made. A record that its protocol does not fit is stored all the same, unless this request would make it so: the queue
 * then says that it cannot be folded.
 */
static int32_t fold(lw_request *rq, lw_sql *sql, adding *a, uint32_t first, bool wants, int32_t *plan_day,
                    int32_t *offset_s, lw_buf *plan) {
    char sha256[65];
    const lw_protocol *protocol = NULL;
    int32_t err = lw_patient_protocol_hash(sql, lw__str(rq->target.patient), sha256);
    err = err == LW_OK ? moved_to(rq, sql, a, sha256) : err;
    err = err == LW_OK ? lw_server_protocol(rq->server, sql, sha256, &protocol) : err;
    if (err != LW_OK) {
        return err;
    }
    int32_t today = lw__local_day(a->log, rq->now_s, offset_s);
    *plan_day = *plan_day == INT32_MIN ? today : *plan_day;
    bool same = *plan_day == today;
    err = lw_projection_of(protocol, a->log, today, rq->now_s, &a->projection, wants && same ? plan : NULL);
    a->projected = err == LW_OK;
    if (err == LW_OK && wants && !same && a->projection.summary.len > 0) {
        err = lw__plan_bytes(rq, protocol, a->log, *plan_day, plan);
        err = err == LW_ERR_NEWER ? LW_OK : err;
    }
    if (err == LW_ERR_PROTOCOL && !any_kind(a, "started")) {
        err = LW_OK;
    } else if (err != LW_OK && rq->err != err) {
        /* What is wrong with the record is said by its line. */
        lw_diag none = {0};
        err = lw__diag_problem(rq, err, a->log->err == err ? &a->log->diag : &none, first);
    }
    lw_server_protocol_back(rq->server, protocol);
    return err;
}

/* The log as this request sees it. */
static int32_t load(lw_request *rq, lw_sql *sql, adding *a) {
    lw__log *log = NULL;
    int32_t err = lw__log_get(rq->server->cache, sql, rq->target.patient, &log);
    if (err == LW_OK) {
        a->append.expect = log->head;
        a->log = lw_reading_share(log->reading);
        lw__log_back(log);
    }
    return err;
}

/* Makes a->log the log with the new events, in the transaction that it was loaded in. */
static int32_t extend(lw_request *rq, lw_sql *sql, adding *a) {
    if (a->append.count == 0) {
        return LW_OK;
    }
    lw_reading *more = lw_reading_grow(a->log, a->events, a->append.count);
    int32_t err = LW_OK;
    if (more == NULL) {
        lw_buf whole = {.max = LW_MAX_RECORD};
        err = lw_store_log(sql, a->append.patient, &whole, NULL);
        for (uint32_t i = 0; i < a->append.count && err == LW_OK; i++) {
            lw_buf_slice(&whole, a->events[i].line);
            lw_buf_str(&whole, "\n");
        }
        if (err == LW_OK && whole.failed) {
            err = lw_problem(rq, LW_ERR_LIMIT, NULL, "the record would be larger than a record may be");
        }
        if (err != LW_OK) {
            lw_buf_free(&whole);
            return err;
        }
        err = lw_reading_open(whole.ptr, whole.len, &more);
    }
    if (err == LW_OK) {
        lw_reading_back(a->log);
        a->log = more;
    }
    return err;
}

static adding *begin(lw_request *rq, lw_append_event *events) {
    adding *a = lw_pool_take(&rq->pool, sizeof *a);
    if (a != NULL) {
        a->events = events;
        a->append.events = events;
        a->append.patient = lw__str(rq->target.patient);
        a->append.received_s = rq->now_s;
        rq->state = a;
        rq->drop = drop_adding;
    }
    return a;
}

/* Adds the decision about plan as one more event, when it is news. */
static int32_t decide(lw_request *rq, adding *a, lw_str plan, int32_t day, int32_t offset_s) {
    lw_buf line = {0};
    int32_t err = lw__decision(rq, a->log, plan, day, offset_s, &line, a->decided);
    if (err == LW_OK && line.len > 0) {
        char *kept = lw_pool_text(&rq->pool, lw_buf_view(&line));
        lw_append_event *event = &a->events[a->append.count];
        lw_event decoded;
        lw_diag diag = {0};
        lw_str patient = {0};
        size_t result_cap = 0, scratch_cap = 0;
        lw_record_size_hint(line.len, &result_cap, &scratch_cap);
        void *memory = malloc(result_cap);
        lw_arena arena = lw_arena_over(memory, memory != NULL ? result_cap : 0);
        err = kept == NULL || memory == NULL
                  ? LW_ERR_NO_MEMORY
                  : lw__line_decode((lw_str){kept, (uint32_t)line.len}, 1, &arena, &decoded, &patient, &diag);
        if (err == LW_OK) {
            *event = (lw_append_event){
                .line = {kept, (uint32_t)line.len}, .by = LW_STR("engine"), .kind = "decided", .at_s = decoded.at_s};
            memcpy(event->id, decoded.id, 16);
            a->append.count++;
            /* Kept when it can be had for nothing: it says no more about the plan. */
            lw_reading *more = lw_reading_grow(a->log, event, 1);
            err = a->log->bytes + line.len + 1 > LW_MAX_RECORD ? LW_ERR_LIMIT : LW_OK;
            lw_reading_back(a->log);
            a->log = more;
        }
        free(memory);
    }
    lw_buf_free(&line);
    return err;
}

/* After the commit: what was folded is now the log. */
static void keep_log(lw_request *rq) {
    adding *a = rq->state;
    if (a->append.count > 0 && a->log != NULL) {
        lw__log_put(rq->server->cache, rq->target.patient, &a->append.head, a->log);
    }
}

static int32_t append(lw_request *rq, lw_sql *sql, adding *a) {
    if (a->append.count == 0) {
        /* Nothing new: what the client has is durable already. */
        a->append.head = a->append.expect;
        return LW_OK;
    }
    a->append.projection = a->projected ? &a->projection : NULL;
    int32_t err = lw_store_append(sql, &a->append);
    if (err == LW_OK && a->moved[0] != 0) {
        err = lw_patient_protocol(sql, a->append.patient, lw__str(rq->target.clinic), lw__str(a->moved));
    }
    rq->changed_seq = err == LW_OK ? a->append.head.seq : 0;
    return err;
}

/* ---- routes ---- */

int32_t lw__events_prepare(lw_request *rq, lw_sql *sql, lw_str list, const lw_value *on, lw__events_told *told) {
    lw_append_event *events = NULL;
    uint32_t count = 0, which = 0, lines = 0;
    *told = (lw__events_told){0};
    int32_t err = decode_events(rq, list, &events, &count);
    if (err != LW_OK) {
        return err;
    }
    bool *fresh = lw_pool_take(&rq->pool, count + 1u);
    adding *a = begin(rq, events);
    if (fresh == NULL || a == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    err = lw_sql_begin(sql, false); /* repeats and log of one moment */
    if (err != LW_OK) {
        return err;
    }
    err = lw_store_sift(sql, a->append.patient, events, count, fresh, &which);
    if (err == LW_ERR_CONFLICT) {
        char member[32];
        snprintf(member, sizeof member, "events[%u].id", which);
        rq->line = which + 1;
        lw_problem(rq, err, member, "an event of this id is stored already, with other content");
    }
    err = err == LW_OK ? load(rq, sql, a) : err;
    lines = err == LW_OK ? a->log->lines : 0;
    for (uint32_t i = 0; i < count && err == LW_OK; i++) {
        if (!fresh[i]) {
            a->repeated++;
            continue;
        }
        err = check_fresh(rq, &events[i], i);
        events[a->append.count++] = events[i];
    }
    a->added = a->append.count;
    err = err == LW_OK ? extend(rq, sql, a) : err;
    lw_buf plan = {0};
    bool wants = on->given || any_kind(a, "checkin") || any_kind(a, "exercise");
    int32_t day = on->given ? (int32_t)on->number : INT32_MIN, offset_s = 0;
    if (err == LW_OK && (a->append.count > 0 || wants)) {
        err = fold(rq, sql, a, lines + 1, wants, &day, &offset_s, &plan);
    }
    lw_sql_rollback(sql);
    if (err == LW_OK && plan.len > 0) {
        err = decide(rq, a, lw_buf_view(&plan), day, offset_s);
    }
    if (err == LW_OK) {
        *told = (lw__events_told){.added = a->added,
                                  .repeated = a->repeated,
                                  .plan = plan,
                                  .decided = plan.len > 0 ? a->decided : NULL,
                                  .log = a->log};
        rq->after = keep_log;
    } else {
        lw_buf_free(&plan);
    }
    return err;
}

int32_t lw__events_commit(lw_request *rq, lw_sql *sql) {
    return append(rq, sql, rq->state);
}

int32_t lw__h_events_add(lw_request *rq, lw_sql *sql) {
    lw__events_told told;
    const lw_value *on = lw_body(rq, "plan_on");
    lw_buf *out = &rq->reply.body;
    int32_t err = lw__events_prepare(rq, sql, lw_body(rq, "events")->text, on, &told);
    if (err == LW_OK) {
        lw_buf_fmt(out, "{\"added\":%u,\"repeated\":%u,\"plan\":", told.added, told.repeated);
        lw_buf_slice(out, told.plan.len > 0 && on->given ? lw_buf_view(&told.plan) : LW_STR("null"));
        lw_buf_fmt(out, told.decided != NULL ? ",\"decided\":\"%s\"" : ",\"decided\":null", told.decided);
        lw_buf_free(&told.plan);
    }
    return err;
}

int32_t lw__c_events_add(lw_request *rq, lw_sql *sql) {
    adding *a = rq->state;
    int32_t err = append(rq, sql, a);
    if (err == LW_OK) {
        char hash[65];
        lw__writer w = lw__writer_over(hash, sizeof hash);
        lw__put_hex(&w, a->append.head.hash, 32);
        lw__put_end(&w);
        lw_buf_fmt(&rq->reply.body, ",\"head\":%lld,\"hash\":\"%s\"}", (long long)a->append.head.seq, hash);
        snprintf(rq->audit, sizeof rq->audit, "added=%u repeated=%u", a->added, a->repeated);
    }
    return err;
}

int32_t lw__h_decide(lw_request *rq, lw_sql *sql) {
    adding *a = begin(rq, lw_pool_take(&rq->pool, sizeof(lw_append_event)));
    if (a == NULL || a->events == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    int32_t day = (int32_t)lw_body(rq, "on")->number, offset_s = 0;
    lw_buf plan = {0};
    int32_t err = lw_sql_begin(sql, false);
    if (err != LW_OK) {
        return err;
    }
    err = load(rq, sql, a);
    err = err == LW_OK ? fold(rq, sql, a, 0, true, &day, &offset_s, &plan) : err;
    lw_sql_rollback(sql);
    if (err == LW_OK && plan.len == 0) {
        err = a->projected ? LW_ERR_NEWER : LW_ERR_PROTOCOL;
    }
    err = err == LW_OK ? decide(rq, a, lw_buf_view(&plan), day, offset_s) : err;
    if (err == LW_OK) {
        lw_buf_fmt(&rq->reply.body, "{\"decided\":\"%s\",\"plan\":", a->decided);
        lw_buf_slice(&rq->reply.body, lw_buf_view(&plan));
        rq->after = keep_log;
    }
    lw_buf_free(&plan);
    return err;
}

int32_t lw__c_decide(lw_request *rq, lw_sql *sql) {
    adding *a = rq->state;
    int32_t err = append(rq, sql, a);
    lw_buf_fmt(&rq->reply.body, ",\"head\":%lld}", (long long)a->append.head.seq);
    return err;
}

int32_t lw__h_events(lw_request *rq, lw_sql *sql) {
    const lw_value *limit = lw_query(rq, "limit");
    lw_buf *out = &rq->reply.body;
    int64_t last = 0;
    bool more = false;
    lw_head head;
    int32_t err = lw_sql_begin(sql, false);
    if (err != LW_OK) {
        return err;
    }
    lw_buf_str(out, "{\"events\":");
    err = lw_store_events(sql, lw__str(rq->target.patient), lw_query(rq, "after")->number,
                          limit->given ? (uint32_t)limit->number : 500, out, &last, &more);
    err = err == LW_OK ? lw_store_head(sql, lw__str(rq->target.patient), &head) : err;
    lw_sql_rollback(sql);
    if (err == LW_OK) {
        char hash[65];
        lw__writer w = lw__writer_over(hash, sizeof hash);
        lw__put_hex(&w, head.hash, 32);
        lw__put_end(&w);
        lw_buf_fmt(out, ",\"last\":%lld,\"more\":%s,\"head\":%lld,\"hash\":\"%s\"}", (long long)last,
                   more ? "true" : "false", (long long)head.seq, hash);
    }
    return err;
}

int32_t lw__h_plan(lw_request *rq, lw_sql *sql) {
    char sha256[65];
    const lw_value *other = lw_query(rq, "protocol");
    int32_t err = LW_OK;
    if (other->given) {
        /* Of the own clinic's versions only. */
        lw_buf text = {0};
        err = lw_clinic_protocol(sql, lw__str(rq->target.clinic), other->text, &text);
        lw_buf_free(&text);
        snprintf(sha256, sizeof sha256, "%.*s", (int)other->text.len, other->text.ptr);
    } else {
        err = lw_patient_protocol_hash(sql, lw__str(rq->target.patient), sha256);
    }
    const lw_protocol *protocol = NULL;
    lw__log *log = NULL;
    err = err == LW_OK ? lw_server_protocol(rq->server, sql, sha256, &protocol) : err;
    err = err == LW_OK ? lw__log_get(rq->server->cache, sql, rq->target.patient, &log) : err;
    if (err == LW_OK) {
        err = lw__plan_bytes(rq, protocol, log->reading, (int32_t)lw_query(rq, "on")->number, &rq->reply.body);
    }
    lw__log_back(log);
    lw_server_protocol_back(rq->server, protocol);
    return err;
}

int32_t lw__h_export(lw_request *rq, lw_sql *sql) {
    int32_t err = lw_store_log(sql, lw__str(rq->target.patient), &rq->reply.body, NULL);
    if (err == LW_OK) {
        char name[128];
        rq->reply.type = "application/x-ndjson";
        /* Letters of an id that a file name can hold. */
        snprintf(name, sizeof name, "attachment; filename=\"%s.jsonl\"", rq->target.patient);
        for (char *p = name + 22; *p != '\0' && p[1] != '\0'; p++) {
            bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                         *p == '-' || *p == '_' || *p == '.';
            *p = plain ? *p : '_';
        }
        lw_reply_header(rq, "Content-Disposition", name);
    }
    return err;
}
