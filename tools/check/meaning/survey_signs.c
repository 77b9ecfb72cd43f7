/* Signs in front of a name, dX for \partial L / \partial X: which names are such a shorthand and which begin with the
 * letter only. */
#include "scope_internal.h"

#include <string.h>

bool scope_has_sign(const tree *symbol, const char *sign)
{
    size_t n = strlen(sign);
    return symbol->kind == TREE_SYMBOL && !strncmp(symbol->accents, sign, n) &&
           (symbol->accents[n] == ' ' || !symbol->accents[n]);
}

bool scope_differential(const scope *s, const tree *name)
{
    const tree *symbol = name->kind == TREE_POW ? name->child[0] : name;
    return s->differential && *s->differential && scope_has_sign(symbol, s->differential);
}

/* dh^{next}_t = ..., where nothing is called h^{next}: a name that begins with d, and no derivative. */
static bool own_differential(scope *s, const tree *t)
{
    symbol_use use;
    const tree *symbol = t->kind == TREE_POW ? t->child[0] : t;
    if (!scope_differential(s, t) || !scope_is_name(s, t, NULL) || !scope_symbol(s, t, NULL, &use) ||
        symbol->accents[strlen(s->differential)])
        return false;
    free_letter letters[8];
    for (int i = 0, count = scope_free(s, t, letters, 8); i < count; i++)
        if (letters[i].kind == LETTER_LABEL)
            return false;
    const char *bare = use.key + strlen(s->differential) + 1;
    char *below = (char *)(uintptr_t)arena_format(s->arena, "%s", bare);
    for (char *p = below; *p; p++)
        *p = *p == '^' ? '_' : *p;
    size_t base = strcspn(bare, "_^"); /* \mathrm d q_t, with a q that nobody knows, is a slip of the pen */
    struct use *timed = scope_use(s, arena_text(s->arena, bare, base));
    const char *step = bare + base + (bare[base] == '_');
    if (timed && timed->timed && bare[base] == '_' && (*step == 'T' || strspn(step, "0123456789")) &&
        strspn(step, "T+-0123456789") == strlen(step)) /* dh_0, dh_T: of a step */
        return false;
    return bare[base] && scope_appears(s, arena_text(s->arena, bare, base)) && !scope_appears(s, bare) &&
           !scope_appears(s, below);
}

/* V_j, V_{j:}^\top: a part of something under another name. */
static bool is_part(const tree *t)
{
    t = t->kind == TREE_TRANSPOSE ? t->child[0] : t;
    return t->kind == TREE_SYMBOL || (t->kind == TREE_ELEMENT && t->child[0]->kind == TREE_SYMBOL);
}

/* dv_j = dV_{j:}^\top beside v_j = V_{j:}^\top: the loss reads V, and v_j only says what a row of it is called. */
static bool renames_part(scope *s, const tree *relation)
{
    symbol_use use, other;
    if (!is_part(relation->child[1]) || !scope_differential(s, relation->child[0]) ||
        !scope_symbol(s, relation->child[0], NULL, &use))
        return false;
    const char *bare = use.key + strlen(s->differential) + 1;
    for (int i = 0; i < s->formulas; i++) {
        const tree *r = s->formula[i]->kind == TREE_FORMULA ? s->formula[i]->child[0] : s->formula[i];
        if (r->kind == TREE_RELATION && is_part(r->child[1]) && scope_is_name(s, r->child[0], NULL) &&
            scope_symbol(s, r->child[0], NULL, &other) && other.indices && !strcmp(other.key, bare))
            return true;
    }
    return false;
}

static void rename_differential(scope *s, tree *t, const char *key)
{
    symbol_use use;
    if (scope_differential(s, t) && scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) &&
        !strcmp(use.key, key)) {
        tree *symbol = t->kind == TREE_POW ? t->child[0] : t;
        symbol->name = arena_format(s->arena, "%s%s", s->differential, symbol->name);
        symbol->accents = "";
        symbol->quantity = NULL;
        return;
    }
    for (int i = 0; i < t->count; i++)
        rename_differential(s, t->child[i], key);
}

void scope_name_differentials(scope *s)
{
    bool changed = false;
    for (int i = 0; i < s->formulas && s->differential; i++) {
        const tree *r = s->formula[i]->kind == TREE_FORMULA ? s->formula[i]->child[0] : s->formula[i];
        symbol_use use;
        if (r->kind != TREE_RELATION || (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED) ||
            (!own_differential(s, r->child[0]) && !renames_part(s, r)) || !scope_symbol(s, r->child[0], NULL, &use))
            continue;
        for (int k = 0; k < s->formulas; k++)
            rename_differential(s, (tree *)(uintptr_t)s->formula[k], use.key);
        changed = true;
    }
    if (changed)
        scope_survey_again(s);
}

/* ---- Differentials ---- */

const tree *scope_bare(scope *s, const tree *name, const char *sign)
{
    tree *symbol = ARENA_NEW(s->arena, tree);
    if (!symbol)
        return name;
    *symbol = name->kind == TREE_POW ? *name->child[0] : *name;
    symbol->quantity = NULL;
    symbol->accents += strlen(sign);
    symbol->accents += *symbol->accents == ' ';
    if (name->kind != TREE_POW)
        return symbol;
    tree *power = ARENA_NEW(s->arena, tree), **child = ARENA_ARRAY(s->arena, tree *, 2);
    if (!power || !child)
        return name;
    *power = *name;
    power->quantity = NULL;
    child[0] = symbol, child[1] = name->child[1];
    power->child = child;
    return power;
}

/* Steps beside the t of a formula are told apart where they are t - 4, ..., t + 4. */
enum { NEAR = 4, ANY_STEP = 2 * NEAR + 1, STEPS_TOLD };

typedef struct ancestry {
    scope *scope;
    const quantity *wanted;
    int step;   /* NEAR + n for t + n, or ANY_STEP */
    bool *seen; /* [quantity][step] */
    int seens;
} ancestry;

/* Where a name stands that is read while `here` is the step at which its letter counts; -1: too far away. */
static int step_of(scope *s, const symbol_use *use, int here)
{
    const char *letter;
    int64_t shift;
    if (!use->quantity->timed || here == ANY_STEP || !use->indices ||
        !scope_letter_and_shift(s, use->index[0], &letter, &shift))
        return ANY_STEP;
    return here + shift < 0 || here + shift >= ANY_STEP ? -1 : here + (int)shift;
}

static bool comes_from(ancestry *a, const quantity *q, int step);

/* Is the wanted quantity in t, or in what t is made of? Below a sum over time stands any step. */
static bool is_in(ancestry *a, const tree *t, const binding *env, int here)
{
    symbol_use use;
    if (t->bounds && scope_is_time(a->scope, t->bound[0].index))
        here = ANY_STEP;
    if (scope_is_name(a->scope, t, env)) {
        int step = scope_symbol(a->scope, t, env, &use) && use.quantity ? step_of(a->scope, &use, here) : -1;
        return step >= 0 &&
               ((use.quantity == a->wanted && (step == a->step || step == ANY_STEP || a->step == ANY_STEP)) ||
                comes_from(a, use.quantity, step));
    }
    for (int i = 0; i < t->count; i++)
        if (is_in(a, t->child[i], env, here))
            return true;
    return false;
}

static bool comes_from(ancestry *a, const quantity *q, int step)
{
    q = q->kind == QUANTITY_ARGUMENT ? q->of : q;
    if (q->number >= a->seens || a->seen[q->number * STEPS_TOLD + step])
        return false;
    a->seen[q->number * STEPS_TOLD + step] = true;
    for (int i = 0; i < q->definitions; i++) {
        const definition *d = q->definition[i];
        if (is_in(a, d->value, d->labels, step == ANY_STEP ? ANY_STEP : step - (int)d->shift))
            return true;
    }
    for (int i = 0; i < q->read_count; i++)
        if (q->reads[i].quantity == a->wanted || comes_from(a, q->reads[i].quantity, ANY_STEP))
            return true;
    return false;
}

/* Is the first, a name or an expression, made of the second? With `any`, at whatever steps. */
static bool is_made_of(scope *s, const tree *whole, const symbol_use *part, bool any)
{
    symbol_use use;
    bool name = scope_is_name(s, whole, NULL) && scope_symbol(s, whole, NULL, &use) && use.quantity;
    int from = any ? ANY_STEP : name ? step_of(s, &use, NEAR) : NEAR, to = any ? ANY_STEP : step_of(s, part, NEAR);
    ancestry a = { .scope = s, .wanted = part->quantity, .step = to, .seens = s->quantities };
    a.seen = ARENA_ARRAY(s->arena, bool, s->quantities *STEPS_TOLD + 1);
    return a.seen && from >= 0 && to >= 0 && (name ? comes_from(&a, use.quantity, from) : is_in(&a, whole, NULL, from));
}

/* Are all quantities behind a d in t known, and parts of what `whole` is made of? Where each is made of the other, over
 * the steps, the steps decide. */
static bool are_parts(scope *s, const tree *t, const tree *whole, int *count)
{
    symbol_use use, of;
    if (scope_has_sign(t->kind == TREE_POW ? t->child[0] : t, "d")) {
        ++*count;
        bool known = scope_symbol(s, scope_bare(s, t, "d"), NULL, &use) && use.quantity &&
                     (use.quantity->definitions || use.quantity->drawn || use.quantity->shaped || use.quantity->kind);
        return known && is_made_of(s, whole, &use, true) &&
               (!scope_is_name(s, whole, NULL) || !scope_symbol(s, whole, NULL, &of) || !of.quantity ||
                !is_made_of(s, scope_bare(s, t, "d"), &of, true) || is_made_of(s, whole, &use, false));
    }
    for (int i = 0; i < t->count; i++)
        if (!are_parts(s, t->child[i], whole, count))
            return false;
    return true;
}

/* A d that is a quantity or, unless it is upright, a size. */
static bool is_known(scope *s, const tree *d)
{
    const quantity *q = scope_find(s, d->name);
    return (scope_size(s, d->name) && strcmp(d->style, "rm") != 0) ||
           (q && (q->definitions || q->drawn || q->shaped || q->kind));
}

const tree *scope_differential_of(scope *s, const tree *relation)
{
    const tree *left = relation->child[0], *symbol = left->kind == TREE_POW ? left->child[0] : left, *whole = NULL;
    symbol_use use;
    int count = 0;
    if (scope_has_sign(symbol, "d")) {
        whole = scope_bare(s, left, "d");
        if (!scope_symbol(s, whole, NULL, &use) || !use.quantity ||
            !(use.quantity->definitions || use.quantity->kind == QUANTITY_LOSS ||
              use.quantity->kind == QUANTITY_ARGUMENT))
            return NULL;
    }
    if (left->kind == TREE_MUL && left->count == 2 && scope_plain(left->child[0]) &&
        !strcmp(left->child[0]->name, "d") && left->child[1]->brackets == '(' && left->child[1]->kind != TREE_TUPLE &&
        left->child[1]->join == JOIN_BESIDE && !is_known(s, left->child[0]))
        whole = left->child[1]; /* d(XY) */
    for (int i = 1; whole && i < relation->count; i++)
        if (!are_parts(s, relation->child[i], whole, &count))
            return NULL;
    return count ? whole : NULL;
}
