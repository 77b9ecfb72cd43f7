/* An answer, line by line: what it says of what was asked for, judged by the checker. */
#include "exercise_internal.h"

#include <string.h>
#include <time.h>

/* Pieces of formulas evaluated: for an answer; for what explains its wrong lines; and at least for each formula that is
 * tried, so that there is an end to them. The seconds are a guard only, far above what that takes. */
enum { ANSWER_WORK = 1000000, TRIALS_WORK = 1000000, TRIAL_LEAST = 500 };
static const double guard = 3600;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- Judging ---- */

static document_item formula_item(const char *source, int line, const char *id)
{
    return (document_item){
        .kind = DOCUMENT_FORMULA, .source = source, .line = line, .column = 1, .id = id, .display = true, .heading = ""
    };
}

static document_item setup_item(const char *source)
{
    return (document_item){
        .kind = DOCUMENT_SETUP, .source = source, .line = 1, .column = 1, .id = "setup", .heading = ""
    };
}

bool trying_holds(const trying *t, const char *latex)
{
    document_item *item = ARENA_ARRAY(t->arena, document_item, t->owns + 2);
    document d = { .name = "try", .item = item };
    if (!item || *t->left <= 0)
        return false;
    item[d.count++] = setup_item(t->exercise->setup);
    for (int i = 0; i < t->owns; i++)
        item[d.count++] = formula_item(t->own[i], 1, arena_format(t->arena, "own %d", i));
    item[d.count++] = formula_item(latex, 1, "try");
    findings *all = check_document(t->arena, &d, &(check_options){ .quick = true, .work = *t->left, .seconds = guard });
    bool holds = false;
    *t->left -= all && all->work > TRIAL_LEAST ? all->work : TRIAL_LEAST;
    for (int i = 0; all && i < all->count; i++)
        if (all->finding[i].item == &item[d.count - 1]) {
            holds = all->finding[i].verdict == CHECK_HOLDS;
            if (!holds)
                return false;
        }
    return holds;
}

/* ---- Does it say anything? ---- */

/* A derivative in the right side that the exercise does not allow; NULL: none. */
static const char *beside_terms(marker *k, const tree *right)
{
    saying allowed = k->saying;
    const char *terms = k->e->terms;
    int uses;
    if (!terms)
        return NULL;
    saying_key(&k->saying, right, true);
    uses = k->saying.uses;
    for (int i = 0; i < uses; i++) {
        bool fine = false;
        for (const char *at = terms, *to; *at && !fine; at = *to ? to + 1 : to) {
            int depth = 0;
            for (to = at; *to && (depth || *to != ','); to++)
                depth += *to == '{' ? 1 : *to == '}' ? -1 : 0;
            latex_result r = latex_read(k->arena, at, (size_t)(to - at));
            if (r.count != 1)
                continue;
            saying_key(&allowed, r.formula[0]->child[0], false);
            for (int n = 0; n < allowed.uses; n++)
                fine |= !strcmp(allowed.used[n].key, k->saying.used[i].key);
        }
        if (!fine)
            return k->saying.used[i].latex;
    }
    return NULL;
}

static bool speaks_of_asked(marker *k, const tree *right, int which, int shift)
{
    const char *key = saying_key(&k->saying, right, true);
    return which >= 0 && (!*key || asked_in(&k->saying, &k->want[which], shift, key));
}

static bool restates(marker *k, const tree *relation, int which, int shift)
{
    const tree *left = relation->child[0], *right = relation->child[relation->count - 1];
    return tree_equal(left, right) || saying_is_definition(&k->saying, left, right) ||
           speaks_of_asked(k, right, which, shift);
}

/* ---- Lines ---- */

/* What was read kindly is told. */
static const char *read_kindly(marker *k, const finding *f)
{
    if (f->verdict == CHECK_HOLDS && strstr(f->reading, "a row is taken for a column"))
        return marker_in(
            k,
            "Read so that it fits: a row is taken for a column. As it is written a transpose is too much or missing.",
            "这样读才相配：把行当作列。按所写的，多了或少了一个转置。");
    for (int i = 0; f->verdict == CHECK_HOLDS && i < f->notes; i++)
        if (strstr(f->note[i], "side by side are multiplied element by element"))
            return marker_in(k, "Read so that it fits: element by element, which is written ⊙.",
                             "这样读才相配：逐元素乘积，应写作 ⊙。");
    return "";
}

static void true_line(marker *k, marked_line *l, const piece *p, const tree *relation)
{
    const char *latex;
    bool formula = l->want >= 0 && k->e->want[l->want].kind == WANT_FORMULA;
    if (formula && restates(k, relation, l->want, p->shift)) {
        l->mark = MARK_NOTHING;
        l->why.mistake = MISTAKE_RESTATED;
        l->say =
            marker_in(k, "It is true, and says nothing: what is asked for stands on both sides, or it is a definition.",
                      "它成立，但什么也没说：所求的量在两边都出现，或者只是定义。");
    } else if (formula && (latex = beside_terms(k, relation->child[relation->count - 1]))) {
        l->mark = MARK_TERMS;
        l->why = (evidence){ .mistake = MISTAKE_RESTATED, .place = arena_format(k->arena, "$%s$", latex) };
        l->say = arena_format(k->arena,
                              marker_in(k, "It is true, but $%s$ may not stand in the answer: go on until it does not.",
                                        "它成立，但答案里不应出现 $%s$：请继续推导。"),
                              latex);
    } else if (l->want < 0) {
        l->mark = relation->child[0]->kind == TREE_SYMBOL || relation->count > 1 ? MARK_BESIDE : MARK_NOTHING;
        if (tree_equal(relation->child[0], relation->child[1]))
            l->mark = MARK_NOTHING, l->why.mistake = MISTAKE_RESTATED;
    } else {
        l->mark = MARK_RIGHT;
        l->say = read_kindly(k, l->found);
    }
}

static const char *remedy(marker *k, const finding *f)
{
    if (strstr(f->summary, "eddysquare") || strstr(f->summary, "□"))
        return marker_in(k, "The square is the place of your answer.", "方框是写答案的地方。");
    if (strstr(f->summary, "neither defined nor given"))
        return marker_in(k, "Use the names of the exercise, or say in a line before what the name is.",
                         "请使用题目里的记号，或者先用一行说明这个记号是什么。");
    if (strstr(f->summary, "no relation"))
        return marker_in(k, "Write a whole formula, with its left side.", "请写出完整的公式，包括左边。");
    if (!f->formula)
        return marker_in(k, "Look at the LaTeX there.", "请检查该处的 LaTeX。");
    return "";
}

/* Another formula that a bare answer may stand for: of all elements at once, or the whole right side around a square.
 */
static const char *meant(marker *k, const piece *p)
{
    const want *w = &k->e->want[0];
    const char *left = k->e->blank ? w->left : k->want[0].whole;
    if (!p->complete || w->kind != WANT_FORMULA || !left)
        return NULL;
    return arena_format(k->arena, "%s = %s%s%s", left, p->raw, *w->condition ? ", \\quad " : "", w->condition);
}

/* Is it true when it is read so? Then that is what it says. */
static bool true_as_meant(marker *k, marked_line *l, const piece *p)
{
    const char *other = meant(k, p);
    latex_result r = { 0 };
    if (!other || !trying_holds(&k->trying, other) || (r = latex_read(k->arena, other, strlen(other))).count != 1)
        return false;
    l->latex = other;
    true_line(k, l, p, answer_relation(r.formula[0]));
    return true;
}

/* Does it hold as soon as derivatives in it are those of the one equation? That is a way to write, and no condition. */
static bool holds_as_written(marker *k, const finding *f, const tree *relation)
{
    static const char words[] = " is the explicit derivative", and[] = " and ";
    const char *left = latex_text(k->arena, relation->child[0], LATEX_SOURCE);
    for (int i = 0; i < f->conditions; i++) {
        const char *at = f->condition[i], *end;
        if (strstr(at, left))
            continue;
        while (*at == '$' && (end = strchr(at + 1, '$')) && !strncmp(end + 1, words, sizeof words - 1)) {
            at = end + sizeof words;
            at += !strncmp(at, and, sizeof and-1) ? sizeof and-1 : 0;
        }
        if (!*at)
            return true;
    }
    return false;
}

static void false_line(marker *k, marked_line *l, const piece *p, const tree *relation)
{
    const finding *f = l->found;
    if (true_as_meant(k, l, p))
        return;
    bool unread = f->verdict == CHECK_NOT_READ || f->verdict == CHECK_UNRESOLVED;
    l->mark = unread ? MARK_NOT_READ : f->verdict == CHECK_HOLDS_IF ? MARK_RIGHT_IF : MARK_WRONG;
    if (unread)
        l->say = remedy(k, f);
    if (relation && (!unread || strstr(f->summary, "fit"))) {
        l->why = evidence_of(&k->trying, &k->saying, f, relation,
                             l->want >= 0 ? k->want[l->want].condition[p->shift + 1] : "");
        bool small = l->why.mistake <= MISTAKE_FACTOR || l->why.mistake == MISTAKE_MEAN;
        if (small && l->want >= 0 && speaks_of_asked(k, relation->child[relation->count - 1], l->want, p->shift))
            l->why = (evidence){ .mistake = MISTAKE_RESTATED };
        if (unread && l->why.mistake)
            l->mark = MARK_WRONG;
    }
    if (p->alone && l->mark != MARK_NOT_READ && trying_holds(&k->trying, p->alone)) {
        l->mark = MARK_RIGHT_IF;
        l->latex = p->alone;
        l->say = arena_format(k->arena,
                              marker_in(k, "It is true where you say, if $%s$; the exercise asks for more.",
                                        "在你所说的条件 $%s$ 下成立；题目要求的更多。"),
                              p->condition);
        if (!l->why.mistake)
            l->why = (evidence){ .mistake = MISTAKE_CONDITION };
    }
}

static void mark_finding(marker *k, marked_line *l, const piece *p)
{
    const finding *f = l->found;
    const tree *relation = f->formula ? answer_relation(f->formula) : NULL;
    if (f->verdict == CHECK_DEFINES || f->verdict == CHECK_DECLARES)
        l->mark = l->want >= 0 ? MARK_RIGHT : MARK_NAMES;
    else if (relation &&
             (f->verdict == CHECK_HOLDS || (f->verdict == CHECK_HOLDS_IF && holds_as_written(k, f, relation))))
        true_line(k, l, p, relation);
    else if (f->verdict == CHECK_DEGENERATE && relation && restates(k, relation, l->want, p->shift)) {
        l->mark = MARK_NOTHING;
        l->why.mistake = MISTAKE_RESTATED;
    } else
        false_line(k, l, p, relation);
}

/* ---- All of it ---- */

static bool judge_pieces(marker *k)
{
    document_item *item = ARENA_ARRAY(k->arena, document_item, k->pieces + 1);
    document d = { .name = "answer", .item = item };
    if (!item)
        return false;
    item[d.count++] = setup_item(k->e->setup);
    for (int i = 0; i < k->pieces; i++)
        item[d.count++] =
            formula_item(k->piece[i].source, k->piece[i].line, arena_format(k->arena, "answer %d", i + 1));
    findings *all =
        check_document(k->arena, &d, &(check_options){ .work = ANSWER_WORK, .seconds = guard, .brief = true });
    if (!all)
        return false;
    k->m->line = ARENA_ARRAY(k->arena, marked_line, all->count + 1);
    for (int i = 0; k->m->line && i < all->count; i++) {
        const finding *f = &all->finding[i];
        if (f->item == item)
            return marker_stop(k, arena_format(k->arena, "The setup of %s: %s", k->e->id, f->summary));
        if (f->verdict == CHECK_DEFINES)
            for (int n = 0; n < k->pieces; n++)
                if (f->item == &item[n + 1]) {
                    const tree *r = answer_relation(f->formula);
                    if (r)
                        saying_add(&k->saying, r->child[0], r->child[r->count - 1]);
                    k->own[k->trying.owns++] = k->piece[n].source;
                }
    }
    k->trials_left = TRIALS_WORK;
    for (int i = 0; k->m->line && i < all->count; i++) {
        const finding *f = &all->finding[i];
        const piece *p = &k->piece[f->item - item - 1];
        marked_line *l = &k->m->line[k->m->count++];
        *l = (marked_line){ .line = p->line, .latex = p->source, .found = f, .want = p->want, .say = "" };
        piece seen = *p;
        if (f->formula && p->want < 0 && answer_relation(f->formula)) /* after the answer's names are known */
            l->want = answer_want(k, answer_relation(f->formula)->child[0], &seen.shift);
        mark_finding(k, l, &seen);
    }
    return k->m->line != NULL;
}

static void conclude(marker *k)
{
    marking *m = k->m;
    bool said[8] = { false }, seen[MARKS] = { false };
    for (int i = 0; i < m->count; i++) {
        const marked_line *l = &m->line[i];
        seen[l->mark] = true;
        if (l->want >= 0)
            said[l->want] |= l->mark == MARK_RIGHT;
    }
    int lacking = -1;
    for (int i = k->e->wants; i-- > 0;)
        if (!said[i])
            lacking = i;
    m->mark = seen[MARK_WRONG]      ? MARK_WRONG
              : seen[MARK_RIGHT_IF] ? MARK_RIGHT_IF
              : seen[MARK_NOT_READ] ? MARK_NOT_READ
              : lacking < 0         ? MARK_RIGHT
              : seen[MARK_NOTHING]  ? MARK_NOTHING
              : m->count            ? MARK_TERMS
                                    : MARK_NOT_READ;
    if (m->mark != MARK_RIGHT && !seen[MARK_WRONG] && !seen[MARK_RIGHT_IF] && lacking >= 0 &&
        *k->e->want[lacking].left && !m->sentence && !seen[MARK_NOT_READ])
        m->sentence = arena_format(k->arena,
                                   marker_in(k, "The answer does not say yet what $%s$ is.",
                                             "答案还没有说出 "
                                             "$%s$ 是什么。"),
                                   k->e->want[lacking].left);
}

marking *mark_answer(arena *a, const exercise *e, const char *bytes, size_t length, bool formula, language l)
{
    marker *k = ARENA_NEW(a, marker);
    marking *m = ARENA_NEW(a, marking);
    double began = now();
    if (!k || !m)
        return NULL;
    *m = (marking){ .exercise = e };
    *k = (marker){ .arena = a, .e = e, .language = l, .m = m };
    k->trying = (trying){ .arena = a, .exercise = e, .own = k->own, .left = &k->trials_left };
    k->trials_left = TRIALS_WORK;
    saying_of_setup(&k->saying, a, e->setup);
    for (int i = 0; i < e->wants; i++) {
        k->want[i] = asked_of(&k->saying, &e->want[i]);
    }
    if (answer_take(k, bytes, length, formula)) {
        bool done;
        if (e->want[0].kind == WANT_CONDITION) {
            const piece *p = &k->piece[k->pieces - 1];
            m->line = ARENA_ARRAY(a, marked_line, 1);
            done = m->line != NULL;
            if (done)
                m->line[m->count++] = condition_mark(&k->trying, p->source, p->line, l);
        } else
            done = judge_pieces(k);
        if (done)
            conclude(k);
        else if (!m->sentence)
            return NULL;
    }
    m->seconds = now() - began;
    return a->failed ? NULL : m;
}
