/*
 * print.c: the canonical text of a compiled protocol.
 *
 * Blocks in a fixed order, statements in a fixed order, each number in its shortest form with its unit, a rung with
 * what differs from the one below, a standing wherever it is more than a plain default. Printing what was compiled from
 * a printed text gives the same bytes, and compiling a printed text gives the same tables.
 */
#include "protocol/compiler.h"

enum { SOFT_WIDTH = 84 };

typedef struct printer {
    lw__writer w;
    size_t line_start;
} printer;

static void put(printer *p, const char *text) {
    lw__put_c(&p->w, text);
}

static void put_str(printer *p, lw_str text) {
    lw__put(&p->w, text);
}

static void put_int(printer *p, int32_t value) {
    lw__put_int(&p->w, value);
}

static void new_line(printer *p, const char *indent) {
    put(p, "\n");
    p->line_start = p->w.len;
    put(p, indent);
}

/* The first words of a block. */
static void begin(printer *p, const char *text) {
    p->line_start = p->w.len;
    put(p, text);
}

static size_t column(const printer *p) {
    return p->w.len - p->line_start;
}

/* A blank, or a new line where this one is long enough. */
static void put_gap(printer *p, const char *indent) {
    if (column(p) > SOFT_WIDTH) {
        new_line(p, indent);
    } else {
        put(p, " ");
    }
}

/* A text in quotes after a blank; a very long one begins its own line, so that no line is too long to be read again. */
static void put_quoted(printer *p, lw_str text) {
    if (column(p) + text.len + 3 > LW__LINE_MAX) {
        new_line(p, "");
    }
    put(p, " \"");
    put_str(p, text);
    put(p, "\"");
}

static void put_words(printer *p, const lw_protocol *protocol, uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0) {
            put(p, ",");
            put_gap(p, "    ");
        }
        put_str(p, protocol->words[first + i]);
    }
}

static void put_standing(printer *p, const lw_protocol *protocol, const lw_standing *standing) {
    put(p, "[");
    put_str(p, lw__tag_name(standing->tag));
    put(p, "]");
    if (standing->cite_count > 0) {
        put(p, " ");
        put_words(p, protocol, standing->cite_first, standing->cite_count);
    }
}

/* Where no standing is written a plain [D] is meant. */
static void put_own_standing(printer *p, const lw_protocol *protocol, const lw_standing *standing) {
    if (standing->tag != LW_TAG_D || standing->cite_count > 0) {
        put(p, "   ");
        put_standing(p, protocol, standing);
    }
}

/* The number with its unit: 1 day, 3 NPRS, 10 % */
static void put_quantity(printer *p, int32_t value, uint8_t unit) {
    lw__put_scaled(&p->w, value, lw__unit_scale(unit));
    lw_str name = lw__unit_name(unit);
    if (name.len > 0) {
        put(p, " ");
        bool one = value == 1 && name.len > 2 && name.ptr[name.len - 1] == 's';
        put_str(p, (lw_str){name.ptr, one ? name.len - 1 : name.len});
    }
}

static void put_condition(printer *p, const lw_protocol *protocol, const lw_cond *cond) {
    static const char *const ops[] = {" at most ", " at least ", " below ", " above ", " is ", " is not "};
    uint8_t unit = lw__fact_unit(cond->fact);
    bool truth = unit == LW_UNIT_BOOL && cond->op == LW_OP_IS;
    put(p, truth && cond->value == 0 ? "not " : "");
    lw__put_fact(&p->w, cond->fact);
    if (cond->op == LW_OP_KNOWN || cond->op == LW_OP_UNKNOWN) {
        put(p, cond->op == LW_OP_KNOWN ? " known" : " unknown");
    } else if (!truth) {
        bool sign = cond->fact >= LW_FACT_TEST && unit == LW_UNIT_WORD && cond->op == LW_OP_IS;
        put(p, sign ? " " : ops[cond->op]);
        if (unit == LW_UNIT_WORD) {
            put_str(p, lw__fact_word(cond->fact, cond->value));
        } else {
            put_quantity(p, cond->value, unit);
        }
    }
    if (cond->window != 0) {
        put(p, " on ");
        put_int(p, cond->on_days);
        put(p, " of ");
        put_quantity(p, protocol->windows[cond->window - 1].days, LW_UNIT_DAYS);
    }
}

static void put_conditions(printer *p, const lw_protocol *protocol, uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        const lw_group *group = &protocol->groups[first + i];
        if (i > 0) {
            put_gap(p, "  ");
            put(p, "and ");
        }
        if (group->cond_count > 1) {
            if (group->need == 1) {
                put(p, "any of (");
            } else {
                put(p, "at least ");
                put_int(p, group->need);
                put(p, " of (");
            }
        }
        for (uint32_t j = 0; j < group->cond_count; j++) {
            if (j > 0) {
                put(p, ";");
                put_gap(p, "    ");
            }
            put_condition(p, protocol, &protocol->conds[group->cond_first + j]);
        }
        put(p, group->cond_count > 1 ? ")" : "");
    }
}

/* ---- blocks ---------------------------------------------------------------------------------------------------- */

static void put_equipment(printer *p, uint32_t bits, const char *join) {
    bool more = false;
    for (uint32_t i = 0; i < LW_EQUIPMENTS; i++) {
        if (bits >> i & 1u) {
            put(p, more ? join : "   needs ");
            put(p, lw_equipment_names[i]);
            more = true;
        }
    }
}

static void put_flag(printer *p, bool set, const char *text) {
    put(p, set ? text : "");
}

/* One item of a rung, after a comma where it is not the first. */
static void put_item(printer *p, bool *more, const char *before, int32_t value, int32_t scale, const char *after) {
    put(p, *more ? ", " : "");
    *more = true;
    put(p, before);
    lw__put_scaled(&p->w, value, scale);
    put(p, after);
}

static void put_rung(printer *p, const lw_rung *rung, const lw_rung *b) {
    bool more = false;
    if (rung->sets != b->sets) {
        put_item(p, &more, "", rung->sets, 1, rung->sets == 1 ? " set" : " sets");
    }
    if (rung->reps != b->reps) {
        put_item(p, &more, "", rung->reps, 1, rung->reps == 1 ? " rep" : " reps");
    }
    if (rung->contacts != b->contacts) {
        put_item(p, &more, "", rung->contacts, 1, rung->contacts == 1 ? " contact" : " contacts");
    }
    if (rung->hold_s != b->hold_s) {
        put_item(p, &more, "hold ", rung->hold_s, 1, " s");
    }
    if (rung->distance_m != b->distance_m) {
        put_item(p, &more, "distance ", rung->distance_m, 1, " m");
    }
    if (rung->load_pct != b->load_pct) {
        put_item(p, &more, "load ", rung->load_pct, 1, " %");
    }
    if (rung->depth_deg != b->depth_deg) {
        put_item(p, &more, "depth ", rung->depth_deg, 1, " deg");
    }
    if (rung->speed_pct != b->speed_pct) {
        put_item(p, &more, "speed ", rung->speed_pct, 1, " %");
    }
    if (rung->rest_s != b->rest_s) {
        put_item(p, &more, "rest ", rung->rest_s, 1, " s");
    }
    if (memcmp(rung->tempo, b->tempo, sizeof rung->tempo) != 0) {
        put(p, more ? ", tempo " : "tempo ");
        more = true;
        for (uint32_t i = 0; i < 3; i++) {
            put(p, i > 0 ? "-" : "");
            put_int(p, rung->tempo[i]);
        }
    }
    if (rung->effort_max != b->effort_max) {
        put_item(p, &more, "effort at most ", rung->effort_max, 100, " RPE");
    }
    if (rung->bouts != b->bouts) {
        put_item(p, &more, "", rung->bouts, 1, rung->bouts == 1 ? " time a day" : " times a day");
    }
    if (rung->tension != b->tension) {
        put_item(p, &more, "tension ", rung->tension, 1000, " BW");
    }
    if (rung->compression != b->compression) {
        put_item(p, &more, "compression ", rung->compression, 1000, " BW");
    }
}

static void put_exercise(printer *p, const lw_protocol *protocol, const lw_exercise *e) {
    put(p, "\n");
    begin(p, "exercise ");
    put_str(p, e->id);
    put_quoted(p, e->title);
    new_line(p, "  role ");
    put_str(p, lw__role_name(e->role));
    put(p, e->sides == LW_SIDES_EACH ? "   each side" : "   both sides");
    put_flag(p, e->heavy, "   heavy");
    put_flag(p, e->plyometric, "   plyometric");
    put_flag(p, e->eccentric, "   eccentric");
    put_flag(p, e->nordic, "   nordic");
    put_flag(p, e->speed_ladder, "   speed ladder");
    put_equipment(p, e->needs, " and ");
    put_equipment(p, e->needs_any, " or ");
    if (e->loaded != 0) {
        put(p, "   load ");
        put(p, lw_equipment_names[e->loaded - 1]);
    }
    new_line(p, "  hip flexion ");
    put_int(p, e->hip_from_deg);
    put(p, "..");
    put_int(p, e->hip_to_deg);
    put(p, " deg   knee ");
    put_int(p, e->knee_deg);
    put(p, " deg");
    put_own_standing(p, protocol, &e->standing);
    new_line(p, "  tissue load tension ");
    lw__put_scaled(&p->w, e->rungs[0].tension, 1000);
    put(p, " BW, compression ");
    lw__put_scaled(&p->w, e->rungs[0].compression, 1000);
    put(p, " BW");
    put_own_standing(p, protocol, &e->load_standing);
    for (uint32_t i = 0; i < e->rung_count; i++) {
        new_line(p, "  level ");
        put_int(p, (int32_t)i + 1);
        put(p, i < 9 ? "   " : "  ");
        /* what is meant on the first level where nothing is written */
        const lw_rung none = {.bouts = 1,
                              .depth_deg = e->hip_to_deg,
                              .tension = e->rungs[0].tension,
                              .compression = e->rungs[0].compression};
        put_rung(p, &e->rungs[i], i > 0 ? &e->rungs[i - 1] : &none);
        put_own_standing(p, protocol, &e->rungs[i].standing);
    }
    if (e->every_days > 0) {
        new_line(p, "  every ");
        put_quantity(p, e->every_days, LW_UNIT_DAYS);
    }
    new_line(p, "  easier ");
    put_str(p, e->easier < 0 ? LW_STR("end") : protocol->exercises[e->easier].id);
    put(p, "   harder ");
    put_str(p, e->harder < 0 ? LW_STR("end") : protocol->exercises[e->harder].id);
    if (e->open_count > 0) {
        new_line(p, "  open when ");
        put_conditions(p, protocol, e->open_first, e->open_count);
    }
    new_line(p, "");
}

static void put_stage(printer *p, const lw_protocol *protocol, const lw_stage *stage) {
    put(p, "\n");
    begin(p, "stage ");
    put_str(p, stage->id);
    put_quoted(p, stage->title);
    new_line(p, "  hip flexion at most ");
    put_int(p, stage->hip_max_deg);
    put(p, " deg");
    put_own_standing(p, protocol, &stage->standing);
    new_line(p, "  every ");
    put_quantity(p, stage->every_days, LW_UNIT_DAYS);
    for (uint32_t i = 0; i < stage->slot_count; i++) {
        const lw_slot *slot = &stage->slots[i];
        new_line(p, "  pick ");
        put_int(p, slot->count);
        put(p, " of ");
        for (uint32_t j = 0; j < slot->candidate_count; j++) {
            if (j > 0) {
                put(p, ",");
                put_gap(p, "    ");
            }
            put_str(p, protocol->exercises[slot->candidates[j]].id);
        }
    }
    new_line(p, "");
}

static void put_run_level(printer *p, const lw_protocol *protocol, uint32_t i) {
    const lw_run_level *level = &protocol->run_levels[i];
    begin(p, "run level ");
    put_int(p, (int32_t)i + 1);
    put(p, "   ");
    if (level->walk_min > 0) {
        put(p, "walk ");
        put_int(p, level->walk_min);
        put(p, " min, ");
    }
    put(p, "run ");
    put_int(p, level->run_min);
    put(p, " min");
    if (level->repeats > 1) {
        put(p, ", ");
        put_int(p, level->repeats);
        put(p, " times");
    }
    put_own_standing(p, protocol, &level->standing);
    new_line(p, "");
}

static void put_outcome(printer *p, const lw_protocol *protocol, const lw_outcome_due *due) {
    begin(p, "outcome ");
    put_str(p, lw__list_instruments.at(NULL, due->instrument));
    put(p, " at weeks ");
    for (uint32_t i = 0; i < due->week_count; i++) {
        put(p, i > 0 ? ", " : "");
        put_int(p, due->weeks[i]);
    }
    put_own_standing(p, protocol, &due->standing);
    new_line(p, "");
}

static void put_argument(printer *p, const lw_protocol *protocol, const lw_rule *rule) {
    switch (rule->action) {
    case LW_ACTION_REVIEW:
        put(p, rule->arg == 0 ? " routine" : " urgent");
        break;
    case LW_ACTION_LABEL:
        put(p, rule->arg == 0 ? " likely" : " possible");
        break;
    case LW_ACTION_FLARE:
        put(p, rule->arg == 1 ? " minor" : " major");
        break;
    case LW_ACTION_IRRITABLE:
        put(p, " ");
        put_str(p, lw__fact_word(LW_FACT_IRRITABILITY, rule->arg));
        break;
    case LW_ACTION_ENTER:
    case LW_ACTION_ADVANCE:
        put(p, " ");
        put_str(p, protocol->stages[rule->arg].id);
        break;
    case LW_ACTION_DELOAD:
        put(p, " ");
        put_quantity(p, rule->arg, LW_UNIT_DAYS);
        break;
    case LW_ACTION_CAP:
        put(p, " ");
        put_str(p, lw__cap_name((uint8_t)rule->arg));
        break;
    case LW_ACTION_SHOCKWAVE:
        put(p, " ");
        put_str(p, lw__shockwave_name((uint8_t)rule->arg));
        break;
    default:
        put(p, rule->arg_count > 0 ? " " : "");
        put_words(p, protocol, rule->arg_first, rule->arg_count);
        break;
    }
}

static void put_rule(printer *p, const lw_protocol *protocol, const lw_rule *rule) {
    put(p, "\n");
    begin(p, "rule ");
    put_str(p, rule->id);
    put_quoted(p, rule->title);
    if (rule->group_count > 0) {
        new_line(p, "  when ");
        put_conditions(p, protocol, rule->group_first, rule->group_count);
    }
    new_line(p, "  ");
    put_str(p, lw__action_name(rule->action));
    put_argument(p, protocol, rule);
    if (rule->until.len > 0) {
        new_line(p, "  until ");
        put_str(p, rule->until);
        for (uint32_t i = 0; i < rule->until_count; i += 2) {
            put(p, i > 0 ? "," : "");
            if (i > 0) {
                put_gap(p, "    ");
            } else {
                put(p, " ");
            }
            put_str(p, protocol->words[rule->until_first + i]);
            put(p, " ");
            put_str(p, protocol->words[rule->until_first + i + 1]);
        }
    }
    new_line(p, "  ");
    put_str(p, lw__grade_name(rule->standing.grade));
    put(p, " ");
    put_standing(p, protocol, &rule->standing);
    new_line(p, "");
}

static void put_head(printer *p, const lw_protocol *protocol) {
    begin(p, "protocol ");
    put_str(p, protocol->id);
    put_quoted(p, protocol->title);
    new_line(p, "version ");
    put_str(p, protocol->version);
    new_line(p, "");
    if (protocol->not_for_count > 0) {
        begin(p, "not for ");
        put_words(p, protocol, protocol->not_for_first, protocol->not_for_count);
        new_line(p, "");
    }
    new_line(p, "");
    for (uint32_t i = 0; i < LW_PARAM_COUNT; i++) {
        begin(p, "set ");
        lw__put_name(&p->w, lw__param_name((uint8_t)i));
        put(p, " ");
        put_quantity(p, protocol->params[i], lw__param_unit((uint8_t)i));
        put(p, "   ");
        put_standing(p, protocol, &protocol->param_standing[i]);
        new_line(p, "");
    }
}

int64_t lw_protocol_print(const lw_protocol *protocol, char *out, size_t cap) {
    printer p = {lw__writer_over(out, cap), 0};
    put_head(&p, protocol);
    for (uint32_t i = 0; i < protocol->exercise_count; i++) {
        put_exercise(&p, protocol, &protocol->exercises[i]);
    }
    for (uint32_t i = 0; i < protocol->stage_count; i++) {
        put_stage(&p, protocol, &protocol->stages[i]);
    }
    put(&p, protocol->run_level_count > 0 ? "\n" : "");
    for (uint32_t i = 0; i < protocol->run_level_count; i++) {
        put_run_level(&p, protocol, i);
    }
    put(&p, protocol->outcome_count > 0 ? "\n" : "");
    for (uint32_t i = 0; i < protocol->outcome_count; i++) {
        put_outcome(&p, protocol, &protocol->outcomes[i]);
    }
    for (uint32_t i = 0; i < protocol->rule_count; i++) {
        put_rule(&p, protocol, &protocol->rules[i]);
    }
    put(&p, protocol->text_count > 0 ? "\n" : "");
    for (uint32_t i = 0; i < protocol->text_count; i++) {
        const lw_text *text = &protocol->texts[i];
        begin(&p, "text ");
        put_str(&p, text->id);
        put_quoted(&p, text->text);
        new_line(&p, "  ");
        put_standing(&p, protocol, &text->standing);
        new_line(&p, "");
    }
    put(&p, protocol->source_count > 0 ? "\n" : "");
    for (uint32_t i = 0; i < protocol->source_count; i++) {
        begin(&p, "source ");
        put_str(&p, protocol->sources[i].key);
        put_quoted(&p, protocol->sources[i].text);
        new_line(&p, "");
    }
    return p.w.full ? LW_ERR_NO_MEMORY : (int64_t)p.w.len;
}
