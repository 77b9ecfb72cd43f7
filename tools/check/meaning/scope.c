/* Names, letters and index expressions; see scope.h. */
#include "scope_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void scope_start(scope *s, arena *a)
{
    *s = (scope){ .arena = a, .name = "" };
}

size_name *scope_size(scope *s, const char *letter)
{
    for (int i = 0; i < s->sizes; i++)
        if (!strcmp(s->size[i].letter, letter))
            return &s->size[i];
    return NULL;
}

static bool is_split(const scope *s, const char *name)
{
    for (int i = 0; i < s->splits; i++)
        if (!strcmp(s->split[i], name))
            return true;
    return false;
}

quantity *scope_bare_quantity(scope *s, const char *letter)
{
    const size_name *size = scope_size(s, letter);
    quantity *q = scope_find(s, letter);
    bool other = (size && size->said) || !strcmp(letter, "\\pi"); /* H beside H_t, 2 \pi beside \pi_t */
    return other && q && q->timed && !is_split(s, letter) ? NULL : q;
}

size_name *scope_symbol_size(scope *s, const tree *t)
{
    if (t->kind != TREE_SYMBOL || *t->accents || t->primes || t->count > 1)
        return NULL;
    for (int i = 0; i < s->sizes; i++) {
        const char *name = s->size[i].letter;
        size_t n = strlen(t->name);
        if (!t->count && !strcmp(name, t->name))
            return &s->size[i];
        if (!t->count || strncmp(name, t->name, n) || name[n] != '_')
            continue;
        const tree *label = t->child[0];
        name += n + 1;
        if (label->kind != TREE_MUL && label->name && !label->count && !strcmp(label->name, name))
            return &s->size[i];
        bool same = label->kind == TREE_MUL && (size_t)label->count == strlen(name); /* d_{model} without \\mathrm */
        for (int k = 0; same && k < label->count; k++)
            same = label->child[k]->kind == TREE_SYMBOL && label->child[k]->name[0] == name[k] &&
                   !label->child[k]->name[1];
        if (same)
            return &s->size[i];
    }
    return NULL;
}

const tree *scope_bare_size(scope *s, const tree *t, const binding *env)
{
    double layer;
    if (t->kind == TREE_ABS && scope_symbol_size(s, t->child[0]))
        return t->child[0];
    if (t->kind != TREE_SYMBOL || t->count != 1 || t->child[0]->kind == TREE_NUMBER ||
        !scope_label_number(s, t->child[0], env, &layer))
        return t;
    tree *size = ARENA_NEW(s->arena, tree), *number = ARENA_NEW(s->arena, tree),
         **child = ARENA_ARRAY(s->arena, tree *, 1);
    if (!size || !number || !child)
        return t;
    *size = *t;
    *number =
        (tree){ .kind = TREE_NUMBER, .value = layer, .accents = "", .style = "", .brackets = t->child[0]->brackets };
    number->name = arena_format(s->arena, "%.15g", layer);
    child[0] = number;
    size->child = child, size->quantity = NULL;
    return scope_symbol_size(s, size) ? size : t;
}

/* How long the letter is that t', t'' and t_1 are other ones of; of any other name, all of it. */
static size_t other_letter(const char *name)
{
    size_t n = strcspn(name, "'_"), length = strlen(name);
    bool primes = n + strspn(name + n, "'") == length,
         digit = name[n] == '_' && n + 2 == length && name[n + 1] >= '0' && name[n + 1] <= '9';
    return primes || digit ? n : length;
}

const letter_row *scope_declared(const scope *s, const char *name)
{
    size_t n = other_letter(name);
    for (int i = 0; i < s->letters; i++)
        if (!strcmp(s->letter[i].letter, name))
            return &s->letter[i];
    for (int i = 0; i < s->letters && name[n]; i++) /* j' and j_1 count what j does */
        if (s->letter[i].kind == LETTER_INDEX && strlen(s->letter[i].letter) == n &&
            !memcmp(s->letter[i].letter, name, n))
            return &s->letter[i];
    return NULL;
}

/* t, and t', t'' and t_1, which are other steps */
static bool is_t(const char *name)
{
    return *name == 't' && other_letter(name) == 1;
}

bool scope_runs_over_batch(scope *s, const tree *index)
{
    if (index->kind != TREE_SYMBOL)
        return false;
    const letter_row *l = scope_declared(s, index->name);
    return l ? l->range && l->range->kind == TREE_SYMBOL && !strcmp(l->range->name, "B")
             : !strcmp(index->name, "b") && scope_size(s, "B");
}

symbol_use scope_sequence_first(scope *s, const symbol_use *use, int first)
{
    symbol_use sorted = *use;
    int last = use->indices - 1;
    if (last > first && !scope_runs_over_batch(s, use->index[first]) && scope_runs_over_batch(s, use->index[last])) {
        memmove(sorted.index + first + 1, sorted.index + first, (size_t)(last - first) * sizeof *sorted.index);
        sorted.index[first] = use->index[last];
    }
    return sorted;
}

letter_kind scope_letter(const scope *s, const char *name, const binding *env, const binding **bound)
{
    for (const binding *b = env; b; b = b->outer)
        if (!strcmp(b->letter, name)) {
            if (bound)
                *bound = b;
            return b->kind;
        }
    if (bound)
        *bound = NULL;
    const letter_row *declared = scope_declared(s, name);
    if (declared)
        return declared->kind;
    return is_t(name) ? LETTER_INDEX : LETTER_NONE;
}

bool scope_plain(const tree *t)
{
    return t->kind == TREE_SYMBOL && !t->count && !*t->accents && !t->primes && !t->table;
}

/* Does an index letter occur; is there anything but index letters, sizes and numbers? */
bool scope_index_parts(scope *s, const tree *t, const binding *env, bool *has_letter)
{
    if (t->kind == TREE_NUMBER)
        return !t->table; /* a label has one */
    if (t->kind == TREE_RANGE) {
        for (int i = 0; i < 2; i++)
            if (tree_range_end(t, i) && !scope_index_parts(s, t->child[i], env, has_letter))
                return false;
        return *has_letter = true;
    }
    if (scope_plain(t)) {
        if (scope_letter(s, t->name, env, NULL) == LETTER_INDEX)
            return *has_letter = true;
        return scope_size(s, t->name) || !strcmp(t->name, "T");
    }
    if (scope_symbol_size(s, scope_bare_size(s, t, env)))
        return true;
    if (t->kind != TREE_ADD && t->kind != TREE_NEG && t->kind != TREE_MUL && t->kind != TREE_DIV)
        return false;
    for (int i = 0; i < t->count; i++)
        if (!scope_index_parts(s, t->child[i], env, has_letter))
            return false;
    return true;
}

bool scope_is_index(scope *s, const tree *t, const binding *env)
{
    bool letter = false;
    return scope_index_parts(s, t, env, &letter);
}

struct use *scope_use(scope *s, const char *key)
{
    for (int i = 0; i < s->uses; i++)
        if (!strcmp(s->use[i].key, key))
            return &s->use[i];
    return NULL;
}

/* l - 1 where l is a label bound to a number: layers. */
bool scope_label_number(scope *s, const tree *t, const binding *env, double *out)
{
    const binding *bound = NULL;
    double x;
    if (t->kind == TREE_NUMBER) {
        *out = t->value;
        return true;
    }
    if (scope_plain(t)) {
        char *end;
        if (scope_letter(s, t->name, env, &bound) != LETTER_LABEL || !bound)
            return false;
        *out = strtod(bound->label, &end);
        return !*end && end != bound->label;
    }
    if (t->kind == TREE_NEG) {
        if (!scope_label_number(s, t->child[0], env, out))
            return false;
        *out = -*out;
        return true;
    }
    if (t->kind != TREE_ADD)
        return false;
    *out = 0;
    for (int i = 0; i < t->count; i++) {
        if (!scope_label_number(s, t->child[i], env, &x))
            return false;
        *out += x;
    }
    return true;
}

bool scope_is_name(scope *s, const tree *t, const binding *env)
{
    return t->kind == TREE_SYMBOL ||
           (t->kind == TREE_POW && (scope_is_label(s, t, env) || scope_is_raised_index(s, t, env)));
}

/* l, l - 1, 3 above a name that is counted by a letter of labels there: a^{l-1}, a^3 beside a^l. */
static bool scope_layer(const scope *s, const tree *base, const tree *up)
{
    bool layered = false;
    for (int i = 0; i < s->layereds; i++)
        layered |= !strcmp(s->layered[i], base->name);
    const char *letter = scope_label_in(s, up);
    return layered && (up->kind == TREE_NUMBER || (up->kind == TREE_ADD && letter));
}

const char *scope_label_in(const scope *s, const tree *t)
{
    if (scope_plain(t) && scope_declared(s, t->name) && scope_declared(s, t->name)->kind == LETTER_LABEL)
        return t->name;
    for (int i = 0; t->kind == TREE_ADD && i < t->count; i++)
        if (scope_plain(t->child[i]) && scope_label_in(s, t->child[i]))
            return t->child[i]->name;
    return NULL;
}

bool scope_is_label(scope *s, const tree *pow, const binding *env)
{
    const tree *base = pow->child[0], *exponent = pow->child[1];
    if (base->kind == TREE_SYMBOL && scope_layer(s, base, exponent))
        return true;
    if (base->kind != TREE_SYMBOL || (exponent->kind != TREE_SYMBOL && exponent->kind != TREE_WORDS) || exponent->count)
        return false;
    if (exponent->kind == TREE_WORDS || !strcmp(exponent->style, "rm")) /* upright: a label, also where d is a size */
        return true;
    letter_kind kind = scope_letter(s, exponent->name, env, NULL);
    if (kind == LETTER_LABEL)
        return true;
    if (kind == LETTER_INDEX || (scope_size(s, exponent->name) && !scope_is_labelled(s, base->name)) ||
        !strcmp(base->name, "e"))
        return false;
    const quantity *number = scope_find(s, exponent->name);
    return !(number && number->shaped && number->rank == 0) || scope_is_labelled(s, base->name);
}

bool scope_mentions_time(const scope *s, const tree *t, const binding *env)
{
    if (!t)
        return false;
    if (scope_plain(t)) {
        const binding *bound;
        if (scope_letter(s, t->name, env, &bound) == LETTER_INDEX) {
            if (bound && bound->label) /* the survey's own mark: a letter bound over time or not */
                return !strcmp(bound->label, "time");
            const letter_row *declared = scope_declared(s, t->name);
            return declared ? declared->range && scope_mentions_time(s, declared->range, env) : is_t(t->name);
        }
        return !strcmp(t->name, "T");
    }
    for (int i = 0; i < t->count; i++)
        if (scope_mentions_time(s, t->child[i], env))
            return true;
    return false;
}

bool scope_is_time(const scope *s, const char *name)
{
    const letter_row *l = scope_declared(s, name);
    return l ? l->range && l->range->kind == TREE_SYMBOL && !strcmp(l->range->name, "T") : is_t(name);
}

bool scope_counts_elements(scope *s, const tree *t, const binding *env)
{
    const letter_row *l = scope_plain(t) ? scope_declared(s, t->name) : NULL;
    return l && l->kind == LETTER_INDEX && !is_t(t->name) && !scope_mentions_time(s, t, env);
}

/* Was a name that begins so seen at steps? */
static bool has_steps(const scope *s, const char *name)
{
    size_t n = strlen(name);
    for (int i = 0; i < s->uses; i++)
        if (s->use[i].timed && !strncmp(s->use[i].key, name, n) && !isalpha((unsigned char)s->use[i].key[n]))
            return true;
    return false;
}

/* t' - t, T - t: how many steps lie between two of them. */
static bool is_distance(const tree *t)
{
    return t->kind == TREE_ADD && t->count == 2 && scope_plain(t->child[0]) && t->child[1]->kind == TREE_NEG &&
           scope_plain(t->child[1]->child[0]);
}

/* h^{t-1} where time is written so (the setup or a left side has h^t), and h_t^j with an element's letter j: no powers.
 */
bool scope_is_raised_index(scope *s, const tree *pow, const binding *env)
{
    const tree *base = pow->child[0], *up = pow->child[1];
    bool letters = false;
    if (base->kind != TREE_SYMBOL || !scope_index_parts(s, up, env, &letters))
        return false;
    for (int i = 0; i < base->count; i++)
        if (scope_mentions_time(s, base->child[i], env))
            return scope_counts_elements(s, up, env);
    if (is_distance(up) && !has_steps(s, base->name)) /* a power */
        return false;
    if (scope_plain(up) && scope_declared(s, up->name) && scope_runs_over_batch(s, up)) /* \xi_i^p, of a sequence p */
        return true;
    return s->raised_time &&
           (((letters || (up->kind == TREE_ADD && has_steps(s, base->name))) && scope_mentions_time(s, up, env)) ||
            (scope_plain(up) && !strcmp(up->name, "T")) ||
            (up->kind == TREE_NUMBER &&
             (up->value == 0 || (up->value == 1 && has_steps(s, base->name))))); /* no power */
}
