/* The public interface from C++: ops and their macros, shapes, lists, cells, programs. Returns 0 when the numbers
 * are right. */
#include <eddy/eddy.h>

#include <cmath>
#include <cstdio>
#include <cstring>

namespace
{

struct doubling { /* a cell of one's own: its eddy_cell comes first */
    eddy_cell cell;
    eddy_var factor;
};

eddy_var doubling_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const doubling *m = reinterpret_cast<const doubling *>(cell);
    state[0] = eddy_add(eddy_mul(state[0], m->factor), x);
    return state[0];
}

int fail(const char *what, const eddy_tape *tape)
{
    const char *error = eddy_error(tape);
    std::fprintf(stderr, "%s%s%s\n", what, error ? ": " : "", error ? error : "");
    return 1;
}

} // namespace

int main()
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 42);
    eddy_lstm lstm = eddy_lstm_new(tape, "lstm", 2, 3);
    eddy_linear fc = eddy_linear_new(tape, "fc", 6, 1);
    eddy_var x = eddy_input(tape, "x", EDDY_SHAPE(4, 5, 2)), y = eddy_input(tape, "y", EDDY_SHAPE(5, 1));
    eddy_var last = eddy_unroll(&lstm.cell, x, nullptr).last;
    eddy_var loss = eddy_mse(eddy_apply(&fc, eddy_concat(-1, last, eddy_square(last))), y);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    eddy_var norm = eddy_clip_grad_norm(&grads, 0.5);
    eddy_adam_options adam = {};
    adam.lr = 1e-2;
    eddy_program *step = eddy_compile(tape, EDDY_LIST(loss, norm), eddy_adam(params, grads, &adam));
    eddy_set_item(x, 0.5);
    eddy_set_item(y, 1);
    double first = NAN;
    for (int k = 0; k < 20 && eddy_run(step); k++)
        first = k ? first : eddy_output(step, loss);
    if (eddy_error(tape) || !(eddy_output(step, loss) < first))
        return fail("training did not lower the loss", tape);

    doubling m = {};
    m.cell.step = doubling_step;
    m.cell.states = 1;
    m.cell.state_size[0] = 1;
    m.factor = eddy_full(tape, EDDY_SCALAR, 2);
    /* 1, 2 + 1, 6 + 1 */
    eddy_unrolled r = eddy_unroll(&m.cell, eddy_full(tape, EDDY_SHAPE(3, 1, 1), 1), nullptr);
    if (eddy_item(r.last) != 7)
        return fail("a cell in C++ gave another number than 7", tape);
    eddy_var both = eddy_stack(0, eddy_sum(r.outputs), eddy_item(r.last) > 0 ? eddy_sum(r.last) : loss);
    if (eddy_item(eddy_sum_over(both, EDDY_SHAPE(0), false)) != 18 || eddy_watch(both, "both").tape != tape ||
        EDDY_NONE.count != 0)
        return fail("a sum in C++ gave another number than 18", tape);

    eddy_var (*act)(eddy_var) = eddy_tanh; /* the name without parentheses is the function */
    if (std::fabs(eddy_item(act(eddy_full(tape, EDDY_SCALAR, 1))) - std::tanh(1.0)) > 1e-15)
        return fail("tanh by its address is off", tape);

    if (eddy_ok(eddy_add(eddy_full(tape, EDDY_SHAPE(2), 0), eddy_full(tape, EDDY_SHAPE(3), 0))) || !eddy_error(tape))
        return fail("shapes that do not fit were added", tape);
    eddy_clear_error(tape);
    if (eddy_ok(eddy_fail(tape, "%d of %s", 2, "them")) || !std::strstr(eddy_error(tape), "cpp_calls.cc:") ||
        !std::strstr(eddy_error(tape), ": 2 of them"))
        return fail("a failure of the caller's own reads otherwise", tape);
    eddy_tape_free(tape);
    return 0;
}
