/* A program while it is compiled: numbered values, and calls of rules in the order in which they run. Passes rewrite
 * it; pointers are bound last (bind.c). For the files of autograd/program/ only.
 *
 * A value is what a call computes, a leaf's, a constant, a block, or a view of one of these. A call writes one or more
 * values in a row: its own, or views of a block, whose parts several calls write, all of it together. A value is
 * written by one call, unless a later one adds to it (rule->adds). Every call stands behind those whose values it
 * reads, and behind nothing else: a pass may move calls as far as that allows. */
#ifndef EDDY_IR_H
#define EDDY_IR_H

#include "op_rules.h"
#include "program.h"

typedef enum eddy_value_kind {
    EDDY_VALUE_CALL,     /* written by a call, contiguous, into memory of the program's block */
    EDDY_VALUE_LEAF,     /* the memory of leaf `source`, as it is, or (see passes/updates.c) as a call writes it */
    EDDY_VALUE_CONSTANT, /* one element, `one`, seen everywhere with stride 0 */
    EDDY_VALUE_VIEW,     /* elements of value `source`, which is no view, from `offset` on */
    EDDY_VALUE_BLOCK     /* contiguous memory that calls write through views of it */
} eddy_value_kind;

/* A shape and its strides. A program has many values of few layouts, so each layout is there once: two values have the
 * same one if they point to the same one. */
typedef struct eddy_ir_layout {
    eddy_shape shape;
    int64_t stride[EDDY_MAX_RANK];     /* in elements */
    const struct eddy_ir_layout *next; /* another one in the same chain of the table, NULL none */
} eddy_ir_layout;

typedef struct eddy_ir_value {
    eddy_value_kind kind;
    int32_t source;
    int32_t node; /* the recorded node that it stands for, among the program's; -1: none */
    eddy_dtype dtype;
    const eddy_ir_layout *layout;
    int64_t offset;     /* in elements */
    uint64_t one;       /* the bytes of a constant's element */
    size_t place, size; /* of a call's value: bytes from the block's beginning, and how many are its own */
} eddy_ir_value;

enum { EDDY_IR_LINE = 64 }; /* bytes of a cache line, and the block's alignment */

/* Whole cache lines. */
static inline size_t eddy_ir_lines(size_t bytes)
{
    return (bytes + EDDY_IR_LINE - 1) & ~(size_t)(EDDY_IR_LINE - 1);
}

typedef struct eddy_ir_call {
    const eddy_rule *rule;
    const void *attributes; /* the program's own copy */
    uint32_t attribute_size;
    int64_t first; /* its operands are ir->operands[first .. first + count) */
    int32_t count;
    int32_t out, outputs; /* the values out .. out + outputs */
    int32_t node;         /* the recorded node that it computes, for sentences */
    bool once;            /* runs again only when the leaf that operand 0 looks at has changed */
    bool prompt;          /* the next term of a long sum: while it waits, its terms pile up */
} eddy_ir_call;

typedef struct eddy_ir {
    eddy_tape *tape;
    eddy_site site;                 /* of eddy_compile, for sentences */
    const eddy_node *nodes;         /* the program's */
    eddy_arena *arena;              /* for attributes that passes make, and layouts; the program's */
    const eddy_ir_layout **layouts; /* chains, a power of 2 of them */
    int32_t layout_count, layout_chains;
    eddy_ir_value *values;
    eddy_ir_call *calls;
    int32_t *operands; /* value numbers */
    int32_t *results;  /* the values that the outputs, then the updates write out; never moved by a pass */
    int32_t *targets;  /* of each result: the leaf that it is written to, -1: none, it is an output */
    int64_t result_count, operand_count, operand_capacity;
    int32_t value_count, value_capacity, call_count, call_capacity;
    size_t block;           /* bytes */
    int64_t block_unshared; /* what values would take if none took another's place */
} eddy_ir;

/* One step of a hash. */
static inline uint64_t eddy_ir_mix(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio (Knuth, TAOCP 3, 6.4) */
}

static inline const eddy_shape *eddy_ir_shape(const eddy_ir *ir, int32_t v)
{
    return &ir->values[v].layout->shape;
}

/* The value that holds v's elements: v itself, or what it is a view of. */
static inline int32_t eddy_ir_base(const eddy_ir *ir, int32_t v)
{
    return ir->values[v].kind == EDDY_VALUE_VIEW ? ir->values[v].source : v;
}

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
/* What somebody wants to see of the passes. */
typedef struct eddy_pass_sight {
    const char *last;          /* stop behind the one of this name; "recorded": before the first; NULL: run all */
    eddy_pass_effect *effects; /* as eddy_program_effects writes them, or NULL */
    int64_t room;
} eddy_pass_sight;
/* Runs those that EDDY_PASSES does not switch off. */
bool eddy_ir_run_passes(eddy_ir *ir, const eddy_pass_sight *sight);

/* ---- one file each in passes/ ---- */
bool eddy_pass_constants(eddy_ir *ir);
bool eddy_pass_same(eddy_ir *ir);
bool eddy_pass_views(eddy_ir *ir);
bool eddy_pass_products(eddy_ir *ir);
bool eddy_pass_gather(eddy_ir *ir);
bool eddy_pass_narrow(eddy_ir *ir);
bool eddy_pass_join(eddy_ir *ir);
bool eddy_pass_split(eddy_ir *ir);
bool eddy_pass_early_sums(eddy_ir *ir);
bool eddy_pass_pack(eddy_ir *ir);
bool eddy_pass_recompute(eddy_ir *ir);
bool eddy_pass_fuse(eddy_ir *ir);
bool eddy_pass_updates(eddy_ir *ir);
bool eddy_pass_places(eddy_ir *ir);

/* ---- rules/: what passes put in the place of recorded ops ---- */
/* sum over s of operand[2s] operand[2s + 1], matrices of any strides, as one sum over all their inner dimensions: the
 * term of s begins where that of s - 1 ended. An operand of rank 1 on the right is a packed one. From the pass split on
 * there may be several matrices on the left, of equal sizes, which make rows of the result one below the other:
 * operand[(parts + 1) s + p] operand[(parts + 1) s + parts] for part p. */
extern const eddy_rule eddy_ir_product, eddy_ir_product_adds;
static inline bool eddy_ir_is_product(const eddy_ir_call *call)
{
    return call->rule == &eddy_ir_product || call->rule == &eddy_ir_product_adds;
}
static inline int32_t eddy_ir_product_parts(const eddy_shape *left, const eddy_shape *result)
{
    return left->dim[0] ? (int32_t)(result->dim[0] / left->dim[0]) : 1;
}
/* Is operand k of the product the matrix on the right of a term? */
static inline bool eddy_ir_is_right(const eddy_ir *ir, const eddy_ir_call *product, int32_t k)
{
    int32_t parts =
        eddy_ir_product_parts(eddy_ir_shape(ir, ir->operands[product->first]), eddy_ir_shape(ir, product->out));
    return k % (parts + 1) == parts;
}
/* The right operand of products in the order in which the kernels read it. Its one operand is the matrix. */
extern const eddy_rule eddy_ir_pack;
int64_t eddy_ir_pack_count(const eddy_ir_value *matrix); /* elements that the packed matrix takes */
/* A vector in f64: the sum of all rows of all operands, which are matrices, in their order. */
extern const eddy_rule eddy_ir_row_sum, eddy_ir_row_sum_adds;
extern const eddy_rule eddy_ir_fused; /* see fused.h */
extern const eddy_rule eddy_ir_copy;  /* of its operand, in another layout or dtype */

/* ---- ir.c ---- */
bool eddy_ir_no_memory(const eddy_ir *ir);
/* A copy at the end of ir->calls. */
bool eddy_ir_append(eddy_ir *ir, eddy_ir_call call);
/* Takes the calls away, so that a pass can append them anew; the caller frees the array. */
eddy_ir_call *eddy_ir_take_calls(eddy_ir *ir, int32_t *count);
/* The layout; contiguous if stride is NULL. NULL with the tape's failure. */
const eddy_ir_layout *eddy_ir_find_layout(eddy_ir *ir, const eddy_shape *shape, const int64_t *stride);
/* Do a and b have the same shape? */
static inline bool eddy_ir_same_shape(const eddy_ir *ir, int32_t a, int32_t b)
{
    const eddy_ir_layout *x = ir->values[a].layout, *y = ir->values[b].layout;
    return x == y || eddy_shape_equal(&x->shape, &y->shape);
}
/* A new value; -1 with the tape's failure. */
int32_t eddy_ir_add_value(eddy_ir *ir, const eddy_ir_value *value);
/* A new value that a call will write, contiguous. */
int32_t eddy_ir_new_value(eddy_ir *ir, eddy_dtype dtype, const eddy_shape *shape, int32_t node);
/* Room for operands of a new call: where they begin, -1 with the tape's failure. */
int64_t eddy_ir_add_operands(eddy_ir *ir, const int32_t *operands, int64_t count);
/* The operands of a call once more, behind all others. */
bool eddy_ir_repeat_operands(eddy_ir *ir, const eddy_ir_call *call);
/* The value as a tensor without data. */
eddy_tensor eddy_ir_tensor(const eddy_ir *ir, int32_t v);
/* Bytes of the memory of a call's value: whole cache lines. */
size_t eddy_ir_size(const eddy_ir *ir, int32_t v);
/* Order, kinds, shapes and layouts; false with a failure that names the pass. */
bool eddy_ir_verify(const eddy_ir *ir, const char *pass);
void eddy_ir_free(eddy_ir *ir);

/* ---- dump.c ---- */
/* Text of what is there, a line for each value or call, for eddy_free. NULL when memory is short. */
char *eddy_ir_dump(const eddy_ir *ir);

/* ---- uses.c: who reads and writes what, and other sights of a value ---- */
typedef struct eddy_ir_uses {
    int32_t *writer; /* of each value: the call that writes it, -1 none */
    int32_t *direct; /* how many operands and results are this very value */
    int32_t *view;   /* the last of the views of it that are used, -1 none */
    int32_t *next;   /* of a view that is used: the one before it in that list, -1 none */
    int32_t *later;  /* and the one behind it */
    int32_t count, capacity;
} eddy_ir_uses;
bool eddy_ir_find_uses(const eddy_ir *ir, eddy_ir_uses *uses);
/* After values were added: they are written and read by nobody yet. */
bool eddy_ir_grow_uses(const eddy_ir *ir, eddy_ir_uses *uses);
/* One more, or one less, use of v. */
void eddy_ir_count_use(const eddy_ir *ir, eddy_ir_uses *uses, int32_t v, int32_t by);
void eddy_ir_free_uses(eddy_ir_uses *uses);
/* Everything that reads value v reads by[v] instead; by[v] == v: stays as it is. by has `count` entries, no chains. */
void eddy_ir_replace(eddy_ir *ir, const int32_t *by, int32_t count);
/* Drops the calls whose values nobody reads. */
bool eddy_ir_sweep(eddy_ir *ir);
/* Drops the values that no call and no result is about, and the operands of calls that are gone; the others get new
 * numbers, in the same order. */
bool eddy_ir_compact(eddy_ir *ir);
/* The matrix v transposed: a view, or v's base where that is it. -1 with the tape's failure, as below. */
int32_t eddy_ir_transposed(eddy_ir *ir, int32_t v);
/* Elements start .. start + size of an axis of v; of a constant a smaller one. */
int32_t eddy_ir_slice(eddy_ir *ir, int32_t v, int axis, int64_t start, int64_t size);
/* Are a and b the same elements in the same layout? */
bool eddy_ir_same_view(const eddy_ir *ir, int32_t a, int32_t b);

#endif
