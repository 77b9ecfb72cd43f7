/* Documents: which formulas, setups and expectations a Markdown, plain text or .tex file holds, and where.
 *
 * Formulas: $...$ by GitHub's rule, $`...`$, $$...$$, \[...\], \(...\), \begin{align}, {align*}, {aligned}, {alignat},
 * {equation}, {gather}, {split}, {eqnarray}, {multline},
 * ```math. Each row of an align is a formula of its own; a row that begins with a relation ("&= b") or continues a sum
 * or product, or follows one that ends with an operator or an open bracket, belongs to the one before. Code blocks,
 * inline code and other comments are passed over. \$ is a dollar. In .tex what stands in front of \begin{document},
 * comments and verbatim text are passed over, too. Setup: a fenced block ```eddy, an HTML comment <!-- eddy ... -->, in
 * .tex lines "% eddy: ..." (neighbouring ones are one setup; the preamble may hold them). Annotations: <!-- expect
 * fails --> (.tex: "% expect fails") belongs to the next formula after it that begins within two lines, else to the one
 * before it on its own or the previous line; at the end of the line on which a display formula ends, to that one.
 * Inline math without a relation is no such formula. It belongs to the first row of several unless it names a row's id:
 * <!-- expect BPTT.df: holds if ... -->, anywhere in the document. <!-- id X --> in Markdown is a tag for the formula
 * that begins within two lines. Annotations that fit nothing are mistakes.
 */
#ifndef EDDY_CHECK_DOCUMENT_H
#define EDDY_CHECK_DOCUMENT_H

#include "arena.h"

typedef enum document_kind { DOCUMENT_FORMULA, DOCUMENT_SETUP } document_kind;

typedef struct document_item {
    document_kind kind;
    const char *source; /* a formula without delimiters and tag, or the lines of a setup */
    int line, column;   /* of its first character, from 1, columns in characters */
    const char *id; /* the \tag, or "line 12" where its source begins ("line 12.2" for the second one there), unique: a
                       second BPTT.df becomes "BPTT.df (2)" */
    bool tagged;
    bool display;        /* not in running text */
    bool supposed;       /* behind "if", "when", "assume", ...: a hypothesis of the sentence rather than what it says */
    const char *expect;  /* the words after "expect", or NULL */
    const char *heading; /* the last heading above it, "" if none */
    size_t begin, end; /* where it stands in the document's text, with its delimiters; the rows of an align share it */
} document_item;

typedef enum document_type { DOCUMENT_MARKDOWN, DOCUMENT_TEX, DOCUMENT_NOTEBOOK } document_type;

typedef struct document {
    const char *name;
    document_type type;
    const char *text; /* as it was read: of a notebook the Markdown cells; what the caller gave must outlive this */
    size_t length;
    struct document_commands *own; /* the author's own commands */
    document_item *item;
    int count;
    const char *sentence; /* NULL, or why the document cannot be checked (unclosed $$ or ```, no UTF-8, longer than
                             DOCUMENT_LONGEST, an annotation without its formula): names the line */
} document;

enum { DOCUMENT_LONGEST = 64 << 20, DOCUMENT_MOST = 100000 /* items */ };

/* Of a notebook (.ipynb) the Markdown cells are read. */
document document_read(arena *a, const char *name, document_type type, const char *bytes, size_t length);

/* A formula's text with the author's own commands written out and their definitions left out: what is to be shown. */
const char *document_shown(arena *a, const document *d, const char *formula, size_t length);

#endif
