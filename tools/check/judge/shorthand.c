/* dV = P^\top dO, dP = dO V^\top: a series of formulas with a d in front of known names on their left sides, which go
 * against the definitions, where differentials would go with them. Without a line of the setup it is the derivative of
 * the one loss there is. */
#include "pass.h"

#include <string.h>

enum { NAMES_MOST = 200, SERIES = 2 };

typedef struct known { /* a name that a formula defines, or the setup gives (no formula) */
    const tree *name, *right;
} known;

typedef struct series {
    const char *sign;
    known name[NAMES_MOST];
    int names;
    int count, backward, forward;
} series;

static const tree *bottom(const tree *t)
{
    while (t->kind == TREE_POW || t->kind == TREE_TRANSPOSE)
        t = t->child[0];
    return t->kind == TREE_SYMBOL ? t : NULL;
}

/* An index rather than a label: t, t - 1, 2, j. */
static bool is_counted(const tree *t)
{
    const tree *letter = t->kind == TREE_ADD || t->kind == TREE_MUL ? t->child[0] : t;
    return letter->kind != TREE_SYMBOL || (!letter->name[1] && strchr("tTijklmnbs", letter->name[0]));
}

/* Is it the same name, behind the sign or without one, at whatever step? */
static bool same_name(const tree *a, const tree *b, const char *sign)
{
    const char *accents[2] = { a->accents, b->accents };
    for (int i = 0; i < 2; i++) {
        size_t n = strlen(sign);
        bool signed_ = !strncmp(accents[i], sign, n) && (!accents[i][n] || accents[i][n] == ' ');
        accents[i] += signed_ ? n + (accents[i][n] == ' ') : 0;
    }
    if (strcmp(a->name, b->name) || strcmp(accents[0], accents[1]) || a->primes != b->primes)
        return false;
    const tree *label[2] = { NULL, NULL };
    for (int i = 0; i < a->count; i++)
        label[0] = is_counted(a->child[i]) ? label[0] : a->child[i];
    for (int i = 0; i < b->count; i++)
        label[1] = is_counted(b->child[i]) ? label[1] : b->child[i];
    return !label[0] == !label[1] && (!label[0] || tree_equal(label[0], label[1]));
}

static bool has_sign(const tree *t, const char *sign)
{
    size_t n = strlen(sign);
    return t->kind == TREE_SYMBOL && !strncmp(t->accents, sign, n) && (!t->accents[n] || t->accents[n] == ' ');
}

static void add_known(series *s, const tree *name, const tree *right)
{
    if (name && (name = bottom(name)) && !has_sign(name, s->sign) && s->names < NAMES_MOST)
        s->name[s->names++] = (known){ name, right };
}

static bool is_equation(const tree *formula)
{
    const tree *r = formula->child[0];
    return r->kind == TREE_RELATION && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED);
}

static void find_known(series *s, const parsed *item, int count, const setup *extra)
{
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++) {
            const setup_statement *st = &lines->statement[k];
            const tree *r = st->kind == SETUP_FORMULA ? st->value->child[0] : NULL;
            if (st->kind == SETUP_GIVEN)
                add_known(s, st->symbol, NULL);
            if (r && r->kind == TREE_RELATION)
                add_known(s, r->child[0], r->child[1]);
            for (int n = 0; st->kind == SETUP_LIBRARY && n < st->count; n++)
                add_known(s, st->list[n], NULL);
        }
        for (int k = 0; i >= 0 && k < item[i].formulas.count; k++)
            if (is_equation(item[i].formulas.formula[k]))
                add_known(s, item[i].formulas.formula[k]->child[0]->child[0],
                          item[i].formulas.formula[k]->child[0]->child[1]);
    }
}

static bool mentions(const tree *t, const tree *name, const char *sign)
{
    if (t->kind == TREE_SYMBOL)
        return same_name(t, name, sign) && !has_sign(t, sign);
    for (int i = 0; i < t->count; i++)
        if (mentions(t->child[i], name, sign))
            return true;
    return false;
}

/* Is `whole`, one of the known, defined by the other? */
static bool is_made_of(const series *s, const tree *whole, const tree *part)
{
    for (int i = 0; i < s->names; i++)
        if (s->name[i].right && same_name(s->name[i].name, whole, s->sign) && mentions(s->name[i].right, part, s->sign))
            return true;
    return false;
}

/* Each dY on the right of dX = ...: does it go against the definitions, X being in Y, or with them? */
static void look(series *s, const tree *t, const tree *left)
{
    if (has_sign(t, s->sign) && !same_name(t, left, s->sign)) {
        bool against = is_made_of(s, t, left), with = is_made_of(s, left, t);
        s->backward += against && !with;
        s->forward += with && !against;
    }
    for (int i = 0; i < t->count; i++)
        look(s, t->child[i], left);
}

static bool is_known(const series *s, const tree *name)
{
    for (int i = 0; i < s->names; i++)
        if (same_name(s->name[i].name, name, s->sign))
            return true;
    return false;
}

static void find_series(series *s, const parsed *item, int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++) {
            const tree *formula = item[i].formulas.formula[k];
            const tree *r = formula->child[0],
                       *left = is_equation(formula) || (r->kind == TREE_RELATION && r->relations[0] == REL_ADDS)
                                   ? bottom(r->child[0])
                                   : NULL;
            if (!left || !has_sign(left, s->sign) || !is_known(s, left)) /* dh^{next} = ...: a name of its own */
                continue;
            s->count++;
            for (int n = 1; n < r->count; n++)
                look(s, r->child[n], left);
        }
}

/* The loss: the one that the setup names, or the only number with a loss's usual name that a formula defines. */
static const tree *loss_of(const series *s, const parsed *item, int count, const setup *extra)
{
    static const char *const usual[] = { "L", "J", "E", "\\ell", "loss", "Loss", "\\mathcal L" };
    const tree *found = NULL;
    for (int i = -1; i < count; i++) {
        const setup *lines = i < 0 ? extra : &item[i].setup;
        for (int k = 0; k < lines->count; k++)
            if (lines->statement[k].kind == SETUP_LOSS)
                return lines->statement[k].symbol;
    }
    for (int i = 0; i < s->names; i++)
        for (size_t k = 0; k < sizeof usual / sizeof *usual; k++) {
            const tree *name = s->name[i].name;
            if (strcmp(name->name, usual[k]) || name->count || *name->accents || !s->name[i].right)
                continue;
            if (found && strcmp(found->name, name->name) != 0)
                return NULL;
            found = name;
        }
    return found;
}

static bool says_shorthand(const setup *lines)
{
    for (int i = 0; i < lines->count; i++)
        if (lines->statement[i].kind == SETUP_SHORT)
            return true;
    return false;
}

void tell_shorthand(pass *p, parsed *item, int count, const setup *extra)
{
    static const char *const signs[] = { "d", "delta" };
    bool said = says_shorthand(extra);
    for (int i = 0; i < count; i++)
        said |= says_shorthand(&item[i].setup);
    for (size_t k = 0; !said && k < sizeof signs / sizeof *signs; k++) {
        series *s = ARENA_NEW(p->arena, series);
        if (!s)
            return;
        s->sign = signs[k];
        find_known(s, item, count, extra);
        find_series(s, item, count);
        const tree *loss = s->count >= SERIES && s->backward && !s->forward ? loss_of(s, item, count, extra) : NULL;
        if (!loss)
            continue;
        p->scope->differential = s->sign;
        p->scope->differential_of = loss;
        p->scope->differential_assumed = true;
        return;
    }
}

static bool speaks_so(const tree *t, const char *sign)
{
    if (has_sign(t, sign))
        return true;
    for (int i = 0; i < t->count; i++)
        if (speaks_so(t->child[i], sign))
            return true;
    return false;
}

void doubt_shorthand(pass *p)
{
    const char *sign = p->scope->differential_assumed ? p->scope->differential : NULL;
    bool confirmed = !sign;
    for (int i = 0; i < p->entries && !confirmed; i++)
        confirmed = p->entry[i].finding->verdict == CHECK_HOLDS && speaks_so(p->entry[i].formula, sign);
    for (int i = 0; i < p->entries && !confirmed; i++)
        if (p->entry[i].finding->verdict == CHECK_FAILS && speaks_so(p->entry[i].formula, sign))
            not_read(p->entry[i].finding,
                     arena_format(p->arena,
                                  "what the sign in front of the names stands for is not said, and nothing holds with "
                                  "the derivatives of $%s$: \"%sX means ...\" in the setup would decide",
                                  latex_text(p->arena, p->scope->differential_of, LATEX_SOURCE),
                                  strcmp(sign, "d") ? "\\delta " : "d"));
}
