/* Unrolling a cell over time. */
#include "cell.h"

#include <stdio.h>

static eddy_unrolled failed(eddy_tape *tape)
{
    eddy_unrolled r = { { 0 }, { 0 }, { { 0 } } };
    if (tape) {
        r.outputs = r.last = (eddy_var){ tape, EDDY_FAILED, 0 };
        for (int i = 0; i < EDDY_MAX_STATES; i++)
            r.state[i] = r.last;
    }
    return r;
}

static eddy_unrolled fail(eddy_site site, eddy_tape *tape, const char *sentence)
{
    eddy_error_set_at(site, tape, sentence);
    return failed(tape);
}

/* A state as a step must leave it: a var of this tape of shape (batch, size). A sentence in `text` if it is not. */
static bool state_is_good(eddy_tape *tape, const eddy_cell *cell, int i, eddy_var state, int64_t batch, const char *when, char *text, size_t size)
{
    if (!state.tape) {
        snprintf(text, size, "the cell %s left state[%d] without a value ({0}); a step must set every state", when, i);
        return false;
    }
    eddy_shape shape = eddy_shape_of(state), wanted = EDDY_SHAPE(batch, cell->state_size[i]);
    if (state.tape == tape && shape.rank < 0 && eddy_error(tape))
        return false; /* failed already, with its own sentence */
    if (state.tape != tape || !eddy_shape_equal(&shape, &wanted)) {
        snprintf(text, size, "%s, state[%d] has shape %s; the cell's state_size says %s", when, i,
                 state.tape != tape ? "of another tape" : eddy_shape_format(&shape).text, eddy_shape_format(&wanted).text);
        return false;
    }
    return true;
}

eddy_unrolled eddy_unroll_at(eddy_site site, const eddy_cell *cell, eddy_var x, const eddy_unroll_options *options)
{
    eddy_tape *tape = x.tape;
    if (!tape || eddy_error(tape))
        return failed(tape);
    eddy_shape shape = eddy_shape_of(x);
    char text[512] = "";
    if (!cell || !cell->step || cell->states < 1 || cell->states > EDDY_MAX_STATES)
        return fail(site, tape, "unroll: the cell has no step function or not 1 to 4 states");
    if (shape.rank != 3 || shape.dim[0] < 1) {
        snprintf(text, sizeof text, "unroll: the input has shape %s; (time, batch, input) with at least one step is needed",
                 shape.rank < 0 ? "of no usable var" : eddy_shape_format(&shape).text);
        return fail(site, tape, text);
    }
    int64_t steps = shape.dim[0], batch = shape.dim[1];
    eddy_list outputs = eddy_list_new(tape, NULL, steps);
    eddy_var state[EDDY_MAX_STATES] = { { 0 } };
    eddy_scope_push(tape, site, "unroll", -1);
    for (int i = 0; i < cell->states; i++)
        state[i] =
            options && options->initial ? options->initial[i] : eddy_full_of(tape, eddy_dtype_of(x), EDDY_SHAPE(batch, cell->state_size[i]), 0);
    for (int i = 0; i < cell->states; i++)
        if (!state_is_good(tape, cell, i, state[i], batch, "at the start", text, sizeof text))
            eddy_error_set(tape, text);
    for (int64_t t = 0; t < outputs.count && !eddy_error(tape); t++) {
        eddy_scope_push(tape, NULL, "step", t);
        outputs.items[t] = cell->step(cell, eddy_select(x, 0, t), state);
        if (!outputs.items[t].tape)
            eddy_error_set(tape, "the cell's step returned no output ({0})");
        for (int i = 0; i < cell->states; i++)
            if (!state_is_good(tape, cell, i, state[i], batch, "after the step", text, sizeof text))
                eddy_error_set(tape, text);
        eddy_scope_pop(tape);
    }
    eddy_unrolled r = failed(tape);
    if (!eddy_error(tape)) {
        r.outputs = eddy_stack_list(0, outputs);
        r.last = outputs.items[steps - 1];
        for (int i = 0; i < cell->states; i++)
            r.state[i] = state[i];
        for (int i = cell->states; i < EDDY_MAX_STATES; i++)
            r.state[i] = (eddy_var){ 0 };
    }
    eddy_scope_pop(tape);
    return r;
}
