/* Is a claim true? One claim in many worlds, at every step, under one way of reading it; and the search for the way
 * under which it is true.
 *
 * docs/check.md, "Verdicts", says what the words mean. */
#ifndef EDDY_CHECK_COURT_H
#define EDDY_CHECK_COURT_H

#include "finding.h"
#include "meaning.h"

enum { JUDGE_WORLDS = 3, JUDGE_BRANCH_WORLDS = 9, JUDGE_INEQUALITY_WORLDS = 30, JUDGE_DERIVATIVES = 16 };

typedef struct claimed {
    const tree *formula; /* with its conditions */
    const tree *left, *right;
    tree_relation relation;
    const tree *differential; /* dX = ... as a claim about differentials: X */
    const char *convention;   /* said by the setup where the claim stands, or NULL */
    const tree *zero;         /* a parameter that is 0 in this claim, or NULL */
    quantity *held[32];
    int helds;
} claimed;

/* One edge that a condition cuts, at each t of the claim: from the step t + from_shift (last: at T) to t + to_shift. */
typedef struct cut {
    quantity *from, *to;
    int from_shift, to_shift;
    bool last, every; /* every: at all steps, where a claim has no t */
} cut;

/* SPAN_EARLIER: where another step of the claim is before t. */
typedef enum span { SPAN_ALL, SPAN_LAST, SPAN_NOT_LAST, SPAN_NOT_FIRST, SPAN_FIRST, SPAN_EARLIER, SPANS } span;

/* A condition: what is assumed and how the formula is read. */
typedef struct assumption {
    bool no_kappa, zero_initial, one_sample;
    bool hot_columns; /* one-hot matrices are so by columns */
    bool equal_sizes; /* every size is the same: whatever fits for some sizes fits so */
    reading reading;
    cut cut[2];
    int cuts;
    span span;
} assumption;

typedef enum outcome {
    OUTCOME_PASS,
    OUTCOME_FAIL,
    OUTCOME_SHAPES,
    OUTCOME_NOT_READ,
    OUTCOME_UNSURE,
    OUTCOME_NOWHERE
} outcome;

typedef struct tally {
    outcome outcome; /* the worst of all instances in the span */
    bool pass[SPANS],
        some[SPANS];         /* by span: all instances passed (and not all were zero on both sides); there were some */
    double error, tolerance; /* largest relative error seen, and what rounding explains of it there */
    int64_t compared;
    bool zero;          /* both sides were 0 in every instance */
    bool beside;        /* two vectors side by side were multiplied element by element */
    bool per_sample;    /* the left side is one of each sequence */
    bool diagonal;      /* a vector was read as a diagonal */
    char sentence[512]; /* of the worst fault */
    char where[128];    /* the first instance that failed: "$t=1$, $g=f$" */
    int64_t where_t;
} tally;

typedef struct court { /* the worlds of one scene */
    arena *arena;
    arena scratch; /* contexts with cuts, one at a time */
    scope *scope;
    struct court_world {
        world *world;
        int epoch;
        bool kappa, zero_initial, one_sample, equal_sizes, hot_columns;
        int draw;
        const quantity *pushed;
        double times;
    } * made;
    int count, room;
    int epoch;     /* counted up when what is held changes */
    int64_t work;  /* pieces of formulas evaluated so far: what searches are rationed by */
    int64_t most;  /* as many may be evaluated in all */
    bool quick;    /* no search */
    bool brief;    /* one cut, at every step */
    bool branches; /* a minimum, maximum, absolute value or comparison stands in the scene */
    bool setup_wrong;
    bool measured; /* ... and how small numbers are drawn */
    int damped;
    double until; /* world_clock() at which the document's time is over */
    bool unread;  /* some formula of the scene was not read: names may be missing their definitions */
} court;

/* Is the document's time or its work over? */
bool court_over(const court *c);

world *court_world(court *c, const claimed *claim, int draw, const assumption *as, fault *f);
int court_worlds(const court *c, const claimed *claim); /* how many worlds a verdict takes */
void court_free(court *c);

/* How far a run goes: through all instances; to the first failure (only `outcome` counts then); or through those that
 * decide whether all passed in some span. */
typedef enum judge_stop { STOP_NEVER, STOP_FIRST, STOP_DECIDED } judge_stop;

/* Every instance of the claim in `worlds` worlds under an assumption. */
void judge_run(court *c, const claimed *claim, const assumption *as, int worlds, judge_stop stop, tally *out);
/* The derivatives that the claim used so far in world 0, against numerical ones; false: a sentence in `why`. */
bool judge_oracle(court *c, const claimed *claim, char *why, size_t size);

/* Walks the instances (values of the free letters) of a claim in a world. `each` returns false to stop. */
typedef bool (*instance_visit)(void *context, const binding *env, int64_t t);
bool judge_instances(world *w, const claimed *claim, fault *f, instance_visit each, void *context);
bool claim_has_time(scope *s, const claimed *claim);
/* The letter k of another step that a claim about step t is free to choose, 1 .. T; NULL: none. */
const char *claim_earlier(scope *s, const claimed *claim);
/* Both sides of one instance, as tensors of one shape. False with the world's fault. */
bool judge_sides(evaluation *e, const claimed *claim, value *left, value *right);
/* "left \\propto right": the right side times the positive factor that, common to all elements, fits best. */
bool judge_scale(evaluation *e, const claimed *claim, value left, value *right);
evaluation judge_evaluation(world *w, wiring *c, const claimed *claim, const assumption *as, const binding *env);
void judge_default(const court *c, const claimed *claim, assumption *out);

/* conditions.c: other ways to read the signs, rows and layout of a claim, the likeliest first. */
/* Is this name a number's? */
bool is_scalar(court *c, const claimed *claim, const tree *t);
int other_readings(const court *c, const claimed *claim, const reading *first, reading *out, int most);
/* How it was read, where more than one way is usual: signs, rows or columns, layout; "" if nothing was open. */
const char *reading_text(arena *a, const court *c, const claimed *claim, const reading *r);
/* every minimal assumption under which the claim holds. */
int judge_search(court *c, const claimed *claim, assumption *out, int most, bool *finished);
/* emptied.c: under an assumption of the first or the last step, a part of the claim that is 0 there, or a sum of one
 * term, and nowhere else; NULL: the claim says at these steps what it says at others. */
const tree *judge_emptied(court *c, const claimed *claim, const assumption *as);
const char *assumption_text(arena *a, court *c, const claimed *claim, const assumption *as);
/* Does a loss read anything only perhaps? */
bool may_read(const scope *s);
bool formula_has_kind(const tree *t, tree_kind kind);
bool formula_has_sign(const tree *t, written_sign sign); /* between factors */
/* verdict.c: a remark more. */
void judge_note(court *c, finding *out, const char *note);
bool signs_differ(const reading *a, const reading *b);
bool cut_is_only(const world *w, const cut *k); /* no other edge leaves its source */
bool cut_apply(const cut *k, const world *w, int64_t t, wiring *c);

/* Does the right side depend on none of the numbers that are drawn? And that verdict, with a repair if there is one. */
bool judge_is_degenerate(court *c, const claimed *claim, const assumption *as);
void judge_degenerate(court *c, const claimed *claim, const assumption *as, finding *out);

/* doubt.c: why a claim that came out false may yet be true as its author means it; NULL: nothing speaks for that. */
const char *judge_doubt(court *c, const claimed *claim, const tally *plain);
bool judge_is_drawn(const world *w, const quantity *q); /* are its numbers drawn in that world? */

/* misfit.c: the first other reading under which a claim that cannot be multiplied out as it stands holds, else the
 * first under which it can be at all; as and t stay as they are where there is none. */
void judge_otherwise(court *c, const claimed *claim, assumption *as, tally *t);
/* A claim that fails as it is read at first and holds as most authors mean it: the explicit derivatives of a chain rule
 * over all steps, spectral norms in bounds. NULL, or what to note; then as and t are that reading's. */
bool has_matrix_norm(const tree *t); /* ... without a subscript */
extern const char spectral_norms[];  /* the note on those */
const char *judge_as_meant(court *c, const claimed *claim, assumption *as, tally *t);
/* step_powers.c: a power that may be a step, u_j^2 beside u_j^t, or NULL; the claim with each of these
 * as a step, or as a power at step t; false if it has none, or no t. */
typedef enum power_reading { POWER_IS_STEP, POWER_AT_STEP } power_reading;
const tree *step_or_power(scope *s, const tree *t);
bool steps_for_powers(scope *s, claimed *claim, power_reading as);
/* summation.c: the claim about other sides; false: memory is short. */
bool claim_with_sides(arena *a, claimed *claim, const tree *left, const tree *right);
/* The claim, or formula, with sums over the indices that stand twice in a product and not on the other
 * side. False, or the same formula: there are none. */
bool summation_claim(scope *s, claimed *claim);
const tree *summation_formula(scope *s, const tree *formula);
bool summation_written(scope *s); /* are there sums over elements in the scene? */
/* Does any definition's right side speak of it, but for the formula `but`, and as the argument of what it defines only
 * if this counts? */
bool read_by_definition(scope *s, const quantity *q, const tree *but, bool as_argument);
/* The verdict where no reading fits: NOT READ, with what setup would decide, or FAILS. */
void judge_misfit(court *c, const claimed *claim, const assumption *first, const tally *plain, finding *out);

/* The whole verdict on a claim. */
void judge_claim(court *c, const claimed *claim, finding *out);

/* patterns.c, example.c, missing.c: what a false claim looks like. */
const char *pattern_of(court *c, const claimed *claim, const assumption *as);
counterexample *example_of(court *c, const claimed *claim, const assumption *as);
/* The same for an inequality that no drawn numbers break; NULL: none was found. */
counterexample *violation_of(court *c, const claimed *claim, const assumption *as);
const char *missing_term(court *c, const claimed *claim, const assumption *as);
void graph_of(court *c, const claimed *claim, const assumption *found, int count, finding *out);

#endif
