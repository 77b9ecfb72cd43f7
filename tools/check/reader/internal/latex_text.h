/* Letters, blanks and words of LaTeX text, before it is cut into tokens. */
#ifndef EDDY_CHECK_LATEX_TEXT_H
#define EDDY_CHECK_LATEX_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool latex_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool latex_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool latex_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Is the word one of a list that ends with NULL? */
static inline bool latex_among(const char *const *list, const char *word, size_t length)
{
    for (; *list; list++)
        if (strlen(*list) == length && !memcmp(*list, word, length))
            return true;
    return false;
}

/* ---- latex_words.c ---- */
bool latex_is_greek(const char *name, size_t length);       /* "delta" */
const char *latex_one_name(const char *name);               /* "\\le" for "\\leq"; what has one name only is it */
const char *latex_written_as(const char *utf8, int length); /* "\\delta" for its sign; NULL: it is not known */
/* Is what stands behind the command a word, \\mathbf{net}? */
bool latex_styled_word(const char *after, const char *command);
/* The length of the function's name that stands here without its backslash; 0: none does. */
int latex_bare_function(const char *source, int at, int length);

#endif
