/*
 * prove.c: the walks one after the other, and what they found.
 *
 * Each walk takes its memory from the arena and gives it back; stories are kept in front of it. A property is said to
 * hold only when every walk has ended: a walk that did not fit leaves what is open open.
 */
#include "prove/walk.h"

typedef struct walk {
    const char *name;
    lw__walk_step step;
} walk;

static const walk walks[] = {{"gates", lw__walk_gates},
                             {"control", lw__walk_control},
                             {"ladders", lw__walk_ladders},
                             {"walls", lw__walk_walls},
                             {"roads", lw__walk_roads}};

enum { WALKS = sizeof(walks) / sizeof(walks[0]) };

static const char *const ids[] = {
#define X(symbol, id, name) id,
    LW_PROPERTIES(X)
#undef X
};
static const char *const names[] = {
#define X(symbol, id, name) name,
    LW_PROPERTIES(X)
#undef X
};

const char *lw_property_id(lw_property property) {
    return ids[property];
}

const char *lw_property_name(lw_property property) {
    return names[property];
}

int32_t lw_prove_begin(const lw_protocol *protocol, lw_arena *arena, lw_prover **out) {
    lw_prover *p = LW__NEW(arena, lw_prover, 1);
    lw_state *states = p == NULL ? NULL : LW__NEW(arena, lw_state, 3);
    if (states == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    p->protocol = protocol;
    p->arena = arena;
    p->state = &states[0];
    p->spare = &states[1];
    p->base = &states[2];
    for (int32_t i = 0; i < LW_PROPERTY_COUNT; i++) {
        char *room = LW__TAKE(arena, char, LW_PROVE_STORY);
        if (room == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        p->results[i].story = (lw_str){room, 0};
    }
    p->mark = arena->used;
    *out = p;
    return LW_OK;
}

int32_t lw_prove_step(lw_prover *p, uint32_t transitions) {
    if (p->walk == WALKS) {
        return p->err;
    }
    int32_t more = walks[p->walk].step(p, transitions);
    if (more > 0) {
        return more;
    }
    p->err = p->err == LW_OK ? more : p->err; // the others are walked all the same
    p->states += p->walk_states;
    p->transitions += p->walk_transitions;
    p->walk_states = p->walk_transitions = 0;
    p->arena->used = p->mark;
    p->memory = NULL;
    p->stage = 0;
    p->walk++;
    if (p->walk < WALKS) {
        return 1;
    }
    for (int32_t i = 0; i < LW_PROPERTY_COUNT; i++) {
        lw_prove_result *r = &p->results[i];
        r->verdict = r->verdict == LW_PROVE_OPEN && p->err == LW_OK ? LW_PROVE_HOLDS : r->verdict;
        r->states = p->states;
        r->transitions = p->transitions;
    }
    return p->err;
}

lw_prove_progress lw_prove_progress_of(const lw_prover *p) {
    uint32_t at = p->walk < WALKS ? p->walk : WALKS - 1;
    return (lw_prove_progress){.walk = walks[at].name,
                               .walk_index = at,
                               .walks = WALKS,
                               .states = p->states + p->walk_states,
                               .transitions = p->transitions + p->walk_transitions,
                               .memory = p->arena->peak};
}

const lw_prove_result *lw_prove_result_of(const lw_prover *p, lw_property property) {
    return &p->results[property];
}

lw_prove_result *lw__broken(lw_prover *p, lw_property property, const char *what) {
    lw_prove_result *r = &p->results[property];
    if (r->verdict == LW_PROVE_BROKEN) {
        return NULL;
    }
    r->verdict = LW_PROVE_BROKEN;
    r->what = what;
    return r;
}

void lw__say(lw_prove_result *r, const char *name, lw_str value) {
    for (uint32_t i = 0; i < 3; i++) {
        if (r->args[i].name == NULL) {
            r->args[i] = (lw_prove_arg){name, value};
            return;
        }
    }
}

void lw__say_number(lw_prover *p, lw_prove_result *r, const char *name, int32_t value) {
    char *digits = p->number[p->numbers++ % (sizeof(p->number) / sizeof(p->number[0]))];
    lw__writer w = lw__writer_over(digits, sizeof(p->number[0]));
    lw__put_int(&w, value);
    lw__say(r, name, (lw_str){digits, (uint32_t)w.len});
}

void lw__story_begin(lw_prove_result *r, lw__tale *t) {
    lw__tale_begin(t, (char *)(uintptr_t)r->story.ptr, LW_PROVE_STORY, LW__TODAY);
}

void lw__story_end(lw_prove_result *r, const lw__tale *t, int32_t day) {
    // a story that did not fit is none
    r->story.len = t->w.full ? 0 : (uint32_t)t->w.len;
    r->from = t->from;
    r->day = day;
}
