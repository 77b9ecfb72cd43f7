/* LaTeX source to words. */
#include "latex_lexer.h"
#include "latex_text.h"
#include "latex.h"

#include <stdlib.h>
#include <string.h>

typedef struct lexer {
    arena *arena;
    const char *source;
    int length, at;
    token_list out;
    token mark;       /* what the next token inherits: quad, row, aligned, side */
    int matrices;     /* open matrix environments */
    int *open, opens; /* open braces, as places in the array */
} lexer;

static const char *const passed[] = { "displaystyle", "textstyle", "scriptstyle", "limits",       "nolimits",
                                      "nonumber",     "notag",     "mathstrut",   "strut",        "allowbreak",
                                      "thinspace",    "medspace",  "thickspace",  "negthinspace", "enspace",
                                      "hfill",        "mathopen",  "mathclose",   "nobreak",      NULL };

static const char *const passed_with_group[] = { "label",    "tag",    "phantom", "hphantom",
                                                 "vphantom", "hspace", "mspace",  NULL };

static const char *const kerns[] = { "mkern", "kern", "mskip", "hskip", NULL };

static const char *const transparent[] = { "aligned", "align",    "align*",    "split",     "gathered", "gather",
                                           "gather*", "equation", "equation*", "alignedat", NULL };

static const char *const matrices[] = { "matrix",       "pmatrix", "bmatrix", "smallmatrix", "psmallmatrix",
                                        "bsmallmatrix", "array",   "cases",   "dcases",      NULL };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char peek(const lexer *l, int ahead)
{
    return l->at + ahead < l->length ? l->source[l->at + ahead] : 0;
}

static bool refuse(lexer *l, int at, const char *sentence)
{
    if (!l->out.sentence) {
        l->out.sentence = sentence;
        l->out.at = at;
    }
    return false;
}

static void emit(lexer *l, token_kind kind, const char *name, int at)
{
    token *t = &l->out.token[l->out.count++];
    *t = l->mark;
    t->kind = kind;
    t->at = at;
    t->length = l->at - at;
    t->name = name;
    l->mark = (token){ 0 };
}

static bool delimiter(const char *name)
{
    static const char *const known[] = {
        "(", ")", "[", "]", "|", "\\|", "\\{", "\\}", "\\langle", "\\rangle", "/", NULL
    };
    return latex_among(known, name, strlen(name));
}

/* A sign or command under its one name. */
static bool emit_command(lexer *l, const char *name, int at)
{
    char side = l->mark.side;
    if (!strncmp(name, "\\lvert", 7) || !strncmp(name, "\\lVert", 7)) {
        side = side ? side : 'l';
        name = name[2] == 'v' ? "|" : "\\|";
    } else if (!strncmp(name, "\\rvert", 7) || !strncmp(name, "\\rVert", 7)) {
        side = side ? side : 'r';
        name = name[2] == 'v' ? "|" : "\\|";
    }
    name = latex_one_name(name);
    if (l->mark.side && !delimiter(name))
        return refuse(l, at, "a bracket is expected after \\left, \\right or \\big");
    l->mark.side = side;
    if (!strcmp(name, "}") && l->opens && l->open[l->opens - 1] == l->out.count - 1 && l->out.count > 1 &&
        l->out.token[l->out.count - 2].kind == TOKEN_COMMAND && !strcmp(l->out.token[l->out.count - 2].name, "=")) {
        l->opens--, l->out.count--; /* a = {} & b */
        return true;
    }
    if (!strcmp(name, "{"))
        l->open[l->opens++] = l->out.count;
    if (!strcmp(name, "}")) {
        if (!l->opens)
            return refuse(l, at, "\"}\" closes nothing");
        l->out.token[l->open[--l->opens]].match = l->out.count;
    }
    emit(l, TOKEN_COMMAND, name, at);
    return true;
}

/* The inside of a {...} that starts here, after spaces; not read as a formula. False without one. */
static bool raw_group(lexer *l, int *start, int *length)
{
    int at = l->at, depth = 0;
    while (at < l->length && is_space(l->source[at]))
        at++;
    if (at >= l->length || l->source[at] != '{')
        return false;
    *start = at + 1;
    for (; at < l->length; at++) {
        char c = l->source[at];
        if (c == '\\')
            at++;
        else if (c == '{')
            depth++;
        else if (c == '}' && !--depth) {
            *length = at - *start;
            l->at = at + 1;
            return true;
        }
    }
    return false;
}

static const char *trimmed(lexer *l, int start, int length)
{
    while (length && is_space(l->source[start]))
        start++, length--;
    while (length && is_space(l->source[start + length - 1]))
        length--;
    return arena_text(l->arena, l->source + start, (size_t)length);
}

static bool thin_space(const lexer *l, int at)
{
    return l->source[at] == '\\' && at + 1 < l->length && strchr(",!:; ", l->source[at + 1]);
}

/* \mathrm{in}, \mathrm d: a word; with anything else in it, a style. */
static bool word(lexer *l, const char *name, int at)
{
    int start = l->at;
    while (start < l->length && is_space(l->source[start]))
        start++;
    bool braces = start < l->length && l->source[start] == '{';
    int end = start += braces;
    while (end < l->length && /* \operatorname{arg\,max} */
           (latex_is_letter(l->source[end]) || (braces && (latex_is_digit(l->source[end]) || l->source[end] == '-' ||
                                                           is_space(l->source[end]) || thin_space(l, end))))) {
        end += thin_space(l, end) ? 2 : 1;
        if (!braces)
            break;
    }
    bool closed = end < l->length && (!braces || l->source[end] == '}');
    char *letters = ARENA_ARRAY(l->arena, char, end - start + 1);
    int n = 0, digits = 0;
    for (int k = start; letters && k < end; k++)
        if (thin_space(l, k))
            k++;
        else if (!is_space(l->source[k])) {
            digits += latex_is_digit(l->source[k]);
            letters[n++] = l->source[k];
        }
    if ((closed || !braces) && n && (digits < n ? latex_is_letter(*letters) : true)) {
        l->at = end + braces;
        emit(l, digits < n ? TOKEN_WORD : TOKEN_NUMBER, letters, at);
        return true;
    }
    if (!strcmp(name, "\\operatorname"))
        return refuse(l, at, "the name in \\operatorname{...} is expected to be letters");
    return emit_command(l, "\\mathrm", at);
}

static bool environment(lexer *l, bool begins, int at)
{
    int start, length;
    if (!raw_group(l, &start, &length))
        return refuse(l, at, "the name of an environment in braces is expected");
    const char *name = l->source + start;
    if (latex_among(transparent, name, (size_t)length)) {
        if (length == 9 && begins && !memcmp(name, "alignedat", 9) && !raw_group(l, &start, &length))
            return refuse(l, at, "alignedat needs its number of columns");
        return true;
    }
    bool matrix = latex_among(matrices, name, (size_t)length);
    if (!matrix) {
        refuse(l, at,
               arena_format(l->arena, "\"\\%s{%.*s}\" is not known here", begins ? "begin" : "end",
                            length < 24 ? length : 24, name));
        return false;
    }
    if (!begins && !l->matrices)
        return refuse(l, at, "this \\end has no \\begin");
    int columns, columns_length;
    if (begins && length == 5 && !memcmp(name, "array", 5) && !raw_group(l, &columns, &columns_length))
        return refuse(l, at, "array needs its columns in braces");
    l->matrices += begins ? 1 : -1;
    return emit_command(l, arena_format(l->arena, "\\%s{%.*s}", begins ? "begin" : "end", length, name), at);
}

/* \left, \right, \middle, \big and its kin: a mark on the bracket that follows. */
static bool sized(lexer *l, const char *name, size_t length, int at)
{
    static const char *const big[] = { "big", "Big", "bigg", "Bigg", NULL };
    char side = 0;
    if (length == 4 && !memcmp(name, "left", 4))
        side = 'l';
    else if (length == 5 && !memcmp(name, "right", 5))
        side = 'r';
    else if (latex_among(big, name, length) || (length == 6 && !memcmp(name, "middle", 6)))
        side = 'b';
    else if (length > 1 && latex_among(big, name, length - 1) && strchr("lrm", name[length - 1]))
        side = name[length - 1] == 'm' ? 'b' : name[length - 1];
    if (!side)
        return false;
    if (l->mark.side) {
        refuse(l, at, "a bracket is expected after \\left, \\right or \\big");
        return true;
    }
    l->mark.side = side;
    while (is_space(peek(l, 0)))
        l->at++;
    if (peek(l, 0) == '.') {
        l->at++;
        l->mark.side = 0;
        if (side != 'b')
            emit_command(l, side == 'l' ? "left." : "right.", at);
    }
    return true;
}

static void row_break(lexer *l)
{
    int at = l->at;
    while (at < l->length && (l->source[at] == '*' || is_space(l->source[at])))
        at++;
    if (at < l->length && l->source[at] == '[') { /* the extra space of \\[2pt] */
        int end = at + 1;
        while (end < l->length && (latex_is_digit(l->source[end]) || l->source[end] == '.' || l->source[end] == '-'))
            end++;
        if (end > at + 1 && end + 2 < l->length && latex_is_letter(l->source[end]) &&
            latex_is_letter(l->source[end + 1]) && l->source[end + 2] == ']')
            l->at = end + 3;
    }
    l->mark.row = true;
}

/* \text{where}: words; \textbf{W}: a letter in bold. */
static bool words(lexer *l, const char *full, int at)
{
    int start, inside;
    if (full[5] && l->source[l->at] == '{' && latex_is_letter(l->source[l->at + 1]) && l->source[l->at + 2] == '}' &&
        strcmp(full, "\\textrm"))
        return emit_command(l, "\\mathbf", at);
    const char *said = raw_group(l, &start, &inside) ? trimmed(l, start, inside) : "";
    if (!*said)
        return refuse(l, at, "words in braces are expected after \\text");
    if (!l->opens && *said == '(' && said[strlen(said) - 1] == ')') /* a remark */
        return l->mark.quad = true;
    if (strpbrk(said, "\\$"))
        return refuse(l, at, "\\text{...} is expected to hold words only: formulas stand outside");
    emit(l, TOKEN_TEXT, said, at);
    return true;
}

static bool command(lexer *l)
{
    int at = l->at++;
    char c = peek(l, 0);
    if (!c)
        return refuse(l, at, "a command is expected after \"\\\"");
    if (!latex_is_letter(c)) {
        l->at++;
        if (strchr(",;!:> \t\n\r/", c))
            return true;
        if (c == '\\') {
            if (l->matrices)
                return emit_command(l, "\\\\", at);
            row_break(l);
            return true;
        }
        if ((unsigned char)c >= 0x80)
            return refuse(l, at, "a command is expected after \"\\\"");
        return emit_command(l, arena_text(l->arena, l->source + at, 2), at);
    }
    while (latex_is_letter(peek(l, 0)))
        l->at++;
    const char *name = l->source + at + 1;
    size_t length = (size_t)(l->at - at - 1);
    int start, inside;
    if (latex_among(passed, name, length))
        return true;
    if (length >= 4 && length <= 5 && !memcmp(name + length - 4, "quad", 4) && (length == 4 || *name == 'q')) {
        l->mark.quad = true;
        return true;
    }
    if (latex_among(kerns, name, length)) { /* \mkern-1.5mu */
        while (peek(l, 0) == '-' || peek(l, 0) == '.' || latex_is_digit(peek(l, 0)) || is_space(peek(l, 0)))
            l->at++;
        l->at += 2 * (latex_is_letter(peek(l, 0)) && latex_is_letter(peek(l, 1)));
        return true;
    }
    if (latex_among(passed_with_group, name, length)) {
        if (peek(l, 0) == '*')
            l->at++;
        return raw_group(l, &start, &inside) || refuse(l, at, "a group in braces is expected after this command");
    }
    if (sized(l, name, length, at))
        return !l->out.sentence;
    if (latex_is_greek(name, length)) {
        if (l->mark.side)
            return refuse(l, at, "a bracket is expected after \\left, \\right or \\big");
        emit(l, TOKEN_GREEK, arena_text(l->arena, l->source + at, length + 1), at);
        return true;
    }
    const char *full = arena_text(l->arena, l->source + at, length + 1);
    if (!strcmp(full, "\\eddyname")) { /* a name of several letters; see spelling.h */
        const char *called = raw_group(l, &start, &inside) ? trimmed(l, start, inside) : "";
        if (!*called)
            return refuse(l, at, "a name in braces is expected");
        emit(l, TOKEN_GREEK, called, at);
        return true;
    }
    if (!strcmp(full, "\\begin") || !strcmp(full, "\\end"))
        return environment(l, full[1] == 'b', at);
    if (!strcmp(full, "\\mathrm") || !strcmp(full, "\\operatorname") || !strcmp(full, "\\mathsf") ||
        !strcmp(full, "\\mathtt") || latex_styled_word(l->source + l->at, full)) {
        if (full[1] == 'o' && peek(l, 0) == '*')
            l->at++;
        return word(l, full, at);
    }
    static const char *const texts[] = { "\\text",   "\\textrm", "\\mbox",   "\\textit", "\\textnormal",
                                         "\\textbf", "\\textsf", "\\texttt", "\\emph",   NULL };
    if (latex_among(texts, full, strlen(full)))
        return words(l, full, at);
    return emit_command(l, full, at);
}

/* The length of the UTF-8 character at the front of `s`, 0 if it is none. */
static int utf8(const char *s, int room)
{
    unsigned char c = (unsigned char)*s;
    int n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    if (!n || n > room)
        return 0;
    for (int k = 1; k < n; k++)
        if (((unsigned char)s[k] & 0xC0) != 0x80)
            return 0;
    unsigned char d = n > 1 ? (unsigned char)s[1] : 0;
    if ((c == 0xE0 && d < 0xA0) || (c == 0xED && d > 0x9F) || (c == 0xF0 && d < 0x90) || (c == 0xF4 && d > 0x8F))
        return 0;
    return n;
}

static bool other(lexer *l)
{
    int at = l->at, n = utf8(l->source + at, l->length - at);
    l->at += n;
    const char *name = latex_written_as(l->source + at, n);
    if (name && *name == '\\' && latex_is_greek(name + 1, strlen(name + 1))) {
        emit(l, TOKEN_GREEK, name, at);
        return true;
    }
    if (name)
        return emit_command(l, name, at);
    return refuse(l, at, arena_format(l->arena, "\"%.*s\" is not known here", n, l->source + at));
}

/* The signs of programs with a dot in front, element by element: a .* b, x.^2, \tanh.(x). */
static bool dotted(lexer *l)
{
    static const char *const calls[] = { "(", "\\left(", "\\big", "\\Big", NULL };
    static const char *const functions[] = { "\\sigma", "\\tanh", "\\exp", "\\log", "\\ln", "\\sin", "\\cos", NULL };
    const char *after = l->source + l->at + 1;
    const token *before = l->out.count ? &l->out.token[l->out.count - 1] : NULL;
    int at = l->at;
    if (!before)
        return false;
    if (*after && strchr("*+-/^", *after)) {
        l->at += 2;
        return emit_command(l, *after == '*' ? "\\odot" : arena_text(l->arena, after, 1), at);
    }
    bool function = before->kind == TOKEN_WORD || latex_among(functions, before->name, strlen(before->name));
    for (int k = 0; function && calls[k]; k++)
        if (!strncmp(after, calls[k], strlen(calls[k]))) {
            l->at++;
            return true;
        }
    return false;
}

static bool step(lexer *l)
{
    char c = peek(l, 0);
    int at = l->at;
    if (c == '.' && dotted(l))
        return true;
    if (is_space(c) || c == '~') {
        l->at++;
        return true;
    }
    if (c == '\\')
        return command(l);
    if (l->mark.side && (latex_is_letter(c) || latex_is_digit(c) || (unsigned char)c >= 0x80))
        return (unsigned char)c >= 0x80 ? other(l)
                                        : refuse(l, at, "a bracket is expected after \\left, \\right or \\big");
    if (latex_is_letter(c)) {
        int n = latex_bare_function(l->source, l->at, l->length);
        if (n) {
            l->at += n;
            emit(l, TOKEN_WORD, arena_text(l->arena, l->source + at, (size_t)n), at);
            return true;
        }
        l->at++;
        emit(l, TOKEN_LETTER, arena_text(l->arena, &c, 1), at);
        return true;
    }
    if (latex_is_digit(c) || (c == '.' && latex_is_digit(peek(l, 1)))) {
        while (latex_is_digit(peek(l, 0)))
            l->at++;
        if (peek(l, 0) == '.' && latex_is_digit(peek(l, 1)))
            for (l->at++; latex_is_digit(peek(l, 0));)
                l->at++;
        emit(l, TOKEN_NUMBER, arena_text(l->arena, l->source + at, (size_t)(l->at - at)), at);
        return true;
    }
    if (c == '&' && !l->matrices) {
        l->at++;
        l->mark.aligned = true;
        return true;
    }
    if ((unsigned char)c >= 0x80)
        return other(l);
    if (c == '.' && peek(l, 1) == '.' && peek(l, 2) == '.') {
        l->at += 3;
        return emit_command(l, "\\dots", at);
    }
    l->at++;
    if (c == ':' || c == '+') {
        int skip = 0;
        while (c == ':' && is_space(peek(l, skip)))
            skip++;
        if (peek(l, skip) == '=') {
            l->at += skip + 1;
            return emit_command(l, c == ':' ? ":=" : "+=", at);
        }
    }
    return emit_command(l, arena_text(l->arena, &c, 1), at);
}

token_list latex_tokens(arena *a, const char *source, size_t length)
{
    lexer l = { .arena = a, .source = source, .length = (int)length };
    l.out.token = ARENA_ARRAY(a, token, length + 2);
    l.open = ARENA_ARRAY(a, int, length + 1);
    if (!l.out.token || !l.open) {
        l.out.sentence = "there is no memory for it";
        return l.out;
    }
    for (int at = 0, n; at < l.length; at += n) {
        n = utf8(source + at, l.length - at);
        if (!n || !source[at] || (unsigned char)source[at] == 0x7F ||
            ((unsigned char)source[at] < 0x20 && !is_space(source[at]))) {
            refuse(&l, at, n ? "a control character stands here" : "these bytes are not UTF-8");
            return l.out;
        }
    }
    while (l.at < l.length && step(&l))
        ;
    if (!l.out.sentence && l.mark.side)
        refuse(&l, l.length, "a bracket is expected after \\left, \\right or \\big");
    if (!l.out.sentence && l.opens)
        refuse(&l, l.length, "\"}\" is missing");
    l.at = l.length;
    emit(&l, TOKEN_END, "", l.length);
    if (a->failed && !l.out.sentence)
        l.out.sentence = "there is no memory for it";
    return l.out;
}
