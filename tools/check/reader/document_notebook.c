/* Notebooks: the Markdown cells of an .ipynb file as one Markdown text, in which a line stands where it stands in the
 * file, as far as each of the file's lines holds one. Of JSON as much is understood as that takes. */
#include "document_internal.h"

#include <string.h>

enum { NESTED_MOST = 200 };

typedef struct notebook {
    arena *arena;
    const char *s;
    size_t n, at;
    int line, depth;
    const char *sentence;
    text out;
    int written; /* lines of it */
} notebook;

typedef struct pieces { /* the strings of one cell's source */
    struct piece {
        size_t from, to;
        int line;
    } * item;
    int count, room;
} pieces;

static bool fail(notebook *b, const char *what)
{
    if (!b->sentence)
        b->sentence = arena_format(b->arena, "line %d: this is no notebook: %s", b->line, what);
    return false;
}

static void blanks(notebook *b)
{
    for (; b->at < b->n && b->s[b->at] && strchr(" \t\r\n", b->s[b->at]); b->at++)
        b->line += b->s[b->at] == '\n';
}

static bool take(notebook *b, char c)
{
    blanks(b);
    if (b->at >= b->n || b->s[b->at] != c)
        return false;
    b->at++;
    return true;
}

/* A string: its inside. */
static bool string(notebook *b, size_t *from, size_t *to)
{
    if (!take(b, '"'))
        return fail(b, "a string is expected");
    *from = b->at;
    for (; b->at < b->n && b->s[b->at] != '"' && b->s[b->at] != '\n'; b->at++)
        b->at += b->s[b->at] == '\\' && b->at + 1 < b->n;
    *to = b->at;
    return take(b, '"') || fail(b, "a string does not end");
}

static bool is(const notebook *b, size_t from, size_t to, const char *what)
{
    return to - from == strlen(what) && !memcmp(b->s + from, what, to - from);
}

static bool skip(notebook *b)
{
    size_t from, to;
    blanks(b);
    char c = b->at < b->n ? b->s[b->at] : 0;
    if (c == '"')
        return string(b, &from, &to);
    if (c == '{' || c == '[') {
        char close = c == '{' ? '}' : ']';
        if (++b->depth > NESTED_MOST)
            return fail(b, "it is nested too deeply");
        b->at++;
        for (bool first = true; !take(b, close); first = false) {
            if ((!first && !take(b, ',')) || (c == '{' && (!string(b, &from, &to) || !take(b, ':'))) || !skip(b))
                return fail(b, "a comma or a bracket is expected");
        }
        b->depth--;
        return true;
    }
    size_t before = b->at;
    while (b->at < b->n && !strchr(",]} \t\r\n", b->s[b->at]))
        b->at++;
    return b->at > before || fail(b, "a value is expected");
}

static void keep(notebook *b, pieces *list, size_t from, size_t to)
{
    if (list->count == list->room) {
        int room = list->room ? 2 * list->room : 32;
        struct piece *more = ARENA_ARRAY(b->arena, struct piece, room);
        if (!more)
            return;
        if (list->count)
            memcpy(more, list->item, (size_t)list->count * sizeof *more);
        list->item = more, list->room = room;
    }
    list->item[list->count++] = (struct piece){ from, to, b->line };
}

static bool source(notebook *b, pieces *list)
{
    size_t from, to;
    if (!take(b, '['))
        return string(b, &from, &to) && (keep(b, list, from, to), true);
    for (bool first = true; !take(b, ']'); first = false) {
        if ((!first && !take(b, ',')) || !string(b, &from, &to))
            return fail(b, "the lines of a cell are expected");
        keep(b, list, from, to);
    }
    return true;
}

static unsigned hex(const char *p)
{
    unsigned n = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i] | 32;
        n = 16 * n + (unsigned)(c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 0);
    }
    return n;
}

static void put_character(text *out, unsigned c)
{
    char bytes[4];
    int n = 0;
    if (c < 0x80)
        bytes[n++] = (char)c;
    else if (c < 0x800)
        bytes[n++] = (char)(0xC0 | c >> 6), bytes[n++] = (char)(0x80 | (c & 63));
    else if (c < 0x10000) {
        bytes[n++] = (char)(0xE0 | c >> 12);
        bytes[n++] = (char)(0x80 | (c >> 6 & 63)), bytes[n++] = (char)(0x80 | (c & 63));
    } else {
        bytes[n++] = (char)(0xF0 | c >> 18), bytes[n++] = (char)(0x80 | (c >> 12 & 63));
        bytes[n++] = (char)(0x80 | (c >> 6 & 63)), bytes[n++] = (char)(0x80 | (c & 63));
    }
    text_add_n(out, bytes, (size_t)n);
}

/* What the escapes of a string stand for. */
static void write_piece(notebook *b, const struct piece *p)
{
    for (; b->written < p->line; b->written++)
        text_add(&b->out, "\n");
    for (size_t i = p->from; i < p->to; i++) {
        char c = b->s[i], next = i + 1 < p->to ? b->s[i + 1] : 0;
        if (c != '\\') {
            text_add_n(&b->out, &c, 1);
            continue;
        }
        i++;
        if (next == 'n') {
            if (i + 1 < p->to) /* the last one ends the line anyway */
                text_add(&b->out, "\n"), b->written++;
        } else if (next == 't' || next == 'r' || next == 'b' || next == 'f')
            text_add(&b->out, " ");
        else if (next == 'u' && i + 4 < p->to) {
            unsigned code = hex(b->s + i + 1);
            i += 4;
            if (code >= 0xD800 && code < 0xDC00 && i + 6 < p->to && b->s[i + 1] == '\\' && b->s[i + 2] == 'u') {
                code = 0x10000 + ((code - 0xD800) << 10) + ((hex(b->s + i + 3) - 0xDC00) & 0x3FF);
                i += 6;
            }
            put_character(&b->out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code ? code : ' ');
        } else
            text_add_n(&b->out, &next, next ? 1 : 0);
    }
}

static bool cell(notebook *b)
{
    pieces lines = { 0 };
    bool markdown = false;
    size_t from, to, value, end;
    if (!take(b, '{'))
        return fail(b, "a cell is expected");
    for (bool first = true; !take(b, '}'); first = false) {
        if ((!first && !take(b, ',')) || !string(b, &from, &to) || !take(b, ':'))
            return fail(b, "a cell's property is expected");
        bool ok = true;
        if (is(b, from, to, "source"))
            ok = source(b, &lines);
        else if (is(b, from, to, "cell_type")) {
            ok = string(b, &value, &end);
            markdown = ok && is(b, value, end, "markdown");
        } else
            ok = skip(b);
        if (!ok)
            return false;
    }
    if (!markdown)
        return true;
    for (int i = 0; i < lines.count; i++) {
        if (i && lines.item[i].line <= b->written) /* two of them on one line of the file */
            text_add(&b->out, "\n"), b->written++;
        write_piece(b, &lines.item[i]);
    }
    text_add(&b->out, "\n\n"); /* cells are paragraphs */
    b->written += 2;
    return true;
}

const char *document_notebook(arena *a, const char *bytes, size_t length, size_t *used, const char **sentence)
{
    notebook *b = ARENA_NEW(a, notebook);
    if (!b)
        return NULL;
    *b = (notebook){ .arena = a, .s = bytes, .n = length, .line = 1, .written = 1, .out = { .arena = a } };
    bool cells = false;
    size_t from, to;
    if (!take(b, '{'))
        fail(b, "it does not begin with a brace");
    for (bool first = true; !b->sentence && !take(b, '}'); first = false) {
        if ((!first && !take(b, ',')) || !string(b, &from, &to) || !take(b, ':')) {
            fail(b, "a property is expected");
            break;
        }
        if (!is(b, from, to, "cells") || !take(b, '[')) {
            skip(b);
            continue;
        }
        cells = true;
        for (bool one = true; !b->sentence && !take(b, ']'); one = false)
            if ((!one && !take(b, ',')) || !cell(b))
                fail(b, "a cell is expected");
    }
    if (!b->sentence && !cells)
        fail(b, "it has no cells");
    *sentence = b->sentence;
    *used = b->out.length;
    return b->sentence ? NULL : text_done(&b->out);
}
