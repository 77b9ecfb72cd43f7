/* A compiled program: what a run reads and writes, with every pointer bound. For the files of autograd/program/ only.
 */
#ifndef EDDY_COMPILED_H
#define EDDY_COMPILED_H

#include "ir.h"

typedef struct eddy_instruction {
    eddy_work work;
    int32_t node;          /* among the program's, for sentences */
    const eddy_leaf *once; /* the leaf whose version says whether it has to run again; NULL: always */
    uint64_t version;      /* of that leaf, when it ran last; 0: never */
    bool waits;            /* for all threads to get here */
    double seconds;        /* that it took, when that was measured */
} eddy_instruction;

typedef struct eddy_program_output {
    eddy_var var;
    eddy_tensor snapshot;
} eddy_program_output;

typedef struct eddy_program_update {
    eddy_var var; /* the assign */
    eddy_leaf *leaf;
    bool in_place;      /* the value is in the leaf already */
    eddy_tensor staged; /* where the value waits if it is a view of a leaf that this run may write; else empty */
} eddy_program_update;

struct eddy_program {
    eddy_tape *tape;
    eddy_program *next;
    bool has_run, measures;
    eddy_status status; /* of the call that runs */
    eddy_instruction *instructions;
    int64_t instruction_count;
    int64_t in_place;     /* from this instruction on leaves are written */
    int32_t threads;      /* that it is worth, at most */
    size_t scratch;       /* bytes of a thread's scratch; those of thread i begin at work.scratch + i scratch */
    eddy_node *nodes;     /* copies of the kept nodes, for sentences and their attributes */
    eddy_scope *scopes;   /* a copy of the tape's, for sentences */
    eddy_tensor *tensors; /* of each value */
    int32_t *node_of;     /* and the node that it stands for */
    const eddy_tensor **operands;
    const eddy_tensor **results; /* what the outputs, then the updates write out */
    eddy_leaf **leaves;          /* whose values a run reads */
    int64_t leaf_count;
    eddy_program_output *outputs;
    int64_t output_count;
    eddy_program_update *updates;
    int64_t update_count;
    uint64_t *constants;
    char *attributes, *block, *prepared;
    eddy_arena arena; /* attributes that passes made */
    eddy_program_stats stats;
};

/* ---- lower.c ---- */
/* Copies what outputs and updates need from the tape into the program, and writes it down as an IR, a call for each
 * node. */
bool eddy_lower(eddy_program *program, eddy_ir *ir, eddy_list outputs, eddy_list updates);

/* ---- profile.c ---- */
/* As eddy_program_group counts them. */
double eddy_operations(const eddy_work *work);

/* ---- barriers.c ---- */
/* Says of each instruction whether it waits; all data are bound, those of values between block and block + size. False:
 * memory is short. */
bool eddy_find_barriers(eddy_program *program, const eddy_ir *ir, const char *block, size_t size);

/* ---- bind.c ---- */
/* From numbers to pointers: allocates the block and fills in all that a run uses. */
bool eddy_bind(eddy_program *program, const eddy_ir *ir);

#endif
