/* Does a formula say anything new? Trees are written as keys in which the same thing has the same text, whatever its
 * notation: a name that stands for a derivative is written out, steps are added up. */
#include "exercise_internal.h"

#include <stdio.h>
#include <string.h>

typedef struct bound_letter {
    const char *letter, *base; /* stands for base + shift */
    int64_t shift;
    const struct bound_letter *outer;
} bound_letter;

typedef struct key_writer {
    saying *saying;
    text out;
    bool own;
    int depth;
    const char *avoid; /* the key of a name that is being written out */
} key_writer;

static void write_key(key_writer *w, const tree *t, const bound_letter *env);

/* ---- Setup ---- */

static const tree *relation_of(const tree *formula)
{
    const tree *r = formula && formula->count ? formula->child[0] : NULL;
    return r && r->kind == TREE_RELATION && r->count > 1 ? r : NULL;
}

static void add_letter(saying *s, const char *letter)
{
    if (s->letters < (int)(sizeof s->letter / sizeof *s->letter))
        s->letter[s->letters++] = letter;
}

void saying_of_setup(saying *s, arena *a, const char *source)
{
    spellings spelled = { .arena = a };
    spellings_of_setup(&spelled, source);
    setup lines = setup_read(a, spell_setup(&spelled, source), 1);
    *s = (saying){ .arena = a };
    add_letter(s, "t");
    for (int i = 0; i < lines.count; i++) {
        const setup_statement *st = &lines.statement[i];
        if (st->kind == SETUP_LABELS || st->kind == SETUP_INDEX)
            add_letter(s, st->words);
        if (st->kind == SETUP_LABELS && s->labels < (int)(sizeof s->label / sizeof *s->label))
            s->label[s->labels++] = (label_letter){ st->words, st->list, st->count };
        if (st->kind == SETUP_SHORT && st->symbol) {
            s->accent = st->words;
            s->loss = st->symbol->name;
        }
        const tree *r = st->kind == SETUP_FORMULA ? relation_of(st->value) : NULL;
        if (!r)
            continue;
        const tree *right = r->child[r->count - 1];
        if (s->defines < NAMED_MOST)
            s->defined[s->defines++] = r;
        if (right->kind == TREE_DERIV && s->names < NAMED_MOST)
            s->name[s->names++] = (named){ .left = r->child[0], .right = right };
    }
}

void saying_add(saying *s, const tree *left, const tree *right)
{
    if (s->names < NAMED_MOST)
        s->name[s->names++] = (named){ .left = left, .right = right, .own = true };
}

/* ---- Indices ---- */

static bool is_letter(const saying *s, const char *name)
{
    for (int i = 0; i < s->letters; i++)
        if (!strcmp(s->letter[i], name))
            return true;
    return false;
}

/* An index as base + shift. */
static const char *index_of(key_writer *w, const tree *t, const bound_letter *env, int64_t *shift)
{
    *shift = 0;
    if (t->kind == TREE_NUMBER) {
        *shift = (int64_t)t->value;
        return "";
    }
    if (t->kind == TREE_NEG && t->child[0]->kind == TREE_NUMBER) {
        *shift = -(int64_t)t->child[0]->value;
        return "";
    }
    if (t->kind == TREE_SYMBOL && !t->count && !*t->accents) {
        for (const bound_letter *b = env; b; b = b->outer)
            if (!strcmp(b->letter, t->name)) {
                *shift = b->shift;
                return b->base;
            }
        return t->name;
    }
    if (t->kind == TREE_ADD) {
        const char *base = "";
        for (int i = 0; i < t->count; i++) {
            int64_t more;
            const char *one = index_of(w, t->child[i], env, &more);
            *shift += more;
            base = *base && *one ? arena_format(w->saying->arena, "%s+%s", base, one) : *one ? one : base;
        }
        return base;
    }
    text saved = w->out;
    w->out = (text){ .arena = w->saying->arena };
    write_key(w, t, env);
    const char *base = text_done(&w->out);
    w->out = saved;
    return base;
}

static void write_index(key_writer *w, const tree *t, const bound_letter *env)
{
    int64_t shift;
    if (t->kind == TREE_MUL) { /* W_{jm} is W_{j,m} */
        for (int i = 0; i < t->count; i++)
            write_index(w, t->child[i], env);
        return;
    }
    const char *base = index_of(w, t, env, &shift);
    text_format(&w->out, "%s%+lld;", base, (long long)shift);
}

static void write_indices(key_writer *w, const tree *t, int from, const bound_letter *env)
{
    for (int i = from; i < t->count; i++)
        write_index(w, t->child[i], env);
}

/* ---- Names ---- */

static bool same_name(const tree *a, const tree *b)
{
    return a->kind == TREE_SYMBOL && b->kind == TREE_SYMBOL && !strcmp(a->name, b->name) &&
           !strcmp(a->accents, b->accents) && a->primes == b->primes;
}

/* May this stand for the letter? For a label's letter only one of its labels, or itself. */
static bool stands_for(const saying *s, const char *letter, const char *base)
{
    for (int i = 0; i < s->labels; i++) {
        if (strcmp(s->label[i].letter, letter) != 0)
            continue;
        bool one = !strcmp(letter, base);
        for (int k = 0; k < s->label[i].count && !one; k++)
            one = s->label[i].value[k]->kind != TREE_SYMBOL || !strcmp(s->label[i].value[k]->name, base);
        return one;
    }
    return is_letter(s, letter);
}

bool saying_is_element(const saying *s, const char *letter)
{
    for (int i = 0; i < s->labels; i++)
        if (!strcmp(s->label[i].letter, letter))
            return false;
    return strcmp(letter, "t") != 0 && is_letter(s, letter);
}

/* The pattern's letters bound to the use's indices; false if it is another name. */
static bool bind(key_writer *w, const tree *pattern, const tree *use, const bound_letter *env, bound_letter *out,
                 int *n)
{
    if (!same_name(pattern, use) || pattern->count > use->count || pattern->count > 8)
        return false;
    for (int i = 0; i < pattern->count; i++) {
        int64_t own, shift;
        const char *letter = index_of(w, pattern->child[i], NULL, &own);
        const char *base = index_of(w, use->child[i], env, &shift);
        if (is_letter(w->saying, letter)) {
            if (!stands_for(w->saying, letter, base))
                return false;
            out[*n] = (bound_letter){ letter, base, shift - own, *n ? &out[*n - 1] : NULL };
            ++*n;
        } else if (strcmp(letter, base) != 0 || own != shift)
            return false;
    }
    return true;
}

static void record(key_writer *w, const tree *shown, const tree *above, const tree *below)
{
    saying *s = w->saying;
    const char *over = above ? above->name : s->loss;
    text key = { .arena = s->arena };
    if (s->uses == USED_MOST)
        return;
    text_format(&key, "%s|", over && *over ? over : "?");
    if (below->kind == TREE_SYMBOL)
        text_format(&key, "%s %d %s", below->name, below->primes,
                    above ? below->accents : below->accents + strlen(s->accent));
    else
        text_add(&key, "?");
    s->used[s->uses++] = (used_derivative){ text_done(&key), latex_text(s->arena, shown, LATEX_SOURCE) };
}

static void write_bare(key_writer *w, const tree *t, const char *accents)
{
    while (*accents == ' ')
        accents++;
    text_format(&w->out, "<%s'%d^%s:", t->name, t->primes, accents);
}

static void write_derivative(key_writer *w, const tree *t, const tree *use, int extra, const bound_letter *env,
                             const bound_letter *outer)
{
    const tree *below = t->child[1];
    record(w, use ? use : t, t->child[0], below);
    text_add(&w->out, "D(");
    write_key(w, t->child[0], env);
    text_add(&w->out, "|");
    if (below->kind == TREE_SYMBOL) {
        write_bare(w, below, below->accents);
        write_indices(w, below, 0, env);
        if (use) /* \delta_{f,t,j} of \delta_{f,t}: the element's index belongs to what it is the derivative by */
            write_indices(w, use, extra, outer);
        text_add(&w->out, ">");
    } else
        write_key(w, below, env);
    if (t->held) {
        text_add(&w->out, "@");
        write_key(w, t->held, env);
    }
    text_add(&w->out, ")");
}

static void write_symbol(key_writer *w, const tree *t, const bound_letter *env)
{
    saying *s = w->saying;
    size_t n = s->accent ? strlen(s->accent) : 0;
    for (const bound_letter *b = env; b && !t->count && !*t->accents; b = b->outer)
        if (!strcmp(b->letter, t->name)) {
            text_format(&w->out, "<%s'0^:%+lld>", b->base, (long long)b->shift);
            return;
        }
    if (n && !strncmp(t->accents, s->accent, n) && (!t->accents[n] || t->accents[n] == ' ')) {
        record(w, t, NULL, t);
        text_format(&w->out, "D(<%s'0^:>|", s->loss);
        write_bare(w, t, t->accents + n);
        write_indices(w, t, 0, env);
        text_add(&w->out, ">)");
        return;
    }
    for (int i = 0; i < s->names && w->depth < 24; i++) {
        bound_letter bound[8];
        int bounds = 0;
        if ((s->name[i].own && !w->own) || s->name[i].active || !bind(w, s->name[i].left, t, env, bound, &bounds))
            continue;
        const tree *value = s->name[i].right;
        const bound_letter *inner = bounds ? &bound[bounds - 1] : NULL;
        w->depth++;
        s->name[i].active = true; /* h_t = ... h_{t-1}: once */
        if (value->kind == TREE_DERIV)
            write_derivative(w, value, t, s->name[i].left->count, inner, env);
        else
            write_key(w, value, inner);
        s->name[i].active = false;
        w->depth--;
        return;
    }
    write_bare(w, t, t->accents);
    write_indices(w, t, 0, env);
    text_add(&w->out, ">");
}

/* \delta^f_t where the setup knows \delta_{f,t}: the label in its place; NULL: it is a power. */
static const tree *lowered(key_writer *w, const tree *t, const bound_letter *env)
{
    const tree *base = t->child[0], *label = t->child[1];
    if (base->kind != TREE_SYMBOL || base->brackets || label->kind != TREE_SYMBOL || label->count)
        return NULL;
    tree *whole = ARENA_NEW(w->saying->arena, tree);
    if (!whole || !(whole->child = ARENA_ARRAY(w->saying->arena, tree *, base->count + 1)))
        return NULL;
    tree **child = whole->child;
    *whole = *base;
    whole->child = child;
    child[0] = (tree *)(uintptr_t)label;
    for (int i = 0; i < base->count; i++)
        child[i + 1] = base->child[i];
    whole->count = base->count + 1;
    for (int i = 0; i < w->saying->names; i++) {
        const named *n = &w->saying->name[i];
        bound_letter bound[8];
        int bounds = 0;
        if ((!n->own || w->own) && bind(w, n->left, whole, env, bound, &bounds) &&
            !bind(w, n->left, base, env, bound, &bounds))
            return whole;
    }
    return NULL;
}

static void write_key(key_writer *w, const tree *t, const bound_letter *env)
{
    const tree *whole = t->kind == TREE_POW ? lowered(w, t, env) : NULL;
    t = whole ? whole : t;
    if (w->out.length > KEY_LONGEST)
        return;
    if (t->kind == TREE_SYMBOL) {
        write_symbol(w, t, env);
        return;
    }
    if (t->kind == TREE_DERIV && t->count > 1) {
        write_derivative(w, t, NULL, 0, env, env);
        return;
    }
    if (t->kind == TREE_NUMBER) {
        text_format(&w->out, "#%g", t->value);
        return;
    }
    text_format(&w->out, "{%d%s%d", (int)t->kind, t->name ? t->name : "", t->primes);
    for (int i = 0; i < t->bounds; i++) {
        text_format(&w->out, "/%s", t->bound[i].index);
        if (t->bound[i].from)
            write_key(w, t->bound[i].from, env);
    }
    for (int i = 0; i < t->count; i++) {
        text_add(&w->out, ",");
        write_key(w, t->child[i], env);
    }
    text_add(&w->out, "}");
}

const char *saying_key(saying *s, const tree *t, bool own)
{
    key_writer w = { .saying = s, .out = { .arena = s->arena }, .own = own };
    s->uses = 0;
    write_key(&w, t, NULL);
    return w.out.length > KEY_LONGEST ? "" : text_done(&w.out);
}

bool saying_is_definition(saying *s, const tree *left, const tree *right)
{
    for (int i = 0; i < s->defines; i++) {
        bound_letter bound[8];
        int bounds = 0;
        key_writer w = { .saying = s, .out = { .arena = s->arena } };
        const tree *value = s->defined[i]->child[s->defined[i]->count - 1];
        if (!bind(&w, s->defined[i]->child[0], left, NULL, bound, &bounds))
            continue;
        write_key(&w, value, bounds ? &bound[bounds - 1] : NULL);
        if (!strcmp(text_done(&w.out), saying_key(s, right, false)))
            return true;
    }
    return false;
}
