/* "e_t, the one-hot vector of the token w_{t+1}": a class under two names, of which the setup gives one. */
#include "pass.h"

#include <string.h>

enum { BETWEEN_MOST = 80 };

static const char *find_words(const char *begin, const char *end)
{
    static const char *const words[] = { "one-hot", "one hot", "One-hot", "indicator" };
    for (const char *p = begin; p < end; p++)
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if ((size_t)(end - p) >= strlen(words[i]) && !memcmp(p, words[i], strlen(words[i])))
                return p;
    return NULL;
}

/* Is it one phrase of running text? */
static bool is_phrase(const char *begin, const char *end)
{
    for (const char *p = begin; p < end; p++)
        if (*p == '.' || *p == ';' || (*p == '\n' && p + 1 < end && p[1] == '\n'))
            return false;
    return end - begin < BETWEEN_MOST;
}

/* Does a line of a setup give it as one-hot? */
static bool is_given_so(const char *const *lines, const char *name)
{
    size_t base = strcspn(name, "_^");
    for (int i = 0; lines[i]; i++)
        for (const char *p = lines[i]; (p = strstr(p, "one-hot")) != NULL; p++) {
            const char *begin = p;
            while (begin > lines[i] && begin[-1] != '\n' && begin[-1] != ';')
                begin--;
            for (const char *q = begin; q + base < p; q++)
                if (!memcmp(q, name, base) && (q[base] == '_' || q[base] == '^') && (q == begin || q[-1] == ' '))
                    return true;
        }
    return false;
}

/* y_t, c_{t+1}: the name without its font; NULL: it is no name with an index. */
static const char *indexed_name(arena *a, const char *source)
{
    latex_result r = latex_read(a, source, strlen(source));
    const tree *t = r.count == 1 && !r.sentence ? r.formula[0]->child[0] : NULL;
    bool name = t && t->kind == TREE_SYMBOL && t->count == 1 && !*t->accents && !t->primes;
    if (!name)
        return NULL;
    tree plain = *t;
    plain.style = "";
    return latex_text(a, &plain, LATEX_SOURCE);
}

void tell_tokens(pass *p, spellings *s, const char *const *lines, int from, int to)
{
    const document *d = p->document;
    for (int i = from; i + 1 < to; i++) {
        const document_item *first = &d->item[i], *second = first + 1;
        if (first->kind != DOCUMENT_FORMULA || second->kind != DOCUMENT_FORMULA || first->display || second->display ||
            second->begin < first->end || second->end > d->length)
            continue;
        const char *begin = d->text + first->end, *end = d->text + second->begin;
        if (!is_phrase(begin, end) || !find_words(begin, end))
            continue;
        const char *a = indexed_name(p->arena, spell_steps(s, first->source, false)),
                   *b = indexed_name(p->arena, spell_steps(s, second->source, false));
        if (!a || !b)
            continue;
        bool given[] = { is_given_so(lines, a), is_given_so(lines, b) };
        if (given[0] != given[1])
            spellings_mean(s, given[0] ? b : a, given[0] ? a : b);
    }
}
