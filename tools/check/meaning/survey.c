/* What is known of the names before anything is defined: which have time indices, which letters are indices though
 * nobody declared them, which names are used for two quantities. */
#include "scope_internal.h"

#include <string.h>

/* ---- Survey and free letters ---- */

static void note_seen(scope *s, const char *key)
{
    for (int i = 0; i < s->seens; i++)
        if (!strcmp(s->seen[i], key))
            return;
    if (s->seens == s->seen_room) {
        int room = s->seen_room ? 2 * s->seen_room : 64;
        const char **more = ARENA_ARRAY(s->arena, const char *, room);
        if (!more)
            return;
        if (s->seens)
            memcpy(more, s->seen, (size_t)s->seens * sizeof *more);
        s->seen = more, s->seen_room = room;
    }
    s->seen[s->seens++] = key;
}

static void note_use(scope *s, const tree *t, const binding *env)
{
    symbol_use use;
    if (t->kind == TREE_SYMBOL && t->count && scope_symbol_size(s, t))
        return;
    if (!scope_symbol(s, t, env, &use))
        return;
    note_seen(s, use.key);
    if (!use.indices)
        return;
    struct use *seen = scope_use(s, use.key);
    if (!seen) {
        if (s->uses == s->use_room) {
            int room = s->use_room ? 2 * s->use_room : 64;
            struct use *more = ARENA_ARRAY(s->arena, struct use, room);
            if (!more)
                return;
            if (s->uses)
                memcpy(more, s->use, (size_t)s->uses * sizeof *more);
            s->use = more, s->use_room = room;
        }
        seen = &s->use[s->uses++];
        *seen = (struct use){ .key = use.key };
    }
    seen->indices = use.indices > seen->indices ? use.indices : seen->indices;
    bool step = !scope_is_class(s, use.index[0], use.key, env) && scope_mentions_time(s, use.index[0], env);
    seen->timed |= step;
    seen->lowered |= step && !use.index[0]->brackets && use.index[0] != use.raised;
    if (use.quantity) {
        use.quantity->timed |= seen->timed;
        use.quantity->indices = seen->indices;
    }
}

static bool counts_elements(const char *name)
{
    return !name[1] && *name && strchr("ijklmn", *name);
}

static bool may_count_steps(const char *name)
{
    return counts_elements(name) || !strcmp(name, "s") || !strcmp(name, "u") || !strcmp(name, "\\tau");
}

/* Walks a tree with the letters that sums bind; labels are bound to each of their values in turn. */
static void survey(scope *s, const tree *t, const binding *env)
{
    if (!t)
        return;
    if (t->kind == TREE_SYMBOL || scope_is_name(s, t, env)) {
        const tree *symbol = t->kind == TREE_POW ? t->child[0] : t;
        for (int i = 0; i <= symbol->count; i++) { /* an unbound label letter among the parts */
            const tree *part = i < symbol->count ? symbol->child[i] : t->kind == TREE_POW ? t->child[1] : NULL;
            const binding *bound;
            const char *letter = part ? scope_label_in(s, part) : NULL;
            if (letter && scope_letter(s, letter, env, &bound) == LETTER_LABEL && !bound) {
                const letter_row *l = scope_declared(s, letter);
                for (int k = 0; l && k < l->labels; k++)
                    survey(s, t,
                           &(binding){ .letter = l->letter, .kind = LETTER_LABEL, .label = l->label[k], .outer = env });
                return;
            }
        }
        note_use(s, t, env);
        return;
    }
    binding bound[4];
    int count = t->bounds < 4 ? t->bounds : 4;
    for (int i = 0; i < count; i++) {
        const tree_bound *b = &t->bound[i];
        const letter_row *declared = scope_declared(s, b->index);
        bool label = b->set || (declared && declared->kind == LETTER_LABEL);
        bool time = scope_mentions_time(s, b->from, env) || scope_mentions_time(s, b->to, env) ||
                    (b->relation && scope_mentions_time(s, b->relation, env)) ||
                    (!declared && !strcmp(b->index, "t")) ||
                    (declared && declared->range && scope_mentions_time(s, declared->range, env));
        bound[i] = (binding){ .letter = b->index,
                              .kind = label ? LETTER_LABEL : LETTER_INDEX,
                              .label = label  ? NULL
                                       : time ? "time"
                                              : "",
                              .value = 1,
                              .outer = env };
        if (label && b->set) {
            for (int k = 0; k < b->set->count; k++) {
                bound[i].label = b->set->child[k]->name;
                survey(s, t->child[0], &bound[i]);
            }
            return;
        }
        if (!label)
            env = &bound[i];
    }
    if (t->kind == TREE_INDICATOR && t->child[0]->kind == TREE_RELATION) { /* i in [i = y] may be an index */
        for (int i = 0; i < t->child[0]->count; i++)
            if (!scope_plain(t->child[0]->child[i]) || !counts_elements(t->child[0]->child[i]->name))
                survey(s, t->child[0]->child[i], env);
        return;
    }
    if (t->kind == TREE_FORMULA) { /* letters of conditions are no quantities */
        survey(s, t->child[0], env);
        return;
    }
    if (t->sub)
        survey(s, t->sub, env);
    if (t->held)
        survey(s, t->held, env);
    int quantities = t->kind == TREE_ELEMENT ? 1 : t->count; /* (A B)_{jk}: j and k are none */
    for (int i = 0; i < quantities; i++)
        survey(s, t->child[i], env);
}

/* A left side or a setup's symbol h^t: time stands above here. */
static bool raises_time(const tree *t)
{
    if (t->kind == TREE_FORMULA || t->kind == TREE_RELATION)
        return t->count && raises_time(t->child[0]);
    if (t->kind != TREE_POW || t->child[0]->kind != TREE_SYMBOL)
        return false;
    const tree *up = t->child[1];
    bool shift = up->kind == TREE_ADD && up->count == 2 &&
                 (up->child[1]->kind == TREE_NUMBER || up->child[1]->kind == TREE_NEG); /* h^{t+1} */
    up = shift ? up->child[0] : up;
    return scope_plain(up) && !strcmp(up->name, "t");
}

void scope_survey(scope *s, const tree *t)
{
    s->raised_time |= raises_time(t);
    if (s->formulas == s->formula_room) {
        int room = s->formula_room ? 2 * s->formula_room : 64;
        const tree **more = ARENA_ARRAY(s->arena, const tree *, room);
        if (!more)
            return;
        if (s->formulas)
            memcpy(more, s->formula, (size_t)s->formulas * sizeof *more);
        s->formula = more, s->formula_room = room;
    }
    s->formula[s->formulas++] = t;
    survey(s, t, NULL);
}

void scope_survey_again(scope *s)
{
    s->uses = 0;
    for (int i = 0; i < s->formulas; i++)
        survey(s, s->formula[i], NULL);
}

void scope_notice(scope *s, const tree *symbol)
{
    symbol_use use;
    if (!scope_symbol(s, symbol, NULL, &use))
        return;
    note_seen(s, use.key);
    if (s->noticeds < (int)(sizeof s->noticed / sizeof *s->noticed))
        s->noticed[s->noticeds++] = use.key;
}

typedef struct collector {
    scope *scope;
    free_letter *out;
    int count, most;
} collector;

static void collect(collector *c, const tree *t, const binding *env)
{
    if (!t)
        return;
    binding bound[4];
    int count = t->bounds < 4 ? t->bounds : 4;
    for (int i = 0; i < count; i++) {
        collect(c, t->bound[i].from, env);
        collect(c, t->bound[i].to, env);
        bound[i] = (binding){ .letter = t->bound[i].index, .kind = LETTER_NONE, .outer = env };
        env = &bound[i];
    }
    for (int i = 0; i < count; i++)
        collect(c, t->bound[i].relation, env);
    if (t->count && scope_symbol_size(c->scope, t)) /* k in d_k, a size, counts nothing */
        return;
    if (scope_plain(t)) {
        const binding *b;
        letter_kind kind = scope_letter(c->scope, t->name, env, &b);
        if (kind == LETTER_NONE || b)
            return;
        for (int i = 0; i < c->count; i++)
            if (!strcmp(c->out[i].letter, t->name))
                return;
        if (c->count < c->most)
            c->out[c->count++] = (free_letter){ t->name, kind };
        return;
    }
    collect(c, t->sub, env);
    for (int i = 0; i < t->count;
         i++) /* letters are indices in subscripts and exponents only: a plain symbol f outside is a quantity */
        if (t->kind == TREE_SYMBOL || !scope_plain(t->child[i]) || (t->kind == TREE_POW && i == 1) ||
            t->kind == TREE_RELATION || t->kind == TREE_SET ||
            ((t->kind == TREE_ADD || t->kind == TREE_NEG || t->kind == TREE_MUL || t->kind == TREE_DIV ||
              t->kind == TREE_TUPLE || t->kind == TREE_APPLY || t->kind == TREE_ELEMENT) &&
             scope_letter(c->scope, t->child[i]->name, env, NULL) == LETTER_INDEX &&
             !scope_find(c->scope, t->child[i]->name)))
            collect(c, t->child[i], env);
}

int scope_free(scope *s, const tree *t, free_letter *out, int most)
{
    collector c = { s, out, 0, most };
    collect(&c, t, NULL);
    return c.count;
}

/* ---- Undeclared element indices ---- */

bool scope_appears(scope *s, const char *key)
{
    for (int i = 0; i < s->seens; i++)
        if (!strcmp(s->seen[i], key))
            return true;
    return false;
}

static bool is_label_value(const scope *s, const char *name)
{
    for (int i = 0; i < s->letters; i++)
        for (int k = 0; k < s->letter[i].labels; k++)
            if (!strcmp(s->letter[i].label[k], name))
                return true;
    return false;
}

/* Is the name a left side or said by the setup? */
bool scope_introduced(scope *s, const char *key)
{
    symbol_use use;
    for (int i = 0; i < s->noticeds; i++)
        if (!strcmp(s->noticed[i], key))
            return true;
    for (int i = 0; i < s->formulas; i++) {
        const tree *t = s->formula[i], *left = t->kind == TREE_FORMULA ? t->child[0] : t;
        if (left->kind == TREE_RELATION && left->relations[0] >= REL_LE && left->relations[0] <= REL_IN)
            continue; /* a shape says nothing of what it is, nor does k <= t */
        const char *time;
        int64_t shift;
        if (left->kind == TREE_RELATION && left->count == 2 && scope_plain(left->child[0]) &&
            scope_letter_and_shift(s, left->child[1], &time, &shift) && scope_is_time(s, time))
            continue; /* r = t - 1 */
        if (left->kind == TREE_RELATION)
            left = left->child[0];
        if (scope_is_name(s, left, NULL) && scope_symbol(s, left, NULL, &use) && !strcmp(use.key, key))
            return true;
    }
    return false;
}

bool scope_stands_left(scope *s, const tree *name)
{
    symbol_use use;
    return scope_symbol(s, name, NULL, &use) && scope_introduced(s, use.key);
}

/* b_u beside b, both given: u is part of a name; so it is in \nabla b_u. */
static bool given_by_setup(scope *s, const tree *t)
{
    symbol_use use, other;
    tree plain = *t;
    if (scope_differential(s, t)) {
        size_t n = strlen(s->differential);
        plain.accents += n + (t->accents[n] == ' ');
        plain.quantity = NULL;
        t = &plain;
    }
    for (int i = 0; i < s->formulas; i++)
        if (s->formula[i]->kind == TREE_SYMBOL && s->formula[i]->count &&
            scope_symbol(s, s->formula[i], NULL, &other) && !other.indices && scope_symbol(s, t, NULL, &use) &&
            !strcmp(use.key, other.key))
            return true;
    return false;
}

/* The first member of a family, W^{[1]} of W^{[l]}: its elements are counted as everyone's. */
static const binding *first_of_family(scope *s, const tree *symbol, const binding *env, binding out[4])
{
    free_letter letters[4];
    int count = scope_free(s, symbol, letters, 4);
    for (int i = 0; i < count; i++) {
        const letter_row *l = letters[i].kind == LETTER_LABEL ? scope_declared(s, letters[i].letter) : NULL;
        if (!l || !l->labels)
            continue;
        out[i] = (binding){ .letter = l->letter, .kind = LETTER_LABEL, .label = l->label[0], .outer = env };
        env = &out[i];
    }
    return env;
}

/* Does the name stand in `t` by itself, other than as a subscript? */
static bool has_bare(scope *s, const tree *t, const char *name)
{
    if (scope_is_name(s, t, NULL))
        return scope_plain(t) && !strcmp(t->name, name);
    for (int i = 0; i < (t->kind == TREE_FORMULA ? 1 : t->count); i++) /* s < t behind it says nothing */
        if (has_bare(s, t->child[i], name))
            return true;
    return false;
}

/* Is there a quantity s without an index? Beside s_t = ..., h_s may be the state at step s; but not where time stands
 * above, as in \epsilon_s^t. */
static bool stands_alone(scope *s, const char *name)
{
    const struct use *seen = scope_use(s, name);
    if (!scope_introduced(s, name) || !seen || !seen->timed || s->raised_time)
        return scope_introduced(s, name);
    for (int i = 0; i < s->formulas; i++)
        if (has_bare(s, s->formula[i], name))
            return true;
    return false;
}

/* i^t, a gate, and never i, nor a given W_i: beside it o_i^t may count elements. */
static bool only_at_steps(scope *s, const char *name)
{
    const struct use *seen = scope_use(s, name);
    for (int i = 0; i < s->formulas; i++) {
        const tree *given = s->formula[i];
        for (int k = 0; given->kind == TREE_SYMBOL && k < given->count; k++)
            if (scope_plain(given->child[k]) && !strcmp(given->child[k]->name, name))
                return false;
        if (has_bare(s, given, name))
            return false;
    }
    return seen && seen->timed;
}

/* What the name is without one of its parts; power: with what stands above it, W^{in}_{jl}, x_l^t. */
static bool bare_symbol(scope *s, const tree *bare, const tree *power, const binding *env, symbol_use *use)
{
    binding labels[4];
    const binding *first = first_of_family(s, bare, env, labels);
    if (!power)
        return scope_symbol(s, bare, first, use);
    tree *child[2] = { (tree *)(uintptr_t)bare, power->child[1] }, raised = *power;
    raised.child = child, raised.quantity = NULL;
    return scope_symbol(s, &raised, first, use) || scope_symbol(s, bare, first, use); /* h_{t,j}^2 is a power */
}

/* n of h_{t-n}: how many steps before, where nobody says what n is. */
static void adopt_lag(scope *s, const tree *sub, const binding *env)
{
    static tree T = { .kind = TREE_SYMBOL, .name = "T", .accents = "", .style = "" };
    const tree *lag =
        sub->kind == TREE_ADD && sub->count >= 2 && sub->child[1]->kind == TREE_NEG ? sub->child[1]->child[0] : NULL;
    if (lag && scope_plain(sub->child[0]) && !strcmp(sub->child[0]->name, "t") && scope_plain(lag) &&
        may_count_steps(lag->name) && scope_letter(s, lag->name, env, NULL) == LETTER_NONE &&
        !scope_size(s, lag->name) && !scope_introduced(s, lag->name) &&
        s->letters < (int)(sizeof s->letter / sizeof *s->letter))
        s->letter[s->letters++] = (letter_row){ .letter = lag->name, .kind = LETTER_INDEX, .range = &T };
}

/* A letter counts the steps: how many there are has a name. */
static void need_last(scope *s)
{
    if (!scope_size(s, "T") && !scope_introduced(s, "T") && s->sizes < (int)(sizeof s->size / sizeof *s->size))
        s->size[s->sizes++] = (size_name){ .letter = "T" };
}

/* `steps`: only those that run over the steps elsewhere, which come before all others. `power`: whose base t is. */
static void adopt_in(scope *s, const tree *t, const tree *power, const binding *env, bool steps)
{
    if (!t)
        return;
    binding bound[4];
    for (int i = 0; i < t->bounds && i < 4; i++) {
        bound[i] = (binding){ .letter = t->bound[i].index, .kind = LETTER_INDEX, .value = 1, .outer = env };
        env = &bound[i];
    }
    if (t->kind == TREE_SYMBOL && t->count) {
        for (int i = 0; i < t->count; i++) {
            const tree *sub = t->child[i];
            adopt_lag(s, sub, env);
            if (sub->kind == TREE_ADD && sub->count == 2 && scope_plain(sub->child[0]) &&
                (sub->child[1]->kind == TREE_NUMBER || sub->child[1]->kind == TREE_NEG))
                sub = sub->child[0]; /* h_{k+1} */
            bool pair =
                sub->kind == TREE_MUL && sub->count == 2 && scope_plain(sub->child[0]) && scope_plain(sub->child[1]);
            int letters = pair ? 2 : 1;
            if (!pair && !scope_plain(sub))
                continue;
            tree bare = *t; /* the name without this part */
            tree *others[8];
            if (t->count > 8)
                continue;
            bare.count = 0;
            bare.child = others;
            for (int k = 0; k < t->count; k++)
                if (k != i)
                    others[bare.count++] = t->child[k];
            symbol_use use;
            if (!bare_symbol(s, &bare, power, env, &use))
                continue;
            if (!use.indices && !strncmp(use.key, "whole ", 6)) /* x_k is a step, though x is any number elsewhere */
                use.key += 6;
            bool euler = !strcmp(use.key, "e") && !scope_introduced(s, "e"); /* e^x says nothing of e_o */
            if (!scope_appears(s, use.key) || euler || given_by_setup(s, t))
                continue;
            struct use *whole = scope_use(s, use.key);
            bool step = whole && whole->timed && /* h_k beside h_t, s_i^{(k)}: a second letter for time */
                        (!use.indices || (sub->brackets == '(' && !whole->lowered && use.indices < whole->indices));
            if (letters == 1 && step) {
                static tree T = { .kind = TREE_SYMBOL, .name = "T", .accents = "", .style = "" };
                if (((may_count_steps(sub->name) && (!steps || scope_runs_over_steps(s, sub->name))) ||
                     scope_surely_counts_steps(s, sub->name)) &&
                    scope_letter(s, sub->name, env, NULL) == LETTER_NONE && !stands_alone(s, sub->name) &&
                    !is_label_value(s, sub->name) && s->letters < (int)(sizeof s->letter / sizeof *s->letter))
                    need_last(s), s->letter[s->letters++] =
                                      (letter_row){ .letter = sub->name, .kind = LETTER_INDEX, .range = &T };
                continue;
            }
            if (steps)
                continue;
            bool matrix = !use.indices &&
                          ((t->name[0] >= 'A' && t->name[0] <= 'Z') || (whole && !whole->timed && whole->indices == 2)),
                 indexed = whole && whole->indices >= use.indices + letters; /* so it is elsewhere */
            if (matrix != (letters == 2))
                continue;
            for (int k = 0; k < letters; k++) {
                const tree *one = pair ? sub->child[k] : sub;
                symbol_use named;
                if (one->name[0] < 'a' || one->name[0] > 'z' || (one->name[1] && strcmp(one->name + 1, "'") != 0) ||
                    scope_letter(s, one->name, env, NULL) != LETTER_NONE || scope_is_class(s, one, NULL, env) ||
                    (scope_appears(s, one->name) && !(indexed && scope_use(s, one->name)) &&
                     !(use.indices && only_at_steps(s, one->name))) ||
                    is_label_value(s, one->name) || s->letters == (int)(sizeof s->letter / sizeof *s->letter) ||
                    (scope_introduced(s, one->name) && scope_symbol(s, t, env, &named) &&
                     scope_introduced(s, named.key)))
                    continue;
                static tree batch = { .kind = TREE_SYMBOL, .name = "B", .accents = "", .style = "" };
                bool sequences = !strcmp(one->name, "b") && scope_size(s, "B"); /* \delta_{t,b} */
                s->letter[s->letters++] = (letter_row){ .letter = one->name,
                                                        .kind = LETTER_INDEX,
                                                        .range = sequences ? &batch : NULL,
                                                        .of = sequences ? NULL : use.key,
                                                        .axis = k };
            }
        }
        return;
    }
    for (int i = 0; i < t->count; i++)
        adopt_in(s, t->child[i], t->kind == TREE_POW && !i ? t : NULL, env, steps);
    adopt_in(s, t->sub, NULL, env, steps);
}

/* A^f beside A_f, one of which only is introduced, is the same quantity with its label elsewhere. */
static void join_raised(scope *s)
{
    for (int i = 0; i < s->seens; i++) {
        const char *hat = strchr(s->seen[i], '^'), *base = hat ? strrchr(s->seen[i], ' ') : NULL;
        if (!hat || hat == s->seen[i] || memchr(s->seen[i], '_', (size_t)(hat - s->seen[i])))
            continue;
        base = base && base < hat ? base + 1 : s->seen[i]; /* dA^f, the shorthand, speaks of A^f */
        bool shorthand = s->differential && base > s->seen[i] + 1 &&
                         !strncmp(s->seen[i], s->differential, (size_t)(base - s->seen[i] - 1)) &&
                         !s->differential[base - s->seen[i] - 1];
        const char *name =
            arena_text(s->arena, shorthand ? base : s->seen[i], (size_t)(hat - (shorthand ? base : s->seen[i])));
        const char *above = arena_format(s->arena, "%s^%s", name, hat + 1);
        const char *below = arena_format(s->arena, "%s_%s", name, hat + 1);
        if (!scope_appears(s, below) || (scope_introduced(s, above) && scope_introduced(s, below)))
            continue;
        bool known = false;
        for (int k = 0; k < s->raiseds; k++)
            known |= !strcmp(s->raised[k], name);
        if (!known && s->raiseds < 64)
            s->raised[s->raiseds++] = name;
    }
}

void scope_adopt_letters(scope *s)
{
    int before = s->letters;
    for (int i = 0; i < s->formulas && s->batch_unsaid; i++)
        s->batch_unsaid = !scope_speaks_of_batch(s, s->formula[i], false);

    scope_split_names(s);
    join_raised(s);
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < s->formulas; i++)
            adopt_in(s, s->formula[i], NULL, NULL, pass == 0);
    scope_adopt_classes(s);
    if (s->letters != before || s->raiseds || s->by_classes)
        scope_survey_again(s); /* what was taken for a label is an index now */
    if (s->differential_of && !(s->differential_loss = scope_quantity(s, s->differential_of, NULL)))
        s->differential = NULL; /* memory is short */
}
