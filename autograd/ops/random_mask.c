/* Random masks, and what every random op stands on.
 *
 * A mask is a pure function of (tape seed, number of the random op, draw number, element). The draw number is a state
 * of the tape, "random.draw", that a program with updates advances (program.c), so that runs differ while a gradient
 * check, a recomputation and a resumed training see the same mask. */
#include "node.h"
#include "random.h"

/* ---- random ---- */

typedef struct bernoulli {
    eddy_random stream;
    double p;
} bernoulli;

static bool run_random(const eddy_work *work)
{
    const bernoulli *b = work->attributes;
    return eddy_fill_bernoulli(work->out, eddy_random_now(b->stream, work->in[0]), b->p, work->status);
}

static const eddy_rule rule_random = { .name = "bernoulli", .run = run_random };

eddy_random eddy_random_now(eddy_random stream, const eddy_tensor *draw)
{
    stream.stream += (uint64_t) * (const int64_t *)draw->data;
    return stream;
}

eddy_random eddy_random_stream(eddy_tape *tape)
{
    /* Streams 2^32 apart: an op has that many draws before it meets its neighbour's. The offset keeps clear of the
     * streams of parameters. */
    return (eddy_random){ tape->seed, ((uint64_t)1 << 62) + ((uint64_t)tape->random_count++ << 32) };
}

eddy_var eddy_random_draw(eddy_tape *tape)
{
    eddy_var draw = eddy_find(tape, "random.draw");
    if (draw.tape)
        return draw;
    int64_t zero = 0;
    eddy_tensor initial = eddy_tensor_wrap(&zero, EDDY_I64, EDDY_SCALAR);
    char first = tape->prefix[0];
    tape->prefix[0] = 0; /* the name stands outside all prefixes */
    draw = eddy_leaf_new(tape, NULL, EDDY_STATE, "random.draw", EDDY_I64, EDDY_SCALAR, &initial);
    tape->prefix[0] = first;
    return draw;
}

eddy_var eddy_bernoulli_at(eddy_site site, eddy_tape *tape, eddy_shape shape, double p)
{
    if (!eddy_begin_tape(tape))
        return eddy_failed(tape);
    if (!(p >= 0 && p <= 1))
        return eddy_op_fail(tape, site, "bernoulli", "%g is no probability", p);
    eddy_var draw = eddy_random_draw(tape);
    if (!eddy_ok(draw))
        return eddy_failed(tape);
    bernoulli b = { eddy_random_stream(tape), p };
    return eddy_record(tape, site, &(eddy_recording){ &rule_random, tape->dtype, &shape, 1, &draw, &b, sizeof b });
}
