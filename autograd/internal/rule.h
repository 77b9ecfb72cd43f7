/* What an op says of itself: how its value is computed, how it is differentiated, and facts. Nothing outside an op's
 * own file may ask which op a node is where a fact says it. */
#ifndef EDDY_RULE_H
#define EDDY_RULE_H

#include "tape.h"

typedef struct eddy_rule eddy_rule;

/* One thread's part of a run's work: number `index` of `count` equal ones. */
typedef struct eddy_share {
    int32_t index, count;
} eddy_share;

/* All that a rule's run is given. */
typedef struct eddy_work {
    const eddy_rule *rule;
    const void *attributes;
    const eddy_tensor *const *in; /* `count` operands, of any strides */
    const eddy_tensor *out;       /* `outputs` results in a row, contiguous: to be written whole */
    int32_t *culprit;             /* in eager mode, of a call of several ops: the node whose NaN or infinity it found */
    void *prepared, *scratch;     /* what rule->prepare has written, in a program; as many bytes as rule->scratch asks
                                   * for, 64-byte aligned and not cleared */
    eddy_status *status;          /* for the sentence of a run that returns false */
    int32_t count, outputs;
    eddy_share share;
} eddy_work;

/* What a gradient rule sees: the operands x, the result z and its gradient g, all as vars to compute with. */
typedef struct eddy_pullback {
    const void *attributes;
    eddy_var (*operand)(const struct eddy_pullback *back, int64_t k);
    const struct eddy_node *node;
    const int32_t *copies; /* node -> its copy in a checkpointed region's second recording, 0 none; NULL elsewhere */
    eddy_var z, g;
} eddy_pullback;

/* Attributes in words, for dumps and graphs: "axis 1". x is the shape of operand 0. */
typedef void eddy_describe(const void *attributes, const eddy_shape *x, char *text, size_t size);

/* One op. Structural ops define one next to their shape rule; ops/elementwise.c makes one from each row of
 * elementwise.def. */
struct eddy_rule {
    const char *name;
    /* Makes *out, which has its shape, a view of in[0]: sets the strides and *offset (elements from in[0]'s data).
     * False: it must be computed. */
    bool (*view)(const void *attributes, const eddy_tensor *in, eddy_tensor *out, int64_t *offset);
    bool (*run)(const eddy_work *work);
    /* The contribution to the gradient of operand k, recorded; {0} for none. NULL: not differentiable. */
    eddy_var (*gradient)(const eddy_pullback *back, int64_t k);

    /* ---- Facts ---- */
    uint32_t named; /* bit k: operand k is a leaf that is only named; its value is not read */
    bool constant;  /* without operands, all elements equal: one is computed, once */
    bool is_sum;    /* the sum of its operands, left to right, so that it may be computed term by term */
    bool steps;     /* constant between the points where it jumps: a comparison, a sign, a rounding */
    bool adds;      /* adds to its output instead of writing it: of passes only, never on a tape */
    bool shares;    /* its run does work->share of the work; of other rules one thread does all */
    /* Of a rule that shares by the rows of its results, dimension 0: rows begin .. end of n, begin = n index / count.
     * Does a share read of operand k only the same rows? NULL: it shares in another way. */
    bool (*own_rows)(const eddy_work *work, int32_t k);
    bool is_product; /* the matrix product of its two operands */
    /* 1 + its number among the rows of elementwise.def; 0: none of them. */
    int32_t elementwise;
    /* A sum over these axes (bits), which stay with size 1. NULL: it is none. */
    unsigned (*sum_axes)(const void *attributes);
    /* The region of operand 0 that the result is. NULL: it is no slice. A gradient collects all slices of one var into
     * one place. */
    const struct eddy_region *(*region)(const void *attributes);
    /* One region of the result for each operand, in which the operand's elements lie; the others are 0. NULL: it is no
     * joining of operands. */
    const struct eddy_region *(*regions)(const void *attributes);
    /* May result r take the memory of operand k, if both are contiguous and of one shape? NULL: never. */
    bool (*may_overlay)(const void *attributes, int32_t k, int32_t r);
    /* Of rules that only programs have: writes into work->prepared, unless that is NULL, what every run would find out
     * anew about operands that stay where they are; says how many bytes that takes. It is called when they have no data
     * yet, so that scratch() may look at it, and once more when they have. NULL: nothing. */
    size_t (*prepare)(const eddy_work *work);
    /* Bytes of scratch for this work, whose in and out may have no data yet. NULL: none. */
    size_t (*scratch)(const eddy_work *work);
    /* How many operations a run takes, as eddy_program_group counts them. NULL: one for each element of the results, or
     * for each term of a sum. */
    double (*operations)(const eddy_work *work);
    /* The terms of the longest sum that makes an element, if it is more than (elements of an operand) / (elements of
     * the result); x is the shape of operand 0. */
    int64_t (*longest_sum)(const void *attributes, const eddy_shape *x);
    eddy_describe *describe; /* NULL: there is nothing to say */
};

/* Does a node of this rule read the value of operand k? */
static inline bool eddy_rule_reads(const eddy_rule *rule, int64_t k)
{
    return k >= 32 || !(rule->named >> k & 1);
}

/* Attributes in words that are one axis, axes as bits, axes in an order, a number, a region. */
eddy_describe eddy_describe_axis, eddy_describe_axes, eddy_describe_permutation, eddy_describe_number,
    eddy_describe_region;

#endif
