/* Claims about the gradient of a random loss: right ones computed in several ways, and wrong ones that differ from the
 * right one by more than any rounding. How much rounding that is, is seen from three computations of the gradient: by
 * the tape, by its forward mode, and by the tape beside the point. */
#include "stress.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void stress_claim(void *context, int64_t count, const eddy_tensor *const values[], const eddy_tensor gradients[])
{
    const stress *s = context;
    (void)values;
    for (int k = 0; k < count; k++)
        if (eddy_tensor_count(&gradients[k]))
            memcpy(gradients[k].data, s->claimed[k], (size_t)eddy_tensor_count(&gradients[k]) * sizeof(double));
}

static double *numbers(int64_t count)
{
    return calloc((size_t)(count ? count : 1), sizeof(double));
}

/* ---- The gradient, three times ---- */

static bool by_tape(const stress *s, eddy_list grads, double *to[])
{
    for (int k = 0; k < s->wrt.count; k++)
        if (!eddy_get(grads.items[k], to[k], (size_t)stress_count(s, k) * sizeof(double)))
            return false;
    return true;
}

/* One element at a time by differentiating twice. */
static bool by_forward_mode(const stress *s, double *to[])
{
    eddy_list directions = eddy_list_new(s->tape, NULL, s->wrt.count);
    for (int k = 0; k < s->wrt.count; k++) {
        eddy_tensor zeros = { 0 };
        char name[32];
        snprintf(name, sizeof name, "direction%d", (int)eddy_leaf_count(s->tape, EDDY_STATE));
        if (!eddy_tensor_new(&zeros, EDDY_F64, eddy_shape_of(s->wrt.items[k]), NULL))
            return false;
        directions.items[k] = eddy_state(s->tape, name, &zeros);
        eddy_tensor_free(&zeros);
    }
    eddy_list along = eddy_jvp(EDDY_LIST(s->loss), s->wrt, directions);
    eddy_program *program = along.count ? eddy_compile(s->tape, along, EDDY_NONE) : NULL;
    bool done = program;
    for (int k = 0; done && k < s->wrt.count; k++) {
        int64_t count = stress_count(s, k);
        double *direction = numbers(count);
        for (int64_t i = 0; done && i < count; i++) {
            direction[i] = 1;
            done = eddy_set(directions.items[k], direction, (size_t)count * sizeof *direction) && eddy_run(program);
            to[k][i] = done ? eddy_output(program, along.items[0]) : NAN;
            direction[i] = 0;
        }
        done = done && (!count || eddy_set(directions.items[k], direction, (size_t)count * sizeof *direction));
        free(direction);
    }
    return done;
}

/* Moves every element of every leaf by one or two units in the last place, to and fro. */
static bool nudge(const stress *s, double *kept[], bool back)
{
    bool done = true;
    for (int k = 0; done && k < s->wrt.count; k++) {
        int64_t count = stress_count(s, k);
        double *x = numbers(count);
        if (back)
            memcpy(x, kept[k], (size_t)count * sizeof *x);
        else
            done = eddy_get(s->wrt.items[k], kept[k], (size_t)count * sizeof *x);
        for (int64_t i = 0; !back && i < count; i++)
            x[i] = kept[k][i] * (1 + DBL_EPSILON * (double)(stress_below(5) - 2));
        done = done && eddy_set(s->wrt.items[k], x, (size_t)count * sizeof *x);
        free(x);
    }
    return done;
}

typedef struct three {
    double *tape[STRESS_LEAVES], *forward[STRESS_LEAVES];
    double *beside[STRESS_LEAVES]; /* of several nudges, what is farthest from `tape` */
    double *now[STRESS_LEAVES], *kept[STRESS_LEAVES];
} three;

enum { TIMES = 6 };

static void three_free(three *g)
{
    for (int k = 0; k < STRESS_LEAVES; k++) {
        free(g->tape[k]);
        free(g->forward[k]);
        free(g->beside[k]);
        free(g->now[k]);
        free(g->kept[k]);
    }
}

static bool keep_most(const stress *s, three *g)
{
    for (int k = 0; k < s->wrt.count; k++)
        for (int64_t i = 0; i < stress_count(s, k); i++) {
            double tape = g->tape[k][i], off = fabs(g->now[k][i] - tape);
            if (g->beside[k][i] == 0 || off > fabs(g->beside[k][i] - tape))
                g->beside[k][i] = g->now[k][i];
        }
    return true;
}

static bool compute(const stress *s, three *g)
{
    *g = (three){ 0 };
    for (int k = 0; k < s->wrt.count; k++) {
        int64_t count = stress_count(s, k);
        g->tape[k] = numbers(count);
        g->forward[k] = numbers(count);
        g->beside[k] = numbers(count);
        g->now[k] = numbers(count);
        g->kept[k] = numbers(count);
    }
    eddy_list grads = eddy_gradients(s->loss, s->wrt);
    bool done = !eddy_error(s->tape) && by_tape(s, grads, g->tape) && by_forward_mode(s, g->forward);
    for (int i = 0; done && i < TIMES; i++)
        done = nudge(s, g->kept, false) && by_tape(s, grads, g->now) && nudge(s, g->kept, true) && keep_most(s, g);
    return done;
}

/* How much of an element of this leaf may be rounding: the most that is seen in any of them. */
static double rounding(const stress *s, const three *g, int k)
{
    double most = 0;
    for (int64_t i = 0; i < stress_count(s, k); i++) {
        double apart = fabs(g->tape[k][i] - g->forward[k][i]), beside = fabs(g->tape[k][i] - g->beside[k][i]);
        most = fmax(most, fmax(isfinite(apart) ? apart : 0, isfinite(beside) ? beside : 0));
    }
    return most;
}

static bool finite(const stress *s, const three *g)
{
    for (int k = 0; k < s->wrt.count; k++)
        for (int64_t i = 0; i < stress_count(s, k); i++)
            if (!isfinite(g->tape[k][i]))
                return false;
    return true;
}

static void take(stress *s, double *from[])
{
    for (int k = 0; k < s->wrt.count; k++) {
        size_t bytes = (size_t)stress_count(s, k) * sizeof(double);
        free(s->claimed[k]);
        s->claimed[k] = numbers(stress_count(s, k));
        memcpy(s->claimed[k], from[k], bytes);
    }
}

bool stress_claim_right(stress *s, const char **how)
{
    three g;
    bool done = compute(s, &g) && finite(s, &g);
    int64_t way = stress_below(4);
    *how = way == 0 ? "the tape's" : way == 1 ? "rounded again" : "by forward mode";
    for (int k = 0; done && k < s->wrt.count; k++)
        for (int64_t i = 0; i < stress_count(s, k); i++) {
            if (way == 1)
                g.tape[k][i] *= 1 + DBL_EPSILON * (double)(stress_below(9) - 4);
            else if (way > 1 && isfinite(g.forward[k][i]))
                g.tape[k][i] = g.forward[k][i];
        }
    if (done)
        take(s, g.tape);
    three_free(&g);
    return done;
}

/* ---- Spoiling ---- */

static double *copy_of(const double *x, int64_t n)
{
    double *copy = numbers(n);
    memcpy(copy, x, (size_t)n * sizeof *copy);
    return copy;
}

static const char *scale_leaf(stress *s, int k, double factor, const char *how)
{
    for (int64_t i = 0; i < stress_count(s, k); i++)
        s->claimed[k][i] *= factor;
    return how;
}

static const char *scale_all(stress *s, double factor, const char *how)
{
    for (int k = 0; k < s->wrt.count; k++)
        scale_leaf(s, k, factor, how);
    return how;
}

/* The array of the leaf read as one of `from` rows, written with rows and columns exchanged. */
static const char *transpose(stress *s, int k)
{
    eddy_shape shape = eddy_shape_of(s->wrt.items[k]);
    int64_t n = stress_count(s, k), rows = shape.rank ? shape.dim[0] : 1;
    double *kept = copy_of(s->claimed[k], n);
    for (int64_t i = 0; i < n; i++)
        s->claimed[k][i % (n / rows) * rows + i / (n / rows)] = kept[i];
    free(kept);
    return "transposed";
}

static const char *shift(stress *s, int k)
{
    eddy_shape shape = eddy_shape_of(s->wrt.items[k]);
    int64_t n = stress_count(s, k), row = shape.rank ? n / shape.dim[0] : n;
    double *kept = copy_of(s->claimed[k], n);
    for (int64_t i = 0; i < n; i++)
        s->claimed[k][(i + row) % n] = kept[i];
    free(kept);
    return "shifted by one step";
}

static const char *exchange(stress *s, int k)
{
    int other = (int)stress_below(s->wrt.count);
    int64_t i = stress_below(stress_count(s, k)), j = stress_below(stress_count(s, other));
    double a = s->claimed[k][i];
    s->claimed[k][i] = s->claimed[other][j];
    s->claimed[other][j] = a;
    return other == k ? "two elements exchanged" : "elements exchanged between leaves";
}

/* The gradient of one term is left out. */
static const char *drop_term(stress *s)
{
    if (s->terms < 2)
        return NULL;
    eddy_list grads = eddy_gradients(s->term[stress_below(s->terms)], s->wrt);
    for (int k = 0; k < s->wrt.count; k++) {
        double *part = numbers(stress_count(s, k));
        if (eddy_get(grads.items[k], part, (size_t)stress_count(s, k) * sizeof *part))
            for (int64_t i = 0; i < stress_count(s, k); i++)
                s->claimed[k][i] -= part[i];
        free(part);
    }
    return "a term of the loss dropped";
}

static const char *spoil(stress *s)
{
    int k = (int)stress_below(s->wrt.count);
    int64_t n = stress_count(s, k), i = stress_below(n);
    double *g = s->claimed[k], largest = 0;
    for (int64_t j = 0; j < n; j++)
        largest = fmax(largest, fabs(g[j]));
    switch (stress_below(16)) {
    case 0:
        return scale_all(s, -1, "every sign");
    case 1:
        return scale_leaf(s, k, -1, "a leaf's sign");
    case 2:
        return scale_leaf(s, k, 2, "a leaf times 2");
    case 3:
        return scale_leaf(s, k, 1 / (double)(n + 1), "a leaf divided by a count");
    case 4:
        return scale_all(s, 1.01, "1% too large");
    case 5:
        return scale_leaf(s, k, 1 + 1e-4, "a leaf 1e-4 too large");
    case 6:
        return scale_leaf(s, k, 0, "a leaf zero");
    case 7:
        return transpose(s, k);
    case 8:
        return shift(s, k);
    case 9:
        return exchange(s, k);
    case 10:
        g[i] *= -1;
        return "one element's sign";
    case 11:
        g[i] = 0;
        return "one element zero";
    case 12:
        g[i] *= 1.01;
        return "one element 1% too large";
    case 13:
        g[i] += 0.01 * largest;
        return "one element off by 1% of the largest";
    case 14:
        for (int64_t j = 0; j < n; j++)
            g[j] = j % 2 ? g[j] : 0.5 * g[j];
        return "every other element halved";
    default:
        return drop_term(s);
    }
}

/* Is some element wrong beyond rounding, and by more than a checker can be asked to see? */
static bool matters(const stress *s, const three *g)
{
    for (int k = 0; k < s->wrt.count; k++)
        for (int64_t i = 0; i < stress_count(s, k); i++) {
            double off = fabs(s->claimed[k][i] - g->tape[k][i]);
            if (off > 0.5e-4 * fabs(g->tape[k][i]) && off > 1e3 * rounding(s, g, k) && off > 1e-290)
                return true;
        }
    return false;
}

bool stress_claim_wrong(stress *s, const char **how)
{
    enum { TRIES = 20 };
    three g;
    bool found = false, done = s->wrt.count && compute(s, &g) && finite(s, &g);
    for (int i = 0; done && !found && i < TRIES; i++) {
        take(s, g.tape);
        *how = spoil(s);
        found = *how && !eddy_error(s->tape) && matters(s, &g);
    }
    if (s->wrt.count)
        three_free(&g);
    return found;
}

/* ---- Wrong by the tape ---- */

static eddy_var with_derivative_of(eddy_var w, eddy_var y)
{
    return eddy_add(w, eddy_detach(eddy_sub(y, w)));
}

/* The value and the gradient of y, but no second derivative. */
static eddy_var linear_part(const stress *s, eddy_var y)
{
    eddy_list grads = eddy_gradients(y, s->wrt);
    eddy_var linear = eddy_detach(y);
    for (int k = 0; k < s->wrt.count; k++) {
        eddy_var x = s->wrt.items[k];
        linear = eddy_add(linear, eddy_sum(eddy_mul(eddy_detach(grads.items[k]), eddy_sub(x, eddy_detach(x)))));
    }
    return linear;
}

/* The largest element of the gradient of y, or (order 2) of its sum's gradient, that rounding cannot explain; 0 if
 * there is none. */
static double size_of(const stress *s, eddy_var y, int order)
{
    eddy_list grads = eddy_gradients(y, s->wrt);
    double size = 0;
    if (order > 1) {
        eddy_var sum = eddy_full(s->tape, EDDY_SCALAR, 0);
        for (int k = 0; k < s->wrt.count; k++)
            sum = eddy_add(sum, eddy_sum(grads.items[k]));
        return size_of(s, sum, order - 1);
    }
    stress of_y = *s;
    of_y.loss = y;
    three g;
    bool done = compute(&of_y, &g);
    for (int k = 0; done && k < s->wrt.count; k++)
        for (int64_t i = 0; i < stress_count(s, k); i++)
            if (fabs(g.tape[k][i]) > 1e5 * rounding(s, &g, k))
                size = fmax(size, fabs(g.tape[k][i]));
    three_free(&g);
    return size;
}

bool stress_spoil_tape(stress *s, int order, const char **how)
{
    int which = (int)stress_below(s->terms);
    eddy_var y = s->term[which], rest = eddy_sub(s->loss, y);
    static const double factors[] = { -1, 0.5, 2, 1.01 };
    /* the part that is spoiled must show beside the rest: not by chance, but by its size */
    double part = size_of(s, y, order), whole = size_of(s, s->loss, order);
    if (eddy_error(s->tape) || !isfinite(whole) || !(part > 1e-4 * whole) || !(part > 1e-250))
        return false;
    /* what is differentiated in second order is the gradient, whose own rounding, of some 1e-13 after a long
     * recurrence, hides a smaller part */
    if (order == 2 && !(part > 1e-12 * size_of(s, s->loss, 1)))
        return false;
    if (order == 2) {
        *how = "a term's second derivative lost";
        s->loss = eddy_add(rest, linear_part(s, y));
    } else {
        *how = "a term's gradient times a factor";
        s->loss = eddy_add(rest, with_derivative_of(eddy_mul_scalar(y, factors[stress_below(4)]), y));
    }
    return !eddy_error(s->tape) && isfinite(eddy_item(s->loss));
}
