/*
 * research_tables.c: the files of an export: the events, one table a kind of them with a row an event (exercises: a row a
 * set), and the dictionary that says what each column means. CSV as RFC 4180 has it, UTF-8, lines ended by LF; an empty
 * cell is "not known" or "taken out". Events that were voided are in events.jsonl and in no table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/research_internal.h"
#include "words/json_pick.h"
#include "words/tree.h"

enum { EVENTS, PATIENTS, FIRST_TABLE, TABLES = 6, DICTIONARY = FIRST_TABLE + TABLES };

static const char *const names[LW_RESEARCH_FILES] = {"events.jsonl",  "patients.csv",  "assessments.csv",
                                                     "checkins.csv",  "exercises.csv", "activities.csv",
                                                     "shockwave.csv", "outcomes.csv",  "dictionary.csv"};
static const char *const kinds[TABLES][2] = {{"assessed", "tested"},     {"checkin", "checkin"},
                                             {"exercise", "exercise"},   {"activity", "activity"},
                                             {"shockwave", "shockwave"}, {"outcome", "outcome"}};

/* Columns that stand before the others in each table but patients, and those of patients. */
static const struct {
    const char *name, *kind, *unit, *doc;
} lead[] =
    {
        {"patient", "id", "", "Stands for one person, in this export only."},
        {"date", "date", "", "Local day, moved back by whole weeks, the same for all of a person."},
        {"day", "whole number", "d", "Days since the person's first event, from 0."},
        {"by", "word", "", "Who wrote it: patient, clinician, device."},
},
  person[] = {
      {"patient", "id", "", "Stands for one person, in this export only."},
      {"birth_year", "whole number", "year", "Lower end of the five-year band of the year of birth."},
      {"sex", "word", "", "Sex."},
      {"sport", "word", "", "Main sport at the beginning."},
      {"level", "word", "", "Level of sport at the beginning."},
      {"height_cm", "number", "cm", "Height, rounded to 5."},
      {"mass_kg", "number", "kg", "Body mass, rounded to 5."},
      {"sides", "words, ; between", "", "Affected sides."},
      {"goal", "word", "", "What the person wants back."},
      {"first_date", "date", "", "Day of the first event, moved."},
      {"last_date", "date", "", "Day of the last event, moved."},
      {"events", "whole number", "", "Events of the record."},
};
enum { LEAD = sizeof lead / sizeof lead[0], PERSON = sizeof person / sizeof person[0] };

/* A cell; quoted where a comma, a quote or a line break asks for it. */
static void put(lw_buf *out, const char *text) {
    if (strpbrk(text, ",\"\n\r") == NULL) {
        lw_buf_str(out, text);
        return;
    }
    lw_buf_str(out, "\"");
    for (const char *c = text; *c != 0; c++) {
        lw_buf_add(out, "\"\"", *c == '"' ? 2 : 0);
        lw_buf_add(out, c, *c == '"' ? 0 : 1);
    }
    lw_buf_str(out, "\"");
}

static void put_node(lw_buf *out, const lw_node *node) {
    if (node == NULL || node->type == LW_NODE_NULL) {
        return;
    }
    if (node->type == LW_NODE_TRUE || node->type == LW_NODE_FALSE) {
        lw_buf_str(out, node->type == LW_NODE_TRUE ? "true" : "false");
    } else if (node->type == LW_NODE_LIST) {
        lw_buf_str(out, node->first == NULL ? "none" : ""); /* asked, and none of them; an empty cell was not asked */
        for (const lw_node *one = node->first; one != NULL; one = one->next) {
            lw_buf_str(out, one == node->first ? "" : ";");
            put(out, one->text);
        }
    } else {
        put(out, node->text);
    }
}

static const char *date_of(int32_t day, char out[11]) {
    lw_day_write(day, out);
    out[10] = 0;
    return out;
}

/* ---- the person ---- */

static void put_person(lw_research *x, const lw__subject *s, const lw_node *enrolled) {
    lw_buf *out = &x->files[PATIENTS];
    char first[11], last[11];
    lw_buf_str(out, s->id);
    for (int i = 0; i < LW__CELLS; i++) {
        if (i == LW__CELL_GOAL) {
            lw_buf_str(out, ",");
            put_node(out, lw_node_at(enrolled, "sides"));
        }
        lw_buf_str(out, ",");
        put(out, s->out[i] ? "" : s->cells[i]);
    }
    lw_buf_fmt(out, ",%s,%s,%u\n", date_of(s->first_day, first), date_of(s->last_day, last), s->events);
    x->rows[PATIENTS]++;
}

/* ---- the events ---- */

/* A line of events.jsonl. What was taken out of the person's cells is not in enrolled; without a year or a goal there is none. */
static void put_line(lw_research *x, const lw__subject *s, lw_str line, bool enrolled) {
    lw_buf *out = &x->files[EVENTS];
    lw_str data, rest, name, value;
    if (enrolled && (s->out[LW__CELL_BORN] || s->out[LW__CELL_GOAL])) {
        return;
    }
    x->rows[EVENTS]++;
    if (!enrolled || !lw__pick(line, "data", &data)) {
        lw_buf_slice(out, line);
        lw_buf_str(out, "\n");
        return;
    }
    lw_buf_add(out, line.ptr, (size_t)(data.ptr - line.ptr));
    lw_buf_str(out, "{");
    rest = data;
    while (lw__pick_member(&rest, &name, &value)) {
        bool gone = false;
        for (int i = 0; i < LW__CELLS; i++) {
            gone = gone || (s->out[i] && strlen(lw__cell_members[i]) == name.len &&
                            memcmp(lw__cell_members[i], name.ptr, name.len) == 0);
        }
        if (!gone) {
            lw_buf_fmt(out, "%s\"%.*s\":", out->ptr[out->len - 1] == '{' ? "" : ",", (int)name.len, name.ptr);
            lw_buf_slice(out, value);
        }
    }
    lw_buf_str(out, "}}\n");
}

static void put_row(lw_research *x, uint32_t table, const lw__subject *s, const lw_node *event, const lw_node *set) {
    lw_buf *out = &x->files[FIRST_TABLE + table];
    const lw_node *data = lw_node_inside(event, "data");
    const char *at = lw_node_str(event, "at"), *by = lw_node_str(event, "by");
    int32_t day = s->first_day;
    (void)lw_day_parse((lw_str){at, 10}, &day);
    lw_buf_fmt(out, "%s,%.10s,%d,%.*s", s->id, at, (int)(day - s->first_day), (int)strcspn(by, ":"), by);
    for (unsigned i = 0; i < lw_research_column_count; i++) {
        const lw_research_column *c = &lw_research_columns[i];
        size_t len = strlen(c->table);
        if (strncmp(names[FIRST_TABLE + table], c->table, len) != 0 || names[FIRST_TABLE + table][len] != '.') {
            continue;
        }
        lw_buf_str(out, ",");
        put_node(out, c->member[0] == '*' ? lw_node_at(set, c->sub)
                      : c->sub[0] != 0    ? lw_node_at(lw_node_inside(data, c->member), c->sub)
                                          : lw_node_at(data, c->member));
    }
    lw_buf_str(out, "\n");
    x->rows[FIRST_TABLE + table]++;
}

static void put_tables(lw_research *x, const lw__subject *s, const lw_node *event) {
    const char *kind = lw_node_str(event, "kind");
    for (uint32_t table = 0; kind != NULL && table < TABLES; table++) {
        if (strcmp(kind, kinds[table][0]) != 0 && strcmp(kind, kinds[table][1]) != 0) {
            continue;
        }
        const lw_node *sets = lw_node_inside(lw_node_inside(event, "data"), "sets");
        if (sets == NULL || sets->first == NULL) {
            put_row(x, table, s, event, NULL);
        }
        for (const lw_node *set = sets != NULL ? sets->first : NULL; set != NULL; set = set->next) {
            put_row(x, table, s, event, set);
        }
    }
}

/* Whether a void names the event. The ids of voids are few. */
static bool is_void(const lw_node *const *voids, uint32_t count, const char *id) {
    for (uint32_t i = 0; id != NULL && i < count; i++) {
        const char *gone = lw_node_str(lw_node_inside(voids[i], "data"), "event");
        if (gone != NULL && strcmp(gone, id) == 0) {
            return true;
        }
    }
    return false;
}

static int32_t put_subject(lw_research *x, const lw__subject *s) {
    lw_pool pool = {0};
    const lw_node **events = lw_pool_take(&pool, ((size_t)s->events + 1) * sizeof(lw_node *));
    const lw_node **voids = lw_pool_take(&pool, ((size_t)s->events + 1) * sizeof(lw_node *));
    const lw_node *enrolled = NULL;
    uint32_t count = 0, gone = 0;
    bool good = events != NULL && voids != NULL;
    lw_str rest = {x->lines.map + s->from, s->len};
    while (good && rest.len > 0 && count < s->events) {
        const char *end = memchr(rest.ptr, '\n', rest.len);
        lw_str line = {rest.ptr, end != NULL ? (uint32_t)(end - rest.ptr) : rest.len};
        const lw_node *event = lw_node_read(line, &pool);
        const char *kind = lw_node_str(event, "kind");
        good = event != NULL && kind != NULL;
        if (good) {
            bool first = strcmp(kind, "enrolled") == 0;
            put_line(x, s, line, first);
            enrolled = first ? lw_node_inside(event, "data") : enrolled;
            events[count++] = event;
            gone = strcmp(kind, "void") == 0 ? (voids[gone] = event, gone + 1) : gone;
            rest = (lw_str){line.ptr + line.len + 1, rest.len - line.len - 1};
        }
    }
    for (uint32_t i = 0; good && i < count; i++) {
        if (!is_void(voids, gone, lw_node_str(events[i], "id"))) {
            put_tables(x, s, events[i]);
        }
    }
    if (good) {
        put_person(x, s, enrolled);
    }
    lw_pool_free(&pool);
    return good ? LW_OK : LW_ERR_NO_MEMORY;
}

/* ---- the dictionary ---- */

static void put_meaning(lw_research *x, const char *file, const char *name, const char *kind, const char *unit,
                        const char *words, const char *doc) {
    lw_buf *out = &x->files[DICTIONARY];
    const char *const cells[] = {file, name, kind, unit, words, doc};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        lw_buf_str(out, i > 0 ? "," : "");
        put(out, cells[i]);
    }
    lw_buf_str(out, "\n");
    x->rows[DICTIONARY]++;
}

static void headers(lw_research *x) {
    lw_buf_str(&x->files[DICTIONARY], "file,column,kind,unit,words,meaning\n");
    for (int i = 0; i < PERSON; i++) {
        lw_buf_fmt(&x->files[PATIENTS], "%s%s", i > 0 ? "," : "", person[i].name);
        put_meaning(x, names[PATIENTS], person[i].name, person[i].kind, person[i].unit, "", person[i].doc);
    }
    lw_buf_str(&x->files[PATIENTS], "\n");
    for (uint32_t table = 0; table < TABLES; table++) {
        const char *name = names[FIRST_TABLE + table];
        lw_buf *out = &x->files[FIRST_TABLE + table];
        for (int i = 0; i < LEAD; i++) {
            lw_buf_fmt(out, "%s%s", i > 0 ? "," : "", lead[i].name);
            put_meaning(x, name, lead[i].name, lead[i].kind, lead[i].unit, "", lead[i].doc);
        }
        for (unsigned i = 0; i < lw_research_column_count; i++) {
            const lw_research_column *c = &lw_research_columns[i];
            size_t len = strlen(c->table);
            if (strncmp(name, c->table, len) == 0 && name[len] == '.') {
                lw_buf_fmt(out, ",%s", c->name);
                put_meaning(x, name, c->name, c->kind, c->unit, c->words, c->doc);
            }
        }
        lw_buf_str(out, "\n");
    }
}

/* What was made goes to disk when it is more than `most` bytes. */
static int32_t write_out(lw_research *x, size_t most) {
    int32_t err = LW_OK;
    for (uint32_t i = 0; err == LW_OK && i < LW_RESEARCH_FILES; i++) {
        err = x->files[i].failed ? LW_ERR_NO_MEMORY : LW_OK;
        if (err == LW_OK && x->files[i].len > most) {
            err = lw__spool_add(&x->done[i], lw_buf_view(&x->files[i]));
            lw_buf_clear(&x->files[i]);
        }
    }
    return err;
}

int32_t lw__research_files(lw_research *x) {
    enum { AT_ONCE = 65536 };
    headers(x);
    int32_t err = lw__spool_seal(&x->lines);
    for (uint32_t i = 0; err == LW_OK && i < x->count; i++) {
        err = put_subject(x, &x->subjects[i]);
        err = err == LW_OK ? write_out(x, AT_ONCE) : err;
    }
    err = err == LW_OK ? write_out(x, 0) : err;
    for (uint32_t i = 0; err == LW_OK && i < LW_RESEARCH_FILES; i++) {
        lw_buf_free(&x->files[i]);
        err = lw__spool_seal(&x->done[i]);
    }
    lw__spool_close(&x->lines);
    return err;
}

lw_research_file lw_research_get(const lw_research *x, uint32_t index) {
    const lw__spool *file = &x->done[index];
    return (lw_research_file){
        names[index], (lw_str){file->map != NULL ? file->map : "", file->map != NULL ? file->len : 0}, x->rows[index]};
}
