/* Quantities: found, made, shown; copies of them for single steps; and index expressions as numbers. */
#include "scope_internal.h"

#include <stdio.h>
#include <string.h>

quantity *scope_find(scope *s, const char *key)
{
    for (int i = 0; i < s->quantities; i++)
        if (!strcmp(s->quantity[i]->key, key))
            return s->quantity[i];
    return NULL;
}

/* A label of a key, "hn" or "tilde h", in LaTeX. */
static void show_label(text *out, const char *label, size_t length)
{
    int open = 0;
    for (const char *space; (space = memchr(label, ' ', length)); open++) {
        text_format(out, "\\%.*s{", (int)(space - label), label);
        length -= (size_t)(space + 1 - label);
        label = space + 1;
    }
    text_add_n(out, label, length);
    while (open--)
        text_add(out, "}");
}

/* The name in LaTeX without its index parts, labels written out. */
static const char *shown(scope *s, const tree *t, const char *key)
{
    text out = { .arena = s->arena };
    const tree *symbol = t->kind == TREE_POW ? t->child[0] : t;
    const char *name = strstr(key, symbol->name), *labels = name ? name + strlen(symbol->name) : key;
    const char *under = strchr(labels, '_'), *hat = strchr(labels, '^');
    char accents[64];
    snprintf(accents, sizeof accents, "%s", symbol->accents);
    int open = 0;
    for (char *word = strtok(accents, " "); word; word = strtok(NULL, " ")) {
        if (!strcmp(word, "d"))
            text_add(&out, "\\mathrm{d}");
        else
            text_format(&out, "\\%s{", word), open++;
    }
    text_format(&out, strchr(symbol->name, '_') ? "\\text{%s}" : "%s", symbol->name); /* a_next, of code */
    while (open--)
        text_add(&out, "}");
    for (int i = 0; i < symbol->primes; i++)
        text_add(&out, "'");
    if (hat) {
        text_add(&out, "^{");
        show_label(&out, hat + 1, strlen(hat + 1));
        text_add(&out, "}");
    }
    if (under) {
        const char *end = hat && hat > under ? hat : key + strlen(key);
        text_add(&out, "_{");
        for (const char *label = under + 1; label <= end; label++) {
            size_t length = strcspn(label, "_^");
            show_label(&out, label, length);
            label += length;
            if (label < end)
                text_add(&out, ",");
        }
        text_add(&out, "}");
    }
    text_add(&out, scope_is_square(symbol) ? "^{2}" : "");
    return text_done(&out);
}

static quantity *new_quantity(scope *s, const char *key, const char *written)
{
    if (s->quantities == s->room) {
        int room = s->room ? 2 * s->room : 64;
        quantity **more = ARENA_ARRAY(s->arena, quantity *, room);
        if (!more)
            return NULL;
        if (s->quantities)
            memcpy(more, s->quantity, (size_t)s->quantities * sizeof *more);
        s->quantity = more;
        s->room = room;
    }
    quantity *q = ARENA_NEW(s->arena, quantity);
    if (!q)
        return NULL;
    struct use *seen = scope_use(s, key);
    *q = (quantity){ .key = key,
                     .shown = written,
                     .number = s->quantities,
                     .type = -1,
                     .timed = seen && seen->timed,
                     .indices = seen ? seen->indices : 0 };
    s->quantity[s->quantities++] = q;
    return q;
}

quantity *scope_quantity(scope *s, const tree *symbol, const binding *env)
{
    symbol_use use;
    if (!scope_symbol(s, symbol, env, &use))
        return NULL;
    quantity *q = use.quantity ? use.quantity : new_quantity(s, use.key, shown(s, symbol, use.key));
    if (q && scope_is_square(symbol))
        q->flags |= GIVEN_POSITIVE;
    return q;
}

static const char accent[] = "eddycopy ";

/* The quantities whose copies a tree speaks of, known or not. */
static void note_originals(scope *s, const tree *t)
{
    if (t->kind == TREE_SYMBOL && t->count && !strncmp(t->accents, accent, sizeof accent - 2)) {
        tree bare = *t;
        bare.accents += sizeof accent - 2;
        bare.accents += *bare.accents == ' ';
        bare.count--, bare.quantity = NULL;
        scope_quantity(s, &bare, NULL);
    }
    for (int i = 0; i < t->count; i++)
        note_originals(s, t->child[i]);
}

void scope_copies(scope *s)
{
    for (int i = 0; i < s->formulas; i++)
        note_originals(s, s->formula[i]);
    for (int i = 0; i < s->uses; i++) {
        quantity *q =
            strncmp(s->use[i].key, accent, sizeof accent - 1) ? NULL : scope_find(s, s->use[i].key + sizeof accent - 1);
        quantity *copy = q && q->kind == QUANTITY_GIVEN ? scope_find(s, s->use[i].key) : NULL;
        if (q && q->kind == QUANTITY_GIVEN && !q->timed && !copy)
            copy = new_quantity(s, s->use[i].key, q->shown);
        if (!copy)
            continue;
        copy->kind = QUANTITY_DEFINED;
        copy->timed = true;
        copy->copied = q;
        copy->shaped = q->shaped, copy->rank = q->rank;
        memcpy(copy->dim, q->dim, sizeof copy->dim);
        q->copy = copy;
    }
}

static bool index_value(scope *s, const tree *t, const binding *env, double *out, fault *f)
{
    double x, y;
    const binding *bound;
    t = scope_bare_size(s, t, env);
    switch (t->kind) {
    case TREE_NUMBER:
        *out = t->value;
        return true;
    case TREE_SYMBOL: {
        letter_kind kind = scope_letter(s, t->name, env, &bound);
        if (kind == LETTER_INDEX && bound) {
            *out = (double)bound->value;
            return true;
        }
        if (kind == LETTER_LABEL && scope_label_number(s, t, env, out)) /* layers */
            return true;
        const size_name *size = scope_symbol_size(s, t);
        if (size && size->value) {
            *out = (double)size->value;
            return true;
        }
        return fault_set(f, FAULT_NOT_READ, "the index $%s$ has no value here", t->name);
    }
    case TREE_ABS: /* |V|: how large a set is */
        return index_value(s, t->child[0], env, out, f);
    case TREE_NEG:
        if (!index_value(s, t->child[0], env, &x, f))
            return false;
        *out = -x;
        return true;
    case TREE_ADD:
    case TREE_MUL:
        *out = t->kind == TREE_MUL;
        for (int i = 0; i < t->count; i++) {
            if (!index_value(s, t->child[i], env, &x, f))
                return false;
            *out = t->kind == TREE_MUL ? *out * x : *out + x;
        }
        return true;
    case TREE_DIV:
        if (!index_value(s, t->child[0], env, &x, f) || !index_value(s, t->child[1], env, &y, f))
            return false;
        *out = x / y;
        return true;
    default:
        return fault_set(f, FAULT_NOT_READ, "an index must be made of letters, numbers, sums and products");
    }
}

bool scope_index(scope *s, const tree *t, const binding *env, int64_t *out, fault *f)
{
    double x = 0;
    if (!index_value(s, t, env, &x, f))
        return false;
    if (!(x > -1e9 && x < 1e15) || x != (double)(int64_t)x)
        return fault_set(f, FAULT_NOT_READ, "the index %g is no whole number that can be used", x);
    *out = (int64_t)x;
    return true;
}
