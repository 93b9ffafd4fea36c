/*
 * report.c: what all reports share: making the plan, the words of records, and drawing twice: once to count the pages, once
 * for good.
 */
#include <stdlib.h>
#include <string.h>

#include "report/pages.h"

static const char *const kinds[LW_REPORT_KINDS] = {"today", "progress", "discharge", "shockwave"};

const char *lw_report_kind_name(lw_report_kind kind) {
    return kinds[kind];
}

void lw_page_say(lw_page *p, const char *id, const char *const *args) {
    lw_buf_clear(&p->text);
    lw_say(&p->text, p->words.language, id, args);
    lw_page_kept(p, &p->text);
}

const char *lw_page_kept(lw_page *p, const lw_buf *text) {
    p->sheet.failed = p->sheet.failed || text->failed;
    return text->ptr != NULL ? text->ptr : "";
}

const char *lw_page_text(const lw_page *p) {
    return p->text.ptr != NULL ? p->text.ptr : "";
}

void lw_page_heading(lw_page *p, const char *id) {
    lw_page_say(p, id, NULL);
    lw_sheet_heading(&p->sheet, lw_page_text(p));
}

void lw_page_paragraph(lw_page *p, const char *id, const char *const *args) {
    lw_page_say(p, id, args);
    lw_sheet_text(&p->sheet, LW_FACE_BODY, LW_INK_TEXT, 0, lw_page_text(p));
    lw_sheet_space(&p->sheet, 5);
}

void lw_page_item(lw_page *p, const char *id, const char *const *args) {
    lw_page_say(p, id, args);
    lw_sheet_item(&p->sheet, lw_page_text(p));
}

void lw_page_pair(lw_page *p, const char *label_id, const char *text) {
    lw_sheet_pair(&p->sheet, lw_word(p->words.language, "report", label_id), text);
}

const char *lw_page_day(lw_page *p, int32_t day) {
    char iso[16];
    lw_day_write(day, iso);
    const char *kept = lw_pool_text(&p->pool, (lw_str){iso, 10});
    p->sheet.failed = p->sheet.failed || kept == NULL;
    return kept != NULL ? kept : "";
}

const char *lw_page_number(lw_page *p, int32_t x100) {
    char out[16];
    int32_t size = x100 < 0 ? -x100 : x100;
    int len = size % 100 == 0 ? snprintf(out, sizeof out, "%s%d", x100 < 0 ? "-" : "", (int)(size / 100))
              : size % 10 == 0
                  ? snprintf(out, sizeof out, "%s%d.%d", x100 < 0 ? "-" : "", (int)(size / 100), (int)(size % 100 / 10))
                  : snprintf(out, sizeof out, "%s%d.%02d", x100 < 0 ? "-" : "", (int)(size / 100), (int)(size % 100));
    const char *kept = lw_pool_text(&p->pool, (lw_str){out, (uint32_t)len});
    p->sheet.failed = p->sheet.failed || kept == NULL;
    return kept != NULL ? kept : "";
}

/* Title, subtitle (nullable) and who it is about. */
void lw_page_head(lw_page *p, const char *title, const char *subtitle) {
    lw_sheet *s = &p->sheet;
    lw_sheet_text(s, LW_FACE_TITLE, LW_INK_ACCENT, 0, title);
    if (subtitle != NULL) {
        s->y += 3;
        lw_sheet_text(s, LW_FACE_BODY, LW_INK_QUIET, 0, subtitle);
    }
    s->y += 6;
    lw_sheet_ink(s, LW_INK_ACCENT);
    cairo_rectangle(s->cr, s->left, s->y, s->width, 1);
    cairo_fill(s->cr);
    s->y += 10;
}

static int32_t draw_once(const lw_report_request *r, lw_page *p, int of, lw_buf *out) {
    static void (*const pages[LW_REPORT_KINDS])(lw_page *) = {lw_page_today, lw_page_progress, lw_page_discharge,
                                                              lw_page_shockwave};
    char key[48];
    snprintf(key, sizeof key, "report.title.%s", kinds[r->kind]);
    lw_buf title = {0}, foot = {0};
    lw_say(&title, r->language, key, NULL);
    const char *name = r->name != NULL ? r->name : p->id;
    lw_buf_fmt(&title, " · %s · ", name);
    lw_day_words(&title, r->language, r->day, true);
    lw_say(&foot, r->language, "report.foot",
           LW_ARGS("protocol", lw_node_str(p->plan, "protocol") != NULL ? lw_node_str(p->plan, "protocol") : ""));
    int32_t err = LW_ERR_NO_MEMORY;
    if (!title.failed && !foot.failed) {
        lw_sheet_begin(&p->sheet, r->format, of, out, title.ptr, r->from != NULL ? r->from : name, r->language->code,
                       foot.ptr, r->day);
        pages[r->kind](p);
        err = lw_sheet_end(&p->sheet);
    }
    lw_buf_free(&title);
    lw_buf_free(&foot);
    return err;
}

/* Whether the programme has ended by the day. */
static bool discharged(const lw_report_request *r) {
    bool ended = false;
    for (uint32_t i = 0; i < r->record->count; i++) {
        const lw_event *event = &r->record->events[i];
        ended = ended || (event->kind == LW_KIND_DISCHARGED && !event->voided && event->day <= r->day);
    }
    return ended;
}

int32_t lw_report_draw(const lw_report_request *r, lw_buf *out, lw_diag *diag) {
    if (r->kind == LW_REPORT_DISCHARGE && !discharged(r)) {
        return LW_ERR_RANGE;
    }
    lw_page p = {.request = r, .words = {r->language, r->protocol, r->builtin}};
    void *memory[2] = {calloc(1, LW_LOADS_RESULT + LW_PLAN_RESULT), calloc(1, LW_LOADS_SCRATCH)};
    p.id = lw_pool_text(&p.pool, r->record->patient);
    int32_t err = memory[0] != NULL && memory[1] != NULL && p.id != NULL ? 0 : LW_ERR_NO_MEMORY;
    lw_work work = {0}, loads = {0};
    if (err == 0) {
        work.result = lw_arena_over(memory[0], LW_PLAN_RESULT);
        work.scratch = lw_arena_over(memory[1], LW_LOADS_SCRATCH);
        err = lw_plan(r->protocol, r->record, r->day, 0, &work, diag);
    }
    if (err == 0) {
        p.plan = lw_node_read(work.json, &p.pool);
        err = p.plan != NULL ? 0 : LW_ERR_NO_MEMORY;
    }
    if (err == 0 && r->kind != LW_REPORT_TODAY) {
        p.first = lw_page_first_day(r->record, r->day);
        p.first = r->day - p.first >= LW_LOADS_DAYS ? r->day - LW_LOADS_DAYS + 1 : p.first;
        loads.result = lw_arena_over((char *)memory[0] + LW_PLAN_RESULT, LW_LOADS_RESULT);
        loads.scratch = lw_arena_over(memory[1], LW_LOADS_SCRATCH);
        err = lw_day_loads(r->protocol, r->record, p.first, r->day, &loads, diag);
        p.loads = err == 0 ? lw_node_read(loads.json, &p.pool) : NULL;
        err = err == 0 && p.loads == NULL ? LW_ERR_NO_MEMORY : err;
    }
    err = err == 0 ? draw_once(r, &p, 0, NULL) : err;
    err = err == 0 ? draw_once(r, &p, p.sheet.pages, out) : err;
    lw_buf_free(&p.text);
    lw_pool_free(&p.pool);
    free(memory[0]);
    free(memory[1]);
    return err;
}
