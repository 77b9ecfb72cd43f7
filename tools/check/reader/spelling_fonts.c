/* Several letters in one font command, \mathbf{hx}_t = [h_{t-1}; x_t]: a name or a product? A left side that is new
 * is a name; whether it is new is asked of the whole scene. What the lexer takes for words anyway is left alone. */
#include "spelling_text.h"

static const char *const fonts[] = { "\\mathbf",  "\\boldsymbol", "\\bm",       "\\pmb",      "\\mathit",
                                     "\\mathcal", "\\mathscr",    "\\mathfrak", "\\mathsfit", NULL };
static const char *const upright[] = { "\\text",   "\\textrm", "\\mathrm",   "\\operatorname",
                                       "\\mathsf", "\\mathtt", "\\tag",      "\\label",
                                       "\\begin",  "\\end",    "\\eddyname", "\\textbf",
                                       "\\textit", "\\texttt", "\\mathbb",   NULL };

static size_t command_length(const char *p)
{
    size_t word = 1;
    while (latex_is_letter(p[word]))
        word++;
    return word;
}

/* The length of \mathbf{hx} at p, with its letters; 0: something else stands here. */
static size_t font_group(const char *p, const char **letters, size_t *count)
{
    size_t word = *p == '\\' ? command_length(p) : 0, n = 0;
    if (!word || !latex_among(fonts, p, word))
        return 0;
    while (latex_is_blank(p[word]))
        word++;
    if (p[word] != '{')
        return 0;
    *letters = p + word + 1;
    while (latex_is_letter((*letters)[n]))
        n++;
    *count = n;
    return n > 1 && (*letters)[n] == '}' ? word + n + 2 : 0;
}

bool spelling_is_font_name(const char *p, size_t length)
{
    const char *letters;
    size_t count;
    return font_group(p, &letters, &count) == length && length;
}

/* What stands at p and holds no letter that could be a quantity by itself: a command, with its words, a script, a group
 * of several letters. 0: none of them. */
static size_t passed_over(const char *p)
{
    const char *letters;
    size_t count, group = font_group(p, &letters, &count);
    if (group || (*p != '\\' && *p != '_' && *p != '^'))
        return group;
    if (*p != '\\')
        return p[1] ? 1 + spelling_group(p + 1) : 1;
    size_t word = command_length(p), end = word;
    while (latex_is_blank(p[end]))
        end++;
    if (latex_among(upright, p, word) && p[end] == '{')
        return end + spelling_group(p + end);
    return word > 1 ? word : p[1] ? 2 : 1;
}

/* Does the text have the letter by itself: beside others in a product, but in no word and no script? In a setup's line
 * letters without blanks between are words. */
static bool is_alone(const char *p, char letter, bool setup)
{
    while (*p) {
        size_t run = 0, passed = passed_over(p);
        while (!passed && latex_is_letter(p[run]))
            run++;
        if (run && (run == 1 || !setup) && memchr(p, letter, run))
            return true;
        p += passed ? passed : run ? run : 1;
    }
    return false;
}

static bool is_alone_somewhere(const spellings *s, char letter, const char *const *setup, const char *const *formula,
                               int count)
{
    for (int i = 0; i < s->letters; i++)
        if (s->letter[i] == letter)
            return false;
    for (int i = 0; setup[i]; i++)
        if (is_alone(setup[i], letter, true))
            return true;
    for (int i = 0; i < count && letter != 't'; i++)
        if (is_alone(formula[i], letter, false))
            return true;
    return false;
}

static const char *find_group(const char *p, const char *group, size_t length)
{
    for (; *p; p++)
        if (spelling_is_font_name(p, length) && !memcmp(p, group, length))
            return p;
    return NULL;
}

/* The font group that a formula begins with and that a relation follows, its scripts aside; 0: there is none. */
static size_t left_group(const char *formula, const char **group, const char **letters, size_t *count, bool *scripted)
{
    while (latex_is_blank(*formula) || *formula == '&')
        formula++;
    size_t length = font_group(formula, letters, count);
    const char *p = formula + length;
    *group = formula;
    *scripted = false;
    while (length && (*p == '_' || *p == '^' || latex_is_blank(*p) || *p == '&')) {
        bool script = *p == '_' || *p == '^';
        *scripted |= script;
        p += script && p[1] ? 1 + spelling_group(p + 1) : 1;
    }
    return *p == '=' || !strncmp(p, ":=", 2) || !strncmp(p, "\\coloneqq", 9) || !strncmp(p, "\\equiv", 6) ? length : 0;
}

/* E of "E = ..." and of "\mathcal E = ...", without scripts: the letter, or 0. */
static char left_letter(const char *formula, bool script)
{
    static const char *const scripts[] = { "\\mathcal", "\\mathscr", NULL };
    const char *p = formula + strspn(formula, " \t\r\n&");
    size_t n = script ? spelling_sign(p) : 0;
    if (script && (n < 2 || !latex_among(scripts, p, n)))
        return 0;
    p += n;
    bool braces = script && *spelling_skip(p) == '{';
    p = script ? spelling_skip(p) + braces : p;
    char letter = *p;
    if (!latex_is_letter(letter) || (braces && p[1] != '}') || latex_is_letter(p[1]))
        return 0;
    p += 1 + braces;
    p += strspn(p, " \t&");
    return *p == '=' || !strncmp(p, ":=", 2) ? letter : 0;
}

/* E = ... and \mathcal E = ... in one scene are two. */
static void tell_scripts(spellings *s, const char *const *formula, int count)
{
    for (int i = 0; i < count; i++) {
        char letter = left_letter(formula[i], true);
        bool both = false;
        for (int k = 0; k < count && letter; k++)
            both |= left_letter(formula[k], false) == letter;
        if (!both)
            continue;
        const char *name = arena_format(s->arena, "\\eddyname{%c_cal}", letter);
        spellings_add(s, arena_format(s->arena, "\\mathcal{%c}", letter), name);
        spellings_add(s, arena_format(s->arena, "\\mathcal %c", letter), name);
        spellings_add(s, arena_format(s->arena, "\\mathscr{%c}", letter), name);
    }
}

void spellings_in_fonts(spellings *s, const char *const *setup, const char *const *formula, int count)
{
    tell_scripts(s, formula, count);
    for (int i = 0; i < count; i++) {
        const char *group, *letters;
        size_t letters_count;
        bool scripted, product = true, before = false, after = false;
        size_t length = left_group(formula[i], &group, &letters, &letters_count, &scripted);
        if (!length)
            continue;
        for (size_t k = 0; k < letters_count && product; k++)
            product = is_alone_somewhere(s, letters[k], setup, formula, count);
        for (int k = 0; k < count; k++) {
            bool found = find_group(formula[k] + (k == i ? (size_t)(group + length - formula[k]) : 0), group, length);
            before |= found && k < i, after |= found && k >= i;
        }
        if (!product || (!before && (scripted || after)))
            spellings_add(s, spelling_bare(s->arena, group, length), spelling_name(s->arena, group, length));
    }
}
