/* The explanation in a terminal, small enough for a slide where the network is. */
#include "formula.h"
#include "show.h"
#include "worked.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

int show_steps(int64_t first, int64_t last, int64_t k[SHOWN_STEPS])
{
    int count = 0;
    if (last - first < SHOWN_STEPS) {
        for (int64_t i = first; i <= last; i++)
            k[count++] = i;
        return count;
    }
    int64_t chosen[] = { first, first + 1, first + 2, last - 2, last - 1, last };
    memcpy(k, chosen, sizeof chosen);
    return SHOWN_STEPS;
}

void show_title(FILE *stream, const explanation *e)
{
    const explain_setup *s = &e->setup;
    fprintf(stream, "%s%s: %" PRId64 " step%s, %" PRId64 " input%s, %" PRId64 " hidden unit%s, batch of %" PRId64,
            s->network->title, s->window ? " of a trained forecaster" : ", random parameters", s->steps,
            s->steps == 1 ? "" : "s", s->input, s->input == 1 ? "" : "s", s->hidden, s->hidden == 1 ? "" : "s",
            s->batch);
    if (!s->window)
        fprintf(stream, ", seed %" PRIu64, s->seed);
}

bool show_compared(const quantity *q)
{
    return q->formula != NULL;
}

const char *show_agreement(const quantity *q)
{
    if (q->agrees)
        return !q->unresolved       ? "agree"
               : q->numerical_count ? "agree (some too uncertain)"
                                    : "agree (numerically too uncertain)";
    return !(q->relative <= HAND_TOLERANCE) ? "BY HAND AND TAPE DISAGREE"
           : q->numerical_count             ? "TAPE AND NUMERICAL DISAGREE"
                                            : "NOT COMPARED NUMERICALLY";
}

void show_verdict(const explanation *e, char *text, size_t size)
{
    int compared = 0, agree = 0;
    for (int i = 0; i < e->count; i++) {
        compared += show_compared(&e->item[i]);
        agree += show_compared(&e->item[i]) && e->item[i].agrees;
    }
    if (agree == compared)
        snprintf(text, size,
                 "All %d quantities agree: by hand and by the tape, and %" PRId64
                 " elements of their gradients numerically.",
                 compared, e->compared);
    else
        snprintf(text, size, "%d of %d quantities DISAGREE.", compared - agree, compared);
}

/* ---- What is given ---- */

bool show_has_kappa(const explanation *e)
{
    return explain_find(e, "kappa", 0) || explain_find(e, "kappa", 1);
}

static void label(FILE *stream, const quantity *q, int columns)
{
    int used = math_text(stream, q->label);
    text_padded(stream, explain_arrow(q->direction), columns - used);
}

static void given_rows(FILE *stream, const quantity *q, int64_t k)
{
    for (int64_t i = 0; i < q->rows; i++) {
        fprintf(stream, "    %s%" PRId64, q->own_rows ? "row " : "sample ", i + 1);
        for (int64_t j = 0; j < q->columns; j++)
            fprintf(stream, " %18s", number_long(q->tape[(k * q->rows + i) * q->columns + j]).text);
        fputc('\n', stream);
    }
}

/* All that enters: parameters, inputs, first states, and what the loss is made of. */
static void given_part(FILE *stream, const explanation *e)
{
    fprintf(stream,
            "\n0. Given\n\n  W = [W^h, W^x], the columns of the state before those of the input; b has a column for "
            "each of the library's two\n  biases, which enter as a sum.");
    if (show_has_kappa(e))
        fprintf(stream, " κ stands where dC_{T+1} ⊙ f_{T+1} would.");
    fputs("\n\n", stream);
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        bool first = q->part == PART_FORWARD && q->first == 0 && q->last > 0; /* a state before the first step */
        if (q->part != PART_GIVEN && strcmp(q->name, "x") && !first)
            continue;
        for (int64_t k = first ? 0 : q->first; k <= (first ? 0 : q->last); k++) {
            fputs("  ", stream);
            label(stream, q, 0);
            if (q->last)
                fprintf(stream, ", t = %" PRId64, explain_time(e, q->reverse, k));
            fputc('\n', stream);
            given_rows(stream, q, k);
        }
    }
}

/* ---- Parts 1 and 2 ---- */

static void formulas(FILE *stream, const explanation *e, explain_part part)
{
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        if (q->part != part || !q->formula || q->direction < 0)
            continue;
        fputs("    ", stream);
        math_text(stream, q->formula);
        if (q->id)
            fprintf(stream, "    [%s]", q->id);
        fputc('\n', stream);
    }
}

static int64_t shown_units(const quantity *q)
{
    return q->columns > SHOWN_UNITS ? 2 : q->columns;
}

/* Steps side by side, a line a unit. */
static void forward_table(FILE *stream, const explanation *e, int direction, int64_t sample)
{
    int64_t k[SHOWN_STEPS];
    bool reverse = direction < 0;
    int count = show_steps(0, e->setup.steps, k);
    fprintf(stream, "  %-9s unit", "");
    for (int i = 0; i < count; i++)
        fprintf(stream, "       t=%-4" PRId64, explain_time(e, reverse, k[reverse ? count - 1 - i : i]));
    fputc('\n', stream);
    for (int n = 0; n < e->count; n++) {
        const quantity *q = &e->item[n];
        if (q->part != PART_FORWARD || q->direction != direction)
            continue;
        for (int64_t j = 0; j < shown_units(q); j++) {
            fputs("  ", stream);
            if (j)
                fprintf(stream, "%9s", "");
            else
                label(stream, q, 9);
            fprintf(stream, " %4" PRId64, j + 1);
            for (int i = 0; i < count; i++) {
                int64_t step = k[reverse ? count - 1 - i : i];
                bool there = step >= q->first && step <= q->last;
                fprintf(stream, " %12s",
                        there     ? number_short(q->tape[(step * q->rows + sample) * q->columns + j]).text
                        : q->last ? ""
                        : i       ? ""
                                  : number_short(q->tape[sample * q->columns + j]).text);
            }
            fputc('\n', stream);
        }
    }
}

static void backward_step(FILE *stream, const explanation *e, int direction, int64_t sample, int64_t k)
{
    if (k)
        fprintf(stream, "  t = %-6" PRId64, explain_time(e, direction < 0, k));
    else
        fprintf(stream, "  %-10s", "");
    fprintf(stream, " unit %18s %18s %8s\n", "by hand", "tape", "ulp");
    for (int n = 0; n < e->count; n++) {
        const quantity *q = &e->item[n];
        if (q->part != PART_BACKWARD || q->direction != direction || (k == 0) != (q->last == 0))
            continue;
        for (int64_t j = 0; j < shown_units(q); j++) {
            int64_t at = (k * q->rows + sample) * q->columns + j;
            fputs("    ", stream);
            if (j)
                fprintf(stream, "%8s", "");
            else
                label(stream, q, 8);
            fprintf(stream, " %4" PRId64 " %18s %18s %8s\n", j + 1, number_long(q->hand[at]).text,
                    number_long(q->tape[at]).text, number_ulp(ulp_distance(q->hand[at], q->tape[at])).text);
        }
    }
}

static bool has_stepless(const explanation *e)
{
    for (int i = 0; i < e->count; i++)
        if (e->item[i].part == PART_BACKWARD && e->item[i].last == 0)
            return true;
    return false;
}

static void backward_table(FILE *stream, const explanation *e, int direction, int64_t sample)
{
    int64_t k[SHOWN_STEPS];
    int count = show_steps(1, e->setup.steps, k);
    if (e->setup.steps > SHOWN_STEPS) { /* the first, and the last two */
        memmove(k + 1, k + SHOWN_STEPS - 2, 2 * sizeof *k);
        count = 3;
    }
    bool any = false;
    for (int i = 0; i < e->count; i++)
        any = any || (e->item[i].part == PART_BACKWARD && e->item[i].direction == direction && e->item[i].last > 0);
    if (direction == 0 && has_stepless(e))
        backward_step(stream, e, direction, sample, 0);
    for (int i = count - 1; any && i >= 0; i--)
        backward_step(stream, e, direction, sample, k[i]);
}

/* "-1, 1" for two directions, and 0 for what belongs to none. */
static void each_direction(FILE *stream, const explanation *e, int64_t sample,
                           void (*table)(FILE *, const explanation *, int, int64_t))
{
    for (int direction = 1; direction >= -1 && e->setup.network->both; direction -= 2) {
        fprintf(stream, "\n  %s\n", direction > 0 ? "forwards →" : "in reverse ←");
        table(stream, e, direction, sample);
    }
    if (!e->setup.network->both)
        table(stream, e, 0, sample);
    else if (table == backward_table) {
        fprintf(stream, "\n  both directions\n");
        table(stream, e, 0, sample);
    }
}

static void left_out(FILE *stream, const explanation *e, bool verbose)
{
    const explain_setup *s = &e->setup;
    if (s->steps >= SHOWN_STEPS && s->steps + 1 > SHOWN_STEPS)
        fprintf(stream, "  (Only steps at both ends are shown, of %" PRId64 ".)\n", s->steps);
    if (s->hidden > SHOWN_UNITS || s->input > SHOWN_UNITS)
        fprintf(stream, "  (Of more than %d units only the first 2 are shown.)\n", SHOWN_UNITS);
    if (s->batch > 1 && !verbose)
        fprintf(stream, "  (Only sample 1 of %" PRId64 " is shown; -v shows all. Everything is compared.)\n", s->batch);
}

static void part_steps(FILE *stream, const explanation *e, bool verbose,
                       void (*table)(FILE *, const explanation *, int, int64_t))
{
    for (int64_t b = 0; b < (verbose ? e->setup.batch : 1); b++) {
        fprintf(stream, "\n  Sample %" PRId64 "\n", b + 1);
        each_direction(stream, e, b, table);
    }
    left_out(stream, e, verbose);
}

/* The largest differences over all steps, units and samples. */
static void worst_table(FILE *stream, const explanation *e, explain_part part)
{
    fprintf(stream, "\n  All steps, units and samples:\n  %-11s %10s %10s  %s\n", "", "ulp", "relative",
            "by hand and tape");
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        if (q->part != part || !show_compared(q))
            continue;
        fputs("  ", stream);
        label(stream, q, 11);
        fprintf(stream, " %10s %10.1e  %s\n", number_ulp(q->ulp).text, q->relative, show_agreement(q));
    }
}

/* ---- Part 3 ---- */

static void weight_elements(FILE *stream, const quantity *q)
{
    for (int64_t i = 0; i < q->rows * q->columns; i++)
        fprintf(stream, "      [%" PRId64 ",%" PRId64 "] %18s %18s %18s %8s\n", i / q->columns + 1, i % q->columns + 1,
                number_long(q->hand[i]).text, number_long(q->tape[i]).text, number_long(q->numerical[i]).text,
                number_ulp(ulp_distance(q->hand[i], q->tape[i])).text);
}

static void weight_table(FILE *stream, const explanation *e, bool verbose)
{
    fprintf(stream, "\n  %-9s %8s %12s %12s %12s | %7s %9s | %9s %6s  %s\n", "", "", "[1,1] hand", "tape", "numerical",
            "ulp", "relative", "num. rel.", "/error", "verdict");
    for (int i = 0; i < e->count; i++) {
        const quantity *q = &e->item[i];
        char shape[48];
        if (q->part != PART_WEIGHT)
            continue;
        snprintf(shape, sizeof shape, "%" PRId64 "x%" PRId64, q->rows, q->columns);
        fputs("  ", stream);
        label(stream, q, 9);
        fprintf(stream, " %8s %12s %12s %12s | %7s %9.1e | %9.1e %6.2g  %s\n", shape, number_short(q->hand[0]).text,
                number_short(q->tape[0]).text, number_short(q->numerical[0]).text, number_ulp(q->ulp).text, q->relative,
                q->numerical_relative, q->numerical_ratio, show_agreement(q));
        if (verbose)
            weight_elements(stream, q);
    }
    fprintf(stream, "\n  dW = [dW^h | dW^x]; db has a column for each of the library's two biases. ulp and relative: "
                    "by hand against tape, the largest.\n"
                    "  num. rel. and /error: tape against numerical, relative and in units of the numerical "
                    "derivative's own estimated error (at most 1).\n");
    if (e->unresolved)
        fprintf(stream,
                "  Too uncertain: %" PRId64
                " numerical derivatives with an estimated error above %g relative tell nothing.\n",
                e->unresolved, NUMERICAL_RESOLUTION);
    if (*e->missing)
        fprintf(stream, "  (Shortened: %s.)\n", e->missing);
}

/* ---- Part 4: with numbers ---- */

void show_wrapped(FILE *stream, const char *text)
{
    enum { WIDTH = 112 };
    int column = 0;
    for (const char *s = text; *s;) {
        const char *end = s + 1;
        while (*end && strncmp(end, " + ", 3) && strncmp(end, " = ", 3))
            end++;
        char piece[200];
        snprintf(piece, sizeof piece, "%.*s", (int)(end - s), s);
        int columns = text_columns(piece);
        if (column && column + columns > WIDTH) {
            fputs("\n         ", stream);
            column = 0;
        }
        fputs(piece, stream);
        column += columns;
        s = end;
    }
}

static bool step_with_numbers(FILE *stream, const explanation *e, bool whole, eddy_status *status)
{
    worked_line line;
    fprintf(stream,
            "\n4. One step with numbers: t = %" PRId64
            ", sample 1, unit 1, of weights the first element; numbers have 6 "
            "digits\n\n",
            worked_step(e));
    for (int next = 0; worked_next(e, &next, whole, &line, status);) {
        fputs("    ", stream);
        math_text(stream, line.formula);
        fputs("\n      = ", stream);
        show_wrapped(stream, line.substituted);
        fprintf(stream, " = %.6g\n", line.value);
        worked_free(&line);
    }
    return !*status->text;
}

/* ---- Part 5 ---- */

static void flow_table(FILE *stream, const explanation *e, const flow *f)
{
    int64_t T = e->setup.steps, every = T / 12 + 1;
    bool cell = !isnan(f->step[T].cell);
    fprintf(stream, "\n  %-3s %6s %12s %16s", explain_arrow(f->direction), "t", "|dL/dh_t|", "|full Jacobian|");
    if (cell)
        fprintf(stream, " %14s", "|dC_T/dC_t|");
    text_padded(stream, "   max ∏ ", 9);
    fprintf(stream, "%s\n", f->keep);
    for (int64_t k = 0; k <= T; k++) {
        const flow_step *s = &f->step[k];
        if (k % every && k != T)
            continue;
        fprintf(stream, "      %6" PRId64 " %12.3e %16.3e", explain_time(e, f->reverse, k), s->gradient, s->state);
        if (cell)
            fprintf(stream, " %14.3e", s->cell);
        fprintf(stream, " %12.3e\n", s->direct);
    }
    if (every > 1)
        fprintf(stream, "  (Shortened: every %" PRId64 " steps; --csv and --html have all.)\n", every);
}

static void flow_part(FILE *stream, const explanation *e)
{
    bool cell = e->flows && !isnan(e->flow[0].step[0].cell);
    fprintf(stream,
            "\n5. Gradient flow, sample 1\n\n  Full Jacobian: %s by the state after step t, spectral norm, by the "
            "tape. Direct product: of the "
            "keeping gate,\n"
            "  the share that arrives if the gates are taken for constants.\n",
            cell ? "(h_T, C_T) by (h_t, C_t), and C_T by C_t alone," : "h_T by h_t,");
    for (int i = 0; i < e->flows; i++)
        flow_table(stream, e, &e->flow[i]);
    fprintf(stream, "\n  Saturation    below 0.1   above 0.9  (share of all elements)\n");
    for (int i = 0; i < e->gates; i++) {
        fputs("  ", stream);
        label(stream, e->gate[i].gate, 11);
        fprintf(stream, " %10.1f%% %10.1f%%\n", 100 * e->gate[i].low, 100 * e->gate[i].high);
    }
    fputc('\n', stream);
    for (int i = 0; i < e->flows; i++)
        fprintf(stream, "%s\n", e->flow[i].sentence);
}

bool show_text(FILE *stream, const explanation *e, bool verbose, eddy_status *status)
{
    char verdict[200];
    show_title(stream, e);
    fputc('\n', stream);
    for (int i = 0; i < EXPLAIN_LINES && e->loss_formula[i]; i++) {
        fputs("  ", stream);
        math_text(stream, e->loss_formula[i]);
        fprintf(stream, i ? "\n" : " = %.9g\n", e->loss);
    }
    if (e->setup.window)
        fprintf(stream, "  window %" PRId64 ": forecast %.6g, true value %.6g\n", e->setup.window->at, e->forecast,
                e->truth);
    fputs("  dq means dL/dq through everything later; rows are samples; ", stream);
    math_text(stream, SHOWN_Z);
    fputs("; ⊙ multiplies elements.\n", stream);
    if (verbose)
        given_part(stream, e);
    fputs("\n1. Forward\n\n", stream);
    formulas(stream, e, PART_FORWARD);
    part_steps(stream, e, verbose, forward_table);
    worst_table(stream, e, PART_FORWARD);
    fprintf(stream, "\n2. Backward: the matrix form by hand, beside the tape\n\n");
    formulas(stream, e, PART_BACKWARD);
    part_steps(stream, e, verbose, backward_table);
    worst_table(stream, e, PART_BACKWARD);
    fprintf(stream, "\n3. Weights: by hand, by the tape, numerically\n\n");
    formulas(stream, e, PART_WEIGHT);
    weight_table(stream, e, verbose);
    bool ok = step_with_numbers(stream, e, verbose, status);
    flow_part(stream, e);
    show_verdict(e, verdict, sizeof verdict);
    fprintf(stream, "%s\n", verdict);
    return ok;
}
