/* dc_t += ..., dc_{t-1} += ...: what is added to one quantity in several places is all of it together. */
#include "pass.h"

#include <string.h>

static tree *shifted(arena *a, const tree *t, const char *letter, int by)
{
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter))
            return (tree *)(uintptr_t)t;
    tree *copy = ARENA_NEW(a, tree);
    if (!copy)
        return NULL;
    *copy = *t;
    copy->quantity = NULL;
    if (t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && !strcmp(t->name, letter)) {
        tree **child = ARENA_ARRAY(a, tree *, 2), *number = ARENA_NEW(a, tree), *minus = ARENA_NEW(a, tree);
        tree **inside = ARENA_ARRAY(a, tree *, 1), *sum = ARENA_NEW(a, tree);
        if (!child || !number || !minus || !inside || !sum)
            return NULL;
        *number = (tree){ .kind = TREE_NUMBER, .value = by < 0 ? -by : by, .name = "", .accents = "", .style = "" };
        *minus = (tree){ .kind = TREE_NEG, .name = "", .accents = "", .style = "", .child = inside, .count = 1 };
        inside[0] = number;
        child[0] = copy, child[1] = by < 0 ? minus : number;
        *sum = (tree){ .kind = TREE_ADD, .name = "", .accents = "", .style = "", .child = child, .count = 2 };
        sum->height = 3;
        return sum;
    }
    copy->child = ARENA_ARRAY(a, tree *, t->count ? t->count : 1);
    for (int i = 0; copy->child && i < t->count; i++)
        if (!(copy->child[i] = shifted(a, t->child[i], letter, by)))
            return NULL;
    return copy->child ? copy : NULL;
}

/* A line is said for the steps 1 .. T: where its own t is another, it adds nothing. */
static tree *within(arena *a, tree *term, const char *letter, int by)
{
    tree *shape[4];
    for (int i = 0; i < 4; i++) {
        if (!(shape[i] = ARENA_NEW(a, tree)))
            return NULL;
        *shape[i] = (tree){ .name = "", .accents = "", .style = "", .height = 1 };
    }
    tree *one = shape[0], *last = shape[1], *relation = shape[2], *indicator = shape[3];
    tree **sides = ARENA_ARRAY(a, tree *, 3), **inside = ARENA_ARRAY(a, tree *, 1),
         **factors = ARENA_ARRAY(a, tree *, 2);
    tree *product = ARENA_NEW(a, tree), *t = ARENA_NEW(a, tree);
    static tree_relation relations[] = { REL_LE, REL_LE };
    if (!sides || !inside || !factors || !product || !t)
        return NULL;
    one->kind = TREE_NUMBER, one->value = 1;
    last->kind = TREE_SYMBOL, last->name = "T";
    *t = (tree){ .kind = TREE_SYMBOL, .name = letter, .accents = "", .style = "", .height = 1 };
    sides[0] = one, sides[1] = shifted(a, t, letter, by), sides[2] = last;
    relation->kind = TREE_RELATION, relation->child = sides, relation->count = 3, relation->relations = relations;
    inside[0] = relation;
    indicator->kind = TREE_INDICATOR, indicator->child = inside, indicator->count = 1;
    factors[0] = indicator, factors[1] = term;
    *product = (tree){ .kind = TREE_MUL, .name = "", .accents = "", .style = "", .child = factors, .count = 2 };
    product->height = term->height + 1;
    return sides[1] ? product : NULL;
}

/* The step at which a left side stands: t + shift; false: at none that is known. */
static bool step_of(const symbol_use *use, const char **letter, int *shift)
{
    const tree *index = use->indices ? use->index[0] : NULL;
    *shift = 0;
    *letter = NULL;
    if (!index)
        return true;
    if (index->kind == TREE_ADD && index->count == 2) {
        const tree *by = index->child[1], *number = by->kind == TREE_NEG ? by->child[0] : by;
        if (number->kind != TREE_NUMBER || number->value > 100)
            return false;
        *shift = (int)(by->kind == TREE_NEG ? -number->value : number->value);
        index = index->child[0];
    }
    *letter = index->name;
    return index->kind == TREE_SYMBOL && !index->count;
}

/* Over all steps, where the left side has none: dW += dh_t x_t^T. */
static tree *over_steps(pass *p, const tree *t)
{
    free_letter letters[8];
    bool timed = false;
    for (int i = 0, count = scope_free(p->scope, t, letters, 8); i < count; i++)
        timed |= !strcmp(letters[i].letter, "t");
    tree *sum = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, 1);
    tree_bound *bound = ARENA_NEW(p->arena, tree_bound);
    if (!timed || !sum || !child || !bound)
        return (tree *)(uintptr_t)t;
    *bound = (tree_bound){ .index = "t" };
    child[0] = (tree *)(uintptr_t)t;
    *sum = (tree){ .kind = TREE_SUM, .name = "", .accents = "", .style = "", .child = child, .count = 1 };
    sum->bound = bound, sum->bounds = 1, sum->height = t->height + 1;
    return sum;
}

/* ---- The lines that add to one quantity ---- */

enum { LINES = 32, PATHS = 16 };

typedef struct added { /* all lines that add to a quantity, and what was found out about them together */
    entry *line[LINES];
    int lines;
    finding whole;
    int wrong;        /* the line that is no part of the sum; -1: it cannot be said which */
    const char *path; /* what the others leave for it */
} added;

static bool adds(const tree *relation)
{
    return relation->count == 2 && relation->relations[0] == REL_ADDS;
}

/* dh = V^T dy in front of dh += ...: a program's first line. */
static bool begins_sum(pass *p, const entry *e)
{
    symbol_use use, other;
    const tree *r = e->formula->child[0];
    if (r->count != 2 || r->relations[0] != REL_EQ || e->definition || e->finding->verdict == CHECK_HOLDS ||
        !scope_symbol(p->scope, r->child[0], NULL, &use))
        return false;
    for (const entry *later = e + 1; later < p->entry + p->entries; later++) {
        const tree *more = later->formula->child[0];
        if (adds(more) && scope_symbol(p->scope, more->child[0], NULL, &other) && !strcmp(other.key, use.key) &&
            other.indices == use.indices)
            return true;
    }
    return false;
}

static bool find_lines(pass *p, const claimed *claim, added *out)
{
    symbol_use use, other;
    if (!scope_symbol(p->scope, claim->left, NULL, &use))
        return false;
    for (int i = 0; i < p->entries; i++) {
        const tree *r = p->entry[i].formula->child[0];
        if ((!adds(r) && !begins_sum(p, &p->entry[i])) || !scope_symbol(p->scope, r->child[0], NULL, &other) ||
            strcmp(other.key, use.key) || other.indices != use.indices)
            continue;
        if (out->lines == LINES || p->entry[i].formula->count > 1)
            return false;
        out->line[out->lines++] = &p->entry[i];
    }
    return out->lines > 0;
}

/* The claim X = Y + ... of all lines but one (-1: of all). */
static bool sum_of_lines(pass *p, const added *lines, int without, claimed *claim)
{
    symbol_use use, other;
    const char *letter, *also;
    int shift, by, count = 0;
    tree *all = ARENA_NEW(p->arena, tree), **child = ARENA_ARRAY(p->arena, tree *, lines->lines);
    tree *formula = ARENA_NEW(p->arena, tree), **parts = ARENA_ARRAY(p->arena, tree *, 1);
    tree *relation = ARENA_NEW(p->arena, tree), **sides = ARENA_ARRAY(p->arena, tree *, 2);
    static tree_relation equal[] = { REL_EQ };
    if (!all || !child || !formula || !parts || !relation || !sides ||
        !scope_symbol(p->scope, claim->left, NULL, &use) || !step_of(&use, &letter, &shift))
        return false;
    for (int i = 0; i < lines->lines; i++) {
        const tree *r = lines->line[i]->formula->child[0];
        if (!scope_symbol(p->scope, r->child[0], NULL, &other) || !step_of(&other, &also, &by) ||
            (letter && strcmp(letter, also)))
            return false;
        tree *term = (tree *)(uintptr_t)r->child[1];
        term = !letter ? over_steps(p, term) : shift == by ? term : shifted(p->arena, term, letter, shift - by);
        if (term && letter && (shift != by || shift))
            term = within(p->arena, term, letter, shift - by);
        if (!term)
            return false;
        if (i != without)
            child[count++] = term;
    }
    *all = (tree){ .kind = TREE_ADD, .name = "", .accents = "", .style = "", .child = child, .count = count };
    for (int i = 0; i < count; i++)
        all->height = child[i]->height >= all->height ? child[i]->height + 1 : all->height;
    sides[0] = (tree *)(uintptr_t)claim->left, sides[1] = count == 1 ? child[0] : all;
    *relation = *lines->line[0]->formula->child[0];
    relation->child = sides, relation->relations = equal;
    *formula = *lines->line[0]->formula;
    parts[0] = relation, formula->child = parts;
    claim->formula = formula, claim->right = sides[1], claim->relation = REL_EQ;
    return count > 0;
}

/* ---- Which of them is wrong ---- */

/* X of dX, or of a quantity that is defined as the derivative by it. */
static quantity *differentiated(scope *s, const tree *left)
{
    symbol_use use;
    if (scope_differential(s, left))
        return scope_symbol(s, scope_bare(s, left, s->differential), NULL, &use) ? use.quantity : NULL;
    if (!scope_symbol(s, left, NULL, &use) || !use.quantity || use.quantity->definitions != 1)
        return NULL;
    const tree *said = use.quantity->definition[0]->value;
    return said->kind == TREE_DERIV && scope_symbol(s, said->child[1], NULL, &use) ? use.quantity : NULL;
}

/* The edges by which a derivative leaves the claim's quantity: how many; 0: they are not known. */
static int paths_from(pass *p, const claimed *claim, const assumption *as, cut out[PATHS])
{
    fault f = { 0 };
    symbol_use use;
    const char *letter;
    int shift, count = 0;
    quantity *q = differentiated(p->scope, claim->left);
    world *w = court_world(&p->court, claim, 0, as, &f);
    if (!q || q->copy || !w || !scope_symbol(p->scope, claim->left, NULL, &use) || !step_of(&use, &letter, &shift) ||
        (q->timed && (!letter || strcmp(letter, "t"))))
        return 0;
    for (int i = 0; i < w->edges; i++) {
        const edge *e = &w->edge[i];
        cut k = { .from = q, .to = e->to.quantity, .every = !q->timed };
        if (e->from.quantity != q || !k.to || k.to->kind == QUANTITY_DIRECT)
            continue;
        k.from_shift = q->timed ? shift : 0;
        k.to_shift = q->timed && k.to->timed ? (int)(e->to.step - e->from.step) + shift : 0;
        bool known = false;
        for (int j = 0; j < count; j++)
            known |= out[j].to == k.to && out[j].to_shift == k.to_shift;
        if (known)
            continue;
        if (count == PATHS)
            return 0;
        out[count++] = k;
    }
    return count;
}

/* If the other lines are the derivative without one of the paths, this line is that path's, and wrong: their sum is. */
static void find_wrong(pass *p, const claimed *claim, added *lines)
{
    assumption as;
    cut path[PATHS];
    judge_default(&p->court, claim, &as);
    int paths = paths_from(p, claim, &as, path);
    if (lines->lines == 1 && lines->whole.verdict == CHECK_FAILS && (paths == 1 || lines->whole.pattern))
        lines->wrong = 0;
    for (int i = 0; i < lines->lines && lines->lines > 1 && lines->wrong < 0; i++) {
        claimed others = *claim;
        if (!sum_of_lines(p, lines, i, &others))
            return;
        for (int k = 0; k < paths && lines->wrong < 0; k++) {
            tally t;
            assumption without = as;
            without.cut[0] = path[k], without.cuts = 1;
            judge_run(&p->court, &others, &without, 1, STOP_FIRST, &t);
            if (t.outcome != OUTCOME_PASS || t.zero)
                continue;
            judge_run(&p->court, &others, &without, court_worlds(&p->court, &others), STOP_FIRST, &t);
            if (t.outcome != OUTCOME_PASS)
                continue;
            lines->wrong = i;
            lines->path = assumption_text(p->arena, &p->court, &others, &without);
        }
    }
}

static const char *ids_without(pass *p, const added *lines, const entry *e)
{
    text names = { .arena = p->arena };
    for (int i = 0; i < lines->lines; i++)
        if (lines->line[i] != e)
            text_format(&names, "%s%s", *text_done(&names) ? ", " : "", lines->line[i]->finding->id);
    return text_done(&names);
}

static added *judge_together(pass *p, const entry *e, claimed *claim)
{
    added *lines = ARENA_NEW(p->arena, added);
    if (!lines)
        return NULL;
    lines->wrong = -1;
    if (!find_lines(p, claim, lines) || !sum_of_lines(p, lines, -1, claim))
        return NULL;
    lines->whole = *e->finding;
    judge_claim(&p->court, claim, &lines->whole);
    if (lines->whole.verdict != CHECK_HOLDS && lines->whole.verdict != CHECK_NOT_READ && !p->court.quick)
        find_wrong(p, claim, lines);
    for (int i = 0; i < lines->lines; i++)
        lines->line[i]->added = lines;
    return lines;
}

void judge_sum(pass *p, entry *e, claimed *claim, finding *f)
{
    added *lines = e->added ? e->added : judge_together(p, e, claim);
    if (!lines) {
        not_read(f, "what is added here cannot be put together with what is added elsewhere");
        return;
    }
    finding own = *f;
    const char *others = ids_without(p, lines, e);
    *f = lines->whole;
    f->item = own.item, f->id = own.id, f->formula = own.formula, f->expected = own.expected;
    if (f->verdict == CHECK_HOLDS && !adds(e->formula->child[0]))
        f->summary = arena_format(p->arena, "with what %s add to it", others);
    if (f->verdict == CHECK_HOLDS || f->verdict == CHECK_NOT_READ)
        return;
    const entry *wrong = lines->wrong < 0 ? NULL : lines->line[lines->wrong];
    if (wrong == e) {
        const char *why = f->pattern ? f->pattern : "", *then = f->pattern ? "; " : "";
        f->verdict = CHECK_FAILS, f->conditions = 0;
        f->summary = *others      ? arena_format(p->arena,
                                                 "it is no part of the sum: %s are the derivative if %s, and this is "
                                                      "not what is left%s%s",
                                                 others, lines->path, then, why)
                     : f->pattern ? f->pattern
                                  : "nothing else adds to the quantity, and it is not the derivative";
    } else if (wrong) {
        *f = own;
        f->verdict = CHECK_HOLDS;
        f->compared = lines->whole.compared;
        f->summary = arena_format(p->arena, "as a part of the sum; %s is none", wrong->finding->id);
    } else {
        not_read(f, *others ? arena_format(p->arena,
                                           "added up with %s it does not hold: one of these lines is wrong, or one "
                                           "more adds to the same quantity",
                                           others)
                            : "by itself it does not hold: it is wrong, or another line adds to the same quantity too");
    }
}

bool is_summed(pass *p, const entry *e)
{
    return adds(e->formula->child[0]) || begins_sum(p, e);
}
