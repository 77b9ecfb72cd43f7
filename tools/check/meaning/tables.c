/* Tables told apart by the letters of their indices: w_{ih}, w_{hk}, with i, h and k of different ranges, are two
 * matrices; a_h and a_k two vectors; delta_j, with a j that nobody declares, speaks of all of them. */
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

enum { VARIANTS_MOST = 128 };

typedef struct variant {
    const char *base;    /* the name with its labels: "w", "w_\iota" */
    const char *bare;    /* ... without them */
    const char *classes; /* the ranges of its indices: "I,H"; "" for none */
    const char *letters; /* ... and they themselves: "i,h" */
    bool by_letter;      /* the setup gives another one with these ranges: w_{h\phi} beside w_{c\phi} */
    int count;           /* of its indices */
    const tree *only;    /* its one subscript, if it is one: a letter or a label */
    bool given;          /* by the setup */
} variant;

typedef struct labelled { /* e_o, on a left side or given */
    const char *name, *label;
} labelled;

typedef struct tables {
    scope *scope;
    labelled labelled[VARIANTS_MOST];
    int labelleds;
    variant variant[VARIANTS_MOST]; /* introduced by the setup or on a left side */
    int variants;
} tables;

typedef struct bounds { /* of the sums around */
    const tree *sum;
    const struct bounds *outer;
} bounds;

/* The range that a letter counts, as text; NULL: it is no index of elements. */
static const char *class_of(scope *s, const tree *t, const bounds *around)
{
    if (!scope_plain(t))
        return NULL;
    const letter_row *l = scope_declared(s, t->name);
    if (l && (l->kind != LETTER_INDEX || scope_is_time(s, l->letter)))
        return NULL;
    if (l && l->range)
        return latex_text(s->arena, l->range, LATEX_SOURCE);
    for (; around && !l; around = around->outer)
        for (int i = 0; i < around->sum->bounds; i++)
            if (!strcmp(around->sum->bound[i].index, t->name) && around->sum->bound[i].to &&
                !scope_mentions_time(s, around->sum->bound[i].to, NULL) &&
                !scope_mentions_time(s, around->sum->bound[i].from, NULL)) /* \prod_{r=t}^{1} runs over steps, too */
                return latex_text(s->arena, around->sum->bound[i].to, LATEX_SOURCE);
    return NULL;
}

/* o of e_o: a letter that is no index. */
static bool is_label(scope *s, const tree *t)
{
    return scope_plain(t) && strlen(t->name) == 1 && !strchr("ijklmntT", t->name[0]) && !class_of(s, t, NULL) &&
           !scope_mentions_time(s, t, NULL);
}

static void note_labelled(tables *b, const tree *t)
{
    t = t->kind == TREE_POW ? t->child[0] : t;
    for (int i = 0; t->kind == TREE_SYMBOL && i < t->count && b->labelleds < VARIANTS_MOST; i++)
        if (is_label(b->scope, t->child[i]))
            b->labelled[b->labelleds++] = (labelled){ t->name, t->child[i]->name };
}

static bool is_noted(const tables *b, const tree *name, const tree *label)
{
    for (int i = 0; i < b->labelleds; i++)
        if (!strcmp(b->labelled[i].name, name->name) && !strcmp(b->labelled[i].label, label->name))
            return true;
    return false;
}

/* w_{i\iota}, and e_{ok} beside e_o: an index and a label side by side. */
static void take_apart(tables *b, tree *t)
{
    scope *s = b->scope;
    for (int i = 0; i < t->count; i++) {
        const tree *pair = t->child[i];
        int indices = 0, labels = 0;
        for (int k = 0; k < pair->count && pair->kind == TREE_MUL; k++) {
            const tree *one = pair->child[k];
            bool plain = scope_plain(one), index = plain && class_of(s, one, NULL);
            indices += index;
            labels += plain && !index && (one->name[0] == '\\' || is_noted(b, t, one));
        }
        if (!indices || !labels || indices + labels != pair->count)
            continue;
        tree **child = ARENA_ARRAY(s->arena, tree *, t->count + pair->count);
        if (!child)
            return;
        int count = 0;
        for (int k = 0; k < t->count; k++)
            for (int m = 0; m < (k == i ? pair->count : 1); m++)
                child[count++] = k == i ? pair->child[m] : t->child[k];
        t->child = child, t->count = count;
        return;
    }
}

/* t, t + 1, T, or the k of a sum over steps: a step of the same table. */
static bool is_step(scope *s, const tree *t, const bounds *around)
{
    for (; around && scope_plain(t); around = around->outer)
        for (int i = 0; i < around->sum->bounds; i++)
            if (!strcmp(around->sum->bound[i].index, t->name))
                return scope_mentions_time(s, around->sum->bound[i].from, NULL) ||
                       scope_mentions_time(s, around->sum->bound[i].to, NULL) ||
                       scope_mentions_time(s, around->sum->bound[i].relation, NULL);
    return scope_mentions_time(s, t, NULL);
}

static variant variant_of(scope *s, const tree *t, const bounds *around)
{
    text base = { .arena = s->arena }, classes = base, letters = base;
    variant v = { .only = t->count == 1 && scope_plain(t->child[0]) ? t->child[0] : NULL };
    text_format(&base, "%s%s%s", t->accents, *t->accents ? " " : "", t->name);
    for (int i = 0; i < t->primes; i++)
        text_add(&base, "'");
    v.bare = arena_format(s->arena, "%s", text_done(&base));
    for (int i = 0; i < t->count; i++) {
        const tree *sub = t->child[i];
        bool pair = sub->kind == TREE_MUL;
        for (int k = 0; k < (pair ? sub->count : 1); k++) {
            const tree *one = pair ? sub->child[k] : sub;
            const char *range = class_of(s, one, around);
            if (range) {
                text_format(&classes, "%s%s", v.count ? "," : "", range);
                text_format(&letters, "%s%.*s", v.count ? "," : "", (int)strcspn(one->name, "'"), one->name);
                v.count++;
            } else if (!is_step(s, one, around)) /* y_j(t) beside y_k: two tables, one of them without steps */
                text_format(&base, "_%s", latex_text(s->arena, one, LATEX_SOURCE));
        }
    }
    v.base = text_done(&base);
    v.classes = text_done(&classes);
    v.letters = text_done(&letters);
    for (char *p = (char *)(uintptr_t)v.classes; *p; p++) /* these have a meaning in a key */
        *p = strchr("_^ ", *p) ? '.' : *p;
    return v;
}

static tree *bottom(tree *t)
{
    return t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL ? t->child[0] : t;
}

/* a^l, with labels l = 1, 2, 3: then a^{l-1} and a^3 are no powers either. */
static void note_layer(scope *s, const tree *t)
{
    const letter_row *l =
        t->child[0]->kind == TREE_SYMBOL && scope_plain(t->child[1]) ? scope_declared(s, t->child[1]->name) : NULL;
    if (!l || l->kind != LETTER_LABEL || !l->labels || l->label[0][0] < '0' || l->label[0][0] > '9')
        return;
    for (int i = 0; i < s->layereds; i++)
        if (!strcmp(s->layered[i], t->child[0]->name))
            return;
    if (s->layereds < (int)(sizeof s->layered / sizeof *s->layered))
        s->layered[s->layereds++] = t->child[0]->name;
}

static void walk_apart(tables *b, tree *t)
{
    if (t->kind == TREE_POW)
        note_layer(b->scope, t);
    if (t->kind == TREE_SYMBOL)
        take_apart(b, t);
    for (int i = 0; i < t->count; i++)
        walk_apart(b, t->child[i]);
}

static void introduce(tables *b, tree *t, bool given)
{
    tree *name = bottom(t);
    if (name->kind != TREE_SYMBOL || b->variants == VARIANTS_MOST)
        return;
    variant v = variant_of(b->scope, name, NULL);
    for (int i = 0; i < b->variants; i++) {
        variant *other = &b->variant[i];
        if (strcmp(other->base, v.base) != 0 || strcmp(other->classes, v.classes) != 0)
            continue;
        if (!given || !strcmp(other->letters, v.letters))
            return;
        other->by_letter = v.by_letter = true;
    }
    v.given = given;
    b->variant[b->variants++] = v;
}

/* The one of several with the same ranges whose letters stand here, as what tells it from the others; NULL: none. */
static const char *by_letters(const tables *b, const variant *v)
{
    for (int i = 0; i < b->variants; i++)
        if (b->variant[i].by_letter && !strcmp(b->variant[i].base, v->base) &&
            !strcmp(b->variant[i].classes, v->classes) && !strcmp(b->variant[i].letters, v->letters))
            return arena_format(b->scope->arena, "%s:%s", v->classes, v->letters);
    return NULL;
}

/* Marks the names of which there are several tables. */
static void mark(tables *b, tree *t, const bounds *around)
{
    bounds here = { t, around };
    if (t->bounds)
        around = &here;
    if (t->kind == TREE_SYMBOL) {
        variant v = variant_of(b->scope, t, around);
        int others = 0, same = 0;
        for (int i = 0; i < b->variants && v.count; i++)
            if (b->variant[i].count == v.count && !strcmp(b->variant[i].base, v.base)) {
                others++;
                same += !strcmp(b->variant[i].classes, v.classes);
            }
        const char *letters = by_letters(b, &v);
        if (letters)
            t->table = letters;
        else if (others > 1 || (others == 1 && !same && v.count == 1)) /* b_h is not the b_c that a formula defines */
            t->table = v.classes;
        return;
    }
    for (int i = 0; i < t->count; i++)
        mark(b, t->child[i], around);
    if (t->sub)
        mark(b, t->sub, around);
}

/* ---- A letter for any of them ---- */

static bool is_generic(scope *s, const tree *t)
{
    return scope_plain(t) && strlen(t->name) == 1 && strchr("ijklmnuv", t->name[0]) && !scope_declared(s, t->name) &&
           !scope_size(s, t->name);
}

/* The first undeclared letter that is the one subscript of a name of which there are several; their subscripts. */
static const char *generic_in(tables *b, const tree *t, const tree **each, int *count)
{
    if (t->kind == TREE_SYMBOL && t->count == 1 && is_generic(b->scope, t->child[0])) {
        variant v = variant_of(b->scope, t, NULL);
        *count = 0;
        for (int i = 0; i < b->variants; i++) /* W_u, which is given beside W_\kappa, is no W of any u */
            if (b->variant[i].given && !strcmp(b->variant[i].bare, v.bare) && b->variant[i].only &&
                !strcmp(b->variant[i].only->name, t->child[0]->name))
                return NULL;
        for (int i = 0; i < b->variants && *count < 16; i++)
            if (!strcmp(b->variant[i].bare, v.bare) && b->variant[i].only &&
                !is_generic(b->scope, b->variant[i].only) &&
                (b->variant[i].count || b->variant[i].only->name[0] == '\\'))
                each[(*count)++] = b->variant[i].only;
        if (*count > 1)
            return t->child[0]->name;
    }
    for (int i = 0; i < t->bounds; i++)
        if (strlen(t->bound[i].index) == 1 && strchr("ijklmnuv", t->bound[i].index[0]))
            return NULL;
    for (int i = 0; i < t->count; i++) {
        const char *found = generic_in(b, t->child[i], each, count);
        if (found)
            return found;
    }
    return NULL;
}

static tree *with_letter(arena *a, const tree *t, const char *letter, const tree *to)
{
    tree *copy = ARENA_NEW(a, tree);
    if (!copy)
        return NULL;
    *copy = scope_plain(t) && !strcmp(t->name, letter) ? *to : *t;
    copy->join = t->join, copy->quantity = NULL;
    copy->child = ARENA_ARRAY(a, tree *, t->count ? t->count : 1);
    for (int i = 0; copy->child && i < t->count; i++)
        if (!(copy->child[i] = with_letter(a, t->child[i], letter, to)))
            return NULL;
    return copy->child ? copy : NULL;
}

int scope_each_table(scope *s, tree *formula, tree **out, int most)
{
    const tables *known = s->tables;
    const tree *each[16];
    int count = 0, made = 0;
    tables b = known ? *known : (tables){ 0 };
    const char *letter = known ? generic_in(&b, formula, each, &count) : NULL;
    for (int i = 0; letter && i < count && made < most; i++)
        if ((out[made] = with_letter(s->arena, formula, letter, each[i])))
            made++;
    return made;
}

/* ---- An index that is left to be understood ---- */

static int letters_in(scope *s, const tree *t, const char **letter)
{
    free_letter letters[8];
    int count = scope_free(s, t, letters, 8), elements = 0;
    for (int i = 0; i < count; i++)
        if (letters[i].kind == LETTER_INDEX && !scope_is_time(s, letters[i].letter)) {
            *letter = letters[i].letter;
            elements++;
        }
    return elements;
}

static void append(scope *s, tree *t, const char *base, const char *letter)
{
    if (t->kind == TREE_SYMBOL) {
        variant v = variant_of(s, t, NULL);
        tree *index = ARENA_NEW(s->arena, tree), **child = ARENA_ARRAY(s->arena, tree *, t->count + 1);
        if (strcmp(v.base, base) || v.count || !index || !child)
            return;
        *index = (tree){ .kind = TREE_SYMBOL, .name = letter, .accents = "", .style = "", .height = 1 };
        if (t->count)
            memcpy(child, t->child, (size_t)t->count * sizeof *child);
        child[t->count] = index;
        t->child = child, t->count++, t->quantity = NULL;
        return;
    }
    for (int i = 0; i < t->count; i++)
        append(s, t->child[i], base, letter);
}

/* \epsilon_s^t = \partial O / \partial s_c^t: there is one for each c. */
static void understand(tables *b, tree **formula, int count)
{
    for (int i = 0; i < count; i++) {
        tree *r = formula[i]->child[0];
        const char *letter = NULL, *none = NULL;
        if (r->kind != TREE_RELATION || r->count != 2 ||
            (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED) || r->child[1]->kind != TREE_DERIV ||
            bottom(r->child[0])->kind != TREE_SYMBOL || !bottom(r->child[0])->count ||
            letters_in(b->scope, r->child[0], &none) || letters_in(b->scope, r->child[1], &letter) != 1)
            continue;
        variant v = variant_of(b->scope, bottom(r->child[0]), NULL);
        for (int k = 0; k < count; k++)
            append(b->scope, formula[k], v.base, letter);
    }
}

/* ---- All of a scene ---- */

void scope_tables(scope *s, tree **formula, int count, tree **given, int givens)
{
    tables *b = ARENA_NEW(s->arena, tables);
    if (!b)
        return;
    b->scope = s;
    for (int i = 0; i < givens; i++)
        note_labelled(b, given[i]);
    for (int i = 0; i < count; i++)
        if (formula[i]->child[0]->kind == TREE_RELATION)
            note_labelled(b, formula[i]->child[0]->child[0]);
    for (int i = 0; i < count; i++)
        walk_apart(b, formula[i]);
    for (int i = 0; i < givens; i++)
        walk_apart(b, given[i]);
    understand(b, formula, count);
    for (int i = 0; i < givens; i++)
        introduce(b, given[i], true);
    for (int i = 0; i < count; i++) {
        const tree *r = formula[i]->child[0];
        if (r->kind == TREE_RELATION && (r->relations[0] == REL_EQ || r->relations[0] == REL_DEFINED))
            introduce(b, r->child[0], false);
    }
    s->tables = b;
}

void scope_mark_tables(scope *s, tree *t)
{
    tables *b = (tables *)(uintptr_t)s->tables;
    if (b)
        mark(b, t, NULL);
}
