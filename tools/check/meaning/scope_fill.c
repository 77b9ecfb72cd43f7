/* How a scope is filled: setup statements, definitions, conditions. */
#include "reader.h"
#include "scope_inside.h"

#include <math.h>
#include <string.h>

/* Calls `each` for every combination of label values of the free label letters in a symbol's parts. */
static bool for_labels(scope *s, const tree *symbol, const binding *env,
                       bool (*each)(scope *s, const tree *symbol, const binding *env, void *context), void *context)
{
    free_letter letters[8];
    int count = scope_free(s, symbol, letters, 8);
    for (int i = 0; i < count; i++) {
        const binding *bound;
        if (letters[i].kind != LETTER_LABEL || (scope_letter(s, letters[i].letter, env, &bound), bound))
            continue;
        const letter_row *l = scope_declared(s, letters[i].letter);
        for (int k = 0; l && k < l->labels; k++) {
            binding *b = ARENA_NEW(s->arena, binding);
            if (!b)
                return false;
            *b = (binding){ .letter = l->letter, .kind = LETTER_LABEL, .label = l->label[k], .outer = env };
            if (!for_labels(s, symbol, b, each, context))
                return false;
        }
        return true;
    }
    return each(s, symbol, env, context);
}

/* ---- Conditions ---- */

static bool in_set(scope *s, const tree *item, const tree *set, const binding *env, fault *f)
{
    int64_t value, low, high, other;
    const binding *bound;
    bool label = item->kind == TREE_SYMBOL && scope_letter(s, item->name, env, &bound) == LETTER_LABEL;
    if (label && bound) {
        for (int i = 0; i < set->count; i++)
            if (set->child[i]->kind == TREE_SYMBOL && !strcmp(set->child[i]->name, bound->label))
                return true;
        return false;
    }
    if (!scope_index(s, item, env, &value, f))
        return false;
    for (int i = 0; i < set->count; i++) {
        if (set->child[i]->kind == TREE_DOTS) {
            if (i == 0 || i + 1 >= set->count)
                return fault_set(f, FAULT_NOT_READ, "a list must not begin or end with dots");
            if (!scope_index(s, set->child[i - 1], env, &low, f) || !scope_index(s, set->child[i + 1], env, &high, f))
                return false;
            if (value >= (low < high ? low : high) && value <= (low < high ? high : low))
                return true;
        } else if (!scope_index(s, set->child[i], env, &other, f))
            return false;
        else if (other == value)
            return true;
    }
    return false;
}

/* May words say when a formula holds? Those that name what stands beside them do not. */
static bool restricts(const char *words)
{
    static const char *const whole[] = { "if", "for", "all", "any", "only", "when", "each", "else", "long", "as" };
    static const char *const signs[] = { "step",  "time",  "last",   "first", "final",  "unless", "othe",
                                         "where", "when",  "except", "after", "before", "every",  "provid",
                                         "assum", "given", "until",  "while", "case" };
    for (const char *w = words; *w;) {
        size_t n = 0;
        while ((w[n] | 32) >= 'a' && (w[n] | 32) <= 'z')
            n++;
        for (size_t k = 0; k < sizeof whole / sizeof *whole; k++)
            if (strlen(whole[k]) == n && !memcmp(w, whole[k], n))
                return true;
        for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
            if (strlen(signs[k]) <= n && !memcmp(w, signs[k], strlen(signs[k])))
                return true;
        w += n ? n : 1;
    }
    return false;
}

bool scope_condition(scope *s, const tree *t, const binding *env, fault *f)
{
    if (t->kind == TREE_SYMBOL && !t->count && scope_letter(s, t->name, env, NULL) != LETTER_NONE) /* "for all t" */
        return true;
    if (t->kind == TREE_WORDS && !restricts(t->name)) /* "hidden state": a remark */
        return true;
    if (t->kind != TREE_RELATION)
        return fault_set(f, FAULT_NOT_READ, "a condition must be a relation such as t < T");
    for (int i = 0; i + 1 < t->count; i++) {
        const tree *left = t->child[i], *right = t->child[i + 1];
        int64_t x, y;
        tree_relation r = t->relations[i];
        if (r == REL_IN) {
            if (right->kind != TREE_SET)
                return fault_set(f, FAULT_NOT_READ, "what stands after \"in\" in a condition must be a list in braces");
            if (!in_set(s, left, right, env, f))
                return false;
            continue;
        }
        const binding *label = NULL;
        if ((r == REL_EQ || r == REL_NE) && left->kind == TREE_SYMBOL &&
            scope_letter(s, left->name, env, &label) == LETTER_LABEL && label) { /* g = i */
            symbol_use use;
            const binding *other = NULL;
            bool same = right->kind == TREE_SYMBOL && scope_letter(s, right->name, env, &other) == LETTER_LABEL && other
                            ? !strcmp(other->label, label->label)
                            : scope_symbol(s, right, env, &use) && !strcmp(use.key, label->label);
            if (same != (r == REL_EQ))
                return false;
            continue;
        }
        if (!scope_index(s, left, env, &x, f) || !scope_index(s, right, env, &y, f))
            return false;
        bool holds = r == REL_EQ   ? x == y
                     : r == REL_LE ? x <= y
                     : r == REL_LT ? x < y
                     : r == REL_GE ? x >= y
                     : r == REL_GT ? x > y
                                   : r == REL_NE && x != y;
        if (!holds)
            return false;
    }
    return true;
}

bool scope_conditions(scope *s, const tree *formula, const binding *env, fault *f)
{
    for (int i = 1; formula && i < formula->count; i++)
        if (!scope_condition(s, formula->child[i], env, f))
            return false;
    return f->kind == FAULT_NONE;
}

/* ---- Definitions ---- */

enum { FURTHEST = 1000 }; /* more steps than a sequence has */

/* t + 2 -> t, 2; false if it is no letter with a shift. */
static bool letter_and_shift(scope *s, const tree *index, const char **name, int64_t *shift)
{
    if (index->kind == TREE_SYMBOL && scope_letter(s, index->name, NULL, NULL) == LETTER_INDEX) {
        *name = index->name;
        *shift = 0;
        return true;
    }
    if (index->kind != TREE_ADD || index->count != 2 || index->child[0]->kind != TREE_SYMBOL)
        return false;
    const tree *second = index->child[1];
    bool minus = second->kind == TREE_NEG;
    if (minus)
        second = second->child[0];
    if (second->kind != TREE_NUMBER || second->value > FURTHEST || second->value != floor(second->value) ||
        scope_letter(s, index->child[0]->name, NULL, NULL) != LETTER_INDEX)
        return false;
    *name = index->child[0]->name;
    *shift = (int64_t)(minus ? -second->value : second->value);
    return true;
}

const definition *scope_definition(scope *s, const quantity *q, int64_t step, fault *f)
{
    for (int pass = 0; pass < 2; pass++) /* what is said of one step comes before what is said of all */
        for (int i = 0; i < q->definitions; i++) {
            const definition *d = q->definition[i];
            if (!q->timed)
                return d;
            if ((d->step != NULL) != (pass == 0))
                continue;
            int64_t at;
            if (d->step) {
                if (scope_index(s, d->step, d->labels, &at, f) && at == step)
                    return d;
                continue;
            }
            binding t = { .letter = d->letter, .kind = LETTER_INDEX, .value = step - d->shift, .outer = d->labels };
            if (d->formula->count > 1 && !scope_conditions(s, d->formula, &t, f)) {
                if (f->kind)
                    return NULL;
                continue;
            }
            return d;
        }
    return NULL;
}

/* The earliest step that a right side speaks of, as t + n. */
static int64_t earliest(scope *s, const tree *t, const char *letter)
{
    const char *name;
    int64_t shift, least = FURTHEST;
    for (int i = 0; i < t->bounds; i++)
        if (!strcmp(t->bound[i].index, letter))
            return FURTHEST;
    if (letter_and_shift(s, t, &name, &shift) && !strcmp(name, letter))
        return shift;
    for (int i = 0; i < t->count; i++) {
        int64_t n = earliest(s, t->child[i], letter);
        least = n < least ? n : least;
    }
    for (int i = 0; i < t->bounds; i++) {
        const tree *ends[] = { t->bound[i].from, t->bound[i].to, t->bound[i].relation };
        for (int k = 0; k < 3; k++) {
            int64_t n = ends[k] ? earliest(s, ends[k], letter) : FURTHEST;
            least = n < least ? n : least;
        }
    }
    return least;
}

typedef struct defining {
    const tree *formula, *symbol, *value;
    const char *letter;
    bool library, known, made;
    fault *fault;
} defining;

/* Do two definitions say something about the same step, with T = 5? */
static bool overlap(scope *s, const definition *old, const defining *d, const tree *step, const binding *env)
{
    size_name *T = scope_size(s, "T");
    int64_t before = T ? T->value : 0;
    bool both = false;
    if (T)
        T->value = 5;
    for (int64_t t = 0; t <= 6 && !both; t++) {
        fault f = { 0 };
        int64_t at = 0;
        binding b = { .letter = old->letter ? old->letter : "t", .kind = LETTER_INDEX, .value = t, .outer = env };
        bool first = old->step ? scope_index(s, old->step, NULL, &at, &f) && at == t
                               : t >= 1 && t <= 5 && scope_conditions(s, old->formula, &b, &f);
        fault g = { 0 };
        b.letter = d->letter ? d->letter : "t";
        bool second = step ? scope_index(s, step, NULL, &at, &g) && at == t
                           : t >= 1 && t <= 5 && scope_conditions(s, d->formula, &b, &g);
        both = first && second;
    }
    if (T)
        T->value = before;
    return both;
}

/* A letter on the right that is not on the left: no definition. */
static bool has_other_letters(scope *s, const tree *symbol, const tree *value, const binding *env)
{
    free_letter left[8], right[8];
    int lefts = scope_free(s, symbol, left, 8), rights = scope_free(s, value, right, 8);
    for (int i = 0; i < rights; i++) {
        bool there = false;
        for (int k = 0; k < lefts; k++)
            there |= !strcmp(left[k].letter, right[i].letter);
        for (const binding *b = env; b; b = b->outer)
            there |= !strcmp(b->letter, right[i].letter);
        if (!there)
            return true;
    }
    return false;
}

/* h_1, h_T of a given h_t are given; h_0 and h_{T+1} may be said. */
static bool inside_sequence(scope *s, const tree *step)
{
    size_name *T = scope_size(s, "T");
    int64_t at, before = T ? T->value : 0;
    fault f = { 0 };
    if (T)
        T->value = 5;
    bool inside = scope_index(s, step, NULL, &at, &f) && at >= 1 && at <= 5;
    if (T)
        T->value = before;
    return inside;
}

/* Does the right side have the left one in it, at the same step? */
static bool repeats(const tree *t, const tree *symbol)
{
    if (tree_equal(t, symbol))
        return true;
    if (t->kind == TREE_DERIV || (t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL &&
                                  t->child[1]->kind == TREE_SYMBOL)) /* W_g^h is another name */
        return false;
    for (int i = 0; i < t->count; i++)
        if (repeats(t->child[i], symbol))
            return true;
    return false;
}

static bool define_one(scope *s, const tree *symbol, const binding *env, void *context)
{
    defining *d = context;
    symbol_use use;
    if (!scope_symbol(s, symbol, env, &use))
        return true;
    quantity *q = use.quantity;
    definition made = { .symbol = symbol, .value = d->value, .formula = d->formula, .labels = env };
    int elements = use.indices;
    if (!q && use.indices && !(q = scope_quantity(s, symbol, env)))
        return fault_set(d->fault, FAULT_TOO_BIG, "memory is short");
    bool timed = use.indices && q->timed;
    const char *name;
    if (timed) {
        elements--;
        if (!letter_and_shift(s, use.index[0], &name, &made.shift))
            made.step = use.index[0];
        else
            made.letter = name;
    }
    d->letter = made.letter;
    made.whole = made.letter && made.shift > 0 && earliest(s, d->value, made.letter) >= made.shift;
    made.elements = elements > 0;
    for (int i = use.indices - elements; i < use.indices; i++)
        if (use.index[i]->kind != TREE_SYMBOL)
            return d->known = true;
    q = scope_quantity(s, symbol, env);
    if (!q)
        return fault_set(d->fault, FAULT_TOO_BIG, "memory is short");
    bool plain_given = q->kind == QUANTITY_GIVEN && !q->drawn;
    if (q->kind == QUANTITY_LOSS || q->kind == QUANTITY_DIRECT || q->kind == QUANTITY_ARGUMENT)
        return d->known = true;
    if (!made.step && !plain_given && !q->definitions)
        return d->known = true;
    for (int i = 0; i < q->definitions; i++) /* of a derivative the end is known, too */
        if (!timed || (made.step && q->definition[i]->value->kind == TREE_DERIV) ||
            overlap(s, q->definition[i], d, made.step, env))
            return d->known = true;
    if (has_other_letters(s, symbol, d->value, env) || (made.step && q->drawn && inside_sequence(s, made.step)))
        return d->known = true;
    if (repeats(d->value, symbol)) /* q_t = q_t + 1 says something about q_t */
        return d->known = true;
    definition *copy = ARENA_NEW(s->arena, definition);
    definition **more = ARENA_ARRAY(s->arena, definition *, q->definitions + 1);
    if (!copy || !more)
        return fault_set(d->fault, FAULT_TOO_BIG, "memory is short");
    *copy = made;
    if (q->definitions)
        memcpy(more, q->definition, (size_t)q->definitions * sizeof *more);
    q->definition = more;
    q->definition[q->definitions++] = copy;
    if (!made.step)
        q->kind = QUANTITY_DEFINED;
    q->library |= d->library;
    d->made = true;
    return true;
}

bool scope_define(scope *s, const tree *formula, const tree *symbol, const tree *value, fault *f)
{
    if (scope_differential(s, symbol) || !scope_is_name(s, symbol, NULL)) /* dA^f_t is known */
        return false;
    defining d = { .formula = formula, .symbol = symbol, .value = value, .fault = f };
    return for_labels(s, symbol, NULL, define_one, &d) && d.made &&
           !d.known; /* of a family some may be known: then it is a claim about these */
}

/* ---- Setup ---- */

static bool is_batch(const tree *dim)
{
    return dim->kind == TREE_SYMBOL && !dim->count && !strcmp(dim->name, "B");
}

/* x_i in R, with i an element's letter: x is a vector. */
static bool elements_given(scope *s, const symbol_use *use, quantity *q)
{
    int first = q->timed, count = use->indices - first;
    if (count < 1 || count > 2)
        return false;
    for (int i = 0; i < count; i++) {
        const tree *index = use->index[first + i];
        const letter_row *l = index->kind == TREE_SYMBOL ? scope_declared(s, index->name) : NULL;
        if (!l || !l->range)
            return false;
        q->dim[i] = l->range;
    }
    q->shaped = true;
    q->rank = count;
    return true;
}

static int labels_in(const char *key)
{
    int count = 0;
    for (; *key; key++)
        count += *key == '_';
    return count;
}

/* w_{c,c} beside w_{c,u}, with u an index: one entry of the table. */
static bool is_entry(scope *s, const symbol_use *use)
{
    size_t base = strcspn(use->key, "_");
    if (use->indices || !use->key[base])
        return false;
    for (int i = 0; i < s->uses; i++)
        if (!s->use[i].timed && strcspn(s->use[i].key, "_") == base && !memcmp(s->use[i].key, use->key, base) &&
            labels_in(s->use[i].key) && labels_in(s->use[i].key) + s->use[i].indices == labels_in(use->key))
            return true;
    return false;
}

static bool give_one(scope *s, const tree *symbol, const binding *env, void *context)
{
    const setup_statement *st = context;
    quantity *q = scope_quantity(s, symbol, env);
    if (!q)
        return true;
    symbol_use use;
    const char *name;
    int64_t shift;
    bool base = scope_symbol(s, symbol, env, &use) && use.indices &&
                !letter_and_shift(s, use.index[0], &name, &shift); /* h_0, C_0: states to begin with */
    q->timed |= use.indices > 0 && (base || !strcmp(name, "t") || scope_is_time(s, name));
    q->drawn |= !base && !(st->flags & GIVEN_SHAPE_ONLY);
    q->flags |= st->flags & ~(unsigned)(GIVEN_SHAPED | GIVEN_SHAPE_ONLY);
    if (!(st->flags & GIVEN_SHAPE_ONLY) && !st->rank && !q->shaped && elements_given(s, &use, q)) /* given x_i in R */
        return true;
    if (!(st->flags & GIVEN_SHAPED) && !q->shaped && is_entry(s, &use))
        q->shaped = true, q->rank = 0;
    const letter_row *each = use.indices == q->timed + 1 && use.index[q->timed]->kind == TREE_SYMBOL
                                 ? scope_declared(s, use.index[q->timed]->name)
                                 : NULL;
    if ((st->flags & GIVEN_SHAPED) && st->rank == 1 && each && each->range && !q->shaped) { /* h_j in R^m: row j */
        q->shaped = true, q->rank = 2;
        q->dim[0] = each->range, q->dim[1] = st->dim[0];
        return true;
    }
    if ((st->flags & GIVEN_UNIT) && !(st->flags & GIVEN_SHAPED) && !use.indices && !q->shaped)
        q->shaped = true, q->rank = 0;                                 /* a rate */
    for (int i = 0; i < st->rank && (st->flags & GIVEN_SHAPED); i++) { /* n in R^{n x d} is a size */
        const tree *d = st->dim[i];
        if (d->kind == TREE_SYMBOL && !d->count && !scope_size(s, d->name) &&
            s->sizes < (int)(sizeof s->size / sizeof *s->size))
            s->size[s->sizes++] = (size_name){ .letter = d->name };
    }
    if (st->flags & GIVEN_SHAPED) {
        q->shaped = true;
        q->rank = st->rank;
        for (int i = 0; i < st->rank; i++)
            q->dim[i] = st->dim[i];
        bool row = st->rank == 2 && st->dim[0]->kind == TREE_NUMBER && st->dim[0]->value == 1,
             column = st->rank == 2 && st->dim[1]->kind == TREE_NUMBER && st->dim[1]->value == 1;
        if (row || column) { /* R^{1 x H} is a row, R^{H x 1} a column */
            q->rank = 1;
            q->dim[0] = st->dim[row];
            s->sided = true;
            if (!s->convention)
                s->convention = row ? "rows" : "columns";
            return true;
        }
        int batch = st->rank == 2 && q->timed ? (is_batch(st->dim[0]) ? 1 : is_batch(st->dim[1]) ? 2 : 0) : 0;
        if (batch) { /* x_t in R^{B x I}: a row for each sample; R^{I x B}: a column */
            q->rank = 1;
            q->dim[0] = st->dim[batch == 1];
            if (!s->convention)
                s->convention = batch == 1 ? "rows" : "columns";
        }
        s->batch_written |= st->rank == 2 && q->timed && !batch;
    }
    return true;
}

static bool argument_one(scope *s, const tree *symbol, const binding *env, void *context)
{
    const setup_statement *st = context;
    quantity *q = scope_quantity(s, symbol, env), *of = scope_quantity(s, st->value, env);
    if (q && of && q != of) {
        *q = (quantity){ .key = q->key,
                         .shown = q->shown,
                         .number = q->number,
                         .type = -1,
                         .timed = true,
                         .indices = q->indices,
                         .kind = QUANTITY_ARGUMENT,
                         .of = of };
        q->timed = of->timed;
        of->argument = q;
    }
    return true;
}

static bool apply_loss(scope *s, const setup_statement *st, fault *f)
{
    quantity *loss = scope_quantity(s, st->symbol, NULL);
    struct read *reads = ARENA_ARRAY(s->arena, struct read, st->count);
    if (!loss || !reads)
        return fault_set(f, FAULT_TOO_BIG, "memory is short");
    if (loss->kind == QUANTITY_LOSS)
        return fault_set(f, FAULT_NOT_READ, "what $%s$ reads is said twice: put it into one line", loss->shown);
    loss->kind = QUANTITY_LOSS;
    loss->reads = reads;
    for (int i = 0; i < st->count; i++) {
        symbol_use use;
        quantity *q = scope_quantity(s, st->list[i], NULL);
        if (!q || !scope_symbol(s, st->list[i], NULL, &use))
            return fault_set(f, FAULT_NOT_READ, "what a loss reads must be a quantity, such as h_t");
        bool last = use.indices && use.index[0]->kind == TREE_SYMBOL && !strcmp(use.index[0]->name, "T");
        q->timed |= use.indices > 0;
        reads[i] = (struct read){ q, last, st->maybe && st->maybe[i] };
        if (st->direct && st->direct[i]) {
            quantity *direct = scope_quantity(s, st->direct[i], NULL);
            if (!direct)
                return fault_set(f, FAULT_TOO_BIG, "memory is short");
            direct->kind = QUANTITY_DIRECT;
            direct->of = q;
            direct->loss = loss;
        }
        loss->read_count = i + 1;
    }
    return true;
}

static bool apply_letters(scope *s, const setup_statement *st, fault *f)
{
    if (s->letters == sizeof s->letter / sizeof *s->letter)
        return fault_set(f, FAULT_TOO_BIG, "there are more index and label letters than %d", s->letters);
    letter_row *l = (letter_row *)scope_declared(s, st->words);
    if (!l)
        l = &s->letter[s->letters++];
    *l = (letter_row){ .letter = st->words,
                       .kind = st->kind == SETUP_LABELS ? LETTER_LABEL : LETTER_INDEX,
                       .range = st->value };
    if (st->kind == SETUP_INDEX)
        return true;
    l->label = ARENA_ARRAY(s->arena, const char *, st->count);
    for (int i = 0; l->label && i < st->count; i++) {
        symbol_use use;
        if (st->list[i]->kind == TREE_NUMBER) {
            l->label[l->labels++] = arena_format(s->arena, "%.15g", st->list[i]->value);
            continue;
        }
        if (!scope_symbol(s, st->list[i], NULL, &use))
            return fault_set(f, FAULT_NOT_READ, "a label must be a letter or a word");
        l->label[l->labels++] = use.key;
    }
    return true;
}

bool scope_apply(scope *s, const setup_statement *st, fault *f)
{
    switch (st->kind) {
    case SETUP_SCENE: /* the document's reader begins a new scope */
        return true;
    case SETUP_SIZES: {
        size_name *size = scope_size(s, st->words);
        if (!size && s->sizes == sizeof s->size / sizeof *s->size)
            return fault_set(f, FAULT_TOO_BIG, "there are more sizes than %d", s->sizes);
        if (!size)
            size = &s->size[s->sizes++];
        *size = (size_name){ .letter = st->words, .fixed = st->number };
        return true;
    }
    case SETUP_LABELS:
    case SETUP_INDEX:
        return apply_letters(s, st, f);
    case SETUP_GIVEN:
        return for_labels(s, st->symbol, NULL, give_one, (void *)(uintptr_t)st);
    case SETUP_LIBRARY:
        return scope_library(s, st, f);
    case SETUP_LOSS:
        return apply_loss(s, st, f);
    case SETUP_FORMULA: {
        const tree *relation = st->value->child[0];
        if (relation->kind != TREE_RELATION || relation->count != 2 ||
            (relation->relations[0] != REL_EQ && relation->relations[0] != REL_DEFINED))
            return fault_set(f, FAULT_NOT_READ, "a line of the setup must be \"quantity = formula\"");
        if (!scope_define(s, st->value, relation->child[0], relation->child[1], f) && !f->kind)
            return fault_set(f, FAULT_NOT_READ, "the quantity on the left is known already, or is none");
        return !f->kind;
    }
    case SETUP_ARGUMENT:
        return for_labels(s, st->symbol, NULL, argument_one, (void *)(uintptr_t)st);
    case SETUP_SHORT:
        s->differential = st->words;
        s->differential_loss = scope_quantity(s, st->symbol, NULL);
        return s->differential_loss || fault_set(f, FAULT_TOO_BIG, "memory is short");
    case SETUP_HOLD:
        for (int i = 0; i < st->count && s->helds < 32; i++)
            s->held[s->helds++] = scope_quantity(s, st->list[i], NULL);
        return true;
    case SETUP_CONVENTION:
        if (!strcmp(st->words, "denominator"))
            s->denominator = true;
        else
            s->convention = st->words;
        return true;
    case SETUP_SIGN:
        *(*st->words == '*' ? &s->star : &s->dot) = (setup_sign)st->number;
        return true;
    case SETUP_RESET:
        if (!strcmp(st->words, "hold"))
            s->helds = 0;
        else
            s->convention = NULL;
        return true;
    }
    return true;
}

/* ---- Recurrences that run backward ---- */

typedef struct chase {
    scope *scope;
    const quantity *start;
    int visited[512][2], count;
    bool backward;
} chase;

static void chase_tree(chase *c, const tree *t, const binding *env, int64_t shift);

static void chase_quantity(chase *c, const quantity *q, int64_t shift)
{
    if (q == c->start && c->count) {
        c->backward |= shift > 0;
        return;
    }
    for (int i = 0; i < c->count; i++)
        if (c->visited[i][0] == q->number && c->visited[i][1] == (int)shift)
            return;
    if (c->count == 512 || shift > 3 || shift < -3)
        return;
    c->visited[c->count][0] = q->number;
    c->visited[c->count++][1] = (int)shift;
    if (q->of)
        chase_quantity(c, q->of, shift);
    for (int i = 0; i < q->definitions; i++)
        if (!q->definition[i]->step)
            chase_tree(c, q->definition[i]->value, q->definition[i]->labels, shift - q->definition[i]->shift);
}

static void chase_tree(chase *c, const tree *t, const binding *env, int64_t shift)
{
    symbol_use use;
    const char *name;
    int64_t more;
    if (t->kind == TREE_DERIV) /* a derivative is no recurrence */
        return;
    if ((t->kind == TREE_SYMBOL || t->kind == TREE_POW) && scope_symbol(c->scope, t, env, &use) && use.quantity &&
        use.quantity->timed && use.indices && letter_and_shift(c->scope, use.index[0], &name, &more))
        chase_quantity(c, use.quantity, shift + more);
    for (int i = 0; i < t->count; i++)
        chase_tree(c, t->child[i], env, shift);
}

/* x of f(x) = ..., which is nothing else: any number. */
static void give_arguments(scope *s)
{
    for (int i = 0, count = s->quantities; i < count; i++) {
        const tree *of = s->quantity[i]->called ? s->quantity[i]->of_what : NULL;
        if (!of || of->kind != TREE_SYMBOL || of->count || *of->accents || scope_size(s, of->name))
            continue;
        quantity *x = scope_quantity(s, of, NULL);
        if (x && x->kind == QUANTITY_GIVEN && !x->shaped && !x->drawn && !x->definitions && !x->timed)
            x->drawn = x->shaped = true, x->rank = 0;
    }
}

/* z_t = W h_t + b, said after y_t = softmax(W h_t + b): what stands in y_t is z_t. */
static const tree *with_name(scope *s, const tree *t, const tree *value, const tree *name)
{
    if (tree_equal(t, value))
        return name;
    if (t->height <= value->height)
        return t;
    tree *copy = NULL;
    for (int i = 0; i < t->count; i++) {
        const tree *part = with_name(s, t->child[i], value, name);
        if (part == t->child[i])
            continue;
        if (!copy) {
            tree **child = ARENA_ARRAY(s->arena, tree *, t->count);
            if (!child || !(copy = ARENA_NEW(s->arena, tree)))
                return t;
            *copy = *t;
            memcpy(child, t->child, (size_t)t->count * sizeof *child);
            copy->child = child;
        }
        copy->child[i] = (tree *)(uintptr_t)part;
    }
    return copy ? copy : t;
}

static bool stands_in(scope *s, const tree *t, const quantity *q)
{
    symbol_use use;
    if (t->kind == TREE_DERIV) /* that asks for it, and is no use */
        return false;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) && use.quantity == q)
        return true;
    for (int i = 0; i < t->count; i++)
        if (stands_in(s, t->child[i], q))
            return true;
    return false;
}

static void name_parts(scope *s)
{
    for (int i = 0; i < s->quantities; i++) {
        quantity *q = s->quantity[i];
        const definition *d = q->definitions == 1 ? q->definition[0] : NULL;
        if (!d || d->step || d->shift || d->elements || q->library || q->called || q->argument ||
            (d->value->kind != TREE_ADD && d->value->kind != TREE_MUL))
            continue;
        bool used = false;
        for (int k = 0; k < s->quantities && !used; k++)
            for (int m = 0; m < s->quantity[k]->definitions && !used; m++)
                used = stands_in(s, s->quantity[k]->definition[m]->value, q);
        for (int k = 0; k < s->quantities && !used; k++)
            for (int m = 0; m < s->quantity[k]->definitions; m++) {
                definition *other = s->quantity[k]->definition[m];
                bool same = !other->letter || !d->letter || !strcmp(other->letter, d->letter);
                if (other != d && !other->shift && !other->step && same && !tree_equal(other->value, d->value))
                    other->value = with_name(s, other->value, d->value, d->symbol);
            }
    }
}

void scope_finish(scope *s)
{
    give_arguments(s);
    name_parts(s);
    scope_copies(s);
    for (int i = 0; i < s->quantities; i++) {
        quantity *q = s->quantity[i];
        chase c = { .scope = s, .start = q };
        if (q->timed && q->definitions)
            chase_quantity(&c, q, 0);
        q->backward |= c.backward;
    }
    s->frozen = true;
}
