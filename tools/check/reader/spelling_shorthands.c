/* A shorthand whose subscript says of what it is the derivative: with "\delta_X means \partial L / \partial X" in the
 * setup, \delta_{a_u}^{(t)} is \delta a_u^{(t)}, which the reader knows. Written out before all else. */
#include "spelling_text.h"

/* \delta and X of "\delta_X means \partial L / \partial X"; 0: the line says nothing of the kind. */
static size_t shorthand_sign(const char *at, const char *end)
{
    const char *means = spelling_find(at, end, " means "), *below = NULL;
    size_t sign = spelling_sign(at);
    bool braces = sign && at[sign] == '_' && at[sign + 1] == '{';
    const char *letter = sign && at[sign] == '_' ? at + sign + 1 + braces : NULL;
    if (!means || !letter || *letter != 'X' || letter + 1 + braces != means)
        return 0;
    for (const char *p = means; (p = spelling_find(p, end, "\\partial")) != NULL; p = below) {
        p += strlen("\\partial");
        below = p + strspn(p, " {");
    }
    return below && *below == 'X' && !latex_is_letter(below[1]) ? sign : 0;
}

void spellings_of_shorthands(spellings *s, const char *const *setup)
{
    spellings *letters = ARENA_NEW(s->arena, spellings);
    for (int i = 0; setup[i]; i++)
        for (const char *p = setup[i], *end; *p; p = *end ? end + 1 : end) {
            end = spelling_line_end(p);
            const char *at = p + strspn(p, " \t$");
            size_t sign = shorthand_sign(at, end);
            if (sign)
                s->lowered = arena_text(s->arena, at, sign);
        }
    if (!s->lowered || !letters)
        return;
    letters->arena = s->arena;
    for (int i = 0; setup[i]; i++)
        spellings_of_setup(letters, setup[i]);
    s->counting = arena_text(s->arena, letters->indices, strlen(letters->indices));
}

typedef struct subject { /* a, u and k of \delta_{a_u,k} */
    const char *base, *sub, *more;
    size_t base_length, sub_length, more_length;
} subject;

/* What a script at p is made of, {...}, a command or one character: how long it is, its braces included; 0: the text
 * ends here. */
static size_t script_at(const char *p, const char **inside, size_t *length)
{
    size_t group = !*p ? 0 : *p == '\\' ? spelling_sign(p) : spelling_group(p);
    bool braces = *p == '{' && group > 1;
    *inside = p + braces;
    *length = group - 2 * braces;
    return group;
}

/* False: it is an index, a step, or no name. */
static bool take_subject(const spellings *s, const char *p, size_t length, subject *out)
{
    const char *end = p + length;
    *out = (subject){ .base = p, .base_length = spelling_sign(p) };
    size_t n = out->base_length;
    bool counts = n == 1 && (*p == 't' || *p == 'T' || strchr(s->counting, *p));
    if (!n || n > length || counts)
        return false;
    while (n < length && p[n] == '{' && *p == '\\') /* \mathbf{h}, \hat{y} */
        n += spelling_group(p + n);
    out->base_length = n;
    p += n;
    while (p < end && *p == '\'')
        p++, out->base_length++;
    if (p < end && *p == '_')
        p += 1 + script_at(p + 1, &out->sub, &out->sub_length);
    if (p < end && *p == '^') { /* \delta_{h^{(t)}}: it stays in its place */
        const char *raised;
        size_t inner, group = script_at(p + 1, &raised, &inner);
        if (out->sub || !group)
            return false;
        out->base_length += 1 + group;
        p += 1 + group;
    }
    while (p < end && *p == ' ')
        p++;
    if (p < end && *p == ',')
        out->more = p + 1, out->more_length = (size_t)(end - p - 1), p = end;
    return p == end;
}

static void write_subject(text *out, const spellings *s, const subject *x)
{
    text_add(out, !strcmp(s->lowered, "\\delta") ? "\\delta " : "\\mathrm d ");
    text_add_n(out, x->base, x->base_length);
    if (x->sub || x->more) {
        text_add(out, "_{");
        text_add_n(out, x->sub ? x->sub : "", x->sub_length);
        text_add(out, x->sub && x->more ? "," : "");
        text_add_n(out, x->more ? x->more : "", x->more_length);
        text_add(out, "}");
    }
}

/* \delta_{a_u}^{(t)}, \delta^{(t)}_{a_u} at p: how much of the text was written so. */
static size_t write_shorthand(text *out, const spellings *s, const char *p)
{
    const char *raised = NULL, *below;
    size_t raised_length = 0, length, n = strlen(s->lowered), group;
    subject x;
    if (p[n] == '^') {
        raised = p + n;
        group = script_at(p + n + 1, &below, &length);
        n += raised_length = group ? 1 + group : 0;
    }
    if (p[n] != '_' || !(group = script_at(p + n + 1, &below, &length)) || !take_subject(s, below, length, &x))
        return 0;
    n += 1 + group;
    write_subject(out, s, &x);
    text_add_n(out, raised ? raised : "", raised_length);
    text_add(out, latex_is_letter(p[n]) ? " " : "");
    return n;
}

const char *spell_shorthands(const spellings *s, const char *source)
{
    text out = { .arena = s->arena };
    size_t sign = s->lowered ? strlen(s->lowered) : 0;
    if (!sign)
        return source;
    for (const char *p = source; *p;) {
        bool inside_word = *p != '\\' && p > source && (latex_is_letter(p[-1]) || p[-1] == '\\');
        bool here = !inside_word && !strncmp(p, s->lowered, sign) && !latex_is_letter(p[sign]);
        size_t used = here ? write_shorthand(&out, s, p) : 0;
        if (!used) {
            used = *p == '\\' && spelling_sign(p) ? spelling_sign(p) : 1;
            text_add_n(&out, p, used);
        }
        p += used;
    }
    return text_done(&out);
}
