/* Differentiation by recording. One pass down the tape marks what the outputs need and what depends on `wrt`; a second
 * pass down, from the last output, sums each node's contributions into its gradient and lets the node's rule record its
 * contributions to the operands.
 *
 * The contributions to one var form one n-ary sum, in the order in which the pass meets them (descending node number,
 * then operand number), and all slices of one var are placed into one tensor, so that everything is linear in the
 * number of nodes. */
#include "gradient.h"
#include "op_rules.h"

/* One contribution: a gradient, or the gradient of the slice `region` of the var. */
typedef struct contribution {
    eddy_var g;
    const eddy_region *region;
    int32_t next; /* earlier contribution to the same var, 0 none */
} contribution;

typedef struct engine {
    eddy_tape *tape;
    eddy_site site;
    int32_t first;          /* node that is recorded */
    int32_t nodes, leaves;  /* the nodes up to the last output: none behind it can be reached */
    unsigned char *depends; /* of node i on wrt; leaves behind the nodes */
    int32_t *head;          /* last contribution to node i or leaf, 0 none */
    int32_t *copies;    /* node i's copy in its region's second recording, 0 none yet; NULL before the first region */
    contribution *pool; /* number 0 is none */
    int32_t count, capacity;
    eddy_var *terms; /* scratch of one sum */
    eddy_region *regions;
    int32_t term_capacity, region_capacity;
} engine;

static int32_t place_of(const engine *e, int32_t id)
{
    return id >= 0 ? id : e->nodes + ~id;
}

static bool contribute(engine *e, int32_t id, eddy_var g, const eddy_region *region)
{
    if (!eddy_grow((void **)&e->pool, &e->capacity, e->count, sizeof *e->pool))
        return eddy_tape_out_of_memory(e->tape, e->site, "gradients");
    int32_t *head = &e->head[place_of(e, id)];
    e->pool[e->count] = (contribution){ g, region, *head };
    *head = e->count++;
    return true;
}

/* The sum of all contributions to a var of this shape, in the order in which they came; {0} if there is none. */
static eddy_var total(engine *e, int32_t id)
{
    int32_t slices = 0, others = 0;
    for (int32_t c = e->head[place_of(e, id)]; c; c = e->pool[c].next) {
        slices += e->pool[c].region != NULL;
        others += e->pool[c].region == NULL;
    }
    if (slices + others == 0)
        return (eddy_var){ 0 };
    if (!eddy_grow((void **)&e->terms, &e->term_capacity, slices + others, sizeof *e->terms) ||
        !eddy_grow((void **)&e->regions, &e->region_capacity, slices, sizeof *e->regions))
        return eddy_op_fail(e->tape, e->site, "gradients", "out of memory");

    /* The list is newest first: fill from the back. Slices go to the front part of the scratch, whole gradients behind
     * them. */
    int32_t slice = slices, other = slices + others;
    for (int32_t c = e->head[place_of(e, id)]; c; c = e->pool[c].next) {
        const contribution *from = &e->pool[c];
        if (from->region) {
            e->regions[--slice] = *from->region;
            e->terms[slice] = from->g;
        } else {
            e->terms[--other] = from->g;
        }
    }
    const eddy_shape *shape = eddy_var_shape(eddy_var_of(e->tape, id));
    if (!slices)
        return eddy_sum_list((eddy_list){ e->terms, others });
    eddy_var placed = eddy_region_place(NULL, "place", shape, (eddy_list){ e->terms, slices }, e->regions, false);
    e->terms[slices - 1] = placed;
    return others ? eddy_sum_list((eddy_list){ &e->terms[slices - 1], others + 1 }) : placed;
}

/* The node's copy if it stands in a checkpointed region, else itself. */
static int32_t copy_of(const int32_t *copies, int32_t id)
{
    return copies && id >= 0 && copies[id] ? copies[id] : id;
}

static eddy_var operand_of(const eddy_pullback *back, int64_t k)
{
    return eddy_var_of(back->g.tape, copy_of(back->copies, back->node->operand[k]));
}

/* Records the nodes of node i's region once more, up to i. What enters the region is read as it is. */
static bool record_again(engine *e, int32_t i)
{
    eddy_tape *tape = e->tape;
    int32_t region = eddy_node_at(tape, i)->region;
    if (!e->copies && !(e->copies = eddy_allocate((size_t)e->nodes, sizeof *e->copies)))
        return eddy_tape_out_of_memory(tape, e->site, "gradients");
    int32_t scope = tape->scope;
    tape->again++;
    for (int32_t j = region - 1; j <= i; j++) {
        const eddy_node *node = eddy_node_at(tape, j);
        if (node->region != region)
            continue;
        if (!eddy_grow((void **)&e->terms, &e->term_capacity, node->count, sizeof *e->terms))
            return eddy_tape_out_of_memory(tape, e->site, "gradients");
        for (int32_t k = 0; k < node->count; k++)
            e->terms[k] = eddy_var_of(tape, copy_of(e->copies, node->operand[k]));
        tape->scope = node->scope;
        eddy_var copy = eddy_record(tape, node->site,
                                    &(eddy_recording){ node->rule, node->dtype, &node->shape, node->count, e->terms,
                                                       node->attributes, node->attribute_size });
        tape->scope = scope;
        if (!eddy_ok(copy))
            return false;
        e->copies[j] = copy.index;
    }
    return true;
}

/* Sums the gradient of node i and lets it pass on. What is recorded belongs to the node's own call site and scope. */
static bool differentiate(engine *e, int32_t i)
{
    eddy_tape *tape = e->tape;
    const eddy_node *node = eddy_node_at(tape, i);
    if (node->region && node->rule->gradient && (!e->copies || !e->copies[i]) && !record_again(e, i))
        return false;
    const int32_t *copies = node->region ? e->copies : NULL;
    int32_t scope = tape->scope;
    eddy_site here = tape->here;
    tape->scope = node->scope;
    tape->here = node->site;
    eddy_var g = total(e, i);
    eddy_pullback back = { .attributes = node->attributes,
                           .operand = operand_of,
                           .node = node,
                           .copies = copies,
                           .z = eddy_var_of(tape, copy_of(copies, i)),
                           .g = g };
    bool done = eddy_ok(g);
    for (int32_t k = 0; k < node->count && done && node->rule->gradient; k++) {
        int32_t id = node->operand[k];
        if (!e->depends[place_of(e, id)])
            continue;
        if (node->rule->region) { /* all slices of one var are collected into one place */
            done = contribute(e, id, g, node->rule->region(node->attributes));
            continue;
        }
        eddy_var part = node->rule->gradient(&back, k);
        if (eddy_ok(part)) /* of broadcast shape, perhaps */
            part = eddy_sum_to(part, *eddy_var_shape(eddy_var_of(tape, id)));
        if (part.tape)
            done = part.index != EDDY_FAILED && contribute(e, id, part, NULL);
    }
    tape->scope = scope;
    tape->here = here;
    /* The sum replaces its terms, for wrt. */
    e->head[i] = 0;
    return done && contribute(e, i, g, NULL) && !tape->error.text[0];
}

/* Marks what depends on wrt among what the outputs need. */
static void mark(engine *e, eddy_list outputs, eddy_list wrt)
{
    enum { NEEDED = 1, WANTED = 2 };
    unsigned char *state = e->depends;
    eddy_mark_needed(e->tape, outputs.count, outputs.items, EDDY_READ_GRADIENTS, state, state + e->nodes);
    for (int64_t k = 0; k < wrt.count; k++)
        if (wrt.items[k].index < e->nodes)
            state[place_of(e, wrt.items[k].index)] |= WANTED;
    for (int32_t i = 0; (i = eddy_marked_after(state, i, e->nodes)) < e->nodes; i++) {
        const eddy_node *node = eddy_node_at(e->tape, i);
        bool depends = (state[i] & WANTED) != 0;
        if (state[i] & NEEDED && node->rule->gradient)
            for (int32_t k = 0; k < node->count && !depends; k++) {
                int32_t id = node->operand[k];
                depends = id < 0 ? (state[place_of(e, id)] & WANTED) != 0 : state[id] != 0;
            }
        state[i] = depends && state[i] & NEEDED;
    }
    for (int32_t i = e->nodes; i < e->nodes + e->leaves; i++)
        state[i] = state[i] == (NEEDED | WANTED);
}

/* Whether all of a list can be used on this tape; a failure if not. */
static bool usable(eddy_tape *tape, eddy_site site, const char *what, eddy_list list)
{
    return eddy_list_ok_at(site, tape, what, list) &&
           eddy_usable(tape, site, "gradients", what, list.count, list.items);
}

static bool check_cotangents(eddy_tape *tape, eddy_site site, eddy_list outputs, eddy_list cotangents, eddy_list wrt)
{
    if (outputs.count != cotangents.count)
        return eddy_tape_fail(tape, site, "gradients", "%lld outputs have %lld cotangents", (long long)outputs.count,
                              (long long)cotangents.count);
    for (int64_t k = 0; k < outputs.count; k++) {
        eddy_var y = outputs.items[k], g = cotangents.items[k];
        if (!eddy_same_kind(y, g))
            return eddy_tape_fail(tape, site, "gradients",
                                  "output %lld has shape %s and dtype %s, its cotangent has %s and %s",
                                  (long long)k + 1, EDDY_KIND(y), EDDY_KIND(g));
        if (!eddy_dtype_is_float(eddy_var_dtype(y)))
            return eddy_tape_fail(tape, site, "gradients",
                                  "output %lld has dtype %s; only f32 and f64 can be differentiated", (long long)k + 1,
                                  eddy_dtype_name(eddy_var_dtype(y)));
    }
    for (int64_t k = 0; k < wrt.count; k++)
        if (!eddy_dtype_is_float(eddy_var_dtype(wrt.items[k])))
            return eddy_tape_fail(tape, site, "gradients",
                                  "\"%s\" has dtype %s; only f32 and f64 can be differentiated by",
                                  eddy_name_of(wrt.items[k]), eddy_dtype_name(eddy_var_dtype(wrt.items[k])));
    return true;
}

eddy_list eddy_gradients_with_at(eddy_site site, eddy_list outputs, eddy_list cotangents, eddy_list wrt)
{
    eddy_tape *tape = eddy_list_tape(outputs), *other = tape ? tape : eddy_list_tape(wrt);
    if (!eddy_begin_tape(other) || !usable(other, site, "output", outputs) ||
        !usable(tape, site, "cotangent", cotangents) || !usable(tape, site, "item of wrt", wrt) ||
        !check_cotangents(tape, site, outputs, cotangents, wrt))
        return eddy_failed_list(other, wrt.count);

    engine e = { .tape = tape, .site = site, .first = tape->count, .leaves = tape->leaf_count, .count = 1 };
    for (int64_t k = 0; k < outputs.count; k++)
        if (outputs.items[k].index >= e.nodes)
            e.nodes = outputs.items[k].index + 1;
    size_t places = (size_t)e.nodes + (size_t)e.leaves;
    eddy_list result = eddy_list_new(tape, NULL, wrt.count);
    bool in_gradient = tape->in_gradient;
    e.depends = eddy_allocate(places, 1);
    e.head = eddy_allocate(places, sizeof *e.head);
    if (!e.depends || !e.head || result.count != wrt.count) {
        eddy_tape_out_of_memory(tape, site, "gradients");
        goto end;
    }
    mark(&e, outputs, wrt);
    tape->in_gradient = true;

    for (int64_t k = 0; k < outputs.count; k++)
        if (e.depends[place_of(&e, outputs.items[k].index)] &&
            !contribute(&e, outputs.items[k].index, cotangents.items[k], NULL))
            goto end;
    for (int32_t i = e.nodes - 1; (i = eddy_marked_before(e.depends, i)) >= 0; i--)
        if (e.head[i] && !differentiate(&e, i))
            goto end;
    for (int64_t k = 0; k < wrt.count; k++) {
        int32_t id = wrt.items[k].index;
        eddy_var g = id < e.nodes ? total(&e, id) : (eddy_var){ 0 };
        result.items[k] = g.tape ? g : eddy_zeros_like_at(site, wrt.items[k]);
    }

end:
    tape->in_gradient = in_gradient;
    eddy_free(e.depends);
    eddy_free(e.head);
    eddy_free(e.copies);
    eddy_free(e.pool);
    eddy_free(e.terms);
    eddy_free(e.regions);
#ifndef NDEBUG
    eddy_tape_verify(tape, e.first);
#endif
    return tape->error.text[0] ? eddy_failed_list(tape, wrt.count) : result;
}

eddy_list eddy_gradients_at(eddy_site site, eddy_var loss, eddy_list wrt)
{
    eddy_tape *tape = eddy_begin(site, "gradients", 1, &loss);
    if (!tape)
        return eddy_failed_list(loss.tape, wrt.count);
    const eddy_shape *shape = eddy_var_shape(loss);
    if (eddy_shape_count(shape) != 1)
        return eddy_list_fail(tape, wrt.count, site, "gradients",
                              "the loss has shape %s; it needs one element, or cotangents (eddy_gradients_with)",
                              eddy_shape_format(shape).text);
    eddy_var one = eddy_ones_like_at(site, loss);
    return eddy_gradients_with_at(site, (eddy_list){ &loss, 1 }, (eddy_list){ &one, 1 }, wrt);
}
