/*
 * decide.c: choosing inside the wall.
 *
 * For each pick of the stage the hardest exercise that is open, at hand and allowed today; for each exercise its
 * established dose, or one step up where the morning offered it. Then ceilings as a final minimum: clinician, class,
 * week. A ceiling that concerns several exercises at once leaves the last ones out and never lowers a dose, so that a
 * better day cannot end with a lower dose of the same exercise than a worse one.
 */
#include "engine/decide.h"
#include "engine/apply.h"
#include "protocol/vocabulary_names.h"

static bool left_out(const lw_state *s, uint8_t exercise) {
    const lw_protocol *p = s->protocol;
    for (int32_t i = s->action_first[LW_ACTION_SWAP]; i < s->action_first[LW_ACTION_SWAP + 1]; i++) {
        const lw_rule *rule = &p->rules[s->by_action[i]];
        for (int32_t k = 0; k < rule->arg_count; k++) {
            if (lw__str_eq(p->words[rule->arg_first + k], p->exercises[exercise].id) && lw__rule_fires(s, rule)) {
                return true;
            }
        }
    }
    return false;
}

/* The clinician's ceiling for an exercise in sets, or a large number. */
/*@ requires \valid_read(s) && s->limit_count <= LW_MAX_LIMITS;
    requires \forall integer i; 0 <= i < s->limit_count ==> s->limits[i].max >= 0;
    assigns \nothing;
    ensures bounded: 0 <= \result <= 1000;
    ensures within_each: \forall integer i; 0 <= i < s->limit_count && s->limits[i].exercise == exercise &&
        exercise != 255 && s->day <= s->limits[i].until ==> \result <= s->limits[i].max / 100; */
static int32_t sets_limit(const lw_state *s, uint8_t exercise) {
    int32_t most = 1000;
    /*@ loop invariant 0 <= i <= s->limit_count && 0 <= most <= 1000;
        loop invariant \forall integer k; 0 <= k < i && s->limits[k].exercise == exercise &&
            exercise != 255 && s->day <= s->limits[k].until ==> most <= s->limits[k].max / 100;
        loop assigns i, most;
        loop variant s->limit_count - i; */
    for (uint32_t i = 0; i < s->limit_count; i++) {
        const lw_limit *l = &s->limits[i];
        bool this_one = l->exercise == exercise || (l->exercise == 255 && l->variable == LW_VAR_SETS);
        if (this_one && s->day <= l->until && l->max / 100 < most) {
            most = l->max / 100;
        }
    }
    return most;
}

/*@ requires \valid_read(s) && s->limit_count <= LW_MAX_LIMITS;
    assigns \nothing;
    ensures within_each: \forall integer i; 0 <= i < s->limit_count && s->limits[i].exercise == 255 &&
        s->limits[i].variable == variable && s->day <= s->limits[i].until ==> \result <= s->limits[i].max; */
int32_t lw__limit_of(const lw_state *s, uint8_t variable) {
    int32_t most = INT32_MAX;
    /*@ loop invariant 0 <= i <= s->limit_count;
        loop invariant \forall integer k; 0 <= k < i && s->limits[k].exercise == 255 &&
            s->limits[k].variable == variable && s->day <= s->limits[k].until ==> most <= s->limits[k].max;
        loop assigns i, most;
        loop variant s->limit_count - i; */
    for (uint32_t i = 0; i < s->limit_count; i++) {
        const lw_limit *l = &s->limits[i];
        if (l->exercise == 255 && l->variable == variable && s->day <= l->until && l->max < most) {
            most = l->max;
        }
    }
    return most;
}

bool lw__limited_altogether(const lw_state *s) {
    return lw__limit_of(s, LW_LIMIT_ALL) != INT32_MAX;
}

/* The highest rung not above `rung` whose depth the class and the clinician allow; −1 none. */
/*@ requires \valid_read(s) && \valid_read(s->protocol) && \valid_read(allow);
    requires exercise < LW_MAX_EXERCISES && -1 <= rung < LW_MAX_RUNGS && s->limit_count <= LW_MAX_LIMITS;
    assigns \nothing;
    ensures never_above: -1 <= \result <= rung;
    ensures within_class: \result >= 0 ==>
        s->protocol->exercises[exercise].rungs[\result].class_ <= allow->class_max;
    ensures within_depth: \result >= 0 ==>
        (\forall integer i; 0 <= i < s->limit_count && s->limits[i].exercise == 255 &&
            s->limits[i].variable == LW_VAR_DEPTH && s->day <= s->limits[i].until ==>
            s->protocol->exercises[exercise].rungs[\result].depth_deg * 100 <= s->limits[i].max); */
static int32_t fitting_rung(const lw_state *s, const lw_allow *allow, uint8_t exercise, int32_t rung) {
    const lw_exercise *e = &s->protocol->exercises[exercise];
    int32_t depth = lw__limit_of(s, LW_VAR_DEPTH);
    /*@ loop invariant -1 <= r <= rung;
        loop assigns r;
        loop variant r + 1; */
    for (int32_t r = rung; r >= 0; r--) {
        if (e->rungs[r].class_ <= allow->class_max && e->rungs[r].depth_deg * 100 <= depth) {
            return r;
        }
    }
    return -1;
}

static bool available(const lw_state *s, const lw_allow *allow, uint8_t exercise) {
    const lw_exercise *e = &s->protocol->exercises[exercise];
    const lw_machine *m = &s->machine[exercise];
    int32_t rung = fitting_rung(s, allow, exercise, m->rung);
    return rung >= 0 && lw__equipped(s, exercise) && (e->rungs[rung].class_ < 3 || allow->deep) &&
           (!e->plyometric || allow->plyometric) && (!e->speed_ladder || allow->fast) && (!e->heavy || allow->heavy) &&
           s->day - m->last_day >= (e->every_days > 0 ? e->every_days : 1) && sets_limit(s, exercise) > 0 &&
           !left_out(s, exercise);
}

/* The change to this exercise, which is not in use yet, was granted and still is: by authority or by what was accepted. */
static bool is_granted(const lw_state *s, const lw_allow *allow, uint8_t exercise) {
    const lw_machine *m = &s->machine[exercise];
    int8_t easier = s->protocol->exercises[exercise].easier;
    bool accepted = easier >= 0 && allow->propose && s->machine[easier].accept_until >= s->day;
    return m->unlocked && (allow->by_itself || accepted);
}

/* Open to this person: first of what is at hand, open by its own test, or granted. */
static bool open_to(const lw_state *s, const lw_allow *allow, const lw_slot *slot, int32_t position) {
    uint8_t exercise = slot->candidates[position];
    const lw_exercise *e = &s->protocol->exercises[exercise];
    if (is_granted(s, allow, exercise) || (e->open_count > 0 && lw__groups_true(s, e->open_first, e->open_count))) {
        return true;
    }
    for (int32_t i = 0; i < position; i++) {
        if (lw__equipped(s, slot->candidates[i])) {
            return false;
        }
    }
    return true;
}

/* The first stage that picks an exercise. */
static int32_t home_stage(const lw_protocol *p, uint8_t exercise) {
    for (int32_t g = 0; LW_ALWAYS(g < p->stage_count); g++) {
        for (int32_t k = 0; k < p->stages[g].slot_count; k++) {
            for (int32_t c = 0; c < p->stages[g].slots[k].candidate_count; c++) {
                if (p->stages[g].slots[k].candidates[c] == exercise) {
                    return g;
                }
            }
        }
    }
    return p->stage_count;
}

/*
 * How well a candidate suits today, the highest is taken and the harder of equals; 0: not at all. What the person does
 * goes on; a new exercise of the stage begins only on a morning that lets something rise, unless nothing is in use yet.
 */
static int32_t suits(const lw_state *s, const lw_allow *allow, const lw_slot *slot, int32_t position, int32_t stage) {
    uint8_t exercise = slot->candidates[position];
    const lw_machine *m = &s->machine[exercise];
    if (!available(s, allow, exercise)) {
        return 0;
    }
    bool own_stage = home_stage(s->protocol, exercise) == stage;
    if (m->used) {
        // nothing left to lower: something easier, where there is something
        return m->low_due ? 1 : own_stage ? 6 : 3;
    }
    if (!open_to(s, allow, slot, position)) {
        return 0;
    }
    if (is_granted(s, allow, exercise) && allow->raise) {
        return 6;
    }
    return allow->raise ? (own_stage ? 5 : 2) : (own_stage ? 2 : 1);
}

static int32_t value_of(const lw_dose *d, uint8_t variable) {
    switch (variable) {
    case LW_VAR_LOAD:
        return d->load == LW_UNKNOWN ? 0 : d->load;
    case LW_VAR_REPS:
        return d->reps;
    case LW_VAR_SETS:
        return d->sets;
    case LW_VAR_HOLD:
        return d->hold_s;
    case LW_VAR_DEPTH:
        return d->depth_deg;
    case LW_VAR_SPEED:
        return d->speed_pct;
    case LW_VAR_CONTACTS:
        return d->contacts;
    case LW_VAR_DISTANCE:
        return d->distance_m;
    default:
        return d->bouts;
    }
}

/* The one variable that rises between two doses, and what falls with it. */
static lw_change difference(const lw_dose *from, const lw_dose *to, lw_change *lowered, uint8_t *lowered_count) {
    static const uint8_t order[] = {LW_VAR_LOAD, LW_VAR_DEPTH,    LW_VAR_SPEED,    LW_VAR_SETS, LW_VAR_REPS,
                                    LW_VAR_HOLD, LW_VAR_CONTACTS, LW_VAR_DISTANCE, LW_VAR_BOUTS};
    lw_change change = {.variable = LW_VAR_NONE};
    *lowered_count = 0;
    for (size_t i = 0; i < sizeof(order); i++) {
        lw_change c = {order[i], value_of(from, order[i]), value_of(to, order[i])};
        if (c.to > c.from && change.variable == LW_VAR_NONE) {
            change = c;
        } else if (c.to < c.from && LW_ALWAYS(*lowered_count < LW_MAX_LOWERED)) {
            lowered[(*lowered_count)++] = c;
        }
    }
    return change;
}

/*@ requires \valid(bound) && most_x100 >= 0;
    assigns *bound;
    ensures within: \result * 100 <= most_x100;
    ensures never_more: \result <= value;
    ensures untouched: value * 100 <= most_x100 ==> \result == value && *bound == \old(*bound);
    ensures said: value * 100 > most_x100 ==> *bound == true; */
static uint16_t capped16(uint16_t value, int32_t most_x100, bool *bound) {
    if (value * 100 <= most_x100) {
        return value;
    }
    *bound = true;
    return (uint16_t)(most_x100 / 100);
}

/* The clinician's limits, as a final minimum. */
static void apply_limits(const lw_state *s, uint8_t exercise, lw_dose *d, uint8_t *cap) {
    bool bound = false;
    d->sets = (uint8_t)capped16(d->sets, sets_limit(s, exercise) * 100, &bound);
    d->reps = (uint8_t)capped16(d->reps, lw__limit_of(s, LW_VAR_REPS), &bound);
    d->hold_s = capped16(d->hold_s, lw__limit_of(s, LW_VAR_HOLD), &bound);
    d->contacts = capped16(d->contacts, lw__limit_of(s, LW_VAR_CONTACTS), &bound);
    d->distance_m = capped16(d->distance_m, lw__limit_of(s, LW_VAR_DISTANCE), &bound);
    d->speed_pct = (uint8_t)capped16(d->speed_pct, lw__limit_of(s, LW_VAR_SPEED), &bound);
    int32_t load = lw__limit_of(s, LW_VAR_LOAD);
    if (d->load != LW_UNKNOWN && d->load > load) {
        bound = true;
        d->load = lw__load_at_most(s, exercise, load);
        d->load = d->load > 0 ? d->load : LW_UNKNOWN;
    }
    if (bound) {
        *cap = LW_CAP_CLINICIAN;
        lw__dose_weigh(s, exercise, d);
    }
}

static int8_t against_last(const lw_state *s, uint8_t exercise, const lw_dose *d) {
    const lw_machine *m = &s->machine[exercise];
    if (!m->used || !m->last.any) {
        return 2;
    }
    int32_t tension;
    int32_t compression;
    lw__done_load(s, exercise, &m->last, &tension, &compression);
    return (int8_t)(d->tension < tension ? -1 : d->tension > tension ? 1 : 0);
}

/* Σ over the last `days` days before today. */
/*@ requires \valid_read(ring + (0 .. LW_RING - 1)) && 0 <= from_back <= 64 && 0 <= days <= 64 && day >= 0;
    requires \forall integer i; 0 <= i < LW_RING ==> 0 <= ring[i] <= 1000000000;
    assigns \nothing;
    ensures never_negative: 0 <= \result; */
static int32_t week_sum(const int32_t *ring, int32_t day, int32_t from_back, int32_t days) {
    int64_t sum = 0;
    /*@ loop invariant from_back <= k <= from_back + days;
        loop invariant 0 <= sum <= (k - from_back) * 1000000000;
        loop assigns k, sum;
        loop variant from_back + days - k; */
    for (int32_t k = from_back; k < from_back + days; k++) {
        sum += ring[(uint32_t)(day - k) % LW_RING];
    }
    return (int32_t)(sum > INT32_MAX ? INT32_MAX : sum);
}

/* What is left of this week's sum: 120 % of the largest of the last four, or one starting dose more. */
/*@ requires \valid_read(s) && \valid_read(s->protocol) && \valid_read(ring + (0 .. LW_RING - 1));
    requires s->day >= 0 && starting_dose >= 0 && 0 <= s->protocol->params[LW_PARAM_WEEK_SUM] <= 4000;
    requires \forall integer i; 0 <= i < LW_RING ==> 0 <= ring[i] <= 1000000000;
    assigns \nothing; */
static int32_t week_left(const lw_state *s, const int32_t *ring, int32_t starting_dose) {
    int32_t largest = 0;
    /*@ loop invariant 1 <= back <= 23 && 0 <= largest;
        loop assigns back, largest;
        loop variant 23 - back; */
    for (int32_t back = 1; back <= 22; back++) {
        int32_t sum = week_sum(ring, s->day, back, 7);
        largest = sum > largest ? sum : largest;
    }
    int64_t share = (int64_t)largest * s->protocol->params[LW_PARAM_WEEK_SUM] / 100;
    int64_t new_one = (int64_t)largest + starting_dose;
    int64_t left = (share > new_one ? share : new_one) - week_sum(ring, s->day, 1, 6);
    return (int32_t)(left > INT32_MAX ? INT32_MAX : left);
}

/* A channel without any load in four weeks begins with one dose, as a new exercise does. */
static int32_t first_of(const lw_state *s, const int32_t *ring, int32_t dose) {
    return week_sum(ring, s->day, 1, 28) == 0 ? dose : 0;
}

/* Weeks without a share: the first of the programme, and after four empty ones. */
static bool week_is_open(const lw_state *s) {
    return s->day - s->start_day < 7 || week_sum(s->tension, s->day, 1, 28) == 0;
}

/* Whether this dose alone fits the week; what does not even fit alone does not rise. */
static bool week_allows(const lw_state *s, const lw_dose *dose) {
    return week_is_open(s) ||
           (dose->tension <= week_left(s, s->tension, first_of(s, s->tension, dose->tension)) &&
            dose->compression <= week_left(s, s->compression, first_of(s, s->compression, dose->compression)));
}

/* A flare, silence or a return is open. */
static bool is_eased(const lw_state *s) {
    return s->flare != LW_FLARE_NONE || s->returning || s->deload_until >= s->day ||
           s->day - s->contact_day >= s->protocol->params[LW_PARAM_SILENCE_LOWER];
}

static void make_item(const lw_state *s, const lw_allow *allow, uint8_t exercise, lw_item *item) {
    const lw_protocol *p = s->protocol;
    const lw_exercise *e = &p->exercises[exercise];
    const lw_machine *m = &s->machine[exercise];
    uint8_t rung = m->rung;
    uint8_t part = m->used ? m->part : lw__first_part(s);
    if (!m->used && part < LW_PART_RETURN && is_eased(s)) {
        part = LW_PART_RETURN; // what begins now begins with less
    }
    *item = (lw_item){.exercise = exercise};
    item->side = e->sides == LW_SIDES_BOTH || s->sides == 3 ? LW_SIDE_BOTH
                 : s->sides == 2                            ? LW_SIDE_RIGHT
                                                            : LW_SIDE_LEFT;

    // the established dose, lowered to what the ceilings of today leave
    int32_t fitting = fitting_rung(s, allow, exercise, rung);
    item->cap =
        fitting < rung ? (allow->cap != LW_CAP_NONE ? allow->cap : (uint8_t)LW_CAP_STAGE) : (uint8_t)LW_CAP_NONE;
    uint8_t base = (uint8_t)fitting;
    if (s->override_action == 1 + LW_VERDICT_REGRESS) {
        // a clinician's override, for this session only
        part = base > 0 ? part : (uint8_t)(part < LW_PART_HALF ? part + 1 : part);
        base = (uint8_t)(base > 0 ? base - 1 : 0);
    }
    lw_dose now;
    lw__dose_at(s, exercise, base, part, &now);
    item->dose = now;

    // one step up, taken or proposed
    uint8_t up_rung = rung;
    uint8_t up_part = part;
    bool whole = fitting == rung && allow->raise && m->offer && !lw__limited_altogether(s);
    if (whole && lw__step_up(s, exercise, &up_rung, &up_part) && fitting_rung(s, allow, exercise, up_rung) == up_rung &&
        (e->rungs[up_rung].class_ < 3 || allow->deep)) {
        lw_dose up;
        lw_change lowered[LW_MAX_LOWERED];
        uint8_t count;
        lw__dose_at(s, exercise, up_rung, up_part, &up);
        uint8_t cap = LW_CAP_NONE;
        apply_limits(s, exercise, &up, &cap);
        lw_change change = difference(&now, &up, lowered, &count);
        if (change.variable != LW_VAR_NONE && cap == LW_CAP_NONE) {
            if (!week_allows(s, &up)) {
                item->cap = LW_CAP_WEEKLY;
            } else if (m->raised) {
                item->dose = up;
                item->change = change;
                item->lowered_count = count;
                memcpy(item->lowered, lowered, sizeof(lowered));
            } else if (allow->propose) {
                item->proposal = change;
            }
            item->cap = item->cap == LW_CAP_NONE ? (uint8_t)LW_CAP_STEP : item->cap;
        }
    }
    if (m->offer_next && !m->raised && allow->raise && allow->propose) {
        item->proposal = (lw_change){LW_CHANGE_EXERCISE, exercise, e->harder};
    }
    if (!m->used && is_granted(s, allow, exercise) && allow->raise && e->easier >= 0) {
        item->change = (lw_change){LW_CHANGE_EXERCISE, e->easier, exercise};
    }
    if (item->dose.equipment && item->cap == LW_CAP_NONE) {
        item->cap = LW_CAP_EQUIPMENT;
    }
    apply_limits(s, exercise, &item->dose, &item->cap);
    // what falls beside a rise stands under lowered and makes no dose lower
    bool rises = item->change.variable != LW_VAR_NONE && m->used;
    item->against_last = rises ? 1 : against_last(s, exercise, &item->dose);
}

/* Takes the items in their order as long as the week's sums of tension and of compression hold; leaves out the others. */
static void weekly_cap(const lw_state *s, lw_decision *d) {
    if (week_is_open(s)) {
        return; // starting doses, or return doses after four empty weeks: nothing to take a share of
    }
    int64_t tension = 0;
    int64_t compression = 0;
    int32_t new_tension = 0;
    int32_t new_compression = 0;
    uint8_t kept = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const lw_dose *dose = &d->items[i].dose;
        bool begins = !s->machine[d->items[i].exercise].used;
        int32_t first_tension = begins ? dose->tension : first_of(s, s->tension, dose->tension);
        int32_t first_compression = begins ? dose->compression : first_of(s, s->compression, dose->compression);
        int32_t with_tension = first_tension > new_tension ? first_tension : new_tension;
        int32_t with_compression = first_compression > new_compression ? first_compression : new_compression;
        if (tension + dose->tension > week_left(s, s->tension, with_tension) ||
            compression + dose->compression > week_left(s, s->compression, with_compression)) {
            d->cap = LW_CAP_WEEKLY;
            continue;
        }
        tension += dose->tension;
        compression += dose->compression;
        new_tension = with_tension;
        new_compression = with_compression;
        d->items[kept++] = d->items[i];
    }
    d->count = kept;
}

/* Checks the finished decision against the allowance once more; what does not fit is left out. */
static void enforce(const lw_state *s, const lw_allow *allow, lw_decision *d) {
    uint8_t kept = 0;
    for (uint32_t i = 0; i < d->count; i++) {
        const lw_item *item = &d->items[i];
        const lw_exercise *e = &s->protocol->exercises[item->exercise];
        if (LW_ALWAYS(allow->prescribe && item->dose.class_ <= allow->class_max && item->dose.sets > 0 &&
                      (item->dose.class_ < 3 || allow->deep) && (!e->plyometric || allow->plyometric) &&
                      (!e->heavy || allow->heavy) && (item->change.variable == LW_VAR_NONE || allow->raise))) {
            d->items[kept++] = *item;
        }
    }
    d->count = kept;
}

void lw__decide(const lw_state *s, const lw_allow *allow, lw_decision *out) {
    const lw_protocol *p = s->protocol;
    lw_decision d = {.cap = allow->cap};
    int32_t stage_index = allow->stage1_only ? LW_STAGE_ISOMETRIC : s->stage;
    const lw_stage *stage = &p->stages[stage_index];
    uint32_t most =
        s->max_items < (uint32_t)p->params[LW_PARAM_MAX_ITEMS] ? s->max_items : (uint32_t)p->params[LW_PARAM_MAX_ITEMS];
    // isometrics may be daily; loaded work has its rhythm and the days the person chose
    bool rested = s->day - s->session_day >= stage->every_days &&
                  (stage_index == LW_STAGE_ISOMETRIC || lw__chosen_since(s, s->session_day));
    uint64_t taken = 0;
    uint32_t deep = 0;
    if (allow->prescribe && !rested) {
        d.cap = LW_CAP_FREQUENCY;
    }
    for (int32_t k = 0; allow->prescribe && rested && k < stage->slot_count; k++) {
        const lw_slot *slot = &stage->slots[k];
        int32_t wanted = slot->count;
        while (wanted > 0 && d.count < most) {
            int32_t best = -1;
            int32_t best_suits = 0;
            for (int32_t c = slot->candidate_count - 1; c >= 0; c--) {
                uint8_t exercise = slot->candidates[c];
                int32_t how = (taken >> exercise & 1u) != 0 ? 0 : suits(s, allow, slot, c, stage_index);
                if (how > best_suits) {
                    best = c;
                    best_suits = how;
                }
            }
            if (best < 0) {
                break;
            }
            uint8_t exercise = slot->candidates[best];
            taken |= UINT64_C(1) << exercise;
            lw_item item;
            make_item(s, allow, exercise, &item);
            bool second_deep =
                item.dose.class_ >= 3 && deep > 0 && s->day - s->start_day < p->params[LW_PARAM_TWO_DEEP_FROM];
            if (second_deep || LW_NEVER(item.dose.sets == 0)) {
                continue;
            }
            d.items[d.count++] = item;
            deep += item.dose.class_ >= 3 ? 1 : 0;
            wanted--;
        }
    }
    weekly_cap(s, &d);
    enforce(s, allow, &d);

    d.due = d.count > 0;
    *out = d;
}

void lw__drop_done(const lw_state *s, lw_decision *decision) {
    uint8_t left = 0;
    for (uint32_t i = 0; i < decision->count; i++) {
        uint8_t e = decision->items[i].exercise;
        bool done = (s->today.touched >> e & 1u) != 0 && (s->today.done[e].any || s->today.done[e].skipped_for_pain);
        if (!done) {
            decision->items[left++] = decision->items[i];
        }
    }
    decision->count = left;
    decision->due = left > 0;
}

lw_str lw__change_name(uint8_t variable) {
    return variable == LW_CHANGE_EXERCISE ? LW_STR("exercise") : lw__variable_name(variable);
}

/* The variable an accepted event names; one that names none leaves it to `to`. */
static bool named(const struct lw_ev_accepted *a, lw_str variable) {
    return (a->has & LW_HAS_ACCEPTED_VARIABLE) == 0 || lw__str_eq(a->variable, variable);
}

bool lw__proposal_matches(const lw_state *s, const lw_decision *decision, const struct lw_ev_accepted *a,
                          lw_proposal_kind *kind, uint8_t *exercise) {
    if ((a->has & LW_HAS_ACCEPTED_WHAT) != 0) {
        bool stage = a->what == LW_ACCEPTED_STAGE;
        *kind = stage ? LW_PROPOSAL_STAGE : LW_PROPOSAL_RUN;
        if (stage) {
            return s->stage_offer != 0 && a->to.is_text && named(a, LW_STR("stage")) &&
                   lw__str_eq(a->to.text, s->protocol->stages[s->stage_offer - 1].id);
        }
        return s->run.offer && !s->run.raised && !a->to.is_text && named(a, LW_STR("level")) &&
               a->to.x100 == (s->run.level + 1) * 100;
    }
    *kind = LW_PROPOSAL_EXERCISE;
    for (uint32_t i = 0; i < decision->count; i++) {
        const lw_item *item = &decision->items[i];
        const lw_change *c = &item->proposal;
        if (c->variable == LW_VAR_NONE || !lw__str_eq(s->protocol->exercises[item->exercise].id, a->exercise) ||
            !named(a, lw__change_name(c->variable))) {
            continue;
        }
        *exercise = item->exercise;
        if (c->variable == LW_CHANGE_EXERCISE) {
            return a->to.is_text && lw__str_eq(a->to.text, s->protocol->exercises[c->to].id);
        }
        return !a->to.is_text && a->to.x100 == (c->variable == LW_VAR_LOAD ? c->to : c->to * 100);
    }
    return false;
}
