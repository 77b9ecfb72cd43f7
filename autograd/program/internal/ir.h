/* A program while it is compiled: numbered values, and calls of rules in the order in which they run. Passes rewrite
 * it; pointers are bound last (bind.c). For the files of autograd/program/ only.
 *
 * A value is what a call computes, a leaf's, a constant, or a view of one of these. A call writes one or more values in
 * a row; a value is written by one call, unless a later one adds to it (rule->adds). Every call stands behind those
 * whose values it reads, and behind nothing else: a pass may move calls as far as that allows. */
#ifndef EDDY_IR_H
#define EDDY_IR_H

#include "node.h"

typedef enum eddy_value_kind {
    EDDY_VALUE_CALL,     /* written by a call, contiguous, into memory of the program's block */
    EDDY_VALUE_LEAF,     /* the memory of leaf `source` */
    EDDY_VALUE_CONSTANT, /* one element, `one`, seen everywhere with stride 0 */
    EDDY_VALUE_VIEW      /* elements of value `source`, which is no view, from `offset` on */
} eddy_value_kind;

typedef struct eddy_ir_value {
    eddy_value_kind kind;
    int32_t source;
    int32_t node; /* the recorded node that it stands for, among the program's; -1 of leaves */
    eddy_dtype dtype;
    eddy_shape shape;
    int64_t stride[EDDY_MAX_RANK]; /* in elements */
    int64_t offset;                /* in elements */
    uint64_t one;                  /* the bytes of a constant's element */
    size_t place, size;            /* of a call's value: bytes from the block's beginning, and how many are its own */
} eddy_ir_value;

enum { EDDY_IR_LINE = 64 }; /* bytes of a cache line, and the block's alignment */

typedef struct eddy_ir_call {
    const eddy_rule *rule;
    const void *attributes; /* the program's own copy */
    int64_t first;          /* its operands are ir->operands[first .. first + count) */
    int32_t count;
    int32_t out, outputs; /* the values out .. out + outputs */
    int32_t node;         /* the recorded node that it computes, for sentences */
} eddy_ir_call;

typedef struct eddy_ir {
    eddy_tape *tape;
    eddy_site site; /* of eddy_compile, for sentences */
    eddy_ir_value *values;
    eddy_ir_call *calls;
    int32_t *operands; /* value numbers */
    int32_t *results;  /* the values that the outputs, then the updates write out; never moved by a pass */
    int64_t result_count, operand_count;
    int32_t value_count, value_capacity, call_count, call_capacity;
    size_t block;           /* bytes */
    int64_t block_unshared; /* what values would take if none took another's place */
} eddy_ir;

/* A rewrite. It may assume an IR that eddy_ir_verify accepts, and leaves one. False, with the tape's failure, when
 * memory is short: the IR is of no use then. */
typedef struct eddy_pass {
    const char *name;
    bool (*run)(eddy_ir *ir);
    const char *purpose; /* one line for `eddy plan` */
} eddy_pass;

/* ---- passes.c ---- */
/* All of them, in order; the last one's name is NULL. */
extern const eddy_pass eddy_passes[];
/* Runs those that EDDY_PASSES does not switch off; stops behind the one called `last`, unless that is NULL. */
bool eddy_ir_run_passes(eddy_ir *ir, const char *last);

/* ---- one file each in passes/ ---- */
bool eddy_pass_early_sums(eddy_ir *ir);
bool eddy_pass_constants(eddy_ir *ir);
bool eddy_pass_views(eddy_ir *ir);
bool eddy_pass_places(eddy_ir *ir);

/* ---- ir.c ---- */
bool eddy_ir_no_memory(const eddy_ir *ir);
/* A copy at the end of ir->calls. */
bool eddy_ir_append(eddy_ir *ir, eddy_ir_call call);
/* Takes the calls away, so that a pass can append them anew; the caller frees the array. */
eddy_ir_call *eddy_ir_take_calls(eddy_ir *ir, int32_t *count);
/* The value that holds v's elements: v itself, or what it is a view of. */
int32_t eddy_ir_base(const eddy_ir *ir, int32_t v);
/* The value as a tensor without data. */
eddy_tensor eddy_ir_tensor(const eddy_ir *ir, int32_t v);
/* Bytes of the memory of a call's value: whole cache lines. */
size_t eddy_ir_size(const eddy_ir *ir, int32_t v);
/* Order, kinds, shapes and layouts; false with a failure that names the pass. */
bool eddy_ir_verify(const eddy_ir *ir, const char *pass);
/* Text of what is there, a line for each value or call, for eddy_free. NULL when memory is short. */
char *eddy_ir_dump(const eddy_ir *ir);
void eddy_ir_free(eddy_ir *ir);

#endif
