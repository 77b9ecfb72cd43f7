/* The gradient with what one time step hands to another held fixed: the loss is recorded once more, with a detach
 * wherever a node of one step reads a node of another. For the gradient checker's diagnosis of a missing carry term.
 * Assumes that steps are scopes (eddy_unroll). */
#include "gradcheck_internal.h"

#include <string.h>

/* Does node `reader` read this operand across a step's border? */
static bool is_carried(const eddy_tape *tape, const eddy_node *reader, int32_t operand)
{
    int64_t here = operand >= 0 ? eddy_scope_step(tape, reader->scope) : -1;
    int64_t there = here >= 0 ? eddy_scope_step(tape, eddy_node_at(tape, operand)->scope) : -1;
    return there >= 0 && there != here;
}

static const char *watched_name(const eddy_tape *tape, int32_t index)
{
    for (int32_t i = 0; i < tape->watch_count; i++)
        if (tape->watches[i].index == index)
            return tape->watches[i].name;
    return NULL;
}

int eddy_check_carried(const eddy_check *c, const char **names, int room)
{
    int count = -1;
    for (int32_t i = 0; i < c->nodes; i++) {
        const eddy_node *node = eddy_node_at(c->tape, i);
        for (int32_t k = 0; k < node->count; k++) {
            if (!is_carried(c->tape, node, node->operand[k]))
                continue;
            count = count < 0 ? 0 : count;
            const char *name = watched_name(c->tape, node->operand[k]);
            bool known = !name;
            for (int j = 0; j < count; j++)
                known = known || !strcmp(names[j], name);
            if (!known && count < room)
                names[count++] = name;
        }
    }
    return count;
}

typedef struct cutting {
    eddy_tape *tape;
    const char *only;
    int32_t cuts;
} cutting;

static eddy_var cut_carried(void *context, const eddy_node *reader, int32_t k, eddy_var operand)
{
    cutting *cut = context;
    int32_t id = reader->operand[k];
    if (!is_carried(cut->tape, reader, id))
        return operand;
    const char *name = cut->only ? watched_name(cut->tape, id) : NULL;
    if (cut->only && (!name || strcmp(name, cut->only) != 0))
        return operand;
    cut->cuts++;
    return eddy_detach(operand);
}

eddy_list eddy_check_cut_carry(eddy_check *c, const char *only)
{
    eddy_var loss = c->levels[0].y;
    cutting cut = { c->tape, only, 0 };
    if (loss.index < 0)
        return (eddy_list){ 0 };
    eddy_var *copy = eddy_check_copy(c, &loss, 1, &(eddy_copy_changes){ .context = &cut, .operand = cut_carried });
    eddy_list gradient = { 0 };
    if (copy && cut.cuts)
        gradient = eddy_gradients_at(c->site, copy[loss.index], c->wrt);
    eddy_free(copy);
    return gradient;
}
