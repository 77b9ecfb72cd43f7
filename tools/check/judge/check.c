/* The pass through a document: scenes, definitions first, then the claims; expectations. */
#include "reader.h"
#include "pass.h"

#include <stdio.h>
#include <string.h>

/* Whoever runs out of memory gives up without a word, and the search for conditions clears a tape's errors: here it is
 * noticed in any case. */
static bool is_starved(pass *p)
{
    p->starved |= p->arena->failed || p->court.scratch.failed || eddy_allocations_refused() != p->refused;
    return p->starved;
}

/* ---- Judging a scene ---- */

/* v = (V, U, b): tensors that have one name together; no vector, where they do not fit below each other. */
static bool is_list_of_names(pass *p, const tree *t)
{
    bool names = t->kind == TREE_TUPLE;
    for (int i = 0; i < t->count && names; i++)
        names = scope_is_name(p->scope, t->child[i], NULL);
    return names;
}

static void judge_definition(pass *p, const claimed *claim, finding *f)
{
    assumption first;
    tally t;
    f->verdict = CHECK_DEFINES;
    judge_default(&p->court, claim, &first);
    judge_run(&p->court, claim, &first, 1, STOP_NEVER, &t); /* trivially true, if it has a meaning at all */
    f->compared = 0;
    if ((t.outcome == OUTCOME_NOT_READ || t.outcome == OUTCOME_SHAPES) && is_list_of_names(p, claim->right)) {
        f->verdict = CHECK_DECLARES;
        f->summary = "one name for a list of quantities, with which nothing is computed";
    } else if (t.outcome == OUTCOME_NOT_READ)
        not_read(f, arena_format(p->arena, "%s", t.sentence));
    else if (t.outcome == OUTCOME_SHAPES)
        not_read(f, arena_format(p->arena, "%s: say the shapes of what is given in the setup, or mend the formula",
                                 t.sentence));
    else if (claim->left->kind != TREE_MUL && /* f(x) = softmax(x): of any x, as long as may be */
             judge_is_degenerate(&p->court, claim, &first))
        judge_degenerate(&p->court, claim, &first, f);
}

/* "$B = 2, H = 5$" */
static const char *drawn_sizes(pass *p, const world *w)
{
    text out = { .arena = p->arena };
    for (int i = 0; i < p->scope->sizes; i++)
        text_format(&out, "%s%s = %lld", i ? ", " : "$", p->scope->size[i].letter, (long long)w->size[i]);
    text_add(&out, p->scope->sizes ? "$" : "these sizes");
    return text_done(&out);
}

static bool is_per_sequence(const world *w, const quantity *q)
{
    return w->B > 1 && (q->timed || q->flags & GIVEN_PER_SAMPLE);
}

static void judge_shape(pass *p, const tree *relation, finding *f)
{
    assumption first;
    claimed c = { .formula = f->formula, .left = relation->child[0], .right = relation->child[0] };
    setup_statement st = { 0 };
    fault fault_ = { 0 };
    symbol_use use;
    judge_default(&p->court, &c, &first);
    world *w = court_world(&p->court, &c, 0, &first, &fault_);
    int rank = 0;
    int64_t dim[2], wanted;
    declaration(p->arena, relation->child[1], &st);
    f->verdict = CHECK_NOT_READ;
    binding labels[4];
    if (!w || !scope_symbol(p->scope, relation->child[0], first_labels(p->scope, relation->child[0], labels), &use) ||
        !use.quantity || !shapes_get(w, use.quantity, &rank, dim)) {
        f->summary = "the shape of the left side is not known";
        return;
    }
    bool row = st.rank == 2 && rank == 1 && st.dim[0]->kind == TREE_NUMBER && st.dim[0]->value == 1,
         column = st.rank == 2 && rank == 1 && st.dim[1]->kind == TREE_NUMBER && st.dim[1]->value == 1;
    if (row || column) { /* R^{1 x h} is a vector, too */
        st.rank = 1;
        st.dim[0] = st.dim[row];
    }
    for (int i = 0; i < st.rank && st.rank == 2 && rank == 1 && is_per_sequence(w, use.quantity); i++)
        if (st.dim[i]->kind == TREE_SYMBOL && !st.dim[i]->count && !strcmp(st.dim[i]->name, "B")) {
            st.rank = 1; /* R^{D x B}: a column for each sequence */
            st.dim[0] = st.dim[!i];
        }
    int elements = use.indices - (use.quantity->timed && use.indices); /* \beta_w is a row of \beta */
    elements = elements < rank ? elements : rank;
    bool same = rank - elements == st.rank;
    for (int i = 0; same && i < st.rank; i++)
        same = scope_index(p->scope, st.dim[i], NULL, &wanted, &fault_) && wanted == dim[i + elements];
    f->verdict = same ? CHECK_HOLDS : CHECK_FAILS;
    if (!same)
        f->summary = rank == 0   ? "its shape is another: it is a scalar"
                     : rank == 1 ? arena_format(p->arena, "its shape is another: for %s it has %lld elements",
                                                drawn_sizes(p, w), (long long)dim[0])
                                 : arena_format(p->arena, "its shape is another: for %s it is %lld x %lld",
                                                drawn_sizes(p, w), (long long)dim[0], (long long)dim[1]);
}

static bool is_equality(tree_relation relation)
{
    return relation == REL_EQ || relation == REL_DEFINED;
}

/* With "dX means \partial L / \partial X" in the setup, a formula that is false may yet be one of differentials. */
static void judge_as_differentials(pass *p, const entry *e, const claimed *claim, finding *f)
{
    finding other = *e->finding;
    claimed other_claim = *claim;
    other_claim.differential = e->differential;
    judge_claim(&p->court, &other_claim, &other);
    if (other.verdict == CHECK_HOLDS)
        *f = other;
}

/* \theta \leftarrow \theta - \eta g, of a parameter: how it is trained, and nothing that could be true or false. Of
 * what a formula defines, or a derivative, the new value would be a claim. */
static bool is_update(pass *p, const tree *r)
{
    symbol_use use;
    const tree *left = r->child[0], *right = r->child[1];
    bool again = false;
    for (int i = 0; right->kind == TREE_ADD && i < right->count; i++) {
        const tree *term = right->child[i]->kind == TREE_NEG ? right->child[i]->child[0] : right->child[i];
        again |= tree_equal(term->kind == TREE_MUL ? term->child[term->count - 1] : term, left);
    }
    return again && r->relations[0] == REL_BECOMES && r->count == 2 && !scope_differential(p->scope, left) &&
           scope_is_name(p->scope, left, NULL) && scope_symbol(p->scope, left, NULL, &use) &&
           !(use.quantity && (use.quantity->timed || use.quantity->definitions || use.quantity->kind));
}

/* "Put v = 0 and ... is left": what fails as it stands may hold so. */
static void judge_for_once(pass *p, const entry *e, const claimed *claim, finding *f)
{
    claimed c = *claim;
    finding so = *f;
    const char **condition = ARENA_ARRAY(p->arena, const char *, 1);
    if (f->verdict != CHECK_FAILS || !e->once || e->formula->child[0]->count != 2 || !condition)
        return;
    c.zero = e->once;
    judge_claim(&p->court, &c, &so);
    if (so.verdict != CHECK_HOLDS)
        return;
    condition[0] = arena_format(p->arena, "$%s = 0$", latex_text(p->arena, e->once, LATEX_SOURCE));
    f->verdict = CHECK_HOLDS_IF;
    f->condition = condition, f->conditions = 1;
    f->summary = condition[0];
    f->pattern = NULL;
}

static void judge_entry(pass *p, entry *e)
{
    finding *f = e->finding, worst;
    const tree *r = e->formula->child[0];
    double began = world_clock();
    if (f->verdict == CHECK_NOT_READ)
        return;
    if (p->court.work > p->court.most) {
        not_read(f, "the work allowed for this document was done before it was judged");
        return;
    }
    if (began > p->court.until) {
        not_read(f, "the time for this document was over before it was judged (see --seconds)");
        return;
    }
    claimed c = { .formula = e->formula, .left = r->child[0], .convention = e->convention, .helds = e->helds };
    memcpy(c.held, e->held, sizeof c.held);
    if (r->relations[0] == REL_IN) {
        judge_shape(p, r, f);
        return;
    }
    if (is_update(p, r)) {
        f->verdict = CHECK_DECLARES;
        f->summary = "an update: which value a parameter gets next, nothing that could be true or false";
        return;
    }
    worst = *f;
    int begin = r->relations[0] == REL_BECOMES && r->count > 2 && is_equality(r->relations[1]) ? 2 : 1;
    for (int i = begin; i < r->count; i++) { /* w \leftarrow a = b says that a is b */
        finding one = *f;
        c.right = r->child[i];
        c.relation = r->relations[i - 1] == REL_DEFINED ? REL_EQ : r->relations[i - 1];
        if (i > 1 && (c.relation != REL_EQ || begin == 2 || !is_equality(r->relations[i - 2])))
            c.left = r->child[i - 1]; /* a = b <= c speaks of b and c, a <= b = c too */
        c.differential = c.left == r->child[0] && !scope_differential(p->scope, c.left) ? e->differential : NULL;
        setup_statement space = { 0 };
        if (i > 1 && c.relation == REL_IN && declaration(p->arena, c.right, &space))
            continue; /* a = b \in R^q: b says more than the space */
        if (c.relation == REL_IN || c.relation == REL_BECOMES || c.relation == REL_APPROX)
            not_read(&one, c.relation == REL_APPROX
                               ? "\"about equal\" cannot be judged"
                               : "an assignment changes a quantity; give the new one a name of its own");
        else if (c.relation == REL_ADDS)
            judge_sum(p, e, &c, &one);
        else if (i == 1 && e->definition)
            judge_definition(p, &c, &one);
        else {
            judge_claim(&p->court, &c, &one);
            judge_assuming(p, &c, &one);
        }
        if (e->differential && !c.differential && one.verdict != CHECK_HOLDS && c.left == r->child[0])
            judge_as_differentials(p, e, &c, &one);
        if (c.relation == REL_EQ && one.verdict > CHECK_HOLDS && is_summed(p, e)) {
            finding sum = *f;
            judge_sum(p, e, &c, &sum);
            one = sum;
        }
        static const int rank[CHECK_VERDICTS] = {
            [CHECK_DEFINES] = 0,    [CHECK_DECLARES] = 0,   [CHECK_HOLDS] = 1, [CHECK_HOLDS_IF] = 2,
            [CHECK_UNRESOLVED] = 3, [CHECK_DEGENERATE] = 4, [CHECK_FAILS] = 5, [CHECK_NOT_READ] = 6
        };
        if (i == begin || rank[one.verdict] > rank[worst.verdict])
            worst = one;
    }
    *f = worst;
    judge_for_once(p, e, &c, f);
    if ((f->verdict == CHECK_FAILS || f->verdict == CHECK_HOLDS_IF) &&
        (is_assumption(p, r) || (is_aside(f->item) && is_special_case(p, r)))) {
        take_as_assumed(f);
        if (f->verdict == CHECK_DECLARES)
            note_bounds(p, r);
    }
    f->seconds = world_clock() - began;
}

/* ---- Scenes ---- */

/* The library's cell is what formulas about its names are held against: said once if its equations and the cell itself
 * should differ. */
static void library_verdict(pass *p, int from)
{
    assumption plain = { 0 };
    claimed nothing = { .helds = 0 };
    fault f = { 0 };
    world *w = p->scope->library ? court_world(&p->court, &nothing, 0, &plain, &f) : NULL;
    if (!p->scope->library || (w && library_agrees(w, &f)))
        return;
    finding *x = new_finding(p, &p->document->item[from], 0);
    if (x) {
        x->expected = NULL;
        x->id = arena_format(p->arena, "library %s, line %d", p->scope->library, p->document->item[from].line);
        not_read(x, arena_format(p->arena, "%s", f.sentence));
    }
}

/* A loss must read something that is there. */
static void loss_verdict(pass *p, int from)
{
    for (int i = 0; i < p->scope->quantities; i++)
        for (int k = 0; k < p->scope->quantity[i]->read_count; k++) {
            const quantity *loss = p->scope->quantity[i], *q = loss->reads[k].quantity;
            finding *x = q->kind == QUANTITY_GIVEN && !q->definitions && !q->drawn && !q->shaped
                             ? new_finding(p, &p->document->item[from], 0)
                             : NULL;
            if (x) {
                x->expected = NULL;
                x->id = arena_format(p->arena, "loss, line %d", p->document->item[from].line);
                not_read(x, arena_format(p->arena, "$%s$ reads $%s$, which is neither defined nor given", loss->shown,
                                         q->shown));
            }
        }
}

/* A minimum, a maximum, |x|, a comparison: what holds on one side may not hold on the other. */
static bool has_branch(const tree *t)
{
    static const char *const names[] = { "\\max", "\\min", "max", "min", "ReLU", "relu", "sign", "sgn" };
    if (t->kind == TREE_MAX || t->kind == TREE_MIN || t->kind == TREE_ABS || t->kind == TREE_INDICATOR)
        return true;
    for (size_t i = 0; t->kind == TREE_APPLY && i < sizeof names / sizeof *names; i++)
        if (!strcmp(t->name, names[i]))
            return true;
    for (int i = 0; i < t->count; i++)
        if (has_branch(t->child[i]))
            return true;
    return false;
}

/* Does a definition have a dot that may be the inner product? */
static bool defines_by_dot(const scope *s)
{
    bool found = false;
    for (int i = 0; i < s->quantities && s->sign[WRITTEN_DOT] == SIGN_USUAL && !found; i++)
        for (int k = 0; k < s->quantity[i]->definitions; k++)
            found |= formula_has_sign(s->quantity[i]->definition[k]->value, WRITTEN_DOT);
    return found;
}

/* f = w \cdot h multiplies elements or is the inner product: what is false in a scene of the one may be meant in one of
 * the other. */
static void judge_inner_products(pass *p, const finding *before)
{
    scope *s = p->scope;
    s->sign[WRITTEN_DOT] = SIGN_INNER;
    p->court.epoch++;
    for (int i = 0; i < p->entries && !is_starved(p); i++) {
        finding *f = p->entry[i].finding, was = *f;
        if (f->verdict <= CHECK_HOLDS || before[i].verdict == CHECK_NOT_READ || p->entry[i].added)
            continue;
        *f = before[i];
        judge_entry(p, &p->entry[i]);
        if (f->verdict != CHECK_HOLDS)
            *f = was;
        else
            judge_note(&p->court, f, "it holds with the dot between two vectors as their inner product everywhere");
    }
    s->sign[WRITTEN_DOT] = SIGN_USUAL;
    p->court.epoch++;
}

/* Every formula once: first what reads no other, then verdicts. */
static void judge_scene(pass *p)
{
    finding *before = defines_by_dot(p->scope) ? ARENA_ARRAY(p->arena, finding, p->entries) : NULL;
    for (int i = 0; i < p->entries && before; i++)
        before[i] = *p->entry[i].finding;
    for (int i = 0; i < p->entries && !is_starved(p); i++) {
        judge_entry(p, &p->entry[i]);
        if (p->options->progress)
            p->options->progress(p->options->context, p->all->count - p->entries + i + 1, p->all->count);
    }
    if (before)
        judge_inner_products(p, before);
    doubt_shorthand(p);
    doubt_suggested(p);
}

/* Which sizes were drawn. */
static void note_sizes(pass *p)
{
    for (int i = 0; i < p->court.count && p->all->scenes < 64; i++) {
        text out = { .arena = p->arena };
        for (int k = 0; k < p->scope->sizes; k++)
            text_format(&out, "%s$%s = %lld$", k ? ", " : "", p->scope->size[k].letter,
                        (long long)p->court.made[i].world->size[k]);
        bool known = false;
        for (int k = 0; k < p->all->scenes; k++)
            known |= !strcmp(p->all->scene[k], text_done(&out));
        if (!known)
            p->all->scene[p->all->scenes++] = text_done(&out);
    }
}

/* Which guesses may matter, where not everything is as it should be: what a dot between two vectors stands for, whether
 * a row of a matrix by itself is a row. */
static int judge_scene_once(pass *p, int from, int to, setup *extra)
{
    scope scope_;
    parsed *item = ARENA_ARRAY(p->arena, parsed, to - from + 1);
    int before = p->all->count;
    bool doubtful = false;
    if (!item)
        return 0;
    scope_start(&scope_, p->arena);
    p->scope = &scope_;
    p->court = (court){ .arena = p->arena,
                        .scope = &scope_,
                        .quick = p->options->quick,
                        .brief = p->options->brief,
                        .work = p->all->work,
                        .most = p->options->work > 0 ? p->options->work : INT64_MAX,
                        .until = p->began + (p->options->seconds > 0 ? p->options->seconds : 120) };
    arena_start(&p->court.scratch, (size_t)1 << 30);
    p->entries = 0;
    if (!scene_read(p, from, to, item, extra))
        return 0;
    scene_take(p, from, to, item, extra);
    for (int i = 0; i < scope_.formulas; i++)
        p->court.branches |= has_branch(scope_.formula[i]);
    scope_finish(&scope_);
    library_verdict(p, from);
    loss_verdict(p, from);
    judge_scene(p);
    note_sizes(p);
    is_starved(p);
    bool dots = scope_.sign[WRITTEN_DOT] == SIGN_INNER; /* which may leave a definition without a meaning */
    for (int i = 0; i < p->court.count; i++)
        dots |= p->court.made[i].world->algebra.dots > 0;
    for (int i = before; i < p->all->count; i++)
        doubtful |= p->all->finding[i].verdict > CHECK_HOLDS;
    p->all->work = p->court.work;
    court_free(&p->court);
    arena_free(&p->court.scratch);
    int guesses = (dots && scope_.dot_guessed ? GUESS_DOT : 0) | (scope_.sliced ? GUESS_SLICES : 0);
    return doubtful && !p->starved ? guesses : 0;
}

static int good_ones(const finding *f, int count)
{
    int good = 0;
    for (int i = 0; i < count; i++)
        good += f[i].verdict <= CHECK_HOLDS;
    return good;
}

/* The scene once more with the other meaning of what was guessed. What is good in either stands so; the rest, as where
 * more is good. */
static void judge_scene_again(pass *p, int from, int to, setup *extra, int guess, int before, int mentions)
{
    findings *all = p->all;
    int count = all->count - before;
    finding *first = ARENA_ARRAY(p->arena, finding, count + 1), *second = all->finding + before;
    if (!first)
        return;
    memcpy(first, second, (size_t)count * sizeof *first);
    all->count = before, all->mentions = mentions;
    p->other = guess;
    judge_scene_once(p, from, to, extra);
    p->other = 0;
    bool other = all->count - before == count && good_ones(second, count) > good_ones(first, count);
    for (int i = 0; i < count; i++) {
        bool good = first[i].verdict <= CHECK_HOLDS, was = all->count - before == count;
        bool shapes = was && second[i].verdict == CHECK_FAILS && first[i].verdict == CHECK_NOT_READ &&
                      !strncmp(second[i].summary, "the shapes do not fit", 21); /* in a guess nothing FAILS for these */
        if (!was || shapes || (second[i].verdict > CHECK_HOLDS && (good || !other)))
            second[i] = first[i];
    }
    all->count = before + count;
}

/* One author has one layout: what holds only with transposed derivatives, where others hold with plain ones, does so
 * under a condition. */
static void compare_layouts(pass *p, int before)
{
    static const char *const condition = "derivatives by matrices are transposed (numerator layout), as those of other "
                                         "formulas here are not";
    bool usual = false;
    for (int i = before; i < p->all->count; i++)
        usual |= p->all->finding[i].usual;
    for (int i = before; i < p->all->count && usual; i++) {
        finding *f = &p->all->finding[i];
        const char **list = f->turned && f->verdict == CHECK_HOLDS ? ARENA_ARRAY(p->arena, const char *, 1) : NULL;
        if (!list)
            continue;
        list[0] = condition;
        f->verdict = CHECK_HOLDS_IF;
        f->condition = list, f->conditions = 1;
        f->summary = condition;
    }
}

static void run_scene(pass *p, int from, int to, setup *extra)
{
    int before = p->all->count, mentions = p->all->mentions;
    p->other = 0;
    int guesses = judge_scene_once(p, from, to, extra);
    for (int guess = GUESS_DOT; guess <= GUESS_SLICES; guess <<= 1)
        if (guesses & guess && !p->starved)
            judge_scene_again(p, from, to, extra, guess, before, mentions);
    compare_layouts(p, before);
}

findings *check_document(arena *a, const document *d, const check_options *options)
{
    document beside = *d;
    check_options own = *options;
    if (own.setup) {
        own.setup = side_scenes(a, &beside, own.setup);
        d = &beside, options = &own;
    }
    pass p = {
        .arena = a, .document = d, .options = options, .began = world_clock(), .refused = eddy_allocations_refused()
    };
    setup extra = { 0 };
    p.all = ARENA_NEW(a, findings);
    int formulas = 0;
    if (options->setup)
        extra = setup_read(a, options->setup, 1);
    for (int i = 0; i < d->count; i++)
        formulas += 8; /* a row rarely holds more than two; setups may have several mistakes */
    p.room = formulas + 8;
    if (!p.all || !(p.all->finding = ARENA_ARRAY(a, finding, p.room)) ||
        !(p.all->scene = ARENA_ARRAY(a, const char *, 64)))
        return NULL;
    p.all->document = d->name;
    for (int from = 0, to; from < d->count && !is_starved(&p); from = to) {
        for (to = from + 1; to < d->count; to++)
            if (d->item[to].kind == DOCUMENT_SETUP) {
                setup s = setup_read(a, d->item[to].source, d->item[to].line);
                if (s.count && s.statement[0].kind == SETUP_SCENE)
                    break;
            }
        run_scene(&p, from, to, &extra);
    }
    for (int i = 0; i < p.all->count; i++) {
        finding *f = &p.all->finding[i];
        expectation_meet(p.arena, f);
        p.all->verdicts[f->verdict]++;
        p.all->unmet += !f->met;
    }
    p.all->seconds = world_clock() - p.began;
    return is_starved(&p) ? NULL : p.all;
}
