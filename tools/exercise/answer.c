/* An answer as formulas to be judged: read as a line or as a document, and completed by what need not be said. */
#include "exercise_internal.h"

#include <string.h>

const char *marker_in(const marker *k, const char *english, const char *chinese)
{
    return k->language == LANGUAGE_ZH ? chinese : english;
}

bool marker_stop(marker *k, const char *sentence)
{
    if (!k->m->sentence)
        k->m->sentence = sentence;
    k->m->mark = MARK_NOT_READ;
    return false;
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

const tree *answer_relation(const tree *formula)
{
    const tree *r = formula && formula->count ? formula->child[0] : NULL;
    return r && r->kind == TREE_RELATION && r->count > 1 ? r : NULL;
}

/* Which want has this left side? */
int answer_want(marker *k, const tree *left, int *shift)
{
    bool elements = k->e->kind != KIND_MATRIX; /* there they are what the answer is to do without */
    for (int i = 0; i < k->e->wants; i++)
        if (asked_for(&k->saying, &k->want[i], left, elements, shift))
            return i;
    return -1;
}

static const char *without_square(marker *k, const char *blank, const char *answer)
{
    const char *at = strstr(blank, "\\square");
    return arena_format(k->arena, "%.*s\\left( %s \\right)%s", (int)(at - blank), blank, answer, at + 7);
}

/* (H, H + I), [H, H + I], H by H + I and H x H + I as H \times ... */
static const char *shape_source(marker *k, const char *s)
{
    static const char *const between[] = { ",", " by ", " x ", " X " };
    size_t n = strlen(s);
    bool pair = n > 2 && ((s[0] == '(' && s[n - 1] == ')') || (s[0] == '[' && s[n - 1] == ']'));
    for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
        const char *at = strstr(s, between[i]);
        if (!at || strstr(at + 1, between[i]) || strstr(s, "\\times") || strstr(s, "×"))
            continue;
        const char *from = s + (pair && !i), *to = s + n - (pair && !i), *next = at + strlen(between[i]);
        return arena_format(k->arena, "(%.*s) \\times (%.*s)", (int)(at - from), from, (int)(to - next), next);
    }
    return s;
}

/* An answer that is no relation, as a formula. */
static const char *completed(marker *k, const char *source)
{
    const exercise *e = k->e;
    const want *w = &e->want[0];
    if (w->kind == WANT_SHAPE) {
        source = shape_source(k, source);
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
        const tree *relation = answer_relation(r.formula[i]);
        piece p = { .source = r.count == 1 ? source : latex_text(k->arena, r.formula[i], LATEX_SOURCE),
                    .line = line,
                    .want = -1 };
        if (!relation) {
            if (inline_ || (k->e->wants > 1 && !k->e->blank))
                continue;
            if (k->e->want[0].kind == WANT_CONDITION) {
                add_piece(k, p);
                continue;
            }
            p.raw = p.source;
            p.source = completed(k, p.source);
            p.complete = true;
            p.want = 0;
            add_piece(k, p);
            continue;
        }
        p.want = answer_want(k, relation->child[0], &p.shift);
        if (p.want >= 0) {
            const char *condition = k->want[p.want].condition[p.shift + 1];
            const char *said = latex_text(k->arena, relation, LATEX_SOURCE);
            text own = { .arena = k->arena };
            for (int c = 1; c < r.formula[i]->count; c++)
                text_format(&own, "%s%s", c > 1 ? ", \\quad " : "",
                            latex_text(k->arena, r.formula[i]->child[c], LATEX_SOURCE));
            latex_result there = latex_read(k->arena, condition, strlen(condition));
            bool same = there.count == 1 && r.formula[i]->count == 2 &&
                        tree_equal(there.formula[0]->child[0], r.formula[i]->child[1]);
            if (r.formula[i]->count > 1 && !same) {
                p.alone = p.source;
                p.condition = text_done(&own);
            }
            if (p.alone || (*condition && !same))
                p.source = *condition ? arena_format(k->arena, "%s, \\quad %s", said, condition) : said;
        }
        add_piece(k, p);
    }
}

/* Words only: no sign of a formula, and two words that no function is called. */
static bool is_prose(const char *s)
{
    static const char *const functions[] = { "tanh", "softmax", "sigmoid", "sigma", "diag",
                                             "exp",  "log",     "sech",    "cosh",  NULL };
    int words = 0;
    if (strpbrk(s, "\\=_^<>+*"))
        return false;
    for (size_t n; *s; s += n) {
        bool known = false;
        for (n = 0; (s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') || (s[n] & 0x80); n++)
            ;
        for (int i = 0; functions[i]; i++)
            known |= n == strlen(functions[i]) && !strncmp(s, functions[i], n);
        words += n >= 2 && !known;
        n += !n;
    }
    return words > 1;
}

/* \square = x_t: what stands in the square is x_t; and == is =, as programs write it. */
static const char *bare(marker *k, const char *s)
{
    static const char square[] = "\\square";
    size_t n = sizeof square - 1;
    if (k->e->blank && !strncmp(s, square, n)) {
        const char *at = s + n + strspn(s + n, " ");
        if (*at == '=')
            s = at + 1 + strspn(at + 1, " ");
    }
    const char *twice = strstr(s, "==");
    return twice ? arena_format(k->arena, "%.*s%s", (int)(twice - s), s, twice + 1) : s;
}

/* Text without any formula: each line may be one. */
static void add_lines(marker *k, const char *bytes, size_t length)
{
    int line = 1;
    for (const char *at = bytes, *end = bytes + length; at < end && k->pieces < ANSWER_MOST; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at)), *to = newline ? newline : end;
        const char *one = trimmed(k, at, (size_t)(to - at));
        if (*one && *one != '#' && *one != '<' && *one != '`')
            add_source(k, bare(k, one), line, false);
        at = newline ? newline + 1 : end;
    }
}

bool answer_take(marker *k, const char *bytes, size_t length, bool formula)
{
    if (length > ANSWER_LONGEST)
        return marker_stop(k, marker_in(k, "The answer is longer than 256 KiB; an answer is a few formulas.",
                                        "答案超过 256 KiB；答案应当只是几个公式。"));
    if (memchr(bytes, 0, length))
        return marker_stop(k, marker_in(k, "There are NUL bytes in the answer: it is no text.",
                                        "答案里有 NUL 字节："
                                        "它不是文本。"));
    const char *all = arena_text(k->arena, bytes, length);
    if (!all[strspn(all, " \t\r\n$")])
        return marker_stop(k, marker_in(k, "The answer is empty.", "答案是空的。"));
    if (is_prose(all))
        return marker_stop(
            k, k->e->want[0].kind == WANT_CONDITION
                   ? marker_in(k, "Words are not marked. Write the condition as a relation: t = 1, t < T, B = 1.",
                               "不批改文字。请把条件写成关系式：t = 1、t < T、B = 1。")
                   : marker_in(k, "Words are not marked: write a formula in LaTeX.",
                               "不批改文字："
                               "请写 LaTeX 公式。"));
    if (formula && !strchr(all, '$') && !strstr(all, "\\begin{") && !strstr(all, "\\[")) {
        add_source(k, bare(k, trimmed(k, all, length)), 0, false);
    } else {
        document d = document_read(k->arena, "answer", DOCUMENT_MARKDOWN, bytes, length);
        int formulas = 0;
        if (d.sentence)
            return marker_stop(k, arena_format(k->arena, "%s", d.sentence));
        for (int i = 0; i < d.count; i++)
            formulas += d.item[i].kind == DOCUMENT_FORMULA;
        if (formulas > ANSWER_MOST)
            return marker_stop(k,
                               arena_format(k->arena,
                                            marker_in(k, "There are %d formulas in the answer; at most %d are marked.",
                                                      "答案里有 %d 个公式；最多批改 %d 个。"),
                                            formulas, (int)ANSWER_MOST));
        for (int i = 0; i < d.count; i++)
            if (d.item[i].kind == DOCUMENT_FORMULA)
                add_source(k, bare(k, d.item[i].source), d.item[i].line, formulas > 1 && !d.item[i].display);
        if (!formulas)
            add_lines(k, bytes, length);
    }
    return k->pieces ||
           marker_stop(k, marker_in(k, "There is no formula in the answer: write it as LaTeX between $$ and $$.",
                                    "答案里没有公式：请用 LaTeX 写在 $$ 与 $$ 之间。"));
}
