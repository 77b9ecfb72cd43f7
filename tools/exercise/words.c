/* What is said of marks and mistakes, in both languages. */
#include "exercise.h"

#include <string.h>

static const struct {
    const char *key, *words[LANGUAGES];
} marks[MARKS] = {
    [MARK_RIGHT] = { "right", { "right", "正确" } },
    [MARK_RIGHT_IF] = { "right-if", { "right, under a condition", "有条件地正确" } },
    [MARK_WRONG] = { "wrong", { "wrong", "错误" } },
    [MARK_NOT_READ] = { "not-read", { "not read", "没有读懂" } },
    [MARK_NOTHING] = { "nothing", { "says nothing", "什么也没说" } },
    [MARK_TERMS] = { "terms", { "true, not finished", "成立，但没有完成" } },
    [MARK_NAMES] = { "names", { "a name of your own", "你自己的记号" } },
    [MARK_BESIDE] = { "beside", { "true", "成立" } },
};

const char *mark_key(mark m)
{
    return m >= 0 && m < MARKS ? marks[m].key : "";
}

const char *mark_words(mark m, language l)
{
    return m >= 0 && m < MARKS ? marks[m].words[l] : "";
}

static const struct {
    const char *kind[LANGUAGES], *place[LANGUAGES], *nowhere[LANGUAGES],
        *mend,  /* nowhere: for a place that is not known */
        *extra; /* the last two in Chinese: $what$ must be there, or $place$ must not */
} hints[MISTAKES] = {
    [MISTAKE_SIGN] = { { "A sign is wrong.", "有一个正负号错了。" },
                       { "Look at the sign of %s.", "看看 %s 的符号。" },
                       { "Look at the sign of the whole right side.", "看看整个右边的符号。" },
                       "应为 $%s$。",
                       "把 %s 的符号反过来。" },
    [MISTAKE_FACTOR] = { { "A factor is missing, too much, or another one.",
                           "少了一个因子、多了一个因子，或因子写错了。" },
                         { "Look at %s.", "看看 %s。" },
                         { "Compare the right side with the equation that reads the quantity, factor by factor.",
                           "把右边与含有这个量的方程逐个因子比较。" },
                         "这里需要 $%s$。",
                         "%s 不应出现。" },
    [MISTAKE_TRANSPOSE] = { { "Something is the wrong way round: a transpose, the order of a product, or two letters "
                              "of an index.",
                              "有东西方向反了：转置、乘积的次序，或下标的两个字母。" },
                            { "Look at %s.", "看看 %s。" },
                            { "Look at the right side as a whole.", "看看整个右边。" },
                            "应为 $%s$。",
                            "%s 的转置不对。" },
    [MISTAKE_PATH] = { { "A path is forgotten: the quantity reaches the loss in another way, too.",
                         "漏掉了一条路径：这个量还通过另一条路影响损失。" },
                       { "The forgotten path: %s.", "漏掉的路径：%s。" },
                       { "Which equations read the quantity? One of them has no term here.",
                         "哪些方程含有这个量？其中有一个在这里没有对应的项。" },
                       "还要加上 $%s$。",
                       NULL },
    [MISTAKE_STEP] = { { "Something stands at the wrong time step.", "有一个量的时间步错了。" },
                       { "At which step is %s needed?", "%s 应取哪一个时间步？" },
                       { "Compare the steps on the two sides.", "比较两边的时间步。" },
                       "应为 $%s$。",
                       NULL },
    [MISTAKE_DERIVATIVE] = { { "The derivative of an activation function is taken of the wrong thing, or of another "
                               "function.",
                               "激活函数的导数取错了对象，或取成了另一个函数的导数。" },
                             { "Look at %s.", "看看 %s。" },
                             { NULL, NULL },
                             "应为 $%s$。",
                             NULL },
    [MISTAKE_SUM] = { { "A sum is missing, too much, or runs over something else.",
                        "少了一个求和、多了一个求和，或求和范围不对。" },
                      { "What is to be added up? Think of %s.", "应当对什么求和？想一想 %s。" },
                      { "At which step does the sum begin, and where does it end?",
                        "求和从哪一步开始，到哪一步结束？" },
                      "应为 $%s$。",
                      "对 %s 的求和多余，或范围不对。" },
    [MISTAKE_MEAN] = { { "A factor of sizes is too much or missing, as of a mean.",
                         "多了或少了一个与大小有关的因子，好像取了平均。" },
                       { "Look at the factor %s.", "看看因子 %s。" },
                       { "Is there a mean in the loss?", "损失里有平均吗？" },
                       "应为 $%s$。",
                       "%s 不应出现。" },
    [MISTAKE_TERM] = { { "A term is missing, "
                         "too much, or another one.",
                         "少了一项、多了一项，或有一项写错了。" },
                       { "Look at %s.", "看看 %s。" },
                       { "Who else reads the quantity? "
                         "Count the terms.",
                         "还有谁含有这个量？数一数有几项。" },
                       "还要加上 $%s$。",
                       "%s 不应出现。" },
    [MISTAKE_NAME] = { { "A quantity stands there, "
                         "and another one should.",
                         "有一个量应当换成另一个量。" },
                       { "Look at %s.", "看看 %s。" },
                       { NULL, NULL },
                       "应为 $%s$。",
                       NULL },
    [MISTAKE_POWER] = { { "A square is missing or too much.", "少了或多了一个平方。" },
                        { "Look at %s.", "看看 %s。" },
                        { NULL, NULL },
                        "应为 $%s$。",
                        "%s 的平方不对。" },
    [MISTAKE_SHAPE] = { { "The shapes do not fit.", "形状不相配。" },
                        { "Look at %s.", "看看 %s。" },
                        { "Write the shape below each factor, rows by columns.",
                          "在每个因子下面写出它的形状：行数 × 列数。" },
                        NULL,
                        NULL },
    [MISTAKE_CONDITION] = { { "Where exactly does it hold?", "它究竟在哪里成立？" },
                            { "It holds only if %s.", "只有当 %s 时成立。" },
                            { NULL, NULL },
                            NULL,
                            NULL },
    [MISTAKE_RESTATED] = { { "It says what is asked for by itself: use the equation that reads the quantity.",
                             "这是用所求的量说明它自己：请用含有这个量的那个方程。" },
                           { NULL, NULL },
                           { NULL, NULL },
                           NULL,
                           NULL },
};

const char *hint_words(arena *a, const marked_line *line, int level, language l)
{
    const evidence *e = &line->why;
    if (e->mistake <= MISTAKE_NONE || e->mistake >= MISTAKE_OTHER)
        return NULL;
    if (line->mark == MARK_TERMS) /* true as far as it goes */
        return level == 1 ? (l == LANGUAGE_ZH ? "方向是对的："
                                                "还差一步。"
                                              : "You are on the way: one more step.")
               : level == 2 && e->place
                   ? arena_format(a,
                                  l == LANGUAGE_ZH ? "用给出的方程把 %s 写开。"
                                                   : "Write %s out with the equations that are given.",
                                  e->place)
                   : NULL;
    if (level == 1)
        return hints[e->mistake].kind[l];
    if (level == 2 && e->place && hints[e->mistake].place[l]) {
        text out = { .arena = a }; /* the row's one %s */
        const char *row = hints[e->mistake].place[l], *at = strstr(row, "%s");
        text_add_n(&out, row, (size_t)(at - row));
        text_add(&out, reason_words(a, e->place, l));
        text_add(&out, at + 2);
        return text_done(&out);
    }
    if (level == 2)
        return hints[e->mistake].nowhere[l];
    if (level != 3)
        return NULL;
    if (l == LANGUAGE_EN)
        return e->mend ? arena_format(a, "Here it is: %s.", e->mend) : NULL;
    const char *row = e->mended ? hints[e->mistake].mend : e->place ? hints[e->mistake].extra : NULL;
    const char *what = e->mended ? e->mended : e->place, *at = row ? strstr(row, "%s") : NULL;
    return at ? arena_format(a, "%.*s%s%s", (int)(at - row), row, what, at + 2) : NULL;
}
