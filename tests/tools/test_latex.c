/* The reader and writer of formulas: what is read says what was written, what is not read is refused with its place,
 * what is written reads back. */
#include "latex_corpus.h"
#include "test.h"

#include "reader.h"

#include <string.h>

static arena memory;

static void fresh_memory(void)
{
    arena_start(&memory, (size_t)64 << 20);
}

static void teardown(void)
{
    arena_free(&memory);
}

static latex_result read_text(const char *source)
{
    return latex_read(&memory, source, strlen(source));
}

START_TEST(written_reads_back)
{
    latex_result r = read_text(corpus[_i]);
    ck_assert_msg(!r.sentence, "%s: %s", corpus[_i], r.sentence);
    for (int k = 0; k < r.count; k++) {
        ck_assert_int_eq(r.formula[k]->kind, TREE_FORMULA);
        const char *source = latex_text(&memory, r.formula[k], LATEX_SOURCE);
        latex_result again = read_text(source);
        ck_assert_msg(!again.sentence, "%s is written as %s: %s", corpus[_i], source, again.sentence);
        ck_assert_msg(again.count == 1 && tree_equal(again.formula[0], r.formula[k]), "%s is written as %s", corpus[_i],
                      source);
        ck_assert_str_eq(latex_text(&memory, again.formula[0], LATEX_SOURCE), source);
    }
}
END_TEST

/* One formula each, and how its tree is written when every bracket is shown. */
static void show(text *out, const tree *t)
{
    static const char *const kinds[] = { "number", "symbol", "+",        "neg",     "*",      "/",     "^",     "T",
                                         "apply",  "norm",   "abs",      "concat",  "matrix", "tuple", "inner", "sum",
                                         "prod",   "max",    "min",      "D",       "is",     "ones",  "at",    "range",
                                         "...",    "place",  "relation", "formula", "set",    "words" };
    static const char *const joins[] = { "", ".", "x", "o", "*" }, *const relations[] = { "=",  "<=", "<", ">=", ">",
                                                                                          "!=", "in", "~", "<-", ":=" };
    if (t->kind == TREE_FORMULA && t->count == 1) {
        show(out, t->child[0]);
        return;
    }
    if (t->kind == TREE_SYMBOL || t->kind == TREE_NUMBER || t->kind == TREE_WORDS) {
        if (*t->accents)
            text_format(out, "<%s>", t->accents);
        text_add(out, t->name);
    } else
        text_format(out, "(%s%s%s", kinds[t->kind], *t->name ? " " : "", t->name);
    for (int k = 0; k < t->primes; k++)
        text_add(out, "'");
    if (t->separator)
        text_add_n(out, &t->separator, 1);
    if (t->rows)
        text_format(out, " %dx%d", t->rows, t->columns);
    for (int k = 0; k < t->bounds; k++) {
        const tree *parts[] = { t->bound[k].from, t->bound[k].to, t->bound[k].relation, t->bound[k].set };
        text_format(out, " {%s", t->bound[k].index);
        for (int j = 0; j < 4; j++)
            if (parts[j]) {
                text_add(out, " ");
                show(out, parts[j]);
            }
        text_add(out, "}");
    }
    if (t->sub) {
        text_add(out, " _");
        show(out, t->sub);
    }
    if (t->held) {
        text_add(out, " |");
        show(out, t->held);
    }
    bool symbol = t->kind == TREE_SYMBOL;
    for (int k = 0; k < t->count; k++) {
        text_add(out, symbol ? k ? "," : "_{" : " ");
        if (t->kind == TREE_MUL && k)
            text_add(out, joins[t->child[k]->join]);
        if (t->kind == TREE_RELATION && k)
            text_format(out, "%s ", relations[t->relations[k - 1]]);
        show(out, t->child[k]);
    }
    text_add(out, symbol ? t->count ? "}" : "" : t->kind == TREE_NUMBER || t->kind == TREE_WORDS ? "" : ")");
}

static const char *const meanings[][2] = {
    { "a - b c", "(+ a (neg (* b c)))" },
    { "-a b", "(neg (* a b))" },
    { "a \\odot b \\cdot c \\times d e", "(* a ob .c xd e)" },
    { "a/b c", "(* (/ a b) c)" },
    { "a b/c d", "(* (/ (* a b) c) d)" },
    { "W_g^{h\\top} x", "(* (T (^ W_{g} h)) x)" },
    { "W^h_g", "(^ W_{g} h)" },
    { "x^T + 2^T", "(+ (T x) (^ 2 T))" },
    { "(x)_{jk}", "(at x (* j k))" },
    { "x_{t-1,jk}", "x_{(+ t (neg 1)),(* j k)}" },
    { "W_{hn} b_{\\mathrm{in}}", "(* W_{(* h n)} b_{in})" },
    { "\\mathrm d\\tilde C_t", "<d tilde>C_{t}" },
    { "\\overrightarrow{\\mathbf{h}_t}", "<overrightarrow>h_{t}" },
    { "\\tanh C_t o_t", "(* (apply \\tanh C_{t}) o_{t})" },
    { "\\tanh^2C_t", "(^ (apply \\tanh C_{t}) 2)" },
    { "\\log y_k^2", "(apply \\log (^ y_{k} 2))" },
    { "\\log\\sum_c e^{o_c} - o_k", "(+ (apply \\log (sum {c} (^ e o_{c}))) (neg o_{k}))" },
    { "\\sigma x", "(* \\sigma x)" },
    { "\\sigma'(\\cdot)", "(apply \\sigma' (place))" },
    { "\\sigma^2(a)", "(^ (apply \\sigma a) 2)" },
    { "\\log 2 \\pi v^2", "(apply \\log (* 2 \\pi (^ v 2)))" },
    { "\\sin 2 x + 1", "(+ (apply \\sin (* 2 x)) 1)" },
    { "\\log 2 f(x)", "(* (apply \\log 2) f x)" },
    { "\\mathrm{softmax}_t(e_t)", "(apply softmax _t e_{t})" },
    { "\\max(a,b) \\max_t h_t", "(* (apply \\max a b) (max {t} h_{t}))" },
    { "\\sum_t a_t \\odot b_t + c", "(+ (sum {t} (* a_{t} ob_{t})) c)" },
    { "\\sum_t a_t \\sum_k b_k c = d", "(relation (sum {t} (* a_{t} (sum {k} (* b_{k} c)))) = d)" },
    { "\\prod_{t=T}^{1} J_t", "(prod {t T 1} J_{t})" },
    { "\\sum_{g\\in\\{i,f\\}} x_g", "(sum {g (set i f)} x_{g})" },
    { "\\sum_{k\\le t} x", "(sum {k (relation k <= t)} x)" },
    { "\\sum_{t,b} x", "(sum {t} {b} x)" },
    { "\\frac{dL}{dW} \\frac{a}{b}", "(* (D L W) (/ a b))" },
    { "\\partial L/\\partial h_t W", "(* (D L h_{t}) W)" },
    { "\\frac{\\partial(h,C)}{\\partial(k,D)}", "(D (tuple h C) (tuple k D))" },
    { "\\left.\\frac{\\partial a}{\\partial b}\\right|_{f,i}", "(D |(tuple f i) a b)" },
    { "[a,b] [a;b] [a+b] [a=b]", "(* (concat, a b) (concat; a b) (+ a b) (is (relation a = b)))" },
    { "\\mathbf 1[k=j] \\mathbf 1_B 1_B", "(* (is (relation k = j)) (ones _B) (ones _B))" },
    { "\\lVert g\\rVert_F^2", "(^ (norm _F g) 2)" },
    { "\\begin{pmatrix}a&b\\\\c&d\\\\e&f\\end{pmatrix}", "(matrix 3x2 a b c d e f)" },
    { "J_T\\cdots J_1", "(* J_{T} (...) J_{1})" },
    { "\\frac12x_12", "(* (/ 1 2) x_{1} 2)" },
    { "x''", "x''" },
    { "a=b,\\quad t=1,\\dots,T", "(formula (relation a = b) (relation t in (set 1 (...) T)))" },
    { "a=b \\text{ for } 1 \\le t<T", "(formula (relation a = b) (relation 1 <= t < T))" },
    { "a=b \\text{ elementwise}", "(formula (relation a = b) elementwise)" },
    { "x\\in\\mathbb R^{H\\times(H+I)}", "(relation x in (^ R (* H x(+ H I))))" },
    { "\\mathrm{tanh}(x)", "(apply \\tanh x)" },
    { "\\nabla_W L", "(D L W)" },
    { "x^{(t)}", "x_{t}" },
    { "x_k^{(t-1)} x^{(t-1)}_k", "(* x_{(+ t (neg 1)),k} x_{(+ t (neg 1)),k})" },
    { "W^{[l]}_{jk} a^{\\langle t\\rangle} b^{<t-1>}", "(* W_{l,(* j k)} a_{t} b_{(+ t (neg 1))})" },
    { "h^{(t)\\top} + {W^{(2)}}^T + W^{(2)T}", "(+ (T h_{t}) (T W_{2}) (T W_{2}))" },
    { "\\nabla_{h^{(t)}} L", "(D L h_{t})" },
    { "1_{\\{i=j\\}} \\mathbb 1_{\\{i \\ne j\\}}", "(* (is (relation i = j)) (is (relation i != j)))" },
    { "\\begin{cases}a-b&i=j\\\\0&\\text{if }i>j\\\\c,&\\text{otherwise}\\end{cases}",
      "(+ (* (+ a (neg b)) o(is (relation i = j))) (* c o(+ 1 (neg (is (relation i = j))) (neg (is (relation i > "
      "j))))))" },
    { "\\left[\\begin{array}{c}a\\\\b\\end{array}\\right]", "(matrix 2x1 a b)" },
    { "\\sum_{t'} e_{t'} + 2^{t'} t'_1", "(+ (sum {t'} e_{t'}) (* (^ 2 t') t'_{1}))" },
    { "\\sum_{t'=1}^{t} a^{t-t'} = w'", "(relation (sum {t' 1 t} (^ a (+ t (neg t')))) = w')" },
    { "\\frac{\\partial J(w)}{\\partial w} \\nabla_w J(w)", "(* (D J w) (D J w))" },
    { "a_T = b, \\quad \\text{since } h_0 = 0", "(relation a_{T} = b)" },
    { "||x||_2^2 + ||a|| |b||c|", "(+ (^ (norm _2 x) 2) (* (norm a) (abs b) (abs c)))" },
    { "\\frac{\\partial x^\\top A x}{\\partial x} \\partial_W L", "(* (D (* (T x) A x) x) (D L W))" },
    { "\\nabla_x \\frac12 x^\\top x + \\nabla_x y a", "(+ (D (* (/ 1 2) (T x) x) x) (* (D y x) a))" },
    { "h^{\\text{T}}", "(T h)" },
    { "\\mathrm{net}_j(t) + \\mathrm{net}(x)", "(+ net_{t,j} (apply net x))" },
    { "tanh^2(x) + tanh'(x) diag[a]", "(+ (^ (apply \\tanh x) 2) (* (apply \\tanh' x) (apply diag a)))" },
    { "a = b \\quad \\text{(since } h_0 = 0)", "(relation a = b)" },
    { "a = b \\quad \\text{(for }t<T)", "(formula (relation a = b) (relation t < T))" },
    { "a &= b && \\text{(chain rule)} &= c && \\text{by (3)} &= d", "(relation a = b = c = d)" },
    { "\\|W\\|_2^T + |w|^{T} + \\|x\\|^\\top", "(+ (^ (norm _2 W) T) (^ (abs w) T) (T (norm x)))" },
    { "tanh(x) + diag \\left( h \\right) a + Wexp(x)", "(+ (apply \\tanh x) (* (apply diag h) a) (* W e x p x))" },
    { "h^{}_t a^{\\,}", "(* h_{t} a)" },
    { "W^{(xh)} x", "(* W_{(* x h)} x)" },
    { "a = b \\text{ (by definition)}, \\quad (3.4)", "(relation a = b)" },
    { "\\nabla f(x) + \\frac{d}{dx} x^\\top A x - \\frac{\\partial}{\\partial x} (a) b",
      "(+ (D f x) (D (* (T x) A x) x) (neg (* (D a x) b)))" },
    { "dW = \\sum_t da_t^\\top d_t d a", "(relation <d>W = (sum {t} (* (T <d>a_{t}) d_{t} d a)))" },
    { "\\Delta\\hat\\theta_t = -\\eta \\Delta x \\Delta_t",
      "(relation <Delta hat>\\theta_{t} = (neg (* \\eta <Delta>x \\Delta_{t})))" },
    { "\\delta y_t = a \\delta x^2", "(relation <delta>y_{t} = (* a (^ <delta>x 2)))" },
    { "d W x = a dW", "(relation (* d W x) = (* a d W))" },
    { "y^* + w_k^{\\star} b^\\ast", "(+ (^ y *) (* (^ w_{k} *) (^ b *)))" },
    { "t = 1, 2, \\ldots, T", "(relation t in (set 1 2 (...) T))" },
    { "\\nabla_w J (a) = J (w)", "(relation (* (D J w) a) = (* J w))" },
    { "y_j(t-1) h(t)^2 c(0) a(t) x(t+k)", "(* y_{(+ t (neg 1)),j} (^ h_{t} 2) c_{0} a_{t} x (+ t k))" },
    { "\\lambda(t-1) t(t-1) (a)(t)", "(* \\lambda (+ t (neg 1)) t (+ t (neg 1)) a t)" },
    { "e^{(t)} + (x^{(t)})^2", "(+ e_{t} (^ x_{t} 2))" },
};

START_TEST(trees)
{
    latex_result r = read_text(meanings[_i][0]);
    ck_assert_msg(!r.sentence, "%s: %s", meanings[_i][0], r.sentence);
    ck_assert_int_eq(r.count, 1);
    text out = { .arena = &memory };
    show(&out, r.formula[0]);
    ck_assert_str_eq(text_done(&out), meanings[_i][1]);
}
END_TEST

static const char *const refusals[][2] = {
    { "", "at the start: a formula is expected" },
    { "\\foo + 1", "at the start: \"\\foo\" is not known here" },
    { "x = \\infty", "after \"x =\": \"\\infty\" is not known here" },
    { "x = \\frac{a", "after \"x = \\frac{a\": \"}\" is missing" },
    { "x = (a + b", "\")\" is missing, for \"(\"" },
    { "x = [0, 1)", "\"]\" is expected, for \"[\", not \")\"" },
    { "a \\pm b", "after \"a\": \"\\pm\" is not known here" },
    { "a \\oplus b", "\"\\oplus\" is not known here" },
    { "a_t = b_{ih}, b_{hh}", "after a comma a condition is expected" },
    { "a +", "a term is expected, not the end" },
    { "a = = b", "a term is expected, not \"=\"" },
    { "\\begin{cases} a & b \\end{cases}", "a relation or \\text{otherwise} is expected" },
    { "\\begin{cases} a & \\text{otherwise} \\end{cases}", "a case stands alone" },
    { "\\begin{cases} 0 & i=j \\end{cases}", "all cases are 0" },
    { "\\begin{cases} a & i=j \\\\ b & i<j", "\"\\end{cases}\" is missing" },
    { "\\begin{cases} a b & i=j", "\"\\end{cases}\" is missing" },
    { "\\begin{vmatrix} a \\end{vmatrix}", "\"\\begin{vmatrix}\" is not known here" },
    { "\\begin{array} a \\end{array}", "array needs its columns" },
    { "1_{\\{i=j}", "is expected" },
    { "\\sqrt[3]{x}", "a power is expected" },
    { "\\frac{\\partial^2 L}{\\partial W}", "a derivative of order 2 has 1 variable below the line" },
    { "\\frac{\\partial^2 L}{\\partial a \\partial b^2}", "a derivative of order 2 has more variables" },
    { "\\frac{\\partial^n L}{\\partial a^n}", "a derivative of order 2, 3 or 4 is expected, not \"n\"" },
    { "\\arg x", "\"\\max\" or \"\\min\" is expected after \"\\arg\"" },
    { "\\partial h_t", "\"/ \\partial\" is expected" },
    { "\\color{red} x", "\"\\color\" is not known here" },
    { "\\sum \\delta_t", "\"\\sum\" has no index" },
    { "\\sum_{t=1} x", "the upper bound of \"\\sum\" is missing" },
    { "\\sum_{t,t} x", "the index t stands twice" },
    { "\\tanh' = 1", "the argument of \"\\tanh\" is expected" },
    { "\\tanh^{-1} x", "may be the inverse function" },
    { "\\gamma^{(T-t)}", "may be an index or a power" },
    { "e^{(t-1)}", "may be an index or a power" },
    { "(a+b)^{(t)}", "may be an index or a power" },
    { "x^{(t)}^{2}", "a second superscript" },
    { "x^{(t=1)}", "a relation stands where a term is expected" },
    { "||x|", "\"||\" is expected" },
    { "x_1_2", "a second subscript" },
    { "x^1^2", "a second superscript" },
    { "{a + b} c", "braces around a sum are not printed" },
    { "\\hat{a b}", "expected to stand on one symbol" },
    { "\\begin{pmatrix} a & b \\\\ c \\end{pmatrix}", "row 2 of the matrix has 1 columns" },
    { "[a, b; c]", "separated by \",\" and by \";\"" },
    { "3_x", "a number has a subscript" },
    { "a \\left b", "a bracket is expected after \\left" },
    { "a } b", "\"}\" closes nothing" },
    { "a \xC3 b", "these bytes are not UTF-8" },
    { "a \xED\xA0\x80 b", "these bytes are not UTF-8" },
    { "a \x01 b", "a control character" },
    { "C_t \\to C_{t+1}", "\"\\to\" is not known here" },
    { "x_t \xE2\x86\xA6 y", "\"\xE2\x86\xA6\" is not known here" },
    { "a \\\\", NULL },
    { "\\text{if $t$} a", "formulas stand outside" },
    { "\\left. a + b \\right. c", "is not printed" },
};

START_TEST(refused_with_a_place)
{
    latex_result r = read_text(refusals[_i][0]);
    if (!refusals[_i][1]) {
        ck_assert_msg(!r.sentence, "%s: %s", refusals[_i][0], r.sentence);
        return;
    }
    ck_assert_msg(r.sentence, "read: %s", refusals[_i][0]);
    ck_assert_msg(strstr(r.sentence, refusals[_i][1]), "%s: %s", refusals[_i][0], r.sentence);
    ck_assert(!strncmp(r.sentence, "after \"", 7) || !strncmp(r.sentence, "at the start: ", 14));
    ck_assert_int_eq(r.count, 0);
    ck_assert(r.at >= 0 && (size_t)r.at <= strlen(refusals[_i][0]));
}
END_TEST

START_TEST(limits)
{
    enum { N = LATEX_LONGEST };
    char *long_text = malloc(N + 2);
    static const char *const units[] = { "(",         "{",         "\\sqrt",     "\\sum_t",    "-",         "x^{",
                                         "a/",        "\\tilde",   "\\mathrm d", "|",          "\\log",     "x_{",
                                         "\\left(",   "[a,",       "a,",         "\\text{if}", "\\frac",    "'",
                                         "\\mathrm{", "\\partial", "\\mathbf1(", "a \\quad ",  "\\frac{{d}" };
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        size_t length = 0;
        for (; length + strlen(units[k]) <= N; length += strlen(units[k]))
            memcpy(long_text + length, units[k], strlen(units[k]));
        latex_result r = latex_read(&memory, long_text, length);
        ck_assert_msg(!r.sentence == (r.count > 0), "%s", units[k]);
        ck_assert_msg(!memory.failed, "%s", units[k]);
        teardown();
        fresh_memory();
    }
    memset(long_text, 'a', N + 1);
    ck_assert(!latex_read(&memory, long_text, N).sentence);
    ck_assert(strstr(latex_read(&memory, long_text, N + 1).sentence, "at most 20000"));
    free(long_text);
    ck_assert(strstr(latex_read(&memory, "a\0b", 3).sentence, "control character"));
    ck_assert(!latex_read(&memory, "a+b", 1).sentence);
    char nested[300] = { 0 };
    for (int depth = 90; depth <= 110; depth += 20) {
        memset(nested, '(', (size_t)depth);
        nested[depth] = 'x';
        memset(nested + depth + 1, ')', (size_t)depth);
        ck_assert((depth < LATEX_DEPTH) == !read_text(nested).sentence);
    }
}
END_TEST

START_TEST(short_of_memory)
{
    const char *source = corpus[31];
    int refused = 0;
    for (size_t limit = 0; limit < 60000; limit += 512) {
        arena_free(&memory);
        arena_start(&memory, limit);
        latex_result r = read_text(source);
        ck_assert((r.sentence && *r.sentence) != (r.count > 0));
        refused += !r.count;
        for (int form = 0; r.count && form < 3; form++)
            ck_assert_ptr_nonnull(latex_text(&memory, r.formula[0], (latex_form)form));
    }
    ck_assert_int_gt(refused, 3);
    ck_assert_int_lt(refused, 100);
}
END_TEST

static const char *const unicode[][2] = {
    { "\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial h_t} \\cdot \\frac{\\partial h_t}{\\partial "
      "C_t}",
      "∂L/∂f_t = ∂L/∂h_t · ∂h_t/∂C_t" },
    { "\\tilde C_t", "C\u0303_t" },
    { "\\delta_{f,t}", "δ_{f,t}" },
    { "\\overrightarrow h_t", "h→_t" },
    { "\\sum_{t=1}^{T} W_f^\\top x^2", "Σ_{t=1}^{T} W_fᵀ x²" },
    { "\\frac{a+b}{c d}", "(a + b)/(c d)" },
    { "a \\frac{b}{c} d", "a(b/c) d" },
    { "\\mathrm dC_{t-1} \\odot \\sigma'(a), \\quad t<T", "dC_{t-1} ⊙ σ′(a), t < T" },
    { "\\left.\\frac{\\partial a}{\\partial b}\\right|_{f,i}", "(∂a/∂b)|_{f,i}" },
    { "\\frac{\\partial^2 L}{\\partial a_i \\partial b}", "∂²L/(∂a_i∂b)" },
    { "\\frac{\\partial^{2} L}{\\partial a_i^2}", "∂²L/∂a_i²" },
    { "\\frac{\\partial^+ h}{\\partial W} \\propto \\arg\\max_k a_k", "∂⁺h/∂W ∝ arg max_k a_k" },
    { "\\left.\\frac{\\partial a}{\\partial b}\\right|_{\\text{via } c}", "(∂a/∂b)|_{via c}" },
    { "x^{-1} + \\sqrt{v} + \\lVert g\\rVert_2", "x⁻¹ + √(v) + ‖g‖_2" },
    { "W_{hn} x_t \\in \\mathbb R^H", "W_{hn} x_t ∈ ℝ^H" },
    { "\\mathbf 1[k=j] \\le \\prod_t f_t", "𝟏[k = j] ≤ Π_t f_t" },
};

START_TEST(one_line)
{
    latex_result r = read_text(unicode[_i][0]);
    ck_assert_msg(!r.sentence, "%s", r.sentence);
    ck_assert_str_eq(latex_text(&memory, r.formula[0], LATEX_UNICODE), unicode[_i][1]);
}
END_TEST

/* Elements close in order, with the number of children that MathML wants of each, and text is escaped. */
static int element_children(const char *name)
{
    static const struct {
        const char *name;
        int children;
    } fixed[] = { { "msub", 2 },  { "msup", 2 },   { "msubsup", 3 },   { "mfrac", 2 },
                  { "mover", 2 }, { "munder", 2 }, { "munderover", 3 } };
    for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++)
        if (!strcmp(fixed[k].name, name))
            return fixed[k].children;
    return -1;
}

START_TEST(mathml_is_well_formed)
{
    latex_result r = read_text(corpus[_i]);
    for (int f = 0; f < r.count; f++) {
        const char *math = latex_text(&memory, r.formula[f], LATEX_MATHML);
        char open[500][16];
        int children[500] = { 0 }, depth = 0, all = 0;
        for (const char *c = math; *c; c++) {
            if (*c != '<') {
                ck_assert(*c != '>' && *c != '"');
                ck_assert_msg(*c != '&' || c[1] == '#' || !strncmp(c, "&lt;", 4) || !strncmp(c, "&gt;", 4) ||
                                  !strncmp(c, "&amp;", 5),
                              "%s", math);
                continue;
            }
            bool closes = c[1] == '/';
            const char *name = c + 1 + closes, *end = strchr(c, '>');
            ck_assert_ptr_nonnull(end);
            int length = (int)strspn(name, "abcdefghijklmnopqrstuvwxyz");
            if (closes) {
                ck_assert_msg(depth > 0 && !strncmp(open[depth - 1], name, (size_t)length) && !open[depth - 1][length],
                              "%s", math);
                depth--;
                int expected = element_children(open[depth]);
                ck_assert_msg(expected < 0 || expected == children[depth], "%s has %d children: %s", open[depth],
                              children[depth], math);
            } else {
                all++;
                if (depth)
                    children[depth - 1]++;
                if (end[-1] != '/') {
                    ck_assert_int_lt(depth, 499);
                    snprintf(open[depth], sizeof *open, "%.*s", length < 15 ? length : 15, name);
                    children[depth++] = 0;
                }
            }
            c = end;
        }
        ck_assert_int_eq(depth, 0);
        ck_assert_int_gt(all, 0);
    }
}
END_TEST

START_TEST(mathml)
{
    latex_result r = read_text("W_g^{h\\top} < \\text{a<b \\&}");
    ck_assert_ptr_nonnull(r.sentence);
    r = read_text("W_g^{h\\top} < b_{\\text{a<b & \"c\"}}");
    ck_assert_msg(!r.sentence, "%s", r.sentence);
    ck_assert_str_eq(
        latex_text(&memory, r.formula[0], LATEX_MATHML),
        "<mrow><mrow><msubsup><mi>W</mi><mrow><mi>g</mi></mrow><mrow><mi>h</mi><mo>⊤</mo></mrow></msubsup>"
        "<mo>&lt;</mo><msub><mi>b</mi><mrow><mi>a&lt;b &amp; &quot;c&quot;</mi></mrow></msub></mrow></mrow>");
    r = read_text("(a + b) \\frac{c}{d}");
    ck_assert_str_eq(latex_text(&memory, r.formula[0], LATEX_MATHML),
                     "<mrow><mrow><mrow><mo>(</mo><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mo>)</"
                     "mo></mrow><mo>\u2062</mo><mfrac><mi>c</mi><mi>d</mi></mfrac></mrow></mrow>");
}
END_TEST

/* Trees that nobody wrote get the brackets they need. */
START_TEST(made_trees)
{
    latex_result r = read_text("a + b"), s = read_text("c");
    tree *sum = r.formula[0]->child[0], *c = s.formula[0]->child[0], *factors[] = { sum, c };
    tree product = {
        .kind = TREE_MUL, .count = 2, .child = factors, .height = 3, .name = "", .accents = "", .style = ""
    };
    ck_assert_str_eq(latex_text(&memory, &product, LATEX_SOURCE), "(a + b) c");
    ck_assert_str_eq(latex_text(&memory, &product, LATEX_UNICODE), "(a + b) c");
    static const double values[] = { 0.5, -2, 1e-7, 3e20, 0.1, 12345678 };
    static const char *const written[] = { "0.5 c", "(-2) c",    "(1 \\cdot 10^{-7}) c", "(3 \\cdot 10^{20}) c",
                                           "0.1 c", "12345678 c" };
    for (int k = 0; k < 6; k++) {
        tree number = { .kind = TREE_NUMBER, .value = values[k], .height = 1, .name = "", .accents = "", .style = "" },
             *both[] = { &number, c };
        product.child = both;
        ck_assert_str_eq(latex_text(&memory, &product, LATEX_SOURCE), written[k]);
    }
    ck_assert(!tree_equal(sum, c));
    ck_assert(tree_equal(sum, read_text("(a)+{b}").formula[0]->child[0]));
    ck_assert(!tree_equal(sum, read_text("a+c").formula[0]->child[0]));
    ck_assert(!tree_equal(read_text("a \\cdot b").formula[0], read_text("a b").formula[0]));
    ck_assert(!tree_equal(read_text("a < b").formula[0], read_text("a = b").formula[0]));
    ck_assert(!tree_equal(read_text("\\sum_t a").formula[0], read_text("\\sum_k a").formula[0]));
    ck_assert(!tree_equal(read_text("\\hat a").formula[0], read_text("a").formula[0]));
    ck_assert(tree_equal(read_text("\\mathbf a").formula[0], read_text("a").formula[0]));
}
END_TEST

START_TEST(arenas)
{
    arena_position start = arena_now(&memory);
    char *first = arena_new(&memory, 100, 1);
    ck_assert_ptr_nonnull(first);
    memset(first, 1, 100);
    arena_position after = arena_now(&memory);
    for (int k = 0; k < 100; k++)
        memset(arena_new(&memory, 1000, 8), 2, 8000);
    arena_reset(&memory, after);
    ck_assert_uint_eq(memory.used, after.used);
    ck_assert_int_eq(first[99], 1);
    char *again = arena_new(&memory, 64, 1);
    for (int k = 0; k < 64; k++)
        ck_assert_int_eq(again[k], 0);
    arena_reset(&memory, start);
    ck_assert_uint_eq(memory.used, 0);
    ck_assert_ptr_null(arena_new(&memory, (size_t)-1, 16));
    ck_assert(memory.failed);
    ck_assert_str_eq(arena_format(&memory, "%d", 5), "5");
    text t = { .arena = &memory };
    ck_assert_str_eq(text_done(&t), "");
    for (int k = 0; k < 1000; k++)
        text_format(&t, "%d,", k % 10);
    ck_assert_uint_eq(strlen(text_done(&t)), 2000);
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

Suite *suite_latex(void)
{
    Suite *s = suite_create("latex");
    TCase *c = tcase_create("latex");
    tcase_add_checked_fixture(c, fresh_memory, teardown);
    tcase_set_timeout(c, 60);
    tcase_add_loop_test(c, written_reads_back, 0, COUNT(corpus));
    tcase_add_loop_test(c, trees, 0, COUNT(meanings));
    tcase_add_loop_test(c, refused_with_a_place, 0, COUNT(refusals));
    tcase_add_loop_test(c, one_line, 0, COUNT(unicode));
    tcase_add_loop_test(c, mathml_is_well_formed, 0, COUNT(corpus));
    tcase_add_test(c, mathml);
    tcase_add_test(c, limits);
    tcase_add_test(c, short_of_memory);
    tcase_add_test(c, made_trees);
    tcase_add_test(c, arenas);
    suite_add_tcase(s, c);
    return s;
}
