/* Rounding as it is, element by element, instead of a bound: everything is computed several times more with every
 * result off by a random few units in the last place (Monte Carlo arithmetic: Parker 1997), and the spread is looked
 * at. Asked only where something hangs on it: before a witness accuses, and where a claim differs from the tape's
 * gradient by less than a numerical derivative can tell. */
#include "gradcheck_internal.h"
#include "random.h"

#include <float.h>
#include <math.h>

enum { TIMES = 6 };

typedef struct eddy_rounding {
    double *spread[EDDY_CHECK_ORDERS]; /* of the elements of all of wrt, one after the other */
    double adjoint[EDDY_CHECK_ORDERS];
} eddy_rounding;

/* ---- Recording with every result disturbed ---- */

/* Factors near 1: leaves, and how far they are from 1. */
typedef struct factors {
    eddy_check *c;
    int32_t first, count, room;
    double *size;
} factors;

/* z times 1 +- size: four units in the last place, more where a sum of n terms reads it. */
static eddy_var disturbed(factors *f, eddy_var z, double units)
{
    eddy_tape *tape = f->c->tape;
    if (!eddy_grow((void **)&f->size, &f->room, f->count, sizeof *f->size)) {
        eddy_check_no_memory(f->c);
        return eddy_failed(tape);
    }
    eddy_tensor ones = { 0 };
    eddy_status status = { 0 };
    if (!eddy_tensor_new(&ones, eddy_var_dtype(z), *eddy_var_shape(z), &status)) {
        eddy_check_fail(f->c, status.text);
        return eddy_failed(tape);
    }
    eddy_var factor = eddy_leaf_new(tape, f->c->site, EDDY_CONSTANT, NULL, &ones, &ones);
    f->size[f->count++] = units * (ones.dtype == EDDY_F32 ? (double)FLT_EPSILON : DBL_EPSILON);
    eddy_tensor_free(&ones);
    return eddy_mul(z, factor);
}

static eddy_var disturb_operand(void *context, const eddy_node *reader, int32_t k, eddy_var operand)
{
    factors *f = context;
    double n = eddy_dtype_is_float(reader->dtype) && !reader->rule->view ? eddy_check_fold(f->c->tape, reader) : 1;
    (void)k;
    return n > 1 && eddy_dtype_is_float(eddy_var_dtype(operand)) ? disturbed(f, operand, 4 * sqrt(n)) : operand;
}

static eddy_var disturb_result(void *context, const eddy_node *node, eddy_var copy)
{
    bool rounds = eddy_dtype_is_float(node->dtype) && !node->rule->view && node->count;
    return rounds ? disturbed(context, copy, 4) : copy;
}

static bool draw(const factors *f, int time)
{
    eddy_tape *tape = f->c->tape;
    eddy_status status = { 0 };
    for (int32_t i = 0; i < f->count; i++) {
        eddy_leaf *leaf = tape->leaves[f->first + i];
        eddy_random random = { .seed = f->c->options.seed, .stream = ((uint64_t)(TIMES + time) << 40) + (uint64_t)i };
        if (!eddy_fill_uniform(&leaf->value, random, 1 - f->size[i], 1 + f->size[i], &status))
            return eddy_check_fail(f->c, status.text);
        leaf->version = ++tape->clock;
    }
    return true;
}

/* ---- Measuring ---- */

static eddy_var copied(const eddy_var *copy, eddy_var z)
{
    return z.index >= 0 ? copy[z.index] : z;
}

static void spread_of(eddy_check *c, const eddy_program *program, const eddy_var *copy)
{
    for (int order = 1; order <= c->options.order; order++) {
        const eddy_check_level *at = &c->levels[order - 1];
        double *spread = c->rounding->spread[order - 1], apart = 0, was = 0;
        for (int64_t k = 0; k < c->wrt.count; k++) {
            const eddy_tensor *g = eddy_check_by_tape(c, order, k),
                              *moved = eddy_output_tensor(program, copied(copy, at->gradient.items[k])),
                              *d = &eddy_leaf_at(c->tape, at->direction.items[k].index)->value;
            for (int64_t i = 0; moved && i < eddy_tensor_count(g); i++, spread++) {
                double now = eddy_tensor_flat(moved, i), off = fabs(now - eddy_tensor_flat(g, i));
                *spread = isfinite(off) ? fmax(*spread, off) : *spread;
                apart += now * eddy_tensor_flat(d, i);
                was += eddy_tensor_flat(g, i) * eddy_tensor_flat(d, i);
            }
        }
        if (!at->along.tape)
            continue;
        apart -= eddy_output(program, copied(copy, at->along));
        was -= eddy_output(c->claims, at->along);
        if (isfinite(apart - was))
            c->rounding->adjoint[order - 1] = fmax(c->rounding->adjoint[order - 1], fabs(apart - was));
    }
}

static bool allocate(eddy_check *c)
{
    int64_t elements = 1;
    for (int64_t k = 0; k < c->wrt.count; k++)
        elements += eddy_shape_count(eddy_var_shape(c->wrt.items[k]));
    c->rounding = eddy_allocate(1, sizeof *c->rounding);
    for (int order = 0; c->rounding && order < c->options.order; order++)
        if (!(c->rounding->spread[order] = eddy_allocate((size_t)elements, sizeof(double))))
            return eddy_check_no_memory(c);
    return c->rounding || eddy_check_no_memory(c);
}

bool eddy_rounding_measure(eddy_check *c)
{
    eddy_tape *tape = c->tape;
    if (c->rounding)
        return true;
    factors f = { .c = c, .first = tape->leaf_count };
    eddy_list wanted = eddy_list_new(tape, NULL, 0);
    for (int order = 0; order < c->options.order; order++) {
        wanted = eddy_list_join(tape, wanted, c->levels[order].gradient);
        if (c->levels[order].along.tape)
            wanted = eddy_list_join(tape, wanted, EDDY_LIST(c->levels[order].along));
    }
    if (tape->error.text[0] || !allocate(c))
        return false;
    eddy_var *copy =
        eddy_check_copy(c, wanted.items, wanted.count,
                        &(eddy_copy_changes){ .context = &f, .operand = disturb_operand, .result = disturb_result });
    eddy_list moved = eddy_list_new(tape, wanted.items, copy ? wanted.count : 0);
    for (int64_t i = 0; i < moved.count; i++)
        moved.items[i] = copied(copy, moved.items[i]);
    eddy_program *program = copy ? eddy_compile_at(c->site, tape, moved, (eddy_list){ 0 }) : NULL;
    bool done = program;
    for (int time = 0; done && time < TIMES; time++) {
        done = draw(&f, time) && eddy_run_at(c->site, program);
        if (done)
            spread_of(c, program, copy);
    }
    eddy_program_free(program);
    eddy_free(copy);
    eddy_free(f.size);
    return done;
}

double eddy_rounding_of(const eddy_check *c, int order, int64_t k, int64_t i)
{
    const double *spread = c->rounding->spread[order - 1];
    for (int64_t j = 0; j < k; j++)
        spread += eddy_shape_count(eddy_var_shape(c->wrt.items[j]));
    return spread[i];
}

double eddy_rounding_of_adjoint(const eddy_check *c, int order)
{
    return c->rounding->adjoint[order - 1];
}

void eddy_rounding_forget(eddy_check *c)
{
    for (int order = 0; c->rounding && order < EDDY_CHECK_ORDERS; order++)
        eddy_free(c->rounding->spread[order]);
    eddy_free(c->rounding);
    c->rounding = NULL;
}
