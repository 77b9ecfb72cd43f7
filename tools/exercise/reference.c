/* Where a wrong formula leaves the sheet's own answer: the one place at which the two trees part. It is told only if
 * the formula, mended there, holds; so that another way to write the answer never counts as a mistake. */
#include "exercise_internal.h"

#include <string.h>

/* ---- Sums and products: what stands in one and not in the other ---- */

enum { ITEMS_MOST = 32 };

typedef struct items {
    const tree *item[ITEMS_MOST];
    int count;
} items;

static items items_of(const tree *t, tree_kind kind)
{
    items s = { .count = 0 };
    if (t->kind != kind)
        s.item[s.count++] = t;
    for (int i = 0; t->kind == kind && i < t->count && i < ITEMS_MOST; i++)
        s.item[s.count++] = t->child[i];
    return s;
}

/* Takes away what both have. */
static void cancel(items *a, items *b)
{
    for (int i = 0; i < a->count; i++)
        for (int k = 0; k < b->count; k++)
            if (tree_equal(a->item[i], b->item[k])) {
                memmove(&a->item[i], &a->item[i + 1], (size_t)(a->count - i - 1) * sizeof *a->item);
                memmove(&b->item[k], &b->item[k + 1], (size_t)(b->count - k - 1) * sizeof *b->item);
                a->count--, b->count--;
                i--;
                break;
            }
}

static const char *written(arena *a, const tree *t)
{
    tree bare = *t;
    bare.brackets = 0;
    return latex_text(a, &bare, LATEX_SOURCE);
}

static const char *joined(arena *a, const items *s, const char *between)
{
    text out = { .arena = a };
    for (int i = 0; i < s->count; i++) {
        const tree *t = s->item[i];
        bool negative = t->kind == TREE_NEG && *between == '+';
        bool brackets = (t->kind == TREE_ADD || (t->kind == TREE_MUL && *between != '+')) && s->count > 1;
        bool beside = *between != '+' && t->join == JOIN_BESIDE;
        if (i)
            text_format(&out, " %s ", negative ? "-" : beside ? "" : between);
        else if (negative)
            text_add(&out, "-");
        text_format(&out, brackets ? "(%s)" : "%s", written(a, negative ? t->child[0] : t));
    }
    return text_done(&out);
}

/* ---- The place ---- */

typedef struct parting {
    saying *saying;
    arena *arena;
    bool several;             /* factors or terms for others, more than one at a time */
    const tree *here, *there; /* what stands in the answer, and what in its place in the reference */
    evidence out;
} parting;

static bool told(parting *p, const tree *here, const tree *there, evidence e)
{
    p->here = here, p->there = there;
    p->out = e;
    return true;
}

static const char *dollars(arena *a, const char *latex)
{
    return arena_format(a, "$%s$", latex);
}

static bool exchanged(parting *p, const tree *s, const tree *r, mistake m)
{
    const char *from = written(p->arena, s), *to = written(p->arena, r);
    return told(p, s, r,
                (evidence){ m, dollars(p->arena, from), arena_format(p->arena, "$%s$ should be $%s$", from, to), to });
}

/* Does the loss reach it: is a derivative in it? */
static bool is_way(parting *p, const items *s)
{
    for (int i = 0; i < s->count; i++) {
        saying_key(p->saying, s->item[i], false);
        if (p->saying->uses)
            return true;
    }
    return false;
}

static bool part(parting *p, const tree *s, const tree *r);
static bool part_several(parting *p, const tree *s, const tree *r, const items *a, const items *b, bool sum,
                         int common);

static bool part_items(parting *p, const tree *s, const tree *r, tree_kind kind)
{
    items a = items_of(s, kind), b = items_of(r, kind);
    arena *m = p->arena;
    bool sum = kind == TREE_ADD;
    int before = a.count;
    cancel(&a, &b);
    int common = before - a.count;
    const char *between = sum ? "+" : "\\odot";
    if (!a.count && b.count) {
        const char *what = joined(m, &b, between);
        mistake which = !sum            ? (b.count == 1 && b.item[0]->kind == TREE_ONES ? MISTAKE_SUM : MISTAKE_FACTOR)
                        : is_way(p, &b) ? MISTAKE_PATH
                                        : MISTAKE_TERM;
        return told(p, s, r,
                    (evidence){ which, sum ? NULL : dollars(m, written(m, s)),
                                arena_format(m, "the %s $%s$ is missing", sum ? "term" : "factor", what), what });
    }
    if (a.count && !b.count) {
        const char *what = joined(m, &a, between);
        return told(p, s, r,
                    (evidence){ sum ? MISTAKE_TERM : MISTAKE_FACTOR, dollars(m, what),
                                arena_format(m, "the %s $%s$ is too much", sum ? "term" : "factor", what), NULL });
    }
    return (a.count == 1 && b.count == 1 && part(p, a.item[0], b.item[0])) ||
           part_several(p, s, r, &a, &b, sum, common);
}

static void count_letters(const tree *t, int by, int count[128])
{
    if (t->kind == TREE_SYMBOL && !t->count && t->name[0] && !t->name[1] && !(t->name[0] & 0x80))
        count[(int)t->name[0]] += by;
    for (int i = 0; i < t->count; i++)
        count_letters(t->child[i], by, count);
}

/* The same names with their letters in another order, or at other steps? */
static mistake kind_of_exchange(parting *p, const items *a, const items *b)
{
    mistake all = MISTAKE_NONE;
    bool used[ITEMS_MOST] = { false };
    int letters[128] = { 0 };
    for (int i = 0; i < a->count && a->count == b->count; i++) {
        int k = 0;
        while (k < b->count &&
               (used[k] || a->item[i]->kind != TREE_SYMBOL || b->item[k]->kind != TREE_SYMBOL ||
                strcmp(a->item[i]->name, b->item[k]->name) || strcmp(a->item[i]->accents, b->item[k]->accents)))
            k++;
        if (k == b->count)
            return MISTAKE_NONE;
        used[k] = true;
        mistake m = evidence_exchange(p->saying, a->item[i], b->item[k]);
        if (all && m != all)
            return MISTAKE_NONE;
        all = m;
        count_letters(a->item[i], 1, letters);
        count_letters(b->item[k], -1, letters);
    }
    for (int i = 0; all == MISTAKE_NAME && i < 128; i++)
        if (letters[i])
            return MISTAKE_NAME;
    return all == MISTAKE_NAME ? MISTAKE_TRANSPOSE : all;
}

static void flatten(items *out, const tree *t)
{
    if (t->kind == TREE_MUL)
        for (int i = 0; i < t->count; i++)
            flatten(out, t->child[i]);
    else if (out->count < ITEMS_MOST)
        out->item[out->count++] = t;
}

static bool same_factors(const items *a, const items *b)
{
    items x = { .count = 0 }, y = { .count = 0 };
    for (int i = 0; i < a->count; i++)
        flatten(&x, a->item[i]);
    for (int i = 0; i < b->count; i++)
        flatten(&y, b->item[i]);
    cancel(&x, &y);
    return !x.count && !y.count;
}

/* Some factors of a product, or some terms of a sum, for others; what both have in common stands still. */
static bool part_several(parting *p, const tree *s, const tree *r, const items *a, const items *b, bool sum, int common)
{
    arena *m = p->arena;
    if (!p->several)
        return false;
    if (!a->count && !b->count) /* a product in another order */
        return !sum && s->kind == r->kind && exchanged(p, s, r, MISTAKE_TRANSPOSE);
    const char *between = sum ? "+" : "\\odot", *from = joined(m, a, between), *to = joined(m, b, between);
    mistake kind = sum ? MISTAKE_NONE : kind_of_exchange(p, a, b);
    if (!sum && same_factors(a, b)) /* in other brackets */
        kind = MISTAKE_TRANSPOSE;
    else if (a->count == 1 && a->item[0]->kind == TREE_APPLY && a->item[0]->primes)
        kind = MISTAKE_DERIVATIVE;
    if (!sum && a->count == 1 && b->count == 1 && a->item[0]->join != b->item[0]->join &&
        s->kind == r->kind) /* A \odot x */
        return exchanged(p, s, r, MISTAKE_TRANSPOSE);
    if (!kind && (!common || a->count > 2 || b->count > 2 || s->kind != r->kind))
        return false;
    kind = kind ? kind : sum ? MISTAKE_TERM : MISTAKE_FACTOR;
    return told(p, s, r, (evidence){ kind, dollars(m, from), arena_format(m, "$%s$ should be $%s$", from, to), to });
}

/* ---- Sums ---- */

static const tree *without_sums(const tree *t)
{
    while (t->kind == TREE_SUM)
        t = t->child[0];
    return t;
}

static const tree *sum_over(const tree *t, const char *index)
{
    for (; t->kind == TREE_SUM; t = t->child[0])
        if (t->bounds == 1 && !strcmp(t->bound[0].index, index))
            return t;
    return NULL;
}

static const char *head(parting *p, const tree *sum)
{
    const tree_bound *b = &sum->bound[0];
    const char *from = b->from ? arena_format(p->arena, "=%s", written(p->arena, b->from)) : "",
               *to = b->to ? arena_format(p->arena, "^{%s}", written(p->arena, b->to)) : "";
    return arena_format(p->arena, "\\sum_{%s%s}%s", b->index, from, to);
}

/* A sum that is missing, or too much: what is added up is the same. */
static bool part_sums(parting *p, const tree *s, const tree *r)
{
    items a = items_of(without_sums(s), TREE_MUL), b = items_of(without_sums(r), TREE_MUL);
    text less = { .arena = p->arena }, more = { .arena = p->arena };
    const char *letter = NULL;
    cancel(&a, &b);
    if (a.count || b.count)
        return false;
    for (const tree *t = r; t->kind == TREE_SUM; t = t->child[0])
        if (t->bounds != 1)
            return false;
        else if (!sum_over(s, t->bound[0].index))
            text_format(&less, " %s", head(p, t)), letter = t->bound[0].index;
    for (const tree *t = s; t->kind == TREE_SUM; t = t->child[0])
        if (t->bounds != 1)
            return false;
        else if (!sum_over(r, t->bound[0].index))
            text_format(&more, " %s", head(p, t)), letter = t->bound[0].index;
    bool lacks = less.length > 0, has = more.length > 0;
    if (lacks == has)
        return false;
    const char *what = (lacks ? text_done(&less) : text_done(&more)) + 1;
    return told(p, s, r,
                (evidence){ MISTAKE_SUM, dollars(p->arena, letter),
                            arena_format(p->arena, lacks ? "$%s \\dots$ is missing" : "$%s \\dots$ is too much", what),
                            lacks ? arena_format(p->arena, "%s \\dots", what) : NULL });
}

/* [x; y] for [y; x] */
static bool other_order(const tree *s, const tree *r)
{
    items a = items_of(s, TREE_CONCAT), b = items_of(r, TREE_CONCAT);
    if (s->kind != TREE_CONCAT || r->kind != TREE_CONCAT || a.count != b.count || tree_equal(s, r))
        return false;
    cancel(&a, &b);
    return !a.count && !b.count;
}

/* The same things added that are to be multiplied. */
static bool other_sign(const tree *s, const tree *r)
{
    items a = items_of(s, TREE_ADD), b = items_of(r, TREE_MUL);
    if (s->kind != TREE_ADD || r->kind != TREE_MUL)
        return false;
    cancel(&a, &b);
    return !a.count && !b.count;
}

static bool part(parting *p, const tree *s, const tree *r)
{
    if (s->kind == TREE_NEG && tree_equal(s->child[0], r))
        return told(p, s, r,
                    (evidence){ MISTAKE_SIGN, dollars(p->arena, written(p->arena, r)), "the sign is wrong", NULL });
    if (r->kind == TREE_NEG && tree_equal(r->child[0], s))
        return told(p, s, r,
                    (evidence){ MISTAKE_SIGN, dollars(p->arena, written(p->arena, s)), "the sign is wrong", NULL });
    if ((s->kind == TREE_TRANSPOSE && tree_equal(s->child[0], r)) ||
        (r->kind == TREE_TRANSPOSE && tree_equal(r->child[0], s)))
        return exchanged(p, s, r, MISTAKE_TRANSPOSE);
    bool power = (s->kind == TREE_POW && s->child[1]->kind == TREE_NUMBER) ||
                 (r->kind == TREE_POW && r->child[1]->kind == TREE_NUMBER);
    bool label = (s->kind == TREE_POW || s->kind == TREE_SYMBOL) && (r->kind == TREE_POW || r->kind == TREE_SYMBOL) &&
                 (s->kind == TREE_POW || r->kind == TREE_POW) && !power; /* W for W^h, W^x for W^h */
    if (label)
        return exchanged(p, s, r, MISTAKE_NAME);
    if (s->kind == TREE_ONES && r->kind == TREE_ONES)
        return exchanged(p, s, r, MISTAKE_NAME);
    if (s->kind == TREE_NUMBER && r->kind == TREE_SYMBOL)
        return exchanged(p, s, r, MISTAKE_NAME);
    if (other_order(s, r))
        return exchanged(p, s, r, MISTAKE_TRANSPOSE);
    if (other_sign(s, r))
        return told(p, s, r,
                    (evidence){ MISTAKE_FACTOR, dollars(p->arena, written(p->arena, s)), "it is a product, not a sum",
                                written(p->arena, r) });
    if ((s->kind == TREE_SUM || r->kind == TREE_SUM) && part_sums(p, s, r))
        return true;
    if ((s->kind == TREE_POW && tree_equal(s->child[0], r)) || (r->kind == TREE_POW && tree_equal(r->child[0], s)))
        return exchanged(p, s, r, MISTAKE_POWER);
    const tree *less =
        s->kind == TREE_ADD && s->count == 2 && s->child[1]->kind == TREE_NEG ? s->child[1]->child[0] : NULL;
    if (less && s->child[0]->kind == TREE_NUMBER && s->child[0]->value == 1 && tree_equal(less, r))
        return exchanged(p, s, r, MISTAKE_FACTOR); /* 1 - f for f */
    bool factor =
        s->kind == TREE_MUL || r->kind == TREE_MUL; /* a sum that stands in a product, or the other way round */
    if (s->kind != r->kind && factor && part_items(p, s, r, TREE_MUL))
        return true;
    if (s->kind == TREE_ADD || r->kind == TREE_ADD)
        return part_items(p, s, r, TREE_ADD);
    if (s->kind == TREE_MUL || r->kind == TREE_MUL)
        return part_items(p, s, r, TREE_MUL);
    if (s->kind == TREE_SYMBOL && r->kind == TREE_SYMBOL) {
        mistake m = evidence_exchange(p->saying, s, r);
        return m && exchanged(p, s, r, m);
    }
    if (s->kind != r->kind || s->count != r->count)
        return false;
    if (s->kind == TREE_APPLY && strcmp(s->name, r->name) != 0 && tree_equal(s->child[0], r->child[0]))
        return exchanged(p, s, r, MISTAKE_NAME);
    int differ = -1;
    for (int i = 0; i < s->count; i++)
        if (!tree_equal(s->child[i], r->child[i])) {
            if (differ >= 0)
                return false;
            differ = i;
        }
    return differ >= 0 && part(p, s->child[differ], r->child[differ]);
}

/* ---- The sheet's answers ---- */

/* The right sides of a listed answer's formulas that say what the line says. */
static const tree *reference_side(const exercise *e, arena *a, saying *s, const listed_answer *x, const tree *left)
{
    const char *source = x->latex;
    const char *square = e->blank ? strstr(e->blank, "\\square") : NULL;
    latex_result r = latex_read(a, source, strlen(source));
    if (square && r.count == 1 && r.formula[0]->child[0]->kind != TREE_RELATION) {
        source = arena_format(a, "%.*s\\left( %s \\right)%s", (int)(square - e->blank), e->blank, source, square + 7);
        r = latex_read(a, source, strlen(source));
    }
    const char *key = arena_format(a, "%s", saying_key(s, left, false));
    for (int i = 0; i < r.count; i++) {
        const tree *t = r.formula[i]->child[0];
        if (t->kind != TREE_RELATION)
            return e->wants == 1 ? t : NULL;
        if (!strcmp(key, saying_key(s, t->child[0], false)))
            return t->child[t->count - 1];
    }
    return NULL;
}

bool reference_parts(const exercise *e, saying *s, const tree *left, const tree *right, int which, bool several,
                     const tree **here, const tree **there, evidence *out)
{
    parting p = { .saying = s, .arena = s->arena, .several = several };
    if (which >= e->rights)
        return false;
    const tree *reference = reference_side(e, s->arena, s, &e->right[which], left);
    if (!reference || tree_equal(right, reference) || !part(&p, right, reference))
        return false;
    *here = p.here, *there = p.there;
    *out = p.out;
    return true;
}
