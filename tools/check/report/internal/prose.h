/* The prose of a document as HTML: what stands around the formulas stays around them. Of Markdown and LaTeX as much is
 * understood as lecture notes use; anything else is shown as text. No scripts, no pictures, and links only to
 * the web. */
#ifndef EDDY_CHECK_PROSE_H
#define EDDY_CHECK_PROSE_H

#include "reader.h"

typedef struct prose_span { /* one formula with all its rows */
    size_t begin, end;
    bool display;
} prose_span;

typedef struct prose {
    text *out;
    arena *arena; /* for pieces; what is made of one block is given back after it */
    const char *s;
    size_t n;
    const prose_span *span; /* in order */
    int spans, next;        /* the first that does not lie behind the place */
    void *context;
    void (*formula)(void *context, int span); /* writes one; a display stands between paragraphs */
    void (*after_block)(void *context);       /* a paragraph, list or table ended */
    int depth;
} prose;

void prose_markdown(prose *p);
void prose_tex(prose *p);

/* ---- What both share ---- */

void prose_escaped(prose *p, size_t from, size_t to);
/* The span that begins at `at`, -1 if none does. */
int prose_span_at(prose *p, size_t at);
/* Markdown's running text, with its emphasis, code and links. */
void prose_inline(prose *p, size_t from, size_t to);
void prose_setup(prose *p, size_t from, size_t to);

#endif
