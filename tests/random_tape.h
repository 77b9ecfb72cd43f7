/* Small random tapes: a pool of vars that grows by random ops on random members. The same seed records the same tape,
 * so that several ways of running it can be compared. Values stay finite and of moderate size. */
#ifndef EDDY_TEST_RANDOM_TAPE_H
#define EDDY_TEST_RANDOM_TAPE_H

#include "recording.h"

enum { POOL_LEAVES = 4, POOL_MOST = 64 };

typedef struct pool {
    eddy_var leaf[POOL_LEAVES]; /* inputs of the tape's dtype, set */
    eddy_var index;             /* i32, values 0 and 1 */
    eddy_var item[POOL_MOST];
    int count;
    bool smooth; /* only ops that are differentiable everywhere (nearly) */
    bool whole;  /* no path is cut and no value jumps: no detach, no floor */
} pool;

static inline eddy_var pool_pick(const pool *p)
{
    return p->item[below(p->count)];
}

/* One of the given shape: reshaped, broadcast or summed to it. */
static inline eddy_var pool_fit(eddy_var x, eddy_shape shape)
{
    eddy_shape from = eddy_shape_of(x), joint;
    if (eddy_shape_count(&from) == eddy_shape_count(&shape))
        return eddy_reshape(x, shape);
    if (eddy_shape_broadcast(&from, &shape, &joint) && eddy_shape_equal(&joint, &shape))
        return eddy_broadcast_to(x, shape);
    return eddy_broadcast_to(eddy_mean(x), shape);
}

static inline int pool_axis(eddy_var x)
{
    int rank = eddy_shape_of(x).rank;
    return (int)below(2 * rank) - rank;
}

static inline eddy_var pool_unary(const pool *p, eddy_var x)
{
    switch (below(p->smooth ? 9 : p->whole ? 14 : 17)) {
    case 0:
        return eddy_neg(x);
    case 1:
        return eddy_tanh(x);
    case 2:
        return eddy_sigmoid(x);
    case 3:
        return eddy_sin(x);
    case 4:
        return eddy_tanh(eddy_exp(x));
    case 5:
        return eddy_tanh(eddy_square(x));
    case 6:
        return eddy_softplus(x);
    case 7:
        return eddy_mul_scalar(eddy_cos(x), 0.5);
    case 8:
        return eddy_rsqrt(eddy_add_scalar(eddy_square(x), 1));
    case 9:
        return eddy_abs(x);
    case 10:
        return eddy_relu(x);
    case 11:
        return eddy_sign(x);
    case 12:
        return eddy_clamp(x, -0.5, 0.5);
    case 13:
        return eddy_cast(eddy_cast(x, EDDY_F32), eddy_dtype_of(x));
    case 14:
        return eddy_fmod_scalar(eddy_mish(x), 0.5);
    case 15:
        return eddy_hardtanh(eddy_silu(x));
    default:
        return eddy_sub(x, eddy_floor(x));
    }
}

static inline eddy_var pool_binary(const pool *p, eddy_var x, eddy_var y)
{
    y = pool_fit(y, eddy_shape_of(x));
    switch (below(p->smooth ? 5 : 9)) {
    case 0:
        return eddy_add(x, y);
    case 1:
        return eddy_sub(x, y);
    case 2:
        return eddy_tanh(eddy_mul(x, y));
    case 3:
        return eddy_div(x, eddy_add_scalar(eddy_square(y), 1));
    case 4:
        return eddy_lerp(x, y, eddy_sigmoid(x));
    case 5:
        return eddy_maximum(x, y);
    case 6:
        return eddy_minimum(x, y);
    case 7:
        return eddy_where(eddy_lt(x, y), x, eddy_mul_scalar(y, 2));
    default:
        return eddy_add(eddy_ge(x, y), x);
    }
}

/* Shapes have rank 1 to 3 here and axes of 1 to 6. */
static inline eddy_var pool_structural(const pool *p, eddy_var x, eddy_var y)
{
    eddy_shape shape = eddy_shape_of(x);
    int axis = pool_axis(x), other = pool_axis(x);
    int64_t n = eddy_size(x, axis), a = below(n), b = a + 1 + below(n - a);
    eddy_var parts[3] = { x, pool_fit(y, shape), x };
    switch (below(p->smooth ? 15 : p->whole ? 16 : 20)) {
    case 0:
        return eddy_slice(x, axis, a, b, 1 + below(2));
    case 1:
        return eddy_flip(x, axis);
    case 2:
        return eddy_transpose(x, axis, other);
    case 3:
        return eddy_reshape(x, EDDY_SHAPE(-1));
    case 4:
        return n < 3 ? eddy_concat_list(axis, (eddy_list){ parts, 3 }) : x;
    case 5:
        return shape.rank < 3 ? eddy_stack_list(axis, (eddy_list){ parts, 2 }) : eddy_select(x, axis, a);
    case 6:
        return n < 4 ? eddy_pad(x, axis, below(2), below(2), 0.25) : x;
    case 7:
        return eddy_tanh(eddy_sum_over(x, EDDY_SHAPE(axis), true));
    case 8:
        return eddy_mean_over(x, EDDY_SHAPE(axis), true);
    case 9:
        return eddy_tanh(eddy_cumsum(x, axis));
    case 10:
        return eddy_softmax(x, axis);
    case 11:
        return eddy_tanh(eddy_logsumexp(x, axis, true));
    case 12:
        return eddy_size(x, axis) > 1 ? eddy_index_select(x, axis, p->index) : x;
    case 13:
        return shape.rank == 2 ? eddy_tanh(eddy_matmul(x, eddy_transpose(parts[1], 0, 1))) : eddy_log_softmax(x, axis);
    case 14:
        return eddy_tanh(eddy_prod(x, EDDY_SHAPE(axis), true));
    case 15:
        return eddy_amax(x, EDDY_SHAPE(axis), true);
    case 16:
        return eddy_sort(x, axis, a % 2).values;
    case 17:
        return eddy_topk(x, b, axis, a % 2).values;
    case 18:
        return eddy_where(eddy_eq_scalar(eddy_argmin(x, axis, true), 0), x, eddy_neg(x));
    default:
        return eddy_detach(x);
    }
}

static inline void pool_leaves(pool *p, eddy_tape *tape)
{
    const eddy_shape shapes[POOL_LEAVES] = { EDDY_SHAPE(2, 3), EDDY_SHAPE(3), EDDY_SHAPE(2, 1, 3), EDDY_SHAPE(4, 2) };
    for (int i = 0; i < POOL_LEAVES; i++)
        p->item[p->count++] = p->leaf[i] = input(tape, shapes[i], -1, 1);
    p->index = input_of(tape, EDDY_I32, EDDY_SHAPE(3), 0, 1.99);
}

/* `ops` random ops; each makes at least one node or returns what there is. */
static inline void pool_grow(pool *p, int ops)
{
    for (int i = 0; i < ops && p->count < POOL_MOST; i++) {
        eddy_var x = pool_pick(p), y = pool_pick(p), z;
        if (below(3) == 0)
            z = pool_unary(p, x);
        else if (below(2) == 0)
            z = pool_binary(p, x, y);
        else
            z = pool_structural(p, x, y);
        OK(z.tape);
        if (eddy_shape_of(z).rank > 0 && count_of(z) <= 64)
            p->item[p->count++] = z;
    }
}

#endif
