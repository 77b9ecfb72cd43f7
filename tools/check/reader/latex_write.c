/* A tree to LaTeX and to one line of Unicode. Brackets are the author's, and those that are needed to say the same. */
#include "latex_writer.h"

#include <string.h>

static void write_tree(writer *w, const tree *t);

static void open_bracket(writer *w, char kind)
{
    writer_put(w, kind == '(' ? "(" : kind == '[' ? "[" : "\\{", kind == '(' ? "(" : kind == '[' ? "[" : "{");
}

static void close_bracket(writer *w, char kind)
{
    writer_put(w, kind == '(' ? ")" : kind == '[' ? "]" : "\\}", kind == '(' ? ")" : kind == '[' ? "]" : "}");
}

void writer_list(writer *w, tree *const *item, int count, const char *separator)
{
    for (int k = 0; k < count; k++) {
        if (k)
            writer_put(w, separator, separator);
        writer_child(w, item[k], LEVEL_SUM, true);
    }
}

/* One character needs no braces behind _ and ^. */
static bool single(const tree *t)
{
    return !t->brackets && ((t->kind == TREE_NUMBER && t->name && *t->name && !t->name[1]) ||
                            (t->kind == TREE_SYMBOL && !t->count && !t->primes && !*t->accents && t->name[0] &&
                             !t->name[1] && !*t->style));
}

static bool unicode_single(const tree *t)
{
    return single(t) || (!t->brackets && t->kind == TREE_SYMBOL && !t->count && !t->primes &&
                         (!*t->accents || !strcmp(t->accents, "tilde")));
}

static void write_script(writer *w, const char *mark, tree *const *item, int count)
{
    bool bare = count == 1 && (w->form == LATEX_SOURCE ? single(item[0]) : unicode_single(item[0]));
    writer_put(w, mark, mark);
    if (!bare)
        writer_put(w, "{", "{");
    w->scripts++;
    writer_list(w, item, count, ",");
    w->scripts--;
    if (!bare)
        writer_put(w, "}", "}");
}

static void write_sub(writer *w, tree *sub)
{
    if (sub && sub->kind == TREE_TUPLE)
        write_script(w, "_", sub->child, sub->count);
    else if (sub)
        write_script(w, "_", &sub, 1);
}

/* Whether it begins with ( or [ or \{ when written where `level` is taken. */
static bool leads_with_bracket(const tree *t, tree_level level, bool last, latex_form form)
{
    if (tree_brackets(t, level, last, form) || t->kind == TREE_CONCAT || t->kind == TREE_TUPLE || t->kind == TREE_SET ||
        t->kind == TREE_ELEMENT)
        return true;
    if (t->kind == TREE_POW || t->kind == TREE_TRANSPOSE)
        return !tree_raised_name(t) && leads_with_bracket(t->child[0], LEVEL_BASE, false, form);
    return (t->kind == TREE_MUL || (t->kind == TREE_DIV && tree_flat(t, form))) &&
           leads_with_bracket(t->child[0], LEVEL_FACTOR, false, form);
}

/* The symbol at the end of a factor, which would take a bracket that follows for its argument. */
static const tree *tail(const tree *t, latex_form form)
{
    if (t->brackets)
        return NULL;
    if (t->kind == TREE_SYMBOL || (t->kind == TREE_ONES && !t->sub))
        return t;
    if (t->kind == TREE_POW || t->kind == TREE_TRANSPOSE)
        return tree_raised_name(t)                                                 ? tail(t->child[0], form)
               : t->child[0]->kind == TREE_POW || t->child[0]->kind == TREE_SYMBOL ? tail(t->child[0], form)
                                                                                   : NULL;
    if ((t->kind == TREE_DIV || t->kind == TREE_DERIV) && tree_flat(t, form))
        return tail(t->child[1], form);
    return t->kind == TREE_APPLY && t->count == 1 && !tree_argument(t, form) && strcmp(t->name, "\\sqrt")
               ? tail(t->child[0], form)
               : NULL;
}

/* h (t - 1) would be h at a step. */
static bool step_follows(const tree *t, const tree *next)
{
    bool element = false;
    while (!next->brackets && (next->kind == TREE_POW || next->kind == TREE_TRANSPOSE || next->kind == TREE_ELEMENT) &&
           !element) {
        element = next->kind == TREE_ELEMENT;
        next = next->child[0];
    }
    const tree *letter = next->kind == TREE_ADD ? next->child[0] : next;
    bool step = letter->kind == TREE_SYMBOL && (!strcmp(letter->name, "t") || !strcmp(letter->name, "T"));
    bool number =
        !strcmp(t->name, "t") || !strcmp(t->name, "T") || !strcmp(t->name, "e"); /* a factor before brackets, always */
    return t->kind == TREE_SYMBOL && !number && !t->brackets && (element || next->brackets == '(') &&
           (step || next->kind == TREE_NUMBER);
}

/* h_t (k) would be an element. */
static bool elements_follow(const tree *t, const tree *next)
{
    while (!next->brackets && (next->kind == TREE_POW || next->kind == TREE_TRANSPOSE || next->kind == TREE_ELEMENT))
        next = next->child[0];
    int count = next->kind == TREE_TUPLE ? next->count : 1;
    bool letters = t->kind == TREE_SYMBOL && t->count && !t->brackets && next->brackets == '(';
    for (int k = 0; letters && k < count; k++) {
        const tree *one = next->kind == TREE_TUPLE ? next->child[k] : next;
        letters = one->kind == TREE_SYMBOL && !one->count && strchr("ijklmn", *one->name);
    }
    return letters;
}

/* \sigma (x) would be a function of x, and \mathrm{diag} x too. */
static bool catches(const tree *product, int k, latex_form form)
{
    for (int ahead = 0; form == LATEX_SOURCE && k + 1 < product->count && product->child[k + 1]->join == JOIN_BESIDE;
         ahead++, k++) {
        const tree *next = product->child[k + 1], *end = tail(product->child[k], form);
        if (!end)
            return false;
        if ((step_follows(end, next) || elements_follow(end, next)) && product->child[k]->kind != TREE_POW &&
            product->child[k]->kind != TREE_TRANSPOSE)
            return true;
        if (end->kind == TREE_SYMBOL && (tree_is_word(end->name) || (*end->name == '\\' && !tree_sign(end->name))))
            return true;
        if (end->kind != TREE_ONES && strcmp(end->name, "\\sigma") != 0)
            return false;
        if (ahead ||
            leads_with_bracket(next, tree_factor_level(product, k + 1, form), tree_factor_last(product, k + 1), form))
            return true; /* the next one may get brackets for the same reason */
    }
    return false;
}

static void write_product(writer *w, const tree *t)
{
    for (int k = 0; k < t->count; k++) {
        const tree *c = t->child[k];
        tree_level level = tree_factor_level(t, k, w->form);
        bool last = tree_factor_last(t, k), guarded = catches(t, k, w->form) && !tree_brackets(c, level, last, w->form);
        if (k) {
            static const char *const latex[] = { " ", " \\cdot ", " \\times ", " \\odot ", " * ", " \\otimes " };
            static const char *const unicode[] = { " ", " · ", " × ", " ⊙ ", " * ", " ⊗ " };
            bool tight = c->join == JOIN_BESIDE && (guarded || leads_with_bracket(c, level, last, w->form));
            writer_put(w, tight ? "" : latex[c->join], tight ? "" : unicode[c->join]);
        }
        if (guarded)
            writer_put(w, "(", "(");
        writer_child(w, c, guarded ? LEVEL_LIST : level, last || guarded);
        if (guarded)
            writer_put(w, ")", ")");
    }
}

static void write_sum(writer *w, const tree *t)
{
    for (int k = 0; k < t->count; k++) {
        const tree *c = t->child[k];
        bool minus = c->kind == TREE_NEG && !c->brackets;
        if (k)
            writer_put(w, minus ? " - " : " + ", minus ? " - " : " + ");
        else if (minus)
            writer_put(w, "-", "-");
        writer_child(w, minus ? c->child[0] : c, LEVEL_TERM, true);
    }
}

static void write_power(writer *w, const tree *t, bool transposed)
{
    static const char *const raised[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
    tree *power = t->child[1];
    bool minus = power->kind == TREE_NEG;
    const tree *number = minus ? power->child[0] : power;
    if (w->form == LATEX_UNICODE && number->kind == TREE_NUMBER && number->name &&
        strspn(number->name, "0123456789") == strlen(number->name) && *number->name) {
        writer_put(w, "", minus ? "⁻" : "");
        for (const char *c = number->name; *c; c++)
            text_add(w->out, raised[*c - '0']);
    } else if (w->form == LATEX_UNICODE || (single(power) && !transposed && strcmp(power->name, "T"))) {
        write_script(w, "^", &power, 1);
    } else {
        const tree *base = t->child[0];
        bool guard = power->kind == TREE_SYMBOL && !strcmp(power->name, "T") && !transposed &&
                     base->kind != TREE_NUMBER && strcmp(base->style, "bb");
        writer_put(w, guard ? "^{{" : "^{", "");
        bool boxed = !transposed && power->brackets == '('; /* ^{(t)} is not read */
        char kept = boxed ? 0 : tree_brackets(power, LEVEL_SUM, true, w->form);
        w->scripts++;
        if (kept)
            writer_child(w, power, LEVEL_SUM, true);
        else
            write_tree(w, power);
        w->scripts--;
        writer_put(w, transposed ? "\\top" : "", "");
        writer_put(w, guard ? "}}" : "}", "");
    }
    if (transposed && w->form == LATEX_UNICODE)
        writer_put(w, "", "ᵀ");
}

static void write_arguments(writer *w, const tree *t)
{
    char kind = tree_argument(t, w->form);
    if (!strcmp(t->name, "\\sqrt")) {
        writer_put(w, "{", "(");
        writer_list(w, t->child, t->count, ", ");
        writer_put(w, "}", ")");
        return;
    }
    if (!kind) {
        if (t->child[0]->kind != TREE_CONCAT)
            writer_put(w, " ", " ");
        writer_child(w, t->child[0], LEVEL_LIST, true);
        return;
    }
    open_bracket(w, kind);
    for (int k = 0; k < t->count; k++) {
        writer_put(w, k ? ", " : "", k ? ", " : "");
        if (t->count == 1 && t->child[k]->brackets == kind && t->child[k]->kind != TREE_TUPLE)
            write_tree(w, t->child[k]);
        else
            writer_child(w, t->child[k], LEVEL_SUM, true);
    }
    close_bracket(w, kind);
}

static void write_call(writer *w, const tree *t, const tree *power)
{
    if (!strcmp(t->name, "\\sqrt"))
        writer_put(w, "\\sqrt", "√");
    else
        writer_name(w, t->name, "rm");
    writer_primes(w, t->primes);
    write_sub(w, t->sub);
    if (power)
        write_power(w, power, false);
    write_arguments(w, t);
}

static void write_relation(writer *w, const tree *t)
{
    static const char *const latex[] = { " = ",    " \\le ",     " < ",           " \\ge ", " > ",  " \\ne ",
                                         " \\in ", " \\approx ", " \\leftarrow ", " := ",   " += ", " \\propto " };
    static const char *const unicode[] = { " = ", " ≤ ", " < ", " ≥ ",  " > ",  " ≠ ",
                                           " ∈ ", " ≈ ", " ← ", " := ", " += ", " ∝ " };
    for (int k = 0; k < t->count; k++) {
        if (k)
            writer_put(w, latex[t->relations[k - 1]], unicode[t->relations[k - 1]]);
        writer_child(w, t->child[k], LEVEL_SUM, true);
    }
}

static void write_big(writer *w, const tree *t)
{
    static const char *const latex[] = { "\\sum", "\\prod", "\\max", "\\min" }, *const unicode[] = { "Σ", "Π", "max",
                                                                                                     "min" };
    writer_put(w, *t->name ? "\\arg" : "", *t->name ? "arg " : "");
    writer_put(w, latex[t->kind - TREE_SUM], unicode[t->kind - TREE_SUM]);
    bool bare = t->bounds == 1 && !t->bound[0].from && !t->bound[0].set && !t->bound[0].relation &&
                (!t->bound[0].index[1] || w->form == LATEX_UNICODE);
    writer_put(w, bare ? "_" : "_{", bare ? "_" : "_{");
    w->scripts++;
    for (int k = 0; k < t->bounds; k++) {
        const tree_bound *b = &t->bound[k];
        writer_put(w, k ? "," : "", k ? "," : "");
        if (b->relation) {
            write_relation(w, b->relation);
            continue;
        }
        writer_name(w, b->index, "");
        if (b->from) {
            writer_put(w, "=", "=");
            writer_child(w, b->from, LEVEL_SUM, true);
        } else if (b->set) {
            writer_put(w, " \\in ", " ∈ ");
            write_tree(w, b->set);
        }
    }
    writer_put(w, bare ? "" : "}", bare ? "" : "}");
    if (t->bounds == 1 && t->bound[0].to) {
        writer_put(w, "^{", "^{");
        writer_child(w, t->bound[0].to, LEVEL_SUM, true);
        writer_put(w, "}", "}");
    }
    w->scripts--;
    writer_put(w, " ", " ");
    const tree *body = t->child[0];
    bool minus = body->kind == TREE_NEG && !body->brackets;
    writer_put(w, minus ? "-" : "", minus ? "-" : "");
    writer_child(w, minus ? body->child[0] : body, LEVEL_TERM, true);
}

static void write_matrix(writer *w, const tree *t)
{
    const char *environment = t->brackets == '(' ? "pmatrix" : t->brackets == '[' ? "bmatrix" : "matrix";
    writer_put(w, "\\begin{", t->brackets == '[' ? "[" : "(");
    writer_put(w, environment, "");
    writer_put(w, "}", "");
    for (int k = 0; k < t->count; k++) {
        bool row = k && k % t->columns == 0;
        writer_put(w, row ? " \\\\ " : k ? " & " : " ", row ? "; " : k ? ", " : "");
        writer_child(w, t->child[k], LEVEL_SUM, true);
    }
    writer_put(w, " \\end{", t->brackets == '[' ? "]" : ")");
    writer_put(w, environment, "");
    writer_put(w, "}", "");
}

static void write_formula(writer *w, const tree *t)
{
    writer_child(w, t->child[0], LEVEL_LIST, true);
    for (int k = 1; k < t->count; k++) {
        const tree *c = t->child[k];
        writer_put(w, ", \\quad ", ", ");
        bool plain = tree_plain_condition(c);
        if (c->kind == TREE_WORDS) {
            write_tree(w, c);
            continue;
        }
        writer_put(w,
                   plain                      ? ""
                   : c->kind == TREE_RELATION ? "\\text{if } "
                                              : "\\text{for all } ",
                   plain                      ? ""
                   : c->kind == TREE_RELATION ? "if "
                                              : "for all ");
        writer_child(w, c, LEVEL_LIST, true);
    }
}

static void write_enclosed(writer *w, const tree *t, const char *open[2], const char *separator, const char *close[2])
{
    writer_put(w, open[0], open[1]);
    writer_list(w, t->child, t->count, separator);
    writer_put(w, close[0], close[1]);
}

void writer_child(writer *w, const tree *t, tree_level level, bool last)
{
    char kind = tree_brackets(t, level, last, w->form);
    if (kind)
        open_bracket(w, kind);
    write_tree(w, t);
    if (kind)
        close_bracket(w, kind);
}

#define PAIR(latex, unicode) ((const char *[2]){ latex, unicode })

/* Without the brackets around it. */
/* What stands between two signs of its own: whether t does. */
static bool write_between(writer *w, const tree *t)
{
    switch (t->kind) {
    case TREE_NORM:
        write_enclosed(w, t, PAIR("\\lVert ", "‖"), "", PAIR("\\rVert", "‖"));
        write_sub(w, t->sub);
        return true;
    case TREE_ABS:
        write_enclosed(w, t, PAIR("\\lvert ", "|"), "", PAIR("\\rvert", "|"));
        return true;
    case TREE_CONCAT:
        write_enclosed(w, t, PAIR("[", "["), t->separator == ';' ? "; " : ", ", PAIR("]", "]"));
        return true;
    case TREE_TUPLE:
        write_enclosed(w, t, PAIR("(", "("), ", ", PAIR(")", ")"));
        return true;
    case TREE_INNER:
        write_enclosed(w, t, PAIR("\\langle ", "⟨"), ", ", PAIR("\\rangle", "⟩"));
        return true;
    case TREE_SET:
        write_enclosed(w, t, PAIR("\\{", "{"), ", ", PAIR("\\}", "}"));
        return true;
    default:
        return false;
    }
}

static void write_symbol(writer *w, const tree *t)
{
    writer_accented(w, t, t->accents ? t->accents : "");
    writer_primes(w, t->primes);
    if (t->count)
        write_script(w, "_", t->child, t->count);
    if (tree_is_square(t))
        writer_put(w, "^{2}", "²");
}

static void write_raised(writer *w, const tree *t)
{
    if (tree_raised_name(t)) {
        write_call(w, t->child[0], t);
        return;
    }
    writer_child(w, t->child[0], LEVEL_BASE, false);
    write_power(w, t, false);
}

static void write_transpose(writer *w, const tree *t)
{
    const tree *c = t->child[0];
    if (t->big) {
        writer_child(w, c, LEVEL_SUM, true);
        return;
    }
    if (c->kind == TREE_POW && !c->brackets && !tree_raised_name(c)) {
        writer_child(w, c->child[0], LEVEL_BASE, false);
        write_power(w, c, true);
        return;
    }
    writer_child(w, c, LEVEL_BASE, false);
    writer_put(w, "^{\\top}", "ᵀ");
}

static void write_element(writer *w, const tree *t)
{
    const tree *c = t->child[0];
    bool own = tree_brackets(c, LEVEL_BASE, false, w->form) || c->kind == TREE_CONCAT || c->kind == TREE_TUPLE ||
               (c->kind == TREE_MATRIX && !c->brackets);
    if (t->child[1]->kind == TREE_RANGE && tree_from_zero(t->child[1])) { /* z[:H] */
        writer_child(w, c, LEVEL_BASE, false);
        write_enclosed(w, &(tree){ .child = t->child + 1, .count = t->count - 1 }, PAIR("[", "["), ", ",
                       PAIR("]", "]"));
        return;
    }
    writer_put(w, own ? "" : "(", own ? "" : "(");
    writer_child(w, c, own ? LEVEL_BASE : LEVEL_LIST, !own);
    writer_put(w, own ? "" : ")", own ? "" : ")");
    write_script(w, "_", t->child + 1, t->count - 1);
}

static void write_range(writer *w, const tree *t)
{
    for (int k = 0; k < 2; k++) {
        writer_put(w, k ? ":" : "", k ? ":" : "");
        if (tree_range_end(t, k))
            writer_child(w, t->child[k], LEVEL_SUM, true);
    }
}

static void write_tree(writer *w, const tree *t)
{
    if (write_between(w, t))
        return;
    switch (t->kind) {
    case TREE_NUMBER:
        writer_number(w, t);
        break;
    case TREE_SYMBOL:
        write_symbol(w, t);
        break;
    case TREE_ADD:
        write_sum(w, t);
        break;
    case TREE_NEG:
        writer_put(w, "-", "-");
        writer_child(w, t->child[0], LEVEL_TERM, true);
        break;
    case TREE_MUL:
        write_product(w, t);
        break;
    case TREE_DIV:
        writer_fraction(w, t);
        break;
    case TREE_POW:
        write_raised(w, t);
        break;
    case TREE_TRANSPOSE:
        write_transpose(w, t);
        break;
    case TREE_APPLY:
        write_call(w, t, NULL);
        break;
    case TREE_MATRIX:
        write_matrix(w, t);
        break;
    case TREE_SUM:
    case TREE_PROD:
    case TREE_MAX:
    case TREE_MIN:
        write_big(w, t);
        break;
    case TREE_DERIV:
        writer_derivative(w, t);
        break;
    case TREE_INDICATOR:
        writer_put(w, "\\mathbf{1}[", "𝟏[");
        writer_child(w, t->child[0], LEVEL_LIST, true);
        writer_put(w, "]", "]");
        break;
    case TREE_ONES:
        if (*t->name)
            writer_put(w, "\\mathbf{0}", "𝟎");
        else
            writer_put(w, !strcmp(t->style, "bb") ? "\\mathbb{1}" : "\\mathbf{1}", "𝟏");
        write_sub(w, t->sub);
        break;
    case TREE_ELEMENT:
        write_element(w, t);
        break;
    case TREE_RANGE:
        write_range(w, t);
        break;
    case TREE_DOTS:
        writer_put(w, t->big ? "\\cdots" : "\\dots", t->big ? "⋯" : "…");
        break;
    case TREE_PLACE:
        writer_put(w, "\\cdot", "·");
        break;
    case TREE_RELATION:
        write_relation(w, t);
        break;
    case TREE_FORMULA:
        write_formula(w, t);
        break;
    case TREE_WORDS:
        writer_put(w, "\\text{", "");
        writer_put(w, t->name, t->name);
        writer_put(w, "}", "");
        break;
    default: /* is between two signs */
        break;
    }
}

void latex_write(text *out, const tree *t, latex_form form)
{
    writer w = { .out = out, .form = form };
    if (form == LATEX_MATHML)
        mathml_write(out, t);
    else
        writer_child(&w, t, LEVEL_LIST, true);
}
