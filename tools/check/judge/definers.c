/* The ways in which a formula introduces a quantity: X = ..., f(u) = ..., \log Z = ..., \sigma^2 = ...,
 * p_k \propto ... */
#include "pass.h"

#include <string.h>

bool is_unknown(scope *s, const tree *t)
{
    symbol_use use;
    return scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) &&
           !(use.quantity && (use.quantity->drawn || use.quantity->definitions || use.quantity->kind));
}

bool is_function_call(const tree *t)
{
    return t->kind == TREE_MUL && t->count == 2 && t->child[0]->kind == TREE_SYMBOL && t->child[1]->brackets == '(' &&
           t->child[1]->join == JOIN_BESIDE;
}

bool define_root(pass *p, const tree *formula, const tree *square, fault *f)
{
    tree *root = ARENA_NEW(p->arena, tree), *bare = ARENA_NEW(p->arena, tree), *said = ARENA_NEW(p->arena, tree),
         *equation = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, 4);
    tree_relation *equal = ARENA_NEW(p->arena, tree_relation);
    if (!root || !bare || !said || !equation || !child || !equal)
        return fault_set(f, FAULT_TOO_BIG, "memory is short");
    child[0] = (tree *)(uintptr_t)square;
    *root = (tree){ .kind = TREE_APPLY, .name = "\\sqrt", .accents = "", .style = "", .child = child, .count = 1 };
    *bare = *square;
    bare->table = NULL, bare->quantity = NULL;
    child[1] = bare, child[2] = root, child[3] = equation;
    *equal = REL_EQ;
    *equation = (tree){ .kind = TREE_RELATION, .child = child + 1, .count = 2, .relations = equal };
    *said = (tree){ .kind = TREE_FORMULA, .child = child + 3, .count = 1 };
    return scope_define(p->scope, formula ? formula : said, bare, root, f);
}

/* \log Z = \log \sum_k ... introduces Z. */
static bool define_logarithm(pass *p, const tree *formula, const tree *r, fault *f)
{
    const tree *left = r->child[0], *right = r->child[r->count - 1];
    bool logarithm = left->kind == TREE_APPLY && left->count == 1 && !left->primes && !left->sub &&
                     (!strcmp(left->name, "\\log") || !strcmp(left->name, "\\ln"));
    if (!logarithm || !is_unknown(p->scope, left->child[0]))
        return false;
    if (right->kind == TREE_APPLY && !strcmp(right->name, left->name) && right->count == 1 && !right->sub)
        return scope_define(p->scope, formula, left->child[0], right->child[0], f);
    tree *power = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, 1);
    if (!power || !child)
        return fault_set(f, FAULT_TOO_BIG, "memory is short");
    child[0] = (tree *)(uintptr_t)right;
    *power = (tree){ .kind = TREE_APPLY, .name = "\\exp", .accents = "", .style = "", .child = child, .count = 1 };
    power->height = right->height + 1;
    return scope_define(p->scope, formula, left->child[0], power, f);
}

/* Has the function a definition, whose derivative the prime means? */
static bool is_called(scope *s, const tree *name)
{
    symbol_use use;
    tree bare = *name;
    bare.primes = 0, bare.quantity = NULL;
    return scope_symbol(s, &bare, NULL, &use) && use.quantity && use.quantity->called;
}

/* Does the right side speak of the letters that the name's subscript has, as in J^{(t)}(w) = l_t? */
static bool counts(scope *s, const tree *name, const tree *right)
{
    free_letter letters[8], others[8];
    int count = scope_free(s, name, letters, 8), rights = scope_free(s, right, others, 8);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < rights; k++)
            if (!strcmp(letters[i].letter, others[k].letter))
                return true;
    return false;
}

/* The j of f_j, but not the c of f_c. */
static bool counts_something(scope *s, const tree *t)
{
    return t->kind == TREE_SYMBOL && !t->count && !t->name[1] &&
           (strchr("ijklmn", t->name[0]) || scope_is_index(s, t, NULL));
}

/* J(w) = ... defines J. */
static bool define_other(pass *p, const tree *formula, const tree *r, fault *f)
{
    const tree *left = r->child[0];
    if (is_function_call(left) && left->child[1]->kind == TREE_SYMBOL && left->child[0]->count &&
        counts_something(p->scope, left->child[0]->child[0]) &&
        !counts(p->scope, left->child[0], r->child[r->count - 1])) { /* f_j(x) = ...: all alike */
        tree *bare = ARENA_NEW(p->arena, tree), *all = ARENA_NEW(p->arena, tree);
        tree **child = ARENA_ARRAY(p->arena, tree *, 2);
        if (!bare || !all || !child)
            return fault_set(f, FAULT_TOO_BIG, "memory is short");
        *bare = *left->child[0], *all = *left;
        bare->count = 0, bare->quantity = NULL;
        child[0] = bare, child[1] = left->child[1], all->child = child;
        left = all;
    }
    if (is_function_call(left) && left->child[0]->primes && is_called(p->scope, left->child[0]))
        return false; /* h'(a) = ... after h(a) = \\tanh(a) is a claim */
    const tree *said = r->child[1];
    if (is_function_call(left) && is_function_call(said) && r->count > 2 && is_unknown(p->scope, said->child[0])) {
        const tree *rest = r->child[r->count - 1]; /* g(x) = h(x) = \tanh(x) defines both */
        if (scope_define(p->scope, formula, said->child[0], rest, f)) {
            quantity *q = scope_quantity(p->scope, said->child[0], NULL);
            if (q)
                q->called = true, q->of_what = said->child[1];
        }
        said = rest;
    }
    if (left->kind == TREE_MUL && left->count == 2 && left->child[1]->brackets == '(' &&
        left->child[1]->join == JOIN_BESIDE &&
        (left->child[1]->kind == TREE_SYMBOL || left->child[1]->kind == TREE_TUPLE) &&
        is_unknown(p->scope, left->child[0]) && scope_define(p->scope, formula, left->child[0], said, f)) {
        quantity *q = scope_quantity(p->scope, left->child[0], NULL);
        if (q) {
            q->called = true;
            q->of_what = left->child[1];
        }
        return q != NULL;
    }
    return false;
}

bool calls_unknown(scope *s, const tree *t)
{
    static const char *const names[] = { "f", "g", "h", "\\phi", "\\varphi", "\\psi", "\\rho" };
    symbol_use use;
    if (!is_function_call(t) || t->child[0]->primes || !is_unknown(s, t->child[0]) ||
        !scope_symbol(s, t->child[0], NULL, &use) || (use.quantity && use.quantity->timed) ||
        t->child[1]->kind == TREE_TUPLE)
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], t->child[0]->name))
            return true;
    return false;
}

/* The tree with `name` wherever it has `part`; brackets stay. */
static const tree *replaced(arena *a, const tree *t, const tree *part, const tree *name)
{
    tree *copy = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, t->count + 1);
    if (!copy || !child)
        return t;
    bool same = tree_equal(t, part);
    *copy = same ? *name : *t;
    copy->brackets = t->brackets, copy->join = t->join;
    for (int i = 0; !same && i < t->count; i++)
        child[i] = (tree *)(uintptr_t)replaced(a, t->child[i], part, name);
    copy->child = child, copy->quantity = NULL;
    return copy;
}

/* The chain says what f is, whatever else it says: f(u) = \tanh(u), and in y_t = g(h_t) = V h_t + c g(u) = V u + c. */
void define_called(pass *p, const tree *formula)
{
    static const char *const letters[] = { "u", "z", "x", "\\xi", "\\zeta", "\\eta" };
    const tree *r = formula->child[0];
    for (int i = 1; i + 1 < r->count; i++) {
        const tree *call = r->child[i];
        free_letter left[2];
        fault f = { 0 };
        tree *name = ARENA_NEW(p->arena, tree);
        size_t k = 0;
        if (!calls_unknown(p->scope, call) || !name)
            continue;
        while (k + 1 < sizeof letters / sizeof *letters &&
               (scope_appears(p->scope, letters[k]) || scope_letter(p->scope, letters[k], NULL, NULL) != LETTER_NONE))
            k++;
        *name = (tree){ .kind = TREE_SYMBOL, .name = letters[k], .accents = "", .style = "", .height = 1 };
        const tree *said = replaced(p->arena, r->child[i + 1], call->child[1], name);
        if (scope_free(p->scope, said, left, 2) || r->relations[i] != REL_EQ ||
            !scope_define(p->scope, formula, call->child[0], said, &f))
            continue;
        quantity *q = scope_quantity(p->scope, call->child[0], NULL);
        if (q)
            q->called = true, q->of_what = name;
    }
}

/* L = \sum_t L_t = \sum_t a_t introduces L_t, where nothing else does. */
void define_summands(pass *p, const tree *formula)
{
    const tree *r = formula->child[0];
    for (int i = 0; i < r->count; i++) {
        const tree *sum = r->child[i];
        if (sum->kind != TREE_SUM || sum->bounds != 1 || sum->child[0]->kind != TREE_SYMBOL || !sum->child[0]->count ||
            !is_unknown(p->scope, sum->child[0]))
            continue;
        for (int k = i + 1; k < r->count; k++) {
            const tree *other = r->child[k], *body = other->kind == TREE_NEG ? other->child[0] : other;
            if (body->kind != TREE_SUM || body->bounds != 1 || strcmp(body->bound[0].index, sum->bound[0].index))
                continue;
            tree *minus = ARENA_NEW(p->arena, tree);
            fault f = { 0 };
            if (!minus)
                return;
            *minus = *other;
            minus->child = body->child;
            scope_define(p->scope, formula, sum->child[0], other->kind == TREE_NEG ? minus : body->child[0], &f);
            return;
        }
    }
}

/* p_k \propto \exp(s_k) introduces p, which sums to one. */
static bool define_normalised(pass *p, const tree *formula, const tree *r, fault *f)
{
    const tree *left = r->child[0], *last = left->count ? left->child[left->count - 1] : NULL;
    if (left->kind != TREE_SYMBOL || !last || last->kind != TREE_SYMBOL || !is_unknown(p->scope, left) ||
        !scope_is_index(p->scope, last, NULL) || scope_is_time(p->scope, last->name))
        return false;
    tree *quotient = ARENA_NEW(p->arena, tree), *sum = ARENA_NEW(p->arena, tree);
    tree **parts = ARENA_ARRAY(p->arena, tree *, 2);
    tree_bound *bound = ARENA_NEW(p->arena, tree_bound);
    if (!quotient || !sum || !parts || !bound)
        return fault_set(f, FAULT_TOO_BIG, "memory is short");
    *bound = (tree_bound){ .index = last->name };
    *sum = (tree){ .kind = TREE_SUM, .name = "", .accents = "", .style = "" };
    sum->child = r->child + 1, sum->count = 1, sum->bound = bound, sum->bounds = 1;
    *quotient = (tree){ .kind = TREE_DIV, .name = "", .accents = "", .style = "", .child = parts, .count = 2 };
    parts[0] = r->child[1], parts[1] = sum;
    return scope_define(p->scope, formula, left, quotient, f);
}

/* \delta^T = (a - y)^T D introduces \delta, and -\delta = ... does. */
static bool define_turned(pass *p, const tree *formula, const tree *r, fault *f)
{
    const tree *left = r->child[0], *name = left->count == 1 ? left->child[0] : NULL;
    tree *turned = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, 1);
    if ((left->kind != TREE_TRANSPOSE && left->kind != TREE_NEG) || !name || !turned || !child || left->brackets ||
        !is_unknown(p->scope, name) || scope_differential(p->scope, name) || scope_stands_left(p->scope, name))
        return false;
    *turned = *left;
    child[0] = r->child[1], turned->child = child, turned->height = r->child[1]->height + 1;
    return scope_define(p->scope, formula, name, turned, f);
}

bool define(pass *p, const tree *formula, fault *f)
{
    const tree *r = formula->child[0];
    if (r->relations[0] == REL_PROPTO)
        return define_normalised(p, formula, r, f);
    if (scope_recurs_before(p->scope, r))
        return false;
    bool made = scope_define(p->scope, formula, r->child[0], r->child[1], f) || define_other(p, formula, r, f) ||
                define_turned(p, formula, r, f) || (r->count == 2 && define_logarithm(p, formula, r, f));
    const tree *square =
        r->child[0]->kind == TREE_APPLY && r->child[0]->count == 1 ? r->child[0]->child[0] : r->child[0];
    if (made && scope_is_square(square)) /* also of \log \sigma^2 = ... */
        define_root(p, formula, square, f);
    return made;
}
