/* The words of a setup: what stands next, which known word a misspelled one is nearest to, names of quantities, which
 * go through the LaTeX reader, and what is said about them. Time is linear in the text. */
#include "setup_internal.h"
#include "latex.h"

#include <stdio.h>

enum { WORD_LONGEST = 32, NAMES_MOST = 1000 };

bool setup_fail(setup_reader *r, const char *format, ...)
{
    if (r->out.sentence)
        return false;
    char words[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    r->out.sentence = arena_format(r->arena, "line %d: %s", r->line, words);
    return false;
}

/* ---- words ---- */

bool setup_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool setup_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

size_t setup_word_length(const char *p)
{
    size_t length = 0;
    while (setup_is_letter(p[length]) || (length && p[length] == '-' && setup_is_letter(p[length + 1])))
        length++;
    return length;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* How many letters must be changed, left out, inserted or swapped with their neighbour. */
static int distance(const char *word, int length, const char *other)
{
    int columns = (int)strlen(other), row[3][WORD_LONGEST + 1];
    if (length > WORD_LONGEST || columns > WORD_LONGEST)
        return WORD_LONGEST;
    for (int j = 0; j <= columns; j++)
        row[0][j] = j;
    for (int i = 1; i <= length; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= columns; j++) {
            now[j] = smaller(smaller(now[j - 1], before[j]) + 1, before[j - 1] + (word[i - 1] != other[j - 1]));
            if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
                now[j] = smaller(now[j], earlier[j - 2] + 1);
        }
    }
    return row[length % 3][columns];
}

const char *setup_nearest(const char *word, size_t length, const char *const *known)
{
    const char *best = NULL;
    int least = length > 5 ? 3 : length > 3 ? 2 : 1;
    for (; length <= WORD_LONGEST && *known; known++) {
        int far = distance(word, (int)length, *known);
        if (far <= least) {
            least = far - 1;
            best = *known;
        }
    }
    return best;
}

bool setup_unknown(setup_reader *r, const char *word, size_t length, const char *what, const char *const *known)
{
    const char *best = setup_nearest(word, length, known);
    if (best)
        return setup_fail(r, "\"%.*s\" is no %s; did you mean \"%s\"?", (int)length, word, what, best);
    text t = { .arena = r->arena };
    for (int k = 0; known[k]; k++)
        text_format(&t, "%s%s",
                    k == 0         ? ""
                    : known[k + 1] ? ", "
                                   : " or ",
                    strcmp(known[k], "per") == 0    ? "per sample"
                    : strcmp(known[k], "zero") == 0 ? "zero or one"
                                                    : known[k]);
    return setup_fail(r, "\"%.*s\" is no %s: that is %s", (int)(length < 60 ? length : 60), word, what, text_done(&t));
}

void setup_skip(setup_reader *r)
{
    while (setup_is_blank(*r->p))
        r->p++;
}

void setup_skip_commas(setup_reader *r)
{
    while (setup_is_blank(*r->p) || *r->p == ',')
        r->p++;
}

bool setup_among(const char *word, size_t length, const char *const *known)
{
    for (; *known; known++)
        if (strlen(*known) == length && memcmp(*known, word, length) == 0)
            return true;
    return false;
}

bool setup_here(const setup_reader *r, const char *word)
{
    size_t length = strlen(word);
    return setup_word_length(r->p) == length && memcmp(r->p, word, length) == 0;
}

bool setup_take(setup_reader *r, const char *word)
{
    setup_skip(r);
    if (!setup_here(r, word))
        return false;
    r->p += strlen(word);
    setup_skip(r);
    return true;
}

bool setup_take_in(setup_reader *r)
{
    static const char sign[] = "\xE2\x88\x88";
    if (setup_take(r, "in"))
        return true;
    size_t length = strncmp(r->p, "\\in", 3) == 0 && !setup_is_letter(r->p[3]) ? 3
                    : strncmp(r->p, sign, 3) == 0                              ? 3
                                                                               : 0;
    r->p += length;
    setup_skip(r);
    return length != 0;
}

/* ---- names ---- */

static size_t skip_group(const char *p) /* from its { to after its }, or to the end */
{
    int depth = 0;
    const char *start = p;
    for (; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '{')
            depth++;
        else if (*p == '}' && --depth <= 0)
            return (size_t)(p + 1 - start);
    }
    return (size_t)(p - start);
}

size_t setup_name_length(const char *p)
{
    static const char *const takes[] = { "tilde",
                                         "hat",
                                         "bar",
                                         "vec",
                                         "dot",
                                         "ddot",
                                         "check",
                                         "widetilde",
                                         "widehat",
                                         "overline",
                                         "underline",
                                         "overrightarrow",
                                         "overleftarrow",
                                         "mathrm",
                                         "mathbf",
                                         "mathcal",
                                         "mathbb",
                                         "mathsf",
                                         "mathit",
                                         "mathscr",
                                         "boldsymbol",
                                         "bm",
                                         "text",
                                         "operatorname",
                                         NULL };
    const char *start = p;
    bool wanted = false; /* an argument: blanks in front of it do not end the name */
    while (*p) {
        if (setup_is_blank(*p) && wanted) {
            p++;
        } else if (setup_is_blank(*p) || *p == ',' || *p == ';') {
            break;
        } else if (*p == '{') {
            p += skip_group(p);
            wanted = false;
        } else if (*p == '\\') {
            size_t word = 0;
            while (setup_is_letter(p[1 + word]))
                word++;
            bool roman = word == 6 && memcmp(p + 1, "mathrm", 6) == 0;
            wanted = setup_among(p + 1, word, takes);
            p += word ? 1 + word : p[1] ? 2 : 1;
            if (roman) { /* the d of a differential */
                const char *d = p;
                while (setup_is_blank(*d))
                    d++;
                size_t length = *d == 'd' && !setup_is_letter(d[1]) ? 1 : strncmp(d, "{d}", 3) == 0 ? 3 : 0;
                if (length)
                    p = d + length;
            }
        } else {
            wanted = *p == '_' || *p == '^';
            p++;
        }
    }
    return (size_t)(p - start);
}

/* One formula, or NULL with the sentence. */
tree *setup_formula_of(setup_reader *r, const char *source, size_t length, int *count, tree ***all)
{
    while (length && setup_is_blank(source[length - 1]))
        length--;
    const char *copy = arena_text(r->arena, source, length);
    latex_result read = latex_read(r->arena, copy, length);
    const char *shown = length <= 60 ? copy : arena_format(r->arena, "%.*s...", 60, copy);
    if (read.sentence || read.count < 1)
        setup_fail(r, "\"%s\" is not read: %s", shown, read.sentence ? read.sentence : "there is nothing in it");
    else if (read.count > 1 && !all)
        setup_fail(r, "\"%s\" is more than one formula", shown);
    if (r->out.sentence || r->arena->failed)
        return NULL;
    if (all) {
        *all = read.formula;
        *count = read.count;
    }
    return read.formula[0];
}

tree *setup_expression(setup_reader *r, const char *source, size_t length)
{
    tree *t = setup_formula_of(r, source, length, NULL, NULL);
    if (!t)
        return NULL;
    if (t->count != 1 || t->child[0]->kind == TREE_RELATION) {
        setup_fail(r, "\"%.*s\" must be an expression without a relation", (int)(length < 60 ? length : 60), source);
        return NULL;
    }
    return t->child[0];
}

tree *setup_name_of(setup_reader *r, const char *source, size_t length)
{
    tree *t = setup_expression(r, source, length);
    if (t && t->kind != TREE_SYMBOL && !(t->kind == TREE_POW && t->child[0]->kind == TREE_SYMBOL)) {
        setup_fail(r, "\"%.*s\" is no name of a quantity, such as W_f or \\tilde C_t", (int)(length < 60 ? length : 60),
                   source);
        return NULL;
    }
    return t;
}

tree *setup_name(setup_reader *r, const char *after)
{
    setup_skip(r);
    size_t length = setup_name_length(r->p);
    if (!length) {
        setup_fail(r, "the name of a quantity is missing after \"%s\"", after);
        return NULL;
    }
    const char *source = r->p;
    r->p += length;
    return setup_name_of(r, source, length);
}

bool setup_append(setup_reader *r, setup_list *l, tree *t)
{
    if (l->count >= NAMES_MOST)
        return setup_fail(r, "more than %d names stand in one statement", NAMES_MOST);
    if (l->count == l->room) {
        int room = l->room ? 2 * l->room : 8;
        tree **larger = ARENA_ARRAY(r->arena, tree *, room);
        if (!larger)
            return false;
        if (l->count)
            memcpy(larger, l->tree, (size_t)l->count * sizeof *larger);
        l->tree = larger;
        l->room = room;
    }
    l->tree[l->count++] = t;
    return true;
}

bool setup_names(setup_reader *r, setup_list *l, const char *after)
{
    for (;;) {
        setup_skip_commas(r);
        if (!*r->p || *r->p == ';' || setup_word_length(r->p) >= 2 ||
            (strncmp(r->p, "\\in", 3) == 0 && !setup_is_letter(r->p[3])) || strncmp(r->p, "\xE2\x88\x88", 3) == 0)
            break;
        tree *t = setup_name(r, after);
        if (!t || !setup_append(r, l, t))
            return false;
    }
    if (!l->count)
        return *r->p && *r->p != ';' && setup_word_length(r->p) >= 2
                   ? setup_fail(r,
                                "\"%.*s\" is no name of a quantity: a name is one letter or command with its subscript",
                                (int)(setup_word_length(r->p) < 60 ? setup_word_length(r->p) : 60), r->p)
                   : setup_fail(r, "the name of a quantity is missing after \"%s\"", after);
    return true;
}

/* ---- spaces and properties ---- */

static const char *const properties[] = { "in", "per", "one-hot", "positive", "zero", "symmetric", NULL };

/* The R of a space: R, \R, \mathbb R, \mathbb{R} or the sign. */
static bool take_reals(setup_reader *r)
{
    static const char *const reals[] = { "\\mathbb R", "\\mathbb{R}", "\\R", "\xE2\x84\x9D", "R" };
    for (size_t k = 0; k < sizeof reals / sizeof *reals; k++) {
        size_t length = strlen(reals[k]);
        if (strncmp(r->p, reals[k], length) != 0 || setup_is_letter(r->p[length]))
            continue;
        r->p += length;
        return true;
    }
    return false;
}

/* {H \times (H+I)}, {H x I}, {H*I}, or one letter, command or number. */
static bool read_dims(setup_reader *r, setup_statement *s)
{
    const char *p = r->p, *part;
    size_t length = *p == '{' ? skip_group(p) : 0, digits = strspn(p, "0123456789");
    if (!length) {
        if (*p == '\\')
            for (length = 1; setup_is_letter(p[length]); length++)
                ;
        else
            length = digits ? digits : setup_is_letter(*p);
        tree *dim = length ? setup_expression(r, p, length) : NULL;
        if (!dim)
            return setup_fail(r, "a size is missing after \"R^\"");
        s->dim[s->rank++] = dim;
        r->p += length;
        return true;
    }
    int depth = 0;
    const char *end = p + length - 1;
    if (*end != '}')
        return setup_fail(r, "\"}\" is missing after \"R^\"");
    for (part = ++p; p <= end; p++) {
        size_t sign = 0;
        if (*p == '(' || *p == '{' || *p == ')' || (*p == '}' && p < end))
            depth += *p == '(' || *p == '{' ? 1 : -1;
        else if (depth == 0 && strncmp(p, "\\times", 6) == 0 && !setup_is_letter(p[6]))
            sign = 6;
        else if (depth == 0 && strncmp(p, "\xC3\x97", 2) == 0)
            sign = 2;
        else if (depth == 0 && (*p == '*' || (*p == 'x' && (setup_is_blank(p[-1]) || p[-1] == ')') &&
                                              (setup_is_blank(p[1]) || p[1] == '('))))
            sign = 1;
        if (!sign && p < end)
            continue;
        if (s->rank == 2)
            return setup_fail(r, "a space has at most two sizes: R, R^H or R^{H x I}");
        tree *dim = setup_expression(r, part, (size_t)(p - part));
        if (!dim)
            return false;
        s->dim[s->rank++] = dim;
        p += sign ? sign - 1 : 0;
        part = p + 1;
    }
    r->p = end + 1;
    return true;
}

/* Behind a comma and a space the next quantities may stand: x_t in R^I, y_t in R^K one-hot. */
static bool quantities_follow(const setup_reader *r, const char *before, const setup_statement *s)
{
    return (s->flags & GIVEN_SHAPED) && r->p > before && memchr(before, ',', (size_t)(r->p - before)) && *r->p &&
           setup_word_length(r->p) < 2 && strncmp(r->p, "\\in", 3) != 0 && (*r->p & 0x80) == 0;
}

bool setup_properties(setup_reader *r, setup_statement *s)
{
    const char *before = r->p;
    for (setup_skip_commas(r); *r->p && *r->p != ';'; before = r->p, setup_skip_commas(r)) {
        size_t word = setup_word_length(r->p);
        if (quantities_follow(r, before, s))
            return true;
        if (setup_take_in(r)) {
            size_t unit = strncmp(r->p, "(0,1)", 5) == 0 ? 5 : strncmp(r->p, "(0, 1)", 6) == 0 ? 6 : 0;
            if (unit) {
                r->p += unit;
                s->flags |= GIVEN_UNIT;
            } else if (s->flags & GIVEN_SHAPED) {
                return setup_fail(r, "there are two spaces in one statement; put \";\" between two");
            } else if (!take_reals(r)) {
                size_t length = setup_name_length(r->p);
                return setup_fail(r, "\"%.*s\" is no space: write R, R^H, R^{H x I} or (0,1)",
                                  (int)(length < 60 ? length : 60), r->p);
            } else {
                s->flags |= GIVEN_SHAPED;
                setup_skip(r);
                if (*r->p == '^') {
                    r->p++;
                    setup_skip(r);
                    if (!read_dims(r, s))
                        return false;
                }
            }
        } else if (setup_take(r, "per")) {
            if (!setup_take(r, "sample"))
                return setup_fail(r, "\"sample\" is missing after \"per\"");
            s->flags |= GIVEN_PER_SAMPLE;
        } else if (setup_take(r, "zero")) {
            if (!setup_take(r, "or") || !setup_take(r, "one"))
                return setup_fail(r, "\"or one\" is missing after \"zero\"");
            s->flags |= GIVEN_ZERO_ONE;
        } else if (setup_take(r, "one-hot")) {
            s->flags |= GIVEN_ONE_HOT;
        } else if (setup_take(r, "positive")) {
            s->flags |= GIVEN_POSITIVE;
        } else if (setup_take(r, "symmetric")) {
            s->flags |= GIVEN_SYMMETRIC;
        } else if (setup_here(r, "x")) {
            return setup_fail(r, "a space with two sizes needs braces: R^{H x I}");
        } else if (setup_here(r, "is") || *r->p == ':') {
            return setup_fail(r, "the shape of a quantity is said with \"in\": given W in R^{H x I}");
        } else {
            return setup_unknown(r, r->p, word ? word : setup_name_length(r->p), "property of a quantity", properties);
        }
    }
    return true;
}
