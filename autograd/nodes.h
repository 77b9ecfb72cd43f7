/* Reading a tape: which nodes it has, what they do and what they read. For graphs, export and tools; nothing here
 * records, computes or fails. */
#ifndef EDDY_NODES_H
#define EDDY_NODES_H

#include "tape.h"

EDDY_C_BEGIN

/* Node or leaf number `index`, from 0; {0} beyond the last. Nodes stand in the order in which they were recorded, so a
 * node's operands have smaller numbers. */
EDDY_API eddy_var eddy_node_var(eddy_tape *tape, int64_t index);
EDDY_API eddy_var eddy_leaf_var(eddy_tape *tape, int64_t index);

/* Where a node was recorded, or a leaf made: "file.c:12"; NULL if nobody said. */
EDDY_API eddy_site eddy_site_of(eddy_var var);
/* The first element that a leaf was made with, whatever has been written to it since; NaN if it was made without a
 * value or is none. */
EDDY_API double eddy_initial_item(eddy_var leaf);

/* All zero of a leaf, and of what is no var. */
typedef struct eddy_node_info {
    const char *op;   /* "matmul" */
    int64_t operands; /* how many */
    int64_t scope;    /* number of the scope in which it was recorded, -1 none */
    bool is_gradient; /* recorded by eddy_gradients and its like */
    bool is_number;   /* an eddy_full: all elements are `number` */
    double number;
} eddy_node_info;
EDDY_API eddy_node_info eddy_node_read(eddy_var node);
/* Operand k of a node, {0} if there is none; whether its value is read, or it is only named (the target of an assign).
 */
EDDY_API eddy_var eddy_operand(eddy_var node, int64_t k);
EDDY_API bool eddy_operand_is_read(eddy_var node, int64_t k);
/* What the node does besides its operands, in words: "axis 1". "" if there is nothing to say. Returns text. */
EDDY_API const char *eddy_attributes_of(eddy_var node, char *text, size_t size);

/* Composite calls, layers and time steps are scopes in each other: number `index` of those still on the tape. */
typedef struct eddy_scope_info {
    const char *name; /* "unroll"; NULL beyond the last */
    eddy_site site;
    int64_t step;   /* of time, -1: it is none */
    int64_t parent; /* -1 none */
} eddy_scope_info;
EDDY_API eddy_scope_info eddy_scope_read(const eddy_tape *tape, int64_t index);

/* Watched vars, in the order in which they were watched: number `index`, or {0}. */
typedef struct eddy_watch_info {
    const char *name;
    int64_t step;
    eddy_var var;
} eddy_watch_info;
EDDY_API eddy_watch_info eddy_watch_read(eddy_tape *tape, int64_t index);

/* Sets a byte for each node and for each leaf to 1 where vars need it, named leaves included; the others stay. The
 * arrays have eddy_node_count and eddy_leaf_total bytes. False, and nothing is marked, if one of vars is no var of the
 * tape. */
EDDY_API bool eddy_mark_below(eddy_tape *tape, eddy_list vars, unsigned char *nodes, unsigned char *leaves);
EDDY_API int64_t eddy_leaf_total(const eddy_tape *tape);

EDDY_C_END
#endif
