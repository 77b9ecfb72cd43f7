/* h_{t_k}, the element k of h_t, where h_t is what formulas define: the k stands under the step, and is no number of
 * it. */
#include "spelling_text.h"

/* _{t_k} or _{t_{k}} at p: how long, and the letter; 0: something else. */
static size_t nested_at(const spellings *s, const char *p, char *letter)
{
    if (strncmp(p, "_{t_", 4))
        return 0;
    bool braces = p[4] == '{';
    *letter = p[4 + braces];
    if (!latex_is_letter(*letter) || (!strchr("ijklmn", *letter) && !strchr(s->indices, *letter)))
        return 0;
    const char *end = p + 5 + braces;
    if (braces && *end++ != '}')
        return 0;
    return *end == '}' ? (size_t)(end + 1 - p) : 0;
}

void spellings_nested_steps(spellings *s, const char *const *formula, int count)
{
    bool nested = false, defined = false;
    char letter;
    for (int i = 0; i < count; i++) {
        const char *equals = strchr(formula[i], '=');
        for (const char *p = formula[i]; *p; p++) {
            bool left = equals && p < equals && !strstr(formula[i], "\\partial");
            size_t n = nested_at(s, p, &letter);
            if (n && left)
                return; /* x_{t_k} = ...: a time t_k */
            nested |= n > 0;
            defined |= left && (!strncmp(p, "_t", 2) || !strncmp(p, "_{t}", 4));
        }
    }
    s->nested_steps = nested && defined;
}

const char *spell_nested(const spellings *s, const char *source)
{
    if (!s->nested_steps)
        return source;
    text out = { .arena = s->arena };
    char letter;
    for (const char *p = source; *p;) {
        size_t n = nested_at(s, p, &letter);
        if (n)
            text_format(&out, "_{t,%c}", letter);
        else
            text_add_n(&out, p, 1);
        p += n ? n : 1;
    }
    return text_done(&out);
}
