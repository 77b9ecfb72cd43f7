/* The interpreter: node by node, every value kept until its leaves change. The oracle for every faster way to run. */
#include "node.h"
#include "kernels.h"
#include "format.h"

#include <math.h>
#include <string.h>

bool eddy_node_fail(eddy_tape *tape, const eddy_scope *scopes, const eddy_node *node, const char *sentence)
{
    char text[EDDY_STATUS_SIZE];
    snprintf(text, sizeof text, "%s%.700s", node->is_gradient ? "in its gradient: " : "", sentence);
    return eddy_fail_in(tape, scopes, node->scope, node->site, node->rule->name, text);
}

bool eddy_nonfinite(eddy_status *status, double found, int64_t at, const eddy_shape *shape)
{
    return eddy_status_fail(status, "the result has %s at element %lld of shape %s (eager mode stops at the first)",
                            isnan(found) ? "NaN" : "an infinity", (long long)at, eddy_shape_format(shape).text);
}

bool eddy_check_finite(eddy_tape *tape, const eddy_scope *scopes, const eddy_node *node, const eddy_tensor *value)
{
    int64_t at;
    if (node->rule->constant || !eddy_dtype_is_float(value->dtype) || !eddy_kernels()->find_nonfinite(value, &at))
        return true; /* an infinity written down is meant */
    eddy_status why = { 0 };
    eddy_nonfinite(&why, eddy_tensor_flat(value, at), at, &value->shape);
    return eddy_node_fail(tape, scopes, node, why.text);
}

/* The node's slot, made when it is first asked for. */
static eddy_slot *slot_of(eddy_tape *tape, eddy_node *node)
{
    if (!node->slot && !(node->slot = eddy_allocate(1, sizeof *node->slot)))
        eddy_tape_out_of_memory(tape, NULL, "value");
    return node->slot;
}

/* The newest write below the node; 0 if an operand has no value, *unset if that is a leaf. */
static uint64_t newest_write(const eddy_tape *tape, const eddy_node *node, const eddy_leaf **unset)
{
    uint64_t newest = 1;
    for (int32_t k = 0; k < node->count; k++) {
        int32_t id = node->operand[k];
        if (!eddy_rule_reads(node->rule, k))
            continue;
        *unset = id < 0 ? eddy_leaf_at(tape, id) : NULL;
        const eddy_slot *slot = id < 0 ? NULL : eddy_node_at(tape, id)->slot;
        uint64_t version = *unset ? (*unset)->version : slot && slot->fresh ? slot->version : 0;
        if (!version)
            return 0;
        newest = version > newest ? version : newest;
    }
    return newest;
}

static bool compute(eddy_tape *tape, const eddy_node *node)
{
    const eddy_rule *rule = node->rule;
    eddy_slot *slot = node->slot;
    if (!eddy_grow((void **)&tape->operands, &tape->operand_capacity, node->count, sizeof *tape->operands))
        return eddy_tape_out_of_memory(tape, node->site, rule->name);
    for (int32_t k = 0; k < node->count; k++) {
        int32_t id = node->operand[k];
        tape->operands[k] = id < 0 ? &eddy_leaf_at(tape, id)->value : &eddy_node_at(tape, id)->slot->value;
    }
    eddy_tensor view = { .dtype = node->dtype, .shape = node->shape };
    int64_t offset = 0;
    if (rule->view && rule->view(node->attributes, tape->operands[0], &view, &offset)) {
        view.data = (char *)tape->operands[0]->data + offset * (int64_t)eddy_dtype_size(node->dtype);
        slot->value = view;
        return true;
    }
    eddy_status status = { 0 };
    if (!slot->value.owned &&
        !eddy_tensor_new(&slot->value, node->dtype, rule->constant ? EDDY_SCALAR : node->shape, &status))
        return eddy_node_fail(tape, tape->scopes, node, status.text);
    eddy_work work = { .rule = rule,
                       .attributes = node->attributes,
                       .in = tape->operands,
                       .out = &slot->value,
                       .status = &status,
                       .count = node->count,
                       .outputs = 1,
                       .share = { 0, 1 } };
    enum { LINE = 64 };
    void *scratch = rule->scratch ? eddy_reallocate(NULL, rule->scratch(&work) / LINE + 2, LINE) : NULL;
    work.scratch = scratch ? (char *)scratch + (LINE - (uintptr_t)scratch % LINE) : NULL;
    bool done = rule->scratch && !scratch ? eddy_status_fail(&status, "out of memory") : rule->run(&work);
    eddy_free(scratch);
    if (!done)
        return eddy_node_fail(tape, tape->scopes, node, status.text);
    if (rule->constant) {
        slot->value.shape = node->shape;
        memset(slot->value.stride, 0, sizeof slot->value.stride);
    }
    return true;
}

/* Computes the node anew if a leaf below it was written to. Its operands are up to date. */
static bool update(eddy_tape *tape, const eddy_node *node)
{
    eddy_slot *slot = node->slot;
    const eddy_leaf *unset;
    uint64_t newest = newest_write(tape, node, &unset);
    if (!newest)
        return eddy_tape_fail(tape, node->site, node->rule->name,
                              "\"%s\" (made at %s) has no value yet; set it with eddy_set", unset->name,
                              unset->site ? unset->site : "?");
    if (!slot->fresh || slot->version != newest) {
        slot->fresh = 0;
        if (!compute(tape, node) || (tape->eager && !eddy_check_finite(tape, tape->scopes, node, &slot->value)))
            return false;
        slot->version = newest;
    }
    slot->fresh = tape->clock;
    return true;
}

/* Brings the value of node `target` up to date: marks backwards what it needs and is not fresh, then updates that
 * forwards. A fresh node may be far down: it is not walked to. */
static bool evaluate(eddy_tape *tape, int32_t target)
{
    uint64_t visit = ++tape->visit;
    int32_t pending = 1, i = target;
    eddy_slot *slot = slot_of(tape, eddy_node_at(tape, target));
    if (!slot || slot->fresh == tape->clock)
        return slot != NULL;
    slot->visit = visit;
    for (; pending > 0; i--) {
        const eddy_node *node = eddy_node_at(tape, i);
        if (!node->slot || node->slot->visit != visit)
            continue;
        pending--;
        for (int32_t k = 0; k < node->count; k++) {
            if (node->operand[k] < 0)
                continue;
            slot = slot_of(tape, eddy_node_at(tape, node->operand[k]));
            if (!slot)
                return false;
            if (slot->visit != visit && slot->fresh != tape->clock) {
                slot->visit = visit;
                pending++;
            }
        }
    }
    while (++i <= target) {
        const eddy_node *node = eddy_node_at(tape, i);
        if (node->slot && node->slot->visit == visit && !update(tape, node))
            return false;
    }
    return true;
}

void eddy_evaluate_eagerly(eddy_tape *tape, int32_t index)
{
    const eddy_leaf *unset;
    if (newest_write(tape, eddy_node_at(tape, index), &unset))
        evaluate(tape, index);
}

const eddy_tensor *eddy_value_at(eddy_site site, eddy_var var)
{
    eddy_tape *tape = eddy_begin(site, "value", 1, &var);
    if (!tape)
        return NULL;
    if (var.index < 0) {
        eddy_leaf *leaf = eddy_leaf_at(tape, var.index);
        if (leaf->version)
            return &leaf->value;
        eddy_tape_fail(tape, site, "value", "\"%s\" has no value yet; set it with eddy_set", leaf->name);
        return NULL;
    }
    eddy_node_at(tape, var.index)->pending = false;
    return evaluate(tape, var.index) ? &eddy_node_at(tape, var.index)->slot->value : NULL;
}

double eddy_item_at(eddy_site site, eddy_var var)
{
    const eddy_tensor *value = eddy_value_at(site, var);
    if (value && eddy_tensor_count(value) == 1)
        return eddy_tensor_flat(value, 0);
    if (value)
        eddy_tape_fail(var.tape, site, "item", "shape %s has %lld elements, not one",
                       eddy_shape_format(&value->shape).text, (long long)eddy_tensor_count(value));
    return NAN;
}

bool eddy_get_at(eddy_site site, eddy_var var, void *data, size_t bytes)
{
    const eddy_tensor *value = eddy_value_at(site, var);
    if (!value)
        return false;
    size_t needed = (size_t)eddy_tensor_count(value) * eddy_dtype_size(value->dtype);
    if (bytes != needed || (!data && needed))
        return eddy_tape_fail(var.tape, site, "get", "shape %s and dtype %s are %zu bytes; there is room for %zu",
                              eddy_shape_format(&value->shape).text, eddy_dtype_name(value->dtype), needed,
                              data ? bytes : 0);
    eddy_status status = { 0 };
    eddy_tensor to = eddy_tensor_wrap(data, value->dtype, value->shape);
    return eddy_tensor_copy(&to, value, &status) || eddy_tape_fail(var.tape, site, "get", "%s", status.text);
}
