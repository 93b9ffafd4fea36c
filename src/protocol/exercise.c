/*
 * exercise.c: the blocks `exercise` and `stage`.
 *
 * A rung names only what changes; the rest is inherited from the rung below when the level is read. What follows from
 * the numbers is worked out at the end of the block and never typed: which one variable rises, and the compression
 * class.
 */
#include "protocol/compiler.h"

/* Words that may begin a statement of an exercise; also the bits of `seen`. */
enum {
    ROLE,
    EACH,
    BOTH,
    HEAVY,
    PLYOMETRIC,
    ECCENTRIC,
    NORDIC,
    SPEED,
    NEEDS,
    LOAD,
    HIP,
    KNEE,
    TISSUE,
    LEVEL,
    EASIER,
    HARDER,
    OPEN,
    EVERY,
    STATEMENTS
};
static const char *const statement_words[STATEMENTS] = {
    "role", "each", "both", "heavy",  "plyometric", "eccentric", "nordic", "speed", "needs",
    "load", "hip",  "knee", "tissue", "level",      "easier",    "harder", "open",  "every"};

enum { DEPTH_UNSAID = 255, FLEXION_MAX = 140, LOAD_MAX_BW = 30000 };

typedef struct exercise_reader {
    lw__compiler *c;
    lw_exercise *e;
    uint32_t seen;                 /* bits of statements */
    lw_str level_at[LW_MAX_RUNGS]; /* "level 2" of each rung, for errors */
} exercise_reader;

uint8_t lw__class_of(int32_t depth_deg) {
    return depth_deg <= 10 ? 0 : depth_deg <= 30 ? 1 : depth_deg <= 70 ? 2 : 3;
}

/* `deg` of a flexion. */
static bool degrees(lw__compiler *c, lw_str subject, int32_t most, uint8_t *out) {
    int32_t value = 0;
    if (!lw__quantity(c, LW__UNIT_DEG, subject, 0, most, &value)) {
        return false;
    }
    *out = (uint8_t)value;
    return true;
}

/* every N days | every day | every other day */
static bool every(lw__compiler *c, uint8_t *out) {
    if (lw__accept(c, "day")) {
        *out = 1;
        return true;
    }
    if (lw__accept(c, "other")) {
        *out = 2;
        return lw__expect(c, "day", "write: every other day");
    }
    int32_t days = 0;
    if (!lw__quantity(c, LW_UNIT_DAYS, LW_STR("the time between sessions"), 1, 28, &days)) {
        return false;
    }
    *out = (uint8_t)days;
    return true;
}

/* ---- rungs ----------------------------------------------------------------------------------------------------- */

typedef struct rung_item {
    const char *word;
    uint8_t unit;
    int32_t least, most;
} rung_item;

enum {
    ITEM_HOLD,
    ITEM_REST,
    ITEM_LOAD,
    ITEM_DEPTH,
    ITEM_SPEED,
    ITEM_DISTANCE,
    ITEM_TENSION,
    ITEM_COMPRESSION,
    ITEMS,
    ITEM_EFFORT = ITEMS,
    ITEM_TEMPO,
    ITEM_SETS,
    ITEM_REPS,
    ITEM_CONTACTS,
    ITEM_BOUTS
};

static const rung_item rung_items[ITEMS] = {{"hold", LW__UNIT_SECONDS, 1, 120},
                                            {"rest", LW__UNIT_SECONDS, 0, 600},
                                            {"load", LW_UNIT_PCT, 1, 400},
                                            {"depth", LW__UNIT_DEG, 0, FLEXION_MAX},
                                            {"speed", LW_UNIT_PCT, 10, 100},
                                            {"distance", LW__UNIT_METRES, 1, 400},
                                            {"tension", LW__UNIT_BW, 0, LOAD_MAX_BW},
                                            {"compression", LW__UNIT_BW, 0, LOAD_MAX_BW}};

static void store_item(lw_rung *rung, int32_t item, int32_t value) {
    switch (item) {
    case ITEM_HOLD:
        rung->hold_s = (uint16_t)value;
        break;
    case ITEM_REST:
        rung->rest_s = (uint16_t)value;
        break;
    case ITEM_LOAD:
        rung->load_pct = (uint16_t)value;
        break;
    case ITEM_DEPTH:
        rung->depth_deg = (uint8_t)value;
        break;
    case ITEM_SPEED:
        rung->speed_pct = (uint8_t)value;
        break;
    case ITEM_DISTANCE:
        rung->distance_m = (uint16_t)value;
        break;
    case ITEM_TENSION:
        rung->tension = value;
        break;
    case ITEM_COMPRESSION:
        rung->compression = value;
        break;
    case ITEM_EFFORT:
        rung->effort_max = (uint16_t)value;
        break;
    case ITEM_SETS:
        rung->sets = (uint8_t)value;
        break;
    case ITEM_REPS:
        rung->reps = (uint8_t)value;
        break;
    case ITEM_CONTACTS:
        rung->contacts = (uint16_t)value;
        break;
    default:
        rung->bouts = (uint8_t)value;
        break;
    }
}

/* tempo 3-0-3: seconds lowering, pause, lifting */
static bool tempo(lw__compiler *c, lw_rung *rung) {
    lw_str text = c->token.text;
    bool ok = c->token.kind == LW__TOKEN_NUMBER;
    if (ok) {
        text = lw__lex_raw(&c->lexer, &c->token);
        c->token.text = text;
        ok = text.len == 5 && text.ptr[1] == '-' && text.ptr[3] == '-';
        for (uint32_t i = 0; ok && i < 5; i += 2) {
            ok = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        }
    }
    if (!ok) {
        lw__expected(c, "a tempo", "seconds lowering, pause, lifting, one digit each: tempo 3-0-3");
        return false;
    }
    for (uint32_t i = 0; i < 3; i++) {
        rung->tempo[i] = (uint8_t)(text.ptr[2 * i] - '0');
    }
    lw__advance(c);
    return true;
}

/* once a day | twice a day | N times a day */
static bool times_a_day(lw__compiler *c) {
    return lw__expect(c, "a", "write: 2 times a day") && lw__expect(c, "day", "write: 2 times a day");
}

/* 3 sets | 12 reps | 20 contacts | 2 times a day */
static int32_t counted(lw__compiler *c, int32_t *value) {
    static const struct {
        const char *one, *many;
        int32_t item, most;
    } counts[] = {{"set", "sets", ITEM_SETS, 12},
                  {"rep", "reps", ITEM_REPS, 60},
                  {"contact", "contacts", ITEM_CONTACTS, 200},
                  {"time", "times", ITEM_BOUTS, 6}};
    lw__token number = c->token;
    if (!lw__whole(c, 1, 200, "a count", value)) {
        return -1;
    }
    for (uint32_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if (!lw__is(c, counts[i].one) && !lw__is(c, counts[i].many)) {
            continue;
        }
        if (*value > counts[i].most) {
            lw__error(c, number.text, LW_ERR_RANGE, "a level has at most $1 $2", "check the number",
                      lw__number(c, counts[i].most, 1), lw__str(counts[i].many), number.text);
            return -1;
        }
        lw__advance(c);
        return counts[i].item != ITEM_BOUTS || times_a_day(c) ? counts[i].item : -1;
    }
    lw__expected(c, "sets, reps, contacts or times a day",
                 "a level reads: 3 sets, 12 reps, hold 30 s, load 107 %, depth 45 deg, rest 120 s");
    return -1;
}

/* Reads one item; *item is what it was, or −1 where the token begins none. False after an error. */
static bool level_item(lw__compiler *c, lw_rung *rung, int32_t *item) {
    int32_t value = 0;
    *item = -1;
    if (c->token.kind == LW__TOKEN_NUMBER) {
        *item = counted(c, &value);
    } else if (lw__is(c, "once") || lw__is(c, "twice")) {
        value = lw__is(c, "once") ? 1 : 2;
        lw__advance(c);
        *item = times_a_day(c) ? ITEM_BOUTS : -1;
    } else if (lw__accept(c, "tempo")) {
        *item = ITEM_TEMPO;
        return tempo(c, rung);
    } else if (lw__accept(c, "effort")) {
        const char *hint = "write: effort at most 6 RPE";
        if (lw__expect(c, "at", hint) && lw__expect(c, "most", hint) &&
            lw__quantity(c, LW_UNIT_RPE, LW_STR("effort"), 100, 1000, &value)) {
            *item = ITEM_EFFORT;
        }
    } else {
        lw__token ahead[LW__AHEAD];
        uint32_t count = lw__look(c, ahead);
        for (int32_t i = 0; i < ITEMS; i++) {
            /* "load 107 %" is an item, "load barbell" and "speed ladder" are statements */
            bool either = i == ITEM_LOAD || i == ITEM_SPEED;
            bool is_statement = either && count > 1 && ahead[1].kind == LW__TOKEN_WORD;
            if (!lw__is(c, rung_items[i].word) || is_statement) {
                continue;
            }
            lw__advance(c);
            if (lw__quantity(c, rung_items[i].unit, lw__str(rung_items[i].word), rung_items[i].least,
                             rung_items[i].most, &value)) {
                *item = i;
            }
            break;
        }
        if (*item < 0 && count > 0 && c->token.text.ptr == ahead[0].text.ptr) {
            return true; /* nothing was read: the level is over */
        }
    }
    if (*item >= 0) {
        store_item(rung, *item, value);
    }
    return *item >= 0;
}

static bool level(exercise_reader *r, lw_str at) {
    lw__compiler *c = r->c;
    lw_exercise *e = r->e;
    lw__token number = c->token;
    int32_t n = 0;
    if (!lw__whole(c, 1, 99, "the level's number", &n)) {
        return false;
    }
    if (e->rung_count == LW_MAX_RUNGS) {
        lw__error(c, number.text, LW_ERR_LIMIT, "more than 24 levels", "an exercise has at most 24 levels", number.text,
                  number.text, number.text);
        return false;
    }
    if (n != e->rung_count + 1) {
        lw__error(c, number.text, LW_ERR_VALUE, "expected level $1", "levels are counted from 1 without gaps",
                  lw__number(c, e->rung_count + 1, 1), number.text, number.text);
    }
    lw_rung *rung = &e->rungs[e->rung_count];
    if (e->rung_count > 0) {
        *rung = rung[-1];
    }
    r->level_at[e->rung_count++] = (lw_str){at.ptr, (uint32_t)(number.text.ptr + number.text.len - at.ptr)};
    uint32_t written = 0;
    for (;;) {
        lw_str here = lw__here(c);
        int32_t item;
        if (!level_item(c, rung, &item)) {
            return false;
        }
        if (item < 0) {
            break;
        }
        if (written >> item & 1u) {
            here.len = (uint32_t)(c->behind - here.ptr);
            lw__error(c, here, LW_ERR_DUPLICATE_MEMBER, "$1: this level has such an item already", "leave one out",
                      here, here, here);
            return false;
        }
        written |= 1u << item;
        bool comma = lw__accept_mark(c, ',');
        if (comma && lw__at_end(c)) {
            lw__expected(c, "another item after the comma", "or leave out the comma");
            return false;
        }
    }
    if (written == 0) {
        lw__expected(c, "what this level asks for", "for example: 3 sets, hold 20 s, rest 120 s, 2 times a day");
        return false;
    }
    return lw__maybe_standing(c, &rung->standing);
}

/* ---- statements ------------------------------------------------------------------------------------------------ */

/* needs A and B | needs A or B */
static bool needs(exercise_reader *r) {
    lw__compiler *c = r->c;
    uint32_t all = 0;
    char join = 0;
    for (;;) {
        lw_str at = lw__here(c);
        int32_t which = c->token.first ? -1 : lw__take_name(c, &lw__list_equipment);
        if (which < 0) {
            if (c->token.kind == LW__TOKEN_WORD && at.len > 0) {
                lw__unknown(c, at, &lw__list_equipment, "equipment");
            } else {
                lw__expected(c, "equipment", "for example: needs mat, needs machine or band");
            }
            return false;
        }
        all |= 1u << which;
        char next = lw__is(c, "and") || lw__is_mark(c, ',') ? '&' : lw__is(c, "or") ? '|' : 0;
        if (next == 0) {
            break;
        }
        if (join != 0 && next != join) {
            lw__error(c, lw__here(c), LW_ERR_SYNTAX, "and and or do not mix in one statement",
                      "write two: needs bench   needs dumbbell or barbell", at, at, at);
            return false;
        }
        join = next;
        lw__advance(c);
    }
    if (join == '|' && r->e->needs_any != 0) {
        lw__error(c, lw__here(c), LW_ERR_DUPLICATE_MEMBER, "this exercise already has a choice of equipment",
                  "an exercise has one statement with or", LW_STR(""), LW_STR(""), LW_STR(""));
        return false;
    }
    if (join == '|' && (all & (all - 1)) != 0) {
        r->e->needs_any = all;
    } else {
        r->e->needs |= all;
    }
    return true;
}

/* A flexion range: 0..10 deg */
static bool flexion(exercise_reader *r) {
    lw__compiler *c = r->c;
    const char *hint = "a range has two dots: hip flexion 0..10 deg";
    int32_t from = 0;
    if (!lw__expect(c, "flexion", hint) || !lw__whole(c, 0, FLEXION_MAX, "the least hip flexion", &from)) {
        return false;
    }
    if (c->token.kind != LW__TOKEN_DOTS) {
        lw__expected(c, "..", hint);
        return false;
    }
    lw__advance(c);
    lw_str at = lw__here(c);
    if (!degrees(c, LW_STR("hip flexion"), FLEXION_MAX, &r->e->hip_to_deg)) {
        return false;
    }
    if (from > r->e->hip_to_deg) {
        lw__error(c, at, LW_ERR_RANGE, "the range ends below its beginning", "write the smaller angle first", at, at,
                  at);
        return false;
    }
    r->e->hip_from_deg = (uint8_t)from;
    return true;
}

static bool tissue(exercise_reader *r, lw_str at) {
    lw__compiler *c = r->c;
    const char *hint = "write: tissue load tension 1.18 BW, compression 0 BW";
    int32_t tension = 0;
    int32_t compression = 0;
    if (!lw__expect(c, "load", hint) || !lw__expect(c, "tension", hint) ||
        !lw__quantity(c, LW__UNIT_BW, LW_STR("tension"), 0, LOAD_MAX_BW, &tension)) {
        return false;
    }
    lw__accept_mark(c, ',');
    if (!lw__expect(c, "compression", hint) ||
        !lw__quantity(c, LW__UNIT_BW, LW_STR("compression"), 0, LOAD_MAX_BW, &compression)) {
        return false;
    }
    /* the first level begins with it, wherever the statement stands */
    lw_rung *first = &r->e->rungs[0];
    if (r->e->rung_count > 0) {
        lw__error(c, at, LW_ERR_VALUE, "the tissue load stands before the levels", "move it above level 1", at, at, at);
        return false;
    }
    first->tension = tension;
    first->compression = compression;
    return lw__maybe_standing(c, &r->e->load_standing);
}

/* A neighbour: an exercise of this protocol, or end. */
static bool neighbour(lw__compiler *c, int8_t *out) {
    if (c->token.kind != LW__TOKEN_WORD || c->token.first) {
        lw__expected(c, "an exercise or end", "for example: easier bridge-hold-double   harder end");
        return false;
    }
    if (lw__accept(c, "end")) {
        *out = -1;
        return true;
    }
    lw__list list = lw__list_of_exercises(c->p);
    int32_t which = lw__find(&list, c->token.text);
    if (which < 0) {
        lw__unknown(c, c->token.text, &list, "an exercise of this protocol (or end)");
        return false;
    }
    *out = (int8_t)which;
    lw__advance(c);
    return true;
}

static bool role(exercise_reader *r) {
    lw__compiler *c = r->c;
    int32_t which = c->token.first ? -1 : lw__take_name(c, &lw__list_roles);
    if (which < 0) {
        if (c->token.kind == LW__TOKEN_WORD && !c->token.first) {
            lw__unknown(c, c->token.text, &lw__list_roles, "a role");
        } else {
            lw__expected(c, "a role", "one of: hip, knee, leg, chain, plyometric, speed");
        }
        return false;
    }
    r->e->role = (uint8_t)which;
    return true;
}

static bool load(exercise_reader *r) {
    lw__compiler *c = r->c;
    lw_str at = lw__here(c);
    int32_t which = c->token.first ? -1 : lw__take_name(c, &lw__list_equipment);
    if (which < 0) {
        if (c->token.kind == LW__TOKEN_WORD && at.len > 0) {
            lw__unknown(c, at, &lw__list_equipment, "an implement that can carry the load");
        } else {
            lw__expected(c, "an implement", "for example: load barbell");
        }
        return false;
    }
    r->e->loaded = (uint8_t)(which + 1);
    return true;
}

static bool statement(exercise_reader *r, uint32_t which, lw_str at) {
    lw__compiler *c = r->c;
    lw_exercise *e = r->e;
    switch (which) {
    case ROLE:
        return role(r);
    case EACH:
        e->sides = LW_SIDES_EACH;
        return lw__expect(c, "side", "write: each side");
    case BOTH:
        e->sides = LW_SIDES_BOTH;
        return lw__expect(c, "sides", "write: both sides");
    case HEAVY:
        e->heavy = true;
        return true;
    case PLYOMETRIC:
        e->plyometric = true;
        return true;
    case ECCENTRIC:
        e->eccentric = true;
        return true;
    case NORDIC:
        e->nordic = true;
        return true;
    case SPEED:
        e->speed_ladder = true;
        return lw__expect(c, "ladder", "write: speed ladder");
    case NEEDS:
        return needs(r);
    case LOAD:
        return load(r);
    case HIP:
        return flexion(r) && (!lw__is_mark(c, '[') || lw__maybe_standing(c, &e->standing));
    case KNEE:
        return degrees(c, LW_STR("knee"), 160, &e->knee_deg) &&
               (!lw__is_mark(c, '[') || lw__maybe_standing(c, &e->standing));
    case TISSUE:
        return tissue(r, at);
    case LEVEL:
        return level(r, at);
    case EASIER:
        return neighbour(c, &e->easier);
    case HARDER:
        return neighbour(c, &e->harder);
    case OPEN: {
        uint16_t first_window = c->p->window_count;
        e->open_first = c->p->group_count;
        bool ok = lw__expect(c, "when", "write: open when entry bridge_single at most 3 NPRS") && lw__conditions(c);
        e->open_count = (uint16_t)(c->p->group_count - e->open_first);
        for (uint32_t i = first_window; i < c->p->window_count; i++) {
            c->p->windows[i].permits = true;
        }
        return ok;
    }
    default:
        return every(c, &e->every_days);
    }
}

/* ---- what follows from the numbers ------------------------------------------------------------------------------- */

/* Bits of the variables that rise from one rung to the next. */
static uint32_t rises(const lw_rung *below, const lw_rung *rung) {
    uint32_t bits = 0;
    bits |= rung->load_pct > below->load_pct ? 1u << LW_VAR_LOAD : 0;
    bits |= rung->reps > below->reps ? 1u << LW_VAR_REPS : 0;
    bits |= rung->sets > below->sets ? 1u << LW_VAR_SETS : 0;
    bits |= rung->hold_s > below->hold_s ? 1u << LW_VAR_HOLD : 0;
    bits |= rung->depth_deg > below->depth_deg ? 1u << LW_VAR_DEPTH : 0;
    bits |= rung->speed_pct > below->speed_pct ? 1u << LW_VAR_SPEED : 0;
    bits |= rung->contacts > below->contacts ? 1u << LW_VAR_CONTACTS : 0;
    bits |= rung->distance_m > below->distance_m ? 1u << LW_VAR_DISTANCE : 0;
    bits |= rung->bouts > below->bouts ? 1u << LW_VAR_BOUTS : 0;
    return bits;
}

static lw_str variable_as_written(uint32_t variable) {
    return variable == LW_VAR_BOUTS ? LW_STR("times a day") : lw__variable_name((uint8_t)variable);
}

static void check_rise(exercise_reader *r, uint32_t i) {
    lw__compiler *c = r->c;
    lw_rung *rung = &r->e->rungs[i];
    uint32_t bits = rises(rung - 1, rung);
    if (bits == 0) {
        lw__error(c, r->level_at[i], LW_ERR_VALUE, "nothing rises from the level below",
                  "raise one of load, reps, sets, hold, depth, speed, contacts, distance, times a day", LW_STR(""),
                  LW_STR(""), LW_STR(""));
        return;
    }
    uint32_t first = 0;
    while ((bits >> first & 1u) == 0) {
        first++;
    }
    uint32_t second = first + 1;
    while (second <= LW_VAR_BOUTS && (bits >> second & 1u) == 0) {
        second++;
    }
    if (second <= LW_VAR_BOUTS) {
        lw_str one = variable_as_written(first);
        lw_str two = variable_as_written(second);
        lw__error(c, r->level_at[i], LW_ERR_VALUE, "$1 and $2 rise at once; exactly one thing may rise",
                  "make two levels: first $1, then $2; what does not rise may fall", one, two, two);
    }
    rung->raises = (uint8_t)first;
}

static void missing(exercise_reader *r, const char *message, const char *hint) {
    lw_str id = r->e->id;
    lw__error(r->c, id, LW_ERR_MISSING, message, hint, id, id, id);
}

static void check_missing(exercise_reader *r) {
    uint32_t seen = r->seen;
    if ((seen >> ROLE & 1u) == 0) {
        missing(r, "$1 has no role", "write: role hip (or knee, leg, chain, plyometric, speed)");
    }
    if ((seen >> EACH & 1u) == 0 && (seen >> BOTH & 1u) == 0) {
        missing(r, "$1 does not say for which side it is", "write: each side, or: both sides");
    }
    if ((seen >> HIP & 1u) == 0) {
        missing(r, "$1 has no hip flexion", "write the whole movement: hip flexion 0..45 deg");
    }
    if ((seen >> TISSUE & 1u) == 0) {
        missing(r, "$1 has no tissue load", "write: tissue load tension 1.18 BW, compression 0 BW");
    }
    if ((seen >> EASIER & 1u) == 0) {
        missing(r, "$1 has no easier neighbour", "write: easier bridge-hold-double, or: easier end");
    }
    if ((seen >> HARDER & 1u) == 0) {
        missing(r, "$1 has no harder neighbour", "write: harder bridge-hold-long, or: harder end");
    }
    if (r->e->rung_count == 0) {
        missing(r, "$1 has no levels", "write: level 1   3 sets, 12 reps");
    }
}

static void finish_exercise(exercise_reader *r) {
    lw__compiler *c = r->c;
    lw_exercise *e = r->e;
    bool loaded = false;
    check_missing(r);
    for (uint32_t i = 0; i < e->rung_count; i++) {
        lw_rung *rung = &e->rungs[i];
        if (rung->depth_deg == DEPTH_UNSAID) {
            rung->depth_deg = e->hip_to_deg;
        }
        rung->class_ = lw__class_of(rung->depth_deg);
        if (rung->depth_deg > e->hip_to_deg || rung->depth_deg < e->hip_from_deg) {
            lw__error(c, r->level_at[i], LW_ERR_RANGE, "the depth is outside the hip flexion $1..$2 deg",
                      "a level's depth lies in the exercise's range", lw__number(c, e->hip_from_deg, 1),
                      lw__number(c, e->hip_to_deg, 1), LW_STR(""));
        }
        if (i > 0) {
            check_rise(r, i);
        }
        loaded = loaded || rung->load_pct > 0;
        if (rung->load_pct > 0 && (e->loaded == 0 || e->rungs[0].load_pct == 0)) {
            lw__error(c, r->level_at[i], LW_ERR_VALUE,
                      e->loaded == 0 ? "a load without an implement" : "the first level has no load to be a share of",
                      e->loaded == 0 ? "write what carries it: load barbell" : "write load 100 % on level 1",
                      LW_STR(""), LW_STR(""), LW_STR(""));
            break;
        }
    }
    lw_rung *first = &e->rungs[0];
    if (e->rung_count > 0) {
        if (first->sets == 0) {
            lw__error(c, r->level_at[0], LW_ERR_MISSING, "the first level does not say how many sets",
                      "for example: level 1   3 sets, hold 20 s", e->id, e->id, e->id);
        }
        if (first->reps == 0 && first->hold_s == 0 && first->contacts == 0 && first->distance_m == 0) {
            lw__error(c, r->level_at[0], LW_ERR_MISSING, "the first level does not say what a set is",
                      "add reps, a hold, contacts or a distance", e->id, e->id, e->id);
        }
        if (e->loaded != 0 && !loaded) {
            lw__error(c, r->level_at[0], LW_ERR_MISSING, "$1 names an implement but no load",
                      "write load 100 % on level 1: the load first chosen", e->id, e->id, e->id);
        }
    }
}

/* ---- blocks ---------------------------------------------------------------------------------------------------- */

/* Id and title of a block whose names were declared before; NULL after an error. */
static bool heading(lw__compiler *c, lw_str *title, const char *what, const lw__list *declared, uint32_t index,
                    uint32_t max) {
    lw_str id;
    if (!lw__id(c, &id, what)) {
        return false;
    }
    if (index >= max) {
        lw__error(c, id, LW_ERR_LIMIT, "more than $1 of these", "a protocol has at most $1",
                  lw__number(c, (int32_t)max, 1), id, id);
        return false;
    }
    if (lw__find(declared, id) != (int32_t)index) {
        lw__error(c, id, LW_ERR_DUPLICATE_MEMBER, "$1 stands here twice", "give the second one another id", id, id, id);
    }
    return lw__title(c, title);
}

void lw__exercise_block(lw__compiler *c) {
    uint32_t errors_before = c->errors;
    uint32_t line = c->token.line;
    lw__advance(c);
    uint32_t index = c->exercises_done++;
    lw__list declared = lw__list_of_exercises(c->p);
    lw_exercise nowhere = {0};
    lw_exercise *e = index < LW_MAX_EXERCISES ? &c->p->exercises[index] : &nowhere;
    lw_str title = {NULL, 0};
    bool headed = heading(c, &title, "the exercise's id", &declared, index, LW_MAX_EXERCISES);
    *e = (lw_exercise){.id = e->id, .title = title, .line = line, .easier = -1, .harder = -1};
    e->standing = e->load_standing = (lw_standing){.tag = LW_TAG_D, .grade = LW_GRADE_D};
    e->rungs[0] = (lw_rung){.bouts = 1, .depth_deg = DEPTH_UNSAID};
    exercise_reader r = {.c = c, .e = e};
    if (!headed) {
        lw__next_line(c);
    }
    lw__list words = lw__list_of_texts(statement_words, STATEMENTS);
    while (!lw__at_end(c)) {
        lw_str at = c->token.text;
        int32_t which = c->token.kind == LW__TOKEN_WORD ? lw__find(&words, at) : -1;
        bool ok = which >= 0;
        if (!ok && c->token.kind == LW__TOKEN_WORD) {
            lw__unknown(c, at, &words, "a statement of an exercise");
        } else if (!ok) {
            lw__stray(c, "a statement of an exercise", "for example: level 2   hold 30 s");
        } else {
            ok = (r.seen >> which & 1u) == 0 || which == LEVEL || which == NEEDS;
            r.seen |= 1u << which;
            if (!ok) {
                lw__error(c, at, LW_ERR_DUPLICATE_MEMBER, "this exercise says $1 twice", "leave one out", at, at, at);
            } else {
                lw__advance(c);
                ok = statement(&r, (uint32_t)which, at);
            }
        }
        if (!ok) {
            lw__give_up(c, at);
        }
    }
    /* one mistake is one error: what is missing is told only of a block that could be read */
    if (c->errors == errors_before) {
        finish_exercise(&r);
    }
}

/* pick N of ID, ID … */
static bool pick(lw__compiler *c, lw_stage *stage) {
    int32_t count = 0;
    lw_str at = lw__here(c);
    if (!lw__whole(c, 1, LW_MAX_CANDIDATES, "the number to pick", &count) ||
        !lw__expect(c, "of", "write: pick 1 of bridge-hold-double, bridge-hold-single")) {
        return false;
    }
    if (stage->slot_count == LW_MAX_SLOTS) {
        lw__error(c, at, LW_ERR_LIMIT, "more than 6 picks in a stage", "a stage has at most 6", at, at, at);
        return false;
    }
    lw_slot *slot = &stage->slots[stage->slot_count++];
    slot->count = (uint8_t)count;
    lw__list list = lw__list_of_exercises(c->p);
    do {
        bool none = slot->candidate_count == 0 && c->token.first;
        if (c->token.kind != LW__TOKEN_WORD || none) {
            lw__expected(c, "an exercise", "ids of exercises, the easiest first, parted by commas");
            return false;
        }
        int32_t which = lw__find(&list, c->token.text);
        if (which < 0) {
            lw__unknown(c, c->token.text, &list, "an exercise of this protocol");
            return false;
        }
        for (uint32_t i = 0; i < slot->candidate_count; i++) {
            if (slot->candidates[i] == which) {
                lw__error(c, c->token.text, LW_ERR_DUPLICATE_MEMBER, "$1 stands twice in this pick", "leave one out",
                          c->token.text, at, at);
                return false;
            }
        }
        if (slot->candidate_count == LW_MAX_CANDIDATES) {
            lw__error(c, c->token.text, LW_ERR_LIMIT, "more than 12 exercises in a pick", "a pick has at most 12", at,
                      at, at);
            return false;
        }
        slot->candidates[slot->candidate_count++] = (uint8_t)which;
        lw__advance(c);
    } while (lw__accept_mark(c, ','));
    if (slot->count > slot->candidate_count) {
        lw__error(c, at, LW_ERR_RANGE, "picks more exercises than it names", "name more, or pick fewer", at, at, at);
        return false;
    }
    return true;
}

static bool hip_limit(lw__compiler *c, lw_stage *stage) {
    const char *hint = "write: hip flexion at most 30 deg";
    if (!lw__expect(c, "flexion", hint) || !lw__expect(c, "at", hint) || !lw__expect(c, "most", hint) ||
        !degrees(c, LW_STR("hip flexion"), FLEXION_MAX, &stage->hip_max_deg)) {
        return false;
    }
    stage->class_max = lw__class_of(stage->hip_max_deg);
    return lw__maybe_standing(c, &stage->standing);
}

void lw__stage_block(lw__compiler *c) {
    static const uint8_t stage_fact = LW_FACT_STAGE;
    static const char *const stage_words[] = {"hip", "every", "pick"};
    uint32_t errors_before = c->errors;
    uint32_t line = c->token.line;
    lw__advance(c);
    uint32_t index = c->stages_done++;
    lw__list declared = lw__list_of_stages(c->p);
    lw_stage nowhere = {0};
    lw_stage *stage = index < LW_MAX_STAGES ? &c->p->stages[index] : &nowhere;
    lw_str at = lw__here(c);
    lw_str title = {NULL, 0};
    bool headed = heading(c, &title, "the stage's id", &declared, index, LW_MAX_STAGES);
    /* the condition `stage is WORD` and the stages count alike */
    if (headed && !lw__str_eq(at, lw__fact_word(stage_fact, (int32_t)index))) {
        lw__error(c, at, LW_ERR_VALUE, "expected the stage $1 here",
                  "the stages are isometric, eccentric, strength, plyometric, maintenance, in this order",
                  lw__fact_word(stage_fact, (int32_t)index), at, at);
    }
    const lw_str id = stage->id;
    *stage = (lw_stage){.id = id, .title = title, .line = line};
    stage->standing = (lw_standing){.tag = LW_TAG_D, .grade = LW_GRADE_D};
    if (!headed) {
        lw__next_line(c);
    }
    lw__list words = lw__list_of_texts(stage_words, 3);
    uint32_t seen = 0;
    while (!lw__at_end(c)) {
        lw_str here = c->token.text;
        int32_t which = c->token.kind == LW__TOKEN_WORD ? lw__find(&words, here) : -1;
        bool ok = which >= 0;
        if (!ok && c->token.kind == LW__TOKEN_WORD) {
            lw__unknown(c, here, &words, "a statement of a stage");
        } else if (!ok) {
            lw__stray(c, "a statement of a stage", "for example: pick 1 of bridge-hold-double");
        } else {
            ok = (seen >> which & 1u) == 0 || which == 2;
            seen |= 1u << which;
            if (!ok) {
                lw__error(c, here, LW_ERR_DUPLICATE_MEMBER, "this stage says $1 twice", "leave one out", here, here,
                          here);
            } else {
                lw__advance(c);
                ok = which == 0 ? hip_limit(c, stage) : which == 1 ? every(c, &stage->every_days) : pick(c, stage);
            }
        }
        if (!ok) {
            lw__give_up(c, here);
        }
    }
    static const char *const lacks[][2] = {{"$1 has no hip limit", "write: hip flexion at most 30 deg"},
                                           {"$1 does not say how often", "write: every 2 days"},
                                           {"$1 picks no exercise", "write: pick 1 of bridge-hold-double"}};
    for (uint32_t i = 0; c->errors == errors_before && i < 3; i++) {
        if ((seen >> i & 1u) == 0) {
            lw__error(c, id, LW_ERR_MISSING, lacks[i][0], lacks[i][1], id, id, id);
            errors_before = c->errors;
        }
    }
}
