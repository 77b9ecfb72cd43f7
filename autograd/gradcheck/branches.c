/* Where a function may kink or jump, by what the tape knows. Comparisons, signs, roundings and indices are constant
 * between the points where they change. A function that reads such outcomes may jump where one changes; one that does
 * not, while its gradient does (relu, whose gradient asks whether x > 0), has a kink there. So the outcomes at x and at
 * x + h tell whether a numerical derivative with the step h means anything.
 *
 * A program of its own computes the outcomes, beside x only where something hangs on it: before an accusation. */
#include "gradcheck_internal.h"

typedef struct eddy_branches {
    eddy_list jumps, kinks; /* outcomes that y reads, and those that only its gradient reads */
    eddy_program *program;
    uint64_t *held; /* a digest of each at x */
} eddy_branches;

static bool is_branch(const eddy_node *node)
{
    return node->count && !node->rule->view && (node->rule->steps || !eddy_dtype_is_float(node->dtype));
}

static eddy_list branches_of(eddy_check *c, const unsigned char *needed, const unsigned char *without, int32_t nodes)
{
    int64_t count = 0;
    for (int32_t i = 0; i < nodes; i++)
        count += needed[i] && !(without && without[i]) && is_branch(eddy_node_at(c->tape, i));
    eddy_list found = eddy_list_new(c->tape, NULL, count);
    for (int32_t i = 0, n = 0; i < nodes && n < found.count; i++)
        if (needed[i] && !(without && without[i]) && is_branch(eddy_node_at(c->tape, i)))
            found.items[n++] = eddy_var_of(c->tape, i);
    return found;
}

static uint64_t digest(const eddy_tensor *outcome)
{
    uint64_t sum = 14695981039346656037u; /* FNV-1a, a value at a time */
    for (int64_t i = 0; outcome && i < eddy_tensor_count(outcome); i++) {
        double value = eddy_tensor_flat(outcome, i) + 0.0;
        const unsigned char *byte = (const unsigned char *)&value;
        for (size_t k = 0; k < sizeof value; k++)
            sum = (sum ^ byte[k]) * 1099511628211u;
    }
    return sum;
}

static uint64_t outcome(const eddy_branches *b, int64_t i)
{
    int64_t jumps = b->jumps.count;
    return digest(eddy_output_tensor(b->program, i < jumps ? b->jumps.items[i] : b->kinks.items[i - jumps]));
}

bool eddy_branches_record(eddy_check *c, eddy_check_level *at)
{
    eddy_branches *b = at->branches = eddy_allocate(1, sizeof *b);
    unsigned char *by_y = eddy_check_below(c, &at->y, 1),
                  *by_gradient = eddy_check_below(c, at->gradient.items, at->gradient.count);
    if (b && by_y && by_gradient) {
        b->jumps = branches_of(c, by_y, NULL, c->tape->count);
        b->kinks = branches_of(c, by_gradient, by_y, c->tape->count);
        b->held = eddy_allocate((size_t)(b->jumps.count + b->kinks.count) + 1, sizeof *b->held);
    }
    eddy_free(by_y);
    eddy_free(by_gradient);
    if (!b || !b->held)
        return eddy_check_no_memory(c);
    eddy_list all = eddy_list_join(c->tape, b->jumps, b->kinks);
    if (c->tape->error.text[0] || !all.count)
        return !c->tape->error.text[0];
    b->program = eddy_compile_at(c->site, c->tape, all, (eddy_list){ 0 });
    if (!b->program || !eddy_run_at(c->site, b->program))
        return false;
    for (int64_t i = 0; i < all.count; i++)
        b->held[i] = outcome(b, i);
    return true;
}

eddy_crossing eddy_check_crossing(eddy_check *c, int order)
{
    const eddy_branches *b = c->levels[order - 1].branches;
    if (!b || (b->program && !eddy_run_at(c->site, b->program)))
        return EDDY_CROSSES_JUMP;
    for (int64_t i = 0; b->program && i < b->jumps.count + b->kinks.count; i++)
        if (outcome(b, i) != b->held[i])
            return i < b->jumps.count ? EDDY_CROSSES_JUMP : EDDY_CROSSES_KINK;
    return EDDY_CROSSES_NOTHING;
}

void eddy_branches_forget(eddy_branches *b)
{
    if (!b)
        return;
    eddy_program_free(b->program);
    eddy_free(b->held);
    eddy_free(b);
}
