/* What a computation is: a tape of nodes, handles to them, leaves, and values.
 *
 * Recording infers shape and dtype at once and computes nothing; a value is computed when somebody looks. The first
 * failure sticks to the tape: from then on every op returns a failed var and every other call false, NULL or NaN, until
 * eddy_clear_error or a reset to a mark made before it. So a program checks eddy_error(tape) once. Every function
 * accepts NULL and failed vars. A tape belongs to one thread at a time. */
#ifndef EDDY_TAPE_H
#define EDDY_TAPE_H

#include "tensor.h"

EDDY_C_BEGIN

typedef struct eddy_tape eddy_tape;

/* Where a call stands, "file.c:12", as one string literal; NULL: the call site of the innermost open scope. */
typedef const char *eddy_site;
#define EDDY_STRING_(x) #x
#define EDDY_STRING(x) EDDY_STRING_(x)
#define EDDY_HERE __FILE__ ":" EDDY_STRING(__LINE__)

/* A handle to one node or leaf. {0} means "no var". Using a handle after its node was reset is an error with a
 * sentence; after eddy_tape_free it is undefined. */
typedef struct eddy_var {
    eddy_tape *tape;
    int32_t index;       /* >= 0 a node, < 0 a leaf (~index); EDDY_FAILED: the result of a failed call */
    uint32_t generation; /* of the tape when the node was recorded */
} eddy_var;
#define EDDY_FAILED INT32_MIN

/* Vars in order. What the library returns lives on the tape until its nodes are reset; nobody frees it. A failed call
 * returns a list of failed vars: as many as a good one would have if that is known, and in any case (memory is short,
 * there is no tape) the first EDDY_FAILED_ITEMS may be indexed, whatever the count. */
typedef struct eddy_list {
    eddy_var *items;
    int64_t count;
} eddy_list;
enum { EDDY_FAILED_ITEMS = 1024 };

/* dtype: EDDY_F32 or EDDY_F64, of parameters, inputs and constants that name no other. seed: of every random number
 * drawn for this tape. EDDY_EAGER=1 in the environment turns eager mode on (see eddy_set_eager). NULL when memory is
 * short; eddy_error(NULL) then says so. */
EDDY_SITED eddy_tape *eddy_tape_new(eddy_dtype dtype, uint64_t seed);
/* Frees the tape with its nodes, leaves, lists and programs. */
EDDY_API void eddy_tape_free(eddy_tape *tape);
EDDY_API eddy_dtype eddy_tape_dtype(const eddy_tape *tape);
EDDY_API uint64_t eddy_tape_seed(const eddy_tape *tape);

/* The sentence of the first failure, or NULL. eddy_error(NULL) says "out of memory". */
EDDY_API const char *eddy_error(const eddy_tape *tape);
/* Records a failure of the caller's own unless there is one already, "SITE: sentence", and returns a failed var, so
 * that a cell that dislikes its input says: return eddy_fail(x.tape, "%lld features", (long long)eddy_size(x, -1)). */
EDDY_SITED eddy_var eddy_fail(eddy_tape *tape, const char *format, ...) EDDY_PRINTF(2, 3);
EDDY_API eddy_var eddy_fail_v(eddy_site site, eddy_tape *tape, const char *format, va_list arguments);
/* The failed var of a tape, {0} of NULL: what a call returns that comes after a failure. */
EDDY_API eddy_var eddy_failed(eddy_tape *tape);
EDDY_API void eddy_clear_error(eddy_tape *tape);

/* What is no failure and hardly meant, "SITE: sentence", one a line; NULL: nothing. It is looked for when asked, best
 * when all programs are compiled and one has run, outside of any push:
 *   - assigns (of an optimiser, a schedule, carried states, your own) that no program lists among its updates though a
 *     program has run since they were recorded, unless somebody has looked at their value;
 *   - an eddy_push that no eddy_pop has followed;
 *   - the learning rate, or Adagrad's initial sum, of a second optimiser that found the states of the first;
 *   - what somebody said with eddy_warn.
 * Of assigns that were reset and of the last two the first is remembered, until eddy_clear_error. The text is valid
 * until the next call. */
EDDY_API const char *eddy_warning(eddy_tape *tape);
/* Whether it is remembered. */
EDDY_SITED bool eddy_warn(eddy_tape *tape, const char *format, ...) EDDY_PRINTF(2, 3);
EDDY_API bool eddy_warn_v(eddy_site site, eddy_tape *tape, const char *format, va_list arguments);

/* Eager mode computes a node as soon as it is recorded if all leaves below it have values, and a run checks every node;
 * the first NaN or infinity is a failure that names the op and its line. Slow; for finding out where a NaN is born. */
EDDY_API void eddy_set_eager(eddy_tape *tape, bool eager);

/* ---- Leaves: inputs, parameters, states, constants. They survive eddy_reset. Names are unique on a tape. ---- */

typedef enum eddy_role { EDDY_NODE = 0, EDDY_INPUT, EDDY_PARAMETER, EDDY_STATE, EDDY_CONSTANT } eddy_role;

/* Names of leaves made between push and pop are prefixed: push "enc", parameter "weight" -> "enc.weight". They nest. */
EDDY_SITED void eddy_push(eddy_tape *tape, const char *name);
EDDY_SITED void eddy_pop(eddy_tape *tape);
/* What is in front of a name now: "enc." or "". */
EDDY_API const char *eddy_prefix(const eddy_tape *tape);

/* To be set before each run that should see other data. */
EDDY_SITED eddy_var eddy_input(eddy_tape *tape, const char *name, eddy_shape shape);
EDDY_SITED eddy_var eddy_input_of(eddy_tape *tape, const char *name, eddy_dtype dtype, eddy_shape shape);
/* Something to be learned, in the tape's dtype, copied from `initial` (converted; its shape is the parameter's). */
EDDY_SITED eddy_var eddy_parameter(eddy_tape *tape, const char *name, const eddy_tensor *initial);
/* Something carried from run to run by eddy_assign: moments, step counts, streaming states, running averages. dtype as
 * in `initial`. */
EDDY_SITED eddy_var eddy_state(eddy_tape *tape, const char *name, const eddy_tensor *initial);
/* A copy of a tensor: floating point in the tape's dtype, integers as they are. For a single number use eddy_full. */
EDDY_SITED eddy_var eddy_constant(eddy_tape *tape, const eddy_tensor *value);
/* Numbers written down or computed in C, row-major: eddy_constant_from(tape, EDDY_SHAPE(3), (double[]){ 1, 2, 4 }) in
 * the tape's dtype, eddy_constant_of in another (i64 for indices; converted as eddy_cast does). As many are read as the
 * shape has elements. */
EDDY_SITED eddy_var eddy_constant_from(eddy_tape *tape, eddy_shape shape, const double *values);
EDDY_SITED eddy_var eddy_constant_of(eddy_tape *tape, eddy_dtype dtype, eddy_shape shape, const double *values);

/* Copies the elements of a leaf from memory: its dtype, row-major, exactly its number of bytes (checked). */
EDDY_SITED bool eddy_set(eddy_var leaf, const void *data, size_t bytes);
/* The same from a tensor of the leaf's shape, converting the dtype. */
EDDY_SITED bool eddy_set_tensor(eddy_var leaf, const eddy_tensor *value);
/* Sets every element to one number. */
EDDY_SITED bool eddy_set_item(eddy_var leaf, double value);

/* The leaf of a full name ("lstm.weight_ih_l0"); {0} if there is none (no failure). */
EDDY_API eddy_var eddy_find(eddy_tape *tape, const char *name);
/* All parameters (or all leaves of a role) in the order in which they were made. */
EDDY_API eddy_list eddy_parameters(eddy_tape *tape);
EDDY_API eddy_list eddy_leaves(eddy_tape *tape, eddy_role role);
EDDY_API int64_t eddy_leaf_count(const eddy_tape *tape, eddy_role role);

/* ---- Vars ---- */

EDDY_API bool eddy_ok(eddy_var var); /* neither failed nor {0} nor reset */
EDDY_API bool eddy_same(eddy_var a, eddy_var b);
EDDY_API eddy_shape eddy_shape_of(eddy_var var);    /* rank -1 for a failed var */
EDDY_API int64_t eddy_size(eddy_var var, int axis); /* one dimension, axis may be negative; -1 if there is none */
EDDY_API eddy_dtype eddy_dtype_of(eddy_var var);    /* 0 for a failed var */
EDDY_API eddy_role eddy_role_of(eddy_var var);
/* a leaf's full name, a watched node's name, else the op's name; "" for a failed var */
EDDY_API const char *eddy_name_of(eddy_var var);

/* The value, computed now if it is not known or if a leaf below it has changed. A view owned by the tape, valid until
 * the tape next records, computes or is reset. NULL after a failure. */
EDDY_SITED const eddy_tensor *eddy_value(eddy_var var);
/* The value of a var with one element; NaN after a failure. */
EDDY_SITED double eddy_item(eddy_var var);
/* Name, shape, dtype and value to stdout. */
EDDY_SITED bool eddy_print(eddy_var var);
/* Copies the value out, row-major, in the var's dtype; bytes must be exact. */
EDDY_SITED bool eddy_get(eddy_var var, void *data, size_t bytes);

/* Makes an intermediate readable by name and time step afterwards (plots, teaching). Returns its argument. */
EDDY_SITED eddy_var eddy_watch(eddy_var var, const char *name);
/* The var watched under this name in time step `step` (-1: outside any unroll); the latest if there are several; {0} if
 * none. */
EDDY_API eddy_var eddy_watched(eddy_tape *tape, const char *name, int64_t step);

/* ---- Lists ---- */

/* A copy on the tape. */
EDDY_API eddy_list eddy_list_new(eddy_tape *tape, const eddy_var *items, int64_t count);
EDDY_API eddy_list eddy_list_join(eddy_tape *tape, eddy_list a, eddy_list b);
/* n failed vars (below 0: it is not known how many), so that the caller of a failed call may index what it asked for.
 */
EDDY_API eddy_list eddy_failed_list(eddy_tape *tape, int64_t n);
/* The tape of the first item that has one, or NULL. */
EDDY_API eddy_tape *eddy_list_tape(eddy_list list);
/* Whether a list can be walked: no {NULL, 3}, no negative count; else a failure "WHAT: ...". */
EDDY_SITED bool eddy_list_ok(eddy_tape *tape, const char *what, eddy_list list);

/* ---- Mark and reset ---- */

/* Opaque. A mark is void once its tape has been reset to an older one. */
typedef struct eddy_arena_mark {
    int32_t chunk;
    size_t used;
} eddy_arena_mark;
typedef struct eddy_mark {
    const eddy_tape *tape;
    int32_t nodes, scopes, watches, randoms;
    uint32_t generation;
    uint64_t event;
    eddy_arena_mark arena, lists;
} eddy_mark;

EDDY_API eddy_mark eddy_mark_now(const eddy_tape *tape);
/* Drops the nodes, lists, watches and failures younger than the mark; leaves and programs stay. A failure, and nothing
 * is dropped, if the mark is void, or older than a scope that is still open: a step of a cell cannot reset what the
 * unroll around it has recorded. */
EDDY_SITED void eddy_reset(eddy_tape *tape, eddy_mark mark);
EDDY_API int64_t eddy_node_count(const eddy_tape *tape);

/* ---- Checkpoints: nodes recorded between begin and end form a region. A gradient does not keep their values: it
 * records the region's nodes once more, from the vars that enter it, and reads those copies, so that in a program the
 * first values live only until the region has run. Same bits, less memory, one more forward pass (Chen et al. 2016,
 * Training deep nets with sublinear memory cost). Regions do not nest. ---- */

EDDY_SITED void eddy_checkpoint_begin(eddy_tape *tape);
EDDY_SITED void eddy_checkpoint_end(eddy_tape *tape);

/* ---- Scopes: how a composite call (loss, unroll, attention) makes its nodes name the user's line and the time step.
 * ---- */

/* name: a literal; step -1: none */
EDDY_API void eddy_scope_push(eddy_tape *tape, eddy_site site, const char *name, int64_t step);
EDDY_API void eddy_scope_pop(eddy_tape *tape);
/* Something of the caller's that the innermost open scope keeps until its pop, and that of the innermost open scope
 * that keeps something under this key, or NULL. A key is an address of the caller's. How eddy_steps_done finds the
 * unroll around it. */
EDDY_API void eddy_scope_keep(eddy_tape *tape, const void *key, const void *kept);
EDDY_API const void *eddy_scope_kept(const eddy_tape *tape, const void *key);
/* The time step of the innermost open scope that has one: in a step of eddy_unroll its place in the input, in reverse
 * too. -1 outside. */
EDDY_API int64_t eddy_step_index(const eddy_tape *tape);

EDDY_C_END

/* A list written out in a call: eddy_compile(tape, EDDY_LIST(loss, norm), update). In C it lives as long as the
 * enclosing block. */
#ifdef __cplusplus
inline eddy_list eddy_list_of(std::initializer_list<eddy_var> items)
{
    return eddy_list_new(items.size() ? items.begin()->tape : nullptr, items.begin(),
                         static_cast<int64_t>(items.size()));
}
#define EDDY_LIST(...) eddy_list_of({ __VA_ARGS__ })
#define EDDY_NONE eddy_list()
#else
#define EDDY_LIST(...)                                                                                                 \
    ((eddy_list){ (eddy_var[]){ __VA_ARGS__ }, (int64_t)(sizeof((eddy_var[]){ __VA_ARGS__ }) / sizeof(eddy_var)) })
#define EDDY_NONE ((eddy_list){ 0 })
#endif

#include "tape_calls.h"
#endif
