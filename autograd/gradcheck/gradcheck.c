/* The gradient checker: what is compiled, whose values change and come back, and which elements are looked at.
 *
 * Level 0 is the loss y0. Level k + 1 is y[k+1] = <gradient of y[k], direction>, a function of the same leaves. Order k
 * compares the tape's gradient of y[k-1] with Ridders' derivative of y[k-1]. levels.c bounds how y[k] rounds, which
 * numerical.c turns into an error of the numerical derivative; and because y[k+1] adds up the elements of the claimed
 * gradient with weights of size 0.5 or more, twice its rounding bounds the rounding of each of them. That is all that
 * the tolerance is made of, beside Ridders' estimate. A user's claim may add up in another order than the tape: it is
 * allowed four times that bound. */
#include "gradcheck_internal.h"
#include "composed.h"
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

unsigned char *eddy_check_below(const eddy_check *c, const eddy_var *y, int64_t count)
{
    int32_t nodes = c->tape->count;
    unsigned char *needed = eddy_allocate((size_t)nodes + (size_t)c->tape->leaf_count, 1);
    if (!needed) {
        eddy_check_no_memory(c);
        return NULL;
    }
    eddy_mark_needed(c->tape, count, y, EDDY_READ_VALUES, needed, needed + nodes);
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
    unsigned char *needed = eddy_check_below(c, &loss, 1);
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

/* One program gives every claim and every noise; one for each order gives its y for many values of the leaves. */
static bool prepare(eddy_check *c, eddy_var loss)
{
    eddy_tape *tape = c->tape;
    int order = c->options.order;
    c->levels[0].y = loss;
    for (int k = 0; k <= order; k++) {
        eddy_check_level *at = &c->levels[k], *before = at - 1;
        if (k) {
            before->direction = eddy_check_direction(c, before->gradient, k);
            at->y = tape->error.text[0] ? eddy_failed(tape) : eddy_dot(before->gradient, before->direction);
        }
        if (tape->error.text[0] || !eddy_check_record_level(c, at, k == order))
            return false;
    }
    if (!eddy_witness_record(c))
        return false;
    eddy_list outputs = eddy_list_join(tape, eddy_list_new(tape, NULL, 0), c->zero);
    for (int k = 0; k <= order; k++) {
        const eddy_check_level *at = &c->levels[k];
        outputs = eddy_list_join(tape, outputs, EDDY_LIST(at->y, at->sizes));
        outputs = eddy_list_join(tape, outputs, at->gradient);
        if (at->along.tape)
            outputs = eddy_list_join(tape, outputs, EDDY_LIST(at->along));
    }
    c->claims = eddy_compile_at(c->site, tape, outputs, (eddy_list){ 0 });
    bool done = !tape->error.text[0] && eddy_run_at(c->site, c->claims);
    for (int k = 0; done && k < order; k++) {
        eddy_check_level *at = &c->levels[k];
        at->program = eddy_compile_at(c->site, tape, EDDY_LIST(at->y, at->change), (eddy_list){ 0 });
        done = at->program && eddy_check_hold(c, at) && eddy_branches_record(c, at);
    }
    return done;
}

/* ---- What is claimed ---- */

const eddy_tensor *eddy_check_by_tape(const eddy_check *c, int order, int64_t k)
{
    return eddy_output_tensor(c->claims, c->levels[order - 1].gradient.items[k]);
}

const eddy_tensor *eddy_check_claimed(const eddy_check *c, int order, int64_t k)
{
    return c->claimed && order == 1 ? &c->claimed[k] : eddy_check_by_tape(c, order, k);
}

double eddy_check_claim_noise(const eddy_check *c, int order, int64_t k)
{
    return (c->claim ? 8 : 2) * eddy_check_noise(c, order, k);
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
        eddy_check_forget_level(&c->levels[k]);
    eddy_rounding_forget(c);
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
    int32_t ran = tape->ran; /* the checker's own programs are none of the user's */
    tape->eager = false;
    c->versions = eddy_allocate((size_t)c->leaves + 1, sizeof *c->versions);
    c->drawn = eddy_allocate((size_t)c->leaves + 1, sizeof *c->drawn);
    for (int32_t i = 0; c->versions && i < c->leaves; i++)
        c->versions[i] = tape->leaves[i]->version;
    bool done = (c->versions && c->drawn) || eddy_check_no_memory(c);
    done = done && draw_unset(c, loss) && prepare(c, loss) && (!c->claim || eddy_check_claim(c)) &&
           eddy_witness_repeat(c) && eddy_check_compare(c, report) && eddy_witness_ask(c, report) &&
           eddy_gradcheck_conclude(c, report);
    eddy_status error = tape->error;
    put_back(c);
    tape->eager = eager;
    tape->ran = ran;
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
    eddy_tape *tape = loss.tape ? loss.tape : eddy_list_tape(wrt);
    if (!eddy_list_ok_at(site, tape, "gradcheck", wrt))
        return false;
    if (!eddy_begin(site, "gradcheck", 1, &loss))
        return eddy_tape_fail(tape, site, "gradcheck", "the loss is no var ({0}): was it ever set?");
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

bool eddy_gradcheck_claim_at(eddy_site site, eddy_var loss, eddy_list wrt, eddy_claim claim,
                             const eddy_gradcheck_options *options, eddy_gradcheck_report *report)
{
    eddy_check c;
    if (!begin(&c, site, loss, wrt, options, report))
        return false;
    c.claim = claim;
    if (!claim)
        return eddy_check_fail(&c, "there is no claim to check (NULL)");
    if (c.options.order > 1)
        return eddy_check_fail(
            &c, "a claim is a first derivative; order 2 checks the tape's own gradient (eddy_gradcheck)");
    return check(&c, loss, report);
}
