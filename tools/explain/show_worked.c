/* A network small enough for a pencil: every formula of every step, with its numbers, forward and backward. */
#include "formula.h"
#include "show.h"
#include "worked.h"

#include <inttypes.h>
#include <string.h>

static bool is_given(const quantity *q)
{
    return q->part == PART_GIVEN || !strcmp(q->name, "x");
}

static void given(FILE *stream, const explanation *e)
{
    fputs("\nGiven\n\n", stream);
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        bool state = q->part == PART_FORWARD && q->first == 0 && q->last > 0;
        if (!is_given(q) && !state)
            continue;
        for (int64_t k = state ? 0 : q->first; k <= (state ? 0 : q->last); k++)
            worked_values(stream, q, k, 2);
    }
}

static void formula(FILE *stream, const quantity *q, const char *latex)
{
    fputs("    ", stream);
    math_text(stream, latex);
    if (q->id)
        fprintf(stream, "    [%s]", q->id);
    fputc('\n', stream);
}

/* Numbers, in a line for each element. */
static bool elements(FILE *stream, const explanation *e, const quantity *q, int64_t k, eddy_status *status)
{
    int64_t left = worked_left(e, q);
    for (int64_t column = 0; column < (worked_parted(q) ? q->columns : left); column++) {
        worked_line line;
        if (!worked_at(e, q, k, 0, column, &line, status))
            break;
        if (column == 0)
            formula(stream, q, line.formula);
        fputs("      ", stream);
        worked_part(stream, q, column >= left);
        show_wrapped(stream, line.substituted);
        fprintf(stream, " = %.6g\n", line.value);
        worked_free(&line);
    }
    return !*status->text;
}

/* Numbers, or matrices. */
static bool work(FILE *stream, const explanation *e, const quantity *q, int64_t k, eddy_status *status)
{
    if (e->setup.hidden == 1)
        return elements(stream, e, q, k, status);
    worked_line line;
    if (!worked_at(e, q, k, 0, 0, &line, status))
        return !*status->text;
    formula(stream, q, line.formula);
    worked_free(&line);
    worked_matrices(stream, e, q, k, 6);
    return true;
}

static bool part(FILE *stream, const explanation *e, explain_part which, int64_t k, eddy_status *status)
{
    bool ok = true;
    for (int i = 0; ok && i < e->count; i++)
        if (e->item[i].part == which && e->item[i].work)
            ok = work(stream, e, &e->item[i], k, status);
    return ok;
}

bool show_worked(FILE *stream, const explanation *e, eddy_status *status)
{
    char verdict[200];
    int64_t T = e->setup.steps;
    fprintf(stream, e->setup.hidden == 1 ? "%s with numbers: " : "%s with matrices: ", e->setup.network->title);
    fprintf(stream, "H = %" PRId64 ", I = %" PRId64 ", T = %" PRId64 ", one sequence\n", e->setup.hidden,
            e->setup.input, T);
    fputs("  Z_t = [h_{t-1}, x_t], W = [W^h, W^x]; dq is dL/dq through everything later, δ_g that of what goes into "
          "gate g;\n"
          "  ⊙ multiplies elements; σ(a) = 1/(1 + e^(-a)); numbers are shown with 6 digits and computed with all.\n",
          stream);
    given(stream, e);
    bool ok = true;
    for (int64_t k = 1; ok && k <= T; k++) {
        fprintf(stream, "\nForward, t = %" PRId64 "\n\n", k);
        ok = part(stream, e, PART_FORWARD, k, status);
    }
    fputs("\nThe loss\n\n    ", stream);
    math_text(stream, e->loss_formula[0]);
    fprintf(stream, "\n      = %.6g\n", e->loss);
    for (int64_t k = T; ok && k >= 1; k--) {
        fprintf(stream, "\nBackward, t = %" PRId64 "\n\n", k);
        ok = part(stream, e, PART_BACKWARD, k, status);
    }
    fputs("\nWeights, biases, first states\n\n", stream);
    ok = ok && part(stream, e, PART_WEIGHT, 0, status);
    show_verdict(e, verdict, sizeof verdict);
    fprintf(stream, "\n%s\n", verdict);
    return ok;
}
