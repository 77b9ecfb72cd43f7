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

/* Is the word one of a list that ends with NULL? */
static inline bool latex_among(const char *const *list, const char *word, size_t length)
{
    for (; *list; list++)
        if (strlen(*list) == length && !memcmp(*list, word, length))
            return true;
    return false;
}

#endif
