/* Stacks of cells in one direction or both: eddy_unroll once a cell, and the directions' outputs merged. */
#include "layers.h"

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

eddy_lstm_layers eddy_lstm_layers_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input,
                                         int64_t hidden, int64_t layers, bool bidirectional,
                                         const eddy_lstm_options *options)
{
    eddy_lstm_layers stack = { .count = cells_of(site, tape, layers, bidirectional), .bidirectional = bidirectional };
    eddy_lstm_options o = options ? *options : (eddy_lstm_options){ 0 };
    const int64_t directions = bidirectional ? 2 : 1, output = o.projection > 0 ? o.projection : hidden;
    for (int64_t i = 0; i < stack.count; i++) {
        o.layer = (int)(i / directions);
        o.reverse = i % directions == 1;
        stack.lstm[i] = eddy_lstm_new_with_at(
            site, tape, name, i < directions || eddy_error(tape) ? input : output * directions, hidden, &o);
    }
    return stack;
}

eddy_gru_layers eddy_gru_layers_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                       int64_t layers, bool bidirectional, const eddy_gru_options *options)
{
    eddy_gru_layers stack = { .count = cells_of(site, tape, layers, bidirectional), .bidirectional = bidirectional };
    eddy_gru_options o = options ? *options : (eddy_gru_options){ 0 };
    const int64_t directions = bidirectional ? 2 : 1;
    for (int64_t i = 0; i < stack.count; i++) {
        o.layer = (int)(i / directions);
        o.reverse = i % directions == 1;
        stack.gru[i] = eddy_gru_new_with_at(
            site, tape, name, i < directions || eddy_error(tape) ? input : hidden * directions, hidden, &o);
    }
    return stack;
}

eddy_rnn_layers eddy_rnn_layers_new_at(eddy_site site, eddy_tape *tape, const char *name, int64_t input, int64_t hidden,
                                       int64_t layers, bool bidirectional, const eddy_rnn_options *options)
{
    eddy_rnn_layers stack = { .count = cells_of(site, tape, layers, bidirectional), .bidirectional = bidirectional };
    eddy_rnn_options o = options ? *options : (eddy_rnn_options){ 0 };
    const int64_t directions = bidirectional ? 2 : 1;
    for (int64_t i = 0; i < stack.count; i++) {
        o.layer = (int)(i / directions);
        o.reverse = i % directions == 1;
        stack.rnn[i] = eddy_rnn_new_with_at(
            site, tape, name, i < directions || eddy_error(tape) ? input : hidden * directions, hidden, &o);
    }
    return stack;
}

/* Whether the options' directions are those that the stack was made for; a failure if not. */
static bool directions_agree(eddy_site site, eddy_tape *tape, bool made, const eddy_layers_options *options)
{
    bool asked = options && options->bidirectional;
    if (asked != made && tape && !eddy_error(tape))
        eddy_fail_at(site, tape, "unroll: the stack was made for %s",
                     made ? "both directions; options.bidirectional must say so"
                          : "one direction and options.bidirectional asks for two");
    return asked == made;
}

eddy_layered eddy_unroll_lstm_at(eddy_site site, const eddy_lstm_layers *stack, eddy_var x,
                                 const eddy_layers_options *options)
{
    const eddy_cell *cells[EDDY_MAX_LAYERS] = { 0 };
    if (!stack || !directions_agree(site, x.tape, stack->bidirectional, options))
        return stack ? failed(x.tape) : eddy_unroll_layers_at(site, NULL, 0, x, options);
    for (int64_t i = 0; i < stack->count && i < EDDY_MAX_LAYERS; i++)
        cells[i] = &stack->lstm[i].cell;
    return eddy_unroll_layers_at(site, cells, stack->count, x, options);
}

eddy_layered eddy_unroll_gru_at(eddy_site site, const eddy_gru_layers *stack, eddy_var x,
                                const eddy_layers_options *options)
{
    const eddy_cell *cells[EDDY_MAX_LAYERS] = { 0 };
    if (!stack || !directions_agree(site, x.tape, stack->bidirectional, options))
        return stack ? failed(x.tape) : eddy_unroll_layers_at(site, NULL, 0, x, options);
    for (int64_t i = 0; i < stack->count && i < EDDY_MAX_LAYERS; i++)
        cells[i] = &stack->gru[i].cell;
    return eddy_unroll_layers_at(site, cells, stack->count, x, options);
}

eddy_layered eddy_unroll_rnn_at(eddy_site site, const eddy_rnn_layers *stack, eddy_var x,
                                const eddy_layers_options *options)
{
    const eddy_cell *cells[EDDY_MAX_LAYERS] = { 0 };
    if (!stack || !directions_agree(site, x.tape, stack->bidirectional, options))
        return stack ? failed(x.tape) : eddy_unroll_layers_at(site, NULL, 0, x, options);
    for (int64_t i = 0; i < stack->count && i < EDDY_MAX_LAYERS; i++)
        cells[i] = &stack->rnn[i].cell;
    return eddy_unroll_layers_at(site, cells, stack->count, x, options);
}
