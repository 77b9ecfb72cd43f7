/* What the parts of the document reader share: document.c (places, delimiters, items, ids, annotations),
 * document_rows.c (a formula's rows), document_markdown.c and document_tex.c (where the formulas are). Every walk over
 * the text goes forwards and is linear in it. */
#ifndef EDDY_CHECK_DOCUMENT_INTERNAL_H
#define EDDY_CHECK_DOCUMENT_INTERNAL_H

#include "document.h"

#include <stdint.h>
#include <string.h>

#define DOCUMENT_NONE SIZE_MAX /* no place */

/* A place in the text, moved forwards only. */
typedef struct document_place {
    size_t at;
    int line, column;
} document_place;

/* An item as it was found: its neighbours decide about its id and expectation at the end. */
typedef struct document_entry {
    document_item item;
    const char *tag; /* or NULL */
    size_t at, end;
    int begin_line, end_line; /* with its delimiters */
    bool claims;              /* what an annotation may belong to: no mere mention of a symbol in running text */
} document_entry;

typedef struct document_note { /* <!-- expect ... --> */
    size_t at;
    int begin_line, end_line;
    bool ends_line; /* nothing follows on its line */
    const char *words;
} document_note;

typedef struct document_reader {
    arena *arena;
    const char *s;
    size_t n;
    bool tex;
    document_place starts, ends, notes_at; /* each of them only moves forwards */
    document_entry *entry;
    int entries, entry_room;
    document_note *note;
    int notes, note_room;
    const char *heading;
    const char *id; /* an <!-- id X --> that waits for its formula */
    int id_line;
    const char *sentence;
    struct document_commands *own; /* the author's */
    /* Markdown's paragraph */
    int quotes;          /* "> > " in front of the current line */
    size_t table;        /* where a table begins in it, DOCUMENT_NONE if none */
    size_t unclosed[3];  /* up to here no \], \) or `$ closes */
    size_t cell_end;     /* of the table cell that was asked for last */
    size_t runs_until;   /* what the next array holds for: code spans that end there at the latest */
    size_t last_run[64]; /* the last run of that many backticks */
} document_reader;

typedef struct document_span { /* a formula: delimiters from begin to end, what is between them from .. to */
    size_t begin, from, to, end;
    int quotes;
    bool table, display;
} document_span;

void document_fail(document_reader *r, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));
document_place document_locate(const document_reader *r, document_place *place, size_t at);
document_entry *document_add(document_reader *r); /* NULL when there are too many */
/* Statements for the checker, which stand from `begin` to `end`; false when there are too many entries. */
bool document_add_setup(document_reader *r, const char *source, size_t begin, size_t end);
void document_comment(document_reader *r, size_t begin, size_t from, size_t to, size_t end);
void document_setup(document_reader *r, size_t from, size_t to, int quotes);
size_t document_margin(const document_reader *r, size_t at, size_t to, int quotes,
                       int *found); /* past indentation and at most that many '>' */

void document_heading(document_reader *r, size_t from, size_t to);
bool document_blank_line(const document_reader *r, size_t at);
/* The next `close` in [at, limit), not behind a backslash; with `within`, none after a blank line. DOCUMENT_NONE if
 * there is none. */
size_t document_close(const document_reader *r, size_t at, size_t limit, const char *close, bool within);
size_t document_environment_name(const document_reader *r,
                                 size_t at); /* \begin{NAME} at `at`: the length of NAME, 0 if there is none */
/* A formula from `begin` with delimiters of `open` and `close` bytes, the closing one at `to`. */
void document_between(document_reader *r, size_t begin, size_t open, size_t to, size_t close, bool display, bool table);
size_t document_environment(document_reader *r,
                            size_t at); /* \begin{align} and the like: returns the place after it, `at` if it is none */

void document_formula(document_reader *r, document_span span);
bool document_filler(const char *source); /* nothing but spacing, labels and the like: no formula */
bool document_has_rows(const char *environment, size_t length); /* align, gathered, ... */

/* {\bf W} as {\mathbf{W}}: document_fonts.c */
const char *document_fonts(arena *a, const char *source);
const char *document_systems(arena *a, const char *source); /* a brace of equations as rows */
void document_macros(document_reader *r);                   /* writes out the author's own commands in all items */
/* The Markdown cells of a notebook as one text; NULL with a sentence where it is none. */
const char *document_notebook(arena *a, const char *bytes, size_t length, size_t *used, const char **sentence);
void document_scan_markdown(document_reader *r);
void document_scan_tex(document_reader *r);

static inline bool document_at(const document_reader *r, size_t at, const char *what)
{
    size_t length = strlen(what);
    return length <= r->n - at && memcmp(r->s + at, what, length) == 0;
}

static inline size_t document_line_end(const document_reader *r, size_t at)
{
    const char *end = at < r->n ? memchr(r->s + at, '\n', r->n - at) : NULL;
    return end ? (size_t)(end - r->s) : r->n;
}

static inline bool document_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static inline bool document_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
