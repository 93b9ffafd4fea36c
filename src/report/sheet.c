/* sheet.c: see sheet.h. */
#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/sheet.h"

/* What follows a heading is kept with it as far as this; what is longer goes on over pages line by line. */
enum { HEADING = 26, TOGETHER = 47 };

static const double inks[][3] = {
    [LW_INK_TEXT] = {0.11, 0.13, 0.14}, [LW_INK_QUIET] = {0.33, 0.35, 0.36}, [LW_INK_ACCENT] = {0.04, 0.42, 0.42},
    [LW_INK_GOOD] = {0.11, 0.42, 0.23}, [LW_INK_WARN] = {0.48, 0.29, 0},     [LW_INK_ALARM] = {0.66, 0.13, 0.10},
};
static const double softs[][3] = {
    [LW_INK_TEXT] = {0.95, 0.95, 0.95}, [LW_INK_QUIET] = {0.95, 0.95, 0.95}, [LW_INK_ACCENT] = {0.88, 0.94, 0.93},
    [LW_INK_GOOD] = {0.88, 0.95, 0.90}, [LW_INK_WARN] = {0.99, 0.94, 0.84},  [LW_INK_ALARM] = {0.98, 0.90, 0.89},
};
static const char *const faces[] = {
    [LW_FACE_BODY] = "Lato, DejaVu Sans 10",        [LW_FACE_BOLD] = "Lato, DejaVu Sans Bold 10",
    [LW_FACE_SMALL] = "Lato, DejaVu Sans 9",        [LW_FACE_HEADING] = "Lato, DejaVu Sans Bold 11.5",
    [LW_FACE_TITLE] = "Lato, DejaVu Sans Heavy 20", [LW_FACE_LARGE] = "Lato, DejaVu Sans Bold 12",
};

static cairo_status_t keep(void *closure, const unsigned char *bytes, unsigned int len) {
    lw_buf *out = closure;
    lw_buf_add(out, bytes, len);
    return out->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

void lw_sheet_tag(lw_sheet *sheet, const char *name) {
    if (sheet->format == LW_REPORT_PDF && !sheet->counting) {
        cairo_tag_begin(sheet->cr, name, "");
    }
}

void lw_sheet_untag(lw_sheet *sheet, const char *name) {
    if (sheet->format == LW_REPORT_PDF && !sheet->counting) {
        cairo_tag_end(sheet->cr, name);
    }
}

void lw_sheet_ink(lw_sheet *sheet, lw_ink ink) {
    cairo_set_source_rgb(sheet->cr, inks[ink][0], inks[ink][1], inks[ink][2]);
}

#define TITLE_MOST 1.2 /* a title is large already, and a date in it is long */

static PangoLayout *laid_out(lw_sheet *sheet, lw_face face, double width, PangoAlignment align, const char *text) {
    PangoLayout *layout = pango_layout_new(sheet->context);
    PangoFontDescription *font = pango_font_description_from_string(faces[face]);
    double scale = face == LW_FACE_TITLE && sheet->scale > TITLE_MOST ? TITLE_MOST : sheet->scale;
    pango_font_description_set_size(font, (int)(pango_font_description_get_size(font) * scale));
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_auto_dir(layout, false); /* a name in another script stays where its label is */
    pango_layout_set_alignment(layout, align);
    pango_layout_set_line_spacing(layout, 1.22F);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static void said(lw_sheet *sheet, const char *text) {
    if (!sheet->counting && !sheet->mute) {
        lw_buf_fmt(&sheet->said, "%s\n", text);
    }
}

static double height_of(PangoLayout *layout) {
    int height = 0;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

double lw_sheet_measure(lw_sheet *sheet, lw_face face, double width, const char *text) {
    PangoLayout *layout = laid_out(sheet, face, width, PANGO_ALIGN_LEFT, text);
    double height = height_of(layout);
    g_object_unref(layout);
    return height;
}

double lw_sheet_at(lw_sheet *sheet, lw_face face, lw_ink ink, double x, double y, double width, PangoAlignment align,
                   const char *text) {
    PangoLayout *layout = laid_out(sheet, face, width, align, text);
    lw_sheet_ink(sheet, ink);
    cairo_move_to(sheet->cr, x, y);
    pango_cairo_show_layout(sheet->cr, layout);
    said(sheet, text);
    double height = height_of(layout);
    g_object_unref(layout);
    return height;
}

static void foot(lw_sheet *sheet) {
    double y = LW_SHEET_HEIGHT - LW_SHEET_MARGIN + 10, scale = sheet->scale;
    double width = LW_SHEET_WIDTH - 2 * LW_SHEET_MARGIN;
    char number[32];
    snprintf(number, sizeof number, "%d / %d", sheet->pages, sheet->of > 0 ? sheet->of : sheet->pages);
    sheet->scale = 1;
    lw_sheet_tag(sheet, "P");
    lw_sheet_at(sheet, LW_FACE_SMALL, LW_INK_QUIET, LW_SHEET_MARGIN, y, width - 50, PANGO_ALIGN_LEFT,
                sheet->words.foot);
    lw_sheet_at(sheet, LW_FACE_SMALL, LW_INK_QUIET, LW_SHEET_WIDTH - LW_SHEET_MARGIN - 45, y, 45, PANGO_ALIGN_RIGHT,
                number);
    lw_sheet_untag(sheet, "P");
    sheet->scale = scale;
}

static void begin_page(lw_sheet *sheet) {
    sheet->pages++;
    sheet->y = LW_SHEET_MARGIN;
    sheet->bottom = LW_SHEET_HEIGHT - LW_SHEET_MARGIN - 2;
}

/* Whose page it is, so that sheets that come apart find each other again. */
static void running_head(lw_sheet *sheet) {
    double width = LW_SHEET_WIDTH - 2 * LW_SHEET_MARGIN;
    PangoLayout *layout = laid_out(sheet, LW_FACE_SMALL, width, PANGO_ALIGN_LEFT, sheet->words.running);
    pango_layout_set_single_paragraph_mode(layout, true);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_MIDDLE);
    lw_sheet_ink(sheet, LW_INK_QUIET);
    lw_sheet_tag(sheet, "P");
    cairo_move_to(sheet->cr, LW_SHEET_MARGIN, LW_SHEET_MARGIN - 22);
    pango_cairo_show_layout(sheet->cr, layout);
    lw_sheet_untag(sheet, "P");
    g_object_unref(layout);
    said(sheet, sheet->words.running);
}

static void next_page(lw_sheet *sheet) {
    foot(sheet);
    if (sheet->format == LW_REPORT_PDF) {
        cairo_show_page(sheet->cr);
    } else {
        cairo_translate(sheet->cr, 0, LW_SHEET_HEIGHT);
    }
    begin_page(sheet);
    running_head(sheet);
}

void lw_sheet_begin(lw_sheet *sheet, lw_report_format format, int of, lw_buf *out, const lw_sheet_words *words,
                    int32_t day) {
    *sheet = (lw_sheet){.out = out, .format = format, .of = of, .counting = of == 0, .scale = 1, .words = *words};
    sheet->began = out != NULL ? out->len : 0;
    if (sheet->counting) { /* the same letters in the same places, but no file of them */
        sheet->surface = cairo_recording_surface_create(CAIRO_CONTENT_COLOR, NULL);
    } else if (format == LW_REPORT_PDF) {
        sheet->surface = cairo_pdf_surface_create_for_stream(keep, out, LW_SHEET_WIDTH, LW_SHEET_HEIGHT);
        char date[32];
        lw_day_write(day, date);
        memcpy(date + 10, "T00:00:00Z", 11);
        cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_TITLE, words->title);
        cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_AUTHOR, words->author);
        cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_CREATE_DATE, date);
        cairo_pdf_surface_set_metadata(sheet->surface, CAIRO_PDF_METADATA_MOD_DATE, date);
    } else {
        sheet->surface =
            cairo_svg_surface_create_for_stream(keep, out, LW_SHEET_WIDTH, (double)LW_SHEET_HEIGHT * (of > 0 ? of : 1));
    }
    sheet->cr = cairo_create(sheet->surface);
    sheet->context = pango_cairo_create_context(sheet->cr);
    /* strong: with Pango's own weak one a paragraph that begins with a name of another script was turned round as a whole */
    pango_context_set_base_dir(sheet->context, PANGO_DIRECTION_LTR);
    pango_context_set_language(sheet->context, pango_language_from_string(words->language));
    cairo_font_options_t *options = cairo_font_options_create(); /* glyphs where they belong, whatever the screen */
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(sheet->context, options);
    cairo_font_options_destroy(options);
    pango_cairo_context_set_resolution(sheet->context, 72);
    sheet->left = LW_SHEET_MARGIN;
    sheet->width = LW_SHEET_WIDTH - 2 * LW_SHEET_MARGIN;
    lw_sheet_tag(sheet, "Document");
    begin_page(sheet);
}

/* cairo numbers the surfaces of a process in an SVG's id; the same page is the same bytes. */
static void one_name(lw_buf *out, size_t from) {
    static const char mark[] = "id=\"surface";
    char *at = out->ptr != NULL && !out->failed ? strstr(out->ptr + from, mark) : NULL;
    if (at != NULL) {
        at += sizeof mark - 1;
        size_t digits = strspn(at, "0123456789");
        memmove(at, at + digits, out->len - (size_t)(at - out->ptr) - digits + 1);
        out->len -= digits;
    }
}

/* Text of an SVG: what XML keeps for itself is written otherwise. */
static void put_xml(lw_buf *out, const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        switch (*c) {
        case '<':
            lw_buf_str(out, "&lt;");
            break;
        case '>':
            lw_buf_str(out, "&gt;");
            break;
        case '&':
            lw_buf_str(out, "&amp;");
            break;
        default:
            lw_buf_add(out, c, 1);
        }
    }
}

/*
 * The letters of cairo's SVG are outlines. A reader of the screen gets the title and every sentence from <title> and <desc>,
 * which have to stand first in the picture.
 */
static void say_again(lw_sheet *sheet) {
    static const char mark[] = "<svg ";
    lw_buf *out = sheet->out;
    const char *at = out->ptr != NULL && !out->failed ? strstr(out->ptr + sheet->began, mark) : NULL;
    const char *end = at != NULL ? strchr(at, '>') : NULL;
    lw_buf whole = {0};
    if (end == NULL) {
        return;
    }
    lw_buf_add(&whole, out->ptr, (size_t)(at - out->ptr) + sizeof mark - 1);
    lw_buf_fmt(&whole, "role=\"img\" xml:lang=\"%s\" aria-labelledby=\"title\" aria-describedby=\"text\" ",
               sheet->words.language);
    lw_buf_add(&whole, at + sizeof mark - 1, (size_t)(end - at) + 1 - (sizeof mark - 1));
    lw_buf_str(&whole, "\n<title id=\"title\">");
    put_xml(&whole, sheet->words.title);
    lw_buf_str(&whole, "</title>\n<desc id=\"text\">");
    put_xml(&whole, sheet->said.ptr != NULL ? sheet->said.ptr : "");
    lw_buf_str(&whole, "</desc>");
    lw_buf_add(&whole, end + 1, out->len - (size_t)(end + 1 - out->ptr));
    sheet->failed = sheet->failed || whole.failed;
    lw_buf_free(out);
    *out = whole;
}

/* The number after a name of the trailer. */
static bool trailer_number(const char *trailer, const char *name, unsigned long most, unsigned long *number) {
    const char *at = strstr(trailer, name);
    *number = at != NULL ? strtoul(at + strlen(name), NULL, 10) : most;
    return *number < most;
}

/*
 * cairo 1.16 cannot say which language a document is in, and a reader would read Spanish with an English voice. The format has
 * a way to add to a finished file: an incremental update (PDF 32000-1, 7.5.6), here of the catalogue (7.7.2) alone, with its
 * /Lang, and the wish that a window shows the title and not the file's name. Nothing that cairo wrote is changed; a file that
 * is not laid out as cairo 1.16 lays it out stays as it is.
 */
static void name_language(lw_sheet *sheet) {
    enum { TAIL = 40, ENTRY = 20 };
    static const char ends[] = "startxref\n", begins[] = "xref\n0 ";
    if (sheet->out->failed || sheet->out->len - sheet->began < TAIL) {
        return;
    }
    const char *file = sheet->out->ptr + sheet->began;
    size_t len = sheet->out->len - sheet->began;
    const char *at = strstr(file + len - TAIL, ends);
    size_t table = at != NULL ? strtoul(at + sizeof ends - 1, NULL, 10) : len;
    if (table + TAIL > len || memcmp(file + table, begins, sizeof begins - 1) != 0) {
        return;
    }
    char *entries = NULL;
    unsigned long size = strtoul(file + table + sizeof begins - 1, &entries, 10), root, info;
    const char *trailer = size < len / ENTRY ? entries + 1 + size * ENTRY : file + len;
    if (trailer >= file + len || !trailer_number(trailer, "/Root ", size, &root) ||
        !trailer_number(trailer, "/Info ", size, &info)) {
        return;
    }
    size_t object = strtoul(entries + 1 + root * ENTRY, NULL, 10);
    const char *close = object < len ? strstr(file + object, ">>\nendobj\n") : NULL;
    if (close == NULL) {
        return;
    }
    lw_buf more = {0};
    lw_buf_add(&more, file + object, (size_t)(close - file) - object);
    lw_buf_fmt(&more, "   /Lang (%s)\n   /ViewerPreferences << /DisplayDocTitle true >>\n>>\nendobj\n",
               sheet->words.language);
    size_t next = len + more.len;
    lw_buf_fmt(
        &more,
        "xref\n%lu 1\n%010zu 00000 n \ntrailer\n<< /Size %lu\n   /Root %lu 0 R\n   /Info %lu 0 R\n   /Prev %zu\n>>\n"
        "startxref\n%zu\n%%%%EOF\n",
        root, len, size, root, info, table, next);
    sheet->failed = sheet->failed || more.failed;
    lw_buf_slice(sheet->out, lw_buf_view(&more));
    lw_buf_free(&more);
}

int32_t lw_sheet_end(lw_sheet *sheet) {
    foot(sheet);
    lw_sheet_untag(sheet, "Document");
    g_object_unref(sheet->context);
    cairo_status_t status = cairo_status(sheet->cr);
    cairo_destroy(sheet->cr);
    cairo_surface_finish(sheet->surface);
    status = status != CAIRO_STATUS_SUCCESS ? status : cairo_surface_status(sheet->surface);
    cairo_surface_destroy(sheet->surface);
    if (!sheet->counting && status == CAIRO_STATUS_SUCCESS && sheet->format == LW_REPORT_SVG) {
        one_name(sheet->out, sheet->began);
        say_again(sheet);
    } else if (!sheet->counting && status == CAIRO_STATUS_SUCCESS) {
        name_language(sheet);
    }
    sheet->failed = sheet->failed || sheet->said.failed;
    lw_buf_free(&sheet->said);
    return status == CAIRO_STATUS_SUCCESS && !sheet->failed && !(sheet->out != NULL && sheet->out->failed)
               ? 0
               : LW_ERR_NO_MEMORY;
}

void lw_sheet_need(lw_sheet *sheet, double height) {
    if (sheet->y + height > sheet->bottom && sheet->y > LW_SHEET_MARGIN) {
        next_page(sheet);
    }
}

void lw_sheet_space(lw_sheet *sheet, double height) {
    if (sheet->y > LW_SHEET_MARGIN) {
        sheet->y += height;
    }
}

static void lines(lw_sheet *sheet, lw_face face, lw_ink ink, double indent, const char *text) {
    said(sheet, text);
    PangoLayout *layout = laid_out(sheet, face, sheet->width - indent, PANGO_ALIGN_LEFT, text);
    PangoLayoutIter *at = pango_layout_get_iter(layout);
    int from = 0, end = 0; /* of the layout: where this page begins, and how far it has come */
    do {
        int top = 0;
        PangoRectangle line = {0};
        pango_layout_iter_get_line_extents(at, NULL, &line);
        top = line.y;
        end = line.y + line.height;
        if (sheet->y + (double)(end - from) / PANGO_SCALE > sheet->bottom) {
            sheet->y = sheet->bottom;
            next_page(sheet);
            from = top;
        }
        lw_sheet_ink(sheet, ink);
        cairo_move_to(sheet->cr, sheet->left + indent,
                      sheet->y + (double)(pango_layout_iter_get_baseline(at) - from) / PANGO_SCALE);
        pango_cairo_show_layout_line(sheet->cr, pango_layout_iter_get_line_readonly(at));
    } while (pango_layout_iter_next_line(at));
    sheet->y += (double)(end - from) / PANGO_SCALE;
    pango_layout_iter_free(at);
    g_object_unref(layout);
}

void lw_sheet_text(lw_sheet *sheet, lw_face face, lw_ink ink, double indent, const char *text) {
    const char *tag = face == LW_FACE_TITLE ? "H1" : "P";
    lw_sheet_tag(sheet, tag);
    lines(sheet, face, ink, indent, text);
    lw_sheet_untag(sheet, tag);
}

void lw_sheet_heading(lw_sheet *sheet, const char *text) {
    lw_sheet_space(sheet, 11 * sheet->scale);
    lw_sheet_need(sheet, (HEADING + TOGETHER) * sheet->scale);
    lw_sheet_tag(sheet, "H2");
    lines(sheet, LW_FACE_HEADING, LW_INK_ACCENT, 0, text);
    lw_sheet_untag(sheet, "H2");
    sheet->y += 5 * sheet->scale;
}

void lw_sheet_item(lw_sheet *sheet, const char *text) {
    double height = lw_sheet_measure(sheet, LW_FACE_BODY, sheet->width - 12, text);
    lw_sheet_need(sheet, height < 60 ? height : 30);
    lw_sheet_tag(sheet, "P");
    sheet->mute = true;
    lw_sheet_at(sheet, LW_FACE_BODY, LW_INK_ACCENT, sheet->left, sheet->y, 10, PANGO_ALIGN_LEFT, "•");
    sheet->mute = false;
    lines(sheet, LW_FACE_BODY, LW_INK_TEXT, 12, text);
    lw_sheet_untag(sheet, "P");
    sheet->y += 4;
}

void lw_sheet_pair(lw_sheet *sheet, const char *label, const char *text) {
    enum { PAIR_GAP = 5 };
    double quarter = sheet->width * 0.27;
    double height = lw_sheet_measure(sheet, LW_FACE_BODY, sheet->width - quarter, text);
    double own = lw_sheet_measure(sheet, LW_FACE_BOLD, quarter - 8, label);
    if (height > TOGETHER * sheet->scale) { /* it goes on over pages */
        lw_sheet_need(sheet, own);
        lw_sheet_tag(sheet, "P");
        lw_sheet_at(sheet, LW_FACE_BOLD, LW_INK_TEXT, sheet->left, sheet->y, quarter - 8, PANGO_ALIGN_LEFT, label);
        lines(sheet, LW_FACE_BODY, LW_INK_TEXT, quarter, text);
        lw_sheet_untag(sheet, "P");
        sheet->y += PAIR_GAP;
        return;
    }
    lw_sheet_need(sheet, height > own ? height : own);
    lw_sheet_tag(sheet, "P");
    lw_sheet_at(sheet, LW_FACE_BOLD, LW_INK_TEXT, sheet->left, sheet->y, quarter - 8, PANGO_ALIGN_LEFT, label);
    lw_sheet_at(sheet, LW_FACE_BODY, LW_INK_TEXT, sheet->left + quarter, sheet->y, sheet->width - quarter,
                PANGO_ALIGN_LEFT, text);
    lw_sheet_untag(sheet, "P");
    sheet->y += (height > own ? height : own) + PAIR_GAP;
}

void lw_sheet_line(lw_sheet *sheet, const char *label) {
    enum { HIGH = 26 };
    double part = sheet->width * 0.42;
    lw_sheet_need(sheet, HIGH);
    lw_sheet_tag(sheet, "P");
    lw_sheet_at(sheet, LW_FACE_BODY, LW_INK_TEXT, sheet->left, sheet->y + 8, part - 8, PANGO_ALIGN_LEFT, label);
    lw_sheet_untag(sheet, "P");
    lw_sheet_ink(sheet, LW_INK_QUIET);
    cairo_rectangle(sheet->cr, sheet->left + part, sheet->y + HIGH - 5, sheet->width - part, 0.6);
    cairo_fill(sheet->cr);
    sheet->y += HIGH;
}

void lw_sheet_card(lw_sheet *sheet, lw_ink ink, const char *text) {
    enum { PAD = 9 };
    double height = lw_sheet_measure(sheet, LW_FACE_LARGE, sheet->width - 2 * PAD - 4, text) + 2 * PAD;
    lw_sheet_need(sheet, height);
    cairo_set_source_rgb(sheet->cr, softs[ink][0], softs[ink][1], softs[ink][2]);
    cairo_rectangle(sheet->cr, sheet->left, sheet->y, sheet->width, height);
    cairo_fill(sheet->cr);
    lw_sheet_ink(sheet, ink);
    cairo_rectangle(sheet->cr, sheet->left, sheet->y, 3.5, height);
    cairo_fill(sheet->cr);
    lw_sheet_tag(sheet, "P");
    lw_sheet_at(sheet, LW_FACE_LARGE, ink, sheet->left + PAD + 4, sheet->y + PAD, sheet->width - 2 * PAD - 4,
                PANGO_ALIGN_LEFT, text);
    lw_sheet_untag(sheet, "P");
    sheet->y += height + 6;
}
