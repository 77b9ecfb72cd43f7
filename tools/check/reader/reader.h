/* The room of the reader: bytes of a document in; formulas as trees, statements of its setup and annotations out, each
 * with its place. The only header of tools/check/reader/ for others.
 *
 * It knows how a formula is written and not what it means. It never guesses: what it does not know is a sentence with a
 * place. Time is linear in the text, nesting has a limit, all memory is one arena's, and any bytes are borne.
 *
 *   document   which formulas, setups and annotations a Markdown, text or .tex file holds
 *   latex      LaTeX to a tree, and a tree to LaTeX, Unicode and MathML
 *   setup      the lines that a teacher writes, as statements
 *   spelling   names of several letters and notations, written out before they are read
 *   sentence   text with $...$ in it, made fit for a terminal, a page or JSON */
#ifndef EDDY_CHECK_READER_H
#define EDDY_CHECK_READER_H

#include "public/arena.h"
#include "public/document.h"
#include "public/latex.h"
#include "public/sentence.h"
#include "public/setup.h"
#include "public/spelling.h"
#include "public/tree.h"

#endif
