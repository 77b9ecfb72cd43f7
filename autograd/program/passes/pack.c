/* Pack. A matrix that stands on the right of several products, as a weight does at every step, is brought once a run
 * into the order in which the kernels read it. A weight that the program does not change is so for one product
 * already, and is packed again only when somebody has written to it; what is set anew for every run, an input, is
 * not. */
#include "ir.h"

#include <string.h>

enum { FEW = 4 }; /* products from which on packing pays in a single run */

/* One matrix on the right, and where it is packed. */
typedef struct packing {
    int32_t matrix; /* a view with its layout */
    int32_t uses;
    int32_t packed; /* value; -1 not yet */
    int32_t next;   /* another matrix of the same chain, -1 none */
} packing;

typedef struct packer {
    eddy_ir *ir;
    int32_t *head;          /* of each chain, as many as values: the last matrix, -1 none */
    unsigned char *changes; /* of each leaf: does the program write it? */
    packing *items;
    int32_t chains, count, capacity;
} packer;

/* By where it begins: one base may hold a matrix for every step. */
static int32_t *chain_of(const packer *p, int32_t v)
{
    const uint64_t hash = eddy_ir_mix((uint64_t)eddy_ir_base(p->ir, v), (uint64_t)p->ir->values[v].offset << 32);
    return &p->head[hash % (uint64_t)p->chains];
}

static packing *find(const packer *p, int32_t v)
{
    for (int32_t at = *chain_of(p, v); at >= 0; at = p->items[at].next)
        if (eddy_ir_same_view(p->ir, p->items[at].matrix, v))
            return &p->items[at];
    return NULL;
}

/* Vectors and what every product has of its own are not worth it. */
static bool can_pack(const eddy_ir *ir, int32_t v)
{
    const eddy_shape *shape = eddy_ir_shape(ir, v);
    return shape->rank == 2 && shape->dim[0] > 1 && shape->dim[1] > 1 && ir->values[v].kind != EDDY_VALUE_CONSTANT &&
           ir->values[eddy_ir_base(ir, v)].kind != EDDY_VALUE_CONSTANT;
}

static bool count_uses(packer *p)
{
    eddy_ir *ir = p->ir;
    for (int32_t i = 0; i < ir->call_count; i++) {
        const eddy_ir_call *call = &ir->calls[i];
        for (int32_t k = 0; k < call->count; k++) {
            int32_t v = ir->operands[call->first + k];
            if (!eddy_ir_is_product(call) || !eddy_ir_is_right(ir, call, k) || !can_pack(ir, v))
                continue;
            packing *item = find(p, v);
            if (!item) {
                if (!eddy_grow((void **)&p->items, &p->capacity, p->count, sizeof *p->items))
                    return false;
                item = &p->items[p->count];
                *item = (packing){ .matrix = v, .packed = -1, .next = *chain_of(p, v) };
                *chain_of(p, v) = p->count++;
            }
            item->uses++;
        }
    }
    return true;
}

/* The packed matrix, packed here if this is its first use; v itself where that does not pay. */
static int32_t packed(packer *p, int32_t v, int32_t node)
{
    eddy_ir *ir = p->ir;
    packing *item = can_pack(ir, v) ? find(p, v) : NULL;
    int32_t base = eddy_ir_base(ir, v);
    const eddy_ir_value *of = &ir->values[base];
    bool kept =
        of->kind == EDDY_VALUE_LEAF && !p->changes[of->source] && ir->tape->leaves[of->source]->role != EDDY_INPUT;
    if (!item || (item->uses < FEW && !kept))
        return v;
    if (item->packed >= 0)
        return item->packed;
    eddy_shape shape = { .rank = 1, .dim = { eddy_ir_pack_count(&ir->values[v]) } };
    eddy_ir_call call = { .rule = &eddy_ir_pack, .count = 1, .outputs = 1, .node = node, .once = kept };
    call.first = eddy_ir_add_operands(ir, &v, 1);
    call.out = item->packed = eddy_ir_new_value(ir, ir->values[v].dtype, &shape, -1); /* padded: no node's value */
    return call.first >= 0 && call.out >= 0 && eddy_ir_append(ir, call) ? item->packed : -1;
}

bool eddy_pass_pack(eddy_ir *ir)
{
    size_t values = (size_t)ir->value_count;
    packer p = { .ir = ir,
                 .chains = ir->value_count,
                 .head = eddy_allocate(values, sizeof *p.head),
                 .changes = eddy_allocate((size_t)ir->tape->leaf_count, 1) };
    bool done = p.head && p.changes;
    for (int64_t k = 0; k < ir->result_count && done; k++)
        if (ir->targets[k] >= 0)
            p.changes[ir->targets[k]] = 1;
    if (done)
        memset(p.head, 0xff, values * sizeof *p.head);
    done = done && count_uses(&p);
    int32_t count;
    eddy_ir_call *calls = eddy_ir_take_calls(ir, &count);
    for (int32_t i = 0; i < count && done; i++) {
        for (int32_t k = 0; k < calls[i].count && eddy_ir_is_product(&calls[i]) && done; k++) {
            if (!eddy_ir_is_right(ir, &calls[i], k))
                continue;
            int32_t v = packed(&p, ir->operands[calls[i].first + k], calls[i].node);
            done = v >= 0;
            ir->operands[calls[i].first + k] = v;
        }
        done = done && eddy_ir_append(ir, calls[i]);
    }
    eddy_free(calls);
    eddy_free(p.head);
    eddy_free(p.changes);
    eddy_free(p.items);
    return done || eddy_ir_no_memory(ir);
}
