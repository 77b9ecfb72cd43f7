/* The recorded write: a value, to be written to a leaf when a program that lists it among its updates has run.
 * Operands: the value, and the leaf, of which only the name is used. */
#include "op_rules.h"

static eddy_var gradient_assign(const eddy_pullback *back, int64_t k)
{
    return k == 0 ? back->g : (eddy_var){ 0 };
}

static const eddy_rule rule_assign = {
    .name = "assign", .view = eddy_strides_same, .run = eddy_run_copy, .gradient = gradient_assign, .named = 1u << 1
};

eddy_var eddy_assign_at(eddy_site site, eddy_var leaf, eddy_var value)
{
    eddy_tape *tape = eddy_begin(site, "assign", 2, (eddy_var[]){ leaf, value });
    if (!tape)
        return eddy_failed(leaf.tape);
    eddy_role role = eddy_role_of(leaf);
    if (role == EDDY_NODE || role == EDDY_CONSTANT)
        return eddy_op_fail(tape, site, "assign",
                            "the target is %s; only parameters, states and inputs can be written to",
                            role == EDDY_NODE ? "the result of an op" : "a constant");
    if (!eddy_same_kind(leaf, value))
        return eddy_op_fail(tape, site, "assign", "\"%s\" has shape %s and dtype %s, the value has %s and %s",
                            eddy_name_of(leaf), EDDY_KIND(leaf), EDDY_KIND(value));
    eddy_var assign = eddy_record(
        tape, site, &(eddy_recording){ .rule = &rule_assign, .count = 2, .x = (eddy_var[]){ value, leaf } });
    if (assign.index >= 0)
        eddy_node_at(tape, assign.index)->pending = true;
    return assign;
}

eddy_var eddy_assigned(eddy_var assign)
{
    if (!eddy_ok(assign) || assign.index < 0)
        return (eddy_var){ 0 };
    const eddy_node *node = eddy_node_at(assign.tape, assign.index);
    return node->rule == &rule_assign ? eddy_var_of(assign.tape, node->operand[1]) : (eddy_var){ 0 };
}
