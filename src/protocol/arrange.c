/*
 * arrange.c: one table for one meaning.
 *
 * A text may put its blocks and statements in any order; the draft's words, groups, conditions and windows then lie in
 * the order they were read. Here they are laid out anew: in the order of the tables that refer to them. So the tables
 * of a text and of its canonical print are equal, and a table never depends on layout.
 */
#include "protocol/compiler.h"

typedef struct arranger {
    const lw_protocol *from;
    lw_protocol *to;
} arranger;

static void move_words(const arranger *a, uint16_t *first, uint16_t count) {
    uint16_t at = a->to->word_count;
    for (uint32_t i = 0; i < count; i++) {
        a->to->words[a->to->word_count++] = a->from->words[*first + i];
    }
    *first = count > 0 ? at : 0;
}

static void move_standing(const arranger *a, lw_standing *standing) {
    move_words(a, &standing->cite_first, standing->cite_count);
}

static void move_groups(const arranger *a, uint16_t *first, uint16_t count) {
    lw_protocol *to = a->to;
    uint16_t at = to->group_count;
    for (uint32_t i = 0; i < count; i++) {
        lw_group group = a->from->groups[*first + i];
        uint16_t cond_at = to->cond_count;
        for (uint32_t j = 0; j < group.cond_count; j++) {
            lw_cond cond = a->from->conds[group.cond_first + j];
            if (cond.window != 0) {
                to->windows[to->window_count] = a->from->windows[cond.window - 1];
                to->windows[to->window_count].cond = to->cond_count;
                cond.window = ++to->window_count;
            }
            to->conds[to->cond_count++] = cond;
        }
        group.cond_first = cond_at;
        to->groups[to->group_count++] = group;
    }
    *first = count > 0 ? at : 0;
}

void lw__arrange(const lw_protocol *draft, lw_protocol *out) {
    *out = *draft;
    out->word_count = out->group_count = out->cond_count = 0;
    out->window_count = 0;
    memset(out->words, 0, sizeof out->words);
    memset(out->groups, 0, sizeof out->groups);
    memset(out->conds, 0, sizeof out->conds);
    memset(out->windows, 0, sizeof out->windows);
    const arranger a = {draft, out};
    move_words(&a, &out->not_for_first, out->not_for_count);
    for (uint32_t i = 0; i < LW_PARAM_COUNT; i++) {
        move_standing(&a, &out->param_standing[i]);
    }
    for (uint32_t i = 0; i < out->exercise_count; i++) {
        lw_exercise *e = &out->exercises[i];
        move_standing(&a, &e->standing);
        move_standing(&a, &e->load_standing);
        for (uint32_t j = 0; j < e->rung_count; j++) {
            move_standing(&a, &e->rungs[j].standing);
        }
        move_groups(&a, &e->open_first, e->open_count);
    }
    for (uint32_t i = 0; i < out->stage_count; i++) {
        move_standing(&a, &out->stages[i].standing);
    }
    for (uint32_t i = 0; i < out->run_level_count; i++) {
        move_standing(&a, &out->run_levels[i].standing);
    }
    for (uint32_t i = 0; i < out->outcome_count; i++) {
        move_standing(&a, &out->outcomes[i].standing);
    }
    for (uint32_t i = 0; i < out->rule_count; i++) {
        lw_rule *rule = &out->rules[i];
        move_groups(&a, &rule->group_first, rule->group_count);
        move_words(&a, &rule->arg_first, rule->arg_count);
        move_words(&a, &rule->until_first, rule->until_count);
        move_standing(&a, &rule->standing);
    }
    for (uint32_t i = 0; i < out->text_count; i++) {
        move_standing(&a, &out->texts[i].standing);
    }
}
