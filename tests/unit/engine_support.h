/*
 * engine_support.h: what the unit tests of src/engine share: a small protocol whose every number is easy to follow, ways
 * to change it, records written a line at a time, states of one morning and a reader of plans.
 *
 * The small protocol stands on its own, so that a clinical change of protocols/ breaks no test of the engine.
 */
#ifndef ENGINE_SUPPORT_H
#define ENGINE_SUPPORT_H

#include "engine/apply.h"
#include "engine/explain.h"
#include "engine/fold.h"
#include "protocol/vocabulary_names.h"
#include "test_support.h"

enum {
    DAY0 = 20458, /* 2026-01-05, a Monday: records of these tests start the programme here */
    REC_BYTES = 1 << 20,
    PLAN_TEXT = LW_PLAN_RESULT + 1
};

/* ---- the small protocol ---- */

/* Values of the parameters, in the unit as written; one that is not named here takes its least. */
static const char *const mini_params[LW_PARAM_COUNT] = {
    [LW_PARAM_PAIN_GREEN_MAX] = "3",
    [LW_PARAM_PAIN_AMBER_MAX] = "5",
    [LW_PARAM_SETTLE_OVER_USUAL] = "1",
    [LW_PARAM_SHOCKWAVE_OVER_USUAL] = "2",
    [LW_PARAM_TEST_POSITIVE] = "2",
    [LW_PARAM_EASY_PAIN] = "0",
    [LW_PARAM_EASY_EFFORT] = "5",
    [LW_PARAM_MORNING_REPS] = "3",
    [LW_PARAM_MORNING_DOUBLE_FROM] = "6",
    [LW_PARAM_WALK_MINUTES] = "30",
    [LW_PARAM_WALK_PAIN] = "2",
    [LW_PARAM_TWO_DEEP_FROM] = "56",
    [LW_PARAM_CONTINUOUS_MIN] = "30",
    [LW_PARAM_SCREEN_DAYS] = "14",
    [LW_PARAM_TEST_DAYS] = "28",
    [LW_PARAM_RISE_DAYS] = "7",
    [LW_PARAM_RISE_LOAD] = "10",
    [LW_PARAM_WEEK_SUM] = "120",
    [LW_PARAM_LOAD_GRAIN] = "2.5",
    [LW_PARAM_RETURN_DOSE] = "70",
    [LW_PARAM_FLARE_DAYS] = "2",
    [LW_PARAM_MAJOR_DAYS] = "3",
    [LW_PARAM_SILENCE_REMIND] = "3",
    [LW_PARAM_SILENCE_LOWER] = "7",
    [LW_PARAM_SILENCE_STOP] = "14",
    [LW_PARAM_SILENCE_RESTART] = "28",
    [LW_PARAM_ADHERENCE_DAYS] = "28",
    [LW_PARAM_ACCEPT_DAYS] = "7",
    [LW_PARAM_MAX_ITEMS] = "4",
    [LW_PARAM_EFFORT_MAX] = "7",
    [LW_PARAM_HIGH_CUT] = "50",
    [LW_PARAM_BOTH_SIDES_CUT] = "70",
    [LW_PARAM_PLYO_GAP] = "3",
    [LW_PARAM_PLYO_CONTACTS] = "60",
    [LW_PARAM_SORENESS_DAYS] = "2",
    [LW_PARAM_SITTING_BREAK] = "25",
    [LW_PARAM_RUN_SPIKE] = "110",
    [LW_PARAM_RUN_WINDOW] = "30",
    [LW_PARAM_RUN_LEVEL_SESSIONS] = "3",
    [LW_PARAM_RUN_GAP] = "2",
    [LW_PARAM_SW_FIRST] = "3",
    [LW_PARAM_SW_MAX] = "6",
    [LW_PARAM_SW_GAP] = "5",
    [LW_PARAM_SW_SPACING] = "7",
    [LW_PARAM_SW_QUIET] = "2",
    [LW_PARAM_SW_SORE] = "3",
    [LW_PARAM_SW_PAIN_MAX] = "6",
    [LW_PARAM_STEROID_BLOCK] = "42",
    [LW_PARAM_STEROID_WARN] = "84",
    [LW_PARAM_NSAID_DAYS] = "14",
    [LW_PARAM_FLUOROQUINOLONE_DAYS] = "60",
};

/* The rest of the text, in parts, because a literal may not be longer. */
static const char *const mini_body[] = {
    "exercise hold \"Hold\"\n"
    "  role hip   each side\n"
    "  hip flexion 0..10 deg\n"
    "  tissue load tension 1 BW, compression 0 BW\n"
    "  level 1   3 sets, hold 20 s, rest 120 s, 2 times a day, effort at most 5 RPE\n"
    "  level 2   hold 30 s\n"
    "  level 3   4 sets\n"
    "  level 4   3 times a day\n"
    "  easier end   harder lift\n"
    "exercise lift \"Lift\"\n"
    "  role hip   both sides   heavy   needs bench   load barbell\n"
    "  hip flexion 0..90 deg\n"
    "  tissue load tension 1 BW, compression 0 BW\n"
    "  level 1   3 sets, 8 reps, load 100 %, depth 30 deg, rest 120 s, tempo 3-0-3\n"
    "  level 2   10 reps\n"
    "  level 3   load 108 %\n"
    "  level 4   8 reps, load 116 %\n"
    "  level 5   depth 60 deg, tension 1.5 BW, compression 0.5 BW\n"
    "  level 6   10 reps\n"
    "  level 7   8 reps, depth 80 deg, tension 2 BW, compression 1 BW\n"
    "  level 8   10 reps\n"
    "  easier hold   harder end\n"
    "  open when entry rdl at most 2 NPRS\n"
    "exercise squeeze \"Squeeze\"\n"
    "  role chain   both sides\n"
    "  hip flexion 0..10 deg\n"
    "  tissue load tension 0.1 BW, compression 0 BW\n"
    "  level 1   1 set, hold 10 s, rest 60 s\n"
    "  level 2   hold 15 s\n"
    "  easier end   harder end\n"
    "exercise curl \"Curl\"\n"
    "  role knee   both sides   heavy   needs machine or band   load machine\n"
    "  hip flexion 0..20 deg\n"
    "  tissue load tension 1 BW, compression 0 BW\n"
    "  level 1   3 sets, 15 reps, load 100 %, rest 120 s\n"
    "  level 2   load 107 %\n"
    "  level 3   12 reps, load 115 %\n"
    "  easier end   harder nordic\n"
    "exercise nordic \"Nordic\"\n"
    "  role knee   both sides   heavy   eccentric   nordic   needs anchor\n"
    "  hip flexion 0..10 deg\n"
    "  tissue load tension 2 BW, compression 0 BW\n"
    "  level 1   2 sets, 5 reps, rest 120 s\n"
    "  level 2   6 reps\n"
    "  every 3 days\n"
    "  easier curl   harder end\n",
    "exercise lunge \"Lunge\"\n"
    "  role leg   each side\n"
    "  hip flexion 0..80 deg\n"
    "  tissue load tension 1 BW, compression 1 BW\n"
    "  level 1   2 sets, 6 reps, depth 80 deg, rest 90 s\n"
    "  level 2   8 reps\n"
    "  easier end   harder end\n"
    "exercise squat \"Squat\"\n"
    "  role leg   both sides\n"
    "  hip flexion 0..90 deg\n"
    "  tissue load tension 1 BW, compression 1 BW\n"
    "  level 1   2 sets, 6 reps, depth 75 deg, rest 90 s\n"
    "  level 2   8 reps\n"
    "  easier end   harder end\n"
    "exercise hop \"Hop\"\n"
    "  role plyometric   both sides   plyometric\n"
    "  hip flexion 0..60 deg\n"
    "  tissue load tension 2 BW, compression 1 BW\n"
    "  level 1   2 sets, 10 contacts, rest 120 s\n"
    "  level 2   12 contacts\n"
    "  every 3 days\n"
    "  easier end   harder end\n"
    "exercise stride \"Stride\"\n"
    "  role speed   both sides   speed ladder\n"
    "  hip flexion 0..60 deg\n"
    "  tissue load tension 3 BW, compression 1 BW\n"
    "  level 1   2 sets, distance 40 m, speed 60 %, rest 120 s\n"
    "  level 2   3 sets\n"
    "  level 3   2 sets, speed 70 %\n"
    "  level 4   distance 60 m\n"
    "  every 3 days\n"
    "  easier end   harder end\n",
    "stage isometric \"One\"\n"
    "  hip flexion at most 30 deg   every 1 day\n"
    "  pick 1 of hold\n"
    "  pick 1 of squeeze\n"
    "stage eccentric \"Two\"\n"
    "  hip flexion at most 45 deg   every 2 days\n"
    "  pick 1 of hold, lift\n"
    "  pick 1 of curl, nordic\n"
    "stage strength \"Three\"\n"
    "  hip flexion at most 90 deg   every 2 days\n"
    "  pick 1 of hold, lift\n"
    "  pick 1 of curl, nordic\n"
    "  pick 2 of lunge, squat\n"
    "stage plyometric \"Four\"\n"
    "  hip flexion at most 120 deg   every 2 days\n"
    "  pick 1 of hop\n"
    "  pick 1 of stride\n"
    "  pick 1 of hold, lift\n"
    "stage maintenance \"Five\"\n"
    "  hip flexion at most 120 deg   every 3 days\n"
    "  pick 1 of hold, lift\n"
    "  pick 1 of curl\n"
    "run level 1   walk 4 min, run 1 min, 5 times\n"
    "run level 2   walk 1 min, run 4 min, 5 times\n"
    "run level 3   run 30 min\n"
    "outcome visa_h at weeks 4, 8\n"
    "outcome tests at weeks 2, 4\n",
    "rule T01 \"Stop\"\n"
    "  when open flag stops\n"
    "  stop\n"
    "  until red-flag-cleared\n"
    "  S [V] S01\n"
    "rule T05 \"Likely\"\n"
    "  when onset is gradual and duration at least 12 weeks and localised\n"
    "  label likely\n"
    "  until fixed\n"
    "  B [V] S01\n"
    "rule T06 \"Possible\"\n"
    "  when onset is gradual and localised\n"
    "  label possible\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule I01 \"High\"\n"
    "  when any of (usual rest pain; entry sitting below 10 min)\n"
    "  irritability high\n"
    "  until calmer\n"
    "  C [D]\n"
    "rule I02 \"Low\"\n"
    "  when daily life pain at most 2 NPRS\n"
    "  irritability low\n"
    "  until calmer\n"
    "  C [D]\n"
    "rule L02 \"Skip\"\n"
    "  when irritability is low\n"
    "  enter eccentric\n"
    "  until calmer\n"
    "  C [D]\n"
    "rule L01 \"Begin\"\n"
    "  enter isometric\n"
    "  until calmer\n"
    "  C [M]\n"
    "rule L03 \"Calm on three days\"\n"
    "  when stage is isometric and morning single bridge at most 3 NPRS on 3 of 7 days\n"
    "  advance eccentric\n"
    "  until calm-test days 3, pain 3\n"
    "  C [V2] S01, S02\n"
    "rule L04 \"Deeper\"\n"
    "  when stage is eccentric and test rdl at most 3 NPRS and test lunge at most 3 NPRS\n"
    "  advance strength\n"
    "  until calmer\n"
    "  C [V2] S01\n"
    "rule L05 \"Spring\"\n"
    "  when stage is strength and goal is sport and test hop at most 2 NPRS\n"
    "  advance plyometric\n"
    "  until calmer\n"
    "  C [D]\n"
    "rule L28 \"Keep\"\n"
    "  when goal is daily and stage is strength and days without bad signal at least 28 days\n"
    "  advance maintenance\n"
    "  until calmer\n"
    "  D [D]\n",
    "rule L06 \"Rise\"\n"
    "  when green sessions at least 2 sessions and session effort at most 7 RPE and settled\n"
    "  raise\n"
    "  until settle-and-green pain 3, sessions 2\n"
    "  C [V2] S01\n"
    "rule L07 \"Amber\"\n"
    "  when session pain above 3 NPRS\n"
    "  hold\n"
    "  until settle-and-green pain 3, sessions 2\n"
    "  C [V2] S01\n"
    "rule L08 \"Too much\"\n"
    "  when any of (session pain above 5 NPRS; unsettled mornings at least 1 day)\n"
    "  flare minor\n"
    "  until settle-and-green pain 3, sessions 2\n"
    "  C [D] S01\n"
    "rule L09 \"Far too much\"\n"
    "  when any of (night pain; unsettled mornings at least 3 days)\n"
    "  flare major\n"
    "  until settle-and-green pain 3, sessions 2\n"
    "  D [D]\n"
    "rule R10 \"Early warning\"\n"
    "  when morning test over usual at least 2 NPRS on 2 of 3 days\n"
    "  de-load 7 days\n"
    "  until settle-and-green pain 3, sessions 2\n"
    "  D [D]\n"
    "rule R12 \"Short sleep\"\n"
    "  when sleep below 5 hours\n"
    "  hold stage\n"
    "  until sleep hours 5\n"
    "  C [D]\n"
    "rule E-16 \"Expected\"\n"
    "  when days since shockwave at most 3 days and morning test over usual at most 2 NPRS and not night pain\n"
    "  and morning test over usual above 1 NPRS\n"
    "  expected soreness\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule L16 \"Not after Nordic\"\n"
    "  when days since nordic at most 2 days\n"
    "  leave out nordic\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule L23 \"Nothing lower\"\n"
    "  when lowering due at lowest rung\n"
    "  review routine\n"
    "  until clinician-review\n"
    "  D [D]\n"
    "rule L23 \"Red sessions\"\n"
    "  when red sessions in 14 days at least 2 sessions\n"
    "  review routine\n"
    "  until clinician-review\n"
    "  D [D]\n"
    "rule L29 \"Nights\"\n"
    "  when night pain days in 7 at least 2 days\n"
    "  review urgent\n"
    "  until clinician-review\n"
    "  D [D]\n",
    "rule A40 \"Step\"\n"
    "  cap step\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule A41 \"Week\"\n"
    "  cap weekly\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule A42 \"Baseline\"\n"
    "  cap baseline\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule A43 \"Clinician\"\n"
    "  cap clinician\n"
    "  until fixed\n"
    "  S [D]\n"
    "rule A44 \"Equipment\"\n"
    "  cap equipment\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule A45 \"Missing\"\n"
    "  cap missing\n"
    "  until check-in-given\n"
    "  D [D]\n"
    "rule A46 \"No check-in\"\n"
    "  when not check in today\n"
    "  cap missing\n"
    "  until check-in-given\n"
    "  D [D]\n"
    "rule L26 \"Silence\"\n"
    "  when silence at least 7 days\n"
    "  cap silence\n"
    "  until check-in-given\n"
    "  D [D]\n"
    "rule L27 \"Return\"\n"
    "  when back after stop\n"
    "  cap return\n"
    "  until clinician-authority\n"
    "  D [D]\n"
    "rule E-17 \"Eve\"\n"
    "  when days to booked shockwave at most 1 day\n"
    "  cap eve\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule E-09 \"Quiet\"\n"
    "  when days since shockwave at most 2 days\n"
    "  cap quiet\n"
    "  until fixed\n"
    "  D [D]\n"
    "rule E-06 \"Dose\"\n"
    "  cap shockwave-dose\n"
    "  until fixed\n"
    "  C [V] S01\n"
    "rule R01 \"Sitting\"\n"
    "  when sitting tolerance known\n"
    "  cap sitting\n"
    "  until sitting-better\n"
    "  C [D]\n",
    "rule E-01 \"Forbidden\"\n"
    "  when contraindication forbids\n"
    "  shockwave forbid\n"
    "  until fixed\n"
    "  S [V] S01\n"
    "rule E-02 \"Caution\"\n"
    "  when caution undecided\n"
    "  shockwave clinician\n"
    "  until clinician-decision\n"
    "  S [V] S01\n"
    "rule E-04 \"Not yet\"\n"
    "  when any of (duration below 12 weeks; duration unknown)\n"
    "  shockwave wait\n"
    "  until weeks-at-least weeks 12\n"
    "  C [D]\n"
    "rule E-05 \"Option\"\n"
    "  when duration at least 12 weeks and loading blocked\n"
    "  shockwave offer\n"
    "  until fixed\n"
    "  B [V2] S01\n"
    "rule E-11 \"Later\"\n"
    "  when sore days after shockwave above 7 days\n"
    "  shockwave postpone\n"
    "  until fixed\n"
    "  C [V] S01\n"
    "rule E-12 \"Over\"\n"
    "  when groc at least 7 points\n"
    "  shockwave close\n"
    "  until fixed\n"
    "  C [V] S01\n",
    "rule R02 \"Running opens\"\n"
    "  when walked 30 min and days without bad signal at least 3 days\n"
    "  open running\n"
    "  until run-gate minutes 30\n"
    "  C [V2] S01\n"
    "rule R03 \"Next run level\"\n"
    "  when green runs at level at least 2 sessions and settled\n"
    "  next run level\n"
    "  until green-runs sessions 2\n"
    "  C [V2] S01\n"
    "rule R04 \"Longest\"\n"
    "  cap longest-run\n"
    "  until fixed\n"
    "  B [V] S01\n"
    "rule R06 \"Hills and speed\"\n"
    "  when run level at least 1 and days of 30 min runs at least 7 days\n"
    "  open hills and speed\n"
    "  until speed-gate days 7\n"
    "  C [D]\n"
    "rule R07 \"Next speed\"\n"
    "  when green speed sessions at least 2 sessions and settled\n"
    "  next speed\n"
    "  until green-speed sessions 2\n"
    "  D [D]\n"
    "rule R08 \"Sport\"\n"
    "  when stage is plyometric and readiness at least 7 points\n"
    "  clear for sport\n"
    "  until sport-gate readiness 7\n"
    "  D [D]\n"
    "rule A01 \"Leave\"\n"
    "  when stage is isometric\n"
    "  avoid deep-squat, hinge, hills\n"
    "  until later-stage stage eccentric\n"
    "  C [D]\n"
    "rule A05 \"Fine\"\n"
    "  fine walk, swim\n"
    "  until fixed\n"
    "  C [D]\n"
    "rule A06 \"Words\"\n"
    "  advise H-1, pacing\n"
    "  until fixed\n"
    "  C [D]\n"
    "text H-1 \"Honest words\"   [V] S01\n"
    "source S01 \"First\"\n"
    "source S02 \"Second\"\n"};

/* One change of the protocol's text: the first `find` becomes `with`; find NULL appends. */
typedef struct edit {
    const char *find, *with;
} edit;

static inline char *edited(char *text, edit change) {
    const char *at = change.find != NULL ? strstr(text, change.find) : text + strlen(text);
    if (at == NULL) {
        fail_msg("not in the protocol: %s", change.find);
    }
    size_t cut = change.find != NULL ? strlen(change.find) : 0;
    char *out = malloc(strlen(text) + strlen(change.with) + 1);
    assert_non_null(out);
    sprintf(out, "%.*s%s%s", (int)(at - text), text, change.with, at + cut);
    free(text);
    return out;
}

/* The small protocol with changes; it and its text live until the test program ends. */
static inline lw_protocol *mini_with(const edit *edits, size_t count) {
    enum { TEXT = 64 * 1024, DIAGS = 8 };
    char *text = malloc(TEXT);
    assert_non_null(text);
    size_t at = (size_t)snprintf(text, TEXT, "protocol mini \"A small protocol\"\nversion 1.2.3\nnot for under-18\n");
    for (uint8_t i = 0; i < LW_PARAM_COUNT; i++) {
        char least[16];
        (void)snprintf(least, sizeof least, "%d", lw__param_least(i));
        lw_str name = lw__param_name(i);
        lw_str unit = lw__unit_name(lw__param_unit(i));
        at += (size_t)snprintf(text + at, TEXT - at, "set %.*s %s %.*s   [D]\n", (int)name.len, name.ptr,
                               mini_params[i] != NULL ? mini_params[i] : least, (int)unit.len, unit.ptr);
    }
    for (size_t i = 0; i < sizeof mini_body / sizeof mini_body[0]; i++) {
        at += (size_t)snprintf(text + at, TEXT - at, "%s", mini_body[i]);
    }
    for (size_t i = 0; i < count; i++) {
        text = edited(text, edits[i]);
    }
    static uint8_t scratch_bytes[LW_PROTOCOL_SCRATCH];
    lw_arena result = lw_arena_over(malloc(LW_PROTOCOL_RESULT), LW_PROTOCOL_RESULT);
    lw_arena scratch = lw_arena_over(scratch_bytes, sizeof scratch_bytes);
    lw_diag items[DIAGS];
    lw_diags diags = {items, DIAGS, 0};
    const lw_protocol *compiled = NULL;
    if (lw_protocol_compile(lw__str(text), &result, &scratch, &compiled, &diags) != LW_OK) {
        fail_msg("line %u: %s (%s)", items[0].line, items[0].message, items[0].hint);
    }
    // a copy of its own, so that a test may also turn a number that no text can hold; all of them stay reachable
    static struct kept {
        struct kept *next;
        char *text;
        lw_protocol protocol;
    } * all;
    struct kept *copy = malloc(sizeof *copy);
    assert_non_null(copy);
    *copy = (struct kept){.next = all, .text = text, .protocol = *compiled};
    all = copy;
    free(result.base);
    return &copy->protocol;
}

#define MINI_WITH(...) mini_with((const edit[]){__VA_ARGS__}, sizeof((const edit[]){__VA_ARGS__}) / sizeof(edit))

/* The small protocol as it stands; shared, not to be changed. */
static inline const lw_protocol *mini(void) {
    static const lw_protocol *protocol;
    if (protocol == NULL) {
        protocol = mini_with(NULL, 0);
    }
    return protocol;
}

static inline uint8_t exercise_of(const lw_protocol *p, const char *id) {
    for (uint8_t i = 0; i < p->exercise_count; i++) {
        if (lw__str_eq(p->exercises[i].id, lw__str(id))) {
            return i;
        }
    }
    fail_msg("no exercise %s", id);
    return 0;
}

/* Index of the n-th rule (from 1) with this id. */
static inline int16_t rule_of(const lw_protocol *p, const char *id, int32_t nth) {
    for (int16_t i = 0; i < p->rule_count; i++) {
        if (lw__str_eq(p->rules[i].id, lw__str(id)) && --nth == 0) {
            return i;
        }
    }
    fail_msg("no rule %s", id);
    return 0;
}

/* ---- records ---- */

/* A record that is being written. Events of one day come in the order they are added, a second apart from 06:00. */
typedef struct rec {
    char text[REC_BYTES];
    size_t len;
    uint32_t count;
    uint8_t *result, *scratch;
    lw_record record;
} rec;

static inline rec *rec_new(void) {
    rec *r = calloc(1, sizeof *r);
    assert_non_null(r);
    return r;
}

static inline void rec_free(rec *r) {
    free(r->result);
    free(r->scratch);
    free(r);
}

/* One event at an instant of its own. Returns its number, the last digits of its id. */
static inline uint32_t rec_at(rec *r, const char *at, const char *kind, const char *by, const char *data) {
    r->count++;
    int n =
        snprintf(r->text + r->len, REC_BYTES - r->len,
                 "{\"v\":1,\"id\":\"0195a0c2-7b1e-7000-8000-%012u\",\"patient\":\"p\",\"kind\":\"%s\",\"at\":\"%s\","
                 "\"by\":\"%s\",\"data\":%s}\n",
                 r->count, kind, at, by, data);
    assert_true(n > 0 && r->len + (size_t)n < REC_BYTES);
    r->len += (size_t)n;
    return r->count;
}

/* One event on day DAY0 + day. */
static inline uint32_t rec_add(rec *r, int32_t day, const char *kind, const char *by, const char *data) {
    char date[11] = {0};
    char at[40];
    lw_day_write(DAY0 + day, date);
    uint32_t second = 6 * 3600 + r->count;
    (void)snprintf(at, sizeof at, "%sT%02u:%02u:%02u+00:00", date, second / 3600 % 24, second / 60 % 60, second % 60);
    return rec_at(r, at, kind, by, data);
}

static inline uint32_t patient(rec *r, int32_t day, const char *kind, const char *data) {
    return rec_add(r, day, kind, "patient", data);
}

static inline uint32_t clinician(rec *r, int32_t day, const char *kind, const char *data) {
    return rec_add(r, day, kind, "clinician:a", data);
}

/* {"MEMBER":"id of event n"… : the id as it stands in the record, in static memory. */
static inline const char *event_id(uint32_t n) {
    static char id[40];
    (void)snprintf(id, sizeof id, "0195a0c2-7b1e-7000-8000-%012u", n);
    return id;
}

/* printf into static memory, for data with numbers; good until the third call after. */
__attribute__((format(printf, 1, 2))) static inline const char *say(const char *format, ...) {
    static char texts[3][2000];
    static int turn;
    char *out = texts[turn = (turn + 1) % 3];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(out, sizeof texts[0], format, args);
    va_end(args);
    assert_true(n >= 0 && (size_t)n < sizeof texts[0]);
    return out;
}

static inline const lw_record *rec_read(rec *r) {
    size_t result_size;
    size_t scratch_size;
    lw_record_size_hint(r->len, &result_size, &scratch_size);
    free(r->result);
    free(r->scratch);
    r->result = malloc(result_size);
    r->scratch = malloc(scratch_size);
    lw_arena result = lw_arena_over(r->result, result_size);
    lw_arena scratch = lw_arena_over(r->scratch, scratch_size);
    lw_diag diag = {.err = 0};
    int32_t err = lw_record_read((lw_str){r->text, (uint32_t)r->len}, &result, &scratch, &r->record, &diag);
    if (err != LW_OK && err != LW_ERR_NEWER) {
        fail_msg("line %u %s: %s", diag.line, diag.member, diag.message);
    }
    return &r->record;
}

#define ENROLLED   "{\"birth_year\":1985,\"sides\":[\"left\"],\"goal\":\"sport\"}"
#define NO_FLAGS   "{\"flags\":[]}"
#define CALM       "{\"pain_morning\":1,\"pain_test\":1}"
#define EQUIPMENT  "\"equipment\":[\"mat\",\"bench\",\"barbell\",\"machine\",\"anchor\"]"
#define STARTED(M) "{\"protocol\":\"mini@1.2.3\",\"authority\":\"" M "\"," EQUIPMENT "}"
/* Moderate irritability: the programme begins in the isometric stage. */
#define ASSESSED                                                                                                    \
    "{\"onset\":\"gradual\",\"weeks\":20,\"localised\":true,\"rest_pain\":false,\"adl_pain\":4,\"sitting_min\":40," \
    "\"tests\":{\"bridge_single\":1,\"rdl\":2,\"lunge\":2},\"contraindications\":[],\"imaging\":\"mri\"}"

/* Enrolled, screened, assessed, started on DAY0 by the clinician. */
static inline void begin(rec *r, const char *started) {
    clinician(r, 0, "enrolled", ENROLLED);
    clinician(r, 0, "screened", NO_FLAGS);
    clinician(r, 0, "assessed", ASSESSED);
    clinician(r, 0, "started", started);
}

/* Three holds of 20 seconds, as level 1 asks. */
#define HOLDS(SETS, PAIN, EFFORT) \
    "{\"exercise\":\"hold\",\"side\":\"left\",\"sets\":[" SETS "],\"pain_during\":" PAIN ",\"effort\":" EFFORT "}"
#define THREE_20 "{\"hold_s\":20},{\"hold_s\":20},{\"hold_s\":20}"
#define THREE_30 "{\"hold_s\":30},{\"hold_s\":30},{\"hold_s\":30}"

/* ---- states and plans ---- */

/* The state of the morning of DAY0 + day; scratch is the caller's state, never on the stack. */
static inline lw_state *fold_with(const lw_protocol *p, rec *r, int32_t day) {
    static lw_state s;
    assert_int_equal(lw__fold(p, rec_read(r), DAY0 + day, &s), LW_OK);
    return &s;
}

static inline lw_state *fold_on(rec *r, int32_t day) {
    return fold_with(mini(), r, day);
}

/* A calm, checked-in morning, 10 days into the programme, by itself allowed to rise; for tests that turn one field. */
static inline lw_state *ready_with(const lw_protocol *p) {
    static lw_state s;
    rec *r = rec_new();
    begin(r, STARTED("progress"));
    clinician(r, 4, "screened", NO_FLAGS);
    patient(r, 8, "checkin", CALM);
    patient(r, 10, "checkin", CALM);
    lw_state *folded = fold_with(p, r, 10);
    s = *folded;
    static const lw_record none;
    s.record = &none;
    rec_free(r);
    return &s;
}

static inline lw_state *ready(void) {
    return ready_with(mini());
}

/* As if an exercise had been done at this rung some days ago. */
static inline lw_machine *use(lw_state *s, const char *id, uint8_t rung, int32_t days_ago) {
    uint8_t e = exercise_of(s->protocol, id);
    lw_machine *m = &s->machine[e];
    m->used = true;
    m->rung = rung;
    m->last_day = s->day - days_ago;
    m->last.any = true;
    m->last.load = m->last.relief = m->last.depth_deg = LW_UNKNOWN;
    s->used_mask |= UINT64_C(1) << e;
    return m;
}

static inline lw_work work_of(size_t result, size_t scratch) {
    static uint8_t memory[LW_PLAN_RESULT];
    static _Alignas(16) uint8_t scratch_memory[LW_PLAN_SCRATCH + (1 << 17)];
    assert_true(result <= sizeof memory && scratch <= sizeof scratch_memory);
    return (lw_work){.result = lw_arena_over(memory, result), .scratch = lw_arena_over(scratch_memory, scratch)};
}

/* The plan of DAY0 + day as a C string; good until the next one. */
static inline const char *plan_with(const lw_protocol *p, rec *r, int32_t day) {
    static char text[PLAN_TEXT];
    lw_work work = work_of(LW_PLAN_RESULT, LW_PLAN_SCRATCH);
    lw_diag diag = {.err = 0};
    int32_t err = lw_plan(p, rec_read(r), DAY0 + day, 0, &work, &diag);
    if (err != LW_OK) {
        fail_msg("%s: %s", lw_err_name(err), diag.message);
    }
    memcpy(text, work.json.ptr, work.json.len);
    text[work.json.len] = '\0';
    return text;
}

static inline const char *plan_on(rec *r, int32_t day) {
    return plan_with(mini(), r, day);
}

/* ---- reading a plan: compact JSON, no spaces ---- */

/* The byte after the value that begins at p. */
static inline const char *after_value(const char *p) {
    int depth = 0;
    bool text = false;
    for (;; p++) {
        assert_true(*p != '\0');
        if (text) {
            if (*p == '\\') {
                p++;
                continue;
            }
            text = *p != '"';
            if (!text && depth == 0) {
                return p + 1;
            }
            continue;
        }
        if (*p == '"') {
            text = true;
        } else if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']' || *p == ',') {
            if (depth == 0) {
                return p;
            }
            depth -= *p == ',' ? 0 : 1;
            if (depth == 0 && *p != ',') {
                return p + 1;
            }
        }
    }
}

/* The value at a path as "session.items.0.sets"; NULL where there is none. */
static inline const char *value_at(const char *json, const char *path) {
    const char *p = json;
    while (*path != '\0') {
        size_t n = strcspn(path, ".");
        if (*p == '[') {
            p++;
            for (long skip = strtol(path, NULL, 10); skip > 0 && *p != ']'; skip--) {
                p = after_value(p);
                p += *p == ',' ? 1 : 0;
            }
            if (*p == ']') {
                return NULL;
            }
        } else {
            if (*p != '{') {
                return NULL;
            }
            p++;
            for (;;) {
                if (*p == '}') {
                    return NULL;
                }
                bool found = strncmp(p + 1, path, n) == 0 && p[1 + n] == '"';
                p = after_value(p) + 1;
                if (found) {
                    break;
                }
                p = after_value(p);
                p += *p == ',' ? 1 : 0;
            }
        }
        path += n + (path[n] == '.' ? 1 : 0);
    }
    return p;
}

/* The value at a path as text, in static memory; good until the fourth call after; "(none)" where there is none. */
static inline const char *value_of_plan(const char *json, const char *path) {
    static char texts[4][4096];
    static int turn;
    char *out = texts[turn = (turn + 1) % 4];
    const char *p = value_at(json, path);
    if (p == NULL) {
        return "(none)";
    }
    (void)snprintf(out, sizeof texts[0], "%.*s", (int)(after_value(p) - p), p);
    return out;
}

#define assert_plan(json, path, expected) assert_string_equal(value_of_plan((json), (path)), (expected))

#endif
