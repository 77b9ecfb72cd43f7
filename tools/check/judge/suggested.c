/* What does not hold while something that it stands on is a guess, and nothing that holds confirms the guess, is not
 * called false. */
#include "pass.h"

#include <string.h>

enum { GUESSED_MOST = 200 };

/* What the setup gives, or says of a loss, among the names of a formula. */
static void find_guesses(scope *s, const tree *t, const quantity **out, int *count)
{
    symbol_use use;
    const tree *name = s->differential && scope_differential(s, t) ? scope_bare(s, t, s->differential) : t;
    if (scope_is_name(s, name, NULL)) {
        binding labels[4];
        if (!scope_symbol(s, name, first_labels(s, name, labels), &use) || !use.quantity)
            return;
        const quantity *q = use.quantity;
        bool known = !(q->drawn && q->kind == QUANTITY_GIVEN) && q->kind != QUANTITY_LOSS;
        for (int i = 0; i < *count; i++)
            known |= out[i] == q;
        if (!known && *count < GUESSED_MOST)
            out[(*count)++] = q;
        return;
    }
    for (int i = 0; i < t->count; i++)
        find_guesses(s, t->child[i], out, count);
}

/* x_t = ..., of an x that the setup gives. */
static const quantity *given_on_left(scope *s, const tree *formula)
{
    const tree *left = formula->child[0]->kind == TREE_RELATION ? formula->child[0]->child[0] : formula->child[0];
    const quantity *found[GUESSED_MOST];
    int count = 0;
    if (scope_is_name(s, left, NULL) && !scope_differential(s, left))
        find_guesses(s, left, found, &count);
    return count ? found[0] : NULL;
}

/* A slip of the pen has a simple repair, a wrong setup makes formulas false in no simple way; but that something should
 * be transposed, or is too much, may be either. */
static bool is_slip(const finding *f)
{
    return f->pattern && !strstr(f->pattern, "transpos") && !strstr(f->pattern, "the term");
}

/* A guess that the formula stands on, and that nothing which holds confirms. */
static const quantity *unconfirmed(scope *s, const tree *formula, const quantity *const *sure, int known)
{
    const quantity *here[GUESSED_MOST], *on_left = given_on_left(s, formula);
    int count = 0;
    find_guesses(s, formula, here, &count);
    for (int k = 0; k < count && !on_left; k++) {
        bool confirmed = false;
        for (int n = 0; n < known; n++)
            confirmed |= sure[n] == here[k];
        if (!confirmed)
            return here[k];
    }
    return on_left;
}

/* Five formulas that hold for each that does not, and none that was not understood: then the setup is right. */
static bool is_well_set(const pass *p)
{
    int holds = 0, fails = 0, open = p->court.unread;
    for (int i = 0; i < p->entries; i++) {
        const finding *f = p->entry[i].finding;
        holds += f->verdict == CHECK_HOLDS;
        fails += f->verdict == CHECK_FAILS && !is_slip(f);
        open += f->verdict == CHECK_NOT_READ || f->verdict == CHECK_UNRESOLVED;
    }
    return !open && holds >= 5 * fails;
}

void doubt_suggested(pass *p)
{
    scope *s = p->scope;
    const quantity **sure = ARENA_ARRAY(p->arena, const quantity *, GUESSED_MOST);
    int known = 0;
    if (!s->suggested || !sure)
        return;
    for (int i = 0; i < p->entries; i++)
        if (p->entry[i].finding->verdict == CHECK_HOLDS && !given_on_left(s, p->entry[i].formula))
            find_guesses(s, p->entry[i].formula, sure, &known);
    for (int i = 0; i < p->entries; i++) {
        finding *f = p->entry[i].finding;
        const quantity *guess = f->verdict == CHECK_FAILS ? unconfirmed(s, p->entry[i].formula, sure, known) : NULL;
        if (guess)
            not_read(f, arena_format(p->arena,
                                     "it does not hold with what the setup says of $%s$, which is suggested and "
                                     "confirmed by nothing that holds: say what it is, or delete the line "
                                     "\"suggested\"",
                                     guess->shown));
    }
    bool well = is_well_set(p);
    for (int i = 0; i < p->entries && !well; i++) {
        finding *f = p->entry[i].finding;
        if (f->verdict == CHECK_FAILS && !is_slip(f))
            not_read(f, "it does not hold with the suggested setup, and no small change makes it hold: look the setup "
                        "through, and delete the line \"suggested\" when it is right");
    }
}
