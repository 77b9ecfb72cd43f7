/* The training loop. */
#include "training.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

double training_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

bool training_failed(const eddy_tape *tape, eddy_status *status)
{
    const char *sentence = eddy_error(tape);
    return eddy_status_fail(status, "%s", sentence ? sentence : "The model could not be computed.");
}

bool training_checkpoint_path(const char *model, char *out, size_t size)
{
    static const char ending[] = ".safetensors";
    size_t length = strlen(model), tail = strlen(ending);
    if (length > tail && !strcmp(model + length - tail, ending))
        length -= tail;
    return (size_t)snprintf(out, size, "%.*s.last%s", (int)length, model, ending) < size;
}

eddy_list training_updates(eddy_var loss, const training_recipe *recipe, eddy_var *norm)
{
    eddy_list params = eddy_parameters(loss.tape), grads = eddy_gradients(loss, params);
    eddy_var before = recipe->clip > 0 ? eddy_clip_grad_norm(&grads, recipe->clip)
                      : norm           ? eddy_global_norm(grads)
                                       : (eddy_var){ 0 };
    if (norm)
        *norm = before;
    const eddy_adam_options options = { .lr = recipe->lr, .weight_decay = recipe->decay };
    eddy_list updates = recipe->decay > 0 ? eddy_adamw(params, grads, &options) : eddy_adam(params, grads, &options);
    return recipe->average > 0 ? eddy_list_join(loss.tape, updates, eddy_ema(params, updates, recipe->average))
                               : updates;
}

typedef struct loop {
    const training_job *job;
    const training_options *options;
    training_state *now;
    double start, before; /* of the clock; seconds spent before a resume */
    double saved, cost;   /* when the last checkpoint was complete, and the seconds that it took */
    bool fresh;           /* does it hold the last step? */
    double sum;           /* of the losses since the last validation */
    int64_t summed;
} loop;

/* ---- Checkpoints ---- */

static eddy_list everything(eddy_tape *tape)
{
    return eddy_list_join(tape, eddy_parameters(tape), eddy_leaves(tape, EDDY_STATE));
}

/* What the steps depend on besides the model and its data; where it ends may be another place. */
static void write_recipe(const training_options *o, char out[256])
{
    static const char *const schedules[] = { "cosine", "linear", "constant" };
    eddy_snprintf(out, 256,
                  "seed %" PRIu64 ", rate %.17g, %s to %.17g, warmup %" PRId64
                  ", clip %.17g, decay %.17g, average %.17g",
                  o->seed, o->recipe.lr, schedules[o->schedule], o->low, o->warmup, o->recipe.clip, o->recipe.decay,
                  o->recipe.average);
}

static bool save_checkpoint(loop *l, eddy_status *status)
{
    const training_state *now = l->now;
    if (!l->options->checkpoint)
        return true;
    card c = { 0 };
    for (size_t i = 0; i < l->job->card->count; i++)
        card_text(&c, l->job->card->rows[i].key + strlen("eddy."), l->job->card->rows[i].value);
    char recipe[256];
    write_recipe(l->options, recipe);
    card_text(&c, "checkpoint.recipe", recipe);
    card_count(&c, "checkpoint.step", now->step);
    card_count(&c, "checkpoint.epoch", now->epoch);
    card_count(&c, "checkpoint.best_step", now->best_step);
    card_count(&c, "checkpoint.bad", now->bad);
    card_count(&c, "checkpoint.summed", l->summed);
    if (isfinite(now->best))
        card_numbers(&c, "checkpoint.losses",
                     (double[]){ now->best, isfinite(now->validation) ? now->validation : 0, l->sum }, 3);
    card_number(&c, "checkpoint.elapsed", now->elapsed);
    bool ok = card_save(&c, l->job->tape, everything(l->job->tape), l->options->checkpoint, status);
    card_free(&c);
    return ok;
}

static bool swap_averages(const loop *l)
{
    return !(l->options->recipe.average > 0) || eddy_ema_swap(eddy_parameters(l->job->tape));
}

static bool save_model(const loop *l, eddy_status *status)
{
    return !l->options->model ||
           card_save(l->job->card, l->job->tape, eddy_parameters(l->job->tape), l->options->model, status);
}

/* Is it time for a checkpoint? `clock` is where it begins. */
static bool due(const loop *l, double clock)
{
    enum { SHARE = 20 };
    return l->saved == 0 || clock - l->saved >= SHARE * l->cost;
}

/* The checkpoint, and where nothing is held out the newest model. */
static bool save(loop *l, double clock, eddy_status *status)
{
    if (!l->job->validate && (!swap_averages(l) || !save_model(l, status) || !swap_averages(l)))
        return *status->text ? false : training_failed(l->job->tape, status);
    if (!save_checkpoint(l, status))
        return false;
    l->saved = training_seconds();
    l->cost = l->saved - clock;
    l->fresh = true;
    return true;
}

static bool read_checkpoint(loop *l, const card *c, eddy_status *status)
{
    training_state *now = l->now;
    double losses[3] = { 0 };
    if (!card_read_count(c, "checkpoint.step", 0, INT64_C(1) << 52, &now->step, status) ||
        !card_read_count(c, "checkpoint.epoch", 0, INT64_C(1) << 52, &now->epoch, status) ||
        !card_read_count(c, "checkpoint.best_step", 0, INT64_C(1) << 52, &now->best_step, status) ||
        !card_read_count(c, "checkpoint.bad", 0, INT64_C(1) << 52, &now->bad, status) ||
        !card_read_count(c, "checkpoint.summed", 0, INT64_C(1) << 52, &l->summed, status) ||
        !card_read_number(c, "checkpoint.elapsed", &l->before, status))
        return false;
    if (card_find(c, "checkpoint.losses")) {
        if (!card_read_numbers(c, "checkpoint.losses", losses, 3, status))
            return false;
        now->best = losses[0];
        now->validation = losses[1];
        l->sum = losses[2];
    }
    return true;
}

static bool resume(loop *l, eddy_status *status)
{
    const char *path = l->options->checkpoint, *name;
    card c;
    if (!path)
        return eddy_status_fail(status, "To resume, the training needs the file of its checkpoint.");
    if (!card_open(&c, path, NULL, status))
        return false;
    bool ok = true;
    char recipe[256];
    write_recipe(l->options, recipe);
    if (!card_find(&c, "checkpoint.step"))
        ok = eddy_status_fail(status, "%s is no checkpoint: it has a model, and not the state of its training.", path);
    else if (!card_agrees(l->job->card, &c, &name)) {
        char here[64] = "", there[64] = "nothing";
        eddy_escape(here, sizeof here, card_find(l->job->card, name));
        if (card_find(&c, name))
            eddy_escape(there, sizeof there, card_find(&c, name));
        ok = eddy_status_fail(status,
                              "%s is the checkpoint of another training: its %s is %s, and here it is %s. "
                              "Resume with the options and the data with which it began.",
                              path, name, there, here);
    }
    const char *began = card_find(&c, "checkpoint.recipe");
    if (ok && (!began || strcmp(began, recipe))) {
        char there[256] = "nothing";
        if (began)
            eddy_escape(there, sizeof there, began);
        ok = eddy_status_fail(
            status,
            "%s is the checkpoint of a training with %s, and here it would go on with %s. Resume with the "
            "options with which it began.",
            path, there, recipe);
    }
    ok = ok && read_checkpoint(l, &c, status);
    card_free(&c);
    return ok && card_load(l->job->tape, everything(l->job->tape), path, status);
}

/* ---- Rate and time ---- */

/* The share of the training that is behind it, 0..1. */
static double share_done(const loop *l)
{
    const training_options *o = l->options;
    double steps = o->epochs ? (double)l->now->step / (double)(o->epochs * l->job->steps) : 0;
    double time = o->seconds > 0 ? l->now->elapsed / o->seconds : 0;
    return fmin(1, fmax(steps, time));
}

static void set_rate(loop *l)
{
    static const double pi = 3.14159265358979323846;
    const training_options *o = l->options;
    double share = share_done(l), low = o->low;
    if (o->schedule == TRAINING_CONSTANT)
        low = 1;
    double fall = o->schedule == TRAINING_LINEAR ? 1 - share : (1 + cos(pi * share)) / 2;
    double rate = o->recipe.lr * (low + (1 - low) * fall);
    if (l->now->step < o->warmup)
        rate *= (double)(l->now->step + 1) / (double)(o->warmup + 1);
    eddy_set_item(eddy_find(l->job->tape, o->recipe.decay > 0 ? "adamw.lr" : "adam.lr"), rate);
    l->now->rate = rate;
}

static void look_at_clock(loop *l)
{
    training_state *now = l->now;
    double passed = training_seconds() - l->start;
    now->elapsed = l->before + passed;
    double share = share_done(l);
    now->left = share > 0 ? now->elapsed * (1 - share) / share : NAN;
}

static bool report(loop *l, bool validated, bool better)
{
    l->now->validated = validated;
    l->now->better = better;
    return !l->job->report || l->job->report(l->job->context, l->now);
}

/* ---- The loop ---- */

/* The held-out loss of now, and the best model saved; *better: is it this one? */
static bool measure(loop *l, bool *better, eddy_status *status)
{
    training_state *now = l->now;
    if (!swap_averages(l) || !l->job->validate(l->job->context, &now->validation, status))
        return training_failed(l->job->tape, status);
    if (!isfinite(now->validation))
        return eddy_status_fail(status, "The validation loss became %g in step %" PRId64 ": try a smaller rate.",
                                now->validation, now->step);
    *better = !(now->validation >= now->best); /* the first too: best is NAN */
    if (*better && !save_model(l, status))
        return false;
    return swap_averages(l) || training_failed(l->job->tape, status);
}

static bool validate(loop *l, bool *go_on, eddy_status *status)
{
    training_state *now = l->now;
    bool better = true;
    if (l->job->validate && !measure(l, &better, status))
        return false;
    if (better) {
        now->best = l->job->validate ? now->validation : now->loss;
        now->best_step = now->step;
        now->bad = 0;
    } else {
        now->bad++;
    }
    look_at_clock(l);
    double clock = training_seconds();
    now->saves = due(l, clock);
    *go_on = report(l, true, better);
    l->sum = 0;
    l->summed = 0;
    return !now->saves || save(l, clock, status);
}

static bool step(loop *l, bool *go_on, eddy_status *status)
{
    training_state *now = l->now;
    double loss = NAN;
    l->fresh = false;
    now->saves = false;
    look_at_clock(l);
    set_rate(l);
    if (!l->job->step(l->job->context, now->epoch, now->step % l->job->steps, &loss, status))
        return training_failed(l->job->tape, status);
    now->step++;
    if (!isfinite(loss))
        return eddy_status_fail(
            status, "The loss became %g in step %" PRId64 ": try a smaller rate, or clip at a smaller norm.", loss,
            now->step);
    now->epoch = now->step / l->job->steps;
    now->norm = l->job->norm ? *l->job->norm : NAN;
    l->sum += loss;
    l->summed++;
    now->loss = l->sum / (double)l->summed;
    look_at_clock(l);
    *go_on = report(l, false, false);
    return true;
}

/* The checkpoint at the end. What the caller keeps beside it, it must be able to write before. */
static bool save_last(loop *l, eddy_status *status)
{
    l->now->saves = true;
    report(l, false, false); /* it ends anyway */
    return save(l, training_seconds(), status);
}

/* Whether it is over, and why. */
static bool over(const loop *l, training_end *end)
{
    const training_options *o = l->options;
    *end = TRAINING_EPOCHS;
    if (o->epochs && l->now->step >= o->epochs * l->job->steps)
        return true;
    *end = TRAINING_TIME;
    if (o->seconds > 0 && l->now->elapsed >= o->seconds)
        return true;
    *end = TRAINING_PATIENCE;
    return o->patience && l->now->bad >= o->patience;
}

/* An interrupted training is to be resumed: its checkpoint must not know of a validation that an uninterrupted one
 * would not have made. A model there must be all the same. */
static bool stopped(loop *l, eddy_status *status)
{
    bool ignored;
    if (!save_last(l, status))
        return false;
    if (!isnan(l->now->best) || !l->now->step)
        return true;
    loop last = *l;
    training_options without = *l->options;
    without.checkpoint = NULL;
    last.options = &without;
    return validate(&last, &ignored, status);
}

static bool run(loop *l, training_end *end, eddy_status *status)
{
    const training_options *o = l->options;
    training_state *now = l->now;
    int64_t every = o->every ? o->every : l->job->steps;
    bool go_on = true;
    while (go_on && !over(l, end)) {
        bool more = true;
        if (!step(l, &go_on, status))
            return false;
        /* An interrupt does not skip a validation: the resumed training begins behind it. */
        if (now->step % every == 0 && !validate(l, &more, status))
            return false;
        go_on = go_on && more;
    }
    if (!go_on) {
        *end = TRAINING_STOPPED;
        return stopped(l, status);
    }
    /* What was learned since the last validation may be the best. */
    if (l->summed && !validate(l, &go_on, status))
        return false;
    return l->fresh || save_last(l, status);
}

bool training_run(const training_job *job, const training_options *options, training_state *state, training_end *end,
                  eddy_status *status)
{
    loop l = { .job = job, .options = options, .now = state, .start = training_seconds() };
    *state = (training_state){ .validation = NAN, .best = NAN, .loss = NAN, .norm = NAN };
    *end = TRAINING_EPOCHS;
    if (job->steps < 1 || (!options->epochs && !(options->seconds > 0)))
        return eddy_status_fail(status, "A training needs at least one step, and an end in epochs or seconds.");
    state->epochs = options->epochs;
    state->steps = options->epochs * job->steps;
    if (options->resume && !resume(&l, status))
        return false;
    if (!run(&l, end, status))
        return false;
    if (!options->model || !state->best_step)
        return true;
    return card_load(job->tape, eddy_parameters(job->tape), options->model, status);
}
