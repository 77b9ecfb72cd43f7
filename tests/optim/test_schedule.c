/* Schedules against their closed forms and PyTorch 2.13's OneCycleLR, step by step as a program sees them; the plateau
 * rule against a plain loop. */
#include "recording.h"

enum { STEPS = 60 };
static const double pi = 3.14159265358979323846;

typedef struct scene {
    eddy_tape *tape;
    eddy_list params, adam;
    eddy_var lr;
} scene;

static scene scene_new(eddy_dtype dtype)
{
    scene s = { .tape = eddy_tape_new(dtype, 1) };
    double one = 1;
    eddy_tensor start = eddy_tensor_wrap(&one, EDDY_F64, EDDY_SCALAR);
    eddy_var p = eddy_parameter(s.tape, "p", &start);
    s.params = eddy_parameters(s.tape);
    s.adam = eddy_adam(s.params, eddy_gradients(eddy_square(p), s.params), &(eddy_adam_options){ .lr = 7 });
    s.lr = eddy_find(s.tape, "adam.lr");
    OK(s.tape);
    return s;
}

static double cycle(const eddy_schedule_options *o, double t)
{
    double rise = o->rise != 0 ? o->rise : 0.3, start = o->lr / (o->start_factor != 0 ? o->start_factor : 25);
    double low = start / (o->end_factor != 0 ? o->end_factor : 1e4), top = rise * (double)o->total - 1,
           end = (double)o->total - 1;
    t = fmin(t, end);
    if (t <= top && top > 0)
        return o->lr + (start - o->lr) / 2 * (1 + cos(pi * t / top));
    return low + (o->lr - low) / 2 * (1 + cos(pi * (t - top) / (end - top)));
}

static double plain(const eddy_schedule_options *o, int k)
{
    double gamma = o->gamma != 0 ? o->gamma : 0.1;
    switch (o->kind) {
    case EDDY_SCHEDULE_STEP: {
        double lr = o->lr;
        for (int64_t j = k / o->every; j > 0; j--)
            lr *= gamma;
        return lr;
    }
    case EDDY_SCHEDULE_EXPONENTIAL:
        return o->lr * pow(gamma, k);
    case EDDY_SCHEDULE_COSINE:
        return k >= o->total ? o->low : o->low + (o->lr - o->low) * (1 + cos(pi * k / (double)o->total)) / 2;
    case EDDY_SCHEDULE_ONE_CYCLE:
        return cycle(o, k);
    default:
        return o->lr;
    }
}

static double wanted(const eddy_schedule_options *o, int k)
{
    return k < o->warmup ? plain(o, 0) * k / (double)o->warmup : plain(o, k - (int)o->warmup);
}

static const eddy_schedule_options table[] = {
    { .lr = 0.5 },
    { .lr = 0.5, .warmup = 7 },
    { .kind = EDDY_SCHEDULE_STEP, .lr = 0.5, .every = 7, .gamma = 0.3 },
    { .kind = EDDY_SCHEDULE_STEP, .lr = 1e-3, .every = 1 },
    { .kind = EDDY_SCHEDULE_STEP, .lr = 2, .every = 49, .gamma = 3, .warmup = 1 },
    { .kind = EDDY_SCHEDULE_EXPONENTIAL, .lr = 0.5, .gamma = 0.97 },
    { .kind = EDDY_SCHEDULE_EXPONENTIAL, .lr = 0.5, .gamma = 0.9, .warmup = 5 },
    { .kind = EDDY_SCHEDULE_COSINE, .lr = 0.5, .total = 40 },
    { .kind = EDDY_SCHEDULE_COSINE, .lr = 0.5, .total = 31, .low = 0.01, .warmup = 10 },
    { .kind = EDDY_SCHEDULE_COSINE, .lr = 0.5, .total = 1 },
    { .kind = EDDY_SCHEDULE_ONE_CYCLE, .lr = 0.5, .total = 50 },
    { .kind = EDDY_SCHEDULE_ONE_CYCLE, .lr = 0.5, .total = 45, .rise = 0.55, .start_factor = 10, .end_factor = 100 },
    { .kind = EDDY_SCHEDULE_ONE_CYCLE, .lr = 0.5, .total = 40, .rise = 0.01, .warmup = 3 },
    { .kind = EDDY_SCHEDULE_ONE_CYCLE, .lr = 0.5, .total = 30, .rise = 1 },
};

/* Run k uses the rate of step k: what the program puts out while it runs, and what the parameter feels. Adam's first
 * step is the rate itself. */
START_TEST(closed_forms)
{
    for (int dtype = EDDY_F32; dtype <= EDDY_F64; dtype++)
        for (size_t n = 0; n < sizeof table / sizeof *table; n++) {
            scene s = scene_new((eddy_dtype)dtype);
            eddy_list schedule = eddy_schedule(s.tape, "adam", &table[n]);
            ck_assert_int_eq(schedule.count, 2);
            eddy_program *program =
                eddy_compile(s.tape, EDDY_LIST(eddy_mul_scalar(s.lr, 1)), eddy_list_join(s.tape, s.adam, schedule));
            OK(s.tape);
            eddy_set_eager(s.tape, true); /* no NaN or infinity on the way, not even in a branch that is not taken */
            for (int k = 0; k < STEPS; k++) {
                double rate = eddy_item(s.lr), want = wanted(&table[n], k);
                ck_assert_msg(fabs(rate - want) <= 1e-12 * table[n].lr, "schedule %d, step %d: %.17g, not %.17g",
                              (int)n, k, rate, want);
                ck_assert_msg(eddy_run(program), "%s", eddy_error(s.tape));
                ck_assert(eddy_item(eddy_find(s.tape, "adam.schedule")) == k + 1);
            }
            eddy_tape_free(s.tape);
        }
}
END_TEST

/* torch.optim.lr_scheduler.OneCycleLR(max_lr=0.5, total_steps=20) and (max_lr=0.5, total_steps=20, pct_start=0.55,
 * div_factor=10, final_div_factor=100) */
START_TEST(pytorch_one_cycle)
{
    static const double rates[2][20] = {
        { 0.020000000000000018,
          0.06583592135001265,
          0.18583592135001265,
          0.3341640786499874,
          0.45416407864998737,
          0.5,
          0.49373200311754367,
          0.47524231600673683,
          0.445458088785525,
          0.40587282697488153,
          0.3584715008956504,
          0.30563101096814466,
          0.250001,
          0.19437098903185537,
          0.14153049910434962,
          0.09412917302511849,
          0.05454391121447502,
          0.024759683993263143,
          0.006269996882456277,
          2e-06 },
        { 0.04999999999999999,
          0.06101228383359042,
          0.09297117626563683,
          0.14274831823419354,
          0.20547117626563682,
          0.275,
          0.3445288237343631,
          0.4072516817658064,
          0.45702882373436315,
          0.48898771616640957,
          0.5,
          0.4849382320412806,
          0.44156959966896475,
          0.375125,
          0.2936186323723159,
          0.20688136762768417,
          0.12537500000000004,
          0.05893040033103527,
          0.015561767958719398,
          0.0005 },
    };
    for (int n = 0; n < 2; n++) {
        scene s = scene_new(EDDY_F64);
        eddy_schedule_options o = { .kind = EDDY_SCHEDULE_ONE_CYCLE, .lr = 0.5, .total = 20 };
        if (n) {
            o.rise = 0.55;
            o.start_factor = 10;
            o.end_factor = 100;
        }
        eddy_program *program = eddy_compile(s.tape, EDDY_NONE, eddy_schedule(s.tape, "adam", &o));
        for (int k = 0; k < 20; k++) {
            ck_assert_msg(fabs(eddy_item(s.lr) - rates[n][k]) <= 1e-12, "step %d: %.17g, not %.17g", k, eddy_item(s.lr),
                          rates[n][k]);
            ck_assert(eddy_run(program));
        }
        eddy_tape_free(s.tape);
    }
}
END_TEST

START_TEST(the_step_uses_the_rate)
{
    scene s = scene_new(EDDY_F64);
    eddy_var p = s.params.items[0];
    eddy_list schedule = eddy_schedule(s.tape, "adam", &(eddy_schedule_options){ .lr = 0.25, .warmup = 2 });
    eddy_program *program = eddy_compile(s.tape, EDDY_NONE, eddy_list_join(s.tape, s.adam, schedule));
    double before = eddy_item(p);
    ck_assert(eddy_run(program) && eddy_item(p) == before); /* rate 0 */
    ck_assert(eddy_run(program) && fabs(before - eddy_item(p) - 0.125) < 1e-8);
    before = eddy_item(p);
    ck_assert(eddy_run(program) && fabs(before - eddy_item(p) - 0.25) < 0.01);
    eddy_tape_free(s.tape);
}
END_TEST

/* A second recording goes on where the first is; a prefix keeps two optimisers' schedules apart; other optimisers have
 * schedules too. */
START_TEST(shared_and_prefixed)
{
    scene s = scene_new(EDDY_F64);
    eddy_schedule_options o = { .kind = EDDY_SCHEDULE_EXPONENTIAL, .lr = 1, .gamma = 0.5 };
    eddy_program *first = eddy_compile(s.tape, EDDY_NONE, eddy_schedule(s.tape, "adam", &o));
    ck_assert(eddy_run(first) && eddy_run(first) && eddy_item(s.lr) == 0.25);
    o.lr = 1000; /* of the formula from here on; the rate of this step stands */
    eddy_schedule(s.tape, "adam", &o);
    ck_assert(eddy_item(s.lr) == 0.25);
    o.lr = 1;
    eddy_program *second = eddy_compile(s.tape, EDDY_NONE, eddy_schedule(s.tape, "adam", &o));
    OK(s.tape);
    ck_assert(eddy_item(s.lr) == 0.25 && eddy_run(second) && eddy_item(s.lr) == 0.125 && eddy_run(first) &&
              eddy_item(s.lr) == 0.0625);

    eddy_push(s.tape, "critic");
    FAILS(s.tape, eddy_schedule(s.tape, "adam", &o),
          "schedule: there is no learning rate \"critic.adam.lr\"; record the optimiser first");
    eddy_sgd(s.params, s.params, NULL);
    o.lr = 3;
    eddy_schedule(s.tape, "sgd", &o);
    eddy_pop(s.tape);
    OK(s.tape);
    ck_assert(eddy_item(eddy_find(s.tape, "critic.sgd.lr")) == 3 &&
              eddy_item(eddy_find(s.tape, "critic.sgd.schedule")) == 0);
    ck_assert_int_eq(eddy_optimiser_states(s.tape, "critic.sgd").count, 2);
    ck_assert_int_eq(eddy_optimiser_states(s.tape, "adam").count, 5);
    eddy_tape_free(s.tape);
}
END_TEST

START_TEST(mistakes)
{
    scene s = scene_new(EDDY_F64);
#define REFUSED(sentence, ...)                                                                                         \
    FAILS(s.tape, eddy_schedule(s.tape, "adam", &(eddy_schedule_options){ __VA_ARGS__ }), sentence)
    REFUSED("schedule: lr is 0; it must be given, above 0 and finite", .lr = 0);
    REFUSED("schedule: lr is nan", .lr = NAN);
    REFUSED("schedule: 9 is no kind of schedule", .lr = 1, .kind = (eddy_schedule_kind)9);
    REFUSED("schedule: warmup is -1; it must be at least 0", .lr = 1, .warmup = -1);
    REFUSED("schedule: every is 0; it must be at least 1", .lr = 1, .kind = EDDY_SCHEDULE_STEP);
    REFUSED("schedule: gamma is -2", .lr = 1, .kind = EDDY_SCHEDULE_EXPONENTIAL, .gamma = -2);
    REFUSED("schedule: total is 0; it must be at least 1", .lr = 1, .kind = EDDY_SCHEDULE_COSINE);
    REFUSED("schedule: low is -1", .lr = 1, .kind = EDDY_SCHEDULE_COSINE, .total = 3, .low = -1);
    REFUSED("schedule: total is 0", .lr = 1, .kind = EDDY_SCHEDULE_ONE_CYCLE);
    REFUSED("schedule: rise is 1.5; it must be above 0 and at most 1", .lr = 1, .kind = EDDY_SCHEDULE_ONE_CYCLE,
            .total = 3, .rise = 1.5);
    REFUSED("schedule: start_factor is 0.5", .lr = 1, .kind = EDDY_SCHEDULE_ONE_CYCLE, .total = 3, .start_factor = 0.5);
    FAILS(s.tape, eddy_schedule(s.tape, "adam", NULL), "schedule: lr is 0");
    FAILS(s.tape, eddy_schedule(s.tape, "sgd", &table[0]), "schedule: there is no learning rate \"sgd.lr\"");
    FAILS(s.tape, eddy_schedule(s.tape, NULL, &table[0]), "schedule: there is no learning rate");
    ck_assert(eddy_item(s.lr) == 7 && !eddy_find(s.tape, "adam.schedule").tape &&
              !eddy_schedule(NULL, "adam", &table[0]).count);
    eddy_tape_free(s.tape);
}
END_TEST

/* ---- Plateau ---- */

START_TEST(reduce_on_plateau)
{
    for (int n = 0; n < 3; n++) {
        scene s = scene_new(EDDY_F64);
        const int64_t given[] = { 0, 3, -1 }, patience[] = { 10, 3, 0 };
        eddy_plateau plateau = { .patience = given[n], .factor = n ? 0.5 : 0, .low = n == 1 ? 0.3 : 0 };
        double best = INFINITY, lr = 7, factor = n ? 0.5 : 0.1;
        int64_t bad = 0, reductions = 0;
        for (int call = 0; call < 80; call++) {
            double value = call < 30   ? 1 + 1 / (1.0 + call)
                           : call < 40 ? NAN
                           : call < 60 ? -1
                                       : -1 - 0.00005 * (call - 59);
            bool expected = false;
            if (isinf(best) ? value < best : value < best - 1e-4 * fabs(best)) {
                best = value;
                bad = 0;
            } else if (++bad > patience[n]) {
                bad = 0;
                double reduced = fmax(lr * factor, plateau.low);
                expected = reduced < lr;
                lr = reduced;
            }
            reductions += expected;
            ck_assert_msg(eddy_plateau_step(s.tape, "adam", &plateau, value) == expected, "call %d of %d", call, n);
            ck_assert(eddy_item(s.lr) == lr && same_bits(plateau.best, best));
        }
        ck_assert_int_gt(reductions, 0);
        OK(s.tape);
        eddy_tape_free(s.tape);
    }
}
END_TEST

START_TEST(plateau_mistakes)
{
    scene s = scene_new(EDDY_F64);
    eddy_plateau plateau = { .factor = 1 }, copy = plateau;
    FAILS(s.tape, eddy_plateau_step(s.tape, "adam", NULL, 1), "plateau_step: the plateau is NULL");
    FAILS(s.tape, eddy_plateau_step(s.tape, "adam", &plateau, 1),
          "plateau_step: factor is 1; it must be at least 0 and below 1");
    FAILS(s.tape, eddy_plateau_step(s.tape, "adma", &plateau, 1),
          "plateau_step: there is no learning rate \"adma.lr\"");
    ck_assert(plateau.calls == copy.calls && plateau.bad == copy.bad && !eddy_plateau_step(NULL, "adam", &plateau, 1));
    eddy_tape_free(s.tape);
}
END_TEST

Suite *suite_schedule(void)
{
    Suite *suite = suite_create("schedule");
    TCase *tests = tcase_create("schedule");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, closed_forms);
    tcase_add_test(tests, pytorch_one_cycle);
    tcase_add_test(tests, the_step_uses_the_rate);
    tcase_add_test(tests, shared_and_prefixed);
    tcase_add_test(tests, mistakes);
    tcase_add_test(tests, reduce_on_plateau);
    tcase_add_test(tests, plateau_mistakes);
    suite_add_tcase(suite, tests);
    return suite;
}
