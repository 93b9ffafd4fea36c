/*
 * plan.c: plan = f(protocol, record, day).
 *
 * The order is fixed: fold (data quality, red flags, contraindications), guard, decide (protocol rules, personal and
 * group caps, rounding down), explain. Everything is computed in scratch and the writer's end of the result arena; the
 * caller's block changes only when all of it has succeeded.
 */
#include "engine/explain.h"
#include "engine/fold.h"

int32_t lw__refuse(lw_diag *diag, int32_t err, const char *message, const char *hint) {
    if (diag != NULL) {
        *diag = (lw_diag){.err = err};
        lw__writer m = lw__writer_over(diag->message, sizeof(diag->message));
        lw__writer h = lw__writer_over(diag->hint, sizeof(diag->hint));
        lw__put_c(&m, message);
        lw__put_c(&h, hint);
        lw__put_end(&m);
        lw__put_end(&h);
    }
    return err;
}

bool lw__right_protocol(const lw_state *s) {
    const lw_protocol *p = s->protocol;
    lw_str given = s->started_protocol;
    if (given.ptr == NULL) {
        return true;
    }
    bool id = given.len == p->id.len + 1 + p->version.len && memcmp(given.ptr, p->id.ptr, p->id.len) == 0 &&
              given.ptr[p->id.len] == '@' && memcmp(given.ptr + p->id.len + 1, p->version.ptr, p->version.len) == 0;
    return id && (s->started_hash.ptr == NULL || memcmp(s->started_hash.ptr, p->hash, 32) == 0);
}

int32_t lw__plan_on(const lw_protocol *protocol, const lw_record *record, int32_t day, uint32_t flags, lw_work *work,
                    lw_diag *diag, lw_evening *evening) {
    if (record->newer > 0) {
        return lw__refuse(diag, LW_ERR_NEWER, "the record has events of a newer format than this version understands",
                          "update loadwave; until then nothing new is prescribed");
    }
    lw_arena scratch = work->scratch;
    lw_arena result = work->result;
    lw_state *s = lw__alloc(&scratch, sizeof(lw_state), _Alignof(lw_state));
    lw_plan_data *d = lw__alloc(&scratch, sizeof(lw_plan_data), _Alignof(lw_plan_data));
    uint8_t *hash = lw__alloc(&scratch, 32, 1);
    work->scratch.peak = scratch.peak;
    if (s == NULL || d == NULL || hash == NULL) {
        return lw__refuse(diag, LW_ERR_NO_MEMORY, "the scratch arena is too small for a plan",
                          "give LW_PLAN_SCRATCH bytes");
    }
    int32_t err = lw__fold_on(protocol, record, day, s, evening);
    if (LW_ALWAYS(err == LW_OK) && !lw__right_protocol(s)) {
        err = lw__refuse(diag, LW_ERR_PROTOCOL, "the record was started on another protocol",
                         "give the protocol and version that `started` names");
    }
    if (err == LW_OK && (flags & LW_PLAN_HASH) != 0) {
        err = lw_record_hash(record, &scratch, hash);
        work->scratch.peak = scratch.peak;
        d->record_hash = hash;
        if (err == LW_ERR_NO_MEMORY) {
            err = lw__refuse(diag, err, "the scratch arena is too small for the record's hash",
                             "give what lw_record_size_hint says for scratch, and LW_PLAN_SCRATCH beside it");
        }
    }
    if (err != LW_OK) {
        return err;
    }

    d->s = s;
    d->allow = lw__guard(s);
    lw__decide(s, &d->allow, &d->decision);
    lw__drop_done(s, &d->decision);
    lw__run_plan(s, &d->allow, &d->run);
    lw__shockwave_plan(s, &d->allow, &d->shockwave);
    d->verdict = lw__verdict(s, &d->allow, &d->decision, &d->run);
    lw__explain(d);

    // the text goes straight to the free end of the result arena
    char *out = result.base == NULL ? NULL : (char *)result.base + result.used;
    lw__writer w = lw__writer_over(out, result.cap - result.used);
    lw__plan_json(d, &w);
    if (w.full) {
        return lw__refuse(diag, LW_ERR_NO_MEMORY, "the result arena is too small for a plan",
                          "give LW_PLAN_RESULT bytes");
    }
    work->result.used += w.len;
    work->result.peak = work->result.used > work->result.peak ? work->result.used : work->result.peak;
    work->json = (lw_str){out, (uint32_t)w.len};
    return LW_OK;
}

int32_t lw_plan(const lw_protocol *protocol, const lw_record *record, int32_t day, uint32_t flags, lw_work *work,
                lw_diag *diag) {
    return lw__plan_on(protocol, record, day, flags, work, diag, NULL);
}
