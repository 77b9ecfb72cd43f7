/* The judge's own sentences in Chinese: conditions, and why something was not read or does not fit. Rules say what a
 * part of a sentence becomes; a sentence of which a word remains is shown as the judge wrote it, so that nothing is
 * told by halves. */
#include "exercise.h"

#include <string.h>

enum { PARTS_MOST = 4 };

typedef struct rule {
    const char *english, *chinese; /* # stands for $...$, @ for "...", % for a number, in this order; in the second by
                                      the digit of its place */
} rule;

static const rule rules[] = {
    /* conditions */
    { "# is cut (# is held fixed)", "切断 1（固定 2）" },
    { "# is cut", "切断 1" },
    { "# is held fixed", "固定 1" },
    { "# are held fixed", "固定 1" },
    { "# is the explicit derivative", "1 为直接导数" },
    { "the loss does not read #", "损失不读取 1" },
    { "the initial states are zero", "初始状态为零" },
    { " (one sequence)", "（单个序列）" },
    { "in the row convention", "采用行约定" },
    { "in the column convention", "采用列约定" },
    { "rows and columns are not told apart", "不区分行与列" },
    { "angle brackets are the outer product", "尖括号为外积" },
    { "a row is taken for a column", "把行当作列" },
    { "# is the matrix product", "1 为矩阵乘积" },
    { "# is element by element", "1 为逐元素乘积" },
    { "# is the inner product", "1 为内积" },
    { "norms of matrices are spectral", "矩阵范数为谱范数" },
    { "in the product the later step stands on the left", "连乘中较晚的时间步写在左边" },
    { "Jacobians are transposed (denominator layout)", "雅可比矩阵取转置（分母布局）" },
    { " and a row vector of %", "与 1 维行向量" },
    { " and a column vector of %", "与 1 维列向量" },
    { " and a vector of %", "与 1 维向量" },
    { " and a matrix of % x %", "与 1×2 矩阵" },
    { " and a scalar", "与标量" },
    { " and ", " 且 " },
    /* examples */
    { ", # the sum of #", "，1 为 2 各元素之和" },
    { ", the loss at random", "，损失随机" },
    /* not read */
    { "# is neither defined nor given, so nothing can be said of its derivative",
      "1 既没有定义也没有给定，所以谈不上它的导数" },
    { "# is neither defined nor given", "1 既没有定义也没有给定" },
    { "# is not known: no formula before defines it, and the setup does not give it",
      "1 是未知的记号：前面没有定义它，题目也没有给定它" },
    { "# is not known", "1 是未知的记号" },
    { "the function @ of % argument is not known", "不认识 2 个自变量的函数 1" },
    { "the function @ of % arguments is not known", "不认识 2 个自变量的函数 1" },
    { "elements of a transpose are written #", "转置的元素写作 1" },
    { "# does not exist at step %", "1 在第 2 步不存在" },
    { "the index # has no value here", "下标 1 在这里没有值" },
    { "the index # runs over nothing that is known", "下标 1 的范围未知" },
    { "# has no such index as #", "1 没有下标 2" },
    { "there is no relation in it: "
      "nothing is said that could be true",
      "其中没有关系式：没有说出可以成立的内容" },
    { "the shapes do not fit, "
      "and with equal sizes it is not true either: ",
      "形状不相配，即使大小都相等也不成立：" },
    { "the shapes do not fit, "
      "in no reading and whatever the sizes: ",
      "形状不相配，无论怎样读、大小如何都不行：" },
    { "in a product, ", "乘积中，" },
    { "in a sum, ", "和式中，" },
    { "the two sides, ", "等号两边，" },
    { "# has fewer indices than are written", "1 的下标没有这么多" },
    { "a matrix of % x %", "1×2 矩阵" },
    { "a row vector of %", "1 维行向量" },
    { "a column vector of %", "1 维列向量" },
    { "a vector of %", "1 维向量" },
    { "a scalar", "标量" },
    { "a number", "标量" },
    { " do not fit", " 不相配" },
    { ", in #", "，在 1 中" },
    { "element % of % does not exist", "共 2 个元素，没有第 1 个" },
    { "sequence % of % does not exist", "批次共 2 个序列，没有第 1 个" },
    { "its shape is another: for # it is % x %", "形状不是这样：取 1 时是 2×3" },
    { "its shape is another: for # it has % elements", "形状不是这样：取 1 时有 2 个元素" },
    { "its shape is another: it is a scalar", "形状不是这样：它是标量" },
    { "element by element (write the vector on the left, or as a diagonal matrix), ",
      "逐元素乘积（请把向量写在左边，或写成对角矩阵）中，" },
    { "element by element, ", "逐元素乘积中，" },
    { "in an inner product, ", "内积中，" },
    { "in a product with ones, ", "与全 1 向量的乘积中，" },
    { ": say the shapes of what is given in the setup, or mend the formula", "；请改正公式" },
    { "it takes more work than is allowed for it", "计算量超过了允许的范围" },
    { "the work allowed for this document was done before it was judged", "计算量用完，没有判到这一行" },
    { "a sum of % terms is more than a check takes (100000)", "求和有 1 项，太多了" },
    /* LaTeX */
    { "after @: @ is missing, for @", "在 1 之后：缺少 2（与 3 对应）" },
    { "after @: @ is missing", "在 1 之后：缺少 2" },
    { "after @: @ is expected, for @, not @", "在 1 之后：应为 2（与 3 对应），而不是 4" },
    { "after @: @ is expected, for @", "在 1 之后：应为 2（与 3 对应）" },
    { "after @: ", "在 1 之后：" },
    { "at the start: ", "在开头：" },
    { "@ is not known here", "不认识 1" },
    { "@ has no index: ", "1 没有下标：" },
    { "\\sum_t is expected", "应写作 $\\sum_t$" },
    { "@ closes nothing", "1 没有与之对应的左括号" },
    { "an operator, a relation or the end "
      "is expected, not @",
      "应有运算符、关系符，或到此结束，而不是 1" },
    { "after a comma a condition is expected (t < T); formulas are separated by @",
      "逗号之后应为条件（t < T）；公式之间用 1 隔开" },
    { "the quantity after \\mathrm d is not known", "\\mathrm d 后面是未知的记号" },
    { "a number has a subscript: "
      "the vector of ones is \\mathbf 1_B",
      "数字带有下标：全 1 向量写作 \\mathbf 1_B" },
    { "a number has a subscript", "数字带有下标" },
    { "a term is expected, not the end", "应有一项，公式却结束了" },
    { "a term is expected, not @", "应有一项，而不是 1" },
    { "a group in braces or one letter "
      "is expected, not the end",
      "应有花括号或一个字母，公式却结束了" },
    { "a group in braces or one letter is expected, not @", "应有花括号或一个字母，而不是 1" },
    { "a group in braces is expected after @", "1 之后应有花括号" },
    { "the argument of @ is expected", "缺少 1 的自变量" },
    { "the subscript is empty", "下标是空的" },
    { "a second subscript", "出现第二个下标" },
    { "a second superscript", "出现第二个上标" },
    { "a closing bar is expected, for @", "缺少与 1 对应的竖线" },
    { "the formula is nested too deeply", "公式嵌套太深" },
    { "brackets are nested more than % deep", "括号嵌套超过 1 层" },
    { "a formula is expected", "应有一个公式" },
    { "the upper bound of @ is missing", "1 缺少上限" },
    { "@ needs its variable: @ is expected", "1 缺少变量：应写作 2" },
    { "this number is too large", "这个数太大" },
    { "; ", "；" },
};

/* The end of what # (for '#'), @ or % stands for at s, NULL if it is none. */
static const char *part_end(const char *s, char kind)
{
    if (kind == '%') {
        const char *end = s;
        while (*end >= '0' && *end <= '9')
            end++;
        return end > s ? end : NULL;
    }
    char closing = kind == '#' ? '$' : '"';
    if (*s != closing)
        return NULL;
    for (const char *end = s + 1; *end; end++) /* quotes within quotes do not come up: what is quoted is LaTeX */
        if (*end == closing)
            return end + 1;
    return NULL;
}

/* Does the rule fit at s? Behind what it took, or NULL; the parts' places in from and to. */
static const char *fits(const rule *r, const char *s, const char *from[PARTS_MOST], const char *to[PARTS_MOST])
{
    int parts = 0;
    for (const char *p = r->english; *p; p++) {
        if (*p != '#' && *p != '@' && *p != '%') {
            if (*s++ != *p)
                return NULL;
            continue;
        }
        const char *end = part_end(s, *p);
        if (!end || parts == PARTS_MOST)
            return NULL;
        from[parts] = s;
        to[parts++] = s = end;
    }
    return s;
}

/* A word outside of formulas and quotations. */
static bool has_english(const char *s)
{
    int letters = 0;
    for (char closing = 0; *s; s++) {
        if (closing ? *s == closing : *s == '$' || *s == '"')
            closing = closing ? 0 : *s;
        bool letter = !closing && ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'));
        letters = letter ? letters + 1 : 0;
        if (letters == 2)
            return true;
    }
    return false;
}

const char *reason_words(arena *a, const char *sentence, language l)
{
    text out = { .arena = a };
    if (l == LANGUAGE_EN)
        return sentence;
    for (const char *s = sentence; *s;) {
        const char *from[PARTS_MOST] = { 0 }, *to[PARTS_MOST] = { 0 }, *end = NULL;
        size_t k = 0;
        while (k < sizeof rules / sizeof *rules && !(end = fits(&rules[k], s, from, to)))
            k++;
        if (!end) { /* a formula or quotation as a whole */
            end = *s == '$' ? part_end(s, '#') : *s == '"' ? part_end(s, '@') : NULL;
            end = end ? end : s + 1;
            text_add_n(&out, s, (size_t)(end - s));
            s = end;
            continue;
        }
        for (const char *c = rules[k].chinese; *c; c++)
            if (*c >= '1' && *c <= '4' && from[*c - '1'])
                text_add_n(&out, from[*c - '1'], (size_t)(to[*c - '1'] - from[*c - '1']));
            else
                text_add_n(&out, c, 1);
        s = end;
    }
    return has_english(text_done(&out)) ? sentence : text_done(&out);
}
