/* Wrong versions of a formula. The tree says where something stands, the text is what is changed. */
#include "book_mutations.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 2000, NAMES = 400 };

/* ---- The names of a scene ---- */

void vocabulary_start(vocabulary *v, arena *a)
{
    *v = (vocabulary){ .arena = a, .name = ARENA_ARRAY(a, struct vocabulary_name, NAMES), .index = " t T " };
}

void vocabulary_index(vocabulary *v, const char *letter)
{
    char spaced[40];
    snprintf(spaced, sizeof spaced, " %s ", letter);
    if (!strstr(v->index, spaced) && strlen(v->index) + strlen(spaced) < sizeof v->index)
        strcat(v->index, spaced + 1);
}

void vocabulary_letters(vocabulary *v, const tree *t)
{
    for (int i = 0; i < t->bounds; i++)
        vocabulary_index(v, t->bound[i].index);
    for (int i = 0; i < t->count; i++)
        vocabulary_letters(v, t->child[i]);
}

static bool is_index(const vocabulary *v, const tree *t)
{
    char spaced[40];
    if (t->kind == TREE_SYMBOL) {
        snprintf(spaced, sizeof spaced, " %s ", t->name);
        return strstr(v->index, spaced) != NULL;
    }
    if (t->kind == TREE_MUL) {
        bool all = true;
        for (int i = 0; i < t->count; i++)
            all &= is_index(v, t->child[i]);
        return all;
    }
    return true; /* t-1, 0 */
}

static struct vocabulary_name name_of(const vocabulary *v, const char *source, const tree *t)
{
    struct vocabulary_name n = { .name = t->name,
                                 .accents = t->accents ? t->accents : "",
                                 .parts = t->count < 4 ? t->count : 4 };
    for (int i = 0; i < n.parts; i++)
        n.part[i] =
            is_index(v, t->child[i]) ? "" : arena_text(v->arena, source + t->child[i]->at, (size_t)t->child[i]->length);
    return n;
}

static bool same_name(const struct vocabulary_name *a, const struct vocabulary_name *b)
{
    bool same = !strcmp(a->name, b->name) && !strcmp(a->accents, b->accents) && a->parts == b->parts;
    for (int i = 0; same && i < a->parts; i++)
        same = !strcmp(a->part[i], b->part[i]);
    return same;
}

void vocabulary_names(vocabulary *v, const char *source, const tree *t)
{
    if (t->kind == TREE_SYMBOL && v->names < NAMES) {
        struct vocabulary_name n = name_of(v, source, t);
        bool known = false;
        for (int i = 0; i < v->names; i++)
            known |= same_name(&v->name[i], &n);
        if (!known)
            v->name[v->names++] = n;
        return;
    }
    for (int i = 0; i < t->count; i++)
        vocabulary_names(v, source, t->child[i]);
}

static bool occurs(const vocabulary *v, const struct vocabulary_name *n)
{
    for (int i = 0; i < v->names; i++)
        if (same_name(&v->name[i], n))
            return true;
    return false;
}

/* ---- Changing the text ---- */

typedef struct maker {
    const vocabulary *names;
    arena *arena;
    const char *source;
    int length;
    mutations made;
} maker;

static void edit(maker *m, const char *kind, int from, int to, const char *replacement)
{
    const char *s = m->source;
    if (from < 0 || to > m->length || from > to || m->made.count == MOST)
        return;
    mutation new = { arena_format(m->arena, "%.*s%s%s", from, s, replacement, s + to),
                     arena_format(m->arena, "%s: %.*s -> %s", kind, to - from, s + from,
                                  *replacement ? replacement : "nothing") };
    bool known = !strcmp(new.source, s);
    for (int i = 0; i < m->made.count && !known; i++)
        known = !strcmp(m->made.at[i].source, new.source);
    if (!known)
        m->made.at[m->made.count++] = new;
}

static const char *cut(maker *m, int from, int to)
{
    return arena_text(m->arena, m->source + from, (size_t)(to > from ? to - from : 0));
}

/* In place of a subscript, superscript or bound, where more than one character needs braces. */
static void edit_script(maker *m, const char *kind, const tree *t, const char *replacement)
{
    int before = t->at - 1;
    while (before >= 0 && m->source[before] == ' ')
        before--;
    bool bare = before >= 0 && (m->source[before] == '_' || m->source[before] == '^');
    edit(m, kind, t->at, t->at + t->length, bare ? arena_format(m->arena, "{%s}", replacement) : replacement);
}

typedef struct stretch {
    int from, to;
    bool known;
} stretch;

static bool ends_with(const char *s, int end, const char *word)
{
    int n = (int)strlen(word);
    return end >= n && !strncmp(s + end - n, word, (size_t)n);
}

/* Where a subtree stands together with the brackets around it. */
static stretch outer(const maker *m, const tree *t)
{
    static const char *const sizes[] = {
        "\\left", "\\right", "\\big", "\\Big", "\\bigl", "\\Bigl", "\\bigr", "\\Bigr"
    };
    const char *s = m->source;
    stretch r = { t->at, t->at + t->length, true };
    bool own = t->kind == TREE_CONCAT || t->kind == TREE_TUPLE || t->kind == TREE_SET || t->kind == TREE_INDICATOR ||
               t->kind == TREE_SYMBOL;
    for (int i = 0; i < t->count && t->kind != TREE_SYMBOL; i++) {
        stretch c = outer(m, t->child[i]);
        r.known &= c.known;
        r.from = c.from < r.from ? c.from : r.from;
        r.to = c.to > r.to ? c.to : r.to;
    }
    if (!t->brackets)
        return r;
    if (own && t->kind != TREE_SYMBOL) {
        r.from -= ends_with(s, r.from, "\\left") ? 5 : 0;
        return r;
    }
    while (r.from > 0 && s[r.from - 1] == ' ')
        r.from--;
    if (r.from == 0 || !strchr("([{", s[r.from - 1]))
        return (stretch){ 0 };
    r.from -= 1 + (r.from > 1 && s[r.from - 2] == '\\');
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (ends_with(s, r.from, sizes[i])) {
            r.from -= (int)strlen(sizes[i]);
            break;
        }
    while (s[r.to] == ' ')
        r.to++;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (!strncmp(s + r.to, sizes[i], strlen(sizes[i])) &&
            !isalpha((unsigned char)s[r.to + (int)strlen(sizes[i])])) {
            r.to += (int)strlen(sizes[i]);
            break;
        }
    r.to += s[r.to] == '\\';
    if (!s[r.to] || !strchr(")]}", s[r.to]))
        return (stretch){ 0 };
    r.to++;
    return r;
}

/* Exchanges the texts of two subtrees. */
static void swap(maker *m, const char *kind, const tree *a, const tree *b, bool braces)
{
    stretch x = outer(m, a), y = outer(m, b);
    braces = braces && x.known && x.from > 0 && m->source[x.from - 1] != '{'; /* \frac1T */
    if (!x.known || !y.known || x.to > y.from)
        return;
    text out = { .arena = m->arena };
    text_add(&out, braces ? "{" : "");
    text_add(&out, cut(m, y.from, y.to));
    text_add(&out, braces ? "}" : "");
    text_add(&out, cut(m, x.to, y.from));
    text_add(&out, braces ? "{" : "");
    text_add(&out, cut(m, x.from, x.to));
    text_add(&out, braces ? "}" : "");
    edit(m, kind, x.from, y.to, text_done(&out));
}

/* ---- Kinds of change ---- */

static void shift_index(maker *m, const tree *t)
{
    if (t->kind == TREE_NUMBER)
        edit_script(m, "index", t, arena_format(m->arena, "%g", t->value + 1));
    else if (t->kind == TREE_ADD)
        edit_script(m, "index", t, cut(m, t->child[0]->at, t->child[0]->at + t->child[0]->length));
    else if (t->kind == TREE_SYMBOL && !strcmp(t->name, "t")) {
        edit_script(m, "index", t, "t-1");
        edit_script(m, "index", t, "t+1");
    } else if (t->kind == TREE_SYMBOL && !strcmp(t->name, "T")) {
        edit_script(m, "index", t, "t");
        edit_script(m, "index", t, "T-1");
    } else if (t->kind == TREE_MUL && t->count == 2 && is_index(m->names, t))
        swap(m, "index order", t->child[0], t->child[1], false);
}

static void change_bounds(maker *m, const tree *t)
{
    for (int i = 0; i < t->bounds; i++) {
        const tree *ends[] = { t->bound[i].from, t->bound[i].to };
        for (int k = 0; k < 2; k++) {
            if (!ends[k])
                continue;
            if (ends[k]->kind == TREE_SYMBOL)
                edit_script(m, "bound", ends[k],
                            arena_format(m->arena, "%s-1", cut(m, ends[k]->at, ends[k]->at + ends[k]->length)));
            else
                shift_index(m, ends[k]);
        }
    }
    stretch body = outer(m, t->child[0]);
    if (body.known)
        edit(m, t->kind == TREE_SUM ? "sum dropped" : "product dropped", t->at, body.from, "");
}

/* Letters that are easily taken for each other. */
static const char *const alike[][6] = { { "f", "i", "o" }, { "C", "h" },
                                        { "z", "r", "n" }, { "W", "U", "V", "R" },
                                        { "m", "v" },      { "y", "p" },
                                        { "x", "h", "y" }, { "\\alpha", "e", "u", "a" },
                                        { "D", "E", "A" }, { "c", "z" } };

static void exchange_names(maker *m, const tree *t)
{
    const char *s = m->source;
    struct vocabulary_name here = name_of(m->names, s, t);
    /* the place of the letter itself: after its accents */
    int at = t->at, end = t->at + t->length, n = (int)strlen(t->name);
    int d = here.accents[0] == 'd' && (here.accents[1] == ' ' || !here.accents[1]) ? 1 : 0;
    for (; at < end; at++) {
        int token = 1;
        if (s[at] == '\\')
            while (at + token < end && isalpha((unsigned char)s[at + token]))
                token++;
        if (d && s[at] == 'd' && token == 1) {
            d = 0;
            continue;
        }
        if (token == n && !d && !strncmp(s + at, t->name, (size_t)n))
            break;
        at += token - 1;
    }
    for (size_t k = 0; k < sizeof alike / sizeof *alike && at < end; k++) {
        bool member = false;
        for (int i = 0; i < 6 && alike[k][i]; i++)
            member |= !strcmp(alike[k][i], t->name);
        for (int i = 0; member && i < 6 && alike[k][i]; i++) {
            struct vocabulary_name other = here;
            other.name = alike[k][i];
            if (strcmp(other.name, t->name) && occurs(m->names, &other))
                edit(m, "name", at, at + n, other.name);
        }
    }
    /* labels */
    for (int p = 0; p < here.parts; p++)
        for (int i = 0; i < m->names->names && here.part[p][0]; i++) {
            struct vocabulary_name other = m->names->name[i];
            if (other.parts != here.parts || !other.part[p][0] || !strcmp(other.part[p], here.part[p]))
                continue;
            const char *label = other.part[p];
            other.part[p] = here.part[p];
            if (same_name(&other, &here))
                edit_script(m, "label", t->child[p], label);
        }
}

static void change_symbol(maker *m, const tree *t)
{
    const char *s = m->source;
    exchange_names(m, t);
    for (int i = 0; i < t->count; i++)
        shift_index(m, t->child[i]);
    static const char *const accents[] = { "\\tilde",          "\\hat",          "\\bar", "\\mathrm d",
                                           "\\overrightarrow", "\\overleftarrow" };
    for (size_t k = 0; k < sizeof accents / sizeof *accents; k++) {
        const char *where = strstr(s + t->at, accents[k]);
        int at = where ? (int)(where - s) : t->at + t->length, n = (int)strlen(accents[k]);
        if (at >= t->at + t->length)
            continue;
        if (k < 4)
            edit(m, "accent", at, at + n, "");
        else
            edit(m, "direction", at, at + n, k == 4 ? "\\overleftarrow" : "\\overrightarrow");
    }
}

static void change_sum_of_terms(maker *m, const tree *t)
{
    for (int k = 0; k < t->count; k++) {
        const tree *c = t->child[k];
        stretch all = outer(m, c);
        if (!all.known)
            continue;
        if (c->kind == TREE_NEG && m->source[c->at] == '-')
            edit(m, "sign", c->at, c->at + 1, k ? "+" : "");
        else if (k == 0)
            edit(m, "sign", all.from, all.from, "-");
        stretch before = k ? outer(m, t->child[k - 1]) : all;
        if (k == 0 || !before.known)
            continue;
        for (int at = before.to; at < all.from; at++)
            if (m->source[at] == '+')
                edit(m, "sign", at, at + 1, "-");
        edit(m, "term dropped", before.to, all.to, "");
    }
}

static bool is_plain_number(const tree *t)
{
    return t->kind == TREE_NUMBER || t->kind == TREE_DIV;
}

static void change_product(maker *m, const tree *t)
{
    for (int k = 0; k < t->count; k++) {
        const tree *c = t->child[k];
        bool by_element = (k && c->join == JOIN_ODOT) || (!k && t->child[1]->join == JOIN_ODOT);
        stretch here = outer(m, c), other = outer(m, t->child[k ? k - 1 : 1]);
        if (!here.known || !other.known)
            continue;
        if (by_element || is_plain_number(c) || c->kind == TREE_ONES)
            edit(m, "operand dropped", k ? other.to : here.from, k ? here.to : other.from, "");
        if (c->kind == TREE_SYMBOL && !by_element)
            edit(m, "transpose", here.from, here.to,
                 arena_format(m->arena, "(%s)^{\\top}", cut(m, here.from, here.to)));
        if (k && (c->join == JOIN_BESIDE || c->join == JOIN_CDOT) && !is_plain_number(c) &&
            !is_plain_number(t->child[k - 1]))
            swap(m, "order", t->child[k - 1], c, false);
    }
}

static void change_function(maker *m, const tree *t)
{
    static const struct {
        const char *command, *other;
    } twins[] = { { "\\sigma", "\\tanh" }, { "\\tanh", "\\sigma" }, { "\\min", "\\max" },          { "\\max", "\\min" },
                  { "\\log", "\\exp" },    { "\\exp", "\\log" },    { "\\operatorname{diag}", "" } };
    const char *s = m->source + t->at;
    for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
        int n = (int)strlen(twins[i].command);
        if (strncmp(s, twins[i].command, (size_t)n) || isalpha((unsigned char)s[n]))
            continue;
        edit(m, "function", t->at, t->at + n, twins[i].other);
        if (i < 2 && s[n] != '\'' && s[n] != '^')
            edit(m, "function dropped", t->at, t->at + n, "");
    }
    if (t->count == 1 && !strcmp(t->name, "\\sqrt"))
        edit(m, "function dropped", t->at, t->at + t->length,
             arena_format(m->arena, "(%s)", cut(m, t->child[0]->at, t->child[0]->at + t->child[0]->length)));
    const char *prime = t->primes ? strchr(s, '\'') : NULL;
    if (prime)
        edit(m, "prime", (int)(prime - m->source), (int)(prime - m->source) + 1, "");
}

static void change_power(maker *m, const tree *t)
{
    const tree *e = t->child[1];
    int from = e->at, to = e->at + e->length;
    if (e->kind != TREE_NUMBER) {
        if (e->kind != TREE_SYMBOL || is_index(m->names, e))
            shift_index(m, e);
        else if (!strcmp(e->name, "h") || !strcmp(e->name, "x"))
            edit_script(m, "label", e, strcmp(e->name, "h") ? "h" : "x");
        return;
    }
    while (from > 0 && m->source[from] != '^')
        from--;
    to += m->source[to] == '}' && m->source[from + 1] == '{';
    edit(m, "power", from, to, "");
    edit(m, "power", from, to, "^3");
}

static void twice(maker *m, const tree *t)
{
    stretch all = outer(m, t);
    int from = t->kind == TREE_NEG ? all.from + 1 : all.from;
    if (all.known)
        edit(m, "factor 2", from, from, "2 ");
}

static void walk(maker *m, const tree *t)
{
    switch (t->kind) {
    case TREE_SYMBOL:
        change_symbol(m, t);
        return;
    case TREE_NUMBER:
        edit(m, "number", t->at, t->at + t->length, arena_format(m->arena, "%g", t->value + 1));
        return;
    case TREE_ADD:
        change_sum_of_terms(m, t);
        break;
    case TREE_MUL:
        change_product(m, t);
        break;
    case TREE_DIV:
        swap(m, "fraction", t->child[0], t->child[1], !t->inline_);
        break;
    case TREE_POW:
        change_power(m, t);
        walk(m, t->child[0]);
        return;
    case TREE_APPLY:
        change_function(m, t);
        break;
    case TREE_MAX:
    case TREE_MIN:
        change_function(m, t);
        break;
    case TREE_CONCAT:
    case TREE_TUPLE:
    case TREE_MATRIX:
        for (int i = 1; i < t->count; i++)
            swap(m, "arguments", t->child[i - 1], t->child[i], false);
        break;
    case TREE_SUM:
    case TREE_PROD:
        change_bounds(m, t);
        break;
    case TREE_ELEMENT:
        for (int i = 1; i < t->count; i++)
            shift_index(m, t->child[i]);
        walk(m, t->child[0]);
        return;
    default:
        break;
    }
    for (int i = 0; i < t->count; i++)
        walk(m, t->child[i]);
}

static void change_relation(maker *m, const tree *r)
{
    static const char *const other[][2] = { { "\\le", "\\ge" }, { "\\ge", "\\le" }, { "<", ">" }, { ">", "<" } };
    for (int i = 1; i < r->count; i++) {
        int from = r->child[i - 1]->at + r->child[i - 1]->length, to = r->child[i]->at;
        const tree *right = r->child[i];
        for (size_t k = 0; k < sizeof other / sizeof *other; k++)
            for (int at = from, n = (int)strlen(other[k][0]); at + n <= to; at++)
                if (!strncmp(m->source + at, other[k][0], (size_t)n) && !isalpha((unsigned char)m->source[at + n]))
                    edit(m, "relation", at, at + n, other[k][1]);
        stretch all = outer(m, right);
        if (right->kind == TREE_NUMBER && right->value == 0) /* twice nothing is nothing */
            continue;
        if (right->kind != TREE_ADD && right->kind != TREE_NEG && all.known)
            edit(m, "sign", all.from, all.from, "-");
        if (right->kind == TREE_NEG)
            edit(m, "sign", right->at, right->at + 1, "");
        if (right->kind != TREE_ADD)
            twice(m, right);
        for (int k = 0; k < right->count && right->kind == TREE_ADD; k++)
            twice(m, right->child[k]);
    }
}

static void drop_all(maker *m, const char *kind, const char *token)
{
    for (const char *at = m->source; (at = strstr(at, token)); at += strlen(token))
        edit(m, kind, (int)(at - m->source), (int)(at - m->source) + (int)strlen(token), "");
}

mutations mutations_of(const vocabulary *v, const char *source, const latex_result *read)
{
    maker m = { .names = v, .arena = v->arena, .source = source, .length = (int)strlen(source) };
    m.made.at = ARENA_ARRAY(v->arena, mutation, MOST);
    if (!m.made.at)
        return m.made;
    drop_all(&m, "transpose", "^\\top");
    drop_all(&m, "transpose", "^{\\top}");
    if (!strstr(source, "\\sum"))
        drop_all(&m, "transpose", "^T ");
    for (int i = 0; i < read->count; i++) {
        const tree *formula = read->formula[i];
        const tree *r = formula->kind == TREE_FORMULA ? formula->child[0] : formula;
        walk(&m, r);
        if (r->kind == TREE_RELATION)
            change_relation(&m, r);
        for (int k = 1; formula->kind == TREE_FORMULA && k < formula->count; k++)
            edit(&m, "condition dropped", outer(&m, r).to, formula->child[k]->at + formula->child[k]->length, "");
    }
    return m.made;
}
