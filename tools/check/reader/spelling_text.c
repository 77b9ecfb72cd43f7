/* Pieces of an author's text; see spelling_text.h. */
#include "spelling_text.h"

size_t spelling_group(const char *p)
{
    int depth = 0;
    size_t k = 0;
    for (; p[k]; k++) {
        if (p[k] == '\\' && p[k + 1])
            k++;
        else if (p[k] == '{')
            depth++;
        else if (p[k] == '}' && --depth <= 0)
            return k + 1;
        if (!depth)
            return k + 1;
    }
    return k;
}

size_t spelling_run(const char *p)
{
    size_t k = 0;
    while (latex_is_letter(p[k]) || (k && p[k] == '\\' && p[k + 1] == '_'))
        k += p[k] == '\\' ? 2 : 1;
    return k;
}

size_t spelling_base(const char *p, size_t length)
{
    size_t k = 0;
    while (k < length) {
        if (p[k] == '\\' && k + 1 < length && (p[k + 1] == '_' || !latex_is_letter(p[k + 1])))
            k += 2;
        else if (p[k] == '{')
            k += spelling_group(p + k);
        else if (p[k] == '_' || p[k] == '^' || p[k] == '(' || p[k] == '[')
            break;
        else
            k++;
    }
    return k < length ? k : length;
}

const char *spelling_line_end(const char *p)
{
    const char *end = strchr(p, '\n');
    return end ? end : p + strlen(p);
}

const char *spelling_find(const char *p, const char *end, const char *word)
{
    size_t n = strlen(word);
    for (; p + n <= end; p++)
        if (!memcmp(p, word, n))
            return p;
    return NULL;
}

const char *spelling_name(arena *a, const char *p, size_t length)
{
    text out = { .arena = a };
    text_add(&out, "\\eddyname{");
    for (size_t k = 0; k < length; k++) {
        if (p[k] == '\\' && latex_is_letter(p[k + 1]) && k + 1 < length) { /* an accent or a Greek letter in the name */
            size_t word = 1;
            while (latex_is_letter(p[k + word]))
                word++;
            bool accent = p[k + word] == '{';
            if (!accent)
                text_add_n(&out, p + k + 1, word - 1);
            k += word - 1;
        } else if (latex_is_letter(p[k]) || (p[k] >= '0' && p[k] <= '9') || p[k] == '_')
            text_add_n(&out, p + k, 1);
    }
    text_add(&out, "}");
    return text_done(&out);
}

const char *spelling_bare(arena *a, const char *p, size_t length)
{
    text out = { .arena = a };
    for (size_t k = 0; k < length; k++) {
        bool needed = k + 1 < length && k && latex_is_blank(p[k]) && latex_is_letter(p[k + 1]) &&
                      latex_is_letter(p[k - 1]) && memchr(p, '\\', k) != NULL;
        if (!latex_is_blank(p[k]) || needed)
            text_add_n(&out, p + k, 1);
    }
    return text_done(&out);
}

const char *const spelling_linking[] = { "in",    "per",       "sample", "positive", "zero", "or",
                                         "one",   "reads",     "maybe",  "direct",   "from", "input",
                                         "fixed", "symmetric", "means",  "is",       "the",  "argument",
                                         "of",    "times",     "hot",    "nothing",  NULL };
