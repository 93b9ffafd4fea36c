/*
 * figure.h: the exercises as drawings for paper. The numbers are made by tools/gen_figures.mjs with the drawing of the app.
 *
 * A figure stands in the table once as its file has it and again with less and less hip flexion, deepest first, so that no
 * page shows a hip bent further than the plan allows.
 */
#ifndef LW_REPORT_FIGURE_H
#define LW_REPORT_FIGURE_H

#include <cairo.h>

#include "loadwave/base.h"

typedef struct lw_figure {
    const char *exercise;
    int16_t hip_deg;        /* the deepest hip flexion it shows */
    int16_t bounds[4];      /* x, y, width, height; tenths of a centimetre, y upwards */
    uint32_t moments[2][2]; /* start and most telling moment: from, to in lw_figure_numbers */
} lw_figure;

extern const int16_t lw_figure_numbers[];
extern const lw_figure lw_figures[];
extern const unsigned lw_figure_count;

/* The figure of an exercise that bends the hip at most hip_deg, or the least bent one there is; NULL: none is drawn. */
const lw_figure *lw_figure_of(const char *exercise, int hip_deg);
/* Draws moment 0 or 1 into the box; mirrored: the sore leg is the left one. */
void lw_figure_draw(cairo_t *cr, const lw_figure *figure, int moment, bool mirrored, double x, double y, double width,
                    double height);

#endif
