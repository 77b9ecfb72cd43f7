/* The gradient checker: what is compiled, whose values change and come back, and the tolerance. The numerical
 * derivative is numerical.c's, the verdicts and the report's words are judge.c's.
 *
 * Level 0 is the loss y0. Level k + 1 is y[k+1] = <gradient of y[k], direction>, a function of the same leaves. Order k
 * compares the tape's gradient of y[k-1] with Ridders' derivative of y[k-1].
 *
 * Rounding. A computed z has a relative error of a few eps (the kernels promise 4), so by the chain rule the error of y
 * is at most about
 *
 *     noise(y) = sum over nodes z below y, over their elements:  4 eps |z dy/dz|
 *                + for a fold of n terms x:                      4 eps sqrt(n) sum |x dy/dx|
 *
 * (Linnainmaa 1976; sqrt(n) instead of the n of the worst case: Higham & Mary 2019). The adjoints dy/dz are on the tape
 * for the asking. noise(y[k]) bounds the rounding of y[k] itself, which numerical.c turns into one of the numerical
 * derivative (noise / step); and because y[k+1] adds up the elements of the claimed gradient with weights of size 0.5
 * or more, 2 noise(y[k+1]) bounds the rounding of each of them. That is all that the tolerance is made of, beside
 * Ridders' estimate. A user's claim may add up in another order than the tape: it is allowed four times that bound. */
#include "parts.h"
#include "random.h"

#include <float.h>
#include <math.h>
#include <string.h>

bool eddy_check_fail(const eddy_check *c, const char *sentence)
{
    return eddy_tape_fail(c->tape, c->site, "gradcheck", "%s", sentence);
}

bool eddy_check_no_memory(const eddy_check *c)
{
    return eddy_tape_out_of_memory(c->tape, c->site, "gradcheck");
}

/* ---- What lies below a var ---- */

unsigned char *eddy_check_below(const eddy_check *c, eddy_var y)
{
    int32_t nodes = c->tape->count;
    unsigned char *needed = eddy_allocate((size_t)nodes + (size_t)c->tape->leaf_count, 1);
    if (!needed) {
        eddy_check_no_memory(c);
        return NULL;
    }
    eddy_mark_needed(c->tape, 1, &y, EDDY_READ_VALUES, needed);
    return needed;
}

/* ---- Values of unset leaves ---- */

static bool draw(eddy_check *c, int32_t i)
{
    eddy_leaf *leaf = c->tape->leaves[i];
    eddy_status status = { 0 };
    if (!eddy_dtype_is_float(leaf->value.dtype))
        return eddy_tape_fail(
            c->tape, c->site, "gradcheck",
            "\"%s\" (%s) has no value yet; only floating-point inputs are drawn at random, set it with eddy_set",
            leaf->name, eddy_dtype_name(leaf->value.dtype));
    size_t bytes = (size_t)eddy_tensor_count(&leaf->value) * eddy_dtype_size(leaf->value.dtype);
    c->drawn[i] = eddy_allocate(bytes ? bytes : 1, 1);
    if (!c->drawn[i])
        return eddy_check_no_memory(c);
    if (bytes)
        memcpy(c->drawn[i], leaf->value.data, bytes);
    leaf->version = ++c->tape->clock;
    eddy_random random = { .seed = c->options.seed, .stream = (uint64_t)i };
    return eddy_fill_uniform(&leaf->value, random, c->options.low, c->options.high, &status) ||
           eddy_check_fail(c, status.text);
}

static bool draw_unset(eddy_check *c, eddy_var loss)
{
    unsigned char *needed = eddy_check_below(c, loss);
    if (!needed)
        return false;
    unsigned char *leaf = needed + c->tape->count;
    for (int64_t k = 0; k < c->wrt.count; k++)
        leaf[~c->wrt.items[k].index] = 1;
    bool done = true;
    for (int32_t i = 0; i < c->leaves && done; i++)
        if (leaf[i] && !c->tape->leaves[i]->version)
            done = draw(c, i);
    eddy_free(needed);
    return done;
}

/* ---- Recording ---- */

/* The terms of the longest sum that makes an element of the node: 1 if it adds nothing up. */
static double fold(const eddy_tape *tape, const eddy_node *node)
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

/* Adds what node i rounds, as weights of |z dy/dz|, to itself and, for a sum, to its operands. */
static void weigh(const eddy_check *c, int32_t nodes, int32_t i, double *weight)
{
    const eddy_node *node = eddy_node_at(c->tape, i);
    if (!eddy_dtype_is_float(node->dtype) || node->rule->view || !node->count)
        return;
    double rounding = 4 * (node->dtype == EDDY_F32 ? (double)FLT_EPSILON : DBL_EPSILON), n = fold(c->tape, node);
    weight[i] += rounding;
    for (int32_t k = 0; n > 1 && k < node->count; k++) {
        int32_t id = node->operand[k];
        weight[id >= 0 ? id : nodes + ~id] += rounding * sqrt(n);
    }
}

/* weight * sum |z dy/dz|, or 0 if that is not finite. */
static eddy_var rounding_of(eddy_var z, eddy_var adjoint, double weight)
{
    eddy_var size = eddy_cast(eddy_sum(eddy_abs(eddy_mul(z, adjoint))), EDDY_F64), zero = eddy_zeros_like(size);
    eddy_var largest = eddy_full_of(z.tape, EDDY_F64, EDDY_SCALAR, DBL_MAX);
    return eddy_mul_scalar(eddy_where(eddy_le(size, largest), size, zero), weight);
}

/* Records gradient and noise of levels[k].y. */
static bool record_level(eddy_check *c, eddy_check_level *at)
{
    eddy_tape *tape = c->tape;
    int32_t nodes = tape->count, places = nodes + tape->leaf_count;
    unsigned char *needed = eddy_check_below(c, at->y);
    double *weight = eddy_allocate((size_t)places, sizeof *weight);
    if (!needed || !weight) {
        eddy_free(needed);
        eddy_free(weight);
        return eddy_check_no_memory(c);
    }
    for (int32_t i = 0; i < nodes; i++)
        if (needed[i])
            weigh(c, nodes, i, weight);
    int64_t count = c->wrt.count;
    for (int32_t i = 0; i < places; i++) {
        eddy_var z = eddy_var_of(tape, i < nodes ? i : ~(i - nodes));
        needed[i] = needed[i] && weight[i] > 0 && eddy_dtype_is_float(eddy_var_dtype(z));
        count += needed[i];
    }
    eddy_list all = eddy_list_new(tape, NULL, count), terms = eddy_list_new(tape, NULL, count - c->wrt.count);
    for (int64_t k = 0; k < c->wrt.count && all.count; k++)
        all.items[k] = c->wrt.items[k];
    for (int32_t i = 0, n = (int32_t)c->wrt.count; i < places && n < all.count; i++)
        if (needed[i])
            all.items[n++] = eddy_var_of(tape, i < nodes ? i : ~(i - nodes));
    eddy_list adjoints = all.count ? eddy_gradients_at(c->site, at->y, all) : all;
    for (int32_t i = 0, n = 0; i < places && n < terms.count && !tape->error.text[0]; i++)
        if (needed[i]) {
            int64_t k = c->wrt.count + n;
            terms.items[n++] = rounding_of(all.items[k], adjoints.items[k], weight[i]);
        }
    eddy_free(needed);
    eddy_free(weight);
    if (tape->error.text[0])
        return false;
    at->noise = terms.count ? eddy_sum_list(terms) : eddy_full_of(tape, EDDY_F64, EDDY_SCALAR, 0);
    at->gradient = (eddy_list){ adjoints.items, c->wrt.count };
    return !tape->error.text[0];
}

/* A random direction; its leaves are removed at the end. */
static eddy_list direction_new(eddy_check *c, eddy_list gradient, int order)
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
            directions.items[k] =
                eddy_leaf_new(tape, c->site, "gradcheck", EDDY_CONSTANT, NULL, EDDY_F64, values.shape, &values);
        }
        eddy_tensor_free(&values);
    }
    return directions;
}

/* One program gives every claim and every noise; one for each order gives its y for many values of the leaves. */
static bool prepare(eddy_check *c, eddy_var loss)
{
    eddy_tape *tape = c->tape;
    int order = c->options.order;
    c->levels[0].y = loss;
    for (int k = 0; k <= order; k++) {
        eddy_check_level *at = &c->levels[k], *before = at - 1;
        if (k) {
            before->direction = direction_new(c, before->gradient, k);
            at->y = tape->error.text[0] ? eddy_failed(tape) : eddy_dot(before->gradient, before->direction);
        }
        if (tape->error.text[0] || !record_level(c, at))
            return false;
    }
    if (!eddy_witness_record(c))
        return false;
    eddy_list outputs = eddy_list_join(tape, eddy_list_new(tape, NULL, 0), c->zero);
    for (int k = 0; k <= order; k++) {
        const eddy_check_level *at = &c->levels[k];
        outputs = eddy_list_join(tape, outputs, EDDY_LIST(at->y, at->noise));
        outputs = eddy_list_join(tape, outputs, at->gradient);
        if (at->along.tape)
            outputs = eddy_list_join(tape, outputs, EDDY_LIST(at->along));
    }
    c->claims = eddy_compile_at(c->site, tape, outputs, (eddy_list){ 0 });
    for (int k = 0; k < order; k++)
        c->levels[k].program = eddy_compile_at(c->site, tape, (eddy_list){ &c->levels[k].y, 1 }, (eddy_list){ 0 });
    return !tape->error.text[0] && eddy_run_at(c->site, c->claims);
}

/* ---- Comparing ---- */

typedef struct probe {
    eddy_tape *tape;
    eddy_leaf *leaf;
    double *element;
    const eddy_check_level *of;
} probe;

static double value_beside(void *context, double step)
{
    probe *p = context;
    double x = *p->element;
    *p->element = x + step;
    p->leaf->version = ++p->tape->clock;
    bool done = eddy_run(p->of->program);
    *p->element = x;
    p->leaf->version = ++p->tape->clock;
    return done ? eddy_output(p->of->program, p->of->y) : NAN;
}

const eddy_tensor *eddy_check_by_tape(const eddy_check *c, int order, int64_t k)
{
    return eddy_output_tensor(c->claims, c->levels[order - 1].gradient.items[k]);
}

const eddy_tensor *eddy_check_claimed(const eddy_check *c, int order, int64_t k)
{
    return c->claimed && order == 1 ? &c->claimed[k] : eddy_check_by_tape(c, order, k);
}

double eddy_check_claim_noise(const eddy_check *c, int order)
{
    return (c->claim ? 8 : 2) * eddy_output(c->claims, c->levels[order].noise);
}

/* Do a claimed element and the tape's differ by more than rounding? */
static bool differ(double claimed, double by_tape, double noise)
{
    return !(fabs(claimed - by_tape) <= noise + 8 * DBL_EPSILON * fabs(by_tape));
}

static bool judge_element(eddy_check *c, eddy_gradcheck_report *report, int order, int64_t k, int64_t index,
                          const eddy_gradcheck_scale *scale)
{
    eddy_leaf *leaf = eddy_leaf_at(c->tape, c->wrt.items[k].index);
    eddy_gradcheck_element *e = &report->elements[report->count++];
    *e = (eddy_gradcheck_element){ .leaf = (int)k,
                                   .index = index,
                                   .order = order,
                                   .claimed = eddy_tensor_flat(eddy_check_claimed(c, order, k), index),
                                   .by_tape = eddy_tensor_flat(eddy_check_by_tape(c, order, k), index) };
    probe p = { c->tape, leaf, (double *)leaf->value.data + index, &c->levels[order - 1] };
    eddy_gradcheck_judge(e, value_beside, &p, *p.element, scale);
    return !c->tape->error.text[0];
}

enum { SUSPECTS = 16 };

/* The elements of a sampled claim that differ most from the tape's gradient, unless they are looked at already. */
static bool judge_suspects(eddy_check *c, eddy_gradcheck_report *report, int64_t k, const eddy_gradcheck_scale *scale)
{
    const eddy_tensor *claimed = eddy_check_claimed(c, 1, k), *by_tape = eddy_check_by_tape(c, 1, k);
    int64_t count = eddy_tensor_count(claimed), chosen[SUSPECTS];
    for (int n = 0; n < SUSPECTS; n++) {
        double most = 0;
        chosen[n] = -1;
        for (int64_t i = 0; i < count; i++) {
            double a = eddy_tensor_flat(claimed, i), b = eddy_tensor_flat(by_tape, i),
                   d = isfinite(a - b) ? fabs(a - b) : INFINITY;
            bool known = !differ(a, b, scale->claim_noise);
            for (int j = 0; j < n; j++)
                known = known || chosen[j] == i;
            if (!known && d > most) {
                most = d;
                chosen[n] = i;
            }
        }
        if (chosen[n] < 0)
            break;
        bool sampled = false;
        for (int64_t j = 0; j < report->count; j++)
            sampled = sampled || (report->elements[j].leaf == k && report->elements[j].index == chosen[n]);
        if (!sampled && !judge_element(c, report, 1, k, chosen[n], scale))
            return false;
    }
    return true;
}

static bool compare(eddy_check *c, eddy_gradcheck_report *report)
{
    int64_t most = c->options.max_elements, room = 0;
    for (int64_t k = 0; k < c->wrt.count; k++) {
        int64_t count = eddy_shape_count(eddy_var_shape(c->wrt.items[k]));
        room += most && count > most ? most + SUSPECTS : count;
    }
    room *= c->options.order;
    report->elements = eddy_allocate((size_t)(room ? room : 1), sizeof *report->elements);
    if (!report->elements)
        return eddy_check_no_memory(c);
    for (int order = 1; order <= c->options.order; order++) {
        eddy_gradcheck_scale scale = { .loss_noise = eddy_output(c->claims, c->levels[order - 1].noise),
                                       .claim_noise = eddy_check_claim_noise(c, order) };
        /* by the tape: an absurd claim must not make the check less exact */
        for (int64_t k = 0; k < c->wrt.count; k++)
            scale.largest = fmax(scale.largest, eddy_gradcheck_largest(eddy_check_by_tape(c, order, k)));
        for (int64_t k = 0; k < c->wrt.count; k++) {
            const eddy_tensor *claimed = eddy_check_claimed(c, order, k), *by_tape = eddy_check_by_tape(c, order, k);
            int64_t count = eddy_tensor_count(by_tape), samples = most && count > most ? most : count;
            scale.largest_of_leaf = eddy_gradcheck_largest(by_tape);
            for (int64_t i = 0; c->claim && i < count; i++)
                report->tape_disagreed +=
                    differ(eddy_tensor_flat(claimed, i), eddy_tensor_flat(by_tape, i), scale.claim_noise);
            for (int64_t i = 0; i < samples; i++)
                if (!judge_element(c, report, order, k,
                                   samples == count ? i : (int64_t)((double)i * (double)count / (double)samples),
                                   &scale))
                    return false;
            if (c->claim && samples < count && !judge_suspects(c, report, k, &scale))
                return false;
        }
    }
    return true;
}

/* ---- The call ---- */

static bool check_arguments(eddy_check *c, eddy_var loss, const eddy_gradcheck_report *report)
{
    eddy_tape *tape = c->tape;
    if (!report)
        return eddy_check_fail(c, "there is no report to write to (NULL)");
    if (c->wrt.count && eddy_begin(c->site, "gradcheck", c->wrt.count, c->wrt.items) != tape)
        return eddy_check_fail(c, "a leaf belongs to another tape");
    const eddy_shape *shape = eddy_var_shape(loss);
    if (eddy_shape_count(shape) != 1)
        return eddy_tape_fail(tape, c->site, "gradcheck", "the loss has shape %s; it needs one element",
                              eddy_shape_format(shape).text);
    if (tape->dtype != EDDY_F64 || eddy_var_dtype(loss) != EDDY_F64)
        return eddy_tape_fail(
            tape, c->site, "gradcheck",
            "the tape is %s and the loss %s; numerical derivatives need f64: make the tape with EDDY_F64",
            eddy_dtype_name(tape->dtype), eddy_dtype_name(eddy_var_dtype(loss)));
    for (int64_t k = 0; k < c->wrt.count; k++) {
        eddy_var x = c->wrt.items[k];
        if (x.index >= 0)
            return eddy_tape_fail(
                tape, c->site, "gradcheck",
                "item %lld is the result of %s; only leaves (inputs, parameters, states, constants) can be varied",
                (long long)k + 1, eddy_name_of(x));
        if (eddy_var_dtype(x) != EDDY_F64)
            return eddy_tape_fail(tape, c->site, "gradcheck",
                                  "\"%s\" has dtype %s; only f64 leaves can be varied finely enough", eddy_name_of(x),
                                  eddy_dtype_name(eddy_var_dtype(x)));
    }
    if (c->options.order < 1 || c->options.order > EDDY_CHECK_ORDERS)
        return eddy_tape_fail(tape, c->site, "gradcheck", "order %d is not 1 or 2", c->options.order);
    if (!(c->options.low < c->options.high) || !isfinite(c->options.high - c->options.low))
        return eddy_tape_fail(tape, c->site, "gradcheck", "the range of values %g to %g is not one", c->options.low,
                              c->options.high);
    return c->options.max_elements >= 0 || eddy_check_fail(c, "max_elements is negative");
}

static void put_back(eddy_check *c)
{
    eddy_tape *tape = c->tape;
    eddy_program_free(c->claims);
    for (int k = 0; k < EDDY_CHECK_LEVELS; k++)
        eddy_program_free(c->levels[k].program);
    while (tape->leaf_count > c->leaves)
        eddy_leaf_free(tape->leaves[--tape->leaf_count]);
    for (int32_t i = 0; c->versions && c->drawn && i < c->leaves; i++) {
        eddy_leaf *leaf = tape->leaves[i];
        leaf->version = c->versions[i];
        if (c->drawn[i] && eddy_tensor_count(&leaf->value))
            memcpy(leaf->value.data, c->drawn[i],
                   (size_t)eddy_tensor_count(&leaf->value) * eddy_dtype_size(leaf->value.dtype));
        eddy_free(c->drawn[i]);
    }
    tape->clock++; /* values computed before are looked at again, and found to be as new as their leaves */
    eddy_free(c->versions);
    eddy_free(c->drawn);
    eddy_check_forget_claim(c);
}

static bool check(eddy_check *c, eddy_var loss, eddy_gradcheck_report *report)
{
    eddy_tape *tape = c->tape;
    c->options.order = c->options.order ? c->options.order : c->claim ? 1 : 2;
    c->options.seed = c->options.seed ? c->options.seed : 1;
    if (c->options.low == 0 && c->options.high == 0) {
        c->options.low = -1;
        c->options.high = 1;
    }
    if (!check_arguments(c, loss, report))
        return false;
    int64_t elements = 0;
    for (int64_t k = 0; k < c->wrt.count; k++)
        elements += eddy_shape_count(eddy_var_shape(c->wrt.items[k]));
    if (!elements)
        return eddy_gradcheck_conclude(c, report);
    eddy_mark mark = eddy_mark_now(tape);
    bool eager = tape->eager;
    tape->eager = false;
    c->versions = eddy_allocate((size_t)c->leaves + 1, sizeof *c->versions);
    c->drawn = eddy_allocate((size_t)c->leaves + 1, sizeof *c->drawn);
    for (int32_t i = 0; c->versions && i < c->leaves; i++)
        c->versions[i] = tape->leaves[i]->version;
    bool done = (c->versions && c->drawn) || eddy_check_no_memory(c);
    done = done && draw_unset(c, loss) && prepare(c, loss) && (!c->claim || eddy_check_claim(c)) &&
           eddy_witness_repeat(c) && compare(c, report) && eddy_witness_ask(c, report) &&
           eddy_gradcheck_conclude(c, report);
    eddy_status error = tape->error;
    put_back(c);
    tape->eager = eager;
    eddy_reset(tape, mark);
    if (!done) { /* the reset took the sentence with the nodes */
        eddy_gradcheck_free(report);
        eddy_status_fail(&tape->error, "%s", error.text);
        tape->error_event = ++tape->event;
    }
    return done;
}

static bool begin(eddy_check *c, eddy_site site, eddy_var loss, eddy_list wrt, const eddy_gradcheck_options *options,
                  eddy_gradcheck_report *report)
{
    if (report)
        *report = (eddy_gradcheck_report){ .verdict = EDDY_NOT_CHECKED };
    eddy_tape *tape = eddy_begin(site, "gradcheck", 1, &loss);
    if (!tape)
        return false;
    *c = (eddy_check){ .tape = tape,
                       .site = site,
                       .wrt = wrt,
                       .options = options ? *options : (eddy_gradcheck_options){ 0 },
                       .leaves = tape->leaf_count,
                       .nodes = tape->count };
    return true;
}

bool eddy_gradcheck_at(eddy_site site, eddy_var loss, eddy_list wrt, const eddy_gradcheck_options *options,
                       eddy_gradcheck_report *report)
{
    eddy_check c;
    return begin(&c, site, loss, wrt, options, report) && check(&c, loss, report);
}

bool eddy_gradcheck_claim_at(eddy_site site, eddy_var loss, eddy_list wrt, eddy_claim claim, void *context,
                             const eddy_gradcheck_options *options, eddy_gradcheck_report *report)
{
    eddy_check c;
    if (!begin(&c, site, loss, wrt, options, report))
        return false;
    c.claim = claim;
    c.context = context;
    if (!claim)
        return eddy_check_fail(&c, "there is no claim to check (NULL)");
    if (c.options.order > 1)
        return eddy_check_fail(
            &c, "a claim is a first derivative; order 2 checks the tape's own gradient (eddy_gradcheck)");
    return check(&c, loss, report);
}
