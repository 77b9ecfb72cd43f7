/* The picture of a dependency graph as SVG: time flows from left to right, a band for each step, parameters before and
 * the loss after all steps.
 *
 * The layout is that of Sugiyama: nodes in layers (inside a step by how deep they depend on each other), edges over
 * several layers through places of their own, the order in a layer by the mean of the neighbours. It may assume nothing
 * of the graph: cycles and edges to the past are drawn, too. */
#include "pieces.h"

#include <string.h>

enum { COLUMNS = 16, LAYERS = 96, PLACES = 2048, NEIGHBOURS = 4096, SWEEPS = 12 };
static const double node_height = 30, gap_y = 16, thread_height = 6, gap_x = 46, margin = 14, heading = 26;

typedef struct place {
    int node; /* -1: an edge passes */
    int layer;
    double wish, y, width, height;
} place;

typedef struct link { /* two places in neighbouring layers */
    int a, b;
} link;

typedef struct layout {
    const finding *graph;
    arena *arena;
    int column[PICTURE_NODES], layer[PICTURE_NODES];
    int columns, layers, step[COLUMNS];
    int first_layer[COLUMNS + 1];
    place place[PLACES];
    link link[NEIGHBOURS];
    int places, links;
    int chain[PICTURE_EDGES], chained[PICTURE_EDGES]; /* an edge's own places */
    int order[PLACES], start[LAYERS + 1];             /* the places of each layer, top to bottom */
    double x[LAYERS], wide[LAYERS], width, height;
} layout;

enum { STEP_BEFORE = -1000000, STEP_AFTER = 1000000 };

/* ---- Columns and layers ---- */

static bool is_sound(const finding *f)
{
    if (f->nodes < 1 || f->nodes > PICTURE_NODES || f->edges < 0 || f->edges > PICTURE_EDGES)
        return false;
    for (int i = 0; i < f->edges; i++)
        if (f->edge[i].from < 0 || f->edge[i].from >= f->nodes || f->edge[i].to < 0 || f->edge[i].to >= f->nodes)
            return false;
    return true;
}

static int step_of(const finding *f, int node)
{
    if (f->node[node].step != GRAPH_NO_STEP)
        return f->node[node].step;
    for (int i = 0; i < f->edges; i++)
        if (f->edge[i].to == node)
            return STEP_AFTER;
    return STEP_BEFORE;
}

static bool find_columns(layout *l)
{
    const finding *f = l->graph;
    for (int i = 0; i < f->nodes; i++) {
        int step = step_of(f, i), k = 0;
        while (k < l->columns && l->step[k] < step)
            k++;
        if (k < l->columns && l->step[k] == step)
            continue;
        if (l->columns == COLUMNS)
            return false;
        memmove(l->step + k + 1, l->step + k, (size_t)(l->columns - k) * sizeof *l->step);
        l->step[k] = step;
        l->columns++;
    }
    for (int i = 0; i < f->nodes; i++)
        for (int k = 0; k < l->columns; k++)
            if (l->step[k] == step_of(f, i))
                l->column[i] = k;
    return true;
}

static bool find_layers(layout *l)
{
    const finding *f = l->graph;
    bool moved = true;
    for (int round = 0; round < f->nodes && moved; round++) {
        moved = false;
        for (int i = 0; i < f->edges; i++) {
            int a = f->edge[i].from, b = f->edge[i].to;
            if (a != b && l->column[a] == l->column[b] && l->layer[b] <= l->layer[a] && l->layer[a] < f->nodes - 1) {
                l->layer[b] = l->layer[a] + 1;
                moved = true;
            }
        }
    }
    for (int k = 0; k < l->columns; k++) {
        int deepest = 0;
        for (int i = 0; i < f->nodes; i++)
            if (l->column[i] == k && l->layer[i] > deepest)
                deepest = l->layer[i];
        l->first_layer[k + 1] = l->first_layer[k] + deepest + 1;
    }
    l->layers = l->first_layer[l->columns];
    for (int i = 0; i < f->nodes; i++)
        l->layer[i] += l->first_layer[l->column[i]];
    return l->layers <= LAYERS;
}

static bool add_link(layout *l, int a, int b)
{
    if (l->links == NEIGHBOURS)
        return false;
    l->link[l->links++] = (link){ a, b };
    return true;
}

static const char *node_label(const layout *l, int node)
{
    return math_formula(l->arena, l->graph->node[node].name, LATEX_UNICODE, false);
}

/* Unicode has no letter below the line for most indices: "C_{t + 1}" is set with its index small and low, without the
 * blanks. Returns the width. */
static double set_label(text *out, const char *label)
{
    double width = 0;
    for (const char *s = label; *s;) {
        bool script = (*s == '_' || *s == '^') && s > label && s[1];
        double drop = !script ? 0 : *s == '_' ? 4 : -6;
        s += script;
        const char *brace = script && *s == '{' ? strchr(s, '}') : NULL;
        size_t length = brace ? (size_t)(brace - s - 1) : script ? sentence_fit(s, 1) : 1 + strcspn(s + 1, "_^");
        const char *from = brace ? s + 1 : s;
        text piece = { .arena = out->arena };
        for (size_t i = 0; i < length; i++)
            if (!script || from[i] != ' ')
                text_add_n(&piece, from[i] == '-' ? "−" : from + i, from[i] == '-' ? strlen("−") : 1);
        const char *words = text_done(&piece);
        width += sentence_columns(words) * (script ? 7.0 : 9.5);
        if (script)
            text_format(out, "<tspan dy=\"%.0f\" font-size=\"11\">", drop);
        text_clean(out, words, strlen(words), ESCAPE_HTML);
        if (script)
            text_format(out, "</tspan><tspan dy=\"%.0f\">&#8203;</tspan>", -drop);
        s = brace ? brace + 1 : s + length;
    }
    return width;
}

static bool find_places(layout *l)
{
    const finding *f = l->graph;
    for (int i = 0; i < f->nodes; i++) {
        text unused = { .arena = l->arena };
        double wide = set_label(&unused, node_label(l, i)) + 20;
        l->place[l->places++] =
            (place){ .node = i, .layer = l->layer[i], .width = wide < 40 ? 40 : wide, .height = node_height };
    }
    for (int i = 0; i < f->edges; i++) {
        int a = f->edge[i].from, b = f->edge[i].to, low = l->layer[a] < l->layer[b] ? a : b, high = low == a ? b : a,
            last = low;
        l->chain[i] = l->places;
        for (int layer = l->layer[low] + 1; layer < l->layer[high]; layer++) {
            if (l->places == PLACES || !add_link(l, last, l->places))
                return false;
            last = l->places;
            l->place[l->places++] = (place){ .node = -1, .layer = layer, .height = thread_height };
        }
        l->chained[i] = l->places - l->chain[i];
        if (l->layer[a] != l->layer[b] && !add_link(l, last, high))
            return false;
    }
    return true;
}

/* ---- Order and positions ---- */

static void wish(layout *l, int side)
{
    static const double unset = -1e9;
    double sum[PLACES] = { 0 };
    int count[PLACES] = { 0 };
    for (int i = 0; i < l->links; i++) {
        int a = l->link[i].a, b = l->link[i].b;
        if (side >= 0) {
            sum[b] += l->place[a].y + l->place[a].height / 2;
            count[b]++;
        }
        if (side <= 0) {
            sum[a] += l->place[b].y + l->place[b].height / 2;
            count[a]++;
        }
    }
    for (int i = 0; i < l->places; i++)
        l->place[i].wish = count[i]                ? sum[i] / count[i] - l->place[i].height / 2
                           : l->place[i].y > unset ? l->place[i].y
                                                   : 0;
}

static void sort_layer(layout *l, int layer)
{
    for (int i = l->start[layer] + 1; i < l->start[layer + 1]; i++) {
        int moving = l->order[i], k = i;
        for (; k > l->start[layer] && l->place[l->order[k - 1]].wish > l->place[moving].wish; k--)
            l->order[k] = l->order[k - 1];
        l->order[k] = moving;
    }
}

/* Each place where it wishes to be, but none over another: pushed down from above, then the layer as a whole back by
 * the mean. */
static void settle_layer(layout *l, int layer)
{
    int from = l->start[layer], to = l->start[layer + 1];
    double off = 0, end = -1e9;
    for (int i = from; i < to; i++) {
        place *p = &l->place[l->order[i]];
        p->y = p->wish < end ? end : p->wish;
        end = p->y + p->height + gap_y;
        off += p->y - p->wish;
    }
    for (int i = from; i < to; i++)
        l->place[l->order[i]].y -= off / (to - from);
}

static void find_positions(layout *l)
{
    for (int layer = 0, n = 0; layer < l->layers; layer++) {
        double y = 0;
        l->start[layer] = n;
        for (int i = 0; i < l->places; i++)
            if (l->place[i].layer == layer) {
                l->order[n++] = i;
                l->place[i].y = y;
                y += l->place[i].height + gap_y;
                l->wide[layer] = l->place[i].width > l->wide[layer] ? l->place[i].width : l->wide[layer];
            }
        l->start[layer + 1] = n;
    }
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool last = sweep >= SWEEPS - 2;
        for (int k = 0; k < l->layers; k++) {
            int layer = sweep % 2 ? l->layers - 1 - k : k;
            wish(l, last ? 0 : sweep % 2 ? -1 : 1);
            if (!last)
                sort_layer(l, layer);
            settle_layer(l, layer);
        }
    }
    double top = l->place[0].y, bottom = top, x = margin;
    for (int i = 0; i < l->places; i++) {
        top = l->place[i].y < top ? l->place[i].y : top;
        bottom = l->place[i].y + l->place[i].height > bottom ? l->place[i].y + l->place[i].height : bottom;
    }
    for (int i = 0; i < l->places; i++)
        l->place[i].y += margin + heading - top;
    for (int layer = 0; layer < l->layers; layer++) {
        l->x[layer] = x;
        x += l->wide[layer] + gap_x;
    }
    l->width = x - gap_x + margin;
    l->height = bottom - top + 2 * margin + heading;
}

/* ---- Drawing ---- */

typedef struct point {
    double x, y;
} point;

static point left_of(const layout *l, int i)
{
    const place *p = &l->place[i];
    return (point){ l->x[p->layer] + (l->wide[p->layer] - p->width) / 2, p->y + p->height / 2 };
}

static point right_of(const layout *l, int i)
{
    point p = left_of(l, i);
    return (point){ p.x + l->place[i].width, p.y };
}

static void draw_bands(const layout *l, text *out)
{
    for (int k = 0; k < l->columns; k++) {
        int first = l->first_layer[k], last = l->first_layer[k + 1] - 1, step = l->step[k];
        double x = l->x[first] - gap_x / 4, width = l->x[last] + l->wide[last] + gap_x / 4 - x;
        text_format(out, "<rect class=\"band%s\" x=\"%.1f\" y=\"2\" width=\"%.1f\" height=\"%.1f\" rx=\"6\"/>",
                    step == 0 ? " now" : "", x, width, l->height - 4);
        text_format(out, "<text class=\"step\" x=\"%.1f\" y=\"18\">", x + width / 2);
        if (step == STEP_BEFORE || step == STEP_AFTER)
            text_add(out, step == STEP_AFTER ? "loss" : "given");
        else if (step == 0)
            text_add(out, "t");
        else
            text_format(out, "t %s %d", step < 0 ? "−" : "+", step < 0 ? -step : step);
        text_add(out, "</text>");
    }
}

static void draw_arrow(text *out, point at, double way)
{
    text_format(out, "<path class=\"tip\" d=\"M%.1f %.1fl%.1f -4.5v9z\"/>", at.x, at.y, -9 * way);
}

static void draw_edge(const layout *l, text *out, int i)
{
    const graph_edge *e = &l->graph->edge[i];
    int from = l->layer[e->from], to = l->layer[e->to];
    bool ahead = from < to;
    point mark;
    text_format(out, "<g class=\"edge%s%s\"><path class=\"line\" d=\"", e->used ? " used" : "",
                e->cut > 0 ? " cut" : "");
    if (from == to) { /* only in a cycle: a bow at the right */
        point a = right_of(l, e->from), b = right_of(l, e->to);
        double lift = e->from == e->to ? 8 : 0;
        text_format(out, "M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", a.x, a.y - lift, a.x + 30, a.y - lift, b.x + 30,
                    b.y + lift, b.x + 9, b.y + lift);
        mark = (point){ a.x + 24, (a.y + b.y) / 2 };
        text_add(out, "\"/>");
        draw_arrow(out, (point){ b.x, b.y + lift }, -1);
    } else {
        int low = ahead ? e->from : e->to, high = ahead ? e->to : e->from;
        point at = right_of(l, low), end = left_of(l, high), begin = at;
        double tip_low = ahead ? 0 : 8, tip_high = ahead ? 8 : 0;
        text_format(out, "M%.1f %.1f", at.x + tip_low, at.y);
        at.x += tip_low;
        mark = (point){ 0, 0 };
        for (int k = 0; k <= l->chained[i]; k++) {
            bool last = k == l->chained[i];
            point next = last ? (point){ end.x - tip_high, end.y } : left_of(l, l->chain[i] + k);
            double bend = (next.x - at.x) / 2;
            text_format(out, "C%.1f %.1f %.1f %.1f %.1f %.1f", at.x + bend, at.y, next.x - bend, next.y, next.x,
                        next.y);
            if (k == l->chained[i] / 2)
                mark = (point){ (at.x + next.x) / 2, (at.y + next.y) / 2 };
            at = next;
        }
        text_add(out, "\"/>");
        draw_arrow(out, ahead ? end : begin, ahead ? 1 : -1);
    }
    if (e->cut > 0)
        text_format(out,
                    "<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"9\"/><text class=\"mark\" x=\"%.1f\" "
                    "y=\"%.1f\">%d</text>",
                    mark.x, mark.y, mark.x, mark.y + 4, e->cut);
    text_add(out, "</g>");
}

static void draw_node(const layout *l, text *out, int i)
{
    const graph_node *n = &l->graph->node[i];
    const place *p = &l->place[i];
    point at = left_of(l, i);
    text_format(out, "<g class=\"node%s%s\"><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"7\"/>",
                n->numerator ? " numerator" : "", n->denominator ? " denominator" : "", at.x, p->y, p->width,
                p->height);
    if (n->numerator)
        text_format(out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\"/>", at.x + 3.5,
                    p->y + 3.5, p->width - 7, p->height - 7);
    text_format(out, "<text x=\"%.1f\" y=\"%.1f\">", at.x + p->width / 2, at.y + 5);
    set_label(out, node_label(l, i));
    text_add(out, "</text></g>");
}

bool picture_graph(text *out, const finding *f)
{
    layout *l = is_sound(f) ? ARENA_NEW(out->arena, layout) : NULL;
    if (!l)
        return false;
    l->graph = f;
    l->arena = out->arena;
    if (!find_columns(l) || !find_layers(l) || !find_places(l))
        return false;
    find_positions(l);
    text_format(out,
                "<svg class=\"graph\" role=\"img\" aria-label=\"dependency graph\" width=\"%.0f\" height=\"%.0f\" "
                "viewBox=\"0 0 %.0f %.0f\">",
                l->width, l->height, l->width, l->height);
    draw_bands(l, out);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < f->edges; i++)
            if (pass == (f->edge[i].used || f->edge[i].cut > 0))
                draw_edge(l, out, i);
    for (int i = 0; i < f->nodes; i++)
        draw_node(l, out, i);
    text_add(out, "</svg>");
    return true;
}
