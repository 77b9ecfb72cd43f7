/* The worlds of one scene: drawn once, and for a claim with a condition on what is given, such as \|A\| < 1, drawn with
 * larger, smaller or negated numbers until it is met. */
#include "court.h"

#include <string.h>

typedef struct push {
    const quantity *quantity; /* NULL: all as they are drawn */
    double times;
} push;

/* The world of this draw with the numbers of one quantity multiplied. */
static world *drawn_world(court *c, const claimed *claim, int draw, const assumption *as, const push *by, fault *f)
{
    bool kappa = !as->no_kappa;
    if (claim->helds != c->scope->helds || memcmp(claim->held, c->scope->held, sizeof claim->held)) {
        memcpy(c->scope->held, claim->held, sizeof claim->held);
        c->scope->helds = claim->helds;
        c->epoch++;
    }
    for (int i = 0; i < c->count; i++) {
        struct court_world *m = &c->made[i];
        if (m->epoch == c->epoch && m->draw == draw && m->kappa == kappa && m->zero_initial == as->zero_initial &&
            m->one_sample == as->one_sample && m->equal_sizes == as->equal_sizes && m->hot_columns == as->hot_columns &&
            m->pushed == by->quantity && m->times == by->times) {
            world *w = m->world;
            w->fault.kind = FAULT_NONE;
            w->spent = 0;
            w->until = c->until;
            world_take_sizes(w);
            return w;
        }
    }
    if (!c->measured) {
        c->measured = true;
        c->damped = world_damping(c->arena, c->scope);
    }
    world_options options = { .draw = (uint64_t)draw,
                              .kappa = kappa,
                              .zero_initial = as->zero_initial,
                              .batch = as->one_sample,
                              .hot_columns = as->hot_columns,
                              .other = as->equal_sizes ? 3 : 0,
                              .damped = c->damped,
                              .pushed = by->quantity,
                              .times = by->times };
    world *w = world_new(c->arena, c->scope, &options, f);
    if (!w)
        return NULL;
    w->until = c->until;
    if (c->count == c->room) {
        int room = c->room ? 2 * c->room : 16;
        struct court_world *more = ARENA_ARRAY(c->arena, struct court_world, room);
        if (!more) {
            world_free(w);
            fault_set(f, FAULT_TOO_BIG, "memory is short");
            return NULL;
        }
        if (c->count)
            memcpy(more, c->made, (size_t)c->count * sizeof *more);
        c->made = more, c->room = room;
    }
    c->made[c->count++] = (struct court_world){ .world = w,
                                                .epoch = c->epoch,
                                                .kappa = kappa,
                                                .zero_initial = as->zero_initial,
                                                .one_sample = as->one_sample,
                                                .equal_sizes = as->equal_sizes,
                                                .hot_columns = as->hot_columns,
                                                .draw = draw,
                                                .pushed = by->quantity,
                                                .times = by->times };
    return w;
}

/* The given quantities that a condition speaks of. */
static void givens_in(scope *s, const tree *t, const quantity **out, int most, int *count)
{
    symbol_use use;
    if (scope_is_name(s, t, NULL) && scope_symbol(s, t, NULL, &use) && use.quantity) {
        const quantity *q = use.quantity;
        for (int i = 0; i < *count; i++)
            if (out[i] == q)
                return;
        if (q->kind == QUANTITY_GIVEN && !q->definitions && *count < most)
            out[(*count)++] = q;
        return;
    }
    for (int i = 0; i < t->count; i++)
        givens_in(s, t->child[i], out, most, count);
}

static bool one_is_enough(void *context, const binding *env, int64_t t)
{
    (void)env, (void)t;
    *(bool *)context = true;
    return false;
}

/* Has the claim an instance in it? */
static bool has_instance(world *w, const claimed *claim)
{
    bool found = false;
    fault f = { 0 };
    judge_instances(w, claim, &f, one_is_enough, &found);
    w->fault.kind = FAULT_NONE;
    eddy_clear_error(w->tape);
    return found || f.kind; /* what cannot be read is said later */
}

world *court_world(court *c, const claimed *claim, int draw, const assumption *as, fault *f)
{
    static const double times[] = { 1. / 16, 16, -1, 1. / 256, 256, -16 };
    const quantity *given[4];
    int givens = 0;
    push by = { NULL, 1 };
    symbol_use zero;
    if (claim->zero && scope_symbol(c->scope, claim->zero, NULL, &zero) && zero.quantity)
        by = (push){ zero.quantity, 0 };
    world *first = drawn_world(c, claim, draw, as, &by, f);
    for (int i = 1; claim->formula && i < claim->formula->count; i++)
        if (scope_is_value_condition(c->scope, claim->formula->child[i]))
            givens_in(c->scope, claim->formula->child[i], given, 4, &givens);
    for (int k = -1; first && givens && k < givens * (int)(sizeof times / sizeof *times); k++) {
        if (k >= 0)
            by = (push){ given[k % givens], times[k / givens] };
        world *w = k < 0 ? first : drawn_world(c, claim, draw, as, &by, f);
        if (w && has_instance(w, claim))
            return w;
    }
    return first && givens ? drawn_world(c, claim, draw, as, &(push){ NULL, 1 }, f) : first;
}

int court_worlds(const court *c, const claimed *claim)
{
    if (claim->relation != REL_EQ && claim->relation != REL_PROPTO) /* an inequality is only ever tried */
        return JUDGE_INEQUALITY_WORLDS;
    return c->branches ? JUDGE_BRANCH_WORLDS : JUDGE_WORLDS;
}

void court_free(court *c)
{
    for (int i = 0; i < c->count; i++)
        world_free(c->made[i].world);
    c->count = 0;
}

bool court_over(const court *c)
{
    return c->work > c->most || world_clock() > c->until;
}
