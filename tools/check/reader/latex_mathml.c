/* A tree to presentational MathML Core: elements mi mn mo mrow msub msup msubsup mfrac msqrt mover munder munderover
 * mtable mtext mspace. */
#include "latex_writer.h"

#include <string.h>

static void write_tree(text *out, const tree *t);
static void write_child(text *out, const tree *t, tree_level level, bool last);

static void escaped(text *out, const char *s)
{
    for (; *s; s++) {
        const char *entity = *s == '&'    ? "&amp;"
                             : *s == '<'  ? "&lt;"
                             : *s == '>'  ? "&gt;"
                             : *s == '"'  ? "&quot;"
                             : *s == '\'' ? "&#39;"
                                          : NULL;
        if (entity)
            text_add(out, entity);
        else
            text_add_n(out, s, 1);
    }
}

static void element(text *out, const char *open, const char *inside, const char *close)
{
    text_add(out, open);
    escaped(out, inside);
    text_add(out, close);
}

static void operator_sign(text *out, const char *sign)
{
    element(out, "<mo>", sign, "</mo>");
}

/* Signs like ~ and bars that stand for themselves, at their own size. */
static void fixed_sign(text *out, const char *sign)
{
    element(out, "<mo stretchy=\"false\">", sign, "</mo>");
}

static bool styled(text *out, char c, const char *style)
{
    unsigned code = tree_styled_letter(c, style);
    if (code)
        text_format(out, "<mi>&#x%X;</mi>", code);
    return code;
}

static void write_name(text *out, const char *name, const char *style)
{
    const char *sign = tree_sign(name);
    if (sign)
        element(out, "<mi>", sign, "</mi>");
    else if (name[0] && !name[1] && styled(out, *name, style))
        return;
    else
        element(out, name[0] && !name[1] && !strcmp(style, "rm") ? "<mi mathvariant=\"normal\">" : "<mi>",
                tree_bare_name(name), "</mi>");
}

static void write_accented(text *out, const tree *t, const char *accents)
{
    static const char *const signs[][2] = { { "tilde", "~" },
                                            { "hat", "^" },
                                            { "bar", "¯" },
                                            { "dot", "˙" },
                                            { "ddot", "¨" },
                                            { "vec", "→" },
                                            { "overrightarrow", "→" },
                                            { "overleftarrow", "←" },
                                            { "check", "ˇ" },
                                            { "breve", "˘" } };
    size_t n = strcspn(accents, " ");
    const char *rest = accents[n] ? accents + n + 1 : accents + n;
    if (!n) {
        write_name(out, t->name, t->style);
        return;
    }
    if ((n == 1 && *accents == 'd') || (n == 5 && !memcmp(accents + 1, "elta", 4))) {
        text_add(out, n == 1            ? "<mrow><mi mathvariant=\"normal\">d</mi>"
                      : *accents == 'd' ? "<mrow><mi>δ</mi>"
                                        : "<mrow><mi>Δ</mi>");
        write_accented(out, t, rest);
        text_add(out, "</mrow>");
        return;
    }
    bool under = n == 9 && !memcmp(accents, "underline", 9);
    text_add(out, under ? "<munder accentunder=\"true\">" : "<mover accent=\"true\">");
    write_accented(out, t, rest);
    if (under)
        fixed_sign(out, "_");
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (strlen(signs[k][0]) == n && !memcmp(signs[k][0], accents, n))
            fixed_sign(out, signs[k][1]);
    text_add(out, under ? "</munder>" : "</mover>");
}

static void write_list(text *out, tree *const *item, int count, const char *separator)
{
    text_add(out, "<mrow>");
    for (int k = 0; k < count; k++) {
        if (k)
            operator_sign(out, separator);
        write_child(out, item[k], LEVEL_SUM, true);
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
                operator_sign(out, ",");
            if (s.sub[k]->brackets == '(' && s.sub[k]->kind != TREE_TUPLE)
                write_tree(out, s.sub[k]);
            else
                write_child(out, s.sub[k], LEVEL_SUM, true);
        }
        text_add(out, "</mrow>");
    }
    if (up) {
        text_add(out, "<mrow>");
        for (int k = 0; k < s.primes; k++)
            operator_sign(out, "′");
        if (s.power)
            write_child(out, s.power, LEVEL_SUM, true);
        if (s.transposed)
            operator_sign(out, "⊤");
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
    operator_sign(out, "\u2061"); /* function application */
    if (!kind) {
        text_add(out, "<mspace width=\"0.17em\"/>");
        write_child(out, t->child[0], LEVEL_LIST, true);
        return;
    }
    text_add(out, "<mrow>");
    operator_sign(out, kind == '(' ? "(" : kind == '[' ? "[" : "{");
    bool bare = t->count == 1 && t->child[0]->brackets == kind && t->child[0]->kind != TREE_TUPLE;
    if (bare)
        write_tree(out, t->child[0]);
    else
        write_list(out, t->child, t->count, ",");
    operator_sign(out, kind == '(' ? ")" : kind == '[' ? "]" : "}");
    text_add(out, "</mrow>");
}

static void write_call(text *out, const tree *t, scripts s)
{
    if (!strcmp(t->name, "\\sqrt")) {
        text_add(out, "<msqrt>");
        write_list(out, t->child, t->count, ",");
        text_add(out, "</msqrt>");
        return;
    }
    take_sub(&s, &t->sub);
    s.primes += t->primes;
    text_add(out, "<mrow>");
    scripts_open(out, s);
    write_name(out, t->name, "rm");
    scripts_close(out, s);
    write_arguments(out, t);
    text_add(out, "</mrow>");
}

static void write_enclosed(text *out, const tree *t, const char *open, const char *separator, const char *close)
{
    text_add(out, "<mrow>");
    operator_sign(out, open);
    write_list(out, t->child, t->count, separator);
    operator_sign(out, close);
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
        write_accented(out, t, t->accents ? t->accents : "");
    else if (norm)
        write_enclosed(out, t, "‖", "", "‖");
    else if (!kind && t->kind == TREE_ONES)
        text_add(out, "<mn>&#x1D7CF;</mn>");
    else
        write_child(out, t, LEVEL_BASE, false);
    scripts_close(out, s);
}

static void write_product(text *out, const tree *t)
{
    static const char *const signs[] = { "\u2062", "·", "×", "⊙", "*", "⊗" };
    text_add(out, "<mrow>");
    for (int k = 0; k < t->count; k++) {
        if (k)
            operator_sign(out, signs[t->child[k]->join]);
        write_child(out, t->child[k], tree_factor_level(t, k, LATEX_MATHML), tree_factor_last(t, k));
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
            operator_sign(out, minus ? "−" : "+");
        write_child(out, minus ? c->child[0] : c, LEVEL_TERM, true);
    }
    text_add(out, "</mrow>");
}

static void write_relation(text *out, const tree *t)
{
    static const char *const signs[] = { "=", "≤", "<", "≥", ">", "≠", "∈", "≈", "←", ":=", "+=", "∝" };
    text_add(out, "<mrow>");
    for (int k = 0; k < t->count; k++) {
        if (k)
            operator_sign(out, signs[t->relations[k - 1]]);
        write_child(out, t->child[k], LEVEL_SUM, true);
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
            operator_sign(out, ",");
        if (b->relation) {
            write_relation(out, b->relation);
            continue;
        }
        write_name(out, b->index, "");
        if (b->from || b->set) {
            operator_sign(out, b->from ? "=" : "∈");
            write_child(out, b->from ? b->from : b->set, LEVEL_SUM, true);
        }
    }
    text_add(out, "</mrow>");
    if (upper)
        write_child(out, t->bound[0].to, LEVEL_SUM, true);
    text_add(out, upper ? "</munderover>" : "</munder>");
    const tree *body = t->child[0];
    bool minus = body->kind == TREE_NEG && !body->brackets;
    if (minus)
        operator_sign(out, "−");
    write_child(out, minus ? body->child[0] : body, LEVEL_TERM, true);
    text_add(out, "</mrow>");
}

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

static void write_derivative(text *out, const tree *t)
{
    const tree *above, *below[4];
    bool immediate, flat = tree_flat(t, LATEX_MATHML);
    int count = tree_derivatives(t, &above, below, &immediate);
    bool bar = t->held && !immediate;
    if (bar)
        text_add(out, "<msub><mrow>");
    text_add(out, flat ? "<mrow><mrow>" : "<mfrac><mrow>");
    write_sign(out, count, immediate);
    write_child(out, above, LEVEL_FACTOR, !flat);
    text_add(out, flat ? "</mrow><mo>/</mo><mrow>" : "</mrow><mrow>");
    for (int k = 0, times; k < count; k += times) {
        for (times = 1; k + times < count && tree_equal(below[k], below[k + times]);)
            times++;
        text_add(out, times > 1 ? "<mo>∂</mo><msup>" : "<mo>∂</mo>");
        write_child(out, below[k], times > 1 ? LEVEL_BASE : LEVEL_FACTOR, times == 1 && !flat);
        if (times > 1)
            text_format(out, "<mn>%d</mn></msup>", times);
    }
    text_add(out, flat ? "</mrow></mrow>" : "</mrow></mfrac>");
    if (bar) {
        scripts s = { 0 };
        take_sub(&s, &t->held);
        text_add(out, "<mo fence=\"true\" form=\"postfix\" stretchy=\"true\">|</mo></mrow>");
        bool via = s.subs > 1 && s.sub[0]->kind == TREE_WORDS;
        text_add(out, via ? "<mrow><mtext>via&#xa0;</mtext>" : "");
        write_list(out, s.sub + via, s.subs - via, ",");
        text_add(out, via ? "</mrow></msub>" : "</msub>");
    }
}

static void write_fraction(text *out, const tree *t)
{
    bool flat = tree_flat(t, LATEX_MATHML);
    const tree *above = t->child[0];
    text_add(out, flat ? "<mrow>" : "<mfrac>");
    write_child(out, above,
                !flat                                                ? LEVEL_SUM
                : above->kind == TREE_MUL || above->kind == TREE_DIV ? LEVEL_TERM
                                                                     : LEVEL_FACTOR,
                !flat);
    text_add(out, flat ? "<mo>/</mo>" : "");
    write_child(out, t->child[1], flat ? LEVEL_FACTOR : LEVEL_SUM, !flat);
    text_add(out, flat ? "</mrow>" : "</mfrac>");
}

static void write_matrix(text *out, const tree *t)
{
    bool square = t->brackets == '[', round = t->brackets == '(';
    text_add(out, "<mrow>");
    if (square || round)
        operator_sign(out, square ? "[" : "(");
    text_add(out, "<mtable>");
    for (int k = 0; k < t->count; k++) {
        text_add(out, k % t->columns ? "<mtd>" : k ? "</mtr><mtr><mtd>" : "<mtr><mtd>");
        write_child(out, t->child[k], LEVEL_SUM, true);
        text_add(out, "</mtd>");
    }
    text_add(out, "</mtr></mtable>");
    if (square || round)
        operator_sign(out, square ? "]" : ")");
    text_add(out, "</mrow>");
}

static void write_formula(text *out, const tree *t)
{
    text_add(out, "<mrow>");
    write_child(out, t->child[0], LEVEL_LIST, true);
    for (int k = 1; k < t->count; k++) {
        const tree *c = t->child[k];
        text_add(out, "<mo>,</mo><mspace width=\"1em\"/>");
        if (c->kind != TREE_WORDS && !tree_plain_condition(c))
            text_add(out, c->kind == TREE_RELATION ? "<mtext>if&#xA0;</mtext>" : "<mtext>for all&#xA0;</mtext>");
        write_child(out, c, LEVEL_LIST, true);
    }
    text_add(out, "</mrow>");
}

static void write_number(text *out, const tree *t)
{
    char room[64];
    const char *digits = tree_number(t, room), *e = strchr(digits, 'e');
    if (!e) {
        element(out, *digits == '-' ? "<mrow><mo>−</mo><mn>" : "<mn>", digits + (*digits == '-'),
                *digits == '-' ? "</mn></mrow>" : "</mn>");
        return;
    }
    const char *power = e + 1;
    text_add(out, "<mrow><mn>");
    text_add_n(out, digits, (size_t)(e - digits));
    text_add(out, "</mn><mo>·</mo><msup><mn>10</mn><mrow>");
    element(out, *power == '-' ? "<mo>−</mo><mn>" : "<mn>", power + (*power == '-'), "</mn></mrow></msup></mrow>");
}

static void write_child(text *out, const tree *t, tree_level level, bool last)
{
    char kind = tree_brackets(t, level, last, LATEX_MATHML);
    if (!kind) {
        write_tree(out, t);
        return;
    }
    text_add(out, "<mrow>");
    operator_sign(out, kind == '(' ? "(" : kind == '[' ? "[" : "{");
    write_tree(out, t);
    operator_sign(out, kind == '(' ? ")" : kind == '[' ? "]" : "}");
    text_add(out, "</mrow>");
}

/* Without the brackets around it. */
static void write_tree(text *out, const tree *t)
{
    switch (t->kind) {
    case TREE_NUMBER:
        write_number(out, t);
        break;
    case TREE_SYMBOL: {
        static const tree two = { .kind = TREE_NUMBER, .name = "2", .value = 2 };
        scripts s = { .sub = t->child, .subs = t->count, .primes = t->primes };
        s.power = tree_is_square(t) ? &two : NULL;
        scripts_open(out, s);
        write_accented(out, t, t->accents ? t->accents : "");
        scripts_close(out, s);
        break;
    }
    case TREE_ADD:
        write_sum(out, t);
        break;
    case TREE_NEG:
        text_add(out, "<mrow><mo>−</mo>");
        write_child(out, t->child[0], LEVEL_TERM, true);
        text_add(out, "</mrow>");
        break;
    case TREE_MUL:
        write_product(out, t);
        break;
    case TREE_DIV:
        write_fraction(out, t);
        break;
    case TREE_POW:
        if (tree_raised_name(t))
            write_call(out, t->child[0], (scripts){ .power = t->child[1] });
        else
            write_base(out, t->child[0], (scripts){ .power = t->child[1] });
        break;
    case TREE_TRANSPOSE: {
        const tree *c = t->child[0];
        if (c->kind == TREE_POW && !c->brackets && !tree_raised_name(c))
            write_base(out, c->child[0], (scripts){ .power = c->child[1], .transposed = true });
        else
            write_base(out, c, (scripts){ .transposed = true });
        break;
    }
    case TREE_APPLY:
        write_call(out, t, (scripts){ 0 });
        break;
    case TREE_NORM:
        if (t->sub)
            text_add(out, "<msub>");
        write_enclosed(out, t, "‖", "", "‖");
        if (t->sub) {
            write_child(out, t->sub, LEVEL_SUM, true);
            text_add(out, "</msub>");
        }
        break;
    case TREE_ABS:
        write_enclosed(out, t, "|", "", "|");
        break;
    case TREE_CONCAT:
        write_enclosed(out, t, "[", t->separator == ';' ? ";" : ",", "]");
        break;
    case TREE_MATRIX:
        write_matrix(out, t);
        break;
    case TREE_TUPLE:
        write_enclosed(out, t, "(", ",", ")");
        break;
    case TREE_INNER:
        write_enclosed(out, t, "⟨", ",", "⟩");
        break;
    case TREE_SET:
        write_enclosed(out, t, "{", ",", "}");
        break;
    case TREE_SUM:
    case TREE_PROD:
    case TREE_MAX:
    case TREE_MIN:
        write_big(out, t);
        break;
    case TREE_DERIV:
        write_derivative(out, t);
        break;
    case TREE_INDICATOR:
        text_add(out, "<mrow><mn>&#x1D7CF;</mn><mo>[</mo>");
        write_child(out, t->child[0], LEVEL_LIST, true);
        text_add(out, "<mo>]</mo></mrow>");
        break;
    case TREE_ONES: {
        scripts s = { 0 };
        take_sub(&s, &t->sub);
        scripts_open(out, s);
        text_add(out, "<mn>&#x1D7CF;</mn>");
        scripts_close(out, s);
        break;
    }
    case TREE_ELEMENT: {
        const tree *c = t->child[0];
        if (t->child[1]->kind == TREE_RANGE && tree_from_zero(t->child[1])) { /* z[:H] */
            text_add(out, "<mrow>");
            write_child(out, c, LEVEL_BASE, false);
            write_enclosed(out, &(tree){ .child = t->child + 1, .count = t->count - 1 }, "[", ",", "]");
            text_add(out, "</mrow>");
            break;
        }
        bool plain =
            tree_brackets(c, LEVEL_BASE, false, LATEX_MATHML) || (c->kind != TREE_SYMBOL && c->kind != TREE_ELEMENT);
        text_add(out, plain ? "<msub>" : "<msub><mrow><mo>(</mo>");
        write_child(out, c, LEVEL_BASE, false);
        text_add(out, plain ? "" : "<mo>)</mo></mrow>");
        write_list(out, t->child + 1, t->count - 1, ",");
        text_add(out, "</msub>");
        break;
    }
    case TREE_RANGE:
        text_add(out, "<mrow>");
        for (int k = 0; k < 2; k++) {
            if (k)
                operator_sign(out, ":");
            if (tree_range_end(t, k))
                write_child(out, t->child[k], LEVEL_SUM, true);
        }
        text_add(out, "</mrow>");
        break;
    case TREE_DOTS:
        operator_sign(out, t->big ? "⋯" : "…");
        break;
    case TREE_PLACE:
        operator_sign(out, "·");
        break;
    case TREE_RELATION:
        write_relation(out, t);
        break;
    case TREE_FORMULA:
        write_formula(out, t);
        break;
    case TREE_WORDS:
        element(out, "<mtext>", t->name, "</mtext>");
        break;
    }
}

void mathml_write(text *out, const tree *t)
{
    write_child(out, t, LEVEL_LIST, true);
}
