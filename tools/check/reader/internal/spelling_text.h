/* The pieces of an author's text that spelling.c finds names in and spelling_write.c writes out. Lengths are in bytes
 * from p on. */
#ifndef EDDY_CHECK_SPELLING_TEXT_H
#define EDDY_CHECK_SPELLING_TEXT_H

#include "latex_text.h"
#include "spelling.h"

/* The group that opens here, or one character. */
size_t spelling_group(const char *p);
/* Letters, with \_ between them. */
size_t spelling_run(const char *p);
/* The part of a name in front of its scripts. */
size_t spelling_base(const char *p, size_t length);
const char *spelling_line_end(const char *p);
const char *spelling_find(const char *p, const char *end, const char *word);
/* A name for the LaTeX reader's \eddyname: letters, digits and low lines. */
const char *spelling_name(arena *a, const char *p, size_t length);
/* Without blanks, but for those that end a command. */
const char *spelling_bare(arena *a, const char *p, size_t length);
/* Is it several letters in one font command, \mathbf{hx}? */
bool spelling_is_font_name(const char *p, size_t length);
/* w of "\nabla X means \partial X / \partial w", how long it is; 0: the line, which `means` is in, says nothing of the
 * kind. */
size_t spelling_gradient(const char *at, const char *means, const char *end, const char **by);
/* One spelling more, unless the name has one. */
void spellings_add(spellings *s, const char *from, const char *to);
/* Past blanks; a letter or a command, its length or 0; T_{y} as T_y. */
const char *spelling_skip(const char *p);
size_t spelling_sign(const char *p);
const char *spelling_plain(arena *a, const char *p, size_t length);
/* spelling_steps.c: "t", "T" or "t-1" for a letter of the author's, or NULL; and whether a setup's line says it. */
const char *spelling_step(const spellings *s, const char *from);
bool spelling_says_steps(arena *a, const char *line, const char *end);
/* spelling_functions.c: \sigma' = \sigma (1 - \sigma) with the argument of its functions. */
const char *spell_functions(const spellings *s, const char *formula);
/* Words of the setup that are no names: "in", "per", ... */
extern const char *const spelling_linking[];

#endif
