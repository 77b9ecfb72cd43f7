/* The tape below some vars as DOT text. Time runs from left to right: values flow right, gradients flow left.
 *
 * Scopes are clusters. DOT lets a cluster be opened several times, so that nodes are written in their own order, each
 * run of one scope inside the chain of its parents. A node's call site is left out where it is its scope's, which the
 * cluster's label shows. */
#include "graph.h"
#include "nodes.h"
#include "text_buffer.h"

#include <stdio.h>
#include <string.h>

typedef struct graph {
    eddy_tape *tape;
    eddy_graph_options options;
    eddy_list vars;
    int64_t nodes, leaves;         /* of the tape */
    unsigned char *needed, *below; /* is node i, is leaf i to be drawn? */
    const char **watched;          /* the name under which node i is watched, or NULL */
    eddy_text text;
} graph;

/* Text between quotes or in an HTML-like label: both read the entities. What is no UTF-8 or no visible character
 * becomes a question mark. */
static void add_escaped(graph *g, const char *string)
{
    for (const char *c = string; *c;) {
        size_t length = eddy_utf8_length((const unsigned char *)c, strlen(c));
        const char *entity = *c == '&'    ? "&amp;"
                             : *c == '<'  ? "&lt;"
                             : *c == '>'  ? "&gt;"
                             : *c == '"'  ? "&quot;"
                             : *c == '\\' ? "&#92;"
                                          : NULL;
        if (entity)
            eddy_text_add(&g->text, entity, strlen(entity));
        else if (!length || (unsigned char)*c < 32 || *c == 127)
            eddy_text_add(&g->text, "?", 1);
        else
            eddy_text_add(&g->text, c, length);
        c += length ? length : 1;
    }
}

static void add(graph *g, const char *string)
{
    eddy_text_add(&g->text, string, strlen(string));
}

static const char *base_name(const char *site)
{
    const char *slash = strrchr(site, '/');
    return slash ? slash + 1 : site;
}

/* ---- What is drawn ---- */

static void note_watches(graph *g)
{
    eddy_watch_info watch;
    for (int64_t i = 0; (watch = eddy_watch_read(g->tape, i)).name; i++)
        if (watch.var.index >= 0)
            g->watched[watch.var.index] = watch.name;
}

static bool is_asked_for(const graph *g, int32_t id)
{
    for (int64_t k = 0; k < g->vars.count; k++)
        if (g->vars.items[k].index == id)
            return true;
    return false;
}

/* ---- Nodes ---- */

/* n12 is a node, l3 a leaf. */
static void add_id(graph *g, int32_t id)
{
    eddy_text_print(&g->text, id >= 0 ? "n%d" : "l%d", (int)(id >= 0 ? id : ~id));
}

/* The second line of a label: shape, dtype if it is not the tape's, call site. */
static void add_details(graph *g, const eddy_shape *shape, eddy_dtype dtype, const char *site)
{
    bool shapes = !g->options.no_shapes, sites = site && !g->options.no_sites;
    if (!shapes && !sites)
        return;
    add(g, "<BR/><FONT POINT-SIZE=\"9\" COLOR=\"#606060\">");
    if (shapes)
        add_escaped(g, eddy_shape_format(shape).text);
    if (shapes && dtype != eddy_tape_dtype(g->tape))
        eddy_text_print(&g->text, " %s", eddy_dtype_name(dtype));
    if (sites) {
        add(g, shapes ? "  " : "");
        add_escaped(g, base_name(site));
    }
    add(g, "</FONT>");
}

static void add_node(graph *g, int32_t i)
{
    eddy_var var = eddy_node_var(g->tape, i);
    eddy_node_info node = eddy_node_read(var);
    eddy_shape shape = eddy_shape_of(var);
    eddy_site site = eddy_site_of(var), of_scope = eddy_scope_read(g->tape, node.scope).site;
    const char *fill = node.is_gradient ? "#fdecea" : g->watched[i] ? "#cfe3f7" : "#eef4fb";
    const char *line = node.is_gradient ? "color=\"#c0392b\", style=\"filled,rounded,dashed\""
                                        : "color=\"#2e6da4\", style=\"filled,rounded\"";
    add_id(g, i);
    if (node.is_number) { /* no box, it stands beside its user */
        eddy_text_print(&g->text, " [shape=plaintext, margin=0.02, height=0.2, fontcolor=\"%s\", label=<%.6g",
                        node.is_gradient ? "#c0392b" : "#404040", node.number);
        if (shape.rank)
            add_details(g, &shape, eddy_dtype_of(var), NULL);
        add(g, ">]\n");
        return;
    }
    eddy_text_print(&g->text, " [%s, fillcolor=\"%s\"%s, label=<", line, fill,
                    is_asked_for(g, i) ? ", penwidth=3" : "");
    if (g->watched[i]) {
        add(g, "<B>");
        add_escaped(g, g->watched[i]);
        add(g, "</B>&#160;= ");
    }
    add_escaped(g, node.op);
    add_details(g, &shape, eddy_dtype_of(var), site && of_scope && !strcmp(site, of_scope) ? NULL : site);
    add(g, ">]\n");
}

static void add_leaf(graph *g, int32_t id)
{
    static const char *const style[] = { [EDDY_INPUT] = "shape=ellipse, fillcolor=\"#dff0d8\", color=\"#3c763d\"",
                                         [EDDY_PARAMETER] = "shape=box3d, fillcolor=\"#fcf0d0\", color=\"#8a6d3b\"",
                                         [EDDY_STATE] = "shape=cylinder, fillcolor=\"#e8e0f0\", color=\"#6a4c93\"",
                                         [EDDY_CONSTANT] = "shape=note, fillcolor=\"#eeeeee\", color=\"#777777\"" };
    static const char *const role[] = {
        [EDDY_INPUT] = "input", [EDDY_PARAMETER] = "parameter", [EDDY_STATE] = "state", [EDDY_CONSTANT] = "constant"
    };
    eddy_var leaf = eddy_leaf_var(g->tape, ~id);
    eddy_shape shape = eddy_shape_of(leaf);
    eddy_role is = eddy_role_of(leaf);
    add_id(g, id);
    eddy_text_print(&g->text, " [%s, style=filled, class=\"%s\"%s, label=<<B>", style[is], role[is],
                    is_asked_for(g, id) ? ", penwidth=3" : "");
    add_escaped(g, eddy_name_of(leaf));
    add(g, "</B>");
    add_details(g, &shape, eddy_dtype_of(leaf), eddy_site_of(leaf));
    add(g, ">]\n");
}

/* ---- Clusters ---- */

static void open_scope(graph *g, int64_t at)
{
    eddy_scope_info scope = eddy_scope_read(g->tape, at);
    eddy_text_print(&g->text, "subgraph cluster_%d { label=<<B>", (int)at);
    if (scope.step >= 0)
        eddy_text_print(&g->text, "step %lld", (long long)scope.step);
    else
        add_escaped(g, scope.name);
    add(g, "</B>");
    if (scope.site && scope.step < 0 && !g->options.no_sites) {
        add(g, " <FONT POINT-SIZE=\"9\" COLOR=\"#606060\">");
        add_escaped(g, base_name(scope.site));
        add(g, "</FONT>");
    }
    add(g, scope.step >= 0 ? ">; style=\"filled,rounded\"; color=\"#d8d8d8\"; fillcolor=\"#fafafa\"\n"
                           : ">; style=rounded; color=\"#b0b0b0\"\n");
}

/* Opens the clusters from the outermost to this one; returns how many. */
static int open_scopes(graph *g, int64_t at)
{
    int depth = 0;
    for (int64_t s = at; s >= 0; s = eddy_scope_read(g->tape, s).parent)
        depth++;
    for (int level = depth; level > 0; level--) {
        int64_t s = at;
        for (int up = 1; up < level; up++)
            s = eddy_scope_read(g->tape, s).parent;
        open_scope(g, s);
    }
    return depth;
}

/* The nodes in order; those of a gradient stand in a cluster of their own within their scope's. */
static void add_nodes(graph *g)
{
    int64_t scope = -1;
    bool gradient = false;
    int depth = 0;
    for (int32_t i = 0; i < g->nodes; i++) {
        if (!g->needed[i])
            continue;
        eddy_node_info node = eddy_node_read(eddy_node_var(g->tape, i));
        if (node.scope != scope || node.is_gradient != gradient) {
            for (; depth > 0; depth--)
                add(g, "}\n");
            scope = node.scope;
            gradient = node.is_gradient;
            depth = open_scopes(g, scope);
            if (gradient && scope >= 0) {
                eddy_text_print(
                    &g->text, "subgraph cluster_g%d { label=<gradient>; style=\"rounded,dashed\"; color=\"#e8b4ae\"\n",
                    (int)scope);
                depth++;
            }
        }
        add_node(g, i);
    }
    for (; depth > 0; depth--)
        add(g, "}\n");
}

/* ---- Edges ---- */

/* A gradient's edges are laid out from right to left, and where it reads a value it stands no further left than the
 * value: so a step's two directions lie side by side. Edges within one scope pull harder than those between scopes,
 * which keeps steps together. */
static void add_edges(graph *g, int32_t i)
{
    eddy_var var = eddy_node_var(g->tape, i);
    eddy_node_info node = eddy_node_read(var);
    for (int64_t k = 0; k < node.operands; k++) {
        eddy_var operand = eddy_operand(var, k);
        eddy_node_info source = eddy_node_read(operand);
        bool target = !eddy_operand_is_read(var, k), back = target || (source.is_gradient && node.is_gradient);
        int weight = !source.op ? 0 : source.scope == node.scope ? 8 : 1;
        add_id(g, back ? i : operand.index);
        add(g, " -> ");
        add_id(g, back ? operand.index : i);
        if (target)
            add(g, " [weight=0, style=bold, color=\"#6a4c93\", xlabel=\"writes\"]");
        else if (back)
            eddy_text_print(&g->text, " [dir=back, weight=%d, style=dashed, color=\"#c0392b\"]", weight);
        else if (node.is_gradient)
            eddy_text_print(&g->text, " [minlen=0, weight=%d, style=dashed, color=\"#e8b4ae\"]", source.op != NULL);
        else
            eddy_text_print(&g->text, " [weight=%d%s]", weight, source.op ? "" : ", color=\"#b0a080\"");
        add(g, "\n");
    }
}

/* ---- The call ---- */

static void write_graph(graph *g)
{
    add(g, "digraph eddy {\nrankdir=LR; ranksep=0.35; nodesep=0.15; fontname=\"Helvetica\"; fontsize=13; labelloc=t; "
           "compound=true; newrank=true\n"
           "node [shape=box, fontname=\"Helvetica\", fontsize=12, margin=\"0.08,0.04\", height=0.3]\nedge "
           "[arrowsize=0.6, color=\"#2e6da4\"]\n");
    if (g->options.title) {
        add(g, "label=<<B>");
        add_escaped(g, g->options.title);
        add(g, "</B>>\n");
    }
    for (int32_t i = 0; i < g->leaves; i++)
        if (g->below[i])
            add_leaf(g, ~i);
    add_nodes(g);
    for (int32_t i = 0; i < g->nodes; i++)
        if (g->needed[i])
            add_edges(g, i);
    add(g, "}\n");
}

char *eddy_graph_at(eddy_site site, eddy_list vars, const eddy_graph_options *options)
{
    eddy_tape *tape = vars.count > 0 && vars.items ? vars.items[0].tape : NULL;
    if (!tape || eddy_error(tape))
        return NULL;
    graph g = { .tape = tape, .vars = vars, .options = options ? *options : (eddy_graph_options){ 0 } };
    g.nodes = eddy_node_count(tape);
    g.leaves = eddy_leaf_total(tape);
    g.needed = eddy_allocate((size_t)(g.nodes + g.leaves), 1);
    g.watched = eddy_allocate((size_t)g.nodes, sizeof *g.watched);
    bool known = true;
    if (g.needed && g.watched) {
        g.below = g.needed + g.nodes;
        known = eddy_mark_below(tape, vars, g.needed, g.below);
        if (known) {
            note_watches(&g);
            write_graph(&g);
        }
    }
    bool done = g.needed && g.watched && known && !g.text.failed;
    eddy_free(g.needed);
    eddy_free(g.watched);
    if (done)
        return g.text.data;
    eddy_free(g.text.data);
    eddy_fail_at(site, tape, "graph: %s", known ? "out of memory" : "a var is failed, was reset, or of another tape");
    return NULL;
}
