/* The reader's upper half: rows of formulas, conditions, relations, sums, products. */
#include "latex_parser.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { HIGHEST = 4 * LATEX_DEPTH }; /* trees; whoever walks one recurses */

const char *latex_place(arena *a, const char *source, size_t length, int at)
{
    enum { QUOTED = 28 };
    int end = at < (int)length ? at : (int)length, start = end > QUOTED ? end - QUOTED : 0;
    while (end > start && strchr(" \t\n\r", source[end - 1]))
        end--;
    while (start < end && start && ((unsigned char)source[start] & 0xC0) == 0x80)
        start++;
    for (int k = start; start && k < end - 4 && k < start + 12; k++) /* begin at a word, if there is one near */
        if (strchr(" \t\n\r", source[k]) || source[k] == '\\') {
            start = source[k] == '\\' ? k : k + 1;
            break;
        }
    return start == end ? "at the start"
                        : arena_format(a, "after \"%s%.*s\"", start ? "..." : "", end - start, source + start);
}

_Noreturn void parser_fail(parser *p, const token *at, const char *format, ...)
{
    char message[200];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    p->at = at->at;
    p->sentence =
        arena_format(p->arena, "%s: %s", latex_place(p->arena, p->source, strlen(p->source), at->at), message);
    longjmp(p->stop, 1);
}

static _Noreturn void out_of_memory(parser *p)
{
    p->sentence = "there is no memory for this formula";
    p->at = 0;
    longjmp(p->stop, 1);
}

token *parser_next(parser *p)
{
    return &p->token[p->next];
}

token *parser_ahead(parser *p, int k)
{
    int at = p->next;
    while (k-- > 0 && p->token[at].kind != TOKEN_END)
        at++;
    return &p->token[at];
}

bool token_is(const token *t, const char *name)
{
    return t->kind == TOKEN_COMMAND && !strcmp(t->name, name);
}

bool parser_take(parser *p, const char *name)
{
    bool here = token_is(parser_next(p), name);
    p->next += here;
    return here;
}

static const char *plain_name(const char *name)
{
    return !strcmp(name, "left.") ? "\\left." : !strcmp(name, "right.") ? "\\right." : name;
}

void parser_expect(parser *p, const char *name, const token *opened)
{
    const token *t = parser_next(p);
    if (parser_take(p, name))
        return;
    if (t->kind == TOKEN_END)
        parser_fail(p, t, "\"%s\" is missing, for \"%.12s\"", plain_name(name), plain_name(opened->name));
    parser_fail(p, t, "\"%s\" is expected, for \"%.12s\", not \"%.*s\"", plain_name(name), plain_name(opened->name),
                t->length < 24 ? t->length : 24, p->source + t->at);
}

tree *parser_node(parser *p, tree_kind kind, const token *first)
{
    tree *t = ARENA_NEW(p->arena, tree);
    if (!t)
        out_of_memory(p);
    t->kind = kind;
    t->name = t->accents = t->style = "";
    return parser_seal(p, t, first);
}

static int higher(int height, const tree *part)
{
    return part && part->height >= height ? part->height + 1 : height;
}

tree *parser_seal(parser *p, tree *t, const token *first)
{
    const token *last = p->next ? &p->token[p->next - 1] : first;
    t->at = first->at;
    t->length = last->at + last->length > first->at ? last->at + last->length - first->at : first->length;
    t->height = higher(higher(1, t->sub), t->held);
    for (int k = 0; k < t->count; k++)
        t->height = higher(t->height, t->child[k]);
    for (int k = 0; k < t->bounds; k++)
        t->height = higher(higher(higher(higher(t->height, t->bound[k].from), t->bound[k].to), t->bound[k].relation),
                           t->bound[k].set);
    if (t->height > HIGHEST)
        parser_fail(p, parser_next(p), "the formula is nested too deeply");
    return t;
}

tree *parser_parent(parser *p, tree_kind kind, const token *first, int count, tree *const *child)
{
    tree *t = parser_node(p, kind, first);
    t->child = ARENA_ARRAY(p->arena, tree *, count);
    if (!t->child)
        out_of_memory(p);
    for (int k = 0; k < count; k++)
        t->child[k] = child[k];
    t->count = count;
    return parser_seal(p, t, first);
}

void list_add(parser *p, tree_list *list, tree *item)
{
    if (list->count == list->room) {
        int room = list->room ? list->room * 2 : 4;
        tree **larger = ARENA_ARRAY(p->arena, tree *, room);
        if (!larger)
            out_of_memory(p);
        for (int k = 0; k < list->count; k++)
            larger[k] = list->item[k];
        list->item = larger;
        list->room = room;
    }
    list->item[list->count++] = item;
}

bool token_relation(const token *t, tree_relation *relation)
{
    static const char *const names[] = { "=",    "\\le",     "<",           "\\ge", ">",  "\\ne",
                                         "\\in", "\\approx", "\\leftarrow", ":=",   "+=", "\\propto" };
    static const tree_relation relations[] = { REL_EQ, REL_LE,     REL_LT,      REL_GE,      REL_GT,   REL_NE,
                                               REL_IN, REL_APPROX, REL_BECOMES, REL_DEFINED, REL_ADDS, REL_PROPTO };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (token_is(t, names[k])) {
            *relation = relations[k];
            return true;
        }
    return false;
}

bool token_letter(const token *t)
{
    return t->kind == TOKEN_LETTER || t->kind == TOKEN_GREEK;
}

/* At the top, \quad and a new row end what came before. */
static bool apart(const parser *p, const token *t)
{
    return !p->brackets && (t->quad || t->row);
}

tree *parse_term(parser *p)
{
    const token *first = parser_next(p);
    tree_list factors = { 0 };
    tree_join join = JOIN_BESIDE;
    for (;;) {
        tree *factor = parse_factor(p);
        bool several = factor->kind == TREE_MUL && !factor->brackets &&
                       factor->child[0]->kind == TREE_PROD; /* and what stands behind it */
        tree *head = several ? factor->child[0] : factor;
        head->join = join;
        list_add(p, &factors, head);
        for (int k = 1; several && k < factor->count; k++)
            list_add(p, &factors, factor->child[k]);
        while (parser_take(p, "/")) { /* a b / c d is ((a b) / c) d */
            tree *above =
                factors.count == 1 ? factors.item[0] : parser_parent(p, TREE_MUL, first, factors.count, factors.item);
            tree *both[] = { above, parse_factor(p) };
            factors = (tree_list){ 0 };
            list_add(p, &factors, parser_parent(p, TREE_DIV, first, 2, both));
            factors.item[0]->inline_ = true;
        }
        const token *t = parser_next(p);
        if (token_is(t, "\\cdot"))
            join = JOIN_CDOT;
        else if (token_is(t, "\\times"))
            join = JOIN_TIMES;
        else if (token_is(t, "\\odot") || token_is(t, "\\circ"))
            join = JOIN_ODOT;
        else if (token_is(t, "*") || token_is(t, "\\bullet"))
            join = JOIN_STAR;
        else if (token_is(t, "\\otimes"))
            join = JOIN_OTIMES;
        else if (!apart(p, t) && starts_factor(p)) {
            join = JOIN_BESIDE;
            continue;
        } else
            break;
        p->next++;
    }
    return factors.count == 1 ? factors.item[0] : parser_parent(p, TREE_MUL, first, factors.count, factors.item);
}

/* A : B, the inner product of two matrices: whole products stand on both sides. In a list of indices a colon is a
 * range's. */
static tree *parse_summand(parser *p)
{
    const token *first = parser_next(p);
    tree *left = parse_term(p);
    if (!token_is(parser_next(p), ":") || p->colon || p->subscript)
        return left;
    p->next++;
    if (!starts_factor(p))
        parser_fail(p, parser_next(p), "behind \":\" the second matrix of an inner product A : B is expected");
    tree *both[] = { left, parse_term(p) };
    return parser_parent(p, TREE_INNER, first, 2, both);
}

tree *parse_sum(parser *p)
{
    const token *first = parser_next(p), *sign = first;
    tree_list terms = { 0 };
    bool minus = parser_take(p, "-");
    if (!minus)
        parser_take(p, "+");
    for (;;) {
        tree *term = parse_summand(p);
        list_add(p, &terms, minus ? parser_parent(p, TREE_NEG, sign, 1, &term) : term);
        sign = parser_next(p);
        minus = token_is(sign, "-");
        if ((!minus && !token_is(sign, "+")) || (minus && apart(p, sign) && sign->row && !sign->aligned))
            break;
        p->next++;
    }
    return terms.count == 1 ? terms.item[0] : parser_parent(p, TREE_ADD, first, terms.count, terms.item);
}

static tree *parse_side(parser *p, bool set)
{
    const token *open = parser_next(p);
    if (!set || !parser_take(p, "\\{"))
        return parse_sum(p);
    char separator;
    tree_list items = parse_items(p, "\\}", open, &separator);
    no_relations(p, items, open);
    return parser_parent(p, TREE_SET, open, items.count, items.item);
}

tree *parse_relation(parser *p)
{
    const token *first = parser_next(p);
    tree_list sides = { 0 };
    tree_relation *relations = NULL, relation;
    int room = 0;
    list_add(p, &sides, parse_sum(p));
    for (;;) {
        const token *goes_on =
            parser_ahead(p, 1); /* "a &= b && \text{chain rule} \\\\ &= c": a remark at the end of a row */
        if (!p->brackets && parser_next(p)->kind == TOKEN_TEXT && goes_on->aligned &&
            token_relation(goes_on, &relation))
            p->next++;
        if (!token_relation(parser_next(p), &relation))
            break;
        if (sides.count > room) {
            room = room ? room * 2 : 2;
            tree_relation *larger = ARENA_ARRAY(p->arena, tree_relation, room);
            if (!larger)
                out_of_memory(p);
            for (int k = 0; k + 1 < sides.count; k++)
                larger[k] = relations[k];
            relations = larger;
        }
        relations[sides.count - 1] = relation;
        p->next++;
        if (relation == REL_EQ) /* a = b =: c */
            parser_take(p, ":");
        list_add(p, &sides, parse_side(p, relation == REL_IN));
    }
    if (sides.count == 1)
        return sides.item[0];
    tree *t = parser_parent(p, TREE_RELATION, first, sides.count, sides.item);
    t->relations = relations;
    return t;
}

/* An index t' that a sum binds is one letter everywhere in its formula. */
static void rename_primed(const parser *p, tree *t)
{
    for (int k = 0; t->kind == TREE_SYMBOL && t->primes == 1 && !t->count && !*t->accents && k < p->primes; k++)
        if (!strncmp(p->primed[k], t->name, strlen(t->name)) && !strcmp(p->primed[k] + strlen(t->name), "'")) {
            t->name = p->primed[k];
            t->primes = 0;
        }
    for (int k = 0; k < t->bounds; k++) {
        tree *parts[] = { t->bound[k].from, t->bound[k].to, t->bound[k].relation, t->bound[k].set };
        for (int j = 0; j < 4; j++)
            if (parts[j])
                rename_primed(p, parts[j]);
    }
    if (t->sub)
        rename_primed(p, t->sub);
    if (t->held)
        rename_primed(p, t->held);
    for (int k = 0; k < t->count; k++)
        rename_primed(p, t->child[k]);
}

/* In a subscript too: u_{j'j}, where a transpose would mean nothing. */
static void rename_subscripts(parser *p, tree *t, bool subscript)
{
    if (subscript && t->kind == TREE_SYMBOL && t->primes == 1 && !t->count && !*t->accents &&
        islower((unsigned char)*t->name) && !t->name[1]) {
        t->name = arena_format(p->arena, "%s'", t->name);
        t->primes = 0;
    }
    for (int k = 0; k < t->count; k++)
        rename_subscripts(p, t->child[k],
                          t->kind == TREE_SYMBOL || (t->kind == TREE_ELEMENT && k) ||
                              (subscript && t->kind == TREE_MUL));
}

/* W, U \in \mathbb R^{n \times n}: a list in front of \in, to the end. */
static bool list_ahead(const parser *p)
{
    int commas = 0, depth = 0;
    tree_relation relation;
    const token *first = &p->token[p->next];
    for (const token *t = first; t->kind != TOKEN_END && t->kind != TOKEN_TEXT; t++) {
        if (t != first && (t->row || t->quad)) /* a condition */
            return false;
        depth += (token_is(t, "{") || token_is(t, "(")) - (token_is(t, "}") || token_is(t, ")"));
        if (depth)
            continue;
        if (token_relation(t, &relation))
            return relation == REL_IN && commas && !token_is(t + 1, "\\{");
        commas += token_is(t, ",");
    }
    return false;
}

/* One formula for each of the list. */
static void read_list(parser *p, tree_list *formulas)
{
    const token *first = parser_next(p);
    tree_list names = { 0 };
    do
        list_add(p, &names, parse_sum(p));
    while (parser_take(p, ","));
    p->next--; /* the last one takes the relation along */
    while (p->next > 0 && !token_is(parser_next(p), ","))
        p->next--;
    p->next++;
    tree *last = parse_relation(p);
    if (last->kind != TREE_RELATION)
        parser_fail(p, first, "a list of names in front of \\in is not read here");
    for (int k = 0; k < names.count; k++) {
        tree *sides[] = { names.item[k], last->child[1] };
        tree *r = k + 1 < names.count ? parser_parent(p, TREE_RELATION, first, 2, sides) : last;
        r->relations = last->relations;
        list_add(p, formulas, parser_parent(p, TREE_FORMULA, first, 1, &r));
    }
    token_punctuation(parser_next(p)) ? p->next++ : 0;
}

/* \text{let } \delta = ..., \text{forget gate: } f_t = ...: words in front that are no name of what follows. */
static void skip_remark(parser *p)
{
    static const char *const words[] = { "let",  "where",  "then",    "so",   "hence",     "thus",   "therefore",
                                         "and",  "define", "denote",  "note", "note that", "recall", "recall that",
                                         "also", "now",    "that is", "i.e.", "i.e.,",     "or",     "but" };
    const token *t = parser_next(p), *after = parser_ahead(p, 1);
    tree_relation relation;
    if (t->kind != TOKEN_TEXT || after->kind == TOKEN_END || token_relation(after, &relation) || token_is(after, "(") ||
        token_is(after, "_") || token_is(after, "^") || token_is(after, "["))
        return;
    size_t length = strlen(t->name);
    char lower[16] = "";
    for (size_t k = 0; k < length && length < sizeof lower; k++)
        lower[k] = (char)(t->name[k] >= 'A' && t->name[k] <= 'Z' ? t->name[k] + ('a' - 'A') : t->name[k]);
    bool remark = length && (t->name[length - 1] == ':' || (after->quad && strchr(t->name, ' ')));
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        remark |= !strcmp(lower, words[k]);
    p->next += remark;
}

static void read_all(parser *p, tree_list *formulas)
{
    while (parser_next(p)->kind != TOKEN_END) {
        skip_remark(p);
        const token *first = parser_next(p);
        tree_list parts = { 0 };
        if (list_ahead(p)) {
            read_list(p, formulas);
            continue;
        }
        list_add(p, &parts, range_ahead(p) ? parse_condition(p) : parse_relation(p));
        const token *t = parser_next(p);
        if (formulas->count && parts.item[0]->kind == TREE_NUMBER && parts.item[0]->brackets == '(' &&
            t->kind == TOKEN_END)
            return; /* the number of the formula before */
        if (t->kind != TOKEN_END && !token_punctuation(t) && !apart(p, t) && t->kind != TOKEN_TEXT)
            parser_fail(p, t,
                        token_is(t, "\\pm") || (t->kind == TOKEN_COMMAND && *t->name == '\\' && t->name[1] != '}' &&
                                                t->name[1] != '\\')
                            ? "\"%.*s\" is not known here"
                            : "an operator, a relation or the end is expected, not \"%.*s\"",
                        t->length < 24 ? t->length : 24, p->source + t->at);
        parse_conditions(p, &parts);
        tree *formula = parser_parent(p, TREE_FORMULA, first, parts.count, parts.item);
        const char *sign = formula->child[0]->kind == TREE_RELATION ? latex_sign(formula) : NULL;
        if (sign)
            latex_merge(p->arena, formula, sign, NULL);
        if (p->primes)
            rename_primed(p, formula);
        p->primes = 0;
        rename_subscripts(p, formula, false);
        parse_ranges(formula);
        parse_reach(p, formula, first);
        list_add(p, formulas, formula);
    }
    if (!formulas->count)
        parser_fail(p, parser_next(p), "a formula is expected");
}

latex_result latex_read(arena *a, const char *source, size_t length)
{
    latex_result result = { 0 };
    if (length > LATEX_LONGEST) {
        result.sentence = arena_format(a, "a formula of %zu bytes: at most %d are read", length, LATEX_LONGEST);
        return result;
    }
    source = arena_text(a, source, length);
    parser *p = ARENA_NEW(a, parser);
    tree_list *formulas = ARENA_NEW(a, tree_list);
    if (a->failed) {
        result.sentence = "there is no memory for this formula";
        return result;
    }
    token_list tokens = latex_tokens(a, source, length);
    if (tokens.sentence) {
        result.sentence = arena_format(a, "%s: %s", latex_place(a, source, length, tokens.at), tokens.sentence);
        result.at = tokens.at;
    } else {
        *p = (parser){ .arena = a, .source = source, .token = tokens.token };
        if (!setjmp(p->stop)) {
            read_all(p, formulas);
            result.formula = formulas->item;
            result.count = formulas->count;
        } else {
            result.formula = formulas->item; /* what stands in front of it, whole */
            result.count = formulas->count;
            result.sentence = p->sentence;
            result.at = p->at;
        }
    }
    if (a->failed) {
        result = (latex_result){ .sentence = "there is no memory for this formula" };
    } else if (result.sentence && !*result.sentence)
        result.sentence = "the formula was not read";
    return result;
}
