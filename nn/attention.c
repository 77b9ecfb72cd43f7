/* Attention over a memory of steps, and a decoder that attends at every step.
 *
 * What a mask excludes is replaced before anything is computed with it (memory and query by 0, scores by the lowest
 * number), so that no NaN or infinity there reaches a value or a gradient of any order. */
#include "attention.h"
#include "composed.h"
#include "init.h"

#include <float.h>
#include <math.h>

static eddy_var uniform(eddy_site site, eddy_tape *tape, const char *name, eddy_shape shape)
{
    int64_t in = shape.dim[shape.rank - 1];
    return eddy_parameter_init_at(site, tape, name, shape,
                                  (eddy_init){ .kind = EDDY_INIT_UNIFORM, .a = 1 / sqrt((double)(in > 0 ? in : 1)) });
}

eddy_attention eddy_attention_new_at(eddy_site site, eddy_tape *tape, const char *name, eddy_attention_kind kind,
                                     int64_t memory, int64_t query, int64_t width)
{
    eddy_attention a = { .kind = kind };
    if ((int)kind < EDDY_ADDITIVE || kind > EDDY_GENERAL) {
        eddy_fail_at(site, tape, "attention: %d is no kind of attention", (int)kind);
        return a;
    }
    if ((kind == EDDY_DOT || kind == EDDY_SCALED_DOT) && memory != query) {
        eddy_fail_at(
            site, tape,
            "attention: a product of memory (size %lld) and query (size %lld) needs equal sizes; EDDY_GENERAL does not",
            (long long)memory, (long long)query);
        return a;
    }
    eddy_push_at(site, tape, name);
    if (kind == EDDY_ADDITIVE) {
        a.weight_memory = uniform(site, tape, "weight_memory", EDDY_SHAPE(width, memory));
        a.weight_query = uniform(site, tape, "weight_query", EDDY_SHAPE(width, query));
        a.v = uniform(site, tape, "v", EDDY_SHAPE(width));
    } else if (kind == EDDY_GENERAL) {
        a.weight_memory = uniform(site, tape, "weight_memory", EDDY_SHAPE(memory, query));
    }
    eddy_pop_at(site, tape);
    return a;
}

/* e^(x - m) / sum e^(x - m) over what the mask lets through. Where that is nothing the sum is 0: it is divided by 1
 * there. */
eddy_var eddy_masked_softmax_at(eddy_site site, eddy_var x, eddy_var mask, int axis)
{
    if (!mask.tape)
        return eddy_softmax_at(site, x, axis);
    eddy_tape *tape = x.tape ? x.tape : mask.tape;
    if (!eddy_ok(x))
        return eddy_fail_at(site, tape, "masked_softmax: the operand is no var ({0}), or was reset");
    eddy_scope_push(tape, site, "masked_softmax", -1);
    eddy_dtype dtype = eddy_dtype_of(x);
    eddy_var keep = eddy_broadcast_to(eddy_cast(mask, dtype), eddy_shape_of(x));
    eddy_var lowest = eddy_full_of(tape, dtype, EDDY_SCALAR, dtype == EDDY_F32 ? -FLT_MAX : -DBL_MAX);
    eddy_var seen = eddy_where(keep, x, lowest);
    eddy_var e = eddy_exp(eddy_sub(seen, eddy_amax(eddy_detach(seen), EDDY_SHAPE(axis), true)));
    e = eddy_where(keep, e, eddy_zeros_like(e));
    eddy_var sum = eddy_sum_over(e, EDDY_SHAPE(axis), true);
    eddy_var out = eddy_div(e, eddy_where(eddy_eq(sum, eddy_zeros_like(sum)), eddy_ones_like(sum), sum));
    eddy_scope_pop(tape);
    return out;
}

eddy_var eddy_length_mask_at(eddy_site site, eddy_var lengths, int64_t time)
{
    eddy_tape *tape = lengths.tape;
    eddy_shape shape = eddy_shape_of(lengths);
    if (shape.rank >= 0 && (shape.rank != 1 || time < 0 || eddy_dtype_is_float(eddy_dtype_of(lengths))))
        return eddy_fail_at(
            site, tape,
            "length_mask: lengths of shape %s and dtype %s for %lld steps; (batch) of i32 or i64 and at "
            "least 0 steps are needed",
            eddy_shape_format(&shape).text, eddy_dtype_name(eddy_dtype_of(lengths)), (long long)time);
    eddy_scope_push(tape, site, "length_mask", -1);
    eddy_var number = eddy_sub_scalar(eddy_cumsum(eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(time, 1), 1), 0), 1);
    eddy_var mask = eddy_cast(eddy_lt(number, eddy_cast(lengths, EDDY_I64)), eddy_tape_dtype(tape));
    eddy_scope_pop(tape);
    return mask;
}

/* ---- Attending ---- */

/* e (steps, batch) */
static eddy_var scores(const eddy_attention *a, eddy_var memory, eddy_var query)
{
    /* e_s = v^T tanh(W_h m_s + W_s q)                                                                ATT.alpha */
    if (a->kind == EDDY_ADDITIVE) {
        eddy_var m = eddy_matmul(memory, eddy_transpose(a->weight_memory, 0, 1)),
                 q = eddy_matmul(query, eddy_transpose(a->weight_query, 0, 1));
        return eddy_matmul(eddy_tanh(eddy_add(m, q)), a->v);
    }
    /* e_s = m_s . q, m_s . q / sqrt(size), m_s . (W q) */
    if (a->kind == EDDY_GENERAL)
        query = eddy_matmul(query, eddy_transpose(a->weight_memory, 0, 1));
    if (a->kind == EDDY_SCALED_DOT && eddy_size(query, -1) > 0)
        query = eddy_mul_scalar(query, 1 / sqrt((double)eddy_size(query, -1)));
    return eddy_sum_over(eddy_mul(memory, query), EDDY_SHAPE(-1), false);
}

/* {0} if shapes and kind fit, else the failed var. */
static eddy_var mistake(eddy_site site, const eddy_attention *a, eddy_var memory, eddy_var query, eddy_var mask)
{
    eddy_tape *tape = memory.tape ? memory.tape : query.tape;
    eddy_shape m = eddy_shape_of(memory), q = eddy_shape_of(query), k = eddy_shape_of(mask);
    if (!a)
        return eddy_fail_at(site, tape, "attend: the attention is NULL");
    if (m.rank < 0 || q.rank < 0)
        return eddy_fail_at(site, tape, "attend: the %s",
                            !memory.tape ? "memory is no var ({0}): was it ever set?"
                            : !query.tape
                                ? "query is no var ({0}): was it ever set?"
                                : "memory or the query cannot be used: it failed, was reset or is of another tape");
    if (m.rank != 3 || q.rank != 2 || m.dim[1] != q.dim[0])
        return eddy_fail_at(
            site, tape,
            "attend: the memory has shape %s and the query %s; (steps, batch, memory) and (batch, query) are needed",
            eddy_shape_format(&m).text, eddy_shape_format(&q).text);
    if (m.dim[0] < 1)
        return eddy_fail_at(site, tape,
                            "attend: the memory of shape %s has no steps; there must be at least one to attend to",
                            eddy_shape_format(&m).text);
    if ((a->kind == EDDY_DOT || a->kind == EDDY_SCALED_DOT) && m.dim[2] != q.dim[1])
        return eddy_fail_at(
            site, tape, "attend: the memory has shape %s and the query %s; their product needs equal last dimensions",
            eddy_shape_format(&m).text, eddy_shape_format(&q).text);
    if (k.rank >= 0 && (k.rank != 2 || k.dim[0] != m.dim[0] || k.dim[1] != m.dim[1]))
        return eddy_fail_at(site, tape,
                            "attend: the mask has shape %s; (%lld, %lld) is needed, steps and batch of the memory",
                            eddy_shape_format(&k).text, (long long)m.dim[0], (long long)m.dim[1]);
    return (eddy_var){ 0 };
}

eddy_attended eddy_attend_at(eddy_site site, const eddy_attention *attention, eddy_var memory, eddy_var query,
                             eddy_var mask)
{
    eddy_tape *tape = memory.tape ? memory.tape : query.tape;
    eddy_var fault = mistake(site, attention, memory, query, mask);
    if (!tape || fault.tape)
        return (eddy_attended){ fault, fault };
    eddy_scope_push(tape, site, "attend", -1);
    if (mask.tape) {
        mask = eddy_detach(eddy_cast(mask, eddy_dtype_of(memory)));
        memory = eddy_where(eddy_unsqueeze(mask, -1), memory, eddy_zeros_like(memory));
        eddy_var any = eddy_amax(eddy_abs(mask), EDDY_SHAPE(0), false);
        query = eddy_where(eddy_unsqueeze(any, -1), query, eddy_zeros_like(query));
    }
    eddy_attended r;
    r.weights = eddy_masked_softmax(scores(attention, memory, query), mask, 0);
    /* c = sum_s alpha_s m_s                                                                          ATT.c */
    r.context = eddy_sum_over(eddy_mul(eddy_unsqueeze(r.weights, -1), memory), EDDY_SHAPE(0), false);
    eddy_scope_pop(tape);
    return r;
}

/* ---- The decoder ---- */

static eddy_var decoder_step(const eddy_cell *cell, eddy_var x, eddy_var state[])
{
    const eddy_attention_decoder *m = (const eddy_attention_decoder *)cell;
    if (!m->memory.tape)
        return eddy_fail(
            x.tape, "attention_decoder: the memory is not set; set decoder.memory (and decoder.mask) before unrolling");
    eddy_attended seen = eddy_attend(&m->attention, m->memory, state[0], m->mask);
    eddy_watch(seen.weights, "attention");
    eddy_var h = m->lstm.cell.step(&m->lstm.cell, eddy_concat(-1, x, seen.context), state);
    return eddy_concat(-1, h, seen.context);
}

eddy_attention_decoder eddy_attention_decoder_new_at(eddy_site site, eddy_tape *tape, const char *name,
                                                     eddy_attention_kind kind, int64_t input, int64_t memory,
                                                     int64_t hidden, int64_t width)
{
    if (input > INT64_MAX / 2 || memory > INT64_MAX / 2 || input < 0 || memory < 0) {
        eddy_fail_at(site, tape, "attention decoder: input %lld, memory %lld; sizes from 0 to 2^62 are possible",
                     (long long)input, (long long)memory);
        input = memory = 0;
    }
    eddy_push_at(site, tape, name);
    eddy_attention_decoder m = { .cell = { .step = decoder_step, .states = 2, .state_size = { hidden, hidden } } };
    m.lstm = eddy_lstm_new_at(site, tape, "lstm", input + memory, hidden);
    m.attention = eddy_attention_new_at(site, tape, "attention", kind, memory, hidden, width);
    eddy_pop_at(site, tape);
    return m;
}
