/* The rows of one formula: environments like align are opened, rows are split at \\, tags are taken out, and a row that
 * only goes on ("&= b") is appended to the one before. Works on the document's own bytes, so that every row knows where
 * it begins; braces need not match. */
#include "document_internal.h"

typedef struct row {
    text source;
    size_t at, end; /* of the first and after the last character that is kept */
    const char *tag;
    bool own;     /* in an environment whose rows are numbered one by one */
    bool goes_on; /* the next row belongs to it, whatever it begins with */
    int open;     /* brackets that are not closed yet */
    bool solid;   /* something that makes it a formula has been seen */
} row;

/* What a row begins and ends with. */
typedef struct row_shape {
    enum { BEGINS_ANYHOW, BEGINS_RELATION, BEGINS_SIGN, BEGINS_PRODUCT } begin;
    bool relation;   /* one outside of brackets */
    bool unfinished; /* an operator or relation at its end */
    int open;        /* brackets opened less those closed */
} row_shape;

enum { ROWS_DEEPEST = 16, ROWS_TAG_LONGEST = 200 };

typedef struct splitter {
    document_reader *r;
    document_span span;
    row *rows;
    int count, room;
    row now;
    int braces, nested;         /* depth within what is no environment of rows */
    int depth;                  /* of environments of rows */
    bool own[ROWS_DEEPEST + 1]; /* [0]: outside of all */
    bool multline;
    const char *outer; /* a tag of the whole */
} splitter;

static const struct {
    const char *name;
    bool own;
} environments[] = {
    { "align", true },     { "align*", true },     { "aligned", false },     { "alignat", true },
    { "alignat*", true },  { "alignedat", false }, { "flalign", true },      { "flalign*", true },
    { "gather", true },    { "gather*", true },    { "gathered", false },    { "split", false },
    { "equation", false }, { "equation*", false }, { "eqnarray", true },     { "eqnarray*", true },
    { "multline", false }, { "multline*", false }, { "displaymath", false }, { "math", false },
    { "array", false },
};

static int environment_of(const char *name, size_t length)
{
    for (int k = 0; k < (int)(sizeof environments / sizeof *environments); k++)
        if (strlen(environments[k].name) == length && memcmp(environments[k].name, name, length) == 0)
            return k;
    return -1;
}

bool document_has_rows(const char *environment, size_t length)
{
    return environment_of(environment, length) >= 0;
}

/* ---- what a row is made of ---- */

static size_t word_length(const char *p) /* of the letters from p on */
{
    size_t length = 0;
    while (document_letter(p[length]))
        length++;
    return length;
}

static bool is_word(const char *p, size_t length, const char *const list[])
{
    for (; *list; list++)
        if (strlen(*list) == length && memcmp(*list, p, length) == 0)
            return true;
    return false;
}

/* Length of what neither begins a formula nor ends one at p: white space, spacing, &, punctuation; 0 if something else
 * stands there. */
static size_t filler(const char *p)
{
    static const char *const plain[] = { "quad",    "qquad",     "nonumber", "notag", "displaystyle", "hline", "hfill",
                                         "enspace", "thinspace", "noindent", NULL };
    if (*p && strchr(" \t\n&~,.;", *p))
        return 1;
    if (*p == '{' && p[1] == '}')
        return 2;
    if (*p != '\\')
        return 0;
    if (p[1] && strchr(",;:! ", p[1]))
        return 2;
    size_t length = word_length(p + 1);
    if (is_word(p + 1, length, plain))
        return 1 + length;
    if ((length == 4 && memcmp(p + 1, "left", 4) == 0) ||
        (length == 5 && memcmp(p + 1, "right", 5) == 0)) { /* the brace around a system of formulas */
        const char *next = p + 1 + length;
        if (*next == '.')
            return 2 + length;
        if (*next == '\\' && (next[1] == '{' || next[1] == '}'))
            return 3 + length;
    }
    if ((length == 5 && memcmp(p + 1, "label", 5) == 0) ||
        (length == 6 && (memcmp(p + 1, "hspace", 6) == 0 || memcmp(p + 1, "vspace", 6) == 0))) {
        const char *next = p + 1 + length + (p[1 + length] == '*');
        size_t inside = *next == '{' ? 1 : ROWS_TAG_LONGEST;
        while (inside < ROWS_TAG_LONGEST && next[inside] && next[inside] != '}')
            inside++;
        return inside < ROWS_TAG_LONGEST && next[inside] ? (size_t)(next - p) + inside + 1 : 0;
    }
    return 0;
}

bool document_filler(const char *p)
{
    size_t step;
    while ((step = filler(p)) != 0)
        p += step;
    return !*p;
}

/* The token at p: 'r' a relation, 's' + or -, 'p' another operator, '(' and ')', 0 anything else; *length its bytes. */
static char token(const char *p, size_t *length)
{
    static const char *const relations[] = { "le",    "leq",        "leqslant",  "ge",       "geq",        "geqslant",
                                             "ne",    "neq",        "approx",    "equiv",    "in",         "sim",
                                             "simeq", "propto",     "leftarrow", "gets",     "coloneqq",   "lt",
                                             "gt",    "ll",         "gg",        "to",       "rightarrow", "implies",
                                             "iff",   "Rightarrow", "triangleq", "stackrel", "overset",    NULL };
    static const char *const products[] = { "odot", "cdot", "times", "circ", "otimes", "ast", "bullet", NULL };
    *length = 1;
    if (*p == '\\') {
        size_t word = word_length(p + 1);
        *length = word ? 1 + word : (p[1] != 0 && (unsigned char)p[1] < 0x80) ? 2 : 1;
        if (is_word(p + 1, word, relations))
            return 'r';
        if (is_word(p + 1, word, products))
            return 'p';
        return word == 2 && (memcmp(p + 1, "pm", 2) == 0 || memcmp(p + 1, "mp", 2) == 0) ? 's' : 0;
    }
    if (*p == ':' && p[1] == '=') {
        *length = 2;
        return 'r';
    }
    if (strchr("=<>", *p))
        return 'r';
    if (strchr("+-", *p))
        return 's';
    if (strchr("*/", *p))
        return 'p';
    if (strchr("([{", *p))
        return '(';
    return strchr(")]}", *p) ? ')' : 0;
}

static row_shape shape_of(const char *p)
{
    row_shape shape = { .begin = BEGINS_ANYHOW };
    int depth = 0;
    bool first = true;
    char last = 0, script = 0; /* h^* ends with no operator */
    while (*p) {
        size_t length = filler(p);
        if (length) {
            p += length;
            continue;
        }
        char what = token(p, &length);
        if (script && what != '(')
            what = 0;
        script = *p == '^' || *p == '_';
        if (first)
            shape.begin = what == 'r'   ? BEGINS_RELATION
                          : what == 's' ? BEGINS_SIGN
                          : what == 'p' ? BEGINS_PRODUCT
                                        : BEGINS_ANYHOW;
        first = false;
        if (what == '(')
            depth++;
        else if (what == ')')
            depth--;
        else if (what == 'r' && depth <= 0)
            shape.relation = true;
        last = what;
        p += length;
    }
    shape.unfinished = last == 'r' || last == 's' || last == 'p';
    shape.open = depth;
    return shape;
}

/* ---- rows ---- */

static void begin_row(splitter *s)
{
    s->now = (row){ .source = { .arena = s->r->arena }, .own = s->own[s->depth] };
}

static bool continues(const row *before, row_shape shape)
{
    return shape.begin == BEGINS_RELATION || shape.begin == BEGINS_PRODUCT ||
           (shape.begin == BEGINS_SIGN && !shape.relation) || before->goes_on;
}

static bool ends_with_comma(const text *t)
{
    size_t n = t->length;
    while (n && (document_blank(t->start[n - 1]) || t->start[n - 1] == '\n'))
        n--;
    return n && strchr(",;.", t->start[n - 1]);
}

/* "u &= q & w &= p": every second & at the outermost level stands between two equations. */
static void separate_columns(splitter *s, text *source)
{
    text out = { .arena = s->r->arena };
    const char *start = text_done(source);
    int depth = 0, count = 0;
    for (const char *p = start; *p; p++) {
        if (!strncmp(p, "\\begin", 6) || *p == '{')
            depth++;
        else if (!strncmp(p, "\\end", 4) || *p == '}')
            depth--;
        bool escaped = p > start && p[-1] == '\\';
        if (*p == '&' && !depth && !escaped && ++count % 2 == 0) {
            const char *next = strchr(p + 1, '&');
            if (next && strchr(next, '=')) {
                text_add(&out, ends_with_comma(&out) ? " \\qquad " : ", \\qquad ");
                continue;
            }
        }
        text_add_n(&out, p, 1);
    }
    if (out.length > source->length)
        *source = out;
}

/* What a row with a tag of its own, "&= c", goes on from: a of a = b, b of a \le b. NULL: there is no relation. */
static const char *carried(splitter *s, const char *source)
{
    const char *left = source, *end = NULL;
    int depth = 0;
    bool equal = true;
    size_t length;
    for (const char *p = source; *p; p += length) {
        char what = token(p, &length);
        depth += what == '(' ? 1 : what == ')' ? -1 : 0;
        if (what != 'r' || depth)
            continue;
        if (!equal || (*p != '=' && strncmp(p, ":=", 2) != 0))
            equal = false, left = p + length, end = NULL;
        else if (!end)
            end = p;
    }
    if (left == source && !end)
        return NULL;
    end = end ? end : left + strlen(left);
    while (left < end && strchr(" \n&", *left))
        left++;
    while (end > left && strchr(" \n&.,;", end[-1]))
        end--;
    return arena_text(s->r->arena, left, (size_t)(end - left));
}

static void end_row(splitter *s)
{
    row *now = &s->now, *before = s->count ? &s->rows[s->count - 1] : NULL;
    while (now->source.length && (document_blank(now->source.start[now->source.length - 1]) ||
                                  now->source.start[now->source.length - 1] == '\n'))
        now->source.start[--now->source.length] = 0;
    separate_columns(s, &now->source);
    const char *source = text_done(&now->source);
    row_shape shape = shape_of(source);
    const char *left = before && before->tag && now->tag && !before->goes_on && shape.begin == BEGINS_RELATION
                           ? carried(s, text_done(&before->source))
                           : NULL;
    if (left) { /* a &= b \tag{1} \\ &= c \tag{2}: each is a formula with its name */
        text whole = { .arena = s->r->arena };
        text_format(&whole, "%s %s", left, source);
        now->source = whole;
        source = text_done(&now->source);
        shape = shape_of(source);
    }
    if (document_filler(source)) {
        if (now->tag && now->own && before && !before->tag)
            before->tag = now->tag;
        else if (now->tag)
            s->outer = now->tag;
    } else if (before && continues(before, shape)) {
        text_add(&before->source, " ");
        text_add(&before->source, source);
        before->end = now->end;
        before->open += shape.open;
        before->goes_on = s->multline || shape.unfinished || before->open > 0;
        if (now->tag && !before->tag)
            before->tag = now->tag;
    } else {
        if (s->count == s->room) {
            int room = s->room ? 2 * s->room : 8;
            row *rows = ARENA_ARRAY(s->r->arena, row, room);
            if (!rows)
                return;
            if (s->count)
                memcpy(rows, s->rows, (size_t)s->count * sizeof *rows);
            s->rows = rows;
            s->room = room;
        }
        now->open = shape.open;
        now->goes_on = s->multline || shape.unfinished || now->open > 0;
        s->rows[s->count++] = *now;
    }
    begin_row(s);
}

/* Keeps bytes of the text from `at` on. What stands in front of a row and says nothing is left out, so that its place
 * is that of its first word. */
static void keep(splitter *s, size_t at, const char *bytes, size_t length)
{
    row *now = &s->now;
    if (!now->source.length) {
        if (length == 1 && (document_blank(*bytes) || *bytes == '\n' || *bytes == '&'))
            return;
        now->at = at;
    }
    text_add_n(&now->source, bytes, length);
    if (!document_blank(*bytes) && *bytes != '\n')
        now->end = at + length;
}

/* A group {...} at `at` (blanks before it are allowed): what is inside goes to *from and *to. Returns the place after
 * it, `at` if there is none. */
static size_t group(const splitter *s, size_t at, size_t longest, size_t *from, size_t *to)
{
    size_t p = at, limit = s->span.to;
    while (p < limit && document_blank(s->r->s[p]))
        p++;
    if (p >= limit || s->r->s[p] != '{')
        return at;
    *from = ++p;
    int depth = 1;
    for (; p < limit && p - *from < longest; p++) {
        char c = s->r->s[p];
        if (c == '\\')
            p++;
        else if (c == '{')
            depth++;
        else if (c == '}' && --depth == 0) {
            *to = p;
            return p + 1;
        }
    }
    return at;
}

/* [2pt] after \\, [t] after \begin{aligned}: the place after it. */
static size_t option(const splitter *s, size_t at)
{
    if (at >= s->span.to || s->r->s[at] != '[')
        return at;
    for (size_t p = at + 1; p < s->span.to && p - at < 20; p++) {
        char c = s->r->s[p];
        if (c == ']')
            return p + 1;
        if (!document_letter(c) && !(c >= '0' && c <= '9') && c != '.' && c != '-')
            break;
    }
    return at;
}

/* \begin{...} and \end{...}: opens or closes an environment of rows where one may stand, and keeps any other. Returns
 * the place after what was used, 0 if nothing was. */
static size_t environment(splitter *s, size_t after, bool begins)
{
    size_t from = 0, to = 0, next = group(s, after, 40, &from, &to);
    if (next == after)
        return 0;
    int which = environment_of(s->r->s + from, to - from);
    if (begins) {
        if (which < 0 || s->nested || s->braces > 0 || s->depth >= ROWS_DEEPEST || s->now.solid ||
            !document_filler(text_done(&s->now.source))) {
            s->now.solid = true;
            s->nested++;
            return 0;
        }
        const char *tag = s->now.tag;
        s->own[++s->depth] = environments[which].own;
        begin_row(s);
        s->now.tag = tag;
        if (strncmp(environments[which].name, "multline", 8) == 0)
            s->multline = true;
        next = option(s, next);
        const char *name = environments[which].name;
        bool columns = strncmp(name, "alignat", 7) == 0 || strcmp(name, "alignedat") == 0 || strcmp(name, "array") == 0;
        return columns ? group(s, next, 20, &from, &to) : next;
    }
    if (s->nested) {
        s->nested--;
        return 0;
    }
    if (!s->depth || which < 0)
        return 0;
    end_row(s);
    s->depth--;
    begin_row(s);
    return next;
}

/* A command at `at`; returns the place after it. */
static size_t command(splitter *s, size_t at)
{
    const char *p = s->r->s;
    size_t limit = s->span.to, after = at + 1;
    if (after >= limit)
        return after;
    if (p[after] == '\\' && s->braces <= 0 && !s->nested) {
        end_row(s);
        after++;
        if (after < limit && p[after] == '*')
            after++;
        return option(s, after);
    }
    if (p[after] == '|' && s->span.table) {
        keep(s, at, "|", 1);
        return after + 1;
    }
    while (after < limit && document_letter(p[after]))
        after++;
    size_t word = after - at - 1;
    if (!word) {
        after += (unsigned char)p[after] < 0x80 && p[after] != '\r' && p[after] != '\n';
    } else if (word == 3 && memcmp(p + at + 1, "tag", 3) == 0) {
        size_t from = 0, to = 0, start = after < limit && p[after] == '*' ? after + 1 : after,
               next = group(s, start, ROWS_TAG_LONGEST, &from, &to);
        if (next != start) {
            while (from < to && document_blank(p[from]))
                from++;
            while (to > from && document_blank(p[to - 1]))
                to--;
            if (to > from && !s->now.tag)
                s->now.tag = arena_text(s->r->arena, p + from, to - from);
            return next;
        }
    } else if ((word == 5 && memcmp(p + at + 1, "begin", 5) == 0) || (word == 3 && memcmp(p + at + 1, "end", 3) == 0)) {
        size_t next = environment(s, after, word == 5);
        if (next)
            return next;
    }
    keep(s, at, p + at, after - at);
    return after;
}

static void split(splitter *s)
{
    const char *p = s->r->s;
    size_t from = s->span.from;
    if (from > 0 && p[from - 1] == '\n') /* the body of a fenced block */
        from = document_margin(s->r, from, s->span.to, s->span.quotes, NULL);
    for (size_t at = from; at < s->span.to && !s->r->arena->failed;) {
        char c = p[at];
        if (c == '\n') {
            keep(s, at, "\n", 1);
            at = document_margin(s->r, at + 1, s->span.to, s->span.quotes, NULL);
        } else if (c == '\r') {
            at++;
        } else if (c == '%') {
            size_t end = document_line_end(s->r, at);
            if (s->r->tex)
                document_comment(s->r, at, at + 1, end, end);
            at = end < s->span.to ? end : s->span.to;
        } else if (c == '\\') {
            at = command(s, at);
        } else {
            s->braces += c == '{' ? 1 : c == '}' ? -1 : 0;
            keep(s, at, p + at, 1);
            at++;
        }
    }
    end_row(s);
}

/* ---- ---- */

static bool has_relation(const char *source)
{
    size_t length;
    for (; *source; source += length)
        if (token(source, &length) == 'r')
            return true;
    return false;
}

/* Is the text in front a word that makes a hypothesis of what follows? */
static bool ends_supposing(const document_reader *r, size_t at)
{
    static const char *const words[] = { "if",          "when",         "whenever", "assume", "assuming",
                                         "suppose",     "supposing",    "provided", "unless", "provided that",
                                         "assume that", "suppose that", "for",      "case",   "pour",
                                         "si",          "für",          "wenn",     "falls",  "若",
                                         "当",          "如果",         "假设",     "只要",   NULL };
    for (int k = 0; words[k]; k++) {
        size_t n = strlen(words[k]), i = 0;
        if (n > at)
            continue;
        const char *from = r->s + at - n;
        while (i < n && (from[i] == words[k][i] || (i == 0 && document_letter(*from) && (*from | 0x20) == words[k][0])))
            i++;
        if (i == n && (at == n || !document_letter(from[-1]) || !document_letter(*words[k])))
            return true;
    }
    return false;
}

/* "if $x = 0$", and "for the linear model ($D_k = I$)": a few words in front of the bracket. */
static bool supposed(const document_reader *r, size_t at)
{
    enum { WORDS_MOST = 6 };
    bool bracket = false;
    while (at && (document_blank(r->s[at - 1]) || r->s[at - 1] == '\n' || r->s[at - 1] == '('))
        bracket |= r->s[--at] == '(';
    for (int k = 0; k < (bracket ? WORDS_MOST : 1) && at; k++) {
        if (ends_supposing(r, at))
            return true;
        while (at && (document_letter(r->s[at - 1]) || r->s[at - 1] == '-'))
            at--;
        if (!at || !document_blank(r->s[at - 1]))
            return false;
        while (at && document_blank(r->s[at - 1]))
            at--;
    }
    return false;
}

void document_formula(document_reader *r, document_span span)
{
    splitter s = { .r = r, .span = span };
    begin_row(&s);
    split(&s);
    if (!s.count)
        return;
    int begin_line = document_locate(r, &r->starts, span.begin).line, tags = 0;
    const char *only = NULL; /* the tag of a formula without numbered rows names all of them */
    for (int k = 0; k < s.count; k++)
        if (s.rows[k].tag) {
            tags++;
            only = s.rows[k].own ? NULL : s.rows[k].tag;
        }
    if (!s.outer && tags == 1)
        s.outer = only;
    if (r->id && begin_line - r->id_line > 2) {
        document_fail(r, span.begin, "no formula begins within two lines after the id \"%.80s\" of line %d", r->id,
                      r->id_line);
    } else if (r->id && (span.display || has_relation(text_done(&s.rows[0].source)))) {
        if (s.outer || tags)
            document_fail(r, span.begin,
                          "this formula has a tag and the id \"%.80s\" of line %d; leave one of them out", r->id,
                          r->id_line);
        s.outer = r->id;
        r->id = NULL;
    }
    for (int k = 0; k < s.count; k++) {
        const row *now = &s.rows[k];
        document_entry *e = document_add(r);
        if (!e)
            return;
        document_place place = document_locate(r, &r->starts, now->at);
        e->item.kind = DOCUMENT_FORMULA;
        e->item.source = text_done(&now->source);
        e->item.line = place.line;
        e->item.column = place.column;
        e->item.display = span.display;
        e->item.begin = span.begin;
        e->item.end = span.end;
        e->item.supposed = !span.display && supposed(r, span.begin);
        e->tag = now->tag ? now->tag : s.outer;
        e->at = k ? now->at : span.begin;
        e->end = k + 1 < s.count ? now->end : span.end;
        e->begin_line = k ? place.line : begin_line;
        e->end_line = document_locate(r, &r->ends, e->end).line;
        e->claims = span.display || has_relation(e->item.source);
    }
}
