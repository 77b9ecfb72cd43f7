/* A walk over the tokens of a formula that writes MathML Core. Assumes nothing about the text: braces that do not fit
 * are passed over, and no command is an error. Linear in the text but for what nests, which has a bound. */
#include "author_internal.h"

#include "pieces.h"

#include <string.h>

void author_escaped(text *out, const char *bytes, size_t length)
{
    text_clean(out, bytes, length, ESCAPE_HTML);
}

void author_blanks(typesetter *t)
{
    for (; t->at < t->n; t->at++) {
        char c = t->s[t->at];
        if (c == '%')
            while (t->at + 1 < t->n && t->s[t->at + 1] != '\n')
                t->at++;
        else if (!strchr(" \t\r\n", c) || !c)
            return;
    }
}

size_t author_command(const typesetter *t, size_t at)
{
    size_t end = at + 1;
    if (at + 1 >= t->n || t->s[at] != '\\')
        return 0;
    while (end < t->n && author_is_letter(t->s[end]))
        end++;
    return end == at + 1 ? 2 : end - at;
}

bool author_is(const typesetter *t, const char *command)
{
    size_t length = author_command(t, t->at);
    return length && strlen(command) == length && !memcmp(command, t->s + t->at, length);
}

size_t author_group(typesetter *t, size_t *from, size_t *to)
{
    author_blanks(t);
    int depth = 0;
    if (t->at >= t->n || t->s[t->at] != '{')
        return 0;
    for (size_t p = t->at; p < t->n; p++) {
        if (t->s[p] == '\\')
            p++;
        else if (t->s[p] == '{')
            depth++;
        else if (t->s[p] == '}' && --depth == 0) {
            *from = t->at + 1;
            *to = p;
            return t->at = p + 1;
        }
    }
    return 0;
}

/* ---- arguments ---- */

void author_inside(typesetter *t, text *out, unsigned stop)
{
    text_add(out, "<mrow>");
    author_row(t, out, stop);
    text_add(out, "</mrow>");
}

void author_argument(typesetter *t, text *out)
{
    author_blanks(t);
    if (t->at < t->n && t->s[t->at] == '{') {
        author_font font = t->font;
        t->at++;
        author_inside(t, out, STOP_BRACE);
        t->at += t->at < t->n && t->s[t->at] == '}';
        t->font = font;
    } else if (t->at < t->n && t->s[t->at] != '}' && t->s[t->at] != '&' && !author_is(t, "\\end") &&
               !author_is(t, "\\right") && !author_is(t, "\\\\")) {
        if (author_is_digit(t->s[t->at])) { /* x^10 is x^1 0 */
            author_put(t, out, "mn", "", (char[]){ t->s[t->at++], 0 });
            return;
        }
        author_atom a = author_take_atom(t, AUTHOR_NONE);
        text_add(out, "<mrow>");
        text_add(out, text_done(&a.markup));
        text_add(out, "</mrow>");
    } else
        text_add(out, "<mrow></mrow>");
}

/* [...] in front of an argument: true and its row if there is one. */
bool author_optional(typesetter *t, text *out)
{
    author_blanks(t);
    if (t->at >= t->n || t->s[t->at] != '[')
        return false;
    t->at++;
    author_inside(t, out, STOP_BRACKET);
    t->at += t->at < t->n && t->s[t->at] == ']';
    return true;
}

/* ---- scripts and rows ---- */

author_atom author_take_atom(typesetter *t, author_class before)
{
    author_atom a = { .markup = { .arena = t->arena }, .kind = AUTHOR_LETTER };
    author_blanks(t);
    if (t->at >= t->n)
        return a;
    if (t->depth >= AUTHOR_DEEPEST) {
        t->broken = true;
        t->at = t->n;
        return a;
    }
    t->depth++;
    char c = t->s[t->at];
    if (c == '{')
        author_argument(t, &a.markup);
    else if (c == '\\' && t->at + 1 < t->n)
        author_take_command(t, &a, before);
    else if (c == '\\' || c == '}' || c == '$')
        t->at++;
    else
        author_take_plain(t, &a, before);
    t->depth--;
    return a;
}

static void take_scripts(typesetter *t, text *out, author_atom *a)
{
    text low = { .arena = t->arena }, high = { .arena = t->arena };
    double before = t->width, wide = 0;
    bool display = t->display, below = a->below, raised = false, lowered = false;
    t->display = false;
    for (;;) {
        author_blanks(t);
        char c = t->at < t->n ? t->s[t->at] : 0;
        bool limits = author_is(t, "\\limits"), beside = author_is(t, "\\nolimits");
        t->width = 0;
        if (limits || beside) {
            below = limits;
            t->at += limits ? 7 : 9;
        } else if (c == '\'') {
            t->at++;
            raised = true;
            text_add(&high, "<mo lspace=\"0\" rspace=\"0\">′</mo>");
        } else if (c == '^' || c == '_') {
            t->at++;
            raised = raised || c == '^';
            lowered = lowered || c == '_';
            if (t->depth < AUTHOR_DEEPEST) {
                t->depth++;
                author_argument(t, c == '^' ? &high : &low);
                t->depth--;
            } else
                t->broken = true, t->at = t->n;
        } else
            break;
        wide = 0.7 * t->width > wide ? 0.7 * t->width : wide;
    }
    t->display = display;
    t->width = before + (below ? wide / 2 : wide);
    if (!raised && !lowered) {
        text_add(out, text_done(&a->markup));
        return;
    }
    const char *tag = below               ? lowered && raised ? "munderover"
                                            : lowered         ? "munder"
                                                              : "mover"
                      : lowered && raised ? "msubsup"
                      : lowered           ? "msub"
                                          : "msup";
    text_format(out, "<%s><mrow>", tag);
    text_add(out, text_done(&a->markup));
    text_add(out, "</mrow>");
    if (lowered)
        text_format(out, "<mrow>%s</mrow>", text_done(&low));
    if (raised)
        text_format(out, "<mrow>%s</mrow>", text_done(&high));
    text_format(out, "</%s>", tag);
}

static bool stops(const typesetter *t, unsigned stop)
{
    char c = t->s[t->at];
    return ((stop & STOP_BRACE) && c == '}') || ((stop & STOP_BRACKET) && c == ']') ||
           ((stop & STOP_DOLLAR) && c == '$') ||
           ((stop & STOP_CELL) && (c == '&' || author_is(t, "\\\\") || author_is(t, "\\end"))) ||
           ((stop & STOP_RIGHT) && author_is(t, "\\right"));
}

void author_row(typesetter *t, text *out, unsigned stop)
{
    author_class before = AUTHOR_NONE;
    author_font font = t->font;
    while (author_blanks(t), t->at < t->n && !t->broken && !t->arena->failed && !stops(t, stop)) {
        char c = t->s[t->at];
        if (c == '&' || author_is(t, "\\\\")) { /* of a table that is none */
            t->at += c == '&' ? 1 : 2;
            continue;
        }
        if (author_is(t, "\\end")) { /* without its beginning */
            size_t from, to;
            t->at += 4;
            author_group(t, &from, &to);
            continue;
        }
        bool called = before == AUTHOR_FUNCTION || before == AUTHOR_LIMITED;
        author_atom a = author_take_atom(t, before);
        if (called && a.markup.length &&
            (a.kind == AUTHOR_LETTER || a.kind == AUTHOR_UPRIGHT || a.kind == AUTHOR_FUNCTION))
            text_add(out, "<mspace width=\"0.17em\"/>");
        take_scripts(t, out, &a);
        before = a.kind;
    }
    t->font = font;
}

/* ---- ---- */

void author_names_of(arena *a, author_names *names, const tree *f)
{
    if (!f)
        return;
    if (f->kind == TREE_SYMBOL && f->name && author_is_letter(f->name[0]) && f->name[1] &&
        !author_known(names, f->name, strlen(f->name)) && names->count < 1000) {
        if (names->count == names->room) {
            int room = names->room ? 2 * names->room : 32;
            const char **more = ARENA_ARRAY(a, const char *, room);
            if (!more)
                return;
            if (names->count)
                memcpy(more, names->name, (size_t)names->count * sizeof *more);
            names->name = more;
            names->room = room;
        }
        names->name[names->count++] = f->name;
    }
    for (int k = 0; k < f->count; k++)
        author_names_of(a, names, f->child[k]);
    author_names_of(a, names, f->sub);
}

void author_math(text *out, arena *a, const char *latex, size_t length, bool display, const author_names *names)
{
    typesetter t = { .arena = a, .s = latex, .n = length, .display = display, .names = names };
    text inside_ = { .arena = a };
    if (length <= AUTHOR_LONGEST)
        author_rows(&t, &inside_, "aligned", 0);
    if (length > AUTHOR_LONGEST || t.broken) {
        text_add(out, "<code class=\"tex\">");
        author_escaped(out, latex, length);
        text_add(out, "</code>");
        return;
    }
    if (display)
        text_format(out, "<math display=\"block\" style=\"--w:%.0f\">", t.width < 1 ? 1 : t.width);
    else
        text_add(out, "<math>");
    text_add(out, text_done(&inside_));
    text_add(out, "</math>");
}
