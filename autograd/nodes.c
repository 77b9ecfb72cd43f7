/* The public reader of nodes; see nodes.h. */
#include "nodes.h"
#include "node.h"

#include <math.h>
#include <string.h>

eddy_var eddy_node_var(eddy_tape *tape, int64_t index)
{
    return tape && index >= 0 && index < tape->count ? eddy_var_of(tape, (int32_t)index) : (eddy_var){ 0 };
}

eddy_var eddy_leaf_var(eddy_tape *tape, int64_t index)
{
    return tape && index >= 0 && index < tape->leaf_count ? eddy_var_of(tape, ~(int32_t)index) : (eddy_var){ 0 };
}

int64_t eddy_leaf_total(const eddy_tape *tape)
{
    return tape ? tape->leaf_count : 0;
}

/* NULL of what is no node. */
static const eddy_node *node_of(eddy_var var)
{
    return eddy_ok(var) && var.index >= 0 ? eddy_node_at(var.tape, var.index) : NULL;
}

eddy_site eddy_site_of(eddy_var var)
{
    const eddy_node *node = node_of(var);
    return node ? node->site : eddy_ok(var) ? eddy_leaf_at(var.tape, var.index)->site : NULL;
}

double eddy_initial_item(eddy_var leaf)
{
    return eddy_ok(leaf) && leaf.index < 0 ? eddy_leaf_at(leaf.tape, leaf.index)->first : NAN;
}

eddy_node_info eddy_node_read(eddy_var var)
{
    const eddy_node *node = node_of(var);
    if (!node)
        return (eddy_node_info){ 0 };
    eddy_node_info info = { .op = node->rule->name,
                            .operands = node->count,
                            .scope = node->scope,
                            .is_gradient = node->is_gradient,
                            .is_number = node->rule->constant };
    if (info.is_number)
        memcpy(&info.number, node->attributes, sizeof info.number);
    return info;
}

eddy_var eddy_operand(eddy_var var, int64_t k)
{
    const eddy_node *node = node_of(var);
    return node && k >= 0 && k < node->count ? eddy_var_of(var.tape, node->operand[k]) : (eddy_var){ 0 };
}

bool eddy_operand_is_read(eddy_var var, int64_t k)
{
    const eddy_node *node = node_of(var);
    return node && k >= 0 && k < node->count && eddy_rule_reads(node->rule, k);
}

eddy_scope_info eddy_scope_read(const eddy_tape *tape, int64_t index)
{
    if (!tape || index < 0 || index >= tape->scope_count)
        return (eddy_scope_info){ .step = -1, .parent = -1 };
    const eddy_scope *scope = &tape->scopes[index];
    return (eddy_scope_info){ scope->name, scope->site, scope->step, scope->parent };
}

eddy_watch_info eddy_watch_read(eddy_tape *tape, int64_t index)
{
    if (!tape || index < 0 || index >= tape->watch_count)
        return (eddy_watch_info){ 0 };
    const eddy_watch_entry *watch = &tape->watches[index];
    return (eddy_watch_info){ watch->name, watch->step, eddy_var_of(tape, watch->index) };
}

bool eddy_mark_below(eddy_tape *tape, eddy_list vars, unsigned char *nodes, unsigned char *leaves)
{
    for (int64_t k = 0; k < vars.count; k++)
        if (!vars.items || vars.items[k].tape != tape || !eddy_ok(vars.items[k]))
            return false;
    if (!nodes || !leaves)
        return false;
    if (tape)
        eddy_mark_needed(tape, vars.count, vars.items, EDDY_READ_NAMES, nodes, leaves);
    return true;
}
