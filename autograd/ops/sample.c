/* Sampling of classes, by the random numbers that random_mask.c explains: a class is a pure function of (tape seed,
 * number of the random op, draw number, row) and of the row's logits. */
#include "node.h"
#include "kernels.h"

static bool run_categorical(const eddy_work *work)
{
    const eddy_random *stream = work->attributes;
    return eddy_kernels()->categorical(work->in[0], eddy_random_now(*stream, work->in[1]), work->out, work->status);
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
    eddy_var draw = eddy_random_draw(tape);
    if (!eddy_ok(draw))
        return eddy_failed(tape);
    shape.rank--;
    eddy_random stream = eddy_random_stream(tape);
    const eddy_var x[] = { logits, draw };
    return eddy_record(tape, site,
                       &(eddy_recording){ &rule_categorical, EDDY_I64, &shape, 2, x, &stream, sizeof stream });
}
