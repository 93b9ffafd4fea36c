/*
 * fold_request.c: see fold_request.h.
 *
 * A decision names its plan by the SHA-256 of the plan's bytes with record_sha256 null (as lw_plan writes it without
 * LW_PLAN_HASH): what the record was stands in `inputs`, so two plans that say the same have the same name although
 * something was added in between.
 */
#include "server/fold_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "record/record_internal.h"
#include "words/json_pick.h"

int32_t lw__local_day(const lw_reading *log, int64_t now_s, int32_t *offset_s) {
    const lw_event *last = lw_reading_last(log);
    *offset_s = 0;
    if (last != NULL) {
        int64_t local = (int64_t)last->day * 86400 + (int64_t)last->minute * 60;
        int64_t second = ((last->at_s % 60) + 60) % 60;
        int64_t offset = local + second - last->at_s;
        *offset_s = offset >= -86400 && offset <= 86400 ? (int32_t)offset : 0;
    }
    int64_t local = now_s + *offset_s;
    return (int32_t)(local >= 0 ? local / 86400 : (local - 86399) / 86400);
}

int32_t lw__diag_problem(lw_request *rq, int32_t err, const lw_diag *diag, uint32_t first) {
    if (diag->err == 0) {
        return lw_problem(rq, err, NULL, "%s", lw_err_sentence(err));
    }
    bool ours = first > 0 && diag->line >= first;
    char member[96];
    if (ours) {
        snprintf(member, sizeof member, "events[%u]%s%s", diag->line - first, diag->member[0] != '\0' ? "." : "",
                 diag->member);
    } else {
        snprintf(member, sizeof member, "%s", diag->member);
    }
    /* Of an event it may quote what somebody wrote about a person; whoever sent it knows, and an answer may be kept by others. */
    const char *quote = ours ? strstr(diag->message, "; it is ") : NULL;
    size_t len = quote != NULL ? (size_t)(quote - diag->message) : strlen(diag->message);
    lw_problem(rq, err, member, "%.*s", (int)len, diag->message);
    snprintf(rq->hint, sizeof rq->hint, "%s", diag->hint);
    rq->line = ours ? diag->line - first + 1 : diag->line;
    return err;
}

int32_t lw__plan_bytes(lw_request *rq, const lw_protocol *protocol, const lw_reading *log, int32_t day, lw_buf *out) {
    lw_diag diag = {0};
    int32_t err = lw_reading_plan(protocol, log, day, out, &diag);
    return err == LW_OK ? LW_OK : lw__diag_problem(rq, err, &diag, 0);
}

/* ---- decisions ---- */

void lw__fresh_uuid(int64_t now_s, char out[37]) {
    uint8_t id[16] = {0};
    if (getrandom(id, sizeof id, 0) != (ssize_t)sizeof id) {
        abort(); /* no entropy source on a running Linux: nothing here would be safe */
    }
    uint64_t ms = (uint64_t)now_s * 1000 + (uint64_t)(lw__clock_us() / 1000 % 1000);
    for (int i = 0; i < 6; i++) {
        id[i] = (uint8_t)(ms >> (40 - 8 * i));
    }
    id[6] = (uint8_t)(0x70 | (id[6] & 0x0f));
    id[8] = (uint8_t)(0x80 | (id[8] & 0x3f));
    lw__writer w = lw__writer_over(out, 37);
    lw__put_uuid(&w, id);
    lw__put_end(&w);
}

/* SHA-256 of the plan with record_sha256 null. */
static void plan_name(const lw_reading *log, lw_str plan, uint8_t out[32]) {
    lw_str record = {0};
    lw__sha256 sha;
    lw__sha256_init(&sha);
    sha.fast = log->sha_way;
    if (lw__pick(plan, "record_sha256", &record)) {
        size_t before = (size_t)(record.ptr - plan.ptr);
        lw__sha256_update(&sha, plan.ptr, before);
        lw__sha256_update(&sha, "null", 4);
        lw__sha256_update(&sha, record.ptr + record.len, plan.len - before - record.len);
    } else {
        lw__sha256_update(&sha, plan.ptr, plan.len);
    }
    lw__sha256_final(&sha, out);
}

/* The last decision of the day in the log: fills name and id. */
static bool last_decision(const lw_record *record, int32_t day, uint8_t name[32], char id[37]) {
    const lw_event *last = NULL;
    for (uint32_t i = 0; i < record->count; i++) {
        const lw_event *e = &record->events[i];
        const struct lw_ev_decided *decided = e->data;
        if (e->kind == LW_KIND_DECIDED && (last == NULL || e->line > last->line) &&
            (decided->has & LW_HAS_DECIDED_PLAN_SHA256) != 0 && decided->on == day) {
            last = e;
        }
    }
    if (last != NULL) {
        memcpy(name, ((const struct lw_ev_decided *)last->data)->plan_sha256, 32);
        lw__writer w = lw__writer_over(id, 37);
        lw__put_uuid(&w, last->id);
        lw__put_end(&w);
    }
    return last != NULL;
}

/* The ids of the rules that fired, each once, 64 at most, as the event wants them. */
static void put_rules(lw_buf *out, lw_str plan) {
    lw_str why = {0}, one = {0}, rule = {0}, fired = {0}, seen[64];
    uint32_t count = 0;
    lw_buf_str(out, "[");
    if (lw__pick(plan, "why", &why)) {
        while (lw__pick_item(&why, &one)) {
            bool told = lw__pick(one, "rule", &rule) && lw__pick_kind(rule) == '"' &&
                        !(lw__pick(one, "fired", &fired) && lw__pick_kind(fired) == 'f');
            for (uint32_t i = 0; i < count && told; i++) {
                told = !lw__str_eq(seen[i], rule);
            }
            if (told && count < 64) {
                seen[count++] = rule;
                lw_buf_str(out, count > 1 ? "," : "");
                lw_buf_slice(out, rule);
            }
        }
    }
    lw_buf_str(out, "]");
}

static void put_hex(lw_buf *out, const uint8_t *bytes, size_t count) {
    char text[65];
    lw__writer w = lw__writer_over(text, sizeof text);
    lw__put_hex(&w, bytes, count);
    lw__put_end(&w);
    lw_buf_str(out, text);
}

static lw_str member(lw_str object, const char *name, const char *otherwise) {
    lw_str value = {0};
    return lw__pick(object, name, &value) ? value : lw__str(otherwise);
}

static void put_instant(lw_buf *out, int64_t now_s, int32_t offset_s) {
    int64_t local = now_s + offset_s, day = local / 86400, second = local % 86400;
    int32_t minutes = offset_s / 60, away = minutes < 0 ? -minutes : minutes;
    char date[11] = {0};
    lw_day_write((int32_t)day, date);
    lw_buf_fmt(out, "%sT%02d:%02d:%02d%c%02d:%02d", date, (int)(second / 3600), (int)(second / 60 % 60),
               (int)(second % 60), minutes < 0 ? '-' : '+', (int)(away / 60), (int)(away % 60));
}

int32_t lw__decision(lw_request *rq, const lw_reading *log, lw_str plan, int32_t day, int32_t offset_s, lw_buf *line,
                     char id[37]) {
    uint8_t name[32], before[32];
    plan_name(log, plan, name);
    if (last_decision(&log->record, day, before, id) && memcmp(before, name, 32) == 0) {
        return LW_OK;
    }
    lw__fresh_uuid(rq->now_s, id);
    lw_str session = member(plan, "session", "{}"), items = member(session, "items", "[]");
    char date[11] = {0};
    lw_day_write(day, date);
    size_t start = line->len;
    for (int try = 0; try < 2; try++) {
        line->len = start;
        lw_buf_fmt(line, "{\"v\":1,\"id\":\"%s\",\"patient\":", id);
        lw_buf_json(line, lw__str(rq->target.patient));
        lw_buf_str(line, ",\"kind\":\"decided\",\"at\":\"");
        put_instant(line, rq->now_s, offset_s);
        lw_buf_fmt(line, "\",\"by\":\"engine\",\"data\":{\"on\":\"%s\",\"protocol_sha256\":", date);
        lw_buf_slice(line, member(plan, "protocol_sha256", "null"));
        lw_buf_fmt(line, ",\"engine\":\"%s\",\"inputs\":", lw_version());
        lw_buf_slice(line, member(plan, "record_sha256", "null"));
        lw_buf_str(line, ",\"plan_sha256\":\"");
        put_hex(line, name, 32);
        lw_buf_str(line, "\",\"verdict\":");
        lw_buf_slice(line, member(plan, "verdict", "\"hold\""));
        lw_buf_str(line, ",\"rules\":");
        put_rules(line, plan);
        lw_buf_str(line, ",\"items\":");
        lw_buf_slice(line, items);
        lw_buf_str(line, "}}");
        if (line->failed || line->len - start <= LW_MAX_LINE) {
            break;
        }
        items = LW_STR("[]"); /* a line has an end; the plan can be made again from inputs */
    }
    return line->failed ? LW_ERR_NO_MEMORY : LW_OK;
}
