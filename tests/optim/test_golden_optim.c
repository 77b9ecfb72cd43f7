/* Optimisers, clipping and schedules against PyTorch (golden/optim.json): the parameters after each of 20 steps on a
 * small problem, clipped gradients, the rates step by step. */
#include "test.h"

#ifdef EDDY_HAVE_JANSSON
#include "golden.h"

static json_t *element(const json_t *json, const char *key, size_t i)
{
    json_t *found = json_array_get(vectors_get(json, key), i);
    ck_assert_msg(found != NULL, "\"%s\" has no element %d", key, (int)i);
    return found;
}

/* ---- Trajectories ---- */

/* p^T A p / 2 - b^T p + sum over i of tanh(q p + s)_i (1 + sum over j of q_ij) */
static eddy_var objective(eddy_var p, eddy_var q, const json_t *problem)
{
    eddy_var A = golden_input(p.tape, "matrix", vectors_get(problem, "matrix"), EDDY_F64);
    eddy_var b = golden_input(p.tape, "linear", vectors_get(problem, "linear"), EDDY_F64);
    eddy_var s = golden_input(p.tape, "shift", vectors_get(problem, "shift"), EDDY_F64);
    eddy_var quadratic = eddy_sub(eddy_mul_scalar(eddy_matmul(p, eddy_matmul(A, p)), 0.5), eddy_matmul(b, p));
    eddy_var bent =
        eddy_mul(eddy_tanh(eddy_add(eddy_matmul(q, p), s)), eddy_add_scalar(eddy_sum_over(q, EDDY_SHAPE(1), false), 1));
    return eddy_add(quadratic, eddy_sum(bent));
}

static eddy_var start(eddy_tape *tape, const char *name, const json_t *json)
{
    array a = array_of(json);
    eddy_tensor value = eddy_tensor_wrap(a.data, EDDY_F64, a.shape);
    eddy_var p = eddy_parameter(tape, name, &value);
    free(a.data);
    return p;
}

static eddy_list optimiser(const char *name, const json_t *o, eddy_list params, eddy_list grads)
{
    double lr = golden_number(o, "lr"), decay = golden_number(o, "weight_decay"),
           momentum = golden_number(o, "momentum"), eps = golden_number(o, "eps");
    if (!strcmp(name, "sgd"))
        return eddy_sgd(params, grads,
                        &(eddy_sgd_options){ .lr = lr,
                                             .momentum = momentum,
                                             .dampening = golden_number(o, "dampening"),
                                             .weight_decay = decay,
                                             .nesterov = vectors_flag(o, "nesterov", false) });
    if (!strcmp(name, "rmsprop"))
        return eddy_rmsprop(params, grads,
                            &(eddy_rmsprop_options){ .lr = lr,
                                                     .alpha = golden_number(o, "alpha"),
                                                     .eps = eps,
                                                     .momentum = momentum,
                                                     .weight_decay = decay,
                                                     .centered = vectors_flag(o, "centered", false) });
    if (!strcmp(name, "adagrad"))
        return eddy_adagrad(params, grads,
                            &(eddy_adagrad_options){ .lr = lr,
                                                     .eps = eps,
                                                     .lr_decay = golden_number(o, "lr_decay"),
                                                     .weight_decay = decay,
                                                     .initial = golden_number(o, "initial") });
    eddy_adam_options adam = { .lr = lr,
                               .beta1 = golden_number(o, "beta1"),
                               .beta2 = golden_number(o, "beta2"),
                               .eps = eps,
                               .weight_decay = decay,
                               .amsgrad = vectors_flag(o, "amsgrad", false) };
    if (!strcmp(name, "adam"))
        return eddy_adam(params, grads, &adam);
    ck_assert_msg(!strcmp(name, "adamw"), "an optimiser of another name: %s", name);
    return eddy_adamw(params, grads, &adam);
}

static double trajectory(const json_t *c, const json_t *problem)
{
    golden g = { .name = golden_text(c, "name") };
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var p = start(tape, "p", element(c, "start", 0)), q = start(tape, "q", element(c, "start", 1)),
             loss = objective(p, q, problem);
    eddy_list params = eddy_parameters(tape), grads = eddy_gradients(loss, params);
    const json_t *clip = vectors_get(c, "clip");
    if (json_object_get(clip, "norm"))
        eddy_clip_grad_norm(&grads, golden_number(clip, "norm"));
    if (json_object_get(clip, "value"))
        eddy_clip_grad_value(&grads, golden_number(clip, "value"));
    eddy_list updates = optimiser(golden_text(c, "optimiser"), vectors_get(c, "options"), params, grads);
    eddy_program *step = eddy_compile(tape, EDDY_LIST(loss), updates);
    ck_assert_msg(step != NULL, "%s: %s", g.name, eddy_error(tape));

    /* The losses of all steps are one tensor, the parameters after each step another. */
    array losses = array_of(vectors_get(c, "losses")), steps = array_of(vectors_get(c, "steps"));
    eddy_tensor got = { 0 };
    ck_assert(steps.shape.rank == 2 && steps.shape.dim[1] == 9 && steps.shape.dim[0] == losses.count &&
              losses.count > 0);
    ck_assert(eddy_tensor_new(&got, EDDY_F64, losses.shape, NULL));
    for (int64_t k = 0; k < losses.count; k++) {
        char what[32];
        double both[9];
        ck_assert_msg(eddy_run(step), "%s: %s", g.name, eddy_error(tape));
        ((double *)got.data)[k] = eddy_output(step, loss);
        ck_assert(eddy_get(p, both, 3 * sizeof *both) && eddy_get(q, both + 3, 6 * sizeof *both));
        eddy_tensor values = eddy_tensor_wrap(both, EDDY_F64, EDDY_SHAPE(9));
        array want = { .shape = EDDY_SHAPE(9), .count = 9, .data = steps.data + 9 * k };
        snprintf(what, sizeof what, "step %d", (int)k);
        golden_check(&g, &values, &want, what);
    }
    golden_check(&g, &got, &losses, "losses");
    eddy_tensor_free(&got);
    free(losses.data);
    free(steps.data);
    eddy_tape_free(tape);
    return g.worst;
}

START_TEST(trajectories)
{
    json_t *file = golden_load("optim.json"), *c;
    int cases = 0;
    double worst = 0;
    size_t i;
    json_array_foreach(vectors_get(file, "trajectories"), i, c)
    {
        worst = fmax(worst, trajectory(c, element(file, "problem", 0)));
        cases++;
    }
    json_decref(file);
    golden_end("trajectories", cases, worst);
}
END_TEST

/* ---- Clipping ---- */

START_TEST(clipping)
{
    json_t *file = golden_load("optim.json"), *c;
    int cases = 0;
    double worst = 0;
    size_t i;
    json_array_foreach(vectors_get(file, "clips"), i, c)
    {
        golden g = { .name = golden_text(c, "kind") };
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_list grads = EDDY_LIST(golden_input(tape, "a", element(c, "grads", 0), EDDY_F64),
                                    golden_input(tape, "b", element(c, "grads", 1), EDDY_F64));
        if (!strcmp(g.name, "norm")) {
            eddy_var norm = eddy_clip_grad_norm(&grads, golden_number(c, "limit"));
            ck_assert(fabs(eddy_item(norm) - golden_number(c, "norm")) <= golden_tolerance * golden_number(c, "norm"));
        } else {
            eddy_clip_grad_value(&grads, golden_number(c, "limit"));
        }
        for (int64_t k = 0; k < 2; k++)
            golden_want(&g, grads.items[k], element(c, "clipped", (size_t)k), "data", k ? "second" : "first");
        golden_compare(&g, tape);
        golden_free(&g);
        eddy_tape_free(tape);
        worst = fmax(worst, g.worst);
        cases++;
    }
    json_decref(file);
    golden_end("clips", cases, worst);
}
END_TEST

/* ---- Schedules ---- */

/* A tape with an SGD of one parameter; its updates. */
static eddy_list scheduled(eddy_tape *tape, double lr)
{
    double zero = 0;
    eddy_tensor value = eddy_tensor_wrap(&zero, EDDY_F64, EDDY_SHAPE(1));
    eddy_var p = eddy_parameter(tape, "p", &value);
    return eddy_sgd(EDDY_LIST(p), EDDY_LIST(eddy_ones_like(p)), &(eddy_sgd_options){ .lr = lr });
}

static eddy_schedule_kind kind_of(const char *name)
{
    static const char *const names[] = { "constant", "step", "exponential", "cosine", "one_cycle" };
    int k = 0;
    while (k < 5 && strcmp(name, names[k]))
        k++;
    ck_assert_msg(k < 5, "a schedule of another name: %s", name);
    return (eddy_schedule_kind)k;
}

/* Rates as one tensor against the stored ones. */
static double check_rates(const char *name, double *rates, const array *want)
{
    golden g = { .name = name };
    eddy_tensor got = eddy_tensor_wrap(rates, EDDY_F64, want->shape);
    golden_check(&g, &got, want, "rates");
    return g.worst;
}

START_TEST(schedules)
{
    json_t *file = golden_load("optim.json"), *c;
    int cases = 0;
    double worst = 0;
    size_t i;
    json_array_foreach(vectors_get(file, "schedules"), i, c)
    {
        const json_t *o = vectors_get(c, "options");
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        eddy_list updates = scheduled(tape, golden_number(o, "lr"));
        eddy_list schedule = eddy_schedule(tape, "sgd",
                                           &(eddy_schedule_options){ .kind = kind_of(golden_text(c, "kind")),
                                                                     .lr = golden_number(o, "lr"),
                                                                     .every = vectors_integer(o, "every", 0),
                                                                     .gamma = golden_number(o, "gamma"),
                                                                     .total = vectors_integer(o, "total", 0),
                                                                     .low = golden_number(o, "low"),
                                                                     .rise = golden_number(o, "rise"),
                                                                     .start_factor = golden_number(o, "start_factor"),
                                                                     .end_factor = golden_number(o, "end_factor") });
        eddy_program *step = eddy_compile(tape, EDDY_NONE, eddy_list_join(tape, updates, schedule));
        ck_assert_msg(step != NULL, "%s", eddy_error(tape));
        eddy_var lr = eddy_find(tape, "sgd.lr"), p = eddy_find(tape, "p");
        array want = array_of(vectors_get(c, "rates"));
        double rates[64], before = 0;
        ck_assert(want.count > 0 && want.count <= 64);
        for (int64_t k = 0; k < want.count; k++) {
            rates[k] = eddy_item(lr);
            ck_assert_msg(eddy_run(step), "%s", eddy_error(tape));
            /* The step has used the rate that was there: the gradient is 1. */
            ck_assert(eddy_item(p) == before - rates[k]);
            before = eddy_item(p);
        }
        worst = fmax(worst, check_rates(golden_text(c, "kind"), rates, &want));
        free(want.data);
        eddy_tape_free(tape);
        cases++;
    }
    json_decref(file);
    golden_end("schedules", cases, worst);
}
END_TEST

START_TEST(plateaus)
{
    json_t *file = golden_load("optim.json"), *c;
    int cases = 0;
    double worst = 0;
    size_t i;
    json_array_foreach(vectors_get(file, "plateaus"), i, c)
    {
        const json_t *o = vectors_get(c, "options");
        eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
        scheduled(tape, golden_number(c, "lr"));
        eddy_plateau plateau = { .factor = golden_number(o, "factor"),
                                 .threshold = golden_number(o, "threshold"),
                                 .low = golden_number(o, "low"),
                                 .patience = vectors_integer(o, "patience", 0) };
        array metrics = array_of(vectors_get(c, "metrics")), want = array_of(vectors_get(c, "rates"));
        double rates[64], before = golden_number(c, "lr");
        ck_assert(want.count == metrics.count && want.count > 0 && want.count <= 64);
        for (int64_t k = 0; k < want.count; k++) {
            bool reduced = eddy_plateau_step(tape, "sgd", &plateau, metrics.data[k]);
            ck_assert_msg(!eddy_error(tape), "%s", eddy_error(tape));
            rates[k] = eddy_item(eddy_find(tape, "sgd.lr"));
            ck_assert_int_eq(reduced, rates[k] < before);
            before = rates[k];
        }
        worst = fmax(worst, check_rates("plateau", rates, &want));
        free(metrics.data);
        free(want.data);
        eddy_tape_free(tape);
        cases++;
    }
    json_decref(file);
    golden_end("plateaus", cases, worst);
}
END_TEST

#endif

Suite *suite_golden_optim(void)
{
    Suite *suite = suite_create("golden_optim");
    TCase *tests = tcase_create("PyTorch");
#ifdef EDDY_HAVE_JANSSON
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, trajectories);
    tcase_add_test(tests, clipping);
    tcase_add_test(tests, schedules);
    tcase_add_test(tests, plateaus);
#else
    printf("SKIPPED: optimisers against PyTorch (built without jansson)\n");
#endif
    suite_add_tcase(suite, tests);
    return suite;
}
