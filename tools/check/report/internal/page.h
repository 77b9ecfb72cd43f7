/* The page that is being written: html.c frames it, html_finding.c writes the findings. */
#ifndef EDDY_CHECK_PAGE_H
#define EDDY_CHECK_PAGE_H

#include "author.h"
#include "pieces.h"

typedef struct page {
    text *out;
    arena *arena;
    const author_names *names;
} page;

void page_put(const page *p, const char *markup);
void page_escaped(const page *p, const char *words);
void page_sentence(const page *p, const char *sentence);
void page_paragraph(const page *p, const char *class, const char *label, const char *sentence);
void page_anchor(const page *p, const char *id);
void page_badge(const page *p, check_verdict verdict);
const char *page_class(check_verdict verdict);
/* A formula as it was typed, on lines of its own or in running text. */
void page_formula(const page *p, const char *latex, size_t length, bool display);
/* An article about it; with `formula` the author's formula stands in it. */
void page_finding(const page *p, const finding *f, bool formula);

#endif
