/* figure.c: see figure.h. */
#include <string.h>

#include "report/figure.h"

enum { NEAR, FAR, SORE, SORE_FAR, SPOT, GROUND, SOFT, GEAR, ROPE, WEIGHT, HUB };

/* Red, green, blue of each part: the app's colours on white. */
static const double colours[][3] = {
    [NEAR] = {0.44, 0.46, 0.47},     [FAR] = {0.72, 0.73, 0.74},  [SORE] = {0.04, 0.42, 0.42},
    [SORE_FAR] = {0.43, 0.65, 0.65}, [SPOT] = {0.66, 0.13, 0.10}, [GROUND] = {0.62, 0.65, 0.66},
    [SOFT] = {0.76, 0.86, 0.86},     [GEAR] = {0.80, 0.76, 0.66}, [ROPE] = {0.33, 0.35, 0.36},
    [WEIGHT] = {0.33, 0.35, 0.36},   [HUB] = {1, 1, 1},
};

const lw_figure *lw_figure_of(const char *exercise, int hip_deg) {
    const lw_figure *found = NULL;
    for (unsigned i = 0; i < lw_figure_count; i++) {
        if (strcmp(lw_figures[i].exercise, exercise) == 0) {
            found = &lw_figures[i];
            if (found->hip_deg <= hip_deg) {
                return found;
            }
        }
    }
    return found;
}

static void stroke(cairo_t *cr, const int16_t *points, int count, double width, const double colour[3]) {
    for (int i = 0; i < count; i++) {
        cairo_line_to(cr, points[2 * i], points[2 * i + 1]);
    }
    cairo_set_line_width(cr, width);
    cairo_set_source_rgb(cr, colour[0], colour[1], colour[2]);
    cairo_stroke(cr);
}

void lw_figure_draw(cairo_t *cr, const lw_figure *figure, int moment, bool mirrored, double x, double y, double width,
                    double height) {
    static const double white[3] = {1, 1, 1};
    double across = figure->bounds[2], up = figure->bounds[3];
    double scale = width / across < height / up ? width / across : height / up;
    cairo_save(cr);
    cairo_rectangle(cr, x, y - 1, width,
                    height + 2); /* a rope comes from outside and is cut at the edge, as in the app */
    cairo_clip(cr);
    cairo_translate(cr, x + width / 2, y + height);
    cairo_scale(cr, mirrored ? -scale : scale, -scale);
    cairo_translate(cr, -(figure->bounds[0] + across / 2), -figure->bounds[1]);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    const int16_t *at = lw_figure_numbers + figure->moments[moment][0];
    const int16_t *end = lw_figure_numbers + figure->moments[moment][1];
    while (at < end) {
        int part = at[1];
        const double *colour = colours[part];
        cairo_new_path(cr);
        if (at[0] == 0) {
            if (part <= SORE_FAR) { /* a limb keeps a thin white edge, so that crossing ones stay apart */
                stroke(cr, at + 4, at[3], at[2] + 26, white);
            }
            stroke(cr, at + 4, at[3], at[2], colour);
            at += 4 + 2 * at[3];
        } else if (at[0] == 1) {
            cairo_arc(cr, at[3], at[4], at[2], 0, 6.2831853);
            cairo_set_source_rgb(cr, colour[0], colour[1], colour[2]);
            cairo_fill(cr);
            at += 5;
        } else {
            cairo_rectangle(cr, at[3], at[4], at[5], at[6]);
            cairo_set_source_rgb(cr, colour[0], colour[1], colour[2]);
            cairo_fill(cr);
            at += 7;
        }
    }
    cairo_restore(cr);
}
