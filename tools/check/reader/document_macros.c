/* The author's own commands: \newcommand, \renewcommand, \providecommand, \def, \DeclareMathOperator. In .tex they
 * stand anywhere, in Markdown within formulas (where they are taken out). Formulas and setups get them written out;
 * what grows beyond all bounds (a command that contains itself) is left as it stands and is not read later. */
#include "document_internal.h"

enum { MACROS_MOST = 512, MACRO_ARGUMENTS = 9, MACRO_DEPTH = 16, EXPANDED_LONGEST = 1 << 18 };

typedef struct macro {
    const char *name; /* with its backslash */
    const char *body, *fallback;
    int arguments;
} macro;

typedef struct document_commands {
    arena *arena;
    macro macro[MACROS_MOST];
    int count;
    bool tex;
    size_t grown; /* by all expansions of one formula */
} macros;

/* What only decorates. An author's definition of the same name counts instead. */
static const macro usual[] = {
    { "\\boxed", "#1", NULL, 1 },
    { "\\fbox", "#1", NULL, 1 },
    { "\\smash", "#1", NULL, 1 },
    { "\\ensuremath", "#1", NULL, 1 },
    { "\\mathop", "#1", NULL, 1 },
    { "\\mathrel", "#1", NULL, 1 },
    { "\\mathbin", "#1", NULL, 1 },
    { "\\colon", ":", NULL, 0 },
    { "\\mathstrut", "", NULL, 0 },
    { "\\color", "", NULL, 1 },
    { "\\textcolor", "#2", NULL, 2 },
    { "\\colorbox", "#2", NULL, 2 },
    { "\\triangleq", ":=", NULL, 0 },
    { "\\doteq", ":=", NULL, 0 },
    { "\\coloneq", ":=", NULL, 0 },
    { "\\eqqcolon", "=", NULL, 0 },
    { "\\overset", "#2", NULL, 2 },
    { "\\stackrel", "#2", NULL, 2 },
    { "\\ref", "", NULL, 1 },
    { "\\eqref", "", NULL, 1 },
    { "\\cite", "", NULL, 1 },
    { "\\checkmark", "", NULL, 0 },
    { "\\square", "", NULL, 0 },
    { "\\blacksquare", "", NULL, 0 },
    { "\\qed", "", NULL, 0 },
    { "\\hfill", "\\qquad", NULL, 0 },
    { "\\hfil", "\\qquad", NULL, 0 },
    { "\\therefore", "\\quad", NULL, 0 },
    { "\\because", "\\quad", NULL, 0 },
    { "\\implies", "\\quad", NULL, 0 },
    { "\\iff", "\\quad", NULL, 0 },
    { "\\Rightarrow", "\\quad", NULL, 0 },
    { "\\Longrightarrow", "\\quad", NULL, 0 },
    { "\\Leftrightarrow", "\\quad", NULL, 0 },
    { "\\Longleftrightarrow", "\\quad", NULL, 0 },
};

static size_t spaces(const char *s, size_t n, size_t at)
{
    while (at < n && (document_blank(s[at]) || s[at] == '\n'))
        at++;
    return at;
}

/* The inside of {...} or [...] at `at`: its end goes to *to, the place after it is returned; 0 if there is none. */
static size_t braced(const char *s, size_t n, size_t at, char open, char close, size_t *from, size_t *to)
{
    int depth = 0;
    if (at >= n || s[at] != open)
        return 0;
    *from = at + 1;
    for (size_t p = at; p < n; p++) {
        if (s[p] == '\\')
            p++;
        else if (depth > 0 && open == '[' && (s[p] == '{' || s[p] == '}'))
            depth += s[p] == '{' ? 1 : -1;
        else if (s[p] == open)
            depth++;
        else if (s[p] == close && --depth == 0) {
            *to = p;
            return p + 1;
        }
    }
    return 0;
}

static size_t control(const char *s, size_t n, size_t at) /* the length of \name at `at` */
{
    size_t p = at + 1;
    if (at >= n || s[at] != '\\')
        return 0;
    while (p < n && document_letter(s[p]))
        p++;
    return p - at > 1 ? p - at : 0;
}

static const char *body_of(const macros *m, const char *s, size_t from, size_t to)
{
    text t = { .arena = m->arena };
    for (size_t p = from; p < to; p++) {
        if (m->tex && s[p] == '%' && (p == from || s[p - 1] != '\\')) {
            while (p < to && s[p] != '\n')
                p++;
            continue;
        }
        text_add_n(&t, s + p, 1);
    }
    return text_done(&t);
}

/* A definition at `at` (a backslash): the place after it, `at` if it is none. */
static size_t definition(macros *m, const char *s, size_t n, size_t at)
{
    static const char *const kinds[] = { "\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareMathOperator",
                                         "\\def" };
    size_t length = control(s, n, at), from = 0, to = 0, p, kind = 0;
    while (kind < 5 && (strlen(kinds[kind]) != length || memcmp(kinds[kind], s + at, length) != 0))
        kind++;
    if (kind == 5)
        return at;
    p = at + length;
    p += p < n && s[p] == '*';
    p = spaces(s, n, p);
    size_t after = braced(s, n, p, '{', '}', &from, &to);
    if (after) {
        p = after;
        from = spaces(s, to, from);
    } else {
        from = p;
        p = from + control(s, n, from);
    }
    size_t name = control(s, n, from);
    if (!name)
        return at;
    macro made = { .name = arena_text(m->arena, s + from, name) };
    if (kind == 4)
        while (p + 1 < n && s[p] == '#' && s[p + 1] >= '1' && s[p + 1] <= '9') {
            made.arguments = s[p + 1] - '0';
            p += 2;
        }
    size_t option = kind < 3 ? braced(s, n, spaces(s, n, p), '[', ']', &from, &to) : 0;
    if (option) {
        made.arguments = s[from] >= '0' && s[from] <= '9' && to == from + 1 ? s[from] - '0' : 0;
        p = option;
        option = braced(s, n, spaces(s, n, p), '[', ']', &from, &to);
        if (option) {
            made.fallback = arena_text(m->arena, s + from, to - from);
            p = option;
        }
    }
    after = braced(s, n, spaces(s, n, p), '{', '}', &from, &to);
    if (!after)
        return at;
    made.body = body_of(m, s, from, to);
    if (kind == 3) { /* arg\,max: letters only */
        text letters = { .arena = m->arena };
        for (const char *c = made.body; *c; c += 1 + (*c == '\\' && c[1]))
            if (document_letter(*c))
                text_add_n(&letters, c, 1);
        made.body = arena_format(m->arena, "\\operatorname{%s}", text_done(&letters));
    }
    int k = 0;
    while (k < m->count && strcmp(m->macro[k].name, made.name) != 0)
        k++;
    if (k < MACROS_MOST)
        m->macro[k] = made;
    m->count += k == m->count && k < MACROS_MOST;
    return after;
}

/* One argument of a command: {...}, \name or a character. */
static size_t argument(const char *s, size_t n, size_t at, size_t *from, size_t *to)
{
    at = spaces(s, n, at);
    size_t after = braced(s, n, at, '{', '}', from, to);
    if (after)
        return after;
    *from = at;
    size_t length = control(s, n, at);
    *to = at + (length ? length : at < n);
    return *to;
}

static void expand(macros *m, text *out, const char *s, size_t n, int depth);

static void call(macros *m, text *out, const macro *c, const char *const *given, int depth)
{
    text t = { .arena = m->arena };
    size_t n = strlen(c->body);
    for (size_t p = 0; p < n; p++) {
        int which = c->body[p] == '#' && c->body[p + 1] >= '1' && c->body[p + 1] <= '9' ? c->body[p + 1] - '1' : -1;
        if (which >= 0 && which < c->arguments) {
            if (p && document_letter(c->body[p - 1]) && document_letter(*given[which])) /* \hat#1 */
                text_add(&t, " ");
            text_add(&t, given[which]);
            p++;
        } else
            text_add_n(&t, c->body + p, 1);
    }
    m->grown += t.length;
    expand(m, out, text_done(&t), t.length, depth + 1);
}

/* \overset{\rightarrow}{h} is an accent. */
static bool over(const macro *c, const char *const *given)
{
    return c->body[0] == '#' && !strcmp(c->name, "\\overset") &&
           (strstr(given[0], "\\rightarrow") || strstr(given[0], "\\leftarrow"));
}

static void expand(macros *m, text *out, const char *s, size_t n, int depth)
{
    for (size_t p = 0; p < n;) {
        size_t length = control(s, n, p), after = p + (length ? length : s[p] == '\\' && p + 1 < n ? 2u : 1u);
        int k = length && depth < MACRO_DEPTH && m->grown < EXPANDED_LONGEST ? 0 : m->count;
        while (k < m->count && (strlen(m->macro[k].name) != length || memcmp(m->macro[k].name, s + p, length) != 0))
            k++;
        if (k == m->count) {
            text_add_n(out, s + p, after - p);
            p = after;
            continue;
        }
        const macro *c = &m->macro[k];
        const char *given[MACRO_ARGUMENTS] = { "" };
        size_t from = 0, to = 0, next = 0;
        for (int i = 0; i < c->arguments; i++) {
            next = i == 0 && c->fallback ? braced(s, n, after, '[', ']', &from, &to) : 0;
            if (i == 0 && c->fallback && !next) {
                given[i] = c->fallback;
                continue;
            }
            after = next ? next : argument(s, n, after, &from, &to);
            given[i] = arena_text(m->arena, s + from, to - from);
        }
        if (over(c, given))
            text_format(out, "%s{%s}", strstr(given[0], "left") ? "\\overleftarrow" : "\\overrightarrow", given[1]);
        else
            call(m, out, c, given, depth);
        if (out->length && document_letter(out->start[out->length - 1]) && after < n && document_letter(s[after]))
            text_add(out, " ");
        p = after;
    }
}

/* A formula's text without the definitions in it, which are taken note of; NULL if there is none. */
static const char *without_definitions(macros *m, const char *s, size_t n)
{
    text rest = { .arena = m->arena };
    size_t used = 0;
    for (size_t at = 0; at < n;) {
        size_t after = s[at] == '\\' ? definition(m, s, n, at) : at;
        used += after - at;
        if (after == at)
            text_add_n(&rest, s + at++, 1);
        at = after > at ? after : at;
    }
    return used ? text_done(&rest) : NULL;
}

const char *document_shown(arena *a, const document *d, const char *formula, size_t length)
{
    macros *m = ARENA_NEW(a, macros);
    if (!m || !d->own)
        return arena_text(a, formula, length);
    enum { USUAL = sizeof usual / sizeof *usual };
    m->arena = a;
    m->tex = d->own->tex;
    for (int k = 0; k < d->own->count; k++) /* but for what is shown as it is */
        if (k >= USUAL || d->own->macro[k].body != usual[k].body)
            m->macro[m->count++] = d->own->macro[k];
    const char *rest = without_definitions(m, formula, length);
    rest = rest ? rest : arena_text(a, formula, length);
    text out = { .arena = a };
    expand(m, &out, rest, strlen(rest), 0);
    return text_done(&out);
}

void document_macros(document_reader *r)
{
    macros *m = ARENA_NEW(r->arena, macros);
    if (!m)
        return;
    r->own = m;
    m->arena = r->arena;
    m->tex = r->tex;
    for (size_t k = 0; k < sizeof usual / sizeof *usual; k++)
        m->macro[m->count++] = usual[k];
    for (size_t at = 0; r->tex && at < r->n; at++) {
        if (r->s[at] == '%')
            at = document_line_end(r, at);
        else if (r->s[at] == '\\') {
            size_t after = definition(m, r->s, r->n, at);
            at = after > at ? after - 1 : at + 1;
        }
    }
    int kept = 0;
    for (int k = 0; k < r->entries && !r->arena->failed; k++) {
        document_entry e = r->entry[k];
        const char *s = e.item.source;
        bool only = false;
        if (!r->tex && e.item.kind == DOCUMENT_FORMULA && e.item.display) {
            const char *rest = without_definitions(m, s, strlen(s));
            s = rest ? rest : s;
            only = rest && s[spaces(s, strlen(s), 0)] == 0;
        }
        if (only)
            continue;
        if (m->count && strchr(s, '\\')) {
            text out = { .arena = r->arena };
            m->grown = 0;
            s = document_systems(r->arena, document_fonts(r->arena, s));
            expand(m, &out, s, strlen(s), 0);
            s = text_done(&out);
            only = e.item.kind == DOCUMENT_FORMULA && document_filler(s); /* $\qed$, $\implies$ */
        }
        if (only)
            continue;
        e.item.source = s;
        r->entry[kept++] = e;
    }
    if (!r->arena->failed)
        r->entries = kept;
}
