/* How a scope is filled by the statements of a setup. */
#include "reader.h"
#include "scope_internal.h"

#include <string.h>

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

/* x_i in R^I, w_{ij} in R^{I x J}, with these the ranges of the indices: the elements of x, and of w. */
static bool elements_shaped(const scope *s, const symbol_use *use, const quantity *q, const setup_statement *st)
{
    bool same = (st->flags & GIVEN_SHAPED) && st->rank && use->indices - q->timed == st->rank;
    for (int i = 0; same && i < st->rank; i++) {
        const tree *index = use->index[q->timed + i];
        const letter_row *l = index->kind == TREE_SYMBOL ? scope_declared(s, index->name) : NULL;
        same = l && l->range && tree_equal(l->range, st->dim[i]);
    }
    return same;
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
                !scope_letter_and_shift(s, use.index[0], &name, &shift); /* h_0, C_0: states to begin with */
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
    bool elements = elements_shaped(s, &use, q, st);
    if ((st->flags & GIVEN_SHAPED) && st->rank == 1 && each && each->range && !q->shaped &&
        !elements) { /* h_j in R^m: row j */
        q->shaped = true, q->rank = 2;
        q->dim[0] = each->range, q->dim[1] = st->dim[0];
        return true;
    }
    if ((st->flags & GIVEN_UNIT) && !(st->flags & GIVEN_SHAPED) && !use.indices && !q->shaped)
        q->shaped = true, q->rank = 0;                                                    /* a rate */
    for (int i = 0; i < st->rank && (st->flags & GIVEN_SHAPED); i++) {                    /* n in R^{n x d} is a size */
        const tree *d = st->dim[i]->kind == TREE_ABS ? st->dim[i]->child[0] : st->dim[i]; /* |V| */
        if (d->kind == TREE_SYMBOL && !d->count && !scope_size(s, d->name) &&
            s->sizes < (int)(sizeof s->size / sizeof *s->size))
            s->size[s->sizes++] = (size_name){ .letter = d->name, .said = true };
    }
    if (st->flags & GIVEN_SHAPED) {
        q->shaped = true;
        q->rank = st->rank;
        for (int i = 0; i < st->rank; i++)
            q->dim[i] = scope_bare_size(s, st->dim[i], env); /* W^{[l]} in R^{n_l \times n_{l-1}} */
        bool row = st->rank == 2 && st->dim[0]->kind == TREE_NUMBER && st->dim[0]->value == 1,
             column = st->rank == 2 && st->dim[1]->kind == TREE_NUMBER && st->dim[1]->value == 1;
        s->single |= (st->flags & GIVEN_MATRIX) != 0;
        if ((row || column) && !(st->flags & GIVEN_MATRIX)) { /* R^{1 x H} is a row, R^{H x 1} a column */
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

/* loss L_t reads h_t: at each step some smooth number that depends on these. */
static bool apply_step_loss(scope *s, const setup_statement *st, fault *f)
{
    tree *formula = ARENA_NEW(s->arena, tree), *relation = ARENA_NEW(s->arena, tree), *call = ARENA_NEW(s->arena, tree);
    tree *name = ARENA_NEW(s->arena, tree), *list = ARENA_NEW(s->arena, tree);
    tree **child = ARENA_ARRAY(s->arena, tree *, 5);
    tree_relation *equals = ARENA_ARRAY(s->arena, tree_relation, 1);
    if (!formula || !relation || !call || !name || !list || !child || !equals)
        return fault_set(f, FAULT_TOO_BIG, "memory is short");
    *name = (tree){ .kind = TREE_SYMBOL, .name = "loss", .accents = "", .style = "", .height = 1 };
    *list = (tree){ .kind = TREE_TUPLE, .name = "", .accents = "", .style = "", .height = 2, .brackets = '(' };
    list->child = st->list, list->count = st->count;
    *call = *relation = *formula = (tree){ .name = "", .accents = "", .style = "", .height = 3 };
    call->kind = TREE_MUL, call->child = child, call->count = 2;
    child[0] = name, child[1] = list;
    relation->kind = TREE_RELATION, relation->child = child + 2, relation->count = 2, relation->relations = equals;
    child[2] = st->symbol, child[3] = call;
    formula->kind = TREE_FORMULA, formula->child = child + 4, formula->count = 1;
    child[4] = relation;
    return scope_define(s, formula, st->symbol, call, f) || f->kind ||
           fault_set(f, FAULT_NOT_READ, "what $%s$ reads is said twice: put it into one line", st->symbol->name);
}

static bool apply_loss(scope *s, const setup_statement *st, fault *f)
{
    for (int i = 0; st->symbol->kind == TREE_SYMBOL && i < st->symbol->count; i++)
        if (scope_plain(st->symbol->child[i]) && scope_is_time(s, st->symbol->child[i]->name))
            return apply_step_loss(s, st, f);
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
        q->timed |= use.indices > 0 && scope_mentions_time(s, use.index[0], NULL);
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
    if (!l || strcmp(l->letter, st->words) != 0) /* k' has a row of its own */
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

/* Why a line "name = formula" defines nothing, and what would mend it. */
static bool no_definition(scope *s, const tree *left, fault *f)
{
    symbol_use use;
    if (scope_differential(s, left))
        return fault_set(
            f, FAULT_NOT_READ,
            "on the left stands a derivative, by the line with \"means\": it is known, leave this line out");
    if (!scope_is_name(s, left, NULL) || !scope_symbol(s, left, NULL, &use))
        return fault_set(
            f, FAULT_NOT_READ,
            "left of \"=\" one of these is expected: a quantity (h_t, W_f, \\tilde C_t), its element (w_{ij}, "
            "y_k(t)), or a function of a letter (f(u), f_k(u))");
    const quantity *q = use.quantity;
    if (q && q->kind != QUANTITY_GIVEN && q->kind != QUANTITY_DEFINED)
        return fault_set(f, FAULT_NOT_READ, "$%s$ is %s by another line: leave one of them out", q->shown,
                         q->kind == QUANTITY_LOSS     ? "the loss"
                         : q->kind == QUANTITY_DIRECT ? "the loss's explicit derivative"
                                                      : "the argument of a function");
    if (q && (q->drawn || q->definitions))
        return fault_set(f, FAULT_NOT_READ, "$%s$ is %s already: leave that out, or this line", q->shown,
                         q->definitions ? "defined" : "given");
    return fault_set(
        f, FAULT_NOT_READ,
        "this defines nothing: on the right stands $%s$ itself at the same step, or an index that the left "
        "side has not",
        q ? q->shown : use.key);
}

bool scope_apply(scope *s, const setup_statement *st, fault *f)
{
    switch (st->kind) {
    case SETUP_OPERATOR: /* written out already */
    case SETUP_SCENE:    /* the document's reader begins a new scope */
        return true;
    case SETUP_SIZES: {
        size_name *size = scope_size(s, st->words);
        if (!size && s->sizes == sizeof s->size / sizeof *s->size)
            return fault_set(f, FAULT_TOO_BIG, "there are more sizes than %d", s->sizes);
        if (!size)
            size = &s->size[s->sizes++];
        *size = (size_name){ .letter = st->words, .fixed = st->number, .said = true };
        s->single |= st->number == 1 && strcmp(st->words, "B") != 0 && strcmp(st->words, "T") != 0;
        return true;
    }
    case SETUP_LABELS:
    case SETUP_INDEX:
        return apply_letters(s, st, f);
    case SETUP_GIVEN:
        return scope_for_labels(s, st->symbol, NULL, give_one, (void *)(uintptr_t)st);
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
            return no_definition(s, relation->child[0], f);
        return !f->kind;
    }
    case SETUP_ARGUMENT:
        return scope_for_labels(s, st->symbol, NULL, argument_one, (void *)(uintptr_t)st);
    case SETUP_SHORT:
        s->differential = st->words;
        s->differential_of = st->symbol; /* L may yet turn out to be another than L_t */
        return true;
    case SETUP_HOLD:
        for (int i = 0; i < st->count && s->helds < 32; i++)
            s->held[s->helds++] = scope_quantity(s, st->list[i], NULL);
        return true;
    case SETUP_CONVENTION:
        if (!strcmp(st->words, "denominator"))
            s->denominator = true;
        else if (!strcmp(st->words, "numerator"))
            s->numerator = true;
        else if (!strcmp(st->words, "summation"))
            s->summation = true;
        else
            s->convention = st->words;
        return true;
    case SETUP_SIGN:
        s->sign[st->sign] = (setup_sign)st->number;
        s->dot_guessed &= st->sign != WRITTEN_DOT;
        return true;
    case SETUP_SUGGESTED:
        s->suggested = true;
        return true;
    case SETUP_RESET:
        if (!strcmp(st->words, "hold"))
            s->helds = 0;
        else
            s->convention = NULL, s->summation = false;
        return true;
    }
    return true;
}
