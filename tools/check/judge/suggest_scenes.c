/* Setups for a whole document: where one network ends and the next begins under the same names, and which of several
 * proposals lets most formulas be read. */
#include "check.h"
#include "pass.h"

#include <string.h>

enum {
    SCENES_MOST = 40,
    HEADINGS_MOST = 12,
    DEFINED_MOST = 400,
    DROPS_MOST = 24,
    SUGGEST_WORK = 4000000 /* pieces of formulas evaluated */,
    TRY_LEAST = 2000
};

typedef struct forward { /* a name, as a definition without derivatives introduces it */
    const char *name, *accents, *heading;
    const tree *right;
} forward;

static bool speaks_of_derivatives(const tree *t)
{
    bool sign = t->kind == TREE_SYMBOL && t->accents && (!strcmp(t->accents, "d") || strstr(t->accents, "elta"));
    if (t->kind == TREE_DERIV || sign || (t->kind == TREE_SYMBOL && !strcmp(t->name, "\\nabla")))
        return true;
    for (int i = 0; i < t->count; i++)
        if (speaks_of_derivatives(t->child[i]))
            return true;
    return false;
}

static bool applies(const tree *t)
{
    if (t->kind == TREE_APPLY)
        return true;
    for (int i = 0; i < t->count; i++)
        if (applies(t->child[i]))
            return true;
    return false;
}

/* "h_t = \tanh(...)": the name; NULL for anything else. */
static const tree *introduced(const tree *formula, const tree **right)
{
    const tree *r = formula->child[0], *left = r->kind == TREE_RELATION ? r->child[0] : NULL;
    if (!left || (r->relations[0] != REL_EQ && r->relations[0] != REL_DEFINED))
        return NULL;
    left = left->kind == TREE_POW ? left->child[0] : left;
    *right = r->child[1];
    bool plain = left->kind == TREE_SYMBOL && applies(*right) && !speaks_of_derivatives(r);
    return plain ? left : NULL;
}

/* Where a name is introduced anew under another heading: the first item below that heading. */
static int scenes_of(arena *a, const document *d, int *first)
{
    forward *known = ARENA_ARRAY(a, forward, DEFINED_MOST);
    int names = 0, scenes = 1;
    first[0] = 0;
    for (int i = 0; known && i < d->count && scenes < SCENES_MOST; i++) {
        const document_item *item = &d->item[i];
        if (item->kind != DOCUMENT_FORMULA || !item->display)
            continue;
        latex_result r = latex_read(a, item->source, strlen(item->source));
        for (int k = 0; k < r.count; k++) {
            const tree *right = NULL, *name = introduced(r.formula[k], &right);
            bool anew = false;
            for (int n = 0; name && n < names && !anew; n++)
                anew = !strcmp(known[n].name, name->name) && !strcmp(known[n].accents, name->accents) &&
                       strcmp(known[n].heading, item->heading) != 0 && !tree_equal(known[n].right, right);
            if (anew) {
                int start = i;
                while (start > first[scenes - 1] + 1 && !strcmp(d->item[start - 1].heading, item->heading))
                    start--;
                first[scenes++] = start;
                names = 0;
            }
            if (name && names < DEFINED_MOST)
                known[names++] = (forward){ name->name, name->accents, item->heading, right };
        }
    }
    return scenes;
}

/* What holds counts most, what fails, least; what is not read, nothing. */
static int score_of(const document *d, const char *given, int64_t *left)
{
    arena a;
    if (*left <= 0)
        return -1;
    arena_start(&a, (size_t)512 << 20);
    document bare = *d;
    document_item *item = ARENA_ARRAY(&a, document_item, d->count + 1);
    bare.count = 0;
    for (int i = 0; item && i < d->count; i++) /* what stands in the document is not looked at */
        if (d->item[i].kind == DOCUMENT_FORMULA)
            item[bare.count++] = d->item[i];
    bare.item = item;
    const char *guess =
        arena_format(&a, "suggested\n%s", given); /* what such a setup alone makes false counts nothing */
    const findings *all =
        item ? check_document(&a, &bare, &(check_options){ .setup = guess, .quick = true, .work = *left }) : NULL;
    int score = -1;
    *left -= all ? all->work + TRY_LEAST : TRY_LEAST;
    if (all)
        score = 3 * all->verdicts[CHECK_HOLDS] + 2 * all->verdicts[CHECK_HOLDS_IF] + 2 * all->verdicts[CHECK_DEFINES] +
                2 * all->verdicts[CHECK_DECLARES] + all->verdicts[CHECK_FAILS];
    arena_free(&a);
    return score;
}

/* One scene's document. */
static document part_of(const document *d, int from, int to)
{
    document part = *d;
    part.item = d->item + from;
    part.count = to - from;
    return part;
}

typedef struct candidate {
    const char *lines;
    int score;
} candidate;

/* The proposal for one scene that lets most of it be read: with the sizes as they are used or all alike, rows or
 * columns, and without names that are better left to their formulas. */
static candidate best_of(arena *a, const document *part, int64_t *left)
{
    suggestion best = { 0 };
    candidate out = { .score = -1 };
    int most = 3 * part->count;
    for (int way = 0; way < 8 && out.score < most && (!way || *left > 0); way++) {
        arena_position before = arena_now(a);
        suggestion how = { .square = way & 1, .rows = way & 2, .layers = way & 4 };
        const char *lines = suggest_scene(a, part, &how);
        int score = lines ? score_of(part, lines, left) : -1;
        if (score > out.score || !out.lines) {
            out = (candidate){ lines, score };
            best = how;
        } else
            arena_reset(a, before);
    }
    for (int k = 0; *left > 0 && k < best.givens && k < DROPS_MOST && out.score < most; k++) {
        for (int direct = 0; direct <= !best.direct; direct++) {
            arena_position before = arena_now(a);
            suggestion how = best;
            if (direct)
                how.direct = best.given[k];
            else if (how.drops < SUGGEST_NAMES)
                how.dropped[how.drops++] = best.given[k];
            const char *lines = suggest_scene(a, part, &how);
            int score = lines && !(direct && !strstr(lines, " direct ")) ? score_of(part, lines, left) : -1;
            if (score > out.score) {
                out = (candidate){ lines, score };
                best = how;
                k = -1; /* the list is another one now */
                break;
            }
            arena_reset(a, before);
        }
    }
    return out;
}

typedef struct step_letter { /* with which the author counts the steps, where it is not t */
    const char *letter, *line;
} step_letter;

/* Lines about t as lines about the author's letter; their reasons stay as they are. */
static const char *in_letter(arena *a, const char *lines, const char *letter)
{
    const spellings back = { .arena = a, .step = { { .from = "t", .to = letter } }, .steps = 1 };
    text out = { .arena = a };
    while (letter && *lines) {
        size_t said = strcspn(lines, "#\n"), all = strcspn(lines, "\n");
        text_add(&out, spell_steps(&back, arena_text(a, lines, said), true));
        text_add_n(&out, lines + said, all - said + (lines[all] != 0));
        lines += all + (lines[all] != 0);
    }
    return letter ? text_done(&out) : lines;
}

/* The scenes that begin at the given items: what each is best told, and how much of all is read. */
static candidate with_scenes(arena *a, const document *d, const step_letter *time, const int *first, int scenes,
                             int64_t *left)
{
    text out = { .arena = a };
    candidate all = { 0 };
    for (int k = 0; k < scenes; k++) {
        document part = part_of(d, first[k], k + 1 < scenes ? first[k + 1] : d->count);
        const document_item *at = &d->item[first[k]];
        bool headed = at->heading && *at->heading && (!k || strcmp(at->heading, d->item[first[k] - 1].heading) != 0);
        candidate one = best_of(a, &part, left);
        if (scenes > 1)
            text_format(&out, "scene %d at %s   # %s\n", k + 1, headed ? at->heading : at->id,
                        k ? "names mean something else from here on" : "the document begins");
        text_add(&out, time->line);
        text_add(&out, in_letter(a, one.lines ? one.lines : "", time->letter));
        all.score += one.score;
    }
    all.lines = text_done(&out);
    return all;
}

/* A scene for each heading, as far as there are not too many. */
static int headings_of(const document *d, int *first)
{
    int scenes = 1;
    first[0] = 0;
    for (int i = 1; i < d->count; i++)
        if (strcmp(d->item[i].heading, d->item[i - 1].heading) != 0) {
            if (scenes == HEADINGS_MOST)
                return 1;
            first[scenes++] = i;
        }
    return scenes;
}

/* "time n = 1, ..., N", where the author counts the steps by another letter than t. Such a letter is seen in some
 * scene's definitions and counts steps in all; all formulas are written with t then. */
static step_letter time_of(arena *a, const document *d, document_item *spelled)
{
    spellings *s = ARENA_NEW(a, spellings);
    const char **formula = ARENA_ARRAY(a, const char *, d->count + 1), *none[] = { NULL }, *letter = NULL, *last = "T";
    int count = 0;
    if (!s || !formula)
        return (step_letter){ NULL, "" };
    s->arena = a;
    for (int i = 0; i < d->count; i++)
        if (d->item[i].kind == DOCUMENT_FORMULA)
            formula[count++] = d->item[i].source;
    spellings_of_steps(s, none, formula, count);
    for (int i = 0; i < s->steps; i++)
        if (!strcmp(s->step[i].to, "t"))
            letter = s->step[i].from;
        else if (!strcmp(s->step[i].to, "T"))
            last = s->step[i].from;
    for (int i = 0; i < d->count && letter; i++)
        if (spelled[i].kind == DOCUMENT_FORMULA)
            spelled[i].source = spell_steps(s, spelled[i].source, false);
    const char *line = letter ? arena_format(a, "time %s = %d, ..., %s   # it counts the steps in recursions\n", letter,
                                             s->from_zero ? 0 : 1, last)
                              : "";
    return (step_letter){ letter, line };
}

static const char suggested[] =
    "suggested   # what these lines alone make false is not called so; delete this one when they are right\n";

const char *suggest_setup(arena *a, const document *document_)
{
    int first[SCENES_MOST];
    int64_t left = SUGGEST_WORK / 2; /* the other half is for several scenes */
    document with_t = *document_, *d = &with_t;
    d->item = ARENA_ARRAY(a, document_item, d->count + 1);
    if (!document_->count || !document_->item || !d->item)
        return suggest_scene(a, document_, &(suggestion){ 0 });
    memcpy(d->item, document_->item, (size_t)d->count * sizeof *d->item);
    const step_letter time = time_of(a, document_, d->item);
    candidate best = with_scenes(a, d, &time, (int[]){ 0 }, 1, &left);
    int scenes = scenes_of(a, d, first);
    left += SUGGEST_WORK / 2;
    for (int turn = 0; turn < 2; turn++) {
        if (turn)
            scenes = headings_of(d, first);
        candidate several = scenes > 1 ? with_scenes(a, d, &time, first, scenes, &left) : best;
        if (several.score > best.score)
            best = several;
    }
    return a->failed || !best.lines ? NULL : arena_format(a, "%s%s", suggested, best.lines);
}
