/* The inside of a tape: nodes, leaves, scopes. For the files of autograd/ only.
 *
 * Nodes stand in creation order, which is a topological order: an operand has a smaller number than its user. They live
 * in chunks that never move. A node knows its op by a pointer to the op's rule; there is no central list of ops. */
#ifndef EDDY_NODE_H
#define EDDY_NODE_H

#include "begin.h"
#include "random.h"
#include "rule.h"

#include <string.h>

/* The interpreter's knowledge of a node's value. */
typedef struct eddy_slot {
    eddy_tensor value;
    uint64_t version; /* the newest write to a leaf below, when it was computed */
    uint64_t fresh;   /* the tape's clock when that was last known to be so; 0: no value */
    uint64_t visit;
} eddy_slot;

typedef struct eddy_node {
    const eddy_rule *rule;
    const void *attributes; /* flat bytes on the tape's arena, or NULL */
    eddy_site site;
    const int32_t *operand; /* >= 0 a node, < 0 a leaf (~index) */
    int32_t count;          /* of operands */
    int32_t few[3];         /* where operand points for up to three */
    uint32_t attribute_size;
    uint32_t generation;
    int32_t scope;  /* -1: none */
    int32_t region; /* the checkpointed region: 1 + the number of its first node; 0: none */
    int32_t again;  /* of a gradient's node: how many regions had been recorded a second time before it; else 0 */
    bool is_gradient;
    bool pending; /* the user's assign that no program writes yet and whose value nobody has looked at */
    eddy_dtype dtype;
    eddy_shape shape;
    eddy_slot *slot; /* NULL until the interpreter needs its value */
} eddy_node;

typedef struct eddy_leaf {
    const char *name; /* behind the leaf in memory; NULL for constants */
    eddy_role role;
    eddy_site site;
    eddy_tensor value;
    uint64_t version; /* the tape's clock at the last write; 0: never set */
    double first;     /* element that it was made with; NaN: without a value */
} eddy_leaf;

typedef struct eddy_scope {
    eddy_site site;
    eddy_site outside; /* the site in force before */
    const char *name;
    int64_t step;
    const void *key, *kept; /* eddy_scope_keep */
    int32_t parent;
} eddy_scope;

typedef struct eddy_watch_entry {
    const char *name; /* on the arena */
    int64_t step;
    int32_t index;
    int32_t earlier; /* 1 + the entry before it in the same hash chain, 0 none */
} eddy_watch_entry;

/* ---- tape_memory.c ---- */
/* Memory that is given back only by rewinding: chunks are kept for reuse, so addresses stay valid until the rewind. */
typedef struct eddy_arena {
    struct eddy_arena_chunk *chunks;
    int32_t count, current;
} eddy_arena;
void *eddy_arena_take(eddy_arena *arena, size_t bytes);
eddy_arena_mark eddy_arena_now(const eddy_arena *arena);
void eddy_arena_rewind(eddy_arena *arena, eddy_arena_mark mark);
void eddy_arena_free(eddy_arena *arena);
/* Makes room for one more than `count` items of `size` bytes; the array stays as it is when memory is short. */
bool eddy_grow(void **items, int32_t *capacity, int32_t count, size_t size);

enum { EDDY_CHUNK = 1024 /* nodes */, EDDY_WATCH_CHAINS = 4096 };

struct eddy_tape {
    eddy_var failed[EDDY_FAILED_ITEMS]; /* of eddy_failed_list */
    eddy_dtype dtype;
    uint64_t seed;
    bool eager;
    bool in_gradient; /* recorded nodes belong to a gradient */

    eddy_status error;
    uint64_t error_event;
    uint64_t event; /* counts recordings and failures */
    uint64_t clock; /* counts writes to leaves; never 0 */
    uint64_t visit;

    eddy_node **nodes; /* chunks */
    int32_t chunks, count;
    uint32_t generation;

    eddy_leaf **leaves;
    int32_t leaf_count, leaf_capacity;

    eddy_scope *scopes;
    int32_t scope_count, scope_capacity, scope; /* scope: the open one, -1 none */
    int32_t scopes_missed;                      /* pushes that found no memory and whose pops are to come */
    eddy_site here;                             /* the site of calls that bring none */
    int32_t region;                             /* the open checkpointed region, 0 none */
    int32_t again;                              /* regions that gradients have recorded a second time */

    eddy_watch_entry *watches;
    int32_t watch_count, watch_capacity;
    int32_t watch_chains[EDDY_WATCH_CHAINS]; /* 1 + the newest entry of each hash chain, 0 none */

    eddy_arena arena; /* attributes, operand lists, watch names */
    eddy_arena lists; /* arrays of vars only, so that a stale list still holds handles */

    int32_t random_count; /* random ops recorded: each has a stream of its own */
    char prefix[256];     /* of leaf names */
    uint8_t pushed[128];  /* the prefix's length before each push; a push takes two characters at least */
    eddy_site pushed_at[128];
    int32_t pushes;
    int32_t names_missed; /* pushes that failed and whose pops are to come */

    int32_t ran;        /* nodes that there were when a program last ran */
    char warning[1600]; /* of eddy_warning */
    char dropped[300];  /* its line about assigns that were reset */
    char said[600];     /* and that of eddy_warn */

    const eddy_tensor **operands; /* of the node that the interpreter computes */
    int32_t operand_capacity;
    struct eddy_program *programs;
    void (*free_program)(struct eddy_program *program); /* of who makes programs; a tape knows nothing else of them */
};

static inline eddy_node *eddy_node_at(const eddy_tape *tape, int32_t index)
{
    return &tape->nodes[index / EDDY_CHUNK][index % EDDY_CHUNK];
}

/* ---- tape.c ---- */
/* eddy_tape_fail with a finished sentence and a scope among others than the tape's own. */
bool eddy_fail_in(eddy_tape *tape, const eddy_scope *scopes, int32_t scope, eddy_site site, const char *op,
                  const char *sentence);
#define eddy_tape_out_of_memory(tape, site, op) eddy_tape_fail(tape, site, op, "out of memory")

/* ---- call_scopes.c ---- */
int64_t eddy_scope_step(const eddy_tape *tape, int32_t scope); /* the innermost time step, -1 none */

/* ---- record.c ---- */
/* Whether `count` vars can be used on this tape; else its failure: "WHAT 2 was reset ...". */
bool eddy_usable(eddy_tape *tape, eddy_site site, const char *op, const char *what, int64_t count, const eddy_var *x);
/* For calls that have a tape and no operands. */
bool eddy_begin_tape(eddy_tape *tape);
/* What a new node is. */
typedef struct eddy_recording {
    const eddy_rule *rule;
    eddy_dtype dtype;        /* of the result; 0: operand 0's */
    const eddy_shape *shape; /* NULL: operand 0's */
    int64_t count;           /* of operands */
    const eddy_var *x;
    const void *attributes; /* copied */
    size_t size;            /* of the attributes */
} eddy_recording;
/* Appends a node. Returns its var, or a failed one when memory is short. */
eddy_var eddy_record(eddy_tape *tape, eddy_site site, const eddy_recording *r);
bool eddy_same_kind(eddy_var a, eddy_var b);
eddy_var eddy_var_of(eddy_tape *tape, int32_t id); /* of a node or leaf number */
/* What a node of the tape is read for. */
typedef enum eddy_reading {
    EDDY_READ_VALUES,    /* its operands' values */
    EDDY_READ_GRADIENTS, /* the operands of nodes that have a gradient rule */
    EDDY_READ_NAMES      /* the operands with those that are only named */
} eddy_reading;
/* Sets a byte for each node and for each leaf to 1 where vars[0 .. count) need it; the others stay. */
void eddy_mark_needed(const eddy_tape *tape, int64_t count, const eddy_var *vars, eddy_reading reading,
                      unsigned char *nodes, unsigned char *leaves);
/* The nearest marked node at or before i (-1 none), at or behind i (end: none): eight at once are passed over. */
static inline int32_t eddy_marked_before(const unsigned char *marks, int32_t i)
{
    for (uint64_t eight; i >= 7; i -= 8) {
        memcpy(&eight, marks + i - 7, sizeof eight);
        if (eight)
            break;
    }
    while (i >= 0 && !marks[i])
        i--;
    return i;
}
static inline int32_t eddy_marked_after(const unsigned char *marks, int32_t i, int32_t end)
{
    for (uint64_t eight; i + 8 <= end; i += 8) {
        memcpy(&eight, marks + i, sizeof eight);
        if (eight)
            break;
    }
    while (i < end && !marks[i])
        i++;
    return i;
}
/* Drops all watches but the first `count`. */
void eddy_unwatch(eddy_tape *tape, int32_t count);
static inline eddy_leaf *eddy_leaf_at(const eddy_tape *tape, int32_t id)
{
    return tape->leaves[~id];
}

/* ---- leaf.c ---- */
/* A new leaf of the dtype and shape of `like`, its name behind the prefix, `initial` copied and converted (NULL: no
 * value yet). */
eddy_var eddy_leaf_new(eddy_tape *tape, eddy_site site, eddy_role role, const char *name, const eddy_tensor *like,
                       const eddy_tensor *initial);
void eddy_leaf_free(eddy_leaf *leaf);

/* ---- text.c ---- */
/* " (in unroll at user.c:12, step 3)" or "". */
void eddy_scope_describe(const eddy_scope *scopes, int32_t scope, char *text, size_t size);
/* To be called before the nodes from `first` on are reset: what a warning says of them is remembered. */
void eddy_warn_of_reset(eddy_tape *tape, int32_t first);

/* ---- evaluate.c ---- */
/* Eager mode: computes the node if the leaves below have values, and looks for NaN and infinity. */
void eddy_evaluate_eagerly(eddy_tape *tape, int32_t index);
/* A failure of the node's own op at its own site. scopes: those that the node's scope is one of, the tape's or a
 * program's. */
bool eddy_node_fail(eddy_tape *tape, const eddy_scope *scopes, const eddy_node *node, const char *sentence);
/* The sentence about a NaN or infinity at an element of a result. False. */
bool eddy_nonfinite(eddy_status *status, double found, int64_t at, const eddy_shape *shape);
/* Fails if the value holds a NaN or infinity. */
bool eddy_check_finite(eddy_tape *tape, const eddy_scope *scopes, const eddy_node *node, const eddy_tensor *value);

/* ---- verify.c ---- */
/* Checks order, arity, shapes and handles of the nodes from `first` on; false with a failure naming the first that is
 * wrong. */
bool eddy_tape_verify(eddy_tape *tape, int32_t first);

#endif
