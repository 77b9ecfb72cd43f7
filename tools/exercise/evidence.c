/* Which mistake explains a wrong line. Nothing is guessed: either the judge named what it tried, and its sentence is
 * one of those below, or a changed formula is judged here and holds. A sentence that is not known gives no hint. */
#include "exercise_internal.h"

#include <string.h>

typedef struct finder {
    const trying *trying;
    saying *saying;
    arena *arena;
    const finding *f;
    const tree *left, *right;
    const char *condition;
    evidence out;
} finder;

static const char *written(const finder *x, const tree *t)
{
    return latex_text(x->arena, t, LATEX_SOURCE);
}

/* Does the formula hold with this in place of its right side? */
static bool holds(const finder *x, const char *right)
{
    return trying_holds(x->trying, arena_format(x->arena, "%s = %s%s%s", written(x, x->left), right,
                                                *x->condition ? ", \\quad " : "", x->condition));
}

static bool found(finder *x, mistake m, const char *place, const char *mend, const char *mended)
{
    x->out = (evidence){ m, place, mend, mended };
    return true;
}

/* ---- What is tried here ---- */

static tree *replaced(arena *a, const tree *t, const tree *from, tree *to)
{
    if (t == from)
        return to;
    tree *copy = ARENA_NEW(a, tree);
    if (!copy || !(copy->child = ARENA_ARRAY(a, tree *, t->count + 1)))
        return NULL;
    tree **child = copy->child;
    *copy = *t;
    copy->child = child;
    for (int i = 0; i < t->count; i++)
        if (!(child[i] = replaced(a, t->child[i], from, to)))
            return NULL;
    return copy;
}

static const char *with(const finder *x, const tree *from, const char *latex)
{
    latex_result r = latex_read(x->arena, latex, strlen(latex));
    if (r.count != 1)
        return NULL;
    tree *to = r.formula[0]->child[0];
    to->join = from->join;
    if (!to->brackets && to->kind == TREE_ADD)
        to->brackets = '(';
    tree *all = replaced(x->arena, x->right, from, to);
    return all ? written(x, all) : NULL;
}

static bool speaks_of_letter(const tree *t, const char *letter)
{
    if (t->kind == TREE_SYMBOL && !t->count && !strcmp(t->name, letter))
        return true;
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter))
            return false;
    for (int i = 0; i < t->count; i++)
        if (speaks_of_letter(t->child[i], letter))
            return true;
    return false;
}

static bool missing_sum(finder *x)
{
    for (int i = 0; i < x->saying->letters; i++) {
        const char *letter = x->saying->letter[i];
        if (!speaks_of_letter(x->right, letter) || speaks_of_letter(x->left, letter))
            continue;
        const char *sum = strcmp(letter, "t") ? arena_format(x->arena, "\\sum_{%s}", letter) : "\\sum_{t=1}^{T}";
        const char *all = arena_format(x->arena, "%s \\left( %s \\right)", sum, written(x, x->right));
        if (holds(x, all))
            return found(x, MISTAKE_SUM, arena_format(x->arena, "$%s$", letter),
                         arena_format(x->arena, "$%s \\dots$ is missing in front", sum), all);
    }
    return false;
}

/* Σ from another step on. */
static bool other_bounds(finder *x, const tree *t)
{
    if (t->kind == TREE_SUM && t->bounds == 1 && t->bound[0].from && t->bound[0].to) {
        static const char *const from[] = { "1", "2", "t", "t+1", "1", "1" }, *const to[] = { "T", "T",   "T",
                                                                                              "T", "T-1", "t" };
        for (int i = 0; i < 6; i++) {
            const char *sum = arena_format(x->arena, "\\sum_{%s=%s}^{%s}", t->bound[0].index, from[i], to[i]);
            const char *all = with(x, t, arena_format(x->arena, "%s %s", sum, written(x, t->child[0])));
            if (all && holds(x, all))
                return found(x, MISTAKE_SUM, arena_format(x->arena, "$%s$", t->bound[0].index),
                             arena_format(x->arena, "the sum is $%s \\dots$", sum),
                             arena_format(x->arena, "%s \\dots", sum));
        }
    }
    for (int i = 0; i < t->count; i++)
        if (other_bounds(x, t->child[i]))
            return true;
    return false;
}

static bool mean(finder *x)
{
    static const char *const factors[] = { "B", "T", "B T" };
    for (int i = 0; i < 3; i++)
        if (holds(x, arena_format(x->arena, "%s \\left( %s \\right)", factors[i], written(x, x->right))))
            return found(x, MISTAKE_MEAN, arena_format(x->arena, "$1/%s$", factors[i]),
                         arena_format(x->arena, "there is no factor $1/%s$", factors[i]), NULL);
    return false;
}

/* Is a = 1 - q? */
static bool is_complement(const tree *a, const tree *q)
{
    return a->kind == TREE_ADD && a->count == 2 && a->child[0]->kind == TREE_NUMBER && a->child[0]->value == 1 &&
           a->child[1]->kind == TREE_NEG && tree_equal(a->child[1]->child[0], q);
}

/* The product with 1 - q^2 in place of its factors q, the k-th, and 1 - q, the i-th. */
static bool as_tanh(finder *x, const tree *product, int i, int k)
{
    const char *q = written(x, product->child[k]), *slope = arena_format(x->arena, "1 - (%s)^2", q);
    latex_result unit = latex_read(x->arena, "1", 1), square = latex_read(x->arena, slope, strlen(slope));
    tree *copy = ARENA_NEW(x->arena, tree);
    tree **child = ARENA_ARRAY(x->arena, tree *, product->count);
    if (unit.count != 1 || square.count != 1 || !copy || !child)
        return false;
    memcpy(child, product->child, (size_t)product->count * sizeof *child);
    child[k] = unit.formula[0]->child[0], child[i] = square.formula[0]->child[0];
    child[k]->join = product->child[k]->join, child[i]->join = product->child[i]->join;
    child[i]->brackets = '(';
    *copy = *product;
    copy->child = child;
    tree *all = replaced(x->arena, x->right, product, copy);
    return all && holds(x, written(x, all)) &&
           found(x, MISTAKE_DERIVATIVE, arena_format(x->arena, "$%s (1 - %s)$", q, q),
                 arena_format(x->arena, "the derivative of tanh there is $%s$", slope), slope);
}

/* 1 - q^2 for q(1 - q), and the other way round. */
static bool other_derivative(finder *x, const tree *t)
{
    const tree *square = t->kind == TREE_ADD && t->count == 2 && t->child[0]->kind == TREE_NUMBER &&
                                 t->child[0]->value == 1 && t->child[1]->kind == TREE_NEG
                             ? t->child[1]->child[0]
                             : NULL;
    if (square && square->kind == TREE_POW && square->child[1]->kind == TREE_NUMBER && square->child[1]->value == 2) {
        const char *q = written(x, square->child[0]), *mended = arena_format(x->arena, "%s \\odot (1 - %s)", q, q);
        const char *all = with(x, t, arena_format(x->arena, "(%s)", mended));
        if (all && holds(x, all))
            return found(x, MISTAKE_DERIVATIVE, arena_format(x->arena, "$%s$", written(x, t)),
                         arena_format(x->arena, "the derivative of $\\sigma$ there is $%s$", mended), mended);
    }
    for (int i = 0; t->kind == TREE_MUL && i < t->count; i++) /* q (1 - q) */
        for (int k = 0; k < t->count; k++)
            if (k != i && is_complement(t->child[i], t->child[k]) && as_tanh(x, t, i, k))
                return true;
    for (int i = 0; i < t->count; i++)
        if (other_derivative(x, t->child[i]))
            return true;
    return false;
}

static bool turned(finder *x)
{
    const char *all = arena_format(x->arena, "\\left( %s \\right)^\\top", written(x, x->right));
    return x->right->kind != TREE_TRANSPOSE && holds(x, all)
               ? found(x, MISTAKE_TRANSPOSE, NULL, "the right side must be transposed as a whole", all)
               : false;
}

/* ---- What the judge says ---- */

/* `pattern` with # for each $...$ of the sentence; their insides into part. */
static bool reads(arena *a, const char *sentence, const char *pattern, const char *part[3])
{
    int n = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '#') {
            if (*sentence++ != *pattern)
                return false;
            continue;
        }
        const char *end = *sentence == '$' ? strchr(sentence + 1, '$') : NULL;
        if (!end || n == 3)
            return false;
        part[n++] = arena_text(a, sentence + 1, (size_t)(end - sentence - 1));
        sentence = end + 1;
    }
    return !*sentence;
}

static const tree *one(arena *a, const char *latex)
{
    latex_result r = latex_read(a, latex, strlen(latex));
    return r.count == 1 ? r.formula[0]->child[0] : NULL;
}

static bool has_letter(const tree *t, const char *const *letter, int letters)
{
    for (int i = 0; t->kind == TREE_SYMBOL && !t->count && i < letters; i++)
        if (!strcmp(t->name, letter[i]))
            return true;
    for (int i = 0; i < t->count; i++)
        if (has_letter(t->child[i], letter, letters))
            return true;
    return false;
}

/* Is this an argument of a derived function, σ'(f)? */
static bool argument_of_derivative(const tree *t, const tree *what, bool inside)
{
    inside |= t->kind == TREE_APPLY && t->primes;
    if (inside && tree_equal(t, what))
        return true;
    for (int i = 0; i < t->count; i++)
        if (argument_of_derivative(t->child[i], what, inside))
            return true;
    return false;
}

/* The symbol somewhere in the tree: as itself, to the letter, or with a step, h_t or h_{t-1}? */
static bool stands_in(const tree *t, const tree *symbol, bool with_step)
{
    static const char *const times[] = { "t", "T" };
    if (t->kind == TREE_SYMBOL && !strcmp(t->name, symbol->name) && !with_step && tree_equal(t, symbol))
        return true;
    if (t->kind == TREE_SYMBOL && !strcmp(t->name, symbol->name) && with_step)
        for (int i = 0; i < t->count; i++)
            if (has_letter(t->child[i], times, 2))
                return true;
    for (int i = 0; i < t->count; i++)
        if (stands_in(t->child[i], symbol, with_step))
            return true;
    return false;
}

/* \beta_1 of a setup that knows no \beta_t: the number is part of the name. */
static bool numbered_name(const saying *s, const tree *symbol)
{
    bool itself = false, steps = false;
    for (int i = 0; i < s->defines; i++) {
        itself |= stands_in(s->defined[i], symbol, false);
        steps |= stands_in(s->defined[i], symbol, true);
    }
    return itself && !steps;
}

mistake evidence_exchange(const saying *s, const tree *a, const tree *b)
{
    while (a->kind == TREE_TRANSPOSE && b->kind == TREE_TRANSPOSE)
        a = a->child[0], b = b->child[0];
    if (a->kind == TREE_APPLY || b->kind == TREE_APPLY)
        return MISTAKE_NAME;
    if (a->kind != TREE_SYMBOL || b->kind != TREE_SYMBOL)
        return MISTAKE_FACTOR; /* f should be 1 - f */
    if (strcmp(a->name, b->name) != 0 || strcmp(a->accents, b->accents) != 0 || a->count != b->count)
        return MISTAKE_NAME;
    mistake m = MISTAKE_NAME;
    for (int i = 0; i < a->count; i++) {
        static const char *const times[] = { "t", "T" };
        if (tree_equal(a->child[i], b->child[i]))
            continue;
        if (a->child[i]->kind == TREE_MUL && b->child[i]->kind == TREE_MUL)
            m = MISTAKE_TRANSPOSE;
        else if ((has_letter(a->child[i], times, 2) || a->child[i]->kind == TREE_NUMBER) &&
                 (has_letter(b->child[i], times, 2) || b->child[i]->kind == TREE_NUMBER))
            m = MISTAKE_STEP;
    }
    return m == MISTAKE_STEP && numbered_name(s, a) ? MISTAKE_NAME : m;
}

/* "X should be Y" */
static mistake exchange(const finder *x, const char *from, const char *to)
{
    const tree *a = one(x->arena, from), *b = one(x->arena, to);
    if (!a || !b)
        return MISTAKE_NONE;
    return argument_of_derivative(x->right, a, false) ? MISTAKE_DERIVATIVE : evidence_exchange(x->saying, a, b);
}

/* 1/B, B, T H: sizes and nothing else. */
static bool only_sizes(const tree *t, bool *size)
{
    if (t->kind == TREE_NUMBER)
        return true;
    if (t->kind == TREE_SYMBOL)
        return *size = !t->count && strlen(t->name) == 1 && strchr("BTHI", t->name[0]);
    for (int i = 0; i < t->count; i++)
        if (!only_sizes(t->child[i], size))
            return false;
    return t->count > 0;
}

static const char *dollarless(arena *a, const char *sentence)
{
    size_t n = strlen(sentence);
    return n > 1 ? arena_text(a, sentence + 1, n - 2) : "";
}

static mistake factor_kind(const finder *x, const char *factor)
{
    const tree *t = one(x->arena, factor);
    bool size = false;
    return t && only_sizes(t, &size) && size ? MISTAKE_MEAN : MISTAKE_FACTOR;
}

/* x (1 - dL/dx): such a term is no way. */
static bool has_sum_of_derivative(saying *s, const tree *product)
{
    for (int i = 0; i < product->count; i++)
        if (product->child[i]->kind == TREE_ADD) {
            saying_key(s, product->child[i], false);
            if (s->uses)
                return true;
        }
    return false;
}

/* A term that is a way of its own: a product with a derivative of the loss that stands nowhere yet. */
static bool is_path(const finder *x, const char *term)
{
    const tree *t = one(x->arena, term);
    saying *s = x->saying;
    if (!t || !strstr(term, "\\partial") || (t->kind == TREE_MUL && has_sum_of_derivative(s, t)))
        return false;
    saying_key(s, t, false);
    int uses = s->uses;
    used_derivative *way = ARENA_ARRAY(x->arena, used_derivative, uses + 1);
    if (!way)
        return false;
    memcpy(way, s->used, (size_t)uses * sizeof *way);
    saying_key(s, x->right, true);
    for (int i = 0; i < uses; i++)
        for (int k = 0; k < s->uses; k++)
            if (!strcmp(way[i].key, s->used[k].key))
                return false;
    return uses > 0;
}

static bool judged_pattern(finder *x, const char *said)
{
    static const struct {
        const char *pattern;
        mistake mistake;   /* MISTAKE_NONE: see below */
        int place, mended; /* which part, -1: none */
    } rows[] = {
        { "the right side has the wrong sign", MISTAKE_SIGN, -1, -1 },
        { "the sign of # is wrong", MISTAKE_SIGN, 0, -1 },
        { "the term # is too much", MISTAKE_TERM, 0, -1 },
        { "the right side has # too much", MISTAKE_TERM, 0, -1 },
        { "the term # is missing in #", MISTAKE_TERM, 1, 0 },
        { "the factor # is too much", MISTAKE_NONE, 0, -1 },
        { "the factor # is missing in #", MISTAKE_FACTOR, 1, 0 },
        { "the right side is twice the left side", MISTAKE_FACTOR, -1, -1 },
        { "the right side is half of the left side", MISTAKE_FACTOR, -1, -1 },
        { "the right side is # times the left side", MISTAKE_FACTOR, -1, -1 },
        { "the right side has an extra factor #", MISTAKE_NONE, 0, -1 },
        { "the right side has an extra factor # on the left", MISTAKE_NONE, 0, -1 },
        { "the right side has an extra factor # on the right", MISTAKE_NONE, 0, -1 },
        { "the right side lacks the factor #", MISTAKE_FACTOR, -1, 0 },
        { "the right side lacks the factor # on the left", MISTAKE_FACTOR, -1, 0 },
        { "the right side lacks the factor # on the right", MISTAKE_FACTOR, -1, 0 },
        { "# should not be transposed", MISTAKE_TRANSPOSE, 0, -1 },
        { "# should be transposed", MISTAKE_TRANSPOSE, 0, -1 },
        { "the right side is the transpose of the left side", MISTAKE_TRANSPOSE, -1, -1 },
        { "# should not be squared", MISTAKE_POWER, 0, -1 },
        { "# should be squared", MISTAKE_POWER, 0, -1 },
        { "the sum should begin at #", MISTAKE_SUM, -1, 0 },
        { "the sum should end at #", MISTAKE_SUM, -1, 0 },
        { "it is the right side at # that is equal to the left side at #: they are one step apart", MISTAKE_STEP, -1,
          -1 },
        { "# and # are exchanged", MISTAKE_NAME, 0, 1 },
        { "the right side is the derivative by #, the argument of #'s function", MISTAKE_DERIVATIVE, 1, -1 },
    };
    const char *part[3] = { NULL };
    arena *a = x->arena;
    if (reads(a, said, "# should be #", part)) {
        mistake m = exchange(x, part[0], part[1]);
        return m && found(x, m, arena_format(a, "$%s$", part[0]), said, part[1]);
    }
    if (reads(a, said, "the right side lacks the term #", part))
        return found(x, is_path(x, part[0]) ? MISTAKE_PATH : MISTAKE_TERM, NULL, said, part[0]);
    if (reads(a, said, "the factor # is missing in #", part) && one(a, part[1]) && one(a, part[1])->kind == TREE_NUMBER)
        return found(x, MISTAKE_NAME, arena_format(a, "$%s$", part[1]),
                     arena_format(a, "$%s$ should be $%s$", part[1], part[0]), part[0]);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!reads(a, said, rows[i].pattern, part))
            continue;
        const char *place = rows[i].place >= 0 ? part[rows[i].place] : NULL;
        mistake m = rows[i].mistake ? rows[i].mistake : factor_kind(x, place);
        return found(x, m, place ? arena_format(a, "$%s$", place) : NULL, said,
                     rows[i].mended >= 0 ? part[rows[i].mended] : NULL);
    }
    return false;
}

/* ---- In order ---- */

static bool minus(finder *x)
{
    return holds(x, arena_format(x->arena, "-\\left( %s \\right)", written(x, x->right))) &&
           found(x, MISTAKE_SIGN, NULL, "the right side has the wrong sign", NULL);
}

/* Beside the sheet's own answers. */
static bool beside_reference(finder *x)
{
    int rights = x->trying->exercise->rights;
    for (int i = 0; i < 2 * rights; i++) { /* several factors or terms at once only where nothing smaller is found */
        const tree *here, *there;
        evidence e;
        if (!reference_parts(x->trying->exercise, x->saying, x->left, x->right, i % rights, i >= rights, &here, &there,
                             &e))
            continue;
        tree *copy = ARENA_NEW(x->arena, tree);
        if (!copy)
            return false;
        *copy = *there;
        copy->join = here->join;
        if (!copy->brackets && (copy->kind == TREE_ADD || copy->kind == TREE_NEG))
            copy->brackets = '(';
        tree *all = replaced(x->arena, x->right, here, copy);
        if (all && holds(x, written(x, all))) {
            if (e.mistake == MISTAKE_FACTOR && !e.mended &&
                factor_kind(x, e.place ? dollarless(x->arena, e.place) : "") == MISTAKE_MEAN)
                e.mistake = MISTAKE_MEAN;
            x->out = e;
            return true;
        }
    }
    return false;
}

static bool conditions(finder *x)
{
    const finding *f = x->f;
    const char *sequence = NULL, *cut = NULL, *layout = NULL;
    for (int i = 0; i < f->conditions; i++) {
        const char *c = f->condition[i];
        if (!cut && strstr(c, " is cut") && !strstr(c, " and "))
            cut = c;
        if (!sequence && strstr(c, "one sequence"))
            sequence = c;
        if (!layout && strstr(c, "Jacobians"))
            layout = c;
    }
    if ((sequence && mean(x)) || missing_sum(x) || other_bounds(x, x->right))
        return true;
    if (cut) {
        const char *missing = f->missing;
        if (!missing && beside_reference(x)) /* what the path is worth, as the sheet writes it */
            missing = x->out.mended;
        const char *end = strchr(cut + 1, '$');
        const char *path = *cut == '$' && end ? arena_text(x->arena, cut, (size_t)(end - cut + 1)) : NULL;
        return found(x, MISTAKE_PATH, path,
                     missing ? arena_format(x->arena, "the right side lacks $%s$", missing) : NULL, missing);
    }
    if (beside_reference(x))
        return true;
    if (layout)
        return found(x, MISTAKE_TRANSPOSE, NULL, "the Jacobian is transposed as a whole", NULL);
    if (sequence)
        return found(x, MISTAKE_SUM, sequence, NULL, NULL);
    return f->conditions && found(x, MISTAKE_CONDITION, f->condition[0], NULL, NULL);
}

evidence evidence_of(const trying *t, saying *s, const finding *f, const tree *relation, const char *condition)
{
    finder x = { .trying = t,
                 .saying = s,
                 .arena = t->arena,
                 .f = f,
                 .left = relation->child[0],
                 .right = relation->child[relation->count - 1],
                 .condition = condition };
    if (relation->relations[0] == REL_IN)
        return (evidence){ .mistake = MISTAKE_SHAPE };
    for (int i = 1; i < relation->count - 1; i++) /* of a chain, the first part that is not true */
        if (!holds(&x, written(&x, relation->child[i]))) {
            x.right = relation->child[i];
            break;
        }
    if (relation->relations[relation->count - 2] != REL_EQ)
        return x.out;
    if (f->verdict == CHECK_HOLDS_IF)
        conditions(&x);
    else if (!missing_sum(&x) && !other_derivative(&x, x.right) && !(f->pattern && judged_pattern(&x, f->pattern)) &&
             !turned(&x) && !other_bounds(&x, x.right) && !beside_reference(&x) && !minus(&x) && !mean(&x) &&
             strstr(f->summary, "fit"))
        found(&x, MISTAKE_SHAPE, NULL, NULL, NULL);
    return x.out;
}
