/* Superscripts that are part of a name, and no power: W^{ss} and W^{sx}, z_t^1 and z_t^2, \delta^{s_t}, which is the
 * \delta^s of step t. A left side, the setup, or letters that count nothing show it. */
#include "spelling_text.h"

typedef struct piece {
    const char *base, *sub, *sup; /* sub, sup: inside of their braces; NULL: there is none */
    size_t base_length, sub_length, sup_length;
} piece;

static const char *const fonts[] = { "\\mathbf", "\\boldsymbol", "\\bm",      "\\mathit",
                                     "\\mathrm", "\\mathsf",     "\\mathcal", NULL };

static size_t script_at(const char *p, const char **inside, size_t *length)
{
    size_t group = p[1] ? spelling_group(p + 1) : 0;
    if (p[1] == '\\')
        group = spelling_sign(p + 1);
    if (!group)
        return 0;
    bool braces = p[1] == '{' && group > 1;
    *inside = p + 1 + braces;
    *length = group - 2 * braces;
    return 1 + group;
}

/* A letter or a command, also in a font, and its scripts: how long; 0: there are none. */
static size_t scripted_at(const char *p, piece *out)
{
    size_t n = spelling_sign(p);
    *out = (piece){ .base = p, .base_length = n };
    if (n && latex_among(fonts, p, n) && p[n] == '{') {
        size_t group = spelling_group(p + n);
        out->base = p + n + 1, out->base_length = group - 2;
        if (spelling_sign(out->base) != out->base_length)
            return 0;
        n += group;
    }
    if (!n)
        return 0;
    for (;;) {
        size_t blanks = strspn(p + n, " "), used = 0;
        if (p[n + blanks] == '_' && !out->sub)
            used = script_at(p + n + blanks, &out->sub, &out->sub_length);
        else if (p[n + blanks] == '^' && !out->sup)
            used = script_at(p + n + blanks, &out->sup, &out->sup_length);
        if (!used)
            return out->sub || out->sup ? n : 0;
        n += blanks + used;
    }
}

static bool has_row(const spellings *s, const piece *x, const char *label, size_t length, raised_kind kind)
{
    for (int i = 0; i < s->raiseds; i++) {
        const raised_row *r = &s->raised[i];
        if (r->kind == kind && r->active && strlen(r->base) == x->base_length &&
            !memcmp(r->base, x->base, x->base_length) && strlen(r->label) == length && !memcmp(r->label, label, length))
            return true;
    }
    return false;
}

static void add_row(spellings *s, const piece *x, const char *label, size_t length, raised_kind kind)
{
    if (s->raiseds < RAISED_MOST && !has_row(s, x, label, length, kind))
        s->raised[s->raiseds++] = (raised_row){ .base = arena_text(s->arena, x->base, x->base_length),
                                                .label = arena_text(s->arena, label, length),
                                                .kind = kind,
                                                .sub = x->sub != NULL,
                                                .active = true };
}

/* s of s_t, or of s with any index; 0: it is no such name. */
static size_t stepped(const char *p, size_t length, bool any)
{
    size_t n = spelling_sign(p);
    if (n && latex_among(fonts, p, n) && p[n] == '{') /* \mathbf{x}_t */
        n += spelling_group(p + n);
    if (!n || n + 2 > length || p[n] != '_' || n + 1 + spelling_group(p + n + 1) != length)
        return 0;
    return any || memchr(p + n, 't', length - n) || memchr(p + n, 'T', length - n) ? n : 0;
}

/* The letters of ss, sx, and of ss\top: how many; 0: something else. */
static size_t letters_in(const char *p, size_t length)
{
    size_t n = 0, rest;
    while (n < length && latex_is_letter(p[n]) && p[n] != 'T')
        n++;
    rest = n + strspn(p + n, " ");
    bool whole = n == length || (rest + 4 == length && !memcmp(p + rest, "\\top", 4));
    return n > 1 && n < 6 && whole ? n : 0;
}

static bool counts(const spellings *s, char c)
{
    for (int i = 0; i < s->letters; i++)
        if (s->letter[i] == c)
            return true;
    return strchr("ijklmnbt", c) || strchr(s->indices, c);
}

/* Does a label letter stand in it, or do all letters count something? */
static bool may_count(const spellings *s, const char *p, size_t n)
{
    bool all = true;
    for (size_t k = 0; k < n; k++) {
        all &= counts(s, p[k]);
        if (strchr(s->labels, p[k]))
            return true;
    }
    return all;
}

/* What a name of a text shows. `said`: a left side, or given by the setup. */
static void look(spellings *s, const char *begin, const piece *x, bool said, bool setup)
{
    size_t n = x->sup ? letters_in(x->sup, x->sup_length) : 0;
    bool capital = x->base_length == 1 && *x->base >= 'A' && *x->base <= 'Z' && !(setup && *x->base == 'R');
    bool space = *x->base == 'R' && x->base > begin && x->base[-1] == '{';
    if (n && !space &&
        ((said && setup) || ((capital || (*x->base == 'b' && x->base_length == 1)) && !may_count(s, x->sup, n))))
        add_row(s, x, x->sup, n, RAISED_LETTERS);
    if (!said)
        return;
    if (x->sup_length == 1 && *x->sup >= '1' && *x->sup <= '9' && !s->layers)
        add_row(s, x, x->sup, 1, RAISED_NUMBER);
    if (x->sup && (n = stepped(x->sup, x->sup_length, false)))
        add_row(s, x, x->sup, n, RAISED_STEP);
    if (x->sub && !x->sup && (n = stepped(x->sub, x->sub_length, false)) && !counts(s, *x->sub))
        add_row(s, x, x->sub, n, LOWERED_STEP);
}

static bool relation_follows(const char *p)
{
    p += strspn(p, " &");
    return *p == '=' || !strncmp(p, ":=", 2) || !strncmp(p, "\\triangleq", 10) || !strncmp(p, "\\equiv", 6);
}

/* z_t^1 is a name, and so are z^1 and z^2; u^1 = u says something about u. */
static void settle_numbers(spellings *s)
{
    for (int i = 0; i < s->raiseds; i++) {
        raised_row *r = &s->raised[i];
        bool first = false, steps = false, others = false;
        for (int k = 0; k < s->raiseds; k++) {
            const raised_row *other = &s->raised[k];
            bool same = other->kind == RAISED_NUMBER && !strcmp(other->base, r->base);
            first |= same && *other->label == '1';
            steps |= same && other->sub;
            others |= same && k != i;
        }
        r->active = r->kind != RAISED_NUMBER || (first && (steps || others));
    }
}

/* h^{t-1}: steps stand above this name. */
static bool raises_steps(const char *const *formula, int count, const char *base)
{
    size_t n = strlen(base);
    piece x;
    for (int i = 0; i < count; i++)
        for (const char *p = formula[i]; *p; p++)
            if (!strncmp(p, base, n) && scripted_at(p, &x) && x.sup &&
                (x.sup[*x.sup == '('] == 't' || x.sup[*x.sup == '('] == 'T') && x.sup_length != 1 + (*x.sup == 'T'))
                return true;
    return false;
}

/* ^+ or ^{-} at p, which is no \partial^+ and no \mathbb R^+: how long; 0: something else. */
static size_t sign_at(const char *begin, const char *p, char *sign)
{
    static const char *const others[] = {
        "\\partial", "\\mathbb R", "\\mathbb{R}", "\\R", "\\mathrm d", "\\mathrm{d}"
    };
    size_t n = p[0] != '^'                                                  ? 0
               : p[1] == '+' || p[1] == '-'                                 ? 2
               : p[1] == '{' && (p[2] == '+' || p[2] == '-') && p[3] == '}' ? 4
                                                                            : 0;
    for (size_t i = 0; n && i < sizeof others / sizeof *others; i++) {
        size_t length = strlen(others[i]);
        if ((size_t)(p - begin) >= length && !memcmp(p - length, others[i], length))
            return 0;
    }
    if (n)
        *sign = p[n == 4 ? 2 : 1];
    return n && p > begin && !latex_is_digit(p[-1]) ? n : 0;
}

/* Is it on the left side of an equation? */
static bool has_sign_left(const char *formula)
{
    char sign;
    for (const char *p = formula; *p && *p != '='; p++)
        if (sign_at(formula, p, &sign) && strchr(p, '='))
            return true;
    return false;
}

void spellings_of_raised(spellings *all, const char *const *setup, const char *const *formula, int count)
{
    piece x;
    spellings *s = ARENA_NEW(all->arena, spellings); /* with the letters that the setups declare */
    if (!s)
        return;
    *s = *all;
    s->used = NULL;
    for (int i = 0; setup[i]; i++)
        spellings_of_setup(s, setup[i]);
    for (int i = 0; setup[i]; i++)
        for (const char *p = setup[i], *end; *p; p = *end ? end + 1 : end) {
            end = spelling_line_end(p);
            p += strspn(p, " \t");
            bool given = !strncmp(p, "given ", 6);
            for (size_t used; p < end; p += used ? used : 1) {
                size_t run = spelling_run(p);
                used = run > 1 ? run : scripted_at(p, &x);
                if (run < 2 && used)
                    look(s, setup[i], &x, given, true);
                if (*p == '\\' && !used)
                    used = spelling_sign(p);
            }
        }
    for (int i = 0; i < count; i++) {
        const char *begin = formula[i] + strspn(formula[i], " \t\r\n&");
        for (const char *p = begin; *p;) {
            bool word = p > begin && (latex_is_letter(p[-1]) || p[-1] == '\\');
            size_t used = word ? 0 : scripted_at(p, &x);
            if (used)
                look(s, formula[i], &x, p == begin && relation_follows(p + used), false);
            p += *p == '\\' && spelling_sign(p) ? spelling_sign(p) : 1;
        }
    }
    for (int i = 0; i < count; i++)
        all->signs |= has_sign_left(formula[i]);
    settle_numbers(s);
    for (int i = 0; i < s->raiseds; i++)
        s->raised[i].active &= s->raised[i].kind != RAISED_NUMBER || !raises_steps(formula, count, s->raised[i].base);
    memcpy(all->raised, s->raised, sizeof s->raised);
    all->raiseds = s->raiseds;
}

/* ---- A word and a step above one name: h^{d \langle t \rangle} ---- */

typedef struct raised_pair {
    const char *word, *step; /* the step without its brackets */
    size_t word_length, step_length;
    bool angle, comma, transposed, bare; /* bare: no brackets around the step */
} raised_pair;

/* d, dec, \mathrm{dec}, \text{dec}, * at p: how long; 0: no word. */
static size_t take_word(const char *p, const char *end, raised_pair *out)
{
    static const char *const upright[] = { "\\mathrm", "\\text", "\\textrm", "\\mathit", NULL };
    static const char *const stars[] = { "\\ast", "\\star", NULL };
    size_t sign = *p == '\\' ? spelling_sign(p) : 0, n = 0;
    if (*p == '*' || (sign && latex_among(stars, p, sign))) {
        out->word = "*", out->word_length = 1;
        return sign ? sign : 1;
    }
    if (sign && latex_among(upright, p, sign) && p[sign] == '{') {
        out->word = p + sign + 1;
        while (latex_is_letter(out->word[n]))
            n++;
        out->word_length = n;
        return n && out->word[n] == '}' ? sign + n + 2 : 0;
    }
    while (p + n < end && latex_is_letter(p[n]))
        n++;
    out->word = p, out->word_length = n;
    return n;
}

/* \langle t - 1 \rangle, <t>, (t) at p: how long; 0: no step in brackets. */
static size_t take_step(const char *p, const char *end, raised_pair *out)
{
    static const char *const pairs[][2] = { { "\\langle", "\\rangle" }, { "<", ">" }, { "(", ")" }, { "[", "]" } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t open = strlen(pairs[i][0]);
        if (strncmp(p, pairs[i][0], open))
            continue;
        const char *inside = p + open + strspn(p + open, " "), *close = strstr(inside, pairs[i][1]);
        if (!close || close >= end || (*inside != 't' && *inside != 'T') || latex_is_letter(inside[1]) ||
            strcspn(inside, "({[\\") < (size_t)(close - inside))
            continue;
        out->angle = i < 2;
        out->step = inside, out->step_length = (size_t)(close - inside);
        return (size_t)(close - p) + strlen(pairs[i][1]);
    }
    if (*p != 't' && *p != 'T')
        return 0;
    size_t n = 1 + (p[1] == '\'');
    if (latex_is_letter(p[n]))
        return 0;
    size_t shift = n + strspn(p + n, " ");
    if (p[shift] == '-' || p[shift] == '+') { /* ^{*,t-1} */
        shift += 1 + strspn(p + shift + 1, " ");
        size_t digits = strspn(p + shift, "0123456789");
        if (!digits)
            return 0;
        n = shift + digits;
    }
    out->step = p, out->step_length = n;
    out->bare = true;
    return n;
}

/* Takes the two, in any order; between them a comma may stand, and must unless angles are around the step. */
static bool take_pair(const piece *x, raised_pair *out)
{
    const char *p = x->sup, *end = p ? p + x->sup_length : p;
    bool had[2] = { false, false }; /* the word, the step */
    *out = (raised_pair){ 0 };
    if (!p || (x->base_length == 1 && *x->base == 'e' && !x->sub))
        return false;
    for (int i = 0; i < 2; i++) {
        p += strspn(p, " ");
        out->comma |= i && *p == ',';
        p += i && *p == ',' ? 1 + strspn(p + 1, " ") : 0;
        size_t step = had[1] ? 0 : take_step(p, end, out), word = step || had[0] ? 0 : take_word(p, end, out);
        if (!step && !word)
            return false;
        p += step + word;
        had[step > 0] = true;
    }
    p += strspn(p, " ");
    out->transposed = end - p >= 4 && !strncmp(p, "\\top", 4);
    p += out->transposed ? 4 + strspn(p + 4, " ") : 0;
    bool index = out->bare && out->word_length == 1 && strchr("ijklmnbp", *out->word);
    return p == end && (out->angle || out->comma) && !index;
}

/* The name with its label written as one: whether it has one. */
static bool write_raised(const spellings *s, text *out, const char *p, const piece *x)
{
    size_t n;
    const char *front = x->base_length && x->base > p ? p : x->base;
    size_t front_length = (size_t)(x->base + x->base_length - front) + (x->base > p);
    const char *sub = x->sub ? arena_format(s->arena, "_{%.*s}", (int)x->sub_length, x->sub) : "";
    raised_pair pair;
    if (take_pair(x, &pair)) {
        bool star = *pair.word == '*';
        text_format(out, "%.*s^{%s%.*s%s%s}_{%.*s", (int)front_length, front, star ? "" : "\\mathrm{",
                    (int)pair.word_length, pair.word, star ? "" : "}", pair.transposed ? "\\top" : "",
                    (int)pair.step_length, pair.step);
        text_format(out, x->sub ? ",%.*s}" : "}", (int)x->sub_length, x->sub ? x->sub : "");
        return true;
    }
    if (x->sup && (n = letters_in(x->sup, x->sup_length)) && has_row(s, x, x->sup, n, RAISED_LETTERS)) {
        text_format(out, "%.*s%s^{\\mathrm{%.*s}%s}", (int)front_length, front, sub, (int)n, x->sup,
                    n < x->sup_length ? "\\top" : "");
        return true;
    }
    if (x->sup_length == 1 && has_row(s, x, x->sup, 1, RAISED_NUMBER)) {
        text_format(out, "%.*s%s^{\\eddyname{%c}}", (int)front_length, front, sub, *x->sup);
        return true;
    }
    bool above = x->sup && (n = stepped(x->sup, x->sup_length, true)) && has_row(s, x, x->sup, n, RAISED_STEP);
    if (!above &&
        !(x->sub && !x->sup && (n = stepped(x->sub, x->sub_length, true)) && has_row(s, x, x->sub, n, LOWERED_STEP)))
        return false;
    const char *name = above ? x->sup : x->sub, *index = name + n + 1;
    size_t length = (above ? x->sup_length : x->sub_length) - n - 1;
    bool braces = *index == '{';
    text_format(out, "%.*s", (int)front_length, front);
    if (above)
        text_format(out, "^{%.*s}_{", (int)n, name);
    else
        text_format(out, "_{%.*s,", (int)n, name);
    text_format(out, "%.*s", (int)(length - 2 * braces), index + braces);
    if (above && x->sub)
        text_format(out, ",%.*s", (int)x->sub_length, x->sub);
    text_add(out, "}");
    return true;
}

const char *spell_raised(const spellings *s, const char *source)
{
    if (!strchr(source, '^') && !s->raiseds)
        return source;
    text out = { .arena = s->arena };
    piece x;
    for (const char *p = source; *p;) {
        bool word = p > source && (latex_is_letter(p[-1]) || p[-1] == '\\');
        size_t used = word ? 0 : scripted_at(p, &x), step = spelling_sign(p);
        char sign;
        size_t signed_ = s->signs ? sign_at(source, p, &sign) : 0;
        if (used && write_raised(s, &out, p, &x)) {
            p += used;
            continue;
        }
        if (signed_) { /* what W is next, an estimate before the measurement */
            text_format(&out, "^{\\mathrm{%s}}", sign == '+' ? "plus" : "minus");
            p += signed_;
            continue;
        }
        step = step ? step : 1;
        text_add_n(&out, p, step);
        p += step;
    }
    return text_done(&out);
}
