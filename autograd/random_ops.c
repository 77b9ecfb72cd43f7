/* Random masks, and the recorded write.
 *
 * A mask is a pure function of (tape seed, number of the random op, draw number, element). The draw number is a state
 * of the tape, "random.draw", that a program with updates advances (program.c), so that runs differ while a gradient
 * check, a recomputation and a resumed training see the same mask. */
#include "node.h"
#include "random.h"

#include <string.h>

/* ---- random ---- */

typedef struct bernoulli {
    uint64_t seed, stream;
    double p;
} bernoulli;

static bool run_random(const eddy_rule *rule, const void *attributes, int64_t count, const eddy_tensor *const in[],
                       const eddy_tensor *out, eddy_status *status)
{
    (void)rule, (void)count;
    bernoulli b;
    int64_t draw;
    memcpy(&b, attributes, sizeof b);
    memcpy(&draw, in[0]->data, sizeof draw);
    eddy_random stream = { .seed = b.seed, .stream = b.stream + (uint64_t)draw };
    return eddy_fill_bernoulli(out, stream, b.p, status);
}

const eddy_rule eddy_rule_random = { .name = "bernoulli", .run = run_random };

eddy_var eddy_random_draw(eddy_tape *tape)
{
    eddy_var draw = eddy_find(tape, "random.draw");
    if (draw.tape)
        return draw;
    int64_t zero = 0;
    eddy_tensor initial = eddy_tensor_wrap(&zero, EDDY_I64, EDDY_SCALAR);
    size_t prefix = tape->prefix_length;
    char first = tape->prefix[0];
    tape->prefix_length = 0; /* the name stands outside all prefixes */
    tape->prefix[0] = 0;
    draw = eddy_leaf_new(tape, NULL, "bernoulli", EDDY_STATE, "random.draw", EDDY_I64, EDDY_SCALAR, &initial);
    tape->prefix_length = prefix;
    tape->prefix[0] = first;
    return draw;
}

eddy_var eddy_bernoulli_at(eddy_site site, eddy_tape *tape, eddy_shape shape, double p)
{
    if (!eddy_begin_tape(tape))
        return eddy_failed(tape);
    if (!(p >= 0 && p <= 1)) {
        eddy_tape_fail(tape, site, "bernoulli", "%g is no probability", p);
        return eddy_failed(tape);
    }
    eddy_var draw = eddy_random_draw(tape);
    if (!eddy_ok(draw))
        return eddy_failed(tape);
    /* Streams 2^32 apart: an op has that many draws before it meets its neighbour's. The offset keeps clear of the
     * streams of parameters. */
    bernoulli b = { .seed = tape->seed, .stream = ((uint64_t)1 << 62) + ((uint64_t)tape->random_count << 32), .p = p };
    tape->random_count++;
    return eddy_record(tape, site, &eddy_rule_random, tape->dtype, &shape, 1, &draw, &b, sizeof b);
}

eddy_var eddy_dropout_at(eddy_site site, eddy_var x, double p)
{
    eddy_tape *tape = eddy_begin(site, "dropout", 1, &x);
    if (!tape)
        return eddy_failed(x.tape);
    if (!(p >= 0 && p < 1)) {
        eddy_tape_fail(tape, site, "dropout", "the probability %g is not in [0, 1)", p);
        return eddy_failed(tape);
    }
    if (p == 0)
        return x;
    eddy_var mask = eddy_cast_at(site, eddy_bernoulli_at(site, tape, *eddy_var_shape(x), 1 - p), eddy_var_dtype(x));
    return eddy_mul_at(site, x, eddy_div_scalar_at(site, mask, 1 - p));
}

/* ---- assign: the value, to be written to the leaf when a program that lists it has run. Operands: the value, the
 * leaf. ---- */

static eddy_var gradient_assign(const eddy_rule_call *call, int64_t k)
{
    return k == 0 ? call->g : (eddy_var){ 0 };
}

const eddy_rule eddy_rule_assign = { .name = "assign", .view = eddy_view_same, .gradient = gradient_assign };

eddy_var eddy_assign_at(eddy_site site, eddy_var leaf, eddy_var value)
{
    eddy_tape *tape = eddy_begin(site, "assign", 2, (eddy_var[]){ leaf, value });
    if (!tape)
        return eddy_failed(leaf.tape);
    eddy_role role = eddy_role_of(leaf);
    if (role == EDDY_NODE || role == EDDY_CONSTANT) {
        eddy_tape_fail(tape, site, "assign", "the target is %s; only parameters, states and inputs can be written to",
                       role == EDDY_NODE ? "the result of an op" : "a constant");
        return eddy_failed(tape);
    }
    const eddy_shape *to = eddy_var_shape(leaf), *from = eddy_var_shape(value);
    if (!eddy_shape_equal(to, from) || eddy_var_dtype(leaf) != eddy_var_dtype(value)) {
        eddy_tape_fail(tape, site, "assign", "\"%s\" has shape %s and dtype %s, the value has %s and %s",
                       eddy_name_of(leaf), eddy_shape_format(to).text, eddy_dtype_name(eddy_var_dtype(leaf)),
                       eddy_shape_format(from).text, eddy_dtype_name(eddy_var_dtype(value)));
        return eddy_failed(tape);
    }
    return eddy_record(tape, site, &eddy_rule_assign, eddy_var_dtype(value), from, 2, (eddy_var[]){ value, leaf }, NULL,
                       0);
}

eddy_var eddy_assigned(eddy_var assign)
{
    if (!eddy_ok(assign) || assign.index < 0)
        return (eddy_var){ 0 };
    const eddy_node *node = eddy_node_at(assign.tape, assign.index);
    return node->rule == &eddy_rule_assign ? eddy_var_of(assign.tape, node->operand[1]) : (eddy_var){ 0 };
}
