/* An answer that is a condition: true at the same steps as the sheet's, in whatever form. */
#include "exercise_internal.h"

#include <string.h>

static const char *in(language l, const char *english, const char *chinese)
{
    return l == LANGUAGE_ZH ? chinese : english;
}

static const tree *relation_of(const latex_result *r)
{
    const tree *t = r->count == 1 && r->formula[0]->count ? r->formula[0]->child[0] : NULL;
    return t && t->kind == TREE_RELATION && t->count > 1 ? t : NULL;
}

static bool turned(const tree *a, const tree *b)
{
    return a->count == 2 && b->count == 2 && a->relations[0] == REL_EQ && b->relations[0] == REL_EQ &&
           tree_equal(a->child[0], b->child[1]) && tree_equal(a->child[1], b->child[0]);
}

/* t = T, t = 1: are these two conditions? (Words behind the first are none.) */
static bool is_several(const tree *formula)
{
    for (int i = 1; i < formula->count; i++)
        if (formula->child[i]->kind != TREE_WORDS)
            return true;
    return false;
}

/* At which step it parts from the sheet's. */
static const char *where_wrong(const trying *t, const char *said, const char *asked_, language l)
{
    static const char *const steps[] = { "t = T", "t = 1", "t = T - 1", "t = 2" };
    arena *a = t->arena;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (trying_holds(
                t, arena_format(a, "\\left[ %s \\right] = \\left[ %s \\right], \\quad %s", said, asked_, steps[i])))
            continue;
        if (trying_holds(t, arena_format(a, "\\left[ %s \\right] = 0, \\quad %s", said, steps[i])))
            return arena_format(a,
                                in(l, "At $%s$ the formula holds, and your condition leaves that out.",
                                   "在 $%s$ 处公式成立，而你的条件没有包括它。"),
                                steps[i]);
        if (trying_holds(t, arena_format(a, "\\left[ %s \\right] = 1, \\quad %s", said, steps[i])))
            return arena_format(a,
                                in(l, "Your condition is true at $%s$, and the formula does not hold there.",
                                   "你的条件在 $%s$ 处成立，而公式在那里不成立。"),
                                steps[i]);
    }
    return in(l, "Under this condition the formula does not hold.", "在这个条件下公式不成立。");
}

marked_line condition_mark(const trying *t, const char *said, int line, language l)
{
    const exercise *e = t->exercise;
    const char *reference = e->rights ? e->right[0].latex : "";
    latex_result asked_ = latex_read(t->arena, reference, strlen(reference)),
                 answer = latex_read(t->arena, said, strlen(said)),
                 claim = latex_read(t->arena, e->claim ? e->claim : "", e->claim ? strlen(e->claim) : 0);
    const tree *a = relation_of(&answer), *r = relation_of(&asked_), *c = relation_of(&claim);
    marked_line m = {
        .line = line, .latex = said, .say = "", .mark = MARK_WRONG, .why = { .mistake = MISTAKE_CONDITION }
    };
    if (!a || !r || is_several(answer.formula[0])) {
        m.mark = MARK_NOT_READ;
        m.why.mistake = MISTAKE_NONE;
        m.say = in(l, "Write the condition as one relation: t = 1, t < T, B = 1.",
                   "请把条件写成一个关系式：t = 1、t < T、B = 1。");
    } else if (c && (tree_equal(a, c) || turned(a, c))) {
        m.mark = MARK_NOTHING;
        m.why.mistake = MISTAKE_RESTATED;
        m.say = in(l, "That is the formula itself: say where it holds.",
                   "这就是那个公式本身："
                   "请说出它在哪里成立。");
    } else if (tree_equal(a, r) || turned(a, r) ||
               trying_holds(t, arena_format(t->arena, "\\left[ %s \\right] = \\left[ %s \\right]", said, reference))) {
        m.mark = MARK_RIGHT;
        m.why.mistake = MISTAKE_NONE;
    } else {
        if (trying_holds(t, arena_format(t->arena, "%s, \\quad %s", e->claim, said)))
            m.mark = MARK_RIGHT_IF;
        m.say = where_wrong(t, said, reference, l);
    }
    return m;
}
