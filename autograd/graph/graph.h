/* Pictures: the tape below some vars as Graphviz DOT text. */
#ifndef EDDY_GRAPH_H
#define EDDY_GRAPH_H

#include "tape.h"

EDDY_C_BEGIN

typedef struct eddy_graph_options { /* zero: the default */
    bool no_sites;                  /* leave the call sites out */
    bool no_shapes;                 /* leave the shapes out */
    const char *title;
} eddy_graph_options;

/* DOT text, zero-terminated, in the library's memory (free with eddy_free); NULL after a failure. Nodes of a time step
 * stand in one cluster; inputs, parameters, states and constants have their own shapes; nodes recorded by a gradient
 * are drawn in another colour and line. */
EDDY_SITED char *eddy_graph(eddy_list vars, const eddy_graph_options *options);

EDDY_C_END
#include "graph_calls.h"
#endif
