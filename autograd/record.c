/* Recording: from operands to a new node; and what a handle says about itself. */
#include "node.h"

#include <string.h>

/* NULL if the handle may be used on the tape, else what is wrong with it. */
static const char *handle_fault(const eddy_tape *tape, eddy_var var)
{
    if (!var.tape)
        return "is no var ({0}): was it ever set?";
    if (var.tape != tape)
        return "belongs to another tape";
    if (var.index == EDDY_FAILED)
        return "is the result of a failed call";
    if (var.index < 0)
        return ~var.index < tape->leaf_count ? NULL : "is no handle that this tape gave out";
    if (var.index >= tape->count || eddy_node_at(tape, var.index)->generation != var.generation)
        return "was reset: its node is no longer on the tape, record it again";
    return NULL;
}

bool eddy_usable(eddy_tape *tape, eddy_site site, const char *op, const char *what, int64_t count, const eddy_var *x)
{
    for (int64_t k = 0; k < count; k++) {
        const char *fault = handle_fault(tape, x[k]);
        if (fault)
            return eddy_tape_fail(tape, site, op, "%s %lld %s", what, (long long)k + 1, fault);
    }
    return true;
}

eddy_tape *eddy_begin(eddy_site site, const char *op, int64_t count, const eddy_var *x)
{
    eddy_tape *tape = NULL;
    for (int64_t k = 0; k < count && x && !tape; k++)
        tape = x[k].tape;
    return eddy_begin_tape(tape) && eddy_usable(tape, site, op, "operand", count, x) ? tape : NULL;
}

bool eddy_begin_axis(eddy_site site, const char *op, eddy_var x, int *axis)
{
    if (!eddy_begin(site, op, 1, &x))
        return false;
    const eddy_shape *shape = eddy_var_shape(x);
    int at = eddy_axis_index(*axis, shape->rank);
    if (at < 0)
        return eddy_tape_fail(x.tape, site, op, "axis %d is out of range for shape %s", *axis,
                              eddy_shape_format(shape).text);
    *axis = at;
    return true;
}

bool eddy_begin_tape(eddy_tape *tape)
{
    return tape && !tape->error.text[0];
}

static eddy_node *next_node(eddy_tape *tape)
{
    if (tape->count == INT32_MAX - EDDY_CHUNK)
        return NULL;
    int32_t chunk = tape->count / EDDY_CHUNK;
    if (chunk == tape->chunks) {
        eddy_node **nodes = eddy_reallocate(tape->nodes, (size_t)chunk + 1, sizeof *nodes);
        if (nodes)
            tape->nodes = nodes;
        eddy_node *fresh = nodes ? eddy_allocate(EDDY_CHUNK, sizeof *fresh) : NULL;
        if (!fresh)
            return NULL;
        nodes[chunk] = fresh;
        tape->chunks++;
    }
    return eddy_node_at(tape, tape->count);
}

eddy_var eddy_record(eddy_tape *tape, eddy_site site, const eddy_recording *r)
{
    const eddy_shape *shape = r->shape ? r->shape : eddy_var_shape(r->x[0]);
    if (eddy_shape_count(shape) < 0)
        return eddy_op_fail(tape, site, r->rule->name, "the result's shape %s is not allowed (negative or too large)",
                            eddy_shape_format(shape).text);
    eddy_node *node = r->count <= INT32_MAX && r->size <= UINT32_MAX ? next_node(tape) : NULL;
    int32_t *operand = node && r->count <= 3 ? node->few
                       : node                ? eddy_arena_take(&tape->arena, (size_t)r->count * sizeof *operand)
                                             : NULL;
    void *copy = node && r->size ? eddy_arena_take(&tape->arena, r->size) : NULL;
    if (!node || !operand || (r->size && !copy))
        return eddy_op_fail(tape, site, r->rule->name, "out of memory");
    *node = (eddy_node){ .rule = r->rule,
                         .attributes = copy,
                         .site = site ? site : tape->here,
                         .operand = operand,
                         .count = (int32_t)r->count,
                         .attribute_size = (uint32_t)r->size,
                         .generation = tape->generation,
                         .scope = tape->scope,
                         .region = tape->in_gradient ? 0 : tape->region,
                         .again = tape->in_gradient ? tape->again : 0,
                         .is_gradient = tape->in_gradient,
                         .dtype = r->dtype ? r->dtype : eddy_var_dtype(r->x[0]),
                         .shape = *shape };
    for (int64_t k = 0; k < r->count; k++)
        operand[k] = r->x[k].index;
    if (r->size)
        memcpy(copy, r->attributes, r->size);
    eddy_var var = { tape, tape->count++, tape->generation };
    tape->event++;
    if (tape->eager)
        eddy_evaluate_eagerly(tape, var.index);
    return tape->eager && tape->error.text[0] ? eddy_failed(tape) : var;
}

eddy_var eddy_var_of(eddy_tape *tape, int32_t id)
{
    return (eddy_var){ tape, id, id < 0 ? 0 : eddy_node_at(tape, id)->generation };
}

const eddy_shape *eddy_var_shape(eddy_var var)
{
    return var.index < 0 ? &eddy_leaf_at(var.tape, var.index)->value.shape : &eddy_node_at(var.tape, var.index)->shape;
}

eddy_dtype eddy_var_dtype(eddy_var var)
{
    return var.index < 0 ? eddy_leaf_at(var.tape, var.index)->value.dtype : eddy_node_at(var.tape, var.index)->dtype;
}

bool eddy_same_kind(eddy_var a, eddy_var b)
{
    return eddy_var_dtype(a) == eddy_var_dtype(b) && eddy_shape_equal(eddy_var_shape(a), eddy_var_shape(b));
}

void eddy_mark_needed(const eddy_tape *tape, int64_t count, const eddy_var *vars, eddy_reading reading,
                      unsigned char *nodes, unsigned char *leaves)
{
    int32_t last = -1;
    for (int64_t k = 0; k < count; k++) {
        int32_t id = vars[k].index;
        *(id >= 0 ? &nodes[id] : &leaves[~id]) = 1;
        last = id > last ? id : last;
    }
    for (int32_t i = last; (i = eddy_marked_before(nodes, i)) >= 0; i--) {
        const eddy_node *node = eddy_node_at(tape, i);
        if (reading == EDDY_READ_GRADIENTS && !node->rule->gradient)
            continue;
        for (int32_t k = 0; k < node->count; k++) {
            int32_t id = node->operand[k];
            if (reading == EDDY_READ_NAMES || eddy_rule_reads(node->rule, k))
                *(id >= 0 ? &nodes[id] : &leaves[~id]) = 1;
        }
    }
}

/* ---- What a handle says ---- */

bool eddy_ok(eddy_var var)
{
    return !handle_fault(var.tape, var);
}

bool eddy_same(eddy_var a, eddy_var b)
{
    return a.tape == b.tape && a.index == b.index && a.generation == b.generation;
}

eddy_shape eddy_shape_of(eddy_var var)
{
    return eddy_ok(var) ? *eddy_var_shape(var) : (eddy_shape){ .rank = -1 };
}

int64_t eddy_size(eddy_var var, int axis)
{
    eddy_shape shape = eddy_shape_of(var);
    int i = eddy_axis_index(axis, shape.rank);
    return i < 0 ? -1 : shape.dim[i];
}

eddy_dtype eddy_dtype_of(eddy_var var)
{
    return eddy_ok(var) ? eddy_var_dtype(var) : (eddy_dtype)0;
}

eddy_role eddy_role_of(eddy_var var)
{
    return eddy_ok(var) && var.index < 0 ? eddy_leaf_at(var.tape, var.index)->role : EDDY_NODE;
}

const char *eddy_name_of(eddy_var var)
{
    if (!eddy_ok(var))
        return "";
    if (var.index < 0) {
        const char *name = eddy_leaf_at(var.tape, var.index)->name;
        return name ? name : "constant";
    }
    for (int32_t i = var.tape->watch_count - 1; i >= 0; i--)
        if (var.tape->watches[i].index == var.index)
            return var.tape->watches[i].name;
    return eddy_node_at(var.tape, var.index)->rule->name;
}

/* ---- Watching: entries in order, found through chains of equal hash of (name, step) ---- */

static int32_t *watch_chain(eddy_tape *tape, const char *name, int64_t step)
{
    uint64_t hash = (uint64_t)step * 0x9e3779b97f4a7c15u; /* 2^64 / golden ratio (Knuth, TAOCP 3, 6.4) */
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 0x9e3779b97f4a7c15u;
    return &tape->watch_chains[(hash >> 32) % EDDY_WATCH_CHAINS];
}

void eddy_unwatch(eddy_tape *tape, int32_t count)
{
    while (tape->watch_count > count) {
        const eddy_watch_entry *last = &tape->watches[--tape->watch_count];
        *watch_chain(tape, last->name, last->step) = last->earlier;
    }
}

eddy_var eddy_watch_at(eddy_site site, eddy_var var, const char *name)
{
    eddy_tape *tape = eddy_begin(site, "watch", 1, &var);
    if (!tape)
        return eddy_failed(var.tape);
    size_t length = name ? strlen(name) : 0;
    if (!length)
        return eddy_op_fail(tape, site, "watch", "the name is empty");
    char *copy = eddy_arena_take(&tape->arena, length + 1);
    if (!copy || !eddy_grow((void **)&tape->watches, &tape->watch_capacity, tape->watch_count, sizeof *tape->watches))
        return eddy_op_fail(tape, site, "watch", "out of memory");
    memcpy(copy, name, length + 1);
    int64_t step = eddy_step_index(tape);
    int32_t *chain = watch_chain(tape, copy, step);
    tape->watches[tape->watch_count] = (eddy_watch_entry){ copy, step, var.index, *chain };
    *chain = ++tape->watch_count;
    return var;
}

eddy_var eddy_watched(eddy_tape *tape, const char *name, int64_t step)
{
    for (int32_t i = tape && name ? *watch_chain(tape, name, step) : 0; i > 0; i = tape->watches[i - 1].earlier) {
        const eddy_watch_entry *entry = &tape->watches[i - 1];
        if (entry->step == step && !strcmp(entry->name, name))
            return eddy_var_of(tape, entry->index);
    }
    return (eddy_var){ 0 };
}
