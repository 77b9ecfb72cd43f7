/* The explanation for programs: CSV in long form, and JSON. */
#include "formula.h"
#include "show.h"
#include "worked.h"

#include <inttypes.h>
#include <math.h>

/* ---- CSV ---- */

static void csv_number(FILE *stream, const double *values, int64_t at)
{
    fputc(',', stream);
    if (values && !isnan(values[at]))
        fprintf(stream, "%.17g", values[at]);
}

static void csv_quantity(FILE *stream, const explanation *e, const quantity *q)
{
    char name[80];
    explain_name(q, name, sizeof name);
    for (int64_t k = q->first; k <= q->last; k++)
        for (int64_t i = 0; i < q->rows; i++)
            for (int64_t j = 0; j < q->columns; j++) {
                int64_t at = (k * q->rows + i) * q->columns + j;
                fprintf(stream, "%s,", name);
                if (q->last)
                    fprintf(stream, "%" PRId64, explain_time(e, q->reverse, k));
                if (q->own_rows)
                    fprintf(stream, ",,%" PRId64 ",%" PRId64, i + 1, j + 1);
                else
                    fprintf(stream, ",%" PRId64 ",,%" PRId64, i + 1, j + 1);
                csv_number(stream, q->formula ? q->hand : NULL, at);
                csv_number(stream, q->tape, at);
                csv_number(stream, q->numerical, at);
                fputc('\n', stream);
            }
}

static const char *flow_suffix(const flow *f)
{
    return f->direction > 0 ? "_forward" : f->direction < 0 ? "_reverse" : "";
}

void show_csv(FILE *stream, const explanation *e)
{
    fprintf(stream, "quantity,step,sample,row,column,hand,tape,numerical\n");
    for (int i = 0; i < e->count; i++)
        csv_quantity(stream, e, &e->item[i]);
    for (int i = 0; i < e->flows; i++) {
        const flow *f = &e->flow[i];
        for (int64_t k = 0; k <= e->setup.steps; k++) {
            const double value[] = { f->step[k].gradient, f->step[k].state, f->step[k].cell, f->step[k].direct };
            static const char *const name[] = { "norm_dh", "norm_jacobian", "norm_jacobian_C", "direct_product" };
            for (int n = 0; n < 4; n++)
                if (!isnan(value[n]))
                    fprintf(stream, "%s%s,%" PRId64 ",1,,,,%.17g,\n", name[n], flow_suffix(f),
                            explain_time(e, f->reverse, k), value[n]);
        }
    }
}

/* ---- JSON ---- */

static void json_number(FILE *stream, double x)
{
    if (isfinite(x))
        fprintf(stream, "%.17g", x);
    else
        fputs("null", stream);
}

/* Formulas and sentences are this program's own: only quotes and backslashes need care. */
static void json_text(FILE *stream, const char *text)
{
    if (!text) {
        fputs("null", stream);
        return;
    }
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void json_values(FILE *stream, const char *name, const double *values, const quantity *q)
{
    fprintf(stream, ", \"%s\": ", name);
    if (!values) {
        fputs("null", stream);
        return;
    }
    fputc('[', stream);
    for (int64_t k = q->first; k <= q->last; k++) {
        fputs(k > q->first ? ", [" : "[", stream);
        for (int64_t i = 0; i < q->rows; i++) {
            fputs(i ? ", [" : "[", stream);
            for (int64_t j = 0; j < q->columns; j++) {
                if (j)
                    fputs(", ", stream);
                json_number(stream, values[(k * q->rows + i) * q->columns + j]);
            }
            fputc(']', stream);
        }
        fputc(']', stream);
    }
    fputc(']', stream);
}

static void json_quantity(FILE *stream, const explanation *e, const quantity *q)
{
    static const char *const parts[] = { "given", "forward", "backward", "weight" };
    char name[80];
    explain_name(q, name, sizeof name);
    fprintf(stream, "    {\"quantity\": \"%s\", \"part\": \"%s\", \"formula\": ", name, parts[q->part]);
    if (q->formula) { /* one line of Unicode */
        fputc('"', stream);
        math_text(stream, q->formula);
        fputc('"', stream);
    } else
        fputs("null", stream);
    fputs(", \"id\": ", stream);
    json_text(stream, q->id);
    fputs(", \"steps\": [", stream);
    for (int64_t k = q->first; q->last && k <= q->last; k++)
        fprintf(stream, "%s%" PRId64, k > q->first ? ", " : "", explain_time(e, q->reverse, k));
    fprintf(stream, "], \"rows\": %" PRId64 ", \"columns\": %" PRId64 ", \"ulp\": ", q->rows, q->columns);
    if (q->formula && q->ulp != UINT64_MAX)
        fprintf(stream, "%" PRIu64, q->ulp);
    else
        fputs("null", stream);
    fputs(", \"relative\": ", stream);
    json_number(stream, q->formula ? q->relative : NAN);
    fputs(", \"numerical_over_error\": ", stream);
    json_number(stream, q->numerical_ratio);
    fputs(", \"numerical_relative\": ", stream);
    json_number(stream, q->numerical_relative);
    fprintf(stream, ", \"agrees\": %s", q->agrees ? "true" : "false");
    json_values(stream, "hand", q->formula ? q->hand : NULL, q);
    json_values(stream, "tape", q->tape, q);
    json_values(stream, "numerical", q->numerical, q);
    fputc('}', stream);
}

static void json_flow(FILE *stream, const explanation *e, const flow *f)
{
    fprintf(stream, "    {\"direction\": \"%s\", \"keep\": \"%s\", \"steps\": [", f->reverse ? "reverse" : "forward",
            f->keep);
    for (int64_t k = 0; k <= e->setup.steps; k++) {
        const flow_step *s = &f->step[k];
        fprintf(stream, "%s\n      {\"step\": %" PRId64 ", \"norm_dh\": ", k ? "," : "",
                explain_time(e, f->reverse, k));
        json_number(stream, s->gradient);
        fputs(", \"norm_jacobian\": ", stream);
        json_number(stream, s->state);
        fputs(", \"norm_jacobian_C\": ", stream);
        json_number(stream, s->cell);
        fputs(", \"direct_product\": ", stream);
        json_number(stream, s->direct);
        fputc('}', stream);
    }
    fputs("],\n     \"sentence\": ", stream);
    json_text(stream, f->sentence);
    fputc('}', stream);
}

static bool json_worked(FILE *stream, const explanation *e, eddy_status *status)
{
    worked_line line;
    char name[80];
    fprintf(stream, "  \"worked\": {\"step\": %" PRId64 ", \"sample\": 1, \"row\": 1, \"column\": 1, \"lines\": [",
            worked_step(e));
    for (int next = 0, n = 0; worked_next(e, &next, true, &line, status); n++) {
        explain_name(line.of, name, sizeof name);
        fprintf(stream, "%s\n    {\"quantity\": \"%s\", \"formula\": \"", n ? "," : "", name);
        math_text(stream, line.formula);
        fprintf(stream, "\", \"substituted\": \"%s\", \"value\": ", line.substituted);
        json_number(stream, line.value);
        fputc('}', stream);
        worked_free(&line);
    }
    fputs("]},\n", stream);
    return !*status->text;
}

bool show_json(FILE *stream, const explanation *e, eddy_status *status)
{
    const explain_setup *s = &e->setup;
    char verdict[200], name[80];
    fprintf(stream,
            "{\n  \"network\": \"%s\", \"steps\": %" PRId64 ", \"input\": %" PRId64 ", \"hidden\": %" PRId64
            ", \"batch\": %" PRId64 ", \"seed\": %" PRIu64 ",\n  \"gain\": %.17g, \"forget_bias\": ",
            s->network->name, s->steps, s->input, s->hidden, s->batch, s->seed, s->gain);
    json_number(stream, s->forget_bias);
    fputs(", \"loss\": ", stream);
    json_number(stream, e->loss);
    if (s->window)
        fprintf(stream, ", \"window\": %" PRId64 ", \"forecast\": %.17g, \"truth\": %.17g", s->window->at, e->forecast,
                e->truth);
    fprintf(stream,
            ",\n  \"agrees\": %s, \"numerical_elements\": %" PRId64
            ", \"numerical_sampled\": %s,\n  \"quantities\": [\n",
            e->agrees ? "true" : "false", e->compared, *e->missing ? "true" : "false");
    for (int i = 0; i < e->count; i++) {
        json_quantity(stream, e, &e->item[i]);
        fputs(i + 1 < e->count ? ",\n" : "\n", stream);
    }
    fputs("  ],\n", stream);
    bool ok = json_worked(stream, e, status);
    fputs("  \"flow\": [\n", stream);
    for (int i = 0; i < e->flows; i++) {
        json_flow(stream, e, &e->flow[i]);
        fputs(i + 1 < e->flows ? ",\n" : "\n", stream);
    }
    fputs("  ],\n  \"saturation\": [", stream);
    for (int i = 0; i < e->gates; i++) {
        explain_name(e->gate[i].gate, name, sizeof name);
        fprintf(stream, "%s{\"gate\": \"%s\", \"below_0.1\": %.17g, \"above_0.9\": %.17g}", i ? ", " : "", name,
                e->gate[i].low, e->gate[i].high);
    }
    show_verdict(e, verdict, sizeof verdict);
    fprintf(stream, "],\n  \"verdict\": \"%s\"\n}\n", verdict);
    return ok;
}
