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

/* ---- Reading a scene ---- */

static bool has_join(const tree *t, tree_join join)
{
    for (int i = 0; i < t->count; i++)
        if ((t->kind == TREE_MUL && i && t->child[i]->join == join) || has_join(t->child[i], join))
            return true;
    return false;
}

static bool scene_has_sign(const parsed *item, int count, tree_join join)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++)
            if (has_join(item[i].formulas.formula[k], join))
                return true;
    return false;
}

static bool has_vec(const tree *t)
{
    bool found = t->kind == TREE_APPLY && !strcmp(t->name, "vec");
    for (int i = 0; i < t->count && !found; i++)
        found = has_vec(t->child[i]);
    return found;
}

static bool scene_has_vec(const parsed *item, int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++)
            if (has_vec(item[i].formulas.formula[k]))
                return true;
    return false;
}

/* ---- Judging a scene ---- */

static void judge_definition(pass *p, const claimed *claim, finding *f)
{
    assumption first;
    tally t;
    f->verdict = CHECK_DEFINES;
    judge_default(&p->court, claim, &first);
    judge_run(&p->court, claim, &first, 1, false, &t); /* trivially true, if it has a meaning at all */
    f->compared = 0;
    if (t.outcome == OUTCOME_NOT_READ)
        not_read(f, arena_format(p->arena, "%s", t.sentence));
    else if (t.outcome == OUTCOME_SHAPES)
        not_read(f, arena_format(p->arena, "%s: say the shapes of what is given in the setup, or mend the formula",
                                 t.sentence));
    else if (judge_is_degenerate(&p->court, claim, &first))
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
    bool same = rank == st.rank;
    for (int i = 0; same && i < rank; i++)
        same = scope_index(p->scope, st.dim[i], NULL, &wanted, &fault_) && wanted == dim[i];
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
    worst = *f;
    for (int i = 1; i < r->count; i++) {
        finding one = *f;
        c.right = r->child[i];
        c.relation = r->relations[i - 1] == REL_DEFINED ? REL_EQ : r->relations[i - 1];
        if (i > 1 && (c.relation != REL_EQ || !is_equality(r->relations[i - 2])))
            c.left = r->child[i - 1]; /* a = b <= c speaks of b and c, a <= b = c too */
        c.differential = c.left == r->child[0] && !scope_differential(p->scope, c.left) ? e->differential : NULL;
        setup_statement space = { 0 };
        if (i > 1 && c.relation == REL_IN && declaration(p->arena, c.right, &space))
            continue; /* a = b \in R^q: b says more than the space */
        symbol_use use;
        if (c.relation == REL_BECOMES && scope_symbol(p->scope, c.left, NULL, &use) && use.quantity &&
            use.quantity->timed && use.indices)
            c.relation = REL_EQ; /* each step has a value of its own: nothing is overwritten */
        if (c.relation == REL_IN || c.relation == REL_BECOMES || c.relation == REL_APPROX)
            not_read(&one, c.relation == REL_APPROX
                               ? "\"about equal\" cannot be judged"
                               : "an assignment changes a quantity; give the new one a name of its own");
        else if (c.relation == REL_ADDS)
            judge_sum(p, e, &c, &one);
        else if (i == 1 && e->definition)
            judge_definition(p, &c, &one);
        else
            judge_claim(&p->court, &c, &one);
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
        if (i == 1 || rank[one.verdict] > rank[worst.verdict])
            worst = one;
    }
    *f = worst;
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

/* How the scene's author spells; NULL: memory is short. */
static spellings *scene_spellings(pass *p, parsed *item, int from, int to)
{
    spellings *s = ARENA_NEW(p->arena, spellings);
    const char **formula = ARENA_ARRAY(p->arena, const char *, to - from + 1);
    const char **lines = ARENA_ARRAY(p->arena, const char *, to - from + 2);
    int formulas = 0, setups = 0;
    if (!s || !formula || !lines)
        return NULL;
    s->arena = p->arena;
    if (p->options->setup)
        lines[setups++] = p->options->setup;
    for (int i = from; i < to; i++)
        if (p->document->item[i].kind == DOCUMENT_SETUP)
            lines[setups++] = p->document->item[i].source;
    for (int i = from; i < to; i++)
        if (p->document->item[i].kind == DOCUMENT_FORMULA)
            formula[formulas++] = p->document->item[i].source;
    spellings_of_steps(s, lines, formula, formulas);
    for (int i = 0; i < setups; i++)
        lines[i] = spell_steps(s, lines[i], true);
    for (int i = from, k = p->options->setup != NULL; i < to; i++)
        if (p->document->item[i].kind == DOCUMENT_SETUP)
            item[i - from].lines = lines[k++];
    for (int i = 0; i < setups; i++)
        spellings_of_setup(s, lines[i]);
    for (int i = 0; i < formulas; i++)
        formula[i] = spell_steps(s, formula[i], false);
    spellings_of_raised(s, lines, formula, formulas);
    for (int i = 0; i < formulas; i++)
        spellings_of_formula(s, formula[i] = spell_raised(s, formula[i]));
    spellings_in_fonts(s, lines, formula, formulas);
    spellings_numbered_steps(s, formula, formulas);
    spellings_last_step(s, formula, formulas);
    return s;
}

/* t = T-1, \dots, 1: which steps are spoken of. */
static bool is_range(const char *source)
{
    static const char *const dots[] = { ", \\dots,", ",\\dots,", ", \\ldots,", ",\\ldots," };
    source += strspn(source, " ");
    const char *equals = *source ? source + 1 + strspn(source + 1, " ") : source;
    bool listed = false;
    for (size_t k = 0; k < sizeof dots / sizeof *dots; k++)
        listed |= strstr(source, dots[k]) != NULL;
    return *source >= 'a' && *source <= 'z' && *equals == '=' && listed;
}

/* In running text, without a relation: a mention, readable or not. */
static bool says_nothing(const char *source)
{
    static const char *const relations[] = { "=",    "<",        ">",       "\\le",     "\\ge", "\\ne",
                                             "\\in", "\\approx", "\\equiv", "\\propto", "\\sim" };
    for (size_t k = 0; k < sizeof relations / sizeof *relations && !is_range(source); k++)
        if (strstr(source, relations[k]))
            return false;
    return true;
}

/* "= b" after a display "a = ..." goes on with it: a stands in front. */
static const char *continued(pass *p, int from, int i)
{
    const document_item *item = p->document->item;
    const char *source = item[i].source;
    if (source[strspn(source, " \t\r\n&")] != '=' || !item[i].display)
        return source;
    for (int k = i - 1; k >= from; k--) {
        const char *before = item[k].source, *equals = item[k].kind == DOCUMENT_FORMULA ? strchr(before, '=') : NULL;
        if (item[k].kind == DOCUMENT_FORMULA && item[k].display && equals && equals[-(equals > before)] != '\\' &&
            before[strspn(before, " \t\r\n&")] != '=')
            return arena_format(p->arena, "%.*s%s", (int)(equals - before), before, source);
    }
    return source;
}

static void run_scene(pass *p, int from, int to, setup *extra)
{
    const document *d = p->document;
    scope scope_;
    parsed *parsed_ = ARENA_ARRAY(p->arena, parsed, to - from + 1);
    if (!parsed_)
        return;
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
    spellings *spelled = scene_spellings(p, parsed_, from, to);
    if (!spelled)
        return;
    if (p->options->setup) {
        *extra = setup_read(p->arena, spell_setup(spelled, p->options->setup), 1);
    }
    bool sizes = setup_has_sizes(extra);
    for (int i = from; i < to; i++) {
        const document_item *item = &d->item[i];
        if (item->kind == DOCUMENT_SETUP) {
            parsed_[i - from].setup = setup_read(p->arena, spell_setup(spelled, item->source), item->line);
            if (!parsed_[i - from].setup.sentence)
                parsed_[i - from].setup.sentence = spellings_repeated(spelled, parsed_[i - from].lines, item->line);
            sizes |= setup_has_sizes(&parsed_[i - from].setup);
        } else {
            const char *source = spell_formula(spelled, continued(p, from, i));
            parsed_[i - from].each = spell_repeats(spelled, item->source);
            parsed_[i - from].formulas = latex_read(p->arena, source, strlen(source));
        }
    }
    scope_.from_zero = spelled->from_zero;
    static const char *const usual[] = { "B", "T", "I", "H" };
    for (int i = 0; !sizes && i < 4; i++)
        scope_.size[scope_.sizes++] = (size_name){ .letter = usual[i] };
    if (!scene_has_sign(parsed_, to - from, JOIN_ODOT)) /* whoever has no other sign for it multiplies elements */
        scope_.sign[WRITTEN_OTIMES] = SIGN_ENTRYWISE;
    if (scene_has_vec(parsed_, to - from))
        scope_.sign[WRITTEN_OTIMES] = SIGN_KRONECKER;
    bool batch = setup_has_batch(extra);
    for (int i = from; i < to; i++)
        batch |= setup_has_batch(&parsed_[i - from].setup);
    scope_.batch_unsaid = !batch;
    /* first how to read, then all names, then the meaning in order */
    setup_apply(p, NULL, extra, true);
    for (int i = from; i < to; i++)
        if (d->item[i].kind == DOCUMENT_SETUP)
            setup_apply(p, &d->item[i], &parsed_[i - from].setup, true);
    if (sizes)
        tell_last_of_all(p, parsed_, to - from, extra);
    tell_primes(p, parsed_, to - from, extra);
    bool primed = false; /* h' is a name of its own if something is called so */
    for (int i = from; i < to; i++) {
        primed |= d->item[i].kind == DOCUMENT_SETUP && strchr(d->item[i].source, '\'') != NULL;
        for (int k = 0; k < parsed_[i - from].formulas.count; k++)
            primed |= latex_defines_primed(parsed_[i - from].formulas.formula[k]);
    }
    primed |= p->options->setup && strchr(p->options->setup, '\'');
    for (int i = from; i < to && !primed; i++)
        for (int k = 0; k < parsed_[i - from].formulas.count; k++)
            latex_transpose_primed(p->arena, parsed_[i - from].formulas.formula[k]);
    tell_last_step(p, parsed_, to - from);
    tell_tables(p, parsed_, to - from, extra);
    tell_abbreviations(p, parsed_, to - from, extra);
    note_classes(p, parsed_, to - from, extra);
    setup_survey(p, extra);
    for (int i = from; i < to; i++) {
        setup_survey(p, &parsed_[i - from].setup);
        for (int k = 0; k < parsed_[i - from].formulas.count && scope_.differential; k++) /* dX without \\mathrm */
            latex_merge(p->arena, parsed_[i - from].formulas.formula[k], scope_.differential, NULL);
        for (int k = 0; k < parsed_[i - from].formulas.count; k++) {
            const tree *only = parsed_[i - from].formulas.formula[k]->child[0];
            if (d->item[i].display || only->kind != TREE_SYMBOL || only->count || *only->accents)
                scope_survey(&scope_, parsed_[i - from].formulas.formula[k]); /* "unit $v$" says nothing of v */
        }
    }
    bool all_read = true;
    for (int i = from; i < to; i++)
        all_read &= d->item[i].kind == DOCUMENT_SETUP ? !parsed_[i - from].setup.sentence
                                                      : !parsed_[i - from].formulas.sentence ||
                                                            (!d->item[i].display && says_nothing(d->item[i].source));
    if (all_read)
        scope_name_differentials(&scope_);
    scope_adopt_letters(&scope_);
    if (extra->count)
        setup_apply(p, &d->item[from], extra, false);
    for (int i = from; i < to; i++) {
        const document_item *item = &d->item[i];
        if (item->kind == DOCUMENT_SETUP) {
            const setup *lines = &parsed_[i - from].setup;
            setup_apply(p, item, lines, false);
            p->court.setup_wrong |= lines->sentence != NULL;
            if (lines->sentence) {
                finding *f = new_finding(p, item, 0);
                if (f) {
                    f->id = arena_format(p->arena, "setup, line %d", item->line);
                    not_read(f, lines->sentence);
                }
            }
            continue;
        }
        latex_result *r = &parsed_[i - from].formulas;
        if (r->sentence && !item->display && !item->tagged && !item->expect && says_nothing(item->source)) {
            p->all->mentions++;
            continue;
        }
        for (int k = 0, before; k < r->count; k++) {
            before = p->all->count;
            take_formula(p, item, r->formula[k], k);
            for (int n = before; n < p->all->count && parsed_[i - from].each; n++)
                p->all->finding[n].expected = item->expect;
        }
        if (r->sentence) {
            finding *f = new_finding(p, item, r->count);
            if (f)
                not_read(f, r->sentence);
            p->court.unread = true;
        }
    }
    for (int i = 0; i < scope_.formulas; i++)
        p->court.branches |= has_branch(scope_.formula[i]);
    scope_finish(&scope_);
    library_verdict(p, from);
    loss_verdict(p, from);
    for (int i = 0; i < p->entries && !is_starved(p); i++) {
        judge_entry(p, &p->entry[i]);
        if (p->options->progress)
            p->options->progress(p->options->context, p->all->count - p->entries + i + 1, p->all->count);
    }
    for (int i = 0; i < p->court.count && p->all->scenes < 64; i++) {
        text out = { .arena = p->arena };
        for (int k = 0; k < scope_.sizes; k++)
            text_format(&out, "%s$%s = %lld$", k ? ", " : "", scope_.size[k].letter,
                        (long long)p->court.made[i].world->size[k]);
        bool known = false;
        for (int k = 0; k < p->all->scenes; k++)
            known |= !strcmp(p->all->scene[k], text_done(&out));
        if (!known)
            p->all->scene[p->all->scenes++] = text_done(&out);
    }
    is_starved(p);
    p->all->work = p->court.work;
    court_free(&p->court);
    arena_free(&p->court.scratch);
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
