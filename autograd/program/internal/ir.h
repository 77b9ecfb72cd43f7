/* The inside of a program, shared by who compiles it (compile.c), who places its values in memory (plan.c) and who runs
 * it (run.c). */
#ifndef EDDY_IR_H
#define EDDY_IR_H

#include "node.h"

/* One call of a rule. */
typedef struct eddy_call {
    const eddy_rule *rule;
    const void *attributes;
    const eddy_tensor **in;
    eddy_tensor *out;
    int32_t count; /* of operands */
    int32_t node;  /* the copy of the recorded node, for sentences */
} eddy_call;

typedef struct eddy_program_output {
    eddy_var var;
    const eddy_tensor *from;
    eddy_tensor snapshot;
} eddy_program_output;

typedef struct eddy_program_update {
    eddy_leaf *leaf;
    const eddy_tensor *from;
    eddy_tensor staged; /* where the value waits if it is a view of a leaf that this run may write; else empty */
} eddy_program_update;

struct eddy_program {
    eddy_tape *tape;
    eddy_program *next;
    bool has_run;
    eddy_call *calls; /* what a run does, in order */
    int64_t call_count;
    eddy_node *nodes; /* copies of the kept nodes, for sentences; their operands mean something while compiling only */
    eddy_scope *scopes;   /* a copy of the tape's, for sentences */
    eddy_tensor *tensors; /* their values */
    const eddy_tensor **operands;
    eddy_leaf **leaves; /* whose values a run reads */
    int64_t leaf_count;
    eddy_program_output *outputs;
    int64_t output_count;
    eddy_program_update *updates;
    int64_t update_count;
    char *attributes, *constants, *block;
    eddy_program_stats stats;
};

/* What is known of a kept node's value while compiling. Numbers count kept nodes; times count calls. */
typedef struct eddy_compiled_value {
    int32_t base;          /* the node whose buffer holds the elements: itself unless a view; -1: a leaf's memory */
    int64_t shift;         /* elements from the base's first */
    bool constant;         /* computed when compiled */
    int64_t first_operand; /* in the program's operands */
    int32_t sum, term;     /* the early sum that this value is a term of, and which; -1 none */
    bool is_early_sum;
    bool placed;
    int64_t last_use; /* the time of the last call that reads the buffer; -1: none */
    size_t offset, size;
} eddy_compiled_value;

typedef struct eddy_compiler {
    eddy_tape *tape;
    eddy_site site;
    eddy_program *program;
    int32_t *kept; /* node -> number among the kept, -1 not needed */
    eddy_compiled_value *values;
    int32_t count;
    int64_t operand_count, term_count; /* term_count: of all early sums */
    size_t attribute_bytes, constant_bytes;
} eddy_compiler;

/* ---- plan.c ---- */
/* Decides which sums are computed early: term by term, each as soon as it is known. */
void eddy_plan_early_sums(eddy_compiler *compiler);
/* The call that adds a term to its early sum. */
eddy_call eddy_plan_term(eddy_compiler *compiler, int32_t term);
/* Gives every value its place in one block and every tensor its data pointer. */
bool eddy_plan_place(eddy_compiler *compiler);

#endif
