/*
 * tale.c: patients' stories as records (docs/format/record.md), written event by event.
 *
 * Ids count up, so a story is the same bytes each time it is found. What is written here is read by the shipped decoder
 * only: nothing of the checker trusts it.
 */
#include "loadwave/events.h"
#include "prove/walk.h"

lw__person lw__someone(void) {
    return (lw__person){.goal = LW_GOAL_SPRINT,
                        .irritability = LW_IRRITABILITY_MODERATE,
                        .authority = LW_AUTHORITY_PROGRESS,
                        .equipped = true,
                        .female = true,
                        .weeks = 30,
                        .loading_weeks = 8,
                        .loading_blocked = -1,
                        .usual = 200,
                        .lever = 300,
                        .lunge = 300,
                        .arabesque = 300};
}

void lw__tale_begin(lw__tale *t, char *buf, size_t cap, int32_t from) {
    *t = (lw__tale){.w = lw__writer_over(buf, cap), .from = from, .day = from};
}

static void put_digits(lw__writer *w, uint32_t value, int32_t width) {
    char digits[16];
    for (int32_t i = width - 1; i >= 0; i--) {
        digits[i] = (char)('0' + value % 10);
        value /= 10;
    }
    lw__put(w, (lw_str){digits, (uint32_t)width});
}

void lw__tale_id(lw__tale *t, uint32_t event) {
    lw__put_c(&t->w, "0195a0c2-7b1e-7000-8000-");
    put_digits(&t->w, event, 12);
}

void lw__tale_open(lw__tale *t, const char *kind, bool clinician, int32_t minute) {
    int32_t year;
    int32_t month;
    int32_t dom;
    lw_day_to_civil(t->day, &year, &month, &dom);
    lw__put_c(&t->w, "{\"v\":1,\"id\":\"");
    lw__tale_id(t, ++t->count);
    lw__put_c(&t->w, "\",\"patient\":\"story\",\"kind\":\"");
    lw__put_c(&t->w, kind);
    lw__put_c(&t->w, "\",\"at\":\"");
    put_digits(&t->w, (uint32_t)year, 4);
    lw__put_char(&t->w, '-');
    put_digits(&t->w, (uint32_t)month, 2);
    lw__put_char(&t->w, '-');
    put_digits(&t->w, (uint32_t)dom, 2);
    lw__put_char(&t->w, 'T');
    put_digits(&t->w, (uint32_t)minute / 60, 2);
    lw__put_char(&t->w, ':');
    put_digits(&t->w, (uint32_t)minute % 60, 2);
    lw__put_c(&t->w, ":00+00:00\",\"by\":\"");
    lw__put_c(&t->w, clinician ? "clinician:a" : "patient");
    lw__put_c(&t->w, "\",\"data\":{");
}

void lw__tale_close(lw__tale *t) {
    lw__put_c(&t->w, "}}\n");
}

static void name_of(lw__tale *t, const char *name) {
    if (t->w.len > 0 && t->w.buf[t->w.len - 1] != '{') {
        lw__put_char(&t->w, ',');
    }
    lw__put_char(&t->w, '"');
    lw__put_c(&t->w, name);
    lw__put_c(&t->w, "\":");
}

void lw__tale_member(lw__tale *t, const char *name, int32_t value) {
    name_of(t, name);
    lw__put_int(&t->w, value);
}

void lw__tale_member_x100(lw__tale *t, const char *name, int32_t value) {
    name_of(t, name);
    lw__put_x100(&t->w, value);
}

void lw__tale_member_raw(lw__tale *t, const char *name, const char *json) {
    name_of(t, name);
    lw__put_c(&t->w, json);
}

void lw__tale_member_c(lw__tale *t, const char *name, const char *word) {
    name_of(t, name);
    lw__put_char(&t->w, '"');
    lw__put_c(&t->w, word);
    lw__put_char(&t->w, '"');
}

void lw__tale_start(lw__tale *t, const lw_protocol *protocol, const lw__person *person) {
    static const char *const goals[] = {"daily", "sit", "cycle", "run", "sprint", "sport"};
    static const char *const authorities[] = {"hold", "suggest", "progress"};
    bool low = person->irritability == LW_IRRITABILITY_LOW;
    bool high = person->irritability == LW_IRRITABILITY_HIGH;
    lw__tale_open(t, "enrolled", false, 480);
    lw__tale_member(t, "birth_year", person->young ? 2010 : 1986);
    lw__tale_member_c(t, "sex", person->female ? "female" : "male");
    lw__tale_member_c(t, "sport", person->goal == LW_GOAL_CYCLE ? "cycling" : "running");
    lw__tale_member_raw(t, "sides", person->both_sides ? "[\"left\",\"right\"]" : "[\"left\"]");
    lw__tale_member_c(t, "goal", goals[person->goal]);
    lw__tale_close(t);
    lw__tale_open(t, "screened", true, 481);
    lw__tale_member_raw(t, "flags", "[]");
    lw__tale_close(t);
    lw__tale_open(t, "assessed", true, 482);
    lw__tale_member_c(t, "onset", person->sudden ? "sudden" : "gradual");
    if (person->sudden) {
        lw__tale_member_raw(t, "event", "[\"pop\"]");
    }
    lw__tale_member(t, "weeks", person->weeks);
    lw__tale_member_raw(t, "localised", "true");
    lw__tale_member_raw(t, "load_increase", "true");
    lw__tale_member_raw(t, "below_knee", person->below_knee ? "true" : "false");
    lw__tale_member_raw(t, "rest_pain", high ? "true" : "false");
    lw__tale_member_raw(t, "night_pain", "false");
    lw__tale_member_x100(t, "adl_pain", low ? 100 : 400);
    lw__tale_member(t, "sitting_min", person->sitting > 0 ? person->sitting : low ? 60 : 25);
    name_of(t, "tests");
    lw__put_c(&t->w, "{\"bridge_double\":1");
    lw__tale_member_x100(t, "bridge_single", person->usual);
    lw__tale_member_x100(t, "bridge_long_lever", person->lever);
    lw__tale_member_x100(t, "arabesque", person->arabesque);
    lw__tale_member_x100(t, "lunge", person->lunge);
    lw__put_c(&t->w, ",\"modified_bent_knee\":\"positive\"}");
    if (!person->unasked) {
        lw__tale_member_raw(t, "contraindications", "[]");
    }
    if (person->loading_weeks >= 0) {
        lw__tale_member(t, "loading_weeks", person->loading_weeks);
    }
    if (person->loading_blocked >= 0) {
        lw__tale_member_raw(t, "loading_blocked", person->loading_blocked == 1 ? "true" : "false");
    }
    lw__tale_member_c(t, "imaging", "mri");
    lw__tale_member_c(t, "imaging_result", "tendinopathy");
    lw__tale_member_c(t, "tear", "none");
    lw__tale_close(t);
    lw__tale_open(t, "started", true, 483);
    name_of(t, "protocol");
    lw__put_char(&t->w, '"');
    lw__put(&t->w, protocol->id);
    lw__put_char(&t->w, '@');
    lw__put(&t->w, protocol->version);
    lw__put_char(&t->w, '"');
    lw__tale_member_c(t, "authority", authorities[person->authority]);
    if (person->own_equipment) {
        name_of(t, "equipment");
        char mark = '[';
        for (int32_t i = 0; i < LW_EQUIPMENTS; i++) {
            if ((person->equipment >> i & 1u) != 0) {
                lw__put_char(&t->w, mark);
                lw__put_char(&t->w, '"');
                lw__put_c(&t->w, lw_equipment_names[i]);
                lw__put_char(&t->w, '"');
                mark = ',';
            }
        }
        lw__put_c(&t->w, mark == '[' ? "[]" : "]");
    } else if (person->equipped) {
        name_of(t, "equipment");
        lw__put_c(&t->w,
                  "[\"mat\",\"band\",\"dumbbell\",\"barbell\",\"machine\",\"bench\",\"box\",\"sliders\",\"anchor\",");
        lw__put_c(&t->w, "\"chair\",\"stool\",\"strap\",\"step\",\"cable\",\"kettlebell\",\"track\",\"hill\","
                         "\"treadmill\",\"ball\"]");
    }
    lw__tale_close(t);
}

int32_t lw__session_pain(const lw_protocol *p, lw__session session) {
    int32_t green = p->params[LW_PARAM_PAIN_GREEN_MAX];
    int32_t amber = p->params[LW_PARAM_PAIN_AMBER_MAX];
    switch (session) {
    case LW__AMBER:
        return amber;
    case LW__RED:
        return amber + 100;
    default:
        return green < 200 ? green : 200;
    }
}

void lw__tale_morning(lw__tale *t, const lw__moment *m) {
    if (!m->checkin) {
        return;
    }
    lw__tale_open(t, "checkin", false, 420);
    lw__tale_member_x100(t, "pain_morning", m->test == LW_UNKNOWN ? 100 : m->test);
    if (m->test != LW_UNKNOWN) {
        lw__tale_member_x100(t, "pain_test", m->test);
    }
    lw__tale_member_raw(t, "night_pain", m->night ? "true" : "false");
    lw__tale_member_raw(t, "rest_pain", m->rest ? "true" : "false");
    lw__tale_member_c(t, "pain_relief", m->relief ? "paracetamol" : "none");
    lw__tale_close(t);
}

static void put_set(lw__tale *t, const lw_rung *rung, const lw_dose *dose) {
    lw__put_char(&t->w, '{');
    if (dose->hold_s > 0) {
        lw__tale_member(t, "hold_s", dose->hold_s);
    } else if (dose->contacts > 0) {
        lw__tale_member(t, "contacts", dose->contacts);
    } else if (dose->reps > 0) {
        lw__tale_member(t, "reps", dose->reps);
    } else {
        lw__tale_member(t, "distance_m", dose->distance_m);
    }
    if (dose->speed_pct > 0) {
        lw__tale_member(t, "speed_pct", dose->speed_pct);
    }
    if (rung->load_pct > 0) {
        lw__tale_member_x100(t, "load_kg", dose->load != LW_UNKNOWN ? dose->load : 2000);
    }
    lw__put_char(&t->w, '}');
}

static const char *side_of(const lw_exercise *e) {
    return e->sides == LW_SIDES_BOTH ? "both" : "left";
}

static void name_exercise(lw__tale *t, const lw_exercise *e) {
    name_of(t, "exercise");
    lw__put_json(&t->w, e->id);
    lw__tale_member_c(t, "side", side_of(e));
}

void lw__tale_dose(lw__tale *t, const lw_protocol *p, uint8_t exercise, const lw_dose *dose, int32_t pain,
                   int32_t effort, bool relief) {
    const lw_exercise *e = &p->exercises[exercise];
    lw__tale_open(t, "exercise", false, 1080 + exercise);
    name_exercise(t, e);
    name_of(t, "sets");
    lw__put_char(&t->w, '[');
    for (uint32_t i = 0; i < dose->sets; i++) {
        if (i > 0) {
            lw__put_char(&t->w, ',');
        }
        put_set(t, &e->rungs[dose->rung], dose);
    }
    lw__put_char(&t->w, ']');
    lw__tale_member_x100(t, "pain_during", pain);
    if (effort != LW_UNKNOWN) {
        lw__tale_member_x100(t, "effort", effort);
    }
    if (dose->depth_deg > 0) {
        lw__tale_member(t, "depth_deg", dose->depth_deg);
    }
    if (relief) {
        lw__tale_member_c(t, "pain_relief", "paracetamol");
    }
    lw__tale_close(t);
}

void lw__tale_session(lw__tale *t, const lw_state *s, uint8_t exercise, lw__session session) {
    if (session == LW__NO_SESSION) {
        return;
    }
    if (session == LW__SKIPPED_FOR_PAIN) {
        lw__tale_open(t, "exercise", false, 1080);
        name_exercise(t, &s->protocol->exercises[exercise]);
        lw__tale_member_c(t, "skip", "pain");
        lw__tale_close(t);
        return;
    }
    const lw_machine *m = &s->machine[exercise];
    lw_dose dose;
    lw__dose_at(s, exercise, m->rung, m->part, &dose);
    int32_t effort = session == LW__EFFORT_UNKNOWN ? LW_UNKNOWN : 600;
    lw__tale_dose(t, s->protocol, exercise, &dose, lw__session_pain(s->protocol, session), effort,
                  session == LW__UNDER_RELIEF);
}

void lw__tale_shockwave(lw__tale *t, uint8_t side) {
    lw__tale_open(t, "shockwave", true, 600);
    lw__tale_member_c(t, "side", side == 1 ? "left" : "both");
    lw__tale_member_c(t, "wave", "radial");
    lw__tale_member_c(t, "device", "invented");
    lw__tale_member_raw(t, "pressure_bar", "2.5");
    lw__tale_member(t, "impulses", 2000);
    lw__tale_member_raw(t, "anaesthetic", "false");
    lw__tale_member_raw(t, "consent", "true");
    lw__tale_close(t);
}
