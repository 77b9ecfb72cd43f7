/* Unrolling a cell over time, with all that any cell can have: lengths, direction, dropout, zoneout, truncation,
 * checkpoints, states carried over.
 *
 * Nothing here depends on how far a batch is padded. Lengths are one mask over (time, batch): a padded step computes on
 * zeros and its result is thrown away by `where`, so its gradients are exact zeros, added to sums behind or before
 * which the other terms keep their order. Reverse needs no turning of sequences: steps run from the last to the first,
 * and a sequence keeps its initial state until its own last step comes. Random masks for all steps are drawn before the
 * first one, so that step t's mask is the same whatever the number of steps. */
#include "cell.h"

#include <stdio.h>
#include <string.h>

typedef struct unroll {
    eddy_tape *tape;
    const eddy_cell *cell;
    eddy_unroll_options options;
    int64_t steps, batch, t; /* t: the step being recorded */
    eddy_var x;
    eddy_var lengths;                   /* (batch), checked; {0}: all sequences have all steps, and mask is {0} too */
    eddy_var mask;                      /* (time, batch, 1): 1 where a sequence has that step, else 0 */
    eddy_var state_mask;                /* (batch, size of state[0]): 0 or 1/(1 - p); {0}: none */
    eddy_var zoneout[EDDY_STATE_SIZES]; /* (time, batch, size): 1 where the old value is kept; {0}: none */
    /* Of each state: */
    eddy_var *carry; /* with options.carry: the leaf */
    eddy_var *state; /* between steps */
    eddy_var *read;  /* what the step is given */
    eddy_var *set;   /* what it makes of that */
} unroll;

/* Under this address an unroll's scope keeps the unroll, for eddy_steps_done; a step may unroll another cell. */
static const char recording;

static int64_t state_size(const eddy_cell *cell, int i)
{
    i = i < EDDY_STATE_SIZES ? i : EDDY_STATE_SIZES - 1;
    while (i > 0 && !cell->state_size[i])
        i--;
    return cell->state_size[i];
}

static eddy_unrolled failed(eddy_tape *tape, const eddy_cell *cell)
{
    eddy_unrolled r = { .outputs = eddy_failed(tape),
                        .last = eddy_failed(tape),
                        .states = eddy_failed_list(tape, cell ? cell->states : 0),
                        .carried = eddy_failed_list(tape, cell ? cell->states : 0) };
    for (int i = 0; i < EDDY_STATE_SIZES; i++)
        r.state[i] = r.last;
    return r;
}

/* ---- Checks ---- */

/* A failure if the cell cannot be meant. */
static bool cell_is_good(eddy_site site, eddy_tape *tape, const eddy_cell *cell)
{
    if (!cell || !cell->step || cell->states < 1)
        eddy_fail_at(site, tape, "unroll: the cell %s",
                     !cell         ? "is NULL"
                     : !cell->step ? "has no step function"
                                   : "has no states; at least 1 is needed");
    for (int i = 0; cell && i < cell->states && i < EDDY_STATE_SIZES; i++)
        if (state_size(cell, i) < 1)
            eddy_fail_at(site, tape, "unroll: the cell's state_size[%d] is %lld; at least 1 is needed", i,
                         (long long)state_size(cell, i));
    return !eddy_error(tape);
}

/* A failure if the options cannot be meant. */
static bool options_are_good(eddy_site site, eddy_tape *tape, const eddy_cell *cell, const eddy_unroll_options *o,
                             int64_t batch)
{
    const struct {
        const char *name;
        double p;
    } dropouts[] = { { "input_dropout", o->input_dropout }, { "state_dropout", o->state_dropout } };
    for (int i = 0; i < 2; i++)
        if (!(dropouts[i].p >= 0 && dropouts[i].p < 1))
            eddy_fail_at(site, tape, "unroll: %s is %g; a probability in [0, 1) is needed", dropouts[i].name,
                         dropouts[i].p);
    for (int i = 0; i < EDDY_STATE_SIZES; i++) {
        if (!(o->zoneout[i] >= 0 && o->zoneout[i] <= 1))
            eddy_fail_at(site, tape, "unroll: zoneout[%d] is %g; a probability in [0, 1] is needed", i, o->zoneout[i]);
        else if (i >= cell->states && o->zoneout[i] > 0)
            eddy_fail_at(site, tape, "unroll: zoneout[%d] is %g, but the cell has only %d states", i, o->zoneout[i],
                         cell->states);
    }
    if (o->truncate < 0)
        eddy_fail_at(site, tape, "unroll: truncate is %lld; a number of steps is needed, or 0 to detach nowhere",
                     (long long)o->truncate);
    if (o->checkpoint < -1)
        eddy_fail_at(
            site, tape,
            "unroll: checkpoint is %lld; a number of steps is needed, 0 to keep all values, or -1 for about sqrt(time)",
            (long long)o->checkpoint);
    if (o->carry && !*o->carry)
        eddy_fail_at(site, tape, "unroll: carry is an empty name");
    if (!o->lengths.tape)
        return !eddy_error(tape);
    eddy_shape shape = eddy_shape_of(o->lengths);
    eddy_dtype dtype = eddy_dtype_of(o->lengths);
    if (o->lengths.tape != tape || shape.rank < 0)
        eddy_fail_at(site, tape, "unroll: the lengths are %s",
                     o->lengths.tape != tape ? "a var of another tape" : "no usable var");
    else if (shape.rank != 1 || shape.dim[0] != batch || eddy_dtype_is_float(dtype))
        eddy_fail_at(
            site, tape,
            "unroll: the lengths have shape %s and dtype %s; the input needs (%lld,), one for each sequence, of "
            "i32 or i64",
            eddy_shape_format(&shape).text, eddy_dtype_name(dtype), (long long)batch);
    return !eddy_error(tape);
}

/* A state as a step must leave it: a var of this tape of shape (batch, size) and, after a step, of the dtype that it
 * had. A failure if not. */
static bool state_is_good(const unroll *u, int i, eddy_var state, const char *when)
{
    if (!state.tape)
        eddy_fail(u->tape, "the cell %s left state[%d] without a value ({0}); a step must set every state", when, i);
    eddy_shape shape = eddy_shape_of(state), wanted = EDDY_SHAPE(u->batch, state_size(u->cell, i));
    if (state.tape != u->tape || !eddy_shape_equal(&shape, &wanted))
        eddy_fail(u->tape, "%s, state[%d] has shape %s; the cell's state_size says %s", when, i,
                  state.tape != u->tape ? "of another tape" : eddy_shape_format(&shape).text,
                  eddy_shape_format(&wanted).text);
    else if (u->state[i].tape && eddy_dtype_of(state) != eddy_dtype_of(u->state[i]))
        eddy_fail(u->tape, "%s, state[%d] has dtype %s; it was %s before", when, i,
                  eddy_dtype_name(eddy_dtype_of(state)), eddy_dtype_name(eddy_dtype_of(u->state[i])));
    return !eddy_error(u->tape); /* what failed already has its own sentence */
}

/* What a step made of the states that it read. A state that is still the same var was forgotten, unless another state
 * shared that var. */
static bool step_is_good(const unroll *u, eddy_var out)
{
    if (!out.tape)
        eddy_fail(u->tape, "the cell's step returned no output ({0})");
    for (int i = 0; i < u->cell->states; i++) {
        bool kept = eddy_same(u->set[i], u->read[i]);
        for (int k = 0; k < u->cell->states && kept; k++)
            kept = k == i || !eddy_same(u->read[i], u->read[k]);
        if (kept)
            eddy_fail(
                u->tape,
                "the cell left state[%d] as it found it; a step must set every state (to keep one on purpose, add "
                "0 to it)",
                i);
        if (!state_is_good(u, i, u->set[i], "after the step"))
            return false;
    }
    eddy_shape shape = eddy_shape_of(out);
    if (out.tape != u->tape || shape.rank != 2 || shape.dim[0] != u->batch)
        eddy_fail(u->tape, "the step's output has shape %s; (batch, size) is needed, with batch %lld",
                  out.tape != u->tape ? "of another tape" : eddy_shape_format(&shape).text, (long long)u->batch);
    return !eddy_error(u->tape);
}

/* ---- Lengths ---- */

/* a where the mask is 1, b where it is 0; the mask takes their dtype. */
static eddy_var choose(eddy_var mask, eddy_var a, eddy_var b)
{
    return eddy_where(eddy_dtype_of(mask) == eddy_dtype_of(a) ? mask : eddy_cast(mask, eddy_dtype_of(a)), a, b);
}

static eddy_var or_zero(eddy_var mask, eddy_var a)
{
    return choose(mask, a, eddy_full_of(a.tape, eddy_dtype_of(a), EDDY_SCALAR, 0));
}

/* mask_tb = 1 where t < length_b. A run that meets another length fails with a sentence; the mask is made of the
 * checked lengths, so that no program can drop the check. */
static void mask_by_length(unroll *u)
{
    if (!u->options.lengths.tape)
        return;
    u->lengths = eddy_check_range(u->options.lengths, 0, u->steps, "lengths");
    eddy_scope_push(u->tape, NULL, "the lengths", -1);
    eddy_var ones = eddy_full_of(u->tape, eddy_dtype_of(u->lengths), EDDY_SHAPE(u->steps, 1, 1), 1);
    eddy_var time = eddy_sub_scalar(eddy_cumsum(ones, 0), 1);
    u->mask = eddy_cast(eddy_gt(eddy_reshape(u->lengths, EDDY_SHAPE(1, u->batch, 1)), time), eddy_dtype_of(u->x));
    eddy_scope_pop(u->tape);
    u->x = or_zero(u->mask, u->x);
}

static eddy_var mask_of_step(const unroll *u, int64_t t)
{
    return eddy_select(u->mask, 0, t);
}

/* ---- Random masks ---- */

static eddy_var dropout_mask(const unroll *u, int64_t size, eddy_dtype dtype, double p)
{
    return eddy_div_scalar(eddy_cast(eddy_bernoulli(u->tape, EDDY_SHAPE(u->batch, size), 1 - p), dtype), 1 - p);
}

static void draw_masks(unroll *u)
{
    const eddy_unroll_options *o = &u->options;
    if (!o->training)
        return;
    if (o->input_dropout > 0)
        u->x = eddy_mul(u->x, dropout_mask(u, eddy_size(u->x, -1), eddy_dtype_of(u->x), o->input_dropout));
    if (o->state_dropout > 0)
        u->state_mask = dropout_mask(u, state_size(u->cell, 0), eddy_dtype_of(u->state[0]), o->state_dropout);
    for (int i = 0; i < EDDY_STATE_SIZES; i++)
        if (o->zoneout[i] > 0)
            u->zoneout[i] =
                eddy_bernoulli(u->tape, EDDY_SHAPE(u->steps, u->batch, state_size(u->cell, i)), o->zoneout[i]);
}

/* Elements of the mask keep the old value; without training, p old + (1 - p) new, its expectation. */
static eddy_var zone_out(const unroll *u, int i, int64_t t, eddy_var old, eddy_var new)
{
    double p = i < EDDY_STATE_SIZES ? u->options.zoneout[i] : 0;
    if (!(p > 0))
        return new;
    if (u->zoneout[i].tape)
        return choose(eddy_select(u->zoneout[i], 0, t), old, new);
    return eddy_add(eddy_mul_scalar(old, p), eddy_mul_scalar(new, 1 - p));
}

/* ---- States ---- */

/* The initial value of state i, seen as (batch, size). */
static eddy_var initial_state(const unroll *u, int i)
{
    eddy_shape wanted = EDDY_SHAPE(u->batch, state_size(u->cell, i));
    if (!u->options.initial)
        return eddy_full_of(u->tape, eddy_dtype_of(u->x), wanted, 0);
    eddy_var given = u->options.initial[i];
    eddy_shape shape = eddy_shape_of(given);
    bool for_all = (shape.rank == 1 && shape.dim[0] == wanted.dim[1]) ||
                   (shape.rank == 2 && shape.dim[0] == 1 && shape.dim[1] == wanted.dim[1]);
    return given.tape == u->tape && for_all && !eddy_shape_equal(&shape, &wanted) ? eddy_broadcast_to(given, wanted)
                                                                                  : given;
}

/* The leaf "CARRY.i": that of an earlier recording, or a new one with the initial state's present value. */
static eddy_var carried_state(const unroll *u, int i, eddy_var initial)
{
    char name[300];
    const char *prefix = eddy_prefix(u->tape);
    int length = snprintf(name, sizeof name, "%s%s.%d", prefix, u->options.carry, i);
    if (length < 0 || (size_t)length >= sizeof name)
        return eddy_fail(u->tape, "unroll: the name to carry states under is too long");
    eddy_var state = eddy_find(u->tape, name);
    if (!state.tape) {
        const eddy_tensor *value = eddy_value(initial);
        return value ? eddy_state(u->tape, name + strlen(prefix), value) : eddy_failed(u->tape);
    }
    eddy_shape shape = eddy_shape_of(state), wanted = eddy_shape_of(initial);
    if (eddy_role_of(state) == EDDY_STATE && eddy_dtype_of(state) == eddy_dtype_of(initial) &&
        eddy_shape_equal(&shape, &wanted))
        return state;
    return eddy_fail(
        u->tape,
        "unroll: there is a leaf \"%s\" of shape %s and dtype %s already; a state of shape %s and dtype %s "
        "is to be carried. Give it another name",
        name, eddy_shape_format(&shape).text, eddy_dtype_name(eddy_dtype_of(state)), eddy_shape_format(&wanted).text,
        eddy_dtype_name(eddy_dtype_of(initial)));
}

static void begin_states(unroll *u)
{
    for (int i = 0; i < u->cell->states && !eddy_error(u->tape); i++) {
        eddy_var state = initial_state(u, i);
        if (state_is_good(u, i, state, "at the start"))
            u->state[i] = u->carry[i] = u->options.carry ? carried_state(u, i, state) : state;
    }
}

/* Truncated backpropagation: segments begin at the multiples of n in time, whichever the direction, and a sequence's
 * state is detached only between two steps of its own; so neither padding nor a final state that waits for other
 * sequences to end is touched. */
static void truncate_states(unroll *u, int64_t t)
{
    int64_t n = u->options.truncate, boundary = u->options.reverse ? t + 1 : t;
    if (n == 0 || boundary == 0 || boundary == u->steps || boundary % n)
        return;
    for (int i = 0; i < u->cell->states; i++) {
        eddy_var detached = eddy_detach(u->state[i]);
        u->state[i] = u->mask.tape ? choose(mask_of_step(u, boundary), detached, u->state[i]) : detached;
    }
}

/* ---- Time ---- */

static eddy_var step(unroll *u, int64_t t)
{
    const size_t bytes = (size_t)u->cell->states * sizeof *u->read;
    truncate_states(u, t);
    memcpy(u->read, u->state, bytes);
    if (u->state_mask.tape)
        u->read[0] = eddy_mul(u->read[0], u->state_mask);
    memcpy(u->set, u->read, bytes);
    u->t = t;
    eddy_scope_keep(u->tape, &recording, u);
    const size_t prefix = strlen(eddy_prefix(u->tape));
    eddy_var out = u->cell->step(u->cell, eddy_select(u->x, 0, t), u->set);
    if (strlen(eddy_prefix(u->tape)) != prefix)
        eddy_fail(u->tape, "after the step names begin with \"%s\"; in a step every eddy_push needs its eddy_pop",
                  eddy_prefix(u->tape));
    if (!step_is_good(u, out))
        return eddy_failed(u->tape);
    eddy_var mask = u->mask.tape ? mask_of_step(u, t) : (eddy_var){ 0 };
    eddy_var seen = out;
    for (int i = u->cell->states - 1; i >= 0; i--) {
        eddy_var new = zone_out(u, i, t, u->state[i], u->set[i]);
        if (eddy_same(out, u->set[i]))
            seen = new;
        u->state[i] = mask.tape ? choose(mask, new, u->state[i]) : new;
    }
    return seen;
}

static int64_t segment_length(const unroll *u)
{
    int64_t n = u->options.checkpoint;
    if (n < 0)
        for (n = 1; n * n < u->steps;)
            n++;
    return n;
}

/* outputs.items[t] becomes the output of step t. */
static void run_steps(unroll *u, eddy_list outputs)
{
    int64_t segment = segment_length(u);
    for (int64_t k = 0; k < outputs.count && !eddy_error(u->tape); k++) {
        int64_t t = u->options.reverse ? u->steps - 1 - k : k;
        if (segment && k % segment == 0)
            eddy_checkpoint_begin(u->tape);
        eddy_scope_push(u->tape, NULL, "step", t);
        outputs.items[t] = step(u, t);
        eddy_scope_pop(u->tape);
        if (segment && (k % segment == segment - 1 || k == u->steps - 1 || eddy_error(u->tape)))
            eddy_checkpoint_end(u->tape);
    }
}

/* The output at each sequence's last step; in reverse that is step 0. Outputs beyond the length are zeros, so a
 * sequence of length 0 finds some at 0. */
static eddy_var last_output(const unroll *u, eddy_list steps, eddy_var outputs)
{
    if (u->options.reverse || !u->lengths.tape)
        return u->lengths.tape ? eddy_select(outputs, 0, 0) : steps.items[u->options.reverse ? 0 : u->steps - 1];
    eddy_var index = eddy_maximum(eddy_sub_scalar(u->lengths, 1), eddy_zeros_like(u->lengths));
    index = eddy_broadcast_to(eddy_reshape(index, EDDY_SHAPE(1, u->batch, 1)),
                              EDDY_SHAPE(1, u->batch, eddy_size(outputs, -1)));
    return eddy_squeeze(eddy_gather(outputs, 0, index), 0);
}

static eddy_unrolled finish(unroll *u, eddy_list steps)
{
    eddy_unrolled r = { .outputs = eddy_stack_list(0, steps) };
    if (u->mask.tape)
        r.outputs = or_zero(u->mask, r.outputs);
    r.last = last_output(u, steps, r.outputs);
    r.states = eddy_list_new(u->tape, u->state, u->cell->states);
    for (int i = 0; i < u->cell->states && i < EDDY_STATE_SIZES; i++)
        r.state[i] = u->state[i];
    if (u->options.carry) {
        r.carried = eddy_list_new(u->tape, NULL, u->cell->states);
        for (int64_t i = 0; i < r.carried.count; i++)
            r.carried.items[i] = eddy_assign(u->carry[i], u->state[i]);
    }
    return r;
}

eddy_unrolled eddy_unroll_at(eddy_site site, const eddy_cell *cell, eddy_var x, const eddy_unroll_options *options)
{
    eddy_tape *tape = x.tape;
    if (!tape || eddy_error(tape))
        return failed(tape, cell);
    eddy_shape shape = eddy_shape_of(x);
    if (cell_is_good(site, tape, cell) && (shape.rank != 3 || shape.dim[0] < 1))
        eddy_fail_at(site, tape,
                     "unroll: the input has shape %s; (time, batch, input) with at least one step is needed",
                     shape.rank < 0 ? "of no usable var" : eddy_shape_format(&shape).text);
    if (eddy_error(tape) || (options && !options_are_good(site, tape, cell, options, shape.dim[1])))
        return failed(tape, cell);
    eddy_list outputs = eddy_list_new(tape, NULL, shape.dim[0]),
              states = eddy_list_new(tape, NULL, 4 * (int64_t)cell->states);
    if (eddy_error(tape))
        return failed(tape, cell);
    unroll u = { .tape = tape,
                 .cell = cell,
                 .steps = shape.dim[0],
                 .batch = shape.dim[1],
                 .x = x,
                 .carry = states.items,
                 .state = states.items + cell->states,
                 .read = states.items + 2 * (int64_t)cell->states,
                 .set = states.items + 3 * (int64_t)cell->states };
    if (options)
        u.options = *options;
    eddy_scope_push(tape, site, "unroll", -1);
    begin_states(&u);
    if (!eddy_error(tape)) {
        mask_by_length(&u);
        draw_masks(&u);
    }
    run_steps(&u, outputs);
    eddy_unrolled r = { 0 };
    if (!eddy_error(tape))
        r = finish(&u, outputs);
    eddy_scope_pop(tape);
    return eddy_error(tape) ? failed(tape, cell) : r;
}

eddy_var eddy_steps_done_at(eddy_site site, eddy_tape *tape)
{
    const unroll *u = eddy_scope_kept(tape, &recording);
    if (!u)
        return eddy_fail_at(site, tape, "steps_done: no step of eddy_unroll is being recorded on this tape");
    eddy_dtype dtype = eddy_dtype_of(u->x);
    eddy_shape column = EDDY_SHAPE(u->batch, 1);
    if (!u->options.reverse || !u->lengths.tape)
        return eddy_full_of_at(site, tape, dtype, column, (double)(u->options.reverse ? u->steps - 1 - u->t : u->t));
    /* max(length - 1 - t, 0) */
    eddy_var left = eddy_sub_scalar_at(site, eddy_reshape_at(site, u->lengths, column), (double)(u->t + 1));
    return eddy_cast_at(site, eddy_maximum_at(site, left, eddy_zeros_like_at(site, left)), dtype);
}
