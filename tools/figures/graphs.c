/* Nodes and arrows: one step of a cell, unrolled networks, and the ways that a gradient takes. Each picture is a table.
 */
#include "figure.h"

#include <math.h>
#include <string.h>

/* Where a node stands, how wide it is (0: a circle around a sign; < 0: a circle of that radius around a name), and what
 * stands in it. */
typedef struct node {
    double x, y, width;
    const char *label;
    figure_colour colour;
} node;

typedef struct edge {
    int from, to;
    figure_colour colour;
    bool dashed;
    double bend;
    const char *label; /* beside its middle */
    double dx, dy;     /* how far beside */
} edge;

typedef struct note {
    double x, y;
    char anchor;
    figure_colour colour;
    const char *english, *chinese;
} note;

typedef struct graph {
    int height, nodes, edges, notes;
    const node *node;
    const edge *edge;
    const note *note;
} graph;

enum { SIGN_RADIUS = 11, BOX_HEIGHT = 24 };

/* How far the node's outline is from its centre in this direction. */
static double reach(const node *n, double dx, double dy)
{
    if (n->width <= 0)
        return n->width < 0 ? -n->width : SIGN_RADIUS;
    double across = fabs(dx) > 1e-9 ? n->width / 2 / fabs(dx) : INFINITY,
           along = fabs(dy) > 1e-9 ? BOX_HEIGHT / 2. / fabs(dy) : INFINITY;
    return across < along ? across : along;
}

static void draw_edge(figure *f, const graph *g, const edge *e)
{
    const node *a = &g->node[e->from], *b = &g->node[e->to];
    double length = hypot(b->x - a->x, b->y - a->y), dx = (b->x - a->x) / length, dy = (b->y - a->y) / length;
    double slope = atan2(e->bend, length / 2); /* a bent arrow leaves to its left and arrives from there */
    double lx = dx * cos(slope) + dy * sin(slope), ly = dy * cos(slope) - dx * sin(slope);
    double ex = dx * cos(slope) - dy * sin(slope), ey = dy * cos(slope) + dx * sin(slope);
    double from = reach(a, lx, ly) + 2, to = reach(b, ex, ey) + 2;
    figure_arrow(f, a->x + from * lx, a->y + from * ly, b->x - to * ex, b->y - to * ey, e->bend * 0.8, e->colour,
                 e->dashed);
    if (e->label)
        figure_small(f, (a->x + b->x) / 2 + e->dx, (a->y + b->y) / 2 + e->dy, 'm', e->colour, e->label);
}

static void draw_node(figure *f, const node *n)
{
    if (n->width > 0)
        figure_box(f, n->x - n->width / 2, n->y - BOX_HEIGHT / 2., n->width, BOX_HEIGHT, n->colour, 0.12);
    else
        figure_circle(f, n->x, n->y, n->width < 0 ? -n->width : SIGN_RADIUS, n->colour, 0.12);
    figure_text(f, n->x, n->y + 5, 'm', INK, n->label);
}

#define GRAPH(height, node, edge, note)                                                                                \
    {                                                                                                                  \
        height, sizeof node / sizeof *node, sizeof edge / sizeof *edge, sizeof note / sizeof *note, node, edge, note   \
    }

/* ---- One step of an LSTM ---- */

static const node lstm_node[] = {
    { 24, 36, -18, "C_{t-1}", BLUE }, { 88, 36, 0, "'×", INK },           { 186, 36, 0, "'+", INK },
    { 316, 36, -18, "C_t", BLUE },    { 186, 96, 0, "'×", INK },          { 270, 86, 38, "'tanh", INK },
    { 270, 136, 0, "'×", INK },       { 316, 136, -18, "h_t", GREEN },    { 88, 176, 34, "f_t", ORANGE },
    { 152, 176, 34, "i_t", ORANGE },  { 214, 176, 34, "C̃_t", INK },       { 270, 176, 34, "o_t", ORANGE },
    { 178, 234, 92, "ζ_t", INK },     { 24, 200, -18, "h_{t-1}", GREEN }, { 24, 240, -16, "x_t", SOFT },
};
static const edge lstm_edge[] = {
    { .from = 0, .to = 1, .colour = BLUE },
    { .from = 1, .to = 2, .colour = BLUE },
    { .from = 2, .to = 3, .colour = BLUE },
    { .from = 8, .to = 1 },
    { .from = 9, .to = 4 },
    { .from = 10, .to = 4 },
    { .from = 4, .to = 2 },
    { .from = 2, .to = 5 },
    { .from = 5, .to = 6 },
    { .from = 11, .to = 6 },
    { .from = 6, .to = 7, .colour = GREEN },
    { .from = 12, .to = 8 },
    { .from = 12, .to = 9 },
    { .from = 12, .to = 10 },
    { .from = 12, .to = 11 },
    { .from = 13, .to = 12, .colour = GREEN },
    { .from = 14, .to = 12 },
};
static const note lstm_note[] = {
    { 170, 270, 'm', INK, "f_t, i_t, o_t = σ(a_{g,t}),  C̃_t = tanh(a_{C,t})",
      "f_t, i_t, o_t = σ(a_{g,t}),  C̃_t = tanh(a_{C,t})" },
    { 170, 292, 'm', INK, "a_{g,t} = W_g ζ_t + b_g", "a_{g,t} = W_g ζ_t + b_g" },
};

/* ---- Who reads the two states ---- */

static const node reader_node[] = {
    { 60, 66, -20, "h_t", GREEN },         { 60, 236, -20, "C_t", BLUE },        { 286, 22, 66, "'L", INK },
    { 286, 56, 66, "a_{i,t+1}", ORANGE },  { 286, 90, 66, "a_{f,t+1}", ORANGE }, { 286, 124, 66, "a_{C,t+1}", INK },
    { 286, 158, 66, "a_{o,t+1}", ORANGE }, { 286, 216, 66, "h_t", GREEN },       { 286, 256, 66, "C_{t+1}", BLUE },
};
static const edge reader_edge[] = {
    { .from = 2, .to = 0, .colour = GREEN, .label = "ĝ_t", .dx = -16, .dy = -10 },
    { .from = 3, .to = 0, .colour = GREEN },
    { .from = 4, .to = 0, .colour = GREEN },
    { .from = 5, .to = 0, .colour = GREEN },
    { .from = 6, .to = 0, .colour = GREEN },
    { .from = 7, .to = 1, .colour = BLUE, .label = "o_t (1 − tanh^2 C_t)", .dx = -6, .dy = -14 },
    { .from = 8, .to = 1, .colour = BLUE, .label = "f_{t+1}", .dx = -6, .dy = 16 },
};
static const note reader_note[] = {
    { 122, 138, 'm', GREEN, "W_g^⊤ δ_{g,t+1}", "W_g^⊤ δ_{g,t+1}" },
    { 60, 24, 'm', INK, "'is read", "'被读取" },
    { 286, 292, 'm', INK, "'read it", "'读取者" },
};

/* ---- The unrolled LSTM, and the path that the tutorial forgets ---- */

static const node unrolled_node[] = {
    { 50, 42, -18, "C_1", BLUE },     { 160, 42, -18, "C_2", BLUE },    { 270, 42, -18, "C_3", BLUE },
    { 66, 108, -18, "h_1", GREEN },   { 176, 108, -18, "h_2", GREEN },  { 286, 108, -18, "h_3", GREEN },
    { 112, 166, 44, "a_{g,2}", INK }, { 222, 166, 44, "a_{g,3}", INK }, { 66, 216, 34, "L_1", SOFT },
    { 176, 216, 34, "L_2", SOFT },    { 286, 216, 34, "L_3", SOFT },
};
static const edge unrolled_edge[] = {
    { .from = 2, .to = 1, .colour = ORANGE, .dashed = true, .label = "f_3", .dx = 0, .dy = -8 },
    { .from = 1, .to = 0, .colour = ORANGE, .dashed = true, .label = "f_2", .dx = 0, .dy = -8 },
    { .from = 3, .to = 0, .colour = GREEN },
    { .from = 4, .to = 1, .colour = GREEN },
    { .from = 5, .to = 2, .colour = GREEN },
    { .from = 8, .to = 3, .colour = GREEN, .label = "ĝ_1", .dx = -12, .dy = 4 },
    { .from = 9, .to = 4, .colour = GREEN, .label = "ĝ_2", .dx = 13, .dy = 14 },
    { .from = 10, .to = 5, .colour = GREEN, .label = "ĝ_3", .dx = 13, .dy = 4 },
    { .from = 1, .to = 6, .colour = GREEN, .bend = 4 },
    { .from = 2, .to = 7, .colour = GREEN, .bend = 4 },
    { .from = 4, .to = 6, .colour = GREEN },
    { .from = 5, .to = 7, .colour = GREEN },
    { .from = 6, .to = 3, .colour = GREEN },
    { .from = 7, .to = 4, .colour = GREEN },
};
static const note unrolled_note[] = {
    { 20, 262, 's', GREEN, "'― gradient that both compute", "'― 两者都计算的梯度" },
    { 20, 282, 's', ORANGE, "'- - gradient that the tutorial forgets", "'- - 教程遗漏的梯度" },
};

/* ---- GRU, reset before the product; and after it ---- */

static const node gru_node[] = {
    { 24, 44, -18, "h_{t-1}", GREEN }, { 156, 44, 0, "'×", INK },       { 254, 44, 0, "'+", INK },
    { 316, 44, -18, "h_t", GREEN },    { 156, 106, 34, "z_t", ORANGE }, { 254, 106, 0, "'×", INK },
    { 254, 170, 34, "h̃_t", INK },      { 108, 132, 34, "r_t", ORANGE }, { 150, 200, 0, "'×", INK },
    { 24, 246, -16, "x_t", SOFT },
};
static const edge gru_edge[] = {
    { .from = 0, .to = 1, .colour = GREEN },
    { .from = 1, .to = 2, .colour = GREEN },
    { .from = 2, .to = 3, .colour = GREEN },
    { .from = 4, .to = 1, .label = "1 − z_t", .dx = 24, .dy = 6 },
    { .from = 4, .to = 5, .label = "z_t", .dx = 4, .dy = -6 },
    { .from = 6, .to = 5 },
    { .from = 5, .to = 2 },
    { .from = 0, .to = 4 },
    { .from = 0, .to = 7 },
    { .from = 0, .to = 8, .colour = GREEN, .bend = -50 },
    { .from = 7, .to = 8 },
    { .from = 8, .to = 6, .colour = BLUE, .label = "W_h", .dx = -6, .dy = -8 },
    { .from = 9, .to = 4, .bend = 8 },
    { .from = 9, .to = 7 },
    { .from = 9, .to = 6, .bend = -28 },
};
static const note gru_note[] = {
    { 170, 272, 'm', BLUE, "'gate first, then the product", "'先乘门，再做矩阵乘法" },
};

static const node after_node[] = {
    { 24, 44, -18, "h_{t-1}", GREEN }, { 156, 44, 0, "'×", INK },       { 254, 44, 0, "'+", INK },
    { 316, 44, -18, "h_t", GREEN },    { 156, 106, 34, "z_t", ORANGE }, { 254, 106, 0, "'×", INK },
    { 254, 170, 34, "n_t", INK },      { 96, 134, 34, "r_t", ORANGE },  { 188, 180, 0, "'×", INK },
    { 24, 250, -16, "x_t", SOFT },     { 118, 206, 34, "q_t", BLUE },
};
static const edge after_edge[] = {
    { .from = 0, .to = 1, .colour = GREEN },
    { .from = 1, .to = 2, .colour = GREEN },
    { .from = 2, .to = 3, .colour = GREEN },
    { .from = 4, .to = 1, .label = "z_t", .dx = 14, .dy = 6 },
    { .from = 4, .to = 5, .label = "1 − z_t", .dx = 4, .dy = -6 },
    { .from = 6, .to = 5 },
    { .from = 5, .to = 2 },
    { .from = 0, .to = 4 },
    { .from = 0, .to = 7 },
    { .from = 0, .to = 10, .colour = BLUE, .bend = -14, .label = "W_{hn}", .dx = -18, .dy = 22 },
    { .from = 10, .to = 8 },
    { .from = 7, .to = 8 },
    { .from = 8, .to = 6 },
    { .from = 9, .to = 4, .bend = 16 },
    { .from = 9, .to = 7, .bend = 12 },
    { .from = 9, .to = 6, .bend = -30, .label = "W_{in}", .dx = 26, .dy = 28 },
};
static const note after_note[] = { { 170, 278, 'm', BLUE, "'the product first, then the gate",
                                     "'先做矩阵乘法，再乘门" } };

/* ---- Both directions ---- */

static const node both_node[] = {
    { 44, 214, -16, "x_1", SOFT },     { 128, 214, -16, "x_2", SOFT },    { 212, 214, -16, "x_3", SOFT },
    { 296, 214, -16, "x_4", SOFT },    { 58, 146, -18, "h_1^→", BLUE },   { 142, 146, -18, "h_2^→", BLUE },
    { 226, 146, -18, "h_3^→", BLUE },  { 310, 146, -18, "h_4^→", BLUE },  { 30, 90, -18, "h_1^←", ORANGE },
    { 114, 90, -18, "h_2^←", ORANGE }, { 198, 90, -18, "h_3^←", ORANGE }, { 282, 90, -18, "h_4^←", ORANGE },
    { 44, 26, 40, "h_1", GREEN },      { 128, 26, 40, "h_2", GREEN },     { 212, 26, 40, "h_3", GREEN },
    { 296, 26, 40, "h_4", GREEN },
};
static const edge both_edge[] = {
    { .from = 0, .to = 4 },
    { .from = 1, .to = 5 },
    { .from = 2, .to = 6 },
    { .from = 3, .to = 7 },
    { .from = 0, .to = 8 },
    { .from = 1, .to = 9 },
    { .from = 2, .to = 10 },
    { .from = 3, .to = 11 },
    { .from = 4, .to = 5, .colour = BLUE },
    { .from = 5, .to = 6, .colour = BLUE },
    { .from = 6, .to = 7, .colour = BLUE },
    { .from = 11, .to = 10, .colour = ORANGE },
    { .from = 10, .to = 9, .colour = ORANGE },
    { .from = 9, .to = 8, .colour = ORANGE },
    { .from = 4, .to = 12, .bend = -6 },
    { .from = 5, .to = 13, .bend = -6 },
    { .from = 6, .to = 14, .bend = -6 },
    { .from = 7, .to = 15, .bend = -6 },
    { .from = 8, .to = 12 },
    { .from = 9, .to = 13 },
    { .from = 10, .to = 14 },
    { .from = 11, .to = 15 },
};
static const note both_note[] = { { 170, 254, 'm', INK, "h_t = [h_t^→; h_t^←]", "h_t = [h_t^→; h_t^←]" } };

/* ---- Attention ---- */

static const node attention_node[] = {
    { 78, 240, -17, "h_1", GREEN },  { 134, 240, -17, "h_2", GREEN }, { 190, 240, -17, "h_3", GREEN },
    { 246, 240, -17, "h_4", GREEN }, { 78, 178, 34, "e_1", INK },     { 134, 178, 34, "e_2", INK },
    { 190, 178, 34, "e_3", INK },    { 246, 178, 34, "e_4", INK },    { 162, 66, 0, "'+", INK },
    { 162, 24, -16, "c", BLUE },     { 312, 178, -17, "s", SOFT },    { 78, 122, 34, "α_1", ORANGE },
    { 134, 122, 34, "α_2", ORANGE }, { 190, 122, 34, "α_3", ORANGE }, { 246, 122, 34, "α_4", ORANGE },
};
static const edge attention_edge[] = {
    { .from = 0, .to = 4 },
    { .from = 1, .to = 5 },
    { .from = 2, .to = 6 },
    { .from = 3, .to = 7 },
    { .from = 10, .to = 7 },
    { .from = 4, .to = 11 },
    { .from = 5, .to = 12 },
    { .from = 6, .to = 13 },
    { .from = 7, .to = 14 },
    { .from = 11, .to = 8, .colour = ORANGE },
    { .from = 12, .to = 8, .colour = ORANGE },
    { .from = 13, .to = 8, .colour = ORANGE },
    { .from = 14, .to = 8, .colour = ORANGE },
    { .from = 8, .to = 9, .colour = BLUE },
    { .from = 0, .to = 8, .colour = GREEN, .bend = 160 },
};
static const note attention_note[] = {
    { 330, 72, 'e', GREEN, "c = Σ_t α_t h_t", "c = Σ_t α_t h_t" },
    { 170, 284, 'm', INK, "e_t = v^⊤ tanh(W_h h_t + W_s s)", "e_t = v^⊤ tanh(W_h h_t + W_s s)" },
    { 274, 126, 's', ORANGE, "'softmax", "'softmax" },
};

/* ---- Two ways from one cell state to the next ---- */

static const node two_node[] = {
    { 40, 40, -20, "C_t", BLUE },          { 300, 40, -20, "C_{t+1}", BLUE },     { 110, 196, -18, "h_t", GREEN },
    { 124, 122, 58, "a_{f,t+1}", ORANGE }, { 194, 122, 58, "a_{i,t+1}", ORANGE }, { 264, 122, 58, "a_{C,t+1}", INK },
};
static const edge two_edge[] = {
    { .from = 1, .to = 0, .colour = BLUE, .label = "f_{t+1}", .dx = 0, .dy = -9 },
    { .from = 1, .to = 3, .colour = GREEN },
    { .from = 1, .to = 4, .colour = GREEN },
    { .from = 1, .to = 5, .colour = GREEN },
    { .from = 3, .to = 2, .colour = GREEN },
    { .from = 4, .to = 2, .colour = GREEN },
    { .from = 5, .to = 2, .colour = GREEN },
    { .from = 2, .to = 0, .colour = GREEN },
};
static const note two_note[] = {
    { 166, 66, 'm', BLUE, "'direct: one factor", "'直接路径：只有一个因子" },
    { 170, 238, 'm', GREEN, "'through the output and three gates", "'经过输出和三个门" },
};

/* ---- The worked LSTM's way back; numbers.c adds the numbers ---- */

static const node number_node[] = {
    { 60, 56, -18, "C_1", BLUE },    { 256, 56, -18, "C_2", BLUE },       { 68, 134, -18, "h_1", GREEN },
    { 264, 134, -18, "h_2", GREEN }, { 158, 128, 48, "a_{g,2}", ORANGE }, { 68, 232, 30, "L", INK },
    { 264, 232, 30, "L", INK },
};
static const edge number_edge[] = {
    { .from = 1, .to = 0, .colour = BLUE },   { .from = 2, .to = 0, .colour = GREEN },
    { .from = 3, .to = 1, .colour = GREEN },  { .from = 5, .to = 2, .colour = GREEN },
    { .from = 6, .to = 3, .colour = GREEN },  { .from = 1, .to = 4, .colour = ORANGE },
    { .from = 3, .to = 4, .colour = ORANGE }, { .from = 4, .to = 2, .colour = ORANGE },
};
static const note number_note[] = { { 170, 286, 'm', INK, "'each arrow adds to where it points",
                                      "'每个箭头都加到它所指之处" } };

/* ---- The table ---- */

int figure_graph_part(figure *f, int which)
{
    static const graph all[] = {
        GRAPH(302, lstm_node, lstm_edge, lstm_note),
        GRAPH(304, reader_node, reader_edge, reader_note),
        GRAPH(294, unrolled_node, unrolled_edge, unrolled_note),
        GRAPH(284, gru_node, gru_edge, gru_note),
        GRAPH(290, after_node, after_edge, after_note),
        GRAPH(262, both_node, both_edge, both_note),
        GRAPH(298, attention_node, attention_edge, attention_note),
        GRAPH(250, two_node, two_edge, two_note),
        GRAPH(300, number_node, number_edge, number_note),
    };
    const graph *g = &all[which];
    if (!f)
        return g->height;
    for (int i = 0; i < g->edges; i++)
        draw_edge(f, g, &g->edge[i]);
    for (int i = 0; i < g->nodes; i++)
        draw_node(f, &g->node[i]);
    for (int i = 0; i < g->notes; i++)
        figure_text(f, g->note[i].x, g->note[i].y, g->note[i].anchor, g->note[i].colour,
                    figure_word(f, g->note[i].english, g->note[i].chinese));
    return g->height;
}

bool figure_graph(figure *f, int which)
{
    figure_begin(f, figure_graph_part(NULL, which));
    figure_graph_part(f, which);
    figure_end(f);
    return true;
}
