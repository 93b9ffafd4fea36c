/*
 * render.h: what the two parts of a plan's page share: the page itself (render.c) and the reasons (render_why.c).
 */
#ifndef LW_RENDER_H
#define LW_RENDER_H

#include "cli/locale.h"
#include "words/tree.h"

typedef struct cli_view {
    const cli_screen *screen;
    const lw_node *plan;
    const lw_protocol *protocol;
    bool full;
} cli_view;

/* One sentence, wrapped: first before its first line, rest before the others. */
void cli_line(const cli_view *v, cli_style style, const char *first, const char *rest, const char *id,
              const char *const *args);
/* An empty line and the sentence as a heading. */
void cli_heading(const cli_view *v, const char *id);
/* Adds the sentence, after ", " when something stands there already. */
void cli_part(cli_buf *text, const char *id, const char *const *args);

/* The line about running. */
void cli_render_run(const cli_view *v);

/* Adds " [1] [4]": the numbers that holder's rules have among the reasons. */
void cli_reason_numbers(const cli_view *v, cli_buf *text, const lw_node *holder);
/* Prints what holder's rules say, a line each. */
void cli_reason_sentences(const cli_view *v, const char *indent, const lw_node *holder);
/* The reasons in the plan's order; while stopped only what stops and who should look. */
void cli_reasons(const cli_view *v, bool stopped);

#endif
