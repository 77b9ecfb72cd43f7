/* Quotients and derivatives as MathML. */
#include "latex_mathml.h"

/* The sign of a derivative with its order, or with the + of an immediate one. */
static void write_sign(text *out, int order, bool immediate)
{
    if (immediate)
        text_add(out, "<msup><mo>∂</mo><mo>+</mo></msup>");
    else if (order > 1)
        text_format(out, "<msup><mo>∂</mo><mn>%d</mn></msup>", order);
    else
        text_add(out, "<mo>∂</mo>");
}

void mathml_derivative(text *out, const tree *t)
{
    const tree *above, *below[4];
    bool immediate, flat = tree_flat(t, LATEX_MATHML);
    int count = tree_derivatives(t, &above, below, &immediate);
    tree_used used;
    const tree *step = count == 1 && !t->held ? tree_used_at(below[0], &used) : NULL;
    bool bar = step || (t->held && !immediate);
    if (step)
        below[0] = used.whole;
    if (bar)
        text_add(out, "<msub><mrow>");
    text_add(out, flat ? "<mrow><mrow>" : "<mfrac><mrow>");
    write_sign(out, count, immediate);
    mathml_child(out, above, LEVEL_FACTOR, !flat);
    if (above->kind == TREE_SYMBOL && above->sub)
        mathml_child(out, above->sub, LEVEL_BASE, true);
    text_add(out, flat ? "</mrow><mo>/</mo><mrow>" : "</mrow><mrow>");
    for (int k = 0, times; k < count; k += times) {
        for (times = 1; k + times < count && tree_equal(below[k], below[k + times]);)
            times++;
        text_add(out, times > 1 ? "<mo>∂</mo><msup>" : "<mo>∂</mo>");
        mathml_child(out, below[k], times > 1 ? LEVEL_BASE : LEVEL_FACTOR, times == 1 && !flat);
        if (times > 1)
            text_format(out, "<mn>%d</mn></msup>", times);
    }
    text_add(out, flat ? "</mrow></mrow>" : "</mrow></mfrac>");
    if (step) {
        text_add(out, "<mo fence=\"true\" form=\"postfix\" stretchy=\"true\">|</mo></mrow><mrow><mo>(</mo>");
        mathml_child(out, step, LEVEL_SUM, true);
        text_add(out, "<mo>)</mo></mrow></msub>");
    } else if (bar) {
        bool list = t->held->kind == TREE_TUPLE;
        tree *const *held = list ? t->held->child : &t->held;
        int helds = list ? t->held->count : 1;
        text_add(out, "<mo fence=\"true\" form=\"postfix\" stretchy=\"true\">|</mo></mrow>");
        bool via = helds > 1 && held[0]->kind == TREE_WORDS;
        text_add(out, via ? "<mrow><mtext>via&#xa0;</mtext>" : "");
        mathml_list(out, held + via, helds - via, ",");
        text_add(out, via ? "</mrow></msub>" : "</msub>");
    }
}

void mathml_fraction(text *out, const tree *t)
{
    bool flat = tree_flat(t, LATEX_MATHML);
    const tree *above = t->child[0];
    text_add(out, flat ? "<mrow>" : "<mfrac>");
    mathml_child(out, above,
                 !flat                                                ? LEVEL_SUM
                 : above->kind == TREE_MUL || above->kind == TREE_DIV ? LEVEL_TERM
                                                                      : LEVEL_FACTOR,
                 !flat);
    text_add(out, flat ? "<mo>/</mo>" : "");
    mathml_child(out, t->child[1], flat ? LEVEL_FACTOR : LEVEL_SUM, !flat);
    text_add(out, flat ? "</mrow>" : "</mfrac>");
}
