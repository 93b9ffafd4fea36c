/*
 * fhir_render.c: the list of a record's resources, and the way from an entry of it to its JSON.
 *
 * One pass gathers who and what the record speaks of, a second makes an entry for everything there is. Both are bounded by
 * the record: an event makes at most LW_FHIR_PER_EVENT observations and a handful of others.
 */
#include <stdio.h>
#include <stdlib.h>

#include "server/fhir/fhir_render_internal.h"
#include "words/json_pick.h"

/* RFC 2606: a name that nobody has. */
#define NOWHERE "http://loadwave.invalid/fhir"

/* ---- types ---- */

static const struct {
    const char *name;
    lw_fhir_writer *write;
} type_table[LW_FHIR_TYPES] = {
    [LW_FHIR_PATIENT] = {"Patient", lw__fhir_write_patient},
    [LW_FHIR_PRACTITIONER] = {"Practitioner", lw__fhir_write_practitioner},
    [LW_FHIR_CONDITION] = {"Condition", lw__fhir_write_condition},
    [LW_FHIR_GOAL] = {"Goal", lw__fhir_write_goal},
    [LW_FHIR_CARE_PLAN] = {"CarePlan", lw__fhir_write_care_plan},
    [LW_FHIR_SERVICE_REQUEST] = {"ServiceRequest", lw__fhir_write_service_request},
    [LW_FHIR_ACTIVITY_DEFINITION] = {"ActivityDefinition", lw__fhir_write_activity_definition},
    [LW_FHIR_PLAN_DEFINITION] = {"PlanDefinition", lw__fhir_write_plan_definition},
    [LW_FHIR_OBSERVATION] = {"Observation", lw__fhir_write_observation},
    [LW_FHIR_QUESTIONNAIRE] = {"Questionnaire", lw__fhir_write_questionnaire},
    [LW_FHIR_QUESTIONNAIRE_RESPONSE] = {"QuestionnaireResponse", lw__fhir_write_response},
    [LW_FHIR_PROCEDURE] = {"Procedure", lw__fhir_write_procedure},
    [LW_FHIR_DEVICE] = {"Device", lw__fhir_write_device},
    [LW_FHIR_ADVERSE_EVENT] = {"AdverseEvent", lw__fhir_write_adverse},
    [LW_FHIR_PROVENANCE] = {"Provenance", lw__fhir_write_provenance},
    [LW_FHIR_AUDIT_EVENT] = {"AuditEvent", lw__fhir_write_audit},
};

const char *lw_fhir_type_name(int type) {
    return type >= 0 && type < LW_FHIR_TYPES ? type_table[type].name : NULL;
}

int lw_fhir_type_of(lw_str name) {
    for (int type = 0; type < LW_FHIR_TYPES; type++) {
        if (strlen(type_table[type].name) == name.len && memcmp(type_table[type].name, name.ptr, name.len) == 0) {
            return type;
        }
    }
    return -1;
}

bool lw__fhir_wanted(const lw_fhir_set *set, int type) {
    bool passed_over = set->known->passed_over && type == set->source.narrow->type;
    return !passed_over && (set->source.types == 0 || (set->source.types & UINT32_C(1) << type) != 0);
}

/* Whether a resource that is not wholly known yet may still be one of those that are listed. */
static bool may_be(const lw_fhir_set *set, const lw_fhir_resource *resource, uint64_t known) {
    const lw_fhir_narrow *narrow = set->source.narrow;
    return narrow == NULL || narrow->type != resource->type || narrow->keep(narrow->ctx, resource, known);
}

/* ---- facts ---- */

static lw_fhir_fact *fact(lw_fhir_facts *facts, int param) {
    if (facts->count == sizeof facts->items / sizeof facts->items[0]) {
        return NULL; /* a resource that could be found by still more is found by these */
    }
    lw_fhir_fact *new_fact = &facts->items[facts->count++];
    *new_fact = (lw_fhir_fact){.param = (uint8_t)param, .system = "", .text = ""};
    return new_fact;
}

static const char *kept(lw_fhir_facts *facts, lw_str text) {
    const char *copy = lw_pool_text(facts->pool, text);
    facts->failed = facts->failed || copy == NULL;
    return copy != NULL ? copy : "";
}

/* system and code: static, or in the pool already. */
void lw__fact_token(lw_fhir_facts *facts, int param, const char *system, const char *code) {
    lw_fhir_fact *f = code != NULL ? fact(facts, param) : NULL;
    if (f != NULL) {
        f->system = system;
        f->text = code;
    }
}

void lw__fact_code(lw_fhir_facts *facts, int param, int code) {
    for (uint32_t i = 0; i < facts->count; i++) { /* a component code stands once, however many sets there are */
        if (facts->items[i].param == param && facts->items[i].text == lw_fhir_code_table[code].code) {
            return;
        }
    }
    lw__fact_token(facts, param, lw_fhir_code_table[code].system, lw_fhir_code_table[code].code);
}

void lw__fact_reference(lw_fhir_facts *facts, int param, const char *type, const char *id) {
    lw_fhir_fact *f = fact(facts, param);
    if (f != NULL) {
        f->system = type;
        f->text = kept(facts, (lw_str){id, (uint32_t)strlen(id)});
    }
}

void lw__fact_date(lw_fhir_facts *facts, int param, int64_t from_s, int64_t to_s) {
    lw_fhir_fact *f = fact(facts, param);
    if (f != NULL) {
        f->from_s = from_s;
        f->to_s = to_s;
    }
}

void lw__fact_text(lw_fhir_facts *facts, int param, lw_str text) {
    lw_fhir_fact *f = text.len > 0 ? fact(facts, param) : NULL;
    if (f != NULL) {
        f->text = kept(facts, text);
    }
}

void lw__fact_quantity(lw_fhir_facts *facts, int param, int64_t x100, const char *unit) {
    lw_fhir_fact *f = fact(facts, param);
    if (f != NULL) {
        f->value_x100 = x100;
        f->decimals = x100 % 100 == 0 ? 0 : x100 % 10 == 0 ? 1 : 2;
        f->system = "http://unitsofmeasure.org";
        f->text = unit;
    }
}

void lw__fhir_add(lw_fhir_maker *maker, int type, const char *id, int64_t updated_s, const lw_event *event,
                  uint32_t part, lw_fhir_facts *facts) {
    lw_fhir_set *set = maker->set;
    uint32_t count = facts->count;
    facts->count = 0;
    const lw_fhir_resource made = {
        .type = (uint8_t)type, .id = id, .updated_s = updated_s, .facts = facts->items, .fact_count = count};
    if (maker->err != LW_OK || (!facts->failed && !may_be(set, &made, UINT64_MAX))) {
        return;
    }
    if (set->count == LW_FHIR_MOST) {
        maker->err = LW_ERR_LIMIT;
        return;
    }
    if (set->count == maker->room) {
        uint32_t room = maker->room == 0 ? 64 : maker->room * 2;
        lw_fhir_resource *items = realloc(set->items, room * sizeof *items);
        if (items == NULL) {
            maker->err = LW_ERR_NO_MEMORY;
            return;
        }
        set->items = items;
        maker->room = room;
    }
    lw_fhir_fact *own = lw_pool_take(&set->pool, (count > 0 ? count : 1) * sizeof *own);
    const char *name = lw_pool_text(&set->pool, (lw_str){id, (uint32_t)strlen(id)});
    if (own == NULL || name == NULL || facts->failed) {
        maker->err = LW_ERR_NO_MEMORY;
        return;
    }
    memcpy(own, facts->items, count * sizeof *own);
    set->items[set->count++] = (lw_fhir_resource){.type = (uint8_t)type,
                                                  .id = name,
                                                  .updated_s = updated_s,
                                                  .facts = own,
                                                  .fact_count = count,
                                                  .event = event,
                                                  .part = part};
}

/* ---- what one pass gathers ---- */

static int by_text(const void *a, const void *b) {
    const lw_str *x = a, *y = b;
    uint32_t least = x->len < y->len ? x->len : y->len;
    int differs = least > 0 ? memcmp(x->ptr, y->ptr, least) : 0;
    return differs != 0 ? differs : (x->len > y->len) - (x->len < y->len);
}

static int by_event_id(const void *a, const void *b) {
    const lw_event *const *x = a, *const *y = b;
    return memcmp((*x)->id, (*y)->id, 16);
}

static const uint8_t *void_target(const lw_event *event) {
    return ((const struct lw_ev_void *)event->data)->event;
}

static int by_void_target(const void *a, const void *b) {
    const lw_event *const *x = a, *const *y = b;
    int differs = memcmp(void_target(*x), void_target(*y), 16);
    return differs != 0 ? differs : ((*x)->at_s > (*y)->at_s) - ((*x)->at_s < (*y)->at_s);
}

static void unique(lw_fhir_names *names) {
    qsort(names->items, names->count, sizeof *names->items, by_text);
    uint32_t kept_count = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        if (kept_count == 0 || by_text(&names->items[i], &names->items[kept_count - 1]) != 0) {
            names->items[kept_count++] = names->items[i];
        }
    }
    names->count = kept_count;
}

static void gather_event(struct lw_fhir_known *k, const lw_event *event) {
    lw_fhir_names *c = &k->clinicians;
    if (event->by == LW_BY_CLINICIAN && (c->count == 0 || by_text(&c->items[c->count - 1], &event->by_id) != 0)) {
        c->items[c->count++] = event->by_id;
    } else if (event->by == LW_BY_DEVICE) {
        k->sources.items[k->sources.count++] = event->by_id;
    }
    k->refers = k->refers || event->kind == LW_KIND_VOID || event->kind == LW_KIND_ADVERSE;
    if (event->kind == LW_KIND_VOID && !event->ineffective) {
        k->voids[k->void_count++] = event;
    }
    if (event->kind == LW_KIND_SHOCKWAVE) {
        const struct lw_ev_shockwave *s = event->data;
        if ((s->has & LW_HAS_SHOCKWAVE_DEVICE) != 0) {
            k->devices.items[k->devices.count++] = s->device;
        }
    }
    if (event->voided) {
        return;
    }
    switch (event->kind) {
    case LW_KIND_ENROLLED:
        k->first_enrolled = k->first_enrolled != NULL ? k->first_enrolled : event;
        k->enrolled = event;
        k->sides = ((const struct lw_ev_enrolled *)event->data)->sides;
        break;
    case LW_KIND_ASSESSED:
        k->assessed = event;
        break;
    case LW_KIND_STARTED:
        k->started = event;
        k->discharged = NULL; /* a new start is a new course */
        break;
    case LW_KIND_DISCHARGED:
        k->discharged = event;
        break;
    default:
        break;
    }
}

static int32_t gather(lw_fhir_set *set) {
    const lw_record *record = set->source.record;
    uint32_t most = record->count, people = set->source.people_count;
    struct lw_fhir_known *k = set->known = lw_pool_take(&set->pool, sizeof *k);
    if (k == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    snprintf(k->patient, sizeof k->patient, "%s", set->source.patient);
    k->clinicians.items = lw_pool_take(&set->pool, ((size_t)most + people + 1) * sizeof(lw_str));
    k->devices.items = lw_pool_take(&set->pool, ((size_t)most + 1) * sizeof(lw_str));
    k->sources.items = lw_pool_take(&set->pool, ((size_t)most + 1) * sizeof(lw_str));
    k->voids = lw_pool_take(&set->pool, ((size_t)most + 1) * sizeof(lw_event *));
    if (k->clinicians.items == NULL || k->devices.items == NULL || k->sources.items == NULL || k->voids == NULL) {
        return LW_ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < most; i++) {
        gather_event(k, &record->events[i]);
    }
    for (uint32_t i = 0; i < people; i++) {
        const char *id = set->source.people[i].id;
        k->clinicians.items[k->clinicians.count++] = (lw_str){id, (uint32_t)strlen(id)};
    }
    if (k->refers) {
        k->by_id = lw_pool_take(&set->pool, ((size_t)most + 1) * sizeof(lw_event *));
        for (uint32_t i = 0; i < most && k->by_id != NULL; i++) {
            k->by_id[i] = &record->events[i];
        }
        if (k->by_id == NULL) {
            return LW_ERR_NO_MEMORY;
        }
        qsort(k->by_id, most, sizeof *k->by_id, by_event_id);
    }
    qsort(k->voids, k->void_count, sizeof *k->voids, by_void_target);
    unique(&k->clinicians);
    unique(&k->devices);
    unique(&k->sources);
    if (k->started != NULL) {
        lw__fhir_uuid(k->started->id, k->plan_id);
    }
    if (set->source.plan.len == 0) {
        return LW_OK;
    }
    lw_str status, session;
    if (!lw__pick_valid(set->source.plan) || !lw__pick(set->source.plan, "status", &status) ||
        !lw__pick(set->source.plan, "session", &session) || !lw__pick(session, "items", &k->plan_items)) {
        return LW_ERR_SYNTAX;
    }
    k->status = lw__pick_text(&set->pool, status);
    return k->status != NULL ? LW_OK : LW_ERR_NO_MEMORY;
}

const lw_event *lw__fhir_event(const lw_fhir_set *set, const uint8_t id[16]) {
    if (set->known->by_id == NULL) {
        return NULL;
    }
    lw_event wanted;
    memcpy(wanted.id, id, 16);
    const lw_event *key = &wanted;
    const lw_event *const *found =
        bsearch(&key, set->known->by_id, set->source.record->count, sizeof *set->known->by_id, by_event_id);
    return found != NULL ? *found : NULL;
}

int64_t lw__fhir_changed(const struct lw_fhir_known *known, const lw_event *event) {
    uint32_t low = 0, high = event->voided ? known->void_count : 0;
    while (low < high) { /* the first that names it: the earliest */
        uint32_t middle = low + (high - low) / 2;
        if (memcmp(void_target(known->voids[middle]), event->id, 16) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool named = event->voided && low < known->void_count && memcmp(void_target(known->voids[low]), event->id, 16) == 0;
    int64_t at = named ? known->voids[low]->at_s : event->at_s;
    return at > event->at_s ? at : event->at_s;
}

/* ---- the list ---- */

static int by_place(const void *a, const void *b) {
    const lw_fhir_resource *x = a, *y = b;
    if (x->type != y->type) {
        return x->type < y->type ? -1 : 1;
    }
    if (x->updated_s != y->updated_s) {
        return x->updated_s < y->updated_s ? -1 : 1;
    }
    return strcmp(x->id, y->id);
}

/*
 * Whether the event can be passed over for the type that is narrowed: asked with what each observation or response of it has in
 * common, its instant and when it last changed. Other types have dates of their own, and are asked when they are made.
 */
static bool pass_over(const lw_fhir_set *set, const lw_event *event) {
    const lw_fhir_narrow *narrow = set->source.narrow;
    char id[37];
    if (narrow == NULL || (narrow->type != LW_FHIR_OBSERVATION && narrow->type != LW_FHIR_QUESTIONNAIRE_RESPONSE)) {
        return false;
    }
    int date = narrow->type == LW_FHIR_OBSERVATION ? LW_FHIR_P_DATE : LW_FHIR_P_AUTHORED;
    const lw_fhir_fact at = {.param = (uint8_t)date, .from_s = event->at_s, .to_s = event->at_s + 1};
    lw__fhir_uuid(event->id, id);
    const lw_fhir_resource some = {.type = (uint8_t)narrow->type,
                                   .id = id,
                                   .updated_s = lw__fhir_changed(set->known, event),
                                   .facts = &at,
                                   .fact_count = 1};
    return !may_be(set, &some, LW_FHIR_KNOWS(date) | LW_FHIR_KNOWS(LW_FHIR_P_LAST_UPDATED));
}

int32_t lw_fhir_list(const lw_fhir_source *source, lw_fhir_set *out) {
    *out = (lw_fhir_set){.source = *source};
    int32_t err = gather(out);
    lw_fhir_facts *facts = err == LW_OK ? calloc(1, sizeof *facts) : NULL;
    if (facts == NULL) {
        return err != LW_OK ? err : LW_ERR_NO_MEMORY;
    }
    facts->pool = &out->pool;
    lw_fhir_maker maker = {.set = out};
    lw__fhir_list_people(&maker, facts);
    lw__fhir_list_care(&maker, facts);
    lw__fhir_list_definitions(&maker, facts);
    for (uint32_t i = 0; i < source->record->count && maker.err == LW_OK; i++) {
        const lw_event *event = &source->record->events[i];
        out->known->passed_over = pass_over(out, event);
        lw__fhir_list_event(&maker, event, facts);
        lw__fhir_list_answers(&maker, event, facts);
        lw__fhir_list_given(&maker, event, facts);
        lw__fhir_list_trail(&maker, event, facts);
    }
    out->known->passed_over = false;
    lw__fhir_list_accesses(&maker, facts);
    free(facts);
    maker.err = out->pool.failed ? LW_ERR_NO_MEMORY : maker.err;
    if (maker.err == LW_OK && out->count > 0) {
        qsort(out->items, out->count, sizeof *out->items, by_place);
    }
    return maker.err;
}

/* The codes of an observation are known before its facts are made; those of exercises and tests are more than one: not asked. */
static bool may_be_code(const lw_fhir_set *set, const lw_fhir_seen *seen) {
    const lw_fhir_code_info *info = &lw_fhir_code_table[seen->main.code];
    const lw_fhir_fact code = {.param = LW_FHIR_P_CODE, .system = info->system, .text = info->code};
    const lw_fhir_resource some = {.type = LW_FHIR_OBSERVATION, .id = seen->id, .facts = &code, .fact_count = 1};
    return seen->exercise.len > 0 || seen->test != NULL || may_be(set, &some, LW_FHIR_KNOWS(LW_FHIR_P_CODE));
}

/* The observations of an event. */
void lw__fhir_list_event(lw_fhir_maker *maker, const lw_event *event, lw_fhir_facts *facts) {
    if (!lw__fhir_wanted(maker->set, LW_FHIR_OBSERVATION)) {
        return;
    }
    lw_fhir_seen seen;
    for (uint32_t part = 0; part < LW_FHIR_PER_EVENT && lw__fhir_observe(maker->set, event, part, &seen); part++) {
        if (!may_be_code(maker->set, &seen)) {
            continue;
        }
        lw__fhir_observation_facts(maker->set, &seen, facts);
        lw__fhir_add(maker, LW_FHIR_OBSERVATION, seen.id, lw__fhir_changed(maker->set->known, event), event, part,
                     facts);
    }
}

void lw_fhir_free(lw_fhir_set *set) {
    free(set->items);
    lw_pool_free(&set->pool);
    set->items = NULL;
    set->count = 0;
    set->known = NULL;
}

const lw_fhir_resource *lw_fhir_find(const lw_fhir_set *set, int type, lw_str id) {
    for (uint32_t i = 0; i < set->count; i++) {
        const lw_fhir_resource *r = &set->items[i];
        if (r->type == type && strlen(r->id) == id.len && memcmp(r->id, id.ptr, id.len) == 0) {
            return r;
        }
    }
    return NULL;
}

int32_t lw_fhir_write(const lw_fhir_set *set, const lw_fhir_resource *resource, lw_fhir_version version, lw_buf *out) {
    lw__fj_raw(out, NULL, "{\"resourceType\":\"");
    lw_buf_str(out, lw_fhir_type_name(resource->type));
    lw_buf_str(out, "\",\"id\":\""); /* of letters, digits, dots and hyphens only */
    lw_buf_str(out, resource->id);
    lw_buf_str(out, "\"");
    if (resource->updated_s != 0) {
        lw__fj_open(out, "meta", '{');
        lw__fj_instant(out, "lastUpdated", resource->updated_s);
        lw__fj_close(out, '}');
    }
    type_table[resource->type].write(set, resource, version, out);
    lw__fj_close(out, '}');
    return out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}

int32_t lw_fhir_bundle(const lw_fhir_set *set, lw_fhir_version version, int64_t now_s, lw_buf *out) {
    lw__fj_open(out, NULL, '{');
    lw__fj_text(out, "resourceType", "Bundle");
    lw__fj_text(out, "type", "collection");
    lw__fj_instant(out, "timestamp", now_s);
    if (set->count > 0) {
        lw__fj_open(out, "entry", '[');
        for (uint32_t i = 0; i < set->count && !out->failed; i++) {
            lw__fj_open(out, NULL, '{');
            lw_buf_fmt(out, "\"fullUrl\":\"%s/%s/%s\"", set->source.base != NULL ? set->source.base : NOWHERE,
                       lw_fhir_type_name(set->items[i].type), set->items[i].id);
            lw_buf_str(out, ",\"resource\":");
            int32_t err = lw_fhir_write(set, &set->items[i], version, out);
            if (err != LW_OK) {
                return err;
            }
            lw__fj_close(out, '}');
        }
        lw__fj_close(out, ']');
    }
    lw__fj_close(out, '}');
    return out->failed ? LW_ERR_NO_MEMORY : LW_OK;
}
