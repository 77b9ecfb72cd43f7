/* Rows and columns of a formula: align and its kin, cases, matrices between their own brackets, arrays. */
#include "author_internal.h"

#include <string.h>

static const struct {
    const char *name, *open, *close, *class;
} kinds[] = {
    { "matrix", "", "", "matrix" },      { "smallmatrix", "", "", "matrix" }, { "pmatrix", "(", ")", "matrix" },
    { "bmatrix", "[", "]", "matrix" },   { "Bmatrix", "{", "}", "matrix" },   { "vmatrix", "|", "|", "matrix" },
    { "Vmatrix", "‖", "‖", "matrix" },   { "cases", "{", "", "cases" },       { "dcases", "{", "", "cases" },
    { "rcases", "", "}", "cases" },      { "array", "", "", "array" },        { "gather", "", "", "gathered" },
    { "gather*", "", "", "gathered" },   { "gathered", "", "", "gathered" },  { "multline", "", "", "gathered" },
    { "multline*", "", "", "gathered" },
};

static void fence(text *out, const char *sign, const char *form)
{
    if (*sign)
        text_format(out, "<mo stretchy=\"true\" fence=\"true\" form=\"%s\">%s</mo>", form, sign);
}

/* [2pt] behind a line's end. */
static void pass_option(typesetter *t)
{
    if (t->at < t->n && t->s[t->at] == '*')
        t->at++;
    if (t->at >= t->n || t->s[t->at] != '[')
        return;
    for (size_t p = t->at; p < t->n && p - t->at < 20; p++)
        if (t->s[p] == ']') {
            t->at = p + 1;
            return;
        }
}

void author_rows(typesetter *t, text *out, const char *class, unsigned stop)
{
    text table = { .arena = t->arena };
    bool lined = !strcmp(class, "aligned"), several = false;
    double before = t->width, columns[AUTHOR_COLUMNS] = { 0 }, whole = before;
    int column = 0;
    text_format(&table, "<mtable class=\"%s\"%s><mtr><mtd>", class,
                lined || *class == 'g' ? " displaystyle=\"true\"" : "");
    text first = { .arena = t->arena }; /* a table of one cell is none */
    text *cell = &first;
    while (!t->broken && !t->arena->failed) {
        t->width = 0;
        author_row(t, cell, stop | STOP_CELL);
        if (column < AUTHOR_COLUMNS && t->width > columns[column])
            columns[column] = t->width;
        bool next = t->at < t->n && t->s[t->at] == '&', line = t->at < t->n && author_is(t, "\\\\");
        if (!next && !line)
            break;
        t->at += next ? 1 : 2;
        if (line) {
            pass_option(t);
            author_blanks(t);
            if (t->at >= t->n || author_is(t, "\\end"))
                break; /* the last line ends, too */
        }
        if (!several)
            text_add(&table, text_done(&first));
        several = true;
        cell = &table;
        text_add(&table, next ? "</mtd><mtd>" : "</mtd></mtr><mtr><mtd>");
        column = next ? column + 1 : 0;
    }
    text_add(&table, "</mtd></mtr></mtable>");
    for (int k = 0; k < AUTHOR_COLUMNS; k++)
        whole += columns[k] + (k && columns[k] > 0 && !lined ? 1 : 0);
    t->width = whole;
    text_add(out, several ? text_done(&table) : text_done(&first));
}

void author_environment(typesetter *t, text *out)
{
    size_t from = 0, to = 0;
    t->at += 6;
    if (!author_group(t, &from, &to))
        return;
    const char *name = t->s + from;
    size_t length = to - from, k = 0, count = sizeof kinds / sizeof *kinds;
    while (k < count && (strlen(kinds[k].name) != length || memcmp(kinds[k].name, name, length) != 0))
        k++;
    pass_option(t);
    bool columns = (length >= 5 && !memcmp(name, "array", 5)) || (length >= 7 && !memcmp(name, "alignat", 7)) ||
                   (length >= 9 && !memcmp(name, "alignedat", 9));
    if (columns)
        author_group(t, &from, &to);
    text_add(out, "<mrow>");
    if (k < count)
        fence(out, kinds[k].open, "prefix");
    author_rows(t, out, k < count ? kinds[k].class : "aligned", 0);
    if (author_is(t, "\\end")) {
        t->at += 4;
        author_group(t, &from, &to);
    }
    if (k < count)
        fence(out, kinds[k].close, "postfix");
    text_add(out, "</mrow>");
}
