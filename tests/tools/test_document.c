/* The checker's readers of documents and setups. Each expected document is written as one line for each item: what it
 * is, where, its id, its source. */
#include "test.h"

#include "reader.h"

#include <string.h>

static arena memory;

static void start(void)
{
    arena_start(&memory, (size_t)256 << 20);
}

static void finish(void)
{
    arena_free(&memory);
}

static document read_as(document_type type, const char *source)
{
    return document_read(&memory, "d", type, source, strlen(source));
}

/* "12:3 [BPTT.df] a = b <fails>": newlines in a source are shown as /. */
static const char *shown(document d)
{
    text t = { .arena = &memory };
    if (d.sentence)
        text_add(&t, d.sentence);
    for (int k = 0; k < d.count; k++) {
        const document_item *i = &d.item[k];
        text_format(&t, "%s%d:%d [%s] %s%s", k ? "; " : "", i->line, i->column, i->id,
                    i->kind == DOCUMENT_SETUP ? "SETUP "
                    : i->display              ? ""
                    : i->supposed             ? "if "
                                              : "inline ",
                    i->source);
        if (i->expect)
            text_format(&t, " <%s>", i->expect);
    }
    char *copy = (char *)(uintptr_t)text_done(&t);
    for (char *c = copy; *c; c++)
        if (*c == '\n')
            *c = '/';
    return copy;
}

typedef struct reading {
    const char *source, *items;
} reading;

static void all_read(document_type type, const reading *list, size_t count)
{
    for (size_t k = 0; k < count; k++)
        ck_assert_str_eq(shown(read_as(type, list[k].source)), list[k].items);
}
#define ALL_READ(type, list) all_read(type, list, sizeof list / sizeof *list)

START_TEST(own_commands)
{
    static const reading tex[] = {
        { "\\newcommand{\\bh}{\\mathbf{h}}\n\\newcommand\\pd[2]{\\frac{\\partial #1}{\\partial "
          "#2}}\n\\DeclareMathOperator*{\\dg}{diag}\n"
          "\\begin{document}\n$\\pd{\\bh_t}W = \\dg\\bh$\n",
          "5:2 [line 5] inline \\frac{\\partial \\mathbf{h}_t}{\\partial W} = \\operatorname{diag}\\mathbf{h}" },
        { "\\def\\h#1{\\hat#1}% \\def\\a{b}\n$\\h x = \\a\\hat y$", "2:2 [line 2] inline \\hat x = \\a\\hat y" },
        { "\\newcommand{\\n}[2][t]{x_{#1}^{#2}}\\newcommand{\\al}{\\alpha}$\\n2 = \\n[j]{k}\\al x$",
          "1:60 [line 1] inline x_{t}^{2} = x_{j}^{k}\\alpha x" },
        { "\\newcommand{\\x}{\\y}\\newcommand{\\y}{\\x}$\\x = a$", "1:40 [line 1] inline \\x = a" },
        { "\\DeclareMathOperator*{\\am}{arg\\,max}$\\am = a$", "1:38 [line 1] inline \\operatorname{argmax} = a" },
        { "\\newcommand{\\x}{1$\\x = a$", "1:19 [line 1] inline \\x = a" },
        { "\\newcommand{\\x}{}$\\x$ \\[ \\x \\] $\\x a = b$", "1:33 [line 1] inline  a = b" },
    };
    static const reading markdown[] = {
        { "$$\\newcommand{\\x}{\\mathbf x}$$\n\n$$\\x = 1$$\n", "3:3 [line 3] \\mathbf x = 1" },
        { "$$\\def\\x{y} \\x = 1$$", "1:3 [line 1]  y = 1" },
        { "$$\\boxed{a = \\textcolor{red}{b}} \\implies {\\color{red}c} \\stackrel{!}{=} d$$",
          "1:3 [line 1] a = b \\quad {c} = d" },
        { "$\\overset{\\rightarrow}{h}_t \\triangleq x$", "1:2 [line 1] inline \\overrightarrow{h}_t := x" },
        { "`\\newcommand{\\x}{y}` $\\x = 1$", "1:23 [line 1] inline \\x = 1" },
        { "$a = b$ $\\qed$\n$$ \\qed $$ $\\implies$ $\\quad$\n$c = d \\qed$",
          "1:2 [line 1] inline a = b; 3:2 [line 3] inline c = d " },
    };
    ALL_READ(DOCUMENT_TEX, tex);
    ALL_READ(DOCUMENT_MARKDOWN, markdown);
}
END_TEST

START_TEST(inline_math)
{
    static const reading list[] = {
        { "", "" },
        { "If $a < b$, then $c$; Assume that\n$d$. Motif $e$ 若$f$",
          "1:5 [line 1] if a < b; 1:19 [line 1.2] inline c; 2:2 [line 2] if d; 2:13 [line 2.2] inline e; 2:18 [line "
          "2.3] if f" },
        { "Let $a = b$ and $c$.", "1:6 [line 1] inline a = b; 1:18 [line 1.2] inline c" },
        { "It costs $20 and $30.", "" },
        { "US$5 or US$6, $ a$ and $b $", "" },
        { "$a$2", "" },
        { "\\$a\\$ and \\\\$b$", "1:14 [line 1] inline b" },
        { "$a \\$ b$", "1:2 [line 1] inline a \\$ b" },
        { "code `$a$` and ``x ` $b$`` $c$", "1:29 [line 1] inline c" },
        { "odd ` tick $c$", "1:13 [line 1] inline c" },
        { "$30 `$a=b$`", "" },
        { "$`a = b`$", "1:3 [line 1] inline a = b" },
        { "\xCE\xB4\xCE\xB4 $x$", "1:5 [line 1] inline x" },
        { "\xEF\xBB\xBF$x$", "1:2 [line 1] inline x" },
        { "$a\n= b$", "1:2 [line 1] inline a/= b" },
        { "$a\n\n= b$", "" },
        { "> text $a\n> = b$", "1:9 [line 1] inline a/= b" },
        { "\\(x = y\\)", "1:3 [line 1] inline x = y" },
        { "$a$\r\n\r\n$b$\r\n", "1:2 [line 1] inline a; 3:2 [line 3] inline b" },
        { "| a |\n|---|\n| $x\\|y$ | $5 | $6 |\n\n$x\\|y$", "3:4 [line 3] inline x|y; 5:2 [line 5] inline x\\|y" },
    };
    ALL_READ(DOCUMENT_MARKDOWN, list);
}
END_TEST

START_TEST(display_math)
{
    static const reading list[] = {
        { "$$a=b$$ and $$c$$", "1:3 [line 1] a=b; 1:15 [line 1.2] c" },
        { "$$\n  a\n  = b\n$$", "2:3 [line 2] a/= b" },
        { "> $$\n> a\n> > b\n> $$", "2:3 [line 2] a/> b" },
        { "- item\n  \\[\n  a\n  \\]", "3:3 [line 3] a" },
        { "```math\na = b\n```\n```python\n$x$\n```\n~~~\n$y$\n~~~", "2:1 [line 2] a = b" },
        { "- x\n  ```math\n  a\n  ```\n  $b$", "3:3 [line 3] a; 5:4 [line 5] inline b" },
        { "> ```math\n> a\n$b$", "2:3 [line 2] a; 3:2 [line 3] inline b" },
        { "$$a % b\n c$$", "1:3 [line 1] a /c" },
        { "\\begin{align}\na &= b \\\\[2pt]\nc &= \\text{if $d$}\n\\end{align}",
          "2:1 [line 2] a &= b; 3:1 [line 3] c &= \\text{if $d$}" },
        { "$$ \\begin{pmatrix} a \\\\ b \\end{pmatrix} = c \\\\ {x \\\\ y} $$",
          "1:4 [line 1] \\begin{pmatrix} a \\\\ b \\end{pmatrix} = c; 1:48 [line 1.2] {x \\\\ y}" },
        { "\\[ \\left\\{ \\begin{aligned} a &= 1 \\\\ b &= 2 \\end{aligned} \\right. \\]",
          "1:28 [line 1] a &= 1; 1:38 [line 1.2] b &= 2" },
        { "$$\\begin{array}{ll} a = 1 \\\\ b = 2 \\end{array}$$", "1:21 [line 1] a = 1; 1:30 [line 1.2] b = 2" },
        { "$$x = [\\begin{array}{c} a \\\\ b \\end{array}]$$",
          "1:3 [line 1] x = [\\begin{array}{c} a \\\\ b \\end{array}]" },
        { "$$\\begin{alignedat}{2} a \\\\ \\end{alignedat}$$", "1:24 [line 1] a" },
        { "$$\\begin{equation}\\begin{split} a \\\\ b \\end{split}\\end{equation}$$",
          "1:33 [line 1] a; 1:38 [line 1.2] b" },
        { "$$ $$ $$\\quad & , $$", "" },
        { "\\begin{tabular} $x$ \\end{tabular}", "1:18 [line 1] inline x" },
    };
    ALL_READ(DOCUMENT_MARKDOWN, list);
}
END_TEST

START_TEST(rows_that_go_on)
{
    static const reading list[] = {
        { "$$a &= b \\\\ &= c \\\\ d &= e$$", "1:3 [line 1] a &= b = c; 1:21 [line 1.2] d &= e" },
        { "$$a &= b \\\\ &\\quad + c \\\\ & - d$$", "1:3 [line 1] a &= b \\quad + c - d" },
        { "$$a &= b \\\\ -c &= d$$", "1:3 [line 1] a &= b; 1:13 [line 1.2] -c &= d" },
        { "$$a &= b \\\\ &\\odot c \\\\ \\le d$$", "1:3 [line 1] a &= b \\odot c \\le d" },
        { "$$a = b + \\\\ c \\\\ d$$", "1:3 [line 1] a = b + c; 1:19 [line 1.2] d" },
        { "$$a = \\Big( b \\\\ c \\\\ d \\Big) \\\\ e$$", "1:3 [line 1] a = \\Big( b c d \\Big); 1:34 [line 1.2] e" },
        { "$$a = h^* \\\\ b = x_{t+}$$", "1:3 [line 1] a = h^*; 1:14 [line 1.2] b = x_{t+}" },
        { "$$a &= b \\\\ &+ \\sum_{t=1}^T c$$", "1:3 [line 1] a &= b + \\sum_{t=1}^T c" },
        { "\\begin{multline} a = b \\\\ c \\end{multline}", "1:18 [line 1] a = b c" },
    };
    ALL_READ(DOCUMENT_MARKDOWN, list);
}
END_TEST

START_TEST(ids)
{
    static const reading list[] = {
        { "$$a \\tag{X}$$ $$b \\tag*{ X }$$", "1:3 [X] a; 1:17 [X (2)] b" },
        { "$$\\begin{aligned} a \\\\ b \\end{aligned} \\tag{X}$$", "1:19 [X] a; 1:24 [X (2)] b" },
        { "$$\\begin{aligned} a \\\\ b \\tag{X} \\end{aligned}$$", "1:19 [X] a; 1:24 [X (2)] b" },
        { "\\begin{align} a \\\\ b \\tag{X} \\\\ c \\tag{Y} \\end{align}", "1:15 [line 1] a; 1:20 [X] b; 1:33 [Y] c" },
        { "\\begin{align} a &= b \\\\ &= c \\tag{X} \\end{align}", "1:15 [X] a &= b = c" },
        { "\\begin{align} a &= b \\\\ &= c \\tag{X} \\\\ &= d \\tag{Y} \\end{align}",
          "1:15 [X] a &= b = c; 1:42 [Y] a = d" },
        { "\\begin{align} a &\\le b \\tag{X} \\\\ &= d \\tag{Y} \\end{align}", "1:15 [X] a &\\le b; 1:36 [Y] b = d" },
        { "<!-- id my.id -->\n$$a$$ $$b$$", "2:3 [my.id] a; 2:9 [line 2.2] b" },
        { "<!-- id X -->\nwhere $a$ is\n$$b$$", "2:8 [line 2] inline a; 3:3 [X] b" },
        { "$$a \\tag{line 2}$$\n$$b$$", "1:3 [line 2] a; 2:3 [line 2 (2)] b" },
        { "$$a \\tag{X}$$ $$b \\tag{X (2)}$$ $$c \\tag{X}$$", "1:3 [X] a; 1:17 [X (2)] b; 1:35 [X (3)] c" },
    };
    ALL_READ(DOCUMENT_MARKDOWN, list);
    document d = read_as(DOCUMENT_MARKDOWN, "# One $h=1$ #\n$$a \\tag{X}$$\nTwo\n---\n$$b$$\n# Three");
    ck_assert_int_eq(d.count, 3);
    ck_assert_str_eq(d.item[0].heading, "One $h=1$");
    ck_assert_str_eq(d.item[1].heading, "One $h=1$");
    ck_assert_str_eq(d.item[2].heading, "Two");
    ck_assert(d.item[1].tagged && !d.item[2].tagged && d.item[1].display && !d.item[0].display);
}
END_TEST

START_TEST(annotations)
{
    static const reading list[] = {
        { "<!-- expect fails -->\n$$a$$\n$$b$$", "2:3 [line 2] a <fails>; 3:3 [line 3] b" },
        { "<!-- expect fails -->\n\n$$a$$", "3:3 [line 3] a <fails>" },
        { "$$a$$\n<!-- expect fails -->\n\n\n$$b$$", "1:3 [line 1] a <fails>; 5:3 [line 5] b" },
        { "$$a$$\n<!-- expect fails -->\n\n$$b$$", "1:3 [line 1] a; 4:3 [line 4] b <fails>" },
        { "$$a$$ <!-- expect fails -->\n$$b$$", "1:3 [line 1] a <fails>; 2:3 [line 2] b" },
        { "<!-- expect holds if\n  $t = T$ -->\nwith $h$ we get $a = b$",
          "3:7 [line 3] inline h; 3:18 [line 3.2] inline a = b <holds if $t = T$>" },
        { "$$a \\tag{X}$$ $$b \\tag{X}$$\n\n\n\n\n<!-- expect X (2): holds if a: b -->",
          "1:3 [X] a; 1:17 [X (2)] b <holds if a: b>" },
        { "<!-- expect line 2: not read -->\n$$a$$", "2:3 [line 2] a <not read>" },
        { "<!-- $a$ -->\n<!-- note: expect nothing -->$b$", "2:31 [line 2] inline b" },
        { "<!-- expect fails -->", "line 1: there is no formula that \"expect fails\" could mean: it must begin within "
                                   "two lines after it, or end on "
                                   "its line or the one before" },
        { "x\n<!-- expect Y: fails -->\n$$a$$",
          "line 2: no formula of this document has the tag \"Y\" that is expected to be judged so" },
        { "<!-- expect fails --><!-- expect holds -->\n$$a$$",
          "line 1: the formula of line 2 has two expectations, \"fails\" and \"holds\"; put each on the line above its "
          "formula" },
        { "<!-- expect -->", "line 1: this \"expect\" does not say what; write expect holds, holds if ..., fails, "
                             "degenerate or not read" },
        { "<!-- id X -->\n\n\n\n$$a$$", "line 5: no formula begins within two lines after the id \"X\" of line 1" },
        { "<!-- id X -->", "line 1: no formula begins within two lines after the id \"X\"" },
    };
    ALL_READ(DOCUMENT_MARKDOWN, list);
}
END_TEST

START_TEST(setups)
{
    static const reading list[] = {
        { "```eddy\nscene A\n  more\n```", "2:1 [setup, line 2] SETUP scene A/  more/" },
        { "- x\n  ~~~ eddy\n  scene A\n    more\n  ~~~", "3:3 [setup, line 3] SETUP scene A/  more/" },
        { "> ```eddy\n> scene A\n>\n>   more\n> ```", "2:3 [setup, line 2] SETUP scene A//  more/" },
        { "<!-- eddy\n  scene A\n  given x -->", "2:3 [setup, line 2] SETUP scene A/given x/" },
        { "<!-- eddy scene A\n          given x\n-->$a$",
          "1:11 [setup, line 1] SETUP scene A/given x/; 3:5 [line 3] inline a" },
        { "<!-- eddying $x$ -->", "" },
    };
    ALL_READ(DOCUMENT_MARKDOWN, list);
}
END_TEST

START_TEST(tex)
{
    static const reading list[] = {
        { "$x$\n% eddy: sizes B\n\\begin{document}\n$a$", "2:9 [setup, line 2] SETUP sizes B/; 4:2 [line 4] inline a" },
        { "50\\% $a$ % $b$\n$c % d$\n + e$", "1:7 [line 1] inline a; 2:2 [line 2] inline c /+ e" },
        { "%eddy: given x\n  % eddy:   more\n%\n% eddy: y\n",
          "1:8 [setup, line 1] SETUP given x/  more/; 4:9 [setup, line 4] SETUP y/" },
        { "\\begin{verbatim} $x$ % \\end{verbatim} \\verb|$y$| \\begin{lstlisting}\n$z$\\end{lstlisting}$a$",
          "2:21 [line 2] inline a" },
        { "$a = \\text{if $t$}$", "1:2 [line 1] inline a = \\text{if $t$}" },
        { "% expect fails\n\\begin{align} a \\\\ b \\end{align}", "2:15 [line 2] a <fails>; 2:20 [line 2.2] b" },
        { "\\begin{align}\n a \\\\ % expect fails\n b % c \\\\\n\\end{align}\n\\end{document} $x$",
          "2:2 [line 2] a <fails>; 3:2 [line 3] b" },
        { "$a\n\n$", "line 1: the formula that begins with $ is not closed before the paragraph ends" },
        { "\\[ a", "line 1: the formula that begins with \\[ is not closed" },
        { "\n\\begin{verbatim}", "line 2: \\begin{verbatim} has no \\end{verbatim}" },
    };
    ALL_READ(DOCUMENT_TEX, list);
    ck_assert_str_eq(read_as(DOCUMENT_TEX, "\\section*{The {x}} \\[a\\]").item[0].heading, "The {x}");
}
END_TEST

START_TEST(no_documents)
{
    static const reading list[] = {
        { "a\n$$x", "line 2: the formula that begins with $$ is not closed" },
        { "a $$ b\n# head\n$$x$$", "line 1: the formula that begins with $$ is not closed" },
        { "a\n<!-- x", "line 2: the comment <!-- is not closed" },
        { "a\n\n```\nx", "line 3: the code block that begins here is not closed" },
        { "\\begin{align} x", "line 1: \\begin{align} has no \\end{align}" },
        { "a\n\xFFz", "line 2: the byte 0xFF begins no UTF-8 character; save the document as UTF-8" },
        { "\xC0\x80", "line 1: the byte 0xC0 begins no UTF-8 character; save the document as UTF-8" },
        { "\xED\xA0\x80", "line 1: the byte 0xED begins no UTF-8 character; save the document as UTF-8" },
        { "\xCE", "line 1: the byte 0xCE begins no UTF-8 character; save the document as UTF-8" },
    };
    ALL_READ(DOCUMENT_MARKDOWN, list);
    ck_assert_str_eq(document_read(&memory, "d", DOCUMENT_MARKDOWN, "a\0b", 3).sentence,
                     "line 1: the byte 0x00 begins no UTF-8 character; save the document as UTF-8");
    arena small;
    arena_start(&small, 64);
    ck_assert_str_eq(document_read(&small, "d", DOCUMENT_MARKDOWN, "$a$ $b$ $c$", 11).sentence,
                     "the document needs more memory than a check may take; divide it");
    arena_free(&small);
}
END_TEST

/* Whoever walks one of these more than a few times does not come back before Check's time limit. */
START_TEST(long_documents)
{
    static const char *const unit[] = { "$",         "{",     "<!--", "\n", "a",  "$a ", "`",       "` `` ```a ",
                                        "\\[a ",     "\\(a ", "$`a ", "> ", "- ", "\\",  "$$x\\\\", "\\begin{aligned}",
                                        "$$\\label{" };
    enum { LENGTH = 3 << 20 };
    char *bytes = malloc(LENGTH);
    ck_assert_ptr_nonnull(bytes);
    for (size_t k = 0; k < sizeof unit / sizeof *unit; k++) {
        size_t length = strlen(unit[k]);
        for (size_t at = 0; at < LENGTH; at++)
            bytes[at] = unit[k][at % length];
        for (int type = 0; type < 2; type++) {
            document d = document_read(&memory, "d", type ? DOCUMENT_TEX : DOCUMENT_MARKDOWN, bytes, LENGTH);
            ck_assert(!d.sentence || strncmp(d.sentence, "line 1: ", 8) == 0);
            arena_free(&memory);
        }
    }
    free(bytes);
}
END_TEST

/* ---- setups ---- */

static const char *latex(const tree *t)
{
    return t ? latex_text(&memory, t, LATEX_SOURCE) : "-";
}

/* One setup's statements: line, kind, what is in them. */
static const char *statements(const char *source)
{
    static const char *const kind[] = { "scene",      "size",    "labels",    "index", "given",    "library",
                                        "loss",       "formula", "argument",  "short", "operator", "hold",
                                        "convention", "reset",   "suggested", "sign" };
    setup s = setup_read(&memory, source, 5);
    if (s.sentence)
        return s.sentence;
    text t = { .arena = &memory };
    for (int k = 0; k < s.count; k++) {
        const setup_statement *q = &s.statement[k];
        text_format(&t, "%s%d %s", k ? "; " : "", q->line, kind[q->kind]);
        if (*q->words)
            text_format(&t, " %s", q->words);
        if (q->number)
            text_format(&t, "=%d", (int)q->number);
        if (q->symbol)
            text_format(&t, " %s", latex(q->symbol));
        if (q->value)
            text_format(&t, ": %s", latex(q->value));
        for (int i = 0; i < q->rank; i++)
            text_format(&t, " [%s]", latex(q->dim[i]));
        if (q->flags)
            text_format(&t, " flags %u", q->flags);
        for (int i = 0; i < q->count; i++) {
            text_format(&t, " %s(%s)", q->maybe && q->maybe[i] ? "maybe" : "", latex(q->list[i]));
            if (q->direct && q->direct[i])
                text_format(&t, "'%s'", latex(q->direct[i]));
        }
        for (int i = 0; i < q->froms; i++)
            text_format(&t, " <%s>", latex(q->from[i]));
    }
    return text_done(&t);
}

START_TEST(statements_read)
{
    static const reading list[] = {
        { "", "" },
        { "\n # nothing\n", "" },
        { "scene LSTM  # fresh\n", "5 scene LSTM" },
        { "sizes B, T I\n K=3", "5 size B; 5 size T; 5 size I; 5 size K=3" },
        { "labels g = i, f, C, hn", "5 labels g (i) (f) (C) (\\mathrm{hn})" },
        { "labels g in \\{i,f\\}", "5 labels g (i) (f)" },
        { "index j, k in H; m in H+I", "5 index j: H; 5 index k: H; 5 index m: H + I" },
        { "\n\ngiven $x_t$ in $\\mathbb R^I$", "7 given x_t [I] flags 64" },
        { "given a, b in R; c \\in \\mathbb{R}^{H \\times (H+I)}",
          "5 given a flags 64; 5 given b flags 64; 5 given c [H] [(H + I)] flags 64" },
        { "given W in R^{H x I}; V in R^{H*I} ; U in R^{H\xC3\x97I}",
          "5 given W [H] [I] flags 64; 5 given V [H] [I] flags 64; 5 given U [H] [I] flags 64" },
        { "given \\hat y_t in R^K one-hot per sample", "5 given \\hat{y}_t [K] flags 67" },
        { "given c positive; p in (0,1); m zero or one, S symmetric",
          "line 5: \"S\" is no property of a quantity: that is in, per sample, one-hot, positive, zero or one or "
          "symmetric" },
        { "given c positive; p in (0, 1); m zero or one; S symmetric in R^{H x H}",
          "5 given c flags 4; 5 given p flags 8; 5 given m flags 16; 5 given S [H] [H] flags 96" },
        { "library lstm: f i \\tilde C o C h\n  from W_f b_{f} input x",
          "5 library lstm x (f) (i) (\\tilde{C}) (o) (C) (h) <W_f> <b_f>" },
        { "library bilstm: \\overrightarrow h \\overleftarrow h h",
          "5 library bilstm (\\overrightarrow{h}) (\\overleftarrow{h}) (h)" },
        { "loss L reads h_t direct \\hat g_t, maybe C_T direct \\kappa",
          "5 loss L (h_t)'\\hat{g}_t' maybe(C_T)'\\kappa'" },
        { "loss L reads h_t y_t", "5 loss L (h_t) (y_t)" },
        { "a_{f,t} is the argument of f_t", "5 argument a_{f,t}: f_t" },
        { "\\mathrm d X means \\partial L / \\partial X", "5 short d L" },
        { "d X means \\partial L / \\partial X", "5 short d L" },
        { "\\mathcal R X means \\partial X / \\partial \\epsilon",
          "5 operator: \\partial X/\\partial \\epsilon <\\mathcal{R}> <X>" },
        { "dX means \\partial L / \\partial X", "5 short d L" },
        { "\\delta X means \\partial L / \\partial X", "5 short delta L" },
        { "\\delta A means B", "5 formula: \\delta A = B" },
        { "\\Delta^r_t means \\partial L / \\partial a_t", "5 formula: \\Delta_t^r = \\partial L/\\partial a_t" },
        { "hold f_t, i_t fixed\nhold nothing", "5 hold (f_t) (i_t); 6 reset hold" },
        { "convention rows\nconvention any", "5 convention rows; 6 reset convention" },
        { "* is the matrix product\n\\cdot is entrywise", "5 sign *=1; 6 sign \\cdot=2" },
        { "convention denominator", "5 convention denominator" },
        { "convention numerator", "5 convention numerator" },
        { "C_0 = 0\r\nh_t = o_t \\odot\r\n  \\tanh C_t", "5 formula: C_0 = 0; 6 formula: h_t = o_t \\odot \\tanh C_t" },
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        ck_assert_str_eq(statements(list[k].source), list[k].items);
}
END_TEST

START_TEST(statements_refused)
{
    static const reading list[] = {
        { "sizes B\ngiben x", "line 6: \"giben\" is no statement; did you mean \"given\"?" },
        { "lables g = i", "line 5: \"lables\" is no statement; did you mean \"labels\"?" },
        { "foo", "line 5: \"foo\" is no statement and no formula with =: that is scene, sizes, labels, index, given, "
                 "library, loss, hold, convention, time or suggested" },
        { "sizes BT", "line 5: \"BT\" is no size: that is one letter" },
        { "sizes K=0", "line 5: the size K must be a whole number from 1 to 1000" },
        { "sizes K=99999999999999999999", "line 5: the size K must be a whole number from 1 to 1000" },
        { "given", "line 5: the name of a quantity is missing after \"given\"" },
        { "given xy in R",
          "line 5: \"xy\" is no name of a quantity: a name is one letter or command with its subscript" },
        { "given a+b in R", "line 5: \"a+b\" is no name of a quantity, such as W_f or \\tilde C_t" },
        { "given x in Z", "line 5: \"Z\" is no space: write R, R^H, R^{H x I} or (0,1)" },
        { "given x in R^H x I", "line 5: a space with two sizes needs braces: R^{H x I}" },
        { "given x in R^{H x I x K}", "line 5: a space has at most two sizes: R, R^H or R^{H x I}" },
        { "given x in R^{H", "line 5: \"}\" is missing after \"R^\"" },
        { "given x one-hop", "line 5: \"one-hop\" is no property of a quantity; did you mean \"one-hot\"?" },
        { "index j", "line 5: \"in\" and a size are missing: write index j, k in H" },
        { "labels g", "line 5: \"=\" is missing after \"labels g\"" },
        { "library lstn: f", "line 5: \"lstn\" is no part of the library; did you mean \"lstm\"?" },
        { "loss L read h", "line 5: \"read\" is no word of a loss; did you mean \"reads\"?" },
        { "loss L reads", "line 5: the quantities that the loss depends on are missing after \"reads\"" },
        { "hold f_t", "line 5: \"fixed\" is missing at the end: write hold f_t fixed" },
        { "convention column", "line 5: \"column\" is no convention; did you mean \"columns\"?" },
        { "convention rows columns", "line 5: \"columns\" is not understood after the convention" },
        { "X means \\partial L / \\partial X",
          "line 5: write a shorthand as \\mathrm d X means \\partial L / \\partial X, or an operator as "
          "\\mathcal R X means \\partial X / \\partial \\epsilon" },
    };
    for (size_t k = 0; k < sizeof list / sizeof *list; k++)
        ck_assert_str_eq(statements(list[k].source), list[k].items);
    ck_assert_ptr_nonnull(strstr(statements("x = \\frac{a"), "line 5: \"x = \\frac{a\" is not read: "));
}
END_TEST

START_TEST(setup_without_memory)
{
    arena small;
    arena_start(&small, 64);
    ck_assert_str_eq(setup_read(&small, "given x in R\ngiven y in R\n", 1).sentence,
                     "the setup needs more memory than a check may take");
    arena_free(&small);
}
END_TEST

Suite *suite_document(void)
{
    Suite *suite = suite_create("document");
    TCase *reading_case = tcase_create("reading");
    tcase_set_timeout(reading_case, 60);
    tcase_add_checked_fixture(reading_case, start, finish);
    tcase_add_test(reading_case, own_commands);
    tcase_add_test(reading_case, inline_math);
    tcase_add_test(reading_case, display_math);
    tcase_add_test(reading_case, rows_that_go_on);
    tcase_add_test(reading_case, ids);
    tcase_add_test(reading_case, annotations);
    tcase_add_test(reading_case, setups);
    tcase_add_test(reading_case, tex);
    tcase_add_test(reading_case, no_documents);
    tcase_add_test(reading_case, long_documents);
    tcase_add_test(reading_case, statements_read);
    tcase_add_test(reading_case, statements_refused);
    tcase_add_test(reading_case, setup_without_memory);
    suite_add_tcase(suite, reading_case);
    return suite;
}
