/*
 * tree.h: a plan or an event as a small tree, for rendering.
 *
 * It reads only what the library wrote or has already validated; it is lenient where that saves code and has no opinion
 * on numbers, which stay text. The strict reader is src/record.
 */
#ifndef LW_WORDS_TREE_H
#define LW_WORDS_TREE_H

#include "store/buffer.h"

typedef enum lw_node_type {
    LW_NODE_NULL,
    LW_NODE_TRUE,
    LW_NODE_FALSE,
    LW_NODE_NUMBER,
    LW_NODE_STRING,
    LW_NODE_LIST,
    LW_NODE_OBJECT
} lw_node_type;

typedef struct lw_node {
    lw_node_type type;
    const char *name; /* member name, NULL in a list */
    const char *text; /* number as written, or the unescaped string; "" otherwise */
    struct lw_node *first, *next;
} lw_node;

/* Reads text; the pool owns the nodes. NULL when it is not JSON, nests deeper than 32, or
 * the heap refuses. */
const lw_node *lw_node_read(lw_str text, lw_pool *pool);

/* The member by name; NULL when absent, or when object is NULL. Names are the whole member name. */
const lw_node *lw_node_at(const lw_node *object, const char *name);
/* Text of a string or number member; NULL when absent, null or something else. */
const char *lw_node_str(const lw_node *object, const char *name);
/* Whole part of a number member; fallback when it is not one. */
long lw_node_int(const lw_node *object, const char *name, long fallback);
bool lw_node_true(const lw_node *object, const char *name);
/* The object or list member; NULL when absent, null or of another type. */
const lw_node *lw_node_inside(const lw_node *object, const char *name);
int lw_node_length(const lw_node *list);

#endif
