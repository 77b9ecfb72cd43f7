/* The shapes that nobody wrote down: inferred from use.
 *
 * A dimension is a number or a variable; formulas unify them. What is contradictory is left alone here (the formula
 * that uses it will say so when it is evaluated), and what remains open gets a size of its own. A given quantity that
 * is never told apart is a vector if it has a time or a small letter, a matrix if it has a capital, a number if it is
 * Greek. */
#include "scope_internal.h"
#include "evaluate.h"
#include "shapes_internal.h"

#include <ctype.h>
#include <string.h>

int shapes_fresh(struct shapes *s, int64_t number)
{
    if (s->dims == s->dim_room) {
        int room = s->dim_room ? 2 * s->dim_room : 256;
        int *parent = ARENA_ARRAY(s->arena, int, room);
        int64_t *numbers = ARENA_ARRAY(s->arena, int64_t, room);
        if (!parent || !numbers)
            return 0;
        if (s->dims) {
            memcpy(parent, s->parent, (size_t)s->dims * sizeof *parent);
            memcpy(numbers, s->number, (size_t)s->dims * sizeof *numbers);
        }
        s->parent = parent, s->number = numbers, s->dim_room = room;
    }
    s->parent[s->dims] = s->dims;
    s->number[s->dims] = number;
    return s->dims++;
}

int shapes_root(struct shapes *s, int d)
{
    while (s->parent[d] != d)
        d = s->parent[d] = s->parent[s->parent[d]];
    return d;
}

void shapes_equal(struct shapes *s, int a, int b)
{
    a = shapes_root(s, a), b = shapes_root(s, b);
    if (a == b || (s->number[a] && s->number[b]))
        return;
    if (s->number[a])
        s->parent[b] = a;
    else
        s->parent[a] = b;
}

void shapes_unify(struct shapes *s, type a, type b)
{
    for (int i = 0; a.rank == b.rank && i < a.rank; i++)
        shapes_equal(s, a.d[i], b.d[i]);
}

/* What meets a vector is one, too. */
static type as_vector(struct shapes *s, type t)
{
    if (t.rank >= 0 || !t.open)
        return t;
    type *q = &s->of[t.open - 1];
    if (q->rank < 0)
        *q = s->scope->batch_written && isupper((unsigned char)s->scope->quantity[t.open - 1]->key[0])
                 ? (type){ .rank = 2, .d = { shapes_fresh(s, 0), shapes_fresh(s, 0) } }
                 /* H_t beside X_t in R^{n x d} */
                 : type_vector(shapes_fresh(s, 0));
    type out = *q;
    out.row = t.row;
    return out;
}

/* Of two recurrences that are being read, the one that all of it began with: the other is as open as that. */
static type outer_of(const struct shapes *s, type a, type b)
{
    return a.open && b.open && s->began[b.open - 1] < s->began[a.open - 1] ? b : a;
}

static type product_type(struct shapes *s, type a, type b, tree_join join)
{
    if (b.rank > 0)
        a = as_vector(s, a);
    if (a.rank > 0)
        b = as_vector(s, b);
    if (a.rank < 0 || b.rank < 0)
        return a.rank < 0 && (b.rank == 0 || b.open) ? (b.rank ? outer_of(s, a, b) : a)
               : a.rank == 0                         ? b
                                                     : (type){ .rank = -1 };
    if (a.rank == 0 || b.rank == 0)
        return a.rank ? a : b.rank ? b : (type){ .rank = 0, .number = a.number && b.number };
    const setup_sign *sign = s->scope->sign;
    bool star = (join == JOIN_STAR && sign[WRITTEN_STAR] != SIGN_PRODUCT && a.rank == b.rank && a.row == b.row) ||
                (join == JOIN_OTIMES && sign[WRITTEN_OTIMES] == SIGN_ENTRYWISE);
    if (join == JOIN_OTIMES && sign[WRITTEN_OTIMES] == SIGN_KRONECKER)
        return (type){ .rank = -1 };
    if (join == JOIN_OTIMES && !star && a.rank == 1 && b.rank == 1)
        return (type){ .rank = 2, .d = { a.d[0], b.d[0] } };
    if (join == JOIN_STAR && a.rank == 1 && b.rank == 2 && !a.row)
        return b;
    if (join == JOIN_CDOT && sign[WRITTEN_DOT] == SIGN_INNER && a.rank == 1 && b.rank == 1) {
        shapes_equal(s, a.d[0], b.d[0]);
        return type_number();
    }
    if (join == JOIN_ODOT || star) {
        if (a.rank == b.rank)
            shapes_unify(s, a, b);
        else
            shapes_equal(s, a.d[0], b.d[0]);
        return a.rank >= b.rank ? a : b;
    }
    bool rows = s->scope->convention && !strcmp(s->scope->convention, "rows");
    if (a.rank == 2 && b.rank == 2) {
        shapes_equal(s, a.d[1], b.d[0]);
        return (type){ .rank = 2, .d = { a.d[0], b.d[1] } };
    }
    if (a.rank == 2) {
        shapes_equal(s, a.d[1], b.d[0]);
        return type_vector(a.d[0]);
    }
    if (b.rank == 2) {
        shapes_equal(s, a.d[0], b.d[0]);
        type row = type_vector(b.d[1]);
        row.row = !rows;
        return row;
    }
    if (a.row == b.row || (rows ? b.row : a.row)) {
        shapes_equal(s, a.d[0], b.d[0]);
        bool slice = (a.slice || b.slice) && !a.row && !b.row;
        return a.row == b.row && !slice ? a : type_number();
    }
    return (type){ .rank = 2, .d = { a.d[0], b.d[0] } };
}

static type list_type(struct shapes *s, const tree *t, const binding *env)
{
    type out = { .rank = 1 };
    sum_rule rule = { .result = shapes_fresh(s, 0) };
    int other = shapes_fresh(s, 0);
    bool known = true;
    for (int i = 0; i < t->count; i++) {
        type part = as_vector(s, shapes_of_tree(s, t->child[i], env));
        if (t->child[i]->kind == TREE_DOTS || part.rank < 0 || rule.count == 16) {
            known = false; /* the others are looked at all the same */
            continue;
        }
        out.rank = part.rank > out.rank ? part.rank : out.rank;
        int along = part.rank == 2 && t->separator != ';' ? 1 : 0;
        rule.part[rule.count++] = part.rank ? part.d[along] : shapes_fresh(s, 1);
        if (part.rank == 2)
            shapes_equal(s, other, part.d[!along]);
    }
    if (!known)
        return (type){ .rank = -1 };
    if (s->rules < 256)
        s->rule[s->rules++] = rule;
    out.d[0] = rule.result;
    if (out.rank == 2)
        out.d[0] = t->separator == ';' ? rule.result : other, out.d[1] = t->separator == ';' ? other : rule.result;
    return out;
}

/* Blocks: parts on top of each other, or rows of parts side by side. */
static type matrix_type(struct shapes *s, const tree *t, const binding *env)
{
    tree row = *t, all = *t;
    row.kind = all.kind = TREE_CONCAT;
    row.separator = ',', row.count = t->columns;
    all.separator = ';';
    if (t->columns == 1)
        return list_type(s, &all, env);
    type found = { .rank = -1 }; /* of several rows their parts are looked at all the same */
    for (int i = 0; i < t->rows; i++) {
        row.child = t->child + i * t->columns;
        type one = list_type(s, &row, env);
        found = t->rows == 1 ? one : found;
    }
    return found;
}

static type symbol_type(struct shapes *s, const tree *t, const binding *env)
{
    scope *sc = s->scope;
    const tree *symbol = t->kind == TREE_POW ? t->child[0] : t;
    if (scope_differential(sc, t)) {
        size_t n = strlen(sc->differential);
        tree plain = *symbol;
        plain.quantity = NULL;
        plain.accents += n + (symbol->accents[n] == ' ');
        if (t->kind != TREE_POW)
            return symbol_type(s, &plain, env);
        tree *child[2] = { &plain, t->child[1] }, power = *t;
        power.child = child;
        return symbol_type(s, &power, env);
    }
    for (const struct bound_type *b = s->bound; b; b = b->outer)
        if (t == symbol && scope_plain(symbol) && !strcmp(b->name, symbol->name))
            return b->is;
    symbol_use use;
    if ((!strcmp(symbol->name, "I") && !*symbol->accents && t->kind == TREE_SYMBOL && symbol->count < 2 &&
         scope_symbol(sc, t, env, &use) && !use.indices &&
         !(use.quantity && (use.quantity->definitions || use.quantity->shaped || use.quantity->drawn))))
        return (type){ .rank = 0, .number = true }; /* the identity */
    if (!symbol->count && !*symbol->accents && !symbol->primes && !scope_bare_quantity(sc, symbol->name) &&
        (scope_letter(sc, symbol->name, env, NULL) == LETTER_INDEX || scope_size(sc, symbol->name) ||
         !strcmp(symbol->name, "e") || !strcmp(symbol->name, "\\pi")))
        return (type){ .rank = 0, .number = true };
    if (scope_is_pi(symbol) || (symbol->count && scope_symbol_size(sc, symbol)))
        return (type){ .rank = 0, .number = true };
    if (!scope_symbol(sc, t, env, &use))
        return (type){ .rank = -1 };
    bool own = use.quantity && (use.quantity->definitions || use.quantity->shaped);
    if (scope_delta(sc, &use) != DELTA_OWN || (use.indices == 2 && !own && !strcmp(use.key, "I")))
        return (type){ .rank = 0, .number = true };
    if (!use.quantity)
        use.quantity = scope_quantity(sc, t, env);
    if (!use.quantity || use.quantity->number >= s->quantities)
        return (type){ .rank = -1 };
    quantity *q = use.quantity;
    bool plain = q->kind == QUANTITY_GIVEN && !q->shaped && !q->definitions && s->state[q->number] == 0;
    type whole = plain && use.indices > q->timed ? (type){ .rank = -1 } : shapes_of_quantity(s, q);
    if (q->timed && !use.indices) {
        int T = shapes_fresh(s, s->size(s->context, "T"));
        return whole.rank == 0   ? type_vector(T)
               : whole.rank == 1 ? (type){ .rank = 2, .d = { whole.d[0], T } }
                                 : (type){ .rank = -1 };
    }
    type out = shapes_by_uses(s, &use, whole, env);
    if (plain && s->of[q->number].rank >= 0)
        s->state[q->number] = 2;
    return out;
}

/* f(c), with f(x) = ... a definition of the document: what f is of c. Not known, with `called` left alone, if it is no
 * call. */
static type call_type(struct shapes *s, const tree *name, const tree *next, const binding *env, bool *called)
{
    tree bare = *name;
    quantity *q = NULL;
    symbol_use use;
    const tree *argument = next && next->brackets == '(' && next->join == JOIN_BESIDE ? next : NULL;
    if (!argument || name->kind != TREE_SYMBOL)
        return (type){ .rank = -1 };
    if (is_unknown_scalar(s->scope, name, argument)) { /* l(o_t, y_t) */
        *called = true;
        for (int i = 0; i < (argument->kind == TREE_TUPLE ? argument->count : 1); i++)
            shapes_of_tree(s, argument->kind == TREE_TUPLE ? argument->child[i] : argument, env);
        return type_number();
    }
    bare.primes = 0;
    bare.quantity = NULL;
    bool own = false; /* E_n beside E(w) */
    for (int full = 1; full >= 0 && !q; full--) {
        bare.count = full ? name->count : 0;
        if (!scope_symbol(s->scope, &bare, env, &use) || !use.quantity)
            continue;
        if (own && use.quantity->called && tree_equal(use.quantity->of_what, argument))
            return *called = true, shapes_of_tree(s, name, env);
        q = use.quantity->called ? use.quantity : NULL;
        own = !q && use.quantity->definitions;
    }
    if (!q || q->definitions != 1 || q->of_what->kind != TREE_SYMBOL || q->of_what->count || s->depth > 100)
        return (type){ .rank = -1 };
    struct bound_type bound = { q->of_what->name, shapes_of_tree(s, argument, env), s->bound };
    *called = true;
    s->bound = &bound;
    s->depth++;
    type found = shapes_of_tree(s, q->definition[0]->value, q->definition[0]->labels);
    s->depth--;
    s->bound = bound.outer;
    return name->primes ? bound.is : found; /* f' is as large as its argument */
}

static bool is_loss(scope *s, const tree *t)
{
    symbol_use use;
    return t->kind == TREE_SYMBOL && !t->count && scope_symbol(s, t, NULL, &use) && use.quantity &&
           use.quantity->kind == QUANTITY_LOSS;
}

static type sum_type(struct shapes *s, const tree *t, const binding *env)
{
    type a = shapes_of_tree(s, t->child[0], env), b;
    for (int i = 1; i < t->count; i++) {
        b = shapes_of_tree(s, t->child[i], env);
        b = shapes_of_offset(s, t->child[i], env, b, a);
        a = i == 1 ? shapes_of_offset(s, t->child[0], env, a, b) : a;
        if (b.rank > 0)
            a = as_vector(s, a);
        if (a.rank > 0)
            b = as_vector(s, b);
        if (a.rank < 0 && (b.rank > 0 || !a.open))
            a = b;
        else if (a.rank < 0 && b.rank < 0)
            a = outer_of(s, a, b);
        else if (a.rank == 0 && b.rank < 0)
            a = b;
        else if (a.rank == b.rank)
            shapes_unify(s, a, b);
        else if (s->scope->batch_written && a.rank + b.rank == 3) { /* X W + b, W X + b */
            type matrix = a.rank == 2 ? a : b, vector = a.rank == 2 ? b : a;
            shapes_equal(s, matrix.d[!shapes_adds_to_columns(s, t, env, matrix, vector)], vector.d[0]);
            a = matrix;
        } else if (b.rank > a.rank)
            a = b;
    }
    return a;
}

static type factors_type(struct shapes *s, const tree *t, const binding *env)
{
    type a = { .rank = 0, .number = true }, b;
    for (int i = 0; i < t->count; i++) {
        bool called = false;
        int at = i;
        b = call_type(s, t->child[i], i + 1 < t->count ? t->child[i + 1] : NULL, env, &called);
        if (!called)
            b = shapes_of_tree(s, t->child[i], env);
        i += called;
        i += !called && i + 1 < t->count && is_loss(s->scope, t->child[i]) && /* L(\theta) */
             t->child[i + 1]->brackets == '(' && t->child[i + 1]->join == JOIN_BESIDE;
        const tree *factor = t->child[at];
        symbol_use use;
        if (at && factor->brackets == '[' && factor->join == JOIN_BESIDE && a.rank == 1 &&
            scope_is_name(s->scope, factor, env) && scope_symbol(s->scope, factor, env, &use) && use.quantity &&
            use.quantity->flags & GIVEN_ONE_HOT) { /* p[y]: an element */
            shapes_unify(s, a, b);
            a = type_number();
            continue;
        }
        a = at == 0                           ? b
            : t->child[at]->kind == TREE_ONES ? (type){ .rank = a.rank == 2 ? 1 : a.rank, .d = { a.d[0] } }
                                              : product_type(s, a, b, t->child[at]->join);
    }
    return a;
}

static type applied_type(struct shapes *s, const tree *t, const binding *env)
{
    type a = { .rank = -1 };
    for (int i = 0; i < t->count; i++)
        a = shapes_of_tree(s, t->child[i], env);
    if (!strcmp(t->name, "diag"))
        return a.rank == 1 ? (type){ .rank = 2, .d = { a.d[0], a.d[0] } } : a.rank == 2 ? type_vector(a.d[0]) : a;
    if (!strcmp(t->name, "tr") || !strcmp(t->name, "mean"))
        return type_number();
    if (!strcmp(t->name, "vec"))
        return a.rank == 2 ? (type){ .rank = -1 } : a;
    a.number = false;
    return a;
}

/* \sum_{k=1}^K, with a size K: k has K values, and so much has what it counts. 0: another range. */
static int64_t full_range(struct shapes *s, const tree_bound *b)
{
    const size_name *size = b->to && b->from && b->from->kind == TREE_NUMBER && b->from->value == 1
                                ? scope_symbol_size(s->scope, b->to)
                                : NULL;
    return size ? s->size(s->context, size->letter) : 0;
}

static type fold_type(struct shapes *s, const tree *t, const binding *env)
{
    binding bound[4];
    struct counted letter[4];
    const struct counted *outer = s->counted;
    for (int i = 0; i < t->bounds && i < 4; i++) {
        const letter_row *l = scope_declared(s->scope, t->bound[i].index);
        bool label = t->bound[i].set || (l && l->kind == LETTER_LABEL);
        bound[i] = (binding){
            .letter = t->bound[i].index, .kind = label ? LETTER_LABEL : LETTER_INDEX, .outer = env, .value = 1
        };
        bound[i].high = label ? 0 : full_range(s, &t->bound[i]);
        env = &bound[i];
        if (!label && !t->bound[i].to) { /* \sum_i w_{ji} x_i: a row of w is as long as x */
            letter[i] = (struct counted){ t->bound[i].index, shapes_fresh(s, 0), s->counted };
            s->counted = &letter[i];
        }
        int values = !label ? 0 : t->bound[i].set ? t->bound[i].set->count : l->labels;
        for (int k = 0; k < values; k++) {
            bound[i].label = t->bound[i].set ? (t->bound[i].set->child[k]->name ? t->bound[i].set->child[k]->name : "")
                                             : l->label[k];
            shapes_of_tree(s, t->child[0], env);
        }
    }
    const type a = shapes_of_tree(s, t->child[0], env);
    s->counted = outer;
    return *t->name ? type_number() : a; /* an argmax is a number */
}

static type derivative_type(struct shapes *s, const tree *t, const binding *env)
{
    const type a = shapes_of_tree(s, t->child[0], env), b = shapes_of_tree(s, t->child[1], env);
    if (a.rank == 0)
        return b;
    if (a.rank == 1 && b.rank == 1)
        return (type){ .rank = 2, .d = { a.d[0], b.d[0] } };
    return a.rank == 1 && b.rank == 0 ? a : (type){ .rank = -1 };
}

static type relation_type(struct shapes *s, const tree *t, const binding *env)
{
    const type a = shapes_of_tree(s, t->child[0], env);
    for (int i = 1; i < t->count && t->relations[i - 1] != REL_IN; i++) {
        const type b = shapes_of_tree(s, t->child[i], env);
        if (a.rank == b.rank)
            shapes_unify(s, a, b);
    }
    return a;
}

static type element_type(struct shapes *s, const tree *t, const binding *env)
{
    const type a = shapes_of_tree(s, t->child[0], env);
    if (shapes_has_range((const tree *const *)t->child + 1, t->count - 1))
        return shapes_part(s, a, (const tree *const *)t->child + 1, t->count - 1);
    const bool row = a.rank >= 2 && t->count == 2 && t->child[1]->kind != TREE_MUL;
    return row ? type_vector(a.d[1]) : type_number();
}

type shapes_of_tree(struct shapes *s, const tree *t, const binding *env)
{
    type a, b;
    switch (t->kind) {
    case TREE_NUMBER:
    case TREE_ONES:
    case TREE_INDICATOR:
        return (type){ .rank = 0, .number = true };
    case TREE_SYMBOL:
        return symbol_type(s, t, env);
    case TREE_POW:
        if (scope_is_name(s->scope, t, env))
            return symbol_type(s, t, env);
        shapes_of_tree(s, t->child[1], env);
        return shapes_of_tree(s, t->child[0], env);
    case TREE_ADD:
        return sum_type(s, t, env);
    case TREE_NEG:
    case TREE_ABS:
    case TREE_FORMULA:
        return shapes_of_tree(s, t->child[0], env);
    case TREE_MUL:
        return factors_type(s, t, env);
    case TREE_DIV:
        a = shapes_of_tree(s, t->child[0], env);
        b = shapes_of_tree(s, t->child[1], env);
        if (a.rank == b.rank)
            shapes_unify(s, a, b);
        return a.rank >= b.rank ? a : b;
    case TREE_TRANSPOSE:
        a = shapes_of_tree(s, t->child[0], env);
        if (a.rank == 2)
            return (type){ .rank = 2, .d = { a.d[1], a.d[0] } };
        a.row = !a.row;
        return a;
    case TREE_APPLY:
        return applied_type(s, t, env);
    case TREE_NORM:
    case TREE_INNER:
        a = shapes_of_tree(s, t->child[0], env);
        if (t->count > 1)
            shapes_unify(s, a, shapes_of_tree(s, t->child[1], env));
        return type_number();
    case TREE_MATRIX:
        return matrix_type(s, t, env);
    case TREE_CONCAT:
    case TREE_TUPLE:
        return list_type(s, t, env);
    case TREE_SUM:
    case TREE_PROD:
    case TREE_MAX:
    case TREE_MIN:
        return fold_type(s, t, env);
    case TREE_DERIV:
        return derivative_type(s, t, env);
    case TREE_RELATION:
        return relation_type(s, t, env);
    case TREE_ELEMENT:
        return element_type(s, t, env);
    default:
        return (type){ .rank = -1 };
    }
}
