/* The letter that an author's steps have. What reads formulas calls it t, and the last step T: s_i = f(s_{i-1}) with
 * i = 1, ..., N is written out as s_t = f(s_{t-1}) with t = 1, ..., T before anything else is looked at, in joined
 * subscripts too, e_{ij} as e_{t,j}. The setup says the letter (time k = 0, ..., N-1; k means t; k means t-1), or a
 * definition shows it. */
#include "spelling_text.h"

enum { NAME_MOST = 40 };

const char *spelling_skip(const char *p)
{
    while (latex_is_blank(*p))
        p++;
    return p;
}

/* A letter or a command; 0: something else stands here. */
size_t spelling_sign(const char *p)
{
    size_t n = *p == '\\' ? 1 : 0;
    if (!n)
        return latex_is_letter(*p);
    while (latex_is_letter(p[n]))
        n++;
    return n > 1 ? n : 0;
}

/* N, n_T, T_{y}: a letter or a command, and a label. */
static size_t name_length(const char *p)
{
    size_t n = spelling_sign(p), label = n && p[n] == '_' ? 1 + spelling_group(p + n + 1) : 0;
    return n + (label < NAME_MOST ? label : 0);
}

/* T_{y} as T_y */
const char *spelling_plain(arena *a, const char *p, size_t length)
{
    size_t n = spelling_sign(p);
    if (n + 4 == length && p[n] == '_' && p[n + 1] == '{')
        return arena_format(a, "%.*s_%c", (int)n, p, p[n + 2]);
    return arena_text(a, p, length);
}

const char *spelling_step(const spellings *s, const char *from)
{
    for (int i = 0; i < s->steps; i++)
        if (!strcmp(s->step[i].from, from))
            return s->step[i].to;
    return NULL;
}

static void add_step(spellings *s, const char *from, const char *to)
{
    if (s->steps < STEPS_MOST && strcmp(from, to) != 0 && !spelling_step(s, from))
        s->step[s->steps++] = (spelling){ .from = from, .to = to, .meant = true };
}

/* ---- What the setup says ---- */

/* t, T, t-1, T + 1 up to the end: without blanks, or NULL. */
static const char *step_value(arena *a, const char *p, const char *end)
{
    p = spelling_skip(p);
    while (end > p && (latex_is_blank(end[-1]) || end[-1] == '$'))
        end--;
    const char *bare = spelling_bare(a, p, (size_t)(end - p));
    if ((*bare != 't' && *bare != 'T') ||
        (bare[1] && ((bare[1] != '-' && bare[1] != '+') || !bare[2] || bare[2 + strspn(bare + 2, "0123456789")])))
        return NULL;
    return bare;
}

/* "k means t", "T_y means T", "k means t-1" */
static bool step_meaning(arena *a, const char *line, const char *end, const char **from, const char **to)
{
    const char *means = spelling_find(line, end, " means ");
    if (!means)
        return false;
    while (line < means && (latex_is_blank(*line) || *line == '$'))
        line++;
    while (means > line && (latex_is_blank(means[-1]) || means[-1] == '$'))
        means--;
    size_t length = name_length(line);
    *to = step_value(a, strstr(means, "means ") + 6, end);
    *from = spelling_plain(a, line, length);
    return length && length == (size_t)(means - line) && *to && (length == spelling_sign(line) || **to == 'T');
}

typedef struct range { /* k = 0, ..., N-1 */
    const char *letter, *last;
    bool zero, before; /* before: the last one is N-1 */
} range;

/* "time k", "time k = 0, \dots, N-1", "time k = 1..N": false if it is no such line. */
static bool time_line(arena *a, const char *p, const char *end, range *out)
{
    size_t n;
    *out = (range){ 0 };
    while (p < end && (latex_is_blank(*p) || *p == '$'))
        p++;
    if (strncmp(p, "time", 4) || !latex_is_blank(p[4]))
        return false;
    p += 4;
    p += strspn(p, " \t$");
    if (!(n = spelling_sign(p)))
        return false;
    out->letter = arena_text(a, p, n);
    p += n + strspn(p + n, " \t$");
    if (p >= end)
        return true;
    if (*p != '=')
        return false;
    p += 1 + strspn(p + 1, " \t$");
    out->zero = *p == '0';
    if (*p != '0' && *p != '1')
        return false;
    p++;
    for (size_t more; (more = strspn(p, " \t$,.")) || !strncmp(p, "\\dots", 5) || !strncmp(p, "\\ldots", 6);)
        p += more ? more : *(p + 1) == 'd' ? 5 : 6;
    n = name_length(p);
    if (!n)
        return false;
    out->last = spelling_plain(a, p, n);
    p += n + strspn(p + n, " \t$");
    if (*p == '-' && p < end) {
        p += 1 + strspn(p + 1, " \t");
        out->before = *p == '1';
        p += *p == '1';
        p += strspn(p, " \t$");
    }
    return p >= end || *p == '\r';
}

static const char *statement_end(const char *p, const char *end)
{
    const char *hash = memchr(p, '#', (size_t)(end - p));
    return hash && (hash == p || hash[-1] != '\\') ? hash : end;
}

bool spelling_says_steps(arena *a, const char *line, const char *end)
{
    const char *from, *to;
    range r;
    end = statement_end(line, end);
    return step_meaning(a, line, end, &from, &to) || time_line(a, line, end, &r);
}

static void steps_said(spellings *s, const char *setup)
{
    for (const char *p = setup, *end; *p; p = *end ? end + 1 : end) {
        const char *from, *to, *stop;
        range r;
        end = spelling_line_end(p);
        stop = statement_end(p, end);
        if (step_meaning(s->arena, p, stop, &from, &to))
            add_step(s, from, to);
        else if (time_line(s->arena, p, stop, &r)) {
            add_step(s, r.letter, "t");
            if (r.last)
                add_step(s, r.last, "T");
            s->from_zero |= r.zero;
            s->before_last |= r.zero && r.before;
            s->time_said = true;
        }
    }
}

/* ---- What definitions show ---- */

/* The relation that a formula's left side ends with, outside of braces; NULL: there is none. */
static const char *relation_in(const char *p)
{
    int depth = 0;
    for (; *p; p++) {
        depth += (*p == '{') - (*p == '}');
        if (!depth && (*p == '=' || !strncmp(p, ":=", 2) || !strncmp(p, "\\triangleq", 10) ||
                       !strncmp(p, "\\equiv", 6) || !strncmp(p, "\\coloneqq", 9)))
            return p;
    }
    return NULL;
}

/* Is the part X + shift, blanks aside? */
static bool is_shifted(const char *p, const char *end, const char *letter, int shift)
{
    size_t n = strlen(letter);
    p = spelling_skip(p);
    if (strncmp(p, letter, n) || (latex_is_letter(p[n]) && latex_is_letter(letter[n - 1])))
        return false;
    p = spelling_skip(p + n);
    if (shift) {
        if (*p != (shift > 0 ? '+' : '-'))
            return false;
        p = spelling_skip(p + 1);
        if (*p++ != '1')
            return false;
        p = spelling_skip(p);
    }
    return p >= end || *p == ',' || *p == ')' || *p == ']' || *p == '\\' || *p == '}';
}

/* How long the script is that stands here, or the bracket of x(n + 1); 0: neither. */
static size_t script_at(const char *p)
{
    if (*p == '_' || *p == '^')
        return 1 + spelling_group(p + 1);
    size_t inside = *p == '(' ? strcspn(p + 1, "()=&\\\n") : 0;
    return inside && p[1 + inside] == ')' ? inside + 2 : 0;
}

/* Among the parts of the scripts that follow a name, is there X + shift? */
static bool has_part(const char *scripts, const char *letter, int shift)
{
    const char *p = spelling_skip(scripts);
    for (size_t length; (length = script_at(p));) {
        const char *end = p + length, *part = p + 1;
        while (part < end) {
            part += strspn(part, "{([ ,");
            part += strncmp(part, "\\langle", 7) ? 0 : 7;
            if (is_shifted(part, end, letter, shift))
                return true;
            part += strcspn(part, ",}");
            part += part < end;
        }
        p = spelling_skip(end);
    }
    return false;
}

/* The name in front of a left side's scripts, which are all that follows it; 0: it is none. */
static size_t defined_name(const char *left, const char *end)
{
    size_t base = spelling_base(left, (size_t)(end - left));
    const char *p = left + base;
    if (!base || base > NAME_MOST || memchr(left, ',', base) || !script_at(p))
        return 0;
    for (size_t length; (length = script_at(p));)
        p = spelling_skip(p + length);
    return p >= end ? base : 0;
}

/* Does a formula define a quantity at step X + shift by the one before? */
static bool recurs(const char *formula, const char *letter, int shift)
{
    const char *left = formula + strspn(formula, " \t\r\n&"), *end = relation_in(left);
    if (!end)
        return false;
    while (end > left && (latex_is_blank(end[-1]) || end[-1] == '&'))
        end--;
    size_t base = defined_name(left, end);
    if (!base || !has_part(left + base, letter, shift))
        return false;
    for (const char *p = end; *p; p++) {
        bool same = !strncmp(p, left, base) && !latex_is_letter(p[-1]) && p[-1] != '\\';
        if (same && script_at(p + base) && has_part(p + base, letter, shift - 1))
            return true;
    }
    return false;
}

/* Does another formula define at step X + shift what this one reads at the step before? a_m = W h_{m-1}, h_m = g(a_m).
 */
static bool recurs_by_way(const char *formula, const char *other, const char *letter, int shift)
{
    const char *left[] = { formula + strspn(formula, " \t\r\n&"), other + strspn(other, " \t\r\n&") }, *end[2];
    size_t base[2];
    for (int i = 0; i < 2; i++) {
        if (!(end[i] = relation_in(left[i])))
            return false;
        const char *stop = end[i];
        while (stop > left[i] && (latex_is_blank(stop[-1]) || stop[-1] == '&'))
            stop--;
        base[i] = defined_name(left[i], stop);
        if (!base[i] || !has_part(left[i] + base[i], letter, shift))
            return false;
    }
    for (const char *p = end[0]; *p; p++) {
        bool same = !strncmp(p, left[1], base[1]) && !latex_is_letter(p[-1]) && p[-1] != '\\';
        if (same && script_at(p + base[1]) && has_part(p + base[1], letter, shift - 1))
            return true;
    }
    return false;
}

/* Is the letter by itself anywhere: outside of words and commands? */
static bool stands_somewhere(const char *p, char letter)
{
    for (const char *begin = p; *p; p++)
        if (*p == letter && (p == begin || (p[-1] != '\\' && !latex_is_letter(p[-1]))) && !latex_is_letter(p[1]))
            return true;
    return false;
}

/* Does the setup say something else of the letter? "index i in T_y" names the last step. */
static bool is_declared(spellings *s, const char *setup, const char *letter, const char **range_)
{
    for (const char *p = setup, *end; *p; p = *end ? end + 1 : end) {
        end = spelling_line_end(p);
        p += strspn(p, " \t$");
        if (!strncmp(p, "labels", 6) || !strncmp(p, "sizes", 5)) {
            if (stands_somewhere(arena_text(s->arena, p, (size_t)(end - p)), *letter))
                return true;
        } else if (!strncmp(p, "index", 5)) {
            const char *part = p + 5;
            while (part < end) {
                const char *stop = memchr(part, ';', (size_t)(end - part)), *in;
                stop = stop ? stop : end;
                in = spelling_find(part, stop, " in ");
                if (in && stands_somewhere(arena_text(s->arena, part, (size_t)(in - part)), *letter)) {
                    in += 4 + strspn(in + 4, " $");
                    *range_ = spelling_plain(s->arena, in, name_length(in));
                }
                part = stop + 1;
            }
        }
    }
    return false;
}

/* X = 1, ..., N or \sum_{X=0}^{N-1}: where the steps begin and end. */
static bool range_in(arena *a, const char *formula, const char *letter, range *out)
{
    size_t n = strlen(letter);
    for (const char *p = formula; (p = strstr(p, letter)) != NULL; p += n) {
        const char *q = spelling_skip(p + n);
        if ((p > formula && (latex_is_letter(p[-1]) || p[-1] == '\\')) || *q != '=')
            continue;
        q = spelling_skip(q + 1);
        bool zero = *q == '0';
        if ((*q != '0' && *q != '1') || latex_is_digit(q[1]))
            continue;
        q = spelling_skip(q + 1);
        bool sum = *q == '}' && spelling_skip(q + 1)[0] == '^', listed = false;
        if (sum) {
            q = spelling_skip(spelling_skip(q + 1) + 1);
            q += *q == '{';
        }
        while (!sum && (*q == ',' || !strncmp(q, "\\dots", 5) || !strncmp(q, "\\ldots", 6) || latex_is_blank(*q) ||
                        *q == '1' || *q == '2')) {
            listed |= *q == '\\';
            q += *q == '\\' ? (q[1] == 'd' ? 5 : 6) : 1;
        }
        size_t length = name_length(q);
        if ((!sum && !listed) || !length)
            continue;
        *out = (range){ .letter = letter, .last = spelling_plain(a, q, length), .zero = zero };
        return true;
    }
    return false;
}

static const char *const candidates[] = { "i", "k", "n", "m", "s", "j", "r", "p", "u", "\\tau", "\\kappa", NULL };

static void steps_shown(spellings *s, const char *const *setup, const char *const *formula, int count)
{
    const char *found = NULL, *last = NULL;
    for (int i = 0; i < count; i++)
        if (stands_somewhere(formula[i], 't'))
            return;
    for (int i = 0; setup[i]; i++)
        if (stands_somewhere(setup[i], 't'))
            return;
    for (int k = 0; candidates[k] && !found; k++) {
        bool other = false;
        for (int i = 0; i < count && !found; i++)
            found = recurs(formula[i], candidates[k], 0) || recurs(formula[i], candidates[k], 1) ? candidates[k] : NULL;
        for (int i = 0; i < count && !found; i++)
            for (int n = 0; n < count && !found; n++)
                found = n != i && (recurs_by_way(formula[i], formula[n], candidates[k], 0) ||
                                   recurs_by_way(formula[i], formula[n], candidates[k], 1))
                            ? candidates[k]
                            : NULL;
        for (int i = 0; setup[i] && found; i++)
            other |= is_declared(s, setup[i], found, &last);
        found = other ? NULL : found;
    }
    if (found)
        add_step(s, found, "t");
    if (found && last && *last)
        add_step(s, last, "T");
}

/* given x_t in R; T in R: with steps up to n the T is a quantity like others. */
static bool gives_T(const char *setup)
{
    for (const char *p = setup, *end; *p; p = *end ? end + 1 : end) {
        end = spelling_line_end(p);
        p += strspn(p, " \t$");
        if (strncmp(p, "given", 5) || !latex_is_blank(p[5]))
            continue;
        bool names = true;
        for (p += 5; p < end; p++) {
            size_t run = latex_is_letter(*p) ? spelling_run(p) : 0;
            names = *p == ';' || (names && !(run > 1 && latex_among(spelling_linking, p, run)));
            if (names && run == 1 && *p == 'T' && (latex_is_blank(p[-1]) || strchr(",;$", p[-1])) &&
                (latex_is_blank(p[1]) || strchr(",;$\n", p[1])))
                return true;
            p += run > 1 ? run - 1 : 0;
        }
    }
    return false;
}

/* The last step is what the letter runs to, unless that is said: N in \sum_{k=1}^N. */
static void last_shown(spellings *s, const char *const *formula, int count)
{
    const char *letter = NULL;
    range r;
    for (int i = 0; i < s->steps; i++) {
        if (*s->step[i].to == 'T')
            return;
        if (!strcmp(s->step[i].to, "t"))
            letter = s->step[i].from;
    }
    for (int i = 0; i < count && letter; i++)
        if (range_in(s->arena, formula[i], letter, &r)) {
            add_step(s, r.last, "T");
            return;
        }
}

/* x_{k+1} = f(x_k), k = 0, ..., N-1: the first step has the number 0. */
static void steps_from_zero(spellings *s, const char *const *formula, int count)
{
    const char *letter = "t";
    bool next = false, zero = false;
    range r;
    for (int i = 0; i < s->steps; i++)
        if (!strcmp(s->step[i].to, "t"))
            letter = s->step[i].from;
    for (int i = 0; i < count; i++) {
        next |= recurs(formula[i], letter, 1);
        zero |= range_in(s->arena, formula[i], letter, &r) && r.zero;
    }
    s->from_zero |= next && zero;
}

enum { PARTS_MOST = 400 };

/* a_n = W h_{n-1}, \quad h_n = g(a_n): the formulas, and what stands behind wide blanks. */
static int formulas_and_parts(const char *const *formula, int count, const char **part)
{
    int parts = 0;
    for (int i = 0; i < count && parts < PARTS_MOST; i++)
        part[parts++] = formula[i];
    for (int i = 0; i < count; i++)
        for (const char *p = formula[i]; parts < PARTS_MOST && (p = strstr(p, "quad")); p += 4)
            if (p > formula[i] && (p[-1] == '\\' || p[-1] == 'q'))
                part[parts++] = p + 4;
    return parts;
}

void spellings_of_steps(spellings *s, const char *const *setup, const char *const *formula, int count)
{
    for (int i = 0; setup[i]; i++)
        steps_said(s, setup[i]);
    bool said = false;
    for (int i = 0; i < s->steps; i++)
        said |= *s->step[i].to == 't';
    if (!said) {
        const char *part[PARTS_MOST];
        int parts = formulas_and_parts(formula, count, part);
        steps_shown(s, setup, part, parts);
    }
    bool other = false; /* "time k": t is a quantity like others, or part of a name */
    for (int i = 0; i < s->steps; i++)
        other |= !strcmp(s->step[i].to, "t");
    if (other && s->time_said)
        add_step(s, "t", "\\eddyname{t_*}");
    last_shown(s, formula, count);
    bool last = false;
    for (int i = 0; i < s->steps; i++)
        last |= !strcmp(s->step[i].to, "T");
    for (int i = 0; setup[i]; i++)
        if (last && gives_T(setup[i]))
            add_step(s, "T", "\\eddyname{T_*}");
    steps_from_zero(s, formula, count);
}
