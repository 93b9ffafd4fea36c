/* render_story.h: a record told day by day, for the counter-examples of the checker. */
#ifndef LW_RENDER_STORY_H
#define LW_RENDER_STORY_H

#include "cli/render.h"

/*
 * Prints the days from..to of the log, with what was logged and what the plan of the rules says; the last one in full.
 * Returns an exit code; a record that these rules cannot read has said so on stderr.
 */
int cli_story_print(const cli_screen *screen, const cli_rules *rules, const cli_log *log, int32_t from, int32_t to);

#endif
