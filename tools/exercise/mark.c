/* An answer, line by line: what it says of what was asked for, judged by the checker. */
#include "parts.h"

#include <string.h>
#include <time.h>

/* Pieces of formulas evaluated: for an answer; for what explains its wrong lines; and at least for each formula that is
 * tried, so that there is an end to them. The seconds are a guard only, far above what that takes. */
enum { ANSWER_WORK = 1000000, TRIALS_WORK = 1000000, TRIAL_LEAST = 500 };
static const double guard = 3600;

typedef struct piece {     /* a formula of the answer */
    const char *source;    /* as it is judged */
    const char *alone;     /* with the answer's own condition; NULL: it has none */
    const char *condition; /* its own */
    int line;
    int want; /* that it is the answer to, as far as its left side says */
} piece;

typedef struct marker {
    arena *arena;
    const exercise *e;
    language language;
    marking *m;
    saying saying;
    piece piece[ANSWER_MOST];
    int pieces;
    const char *want_key[8];
    const char *own[ANSWER_MOST];
    trying trying;
    int64_t trials_left;
} marker;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static const char *in(const marker *k, const char *english, const char *chinese)
{
    return k->language == LANGUAGE_ZH ? chinese : english;
}

static bool stop(marker *k, const char *sentence)
{
    if (!k->m->sentence)
        k->m->sentence = sentence;
    k->m->mark = MARK_NOT_READ;
    return false;
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

/* ---- The answer's formulas ---- */

static const char *trimmed(marker *k, const char *s, size_t n)
{
    while (n && strchr(" \t\n$", *s))
        s++, n--;
    while (n && strchr(" \t\n$.,;", s[n - 1]))
        n--;
    return arena_text(k->arena, s, n);
}

static const tree *relation_in(const tree *formula)
{
    const tree *r = formula && formula->count ? formula->child[0] : NULL;
    return r && r->kind == TREE_RELATION && r->count > 1 ? r : NULL;
}

/* Which want has this left side? */
static int want_of(marker *k, const tree *left)
{
    const char *key = saying_key(&k->saying, left, false), *own = saying_key(&k->saying, left, true);
    for (int i = 0; i < k->e->wants; i++)
        if (*k->want_key[i] && (!strcmp(k->want_key[i], key) || !strcmp(k->want_key[i], own)))
            return i;
    return -1;
}

static const char *without_square(marker *k, const char *blank, const char *answer)
{
    const char *at = strstr(blank, "\\square");
    return arena_format(k->arena, "%.*s\\left( %s \\right)%s", (int)(at - blank), blank, answer, at + 7);
}

/* An answer that is no relation, as a formula. */
static const char *completed(marker *k, const char *source)
{
    const exercise *e = k->e;
    const want *w = &e->want[0];
    if (w->kind == WANT_SHAPE) {
        const char *space = !strncmp(source, "\\mathbb", 7) ? source
                            : !strncmp(source, "R^", 2)     ? arena_format(k->arena, "\\mathbb %s", source)
                                                            : arena_format(k->arena, "\\mathbb R^{%s}", source);
        return arena_format(k->arena, "%s \\in %s", w->left, space);
    }
    const char *formula =
        e->blank ? without_square(k, e->blank, source) : arena_format(k->arena, "%s = %s", w->left, source);
    return *w->condition ? arena_format(k->arena, "%s, \\quad %s", formula, w->condition) : formula;
}

static void add_piece(marker *k, piece p)
{
    if (k->pieces < ANSWER_MOST)
        k->piece[k->pieces++] = p;
}

/* One item of the answer, perhaps of several formulas, completed by what need not be said. */
static void add_source(marker *k, const char *source, int line, bool inline_)
{
    latex_result r = latex_read(k->arena, source, strlen(source));
    if (r.sentence || !r.count) {
        add_piece(k, (piece){ .source = source, .line = line, .want = -1 });
        return;
    }
    for (int i = 0; i < r.count; i++) {
        const tree *relation = relation_in(r.formula[i]);
        piece p = { .source = r.count == 1 ? source : latex_text(k->arena, r.formula[i], LATEX_SOURCE),
                    .line = line,
                    .want = -1 };
        if (!relation) {
            if (inline_ || k->e->want[0].kind == WANT_CONDITION || (k->e->wants > 1 && !k->e->blank))
                continue;
            p.source = completed(k, p.source);
            p.want = 0;
            add_piece(k, p);
            continue;
        }
        p.want = want_of(k, relation->child[0]);
        if (p.want >= 0) {
            const want *w = &k->e->want[p.want];
            const char *said = latex_text(k->arena, relation, LATEX_SOURCE);
            text own = { .arena = k->arena };
            for (int c = 1; c < r.formula[i]->count; c++)
                text_format(&own, "%s%s", c > 1 ? ", \\quad " : "",
                            latex_text(k->arena, r.formula[i]->child[c], LATEX_SOURCE));
            latex_result asked = latex_read(k->arena, w->condition, strlen(w->condition));
            bool same = asked.count == 1 && r.formula[i]->count == 2 &&
                        tree_equal(asked.formula[0]->child[0], r.formula[i]->child[1]);
            if (r.formula[i]->count > 1 && !same) {
                p.alone = p.source;
                p.condition = text_done(&own);
            }
            if (p.alone || (*w->condition && !same))
                p.source = *w->condition ? arena_format(k->arena, "%s, \\quad %s", said, w->condition) : said;
        }
        add_piece(k, p);
    }
}

/* Text without any formula: each line may be one. */
static void add_lines(marker *k, const char *bytes, size_t length)
{
    int line = 1;
    for (const char *at = bytes, *end = bytes + length; at < end && k->pieces < ANSWER_MOST; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at)), *to = newline ? newline : end;
        const char *one = trimmed(k, at, (size_t)(to - at));
        if (*one && *one != '#' && *one != '<' && *one != '`')
            add_source(k, one, line, false);
        at = newline ? newline + 1 : end;
    }
}

static bool take_answer(marker *k, const char *bytes, size_t length, bool formula)
{
    if (length > ANSWER_LONGEST)
        return stop(k, in(k, "The answer is longer than 256 KiB; an answer is a few formulas.",
                          "答案超过 256 KiB；答案应当只是几个公式。"));
    if (memchr(bytes, 0, length))
        return stop(k, in(k, "There are NUL bytes in the answer: it is no text.", "答案里有 NUL 字节：它不是文本。"));
    const char *all = arena_text(k->arena, bytes, length);
    if (!all[strspn(all, " \t\r\n$")])
        return stop(k, in(k, "The answer is empty.", "答案是空的。"));
    if (formula && !strchr(all, '$') && !strstr(all, "\\begin{") && !strstr(all, "\\[")) {
        add_source(k, trimmed(k, all, length), 0, false);
    } else {
        document d = document_read(k->arena, "answer", DOCUMENT_MARKDOWN, bytes, length);
        int formulas = 0, before = 0;
        if (d.sentence)
            return stop(k, arena_format(k->arena, "%s", d.sentence));
        for (int i = 0; i < d.count; i++)
            formulas += d.item[i].kind == DOCUMENT_FORMULA;
        if (formulas > ANSWER_MOST)
            return stop(k, arena_format(k->arena,
                                        in(k, "There are %d formulas in the answer; at most %d are marked.",
                                           "答案里有 %d 个公式；最多批改 %d 个。"),
                                        formulas, (int)ANSWER_MOST));
        for (int i = 0; i < d.count; i++)
            if (d.item[i].kind == DOCUMENT_FORMULA) {
                before = k->pieces;
                add_source(k, d.item[i].source, d.item[i].line, formulas > 1 && !d.item[i].display);
            }
        (void)before;
        if (!formulas)
            add_lines(k, bytes, length);
    }
    return k->pieces || stop(k, in(k, "There is no formula in the answer: write it as LaTeX between $$ and $$.",
                                   "答案里没有公式：请用 LaTeX 写在 $$ 与 $$ 之间。"));
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

static bool restates(marker *k, const tree *relation, int which)
{
    const tree *left = relation->child[0], *right = relation->child[relation->count - 1];
    if (tree_equal(left, right) || saying_is_definition(&k->saying, left, right))
        return true;
    const char *key = saying_key(&k->saying, right, true);
    return which >= 0 && (!*key || strstr(key, k->want_key[which]));
}

/* ---- Lines ---- */

static void true_line(marker *k, marked_line *l, const piece *p, const tree *relation)
{
    const char *latex;
    bool formula = l->want >= 0 && k->e->want[l->want].kind == WANT_FORMULA;
    if (formula && restates(k, relation, l->want)) {
        l->mark = MARK_NOTHING;
        l->why.mistake = MISTAKE_RESTATED;
        l->say = in(k, "It is true, and says nothing: what is asked for stands on both sides, or it is a definition.",
                    "它成立，但什么也没说：所求的量在两边都出现，或者只是定义。");
    } else if (formula && (latex = beside_terms(k, relation->child[relation->count - 1]))) {
        l->mark = MARK_TERMS;
        l->why.mistake = MISTAKE_RESTATED;
        l->say = arena_format(k->arena,
                              in(k, "It is true, but $%s$ may not stand in the answer: go on until it does not.",
                                 "它成立，但答案里不应出现 $%s$：请继续推导。"),
                              latex);
    } else if (l->want < 0) {
        l->mark = relation->child[0]->kind == TREE_SYMBOL || relation->count > 1 ? MARK_BESIDE : MARK_NOTHING;
        if (tree_equal(relation->child[0], relation->child[1]))
            l->mark = MARK_NOTHING, l->why.mistake = MISTAKE_RESTATED;
    } else
        l->mark = MARK_RIGHT;
    (void)p;
}

static const char *remedy(marker *k, const finding *f)
{
    if (strstr(f->summary, "neither defined nor given"))
        return in(k, "Use the names of the exercise, or say in a line before what the name is.",
                  "请使用题目里的记号，或者先用一行说明这个记号是什么。");
    if (strstr(f->summary, "no relation"))
        return in(k, "Write a whole formula, with its left side.", "请写出完整的公式，包括左边。");
    if (!f->formula)
        return in(k, "Look at the LaTeX there.", "请检查该处的 LaTeX。");
    return "";
}

static void false_line(marker *k, marked_line *l, const piece *p, const tree *relation)
{
    const finding *f = l->found;
    bool unread = f->verdict == CHECK_NOT_READ || f->verdict == CHECK_UNRESOLVED;
    l->mark = unread ? MARK_NOT_READ : f->verdict == CHECK_HOLDS_IF ? MARK_RIGHT_IF : MARK_WRONG;
    if (unread)
        l->say = remedy(k, f);
    if (relation && (!unread || strstr(f->summary, "fit"))) {
        l->why = evidence_of(&k->trying, &k->saying, f, relation, l->want >= 0 ? k->e->want[l->want].condition : "");
        if (unread && l->why.mistake)
            l->mark = MARK_WRONG;
    }
    if (p->alone && l->mark != MARK_NOT_READ && trying_holds(&k->trying, p->alone)) {
        l->mark = MARK_RIGHT_IF;
        l->latex = p->alone;
        l->say = arena_format(k->arena,
                              in(k, "It is true where you say, if $%s$; the exercise asks for more.",
                                 "在你所说的条件 $%s$ 下成立；题目要求的更多。"),
                              p->condition);
        if (!l->why.mistake)
            l->why = (evidence){ .mistake = MISTAKE_CONDITION };
    }
}

static void mark_finding(marker *k, marked_line *l, const piece *p)
{
    const finding *f = l->found;
    const tree *relation = f->formula ? relation_in(f->formula) : NULL;
    if (f->verdict == CHECK_DEFINES || f->verdict == CHECK_DECLARES)
        l->mark = l->want >= 0 ? MARK_RIGHT : MARK_NAMES;
    else if (f->verdict == CHECK_HOLDS && relation)
        true_line(k, l, p, relation);
    else if (f->verdict == CHECK_DEGENERATE && relation && restates(k, relation, l->want)) {
        l->mark = MARK_NOTHING;
        l->why.mistake = MISTAKE_RESTATED;
    } else
        false_line(k, l, p, relation);
}

/* ---- A condition ---- */

static bool same_condition(const tree *a, const tree *b)
{
    bool turned = a->kind == TREE_RELATION && b->kind == TREE_RELATION && a->count == 2 && b->count == 2 &&
                  a->relations[0] == REL_EQ && b->relations[0] == REL_EQ && tree_equal(a->child[0], b->child[1]) &&
                  tree_equal(a->child[1], b->child[0]);
    return turned || tree_equal(a, b);
}

static bool mark_condition(marker *k)
{
    const exercise *e = k->e;
    const piece *p = &k->piece[k->pieces - 1];
    const char *reference = e->rights ? e->right[0].latex : "";
    latex_result asked = latex_read(k->arena, reference, strlen(reference)),
                 said = latex_read(k->arena, p->source, strlen(p->source));
    marked_line *l = &k->m->line[k->m->count++];
    *l = (marked_line){ .line = p->line,
                        .latex = p->source,
                        .want = 0,
                        .say = "",
                        .mark = MARK_WRONG,
                        .why = { .mistake = MISTAKE_CONDITION } };
    if (said.count != 1 || asked.count != 1 || !relation_in(said.formula[0])) {
        l->mark = MARK_NOT_READ;
        l->why.mistake = MISTAKE_NONE;
        l->say = in(k, "Write the condition as a relation: t = T, t < T, B = 1.",
                    "请把条件写成关系式：t = T、t < T、B = 1。");
        return true;
    }
    if (same_condition(asked.formula[0]->child[0], said.formula[0]->child[0]) ||
        trying_holds(&k->trying,
                     arena_format(k->arena, "\\left[ %s \\right] = \\left[ %s \\right]", p->source, reference))) {
        l->mark = MARK_RIGHT;
        l->why.mistake = MISTAKE_NONE;
    } else if (trying_holds(&k->trying, arena_format(k->arena, "%s, \\quad %s", e->claim, p->source))) {
        l->mark = MARK_RIGHT_IF;
        l->say = in(k, "There it holds, but not only there.", "在那里成立，但不只在那里成立。");
    } else
        l->say = in(k, "Under this condition the formula does not hold.", "在这个条件下公式不成立。");
    return true;
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
            return stop(k, arena_format(k->arena, "The setup of %s: %s", k->e->id, f->summary));
        if (f->verdict == CHECK_DEFINES)
            for (int n = 0; n < k->pieces; n++)
                if (f->item == &item[n + 1]) {
                    const tree *r = relation_in(f->formula);
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
        if (f->formula && p->want < 0 && relation_in(f->formula)) /* after the answer's names are known */
            l->want = want_of(k, relation_in(f->formula)->child[0]);
        mark_finding(k, l, p);
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
    m->mark = seen[MARK_WRONG]                         ? MARK_WRONG
              : seen[MARK_RIGHT_IF]                    ? MARK_RIGHT_IF
              : seen[MARK_NOT_READ]                    ? MARK_NOT_READ
              : lacking < 0                            ? MARK_RIGHT
              : seen[MARK_TERMS] || seen[MARK_NOTHING] ? MARK_NOTHING
                                                       : MARK_NOT_READ;
    if (m->mark != MARK_RIGHT && !seen[MARK_WRONG] && !seen[MARK_RIGHT_IF] && lacking >= 0 &&
        *k->e->want[lacking].left && !m->sentence && !seen[MARK_NOT_READ])
        m->sentence =
            arena_format(k->arena, in(k, "The answer does not say yet what $%s$ is.", "答案还没有说出 $%s$ 是什么。"),
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
        latex_result r = latex_read(a, e->want[i].left, strlen(e->want[i].left));
        k->want_key[i] = r.count == 1 ? saying_key(&k->saying, r.formula[0]->child[0], false) : "";
    }
    if (take_answer(k, bytes, length, formula)) {
        bool done;
        if (e->want[0].kind == WANT_CONDITION) {
            m->line = ARENA_ARRAY(a, marked_line, 1);
            done = m->line && mark_condition(k);
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
