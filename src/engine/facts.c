/*
 * facts.c: what the rules can ask for, filled each morning.
 *
 * One function per source: who the person is and what was tested; shockwave, medicine and contraindications; today's
 * check-in; what sessions and days add up to; what the machines say. A fact nobody has given stays LW_UNKNOWN.
 */
#include "engine/fold.h"

static void set_age(lw_state *s, lw_fact fact, int32_t since) {
    lw__fact_set(s, fact, since == LW_NEVER_DAY || since == LW_UNKNOWN ? LW_UNKNOWN : s->day - since, s->day);
}

/* An age fact that apply.c marked with the day it was last seen. */
static void grow_age(lw_state *s, lw_fact fact) {
    if (s->fact[fact] != LW_UNKNOWN) {
        s->fact[fact] = s->day - s->fact_day[fact];
    }
}

static int32_t symmetry(int32_t a, int32_t b) {
    int32_t high = a > b ? a : b;
    int32_t low = a > b ? b : a;
    return high <= 0 ? LW_UNKNOWN : low * 100 / high;
}

/* Facts that follow from who the person is and what was tested. */
void lw__baseline_facts(lw_state *s) {
    int32_t day = s->day;
    int32_t fresh = s->protocol->params[LW_PARAM_TEST_DAYS];
    int32_t year;
    int32_t month;
    int32_t dom;
    lw_day_to_civil(day, &year, &month, &dom);
    lw__fact_set(s, LW_FACT_AGE, s->enrolled ? year - s->birth_year - 1 : LW_UNKNOWN, day);
    lw__fact_set(s, LW_FACT_SIDES, s->sides == 3 ? 2 : 1, day);
    lw__fact_set(s, LW_FACT_WEEKS, s->weeks == LW_UNKNOWN ? LW_UNKNOWN : s->weeks + (day - s->weeks_day) / 7,
                 s->weeks_day);

    if (s->loading_base != LW_UNKNOWN) {
        // the programme itself is loading
        int32_t since = s->started && day > s->start_day ? (day - s->start_day) / 7 : 0;
        lw__fact_set(s, LW_FACT_LOADING_WEEKS, s->loading_base + since, s->assessed_day);
    }

    // reps of the weaker side; symmetry of curl, or of bridges where there is no machine
    bool bridges = s->bridge_left != LW_UNKNOWN && day - s->bridge_day <= fresh;
    bool curls = s->curl_left != LW_UNKNOWN && day - s->curl_day <= fresh;
    int32_t bridge_symmetry = bridges ? symmetry(s->bridge_left, s->bridge_right) : LW_UNKNOWN;
    int32_t weaker = s->bridge_left < s->bridge_right ? s->bridge_left : s->bridge_right;
    lw__fact_set(s, LW_FACT_BRIDGE_REPS, bridges ? weaker : LW_UNKNOWN, s->bridge_day);
    lw__fact_set(s, LW_FACT_BRIDGE_SYMMETRY, bridge_symmetry, s->bridge_day);
    if (curls) {
        lw__fact_set(s, LW_FACT_CURL_SYMMETRY, symmetry(s->curl_left, s->curl_right), s->curl_day);
    } else {
        lw__fact_set(s, LW_FACT_CURL_SYMMETRY, bridge_symmetry, s->bridge_day);
    }
}

/* Facts of shockwave, medicine and contraindications. */
void lw__treatment_facts(lw_state *s) {
    const int32_t *p = s->protocol->params;
    int32_t day = s->day;
    s->steroid_day = LW_UNKNOWN;
    for (uint32_t i = 0; i < s->steroid_count; i++) {
        bool come = s->steroid_from[i] <= day && s->steroid_from[i] > s->steroid_day;
        s->steroid_day = come ? s->steroid_from[i] : s->steroid_day;
    }
    s->sw_booked = LW_NEVER_DAY;
    for (uint32_t i = 0; i < s->booked_count; i++) {
        bool nearer = s->booked[i] >= day && (s->sw_booked == LW_NEVER_DAY || s->booked[i] < s->sw_booked);
        s->sw_booked = nearer ? s->booked[i] : s->sw_booked;
    }
    set_age(s, LW_FACT_STEROID_AGE, s->steroid_day);
    int32_t nsaid = s->nsaid_until == LW_UNKNOWN ? LW_UNKNOWN : s->nsaid_until >= day ? 0 : day - s->nsaid_until;
    lw__fact_set(s, LW_FACT_NSAID_AGE, nsaid, day);
    set_age(s, LW_FACT_SW_AGE, s->sw_day);
    bool course = s->sw_day != LW_NEVER_DAY && day - s->sw_day <= p[LW_PARAM_STEROID_WARN];
    lw__fact_set(s, LW_FACT_SW_COUNT, course ? s->sw_count : 0, day);
    lw__fact_set(s, LW_FACT_SW_BOOKED, s->sw_booked >= day ? s->sw_booked - day : LW_UNKNOWN, day);
    lw__fact_set(s, LW_FACT_SW_ANAESTHETIC, s->sw_anaesthetic, day);
    lw__fact_set(s, LW_FACT_SW_NO_DEVICE, s->sw_count > 0 && s->sw_no_device, day);
    lw__fact_set(s, LW_FACT_PREGNANT, (s->contra & LW_BIT(LW_CONTRA_C01)) != 0, day);

    bool forbids = s->tear;
    bool caution = false;
    uint32_t active = s->contra;
    if (s->anticoagulant_until != LW_UNKNOWN && day <= s->anticoagulant_until) {
        active |= LW_BIT(LW_CONTRA_C06);
    }
    if (nsaid != LW_UNKNOWN && nsaid <= p[LW_PARAM_NSAID_DAYS]) {
        active |= LW_BIT(LW_CONTRA_C12);
    }
    for (uint32_t k = 0; k < LW_CONTRAS; k++) {
        bool on = (active >> k & 1u) != 0;
        forbids = forbids || (on && lw_contra_table[k].forbids);
        caution = caution || (on && !lw_contra_table[k].forbids && (s->contra_decided >> k & 1u) == 0);
    }
    int32_t steroid = s->fact[LW_FACT_STEROID_AGE];
    forbids = forbids || (steroid != LW_UNKNOWN && steroid < p[LW_PARAM_STEROID_BLOCK]) || s->fact[LW_FACT_AGE] < 18;
    bool soft = !s->contra_asked || s->imaging_none || s->fact[LW_FACT_IMAGING] == LW_UNKNOWN ||
                (steroid != LW_UNKNOWN && steroid <= p[LW_PARAM_STEROID_WARN]);
    lw__fact_set(s, LW_FACT_CONTRA_FORBIDS, forbids, day);
    lw__fact_set(s, LW_FACT_CONTRA_CAUTION, caution || (soft && !s->soft_decided), day);
    lw__fact_set(s, LW_FACT_CONTRA_UNASKED, !s->contra_asked, day);
    int32_t visa = s->fact[LW_FACT_VISA];
    bool visa_known = visa != LW_UNKNOWN && s->sw_visa_start != LW_UNKNOWN;
    lw__fact_set(s, LW_FACT_SW_VISA_GAIN, visa_known ? visa - s->sw_visa_start : LW_UNKNOWN, s->fact_day[LW_FACT_VISA]);
    bool test_known = s->test[LW_TEST_BRIDGE_SINGLE] != LW_UNKNOWN && s->sw_nprs_start != LW_UNKNOWN;
    lw__fact_set(s, LW_FACT_SW_NPRS_GAIN, test_known ? s->sw_nprs_start - s->test[LW_TEST_BRIDGE_SINGLE] : LW_UNKNOWN,
                 s->test_day[LW_TEST_BRIDGE_SINGLE]);
}

/*
 * The usual pain of a test: its value at the latest assessed or tested. A value measured today counts from tomorrow's
 * morning, for this morning's check-in came before it; the very first counts at once.
 */
static int32_t usual_of(const lw_state *s, int32_t test) {
    bool measured_today = s->test_day[test] == s->day && s->before[test] != LW_UNKNOWN;
    return measured_today ? s->before[test] : s->test[test];
}

/* The check-in of today: the worst of each member, and how it stands against the usual. */
void lw__checkin_facts(lw_state *s) {
    const lw_today *t = &s->today;
    const int32_t *p = s->protocol->params;
    int32_t day = s->day;
    int32_t test = LW_UNKNOWN;
    int32_t over = LW_UNKNOWN;
    bool unsettled = false;
    for (int32_t k = 0; k < LW_TESTS && t->checkin; k++) {
        int32_t pain = t->test[k];
        if (pain == LW_UNKNOWN) {
            continue;
        }
        test = pain > test ? pain : test;
        int32_t usual = usual_of(s, k);
        bool known = usual != LW_UNKNOWN;
        if (known && (over == LW_UNKNOWN || pain - usual > over)) {
            over = pain - usual;
        }
        // without a usual value only green can count as settled
        bool high = known ? pain - usual > p[LW_PARAM_SETTLE_OVER_USUAL] || pain > p[LW_PARAM_PAIN_AMBER_MAX]
                          : pain > p[LW_PARAM_PAIN_GREEN_MAX];
        unsettled = unsettled || high;
    }
    lw__fact_set(s, LW_FACT_CHECKIN, t->checkin, day);
    lw__fact_set(s, LW_FACT_PAIN_MORNING, t->morning, day);
    lw__fact_set(s, LW_FACT_MORNING_TEST, test, day);
    lw__fact_set(s, LW_FACT_MORNING_SINGLE, t->checkin ? t->test[LW_TEST_BRIDGE_SINGLE] : LW_UNKNOWN, day);
    lw__fact_set(s, LW_FACT_OVER_USUAL, over, day);
    lw__fact_set(s, LW_FACT_SETTLED, test == LW_UNKNOWN ? LW_UNKNOWN : !unsettled, day);
    lw__fact_set(s, LW_FACT_NIGHT_PAIN, t->checkin ? t->night : LW_UNKNOWN, day);
    lw__fact_set(s, LW_FACT_REST_PAIN, t->checkin ? t->rest : LW_UNKNOWN, day);
    lw__fact_set(s, LW_FACT_STIFFNESS, t->stiffness, day);
    lw__fact_set(s, LW_FACT_SORENESS, t->soreness, day);
    lw__fact_set(s, LW_FACT_SLEEP, t->sleep, day);
    lw__fact_set(s, LW_FACT_STRESS, t->stress, day);
    lw__fact_set(s, LW_FACT_PAIN_RELIEF, t->checkin ? t->relief : LW_UNKNOWN, day);
    if (t->sitting != LW_UNKNOWN) {
        lw__fact_set(s, LW_FACT_SITTING, t->sitting, day);
    }
    if (t->stiffness != LW_UNKNOWN) {
        bool rising = s->last_stiffness != LW_UNKNOWN && t->stiffness > s->last_stiffness;
        s->stiffness_rising = (uint8_t)(rising ? s->stiffness_rising + (s->stiffness_rising < 200) : 0);
        s->last_stiffness = t->stiffness;
    }
    lw__fact_set(s, LW_FACT_STIFFNESS_RISING, s->stiffness_rising, day);
    s->relief_days |= t->relief ? 1u : 0u;
    s->night_days |= t->night ? 1u : 0u;
}

/* What sessions and days add up to. */
void lw__course_facts(lw_state *s) {
    int32_t day = s->day;
    bool session = s->session_day != LW_NEVER_DAY;
    lw__fact_set(s, LW_FACT_SESSION_PAIN, session ? lw__rule_pain(s, s->session_pain) : LW_UNKNOWN, s->session_day);
    lw__fact_set(s, LW_FACT_SESSION_EFFORT, session ? s->session_effort : LW_UNKNOWN, s->session_day);
    lw__fact_set(s, LW_FACT_ISOMETRIC_RELIEF, session ? s->session_relief : LW_UNKNOWN, s->session_day);
    set_age(s, LW_FACT_SESSION_DAYS, s->session_day);
    set_age(s, LW_FACT_NORDIC_DAYS, s->nordic_day);
    lw__fact_set(s, LW_FACT_RED_SESSIONS, lw__bits(s->red_sessions & 0x3fffu), day);
    lw__fact_set(s, LW_FACT_RELIEF_DAYS, lw__bits(s->relief_days & 0x3fffu), day);
    lw__fact_set(s, LW_FACT_NIGHTS, lw__bits(s->night_days & 0x7fu), day);
    lw__fact_set(s, LW_FACT_ECCENTRIC_DAYS, lw__bits(s->eccentric_days & 0x7fu), day);
    lw__fact_set(s, LW_FACT_RUNS_7, lw__bits(s->run_days & 0x7fu), day);
    int32_t due = lw__bits(s->due_days);
    int32_t done = lw__bits(s->session_days);
    lw__fact_set(s, LW_FACT_ADHERENCE, due == 0 ? LW_UNKNOWN : done >= due ? 100 : done * 100 / due, day);
    lw__fact_set(s, LW_FACT_PROGRAMME_DAYS, s->started ? day - s->start_day : LW_UNKNOWN, day);
    lw__fact_set(s, LW_FACT_SILENCE, day - s->contact_day, day);
    lw__fact_set(s, LW_FACT_RUN_RATIO, s->run.ratio, s->run.last_day);
    set_age(s, LW_FACT_CONTINUOUS_DAYS, s->run.continuous_day);
    grow_age(s, LW_FACT_STRETCH_AGE);
    grow_age(s, LW_FACT_PASSIVE_AGE);
    grow_age(s, LW_FACT_CYCLE_AGE);
}

/* What the machines say; set anew whenever they may have moved. */
void lw__machine_facts(lw_state *s) {
    int32_t day = s->day;
    bool low = day - s->low_day < s->protocol->params[LW_PARAM_SCREEN_DAYS];
    int32_t speed = LW_UNKNOWN;
    int32_t reached = LW_UNKNOWN;
    for (uint64_t left = s->used_mask; left != 0; left &= left - 1) {
        int32_t e = __builtin_ctzll(left);
        if (s->protocol->exercises[e].speed_ladder && s->machine[e].green > speed) {
            speed = s->machine[e].green;
        }
        if (s->protocol->exercises[e].speed_ladder) {
            int32_t pct = s->protocol->exercises[e].rungs[s->machine[e].rung].speed_pct;
            reached = pct > reached ? pct : reached;
        }
    }
    uint32_t flags = lw__open_flags(s);
    int32_t urgency = -1;
    for (uint32_t left = flags; left != 0; left &= left - 1) {
        int32_t of = lw_flag_table[__builtin_ctz(left)].urgency;
        urgency = of > urgency ? of : urgency;
    }
    lw__fact_set(s, LW_FACT_FLAG, urgency + 1, day);
    lw__fact_set(s, LW_FACT_FLAG_STOPS, lw__flags_stop(s, flags), day);
    lw__fact_set(s, LW_FACT_STAGE, s->stage, day);
    lw__fact_set(s, LW_FACT_IRRITABILITY, s->irritability, day);
    lw__fact_set(s, LW_FACT_FLARE, s->flare, day);
    lw__fact_set(s, LW_FACT_MAJORS, lw__bits(s->major_days & 0xfffffffu), day);
    lw__fact_set(s, LW_FACT_CALM_DAYS, s->calm_days, day);
    lw__fact_set(s, LW_FACT_HOLD_DAYS, s->hold_days, day);
    lw__fact_set(s, LW_FACT_LOWEST_RUNG, low, day);
    lw__fact_set(s, LW_FACT_RETURNING, s->returning, day);
    lw__fact_set(s, LW_FACT_GREEN_SESSIONS, s->green, day);
    lw__fact_set(s, LW_FACT_EASY_SESSIONS, LW_UNKNOWN, day);
    lw__fact_set(s, LW_FACT_SPEED_GREEN, speed, day);
    lw__fact_set(s, LW_FACT_SPEED_REACHED, reached, day);
    lw__fact_set(s, LW_FACT_RUN_LEVEL, s->run.level, day);
    lw__fact_set(s, LW_FACT_RUN_GREEN, s->run.green, day);
    lw__fact_set(s, LW_FACT_WEEKS_TRAINED, s->calm_days / 7, day);
}
