/* What a formula says: whether it defines or declares something, is a claim, or only a mention. */
#include "pass.h"

#include <string.h>

finding *new_finding(pass *p, const document_item *item, int part)
{
    findings *all = p->all;
    if (all->count == p->room) { /* findings do not move: entries point at them */
        return NULL;
    }
    finding *f = &all->finding[all->count++];
    *f = (finding){ .item = item,
                    .id = part   ? arena_format(p->arena, "%s (%d)", item->id, part + 1)
                          : item ? item->id
                                 : "setup",
                    .instance = "",
                    .reading = "",
                    .summary = "",
                    .expected = part || !item ? NULL : item->expect };
    return f;
}

void not_read(finding *f, const char *sentence)
{
    f->verdict = CHECK_NOT_READ;
    f->summary = sentence;
}

/* ---- What a relation says ---- */

static bool is_space(const tree *t)
{
    const tree *base = t->kind == TREE_POW ? t->child[0] : t;
    return base->kind == TREE_SYMBOL && !strcmp(base->name, "R") && base->style && !strcmp(base->style, "bb");
}

static bool times(const tree *t)
{
    return t->kind == TREE_MUL && !t->brackets && t->count == 2 && t->child[1]->join == JOIN_TIMES;
}

/* H \times H + I in a space: the sign between sizes binds less than any sum, H \times (H + I). */
static bool loose_sizes(arena *a, const tree *dims, setup_statement *st)
{
    int at = 0;
    while (at < dims->count && !times(dims->child[at]))
        at++;
    for (int i = at + 1; i < dims->count; i++)
        if (times(dims->child[i]))
            return false;
    for (int side = 0; at < dims->count && side < 2; side++) {
        int count = side ? dims->count - at : at + 1;
        tree *part = ARENA_NEW(a, tree);
        if (!part || !(part->child = ARENA_ARRAY(a, tree *, count)))
            return false;
        tree **child = part->child;
        *part = *dims;
        part->child = child, part->count = count;
        memcpy(child, dims->child + (side ? at : 0), (size_t)count * sizeof *child);
        child[side ? 0 : at] = dims->child[at]->child[side];
        st->dim[side] = count == 1 ? child[0] : part;
    }
    st->rank = 2;
    return at < dims->count;
}

/* x_t \in \mathbb R^{H \times I} */
bool declaration(arena *a, const tree *space, setup_statement *st)
{
    if (!is_space(space))
        return false;
    st->kind = SETUP_GIVEN;
    st->flags = GIVEN_SHAPED | GIVEN_SHAPE_ONLY;
    if (space->kind != TREE_POW)
        return true;
    const tree *dims = space->child[1];
    int signs = 0, at = 0;
    if (dims->kind == TREE_ADD && loose_sizes(a, dims, st))
        return true;
    for (int i = 1; dims->kind == TREE_MUL && i < dims->count; i++)
        if (dims->child[i]->join == JOIN_TIMES)
            signs++, at = i;
    if (signs > 1)
        return false;
    st->rank = 1 + signs;
    st->dim[0] = (tree *)(uintptr_t)dims;
    for (int side = 0; signs && side < 2; side++) { /* 4H \times I */
        int count = side ? dims->count - at : at;
        tree *part = ARENA_NEW(a, tree);
        if (!part)
            return false;
        *part = *dims;
        part->child = dims->child + (side ? at : 0);
        part->count = count;
        st->dim[side] = count == 1 ? part->child[0] : part;
    }
    return true;
}

const binding *first_labels(scope *s, const tree *t, binding out[4])
{
    free_letter letters[4];
    int count = scope_free(s, t, letters, 4), used = 0;
    for (int i = 0; i < count; i++) {
        const letter_row *l = letters[i].kind == LETTER_LABEL ? scope_declared(s, letters[i].letter) : NULL;
        if (l && l->labels) {
            out[used] = (binding){
                .letter = l->letter, .kind = LETTER_LABEL, .label = l->label[0], .outer = used ? &out[used - 1] : NULL
            };
            used++;
        }
    }
    return used ? &out[used - 1] : NULL;
}

static entry *new_entry(pass *p, finding *f, const tree *formula)
{
    if (p->entries == p->entry_room) {
        int room = p->entry_room ? 2 * p->entry_room : 64;
        entry *more = ARENA_ARRAY(p->arena, entry, room);
        if (!more)
            return NULL;
        if (p->entries)
            memcpy(more, p->entry, (size_t)p->entries * sizeof *more);
        p->entry = more, p->entry_room = room;
    }
    entry *e = &p->entry[p->entries++];
    *e = (entry){ .finding = f, .formula = formula };
    return e;
}

/* ---- Taking a formula ---- */

/* Does a relation speak of index letters, sizes and numbers only? */
static bool only_indices(scope *s, const tree *t)
{
    if (t->kind == TREE_RELATION || t->kind == TREE_SET) {
        for (int i = 0; i < t->count; i++)
            if (!only_indices(s, t->child[i]))
                return false;
        return true;
    }
    return t->kind == TREE_DOTS || scope_is_index(s, t, NULL) ||
           (t->kind == TREE_SYMBOL && !t->count && scope_letter(s, t->name, NULL, NULL) != LETTER_NONE);
}

/* f(h_{t-1}, x_t) */
static bool has_unknown_call(const tree *t)
{
    static const char *const names[] = { "f", "g", "F", "G", "\\phi", "\\varphi", "\\psi", "\\Phi" };
    bool usual = false;
    for (size_t k = 0; k < sizeof names / sizeof *names && t->kind == TREE_MUL; k++)
        usual |= t->child[0]->kind == TREE_SYMBOL && !strcmp(names[k], t->child[0]->name);
    for (int i = 0; i + 1 < t->count && t->kind == TREE_MUL && usual; i++)
        if (t->child[i]->kind == TREE_SYMBOL && t->child[i + 1]->kind == TREE_TUPLE &&
            t->child[i + 1]->join == JOIN_BESIDE)
            return true;
    for (int i = 0; i < t->count; i++)
        if (has_unknown_call(t->child[i]))
            return true;
    return false;
}

static bool in_words(scope *s, const tree *t)
{
    return t->kind == TREE_WORDS || (t->kind == TREE_SYMBOL && !strcmp(t->style, "rm") && strlen(t->name) > 2 &&
                                     !t->count && !*t->accents && is_unknown(s, t));
}

static bool is_capital(const tree *t)
{
    return t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && t->name[0] >= 'A' && t->name[0] <= 'Z';
}

/* a(s, h_j), CE(y, p): a name of a function that is not written out, letter by letter or as a word. */
static bool is_unknown_call(scope *s, const tree *t)
{
    const tree *last = t->kind == TREE_MUL ? t->child[t->count - 1] : t;
    bool capitals = t->kind == TREE_MUL && t->count > 2 && last->kind == TREE_TUPLE && last->join == JOIN_BESIDE;
    for (int i = 0; capitals && i + 1 < t->count; i++)
        capitals = is_capital(t->child[i]) && (!i || t->child[i]->join == JOIN_BESIDE);
    return capitals || calls_unknown(s, t) ||
           (is_function_call(t) && last->kind == TREE_TUPLE && is_unknown(s, t->child[0])) ||
           (t->kind == TREE_APPLY && t->count > 1 && !t->primes && strlen(t->name) > 1 && t->name[0] != '\\');
}

/* e_j = a(s, h_j) = v^T tanh(...): that a depends on s and h_j is said, and a defined nowhere else. */
static const tree *without_calls(pass *p, const tree *formula)
{
    const tree *r = formula->child[0];
    for (int i = 1; i + 1 < r->count; i++) {
        if (!is_unknown_call(p->scope, r->child[i]))
            continue;
        tree *all = ARENA_NEW(p->arena, tree), *left = ARENA_NEW(p->arena, tree);
        tree **parts = ARENA_ARRAY(p->arena, tree *, formula->count), **sides = ARENA_ARRAY(p->arena, tree *, r->count);
        tree_relation *relations = ARENA_ARRAY(p->arena, tree_relation, r->count);
        if (!all || !left || !parts || !sides || !relations)
            return formula;
        *all = *formula, *left = *r;
        memcpy(parts, formula->child, (size_t)formula->count * sizeof *parts);
        for (int k = 0, to = 0; k < r->count; k++)
            if (k != i) {
                sides[to] = r->child[k];
                if (to)
                    relations[to - 1] = r->relations[k - 1];
                to++;
            }
        left->child = sides, left->relations = relations, left->count--;
        parts[0] = left, all->child = parts;
        return all;
    }
    return formula;
}

/* "unless $\\tau = 1$", "if $x > 0$" says nothing that could be true, and least of all that \\tau, which is given, is 1
 * everywhere, given or not; "for $e = Wx$" may introduce e. */
static bool is_hypothesis(const pass *p, const tree *r)
{
    bool known = r->count == 2 && scope_is_name(p->scope, r->child[0], NULL) && !is_unknown(p->scope, r->child[0]);
    return r->relations[0] == REL_EQ ? known || r->child[1]->kind == TREE_NUMBER : r->relations[0] != REL_IN;
}

static bool is_numeric(const tree *t)
{
    for (int i = 0; i < t->count; i++)
        if (!is_numeric(t->child[i]))
            return false;
    return t->kind == TREE_NUMBER || t->count;
}

/* A quantity that the setup gives, and no step of one. */
static bool is_drawn_number(scope *s, const tree *t)
{
    symbol_use use;
    return t->kind == TREE_SYMBOL && scope_symbol(s, t, NULL, &use) && use.quantity && !use.indices &&
           use.quantity->kind == QUANTITY_GIVEN && use.quantity->drawn;
}

bool is_aside(const document_item *item)
{
    return !item->display && !item->tagged && !item->expect;
}

/* A mention, or what is found where a verdict is expected: why there is none. */
static void mention(pass *p, const document_item *item, const tree *formula, int part, const char *why)
{
    finding *f = is_aside(item) ? NULL : new_finding(p, item, part);
    p->all->mentions += is_aside(item);
    if (f) {
        f->formula = formula;
        not_read(f, why);
    }
}

/* Is something differentiated by the quantity? */
static bool is_below_line(scope *s, const tree *t, const char *key, bool below)
{
    symbol_use use;
    if (scope_differential(s, t))
        t = scope_bare(s, t, s->differential), below = true;
    if (scope_is_name(s, t, NULL))
        return below && scope_symbol(s, t, NULL, &use) && !strcmp(use.key, key);
    for (int i = 0; i < t->count; i++)
        if (is_below_line(s, t->child[i], key, below || (t->kind == TREE_DERIV && i == 1)))
            return true;
    return false;
}

/* "Put $v = 0$": a number for once, of what has a derivative elsewhere. */
static bool is_number_for_once(scope *s, const tree *r)
{
    symbol_use use;
    if (r->count != 2 || r->relations[0] != REL_EQ || r->child[1]->kind != TREE_NUMBER ||
        !scope_is_name(s, r->child[0], NULL) || !scope_symbol(s, r->child[0], NULL, &use) || use.indices)
        return false;
    for (int i = 0; i < s->formulas; i++)
        if (is_below_line(s, s->formula[i], use.key, false))
            return true;
    return false;
}

/* "for $t = 1, \dots, T$", x = \text{input}, $\mathcal B = \{x_1, \dots, x_m\}$ */
static bool is_mention(pass *p, const document_item *item, const tree *r)
{
    if (is_aside(item) &&
        (only_indices(p->scope, r) || (item->supposed && is_hypothesis(p, r)) || is_number_for_once(p->scope, r)))
        return true;
    if (!item->tagged && !item->expect && r->count == 2 && in_words(p->scope, r->child[1]))
        return true;
    return is_aside(item) && r->count == 2 && r->child[1]->kind == TREE_SET && r->child[1]->count > 1;
}

static void declares(pass *p, finding *f, const char *summary)
{
    f->verdict = CHECK_DECLARES;
    f->summary = summary;
    p->entries--;
}

/* x \in \mathbb R^I: a declaration, or a claim about the shape of what is known. */
static void take_membership(pass *p, const document_item *item, const tree *r, finding *f)
{
    setup_statement st = { .symbol = r->child[0], .line = item->line };
    symbol_use use;
    fault fault_ = { 0 };
    if (!item->display && !item->tagged && r->child[1]->kind == TREE_SET) { /* says which values there are */
        p->all->count--;
        p->entries--;
        p->all->mentions++;
        return;
    }
    if (!declaration(p->arena, r->child[1], &st)) {
        not_read(f, "after \"in\" a space such as $\\mathbb R^{H \\times I}$ is expected here");
        p->entries--;
        return;
    }
    binding first[4];
    const binding *env = first_labels(p->scope, r->child[0], first);
    bool known = scope_symbol(p->scope, r->child[0], env, &use) && use.quantity &&
                 (use.quantity->shaped || use.quantity->drawn || use.quantity->definitions || use.quantity->kind);
    if (!known && (r->child[0]->kind == TREE_SYMBOL || r->child[0]->kind == TREE_POW)) {
        scope_apply(p->scope, &st, &fault_);
        f->verdict = CHECK_DECLARES;
        p->entries--;
    }
}

/* What the author says a number is, where the checker draws its own; NULL: no such thing. */
static const char *example_value(pass *p, const document_item *item, const tree *r)
{
    if (r->relations[0] != REL_EQ)
        return NULL;
    if (r->child[0]->kind == TREE_SYMBOL && !r->child[0]->count && scope_size(p->scope, r->child[0]->name) &&
        scope_is_index(p->scope, r->child[1], NULL)) /* "let $T = 3$" */
        return "a size of the author's; the checker draws its own, or takes the setup's";
    return is_aside(item) && r->count == 2 && is_drawn_number(p->scope, r->child[0]) && is_numeric(r->child[1])
               ? "a value that the text speaks of; the checker draws its own" /* "where $\tau = 1$" */
               : NULL;
}

/* What an equation introduces. */
static void take_equation(pass *p, const tree *formula, finding *f, entry *e)
{
    const tree *r = formula->child[0];
    fault fault_ = { 0 };
    e->differential = r->relations[0] == REL_EQ ? scope_differential_of(p->scope, r) : NULL;
    if ((r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED || r->relations[0] == REL_PROPTO) &&
        !e->differential) {
        if (r->count > 2)
            formula = e->formula = define_argument(p, formula, &fault_);
        e->definition = define(p, formula, &fault_);
        if (!fault_.kind && !e->definition)
            e->formula = define_introduced(p, formula, &e->definition, &fault_);
        else if (!fault_.kind && r->count > 2)
            define_introduced(p, formula, &e->definition, &fault_);
        if (fault_.kind)
            not_read(f, arena_format(p->arena, "%s", fault_.sentence));
    }
    define_summands(p, formula);
    e->convention = p->scope->convention;
    memcpy(e->held, p->scope->held, sizeof e->held);
    e->helds = p->scope->helds;
}

/* A chain a = b = c: a by b may be a definition; the others are claims. */
void take_formula(pass *p, const document_item *item, const tree *formula, int part)
{
    const tree *r = formula->child[0];
    if (r->kind != TREE_RELATION) {
        mention(p, item, formula, part, "there is no relation in it: nothing is said that could be true");
        return;
    }
    if (depends_only(formula)) {
        finding *said = new_finding(p, item, part);
        if (said) {
            said->formula = formula;
            said->verdict = CHECK_DECLARES;
            said->summary = "it says what the loss depends on; another line or formula says how";
        }
        return;
    }
    if (r->count > 2 && !is_mention(p, item, r)) {
        define_called(p, formula);
        formula = without_calls(p, formula);
        r = formula->child[0];
    }
    if (has_unknown_call(r)) { /* h_t = f(h_{t-1}, x_t) says that something depends on something */
        mention(p, item, formula, part, "a function of several quantities stands in it that is not written out");
        return;
    }
    bool called = scope_names_elements(p->scope, r) && !strcmp(r->child[0]->name, r->child[1]->name); /* U = (u_{jl}) */
    if (is_mention(p, item, r) || (called && is_aside(item))) {
        if (is_number_for_once(p->scope, r) && r->child[1]->value == 0)
            p->once = r->child[0];
        p->all->mentions++;
        return;
    }
    finding *f = new_finding(p, item, part);
    entry *e = f ? new_entry(p, f, formula) : NULL;
    if (!e)
        return;
    f->formula = formula;
    if (!is_aside(item))
        e->once = p->once, p->once = NULL;
    if (p->scope->summation || (r->relations[0] == REL_EQ && r->count == 2 && is_unknown(p->scope, r->child[0]) &&
                                r->child[0]->kind != TREE_ADD && !summation_written(p->scope))) {
        const tree *sums = summation_formula(p->scope, formula);
        p->scope->summed |= sums != formula;
        formula = f->formula = e->formula = sums;
        r = formula->child[0];
    }
    const char *example = example_value(p, item, r);
    if (r->relations[0] == REL_IN && r->count == 2)
        take_membership(p, item, r, f);
    else if (example)
        declares(p, f, example);
    else if (called)
        declares(p, f, "what its elements are called");
    else
        take_equation(p, formula, f, e);
}
