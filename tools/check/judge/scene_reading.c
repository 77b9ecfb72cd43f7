/* A scene is read: its setup and its formulas in their author's spelling, then, before anything has a meaning, what the
 * whole scene says of its names. */
#include "reader.h"
#include "pass.h"

#include <string.h>

/* ---- Signs ---- */

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

static bool has_norm(const tree *t)
{
    bool found = t->kind == TREE_NORM;
    for (int i = 0; i < t->count && !found; i++)
        found = has_norm(t->child[i]);
    return found;
}

/* (u \cdot v) / (\|u\| \|v\|): the cosine, whose dot is the inner product. */
static bool has_cosine(const tree *t)
{
    const tree *above = t->kind == TREE_DIV ? t->child[0] : NULL;
    bool found = above && above->kind == TREE_MUL && above->count == 2 && above->child[1]->join == JOIN_CDOT &&
                 has_norm(t->child[1]) && !has_norm(above);
    for (int i = 0; i < t->count && !found; i++)
        found = has_cosine(t->child[i]);
    return found;
}

static bool scene_has_cosine(const parsed *item, int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < item[i].formulas.count; k++)
            if (has_cosine(item[i].formulas.formula[k]))
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

/* ---- Spelling ---- */

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
    s->used = ARENA_ARRAY(p->arena, bool, SPELLINGS_MOST);
    if (p->options->setup)
        lines[setups++] = p->options->setup;
    for (int i = from; i < to; i++)
        if (p->document->item[i].kind == DOCUMENT_SETUP)
            lines[setups++] = p->document->item[i].source;
    for (int i = from; i < to; i++)
        if (p->document->item[i].kind == DOCUMENT_FORMULA)
            formula[formulas++] = p->document->item[i].source;
    spellings_of_shorthands(s, lines);
    for (int i = 0; i < setups; i++)
        lines[i] = spell_shorthands(s, lines[i]);
    for (int i = 0; i < formulas; i++)
        formula[i] = spell_shorthands(s, formula[i]);
    spellings_of_steps(s, lines, formula, formulas);
    for (int i = 0; i < setups; i++)
        lines[i] = spell_steps(s, lines[i], true);
    for (int i = 0; i < formulas; i++)
        formula[i] = spell_steps(s, formula[i], false);
    spellings_of_raised(s, lines, formula, formulas);
    for (int i = from, k = p->options->setup != NULL; i < to; i++)
        if (p->document->item[i].kind == DOCUMENT_SETUP)
            item[i - from].lines = lines[k] = spell_raised(s, lines[k]), k++;
    for (int i = 0; i < setups; i++)
        spellings_of_setup(s, lines[i]);
    spellings_nested_steps(s, formula, formulas);
    tell_tokens(p, s, lines, from, to);
    spellings_nested(s);
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

/* The texts become trees. */
static bool parse_scene(pass *p, int from, int to, parsed *parsed_, setup *extra, bool *sized)
{
    const document *d = p->document;
    scope *s = p->scope;
    spellings *spelled = scene_spellings(p, parsed_, from, to);
    if (!spelled)
        return false;
    if (p->options->setup)
        *extra = setup_read(p->arena, spell_setup(spelled, p->options->setup), 1);
    bool sizes = setup_has_sizes(extra), batch = setup_has_batch(extra);
    for (int i = from; i < to; i++) {
        const document_item *item = &d->item[i];
        if (item->kind == DOCUMENT_SETUP) {
            parsed_[i - from].setup = setup_read(p->arena, spell_setup(spelled, item->source), item->line);
            if (!parsed_[i - from].setup.sentence)
                parsed_[i - from].setup.sentence = spellings_repeated(spelled, parsed_[i - from].lines, item->line);
            sizes |= setup_has_sizes(&parsed_[i - from].setup);
            batch |= setup_has_batch(&parsed_[i - from].setup);
        } else {
            const char *source = spell_formula(spelled, continued(p, from, i));
            parsed_[i - from].each = spell_repeats(spelled, item->source);
            parsed_[i - from].formulas = latex_read(p->arena, source, strlen(source));
        }
    }
    for (int i = from; i < to; i++)
        if (d->item[i].kind == DOCUMENT_SETUP)
            parsed_[i - from].idle = spellings_unused(spelled, parsed_[i - from].lines, d->item[i].line);
    s->from_zero = spelled->from_zero;
    s->before_last = spelled->before_last;
    static const char *const usual[] = { "B", "T", "I", "H" };
    for (int i = 0; !sizes && i < 4; i++)
        s->size[s->sizes++] = (size_name){ .letter = usual[i] };
    if (!scene_has_sign(parsed_, to - from, JOIN_ODOT)) /* whoever has no other sign for it multiplies elements */
        s->sign[WRITTEN_OTIMES] = SIGN_ENTRYWISE;
    s->dot_guessed = true;
    s->slice_rows = p->other == GUESS_SLICES;
    if ((p->other == GUESS_DOT) != scene_has_cosine(parsed_, to - from))
        s->sign[WRITTEN_DOT] = SIGN_INNER;
    if (scene_has_vec(parsed_, to - from))
        s->sign[WRITTEN_OTIMES] = SIGN_KRONECKER;
    s->batch_unsaid = !batch;
    *sized = sizes;
    return true;
}

static bool has_prime(const tree *t)
{
    bool found = t && t->kind == TREE_SYMBOL && t->primes;
    for (int i = 0; t && i < t->count && !found; i++)
        found = has_prime(t->child[i]);
    return found;
}

/* Does the setup call something h'? */
static bool names_primed(const setup *lines)
{
    bool found = false;
    for (int i = 0; i < lines->count && !found; i++) {
        const setup_statement *st = &lines->statement[i];
        found = st->kind == SETUP_FORMULA ? latex_defines_primed(st->value) : has_prime(st->symbol);
        for (int k = 0; k < st->count && st->list; k++)
            found |= has_prime(st->list[k]);
        found |= st->words && strchr(st->words, '\'');
    }
    return found;
}

enum { MATRICES_MOST = 64 };

typedef struct transposes {
    const char *matrix[MATRICES_MOST]; /* names of vectors and matrices: X' (a + b) is no call of X */
    int matrices;
} transposes;

static void note_matrix(transposes *t, const tree *symbol)
{
    if (symbol && symbol->kind == TREE_SYMBOL && t->matrices < MATRICES_MOST)
        t->matrix[t->matrices++] = symbol->name;
}

static void note_matrices(transposes *t, const setup *lines)
{
    for (int i = 0; i < lines->count; i++) {
        const setup_statement *st = &lines->statement[i];
        if (st->kind == SETUP_GIVEN && st->rank)
            note_matrix(t, st->symbol);
    }
}

static void transpose_setup(pass *p, const transposes *t, const setup *lines)
{
    for (int i = 0; i < lines->count; i++)
        if (lines->statement[i].kind == SETUP_FORMULA)
            latex_transpose_primed(p->arena, lines->statement[i].value, t->matrix, t->matrices);
}

/* h' is a name of its own if something is called so; else its transpose. */
static void tell_transposes(pass *p, int from, int to, parsed *parsed_, setup *extra)
{
    transposes t = { .matrices = 0 };
    bool primed = names_primed(extra);
    note_matrices(&t, extra);
    for (int i = 0; i < to - from; i++) {
        primed |= names_primed(&parsed_[i].setup);
        note_matrices(&t, &parsed_[i].setup);
        for (int k = 0; k < parsed_[i].formulas.count; k++) {
            const tree *formula = parsed_[i].formulas.formula[k], *r = formula->child[0];
            primed |= latex_defines_primed(formula);
            if (r->kind == TREE_RELATION && r->relations[0] == REL_EQ && !r->child[0]->count)
                note_matrix(&t, r->child[0]);
        }
    }
    for (int i = 0; i < to - from && !primed; i++) {
        transpose_setup(p, &t, &parsed_[i].setup);
        for (int k = 0; k < parsed_[i].formulas.count; k++)
            latex_transpose_primed(p->arena, parsed_[i].formulas.formula[k], t.matrix, t.matrices);
    }
    if (!primed)
        transpose_setup(p, &t, extra);
}

/* All names, and which of them have steps. */
static void survey(pass *p, int from, int to, parsed *parsed_, setup *extra)
{
    const document *d = p->document;
    scope *s = p->scope;
    setup_survey(p, extra);
    for (int i = from; i < to; i++) {
        latex_result *r = &parsed_[i - from].formulas;
        setup_survey(p, &parsed_[i - from].setup);
        for (int k = 0; k < r->count && s->differential; k++) /* dX without \\mathrm */
            latex_merge(p->arena, r->formula[k], s->differential, NULL);
        for (int k = 0; k < r->count; k++) {
            const tree *only = r->formula[k]->child[0];
            if (d->item[i].display || only->kind != TREE_SYMBOL || only->count || *only->accents)
                scope_survey(s, r->formula[k]); /* "unit $v$" says nothing of v */
        }
    }
    bool all_read = true;
    for (int i = from; i < to; i++)
        all_read &= d->item[i].kind == DOCUMENT_SETUP ? !parsed_[i - from].setup.sentence
                                                      : !parsed_[i - from].formulas.sentence ||
                                                            (!d->item[i].display && says_nothing(d->item[i].source));
    if (all_read)
        scope_name_differentials(s);
    scope_adopt_letters(s);
}

bool scene_read(pass *p, int from, int to, parsed *parsed_, setup *extra)
{
    const document *d = p->document;
    bool sized;
    if (!parse_scene(p, from, to, parsed_, extra, &sized))
        return false;
    /* first how to read, then all names, then the meaning in order */
    setup_apply(p, NULL, extra, true);
    for (int i = from; i < to; i++)
        if (d->item[i].kind == DOCUMENT_SETUP)
            setup_apply(p, &d->item[i], &parsed_[i - from].setup, true);
    tell_braces(p, parsed_, to - from, extra);
    tell_assignments(p, parsed_, to - from, extra);
    tell_operators(p, parsed_, to - from, extra);
    if (sized)
        tell_last_of_all(p, parsed_, to - from, extra);
    tell_shorthand(p, parsed_, to - from, extra);
    tell_primes(p, parsed_, to - from, extra);
    tell_transposes(p, from, to, parsed_, extra);
    tell_last_step(p, parsed_, to - from);
    tell_tables(p, parsed_, to - from, extra);
    tell_abbreviations(p, parsed_, to - from, extra);
    note_classes(p, parsed_, to - from, extra);
    survey(p, from, to, parsed_, extra);
    return true;
}

/* ---- In order ---- */

static void take_setup(pass *p, const document_item *item, const setup *lines, const char *idle)
{
    setup_apply(p, item, lines, false);
    p->court.setup_wrong |= lines->sentence != NULL;
    for (int k = 0; k < 2; k++) {
        const char *sentence = k ? idle : lines->sentence;
        finding *f = sentence ? new_finding(p, item, 0) : NULL;
        if (f) {
            f->id = arena_format(p->arena, "setup, line %d", item->line);
            not_read(f, sentence);
        }
    }
}

void scene_take(pass *p, int from, int to, parsed *parsed_, setup *extra)
{
    p->parsed = parsed_, p->from = from, p->to = to;
    if (extra->count)
        setup_apply(p, &p->document->item[from], extra, false);
    for (int i = from; i < to; i++) {
        const document_item *item = &p->document->item[i];
        latex_result *r = &parsed_[i - from].formulas;
        if (item->kind == DOCUMENT_SETUP) {
            take_setup(p, item, &parsed_[i - from].setup, parsed_[i - from].idle);
            continue;
        }
        if (r->sentence && !item->display && !item->tagged && !item->expect && says_nothing(item->source)) {
            p->all->mentions++;
            continue;
        }
        for (int k = 0, part = 0, before; k < r->count; k++, part++) {
            before = p->all->count;
            const tree *formula = r->formula[k];
            for (const tree *all; k + 1 < r->count && (all = with_condition(p, formula, r->formula[k + 1])); k++)
                formula = all;
            take_formula(p, item, formula, part);
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
}
