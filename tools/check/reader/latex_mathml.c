/* A tree to presentational MathML Core: elements mi mn mo mrow msub msup msubsup mfrac msqrt mover munder munderover
 * mtable mtext mspace. */
#include "latex_mathml.h"

#include <string.h>

static void write_tree(text *out, const tree *t);

void mathml_list(text *out, tree *const *item, int count, const char *separator)
{
    text_add(out, "<mrow>");
    for (int k = 0; k < count; k++) {
        if (k)
            mathml_sign(out, separator);
        mathml_child(out, item[k], LEVEL_SUM, true);
    }
    text_add(out, "</mrow>");
}

/* What stands around a base: the parts of its subscript, a power, primes, a transpose. */
typedef struct scripts {
    tree *const *sub;
    int subs, primes;
    const tree *power;
    bool transposed;
} scripts;

static void scripts_open(text *out, scripts s)
{
    bool up = s.power || s.primes || s.transposed;
    if (s.subs || up)
        text_add(out, s.subs && up ? "<msubsup>" : s.subs ? "<msub>" : "<msup>");
}

static void scripts_close(text *out, scripts s)
{
    bool up = s.power || s.primes || s.transposed;
    if (s.subs) {
        text_add(out, "<mrow>");
        for (int k = 0; k < s.subs; k++) { /* h^{(t)} is h at the step t: no brackets in h_t */
            if (k)
                mathml_sign(out, ",");
            if (s.sub[k]->brackets == '(' && s.sub[k]->kind != TREE_TUPLE)
                write_tree(out, s.sub[k]);
            else
                mathml_child(out, s.sub[k], LEVEL_SUM, true);
        }
        text_add(out, "</mrow>");
    }
    if (up) {
        text_add(out, "<mrow>");
        for (int k = 0; k < s.primes; k++)
            mathml_sign(out, "′");
        if (s.power)
            mathml_child(out, s.power, LEVEL_SUM, true);
        if (s.transposed)
            mathml_sign(out, "⊤");
        text_add(out, "</mrow>");
    }
    if (s.subs || up)
        text_add(out, s.subs && up ? "</msubsup>" : s.subs ? "</msub>" : "</msup>");
}

static void take_sub(scripts *s, tree *const *sub)
{
    if (!*sub)
        return;
    bool list = (*sub)->kind == TREE_TUPLE;
    s->sub = list ? (*sub)->child : sub;
    s->subs = list ? (*sub)->count : 1;
}

static void write_arguments(text *out, const tree *t)
{
    char kind = tree_argument(t, LATEX_MATHML);
    mathml_sign(out, "\u2061"); /* function application */
    if (!kind) {
        text_add(out, "<mspace width=\"0.17em\"/>");
        mathml_child(out, t->child[0], LEVEL_LIST, true);
        return;
    }
    text_add(out, "<mrow>");
    mathml_sign(out, kind == '(' ? "(" : kind == '[' ? "[" : "{");
    bool bare = t->count == 1 && t->child[0]->brackets == kind && t->child[0]->kind != TREE_TUPLE;
    if (bare)
        write_tree(out, t->child[0]);
    else
        mathml_list(out, t->child, t->count, ",");
    mathml_sign(out, kind == '(' ? ")" : kind == '[' ? "]" : "}");
    text_add(out, "</mrow>");
}

static void write_call(text *out, const tree *t, scripts s)
{
    if (!strcmp(t->name, "\\sqrt")) {
        text_add(out, "<msqrt>");
        mathml_list(out, t->child, t->count, ",");
        text_add(out, "</msqrt>");
        return;
    }
    take_sub(&s, &t->sub);
    s.primes += t->primes;
    text_add(out, "<mrow>");
    scripts_open(out, s);
    mathml_name(out, t->name, "rm");
    scripts_close(out, s);
    write_arguments(out, t);
    text_add(out, "</mrow>");
}

static void write_enclosed(text *out, const tree *t, const char *open, const char *separator, const char *close)
{
    text_add(out, "<mrow>");
    mathml_sign(out, open);
    mathml_list(out, t->child, t->count, separator);
    mathml_sign(out, close);
    text_add(out, "</mrow>");
}

/* A base with everything at its corners; powers and transposes of it arrive in `s`. */
static void write_base(text *out, const tree *t, scripts s)
{
    char kind = tree_brackets(t, LEVEL_BASE, false, LATEX_MATHML);
    bool norm = !kind && t->kind == TREE_NORM && t->sub;
    if (!kind && t->kind == TREE_SYMBOL) {
        s.sub = t->child;
        s.subs = t->count;
        s.primes = t->primes;
    }
    if (norm || (!kind && t->kind == TREE_ONES))
        take_sub(&s, &t->sub);
    scripts_open(out, s);
    if (!kind && t->kind == TREE_SYMBOL)
        mathml_accented(out, t, t->accents ? t->accents : "");
    else if (norm)
        write_enclosed(out, t, "‖", "", "‖");
    else if (!kind && t->kind == TREE_ONES)
        text_add(out, *t->name ? "<mn>&#x1D7CE;</mn>" : "<mn>&#x1D7CF;</mn>");
    else
        mathml_child(out, t, LEVEL_BASE, false);
    scripts_close(out, s);
}

static void write_product(text *out, const tree *t)
{
    static const char *const signs[] = { "\u2062", "·", "×", "⊙", "*", "⊗" };
    text_add(out, "<mrow>");
    for (int k = 0; k < t->count; k++) {
        if (k)
            mathml_sign(out, signs[t->child[k]->join]);
        mathml_child(out, t->child[k], tree_factor_level(t, k, LATEX_MATHML), tree_factor_last(t, k));
    }
    text_add(out, "</mrow>");
}

static void write_sum(text *out, const tree *t)
{
    text_add(out, "<mrow>");
    for (int k = 0; k < t->count; k++) {
        const tree *c = t->child[k];
        bool minus = c->kind == TREE_NEG && !c->brackets;
        if (k || minus)
            mathml_sign(out, minus ? "−" : "+");
        mathml_child(out, minus ? c->child[0] : c, LEVEL_TERM, true);
    }
    text_add(out, "</mrow>");
}

static void write_relation(text *out, const tree *t)
{
    static const char *const signs[] = { "=", "≤", "<", "≥", ">", "≠", "∈", "≈", "←", ":=", "+=", "∝" };
    text_add(out, "<mrow>");
    for (int k = 0; k < t->count; k++) {
        if (k)
            mathml_sign(out, signs[t->relations[k - 1]]);
        mathml_child(out, t->child[k], LEVEL_SUM, true);
    }
    text_add(out, "</mrow>");
}

static void write_big(text *out, const tree *t)
{
    static const char *const signs[] = { "<mo>∑</mo>", "<mo>∏</mo>", "<mo movablelimits=\"true\">max</mo>",
                                         "<mo movablelimits=\"true\">min</mo>" };
    bool upper = t->bounds == 1 && t->bound[0].to;
    text_add(out, upper ? "<mrow><munderover>" : "<mrow><munder>");
    text_add(out, *t->name ? "<mrow><mi>arg</mi>" : "");
    text_add(out, signs[t->kind - TREE_SUM]);
    text_add(out, *t->name ? "</mrow><mrow>" : "<mrow>");
    for (int k = 0; k < t->bounds; k++) {
        const tree_bound *b = &t->bound[k];
        if (k)
            mathml_sign(out, ",");
        if (b->relation) {
            write_relation(out, b->relation);
            continue;
        }
        mathml_name(out, b->index, "");
        if (b->from || b->set) {
            mathml_sign(out, b->from ? "=" : "∈");
            mathml_child(out, b->from ? b->from : b->set, LEVEL_SUM, true);
        }
    }
    text_add(out, "</mrow>");
    if (upper)
        mathml_child(out, t->bound[0].to, LEVEL_SUM, true);
    text_add(out, upper ? "</munderover>" : "</munder>");
    const tree *body = t->child[0];
    bool minus = body->kind == TREE_NEG && !body->brackets;
    if (minus)
        mathml_sign(out, "−");
    mathml_child(out, minus ? body->child[0] : body, LEVEL_TERM, true);
    text_add(out, "</mrow>");
}

static void write_matrix(text *out, const tree *t)
{
    bool square = t->brackets == '[', round = t->brackets == '(';
    text_add(out, "<mrow>");
    if (square || round)
        mathml_sign(out, square ? "[" : "(");
    text_add(out, "<mtable>");
    for (int k = 0; k < t->count; k++) {
        text_add(out, k % t->columns ? "<mtd>" : k ? "</mtr><mtr><mtd>" : "<mtr><mtd>");
        mathml_child(out, t->child[k], LEVEL_SUM, true);
        text_add(out, "</mtd>");
    }
    text_add(out, "</mtr></mtable>");
    if (square || round)
        mathml_sign(out, square ? "]" : ")");
    text_add(out, "</mrow>");
}

static void write_formula(text *out, const tree *t)
{
    text_add(out, "<mrow>");
    mathml_child(out, t->child[0], LEVEL_LIST, true);
    for (int k = 1; k < t->count; k++) {
        const tree *c = t->child[k];
        text_add(out, "<mo>,</mo><mspace width=\"1em\"/>");
        if (c->kind != TREE_WORDS && !tree_plain_condition(c))
            text_add(out, c->kind == TREE_RELATION ? "<mtext>if&#xA0;</mtext>" : "<mtext>for all&#xA0;</mtext>");
        mathml_child(out, c, LEVEL_LIST, true);
    }
    text_add(out, "</mrow>");
}

void mathml_child(text *out, const tree *t, tree_level level, bool last)
{
    char kind = tree_brackets(t, level, last, LATEX_MATHML);
    if (!kind) {
        write_tree(out, t);
        return;
    }
    text_add(out, "<mrow>");
    mathml_sign(out, kind == '(' ? "(" : kind == '[' ? "[" : "{");
    write_tree(out, t);
    mathml_sign(out, kind == '(' ? ")" : kind == '[' ? "]" : "}");
    text_add(out, "</mrow>");
}

/* Without the brackets around it. */
/* What stands between two signs of its own: whether t does. */
static bool write_between(text *out, const tree *t)
{
    switch (t->kind) {
    case TREE_ABS:
        write_enclosed(out, t, "|", "", "|");
        return true;
    case TREE_CONCAT:
        write_enclosed(out, t, "[", t->separator == ';' ? ";" : ",", "]");
        return true;
    case TREE_TUPLE:
        write_enclosed(out, t, "(", ",", ")");
        return true;
    case TREE_INNER:
        write_enclosed(out, t, "⟨", ",", "⟩");
        return true;
    case TREE_SET:
        write_enclosed(out, t, "{", ",", "}");
        return true;
    case TREE_INDICATOR:
        text_add(out, "<mrow><mn>&#x1D7CF;</mn><mo>[</mo>");
        mathml_child(out, t->child[0], LEVEL_LIST, true);
        text_add(out, "<mo>]</mo></mrow>");
        return true;
    case TREE_NORM:
        if (t->sub)
            text_add(out, "<msub>");
        write_enclosed(out, t, "‖", "", "‖");
        if (t->sub) {
            mathml_child(out, t->sub, LEVEL_SUM, true);
            text_add(out, "</msub>");
        }
        return true;
    default:
        return false;
    }
}

static void write_symbol(text *out, const tree *t)
{
    static const tree two = { .kind = TREE_NUMBER, .name = "2", .value = 2 };
    scripts s = { .sub = t->child, .subs = t->count, .primes = t->primes };
    s.power = tree_is_square(t) ? &two : NULL;
    scripts_open(out, s);
    mathml_accented(out, t, t->accents ? t->accents : "");
    scripts_close(out, s);
}

static void write_ones(text *out, const tree *t)
{
    scripts s = { 0 };
    take_sub(&s, &t->sub);
    scripts_open(out, s);
    text_add(out, *t->name ? "<mn>&#x1D7CE;</mn>" : "<mn>&#x1D7CF;</mn>");
    scripts_close(out, s);
}

static void write_transpose(text *out, const tree *t)
{
    const tree *c = t->child[0];
    if (t->big)
        mathml_child(out, c, LEVEL_SUM, true);
    else if (c->kind == TREE_POW && !c->brackets && !tree_raised_name(c))
        write_base(out, c->child[0], (scripts){ .power = c->child[1], .transposed = true });
    else
        write_base(out, c, (scripts){ .transposed = true });
}

static void write_element(text *out, const tree *t)
{
    const tree *c = t->child[0];
    if (t->child[1]->kind == TREE_RANGE && tree_from_zero(t->child[1])) { /* z[:H] */
        text_add(out, "<mrow>");
        mathml_child(out, c, LEVEL_BASE, false);
        write_enclosed(out, &(tree){ .child = t->child + 1, .count = t->count - 1 }, "[", ",", "]");
        text_add(out, "</mrow>");
        return;
    }
    bool plain =
        tree_brackets(c, LEVEL_BASE, false, LATEX_MATHML) || (c->kind != TREE_SYMBOL && c->kind != TREE_ELEMENT);
    text_add(out, plain ? "<msub>" : "<msub><mrow><mo>(</mo>");
    mathml_child(out, c, LEVEL_BASE, false);
    text_add(out, plain ? "" : "<mo>)</mo></mrow>");
    mathml_list(out, t->child + 1, t->count - 1, ",");
    text_add(out, "</msub>");
}

static void write_range(text *out, const tree *t)
{
    text_add(out, "<mrow>");
    for (int k = 0; k < 2; k++) {
        if (k)
            mathml_sign(out, ":");
        if (tree_range_end(t, k))
            mathml_child(out, t->child[k], LEVEL_SUM, true);
    }
    text_add(out, "</mrow>");
}

static void write_tree(text *out, const tree *t)
{
    if (write_between(out, t))
        return;
    switch (t->kind) {
    case TREE_NUMBER:
        mathml_number(out, t);
        break;
    case TREE_SYMBOL:
        write_symbol(out, t);
        break;
    case TREE_ADD:
        write_sum(out, t);
        break;
    case TREE_NEG:
        text_add(out, "<mrow><mo>−</mo>");
        mathml_child(out, t->child[0], LEVEL_TERM, true);
        text_add(out, "</mrow>");
        break;
    case TREE_MUL:
        write_product(out, t);
        break;
    case TREE_DIV:
        mathml_fraction(out, t);
        break;
    case TREE_POW:
        if (tree_raised_name(t))
            write_call(out, t->child[0], (scripts){ .power = t->child[1] });
        else
            write_base(out, t->child[0], (scripts){ .power = t->child[1] });
        break;
    case TREE_TRANSPOSE:
        write_transpose(out, t);
        break;
    case TREE_APPLY:
        write_call(out, t, (scripts){ 0 });
        break;
    case TREE_MATRIX:
        write_matrix(out, t);
        break;
    case TREE_SUM:
    case TREE_PROD:
    case TREE_MAX:
    case TREE_MIN:
        write_big(out, t);
        break;
    case TREE_DERIV:
        mathml_derivative(out, t);
        break;
    case TREE_ONES:
        write_ones(out, t);
        break;
    case TREE_ELEMENT:
        write_element(out, t);
        break;
    case TREE_RANGE:
        write_range(out, t);
        break;
    case TREE_DOTS:
        mathml_sign(out, t->big ? "⋯" : "…");
        break;
    case TREE_PLACE:
        mathml_sign(out, "·");
        break;
    case TREE_RELATION:
        write_relation(out, t);
        break;
    case TREE_FORMULA:
        write_formula(out, t);
        break;
    case TREE_WORDS:
        mathml_element(out, "<mtext>", t->name, "</mtext>");
        break;
    default: /* is between two signs */
        break;
    }
}

void mathml_write(text *out, const tree *t)
{
    mathml_child(out, t, LEVEL_LIST, true);
}
