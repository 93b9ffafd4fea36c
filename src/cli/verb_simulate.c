/*
 * verb_simulate.c: an invented person who does what the plan says, day by day, and answers by chosen traits.
 *
 * Illustrative, not predictive: the model has no source, it only produces lifelike courses to look at and to test with.
 * All of it is integer arithmetic on one seeded generator (splitmix64), so that a seed gives the same bytes everywhere.
 *
 * The person is three numbers. `sore` is the pain of an ordinary morning (hundredths of NPRS). `strength` is what the
 * tendon bears without complaint; work above it is strain. `echo` is what yesterday's strain adds this morning. Work that
 * is borne makes strength grow and soreness fade; strain does the opposite.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/locale.h"
#include "cli/simulate.h"
#include "words/tree.h"

typedef struct person {
    uint64_t seed;
    int fade, growth; /* per borne session: soreness in 1/1000, strength in points */
    int adherence;    /* percent of sessions done */
    bool flare_prone, over_doer, self_guided;
    int sore, strength, echo;
    int bridge_left, bridge_right;
    int pace;                  /* running, metres a minute */
    int last_run, longest_run; /* day; metres of the whole outing */
    const char *goal;
} person;

typedef struct course {
    const cli_args *args;
    const cli_rules *rules;
    cli_buf lines; /* the record so far */
    person who;
    char patient[65];
    char clinician[64];
    int32_t day;
    int minute;      /* of the day, for the next entry */
    uint64_t serial; /* of entries, for ids */
} course;

static uint64_t draw(person *who) {
    uint64_t z = (who->seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* least..most, both included. */
/* Once in a statement at most: compilers differ in which argument of a call they work out first, and a seed must not. */
static int between(person *who, int least, int most) {
    return least + (int)(draw(who) % (uint64_t)(most - least + 1));
}

static int clamp(int value, int least, int most) {
    return value < least ? least : value > most ? most : value;
}

/* A pain as people write it: whole points. */
static int points(int x100) {
    return clamp((x100 + 50) / 100, 0, 10);
}

/* ---- entries ---- */

static void entry(course *c, const char *kind, const char *by, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void entry(course *c, const char *kind, const char *by, const char *format, ...) {
    char data[4096], at[40], id[37], date[12];
    va_list args;
    va_start(args, format);
    vsnprintf(data, sizeof data, format, args);
    va_end(args);
    snprintf(at, sizeof at, "%sT%02d:%02d:00+00:00", cli_day_iso(c->day, date), c->minute / 60, c->minute % 60);
    uint64_t ms = (uint64_t)((int64_t)c->day * 86400 + c->minute * 60) * 1000;
    uint64_t tail = draw(&c->who) & 0x3fffffffffffu;
    snprintf(id, sizeof id, "%08llx-%04llx-7%03llx-8%03llx-%012llx", (unsigned long long)(ms >> 16 & 0xffffffffu),
             (unsigned long long)(ms & 0xffff), (unsigned long long)(c->serial & 0xfff),
             (unsigned long long)(c->serial >> 12 & 0xfff), (unsigned long long)tail);
    c->serial++;
    c->minute = clamp(c->minute + 2, 0, 1439);
    cli_event_line(&c->lines, c->patient, kind, at, by, id, data);
    cli_buf_str(&c->lines, "\n");
}

static void tests(course *c, const char *kind, const char *more) {
    person *who = &c->who;
    int sore = who->sore;
    int weeks = who->strength / 40;
    who->bridge_left = clamp(10 + weeks, 0, 40);
    who->bridge_right = clamp(20 + weeks / 2, 0, 40);
    int left = clamp(who->bridge_left, 0, who->bridge_right);
    entry(c, kind, c->clinician,
          "{\"tests\":{\"bridge_double\":%d,\"bridge_single\":%d,\"bridge_long_lever\":%d,\"arabesque\":%d,\"rdl\":%d,"
          "\"lunge\":%d,\"drop_lunge\":%d,\"hop\":%d},\"bridge_reps\":{\"left\":%d,\"right\":%d},\"curl_10rm_kg\":{"
          "\"left\":%d,"
          "\"right\":%d},\"sitting_min\":%d,\"rest_pain\":%s%s}",
          points(sore * 4 / 10), points(sore * 7 / 10), points(sore * 9 / 10), points(sore), points(sore * 9 / 10),
          points(sore * 9 / 10), points(sore > 200 ? sore * 8 / 10 : 0), points(sore), left, who->bridge_right,
          clamp(8 + left / 2, 1, 18), 8 + who->bridge_right / 2 > 18 ? 18 : 8 + who->bridge_right / 2,
          clamp(15 + (600 - sore) / 8, 5, 180), sore > 550 ? "true" : "false", more);
}

static void outcomes(course *c, const lw_node *due, const char *today) {
    const person *who = &c->who;
    for (const lw_node *one = due != NULL ? due->first : NULL; one != NULL; one = one->next) {
        const char *what = lw_node_str(one, "what"), *by = lw_node_str(one, "by");
        if (what == NULL || by == NULL || strcmp(by, today) > 0) {
            continue;
        }
        int score = -100;
        if (strcmp(what, "visa_h") == 0) {
            score = clamp(100 - who->sore / 9, 0, 100);
        } else if (strcmp(what, "nprs") == 0) {
            score = points(who->sore);
        } else if (strcmp(what, "tsk11") == 0) {
            score = clamp(15 + who->sore / 60, 11, 44);
        } else if (strcmp(what, "lefs") == 0) {
            score = clamp(80 - who->sore / 15, 0, 80);
        } else if (strcmp(what, "readiness") == 0 || strcmp(what, "psfs") == 0) {
            score = clamp(10 - who->sore / 80, 0, 10);
        } else if (strcmp(what, "groc") == 0) {
            score = clamp((500 - who->sore) / 80, -7, 7);
        }
        if (score != -100) {
            entry(c, "outcome", "patient", "{\"instrument\":\"%s\",\"score\":%d}", what, score);
        } else if (strcmp(what, "tests") == 0) {
            tests(c, "tested", "");
        }
    }
}

/* ---- a day ---- */

/* Takes a proposal as the plan made it; whether there was one to take. */
static bool accept(course *c, const lw_node *proposal, const char *exercise, const char *what) {
    if (proposal == NULL || !c->who.self_guided) {
        return false;
    }
    const lw_node *to = lw_node_at(proposal, "to");
    const char *variable = lw_node_str(proposal, "variable");
    if (to == NULL || (to->type != LW_NODE_NUMBER && to->type != LW_NODE_STRING)) {
        return false;
    }
    cli_buf data = {0};
    if (exercise != NULL) {
        cli_buf_fmt(&data, "{\"exercise\":\"%s\",\"variable\":\"%s\",\"to\":", exercise,
                    variable != NULL ? variable : "");
    } else {
        cli_buf_fmt(&data, "{\"what\":\"%s\",\"variable\":\"%s\",\"to\":", what, variable != NULL ? variable : "");
    }
    if (to->type == LW_NODE_STRING) {
        cli_buf_json(&data, to->text);
    } else {
        cli_buf_str(&data, to->text);
    }
    entry(c, "accepted", "patient", "%s}", data.ptr);
    cli_buf_free(&data);
    return true;
}

/* Without a clinician the person says yes to what the morning's plan proposes; whether there was anything. */
static bool accept_all(course *c, const lw_node *plan) {
    bool any = accept(c, lw_node_inside(lw_node_inside(plan, "stage"), "proposal"), NULL, "stage");
    any = accept(c, lw_node_inside(lw_node_inside(plan, "run"), "proposal"), NULL, "run") || any;
    const lw_node *items = lw_node_inside(lw_node_inside(plan, "session"), "items");
    for (const lw_node *item = items != NULL ? items->first : NULL; item != NULL; item = item->next) {
        any = accept(c, lw_node_inside(item, "proposal"), lw_node_str(item, "exercise"), NULL) || any;
    }
    return any;
}

/* What one exercise asks of the tendon, in the points of `strength`. */
static int demand(const lw_node *item) {
    return (int)(60 + 45 * lw_node_int(item, "compression_class", 0) + 14 * lw_node_int(item, "level", 1) +
                 2 * lw_node_int(item, "contacts", 0));
}

/* The weight a person would take for a beginning, in the steps that the equipment has. */
static int first_weight(const person *who, const char *exercise) {
    bool barbell = exercise != NULL && (strcmp(exercise, "rdl") == 0 || strcmp(exercise, "deadlift") == 0 ||
                                        strcmp(exercise, "good-morning") == 0 || strcmp(exercise, "hip-thrust") == 0);
    int kg = barbell ? 20 + who->strength / 20 : 15 + who->strength / 40;
    return clamp(kg / 5 * 5, 10, barbell ? 60 : 20);
}

/* Does one exercise; returns its strain, 0 when it was borne. */
static int exercise(course *c, const lw_node *item) {
    person *who = &c->who;
    const char *id = lw_node_str(item, "exercise"), *side = lw_node_str(item, "side");
    int extra = who->over_doer && between(who, 1, 3) == 1 ? 1 : 0;
    int strain = demand(item) * (10 + 3 * extra) / 10 - who->strength - between(who, 0, 40);
    strain = strain > 0 ? strain : 0;
    int pain = clamp(who->sore * 6 / 10 + strain * 3 + between(who, -60, 60), 0, 1000);
    int effort = clamp(5 + (extra > 0 ? 2 : 0) + (strain > 40 ? 1 : 0) + between(who, 0, 1), 1, 10);
    cli_buf set = {0}, sets = {0};
    if (lw_node_str(item, "hold_s") != NULL) {
        cli_buf_fmt(&set, "\"hold_s\":%s,", lw_node_str(item, "hold_s"));
    } else if (lw_node_str(item, "contacts") != NULL) {
        cli_buf_fmt(&set, "\"contacts\":%s,", lw_node_str(item, "contacts"));
    } else if (lw_node_str(item, "distance_m") != NULL) {
        cli_buf_fmt(&set, "\"distance_m\":%s,", lw_node_str(item, "distance_m"));
    } else {
        cli_buf_fmt(&set, "\"reps\":%s,", lw_node_str(item, "reps") != NULL ? lw_node_str(item, "reps") : "8");
    }
    if (lw_node_str(item, "load_kg") != NULL) {
        cli_buf_fmt(&set, "\"load_kg\":%s,", lw_node_str(item, "load_kg"));
    } else if (lw_node_true(item, "choose_load")) {
        cli_buf_fmt(&set, "\"load_kg\":%d,", first_weight(who, id));
    }
    if (lw_node_str(item, "speed_pct") != NULL) {
        cli_buf_fmt(&set, "\"speed_pct\":%s,", lw_node_str(item, "speed_pct"));
    }
    long count = clamp((int)lw_node_int(item, "sets", 1) + extra, 1, 12);
    for (long i = 0; i < count; i++) {
        cli_buf_fmt(&sets, "%s{%s\"effort\":%d,\"pain\":%d}", i > 0 ? "," : "", set.ptr, effort, points(pain));
    }
    entry(c, "exercise", "patient",
          "{\"exercise\":\"%s\",\"side\":\"%s\",\"sets\":[%s],\"pain_during\":%d,\"effort\":%d,\"depth_deg\":%ld}",
          id != NULL ? id : "", side != NULL ? side : "both", sets.ptr, points(pain), effort,
          lw_node_int(item, "hip_flexion_max_deg", 0));
    cli_buf_free(&set);
    cli_buf_free(&sets);
    return strain;
}

enum { WALK_METRES = 92 }; /* a minute: 5.5 km/h */

/*
 * One outing of the running plan: the walked stretches count like the run ones, as they do on a watch. Where the plan's
 * longest distance is shorter than that, the person first slows down to 8 km/h, then stops early.
 */
static void run(course *c, const lw_node *plan, const char *today) {
    person *who = &c->who;
    const lw_node *run = lw_node_inside(plan, "run");
    const char *next = lw_node_str(run, "next_on");
    if (!lw_node_true(run, "allowed") || (next != NULL && strcmp(next, today) > 0) || c->day - who->last_run < 2) {
        return;
    }
    int walk = (int)lw_node_int(run, "walk_min", 0), minutes = (int)lw_node_int(run, "run_min", 0);
    int repeats = (int)lw_node_int(run, "repeats", 1);
    repeats = repeats > 0 ? repeats : 1;
    const char *most = lw_node_str(run, "max_km");
    int limit = most != NULL ? (int)(strtod(most, NULL) * 1000 + 0.5) : 100000;
    int walked = repeats * walk, running = repeats * minutes;
    int longest = (int)lw_node_int(run, "max_min", running);
    running = running > longest ? longest : running;
    int pace = clamp(running > 0 ? (limit - walked * WALK_METRES) / running : 0, 134, who->pace);
    if (running * pace + walked * WALK_METRES > limit) {
        running = clamp((limit - walked * WALK_METRES) / pace, 0, running);
    }
    int metres = running * pace + walked * WALK_METRES;
    metres = metres > limit ? limit : metres;
    if (who->over_doer && between(who, 1, 4) == 1) {
        metres = metres * 5 / 4;
        running = running * 5 / 4;
    }
    int strain = metres > who->longest_run + who->longest_run / 5 + 3000 ? 30 : 0;
    int pain = clamp(who->sore * 5 / 10 + strain * 3 + between(who, -60, 60), 0, 1000);
    entry(c, "activity", "patient",
          "{\"type\":\"run\",\"minutes\":%d,\"km\":%d.%02d,\"run_level\":%ld,\"run_minutes\":%d,\"pain_during\":%d}",
          walked + running, metres / 1000, metres % 1000 / 10, lw_node_int(run, "level", 1), running, points(pain));
    who->last_run = c->day;
    who->longest_run = metres > who->longest_run ? metres : who->longest_run;
    who->echo += strain * 2;
}

static bool shockwave(course *c, const lw_node *plan, const char *today, int days_in) {
    const lw_node *sw = lw_node_inside(plan, "shockwave");
    const char *status = lw_node_str(sw, "status"), *next = lw_node_str(sw, "next_on");
    bool due = status != NULL && strcmp(status, "due") == 0;
    /* an option is talked over: not in the first two weeks, and only while it still hurts */
    bool taken = status != NULL && strcmp(status, "option") == 0 && days_in > 14 && c->who.sore > 250;
    if ((!due && !taken) || c->who.self_guided || (next != NULL && strcmp(next, today) > 0) ||
        lw_day_weekday(c->day) > 4) {
        return false;
    }
    entry(c, "shockwave", c->clinician,
          "{\"side\":\"left\",\"wave\":\"radial\",\"device\":\"demo\",\"pressure_bar\":2.5,\"impulses\":2000,\"rate_"
          "hz\":10,"
          "\"pain_during\":%d,\"anaesthetic\":false,\"consent\":true}",
          between(&c->who, 4, 6));
    c->who.echo += between(&c->who, 20, 110);
    c->who.sore -= c->who.sore * 4 / 100;
    return true;
}

static void morning(course *c, int days_in) {
    person *who = &c->who;
    if (who->flare_prone && between(who, 1, 24) == 1) {
        who->echo += between(who, 150, 350);
    }
    int pain = clamp(who->sore + who->echo + between(who, -50, 50), 0, 1000);
    int test = clamp(who->sore * 7 / 10 + who->echo + between(who, -40, 40), 0, 1000);
    bool night = who->sore > 550 || who->echo > 300;
    int stress = between(who, 1, 5);
    int sleep = between(who, 6, 8);
    entry(c, "checkin", "patient",
          "{\"pain_morning\":%d,\"stiffness_min\":%d,\"pain_worst_24h\":%d,\"pain_test\":%d,\"night_pain\":%s,"
          "\"rest_pain\":%s,\"sitting_min\":%d,\"sleep_h\":%d,\"stress\":%d,\"pain_relief\":\"none\"}",
          points(pain), clamp(pain / 20, 0, 60), points(pain + 150), points(test), night ? "true" : "false",
          who->echo > 350 ? "true" : "false", clamp(15 + (600 - who->sore) / 8, 5, 180), sleep, stress);
    if (days_in % 7 == 0) {
        entry(c, "screened", "patient", "{\"flags\":[]}");
    }
    if (days_in > 0 && days_in % 14 == 0) {
        tests(c, "tested", "");
        entry(c, "outcome", "patient", "{\"instrument\":\"readiness\",\"score\":%d}",
              clamp(10 - who->sore / 60, 0, 10));
        entry(c, "outcome", "patient", "{\"instrument\":\"visa_h\",\"score\":%d}", clamp(100 - who->sore / 9, 0, 100));
    }
}

/* The plan of the day from the record so far. */
static int plan_today(course *c, cli_log *log, cli_plan *plan) {
    int code = cli_log_decode("simulated record", c->lines.ptr, c->lines.len, false, log);
    return code != CLI_OK ? code : cli_plan_make(c->rules, log, c->day, 0, false, plan);
}

static int live_a_day(course *c, int days_in) {
    person *who = &c->who;
    c->minute = 7 * 60;
    bool answers = between(who, 1, 100) <= (who->adherence + 100) / 2;
    if (answers) {
        morning(c, days_in);
    }
    cli_log log = {0};
    cli_plan plan = {0};
    int code = plan_today(c, &log, &plan);
    if (code != CLI_OK) {
        cli_log_free(&log);
        return code;
    }
    char today[12];
    cli_day_iso(c->day, today);
    const char *status = lw_node_str(plan.root, "status");
    bool active = answers && status != NULL && strcmp(status, "active") == 0;
    if (active) {
        outcomes(c, lw_node_inside(plan.root, "due"), today);
    }
    if (active && accept_all(c, plan.root)) { /* what was accepted counts from now on */
        cli_plan_free(&plan);
        cli_log_free(&log);
        code = plan_today(c, &log, &plan);
        if (code != CLI_OK) {
            cli_log_free(&log);
            return code;
        }
    }
    who->echo = who->echo * 4 / 10;
    if (active) {
        const lw_node *items = lw_node_inside(lw_node_inside(plan.root, "session"), "items");
        bool quiet = shockwave(c, plan.root, today, days_in);
        bool does = between(who, 1, 100) <= who->adherence;
        c->minute = 18 * 60;
        int strain = 0, done = 0;
        for (const lw_node *item = items != NULL ? items->first : NULL; item != NULL; item = item->next) {
            if (does && !quiet) {
                strain += exercise(c, item);
                done++;
            }
        }
        if (days_in % 3 == 1) {
            entry(c, "activity", "patient", "{\"type\":\"walk\",\"minutes\":35,\"pain_during\":%d}",
                  points(who->sore * 3 / 10));
        }
        if (!quiet && does) {
            run(c, plan.root, today);
        }
        who->echo += strain;
        if (done > 0 && strain < 60) {
            who->strength += who->growth;
            who->sore -= who->sore * who->fade / 1000;
        } else if (done > 0) {
            who->sore = clamp(who->sore + strain / 4, 0, 800);
        }
    } else {
        who->sore -= who->sore / 400;
    }
    cli_plan_free(&plan);
    cli_log_free(&log);
    return CLI_OK;
}

/* ---- the whole course ---- */

static int read_traits(const cli_args *args, const char *given, person *who) {
    char traits[256];
    snprintf(traits, sizeof traits, "%s", given != NULL ? given : "");
    for (char *trait = strtok(traits, ","); trait != NULL; trait = strtok(NULL, ",")) {
        if (strcmp(trait, "good") == 0) {
            who->fade = 32;
            who->growth = 9;
        } else if (strcmp(trait, "average") == 0) {
            who->fade = 22;
            who->growth = 7;
        } else if (strcmp(trait, "poor") == 0) {
            who->fade = 9;
            who->growth = 4;
        } else if (strcmp(trait, "flare-prone") == 0) {
            who->flare_prone = true;
        } else if (strcmp(trait, "over-doer") == 0) {
            who->over_doer = true;
        } else if (strcmp(trait, "self-guided") == 0) {
            who->self_guided = true;
        } else if (strncmp(trait, "adherence=", 10) == 0) {
            char *end = NULL;
            long percent = strtol(trait + 10, &end, 10);
            if (*end != '\0' || percent < 0 || percent > 100 || end == trait + 10) {
                return cli_usage(args, "adherence is a percentage from 0 to 100, not \"%s\"", trait + 10);
            }
            who->adherence = (int)percent;
        } else if (strncmp(trait, "goal=", 5) == 0) {
            static const char *const goals[] = {"daily", "sit", "cycle", "run", "sprint", "sport"};
            who->goal = NULL;
            for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++) {
                who->goal = strcmp(trait + 5, goals[i]) == 0 ? goals[i] : who->goal;
            }
            if (who->goal == NULL) {
                return cli_usage(args, "a goal is daily, sit, cycle, run, sprint or sport, not \"%s\"", trait + 5);
            }
        } else {
            static const char *const known[] = {"good",      "average",     "poor",       "flare-prone",
                                                "over-doer", "self-guided", "adherence=", "goal="};
            const char *near = cli_nearest(trait, known, 8);
            return near != NULL ? cli_usage(args, "there is no trait \"%s\"; did you mean %s?", trait, near)
                                : cli_usage(args, "there is no trait \"%s\"", trait);
        }
    }
    return CLI_OK;
}

static void first_day(course *c) {
    person *who = &c->who;
    int32_t year = 0, month = 0, dom = 0;
    lw_day_to_civil(c->day, &year, &month, &dom);
    c->minute = 8 * 60;
    int mass = between(who, 55, 88);
    int height = between(who, 158, 190);
    bool woman = between(who, 0, 1) == 0;
    int age = between(who, 24, 58);
    entry(c, "enrolled", "patient",
          "{\"birth_year\":%d,\"sex\":\"%s\",\"height_cm\":%d,\"mass_kg\":%d,\"sport\":\"running\",\"level\":"
          "\"recreational\",\"sides\":[\"left\"],\"goal\":\"%s\"}",
          (int)year - age, woman ? "female" : "male", height, mass, who->goal);
    entry(c, "note", "patient",
          "{\"text\":\"Simulated by loadwave simulate. Illustrative, not predictive: this person does not exist.\"}");
    entry(c, "screened", c->clinician, "{\"flags\":[]}");
    char history[400];
    int loading_weeks = between(who, 0, 12);
    int weeks = between(who, 14, 60);
    snprintf(history, sizeof history,
             ",\"onset\":\"gradual\",\"weeks\":%d,\"localised\":true,\"load_increase\":true,\"below_knee\":false,"
             "\"contraindications\":[],\"loading_weeks\":%d,\"imaging\":\"ultrasound\",\"tear\":\"none\"",
             weeks, loading_weeks);
    tests(c, "assessed", history);
    entry(c, "outcome", "patient", "{\"instrument\":\"visa_h\",\"score\":%d}", clamp(100 - who->sore / 9, 0, 100));
    lw_str id = lw_protocol_id(c->rules->protocol), version = lw_protocol_version(c->rules->protocol);
    static const char has[] =
        "\"days\":[\"mon\",\"wed\",\"fri\"],\"equipment\":[\"mat\",\"band\",\"dumbbell\",\"barbell\",\"machine\","
        "\"bench\","
        "\"box\",\"sliders\",\"anchor\",\"chair\",\"strap\",\"step\",\"cable\",\"track\",\"hill\"],"
        "\"loads\":{\"dumbbell\":[5,7.5,10,12.5,15,17.5,20],\"barbell\":{\"min\":10,\"step\":2.5},"
        "\"machine\":{\"min\":5,\"step\":1.25},\"cable\":{\"min\":2.5,\"step\":1.25}}";
    entry(c, "started", c->clinician,
          "{\"protocol\":\"%.*s@%.*s\",\"authority\":\"%s\",%s,\"pain_ceiling\":3,\"max_items\":4}", (int)id.len,
          id.ptr, (int)version.len, version.ptr, who->self_guided ? "suggest" : "progress", has);
}

int cli_simulate(const cli_args *args, const cli_rules *rules, const cli_simulation *how, cli_buf *lines) {
    course c = {.args = args, .rules = rules, .day = how->from};
    c.who = (person){.fade = 22, .growth = 7, .adherence = 90, .strength = 70, .last_run = -1000, .goal = "run"};
    int code = read_traits(args, how->traits, &c.who);
    if (code != CLI_OK) {
        return code;
    }
    c.who.seed = (uint64_t)how->seed * 0x2545f4914f6cdd1du + 1;
    c.who.sore = between(&c.who, 320, 560);
    c.who.pace = between(&c.who, 134, 150);
    snprintf(c.clinician, sizeof c.clinician, "%s", c.who.self_guided ? "patient" : how->clinician);
    snprintf(c.patient, sizeof c.patient, "%s", how->patient);

    first_day(&c);
    for (int i = 1; i <= how->days && code == CLI_OK; i++) {
        c.day++;
        code = live_a_day(&c, i);
    }
    *lines = c.lines;
    return code;
}

int cli_verb_simulate(const cli_args *args) {
    long seed = -1, weeks = 16;
    cli_simulation how = {.from = lw_day_from_civil(2026, 1, 5),
                          .traits = cli_option_value(args, "--trait"),
                          .clinician = "clinician:sim"};
    cli_rules rules = {0};
    int code = cli_option_number(args, "--seed", 0, 2147483647L, &seed);
    if (code == CLI_OK && seed < 0) {
        code = cli_usage(args, "--seed N is required, so that the course can be made again");
    }
    code = code == CLI_OK ? cli_option_number(args, "--weeks", 1, 104, &weeks) : code;
    code = code == CLI_OK ? cli_option_day(args, "--from", &how.from) : code;
    code = code == CLI_OK ? cli_rules_load(cli_option_value(args, "--protocol"), &rules) : code;
    if (code != CLI_OK) {
        return code;
    }
    char patient[40];
    snprintf(patient, sizeof patient, "simulated-%ld", seed);
    how.seed = seed;
    how.days = (int)weeks * 7;
    how.patient = patient;
    cli_buf lines = {0};
    code = cli_simulate(args, &rules, &how, &lines);
    const char *path = cli_option_value(args, "--output");
    if (code == CLI_OK && path != NULL) {
        code = cli_file_write(path, lines.ptr, lines.len, false);
        if (code == CLI_OK) {
            fprintf(stderr, "%s: %d days of %s, illustrative, not predictive\n", path, how.days + 1, patient);
        }
    } else if (code == CLI_OK) {
        fwrite(lines.ptr, 1, lines.len, stdout);
    }
    cli_buf_free(&lines);
    cli_rules_free(&rules);
    return code;
}
