/* Connectionist temporal classification (Graves, Fernandez, Gomez & Schmidhuber 2006, section 4.1) as a recording: the
 * forward variables alpha of the paper's equations 5 to 8 in the log domain; the backward pass is the tape's.
 *
 * Targets and lengths are data of the run, so one recording serves them all: their conditions are masks, and alpha
 * stands still once a sequence has ended. The targets l are extended by blanks to l' = (blank, l_1, blank, ..., l_L,
 * blank), S = 2 L + 1 states. */
#include "loss.h"
#include "composed.h"

#include <math.h>

/* The logarithm of no probability: far below every sum of logarithms, and finite, so that eager mode does not take it
 * for a mistake. What comes out below a tenth of it is no probability either. */
static double nothing(eddy_dtype dtype)
{
    return dtype == EDDY_F32 ? -1e30 : -1e300;
}

static eddy_var integer(eddy_tape *tape, int64_t value)
{
    return eddy_full_of(tape, EDDY_I64, EDDY_SCALAR, (double)value);
}

/* 0, 1, ..., n - 1 */
static eddy_var numbers(eddy_tape *tape, int64_t n)
{
    return eddy_sub_scalar(eddy_cumsum(eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(n), 1), 0), 1);
}

/* x (batch, states) moved by k states, nothing before the first */
static eddy_var moved(eddy_var x, int64_t k)
{
    int64_t batch = eddy_size(x, 0), states = eddy_size(x, 1), kept = states > k ? states - k : 0;
    eddy_var before =
        eddy_full_of(x.tape, eddy_dtype_of(x), EDDY_SHAPE(batch, states - kept), nothing(eddy_dtype_of(x)));
    return kept ? eddy_concat(1, before, eddy_slice(x, 1, 0, kept, 1)) : before;
}

/* What the recursion needs, as vars. */
typedef struct states {
    eddy_var label; /* l' (batch, S), i64 */
    eddy_var skip; /* (batch, S): 1 where alpha may come from two states before: l'_s differs from l'_(s-2), as no blank
                      does */
    eddy_var lengths; /* (batch), i64, of the targets */
} states;

static states extend(eddy_tape *tape, eddy_dtype dtype, eddy_var targets, eddy_var lengths, int64_t classes,
                     int64_t blank)
{
    int64_t batch = eddy_size(targets, 0), longest = eddy_size(targets, 1);
    eddy_var blanks = eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(batch, longest), (double)blank);
    states s = { .lengths = eddy_check_range(eddy_cast(lengths, EDDY_I64), 0, longest, "target_lengths") };
    eddy_var inside =
        eddy_lt(eddy_broadcast_to(numbers(tape, longest), EDDY_SHAPE(batch, longest)), eddy_unsqueeze(s.lengths, 1));
    /* A blank among the targets becomes the index -1, which the check refuses. */
    eddy_var l = eddy_cast(targets, EDDY_I64);
    eddy_var legal = eddy_where(eddy_eq(l, blanks), integer(tape, -1), l);
    l = eddy_check_range(eddy_where(inside, legal, integer(tape, 0)), 0, classes - 1,
                         "targets (-1 is the blank among them)");
    s.label = eddy_concat(1, eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(batch, 1), (double)blank),
                          eddy_reshape(eddy_stack(2, l, blanks), EDDY_SHAPE(batch, 2 * longest)));
    int64_t two = longest ? 2 : 1; /* with no targets there is one state */
    eddy_var earlier = eddy_concat(1, eddy_full_of(tape, EDDY_I64, EDDY_SHAPE(batch, two), (double)blank),
                                   eddy_slice(s.label, 1, 0, 2 * longest + 1 - two, 1));
    s.skip = eddy_cast(eddy_ne(s.label, earlier), dtype);
    return s;
}

/* log P(l | x) for each sequence (batch) */
static eddy_var log_likelihood(eddy_tape *tape, eddy_var log_probabilities, const states *s, eddy_var input_lengths)
{
    eddy_dtype dtype = eddy_dtype_of(log_probabilities);
    int64_t time = eddy_size(log_probabilities, 0), batch = eddy_size(s->label, 0), count = eddy_size(s->label, 1);
    eddy_var emitted = eddy_gather(log_probabilities, -1, eddy_broadcast_to(s->label, EDDY_SHAPE(time, batch, count)));
    eddy_var running = eddy_cast(eddy_lt(eddy_broadcast_to(eddy_reshape(numbers(tape, time), EDDY_SHAPE(time, 1, 1)),
                                                           EDDY_SHAPE(time, batch, 1)),
                                         eddy_unsqueeze(input_lengths, 1)),
                                 dtype);
    eddy_var none = eddy_full_of(tape, dtype, EDDY_SCALAR, nothing(dtype));
    /* Before the first step all probability is in the first state, from which a first step reaches exactly the first
     * two: equations 5 and 6 need no case of their own, nor do sequences without steps. */
    eddy_var alpha = eddy_full_of(tape, dtype, EDDY_SHAPE(batch, 1), 0);
    if (count > 1)
        alpha = eddy_concat(1, alpha, eddy_full_of(tape, dtype, EDDY_SHAPE(batch, count - 1), nothing(dtype)));
    for (int64_t t = 0; t < time && !eddy_error(tape); t++) {
        eddy_scope_push(tape, NULL, "step", t);
        /* alpha_t(s) = y_(l'_s) (alpha(s) + alpha(s-1) + [skip] alpha(s-2))                          equations 7 and 8
         */
        eddy_var from[] = { alpha, moved(alpha, 1), eddy_where(s->skip, moved(alpha, 2), none) };
        eddy_var next =
            eddy_add(eddy_logsumexp(eddy_stack_list(0, (eddy_list){ from, 3 }), 0, false), eddy_select(emitted, 0, t));
        alpha = eddy_where(eddy_select(running, 0, t), next, alpha);
        eddy_scope_pop(tape);
    }
    /* The last blank and the last label: states 2 L and 2 L - 1 of each sequence's own L; without labels only the
     * former. */
    eddy_var last = eddy_unsqueeze(eddy_mul_scalar(s->lengths, 2), 1), zero = integer(tape, 0);
    eddy_var labelled = eddy_gt(last, zero), before = eddy_where(labelled, eddy_sub_scalar(last, 1), zero);
    eddy_var label = eddy_where(eddy_cast(labelled, dtype), eddy_gather(alpha, 1, before), none);
    return eddy_logsumexp(eddy_concat(1, eddy_gather(alpha, 1, last), label), 1, false);
}

/* {0} if shapes and options fit, else the failed var. */
static eddy_var mistake(eddy_site site, eddy_var x, eddy_var targets, eddy_var input_lengths, eddy_var target_lengths,
                        int64_t blank)
{
    const eddy_var all[] = { x, targets, input_lengths, target_lengths };
    static const char *const names[] = { "log_probabilities", "targets", "input_lengths", "target_lengths" };
    static const char *const wanted[] = { "(time, batch, classes)", "(batch, longest)", "(batch)", "(batch)" };
    static const int rank[] = { 3, 2, 1, 1 };
    for (int k = 0; k < 4; k++) {
        if (!eddy_ok(all[k]) || all[k].tape != x.tape)
            return eddy_fail_at(site, x.tape, "ctc: %s %s", names[k],
                                all[k].tape ? "cannot be used: it failed, was reset or is of another tape"
                                            : "is no var ({0})");
        eddy_shape shape = eddy_shape_of(all[k]);
        if (shape.rank != rank[k] || (k > 0 && shape.dim[0] != eddy_size(x, 1)))
            return eddy_fail_at(site, x.tape, "ctc: %s has shape %s; %s is needed, with one batch for all", names[k],
                                eddy_shape_format(&shape).text, wanted[k]);
        if (eddy_dtype_is_float(eddy_dtype_of(all[k])) != (k == 0))
            return eddy_fail_at(site, x.tape, "ctc: %s has dtype %s; %s is needed", names[k],
                                eddy_dtype_name(eddy_dtype_of(all[k])), k ? "i32 or i64" : "f32 or f64");
    }
    if (blank < 0 || blank >= eddy_size(x, 2))
        return eddy_fail_at(site, x.tape, "ctc: the blank is %lld; with %lld classes it must be 0 to %lld",
                            (long long)blank, (long long)eddy_size(x, 2), (long long)eddy_size(x, 2) - 1);
    return (eddy_var){ 0 };
}

eddy_var eddy_ctc_at(eddy_site site, eddy_var log_probabilities, eddy_var targets, eddy_var input_lengths,
                     eddy_var target_lengths, const eddy_ctc_options *options)
{
    eddy_tape *tape = log_probabilities.tape;
    const eddy_ctc_options o = options ? *options : (eddy_ctc_options){ 0 };
    if (!tape || eddy_error(tape))
        return eddy_fail_at(site, tape ? tape : targets.tape, "ctc: log_probabilities is no var ({0})");
    eddy_var fault = mistake(site, log_probabilities, targets, input_lengths, target_lengths, o.blank);
    if (fault.tape)
        return fault;
    eddy_dtype dtype = eddy_dtype_of(log_probabilities);
    eddy_scope_push(tape, site, "ctc", -1);
    states s = extend(tape, dtype, targets, target_lengths, eddy_size(log_probabilities, 2), o.blank);
    eddy_var steps =
        eddy_check_range(eddy_cast(input_lengths, EDDY_I64), 0, eddy_size(log_probabilities, 0), "input_lengths");
    eddy_var likelihood = log_likelihood(tape, log_probabilities, &s, steps);
    eddy_var impossible = eddy_lt(likelihood, eddy_full_of(tape, dtype, EDDY_SCALAR, nothing(dtype) / 10));
    eddy_var loss = eddy_where(impossible, eddy_full_of(tape, dtype, EDDY_SCALAR, o.zero_infinity ? 0 : INFINITY),
                               eddy_neg(likelihood));
    if (o.reduction == EDDY_REDUCE_MEAN)
        loss = eddy_div(loss, eddy_cast(eddy_maximum(s.lengths, integer(tape, 1)), dtype));
    loss = eddy_reduce_loss(loss, (eddy_var){ 0 }, o.reduction);
    eddy_scope_pop(tape);
    return loss;
}
