/* The templates of worked.c with matrices for their letters: a product with a sum over k is one of matrices, one over
 * steps and samples is one of matrices in which the steps stand below each other, and everything else multiplies
 * elements. For networks that are small enough to be written down. */
#include "formula.h"
#include "worked_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- A few rows of text side by side ---- */

enum { CANVAS_ROWS = 8, CANVAS_BYTES = 2000, CANVAS_WIDTH = 88 };

typedef struct canvas {
    char row[CANVAS_ROWS][CANVAS_BYTES];
    int rows;
    FILE *out;
    int indent;
    bool begun;
} canvas;

static int width_of(const canvas *c)
{
    return text_columns(c->row[0]);
}

static void append(char *row, const char *text)
{
    size_t used = strlen(row);
    snprintf(row + used, CANVAS_BYTES - used, "%s", text);
}

static void pad(char *row, int columns)
{
    for (int n = text_columns(row); n < columns; n++)
        append(row, " ");
}

/* Writes what there is. What follows goes below it. */
static void flush(canvas *c)
{
    for (int i = 0; i < c->rows; i++) {
        size_t used = strlen(c->row[i]);
        while (used && c->row[i][used - 1] == ' ')
            c->row[i][--used] = 0;
        fprintf(c->out, "%*s%s\n", c->indent + (c->begun ? 4 : 0), "", c->row[i]);
        c->row[i][0] = 0;
    }
    c->begun = true;
    c->rows = 1;
}

static void text(canvas *c, const char *words)
{
    bool breaks = !strncmp(words, " + ", 3) || !strncmp(words, " = ", 3);
    if (breaks && width_of(c) > CANVAS_WIDTH * 2 / 3)
        flush(c);
    append(c->row[0], breaks && !width_of(c) ? words + 1 : words);
}

/* A matrix in brackets, a number without, its elements rows x columns from `first`, a row `stride` behind the one
 * before. */
static void matrix(canvas *c, const double *first, int64_t rows, int64_t columns, int64_t stride)
{
    char cell[40];
    int at = width_of(c), widest[16] = { 0 };
    bool brackets = rows * columns > 1, behind_equals = at > 1 && !strcmp(c->row[0] + strlen(c->row[0]) - 2, "= ");
    bool parentheses = !brackets && *first < 0 && !behind_equals;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = 0; j < columns && j < 16; j++) {
            int wide = snprintf(cell, sizeof cell, "%.6g", first[i * stride + j]);
            widest[j] = wide > widest[j] ? wide : widest[j];
        }
    for (int64_t i = 0; i < rows && i < CANVAS_ROWS; i++) {
        pad(c->row[i], at);
        append(c->row[i], brackets ? "[" : parentheses ? "(" : "");
        for (int64_t j = 0; j < columns && j < 16; j++) {
            snprintf(cell, sizeof cell, "%s%*.6g", j ? " " : "", widest[j], first[i * stride + j]);
            append(c->row[i], cell);
        }
        append(c->row[i], brackets ? "]" : parentheses ? ")" : "");
    }
    c->rows = rows > c->rows ? (int)rows : c->rows;
}

/* ---- Products ---- */

static const double *values_of(const quantity *q, int64_t step)
{
    const double *values = isnan(q->tape[step * q->rows * q->columns]) ? q->hand : q->tape;
    return values + step * q->rows * q->columns;
}

/* The factor as a matrix; one over all steps with its steps below each other. */
static void whole(canvas *c, const place *p, const factor *f)
{
    const quantity *q = f->q;
    int64_t step = f->running ? 1 + f->shift : q->last ? p->k + f->shift : 0;
    int64_t steps = f->running ? p->e->setup.steps : 1;
    text(c, f->rest ? "(1 − " : "");
    matrix(c, values_of(q, step), steps * q->rows, q->columns, q->columns);
    text(c, f->rest ? ")" : "");
}

/* Those of the factors that `take` chooses, multiplied by elements; in parentheses if they are several. */
static void several(canvas *c, const place *p, const product *m, bool (*take)(const factor *f))
{
    int all = 0, written = 0;
    for (int i = 0; i < m->factors; i++)
        all += take(&m->factor[i]);
    text(c, all > 1 ? "(" : "");
    for (int i = 0; i < m->factors; i++)
        if (take(&m->factor[i])) {
            text(c, written++ ? " ⊙ " : "");
            whole(c, p, &m->factor[i]);
        }
    text(c, all > 1 ? ")" : all ? "" : "𝟏");
}

static bool is_summed(const factor *f) /* the vector of a product with a matrix */
{
    return f->index[0] && *f->index[0] == 'k' && !f->index[1];
}

static bool is_plain(const factor *f)
{
    return !f->index[0];
}

static bool is_left(const factor *f)
{
    return f->index[0] && *f->index[0] == 'i';
}

static bool is_right(const factor *f)
{
    return !is_left(f);
}

static const factor *weight_of(const product *m)
{
    for (int i = 0; i < m->factors; i++)
        if (m->factor[i].index[0] && m->factor[i].index[1])
            return &m->factor[i];
    return NULL;
}

/* W^h or W^x, transposed where the sum runs over its columns. */
static void weight(canvas *c, const place *p, const factor *f)
{
    const quantity *q = f->q;
    int64_t H = p->e->setup.hidden;
    bool input = !strncmp(f->index[0], "H+", 2) || !strncmp(f->index[1], "H+", 2);
    matrix(c, q->tape + (input ? H : 0), q->rows, input ? q->columns - H : H, q->columns);
    text(c, *f->index[0] == 'k' ? "" : "ᵀ");
}

static void product_with_matrices(canvas *c, const place *p, const product *m)
{
    const factor *w = weight_of(m);
    bool runs = m->factor[0].running, plain = false;
    if (runs) {
        several(c, p, m, is_left);
        text(c, "ᵀ ");
        several(c, p, m, is_right);
    } else if (w && strchr("0123456789", *w->index[1])) { /* a column of a bias */
        double row[16];
        for (int64_t j = 0; j < w->q->rows && j < 16; j++)
            row[j] = w->q->tape[j * w->q->columns + (*w->index[1] - '0')];
        matrix(c, row, 1, w->q->rows, w->q->rows);
    } else if (w) {
        for (int i = 0; i < m->factors; i++)
            if (is_plain(&m->factor[i])) {
                whole(c, p, &m->factor[i]);
                text(c, " ⊙ (");
                plain = true;
            }
        several(c, p, m, is_summed);
        text(c, " ");
        weight(c, p, w);
        text(c, plain ? ")" : "");
    } else {
        for (int i = 0; i < m->factors; i++) {
            text(c, i ? " ⊙ " : "");
            whole(c, p, &m->factor[i]);
        }
    }
}

/* ---- Lines ---- */

/* The sums of the template for each element: the arguments of its function. */
static void arguments(canvas *c, place p, const char *template)
{
    const quantity *q = p.of;
    double values[64] = { 0 };
    for (int64_t i = 0; i < q->rows * q->columns && i < 64; i++) {
        p.row = i / q->columns;
        p.column = i % q->columns;
        for (const char *s = strchr(template, '{'); s; s = strchr(s, '{')) {
            product m;
            s = worked_read(&p, s + 1, &m);
            if (!s)
                return;
            values[i] += worked_exists(&p, &m) ? worked_sum(&p, &m) : 0;
        }
    }
    matrix(c, values, q->rows, q->columns, q->columns);
}

/* False if nothing of the template exists in this step. */
static bool template_with_matrices(canvas *c, const place *p, const char *template)
{
    bool any = false, plus = false;
    for (const char *s = template; *s;) {
        if (*s == '{') {
            product m;
            s = worked_read(p, s + 1, &m);
            if (!s)
                return false;
            if (worked_exists(p, &m)) {
                text(c, plus && any ? " + " : "");
                product_with_matrices(c, p, &m);
                any = true;
            }
            plus = false;
        } else if (!strncmp(s, " + {", 4)) {
            plus = true;
            s += 3;
        } else if (!strncmp(s, "·", strlen("·"))) {
            text(c, " ⊙ ");
            s += strlen("·");
        } else {
            text(c, (char[]){ *s == '<' ? '(' : *s == '>' ? ')' : *s, 0 });
            s++;
        }
    }
    return any;
}

bool worked_parted(const quantity *q)
{
    return q->right && strcmp(q->right, q->work) != 0;
}

void worked_part(FILE *stream, const quantity *q, int right)
{
    bool parted = worked_parted(q), weight = parted && q->name[1] == 'W';
    if (weight)
        fprintf(stream, "%s^%s ", q->name, right ? "x" : "h");
    else if (parted)
        fprintf(stream, "db_{%c%s} ", right ? 'h' : 'i', q->name + strlen("db_"));
    fputs("= ", stream);
}

/* One of the parts; false if nothing of it exists in this step. */
static bool part_with_matrices(canvas *c, const place *p, int right)
{
    const quantity *q = p->of;
    int64_t left = worked_left(p->e, q);
    const char *template = right ? q->right : q->work, *function = strchr(template, '<');
    char words[40] = "";
    FILE *begin = fmemopen(words, sizeof words, "w");
    if (begin) {
        worked_part(begin, q, right);
        fclose(begin);
    }
    text(c, words);
    if (!template_with_matrices(c, p, template))
        return false;
    if (function) {
        snprintf(words, sizeof words, " = %.*s(", (int)(function - template), template);
        flush(c);
        text(c, words);
        arguments(c, *p, template);
        text(c, ")");
    }
    text(c, " = ");
    const double *values = q->hand + (q->last ? p->k : 0) * q->rows * q->columns;
    matrix(c, values + (right ? left : 0), q->rows, right ? q->columns - left : left, q->columns);
    flush(c);
    return true;
}

void worked_matrices(FILE *stream, const explanation *e, const quantity *q, int64_t k, int indent)
{
    place p = { .e = e, .of = q, .k = k, .whole = true };
    canvas *c = eddy_allocate(1, sizeof *c);
    for (int right = 0; c && right <= worked_parted(q); right++) {
        *c = (canvas){ .rows = 1, .out = stream, .indent = indent };
        if (!part_with_matrices(c, &p, right))
            break;
    }
    eddy_free(c);
}

void worked_values(FILE *stream, const quantity *q, int64_t k, int indent)
{
    canvas *c = eddy_allocate(1, sizeof *c);
    if (!c)
        return;
    *c = (canvas){ .rows = 1, .out = stream, .indent = indent };
    char *name = NULL;
    size_t size;
    FILE *words = open_memstream(&name, &size);
    if (words) {
        math_text(words, q->label);
        if (q->last)
            fprintf(words, strchr(q->label, '_') ? ",%" PRId64 : "_%" PRId64, k);
        fclose(words);
        text(c, name);
        free(name);
    }
    text(c, " = ");
    const double *values = q->tape + k * q->rows * q->columns;
    bool zeros = q->own_rows && q->columns == 2 && *q->name == 'b'; /* a second bias of zeros is none */
    double first[64];
    for (int64_t j = 0; zeros && j < q->rows && j < 64; j++) {
        zeros = values[2 * j + 1] == 0;
        first[j] = values[2 * j];
    }
    if (zeros)
        matrix(c, first, 1, q->rows, q->rows);
    else
        matrix(c, values, q->rows, q->columns, q->columns);
    flush(c);
    eddy_free(c);
}
