/* Stacks of cells in one direction or both: eddy_unroll once a cell, and the directions' outputs merged. */
#include "layers.h"
#include "dropout.h"

#include <stdio.h>

static eddy_layered failed(eddy_tape *tape)
{
    return (eddy_layered){ .outputs = eddy_failed(tape),
                           .last = eddy_failed(tape),
                           .states = eddy_failed_list(tape, -1),
                           .carried = eddy_failed_list(tape, -1) };
}

/* Scopes must outlive the call, so their names are literals. */
static const char *const scope_names[EDDY_MAX_LAYERS] = { "layer 0",  "layer 1",  "layer 2",  "layer 3",
                                                          "layer 4",  "layer 5",  "layer 6",  "layer 7",
                                                          "layer 8",  "layer 9",  "layer 10", "layer 11",
                                                          "layer 12", "layer 13", "layer 14", "layer 15" };

/* A failure if the stack cannot be meant. */
static bool stack_is_good(eddy_site site, eddy_tape *tape, const eddy_cell *const *cells, int64_t count,
                          const eddy_layers_options *o)
{
    int64_t directions = o->bidirectional ? 2 : 1;
    if (!cells || count < 1 || count > EDDY_MAX_LAYERS)
        eddy_fail_at(site, tape, "unroll_layers: %lld cells; 1 to %d are possible", cells ? (long long)count : 0LL,
                     EDDY_MAX_LAYERS);
    else if (count % directions)
        eddy_fail_at(site, tape,
                     "unroll_layers: %lld cells in both directions; their number must be even, a forward and a reverse "
                     "one for each layer",
                     (long long)count);
    else if (o->bidirectional && o->unroll.reverse)
        eddy_fail_at(site, tape, "unroll_layers: bidirectional and unroll.reverse exclude each other");
    else if (!(o->dropout >= 0 && o->dropout < 1))
        eddy_fail_at(site, tape, "unroll_layers: dropout is %g; a probability in [0, 1) is needed", o->dropout);
    else if (o->merge != EDDY_MERGE_CONCAT && o->merge != EDDY_MERGE_SUM && o->merge != EDDY_MERGE_MEAN)
        eddy_fail_at(site, tape, "unroll_layers: %d is no way to merge directions", (int)o->merge);
    for (int64_t i = 0; i < count && !eddy_error(tape); i++)
        if (!cells[i] || cells[i]->states < 1)
            eddy_fail_at(site, tape, "unroll_layers: cell %lld is NULL or has no states", (long long)i);
    return !eddy_error(tape);
}

static eddy_var merge(eddy_merge how, eddy_var forward, eddy_var reverse)
{
    if (how == EDDY_MERGE_CONCAT)
        return eddy_concat(-1, forward, reverse);
    eddy_var sum = eddy_add(forward, reverse);
    return how == EDDY_MERGE_SUM ? sum : eddy_mul_scalar(sum, 0.5);
}

eddy_layered eddy_unroll_layers_at(eddy_site site, const eddy_cell *const *cells, int64_t count, eddy_var x,
                                   const eddy_layers_options *options)
{
    eddy_tape *tape = x.tape;
    if (!tape || eddy_error(tape))
        return failed(tape);
    eddy_layers_options o = options ? *options : (eddy_layers_options){ 0 };
    if (!stack_is_good(site, tape, cells, count, &o))
        return failed(tape);
    const int64_t directions = o.bidirectional ? 2 : 1;
    int64_t states = 0, used = 0;
    for (int64_t i = 0; i < count; i++)
        states += cells[i]->states;
    eddy_layered r = { .outputs = x, .states = eddy_list_new(tape, NULL, states) };
    eddy_scope_push(tape, site, "layers", -1);
    for (int64_t i = 0; i < count && !eddy_error(tape); i += directions) {
        eddy_unrolled run[2] = { 0 };
        const int64_t layer = i / directions;
        eddy_scope_push(tape, NULL, scope_names[layer], -1);
        for (int64_t d = 0; d < directions && !eddy_error(tape); d++) {
            eddy_unroll_options each = o.unroll;
            char carry[300];
            each.reverse = o.unroll.reverse || d == 1;
            each.initial = o.unroll.initial ? o.unroll.initial + used : NULL;
            if (o.unroll.carry) {
                int length = snprintf(carry, sizeof carry, "%s.l%d%s", o.unroll.carry, (int)layer, d ? "_reverse" : "");
                if (length < 0 || (size_t)length >= sizeof carry)
                    eddy_fail(tape, "unroll_layers: the name to carry states under is too long");
                each.carry = carry;
            }
            run[d] = eddy_unroll(cells[i + d], r.outputs, &each);
            for (int k = 0; k < cells[i + d]->states && !eddy_error(tape); k++)
                r.states.items[used++] = run[d].states.items[k];
            r.carried = eddy_list_join(tape, r.carried, run[d].carried);
        }
        r.last = directions == 2 ? merge(o.merge, run[0].last, run[1].last) : run[0].last;
        r.outputs = directions == 2 ? merge(o.merge, run[0].outputs, run[1].outputs) : run[0].outputs;
        if (o.unroll.training && o.dropout > 0 && i + directions < count)
            r.outputs = eddy_dropout(r.outputs, o.dropout);
        eddy_scope_pop(tape);
    }
    eddy_scope_pop(tape);
    return eddy_error(tape) ? failed(tape) : r;
}

/* ---- Stacks of one kind ---- */

/* A size is multiplied only once the first layer has accepted it. */

/* The number of cells; 0 after a failure. */
static int64_t cells_of(eddy_site site, eddy_tape *tape, int64_t layers, bool bidirectional)
{
    int64_t directions = bidirectional ? 2 : 1;
    if (!tape || eddy_error(tape))
        return 0;
    if (layers >= 1 && layers <= EDDY_MAX_LAYERS / directions)
        return layers * directions;
    eddy_fail_at(site, tape, "%lld layers%s; 1 to %lld are possible", (long long)layers,
                 bidirectional ? " in both directions" : "", (long long)(EDDY_MAX_LAYERS / directions));
    return 0;
}

/* Whether the options are such as the stack of `count` cells was made for; a failure if not. */
static bool options_agree(eddy_site site, eddy_tape *tape, bool both, int64_t count, const eddy_layers_options *options)
{
    bool asked = options && options->bidirectional, sound = tape && !eddy_error(tape);
    if (asked != both && sound)
        eddy_fail_at(site, tape, "unroll: the stack was made for %s",
                     both ? "both directions; options.bidirectional must say so"
                          : "one direction and options.bidirectional asks for two");
    else if (both && asked && count > 2 && options->merge != EDDY_MERGE_CONCAT && sound)
        eddy_fail_at(site, tape,
                     "unroll: options.merge adds the two directions up, and the stack's upper layers were made to read "
                     "them side by side; leave merge at EDDY_MERGE_CONCAT, or make the cells one by one and call "
                     "eddy_unroll_layers");
    else
        return asked == both;
    return false;
}

/* `first` is the first of `count` structs of `size` bytes that begin with their cell; NULL: there is no stack. */
static eddy_layered unroll_stack(eddy_site site, const eddy_cell *first, size_t size, int64_t count, eddy_var x,
                                 const eddy_layers_options *options)
{
    const eddy_cell *cells[EDDY_MAX_LAYERS] = { 0 };
    for (int64_t i = 0; i < count && i < EDDY_MAX_LAYERS; i++)
        cells[i] = (const eddy_cell *)(const void *)((const char *)first + (size_t)i * size);
    return eddy_unroll_layers_at(site, first ? cells : NULL, count, x, options);
}

/* Making and unrolling stacks of one kind, whose cells differ in their types only. A layer but the first reads what the
 * cells below put out: their state[0], of both directions. */
#define LAYERS(kind)                                                                                                   \
    eddy_##kind##_layers eddy_##kind##_layers_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, \
                                                     int64_t hidden, int64_t layers, bool bidirectional,               \
                                                     const eddy_##kind##_options *options)                             \
    {                                                                                                                  \
        eddy_##kind##_layers stack = { .count = cells_of(site, tape, layers, bidirectional),                           \
                                       .bidirectional = bidirectional };                                               \
        eddy_##kind##_options o = options ? *options : (eddy_##kind##_options){ 0 };                                   \
        const int64_t directions = bidirectional ? 2 : 1;                                                              \
        for (int64_t i = 0; i < stack.count; i++) {                                                                    \
            o.layer = (int)(i / directions);                                                                           \
            o.reverse = i % directions == 1;                                                                           \
            stack.kind[i] = eddy_##kind##_new_with_at(site, tape, name, input, hidden, &o);                            \
            if (i % directions == directions - 1 && !eddy_error(tape))                                                 \
                input = directions * stack.kind[i].cell.state_size[0];                                                 \
        }                                                                                                              \
        return stack;                                                                                                  \
    }                                                                                                                  \
    eddy_layered eddy_unroll_##kind##_at(eddy_site site, const eddy_##kind##_layers *stack, eddy_var x,                \
                                         const eddy_layers_options *options)                                           \
    {                                                                                                                  \
        if (stack && !options_agree(site, x.tape, stack->bidirectional, stack->count, options))                        \
            return failed(x.tape);                                                                                     \
        return unroll_stack(site, stack ? &stack->kind[0].cell : NULL, stack ? sizeof stack->kind[0] : 0,              \
                            stack ? stack->count : 0, x, options);                                                     \
    }

LAYERS(lstm)
LAYERS(gru)
LAYERS(rnn)
