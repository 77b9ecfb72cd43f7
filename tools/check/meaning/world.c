/* Worlds: sizes, leaves, and quantities evaluated on demand; see world.h. */
#include "evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

double world_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- Sizes ---- */

static int64_t drawn_size(uint64_t draw, int which)
{
    static const int64_t table[4][8] = {
        { 4, 5, 3, 7, 6, 2, 8, 9 }, { 2, 4, 5, 3, 7, 6, 9, 8 }, { 5, 3, 2, 6, 4, 8, 7, 9 }, { 3, 2, 6, 5, 8, 4, 9, 7 }
    };
    return table[draw % 4][which % 8];
}

/* Does the setup say k = 2? Another size of 2 would make k x n a square by accident. */
static bool is_said(const scope *s, int64_t number)
{
    for (int i = 0; i < s->sizes; i++)
        if (s->size[i].fixed == number)
            return true;
    return false;
}

static void draw_sizes(world *w)
{
    const world_options *o = &w->options;
    int which = 0;
    w->T = o->steps ? o->steps : o->draw % 3 == 0 ? 3 : o->draw % 3 == 1 ? 4 : 7;
    w->B = w->scope->batch_written || w->scope->batch_unsaid ? 1 : o->batch ? o->batch : o->draw % 2 ? 3 : 2;
    for (int i = 0; i < w->scope->sizes; i++) {
        size_name *size = &w->scope->size[i];
        if (!strcmp(size->letter, "T"))
            size->value = w->T = size->fixed && !o->tiny ? size->fixed : w->T;
        else if (!strcmp(size->letter, "B"))
            size->value = w->B = size->fixed && !o->tiny ? size->fixed : w->B;
        else {
            size->value = size->fixed ? size->fixed : o->other ? o->other : drawn_size(o->draw, which++);
            for (int k = 0; k < 8 && !size->fixed && !o->other && is_said(w->scope, size->value); k++)
                size->value = drawn_size(o->draw, which++);
        }
    }
    for (int i = 0; i < w->scope->sizes; i++)
        w->size[i] = w->scope->size[i].value;
    w->scope->sized_by = w;
}

void world_take_sizes(const world *w)
{
    if (w->scope->sized_by == w)
        return;
    for (int i = 0; i < w->scope->sizes; i++)
        w->scope->size[i].value = w->size[i];
    w->scope->sized_by = w;
}

static int64_t size_of(void *context, const char *name)
{
    const size_name *size = scope_size(context, name);
    return size ? size->value : 0;
}

world *world_new(arena *a, scope *s, const world_options *options, fault *f)
{
    world *w = ARENA_NEW(a, world);
    if (!w) {
        fault_set(f, FAULT_TOO_BIG, "memory is short");
        return NULL;
    }
    *w = (world){ .scope = s, .options = *options, .arena = a, .most = 3000000 };
    draw_sizes(w);
    w->tape = eddy_tape_new(EDDY_F64, 1 + options->draw);
    w->algebra = (algebra){ .tape = w->tape, .batch = w->B, .fault = &w->fault };
    w->shapes = shapes_new(a, s, size_of, s);
    if (!w->tape || !w->shapes || !shapes_infer(w, f)) {
        fault_set(f, FAULT_TOO_BIG, "memory is short");
        world_free(w);
        return NULL;
    }
    w->base = context_new(w, a);
    if (!w->base) {
        fault_set(f, FAULT_TOO_BIG, "memory is short");
        world_free(w);
        return NULL;
    }
    w->base->record = true;
    return w;
}

enum { DAMPED_MOST = 4, MODERATE = 300 /* its exponential is a number, and so is that of its opposite */ };

static bool is_moderate(world *w)
{
    evaluation e = { .world = w, .context = w->base };
    bool moderate = true;
    for (int i = 0; i < w->scope->quantities && moderate; i++) {
        quantity *q = w->scope->quantity[i];
        for (int64_t t = q->timed ? 1 : 0; q->definitions && t <= (q->timed ? w->T + 1 : 0) && moderate; t++) {
            value v = world_look(&e, q, t);
            const eddy_tensor *x = value_ok(v) ? eddy_value(v.var) : NULL;
            for (int64_t k = 0, n = x ? eddy_tensor_count(x) : 0; k < n && moderate; k++)
                moderate = fabs(eddy_tensor_flat(x, k)) < MODERATE;
            w->fault.kind = FAULT_NONE;
            eddy_clear_error(w->tape);
        }
    }
    return moderate;
}

int world_damping(arena *a, scope *s)
{
    for (int damped = 0; damped < DAMPED_MOST; damped++) {
        world_options options = { .draw = 2, .kappa = true, .damped = damped }; /* the longest sequence */
        fault f = { 0 };
        world *w = world_new(a, s, &options, &f);
        bool moderate = !w || is_moderate(w);
        if (w)
            world_free(w);
        if (moderate)
            return damped;
    }
    return DAMPED_MOST;
}

void world_free(world *w)
{
    if (w) {
        eddy_tape_free(w->tape);
        w->tape = NULL;
    }
}

wiring *context_new(world *w, arena *a)
{
    wiring *c = ARENA_NEW(a, wiring);
    if (!c)
        return NULL;
    int steps = (int)w->T + 1 + STEPS_BEFORE + STEPS_AFTER;
    c->world = w;
    c->arena = a;
    c->quantities = w->scope->quantities;
    c->memo = ARENA_ARRAY(a, value, c->quantities * steps);
    c->state = ARENA_ARRAY(a, signed char, c->quantities *steps);
    for (int i = 0; i < w->scope->helds; i++)
        c->held[c->helds++] = w->scope->held[i];
    return c->memo && c->state ? c : NULL;
}

/* ---- Quantities ---- */

fault *meaning_fault(evaluation *e)
{
    return &e->world->fault;
}

static value no_such_step(evaluation *e, const quantity *q, int64_t step)
{
    fault_set(meaning_fault(e), FAULT_STEP, "$%s$ does not exist at step %lld", q->shown, (long long)step);
    return value_none();
}

/* x of a = f(x), also (f(x)), with an f of everybody's or of the document's own; or NULL */
static const tree *outermost_argument(evaluation *e, const tree *t)
{
    tree call;
    if (t->kind == TREE_APPLY && t->count == 1 && !t->primes)
        return t->child[0];
    return t->kind == TREE_MUL && t->count == 2 && !t->child[0]->primes && t->child[1]->kind != TREE_TUPLE &&
                   meaning_own_call(e, t, 0, &call)
               ? t->child[1]
               : NULL;
}

/* A definition in columns first, in rows if its shapes do not fit so. */
static value in_convention(evaluation *e, definition *d, value (*evaluate)(evaluation *e, definition *d, void *context),
                           void *context)
{
    world *w = e->world;
    const char *said = w->scope->convention;
    if (said && strcmp(said, "any"))
        d->convention = !strcmp(said, "rows") ? 2 : 1;
    if (d->convention) {
        e->reading.rows = d->convention == 2;
        return evaluate(e, d, context);
    }
    value v = evaluate(e, d, context);
    if (w->fault.kind == FAULT_SHAPES) {
        fault first = w->fault;
        eddy_clear_error(w->tape);
        w->fault.kind = FAULT_NONE;
        e->reading.rows = true;
        v = evaluate(e, d, context);
        if (w->fault.kind == FAULT_SHAPES)
            w->fault = first;
        else if (!w->fault.kind)
            d->convention = 2;
    } else if (!w->fault.kind)
        d->convention = 1;
    return v;
}

static value plain_definition(evaluation *e, definition *d, void *context)
{
    quantity *q = context;
    if (!q->argument || !outermost_argument(e, d->value))
        return meaning_of(e, d->value);
    value argument =
        world_look(e, q->argument, e->to.step); /* it has a name of its own: the function takes that quantity */
    if (!value_ok(argument))
        return value_none();
    if (d->value->kind == TREE_APPLY)
        return meaning_apply(e, d->value, &argument, 1);
    bound_argument bound = { "(argument)", argument, e->parameter };
    tree name = { .kind = TREE_SYMBOL, .name = bound.name, .accents = "", .style = "", .brackets = '(' };
    tree *parts[] = { d->value->child[0], &name };
    tree call = *d->value;
    call.child = parts;
    evaluation inner = *e;
    inner.parameter = &bound;
    return meaning_of(&inner, &call);
}

static value argument_definition(evaluation *e, definition *d, void *context)
{
    (void)context;
    return meaning_of(e, outermost_argument(e, d->value));
}

/* a_{g,t,b,j} = ...: one scalar for each b and j, put together. */
static value by_elements(evaluation *e, definition *d, void *context)
{
    (void)context;
    symbol_use use;
    world *w = e->world;
    fault *f = meaning_fault(e);
    scope_symbol(w->scope, d->symbol, e->env, &use);
    int first = use.quantity && use.quantity->timed, count = use.indices - first;
    const tree *const *index = use.index + first;
    int64_t high[3] = { 1, 1, 1 };
    bool batch = false;
    if (count > 3) {
        fault_set(f, FAULT_NOT_READ, "a definition by elements has at most three element indices");
        return value_none();
    }
    for (int i = 0; i < count; i++) {
        bool is_batch = false;
        if (!meaning_range(e, d->value, index[i]->name, &high[i], &is_batch))
            return value_none();
        if (is_batch && i)
            fault_set(f, FAULT_NOT_READ, "the batch index must stand before the element indices");
        batch |= is_batch;
    }
    for (int i = count; i < 3; i++)
        high[i] = 1;
    if (high[0] * high[1] * high[2] > 4096) {
        fault_set(f, FAULT_TOO_BIG, "a definition by elements would have %lld elements",
                  (long long)(high[0] * high[1] * high[2]));
        return value_none();
    }
    eddy_var *item = ARENA_ARRAY(w->arena, eddy_var, high[0] * high[1] * high[2]);
    const binding *outside = e->env;
    bool batched = false;
    int64_t n = 0, width = 0;
    for (int64_t i = 1; i <= high[0]; i++)
        for (int64_t j = 1; j <= high[1]; j++)
            for (int64_t k = 1; k <= high[2]; k++) {
                binding b0 = { .letter = index[0]->name, .kind = LETTER_INDEX, .value = i, .outer = outside }, b1 = b0,
                        b2 = b0;
                e->env = &b0;
                if (count > 1)
                    b1 = (binding){ .letter = index[1]->name, .kind = LETTER_INDEX, .value = j, .outer = &b0 },
                    e->env = &b1;
                if (count > 2)
                    b2 = (binding){ .letter = index[2]->name, .kind = LETTER_INDEX, .value = k, .outer = &b1 },
                    e->env = &b2;
                value v = meaning_of(e, d->value);
                e->env = outside;
                if (!value_ok(v) || !item)
                    return value_none();
                bool rows = v.rank == 1 && count == 1 && !batch; /* q_i = Q_{i:}^\top: row i; u_{t,s} = W h_t + V x_s */
                if ((v.rank && !rows) || (n && rows != (width > 0)) || (n && rows && value_size(v, 0) != width)) {
                    fault_set(f, FAULT_SHAPES, "element by element, the right side must be a scalar");
                    return value_none();
                }
                width = rows ? value_size(v, 0) : 0;
                batched |= v.batched;
                item[n++] = v.var;
            }
    if (batch && batched) {
        fault_set(f, FAULT_SHAPES, "the right side has no index of the batch where the left side has one");
        return value_none();
    }
    eddy_shape shape = { 0 };
    if (batched)
        shape.dim[shape.rank++] = w->B;
    for (int i = 0; i < count; i++)
        shape.dim[shape.rank++] = high[i];
    for (int64_t i = 0; batched && i < n; i++)
        item[i] = eddy_broadcast_to(item[i], width ? EDDY_SHAPE(w->B, width) : EDDY_SHAPE(w->B));
    if (width)
        return (value){ .var = eddy_stack_list(batched, (eddy_list){ item, n }), .rank = 2, .batched = batched };
    eddy_var all = eddy_stack_list(-1, (eddy_list){ item, n });
    return (value){ .var = eddy_reshape(all, shape), .rank = count - batch, .batched = batch || batched };
}

value world_again(evaluation *e, quantity *q, int64_t step)
{
    world *w = e->world;
    evaluation inner = { .context = e->context,
                         .world = w,
                         .inside = true,
                         .reading = { .transposed = w->scope->denominator },
                         .to = { q, step },
                         .replaced = e->replaced,
                         .replacement = e->replacement,
                         .depth = e->depth };
    if (q->kind == QUANTITY_LOSS)
        return loss_value(&inner, q);
    if (q->kind == QUANTITY_DIRECT)
        return loss_direct(&inner, q, step);
    if (q->copied) {
        inner.inside = false;
        value same = world_look(&inner, q->copied, 0);
        if (value_ok(same))
            same.var = eddy_add_scalar(same.var, 0);
        return same;
    }
    quantity *source = q->kind == QUANTITY_ARGUMENT ? (quantity *)(uintptr_t)q->of : q;
    const definition *d = scope_definition(w->scope, source, step, &w->fault);
    if (w->fault.kind)
        return value_none();
    bool covered = d && (!q->timed || world_begins(e, d, step) || d->step ||
                         (step - d->shift + d->ahead >= 1 && (step - d->shift <= w->T || !source->backward)));
    if (!covered) {
        if (q->kind == QUANTITY_ARGUMENT)
            return no_such_step(e, q, step);
        return world_given(w, q, step, q->definitions > 0);
    }
    binding t = {
        .letter = d->letter ? d->letter : "t", .kind = LETTER_INDEX, .value = step - d->shift, .outer = d->labels
    };
    inner.env = q->timed && !d->step ? &t : d->labels;
    definition *open = (definition *)(uintptr_t)d;
    value v;
    if (q->kind == QUANTITY_ARGUMENT) {
        if (!outermost_argument(&inner, d->value)) {
            fault_set(&w->fault, FAULT_NOT_READ, "$%s$ is no function of one argument, so $%s$ cannot name it",
                      source->shown, q->shown);
            return value_none();
        }
        v = in_convention(&inner, open, argument_definition, q);
    } else
        v = in_convention(&inner, open, d->elements ? by_elements : plain_definition, q);
    if (w->fault.kind == FAULT_SHAPES) { /* what stands on it is not false for that */
        fault inside = { .kind = FAULT_NOT_READ };
        snprintf(inside.sentence, sizeof inside.sentence,
                 "the definition of $%.60s$ does not multiply out (%.290s): say the shapes of what is given in the "
                 "setup, or mend the formula",
                 source->shown, w->fault.sentence);
        w->fault = inside;
    }
    if (!value_ok(v))
        return value_none();
    if (v.pending)
        v = value_sum_batch(&w->algebra, v);
    if (v.ones || v.number) { /* C_0 = 0: as large as C is elsewhere */
        int rank;
        int64_t dim[2];
        if (v.number && shapes_get(w, q, &rank, dim) && rank) {
            eddy_shape shape = { 0 };
            if (q->timed)
                shape.dim[shape.rank++] = w->B;
            for (int i = 0; i < rank; i++)
                shape.dim[shape.rank++] = dim[i];
            v = (value){ .var = eddy_broadcast_to(v.var, shape), .rank = rank, .batched = q->timed };
        }
        v.number = false;
    }
    v.var = eddy_add_scalar(v.var, 0); /* a node of its own: a derivative by a is none by b, though a = b */
    v.same_sides = v.rank == 1 && !v.batched && !w->scope->sided;
    return v;
}

static void note_edge(world *w, node_name from, node_name to)
{
    for (int i = 0; i < w->edges; i++)
        if (w->edge[i].from.quantity == from.quantity && w->edge[i].from.step == from.step &&
            w->edge[i].to.quantity == to.quantity && w->edge[i].to.step == to.step)
            return;
    if (w->edges == w->edge_room) {
        int room = w->edge_room ? 2 * w->edge_room : 128;
        edge *more = ARENA_ARRAY(w->arena, edge, room);
        if (!more)
            return;
        if (w->edges)
            memcpy(more, w->edge, (size_t)w->edges * sizeof *more);
        w->edge = more, w->edge_room = room;
    }
    w->edge[w->edges++] = (edge){ from, to };
}

/* The explicit derivative of h_t by a parameter holds the steps before fixed: what of its own step has a name stands
 * for its definition. */
static bool is_between(const evaluation *e, const quantity *q, int64_t step)
{
    return e->inside && e->replaced.quantity && !e->replaced.quantity->timed && e->replaced.quantity != q && q->timed &&
           e->to.quantity && e->to.quantity->timed && step == e->to.step && !q->copied &&
           (q->kind == QUANTITY_ARGUMENT || (q->kind == QUANTITY_DEFINED && q->definitions));
}

static bool is_exhausted(world *w)
{
    if (w->until > 0 && world_clock() > w->until)
        return !fault_set(&w->fault, FAULT_TOO_BIG, "the time for this document is over (see --seconds)");
    return eddy_node_count(w->tape) > WORLD_NODES &&
           !fault_set(&w->fault, FAULT_TOO_BIG, "more than %d operations would have to be recorded: take smaller sizes",
                      WORLD_NODES);
}

/* Evaluates q at a step for the first time in its context, and keeps it at `at`. */
static bool compute(evaluation *e, quantity *q, int64_t step, int at)
{
    world *w = e->world;
    wiring *c = e->context;
    if (c->depth > WORLD_DEPTH)
        return fault_set(&w->fault, FAULT_TOO_BIG, "the recurrence of $%s$ is longer than %d evaluations", q->shown,
                         WORLD_DEPTH);
    c->state[at] = 1;
    c->depth++;
    evaluation fresh = *e;
    fresh.replaced = (node_name){ 0 };
    value v = world_again(&fresh, q, step);
    c->depth--;
    for (int i = 0; value_ok(v) && i < c->frees; i++)
        if (c->free[i].quantity == q && c->free[i].step == step)
            v.var = eddy_add_scalar(eddy_detach(v.var), 0);
    for (int i = 0; value_ok(v) && i < c->nudges; i++)
        if (c->nudge[i].node.quantity == q && c->nudge[i].node.step == step)
            v.var = eddy_add(v.var, c->nudge[i].by);
    if (value_ok(v) && eddy_error(w->tape)) {
        fault_set(&w->fault, FAULT_TAPE, "%s", fault_plain(eddy_error(w->tape)));
        v = value_none();
    }
    c->memo[at] = v;
    c->state[at] = value_ok(v) ? 2 : 0;
    c->kept++;
    return value_ok(v);
}

/* What was kept, as the reading of the formula that asks has it. */
static value as_asked(evaluation *e, quantity *q, int64_t step, int at)
{
    world *w = e->world;
    wiring *c = e->context;
    value v = c->memo[at], kept = v; /* what a cut leaves: in a nudged context, the value before the nudge */
    if (c->nudges && w->base->state[at] == 2)
        kept = w->base->memo[at];
    for (int i = 0; e->inside && i < c->cuts; i++)
        if (c->cut[i].from.quantity == q && c->cut[i].from.step == step && c->cut[i].to.quantity == e->to.quantity &&
            c->cut[i].to.step == e->to.step)
            v.var = eddy_detach(kept.var);
    for (int i = 0; e->inside && i < c->helds; i++)
        if (c->held[i] == q && (!c->held_once[i] || c->held_step[i] == step))
            v.var = eddy_detach(kept.var);
    if (v.rank == 1 && e->reading.upstream && v.covector)
        v.row = true, v.same_sides = false;
    else if (v.rank == 1)
        v.row = e->reading.rows && !v.same_sides;
    return v;
}

value world_look(evaluation *e, quantity *q, int64_t step)
{
    world *w = e->world;
    wiring *c = e->context;
    world_take_sizes(w);
    if (w->fault.kind)
        return value_none();
    if (is_exhausted(w))
        return value_none();
    if (e->inside && q->copy && q != e->replaced.quantity) { /* each step has a copy of its own to differentiate by */
        step = e->to.quantity && e->to.quantity->timed ? e->to.step : 0;
        q = q->copy;
    }
    if (!q->timed)
        step = 0;
    if (step < -STEPS_BEFORE || step > w->T + STEPS_AFTER)
        return no_such_step(e, q, step);
    if (q->number >= c->quantities) {
        fault_set(&w->fault, FAULT_NOT_READ, "$%s$ is not known", q->shown);
        return value_none();
    }
    if (e->inside && c->record)
        note_edge(w, (node_name){ q, step }, e->to);
    if (e->replaced.quantity == q && e->replaced.step == step) {
        value v = c->memo[q->number * (int)(w->T + 1 + STEPS_BEFORE + STEPS_AFTER) + (int)(step + STEPS_BEFORE)];
        v.var = e->replacement;
        v.row = e->reading.rows && v.rank == 1 && !v.same_sides;
        return v;
    }
    int at = q->number * (int)(w->T + 1 + STEPS_BEFORE + STEPS_AFTER) + (int)(step + STEPS_BEFORE);
    if (c->state[at] == 1) {
        fault_set(&w->fault, FAULT_NOT_READ, "$%s$ is defined by itself at the same step%s", q->shown,
                  q->timed ? ""
                           : ": if an index of it counts steps, say so in the setup, as in \"time k\", or, beside "
                             "another letter that does, \"index k in T\"");
        return value_none();
    }
    if (c->state[at] == 2 && is_between(e, q, step)) /* once evaluated, it is defined by nothing that stands on it */
        return world_again(e, q, step);
    if (c->state[at] == 0 && !compute(e, q, step, at))
        return value_none();
    return as_asked(e, q, step, at);
}
