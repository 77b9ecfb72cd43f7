/* Leaves: inputs, parameters, states and constants; their names and the writes to them. */
#include "node.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Names are pushed and popped on a failed tape too, so that the prefix is what it was when the failure is cleared. */
void eddy_push_at(eddy_site site, eddy_tape *tape, const char *name)
{
    if (!tape)
        return;
    size_t before = strlen(tape->prefix), length = name ? strlen(name) : 0;
    if (!length || before + length + 2 > sizeof tape->prefix) {
        tape->names_missed++;
        eddy_tape_fail(tape, site, "push", length ? "the name \"%s%.200s\" is too long" : "the name is empty%s%s",
                       length ? tape->prefix : "", length ? name : "");
        return;
    }
    tape->pushed_at[tape->pushes] = site ? site : tape->here;
    tape->pushed[tape->pushes++] = (uint8_t)before;
    snprintf(tape->prefix + before, sizeof tape->prefix - before, "%s.", name);
}

void eddy_pop_at(eddy_site site, eddy_tape *tape)
{
    if (!tape)
        return;
    if (tape->names_missed)
        tape->names_missed--;
    else if (tape->pushes)
        tape->prefix[tape->pushed[--tape->pushes]] = 0;
    else
        eddy_tape_fail(tape, site, "pop", "there is no name to pop: every eddy_pop needs an eddy_push before it");
}

const char *eddy_prefix(const eddy_tape *tape)
{
    return tape ? tape->prefix : "";
}

eddy_var eddy_find(eddy_tape *tape, const char *name)
{
    if (tape && name)
        for (int32_t i = 0; i < tape->leaf_count; i++)
            if (tape->leaves[i]->name && !strcmp(tape->leaves[i]->name, name))
                return eddy_var_of(tape, ~i);
    return (eddy_var){ 0 };
}

void eddy_leaf_free(eddy_leaf *leaf)
{
    eddy_tensor_free(leaf ? &leaf->value : NULL);
    eddy_free(leaf);
}

static const char *const role_names[] = {
    [EDDY_INPUT] = "input", [EDDY_PARAMETER] = "parameter", [EDDY_STATE] = "state", [EDDY_CONSTANT] = "constant"
};

eddy_var eddy_leaf_new(eddy_tape *tape, eddy_site site, eddy_role role, const char *name, const eddy_tensor *like,
                       const eddy_tensor *initial)
{
    if (!eddy_begin_tape(tape))
        return eddy_failed(tape);
    const char *op = role_names[role];
    char full[sizeof tape->prefix + 256] = "";
    if (role != EDDY_CONSTANT) {
        int length = snprintf(full, sizeof full, "%s%s", tape->prefix, name ? name : "");
        if (!name || !*name)
            eddy_tape_fail(tape, site, op, "the name is empty");
        else if (length < 0 || (size_t)length >= sizeof full)
            eddy_tape_fail(tape, site, op, "the name \"%.60s...\" is too long", full);
        else if (eddy_find(tape, full).tape)
            eddy_tape_fail(tape, site, op,
                           "there is a leaf named \"%s\" already; names on a tape are unique, eddy_push gives a prefix",
                           full);
    }
    if (eddy_shape_count(&like->shape) < 0)
        eddy_tape_fail(tape, site, op, "the shape %s of \"%s\" is not allowed (rank 0 to 8, dimensions not negative)",
                       eddy_shape_format(&like->shape).text, full);
    if (!eddy_dtype_size(like->dtype))
        eddy_tape_fail(tape, site, op, "%d is no dtype", (int)like->dtype);
    if (tape->error.text[0])
        return eddy_failed(tape);

    eddy_status status = { 0 };
    eddy_leaf *leaf = eddy_allocate(1, sizeof *leaf + strlen(full) + 1);
    if (!leaf || tape->leaf_count == INT32_MAX - 1 ||
        !eddy_grow((void **)&tape->leaves, &tape->leaf_capacity, tape->leaf_count, sizeof *tape->leaves) ||
        !eddy_tensor_new(&leaf->value, like->dtype, like->shape, &status) ||
        (initial && !eddy_tensor_copy(&leaf->value, initial, &status))) {
        eddy_leaf_free(leaf);
        return eddy_op_fail(tape, site, op, "%s", status.text[0] ? status.text : "out of memory");
    }
    leaf->name = *full ? strcpy((char *)(leaf + 1), full) : NULL;
    leaf->role = role;
    leaf->site = site ? site : tape->here;
    leaf->first = initial && eddy_tensor_count(&leaf->value) ? eddy_tensor_flat(&leaf->value, 0) : NAN;
    leaf->version = initial ? ++tape->clock : 0;
    tape->leaves[tape->leaf_count] = leaf;
    tape->event++;
    return eddy_var_of(tape, ~tape->leaf_count++);
}

eddy_var eddy_input_at(eddy_site site, eddy_tape *tape, const char *name, eddy_shape shape)
{
    return eddy_input_of_at(site, tape, name, eddy_tape_dtype(tape), shape);
}

eddy_var eddy_input_of_at(eddy_site site, eddy_tape *tape, const char *name, eddy_dtype dtype, eddy_shape shape)
{
    return eddy_leaf_new(tape, site, EDDY_INPUT, name, &(eddy_tensor){ .dtype = dtype, .shape = shape }, NULL);
}

/* `kept`: the dtype is the tensor's, else the tape's. */
static eddy_var leaf_from(eddy_tape *tape, eddy_site site, eddy_role role, const char *name, const eddy_tensor *initial,
                          bool kept)
{
    if (!initial)
        return eddy_op_fail(tape, site, role_names[role], "there is no tensor to copy from (NULL)");
    eddy_tensor like = { .dtype = kept ? initial->dtype : eddy_tape_dtype(tape), .shape = initial->shape };
    return eddy_leaf_new(tape, site, role, name, &like, initial);
}

eddy_var eddy_parameter_at(eddy_site site, eddy_tape *tape, const char *name, const eddy_tensor *initial)
{
    return leaf_from(tape, site, EDDY_PARAMETER, name, initial, false);
}

eddy_var eddy_state_at(eddy_site site, eddy_tape *tape, const char *name, const eddy_tensor *initial)
{
    return leaf_from(tape, site, EDDY_STATE, name, initial, true);
}

eddy_var eddy_constant_at(eddy_site site, eddy_tape *tape, const eddy_tensor *value)
{
    return leaf_from(tape, site, EDDY_CONSTANT, NULL, value, value && !eddy_dtype_is_float(value->dtype));
}

eddy_var eddy_constant_of_at(eddy_site site, eddy_tape *tape, eddy_dtype dtype, eddy_shape shape, const double *values)
{
    if (!values && eddy_shape_count(&shape) > 0)
        return eddy_op_fail(tape, site, "constant", "there are no numbers to copy from (NULL)");
    eddy_tensor from = eddy_tensor_wrap((void *)(uintptr_t)values, EDDY_F64, shape);
    return eddy_leaf_new(tape, site, EDDY_CONSTANT, NULL, &(eddy_tensor){ .dtype = dtype, .shape = shape }, &from);
}

eddy_var eddy_constant_from_at(eddy_site site, eddy_tape *tape, eddy_shape shape, const double *values)
{
    return eddy_constant_of_at(site, tape, eddy_tape_dtype(tape), shape, values);
}

int64_t eddy_leaf_count(const eddy_tape *tape, eddy_role role)
{
    int64_t count = 0;
    for (int32_t i = 0; tape && i < tape->leaf_count; i++)
        count += tape->leaves[i]->role == role;
    return count;
}

eddy_list eddy_leaves(eddy_tape *tape, eddy_role role)
{
    eddy_list list = eddy_list_new(tape, NULL, eddy_leaf_count(tape, role));
    for (int32_t i = 0, n = 0; n < list.count; i++)
        if (tape->leaves[i]->role == role)
            list.items[n++] = eddy_var_of(tape, ~i);
    return list;
}

eddy_list eddy_parameters(eddy_tape *tape)
{
    return eddy_leaves(tape, EDDY_PARAMETER);
}

/* ---- Writing from outside ---- */

static eddy_leaf *leaf_to_set(eddy_site site, eddy_var var)
{
    if (!eddy_begin(site, "set", 1, &var))
        return NULL;
    eddy_leaf *leaf = var.index < 0 ? eddy_leaf_at(var.tape, var.index) : NULL;
    if (!leaf)
        eddy_tape_fail(var.tape, site, "set",
                       "only leaves (inputs, parameters, states) can be set; this is the result of %s",
                       eddy_name_of(var));
    else if (leaf->role == EDDY_CONSTANT)
        eddy_tape_fail(var.tape, site, "set", "a constant cannot be set; make it an input or a state");
    return eddy_error(var.tape) ? NULL : leaf;
}

/* The value, of the leaf's shape, may be a view of the very leaf (a flipped state, say). */
static bool write_leaf(eddy_site site, eddy_var var, eddy_leaf *leaf, const eddy_tensor *value)
{
    eddy_status status = { 0 };
    eddy_tensor copy = { 0 };
    uintptr_t first = (uintptr_t)leaf->value.data, at = (uintptr_t)value->data;
    uintptr_t end = first + (uintptr_t)eddy_tensor_count(&leaf->value) * eddy_dtype_size(leaf->value.dtype);
    bool own = at >= first && at < end;
    bool done = (!own || (eddy_tensor_new(&copy, value->dtype, value->shape, &status) &&
                          eddy_tensor_copy(&copy, value, &status))) &&
                eddy_tensor_copy(&leaf->value, own ? &copy : value, &status);
    eddy_tensor_free(&copy);
    if (!done)
        return eddy_tape_fail(var.tape, site, "set", "%s", status.text);
    leaf->version = ++var.tape->clock;
    return true;
}

bool eddy_set_at(eddy_site site, eddy_var var, const void *data, size_t bytes)
{
    eddy_leaf *leaf = leaf_to_set(site, var);
    if (!leaf)
        return false;
    const eddy_tensor *value = &leaf->value;
    size_t needed = (size_t)eddy_tensor_count(value) * eddy_dtype_size(value->dtype);
    if (bytes != needed || (!data && needed))
        return eddy_tape_fail(var.tape, site, "set",
                              "\"%s\" has shape %s and dtype %s, which is %zu bytes; %s%zu were given", leaf->name,
                              eddy_shape_format(&value->shape).text, eddy_dtype_name(value->dtype), needed,
                              data ? "" : "NULL and ", bytes);
    eddy_tensor from = eddy_tensor_wrap((void *)(uintptr_t)data, value->dtype, value->shape);
    return write_leaf(site, var, leaf, &from);
}

bool eddy_set_tensor_at(eddy_site site, eddy_var var, const eddy_tensor *value)
{
    eddy_leaf *leaf = leaf_to_set(site, var);
    if (!leaf)
        return false;
    if (!value || !eddy_shape_equal(&value->shape, &leaf->value.shape))
        return eddy_tape_fail(var.tape, site, "set", "\"%s\" has shape %s; a tensor of shape %s was given", leaf->name,
                              eddy_shape_format(&leaf->value.shape).text,
                              value ? eddy_shape_format(&value->shape).text : "(NULL)");
    return write_leaf(site, var, leaf, value);
}

bool eddy_set_item_at(eddy_site site, eddy_var var, double value)
{
    eddy_leaf *leaf = leaf_to_set(site, var);
    if (!leaf)
        return false;
    eddy_tensor all = { .data = &value, .dtype = EDDY_F64, .shape = leaf->value.shape }; /* strides 0 */
    return write_leaf(site, var, leaf, &all);
}
