/* Quotients and derivatives written out, for LaTeX and the line of Unicode. */
#include "latex_writer.h"

#include <string.h>

static void write_held(writer *w, tree *held)
{
    writer_put(w, "\\right|_{", "|_{");
    w->scripts++;
    bool via = held->kind == TREE_TUPLE && held->child[0]->kind == TREE_WORDS;
    writer_put(w, via ? "\\text{via }" : "", via ? "via " : "");
    if (held->kind == TREE_TUPLE)
        writer_list(w, held->child + via, held->count - via, ",");
    else
        writer_child(w, held, LEVEL_SUM, true);
    w->scripts--;
    writer_put(w, "}", "}");
}

static void write_order(writer *w, int order)
{
    static const char *const latex[] = { "", "", "^{2}", "^{3}", "^{4}" };
    static const char *const unicode[] = { "", "", "²", "³", "⁴" };
    writer_put(w, latex[order], unicode[order]);
}

/* \partial a \partial b^2 */
static void write_below(writer *w, const tree *const *below, int count, bool last)
{
    for (int k = 0, times; k < count; k += times) {
        for (times = 1; k + times < count && tree_equal(below[k], below[k + times]);)
            times++;
        writer_put(w, k ? " \\partial " : "\\partial ", "∂");
        writer_child(w, below[k], times > 1 ? LEVEL_BASE : LEVEL_FACTOR, last && k + times == count && times == 1);
        write_order(w, times);
    }
}

void writer_derivative(writer *w, const tree *t)
{
    const tree *above, *below[4];
    tree_used used;
    bool immediate, flat = tree_flat(t, w->form), several;
    int count = tree_derivatives(t, &above, below, &immediate);
    const tree *step = count == 1 && !t->held ? tree_used_at(below[0], &used) : NULL;
    bool bar = step || (t->held && !immediate);
    several = count > 1 && w->form == LATEX_UNICODE && !tree_equal(below[0], below[count - 1]);
    if (step)
        below[0] = used.whole;
    if (bar)
        writer_put(w, "\\left.", "(");
    writer_put(w, flat ? "\\partial" : "\\frac{\\partial", "∂");
    writer_put(w, immediate ? "^{+}" : "", immediate ? "⁺" : "");
    write_order(w, count);
    writer_put(w, " ", "");
    writer_child(w, above, LEVEL_FACTOR, !flat);
    if (above->kind == TREE_SYMBOL && above->sub) /* \\partial H(q, p) */
        writer_child(w, above->sub, LEVEL_BASE, true);
    writer_put(w, flat ? "/" : "}{", "/");
    writer_put(w, "", several ? "(" : "");
    write_below(w, below, count, !flat);
    writer_put(w, flat ? "" : "}", several ? ")" : "");
    if (bar)
        writer_put(w, "", ")");
    if (step) {
        writer_put(w, "\\right|_{(", "|_{(");
        w->scripts++;
        writer_child(w, step, LEVEL_SUM, true);
        w->scripts--;
        writer_put(w, ")}", ")}");
    } else if (bar)
        write_held(w, t->held);
}

/* Whether it begins with d or \partial. */
static bool leads_with_sign(const tree *t)
{
    while (!t->brackets &&
           (t->kind == TREE_MUL || t->kind == TREE_ADD || t->kind == TREE_POW || t->kind == TREE_TRANSPOSE ||
            t->kind == TREE_RELATION || (t->kind == TREE_DIV && tree_flat(t, LATEX_SOURCE))))
        t = t->child[0];
    if (t->brackets)
        return false;
    if (t->kind == TREE_SYMBOL)
        return *t->accents ? t->accents[0] == 'd' && (t->accents[1] == ' ' || !t->accents[1]) : !strcmp(t->name, "d");
    return t->kind == TREE_DERIV && tree_flat(t, LATEX_SOURCE);
}

void writer_fraction(writer *w, const tree *t)
{
    const tree *above = t->child[0];
    if (tree_flat(t, w->form)) {
        writer_child(w, above, above->kind == TREE_MUL || above->kind == TREE_DIV ? LEVEL_TERM : LEVEL_FACTOR, false);
        writer_put(w, "/", "/");
        writer_child(w, t->child[1], LEVEL_FACTOR, false);
        return;
    }
    bool guarded = leads_with_sign(above); /* \frac{d a}{d b} would be a derivative */
    writer_put(w, guarded ? "\\frac{(" : "\\frac{", "");
    writer_child(w, above, LEVEL_SUM, true);
    writer_put(w, guarded ? ")}{" : "}{", "");
    writer_child(w, t->child[1], LEVEL_SUM, true);
    writer_put(w, "}", "");
}
