/* Every optimiser with every option against a loop over scalars and against PyTorch 2.13's numbers, in both precisions;
 * clipping by value; options that are refused. SGD and Adam without options have tests of their own in test_optim.c. */
#include "optim_scene.h"

/* Elements 0, 2 and 5 after 25 steps in f64 by torch.optim 2.13. */
static const double pytorch[KINDS][3] = {
    { -0.06401085891953671, -0.22416526412646193, 0.22653094539130597 },
    { -0.04847661236324065, 0.06312270016450268, 0.0028244966548032946 },
    { 0.12515888620869198, -0.33147705169577213, 0.3136150123142794 },
    { 0.4523861223474528, -0.4737347779176037, 0.5851597634129198 },
    { 0.7640147595372543, -0.6645566282994425, 0.7788293195911516 },
    { 0.4453643152519031, -0.46840145736153216, 0.5792757771359658 },
    { 0.9361150971355877, -0.810875321014155, 0.9301251480663154 },
    { 0.7135603008865422, -0.6425612565965001, 0.7567064801743518 },
    { 0.5269694044940186, -0.42129432409131123, 0.5323251741673279 },
    { 0.5895622169386517, -0.49464474024593424, 0.6039763587498975 },
    { 0.5278951965696361, -0.4200053269697848, 0.529903717212935 },
    { 0.48781382738500856, -0.36539086947340277, 0.4464962269302364 },
};

START_TEST(trajectories)
{
    for (int kind = 0; kind < KINDS; kind++) {
        scene s = scene_new(EDDY_F64);
        eddy_list updates = optimise(&s, kind);
        OK(s.tape);
        eddy_program *program = eddy_compile(s.tape, EDDY_NONE, updates);
        double p[SIZE];
        memory m[SIZE] = { { 0, 0, 0 } };
        ck_assert(eddy_get(s.p, p, sizeof p));
        for (int step = 0; step < STEPS; step++) {
            train(&s, program, step, step + 1);
            for (int i = 0; i < SIZE; i++) {
                double d = p[i] - target(step, i);
                p[i] = step_of(kind, step + 1, p[i], 4 * d * d * d, &m[i]);
                ck_assert_msg(fabs(at(s.p, i) - p[i]) <= 1e-12, "%s (%d), step %d: %.17g, not %.17g", names[kind], kind,
                              step, at(s.p, i), p[i]);
            }
        }
        for (int k = 0; k < 3; k++)
            ck_assert_msg(fabs(at(s.p, (int[]){ 0, 2, 5 }[k]) - pytorch[kind][k]) <= 1e-12,
                          "%s (%d) and PyTorch: %.17g, not %.17g", names[kind], kind, at(s.p, (int[]){ 0, 2, 5 }[k]),
                          pytorch[kind][k]);
        eddy_tape_free(s.tape);
    }
}
END_TEST

/* In f32 the same path within rounding: the scalar factors are f64, the elements f32. */
START_TEST(single_precision)
{
    for (int kind = 0; kind < KINDS; kind++) {
        scene one = scene_new(EDDY_F32), two = scene_new(EDDY_F64);
        train(&one, eddy_compile(one.tape, EDDY_NONE, optimise(&one, kind)), 0, STEPS);
        train(&two, eddy_compile(two.tape, EDDY_NONE, optimise(&two, kind)), 0, STEPS);
        for (int i = 0; i < SIZE; i++)
            ck_assert_msg(fabs(at(one.p, i) - at(two.p, i)) < 1e-4, "%s (%d): %g and %g", names[kind], kind,
                          at(one.p, i), at(two.p, i));
        char lr[32];
        snprintf(lr, sizeof lr, "%s.lr", names[kind]);
        ck_assert_int_eq(eddy_dtype_of(eddy_find(one.tape, lr)), EDDY_F64);
        eddy_tape_free(one.tape);
        eddy_tape_free(two.tape);
    }
}
END_TEST

/* Centered RMSprop where v - m^2 is zero but for rounding: no NaN. */
START_TEST(centered_with_a_constant_gradient)
{
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++) {
        eddy_tape *tape = eddy_tape_new((eddy_dtype)dtype, 1);
        eddy_tensor start = random_tensor(EDDY_F64, EDDY_SHAPE(50), 0.1, 3);
        eddy_var p = eddy_parameter(tape, "p", &start), g = eddy_constant(tape, eddy_value(p));
        eddy_list updates =
            eddy_rmsprop(EDDY_LIST(p), EDDY_LIST(g), &(eddy_rmsprop_options){ .alpha = 0.5, .centered = true });
        eddy_program *program = eddy_compile(tape, EDDY_NONE, updates);
        OK(tape);
        for (int step = 0; step < 200; step++)
            ck_assert(eddy_run(program));
        for (int i = 0; i < 50; i++)
            ck_assert(isfinite(at(p, i)));
        eddy_tensor_free(&start);
        eddy_tape_free(tape);
    }
}
END_TEST

/* Parameters without elements, and two recordings that share their states. */
START_TEST(empty_and_shared)
{
    for (int kind = 0; kind < KINDS; kind++) {
        scene s = scene_new(EDDY_F64), once = scene_new(EDDY_F64);
        eddy_program *both[2];
        int64_t leaves[2];
        for (int k = 0; k < 2; k++) {
            both[k] = eddy_compile(s.tape, EDDY_NONE, optimise(&s, kind));
            leaves[k] = eddy_leaf_count(s.tape, EDDY_STATE);
        }
        OK(s.tape);
        ck_assert_int_eq(leaves[0], leaves[1]);
        eddy_program *one = eddy_compile(once.tape, EDDY_NONE, optimise(&once, kind));
        for (int step = 0; step < 6; step++) {
            train(&s, both[step % 2], step, step + 1);
            train(&once, one, step, step + 1);
        }
        check_same(s.p, once.p);
        ck_assert_int_eq(eddy_optimiser_states(s.tape, names[kind]).count, leaves[0]);
        eddy_tape_free(s.tape);
        eddy_tape_free(once.tape);

        eddy_tape *tape = eddy_tape_new(EDDY_F32, 1);
        eddy_tensor none = random_tensor(EDDY_F32, EDDY_SHAPE(0, 3), 0, 1);
        eddy_var p = eddy_parameter(tape, "p", &none);
        scene empty = { .tape = tape, .p = p, .params = EDDY_LIST(p), .grads = EDDY_LIST(p) };
        eddy_program *program = eddy_compile(tape, EDDY_NONE, optimise(&empty, kind));
        OK(tape);
        ck_assert(eddy_run(program));
        eddy_tensor_free(&none);
        eddy_tape_free(tape);
    }
}
END_TEST

/* ---- Clipping by value ---- */

START_TEST(clipping_by_value)
{
    eddy_tape *tape = eddy_tape_new(EDDY_F64, 1);
    eddy_var a = VECTOR(tape, -3, -1, -0.5, 0, 0.5, 1, 7), b = VECTOR(tape, NAN, INFINITY);
    eddy_list grads = EDDY_LIST(a, b), clipped = grads;
    eddy_clip_grad_value(&clipped, 1);
    OK(tape);
    ck_assert(clipped.items != grads.items && clipped.count == 2);
    VALUES(clipped.items[0], -1, -1, -0.5, 0, 0.5, 1, 1);
    ck_assert(isnan(at(clipped.items[1], 0)) && at(clipped.items[1], 1) == 1);
    eddy_var x = input(tape, EDDY_SHAPE(9), -2, 2);
    eddy_list of_x = EDDY_LIST(eddy_mul(x, eddy_square(x)));
    eddy_clip_grad_value(&of_x, 1.5);
    check_gradient(weighted(of_x.items[0]), EDDY_LIST(x), 2);
    FAILS(tape, eddy_clip_grad_value(&clipped, 0), "clip_grad_value: limit must be above 0");
    FAILS(tape, eddy_clip_grad_value(&clipped, NAN), "clip_grad_value: limit must be above 0");
    eddy_clip_grad_value(NULL, 1);
    eddy_clip_grad_value(&(eddy_list){ 0 }, 1);
    OK(tape);
    eddy_tape_free(tape);
}
END_TEST

/* ---- Mistakes ---- */

START_TEST(mistakes)
{
    scene s = scene_new(EDDY_F64);
    int64_t leaves = eddy_leaf_count(s.tape, EDDY_STATE);
#define REFUSED(sentence, name, options, ...)                                                                          \
    FAILS(s.tape, eddy_##name(s.params, s.grads, &(eddy_##options##_options){ __VA_ARGS__ }), sentence)
    REFUSED("sgd: lr is -1; it must be a finite number, at least 0", sgd, sgd, .lr = -1);
    REFUSED("sgd: lr is nan", sgd, sgd, .lr = NAN);
    REFUSED("sgd: momentum is -0.5", sgd, sgd, .momentum = -0.5);
    REFUSED("sgd: weight_decay is inf", sgd, sgd, .weight_decay = INFINITY);
    REFUSED("sgd: nesterov needs a momentum and no dampening; they are 0 and 0", sgd, sgd, .nesterov = true);
    REFUSED("sgd: nesterov needs", sgd, sgd, .nesterov = true, .momentum = 0.9, .dampening = 0.1);
    REFUSED("rmsprop: alpha is 1; it must be at least 0 and below 1", rmsprop, rmsprop, .alpha = 1);
    REFUSED("rmsprop: eps is -1", rmsprop, rmsprop, .eps = -1);
    REFUSED("adagrad: lr_decay is -1", adagrad, adagrad, .lr_decay = -1);
    REFUSED("adagrad: initial is -1", adagrad, adagrad, .initial = -1);
    REFUSED("adam: beta1 is 1; it must be at least 0 and below 1", adam, adam, .beta1 = 1);
    REFUSED("adam: weight_decay is -1", adam, adam, .weight_decay = -1);
    REFUSED("adamw: beta2 is -0.1", adamw, adam, .beta2 = -0.1);
    ck_assert_int_eq(eddy_leaf_count(s.tape, EDDY_STATE), leaves);
    FAILS(s.tape, eddy_adamw(s.params, EDDY_NONE, NULL), "adamw: 1 parameters have 0 gradients");
    FAILS(s.tape, eddy_rmsprop(EDDY_LIST(s.x), s.grads, NULL), "rmsprop: item 1 of the parameters is none");
    FAILS(s.tape, eddy_optimiser_states(s.tape, "adam"),
          "there is no state whose name begins with \"adam.\"; record the optimiser first");
    FAILS(s.tape, eddy_optimiser_states(s.tape, NULL), "there is no state");

    /* weight_decay < 0: no decay */
    eddy_adamw(s.params, s.grads, &(eddy_adam_options){ .weight_decay = -1 });
    OK(s.tape);
    /* "adam" is not the beginning of "adamw." */
    FAILS(s.tape, eddy_optimiser_states(s.tape, "adam"), "there is no state");
    eddy_tape_free(s.tape);
}
END_TEST

Suite *suite_optimisers(void)
{
    Suite *suite = suite_create("optimisers");
    TCase *tests = tcase_create("optimisers");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, trajectories);
    tcase_add_test(tests, single_precision);
    tcase_add_test(tests, centered_with_a_constant_gradient);
    tcase_add_test(tests, empty_and_shared);
    tcase_add_test(tests, clipping_by_value);
    tcase_add_test(tests, mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
