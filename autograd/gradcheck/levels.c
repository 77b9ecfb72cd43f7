/* Records a level of the gradient checker: the gradient of its y, a bound on the rounding of y, and y's change from
 * the values in force, computed from differences.
 *
 * Rounding. A computed z has a relative error of a few eps (the kernels promise 4), so by the chain rule the error of y
 * is at most about
 *
 *     sum over nodes z below y, over their elements:  4 eps |z dy/dz|
 *     + for a fold of n terms x:                      4 eps sqrt(n) sum |x dy/dx|
 *
 * (Linnainmaa 1976; sqrt(n) instead of the n of the worst case: Higham & Mary 2019). The adjoints dy/dz are on the tape
 * for the asking.
 *
 * Change. A leaf that y hardly depends on is lost in the rounding of y: in 1 + 1e-14 sin(b), b's derivative is. But y
 * is often linear in what is far above its leaves, sums of terms, and a sum's change is the sum of the terms' changes,
 * in which all that does not depend on b cancels exactly. So the nodes at the top, in whose operands y is linear, are
 * recorded once more, on differences z(x) - z(x0) of the nodes z below them; only what these round counts, and of it
 * only what depends on the leaf that is varied. Linear is what has a gradient that depends on no leaf; the difference
 * is compared with y itself where it is used, so that a wrong rule cannot pretend to be linear. */
#include "gradcheck_internal.h"
#include "random.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The terms of the longest sum that makes an element of the node: 1 if it adds nothing up. */
double eddy_check_fold(const eddy_tape *tape, const eddy_node *node)
{
    double out = (double)eddy_shape_count(&node->shape), longest = 1;
    for (int32_t k = 0; k < node->count; k++) {
        const eddy_shape *in = eddy_var_shape(eddy_var_of((eddy_tape *)tape, node->operand[k]));
        longest = fmax(longest, out > 0 ? (double)eddy_shape_count(in) / out : 1);
        if (k == 0 && node->rule->longest_sum)
            longest = fmax(longest, (double)node->rule->longest_sum(node->attributes, in));
    }
    return fmax(longest, node->count > 3 ? node->count : 1);
}

/* ---- What depends on what ---- */

/* All that is known of nodes and leaves ("places": nodes first) while a level is recorded. */
typedef struct survey {
    eddy_check *c;
    int32_t nodes, places;  /* below y */
    unsigned char *needed;  /* y needs it */
    unsigned char *depends; /* on a leaf of wrt; one byte for each place of the tape as it now is */
    unsigned char *linear;  /* y is linear in it */
    unsigned char *above;   /* a node all of whose operands y is linear in: it is computed from differences */
    double *weight, *change_weight;
    int32_t *at; /* its number among the adjoints, -1 none */
} survey;

static void survey_free(survey *s)
{
    eddy_free(s->needed);
    eddy_free(s->depends);
    eddy_free(s->linear);
    eddy_free(s->above);
    eddy_free(s->weight);
    eddy_free(s->change_weight);
    eddy_free(s->at);
}

static int32_t place_of(int32_t id, int32_t nodes)
{
    return id >= 0 ? id : nodes + ~id;
}

static eddy_var var_at(const survey *s, int32_t place)
{
    return eddy_var_of(s->c->tape, place < s->nodes ? place : ~(place - s->nodes));
}

/* One byte for each place of the tape: 1 if it depends on one of the leaves. */
static unsigned char *dependents(const eddy_check *c, const eddy_var *leaves, int64_t count)
{
    int32_t nodes = c->tape->count;
    unsigned char *depends = eddy_allocate((size_t)nodes + (size_t)c->tape->leaf_count, 1);
    for (int64_t k = 0; depends && k < count; k++)
        depends[place_of(leaves[k].index, nodes)] = 1;
    for (int32_t i = 0; depends && i < nodes; i++) {
        const eddy_node *node = eddy_node_at(c->tape, i);
        for (int32_t k = 0; k < node->count; k++)
            if (eddy_rule_reads(node->rule, k))
                depends[i] |= depends[place_of(node->operand[k], nodes)];
    }
    return depends;
}

/* Adds what node i rounds, as weights of |z dy/dz|, to itself and, for a sum, to its operands. */
static void weigh(const survey *s, int32_t i, double *weight)
{
    const eddy_node *node = eddy_node_at(s->c->tape, i);
    if (!eddy_dtype_is_float(node->dtype) || node->rule->view || !node->count)
        return;
    double rounding = 4 * (node->dtype == EDDY_F32 ? (double)FLT_EPSILON : DBL_EPSILON),
           n = eddy_check_fold(s->c->tape, node);
    weight[i] += rounding;
    for (int32_t k = 0; n > 1 && k < node->count; k++)
        weight[place_of(node->operand[k], s->nodes)] += rounding * sqrt(n);
}

static bool survey_begin(survey *s, eddy_check *c, eddy_var y)
{
    *s = (survey){ .c = c, .nodes = c->tape->count, .places = c->tape->count + c->tape->leaf_count };
    size_t places = (size_t)s->places;
    s->needed = eddy_check_below(c, &y, 1);
    s->linear = eddy_allocate(places, 1);
    s->above = eddy_allocate(places, 1);
    s->weight = eddy_allocate(places, sizeof *s->weight);
    s->change_weight = eddy_allocate(places, sizeof *s->change_weight);
    s->at = eddy_allocate(places, sizeof *s->at);
    if (!s->needed || !s->linear || !s->above || !s->weight || !s->change_weight || !s->at)
        return eddy_check_no_memory(c);
    for (int32_t i = 0; i < s->nodes; i++)
        if (s->needed[i])
            weigh(s, i, s->weight);
    return true;
}

/* ---- Gradient and rounding ---- */

/* The adjoints of wrt, then of every float place below y. */
static eddy_list record_adjoints(survey *s, eddy_check_level *at, eddy_list *all)
{
    eddy_check *c = s->c;
    int64_t count = c->wrt.count;
    for (int32_t i = 0; i < s->places; i++) {
        s->at[i] = s->needed[i] && eddy_dtype_is_float(eddy_var_dtype(var_at(s, i))) ? (int32_t)count : -1;
        count += s->at[i] >= 0;
    }
    *all = eddy_list_new(c->tape, NULL, count);
    for (int64_t k = 0; k < c->wrt.count && all->count; k++)
        all->items[k] = c->wrt.items[k];
    for (int32_t i = 0; i < s->places && all->count; i++)
        if (s->at[i] >= 0)
            all->items[s->at[i]] = var_at(s, i);
    return all->count ? eddy_gradients_at(c->site, at->y, *all) : *all;
}

/* Leaf k of wrt as a bit; more than 63 leaves share the last. */
static uint64_t bit(int64_t k)
{
    return (uint64_t)1 << (k < 63 ? k : 63);
}

/* Which of wrt a place depends on, and whose gradient needs it. */
static bool mark_leaves(const survey *s, eddy_check_level *at, const int32_t *places)
{
    eddy_check *c = s->c;
    const eddy_check_level *below = at > c->levels ? at - 1 : NULL;
    for (int64_t k = 0; k < c->wrt.count; k++) {
        unsigned char *depends = dependents(c, &c->wrt.items[k], 1),
                      *serves = below ? eddy_check_below(c, &below->gradient.items[k], 1) : NULL;
        bool done = depends && (serves || !below);
        for (int64_t n = 0; done && n < at->sizes_count; n++) {
            int32_t place = places[n] < s->nodes ? places[n] : c->tape->count + places[n] - s->nodes;
            at->depends[n] |= depends[place] ? bit(k) : 0;
            at->serves[n] |= serves && serves[place] ? bit(k) : 0;
        }
        eddy_free(depends);
        eddy_free(serves);
        if (!done)
            return eddy_check_no_memory(c);
    }
    return true;
}

/* sum |z dy/dz| of everything that rounds, as one vector, and the weights of these. */
static bool record_sizes(survey *s, eddy_check_level *at, eddy_list all, eddy_list adjoints)
{
    eddy_check *c = s->c;
    int64_t count = 0;
    for (int32_t i = 0; i < s->places; i++)
        count += s->at[i] >= 0 && s->weight[i] > 0;
    at->sizes_count = count;
    at->weight = eddy_allocate((size_t)count + 1, sizeof *at->weight);
    at->change_weight = eddy_allocate((size_t)count + 1, sizeof *at->change_weight);
    at->depends = eddy_allocate((size_t)count + 1, sizeof *at->depends);
    at->serves = eddy_allocate((size_t)count + 1, sizeof *at->serves);
    int32_t *places = eddy_allocate((size_t)count + 1, sizeof *places);
    if (!at->weight || !at->change_weight || !at->depends || !at->serves || !places) {
        eddy_free(places);
        return eddy_check_no_memory(c);
    }
    eddy_list terms = eddy_list_new(c->tape, NULL, count);
    for (int32_t i = 0, n = 0; i < s->places && n < terms.count && !c->tape->error.text[0]; i++)
        if (s->at[i] >= 0 && s->weight[i] > 0) {
            eddy_var z = all.items[s->at[i]], adjoint = adjoints.items[s->at[i]];
            terms.items[n] = eddy_cast(eddy_sum(eddy_abs(eddy_mul(z, adjoint))), EDDY_F64);
            at->weight[n] = s->weight[i];
            at->change_weight[n] = s->change_weight[i];
            places[n++] = i;
        }
    bool done = !c->tape->error.text[0];
    if (done)
        at->sizes = terms.count ? eddy_stack_list(0, terms) : eddy_full_of(c->tape, EDDY_F64, EDDY_SHAPE(1), 0);
    done = done && mark_leaves(s, at, places);
    eddy_free(places);
    return done && !c->tape->error.text[0];
}

/* depends: only what depends on the leaves of the mask; NULL: everything. */
static double sum_of(const eddy_tensor *sizes, const double *weight, const uint64_t *depends, uint64_t mask)
{
    double sum = 0;
    for (int64_t n = 0; sizes && n < eddy_tensor_count(sizes); n++) {
        double term = eddy_tensor_flat(sizes, n) * weight[n];
        sum += (!depends || depends[n] & mask) && isfinite(term) ? term : 0;
    }
    return sum;
}

double eddy_check_noise(const eddy_check *c, int level, int64_t k)
{
    const eddy_check_level *at = &c->levels[level];
    return sum_of(eddy_output_tensor(c->claims, at->sizes), at->weight, k < 0 ? NULL : at->serves, k < 0 ? 0 : bit(k));
}

double eddy_check_change_noise(const eddy_check *c, const eddy_program *program, int level, int64_t k)
{
    const eddy_check_level *at = &c->levels[level];
    const eddy_tensor *sizes = eddy_output_tensor(program, at->sizes);
    return at->change_is_wrong ? sum_of(sizes, at->weight, NULL, 0)
                               : sum_of(sizes, at->change_weight, at->depends, k < 0 ? ~(uint64_t)0 : bit(k));
}

void eddy_check_forget_level(eddy_check_level *at)
{
    eddy_program_free(at->program);
    eddy_program_free(at->beside);
    eddy_branches_forget(at->branches);
    eddy_free(at->weight);
    eddy_free(at->change_weight);
    eddy_free(at->depends);
    eddy_free(at->serves);
}

/* ---- The change of y ---- */

/* Is every operand one that y is linear in? Constants are not: a product's or a sum's change is not made of theirs. */
static bool is_above(const survey *s, const eddy_node *node)
{
    if (!node->rule->gradient || !node->count || node->rule->named)
        return false;
    for (int32_t k = 0; k < node->count; k++)
        if (!s->linear[place_of(node->operand[k], s->nodes)])
            return false;
    return true;
}

/* Marks the nodes above, from y downwards, and what they round. */
static bool survey_above(survey *s, eddy_var y, eddy_list adjoints)
{
    eddy_check *c = s->c;
    int32_t nodes = c->tape->count;
    s->depends = dependents(c, c->wrt.items, c->wrt.count);
    if (!s->depends)
        return eddy_check_no_memory(c);
    for (int32_t i = 0; i < s->places; i++) {
        int32_t place = i < s->nodes ? i : nodes + i - s->nodes;
        s->linear[i] =
            s->at[i] >= 0 && s->depends[place] && !s->depends[place_of(adjoints.items[s->at[i]].index, nodes)];
    }
    if (y.index >= 0)
        s->above[y.index] = is_above(s, eddy_node_at(c->tape, y.index));
    for (int32_t i = s->nodes - 1; i >= 0; i--) {
        const eddy_node *node = eddy_node_at(c->tape, i);
        for (int32_t k = 0; s->above[i] && k < node->count; k++)
            if (node->operand[k] >= 0)
                s->above[node->operand[k]] = is_above(s, eddy_node_at(c->tape, node->operand[k]));
    }
    for (int32_t i = 0; i < s->nodes; i++)
        if (s->needed[i] && !s->above[i])
            weigh(s, i, s->change_weight);
    return true;
}

/* A leaf that eddy_check_hold gives the value of z at x0. */
static eddy_var held(eddy_check *c, eddy_check_level *at, eddy_var z)
{
    eddy_tensor zeros;
    eddy_status status = { 0 };
    if (c->tape->error.text[0] || !eddy_tensor_new(&zeros, eddy_var_dtype(z), *eddy_var_shape(z), &status)) {
        eddy_check_fail(c, status.text);
        return eddy_failed(c->tape);
    }
    eddy_var leaf = eddy_leaf_new(c->tape, c->site, EDDY_CONSTANT, NULL, &zeros, &zeros);
    eddy_tensor_free(&zeros);
    at->moving = eddy_list_join(c->tape, at->moving, EDDY_LIST(z));
    at->held = eddy_list_join(c->tape, at->held, EDDY_LIST(leaf));
    return leaf;
}

static eddy_var difference(eddy_check *c, eddy_check_level *at, eddy_var z)
{
    return eddy_sub(z, held(c, at, z));
}

/* The nodes above on differences, less what they are of zeros. */
static bool record_change(const survey *s, eddy_check_level *at)
{
    eddy_check *c = s->c;
    eddy_tape *tape = c->tape;
    int32_t top = at->y.index;
    int32_t most = 0;
    for (int32_t i = 0; i <= top; i++)
        most = s->above[i] && eddy_node_at(tape, i)->count > most ? eddy_node_at(tape, i)->count : most;
    eddy_var *change = eddy_allocate((size_t)s->places, sizeof *change),
             *operands = eddy_allocate(2 * (size_t)most + 1, sizeof *operands);
    bool done = (change && operands) || eddy_check_no_memory(c);
    for (int32_t i = 0; done && i <= top && !tape->error.text[0]; i++) {
        const eddy_node *node = eddy_node_at(tape, i);
        eddy_var z[2];
        for (int32_t k = 0; s->above[i] && k < node->count; k++) {
            int32_t place = place_of(node->operand[k], s->nodes);
            if (!change[place].tape)
                change[place] = difference(c, at, var_at(s, place));
            operands[k] = change[place];
            operands[most + k] = eddy_zeros_like(change[place]);
        }
        for (int j = 0; s->above[i] && j < 2; j++)
            z[j] = eddy_record(tape, node->site,
                               &(eddy_recording){ node->rule, node->dtype, &node->shape, node->count,
                                                  operands + j * most, node->attributes, node->attribute_size });
        if (s->above[i])
            change[i] = eddy_sub(z[0], held(c, at, z[1]));
    }
    if (done)
        at->change = top >= 0 && s->above[top] ? change[top] : difference(c, at, at->y);
    eddy_free(change);
    eddy_free(operands);
    return done && !tape->error.text[0];
}

bool eddy_check_hold(eddy_check *c, eddy_check_level *at)
{
    eddy_program *program = eddy_compile_at(c->site, c->tape, at->moving, (eddy_list){ 0 });
    bool done = program && eddy_run_at(c->site, program);
    for (int64_t i = 0; done && i < at->held.count; i++) {
        eddy_leaf *leaf = eddy_leaf_at(c->tape, at->held.items[i].index);
        const eddy_tensor *value = eddy_output_tensor(program, at->moving.items[i]);
        eddy_status status = { 0 };
        done = value && (eddy_tensor_copy(&leaf->value, value, &status) || eddy_check_fail(c, status.text));
        leaf->version = ++c->tape->clock;
    }
    eddy_program_free(program);
    return done;
}

bool eddy_check_record_level(eddy_check *c, eddy_check_level *at, bool last)
{
    survey s;
    eddy_list all;
    bool done = survey_begin(&s, c, at->y);
    if (done) {
        eddy_list adjoints = record_adjoints(&s, at, &all);
        done = !c->tape->error.text[0] && survey_above(&s, at->y, adjoints) && record_sizes(&s, at, all, adjoints);
        at->gradient = (eddy_list){ adjoints.items, c->wrt.count };
        done = done && (last || record_change(&s, at));
    }
    survey_free(&s);
    return done && !c->tape->error.text[0];
}

/* A random direction; its leaves are removed at the end. */
eddy_list eddy_check_direction(eddy_check *c, eddy_list gradient, int order)
{
    eddy_tape *tape = c->tape;
    eddy_list directions = eddy_list_new(tape, NULL, gradient.count);
    for (int64_t k = 0; k < directions.count; k++) {
        eddy_tensor values;
        eddy_status status = { 0 };
        eddy_random random = { .seed = c->options.seed,
                               .stream = ((uint64_t)order << 48) + ((uint64_t)1 << 40) + (uint64_t)k };
        if (!eddy_tensor_new(&values, EDDY_F64, *eddy_var_shape(gradient.items[k]), &status) ||
            !eddy_fill_uniform(&values, random, -1, 1, &status)) {
            eddy_check_fail(c, status.text);
        } else {
            double *v = values.data;
            for (int64_t i = 0; i < eddy_tensor_count(&values); i++)
                v[i] += v[i] < 0 ? -0.5 : 0.5;
            directions.items[k] = eddy_leaf_new(tape, c->site, EDDY_CONSTANT, NULL, &values, &values);
        }
        eddy_tensor_free(&values);
    }
    return directions;
}
