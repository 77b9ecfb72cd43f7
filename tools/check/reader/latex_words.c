/* What the lexer must know by name: Greek letters, commands that have several names, signs that are written as
 * themselves, and words that stand without a command. */
#include "latex_text.h"

static const char *const greek[] = { "alpha",    "beta",    "gamma",    "delta", "epsilon", "varepsilon", "zeta",
                                     "eta",      "theta",   "vartheta", "iota",  "kappa",   "lambda",     "mu",
                                     "nu",       "xi",      "pi",       "varpi", "rho",     "varrho",     "sigma",
                                     "varsigma", "tau",     "upsilon",  "phi",   "varphi",  "chi",        "psi",
                                     "omega",    "Gamma",   "Delta",    "Theta", "Lambda",  "Xi",         "Pi",
                                     "Sigma",    "Upsilon", "Phi",      "Psi",   "Omega",   "ell",        NULL };

/* One name for what has several. */
static const char *const alias[][2] = {
    { "\\leq", "\\le" },
    { "\\leqslant", "\\le" },
    { "\\geq", "\\ge" },
    { "\\geqslant", "\\ge" },
    { "\\neq", "\\ne" },
    { "\\lt", "<" },
    { "\\gt", ">" },
    { "\\gets", "\\leftarrow" },
    { "\\coloneqq", ":=" },
    { "\\equiv", "=" },
    { "\\dfrac", "\\frac" },
    { "\\tfrac", "\\frac" },
    { "\\cfrac", "\\frac" },
    { "\\widetilde", "\\tilde" },
    { "\\widehat", "\\hat" },
    { "\\overline", "\\bar" },
    { "\\ldots", "\\dots" },
    { "\\dotsc", "\\dots" },
    { "\\dotsb", "\\cdots" },
    { "\\dotsm", "\\cdots" },
    { "\\intercal", "\\top" },
    { "\\boldsymbol", "\\mathbf" },
    { "\\bm", "\\mathbf" },
    { "\\pmb", "\\mathbf" },
    { "\\mathbbm", "\\mathbb" },
    { "\\mathds", "\\mathbb" },
    { "\\mathscr", "\\mathcal" },
    { "\\ast", "*" },
    { "\\lbrack", "[" },
    { "\\rbrack", "]" },
    { "\\lbrace", "\\{" },
    { "\\rbrace", "\\}" },
    { "\\vert", "|" },
    { "\\Vert", "\\|" },
    { "\\parallel", "\\|" },
    { "\\lparen", "(" },
    { "\\rparen", ")" },
    { "\\cdotp", "\\cdot" },
};

/* Signs that are written as themselves. */
static const char *const unicode[][2] = {
    { "α", "\\alpha" },   { "β", "\\beta" },    { "γ", "\\gamma" },  { "δ", "\\delta" },     { "ε", "\\varepsilon" },
    { "ϵ", "\\epsilon" }, { "ζ", "\\zeta" },    { "η", "\\eta" },    { "θ", "\\theta" },     { "κ", "\\kappa" },
    { "λ", "\\lambda" },  { "μ", "\\mu" },      { "ν", "\\nu" },     { "ξ", "\\xi" },        { "π", "\\pi" },
    { "ρ", "\\rho" },     { "σ", "\\sigma" },   { "τ", "\\tau" },    { "φ", "\\varphi" },    { "ϕ", "\\phi" },
    { "χ", "\\chi" },     { "ψ", "\\psi" },     { "ω", "\\omega" },  { "Γ", "\\Gamma" },     { "Δ", "\\Delta" },
    { "Θ", "\\Theta" },   { "Λ", "\\Lambda" },  { "Φ", "\\Phi" },    { "Ψ", "\\Psi" },       { "Ω", "\\Omega" },
    { "ℓ", "\\ell" },     { "∂", "\\partial" }, { "∇", "\\nabla" },  { "⊙", "\\odot" },      { "∘", "\\circ" },
    { "·", "\\cdot" },    { "⋅", "\\cdot" },    { "×", "\\times" },  { "Σ", "\\sum" },       { "∑", "\\sum" },
    { "Π", "\\prod" },    { "∏", "\\prod" },    { "≤", "\\le" },     { "≥", "\\ge" },        { "≠", "\\ne" },
    { "∈", "\\in" },      { "≈", "\\approx" },  { "→", "\\to" },     { "←", "\\leftarrow" }, { "⊤", "\\top" },
    { "‖", "\\|" },       { "−", "-" },         { "…", "\\dots" },   { "⋯", "\\cdots" },     { "′", "'" },
    { "⟨", "\\langle" },  { "⟩", "\\rangle" },  { "∀", "\\forall" }, { "∝", "\\propto" },    { "⊗", "\\otimes" },
    { "，", "," },        { "、", "," },        { "；", ";" },       { "：", ":" },          { "。", "." },
    { "（", "(" },        { "）", ")" },        { "［", "[" },       { "］", "]" },          { "＝", "=" },
    { "＋", "+" },        { "－", "-" },        { "＜", "<" },       { "＞", ">" },          { "｜", "|" },
};

bool latex_is_greek(const char *name, size_t length)
{
    return latex_among(greek, name, length);
}

const char *latex_one_name(const char *name)
{
    for (size_t k = 0; k < sizeof alias / sizeof *alias; k++)
        if (!strcmp(alias[k][0], name))
            return alias[k][1];
    return name;
}

const char *latex_written_as(const char *character, int length)
{
    for (size_t k = 0; k < sizeof unicode / sizeof *unicode; k++)
        if ((int)strlen(unicode[k][0]) == length && !memcmp(unicode[k][0], character, (size_t)length))
            return unicode[k][1];
    return NULL;
}

/* \mathbf{net}, \mathit{net}: three letters or more, the first of them at most a capital, are a name as in \mathrm;
 * \mathbf{Wx} is a product. */
bool latex_styled_word(const char *after, const char *command)
{
    static const char *const styles[] = { "\\mathbf", "\\boldsymbol", "\\bm", "\\pmb", "\\mathit", NULL };
    int n = 0, indices = 0;
    if (!latex_among(styles, command, strlen(command)) || after[0] != '{')
        return false;
    for (char c = after[1]; latex_is_letter(c) && (!n || c >= 'a'); c = after[++n + 1])
        indices += c >= 'i' && c <= 'n';
    return n > 2 && indices < n && after[n + 1] == '}';
}

/* The length of a function's name that is written without its backslash: tanh(x), diag(x), softmax(x); 0 if there is
 * none. */
int latex_bare_function(const char *source, int at, int length)
{
    static const char *const known[] = { "tanh", "softmax", "sigmoid", "diag", "exp", "log",
                                         "relu", "ReLU",    "max",     "min",  NULL };
    const char *s = source + at;
    if (at && latex_is_letter(s[-1]))
        return 0;
    for (int k = 0; known[k]; k++) {
        int n = (int)strlen(known[k]), after = at + n;
        if (after >= length || strncmp(s, known[k], (size_t)n) != 0)
            continue;
        if (source[after] == '^' && after + 1 < length && latex_is_digit(source[after + 1])) /* tanh^2(x) */
            after += 2;
        else if (source[after] == '\'') /* tanh'(x) */
            after++;
        while (after < length && latex_is_blank(source[after]))
            after++;
        const char *next = source + after;
        next += next[0] == '.' && next[1] == '('; /* tanh.(x) */
        bool square =
            !strcmp(known[k], "diag") && (*next == '[' || !strncmp(next, "\\left[", 6) || !strncmp(next, "\\{", 2));
        if (square || *next == '(' || !strncmp(next, "\\left(", 6) || !strncmp(next, "\\big", 4) ||
            !strncmp(next, "\\Big", 4))
            return n;
    }
    return 0;
}
