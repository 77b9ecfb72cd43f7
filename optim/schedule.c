/* Learning-rate schedules: one formula of the step count, recorded in f64; and the plateau rule, on the host. */
#include "state.h"
#include "schedule.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

static eddy_var number(eddy_var like, double value)
{
    return eddy_full_of(like.tape, EDDY_F64, EDDY_SCALAR, value);
}

/* to + (from - to)(1 + cos(pi x))/2: from at x = 0, to at x = 1 */
static eddy_var cosine(eddy_var x, double from, double to)
{
    return eddy_add_scalar(eddy_mul_scalar(eddy_add_scalar(eddy_cos(eddy_mul_scalar(x, pi)), 1), (from - to) / 2), to);
}

/* Up from lr/start_factor to lr at step rise total - 1, down to the lowest rate at step total - 1, and there it stays
 * (PyTorch's OneCycleLR). */
static eddy_var one_cycle(eddy_var t, const eddy_schedule_options *o)
{
    double top = o->rise * (double)o->total - 1, end = (double)o->total - 1, start = o->lr / o->start_factor,
           low = start / o->end_factor;
    eddy_var rising = { 0 }, falling = { 0 };
    if (top > 0)
        rising = cosine(eddy_div_scalar(t, top), start, o->lr);
    if (top < end)
        falling = cosine(eddy_div_scalar(eddy_sub_scalar(t, top), end - top), o->lr, low);
    if (!rising.tape || !falling.tape)
        return rising.tape ? rising : falling.tape ? falling : number(t, o->lr);
    return eddy_where(eddy_le(t, number(t, top)), rising, falling);
}

/* The rate of step t without the warm-up */
static eddy_var formula(eddy_var t, const eddy_schedule_options *o)
{
    if (o->kind == EDDY_SCHEDULE_STEP) /* floor by conversion: t is not negative */
        t = eddy_cast(eddy_cast(eddy_div_scalar(t, (double)o->every), EDDY_I64), EDDY_F64);
    switch (o->kind) {
    case EDDY_SCHEDULE_STEP:
    case EDDY_SCHEDULE_EXPONENTIAL:
        return eddy_mul_scalar(eddy_pow(number(t, o->gamma), t), o->lr);
    case EDDY_SCHEDULE_COSINE:
        return cosine(eddy_div_scalar(eddy_minimum(t, number(t, (double)o->total)), (double)o->total), o->lr, o->low);
    case EDDY_SCHEDULE_ONE_CYCLE:
        return one_cycle(eddy_minimum(t, number(t, (double)o->total - 1)), o);
    default:
        return number(t, o->lr);
    }
}

/* formula(0) t/warmup below warmup, formula(t - warmup) from there on */
static eddy_var rate_of(eddy_var t, const eddy_schedule_options *o)
{
    if (!o->warmup)
        return formula(t, o);
    eddy_var first = formula(number(t, 0), o), warmup = number(t, (double)o->warmup);
    eddy_var rising = eddy_mul(first, eddy_div(t, warmup)),
             later = formula(eddy_maximum(eddy_sub(t, warmup), number(t, 0)), o);
    return eddy_where(eddy_lt(t, warmup), rising, later);
}

static bool count_option(eddy_site site, eddy_tape *tape, const char *option, int64_t value, int64_t low)
{
    return value >= low || eddy_optimiser_fail(site, tape, "schedule: %s is %lld; it must be at least %lld", option,
                                               (long long)value, (long long)low);
}

/* Fills in the defaults and refuses what makes no schedule. */
static bool check_options(eddy_site site, eddy_tape *tape, eddy_schedule_options *o)
{
    if ((int)o->kind < EDDY_SCHEDULE_CONSTANT || o->kind > EDDY_SCHEDULE_ONE_CYCLE)
        return eddy_optimiser_fail(site, tape, "schedule: %d is no kind of schedule", (int)o->kind);
    if (!(o->lr > 0) || isinf(o->lr))
        return eddy_optimiser_fail(site, tape, "schedule: lr is %g; it must be given, above 0 and finite", o->lr);
    if (!count_option(site, tape, "warmup", o->warmup, 0))
        return false;
    bool powers = o->kind == EDDY_SCHEDULE_STEP || o->kind == EDDY_SCHEDULE_EXPONENTIAL,
         cycle = o->kind == EDDY_SCHEDULE_ONE_CYCLE;
    o->gamma = eddy_or_default(o->gamma, 0.1);
    o->rise = eddy_or_default(o->rise, 0.3);
    o->start_factor = eddy_or_default(o->start_factor, 25);
    o->end_factor = eddy_or_default(o->end_factor, 1e4);
    if (powers && !eddy_optimiser_option(site, tape, "schedule", "gamma", o->gamma, 0, INFINITY))
        return false;
    if (o->kind == EDDY_SCHEDULE_STEP && !count_option(site, tape, "every", o->every, 1))
        return false;
    if ((cycle || o->kind == EDDY_SCHEDULE_COSINE) && !count_option(site, tape, "total", o->total, 1))
        return false;
    if (o->kind == EDDY_SCHEDULE_COSINE && !eddy_optimiser_option(site, tape, "schedule", "low", o->low, 0, INFINITY))
        return false;
    if (cycle && !(o->rise > 0 && o->rise <= 1))
        return eddy_optimiser_fail(site, tape, "schedule: rise is %g; it must be above 0 and at most 1", o->rise);
    return !cycle || (eddy_optimiser_option(site, tape, "schedule", "start_factor", o->start_factor, 1, INFINITY) &&
                      eddy_optimiser_option(site, tape, "schedule", "end_factor", o->end_factor, 1, INFINITY));
}

/* The state that an optimiser reads its rate from; {0} after a failure. */
static eddy_var find_rate(eddy_site site, eddy_tape *tape, const char *call, const char *optimiser)
{
    eddy_var lr = optimiser && *optimiser ? eddy_optimiser_find(tape, optimiser, "lr") : (eddy_var){ 0 };
    eddy_shape shape = eddy_shape_of(lr);
    if (lr.tape && eddy_shape_count(&shape) == 1 && eddy_role_of(lr) == EDDY_STATE &&
        eddy_dtype_is_float(eddy_dtype_of(lr)))
        return lr;
    eddy_optimiser_fail(site, tape,
                        "%s: there is no learning rate \"%s%.200s.lr\"; record the optimiser first and give its name",
                        call, eddy_prefix(tape), optimiser ? optimiser : "");
    return (eddy_var){ 0 };
}

eddy_list eddy_schedule_at(eddy_site site, eddy_tape *tape, const char *optimiser, const eddy_schedule_options *options)
{
    if (!tape || eddy_error(tape))
        return eddy_failed_list(tape, -1);
    eddy_schedule_options o = options ? *options : (eddy_schedule_options){ 0 };
    eddy_var lr = find_rate(site, tape, "schedule", optimiser);
    if (!lr.tape || !check_options(site, tape, &o))
        return eddy_failed_list(tape, -1);
    eddy_scope_push(tape, site, "schedule", -1);
    bool shared = eddy_optimiser_find(tape, optimiser, "schedule").tape;
    eddy_var count = eddy_optimiser_scalar(site, tape, optimiser, "schedule", EDDY_F64, 0),
             next = eddy_add_scalar(count, 1);
    /* A second recording of the schedule goes on where the first one is. */
    if (!shared && !eddy_error(tape))
        eddy_set_item_at(site, lr, eddy_item_at(site, rate_of(count, &o)));
    eddy_var rate = eddy_reshape(eddy_cast(rate_of(next, &o), eddy_dtype_of(lr)), eddy_shape_of(lr));
    eddy_list updates = eddy_list_new(tape, (eddy_var[]){ eddy_assign(count, next), eddy_assign(lr, rate) }, 2);
    eddy_scope_pop(tape);
    return updates;
}

bool eddy_plateau_step_at(eddy_site site, eddy_tape *tape, const char *optimiser, eddy_plateau *plateau, double value)
{
    if (!tape || eddy_error(tape))
        return false;
    if (!plateau)
        return eddy_optimiser_fail(site, tape, "plateau_step: the plateau is NULL");
    double factor = eddy_or_default(plateau->factor, 0.1), threshold = eddy_or_default(plateau->threshold, 1e-4);
    int64_t patience = plateau->patience == 0 ? 10 : plateau->patience < 0 ? 0 : plateau->patience;
    eddy_var lr = find_rate(site, tape, "plateau_step", optimiser);
    if (!lr.tape || !eddy_optimiser_option(site, tape, "plateau_step", "factor", factor, 0, 1) ||
        !eddy_optimiser_option(site, tape, "plateau_step", "threshold", threshold, 0, 1) ||
        !eddy_optimiser_option(site, tape, "plateau_step", "low", plateau->low, 0, INFINITY))
        return false;
    /* A first value that is NaN is no best one; what is infinite is improved on by whatever is less. */
    double best = plateau->calls ? plateau->best : INFINITY;
    bool better = isinf(best) ? value < best : value < best - threshold * fabs(best);
    double now = eddy_item_at(site, lr), reduced = fmax(now * factor, plateau->low);
    int64_t bad = better ? 0 : plateau->bad + 1;
    bool reduce = bad > patience && reduced < now;
    if (eddy_error(tape) || (reduce && !eddy_set_item_at(site, lr, reduced)))
        return false;
    plateau->best = better ? value : best;
    plateau->bad = bad > patience ? 0 : bad;
    plateau->calls++;
    return reduce;
}
