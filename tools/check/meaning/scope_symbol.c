/* How a name and its scripts are read: the key of the quantity, with its labels, and its indices in the order of its
 * axes. */
#include "scope_internal.h"

#include <string.h>

static void add_label(text *key, scope *s, const tree *part, const binding *env, bool *family)
{
    const binding *bound = NULL;
    double number;
    if (part->kind == TREE_ADD && scope_label_number(s, part, env, &number)) {
        *family = true;
        text_format(key, "%.15g", number);
        return;
    }
    if (scope_plain(part) && scope_letter(s, part->name, env, &bound) == LETTER_LABEL) {
        *family = true;
        text_add(key, bound ? bound->label : part->name);
        return;
    }
    if (part->kind == TREE_NUMBER) {
        text_format(key, "%.15g", part->value);
        return;
    }
    if (part->kind == TREE_SYMBOL || part->kind == TREE_WORDS) {
        if (part->kind == TREE_SYMBOL && *part->accents)
            text_format(key, "%s ", part->accents);
        text_add(key, part->name);
    }
    for (int i = 0; i < part->count; i++)
        add_label(key, s, part->child[i], env, family);
}

static const char *plain_key(scope *s, const tree *t)
{
    text key = { .arena = s->arena };
    if (*t->accents)
        text_format(&key, "%s ", t->accents);
    text_add(&key, t->name);
    for (int i = 0; i < t->primes; i++)
        text_add(&key, "'");
    if (t->table)
        text_format(&key, "|%s", t->table);
    return text_done(&key);
}

static bool is_raised_label(const scope *s, const char *key)
{
    for (int i = 0; i < s->raiseds; i++)
        if (!strcmp(s->raised[i], key))
            return true;
    return false;
}

static bool is_digit(const tree *t)
{
    return t->kind == TREE_NUMBER && t->value >= 1 && t->value <= 9 && t->value == (int)t->value;
}

/* The subscript of w_{12}, w_{1j} or w_{i1}, a matrix whose elements are written w_{ij}, as two indices, with a comma
 * between them; any other as it is. */
static const tree *two_digits(scope *s, const tree *sub, const char *key)
{
    const struct use *seen = scope_use(s, key);
    const quantity *q = scope_find(s, key);
    bool number = sub->kind == TREE_NUMBER && sub->value >= 11 && sub->value <= 99 && sub->value == (int)sub->value &&
                  (int)sub->value % 10,
         mixed = sub->kind == TREE_MUL && sub->count == 2 && sub->child[1]->join == JOIN_BESIDE &&
                 ((is_digit(sub->child[0]) && scope_plain(sub->child[1])) ||
                  (scope_plain(sub->child[0]) && is_digit(sub->child[1])));
    bool matrix = (seen && seen->indices - seen->timed == 2) || (q && q->shaped && q->rank == 2) ||
                  (mixed && (!q || q->timed) && !strcmp(key, "\\delta")); /* Kronecker's */
    if ((!number && !mixed) || !matrix)
        return sub;
    tree *pair = ARENA_NEW(s->arena, tree), **child = number ? ARENA_ARRAY(s->arena, tree *, 2) : sub->child;
    for (int i = 0; number && child && i < 2; i++)
        if ((child[i] = ARENA_NEW(s->arena, tree))) {
            *child[i] = *sub;
            child[i]->value = i ? (int)sub->value % 10 : (int)sub->value / 10;
        }
    if (!pair || !child || !child[0] || !child[1])
        return sub;
    *pair =
        (tree){ .kind = TREE_MUL, .at = sub->at, .length = sub->length, .count = 2, .child = child, .separator = ',' };
    pair->accents = pair->style = "";
    return pair;
}

/* m_i^{(\rho)} of a given m in R^{N x R}: as the ranges of its letters say, what stands above counts the columns. */
static bool counts_columns_first(scope *s, const symbol_use *use)
{
    const quantity *q = use->quantity;
    const letter_row *row[2];
    if (use->indices != 2 || use->index[0]->brackets != '(' || !q || !q->shaped || q->timed || q->rank != 2)
        return false;
    for (int i = 0; i < 2; i++) {
        row[i] = scope_plain(use->index[i]) ? scope_declared(s, use->index[i]->name) : NULL;
        if (!row[i] || !row[i]->range || !q->dim[i])
            return false;
    }
    return tree_equal(row[0]->range, q->dim[1]) && tree_equal(row[1]->range, q->dim[0]) &&
           !tree_equal(row[0]->range, q->dim[0]);
}

/* The parts of a name's scripts that are, or may be, indices. */
typedef struct index_list {
    const tree *part[8];
    bool unsure[8]; /* 0, T: whatever the name has elsewhere */
    int parts, sure;
    bool family; /* a letter of labels is among the labels */
} index_list;

/* jk is j, k; f is a label, which the key gets; t - 1 an index. */
static void take_script(scope *s, const tree *name, const tree *sub, const binding *env, text *key, index_list *l)
{
    int classes = l->parts < 7 ? scope_take_classes(s, name, sub, text_done(key), env, l->part + l->parts) : 0;
    l->sure += classes, l->parts += classes;
    if (classes)
        return;
    bool letters = false, index = scope_index_parts(s, sub, env, &letters);
    sub = index ? two_digits(s, sub, text_done(key)) : sub;
    bool pair = index && letters && sub->kind == TREE_MUL && sub->child[0]->kind == TREE_SYMBOL;
    for (int k = 0; pair && k < sub->count; k++)
        pair = scope_plain(sub->child[k]);
    pair |= index && sub->separator == ','; /* w_{12}, w_{1j} */
    for (int k = 0; k < (pair ? sub->count : 1); k++) {
        const tree *one = pair ? sub->child[k] : sub;
        if (index && l->parts < 8) {
            l->sure += letters;
            l->unsure[l->parts] = !letters;
            l->part[l->parts++] = one;
        } else
            text_add(key, "_"), add_label(key, s, one, env, &l->family);
    }
}

static void take_scripts(scope *s, const tree *name, const tree *raised, const binding *env, text *key, index_list *l)
{
    bool first = raised && !scope_counts_elements(s, raised, env); /* time comes first */
    for (int i = 0; i < name->count + (raised != NULL); i++)
        take_script(s, name,
                    !raised           ? name->child[i]
                    : first           ? (i ? name->child[i - 1] : raised)
                    : i < name->count ? name->child[i]
                                      : raised,
                    env, key, l);
    struct use *before = scope_use(s, text_done(key));
    if (l->parts == 2 && scope_counts_elements(s, l->part[0], env) && !scope_counts_elements(s, l->part[1], env) &&
        (scope_mentions_time(s, l->part[1], env) ? !l->unsure[1] || (before && before->timed)
                                                 : before && before->timed) &&
        !scope_is_class(s, l->part[1], NULL, env)) { /* h_{n,t}, h_{n,T}, h_{n,0}: time comes first */
        const tree *element = l->part[0];
        l->part[0] = l->part[1], l->part[1] = element;
    }
}

/* 2 of W_{2,ij}, where the setup gives W_2 */
static bool is_given_number(scope *s, const tree *name, const tree *number)
{
    for (int i = 0; i < s->formulas && is_digit(number); i++) {
        const tree *given = s->formula[i];
        if (given->kind == TREE_SYMBOL && given->count == 1 && is_digit(given->child[0]) &&
            given->child[0]->value == number->value && !strcmp(given->name, name->name) &&
            !strcmp(given->accents, name->accents) && given->primes == name->primes)
            return true;
    }
    return false;
}

/* What may be an index and stands on a name that has none elsewhere is a label: W^{(2)} is a layer's, h^{(0)} a step.
 */
static void settle_indices(scope *s, const tree *symbol, const tree *raised, const binding *env, text *key,
                           index_list *l, symbol_use *use)
{
    const char *name = text_done(key);
    struct use *seen = scope_use(s, name);
    bool timed = scope_find(s, name) && scope_find(s, name)->timed;
    bool indexed = l->sure || (seen && seen->indices) || timed;
    for (int i = 0; i < l->parts; i++) {
        bool step = l->part[i]->brackets || l->part[i] == raised ? (seen && seen->timed) || timed : indexed;
        bool alone = l->parts == 1 && seen && seen->indices == 2 && !seen->timed; /* W_1 beside W_{ij} */
        bool named = !i && l->parts > 1 && !timed && !(seen && seen->timed) && is_given_number(s, symbol, l->part[i]);
        if (l->unsure[i] && (!step || alone || named)) {
            text_add(key, "_"), add_label(key, s, l->part[i], env, &l->family);
            name = text_done(key);
            timed = scope_find(s, name) && scope_find(s, name)->timed;
        } else
            use->index[use->indices++] = l->part[i];
    }
    for (int i = 0; !use->indices && i < s->splits; i++)
        if (!strcmp(s->split[i], name)) {
            name = arena_format(s->arena, "whole %s", name);
            break;
        }
    use->key = name;
    use->quantity = scope_find(s, name);
}

/* The order in which the quantity has its axes: o_i^p is element i of sequence p, m_i^{(\rho)} may be in column
 * \rho. */
static void order_indices(scope *s, const tree *raised, const binding *env, symbol_use *use)
{
    int last = use->indices - 1;
    if (raised && last > 0 && use->index[last] == raised && scope_runs_over_batch(s, raised))
        for (int i = last; i > 0 && scope_counts_elements(s, use->index[i - 1], env); i--) {
            use->index[i] = use->index[i - 1];
            use->index[i - 1] = raised;
        }
    if (counts_columns_first(s, use)) {
        const tree *column = use->index[0];
        use->index[0] = use->index[1], use->index[1] = column;
    }
}

bool scope_symbol(scope *s, const tree *t, const binding *env, symbol_use *use)
{
    if (s->frozen && t->quantity) {
        *use = *(const symbol_use *)t->quantity;
        return true;
    }
    tree *whole = (tree *)(uintptr_t)t;
    *use = (symbol_use){ 0 };
    const tree *power = NULL, *raised = NULL; /* W^h; h^{t-1}, h_t^j */
    if (t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL) {
        if (scope_is_label(s, t, env))
            power = t->child[1];
        else if (scope_is_raised_index(s, t, env))
            raised = t->child[1];
        if (power || raised)
            t = t->child[0];
    }
    if (t->kind != TREE_SYMBOL)
        return false;
    index_list l = { .parts = 0 };
    text key = { .arena = s->arena };
    text_add(&key, plain_key(s, t));
    take_scripts(s, t, raised, env, &key, &l);
    use->raised = raised;
    if (power)
        text_add(&key, is_raised_label(s, text_done(&key)) ? "_" : "^"), add_label(&key, s, power, env, &l.family);
    settle_indices(s, t, raised, env, &key, &l, use);
    order_indices(s, raised, env, use);
    if (s->frozen && !l.family && use->quantity && (whole->quantity = ARENA_NEW(s->arena, symbol_use)))
        *(symbol_use *)whole->quantity = *use;
    return true;
}

delta_kind scope_delta(const scope *s, const symbol_use *use)
{
    const quantity *q = use->quantity;
    if (strcmp(use->key, "\\delta") || use->indices != 2)
        return DELTA_OWN;
    if (!q || (!q->definitions && !q->shaped))
        return DELTA_KRONECKER;
    int numbers = 0;
    for (int i = 0; i < 2; i++) {
        if (!q->timed || use->index[i]->brackets || use->index[i] == use->raised ||
            scope_mentions_time(s, use->index[i], NULL))
            return DELTA_OWN;
        numbers += use->index[i]->kind == TREE_NUMBER;
    }
    for (int i = 0; i < s->uses; i++)
        if (numbers == 1 && s->use[i].lowered && !strcmp(s->use[i].key, use->key))
            return DELTA_UNSURE;
    return DELTA_KRONECKER;
}

bool scope_is_step_or_power(scope *s, const tree *t)
{
    symbol_use use;
    if (t->kind != TREE_POW || t->child[0]->kind != TREE_SYMBOL || t->child[1]->kind != TREE_NUMBER ||
        t->child[1]->value < 1 || t->child[1]->value != (int)t->child[1]->value ||
        !scope_symbol(s, t->child[0], NULL, &use) || !use.quantity || !use.quantity->timed)
        return false;
    for (int i = 0; i < use.indices; i++)
        if (scope_mentions_time(s, use.index[i], NULL) || use.index[i]->brackets)
            return false;
    const struct use *seen = scope_use(s, use.key);
    return seen && !seen->lowered;
}

/* W^{(l)} at l = 3, where W^{(1)} and W^{(2)} are given. */
static bool is_missing_layer(scope *s, const tree *t, const binding *env)
{
    const binding *bound = env;
    symbol_use use;
    while (bound && bound->kind != LETTER_LABEL)
        bound = bound->outer;
    const letter_row *l = bound ? scope_declared(s, bound->letter) : NULL;
    const tree *symbol = t->kind == TREE_POW ? t->child[0] : t;
    bool plain = l && t->kind == TREE_POW && scope_plain(t->child[1]) && !strcmp(t->child[1]->name, l->letter);
    for (int i = 0; l && i < symbol->count; i++) /* a^{l-1} may be what comes in */
        plain |= scope_plain(symbol->child[i]) && !strcmp(symbol->child[i]->name, l->letter);
    if (!plain || !l->labels || !scope_is_name(s, t, env) || !scope_symbol(s, t, env, &use) ||
        (use.quantity && (use.quantity->shaped || use.quantity->definitions || use.quantity->kind)))
        return false;
    for (int k = 0; k < l->labels; k++) {
        binding other = { .letter = l->letter, .kind = LETTER_LABEL, .label = l->label[k], .outer = env };
        if (scope_symbol(s, t, &other, &use) && use.quantity && (use.quantity->shaped || use.quantity->definitions))
            return true;
    }
    return false;
}

bool scope_beyond_layers(scope *s, const tree *t, const binding *env)
{
    const tree *symbol = t->kind == TREE_POW ? t->child[0] : t;
    if (is_missing_layer(s, t, env))
        return true;
    for (int i = 0; i <= symbol->count; i++) {
        const tree *part = i < symbol->count ? symbol->child[i] : t->kind == TREE_POW ? t->child[1] : NULL;
        const char *letter = part && part->kind == TREE_ADD ? scope_label_in(s, part) : NULL;
        const letter_row *l = letter ? scope_declared(s, letter) : NULL;
        double number, one;
        if (!l || !l->labels || !scope_label_number(s, part, env, &number))
            continue;
        bool above = true; /* a^{[l-1]} at the first l is what comes in */
        for (int k = 0; k < l->labels; k++) {
            binding bound = { .letter = letter, .kind = LETTER_LABEL, .label = l->label[k] };
            tree name = { .kind = TREE_SYMBOL, .name = letter, .accents = "", .style = "" };
            above &= scope_label_number(s, &name, &bound, &one) && one < number;
        }
        if (above)
            return true;
    }
    return false;
}
