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
 *      "summary": TEXT, "conditions": [TEXT], "notes": [TEXT], "pattern": TEXT, "missing": TEXT, "repair": TEXT,
 *      "counterexample": {"sizes": TEXT, "where": TEXT, "given": [ROW], "others_zero": bool, "left": ROW,
 *       "right": ROW, "element": TEXT,
 *                         "left_value": NUMBER, "right_value": NUMBER},
 *      "graph": {"nodes": [{"name": TEXT, "step": n or null, "numerator": bool, "denominator": bool}],
 *                "edges": [{"from": node, "to": node, "used": bool, "cut_by": position in "conditions" or null}]},
 *      "expected": TEXT, "met": bool, "unmet": TEXT}]}
 *
 * ROW is {"name": TEXT, "rank": 0, 1 or 2, "value": NUMBER, a list, or a list of rows}. */
#include "report.h"

#include <math.h>
#include <string.h>

typedef struct writer {
    FILE *stream;
    arena *arena;
} writer;

static void put_string(const writer *w, const char *s)
{
    fprintf(w->stream, "\"%s\"", report_cleaned(w->arena, s, ESCAPE_JSON));
}

static void put_text(const writer *w, const char *s)
{
    if (!s) {
        fputs("null", w->stream);
        return;
    }
    fputs("{\"latex\": ", w->stream);
    put_string(w, s);
    fputs(", \"text\": ", w->stream);
    put_string(w, math_sentence(w->arena, s, LATEX_UNICODE));
    fputs("}", w->stream);
}

static void put_formula(const writer *w, const char *latex)
{
    if (!latex) {
        fputs("null", w->stream);
        return;
    }
    fputs("{\"latex\": ", w->stream);
    put_string(w, latex);
    fputs(", \"text\": ", w->stream);
    put_string(w, math_formula(w->arena, latex, LATEX_UNICODE, false));
    fputs("}", w->stream);
}

static const char *or_null(const char *s)
{
    return report_has(s) ? s : NULL;
}

static void put_number(const writer *w, double x)
{
    if (isfinite(x))
        fprintf(w->stream, "%.17g", x);
    else
        fputs("null", w->stream);
}

static void put_bool(const writer *w, bool x)
{
    fputs(x ? "true" : "false", w->stream);
}

static void put_texts(const writer *w, const char **texts, int count)
{
    fputs("[", w->stream);
    for (int i = 0; i < count; i++) {
        fputs(i ? ", " : "", w->stream);
        put_text(w, texts[i]);
    }
    fputs("]", w->stream);
}

static void put_row(const writer *w, const number_row *row)
{
    number_shape shape = number_row_shape(row);
    fputs("{\"name\": ", w->stream);
    put_text(w, row->name);
    fprintf(w->stream, ", \"rank\": %d, \"value\": ", row->rank);
    if (!row->value) {
        fputs("null}", w->stream);
        return;
    }
    fputs(row->rank ? "[" : "", w->stream);
    for (int i = 0; i < shape.rows; i++) {
        fputs(i ? ", " : "", w->stream);
        fputs(row->rank > 1 ? "[" : "", w->stream);
        for (int j = 0; j < shape.columns; j++) {
            fputs(j ? ", " : "", w->stream);
            put_number(w, row->value[(size_t)i * (size_t)shape.columns + (size_t)j]);
        }
        fputs(row->rank > 1 ? "]" : "", w->stream);
    }
    fputs(row->rank ? "]}" : "}", w->stream);
}

static void put_counterexample(const writer *w, const counterexample *e)
{
    fputs("{\"sizes\": ", w->stream);
    put_text(w, or_null(e->sizes));
    fputs(", \"where\": ", w->stream);
    put_text(w, or_null(e->where));
    fputs(",\n       \"given\": [", w->stream);
    for (int i = 0; i < e->givens; i++) {
        fputs(i ? ", " : "", w->stream);
        put_row(w, &e->given[i]);
    }
    fputs("], \"others_zero\": ", w->stream);
    put_bool(w, e->others_zero);
    fputs(",\n       \"left\": ", w->stream);
    put_row(w, &e->left);
    fputs(", \"right\": ", w->stream);
    put_row(w, &e->right);
    fputs(", \"element\": ", w->stream);
    put_text(w, or_null(e->element));
    fputs(", \"left_value\": ", w->stream);
    put_number(w, e->left_value);
    fputs(", \"right_value\": ", w->stream);
    put_number(w, e->right_value);
    fputs("}", w->stream);
}

static void put_graph(const writer *w, const finding *f)
{
    fputs("{\"nodes\": [", w->stream);
    for (int i = 0; i < f->nodes; i++) {
        const graph_node *n = &f->node[i];
        fputs(i ? ", {\"name\": " : "{\"name\": ", w->stream);
        put_formula(w, n->name);
        fputs(", \"step\": ", w->stream);
        if (n->step == GRAPH_NO_STEP)
            fputs("null", w->stream);
        else
            fprintf(w->stream, "%d", n->step);
        fprintf(w->stream, ", \"numerator\": %s, \"denominator\": %s}", n->numerator ? "true" : "false",
                n->denominator ? "true" : "false");
    }
    fputs("],\n       \"edges\": [", w->stream);
    for (int i = 0; i < f->edges; i++) {
        const graph_edge *e = &f->edge[i];
        fprintf(w->stream, "%s{\"from\": %d, \"to\": %d, \"used\": %s, \"cut_by\": ", i ? ", " : "", e->from, e->to,
                e->used ? "true" : "false");
        if (e->cut > 0)
            fprintf(w->stream, "%d}", e->cut - 1);
        else
            fputs("null}", w->stream);
    }
    fputs("]}", w->stream);
}

static void put_finding(const writer *w, const finding *f)
{
    const document_item *item = f->item;
    fputs("    {\"id\": ", w->stream);
    put_string(w, f->id);
    fprintf(w->stream, ", \"line\": %d, \"column\": %d, \"display\": %s, \"heading\": ", item ? item->line : 0,
            item ? item->column : 0, item && item->display ? "true" : "false");
    put_text(w, item ? or_null(item->heading) : NULL);
    fputs(",\n     \"source\": ", w->stream);
    put_string(w, item ? item->source : "");
    fputs(",\n     \"formula\": ", w->stream);
    if (f->formula) {
        fputs("{\"latex\": ", w->stream);
        put_string(w, math_finding(w->arena, f, LATEX_SOURCE));
        fputs(", \"text\": ", w->stream);
        put_string(w, math_finding(w->arena, f, LATEX_UNICODE));
        fputs("}", w->stream);
    } else {
        fputs("null", w->stream);
    }
    fputs(",\n     \"instance\": ", w->stream);
    put_text(w, or_null(f->instance));
    fprintf(w->stream, ",\n     \"verdict\": \"%s\", \"error\": ", check_verdict_name(f->verdict));
    put_number(w, f->error);
    fputs(", \"tolerance\": ", w->stream);
    put_number(w, f->tolerance);
    fprintf(w->stream, ", \"compared\": %lld, \"seconds\": ", (long long)f->compared);
    put_number(w, f->seconds);
    fputs(",\n     \"summary\": ", w->stream);
    put_text(w, or_null(f->summary));
    fputs(",\n     \"conditions\": ", w->stream);
    put_texts(w, f->condition, f->conditions);
    fputs(", \"notes\": ", w->stream);
    put_texts(w, f->note, f->notes);
    fputs(",\n     \"pattern\": ", w->stream);
    put_text(w, or_null(f->pattern));
    fputs(", \"missing\": ", w->stream);
    put_formula(w, or_null(f->missing));
    fputs(", \"repair\": ", w->stream);
    put_text(w, or_null(f->repair));
    fputs(",\n     \"counterexample\": ", w->stream);
    if (f->example)
        put_counterexample(w, f->example);
    else
        fputs("null", w->stream);
    fputs(",\n     \"graph\": ", w->stream);
    if (f->nodes > 0)
        put_graph(w, f);
    else
        fputs("null", w->stream);
    fputs(",\n     \"expected\": ", w->stream);
    put_text(w, or_null(f->expected));
    fputs(", \"met\": ", w->stream);
    put_bool(w, f->met);
    fputs(", \"unmet\": ", w->stream);
    put_text(w, or_null(f->unmet));
    fputs("}", w->stream);
}

bool report_json(FILE *stream, const findings *all)
{
    arena memory;
    arena_start(&memory, (size_t)256 << 20);
    const writer w = { stream, &memory };
    fputs("{\n  \"schema\": \"eddy-check-1\",\n  \"document\": ", stream);
    put_string(&w, all->document);
    fprintf(stream, ",\n  \"met\": %s,\n  \"count\": %d,\n  \"mentions\": %d,\n  \"unmet\": %d,\n  \"verdicts\": {",
            all->unmet ? "false" : "true", all->count, all->mentions, all->unmet);
    for (int v = 0; v < CHECK_VERDICTS; v++)
        fprintf(stream, "%s\"%s\": %d", v ? ", " : "", check_verdict_name((check_verdict)v), all->verdicts[v]);
    fputs("},\n  \"scenes\": ", stream);
    put_texts(&w, all->scene, all->scenes);
    fputs(",\n  \"seconds\": ", stream);
    put_number(&w, all->seconds);
    fputs(",\n  \"findings\": [", stream);
    bool fine = true;
    for (int i = 0; i < all->count; i++) {
        arena_position before = arena_now(&memory);
        fputs(i ? ",\n" : "\n", stream);
        put_finding(&w, &all->finding[i]);
        fine = fine && !memory.failed;
        arena_reset(&memory, before);
    }
    fputs(all->count ? "\n  ]\n}\n" : "]\n}\n", stream);
    arena_free(&memory);
    return fflush(stream) == 0 && !ferror(stream) && fine;
}
