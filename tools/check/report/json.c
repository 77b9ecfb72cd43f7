/* The findings for programs: one JSON object of the schema "eddy-check-1". Keys are only ever added to it.
 *
 * TEXT below is {"latex": as the checker says it, math between dollars, "text": the same in Unicode}; bare formulas
 * ("formula", "missing", "name" of a node) have no dollars. NUMBER is null where it is not finite. What there is none
 * of is null, or an empty list.
 *
 *   {"schema": "eddy-check-1", "document": string, "met": everything is as it should be, "count": formulas,
 *    "mentions": n, "unmet": n,
 *    "verdicts": {"DEFINES": n, "DECLARES": n, "HOLDS": n, "HOLDS IF": n, "FAILS": n, "DEGENERATE": n,
 *     "UNRESOLVED": n, "NOT READ": n},
 *    "scenes": [TEXT], "seconds": NUMBER,
 *    "findings": [{"id": string, "line": n, "column": n, "display": bool, "heading": TEXT,
 *     "source": the document's LaTeX, "formula": TEXT or null,
 *      "instance": TEXT, "verdict": one of the above, "error": NUMBER, "tolerance": NUMBER, "compared": n,
 *       "seconds": NUMBER,
 *      "summary": TEXT, "conditions": [TEXT], "notes": [TEXT], "reading": TEXT, "pattern": TEXT, "missing": TEXT,
 *      "repair": TEXT,
 *      "counterexample": {"sizes": TEXT, "where": TEXT, "given": [ROW], "others_zero": bool, "left": ROW,
 *       "right": ROW, "element": TEXT,
 *                         "left_value": NUMBER, "right_value": NUMBER},
 *      "graph": {"nodes": [{"name": TEXT, "step": n or null, "numerator": bool, "denominator": bool}],
 *                "edges": [{"from": node, "to": node, "used": bool, "cut_by": position in "conditions" or null}]},
 *      "expected": TEXT, "met": bool, "unmet": TEXT}]}
 *
 * ROW is {"name": TEXT, "rank": 0, 1 or 2, "value": NUMBER, a list, or a list of rows}. */
#include "pieces.h"

#include <math.h>
#include <string.h>

typedef struct writer {
    text *out;
    arena *arena;
} writer;

static void put_string(const writer *w, const char *s)
{
    text_format(w->out, "\"%s\"", text_cleaned(w->arena, s, ESCAPE_JSON));
}

static void put_text(const writer *w, const char *s)
{
    if (!s) {
        text_add(w->out, "null");
        return;
    }
    text_add(w->out, "{\"latex\": ");
    put_string(w, s);
    text_add(w->out, ", \"text\": ");
    put_string(w, math_sentence(w->arena, s, LATEX_UNICODE));
    text_add(w->out, "}");
}

static void put_formula(const writer *w, const char *latex)
{
    if (!latex) {
        text_add(w->out, "null");
        return;
    }
    text_add(w->out, "{\"latex\": ");
    put_string(w, latex);
    text_add(w->out, ", \"text\": ");
    put_string(w, math_formula(w->arena, latex, LATEX_UNICODE, false));
    text_add(w->out, "}");
}

static const char *or_null(const char *s)
{
    return report_has(s) ? s : NULL;
}

static void put_number(const writer *w, double x)
{
    if (isfinite(x))
        text_format(w->out, "%.17g", x);
    else
        text_add(w->out, "null");
}

static void put_bool(const writer *w, bool x)
{
    text_add(w->out, x ? "true" : "false");
}

static void put_texts(const writer *w, const char **texts, int count)
{
    text_add(w->out, "[");
    for (int i = 0; i < count; i++) {
        text_add(w->out, i ? ", " : "");
        put_text(w, texts[i]);
    }
    text_add(w->out, "]");
}

static void put_row(const writer *w, const number_row *row)
{
    number_shape shape = number_row_shape(row);
    text_add(w->out, "{\"name\": ");
    put_text(w, row->name);
    text_format(w->out, ", \"rank\": %d, \"value\": ", row->rank);
    if (!row->value) {
        text_add(w->out, "null}");
        return;
    }
    text_add(w->out, row->rank ? "[" : "");
    for (int i = 0; i < shape.rows; i++) {
        text_add(w->out, i ? ", " : "");
        text_add(w->out, row->rank > 1 ? "[" : "");
        for (int j = 0; j < shape.columns; j++) {
            text_add(w->out, j ? ", " : "");
            put_number(w, row->value[(size_t)i * (size_t)shape.columns + (size_t)j]);
        }
        text_add(w->out, row->rank > 1 ? "]" : "");
    }
    text_add(w->out, row->rank ? "]}" : "}");
}

static void put_counterexample(const writer *w, const counterexample *e)
{
    text_add(w->out, "{\"sizes\": ");
    put_text(w, or_null(e->sizes));
    text_add(w->out, ", \"where\": ");
    put_text(w, or_null(e->where));
    text_add(w->out, ",\n       \"given\": [");
    for (int i = 0; i < e->givens; i++) {
        text_add(w->out, i ? ", " : "");
        put_row(w, &e->given[i]);
    }
    text_add(w->out, "], \"others_zero\": ");
    put_bool(w, e->others_zero);
    text_add(w->out, ",\n       \"left\": ");
    put_row(w, &e->left);
    text_add(w->out, ", \"right\": ");
    put_row(w, &e->right);
    text_add(w->out, ", \"element\": ");
    put_text(w, or_null(e->element));
    text_add(w->out, ", \"left_value\": ");
    put_number(w, e->left_value);
    text_add(w->out, ", \"right_value\": ");
    put_number(w, e->right_value);
    text_add(w->out, "}");
}

static void put_graph(const writer *w, const finding *f)
{
    text_add(w->out, "{\"nodes\": [");
    for (int i = 0; i < f->nodes; i++) {
        const graph_node *n = &f->node[i];
        text_add(w->out, i ? ", {\"name\": " : "{\"name\": ");
        put_formula(w, n->name);
        text_add(w->out, ", \"step\": ");
        if (n->step == GRAPH_NO_STEP)
            text_add(w->out, "null");
        else
            text_format(w->out, "%d", n->step);
        text_format(w->out, ", \"numerator\": %s, \"denominator\": %s}", n->numerator ? "true" : "false",
                    n->denominator ? "true" : "false");
    }
    text_add(w->out, "],\n       \"edges\": [");
    for (int i = 0; i < f->edges; i++) {
        const graph_edge *e = &f->edge[i];
        text_format(w->out, "%s{\"from\": %d, \"to\": %d, \"used\": %s, \"cut_by\": ", i ? ", " : "", e->from, e->to,
                    e->used ? "true" : "false");
        if (e->cut > 0)
            text_format(w->out, "%d}", e->cut - 1);
        else
            text_add(w->out, "null}");
    }
    text_add(w->out, "]}");
}

static void put_finding(const writer *w, const finding *f)
{
    const document_item *item = f->item;
    text_add(w->out, "    {\"id\": ");
    put_string(w, f->id);
    text_format(w->out, ", \"line\": %d, \"column\": %d, \"display\": %s, \"heading\": ", item ? item->line : 0,
                item ? item->column : 0, item && item->display ? "true" : "false");
    put_text(w, item ? or_null(item->heading) : NULL);
    text_add(w->out, ",\n     \"source\": ");
    put_string(w, item ? item->source : "");
    text_add(w->out, ",\n     \"formula\": ");
    if (f->formula) {
        text_add(w->out, "{\"latex\": ");
        put_string(w, math_finding(w->arena, f, LATEX_SOURCE));
        text_add(w->out, ", \"text\": ");
        put_string(w, math_finding(w->arena, f, LATEX_UNICODE));
        text_add(w->out, "}");
    } else {
        text_add(w->out, "null");
    }
    text_add(w->out, ",\n     \"instance\": ");
    put_text(w, or_null(f->instance));
    text_format(w->out, ",\n     \"verdict\": \"%s\", \"error\": ", check_verdict_name(f->verdict));
    put_number(w, f->error);
    text_add(w->out, ", \"tolerance\": ");
    put_number(w, f->tolerance);
    text_format(w->out, ", \"compared\": %lld, \"seconds\": ", (long long)f->compared);
    put_number(w, f->seconds);
    text_add(w->out, ",\n     \"summary\": ");
    put_text(w, or_null(f->summary));
    text_add(w->out, ",\n     \"conditions\": ");
    put_texts(w, f->condition, f->conditions);
    text_add(w->out, ", \"notes\": ");
    put_texts(w, f->note, f->notes);
    text_add(w->out, ", \"reading\": ");
    put_text(w, or_null(f->reading));
    text_add(w->out, ",\n     \"pattern\": ");
    put_text(w, or_null(f->pattern));
    text_add(w->out, ", \"missing\": ");
    put_formula(w, or_null(f->missing));
    text_add(w->out, ", \"repair\": ");
    put_text(w, or_null(f->repair));
    text_add(w->out, ",\n     \"counterexample\": ");
    if (f->example)
        put_counterexample(w, f->example);
    else
        text_add(w->out, "null");
    text_add(w->out, ",\n     \"graph\": ");
    if (f->nodes > 0)
        put_graph(w, f);
    else
        text_add(w->out, "null");
    text_add(w->out, ",\n     \"expected\": ");
    put_text(w, or_null(f->expected));
    text_add(w->out, ", \"met\": ");
    put_bool(w, f->met);
    text_add(w->out, ", \"unmet\": ");
    put_text(w, or_null(f->unmet));
    text_add(w->out, "}");
}

bool report_json(FILE *stream, const findings *all)
{
    arena memory, page_memory;
    arena_start(&memory, REPORT_PIECES);
    arena_start(&page_memory, REPORT_WHOLE);
    text whole = { .arena = &page_memory };
    const writer w = { &whole, &memory };
    text_add(&whole, "{\n  \"schema\": \"eddy-check-1\",\n  \"document\": ");
    put_string(&w, all->document);
    text_format(&whole, ",\n  \"met\": %s,\n  \"count\": %d,\n  \"mentions\": %d,\n  \"unmet\": %d,\n  \"verdicts\": {",
                all->unmet ? "false" : "true", all->count, all->mentions, all->unmet);
    for (int v = 0; v < CHECK_VERDICTS; v++)
        text_format(&whole, "%s\"%s\": %d", v ? ", " : "", check_verdict_name((check_verdict)v), all->verdicts[v]);
    text_add(&whole, "},\n  \"scenes\": ");
    put_texts(&w, all->scene, all->scenes);
    text_add(&whole, ",\n  \"seconds\": ");
    put_number(&w, all->seconds);
    text_add(&whole, ",\n  \"findings\": [");
    for (int i = 0; i < all->count; i++) {
        arena_position before = arena_now(&memory);
        text_add(&whole, i ? ",\n" : "\n");
        put_finding(&w, &all->finding[i]);
        arena_reset(&memory, before);
    }
    text_add(&whole, all->count ? "\n  ]\n}\n" : "]\n}\n");
    bool fine = !memory.failed && report_put(stream, &whole);
    arena_free(&memory);
    arena_free(&page_memory);
    return fine;
}
