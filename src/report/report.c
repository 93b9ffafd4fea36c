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

/* A text of the page's own, good until its end. */
static const char *pooled(lw_page *p, lw_buf *text) {
    const char *kept = text->failed ? NULL : lw_pool_text(&p->pool, lw_buf_view(text));
    p->sheet.failed = p->sheet.failed || kept == NULL;
    lw_buf_free(text);
    return kept != NULL ? kept : "";
}

const char *lw_page_day(lw_page *p, int32_t day) {
    lw_buf text = {0};
    lw_date_words(&text, p->words.language, day);
    return pooled(p, &text);
}

/* Scripts written from right to left (Unicode blocks: Hebrew to Arabic, their presentation forms, and two ranges above). */
static bool to_the_left(gunichar c) {
    return (c >= 0x590 && c <= 0x8ff) || (c >= 0xfb1d && c <= 0xfdff) || (c >= 0xfe70 && c <= 0xfeff) ||
           (c >= 0x10800 && c <= 0x10fff) || (c >= 0x1e800 && c <= 0x1efff);
}

const char *lw_page_foreign(lw_page *p, lw_str text, uint32_t most) {
    lw_buf clean = {0};
    bool right = false;
    uint32_t signs = 0;
    for (uint32_t i = 0; i < text.len;) {
        gunichar c = g_utf8_get_char_validated(text.ptr + i, (gssize)(text.len - i));
        bool broken = c == (gunichar)-1 || c == (gunichar)-2;
        uint32_t bytes = broken ? 1 : (uint32_t)g_unichar_to_utf8(c, NULL);
        if (++signs > most) {
            lw_buf_str(&clean, "…");
            break;
        }
        /* what turns the writing round, breaks lines or is no letter at all would let a name rearrange the page */
        bool unseen = !broken && (c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x2028 || c == 0x2029 ||
                                  (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069));
        if (broken) {
            lw_buf_str(&clean, "\xef\xbf\xbd");
        } else {
            lw_buf_add(&clean, unseen ? " " : text.ptr + i, unseen ? 1 : bytes);
        }
        right = right || (!broken && to_the_left(c));
        i += bytes;
    }
    if (right) { /* what follows goes on from left to right */
        lw_buf_str(&clean, "\xe2\x80\x8e");
    }
    return pooled(p, &clean);
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
    s->y += 6 * s->scale;
    lw_sheet_ink(s, LW_INK_ACCENT);
    cairo_rectangle(s->cr, s->left, s->y, s->width, 1);
    cairo_fill(s->cr);
    s->y += 10 * s->scale;
}

static int32_t draw_once(const lw_report_request *r, lw_page *p, int of, lw_buf *out) {
    static void (*const pages[LW_REPORT_KINDS])(lw_page *) = {lw_page_today, lw_page_progress, lw_page_discharge,
                                                              lw_page_shockwave};
    char key[48];
    snprintf(key, sizeof key, "title.%s", kinds[r->kind]);
    lw_buf title = {0}, foot = {0};
    lw_say(&title, r->language, "report.running",
           LW_ARGS("title", lw_word(r->language, "report", key), "name", p->name, "date", lw_page_day(p, r->day)));
    lw_say(&foot, r->language, "report.foot",
           LW_ARGS("protocol", lw_node_str(p->plan, "protocol") != NULL ? lw_node_str(p->plan, "protocol") : ""));
    int32_t err = LW_ERR_NO_MEMORY;
    if (!title.failed && !foot.failed) {
        lw_sheet_words words = {.title = title.ptr,
                                .author = p->from != NULL ? p->from : p->name,
                                .language = r->language->code,
                                .running = title.ptr,
                                .foot = foot.ptr};
        bool failed = p->sheet.failed;
        lw_sheet_begin(&p->sheet, r->format, of, out, &words, r->day);
        p->sheet.failed = failed;
        p->sheet.scale = p->scale;
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

static lw_str whole(const char *text) {
    return (lw_str){text, (uint32_t)strlen(text)};
}

int32_t lw_report_draw(const lw_report_request *r, lw_buf *out, lw_diag *diag) {
    if (r->kind == LW_REPORT_DISCHARGE && !discharged(r)) {
        return LW_ERR_RANGE;
    }
    lw_page p = {.request = r, .words = {r->language, r->protocol, r->builtin}, .scale = 1};
    void *memory[2] = {calloc(1, LW_LOADS_RESULT + LW_PLAN_RESULT), calloc(1, LW_LOADS_SCRATCH)};
    p.name = lw_page_foreign(&p, r->name != NULL ? whole(r->name) : r->record->patient, LW_PAGE_NAME);
    p.to = r->to != NULL ? lw_page_foreign(&p, whole(r->to), LW_PAGE_NAME) : NULL;
    p.from = r->from != NULL ? lw_page_foreign(&p, whole(r->from), LW_PAGE_NAME) : NULL;
    int32_t err = memory[0] != NULL && memory[1] != NULL && !p.sheet.failed ? 0 : LW_ERR_NO_MEMORY;
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
        p.clipped = r->day - p.first >= LW_LOADS_DAYS;
        p.first = p.clipped ? r->day - LW_LOADS_DAYS + 1 : p.first;
        loads.result = lw_arena_over((char *)memory[0] + LW_PLAN_RESULT, LW_LOADS_RESULT);
        loads.scratch = lw_arena_over(memory[1], LW_LOADS_SCRATCH);
        err = lw_day_loads(r->protocol, r->record, p.first, r->day, &loads, diag);
        p.loads = err == 0 ? lw_node_read(loads.json, &p.pool) : NULL;
        err = err == 0 && p.loads == NULL ? LW_ERR_NO_MEMORY : err;
    }
    /* The plan of a day is to be read from a wall: as large as it fits on its page. A letter is a letter. */
    static const double sizes[] = {1.45, 1.25, 1.1, 1, 0.9};
    size_t size = r->kind == LW_REPORT_TODAY ? 0 : 3;
    do {
        p.scale = sizes[size++];
        err = err == 0 ? draw_once(r, &p, 0, NULL) : err;
    } while (err == 0 && r->kind == LW_REPORT_TODAY && p.sheet.pages > 1 && size < sizeof sizes / sizeof sizes[0]);
    if (err == 0 && r->kind == LW_REPORT_PROGRESS &&
        p.sheet.pages == 2) { /* a little smaller, where that saves the page */
        p.scale = 0.93;
        err = draw_once(r, &p, 0, NULL);
        if (err == 0 && p.sheet.pages > 1) {
            p.scale = 1;
            err = draw_once(r, &p, 0, NULL);
        }
    }
    err = err == 0 ? draw_once(r, &p, p.sheet.pages, out) : err;
    lw_buf_free(&p.text);
    lw_pool_free(&p.pool);
    free(memory[0]);
    free(memory[1]);
    return err;
}
