/*
 * json_tree.h: a plan or an event as a small tree, for rendering.
 *
 * It reads only what the library wrote or has already validated; it is lenient where that saves code and has no opinion
 * on numbers, which stay text. The strict reader is src/record.
 */
#ifndef LW_JSON_TREE_H
#define LW_JSON_TREE_H

#include "cli/cli.h"

typedef enum cli_type { CLI_NULL, CLI_TRUE, CLI_FALSE, CLI_NUMBER, CLI_STRING, CLI_LIST, CLI_OBJECT } cli_type;

typedef struct cli_node {
    cli_type type;
    const char *name; /* member name, NULL in a list */
    const char *text; /* number as written, or the unescaped string; "" otherwise */
    struct cli_node *first, *next;
} cli_node;

/* Reads text; the pool owns the nodes. NULL when it is not JSON or nests deeper than 32. */
const cli_node *cli_json_read(lw_str text, struct cli_pool **pool);
void cli_pool_free(struct cli_pool *pool);

/* The member by name; NULL when absent, or when object is NULL. Names are the whole member name. */
const cli_node *cli_at(const cli_node *object, const char *name);
/* Text of a string or number member; NULL when absent, null or something else. */
const char *cli_str_at(const cli_node *object, const char *name);
/* Whole part of a number member; fallback when it is not one. */
long cli_int_at(const cli_node *object, const char *name, long fallback);
bool cli_true_at(const cli_node *object, const char *name);
/* The object or list member; NULL when absent, null or of another type. */
const cli_node *cli_inside(const cli_node *object, const char *name);
int cli_length(const cli_node *list);

#endif
