/* From tree to tape: what a formula is worth in a world, at the steps, labels and elements bound in its environment. */
#include "reader.h"
#include "evaluate.h"
#include "scope_internal.h"

#include <math.h>
#include <string.h>

value meaning_failed(evaluation *e, fault_kind kind, const char *format, const char *what)
{
    char sentence[sizeof((fault *)0)->sentence];
    snprintf(sentence, sizeof sentence, format, what);
    fault_set(meaning_fault(e), kind, "%s", sentence);
    return value_none();
}

/* ---- Symbols ---- */

/* z_{1:k}: the elements 1, ..., k; z[a:b], as in a program: a + 1, ..., b. */
static value by_range(evaluation *e, value v, int axis, const tree *range)
{
    int64_t from = tree_from_zero(range) ? 0 : 1, to = axis < v.rank ? value_size(v, axis) : 0;
    for (int end = 0; end < 2; end++)
        if (tree_range_end(range, end) &&
            !scope_index(e->world->scope, range->child[end], e->env, end ? &to : &from, meaning_fault(e)))
            return value_none();
    return value_range(&e->world->algebra, v, axis, from - !tree_from_zero(range), to);
}

/* Z^{(i)}: column i, where i counts the columns. */
static bool counts_columns(evaluation *e, const tree *index, value v, int left)
{
    const binding *bound = NULL;
    fault f = { 0 };
    int64_t high = 0;
    if (index->brackets != '(' || v.rank != 2 || left != 1 || index->kind != TREE_SYMBOL)
        return false;
    scope_letter(e->world->scope, index->name, e->env, &bound);
    const letter_row *l = scope_declared(e->world->scope, index->name);
    if (l && l->range)
        scope_index(e->world->scope, l->range, e->env, &high, &f);
    else
        high = bound ? bound->high : 0;
    return high == value_size(v, 1);
}

static value by_index(evaluation *e, const symbol_use *written, value v, int first)
{
    symbol_use sorted = v.batched ? scope_sequence_first(e->world->scope, written, first) : *written;
    const symbol_use *use = &sorted;
    algebra *a = &e->world->algebra;
    int elements = use->indices - first;
    int64_t at;
    bool sample =
        v.batched && elements && elements <= v.rank && scope_runs_over_batch(e->world->scope, use->index[first]);
    if (sample || (v.batched && elements == v.rank + 1)) {
        if (!scope_index(e->world->scope, use->index[first], e->env, &at, meaning_fault(e)))
            return value_none();
        v = value_sample(a, v, at - 1);
        first++;
    } else if (elements > v.rank)
        return use->quantity ? meaning_failed(e, use->quantity->shaped ? FAULT_SHAPES : FAULT_NOT_READ,
                                              "$%s$ has fewer indices than are written", use->quantity->shown)
                             : meaning_failed(e, FAULT_SHAPES, "%s has fewer indices than are written", use->key);
    for (int axis = first < use->indices && counts_columns(e, use->index[first], v, use->indices - first);
         first < use->indices && value_ok(v); first++) {
        const char *base = use->quantity ? use->key : NULL; /* (\mathrm{softmax}(s))_y */
        const tree *index = use->index[first];
        if (index->kind == TREE_RANGE) {
            v = by_range(e, v, axis++, index);
            continue;
        }
        if (scope_is_class(e->world->scope, index, base, e->env)) {
            v = meaning_at_class(e, v, axis, index);
            continue;
        }
        if (!scope_index(e->world->scope, index, e->env, &at, meaning_fault(e)))
            return value_none();
        if (v.rank == 2 && v.stack && !v.row && scope_mentions_time(e->world->scope, index, e->env)) {
            v = value_element(a, v, 1, at - 1); /* (W x)_t: of all steps side by side */
            v.stack = false;
            continue;
        }
        bool row = v.rank == 2 && axis == 0;
        if (axis < v.rank && value_size(v, axis) == e->world->T && (at < 1 || at > e->world->T) &&
            scope_mentions_time(e->world->scope, index, e->env)) /* \delta_{t,k+1} at k = T */
            return meaning_failed(e, FAULT_STEP, "%s", "an index that counts steps is beyond the last");
        v = value_element(a, v, axis, at - 1);
        v.slice = row, v.row |= row && (e->reading.slice_rows || e->world->scope->slice_rows);
        e->world->scope->sliced |= row && v.rank == 1;
    }
    if (e->world->scope->single && elements == 1 && value_ok(v) && v.rank == 1 && value_size(v, 0) == 1)
        v = value_element(a, v, 0, 0); /* y^{(i)} of a Y in R^{1 x m} */
    return v;
}

static value whole_sequence(evaluation *e, quantity *q)
{
    value part[256];
    world *w = e->world;
    if (w->T > 256)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "a sequence is longer than 256 steps");
    for (int64_t t = 1; t <= w->T; t++) {
        part[t - 1] = world_look(e, q, t);
        if (!value_ok(part[t - 1]))
            return value_none();
    }
    return value_stack(&w->algebra, part, (int)w->T);
}

/* [t = T] of indices; [z > 0] of quantities, element by element. */
static value indicator(evaluation *e, const tree *t)
{
    static eddy_var (*const compare[])(eddy_var,
                                       eddy_var) = { [REL_EQ] = eddy_eq, [REL_LE] = eddy_le, [REL_LT] = eddy_lt,
                                                     [REL_GE] = eddy_ge, [REL_GT] = eddy_gt, [REL_NE] = eddy_ne };
    algebra *a = &e->world->algebra;
    fault f = { 0 };
    bool so = scope_condition(e->world->scope, t, e->env, &f);
    if (!f.kind)
        return value_number(a, so);
    if (t->kind != TREE_RELATION || t->count != 2 || t->relations[0] > REL_NE)
        return meaning_failed(e, FAULT_NOT_READ, "%s", f.sentence);
    for (int side = 0; side < 2 && t->relations[0] == REL_EQ; side++) { /* [i = y_t] with y_t one-hot: its element i */
        symbol_use use;
        const tree *letter = t->child[side], *class_ = t->child[!side];
        int64_t at;
        fault none = { 0 };
        if (!scope_is_index(e->world->scope, letter, e->env) || !scope_is_name(e->world->scope, class_, e->env) ||
            !scope_symbol(e->world->scope, class_, e->env, &use) || !use.quantity ||
            !(use.quantity->flags & GIVEN_ONE_HOT) || !scope_index(e->world->scope, letter, e->env, &at, &none))
            continue;
        value v = meaning_of(e, class_);
        return value_ok(v) && v.rank == 1 ? value_element(a, v, 0, at - 1) : v;
    }
    value x = meaning_of(e, t->child[0]), y = value_ok(x) ? meaning_of(e, t->child[1]) : x;
    value sum = value_add(a, x, y);
    if (!value_ok(sum) || sum.rank != (x.rank > y.rank ? x.rank : y.rank) ||
        (x.rank != y.rank && !x.number && !y.number))
        return meaning_failed(e, FAULT_SHAPES, "%s", "the two sides of a comparison have different shapes");
    sum.var = compare[t->relations[0]](x.var, y.var);
    sum.covector = sum.pending = false;
    return sum;
}

/* dX, the direction in which X moves. */
static value direction(evaluation *e, const tree *t)
{
    symbol_use use;
    node_name node;
    int first = 0;
    if (!derivative_node(e, scope_bare(e->world->scope, t, "d"), &use, &node, &first))
        return meaning_failed(e, FAULT_NOT_READ, "%s", "the differential is not that of a quantity at one step");
    value v = meaning_direction(e, &node);
    return value_ok(v) ? by_index(e, &use, v, first) : v;
}

/* \delta_{jk}, I_{jk}, also with a class y_t for one of them. */
static value kronecker_delta(evaluation *e, const symbol_use *use)
{
    scope *s = e->world->scope;
    int64_t i, j;
    for (int k = 0; k < 2; k++)
        if (scope_is_class(s, use->index[k], NULL, e->env)) {
            tree *sides[] = { (tree *)(uintptr_t)use->index[!k], (tree *)(uintptr_t)use->index[k] };
            tree_relation equal = REL_EQ;
            tree same = { .kind = TREE_RELATION, .child = sides, .count = 2, .relations = &equal };
            return indicator(e, &same);
        }
    return scope_index(s, use->index[0], e->env, &i, meaning_fault(e)) &&
                   scope_index(s, use->index[1], e->env, &j, meaning_fault(e))
               ? value_number(&e->world->algebra, i == j)
               : value_none();
}

static value symbol(evaluation *e, const tree *t)
{
    world *w = e->world;
    scope *s = w->scope;
    symbol_use use;
    const binding *bound;
    for (const bound_argument *p = e->parameter; p && t->kind == TREE_SYMBOL && !t->count && !*t->accents; p = p->outer)
        if (!strcmp(p->name, t->name) && !t->primes)
            return p->value;
    if (scope_is_pi(t))
        return value_number(&w->algebra, 3.14159265358979323846);
    if (e->moved && scope_has_sign(t->kind == TREE_POW ? t->child[0] : t, "d"))
        return direction(e, t);
    if (scope_differential(s, t))
        return meaning_differential(e, t);
    if (t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes) {
        quantity *plain = scope_bare_quantity(s, t->name);
        if (plain && plain->kind == QUANTITY_GIVEN && !plain->shaped && !plain->drawn && !plain->definitions)
            plain = NULL; /* only ever seen here: an index, a size or the identity comes first */
        if (scope_letter(s, t->name, e->env, &bound) == LETTER_INDEX && bound && !plain)
            return value_number(&w->algebra, (double)bound->value);
        const size_name *size = scope_size(s, t->name);
        bool one = e->reading.identity && !strcmp(t->name, "I");
        if (!plain && size && !one && !(t->style && !strcmp(t->style, "bf")))
            return value_number(&w->algebra, (double)size->value);
        if (!plain && !strcmp(t->name, "\\pi"))
            return value_number(&w->algebra, 3.14159265358979323846);
    }
    if (!scope_symbol(s, t, e->env, &use))
        return meaning_failed(e, FAULT_NOT_READ, "%s", "this is no quantity");
    for (const bound_argument *p = e->parameter; p && t->count && use.indices == t->count; p = p->outer)
        if (!strcmp(p->name, use.key) && !(use.quantity && use.quantity->timed)) /* p_k, of D(q, p) = ... */
            return by_index(e, &use, p->value, 0);
    bool said = use.quantity &&
                (use.quantity->definitions || use.quantity->shaped || use.quantity->drawn || use.quantity->kind);
    if (!said && t->count && scope_symbol_size(s, t))
        return value_number(&w->algebra, (double)scope_symbol_size(s, t)->value);
    if (!said && scope_beyond_layers(s, t, e->env))
        return meaning_failed(e, FAULT_STEP, "$%s$ does not exist beyond the first and the last layer", use.key);
    delta_kind delta = scope_delta(s, &use);
    if (delta == DELTA_UNSURE)
        return meaning_failed(e, FAULT_NOT_READ,
                              "$%s$ with a number may be Kronecker's or the error at that step: write "
                              "$\\mathbf 1[i = 1]$ for the one, or call the error by another letter",
                              use.key);
    bool kronecker = delta == DELTA_KRONECKER || /* I_{jk}, an element of the identity, is the same */
                     (use.indices == 2 && !said && !strcmp(use.key, "I"));
    if (!said && !kronecker && (!strcmp(use.key, "I") || (!strncmp(use.key, "I_", 2) && scope_size(s, use.key + 2))))
        return value_identity(&w->algebra, use.key[1] ? scope_size(s, use.key + 2)->value : 0);
    if (!said && t->style && !strcmp(t->style, "bb"))
        return meaning_failed(e, FAULT_NOT_READ, "$\\mathbb{%s}$ has no meaning here", use.key);
    if (meaning_is_function(use.key) && !(use.quantity && (use.quantity->definitions || use.quantity->shaped)))
        return meaning_failed(e, FAULT_NOT_READ, "the function $%s$ stands without an argument in brackets", use.key);
    quantity *q = use.quantity;
    if (kronecker)
        return kronecker_delta(e, &use);
    if (!q)
        q = scope_quantity(s, t, e->env);
    if (!q)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "memory is short");
    if (q->number >= e->context->quantities)
        return meaning_failed(e, FAULT_NOT_READ,
                              "$%s$ is not known: no formula before defines it, and the setup does not give it",
                              q->shown);
    use.quantity = q;
    if (q->timed && !use.indices)
        return whole_sequence(e, q);
    int64_t step = 0;
    if (q->timed && !scope_index(s, use.index[0], e->env, &step, meaning_fault(e)))
        return value_none();
    value v = world_look(e, q, step);
    v = value_ok(v) ? by_index(e, &use, v, q->timed) : v;
    return v.rank > 2
               ? meaning_failed(e, FAULT_NOT_READ, "$%s$ has more than two axes: write it element by element", q->shown)
               : v;
}

static bool is_element_letter(const scope *s, const tree *t)
{
    const letter_row *l = t->kind == TREE_SYMBOL && !t->count ? scope_declared(s, t->name) : NULL;
    bool time = l && l->range && l->range->kind == TREE_SYMBOL && !strcmp(l->range->name, "T");
    return l && l->kind == LETTER_INDEX && !time && strcmp(t->name, "t");
}

/* e in e^x, unless the document has an e of its own (scores e_t are none). */
static bool is_euler(scope *s, const tree *t)
{
    const quantity *e = scope_find(s, "e");
    return t->kind == TREE_SYMBOL && !strcmp(t->name, "e") && !t->count && !*t->accents &&
           !(e && !e->timed && (e->definitions || e->shaped || e->drawn));
}

/* \|x\|_1, \|x\|_\infty: of a matrix the largest sum of a column, of a row. */
static value norm_of_sums(algebra *a, value x, bool largest)
{
    value all = value_map(a, x, eddy_abs);
    if (!value_ok(all) || (!largest && all.rank < 2))
        return value_sum_all(a, all);
    if (all.rank == 2)
        all.var = eddy_sum_over(all.var, EDDY_SHAPE(largest ? -1 : -2), false);
    if (all.rank)
        all.var = eddy_amax(all.var, EDDY_SHAPE(-1), false);
    return value_taped(a, (value){ .var = all.var, .batched = all.batched });
}

static value norm_of(evaluation *e, const tree *t)
{
    algebra *a = &e->world->algebra;
    const tree *sub = t->sub;
    value x = meaning_of(e, t->child[0]);
    if (!value_ok(x))
        return x;
    bool largest = sub && sub->kind == TREE_SYMBOL && !strcmp(sub->name, "\\infty");
    if (largest || (sub && sub->kind == TREE_NUMBER && sub->value == 1))
        return norm_of_sums(a, x, largest);
    if (sub && !(sub->kind == TREE_NUMBER && sub->value == 2) && !(sub->kind == TREE_SYMBOL && !strcmp(sub->name, "F")))
        return meaning_failed(e, FAULT_NOT_READ, "%s", "of norms, those with 1, 2, \\infty and F are understood");
    bool spectral = sub ? sub->kind == TREE_NUMBER : e->reading.spectral;
    return spectral ? value_spectral_norm(a, x) : value_norm(a, x);
}

/* The terms that have a size first, then the identity and the ones, which take theirs from them. */
static value sum_of(evaluation *e, const tree *t)
{
    value part[3] = { value_none(), value_none(), value_none() }, sum = value_none();
    for (int i = 0; i < t->count; i++) {
        value v = meaning_of(e, t->child[i]);
        if (!value_ok(v))
            return v;
        int which = v.unit ? 1 : v.full ? 2 : 0;
        part[which] = value_ok(part[which]) ? value_add(&e->world->algebra, part[which], v) : v;
        if (!value_ok(part[which]))
            return value_none();
    }
    for (int i = 0; i < 3; i++)
        if (value_ok(part[i]))
            sum = value_ok(sum) ? value_add(&e->world->algebra, sum, part[i]) : part[i];
        else if (meaning_fault(e)->kind)
            return value_none();
    return sum;
}

/* (\partial C_t / \partial C_{t-1})_{h_{t-1}}: no element, but what is held fixed. */
static bool holds_quantities(evaluation *e, const tree *t)
{
    scope *s = e->world->scope;
    symbol_use use;
    bool all = t->child[0]->kind == TREE_DERIV && !t->child[0]->held;
    for (int i = 1; i < t->count && all; i++)
        all = scope_is_name(s, t->child[i], e->env) && !scope_is_index(s, t->child[i], e->env) &&
              scope_symbol(s, t->child[i], e->env, &use) && use.quantity &&
              (use.quantity->definitions || use.quantity->drawn || use.quantity->shaped || use.quantity->kind);
    return all;
}

static value power_of(evaluation *e, const tree *t)
{
    world *w = e->world;
    algebra *a = &w->algebra;
    if (scope_is_name(w->scope, t, e->env))
        return symbol(e, t);
    if (is_euler(w->scope, t->child[0]))
        return value_map(a, meaning_of(e, t->child[1]), eddy_exp);
    value x = meaning_of(e, t->child[0]);
    if (value_ok(x) && x.rank && is_element_letter(w->scope, t->child[1])) { /* sigma(...)^j */
        symbol_use use = { .key = "the expression", .indices = 1, .index = { t->child[1] } };
        return by_index(e, &use, x, 0);
    }
    return value_power(a, x, value_ok(x) ? meaning_of(e, t->child[1]) : x);
}

static value transpose_of(evaluation *e, const tree *t)
{
    world *w = e->world;
    algebra *a = &w->algebra;
    const tree *of = t->child[0];
    value v = meaning_of(e, of);
    if (value_ok(v) && !v.rank && !v.number && of->kind == TREE_SYMBOL && !of->brackets &&
        (of->count > 1 || (of->count && of->child[0]->kind == TREE_MUL)))
        return meaning_failed(e, FAULT_NOT_READ, "%s", "elements of a transpose are written $(W^\\top)_{jk}$");
    if (value_ok(v) && !v.rank && !v.ones && t->inline_ && scope_size(w->scope, "T")) /* \lambda^T */
        return value_power(a, v, value_number(a, (double)w->T));
    return value_transpose(a, v);
}

static value inner_of(evaluation *e, const tree *t)
{
    algebra *a = &e->world->algebra;
    value x = meaning_of(e, t->child[0]), y = value_ok(x) ? meaning_of(e, t->child[1]) : x;
    if (!value_ok(y) || !e->reading.outer || x.rank != 1 || y.rank != 1)
        return value_inner(a, x, y);
    x.row = false, y.row = true;
    return value_product(a, x, y);
}

/* \mathbf 1, 1_B, 1_n, 0_n, 0_{n \times m} */
static value ones_of(evaluation *e, const tree *t)
{
    world *w = e->world;
    const tree *size = t->sub;
    double number = *t->name ? 0 : 1;
    int64_t n = 1, m = 1;
    value v = value_number(&w->algebra, number);
    if (!size || (size->kind == TREE_SYMBOL && !strcmp(size->name, "B"))) {
        v.ones = true, v.any_ones = !size;
        return v;
    }
    bool matrix = size->kind == TREE_MUL && size->count == 2 && size->child[1]->join == JOIN_TIMES;
    if (!scope_index(w->scope, matrix ? size->child[0] : size, e->env, &n, &w->fault) || n <= 0 ||
        (matrix && (!scope_index(w->scope, size->child[1], e->env, &m, &w->fault) || m <= 0)))
        return value_none();
    if (matrix)
        return (value){ .var = eddy_full_of(w->tape, EDDY_F64, EDDY_SHAPE(n, m), number), .rank = 2 };
    return (value){ .var = eddy_full_of(w->tape, EDDY_F64, EDDY_SHAPE(n), number), .rank = 1, .same_sides = true };
}

/* (J)_{jk}, or \frac{\partial L}{\partial h} with quantities held fixed. */
static value element_of(evaluation *e, const tree *t)
{
    if (holds_quantities(e, t)) {
        tree held = { .kind = TREE_TUPLE, .name = "", .accents = "", .style = "", .child = t->child + 1 };
        tree derivative = *t->child[0];
        held.count = t->count - 1;
        derivative.held = &held;
        return meaning_derivative(e, &derivative);
    }
    symbol_use use = { .key = "the expression" };
    value x = meaning_of(e, t->child[0]);
    for (int i = 1; i < t->count && i < 8; i++) {
        const tree *part = t->child[i];
        bool pair = part->kind == TREE_MUL;
        for (int k = 0; k < (pair ? part->count : 1) && use.indices < 8; k++)
            use.index[use.indices++] = pair ? part->child[k] : part;
    }
    return value_ok(x) ? by_index(e, &use, x, 0) : x;
}

/* What the kinds of trees mean, one a line. */
static value meaning_by_kind(evaluation *e, const tree *t)
{
    algebra *a = &e->world->algebra;
    value x;
    switch (t->kind) {
    case TREE_NUMBER:
        return value_number(a, t->value);
    case TREE_SYMBOL:
        return symbol(e, t);
    case TREE_ADD:
        return sum_of(e, t);
    case TREE_NEG:
        return value_negate(a, meaning_of(e, t->child[0]));
    case TREE_MUL:
        return meaning_product(e, t);
    case TREE_DIV:
        x = meaning_of(e, t->child[0]);
        return value_ok(x) ? value_divide(a, x, meaning_of(e, t->child[1])) : x;
    case TREE_POW:
        return power_of(e, t);
    case TREE_TRANSPOSE:
        return transpose_of(e, t);
    case TREE_APPLY:
        return meaning_call(e, t);
    case TREE_NORM:
        return norm_of(e, t);
    case TREE_ABS:
        return value_map(a, meaning_of(e, t->child[0]), eddy_abs);
    case TREE_CONCAT:
    case TREE_TUPLE:
        return meaning_list(e, t);
    case TREE_MATRIX:
        return meaning_matrix(e, t);
    case TREE_INNER:
        return inner_of(e, t);
    case TREE_SUM:
    case TREE_PROD:
    case TREE_MAX:
    case TREE_MIN:
        return meaning_fold(e, t);
    case TREE_DERIV:
        return meaning_derivative(e, t);
    case TREE_INDICATOR:
        return indicator(e, t->child[0]);
    case TREE_ONES:
        return ones_of(e, t);
    case TREE_ELEMENT:
        return element_of(e, t);
    case TREE_DOTS:
        return meaning_failed(e, FAULT_NOT_READ, "%s", "dots stand where they cannot be filled in");
    case TREE_PLACE:
        return meaning_place(e, t);
    case TREE_SET:
        return t->count == 1 ? meaning_of(e, t->child[0])
                             : meaning_failed(e, FAULT_NOT_READ, "%s", "a set stands where a number is expected");
    case TREE_WORDS:
        return meaning_failed(e, FAULT_NOT_READ, "%s", "words stand where a quantity is expected");
    default:
        return meaning_failed(e, FAULT_NOT_READ, "%s", "a relation stands inside a formula");
    }
}

value meaning_of(evaluation *e, const tree *t)
{
    world *w = e->world;
    if (w->fault.kind)
        return value_none();
    if (++w->spent > w->most)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "the formula needs more computation than a check takes");
    if (e->depth > 400)
        return meaning_failed(e, FAULT_TOO_BIG, "%s", "the formula is nested too deeply");
    e->depth++;
    const value v = meaning_by_kind(e, t);
    e->depth--;
    fault *f = meaning_fault(e);
    if (!value_ok(v) && f->kind == FAULT_SHAPES && !f->placed && t->count && t->kind != TREE_SYMBOL) { /* innermost */
        size_t used = strlen(f->sentence);
        const char *place = latex_text(w->arena, t, LATEX_SOURCE);
        if (strlen(place) < 120)
            snprintf(f->sentence + used, sizeof f->sentence - used, ", in $%s$", place);
        f->placed = true;
    }
    return v;
}
