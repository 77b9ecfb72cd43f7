/* The reader and writer of formulas: what is read says what was written, what is not read is refused with its place, what is written reads back. */
#include "test.h"

#include "check/latex.h"

#include <string.h>

/* Each says the same when it is written out and read again. */
static const char *const corpus[] = {
    "f_t=\\sigma(W_f[h_{t-1},x_t]+b_f)",
    "i_t = \\sigma\\left(W_i \\left[h_{t-1}; x_t\\right] + b_i\\right)",
    "\\tilde C_t=\\tanh(W_C[h_{t-1}\\,;\\,x_t]+b_C)",
    "C_t=f_t\\odot C_{t-1}+i_t\\odot\\tilde C_t",
    "\\mathbf{C}_t = \\mathbf{f}_t \\circ \\mathbf{C}_{t-1} + \\mathbf{i}_t * \\widetilde{\\mathbf{C}}_t",
    "h_t=o_t\\odot\\tanh C_t",
    "h_t = o_t \\odot \\tanh(C_t)",
    "L=-\\frac1T\\sum_{t=1}^T\\sum_{c=1}^{C}\\hat y_{t,c}\\log y_{t,c}",
    "L = \\frac{1}{BT} \\sum_{t,b} \\ell_{t,b}",
    "L = 1/(BT) \\sum\\limits_{t=1}^{T} \\ell(t)",
    "\\dfrac{\\partial L}{\\partial f_t}=\\dfrac{\\partial L}{\\partial h_t}\\cdot\\dfrac{\\partial h_t}{\\partial C_t}\\cdot\\dfrac{\\partial "
    "C_t}{\\partial f_t}",
    "\\partial L / \\partial W_f = \\sum_{t=1}^T \\delta_{f,t} \\zeta_t^\\top",
    "{\\partial L}/{\\partial W_f} = \\tfrac{\\partial L}{\\partial W_f}",
    "\\frac{\\mathrm d L}{\\mathrm d h_t} = \\frac{dL}{dh_t} = \\nabla_{h_t} L",
    "\\frac{\\partial}{\\partial W} \\log y_k = \\frac{\\partial}{\\partial W} \\left( a + b \\right)",
    "\\delta_{f,t}=\\frac{\\partial L}{\\partial f_t}\\odot\\sigma'(\\cdot)",
    "\\delta_{f,t} = \\mathrm{d}f_t \\odot f_t (1 - f_t)",
    "\\mathrm dC_t=\\mathrm dh_t\\odot o_t\\odot(1-\\tanh^2C_t)+\\mathrm dC_{t+1}\\odot f_{t+1}, \\quad t<T",
    "\\mathrm dC_T = \\mathrm dh_T \\odot o_T \\odot (1 - \\tanh^2(C_T)) + \\kappa",
    "\\mathrm dh_t=\\hat g_t+\\sum_gW_g^{h\\top}\\delta_{g,t+1}",
    "\\mathrm{d} h_{t-1} = \\hat g_{t-1} + \\sum_{g \\in \\{i, f, \\tilde C, o\\}} {W_g^h}^{\\top} \\delta_{g,t}",
    "\\mathrm d\\tilde C_t=\\mathrm dC_t\\odot i_t",
    "\\mathrm d\\overrightarrow{h}_t = \\overrightarrow{\\mathbf{h}_t} + \\overrightarrow{h_{t-1}}",
    "\\overrightarrow h_t=\\mathrm{LSTM}(x_t,\\overrightarrow h_{t-1}), \\qquad \\overleftarrow h_t=\\text{LSTM}(x_t,\\overleftarrow h_{t+1})",
    "h_t = [\\overrightarrow h_t,\\overleftarrow h_t]",
    "\\partial h_t/\\partial C_t=\\mathrm{diag}\\bigl(o_t\\odot(1-\\tanh^2C_t)\\bigr)",
    "\\frac{\\partial C_t}{\\partial C_{t-1}} = \\operatorname{diag} f_t + \\operatorname{diag}(C_{t-1})",
    "\\left.\\frac{\\partial C_t}{\\partial C_{t-1}}\\right|_{f_t, i_t} = \\operatorname{diag}(f_t)",
    "\\frac{\\partial h_t}{\\partial h_{t-1}}\\Big|_{z_t \\text{ fixed}} = \\mathrm{diag}(1-z_t)",
    "\\frac{\\partial h_t}{\\partial h_{t-1}}\\bigg|_{z} = A",
    "\\frac{\\partial h_t}{\\partial h_{t-1}}\\bigr|_z A",
    "J_t=\\frac{\\partial(h_t,C_t)}{\\partial(h_{t-1},C_{t-1})}=\\begin{pmatrix}D_tW_o^h+E_tA_t&E_t\\,\\mathrm{diag}(f_t)\\\\A_t&\\mathrm{diag}(f_t)"
    "\\end{pmatrix}",
    "\\partial(h_T,C_T)/\\partial(h_0,C_0)=J_T\\cdots J_1",
    "\\begin{psmallmatrix}0&1\\\\1&0\\end{psmallmatrix} = \\begin{bmatrix} 0 & -1 \\\\[2pt] 1 & a + b \\\\ \\end{bmatrix} \\begin{matrix} x "
    "\\end{matrix}",
    "m_t=(1-\\beta_1)\\sum_{k\\le t}\\beta_1^{t-k}g_k",
    "\\theta_t=\\theta_0-\\eta\\sum_{k\\le t}\\frac{m_k/(1-\\beta_1^k)}{\\sqrt{v_k/(1-\\beta_2^k)}+\\epsilon}",
    "\\Delta_1=-\\eta\\,g/(\\lvert g\\rvert +\\epsilon), \\quad \\varepsilon = 10^{-8}",
    "\\lVert g\\rVert =\\sqrt{\\sum_p\\lVert g_p\\rVert _F^2}",
    "g_p\\leftarrow g_p\\min\\bigl(1,\\frac{c}{\\lVert g\\rVert +10^{-6}}\\bigr)",
    "\\|x\\|_2^2 = \\left\\|W x\\right\\|^2 \\le \\Vert x \\Vert_1",
    "-\\log y_k=\\log\\sum_ce^{o_c}-o_k",
    "\\mathrm de_t=\\alpha_t(\\mathrm d\\alpha_t-\\sum_k\\alpha_k\\mathrm d\\alpha_k)",
    "\\mathrm d\\alpha_t=\\langle\\mathrm dc,h_t\\rangle",
    "\\alpha_t=\\mathrm{softmax}_t(v^{\\top}\\tanh(W_hh_t+W_ss))",
    "\\alpha = \\mathrm{softmax}_{t}(e_1,\\dots,e_T) = \\mathrm{softmax} e",
    "c = \\sum\\limits_t \\alpha_t h_t",
    "\\partial\\alpha/\\partial e=\\mathrm{diag}(\\alpha)-\\alpha\\alpha^{\\top}",
    "\\frac{\\partial\\alpha_t}{\\partial e_k} = \\alpha_t (\\mathbf 1[t=k] - \\alpha_k) = \\alpha_t (1_{t=k} - \\alpha_k)",
    "\\mathbb 1_{t=T} + \\mathbb{1}\\{k \\ne j\\} + [k < j] + \\mathbf 1(a \\ge 0) = 1",
    "\\mathrm db_g=\\sum_t\\delta_{g,t}\\mathbf 1_B = \\sum_t \\delta_{g,t}^{\\top} \\mathbf{1}",
    "a_{g,t,b,j}=b_{g,j}+\\sum_{m=1}^{H+I}W_{g,jm}\\zeta_{t,b,m}",
    "\\mathrm dh_{t,b,j}=\\hat g_{t,b,j}+\\sum_g\\sum_{k=1}^{H}\\delta_{g,t+1,b,k}W_{g,kj}",
    "\\delta_{o,t,b,j}=\\mathrm dh_{t,b,j}\\tanh(C_{t,b,j})\\,o_{t,b,j}(1-o_{t,b,j})",
    "\\frac{\\partial L}{\\partial W_{g,jm}}=\\sum_{t,b}\\delta_{g,t,b,j}\\zeta_{t,b,m}",
    "q_t = W_{hn} h_{t-1} + b_{hn}, \\qquad n_t = \\tanh(W_{\\mathrm{in}} x_t + b_{\\text{in}} + r_t \\odot q_t)",
    "(\\partial h_t / \\partial h_{t-1})_{jk} = (W^\\top)_{jk} + [a; b]_t + (a + b)_{j,k}",
    "\\frac{\\partial (h_t)_j}{\\partial (h_{t-1})_k} = 0, \\quad k \\ne j",
    "\\mathrm dh_0=\\mathrm dh_T\\prod_{t=T}^{1}\\mathrm{diag}(1-h_t^2)W_R^{\\top}",
    "\\prod\\limits_{t=1}^{T} f_t \\le \\prod_t \\max_j f_{t,j}",
    "\\max_t |h_t| = \\max\\{a, b\\} - \\min(a, b, c) + \\max(1 - h^2)",
    "\\max_{k \\le t} a_k b_k + \\min_{t=1}^{T} c_t",
    "\\sum_{k\\ne j} x_k + \\sum_{1 \\le k < t} x_k + \\sum_{k > 0, j} x_{kj}",
    "\\sum_t -\\log y_t + \\sum_t (a_t + b_t) c",
    "\\sum_{t} \\left( \\sum_k a_k \\right) b_t - \\left(\\sum_k a_k\\right)^2",
    "a = b = c \\le d",
    "y {(t)}_k + y {(t)}^2 + x^{\\mkern-1.5mu\\mathsf T} \\kern 2pt y",
    "a{(t)} + h{(t-1)} c \\lambda(t-1) + W{(0)} + h(t)^2 + h^2(t)",
    "dW = 2 da_t, \\Delta w = \\delta, \\delta y = \\delta_t \\delta \\hat y",
    "y^* = w_k^{*} b",
    "a_t = b_t, c_t = d(a, b), e = f",
    "a_t = b_t \\quad\\text{and}\\quad c_t = d_t \\text{ where } e = f \\text{ for each time step } t.",
    "s = \\sum_{t'=1}^{t} \\gamma^{t-t'} x_{t'} + x^{(t)}_k",
    "a_t = b_t, \\quad t = 1, \\dots, T",
    "a_t = b_t,\\qquad t=1,2,\\dots,T,\\quad g \\in \\{i,f\\}",
    "a_t = b_t \\quad (t<T)",
    "a_t = b_t \\quad (1 \\le t \\le T)",
    "a_t = b_t \\text{ for } t < T \\text{ and } g = i, f",
    "a_t = b_t \\quad\\text{if } t \\ge 2",
    "a_t = b_t \\quad\\text{if } f_{t+1} = 0",
    "a_t = b_t \\quad \\forall t",
    "a_t = b_t \\text{ for all } t",
    "a_t = b_t, \\quad \\kappa = 0",
    "a_t = b_t \\text{ (element by element)}",
    "a = b, \\qquad L = \\sum_t a_t, \\qquad c = d.",
    "a = b \\quad c = d \\quad e_t = f_t",
    "\\begin{aligned} a_t &= b_t, \\\\ c_t &= d_t \\\\ &\\quad + e_t \\\\ -\\log y &= 1 \\end{aligned}",
    "a &= b \\label{eq:1} \\tag{2.1} \\nonumber",
    "x_t\\in\\mathbb R^{I}, \\qquad W_g\\in\\mathbb R^{H\\times(H+I)}",
    "\\mathbb{R}^T = \\mathbb R^T",
    "0.5^T = 2^{-1} = (1/2)^T = (\\frac12)^{10}",
    "W^T W^\\top W^{\\top} W^\\intercal W^{\\mathsf T} W^{\\mathrm T}",
    "W_g^h = W^h_g = W_{g}^{h}",
    "{W^h}_f + (W^h)^2 + (W^\\top)^{2} + {W^h}^\\top",
    "x'_t = x^{\\prime}_t + x'' + x'^2 + x_{\\max}",
    "\\sigma'(a) = \\sigma(a)(1 - \\sigma(a)), \\qquad \\tanh'(a) = 1 - \\tanh^2 a",
    "\\sigma^2(a) = \\sigma(a)^2 = (\\sigma(a))^2 \\ne \\sigma^2 \\cdot a",
    "{\\sigma}(a) + (\\sigma)[a, b] + \\sigma_t + \\sigma_g(x) + 1/\\sigma",
    "(\\mathrm{diag}) x + {\\mathrm{MSE}}(x) + \\mathrm{MSE}",
    "{\\mathbf 1}(a) + \\mathbf{1}^\\top(a) + (\\mathbf 1)[a, b]",
    "\\tanh(-x)=-\\tanh x, \\qquad \\tanh a=2\\sigma(2a)-1",
    "\\exp\\{-x\\} + \\exp(-x) + e^{-x} + \\exp[a] + \\tanh[a, b] + \\tanh([a; b])",
    "\\sin\\theta + \\cos^2\\theta + \\sinh x + \\cosh \\tilde x + \\ln 2 + \\log_2 x",
    "\\log \\frac{a}{b} + \\log(a)_t + \\log((a)_t) + \\log (a)^2 + \\log a^2",
    "(\\log \\sum_k a_k) b + \\log \\prod_t f_t",
    "(\\tanh x)^{-1} + (\\tanh x)^\\top + (\\tanh^2 x)^\\top + \\tanh(x)^\\top",
    "\\sqrt x + \\sqrt{1-\\beta_2^t}/(1-\\beta_1^t) + \\sqrt{x}^3",
    "a/b c/d = (a/b) (c/d) = a/(b c)/d",
    "\\frac{a}{b}/c + (\\frac{a}{b})^2 + \\frac{a/b}{c/d} + a \\cdot b/c",
    "\\frac{(d) a}{d b} + \\frac{(\\mathrm d L)}{\\mathrm d W} + (\\mathrm d L)/(\\mathrm d W) + \\frac{(\\partial a / \\partial b)}{c}",
    "\\partial L / \\partial h \\odot \\sigma'(a) + \\partial \\sqrt{x} / \\partial x + \\partial (a + b) / \\partial (c)",
    "a - (b - c) - (-d) + (-e) - (f + g)",
    "-a b + (-a) b - (a b) c + a (b c) (d e)",
    "-(a + b)c = -\\{a + [b - (c - d)]\\} e",
    "2 3 x_1 2 + x_10 + .5 x + 10 20",
    "|a||b| + |a b|^2 + \\lvert\\lvert a\\rvert b\\rvert + \\left|(|c|)\\right| + \\bigl|x\\bigr|",
    "\\lVert\\cdot\\rVert_2 \\le \\prod_t\\max(1-h_t^2)\\lVert W\\rVert_2",
    "\\underbrace{f_t \\odot C_{t-1}}_{\\text{kept}} + \\overbrace{i_t}^{new} = \\underbrace{a + b}_{c} + d",
    "\\mathbf{\\hat y}_t + \\hat{\\mathbf y} + \\boldsymbol{\\delta}_t + \\bm W + \\mathcal L + \\vec v + \\hat{\\tilde x}_t + \\underline{x}",
    "\\bar x + \\overline{x} + \\dot x + \\ddot x + \\check x + \\breve x + \\widehat{W}_f + \\overleftarrow{h}",
    "\\alpha \\beta \\gamma \\Gamma \\Delta \\epsilon \\varepsilon \\ell \\varphi x",
    "∂L/∂f_t = δ_t · σ(x) ⊙ ∑_{t=1}^T α_t ≤ β × κ, \\quad t ∈ \\{1,…,T\\}",
    "‖x‖ ≥ Π_{k=1}^{n} x_k ≠ x^⊤, \\qquad Σ_t a_t",
    "[\\,W_g^h\\mid W_g^x\\,] = [a, b, c] = \\bigl[ a ; b \\bigr]",
    "x := y, \\qquad a \\coloneqq b, \\qquad a \\equiv b, \\qquad c \\approx d, \\qquad e \\gets f",
    "(h_t, C_t) = \\mathrm{LSTM}((x_t, y), \\{a, b\\}) = \\mathrm{f}(x)",
    "x_{t-1,b,jk} y_{f}^{t-1} z_{(a,b)} w_{W_g}",
    "x_1 + \\cdots + x_n = x_1, \\quad t \\in \\{1\\}",
    "a_{ih}=b_{hh} \\displaystyle \\phantom{x} ~\\!\\: c \\hspace{1em} d",
    "\\left. a \\right. b",
    "e^{x^{2}}_t + x^{y^\\top} + x^{\\tanh a} + 2^{h\\top}",
    "x^{{T}} + x^{T - 1} + x^{T\\top} + W^{h}_{t}",
    "L \\ge \\sum_t \\left\\langle G_t, h_t \\right\\rangle + \\tfrac12\\langle Q_t, h_t^{2} \\rangle",
    "\\mathrm{tr}(A B) + \\operatorname{tr} A + \\operatorname*{sign}(x) + \\mathrm{sign} x",
    "(a)(b)[c](d, e) \\dots f",
    "\\hat g_t = 0, \\; t < T",
    "\\mathbf 1 \\mathrm{in} u + {\\sigma} \\sigma \\sigma \\sigma' (x) + x^{4 .5}",
    "\\min_t a - \\operatorname{max}_{k} b_k + \\frac{{d} a}{d b} + \\frac{{d}^2 + c}{d}",
    "\\mathrm d\\mathrm{loss} + \\mathrm{d}\\mathrm{i}_t, \\qquad (\\cdot)",
};

static arena memory;

static void setup(void)
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
        ck_assert_msg(again.count == 1 && tree_equal(again.formula[0], r.formula[k]), "%s is written as %s", corpus[_i], source);
        ck_assert_str_eq(latex_text(&memory, again.formula[0], LATEX_SOURCE), source);
    }
}
END_TEST

/* One formula each, and how its tree is written when every bracket is shown. */
static void show(text *out, const tree *t)
{
    static const char *const kinds[] = { "number", "symbol", "+",      "neg",   "*",     "/",        "^",       "T",   "apply", "norm",
                                         "abs",    "concat", "matrix", "tuple", "inner", "sum",      "prod",    "max", "min",   "D",
                                         "is",     "ones",   "at",     "...",   "place", "relation", "formula", "set", "words" };
    static const char *const joins[] = { "", ".", "x", "o" }, *const relations[] = { "=", "<=", "<", ">=", ">", "!=", "in", "~", "<-", ":=" };
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
    { "\\mathbf 1[k=j] \\mathbf 1_B", "(* (is (relation k = j)) (ones _B))" },
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
      "(+ (* (+ a (neg b)) o(is (relation i = j))) (* c o(+ 1 (neg (is (relation i = j))) (neg (is (relation i > j))))))" },
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
    { "\\nabla f(x) + \\frac{d}{dx} x^\\top A x - \\frac{\\partial}{\\partial x} (a) b", "(+ (D f x) (D (* (T x) A x) x) (neg (* (D a x) b)))" },
    { "dW = \\sum_t da_t^\\top d_t d a", "(relation <d>W = (sum {t} (* (T <d>a_{t}) d_{t} d a)))" },
    { "\\Delta\\hat\\theta_t = -\\eta \\Delta x \\Delta_t", "(relation <Delta hat>\\theta_{t} = (neg (* \\eta <Delta>x \\Delta_{t})))" },
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
    { "a \\otimes b", "\"\\otimes\" is not known here" },
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
    { "\\frac{\\partial^2 L}{\\partial W}", "a second derivative is not known here" },
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
    static const char *const units[] = { "(",          "{", "\\sqrt",    "\\sum_t",   "-",          "x^{",       "a/",        "\\tilde",
                                         "\\mathrm d", "|", "\\log",     "x_{",       "\\left(",    "[a,",       "a,",        "\\text{if}",
                                         "\\frac",     "'", "\\mathrm{", "\\partial", "\\mathbf1(", "a \\quad ", "\\frac{{d}" };
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        size_t length = 0;
        for (; length + strlen(units[k]) <= N; length += strlen(units[k]))
            memcpy(long_text + length, units[k], strlen(units[k]));
        latex_result r = latex_read(&memory, long_text, length);
        ck_assert_msg(!r.sentence == (r.count > 0), "%s", units[k]);
        ck_assert_msg(!memory.failed, "%s", units[k]);
        teardown();
        setup();
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
    { "\\frac{\\partial L}{\\partial f_t} = \\frac{\\partial L}{\\partial h_t} \\cdot \\frac{\\partial h_t}{\\partial C_t}",
      "∂L/∂f_t = ∂L/∂h_t · ∂h_t/∂C_t" },
    { "\\tilde C_t", "C\u0303_t" },
    { "\\delta_{f,t}", "δ_{f,t}" },
    { "\\overrightarrow h_t", "h→_t" },
    { "\\sum_{t=1}^{T} W_f^\\top x^2", "Σ_{t=1}^{T} W_fᵀ x²" },
    { "\\frac{a+b}{c d}", "(a + b)/(c d)" },
    { "a \\frac{b}{c} d", "a(b/c) d" },
    { "\\mathrm dC_{t-1} \\odot \\sigma'(a), \\quad t<T", "dC_{t-1} ⊙ σ′(a), t < T" },
    { "\\left.\\frac{\\partial a}{\\partial b}\\right|_{f,i}", "(∂a/∂b)|_{f,i}" },
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
    } fixed[] = { { "msub", 2 }, { "msup", 2 }, { "msubsup", 3 }, { "mfrac", 2 }, { "mover", 2 }, { "munder", 2 }, { "munderover", 3 } };
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
                ck_assert_msg(*c != '&' || c[1] == '#' || !strncmp(c, "&lt;", 4) || !strncmp(c, "&gt;", 4) || !strncmp(c, "&amp;", 5), "%s", math);
                continue;
            }
            bool closes = c[1] == '/';
            const char *name = c + 1 + closes, *end = strchr(c, '>');
            ck_assert_ptr_nonnull(end);
            int length = (int)strspn(name, "abcdefghijklmnopqrstuvwxyz");
            if (closes) {
                ck_assert_msg(depth > 0 && !strncmp(open[depth - 1], name, (size_t)length) && !open[depth - 1][length], "%s", math);
                depth--;
                int expected = element_children(open[depth]);
                ck_assert_msg(expected < 0 || expected == children[depth], "%s has %d children: %s", open[depth], children[depth], math);
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
    ck_assert_str_eq(latex_text(&memory, r.formula[0], LATEX_MATHML),
                     "<mrow><mrow><msubsup><mi>W</mi><mrow><mi>g</mi></mrow><mrow><mi>h</mi><mo>⊤</mo></mrow></msubsup><mo>&lt;</mo>"
                     "<msub><mi>b</mi><mrow><mi>a&lt;b &amp; &quot;c&quot;</mi></mrow></msub></mrow></mrow>");
    r = read_text("(a + b) \\frac{c}{d}");
    ck_assert_str_eq(latex_text(&memory, r.formula[0], LATEX_MATHML), "<mrow><mrow><mrow><mo>(</mo><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mo>)</"
                                                                      "mo></mrow><mo>\u2062</mo><mfrac><mi>c</mi><mi>d</mi></mfrac></mrow></mrow>");
}
END_TEST

/* Trees that nobody wrote get the brackets they need. */
START_TEST(made_trees)
{
    latex_result r = read_text("a + b"), s = read_text("c");
    tree *sum = r.formula[0]->child[0], *c = s.formula[0]->child[0], *factors[] = { sum, c };
    tree product = { .kind = TREE_MUL, .count = 2, .child = factors, .height = 3, .name = "", .accents = "", .style = "" };
    ck_assert_str_eq(latex_text(&memory, &product, LATEX_SOURCE), "(a + b) c");
    ck_assert_str_eq(latex_text(&memory, &product, LATEX_UNICODE), "(a + b) c");
    static const double values[] = { 0.5, -2, 1e-7, 3e20, 0.1, 12345678 };
    static const char *const written[] = { "0.5 c", "(-2) c", "(1 \\cdot 10^{-7}) c", "(3 \\cdot 10^{20}) c", "0.1 c", "12345678 c" };
    for (int k = 0; k < 6; k++) {
        tree number = { .kind = TREE_NUMBER, .value = values[k], .height = 1, .name = "", .accents = "", .style = "" }, *both[] = { &number, c };
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
    tcase_add_checked_fixture(c, setup, teardown);
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
