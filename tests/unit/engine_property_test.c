/*
 * engine_property_test.c: the safety properties of docs/format/plan.md on random courses.
 *
 *   lives     every morning of every course, read off the plan's JSON: properties 2, 3, 5, 6, 8, 9, 10, 11 and the
 *             parts of 4 and 7 that one plan shows, against a small model of the record that shares no code with the
 *             engine. Not looked at here: the weekly sums of tension and compression.
 *   order     shuffled lines, repeats, and a log split and joined again give the same bytes.
 *   goes_on   a fold that goes on from the evening an earlier one left is the same state as one from the first day, while the
 *             record grows event by event, the days go on and back, and what stands in it is voided, moved or started anew.
 *   worse     property 1 (a) and (c): a second course, equal but for worse pains or added symptoms; on every later date
 *             stage, compression ceiling, run and the dose of each exercise in both plans are not higher.
 *   missing   property 1 (b): without the check-in of the day nothing is above the plan with a green one.
 *
 * LW_SEEDS says how many courses (default 120), LW_SEED the first, LW_PROPERTY which test ("test_worse"). A failure
 * prints seed, day and what is wrong, then drops events greedily and prints the shortest record it can find that still
 * shows it (to files where LW_FAILING names a folder). course.h makes the courses.
 */
#include "course.h"

#include "engine/course.h"
#include "engine/decide.h"

typedef struct finding {
    int32_t day;
    char kind[20];
    char what[400];
} finding;

#define FIND(f, at, word, ...)                                                  \
    ((f)->day = (at), (void)snprintf((f)->kind, sizeof((f)->kind), "%s", word), \
     (void)snprintf((f)->what, sizeof((f)->what), __VA_ARGS__), true)

static uint64_t first_seed = 1;
static uint64_t seeds = 120;

static void read_settings(void) {
    const char *many = getenv("LW_SEEDS");
    const char *first = getenv("LW_SEED");
    seeds = many != NULL ? strtoull(many, NULL, 10) : seeds;
    first_seed = first != NULL ? strtoull(first, NULL, 10) : first_seed;
}

static const lw_exercise *exercise_of(const char *id) {
    const lw_protocol *p = course_protocol();
    for (int32_t i = 0; i < p->exercise_count; i++) {
        if (lw__str_eq(p->exercises[i].id, str(id))) {
            return &p->exercises[i];
        }
    }
    return NULL;
}

static const char *date_of(int32_t day) {
    static char text[2][11];
    static int32_t turn;
    turn ^= 1;
    lw_day_write(day, text[turn]);
    return text[turn];
}

/* ---- reports ---- */

static void write_record(const char *prefix, uint64_t seed, const char *kind, const char *which, const course *c,
                         int32_t last, char *text) {
    const char *folder = getenv("LW_FAILING");
    lw_str record = course_write(c, last, text);
    if (folder == NULL) {
        fprintf(stderr, "--- %s record%s\n%.*s", prefix, which, (int)record.len, record.ptr);
        return;
    }
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s-%s-seed%llu%s.jsonl", folder, prefix, kind, (unsigned long long)seed,
                   which);
    FILE *file = fopen(path, "wb");
    if (file != NULL) {
        (void)fwrite(record.ptr, 1, record.len, file);
        (void)fclose(file);
        fprintf(stderr, "    %s\n", path);
    }
}

static void say(const char *property, uint64_t seed, const finding *f) {
    fprintf(stderr, "%s, seed %llu, %s (day %d): %s: %s\n", property, (unsigned long long)seed, date_of(f->day),
            f->day - COURSE_START, f->kind, f->what);
}

/* ---- shrinking ---- */

typedef bool (*still_wrong)(void *context, const course *a, const course *b, int32_t day, finding *out);

enum { KEEP_FIRST = 4 }; /* enrolled, screened, assessed, started */

/* Leaves out of a and b (may be NULL) whatever the finding does not need, in ever smaller stretches. */
static void shrink(still_wrong wrong, void *context, course *a, course *b, finding *f) {
    finding now;
    for (uint32_t i = KEEP_FIRST; i < a->count; i++) {
        bool late = a->events[i].day > f->day;
        a->events[i].gone = a->events[i].gone || late;
        if (b != NULL) {
            b->events[i].gone = b->events[i].gone || late;
        }
    }
    static bool was_a[COURSE_MAX];
    static bool was_b[COURSE_MAX];
    for (uint32_t step = a->count / 2; step >= 1; step /= 2) {
        for (uint32_t from = KEEP_FIRST; from < a->count; from += step) {
            uint32_t to = from + step < a->count ? from + step : a->count;
            for (uint32_t i = from; i < to; i++) {
                was_a[i] = a->events[i].gone;
                a->events[i].gone = true;
                if (b != NULL) {
                    was_b[i] = b->events[i].gone;
                    b->events[i].gone = true;
                }
            }
            if (wrong(context, a, b, f->day, &now) && strcmp(now.kind, f->kind) == 0) {
                *f = now;
                continue;
            }
            for (uint32_t i = from; i < to; i++) {
                a->events[i].gone = was_a[i];
                if (b != NULL) {
                    b->events[i].gone = was_b[i];
                }
            }
        }
    }
    for (uint32_t i = 0; b != NULL && i < a->count; i++) { // differences that do not matter
        static ev kept;
        kept = b->events[i];
        b->events[i] = a->events[i];
        if (wrong(context, a, b, f->day, &now) && strcmp(now.kind, f->kind) == 0) {
            *f = now;
        } else {
            b->events[i] = kept;
        }
    }
}

/* ---- lives ---- */

/* A model of what the record says, as far as the properties need it. */
typedef struct facts {
    bool checkin;          /* of the day */
    int32_t contact;       /* last check-in or session */
    bool flag;             /* a stopping flag certainly stands */
    bool forbids;          /* a contraindication certainly forbids shockwave */
    int32_t authority;     /* as set, without what a stop does */
    int32_t authority_day; /* last set by a clinician */
    int32_t shockwave;     /* last one, or a day long ago */
    int32_t booked, bookings;
    int32_t longest;    /* longest bearable run of thirty days, hundredths of km */
    int32_t plyometric; /* last day of it */
    int32_t session;    /* last day of any exercise done */
} facts;

static bool voided(const course *c, const ev *e, int32_t day) {
    for (uint32_t i = 0; i < c->count; i++) {
        const ev *v = &c->events[i];
        if (v->kind == EV_VOID && !v->gone && v->day <= day && (uint32_t)v->a == e->id) {
            return true;
        }
    }
    return false;
}

/* Something of these kinds after a given event: its flag may have been lifted. */
static bool lifted(const course *c, const ev *flag, int32_t day) {
    for (uint32_t i = 0; i < c->count; i++) {
        const ev *e = &c->events[i];
        if (e->kind == EV_CLEARED && !e->gone && e->day <= day && (uint32_t)e->a == flag->id) {
            return true;
        }
    }
    return false;
}

static void gather(const course *c, int32_t day, facts *f) {
    *f = (facts){.contact = COURSE_START,
                 .authority = 1,
                 .shockwave = -100000,
                 .booked = -100000,
                 .plyometric = -100000,
                 .session = -100000,
                 .authority_day = -100000};
    int64_t authority_at = -1;
    uint32_t conditions = 0;
    int64_t condition_at[LW_CONTRAS] = {0};
    for (uint32_t i = 0; i < c->count; i++) {
        const ev *e = &c->events[i];
        if (e->gone || e->day > day || voided(c, e, day)) {
            continue;
        }
        int64_t at = (int64_t)e->day * 1440 + e->minute;
        switch (e->kind) {
        case EV_CHECKIN:
            f->checkin = f->checkin || e->day == day;
            f->contact = e->day > f->contact ? e->day : f->contact;
            break;
        case EV_EXERCISE:
            f->contact = e->day > f->contact ? e->day : f->contact;
            if (e->skip < 0) {
                const lw_exercise *x = exercise_of(e->exercise);
                f->plyometric = x->plyometric && e->day > f->plyometric ? e->day : f->plyometric;
                f->session = e->day > f->session ? e->day : f->session;
            }
            break;
        case EV_ACTIVITY:
            if (e->type == LW_ACTIVITY_RUN && e->pain >= 0 && e->pain <= 5 && day - e->day <= 30 &&
                e->km > f->longest) {
                f->longest = e->km;
            }
            break;
        case EV_SYMPTOM:
            f->flag = f->flag || !lifted(c, e, day);
            break;
        case EV_CONDITION:
            if (at >= condition_at[e->a]) {
                condition_at[e->a] = at;
                conditions = e->b ? conditions | LW_BIT(e->a) : conditions & ~LW_BIT(e->a);
            }
            break;
        case EV_MEDICINE:
            f->forbids = f->forbids || (e->a == 1 && day - e->day < 42);
            f->flag = f->flag || (e->a == 2 && day - e->day <= 60 && !lifted(c, e, day));
            break;
        case EV_STARTED:
        case EV_AUTHORITY:
            if (at >= authority_at) {
                authority_at = at;
                f->authority = e->a;
            }
            f->authority_day = e->clinician && e->day > f->authority_day ? e->day : f->authority_day;
            break;
        case EV_SHOCKWAVE:
            f->shockwave = e->day > f->shockwave ? e->day : f->shockwave;
            break;
        case EV_BOOKED:
            f->booked = e->a;
            f->bookings++;
            break;
        default:
            break;
        }
    }
    for (int32_t k = 0; k < LW_CONTRAS; k++) {
        f->forbids = f->forbids || ((conditions >> k & 1u) != 0 && lw_contra_table[k].forbids);
    }
}

static int32_t stage_index(const char *id) {
    const lw_protocol *p = course_protocol();
    for (int32_t i = 0; i < p->stage_count; i++) {
        if (lw__str_eq(p->stages[i].id, str(id))) {
            return i;
        }
    }
    return -1;
}

/* An accepted event of the last days for this exercise (or, with what, for stage 1 or run 2). */
static bool accepted(const course *c, int32_t day, int32_t days, const char *exercise, int32_t what) {
    for (uint32_t i = 0; i < c->count; i++) {
        const ev *e = &c->events[i];
        if (e->kind == EV_ACCEPTED && !e->gone && e->day <= day && e->day >= day - days &&
            (what > 0 ? e->a == what : strcmp(e->exercise, exercise) == 0)) {
            return true;
        }
    }
    return false;
}

/* What the courses went through: a property that is never put to the test does not hold, it sleeps. */
typedef struct tally {
    uint32_t stage[LW_MAX_STAGES], flare, raised, proposed, running, stopped, quiet, silent;
} tally;

typedef struct life {
    bench *b;
    tally *seen;
    uint64_t seed;
    finding found;
    bool failed;
    int32_t stopped_day; /* last day the plan said stopped */
    int32_t stage;       /* of the plan before */
    int32_t idle;        /* days with nothing to do and nobody to see */
    read_plan before[7]; /* plans of the last seven mornings, by day modulo seven */
    int32_t before_day[7];
} life;

/* What one plan shows against the model. */
static bool check_plan(const course *c, int32_t day, const read_plan *p, const facts *m, finding *f) {
    bool stopped = strcmp(p->status, "stopped") == 0;
    bool offered = strcmp(p->shockwave, "option") == 0 || strcmp(p->shockwave, "due") == 0;
    bool rises = p->stage_proposal || p->run_proposal;
    const lw_protocol *protocol = course_protocol();

    if (p->bindings != 1 || p->whys < 1) {
        return FIND(f, day, "binding", "%d of %d reasons bind", p->bindings, p->whys);
    }
    if (p->due != (p->items > 0)) {
        return FIND(f, day, "due", "due with %d items", p->items);
    }
    // 2
    if (m->flag && !stopped) {
        return FIND(f, day, "flag", "a red flag stands and the status is %s", p->status);
    }
    if (stopped && (strcmp(p->verdict, "stop") != 0 || p->items > 0 || p->run_allowed || !p->referral ||
                    strcmp(p->shockwave, "forbidden") != 0)) {
        return FIND(f, day, "stopped", "stopped, and verdict %s, %d items, run %d, shockwave %s, referral %d",
                    p->verdict, p->items, p->run_allowed, p->shockwave, p->referral);
    }
    if (!stopped && strcmp(p->verdict, "stop") == 0) {
        return FIND(f, day, "stopped", "verdict stop with status %s", p->status);
    }
    if (strcmp(p->status, "active") != 0 && (p->items > 0 || p->run_allowed)) {
        return FIND(f, day, "status", "%d items with status %s", p->items, p->status);
    }
    // 3
    if (m->forbids && offered) {
        return FIND(f, day, "contraindication", "forbidden, and shockwave is %s", p->shockwave);
    }
    int32_t after = day - m->shockwave;
    int32_t silence = day - m->contact;
    int32_t class_max = protocol->stages[stage_index(p->stage)].class_max;
    for (int32_t i = 0; i < p->items; i++) {
        const read_item *item = &p->item[i];
        const lw_exercise *e = exercise_of(item->exercise);
        bool change = item->change[0] != '\0';
        rises = rises || change || item->proposal[0] != '\0';
        // 4
        if (strcmp(item->change, "load") == 0 && strtod(item->to, NULL) > 1.10 * strtod(item->from, NULL) + 0.001) {
            return FIND(f, day, "load", "%s rises from %s to %s kg", item->exercise, item->from, item->to);
        }
        // 5
        if (item->class_ > class_max) {
            return FIND(f, day, "class", "%s has class %d in stage %s", item->exercise, item->class_, p->stage);
        }
        for (uint32_t k = 0; k < c->count; k++) {
            const ev *l = &c->events[k];
            if (l->kind != EV_LIMIT || l->gone || l->day > day || l->b < day) {
                continue;
            }
            bool latest = true;
            for (uint32_t n = 0; n < c->count; n++) {
                const ev *o = &c->events[n];
                latest = latest &&
                         !(o->kind == EV_LIMIT && !o->gone && o->day <= day && strcmp(o->exercise, l->exercise) == 0 &&
                           (o->day > l->day || (o->day == l->day && o->id > l->id)));
            }
            if (latest && ((l->exercise[0] != '\0' && strcmp(l->exercise, item->exercise) == 0 && item->sets > l->a) ||
                           (l->exercise[0] == '\0' && item->reps > l->a))) {
                return FIND(f, day, "limit", "%s %d sets of %d past the limit %d", item->exercise, item->sets,
                            item->reps, l->a);
            }
        }
        // 8
        if (after >= 0 && after <= 1 && (item->class_ > 1 || e->heavy || e->plyometric)) {
            return FIND(f, day, "quiet", "%s class %d, %d days after shockwave", item->exercise, item->class_, after);
        }
        if (after == 2 && (item->class_ > 2 || e->plyometric || change)) {
            return FIND(f, day, "quiet", "%s class %d change %s, two days after shockwave", item->exercise,
                        item->class_, item->change);
        }
        if (m->bookings == 1 && m->booked == day + 1 && (e->heavy || e->plyometric)) {
            return FIND(f, day, "eve", "%s the day before a booked shockwave", item->exercise);
        }
        // 10
        if (silence >= 7 && (item->class_ > 2 || e->plyometric)) {
            return FIND(f, day, "silence", "%s class %d after %d days of silence", item->exercise, item->class_,
                        silence);
        }
        int32_t whole = e->rungs[item->level - 1].sets;
        if (silence >= 7 && item->sets > 1 && item->sets * 10 > whole * 7) {
            return FIND(f, day, "silence", "%s %d of %d sets after %d days of silence", item->exercise, item->sets,
                        whole, silence);
        }
        // 11
        if (day - m->plyometric < 2 && (e->plyometric || item->class_ > 2)) {
            return FIND(f, day, "rest", "%s class %d, %d days after springing", item->exercise, item->class_,
                        day - m->plyometric);
        }
    }
    if (p->run_allowed && p->max_km > 0 && p->max_km * 100 > m->longest * 110) {
        return FIND(f, day, "run", "%d of a longest bearable run of %d (hundredths of km)", p->max_km, m->longest);
    }
    if (after >= 0 && after <= 1 && p->run_allowed) {
        return FIND(f, day, "quiet", "a run %d days after shockwave", after);
    }
    if (after == 2 && (p->hills || p->run_proposal)) {
        return FIND(f, day, "quiet", "hills %d, run proposal %d, two days after shockwave", p->hills, p->run_proposal);
    }
    if (after >= 0 && after <= 2 && rises) {
        return FIND(f, day, "quiet", "something rises or is proposed %d days after shockwave", after);
    }
    // 6
    if (m->authority == LW_AUTHORITY_HOLD && rises) {
        return FIND(f, day, "authority", "authority hold, and something rises or is proposed");
    }
    // 7
    if (strcmp(p->flare, "none") != 0 &&
        (rises || (strcmp(p->status, "active") == 0 && strcmp(p->verdict, "regress") != 0))) {
        return FIND(f, day, "flare", "%s flare, verdict %s, rises %d", p->flare, p->verdict, rises);
    }
    // 10
    if (!m->checkin && (rises || strcmp(p->verdict, "progress") == 0)) {
        return FIND(f, day, "silence", "no check-in, verdict %s, rises %d", p->verdict, rises);
    }
    if (silence >= 7 && strcmp(p->shockwave, "due") == 0) {
        return FIND(f, day, "silence", "shockwave due after %d days of silence", silence);
    }
    if (silence >= 14 && (p->items > 0 || p->run_allowed)) {
        return FIND(f, day, "silence", "%d items after %d days of silence", p->items, silence);
    }
    return false;
}

/* What plans of several mornings show together. */
static bool check_course(life *l, const course *c, int32_t day, const read_plan *p, const facts *m, finding *f) {
    bool active = strcmp(p->status, "active") == 0;
    bool stopped_since = l->stopped_day >= m->authority_day;
    int32_t authority = stopped_since && m->authority > LW_AUTHORITY_SUGGEST ? LW_AUTHORITY_SUGGEST : m->authority;
    // 6: nothing rises by itself without the authority
    for (int32_t i = 0; i < p->items && authority < LW_AUTHORITY_PROGRESS; i++) {
        const read_item *item = &p->item[i];
        bool next = strcmp(item->change, "exercise") == 0;
        if (item->change[0] != '\0' && !accepted(c, day, next ? 1000 : 7, next ? item->from : item->exercise, 0)) {
            return FIND(f, day, "authority", "%s rises (%s) with authority %d and nothing accepted", item->exercise,
                        item->change, authority);
        }
    }
    int32_t stage = stage_index(p->stage);
    bool assessed_anew = false;
    for (uint32_t i = KEEP_FIRST; i < c->count; i++) {
        const ev *e = &c->events[i];
        assessed_anew = assessed_anew || (e->kind == EV_ASSESSED && !e->gone && e->day <= day && e->day >= day - 1);
    }
    if (l->stage >= 0 && stage > l->stage && day > COURSE_START + 1 && !assessed_anew) {
        if (authority < LW_AUTHORITY_PROGRESS && !accepted(c, day, 8, "", 1)) {
            return FIND(f, day, "authority", "the stage rose with authority %d and nothing accepted", authority);
        }
        if (stage > l->stage + 1 && strcmp(p->stage, "maintenance") != 0) {
            return FIND(f, day, "stage", "two stages in one morning, to %s", p->stage);
        }
    }
    // 5: one rung a week; where both sides are sore, cut sets make some rungs alike, and a step goes past those
    for (int32_t i = 0; i < p->items && strstr(c->events[0].data, "right") == NULL; i++) {
        const read_item *item = &p->item[i];
        for (int32_t back = 1; back < 7; back++) {
            const read_plan *old = &l->before[(day - back) % 7];
            for (int32_t k = 0; l->before_day[(day - back) % 7] == day - back && k < old->items; k++) {
                const read_item *o = &old->item[k];
                bool capped = o->cap[0] != '\0' && strcmp(o->cap, "step") != 0;
                if (strcmp(o->exercise, item->exercise) == 0 && !capped && item->level > o->level + 1) {
                    return FIND(f, day, "step", "%s level %d, %d days after level %d", item->exercise, item->level,
                                back, o->level);
                }
            }
        }
    }
    // 9: someone who checks in is never left without anything to do and anyone to see; what is asked for can be given
    bool idle = active && m->checkin && p->items == 0 && !p->review && !p->referral && !p->asks && day - m->session > 7;
    l->idle = idle ? l->idle + 1 : 0;
    if (l->idle > 10) {
        return FIND(f, day, "stuck", "%d days active and checked in, without a session, a review or a referral",
                    l->idle);
    }
    return false;
}

static void count_day(tally *t, int32_t day, const read_plan *p, const facts *m) {
    bool raised = false;
    bool proposed = p->stage_proposal || p->run_proposal;
    for (int32_t i = 0; i < p->items; i++) {
        raised = raised || p->item[i].change[0] != '\0';
        proposed = proposed || p->item[i].proposal[0] != '\0';
    }
    t->stage[stage_index(p->stage)] += p->items > 0 ? 1 : 0;
    t->flare += strcmp(p->flare, "none") != 0 ? 1 : 0;
    t->raised += raised ? 1 : 0;
    t->proposed += proposed ? 1 : 0;
    t->running += p->run_allowed && p->max_km > 0 ? 1 : 0;
    t->stopped += strcmp(p->status, "stopped") == 0 ? 1 : 0;
    t->quiet += day - m->shockwave <= 2 && p->items > 0 ? 1 : 0;
    t->silent += day - m->contact >= 7 ? 1 : 0;
}

static void remember(life *l, int32_t day, const read_plan *p) {
    l->stopped_day = strcmp(p->status, "stopped") == 0 ? day : l->stopped_day;
    l->stage = stage_index(p->stage);
    l->before[day % 7] = *p;
    l->before_day[day % 7] = day;
}

static bool live(void *context, const course *c, int32_t day, const read_plan *plan) {
    life *l = context;
    facts m;
    gather(c, day, &m);
    l->failed = check_plan(c, day, plan, &m, &l->found) || check_course(l, c, day, plan, &m, &l->found);
    remember(l, day, plan);
    if (l->seen != NULL) {
        count_day(l->seen, day, plan, &m);
    }
    return !l->failed;
}

static life life_of(bench *b, uint64_t seed) {
    life l = {.b = b, .seed = seed, .stopped_day = -100000, .stage = -1};
    for (int32_t i = 0; i < 7; i++) {
        l.before_day[i] = -100000;
    }
    return l;
}

/* Lives the course again as it stands, up to the day. */
static bool live_again(void *context, const course *c, const course *unused, int32_t last, finding *out) {
    (void)unused;
    bench *b = ((life *)context)->b;
    static course morning;
    life l = life_of(b, c->seed);
    for (int32_t day = COURSE_START; day <= last; day++) {
        // as it stood that morning: nothing done yet, nothing accepted yet
        morning.count = c->count;
        memcpy(morning.events, c->events, c->count * sizeof(ev));
        for (uint32_t i = 0; i < morning.count; i++) {
            ev *e = &morning.events[i];
            bool later = e->day > day || (e->day == day &&
                                          (e->kind == EV_EXERCISE || e->kind == EV_ACTIVITY || e->kind == EV_ACCEPTED));
            e->gone = e->gone || later;
        }
        read_plan plan;
        bench_record(b, course_write(&morning, day, b->text));
        course_read(bench_plan(b, day), &plan);
        if (!live(&l, &morning, day, &plan)) {
            *out = l.found;
            return day == last;
        }
    }
    return false;
}

static void test_lives(void **state) {
    (void)state;
    static course c;
    bench b;
    bench_open(&b);
    uint32_t wrong = 0;
    uint64_t mornings = 0;
    tally seen = {.flare = 0};
    for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
        life l = life_of(&b, seed);
        l.seen = &seen;
        (void)course_make(&c, seed, &b, live, &l);
        l.seen = NULL;
        mornings += (uint64_t)c.days;
        if (!l.failed) {
            continue;
        }
        say("lives", seed, &l.found);
        if (wrong++ < 5) {
            finding f = l.found;
            if (live_again(&l, &c, NULL, f.day, &f)) {
                shrink(live_again, &l, &c, NULL, &f);
                say("  shortest", seed, &f);
            }
            write_record("lives", seed, f.kind, "", &c, f.day, b.text);
        }
    }
    bench_close(&b);
    printf("lives: %llu courses, %llu days, %u wrong\n", (unsigned long long)seeds, (unsigned long long)mornings,
           wrong);
    printf("lives: sessions by stage");
    for (int32_t i = 0; i < course_protocol()->stage_count; i++) {
        printf(" %u", seen.stage[i]);
    }
    printf("; days in a flare %u, raised %u, proposed %u, running %u, stopped %u, quiet %u, silent %u\n", seen.flare,
           seen.raised, seen.proposed, seen.running, seen.stopped, seen.quiet, seen.silent);
    assert_int_equal(wrong, 0);
    if (seeds >= 100) {
        for (int32_t i = 0; i < course_protocol()->stage_count; i++) {
            assert_true(seen.stage[i] > 0);
        }
        assert_true(seen.flare > 0 && seen.raised > 0 && seen.proposed > 0 && seen.running > 0);
        assert_true(seen.stopped > 0 && seen.quiet > 0 && seen.silent > 0);
    }
}

/* ---- order ---- */

static void test_order(void **state) {
    (void)state;
    static course c;
    bench b;
    bench_open(&b);
    char *other = malloc(COURSE_BYTES);
    char *wanted = malloc(LW_PLAN_RESULT);
    const char **lines = malloc(COURSE_MAX * 2 * sizeof(*lines));
    for (uint64_t seed = first_seed; seed < first_seed + (seeds + 3) / 4; seed++) {
        (void)course_make(&c, seed, &b, NULL, NULL);
        dice d = {seed ^ 77};
        lw_str text = course_write(&c, INT32_MAX, b.text);
        for (int32_t round = 0; round < 3; round++) {
            int32_t day = COURSE_START + between(&d, 0, c.days + 40);
            bench_record(&b, text);
            lw_str plan = bench_plan(&b, day);
            uint32_t wanted_len = plan.len;
            memcpy(wanted, plan.ptr, plan.len);

            // every line once or twice, in any order; or the log split in two, the halves joined the other way round
            uint32_t count = 0;
            for (const char *p = text.ptr; p < text.ptr + text.len; p = strchr(p, '\n') + 1) {
                lines[count++] = p;
                if (round == 0 && chance(&d, 200)) {
                    lines[count++] = p;
                }
            }
            uint32_t split = (uint32_t)between(&d, 0, (int32_t)count);
            size_t n = 0;
            for (uint32_t i = 0; i < count; i++) {
                uint32_t from = i;
                if (round < 2) {
                    uint32_t k = i + (uint32_t)(roll(&d) % (count - i));
                    const char *line = lines[k];
                    lines[k] = lines[i];
                    lines[i] = line;
                } else {
                    from = (i + split) % count;
                }
                size_t len = (size_t)(strchr(lines[from], '\n') + 1 - lines[from]);
                memcpy(other + n, lines[from], len);
                n += len;
            }
            bench_record(&b, (lw_str){other, (uint32_t)n});
            plan = bench_plan(&b, day);
            if (plan.len != wanted_len || memcmp(plan.ptr, wanted, plan.len) != 0) {
                fail_msg("order, seed %llu, %s: another plan in round %d", (unsigned long long)seed, date_of(day),
                         round);
            }
        }
    }
    free(lines);
    free(wanted);
    free(other);
    bench_close(&b);
}

/* ---- goes on ---- */

/* One event as it might have been sent: voided on some later day, written for another day, or a start. */
static void spoil(dice *d, lw_event *events, uint32_t count) {
    lw_event *e = &events[between(d, 0, (int32_t)count - 1)];
    int32_t what = between(d, 0, 2);
    if (what == 0) {
        e->voided = true;
        e->void_day = e->day + between(d, 0, 20);
    } else if (what == 1) {
        e->day += e->at_s % 86400 < 43200 ? -1 : 1; // as a zone twelve hours off has it
    } else {
        for (uint32_t i = 0; i < count; i++) {
            if (events[i].kind == LW_KIND_STARTED) {
                e->kind = LW_KIND_STARTED;
                e->data = events[i].data;
            }
        }
    }
}

/* Bytes between members may be anything: what has such bytes is compared by its members, and cleared in both. */
static bool same_state(lw_state *a, lw_state *b) {
    bool same = a->limit_count == b->limit_count && a->refused_count == b->refused_count;
    for (uint32_t i = 0; i < a->limit_count && same; i++) {
        const lw_limit *x = &a->limits[i], *y = &b->limits[i];
        same = x->exercise == y->exercise && x->variable == y->variable && x->max == y->max && x->until == y->until &&
               x->at_s == y->at_s;
    }
    for (uint32_t i = 0; i < a->refused_count && same; i++) {
        same = a->refused[i].what == b->refused[i].what && lw__str_eq(a->refused[i].by, b->refused[i].by);
    }
    memset(a->limits, 0, sizeof a->limits);
    memset(b->limits, 0, sizeof b->limits);
    memset(a->refused, 0, sizeof a->refused);
    memset(b->refused, 0, sizeof b->refused);
    return same && memcmp(a, b, sizeof *a) == 0;
}

static void test_goes_on(void **state) {
    (void)state;
    static course c;
    static lw_evening evening;
    static lw_state whole, on;
    bench b;
    bench_open(&b);
    uint32_t compared = 0;
    for (uint64_t seed = first_seed; seed < first_seed + (seeds + 3) / 4; seed++) {
        (void)course_make(&c, seed, &b, NULL, NULL);
        dice d = {seed ^ 99};
        bench_record(&b, course_write(&c, INT32_MAX, b.text));
        lw_record record = b.record;
        lw_event *events = malloc(record.count * sizeof *events);
        memcpy(events, record.events, record.count * sizeof *events);
        record.events = events;
        for (int32_t i = chance(&d, 400) ? between(&d, 1, 3) : 0; i > 0; i--) {
            spoil(&d, events, record.count);
        }
        lw__evening_none(&evening);
        for (record.count = 1; record.count < b.record.count; record.count++) {
            int32_t day = events[record.count - 1].day;
            day += chance(&d, 100) ? between(&d, -1, 3) : chance(&d, 10) ? between(&d, 5, 700) : 0;
            assert_int_equal(lw__fold_on(b.protocol, &record, day, &on, &evening), LW_OK);
            if (chance(&d, 300)) {
                assert_int_equal(lw__fold(b.protocol, &record, day, &whole), LW_OK);
                compared++;
                if (!same_state(&whole, &on)) {
                    fail_msg("goes on, seed %llu, %u events, %s: another state", (unsigned long long)seed, record.count,
                             date_of(day));
                }
            }
        }
        free(events);
    }
    bench_close(&b);
    printf("goes on: %u folds compared\n", compared);
    assert_true(compared > 0);
}

/* ---- worse ---- */

/* What one morning allows and chooses, with everything of the day still to do. */
typedef struct morning {
    uint8_t stage, class_max, verdict, status;
    lw_decision decision;
    lw_run_plan run;
} morning;

static void morning_of(bench *b, int32_t day, morning *out) {
    static lw_state s;
    lw_allow allow;
    assert_int_equal(lw__fold(b->protocol, &b->record, day, &s), LW_OK);
    s.today.touched = 0;
    allow = lw__guard(&s);
    lw__decide(&s, &allow, &out->decision);
    lw__run_plan(&s, &allow, &out->run);
    out->stage = s.stage;
    out->class_max = allow.class_max;
    out->status = allow.status;
    out->verdict = lw__verdict(&s, &allow, &out->decision, &out->run);
}

/* The first thing in the worse morning that is above the better one. */
static bool above(const morning *better, const morning *worse, int32_t day, finding *f) {
    const lw_protocol *p = course_protocol();
    if (worse->stage > better->stage) {
        return FIND(f, day, "stage", "stage %d, in the worse course %d", better->stage, worse->stage);
    }
    if (worse->class_max > better->class_max) {
        return FIND(f, day, "ceiling", "class at most %d, in the worse course %d", better->class_max, worse->class_max);
    }
    if (worse->run.max_km > better->run.max_km) {
        return FIND(f, day, "run-km", "at most %d hundredths of km, in the worse course %d", better->run.max_km,
                    worse->run.max_km);
    }
    if (worse->run.allowed && better->run.allowed && worse->run.level > better->run.level) {
        return FIND(f, day, "run-level", "run level %d, in the worse course %d", better->run.level, worse->run.level);
    }
    for (uint32_t i = 0; i < better->decision.count; i++) {
        const lw_item *a = &better->decision.items[i];
        for (uint32_t k = 0; k < worse->decision.count; k++) {
            const lw_item *w = &worse->decision.items[k];
            if (a->exercise != w->exercise) {
                continue;
            }
            const lw_dose *x = &a->dose;
            const lw_dose *y = &w->dose;
            bool loads = x->load != LW_UNKNOWN && y->load != LW_UNKNOWN;
            bool more = y->sets > x->sets || y->reps > x->reps || y->hold_s > x->hold_s || y->contacts > x->contacts ||
                        y->distance_m > x->distance_m || y->speed_pct > x->speed_pct || y->depth_deg > x->depth_deg ||
                        y->bouts > x->bouts || (loads && y->load > x->load);
            if (y->rung > x->rung || (y->rung == x->rung && more)) {
                lw_str id = p->exercises[a->exercise].id;
                return FIND(f, day, "dose",
                            "%.*s level %d %d×%d/%d s load %d, in the worse course level %d %d×%d/%d s load %d",
                            (int)id.len, id.ptr, x->rung + 1, x->sets, x->reps, x->hold_s, x->load, y->rung + 1,
                            y->sets, y->reps, y->hold_s, y->load);
            }
        }
    }
    return false;
}

static bool pair_wrong(void *context, const course *better, const course *worse, int32_t day, finding *out) {
    bench *b = context;
    morning m1;
    morning m2;
    bench_record(b, course_write(better, day, b->text));
    morning_of(b, day, &m1);
    bench_record(b, course_write(worse, day, b->text));
    morning_of(b, day, &m2);
    return above(&m1, &m2, day, out);
}

/* What was not said cannot be worse: to say it would be to know more. */
static int8_t more_pain(dice *d, int8_t pain) {
    return pain < 0 ? pain : (int8_t)limited(pain + between(d, 1, 6), 0, 10);
}

/* Makes one event worse in its own way; false when it has none. */
static bool worsen(dice *d, ev *e, bool skips) {
    switch (e->kind) {
    case EV_CHECKIN:
        switch (between(d, 0, 7)) {
        case 0:
            e->night = 1;
            break;
        case 1:
            e->rest = 1;
            break;
        case 2:
            e->morning = more_pain(d, e->morning);
            break;
        case 3:
            e->worst = more_pain(d, e->worst);
            break;
        default:
            e->test = more_pain(d, e->test);
            break;
        }
        return true;
    case EV_EXERCISE:
        if (e->skip >= 0) {
            return false;
        }
        if (skips && chance(d, 250)) {
            e->skip = LW_SKIP_PAIN;
        } else {
            e->pain = more_pain(d, e->pain);
        }
        return true;
    case EV_ACTIVITY:
        e->pain = more_pain(d, e->pain);
        return true;
    default:
        return false;
    }
}

static void test_worse(void **state) {
    (void)state;
    static course better;
    static course worse;
    bench b;
    bench one;
    bench other;
    bench_open(&b);
    bench_open(&one);
    bench_open(&other);
    uint32_t wrong = 0;
    uint64_t days = 0;
    for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
        (void)course_make(&better, seed, &b, NULL, NULL);
        dice d = {seed ^ 4711};
        bool skips = chance(&d, 300);
        int32_t last = COURSE_START + better.days;
        int32_t from = COURSE_START + between(&d, 0, better.days - 1);
        int32_t many = between(&d, 1, 5);
        int32_t near = chance(&d, 500) ? from + 1 : from + between(&d, 0, 30);

        worse.count = better.count;
        memcpy(worse.events, better.events, better.count * sizeof(ev));
        int32_t first = INT32_MAX;
        if (chance(&d, 100)) { // a symptom that the better course does not have, seen to later
            ev *none = add_event(&better, from, 455, EV_SYMPTOM, "symptom", false);
            none->gone = true;
            ev *flag = add_event(&worse, from, 455, EV_SYMPTOM, "symptom", false);
            flag->a = LW_FLAG_RF05;
            SAY(flag, "{\"flag\":\"RF05\"}");
            uint32_t id = flag->id;
            none = add_event(&better, from + between(&d, 0, 4), 720, EV_CLEARED, "cleared", true);
            none->gone = true;
            int32_t day = none->day;
            ev *seen = add_event(&worse, day, 720, EV_CLEARED, "cleared", true);
            SAY(seen, "{\"events\":[\"0195a0c2-7b1e-7000-8000-%012x\"],\"note\":\"seen\"}", id);
            first = from;
        }
        for (int32_t tries = 0; tries < 400 && many > 0; tries++) {
            ev *e = &worse.events[between(&d, KEEP_FIRST, (int32_t)worse.count - 1)];
            if (e->day >= from && e->day <= near && worsen(&d, e, skips)) {
                first = e->day < first ? e->day : first;
                many--;
            }
        }
        if (first == INT32_MAX) {
            continue;
        }

        bench_record(&one, course_write(&better, INT32_MAX, one.text));
        bench_record(&other, course_write(&worse, INT32_MAX, other.text));
        finding f;
        bool found = false;
        for (int32_t day = first; day <= last + 3 && !found; day++) {
            morning m1;
            morning m2;
            morning_of(&one, day, &m1);
            morning_of(&other, day, &m2);
            found = above(&m1, &m2, day, &f);
            days++;
            // (a) the worse day itself has no higher verdict
            if (!found && day == first && m2.verdict > m1.verdict && m1.decision.count > 0) {
                found = FIND(&f, day, "verdict", "verdict %s, on the worse day %s", lw_verdict_names[m1.verdict],
                             lw_verdict_names[m2.verdict]);
            }
        }
        if (!found) {
            continue;
        }
        say("worse", seed, &f);
        if (wrong++ < 5) {
            finding g = f;
            if (pair_wrong(&b, &better, &worse, f.day, &g)) {
                shrink(pair_wrong, &b, &better, &worse, &g);
                say("  shortest", seed, &g);
            }
            write_record("worse", seed, g.kind, "-better", &better, g.day, b.text);
            write_record("worse", seed, g.kind, "-worse", &worse, g.day, b.text);
        }
    }
    bench_close(&b);
    bench_close(&one);
    bench_close(&other);
    printf("worse: %llu pairs, %llu days, %u wrong\n", (unsigned long long)seeds, (unsigned long long)days, wrong);
    assert_int_equal(wrong, 0);
}

/* ---- missing ---- */

static void green(ev *e) {
    e->morning = e->test = 0;
    e->worst = e->soreness = e->stress = e->night = e->rest = e->relief = -1;
    e->stiffness = e->sitting = e->sleep = -1;
}

static bool missing_wrong(void *context, const course *with, const course *without, int32_t day, finding *out) {
    bench *b = context;
    morning m1;
    morning m2;
    bench_record(b, course_write(with, day, b->text));
    morning_of(b, day, &m1);
    bench_record(b, course_write(without, day, b->text));
    morning_of(b, day, &m2);
    if (m2.verdict > LW_VERDICT_HOLD) {
        return FIND(out, day, "verdict", "verdict %s without a check-in", lw_verdict_names[m2.verdict]);
    }
    return above(&m1, &m2, day, out);
}

static void test_missing(void **state) {
    (void)state;
    static course with;
    static course without;
    bench b;
    bench_open(&b);
    uint32_t wrong = 0;
    uint32_t tried = 0;
    for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
        (void)course_make(&with, seed, &b, NULL, NULL);
        dice d = {seed ^ 991};
        for (int32_t round = 0; round < 12; round++) {
            uint32_t at = (uint32_t)between(&d, KEEP_FIRST, (int32_t)with.count - 1);
            if (with.events[at].kind != EV_CHECKIN) {
                continue;
            }
            int32_t day = with.events[at].day;
            static ev kept;
            kept = with.events[at];
            green(&with.events[at]);
            without.count = with.count;
            memcpy(without.events, with.events, with.count * sizeof(ev));
            without.events[at].gone = true;
            finding f;
            tried++;
            if (missing_wrong(&b, &with, &without, day, &f)) {
                say("missing", seed, &f);
                if (wrong++ < 5) {
                    shrink(missing_wrong, &b, &with, &without, &f);
                    say("  shortest", seed, &f);
                    write_record("missing", seed, f.kind, "-with", &with, f.day, b.text);
                    write_record("missing", seed, f.kind, "-without", &without, f.day, b.text);
                }
                break;
            }
            with.events[at] = kept;
        }
    }
    bench_close(&b);
    printf("missing: %u mornings, %u wrong\n", tried, wrong);
    assert_true(tried > 0);
    assert_int_equal(wrong, 0);
}

int main(void) {
    read_settings();
    if (getenv("LW_PROPERTY") != NULL) {
        cmocka_set_test_filter(getenv("LW_PROPERTY"));
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lives), cmocka_unit_test(test_order),   cmocka_unit_test(test_goes_on),
        cmocka_unit_test(test_worse), cmocka_unit_test(test_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
