/* Numbers for the letters of a formula. Beside its formula a quantity has a template of what is computed for one
 * element, in which {...} stands for a number or a sum of products:
 *
 *   {f}  {C-}  {dC+}     the element (sample, unit) of f in this step, of C in the step before, of dC in the one after
 *   {W_f[j,k] h-[k]}     a sum over k; i and j are the element's own row and column, H+k a column behind the first H
 *   {alpha* h*}          a sum over the steps, {delta_f*[i] h*-[j]} of a weight over the samples, too; h$ is the last
 *   {dh+ ~z+}            ~z is 1 - z
 *   {T:kappa}            only in the last step;  {exp:e*} is the sum of exponentials
 *   σ<...>               a function, whose argument is shown as one number afterwards
 *
 * A sum that reaches a step that there is not falls away with the plus before it. */
#include "worked_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TERMS = 12, SHOWN_TERMS = 3 };

int64_t worked_step(const explanation *e)
{
    int64_t T = e->setup.steps;
    return e->setup.worked ? e->setup.worked : T > 1 ? T - 1 : 1;
}

/* ---- Reading ---- */

static const quantity *named(const place *p, const char *name, size_t length)
{
    char text[40];
    snprintf(text, sizeof text, "%.*s", (int)length, name);
    const quantity *q = explain_find(p->e, text, p->of->direction);
    return q ? q : explain_find(p->e, text, 0);
}

const char *worked_read(const place *p, const char *s, product *out)
{
    *out = (product){ .factors = 0 };
    out->only_last = !strncmp(s, "T:", 2);
    s += out->only_last ? 2 : 0;
    out->exponential = !strncmp(s, "exp:", 4);
    s += out->exponential ? 4 : 0;
    while (*s != '}' && out->factors < MOST_FACTORS) {
        bool rest = *s == '~';
        s += rest;
        size_t length = 0;
        while (isalnum((unsigned char)s[length]) || s[length] == '_')
            length++;
        factor *f = &out->factor[out->factors++];
        *f = (factor){ .q = named(p, s, length), .rest = rest };
        if (!f->q)
            return NULL;
        for (s += length; *s == '*' || *s == '$' || *s == '+' || *s == '-'; s++) {
            f->running = f->running || *s == '*';
            f->last = f->last || *s == '$';
            f->shift += *s == '+' ? 1 : *s == '-' ? -1 : 0;
        }
        if (*s == '[') {
            f->index[0] = s + 1;
            const char *comma = strpbrk(s, ",]");
            f->index[1] = *comma == ',' ? comma + 1 : NULL;
            s = strchr(s, ']') + 1;
        }
        s += *s == ' ';
    }
    return s + 1;
}

/* ---- Values ---- */

static int64_t index_value(const place *p, const char *index, int64_t k)
{
    int64_t base = 0;
    if (!strncmp(index, "H+", 2)) {
        base = p->e->setup.hidden;
        index += 2;
    }
    return base + (*index == 'i' ? p->row : *index == 'j' ? p->column : *index == 'k' ? k : *index - '0');
}

double worked_factor(const place *p, const factor *f, int64_t t, int64_t b, int64_t k)
{
    const quantity *q = f->q;
    int64_t step = f->last ? p->e->setup.steps : (f->running ? t : p->k) + f->shift;
    if (q->last == 0)
        step = 0;
    else if (step < q->first || step > q->last)
        return NAN;
    int64_t row = b, column = f->index[0] ? index_value(p, f->index[0], k) : q->columns > 1 ? p->column : 0;
    if (q->own_rows) {
        row = f->index[0] ? column : p->row;
        column = f->index[1] ? index_value(p, f->index[1], k) : 0;
    }
    const double *values = isnan(q->tape[(step * q->rows + row) * q->columns + column]) ? q->hand : q->tape;
    return values[(step * q->rows + row) * q->columns + column];
}

/* How many terms the product's sum over k has: the columns of what has k alone. */
static int64_t terms_of(const product *m)
{
    for (int i = 0; i < m->factors; i++) {
        const factor *f = &m->factor[i];
        if (f->index[0] && *f->index[0] == 'k' && !f->index[1])
            return f->q->columns;
    }
    return 1;
}

/* ---- Writing ---- */

static void write_number(FILE *out, double x)
{
    fprintf(out, x < 0 ? "(%.6g)" : "%.6g", x);
}

static double term_value(const place *p, const product *m, int64_t t, int64_t b, int64_t k)
{
    double value = 1;
    for (int i = 0; i < m->factors; i++) {
        double x = worked_factor(p, &m->factor[i], t, b, k);
        value *= m->factor[i].rest ? 1 - x : x;
    }
    return m->exponential ? exp(value) : value;
}

static void write_term(FILE *out, const place *p, const product *m, int64_t t, int64_t b, int64_t k)
{
    for (int i = 0; i < m->factors; i++) {
        double x = worked_factor(p, &m->factor[i], t, b, k);
        fputs(i ? "·" : m->exponential ? "exp" : "", out);
        if (m->exponential)
            fprintf(out, "(%.6g)", x);
        else if (m->factor[i].rest)
            fprintf(out, x < 0 ? "(1 − (%.6g))" : "(1 − %.6g)", x);
        else
            write_number(out, x);
    }
}

/* Over which steps, samples and k the product is summed. */
typedef struct range {
    int64_t first, last, samples, terms;
} range;

static range range_of(const place *p, const product *m)
{
    const explain_setup *o = &p->e->setup;
    bool running = false;
    for (int i = 0; i < m->factors; i++)
        running = running || m->factor[i].running;
    return (range){ .first = running ? 1 : p->k,
                    .last = running ? o->steps : p->k,
                    .samples = p->of->own_rows ? o->batch : 1,
                    .terms = terms_of(m) };
}

bool worked_exists(const place *p, const product *m)
{
    if (m->only_last && p->k != p->e->setup.steps)
        return false;
    double first = worked_factor(p, &m->factor[0], range_of(p, m).first, 0, 0);
    bool second_bias = p->e->setup.pencil && m->factors == 1 && m->factor[0].q->own_rows && first == 0;
    return !isnan(first) && !second_bias;
}

double worked_sum(const place *p, const product *m)
{
    range r = range_of(p, m);
    double sum = 0;
    for (int64_t t = r.first; t <= r.last; t++)
        for (int64_t b = 0; b < r.samples; b++)
            for (int64_t k = 0; k < r.terms; k++)
                sum += term_value(p, m, t, p->of->own_rows ? b : p->row, k);
    return sum;
}

static void write_product(FILE *out, const place *p, const product *m)
{
    range r = range_of(p, m);
    int64_t all = (r.last - r.first + 1) * r.samples * r.terms, written = 0;
    for (int64_t t = r.first; t <= r.last; t++)
        for (int64_t b = 0; b < r.samples; b++)
            for (int64_t k = 0; k < r.terms; k++) {
                bool shown = p->whole || all <= MOST_TERMS || written < SHOWN_TERMS;
                if (written && shown)
                    fputs(" + ", out);
                if (shown)
                    write_term(out, p, m, t, p->of->own_rows ? b : p->row, k);
                written++;
                if (!p->whole && all > MOST_TERMS && written == SHOWN_TERMS)
                    fprintf(out, " + ... (%lld terms)", (long long)all);
            }
}

/* The template with its numbers; false if it names what is not there, or nothing of it exists in this step. */
static bool write_template(FILE *out, const place *p, const char *template)
{
    double argument = 0;
    bool any = false, function = false;
    const char *plus = NULL; /* what stands between two sums, written when the second exists */
    for (const char *s = template; *s;) {
        if (*s == '{') {
            product m;
            s = worked_read(p, s + 1, &m);
            if (!s)
                return false;
            if (worked_exists(p, &m)) {
                fputs(plus && any ? " + " : "", out);
                write_product(out, p, &m);
                argument += worked_sum(p, &m);
                any = true;
            }
            plus = NULL;
        } else if (!strncmp(s, " + {", 4)) {
            plus = s;
            s += 3;
        } else if (*s == '<' || *s == '>') {
            function = true;
            argument = *s == '<' ? 0 : argument;
            fputc(*s++ == '<' ? '(' : ')', out);
        } else {
            fputc(*s++, out);
        }
    }
    if (function) {
        fputs(" = ", out);
        fwrite(template, 1, strcspn(template, "<"), out);
        fprintf(out, "(%.6g)", argument);
    }
    return any;
}

/* "f_t = ..." with the step for t: a lone t of a subscript, with what is added to it; not that of a sum. */
void worked_formula(FILE *out, const quantity *q, int64_t t)
{
    const char *latex = q->formula;
    if (!q->last) { /* its steps are summed */
        fputs(latex, out);
        return;
    }
    for (const char *s = latex; *s; s++) {
        bool begins = s > latex && strchr("_{,", s[-1]) && !isalpha((unsigned char)s[1]);
        bool summed = s - latex >= 5 && !strncmp(s - 5, "\\sum_", 5);
        if (*s != 't' || !begins || summed) {
            fputc(*s, out);
            continue;
        }
        int64_t now = t;
        bool braced = s[-1] != '_';
        if (braced && (s[1] == '-' || s[1] == '+') && s[2] == '1') {
            now += s[1] == '-' ? -1 : 1;
            s += 2;
        }
        fprintf(out, braced ? "%lld" : "{%lld}", (long long)now);
    }
}

/* ---- Lines ---- */

/* `right`: of the columns on the right, of which the place's column is the first or a later one. */
static bool make_line(const place *p, bool right, worked_line *line, eddy_status *status)
{
    char *text[2] = { NULL, NULL };
    size_t size[2];
    FILE *out[2] = { open_memstream(&text[0], &size[0]), open_memstream(&text[1], &size[1]) };
    bool there = false;
    if (out[0] && out[1]) {
        worked_formula(out[0], p->of, p->k);
        there = write_template(out[1], p, right ? p->of->right : p->of->work);
    }
    bool ok = out[0] && out[1];
    for (int i = 0; i < 2; i++) { /* a stream that could not grow has an error, and may have no text */
        ok = out[i] && !ferror(out[i]) && ok;
        ok = out[i] && !fclose(out[i]) && ok;
    }
    *line = (worked_line){ .of = p->of, .formula = text[0], .substituted = text[1] };
    int64_t step = p->of->last ? p->k : 0;
    int64_t column = p->column + (right ? worked_left(p->e, p->of) : 0);
    line->value = p->of->hand[(step * p->of->rows + p->row) * p->of->columns + column];
    if (!ok)
        eddy_status_fail(status, "There is no memory for a formula with its numbers.");
    if (!ok || !there)
        worked_free(line);
    return ok && there;
}

void worked_free(worked_line *line)
{
    free(line->formula);
    free(line->substituted);
    line->formula = line->substituted = NULL;
}

bool worked_next(const explanation *e, int *next, bool whole, worked_line *line, eddy_status *status)
{
    static const explain_part order[] = { PART_FORWARD, PART_BACKWARD, PART_WEIGHT };
    while (*next < 3 * e->count && !*status->text) {
        int at = (*next)++;
        const quantity *q = &e->item[at % e->count];
        place p = { .e = e, .of = q, .k = q->initial ? 0 : worked_step(e), .whole = whole };
        if (q->part == order[at / e->count] && q->work && q->direction >= 0 && make_line(&p, false, line, status))
            return true;
    }
    return false;
}

int64_t worked_left(const explanation *e, const quantity *q)
{
    int64_t H = e->setup.hidden;
    return !q->right ? q->columns : q->columns == H + e->setup.input ? H : 1;
}

bool worked_at(const explanation *e, const quantity *q, int64_t k, int64_t row, int64_t column, worked_line *line,
               eddy_status *status)
{
    int64_t left = worked_left(e, q);
    bool right = column >= left;
    place p = { .e = e, .of = q, .k = k, .row = row, .column = right ? column - left : column, .whole = true };
    return make_line(&p, right, line, status);
}
