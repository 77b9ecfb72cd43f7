/* Products, and the dots that stand for factors or parts of a list between two neighbours. */
#include "evaluate.h"

#include <math.h>
#include <string.h>

/* ---- Dots: J_T \cdots J_1, [e_1, \dots, e_T] ---- */

/* The indices in which two terms differ, all by the same number of steps: x_1 and x_T, dh_T/dh_{T-1} and dh_1/dh_0. */
typedef struct gap {
    const tree *index[16]; /* in the first term */
    int count;
    int64_t steps;
} gap;

static bool differing(evaluation *e, const tree *a, const tree *b, gap *found)
{
    scope *s = e->world->scope;
    int64_t from, to;
    fault f = { 0 };
    if (tree_equal(a, b))
        return true;
    if (scope_is_index(s, a, e->env) && scope_is_index(s, b, e->env)) {
        if (!scope_index(s, a, e->env, &from, &f) || !scope_index(s, b, e->env, &to, &f) || found->count == 16)
            return false;
        if (found->count && found->steps != to - from)
            return false;
        found->steps = to - from;
        found->index[found->count++] = a;
        return true;
    }
    if (a->kind != b->kind || a->count != b->count || (a->name && b->name && strcmp(a->name, b->name)))
        return false;
    for (int i = 0; i < a->count; i++)
        if (!differing(e, a->child[i], b->child[i], found))
            return false;
    return true;
}

/* A copy of t in which each differing index has the letter "dots" added. */
static tree *with_letter(arena *a, const tree *t, const gap *found)
{
    tree *copy = ARENA_NEW(a, tree), **child = ARENA_ARRAY(a, tree *, t->count + 2);
    if (!copy || !child)
        return NULL;
    *copy = *t;
    copy->quantity = NULL;
    copy->child = child;
    for (int i = 0; i < found->count; i++)
        if (t == found->index[i]) {
            tree *letter = ARENA_NEW(a, tree);
            if (!letter)
                return NULL;
            *letter = (tree){ .kind = TREE_SYMBOL, .name = "dots", .accents = "", .style = "" };
            *copy = (tree){ .kind = TREE_ADD, .child = child, .count = 2, .accents = "", .style = "" };
            child[0] = (tree *)(uintptr_t)t;
            child[1] = letter;
            return copy;
        }
    for (int i = 0; i < t->count; i++)
        if (!(child[i] = with_letter(a, t->child[i], found)))
            return NULL;
    return copy;
}

bool meaning_fill_dots(evaluation *e, const tree *before, const tree *after, value *out, int *count, int most,
                       bool *same)
{
    world *w = e->world;
    gap found = { .count = 0 };
    *same = false;
    if (!before || !after || !differing(e, before, after, &found) || !found.count)
        return fault_set(
            &w->fault, FAULT_NOT_READ,
            "dots must stand between two terms whose indices differ by the same number, as in J_T \\cdots J_1");
    *same = found.steps == 0;
    tree *pattern = with_letter(w->arena, before, &found);
    if (!pattern)
        return fault_set(&w->fault, FAULT_TOO_BIG, "memory is short");
    int64_t direction = found.steps < 0 ? -1 : 1, steps = found.steps * direction;
    const binding *outside = e->env;
    for (int64_t i = 1; i < steps; i++) {
        if (*count >= most)
            return fault_set(&w->fault, FAULT_TOO_BIG, "dots stand for more than %d terms", most);
        binding shift = { .letter = "dots", .kind = LETTER_INDEX, .value = i * direction, .outer = outside };
        e->env = &shift;
        out[*count] = meaning_of(e, pattern);
        e->env = outside;
        if (!value_ok(out[(*count)++]))
            return false;
    }
    return true;
}

/* J_t J_{t-1} \cdots J_{k+1}, with the two in front of the dots: how many factors it has, which may be one or none;
 * -1: no such pattern, -2: it ends before it begins. */
static int64_t dotted_factors(evaluation *e, const tree *t, int i)
{
    gap one = { .count = 0 }, all = { .count = 0 };
    if (i + 3 >= t->count || t->child[i + 2]->kind != TREE_DOTS || !differing(e, t->child[i], t->child[i + 1], &one) ||
        !differing(e, t->child[i], t->child[i + 3], &all) || one.count != 1 + (t->child[i]->kind == TREE_DERIV) ||
        all.count != one.count || (one.steps != 1 && one.steps != -1))
        return -1;
    int64_t factors = all.steps * one.steps + 1;
    return factors < 0 ? -2 : factors;
}

/* The function that a name in front of a bracket is: f, also as f_j and with primes. */
static const quantity *called_name(evaluation *e, const tree *t)
{
    symbol_use use;
    tree bare = *t;
    if (t->kind != TREE_SYMBOL)
        return NULL;
    bare.primes = 0;
    bare.quantity = NULL;
    for (int full = 1; full >= 0; full--) {
        bare.count = full ? t->count : 0;
        if (!scope_symbol(e->world->scope, &bare, e->env, &use) || !use.quantity)
            continue;
        if (use.quantity->called)
            return use.quantity;
        if (use.quantity->definitions) /* E_n(w) beside E(w) */
            return NULL;
    }
    return NULL;
}

/* (w) behind E_n, where E(w) is defined: it says what E_n depends on. */
static bool repeats_argument(scope *s, const tree *name, const tree *argument)
{
    symbol_use use;
    tree bare = *name;
    if (name->kind != TREE_SYMBOL || !name->count || name->primes || argument->brackets != '(' ||
        argument->join != JOIN_BESIDE || !scope_symbol(s, name, NULL, &use) || !use.quantity || use.quantity->called)
        return false;
    bare.count = 0;
    bare.quantity = NULL;
    return scope_symbol(s, &bare, NULL, &use) && use.quantity && use.quantity->called &&
           tree_equal(use.quantity->of_what, argument);
}

static bool is_read(const quantity *loss, const quantity *q)
{
    for (int i = 0; i < loss->read_count; i++)
        if (loss->reads[i].quantity == q)
            return true;
    return false;
}

static bool speaks_of_read(scope *s, const quantity *loss, const tree *t)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL))
        return scope_symbol(s, t, NULL, &use) && use.quantity && is_read(loss, use.quantity);
    for (int i = 0; i < t->count; i++)
        if (speaks_of_read(s, loss, t->child[i]))
            return true;
    return false;
}

/* L(\theta), where the setup says that L reads \theta: the loss, and no product. What it would be for other arguments,
 * L(\theta + v), nobody says. */
typedef enum loss_call { LOSS_NOT_CALLED, LOSS_ITSELF, LOSS_ELSEWHERE } loss_call;

static loss_call loss_called(scope *s, const tree *name, const tree *argument)
{
    symbol_use use;
    if (name->kind != TREE_SYMBOL || name->brackets || name->count || argument->brackets != '(' ||
        argument->join != JOIN_BESIDE || !scope_symbol(s, name, NULL, &use) || !use.quantity ||
        use.quantity->kind != QUANTITY_LOSS)
        return LOSS_NOT_CALLED;
    int count = argument->kind == TREE_TUPLE ? argument->count : 1;
    bool names = true;
    for (int i = 0; i < count; i++)
        names &= scope_is_name(s, argument->kind == TREE_TUPLE ? argument->child[i] : argument, NULL);
    return names                                                    ? LOSS_ITSELF
           : count > 1 || speaks_of_read(s, use.quantity, argument) ? LOSS_ELSEWHERE
                                                                    : LOSS_NOT_CALLED;
}

/* f(c) or f'(c), with f(x) = ... a definition of the document. */
/* Does each element of the value depend on the one in its place only? With an r of its shape the derivative of r^\top v
 * is r \odot that of the sum, then; v itself is such an r. */
static bool is_entrywise(value v, value x)
{
    eddy_var r = eddy_detach(v.var);
    eddy_list of_sum = eddy_gradients(eddy_sum(v.var), EDDY_LIST(x.var)),
              weighted = eddy_gradients(eddy_sum(eddy_mul(r, v.var)), EDDY_LIST(x.var));
    if (v.rank != x.rank || of_sum.count != 1 || weighted.count != 1)
        return false;
    const eddy_tensor *a = eddy_value(weighted.items[0]), *b = eddy_value(of_sum.items[0]), *c = eddy_value(r);
    bool same = a && b && c && eddy_tensor_count(a) == eddy_tensor_count(c);
    for (int64_t i = 0; same && i < eddy_tensor_count(a); i++) {
        double left = eddy_tensor_flat(a, i), right = eddy_tensor_flat(b, i) * eddy_tensor_flat(c, i);
        same = fabs(left - right) <= 1e-9 * (fabs(left) + fabs(right)) || (!isfinite(left) && !isfinite(right));
    }
    return same;
}

static value defined_function(evaluation *e, const quantity *q, const tree *c, int primes)
{
    bound_argument bound[4];
    const tree *of = q->of_what;
    int count = of->kind == TREE_TUPLE ? of->count : 1;
    evaluation inner = *e;
    if (count > 4 || count != (c->kind == TREE_TUPLE ? c->count : 1) || q->definitions != 1 || (primes && count > 1))
        return meaning_failed(e, FAULT_NOT_READ,
                              "$%s$ is defined for other arguments: write its definition out for these", q->shown);
    for (int i = 0; i < count; i++) {
        const tree *x = count > 1 ? of->child[i] : of;
        if (x->kind != TREE_SYMBOL || x->count || *x->accents)
            return meaning_failed(e, FAULT_NOT_READ,
                                  "$%s$ is defined for other arguments: write its definition out for these", q->shown);
        bound[i] = (bound_argument){ x->name, meaning_of(e, count > 1 ? c->child[i] : c), inner.parameter };
        if (!value_ok(bound[i].value))
            return value_none();
        bound[i].value.var = eddy_add_scalar(bound[i].value.var, 0);
        bound[i].value.number = bound[i].value.covector = bound[i].value.pending = false;
        inner.parameter = &bound[i];
    }
    inner.env = q->definition[0]->labels ? q->definition[0]->labels : e->env;
    value v = meaning_of(&inner, q->definition[0]->value);
    if (primes && value_ok(v) && v.rank && !is_entrywise(v, bound[0].value))
        return meaning_failed(e, FAULT_NOT_READ,
                              "the derivative of $%s$ is a matrix, as its elements depend on several of its argument: "
                              "write it as a derivative by a quantity",
                              q->shown);
    for (int i = 0; i < primes && value_ok(v); i++) {
        eddy_list g = eddy_gradients(eddy_sum(v.var), EDDY_LIST(bound[0].value.var));
        v = bound[0].value;
        v.var = g.count == 1 ? g.items[0] : (eddy_var){ 0 };
    }
    return v;
}

int scope_spectrum(scope *s, const tree *t)
{
    symbol_use use;
    if (t->kind != TREE_SYMBOL || t->primes || *t->accents || t->count > 1 || !scope_symbol(s, t, NULL, &use) ||
        (use.quantity && (use.quantity->definitions || use.quantity->shaped || use.quantity->drawn)))
        return -1;
    const char *label = t->count ? t->child[0]->name : "";
    return !strcmp(t->name, "\\rho") && !t->count                          ? SPECTRUM_RADIUS
           : !strcmp(t->name, "\\lambda") && label && strstr(label, "max") ? SPECTRUM_LARGEST
           : !strcmp(t->name, "\\lambda") && label && strstr(label, "min") ? SPECTRUM_LEAST
                                                                           : -1;
}

/* p[y] with a one-hot y: the element of p at y's class. */
static bool at_class(evaluation *e, const tree *t)
{
    symbol_use use;
    return t->brackets == '[' && t->join == JOIN_BESIDE && scope_is_name(e->world->scope, t, e->env) &&
           scope_symbol(e->world->scope, t, e->env, &use) && use.quantity && use.quantity->flags & GIVEN_ONE_HOT;
}

const tree *meaning_own_call(evaluation *e, const tree *t, int at, tree *both)
{
    if (at < 0 || at + 1 >= t->count || t->child[at + 1]->brackets != '(' || t->child[at + 1]->join != JOIN_BESIDE ||
        !(scope_is_unknown_function(e->world->scope, t->child[at]) || called_name(e, t->child[at])))
        return NULL;
    *both = (tree){ .kind = TREE_MUL, .name = "", .accents = "", .style = "", .child = t->child + at, .count = 2 };
    return both;
}

/* A product as it is multiplied out, factor by factor. */
typedef struct running_product {
    evaluation *e;
    const tree *t;
    value product; /* of the factors before `at` */
    int at;
} running_product;

typedef enum step { STEP_TAKEN, STEP_NOT_MINE, STEP_FAILED } step;

/* Multiplies by v, and goes on behind `last`. */
static step times(running_product *r, value v, int last)
{
    r->product = r->at && value_ok(v) ? value_product(&r->e->world->algebra, r->product, v) : v;
    r->at = last + 1;
    return value_ok(r->product) ? STEP_TAKEN : STEP_FAILED;
}

/* a_1 \cdots a_n, with fewer than two factors, and dots between any. */
static step take_dots(running_product *r)
{
    evaluation *e = r->e;
    const tree *t = r->t;
    int i = r->at, count = 0;
    int64_t factors = i + 3 < t->count ? dotted_factors(e, t, i) : -1;
    if (factors == -2) {
        meaning_failed(e, FAULT_STEP, "%s", "a product that ends before it begins");
        return STEP_FAILED;
    }
    if (factors == 0 || factors == 1)
        return times(r, factors ? meaning_of(e, t->child[i]) : value_number(&e->world->algebra, 1), i + 3);
    if (t->child[i]->kind != TREE_DOTS)
        return STEP_NOT_MINE;
    bool same;
    value terms[128];
    tree calls[2];
    const tree *first = meaning_own_call(e, t, i - 2, &calls[0]),
               *last = first ? meaning_own_call(e, t, i + 1, &calls[1]) : NULL;
    if (i == 0 || i + 1 >= t->count ||
        !meaning_fill_dots(e, last ? first : t->child[i - 1], last ? last : t->child[i + 1], terms, &count, 128,
                           &same)) {
        meaning_failed(e, FAULT_NOT_READ, "%s", "dots stand at the end of a product");
        return STEP_FAILED;
    }
    for (int k = 0; k < count; k++)
        r->product = value_product(&e->world->algebra, r->product, terms[k]);
    r->at += same ? (last ? 3 : 2) : 1;
    return STEP_TAKEN;
}

/* J(w) where J was defined so, or the loss in front of what it reads: the bracket says nothing more. */
static step take_repeated(running_product *r)
{
    evaluation *e = r->e;
    const tree *before = r->at ? r->t->child[r->at - 1] : NULL, *c = r->t->child[r->at];
    if (!before)
        return STEP_NOT_MINE;
    scope *s = e->world->scope;
    bool called = c->brackets == '(' && c->join == JOIN_BESIDE && !before->primes && called_name(e, before),
         scalar = r->at == 1 && !r->product.rank;
    loss_call loss = called || repeats_argument(s, before, c) || (scalar && meaning_repeats_arguments(s, before, c))
                         ? LOSS_ITSELF
                         : loss_called(s, before, c);
    if (loss == LOSS_ELSEWHERE) {
        meaning_failed(e, FAULT_NOT_READ, "%s",
                       "the loss stands in front of other arguments than those that the setup says it reads");
        return STEP_FAILED;
    }
    r->at += loss == LOSS_ITSELF;
    return loss == LOSS_ITSELF ? STEP_TAKEN : STEP_NOT_MINE;
}

/* A 1 1^T: as large as A. */
static step take_full(running_product *r)
{
    algebra *a = &r->e->world->algebra;
    const tree *c = r->t->child[r->at], *next = r->at + 1 < r->t->count ? r->t->child[r->at + 1] : NULL;
    if (!r->at || !next || c->kind != TREE_ONES || c->sub || next->kind != TREE_TRANSPOSE || next->count != 1 ||
        next->child[0]->kind != TREE_ONES || next->child[0]->sub)
        return STEP_NOT_MINE;
    value ones = value_product(a, meaning_of(r->e, c), meaning_of(r->e, next));
    r->product = c->join == JOIN_ODOT ? value_hadamard(a, r->product, ones) : value_product(a, r->product, ones);
    r->at += 2;
    return value_ok(r->product) ? STEP_TAKEN : STEP_FAILED;
}

/* A derivative with three axes, and the vector in front of it or behind. */
static step take_tensor(running_product *r)
{
    evaluation *e = r->e;
    const tree *c = r->t->child[r->at], *next = r->at + 1 < r->t->count ? r->t->child[r->at + 1] : NULL;
    const tree *tensor = c->kind == TREE_TRANSPOSE ? c->child[0] : c;
    if (tensor->kind != TREE_DERIV || r->t->count < 2 || !meaning_is_tensor(e, tensor))
        return STEP_NOT_MINE;
    bool after = r->at == 0 || c->kind == TREE_TRANSPOSE; /* the vector stands behind it */
    if (after && !next) {
        meaning_failed(e, FAULT_NOT_READ, "%s",
                       "a derivative of a vector by a matrix has three axes: write it element by element");
        return STEP_FAILED;
    }
    value v = meaning_contract(e, after ? meaning_of(e, next) : r->product, tensor);
    r->product = after && r->at ? value_product(&e->world->algebra, r->product, v) : v;
    r->at += 1 + after;
    return value_ok(r->product) ? STEP_TAKEN : STEP_FAILED;
}

/* \rho(W)^k: the power of what the function is there. */
static bool is_power_of_call(evaluation *e, const tree *c, const tree *next)
{
    return next->kind == TREE_POW && next->join == JOIN_BESIDE && next->child[0]->brackets == '(' &&
           !scope_is_label(e->world->scope, next, e->env) && c->kind == TREE_SYMBOL &&
           (called_name(e, c) || scope_is_unknown_function(e->world->scope, c) ||
            scope_spectrum(e->world->scope, c) >= 0);
}

/* The factor that stands here, with its argument if it is a function: *called. */
static value factor_at(evaluation *e, const tree *t, int i, bool *called)
{
    const tree *c = t->child[i], *next = i + 1 < t->count ? t->child[i + 1] : NULL;
    const tree *argument = next && next->brackets == '(' && next->join == JOIN_BESIDE ? next : NULL;
    scope *s = e->world->scope;
    *called = true;
    if (next && is_power_of_call(e, c, next)) {
        tree *parts[] = { (tree *)(uintptr_t)c, next->child[0] }, *sides[2], power = *next,
             call = { .kind = TREE_MUL, .name = "", .accents = "", .style = "", .child = parts, .count = 2 };
        sides[0] = &call, sides[1] = next->child[1];
        power.child = sides;
        return meaning_of(e, &power);
    }
    if (!argument) {
        *called = false;
        return meaning_of(e, c);
    }
    const quantity *defined = called_name(e, c);
    if (!defined && scope_is_unknown_function(s, c))
        return unknown_function(e, c, argument);
    symbol_use use; /* J^{(t)}(\theta), E_n(w): the element says which one, the bracket nothing */
    bool indexed = defined && c->count && scope_symbol(s, c, e->env, &use) && use.indices &&
                   (defined->timed || (defined->definitions && defined->definition[0]->elements));
    if (defined && (c->primes || (c->count && !indexed) || !tree_equal(next, defined->of_what) || e->parameter))
        return defined_function(e, defined, argument, c->primes);
    if (!defined && is_unknown_scalar(s, c, argument))
        return unknown_scalar(e, c, argument);
    int spectrum_ = defined ? -1 : scope_spectrum(s, c);
    if (spectrum_ >= 0)
        return value_spectrum(&e->world->algebra, meaning_of(e, argument), (spectrum)spectrum_);
    *called = false;
    return meaning_of(e, c);
}

static step take_factor(running_product *r)
{
    evaluation *e = r->e;
    algebra *a = &e->world->algebra;
    const tree *c = r->t->child[r->at];
    tree_join join = c->join;
    bool called;
    value v = factor_at(e, r->t, r->at, &called), p = r->product;
    if (!value_ok(v))
        return STEP_FAILED;
    int written = written_sign_of(join);
    setup_sign own = written < 0 ? SIGN_USUAL : e->reading.sign[written],
               sign = own || written < 0 ? own : e->world->scope->sign[written];
    a->rows = e->rows;
    r->product = !r->at                                         ? v
                 : p.rank == 1 && v.rank == 1 && at_class(e, c) ? value_inner(a, p, v)
                 : join == JOIN_ODOT                            ? value_hadamard(a, p, v)
                 : written >= 0                                 ? value_signed(a, p, v, (written_sign)written, sign)
                                                                : value_product(a, p, v);
    r->at += 1 + called;
    return value_ok(r->product) ? STEP_TAKEN : STEP_FAILED;
}

static bool is_kronecker(const evaluation *e, const tree *factor)
{
    setup_sign own = e->reading.sign[WRITTEN_OTIMES];
    return factor->join == JOIN_OTIMES && (own ? own : e->world->scope->sign[WRITTEN_OTIMES]) == SIGN_KRONECKER;
}

/* B B^\top \otimes A^\top A: what stands side by side binds more than the sign. No value if there is no such sign. */
static value kronecker_groups(evaluation *e, const tree *t)
{
    value product = value_none();
    int signs = 0;
    for (int i = 1; i < t->count; i++) {
        signs += is_kronecker(e, t->child[i]);
        if (t->child[i]->join != JOIN_BESIDE && !is_kronecker(e, t->child[i]))
            return value_none();
    }
    if (!signs || t->count < 3)
        return value_none();
    for (int begin = 0, end; begin < t->count; begin = end) {
        for (end = begin + 1; end < t->count && !is_kronecker(e, t->child[end]); end++)
            ;
        tree group = *t;
        group.child = t->child + begin, group.count = end - begin, group.quantity = NULL;
        value v = end - begin == 1 ? meaning_of(e, t->child[begin]) : meaning_product(e, &group);
        product = begin && value_ok(v) ? value_kronecker(&e->world->algebra, product, v) : v;
        if (!value_ok(product))
            return value_none();
    }
    return product;
}

value meaning_product(evaluation *e, const tree *t)
{
    value grouped = kronecker_groups(e, t);
    if (value_ok(grouped))
        return grouped;
    if (e->world->fault.kind == FAULT_SHAPES) { /* (A \otimes B) \operatorname{vec} X without its brackets */
        e->world->fault.kind = FAULT_NONE;
        eddy_clear_error(e->world->tape);
    } else if (e->world->fault.kind)
        return value_none();
    static step (*const takes[])(running_product *) = { take_dots, take_repeated, take_full, take_tensor, take_factor };
    running_product r = { .e = e, .t = t, .product = value_none() };
    while (r.at < t->count) {
        step done = STEP_NOT_MINE;
        for (size_t k = 0; k < sizeof takes / sizeof *takes && done == STEP_NOT_MINE; k++)
            done = takes[k](&r);
        if (done == STEP_FAILED)
            return value_none();
    }
    return r.product;
}
