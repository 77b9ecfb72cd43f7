/* The statements of a setup, a function for each: what stands behind its first word. */
#include "latex.h"
#include "setup_internal.h"
#include "spelling_text.h"

#include <stdlib.h>

enum { SETUP_LARGEST_SIZE = 1000 };

static const char *const libraries[] = { "lstm",      "gru", "gru-reset-before", "gru-reset-after", "bilstm",
                                         "attention", NULL };
static const char *const conventions[] = { "columns", "rows", "denominator", "numerator", "summation", "any", NULL };

/* Nothing may be left of the statement, or of its part before a semicolon. */
static bool ended(setup_reader *r, const char *what)
{
    setup_skip(r);
    if (!*r->p || *r->p == ';')
        return true;
    size_t length = setup_name_length(r->p);
    return setup_fail(r, "\"%.*s\" is not understood after %s", (int)(length < 60 ? length : 60), r->p, what);
}

/* One letter or command. */
static const char *letter(setup_reader *r, const char *what)
{
    setup_skip(r);
    size_t length = 0;
    static const char name[] = "\\eddyname{";
    if (!strncmp(r->p, name, sizeof name - 1)) {
        r->p += sizeof name - 1;
        length = strcspn(r->p, "}");
        const char *word = arena_text(r->arena, r->p, length);
        r->p += length + (r->p[length] == '}');
        return word;
    }
    if (*r->p == '\\')
        for (length = 1; setup_is_letter(r->p[length]); length++)
            ;
    else
        length = setup_is_letter(*r->p);
    size_t whole = setup_name_length(r->p), equals = 0;
    while (equals < whole && r->p[equals] != '=')
        equals++;
    if (length == 0 || (*r->p == '\\' && length == 1) || (equals != length)) {
        setup_fail(r, "\"%.*s\" is no %s: that is one letter", (int)(equals < 60 ? equals : 60), r->p, what);
        return NULL;
    }
    const char *sign = arena_text(r->arena, r->p, length);
    r->p += length;
    return sign;
}

/* d_k or d_{model}: "d_k", "d_model". NULL: a plain letter, or nothing that is one. */
static const char *labelled_size(setup_reader *r)
{
    setup_skip(r);
    if (!setup_is_letter(r->p[0]) || r->p[1] != '_')
        return NULL;
    size_t from = 2 + (r->p[2] == '{'), to = from;
    while ((setup_is_letter(r->p[to]) || (r->p[to] >= '0' && r->p[to] <= '9')) && (from == 3 || to == from))
        to++; /* d_k, d_{model}, n_0 */
    if (to == from || (from == 3 && r->p[to] != '}'))
        return NULL;
    const char *size = arena_format(r->arena, "%c_%.*s", r->p[0], (int)(to - from), r->p + from);
    r->p += to + (from == 3);
    return size;
}

bool setup_read_sizes(setup_reader *r)
{
    for (setup_skip_commas(r); *r->p; setup_skip_commas(r)) {
        const char *size = labelled_size(r);
        size = size ? size : letter(r, "size");
        setup_statement *s = size ? setup_add(r, SETUP_SIZES) : NULL;
        if (!s)
            return false;
        s->words = size;
        setup_skip(r);
        if (*r->p != '=')
            continue;
        r->p++;
        setup_skip(r);
        const char *digits = r->p;
        for (; *r->p >= '0' && *r->p <= '9'; r->p++)
            if (s->number <= SETUP_LARGEST_SIZE)
                s->number = 10 * s->number + (*r->p - '0');
        if (r->p == digits || s->number < 1 || s->number > SETUP_LARGEST_SIZE ||
            (*r->p && !setup_is_blank(*r->p) && *r->p != ','))
            return setup_fail(r, "the size %s must be a whole number from 1 to %d", size, SETUP_LARGEST_SIZE);
    }
    return true;
}

/* labels g = i, f, C, o */
bool setup_read_labels(setup_reader *r)
{
    const char *label = letter(r, "letter for labels");
    setup_statement *s = label ? setup_add(r, SETUP_LABELS) : NULL;
    if (!s)
        return false;
    setup_skip(r);
    bool set = *r->p == '=';
    r->p += set;
    if (!set && !setup_take_in(r))
        return setup_fail(r, "\"=\" is missing after \"labels %s\"", label);
    setup_skip(r);
    if (strncmp(r->p, "\\{", 2) == 0)
        r->p += 2;
    setup_list values = { 0 };
    for (setup_skip_commas(r); *r->p && strncmp(r->p, "\\}", 2) != 0; setup_skip_commas(r)) {
        size_t length = setup_name_length(r->p), word = 0;
        while (setup_is_letter(r->p[word]))
            word++;
        for (size_t k = 0; k + 1 < length; k++)
            if (strncmp(r->p + k, "\\}", 2) == 0)
                length = k;
        if (*r->p >= '0' && *r->p <= '9' && strspn(r->p, "0123456789") == length) { /* layers */
            tree *number = ARENA_NEW(r->arena, tree);
            if (!number || !setup_append(r, &values, number))
                return false;
            *number = (tree){ .kind = TREE_NUMBER, .accents = "", .style = "", .value = atof(r->p) };
            r->p += length;
            continue;
        }
        if (!length)
            return setup_fail(r, "a label is missing after \"labels %s\"", label);
        const char *source = word > 1 && word == length ? arena_format(r->arena, "\\mathrm{%.*s}", (int)word, r->p)
                                                        : arena_text(r->arena, r->p, length);
        r->p += length;
        tree *t = setup_name_of(r, source, strlen(source));
        if (!t || !setup_append(r, &values, t))
            return false;
    }
    if (!values.count)
        return setup_fail(r, "the labels are missing after \"labels %s =\"", label);
    s->words = label;
    s->list = values.tree;
    s->count = values.count;
    return true;
}

/* Past the ";" between two parts of a statement; false at its end. */
static bool goes_on(setup_reader *r)
{
    if (!*r->p)
        return false;
    r->p++;
    setup_skip(r);
    return *r->p != 0;
}

/* index j, k in H; m in H+I */
bool setup_read_index(setup_reader *r)
{
    int first = r->out.count;
    for (;;) {
        setup_skip_commas(r);
        if (setup_take_in(r)) {
            if (first == r->out.count)
                return setup_fail(r, "the letters are missing in front of \"in\"");
            size_t length = strcspn(r->p, ";");
            tree *size = length ? setup_expression(r, r->p, length) : NULL;
            if (!size)
                return setup_fail(r, "a size is missing after \"in\": write index j, k in H");
            for (; first < r->out.count; first++)
                r->out.statement[first].value = size;
            r->p += length;
            if (!goes_on(r))
                return true;
            continue;
        }
        if (!*r->p || *r->p == ';')
            return setup_fail(r, "\"in\" and a size are missing: write index j, k in H");
        const char *index = letter(r, "index");
        setup_statement *s = index ? setup_add(r, SETUP_INDEX) : NULL;
        if (!s)
            return false;
        s->words = index;
    }
}

bool setup_read_given(setup_reader *r)
{
    for (;;) {
        setup_list quantities = { 0 };
        setup_statement said = { .kind = SETUP_GIVEN, .line = r->line, .words = "" };
        if (!setup_names(r, &quantities, "given") || !setup_properties(r, &said))
            return false;
        for (int k = 0; k < quantities.count; k++) {
            setup_statement *s = setup_add(r, SETUP_GIVEN);
            if (!s)
                return false;
            *s = said;
            s->symbol = quantities.tree[k];
        }
        if ((!*r->p || *r->p == ';') && !goes_on(r))
            return true;
    }
}

bool setup_read_library(setup_reader *r)
{
    setup_skip(r);
    size_t word = setup_word_length(r->p);
    if (!setup_among(r->p, word, libraries))
        return setup_unknown(r, r->p, word ? word : setup_name_length(r->p), "part of the library", libraries);
    setup_statement *s = setup_add(r, SETUP_LIBRARY);
    if (!s)
        return false;
    s->words = arena_text(r->arena, r->p, word);
    r->p += word;
    setup_skip(r);
    r->p += *r->p == ':';
    setup_list quantities = { 0 }, from = { 0 };
    if (!setup_names(r, &quantities, "library"))
        return false;
    while (setup_take(r, "from") || setup_here(r, "input")) {
        if (setup_take(r, "input")) {
            s->symbol = setup_name(r, "input");
            if (!s->symbol)
                return false;
        } else if (!setup_names(r, &from, "from")) {
            return false;
        }
    }
    s->list = quantities.tree;
    s->count = quantities.count;
    s->from = from.tree;
    s->froms = from.count;
    static const char *const words[] = { "from", "input", NULL };
    return !*r->p || (setup_word_length(r->p) >= 2
                          ? setup_unknown(r, r->p, setup_word_length(r->p), "word of a library's line", words)
                          : ended(r, "the library's names"));
}

/* loss L reads h_t direct \hat g_t, maybe C_T direct \kappa */
bool setup_read_loss(setup_reader *r)
{
    static const char *const words[] = { "reads", "maybe", "direct", NULL };
    tree *loss = setup_name(r, "loss");
    setup_statement *s = loss ? setup_add(r, SETUP_LOSS) : NULL;
    if (!s)
        return false;
    if (!setup_take(r, "reads"))
        return *r->p
                   ? setup_unknown(r, r->p, setup_word_length(r->p) ? setup_word_length(r->p) : setup_name_length(r->p),
                                   "word of a loss", words)
                   : setup_fail(r, "\"reads\" and the quantities that the loss depends on are missing");
    setup_list read = { 0 }, direct = { 0 }, maybe = { 0 }; /* in `maybe` the quantity itself where it is one */
    for (setup_skip_commas(r); *r->p; setup_skip_commas(r)) {
        bool sometimes = setup_take(r, "maybe");
        if (setup_word_length(r->p) >= 2)
            return setup_unknown(r, r->p, setup_word_length(r->p), "word of a loss", words);
        tree *quantity = setup_name(r, sometimes ? "maybe" : "reads"), *derivative = NULL;
        if (quantity && setup_take(r, "direct")) {
            derivative = setup_name(r, "direct");
            if (!derivative)
                return false;
        }
        if (!quantity || !setup_append(r, &read, quantity) || !setup_append(r, &direct, derivative) ||
            !setup_append(r, &maybe, sometimes ? quantity : NULL))
            return false;
    }
    if (!read.count)
        return setup_fail(r, "the quantities that the loss depends on are missing after \"reads\"");
    bool *flags = ARENA_ARRAY(r->arena, bool, read.count);
    for (int k = 0; flags && k < read.count; k++)
        flags[k] = maybe.tree[k] != NULL;
    s->symbol = loss;
    s->list = read.tree;
    s->count = read.count;
    s->maybe = flags;
    s->direct = direct.tree;
    return true;
}

bool setup_read_hold(setup_reader *r)
{
    if (setup_take(r, "nothing")) {
        setup_statement *s = setup_add(r, SETUP_RESET);
        if (s)
            s->words = "hold";
        return s && ended(r, "\"hold nothing\"");
    }
    setup_list held = { 0 };
    if (!setup_names(r, &held, "hold"))
        return false;
    if (!setup_take(r, "fixed"))
        return *r->p ? setup_unknown(r, r->p, setup_word_length(r->p), "end of \"hold\"",
                                     (const char *const[]){ "fixed", NULL })
                     : setup_fail(r, "\"fixed\" is missing at the end: write hold f_t fixed");
    setup_statement *s = setup_add(r, SETUP_HOLD);
    if (!s)
        return false;
    s->list = held.tree;
    s->count = held.count;
    return ended(r, "\"fixed\"");
}

bool setup_read_convention(setup_reader *r)
{
    setup_skip(r);
    size_t word = setup_word_length(r->p);
    if (!setup_among(r->p, word, conventions))
        return setup_unknown(r, r->p, word ? word : setup_name_length(r->p), "convention", conventions);
    bool any = setup_here(r, "any");
    setup_statement *s = setup_add(r, any ? SETUP_RESET : SETUP_CONVENTION);
    if (!s)
        return false;
    s->words = any ? "convention" : arena_text(r->arena, r->p, word);
    r->p += word;
    return ended(r, "the convention");
}

bool setup_read_time(setup_reader *r)
{
    const char *line = arena_format(r->arena, "time %s", r->p);
    r->p += strlen(r->p);
    return spelling_says_steps(r->arena, line, line + strlen(line)) ||
           setup_fail(r, "after \"time\" a letter is expected, and where it runs: time k, time k = 0, ..., N-1");
}

bool setup_read_suggested(setup_reader *r)
{
    return setup_add(r, SETUP_SUGGESTED) && ended(r, "\"suggested\"");
}

/* What the words behind a sign say: "the matrix product", "entrywise", "the Hadamard product"; SIGN_USUAL: nothing
 * known. */
static setup_sign sign_meant(const char *words)
{
    static const struct {
        const char *words;
        setup_sign means;
    } meaning[] = { { "matrix product", SIGN_PRODUCT },       { "matrix multiplication", SIGN_PRODUCT },
                    { "entrywise", SIGN_ENTRYWISE },          { "entry-wise", SIGN_ENTRYWISE },
                    { "elementwise", SIGN_ENTRYWISE },        { "element-wise", SIGN_ENTRYWISE },
                    { "element by element", SIGN_ENTRYWISE }, { "Hadamard product", SIGN_ENTRYWISE },
                    { "inner product", SIGN_INNER },          { "dot product", SIGN_INNER },
                    { "scalar product", SIGN_INNER },         { "outer product", SIGN_OUTER },
                    { "Kronecker product", SIGN_KRONECKER } };
    for (size_t k = 0; k < sizeof meaning / sizeof *meaning; k++)
        if (strstr(words, meaning[k].words))
            return meaning[k].means;
    return SIGN_USUAL;
}

/* * is the matrix product: false where the line is no such statement. */
bool setup_is_sign(setup_reader *r)
{
    static const struct {
        const char *sign, *read_as; /* NULL: it is entrywise and nothing else */
        written_sign written;
    } signs[] = { { "*", "*", WRITTEN_STAR },
                  { "\\bullet", "*", WRITTEN_STAR },
                  { "\\cdot", "\\cdot", WRITTEN_DOT },
                  { "\\times", "\\cdot", WRITTEN_DOT },
                  { "\\odot", NULL, WRITTEN_STAR },
                  { "\\circ", NULL, WRITTEN_STAR },
                  { "\\otimes", "\\otimes", WRITTEN_OTIMES } };
    static const char *const verbs[] = { "is ", "means ", "denotes " };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].sign), verb = 0;
        const char *p = r->p + n + strspn(r->p + n, " \t");
        if (strncmp(r->p, signs[i].sign, n) || !setup_is_blank(r->p[n]))
            continue;
        for (size_t k = 0; k < sizeof verbs / sizeof *verbs && !verb; k++)
            verb = strncmp(p, verbs[k], strlen(verbs[k])) ? 0 : strlen(verbs[k]);
        setup_sign means = verb ? sign_meant(p + verb) : SIGN_USUAL;
        if (means == SIGN_USUAL || (!signs[i].read_as && means != SIGN_ENTRYWISE))
            return false;
        setup_statement *s = signs[i].read_as ? setup_add(r, SETUP_SIGN) : NULL;
        if (s) {
            s->words = signs[i].read_as;
            s->sign = signs[i].written;
            s->number = means;
        }
        return s || !signs[i].read_as;
    }
    return false;
}

/* a_{f,t} is the argument of f_t */
bool setup_read_argument(setup_reader *r, size_t at, size_t after)
{
    tree *symbol = setup_name_of(r, r->p, at);
    r->p += after;
    tree *value = symbol ? setup_name(r, "is the argument of") : NULL;
    setup_statement *s = value ? setup_add(r, SETUP_ARGUMENT) : NULL;
    if (!s)
        return false;
    s->symbol = symbol;
    s->value = value;
    return ended(r, "the name of the function's value");
}

/* X in \mathrm d X means \partial L / \partial X: the same letter on both sides, alone. */
static bool is_placeholder(const tree *left, const tree *below)
{
    return left->kind == TREE_SYMBOL && below->kind == TREE_SYMBOL && !left->count && !below->count &&
           !strcmp(left->name, below->name);
}

/* NAME means LATEX: NAME = LATEX. */
static bool read_definition(setup_reader *r, size_t at, size_t after)
{
    int count = 0;
    tree **formula = NULL;
    const char *said = arena_format(r->arena, "%.*s = %s", (int)at, r->p, r->p + after);
    if (!setup_formula_of(r, said, strlen(said), &count, &formula))
        return false;
    setup_statement *s = count ? setup_add(r, SETUP_FORMULA) : NULL;
    if (s)
        s->value = formula[0];
    return s != NULL;
}

/* Does the X stand in the meaning? */
static bool speaks_of(const tree *t, const tree *x)
{
    if (t->kind == TREE_SYMBOL && !t->count && !*t->accents && !strcmp(t->name, x->name))
        return true;
    for (int i = 0; i < t->count; i++)
        if (speaks_of(t->child[i], x))
            return true;
    return false;
}

/* \mathcal R X, \mathcal R\{X\}, \mathrm{Rop}(X), with an X in the meaning: any sign in front of any X. */
static bool read_operator(setup_reader *r, tree *sign, tree *meaning)
{
    bool call = sign->kind == TREE_APPLY && sign->count == 1,
         product = sign->kind == TREE_MUL && sign->count == 2 && sign->child[0]->kind == TREE_SYMBOL;
    tree *x = call ? sign->child[0] : product ? sign->child[1] : NULL;
    if (!x || x->kind != TREE_SYMBOL || x->count || *x->accents || !speaks_of(meaning, x))
        return false;
    setup_statement *s = setup_add(r, SETUP_OPERATOR);
    tree **parts = s ? ARENA_ARRAY(r->arena, tree *, 2) : NULL;
    if (!parts)
        return false;
    parts[0] = call ? sign : sign->child[0], parts[1] = x;
    s->from = parts, s->froms = 2;
    s->value = meaning;
    return true;
}

/* d X, with a blank between */
static bool is_d(const tree *sign)
{
    return sign->kind == TREE_MUL && sign->count == 2 && sign->child[0]->kind == TREE_SYMBOL &&
           !sign->child[0]->count && !*sign->child[0]->style && !strcmp(sign->child[0]->name, "d") &&
           sign->child[1]->kind == TREE_SYMBOL;
}

/* \frac{dE}{dX} means \frac{\partial E}{\partial X}: which needs no saying. */
static bool is_same_derivative(const tree *sign, const tree *meaning)
{
    return sign->kind == TREE_DERIV && meaning->kind == TREE_DERIV && sign->count == 2 && meaning->count == 2 &&
           tree_equal(sign->child[0], meaning->child[0]) && tree_equal(sign->child[1], meaning->child[1]);
}

/* \mathrm d X means \partial L / \partial X; \delta_k means -\partial E / \partial a_k; J(W, b) means J */
bool setup_read_short(setup_reader *r, size_t at, size_t after)
{
    tree *sign = setup_expression(r, r->p, at);
    const char *plain = sign ? latex_sign(sign) : NULL; /* dX, \delta X */
    plain = !plain && sign && is_d(sign) ? "d" : plain;
    tree *meaning = sign ? setup_expression(r, r->p + after, strlen(r->p + after)) : NULL;
    if (!meaning)
        return false;
    if (is_same_derivative(sign, meaning))
        return true;
    bool by = plain && meaning->count && is_placeholder(sign->child[1], meaning->child[meaning->count - 1]);
    if (!by && read_operator(r, sign, meaning))
        return true;
    bool derivative = meaning->kind == TREE_DERIV && meaning->count == 2 && meaning->child[0]->kind == TREE_SYMBOL;
    const tree *name = plain ? sign->child[1] : sign;
    bool accented = !plain && sign->kind == TREE_SYMBOL && *sign->accents;
    if (!derivative || !(plain || accented) || !is_placeholder(name, meaning->child[1])) {
        if (tree_equal(sign, derivative ? meaning->child[1] : meaning))
            return setup_fail(r, "write a shorthand as \\mathrm d X means \\partial L / \\partial X, or an operator as "
                                 "\\mathcal R X means \\partial X / \\partial \\epsilon");
        return read_definition(r, at, after); /* \delta^z_t means ...: this one only */
    }
    setup_statement *s = setup_add(r, SETUP_SHORT);
    if (!s)
        return false;
    s->words = plain ? plain : sign->accents;
    s->symbol = meaning->child[0];
    return true;
}
