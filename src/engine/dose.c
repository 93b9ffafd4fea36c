/*
 * dose.c: from a ladder index to something one can do, with the weights at hand.
 *
 * An exercise's ladder is a fixed chain. For one person the chain becomes effective: where a rung asks for more load, the
 * load is rounded down to the equipment and may rise at most by the protocol's step over the rung below; where the
 * equipment has no weight in that span, one more repetition is asked instead. The effective chain depends on facts only
 * (the ladder, the first load logged, the equipment), so of two states the one with the lower index has the lower dose.
 *
 * Arithmetic is integer; every rounding goes down.
 */
#include "engine/state.h"

enum {
    WEIGHTS = 1u << LW_EQUIPMENT_DUMBBELL | 1u << LW_EQUIPMENT_BARBELL | 1u << LW_EQUIPMENT_KETTLEBELL |
              1u << LW_EQUIPMENT_MACHINE | 1u << LW_EQUIPMENT_CABLE,
    REPS_BEYOND = 5 /* repetitions a blocked load may be answered with, above the rung's own */
};

bool lw__equipped(const lw_state *s, uint8_t exercise) {
    const lw_exercise *e = &s->protocol->exercises[exercise];
    return (s->equipment & e->needs) == e->needs && (e->needs_any == 0 || (s->equipment & e->needs_any) != 0);
}

/* Bit number of the implement that carries the load, −1 where the person has none. */
static int32_t implement_of(const lw_state *s, const lw_exercise *e) {
    if (e->loaded == 0) {
        return -1;
    }
    if ((s->equipment >> (e->loaded - 1) & 1u) != 0 && (WEIGHTS >> (e->loaded - 1) & 1u) != 0) {
        return e->loaded - 1;
    }
    uint32_t others = s->equipment & (e->needs | e->needs_any) & WEIGHTS;
    return others == 0 ? -1 : __builtin_ctz(others);
}

/* The list of weights given for an implement, NULL where none was. */
static const lw_load *weights_of(const lw_state *s, int32_t implement) {
    const lw_loads *loads = NULL;
    if (s->loads_settings != NULL) {
        loads = &s->loads_settings->loads;
    } else if (s->loads_started != NULL) {
        loads = &s->loads_started->loads;
    }
    for (uint32_t i = 0; loads != NULL && i < loads->count; i++) {
        if (loads->items[i].implement == implement) {
            return &loads->items[i];
        }
    }
    return NULL;
}

/* The heaviest weight at hand of at most `most`; 0 where even the lightest is heavier (then without weight). */
static int32_t round_down(const lw_state *s, int32_t implement, int32_t most) {
    const lw_load *w = weights_of(s, implement);
    if (w == NULL) {
        int32_t grain = s->protocol->params[LW_PARAM_LOAD_GRAIN];
        return grain > 0 ? most / grain * grain : most;
    }
    int32_t best = 0;
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->items_x100[i] <= most && w->items_x100[i] > best) {
            best = w->items_x100[i];
        }
    }
    if (w->count == 0 && w->step_x100 > 0 && most >= w->min_x100) {
        best = w->min_x100 + (most - w->min_x100) / w->step_x100 * w->step_x100;
    }
    return best;
}

/* n × pct / 100, rounded down, but never below one. */
/*@ requires 0 <= pct <= 100;
    assigns \nothing;
    ensures never_more: \result <= n;
    ensures never_none: n > 0 ==> \result >= 1;
    ensures none_of_none: n == 0 ==> \result == 0;
    ensures rounded_down: \result <= 1 || \result * 100 <= n * pct; */
static uint16_t part_of(uint16_t n, int32_t pct) {
    int32_t cut = n * pct / 100;
    return (uint16_t)(n > 0 && cut < 1 ? 1 : cut);
}

/* Cuts sets; where there is but one, what is in it. */
/*@ requires \valid(d) && 0 <= pct <= 100;
    assigns d->sets, d->reps, d->hold_s, d->contacts, d->distance_m;
    ensures fewer_sets: d->sets <= \old(d->sets) && (\old(d->sets) > 0 ==> d->sets >= 1);
    ensures never_more: d->reps <= \old(d->reps) && d->hold_s <= \old(d->hold_s) &&
                        d->contacts <= \old(d->contacts) && d->distance_m <= \old(d->distance_m); */
static void cut_dose(lw_dose *d, int32_t pct) {
    if (d->sets > 1) {
        d->sets = (uint8_t)part_of(d->sets, pct);
        return;
    }
    d->reps = (uint8_t)part_of(d->reps, pct);
    d->hold_s = part_of(d->hold_s, pct);
    d->contacts = part_of(d->contacts, pct);
    d->distance_m = part_of(d->distance_m, pct);
}

/*@ requires 0 <= reps <= 255 && 0 <= hold_s <= 65535 && 0 <= contacts <= 65535 && 0 <= distance_m <= 65535;
    assigns \nothing;
    ensures bounded: 0 <= \result <= 1671169; */
static int32_t units(int32_t reps, int32_t hold_s, int32_t contacts, int32_t distance_m) {
    if (hold_s > 0) {
        return (hold_s * (reps > 0 ? reps : 1) + 9) / 10;
    }
    if (contacts > 0) {
        return contacts;
    }
    if (reps > 0) {
        return reps;
    }
    return (distance_m + 9) / 10;
}

/* Tissue load of one rung's repetition, with the weight it is done with. */
/*@ requires \valid_read(rung) && 0 <= nominal <= 100000000;
    assigns \nothing;
    ensures bounded: 0 <= \result <= 10 * nominal;
    ensures without_weight: rung->load_pct == 0 || load <= 0 || load_ref <= 0 ==> \result == nominal; */
static int32_t per_unit(int32_t nominal, const lw_rung *rung, int32_t load, int32_t load_ref) {
    if (rung->load_pct == 0 || load <= 0 || load_ref <= 0) {
        return nominal;
    }
    int64_t pct = (int64_t)load * 100 / load_ref;
    return (int32_t)((int64_t)nominal * (pct > 1000 ? 1000 : pct) / 100);
}

/*
 * The weight a load rung leads to: the rung's share of the first load where that is a step the protocol allows, else the
 * next weight at hand within that step, else no more than `load`.
 */
static int32_t load_above(const lw_state *s, const lw_exercise *e, int32_t implement, int32_t load, uint16_t load_pct) {
    int32_t ref = s->machine[e - s->protocol->exercises].load_ref;
    int64_t want = (int64_t)ref * load_pct / e->rungs[0].load_pct;
    int64_t ceiling = (int64_t)load * (100 + s->protocol->params[LW_PARAM_RISE_LOAD]) / 100;
    int32_t next = round_down(s, implement, (int32_t)(want < ceiling ? want : ceiling));
    return next > load ? next : round_down(s, implement, (int32_t)ceiling);
}

/* A dose's load: volume times the load of one unit; saturated where a ladder is at the ends of all its ranges at once. */
/*@ requires 0 <= volume <= 20054028 && 0 <= each <= 1000000000;
    assigns \nothing;
    ensures bounded: 0 <= \result <= 1000000000;
    ensures exact: volume * each <= 1000000000 ==> \result == volume * each; */
static int32_t loaded(int32_t volume, int32_t each) {
    int64_t load = (int64_t)volume * each;
    return (int32_t)(load > 1000000000 ? 1000000000 : load);
}

void lw__dose_weigh(const lw_state *s, uint8_t exercise, lw_dose *d) {
    const lw_rung *at = &s->protocol->exercises[exercise].rungs[d->rung];
    int32_t load_ref = s->machine[exercise].load_ref;
    int32_t volume = d->sets * units(d->reps, d->hold_s, d->contacts, d->distance_m);
    d->tension = loaded(volume, per_unit(at->tension, at, d->load, load_ref));
    d->compression = loaded(volume, per_unit(at->compression, at, d->load, load_ref));
}

void lw__dose_at(const lw_state *s, uint8_t exercise, uint8_t rung, uint8_t part, lw_dose *out) {
    const lw_protocol *p = s->protocol;
    const lw_exercise *e = &p->exercises[exercise];
    const lw_machine *m = &s->machine[exercise];
    int32_t implement = implement_of(s, e);
    bool weighted = implement >= 0 && m->load_ref != LW_UNKNOWN && e->rungs[0].load_pct != 0;
    int32_t load = weighted ? round_down(s, implement, m->load_ref) : LW_UNKNOWN;
    int32_t most_reps = e->rungs[0].reps + REPS_BEYOND;
    int32_t reps = e->rungs[0].reps;
    uint8_t raises = LW_VAR_NONE;
    bool own = true; // the repetitions are the rung's own, not an answer to a missing weight

    // walk up the effective chain
    for (int32_t r = 1; r <= rung; r++) {
        const lw_rung *at = &e->rungs[r];
        raises = at->raises;
        if (at->raises != LW_VAR_LOAD) {
            bool more = at->raises == LW_VAR_REPS && reps < most_reps;
            reps = own || at->reps > reps ? at->reps : more ? reps + 1 : reps;
            own = at->reps == reps;
            continue;
        }
        int32_t next = weighted ? load_above(s, e, implement, load, at->load_pct) : 0;
        if (weighted && next > load) {
            load = next; // a weight that was missing once is missing for good: its ceiling does not move
            reps = at->reps;
        } else {
            reps = reps < most_reps ? reps + 1 : reps;
            own = false;
            raises = LW_VAR_REPS;
        }
    }

    const lw_rung *at = &e->rungs[rung];
    *out = (lw_dose){.rung = rung,
                     .part = part,
                     .sets = at->sets,
                     .reps = (uint8_t)reps,
                     .bouts = at->bouts,
                     .speed_pct = at->speed_pct,
                     .depth_deg = at->depth_deg,
                     .class_ = at->class_,
                     .hold_s = at->hold_s,
                     .rest_s = at->rest_s,
                     .distance_m = at->distance_m,
                     .contacts = at->contacts,
                     .effort_max = at->effort_max != 0 ? at->effort_max : (uint16_t)p->params[LW_PARAM_EFFORT_MAX],
                     .tempo = {at->tempo[0], at->tempo[1], at->tempo[2]},
                     .load = weighted && load > 0 ? load : LW_UNKNOWN,
                     .load_meant = implement >= 0 && e->rungs[0].load_pct != 0,
                     .raises = raises,
                     .equipment = !own};

    // what the weeks before, the other side or the irritability take off
    if (part == LW_PART_RETURN) {
        cut_dose(out, p->params[LW_PARAM_RETURN_DOSE]);
    } else if (part == LW_PART_HALF) {
        cut_dose(out, p->params[LW_PARAM_HIGH_CUT]);
    }
    if (s->sides == 3) {
        cut_dose(out, p->params[LW_PARAM_BOTH_SIDES_CUT]);
    }
    lw__dose_weigh(s, exercise, out);
}

static bool same_dose(const lw_dose *a, const lw_dose *b) {
    return a->sets == b->sets && a->reps == b->reps && a->hold_s == b->hold_s && a->load == b->load &&
           a->depth_deg == b->depth_deg && a->speed_pct == b->speed_pct && a->contacts == b->contacts &&
           a->distance_m == b->distance_m && a->bouts == b->bouts;
}

bool lw__waits_for_load(const lw_state *s, uint8_t exercise) {
    const lw_exercise *e = &s->protocol->exercises[exercise];
    return e->rungs[0].load_pct != 0 && s->machine[exercise].load_ref == LW_UNKNOWN && implement_of(s, e) >= 0;
}

bool lw__step_up(const lw_state *s, uint8_t exercise, uint8_t *rung, uint8_t *part) {
    const lw_exercise *e = &s->protocol->exercises[exercise];
    if (*part > LW_PART_FULL) {
        (*part)--;
        return true;
    }
    if (lw__waits_for_load(s, exercise)) {
        return false;
    }
    // a rung that the equipment makes equal to the one below is passed over
    lw_dose now;
    lw_dose next;
    lw__dose_at(s, exercise, *rung, *part, &now);
    for (uint8_t r = (uint8_t)(*rung + 1); r < e->rung_count; r++) {
        lw__dose_at(s, exercise, r, *part, &next);
        if (!same_dose(&now, &next)) {
            *rung = r;
            return true;
        }
    }
    return false;
}

uint8_t lw__first_part(const lw_state *s) {
    return s->irritability == LW_IRRITABILITY_HIGH ? LW_PART_HALF : LW_PART_FULL;
}

/*@ requires \valid(m);
    assigns m->rung, m->part;
    ensures one_lower: m->rung == \old(m->rung) - 1 && m->part == \old(m->part) ||
                       m->rung == \old(m->rung) && m->part == \old(m->part) + 1 ||
                       m->rung == \old(m->rung) && m->part == \old(m->part);
    ensures said: \result == false ==> \old(m->rung) == 0 && \old(m->part) >= LW_PART_HALF;
    ensures lowered: \result == true ==> m->rung < \old(m->rung) || m->part > \old(m->part); */
bool lw__step_down(lw_machine *m) {
    if (m->rung > 0) {
        m->rung--;
        return true;
    }
    if (m->part < LW_PART_HALF) {
        m->part++;
        return true;
    }
    return false;
}

int32_t lw__load_at_most(const lw_state *s, uint8_t exercise, int32_t most) {
    int32_t implement = implement_of(s, &s->protocol->exercises[exercise]);
    return implement < 0 ? 0 : round_down(s, implement, most);
}

bool lw__done_meets(const lw_done *done, const lw_dose *dose) {
    return done->any && done->sets >= dose->sets && done->reps >= dose->reps && done->hold_s >= dose->hold_s &&
           done->contacts >= dose->contacts && done->speed_pct >= dose->speed_pct &&
           (done->depth_deg == LW_UNKNOWN || done->depth_deg >= dose->depth_deg) &&
           done->distance_m >= dose->distance_m &&
           (dose->load == LW_UNKNOWN || (done->load != LW_UNKNOWN && done->load >= dose->load));
}

void lw__done_load(const lw_state *s, uint8_t exercise, const lw_done *done, int32_t *tension, int32_t *compression) {
    const lw_exercise *e = &s->protocol->exercises[exercise];
    const lw_machine *m = &s->machine[exercise];
    const lw_rung *at = &e->rungs[m->rung];
    // the rung whose depth was reached; where none was said, the established one
    for (int32_t r = 0; r < e->rung_count && done->depth_deg != LW_UNKNOWN; r++) {
        if (r == 0 || e->rungs[r].depth_deg <= done->depth_deg) {
            at = &e->rungs[r];
        }
    }
    int64_t volume = done->volume;
    int64_t t = volume * per_unit(at->tension, at, done->load, m->load_ref);
    int64_t c = volume * per_unit(at->compression, at, done->load, m->load_ref);
    *tension = (int32_t)(t > 1000000000 ? 1000000000 : t);
    *compression = (int32_t)(c > 1000000000 ? 1000000000 : c);
}
