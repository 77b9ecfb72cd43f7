/* The commands of LaTeX's mathematics that stand for one sign, and letters in their fonts. */
#include "author.h"

#include <string.h>

#define LETTER(name, sign)                                                                                             \
    {                                                                                                                  \
        name, sign, AUTHOR_LETTER                                                                                      \
    }
#define UPRIGHT(name, sign)                                                                                            \
    {                                                                                                                  \
        name, sign, AUTHOR_UPRIGHT                                                                                     \
    }
#define BINARY(name, sign)                                                                                             \
    {                                                                                                                  \
        name, sign, AUTHOR_BINARY                                                                                      \
    }
#define RELATION(name, sign)                                                                                           \
    {                                                                                                                  \
        name, sign, AUTHOR_RELATION                                                                                    \
    }
#define FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        name, name, AUTHOR_FUNCTION                                                                                    \
    }
#define LIMITED(name, words)                                                                                           \
    {                                                                                                                  \
        name, words, AUTHOR_LIMITED                                                                                    \
    }
#define BIG(name, sign)                                                                                                \
    {                                                                                                                  \
        name, sign, AUTHOR_BIG                                                                                         \
    }
#define ACCENT(name, sign)                                                                                             \
    {                                                                                                                  \
        name, sign, AUTHOR_ACCENT                                                                                      \
    }
#define SPACE(name, width)                                                                                             \
    {                                                                                                                  \
        name, width, AUTHOR_SPACE                                                                                      \
    }

static const author_sign signs[] = {
    LETTER("alpha", "α"),
    LETTER("beta", "β"),
    LETTER("gamma", "γ"),
    LETTER("delta", "δ"),
    LETTER("epsilon", "ϵ"),
    LETTER("varepsilon", "ε"),
    LETTER("zeta", "ζ"),
    LETTER("eta", "η"),
    LETTER("theta", "θ"),
    LETTER("vartheta", "ϑ"),
    LETTER("iota", "ι"),
    LETTER("kappa", "κ"),
    LETTER("varkappa", "ϰ"),
    LETTER("lambda", "λ"),
    LETTER("mu", "μ"),
    LETTER("nu", "ν"),
    LETTER("xi", "ξ"),
    LETTER("omicron", "ο"),
    LETTER("pi", "π"),
    LETTER("varpi", "ϖ"),
    LETTER("rho", "ρ"),
    LETTER("varrho", "ϱ"),
    LETTER("sigma", "σ"),
    LETTER("varsigma", "ς"),
    LETTER("tau", "τ"),
    LETTER("upsilon", "υ"),
    LETTER("phi", "ϕ"),
    LETTER("varphi", "φ"),
    LETTER("chi", "χ"),
    LETTER("psi", "ψ"),
    LETTER("omega", "ω"),
    UPRIGHT("Gamma", "Γ"),
    UPRIGHT("Delta", "Δ"),
    UPRIGHT("Theta", "Θ"),
    UPRIGHT("Lambda", "Λ"),
    UPRIGHT("Xi", "Ξ"),
    UPRIGHT("Pi", "Π"),
    UPRIGHT("Sigma", "Σ"),
    UPRIGHT("Upsilon", "Υ"),
    UPRIGHT("Phi", "Φ"),
    UPRIGHT("Psi", "Ψ"),
    UPRIGHT("Omega", "Ω"),
    LETTER("partial", "∂"),
    UPRIGHT("nabla", "∇"),
    LETTER("ell", "ℓ"),
    LETTER("imath", "ı"),
    LETTER("jmath", "ȷ"),
    UPRIGHT("hbar", "ℏ"),
    UPRIGHT("Re", "ℜ"),
    UPRIGHT("Im", "ℑ"),
    UPRIGHT("wp", "℘"),
    UPRIGHT("aleph", "ℵ"),
    UPRIGHT("infty", "∞"),
    UPRIGHT("emptyset", "∅"),
    UPRIGHT("varnothing", "∅"),
    UPRIGHT("forall", "∀"),
    UPRIGHT("exists", "∃"),
    UPRIGHT("neg", "¬"),
    UPRIGHT("lnot", "¬"),
    UPRIGHT("top", "⊤"),
    UPRIGHT("intercal", "⊺"),
    UPRIGHT("bot", "⊥"),
    UPRIGHT("prime", "′"),
    UPRIGHT("angle", "∠"),
    UPRIGHT("square", "□"),
    UPRIGHT("Box", "□"),
    UPRIGHT("blacksquare", "■"),
    UPRIGHT("qed", "□"),
    UPRIGHT("checkmark", "✓"),
    UPRIGHT("dagger", "†"),
    UPRIGHT("ddagger", "‡"),
    UPRIGHT("dots", "…"),
    UPRIGHT("ldots", "…"),
    UPRIGHT("dotsc", "…"),
    UPRIGHT("cdots", "⋯"),
    UPRIGHT("dotsb", "⋯"),
    UPRIGHT("dotsm", "⋯"),
    UPRIGHT("vdots", "⋮"),
    UPRIGHT("ddots", "⋱"),
    UPRIGHT("iddots", "⋰"),
    UPRIGHT("_", "_"),
    UPRIGHT("%", "%"),
    UPRIGHT("$", "$"),
    UPRIGHT("#", "#"),
    UPRIGHT("&", "&"),
    BINARY("cdot", "·"),
    BINARY("times", "×"),
    BINARY("odot", "⊙"),
    BINARY("otimes", "⊗"),
    BINARY("oplus", "⊕"),
    BINARY("ominus", "⊖"),
    BINARY("oslash", "⊘"),
    BINARY("circledast", "⊛"),
    BINARY("circ", "∘"),
    BINARY("bullet", "∙"),
    BINARY("ast", "∗"),
    BINARY("star", "⋆"),
    BINARY("pm", "±"),
    BINARY("mp", "∓"),
    BINARY("div", "÷"),
    BINARY("cap", "∩"),
    BINARY("cup", "∪"),
    BINARY("setminus", "∖"),
    BINARY("backslash", "∖"),
    BINARY("wedge", "∧"),
    BINARY("land", "∧"),
    BINARY("vee", "∨"),
    BINARY("lor", "∨"),
    BINARY("bmod", "mod"),
    BINARY("diamond", "⋄"),
    RELATION("le", "≤"),
    RELATION("leq", "≤"),
    RELATION("leqslant", "⩽"),
    RELATION("ge", "≥"),
    RELATION("geq", "≥"),
    RELATION("geqslant", "⩾"),
    RELATION("lt", "<"),
    RELATION("gt", ">"),
    RELATION("ne", "≠"),
    RELATION("neq", "≠"),
    RELATION("ll", "≪"),
    RELATION("gg", "≫"),
    RELATION("lesssim", "≲"),
    RELATION("gtrsim", "≳"),
    RELATION("approx", "≈"),
    RELATION("sim", "∼"),
    RELATION("simeq", "≃"),
    RELATION("cong", "≅"),
    RELATION("equiv", "≡"),
    RELATION("propto", "∝"),
    RELATION("triangleq", "≜"),
    RELATION("coloneqq", "≔"),
    RELATION("coloneq", "≔"),
    RELATION("eqqcolon", "≕"),
    RELATION("doteq", "≐"),
    RELATION("in", "∈"),
    RELATION("notin", "∉"),
    RELATION("ni", "∋"),
    RELATION("subset", "⊂"),
    RELATION("subseteq", "⊆"),
    RELATION("supset", "⊃"),
    RELATION("supseteq", "⊇"),
    RELATION("mid", "∣"),
    RELATION("parallel", "∥"),
    RELATION("perp", "⟂"),
    RELATION("prec", "≺"),
    RELATION("preceq", "⪯"),
    RELATION("succ", "≻"),
    RELATION("succeq", "⪰"),
    RELATION("to", "→"),
    RELATION("rightarrow", "→"),
    RELATION("longrightarrow", "⟶"),
    RELATION("gets", "←"),
    RELATION("leftarrow", "←"),
    RELATION("longleftarrow", "⟵"),
    RELATION("leftrightarrow", "↔"),
    RELATION("mapsto", "↦"),
    RELATION("longmapsto", "⟼"),
    RELATION("Rightarrow", "⇒"),
    RELATION("Longrightarrow", "⟹"),
    RELATION("implies", "⟹"),
    RELATION("Leftarrow", "⇐"),
    RELATION("Leftrightarrow", "⇔"),
    RELATION("Longleftrightarrow", "⟺"),
    RELATION("iff", "⟺"),
    RELATION("uparrow", "↑"),
    RELATION("downarrow", "↓"),
    RELATION("hookrightarrow", "↪"),
    RELATION("colon", ":"),
    RELATION("vert", "|"),
    RELATION("therefore", "∴"),
    RELATION("because", "∵"),
    RELATION("models", "⊨"),
    RELATION("vdash", "⊢"),
    { "{", "{", AUTHOR_OPEN },
    { "}", "}", AUTHOR_CLOSE },
    { "lbrace", "{", AUTHOR_OPEN },
    { "rbrace", "}", AUTHOR_CLOSE },
    { "langle", "⟨", AUTHOR_OPEN },
    { "rangle", "⟩", AUTHOR_CLOSE },
    { "lfloor", "⌊", AUTHOR_OPEN },
    { "rfloor", "⌋", AUTHOR_CLOSE },
    { "lceil", "⌈", AUTHOR_OPEN },
    { "rceil", "⌉", AUTHOR_CLOSE },
    { "lbrack", "[", AUTHOR_OPEN },
    { "rbrack", "]", AUTHOR_CLOSE },
    { "lvert", "|", AUTHOR_OPEN },
    { "rvert", "|", AUTHOR_CLOSE },
    { "lVert", "‖", AUTHOR_OPEN },
    { "rVert", "‖", AUTHOR_CLOSE },
    { "|", "‖", AUTHOR_UPRIGHT },
    { "Vert", "‖", AUTHOR_UPRIGHT },
    { "llbracket", "⟦", AUTHOR_OPEN },
    { "rrbracket", "⟧", AUTHOR_CLOSE },
    FUNCTION("sin"),
    FUNCTION("cos"),
    FUNCTION("tan"),
    FUNCTION("cot"),
    FUNCTION("sec"),
    FUNCTION("csc"),
    FUNCTION("sinh"),
    FUNCTION("cosh"),
    FUNCTION("tanh"),
    FUNCTION("coth"),
    FUNCTION("arcsin"),
    FUNCTION("arccos"),
    FUNCTION("arctan"),
    FUNCTION("exp"),
    FUNCTION("log"),
    FUNCTION("ln"),
    FUNCTION("lg"),
    FUNCTION("arg"),
    FUNCTION("deg"),
    FUNCTION("dim"),
    FUNCTION("ker"),
    FUNCTION("hom"),
    FUNCTION("diag"),
    FUNCTION("tr"),
    FUNCTION("sgn"),
    FUNCTION("sign"),
    FUNCTION("softmax"),
    LIMITED("max", "max"),
    LIMITED("min", "min"),
    LIMITED("sup", "sup"),
    LIMITED("inf", "inf"),
    LIMITED("lim", "lim"),
    LIMITED("liminf", "lim inf"),
    LIMITED("limsup", "lim sup"),
    LIMITED("det", "det"),
    LIMITED("gcd", "gcd"),
    LIMITED("Pr", "Pr"),
    LIMITED("argmax", "argmax"),
    LIMITED("argmin", "argmin"),
    BIG("sum", "∑"),
    BIG("prod", "∏"),
    BIG("coprod", "∐"),
    BIG("bigcup", "⋃"),
    BIG("bigcap", "⋂"),
    BIG("bigodot", "⨀"),
    BIG("bigoplus", "⨁"),
    BIG("bigotimes", "⨂"),
    BIG("bigvee", "⋁"),
    BIG("bigwedge", "⋀"),
    { "int", "∫", AUTHOR_INTEGRAL },
    { "iint", "∬", AUTHOR_INTEGRAL },
    { "oint", "∮", AUTHOR_INTEGRAL },
    ACCENT("hat", "^"),
    ACCENT("widehat", "^"),
    ACCENT("tilde", "~"),
    ACCENT("widetilde", "~"),
    ACCENT("bar", "¯"),
    ACCENT("overline", "¯"),
    ACCENT("dot", "˙"),
    ACCENT("ddot", "¨"),
    ACCENT("vec", "→"),
    ACCENT("check", "ˇ"),
    ACCENT("breve", "˘"),
    ACCENT("acute", "´"),
    ACCENT("grave", "`"),
    ACCENT("mathring", "˚"),
    ACCENT("overrightarrow", "→"),
    ACCENT("overleftarrow", "←"),
    ACCENT("overleftrightarrow", "↔"),
    ACCENT("overbrace", "⏞"),
    { "underline", "_", AUTHOR_BELOW },
    { "underbrace", "⏟", AUTHOR_BELOW },
    SPACE(",", "0.17em"),
    SPACE("thinspace", "0.17em"),
    SPACE(":", "0.22em"),
    SPACE(">", "0.22em"),
    SPACE("medspace", "0.22em"),
    SPACE(";", "0.28em"),
    SPACE("thickspace", "0.28em"),
    SPACE("!", "-0.17em"),
    SPACE("quad", "1em"),
    SPACE("qquad", "2em"),
    SPACE(" ", "0.33em"),
    SPACE("\n", "0.33em"),
    SPACE("enspace", "0.5em"),
    SPACE("hfill", "2em"),
    SPACE("space", "0.33em"),
    SPACE("nobreakspace", "0.33em"),
};

const author_sign *author_sign_of(const char *name, size_t length)
{
    for (size_t k = 0; k < sizeof signs / sizeof *signs; k++)
        if (strlen(signs[k].name) == length && !memcmp(signs[k].name, name, length))
            return &signs[k];
    return NULL;
}

author_font author_font_of(const char *command, size_t length)
{
    static const struct {
        const char *name;
        author_font font;
    } fonts[] = {
        { "mathrm", FONT_ROMAN },
        { "mathup", FONT_ROMAN },
        { "rm", FONT_ROMAN },
        { "mathbf", FONT_BOLD },
        { "bf", FONT_BOLD },
        { "boldsymbol", FONT_BOLD_ITALIC },
        { "bm", FONT_BOLD_ITALIC },
        { "pmb", FONT_BOLD_ITALIC },
        { "boldmath", FONT_BOLD_ITALIC },
        { "mathcal", FONT_CALLIGRAPHIC },
        { "cal", FONT_CALLIGRAPHIC },
        { "mathscr", FONT_CALLIGRAPHIC },
        { "mathbb", FONT_DOUBLE },
        { "mathbbm", FONT_DOUBLE },
        { "mathds", FONT_DOUBLE },
        { "Bbb", FONT_DOUBLE },
        { "mathfrak", FONT_FRAKTUR },
        { "mathsf", FONT_SANS },
        { "sf", FONT_SANS },
        { "mathtt", FONT_TYPEWRITER },
        { "tt", FONT_TYPEWRITER },
        { "symbf", FONT_BOLD },
        { "textsc", FONT_ROMAN },
    };
    for (size_t k = 0; k < sizeof fonts / sizeof *fonts; k++)
        if (strlen(fonts[k].name) == length && !memcmp(fonts[k].name, command, length))
            return fonts[k].font;
    return FONT_NONE;
}

/* Letters that Unicode had before the rest of their alphabet. */
static unsigned exception(unsigned c, author_font font)
{
    static const struct {
        author_font font;
        unsigned letter, code;
    } early[] = {
        { FONT_CALLIGRAPHIC, 'B', 0x212C }, { FONT_CALLIGRAPHIC, 'E', 0x2130 }, { FONT_CALLIGRAPHIC, 'F', 0x2131 },
        { FONT_CALLIGRAPHIC, 'H', 0x210B }, { FONT_CALLIGRAPHIC, 'I', 0x2110 }, { FONT_CALLIGRAPHIC, 'L', 0x2112 },
        { FONT_CALLIGRAPHIC, 'M', 0x2133 }, { FONT_CALLIGRAPHIC, 'R', 0x211B }, { FONT_CALLIGRAPHIC, 'e', 0x212F },
        { FONT_CALLIGRAPHIC, 'g', 0x210A }, { FONT_CALLIGRAPHIC, 'o', 0x2134 }, { FONT_DOUBLE, 'C', 0x2102 },
        { FONT_DOUBLE, 'H', 0x210D },       { FONT_DOUBLE, 'N', 0x2115 },       { FONT_DOUBLE, 'P', 0x2119 },
        { FONT_DOUBLE, 'Q', 0x211A },       { FONT_DOUBLE, 'R', 0x211D },       { FONT_DOUBLE, 'Z', 0x2124 },
        { FONT_FRAKTUR, 'C', 0x212D },      { FONT_FRAKTUR, 'H', 0x210C },      { FONT_FRAKTUR, 'I', 0x2111 },
        { FONT_FRAKTUR, 'R', 0x211C },      { FONT_FRAKTUR, 'Z', 0x2128 },
    };
    for (size_t k = 0; k < sizeof early / sizeof *early; k++)
        if (early[k].font == font && early[k].letter == c)
            return early[k].code;
    return 0;
}

unsigned author_letter(unsigned c, author_font font)
{
    static const unsigned
        capitals[] = { [FONT_BOLD] = 0x1D400,      [FONT_BOLD_ITALIC] = 0x1D468, [FONT_CALLIGRAPHIC] = 0x1D49C,
                       [FONT_DOUBLE] = 0x1D538,    [FONT_FRAKTUR] = 0x1D504,     [FONT_SANS] = 0x1D5A0,
                       [FONT_TYPEWRITER] = 0x1D670 },
        digits[] = { [FONT_BOLD] = 0x1D7CE,
                     [FONT_BOLD_ITALIC] = 0x1D7CE,
                     [FONT_DOUBLE] = 0x1D7D8,
                     [FONT_SANS] = 0x1D7E2,
                     [FONT_TYPEWRITER] = 0x1D7F6 };
    unsigned other = exception(c, font);
    if (other)
        return other;
    if (font <= FONT_ROMAN)
        return c;
    if (c >= 'A' && c <= 'Z')
        return capitals[font] + c - 'A';
    if (c >= 'a' && c <= 'z')
        return capitals[font] + 26 + c - 'a';
    if (c >= '0' && c <= '9')
        return digits[font] ? digits[font] + c - '0' : c;
    bool bold = font == FONT_BOLD, slanted = font == FONT_BOLD_ITALIC;
    if ((bold || slanted) && c >= 0x391 && c <= 0x3A9)
        return (bold ? 0x1D6A8u : 0x1D71Cu) + c - 0x391;
    if ((bold || slanted) && c >= 0x3B1 && c <= 0x3C9)
        return (bold ? 0x1D6C2u : 0x1D736u) + c - 0x3B1;
    if ((bold || slanted) && c == 0x2207)
        return bold ? 0x1D6C1u : 0x1D735u;
    if ((bold || slanted) && c == 0x2202)
        return bold ? 0x1D6DBu : 0x1D74Fu;
    if ((bold || slanted) && c == 0x3D5)
        return bold ? 0x1D6DFu : 0x1D753u;
    if ((bold || slanted) && c == 0x3F5)
        return bold ? 0x1D6DCu : 0x1D750u;
    return c;
}
