/* A setup for a document that has none: what its formulas say of names, steps, sizes and the loss, line by line with
 * the reason, for a teacher to edit. */
#include "check.h"
#include "pass.h"
#include "meaning.h"
#include "reader.h"

#include <string.h>

enum { NAMES_MOST = 200 };

typedef struct named {
    const char *key, *shown; /* as it is to be given: with its t, without its elements */
    const quantity *quantity;
    bool timed, defined, differentiated, logarithm, read; /* read: by another definition at the same step */
    bool backward;                                        /* it is defined by a derivative */
    int line, indices;                                    /* with which it was seen at most */
} named;

typedef struct proposal {
    arena *arena;
    scope scope;
    tree *formula[4096];
    int line[4096], formulas;
    named name[NAMES_MOST];
    int names;
    const char *index[32], *range[32];
    int indices;
    bool shorthand, batch, classes; /* classes: some pick elements, p_{t,w_t} */
    suggestion *how;
    const char *sign; /* "\\nabla X", "F\\_X": what stands for the loss's derivative besides dX, or NULL */
} proposal;

/* ---- Letters ---- */

static void add_size(proposal *p, const char *letter)
{
    if (!scope_size(&p->scope, letter) && p->scope.sizes < 32)
        p->scope.size[p->scope.sizes++] = (size_name){ .letter = letter };
}

static bool is_capital(const tree *t)
{
    return t && t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && t->name[0] >= 'A' &&
           t->name[0] <= 'Z' && !t->name[1];
}

/* \sum_{k=1}^{K}: K. \sum_{w \in \mathcal V}: V, or what all are as long as. NULL: it does not say. */
static const char *range_of(const proposal *p, const tree_bound *b)
{
    bool letter = b->whole && *b->whole >= 'A' && *b->whole <= 'Z' && !b->whole[1];
    if (is_capital(b->to))
        return b->to->name;
    return !letter ? NULL : p->how->square ? "N" : b->whole;
}

/* \sum_{k=1}^{K}: K is a size, and k counts to it. R^{H \times I}: both are sizes. */
static void find_letters(proposal *p, const tree *t)
{
    for (int i = 0; i < t->bounds; i++) {
        const tree_bound *b = &t->bound[i];
        const char *range = range_of(p, b), *letter = arena_text(p->arena, b->index, strcspn(b->index, "'"));
        if (!range || !letter)
            continue;
        add_size(p, range);
        bool known = !strcmp(range, "T") || !strcmp(letter, "t");
        for (int k = 0; k < p->indices; k++)
            known |= !strcmp(p->index[k], letter);
        if (!known && p->indices < 32)
            p->index[p->indices] = letter, p->range[p->indices++] = range;
    }
    if (t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL && t->child[0]->style &&
        !strcmp(t->child[0]->style, "bb")) {
        const tree *space = t->child[1];
        for (int i = 0; i < (space->kind == TREE_MUL ? space->count : 1); i++) {
            const tree *one = space->kind == TREE_MUL ? space->child[i] : space;
            if (is_capital(one))
                add_size(p, one->name);
        }
    }
    p->batch |= t->kind == TREE_ONES && t->sub && t->sub->kind == TREE_SYMBOL && !strcmp(t->sub->name, "B");
    for (int i = 0; i < t->count; i++)
        find_letters(p, t->child[i]);
}

/* ---- Names ---- */

static bool is_common(const char *key)
{
    static const char *const names[] = { "e",     "\\pi",     "I",     "f",       "g",
                                         "\\phi", "\\varphi", "\\psi", "\\theta", "\\mathbb R" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(names[i], key))
            return true;
    return meaning_is_function(key);
}

/* Would a line of the setup take it? */
static bool can_be_given(proposal *p, const char *shown)
{
    setup lines = setup_read(p->arena, arena_format(p->arena, "given %s", shown), 1);
    return !lines.sentence && lines.count == 1;
}

static bool has_derivative(const tree *t)
{
    if (t->kind == TREE_DERIV || (t->kind == TREE_SYMBOL && t->accents && !strcmp(t->accents, "d")))
        return true;
    for (int i = 0; i < t->count; i++)
        if (has_derivative(t->child[i]))
            return true;
    return false;
}

/* Does it stand without a step, but for at the first? */
static bool without_step(scope *s, const tree *t, const char *key)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use)) {
        if (!strcmp(use.key, key) && !use.indices)
            return true;
    }
    for (int i = 0; i < t->count; i++)
        if (without_step(s, t->child[i], key))
            return true;
    return false;
}

static bool stands_alone(proposal *p, const char *key)
{
    for (int i = 0; i < p->formulas; i++)
        if (without_step(&p->scope, p->formula[i]->child[0], key))
            return true;
    return false;
}

static bool holds_letter(const tree *t, const char *letter)
{
    for (int i = 0; i < t->count; i++)
        if ((t->child[i]->kind == TREE_SYMBOL && !strcmp(t->child[i]->name, letter)) ||
            holds_letter(t->child[i], letter))
            return true;
    return false;
}

/* p_{t,w_{t+1}}: an element that a class of the step picks; w_{t+1} is no part of a name. */
static bool by_class_of_step(const tree *t)
{
    for (int i = 0; i < t->count; i++)
        if (t->child[i]->kind == TREE_SYMBOL && holds_letter(t->child[i], "t"))
            return true;
    return false;
}

static named *name_of(proposal *p, const tree *t, const binding *env, int line)
{
    symbol_use use;
    scope *s = &p->scope;
    if (scope_differential(s, t) || !scope_symbol(s, t, env, &use) || scope_is_index(s, t, env) || t->primes ||
        (t->style && !strcmp(t->style, "bb")))
        return NULL;
    for (int i = 0; i < p->names; i++)
        if (!strcmp(p->name[i].key, use.key)) {
            p->name[i].indices = use.indices > p->name[i].indices ? use.indices : p->name[i].indices;
            return &p->name[i];
        }
    const quantity *q = scope_quantity(s, t, env);
    if (by_class_of_step(t)) {
        p->classes = true;
        return NULL;
    }
    if (q && !q->timed && scope_delta(s, &use) == DELTA_KRONECKER)
        return NULL;
    if (!q || (is_common(use.key) && !(q->timed && !strcmp(use.key, "e"))) || strstr(q->shown, "eddycopy") ||
        p->names == NAMES_MOST)
        return NULL;
    const char *under = strrchr(q->shown, '}'), *shown = q->shown;
    if (q->timed && !q->definitions && stands_alone(p, q->key)) /* W^{(t)} is the copy of W that step t uses */
        ;
    else if (q->timed && strstr(shown, "_{") && under && !under[1])
        shown = arena_format(p->arena, "%.*s,t}", (int)(under - shown), shown);
    else if (q->timed && !strncmp(s->raised_time ? "^" : "", "^", 1) && s->raised_time && !strchr(shown, '^'))
        shown = arena_format(p->arena, "%s^t", shown);
    else if (q->timed)
        shown = arena_format(p->arena, "%s_t", shown);
    if (!can_be_given(p, shown))
        return NULL;
    p->name[p->names] = (named){ .key = use.key, .shown = shown, .quantity = q, .line = line, .indices = use.indices };
    p->name[p->names].timed = q->timed && (q->definitions || !stands_alone(p, q->key));
    p->name[p->names].defined = q->definitions > 0;
    for (int k = 0; k < q->definitions; k++)
        p->name[p->names].backward |= has_derivative(q->definition[k]->value);
    return &p->name[p->names++];
}

static void find_names(proposal *p, const tree *t, const binding *env, int line)
{
    binding bound[4];
    for (int i = 0; i < t->bounds && i < 4; i++) {
        bound[i] = (binding){ .letter = t->bound[i].index, .kind = LETTER_INDEX, .value = 1, .outer = env };
        env = &bound[i];
    }
    const tree *base = t->kind == TREE_POW ? t->child[0] : t;
    if (base->kind == TREE_SYMBOL && base->style && !strcmp(base->style, "bb"))
        return;
    if (scope_is_name(&p->scope, t, env)) {
        name_of(p, t, env, line);
        return;
    }
    if (t->kind == TREE_DERIV && scope_is_name(&p->scope, t->child[0], env)) {
        named *n = name_of(p, t->child[0], env, line);
        if (n)
            n->differentiated = true;
    }
    for (int i = 0; i < t->count; i++) {
        const tree *c = t->child[i], *next = t->kind == TREE_MUL && i + 1 < t->count ? t->child[i + 1] : NULL;
        const tree *left = c->kind == TREE_TRANSPOSE ? c->child[0] : c;
        bool called = next && next->brackets == '(' && next->join == JOIN_BESIDE && c->kind == TREE_SYMBOL && !c->count;
        if (called && next->kind == TREE_SYMBOL && !next->count) { /* f(x) = ...: neither is a quantity */
            i++;
            continue;
        }
        if (next && next->kind == TREE_APPLY && (!strcmp(next->name, "\\log") || !strcmp(next->name, "\\ln")) &&
            scope_is_name(&p->scope, left, env)) {
            named *n = name_of(p, left, env, line);
            if (n)
                n->logarithm = true;
        }
        find_names(p, c, env, line);
    }
}

/* Which names a definition reads at its own step. */
static void find_reads(proposal *p, const tree *t, const named *by)
{
    symbol_use use;
    if (scope_is_name(&p->scope, t, NULL)) {
        if (!scope_symbol(&p->scope, t, NULL, &use))
            return;
        bool now = !use.indices || (use.index[0]->kind == TREE_SYMBOL && !strcmp(use.index[0]->name, "t"));
        for (int i = 0; i < p->names && now; i++)
            if (&p->name[i] != by && !strcmp(p->name[i].key, use.key))
                p->name[i].read = true;
        return;
    }
    for (int i = 0; i < t->count; i++)
        find_reads(p, t->child[i], by);
}

/* ---- The document ---- */

/* \nabla z_t = ... or F\_x_i = ..., more than once on left sides. */
static const char *sign_of(arena *a, const document *d)
{
    int nablas = 0, marks = 0, deltas = 0;
    char mark = 0;
    for (int i = 0; i < d->count; i++) {
        const char *s = d->item[i].source;
        if (d->item[i].kind != DOCUMENT_FORMULA || !d->item[i].display)
            continue;
        s += strspn(s, " \t\n&");
        if (!strncmp(s, "\\nabla", 6) && s[6 + strspn(s + 6, " ")] != '_' && s[6])
            nablas++;
        const char *next = s + 6 + (strncmp(s, "\\delta", 6) == 0 ? strspn(s + 6, " ") : 0);
        if (!strncmp(s, "\\delta", 6) && *next && !strchr("_^=({[", *next) &&
            !(*next == '\\' && !strncmp(next, "\\stackrel", 9)))
            deltas++;
        if (*s >= 'A' && (*s | 0x20) <= 'z' && s[1] == '\\' && s[2] == '_' && (!mark || mark == *s)) {
            mark = *s;
            marks++;
        }
    }
    return deltas > 1 ? "\\delta X" : nablas > 1 ? "\\nabla X" : marks > 1 ? arena_format(a, "%c\\_X", mark) : NULL;
}

static void read_formulas(proposal *p, const document *d)
{
    spellings *s = ARENA_NEW(p->arena, spellings);
    if (!s)
        return;
    s->arena = p->arena;
    p->sign = sign_of(p->arena, d);
    if (p->sign)
        spellings_of_setup(s, arena_format(p->arena, "%s means \\partial L / \\partial X\n", p->sign));
    for (int i = 0; i < d->count; i++)
        if (d->item[i].kind == DOCUMENT_FORMULA)
            spellings_of_formula(s, d->item[i].source);
    for (int i = 0; i < d->count; i++) {
        if (d->item[i].kind != DOCUMENT_FORMULA)
            continue;
        const char *source = spell_formula(s, d->item[i].source);
        latex_result r = latex_read(p->arena, source, strlen(source));
        for (int k = 0; k < r.count && p->formulas < 4096; k++) {
            if (!d->item[i].display && r.formula[k]->child[0]->kind != TREE_RELATION)
                continue;
            p->line[p->formulas] = d->item[i].line;
            p->formula[p->formulas++] = r.formula[k];
        }
    }
}

/* dW = ..., beside W: the d stands for the loss's derivative. */
static bool has_shorthand(const proposal *p)
{
    int count = 0;
    for (int i = 0; i < p->formulas; i++) {
        const tree *r = p->formula[i]->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : r;
        if (left->kind == TREE_POW)
            left = left->child[0];
        count += left->kind == TREE_SYMBOL && !strcmp(left->accents, "d");
    }
    return count > 1;
}

static void fill(proposal *p)
{
    scope *s = &p->scope;
    add_size(p, "T");
    for (int i = 0; i < p->formulas; i++)
        find_letters(p, p->formula[i]);
    if (p->batch)
        add_size(p, "B");
    for (int i = 0; i < p->indices; i++) {
        tree *range = ARENA_NEW(p->arena, tree);
        if (!range)
            return;
        *range = (tree){ .kind = TREE_SYMBOL, .name = p->range[i], .accents = "", .style = "", .height = 1 };
        s->letter[s->letters++] = (letter_row){ .letter = p->index[i], .kind = LETTER_INDEX, .range = range };
    }
    bool delta = p->sign && !strcmp(p->sign, "\\delta X");
    p->shorthand = delta || has_shorthand(p);
    if (p->shorthand)
        s->differential = delta ? "delta" : "d";
    for (int i = 0; i < p->formulas; i++) {
        if (p->shorthand)
            latex_merge(p->arena, p->formula[i], s->differential, NULL);
        scope_survey(s, p->formula[i]);
    }
    scope_adopt_letters(s);
    for (int i = 0; i < p->formulas; i++) {
        const tree *r = p->formula[i]->child[0];
        fault f = { 0 };
        if (r->kind == TREE_RELATION && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED))
            scope_define(s, p->formula[i], r->child[0], r->child[1], &f);
    }
    for (int i = 0; i < p->formulas; i++)
        find_names(p, p->formula[i]->child[0], NULL, p->line[i]);
    for (int i = 0; i < p->names; i++)
        for (int k = 0; k < p->name[i].quantity->definitions; k++)
            find_reads(p, p->name[i].quantity->definition[k]->value, &p->name[i]);
}

/* ---- In words ---- */

typedef enum sort { SORT_INPUT, SORT_CLASS, SORT_PARAMETER, SORTS } sort;

/* What is differentiated; or what is called so, but for an E that other definitions read. */
static bool is_loss(const named *n)
{
    static const char *const usual[] = { "L", "E", "J", "O", "loss", "\\ell" };
    bool loss = n->differentiated;
    for (size_t k = 0; k < sizeof usual / sizeof *usual && (n->defined || !n->read); k++)
        loss |= !strcmp(n->key, usual[k]);
    return loss && !n->timed;
}

/* How a name's shape is written where all have one size: capitals are matrices, Greek letters with no step numbers. */
static const char *square_shape(const named *n)
{
    const char *name = n->key + strspn(n->key, "{ ");
    static const char *const fonts[] = { "\\mathbf{", "\\boldsymbol{", "\\mathrm{" };
    for (size_t k = 0; k < sizeof fonts / sizeof *fonts; k++)
        if (!strncmp(name, fonts[k], strlen(fonts[k])))
            name += strlen(fonts[k]);
    bool greek = *name == '\\' && !strchr(name, '{'),
         capital = (*name >= 'A' && *name <= 'Z') || (greek && name[1] >= 'A' && name[1] <= 'Z');
    int rank = n->timed ? 1 : capital ? 2 : greek ? 0 : 1;
    if (!n->timed && n->indices > rank)
        rank = n->indices;
    return rank > 1 ? "R^{N \\times N}" : rank ? "R^N" : "R";
}

static bool is_dropped(const suggestion *how, const char *shown)
{
    if (how->direct && !strcmp(how->direct, shown))
        return true;
    for (int k = 0; k < how->drops; k++)
        if (!strcmp(how->dropped[k], shown))
            return true;
    return false;
}

static void write_given(proposal *p, text *out, sort which)
{
    static const char *const reasons[SORTS] = {
        "no formula defines it, and it has a step: an input",
        "it stands beside a logarithm, or picks elements: a class",
        "no formula defines it, and it has no step: a parameter, shaped as it is used, or: in R^{... \\times ...}"
    };
    suggestion *how = p->how;
    int count = 0, line = 0;
    for (int i = 0; i < p->names; i++) {
        const named *n = &p->name[i];
        bool unit = p->classes && n->timed && !strcmp(n->key, "e"); /* the unit vector of a class */
        sort is = n->logarithm || unit ? SORT_CLASS : n->timed ? SORT_INPUT : SORT_PARAMETER;
        if (n->defined || is != which || is_loss(n) || is_dropped(how, n->shown))
            continue;
        if (how->givens < SUGGEST_NAMES)
            how->given[how->givens++] = n->shown;
        line = line ? line : n->line;
        text_format(out, "%s%s%s%s", count++ ? how->square ? "; " : ", " : "given ", n->shown,
                    how->square ? " in " : "", how->square ? square_shape(n) : "");
        if (how->square && which == SORT_CLASS)
            text_add(out, " one-hot");
    }
    if (count)
        text_format(out, "%s   # line %d: %s\n", which == SORT_CLASS && !how->square ? " one-hot" : "", line,
                    how->square ? "no formula defines it; N is the size of all: say others where they differ"
                                : reasons[which]);
}

/* Letters of elements that no sum says the range of: \delta_j. */
static void find_elements(const tree *t, bool found[26])
{
    for (int i = 0; i < t->count; i++) {
        const tree *c = t->child[i];
        if (t->kind == TREE_SYMBOL && c->kind == TREE_SYMBOL && !c->count && !*c->accents && c->name[0] >= 'a' &&
            c->name[0] <= 'z' && !c->name[1] && strchr("ijkmnpquv", c->name[0]))
            found[c->name[0] - 'a'] = true;
        find_elements(c, found);
    }
}

static void write_elements(proposal *p, text *out)
{
    bool found[26] = { false };
    int count = 0;
    for (int i = 0; i < p->formulas; i++)
        find_elements(p->formula[i]->child[0], found);
    for (int k = 0; k < p->indices; k++)
        if (p->index[k][0] >= 'a' && p->index[k][0] <= 'z' && !p->index[k][1])
            found[p->index[k][0] - 'a'] = false;
    for (int k = 0; k < 26; k++)
        if (found[k])
            text_format(out, "%s%c", count++ ? ", " : "index ", 'a' + k);
    if (count)
        text_add(out, " in N   # they stand below names\n");
}

static const named *loss_in(const proposal *p)
{
    const named *found = NULL;
    for (int i = 0; i < p->names; i++) {
        const named *n = &p->name[i];
        if (is_loss(n) && (!found || (n->differentiated && !found->differentiated)))
            found = n;
    }
    return found;
}

static void write_loss(proposal *p, text *out)
{
    const named *loss = loss_in(p);
    if (!loss && !p->shorthand)
        return;
    const char *name = loss ? loss->shown : "L";
    if (!loss || !loss->defined) {
        int count = 0;
        text_format(out, "loss %s reads", name);
        for (int i = 0; i < p->names; i++) {
            const named *n = &p->name[i];
            if (!n->timed || !n->defined || n->read || n->backward || is_dropped(p->how, n->shown))
                continue;
            if (p->how->givens < SUGGEST_NAMES)
                p->how->given[p->how->givens++] = n->shown;
            text_format(out, "%s %s", count++ ? "," : "", n->shown);
        }
        for (int i = p->names - 1; i >= 0 && !count; i--)
            if (p->name[i].timed && p->name[i].defined && !p->name[i].backward)
                text_format(out, " %s", p->name[i].shown), count++;
        if (!count)
            text_add(out, " h_t");
        if (p->how->direct)
            text_format(out, " direct %s", p->how->direct);
        text_format(out, "   # it is differentiated, and no formula defines it; nothing else reads %s\n",
                    count == 1 ? "this at its own step" : "these at their own step");
    }
    if (p->shorthand)
        text_format(out, "%s means \\partial %s / \\partial X   # it stands on left sides\n", p->sign ? p->sign : "dX",
                    name);
}

/* The largest number above a name, where the letter l stands above names, too; 0: it does not. */
static int layers_in(const tree *t, bool *letter)
{
    int most = 0;
    if (t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL) {
        const tree *up = t->child[1], *base = up->kind == TREE_ADD ? up->child[0] : up;
        *letter |= base->kind == TREE_SYMBOL && (!strcmp(base->name, "l") || !strcmp(base->name, "\\ell"));
        most = up->kind == TREE_NUMBER && up->value < 9 ? (int)up->value : 0;
    }
    for (int i = 0; i < t->count; i++) {
        int inside = layers_in(t->child[i], letter);
        most = inside > most ? inside : most;
    }
    return most;
}

static void write_layers(proposal *p, text *out)
{
    bool letter = false;
    int most = 0;
    for (int i = 0; i < p->formulas; i++) {
        int one = layers_in(p->formula[i]->child[0], &letter);
        most = one > most ? one : most;
    }
    for (int k = 1; letter && k <= (most > 1 ? most : 3); k++)
        text_format(out, k > 1 ? ", %d" : "labels l = %d", k);
    if (letter)
        text_add(out, "   # the layers\n");
}

const char *suggest_scene(arena *a, const document *d, suggestion *how)
{
    proposal *p = ARENA_NEW(a, proposal);
    text out = { .arena = a };
    if (!p)
        return NULL;
    p->arena = a;
    p->how = how;
    how->givens = 0;
    scope_start(&p->scope, a);
    read_formulas(p, d);
    fill(p);
    if (how->square)
        add_size(p, "N");
    text_add(&out, "sizes");
    for (int i = 0; i < p->scope.sizes; i++)
        text_format(&out, " %s", p->scope.size[i].letter);
    text_format(&out, "   # T steps%s; add a letter for each length that you want to speak of\n",
                p->batch ? ", B sequences, for there is a \\mathbf 1_B" : ", one sequence: nothing speaks of a batch");
    for (int i = 0; i < p->indices; i++)
        text_format(&out, "index %s in %s   # a sum counts so\n", p->index[i], p->range[i]);
    if (how->square)
        write_elements(p, &out);
    if (how->layers)
        write_layers(p, &out);
    for (int which = 0; which < SORTS; which++)
        write_given(p, &out, (sort)which);
    write_loss(p, &out);
    if (how->rows)
        text_add(&out, "convention rows   # so most formulas can be multiplied out\n");
    return a->failed ? NULL : text_done(&out);
}
