/* Random ops. A mask or a class is a pure function of (tape seed, number of the random op, draw number, element) and of
 * a row's logits. The draw number is a state of the tape, "random.draw", that a program with updates advances
 * (program.c), so that runs differ while a gradient check, a recomputation and a resumed training see the same numbers.
 */
#include "op_rules.h"
#include "kernels.h"

/* What a random op is recorded with: a stream of its own and, where it is a mask, a probability. */
typedef struct drawing {
    eddy_random stream;
    double p;
} drawing;

/* The stream of a run. */
static eddy_random stream_now(const drawing *d, const eddy_tensor *draw)
{
    return (eddy_random){ d->stream.seed, d->stream.stream + (uint64_t) * (const int64_t *)draw->data };
}

/* The leaf of the draw number, made on first use. */
static eddy_var draw_number(eddy_tape *tape)
{
    eddy_var draw = eddy_find(tape, "random.draw");
    if (draw.tape)
        return draw;
    int64_t zero = 0;
    eddy_tensor initial = eddy_tensor_wrap(&zero, EDDY_I64, EDDY_SCALAR);
    char first = tape->prefix[0];
    tape->prefix[0] = 0; /* the name stands outside all prefixes */
    draw = eddy_leaf_new(tape, NULL, EDDY_STATE, "random.draw", &initial, &initial);
    tape->prefix[0] = first;
    return draw;
}

/* Records an op of x, if it has an operand, and the draw number; its result is like `like`. */
static eddy_var record(eddy_tape *tape, eddy_site site, const eddy_rule *rule, const eddy_tensor *like, eddy_var x,
                       double p)
{
    eddy_var draw = draw_number(tape), operands[] = { x.tape ? x : draw, draw };
    if (!eddy_ok(draw))
        return eddy_failed(tape);
    /* Streams 2^32 apart: an op has that many draws before it meets its neighbour's. The offset keeps clear of the
     * streams of parameters. */
    drawing d = { { tape->seed, ((uint64_t)1 << 62) + ((uint64_t)tape->random_count++ << 32) }, p };
    return eddy_record(tape, site,
                       &(eddy_recording){ rule, like->dtype, &like->shape, x.tape ? 2 : 1, operands, &d, sizeof d });
}

static bool run_bernoulli(const eddy_work *work)
{
    const drawing *d = work->attributes;
    return eddy_fill_bernoulli(work->out, stream_now(d, work->in[0]), d->p, work->status);
}

static const eddy_rule rule_bernoulli = { .name = "bernoulli", .run = run_bernoulli };

eddy_var eddy_bernoulli_at(eddy_site site, eddy_tape *tape, eddy_shape shape, double p)
{
    if (!eddy_begin_tape(tape))
        return eddy_failed(tape);
    if (!(p >= 0 && p <= 1))
        return eddy_op_fail(tape, site, "bernoulli", "%g is no probability", p);
    return record(tape, site, &rule_bernoulli, &(eddy_tensor){ .dtype = tape->dtype, .shape = shape }, (eddy_var){ 0 },
                  p);
}

static bool run_categorical(const eddy_work *work)
{
    eddy_random random = stream_now(work->attributes, work->in[1]);
    return eddy_kernels()->categorical(work->in[0], random, work->out, work->status);
}

static const eddy_rule rule_categorical = { .name = "categorical", .run = run_categorical };

eddy_var eddy_categorical_at(eddy_site site, eddy_var logits)
{
    eddy_tape *tape = eddy_begin(site, "categorical", 1, &logits);
    if (!tape)
        return eddy_failed(logits.tape);
    eddy_shape shape = *eddy_var_shape(logits);
    if (shape.rank < 1 || shape.dim[shape.rank - 1] < 1 || !eddy_dtype_is_float(eddy_var_dtype(logits)))
        return eddy_op_fail(tape, site, "categorical",
                            "the logits have shape %s and dtype %s; a last axis of at least one class and f32 or f64 "
                            "are needed",
                            EDDY_KIND(logits));
    shape.rank--;
    return record(tape, site, &rule_categorical, &(eddy_tensor){ .dtype = EDDY_I64, .shape = shape }, logits, 1);
}
